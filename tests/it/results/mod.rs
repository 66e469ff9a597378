//! From the check-in to the published result over HTTP, on both databases, as the people who do it.

mod embargo;
mod on_site;
mod public;
mod publication;

use crate::planning::fixture::{County, day, small_committed, travel};
use crate::support::{Client, PASSWORD, TestApp};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use serde_json::{Value, json};

/// A small county with a joint inspection whose four visits were sent out; the clock stands on the day of the first.
pub(super) struct Sent {
    pub(super) county: County,
    pub(super) inspection: Id,
    /// The first visit, as it was sent out.
    pub(super) visit: Value,
    pub(super) visits: Vec<Value>,
}

/// The two officers of each department at a visit: who enters and who confirms.
pub(super) struct Team {
    pub(super) a: Client,
    pub(super) b: Client,
    pub(super) a_id: String,
    pub(super) b_id: String,
}

/// The same with the clock still before the first visit.
pub(super) fn dispatched(app: &TestApp) -> Sent {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let made = county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({}));
    assert_eq!(made.expect(200)["count"], 4);
    let mut visits = county.visits(&planning);
    visits.sort_by_key(|v| v["day"].as_str().unwrap().to_owned());
    Sent { visit: visits[0].clone(), visits, county, inspection }
}

pub(super) fn sent(app: &TestApp) -> Sent {
    let sent = dispatched(app);
    travel(app, day(sent.visit["day"].as_str().unwrap()));
    sent
}

/// Somebody who may have an account already, logged in anew: the clock of these tests outruns every session.
fn again(app: &TestApp, login: &str, create: impl FnOnce() -> Client) -> Client {
    let key = onedoor::service::login::login_key(login);
    let known = app.server.store.read(|db| onedoor::store::accounts::by_login(db, &key)).unwrap();
    if known.is_some() { app.login(login, PASSWORD) } else { create() }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub(super) fn path(visit: &Value) -> String {
    format!("/api/v1/visits/{}", text(&visit["id"]))
}

impl Sent {
    pub(super) fn office(&self, app: &TestApp) -> Client {
        app.login("coordinator", PASSWORD)
    }

    /// Where the joint inspection stands.
    pub(super) fn inspection_state(&self, app: &TestApp) -> String {
        let id = self.inspection;
        app.server.store.read(|db| onedoor::store::inspections::need(db, id)).unwrap().state
    }

    pub(super) fn conduct(&self, app: &TestApp, visit: &Value) -> Value {
        self.office(app).get(&format!("{}/conduct", path(visit))).expect(200)
    }

    /// Who enters and who confirms for a department at a visit, logged in.
    pub(super) fn team(&self, app: &TestApp, visit: &Value, department: &str) -> Team {
        let conduct = self.conduct(app, visit);
        let id = self.county.ids.departments[department].to_string();
        let desks = conduct["desks"].as_array().unwrap();
        let desk = desks.iter().find(|d| d["department_id"] == id.as_str()).unwrap();
        let (a_id, b_id) = (text(&desk["enters"]), text(&desk["confirms"][0]));
        Team { a: self.officer(app, &a_id), b: self.officer(app, &b_id), a_id, b_id }
    }

    fn officer(&self, app: &TestApp, entry: &str) -> Client {
        let (code, _) = self.county.ids.inspectors.iter().find(|(_, id)| id.to_string() == entry).unwrap();
        again(app, &format!("p-{code}").to_lowercase(), || self.county.inspector(app, code))
    }

    pub(super) fn code(&self, app: &TestApp, visit: &Value) -> String {
        text(&self.conduct(app, visit)["code"])
    }

    /// The tasks of a department at a visit.
    pub(super) fn tasks(&self, visit: &Value, department: &str) -> Vec<String> {
        let id = self.county.ids.departments[department].to_string();
        let tasks = visit["tasks"].as_array().unwrap();
        tasks.iter().filter(|t| t["department_id"] == id.as_str()).map(|t| text(&t["id"])).collect()
    }

    pub(super) fn check_in(&self, app: &TestApp, visit: &Value) {
        let body = json!({ "method": "code", "code": self.code(app, visit) });
        for department in ["SJ", "XF"] {
            let team = self.team(app, visit, department);
            team.a.post(&format!("{}/check-in", path(visit)), &body).expect(200);
            team.b.post(&format!("{}/check-in", path(visit)), &body).expect(200);
        }
    }

    /// Results of a department, entered and confirmed.
    pub(super) fn enter(&self, app: &TestApp, visit: &Value, department: &str, entry: &Value) {
        let team = self.team(app, visit, department);
        let results: Vec<Value> = self
            .tasks(visit, department)
            .iter()
            .map(|task| {
                let mut entry = entry.clone();
                entry["task_id"] = json!(task);
                entry
            })
            .collect();
        let body = json!({ "submit": true, "results": results });
        team.a.put(&format!("{}/results", path(visit)), &body).expect(200);
        team.b.post(&format!("{}/results/confirm", path(visit)), &json!({})).expect(200);
    }

    /// A visit from the door to its end, every item without a problem but those of `XF`.
    pub(super) fn hold(&self, app: &TestApp, visit: &Value) {
        travel(app, day(visit["day"].as_str().unwrap()));
        self.check_in(app, visit);
        self.enter(app, visit, "SJ", &fine());
        self.enter(app, visit, "XF", &wrong());
        let lead = self.team(app, visit, "SJ").a;
        lead.post(&format!("{}/finish", path(visit)), &json!({})).expect(200);
    }

    pub(super) fn desk(&self, app: &TestApp, department: &str, role: Role) -> Client {
        let login = format!("{}-{department}", role.as_str()).to_lowercase();
        again(app, &login, || app.user(&login, &[role], Some(self.county.ids.departments[department])))
    }

    /// Reviews, approves and publishes whatever of a department at a visit can be.
    pub(super) fn publish(&self, app: &TestApp, visit: &Value, department: &str) {
        let list = |state: &str| {
            let clerk = self.desk(app, department, Role::DepartmentClerk);
            let id = self.county.ids.departments[department];
            let path =
                format!("/api/v1/results?state={state}&visit_id={}&department_id={id}", text(&visit["id"]));
            let page = clerk.get(&path).expect(200);
            page["items"].as_array().unwrap().iter().map(|r| text(&r["id"])).collect::<Vec<_>>()
        };
        let step = |state: &str, role, verb: &str| {
            let body = json!({ "ids": list(state) });
            self.desk(app, department, role).post(&format!("/api/v1/results/{verb}"), &body).expect(200);
        };
        step("confirmed", Role::LegalReviewer, "review");
        step("reviewed", Role::DepartmentHead, "approve");
        step("approved", Role::DepartmentClerk, "publish");
    }
}

pub(super) fn fine() -> Value {
    json!({ "outcomes": ["no_problem_found"], "methods": ["on_site"], "follow_up": ["nothing"] })
}

pub(super) fn wrong() -> Value {
    json!({
        "outcomes": ["corrected_on_order"], "methods": ["on_site", "written"], "law": "消防法第十六条",
        "other": "安全出口堆放杂物,店主王小明当场清理", "follow_up": ["rectification"], "note": "请复查",
    })
}
