//! A run made after a change takes over the visits of the one before: those that are the same stay as they are, the others
//! are changed in place, so that a visit keeps its identity whatever happens to its day or team.

use super::cx::{Cx, Event};
use super::plannings::Basis;
use crate::domain::planning_state as run;
use crate::error::Result;
use crate::ids::Id;
use crate::store::plannings::{self, Planning};
use crate::store::tasks;
use crate::store::types::At;
use crate::store::visits::{self, Seat, Visit, VisitDepartment, VisitTask, seats};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

fn by_visit<T>(rows: Vec<T>, id: impl Fn(&T) -> Id) -> HashMap<Id, Vec<T>> {
    let mut map: HashMap<Id, Vec<T>> = HashMap::new();
    for row in rows {
        map.entry(id(&row)).or_default().push(row);
    }
    map
}

/// Applies the visits `found` of the run `new` to those of the run `before`.
///
/// # Errors
/// The database; the earlier run is no longer in force.
pub(super) fn apply(
    cx: &mut Cx<'_>,
    before: Id,
    new: &Planning,
    basis: &Basis,
    found: &[Visit],
) -> Result<()> {
    let earlier = plannings::need(cx.db, before)?;
    let mut superseded = earlier.clone();
    let next = run::State::parse(&earlier.state).map(|s| run::next(s, run::Act::Supersede));
    let Some(Ok(state)) = next else {
        return Err(crate::error::Error::wrong_state(earlier.state, "原排期已不在有效状态,请重新预排"));
    };
    superseded.state = state.as_str().to_owned();
    superseded.version += 1;
    superseded.updated_at = At(cx.now);
    plannings::transition(cx.db, &superseded, &earlier.state, earlier.version)?;
    cx.journal(Event::new("planning_superseded", "planning", before, json!({ "by": new.id.to_string() })))?;

    let movable: Vec<Id> = basis.movable.iter().map(|(id, _)| *id).collect();
    let old: HashMap<String, Visit> =
        visits::by_ids(cx.db, &movable)?.into_iter().map(|v| (v.code.clone(), v)).collect();
    let twins: Vec<Id> = found.iter().filter(|v| old.contains_key(&v.code)).map(|v| v.id).collect();
    let fresh: Vec<Id> = found.iter().filter(|v| !old.contains_key(&v.code)).map(|v| v.id).collect();
    let mut links = by_visit(visits::tasks_of(cx.db, &twins)?, |l| l.visit_id);
    let mut parts = by_visit(visits::departments_of(cx.db, &twins)?, |d| d.visit_id);
    let mut teams = by_visit(visits::seats_of(cx.db, &twins)?, |s| s.visit_id);
    let mut held = by_visit(visits::seats_of(cx.db, &movable)?, |s| s.visit_id);
    visits::erase(cx.db, &twins)?;
    visits::move_seats(cx.db, &fresh, run::Seat::Proposed.as_str(), run::Seat::Assigned.as_str(), cx.now)?;

    let (mut new_links, mut new_parts): (Vec<VisitTask>, Vec<VisitDepartment>) = (Vec::new(), Vec::new());
    let mut kept: HashSet<&str> = HashSet::new();
    let mut lost: Vec<Id> = visits::tasks_of(cx.db, &movable)?.iter().map(|l| l.task_id).collect();
    let mut rewritten = Vec::new();
    let mut told = Vec::new();
    for twin in found {
        let Some(visit) = old.get(&twin.code) else { continue };
        kept.insert(&visit.code);
        let team = teams.remove(&twin.id).unwrap_or_default();
        let seated = held.remove(&visit.id).unwrap_or_default();
        let changed = reseat(cx, visit, seated, &team)?;
        let moved = (visit.on_day, visit.start_minute) != (twin.on_day, twin.start_minute);
        let mut row = visit.clone();
        row.planning_id = new.id;
        row.on_day = twin.on_day;
        row.start_minute = twin.start_minute;
        row.minutes = twin.minutes;
        row.lead_department_id = twin.lead_department_id;
        row.announced = twin.announced;
        row.reasons = twin.reasons.clone();
        if moved || visit.state != "dispatched" {
            row.state.clone_from(&twin.state);
        }
        if moved && visit.state == "dispatched" {
            row.dispatched_at = None;
            visits::clear_caps(cx.db, &[visit.id])?;
        }
        row.version += 1;
        row.updated_at = At(cx.now);
        visits::transition(cx.db, &row, &visit.state, visit.version)?;
        if moved || changed {
            cx.journal(Event::new(
                "visit_replanned",
                "visit",
                visit.id,
                json!({ "moved": moved, "team_changed": changed, "state": row.state }),
            ))?;
        }
        if changed && row.state == "dispatched" {
            told.push(row.clone());
        }
        // The new team is whole, or there is none: no seat of the old one waits for anybody.
        super::replacements::lapse(cx, visit.id, None, "planning")?;
        rewritten.push(visit.id);
        new_links.extend(
            links
                .remove(&twin.id)
                .unwrap_or_default()
                .into_iter()
                .map(|l| VisitTask { visit_id: visit.id, ..l }),
        );
        new_parts.extend(
            parts
                .remove(&twin.id)
                .unwrap_or_default()
                .into_iter()
                .map(|d| VisitDepartment { visit_id: visit.id, ..d }),
        );
    }
    visits::clear_parts(cx.db, &rewritten)?;
    visits::insert_tasks(cx.db, &new_links)?;
    visits::insert_departments(cx.db, &new_parts)?;

    for visit in old.values().filter(|v| !kept.contains(v.code.as_str())) {
        let mut row = visit.clone();
        "cancelled".clone_into(&mut row.state);
        row.version += 1;
        row.updated_at = At(cx.now);
        visits::transition(cx.db, &row, &visit.state, visit.version)?;
        visits::clear_caps(cx.db, &[visit.id])?;
        if visit.state == "dispatched" {
            super::visits::tell_cancelled(cx, visit, None)?;
        }
        let assigned = run::Seat::Assigned.as_str();
        visits::move_seats(cx.db, &[visit.id], assigned, run::Seat::Vacated.as_str(), cx.now)?;
        super::replacements::lapse(cx, visit.id, None, "planning")?;
        cx.journal(Event::new("visit_cancelled", "visit", visit.id, json!({ "by": "planning" })))?;
    }
    // Tasks that had a visit and have none now wait again.
    let now: BTreeSet<Id> =
        visits::tasks_of(cx.db, &rewritten.iter().copied().chain(fresh.iter().copied()).collect::<Vec<_>>())?
            .iter()
            .map(|l| l.task_id)
            .collect();
    lost.retain(|t| !now.contains(t));
    tasks::move_all(cx.db, &lost, &["planned"], "ready", None, cx.now)?;
    let told = super::visits::whole(cx, told)?;
    super::visits::tell_changed(cx, &told)
}

/// Gives the seats of a visit the people of its twin: who stays keeps the seat, who left leaves it, who came gets a new
/// one. Answers whether anybody changed.
fn reseat(cx: &mut Cx<'_>, visit: &Visit, seated: Vec<Seat>, team: &[Seat]) -> Result<bool> {
    let assigned = run::Seat::Assigned.as_str();
    let mut changed = false;
    let mut here: HashSet<Id> = HashSet::new();
    for seat in seated.into_iter().filter(|s| s.state == assigned) {
        let twin = team.iter().find(|t| t.inspector_id == seat.inspector_id);
        let mut row = seat.clone();
        match twin {
            Some(twin) if twin.role == seat.role => {
                here.insert(seat.inspector_id);
                continue;
            }
            Some(twin) => {
                here.insert(seat.inspector_id);
                row.role.clone_from(&twin.role);
            }
            None => run::Seat::Vacated.as_str().clone_into(&mut row.state),
        }
        changed = true;
        row.version += 1;
        row.updated_at = At(cx.now);
        seats::update(cx.db, &row, seat.version)?;
    }
    for twin in team.iter().filter(|t| !here.contains(&t.inspector_id)) {
        changed = true;
        seats::insert(
            cx.db,
            &Seat { visit_id: visit.id, id: cx.id()?, state: assigned.to_owned(), ..twin.clone() },
        )?;
    }
    Ok(changed)
}
