//! The journal's rows: events, in the transaction of the act. The sequencer seals them later ([`super::log`]).

use super::conn::Conn;
use super::schema::journal_event;
use super::types::At;
use crate::domain::access::Actor;
use crate::domain::journal::event::{Event, Origin};
use crate::domain::journal::leaf::{self, Leaf, Object, Private};
use crate::error::{Error, Result};
use crate::ids::Id;
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

/// What is personal about an event: where it came from, and what the act itself calls personal.
fn personal(address: &str, private: Option<Value>) -> Value {
    let mut body = match private {
        Some(Value::Object(map)) => map,
        Some(other) => serde_json::Map::from_iter([("value".to_owned(), other)]),
        None => serde_json::Map::new(),
    };
    body.insert("address".to_owned(), Value::String(address.to_owned()));
    Value::Object(body)
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
    let private = match salt {
        Some(salt) => {
            let body = personal(&origin.address, event.private);
            Some(Private { salt, bytes: serde_json::to_vec(&body).map_err(|e| Error::internal(&e))? })
        }
        None => None,
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

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = journal_event, check_for_backend(super::conn::MultiBackend))]
pub struct Stored {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// When.
    pub at: At,
    /// Account that acted; none for the public and for the machine itself.
    pub actor_id: Option<Id>,
    /// Its department then.
    pub department_id: Option<Id>,
    /// What was done.
    pub act: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which one.
    pub object_id: Option<Id>,
    /// The request.
    pub request_id: String,
    /// Network address; empty once personal data are erased.
    pub address: String,
    /// The leaf's canonical bytes.
    pub leaf: Vec<u8>,
    /// Salt of the personal data.
    pub private_salt: Option<Vec<u8>>,
    /// The personal data, JSON.
    pub private_body: Option<Vec<u8>>,
    /// Place in the log; none until the sequencer has sealed it.
    pub seq: Option<i64>,
}

/// Which events a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this act.
    pub act: Option<String>,
    /// Only about this thing.
    pub object: Option<Id>,
    /// Only of this account.
    pub actor: Option<Id>,
    /// Only of accounts that were this department's then.
    pub department: Option<Id>,
    /// Only from this moment on.
    pub from: Option<At>,
    /// Only before this moment.
    pub until: Option<At>,
    /// Only older than this event.
    pub before: Option<Id>,
}

/// The events of a county, the newest first, at most `limit`.
///
/// # Errors
/// The database.
pub fn list(db: &mut Conn, region: &str, filter: &Filter, limit: i64) -> Result<Vec<Stored>> {
    let mut query = journal_event::table
        .filter(journal_event::region.eq(region.to_owned()))
        .order(journal_event::id.desc())
        .limit(limit)
        .select(Stored::as_select())
        .into_boxed();
    crate::narrow!(query;
        journal_event::act eq filter.act.clone();
        journal_event::object_id eq filter.object;
        journal_event::actor_id eq filter.actor;
        journal_event::department_id eq filter.department;
        journal_event::at ge filter.from;
        journal_event::at lt filter.until;
        journal_event::id lt filter.before;
    );
    Ok(query.load(db)?)
}

/// One event.
///
/// # Errors
/// The database.
pub fn get(db: &mut Conn, id: Id) -> Result<Option<Stored>> {
    Ok(journal_event::table.find(id).select(Stored::as_select()).get_result(db).optional()?)
}

/// Erases the personal data of an event; `false` when there are none any more.
///
/// # Errors
/// The database.
pub fn erase(db: &mut Conn, id: Id) -> Result<bool> {
    let none: Option<Vec<u8>> = None;
    let n = diesel::update(journal_event::table.find(id).filter(journal_event::private_salt.is_not_null()))
        .set((
            journal_event::private_salt.eq(none.clone()),
            journal_event::private_body.eq(none),
            journal_event::address.eq(""),
        ))
        .execute(db)?;
    Ok(n == 1)
}

/// Sealed events from place `from` on, in order, at most `limit`.
///
/// # Errors
/// The database.
pub fn sealed(db: &mut Conn, from: i64, limit: i64) -> Result<Vec<Stored>> {
    Ok(journal_event::table
        .filter(journal_event::seq.ge(from))
        .order(journal_event::seq)
        .limit(limit)
        .select(Stored::as_select())
        .load(db)?)
}

/// Events that wait to be sealed, the oldest first, at most `limit`.
///
/// # Errors
/// The database.
pub fn unsealed(db: &mut Conn, limit: i64) -> Result<Vec<Stored>> {
    Ok(journal_event::table
        .filter(journal_event::seq.is_null())
        .order((journal_event::at, journal_event::id))
        .limit(limit)
        .select(Stored::as_select())
        .load(db)?)
}

/// How many events wait to be sealed, and since when the oldest does.
///
/// # Errors
/// The database.
pub fn waiting(db: &mut Conn) -> Result<(i64, Option<DateTime<Utc>>)> {
    let open = journal_event::table.filter(journal_event::seq.is_null());
    let n: i64 = open.count().get_result(db)?;
    let oldest: Option<At> =
        open.order((journal_event::at, journal_event::id)).select(journal_event::at).first(db).optional()?;
    Ok((n, oldest.map(|a| a.0)))
}

/// The identifiers of events that wait to be sealed, at most `limit`.
///
/// # Errors
/// The database.
pub fn unsealed_ids(db: &mut Conn, limit: i64) -> Result<Vec<Id>> {
    Ok(journal_event::table
        .filter(journal_event::seq.is_null())
        .limit(limit)
        .select(journal_event::id)
        .load(db)?)
}
