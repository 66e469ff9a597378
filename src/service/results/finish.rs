//! The end of a visit on site, of a department's publication, and of a joint inspection.

use super::{desks, finding, hold, newest, officer, on_site, outcomes};
use crate::domain::access::Action;
use crate::domain::inspection;
use crate::domain::publication::{Conclusion, conclusion};
use crate::domain::result::{State, publication_due};
use crate::domain::visit_state::{self, Act};
use crate::error::{Error, FieldError, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::invitations::calendar;
use crate::service::plannings::inspection_step;
use crate::service::visits::{self as visit_service, Whole, inspections_of};
use crate::store::publications::{self, Publication};
use crate::store::results::{CheckResult, findings};
use crate::store::tasks::{self, Task};
use crate::store::types::At;
use crate::store::{county, inspections, visits};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Ends the on-site part: every on-site task has a result that was handed in, or the visit is obstructed. From here the
/// publication period of each department runs. Said again it answers the same.
///
/// # Errors
/// Not on the team; the visit is not under way; every task without a result.
pub fn finish(cx: &mut Cx<'_>, id: Id) -> Result<on_site::Account> {
    let mut held = hold(cx, id, Action::WorkOnSite)?;
    let (me, _) = officer(cx, &held.whole)?;
    let region = held.whole.visit.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    if held.whole.visit.state == visit_state::State::Done.as_str() {
        cx.journal(Event::new("finish_repeated", "visit", id, json!({ "inspector": me.to_string() })))?;
        return on_site::get(cx, id);
    }
    let obstructed = held.whole.visit.state == visit_state::State::Obstructed.as_str();
    // Read under the lock: a task may have been cancelled meanwhile.
    let ids: Vec<Id> = held.whole.tasks.iter().map(|(t, _)| t.id).collect();
    let open: Vec<Task> =
        tasks::by_ids(cx.db, &ids)?.into_iter().filter(|t| t.state != "cancelled").collect();
    let rows = findings::of_visits(cx.db, &[id])?;
    let present = newest(&rows);
    if !obstructed {
        let handed_in = |t: &&Task| {
            present.get(&t.id).and_then(|r| State::parse(&r.state)).is_some_and(|s| !s.is_editable())
        };
        let missing: Vec<FieldError> = open
            .iter()
            .filter(|t| t.mode == "on_site" && !handed_in(t))
            .map(|t| FieldError::new("/results", "missing", format!("任务{}的检查结果尚未提交", t.code)))
            .collect();
        if !missing.is_empty() && held.whole.visit.state == visit_state::State::InProgress.as_str() {
            return Err(Error::Invalid(missing));
        }
    }
    on_site::step(cx, &mut held, Act::Finish)?;
    let end = cx.today();
    held.conduct.ended_at = Some(At(cx.now));
    held.conduct.end_day = Some(end);
    held.save(cx)?;
    let open_ids: Vec<Id> = open.iter().map(|t| t.id).collect();
    tasks::move_all(cx.db, &open_ids, &["planned"], "done", Some(held.whole.visit.planning_id), cx.now)?;
    let calendar = calendar(cx)?;
    let due = publication_due(&calendar, end, cx.rules.procedure.publish_days)
        .ok_or_else(|| Error::internal("calendar"))?;
    let departments: BTreeSet<Id> = open.iter().map(|t| t.department_id).collect();
    let periods: Vec<Publication> = departments
        .iter()
        .map(|department| Publication {
            visit_id: id,
            department_id: *department,
            region: region.clone(),
            end_day: end,
            due_day: due,
            reminders: 0,
            card: String::new(),
            done_at: None,
            version: 1,
            created_at: At(cx.now),
            updated_at: At(cx.now),
        })
        .collect();
    publications::insert_all(cx.db, &periods)?;
    let data = json!({
        "inspector": me.to_string(), "end": end.to_string(), "due": due.to_string(), "obstructed": obstructed,
        "departments": departments.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "desks": desks(&held.whole).len(), "tasks": open.len(),
    });
    cx.journal(Event::new("visit_finished", "visit", id, data))?;
    on_site::get(cx, id)
}

/// After results of a visit were published: is a department complete, the visit, a joint inspection? The caller holds
/// the visit.
pub(super) fn settle(cx: &mut Cx<'_>, whole: &Whole) -> Result<()> {
    let id = whole.visit.id;
    let rows = findings::of_visits(cx.db, &[id])?;
    let public: BTreeSet<Id> =
        rows.iter().filter(|r| r.state == State::Published.as_str()).map(|r| r.task_id).collect();
    let tasks = open_tasks(cx, id)?;
    let mut complete = true;
    for old in publications::of_visits(cx.db, &[id])? {
        if old.done_at.is_some() {
            continue;
        }
        let own = tasks.iter().filter(|t| t.department_id == old.department_id);
        if !own.clone().all(|t| public.contains(&t.id)) {
            complete = false;
            continue;
        }
        let mut row = old.clone();
        row.done_at = Some(At(cx.now));
        row.version += 1;
        row.updated_at = At(cx.now);
        if !publications::change(cx.db, &row, old.version)? {
            return Err(Error::Again("publication".to_owned()));
        }
        let data = json!({
            "department": row.department_id.to_string(), "due": row.due_day.to_string(),
            "late": cx.today() > row.due_day, "results": own.count(),
        });
        cx.journal(Event::new("publication_completed", "visit", id, data))?;
    }
    if complete {
        let region = whole.visit.region.clone();
        county::lock(cx.db, &region, cx.now)?;
        for inspection in inspections_of(whole) {
            close(cx, inspection)?;
        }
    }
    Ok(())
}

fn open_tasks(cx: &mut Cx<'_>, visit: Id) -> Result<Vec<Task>> {
    let ids: Vec<Id> = visits::tasks_of(cx.db, &[visit])?.iter().map(|t| t.task_id).collect();
    Ok(tasks::by_ids(cx.db, &ids)?.into_iter().filter(|t| t.state != "cancelled").collect())
}

/// Closes a joint inspection when nothing of it is left to be done or published. The caller holds the county's lock.
pub(in crate::service) fn close(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    use inspection::{Act, State};
    let row = inspections::need(cx.db, id)?;
    let acts: &[Act] = match State::parse(&row.state) {
        Some(State::Inspecting) => &[Act::Close],
        Some(State::Dispatched) => &[Act::Begin, Act::Close],
        // Whatever fell away before it was sent out is no reason to keep it open.
        Some(State::Staffed) => &[Act::Dispatch, Act::Begin, Act::Close],
        _ => return Ok(()),
    };
    if tasks::unfinished(cx.db, id)? > 0 {
        return Ok(());
    }
    let all: Vec<Id> = visits::of_inspection(cx.db, id)?
        .iter()
        .filter(|v| v.state != visit_state::State::Cancelled.as_str())
        .map(|v| v.id)
        .collect();
    let periods = publications::of_visits(cx.db, &all)?;
    // Where nothing was held there is nothing to close: it is aborted.
    if periods.is_empty() || periods.iter().any(|p| p.done_at.is_none()) {
        return Ok(());
    }
    for act in acts {
        inspection_step(cx, id, *act)?;
    }
    Ok(())
}

/// What one department found.
#[derive(Debug, Clone)]
pub struct Part {
    /// Department.
    pub department: Id,
    /// Its name.
    pub name: String,
    /// What it comes to.
    pub conclusion: Conclusion,
    /// Its results that count, by code of the task, with the names of their items.
    pub results: Vec<(CheckResult, String)>,
}

/// What all departments found at a visit.
#[derive(Debug, Clone)]
pub struct Joint {
    /// The visit.
    pub whole: Whole,
    /// What it comes to.
    pub conclusion: Conclusion,
    /// Department by department.
    pub parts: Vec<Part>,
}

/// The joint conclusion of a visit: readable when every department has published all of its results.
///
/// # Errors
/// Not visible; the visit goes on; departments that have not published (says which).
pub fn joint(cx: &mut Cx<'_>, id: Id) -> Result<Joint> {
    let whole = visit_service::get(cx, id)?;
    let periods = publications::of_visits(cx.db, &[id])?;
    let names: BTreeMap<Id, String> = whole.departments.iter().map(|d| (d.id, d.name.clone())).collect();
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    if periods.is_empty() {
        return Err(Error::wrong_state(whole.visit.state, "检查尚未结束,没有联合结论"));
    }
    let open: Vec<String> =
        periods.iter().filter(|p| p.done_at.is_none()).map(|p| name(&p.department_id)).collect();
    if !open.is_empty() {
        return Err(Error::refused(
            "not_all_published",
            format!("以下部门尚未全部公示,联合结论待其公示后形成:{}", open.join("、")),
        ));
    }
    let rows = findings::of_visits(cx.db, &[id])?;
    let mut parts: Vec<Part> = Vec::new();
    for department in &whole.departments {
        let mut list = Vec::new();
        for (task, item) in whole.tasks.iter().filter(|(t, _)| t.department_id == department.id) {
            if let Some(row) =
                rows.iter().find(|r| r.task_id == task.id && r.state == State::Published.as_str())
            {
                list.push((row.clone(), item.name.clone()));
            }
        }
        if list.is_empty() {
            continue;
        }
        let found: Vec<_> = list.iter().flat_map(|(r, _)| outcomes(r)).collect();
        debug_assert_eq!(
            conclusion(&found) == Conclusion::Problem,
            list.iter().any(|(r, _)| !finding(r).passed())
        );
        parts.push(Part {
            department: department.id,
            name: department.name.clone(),
            conclusion: conclusion(&found),
            results: list,
        });
    }
    let all: Vec<_> = parts.iter().flat_map(|p| &p.results).flat_map(|(r, _)| outcomes(r)).collect();
    Ok(Joint { conclusion: conclusion(&all), parts, whole })
}
