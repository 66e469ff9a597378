//! Inviting, answering, reminding, escalating.

use super::{County, day};
use crate::support::both;
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::service::invitations;
use serde_json::json;

both!(numbers_follow_each_other_and_drafts_can_be_edited, |app| {
    let c = County::new(app);
    let first = c.market.post("/api/v1/inspections", &c.body()).expect(201);
    assert_eq!(first["number"], "示抽查〔2026〕1号");
    assert_eq!(first["state"], "draft");
    // A refused creation takes no number.
    let body = c.with(|b| b["items"] = json!([c.item("JYJ-1")]));
    let refused = c.market.post("/api/v1/inspections", &body).problem(422, "invalid");
    assert_eq!(refused["errors"][0]["code"], "other_department");
    let second = c.market.post("/api/v1/inspections", &c.body()).expect(201);
    assert_eq!(second["number"], "示抽查〔2026〕2号");
    let path = format!("/api/v1/inspections/{}", first["id"].as_str().unwrap());
    let change = c.with(|b| {
        b["name"] = json!("新名称");
        b["quota"] = json!({ "total": 9 });
    });
    c.market.put(&path, &change).problem(428, "precondition_required");
    let changed = c.market.if_match(1).put(&path, &change).expect(200);
    assert_eq!((&changed["name"], &changed["quota"]), (&json!("新名称"), &json!({ "total": 9 })));
    c.market.if_match(1).put(&path, &change).problem(412, "stale");
    // Others do not see it; the office does and changes nothing.
    c.school.get(&path).problem(404, "not_found");
    c.office.get(&path).expect(200);
    c.office.if_match(2).put(&path, &change).problem(403, "denied");
    app.anonymous().get(&path).problem(401, "login_required");
    // Every fault at once.
    let faulty = json!({
        "name": "", "filter": { "kinds": ["学校", "学校"] }, "quota": { "share": "根据实际情况确定" },
        "window_from": "2026-06-30", "window_to": "2026-05-01", "notice": "either",
        "draw": { "policy": "ceremony", "witnesses": 0 },
    });
    let faults = c.market.post("/api/v1/inspections", &faulty).problem(422, "invalid");
    let pointers: Vec<&str> =
        faults["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    for wanted in ["/name", "/filter/kinds", "/quota/share", "/window_to", "/draw/witnesses"] {
        assert!(pointers.contains(&wanted), "{wanted} in {pointers:?}");
    }
});

both!(the_preview_counts_and_warns, |app| {
    let c = County::new(app);
    let id = c.start(&c.with(|b| b["quota"] = json!({ "by_class": { "A": "30%", "D": "1%" } })));
    let preview = c.market.get(&format!("/api/v1/inspections/{id}/preview")).expect(200);
    assert_eq!(preview["eligible"], 80);
    assert_eq!(preview["by_class"], json!({ "A": 20, "B": 20, "C": 20, "D": 20 }));
    assert_eq!(preview["by_town"]["城关镇"], 40);
    // ⌈20 · 30 %⌉ + ⌈20 · 1 %⌉; B and C are not named.
    assert_eq!(preview["drawn"], 7);
    let codes: Vec<&str> =
        preview["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"not_monotone"), "{codes:?}");
    let related: Vec<&str> =
        preview["related"].as_array().unwrap().iter().map(|r| r["department_id"].as_str().unwrap()).collect();
    assert!(related.contains(&c.dept("JYJ01").to_string().as_str()));
});

both!(without_a_quota_the_county_s_ratios_hold_and_a_crowd_is_warned_about, |app| {
    let c = County::new(app);
    let id = c.start(&c.with(|b| {
        b.as_object_mut().unwrap().remove("quota");
        b["people_per_department"] = json!(12);
    }));
    let path = format!("/api/v1/inspections/{id}");
    let ratios = json!({ "by_class": { "A": "1%", "B": "2%", "C": "10%", "D": "30%" } });
    assert_eq!(c.market.get(&path).expect(200)["quota"], ratios);
    let preview = c.market.get(&format!("{path}/preview")).expect(200);
    // Of twenty in each class: 1, 1, 2 and 6.
    assert_eq!(preview["drawn"], 10);
    let codes: Vec<&str> =
        preview["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"many_people"), "{codes:?}");
    let both = json!({ "total": 5, "share": "3%" });
    let wrong = c.with(|b| b["quota"] = both);
    c.market.post("/api/v1/inspections", &wrong).problem(422, "invalid");
});

both!(partners_accept_decline_and_propose, |app| {
    let c = County::new(app);
    let id = c.start(&c.body());
    let path = format!("/api/v1/inspections/{id}");
    // Confirming an inspection that waits for answers.
    let partners = json!({ "partners": [
        { "department_id": c.dept("JYJ01"), "required": true },
        { "department_id": c.dept("XFJY01"), "message": "请派员" },
        { "department_id": c.dept("WJJ01") },
    ]});
    c.school.post(&format!("{path}/invite"), &partners).problem(404, "not_found");
    let own = json!({ "partners": [{ "department_id": c.dept("SCJG01") }] });
    c.market.post(&format!("{path}/invite"), &own).problem(422, "invalid");
    let view = c.market.post(&format!("{path}/invite"), &partners).expect(200);
    assert_eq!(view["state"], "inviting");
    let by = |code: &str| {
        let id = c.dept(code).to_string();
        let list = view["invitations"].as_array().unwrap();
        let own = list.iter().find(|v| v["department_id"] == json!(id)).unwrap();
        assert_eq!(own["due_day"], "2026-03-09");
        format!("/api/v1/invitations/{}", own["id"].as_str().unwrap())
    };
    let (school, fire, health) = (by("JYJ01"), by("XFJY01"), by("WJJ01"));
    c.market.post(&format!("{path}/confirm"), &json!({})).problem(409, "not_settled");
    // Nobody answers for somebody else; who takes part sees it and may not answer.
    c.fire.post(&format!("{school}/accept"), &json!({ "items": [c.item("XFJY-1")] })).problem(403, "denied");
    c.market
        .post(&format!("{school}/accept"), &json!({ "items": [c.item("SCJG-1")] }))
        .problem(403, "denied");
    c.office.post(&format!("{school}/accept"), &json!({})).problem(403, "denied");
    c.school.post(&format!("{school}/accept"), &json!({ "items": [] })).problem(422, "invalid");
    c.school
        .post(&format!("{school}/accept"), &json!({ "items": [c.item("WJJ-1")] }))
        .problem(422, "invalid");
    let yes = json!({ "items": [c.item("JYJ-1")], "inspectors": [c.seeded.inspectors["JYJ01-P1"], c.seeded.inspectors["JYJ01-P2"]] });
    assert_eq!(c.school.post(&format!("{school}/accept"), &yes).expect(200)["state"], "accepted");
    assert_eq!(
        c.school.post(&format!("{school}/accept"), &yes).problem(409, "wrong_state")["state"],
        "accepted"
    );
    // The health office declines, with a reason.
    c.health.post(&format!("{health}/decline"), &json!({ "reason": " " })).problem(422, "invalid");
    let no = c.health.post(&format!("{health}/decline"), &json!({ "reason": "本季度人员不足" })).expect(200);
    assert_eq!(no["reason"], "本季度人员不足");
    // The fire brigade proposes other dates; the initiator keeps its own, then takes the second proposal.
    let proposal = |from: &str| {
        json!({
            "window_from": from, "window_to": "2026-07-31", "reason": "专项行动", "items": [c.item("XFJY-1")],
        })
    };
    c.fire.post(&format!("{fire}/propose"), &proposal("2026-06-01")).expect(200);
    c.market.post(&format!("{path}/confirm"), &json!({})).problem(409, "not_settled");
    c.fire.post(&format!("{fire}/agree"), &json!({})).problem(403, "denied");
    c.market.post(&format!("{fire}/insist"), &json!({ "reason": "学期安排" })).expect(200);
    c.fire.post(&format!("{fire}/propose"), &proposal("2026-05-20")).expect(200);
    let agreed = c.market.post(&format!("{fire}/agree"), &json!({})).expect(200);
    assert_eq!((&agreed["state"], &agreed["window_from"]), (&json!("accepted"), &json!("2026-05-20")));
    let view = c.market.post(&format!("{path}/confirm"), &json!({})).expect(200);
    assert_eq!(view["state"], "confirmed");
    assert_eq!(view["window_to"], "2026-07-31");
    let roles: Vec<&str> =
        view["participants"].as_array().unwrap().iter().map(|p| p["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["initiator", "partner", "partner"]);
    // A partner changes its own part, and only its own.
    let version = view["version"].as_i64().unwrap();
    let part = json!({ "items": [c.item("JYJ-1")], "inspectors": [] });
    c.school.if_match(version).put(&format!("{path}/participation"), &part).expect(200);
    c.health.if_match(version + 1).put(&format!("{path}/participation"), &part).problem(409, "not_accepted");
    // Who was required steps back: the inspection waits again.
    c.school.post(&format!("{school}/retract"), &json!({ "reason": "考试周" })).expect(200);
    assert_eq!(c.market.get(&path).expect(200)["state"], "inviting");
    let blocked = c.market.post(&format!("{path}/confirm"), &json!({})).problem(409, "not_settled");
    assert!(blocked["title"].as_str().unwrap().contains("教育局"), "{blocked}");
    c.market.post(&format!("{school}/reinvite"), &json!({})).expect(200);
    c.school.post(&format!("{school}/accept"), &json!({ "items": [c.item("JYJ-1")] })).expect(200);
    c.market.post(&format!("{path}/confirm"), &json!({})).expect(200);
    // Back to the draft: everybody is asked anew, their items are remembered.
    c.market.post(&format!("{path}/revise"), &json!({ "reason": "范围调整" })).expect(200);
    c.market
        .post(&format!("{path}/invite"), &json!({ "partners": [{ "department_id": c.dept("JYJ01") }] }))
        .expect(200);
    c.school.post(&format!("{school}/accept"), &json!({})).expect(200);
    // The end.
    c.school.post(&format!("{path}/abort"), &json!({ "reason": "x" })).problem(403, "denied");
    c.market.post(&format!("{path}/abort"), &json!({ "reason": "x" })).problem(403, "denied");
    let ended =
        c.market_head.post(&format!("{path}/abort"), &json!({ "reason": "上级统一部署" })).expect(200);
    assert_eq!((&ended["state"], &ended["abort_reason"]), (&json!("aborted"), &json!("上级统一部署")));
    c.office.post(&format!("{path}/abort"), &json!({ "reason": "x" })).problem(409, "wrong_state");
});

both!(related_departments_are_those_that_supervise, |app| {
    let c = County::new(app);
    let id = c.start(&c.body());
    let view = c
        .market
        .key("related-1")
        .post(&format!("/api/v1/inspections/{id}/invite"), &json!({ "related": true }))
        .expect(200);
    let invited: Vec<(String, bool)> = view["invitations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["department_id"].as_str().unwrap().to_owned(), v["related"].as_bool().unwrap()))
        .collect();
    // Schools are supervised by market, education and fire; the health office has hotels only.
    assert_eq!(invited.len(), 2, "{invited:?}");
    assert!(invited.contains(&(c.dept("JYJ01").to_string(), true)));
    assert!(invited.contains(&(c.dept("XFJY01").to_string(), true)));
    let again = c
        .market
        .key("related-1")
        .post(&format!("/api/v1/inspections/{id}/invite"), &json!({ "related": true }));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
});

both!(silence_is_reminded_of_and_escalated, |app| {
    let c = County::new(app);
    // Wednesday 1 April; Monday the 6th is Qingming.
    app.advance(TimeDelta::days((day("2026-04-01") - day("2026-03-02")).num_days()));
    let market = app.login("scjg", crate::support::PASSWORD);
    let body = c.body();
    let id = market.post("/api/v1/inspections", &body).expect(201)["id"].as_str().unwrap().to_owned();
    let view = market
        .post(
            &format!("/api/v1/inspections/{id}/invite"),
            &json!({ "partners": [{ "department_id": c.dept("JYJ01") }, { "department_id": c.dept("XFJY01") }] }),
        )
        .expect(200);
    assert_eq!(view["invitations"][0]["due_day"], "2026-04-09");
    let (mut reminded, mut escalated) = (Vec::new(), Vec::new());
    for _ in 0..365 {
        app.advance(TimeDelta::days(1));
        let today = app.now().date_naive();
        let round = app.server.as_system(invitations::tick).unwrap();
        // Twice on one day does nothing more.
        assert_eq!(app.server.as_system(invitations::tick).unwrap(), invitations::Round::default());
        if round.reminded > 0 {
            reminded.push((today, round.reminded));
        }
        if round.escalated > 0 {
            escalated.push((today, round.escalated));
        }
    }
    // After two and four working days: 2, 3, (4-6 off), 7, 8 April; the ninth is the last day.
    assert_eq!(reminded, [(day("2026-04-03"), 2), (day("2026-04-08"), 2)]);
    assert_eq!(escalated, [(day("2026-04-10"), 2)]);
    let office = app.login("xtb", crate::support::PASSWORD);
    let list = office.get("/api/v1/invitations?state=escalated").expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let mails = app.server.store.read(|db| onedoor::store::outbox::list(db, "350403", None, None, 200));
    let kinds: Vec<String> = mails.unwrap().into_iter().map(|m| m.kind).collect();
    let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(count("invitation_sent"), 2);
    assert_eq!(count("invitation_reminder"), 4);
    // The office and, for each, the initiator's clerk and head.
    assert_eq!(count("invitation_escalated"), 2 + 2 * 2);
    // The office gives one more time, and the other is withdrawn by it.
    let ids: Vec<String> =
        list["items"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap().to_owned()).collect();
    let (mut one, mut other) = (ids[0].clone(), ids[1].clone());
    if list["items"][0]["department_id"] != json!(c.dept("JYJ01")) {
        std::mem::swap(&mut one, &mut other);
    }
    let market = app.login("scjg", crate::support::PASSWORD);
    market.post(&format!("/api/v1/invitations/{one}/extend"), &json!({})).problem(403, "denied");
    office.post(&format!("/api/v1/invitations/{one}/extend"), &json!({})).expect(200);
    office
        .post(&format!("/api/v1/invitations/{other}/withdraw"), &json!({ "reason": "不再需要" }))
        .expect(200);
    // The department no longer sees the inspection.
    let fire = app.login("xfjy", crate::support::PASSWORD);
    fire.get(&format!("/api/v1/inspections/{id}")).problem(404, "not_found");
    let school = app.login("jyj", crate::support::PASSWORD);
    school
        .post(&format!("/api/v1/invitations/{one}/accept"), &json!({ "items": [c.item("JYJ-1")] }))
        .expect(200);
    market.post(&format!("/api/v1/inspections/{id}/confirm"), &json!({})).expect(200);
});

both!(another_county_sees_nothing, |app| {
    let c = County::new(app);
    let id = c.start(&c.body());
    let stranger = app.user("stranger", &[Role::Overseer], None);
    let user = stranger.user.unwrap();
    app.server
        .store
        .write(move |db| {
            onedoor::store::departments::ensure_region(
                db,
                "999999",
                "外县",
                "CN-999999",
                chrono::DateTime::UNIX_EPOCH,
            )?;
            let mut account = onedoor::store::accounts::get(db, user)?.unwrap();
            account.region = "999999".to_owned();
            let seen = account.version;
            account.version += 1;
            onedoor::store::accounts::update(db, &account, seen)
        })
        .unwrap();
    stranger.get(&format!("/api/v1/inspections/{id}")).problem(404, "not_found");
    assert_eq!(stranger.get("/api/v1/inspections").expect(200)["items"], json!([]));
});
