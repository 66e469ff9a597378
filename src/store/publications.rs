//! Publication periods: until when each department must publish what it found at a visit.

use super::conn::Conn;
use super::county::CHUNK;
use super::inspections::Inspection;
use super::plans::PlanEntry;
use super::schema::{inspection, plan_entry, publication, task};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 公示期限.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publication, primary_key(visit_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Publication {
    /// Visit.
    pub visit_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
    /// End of the inspection.
    pub end_day: NaiveDate,
    /// Last day to publish.
    pub due_day: NaiveDate,
    /// Reminders sent.
    pub reminders: i32,
    /// `yellow`, `red` or empty.
    pub card: String,
    /// When the last of its results was published.
    pub done_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Adds the rows of a visit.
///
/// # Errors
/// The database; they are there already.
pub fn insert_all(db: &mut Conn, rows: &[Publication]) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        crate::each_backend!(db, |c| diesel::insert_into(publication::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The rows of these visits, by visit and department.
///
/// # Errors
/// The database.
pub fn of_visits(db: &mut Conn, visits: &[Id]) -> Result<Vec<Publication>> {
    let mut rows: Vec<Publication> = Vec::new();
    for chunk in visits.chunks(CHUNK) {
        let part: Vec<Publication> = publication::table
            .filter(publication::visit_id.eq_any(chunk.to_vec()))
            .select(Publication::as_select())
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by_key(|r| (r.visit_id, r.department_id));
    Ok(rows)
}

/// The rows of a county that are not complete and whose last day is not after `until`.
///
/// # Errors
/// The database.
pub fn open_until(db: &mut Conn, region: &str, until: NaiveDate) -> Result<Vec<Publication>> {
    Ok(publication::table
        .filter(publication::region.eq(region.to_owned()))
        .filter(publication::done_at.is_null())
        .filter(publication::due_day.le(until))
        .order((publication::due_day, publication::visit_id, publication::department_id))
        .select(Publication::as_select())
        .load(db)?)
}

/// Writes a changed row whose version was raised from `seen`, unless it is complete; `false` when somebody was faster.
///
/// # Errors
/// The database.
pub fn change(db: &mut Conn, row: &Publication, seen: i64) -> Result<bool> {
    let n = diesel::update(
        publication::table
            .filter(publication::visit_id.eq(row.visit_id))
            .filter(publication::department_id.eq(row.department_id))
            .filter(publication::version.eq(seen))
            .filter(publication::done_at.is_null()),
    )
    .set(row)
    .execute(db)?;
    Ok(n == 1)
}

/// Which periods a list shows; nothing set: all of the county.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Department.
    pub department: Option<Id>,
    /// Only complete ones (`false`) or only others (`true`).
    pub open: Option<bool>,
    /// Only those not complete although the last day was before this one.
    pub late_on: Option<NaiveDate>,
}

/// Periods of a county by last day, visit and department, after (`day`, `visit`, `department`).
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    filter: &Filter,
    after: Option<(NaiveDate, Id, Id)>,
    limit: i64,
) -> Result<Vec<Publication>> {
    let mut query = publication::table
        .filter(publication::region.eq(region.to_owned()))
        .order((publication::due_day, publication::visit_id, publication::department_id))
        .limit(limit)
        .select(Publication::as_select())
        .into_boxed();
    match filter.open {
        Some(true) => query = query.filter(publication::done_at.is_null()),
        Some(false) => query = query.filter(publication::done_at.is_not_null()),
        None => {}
    }
    if let Some(day) = filter.late_on {
        query = query.filter(publication::done_at.is_null()).filter(publication::due_day.lt(day));
    }
    if let Some((day, visit, department)) = after {
        let same_visit = publication::visit_id.eq(visit).and(publication::department_id.gt(department));
        let same_day = publication::due_day.eq(day).and(publication::visit_id.gt(visit).or(same_visit));
        query = query.filter(publication::due_day.gt(day).or(same_day));
    }
    crate::narrow!(query; publication::department_id eq filter.department);
    Ok(query.load(db)?)
}

/// The states of a joint inspection that was sent out and not aborted.
pub const ANNOUNCED: [&str; 3] = ["dispatched", "inspecting", "closed"];

/// Joint inspections of a county that were sent out and not aborted, by identifier, after `after`.
///
/// # Errors
/// The database.
pub fn announced(db: &mut Conn, region: &str, after: Option<Id>, limit: i64) -> Result<Vec<Inspection>> {
    let mut query = inspection::table
        .filter(inspection::region.eq(region.to_owned()))
        .filter(inspection::state.eq_any(ANNOUNCED))
        .order(inspection::id)
        .limit(limit)
        .select(Inspection::as_select())
        .into_boxed();
    crate::narrow!(query; inspection::id gt after);
    Ok(query.load(db)?)
}

/// The departments that have tasks in a joint inspection.
///
/// # Errors
/// The database.
pub fn departments_of(db: &mut Conn, inspection: Id) -> Result<Vec<Id>> {
    Ok(task::table
        .filter(task::inspection_id.eq(inspection))
        .filter(task::state.ne("cancelled"))
        .select(task::department_id)
        .distinct()
        .order(task::department_id)
        .load(db)?)
}

/// How many subjects a joint inspection visits.
///
/// # Errors
/// The database.
pub fn subjects_of(db: &mut Conn, inspection: Id) -> Result<i64> {
    let ids: Vec<Id> = task::table
        .filter(task::inspection_id.eq(inspection))
        .filter(task::state.ne("cancelled"))
        .select(task::subject_id)
        .distinct()
        .load(db)?;
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

/// The plan entries that became part of these joint inspections, by code.
///
/// # Errors
/// The database.
pub fn plans_of(db: &mut Conn, inspections: &[Id]) -> Result<Vec<PlanEntry>> {
    let mut rows: Vec<PlanEntry> = Vec::new();
    for chunk in inspections.chunks(CHUNK) {
        let ids: Vec<Option<Id>> = chunk.iter().copied().map(Some).collect();
        let part: Vec<PlanEntry> = plan_entry::table
            .filter(plan_entry::inspection_id.eq_any(ids))
            .select(PlanEntry::as_select())
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(rows)
}
