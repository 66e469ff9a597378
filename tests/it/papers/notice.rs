//! The notice to the business: in time, late, overdue.

use crate::planning::fixture::{day, travel};
use crate::results::{dispatched, path, text};
use crate::support::both;
use chrono::Days;
use onedoor::domain::access::Role;
use onedoor::store::journal::Filter;
use serde_json::json;

both!(a_notice_is_recorded_once_and_names_nobody_in_the_log, |app| {
    let s = dispatched(app);
    let at = format!("{}/notice", path(&s.visit));
    let post = format!("{at}/delivery");
    let lead = s.visit["lead_department_id"].as_str().unwrap();
    let (own, other) =
        if s.county.ids.departments["SJ"].to_string() == lead { ("SJ", "XF") } else { ("XF", "SJ") };
    let clerk = s.desk(app, own, Role::DepartmentClerk);
    let open = clerk.get(&at).expect(200);
    assert_eq!((&open["standing"], &open["overdue"]), (&json!("open"), &json!(false)));
    let table = onedoor::domain::calendar::WorkdayTable::of_days([]);
    let on = day(s.visit["day"].as_str().unwrap());
    let last = onedoor::domain::notice::last_day(&table, on, 3).unwrap();
    assert_eq!(open["last_day"], last.to_string());

    clerk.post(&post, &json!({ "channel": "pigeon", "receiver": "" })).problem(422, "invalid");
    let later = app.now() + chrono::TimeDelta::hours(1);
    let body = json!({ "channel": "mail", "receiver": "王小明", "delivered_at": later });
    let wrong = clerk.post(&post, &body).problem(422, "invalid");
    assert_eq!(wrong["errors"][0]["code"], "in_the_future", "{wrong}");
    let body = json!({ "channel": "mail", "receiver": "王小明", "delivered_at": "2026-03-01T00:00:00Z" });
    assert_eq!(clerk.post(&post, &body).problem(422, "invalid")["errors"][0]["code"], "before_dispatch");
    s.desk(app, other, Role::DepartmentClerk).post(&post, &body).problem(403, "denied");
    s.desk(app, own, Role::LegalReviewer).post(&post, &body).problem(403, "denied");

    let body = json!({ "channel": "in_person", "receiver": "王小明", "note": "店主本人" });
    let done = clerk.post(&post, &body).expect(200);
    assert_eq!(
        (&done["standing"], &done["deliveries"][0]["receiver"]),
        (&json!("delivered"), &json!("王小明"))
    );
    let again = clerk.post(&post, &json!({ "channel": "mail", "receiver": "别人" })).expect(200);
    assert_eq!(again["deliveries"], done["deliveries"]);
    let filter = Filter { act: Some("notice_delivered".to_owned()), ..Filter::default() };
    let rows = app
        .server
        .store
        .read(|db| onedoor::store::journal::list(db, crate::support::REGION, &filter, 9))
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!String::from_utf8_lossy(&rows[0].leaf).contains("王小明"));
    assert!(String::from_utf8_lossy(rows[0].private_body.as_ref().unwrap()).contains("王小明"));
});

both!(what_was_not_delivered_in_time_needs_attention_and_then_a_reason, |app| {
    let s = dispatched(app);
    let list = "/api/v1/notices/overdue";
    assert_eq!(s.office(app).get(list).expect(200)["items"], json!([]));
    let table = onedoor::domain::calendar::WorkdayTable::of_days([]);
    let on = day(s.visit["day"].as_str().unwrap());
    let last = onedoor::domain::notice::last_day(&table, on, 3).unwrap();
    travel(app, last);
    let due = |app: &crate::support::TestApp| {
        let page = s.office(app).get(list).expect(200);
        page["items"].as_array().unwrap().iter().map(|n| text(&n["visit_id"])).collect::<Vec<_>>()
    };
    assert!(!due(app).contains(&text(&s.visit["id"])), "its last day is not over");
    travel(app, last + Days::new(1));
    assert!(due(app).contains(&text(&s.visit["id"])));
    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    assert!(!clerk.get(list).expect(200)["items"].as_array().unwrap().is_empty());
    let other = app.department("ZZ", "示范县林业局", "inspecting");
    let foreign = app.user("forest", &[Role::DepartmentClerk], Some(other));
    assert_eq!(foreign.get(list).expect(200)["items"], json!([]));
    let one = s.office(app).get(&format!("{list}?limit=1")).expect(200);
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    assert_eq!(one["items"][0]["overdue"], true);

    let post = format!("{}/notice/delivery", path(&s.visit));
    let office = s.office(app);
    let wrong =
        office.post(&post, &json!({ "channel": "mail", "receiver": "王小明" })).problem(422, "invalid");
    assert_eq!(wrong["errors"][0]["code"], "late_without_reason", "{wrong}");
    let body = json!({ "channel": "mail", "receiver": "王小明", "reason": "首次邮寄退回" });
    let done = office.post(&post, &body).expect(200);
    assert_eq!((&done["standing"], &done["overdue"]), (&json!("delivered_late"), &json!(false)));
    assert!(!due(app).contains(&text(&s.visit["id"])));
});

both!(an_inspector_of_the_team_may_hand_the_notice_over, |app| {
    let s = dispatched(app);
    let team = s.team(app, &s.visit, "XF");
    let post = format!("{}/notice/delivery", path(&s.visit));
    let body = json!({ "channel": "left_behind", "receiver": "邻居见证" });
    assert_eq!(team.a.post(&post, &body).expect(200)["standing"], "delivered");
    assert_eq!(team.a.get("/api/v1/notices/overdue").expect(200)["items"], json!([]));
});
