//! From confirmed to published, per department: 审核, 批准, 公示; back with a reason; correction after publication.

use super::{load, state};
use crate::domain::access::Action;
use crate::domain::result::{self as life, Act, State};
use crate::domain::visit_state;
use crate::error::{Error, Faults, FieldError, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::visits as visit_service;
use crate::store::results::{CheckResult, conducts, findings};
use crate::store::types::At;
use crate::store::visits;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Most results of one request.
pub const MOST: usize = 500;

const fn right(act: Act) -> Action {
    match act {
        Act::Review => Action::ReviewResult,
        Act::Approve => Action::ApproveResult,
        Act::Publish => Action::PublishResult,
        Act::Correct => Action::CorrectResult,
        _ => Action::ReturnResult,
    }
}

const fn event(act: Act) -> &'static str {
    match act {
        Act::Review => "result_reviewed",
        Act::Approve => "result_approved",
        Act::Publish => "result_published",
        _ => "result_returned",
    }
}

/// Reviews, returns, approves or publishes one result. `note` is the reason of a return.
///
/// # Errors
/// Not allowed; the state does not allow it; one's own result; the visit has not ended.
pub fn act(cx: &mut Cx<'_>, id: Id, act: Act, note: &str) -> Result<CheckResult> {
    let (row, _) = load(cx, id, right(act))?;
    let mut done = run(cx, vec![row], act, note)?;
    done.pop().ok_or_else(|| Error::internal("no result"))
}

/// The same with many at once: all or none.
///
/// # Errors
/// The same; every result that keeps the others back.
pub fn many(cx: &mut Cx<'_>, ids: &[Id], act: Act, note: &str) -> Result<Vec<CheckResult>> {
    let wanted: BTreeSet<Id> = ids.iter().copied().collect();
    if wanted.is_empty() || wanted.len() > MOST {
        return Err(Error::field("/ids", "out_of_range", format!("一次可办理1至{MOST}项")));
    }
    let wanted: Vec<Id> = wanted.into_iter().collect();
    let mut rows = findings::by_ids(cx.db, &wanted)?;
    rows.retain(|r| r.region == cx.actor.region);
    let among: BTreeSet<Id> = rows.iter().map(|r| r.visit_id).collect();
    let list = visits::by_ids(cx.db, &among.into_iter().collect::<Vec<_>>())?;
    let wholes: BTreeMap<Id, visit_service::Whole> =
        visit_service::whole(cx, list)?.into_iter().map(|w| (w.visit.id, w)).collect();
    let mut faults: Vec<FieldError> = Vec::new();
    let mut denied = None;
    for (i, id) in ids.iter().enumerate() {
        let row = rows.iter().find(|r| r.id == *id);
        let seen = row.and_then(|r| wholes.get(&r.visit_id).map(|w| (r, w)));
        let verdict = match seen {
            Some((row, whole)) => whole.may_of(cx, right(act), Some(row.department_id)),
            None => Err(Error::NotFound("检查结果")),
        };
        match verdict {
            Ok(()) => {}
            Err(Error::NotFound(_)) => {
                faults.push(FieldError::new(format!("/ids/{i}"), "unknown", "没有这项检查结果"));
            }
            Err(other) => denied = Some(other),
        }
    }
    if let Some(error) = denied {
        return Err(error);
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    rows.sort_by_key(|r| r.id);
    run(cx, rows, act, note)
}

/// What may not be done although role and state allow it, in words.
fn obstacle(cx: &Cx<'_>, row: &CheckResult, act: Act, done: &BTreeSet<Id>) -> Option<(&'static str, String)> {
    let me = cx.actor.inspector;
    let mine = me.is_some() && [row.entered_by, row.confirmed_by].contains(&me);
    if mine && matches!(act, Act::Review | Act::Approve) {
        return Some(("own_result", "录入或复核的人员不得审核、批准同一结果".to_owned()));
    }
    if act == Act::Publish && !done.contains(&row.visit_id) {
        return Some(("visit_not_finished", "现场检查尚未结束,不能公示".to_owned()));
    }
    None
}

fn run(cx: &mut Cx<'_>, rows: Vec<CheckResult>, act: Act, note: &str) -> Result<Vec<CheckResult>> {
    let mut faults = Faults::default();
    let note = faults.text("/reason", note, act == Act::Return, 1_000);
    faults.done()?;
    // In the order of the identifiers, so that two requests never wait for each other.
    let among: BTreeSet<Id> = rows.iter().map(|r| r.visit_id).collect();
    for visit in &among {
        conducts::hold(cx.db, *visit, cx.now)?;
    }
    let among: Vec<Id> = among.into_iter().collect();
    let list = visits::by_ids(cx.db, &among)?;
    let done: BTreeSet<Id> =
        list.iter().filter(|v| v.state == visit_state::State::Done.as_str()).map(|v| v.id).collect();
    let ids: Vec<Id> = rows.iter().map(|r| r.id).collect();
    let mut fresh = findings::by_ids(cx.db, &ids)?;
    fresh.sort_by_key(|r| r.id);
    let many = fresh.len() > 1;
    let mut refusals: Vec<(&'static str, String, Option<String>)> = Vec::new();
    let mut changed: Vec<(CheckResult, CheckResult)> = Vec::new();
    for old in fresh {
        let named = |text: String| if many { format!("{}:{text}", old.id) } else { text };
        match life::next(state(&old)?, act) {
            Err(refusal) => {
                refusals.push(("wrong_state", named(refusal.text), Some(refusal.state.to_owned())))
            }
            Ok(next) => {
                if let Some((code, text)) = obstacle(cx, &old, act, &done) {
                    refusals.push((code, named(text), None));
                    continue;
                }
                let row = moved(cx, &old, act, next, &note)?;
                changed.push((old, row));
            }
        }
    }
    if let Some((code, _, state)) = refusals.first() {
        let (code, state) = (*code, state.clone());
        let texts: Vec<&str> = refusals.iter().take(50).map(|(_, text, _)| text.as_str()).collect();
        return Err(Error::Refused { code, text: texts.join(";"), state });
    }
    let mut written = Vec::with_capacity(changed.len());
    for (old, row) in changed {
        findings::transition(cx.db, &row, &old.state, old.version)?;
        if act == Act::Publish
            && let Some(previous) = row.previous_id
        {
            replace(cx, previous)?;
        }
        let data = json!({
            "visit": row.visit_id.to_string(), "task": row.task_id.to_string(),
            "department": row.department_id.to_string(), "revision": row.revision,
            "outcomes": row.outcomes.0, "from": old.state,
        });
        let mut note_of = Event::new(event(act), "result", row.id, data);
        if !note.is_empty() {
            note_of = note_of.private(json!({ "reason": note }));
        }
        cx.journal(note_of)?;
        written.push(row);
    }
    if act == Act::Publish {
        for whole in visit_service::whole(cx, list)? {
            super::finish::settle(cx, &whole)?;
        }
    }
    Ok(written)
}

fn moved(cx: &Cx<'_>, old: &CheckResult, act: Act, next: State, note: &str) -> Result<CheckResult> {
    let mut row = old.clone();
    let (user, now) = (Some(cx.user()?), Some(At(cx.now)));
    match act {
        Act::Review => (row.reviewed_by, row.reviewed_at) = (user, now),
        Act::Approve => (row.approved_by, row.approved_at) = (user, now),
        Act::Publish => (row.published_at, row.current) = (now, true),
        _ => {
            (row.reviewed_by, row.reviewed_at, row.approved_by, row.approved_at) = (None, None, None, None);
            row.review_note = note.to_owned();
        }
    }
    row.state = next.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    Ok(row)
}

/// The version before becomes 已更正 and stays visible.
fn replace(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    let old = findings::need(cx.db, id)?;
    let mut row = old.clone();
    let next = life::next(state(&old)?, Act::Correct).map_err(|r| Error::wrong_state(r.state, r.text))?;
    row.state = next.as_str().to_owned();
    row.current = false;
    row.version += 1;
    row.updated_at = At(cx.now);
    findings::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({ "task": row.task_id.to_string(), "revision": row.revision });
    cx.journal(Event::new("result_corrected", "result", id, data))
}

/// Opens the correction of a published result: a new version that the A post changes and that goes the whole way again.
/// Until it is published the old one counts.
///
/// # Errors
/// Not allowed; not published; a correction is open already; no reason.
pub fn correct(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<CheckResult> {
    let (seen, _) = load(cx, id, Action::CorrectResult)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 1_000);
    faults.done()?;
    conducts::hold(cx.db, seen.visit_id, cx.now)?;
    let old = findings::need(cx.db, id)?;
    life::next(state(&old)?, Act::Correct).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let newest = findings::revisions(cx.db, old.task_id)?.pop().map_or(old.revision, |r| r.revision);
    if newest != old.revision {
        return Err(Error::refused("correction_open", "该结果已有一份尚未公示的更正"));
    }
    let row = CheckResult {
        id: cx.id()?,
        state: State::Returned.as_str().to_owned(),
        confirmed_by: None,
        confirmed_at: None,
        reviewed_by: None,
        reviewed_at: None,
        review_note: reason.clone(),
        approved_by: None,
        approved_at: None,
        published_at: None,
        revision: old.revision + 1,
        current: false,
        previous_id: Some(old.id),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
        ..old.clone()
    };
    findings::insert(cx.db, &row)?;
    let data = json!({
        "previous": old.id.to_string(), "task": row.task_id.to_string(), "revision": row.revision,
    });
    let event = Event::new("result_correction_opened", "result", row.id, data);
    cx.journal(event.private(json!({ "reason": reason })))?;
    Ok(row)
}
