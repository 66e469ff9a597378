//! Plan entries.

use super::items::{Notice, notices};
use crate::domain::registry::PlanDetails;
use crate::domain::registry::plan_state::Act;
use crate::domain::scope::{Listed, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::plans::{self, Text};
use crate::store::plans::{Filter, PlanEntry};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which subjects a plan is about; values of one field are alternatives, an empty field asks nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlanFilter {
    /// 主体类型.
    pub kinds: Vec<String>,
    /// Beginnings of 行业代码.
    pub industries: Vec<String>,
    /// 乡镇街道.
    pub towns: Vec<String>,
    /// 标签.
    pub tags: Vec<String>,
    /// 信用风险分类.
    pub credits: Vec<String>,
    /// Supervised by one of these departments (identifiers).
    pub supervised_by: Vec<String>,
    /// `abnormal` or `serious`: only subjects on this list.
    pub only_listed: Option<String>,
}

impl PlanFilter {
    fn domain(&self) -> Result<SubjectFilter> {
        let only_listed = match self.only_listed.as_deref() {
            None => None,
            Some("abnormal") => Some(Listed::Abnormal),
            Some("serious") => Some(Listed::Serious),
            Some(_) => {
                return Err(Error::field("/filter/only_listed", "unknown_value", "只能是:abnormal、serious"));
            }
        };
        Ok(SubjectFilter {
            kinds: self.kinds.clone(),
            industries: self.industries.clone(),
            towns: self.towns.clone(),
            tags: self.tags.clone(),
            credits: self.credits.clone(),
            supervised_by: self.supervised_by.clone(),
            only_listed,
        })
    }
}

impl From<SubjectFilter> for PlanFilter {
    fn from(f: SubjectFilter) -> Self {
        let listed = |l| match l {
            Listed::Abnormal => "abnormal".to_owned(),
            Listed::Serious => "serious".to_owned(),
        };
        Self {
            kinds: f.kinds,
            industries: f.industries,
            towns: f.towns,
            tags: f.tags,
            credits: f.credits,
            supervised_by: f.supervised_by,
            only_listed: f.only_listed.map(listed),
        }
    }
}

/// The ratio of a credit class.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassRatio {
    /// 信用风险分类.
    #[schema(max_length = 20)]
    pub class: String,
    /// 抽查比例.
    #[schema(max_length = 100)]
    pub ratio: String,
}

/// A plan entry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanView {
    /// Identifier.
    pub id: Id,
    /// Department.
    pub department_id: Id,
    /// 计划编号.
    pub code: String,
    /// Calendar year.
    pub year: i32,
    /// 计划名称.
    pub name: String,
    /// Items.
    pub items: Vec<Id>,
    /// Which subjects.
    pub filter: PlanFilter,
    /// 抽查比例 as written.
    pub ratio: String,
    /// Whether a draw can go by it.
    pub ratio_understood: bool,
    /// 分类比例.
    pub class_ratios: Vec<ClassRatio>,
    /// 最早日期.
    pub window_from: Option<NaiveDate>,
    /// 最晚日期, included.
    pub window_to: Option<NaiveDate>,
    /// 检查时间 as written.
    pub window: String,
    /// 定向.
    pub targeted: bool,
    /// 优先级; 1 is the most urgent.
    pub priority: i32,
    /// 抽查事项 as written in a published plan.
    pub item_names: Vec<String>,
    /// 检查对象 as written.
    pub object: String,
    /// 检查方式 as written.
    pub method: String,
    /// 信用分类规则 as written.
    pub credit_rule: String,
    /// 发起部门 as written.
    pub initiators: Vec<String>,
    /// 配合部门 as written.
    pub partners: Vec<String>,
    /// Whether the partners are whoever else is concerned.
    pub any_partner: bool,
    /// 备注.
    pub remark: String,
    /// `draft`, `filed`, `published` or `withdrawn`.
    pub state: String,
    /// Joint inspection it became part of.
    pub inspection_id: Option<Id>,
    /// Version, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
    /// What somebody should look at.
    pub warnings: Vec<Notice>,
}

impl From<PlanEntry> for PlanView {
    fn from(p: PlanEntry) -> Self {
        let d = PlanDetails::of(&p.details.0);
        let warnings = notices(plans::warnings(&p));
        let classes = plans::class_ratios_of(&p).into_iter();
        Self {
            id: p.id,
            department_id: p.department_id,
            filter: plans::filter_of(&p).into(),
            class_ratios: classes.map(|(class, ratio)| ClassRatio { class, ratio: ratio.text }).collect(),
            code: p.code,
            year: p.year,
            name: p.name,
            items: p.items.0,
            ratio_understood: !p.ratio.0.is_null(),
            ratio: p.ratio_text,
            window_from: p.window_from,
            window_to: p.window_to,
            window: p.window_text,
            targeted: p.targeted,
            priority: p.priority,
            item_names: d.item_names,
            object: d.object,
            method: d.method,
            credit_rule: d.credit_rule,
            initiators: d.initiators,
            partners: d.partners,
            any_partner: d.any_partner,
            remark: d.remark,
            state: p.state,
            inspection_id: p.inspection_id,
            version: p.version,
            updated_at: p.updated_at.0,
            warnings,
        }
    }
}

versioned!(PlanView);

/// Which plan entries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PlanQuery {
    /// Of this department.
    pub department_id: Option<Id>,
    /// Of this year.
    pub year: Option<i32>,
    /// `draft`, `filed`, `published` or `withdrawn`.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/plans`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: PlanQuery) -> Result<Reply<Page<PlanView>>> {
    let filter = Filter { department: q.department_id, year: q.year, state: q.state };
    let read = |after, most| plans::list(cx, filter, after, most);
    by_id(q.after.as_ref(), q.limit, read, |p| p.id)
}

/// `GET /api/v1/plans/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PlanView>> {
    Reply::of(plans::get(cx, id)?)
}

/// What a plan entry says; in a change, what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlanText {
    /// 计划名称.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Items of the department.
    pub items: Option<Vec<Id>>,
    /// Which subjects.
    pub filter: Option<PlanFilter>,
    /// 抽查比例 (`5%`, `10-20%`, `60-70家`, `2‰`).
    #[schema(max_length = 200)]
    pub ratio: Option<String>,
    /// 分类比例.
    pub class_ratios: Option<Vec<ClassRatio>>,
    /// 最早日期; `null` for unknown.
    #[serde(deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<NaiveDate>)]
    pub window_from: Option<Option<NaiveDate>>,
    /// 最晚日期; `null` for unknown.
    #[serde(deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<NaiveDate>)]
    pub window_to: Option<Option<NaiveDate>>,
    /// 检查时间 in words.
    #[schema(max_length = 200)]
    pub window: Option<String>,
    /// 优先级; 1 is the most urgent.
    pub priority: Option<i32>,
    /// 备注.
    #[schema(max_length = 1000)]
    pub remark: Option<String>,
}

impl PlanText {
    fn write(&self, filter: Option<&SubjectFilter>, text: &mut Text) {
        let set = |to: &mut String, from: &Option<String>| {
            if let Some(from) = from {
                to.clone_from(from);
            }
        };
        set(&mut text.name, &self.name);
        set(&mut text.ratio, &self.ratio);
        set(&mut text.window, &self.window);
        set(&mut text.details.remark, &self.remark);
        if let Some(items) = &self.items {
            text.items.clone_from(items);
        }
        if let Some(filter) = filter {
            text.filter = filter.clone();
        }
        if let Some(classes) = &self.class_ratios {
            text.class_ratios = classes.iter().map(|c| (c.class.clone(), c.ratio.clone())).collect();
        }
        text.from = self.window_from.unwrap_or(text.from);
        text.to = self.window_to.unwrap_or(text.to);
        text.priority = self.priority.unwrap_or(text.priority);
    }
}

/// A new plan entry.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// 计划编号: ASCII letters, digits and signs.
    #[schema(max_length = 128)]
    pub code: String,
    /// Calendar year.
    pub year: i32,
    /// What it says; at least the name.
    pub text: PlanText,
}

/// `POST /api/v1/plans`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), b: &PlanBody) -> Result<Reply<PlanView>> {
    let filter = b.text.filter.as_ref().map(PlanFilter::domain).transpose()?;
    let mut text = Text { priority: 3, ..Text::default() };
    b.text.write(filter.as_ref(), &mut text);
    Reply::made(plans::create(cx, &b.code, b.year, &text)?, "/api/v1/plans")
}

/// `PATCH /api/v1/plans/{id}`
///
/// # Errors
/// Not allowed; not a draft; every fault of the fields; another version.
pub fn change(cx: &mut Cx<'_>, id: Id, b: &PlanText) -> Result<Reply<PlanView>> {
    let filter = b.filter.as_ref().map(PlanFilter::domain).transpose()?;
    Reply::of(plans::change(cx, id, |text| b.write(filter.as_ref(), text))?)
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Not allowed; the state does not allow it; incomplete.
        pub fn $name(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<PlanView>> {
            Reply::of(plans::act(cx, id, Act::$act)?)
        }
    )+};
}

acts! {
    /// `POST /api/v1/plans/{id}/file`
    file = File;
    /// `POST /api/v1/plans/{id}/publish`
    publish = Publish;
    /// `POST /api/v1/plans/{id}/recall`
    recall = Recall;
    /// `POST /api/v1/plans/{id}/withdraw`
    withdraw = Withdraw;
}
