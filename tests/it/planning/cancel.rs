//! A task that is cancelled: its visit is shorter, a department without another task stays away, and nothing waits for
//! a seat that is gone.

use super::fixture::{County, pages, small_committed};
use crate::support::{Client, TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use onedoor::store::{county as county_rows, outbox};
use serde_json::{Value, json};

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn visit_path(visit: &Value) -> String {
    format!("/api/v1/visits/{}", text(&visit["id"]))
}

/// The department that leads a visit, and the other one.
fn sides(county: &County, visit: &Value) -> (&'static str, &'static str) {
    if text(&visit["lead_department_id"]) == county.ids.departments["SJ"].to_string() {
        ("SJ", "XF")
    } else {
        ("XF", "SJ")
    }
}

/// The task of a department at a visit.
fn task_of(county: &County, visit: &Value, department: &str) -> String {
    let id = county.ids.departments[department].to_string();
    let tasks = visit["tasks"].as_array().unwrap();
    text(&tasks.iter().find(|t| t["department_id"] == id.as_str()).unwrap()["id"])
}

fn codes(visit: &Value, department: Option<Id>) -> Vec<String> {
    let seats = visit["seats"].as_array().unwrap();
    let own = seats.iter().filter(|s| department.is_none_or(|d| s["department_id"] == json!(d)));
    own.map(|s| text(&s["code"])).collect()
}

fn cancel(client: &Client, task: &str) {
    client.post(&format!("/api/v1/tasks/{task}/cancel"), &json!({ "reason": "已在别处查过" })).expect(200);
}

fn mails(app: &TestApp, kind: &str) -> Vec<(String, String)> {
    let now = app.now() + TimeDelta::days(1);
    let rows = app.server.store.read(|db| outbox::due(db, now, 500)).unwrap();
    rows.into_iter().filter(|m| m.kind == kind).map(|m| (m.recipient, m.body)).collect()
}

fn subject_caps(app: &TestApp, county: &County, visit: &Value) -> Vec<Id> {
    let subject = county.ids.subjects[visit["subject"]["key"].as_str().unwrap()];
    let rows = app.server.store.read(|db| county_rows::caps_of(db, &[subject])).unwrap();
    rows.iter().map(|e| e.department_id).collect()
}

both!(a_department_without_a_task_left_stays_away_and_nothing_waits_for_its_seats, |app| {
    let (county, _, planning) = small_committed(app, Notice::Either);
    let office = county.coordinator.clone();
    let visits = county.visits(&planning);
    let clerks = [("SJ", county.clerk(app, "SJ")), ("XF", county.clerk(app, "XF"))];
    let heads = [("SJ", county.head(app, "SJ")), ("XF", county.head(app, "XF"))];
    let of = |list: &[(&str, Client); 2], d: &str| list.iter().find(|c| c.0 == d).unwrap().1.clone();
    let seen = |visit: &Value| office.get(&visit_path(visit)).expect(200);
    let request = |visit: &Value, department: &str| {
        let id = county.ids.departments[department];
        let seats = visit["seats"].as_array().unwrap();
        let seat = &seats.iter().find(|s| s["department_id"] == json!(id)).unwrap()["id"];
        let body = json!({ "seat_id": seat, "cause": "ill", "reason": "住院" });
        let made = of(&clerks, department).post(&format!("{}/replacements", visit_path(visit)), &body);
        assert_eq!(made.expect(201)["state"], "requested");
        made.id()
    };
    let state_of = |id: &str| text(&office.get(&format!("/api/v1/replacements/{id}")).expect(200)["state"]);

    // A visit that nobody has been told of.
    let first = &visits[0];
    let (stays, leaves) = sides(&county, first);
    let (stay_id, leave_id) = (county.ids.departments[stays], county.ids.departments[leaves]);
    assert_eq!(first["minutes"], 135, "15 to come in, 60 for each item");
    let waiting = request(first, leaves);
    let other = request(first, stays);
    cancel(&of(&clerks, leaves), &task_of(&county, first, leaves));
    let now = seen(first);
    assert_eq!((&now["state"], &now["minutes"]), (&json!("staffed"), &json!(75)));
    assert_eq!(now["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(now["departments"].as_array().unwrap().len(), 1);
    assert!(codes(&now, Some(leave_id)).is_empty() && codes(&now, None).len() == 2, "{now}");
    assert_eq!(now["lead_department_id"], json!(stay_id));
    assert_eq!((state_of(&waiting).as_str(), state_of(&other).as_str()), ("lapsed", "requested"));
    let approve = format!("/api/v1/replacements/{waiting}/approve");
    of(&heads, leaves).post(&approve, &json!({})).problem(409, "wrong_state");
    assert!(codes(&seen(first), Some(leave_id)).is_empty());
    // What waits for the others still keeps the visit back, what waited for those who stay away does not.
    let dispatch = format!("{}/dispatch", visit_path(first));
    office.post(&dispatch, &json!({})).problem(409, "replacement_open");
    let reject = format!("/api/v1/replacements/{other}/reject");
    of(&heads, stays).post(&reject, &json!({ "note": "可以参加" })).expect(200);
    office.post(&dispatch, &json!({})).expect(200);
    assert_eq!(subject_caps(app, &county, first), [stay_id]);

    // A team that was sent out is told.
    let second = &visits[1];
    let (stays, leaves) = sides(&county, second);
    let (stay_id, leave_id) = (county.ids.departments[stays], county.ids.departments[leaves]);
    office.post(&format!("{}/dispatch", visit_path(second)), &json!({})).expect(200);
    let sent = seen(second);
    let (gone, kept) = (codes(&sent, Some(leave_id)), codes(&sent, Some(stay_id)));
    let traveller = county.inspector(app, &gone[0]);
    traveller.get(&visit_path(second)).expect(200);
    let waiting = request(&sent, leaves);
    assert_eq!(subject_caps(app, &county, second).len(), 2);
    cancel(&of(&clerks, leaves), &task_of(&county, second, leaves));
    let now = seen(second);
    assert_eq!((&now["state"], &now["minutes"]), (&json!("dispatched"), &json!(75)));
    assert_eq!(codes(&now, None).len(), kept.len());
    assert_eq!(state_of(&waiting), "lapsed");
    assert_eq!(subject_caps(app, &county, second), [stay_id]);
    // Who stays away has nothing to do with it any more.
    traveller.get(&visit_path(second)).problem(404, "not_found");
    let mailbox = |code: &str| format!("p-{}@example.com", code.to_lowercase());
    let off = mails(app, "visit_cancelled");
    assert!(off.iter().any(|m| m.0 == mailbox(&gone[0]) && m.1.contains("不再需要本部门参加")), "{off:?}");
    assert!(!off.iter().any(|m| kept.iter().any(|k| m.0 == mailbox(k))));
    let of_department = format!("clerk-{}@example.com", stays.to_lowercase());
    assert!(mails(app, "visits_changed").iter().any(|m| m.0 == of_department));

    // With its last task the visit falls away, and whatever waited for its seats.
    let waiting = request(&now, stays);
    cancel(&of(&clerks, stays), &task_of(&county, second, stays));
    let dead = seen(second);
    assert_eq!((&dead["state"], &dead["seats"]), (&json!("cancelled"), &json!([])));
    assert_eq!(state_of(&waiting), "lapsed");
    assert!(subject_caps(app, &county, second).is_empty());
    let open = pages(&office, "/api/v1/replacements?state=requested&limit=50");
    assert_eq!(open, Vec::<Value>::new());
});
