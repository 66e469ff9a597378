//! From confirmed to published, the countdown, corrections, the joint conclusion.

use super::{Sent, fine, path, sent, text, wrong};
use crate::planning::fixture::{day, travel};
use crate::support::{TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::calendar::WorkdayTable;
use onedoor::service::results::publications::{self, Round};
use serde_json::{Value, json};

fn result_of(s: &Sent, app: &TestApp, visit: &Value, department: &str) -> Value {
    let id = s.county.ids.departments[department].to_string();
    let conduct = s.conduct(app, visit);
    let mut rows: Vec<Value> = conduct["results"].as_array().unwrap().clone();
    rows.retain(|r| r["department_id"] == id.as_str());
    rows.pop().unwrap()
}

both!(nothing_is_published_that_was_not_reviewed_and_approved, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    s.enter(app, &s.visit, "SJ", &fine());
    let id = text(&result_of(&s, app, &s.visit, "SJ")["id"]);
    let at = |verb: &str| format!("/api/v1/results/{id}/{verb}");
    let nothing = json!({});
    let (clerk, legal, head) = (
        s.desk(app, "SJ", Role::DepartmentClerk),
        s.desk(app, "SJ", Role::LegalReviewer),
        s.desk(app, "SJ", Role::DepartmentHead),
    );
    clerk.post(&at("publish"), &nothing).problem(409, "wrong_state");
    head.post(&at("approve"), &nothing).problem(409, "wrong_state");
    head.post(&at("review"), &nothing).problem(403, "denied");
    // The partner sees it and may do nothing with it; the office sees it and edits none.
    let partner = s.desk(app, "XF", Role::LegalReviewer);
    assert_eq!(partner.get(&format!("/api/v1/results/{id}")).expect(200)["result"]["state"], "confirmed");
    partner.post(&at("review"), &nothing).problem(403, "denied");
    s.office(app).post(&at("review"), &nothing).problem(403, "denied");
    let other = app.department("QT", "其他局", "inspecting");
    let stranger = app.user("other", &[Role::LegalReviewer], Some(other));
    stranger.post(&at("review"), &nothing).problem(404, "not_found");
    assert_eq!(stranger.get("/api/v1/results").expect(200)["items"], json!([]));
    // Whoever entered it does not review it, whatever his roles.
    let officer = s.team(app, &s.visit, "SJ").a;
    let user = officer.user.unwrap();
    app.server
        .store
        .write(move |db| {
            onedoor::store::accounts::set_roles(db, user, &[Role::Inspector, Role::LegalReviewer])
        })
        .unwrap();
    officer.post(&at("review"), &nothing).problem(409, "own_result");

    assert_eq!(legal.post(&at("review"), &nothing).expect(200)["state"], "reviewed");
    legal.post(&at("review"), &nothing).problem(409, "wrong_state");
    assert_eq!(
        legal.post(&at("return"), &json!({ "reason": "" })).problem(422, "invalid")["errors"][0]["pointer"],
        "/reason"
    );
    let back = head.post(&at("return"), &json!({ "reason": "依据不全" })).expect(200);
    assert_eq!(
        (&back["state"], &back["review_note"], &back["reviewed_by"]),
        (&json!("returned"), &json!("依据不全"), &Value::Null)
    );
    s.enter(app, &s.visit, "SJ", &fine());
    legal.post(&at("review"), &nothing).expect(200);
    assert_eq!(head.post(&at("approve"), &nothing).expect(200)["state"], "approved");
    clerk.post(&at("publish"), &nothing).problem(409, "visit_not_finished");
    s.enter(app, &s.visit, "XF", &wrong());
    s.team(app, &s.visit, "SJ").a.post(&format!("{}/finish", path(&s.visit)), &nothing).expect(200);
    let done = clerk.post(&at("publish"), &nothing).expect(200);
    assert_eq!((&done["state"], &done["current"]), (&json!("published"), &json!(true)));
});

both!(the_inspection_closes_when_every_department_has_published_every_visit, |app| {
    let s = sent(app);
    for (n, visit) in s.visits.iter().enumerate() {
        s.hold(app, visit);
        let conclusion = format!("{}/conclusion", path(visit));
        s.publish(app, visit, "SJ");
        s.office(app).get(&conclusion).problem(409, "not_all_published");
        // One that cannot be published keeps the others back.
        let ready = text(&result_of(&s, app, visit, "XF")["id"]);
        let gone = text(&result_of(&s, app, visit, "SJ")["id"]);
        let clerk = s.desk(app, "XF", Role::DepartmentClerk);
        let both = json!({ "ids": [ready, gone] });
        clerk.post("/api/v1/results/publish", &both).problem(403, "denied");
        let none = json!({ "ids": [ready, app.id()] });
        clerk.post("/api/v1/results/publish", &none).problem(422, "invalid");
        clerk.post("/api/v1/results/publish", &json!({ "ids": [ready] })).problem(409, "wrong_state");
        s.publish(app, visit, "XF");
        let joint = s.office(app).get(&conclusion).expect(200);
        assert_eq!((&joint["conclusion"], &joint["word"]), (&json!("problem"), &json!("发现问题")));
        let parts: Vec<String> =
            joint["departments"].as_array().unwrap().iter().map(|d| text(&d["word"])).collect();
        assert_eq!(parts, ["合格", "发现问题"]);
        assert_eq!(s.inspection_state(app), if n == 3 { "closed" } else { "inspecting" });
    }
    let open = s.office(app).get("/api/v1/publications?open=true").expect(200);
    assert_eq!(open["items"], json!([]));
    let done = s.office(app).get("/api/v1/publications?open=false&limit=3").expect(200);
    assert_eq!(done["items"][0]["countdown"], "已公示");
    let next = text(&done["next"]);
    let more = s.office(app).get(&format!("/api/v1/publications?open=false&after={next}")).expect(200);
    assert_eq!(more["items"].as_array().unwrap().len(), 5);
});

both!(a_correction_goes_the_whole_way_and_the_old_version_stays, |app| {
    let s = sent(app);
    s.hold(app, &s.visit);
    s.publish(app, &s.visit, "XF");
    let old = result_of(&s, app, &s.visit, "XF");
    let at = format!("/api/v1/results/{}/correct", text(&old["id"]));
    app.advance(chrono::TimeDelta::minutes(5));
    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    let reason = json!({ "reason": "当场已查明系邻店物品" });
    s.desk(app, "SJ", Role::DepartmentClerk).post(&at, &reason).problem(403, "denied");
    let made = clerk.post(&at, &reason);
    let new = made.expect(201);
    assert_eq!(
        (&new["revision"], &new["state"], &new["current"]),
        (&json!(2), &json!("returned"), &json!(false))
    );
    clerk.post(&at, &reason).problem(409, "correction_open");
    s.enter(app, &s.visit, "XF", &fine());
    // Until it is published the old one counts.
    let seen = clerk.get(&format!("/api/v1/results/{}", made.id())).expect(200);
    assert_eq!(seen["revisions"][0]["state"], "published");
    assert_eq!(seen["revisions"][1]["state"], "confirmed");
    s.publish(app, &s.visit, "XF");
    let seen = clerk.get(&format!("/api/v1/results/{}", made.id())).expect(200);
    let states: Vec<String> =
        seen["revisions"].as_array().unwrap().iter().map(|r| text(&r["state"])).collect();
    assert_eq!(states, ["corrected", "published"]);
    assert_eq!(seen["revisions"][0]["outcomes"], json!(["corrected_on_order"]));
    assert_eq!(seen["revisions"][0]["current"], false);
    clerk.post(&at, &reason).problem(409, "wrong_state");
    let public = app.anonymous().get("/api/v1/public/results").expect(200);
    let states: Vec<String> = public["items"].as_array().unwrap().iter().map(|r| text(&r["state"])).collect();
    assert_eq!(states, ["published", "corrected"]);
});

fn mails(app: &TestApp, kind: &str) -> usize {
    let region = app.server.rules.region.code.clone();
    let rows =
        app.server.store.read(|db| onedoor::store::outbox::list(db, &region, None, None, 1_000)).unwrap();
    rows.iter().filter(|m| m.kind == kind).count()
}

both!(a_late_publication_is_reminded_and_gets_its_cards_once, |app| {
    let s = sent(app);
    s.hold(app, &s.visit);
    s.publish(app, &s.visit, "SJ");
    for role in [Role::DepartmentClerk, Role::DepartmentHead] {
        s.desk(app, "XF", role);
    }
    let table = WorkdayTable::parse(include_str!("../../../config/prc_calendar.csv")).unwrap();
    let due = table.after(day(s.visit["day"].as_str().unwrap()), 20).unwrap();
    // Both servers look at the same moment.
    let tick = || {
        let rounds: Vec<Round> = std::thread::scope(|scope| {
            let looks: Vec<_> =
                (0..2).map(|_| scope.spawn(|| app.server.as_system(publications::tick).unwrap())).collect();
            looks.into_iter().map(|look| look.join().unwrap()).collect()
        });
        let sum = |f: fn(&Round) -> usize| rounds.iter().map(f).sum::<usize>();
        (sum(|r| r.reminded), sum(|r| r.yellow), sum(|r| r.red))
    };
    let mut told = Vec::new();
    let mut today = day(s.visit["day"].as_str().unwrap());
    let last = table.after(due, 12).unwrap();
    while today <= last {
        travel(app, today);
        let round = tick();
        assert_eq!(tick(), (0, 0, 0), "{today}");
        if round != (0, 0, 0) {
            told.push((today, round));
        }
        today = today.succ_opt().unwrap();
    }
    let before = |days: usize| {
        let mut d = due;
        let mut left = days;
        while left > 0 {
            d = d.pred_opt().unwrap();
            left -= usize::from(table.is_workday(d));
        }
        d
    };
    // The last working day with so many left, and the days off after the one before it, count alike.
    let first = told[0].0;
    assert!(first <= before(5) && first > before(6), "{told:?}");
    assert!(told[1].0 <= before(2) && told[1].0 > before(3), "{told:?}");
    assert_eq!(told[2], (due.succ_opt().unwrap(), (0, 1, 0)));
    assert_eq!(told[3], (table.after(due, 5).unwrap(), (0, 0, 1)));
    assert_eq!(told.len(), 4);
    // Clerk and head of the department, and the coordination office.
    assert_eq!(mails(app, "publication_reminder"), 6);
    assert_eq!(mails(app, "publication_yellow_card"), 3);
    assert_eq!(mails(app, "publication_red_card"), 3);
    let late = s.office(app).get("/api/v1/publications?late=true").expect(200);
    assert_eq!(late["items"].as_array().unwrap().len(), 1);
    assert_eq!((&late["items"][0]["card"], &late["items"][0]["reminders"]), (&json!("red"), &json!(2)));
    assert_eq!(late["items"][0]["countdown"], "已逾期12个工作日");
    let late = s.office(app).get("/api/v1/results?late=true").expect(200);
    assert_eq!(late["items"].as_array().unwrap().len(), 1);
    // Published in the end: the card stays, the countdown stops.
    s.publish(app, &s.visit, "XF");
    assert_eq!(s.office(app).get("/api/v1/publications?late=true").expect(200)["items"], json!([]));
    assert_eq!(s.office(app).get("/api/v1/results?late=true").expect(200)["items"], json!([]));
    assert_eq!(tick(), (0, 0, 0));
});

both!(a_deadline_follows_the_calendar_once_the_holidays_of_its_year_are_entered, |app| {
    let s = sent(app);
    // Held late: twenty working days after 10 December end in January, whose holidays nobody has entered yet. Nobody at a
    // shop's door waits for that: until then the weekdays count.
    travel(app, day("2026-12-10"));
    s.check_in(app, &s.visit);
    s.enter(app, &s.visit, "SJ", &fine());
    s.enter(app, &s.visit, "XF", &wrong());
    s.team(app, &s.visit, "SJ").a.post(&format!("{}/finish", path(&s.visit)), &json!({})).expect(200);
    let due = || {
        let periods = s.office(app).get("/api/v1/publications").expect(200);
        let periods = periods["items"].as_array().unwrap().clone();
        assert_eq!(periods.len(), 2);
        assert!(
            periods.iter().all(|p| p["end_day"] == "2026-12-10" && p["due_day"] == periods[0]["due_day"])
        );
        periods[0]["due_day"].as_str().unwrap().to_owned()
    };
    assert_eq!(due(), "2027-01-07");
    let put = |days: &Value| {
        s.office(app).put("/api/v1/calendar", &json!({ "days": days })).expect(200);
    };
    let off = |date: &str, name: &str| json!({ "date": date, "workday": false, "name": name });
    put(&json!([off("2027-01-01", "元旦"), off("2027-01-04", "元旦"), off("2027-10-01", "国庆节")]));
    // 11, 14-18, 21-25, 28-31 December, 5-8 and 11 January.
    assert_eq!(due(), "2027-01-11");
    put(&json!([{ "date": "2027-01-09", "workday": true, "name": "元旦调休" }]));
    assert_eq!(due(), "2027-01-09");
});

both!(a_day_ends_at_midnight_in_china, |app| {
    let s = sent(app);
    let today = day(s.visit["day"].as_str().unwrap());
    s.check_in(app, &s.visit);
    s.enter(app, &s.visit, "SJ", &fine());
    s.enter(app, &s.visit, "XF", &wrong());
    // Half past midnight in China is half past four in the afternoon of the day before in Greenwich.
    app.advance(chrono::TimeDelta::minutes(15 * 60 + 30));
    assert_eq!(app.now().date_naive(), today);
    s.team(app, &s.visit, "SJ").a.post(&format!("{}/finish", path(&s.visit)), &json!({})).expect(200);
    let periods = s.office(app).get("/api/v1/publications").expect(200);
    let next = today.succ_opt().unwrap();
    let table = WorkdayTable::parse(include_str!("../../../config/prc_calendar.csv")).unwrap();
    let due = table.after(next, 20).unwrap();
    let periods = periods["items"].as_array().unwrap().clone();
    assert!(periods.iter().all(|p| p["end_day"] == json!(next) && p["due_day"] == json!(due)), "{periods:?}");
    // Published in the last minute of the last day in China it is in time; a minute later it is late.
    let rate = |app: &TestApp| {
        let from = format!("from={next}&to={next}");
        s.office(app).get(&format!("/api/v1/figures?{from}")).expect(200)["total"].clone()
    };
    travel(app, due);
    app.advance(chrono::TimeDelta::minutes(14 * 60 + 59));
    s.publish(app, &s.visit, "SJ");
    app.advance(chrono::TimeDelta::minutes(1));
    s.publish(app, &s.visit, "XF");
    let total = rate(app);
    assert_eq!(
        (&total["publications_due"], &total["publications_on_time"]),
        (&json!(2), &json!(1)),
        "{total}"
    );
});
