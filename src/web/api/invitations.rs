//! Invitations: each department answers for itself.

use super::inspections::{InspectionReason, ParticipationBody};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::parts::Chosen;
use crate::service::invitations::{self, Invited, Proposal};
use crate::store::inspections::Invitation;
use crate::store::inspections::invitations::Wanted;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, Versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An invitation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationView {
    /// Identifier.
    pub id: Id,
    /// The inspection.
    pub inspection_id: Id,
    /// The invited department.
    pub department_id: Id,
    /// State.
    pub state: String,
    /// When it was sent last.
    pub sent_at: DateTime<Utc>,
    /// Last day to answer.
    pub due_day: NaiveDate,
    /// Reminders since.
    pub reminders: i32,
    /// When it was put before the coordination office.
    pub escalated_at: Option<DateTime<Utc>>,
    /// When it was answered last.
    pub answered_at: Option<DateTime<Utc>>,
    /// Why it was declined, withdrawn, or other dates were proposed.
    pub reason: String,
    /// First day proposed.
    pub proposed_from: Option<NaiveDate>,
    /// Last day proposed.
    pub proposed_to: Option<NaiveDate>,
    /// Officers asked for at each visit.
    pub people: i32,
    /// The inspection makes no sense without it.
    pub required: bool,
    /// Found as a related department.
    pub related: bool,
    /// What the initiator wrote.
    pub message: String,
    /// Version, also the ETag.
    pub version: i64,
}

impl From<Invitation> for InvitationView {
    fn from(v: Invitation) -> Self {
        Self {
            id: v.id,
            inspection_id: v.inspection_id,
            department_id: v.department_id,
            state: v.state,
            sent_at: v.sent_at.0,
            due_day: v.due_day,
            reminders: v.reminders,
            escalated_at: v.escalated_at.map(Into::into),
            answered_at: v.answered_at.map(Into::into),
            reason: v.reason,
            proposed_from: v.proposed_from,
            proposed_to: v.proposed_to,
            people: v.people,
            required: v.required,
            related: v.wildcard,
            message: v.message,
            version: v.version,
        }
    }
}

/// An invitation with what it is to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitedView {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: InvitationView,
    /// 编号 of the inspection.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub inspection_state: String,
    /// Its first day.
    pub window_from: NaiveDate,
    /// Its last day, included.
    pub window_to: NaiveDate,
}

impl From<Invited> for InvitedView {
    fn from(v: Invited) -> Self {
        Self {
            invitation: v.invitation.into(),
            number: v.inspection.number,
            name: v.inspection.name,
            inspection_state: v.inspection.state,
            window_from: v.inspection.window_from,
            window_to: v.inspection.window_to,
        }
    }
}

impl Versioned for InvitedView {
    fn id(&self) -> Id {
        self.invitation.id
    }

    fn version(&self) -> i64 {
        self.invitation.version
    }
}

/// Filters of the list of invitations.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InvitationQuery {
    /// In this state.
    pub state: Option<String>,
    /// To this department.
    pub department_id: Option<Id>,
    /// To this inspection.
    pub inspection_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/invitations`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: InvitationQuery) -> Result<Reply<Page<InvitedView>>> {
    let (department, state, inspection) = (query.department_id, query.state, query.inspection_id);
    let read = |after, most| invitations::list(cx, Wanted { department, state, inspection, after }, most);
    by_id(query.after.as_ref(), query.limit, read, |v| v.invitation.id)
}

/// `GET /api/v1/invitations/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::get(cx, id)?)
}

/// `POST /api/v1/invitations/{id}/accept`
///
/// # Errors
/// Not allowed; the state; every fault of items and people.
pub fn accept(cx: &mut Cx<'_>, id: Id, body: &ParticipationBody) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::accept(cx, id, &body.chosen())?)
}

/// `POST /api/v1/invitations/{id}/decline`
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn decline(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::decline(cx, id, &body.reason)?)
}

/// Other dates, and what the department would bring.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatesProposal {
    /// First day.
    pub window_from: NaiveDate,
    /// Last day, included.
    pub window_to: NaiveDate,
    /// Why.
    pub reason: String,
    /// Its items; empty: those of its plan.
    #[serde(default)]
    pub items: Vec<Id>,
    /// Its people; empty: all who can go.
    #[serde(default)]
    pub inspectors: Vec<Id>,
    /// Officers at each visit.
    #[serde(default)]
    pub people: Option<u32>,
}

/// `POST /api/v1/invitations/{id}/propose`
///
/// # Errors
/// Not allowed; the state; every fault.
pub fn propose(cx: &mut Cx<'_>, id: Id, body: &DatesProposal) -> Result<Reply<InvitedView>> {
    let proposal = Proposal {
        from: body.window_from,
        to: body.window_to,
        reason: body.reason.clone(),
        chosen: Chosen {
            items: body.items.clone(),
            inspectors: body.inspectors.clone(),
            people: body.people,
        },
    };
    Reply::of(invitations::propose(cx, id, &proposal)?)
}

/// `POST /api/v1/invitations/{id}/agree`
///
/// # Errors
/// Not allowed; the state.
pub fn agree(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::agree(cx, id)?)
}

/// `POST /api/v1/invitations/{id}/insist`
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn insist(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::insist(cx, id, &body.reason)?)
}

/// `POST /api/v1/invitations/{id}/reinvite`
///
/// # Errors
/// Not allowed; the state.
pub fn reinvite(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::reinvite(cx, id)?)
}

/// `POST /api/v1/invitations/{id}/extend`
///
/// # Errors
/// Not allowed; the state.
pub fn extend(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::extend(cx, id)?)
}

/// `POST /api/v1/invitations/{id}/retract`
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn retract(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::retract(cx, id, &body.reason)?)
}

/// `POST /api/v1/invitations/{id}/withdraw`
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn withdraw(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::withdraw(cx, id, &body.reason)?)
}

/// `POST /api/v1/invitations/{id}/remind`
///
/// # Errors
/// Not allowed; nothing is waiting for an answer.
pub fn remind(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InvitedView>> {
    Reply::of(invitations::remind(cx, id)?)
}
