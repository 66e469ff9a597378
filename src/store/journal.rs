//! The journal's rows: events, in the transaction of the act; the sequencer seals them later.

use super::conn::Conn;
use super::schema::journal_event;
use super::types::At;
use crate::domain::access::Actor;
use crate::domain::journal::leaf::{self, Leaf, Object, Private};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::{Event, Origin};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// A journal row to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = journal_event)]
struct NewEvent {
    id: Id,
    region: String,
    at: At,
    actor_id: Option<Id>,
    department_id: Option<Id>,
    act: &'static str,
    object_kind: &'static str,
    object_id: Option<Id>,
    request_id: String,
    address: String,
    leaf: Vec<u8>,
    private_salt: Option<Vec<u8>>,
    private_body: Option<Vec<u8>>,
}

/// Writes one event. Its leaf is fixed now; its place in the log comes when the sequencer seals it.
///
/// # Errors
/// The database; facts that have no canonical form.
pub fn append(
    db: &mut Conn,
    actor: &Actor,
    origin: &Origin,
    now: DateTime<Utc>,
    id: Id,
    salt: Option<[u8; 32]>,
    event: Event,
) -> Result<()> {
    let private = match (salt, &event.private) {
        (Some(salt), Some(body)) => {
            Some(Private { salt, bytes: serde_json::to_vec(body).map_err(|e| Error::internal(&e))? })
        }
        _ => None,
    };
    let Value::Object(data) = event.data else {
        return Err(Error::internal("journal data must be an object"));
    };
    let who = match actor.user {
        Some(user) => leaf::Actor::User(user.0),
        None if actor.system => leaf::Actor::System,
        None => leaf::Actor::Anonymous,
    };
    let token = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let leaf = Leaf {
        id: id.0,
        at: now,
        region: token(&actor.region),
        actor: who,
        department: actor.department.map(|d| d.0),
        act: event.act.to_owned(),
        object: Object {
            kind: event.kind.to_owned(),
            id: event.object.map_or_else(|| "-".to_owned(), |o| o.to_string()),
        },
        request_id: token(&origin.request_id),
        data,
        private: private.as_ref().map(Private::commitment),
    };
    let (private_salt, private_body) = private.map(|p| (p.salt.to_vec(), p.bytes)).unzip();
    let row = NewEvent {
        id,
        region: actor.region.clone(),
        at: At(now),
        actor_id: actor.user,
        department_id: actor.department,
        act: event.act,
        object_kind: event.kind,
        object_id: event.object,
        request_id: origin.request_id.clone(),
        address: origin.address.clone(),
        leaf: leaf.bytes().map_err(|f| Error::internal(&f))?,
        private_salt,
        private_body,
    };
    diesel::insert_into(journal_event::table).values(&row).execute(db)?;
    Ok(())
}
