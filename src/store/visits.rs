//! Visits with their tasks, departments and seats.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{planning, seat, task, visit, visit_department, visit_task};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 入企检查.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = visit, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Visit {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Planning run.
    pub planning_id: Id,
    /// Code.
    pub code: String,
    /// Subject.
    pub subject_id: Id,
    /// The day; none while it has no team.
    pub on_day: Option<NaiveDate>,
    /// When it begins, minutes since midnight.
    pub start_minute: Option<i32>,
    /// Minutes at the subject, without the way.
    pub minutes: i32,
    /// State, as the domain names it.
    pub state: String,
    /// The department that leads: of the A post, else the lowest in rank.
    pub lead_department_id: Option<Id>,
    /// Whether the business is told beforehand.
    pub announced: bool,
    /// Why it has no team: the blockers of the run; empty when it has one.
    pub reasons: Doc<Value>,
    /// When the team was sent out.
    pub dispatched_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(visit, Visit, "入企检查", versioned);

/// A row of 参检部门.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visit_department, primary_key(visit_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VisitDepartment {
    /// Visit.
    pub visit_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 任务.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visit_task, primary_key(visit_id, task_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VisitTask {
    /// Visit.
    pub visit_id: Id,
    /// Task.
    pub task_id: Id,
    /// County.
    pub region: String,
}

/// A row of 席位.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = seat, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Seat {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// Department.
    pub department_id: Id,
    /// `domain::planning_state::Post`.
    pub role: String,
    /// `domain::planning_state::Seat`.
    pub state: String,
    /// How the inspector was drawn: `lot=HEX;weight=N;candidates=N` of the planning's draw, or `replacement=ID`.
    pub draw_ref: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 席位.
pub mod seats {
    use super::{Seat, seat};
    crate::aggregate!(seat, Seat, "席位", versioned);
}

/// Adds the departments of visits.
///
/// # Errors
/// The database.
pub fn insert_departments(db: &mut Conn, rows: &[VisitDepartment]) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        crate::each_backend!(db, |c| diesel::insert_into(visit_department::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Adds the tasks of visits.
///
/// # Errors
/// The database.
pub fn insert_tasks(db: &mut Conn, rows: &[VisitTask]) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        crate::each_backend!(db, |c| diesel::insert_into(visit_task::table).values(chunk).execute(c))?;
    }
    Ok(())
}

macro_rules! of_visits {
    ($(#[$doc:meta])* $name:ident, $table:ident, $row:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// The database.
        pub fn $name(db: &mut Conn, visits: &[Id]) -> Result<Vec<$row>> {
            let mut rows = Vec::new();
            for chunk in visits.chunks(CHUNK) {
                let part: Vec<$row> = $table::table
                    .filter($table::visit_id.eq_any(chunk.to_vec()))
                    .select($row::as_select())
                    .load(db)?;
                rows.extend(part);
            }
            Ok(rows)
        }
    };
}

of_visits!(
    /// Departments of these visits, in no order.
    departments_of, visit_department, VisitDepartment
);
of_visits!(
    /// Tasks of these visits, in no order.
    tasks_of, visit_task, VisitTask
);
of_visits!(
    /// Seats of these visits, whatever the state, in no order.
    seats_of, seat, Seat
);

/// The visits of a planning run by code.
///
/// # Errors
/// The database.
pub fn of_planning(db: &mut Conn, id: Id) -> Result<Vec<Visit>> {
    Ok(visit::table
        .filter(visit::planning_id.eq(id))
        .order(visit::code)
        .select(Visit::as_select())
        .load(db)?)
}

/// The visits with these identifiers, in no order.
///
/// # Errors
/// The database.
pub fn by_ids(db: &mut Conn, ids: &[Id]) -> Result<Vec<Visit>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let part: Vec<Visit> =
            visit::table.filter(visit::id.eq_any(chunk.to_vec())).select(Visit::as_select()).load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// The visits of plans in force that hold a task of a joint inspection, by identifier.
///
/// # Errors
/// The database.
pub fn of_inspection(db: &mut Conn, inspection: Id) -> Result<Vec<Visit>> {
    let with = visit_task::table
        .inner_join(task::table)
        .filter(task::inspection_id.eq(inspection))
        .select(visit_task::visit_id);
    Ok(visit::table
        .inner_join(planning::table)
        .filter(planning::state.ne_all(["preview", "discarded"]))
        .filter(visit::id.eq_any(with))
        .order(visit::id)
        .select(Visit::as_select())
        .load(db)?)
}

/// The visit of a plan in force that holds a task, if any.
///
/// # Errors
/// The database.
pub fn of_task(db: &mut Conn, task: Id) -> Result<Option<Visit>> {
    let with = visit_task::table.filter(visit_task::task_id.eq(task)).select(visit_task::visit_id);
    Ok(visit::table
        .inner_join(planning::table)
        .filter(planning::state.ne_all(["preview", "discarded"]))
        .filter(visit::state.ne("cancelled"))
        .filter(visit::id.eq_any(with))
        .select(Visit::as_select())
        .get_result(db)
        .optional()?)
}

/// The visits of plans in force that hold these tasks: (task, state of the visit).
///
/// # Errors
/// The database.
pub fn states_of_tasks(db: &mut Conn, tasks: &[Id]) -> Result<Vec<(Id, String)>> {
    let mut rows = Vec::new();
    for chunk in tasks.chunks(CHUNK) {
        let part: Vec<(Id, String)> = visit_task::table
            .inner_join(visit::table.inner_join(planning::table))
            .filter(visit_task::task_id.eq_any(chunk.to_vec()))
            .filter(planning::state.ne_all(["preview", "discarded"]))
            .filter(visit::state.ne("cancelled"))
            .select((visit_task::task_id, visit::state))
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// Takes a task out of a visit.
///
/// # Errors
/// The database.
pub fn drop_task(db: &mut Conn, visit: Id, task: Id) -> Result<()> {
    diesel::delete(visit_task::table.find((visit, task))).execute(db)?;
    Ok(())
}

/// Takes a department out of a visit: it does not come.
///
/// # Errors
/// The database.
pub fn drop_department(db: &mut Conn, visit: Id, department: Id) -> Result<()> {
    diesel::delete(visit_department::table.find((visit, department))).execute(db)?;
    Ok(())
}

/// A seat with the visit it is on.
pub type SeatAndVisit = (Seat, Visit);

/// The seats that are assigned to any of these inspectors on a day between `from` and `to`, with their visits.
///
/// # Errors
/// The database.
pub fn bookings(
    db: &mut Conn,
    inspectors: &[Id],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<SeatAndVisit>> {
    let mut rows = Vec::new();
    for chunk in inspectors.chunks(CHUNK) {
        let part: Vec<SeatAndVisit> = seat::table
            .inner_join(visit::table)
            .filter(seat::inspector_id.eq_any(chunk.to_vec()))
            .filter(seat::state.eq("assigned"))
            .filter(visit::state.ne("cancelled"))
            .filter(visit::on_day.ge(from))
            .filter(visit::on_day.le(to))
            .select((Seat::as_select(), Visit::as_select()))
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// Who was on the team of the last visit that was held at each of these subjects: (subject, inspector).
///
/// # Errors
/// The database.
pub fn last_teams(db: &mut Conn, subjects: &[Id]) -> Result<Vec<(Id, Id)>> {
    type Held = (Id, Id, Option<NaiveDate>);
    let mut last: std::collections::HashMap<Id, (Option<NaiveDate>, Id)> = std::collections::HashMap::new();
    for chunk in subjects.chunks(CHUNK) {
        let part: Vec<Held> = visit::table
            .filter(visit::subject_id.eq_any(chunk.to_vec()))
            .filter(visit::state.eq_any(["in_progress", "obstructed", "done"]))
            .select((visit::subject_id, visit::id, visit::on_day))
            .load(db)?;
        for (subject, id, day) in part {
            let known = last.entry(subject).or_insert((day, id));
            *known = (*known).max((day, id));
        }
    }
    let of: std::collections::HashMap<Id, Id> =
        last.into_iter().map(|(subject, (_, visit))| (visit, subject)).collect();
    let ids: Vec<Id> = of.keys().copied().collect();
    let mut rows: Vec<(Id, Id)> = seats_of(db, &ids)?
        .into_iter()
        .filter(|s| s.state == "assigned" && s.role != "expert")
        .filter_map(|s| of.get(&s.visit_id).map(|subject| (*subject, s.inspector_id)))
        .collect();
    rows.sort_unstable();
    Ok(rows)
}

/// Which visits a list shows; nothing set: all of the county's plans in force.
#[derive(Debug, Clone, Default)]
pub struct VisitFilter {
    /// Planning run; also shows those of a preview.
    pub planning: Option<Id>,
    /// Joint inspection of one of its tasks.
    pub inspection: Option<Id>,
    /// A department that takes part.
    pub department: Option<Id>,
    /// Subject.
    pub subject: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// States of which it must have one.
    pub states: Option<Vec<&'static str>>,
    /// An inspector with a seat that counts.
    pub inspector: Option<Id>,
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
}

/// Visits of a county by identifier, after `after`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    filter: &VisitFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Visit>> {
    let mut query = visit::table
        .inner_join(planning::table)
        .filter(visit::region.eq(region.to_owned()))
        .order(visit::id)
        .limit(limit)
        .select(Visit::as_select())
        .into_boxed();
    match filter.planning {
        Some(id) => query = query.filter(visit::planning_id.eq(id)),
        None => query = query.filter(planning::state.ne_all(["preview", "discarded"])),
    }
    if let Some(id) = filter.inspection {
        let with = visit_task::table
            .inner_join(task::table)
            .filter(task::inspection_id.eq(id))
            .select(visit_task::visit_id);
        query = query.filter(visit::id.eq_any(with));
    }
    if let Some(id) = filter.department {
        let with = visit_department::table
            .filter(visit_department::department_id.eq(id))
            .select(visit_department::visit_id);
        query = query.filter(visit::id.eq_any(with));
    }
    if let Some(id) = filter.inspector {
        let with = seat::table
            .filter(seat::inspector_id.eq(id))
            .filter(seat::state.eq("assigned"))
            .select(seat::visit_id);
        query = query.filter(visit::id.eq_any(with));
    }
    crate::narrow!(query;
        visit::subject_id eq filter.subject;
        visit::state eq filter.state.clone();
        visit::state eq_any filter.states.clone();
        visit::on_day ge filter.from;
        visit::on_day le filter.to;
        visit::id gt after;
    );
    Ok(query.load(db)?)
}

/// Moves the seats of these visits from one state to another.
///
/// # Errors
/// The database.
pub fn move_seats(
    db: &mut Conn,
    visits: &[Id],
    from: &str,
    to: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<usize> {
    let mut n = 0;
    for chunk in visits.chunks(CHUNK) {
        n += diesel::update(
            seat::table.filter(seat::visit_id.eq_any(chunk.to_vec())).filter(seat::state.eq(from.to_owned())),
        )
        .set((
            seat::state.eq(to.to_owned()),
            seat::version.eq(seat::version + 1),
            seat::updated_at.eq(At(now)),
        ))
        .execute(db)?;
    }
    Ok(n)
}

/// Takes visits away with their tasks, departments and seats: those of a preview that became part of others.
///
/// # Errors
/// The database; a replacement refers to a seat.
pub fn erase(db: &mut Conn, visits: &[Id]) -> Result<()> {
    for chunk in visits.chunks(CHUNK) {
        let ids = chunk.to_vec();
        diesel::delete(seat::table.filter(seat::visit_id.eq_any(ids.clone()))).execute(db)?;
        diesel::delete(visit_task::table.filter(visit_task::visit_id.eq_any(ids.clone()))).execute(db)?;
        diesel::delete(visit_department::table.filter(visit_department::visit_id.eq_any(ids.clone())))
            .execute(db)?;
        diesel::delete(visit::table.filter(visit::id.eq_any(ids))).execute(db)?;
    }
    Ok(())
}

/// Takes the tasks and departments of visits away, to be written anew.
///
/// # Errors
/// The database.
pub fn clear_parts(db: &mut Conn, visits: &[Id]) -> Result<()> {
    for chunk in visits.chunks(CHUNK) {
        let ids = chunk.to_vec();
        diesel::delete(visit_task::table.filter(visit_task::visit_id.eq_any(ids.clone()))).execute(db)?;
        diesel::delete(visit_department::table.filter(visit_department::visit_id.eq_any(ids))).execute(db)?;
    }
    Ok(())
}

/// Takes the ledger entries of visits away that were not held: the cap counts checks, not intentions.
///
/// # Errors
/// The database.
pub fn clear_caps(db: &mut Conn, visits: &[Id]) -> Result<()> {
    use super::schema::cap_entry;
    for chunk in visits.chunks(CHUNK) {
        let ids: Vec<Option<Id>> = chunk.iter().copied().map(Some).collect();
        diesel::delete(cap_entry::table.filter(cap_entry::visit_id.eq_any(ids))).execute(db)?;
    }
    Ok(())
}

/// The same for one department of a visit: it does not come.
///
/// # Errors
/// The database.
pub fn clear_caps_of(db: &mut Conn, visit: Id, department: Id) -> Result<()> {
    use super::schema::cap_entry;
    diesel::delete(
        cap_entry::table
            .filter(cap_entry::visit_id.eq(Some(visit)))
            .filter(cap_entry::department_id.eq(department)),
    )
    .execute(db)?;
    Ok(())
}
