//! Return visits: announced before anybody can know the seed, drawn, and drawn again by whoever doubts.

use super::{clerk, faults, overseer, pairs};
use crate::planning::fixture::{day, travel};
use crate::results::{sent, text};
use crate::support::{TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::draw::bytes::unhex_n;
use onedoor::domain::draw::note::{SignedCheckpoint, VerifierKey};
use onedoor::domain::return_visit as rule;
use onedoor::worker::Sealer;
use serde_json::{Value, json};

fn seal(app: &TestApp) -> usize {
    app.advance(TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap().unwrap()
}

both!(a_return_visit_is_drawn_by_a_seed_nobody_knew, |app| {
    let s = sent(app);
    let last = s.visits.iter().map(|v| day(v["day"].as_str().unwrap())).max().unwrap();
    for visit in &s.visits[..3] {
        s.hold(app, visit);
    }
    travel(app, last);
    let boss = overseer(app);
    let list = "/api/v1/return-rounds";
    let body = |count: i64| json!({ "from": s.visit["day"], "to": last, "count": count });
    clerk(&s, app, "SJ").post(list, &body(2)).problem(403, "denied");
    s.office(app).post(list, &body(2)).problem(403, "denied");
    boss.post(list, &body(4)).problem(409, "pool_too_small");
    let bad = json!({ "from": last, "to": s.visit["day"], "count": 0, "nonce": "XYZ" });
    let expected: Vec<(String, String)> = faults(&boss.post(list, &bad));
    for fault in pairs(&[("/count", "out_of_range"), ("/nonce", "malformed")]) {
        assert!(expected.contains(&fault), "{expected:?}");
    }
    seal(app);
    let made = boss.post(list, &body(2));
    let round = made.expect(201);
    // The visit that is not held yet is not among them.
    let codes: Vec<String> = round["pool"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(codes.len(), 3);
    assert!(!codes.contains(&text(&s.visits[3]["code"])));
    assert_eq!((&round["seed"], &round["checkpoint"]), (&json!(""), &json!("")));
    let at = format!("{list}/{}", made.id());
    let draw = format!("{at}/draw");
    // Not sealed; then sealed, but the checkpoint may still be replaced within its minute.
    boss.post(&draw, &json!({})).problem(409, "checkpoint_not_settled");
    assert!(seal(app) > 0);
    boss.post(&draw, &json!({})).problem(409, "checkpoint_not_settled");
    app.advance(TimeDelta::seconds(61));
    seal(app);
    app.advance(TimeDelta::seconds(61));
    // Later entries and later checkpoints change nothing.
    s.office(app).get(&at).expect(200);
    seal(app);
    s.office(app).post(&draw, &json!({})).problem(403, "denied");
    let drawn = boss.post(&draw, &json!({})).expect(200);
    boss.post(&draw, &json!({})).problem(409, "wrong_state");
    assert_eq!(drawn["correct"], true);

    // Drawn again outside the server, from what it shows and its public key.
    let note = SignedCheckpoint::parse(&text(&drawn["round"]["checkpoint"])).unwrap();
    let key = VerifierKey::parse(app.anonymous().get("/api/v1/journal/key").text().trim()).unwrap();
    assert!(note.signed_by(&key));
    let nonce: [u8; 16] = unhex_n(&text(&drawn["round"]["nonce"])).unwrap();
    let pool = rule::pool_hash(crate::support::REGION, &codes);
    assert_eq!(text(&round["pool_hash"]), hex::encode(pool));
    let seed = rule::seed(&text(&drawn["round"]["checkpoint"]), &nonce, &pool);
    assert_eq!(text(&drawn["round"]["seed"]), hex::encode(seed));
    let expected: Vec<String> = rule::draw(&seed, 3, 2).into_iter().map(|i| codes[i].clone()).collect();
    let visits: Vec<String> = drawn["visits"].as_array().unwrap().iter().map(|v| text(&v["visit"])).collect();
    assert_eq!(visits, expected);
    assert_eq!(s.office(app).get(&at).expect(200)["correct"], true);

    // The answers.
    let asked = text(&drawn["visits"][0]["id"]);
    let answers = format!("/api/v1/return-visits/{asked}/answers");
    let today = onedoor::clock::china_date(app.now());
    let mut all: Value = json!({});
    for question in rule::Question::ALL {
        all[question.as_str()] = json!("yes");
    }
    all["held"] = json!("maybe");
    all["extra"] = json!("yes");
    let wrong = faults(&boss.put(&answers, &json!({ "answers": all, "day": today })));
    assert_eq!(wrong, pairs(&[("/answers/held", "unknown_value"), ("/answers/extra", "unknown_value")]));
    all["held"] = json!("no");
    all.as_object_mut().unwrap().remove("extra");
    let body = json!({ "answers": all, "text": "无人到店", "day": today });
    s.office(app).put(&answers, &body).problem(403, "denied");
    clerk(&s, app, "SJ").put(&answers, &body).problem(403, "denied");
    assert_eq!(boss.put(&answers, &body).expect(200)["answers"]["held"], "no");

    // Somebody changes which visit was drawn, behind the server's back.
    let id: onedoor::ids::Id = asked.parse().unwrap();
    app.server
        .store
        .write(move |db| {
            let mut row = onedoor::store::voice::return_visits::need(db, id)?;
            let seen = row.version;
            row.number = (row.number + 1) % 3;
            row.version += 1;
            onedoor::store::voice::return_visits::update(db, &row, seen)
        })
        .unwrap();
    assert_eq!(boss.get(&at).expect(200)["correct"], false);
});
