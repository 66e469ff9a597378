//! What anybody can read: the feed, the draws, and why a business was or was not drawn.

use super::two_held;
use crate::joint::County;
use crate::results::{sent, text};
use crate::support::both;
use serde_json::json;

fn entries(xml: &str) -> Vec<String> {
    xml.split("<entry>").skip(1).map(str::to_owned).collect()
}

fn inside<'a>(xml: &'a str, tag: &str) -> &'a str {
    let from = xml.find(&format!("<{tag}>")).unwrap() + tag.len() + 2;
    &xml[from..from + xml[from..].find(&format!("</{tag}>")).unwrap()]
}

both!(the_feed_tells_what_was_published_and_nothing_else, |app| {
    let s = sent(app);
    let anybody = app.anonymous();
    let path = "/api/v1/public/feed.atom";
    let empty = anybody.get(path);
    assert_eq!(
        (empty.status, empty.header("content-type")),
        (200, Some("application/atom+xml; charset=utf-8"))
    );
    let before = entries(&empty.text());
    // The announcement and the draw; no subject is named.
    assert_eq!(before.len(), 2);
    for subject in &s.county.input.subjects {
        assert!(!empty.text().contains(&subject.name) && !empty.text().contains(&subject.key));
    }
    s.hold(app, &s.visit);
    s.publish(app, &s.visit, "XF");
    let now = anybody.get(path);
    let xml = now.text();
    let results: Vec<String> = entries(&xml).into_iter().filter(|e| e.contains("term=\"result\"")).collect();
    assert_eq!(results.len(), 1);
    assert!(
        results[0].contains(&text(&s.visit["subject"]["name"])) && results[0].contains("发现问题已责令改正")
    );
    for secret in ["王小明", "安全出口", "请复查", "先生"] {
        assert!(!xml.contains(secret), "{secret} in {xml}");
    }
    // Identifiers stay, and every one is there once; the feed is as new as its newest entry.
    let ids = |xml: &str| entries(xml).iter().map(|e| inside(e, "id").to_owned()).collect::<Vec<_>>();
    let (old, new) = (ids(&empty.text()), ids(&xml));
    assert!(old.iter().all(|id| new.contains(id)) && new.iter().all(|id| id.starts_with("urn:uuid:")));
    assert_eq!(inside(&xml, "updated"), inside(&entries(&xml)[0], "updated"));
    assert_eq!(inside(&xml, "id"), inside(&empty.text(), "id"));
    let updated: Vec<String> = entries(&xml).iter().map(|e| inside(e, "updated").to_owned()).collect();
    assert!(updated.is_sorted_by(|a, b| a >= b), "{updated:?}");
    // A cache asks whether it changed.
    let etag = now.header("etag").unwrap().to_owned();
    assert_eq!(anybody.with("If-None-Match", &etag).get(path).status, 304);
    assert!(now.header("cache-control").unwrap().contains("stale-if-error"));
    s.publish(app, &s.visit, "SJ");
    assert_eq!(anybody.with("If-None-Match", &etag).get(path).status, 200);
});

both!(every_public_list_may_be_cached, |app| {
    two_held(app);
    let anybody = app.anonymous();
    for list in ["results", "items", "plans", "announcements", "draws", "feed.atom"] {
        let path = format!("/api/v1/public/{list}");
        let page = anybody.get(&path);
        assert_eq!(page.status, 200, "{list}");
        let cache = page.header("cache-control").unwrap();
        assert!(
            cache.starts_with("public, max-age=") && cache.contains("stale-if-error="),
            "{list}: {cache}"
        );
        let etag = page.header("etag").unwrap().to_owned();
        assert_eq!(anybody.with("If-None-Match", &etag).get(&path).status, 304, "{list}");
    }
    let draws = anybody.get("/api/v1/public/draws").expect(200);
    let id = text(&draws["items"][0]["id"]);
    let bundle = anybody.get(&format!("/api/v1/public/draws/{id}"));
    assert!(bundle.header("cache-control").unwrap().starts_with("public"));
});

both!(a_business_learns_why_and_nothing_about_others, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let draw = c.opened(&id);
    let anybody = app.anonymous();
    let why = |number: &str| anybody.get(&format!("/api/v1/public/draws/{draw}/why?number={number}"));
    // Nothing can be said before there is a result.
    why("35040300000001").problem(409, "no_outcome");
    c.revealed(&draw);
    c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    let drawn = c.office.get(&format!("/api/v1/inspections/{id}/drawn")).expect(200);
    let keys: Vec<String> = (0..120).map(|i| format!("35040300{i:06}")).collect();
    let subject = |key: &String| c.seeded.subjects[key].to_string();
    let is_drawn = |key: &&String| {
        drawn["items"].as_array().unwrap().iter().any(|d| d["subject_id"] == json!(subject(key)))
    };
    let winner = keys.iter().find(is_drawn).unwrap();
    let school = keys[..80].iter().find(|k| !is_drawn(k)).unwrap();
    let answer = why(winner);
    let told = answer.expect(200);
    assert_eq!(told["fate"], "drawn");
    assert!(answer.header("cache-control").unwrap().starts_with("public"));
    assert!(told["number"].as_u64().is_some() && told["ticket"].as_str().is_some());
    // Whoever was not drawn, whoever was never in the pool (a hotel) and whoever does not exist get the same answer: who
    // is in the pool is nobody else's business.
    let texts: Vec<String> = [school.as_str(), &keys[100], "350403999999999"]
        .iter()
        .map(|key| {
            let told = why(key).expect(200);
            assert_eq!(told["fate"], "not_listed");
            assert_eq!((&told["number"], &told["ticket"]), (&json!(null), &json!(null)));
            text(&told["text"]).replace(key, "")
        })
        .collect();
    assert!(texts.iter().all(|t| *t == texts[0]), "{texts:?}");
    for other in keys.iter().filter(|k| *k != winner) {
        assert!(!answer.text().contains(other.as_str()));
    }
    why("").problem(422, "invalid");
    anybody.get(&format!("/api/v1/public/draws/{}/why?number=1", app.id())).problem(404, "not_found");
});

both!(what_people_write_names_nobody_in_public, |app| {
    let c = County::new(app);
    let officer = app.user("zhang", &[], None);
    let user = officer.user.unwrap();
    app.server
        .store
        .write(move |db| {
            let mut account = onedoor::store::accounts::get(db, user)?.unwrap();
            "张晓东".clone_into(&mut account.name);
            account.version += 1;
            onedoor::store::accounts::update(db, &account, account.version - 1)
        })
        .unwrap();
    let id = c.confirmed(&c.with(|b| b["name"] = json!("张晓东举报(13812345678)专项联合抽查")));
    let draw = c.opened(&id);
    let reason =
        "张晓东和SCJG01人员1到场,身份证11010519491231002X,电话13812345678,统一社会信用代码91350403MA2XXXXX0B";
    let abort = json!({ "code": "STAFF", "reason": reason });
    c.office.post(&format!("/api/v1/draws/{draw}/abort"), &abort).expect(200);
    // Inside it stays as it was written.
    assert!(text(&c.office.get(&format!("/api/v1/draws/{draw}")).expect(200)["reason"]).contains("张晓东"));
    let list = app.anonymous().get("/api/v1/public/draws").expect(200);
    let shown = text(&list["items"][0]["reason"]);
    assert_eq!(
        shown,
        "STAFF 张**和S********到场,身份证110*************2X,电话138******78,统一社会信用代码91350403MA2XXXXX0B"
    );
});
