//! The directory of inspectors and experts.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspectors::{self, CertificateText, Known, Text};
use crate::store::inspectors::{Filter, Inspector};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateView {
    /// Identifier.
    pub id: Id,
    /// 资格代码.
    pub qual: String,
    /// 资格名称.
    pub qual_name: String,
    /// 证书编号.
    pub no: String,
    /// 生效日期.
    pub valid_from: Option<NaiveDate>,
    /// 失效日期, included; 9999-12-31 = for ever.
    pub valid_to: Option<NaiveDate>,
}

/// Leave.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeaveView {
    /// Identifier.
    pub id: Id,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// 类型.
    pub kind: String,
}

/// A person of the directory.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectorView {
    /// Identifier.
    pub id: Id,
    /// Department or expert pool.
    pub department_id: Id,
    /// 人员编号.
    pub code: String,
    /// 姓名.
    pub name: String,
    /// 性别.
    pub sex: String,
    /// 单位类型.
    pub unit_type: String,
    /// 所属单位.
    pub unit: String,
    /// `officers` or `experts`.
    pub post: String,
    /// 执法证号.
    pub cert_no: String,
    /// 每日可用分钟.
    pub daily_minutes: i32,
    /// 可任主办.
    pub can_lead: bool,
    /// 后备库.
    pub reserve: bool,
    /// Never counts as an inspector.
    pub expert: bool,
    /// 本年已派工分钟 from before this system.
    pub load0: i32,
    /// 邮箱.
    pub email: String,
    /// `active` or `disabled`.
    pub state: String,
    /// Certificates; only where one person is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Vec<CertificateView>>,
    /// Leave; only where one person is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<Vec<LeaveView>>,
    /// Version, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Inspector> for InspectorView {
    fn from(p: Inspector) -> Self {
        Self {
            id: p.id,
            department_id: p.department_id,
            code: p.code,
            name: p.name,
            sex: p.sex,
            unit_type: p.unit_type,
            unit: p.unit,
            post: p.post,
            cert_no: p.cert_no,
            daily_minutes: p.daily_minutes,
            can_lead: p.can_lead,
            reserve: p.reserve,
            expert: p.expert,
            load0: p.load0,
            email: p.email,
            state: p.state,
            certificates: None,
            leave: None,
            version: p.version,
            updated_at: p.updated_at.0,
        }
    }
}

versioned!(InspectorView);

impl From<Known> for InspectorView {
    fn from(known: Known) -> Self {
        let certificates = known.certificates.into_iter().map(|c| CertificateView {
            id: c.id,
            qual: c.qual,
            qual_name: c.qual_name,
            no: c.no,
            valid_from: c.valid_from,
            valid_to: c.valid_to,
        });
        let leave = known.leave.into_iter().map(|l| LeaveView {
            id: l.id,
            from: l.from_day,
            to: l.to_day,
            kind: l.kind,
        });
        Self { certificates: Some(certificates.collect()), leave: Some(leave.collect()), ..known.row.into() }
    }
}

/// Which people.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InspectorQuery {
    /// Of this department.
    pub department_id: Option<Id>,
    /// Experts, or officers.
    pub expert: Option<bool>,
    /// In the 后备库.
    pub reserve: Option<bool>,
    /// `active` or `disabled`.
    pub state: Option<String>,
    /// Text in name or code.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/inspectors`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: InspectorQuery) -> Result<Reply<Page<InspectorView>>> {
    let filter = Filter {
        department: q.department_id,
        expert: q.expert,
        reserve: q.reserve,
        state: q.state,
        search: q.search,
        only: None,
    };
    let read = |after, most| inspectors::list(cx, filter, after, most);
    by_id(q.after.as_ref(), q.limit, read, |p| p.id)
}

/// `GET /api/v1/inspectors/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InspectorView>> {
    Reply::of(inspectors::get(cx, id)?)
}

/// What is told of a person; in a change, what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InspectorText {
    /// 姓名.
    #[schema(max_length = 60)]
    pub name: Option<String>,
    /// 性别.
    #[schema(max_length = 10)]
    pub sex: Option<String>,
    /// 单位类型.
    #[schema(max_length = 60)]
    pub unit_type: Option<String>,
    /// 所属单位.
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// 执法证号.
    #[schema(max_length = 60)]
    pub cert_no: Option<String>,
    /// 每日可用分钟.
    pub daily_minutes: Option<i32>,
    /// 可任主办.
    pub can_lead: Option<bool>,
    /// 后备库.
    pub reserve: Option<bool>,
    /// 本年已派工分钟.
    pub load0: Option<i32>,
    /// 邮箱.
    #[schema(max_length = 200)]
    pub email: Option<String>,
    /// `active` or `disabled`.
    pub state: Option<String>,
}

impl From<&InspectorText> for Text {
    fn from(b: &InspectorText) -> Self {
        Self {
            name: b.name.clone(),
            sex: b.sex.clone(),
            unit_type: b.unit_type.clone(),
            unit: b.unit.clone(),
            cert_no: b.cert_no.clone(),
            daily_minutes: b.daily_minutes,
            can_lead: b.can_lead,
            reserve: b.reserve,
            load0: b.load0,
            email: b.email.clone(),
            state: b.state.clone(),
        }
    }
}

/// A new person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectorBody {
    /// 人员编号.
    #[schema(max_length = 60)]
    pub code: String,
    /// Department; one's own unless told.
    #[serde(default)]
    pub department_id: Option<Id>,
    /// What is told; at least the name.
    pub text: InspectorText,
}

/// `POST /api/v1/inspectors`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), b: &InspectorBody) -> Result<Reply<InspectorView>> {
    Reply::made(inspectors::create(cx, b.department_id, &b.code, &(&b.text).into())?, "/api/v1/inspectors")
}

/// `PATCH /api/v1/inspectors/{id}`
///
/// # Errors
/// Not allowed; every fault of the fields; another version.
pub fn change(cx: &mut Cx<'_>, id: Id, b: &InspectorText) -> Result<Reply<InspectorView>> {
    Reply::of(inspectors::change(cx, id, &b.into())?)
}

/// A new certificate.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateBody {
    /// 资格代码.
    #[schema(max_length = 40)]
    pub qual: String,
    /// 资格名称.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub qual_name: String,
    /// 证书编号.
    #[serde(default)]
    #[schema(max_length = 80)]
    pub no: String,
    /// 生效日期.
    pub valid_from: NaiveDate,
    /// 失效日期, included; absent: for ever.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
}

/// `POST /api/v1/inspectors/{id}/certificates`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn add_certificate(cx: &mut Cx<'_>, id: Id, b: &CertificateBody) -> Result<Reply<InspectorView>> {
    let text = CertificateText {
        qual: b.qual.clone(),
        qual_name: b.qual_name.clone(),
        no: b.no.clone(),
        from: b.valid_from,
        to: b.valid_to,
    };
    Reply::made(inspectors::add_certificate(cx, id, &text)?, "/api/v1/inspectors")
}

/// `DELETE /api/v1/inspectors/{id}/certificates/{certificate}`
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_certificate(cx: &mut Cx<'_>, (id, other): (Id, Id), _: &Empty) -> Result<Reply<InspectorView>> {
    Reply::of(inspectors::remove_certificate(cx, id, other)?)
}

/// New leave.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveBody {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// 类型.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub kind: String,
}

/// `POST /api/v1/inspectors/{id}/leave`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn add_leave(cx: &mut Cx<'_>, id: Id, b: &LeaveBody) -> Result<Reply<InspectorView>> {
    Reply::made(inspectors::add_leave(cx, id, b.from, b.to, &b.kind)?, "/api/v1/inspectors")
}

/// `DELETE /api/v1/inspectors/{id}/leave/{leave}`
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_leave(cx: &mut Cx<'_>, (id, other): (Id, Id), _: &Empty) -> Result<Reply<InspectorView>> {
    Reply::of(inspectors::remove_leave(cx, id, other)?)
}

/// Which year.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct YearQuery {
    /// Calendar year; this one unless told.
    pub year: Option<i32>,
}

/// How busy a person is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkloadView {
    /// Calendar year.
    pub year: i32,
    /// Minutes from before this system.
    pub load0: i32,
    /// Visits with a seat.
    pub visits: usize,
    /// Minutes of those visits.
    pub minutes: i64,
}

/// `GET /api/v1/inspectors/{id}/workload`
///
/// # Errors
/// Not visible.
pub fn workload(cx: &mut Cx<'_>, id: Id, q: YearQuery) -> Result<Reply<WorkloadView>> {
    let w = inspectors::workload(cx, id, q.year)?;
    Ok(Reply::ok(WorkloadView { year: w.year, load0: w.load0, visits: w.visits, minutes: w.minutes }))
}
