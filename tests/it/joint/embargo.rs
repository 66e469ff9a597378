//! Attacks on the embargo: whoever watches the draw of a surprise inspection wants to know whom it will meet.

use super::County;
use crate::support::{Client, TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::draw::bundle::Bundle;
use onedoor::domain::draw::verify::{Status, Verdict, verify_bytes};
use serde_json::{Value, json};

/// What somebody without an account finds out about a draw, from every public place: his bundle is sound, ends at the
/// seal, and nothing else tells more.
fn outside(app: &TestApp, inspection: &str, draw: &str) {
    let anybody = app.anonymous();
    let served = anybody.get(&format!("/api/v1/public/draws/{draw}"));
    assert_eq!(served.status, 200);
    let report = verify_bytes(&served.bytes, None);
    let failed: Vec<_> = report.statements.iter().filter(|s| s.status == Status::Failed).collect();
    assert_eq!(report.verdict(), Verdict::Unfinished, "{failed:?}");
    let bundle = Bundle::parse(&served.bytes).unwrap();
    // The commitment is public, the rules by their digest.
    assert!(bundle.records.open.starts_with("vdr/1/open"));
    assert!(bundle.records.seal.is_some() && bundle.rules.is_none());
    assert_eq!(bundle.records.all().len(), 4);
    assert_eq!(bundle.log.entries.len(), 4);
    assert_eq!(bundle.log.checkpoints.len(), bundle.log.witnessed.len());
    assert!(bundle.winners.is_empty() && bundle.derived.is_none() && bundle.audit.is_none());
    let list = anybody.get("/api/v1/public/draws").expect(200);
    let row = list["items"].as_array().unwrap().iter().find(|d| d["id"] == draw).unwrap().clone();
    assert_eq!(row["held_back"], json!(true));
    assert_eq!(row["draw_id"].as_str().unwrap().len(), 64);
    for n in [0, 7, 79] {
        let asked = anybody.get(&format!("/api/v1/public/draws/{draw}/check?number={n}"));
        asked.problem(409, "no_outcome");
    }
    for i in [0, 40, 79] {
        let key = format!("35040300{i:06}");
        anybody.get(&format!("/api/v1/public/draws/{draw}/check?id={key}")).problem(409, "no_outcome");
        anybody.get(&format!("/api/v1/public/draws/{draw}/why?number={key}")).problem(409, "no_outcome");
    }
    let mut texts = vec![served.text()];
    for list in ["announcements", "results", "items", "plans", "draws", "feed.atom"] {
        texts.push(anybody.get(&format!("/api/v1/public/{list}")).text());
    }
    for text in &texts {
        for i in 0..120 {
            assert!(
                !text.contains(&format!("35040300{i:06}")) && !text.contains(&format!("第{i}号")),
                "{text}"
            );
        }
        assert!(!text.contains("学校联合抽查") && !text.contains("-P1"), "{text}");
    }
    // A department that does not take part is outside as well.
    for clerk in [relogin(app, "xfjy"), relogin(app, "wjj")] {
        for path in [
            format!("/api/v1/inspections/{inspection}"),
            format!("/api/v1/inspections/{inspection}/drawn"),
            format!("/api/v1/inspections/{inspection}/pool"),
            format!("/api/v1/inspections/{inspection}/draws"),
            format!("/api/v1/draws/{draw}"),
            format!("/api/v1/papers/inspections/{inspection}/draw-record"),
        ] {
            clerk.get(&path).problem(404, "not_found");
        }
        for list in ["tasks", "visits", "inspections", "publications", "plans"] {
            let page = clerk.get(&format!("/api/v1/{list}"));
            let items = page.expect(200)["items"].as_array().unwrap().clone();
            assert!(items.iter().all(|i| !i.to_string().contains(inspection)), "{list}");
            assert!(
                !matches!(list, "tasks" | "visits" | "inspections") || items.is_empty(),
                "{list}: {items:?}"
            );
        }
    }
}

fn relogin(app: &TestApp, login: &str) -> Client {
    app.login(login, crate::support::PASSWORD)
}

fn surprise(c: &County<'_>, draw: &Value) -> String {
    c.confirmed(&c.with(|b| {
        b["notice"] = json!("unannounced");
        b["draw"] = draw.clone();
    }))
}

both!(a_surprise_drawn_in_a_ceremony_is_told_to_nobody_outside, |app| {
    let c = County::new(app);
    let id = surprise(&c, &json!({ "policy": "ceremony", "witnesses": 2 }));
    let draw = c.opened(&id);
    c.revealed(&draw);
    // Everything from which the drawn follow is in the records now.
    outside(app, &id, &draw);
    c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    outside(app, &id, &draw);
    let witness = &c.witnesses[0];
    assert_eq!(witness.get(&format!("/api/v1/inspections/{id}/drawn")).expect(200)["items"], json!([]));
    assert_eq!(
        c.market.get(&format!("/api/v1/inspections/{id}/drawn")).expect(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        13
    );
    // A round for one that fell away is as silent, its bundle has the first round in it.
    let drawn = c.market.get(&format!("/api/v1/inspections/{id}/drawn")).expect(200);
    let gone = json!([{ "subject_id": drawn["items"][0]["subject_id"], "reason": "ZX" }]);
    let next = c
        .office
        .post(&format!("/api/v1/draws/{draw}/round"), &json!({ "gone": gone, "parties": c.parties() }))
        .expect(201);
    let next = next["id"].as_str().unwrap().to_owned();
    let later = format!("/api/v1/public/draws/{next}");
    app.anonymous().get(&later).problem(409, "held_back");
    c.revealed(&next);
    app.anonymous().get(&format!("{later}/check?number=3")).problem(409, "held_back");
    let abort = json!({ "code": "NO-POWER", "reason": "会场停电" });
    c.office.post(&format!("/api/v1/draws/{next}/abort"), &abort).expect(200);
    app.anonymous().get(&later).problem(409, "held_back");
    outside(app, &id, &draw);
    // Called off, it surprises nobody any more, and the draw is open to all.
    let reason = json!({ "reason": "专项工作取消" });
    c.market_head.post(&format!("/api/v1/inspections/{id}/abort"), &reason).expect(200);
    let full = app.anonymous().get(&format!("/api/v1/public/draws/{draw}"));
    assert_eq!(verify_bytes(&full.bytes, None).verdict(), Verdict::Verified);
    assert_eq!(app.anonymous().get(&later).status, 200);
});

both!(a_public_beacon_computes_nothing_while_the_surprise_lasts, |app| {
    let c = County::new(app);
    // What the inspection leaves open, an item of the partner decides.
    let item = c.item("JYJ-1");
    app.server
        .store
        .write(move |db| {
            let mut row = onedoor::store::items::need(db, item)?;
            let seen = row.version;
            "unannounced".clone_into(&mut row.notice);
            row.version += 1;
            onedoor::store::items::update(db, &row, seen)
        })
        .unwrap();
    let id = c.confirmed(&c.with(|b| {
        b["notice"] = json!("either");
        b["draw"] = json!({ "policy": "public", "witnesses": 2 });
    }));
    c.office.post(&format!("/api/v1/inspections/{id}/freeze-pool"), &json!({})).expect(201);
    let mut parties = c.parties();
    parties["beacons"] = json!([{ "kind": "lottery", "reference": "SSQ/2026025" }]);
    let draw = c.office.post(&format!("/api/v1/inspections/{id}/draws"), &parties).expect(201);
    let draw = draw["id"].as_str().unwrap().to_owned();
    c.revealed(&draw);
    // The lottery is drawn on television: with the reveal in hand everybody would know before the county does.
    outside(app, &id, &draw);
    app.advance(TimeDelta::minutes(12));
    let beacon = json!({ "beacons": [{ "kind": "lottery", "reference": "SSQ/2026025", "value": "01.02.03.04.05.06+07" }] });
    c.office.post(&format!("/api/v1/draws/{draw}/beacon"), &beacon).expect(200);
    outside(app, &id, &draw);
    c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    outside(app, &id, &draw);
});

both!(an_announced_draw_is_open_from_the_start, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let draw = c.opened(&id);
    c.revealed(&draw);
    c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    let served = app.anonymous().get(&format!("/api/v1/public/draws/{draw}"));
    assert_eq!(verify_bytes(&served.bytes, None).verdict(), Verdict::Verified);
    let list = app.anonymous().get("/api/v1/public/draws").expect(200);
    assert_eq!(list["items"][0]["held_back"], json!(false));
});
