//! Replacing an inspector: only the vacant seat is drawn again, and anybody can repeat the draw.

use super::fixture::{County, small_committed};
use crate::support::both;
use onedoor::domain::planning::input::Notice;
use onedoor::domain::seat_draw;
use onedoor::ids::Id;
use onedoor::store::inspectors;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn seats(visit: &Value) -> Vec<(String, String, String)> {
    let text = |s: &Value, k: &str| s[k].as_str().unwrap().to_owned();
    visit["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (text(s, "id"), text(s, "code"), text(s, "role")))
        .collect()
}

/// A dispatched visit with a seat of department SJ: (visit, seat, code).
fn a_seat(county: &County, planning: &str, inspection: Id) -> (Value, String, String) {
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let visit = county.visits(planning).remove(0);
    let (seat, code, _) = seats(&visit).into_iter().find(|s| s.1.starts_with("SJ")).unwrap();
    (visit, seat, code)
}

both!(a_replacement_draws_only_the_vacant_seat, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let (visit, seat, code) = a_seat(&county, &planning, inspection);
    let path = format!("/api/v1/visits/{}", visit["id"].as_str().unwrap());
    let ask = json!({ "seat_id": seat, "cause": "ill", "reason": "住院" });
    let inspector = county.inspector(app, &code);
    let colleague = seats(&visit).into_iter().find(|s| s.1 != code).unwrap().1;
    let colleague = county.inspector(app, &colleague);
    colleague.post(&format!("{path}/replacements"), &ask).problem(403, "denied");
    let (clerk, head) = (county.clerk(app, "SJ"), county.head(app, "SJ"));
    county.clerk(app, "XF").post(&format!("{path}/replacements"), &ask).problem(403, "denied");
    inspector
        .post(&format!("{path}/replacements"), &json!({ "seat_id": app.id(), "cause": "ill", "reason": "x" }))
        .problem(422, "invalid");
    let made = inspector.post(&format!("{path}/replacements"), &ask);
    assert_eq!(made.expect(201)["state"], "requested");
    clerk.post(&format!("{path}/replacements"), &ask).problem(409, "wrong_state");
    let request = format!("/api/v1/replacements/{}", made.id());
    clerk.post(&format!("{request}/approve"), &json!({})).problem(403, "denied");
    county.head(app, "XF").post(&format!("{request}/approve"), &json!({})).problem(404, "not_found");
    head.post(&format!("{request}/reject"), &json!({})).problem(422, "invalid");
    let done = head.post(&format!("{request}/approve"), &json!({ "note": "同意" })).expect(200);
    assert_eq!(done["state"], "redrawn");
    head.post(&format!("{request}/approve"), &json!({})).problem(409, "wrong_state");

    let now = county.coordinator.get(&path).expect(200);
    let (old, new) = (seats(&visit), seats(&now));
    assert_eq!(new.len(), old.len());
    assert!(new.iter().all(|s| s.1 != code));
    let newcomers: Vec<_> = new.iter().filter(|s| old.iter().all(|o| o.1 != s.1)).collect();
    assert_eq!(newcomers.len(), 1);
    assert!(newcomers[0].1.starts_with("SJ"));
    for s in old.iter().filter(|s| s.1 != code) {
        assert!(new.iter().any(|n| n.0 == s.0 && n.1 == s.1), "{s:?} was moved");
    }
    // The A post stays with somebody who may lead where there is one.
    let lead = new.iter().find(|s| s.2 == "lead_inspector").unwrap();
    let may = |c: &str| county.input.inspectors.iter().any(|p| p.id == c && p.can_lead);
    assert!(may(&lead.1) || new.iter().all(|s| !may(&s.1)));
    inspector.get(&path).problem(404, "not_found");

    // The draw again, from the record alone: tickets of all candidates, the smallest wins.
    let draw = &done["draws"][0];
    let run = county.coordinator.get(&format!("/api/v1/plannings/{planning}")).expect(200);
    assert_eq!((&draw["seed"], &draw["seat"]), (&run["seed"], &json!(seat)));
    let lp = |parts: &[&[u8]]| {
        let mut h = Sha256::new();
        for p in parts {
            h.update(u32::try_from(p.len()).unwrap().to_be_bytes());
            h.update(p);
        }
        hex::encode(h.finalize())
    };
    let seed = hex::decode(run["seed"].as_str().unwrap()).unwrap();
    let candidates = draw["candidates"].as_array().unwrap();
    let excluded = draw["excluded"].as_array().unwrap();
    assert_eq!(candidates.len() + excluded.len(), 6);
    let mut best: Option<(String, String)> = None;
    for c in candidates {
        let person = c["inspector"].as_str().unwrap();
        let ticket = lp(&[b"onedoor/1/replacement", &seed, seat.as_bytes(), b"1", person.as_bytes()]);
        assert_eq!(c["ticket"], json!(ticket));
        if best.as_ref().is_none_or(|b| ticket < b.0) {
            best = Some((ticket, person.to_owned()));
        }
    }
    assert_eq!(draw["winner"], json!(best.unwrap().1));
    assert_eq!(draw["winner"], json!(newcomers[0].1));
});

both!(without_anybody_left_it_says_why_and_the_reserve_helps, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let (visit, seat, code) = a_seat(&county, &planning, inspection);
    // Everybody of the department who is not on the team loses the certificate, but two in the reserve pool.
    let team: Vec<String> = seats(&visit).into_iter().map(|s| s.1).collect();
    let others: Vec<String> = county
        .input
        .inspectors
        .iter()
        .map(|p| p.id.clone())
        .filter(|c| c.starts_with("SJ") && !team.contains(c))
        .collect();
    let rows: Vec<Id> = others.iter().map(|c| county.ids.inspectors[c]).collect();
    app.server
        .store
        .write(move |db| {
            for (n, id) in rows.iter().enumerate() {
                let mut row = inspectors::need(db, *id)?;
                if n < 2 {
                    row.reserve = true;
                } else {
                    "retired".clone_into(&mut row.state);
                }
                row.version += 1;
                inspectors::update(db, &row, 1)?;
            }
            Ok(())
        })
        .unwrap();
    let (clerk, head) = (county.clerk(app, "SJ"), county.head(app, "SJ"));
    let path = format!("/api/v1/visits/{}", visit["id"].as_str().unwrap());
    let made = clerk.post(
        &format!("{path}/replacements"),
        &json!({ "seat_id": seat, "cause": "other", "reason": "调训" }),
    );
    let request = format!("/api/v1/replacements/{}", made.id());
    let problem = head.post(&format!("{request}/approve"), &json!({})).problem(409, "nobody_left");
    let text = problem["title"].as_str().unwrap();
    assert!(text.contains("后备库") && text.contains("示范县XF局"), "{text}");
    // The approval stands, the seat is vacant, the record is kept.
    let kept = head.get(&request).expect(200);
    assert_eq!(kept["state"], "exhausted");
    assert_eq!(kept["draws"].as_array().unwrap().len(), 1);
    assert!(seats(&county.coordinator.get(&path).expect(200)).iter().all(|s| s.1 != code));
    let done = head.post(&format!("{request}/reopen"), &json!({})).expect(200);
    assert_eq!(done["state"], "redrawn");
    assert_eq!(
        (&done["draws"][1]["round"], done["draws"][1]["candidates"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    assert_eq!(seats(&county.coordinator.get(&path).expect(200)).len(), team.len());
});

both!(a_recusal_empties_every_seat_at_the_subject, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let (visit, seat, code) = a_seat(&county, &planning, inspection);
    let path = format!("/api/v1/visits/{}", visit["id"].as_str().unwrap());
    // The business asks through the other department.
    let clerk = county.clerk(app, "XF");
    let ask = json!({ "seat_id": seat, "cause": "recusal_requested", "reason": "与负责人有亲属关系" });
    county.inspector(app, &code).post(&format!("{path}/replacements"), &ask).problem(403, "denied");
    let made = clerk.post(&format!("{path}/replacements"), &ask);
    assert_eq!(made.expect(201)["requester"], "business");
    let head = county.head(app, "SJ");
    head.post(&format!("/api/v1/replacements/{}/approve", made.id()), &json!({})).expect(200);
    let subject = county.ids.subjects[visit["subject"]["key"].as_str().unwrap()];
    let rows = app.server.store.read(|db| onedoor::store::county::recusals_of(db, &[subject])).unwrap();
    assert!(rows.iter().any(|r| r.inspector_id == county.ids.inspectors[&code] && r.state == "approved"));

    // A recusal decided elsewhere does the same for the next one.
    let (_, next, _) = seats(&county.coordinator.get(&path).expect(200))
        .into_iter()
        .find(|s| s.1.starts_with("XF"))
        .unwrap();
    let declared = county.inspector(app, &next).post(
        "/api/v1/recusals",
        &json!({ "inspector_id": county.ids.inspectors[&next], "subject_id": subject, "reason": "股东", "source": "inspector" }),
    );
    declared.expect(201);
    let path_of = format!("/api/v1/recusals/{}/approve", declared.id());
    county.head(app, "XF").post(&path_of, &json!({})).expect(200);
    assert!(seats(&county.coordinator.get(&path).expect(200)).iter().all(|s| s.1 != next));
});

#[test]
fn a_changed_record_does_not_verify() {
    use onedoor::domain::planning::input::{TeamMode, UnitKind};
    let person = |code: &str, bar| seat_draw::Person {
        code: code.to_owned(),
        bar,
        kind: UnitKind::Station,
        unit: format!("{code}所"),
    };
    let seat = seat_draw::Seat {
        seed: [9; 32],
        seat: "s".to_owned(),
        round: 1,
        mode: TeamMode::Bureau,
        town: "城关镇",
        stays: &[(UnitKind::Station, "甲所".to_owned())],
    };
    let pool = [
        person("甲", None),
        person("乙", None),
        person("丙", Some(seat_draw::Bar::OnLeave)),
        person("丁", None),
    ];
    let record = seat_draw::draw(&seat, &pool);
    assert!(seat_draw::verifies(&record));
    let mut turned = pool.to_vec();
    turned.reverse();
    assert_eq!(seat_draw::draw(&seat, &turned), record, "the order of the pool does not matter");
    let mut forged = record.clone();
    forged.winner = Some(record.candidates[1].inspector.clone());
    assert!(!seat_draw::verifies(&forged));
    let mut forged = record.clone();
    forged.candidates.swap(0, 1);
    assert!(!seat_draw::verifies(&forged));
    let mut forged = record.clone();
    forged.round = 2;
    assert!(!seat_draw::verifies(&forged));
    // 跨所: not from the station of one who stays.
    let apart = seat_draw::draw(&seat_draw::Seat { mode: TeamMode::StationStation, ..seat.clone() }, &pool);
    assert!(apart.excluded.iter().any(|e| e.inspector == "甲" && e.reason == seat_draw::Bar::TeamMode));
}
