//! Results of other departments that need not be checked again.

use super::results::ResultView;
use super::visits::TaskView;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::recognitions::{self, Offer};
use crate::store::mailings::Recognition;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 结果互认.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecognitionView {
    /// Identifier.
    pub id: Id,
    /// The task that is done without a visit.
    pub task_id: Id,
    /// The department whose task it is.
    pub department_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The result of another department that is recognised.
    pub result_id: Id,
    /// Joint inspection of the task.
    pub inspection_id: Option<Id>,
    /// When the other department ended its inspection.
    pub end_day: NaiveDate,
    /// Why it is enough.
    pub reason: String,
    /// Account.
    pub user_id: Id,
    /// When it was recognised.
    pub on_day: NaiveDate,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl From<Recognition> for RecognitionView {
    fn from(r: Recognition) -> Self {
        Self {
            id: r.id,
            task_id: r.task_id,
            department_id: r.department_id,
            subject_id: r.subject_id,
            result_id: r.result_id,
            inspection_id: r.inspection_id,
            end_day: r.end_day,
            reason: r.reason,
            user_id: r.user_id,
            on_day: r.on_day,
            created_at: r.created_at.0,
        }
    }
}

/// A result that may be recognised.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KnownResult {
    /// The result of the other department.
    pub result: ResultView,
    /// Name of its item.
    pub item: String,
    /// When that inspection ended.
    pub end_day: NaiveDate,
}

/// A task that another department has done already.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecognitionOffer {
    /// The task.
    pub task: TaskView,
    /// What may be recognised for it, the newest first.
    pub known: Vec<KnownResult>,
}

impl From<Offer> for RecognitionOffer {
    fn from(o: Offer) -> Self {
        let known = o.known.into_iter();
        Self {
            task: o.task.into(),
            known: known
                .map(|k| KnownResult { result: k.result.into(), item: k.item, end_day: k.end_day })
                .collect(),
        }
    }
}

/// Filters of the tasks that need not be done.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OfferQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/recognition-offers`: the tasks that nobody has been sent out for and that need not be done.
///
/// # Errors
/// Not allowed.
pub fn offers(cx: &mut Cx<'_>, (): (), query: OfferQuery) -> Result<Reply<Page<RecognitionOffer>>> {
    let read = |after, most| recognitions::offers(cx, query.department_id, query.inspection_id, after, most);
    by_id(query.after.as_ref(), query.limit, read, |o| o.task.id)
}

/// `GET /api/v1/tasks/{id}/recognition`
///
/// # Errors
/// Not visible.
pub fn offer(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<RecognitionOffer>> {
    Ok(Reply::ok(recognitions::offer(cx, id)?.into()))
}

/// A result to recognise.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecognitionBody {
    /// The result of the other department.
    pub result_id: Id,
    /// Why it is enough.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// `POST /api/v1/tasks/{id}/recognition`
///
/// # Errors
/// Not allowed; the task is done or cancelled, or its team was sent out; a result that is not offered.
pub fn recognise(cx: &mut Cx<'_>, id: Id, body: &RecognitionBody) -> Result<Reply<RecognitionView>> {
    let row = recognitions::recognise(cx, id, body.result_id, &body.reason)?;
    Ok(Reply::created(row.into(), format!("/api/v1/tasks/{id}/recognition")))
}

/// Filters of the list of recognitions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RecognitionQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// Recognised on this day or later.
    pub from: Option<NaiveDate>,
    /// And not after this day.
    pub to: Option<NaiveDate>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/recognitions`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: RecognitionQuery) -> Result<Reply<Page<RecognitionView>>> {
    let period = (query.from, query.to);
    let read = |after, most| recognitions::list(cx, query.department_id, period, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// A period.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AvoidedQuery {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
}

/// Visits that did not take place because results were recognised.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AvoidedVisits {
    /// Department.
    pub department_id: Id,
    /// How many.
    pub visits: i64,
}

/// The same of a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AvoidedList {
    /// Departments that recognised something.
    pub departments: Vec<AvoidedVisits>,
}

/// `GET /api/v1/recognitions/avoided`
///
/// # Errors
/// Not allowed.
pub fn avoided(cx: &mut Cx<'_>, (): (), query: AvoidedQuery) -> Result<Reply<AvoidedList>> {
    let list = recognitions::avoided(cx, query.from, query.to)?;
    let view = |(department_id, visits)| AvoidedVisits { department_id, visits };
    Ok(Reply::ok(AvoidedList { departments: list.into_iter().map(view).collect() }))
}
