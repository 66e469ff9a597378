//! Departments.

use crate::domain::registry::DepartmentKind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::departments::{self, Change, Draft};
use crate::web::page::{self, Cursor};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A department.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DepartmentView {
    /// Identifier.
    pub id: Id,
    /// 部门编码.
    pub code: String,
    /// 部门名称.
    pub name: String,
    /// 统一社会信用代码; may be empty.
    pub uscc: String,
    /// 层级.
    pub level: String,
    /// 管辖区划代码.
    pub division: String,
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub kind: String,
    /// 牵头顺位; the lowest leads.
    pub rank: i32,
    /// 别名.
    pub aliases: Vec<String>,
    /// 联系方式.
    pub contact: String,
    /// `active` or `retired`.
    pub state: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<crate::store::departments::Department> for DepartmentView {
    fn from(d: crate::store::departments::Department) -> Self {
        Self {
            id: d.id,
            code: d.code,
            name: d.name,
            uscc: d.uscc,
            level: d.level,
            division: d.division,
            kind: d.kind,
            rank: d.rank,
            aliases: d.aliases.0,
            contact: d.contact,
            state: d.state,
            version: d.version,
            updated_at: d.updated_at.0,
        }
    }
}

versioned!(DepartmentView);

/// Which departments.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DepartmentQuery {
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub kind: Option<String>,
    /// `active` or `retired`.
    pub state: Option<String>,
    /// Text in name, code or alias.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/departments`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: DepartmentQuery) -> Result<Reply<Page<DepartmentView>>> {
    let after = q.after.as_ref().map(Cursor::as_str);
    let read = |most: i64| {
        let most = usize::try_from(most).unwrap_or(0);
        departments::list(cx, q.kind.as_deref(), q.state.as_deref(), q.search.as_deref(), after, most)
    };
    page::by_key(q.limit, read, |d| d.code.clone())
}

/// `GET /api/v1/departments/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<DepartmentView>> {
    Reply::of(departments::get(cx, id)?)
}

/// A new department.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentBody {
    /// 部门编码.
    #[schema(max_length = 40)]
    pub code: String,
    /// 部门名称.
    #[schema(max_length = 100)]
    pub name: String,
    /// 统一社会信用代码.
    #[serde(default)]
    #[schema(max_length = 18)]
    pub uscc: String,
    /// 层级.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub level: String,
    /// 管辖区划代码.
    #[serde(default)]
    #[schema(max_length = 12)]
    pub division: String,
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`; `inspecting` unless told.
    #[serde(default)]
    pub kind: Option<String>,
    /// 牵头顺位, 50 unless told.
    #[serde(default)]
    pub rank: Option<i32>,
    /// 别名.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// 联系方式.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contact: String,
}

/// `POST /api/v1/departments`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), b: &DepartmentBody) -> Result<Reply<DepartmentView>> {
    let kind = match &b.kind {
        None => DepartmentKind::Inspecting,
        Some(kind) => DepartmentKind::parse(kind).ok_or_else(|| {
            Error::field("/kind", "unknown_value", "只能是:inspecting、coordination、oversight、expert_pool")
        })?,
    };
    let draft = Draft {
        code: b.code.clone(),
        name: b.name.clone(),
        uscc: b.uscc.clone(),
        level: b.level.clone(),
        division: b.division.clone(),
        kind,
        rank: b.rank.unwrap_or(50),
        aliases: b.aliases.clone(),
        contact: b.contact.clone(),
    };
    Reply::made(departments::create(cx, &draft)?, "/api/v1/departments")
}

/// What to change of a department; what is absent stays. The kind never changes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct DepartmentChange {
    /// 部门名称.
    pub name: Option<String>,
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// 层级.
    pub level: Option<String>,
    /// 管辖区划代码.
    pub division: Option<String>,
    /// 牵头顺位.
    pub rank: Option<i32>,
    /// 别名, all of them.
    pub aliases: Option<Vec<String>>,
    /// 联系方式.
    pub contact: Option<String>,
    /// `active` or `retired`.
    pub state: Option<String>,
}

/// `PATCH /api/v1/departments/{id}`
///
/// # Errors
/// Not allowed; every fault of the fields; another version.
pub fn change(cx: &mut Cx<'_>, id: Id, b: &DepartmentChange) -> Result<Reply<DepartmentView>> {
    let change = Change {
        name: b.name.clone(),
        uscc: b.uscc.clone(),
        level: b.level.clone(),
        division: b.division.clone(),
        rank: b.rank,
        aliases: b.aliases.clone(),
        contact: b.contact.clone(),
        state: b.state.clone(),
    };
    Reply::of(departments::change(cx, id, &change)?)
}
