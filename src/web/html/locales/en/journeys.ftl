# What the journeys of the people found missing.
dispatch-all = Send all teams out
dispatch-all-sure = All teams will be told, and the visits count towards the caps. Send them all out?
dispatched-all = Sent out { $value } visits; the inspectors will be told.
