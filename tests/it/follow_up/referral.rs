//! Referral and copy notice: out, back with a reason, out again, answered, closed.

use super::{clerk, faults, head, held, look, mails, overseer, pairs};
use crate::planning::fixture::{day, travel};
use crate::results::{sent, wrong};
use crate::support::{PASSWORD, both};
use chrono::Days;
use onedoor::domain::access::Role;
use serde_json::json;

both!(a_referral_goes_out_comes_back_and_is_answered, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &wrong());
    let today = day(s.visit["day"].as_str().unwrap());
    let other = app.department("QT", "城管局", "inspecting");
    let third = app.department("DS", "第三局", "inspecting");
    app.user("qt", &[Role::DepartmentClerk], Some(other));
    app.user("ds", &[Role::DepartmentClerk], Some(third));
    let oversight = overseer(app);
    let office = app.server.store.read(|db| {
        let all = onedoor::store::departments::all(db, crate::support::REGION)?;
        Ok(all.into_iter().find(|d| d.kind == "coordination").unwrap().id)
    });
    head(&s, app, "XF");
    let send = |kind: &str, to: &str| {
        let body =
            json!({ "kind": kind, "result_id": found, "to_department_id": to, "what": "占道经营线索" });
        clerk(&s, app, "XF").post("/api/v1/referrals", &body)
    };
    assert_eq!(faults(&send("gift", &other.to_string())), pairs(&[("/kind", "unknown_value")]));
    for (to, code) in
        [(s.county.ids.departments["XF"], "own"), (office.unwrap(), "not_inspecting"), (app.id(), "unknown")]
    {
        let answer = send("case_referral", &to.to_string());
        assert_eq!(faults(&answer), pairs(&[("/to_department_id", code)]));
    }
    let made = send("case_referral", &third.to_string());
    assert_eq!(made.expect(201)["state"], "sent");
    let at = |verb: &str| format!("/api/v1/referrals/{}{verb}", made.id());
    let said = |text: &str| json!({ "text": text });

    // The receiver sees the referral and the result it cites, though it was not at the visit; nobody else does.
    let ds = app.login("ds", PASSWORD);
    let seen = ds.get(&at("")).expect(200);
    assert_eq!((&seen["result"]["id"], &seen["result"]["state"]), (&json!(found), &json!("published")));
    ds.get(&format!("/api/v1/results/{found}")).problem(404, "not_found");
    app.login("qt", PASSWORD).get(&at("")).problem(404, "not_found");
    clerk(&s, app, "SJ").get(&at("")).problem(404, "not_found");
    assert_eq!(app.login("qt", PASSWORD).get("/api/v1/referrals").expect(200)["items"], json!([]));
    assert_eq!(oversight.get(&at("")).expect(200)["referral"]["what"], "占道经营线索");
    oversight.post(&at("/receive"), &json!({})).problem(403, "denied");

    // Each side does its own part.
    clerk(&s, app, "XF").post(&at("/receive"), &json!({})).problem(403, "denied");
    ds.post(&at("/close"), &said("办结")).problem(403, "denied");
    ds.post(&at("/answer"), &said("已处理")).problem(409, "wrong_state");
    ds.post(&at("/acknowledge"), &json!({})).problem(409, "wrong_state");
    assert_eq!(faults(&ds.post(&at("/refuse"), &said(" "))), pairs(&[("/text", "required")]));
    let back = ds.post(&at("/refuse"), &said("不属于本部门职责")).expect(200);
    assert_eq!((&back["state"], &back["refusal"]), (&json!("refused"), &json!("不属于本部门职责")));
    ds.post(&at("/receive"), &json!({})).problem(409, "wrong_state");
    let again = json!({ "to_department_id": other, "text": "附现场照片" });
    let sent_again = clerk(&s, app, "XF").post(&at("/send"), &again).expect(200);
    assert_eq!((&sent_again["state"], &sent_again["rounds"]), (&json!("sent"), &json!(2)));
    // Whoever it was taken from sees it no more.
    app.login("ds", PASSWORD).get(&at("")).problem(404, "not_found");

    // Nobody receives it: two reminders, then it is late, for the receiver and for the coordination office.
    let mut told = Vec::new();
    for n in 0..12 {
        travel(app, today + Days::new(n));
        let round = look(app);
        assert_eq!(look(app), (0, 0));
        told.extend((round != (0, 0)).then_some(round));
    }
    assert_eq!(told, [(1, 0), (1, 0), (0, 1)]);
    assert!(mails(app, "follow_up_overdue").iter().all(|m| m.contains("线索移送") && !m.contains("饭店")));
    assert_eq!(mails(app, "follow_up_reminder").len(), 2);
    assert_eq!(mails(app, "follow_up_overdue").len(), 2);
    let qt = app.login("qt", PASSWORD);
    let received = qt.post(&at("/receive"), &json!({})).expect(200);
    assert_eq!((&received["state"], &received["overdue"]), (&json!("received"), &json!(false)));

    // The receiver files a case for what was passed on, not for anything else.
    let now = today + Days::new(11);
    let case =
        json!({ "referral_id": made.id(), "number": "城立〔2026〕1号", "cause": "占道经营", "day": now });
    let foreign = clerk(&s, app, "SJ").post("/api/v1/case-filings", &case);
    foreign.problem(404, "not_found");
    let filed = qt.post("/api/v1/case-filings", &case).expect(201);
    assert_eq!((&filed["result_id"], &filed["department_id"]), (&json!(found), &json!(other)));

    clerk(&s, app, "XF").post(&at("/close"), &said("办结")).problem(409, "wrong_state");
    assert_eq!(qt.post(&at("/answer"), &said("已立案查处")).expect(200)["state"], "answered");
    let closed = clerk(&s, app, "XF").post(&at("/close"), &said("同意")).expect(200);
    assert_eq!((&closed["state"], &closed["due_day"]), (&json!("closed"), &json!(null)));
    qt.post(&at("/answer"), &said("再次")).problem(409, "wrong_state");
    let list = s.office(app).get("/api/v1/referrals?state=closed&kind=case_referral").expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
});

both!(a_copy_notice_is_taken_note_of, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &wrong());
    let to = s.county.ids.departments["SJ"];
    let body =
        json!({ "kind": "copy_notice", "result_id": found, "to_department_id": to, "what": "抄告消防隐患" });
    clerk(&s, app, "SJ").post("/api/v1/referrals", &body).problem(403, "denied");
    let made = clerk(&s, app, "XF").post("/api/v1/referrals", &body);
    made.expect(201);
    let at = |verb: &str| format!("/api/v1/referrals/{}{verb}", made.id());
    let sj = clerk(&s, app, "SJ");
    sj.post(&at("/receive"), &json!({})).problem(409, "wrong_state");
    clerk(&s, app, "XF").post(&at("/acknowledge"), &json!({})).problem(403, "denied");
    let seen = sj.post(&at("/acknowledge"), &json!({})).expect(200);
    assert_eq!((&seen["state"], &seen["state_word"]), (&json!("closed"), &json!("已办结")));
    sj.post(&at("/acknowledge"), &json!({})).problem(409, "wrong_state");
    // A notice is no ground for a case.
    let case = json!({ "referral_id": made.id(), "number": "1", "cause": "x", "day": s.visit["day"] });
    assert_eq!(faults(&sj.post("/api/v1/case-filings", &case)), pairs(&[("/referral_id", "foreign")]));
});
