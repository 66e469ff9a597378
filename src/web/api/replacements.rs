//! Replacing an inspector.

use super::visits::word;
use crate::domain::replacement::{Cause, State};
use crate::domain::seat_draw::Record;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::replacements::{self, NewRequest, Outcome};
use crate::store::replacements::Replacement;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Somebody who could take the seat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatCandidate {
    /// Code.
    pub inspector: String,
    /// Ticket, hex; the smallest has the seat.
    pub ticket: String,
}

/// Somebody who could not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatExcluded {
    /// Code.
    pub inspector: String,
    /// Why, in Chinese.
    pub reason: String,
}

/// The draw of a seat, as anybody can repeat it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatDrawView {
    /// `onedoor/1/replacement`.
    pub rule: String,
    /// Seed of the planning run, hex.
    pub seed: String,
    /// The vacant seat.
    pub seat: String,
    /// Which draw of this seat.
    pub round: u32,
    /// Smallest ticket first.
    pub candidates: Vec<SeatCandidate>,
    /// Everybody else of the department.
    pub excluded: Vec<SeatExcluded>,
    /// Who has the seat.
    pub winner: Option<String>,
}

impl From<Record> for SeatDrawView {
    fn from(r: Record) -> Self {
        Self {
            rule: r.rule,
            seed: r.seed,
            seat: r.seat,
            round: r.round,
            candidates: r
                .candidates
                .into_iter()
                .map(|c| SeatCandidate { inspector: c.inspector, ticket: c.ticket })
                .collect(),
            excluded: r
                .excluded
                .into_iter()
                .map(|e| SeatExcluded { inspector: e.inspector, reason: e.reason.words().to_owned() })
                .collect(),
            winner: r.winner,
        }
    }
}

/// A request to replace somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplacementView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// Seat.
    pub seat_id: Id,
    /// The inspector's department, whose head decides.
    pub department_id: Id,
    /// Who is to be replaced.
    pub inspector_id: Id,
    /// Who has the seat now.
    pub new_inspector_id: Option<Id>,
    /// `recusal`, `recusal_requested`, `ill`, `certificate`, `left` or `other`.
    pub cause: String,
    /// Why, written out.
    pub reason: String,
    /// `inspector`, `department`, `business` or `recusal`.
    pub requester: String,
    /// `requested`, `approved`, `rejected`, `withdrawn`, `redrawn`, `exhausted` or `lapsed`.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<Id>,
    /// What he said.
    pub decision_note: String,
    /// Every draw of the seat.
    pub draws: Vec<SeatDrawView>,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Replacement> for ReplacementView {
    type Error = Error;

    fn try_from(row: Replacement) -> Result<Self> {
        let draws: Vec<Record> =
            serde_json::from_value(row.draw_record.0).map_err(|e| Error::internal(&e))?;
        Ok(Self {
            id: row.id,
            visit_id: row.visit_id,
            seat_id: row.seat_id,
            department_id: row.department_id,
            inspector_id: row.inspector_id,
            new_inspector_id: row.new_inspector_id,
            cause: row.cause,
            reason: row.reason,
            requester: row.requester,
            state: row.state,
            decided_by: row.decided_by,
            decision_note: row.decision_note,
            draws: draws.into_iter().map(SeatDrawView::from).collect(),
            version: row.version,
            created_at: row.created_at.0,
        })
    }
}

versioned!(ReplacementView);

fn settled((row, refusal): Outcome) -> Result<Reply<ReplacementView>> {
    let reply = Reply::of(row)?;
    Ok(match refusal {
        Some(error) => reply.but(error),
        None => reply,
    })
}

/// Why somebody is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplacementCause {
    /// 本人申请回避.
    Recusal,
    /// 当事人申请回避.
    RecusalRequested,
    /// 病假.
    Ill,
    /// 执法证件失效.
    Certificate,
    /// 调离或停用.
    Left,
    /// 其他特殊原因.
    Other,
}

/// A request.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReplacementBody {
    /// Seat.
    pub seat_id: Id,
    /// Why, as a word.
    pub cause: ReplacementCause,
    /// Why, written out.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// `POST /api/v1/visits/{id}/replacements`
///
/// # Errors
/// Not visible; not for this seat; the visit has begun; a request is open.
pub fn create(cx: &mut Cx<'_>, visit: Id, body: &NewReplacementBody) -> Result<Reply<ReplacementView>> {
    let cause = match body.cause {
        ReplacementCause::Recusal => Cause::Recusal,
        ReplacementCause::RecusalRequested => Cause::RecusalRequested,
        ReplacementCause::Ill => Cause::Ill,
        ReplacementCause::Certificate => Cause::Certificate,
        ReplacementCause::Left => Cause::Left,
        ReplacementCause::Other => Cause::Other,
    };
    let new = NewRequest { seat: body.seat_id, cause, reason: body.reason.clone() };
    Reply::made(replacements::request(cx, visit, &new)?, "/api/v1/replacements")
}

/// Filters of the list of requests.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ReplacementQuery {
    /// State.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/replacements`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: ReplacementQuery) -> Result<Reply<Page<ReplacementView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let read = |after, most| replacements::list(cx, state, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/replacements/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ReplacementView>> {
    Reply::of(replacements::get(cx, id)?)
}

/// What the head says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// Reason; a rejection needs one.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// `POST /api/v1/replacements/{id}/approve`
///
/// # Errors
/// Not allowed; decided already; nobody left to draw (the approval stands).
pub fn approve(cx: &mut Cx<'_>, id: Id, body: &DecisionBody) -> Result<Reply<ReplacementView>> {
    settled(replacements::approve(cx, id, &body.note)?)
}

/// `POST /api/v1/replacements/{id}/reject`
///
/// # Errors
/// Not allowed; decided already; no reason.
pub fn reject(cx: &mut Cx<'_>, id: Id, body: &DecisionBody) -> Result<Reply<ReplacementView>> {
    Reply::of(replacements::reject(cx, id, &body.note)?)
}

/// `POST /api/v1/replacements/{id}/withdraw`
///
/// # Errors
/// Not one's own; decided already.
pub fn withdraw(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ReplacementView>> {
    Reply::of(replacements::withdraw(cx, id)?)
}

/// `POST /api/v1/replacements/{id}/reopen`: draws again with the department's reserve pool.
///
/// # Errors
/// Not allowed; not exhausted; nobody left to draw.
pub fn reopen(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ReplacementView>> {
    settled(replacements::reopen(cx, id)?)
}
