//! Answers kept under an Idempotency-Key, in the transaction of the act they answer.

use super::conn::Conn;
use super::schema::idempotency;
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// An answer as it went out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, check_for_backend(super::conn::MultiBackend))]
pub struct Kept {
    /// Account that sent the key.
    pub user_id: Id,
    /// The key.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: String,
    /// HTTP status.
    pub status: i32,
    /// Content type.
    pub content_type: String,
    /// Further headers.
    pub headers: Doc<Vec<(String, String)>>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// How often it was answered again.
    pub replays: i64,
    /// When.
    pub created_at: At,
}

/// The answer kept under a key; counts the replay.
///
/// # Errors
/// The database.
pub fn replay(db: &mut Conn, user: Id, key: &str) -> Result<Option<Kept>> {
    let n = diesel::update(idempotency::table.find((user, key.to_owned())))
        .set(idempotency::replays.eq(idempotency::replays + 1))
        .execute(db)?;
    if n == 0 {
        return Ok(None);
    }
    Ok(idempotency::table.find((user, key.to_owned())).select(Kept::as_select()).get_result(db).optional()?)
}

/// Claims a key before the act; `false` when it is taken. A second request with the same key waits here until the
/// first has committed, so the act happens once.
///
/// # Errors
/// The database.
pub fn claim(db: &mut Conn, kept: &Kept) -> Result<bool> {
    let n = crate::each_backend!(db, |c| diesel::insert_into(idempotency::table)
        .values(kept)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(n == 1)
}

/// Keeps the answer under the claimed key.
///
/// # Errors
/// The database.
pub fn settle(db: &mut Conn, kept: &Kept) -> Result<()> {
    diesel::update(idempotency::table.find((kept.user_id, kept.key.clone())))
        .set((
            idempotency::status.eq(kept.status),
            idempotency::content_type.eq(kept.content_type.clone()),
            idempotency::headers.eq(kept.headers.clone()),
            idempotency::body.eq(kept.body.clone()),
        ))
        .execute(db)?;
    Ok(())
}

/// Forgets answers older than `before`.
///
/// # Errors
/// The database.
pub fn forget(db: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(idempotency::table.filter(idempotency::created_at.lt(At(before)))).execute(db)?)
}
