//! Item lists: drafted by the clerk, passed by the legal reviewer, published by the head; claimed from the upper list
//! that the coordination office keeps. Only what is published may be inspected (国办发〔2024〕54号).

use super::cx::{Cx, Event};
use super::departments::taken;
use crate::domain::access::{Action, Role, Scope};
use crate::domain::alias::fold;
use crate::domain::item::{self, Act, State};
use crate::domain::planning::input::{CheckMode, Notice};
use crate::domain::ratio::Ratio;
use crate::domain::registry::{Category, ItemDetails, ListLevel, mode_name, notice_name};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments;
use crate::store::items::{self, Filter, Item};
use crate::store::types::{At, Doc};
use serde_json::{Value, json};

/// Longest check of one item, minutes.
pub const MINUTES_MAX: u32 = 10_000;
/// Longest name: published lists put whole catalogues of duties into it.
pub const NAME_MAX: usize = 2_000;
/// Minutes of an item whose list names none.
pub const MINUTES_DEFAULT: u32 = 30;

/// What an item says.
#[derive(Debug, Clone)]
pub struct Text {
    /// 事项名称.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// 检查对象 as written.
    pub object: String,
    /// 主体类型 it applies to; empty = all.
    pub kinds: Vec<String>,
    /// 检查方式.
    pub mode: CheckMode,
    /// 告知方式.
    pub notice: Notice,
    /// 抽查比例 as officials write it; may be empty.
    pub ratio: String,
    /// 年度频次上限 of this item per subject; none = no cap.
    pub cap: Option<u32>,
    /// 事项类别.
    pub category: Category,
    /// 所需资格.
    pub qualification: String,
    /// 等价组.
    pub equivalence_group: String,
    /// 预计时长(分钟).
    pub minutes: u32,
    /// All else.
    pub details: ItemDetails,
}

fn texts(faults: &mut Faults, pointer: &str, list: &[String], most: usize) -> Vec<String> {
    if list.len() > 100 {
        faults.add(pointer, "too_many", "最多100个");
    }
    let mut out: Vec<String> = Vec::new();
    for (i, text) in list.iter().take(100).enumerate() {
        let text = faults.text(&format!("{pointer}/{i}"), text, true, most);
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

impl Text {
    /// Writes the text into a row, noting every fault.
    pub fn write(&self, row: &mut Item, faults: &mut Faults) {
        row.name = faults.text("/name", &self.name, true, NAME_MAX);
        row.field = faults.text("/field", &self.field, false, 200);
        row.object = faults.text("/object", &self.object, false, 500);
        row.kinds = Doc(texts(faults, "/kinds", &self.kinds, 60));
        row.ratio_text = faults.text("/ratio", &self.ratio, false, 200);
        row.qualification = faults.text("/qualification", &self.qualification, false, 40);
        row.equivalence_group = faults.text("/equivalence_group", &self.equivalence_group, false, 40);
        if self.minutes == 0 || self.minutes > MINUTES_MAX {
            faults.add("/minutes", "out_of_range", format!("预计时长须为 1 至 {MINUTES_MAX} 分钟"));
        }
        if self.cap.is_some_and(|cap| cap == 0 || cap > 1_000) {
            faults.add("/cap", "out_of_range", "年度频次上限须为 1 至 1000;没有上限就不填");
        }
        let mut d = self.details.clone();
        d.basis = texts(faults, "/basis", &d.basis, 2_000);
        d.materials = texts(faults, "/materials", &d.materials, 200);
        d.industries = texts(faults, "/industries", &d.industries, 10);
        for (i, prefix) in d.industries.iter_mut().enumerate() {
            prefix.make_ascii_uppercase();
            if !prefix.bytes().all(|b| b.is_ascii_alphanumeric()) {
                faults.add(format!("/industries/{i}"), "invalid", "行业代码只能是字母和数字(GB/T 4754)");
            }
        }
        d.content = faults.text("/content", &d.content, false, 2_000);
        d.method = faults.text("/method", &d.method, false, 200);
        d.executing_body = faults.text("/executing_body", &d.executing_body, false, 300);
        d.frequency = faults.text("/frequency", &d.frequency, false, 300);
        d.requirement = faults.text("/requirement", &d.requirement, false, 300);
        d.remark = faults.text("/remark", &d.remark, false, 1_000);
        d.dept_key = faults.text("/dept_key", &d.dept_key, false, 40);
        d.equivalence_name = faults.text("/equivalence_name", &d.equivalence_name, false, 100);
        d.expert = faults.text("/expert", &d.expert, false, 40);
        if let Some(season) = d.season
            && [season.from, season.to].iter().any(|(m, day)| {
                chrono::NaiveDate::from_ymd_opt(2024, u32::from(*m), u32::from(*day)).is_none()
            })
        {
            faults.add("/season", "invalid", "季节限制的日期不存在");
        }
        row.details = Doc(d.to_value());
        row.mode = mode_name(self.mode).to_owned();
        row.notice = notice_name(self.notice).to_owned();
        row.ratio = Doc(rule(&row.ratio_text));
        row.frequency_cap = self.cap.and_then(|cap| i32::try_from(cap).ok());
        row.category = self.category.as_str().to_owned();
        row.minutes = i32::try_from(self.minutes).unwrap_or(i32::MAX);
        row.search = fold(&format!("{} {} {} {}", row.name, row.code, row.field, d.content));
    }
}

/// What a ratio text says; null when nothing.
#[must_use]
pub fn rule(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        serde_json::to_value(Ratio::parse(text).rule).unwrap_or_default()
    }
}

/// What somebody should look at, as (code, Chinese).
#[must_use]
pub fn warnings(row: &Item) -> Vec<(&'static str, String)> {
    let mut warnings = Vec::new();
    if !row.ratio_text.is_empty() && row.ratio.0.is_null() {
        warnings.push((
            "ratio_not_understood",
            format!("从“{}”看不出抽多少,保留原文;请填写比例或数量", row.ratio_text),
        ));
    }
    if ItemDetails::of(&row.details.0).basis.is_empty() {
        warnings.push(("no_basis", "没有抽查依据;公示的清单须写明依据(国办发〔2015〕58号)".to_owned()));
    }
    warnings
}

fn level(row: &Item) -> ListLevel {
    ListLevel::parse(&row.list_level).unwrap_or(ListLevel::Own)
}

/// Whether the actor may do `act` to the item: on the upper list everything is the coordination office's.
fn may(cx: &Cx<'_>, row: &Item, action: Action) -> Result<()> {
    let scope = Scope::of(&row.region, row.department_id);
    match level(row) {
        ListLevel::Own => cx.may(action, &scope),
        ListLevel::Upper => cx.may(Action::EditUpperItems, &scope),
    }
}

/// A blank draft of a department.
///
/// # Errors
/// No randomness.
pub fn blank(cx: &Cx<'_>, department: Id, code: &str, level: ListLevel) -> Result<Item> {
    Ok(Item {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: department,
        code: code.to_owned(),
        revision: 1,
        list_level: level.as_str().to_owned(),
        name: String::new(),
        search: String::new(),
        field: String::new(),
        object: String::new(),
        kinds: Doc(Vec::new()),
        details: Doc(ItemDetails::default().to_value()),
        mode: mode_name(CheckMode::OnSite).to_owned(),
        notice: notice_name(Notice::Either).to_owned(),
        ratio_text: String::new(),
        ratio: Doc(Value::Null),
        frequency_cap: None,
        category: Category::None.as_str().to_owned(),
        qualification: String::new(),
        equivalence_group: String::new(),
        minutes: i32::try_from(MINUTES_DEFAULT).unwrap_or(30),
        claimed_from: None,
        note: String::new(),
        state: State::Draft.as_str().to_owned(),
        current: true,
        published_at: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Drafts an item of one's own department or, for the coordination office, of the upper list.
///
/// # Errors
/// Not allowed; every fault of the fields; the code is taken.
pub fn create(cx: &mut Cx<'_>, code: &str, text: &Text) -> Result<Item> {
    let department = cx.department()?;
    let upper = cx.actor.roles.has(Role::Coordinator);
    let mut row = blank(cx, department, "", if upper { ListLevel::Upper } else { ListLevel::Own })?;
    may(cx, &row, Action::EditItem)?;
    let mut faults = Faults::default();
    row.code = faults.text("/code", code, true, 60);
    text.write(&mut row, &mut faults);
    faults.done()?;
    if !items::revisions(cx.db, department, &row.code)?.is_empty() {
        return Err(Error::field("/code", "taken", "本部门已有这个事项编码;修改已公示的事项请新建修订版"));
    }
    items::insert(cx.db, &row).map_err(|e| taken(e, "/code", "本部门已有这个事项编码"))?;
    note(cx, "item_drafted", &row, json!({}))?;
    Ok(row)
}

fn note(cx: &mut Cx<'_>, act: &'static str, row: &Item, more: Value) -> Result<()> {
    let mut data =
        json!({ "code": row.code, "revision": row.revision, "state": row.state, "level": row.list_level });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    cx.journal(Event::new(act, "item", row.id, data))
}

/// One item: those of other departments once they are in force.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Item> {
    let row = items::get(cx.db, id)?.ok_or(Error::NotFound("事项"))?;
    cx.may(Action::ViewItem, &Scope::of(&row.region, row.department_id))?;
    let known = items::PUBLIC.contains(&row.state.as_str());
    if known || sees_all(cx) || cx.actor.department == Some(row.department_id) {
        Ok(row)
    } else {
        Err(Error::NotFound("事项"))
    }
}

fn sees_all(cx: &Cx<'_>) -> bool {
    cx.actor.system || [Role::Coordinator, Role::Overseer].iter().any(|r| cx.actor.roles.has(*r))
}

/// A page of items.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut filter: Filter, after: Option<Id>, limit: i64) -> Result<Vec<Item>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewItem, &Scope::county(&region))?;
    filter.search = filter.search.as_deref().map(fold);
    filter.public_except = if sees_all(cx) { None } else { Some(cx.actor.department) };
    items::list(cx.db, &region, &filter, after, limit)
}

/// All revisions of an item the actor may see, the oldest first.
///
/// # Errors
/// Not visible.
pub fn revisions(cx: &mut Cx<'_>, id: Id) -> Result<Vec<Item>> {
    let row = get(cx, id)?;
    let all = items::revisions(cx.db, row.department_id, &row.code)?;
    let own = sees_all(cx) || cx.actor.department == Some(row.department_id);
    Ok(all.into_iter().filter(|r| own || items::PUBLIC.contains(&r.state.as_str())).collect())
}

/// Changes the text of a draft or returned item.
///
/// # Errors
/// Not allowed; in another state; every fault of the fields; changed by somebody else.
pub fn change(cx: &mut Cx<'_>, id: Id, edit: impl Fn(&mut Text)) -> Result<Item> {
    let mut row = get(cx, id)?;
    may(cx, &row, Action::EditItem)?;
    cx.fresh(row.version)?;
    if !State::parse(&row.state).is_some_and(State::is_editable) {
        return Err(Error::wrong_state(row.state, "只有草稿和已退回的事项可以修改;已公示的请新建修订版"));
    }
    let (from, seen) = (row.state.clone(), row.version);
    let mut text = text_of(&row);
    edit(&mut text);
    let mut faults = Faults::default();
    text.write(&mut row, &mut faults);
    faults.done()?;
    row.version += 1;
    row.updated_at = At(cx.now);
    items::transition(cx.db, &row, &from, seen)?;
    note(cx, "item_changed", &row, json!({}))?;
    Ok(row)
}

/// The text of a row.
#[must_use]
pub fn text_of(row: &Item) -> Text {
    Text {
        name: row.name.clone(),
        field: row.field.clone(),
        object: row.object.clone(),
        kinds: row.kinds.0.clone(),
        mode: crate::domain::registry::mode_named(&row.mode).unwrap_or(CheckMode::OnSite),
        notice: crate::domain::registry::notice_named(&row.notice).unwrap_or(Notice::Either),
        ratio: row.ratio_text.clone(),
        cap: row.frequency_cap.and_then(|c| u32::try_from(c).ok()),
        category: Category::parse(&row.category).unwrap_or(Category::None),
        qualification: row.qualification.clone(),
        equivalence_group: row.equivalence_group.clone(),
        minutes: u32::try_from(row.minutes).unwrap_or(MINUTES_DEFAULT),
        details: ItemDetails::of(&row.details.0),
    }
}

/// Who does what to an item.
const fn action(act: Act) -> Action {
    match act {
        Act::Submit | Act::Recall | Act::Revise => Action::EditItem,
        Act::Approve | Act::Return => Action::ReviewItem,
        Act::Publish | Act::Retire => Action::PublishItem,
    }
}

/// Moves an item along its life. Publishing a revision retires the one it replaces.
///
/// # Errors
/// Not allowed; the state does not allow it; returned without a reason.
pub fn act(cx: &mut Cx<'_>, id: Id, act: Act, reason: &str) -> Result<Item> {
    let mut row = get(cx, id)?;
    may(cx, &row, action(act))?;
    let from = State::parse(&row.state).ok_or_else(|| Error::internal("item state"))?;
    let to = item::next(from, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, matches!(act, Act::Return), 1_000);
    faults.done()?;
    let seen = row.version;
    row.state = to.as_str().to_owned();
    row.note.clone_from(&reason);
    row.version += 1;
    row.updated_at = At(cx.now);
    let mut replaced = None;
    if to == State::Published {
        row.published_at = Some(At(cx.now));
        row.current = true;
        for mut older in items::revisions(cx.db, row.department_id, &row.code)? {
            if older.id == row.id || !older.current {
                continue;
            }
            let (state, seen) = (older.state.clone(), older.version);
            older.current = false;
            if older.state != State::Retired.as_str() {
                older.state = State::Retired.as_str().to_owned();
                replaced = Some(older.id.to_string());
            }
            older.version += 1;
            older.updated_at = At(cx.now);
            items::transition(cx.db, &older, &state, seen)?;
        }
    }
    items::transition(cx.db, &row, from.as_str(), seen)?;
    let event = match act {
        Act::Submit => "item_submitted",
        Act::Recall => "item_recalled",
        Act::Approve => "item_approved",
        Act::Return => "item_returned",
        Act::Revise => "item_revised",
        Act::Publish => "item_published",
        Act::Retire => "item_retired",
    };
    note(cx, event, &row, json!({ "reason": reason, "replaces": replaced }))?;
    Ok(row)
}

/// Whether a revision is still on its way to be published.
fn open(row: &Item) -> bool {
    ["draft", "in_review", "returned", "effective"].contains(&row.state.as_str())
}

/// Begins a new revision of an item that is published or retired.
///
/// # Errors
/// Not allowed; not published; a revision is under way.
pub fn revise(cx: &mut Cx<'_>, id: Id) -> Result<Item> {
    let row = get(cx, id)?;
    may(cx, &row, Action::EditItem)?;
    let all = items::revisions(cx.db, row.department_id, &row.code)?;
    if let Some(other) = all.iter().find(|r| open(r)) {
        return Err(Error::wrong_state(
            other.state.clone(),
            format!("第{}版尚未公示,请先处理该版", other.revision),
        ));
    }
    let latest = all.last().unwrap_or(&row);
    let next = revision_of(cx, latest)?;
    items::insert(cx.db, &next)?;
    note(cx, "item_revision_begun", &next, json!({ "of": latest.id.to_string() }))?;
    Ok(next)
}

/// The draft that follows a revision.
///
/// # Errors
/// No randomness.
pub fn revision_of(cx: &Cx<'_>, latest: &Item) -> Result<Item> {
    Ok(Item {
        id: cx.id()?,
        revision: latest.revision + 1,
        state: State::Draft.as_str().to_owned(),
        current: false,
        published_at: None,
        note: String::new(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
        ..latest.clone()
    })
}

/// Claims an item of the upper list: a draft of one's own department with the same text.
///
/// # Errors
/// Not allowed; not on the upper list or not published there; the code is taken.
pub fn claim(cx: &mut Cx<'_>, id: Id) -> Result<Item> {
    let upper = get(cx, id)?;
    let own = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(Action::EditItem, &Scope::of(&region, own))?;
    if level(&upper) != ListLevel::Upper {
        return Err(Error::refused("not_upper_list", "只能认领上级清单中的事项"));
    }
    if upper.state != State::Published.as_str() {
        return Err(Error::wrong_state(upper.state, "上级清单中的该事项尚未公示,或已停用"));
    }
    let department = departments::get(cx.db, own)?.ok_or(Error::NotFound("部门"))?;
    if department.kind != "inspecting" {
        return Err(Error::refused("not_inspecting", "只有执法部门可以认领事项"));
    }
    if !items::revisions(cx.db, own, &upper.code)?.is_empty() {
        return Err(Error::refused("already_claimed", "本部门清单中已有这个事项编码"));
    }
    let row = Item {
        department_id: own,
        list_level: ListLevel::Own.as_str().to_owned(),
        claimed_from: Some(upper.id),
        revision: 1,
        current: true,
        ..revision_of(cx, &upper)?
    };
    items::insert(cx.db, &row)?;
    note(cx, "item_claimed", &row, json!({ "from": upper.id.to_string() }))?;
    Ok(row)
}
