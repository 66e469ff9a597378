//! The draw through the API: the whole ceremony, its attempts, rounds and policies, and what the public can check.

use super::{County, day};
use crate::support::both;
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::domain::draw::bundle::Bundle;
use onedoor::domain::draw::entropy::witness_commitment;
use onedoor::domain::draw::record::Opening;
use onedoor::domain::draw::verify::{self, Verdict, verify_bytes};
use onedoor::store::caps::{self, CapEntry};
use onedoor::store::types::At;
use serde_json::{Value, json};

#[track_caller]
fn verified(bytes: &[u8]) -> verify::Report {
    let report = verify_bytes(bytes, None);
    let failed: Vec<_> = report.statements.iter().filter(|s| s.status == verify::Status::Failed).collect();
    assert_eq!(report.verdict(), Verdict::Verified, "{failed:?}");
    report
}

both!(two_witnesses_draw_and_everybody_can_verify, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let inspection = format!("/api/v1/inspections/{id}");
    // Nothing before its time, and nobody in another's place.
    c.office.post(&format!("{inspection}/draws"), &c.parties()).problem(409, "wrong_state");
    c.market.post(&format!("{inspection}/freeze-pool"), &json!({})).problem(403, "denied");
    let pool = c.office.key("freeze").post(&format!("{inspection}/freeze-pool"), &json!({})).expect(201);
    assert_eq!((&pool["subjects"], &pool["inspectors"]), (&json!(80), &json!(6)));
    assert_eq!(
        c.office.key("freeze").post(&format!("{inspection}/freeze-pool"), &json!({})).expect(201),
        pool
    );
    c.office.post(&format!("{inspection}/freeze-pool"), &json!({})).problem(409, "wrong_state");
    let v = c.market.get(&inspection).expect(200)["version"].as_i64().unwrap();
    let part = json!({ "items": [c.item("SCJG-1")] });
    c.market.if_match(v).put(&format!("{inspection}/participation"), &part).problem(409, "wrong_state");
    // Parties: a witness too few, one who takes part, a time that has passed.
    let mut wrong = c.parties();
    wrong["witnesses"] = json!([{ "user_id": c.market.user }]);
    wrong["not_before"] = json!(app.now() - TimeDelta::minutes(1));
    let faults = c.office.post(&format!("{inspection}/draws"), &wrong).problem(422, "invalid");
    let codes: Vec<&str> =
        faults["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["not_witness", "too_few", "not_future"]);
    let opened = c.office.post(&format!("{inspection}/draws"), &c.parties()).expect(201);
    let (draw, draw_id) = (opened["id"].as_str().unwrap(), opened["draw_id"].as_str().unwrap());
    let path = format!("/api/v1/draws/{draw}");
    assert_eq!(
        (&opened["attempt"], &opened["seq"], &opened["state"]),
        (&json!(1), &json!(1), &json!("opened"))
    );
    // A card kept by the server, and one the witness keeps.
    c.office.post(&format!("{path}/seal"), &json!({})).problem(409, "card_missing");
    c.office.post(&format!("{path}/commitment"), &json!({ "value": "x" })).problem(403, "denied");
    let [one, two] = &c.witnesses;
    let kept = one.post(&format!("{path}/commitment"), &json!({ "value": "骰子 3 1 6" })).expect(200);
    assert_eq!(kept["salt"].as_str().unwrap().len(), 32);
    // Nor does whoever reads the database learn what is on it.
    let place = draw.parse().unwrap();
    let stored = app.server.store.read(|db| onedoor::store::draws::witnesses(db, place)).unwrap();
    let sealed: Vec<_> = stored.iter().filter(|w| !w.sealed.is_empty()).collect();
    assert_eq!(sealed.len(), 1);
    for secret in ["骰子".as_bytes().to_vec(), hex::decode(kept["salt"].as_str().unwrap()).unwrap()] {
        assert!(!sealed[0].sealed.windows(secret.len()).any(|w| w == secret), "{:?}", sealed[0].sealed);
    }
    one.post(&format!("{path}/commitment"), &json!({ "value": "另一个" })).problem(409, "wrong_state");
    let card =
        Opening { id: "NPC-2".to_owned(), salt: [9; 16], value: "人大代表 42".as_bytes().to_vec() };
    let mut hash = [0; 32];
    hex::decode_to_slice(draw_id, &mut hash).unwrap();
    let commitment = hex::encode(witness_commitment(&hash, &card));
    two.post(&format!("{path}/commitment"), &json!({ "commitment": "zz" })).problem(422, "invalid");
    two.post(&format!("{path}/commitment"), &json!({ "commitment": commitment })).expect(200);
    let stranger = app.user("wit3", &[Role::Witness], None);
    stranger.get(&path).problem(404, "not_found");
    c.office.post(&format!("{path}/result"), &json!({})).problem(409, "wrong_state");
    assert_eq!(c.office.post(&format!("{path}/seal"), &json!({})).expect(200)["state"], "sealed");
    // Nobody reads the card that waits here.
    let text =
        c.office.get(&path).text() + &app.anonymous().get(&format!("/api/v1/public/draws/{draw}")).text();
    assert!(
        !text.contains("骰子") && !text.contains(&hex::encode("骰子")),
        "the card is told before the reveal"
    );
    c.office.post(&format!("{path}/reveal"), &json!({})).problem(409, "card_missing");
    let wrong = json!({ "value": "人大代表 43", "salt": hex::encode([9; 16]) });
    two.post(&format!("{path}/card"), &wrong).problem(422, "invalid");
    two.post(&format!("{path}/card"), &json!({ "value": "人大代表 42", "salt": hex::encode([9; 16]) }))
        .expect(200);
    c.office.post(&format!("{path}/beacon"), &json!({ "beacons": [] })).problem(409, "wrong_state");
    c.office.post(&format!("{path}/reveal"), &json!({})).expect(200);
    app.advance(TimeDelta::minutes(12));
    let result = c.office.post(&format!("{path}/result"), &json!({})).expect(200);
    // ⌈20·5 %⌉ + ⌈20·10 %⌉ + ⌈20·20 %⌉ + ⌈20·30 %⌉.
    assert_eq!((&result["drawn"], &result["state"]), (&json!(13), &json!("resulted")));
    assert_eq!(result.get("blockers"), None);
    assert_eq!(c.market.get(&inspection).expect(200)["state"], "drawn");
    c.office.post(&format!("{path}/result"), &json!({})).problem(409, "wrong_state");
    // The public verifies the bytes as they are served.
    let public = app.anonymous();
    let list = public.get("/api/v1/public/draws").expect(200);
    assert_eq!(list["items"][0]["draw_id"], json!(draw_id));
    let served = public.get(&format!("/api/v1/public/draws/{draw}"));
    assert_eq!(served.status, 200);
    let report = verified(&served.bytes);
    let mut damaged = served.bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    assert_eq!(verify_bytes(&damaged, None).verdict(), Verdict::Failed);
    let bundle = Bundle::parse(&served.bytes).unwrap();
    assert!(bundle.inspectors.is_none() && bundle.audit.is_none());
    // The drawn of the bundle are the drawn of the county, with a task for each department.
    let drawn = c.market.get(&format!("{inspection}/drawn")).expect(200);
    let mut keys: Vec<String> = drawn["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("R:{}", d["key"].as_str().unwrap()))
        .collect();
    keys.sort();
    let mut ids: Vec<String> = report.outcome.unwrap().ids.values().cloned().collect();
    ids.sort();
    assert_eq!(keys, ids);
    let tasks = tasks(app, &id);
    assert_eq!(tasks.len(), 26);
    assert!(tasks.iter().all(|t| t.state == "ready" && t.notice == "announced" && t.minutes == 40));
    let mut codes: Vec<&str> = tasks.iter().map(|t| t.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!((codes.len(), codes[0], codes[25]), (26, "T-2026-000001", "T-2026-000026"));
    // Why one was drawn and another was not.
    let check = |query: &str| public.get(&format!("/api/v1/public/draws/{draw}/check?{query}"));
    let winner = keys[0].strip_prefix("R:").unwrap();
    assert_eq!(check(&format!("id={winner}")).expect(200)["fate"], "drawn");
    assert_eq!(check("id=35040300000099").expect(200)["fate"], "not_listed");
    let all: Vec<Value> = (0..80).map(|n| check(&format!("number={n}")).expect(200)).collect();
    assert_eq!(all.iter().filter(|e| e["fate"] == "drawn").count(), 13);
    check("number=80").problem(422, "invalid");
    check("").problem(422, "invalid");
    // Auditors get everything, and it still verifies, the list included.
    c.office.get(&format!("{path}/audit")).problem(403, "denied");
    let audit = c.overseer.get(&format!("{path}/audit"));
    let full = Bundle::parse(&audit.bytes).unwrap();
    assert_eq!((full.audit.unwrap().subjects.len(), full.inspectors.unwrap().len()), (80, 6));
    verified(&audit.bytes);
    // Every step is in the journal, with the identifier of the draw.
    let acts = journal(app);
    for act in [
        "pool_frozen",
        "draw_opened",
        "witness_committed",
        "draw_sealed",
        "witness_opened_card",
        "draw_revealed",
        "draw_resulted",
    ] {
        let own = acts.iter().find(|(a, _)| a == act).unwrap_or_else(|| panic!("no {act}"));
        assert!(act == "pool_frozen" || own.1.contains(draw_id), "{act}: {}", own.1);
        assert!(!own.1.contains("骰子"), "{act}");
    }
});

fn tasks(app: &crate::support::TestApp, inspection: &str) -> Vec<onedoor::store::tasks::Task> {
    use diesel::prelude::*;
    use onedoor::store::schema::task;
    let id: onedoor::ids::Id = inspection.parse().unwrap();
    app.server
        .store
        .read(|db| {
            Ok(task::table
                .filter(task::inspection_id.eq(id))
                .select(onedoor::store::tasks::Task::as_select())
                .load(db)?)
        })
        .unwrap()
}

/// (act, leaf) of all events.
fn journal(app: &crate::support::TestApp) -> Vec<(String, String)> {
    use diesel::prelude::*;
    use onedoor::store::schema::journal_event;
    let rows: Vec<(String, Vec<u8>)> = app
        .server
        .store
        .read(|db| Ok(journal_event::table.select((journal_event::act, journal_event::leaf)).load(db)?))
        .unwrap();
    rows.into_iter().map(|(act, leaf)| (act, String::from_utf8_lossy(&leaf).into_owned())).collect()
}

both!(an_aborted_attempt_is_kept_and_the_next_one_shows_it, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let inspection = format!("/api/v1/inspections/{id}");
    let first = c.opened(&id);
    let path = format!("/api/v1/draws/{first}");
    c.office.post(&format!("{inspection}/draws"), &c.parties()).problem(409, "wrong_state");
    c.office.post(&format!("{path}/again"), &c.parties()).problem(409, "wrong_state");
    c.market_head.post(&format!("{inspection}/abort"), &json!({ "reason": "x" })).problem(409, "draw_open");
    c.office.post(&format!("{path}/abort"), &json!({ "code": "没人", "reason": "" })).problem(422, "invalid");
    for w in &c.witnesses {
        w.post(&format!("{path}/commitment"), &json!({ "value": "1" })).expect(200);
    }
    c.office.post(&format!("{path}/seal"), &json!({})).expect(200);
    let abort = json!({ "code": "NO-POWER", "reason": "会场停电" });
    let aborted = c.office.post(&format!("{path}/abort"), &abort).expect(200);
    assert_eq!((&aborted["state"], &aborted["reason"]), (&json!("aborted"), &json!("NO-POWER 会场停电")));
    let kept = app.anonymous().get(&format!("/api/v1/public/draws/{first}")).bytes;
    verified(&kept);
    c.office.post(&format!("{path}/reveal"), &json!({})).problem(409, "wrong_state");
    let second = c.office.post(&format!("{path}/again"), &c.parties()).expect(201);
    assert_eq!(
        (&second["attempt"], &second["seq"], &second["previous_id"]),
        (&json!(2), &json!(2), &json!(first))
    );
    c.office.post(&format!("{path}/again"), &c.parties()).problem(409, "wrong_state");
    let second = second["id"].as_str().unwrap();
    c.revealed(second);
    c.office.post(&format!("/api/v1/draws/{second}/result"), &json!({})).expect(200);
    let served = app.anonymous().get(&format!("/api/v1/public/draws/{second}")).bytes;
    verified(&served);
    assert_eq!(Bundle::parse(&served).unwrap().history.len(), 1);
    // The first is still there, byte for byte.
    assert_eq!(app.anonymous().get(&format!("/api/v1/public/draws/{first}")).bytes, kept);
    let all = c.office.get(&format!("{inspection}/draws")).expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    c.office
        .post(&format!("{inspection}/release-pool"), &json!({ "reason": "x" }))
        .problem(409, "wrong_state");
});

both!(a_pool_can_be_given_up_and_frozen_anew, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let inspection = format!("/api/v1/inspections/{id}");
    let draw = c.opened(&id);
    let reason = json!({ "reason": "人员变动" });
    c.office.post(&format!("{inspection}/release-pool"), &reason).problem(409, "draw_open");
    let abort = json!({ "code": "STAFF", "reason": "人员变动" });
    c.office.post(&format!("/api/v1/draws/{draw}/abort"), &abort).expect(200);
    c.office.post(&format!("{inspection}/release-pool"), &reason).expect(200);
    assert_eq!(c.market.get(&inspection).expect(200)["state"], "confirmed");
    c.office.post(&format!("/api/v1/draws/{draw}/again"), &c.parties()).problem(409, "wrong_state");
    let second = c.opened(&id);
    let view = c.office.get(&format!("/api/v1/draws/{second}")).expect(200);
    assert_eq!((&view["attempt"], &view["seq"]), (&json!(2), &json!(2)));
    c.revealed(&second);
    c.office.post(&format!("/api/v1/draws/{second}/result"), &json!({})).expect(200);
    verified(&app.anonymous().get(&format!("/api/v1/public/draws/{second}")).bytes);
});

both!(who_fell_away_is_replaced_by_a_round, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let first = c.opened(&id);
    c.revealed(&first);
    c.office.post(&format!("/api/v1/draws/{first}/result"), &json!({})).expect(200);
    let drawn_path = format!("/api/v1/inspections/{id}/drawn");
    let drawn = c.market.get(&drawn_path).expect(200);
    let gone = &drawn["items"][12];
    let round = |gone: Value| json!({ "gone": gone, "parties": c.parties() });
    let path = format!("/api/v1/draws/{first}/round");
    c.office.post(&path, &round(json!([]))).problem(422, "invalid");
    let stranger = c.seeded.subjects["35040300000119"];
    c.office.post(&path, &round(json!([{ "subject_id": stranger, "reason": "ZX" }]))).problem(422, "invalid");
    let next = c
        .office
        .post(&path, &round(json!([{ "subject_id": gone["subject_id"], "reason": "ZX" }])))
        .expect(201);
    assert_eq!((&next["round"], &next["attempt"]), (&json!(1), &json!(2)));
    let next = next["id"].as_str().unwrap();
    c.revealed(next);
    let result = c.office.post(&format!("/api/v1/draws/{next}/result"), &json!({})).expect(200);
    assert_eq!(result["drawn"], 1);
    verified(&app.anonymous().get(&format!("/api/v1/public/draws/{next}")).bytes);
    let drawn = c.market.get(&drawn_path).expect(200);
    let rows = drawn["items"].as_array().unwrap();
    assert_eq!(rows.len(), 14);
    let left = rows.iter().find(|d| d["state"] == "gone").unwrap();
    assert_eq!((&left["subject_id"], &left["reason"]), (&gone["subject_id"], &json!("ZX")));
    let new = rows.iter().find(|d| d["round"] == 1).unwrap();
    assert_eq!(new["stratum"], gone["stratum"]);
    let tasks = tasks(app, &id);
    assert_eq!(tasks.iter().filter(|t| t.state == "cancelled").count(), 2);
    assert_eq!(tasks.iter().filter(|t| t.state == "ready").count(), 26);
});

both!(caps_keep_departments_away, |app| {
    let c = County::new(app);
    // The market department has been at the first school twice this year, everybody at the second.
    let (first, second) = (c.seeded.subjects["35040300000003"], c.seeded.subjects["35040300000007"]);
    let (market, school) = (c.dept("SCJG01"), c.dept("JYJ01"));
    let used = [(market, first), (market, second), (school, second)];
    let rows: Vec<CapEntry> = used
        .iter()
        .flat_map(|used| [*used, *used])
        .map(|(department_id, subject_id)| CapEntry {
            id: app.id(),
            region: "350403".to_owned(),
            department_id,
            subject_id,
            year: 2026,
            on_day: day("2026-02-03"),
            visit_id: None,
            cause: String::new(),
            counted: true,
            note: String::new(),
            created_at: At(app.now()),
        })
        .collect();
    app.server.store.write(move |db| caps::insert_all(db, &rows)).unwrap();
    let id = c.confirmed(&c.with(|b| b["quota"] = json!({ "by_class": { "D": "全部" } })));
    let draw = c.opened(&id);
    let pool = c.office.get(&format!("/api/v1/inspections/{id}/pool")).expect(200);
    assert_eq!(
        pool["excluded"],
        json!([{
            "token": "R:35040300000007", "code": "CAP", "text": "各参与部门对其的年度检查次数已达上限",
        }])
    );
    c.revealed(&draw);
    let result = c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    assert_eq!(result["drawn"], 19);
    let blockers = result["blockers"].as_array().unwrap();
    assert_eq!(blockers.len(), 1);
    assert_eq!((&blockers[0]["code"], &blockers[0]["subject_id"]), (&json!("cap_reached"), &json!(first)));
    assert_eq!(tasks(app, &id).len(), 19 * 2 - 1);
});

both!(an_embargo_hides_the_outcome_until_it_is_published, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.with(|b| {
        b["notice"] = json!("unannounced");
        b["draw"] = json!({ "policy": "embargo", "witnesses": 2, "pool_age_hours": 1 });
    }));
    let inspection = format!("/api/v1/inspections/{id}");
    c.office.post(&format!("{inspection}/freeze-pool"), &json!({})).expect(201);
    let at = |minutes| app.now() + TimeDelta::minutes(minutes);
    let mut parties = c.parties();
    parties["beacons"] = json!([{ "kind": "lottery", "reference": "SSQ/2026025" }]);
    c.office.post(&format!("{inspection}/draws"), &parties).problem(422, "invalid");
    // The promise may not fall before the visits.
    parties["publish_by"] = json!("2026-06-30T15:59:59Z");
    let early = c.office.post(&format!("{inspection}/draws"), &parties).problem(422, "invalid");
    assert_eq!(early["errors"][0]["code"], "before_visits");
    parties["publish_by"] = json!("2026-07-20T00:00:00Z");
    let young = c.office.post(&format!("{inspection}/draws"), &parties).problem(422, "invalid");
    assert_eq!(young["errors"][0]["code"], "pool_young");
    (parties["not_before"], parties["deadline"]) = (json!(at(61)), json!(at(180)));
    let draw = c.office.post(&format!("{inspection}/draws"), &parties).expect(201);
    let draw = draw["id"].as_str().unwrap();
    c.revealed(draw);
    let path = format!("/api/v1/draws/{draw}");
    let beacon = json!({ "beacons": [{ "kind": "lottery", "reference": "SSQ/2026025", "value": "01.02.03.04.05.06+07" }] });
    c.office.post(&format!("{path}/beacon"), &beacon).problem(409, "too_early");
    app.advance(TimeDelta::minutes(62));
    let office = app.login("xtb", crate::support::PASSWORD);
    let wrong = json!({ "beacons": [{ "kind": "lottery", "reference": "SSQ/2026025", "value": "1,2,3" }] });
    office.post(&format!("{path}/beacon"), &wrong).problem(422, "invalid");
    office.post(&format!("{path}/result"), &json!({})).problem(409, "wrong_state");
    office.post(&format!("{path}/beacon"), &beacon).expect(200);
    assert_eq!(office.post(&format!("{path}/result"), &json!({})).expect(200)["drawn"], 13);
    let public = app.anonymous();
    let served = public.get(&format!("/api/v1/public/draws/{draw}"));
    assert_eq!(verify_bytes(&served.bytes, None).verdict(), Verdict::Unfinished);
    let bundle = Bundle::parse(&served.bytes).unwrap();
    assert!(bundle.winners.is_empty() && bundle.derived.is_none() && bundle.rules.is_none());
    public.get(&format!("/api/v1/public/draws/{draw}/check?number=1")).problem(409, "no_outcome");
    let witness = app.login("wit1", crate::support::PASSWORD);
    assert_eq!(witness.get(&format!("{inspection}/drawn")).expect(200)["items"], json!([]));
    let overseer = app.login("jdb", crate::support::PASSWORD);
    overseer.get(&format!("{path}/audit")).problem(409, "wrong_state");
    // Nobody ends it while the visits wait; when their time is over, they are no surprise.
    office.post(&format!("{path}/publish"), &json!({})).problem(409, "visits_not_begun");
    crate::planning::fixture::travel(app, day("2026-06-30"));
    let office = app.login("xtb", crate::support::PASSWORD);
    office.post(&format!("{path}/publish"), &json!({})).problem(409, "visits_not_begun");
    crate::planning::fixture::travel(app, day("2026-07-01"));
    let office = app.login("xtb", crate::support::PASSWORD);
    office.post(&format!("{path}/publish"), &json!({})).expect(200);
    verified(&public.get(&format!("/api/v1/public/draws/{draw}")).bytes);
    assert_eq!(public.get(&format!("/api/v1/public/draws/{draw}/check?number=1")).expect(200)["number"], 1);
});

both!(operators_do_not_inspect_and_witnesses_are_strangers, |app| {
    let c = County::new(app);
    let id = c.confirmed(&c.body());
    let inspection = format!("/api/v1/inspections/{id}");
    let office = app.department("XTB2", "协调二办", "coordination");
    let own = c.seeded.inspectors["JYJ01-P1"];
    let double = app.inspector_user("double", &[Role::Coordinator], Some(office), Some(own));
    double.post(&format!("{inspection}/freeze-pool"), &json!({})).problem(409, "operator_is_inspector");
    c.office.post(&format!("{inspection}/freeze-pool"), &json!({})).expect(201);
    double.post(&format!("{inspection}/draws"), &c.parties()).problem(409, "operator_is_inspector");
    let friend = app.inspector_user("friend", &[Role::Witness], None, Some(own));
    let mut parties = c.parties();
    parties["witnesses"][0] = json!({ "user_id": friend.user });
    let faults = c.office.post(&format!("{inspection}/draws"), &parties).problem(422, "invalid");
    assert_eq!(faults["errors"][0]["code"], "takes_part");
});

both!(too_few_people_are_told_department_by_department, |app| {
    let c = County::new(app);
    let one = c.seeded.inspectors["SCJG01-P1"];
    let id = c.confirmed(&c.with(|b| b["inspectors"] = json!([one])));
    let answer = c.office.post(&format!("/api/v1/inspections/{id}/freeze-pool"), &json!({}));
    let text = answer.problem(409, "people_short")["title"].as_str().unwrap().to_owned();
    assert!(text.contains("市场监管局") && text.contains("可派1人") && text.contains("后备库"), "{text}");
});
