//! Tasks: one item of one department at one subject.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{single_task, task};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A row of 任务.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = task, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Task {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Code.
    pub code: String,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// `earliest`.
    pub earliest: NaiveDate,
    /// `latest`.
    pub latest: NaiveDate,
    /// Length in minutes.
    pub minutes: i32,
    /// `mode`.
    pub mode: String,
    /// `notice`.
    pub notice: String,
    /// `priority`.
    pub priority: i32,
    /// State, as the domain names it.
    pub state: String,
    /// Planning run.
    pub planning_id: Option<Id>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(task, Task, "任务", versioned);

/// A row of 单项任务: what a task outside joint inspections is made for; and why a task was cancelled.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = single_task, primary_key(task_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SingleTask {
    /// Task.
    pub task_id: Id,
    /// County.
    pub region: String,
    /// `domain::cap::Exemption`; empty: it counts against the cap.
    pub cause: String,
    /// Why it is done.
    pub reason: String,
    /// Account that made it.
    pub created_by: Id,
    /// Created.
    pub created_at: At,
}

/// Adds the note of a single task.
///
/// # Errors
/// The database.
pub fn insert_single(db: &mut Conn, row: &SingleTask) -> Result<()> {
    diesel::insert_into(single_task::table).values(row).execute(db)?;
    Ok(())
}

/// The notes of single tasks among these.
///
/// # Errors
/// The database.
pub fn singles(db: &mut Conn, ids: &[Id]) -> Result<Vec<SingleTask>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let part: Vec<SingleTask> = single_task::table
            .filter(single_task::task_id.eq_any(chunk.to_vec()))
            .select(SingleTask::as_select())
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// Which tasks a list shows; nothing set: all of the county.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Department.
    pub department: Option<Id>,
    /// Joint inspection.
    pub inspection: Option<Id>,
    /// Subject.
    pub subject: Option<Id>,
    /// Item.
    pub item: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// States of which it must have one.
    pub states: Option<Vec<&'static str>>,
    /// Only single tasks (true) or only those of joint inspections (false).
    pub single: Option<bool>,
    /// Windows that do not end before this day.
    pub from: Option<NaiveDate>,
    /// Windows that do not begin after this day.
    pub to: Option<NaiveDate>,
}

/// Tasks of a county by identifier, after `after`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    filter: &TaskFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Task>> {
    let mut query = task::table
        .filter(task::region.eq(region.to_owned()))
        .order(task::id)
        .limit(limit)
        .select(Task::as_select())
        .into_boxed();
    crate::narrow!(query;
        task::department_id eq filter.department;
        task::inspection_id eq filter.inspection;
        task::subject_id eq filter.subject;
        task::item_id eq filter.item;
        task::state eq filter.state.clone();
        task::state eq_any filter.states.clone();
        task::latest ge filter.from;
        task::earliest le filter.to;
        task::id gt after;
    );
    match filter.single {
        Some(true) => query = query.filter(task::inspection_id.is_null()),
        Some(false) => query = query.filter(task::inspection_id.is_not_null()),
        None => {}
    }
    Ok(query.load(db)?)
}

/// The tasks with these identifiers, in no order.
///
/// # Errors
/// The database.
pub fn by_ids(db: &mut Conn, ids: &[Id]) -> Result<Vec<Task>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let part: Vec<Task> =
            task::table.filter(task::id.eq_any(chunk.to_vec())).select(Task::as_select()).load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// Moves tasks from one state to another, all at once, and answers how many were in `from`. Whoever calls compares with
/// how many it asked for: the rows are locked from here on, so nobody comes in between.
///
/// # Errors
/// The database.
pub fn move_all(
    db: &mut Conn,
    ids: &[Id],
    from: &[&str],
    to: &str,
    planning: Option<Id>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let mut n = 0;
    for chunk in ids.chunks(CHUNK) {
        n += diesel::update(
            task::table
                .filter(task::id.eq_any(chunk.to_vec()))
                .filter(task::state.eq_any(from.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())),
        )
        .set((
            task::state.eq(to.to_owned()),
            task::planning_id.eq(planning),
            task::version.eq(task::version + 1),
            task::updated_at.eq(At(now)),
        ))
        .execute(db)?;
    }
    Ok(n)
}

/// The tasks of a county that wait for a visit: of these joint inspections, and single ones if asked for, whose windows
/// meet the period; by code.
///
/// # Errors
/// The database.
pub fn ready(
    db: &mut Conn,
    region: &str,
    inspections: &[Id],
    singles: bool,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Task>> {
    let open = || {
        task::table
            .filter(task::region.eq(region.to_owned()))
            .filter(task::state.eq("ready"))
            .filter(task::latest.ge(from))
            .filter(task::earliest.le(to))
            .select(Task::as_select())
    };
    let mut rows = Vec::new();
    for chunk in inspections.chunks(CHUNK) {
        let ids: Vec<Option<Id>> = chunk.iter().copied().map(Some).collect();
        let part: Vec<Task> = open().filter(task::inspection_id.eq_any(ids)).load(db)?;
        rows.extend(part);
    }
    if singles {
        let part: Vec<Task> = open().filter(task::inspection_id.is_null()).load(db)?;
        rows.extend(part);
    }
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(rows)
}

/// How often items are or will be checked at subjects in a year: (department, code of the item, subject, checks). All
/// revisions of an item are one; what was cancelled, recognised without a visit or made for an exempt cause is left out.
///
/// # Errors
/// The database.
pub fn made(
    db: &mut Conn,
    region: &str,
    subjects: &[Id],
    items: &[(Id, String)],
    year: i32,
) -> Result<Vec<(Id, String, Id, i64)>> {
    use super::schema::{item, recognition};
    let (Some(from), Some(to)) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31))
    else {
        return Ok(Vec::new());
    };
    let departments: Vec<Id> = items.iter().map(|i| i.0).collect();
    let codes: Vec<String> = items.iter().map(|i| i.1.clone()).collect();
    let mut counted: BTreeMap<(Id, String, Id), i64> = BTreeMap::new();
    for chunk in subjects.chunks(CHUNK / 2) {
        let exempt = single_task::table.filter(single_task::cause.ne("")).select(single_task::task_id);
        let recognised = recognition::table.select(recognition::task_id);
        let part: Vec<(Id, String, Id)> = task::table
            .inner_join(item::table)
            .filter(task::region.eq(region.to_owned()))
            .filter(task::subject_id.eq_any(chunk.to_vec()))
            .filter(task::state.ne("cancelled"))
            .filter(task::latest.ge(from))
            .filter(task::latest.le(to))
            .filter(item::department_id.eq_any(departments.clone()))
            .filter(item::code.eq_any(codes.clone()))
            .filter(diesel::dsl::not(task::id.eq_any(exempt)))
            .filter(diesel::dsl::not(task::id.eq_any(recognised)))
            .select((item::department_id, item::code, task::subject_id))
            .load(db)?;
        for key in part {
            if items.iter().any(|(d, c)| (d, c) == (&key.0, &key.1)) {
                *counted.entry(key).or_default() += 1;
            }
        }
    }
    Ok(counted.into_iter().map(|((department, code, subject), n)| (department, code, subject, n)).collect())
}

/// How many tasks of a joint inspection still wait for a visit or for its end.
///
/// # Errors
/// The database.
pub fn unfinished(db: &mut Conn, inspection: Id) -> Result<i64> {
    Ok(task::table
        .filter(task::inspection_id.eq(inspection))
        .filter(task::state.eq_any(["ready", "planned"]))
        .count()
        .get_result(db)?)
}
