//! Merge and staffing over the county's tasks: computed outside any write transaction as a preview, then committed if
//! nothing it was computed from has changed.
//!
//! The seed of the teams is `SHA-256(lp("onedoor/1/teams") ‖ lp(seed of each finished draw of the inspections, by draw
//! id))`: the draws fixed subjects and inspectors before any seed was known, so running again changes nothing. A run
//! without joint inspections takes the identifiers of its tasks instead (`onedoor/1/teams-single`, ascending): each holds 62
//! random bits of the server from when the task was made and stands in the journal.

use super::cx::{Cx, Event};
use super::input::{self, Blocker, Loaded, Names, Period};
use super::plan::Planned;
use super::{plan, replan};
use crate::domain::access::{Action, Scope};
use crate::domain::allocate::replan::{Before, Previous, Spell, Terms, visit_name};
use crate::domain::allocate::{self, Options, Post};
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::{Record, SeedLine, parse_record};
use crate::domain::planning::input::Notice;
use crate::domain::planning::{Instance, canonical};
use crate::domain::planning_state as run;
use crate::domain::{inspection, merge};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::plannings::{self as store, Planning};
use crate::store::types::{At, Doc};
use crate::store::visits::{self, Seat, Visit, VisitDepartment, VisitTask, seats};
use crate::store::{county, inspections, tasks};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// What is to be planned.
#[derive(Debug, Clone)]
pub struct NewPlanning {
    /// Name; empty: made from the period.
    pub name: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Joint inspections whose tasks are taken.
    pub inspections: Vec<Id>,
    /// Whether single tasks are taken.
    pub singles: bool,
}

/// What a run was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Every task looked at, with its version.
    pub tasks: Vec<(Id, i64)>,
    /// First day on which something could be put.
    pub first_day: NaiveDate,
    /// First day for what must be announced.
    pub notice_day: NaiveDate,
    /// Visits of the earlier run that are planned again, with their versions.
    pub movable: Vec<(Id, i64)>,
    /// Tasks of those whose business has been told.
    pub told: Vec<Id>,
}

/// Figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PlanningSummary {
    /// Subjects with a visit.
    pub subjects: usize,
    /// On-site tasks that entered the run.
    pub tasks: usize,
    /// Tasks that need no entry.
    pub tasks_off_site: usize,
    /// Tasks that may not be planned, with a blocker each.
    pub tasks_blocked: usize,
    /// Tasks that no day of the period suits.
    pub tasks_unplaced: usize,
    /// Visits if every department went alone to every subject.
    pub separate_visits: usize,
    /// Visits.
    pub visits: usize,
    /// Visits that are saved.
    pub visits_saved: usize,
    /// Visits of two or more departments.
    pub joint_visits: usize,
    /// Departments at visits, summed.
    pub department_visits: usize,
    /// Visits with day and team.
    pub staffed: usize,
    /// Visits without.
    pub unstaffed: usize,
    /// Of those, proved to be impossible, at least.
    pub proved_unstaffable: usize,
    /// Tasks in visits with a team.
    pub tasks_staffed: usize,
    /// Visits split because people are short.
    pub splits: usize,
    /// People on teams.
    pub people: usize,
    /// Seats.
    pub seats: usize,
}

/// What differs from the run before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitChange {
    /// Code of the visit.
    pub visit: String,
    /// Key of the subject.
    pub subject_key: String,
    /// `replaced`, `posts`, `moved_time`, `moved_day`, `shrunk`, `grown`, `vanished`, `new`, `split_off`,
    /// `became_unstaffed`, `became_staffed`.
    pub kinds: Vec<String>,
    /// Day and time before.
    pub before: Option<String>,
    /// Day and time now.
    pub after: Option<String>,
    /// Codes of inspectors who no longer go, with the reason.
    pub left: Vec<String>,
    /// Codes of inspectors who now go.
    pub came: Vec<String>,
    /// Tasks it no longer has.
    pub tasks_out: Vec<String>,
    /// Tasks it has got.
    pub tasks_in: Vec<String>,
}

/// Everything read for a run; what follows needs no database.
#[derive(Debug)]
pub struct Gathered {
    new: NewPlanning,
    basis: Basis,
    basis_id: Option<Id>,
    previous: Option<(Previous, Terms)>,
    loaded: Loaded,
    seed: [u8; 32],
    draw_ref: String,
}

/// A run, ready to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    new: NewPlanning,
    basis: Basis,
    basis_id: Option<Id>,
    seed: [u8; 32],
    draw_ref: String,
    digest: [u8; 32],
    summary: PlanningSummary,
    blockers: Vec<Blocker>,
    changes: Vec<VisitChange>,
    visits: Vec<DraftVisit>,
}

#[derive(Debug, Clone)]
struct DraftVisit {
    number: u32,
    subject: Id,
    tasks: Vec<Id>,
    departments: Vec<Id>,
    lead: Option<Id>,
    place: Option<(NaiveDate, i32)>,
    minutes: i32,
    announced: bool,
    reasons: Vec<Blocker>,
    seats: Vec<(Id, Id, &'static str, String)>,
}

fn planner(cx: &Cx<'_>) -> Result<String> {
    let region = cx.region().to_owned();
    cx.may(Action::RunPlanning, &Scope::county(&region))?;
    Ok(region)
}

/// Longest period of one run, in days.
const LONGEST: i64 = 366;

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

fn state_word(state: &str) -> &'static str {
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

fn period(basis: &Basis, to: NaiveDate) -> Period {
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

const fn role_of(post: Post) -> &'static str {
    match post {
        Post::Lead => run::Post::Lead.as_str(),
        Post::Second => run::Post::Second.as_str(),
        Post::Member => run::Post::Member.as_str(),
        Post::Expert => run::Post::Expert.as_str(),
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

/// Computes a run. Takes as long as the county is large; touches no database.
///
/// # Errors
/// Tables that the engine refuses.
pub fn compute(gathered: Gathered) -> Result<Draft> {
    let Gathered { new, basis, basis_id, previous, loaded, seed, draw_ref } = gathered;
    let Loaded { input, blocked, off_site, names } = loaded;
    let digest = canonical::digest(&input);
    let refused = |e: &dyn std::fmt::Display| Error::refused("cannot_plan", e.to_string());
    let instance = Instance::new(input).map_err(|e| refused(&e))?;
    let planned = match &previous {
        Some((previous, terms)) => {
            replan::again(instance, previous, &seed, terms, Vec::new(), (false, digest), &mut |_| {})
        }
        None => {
            let merged = merge::into_visits(&instance);
            let options = Options::default();
            let staffing =
                allocate::staff(&instance, &merged.visits, &seed, plan::TEAMS, &options, &mut |_| {});
            plan::explained(instance, merged, staffing, Vec::new(), false, digest, &mut |_| {})
        }
    };
    let visits = drafts(&planned, &names)?;
    let mut summary = figures(&planned);
    summary.tasks_off_site = off_site;
    summary.tasks_blocked = blocked.len();
    let mut blockers = blocked;
    blockers.extend(engine_blockers(&planned));
    let changes = changes(&planned);
    Ok(Draft { new, basis, basis_id, seed, draw_ref, digest, summary, blockers, changes, visits })
}

fn drafts(planned: &Planned, names: &Names) -> Result<Vec<DraftVisit>> {
    let county = &planned.county;
    let input = &county.input;
    let lost = |what: &str| Error::internal(&format!("the engine answered an unknown {what}"));
    let department = |d: u16| {
        let code = &input.departments[usize::from(d)].id;
        names.departments.get(code).copied().ok_or_else(|| lost("department"))
    };
    let why: HashMap<usize, Blocker> =
        unstaffed(planned).into_iter().zip(&planned.unstaffed).map(|(b, u)| (u.visit, b)).collect();
    let mut list = Vec::with_capacity(planned.staffing.visits.len());
    for (v, (visit, staffed)) in planned.staffing.visits.iter().zip(&planned.staffing.staffed).enumerate() {
        let subject = &input.subjects[visit.subject as usize].key;
        let mut draft = DraftVisit {
            number: planned.numbers.get(v).copied().unwrap_or_default(),
            subject: names.subjects.get(subject).copied().ok_or_else(|| lost("subject"))?,
            tasks: Vec::with_capacity(visit.tasks.len()),
            departments: visit.depts.iter().map(|d| department(*d)).collect::<Result<_>>()?,
            lead: None,
            place: None,
            minutes: i32::try_from(visit.minutes).unwrap_or(i32::MAX),
            announced: true,
            reasons: why.get(&v).cloned().into_iter().collect(),
            seats: Vec::new(),
        };
        for t in &visit.tasks {
            let row = &input.tasks[*t as usize];
            draft.announced &= row.notice != Notice::Unannounced;
            draft.tasks.push(names.tasks.get(&row.id).copied().ok_or_else(|| lost("task"))?);
        }
        draft.lead = match visit.requirements.iter().find(|r| !county.is_expert_pool[usize::from(r.pool)]) {
            Some(first) => Some(department(first.pool)?),
            None => draft.departments.first().copied(),
        };
        if let Some(staffed) = staffed {
            let start = i32::try_from(county.grid.minute(staffed.start)).unwrap_or(0);
            draft.place = Some((county.days[staffed.day], start));
            for m in &staffed.team {
                let person = &input.inspectors[m.person as usize];
                let id = names.inspectors.get(&person.id).copied().ok_or_else(|| lost("inspector"))?;
                if m.post == Post::Lead {
                    draft.lead = Some(department(m.pool)?);
                }
                let how = format!("lot={:032x};weight={};candidates={}", m.lot, m.weight, m.candidates);
                draft.seats.push((id, department(m.pool)?, role_of(m.post), how));
            }
        }
        list.push(draft);
    }
    Ok(list)
}

fn figures(planned: &Planned) -> PlanningSummary {
    let county = &planned.county;
    let staffing = &planned.staffing;
    let pairs: BTreeSet<(u32, u16)> = county.tasks.iter().map(|t| (t.subject, t.dept)).collect();
    let members = || staffing.staffed.iter().flatten().flat_map(|s| &s.team);
    let subjects: BTreeSet<u32> = staffing.visits.iter().map(|v| v.subject).collect();
    // What no visit can hold needs no visit alone either.
    let held: BTreeSet<(u32, u16)> =
        staffing.visits.iter().flat_map(|v| v.depts.iter().map(|d| (v.subject, *d))).collect();
    let separate = pairs.intersection(&held).count();
    PlanningSummary {
        subjects: subjects.len(),
        tasks: county.tasks.len(),
        tasks_off_site: 0,
        tasks_blocked: 0,
        tasks_unplaced: planned.merged.unplaced.len(),
        separate_visits: separate,
        visits: staffing.end.visits,
        visits_saved: separate.saturating_sub(staffing.end.visits),
        joint_visits: staffing.visits.iter().filter(|v| v.depts.len() > 1).count(),
        department_visits: staffing.visits.iter().map(|v| v.depts.len()).sum(),
        staffed: staffing.end.staffed,
        unstaffed: staffing.end.visits - staffing.end.staffed,
        proved_unstaffable: planned.bounds.at_least(),
        tasks_staffed: staffing.end.tasks_staffed,
        splits: staffing.splits.len(),
        people: members().map(|m| m.person).collect::<BTreeSet<_>>().len(),
        seats: members().count(),
    }
}

fn task_codes(planned: &Planned, list: &[u32]) -> Vec<String> {
    list.iter().map(|t| planned.county.input.tasks[*t as usize].id.clone()).collect()
}

fn about(planned: &Planned, subject: u32) -> (String, String) {
    let row = &planned.county.input.subjects[subject as usize];
    (row.key.clone(), row.name.clone())
}

/// One blocker for each visit without a team, in the order of [`Planned::unstaffed`].
fn unstaffed(planned: &Planned) -> Vec<Blocker> {
    use crate::domain::allocate::explain::words;
    let county = &planned.county;
    let blocker = |u: &plan::Unstaffed| {
        let visit = &planned.staffing.visits[u.visit];
        let (subject_key, subject) = about(planned, visit.subject);
        let mut why = vec![words::status(county, &u.why)];
        if let Some(c) = u.certificate.and_then(|c| planned.bounds.certificates.get(c)) {
            why.push(format!("已证明涉及的{}次入企中至少{}次不能派齐", c.visits.len(), c.excess));
        }
        why.extend(u.why.seats.iter().map(|s| words::seat(county, s)));
        Blocker {
            kind: "unstaffed".to_owned(),
            visit: visit_name(planned.numbers.get(u.visit).copied().unwrap_or_default()),
            subject_key,
            subject,
            tasks: task_codes(planned, &visit.tasks),
            why: why.join(";"),
            cures: u.why.remedies.iter().map(|r| words::remedy(county, r)).collect(),
        }
    };
    planned.unstaffed.iter().map(blocker).collect()
}

fn engine_blockers(planned: &Planned) -> Vec<Blocker> {
    use merge::words;
    let county = &planned.county;
    let mut list = Vec::new();
    for u in &planned.merged.unplaced {
        let (subject_key, subject) = about(planned, county.tasks[u.task as usize].subject);
        list.push(Blocker {
            kind: "no_day".to_owned(),
            visit: String::new(),
            subject_key,
            subject,
            tasks: task_codes(planned, &[u.task]),
            why: words::unplaced(u),
            cures: vec![words::cures(county, &u.cure)],
        });
    }
    list.extend(unstaffed(planned));
    for apart in &planned.merged.apart {
        let visit = &planned.merged.visits[apart.visit as usize];
        let other = &planned.merged.visits[apart.other as usize];
        let (subject_key, subject) = about(planned, visit.subject);
        let mut both = task_codes(planned, &visit.tasks);
        both.extend(task_codes(planned, &other.tasks));
        list.push(Blocker {
            kind: "not_merged".to_owned(),
            visit: String::new(),
            subject_key,
            subject,
            tasks: both,
            why: words::apart(county, apart),
            cures: vec![words::cures(county, &apart.cure)],
        });
    }
    list
}

fn changes(planned: &Planned) -> Vec<VisitChange> {
    use crate::domain::allocate::replan::Spot;
    let Some(moved) = &planned.moved else { return Vec::new() };
    let clock = |s: Spot| format!("{} {:02}:{:02}", s.date, s.start / 60, s.start % 60);
    let change = |c: &crate::domain::allocate::replan::Change| VisitChange {
        visit: visit_name(c.number),
        subject_key: c.subject.clone(),
        kinds: c.kinds.iter().map(|k| kind_name(*k).to_owned()).collect(),
        before: c.before.map(clock),
        after: c.after.map(clock),
        left: c.left.iter().map(|l| format!("{}:{}", l.person, l.why.words())).collect(),
        came: c.came.iter().map(|x| x.person.clone()).collect(),
        tasks_out: c.tasks_out.clone(),
        tasks_in: c.tasks_in.clone(),
    };
    moved.changes.iter().map(change).collect()
}

const fn kind_name(kind: crate::domain::allocate::replan::Kind) -> &'static str {
    use crate::domain::allocate::replan::Kind;
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

fn value(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(|e| Error::internal(&e))
}

/// Writes a computed run as a preview.
///
/// # Errors
/// Not allowed; the database.
pub fn save(cx: &mut Cx<'_>, draft: &Draft) -> Result<Planning> {
    let region = planner(cx)?;
    let now = At(cx.now);
    let id = cx.id()?;
    let name = if draft.new.name.is_empty() {
        format!("{}至{}排期", draft.new.from, draft.new.to)
    } else {
        draft.new.name.clone()
    };
    let row = Planning {
        id,
        region: region.clone(),
        name,
        state: run::State::Preview.as_str().to_owned(),
        period_from: draft.new.from,
        period_to: draft.new.to,
        inspections: Doc(draft.new.inspections.clone()),
        singles: draft.new.singles,
        input_digest: hex::encode(draft.digest),
        seed: hex::encode(draft.seed),
        draw_ref: draft.draw_ref.clone(),
        basis_id: draft.basis_id,
        basis: Doc(value(&draft.basis)?),
        summary: Doc(value(&draft.summary)?),
        blockers: Doc(value(&draft.blockers)?),
        changes: Doc(value(&draft.changes)?),
        created_by: cx.user()?,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert(cx.db, &row)?;
    let (mut rows, mut parts, mut links, mut team) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for visit in &draft.visits {
        let visit_id = cx.id()?;
        rows.push(Visit {
            id: visit_id,
            region: region.clone(),
            planning_id: id,
            code: visit_name(visit.number),
            subject_id: visit.subject,
            on_day: visit.place.map(|p| p.0),
            start_minute: visit.place.map(|p| p.1),
            minutes: visit.minutes,
            state: if visit.place.is_some() { "staffed" } else { "planned" }.to_owned(),
            lead_department_id: visit.lead,
            announced: visit.announced,
            reasons: Doc(value(&visit.reasons)?),
            dispatched_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        });
        let region = || region.clone();
        parts.extend(visit.departments.iter().map(|d| VisitDepartment {
            visit_id,
            department_id: *d,
            region: region(),
        }));
        links.extend(visit.tasks.iter().map(|t| VisitTask { visit_id, task_id: *t, region: region() }));
        for (inspector_id, department_id, role, how) in &visit.seats {
            team.push(Seat {
                id: cx.id()?,
                region: region(),
                visit_id,
                inspector_id: *inspector_id,
                department_id: *department_id,
                role: (*role).to_owned(),
                state: run::Seat::Proposed.as_str().to_owned(),
                draw_ref: how.clone(),
                version: 1,
                created_at: now,
                updated_at: now,
            });
        }
    }
    visits::insert_all(cx.db, &rows)?;
    visits::insert_departments(cx.db, &parts)?;
    visits::insert_tasks(cx.db, &links)?;
    seats::insert_all(cx.db, &team)?;
    cx.journal(Event::new(
        "planning_previewed",
        "planning",
        id,
        json!({
            "input_digest": row.input_digest, "seed": row.seed, "draw_ref": row.draw_ref,
            "tasks": draft.basis.tasks.len(), "visits": draft.summary.visits, "staffed": draft.summary.staffed,
            "basis": draft.basis_id.map(|b| b.to_string()),
        }),
    ))?;
    Ok(row)
}

fn need(cx: &mut Cx<'_>, id: Id) -> Result<Planning> {
    let row = store::get(cx.db, id)?.filter(|r| r.region == cx.actor.region);
    row.ok_or(Error::NotFound("排期"))
}

/// One run.
///
/// # Errors
/// Not allowed; not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Planning> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewPlanning, &Scope::county(&region))?;
    need(cx, id)
}

/// Runs of the county, newest first.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    state: Option<run::State>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Planning>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewPlanning, &Scope::county(&region))?;
    store::list(cx.db, &region, state.map(run::State::as_str), before, limit)
}

fn step(cx: &mut Cx<'_>, row: &Planning, act: run::Act) -> Result<Planning> {
    let state = run::State::parse(&row.state).ok_or_else(|| Error::internal("planning state"))?;
    let next = run::next(state, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut new = row.clone();
    new.state = next.as_str().to_owned();
    new.version += 1;
    new.updated_at = At(cx.now);
    store::transition(cx.db, &new, &row.state, row.version)?;
    Ok(new)
}

/// Puts a preview aside; its visits go.
///
/// # Errors
/// Not allowed; it is no preview.
pub fn discard(cx: &mut Cx<'_>, id: Id) -> Result<Planning> {
    planner(cx)?;
    let row = need(cx, id)?;
    let row = step(cx, &row, run::Act::Discard)?;
    let ids: Vec<Id> = visits::of_planning(cx.db, id)?.iter().map(|v| v.id).collect();
    visits::erase(cx.db, &ids)?;
    cx.journal(Event::new("planning_discarded", "planning", id, json!({})))?;
    Ok(row)
}

/// Puts a preview in force, unless something it was computed from has changed.
///
/// # Errors
/// Not allowed; no preview; tasks, people, recusals or calendar changed (says what); a visit would lie in the past.
pub fn commit(cx: &mut Cx<'_>, id: Id) -> Result<Planning> {
    let region = planner(cx)?;
    county::lock(cx.db, &region, cx.now)?;
    let old = need(cx, id)?;
    let row = step(cx, &old, run::Act::Commit)?;
    let basis: Basis = serde_json::from_value(old.basis.0.clone()).map_err(|e| Error::internal(&e))?;
    let found = visits::of_planning(cx.db, id)?;
    let tomorrow = cx.today() + chrono::Days::new(1);
    if found.iter().any(|v| v.on_day.is_some_and(|d| d < tomorrow)) {
        return Err(Error::refused("date_passed", "预排中有的入企日期已到或已过,请重新预排"));
    }
    unchanged(cx, &old, &basis, &found)?;
    match old.basis_id {
        None => {
            let ids: Vec<Id> = found.iter().map(|v| v.id).collect();
            visits::move_seats(
                cx.db,
                &ids,
                run::Seat::Proposed.as_str(),
                run::Seat::Assigned.as_str(),
                cx.now,
            )?;
        }
        Some(before) => super::takeover::apply(cx, before, &row, &basis, &found)?,
    }
    for inspection in &row.inspections.0 {
        staffed(cx, *inspection)?;
    }
    cx.journal(Event::new(
        "planning_committed",
        "planning",
        id,
        json!({ "visits": found.len(), "input_digest": row.input_digest, "seed": row.seed }),
    ))?;
    Ok(row)
}

/// Locks the tasks of the visits, marks them as planned, and holds everything against what the run was computed from.
fn unchanged(cx: &mut Cx<'_>, row: &Planning, basis: &Basis, found: &[Visit]) -> Result<()> {
    let ids: Vec<Id> = found.iter().map(|v| v.id).collect();
    let inside: BTreeSet<Id> = visits::tasks_of(cx.db, &ids)?.iter().map(|t| t.task_id).collect();
    let inside: Vec<Id> = inside.into_iter().collect();
    tasks::move_all(cx.db, &inside, &["ready", "planned"], "planned", Some(row.id), cx.now)?;
    let all: Vec<Id> = basis.tasks.iter().map(|(id, _)| *id).collect();
    let rows = tasks::by_ids(cx.db, &all)?;
    let now: HashMap<Id, &tasks::Task> = rows.iter().map(|t| (t.id, t)).collect();
    let inside: BTreeSet<Id> = inside.into_iter().collect();
    let mut changed: Vec<String> = Vec::new();
    for (id, version) in &basis.tasks {
        let expected = version + i64::from(inside.contains(id));
        match now.get(id) {
            Some(t) if t.version == expected => {}
            Some(t) => changed.push(t.code.clone()),
            None => changed.push(id.to_string()),
        }
    }
    if !changed.is_empty() {
        changed.sort_unstable();
        let more = if changed.len() > 20 { format!("等{}项", changed.len()) } else { String::new() };
        let named = changed.iter().take(20).cloned().collect::<Vec<_>>().join("、");
        return Err(Error::refused(
            "tasks_changed",
            format!("预排之后有任务被改动:{named}{more};请重新预排"),
        ));
    }
    let current: BTreeMap<Id, i64> =
        visits::by_ids(cx.db, &basis.movable.iter().map(|(v, _)| *v).collect::<Vec<_>>())?
            .into_iter()
            .map(|v| (v.id, v.version))
            .collect();
    if basis.movable.iter().any(|(id, version)| current.get(id) != Some(version)) {
        return Err(Error::refused("visits_changed", "预排之后有入企被派发、更换人员或改动,请重新预排"));
    }
    let mut rows = rows;
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    let loaded = input::of(cx, &period(basis, row.period_to), &rows)?;
    if hex::encode(canonical::digest(&loaded.input)) != row.input_digest {
        return Err(Error::refused(
            "input_changed",
            "预排之后名录、证件、请假、回避、日历、约束或其他排期有改动,请重新预排",
        ));
    }
    Ok(())
}

/// Moves a joint inspection on to staffed, from wherever a run finds it.
fn staffed(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    use inspection::{Act, State};
    let row = inspections::need(cx.db, id)?;
    let acts: &[Act] = match State::parse(&row.state) {
        Some(State::Drawn) => &[Act::Merge, Act::Staff],
        Some(State::Merged) => &[Act::Staff],
        Some(State::Dispatched) => {
            let open = visits::of_inspection(cx.db, id)?
                .iter()
                .any(|v| v.state == "staffed" || v.state == "planned");
            if !open {
                return Ok(());
            }
            &[Act::Replan, Act::Merge, Act::Staff]
        }
        Some(State::Staffed | State::Inspecting) => return Ok(()),
        _ => {
            return Err(Error::wrong_state(
                row.state.clone(),
                format!("联合抽查“{}”处于“{}”,不能确认排期", row.name, state_word(&row.state)),
            ));
        }
    };
    for act in acts {
        inspection_step(cx, id, *act)?;
    }
    Ok(())
}

/// One step of a joint inspection, with its journal event.
///
/// # Errors
/// The state does not allow it; somebody was faster.
pub(super) fn inspection_step(cx: &mut Cx<'_>, id: Id, act: inspection::Act) -> Result<()> {
    let row = inspections::need(cx.db, id)?;
    let state = inspection::State::parse(&row.state).ok_or_else(|| Error::internal("inspection state"))?;
    let next = inspection::next(state, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut new = row.clone();
    new.state = next.as_str().to_owned();
    new.version += 1;
    new.updated_at = At(cx.now);
    inspections::transition(cx.db, &new, &row.state, row.version)?;
    let name = match act {
        inspection::Act::Merge => "inspection_merged",
        inspection::Act::Staff => "inspection_staffed",
        inspection::Act::Dispatch => "inspection_dispatched",
        _ => "inspection_replanned",
    };
    cx.journal(Event::new(name, "inspection", id, json!({ "from": row.state, "to": new.state })))
}
