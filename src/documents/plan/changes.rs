//! What planning again has moved: the table of changes, the lists of substitutes, and the figures.

use super::post;
use super::tables::Sheet;
use crate::domain::allocate::replan::{Change, Kind, Spot, visit_name};
use crate::exchange::write::{Cell, Column};
use crate::service::plan::{Moved, Planned};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Figures of what moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedSummary {
    /// Seats whose people cannot come any more.
    pub seats_hit: usize,
    /// Of those, repaired at level 0 to 4.
    pub repaired_at_level: [usize; 5],
    /// Of those, on visits without a team now.
    pub seats_open: usize,
    /// Visits of the previous answer that changed in any way.
    pub visits_touched: usize,
    /// People who newly go on a visit.
    pub people_changed: usize,
    /// Visits by kind of change; a visit may count more than once.
    pub kinds: BTreeMap<&'static str, usize>,
}

/// Counts what moved.
#[must_use]
pub fn summary(moved: &Moved) -> MovedSummary {
    let mut kinds = BTreeMap::new();
    for kind in moved.changes.iter().flat_map(|c| &c.kinds) {
        *kinds.entry(name(*kind)).or_default() += 1;
    }
    let tally = moved.tally;
    MovedSummary {
        seats_hit: tally.seats_hit,
        repaired_at_level: tally.by_level,
        seats_open: tally.open,
        visits_touched: tally.touched,
        people_changed: tally.people,
        kinds,
    }
}

/// The kind of a change for programs.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Replaced => "replaced",
        Kind::Posts => "posts",
        Kind::MovedTime => "moved_time",
        Kind::MovedDay => "moved_day",
        Kind::Shrunk => "shrunk",
        Kind::Grown => "grown",
        Kind::Vanished => "vanished",
        Kind::New => "new",
        Kind::SplitOff => "split_off",
        Kind::BecameUnstaffed => "became_unstaffed",
        Kind::BecameStaffed => "became_staffed",
    }
}

/// What moved, in a sentence; none when nothing was planned again.
#[must_use]
pub fn sentence(planned: &Planned) -> Option<String> {
    let moved = planned.moved.as_ref()?;
    if moved.changes.is_empty() {
        return Some("与上次结果相比:没有变动。".to_owned());
    }
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    moved.changes.iter().flat_map(|c| &c.kinds).for_each(|k| *kinds.entry(*k).or_default() += 1);
    let list: Vec<String> = kinds.iter().map(|(k, n)| format!("{} {n} 次", k.words())).collect();
    let t = moved.tally;
    Some(format!(
        "与上次结果相比:受影响席位 {} 个,变动入企 {} 次({}),换上 {} 人次;其余原样保留。详见 changes.csv。",
        t.seats_hit,
        moved.changes.len(),
        list.join("、"),
        t.people
    ))
}

/// The tables of a run that planned again: changes and substitutes; nothing for one that did not.
#[must_use]
pub fn sheets(planned: &Planned) -> Vec<Sheet> {
    match &planned.moved {
        Some(moved) => vec![changes(planned, moved), substitutes(planned, moved)],
        None => Vec::new(),
    }
}

fn clock(spot: Option<Spot>) -> String {
    spot.map_or(String::new(), |s| format!("{} {:02}:{:02}", s.date, s.start / 60, s.start % 60))
}

/// How the people were found.
const fn level(level: u8) -> &'static str {
    match level {
        0 => "0 当时有空人员中抽取",
        1 => "1 与同日另一次入企调换",
        2 => "2 同日改时间",
        3 => "3 改日期",
        _ => "4 连同其他入企重新安排",
    }
}

fn changes(planned: &Planned, moved: &Moved) -> Sheet {
    let input = &planned.county.input;
    let names: HashMap<&str, &str> =
        input.inspectors.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let subjects: HashMap<&str, &str> =
        input.subjects.iter().map(|s| (s.key.as_str(), s.name.as_str())).collect();
    let person = |id: &str| format!("{id}{}", names.get(id).copied().unwrap_or(""));
    let row = |c: &Change| -> Vec<Cell> {
        let kinds: Vec<&str> = c.kinds.iter().map(|k| k.words()).collect();
        let left: Vec<String> =
            c.left.iter().map(|l| format!("{}({})", person(&l.person), l.why.words())).collect();
        let came: Vec<String> = c
            .came
            .iter()
            .map(|x| match x.instead_of.as_str() {
                "" => person(&x.person),
                who => format!("{}(替{who})", person(&x.person)),
            })
            .collect();
        let posts: Vec<String> =
            c.posts.iter().map(|(p, to)| format!("{}改任{}", person(p), post(*to))).collect();
        vec![
            visit_name(c.number).into(),
            c.subject.as_str().into(),
            subjects.get(c.subject.as_str()).copied().unwrap_or("").into(),
            kinds.join("、").into(),
            c.level.map_or("", level).into(),
            clock(c.before).into(),
            clock(c.after).into(),
            left.join(";").into(),
            came.join(";").into(),
            posts.join(";").into(),
            c.tasks_out.join(";").into(),
            c.tasks_in.join(";").into(),
            c.split_from.map_or(String::new(), visit_name).into(),
        ]
    };
    Sheet {
        file: "changes",
        title: "变动",
        columns: vec![
            Column::id("入企编号"),
            Column::id("统一社会信用代码或注册号"),
            Column::text("检查对象"),
            Column::text("变动"),
            Column::text("办法"),
            Column::id("原时间"),
            Column::id("现时间"),
            Column::text("退出人员及原因"),
            Column::text("新到人员"),
            Column::text("岗位调整"),
            Column::id("减少的任务"),
            Column::id("增加的任务"),
            Column::id("拆自"),
        ],
        rows: moved.changes.iter().map(row).collect(),
    }
}

/// 候补名单: for each seat drawn among substitutes, everybody in drawn order.
fn substitutes(planned: &Planned, moved: &Moved) -> Sheet {
    let inspectors = &planned.county.input.inspectors;
    let mut rows = Vec::new();
    for change in &moved.changes {
        for came in &change.came {
            for (place, s) in came.substitutes.iter().enumerate() {
                let row = &inspectors[s.person as usize];
                rows.push(vec![
                    visit_name(change.number).into(),
                    came.instead_of.as_str().into(),
                    (place + 1).into(),
                    row.id.as_str().into(),
                    row.name.as_str().into(),
                    format!("{:032x}", s.lot).into(),
                    Cell::Int(i64::try_from(s.weight).unwrap_or(0)),
                    if row.id == came.person { "替补" } else { "" }.into(),
                ]);
            }
        }
    }
    Sheet {
        file: "substitutes",
        title: "候补名单",
        columns: vec![
            Column::id("入企编号"),
            Column::id("退出人员"),
            Column::number("顺位"),
            Column::id("人员编号"),
            Column::text("姓名"),
            Column::id("签号"),
            Column::number("权重"),
            Column::text("结果"),
        ],
        rows,
    }
}
