//! What the coordinator fixes by hand for the next runs: a day for a subject or tasks, a door of their own for tasks; each
//! with a reason, in the journal.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::domain::planning_state::RuleKind;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::plannings::{self, PlanningRule, planning_rules};
use crate::store::types::{At, Doc};
use crate::store::{county, tasks, visits};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;

/// A rule to make. It is about one of: a visit (all its tasks), tasks, or a subject (all its tasks, also later ones).
#[derive(Debug, Clone)]
pub struct NewRule {
    /// Kind.
    pub kind: RuleKind,
    /// The visit it is about.
    pub visit: Option<Id>,
    /// The tasks it is about.
    pub tasks: Vec<Id>,
    /// The subject it is about.
    pub subject: Option<Id>,
    /// The day, for a pin.
    pub day: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Makes a rule; the next run heeds it. An earlier pin of the same tasks is outranked, not ended.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, new: &NewRule) -> Result<PlanningRule> {
    let region = cx.region().to_owned();
    cx.may(Action::RunPlanning, &Scope::county(&region))?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", &new.reason, true, 500);
    let named = usize::from(new.visit.is_some())
        + usize::from(!new.tasks.is_empty())
        + usize::from(new.subject.is_some());
    if named != 1 {
        faults.add("/tasks", "one_of", "请指明入企、任务或检查对象之一");
    }
    if new.tasks.len() > 100 {
        faults.add("/tasks", "too_many", "一次最多100项任务");
    }
    let mut about: BTreeSet<Id> = new.tasks.iter().copied().collect();
    if let Some(id) = new.visit {
        match visits::get(cx.db, id)? {
            Some(v) if v.region == region => {
                about.extend(visits::tasks_of(cx.db, &[id])?.iter().map(|t| t.task_id));
            }
            _ => faults.add("/visit_id", "unknown", "没有这次入企"),
        }
    }
    let about: Vec<Id> = about.into_iter().collect();
    let rows = tasks::by_ids(cx.db, &about)?;
    for (i, id) in new.tasks.iter().enumerate() {
        if !rows.iter().any(|t| t.id == *id && t.region == region) {
            faults.add(format!("/tasks/{i}"), "unknown", "没有这项任务");
        }
    }
    let mut subjects: BTreeSet<Id> = rows.iter().map(|t| t.subject_id).collect();
    if let Some(id) = new.subject {
        if county::subjects(cx.db, &[id])?.iter().any(|s| s.region == region) {
            subjects.insert(id);
        } else {
            faults.add("/subject_id", "unknown", "没有这个检查对象");
        }
    }
    match (new.kind, new.day) {
        (RuleKind::Pin, None) => faults.add("/day", "required", "请给出日期"),
        (RuleKind::Pin, Some(day)) if day <= cx.today() => faults.add("/day", "past", "日期须在今天之后"),
        (RuleKind::Pin, Some(day)) => {
            let calendar = super::input::calendar(cx, day, day)?;
            if calendar.iter().any(|d| !d.workday || d.quiet) {
                faults.add("/day", "no_working_day", "该日不是工作日,或属企业安静期");
            }
            for t in rows.iter().filter(|t| day < t.earliest || day > t.latest) {
                faults.add(
                    "/day",
                    "outside_window",
                    format!("任务{}的窗口为{}至{}", t.code, t.earliest, t.latest),
                );
            }
        }
        (RuleKind::Split, Some(_)) => faults.add("/day", "not_for_split", "单独入企不需要日期,请另定"),
        (RuleKind::Split, None) if new.subject.is_some() || new.visit.is_some() => {
            faults.add("/tasks", "required", "请指明单独入企的任务");
        }
        (RuleKind::Split, None) if subjects.len() > 1 => {
            faults.add("/tasks", "several_subjects", "单独入企的任务须属同一检查对象");
        }
        (RuleKind::Split, None) => {}
    }
    faults.done()?;
    let row = PlanningRule {
        id: cx.id()?,
        region,
        subject_id: subjects.first().copied(),
        tasks: Doc(about),
        kind: new.kind.as_str().to_owned(),
        on_day: new.day,
        reason,
        state: "active".to_owned(),
        created_by: cx.user()?,
        created_at: At(cx.now),
    };
    planning_rules::insert(cx.db, &row)?;
    cx.journal(Event::new(
        "planning_rule_made",
        "planning_rule",
        row.id,
        json!({
            "kind": row.kind, "day": row.on_day.map(|d| d.to_string()), "reason": row.reason,
            "subject": row.subject_id.map(|s| s.to_string()),
            "tasks": row.tasks.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    ))?;
    Ok(row)
}

/// The rules in force, oldest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>) -> Result<Vec<PlanningRule>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewPlanning, &Scope::county(&region))?;
    plannings::active_rules(cx.db, &region)
}

/// One rule.
///
/// # Errors
/// Not allowed; not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<PlanningRule> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewPlanning, &Scope::county(&region))?;
    planning_rules::get(cx.db, id)?.filter(|r| r.region == region).ok_or(Error::NotFound("排期约束"))
}

/// Ends a rule.
///
/// # Errors
/// Not allowed; it has ended.
pub fn end(cx: &mut Cx<'_>, id: Id) -> Result<PlanningRule> {
    let region = cx.region().to_owned();
    cx.may(Action::RunPlanning, &Scope::county(&region))?;
    let mut row =
        planning_rules::get(cx.db, id)?.filter(|r| r.region == region).ok_or(Error::NotFound("排期约束"))?;
    if !plannings::end_rule(cx.db, id)? {
        return Err(Error::wrong_state("ended", "该约束已解除"));
    }
    "ended".clone_into(&mut row.state);
    cx.journal(Event::new("planning_rule_ended", "planning_rule", id, json!({})))?;
    Ok(row)
}
