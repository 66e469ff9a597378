//! What follows after a visit, over HTTP, on both databases, as the people who do it.

mod letters;
mod recognition;
mod rectification;
mod referral;
mod return_visits;
mod voice;

use crate::results::{Sent, fine, path, text};
use crate::support::{Client, PASSWORD, TestApp};
use onedoor::domain::access::Role;
use onedoor::domain::calendar::WorkdayTable;
use onedoor::service::follow_up::{Round, tick};
use serde_json::Value;

pub(super) fn result_of(s: &Sent, app: &TestApp, visit: &Value, department: &str) -> String {
    let id = s.county.ids.departments[department].to_string();
    let conduct = s.conduct(app, visit);
    let rows = conduct["results"].as_array().unwrap();
    text(&rows.iter().rfind(|r| r["department_id"] == id.as_str()).unwrap()["id"])
}

/// A visit where `XF` found this and `SJ` nothing, published by `XF`; answers the result of `XF`.
pub(super) fn held(s: &Sent, app: &TestApp, visit: &Value, entry: &Value) -> String {
    crate::planning::fixture::travel(app, crate::planning::fixture::day(visit["day"].as_str().unwrap()));
    s.check_in(app, visit);
    s.enter(app, visit, "SJ", &fine());
    s.enter(app, visit, "XF", entry);
    let lead = s.team(app, visit, "SJ").a;
    lead.post(&format!("{}/finish", path(visit)), &serde_json::json!({})).expect(200);
    s.publish(app, visit, "XF");
    result_of(s, app, visit, "XF")
}

pub(super) fn clerk(s: &Sent, app: &TestApp, department: &str) -> Client {
    s.desk(app, department, Role::DepartmentClerk)
}

pub(super) fn head(s: &Sent, app: &TestApp, department: &str) -> Client {
    s.desk(app, department, Role::DepartmentHead)
}

/// Somebody of the oversight, logged in anew.
pub(super) fn overseer(app: &TestApp) -> Client {
    let key = onedoor::service::login::login_key("overseer");
    if app.server.store.read(|db| onedoor::store::accounts::by_login(db, &key)).unwrap().is_some() {
        return app.login("overseer", PASSWORD);
    }
    let office = app.department("JD", "司法局监督科", "oversight");
    app.user("overseer", &[Role::Overseer], Some(office))
}

/// Both servers look at the same moment: (reminded, overdue).
pub(super) fn look(app: &TestApp) -> (usize, usize) {
    let rounds: Vec<Round> = std::thread::scope(|scope| {
        let looks: Vec<_> = (0..2).map(|_| scope.spawn(|| app.server.as_system(tick).unwrap())).collect();
        looks.into_iter().map(|look| look.join().unwrap()).collect()
    });
    (rounds.iter().map(|r| r.reminded).sum(), rounds.iter().map(|r| r.overdue).sum())
}

/// The bodies of the mails of a kind.
pub(super) fn mails(app: &TestApp, kind: &str) -> Vec<String> {
    let region = app.server.rules.region.code.clone();
    let rows =
        app.server.store.read(|db| onedoor::store::outbox::list(db, &region, None, None, 1_000)).unwrap();
    rows.into_iter().filter(|m| m.kind == kind).map(|m| m.body).collect()
}

pub(super) fn calendar() -> WorkdayTable {
    WorkdayTable::parse(include_str!("../../../config/prc_calendar.csv")).unwrap()
}

/// Every fault as (pointer, code).
pub(super) fn faults(answer: &crate::support::Answer) -> Vec<(String, String)> {
    let body = answer.problem(422, "invalid");
    body["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

pub(super) fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}
