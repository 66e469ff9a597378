//! One mail a day instead of one for each visit.

use crate::planning::fixture::{day, small_committed, travel};
use crate::support::{TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::planning::input::Notice;
use onedoor::service::papers::digest::{self, Round};
use onedoor::store::outbox;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Mails about dispatched visits by recipient: (subject, body).
fn mails(app: &TestApp) -> BTreeMap<String, Vec<(String, String)>> {
    let far = app.now() + TimeDelta::days(30);
    let rows = app.server.store.read(|db| outbox::due(db, far, 1_000)).unwrap();
    let mut by: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for mail in rows.into_iter().filter(|m| m.kind == "visits_dispatched") {
        by.entry(mail.recipient).or_default().push((mail.subject, mail.body));
    }
    by
}

fn tick(app: &TestApp) -> Round {
    app.server.as_system(digest::tick).unwrap()
}

both!(one_mail_a_day_for_each_whom_visits_concern, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let visits = county.visits(&planning);
    // What is before the first day is told by nobody.
    assert_eq!(tick(app), Round::default());
    county.clerk(app, "SJ");
    for person in &county.input.inspectors {
        county.inspector(app, &person.id);
    }
    // One by one, as clerks do it: still one mail.
    for visit in &visits {
        let path = format!("/api/v1/visits/{}/dispatch", visit["id"].as_str().unwrap());
        county.coordinator.post(&path, &json!({})).expect(200);
    }
    assert_eq!(inspection.to_string().len(), 36);
    assert_eq!(tick(app), Round::default(), "nine in the morning");
    assert_eq!(mails(app), BTreeMap::new());
    app.advance(TimeDelta::hours(8));
    // Two servers at the same second.
    let rounds: Vec<Round> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..2)
            .map(|_| {
                let server = Arc::clone(&app.server);
                scope.spawn(move || server.as_system(digest::tick).unwrap())
            })
            .collect();
        hands.into_iter().map(|h| h.join().unwrap()).collect()
    });
    assert_eq!(rounds.iter().filter(|r| r.mails > 0).count(), 1, "{rounds:?}");
    assert_eq!(rounds.iter().map(|r| r.visits).sum::<usize>(), 4);
    let sent = mails(app);
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for visit in &visits {
        for seat in visit["seats"].as_array().unwrap() {
            let code = seat["code"].as_str().unwrap().to_lowercase();
            *expected.entry(format!("p-{code}@example.com")).or_default() += 1;
        }
    }
    expected.insert("clerk-sj@example.com".to_owned(), 4);
    assert_eq!(sent.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (to, list) in &sent {
        assert_eq!(list.len(), 1, "{to}");
        let (subject, body) = &list[0];
        assert!(subject.contains(&format!("{}次入企", expected[to])), "{subject}");
        assert_eq!(body.matches("号饭店").count(), expected[to], "{body}");
        assert!(!subject.contains("饭店"), "{subject}");
    }
    // The next evening there is nothing new.
    app.advance(TimeDelta::days(1));
    assert_eq!(tick(app), Round::default());
    assert_eq!(mails(app), sent);
});

both!(a_missed_evening_is_told_the_next_morning, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    tick(app);
    county.inspector(app, county.visits(&planning)[0]["seats"][0]["code"].as_str().unwrap());
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    app.advance(TimeDelta::hours(23));
    assert_eq!((tick(app).visits, tick(app)), (4, Round::default()));
});

both!(what_takes_place_before_the_evening_mail_is_told_at_once, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Unannounced);
    tick(app);
    let mut visits = county.visits(&planning);
    visits.sort_by_key(|v| v["day"].as_str().unwrap().to_owned());
    let first = day(visits[0]["day"].as_str().unwrap());
    travel(app, first);
    let soon = visits.iter().filter(|v| day(v["day"].as_str().unwrap()) == first).count();
    let team: Vec<String> = visits[0]["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["code"].as_str().unwrap().to_owned())
        .collect();
    county.inspector(app, &team[0]);
    let office = app.login("coordinator", crate::support::PASSWORD);
    office.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let urgent = mails(app);
    let mine = &urgent[&format!("p-{}@example.com", team[0].to_lowercase())];
    assert_eq!(mine.len(), 1);
    app.advance(TimeDelta::hours(9));
    assert_eq!(tick(app).visits, 4 - soon, "told at once is not told again");
    for (subject, body) in mails(app).values().flatten() {
        for secret in ["饭店", "中山路", "350403600"] {
            assert!(!subject.contains(secret) && !body.contains(secret), "{subject}\n{body}");
        }
    }
});
