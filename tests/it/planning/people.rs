//! Who goes: not the same people to the same subject twice running, and not too many.

use super::fixture::{day, pages, small_committed};
use crate::results::{Sent, sent, text};
use crate::support::{TestApp, both};
use chrono::Days;
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use onedoor::store::inspectors::{self, Inspector};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn codes(visit: &Value, department: Option<&str>) -> BTreeSet<String> {
    let seats = visit["seats"].as_array().unwrap();
    let all = seats.iter().map(|s| text(&s["code"]));
    all.filter(|code| department.is_none_or(|d| code.starts_with(d))).collect()
}

/// Changes rows of the inspector directory.
pub(crate) fn change(app: &TestApp, ids: Vec<Id>, how: fn(&mut Inspector)) {
    app.server
        .store
        .write(move |db| {
            for id in &ids {
                let mut row = inspectors::need(db, *id)?;
                let seen = row.version;
                how(&mut row);
                row.version += 1;
                inspectors::update(db, &row, seen)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Plans a task of each department at the subject of a visit, from the day after; answers the visit they come to.
fn again(app: &TestApp, s: &Sent, visit: &Value, after: &str) -> Value {
    let mut tasks = Vec::new();
    for department in ["SJ", "XF"] {
        let item = s.county.ids.items[&(department.to_owned(), format!("{department}-1"))];
        let body = json!({
            "item_id": item, "subject_id": visit["subject"]["id"], "earliest": day(after) + Days::new(1),
            "latest": "2026-04-03", "reason": "专项检查",
        });
        tasks.push(s.desk(app, department, Role::DepartmentClerk).post("/api/v1/tasks", &body).id());
    }
    let body = json!({
        "period_from": day(after) + Days::new(1), "period_to": "2026-04-03", "inspections": [], "singles": true,
    });
    let made = s.office(app).post("/api/v1/plannings", &body);
    made.expect(201);
    s.office(app).post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let all = pages(&s.office(app), &format!("/api/v1/plannings/{}/visits?limit=200", made.id()));
    let of = |v: &&Value| v["tasks"].as_array().unwrap().iter().any(|t| t["id"] == tasks[0].as_str());
    all.iter().find(of).unwrap().clone()
}

both!(who_was_there_the_last_time_stays_away_the_next_while_others_can_go, |app| {
    let s = sent(app);
    // Whoever is left can lead, so that the rule is never held up by the A post.
    let all: Vec<_> = s.county.ids.inspectors.values().copied().collect();
    change(app, all, |row| row.can_lead = true);
    s.hold(app, &s.visits[0]);
    s.hold(app, &s.visits[1]);
    let after = text(&s.visits[1]["day"]);
    let next = again(app, &s, &s.visits[0], &after);
    let (old, new) = (codes(&s.visits[0], None), codes(&next, None));
    assert!(next["state"] == "staffed" && new.len() >= 4, "{next}");
    assert!(old.is_disjoint(&new), "{old:?} went, and {new:?} go");
    // Where a department has nobody else, the same go again: a rule of choice leaves no business uninspected.
    let there = codes(&s.visits[1], Some("SJ"));
    let others: Vec<_> = s
        .county
        .ids
        .inspectors
        .iter()
        .filter(|(code, _)| code.starts_with("SJ") && !there.contains(*code))
        .map(|(_, id)| *id)
        .collect();
    change(app, others, |row| "disabled".clone_into(&mut row.state));
    let next = again(app, &s, &s.visits[1], &after);
    assert_eq!(codes(&next, Some("SJ")), there, "{next}");
    assert!(codes(&s.visits[1], Some("XF")).is_disjoint(&codes(&next, Some("XF"))), "{next}");
});

#[test]
fn more_people_than_the_county_allows_are_not_sent_out() {
    // Each department alone sends two, and may not come at all with fewer: only dispatch can say no.
    let app = TestApp::sqlite_with("[procedure]\npeople_ceiling = 1\n");
    let (county, inspection, _) = small_committed(&app, Notice::Either);
    let refused = county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({}));
    let refused = refused.problem(409, "too_many_people");
    assert!(refused["title"].as_str().unwrap().contains("超过1人"), "{refused}");
}

#[test]
fn departments_that_would_be_too_many_people_together_come_one_after_the_other() {
    let app = TestApp::sqlite_with("[procedure]\npeople_ceiling = 3\n");
    let (county, inspection, planning) = small_committed(&app, Notice::Either);
    let visits = county.visits(&planning);
    let mut of: BTreeMap<String, usize> = BTreeMap::new();
    for visit in &visits {
        *of.entry(text(&visit["subject"]["key"])).or_default() += 1;
        assert!(visit["seats"].as_array().unwrap().len() <= 3, "{visit}");
    }
    assert!(of.values().all(|n| *n == 2), "two departments of two each: {of:?}");
    let run = county.coordinator.get(&format!("/api/v1/plannings/{planning}"));
    let told = run.expect(200)["blockers"].to_string();
    assert!(told.contains("超过单次入企人数上限3人"), "{told}");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
}
