//! Rectifications and case filings.

use super::visits::word;
use crate::domain::case_filing::State as CaseState;
use crate::domain::rectification::State;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::{cases, rectifications};
use crate::store::follow_up::{CaseFiling, Rectification, case_filings, rectifications as rows};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 整改.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RectificationView {
    /// Identifier.
    pub id: Id,
    /// The result it follows from.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that orders it.
    pub department_id: Id,
    /// What is to be put right.
    pub what: String,
    /// Legal basis.
    pub basis: String,
    /// The last day as it was ordered at first.
    pub first_due: NaiveDate,
    /// Last day to put it right; none: it waits for nobody any more.
    pub due_day: Option<NaiveDate>,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// Why the time was extended; empty: it was not.
    pub extension: String,
    /// What the business reports.
    pub report: String,
    /// When it did.
    pub reported_day: Option<NaiveDate>,
    /// What the recheck found.
    pub recheck: String,
    /// When it was.
    pub recheck_day: Option<NaiveDate>,
    /// Whether somebody went there for it.
    pub on_site: bool,
    /// `ordered`, `reported`, `fulfilled`, `not_fulfilled` or `case_filed`.
    pub state: String,
    /// The same in Chinese.
    pub state_word: String,
    /// Account that ordered it.
    pub ordered_by: Id,
    /// Account that recorded the recheck.
    pub rechecked_by: Option<Id>,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Rectification> for RectificationView {
    fn from(r: Rectification) -> Self {
        Self {
            id: r.id,
            result_id: r.result_id,
            visit_id: r.visit_id,
            subject_id: r.subject_id,
            department_id: r.department_id,
            what: r.what,
            basis: r.basis,
            first_due: r.first_due,
            due_day: r.due_day,
            overdue: r.overdue,
            extension: r.extension,
            report: r.report,
            reported_day: r.reported_day,
            recheck: r.recheck,
            recheck_day: r.recheck_day,
            on_site: r.on_site,
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            ordered_by: r.ordered_by,
            rechecked_by: r.rechecked_by,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(RectificationView);

/// What is to be put right.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RectificationBody {
    /// What.
    #[schema(max_length = 4000)]
    pub what: String,
    /// Legal basis.
    #[schema(max_length = 2000)]
    pub basis: String,
    /// Last day.
    pub due_day: NaiveDate,
}

/// `POST /api/v1/results/{id}/rectification`
///
/// # Errors
/// Not allowed; the result is not settled or says nothing of the kind; one is open.
pub fn order(cx: &mut Cx<'_>, id: Id, body: &RectificationBody) -> Result<Reply<RectificationView>> {
    let order =
        rectifications::Order { what: body.what.clone(), basis: body.basis.clone(), due_day: body.due_day };
    Reply::made(rectifications::order(cx, id, &order)?, "/api/v1/rectifications")
}

/// Filters of the list of rectifications.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RectificationQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// Visit.
    pub visit_id: Option<Id>,
    /// Only those whose last day has passed.
    pub late: Option<bool>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/rectifications`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: RectificationQuery) -> Result<Reply<Page<RectificationView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let filter = rows::Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        visit: query.visit_id,
        due_before: None,
    };
    let late = query.late.unwrap_or(false);
    let read = |after, most| rectifications::list(cx, &filter, late, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/rectifications/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<RectificationView>> {
    Reply::of(rectifications::get(cx, id)?)
}

/// More time.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionBody {
    /// The new last day.
    pub due_day: NaiveDate,
    /// Why.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// `POST /api/v1/rectifications/{id}/extend`: once.
///
/// # Errors
/// Not allowed; extended before; too late; not later; no reason.
pub fn extend(cx: &mut Cx<'_>, id: Id, body: &ExtensionBody) -> Result<Reply<RectificationView>> {
    Reply::of(rectifications::extend(cx, id, body.due_day, &body.reason)?)
}

/// What the business reports.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RectificationReport {
    /// Its words.
    #[schema(max_length = 4000)]
    pub text: String,
    /// When it reported.
    pub day: NaiveDate,
}

/// `POST /api/v1/rectifications/{id}/report`
///
/// # Errors
/// Not allowed; rechecked already.
pub fn report(cx: &mut Cx<'_>, id: Id, body: &RectificationReport) -> Result<Reply<RectificationView>> {
    Reply::of(rectifications::report(cx, id, &body.text, body.day)?)
}

/// What a recheck found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecheckBody {
    /// Whether it was put right.
    pub fulfilled: bool,
    /// What was found.
    #[schema(max_length = 4000)]
    pub note: String,
    /// When.
    pub day: NaiveDate,
    /// Whether somebody went there; such a check does not count against the cap.
    pub on_site: bool,
}

/// `POST /api/v1/rectifications/{id}/recheck`
///
/// # Errors
/// Not allowed; rechecked already; not fulfilled while there is time left.
pub fn recheck(cx: &mut Cx<'_>, id: Id, body: &RecheckBody) -> Result<Reply<RectificationView>> {
    let recheck = rectifications::Recheck {
        fulfilled: body.fulfilled,
        note: body.note.clone(),
        day: body.day,
        on_site: body.on_site,
    };
    Reply::of(rectifications::recheck(cx, id, &recheck)?)
}

/// 立案.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseFilingView {
    /// Identifier.
    pub id: Id,
    /// The result it follows from.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that files it.
    pub department_id: Id,
    /// The rectification that was not fulfilled.
    pub rectification_id: Option<Id>,
    /// The referral it follows from.
    pub referral_id: Option<Id>,
    /// 立案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 立案日期.
    pub filed_day: NaiveDate,
    /// 处理结果; empty while it runs.
    pub outcome: String,
    /// 结案日期.
    pub closed_day: Option<NaiveDate>,
    /// Account that filed it.
    pub filed_by: Id,
    /// `filed` or `closed`.
    pub state: String,
    /// The same in Chinese.
    pub state_word: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<CaseFiling> for CaseFilingView {
    fn from(r: CaseFiling) -> Self {
        Self {
            id: r.id,
            result_id: r.result_id,
            visit_id: r.visit_id,
            subject_id: r.subject_id,
            department_id: r.department_id,
            rectification_id: r.rectification_id,
            referral_id: r.referral_id,
            number: r.number,
            cause: r.cause,
            filed_day: r.filed_day,
            outcome: r.outcome,
            closed_day: r.closed_day,
            filed_by: r.filed_by,
            state_word: CaseState::parse(&r.state).map_or("", CaseState::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(CaseFilingView);

/// A case to file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseBody {
    /// The result it follows from; may be left out with a referral.
    #[serde(default)]
    pub result_id: Option<Id>,
    /// The rectification that was not fulfilled.
    #[serde(default)]
    pub rectification_id: Option<Id>,
    /// The referral it follows from.
    #[serde(default)]
    pub referral_id: Option<Id>,
    /// 立案号.
    #[schema(max_length = 100)]
    pub number: String,
    /// 案由.
    #[schema(max_length = 2000)]
    pub cause: String,
    /// 立案日期.
    pub day: NaiveDate,
}

/// `POST /api/v1/case-filings`
///
/// # Errors
/// Not allowed; nothing it may follow from; a number that is used.
pub fn file(cx: &mut Cx<'_>, (): (), body: &CaseBody) -> Result<Reply<CaseFilingView>> {
    let new = cases::NewCase {
        result: body.result_id,
        rectification: body.rectification_id,
        referral: body.referral_id,
        number: body.number.clone(),
        cause: body.cause.clone(),
        day: body.day,
    };
    Reply::made(cases::file(cx, &new)?, "/api/v1/case-filings")
}

/// Filters of the list of cases.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// Visit.
    pub visit_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/case-filings`
///
/// # Errors
/// Not allowed.
pub fn cases(cx: &mut Cx<'_>, (): (), query: CaseQuery) -> Result<Reply<Page<CaseFilingView>>> {
    let state = query.state.as_deref().map(|s| word::<CaseState>(s, "state")).transpose()?;
    let filter = case_filings::Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        visit: query.visit_id,
    };
    let read = |after, most| cases::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/case-filings/{id}`
///
/// # Errors
/// Not visible.
pub fn case(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<CaseFilingView>> {
    Reply::of(cases::get(cx, id)?)
}

/// How a case ended.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOutcome {
    /// 处理结果.
    #[schema(max_length = 4000)]
    pub outcome: String,
    /// 结案日期.
    pub day: NaiveDate,
}

/// `POST /api/v1/case-filings/{id}/close`
///
/// # Errors
/// Not allowed; closed already.
pub fn close_case(cx: &mut Cx<'_>, id: Id, body: &CaseOutcome) -> Result<Reply<CaseFilingView>> {
    Reply::of(cases::close(cx, id, &body.outcome, body.day)?)
}
