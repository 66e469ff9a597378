//! 整改: ordered because of a result, extended once, reported by the business, rechecked by the department.

use super::{go, last_day, past_day, settled, state_of, whose};
use crate::domain::access::{Action, Scope};
use crate::domain::cap::Exemption;
use crate::domain::rectification::{self as life, Act, Refusal, State};
use crate::domain::states::Cycle;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::results;
use crate::store::caps::{self, CapEntry};
use crate::store::follow_up::Rectification;
use crate::store::follow_up::rectifications::{self as rows, Filter};
use crate::store::types::At;
use chrono::{Datelike, NaiveDate};
use serde_json::json;

/// What is ordered.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is to be put right.
    pub what: String,
    /// Legal basis.
    pub basis: String,
    /// Last day.
    pub due_day: NaiveDate,
}

/// Orders a rectification because of a result of one's own department.
///
/// # Errors
/// Not allowed; the result is not settled or says nothing of the kind; one is open already; every fault of the fields.
pub fn order(cx: &mut Cx<'_>, result: Id, order: &Order) -> Result<Rectification> {
    let of = settled(cx, result)?;
    let mut faults = Faults::default();
    let what = faults.text("/what", &order.what, true, 4_000);
    let basis = faults.text("/basis", &order.basis, true, 2_000);
    last_day(&mut faults, "/due_day", order.due_day, cx.today());
    faults.done()?;
    let finding = results::finding(&of);
    if !life::may_be_ordered(state_of(&of.state)?, &finding.outcomes, &finding.follow_up) {
        let text = "该检查结果未发现需要整改的问题,不能责令整改";
        return Err(Error::refused("nothing_to_rectify", text));
    }
    for row in rows::of_result(cx.db, result)? {
        if !state_of::<State>(&row.state)?.is_final() {
            return Err(Error::refused("rectification_open", "该检查结果已有一份未办结的整改通知"));
        }
    }
    let row = Rectification {
        id: cx.id()?,
        region: of.region.clone(),
        result_id: of.id,
        visit_id: of.visit_id,
        subject_id: of.subject_id,
        department_id: of.department_id,
        what,
        basis,
        first_due: order.due_day,
        due_day: Some(order.due_day),
        reminders: 0,
        overdue: false,
        extension: String::new(),
        report: String::new(),
        reported_day: None,
        recheck: String::new(),
        recheck_day: None,
        on_site: false,
        state: State::Ordered.as_str().to_owned(),
        ordered_by: cx.user()?,
        rechecked_by: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    rows::insert(cx.db, &row)?;
    let data = json!({
        "result": of.id.to_string(), "visit": of.visit_id.to_string(), "due": order.due_day.to_string(),
        "department": of.department_id.to_string(),
    });
    let texts = json!({ "what": row.what, "basis": row.basis });
    cx.journal(Event::new("rectification_ordered", "rectification", row.id, data).private(texts))?;
    Ok(row)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Rectification> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("整改"))?;
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    cx.unchanged(row.version)?;
    Ok(row)
}

/// One rectification.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Rectification> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("整改"))?;
    cx.may(Action::ViewFollowUp, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// Rectifications of one's department, or for the coordination office and overseers of the county; `late`: only those whose
/// last day has passed.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    filter: &Filter,
    late: bool,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Rectification>> {
    let Some(department) = whose(cx, Action::ViewFollowUp, filter.department)? else { return Ok(Vec::new()) };
    let filter = Filter { department, due_before: late.then(|| cx.today()), ..filter.clone() };
    let region = cx.region().to_owned();
    rows::list(cx.db, &region, &filter, after, limit)
}

fn refused(refusal: Refusal) -> Error {
    let (code, text) = match refusal {
        Refusal::ExtendedAlready => ("extended_already", "整改期限只能延长一次"),
        Refusal::NotLater => ("not_later", "延长后的期限须晚于原期限"),
        Refusal::DayPassed => ("day_passed", "整改期限已过,不能再延长,请复查"),
        Refusal::TimeLeft => ("time_left", "整改期限未满,企业仍可改正,期满后才能认定未整改到位"),
    };
    Error::refused(code, text)
}

fn step(
    cx: &mut Cx<'_>,
    old: &Rectification,
    act: Act,
    change: impl FnOnce(&mut Rectification),
) -> Result<Rectification> {
    let from: State = state_of(&old.state)?;
    let next = go(life::next(from, act))?;
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    change(&mut row);
    row.version += 1;
    row.updated_at = At(cx.now);
    rows::transition(cx.db, &row, &old.state, old.version)?;
    Ok(row)
}

fn due(row: &Rectification) -> Result<NaiveDate> {
    row.due_day.ok_or_else(|| Error::wrong_state(row.state.clone(), "整改已办结"))
}

/// Extends the time, once, with a reason: the head of the department.
///
/// # Errors
/// Not allowed; extended before; too late; not a later day; no reason.
pub fn extend(cx: &mut Cx<'_>, id: Id, to: NaiveDate, reason: &str) -> Result<Rectification> {
    let old = load(cx, id, Action::DecideFollowUp)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 1_000);
    last_day(&mut faults, "/due_day", to, cx.today());
    faults.done()?;
    go(life::next(state_of(&old.state)?, Act::Extend))?;
    life::extension(!old.extension.is_empty(), due(&old)?, cx.today(), to).map_err(refused)?;
    let row = step(cx, &old, Act::Extend, |row| {
        row.due_day = Some(to);
        row.reminders = 0;
        row.extension.clone_from(&reason);
    })?;
    let data = json!({ "from": old.due_day.map(|d| d.to_string()), "to": to.to_string() });
    let event = Event::new("rectification_extended", "rectification", id, data);
    cx.journal(event.private(json!({ "reason": reason })))?;
    Ok(row)
}

/// Records what the business reports; a later report replaces it.
///
/// # Errors
/// Not allowed; rechecked already; every fault of the fields.
pub fn report(cx: &mut Cx<'_>, id: Id, text: &str, day: NaiveDate) -> Result<Rectification> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let mut faults = Faults::default();
    let text = faults.text("/text", text, true, 4_000);
    let ordered = crate::clock::china_date(old.created_at.0);
    past_day(&mut faults, "/day", day, ordered, cx.today());
    faults.done()?;
    let row = step(cx, &old, Act::Report, |row| {
        row.report.clone_from(&text);
        row.reported_day = Some(day);
    })?;
    let data = json!({ "day": day.to_string() });
    let event = Event::new("rectification_reported", "rectification", id, data);
    cx.journal(event.private(json!({ "text": text })))?;
    Ok(row)
}

/// What a recheck found.
#[derive(Debug, Clone)]
pub struct Recheck {
    /// Whether it was put right.
    pub fulfilled: bool,
    /// What was found.
    pub note: String,
    /// When.
    pub day: NaiveDate,
    /// Whether somebody went there: recorded in the cap ledger as a check that does not count.
    pub on_site: bool,
}

/// Records the recheck. One on site enters the cap ledger as 整改复查, which does not count.
///
/// # Errors
/// Not allowed; rechecked already; “not fulfilled” while there is time; every fault of the fields.
pub fn recheck(cx: &mut Cx<'_>, id: Id, recheck: &Recheck) -> Result<Rectification> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let mut faults = Faults::default();
    let note = faults.text("/note", &recheck.note, true, 4_000);
    let ordered = crate::clock::china_date(old.created_at.0);
    past_day(&mut faults, "/day", recheck.day, old.reported_day.unwrap_or(ordered), cx.today());
    faults.done()?;
    let act = if recheck.fulfilled { Act::Pass } else { Act::Fail };
    go(life::next(state_of(&old.state)?, act))?;
    if !recheck.fulfilled {
        life::failure(due(&old)?, recheck.day).map_err(refused)?;
    }
    let user = cx.user()?;
    let row = step(cx, &old, act, |row| {
        row.recheck.clone_from(&note);
        row.recheck_day = Some(recheck.day);
        row.on_site = recheck.on_site;
        row.rechecked_by = Some(user);
        row.due_day = None;
    })?;
    if recheck.on_site {
        let entry = CapEntry {
            id: cx.id()?,
            region: row.region.clone(),
            department_id: row.department_id,
            subject_id: row.subject_id,
            year: recheck.day.year(),
            on_day: recheck.day,
            visit_id: None,
            cause: Exemption::Recheck.as_str().to_owned(),
            counted: false,
            note: Exemption::Recheck.word().to_owned(),
            created_at: At(cx.now),
        };
        caps::insert(cx.db, &entry)?;
    }
    let data =
        json!({ "fulfilled": recheck.fulfilled, "day": recheck.day.to_string(), "on_site": recheck.on_site });
    let event = Event::new("rectification_rechecked", "rectification", id, data);
    cx.journal(event.private(json!({ "note": note })))?;
    Ok(row)
}

/// A case was filed because it was not fulfilled.
pub(super) fn case_filed(cx: &mut Cx<'_>, id: Id, result: Id) -> Result<()> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    if old.result_id != result {
        return Err(Error::field("/rectification_id", "foreign", "该整改不属于这项检查结果"));
    }
    step(cx, &old, Act::FileCase, |_| {})?;
    Ok(())
}
