//! Counties in a server: loaded from the engine's tables, with joint inspections whose draws were really held.

use crate::support::{Client, REGION, TestApp};
use chrono::{NaiveDate, TimeDelta};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::{
    CalendarDay, CheckMode, Department, Input, Inspector, Item, Notice, PoolKind, Qualification, Subject,
    Task, UnitKind,
};
use onedoor::ids::Id;
use onedoor::service::ceremony::{self, Spec};
use onedoor::service::seed::{self, Seeded};
use onedoor::service::{plan, pools};
use onedoor::store::draws::{self, Draw};
use onedoor::store::inspections::{self, Inspection};
use onedoor::store::tasks as task_rows;
use onedoor::store::types::{At, Doc};
use serde_json::{Value, json};
use std::collections::HashMap;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A loaded county.
pub(crate) struct County {
    pub(crate) input: Input,
    pub(crate) ids: Seeded,
    pub(crate) tasks: HashMap<String, Id>,
    pub(crate) coordinator: Client,
}

/// Moves the clock to 9 in the morning (China) of a day.
pub(crate) fn travel(app: &TestApp, to: NaiveDate) {
    let there = to.and_hms_opt(1, 0, 0).unwrap().and_utc();
    app.advance(there - app.now());
}

/// Loads the tables; the clock stands on the last working day before them.
pub(crate) fn load(app: &TestApp, mut input: Input) -> County {
    input.sort();
    travel(app, input.calendar[0].date - TimeDelta::days(1));
    let tables = input.clone();
    let ids = app.server.as_system(move |cx| seed::from_input(cx, &tables)).unwrap();
    let office = app.department("XTB", "示范县协调办", "coordination");
    let coordinator = app.user("coordinator", &[Role::Coordinator], Some(office));
    County { input, ids, tasks: HashMap::new(), coordinator }
}

impl County {
    /// A joint inspection that has been drawn, with a real draw of policy ceremony behind it.
    pub(crate) fn drawn_inspection(&self, app: &TestApp, number: &str, department: &str) -> Id {
        let id = app.id();
        let from = self.input.calendar[0].date;
        let row = Inspection {
            id,
            region: REGION.to_owned(),
            department_id: self.ids.departments[department],
            number: number.to_owned(),
            name: format!("{number}联合抽查"),
            field: "综合".to_owned(),
            state: "drawn".to_owned(),
            filter: Doc(json!({})),
            quota: Doc(json!({ "total": 1 })),
            window_from: from,
            window_to: self.input.calendar.last().unwrap().date,
            people_per_department: 2,
            notice: "either".to_owned(),
            draw_rules: Doc(json!({})),
            overlap: Doc(json!({})),
            abort_reason: String::new(),
            created_by: self.coordinator.user.unwrap(),
            version: 1,
            created_at: At(app.now()),
            updated_at: At(app.now()),
        };
        let pool = plan::task_subjects(&self.input).unwrap();
        let held = ceremony::hold(Spec {
            authority: format!("CN-{REGION}"),
            list: "JOINT".to_owned(),
            as_of: 1_780_000_000,
            subjects: pools::members(&pool),
            inspectors: pools::inspectors(&self.input).unwrap().members().to_vec(),
            rules_doc: [3; 32],
            mode: onedoor::domain::draw::record::Mode::Ratio,
            total: 0,
            strata: plan::nobody(&pool).iter().map(pools::rule).collect(),
            text: number.to_owned(),
        })
        .unwrap();
        let draw = Draw {
            id: app.id(),
            region: REGION.to_owned(),
            inspection_id: id,
            attempt: 1,
            seq: 1,
            round: 0,
            pool_id: None,
            previous_id: None,
            purpose: "subjects".to_owned(),
            state: "resulted".to_owned(),
            list_token: held.list.clone(),
            draw_id: hex::encode(held.draw_id),
            policy: "ceremony".to_owned(),
            public: held.bundle.clone(),
            private: Vec::new(),
            pool_size: 1,
            drawn: 0,
            not_before: At(app.now()),
            deadline: At(app.now()),
            reason: String::new(),
            operator_id: self.coordinator.user.unwrap(),
            version: 1,
            created_at: At(app.now()),
            updated_at: At(app.now()),
        };
        app.server
            .store
            .write(move |db| {
                inspections::insert(db, &row)?;
                draws::insert(db, &draw)
            })
            .unwrap();
        id
    }

    /// Adds the tasks of the tables; `of` says to which joint inspection each belongs.
    pub(crate) fn add_tasks(&mut self, app: &TestApp, of: impl Fn(&Task) -> Option<Id>) {
        let mut rows = Vec::new();
        for t in &self.input.tasks {
            let id = app.id();
            self.tasks.insert(t.id.clone(), id);
            rows.push(task_rows::Task {
                id,
                region: REGION.to_owned(),
                inspection_id: of(t),
                code: t.id.clone(),
                department_id: self.ids.departments[&t.dept_id],
                item_id: self.ids.items[&(t.dept_id.clone(), t.item_id.clone())],
                subject_id: self.ids.subjects[&t.subject],
                earliest: t.earliest,
                latest: t.latest,
                minutes: i32::try_from(t.minutes).unwrap(),
                mode: onedoor::domain::registry::mode_name(t.mode).to_owned(),
                notice: onedoor::domain::registry::notice_name(t.notice).to_owned(),
                priority: i32::try_from(t.priority).unwrap(),
                state: "ready".to_owned(),
                planning_id: None,
                version: 1,
                created_at: At(app.now()),
                updated_at: At(app.now()),
            });
        }
        app.server.store.write(move |db| task_rows::insert_all(db, &rows)).unwrap();
    }

    /// What a run over the whole period asks for.
    pub(crate) fn whole(&self, inspections: &[Id], singles: bool) -> Value {
        json!({
            "period_from": self.input.calendar[0].date,
            "period_to": self.input.calendar.last().unwrap().date,
            "inspections": inspections,
            "singles": singles,
        })
    }

    /// All visits of a run, page by page.
    pub(crate) fn visits(&self, planning: &str) -> Vec<Value> {
        pages(&self.coordinator, &format!("/api/v1/plannings/{planning}/visits?limit=200"))
    }

    pub(crate) fn clerk(&self, app: &TestApp, department: &str) -> Client {
        let login = format!("clerk-{department}").to_lowercase();
        app.user(&login, &[Role::DepartmentClerk], Some(self.ids.departments[department]))
    }

    pub(crate) fn head(&self, app: &TestApp, department: &str) -> Client {
        let login = format!("head-{department}").to_lowercase();
        app.user(&login, &[Role::DepartmentHead], Some(self.ids.departments[department]))
    }

    pub(crate) fn inspector(&self, app: &TestApp, code: &str) -> Client {
        let department = self.input.inspectors.iter().find(|p| p.id == code).unwrap().dept_id.clone();
        let login = format!("p-{code}").to_lowercase();
        let (department, entry) = (self.ids.departments[&department], self.ids.inspectors[code]);
        app.inspector_user(&login, &[Role::Inspector], Some(department), Some(entry))
    }
}

/// Every entry of a list.
pub(crate) fn pages(client: &Client, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get(&format!("{path}{after}")).expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

/// Two departments of six people, four subjects, an item each; every subject has a task of both.
pub(crate) fn small(notice: Notice) -> Input {
    let mut input = Input::default();
    let from = day("2026-03-09");
    input.calendar = from
        .iter_days()
        .take(26)
        .map(|date| CalendarDay {
            date,
            workday: !matches!(chrono::Datelike::weekday(&date), chrono::Weekday::Sat | chrono::Weekday::Sun),
            quiet: false,
        })
        .collect();
    for (rank, id) in ["SJ", "XF"].into_iter().enumerate() {
        input.departments.push(Department {
            id: id.to_owned(),
            uscc: String::new(),
            name: format!("示范县{id}局"),
            level: "县级".to_owned(),
            division: REGION.to_owned(),
            pool: PoolKind::Officers,
            rank: u32::try_from(rank).unwrap() + 1,
        });
        input.items.push(Item {
            id: format!("{id}-1"),
            dept_key: id.to_owned(),
            name: format!("{id}检查"),
            minutes: 60,
            mode: CheckMode::OnSite,
            notice,
            equiv: String::new(),
            equiv_name: String::new(),
            qual: String::new(),
            freq: 0,
            season: None,
            expert: String::new(),
        });
        for n in 1..=6 {
            let person = format!("{id}{n:02}");
            input.inspectors.push(Inspector {
                id: person.clone(),
                name: format!("{id}{n}"),
                sex: String::new(),
                dept_id: id.to_owned(),
                unit_type: "机关科室".to_owned(),
                unit_kind: UnitKind::Section,
                unit: "一科".to_owned(),
                post: PoolKind::Officers,
                cert_no: person.clone(),
                daily_minutes: 450,
                can_lead: n <= 2,
                load0: 0,
            });
            input.qualifications.push(Qualification {
                person_id: person.clone(),
                qual: "Q-ZFZ".to_owned(),
                qual_name: "执法证".to_owned(),
                no: person,
                from: day("2020-01-01"),
                to: day("2030-01-01"),
            });
        }
    }
    for n in 1..=4 {
        let key = format!("35040360000{n:04}");
        input.subjects.push(Subject {
            key: key.clone(),
            has_uscc: false,
            name: format!("示范{n}号饭店"),
            kind: "个体工商户".to_owned(),
            division: "350403001".to_owned(),
            town: "城关镇".to_owned(),
            address: format!("中山路{n}号"),
            industry: "6210".to_owned(),
            industry_name: "正餐服务".to_owned(),
            credit: "A".to_owned(),
            founded: None,
            lon: None,
            lat: None,
            contact: String::new(),
        });
        for dept in ["SJ", "XF"] {
            input.tasks.push(Task {
                id: format!("T-{dept}-{n}"),
                plan: "联合抽查".to_owned(),
                dept_id: dept.to_owned(),
                item_id: format!("{dept}-1"),
                subject: key.clone(),
                earliest: day("2026-03-10"),
                latest: day("2026-03-31"),
                minutes: 60,
                mode: CheckMode::OnSite,
                notice,
                priority: 1,
                people: 0,
            });
        }
    }
    input
}

/// The small county with one joint inspection over all tasks.
pub(crate) fn small_joint(app: &TestApp, notice: Notice) -> (County, Id) {
    let mut county = load(app, small(notice));
    let inspection = county.drawn_inspection(app, "示抽查〔2026〕1号", "SJ");
    county.add_tasks(app, |_| Some(inspection));
    (county, inspection)
}

/// The small county with its plan in force: (county, inspection, planning).
pub(crate) fn small_committed(app: &TestApp, notice: Notice) -> (County, Id, String) {
    let (county, inspection) = small_joint(app, notice);
    let made = county.coordinator.post("/api/v1/plannings", &county.whole(&[inspection], false));
    made.expect(201);
    county.coordinator.post(&format!("/api/v1/plannings/{}/commit", made.id()), &json!({})).expect(200);
    (county, inspection, made.id())
}
