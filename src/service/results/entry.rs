//! Entering and confirming: the A post of a department writes what was found at its items, the B post confirms. Both
//! sign with their accounts; nothing has a result before somebody entered it.

use super::{desks, hold, names_of, newest, officer, state};
use crate::domain::access::Action;
use crate::domain::desk::Desk;
use crate::domain::result::{self as life, Act, Finding, State};
use crate::domain::visit_state;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::visits::Whole;
use crate::store::results::{CheckResult, check_ins, findings};
use crate::store::tasks::Task;
use crate::store::types::At;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is entered for one item.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Task.
    pub task: Id,
    /// What was found.
    pub finding: Finding,
    /// Remark.
    pub note: String,
}

/// Enters results of one's department, as a draft or to be confirmed. What is there already is left alone, so the same
/// may be sent again after a lost connection; entries not sent stay as they are.
///
/// # Errors
/// Not on the team; not the A post of the department; the visit has not begun; every fault of every entry, and then
/// nothing is written.
pub fn enter(cx: &mut Cx<'_>, id: Id, entries: &[Entry], submit: bool) -> Result<Vec<CheckResult>> {
    let held = hold(cx, id, Action::EnterResult)?;
    let whole = &held.whole;
    let (me, department, _) = seat(cx, whole, |desk, me| desk.enters == me, "本部门的检查结果由A岗录入")?;
    begun(whole)?;
    let there = check_ins::of(cx.db, id)?.iter().any(|c| c.inspector_id == me);
    if !there && held.conduct.obstacle.is_empty() {
        return Err(Error::refused("not_checked_in", "请先在检查现场签到,再录入检查结果"));
    }
    let rows = findings::of_visits(cx.db, &[id])?;
    let present = newest(&rows);
    let mut faults = Faults::default();
    if entries.is_empty() {
        faults.add("/results", "required", "没有可录入的检查结果");
    }
    let mut seen = BTreeSet::new();
    let mut changes: Vec<(CheckResult, Option<&CheckResult>)> = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let at = |field: &str| format!("/results/{i}/{field}");
        if !seen.insert(entry.task) {
            faults.add(at("task_id"), "duplicate", "同一任务写了两次");
            continue;
        }
        let Some((task, _)) = whole.tasks.iter().find(|(t, _)| t.id == entry.task) else {
            faults.add(at("task_id"), "unknown", "本次入企没有这项任务");
            continue;
        };
        if task.department_id != department {
            faults.add(at("task_id"), "foreign", "只能录入本部门事项的结果:谁检查、谁录入");
            continue;
        }
        if task.state == "cancelled" {
            faults.add(at("task_id"), "cancelled", "该任务已取消");
            continue;
        }
        let finding = Finding {
            law: faults.text(&at("law"), &entry.finding.law, false, 1_000),
            other: faults.text(&at("other"), &entry.finding.other, false, 4_000),
            ..entry.finding.clone()
        };
        let note = faults.text(&at("note"), &entry.note, false, 2_000);
        if submit {
            for (field, code, text) in finding.faults() {
                faults.add(at(field), code, text);
            }
        }
        let old = present.get(&task.id).copied();
        let mut row = match old {
            Some(old) => old.clone(),
            None => blank(cx, whole, task)?,
        };
        row.outcomes = names_of(&finding.outcomes);
        row.methods = names_of(&finding.methods);
        row.law = finding.law;
        row.other = finding.other;
        row.follow_up = names_of(&finding.follow_up);
        row.note = note;
        let now = state(&row)?;
        if !now.is_editable() {
            if old != Some(&row) {
                let text = format!("该结果处于“{}”,不能再改;须退回后修改", now.word());
                faults.add(at("task_id"), "not_editable", text);
            }
            continue;
        }
        if submit {
            row.state = next(now, Act::Enter)?.as_str().to_owned();
        }
        if old != Some(&row) {
            changes.push((row, old));
        }
    }
    faults.done()?;
    let mut facts = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for (mut row, old) in changes {
        row.entered_by = Some(me);
        row.entered_at = Some(At(cx.now));
        row.confirmed_by = None;
        row.confirmed_at = None;
        row.updated_at = At(cx.now);
        facts
            .insert(row.task_id.to_string(), json!({ "outcomes": row.outcomes.0, "revision": row.revision }));
        texts
            .insert(row.task_id.to_string(), json!({ "other": row.other, "law": row.law, "note": row.note }));
        match old {
            None => findings::insert(cx.db, &row)?,
            Some(old) => {
                row.version += 1;
                findings::transition(cx.db, &row, &old.state, old.version)?;
            }
        }
    }
    let act = match (facts.is_empty(), submit) {
        (true, _) => "results_resubmitted",
        (false, true) => "results_entered",
        (false, false) => "results_drafted",
    };
    let data = json!({ "department": department.to_string(), "inspector": me.to_string(), "results": facts });
    cx.journal(Event::new(act, "visit", id, data).private(json!(texts)))?;
    own(cx, id, department)
}

fn next(from: State, act: Act) -> Result<State> {
    life::next(from, act).map_err(|r| Error::wrong_state(r.state, r.text))
}

/// The officer who asks, if the desk of his department lets him.
fn seat(
    cx: &Cx<'_>,
    whole: &Whole,
    right: impl Fn(&Desk, Id) -> bool,
    refusal: &str,
) -> Result<(Id, Id, Desk)> {
    let (me, department) = officer(cx, whole)?;
    let desk = desks(whole).into_iter().find(|d| d.department == department);
    match desk {
        Some(desk) if right(&desk, me) => Ok((me, department, desk)),
        _ => Err(Error::Denied(refusal.to_owned())),
    }
}

fn begun(whole: &Whole) -> Result<()> {
    use visit_state::State;
    let state = whole.visit.state.as_str();
    if [State::InProgress, State::Obstructed, State::Done].map(State::as_str).contains(&state) {
        return Ok(());
    }
    Err(Error::wrong_state(state, "检查尚未开始:请先签到,或登记受阻"))
}

fn blank(cx: &Cx<'_>, whole: &Whole, task: &Task) -> Result<CheckResult> {
    Ok(CheckResult {
        id: cx.id()?,
        region: whole.visit.region.clone(),
        visit_id: whole.visit.id,
        task_id: task.id,
        item_id: task.item_id,
        subject_id: task.subject_id,
        department_id: task.department_id,
        inspection_id: task.inspection_id,
        outcomes: crate::store::types::Doc(Vec::new()),
        methods: crate::store::types::Doc(Vec::new()),
        law: String::new(),
        other: String::new(),
        follow_up: crate::store::types::Doc(Vec::new()),
        note: String::new(),
        state: State::Draft.as_str().to_owned(),
        entered_by: None,
        entered_at: None,
        confirmed_by: None,
        confirmed_at: None,
        reviewed_by: None,
        reviewed_at: None,
        review_note: String::new(),
        approved_by: None,
        approved_at: None,
        published_at: None,
        revision: 1,
        current: true,
        previous_id: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// The newest results of a department at a visit, by task.
fn own(cx: &mut Cx<'_>, visit: Id, department: Id) -> Result<Vec<CheckResult>> {
    let mut rows = findings::of_visits(cx.db, &[visit])?;
    rows.retain(|r| r.department_id == department);
    Ok(newest(&rows).into_values().cloned().collect())
}

/// The B post agrees with what was entered: with these tasks, or with all that wait.
///
/// # Errors
/// Not another officer of the department; nothing waits; a task that does not wait.
pub fn confirm(cx: &mut Cx<'_>, id: Id, tasks: Option<&[Id]>) -> Result<Vec<CheckResult>> {
    decide(cx, id, tasks, Act::Confirm, "")
}

/// The B post does not agree: back to the A post, with a reason.
///
/// # Errors
/// The same; no reason.
pub fn reject(cx: &mut Cx<'_>, id: Id, tasks: Option<&[Id]>, reason: &str) -> Result<Vec<CheckResult>> {
    decide(cx, id, tasks, Act::Reject, reason)
}

fn decide(cx: &mut Cx<'_>, id: Id, tasks: Option<&[Id]>, act: Act, reason: &str) -> Result<Vec<CheckResult>> {
    let held = hold(cx, id, Action::EnterResult)?;
    let refusal = "检查结果由本部门的另一名检查人员复核";
    let (me, department, _) = seat(cx, &held.whole, |_, _| true, refusal)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, act == Act::Reject, 1_000);
    let rows = own(cx, id, department)?;
    let mut chosen: Vec<CheckResult> = Vec::new();
    match tasks {
        None => chosen = rows.into_iter().filter(|r| r.state == State::Entered.as_str()).collect(),
        Some(tasks) => {
            let tasks: BTreeSet<Id> = tasks.iter().copied().collect();
            for task in tasks {
                match rows.iter().find(|r| r.task_id == task) {
                    Some(row) => chosen.push(row.clone()),
                    None => faults.add("/tasks", "unknown", format!("本部门在本次入企没有任务{task}的结果")),
                }
            }
        }
    }
    faults.done()?;
    if chosen.is_empty() {
        return Err(Error::refused("nothing_entered", "没有待复核的检查结果"));
    }
    let mut done = Vec::new();
    for old in chosen {
        if old.entered_by == Some(me) {
            return Err(Error::Denied(refusal.to_owned()));
        }
        let mut row = old.clone();
        row.state = next(state(&old)?, act)?.as_str().to_owned();
        if act == Act::Confirm {
            row.confirmed_by = Some(me);
            row.confirmed_at = Some(At(cx.now));
            row.review_note = String::new();
        } else {
            row.review_note.clone_from(&reason);
        }
        row.version += 1;
        row.updated_at = At(cx.now);
        findings::transition(cx.db, &row, &old.state, old.version)?;
        done.push(row.task_id.to_string());
    }
    let name = if act == Act::Confirm { "results_confirmed" } else { "results_rejected" };
    let data = json!({ "department": department.to_string(), "inspector": me.to_string(), "tasks": done });
    cx.journal(Event::new(name, "visit", id, data).private(json!({ "reason": reason })))?;
    own(cx, id, department)
}
