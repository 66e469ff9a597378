//! Reading what a planning run needs: the tasks of the period, the visits that are planned again, the seed of the teams.

use super::cx::Cx;
use super::input::{self, Loaded, Period};
use super::planning_run::Gathered;
use super::plannings::{Basis, NewPlanning, need, planner};
use crate::domain::allocate::Post;
use crate::domain::allocate::replan::{Before, Previous, Spell, Terms};
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::{Record, SeedLine, parse_record};
use crate::domain::inspection;
use crate::domain::planning_state as run;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::visits::{self, Seat, Visit};
use crate::store::{county, tasks};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// Longest period of one run, in days.
const LONGEST: i64 = 366;

/// The first day that may be planned.
fn checked_period(cx: &Cx<'_>, new: &NewPlanning, faults: &mut Faults) -> NaiveDate {
    let tomorrow = cx.today() + chrono::Days::new(1);
    if new.to < new.from {
        faults.add("/period_to", "before_start", "结束日期早于开始日期");
    } else if (new.to - new.from).num_days() > LONGEST {
        faults.add("/period_to", "too_long", format!("一次排期最长{LONGEST}天,请分次进行"));
    }
    if new.to < tomorrow {
        faults.add("/period_to", "past", format!("排期最早从明天({tomorrow})起"));
    }
    new.from.max(tomorrow)
}

/// Reads all that a first run needs.
///
/// # Errors
/// Not allowed; every fault of the fields; inspections that are not drawn yet.
pub fn gather(cx: &mut Cx<'_>, new: &NewPlanning) -> Result<Gathered> {
    let region = planner(cx)?;
    let mut faults = Faults::default();
    let mut new = new.clone();
    new.name = faults.text("/name", &new.name, false, 100);
    let first_day = checked_period(cx, &new, &mut faults);
    new.inspections.sort_unstable();
    new.inspections.dedup();
    if new.inspections.is_empty() && !new.singles {
        faults.add("/inspections", "nothing_to_plan", "请选择联合抽查,或勾选单项任务");
    }
    if new.inspections.len() > 500 {
        faults.add("/inspections", "too_many", "一次最多500个联合抽查");
    }
    let rows = county::inspections(cx.db, &new.inspections)?;
    for (i, id) in new.inspections.iter().enumerate() {
        if !rows.iter().any(|r| r.id == *id && r.region == region) {
            faults.add(format!("/inspections/{i}"), "unknown", "没有这个联合抽查");
        }
    }
    faults.done()?;
    let early: Vec<String> = rows
        .iter()
        .filter(|r| r.state != inspection::State::Drawn.as_str())
        .map(|r| format!("{}({})", r.name, state_word(&r.state)))
        .collect();
    if !early.is_empty() {
        let text = format!("只有已抽取、尚未安排的联合抽查可以排期;不符合的:{}", early.join("、"));
        return Err(Error::wrong_state(rows.first().map_or("", |r| r.state.as_str()), text));
    }
    let found = tasks::ready(cx.db, &region, &new.inspections, new.singles, (first_day, new.to))?;
    if found.is_empty() {
        return Err(Error::refused("no_tasks", "所选范围和时段内没有待安排的任务"));
    }
    let notice_day = input::notice_day(cx)?;
    let basis = Basis {
        tasks: found.iter().map(|t| (t.id, t.version)).collect(),
        first_day,
        notice_day,
        movable: Vec::new(),
        told: Vec::new(),
    };
    finish(cx, new, basis, None, None, &found)
}

/// The word for the state of a joint inspection.
pub(super) fn state_word(state: &str) -> &'static str {
    inspection::State::parse(state).map_or("", inspection::State::word)
}

fn finish(
    cx: &mut Cx<'_>,
    new: NewPlanning,
    basis: Basis,
    basis_id: Option<Id>,
    previous: Option<Terms>,
    rows: &[tasks::Task],
) -> Result<Gathered> {
    let loaded = input::of(cx, &period(&basis, new.to), rows)?;
    let (seed, draw_ref) = seed(cx, &new.inspections, rows)?;
    let previous = match previous {
        Some(terms) => Some((earlier(cx, &basis, &loaded)?, terms)),
        None => None,
    };
    Ok(Gathered { new, basis, basis_id, previous, loaded, seed, draw_ref })
}

/// The period of a run, as the tables are read for it.
pub(super) fn period(basis: &Basis, to: NaiveDate) -> Period {
    Period {
        first_day: basis.first_day,
        to,
        notice_day: basis.notice_day,
        movable: basis.movable.iter().map(|(id, _)| *id).collect(),
        told: basis.told.iter().copied().collect(),
    }
}

/// The seed of a draw's result, where it is public.
fn draw_seed(public: &[u8]) -> Option<[u8; 32]> {
    let bundle = Bundle::parse(public).ok()?;
    match parse_record(bundle.records.result.as_deref()?.as_bytes()) {
        Ok(Record::Result(result)) => match result.seed {
            SeedLine::Seed(seed) => Some(seed),
            SeedLine::Commit(commit) => Some(commit),
        },
        _ => None,
    }
}

/// The seed of the teams, and in words where it comes from.
fn seed(cx: &mut Cx<'_>, inspections: &[Id], rows: &[tasks::Task]) -> Result<([u8; 32], String)> {
    let mut hash = Sha256::new();
    let mut put = |part: &[u8]| {
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    };
    if inspections.is_empty() {
        put(b"onedoor/1/teams-single");
        let mut ids: Vec<Id> = rows.iter().map(|t| t.id).collect();
        ids.sort_unstable();
        ids.iter().for_each(|id| put(id.0.as_bytes()));
        return Ok((hash.finalize().into(), format!("tasks:{}", ids.len())));
    }
    put(b"onedoor/1/teams");
    let draws = county::finished_draws(cx.db, inspections)?;
    let mut names = Vec::new();
    let mut drawn: BTreeSet<Id> = BTreeSet::new();
    for draw in &draws {
        let seed = draw_seed(&draw.public)
            .ok_or_else(|| Error::internal(&format!("draw {} has a result without a seed", draw.id)))?;
        put(&seed);
        names.push(draw.draw_id.clone());
        drawn.insert(draw.inspection_id);
    }
    if inspections.iter().any(|id| !drawn.contains(id)) {
        return Err(Error::refused("no_draw", "所选联合抽查中有的没有已出结果的抽取记录,不能派员"));
    }
    Ok((hash.finalize().into(), format!("draws:{}", names.join(","))))
}

fn post_of(role: &str) -> Post {
    match run::Post::parse(role) {
        Some(run::Post::Lead) => Post::Lead,
        Some(run::Post::Second) => Post::Second,
        Some(run::Post::Expert) => Post::Expert,
        _ => Post::Member,
    }
}

/// The number of a visit from its code.
fn number(code: &str) -> u32 {
    code.strip_prefix('V').and_then(|n| n.parse::<u32>().ok()).and_then(|n| n.checked_sub(1)).unwrap_or(0)
}

/// The visits that are planned again, as the engine knows an earlier answer.
fn earlier(cx: &mut Cx<'_>, basis: &Basis, loaded: &Loaded) -> Result<Previous> {
    let ids: Vec<Id> = basis.movable.iter().map(|(id, _)| *id).collect();
    let rows = visits::by_ids(cx.db, &ids)?;
    let task_codes: HashMap<Id, &str> =
        loaded.names.tasks.iter().map(|(code, id)| (*id, code.as_str())).collect();
    let keys: HashMap<&str, &str> =
        loaded.input.tasks.iter().map(|t| (t.id.as_str(), t.subject.as_str())).collect();
    let mut tasks_of: HashMap<Id, Vec<String>> = HashMap::new();
    for row in visits::tasks_of(cx.db, &ids)? {
        if let Some(code) = task_codes.get(&row.task_id) {
            tasks_of.entry(row.visit_id).or_default().push((*code).to_owned());
        }
    }
    let mut teams: HashMap<Id, Vec<Seat>> = HashMap::new();
    for seat in visits::seats_of(cx.db, &ids)? {
        if seat.state == run::Seat::Assigned.as_str() {
            teams.entry(seat.visit_id).or_default().push(seat);
        }
    }
    let people: Vec<Id> = teams.values().flatten().map(|s| s.inspector_id).collect();
    let codes: HashMap<Id, String> =
        county::inspectors(cx.db, &people)?.into_iter().map(|p| (p.id, p.code)).collect();
    let mut previous = Previous::default();
    for row in rows {
        let mut tasks = tasks_of.remove(&row.id).unwrap_or_default();
        tasks.sort_unstable();
        let subject = tasks.first().and_then(|t| keys.get(t.as_str())).map_or("", |k| k).to_owned();
        let mut seats = teams.remove(&row.id).unwrap_or_default();
        seats.sort_by_key(|s| s.id);
        let team: Vec<(String, Post)> = seats
            .iter()
            .filter_map(|s| Some((codes.get(&s.inspector_id)?.clone(), post_of(&s.role))))
            .collect();
        let spell = match (row.on_day, row.start_minute.and_then(|m| u32::try_from(m).ok())) {
            (Some(date), Some(start)) if !team.is_empty() => Some(Spell { date, start, team }),
            _ => None,
        };
        previous.visits.push(Before { number: number(&row.code), subject, tasks, spell });
    }
    previous.visits.sort_by_key(|v| v.number);
    Ok(previous)
}

/// What a run after a change takes.
#[derive(Debug, Clone, Copy)]
pub struct Again {
    /// Whether tasks that have become ready since enter as well.
    pub include_new: bool,
    /// Another last day.
    pub to: Option<NaiveDate>,
}

/// Reads all that a run after a change needs: the visits of a committed run that have not been held and do not take
/// place today.
///
/// # Errors
/// Not allowed; the run is not in force; nothing left to move.
pub fn gather_again(cx: &mut Cx<'_>, id: Id, again: Again) -> Result<Gathered> {
    let region = planner(cx)?;
    let old = need(cx, id)?;
    if old.state != run::State::Committed.as_str() {
        return Err(Error::wrong_state(old.state, "只有已确认、仍有效的排期可以重新安排"));
    }
    let today = cx.today();
    let all = visits::of_planning(cx.db, id)?;
    let open = |v: &&Visit| {
        matches!(v.state.as_str(), "planned" | "staffed" | "dispatched") && v.on_day.is_none_or(|d| d > today)
    };
    let movable: Vec<&Visit> = all.iter().filter(open).collect();
    let ids: Vec<Id> = movable.iter().map(|v| v.id).collect();
    let told_visits: BTreeSet<Id> =
        movable.iter().filter(|v| v.state == "dispatched").map(|v| v.id).collect();
    let links = visits::tasks_of(cx.db, &ids)?;
    let told: Vec<Id> =
        links.iter().filter(|l| told_visits.contains(&l.visit_id)).map(|l| l.task_id).collect();
    let mut rows = tasks::by_ids(cx.db, &links.iter().map(|l| l.task_id).collect::<Vec<_>>())?;
    rows.retain(|t| t.state == "planned");
    let new = NewPlanning {
        name: old.name.clone(),
        from: old.period_from,
        to: again.to.unwrap_or(old.period_to),
        inspections: old.inspections.0.clone(),
        singles: old.singles,
    };
    let mut faults = Faults::default();
    let first_day = checked_period(cx, &new, &mut faults);
    faults.done()?;
    if again.include_new {
        rows.extend(tasks::ready(cx.db, &region, &new.inspections, new.singles, (first_day, new.to))?);
    }
    if rows.is_empty() && ids.is_empty() {
        return Err(Error::refused("no_tasks", "没有可以重新安排的入企或任务"));
    }
    let mut seen: Vec<(Id, i64)> = rows.iter().map(|t| (t.id, t.version)).collect();
    seen.sort_unstable();
    let terms = Terms {
        notified: movable.iter().filter(|v| v.state == "dispatched").map(|v| number(&v.code)).collect(),
        from: Some(first_day),
        ..Terms::default()
    };
    let notice_day = input::notice_day(cx)?;
    let movable: Vec<(Id, i64)> = movable.iter().map(|v| (v.id, v.version)).collect();
    let basis = Basis { tasks: seen, first_day, notice_day, movable, told };
    finish(cx, new, basis, Some(id), Some(terms), &rows)
}
