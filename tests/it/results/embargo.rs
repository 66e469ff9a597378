//! When the embargo of a surprise inspection ends: with the last team at the door, and not before.

use super::{Sent, path, text};
use crate::planning::fixture::{day, small_committed, travel};
use crate::support::both;
use onedoor::domain::draw::bundle::Bundle;
use onedoor::domain::draw::verify::{Verdict, verify_bytes};
use onedoor::domain::planning::input::Notice;
use serde_json::{Value, json};

both!(the_draw_and_the_announcement_are_public_when_the_last_team_is_there, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Unannounced);
    let sent = county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({}));
    assert_eq!(sent.expect(200)["count"], 4);
    let mut visits = county.visits(&planning);
    visits.sort_by_key(|v| v["day"].as_str().unwrap().to_owned());
    let s = Sent { visit: visits[0].clone(), visits, county, inspection };
    let draws = || app.anonymous().get("/api/v1/public/draws").expect(200);
    let draw = text(&draws()["items"][0]["id"]);
    let stored = app.server.store.read(|db| onedoor::store::draws::need(db, draw.parse().unwrap())).unwrap();
    let bundle = || app.anonymous().get(&format!("/api/v1/public/draws/{draw}")).bytes;
    let announced = || {
        let page = app.anonymous().get("/api/v1/public/announcements").expect(200);
        let feed = app.anonymous().get("/api/v1/public/feed.atom").text();
        let count = page["items"].as_array().unwrap().len();
        assert_eq!(feed.matches("term=\"announcement\"").count(), count);
        count
    };
    for visit in &s.visits {
        // Days, teams and subjects of those that wait are told nowhere.
        assert_eq!((announced(), draws()["items"][0]["held_back"].clone()), (0, Value::Bool(true)));
        let cut = bundle();
        assert_eq!(verify_bytes(&cut, None).verdict(), Verdict::Unfinished);
        assert!(Bundle::parse(&cut).unwrap().records.reveal.is_none());
        travel(app, day(visit["day"].as_str().unwrap()));
        let team = s.team(app, visit, "SJ");
        let body = json!({ "method": "code", "code": s.code(app, visit) });
        team.a.post(&format!("{}/check-in", path(visit)), &body).expect(200);
    }
    assert_eq!((announced(), draws()["items"][0]["held_back"].clone()), (1, Value::Bool(false)));
    assert_eq!(bundle(), stored.public);
    assert_eq!(verify_bytes(&bundle(), None).verdict(), Verdict::Verified);
});
