//! From tasks to dispatched teams: who sees what when, what refuses a commit, what a run after a change leaves alone.

use super::fixture::{County, load, pages, small, small_committed, small_joint, travel};
use crate::support::{REGION, TestApp, both};
use chrono::{NaiveDate, TimeDelta};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use onedoor::store::inspections::{self, Part, Participant};
use onedoor::store::inspectors::{self, leaves};
use onedoor::store::types::At;
use onedoor::store::{county as county_rows, outbox};
use serde_json::{Value, json};

fn team(visit: &Value) -> Vec<String> {
    visit["seats"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap().to_owned()).collect()
}

fn bodies(app: &TestApp) -> Vec<(String, String, String)> {
    let now = app.now() + TimeDelta::days(1);
    let rows = app.server.store.read(|db| outbox::due(db, now, 500)).unwrap();
    rows.into_iter().map(|m| (m.kind, m.recipient, m.body)).collect()
}

/// The evening of the day: everybody is told of the visits he is sent to.
fn digest(app: &TestApp) {
    app.advance(TimeDelta::hours(9));
    assert!(app.server.as_system(onedoor::service::papers::digest::tick).unwrap().mails > 0);
}

both!(nobody_sees_a_preview_and_inspectors_nothing_before_the_dispatch, |app| {
    let (county, inspection) = small_joint(app, Notice::Announced);
    let clerk = county.clerk(app, "SJ");
    let body = county.whole(&[inspection], false);
    clerk.post("/api/v1/plannings", &body).problem(403, "denied");
    app.anonymous().post("/api/v1/plannings", &body).problem(401, "login_required");
    county
        .coordinator
        .post("/api/v1/plannings", &json!({ "period_from": "2026-03-09", "period_to": "2026-03-01" }))
        .problem(422, "invalid");
    let made = county.coordinator.post("/api/v1/plannings", &body);
    let preview = made.expect(201);
    assert_eq!(made.header("location"), Some(format!("/api/v1/plannings/{}", made.id()).as_str()));
    // Four subjects with two departments each: four doors instead of eight.
    assert_eq!((&preview["summary"]["visits"], &preview["summary"]["visits_saved"]), (&json!(4), &json!(4)));
    assert_eq!(preview["summary"]["staffed"], 4);
    let visits = county.visits(&made.id());
    let one = format!("/api/v1/visits/{}", visits[0]["id"].as_str().unwrap());
    clerk.get(&one).problem(404, "not_found");
    assert_eq!(pages(&clerk, "/api/v1/visits?limit=5").len(), 0);
    clerk.get(&format!("/api/v1/plannings/{}", made.id())).problem(403, "denied");
    county.coordinator.post(&format!("{one}/dispatch"), &json!({})).problem(409, "wrong_state");

    county.coordinator.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    assert_eq!(pages(&clerk, "/api/v1/visits?limit=2").len(), 4);
    clerk.get(&one).expect(200);
    let someone = visits[0]["seats"][0]["code"].as_str().unwrap().to_owned();
    let inspector = county.inspector(app, &someone);
    inspector.get(&one).problem(404, "not_found");
    assert_eq!(pages(&inspector, "/api/v1/my/visits?limit=50").len(), 0);
    inspector.post(&format!("{one}/dispatch"), &json!({})).problem(403, "denied");

    let stranger = app.department("ZZ", "示范县他局", "inspecting");
    let stranger = app.user("stranger", &[Role::DepartmentClerk], Some(stranger));
    stranger.get(&one).problem(404, "not_found");
    // The other department's clerk takes part but does not lead.
    let lead = visits[0]["lead_department_id"].as_str().unwrap().to_owned();
    let (leader, partner) =
        if lead == county.ids.departments["SJ"].to_string() { ("SJ", "XF") } else { ("XF", "SJ") };
    let partner = if partner == "SJ" { clerk.clone() } else { county.clerk(app, partner) };
    let leader = if leader == "SJ" { clerk } else { county.clerk(app, leader) };
    partner.post(&format!("{one}/dispatch"), &json!({})).problem(403, "denied");
    leader.post(&format!("{one}/dispatch"), &json!({})).expect(200);
    leader.post(&format!("{one}/dispatch"), &json!({})).problem(409, "wrong_state");

    let seen = inspector.get(&one).expect(200);
    assert_eq!(seen["state"], "dispatched");
    let mine = pages(&inspector, "/api/v1/my/visits?limit=50");
    assert_eq!(mine.len(), 1);
    // Not the visits of others, dispatched or not.
    let theirs = visits.iter().find(|v| !team(v).contains(&someone));
    if let Some(theirs) = theirs {
        let path = format!("/api/v1/visits/{}", theirs["id"].as_str().unwrap());
        inspector.get(&path).problem(404, "not_found");
    }
    let inspection_path = format!("/api/v1/inspections/{inspection}/dispatch");
    let rest = county.coordinator.post(&inspection_path, &json!({})).expect(200);
    assert_eq!(rest["count"], 3);
    county.coordinator.post(&inspection_path, &json!({})).problem(409, "wrong_state");

    // One entry of the ledger for each department at each subject.
    let subjects: Vec<Id> = county.ids.subjects.values().copied().collect();
    let entries = app.server.store.read(|db| county_rows::caps_of(db, &subjects)).unwrap();
    assert_eq!(entries.len(), 8);
    assert!(entries.iter().all(|e| e.counted && e.year == 2026 && e.cause == "planned"));
    assert!(!bodies(app).iter().any(|m| m.0 == "visits_dispatched"), "told before the daily digest");
    digest(app);
    let mails = bodies(app);
    let dispatched: Vec<_> = mails.iter().filter(|m| m.0 == "visits_dispatched").collect();
    assert!(dispatched.iter().any(|m| m.1 == format!("p-{}@example.com", someone.to_lowercase())));
    assert!(dispatched.iter().all(|m| m.2.contains("号饭店") && m.2.contains("中山路")));
});

// 抽与查相分离: also when the operator has become an inspector since the draw.
both!(who_ran_the_draw_is_on_no_team, |app| {
    let (county, inspection) = small_joint(app, Notice::Either);
    let made = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    made.expect(201);
    let teams = |id: &str| county.visits(id).iter().flat_map(team).collect::<Vec<_>>();
    let someone = teams(&made.id())[0].clone();
    county.coordinator.post(&format!("/api/v1/plannings/{}/discard", made.id()), &json!({})).expect(200);
    let (user, entry) = (county.coordinator.user.unwrap(), county.ids.inspectors[&someone]);
    app.server
        .store
        .write(move |db| {
            let mut account = onedoor::store::accounts::get(db, user)?.unwrap();
            account.inspector_id = Some(entry);
            account.version += 1;
            onedoor::store::accounts::update(db, &account, account.version - 1)
        })
        .unwrap();
    let again = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    assert_eq!(again.expect(201)["summary"]["staffed"], 4);
    assert!(!teams(&again.id()).contains(&someone));
});

both!(mail_about_unannounced_visits_names_nobody, |app| {
    let (county, inspection, _) = small_committed(app, Notice::Unannounced);
    let people = county.inspector(app, "SJ01");
    for n in 2..=6 {
        county.inspector(app, &format!("SJ0{n}"));
    }
    county.clerk(app, "XF");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    // He sees the address where he has logged in.
    for v in pages(&people, "/api/v1/my/visits?limit=50") {
        assert!(v["subject"]["address"].as_str().unwrap().contains("中山路"));
    }
    digest(app);
    let mails = bodies(app);
    assert!(mails.len() >= 3, "{mails:?}");
    for (_, to, body) in &mails {
        assert!(
            !body.contains("饭店") && !body.contains("中山路") && !body.contains("350403600"),
            "{to}: {body}"
        );
        assert!(body.contains("突击"));
    }
    // One mail each, however many visits.
    let mut to: Vec<&String> = mails.iter().map(|m| &m.1).collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!(to.len(), mails.len());
});

both!(an_announced_visit_needs_its_notice, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Announced);
    let first: NaiveDate = county
        .visits(&planning)
        .iter()
        .filter_map(|v| v["day"].as_str().map(|d| d.parse::<NaiveDate>().unwrap()))
        .min()
        .unwrap();
    // Planned from Sunday 8 March: three working days on is the 11th.
    assert!(first >= "2026-03-11".parse().unwrap(), "{first}");
    travel(app, first - TimeDelta::days(1));
    let coordinator = app.login("coordinator", crate::support::PASSWORD);
    let problem = coordinator
        .post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({}))
        .problem(409, "notice_too_short");
    assert!(problem["title"].as_str().unwrap().contains("最早可在2026-"), "{problem}");
    // Nothing was sent.
    assert_eq!(pages(&coordinator, "/api/v1/visits?state=dispatched&limit=50").len(), 0);
});

both!(a_commit_is_refused_when_something_changed, |app| {
    let (county, inspection) = small_joint(app, Notice::Either);
    let body = county.whole(&[inspection], false);
    let make = || county.coordinator.post("/api/v1/plannings", &body);
    let commit = |id: &str| county.coordinator.post(&format!("/api/v1/plannings/{id}/commit"), &json!({}));

    // A task is cancelled by its department.
    let made = make().id();
    let clerk = county.clerk(app, "SJ");
    let task = county.tasks["T-SJ-1"];
    clerk.post(&format!("/api/v1/tasks/{task}/cancel"), &json!({ "reason": "" })).problem(422, "invalid");
    clerk
        .post(&format!("/api/v1/tasks/{}/cancel", county.tasks["T-XF-1"]), &json!({ "reason": "x" }))
        .problem(404, "not_found");
    clerk.post(&format!("/api/v1/tasks/{task}/cancel"), &json!({ "reason": "已注销" })).expect(200);
    let problem = commit(&made).problem(409, "tasks_changed");
    assert!(problem["title"].as_str().unwrap().contains("T-SJ-1"), "{problem}");
    // Nothing of the refused commit stays.
    assert_eq!(pages(&county.coordinator, "/api/v1/tasks?state=planned&limit=50").len(), 0);

    // Somebody goes on leave.
    let made = make().id();
    let person = county.ids.inspectors["SJ01"];
    let leave = inspectors::Leave {
        id: app.id(),
        region: crate::support::REGION.to_owned(),
        inspector_id: person,
        from_day: "2026-03-10".parse().unwrap(),
        to_day: "2026-03-31".parse().unwrap(),
        kind: "病假".to_owned(),
        created_at: At(app.now()),
    };
    app.server.store.write(move |db| leaves::insert(db, &leave)).unwrap();
    commit(&made).problem(409, "input_changed");

    // Of many commits at once one wins.
    let made = make().id();
    let path = format!("/api/v1/plannings/{made}/commit");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (client, path) = (county.coordinator.clone(), path.clone());
                scope.spawn(move || client.post(&path, &json!({})).status)
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|s| **s == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|s| [200, 409].contains(s)), "{answers:?}");
    assert!(county.visits(&made).iter().all(|v| !team(v).contains(&"SJ01".to_owned())));
    // The inspection is staffed; it cannot be planned a second time.
    county.coordinator.post("/api/v1/plannings", &body).problem(409, "wrong_state");
});

both!(pins_and_splits_are_heeded, |app| {
    let (county, inspection) = small_joint(app, Notice::Either);
    let rule = |body: Value| county.coordinator.post("/api/v1/planning-rules", &body);
    let one = county.input.subjects[0].key.clone();
    let subject = county.ids.subjects[&one];
    rule(json!({ "kind": "pin", "subject_id": subject, "day": "2026-03-22", "reason": "企业要求" }))
        .problem(422, "invalid");
    rule(json!({ "kind": "pin", "subject_id": subject, "day": "2026-03-24" })).problem(422, "invalid");
    rule(json!({ "kind": "pin", "subject_id": subject, "day": "2026-03-24", "reason": "企业要求" }))
        .expect(201);
    let split = county.tasks["T-XF-2"];
    rule(json!({ "kind": "split", "tasks": [split], "reason": "须单独进行" })).expect(201);
    let late = county.tasks["T-SJ-3"];
    rule(json!({ "kind": "pin", "tasks": [late], "day": "2026-04-03", "reason": "x" }))
        .problem(422, "invalid");
    let clerk = county.clerk(app, "SJ");
    clerk.post("/api/v1/planning-rules", &json!({ "kind": "pin", "reason": "x" })).problem(403, "denied");

    let made = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    made.expect(201);
    let visits = county.visits(&made.id());
    assert_eq!(visits.len(), 5);
    let of = |key: &str| visits.iter().filter(|v| v["subject"]["key"] == key).collect::<Vec<_>>();
    assert_eq!(of(&one)[0]["day"], "2026-03-24");
    let two = of(&county.input.subjects[1].key);
    assert_eq!(two.len(), 2, "the split task has a door of its own at the same subject");
    assert!(
        two.iter().any(|v| v["tasks"].as_array().unwrap().len() == 1 && v["tasks"][0]["code"] == "T-XF-2")
    );
    // Ended rules bind no more.
    for r in county.coordinator.get("/api/v1/planning-rules").expect(200)["items"].as_array().unwrap() {
        let path = format!("/api/v1/planning-rules/{}/end", r["id"].as_str().unwrap());
        county.coordinator.post(&path, &json!({})).expect(200);
        county.coordinator.post(&path, &json!({})).problem(409, "wrong_state");
    }
    let made = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    assert_eq!(made.expect(201)["summary"]["visits"], 4);
});

both!(a_rerun_moves_only_what_must_move, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let before = county.visits(&planning);
    let dispatched = before[1]["id"].as_str().unwrap();
    county.coordinator.post(&format!("/api/v1/visits/{dispatched}/dispatch"), &json!({})).expect(200);
    // One inspector of the first visit falls ill on that day.
    let (ill, on) =
        (team(&before[0])[0].clone(), before[0]["day"].as_str().unwrap().parse::<NaiveDate>().unwrap());
    let leave = inspectors::Leave {
        id: app.id(),
        region: crate::support::REGION.to_owned(),
        inspector_id: county.ids.inspectors[&ill],
        from_day: on,
        to_day: on,
        kind: "病假".to_owned(),
        created_at: At(app.now()),
    };
    app.server.store.write(move |db| leaves::insert(db, &leave)).unwrap();
    let path = format!("/api/v1/plannings/{planning}/rerun");
    let made = county.coordinator.post(&path, &json!({}));
    let preview = made.expect(201);
    assert_eq!(preview["basis_id"], json!(planning));
    let changes = preview["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    let hit = |v: &Value| team(v).contains(&ill) && v["day"] == before[0]["day"];
    for c in changes {
        let old = before.iter().find(|v| v["code"] == c["visit"]).unwrap();
        assert!(hit(old), "{c} was not hit");
        assert!(c["left"][0].as_str().unwrap().starts_with(&ill));
    }
    // What is in force is untouched by the preview.
    assert_eq!(team(&county.visits(&planning)[0]), team(&before[0]));
    county.coordinator.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let old = county.coordinator.get(&format!("/api/v1/plannings/{planning}")).expect(200);
    assert_eq!(old["state"], "superseded");
    let after = county.visits(&made.id());
    assert_eq!(after.len(), before.len());
    for v in &before {
        let now = after.iter().find(|n| n["code"] == v["code"]).unwrap();
        // The same visit, under the same identifier.
        assert_eq!(now["id"], v["id"]);
        if hit(v) {
            assert!(!team(now).contains(&ill) || now["day"] != v["day"]);
        } else {
            assert_eq!((&now["day"], &now["start"], team(now)), (&v["day"], &v["start"], team(v)));
        }
    }
    let told = after.iter().find(|n| n["id"] == before[1]["id"]).unwrap();
    assert_eq!((&told["state"], &told["day"]), (&json!("dispatched"), &before[1]["day"]));
    county.coordinator.post(&path, &json!({})).problem(409, "wrong_state");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
});

both!(settled_visits_keep_their_people_from_later_runs, |app| {
    // Two runs over single tasks at the same time: the second knows the first.
    let mut county = load(app, small(Notice::Either));
    county.add_tasks(app, |_| None);
    let body = |from: &str, to: &str| json!({ "period_from": from, "period_to": to, "singles": true });
    let narrow = body("2026-03-12", "2026-03-12");
    let made = county.coordinator.post("/api/v1/plannings", &narrow);
    let first = made.expect(201);
    assert!(first["draw_ref"].as_str().unwrap().starts_with("tasks:"));
    county.coordinator.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let clerk = county.clerk(app, "SJ");
    for n in 0..3 {
        let subject = county.ids.subjects[&county.input.subjects[n].key];
        let item = county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())];
        let task = json!({
            "item_id": item, "subject_id": subject, "earliest": "2026-03-12", "latest": "2026-03-12", "minutes": 150,
            "reason": "投诉举报", "cause": "complaint",
        });
        clerk.post("/api/v1/tasks", &task).expect(201);
    }
    let made = county.coordinator.post("/api/v1/plannings", &narrow);
    made.expect(201);
    county.coordinator.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let all = pages(&county.coordinator, "/api/v1/visits?limit=50");
    let clock = |t: &Value| {
        let (h, m) = t.as_str().unwrap().split_once(':').unwrap();
        h.parse::<i64>().unwrap() * 60 + m.parse::<i64>().unwrap()
    };
    for (i, a) in all.iter().enumerate().filter(|(_, v)| !v["day"].is_null()) {
        for b in all[..i].iter().filter(|b| b["day"] == a["day"]) {
            let end = |v: &Value| clock(&v["start"]) + (v["minutes"].as_i64().unwrap() + 30 + 29) / 30 * 30;
            if clock(&a["start"]) < end(b) && clock(&b["start"]) < end(a) {
                let both: Vec<String> = team(a).into_iter().filter(|p| team(b).contains(p)).collect();
                assert!(both.is_empty(), "{both:?} at {} and {}", a["code"], b["code"]);
            }
        }
    }
    assert!(all.iter().filter(|v| !v["day"].is_null()).count() >= 5);
});

both!(single_tasks_are_for_published_items_of_ones_own, |app| {
    let mut county: County = load(app, small(Notice::Either));
    county.input.tasks.clear();
    let clerk = county.clerk(app, "SJ");
    let subject = county.ids.subjects[&county.input.subjects[0].key];
    let body = |item: Id| json!({ "item_id": item, "subject_id": subject, "earliest": "2026-03-12", "latest": "2026-03-20", "reason": "专项" });
    let own = county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())];
    let foreign = county.ids.items[&("XF".to_owned(), "XF-1".to_owned())];
    let problem = clerk.post("/api/v1/tasks", &body(foreign)).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "foreign");
    county.coordinator.post("/api/v1/tasks", &body(own)).problem(403, "denied");
    let made = clerk.post("/api/v1/tasks", &body(own));
    made.expect(201);
    clerk.get(&format!("/api/v1/tasks/{}", made.id())).expect(200);
    county.clerk(app, "XF").get(&format!("/api/v1/tasks/{}", made.id())).problem(404, "not_found");
    clerk.get("/api/v1/tasks?state=nonsense").problem(422, "invalid");
    assert_eq!(pages(&clerk, "/api/v1/tasks?single=true&limit=50").len(), 1);
    // Unpublished: 清单之外无检查.
    app.server
        .store
        .write(move |db| {
            let mut item = onedoor::store::items::need(db, own)?;
            "retired".clone_into(&mut item.state);
            item.version += 1;
            onedoor::store::items::update(db, &item, 1)
        })
        .unwrap();
    clerk.post("/api/v1/tasks", &body(own)).problem(422, "invalid");
    let made = county
        .coordinator
        .post(
            "/api/v1/plannings",
            &json!({ "period_from": "2026-03-09", "period_to": "2026-03-30", "singles": true }),
        )
        .expect(201);
    assert_eq!(made["blockers"][0]["kind"], "item_not_published");
    assert_eq!(made["summary"]["visits"], 0);
});

both!(a_department_sends_as_many_people_as_it_agreed_to, |app| {
    let (county, inspection) = small_joint(app, Notice::Announced);
    let department = county.ids.departments["XF"];
    app.server
        .store
        .write(move |db| {
            let participant = Participant {
                inspection_id: inspection,
                department_id: department,
                region: REGION.to_owned(),
                role: "partner".to_owned(),
                people: 3,
            };
            inspections::set_part(db, &Part { participant, items: Vec::new(), people: Vec::new() })
        })
        .unwrap();
    let made = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    assert_eq!(made.expect(201)["summary"]["staffed"], 4);
    for visit in county.visits(&made.id()) {
        let team = team(&visit);
        let of = |department: &str| team.iter().filter(|code| code.starts_with(department)).count();
        assert_eq!((of("SJ"), of("XF")), (2, 3), "{team:?}");
    }
});
