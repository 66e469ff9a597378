//! Kinds of trouble that the rest of the tests do not meet: plans that cannot do everything, what was sent back.

use super::attention;
use crate::planning::fixture::{day, small_joint, travel};
use crate::results::{sent, text};
use crate::support::{PASSWORD, both};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::store::{inspectors, items, subjects};
use serde_json::{Value, json};

both!(a_plan_that_cannot_do_everything_needs_attention_until_it_can, |app| {
    let (county, inspection) = small_joint(app, Notice::Either);
    let (sj, xf) = (county.ids.departments["SJ"], county.ids.departments["XF"]);
    let office = || app.login("coordinator", PASSWORD);
    for kind in ["planning_blocked", "unstaffed_visit"] {
        assert!(attention(&office(), kind).is_empty(), "{kind}");
    }
    // A subject has closed since the draw; the fire brigade has one officer left.
    let gone = county.ids.subjects[&county.input.subjects[0].key];
    let away: Vec<_> = (2..=6).map(|n| county.ids.inspectors[&format!("XF0{n}")]).collect();
    app.server
        .store
        .write(move |db| {
            let mut row = subjects::need(db, gone)?;
            let seen = row.version;
            "closed".clone_into(&mut row.state);
            row.version += 1;
            subjects::update(db, &row, seen)?;
            for id in &away {
                let mut row = inspectors::need(db, *id)?;
                let seen = row.version;
                "disabled".clone_into(&mut row.state);
                row.version += 1;
                inspectors::update(db, &row, seen)?;
            }
            Ok(())
        })
        .unwrap();
    let made = office().post("/api/v1/plannings", &county.whole(&[inspection], false));
    made.expect(201);
    let blocked = attention(&office(), "planning_blocked");
    assert_eq!((blocked.len(), text(&blocked[0]["link"])), (1, format!("/api/v1/plannings/{}", made.id())));
    assert_eq!(blocked[0]["department_ids"], json!([]));
    office().get(&text(&blocked[0]["link"])).expect(200);
    // A preview binds nobody: its visits are nobody's trouble yet.
    assert!(attention(&office(), "unstaffed_visit").is_empty());
    office().post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    assert_eq!(attention(&office(), "planning_blocked").len(), 1);
    let open = attention(&office(), "unstaffed_visit");
    assert_eq!(open.len(), 3);
    for row in &open {
        assert!(row["department_ids"].as_array().unwrap().contains(&json!(xf)), "{row}");
        assert_eq!((&row["severity"], &row["due"]), (&json!("yellow"), &json!("2026-03-31")));
        office().get(&text(&row["link"])).expect(200);
    }
    let desk = |id, login: &str| app.user(login, &[Role::DepartmentClerk], Some(id));
    assert_eq!(attention(&desk(xf, "xf-desk"), "unstaffed_visit").len(), 3);
    // What concerns the whole plan is the coordination office's.
    assert!(attention(&desk(sj, "sj-desk"), "planning_blocked").is_empty());
    travel(app, day("2026-04-01"));
    assert!(attention(&office(), "unstaffed_visit").iter().all(|r| r["severity"] == "red"));
});

both!(what_was_sent_back_waits_for_whoever_wrote_it, |app| {
    let s = sent(app);
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    s.hold(app, &s.visit);
    let legal = s.desk(app, "XF", Role::LegalReviewer);
    let list = legal.get(&format!("/api/v1/results?department_id={xf}&state=confirmed")).expect(200);
    let id = text(&list["items"][0]["id"]);
    legal.post(&format!("/api/v1/results/{id}/review"), &json!({})).expect(200);
    let head = s.desk(app, "XF", Role::DepartmentHead);
    head.post(&format!("/api/v1/results/{id}/return"), &json!({ "reason": "依据不全" })).expect(200);
    let back = attention(&s.desk(app, "XF", Role::DepartmentClerk), "returned_result");
    assert_eq!((back.len(), text(&back[0]["link"])), (1, format!("/api/v1/results/{id}")));
    assert!(text(&back[0]["what"]).contains("XF检查"), "{back:?}");
    legal.get(&text(&back[0]["link"])).expect(200);
    assert!(attention(&s.desk(app, "SJ", Role::DepartmentClerk), "returned_result").is_empty());
    assert_eq!(attention(&s.office(app), "returned_result").len(), 1);

    let item = s.county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())];
    app.server
        .store
        .write(move |db| {
            let mut row = items::need(db, item)?;
            let seen = row.version;
            "returned".clone_into(&mut row.state);
            row.version += 1;
            items::update(db, &row, seen)
        })
        .unwrap();
    let rows: Vec<Value> = attention(&s.desk(app, "SJ", Role::DepartmentClerk), "returned_item");
    assert_eq!((rows.len(), &rows[0]["department_ids"]), (1, &json!([sj])));
    s.desk(app, "SJ", Role::DepartmentClerk).get(&text(&rows[0]["link"])).expect(200);
    assert!(attention(&s.desk(app, "XF", Role::DepartmentClerk), "returned_item").is_empty());
});
