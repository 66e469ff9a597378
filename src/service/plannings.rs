//! Merge and staffing over the county's tasks: computed outside any write transaction as a preview, then committed if
//! nothing it was computed from has changed.
//!
//! The seed of the teams is `SHA-256(lp("onedoor/1/teams") ‖ lp(seed of each finished draw of the inspections, by draw
//! id))` (while an embargo keeps the seed of a draw secret, its commitment to the seed stands for it): the draws fixed
//! subjects and inspectors before any seed was known, so running again changes nothing. A run without joint inspections
//! takes the identifiers of its tasks instead (`onedoor/1/teams-single`, ascending): each holds 62 random bits of the
//! server from when the task was made and stands in the journal.

pub use super::plan::Step;
pub use super::planning_gather::{Again, gather, gather_again};
pub use super::planning_run::{Draft, Gathered, PlanningSummary, VisitChange, compute, compute_telling};

use super::cx::{Cx, Event};
use super::input;
use super::planning_gather::{period, state_word};
use crate::domain::access::{Action, Scope};
use crate::domain::allocate::replan::visit_name;
use crate::domain::inspection;
use crate::domain::planning::canonical;
use crate::domain::planning_state as run;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::plannings::{self as store, Planning};
use crate::store::types::{At, Doc};
use crate::store::visits::{self, Seat, Visit, VisitDepartment, VisitTask, seats};
use crate::store::{county, inspections, tasks};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// Refuses whoever may not plan; the county otherwise.
pub(super) fn planner(cx: &Cx<'_>) -> Result<String> {
    let region = cx.region().to_owned();
    cx.may(Action::RunPlanning, &Scope::county(&region))?;
    Ok(region)
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

/// A run of one's own county.
pub(super) fn need(cx: &mut Cx<'_>, id: Id) -> Result<Planning> {
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
    let state = run::State::parse(&old.state).ok_or_else(|| Error::internal("planning state"))?;
    run::next(state, run::Act::Commit).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let basis: Basis = serde_json::from_value(old.basis.0.clone()).map_err(|e| Error::internal(&e))?;
    let found = visits::of_planning(cx.db, id)?;
    let tomorrow = cx.today() + chrono::Days::new(1);
    if found.iter().any(|v| v.on_day.is_some_and(|d| d < tomorrow)) {
        return Err(Error::refused("date_passed", "预排中有的入企日期已到或已过,请重新预排"));
    }
    unchanged(cx, &old, &basis, &found)?;
    // Only now: while it is a preview, its own visits do not count against the caps.
    let row = step(cx, &old, run::Act::Commit)?;
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
        let inside = inside.contains(id);
        // Of those inside, only what was ready or planned has been moved into this run just now.
        let taken = |t: &tasks::Task| t.planning_id == Some(row.id) && t.state == "planned";
        match now.get(id) {
            Some(t) if t.version == version + i64::from(inside) && (!inside || taken(t)) => {}
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
        inspection::Act::Begin => "inspection_begun",
        inspection::Act::Close => "inspection_closed",
        _ => "inspection_replanned",
    };
    cx.journal(Event::new(name, "inspection", id, json!({ "from": row.state, "to": new.state })))
}
