# Long work that is left and found again.
nav-jobs = My jobs
job-lead = What takes long (imports, planning, papers of a whole inspection) is done in the background. Leave it, and find it here: files for { $n } days, the record for 30 days.
job-busy = { $n ->
    [one] { $n } job running
   *[other] { $n } jobs running
}
job-open = Running
job-over = Over
job-none = No jobs yet
job-none-then = Large imports, planning runs and papers of whole inspections appear here.
job-kind-import-check = Check of an import file
job-kind-import-apply = Import
job-kind-planning = Planning run
job-kind-planning-rerun = Planning after a change
job-kind-papers = Papers of an inspection
job-kind-archive = Archive
job-state-waiting = Waiting
job-state-running = Running
job-state-done = Done
job-state-failed = Not done
job-state-cancelled = Cancelled
job-step-reading = Reading
job-step-checking = Checking row by row
job-step-merging = Merging visits
job-step-staffing = Finding days and people
job-step-explaining = Explaining what is not staffed
job-step-printing = Making papers
job-step-packing = Collecting the files
job-step-writing = Writing
job-of-rows = row { $done } of { $total }
job-of-steps = step { $done } of { $total }
job-of-visits = { $done } of { $total } visits
job-kib = { $n } KB written
job-left-soon = less than a minute left
job-left-minutes = { $n ->
    [one] about { $n } minute left
   *[other] about { $n } minutes left
}
job-started = started { $time }
job-waits = In the queue; it begins by itself.
job-leave = You may leave this page, the job goes on; find it again under “My jobs” in the menu at the top right.
job-cancel = Cancel the job
job-cancel-sure = Cancel this job? What has not been written will not be written.
job-cancelled = The job was cancelled; nothing was changed.
job-stopping = Stopping.
job-done = The job is done.
job-nothing = The job is over; nothing was changed.
job-expired = The file is no longer kept; make it anew.
job-kept = { $n ->
    [one] The file is kept for { $n } day and can be made anew afterwards.
   *[other] The file is kept for { $n } days and can be made anew afterwards.
}
job-all = All jobs
job-result-import-check = See what the check found
job-result-import-apply = See what was imported
job-result-planning = See the preview
job-result-planning-rerun = See the preview
job-result-papers = Open the papers
job-result-archive = Download the archive (ZIP)

# The table of an import file, mended on the page.
im-checked = The file was checked.
im-waits = The file is being checked; every fault will be listed here.
im-job = See how far it is
im-not-checked = The check did not end: its job was cancelled or failed.
im-check-again = Check it again
im-marked = Download the workbook with its faults (XLSX)
im-marked-hint = Your table as it is, faulty cells coloured with the reason; mend it and send it again.
im-mended = Checked anew as you mended it.
im-mended-cells = { $n ->
    [one] { $n } cell was mended here; the file as it was sent stays as it is.
   *[other] { $n } cells were mended here; the file as it was sent stays as it is.
}
im-grid = Rows with faults
im-grid-how = Mend cells right here or tick “leave out”, then check again. Rows in grey are sound and only there to compare.
im-row-no = Row
im-skip = Leave out
im-recheck = Save and check again
im-skipped = { $n ->
    [one] { $n } row is left out
   *[other] { $n } rows are left out
}
im-back = Take the chosen rows back

# Papers of a whole inspection, made in the background.
paper-make-print = Make for printing (A4)
paper-make-docx = Make DOCX
paper-made = Files made and being made
paper-archive = Archive
paper-archive-how = Draw records, papers, results, evidence and journal of this inspection in one file.
paper-archive-make = Make the archive (ZIP)
