//! Mail that waits to be sent: written in the transaction of the act, sent by the worker.

use super::conn::Conn;
use super::schema::outbox;
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about, snake_case (`invitation_sent`); digests group by it.
    pub kind: &'static str,
    /// Address.
    pub recipient: String,
    /// The account of the recipient.
    pub user: Option<Id>,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// What it is about, if one thing.
    pub object: Option<Id>,
    /// Two mails with the same word are one.
    pub dedupe: String,
}

/// Puts a mail into the outbox unless it is there already.
///
/// # Errors
/// The database.
pub fn put(db: &mut Conn, region: &str, id: Id, now: DateTime<Utc>, mail: &Mail) -> Result<()> {
    let row = (
        outbox::id.eq(id),
        outbox::region.eq(region.to_owned()),
        outbox::kind.eq(mail.kind.to_owned()),
        outbox::recipient.eq(mail.recipient.clone()),
        outbox::user_id.eq(mail.user),
        outbox::subject.eq(mail.subject.clone()),
        outbox::body.eq(mail.body.clone()),
        outbox::message_id.eq(format!("<{id}@onedoor>")),
        outbox::state.eq("queued"),
        outbox::attempts.eq(0),
        outbox::next_at.eq(At(now)),
        outbox::last_error.eq(""),
        outbox::object_id.eq(mail.object),
        outbox::dedupe.eq(mail.dedupe.clone()),
        outbox::created_at.eq(At(now)),
    );
    crate::each_backend!(db, |c| diesel::insert_into(outbox::table)
        .values(row)
        .on_conflict(outbox::dedupe)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// A mail in the outbox: `queued`, `sending` (claimed until `next_at`), `sent` or `dead`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(super::conn::MultiBackend))]
pub struct Stored {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// What it is about.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Stays the same over all attempts.
    pub message_id: String,
    /// State.
    pub state: String,
    /// Attempts begun; also the fence of a claim.
    pub attempts: i32,
    /// Not before; of a claimed one: nobody else before.
    pub next_at: At,
    /// When it went out.
    pub sent_at: Option<At>,
    /// Why the last attempt failed.
    pub last_error: String,
    /// Put in.
    pub created_at: At,
}

/// The mails of a county, the newest first, at most `limit`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    state: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let mut query = outbox::table
        .filter(outbox::region.eq(region.to_owned()))
        .order(outbox::id.desc())
        .limit(limit)
        .select(Stored::as_select())
        .into_boxed();
    crate::narrow!(query;
        outbox::state eq state.map(str::to_owned);
        outbox::id lt before;
    );
    Ok(query.load(db)?)
}

/// One mail.
///
/// # Errors
/// The database.
pub fn get(db: &mut Conn, id: Id) -> Result<Option<Stored>> {
    Ok(outbox::table.find(id).select(Stored::as_select()).get_result(db).optional()?)
}

/// Mails whose time has come, and claimed ones whose claim has run out; the longest due first.
///
/// # Errors
/// The database.
pub fn due(db: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<Stored>> {
    Ok(outbox::table
        .filter(outbox::state.eq_any(["queued", "sending"]))
        .filter(outbox::next_at.le(At(now)))
        .order((outbox::next_at, outbox::id))
        .limit(limit)
        .select(Stored::as_select())
        .load(db)?)
}

/// Claims a mail for one attempt; `false` when another server has it.
///
/// # Errors
/// The database.
pub fn claim(db: &mut Conn, seen: &Stored, until: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(
        outbox::table
            .find(seen.id)
            .filter(outbox::state.eq(seen.state.clone()))
            .filter(outbox::attempts.eq(seen.attempts)),
    )
    .set((outbox::state.eq("sending"), outbox::attempts.eq(seen.attempts + 1), outbox::next_at.eq(At(until))))
    .execute(db)?;
    Ok(n == 1)
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After<'a> {
    /// The state it goes to.
    pub state: &'a str,
    /// The next attempt.
    pub next_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why it did not.
    pub error: &'a str,
}

/// Settles the attempt number `attempt`; `false` when the claim had run out and another attempt began.
///
/// # Errors
/// The database.
pub fn settle(db: &mut Conn, id: Id, attempt: i32, after: &After<'_>) -> Result<bool> {
    let n = diesel::update(
        outbox::table.find(id).filter(outbox::state.eq("sending")).filter(outbox::attempts.eq(attempt)),
    )
    .set((
        outbox::state.eq(after.state.to_owned()),
        outbox::next_at.eq(At(after.next_at)),
        outbox::sent_at.eq(after.sent_at.map(At)),
        outbox::last_error.eq(after.error.to_owned()),
    ))
    .execute(db)?;
    Ok(n == 1)
}

/// Puts a dead mail back; `false` when it is not dead.
///
/// # Errors
/// The database.
pub fn revive(db: &mut Conn, id: Id, now: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(outbox::table.find(id).filter(outbox::state.eq("dead")))
        .set((outbox::state.eq("queued"), outbox::attempts.eq(0), outbox::next_at.eq(At(now))))
        .execute(db)?;
    Ok(n == 1)
}

/// How many mails wait or are dead, and since when the oldest waits.
///
/// # Errors
/// The database.
pub fn waiting(db: &mut Conn) -> Result<(i64, i64, Option<DateTime<Utc>>)> {
    let open = outbox::table.filter(outbox::state.eq_any(["queued", "sending"]));
    let n: i64 = open.clone().count().get_result(db)?;
    let dead: i64 = outbox::table.filter(outbox::state.eq("dead")).count().get_result(db)?;
    let oldest: Option<At> =
        open.order(outbox::created_at).select(outbox::created_at).first(db).optional()?;
    Ok((n, dead, oldest.map(|a| a.0)))
}
