# What the journeys of the people found missing.
dispatch-all = 派发全部检查组
dispatch-all-sure = 派发后各检查组的人员将收到通知，并计入检查频次。确定全部派发吗？
dispatched-all = 已派发 { $value } 次入企，检查人员会收到通知。
