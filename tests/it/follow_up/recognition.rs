//! What another department has verified lately is offered as done.

use super::{clerk, faults, head, held, pairs, result_of};
use crate::planning::fixture::{day, travel};
use crate::planning::people::change;
use crate::results::{sent, text, wrong};
use crate::support::both;
use chrono::Days;
use serde_json::{Value, json};

both!(a_task_another_department_has_done_is_done_without_a_visit, |app| {
    let s = sent(app);
    // The two items ask the same.
    let items: Vec<_> =
        ["SJ", "XF"].iter().map(|d| s.county.ids.items[&((*d).to_owned(), format!("{d}-1"))]).collect();
    let same = items.clone();
    app.server
        .store
        .write(move |db| {
            for id in &same {
                let mut item = onedoor::store::items::need(db, *id)?;
                let seen = item.version;
                item.equivalence_group = "安全出口".to_owned();
                item.version += 1;
                onedoor::store::items::update(db, &item, seen)?;
            }
            Ok(())
        })
        .unwrap();
    held(&s, app, &s.visit, &wrong());
    let today = day(s.visit["day"].as_str().unwrap());
    let task = |department: &str, item: usize, visit: &Value| {
        let body = json!({
            "item_id": items[item], "subject_id": visit["subject"]["id"], "earliest": today + Days::new(1),
            "latest": today + Days::new(90), "reason": "专项检查",
        });
        clerk(&s, app, department).post("/api/v1/tasks", &body)
    };
    let made = task("XF", 1, &s.visit);
    made.expect(201);
    let spare = task("XF", 1, &s.visit);
    let at = format!("/api/v1/tasks/{}/recognition", made.id());
    // Not yet published: nothing is offered.
    assert_eq!(clerk(&s, app, "XF").get(&at).expect(200)["known"], json!([]));
    s.publish(app, &s.visit, "SJ");
    let clean = result_of(&s, app, &s.visit, "SJ");
    // The task of `SJ` could only go by the result of `XF`, which found something.
    let own = task("SJ", 0, &s.visit);
    // At another subject nobody has been.
    let elsewhere = task("XF", 1, &s.visits[3]);
    elsewhere.expect(201);
    let offers = |department: &str| {
        let page = clerk(&s, app, department).get("/api/v1/recognition-offers").expect(200);
        page["items"].as_array().unwrap().iter().map(|o| text(&o["task"]["id"])).collect::<Vec<_>>()
    };
    assert_eq!((offers("XF"), offers("SJ")), (vec![made.id(), spare.id()], vec![]));
    let known = clerk(&s, app, "XF").get(&at).expect(200);
    assert_eq!(
        (&known["known"][0]["result"]["id"], &known["known"][0]["item"]),
        (&json!(clean), &json!("SJ检查"))
    );

    let body = json!({ "result_id": clean, "reason": "市场监管部门当日已查验安全出口" });
    clerk(&s, app, "SJ").post(&at, &body).problem(404, "not_found");
    head(&s, app, "XF").post(&at, &body).problem(403, "denied");
    s.office(app).post(&at, &body).problem(403, "denied");
    let foreign = json!({ "result_id": result_of(&s, app, &s.visit, "XF"), "reason": "x" });
    assert_eq!(faults(&clerk(&s, app, "XF").post(&at, &foreign)), pairs(&[("/result_id", "not_offered")]));
    let own_at = format!("/api/v1/tasks/{}/recognition", own.id());
    assert_eq!(faults(&clerk(&s, app, "SJ").post(&own_at, &body)), pairs(&[("/result_id", "not_offered")]));
    let empty = json!({ "result_id": clean, "reason": " " });
    assert_eq!(faults(&clerk(&s, app, "XF").post(&at, &empty)), pairs(&[("/reason", "required")]));

    // On the ninetieth day it still counts, on the next no more.
    travel(app, today + Days::new(90));
    assert_eq!(offers("XF"), [made.id(), spare.id()]);
    let done = clerk(&s, app, "XF").post(&at, &body).expect(201);
    assert_eq!((&done["result_id"], &done["end_day"]), (&json!(clean), &json!(today)));
    assert_eq!(offers("XF"), [spare.id()]);
    travel(app, today + Days::new(91));
    assert_eq!(offers("XF"), Vec::<String>::new());
    let spare_at = format!("/api/v1/tasks/{}/recognition", spare.id());
    let late = clerk(&s, app, "XF").post(&spare_at, &body);
    assert_eq!(faults(&late), pairs(&[("/result_id", "not_offered")]));
    let task = clerk(&s, app, "XF").get(&format!("/api/v1/tasks/{}", made.id())).expect(200);
    assert_eq!((&task["state"], &task["planning_id"]), (&json!("done"), &Value::Null));
    clerk(&s, app, "XF").post(&at, &body).problem(409, "wrong_state");
    // One visit less for the business.
    let on = today + Days::new(90);
    let avoided = s.office(app).get(&format!("/api/v1/recognitions/avoided?from={on}&to={on}")).expect(200);
    let xf = s.county.ids.departments["XF"];
    assert_eq!(avoided["departments"], json!([{ "department_id": xf, "visits": 1 }]));
    let none =
        clerk(&s, app, "SJ").get(&format!("/api/v1/recognitions/avoided?from={on}&to={on}")).expect(200);
    assert_eq!(none["departments"], json!([]));
    assert_eq!(clerk(&s, app, "SJ").get("/api/v1/recognitions").expect(200)["items"], json!([]));
    let list = clerk(&s, app, "XF").get("/api/v1/recognitions").expect(200);
    assert_eq!(list["items"][0]["task_id"], made.id().as_str());
});

both!(a_planned_visit_loses_what_another_department_has_done_and_dies_with_its_last_item, |app| {
    let s = sent(app);
    // Both claimed their items from the same of the upper list.
    let items: Vec<_> =
        ["SJ", "XF"].iter().map(|d| s.county.ids.items[&((*d).to_owned(), format!("{d}-1"))]).collect();
    let same = items.clone();
    app.server
        .store
        .write(move |db| {
            for id in &same {
                let mut item = onedoor::store::items::need(db, *id)?;
                let seen = item.version;
                item.claimed_from = Some(same[0]);
                item.version += 1;
                onedoor::store::items::update(db, &item, seen)?;
            }
            Ok(())
        })
        .unwrap();
    for visit in &s.visits[..2] {
        held(&s, app, visit, &wrong());
        s.publish(app, visit, "SJ");
    }
    let today = day(s.visits[1]["day"].as_str().unwrap());
    let task = |department: &str, item: usize, visit: &Value| {
        let body = json!({
            "item_id": items[item], "subject_id": visit["subject"]["id"], "earliest": today + Days::new(1),
            "latest": "2026-04-03", "reason": "专项检查",
        });
        clerk(&s, app, department).post("/api/v1/tasks", &body).id()
    };
    // Whoever is drawn can lead: here nobody is kept from recognising because the A post could not pass on.
    change(app, s.county.ids.inspectors.values().copied().collect(), |row| row.can_lead = true);
    let shared = task("XF", 1, &s.visits[0]);
    let stays = task("SJ", 0, &s.visits[0]);
    let alone = task("XF", 1, &s.visits[1]);
    let body = json!({
        "period_from": today + Days::new(1), "period_to": "2026-04-03", "inspections": [], "singles": true,
    });
    let made = s.office(app).post("/api/v1/plannings", &body);
    made.expect(201);
    s.office(app).post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let visit_of = |task: &str| {
        let path = format!("/api/v1/plannings/{}/visits?limit=200", made.id());
        let all = crate::planning::fixture::pages(&s.office(app), &path);
        let of = |v: &&Value| v["tasks"].as_array().unwrap().iter().any(|t| t["id"] == task);
        text(&all.iter().find(of).unwrap()["id"])
    };
    let (joint, single) = (visit_of(&shared), visit_of(&alone));
    assert_eq!((visit_of(&stays) == joint, single == joint), (true, false));
    let seen = |id: &str| s.office(app).get(&format!("/api/v1/visits/{id}")).expect(200);
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    let before = seen(&joint);
    assert_eq!(
        (before["state"].as_str(), before["departments"].as_array().unwrap().len()),
        (Some("staffed"), 2)
    );

    let page = clerk(&s, app, "XF").get("/api/v1/recognition-offers").expect(200);
    let offered: Vec<String> =
        page["items"].as_array().unwrap().iter().map(|o| text(&o["task"]["id"])).collect();
    assert_eq!(offered, [shared.clone(), alone.clone()]);
    let recognise = |task: &str, visit: &Value| {
        let body = json!({ "result_id": result_of(&s, app, visit, "SJ"), "reason": "当日已查验" });
        clerk(&s, app, "XF").post(&format!("/api/v1/tasks/{task}/recognition"), &body)
    };
    recognise(&shared, &s.visits[0]).expect(201);
    let after = seen(&joint);
    assert_eq!(after["tasks"].as_array().unwrap().len(), 1);
    assert_eq!((&after["tasks"][0]["id"], &after["lead_department_id"]), (&json!(stays), &json!(sj)));
    assert_eq!(after["departments"].as_array().unwrap().len(), 1);
    // The people of the department that stays away are free, and somebody of the other leads.
    let seats = after["seats"].as_array().unwrap();
    assert!(seats.len() >= 2 && seats.iter().all(|x| x["department_id"] == json!(sj)), "{seats:?}");
    assert_eq!(seats.iter().filter(|x| x["role"] == "lead_inspector").count(), 1);
    assert_eq!(after["state"], "staffed");
    assert!(after["version"].as_i64() > before["version"].as_i64());

    recognise(&alone, &s.visits[1]).expect(201);
    let dead = seen(&single);
    assert_eq!((&dead["state"], &dead["seats"]), (&json!("cancelled"), &json!([])));
    let done = clerk(&s, app, "XF").get(&format!("/api/v1/tasks/{alone}")).expect(200);
    assert_eq!((&done["state"], &done["planning_id"]), (&json!("done"), &Value::Null));
    recognise(&alone, &s.visits[1]).problem(409, "wrong_state");

    // The journal tells both.
    let told = |act: &str, id: &str| {
        let id = id.parse().unwrap();
        let filter = onedoor::store::journal::Filter {
            act: Some(act.to_owned()),
            object: Some(id),
            ..onedoor::store::journal::Filter::default()
        };
        let region = crate::support::REGION;
        let rows =
            app.server.store.read(|db| onedoor::store::journal::list(db, region, &filter, 10)).unwrap();
        rows.into_iter().map(|e| String::from_utf8(e.leaf).unwrap()).collect::<Vec<_>>()
    };
    let lost = told("visit_lost_task", &joint);
    assert_eq!(lost.len(), 1);
    assert!(
        lost[0].contains(&shared)
            && lost[0].contains(&xf.to_string())
            && lost[0].contains("result recognised")
    );
    assert!(told("visit_cancelled", &single)[0].contains("result recognised"));

    // Once the team is sent out nothing is offered for what it goes for.
    let late = task("XF", 1, &s.visits[1]);
    let made = s.office(app).post("/api/v1/plannings", &body);
    made.expect(201);
    s.office(app).post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    let path = format!("/api/v1/plannings/{}/visits?limit=200", made.id());
    let visit = text(&crate::planning::fixture::pages(&s.office(app), &path)[0]["id"]);
    s.office(app).post(&format!("/api/v1/visits/{visit}/dispatch"), &json!({})).expect(200);
    let at = format!("/api/v1/tasks/{late}/recognition");
    assert_eq!(clerk(&s, app, "XF").get(&at).expect(200)["known"], json!([]));
    recognise(&late, &s.visits[1]).problem(409, "wrong_state");
});
