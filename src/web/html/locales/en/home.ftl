home-title = My work
home-lead = { $name }, today is { $day }.
home-late = Overdue
home-open = To do
home-empty = Nothing is waiting for you now
home-empty-then = New invitations, approvals and visits will appear here.
home-more = Of some kinds there is more than is listed; the rest appears as these are done.
home-begin-inspection = Start a joint inspection
home-see-inspections = See joint inspections
home-see-visits = See visits
home-see-users = See accounts

todo-kind-invitation = Invitation
todo-kind-inspection = Joint inspection
todo-kind-draw = Witness of a draw
todo-kind-visit = Visit
todo-kind-result = Result
todo-kind-item = Item
todo-invitation = Answer the invitation to “{ $name }” ({ $number })
todo-inspection-invite = “{ $name }” ({ $number }) is a draft; nobody has been invited
todo-inspection-settle = “{ $name }” ({ $number }): a department declined or proposes other dates
todo-inspection-confirm = “{ $name }” ({ $number }): all departments have answered
todo-inspection-dispatch = “{ $name }” ({ $number }) has its teams and can be dispatched
todo-inspection-freeze = “{ $name }” ({ $number }) is confirmed; freeze its lists
todo-inspection-draw = “{ $name }” ({ $number }): the lists are frozen; hold the draw
todo-inspection-plan = “{ $name }” ({ $number }) is drawn; plan its visits
todo-draw-commit = The draw of “{ $name }” ({ $number }) waits for your commitment
todo-draw-reveal = The draw of “{ $name }” ({ $number }) waits for your card
todo-visit = { $name }, { $place }
todo-results-review = { $n ->
    [one] { $n } result to review
   *[other] { $n } results to review
 }
todo-results-approve = { $n ->
    [one] { $n } result to approve
   *[other] { $n } results to approve
 }
todo-results-publish = { $n ->
    [one] { $n } result to publish
   *[other] { $n } results to publish
 }
todo-item-review = { $n ->
    [one] { $n } item to review
   *[other] { $n } items to review
 }
todo-item-publish = { $n ->
    [one] { $n } item to publish
   *[other] { $n } items to publish
 }
todo-act-answer = Answer
todo-act-invite = Invite
todo-act-settle = Settle
todo-act-confirm = Confirm
todo-act-dispatch = Dispatch
todo-act-freeze = Freeze
todo-act-draw = Draw
todo-act-plan = Plan
todo-act-commit = Commit
todo-act-reveal = Reveal
todo-act-visit = Begin
todo-act-enter = Enter results
todo-act-review = Review
todo-act-approve = Approve
todo-act-publish = Publish
todo-act-item-review = Review
todo-act-item-publish = Publish
todo-act-see = See

attention-late-answer = Invitation not answered
attention-declined-invitation = Invitation declined
attention-late-publication = Results not published in time
attention-publication-due = Results to be published soon
attention-unstaffed-visit = Visit without a team
attention-planning-blocked = Planning has open problems
attention-unheld-visit = Visit not held
attention-cap-exceeded = Too many checks
attention-certificate-expiring = Certificate runs out or has run out
attention-aborted-draw = Aborted draw not held again
attention-returned-item = Item sent back
attention-returned-result = Result sent back
attention-pending-replacement = Replacement to approve
attention-open-card = Card to acknowledge

search-title = Search
search-label = Search inspections, subjects, inspectors
search-hint = Name, number or code
search-go = Search
search-how = Enter part of a name, the number of an inspection, a credit code or the name of an inspector.
search-none = Nothing found for “{ $q }”
search-none-then = Try a shorter word. Only what you may see is shown.
search-more = There is more; enter further words.
