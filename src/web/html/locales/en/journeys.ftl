# What the journeys of the people found missing.
dispatch-all = Send all teams out
dispatch-all-sure = All teams will be told, and the visits count towards the caps. Send them all out?
dispatched-all = Sent out { $value } visits; the inspectors will be told.
rate-by-card = Only the business itself can rate. Scan the code on the rating card that the coordination office gave you, or type the rating code on it here.
rate-card = Rating code
rate-card-go = Rate
rate-card-wrong = This is not the rating code of this inspection; please check the card
