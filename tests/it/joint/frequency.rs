//! The item list says how often an item may be checked at a subject in a year: no task goes beyond it without a cause.

use super::County;
use crate::support::{TestApp, both};
use serde_json::{Value, json};

fn cap(app: &TestApp, item: onedoor::ids::Id, n: i32) {
    app.server
        .store
        .write(move |db| {
            let mut row = onedoor::store::items::need(db, item)?;
            let seen = row.version;
            row.frequency_cap = Some(n);
            row.version += 1;
            onedoor::store::items::update(db, &row, seen)
        })
        .unwrap();
}

both!(an_item_is_checked_no_more_often_than_its_list_says, |app| {
    let c = County::new(app);
    let item = c.item("SCJG-1");
    cap(app, item, 1);
    // Of class D, so that it is drawn below.
    let subject = c.seeded.subjects["35040300000003"];
    let body = |more: Value| {
        let mut body = json!({
            "item_id": item, "subject_id": subject, "earliest": "2026-04-01", "latest": "2026-06-30",
            "reason": "专项检查",
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let first = c.market.post("/api/v1/tasks", &body(json!({})));
    first.expect(201);
    let full = c.market.post("/api/v1/tasks", &body(json!({}))).problem(409, "frequency_reached");
    let text = full["title"].as_str().unwrap();
    assert!(text.contains("已安排1次") && text.contains("上限1次") && text.contains("请注明事由"), "{text}");
    // A complaint is a cause, and does not use the cap up; another year and another subject have their own.
    c.market.post("/api/v1/tasks", &body(json!({ "cause": "complaint" }))).expect(201);
    let next_year = json!({ "earliest": "2027-01-04", "latest": "2027-02-26" });
    c.market.post("/api/v1/tasks", &body(next_year)).expect(201);
    let other = c.seeded.subjects["35040300000007"];
    c.market.post("/api/v1/tasks", &body(json!({ "subject_id": other }))).expect(201);

    // The draw meets both: the item is not checked once more, and the operator is told why; the partner's is.
    let id = c.confirmed(&c.with(|b| b["quota"] = json!({ "by_class": { "D": "全部" } })));
    let draw = c.opened(&id);
    c.revealed(&draw);
    let result = c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    assert_eq!(result["drawn"], 20);
    let blockers = result["blockers"].as_array().unwrap();
    let of: Vec<&Value> = blockers.iter().filter(|b| b["code"] == "frequency_reached").collect();
    assert_eq!((blockers.len(), of.len()), (2, 2), "{blockers:?}");
    assert!(of.iter().all(|b| b["department_id"] == json!(c.dept("SCJG01"))));
    assert!(of.iter().any(|b| b["subject_id"] == json!(subject)));
    let tasks = |department: &str| {
        let client = if department == "JYJ01" { &c.school } else { &c.market };
        let page = client.get(&format!("/api/v1/tasks?inspection={id}&limit=100")).expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((tasks("SCJG01"), tasks("JYJ01")), (18, 20));

    // What was cancelled was no check.
    let cancel = format!("/api/v1/tasks/{}/cancel", first.id());
    c.market.post(&cancel, &json!({ "reason": "改期" })).expect(200);
    c.market.post("/api/v1/tasks", &body(json!({}))).expect(201);
    // Without a cap of its own an item is checked as often as the department may come.
    let free = json!({ "item_id": c.item("XFJY-1") });
    for _ in 0..2 {
        c.fire.post("/api/v1/tasks", &body(free.clone())).expect(201);
    }
});

both!(two_that_ask_for_the_last_check_at_once_are_one, |app| {
    let c = County::new(app);
    cap(app, c.item("SCJG-1"), 1);
    let body = json!({
        "item_id": c.item("SCJG-1"), "subject_id": c.seeded.subjects["35040300000001"],
        "earliest": "2026-04-01", "latest": "2026-06-30", "reason": "专项检查",
    });
    let token = c.market.clone();
    let clients: Vec<_> = (0..4).map(|_| token.clone()).collect();
    let mut codes: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = clients
            .into_iter()
            .map(|who| {
                scope.spawn({
                    let body = &body;
                    move || who.post("/api/v1/tasks", body).status
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes, [201, 409, 409, 409]);
});
