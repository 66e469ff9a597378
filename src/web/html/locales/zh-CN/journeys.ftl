# What the journeys of the people found missing.
dispatch-all = 派发全部检查组
dispatch-all-sure = 派发后各检查组的人员将收到通知，并计入检查频次。确定全部派发吗？
dispatched-all = 已派发 { $value } 次入企，检查人员会收到通知。
rate-by-card = 只有企业本身可以评价。请扫描协调办发给您的《企业评价卡》上的二维码，或在这里输入卡上的评价码。
rate-card = 评价码
rate-card-go = 去评价
rate-card-wrong = 这不是本次检查的评价码，请核对卡上的评价码
