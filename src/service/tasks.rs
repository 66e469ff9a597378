//! Tasks: what joint inspections left to be done, and single tasks that a department makes for itself.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::domain::cap::{self, Exemption};
use crate::domain::planning_state::Seat;
use crate::domain::task_state::{self as life, Act};
use crate::domain::visit_state;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::items::Item;
use crate::store::tasks::{self, SingleTask, Task, TaskFilter};
use crate::store::types::At;
use crate::store::{county, visits};
use chrono::{Datelike, NaiveDate};
use serde_json::json;

/// A single task to make.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Item of one's own department.
    pub item: Id,
    /// Subject.
    pub subject: Id,
    /// First day.
    pub earliest: NaiveDate,
    /// Last day, included.
    pub latest: NaiveDate,
    /// Minutes; none: those of the item.
    pub minutes: Option<i32>,
    /// 1 is the most urgent.
    pub priority: i32,
    /// Why it does not count against the cap; none: it counts.
    pub cause: Option<Exemption>,
    /// Why it is done.
    pub reason: String,
}

/// Makes a single task for one's own department.
///
/// # Errors
/// Not allowed; every fault of the fields; the cap of the department or of the item is used up.
pub fn create(cx: &mut Cx<'_>, new: &NewTask) -> Result<Task> {
    let region = cx.region().to_owned();
    let department = cx.department()?;
    cx.may(Action::EditTask, &Scope::of(&region, department))?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", &new.reason, true, 500);
    let item = county::items(cx.db, &[new.item])?.into_iter().find(|i| i.region == region);
    match &item {
        Some(i) if i.department_id != department => faults.add("/item_id", "foreign", "只能选本部门的事项"),
        Some(i) if i.state != "published" || !i.current => {
            faults.add("/item_id", "not_published", "事项未公示或已停用:清单之外无检查");
        }
        Some(_) => {}
        None => faults.add("/item_id", "unknown", "没有这个事项"),
    }
    let subject = county::subjects(cx.db, &[new.subject])?.into_iter().find(|s| s.region == region);
    match &subject {
        Some(s) if s.state != "active" => faults.add("/subject_id", "inactive", "检查对象已停用"),
        Some(_) => {}
        None => faults.add("/subject_id", "unknown", "没有这个检查对象"),
    }
    if new.latest < new.earliest {
        faults.add("/latest", "before_start", "最晚日期早于最早日期");
    }
    if new.latest <= cx.today() {
        faults.add("/latest", "past", "最晚日期须在今天之后");
    }
    if (new.latest - new.earliest).num_days() > 366 {
        faults.add("/latest", "too_long", "窗口最长366天");
    }
    if new.minutes.is_some_and(|m| !(1..=1440).contains(&m)) {
        faults.add("/minutes", "out_of_range", "分钟数须在1至1440之间");
    }
    if !(1..=9).contains(&new.priority) {
        faults.add("/priority", "out_of_range", "优先级须在1至9之间");
    }
    faults.done()?;
    let (Some(item), Some(subject)) = (item, subject) else { return Err(Error::NotFound("事项")) };
    if new.cause.is_none() && item.mode == "on_site" {
        check_cap(cx, department, subject.id, new.latest.year(), None)?;
    }
    check_frequency(cx, &item, subject.id, new.latest.year(), new.cause)?;
    let id = cx.id()?;
    let row = Task {
        id,
        region: region.clone(),
        inspection_id: None,
        code: format!("S-{}", &id.0.simple().to_string()[8..]).to_uppercase(),
        department_id: department,
        item_id: item.id,
        subject_id: subject.id,
        earliest: new.earliest,
        latest: new.latest,
        minutes: new.minutes.unwrap_or(item.minutes),
        mode: item.mode,
        notice: item.notice,
        priority: new.priority,
        state: life::State::Ready.as_str().to_owned(),
        planning_id: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    tasks::insert(cx.db, &row)?;
    let cause = new.cause.map_or("", Exemption::as_str).to_owned();
    let note =
        SingleTask { task_id: id, region, cause, reason, created_by: cx.user()?, created_at: At(cx.now) };
    tasks::insert_single(cx.db, &note)?;
    cx.journal(Event::new(
        "task_created",
        "task",
        id,
        json!({
            "item": row.item_id.to_string(), "subject": row.subject_id.to_string(), "cause": note.cause,
            "earliest": row.earliest.to_string(), "latest": row.latest.to_string(), "reason": note.reason,
        }),
    ))?;
    Ok(row)
}

/// Refuses one more planned check of a subject by a department in a year when the cap is used up. The visit `except`
/// does not count.
///
/// # Errors
/// The cap is used up.
pub fn check_cap(cx: &mut Cx<'_>, department: Id, subject: Id, year: i32, except: Option<Id>) -> Result<()> {
    let entries: Vec<cap::Entry> = county::caps_of(cx.db, &[subject])?
        .iter()
        .filter(|e| e.department_id == department && (except.is_none() || e.visit_id != except))
        .map(super::draws::pool::entry)
        .collect();
    let status = cap::status(&entries, year, cx.rules.procedure.cap_per_year);
    if status.allows(None) {
        return Ok(());
    }
    let name = crate::store::departments::get(cx.db, department)?.map_or(String::new(), |d| d.name);
    Err(Error::refused(
        "cap_reached",
        format!(
            "{name}对该检查对象{year}年已有{}次计划内现场检查,上限{}次;属投诉举报等法定情形的,请注明事由",
            status.counted, status.cap
        ),
    ))
}

/// The cap of an item, if it has one.
pub(super) fn item_cap(item: &Item) -> Option<u32> {
    item.frequency_cap.and_then(|cap| u32::try_from(cap).ok()).filter(|cap| *cap > 0)
}

/// Refuses one more check of an item at a subject in a year when the item's own cap is used up and no cause exempts it.
fn check_frequency(
    cx: &mut Cx<'_>,
    item: &Item,
    subject: Id,
    year: i32,
    cause: Option<Exemption>,
) -> Result<()> {
    let Some(cap) = item_cap(item) else { return Ok(()) };
    // Two that are made at the same moment are counted one after the other.
    county::lock(cx.db, &item.region, cx.now)?;
    let key = [(item.department_id, item.code.clone())];
    let made: i64 = tasks::made(cx.db, &item.region, &[subject], &key, year)?.iter().map(|r| r.3).sum();
    let made = u32::try_from(made).unwrap_or(u32::MAX);
    if cap::item_allows(made, Some(cap), cause) {
        return Ok(());
    }
    Err(Error::refused("frequency_reached", frequency_text(&item.name, year, made, cap)))
}

/// Why an item is not checked once more, and what to do.
pub(super) fn frequency_text(item: &str, year: i32, made: u32, cap: u32) -> String {
    format!(
        "“{item}”{year}年对该检查对象已安排{made}次,达到事项清单规定的年度频次上限{cap}次;属投诉举报等法定情形的,请注明事由"
    )
}

/// One task.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Task> {
    load(cx, id, Action::ViewTask)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Task> {
    let row = tasks::get(cx.db, id)?.ok_or(Error::NotFound("任务"))?;
    let scope = Scope::of(&row.region, row.department_id);
    cx.may(action, &scope)?;
    Ok(row)
}

/// Tasks of one's department, or for the coordination office and the overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &TaskFilter, after: Option<Id>, limit: i64) -> Result<Vec<Task>> {
    let region = cx.region().to_owned();
    let mut filter = filter.clone();
    if !cx.can(Action::ViewTask, &Scope::county(&region)) {
        let own = cx.department()?;
        cx.may(Action::ViewTask, &Scope::of(&region, own))?;
        if filter.department.is_some_and(|d| d != own) {
            return Ok(Vec::new());
        }
        filter.department = Some(own);
    }
    tasks::list(cx.db, &region, &filter, after, limit)
}

/// Cancels a task with a reason. A visit whose last task it was is cancelled with it; a department whose last task it was
/// does not come.
///
/// # Errors
/// Not allowed; it is done or cancelled; its visit has begun; nobody who stays can lead the visit.
pub fn cancel(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Task> {
    let old = load(cx, id, Action::EditTask)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    let state = life::State::parse(&old.state).ok_or_else(|| Error::internal("task state"))?;
    let next = life::next(state, Act::Cancel).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let region = old.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    tasks::transition(cx.db, &row, &old.state, old.version)?;
    cx.journal(Event::new("task_cancelled", "task", id, json!({ "from": old.state, "reason": reason })))?;
    if old.state == life::State::Planned.as_str() {
        super::shrink::lose_cancelled(cx, id)?;
    }
    // It may have been the last that was waited for.
    if let Some(inspection) = row.inspection_id {
        super::results::finish::close(cx, inspection)?;
    }
    Ok(row)
}

/// Cancels a visit that has nothing left to check.
pub(super) fn cancel_visit(cx: &mut Cx<'_>, visit: &visits::Visit, why: &'static str) -> Result<()> {
    let state = visit_state::State::parse(&visit.state).ok_or_else(|| Error::internal("visit state"))?;
    let next = visit_state::next(state, visit_state::Act::Cancel)
        .map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut row = visit.clone();
    row.state = next.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    visits::transition(cx.db, &row, &visit.state, visit.version)?;
    visits::clear_caps(cx.db, &[visit.id])?;
    if state.is_visible_to_team() {
        super::visits::tell_cancelled(cx, visit, None)?;
    }
    visits::move_seats(cx.db, &[visit.id], Seat::Assigned.as_str(), Seat::Vacated.as_str(), cx.now)?;
    super::replacements::lapse(cx, visit.id, None, why)?;
    cx.journal(Event::new("visit_cancelled", "visit", visit.id, json!({ "by": why })))
}
