//! What anybody may read without login: items, plans, announcements, results. Every answer may be cached.

use crate::domain::registry::{ItemDetails, PlanDetails};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::results::public::{self, Announcement, PublicEntry, Published};
use crate::store::items::Item;
use crate::store::types::At;
use crate::web::call::Call;
use crate::web::page::{After, Cursor, by_id, by_key};
use crate::web::reply::{Answer, Page, Reply};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A published result.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicResult {
    /// Identifier.
    pub id: Id,
    /// Credit code or registration number.
    pub subject_key: String,
    /// Name of the subject.
    pub subject: String,
    /// 抽查机关.
    pub department: String,
    /// Its code.
    pub department_code: String,
    /// 抽查事项.
    pub item: String,
    /// Number of the joint inspection; empty for a single task.
    pub number: String,
    /// Its name.
    pub inspection: String,
    /// What was found.
    pub outcomes: Vec<String>,
    /// The same in Chinese.
    pub outcome_words: Vec<String>,
    /// `passed`, `problem` or `not_judged`.
    pub conclusion: String,
    /// 抽查完成日期.
    pub inspected_on: Option<NaiveDate>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// `published`, or `corrected`: a later version replaced it.
    pub state: String,
    /// Number of the version.
    pub revision: i32,
}

impl From<Published> for PublicResult {
    fn from(p: Published) -> Self {
        Self {
            id: p.id,
            subject_key: p.subject_key,
            subject: p.subject,
            department: p.department,
            department_code: p.department_code,
            item: p.item,
            number: p.number,
            inspection: p.inspection,
            outcomes: p.outcomes.iter().map(|o| o.as_str().to_owned()).collect(),
            outcome_words: p.outcomes.iter().map(|o| o.word().to_owned()).collect(),
            conclusion: p.conclusion.as_str().to_owned(),
            inspected_on: p.end_day,
            published_at: p.published_at,
            state: p.state,
            revision: p.revision,
        }
    }
}

/// Filters of the published results.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PublicResultQuery {
    /// Credit code or registration number of a subject.
    #[param(max_length = 128)]
    pub subject: Option<String>,
    /// Department.
    pub department_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/public/results`: the newest first.
///
/// # Errors
/// A cursor of another list.
pub fn results(call: &Call, (): (), query: PublicResultQuery) -> Result<Answer> {
    let place = |cursor: &Cursor| {
        let (millis, id) = cursor.split_once('|')?;
        let time = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some((At(time), id.parse().ok()?))
    };
    let before = query
        .after
        .as_ref()
        .map(|c| place(c).ok_or_else(|| Error::field("after", "invalid_cursor", "不是本列表的游标")))
        .transpose()?;
    let page: Reply<Page<PublicResult>> = call.read(|cx| {
        let subject = query.subject.as_deref();
        let read = |most| public::results_of(cx, subject, query.department_id, before, most);
        by_key(query.limit, read, |p| format!("{}|{}", p.published_at.timestamp_millis(), p.id))
    })?;
    Ok(page.into_answer()?.shared())
}

/// A published item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicItem {
    /// Identifier.
    pub id: Id,
    /// Code.
    pub code: String,
    /// Number of the revision.
    pub revision: i32,
    /// 抽查主体.
    pub department: String,
    /// 抽查事项.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// 检查对象.
    pub object: String,
    /// 抽查依据.
    pub basis: Vec<String>,
    /// 检查内容.
    pub content: String,
    /// 检查方式.
    pub method: String,
    /// 抽查比例 as written.
    pub ratio: String,
    /// 抽查频次 as written.
    pub frequency: String,
    /// `general`, `key` or empty.
    pub category: String,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

impl From<(Item, String)> for PublicItem {
    fn from((i, department): (Item, String)) -> Self {
        let details = ItemDetails::of(&i.details.0);
        Self {
            id: i.id,
            code: i.code,
            revision: i.revision,
            department,
            name: i.name,
            field: i.field,
            object: i.object,
            basis: details.basis,
            content: details.content,
            method: if details.method.is_empty() { i.mode } else { details.method },
            ratio: i.ratio_text,
            frequency: details.frequency,
            category: i.category,
            published_at: i.published_at.map(|t| t.0),
        }
    }
}

/// Filters of the published items.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PublicItemQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/public/items`
///
/// # Errors
/// A cursor of another list.
pub fn items(call: &Call, (): (), query: PublicItemQuery) -> Result<Answer> {
    let page: Reply<Page<PublicItem>> = call.read(|cx| {
        let read = |after, most| public::items_of(cx, query.department_id, after, most);
        by_id(query.after.as_ref(), query.limit, read, |(i, _)| i.id)
    })?;
    Ok(page.into_answer()?.shared())
}

/// A published plan entry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicPlan {
    /// Identifier.
    pub id: Id,
    /// 抽查计划编号.
    pub code: String,
    /// Calendar year.
    pub year: i32,
    /// 抽查计划名称.
    pub name: String,
    /// 抽查机关.
    pub department: String,
    /// 抽查类型: 定向 (`true`) or 不定向.
    pub targeted: bool,
    /// 抽查比例 as written.
    pub ratio: String,
    /// 检查对象 as written.
    pub object: String,
    /// 检查时间 as written.
    pub window: String,
    /// 最早日期.
    pub window_from: Option<NaiveDate>,
    /// 最晚日期, included.
    pub window_to: Option<NaiveDate>,
    /// 发起部门 as written.
    pub initiators: Vec<String>,
    /// 配合部门 as written.
    pub partners: Vec<String>,
    /// Whether it is part of a joint inspection: 联合抽查计划.
    pub joint: bool,
    /// 抽查基数: how many could be drawn when it was approved.
    pub base: Option<i64>,
    /// The day on which they were counted.
    pub base_on: Option<NaiveDate>,
}

impl From<PublicEntry> for PublicPlan {
    fn from(PublicEntry { row: p, department, base }: PublicEntry) -> Self {
        let details = PlanDetails::of(&p.details.0);
        Self {
            joint: p.inspection_id.is_some(),
            base: base.as_ref().map(|b| b.subjects),
            base_on: base.map(|b| b.on_day),
            id: p.id,
            code: p.code,
            year: p.year,
            name: p.name,
            department,
            targeted: p.targeted,
            ratio: p.ratio_text,
            object: details.object,
            window: p.window_text,
            window_from: p.window_from,
            window_to: p.window_to,
            initiators: details.initiators,
            partners: details.partners,
        }
    }
}

/// Filters of the published plans.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PublicPlanQuery {
    /// Calendar year.
    pub year: Option<i32>,
    /// Department.
    pub department_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/public/plans`
///
/// # Errors
/// A cursor of another list.
pub fn plans(call: &Call, (): (), query: PublicPlanQuery) -> Result<Answer> {
    let page: Reply<Page<PublicPlan>> = call.read(|cx| {
        let read = |after, most| public::plans_of(cx, query.year, query.department_id, after, most);
        by_id(query.after.as_ref(), query.limit, read, |e| e.row.id)
    })?;
    Ok(page.into_answer()?.shared())
}

/// A joint inspection that was sent out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicAnnouncement {
    /// Identifier.
    pub id: Id,
    /// 抽查任务编号.
    pub number: String,
    /// 抽查任务名称.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// The departments that take part, the initiating one first.
    pub departments: Vec<String>,
    /// First day of the visits.
    pub window_from: NaiveDate,
    /// Last day of the visits, included.
    pub window_to: NaiveDate,
    /// How many subjects are visited.
    pub subjects: i64,
    /// `dispatched`, `inspecting` or `closed`.
    pub state: String,
}

impl From<Announcement> for PublicAnnouncement {
    fn from(a: Announcement) -> Self {
        Self {
            id: a.row.id,
            number: a.row.number,
            name: a.row.name,
            field: a.row.field,
            departments: a.departments,
            window_from: a.row.window_from,
            window_to: a.row.window_to,
            subjects: a.subjects,
            state: a.row.state,
        }
    }
}

/// `GET /api/v1/public/announcements`
///
/// # Errors
/// A cursor of another list.
pub fn announcements(call: &Call, (): (), query: After) -> Result<Answer> {
    let page: Reply<Page<PublicAnnouncement>> = call.read(|cx| {
        let read = |after, most| public::announcements(cx, after, most);
        by_id(query.after.as_ref(), query.limit, read, |a| a.row.id)
    })?;
    Ok(page.into_answer()?.shared())
}
