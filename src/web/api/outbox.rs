//! Mail that waits, went out or was given up.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::outbox;
use crate::store::outbox::Stored;
use crate::web::page::{Cursor, by_id};
use crate::web::reply::{Empty, Page, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A mail. Its text is not shown: it is between the sender and the receiver.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailView {
    /// Identifier.
    pub id: Id,
    /// What it is about.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Message-ID, the same over all attempts.
    pub message_id: String,
    /// `queued`, `sending`, `sent` or `dead`.
    pub state: MailState,
    /// Attempts so far.
    pub attempts: i32,
    /// The next attempt; of a claimed mail: when the claim runs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<DateTime<Utc>>,
    /// When it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed; empty: it did not.
    pub last_error: String,
    /// Put in.
    pub created_at: DateTime<Utc>,
}

/// The state of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits.
    Queued,
    /// A server is sending it.
    Sending,
    /// Went out.
    Sent,
    /// Given up.
    Dead,
}

impl MailState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    fn of(text: &str) -> Self {
        [Self::Queued, Self::Sending, Self::Sent]
            .into_iter()
            .find(|s| s.as_str() == text)
            .unwrap_or(Self::Dead)
    }
}

impl From<Stored> for MailView {
    fn from(row: Stored) -> Self {
        let state = MailState::of(&row.state);
        let open = matches!(state, MailState::Queued | MailState::Sending);
        Self {
            id: row.id,
            kind: row.kind,
            recipient: row.recipient,
            subject: row.subject,
            message_id: row.message_id,
            state,
            attempts: row.attempts,
            next_at: open.then_some(row.next_at.0),
            sent_at: row.sent_at.map(|a| a.0),
            last_error: row.last_error,
            created_at: row.created_at.0,
        }
    }
}

/// Which mails.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MailsQuery {
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Only those in this state.
    #[param(inline)]
    pub state: Option<MailState>,
}

/// `GET /api/v1/outbox`: the newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: MailsQuery) -> Result<Reply<Page<MailView>>> {
    let read = |before, most| outbox::list(cx, query.state.map(MailState::as_str), before, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `POST /api/v1/outbox/{id}/retry`
///
/// # Errors
/// Not allowed; it is not dead.
pub fn retry(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<MailView>> {
    Ok(Reply::ok(outbox::retry(cx, id)?.into()))
}
