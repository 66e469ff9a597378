//! Plan entries of a department and year: drafted, filed with the next higher authority, published (无计划不检查).

use super::cx::{Cx, Event};
use super::departments::{is_staff, taken};
use crate::domain::access::{Action, Scope};
use crate::domain::ratio::Ratio;
use crate::domain::registry::PlanDetails;
use crate::domain::registry::plan_state::{self, Act, State};
use crate::domain::scope::SubjectFilter;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::items;
use crate::store::plans::{self, Filter, PlanEntry};
use crate::store::types::{At, Doc};
use chrono::NaiveDate;
use serde_json::json;

/// What a plan entry says.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// 计划名称.
    pub name: String,
    /// Items of the department.
    pub items: Vec<Id>,
    /// Who may be drawn.
    pub filter: SubjectFilter,
    /// 抽查比例 as officials write it.
    pub ratio: String,
    /// Own ratio per credit class.
    pub class_ratios: Vec<(String, String)>,
    /// 最早日期.
    pub from: Option<NaiveDate>,
    /// 最晚日期, included.
    pub to: Option<NaiveDate>,
    /// 检查时间 as written.
    pub window: String,
    /// 优先级; 1 is the most urgent.
    pub priority: i32,
    /// All else.
    pub details: PlanDetails,
}

impl Text {
    /// Writes the text into a row, noting every fault. Items are checked by whoever knows the database.
    pub fn write(&self, row: &mut PlanEntry, faults: &mut Faults) {
        row.name = faults.text("/name", &self.name, true, 200);
        row.ratio_text = faults.text("/ratio", &self.ratio, false, 200);
        row.window_text = faults.text("/window", &self.window, false, 200);
        for (field, text) in self.filter.faults() {
            faults.add(format!("/filter/{field}"), "invalid", text);
        }
        let mut classes: Vec<(String, Ratio)> = Vec::new();
        for (i, (class, ratio)) in self.class_ratios.iter().enumerate() {
            let class = faults.text(&format!("/class_ratios/{i}/class"), class, true, 20);
            let ratio = Ratio::parse(&faults.text(&format!("/class_ratios/{i}/ratio"), ratio, true, 100));
            if ratio.rule.is_none() {
                faults.add(
                    format!("/class_ratios/{i}/ratio"),
                    "ratio_not_understood",
                    "看不出比例;请写成如 5%、3‰、20户、全部",
                );
            }
            if classes.iter().any(|(known, _)| *known == class) {
                faults.add(format!("/class_ratios/{i}/class"), "duplicate", "同一类别写了两次");
            }
            classes.push((class, ratio));
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            faults.add("/window_to", "reversed_dates", "最晚日期早于最早日期");
        }
        if !(1..=1_000).contains(&self.priority) {
            faults.add("/priority", "out_of_range", "优先级须为 1 至 1000,1 最优先");
        }
        row.items = Doc(self.items.clone());
        row.targeted = self.filter.is_targeted();
        row.filter = Doc(serde_json::to_value(&self.filter).unwrap_or_default());
        row.ratio = Doc(super::items::rule(&row.ratio_text));
        row.class_ratios = Doc(serde_json::to_value(&classes).unwrap_or_default());
        row.window_from = self.from;
        row.window_to = self.to;
        row.priority = self.priority;
        row.details = Doc(self.details.to_value());
    }
}

/// The text of a row.
#[must_use]
pub fn text_of(row: &PlanEntry) -> Text {
    Text {
        name: row.name.clone(),
        items: row.items.0.clone(),
        filter: filter_of(row),
        ratio: row.ratio_text.clone(),
        class_ratios: class_ratios_of(row).into_iter().map(|(class, ratio)| (class, ratio.text)).collect(),
        from: row.window_from,
        to: row.window_to,
        window: row.window_text.clone(),
        priority: row.priority,
        details: PlanDetails::of(&row.details.0),
    }
}

/// Whether a filter as rows keep it aims at tags, classes or lists (定向).
#[must_use]
pub fn targeted(filter: &serde_json::Value) -> bool {
    serde_json::from_value::<SubjectFilter>(filter.clone()).unwrap_or_default().is_targeted()
}

/// Who may be drawn.
#[must_use]
pub fn filter_of(row: &PlanEntry) -> SubjectFilter {
    serde_json::from_value(row.filter.0.clone()).unwrap_or_default()
}

/// Own ratios of the credit classes, in the order written.
#[must_use]
pub fn class_ratios_of(row: &PlanEntry) -> Vec<(String, Ratio)> {
    serde_json::from_value(row.class_ratios.0.clone()).unwrap_or_default()
}

/// What somebody should look at before it is filed, as (code, Chinese).
#[must_use]
pub fn warnings(row: &PlanEntry) -> Vec<(&'static str, String)> {
    let mut warnings = Vec::new();
    if row.ratio.0.is_null() && class_ratios_of(row).is_empty() {
        let why = if row.ratio_text.is_empty() {
            "没有抽查比例或数量".to_owned()
        } else {
            format!("从“{}”看不出抽多少,保留原文", row.ratio_text)
        };
        warnings.push(("ratio_not_understood", format!("{why};抽取前请填写比例或数量")));
    }
    if row.window_from.is_none() || row.window_to.is_none() {
        warnings.push(("window_not_understood", "没有确定的起止日期;抽取前请填写".to_owned()));
    }
    if row.items.0.is_empty() {
        warnings.push(("no_items", "没有对应到已登记的事项;备案前请选择事项(清单之外无检查)".to_owned()));
    }
    let details = PlanDetails::of(&row.details.0);
    if details.any_partner {
        warnings.push(("any_partner", "配合部门未写明,由协调办按检查对象的监管部门确定".to_owned()));
    }
    if details.initiators.len() > 1 {
        warnings.push((
            "several_initiators",
            format!("有多个发起部门:{};请确定由谁牵头", details.initiators.join("、")),
        ));
    }
    warnings
}

/// A blank draft.
///
/// # Errors
/// No randomness.
pub fn blank(cx: &Cx<'_>, department: Id, year: i32, code: &str) -> Result<PlanEntry> {
    let mut row = PlanEntry {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: department,
        code: code.to_owned(),
        year,
        name: String::new(),
        items: Doc(Vec::new()),
        filter: Doc(serde_json::Value::Null),
        ratio_text: String::new(),
        ratio: Doc(serde_json::Value::Null),
        class_ratios: Doc(json!([])),
        window_from: None,
        window_to: None,
        window_text: String::new(),
        targeted: false,
        priority: 3,
        details: Doc(PlanDetails::default().to_value()),
        state: State::Draft.as_str().to_owned(),
        inspection_id: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    row.filter = Doc(serde_json::to_value(SubjectFilter::default()).unwrap_or_default());
    Ok(row)
}

fn check_items(cx: &mut Cx<'_>, row: &PlanEntry, faults: &mut Faults) -> Result<()> {
    if row.items.0.len() > 500 {
        faults.add("/items", "too_many", "最多500个事项");
        return Ok(());
    }
    for (i, id) in row.items.0.iter().enumerate() {
        let known = items::get(cx.db, *id)?;
        if known.is_none_or(|item| item.department_id != row.department_id) {
            faults.add(format!("/items/{i}"), "unknown", "本部门清单中没有这个事项");
        } else if row.items.0[..i].contains(id) {
            faults.add(format!("/items/{i}"), "duplicate", "同一事项写了两次");
        }
    }
    Ok(())
}

fn note(cx: &mut Cx<'_>, act: &'static str, row: &PlanEntry) -> Result<()> {
    let data = json!({ "code": row.code, "year": row.year, "state": row.state, "ratio": row.ratio_text });
    cx.journal(Event::new(act, "plan_entry", row.id, data))
}

/// Drafts a plan entry of one's own department.
///
/// # Errors
/// Not allowed; every fault of the fields; the code is taken.
pub fn create(cx: &mut Cx<'_>, code: &str, year: i32, text: &Text) -> Result<PlanEntry> {
    let department = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(Action::EditPlan, &Scope::of(&region, department))?;
    let mut faults = Faults::default();
    let code = faults.text("/code", code, true, 128);
    if !code.bytes().all(|b| b.is_ascii_graphic()) {
        faults.add("/code", "bad_plan_id", "计划编号要写进抽取记录,只能用英文字母、数字和符号");
    }
    if !(2000..=2100).contains(&year) {
        faults.add("/year", "out_of_range", "年份须在 2000 至 2100 之间");
    }
    let mut row = blank(cx, department, year, &code)?;
    text.write(&mut row, &mut faults);
    check_items(cx, &row, &mut faults)?;
    faults.done()?;
    plans::insert(cx.db, &row).map_err(|e| taken(e, "/code", "本部门该年度已有这个计划编号"))?;
    note(cx, "plan_drafted", &row)?;
    Ok(row)
}

/// One plan entry.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<PlanEntry> {
    let row = plans::get(cx.db, id)?.ok_or(Error::NotFound("计划"))?;
    cx.may(Action::ViewPlan, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// Changes a draft.
///
/// # Errors
/// Not allowed; filed already; every fault of the fields; changed by somebody else.
pub fn change(cx: &mut Cx<'_>, id: Id, edit: impl Fn(&mut Text)) -> Result<PlanEntry> {
    let mut row = get(cx, id)?;
    cx.may(Action::EditPlan, &Scope::of(&row.region, row.department_id))?;
    cx.fresh(row.version)?;
    if row.state != State::Draft.as_str() {
        return Err(Error::wrong_state(row.state, "只有草稿可以修改;已备案的计划请先退回修改"));
    }
    let seen = row.version;
    let mut text = text_of(&row);
    edit(&mut text);
    let mut faults = Faults::default();
    text.write(&mut row, &mut faults);
    check_items(cx, &row, &mut faults)?;
    faults.done()?;
    row.version += 1;
    row.updated_at = At(cx.now);
    plans::transition(cx.db, &row, State::Draft.as_str(), seen)?;
    note(cx, "plan_changed", &row)?;
    Ok(row)
}

/// Moves a plan entry along its life. It is filed only with items and a window.
///
/// # Errors
/// Not allowed; the state does not allow it; incomplete.
pub fn act(cx: &mut Cx<'_>, id: Id, act: Act) -> Result<PlanEntry> {
    let mut row = get(cx, id)?;
    let action = match act {
        Act::File | Act::Recall => Action::EditPlan,
        Act::Publish | Act::Withdraw => Action::PublishPlan,
    };
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    let from = State::parse(&row.state).ok_or_else(|| Error::internal("plan state"))?;
    let to = plan_state::next(from, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    if row.inspection_id.is_some() && matches!(act, Act::Recall | Act::Withdraw) {
        return Err(Error::refused("in_inspection", "该计划已并入联合检查,不能退回或撤销"));
    }
    if act == Act::File {
        let mut faults = Faults::default();
        for (code, text) in warnings(&row) {
            if matches!(code, "no_items" | "window_not_understood") {
                faults.add("", code, text);
            }
        }
        for (i, item) in row.items.0.iter().enumerate() {
            if items::get(cx.db, *item)?.is_none_or(|item| item.state != "published") {
                faults.add(
                    format!("/items/{i}"),
                    "item_not_published",
                    "该事项尚未公示或已停用(清单之外无检查)",
                );
            }
        }
        faults.done()?;
    }
    let seen = row.version;
    row.state = to.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    plans::transition(cx.db, &row, from.as_str(), seen)?;
    if act == Act::Publish {
        super::oversight::plan_check::freeze(cx, &row)?;
    }
    let event = match act {
        Act::File => "plan_filed",
        Act::Publish => "plan_published",
        Act::Recall => "plan_recalled",
        Act::Withdraw => "plan_withdrawn",
    };
    note(cx, event, &row)?;
    Ok(row)
}

/// A page of plan entries: of one's own department, or of all for those who see all.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut filter: Filter, after: Option<Id>, limit: i64) -> Result<Vec<PlanEntry>> {
    let region = cx.region().to_owned();
    if !cx.can(Action::ViewPlan, &Scope::county(&region)) {
        let own = cx.department()?;
        if !is_staff(cx) || filter.department.is_some_and(|d| d != own) {
            return Ok(Vec::new());
        }
        filter.department = Some(own);
    }
    plans::list(cx.db, &region, &filter, after, limit)
}
