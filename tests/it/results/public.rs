//! What somebody without an account can read, and what he cannot.

use super::{dispatched, path, sent, text};
use crate::planning::fixture::small_committed;
use crate::support::both;
use onedoor::domain::planning::input::Notice;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

both!(a_result_is_public_when_it_is_published_and_shows_no_person, |app| {
    let s = sent(app);
    let anybody = app.anonymous();
    s.hold(app, &s.visit);
    let empty = anybody.get("/api/v1/public/results");
    assert_eq!(empty.expect(200)["items"], json!([]));
    s.publish(app, &s.visit, "XF");
    let page = anybody.get("/api/v1/public/results");
    let row = page.expect(200)["items"][0].clone();
    let fields = [
        "conclusion",
        "department",
        "department_code",
        "id",
        "inspected_on",
        "inspection",
        "item",
        "number",
        "outcome_words",
        "outcomes",
        "published_at",
        "revision",
        "state",
        "subject",
        "subject_key",
    ];
    assert_eq!(keys(&row), fields);
    assert_eq!(row["outcome_words"], json!(["发现问题已责令改正"]));
    assert_eq!(row["inspected_on"], s.visit["day"]);
    assert_eq!(row["number"], "示抽查〔2026〕1号");
    let body = page.text();
    for secret in ["王小明", "安全出口", "请复查", "先生"] {
        assert!(!body.contains(secret), "{secret} in {body}");
    }
    // A cache asks whether it changed.
    let etag = page.header("etag").unwrap().to_owned();
    assert!(page.header("cache-control").unwrap().starts_with("public"));
    assert_eq!(anybody.with("If-None-Match", &etag).get("/api/v1/public/results").status, 304);
    s.publish(app, &s.visit, "SJ");
    let now = anybody.with("If-None-Match", &etag).get("/api/v1/public/results?limit=1");
    assert_eq!(now.status, 200);
    let next = text(&now.json()["next"]);
    let second = anybody.get(&format!("/api/v1/public/results?limit=1&after={next}")).expect(200);
    assert_ne!(second["items"][0]["id"], now.json()["items"][0]["id"]);
    assert_eq!(second.get("next"), None);

    let key = text(&s.visit["subject"]["key"]);
    let of = |query: &str| {
        let page = anybody.get(&format!("/api/v1/public/results?{query}")).expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(of(&format!("subject={key}")), 2);
    assert_eq!(of(&format!("subject={}", text(&s.visits[1]["subject"]["key"]))), 0);
    assert_eq!(of("subject=91350000MA00000000"), 0);
    assert_eq!(of(&format!("department_id={}", s.county.ids.departments["SJ"])), 1);
    anybody.get("/api/v1/public/results?state=draft").problem(422, "invalid");
    // The ways inside stay shut.
    anybody.get("/api/v1/results").problem(401, "login_required");
    anybody.get(&format!("{}/conclusion", path(&s.visit))).problem(401, "login_required");
});

both!(an_announcement_names_no_subject, |app| {
    let (county, inspection, _) = small_committed(app, Notice::Either);
    let anybody = app.anonymous();
    assert_eq!(anybody.get("/api/v1/public/announcements").expect(200)["items"], json!([]));
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let page = anybody.get("/api/v1/public/announcements");
    let row = page.expect(200)["items"][0].clone();
    assert_eq!(
        keys(&row),
        ["departments", "field", "id", "name", "number", "state", "subjects", "window_from", "window_to"]
    );
    assert_eq!((&row["subjects"], &row["state"]), (&json!(4), &json!("dispatched")));
    assert_eq!(row["departments"].as_array().unwrap().len(), 2);
    for subject in &county.input.subjects {
        for secret in [&subject.key, &subject.name, &subject.address] {
            for list in ["announcements", "results", "items", "plans"] {
                let text = anybody.get(&format!("/api/v1/public/{list}")).text();
                assert!(!text.contains(secret.as_str()), "{secret} in {list}");
            }
        }
    }
});

both!(items_are_public_once_they_are_published, |app| {
    let s = dispatched(app);
    let page = app.anonymous().get("/api/v1/public/items");
    let rows = page.expect(200)["items"].as_array().unwrap().clone();
    let mut names: Vec<String> = rows.iter().map(|i| text(&i["name"])).collect();
    names.sort();
    assert_eq!(names, ["SJ检查", "XF检查"]);
    assert!(page.header("etag").is_some());
    let id = s.county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())];
    app.server
        .store
        .write(move |db| {
            let mut item = onedoor::store::items::need(db, id)?;
            let seen = item.version;
            "retired".clone_into(&mut item.state);
            item.version += 1;
            onedoor::store::items::update(db, &item, seen)
        })
        .unwrap();
    let rows = app.anonymous().get("/api/v1/public/items").expect(200);
    assert_eq!(rows["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.anonymous().get("/api/v1/public/plans").expect(200)["items"], json!([]));
});

both!(the_export_has_the_national_field_names, |app| {
    let s = sent(app);
    let path = "/api/v1/exports/publications?format=";
    let empty = s.office(app);
    assert_eq!(empty.get(&format!("{path}json")).expect(200), json!([]));
    let titles = "uniscid,entName,raninsPlanId,raninsPlaneName,raninsTaskId,raninsTaskName,raninsTypeName,insAuth,\
                  insDate,seqno,raninsItemName,raninsCheckResName";
    let lines =
        |text: String| text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(empty.get(&format!("{path}csv")).text()), [titles]);
    empty.get(&format!("{path}xml")).problem(422, "invalid");
    app.anonymous().get(&format!("{path}csv")).problem(401, "login_required");
    for visit in &s.visits[..2] {
        s.hold(app, visit);
        s.publish(app, visit, "XF");
    }
    s.publish(app, &s.visit, "SJ");
    let office = s.office(app);
    let records = office.get(&format!("{path}json")).expect(200);
    let records = records.as_array().unwrap();
    assert_eq!(records.len(), 3);
    let fields = [
        "details",
        "entName",
        "insAuth",
        "insDate",
        "raninsPlanId",
        "raninsPlaneName",
        "raninsTaskId",
        "raninsTaskName",
        "raninsTypeName",
        "uniscid",
    ];
    assert_eq!(keys(&records[0]), fields);
    let fire =
        records.iter().find(|r| r["insAuth"] == "示范县XF局" && r["uniscid"] == s.visit["subject"]["key"]);
    let fire = fire.unwrap();
    assert_eq!((&fire["raninsTaskId"], &fire["insDate"]), (&json!("示抽查〔2026〕1号"), &s.visit["day"]));
    let detail =
        json!({ "seqno": 1, "raninsItemName": "XF检查", "raninsCheckResName": "发现问题已责令改正" });
    assert_eq!(fire["details"], json!([detail]));
    let csv = lines(office.get(&format!("{path}csv")).text());
    assert_eq!((csv.len(), csv[0].as_str()), (4, titles));
    assert!(csv[1..].iter().all(|l| l.split(',').count() == 12 && l.contains(",1,")), "{csv:?}");
});
