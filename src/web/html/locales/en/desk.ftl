# Planning and the overlap board.
pl-lead = Joins drawn tasks into as few visits as possible, finds their days and draws the teams. A preview first, then put it in force.
pl-new = New planning run
pl-new-lead = Choose a period and what is to be planned. Tasks at the same subject are joined, days found, teams drawn at random.
pl-name = Name
pl-name-hint = Left empty, it is named after the period
pl-period = Period
pl-before = Visits before
pl-after = Visits after
pl-saved = Saved
pl-staffed = Staffed
pl-short = Gaps
pl-made-at = Made
pl-none = No planning run yet
pl-none-then = When a joint inspection has been drawn, start with “New planning run”.
pl-none-here = No run in this state
pl-none-wait = Choose another view to see other runs.
pl-rules-n = { $n ->
    [one] { $n } planning rule
   *[other] { $n } planning rules
 }
pl-from = First day
pl-from-hint = Tomorrow at the earliest
pl-to = Last day (included)
pl-inspections = Joint inspections
pl-inspections-hint = Only those that are drawn and not planned yet
pl-no-drawn = No joint inspection is drawn and waiting. Single tasks can still be planned.
pl-singles = Plan single tasks, too
pl-singles-hint = Tasks outside joint inspections; those at the same subject are joined
pl-rules-apply = { $n ->
    [one] { $n } planning rule will be heeded.
   *[other] { $n } planning rules will be heeded.
 }
pl-takes-long = A large run is computed in the background: the page shows how far it is and then opens the result. You may leave; it will be in the list of runs and among your jobs. A preview binds nobody until it is put in force.
pl-compute = Compute
pl-made = The preview is ready. Check it, then put it in force or discard it.
pl-remade = Planned again after the change. Check what differs from the run before.
pl-state-preview = Preview
pl-state-committed = In force
pl-state-discarded = Discarded
pl-state-superseded = Replaced
pl-turn-preview = This is a preview and binds nobody. Check the figures and problems, then put it in force or discard it.
pl-turn-committed = This run is in force. The leading departments send out the teams. Plan again when people or subjects change.
pl-turn-discarded = This preview was discarded; its visits are gone.
pl-turn-superseded = A later run has taken over.
pl-made-on = Made { $time }
pl-basis = See the run before
pl-tile-visits = visits (before → after)
pl-tile-saved = visits saved
pl-tile-joint = by two or more departments
pl-tile-staffed = with day and team
pl-tile-unstaffed = without a team
pl-tile-left = tasks left over
pl-people = { $people } people, { $seats } seats
pl-team-size = Inspectors
pl-commit-go = Put in force…
pl-discard = Discard
pl-discard-sure = The visits and teams of this preview will be deleted. Discard it?
pl-discarded = The preview was discarded.
pl-rerun = Plan again after a change
pl-rerun-lead = When somebody is on leave or recused, a certificate expires, or there are new tasks. Visits that are not touched stay as they are.
pl-rerun-which = Which tasks
pl-rerun-new = Those planned, and those that have become ready since
pl-rerun-old = Only those planned
pl-rerun-to-hint = The period may be extended
pl-changes = What differs from the run before
pl-changes-lead = Only visits that changed; the others are as they were.
pl-changes-none = Nothing differs from the run before
pl-changes-n = { $n ->
    [one] { $n } visit changed, the others did not.
   *[other] { $n } visits changed, the others did not.
 }
pl-change = Change
pl-change-replaced = Other people
pl-change-posts = Other posts
pl-change-moved-time = Other time
pl-change-moved-day = Other day
pl-change-shrunk = Fewer items
pl-change-grown = More items
pl-change-vanished = Dropped
pl-change-new = New
pl-change-split-off = Split off
pl-change-became-unstaffed = No team any more
pl-change-became-staffed = Has a team now
pl-was = Before
pl-is = Now
pl-left = No longer goes
pl-came = Now goes
pl-blockers = Unsolved problems
pl-blockers-lead = Each with its reason and with changes of which any one is enough. Plan again afterwards.
pl-blockers-none = No problem: every task is in a visit with a team
pl-blockers-all = { $n ->
    [one] See the problem
   *[other] See all { $n } problems
 }
pl-blocker-item-not-published = Item not published
pl-blocker-subject-inactive = Subject closed or moved
pl-blocker-department-inactive = Department disabled
pl-blocker-cap-reached = Cap reached
pl-blocker-notice-too-short = Too late to announce
pl-blocker-pin-outside-window = Fixed day outside the window
pl-blocker-no-day = No day fits
pl-blocker-unstaffed = People are short
pl-blocker-not-merged = Not joined
pl-cures = Any one of these helps:
pl-cure-item-not-published = The department has the item reviewed and publishes it
pl-cure-subject-inactive = Cancel the task
pl-cure-department-inactive = Enable the department, or cancel the task
pl-cure-cap-reached = Wait for the next year, or join another department's visit
pl-cure-notice-too-short = Begin the period later
pl-cure-pin-outside-window = End or change the planning rule
pl-cure-no-day = Extend the period or the window of the task
pl-cure-unstaffed = Add inspectors of the department, or use the reserve pool
pl-cure-not-merged = The visits may stay apart
pl-map = Visits by day and town
pl-map-weeks = Visits by week and town
pl-map-lead = The darker, the more visits in the town on that day. A day leads to its teams.
pl-map-none = No visit has a day
pl-no-town = Not registered
pl-day = Day
pl-total = Total
pl-about = About this run
pl-check-how = To check it: fingerprint of the data and seed of the teams
pl-digest = Fingerprint (SHA-256)
pl-seed = Seed of the teams
pl-seed-from = Where the seed comes from
pl-yes = Yes
pl-no = No
pl-tasks = { $n ->
    [one] { $n } task
   *[other] { $n } tasks
 }
pl-visits = Visits and teams
pl-visits-see = See all visits and teams
pl-visits-preview = Teams of a preview are seen by the coordination office and oversight only. Inspectors learn of them when they are sent out.
pl-visits-none = No such visit
pl-visits-none-then = Choose another view or other days.
pl-filter-from = Not before
pl-filter-to = Not after
pl-when = When
pl-work = Departments and items
pl-team = Team
pl-no-day = No day yet
pl-visit-planned = Waiting for a team
pl-visit-staffed = Staffed
pl-visit-dispatched = To be inspected
pl-visit-in-progress = Under inspection
pl-visit-done = Inspected
pl-visit-obstructed = Obstructed
pl-visit-cancelled = Cancelled
pl-post-lead-inspector = A (leads)
pl-post-second-inspector = B (assists)
pl-post-member = Member
pl-post-expert = Expert
pl-commit = Put the run in force
pl-commit-closed = This run is no preview any more.
pl-commit-visits = { $visits } (without joining: { $before })
pl-commit-unstaffed = { $n ->
    [one] { $n } of them has no team yet and stays open.
   *[other] { $n } of them have no team yet and stay open.
 }
pl-commit-left = { $n ->
    [one] { $n } task is not in it and stays open.
   *[other] { $n } tasks are not in it and stay open.
 }
pl-see-why = See why, and what to do
pl-commit-then = What happens then
pl-commit-then-1 = The departments see their visits and teams; the leading ones can send them out.
pl-commit-then-2 = These tasks enter no other run.
pl-commit-then-3 = Inspectors are replaced only with the approval of their own head, by a new draw of the seat.
pl-commit-then-4 = The run before is replaced; visits that are not touched stay as they are.
pl-commit-do = Put in force
pl-committed = The run is in force. The leading departments can send out the teams.
pl-back = Back to the run
pl-rules = Planning rules
pl-rules-lead = Days and separate visits that the coordination office has fixed for the next runs, each with its reason.
pl-rules-none = No planning rule
pl-rules-none-then = Under “Visits and teams” of a run you can fix a day for a visit, or have some of its tasks done separately.
pl-rule-kind = Kind
pl-rule-word-pin = Fixed day
pl-rule-word-split = Separate visit
pl-rule-about = About
pl-rule-all = all tasks of the subject
pl-rule-end = End
pl-rule-end-sure = The next run will not heed this rule. End it?
pl-rule-ended = The rule has ended.
pl-rule-made = The rule is made; the next preview heeds it.
pl-rule-pin = Fix a day
pl-rule-split = Separate visit
pl-rule-pin-then = In the next preview all tasks of this visit are on this day.
pl-rule-split-then = In the next preview these tasks have a visit of their own.
pl-rule-tasks = Tasks with a visit of their own
pl-rule-go = Make the rule
pl-reason = Reason
pl-reason-hint = It stands in the journal
pl-day-now = Planned now

ov-lead = Which subjects would be visited by several departments under the plans filed, and how many visits joining them saves.
ov-entries = plans filed and inspections not drawn yet
ov-hits-n = subjects wanted by two or more departments
ov-avoided = visits saved by the first proposal
ov-offers = Proposals
ov-offers-none = Nothing to join
ov-offers-none-then = When departments have filed plans about the same subjects, proposals show here.
ov-says = Merge into one: { $separate } visits become { $joint }
ov-about = { $departments } departments, { $subjects } subjects in common
ov-equivalent = {"Checked once instead of several times: "}
ov-at-cap = { $n ->
    [one] { $n } pair of department and subject has reached its cap for the year and will be left out of the draw.
   *[other] { $n } pairs of department and subject have reached their cap for the year and will be left out of the draw.
 }
ov-accept-go = Make one joint inspection
ov-cannot = One of them is a joint inspection already; invite the other departments there.
ov-more-offers = { $n ->
    [one] One more proposal; it is worked out anew when one of these is taken.
   *[other] { $n } more proposals; they are worked out anew when one of these is taken.
 }
ov-matrix = Subject types and departments
ov-matrix-lead = Subjects in the department's plans, darker for more; “cap” counts those it may not visit again this year.
ov-matrix-none = No plan is about any subject yet
ov-kind = Subject type
ov-no-kind = No type
ov-all = All
ov-shared = Two or more
ov-cap = cap { $n }
ov-hits = Subjects with most departments
ov-hits-lead = { $n } in all; those with most departments first.
ov-n-departments = Departments
ov-departments = Which
ov-apart = Same subjects, but cannot be joined as they are
ov-apart-subjects = { $n } subjects in common
ov-more-apart = { $n } more.
ov-empty = Plans about nobody
ov-empty-then = No subject is within the scope of these plans. Ask the departments to check.
ov-accept = Make one joint inspection
ov-accept-then = The joint inspection is made and the other departments are invited at once; the plans are marked as joined. Departments may accept, decline or propose other dates.
ov-gone = The board has changed and these plans are no proposal now. You may still send this; you will be told whether they can be joined.
ov-name = Joint inspection: { $name }
ov-name-label = Name of the inspection
ov-lead-label = Leading department
ov-lead-first = The first in the county's order
ov-lead-hint = One of the departments whose plans are joined
ov-scope = Other scope and number (rarely needed)
ov-scope-hint = Left empty, the subjects all plans have in common. State the scope here where one condition cannot express that.
ov-industry = Industry code
ov-industry-hint = The beginning of a code, such as H62
ov-town = Town
ov-tag = Tag
ov-total = Subjects to draw
ov-total-hint = Left empty, as many as the largest plan
ov-accept-do = Make it and send the invitations
ov-accepted = The joint inspection is made; the invitations are out.
