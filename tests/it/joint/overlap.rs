//! The overlap board, and joint inspections made from it.

use super::County;
use crate::support::both;
use serde_json::json;

both!(plans_that_hit_the_same_subjects_become_one_inspection, |app| {
    let c = County::new(app);
    c.market.get("/api/v1/overlap?year=2026").problem(403, "denied");
    let board = c.office.get("/api/v1/overlap?year=2026").expect(200);
    assert_eq!(board["entries"].as_array().unwrap().len(), 4);
    let schools = board["matrix"].as_array().unwrap().iter().find(|r| r["kind"] == "学校").unwrap();
    assert_eq!((&schools["subjects"], &schools["shared"]), (&json!(80), &json!(80)));
    let best = &board["proposals"][0];
    assert_eq!(best["departments"], json!(["JYJ01", "SCJG01", "XFJY01"]));
    // Alone: 8 + 8 visits, and 80/120 of 4 · ⌈30 · 5 %⌉ rounded up; together the most of them.
    assert_eq!((&best["separate"], &best["joint"], &best["avoided"]), (&json!(22), &json!(8), &json!(14)));
    let entries = best["entries"].clone();
    let body = json!({ "entries": entries, "name": "校园综合检查" });
    c.overseer.post("/api/v1/overlap/accept", &body).problem(403, "denied");
    let made = c.office.post("/api/v1/overlap/accept", &body).expect(201);
    assert_eq!((&made["state"], &made["department_id"]), (&json!("inviting"), &json!(c.dept("SCJG01"))));
    assert_eq!(made["filter"]["kinds"], json!(["学校"]));
    assert_eq!(made["quota"], json!({ "total": 8 }));
    assert_eq!((&made["window_from"], &made["window_to"]), (&json!("2026-05-01"), &json!("2026-06-30")));
    assert_eq!(made["invitations"].as_array().unwrap().len(), 2);
    // The entries are taken.
    c.office.post("/api/v1/overlap/accept", &body).problem(422, "invalid");
    let board = c.office.get("/api/v1/overlap?year=2026").expect(200);
    assert!(board["entries"].as_array().unwrap().iter().all(|e| e["plan_entry_id"] != entries[0]));
    // A partner that accepts without choosing brings what it had planned.
    let id = made["id"].as_str().unwrap();
    for invitation in made["invitations"].as_array().unwrap() {
        let clerk = if invitation["department_id"] == json!(c.dept("JYJ01")) { &c.school } else { &c.fire };
        clerk
            .post(&format!("/api/v1/invitations/{}/accept", invitation["id"].as_str().unwrap()), &json!({}))
            .expect(200);
    }
    let done = c.market.post(&format!("/api/v1/inspections/{id}/confirm"), &json!({})).expect(200);
    let items: usize =
        done["participants"].as_array().unwrap().iter().map(|p| p["items"].as_array().unwrap().len()).sum();
    assert_eq!(items, 3);
    // Ended, its plan entries are free again.
    c.office.post(&format!("/api/v1/inspections/{id}/abort"), &json!({ "reason": "改期" })).expect(200);
    let board = c.office.get("/api/v1/overlap?year=2026").expect(200);
    assert_eq!(board["entries"].as_array().unwrap().len(), 4);
});

both!(entries_that_do_not_fit_are_refused, |app| {
    let c = County::new(app);
    let plan = |code: &str| c.seeded.plans[code];
    let accept = |entries: serde_json::Value| {
        c.office.post("/api/v1/overlap/accept", &json!({ "entries": entries, "name": "x" }))
    };
    accept(json!([plan("P-SCJG")])).problem(422, "invalid");
    accept(json!([plan("P-SCJG"), plan("P-WJJ")])).problem(409, "scope_unclear");
    let lead = json!({ "entries": [plan("P-SCJG"), plan("P-JYJ")], "name": "x", "lead_department_id": c.dept("WJJ01") });
    c.office.post("/api/v1/overlap/accept", &lead).problem(422, "invalid");
});
