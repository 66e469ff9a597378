//! What follows from a result.

use super::{desk, guarded, stranger};
use crate::follow_up::held;
use crate::results::{sent, wrong};
use crate::support::both;
use chrono::TimeDelta;
use onedoor::domain::access::Role;

both!(journey_a_problem_is_put_right, |app| {
    let s = sent(app);
    let result = held(&s, app, &s.visit, &wrong());
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let here = format!("/results/{result}");
    let ask = format!("{here}/rectification");
    assert!(clerk.get(&here).text().contains(&ask));
    guarded(&clerk, &ask);
    let due = (onedoor::clock::china_date(app.now()) + TimeDelta::days(15)).to_string();
    let refused = clerk.post(&ask, &ask, &[("what", "清理安全出口"), ("basis", ""), ("due_day", &due)]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("#basis") && refused.text().contains("清理安全出口"));
    let made =
        clerk.post(&ask, &ask, &[("what", "清理安全出口"), ("basis", "消防法第十六条"), ("due_day", &due)]);
    let order = clerk.done(&made);
    assert!(clerk.get(&order).text().contains("整改中"));
    assert!(clerk.get("/rectifications?state=ordered").text().contains(&order));
    assert!(clerk.get(&here).text().contains(&order));
    assert_eq!(stranger(app).get(&order).status, 404);
    assert_eq!(desk(&s, app, "SJ", Role::DepartmentClerk).get(&order).status, 404);
    let today = onedoor::clock::china_date(app.now()).to_string();
    let head = desk(&s, app, "XF", Role::DepartmentHead);
    let later = (onedoor::clock::china_date(app.now()) + TimeDelta::days(20)).to_string();
    let done = head.post(&order, &format!("{order}/extend"), &[("due_day", &later), ("reason", "等待材料")]);
    assert!(head.follow(&done).text().contains("整改期限已延长"));
    let done = clerk.post(&order, &format!("{order}/report"), &[("text", "已清理"), ("day", &today)]);
    assert!(clerk.follow(&done).text().contains("待复查"));
    let fields =
        [("fulfilled", "true"), ("note", "现场已清空"), ("day", today.as_str()), ("on_site", "true")];
    let done = clerk.post(&order, &format!("{order}/recheck"), &fields);
    assert!(clerk.follow(&done).text().contains("已整改到位"));
});

both!(journey_a_clue_goes_to_another_department_and_back, |app| {
    let s = sent(app);
    let result = held(&s, app, &s.visit, &wrong());
    let (sender, receiver) =
        (desk(&s, app, "XF", Role::DepartmentClerk), desk(&s, app, "SJ", Role::DepartmentClerk));
    let ask = format!("/results/{result}/referral");
    let to = s.county.ids.departments["SJ"].to_string();
    let fields = |to: &str| {
        [
            ("result_id", result.clone()),
            ("kind", "case_referral".to_owned()),
            ("to_department_id", to.to_owned()),
            ("what", "无照经营".to_owned()),
        ]
    };
    let send = |to: &str| {
        let fields = fields(to);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        sender.post(&ask, &ask, &fields)
    };
    let refused = send("");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("#to_department_id") && refused.text().contains("无照经营"));
    let referral = sender.done(&send(&to));
    assert!(receiver.get("/referrals?view=received").text().contains(&referral));
    assert_eq!(stranger(app).get(&referral).status, 404);
    // The sender cannot answer himself.
    assert_eq!(sender.post(&referral, &format!("{referral}/receive"), &[]).status, 403);
    guarded(&receiver, &format!("{referral}/receive"));
    let done = receiver.post(&referral, &format!("{referral}/receive"), &[]);
    assert!(receiver.follow(&done).text().contains("已签收"));
    let answer = format!("{referral}/answer");
    assert_eq!(receiver.post(&referral, &answer, &[("text", "")]).status, 422);
    let done = receiver.post(&referral, &answer, &[("text", "已立案查处")]);
    assert!(receiver.follow(&done).text().contains("已立案查处"));
    let done = sender.post(&referral, &format!("{referral}/close"), &[("text", "办结")]);
    assert!(sender.follow(&done).text().contains("已办结"));
});
