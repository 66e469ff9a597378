//! On site: who is there, what is found, what keeps the team from it.

use super::{Sent, dispatched, fine, path, sent, text, wrong};
use crate::planning::fixture::{day, travel};
use crate::support::{Client, TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::calendar::WorkdayTable;
use serde_json::{Value, json};

fn state_of(s: &Sent, app: &TestApp) -> (String, String) {
    let visit = s.office(app).get(&path(&s.visit)).expect(200);
    (text(&visit["state"]), s.inspection_state(app))
}

both!(the_team_checks_in_with_the_code_of_its_paper, |app| {
    let s = dispatched(app);
    let here = format!("{}/check-in", path(&s.visit));
    let code = s.code(app, &s.visit);
    assert_eq!(code.len(), 20);
    assert_ne!(code, s.code(app, &s.visits[1]));
    let body = json!({ "method": "qr", "code": code, "place": "城关镇", "lon": 117.6, "lat": 26.2 });
    let early = s.team(app, &s.visit, "SJ").a;
    early.post(&here, &body).problem(409, "too_early");
    travel(app, day(s.visit["day"].as_str().unwrap()));

    let team = s.team(app, &s.visit, "SJ");
    // He reads the code from the paper, not from the server.
    assert_eq!(team.a.get(&format!("{}/conduct", path(&s.visit))).expect(200)["code"], Value::Null);
    let wrong = team.a.post(&here, &json!({ "method": "guess", "code": "23456789ABCDEFGHJKMN", "lon": 1.0 }));
    let faults: Vec<String> = wrong.problem(422, "invalid")["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| text(&e["code"]))
        .collect();
    assert_eq!(faults, ["unknown_value", "incomplete", "wrong_code"]);
    assert_eq!(state_of(&s, app), ("dispatched".to_owned(), "dispatched".to_owned()));
    s.desk(app, "SJ", Role::DepartmentClerk).post(&here, &body).problem(403, "denied");
    s.office(app).post(&here, &body).problem(403, "denied");
    let on_team: Vec<String> =
        s.visit["seats"].as_array().unwrap().iter().map(|p| text(&p["code"])).collect();
    let stranger = s.county.ids.inspectors.keys().find(|code| !on_team.contains(*code)).unwrap();
    s.county.inspector(app, stranger).post(&here, &body).problem(404, "not_found");

    // Somebody types it with hyphens, in small letters.
    let typed = format!("{}-{}", &code[..10], &code[10..]).to_lowercase();
    let first = team.a.post(&here, &json!({ "method": "code", "code": typed })).expect(200);
    assert_eq!(first["code"], code.as_str());
    assert_eq!(state_of(&s, app), ("in_progress".to_owned(), "inspecting".to_owned()));
    team.b.post(&here, &body).expect(200);
    let twice = team.a.post(&here, &body).expect(200);
    assert_eq!(twice["check_ins"].as_array().unwrap().len(), 2);
    assert_eq!(twice["began_at"], first["began_at"]);
    assert_eq!(twice["check_ins"][0]["method"], "code");
});

/// Every fault as (pointer, code).
fn faults(answer: &crate::support::Answer) -> Vec<(String, String)> {
    let body = answer.problem(422, "invalid");
    body["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

fn entry(task: &str, what: Value) -> Value {
    let mut entry = what;
    entry["task_id"] = json!(task);
    entry
}

fn put(client: &Client, s: &Sent, submit: bool, results: Vec<Value>) -> crate::support::Answer {
    client.put(&format!("{}/results", path(&s.visit)), &json!({ "submit": submit, "results": results }))
}

both!(each_department_enters_and_confirms_its_own_items, |app| {
    let s = sent(app);
    let (sj, xf) = (s.team(app, &s.visit, "SJ"), s.team(app, &s.visit, "XF"));
    let (own, foreign) = (s.tasks(&s.visit, "SJ").remove(0), s.tasks(&s.visit, "XF").remove(0));
    put(&sj.a, &s, true, vec![entry(&own, fine())]).problem(409, "wrong_state");
    let body = json!({ "method": "code", "code": s.code(app, &s.visit) });
    sj.b.post(&format!("{}/check-in", path(&s.visit)), &body).expect(200);
    put(&sj.a, &s, true, vec![entry(&own, fine())]).problem(409, "not_checked_in");
    s.check_in(app, &s.visit);

    put(&sj.b, &s, true, vec![entry(&own, fine())]).problem(403, "denied");
    put(&s.office(app), &s, true, vec![entry(&own, fine())]).problem(403, "denied");
    put(&s.desk(app, "SJ", Role::DepartmentHead), &s, true, vec![entry(&own, fine())]).problem(403, "denied");
    let bad = vec![
        entry(&own, json!({ "outcomes": ["no_problem_found", "pending_follow_up"] })),
        entry(&foreign, fine()),
        entry(&own, fine()),
        entry(&app.id().to_string(), fine()),
    ];
    let found = faults(&put(&sj.a, &s, true, bad));
    let expected = [
        ("/results/0/outcomes", "contradiction"),
        ("/results/0/methods", "required"),
        ("/results/0/other", "required"),
        ("/results/0/follow_up", "required"),
        ("/results/1/task_id", "foreign"),
        ("/results/2/task_id", "duplicate"),
        ("/results/3/task_id", "unknown"),
    ];
    assert_eq!(found, expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    let unknown = entry(&own, json!({ "outcomes": ["fine"], "methods": ["on_site"] }));
    assert_eq!(faults(&put(&sj.a, &s, true, vec![unknown]))[0].0, "/results/0/outcomes/0");
    assert_eq!(s.conduct(app, &s.visit)["results"], json!([]));

    // A draft may be incomplete; nobody can confirm it.
    let draft =
        put(&sj.a, &s, false, vec![entry(&own, json!({ "outcomes": ["not_disclosed"] }))]).expect(200);
    assert_eq!(draft["results"][0]["state"], "draft");
    let confirm = format!("{}/results/confirm", path(&s.visit));
    sj.b.post(&confirm, &json!({})).problem(409, "nothing_entered");
    let entered = put(&sj.a, &s, true, vec![entry(&own, fine())]).expect(200);
    assert_eq!(entered["results"][0]["state"], "entered");
    assert_eq!(entered["results"][0]["entered_by"], sj.a_id.as_str());
    // The telephone was offline and sends it again.
    assert_eq!(put(&sj.a, &s, true, vec![entry(&own, fine())]).expect(200), entered);
    let changed = put(&sj.a, &s, true, vec![entry(&own, wrong())]);
    assert_eq!(faults(&changed), [("/results/0/task_id".to_owned(), "not_editable".to_owned())]);

    sj.a.post(&confirm, &json!({})).problem(403, "denied");
    xf.b.post(&confirm, &json!({})).problem(409, "nothing_entered");
    assert_eq!(faults(&xf.b.post(&confirm, &json!({ "tasks": [own] })))[0].1, "unknown");
    let reject = format!("{}/results/reject", path(&s.visit));
    assert_eq!(faults(&sj.b.post(&reject, &json!({ "reason": " " })))[0].0, "/reason");
    let back = sj.b.post(&reject, &json!({ "reason": "后厨未查" })).expect(200);
    assert_eq!(
        (&back["results"][0]["state"], &back["results"][0]["review_note"]),
        (&json!("returned"), &json!("后厨未查"))
    );
    put(&sj.a, &s, true, vec![entry(&own, wrong())]).expect(200);
    let done = sj.b.post(&confirm, &json!({ "tasks": [own] })).expect(200);
    assert_eq!(done["results"][0]["state"], "confirmed");
    assert_eq!(done["results"][0]["confirmed_by"], sj.b_id.as_str());
    assert_eq!(done["results"][0]["review_note"], "");
    sj.b.post(&confirm, &json!({ "tasks": [own] })).problem(409, "wrong_state");
});

both!(a_visit_ends_when_every_department_has_handed_in, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    s.enter(app, &s.visit, "SJ", &fine());
    let finish = format!("{}/finish", path(&s.visit));
    let (sj, xf) = (s.team(app, &s.visit, "SJ"), s.team(app, &s.visit, "XF"));
    assert_eq!(faults(&sj.a.post(&finish, &json!({}))), [("/results".to_owned(), "missing".to_owned())]);
    let task = s.tasks(&s.visit, "XF").remove(0);
    put(&xf.a, &s, false, vec![entry(&task, wrong())]).expect(200);
    sj.a.post(&finish, &json!({})).problem(422, "invalid");
    put(&xf.a, &s, true, vec![entry(&task, wrong())]).expect(200);
    let statement = format!("{}/statement", path(&s.visit));
    assert_eq!(faults(&sj.a.post(&statement, &json!({ "signed": "signed" })))[0].0, "/signer");
    let said = json!({ "text": "同意整改", "signer": "王小明", "signed": "signed" });
    assert_eq!(sj.a.post(&statement, &said).expect(200)["signer"], "王小明");
    let end = sj.a.post(&finish, &json!({})).expect(200);
    assert_eq!(end["state"], "done");
    assert_eq!(end["end_day"], s.visit["day"]);
    let again = xf.b.post(&finish, &json!({})).expect(200);
    assert_eq!((&again["ended_at"], &again["end_day"]), (&end["ended_at"], &end["end_day"]));
    sj.a.post(&statement, &said).problem(409, "wrong_state");

    let tasks = s.office(app).get("/api/v1/tasks?state=done").expect(200);
    assert_eq!(tasks["items"].as_array().unwrap().len(), 2);
    // Twenty working days by the table of the State Council, Qingming among them.
    let table = WorkdayTable::parse(include_str!("../../../config/prc_calendar.csv")).unwrap();
    let due = table.after(day(s.visit["day"].as_str().unwrap()), 20).unwrap();
    let list = s.office(app).get("/api/v1/publications?open=true").expect(200);
    let rows = list["items"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["due_day"], due.to_string());
        assert_eq!((&row["days_left"], &row["countdown"]), (&json!(20), &json!("还剩20个工作日")));
    }
    let own = s.desk(app, "XF", Role::DepartmentClerk).get("/api/v1/publications").expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    // What the B post of XF has not confirmed he may confirm after the end.
    xf.b.post(&format!("{}/results/confirm", path(&s.visit)), &json!({})).expect(200);
});

both!(a_team_that_is_not_let_in_says_so, |app| {
    let s = sent(app);
    let (sj, xf) = (s.team(app, &s.visit, "SJ"), s.team(app, &s.visit, "XF"));
    let obstruct = format!("{}/obstruct", path(&s.visit));
    assert_eq!(
        faults(&sj.a.post(&obstruct, &json!({ "obstacle": "rain", "note": "x" })))[0].1,
        "unknown_value"
    );
    assert_eq!(faults(&sj.a.post(&obstruct, &json!({ "obstacle": "refused", "note": "" })))[0].0, "/note");
    let body = json!({ "obstacle": "not_found", "note": "门面关闭,邻居称已搬走" });
    s.desk(app, "SJ", Role::DepartmentClerk).post(&obstruct, &body).problem(403, "denied");
    let shut = sj.a.post(&obstruct, &body).expect(200);
    assert_eq!((&shut["state"], &shut["obstacle"]), (&json!("obstructed"), &json!("not_found")));
    assert_eq!(state_of(&s, app), ("obstructed".to_owned(), "inspecting".to_owned()));
    sj.a.post(&obstruct, &body).problem(409, "wrong_state");
    // Somebody opens after all, and then shuts the door.
    let open = sj.b.post(&format!("{}/resume", path(&s.visit)), &json!({})).expect(200);
    assert_eq!((&open["state"], &open["obstacle"]), (&json!("in_progress"), &json!("")));
    sj.a.post(&format!("{}/finish", path(&s.visit)), &json!({})).problem(422, "invalid");
    sj.a.post(&obstruct, &body).expect(200);
    assert_eq!(sj.a.post(&format!("{}/finish", path(&s.visit)), &json!({})).expect(200)["state"], "done");
    assert_eq!(
        s.conduct(app, &s.visit)["results"],
        json!([]),
        "nothing has a result before somebody entered it"
    );
    // The result is entered and published like any other.
    let task = s.tasks(&s.visit, "XF").remove(0);
    let gone = json!({
        "outcomes": ["unreachable"], "methods": ["on_site"], "other": "门面关闭", "follow_up": ["feedback"],
    });
    put(&xf.a, &s, true, vec![entry(&task, gone)]).expect(200);
    xf.b.post(&format!("{}/results/confirm", path(&s.visit)), &json!({})).expect(200);
});

both!(evidence_is_what_it_says_and_lies_under_its_hash, |app| {
    let s = sent(app);
    let (sj, xf) = (s.team(app, &s.visit, "SJ"), s.team(app, &s.visit, "XF"));
    let own = s.tasks(&s.visit, "SJ").remove(0);
    let at = format!("{}/evidence?name=door.jpg", path(&s.visit));
    let photo = [&[0xFF, 0xD8, 0xFF, 0xE0][..], b"a picture"].concat();
    sj.a.upload(&at, "image/jpeg", &photo).problem(409, "wrong_state");
    s.check_in(app, &s.visit);
    sj.a.upload(&at, "image/jpeg", b"<html><script>alert(1)</script>").problem(415, "unsupported_media_type");
    let mut large = photo.clone();
    large.resize((10 << 20) + 1, 0);
    sj.a.upload(&at, "image/jpeg", &large).problem(413, "too_large");
    s.desk(app, "SJ", Role::DepartmentClerk).upload(&at, "image/jpeg", &photo).problem(403, "denied");
    let task = format!("{at}&task_id={own}");
    assert_eq!(faults(&xf.a.upload(&task, "image/jpeg", &photo))[0].1, "foreign");
    let made = sj.a.upload(&task, "text/html", &photo);
    let row = made.expect(201);
    assert_eq!((&row["media_type"], &row["bytes"]), (&json!("image/jpeg"), &json!(photo.len())));
    assert_eq!(sj.a.upload(&task, "image/jpeg", &photo).id(), made.id());
    let hash = text(&row["sha256"]);
    assert_eq!(std::fs::read(app.files().join(&hash[..2]).join(&hash)).unwrap(), photo);
    let place = format!("/api/v1/evidence/{}", made.id());
    let seen = xf.a.get(&place);
    assert_eq!((seen.status, seen.header("content-type"), &seen.bytes), (200, Some("image/jpeg"), &photo));
    assert_eq!(s.conduct(app, &s.visit)["evidence"].as_array().unwrap().len(), 1);
    let other = app.department("QT", "其他局", "inspecting");
    app.user("other", &[Role::DepartmentClerk], Some(other)).get(&place).problem(404, "not_found");
    app.anonymous().get(&place).problem(401, "login_required");
    // Somebody changes the file behind the server's back.
    std::fs::write(app.files().join(&hash[..2]).join(&hash), b"forged").unwrap();
    xf.a.get(&place).problem(500, "internal");
});

both!(files_that_no_row_names_are_swept_and_evidence_stays_as_it_came, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    let team = s.team(app, &s.visit, "SJ");
    // A photograph with what the camera wrote into it: it is kept byte for byte, or its hash would prove nothing.
    let picture = b"\xFF\xD8\xFF\xE1\0\x16Exif\0\0II*\0GPSLatitude 26.2\xFF\xD9".to_vec();
    let at = format!("{}/evidence?name=door.jpg", path(&s.visit));
    let kept = team.a.upload(&at, "image/jpeg", &picture).expect(201);
    let orphan = app.server.files.put(b"%PDF-1.7 of a request that failed").unwrap();
    let young = app.server.files.put(b"%PDF-1.7 of a request that is under way").unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(86_400);
    for hash in [text(&kept["sha256"]), orphan.clone()] {
        let file = app.files().join(&hash[..2]).join(&hash);
        std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    }
    assert_eq!(onedoor::worker::sweep(&app.server).unwrap(), 1);
    assert_eq!(onedoor::worker::sweep(&app.server).unwrap(), 0);
    assert_eq!((app.server.files.get(&orphan), app.server.files.get(&young).is_some()), (None, true));
    let evidence = format!("/api/v1/evidence/{}", text(&kept["id"]));
    assert_eq!(team.a.get(&evidence).bytes, picture);
    // Nobody outside reads it, published or not.
    app.anonymous().get(&evidence).problem(401, "login_required");
    let told = app
        .server
        .store
        .read(|db| {
            let act = Some("orphan_files_swept".to_owned());
            let filter = onedoor::store::journal::Filter { act, ..Default::default() };
            onedoor::store::journal::list(db, crate::support::REGION, &filter, 10)
        })
        .unwrap();
    assert_eq!(told.len(), 1);
});
