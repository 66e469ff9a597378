//! Joint inspections over HTTP, on both databases, as the people of a small county.

mod ceremony;
mod embargo;
mod frequency;
mod invitations;
mod overlap;
mod races;

use crate::support::{Client, TestApp};
use chrono::{Datelike, NaiveDate, Weekday};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::{
    CalendarDay, CheckMode, Department, Input, Inspector, Item, Notice, PlanEntry, PoolKind, Qualification,
    Subject, UnitKind,
};
use onedoor::domain::ratio::Ratio;
use onedoor::ids::Id;
use onedoor::service::seed::{self, Seeded};
use serde_json::{Value, json};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn department(id: &str, name: &str, rank: u32) -> Department {
    Department {
        id: id.to_owned(),
        uscc: String::new(),
        name: name.to_owned(),
        level: "县级".to_owned(),
        division: "350403".to_owned(),
        pool: PoolKind::Officers,
        rank,
    }
}

fn item(id: &str, key: &str, name: &str, equiv: &str) -> Item {
    Item {
        id: id.to_owned(),
        dept_key: key.to_owned(),
        name: name.to_owned(),
        minutes: 40,
        mode: CheckMode::OnSite,
        notice: Notice::Either,
        equiv: equiv.to_owned(),
        equiv_name: String::new(),
        qual: String::new(),
        freq: 0,
        season: None,
        expert: String::new(),
    }
}

fn plan(
    id: &str,
    dept: &str,
    items: &[&str],
    kinds: &[&str],
    ratio: &str,
    months: (&str, &str),
) -> PlanEntry {
    let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    PlanEntry {
        id: id.to_owned(),
        name: format!("计划{id}"),
        dept_id: dept.to_owned(),
        items: list(items),
        kinds: list(kinds),
        industries: Vec::new(),
        towns: Vec::new(),
        credits: Vec::new(),
        ratio: Ratio::parse(ratio),
        class_ratios: Vec::new(),
        earliest: day(months.0),
        latest: day(months.1),
        priority: 2,
    }
}

/// Four departments, 120 schools and hotels in four classes, three officers each.
fn input() -> Input {
    let mut input = Input {
        departments: vec![
            department("SCJG01", "市场监管局", 1),
            department("JYJ01", "教育局", 2),
            department("XFJY01", "消防救援大队", 3),
            department("WJJ01", "卫生健康局", 4),
        ],
        items: vec![
            item("SCJG-1", "SCJG", "食堂食品安全", "FOOD"),
            item("JYJ-1", "JYJ", "办学规范", ""),
            item("XFJY-1", "XFJY", "消防安全", ""),
            item("WJJ-1", "WJJ", "饮用水卫生", "FOOD"),
        ],
        ..Input::default()
    };
    for i in 0..120 {
        let school = i < 80;
        input.subjects.push(Subject {
            key: format!("35040300{i:06}"),
            has_uscc: false,
            name: format!("{}第{i}号", if school { "学校" } else { "宾馆" }),
            kind: if school { "学校" } else { "宾馆" }.to_owned(),
            division: "350403".to_owned(),
            town: if i % 2 == 0 { "城关镇" } else { "河西镇" }.to_owned(),
            address: format!("{i}号"),
            industry: if school { "8321" } else { "6110" }.to_owned(),
            industry_name: String::new(),
            credit: ["A", "B", "C", "D"][i % 4].to_owned(),
            founded: None,
            lon: None,
            lat: None,
            contact: String::new(),
        });
    }
    for dept in ["SCJG01", "JYJ01", "XFJY01", "WJJ01"] {
        for n in 1..=3 {
            let id = format!("{dept}-P{n}");
            input.inspectors.push(Inspector {
                id: id.clone(),
                name: format!("{dept}人员{n}"),
                sex: "女".to_owned(),
                dept_id: dept.to_owned(),
                unit_type: "机关科室".to_owned(),
                unit_kind: UnitKind::Section,
                unit: "综合股".to_owned(),
                post: PoolKind::Officers,
                cert_no: format!("Z{id}"),
                daily_minutes: 360,
                can_lead: n == 1,
                load0: 0,
            });
            input.qualifications.push(Qualification {
                person_id: id.clone(),
                qual: "ZF".to_owned(),
                qual_name: "执法证".to_owned(),
                no: format!("Z{id}"),
                from: day("2024-01-01"),
                to: day("2029-12-31"),
            });
        }
    }
    // 2026-03-02 to 2027-03: weekends off, Qingming (April 6) off, as data of the calendar.
    let mut date = day("2026-01-01");
    while date <= day("2027-03-31") {
        let off = matches!(date.weekday(), Weekday::Sat | Weekday::Sun) || date == day("2026-04-06");
        input.calendar.push(CalendarDay { date, workday: !off, quiet: false });
        date = date.succ_opt().unwrap();
    }
    input.plans = vec![
        plan("P-SCJG", "SCJG01", &["SCJG-1"], &["学校"], "10%", ("2026-04-01", "2026-06-30")),
        plan("P-JYJ", "JYJ01", &["JYJ-1"], &["学校"], "10%", ("2026-05-01", "2026-07-31")),
        plan("P-XFJY", "XFJY01", &["XFJY-1"], &["学校", "宾馆"], "5%", ("2026-04-01", "2026-12-31")),
        plan("P-WJJ", "WJJ01", &["WJJ-1"], &["宾馆"], "5%", ("2026-09-01", "2026-12-31")),
    ];
    input
}

/// The people of the county, and what is in its registries.
pub(crate) struct County<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) seeded: Seeded,
    pub(crate) market: Client,
    pub(crate) market_head: Client,
    pub(crate) school: Client,
    pub(crate) fire: Client,
    pub(crate) health: Client,
    pub(crate) office: Client,
    pub(crate) overseer: Client,
    pub(crate) witnesses: [Client; 2],
}

impl<'a> County<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        let seeded = app.server.as_system(|cx| seed::from_input(cx, &input())).unwrap();
        let of = |code: &str| Some(seeded.departments[code]);
        let office = app.department("XTB", "协调办", "coordination");
        let oversight = app.department("JDB", "监督办", "oversight");
        let clerk = [Role::DepartmentClerk];
        Self {
            market: app.user("scjg", &clerk, of("SCJG01")),
            market_head: app.user("scjg_head", &[Role::DepartmentHead], of("SCJG01")),
            school: app.user("jyj", &clerk, of("JYJ01")),
            fire: app.user("xfjy", &clerk, of("XFJY01")),
            health: app.user("wjj", &clerk, of("WJJ01")),
            office: app.user("xtb", &[Role::Coordinator], Some(office)),
            overseer: app.user("jdb", &[Role::Overseer], Some(oversight)),
            witnesses: [app.user("wit1", &[Role::Witness], None), app.user("wit2", &[Role::Witness], None)],
            app,
            seeded,
        }
    }

    pub(crate) fn dept(&self, code: &str) -> Id {
        self.seeded.departments[code]
    }

    pub(crate) fn item(&self, code: &str) -> Id {
        let (_, id) = self.seeded.items.iter().find(|((_, item), _)| item == code).unwrap();
        *id
    }

    pub(crate) fn body(&self) -> Value {
        json!({
            "name": "学校联合抽查", "field": "校园安全",
            "filter": { "kinds": ["学校"] },
            "quota": { "by_class": { "A": "5%", "B": "10%", "C": "20%", "D": "30%" } },
            "window_from": "2026-05-06", "window_to": "2026-06-30",
            "notice": "announced",
            "draw": { "policy": "ceremony", "witnesses": 2 },
            "items": [self.item("SCJG-1")],
        })
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut body = self.body();
        change(&mut body);
        body
    }

    /// A new inspection of the market department.
    #[track_caller]
    pub(crate) fn start(&self, body: &Value) -> String {
        self.market.post("/api/v1/inspections", body).expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// One in which the education office takes part, confirmed.
    #[track_caller]
    pub(crate) fn confirmed(&self, body: &Value) -> String {
        let id = self.start(body);
        let view = self
            .market
            .post(
                &format!("/api/v1/inspections/{id}/invite"),
                &json!({ "partners": [{ "department_id": self.dept("JYJ01") }] }),
            )
            .expect(200);
        let invitation = view["invitations"][0]["id"].as_str().unwrap();
        self.school
            .post(
                &format!("/api/v1/invitations/{invitation}/accept"),
                &json!({ "items": [self.item("JYJ-1")] }),
            )
            .expect(200);
        self.market.post(&format!("/api/v1/inspections/{id}/confirm"), &json!({})).expect(200);
        id
    }

    /// Who watches, from now on.
    pub(crate) fn parties(&self) -> Value {
        let at = |minutes| (self.app.now() + chrono::TimeDelta::minutes(minutes)).to_rfc3339();
        json!({
            "witnesses": [{ "user_id": self.witnesses[0].user }, { "user_id": self.witnesses[1].user, "token": "NPC-2" }],
            "not_before": at(10), "deadline": at(60),
        })
    }

    /// A ceremony opened on a frozen pool.
    #[track_caller]
    pub(crate) fn opened(&self, inspection: &str) -> String {
        self.office.post(&format!("/api/v1/inspections/{inspection}/freeze-pool"), &json!({})).expect(201);
        self.office.post(&format!("/api/v1/inspections/{inspection}/draws"), &self.parties()).expect(201)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Both witnesses hand in cards that the server keeps, and everything is revealed.
    #[track_caller]
    pub(crate) fn revealed(&self, draw: &str) {
        for (i, w) in self.witnesses.iter().enumerate() {
            let value = json!({ "value": format!("第{i}位见证人的数字 {}", 7 * i + 3) });
            w.post(&format!("/api/v1/draws/{draw}/commitment"), &value).expect(200);
        }
        self.office.post(&format!("/api/v1/draws/{draw}/seal"), &json!({})).expect(200);
        self.office.post(&format!("/api/v1/draws/{draw}/reveal"), &json!({})).expect(200);
    }
}
