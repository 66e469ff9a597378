//! Mail that waits: claimed by one server at a time, sent at least once, tried again ever later, given up at last.
//! The sending itself happens between two transactions, in `worker`.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::mail::MailError;
use crate::store::conn::Conn;
use crate::store::outbox::{self, After, Stored};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long a claim lasts, seconds: longer than any attempt, whose every step has a time limit.
const CLAIM_S: i64 = 600;
/// Wait after the first failed attempt, seconds; doubles with each further one.
const FIRST_WAIT_S: i64 = 30;
/// Longest wait, seconds.
const LONGEST_WAIT_S: i64 = 3_600;
/// Longest error text that is kept, in characters.
const ERROR_MAX: usize = 500;

/// Claims a mail whose time has come; none when another server was faster.
///
/// # Errors
/// The database.
pub fn claim(db: &mut Conn, seen: &Stored, now: DateTime<Utc>) -> Result<Option<Stored>> {
    let until = now + TimeDelta::seconds(CLAIM_S);
    Ok(outbox::claim(db, seen, until)?.then(|| Stored { attempts: seen.attempts + 1, ..seen.clone() }))
}

/// When to try again after attempt number `attempt`: twice as long each time, spread by a quarter either way so that
/// the mails of one outage do not all come back at one moment.
#[must_use]
pub fn wait_s(attempt: i32, jitter: u8) -> i64 {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = (FIRST_WAIT_S << doublings).min(LONGEST_WAIT_S);
    wait * 3 / 4 + wait * i64::from(jitter) / 510
}

/// Notes what became of an attempt.
///
/// # Errors
/// The database.
pub fn settle(
    db: &mut Conn,
    mail: &Stored,
    sent: &std::result::Result<(), MailError>,
    most: u32,
    jitter: u8,
    now: DateTime<Utc>,
) -> Result<()> {
    let next_at = now + TimeDelta::seconds(wait_s(mail.attempts, jitter));
    let error: String = match sent {
        Ok(()) => String::new(),
        Err(e) => e.to_string().chars().filter(|c| !c.is_control()).take(ERROR_MAX).collect(),
    };
    let last = u32::try_from(mail.attempts).unwrap_or(u32::MAX) >= most.max(1);
    let after = match sent {
        Ok(()) => After { state: "sent", next_at: now, sent_at: Some(now), error: "" },
        Err(MailError::Never(_)) => After { state: "dead", next_at: now, sent_at: None, error: &error },
        Err(_) if last => After { state: "dead", next_at: now, sent_at: None, error: &error },
        Err(_) => After { state: "queued", next_at, sent_at: None, error: &error },
    };
    if !outbox::settle(db, mail.id, mail.attempts, &after)? {
        tracing::warn!(mail = %mail.id, "the claim on a mail had run out");
    }
    Ok(())
}

/// The mails of the county, the newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, state: Option<&str>, before: Option<Id>, limit: i64) -> Result<Vec<Stored>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewOutbox, &Scope::county(&region))?;
    outbox::list(cx.db, &region, state, before, limit)
}

/// Puts a mail that was given up back into the queue.
///
/// # Errors
/// Not allowed; it is not dead.
pub fn retry(cx: &mut Cx<'_>, id: Id) -> Result<Stored> {
    let mail = outbox::get(cx.db, id)?.ok_or(Error::NotFound("邮件"))?;
    cx.may(Action::RetryOutbox, &Scope::county(&mail.region))?;
    if !outbox::revive(cx.db, id, cx.now)? {
        return Err(Error::wrong_state(mail.state, "只有已放弃的邮件可以重发"));
    }
    cx.journal(Event::new("mail_retried", "mail", id, json!({ "attempts": mail.attempts })))?;
    outbox::get(cx.db, id)?.ok_or(Error::NotFound("邮件"))
}
