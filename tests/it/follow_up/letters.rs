//! The two letters with the approval of the listing, and commissions.

use super::{calendar, clerk, faults, head, held, look, mails, pairs, result_of};
use crate::planning::fixture::{day, travel};
use crate::results::{path, sent, text};
use crate::support::{Client, TestApp, both};
use chrono::Days;
use onedoor::domain::access::Role;
use serde_json::{Value, json};

fn gone() -> Value {
    json!({
        "outcomes": ["unreachable"], "methods": ["on_site"], "other": "门面关闭,邻居称已搬走",
        "law": "企业信息公示暂行条例第十七条",
        "follow_up": ["feedback"],
    })
}

fn letter(kind: &str, number: &str, day: impl ToString) -> Value {
    json!({ "kind": kind, "number": number, "day": day.to_string() })
}

both!(nobody_is_listed_without_two_letters_a_call_and_two_approvals, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &gone());
    let today = day(s.visit["day"].as_str().unwrap());
    let on = |n: u64| today + Days::new(n);
    let xf = || clerk(&s, app, "XF");
    let open = format!("/api/v1/results/{found}/mailing");
    assert_eq!(
        faults(&xf().post(&open, &letter("pigeon", "1", on(0)))),
        pairs(&[("/kind", "unknown_value")])
    );
    assert_eq!(faults(&xf().post(&open, &letter("ems", " ", on(0)))), pairs(&[("/number", "required")]));
    assert_eq!(faults(&xf().post(&open, &letter("ems", "1", on(1)))), pairs(&[("/day", "in_future")]));
    // Nor was it posted before anybody had been there.
    let before = letter("ems", "1", today - Days::new(1));
    assert_eq!(faults(&xf().post(&open, &before)), pairs(&[("/day", "too_early")]));
    clerk(&s, app, "SJ").post(&open, &letter("ems", "1", on(0))).problem(403, "denied");
    let made = xf().post(&open, &letter("ems", "EA123456789CN", on(0)));
    assert_eq!(made.expect(201)["due_day"], json!(on(30)));
    xf().post(&open, &letter("ems", "2", on(0))).problem(409, "mailing_open");
    let at = |verb: &str| format!("/api/v1/mailings/{}{verb}", made.id());
    let paper = format!("/api/v1/papers/mailings/{}/listing", made.id());
    clerk(&s, app, "SJ").get(&at("")).problem(404, "not_found");
    clerk(&s, app, "SJ").get(&paper).problem(404, "not_found");
    // No form before both letters have failed.
    xf().get(&paper).problem(409, "wrong_state");

    let fate = |what: &str, n: u64| json!({ "fate": what, "day": on(n) });
    let second = |n: u64| letter("registered", "XA000000001CN", on(n));
    travel(app, on(6));
    xf().post(&at("/second"), &second(6)).problem(409, "wrong_state");
    assert_eq!(xf().post(&at("/fate"), &fate("returned", 6)).expect(200)["state"], "first_failed");
    xf().post(&at("/fate"), &fate("signed", 6)).problem(409, "wrong_state");
    travel(app, on(14));
    let early = xf().post(&at("/second"), &second(14)).problem(409, "second_too_early");
    assert!(text(&early["title"]).contains(&on(15).to_string()), "{early}");
    travel(app, on(31));
    xf().post(&at("/second"), &second(31)).problem(409, "second_too_late");
    // The letter itself was posted in time, and is only recorded late.
    xf().post(&at("/restart"), &letter("ems", "3", on(30))).problem(409, "still_time");
    let second_sent = xf().post(&at("/second"), &second(30)).expect(200);
    assert_eq!((&second_sent["state"], &second_sent["due_day"]), (&json!("second_sent"), &Value::Null));
    travel(app, on(37));
    let call = json!({ "kind": "phone", "note": "致电法定代表人,无人接听", "day": on(37) });
    xf().post(&at("/remind"), &call).problem(409, "wrong_state");
    let verified = xf().post(&at("/fate"), &fate("unanswered", 37)).expect(200);
    let due = calendar().after(on(37), 10).unwrap();
    assert_eq!((&verified["state"], &verified["due_day"]), (&json!("second_failed"), &json!(due)));
    let opinion = |words: &str| json!({ "opinion": words });
    xf().post(&at("/hand-over"), &opinion("拟列入")).problem(409, "wrong_state");
    assert_eq!(xf().post(&at("/remind"), &call).expect(200)["state"], "reminded");
    assert_eq!(xf().post(&at("/hand-over"), &opinion("拟列入")).expect(200)["state"], "handed_over");

    // Clerk, head of the station and bureau are three steps; one person does not do two of them.
    let legal = || s.desk(app, "XF", Role::LegalReviewer);
    xf().post(&at("/station"), &opinion("同意")).problem(403, "denied");
    legal().post(&at("/bureau"), &opinion("同意")).problem(403, "denied");
    head(&s, app, "XF").post(&at("/bureau"), &opinion("同意")).problem(409, "wrong_state");
    let back = legal().post(&at("/return"), &opinion("请补短信提醒")).expect(200);
    assert_eq!(back["state"], "reminded");
    let sms = json!({ "kind": "sms", "note": "短信已送达", "day": on(37) });
    xf().post(&at("/remind"), &sms).expect(200);
    xf().post(&at("/hand-over"), &opinion("已补短信,拟列入")).expect(200);
    assert_eq!(
        head(&s, app, "XF").post(&at("/station"), &opinion("同意上报")).expect(200)["state"],
        "station_approved"
    );
    head(&s, app, "XF").post(&at("/bureau"), &opinion("同意列入")).problem(403, "denied");
    let form = xf().get(&at("/listing")).expect(200);
    assert_eq!(form["letters"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&form["letters"][0]["kind"], &form["letters"][1]["fate"]),
        (&json!("邮政特快专递(EMS)"), &json!("无人签收"))
    );
    assert_eq!((&form["reminder"], &form["station"]["words"]), (&json!("短信"), &json!("同意上报")));
    assert_eq!((&form["due"], &form["bureau"]["words"]), (&json!(due), &json!("")));
    // The same on paper, with room for the bureau.
    for (format, read) in
        [("html", None), ("docx", Some(crate::papers::word as fn(&[u8]) -> crate::papers::Word))]
    {
        let printed = xf().get(&format!("{paper}?format={format}"));
        assert_eq!(printed.status, 200);
        let words = read.map_or_else(|| printed.text(), |read| read(&printed.bytes).text);
        let name = text(&s.visit["subject"]["name"]);
        for needed in [
            "经营异常名录审批表",
            &name,
            "EA123456789CN",
            "XA000000001CN",
            // What the inspector entered, and what the county cites for the procedure.
            "企业信息公示暂行条例第十七条",
            "《企业经营异常名录管理暂行办法》",
            "无人签收",
            "短信已送达",
            "同意上报",
            "局领导审批意见",
        ] {
            assert!(words.contains(needed), "{needed} not in {words}");
        }
        let due = format!("{}年{}月{}日", due.format("%Y"), due.format("%-m"), due.format("%-d"));
        assert!(words.contains(&due), "{due}");
        assert!(!words.contains("同意列入"));
    }
    xf().get(&format!("{paper}?format=pdf")).problem(422, "invalid");
    assert_eq!(s.office(app).get(&paper).status, 200);
    let boss = app.user("boss-xf", &[Role::DepartmentHead], Some(s.county.ids.departments["XF"]));
    assert_eq!(boss.post(&at("/bureau"), &opinion("同意列入")).expect(200)["state"], "listed");
    xf().post(&at("/reach"), &json!({ "note": "来电", "day": on(37) })).problem(409, "wrong_state");
    assert_eq!(boss.get(&at("/listing")).expect(200)["bureau"]["name"], "boss-xf先生");
    assert!(boss.get(&paper).text().contains("同意列入"));
});

both!(whoever_is_reached_is_not_listed_and_a_missed_window_begins_anew, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &gone());
    let today = day(s.visit["day"].as_str().unwrap());
    let on = |n: u64| today + Days::new(n);
    let xf = || clerk(&s, app, "XF");
    let open = format!("/api/v1/results/{found}/mailing");
    // A result that says something else is followed by no letter.
    s.publish(app, &s.visit, "SJ");
    let clean = format!("/api/v1/results/{}/mailing", result_of(&s, app, &s.visit, "SJ"));
    clerk(&s, app, "SJ").post(&clean, &letter("ems", "EA0", on(0))).problem(409, "not_unreachable");
    let made = xf().post(&open, &letter("ems", "EA1", on(0)));
    made.expect(201);
    let at = |verb: &str| format!("/api/v1/mailings/{}{verb}", made.id());
    travel(app, on(8));
    xf().post(&at("/fate"), &json!({ "fate": "unanswered", "day": on(8) })).expect(200);
    // The clerk sleeps: reminded before the thirtieth day, and told once after it.
    let mut told = Vec::new();
    for n in 9..36 {
        travel(app, on(n));
        let round = look(app);
        assert_eq!(look(app), (0, 0));
        told.extend((round != (0, 0)).then_some(round));
    }
    assert_eq!(told, [(1, 0), (1, 0), (0, 1)]);
    assert!(mails(app, "follow_up_overdue").iter().all(|m| m.contains("两次邮寄")));
    xf().post(&at("/second"), &letter("ems", "EA2", on(35))).problem(409, "second_too_late");
    let anew = xf().post(&at("/restart"), &letter("ems", "EA3", on(35))).expect(200);
    assert_eq!((&anew["state"], &anew["round"]), (&json!("first_sent"), &json!(2)));
    assert_eq!((&anew["due_day"], &anew["overdue"]), (&json!(on(65)), &json!(false)));
    travel(app, on(36));
    let signed = xf().post(&at("/fate"), &json!({ "fate": "signed", "day": on(36) })).expect(200);
    assert_eq!((&signed["state"], &signed["reached_day"]), (&json!("reached"), &json!(on(36))));
    xf().post(&at("/second"), &letter("ems", "EA4", on(36))).problem(409, "wrong_state");
    // It has ended, so another one may begin.
    xf().post(&open, &letter("ems", "EA5", on(36))).expect(201);
});

#[test]
fn the_interval_is_the_county_s() {
    let app = TestApp::sqlite_with("[follow_up]\nmailing_from = 2\nmailing_to = 3\n");
    let s = sent(&app);
    let found = held(&s, &app, &s.visit, &gone());
    let today = day(s.visit["day"].as_str().unwrap());
    let on = |n: u64| today + Days::new(n);
    let made =
        clerk(&s, &app, "XF").post(&format!("/api/v1/results/{found}/mailing"), &letter("ems", "1", on(0)));
    let at = |verb: &str| format!("/api/v1/mailings/{}{verb}", made.id());
    let xf = clerk(&s, &app, "XF");
    xf.post(&at("/fate"), &json!({ "fate": "returned", "day": on(0) })).expect(200);
    travel(&app, on(4));
    let xf = clerk(&s, &app, "XF");
    xf.post(&at("/second"), &letter("ems", "2", on(1))).problem(409, "second_too_early");
    xf.post(&at("/second"), &letter("ems", "2", on(4))).problem(409, "second_too_late");
    xf.post(&at("/second"), &letter("ems", "2", on(3))).expect(200);
}

fn team(client: &Client, visit: &Value) -> Value {
    client.get(&path(visit)).expect(200)["seats"].clone()
}

both!(whoever_is_commissioned_is_no_officer_and_hands_in_a_file, |app| {
    let s = sent(app);
    let xf = clerk(&s, app, "XF");
    let today = day(s.visit["day"].as_str().unwrap());
    let order = format!("{}/commissions", path(&s.visit));
    let body =
        json!({ "party": "示范检测有限公司", "what": "消防设施检测", "due_day": today + Days::new(20) });
    let seats = team(&xf, &s.visit);
    let officer = s.county.ids.inspectors.values().next().unwrap();
    let mut wrong = json!({ "what": "x", "due_day": today + Days::new(20), "expert_id": officer });
    assert_eq!(faults(&xf.post(&order, &wrong)), pairs(&[("/expert_id", "not_expert")]));
    wrong["party"] = json!("某公司");
    assert_eq!(faults(&xf.post(&order, &wrong)), pairs(&[("/party", "both")]));
    let nobody = json!({ "what": "x", "due_day": today });
    let expected = pairs(&[("/due_day", "past"), ("/party", "required")]);
    assert_eq!(faults(&xf.post(&order, &nobody)), expected);
    s.office(app).post(&order, &body).problem(403, "denied");
    let other = app.department("QT", "其他局", "inspecting");
    let stranger = app.user("other", &[Role::DepartmentClerk], Some(other));
    stranger.post(&order, &body).problem(404, "not_found");
    let made = xf.post(&order, &body);
    made.expect(201);
    assert_eq!(team(&xf, &s.visit), seats, "no seat was made or taken");
    let at = |verb: &str| format!("/api/v1/commissions/{}{verb}", made.id());
    stranger.get(&at("")).problem(404, "not_found");
    clerk(&s, app, "SJ").get(&at("")).problem(404, "not_found");
    assert_eq!(s.office(app).get(&at("")).expect(200)["name"], "示范检测有限公司");

    let pdf = b"%PDF-1.7 report".to_vec();
    let put = |client: &Client, bytes: &[u8]| {
        client.upload(&at("/report?name=report.pdf"), "application/pdf", bytes)
    };
    put(&xf, b"PK a spreadsheet").problem(415, "unsupported_media_type");
    put(&clerk(&s, app, "SJ"), &pdf).problem(404, "not_found");
    let row = put(&xf, &pdf).expect(200);
    let hash = text(&row["report_sha256"]);
    assert_eq!((&row["state"], &row["due_day"]), (&json!("reported"), &Value::Null));
    assert_eq!(std::fs::read(app.files().join(&hash[..2]).join(&hash)).unwrap(), pdf);
    let seen = xf.get(&format!("/api/v1/evidence/{}", text(&row["evidence_id"])));
    assert_eq!((seen.status, &seen.bytes), (200, &pdf));
    put(&xf, &pdf).problem(409, "wrong_state");
    xf.post(&at("/cancel"), &json!({ "reason": "x" })).problem(409, "wrong_state");
    let second = xf.post(&order, &body);
    let cancel = format!("/api/v1/commissions/{}/cancel", second.id());
    assert_eq!(xf.post(&cancel, &json!({ "reason": "改由自行检测" })).expect(200)["state"], "cancelled");
    let list = xf.get("/api/v1/commissions?state=reported").expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
});
