//! Commissions to experts and institutions.

use super::visits::word;
use crate::domain::commission::State;
use crate::domain::evidence::{MOST_BYTES, Media};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::commissions;
use crate::service::results::evidence::Looked;
use crate::store::mailings::{Commission, commissions as rows};
use crate::web::call::Call;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 委托.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommissionView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// The department that commissions.
    pub department_id: Id,
    /// Entry of an expert in the directory; none: an institution.
    pub expert_id: Option<Id>,
    /// Name of the institution; empty for an expert.
    pub party: String,
    /// What is asked of them.
    pub what: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// The report, among the evidence.
    pub evidence_id: Option<Id>,
    /// SHA-256 of the report, hex; empty: none yet.
    pub report_sha256: String,
    /// When it came.
    pub reported_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub reason: String,
    /// Account.
    pub ordered_by: Id,
    /// `ordered`, `reported` or `cancelled`.
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

impl From<Commission> for CommissionView {
    fn from(r: Commission) -> Self {
        Self {
            id: r.id,
            visit_id: r.visit_id,
            department_id: r.department_id,
            expert_id: r.inspector_id,
            party: r.party,
            what: r.what,
            due_day: r.due_day,
            overdue: r.overdue,
            evidence_id: r.evidence_id,
            report_sha256: r.report_sha256,
            reported_at: r.reported_at.map(|t| t.0),
            reason: r.reason,
            ordered_by: r.ordered_by,
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(CommissionView);

/// What is commissioned: of an expert or of an institution.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommissionBody {
    /// An expert of the directory.
    #[serde(default)]
    pub expert_id: Option<Id>,
    /// Name of an institution.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub party: String,
    /// What is asked.
    #[schema(max_length = 4000)]
    pub what: String,
    /// Last day of the report.
    pub due_day: NaiveDate,
}

/// `POST /api/v1/visits/{id}/commissions`
///
/// # Errors
/// Not allowed; the visit was cancelled; an officer; nobody, or both named.
pub fn order(cx: &mut Cx<'_>, id: Id, body: &CommissionBody) -> Result<Reply<CommissionView>> {
    let new = commissions::NewCommission {
        expert: body.expert_id,
        party: body.party.clone(),
        what: body.what.clone(),
        due_day: body.due_day,
    };
    Reply::made(commissions::order(cx, id, &new)?, "/api/v1/commissions")
}

/// Filters of the list of commissions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CommissionQuery {
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

/// `GET /api/v1/commissions`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: CommissionQuery) -> Result<Reply<Page<CommissionView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let filter = rows::Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        visit: query.visit_id,
        due_before: None,
    };
    let read = |after, most| commissions::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// A commission, with the name of whoever was commissioned.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommissionAndParty {
    /// The commission.
    pub commission: CommissionView,
    /// The expert or the institution.
    pub name: String,
}

/// `GET /api/v1/commissions/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<CommissionAndParty>> {
    let row = commissions::get(cx, id)?;
    let (name, version) = (commissions::party(cx, &row)?, row.version);
    Ok(Reply::ok(CommissionAndParty { commission: row.into(), name }).version(version))
}

/// The name of a report.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CommissionReportQuery {
    /// Name of the file.
    #[param(max_length = 200)]
    pub name: String,
}

/// `POST /api/v1/commissions/{id}/report`: JPEG, PNG or PDF, at most 10 MiB.
///
/// # Errors
/// Not allowed; handed in or cancelled; another kind of file; too large.
pub fn report(call: &Call, id: Id, query: CommissionReportQuery, bytes: Vec<u8>) -> Result<Answer> {
    call.read(|cx| commissions::may_report(cx, id))?;
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge(MOST_BYTES));
    }
    let media = Media::of(&bytes)
        .ok_or_else(|| Error::Unsupported("只能提交 JPEG、PNG 图片或 PDF 文件(以文件内容为准)".to_owned()))?;
    // Kept before it is in the database: a row never stands for a file that is not there.
    let sha256 = call.server.files.put(&bytes).map_err(|e| Error::unavailable(&e))?;
    let file = Looked { media, bytes: bytes.len(), sha256 };
    call.write(move |cx| Reply::<CommissionView>::of(commissions::report(cx, id, &query.name, &file)?))
}

/// Why a commission is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommissionCancel {
    /// Why.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// `POST /api/v1/commissions/{id}/cancel`
///
/// # Errors
/// Not allowed; the report is there.
pub fn cancel(cx: &mut Cx<'_>, id: Id, body: &CommissionCancel) -> Result<Reply<CommissionView>> {
    Reply::of(commissions::cancel(cx, id, &body.reason)?)
}
