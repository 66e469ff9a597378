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
