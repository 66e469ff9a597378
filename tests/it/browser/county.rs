//! The sample county in a server, with its people, and a joint inspection of its restaurants brought through the API to
//! where a journey begins.

use crate::planning::fixture::{day, travel};
use crate::support::{Client, PASSWORD, TestApp};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Input;
use onedoor::ids::Id;
use onedoor::sample::{Preset, basis, county};
use onedoor::service::login::login_key;
use onedoor::service::seed::{self, Seeded};
use onedoor::store::accounts;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The departments of the journeys: code in the sample, login of its people, their items.
pub(crate) const MARKET: Office =
    Office { code: "SCJG-369721", login: "shichang", items: &["SCJG-01", "SCJG-04"] };
pub(crate) const FIRE: Office =
    Office { code: "XFJY-369721", login: "xiaofang", items: &["XFJY-01", "XFJY-03"] };
pub(crate) const CITY: Office = Office { code: "CGZF-369721", login: "chengguan", items: &["CGZF-01"] };

/// A department.
#[derive(Clone, Copy)]
pub(crate) struct Office {
    pub(crate) code: &'static str,
    pub(crate) login: &'static str,
    items: &'static [&'static str],
}

impl Office {
    /// The login of its clerk.
    pub(crate) fn clerk(self) -> String {
        format!("{}-jingban", self.login)
    }

    /// The login of its legal reviewer.
    pub(crate) fn legal(self) -> String {
        format!("{}-fazhi", self.login)
    }

    /// The login of its head.
    pub(crate) fn head(self) -> String {
        format!("{}-fuze", self.login)
    }
}

/// The county and its people.
pub(crate) struct County<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) input: Input,
    pub(crate) ids: Seeded,
}

/// Who is at a department's desk at a visit, by login.
pub(crate) struct Desk {
    pub(crate) enters: String,
    pub(crate) confirms: String,
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[track_caller]
pub(crate) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

impl<'a> County<'a> {
    /// Loads the county; the clock stands a week before its autumn.
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self::with(app, |_| ())
    }

    /// The same with other tables.
    pub(crate) fn with(app: &'a TestApp, change: impl FnOnce(&mut Input)) -> Self {
        let mut input = county(Preset::CountyPlans, 1);
        change(&mut input);
        let rows = input.clone();
        travel(app, day("2026-08-24"));
        let hash = app.server.hasher.hash(PASSWORD, &[7; 16]).unwrap();
        let ids = app
            .server
            .as_system(move |cx| {
                let ids = seed::from_input(cx, &rows)?;
                seed::officer_accounts(cx, &rows, &ids, &hash)?;
                seed::grounds(cx, ids.items.values().copied(), basis)?;
                Ok(ids)
            })
            .unwrap();
        let this = Self { app, input, ids };
        let office = app.department("XTB", "联席会议办公室", "coordination");
        let oversight = app.department("JDJ", "司法局（行政执法监督）", "oversight");
        this.person("xieban", "协调办 林静", Role::Coordinator, Some(office));
        this.person("jiandu", "行政执法监督员 何平", Role::Overseer, Some(oversight));
        this.person("daibiao", "人大代表 陈立新", Role::Witness, None);
        this.person("gongzheng", "公证员 吴敏", Role::Witness, None);
        for office in [MARKET, FIRE, CITY] {
            let department = Some(this.ids.departments[office.code]);
            let name = this.name(office);
            this.person(&office.clerk(), &format!("{name}经办人"), Role::DepartmentClerk, department);
            this.person(&office.legal(), &format!("{name}法制审核员"), Role::LegalReviewer, department);
            this.person(&office.head(), &format!("{name}负责人"), Role::DepartmentHead, department);
        }
        this
    }

    fn person(&self, login: &str, name: &str, role: Role, department: Option<Id>) {
        self.app.user(login, &[role], department);
        let (key, name) = (login_key(login), name.to_owned());
        self.app
            .server
            .store
            .write(move |db| {
                let mut account = accounts::by_login(db, &key)?.unwrap();
                account.name.clone_from(&name);
                accounts::update(db, &account, account.version)
            })
            .unwrap();
    }

    /// The name of a department.
    pub(crate) fn name(&self, office: Office) -> String {
        self.input.departments.iter().find(|d| d.id == office.code).unwrap().name.clone()
    }

    /// The name of one of its items.
    pub(crate) fn item(&self, code: &str) -> String {
        self.input.items.iter().find(|i| i.id == code).unwrap().name.clone()
    }

    /// Somebody at the API, logged in now: the clock of these tests outruns every session.
    #[track_caller]
    pub(crate) fn at(&self, login: &str) -> Client {
        self.app.login(login, PASSWORD)
    }

    #[track_caller]
    pub(crate) fn office(&self) -> Client {
        self.at("xieban")
    }

    /// One of the items of an office.
    pub(crate) fn item_id(&self, office: Office, n: usize) -> Id {
        self.items(office)[n]
    }

    fn items(&self, office: Office) -> Vec<Id> {
        let key = |item: &&str| (office.code.to_owned(), (*item).to_owned());
        office.items.iter().map(|item| self.ids.items[&key(item)]).collect()
    }

    /// A draft of the market supervision: some of the businesses of this trade, from this day on.
    #[track_caller]
    pub(crate) fn draft(&self, name: &str, trade: &str, from: &str) -> String {
        let made = self.at(&MARKET.clerk()).post(
            "/api/v1/inspections",
            &json!({
                "name": name, "field": "食品安全", "filter": { "industries": [trade] }, "quota": { "total": 6 },
                "window_from": from, "window_to": "2026-11-27", "notice": "announced",
                "draw": { "policy": "ceremony", "witnesses": 2, "pool_age_hours": 0 },
                "items": self.items(MARKET),
            }),
        );
        made.expect(201);
        made.id()
    }

    /// Invites the fire service; answers the invitation.
    #[track_caller]
    pub(crate) fn invited(&self, inspection: &str) -> String {
        let partners = json!({ "partners": [{ "department_id": self.ids.departments[FIRE.code] }] });
        let at = format!("/api/v1/inspections/{inspection}/invite");
        let view = self.at(&MARKET.clerk()).post(&at, &partners).expect(200);
        text(&view["invitations"][0]["id"])
    }

    /// A joint inspection of the restaurants, in which the fire service takes part: confirmed.
    #[track_caller]
    pub(crate) fn confirmed(&self) -> String {
        let draft = self.draft("2026年餐饮业部门联合抽查", "H62", "2026-09-01");
        self.accepted(&draft);
        draft
    }

    /// Makes a draft a confirmed inspection.
    #[track_caller]
    pub(crate) fn accepted(&self, inspection: &str) {
        let invitation = self.invited(inspection);
        let accept = json!({ "items": self.items(FIRE) });
        self.at(&FIRE.clerk()).post(&format!("/api/v1/invitations/{invitation}/accept"), &accept).expect(200);
        let confirm = format!("/api/v1/inspections/{inspection}/confirm");
        self.at(&MARKET.clerk()).post(&confirm, &json!({})).expect(200);
    }

    /// The same, drawn in a ceremony with two witnesses; answers the inspection and the draw.
    #[track_caller]
    pub(crate) fn drawn(&self) -> (String, String) {
        let inspection = self.confirmed();
        let draw = self.draw(&inspection);
        (inspection, draw)
    }

    /// Draws a confirmed inspection; answers the draw.
    #[track_caller]
    pub(crate) fn draw(&self, inspection: &str) -> String {
        let draw = self.opened(inspection);
        for (login, value) in [("daibiao", "4719 海阔凭鱼跃"), ("gongzheng", "天高任鸟飞 8206")] {
            let at = format!("/api/v1/draws/{draw}/commitment");
            self.at(login).post(&at, &json!({ "value": value })).expect(200);
        }
        let office = self.office();
        for act in ["seal", "reveal"] {
            office.post(&format!("/api/v1/draws/{draw}/{act}"), &json!({})).expect(200);
        }
        self.app.advance(TimeDelta::minutes(12));
        office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
        draw
    }

    /// Freezes the pool of a confirmed inspection and opens its draw; answers the draw.
    #[track_caller]
    pub(crate) fn opened(&self, inspection: &str) -> String {
        let at = format!("/api/v1/inspections/{inspection}");
        let office = self.office();
        office.post(&format!("{at}/freeze-pool"), &json!({})).expect(201);
        let witnesses = ["daibiao", "gongzheng"].map(|login| self.at(login));
        let moment = |minutes| (self.app.now() + TimeDelta::minutes(minutes)).to_rfc3339();
        let parties = json!({
            "witnesses": witnesses.iter().map(|w| json!({ "user_id": w.user })).collect::<Vec<_>>(),
            "not_before": moment(10), "deadline": moment(120),
        });
        text(&office.post(&format!("{at}/draws"), &parties).expect(201)["id"])
    }

    /// The same, with its visits planned and staffed; answers the inspection and the planning.
    #[track_caller]
    pub(crate) fn staffed(&self) -> (String, String) {
        let (inspection, _) = self.drawn();
        let office = self.office();
        let whole = json!({
            "period_from": "2026-09-01", "period_to": "2026-11-27", "inspections": [inspection], "singles": false,
        });
        let made = office.post("/api/v1/plannings", &whole);
        made.expect(201);
        office.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
        (inspection, made.id())
    }

    /// The same, sent out; answers the visits in the order of their days.
    #[track_caller]
    pub(crate) fn dispatched(&self) -> Vec<Value> {
        let (inspection, planning) = self.staffed();
        let sent = format!("/api/v1/inspections/{inspection}/dispatch");
        self.at(&MARKET.clerk()).post(&sent, &json!({})).expect(200);
        let page = self.office().get(&format!("/api/v1/plannings/{planning}/visits?limit=200")).expect(200);
        let mut visits = list(&page["items"]).clone();
        visits.sort_by_key(|v| (v["day"].to_string(), v["start"].to_string(), v["id"].to_string()));
        visits
    }

    /// The first visit of two departments, with the clock on its morning.
    #[track_caller]
    pub(crate) fn on_its_day(&self) -> Value {
        self.goes_to_first(&self.dispatched())
    }

    /// The first of these visits to which two departments go, with the clock on its morning.
    #[track_caller]
    pub(crate) fn goes_to_first(&self, visits: &[Value]) -> Value {
        let of =
            |v: &Value| list(&v["tasks"]).iter().map(|t| text(&t["department_id"])).collect::<BTreeSet<_>>();
        let visit =
            visits.iter().find(|v| of(v).len() > 1).unwrap_or_else(|| panic!("no joint visit: {visits:?}"));
        travel(self.app, day(&text(&visit["day"])));
        visit.clone()
    }

    #[track_caller]
    pub(crate) fn conduct(&self, visit: &Value) -> Value {
        self.office().get(&format!("/api/v1/visits/{}/conduct", text(&visit["id"]))).expect(200)
    }

    /// The login of an entry of the inspector directory.
    #[track_caller]
    pub(crate) fn login_of(&self, entry: &Value) -> String {
        let entry: Id = text(entry).parse().unwrap();
        let (code, _) = self.ids.inspectors.iter().find(|(_, id)| **id == entry).unwrap();
        code.to_lowercase()
    }

    #[track_caller]
    pub(crate) fn desk(&self, visit: &Value, office: Office) -> Desk {
        let department = self.ids.departments[office.code].to_string();
        let conduct = self.conduct(visit);
        let desk =
            list(&conduct["desks"]).iter().find(|d| d["department_id"] == department.as_str()).unwrap();
        Desk { enters: self.login_of(&desk["enters"]), confirms: self.login_of(&desk["confirms"][0]) }
    }

    /// The tasks of a department at a visit.
    pub(crate) fn tasks(&self, visit: &Value, office: Office) -> Vec<String> {
        let department = self.ids.departments[office.code].to_string();
        let own = list(&visit["tasks"]).iter().filter(|t| t["department_id"] == department.as_str());
        own.map(|t| text(&t["id"])).collect()
    }

    /// A department comes, enters that it found this, and confirms it.
    #[track_caller]
    pub(crate) fn enters(&self, visit: &Value, office: Office, found: &Value) {
        let at = format!("/api/v1/visits/{}", text(&visit["id"]));
        let desk = self.desk(visit, office);
        let code = json!({ "method": "code", "code": self.conduct(visit)["code"] });
        let (a, b) = (self.at(&desk.enters), self.at(&desk.confirms));
        for person in [&a, &b] {
            person.post(&format!("{at}/check-in"), &code).expect(200);
        }
        let results: Vec<Value> = self
            .tasks(visit, office)
            .into_iter()
            .map(|task| {
                let mut result = found.clone();
                result["task_id"] = json!(task);
                result
            })
            .collect();
        a.put(&format!("{at}/results"), &json!({ "submit": true, "results": results })).expect(200);
        b.post(&format!("{at}/results/confirm"), &json!({})).expect(200);
    }

    /// A visit from the door to its end: the fire service found something, the market supervision nothing.
    #[track_caller]
    pub(crate) fn held(&self) -> Value {
        let visit = self.on_its_day();
        self.hold(&visit);
        visit
    }

    /// The same with a visit of today.
    #[track_caller]
    pub(crate) fn hold(&self, visit: &Value) {
        self.enters(visit, MARKET, &fine());
        self.enters(visit, FIRE, &wrong());
        self.ends(visit);
    }

    /// The lead inspector ends a visit.
    #[track_caller]
    pub(crate) fn ends(&self, visit: &Value) {
        let lead = list(&visit["seats"]).iter().find(|s| s["role"] == "lead_inspector").unwrap();
        let lead = self.at(&self.login_of(&lead["inspector_id"]));
        lead.post(&format!("/api/v1/visits/{}/finish", text(&visit["id"])), &json!({})).expect(200);
    }

    /// Reviews, approves and publishes what a department has entered.
    #[track_caller]
    pub(crate) fn publishes(&self, office: Office) {
        self.publishes_of(office, "");
    }

    /// The same for the visit of this filter.
    #[track_caller]
    pub(crate) fn publishes_of(&self, office: Office, filter: &str) {
        let steps = [
            (office.legal(), "confirmed", "review"),
            (office.head(), "reviewed", "approve"),
            (office.clerk(), "approved", "publish"),
        ];
        let department = self.ids.departments[office.code];
        for (login, state, act) in steps {
            let person = self.at(&login);
            let page = person
                .get(&format!("/api/v1/results?state={state}&department_id={department}&limit=200{filter}"))
                .expect(200);
            let ids: Vec<&Value> = list(&page["items"]).iter().map(|r| &r["id"]).collect();
            person.post(&format!("/api/v1/results/{act}"), &json!({ "ids": ids })).expect(200);
        }
    }
}

/// Nothing was found.
pub(crate) fn fine() -> Value {
    json!({ "outcomes": ["no_problem_found"], "methods": ["on_site"], "follow_up": ["nothing"] })
}

/// Something was.
pub(crate) fn wrong() -> Value {
    json!({
        "outcomes": ["pending_follow_up"], "methods": ["on_site"], "law": "《消防法》第二十八条",
        "other": "疏散通道堆放纸箱", "follow_up": ["rectification"],
    })
}
