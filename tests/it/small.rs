//! Small counties for tests; the checker of answers beside them.

mod auditor;

pub(crate) use auditor::Auditor;

use chrono::{Datelike, NaiveDate, Weekday};
use onedoor::domain::allocate::{Options, Staffing, staff};
use onedoor::domain::merge;
use onedoor::domain::planning::input::{
    CalendarDay, CheckMode, Department, Inspector, Item, Leave, Notice, PoolKind, Qualification, Recusal,
    Subject, Task, TeamMode, UnitKind,
};
use onedoor::domain::planning::{Input, Instance};

/// A number generator for making up counties.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n as u64)).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

pub(crate) fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(u64::from(day))
}

/// A county in the making; everybody's 执法证 is valid all the time.
pub(crate) struct County(pub(crate) Input);

impl County {
    pub(crate) fn new(days: u32) -> Self {
        let calendar = (0..days)
            .map(|d| CalendarDay {
                date: date(d),
                workday: !matches!(date(d).weekday(), Weekday::Sat | Weekday::Sun),
                quiet: false,
            })
            .collect();
        Self(Input { calendar, ..Input::default() })
    }

    pub(crate) fn dept(&mut self, id: &str, rank: u32, pool: PoolKind) {
        self.0.departments.push(Department {
            id: id.to_owned(),
            uscc: String::new(),
            name: format!("{id}局"),
            level: "县级".to_owned(),
            division: "369721".to_owned(),
            pool,
            rank,
        });
    }

    pub(crate) fn item(&mut self, id: &str, minutes: u32, equiv: &str, qual: &str, expert: &str) {
        self.0.items.push(Item {
            id: id.to_owned(),
            dept_key: "X".to_owned(),
            name: format!("{id}事项"),
            minutes,
            mode: CheckMode::OnSite,
            notice: Notice::Either,
            equiv: equiv.to_owned(),
            equiv_name: equiv.to_owned(),
            qual: qual.to_owned(),
            freq: 0,
            season: None,
            expert: expert.to_owned(),
        });
    }

    pub(crate) fn subject(&mut self, key: &str, town: &str) {
        self.0.subjects.push(Subject {
            key: key.to_owned(),
            has_uscc: false,
            name: format!("{key}店"),
            kind: "企业".to_owned(),
            division: "369721".to_owned(),
            town: town.to_owned(),
            address: String::new(),
            industry: String::new(),
            industry_name: String::new(),
            credit: "A".to_owned(),
            founded: None,
            lon: None,
            lat: None,
            contact: String::new(),
        });
    }

    pub(crate) fn person(&mut self, id: &str, dept: &str, kind: UnitKind, unit: &str) {
        let post = self.0.departments.iter().find(|d| d.id == dept).unwrap().pool;
        self.0.inspectors.push(Inspector {
            id: id.to_owned(),
            name: id.to_owned(),
            sex: String::new(),
            dept_id: dept.to_owned(),
            unit_type: String::new(),
            unit_kind: kind,
            unit: unit.to_owned(),
            post,
            cert_no: String::new(),
            daily_minutes: 450,
            can_lead: true,
            load0: 0,
        });
        if post == PoolKind::Officers {
            self.cert(id, "Q-ZFZ", (0, 400));
        }
    }

    pub(crate) fn cert(&mut self, person: &str, qual: &str, days: (u32, u32)) {
        self.0.qualifications.push(Qualification {
            person_id: person.to_owned(),
            qual: qual.to_owned(),
            qual_name: qual.to_owned(),
            no: String::new(),
            from: date(days.0),
            to: date(days.1),
        });
    }

    pub(crate) fn task(&mut self, dept: &str, item: &str, subject: &str, days: (u32, u32)) {
        let minutes = self.0.items.iter().find(|i| i.id == item).unwrap().minutes;
        let id = format!("T{:04}", self.0.tasks.len());
        self.0.tasks.push(Task {
            id,
            plan: String::new(),
            dept_id: dept.to_owned(),
            item_id: item.to_owned(),
            subject: subject.to_owned(),
            earliest: date(days.0),
            latest: date(days.1),
            minutes,
            mode: CheckMode::OnSite,
            notice: Notice::Either,
            priority: 1,
            people: 0,
        });
    }

    pub(crate) fn instance(mut self) -> Instance {
        self.0.sort();
        Instance::new(self.0).unwrap()
    }
}

/// Merges and staffs.
pub(crate) fn plan(county: &Instance, seed: u8, options: &Options) -> Staffing {
    let merged = merge::into_visits(county);
    staff(county, &merged.visits, &[seed; 32], "TEAMS", options, &mut |_| {})
}

/// A random county of up to four departments of which the tasks press on few people.
pub(crate) fn random(seed: u64, tiny: bool) -> Input {
    let mut dice = Dice(seed);
    let days = if tiny { 2 } else { 5 + dice.below(16) as u32 };
    let mut c = County::new(days);
    let depts = if tiny { 1 + dice.below(2) } else { 1 + dice.below(4) };
    let towns = ["东关镇", "西岭乡", "南街道", ""];
    for d in 0..depts {
        c.dept(&format!("D{d}"), dice.below(3) as u32, PoolKind::Officers);
        for i in 0..1 + dice.below(3) {
            let minutes = [30, 60, 75, 120, 200][dice.below(5)];
            let equiv = if dice.one_in(4) { "E0" } else { "" };
            let qual = if dice.one_in(3) { format!("Q{d}") } else { String::new() };
            let expert = if !tiny && dice.one_in(8) { "X0" } else { "" };
            c.item(&format!("I{d}{i}"), minutes, equiv, &qual, expert);
        }
        let people = if tiny { 1 + dice.below(3) } else { 2 + dice.below(7) };
        for p in 0..people {
            let kinds = [
                (UnitKind::Section, "一股"),
                (UnitKind::Station, "东关所"),
                (UnitKind::Station, "西岭所"),
                (UnitKind::Brigade, "一中队"),
                (UnitKind::Other, ""),
            ];
            let (kind, unit) = kinds[dice.below(5)];
            let id = format!("P{d}{p}");
            c.person(&id, &format!("D{d}"), kind, unit);
            let last = c.0.inspectors.last_mut().unwrap();
            last.can_lead = !dice.one_in(3);
            last.daily_minutes = if dice.one_in(5) { 240 } else { 450 };
            last.load0 = if dice.one_in(4) { 300 } else { 0 };
            if dice.one_in(2) {
                let from = dice.below(3) as u32;
                c.cert(&id, &format!("Q{d}"), (from, from + 1 + dice.below(20) as u32));
            }
            if dice.one_in(6) {
                let from = dice.below(days as usize) as u32;
                let (from, to) = (date(from), date(from + dice.below(3) as u32));
                c.0.leave.push(Leave { person_id: id, from, to, kind: String::new() });
            }
        }
    }
    if !tiny && dice.one_in(2) {
        c.dept("ZX", 99, PoolKind::Experts);
        for p in 0..1 + dice.below(2) {
            c.person(&format!("X{p}"), "ZX", UnitKind::Other, "");
            c.cert(&format!("X{p}"), "X0", (0, 400));
        }
    }
    let subjects = if tiny { 2 + dice.below(2) } else { 3 + dice.below(20) };
    for s in 0..subjects {
        let key = format!("S{s:02}");
        c.subject(&key, towns[dice.below(4)]);
        let tasks = if tiny { 1 } else { 1 + dice.below(4) };
        for _ in 0..tasks {
            let i = dice.below(c.0.items.len());
            let item = c.0.items[i].id.clone();
            let dept = format!("D{}", &item[1..2]);
            let from = dice.below(days as usize) as u32;
            c.task(&dept, &item, &key, (from, from + dice.below(days as usize) as u32));
        }
        if dice.one_in(4) {
            let p = dice.below(c.0.inspectors.len());
            let person_id = c.0.inspectors[p].id.clone();
            c.0.recusals.push(Recusal { person_id, subject: key, reason: String::new() });
        }
    }
    c.0.rules.min_per_dept = 1 + dice.below(2) as u32;
    if tiny {
        // Two slots before noon and two after: few enough to try everything.
        (c.0.rules.slot_minutes, c.0.rules.am, c.0.rules.pm) = (120, (480, 720), (780, 1020));
    }
    let mode = |dice: &mut Dice| {
        [
            TeamMode::Bureau,
            TeamMode::SectionStation,
            TeamMode::StationBrigade,
            TeamMode::StationStation,
            TeamMode::SameStation,
        ][dice.below(5)]
    };
    if dice.one_in(2) {
        c.0.rules.team_mode = mode(&mut dice);
        c.0.rules.team_mode_fallback = dice.one_in(2).then(|| mode(&mut dice));
    }
    c.0.rules.bundle_towns = !tiny && dice.one_in(3);
    c.0
}
