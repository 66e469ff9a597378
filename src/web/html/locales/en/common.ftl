# What stands on every page.
product = { $county } joint random inspections
skip = Skip to content
nav-label = Main navigation
crumbs-label = You are here
tabs-label = Views
pager-label = Pages
pager-first = First page
pager-next = Next page
field-optional = (optional)
error-prefix = {"Error: "}
summary-title = There is a problem
cancel = Cancel
actions = Actions
comma = {", "}
colon = {": "}
count-items = { $n ->
    [one] { $n } item
   *[other] { $n } items
 }
feed = Publication feed
department = Department
footer-office = Run by the coordination office for random inspections of { $county }
footer-request = Request

nav-home = My work
nav-inspections = Joint inspections
nav-draws = Draws
nav-overlap = Overlap board
nav-plannings = Planning
nav-visits = Visits
nav-results = Results
nav-referrals = Referrals
nav-items = Inspection items
nav-subjects = Subjects
nav-inspectors = Inspectors
nav-plans = Annual plans
nav-oversight = Oversight
nav-users = Accounts
nav-account = My account
nav-public = Overview
nav-public-portal = Public portal
nav-public-items = Item lists
nav-public-plans = Plans
nav-public-announcements = Announcements
nav-public-draws = Draws
nav-public-results = Results

role-department-clerk = Department clerk
role-legal-reviewer = Legal reviewer
role-department-head = Head of department
role-inspector = Inspector
role-coordinator = Coordination office
role-overseer = Overseer
role-witness = Witness
role-system-admin = System administrator
role-security-admin = Security administrator
role-audit-admin = Audit administrator

countdown-left = { $n ->
    [one] { $n } working day left
   *[other] { $n } working days left
 }
countdown-today = Due today
countdown-over = Just past due
countdown-late = { $n ->
    [one] { $n } working day overdue
   *[other] { $n } working days overdue
 }

error-title-missing = Page not found
error-then-missing = The address may be wrong, or you may not see this page. Try your work list or the search.
error-title-denied = You cannot do this
error-then-denied = If this is your work, ask the security administrator to check your roles.
error-title-refused = This is not possible now
error-then-refused = Go back, reload the page and continue from its present state.
error-title-large = The file is too large
error-then-large = Split it and send the parts one after the other.
error-title-often = Too many requests
error-then-often = Wait a moment and try again.
error-title-wrong = The request cannot be read
error-then-wrong = Go back and try again; if the address was changed by hand, follow a link instead.
error-title-busy = The service is not available
error-then-busy = Nothing you sent is lost. Try again in a few minutes.
error-title-defect = Something went wrong on the server
error-then-defect = It has been recorded. Give the request number below to the system administrator.
error-back = Go back
error-home = Go to the start page
error-request = {"Request number: "}

go-password-change-required = Change your password first, then continue.
go-second-factor-required = Your role requires a second factor. Set it up first, then continue.
session-ended = Your session has ended. Log in again.
logged-out = You have logged out.
