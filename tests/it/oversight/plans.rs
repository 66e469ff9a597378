//! Plan entries: the base frozen on approval, the check against the floors, planned against done.

use crate::joint::County;
use crate::planning::fixture::{day, travel};
use crate::results::sent;
use crate::support::both;
use onedoor::domain::access::Role;
use onedoor::ids::Id;
use onedoor::store::plans;
use serde_json::json;

both!(the_base_of_a_plan_is_frozen_when_it_is_approved, |app| {
    let c = County::new(app);
    let at = format!("/api/v1/plans/{}", c.seeded.plans["P-SCJG"]);
    let before = c.market.get(&format!("{at}/check")).expect(200);
    assert_eq!(before["findings"], json!([]));
    let base = &before["base"];
    assert_eq!((&base["frozen"], &base["subjects"]), (&json!(false), &json!(80)));
    assert_eq!(base["classes"], json!({ "A": 20, "B": 20, "C": 20, "D": 20 }));
    // 10 % of 20, four times.
    assert_eq!((&base["planned_least"], &base["planned_most"]), (&json!(8), &json!(8)));
    c.market_head.post(&format!("{at}/publish"), &json!({})).expect(200);
    let frozen = c.market.get(&format!("{at}/check")).expect(200);
    assert_eq!((&frozen["base"]["frozen"], &frozen["base"]["sha256"]), (&json!(true), &base["sha256"]));
    assert_eq!(frozen["base"]["on"], "2026-03-02");
    // Anybody reads what was approved, over which base.
    let public = app.anonymous().get("/api/v1/public/plans?year=2026").expect(200);
    let shown = &public["items"][0];
    assert_eq!((&shown["code"], &shown["joint"]), (&json!("P-SCJG"), &json!(false)));
    assert_eq!((&shown["base"], &shown["base_on"]), (&json!(80), &json!("2026-03-02")));
    // Forty schools close: what is not frozen shrinks, the base of the plan stays.
    let gone: Vec<Id> = (0..40).map(|i| c.seeded.subjects[&format!("35040300{i:06}")]).collect();
    app.server
        .store
        .write(move |db| {
            for id in &gone {
                let mut row = onedoor::store::subjects::need(db, *id)?;
                let seen = row.version;
                "closed".clone_into(&mut row.state);
                row.version += 1;
                onedoor::store::subjects::update(db, &row, seen)?;
            }
            Ok(())
        })
        .unwrap();
    travel(app, day("2026-03-20"));
    let login = |who: &str| app.login(who, crate::support::PASSWORD);
    let later = login("scjg").get(&format!("{at}/execution")).expect(200);
    assert_eq!(later["base"], frozen["base"]);
    assert_eq!((&later["standing"], &later["drawn"]), (&json!("waiting"), &json!(0)));
    let other = format!("/api/v1/plans/{}", c.seeded.plans["P-JYJ"]);
    assert_eq!(login("jyj").get(&format!("{other}/check")).expect(200)["base"]["subjects"], 40);
    // The window passes and nothing was done.
    travel(app, day("2026-07-01"));
    assert_eq!(login("scjg").get(&format!("{at}/execution")).expect(200)["standing"], "fewer");
    login("jyj").get(&format!("{at}/check")).problem(404, "not_found");
    login("jdb").get(&format!("{at}/check")).expect(200);
});

both!(a_plan_is_warned_about_floors_and_classes, |app| {
    let c = County::new(app);
    let codes = |code: &str, text: serde_json::Value| -> Vec<String> {
        let body = json!({ "code": code, "year": 2026, "text": text });
        let id = c.market.post("/api/v1/plans", &body).id();
        let check = c.market.get(&format!("/api/v1/plans/{id}/check")).expect(200);
        let found = check["findings"].as_array().unwrap();
        found.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
    };
    let kinds = json!({ "kinds": ["学校"] });
    assert_eq!(codes("1", json!({ "name": "甲", "filter": kinds, "ratio": "不超过2%" })), ["below_floor"]);
    let classes = json!([{ "class": "A", "ratio": "20%" }, { "class": "D", "ratio": "10%" }]);
    assert_eq!(
        codes("2", json!({ "name": "乙", "filter": kinds, "class_ratios": classes })),
        ["not_monotone"]
    );
    assert_eq!(
        codes("3", json!({ "name": "丙", "filter": kinds, "ratio": "根据实际情况确定" })),
        ["ratio_not_understood"]
    );
    // Aimed at classes: the floor is 10 %.
    let aimed = json!({ "kinds": ["学校"], "credits": ["D"] });
    assert_eq!(codes("4", json!({ "name": "丁", "filter": aimed, "ratio": "5%" })), ["below_floor"]);
    assert_eq!(codes("5", json!({ "name": "戊", "filter": aimed, "ratio": "10%" })), Vec::<String>::new());
    let nobody = json!({ "kinds": ["矿山"] });
    assert_eq!(codes("6", json!({ "name": "己", "filter": nobody, "ratio": "10%" })), ["nobody"]);
});

both!(neither_more_nor_fewer_checks_than_planned, |app| {
    let s = sent(app);
    let item = s.county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())];
    let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
    let mut plans_: Vec<(String, Id)> = Vec::new();
    for (code, ratio) in [("ALL", "全部"), ("TWO", "2户"), ("MORE", "不少于2户")] {
        let text = json!({ "name": code, "items": [item], "ratio": ratio, "window_from": "2026-03-01", "window_to": "2026-04-30" });
        let id = clerk.post("/api/v1/plans", &json!({ "code": code, "year": 2026, "text": text })).id();
        plans_.push((code.to_owned(), id.parse().unwrap()));
    }
    let (ids, inspection) = (plans_.clone(), s.inspection);
    app.server
        .store
        .write(move |db| {
            for (_, id) in &ids {
                let mut row = plans::need(db, *id)?;
                let seen = row.version;
                row.inspection_id = Some(inspection);
                row.version += 1;
                plans::update(db, &row, seen)?;
            }
            Ok(())
        })
        .unwrap();
    let standings = || {
        let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
        let of = |id: &Id| clerk.get(&format!("/api/v1/plans/{id}/execution")).expect(200);
        plans_.iter().map(|(_, id)| of(id)["standing"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(standings(), ["under_way", "under_way", "under_way"]);
    for visit in &s.visits[..3] {
        s.hold(app, visit);
    }
    let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
    let all = clerk.get(&format!("/api/v1/plans/{}/execution", plans_[0].1)).expect(200);
    assert_eq!((&all["drawn"], &all["inspected"], &all["open"]), (&json!(4), &json!(3), &json!(1)));
    assert_eq!(standings(), ["under_way", "more", "under_way"]);
    // The last visit never takes place.
    travel(app, day("2026-05-01"));
    assert_eq!(standings()[..2], ["fewer", "more"]);
});
