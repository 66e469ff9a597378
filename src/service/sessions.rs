//! One's own login sessions: where one is logged in, and ending that elsewhere.

use super::cx::{Cx, Event};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::accounts::{self, Session};
use serde_json::json;

/// The sessions of whoever asks that have not ended.
///
/// # Errors
/// Nobody has logged in.
pub fn list(cx: &mut Cx<'_>) -> Result<Vec<Session>> {
    let user = cx.user()?;
    accounts::open_sessions(cx.db, user, cx.now)
}

/// Ends one of one's own sessions.
///
/// # Errors
/// It is none of one's own, or has ended.
pub fn end(cx: &mut Cx<'_>, session: Id) -> Result<()> {
    let user = cx.user()?;
    if !accounts::open_sessions(cx.db, user, cx.now)?.iter().any(|s| s.id == session) {
        return Err(Error::NotFound("登录"));
    }
    accounts::end_session(cx.db, session, cx.now)?;
    cx.journal(Event::new("session_closed", "user", user, json!({ "session": session.to_string() })))
}
