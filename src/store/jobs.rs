//! Long work that can be left and found again; files that wait to be imported.

use super::conn::Conn;
use super::schema::{job, upload};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = job, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Job {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Kind, as the domain names it.
    pub kind: String,
    /// Account that started it, and in whose name it is done.
    pub user_id: Id,
    /// The file, run or joint inspection it is about; none for a new planning run.
    pub object_id: Option<Id>,
    /// What it is called.
    pub title: String,
    /// State, as the domain names it.
    pub state: String,
    /// How much is done.
    pub done: i64,
    /// Of how much; 0 while that is not known.
    pub total: i64,
    /// What is being done just now, as the domain names it; empty before it begins.
    pub step: String,
    /// What was asked for.
    pub input: Doc<Value>,
    /// What came of it.
    pub output: Doc<Value>,
    /// Why it could not be done, in Chinese.
    pub error: String,
    /// Somebody wants it to stop.
    pub stop: bool,
    /// The server that works on it, or did last.
    pub holder: String,
    /// Attempts begun; also the fence of a claim.
    pub attempts: i32,
    /// Not before; of a running one: nobody else before.
    pub run_at: At,
    /// When the first attempt began.
    pub started_at: Option<At>,
    /// When it was over.
    pub ended_at: Option<At>,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(job, Job, "作业");

/// States in which a piece of work is not over.
const OPEN: [&str; 2] = ["waiting", "running"];

/// What somebody started, newest first: all of it, or what is in these states.
///
/// # Errors
/// The database.
pub fn of_user(
    db: &mut Conn,
    user: Id,
    states: Option<Vec<&'static str>>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Job>> {
    let mut query = job::table
        .filter(job::user_id.eq(user))
        .order(job::id.desc())
        .limit(limit)
        .select(Job::as_select())
        .into_boxed();
    crate::narrow!(query;
        job::state eq_any states;
        job::id lt before;
    );
    Ok(query.load(db)?)
}

/// What somebody started about one thing, newest first.
///
/// # Errors
/// The database.
pub fn about(db: &mut Conn, user: Id, object: Id, limit: i64) -> Result<Vec<Job>> {
    Ok(job::table
        .filter(job::user_id.eq(user))
        .filter(job::object_id.eq(object))
        .order(job::id.desc())
        .limit(limit)
        .select(Job::as_select())
        .load(db)?)
}

/// What somebody started about one thing and waits or runs, the newest.
///
/// # Errors
/// The database.
pub fn open_about(db: &mut Conn, user: Id, object: Id) -> Result<Option<Job>> {
    let open = job::table
        .filter(job::user_id.eq(user))
        .filter(job::object_id.eq(object))
        .filter(job::state.eq_any(OPEN))
        .order(job::id.desc())
        .limit(1)
        .select(Job::as_select());
    Ok(open.get_result(db).optional()?)
}

/// How many pieces of work of somebody wait or run.
///
/// # Errors
/// The database.
pub fn open_of(db: &mut Conn, user: Id) -> Result<i64> {
    Ok(job::table.filter(job::user_id.eq(user)).filter(job::state.eq_any(OPEN)).count().get_result(db)?)
}

/// What waits to be done, and what a server has lost; the longest due first.
///
/// # Errors
/// The database.
pub fn due(db: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<Job>> {
    Ok(job::table
        .filter(job::state.eq_any(OPEN))
        .filter(job::run_at.le(At(now)))
        .order((job::run_at, job::id))
        .limit(limit)
        .select(Job::as_select())
        .load(db)?)
}

/// Claims a piece of work for one attempt until a moment; `false` when another server has it.
///
/// # Errors
/// The database.
pub fn claim(
    db: &mut Conn,
    seen: &Job,
    holder: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let n = diesel::update(
        job::table
            .find(seen.id)
            .filter(job::state.eq(seen.state.clone()))
            .filter(job::attempts.eq(seen.attempts))
            // The server that has it may have said so since it was seen.
            .filter(job::run_at.le(At(now))),
    )
    .set((
        job::state.eq("running"),
        job::attempts.eq(seen.attempts + 1),
        job::holder.eq(holder.to_owned()),
        job::run_at.eq(At(until)),
        job::done.eq(0),
        job::total.eq(0),
        job::step.eq(""),
        job::started_at.eq(Some(seen.started_at.unwrap_or(At(now)))),
        job::updated_at.eq(At(now)),
    ))
    .execute(db)?;
    Ok(n == 1)
}

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How much is done.
    pub done: i64,
    /// Of how much; 0: not known.
    pub total: i64,
    /// What is being done.
    pub step: &'static str,
}

/// Says that an attempt goes on, and how far it has come. Answers whether it is to stop; none when it was lost.
///
/// # Errors
/// The database.
pub fn beat(
    db: &mut Conn,
    id: Id,
    attempt: i32,
    progress: Progress,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<bool>> {
    let n = diesel::update(
        job::table.find(id).filter(job::state.eq("running")).filter(job::attempts.eq(attempt)),
    )
    .set((
        job::done.eq(progress.done),
        job::total.eq(progress.total),
        job::step.eq(progress.step),
        job::run_at.eq(At(until)),
        job::updated_at.eq(At(now)),
    ))
    .execute(db)?;
    if n == 0 {
        return Ok(None);
    }
    Ok(job::table.find(id).select(job::stop).get_result(db).optional()?)
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The state it goes to.
    pub state: &'static str,
    /// What came of it.
    pub output: Value,
    /// Why it could not be done.
    pub error: String,
    /// How much was done, of how much; none: as it was said last.
    pub count: Option<i64>,
    /// Not before, where it goes back to waiting.
    pub run_at: DateTime<Utc>,
}

/// Settles an attempt; `false` when it was lost, or is to be done and somebody wants it to stop.
///
/// # Errors
/// The database.
pub fn settle(db: &mut Conn, id: Id, attempt: i32, after: &Outcome, now: DateTime<Utc>) -> Result<bool> {
    let mine = job::table.find(id).filter(job::state.eq("running")).filter(job::attempts.eq(attempt));
    let ended = (after.state != "waiting").then_some(At(now));
    let changes = (
        job::state.eq(after.state),
        job::output.eq(Doc(after.output.clone())),
        job::error.eq(after.error.clone()),
        job::run_at.eq(At(after.run_at)),
        job::ended_at.eq(ended),
        job::updated_at.eq(At(now)),
    );
    let n = if after.state == "done" {
        diesel::update(mine.filter(job::stop.eq(false))).set(changes).execute(db)?
    } else {
        diesel::update(mine).set(changes).execute(db)?
    };
    if let Some(count) = after.count.filter(|_| n == 1) {
        diesel::update(job::table.find(id)).set((job::done.eq(count), job::total.eq(count))).execute(db)?;
    }
    Ok(n == 1)
}

/// Takes back what nobody has begun; `false` when somebody has.
///
/// # Errors
/// The database.
pub fn withdraw(db: &mut Conn, id: Id, now: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(job::table.find(id).filter(job::state.eq("waiting")))
        .set((
            job::state.eq("cancelled"),
            job::stop.eq(true),
            job::ended_at.eq(Some(At(now))),
            job::updated_at.eq(At(now)),
        ))
        .execute(db)?;
    Ok(n == 1)
}

/// Asks the server that works on it to stop; `false` when none does.
///
/// # Errors
/// The database.
pub fn ask_to_stop(db: &mut Conn, id: Id, now: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(job::table.find(id).filter(job::state.eq("running")))
        .set((job::stop.eq(true), job::updated_at.eq(At(now))))
        .execute(db)?;
    Ok(n == 1)
}

/// What was over before a moment, the oldest first.
///
/// # Errors
/// The database.
pub fn over_before(db: &mut Conn, moment: DateTime<Utc>, after: Option<Id>, limit: i64) -> Result<Vec<Job>> {
    let mut query = job::table
        .filter(job::state.eq_any(["done", "failed", "cancelled"]))
        .filter(job::updated_at.lt(At(moment)))
        .order(job::id)
        .limit(limit)
        .select(Job::as_select())
        .into_boxed();
    crate::narrow!(query; job::id gt after;);
    Ok(query.load(db)?)
}

/// Notes something more of what came of a piece of work that is over.
///
/// # Errors
/// The database.
pub fn set_output(db: &mut Conn, id: Id, output: &Value) -> Result<()> {
    diesel::update(job::table.find(id)).set(job::output.eq(Doc(output.clone()))).execute(db)?;
    Ok(())
}

/// A row of 导入文件.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = upload, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Upload {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Account.
    pub user_id: Id,
    /// Department.
    pub department_id: Option<Id>,
    /// Kind.
    pub kind: String,
    /// `file_name`.
    pub file_name: String,
    /// `sha256`.
    pub sha256: String,
    /// `content`.
    pub content: Vec<u8>,
    /// State, as the domain names it.
    pub state: String,
    /// `report`.
    pub report: Doc<Value>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 导入文件.
pub mod uploads {
    use super::{Upload, upload};
    crate::aggregate!(upload, Upload, "导入文件", versioned);
}
