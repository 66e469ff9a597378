//! Item lists.

use crate::domain::item::Act;
use crate::domain::planning::input::Season;
use crate::domain::registry::{Category, ItemDetails, mode_named, notice_named};
use crate::error::{Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::items::{self, Text};
use crate::store::items::{Filter, Item};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something to look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Notice {
    /// Stable snake_case code.
    pub code: &'static str,
    /// In Chinese.
    pub message: String,
}

/// Warnings as they are sent.
#[must_use]
pub fn notices(list: Vec<(&'static str, String)>) -> Vec<Notice> {
    list.into_iter().map(|(code, message)| Notice { code, message }).collect()
}

/// A version of an item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemView {
    /// Identifier of this version.
    pub id: Id,
    /// Department.
    pub department_id: Id,
    /// 事项编码, the same in all versions.
    pub code: String,
    /// Number of the version.
    pub revision: i32,
    /// `own` or `upper`.
    pub list_level: String,
    /// 事项名称.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// 检查对象 as written.
    pub object: String,
    /// 主体类型 it applies to; empty = all.
    pub kinds: Vec<String>,
    /// 行业代码 prefixes (GB/T 4754) it applies to; empty = all.
    pub industries: Vec<String>,
    /// 抽查依据.
    pub basis: Vec<String>,
    /// 检查内容.
    pub content: String,
    /// What a business is to have ready (抽查检查材料清单).
    pub materials: Vec<String>,
    /// `on_site`, `written` or `online`.
    pub mode: String,
    /// 检查方式 as written.
    pub method: String,
    /// `unannounced`, `announced` or `either`.
    pub notice: String,
    /// 抽查比例 as written.
    pub ratio: String,
    /// Whether a draw can go by the ratio.
    pub ratio_understood: bool,
    /// 抽查频次 as written.
    pub frequency: String,
    /// 年度频次上限.
    pub cap: Option<i32>,
    /// `general`, `key` or empty.
    pub category: String,
    /// 检查主体.
    pub executing_body: String,
    /// 所需资格.
    pub qualification: String,
    /// 人员要求 as written.
    pub requirement: String,
    /// 等价组.
    pub equivalence_group: String,
    /// 等价组名称.
    pub equivalence_name: String,
    /// 季节限制, `MM-DD~MM-DD`; may be empty.
    pub season: String,
    /// 所需专家.
    pub expert: String,
    /// 预计时长(分钟).
    pub minutes: i32,
    /// 发起部门 of a joint item, as written.
    pub initiators: Vec<String>,
    /// 配合部门 of a joint item, as written.
    pub partners: Vec<String>,
    /// Whether the partners are whoever else is concerned.
    pub any_partner: bool,
    /// 备注.
    pub remark: String,
    /// The version of the upper list it was claimed from.
    pub claimed_from: Option<Id>,
    /// The reviewer's reason.
    pub reason: String,
    /// `draft`, `in_review`, `returned`, `effective`, `published` or `retired`.
    pub state: String,
    /// Whether it is the version that counts.
    pub current: bool,
    /// Published.
    pub published_at: Option<DateTime<Utc>>,
    /// Version of the record, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
    /// What somebody should look at.
    pub warnings: Vec<Notice>,
}

fn season_text(season: Option<Season>) -> String {
    season
        .map_or_else(String::new, |s| format!("{:02}-{:02}~{:02}-{:02}", s.from.0, s.from.1, s.to.0, s.to.1))
}

fn season(text: &str) -> Option<Season> {
    let (from, to) = text.split_once('~')?;
    let day = |t: &str| {
        let (month, day) = t.trim().split_once('-')?;
        Some((month.parse().ok()?, day.parse().ok()?))
    };
    Some(Season { from: day(from)?, to: day(to)? })
}

impl From<Item> for ItemView {
    fn from(i: Item) -> Self {
        let d = ItemDetails::of(&i.details.0);
        let warnings = notices(items::warnings(&i));
        Self {
            id: i.id,
            department_id: i.department_id,
            code: i.code,
            revision: i.revision,
            list_level: i.list_level,
            name: i.name,
            field: i.field,
            object: i.object,
            kinds: i.kinds.0,
            industries: d.industries,
            basis: d.basis,
            content: d.content,
            materials: d.materials,
            mode: i.mode,
            method: d.method,
            notice: i.notice,
            ratio_understood: !i.ratio.0.is_null(),
            ratio: i.ratio_text,
            frequency: d.frequency,
            cap: i.frequency_cap,
            category: i.category,
            executing_body: d.executing_body,
            qualification: i.qualification,
            requirement: d.requirement,
            equivalence_group: i.equivalence_group,
            equivalence_name: d.equivalence_name,
            season: season_text(d.season),
            expert: d.expert,
            minutes: i.minutes,
            initiators: d.initiators,
            partners: d.partners,
            any_partner: d.any_partner,
            remark: d.remark,
            claimed_from: i.claimed_from,
            reason: i.note,
            state: i.state,
            current: i.current,
            published_at: i.published_at.map(|t| t.0),
            version: i.version,
            updated_at: i.updated_at.0,
            warnings,
        }
    }
}

versioned!(ItemView);

/// Which items.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ItemQuery {
    /// Of this department.
    pub department_id: Option<Id>,
    /// `draft`, `in_review`, `returned`, `effective`, `published` or `retired`.
    pub state: Option<String>,
    /// `own` or `upper`.
    pub list_level: Option<String>,
    /// Text in name, code, field or content.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/items`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: ItemQuery) -> Result<Reply<Page<ItemView>>> {
    let filter = Filter {
        department: q.department_id,
        state: q.state,
        level: q.list_level,
        search: q.search,
        public_except: None,
    };
    let read = |after, most| items::list(cx, filter, after, most);
    by_id(q.after.as_ref(), q.limit, read, |i| i.id)
}

/// `GET /api/v1/items/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ItemView>> {
    Reply::of(items::get(cx, id)?)
}

/// `GET /api/v1/items/{id}/revisions`
///
/// # Errors
/// Not visible.
pub fn revisions(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<Page<ItemView>>> {
    let rows = items::revisions(cx, id)?;
    Ok(Reply::ok(Page { items: rows.into_iter().map(ItemView::from).collect(), next: None }))
}

/// What an item says; in a change, what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ItemText {
    /// 事项名称.
    #[schema(max_length = 2000)]
    pub name: Option<String>,
    /// 抽查领域.
    #[schema(max_length = 200)]
    pub field: Option<String>,
    /// 检查对象 as written.
    #[schema(max_length = 500)]
    pub object: Option<String>,
    /// 主体类型 it applies to; empty = all.
    pub kinds: Option<Vec<String>>,
    /// 行业代码 prefixes (GB/T 4754) it applies to; empty = all.
    pub industries: Option<Vec<String>>,
    /// 抽查依据.
    pub basis: Option<Vec<String>>,
    /// 检查内容.
    #[schema(max_length = 2000)]
    pub content: Option<String>,
    /// What a business is to have ready (抽查检查材料清单).
    pub materials: Option<Vec<String>>,
    /// `on_site`, `written` or `online`.
    pub mode: Option<String>,
    /// 检查方式 as written.
    #[schema(max_length = 200)]
    pub method: Option<String>,
    /// `unannounced`, `announced` or `either`.
    pub notice: Option<String>,
    /// 抽查比例 (`5%`, `10-20%`, `60-70家`, `2‰`).
    #[schema(max_length = 200)]
    pub ratio: Option<String>,
    /// 抽查频次.
    #[schema(max_length = 300)]
    pub frequency: Option<String>,
    /// 年度频次上限; 0 for none.
    pub cap: Option<u32>,
    /// `general`, `key` or empty.
    pub category: Option<String>,
    /// 检查主体.
    #[schema(max_length = 300)]
    pub executing_body: Option<String>,
    /// 所需资格.
    #[schema(max_length = 40)]
    pub qualification: Option<String>,
    /// 人员要求.
    #[schema(max_length = 300)]
    pub requirement: Option<String>,
    /// 等价组.
    #[schema(max_length = 40)]
    pub equivalence_group: Option<String>,
    /// 等价组名称.
    #[schema(max_length = 100)]
    pub equivalence_name: Option<String>,
    /// 季节限制, `MM-DD~MM-DD`; empty for none.
    #[schema(max_length = 20)]
    pub season: Option<String>,
    /// 所需专家.
    #[schema(max_length = 40)]
    pub expert: Option<String>,
    /// 预计时长(分钟).
    pub minutes: Option<u32>,
    /// 备注.
    #[schema(max_length = 1000)]
    pub remark: Option<String>,
}

impl ItemText {
    /// Refuses words that mean nothing.
    fn check(&self) -> Result<()> {
        let mut faults = Faults::default();
        let mut word = |pointer: &str, value: &Option<String>, known: bool, list: &str| {
            if value.is_some() && !known {
                faults.add(pointer, "unknown_value", format!("只能是:{list}"));
            }
        };
        let is = |value: &Option<String>, of: &dyn Fn(&str) -> bool| value.as_deref().is_some_and(of);
        word("/mode", &self.mode, is(&self.mode, &|m| mode_named(m).is_some()), "on_site、written、online");
        let notice = is(&self.notice, &|n| notice_named(n).is_some());
        word("/notice", &self.notice, notice, "unannounced、announced、either");
        let category = is(&self.category, &|c| Category::parse(c).is_some());
        word("/category", &self.category, category, "general、key,或留空");
        let season = is(&self.season, &|s| s.is_empty() || season(s).is_some());
        word("/season", &self.season, season, "MM-DD~MM-DD,或留空");
        faults.done()
    }

    fn write(&self, text: &mut Text) {
        let set = |to: &mut String, from: &Option<String>| {
            if let Some(from) = from {
                to.clone_from(from);
            }
        };
        set(&mut text.name, &self.name);
        set(&mut text.field, &self.field);
        set(&mut text.object, &self.object);
        set(&mut text.ratio, &self.ratio);
        set(&mut text.qualification, &self.qualification);
        set(&mut text.equivalence_group, &self.equivalence_group);
        let d = &mut text.details;
        set(&mut d.content, &self.content);
        set(&mut d.method, &self.method);
        set(&mut d.frequency, &self.frequency);
        set(&mut d.executing_body, &self.executing_body);
        set(&mut d.requirement, &self.requirement);
        set(&mut d.equivalence_name, &self.equivalence_name);
        set(&mut d.expert, &self.expert);
        set(&mut d.remark, &self.remark);
        if let Some(text) = &self.season {
            d.season = season(text);
        }
        if let Some(basis) = &self.basis {
            d.basis.clone_from(basis);
        }
        if let Some(materials) = &self.materials {
            d.materials.clone_from(materials);
        }
        if let Some(industries) = &self.industries {
            d.industries.clone_from(industries);
        }
        if let Some(kinds) = &self.kinds {
            text.kinds.clone_from(kinds);
        }
        text.mode = self.mode.as_deref().and_then(mode_named).unwrap_or(text.mode);
        text.notice = self.notice.as_deref().and_then(notice_named).unwrap_or(text.notice);
        text.category = self.category.as_deref().and_then(Category::parse).unwrap_or(text.category);
        text.minutes = self.minutes.unwrap_or(text.minutes);
        if let Some(cap) = self.cap {
            text.cap = (cap > 0).then_some(cap);
        }
    }
}

/// A new item.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemBody {
    /// 事项编码.
    #[schema(max_length = 60)]
    pub code: String,
    /// What it says; at least the name.
    pub text: ItemText,
}

/// `POST /api/v1/items`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), b: &ItemBody) -> Result<Reply<ItemView>> {
    b.text.check()?;
    let mut text = Text {
        name: String::new(),
        field: String::new(),
        object: String::new(),
        kinds: Vec::new(),
        mode: crate::domain::planning::input::CheckMode::OnSite,
        notice: crate::domain::planning::input::Notice::Either,
        ratio: String::new(),
        cap: None,
        category: Category::None,
        qualification: String::new(),
        equivalence_group: String::new(),
        minutes: items::MINUTES_DEFAULT,
        details: ItemDetails::default(),
    };
    b.text.write(&mut text);
    Reply::made(items::create(cx, &b.code, &text)?, "/api/v1/items")
}

/// `PATCH /api/v1/items/{id}`
///
/// # Errors
/// Not allowed; not a draft; every fault of the fields; another version.
pub fn change(cx: &mut Cx<'_>, id: Id, b: &ItemText) -> Result<Reply<ItemView>> {
    b.check()?;
    Reply::of(items::change(cx, id, |text| b.write(text))?)
}

/// Why.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ItemReason {
    /// In words; needed when an item is returned.
    #[schema(max_length = 1000)]
    pub reason: String,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Not allowed; the state does not allow it.
        pub fn $name(cx: &mut Cx<'_>, id: Id, b: &ItemReason) -> Result<Reply<ItemView>> {
            Reply::of(items::act(cx, id, Act::$act, &b.reason)?)
        }
    )+};
}

acts! {
    /// `POST /api/v1/items/{id}/submit`
    submit = Submit;
    /// `POST /api/v1/items/{id}/recall`
    recall = Recall;
    /// `POST /api/v1/items/{id}/approve`
    approve = Approve;
    /// `POST /api/v1/items/{id}/return`
    send_back = Return;
    /// `POST /api/v1/items/{id}/revise`
    take_up = Revise;
    /// `POST /api/v1/items/{id}/publish`
    publish = Publish;
    /// `POST /api/v1/items/{id}/retire`
    retire = Retire;
}

/// `POST /api/v1/items/{id}/revisions`
///
/// # Errors
/// Not allowed; a revision is under way.
pub fn revise(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ItemView>> {
    Reply::made(items::revise(cx, id)?, "/api/v1/items")
}

/// `POST /api/v1/items/{id}/claim`
///
/// # Errors
/// Not allowed; not on the upper list; claimed already.
pub fn claim(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ItemView>> {
    Reply::made(items::claim(cx, id)?, "/api/v1/items")
}
