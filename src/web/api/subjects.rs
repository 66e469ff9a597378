//! The directory of subjects.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::subjects::{self, Known, SiteText, Text};
use crate::store::subjects::{Filter, Site, Subject};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubjectView {
    /// Identifier.
    pub id: Id,
    /// Its identity: the credit code, else the registration number.
    pub key: String,
    /// 统一社会信用代码; may be empty.
    pub uscc: String,
    /// 注册号; may be empty.
    pub registration_no: String,
    /// 市场主体名称.
    pub name: String,
    /// 主体类型.
    pub kind: String,
    /// 区划代码.
    pub division: String,
    /// 乡镇街道.
    pub town: String,
    /// 地址.
    pub address: String,
    /// 行业代码.
    pub industry: String,
    /// 行业名称.
    pub industry_name: String,
    /// 信用风险分类; empty = not classified.
    pub credit: String,
    /// 成立日期.
    pub founded: Option<NaiveDate>,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
    /// 联系人.
    pub contact: String,
    /// 联系电话.
    pub phone: String,
    /// 标签.
    pub tags: Vec<String>,
    /// On the 经营异常名录.
    pub abnormal: bool,
    /// On the 严重违法失信名单.
    pub serious: bool,
    /// Supervising departments; only where one subject is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_ids: Option<Vec<Id>>,
    /// `active`, `closed` or `moved`.
    pub state: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Subject> for SubjectView {
    fn from(s: Subject) -> Self {
        Self {
            id: s.id,
            key: s.key,
            uscc: s.uscc,
            registration_no: s.registration_no,
            name: s.name,
            kind: s.kind,
            division: s.division,
            town: s.town,
            address: s.address,
            industry: s.industry,
            industry_name: s.industry_name,
            credit: s.credit,
            founded: s.founded,
            lon: s.lon,
            lat: s.lat,
            contact: s.contact,
            phone: s.phone,
            tags: s.tags.0,
            abnormal: s.abnormal,
            serious: s.serious,
            department_ids: None,
            state: s.state,
            version: s.version,
            updated_at: s.updated_at.0,
        }
    }
}

versioned!(SubjectView);

impl From<Known> for SubjectView {
    fn from(known: Known) -> Self {
        Self { department_ids: Some(known.departments), ..known.row.into() }
    }
}

/// Which subjects; all that is asked must hold.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SubjectQuery {
    /// 主体类型.
    #[param(max_length = 60)]
    pub kind: Option<String>,
    /// Beginning of the 行业代码.
    #[param(max_length = 10)]
    pub industry: Option<String>,
    /// 乡镇街道.
    #[param(max_length = 60)]
    pub town: Option<String>,
    /// 标签.
    #[param(max_length = 40)]
    pub tag: Option<String>,
    /// 信用风险分类.
    #[param(max_length = 20)]
    pub credit: Option<String>,
    /// `active`, `closed` or `moved`.
    pub state: Option<String>,
    /// Supervised by this department.
    pub department_id: Option<Id>,
    /// On the 经营异常名录.
    pub abnormal: Option<bool>,
    /// On the 严重违法失信名单.
    pub serious: Option<bool>,
    /// Text in name, credit code or registration number.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/subjects`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: SubjectQuery) -> Result<Reply<Page<SubjectView>>> {
    let filter = Filter {
        kind: q.kind,
        industry: q.industry,
        town: q.town,
        tag: q.tag,
        credit: q.credit,
        state: q.state,
        department: q.department_id,
        abnormal: q.abnormal,
        serious: q.serious,
        search: q.search,
    };
    let read = |after, most| subjects::list(cx, filter, after, most);
    by_id(q.after.as_ref(), q.limit, read, |s| s.id)
}

/// `GET /api/v1/subjects/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<SubjectView>> {
    Reply::of(subjects::get(cx, id)?)
}

/// A place on the map.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapPlace {
    /// 经度, degrees.
    pub lon: f64,
    /// 纬度, degrees.
    pub lat: f64,
}

/// What is told of a subject; in a change, what is absent stays. A new one needs a name and an identity.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubjectBody {
    /// 统一社会信用代码.
    #[schema(max_length = 18)]
    pub uscc: Option<String>,
    /// 注册号.
    #[schema(max_length = 40)]
    pub registration_no: Option<String>,
    /// 市场主体名称.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// 主体类型.
    #[schema(max_length = 60)]
    pub kind: Option<String>,
    /// 区划代码.
    #[schema(max_length = 12)]
    pub division: Option<String>,
    /// 乡镇街道.
    #[schema(max_length = 60)]
    pub town: Option<String>,
    /// 地址.
    #[schema(max_length = 300)]
    pub address: Option<String>,
    /// 行业代码.
    #[schema(max_length = 10)]
    pub industry: Option<String>,
    /// 行业名称.
    #[schema(max_length = 100)]
    pub industry_name: Option<String>,
    /// 信用风险分类.
    #[schema(max_length = 20)]
    pub credit: Option<String>,
    /// 成立日期; `null` for unknown.
    #[serde(deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<NaiveDate>)]
    pub founded: Option<Option<NaiveDate>>,
    /// Where it is; `null` for unknown.
    #[serde(deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<MapPlace>)]
    pub place: Option<Option<MapPlace>>,
    /// 联系人.
    #[schema(max_length = 60)]
    pub contact: Option<String>,
    /// 联系电话.
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// 标签, all of them.
    pub tags: Option<Vec<String>>,
    /// Supervising departments, all of them.
    pub department_ids: Option<Vec<Id>>,
    /// On the 经营异常名录.
    pub abnormal: Option<bool>,
    /// On the 严重违法失信名单.
    pub serious: Option<bool>,
    /// `active`, `closed` or `moved`.
    pub state: Option<String>,
}

impl From<&SubjectBody> for Text {
    fn from(b: &SubjectBody) -> Self {
        Self {
            uscc: b.uscc.clone(),
            registration_no: b.registration_no.clone(),
            name: b.name.clone(),
            kind: b.kind.clone(),
            division: b.division.clone(),
            town: b.town.clone(),
            address: b.address.clone(),
            industry: b.industry.clone(),
            industry_name: b.industry_name.clone(),
            credit: b.credit.clone(),
            founded: b.founded,
            place: b.place.map(|p| p.map(|p| (p.lon, p.lat))),
            contact: b.contact.clone(),
            phone: b.phone.clone(),
            tags: b.tags.clone(),
            departments: b.department_ids.clone(),
            abnormal: b.abnormal,
            serious: b.serious,
            state: b.state.clone(),
        }
    }
}

/// `POST /api/v1/subjects`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), b: &SubjectBody) -> Result<Reply<SubjectView>> {
    Reply::made(subjects::create(cx, &b.into())?, "/api/v1/subjects")
}

/// `PATCH /api/v1/subjects/{id}`
///
/// # Errors
/// Not allowed; every fault of the fields; another version.
pub fn change(cx: &mut Cx<'_>, id: Id, b: &SubjectBody) -> Result<Reply<SubjectView>> {
    Reply::of(subjects::change(cx, id, &b.into())?)
}

/// A further place of a subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteView {
    /// Identifier.
    pub id: Id,
    /// Name of the place.
    pub name: String,
    /// 地址.
    pub address: String,
    /// 乡镇街道.
    pub town: String,
    /// 区划代码.
    pub division: String,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
}

impl From<Site> for SiteView {
    fn from(s: Site) -> Self {
        Self {
            id: s.id,
            name: s.name,
            address: s.address,
            town: s.town,
            division: s.division,
            lon: s.lon,
            lat: s.lat,
        }
    }
}

/// `GET /api/v1/subjects/{id}/sites`
///
/// # Errors
/// Not visible.
pub fn sites(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<Page<SiteView>>> {
    let rows = subjects::sites(cx, id)?;
    Ok(Reply::ok(Page { items: rows.into_iter().map(SiteView::from).collect(), next: None }))
}

/// A new further place.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteBody {
    /// Name of the place.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
    /// 地址.
    #[schema(max_length = 300)]
    pub address: String,
    /// 乡镇街道.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub town: String,
    /// 区划代码.
    #[serde(default)]
    #[schema(max_length = 12)]
    pub division: String,
    /// Where it is.
    #[serde(default)]
    pub place: Option<MapPlace>,
}

/// `POST /api/v1/subjects/{id}/sites`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn add_site(cx: &mut Cx<'_>, id: Id, b: &SiteBody) -> Result<Reply<SiteView>> {
    let text = SiteText {
        name: b.name.clone(),
        address: b.address.clone(),
        town: b.town.clone(),
        division: b.division.clone(),
        place: b.place.map(|p| (p.lon, p.lat)),
    };
    let row = subjects::add_site(cx, id, &text)?;
    Ok(Reply::created(row.into(), format!("/api/v1/subjects/{id}/sites")))
}

/// `DELETE /api/v1/subjects/{id}/sites/{site}`
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_site(cx: &mut Cx<'_>, (id, site): (Id, Id), _: &Empty) -> Result<Reply<Empty>> {
    subjects::remove_site(cx, id, site)?;
    Ok(Reply::done())
}
