//! Joint inspections.

mod body;
mod view;

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections;
use crate::service::inspections::eligible;
use crate::service::inspections::lifecycle::{self, Partner};
use crate::service::inspections::parts;
use crate::store::inspections::Wanted;
use crate::web::call::Call;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

pub use body::{
    DrawRulesBody, InspectionBody, InspectionReason, InviteBody, ParticipationBody, PartnerBody, QuotaBody,
    ScopeBody,
};
pub use view::{
    InspectionPreview, InspectionSummary, InspectionView, InspectionWarning, ParticipantView,
    RelatedDepartment,
};

/// Filters of the list of inspections.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InspectionQuery {
    /// In this state.
    pub state: Option<String>,
    /// Of this department: initiated, invited or taking part.
    pub department_id: Option<Id>,
    /// Whose window ends on this day or later.
    pub from: Option<NaiveDate>,
    /// Whose window begins on this day or before.
    pub to: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/inspections`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: InspectionQuery) -> Result<Reply<Page<InspectionSummary>>> {
    let wanted = Wanted {
        department: query.department_id,
        state: query.state,
        from: query.from,
        to: query.to,
        ..Wanted::default()
    };
    let read = |after, most| inspections::list(cx, Wanted { after, ..wanted }, most);
    by_id(query.after.as_ref(), query.limit, read, |i| i.id)
}

/// `GET /api/v1/inspections/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InspectionView>> {
    Reply::of(inspections::get(cx, id)?)
}

/// `POST /api/v1/inspections`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), body: &InspectionBody) -> Result<Reply<InspectionView>> {
    Reply::made(inspections::create(cx, &body.draft()?)?, "/api/v1/inspections")
}

/// `PUT /api/v1/inspections/{id}`
///
/// # Errors
/// Not allowed; not a draft; every fault of the fields.
pub fn change(cx: &mut Cx<'_>, id: Id, body: &InspectionBody) -> Result<Reply<InspectionView>> {
    Reply::of(inspections::change(cx, id, &body.draft()?)?)
}

/// `GET /api/v1/inspections/{id}/preview`
///
/// # Errors
/// Not visible.
pub fn preview(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InspectionPreview>> {
    Ok(Reply::ok(eligible::preview(cx, id)?.into()))
}

/// `PUT /api/v1/inspections/{id}/participation`
///
/// # Errors
/// Not allowed; too late; every fault.
pub fn participate(cx: &mut Cx<'_>, id: Id, body: &ParticipationBody) -> Result<Reply<InspectionView>> {
    Reply::of(parts::change(cx, id, &body.chosen())?)
}

/// `POST /api/v1/inspections/{id}/invite`
///
/// # Errors
/// Not allowed; the state; every fault of the list.
pub fn invite(call: &Call, id: Id, body: InviteBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let mut partners: Vec<Partner> = body
        .partners
        .iter()
        .map(|p| Partner {
            department: p.department_id,
            required: p.required,
            wildcard: false,
            message: p.message.clone(),
        })
        .collect();
    if body.related {
        let related = call.read(|cx| lifecycle::related(cx, id))?;
        partners.extend(related.into_iter().map(|department| Partner {
            department,
            required: false,
            wildcard: true,
            message: body.message.clone(),
        }));
    }
    call.write(move |cx| Reply::<InspectionView>::of(lifecycle::invite(cx, id, &partners)?))
}

/// `POST /api/v1/inspections/{id}/confirm`
///
/// # Errors
/// Not allowed; the state; answers that are missing.
pub fn confirm(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::confirm(cx, id)?)
}

/// `POST /api/v1/inspections/{id}/revise`
///
/// # Errors
/// Not allowed; the state.
pub fn revise(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::revise(cx, id, &body.reason)?)
}

/// `POST /api/v1/inspections/{id}/abort`
///
/// # Errors
/// Not allowed; the state; a draw is open.
pub fn abort(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::abort(cx, id, &body.reason)?)
}
