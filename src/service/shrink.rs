//! A visit that loses a task: the task leaves it and it becomes shorter; a department without another task there does not
//! come; without any task left the visit falls away.

use super::cx::{Cx, Event};
use super::input;
use super::tasks::cancel_visit;
use super::visits::{self as visit_service, Whole};
use crate::domain::planning_state::{Post, Seat as SeatState};
use crate::domain::task_state::State as TaskState;
use crate::domain::visit_state;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::inspectors::Inspector;
use crate::store::items::Item;
use crate::store::tasks::Task;
use crate::store::types::At;
use crate::store::visits::{self, Seat, Visit, seats};
use serde_json::json;
use std::collections::BTreeMap;

/// States of a visit in which it may lose a task without anybody being told: nobody knows of it yet.
pub const OPEN: [&str; 2] = ["planned", "staffed"];

/// Takes a task out of its visit, whose team was not sent out.
///
/// # Errors
/// The team was sent out; nobody who stays can lead the visit.
pub(super) fn lose_task(cx: &mut Cx<'_>, task: Id, why: &'static str) -> Result<()> {
    let Some(visit) = visits::of_task(cx.db, task)? else { return Ok(()) };
    if !OPEN.contains(&visit.state.as_str()) {
        return Err(Error::wrong_state(visit.state, "入企检查已派发,请在检查中办理,或先撤回派发"));
    }
    leave(cx, visit, task, why)
}

/// Takes a task that was cancelled out of its visit; a team that was sent out is told.
///
/// # Errors
/// The team is there; nobody who stays can lead the visit.
pub(super) fn lose_cancelled(cx: &mut Cx<'_>, task: Id) -> Result<()> {
    use visit_state::State;
    let Some(visit) = visits::of_task(cx.db, task)? else { return Ok(()) };
    match State::parse(&visit.state) {
        Some(State::Planned | State::Staffed | State::Dispatched) => leave(cx, visit, task, "task cancelled"),
        _ => Err(Error::wrong_state(visit.state, "入企检查已开始,任务不能取消,请在检查结果中说明")),
    }
}

fn leave(cx: &mut Cx<'_>, visit: Visit, task: Id, why: &'static str) -> Result<()> {
    let Some(whole) = visit_service::whole(cx, vec![visit])?.pop() else { return Ok(()) };
    let live = |state: &str| state == TaskState::Planned.as_str() || state == TaskState::Ready.as_str();
    let gone = whole.tasks.iter().find(|(t, _)| t.id == task).map(|(t, _)| t.department_id);
    let left: Vec<&(Task, Item)> =
        whole.tasks.iter().filter(|(t, _)| t.id != task && live(&t.state)).collect();
    if left.is_empty() {
        return cancel_visit(cx, &whole.visit, why);
    }
    let told = whole.visit.state == visit_state::State::Dispatched.as_str();
    visits::drop_task(cx.db, whole.visit.id, task)?;
    let mut row = whole.visit.clone();
    let overhead = input::rules(cx)?.entry_overhead_minutes;
    // Never longer than it was planned: the rules may have changed since.
    row.minutes = row.minutes.min(length(overhead, &left));
    let department = gone.filter(|d| left.iter().all(|(t, _)| t.department_id != *d));
    if let Some(department) = department {
        if told {
            visit_service::tell_cancelled(cx, &whole.visit, Some(department))?;
            visits::clear_caps_of(cx.db, row.id, department)?;
        }
        visits::drop_department(cx.db, row.id, department)?;
        row.lead_department_id = release(cx, &whole, department)?;
        super::replacements::lapse(cx, row.id, Some(department), why)?;
    }
    row.version += 1;
    row.updated_at = At(cx.now);
    visits::update(cx.db, &row, whole.visit.version)?;
    let data = json!({
        "task": task.to_string(), "by": why, "tasks": left.len(), "minutes": row.minutes,
        "department_left": department.map(|d| d.to_string()), "lead": row.lead_department_id.map(|d| d.to_string()),
    });
    cx.journal(Event::new("visit_lost_task", "visit", row.id, data))?;
    if told {
        let now = visit_service::whole(cx, vec![row])?;
        visit_service::tell_changed(cx, &now)?;
    }
    Ok(())
}

/// Minutes at the subject: once for coming in, and for each group of equivalent items the longest of them, for they are
/// checked once (as `domain::planning::Visit` counts).
fn length(overhead: u32, tasks: &[&(Task, Item)]) -> i32 {
    let mut groups: BTreeMap<String, i32> = BTreeMap::new();
    for (task, item) in tasks {
        let group = if item.equivalence_group.is_empty() {
            format!("item {}", item.id)
        } else {
            format!("group {}", item.equivalence_group)
        };
        let longest = groups.entry(group).or_default();
        *longest = (*longest).max(task.minutes);
    }
    groups.values().fold(i32::try_from(overhead).unwrap_or(i32::MAX), |sum, m| sum.saturating_add(*m))
}

/// Frees the people of a department that does not come; answers which department leads the visit now.
fn release(cx: &mut Cx<'_>, whole: &Whole, department: Id) -> Result<Option<Id>> {
    let (leave, stay): (Vec<_>, Vec<_>) =
        whole.team.iter().partition(|(seat, person)| seat.department_id == department && !person.expert);
    let led = leave.iter().any(|(seat, _)| seat.role == Post::Lead.as_str());
    for (seat, _) in &leave {
        let mut row = seat.clone();
        SeatState::Vacated.as_str().clone_into(&mut row.state);
        keep(cx, row, seat)?;
    }
    let first = whole.departments.iter().map(|d| d.id).find(|d| *d != department);
    if whole.team.is_empty() || !led {
        return Ok(whole.visit.lead_department_id.filter(|d| *d != department).or(first));
    }
    // Whoever was drawn as B post leads, or else the next who may; the order of the draw is that of the seats.
    let may_lead = |(_, person): &&&(Seat, Inspector)| !person.expert && person.can_lead;
    let next =
        stay.iter().filter(may_lead).min_by_key(|(seat, _)| (seat.role != Post::Second.as_str(), seat.id));
    let Some((seat, _)) = next else {
        return Err(Error::refused(
            "no_leader",
            "该部门承担本次入企的主办(A岗),其余检查人员均不能主办;请先重新排期,再办理",
        ));
    };
    let mut row = seat.clone();
    Post::Lead.as_str().clone_into(&mut row.role);
    keep(cx, row, seat)?;
    Ok(Some(seat.department_id))
}

fn keep(cx: &mut Cx<'_>, mut row: Seat, old: &Seat) -> Result<()> {
    row.version += 1;
    row.updated_at = At(cx.now);
    seats::update(cx.db, &row, old.version)
}
