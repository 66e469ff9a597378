//! Rectification: ordered, extended, reported, rechecked; a case where it was not done.

use super::{calendar, clerk, faults, head, held, look, mails, overseer, pairs, result_of};
use crate::planning::fixture::{day, travel};
use crate::results::{sent, text, wrong};
use crate::support::both;
use chrono::{Days, NaiveDate};
use onedoor::domain::access::Role;
use serde_json::json;

both!(an_order_is_extended_once_reported_and_rechecked_without_counting, |app| {
    let s = sent(app);
    let today = day(s.visit["day"].as_str().unwrap());
    let on = |n: u64| (today + Days::new(n)).to_string();
    s.hold(app, &s.visit);
    let found = result_of(&s, app, &s.visit, "XF");
    let order = format!("/api/v1/results/{found}/rectification");
    let body = json!({ "what": "清理安全出口", "basis": "消防法第六十条", "due_day": on(10) });
    clerk(&s, app, "XF").post(&order, &body).problem(409, "wrong_state");
    s.publish(app, &s.visit, "XF");
    s.publish(app, &s.visit, "SJ");
    let clean = result_of(&s, app, &s.visit, "SJ");
    let other = format!("/api/v1/results/{clean}/rectification");
    clerk(&s, app, "SJ").post(&other, &body).problem(409, "nothing_to_rectify");
    // The partner sees the result and may do nothing with it; the office orders nothing.
    clerk(&s, app, "SJ").post(&order, &body).problem(403, "denied");
    s.office(app).post(&order, &body).problem(403, "denied");
    let bad = json!({ "what": " ", "basis": "", "due_day": on(0) });
    let expected = pairs(&[("/what", "required"), ("/basis", "required"), ("/due_day", "past")]);
    assert_eq!(faults(&clerk(&s, app, "XF").post(&order, &bad)), expected);

    let made = clerk(&s, app, "XF").post(&order, &body);
    assert_eq!(made.expect(201)["state_word"], "整改中");
    clerk(&s, app, "XF").post(&order, &body).problem(409, "rectification_open");
    let at = |verb: &str| format!("/api/v1/rectifications/{}{verb}", made.id());
    clerk(&s, app, "SJ").get(&at("")).problem(404, "not_found");
    assert_eq!(clerk(&s, app, "SJ").get("/api/v1/rectifications").expect(200)["items"], json!([]));
    assert_eq!(overseer(app).get(&at("")).expect(200)["result_id"], found.as_str());
    overseer(app).post(&at("/extend"), &json!({ "due_day": on(20), "reason": "x" })).problem(403, "denied");

    let more = |n: u64| json!({ "due_day": on(n), "reason": "定制防火门需要时间" });
    clerk(&s, app, "XF").post(&at("/extend"), &more(20)).problem(403, "denied");
    head(&s, app, "XF").post(&at("/extend"), &more(10)).problem(409, "not_later");
    let extended = head(&s, app, "XF").post(&at("/extend"), &more(20)).expect(200);
    assert_eq!((&extended["due_day"], &extended["first_due"]), (&json!(on(20)), &json!(on(10))));
    head(&s, app, "XF").post(&at("/extend"), &more(30)).problem(409, "extended_already");

    let early = json!({ "fulfilled": false, "note": "仍有杂物", "day": on(0), "on_site": true });
    clerk(&s, app, "XF").post(&at("/recheck"), &early).problem(409, "time_left");
    let tomorrow = json!({ "text": "已清理", "day": on(1) });
    assert_eq!(
        faults(&clerk(&s, app, "XF").post(&at("/report"), &tomorrow)),
        pairs(&[("/day", "in_future")])
    );
    travel(app, today + Days::new(3));
    assert_eq!(clerk(&s, app, "XF").post(&at("/report"), &tomorrow).expect(200)["state"], "reported");
    let done = json!({ "fulfilled": true, "note": "安全出口畅通", "day": on(3), "on_site": true });
    let end = clerk(&s, app, "XF").post(&at("/recheck"), &done).expect(200);
    assert_eq!((&end["state"], &end["due_day"]), (&json!("fulfilled"), &json!(null)));
    clerk(&s, app, "XF").post(&at("/recheck"), &done).problem(409, "wrong_state");
    // Two checks of the fire brigade at the door; one counts.
    let subject = text(&s.visit["subject"]["id"]);
    let caps = clerk(&s, app, "XF").get(&format!("/api/v1/caps?subject_id={subject}")).expect(200);
    assert_eq!(
        (&caps["standing"][0]["counted"], &caps["standing"][0]["exempt"]),
        (&json!(1), &json!(1)),
        "{caps}"
    );
});

both!(what_is_not_put_right_is_reminded_late_and_becomes_a_case, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &wrong());
    let today = day(s.visit["day"].as_str().unwrap());
    let due: NaiveDate = calendar().after(today, 12).unwrap();
    let body = json!({ "what": "清理安全出口", "basis": "消防法第六十条", "due_day": due });
    head(&s, app, "XF");
    let made = clerk(&s, app, "XF").post(&format!("/api/v1/results/{found}/rectification"), &body);
    made.expect(201);
    let mut told = Vec::new();
    let mut now = today;
    while now <= due + Days::new(4) {
        travel(app, now);
        let round = look(app);
        assert_eq!(look(app), (0, 0), "{now}");
        if round != (0, 0) {
            told.push(round);
        }
        now = now.succ_opt().unwrap();
    }
    assert_eq!(told, [(1, 0), (1, 0), (0, 1)]);
    // Clerk and head; when it is late the coordination office too. Nobody's name is in a mail.
    assert_eq!((mails(app, "follow_up_reminder").len(), mails(app, "follow_up_overdue").len()), (4, 3));
    assert!(mails(app, "follow_up_overdue").iter().all(|m| m.contains("整改") && !m.contains("饭店")));
    let late = s.office(app).get("/api/v1/rectifications?late=true").expect(200);
    assert_eq!(late["items"][0]["overdue"], true);

    let at = |verb: &str| format!("/api/v1/rectifications/{}{verb}", made.id());
    let last = due + Days::new(4);
    let case = json!({
        "result_id": found, "rectification_id": made.id(), "number": "示消立〔2026〕1号",
        "cause": "占用安全出口", "day": last,
    });
    clerk(&s, app, "XF").post("/api/v1/case-filings", &case).problem(409, "wrong_state");
    let failed = json!({ "fulfilled": false, "note": "仍有杂物", "day": last, "on_site": false });
    assert_eq!(clerk(&s, app, "XF").post(&at("/recheck"), &failed).expect(200)["state"], "not_fulfilled");
    clerk(&s, app, "SJ").post("/api/v1/case-filings", &case).problem(403, "denied");
    let filed = clerk(&s, app, "XF").post("/api/v1/case-filings", &case);
    assert_eq!(filed.expect(201)["state"], "filed");
    assert_eq!(clerk(&s, app, "XF").get(&at("")).expect(200)["state"], "case_filed");
    let twice = json!({ "result_id": found, "number": "示消立〔2026〕1号", "cause": "同上", "day": last });
    assert_eq!(
        faults(&clerk(&s, app, "XF").post("/api/v1/case-filings", &twice)),
        pairs(&[("/number", "taken")])
    );
    let path = format!("/api/v1/case-filings/{}", filed.id());
    clerk(&s, app, "SJ").get(&path).problem(404, "not_found");
    let end = json!({ "outcome": "罚款五千元", "day": last });
    assert_eq!(clerk(&s, app, "XF").post(&format!("{path}/close"), &end).expect(200)["state"], "closed");
    clerk(&s, app, "XF").post(&format!("{path}/close"), &end).problem(409, "wrong_state");
    let list = overseer(app).get("/api/v1/case-filings?state=closed").expect(200);
    assert_eq!(list["items"][0]["outcome"], "罚款五千元");
    // Somebody who has nothing to do with it sees nothing at all.
    let other = app.department("QT", "其他局", "inspecting");
    let stranger = app.user("other", &[Role::DepartmentClerk], Some(other));
    stranger.get(&at("")).problem(404, "not_found");
    stranger.post(&format!("/api/v1/results/{found}/rectification"), &body).problem(404, "not_found");
});
