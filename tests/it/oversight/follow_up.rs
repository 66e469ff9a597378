//! What the tables and the scorecard say of what was made of results: figures worked out by hand.

use super::{column, overseer};
use crate::planning::fixture::{day, travel};
use crate::results::{Sent, fine, path, sent, text, wrong};
use crate::support::{TestApp, both};
use chrono::Days;
use onedoor::domain::access::Role;
use serde_json::{Value, json};

fn held(app: &TestApp, s: &Sent, visit: &Value, entry: &Value) -> String {
    travel(app, day(visit["day"].as_str().unwrap()));
    s.check_in(app, visit);
    s.enter(app, visit, "SJ", &fine());
    s.enter(app, visit, "XF", entry);
    s.team(app, visit, "SJ").a.post(&format!("{}/finish", path(visit)), &json!({})).expect(200);
    s.publish(app, visit, "SJ");
    s.publish(app, visit, "XF");
    newest(app, s, visit)
}

fn newest(app: &TestApp, s: &Sent, visit: &Value) -> String {
    let id = s.county.ids.departments["XF"].to_string();
    let conduct = s.conduct(app, visit);
    let rows = conduct["results"].as_array().unwrap();
    text(&rows.iter().rfind(|r| r["department_id"] == id.as_str()).unwrap()["id"])
}

both!(what_was_done_is_counted_and_not_what_was_written_down, |app| {
    let s = sent(app);
    overseer(app);
    let ordered = held(app, &s, &s.visits[0], &wrong());
    let passed_on = json!({
        "outcomes": ["pending_follow_up"], "methods": ["on_site"], "law": "", "other": "无证经营线索",
        "follow_up": ["case_filing", "copy_notice"],
    });
    let referred = held(app, &s, &s.visits[1], &passed_on);
    held(app, &s, &s.visits[2], &wrong());
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    let today = day(s.visits[2]["day"].as_str().unwrap());
    let clerk = |department: &str| s.desk(app, department, Role::DepartmentClerk);
    let names = [
        "published",
        "rectifications",
        "rectifications_ended",
        "referrals",
        "referrals_ended",
        "copy_notices",
        "copy_notices_ended",
        "cases",
        "cases_ended",
        "commissions",
        "missing",
        "closed",
        "closed_bp",
    ];
    let line = |kind: &str, label: &str, more: &str| {
        let path = format!("/api/v1/statistics/{kind}?from=2026-03-01&to=2026-12-31{more}");
        let table = s.office(app).get(&path).expect(200);
        let rows = table["rows"].as_array().unwrap();
        let row = rows.iter().find(|r| text(&r["labels"][0]).contains(label)).unwrap();
        json!(names.iter().map(|n| row["values"][column(&table, n)].clone()).collect::<Vec<_>>())
    };
    let score = || {
        let card = s.office(app).get(&format!("/api/v1/scorecards/2026/{xf}")).expect(200);
        let lines = card["lines"].as_array().unwrap();
        let row = lines.iter().find(|l| l["indicator"] == 13).unwrap();
        let figure = |name: &str| {
            let all = row["figures"].as_array().unwrap();
            all.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{name}: {row}"))["value"].clone()
        };
        json!([
            row["share_bp"],
            figure("发现问题的结果"),
            figure("已落实后续处置"),
            figure("责令整改"),
            figure("线索移送"),
            figure("移送办结"),
        ])
    };
    // Three problems, for each of which something is written down and for none of which anything was done.
    assert_eq!(line("results", "XF", ""), json!([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0]));
    assert_eq!(line("results", "SJ", ""), json!([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 10_000]));
    assert_eq!(score(), json!([0, 3, 0, 0, 0, 0]));

    // The first is ordered to be put right, the second passed on and brought to notice; nothing of the third.
    let order =
        json!({ "what": "清理安全出口", "basis": "消防法第六十条", "due_day": today + Days::new(10) });
    let rectification = clerk("XF").post(&format!("/api/v1/results/{ordered}/rectification"), &order).id();
    let send = |kind: &str| {
        let body = json!({
            "kind": kind, "result_id": referred, "to_department_id": sj, "what": "无证经营线索",
        });
        clerk("XF").post("/api/v1/referrals", &body).id()
    };
    let (referral, copy) = (send("case_referral"), send("copy_notice"));
    assert_eq!(line("results", "XF", ""), json!([3, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0]));
    assert_eq!(score(), json!([6667, 3, 2, 1, 1, 0]));

    // The order is fulfilled; the clue is answered and closed, the notice is not taken note of yet.
    let report = json!({ "text": "已清理", "day": today });
    clerk("XF").post(&format!("/api/v1/rectifications/{rectification}/report"), &report).expect(200);
    let passed = json!({ "fulfilled": true, "note": "畅通", "day": today, "on_site": true });
    clerk("XF").post(&format!("/api/v1/rectifications/{rectification}/recheck"), &passed).expect(200);
    let said = |words: &str| json!({ "text": words });
    clerk("SJ").post(&format!("/api/v1/referrals/{referral}/receive"), &json!({})).expect(200);
    // The receiver makes a case of it: that is his, and the sender's result waits for his answer only.
    let case = json!({
        "result_id": referred, "referral_id": referral, "number": "示市监立〔2026〕1号", "cause": "无证经营", "day": today,
    });
    clerk("SJ").post("/api/v1/case-filings", &case).expect(201);
    clerk("SJ").post(&format!("/api/v1/referrals/{referral}/answer"), &said("已立案")).expect(200);
    clerk("XF").post(&format!("/api/v1/referrals/{referral}/close"), &said("办结")).expect(200);
    assert_eq!(line("results", "XF", ""), json!([3, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 3333]));
    assert_eq!(line("results", "SJ", ""), json!([3, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 10_000]));
    clerk("SJ").post(&format!("/api/v1/referrals/{copy}/acknowledge"), &json!({})).expect(200);
    assert_eq!(line("results", "XF", ""), json!([3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 2, 6667]));
    assert_eq!(score(), json!([6667, 3, 2, 1, 1, 1]));
    // The joint inspection has both departments' figures, and a commission counts with it.
    assert_eq!(line("work", "示抽查", ""), json!([6, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 5, 8333]));
    let order = json!({ "party": "示范检测有限公司", "what": "检测", "due_day": today + Days::new(20) });
    clerk("XF").post(&format!("{}/commissions", path(&s.visits[0])), &order).expect(201);
    assert_eq!(line("work", "示抽查", ""), json!([6, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 4, 6667]));
    let own = format!("&department_id={xf}");
    assert_eq!(line("results", "XF", &own), json!([3, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 3333]));

    // A correction is another version of the result; what was made of the old one is not forgotten.
    let head = s.desk(app, "XF", Role::DepartmentHead);
    let reason = json!({ "reason": "法条引用有误" });
    head.post(&format!("/api/v1/results/{referred}/correct"), &reason).expect(201);
    let mut entry = passed_on;
    entry["law"] = json!("无证无照经营查处办法第二条");
    s.enter(app, &s.visits[1], "XF", &entry);
    s.publish(app, &s.visits[1], "XF");
    assert_ne!(newest(app, &s, &s.visits[1]), referred);
    assert_eq!(line("results", "XF", &own), json!([3, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 3333]));
    assert_eq!(score(), json!([6667, 3, 2, 1, 1, 1]));
});

both!(what_follows_otherwise_is_completed_when_the_department_says_so, |app| {
    let s = sent(app);
    overseer(app);
    let entry = json!({
        "outcomes": ["pending_follow_up"], "methods": ["on_site"], "law": "", "other": "招牌与登记名称不符",
        "follow_up": ["other"],
    });
    let result = held(app, &s, &s.visits[0], &entry);
    let today = day(s.visits[0]["day"].as_str().unwrap());
    let figures = || {
        let path = "/api/v1/statistics/results?from=2026-03-01&to=2026-12-31";
        let table = s.office(app).get(path).expect(200);
        let rows = table["rows"].as_array().unwrap();
        let row = rows.iter().find(|r| text(&r["labels"][0]).contains("XF")).unwrap();
        ["published", "missing", "closed"].map(|n| row["values"][column(&table, n)].as_i64().unwrap())
    };
    let clerk = |department: &str| s.desk(app, department, Role::DepartmentClerk);
    let at = |result: &str| format!("/api/v1/results/{result}/completion");
    let body = |day: chrono::NaiveDate, note: &str| json!({ "day": day, "note": note });
    assert_eq!(figures(), [1, 0, 0]);
    clerk("XF").get(&at(&result)).problem(404, "not_found");
    // Not by another department, not for the future, not before the visit, not without a word, not where nothing of the
    // kind follows.
    clerk("SJ").post(&at(&result), &body(today, "已更换")).problem(403, "denied");
    for (day, note) in [(today + Days::new(1), "x"), (today - Days::new(1), "x"), (today, " ")] {
        clerk("XF").post(&at(&result), &body(day, note)).problem(422, "invalid");
    }
    let id = s.county.ids.departments["SJ"].to_string();
    let conduct = s.conduct(app, &s.visits[0]);
    let fine =
        conduct["results"].as_array().unwrap().iter().find(|r| r["department_id"] == id.as_str()).unwrap();
    clerk("SJ").post(&at(&text(&fine["id"])), &body(today, "x")).problem(409, "nothing_to_complete");
    // What else is done about it does not complete it.
    let notice = json!({
        "kind": "copy_notice", "result_id": result, "to_department_id": id, "what": "招牌与登记名称不符",
    });
    let copy = clerk("XF").post("/api/v1/referrals", &notice).id();
    clerk("SJ").post(&format!("/api/v1/referrals/{copy}/acknowledge"), &json!({})).expect(200);
    assert_eq!(figures(), [1, 0, 0]);

    travel(app, today + Days::new(9));
    let made = clerk("XF").post(&at(&result), &body(today + Days::new(7), "已更换招牌")).expect(201);
    assert_eq!((&made["day"], &made["note"]), (&json!(today + Days::new(7)), &json!("已更换招牌")));
    assert_eq!(figures(), [1, 0, 1]);
    assert_eq!(clerk("SJ").get(&at(&result)).expect(200)["id"], made["id"]);
    clerk("XF").post(&at(&result), &body(today, "又一次")).problem(409, "completed_already");
});
