//! Small counties made up by a counter-based generator, for tests of merge, bounds, explanations and
//! packages.

use chrono::NaiveDate;
use onedoor::domain::planning::input::{
    CalendarDay, CheckMode, Department, Input, Inspector, Item, Leave, Notice, PoolKind, Qualification,
    Recusal, Rules, Season, Subject, Task, UnitKind,
};

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// What a made-up county has.
pub(crate) struct Shape {
    pub(crate) subjects: u64,
    /// Tasks of one subject at most.
    pub(crate) tasks: u64,
    pub(crate) depts: u64,
    pub(crate) items: u64,
    pub(crate) people: u64,
    /// Calendar days from Monday 2026-03-02 on; weekends are no workdays.
    pub(crate) days: u64,
    /// Longest window in calendar days.
    pub(crate) window: u64,
}

pub(crate) const TINY: Shape =
    Shape { subjects: 3, tasks: 6, depts: 4, items: 6, people: 12, days: 12, window: 8 };

pub(crate) fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(day)
}

/// A county with every trait that merge and staffing must cope with: quiet days, seasons, notices, shared
/// groups, caps, long items, disjoint windows, tasks on paper, experts, leave, recusals, certificates that
/// run out.
pub(crate) fn county(seed: u64, shape: &Shape) -> Input {
    let dice = &mut Dice(seed);
    let mut input = Input {
        rules: Rules { min_per_dept: 1 + dice.below(2) as u32, ..Rules::default() },
        ..Input::default()
    };
    input.rules.max_depts_per_visit = 2 + dice.below(5) as u32;
    input.rules.max_people_per_visit = [0, 4, 6, 12][dice.below(4) as usize];
    input.rules.max_visit_minutes = 90 + 30 * dice.below(4) as u32;
    for d in 0..=shape.depts {
        let experts = d == shape.depts;
        input.departments.push(Department {
            id: format!("D{d}"),
            uscc: String::new(),
            name: format!("部门{d}"),
            level: "县级".into(),
            division: "339901".into(),
            pool: if experts { PoolKind::Experts } else { PoolKind::Officers },
            rank: (d * 7 % 5) as u32,
        });
    }
    for i in 0..shape.items {
        let d = i % shape.depts;
        let from = 1 + dice.below(12) as u8;
        input.items.push(Item {
            id: format!("I{i:02}"),
            dept_key: format!("D{d}"),
            name: format!("事项{i}"),
            minutes: 30,
            mode: CheckMode::OnSite,
            notice: Notice::Either,
            equiv: if dice.one_in(4) { format!("EQ{}", dice.below(2)) } else { String::new() },
            equiv_name: String::new(),
            qual: if dice.one_in(3) { format!("Q{}", dice.below(3)) } else { String::new() },
            freq: dice.below(4) as u32,
            season: dice.one_in(5).then(|| Season { from: (3, 1 + from), to: (3, 12 + from) }),
            expert: if dice.one_in(8) { "Z0".into() } else { String::new() },
        });
    }
    for day in 0..shape.days {
        let workday = day % 7 < 5;
        input.calendar.push(CalendarDay { date: date(day), workday, quiet: workday && dice.one_in(12) });
    }
    for s in 0..shape.subjects {
        input.subjects.push(Subject {
            key: format!("S{s:03}"),
            has_uscc: false,
            name: format!("企业{s}"),
            kind: "企业".into(),
            division: "339901001".into(),
            town: format!("镇{}", dice.below(3)),
            address: String::new(),
            industry: String::new(),
            industry_name: String::new(),
            credit: String::new(),
            founded: None,
            lon: None,
            lat: None,
            contact: String::new(),
        });
        for _ in 0..1 + dice.below(shape.tasks) {
            let item = dice.below(shape.items);
            let from = dice.below(shape.days + 4);
            let minutes = if dice.one_in(15) { 200 } else { 15 + 5 * dice.below(15) as u32 };
            input.tasks.push(Task {
                id: format!("T{:05}", input.tasks.len()),
                plan: "计划".into(),
                dept_id: format!(
                    "D{}",
                    if dice.one_in(10) { dice.below(shape.depts) } else { item % shape.depts }
                ),
                item_id: format!("I{item:02}"),
                subject: format!("S{s:03}"),
                earliest: date(from),
                latest: date(from + dice.below(shape.window)),
                minutes,
                mode: if dice.one_in(12) { CheckMode::Written } else { CheckMode::OnSite },
                notice: [
                    Notice::Either,
                    Notice::Either,
                    Notice::Either,
                    Notice::Unannounced,
                    Notice::Announced,
                ][dice.below(5) as usize],
                priority: 1,
                people: 0,
            });
        }
    }
    for p in 0..shape.people {
        let d = p % (shape.depts + 1);
        let experts = d == shape.depts;
        let id = format!("P{p:03}");
        input.inspectors.push(Inspector {
            id: id.clone(),
            name: format!("人员{p}"),
            sex: String::new(),
            dept_id: format!("D{d}"),
            unit_type: "机关科室".into(),
            unit_kind: UnitKind::Section,
            unit: format!("科{}", p % 2),
            post: if experts { PoolKind::Experts } else { PoolKind::Officers },
            cert_no: String::new(),
            daily_minutes: if dice.one_in(6) { 240 } else { 450 },
            can_lead: dice.one_in(2),
            load0: 0,
        });
        let mut hold = |qual: &str, dice: &mut Dice| {
            let to = if dice.one_in(8) { date(dice.below(shape.days)) } else { date(400) };
            input.qualifications.push(Qualification {
                person_id: id.clone(),
                qual: qual.into(),
                qual_name: format!("资格{qual}"),
                no: String::new(),
                from: date(0),
                to,
            });
        };
        if experts {
            hold("Z0", dice);
        } else {
            hold("Q-ZFZ", dice);
            for q in 0..3 {
                if dice.one_in(2) {
                    hold(&format!("Q{q}"), dice);
                }
            }
        }
        if dice.one_in(5) {
            let from = dice.below(shape.days);
            input.leave.push(Leave {
                person_id: id.clone(),
                from: date(from),
                to: date(from + dice.below(6)),
                kind: "病假".into(),
            });
        }
        for s in 0..shape.subjects {
            if dice.one_in(12) {
                input.recusals.push(Recusal {
                    person_id: id.clone(),
                    subject: format!("S{s:03}"),
                    reason: "亲属".into(),
                });
            }
        }
    }
    input
}

/// The same rows in another order.
pub(crate) fn shuffled(mut input: Input, seed: u64) -> Input {
    let dice = &mut Dice(seed);
    dice.shuffle(&mut input.departments);
    dice.shuffle(&mut input.items);
    dice.shuffle(&mut input.subjects);
    dice.shuffle(&mut input.inspectors);
    dice.shuffle(&mut input.qualifications);
    dice.shuffle(&mut input.recusals);
    dice.shuffle(&mut input.leave);
    dice.shuffle(&mut input.calendar);
    dice.shuffle(&mut input.tasks);
    input
}
