//! The journal: public checkpoint and proofs; for auditors the events themselves.

use crate::domain::draw::bytes::Hash;
use crate::domain::journal::checkpoint::verifier;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::journal;
use crate::store::journal::{Filter, Stored};
use crate::web::call::Call;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, IntoBody, Page, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A text for programs that know nothing of JSON.
#[derive(Debug, Clone)]
pub struct Plain(String);

impl IntoBody for Plain {
    fn into_body(self) -> Result<(Vec<u8>, String, Vec<(String, String)>)> {
        Ok((self.0.into_bytes(), "text/plain; charset=utf-8".to_owned(), Vec::new()))
    }
}

crate::describe_files!(Plain: "text/plain; charset=utf-8");

/// `GET /api/v1/journal/checkpoint`: the newest signed head (c2sp.org/tlog-checkpoint).
///
/// # Errors
/// Nothing has been sealed yet.
pub fn checkpoint(cx: &mut Cx<'_>, (): (), _: NoQuery) -> Result<Reply<Plain>> {
    Ok(Reply::ok(Plain(journal::newest(cx)?.text())))
}

/// `GET /api/v1/journal/key`: the key that signs checkpoints.
///
/// # Errors
/// Nothing has been sealed yet.
pub fn key(call: &Call, (): (), _: NoQuery) -> Result<Answer> {
    call.read(|_| Ok(()))?;
    let origin = journal::origin(&call.server.rules.region.token);
    let key = verifier(&origin, &call.server.keys.journal)?;
    Reply::ok(Plain(format!("{key}\n"))).into_answer()
}

/// Which event.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InclusionQuery {
    /// Identifier of the event.
    pub event: Id,
}

/// That an event is in the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InclusionProof {
    /// The event.
    pub event: Id,
    /// Its place in the log, from 0.
    pub index: u64,
    /// Entries of the log under this checkpoint.
    pub size: u64,
    /// RFC 6962 leaf hash, hexadecimal.
    pub leaf_hash: String,
    /// Path from the sibling upwards, hexadecimal.
    pub path: Vec<String>,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The same as a file (c2sp.org/tlog-proof).
    pub proof: String,
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex::encode).collect()
}

/// `GET /api/v1/journal/proof/inclusion`
///
/// # Errors
/// No such event, or not sealed yet.
pub fn inclusion(cx: &mut Cx<'_>, (): (), query: InclusionQuery) -> Result<Reply<InclusionProof>> {
    let (leaf, proof) = journal::inclusion(cx, query.event)?;
    Ok(Reply::ok(InclusionProof {
        event: query.event,
        index: proof.index,
        size: proof.checkpoint.checkpoint.size,
        leaf_hash: hex::encode(leaf),
        path: hexes(&proof.path),
        checkpoint: proof.checkpoint.text(),
        proof: proof.text(),
    }))
}

/// From where.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyQuery {
    /// Entries of the older checkpoint.
    #[param(minimum = 0)]
    pub from: u64,
}

/// That a log continues an older state of itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsistencyProof {
    /// Entries of the older state.
    pub from: u64,
    /// Entries now.
    pub to: u64,
    /// RFC 6962 consistency proof, hexadecimal.
    pub proof: Vec<String>,
    /// The signed checkpoint it leads to.
    pub checkpoint: String,
}

/// `GET /api/v1/journal/proof/consistency`
///
/// # Errors
/// The log is not that long.
pub fn consistency(cx: &mut Cx<'_>, (): (), query: ConsistencyQuery) -> Result<Reply<ConsistencyProof>> {
    let (proof, note) = journal::consistency(cx, query.from)?;
    Ok(Reply::ok(ConsistencyProof {
        from: query.from,
        to: note.checkpoint.size,
        proof: hexes(&proof),
        checkpoint: note.text(),
    }))
}

/// An event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// Identifier.
    pub id: Id,
    /// Place in the log; absent until it is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// Account that acted; absent: the public, or the server itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Id>,
    /// Its department then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_id: Option<Id>,
    /// What was done.
    pub act: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Id>,
    /// The request.
    pub request_id: String,
    /// Network address; empty when erased.
    pub address: String,
    /// The leaf: what the log holds for ever, canonical JSON.
    pub leaf: String,
    /// Personal data; absent when there are none or they were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub private: Option<Value>,
}

impl From<Stored> for EventView {
    fn from(row: Stored) -> Self {
        let private = journal::personal(&row);
        Self {
            id: row.id,
            seq: row.seq,
            at: row.at.0,
            actor_id: row.actor_id,
            department_id: row.department_id,
            act: row.act,
            object_kind: row.object_kind,
            object_id: row.object_id,
            request_id: row.request_id,
            address: row.address,
            leaf: String::from_utf8_lossy(&row.leaf).into_owned(),
            private,
        }
    }
}

/// Which events.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Only this act.
    #[param(max_length = 64)]
    pub act: Option<String>,
    /// Only about this thing.
    pub object: Option<Id>,
    /// Only of this account.
    pub actor: Option<Id>,
}

/// `GET /api/v1/journal`: the newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: EventsQuery) -> Result<Reply<Page<EventView>>> {
    let read = |before, most| {
        let filter =
            Filter { act: query.act, object: query.object, actor: query.actor, before, ..Filter::default() };
        journal::list(cx, &filter, most)
    };
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/journal/{id}`
///
/// # Errors
/// Not allowed; not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<EventView>> {
    Ok(Reply::ok(journal::get(cx, id)?.into()))
}

/// Why personal data are erased.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// Reason.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// `POST /api/v1/journal/{id}/erase`
///
/// # Errors
/// Not allowed; none are left.
pub fn erase(cx: &mut Cx<'_>, id: Id, body: &EraseBody) -> Result<Reply<EventView>> {
    Ok(Reply::ok(journal::erase(cx, id, &body.reason)?.into()))
}
