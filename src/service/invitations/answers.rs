//! What the invited department says: yes, no, other dates, no longer.

use super::notices::tell;
use super::{Invited, answering, find, gathering, get, moved, noted, permit, reason_of, refuse_early};
use crate::domain::access::Action;
use crate::domain::inspection::{Act as Move, State as Stage};
use crate::domain::invitation::Act;
use crate::error::{Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::parts::Chosen;
use crate::service::inspections::{Loaded, Origins, doc, parts, step};
use crate::store::departments;
use crate::store::inspections::{self, Invitation};
use crate::store::types::At;
use chrono::NaiveDate;
use serde_json::json;

/// The items chosen, or those the department had planned.
fn chosen_or_planned(loaded: &Loaded, invitation: &Invitation, chosen: &Chosen) -> Result<Chosen> {
    let mut chosen = chosen.clone();
    if chosen.items.is_empty() {
        let origins: Origins = doc(&loaded.inspection.overlap)?;
        chosen.items = origins.items.get(&invitation.department_id).cloned().unwrap_or_default();
    }
    Ok(chosen)
}

fn checked(
    cx: &mut Cx<'_>,
    loaded: &Loaded,
    invitation: &Invitation,
    chosen: &Chosen,
) -> Result<(Chosen, Faults)> {
    let chosen = chosen_or_planned(loaded, invitation, chosen)?;
    let mut faults = Faults::default();
    parts::check(cx, invitation.department_id, &chosen, "", &mut faults)?;
    if chosen.items.is_empty() {
        faults.add("/items", "required", "请至少选一个本部门的抽查事项");
    }
    Ok((chosen, faults))
}

fn answered(cx: &mut Cx<'_>, loaded: &Loaded, row: &Invitation, word: &str, reason: &str) -> Result<()> {
    let name = departments::get(cx.db, row.department_id)?.map(|d| d.name).unwrap_or_default();
    let i = &loaded.inspection;
    let text = format!("“{name}”对联合抽查“{}”({})的邀请{word}。{reason}", i.name, i.number);
    tell(cx, i.department_id, "invitation_answered", "联合抽查邀请答复", &text, row)
}

/// Whether the invited department answers.
fn answers(cx: &Cx<'_>, invitation: &Invitation, loaded: &Loaded) -> Result<()> {
    permit(cx, cx.may(Action::AnswerInvitation, &answering(invitation, &[])), invitation, loaded)
}

/// The department takes part, with items and people of its own.
///
/// # Errors
/// Not allowed; the state; every fault of the items and people.
pub fn accept(cx: &mut Cx<'_>, id: Id, chosen: &Chosen) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    answers(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Accept)?;
    gathering(&loaded, &[])?;
    let (chosen, faults) = checked(cx, &loaded, &invitation, chosen)?;
    faults.done()?;
    let (now, user) = (cx.now, cx.actor.user);
    let row = moved(cx, &invitation, Act::Accept, |row| {
        row.answered_at = Some(At(now));
        row.answered_by = user;
        row.reason.clear();
        (row.proposed_from, row.proposed_to) = (None, None);
    })?;
    parts::set(cx, &loaded.inspection, row.department_id, "partner", &chosen)?;
    noted(
        cx,
        "invitation_accepted",
        &row,
        json!({ "items": chosen.items.len(), "people": chosen.inspectors.len() }),
    )?;
    answered(cx, &loaded, &row, "已接受", "")?;
    get(cx, id)
}

/// The department does not take part.
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn decline(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    answers(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Decline)?;
    gathering(&loaded, &[])?;
    let reason = reason_of(reason)?;
    let (now, user) = (cx.now, cx.actor.user);
    let row = moved(cx, &invitation, Act::Decline, |row| {
        row.answered_at = Some(At(now));
        row.answered_by = user;
        row.reason.clone_from(&reason);
    })?;
    inspections::clear_part(cx.db, row.inspection_id, row.department_id)?;
    noted(cx, "invitation_declined", &row, json!({ "reason": reason }))?;
    answered(cx, &loaded, &row, "已拒绝", &reason)?;
    get(cx, id)
}

/// Other dates that a department proposes.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Why.
    pub reason: String,
    /// What it would bring, if the dates are taken.
    pub chosen: Chosen,
}

/// The department proposes other dates; with them it says what it would bring.
///
/// # Errors
/// Not allowed; the state; every fault.
pub fn propose(cx: &mut Cx<'_>, id: Id, proposal: &Proposal) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    answers(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Propose)?;
    gathering(&loaded, &[])?;
    let (chosen, mut faults) = checked(cx, &loaded, &invitation, &proposal.chosen)?;
    let reason = faults.text("/reason", &proposal.reason, true, 500);
    if proposal.from > proposal.to {
        faults.add("/window_to", "window", "截止日期不得早于开始日期");
    }
    if proposal.from <= cx.today() {
        faults.add("/window_from", "window_past", "提议的日期须在今天之后");
    }
    if (proposal.from, proposal.to) == (loaded.inspection.window_from, loaded.inspection.window_to) {
        faults.add("/window_from", "same_dates", "提议的日期与原定日期相同,可直接接受");
    }
    faults.done()?;
    let (now, user) = (cx.now, cx.actor.user);
    let row = moved(cx, &invitation, Act::Propose, |row| {
        row.answered_at = Some(At(now));
        row.answered_by = user;
        row.reason.clone_from(&reason);
        row.proposed_from = Some(proposal.from);
        row.proposed_to = Some(proposal.to);
    })?;
    parts::set(cx, &loaded.inspection, row.department_id, "proposed", &chosen)?;
    noted(
        cx,
        "dates_proposed",
        &row,
        json!({ "from": proposal.from.to_string(), "to": proposal.to.to_string(), "reason": reason }),
    )?;
    answered(cx, &loaded, &row, &format!("提议改期为{}至{}", proposal.from, proposal.to), &reason)?;
    get(cx, id)
}

/// A department that accepted steps back, with a reason, before the pool is frozen. A confirmed inspection then waits
/// for its partners again.
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn retract(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    answers(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Retract)?;
    gathering(&loaded, &[Stage::Confirmed])?;
    let reason = reason_of(reason)?;
    if loaded.state()? == Stage::Confirmed {
        step(cx, &loaded.inspection, Move::Reinvite)?;
    }
    let (now, user) = (cx.now, cx.actor.user);
    let row = moved(cx, &invitation, Act::Retract, |row| {
        row.answered_at = Some(At(now));
        row.answered_by = user;
        row.reason.clone_from(&reason);
    })?;
    inspections::clear_part(cx.db, row.inspection_id, row.department_id)?;
    noted(cx, "acceptance_retracted", &row, json!({ "reason": reason }))?;
    answered(cx, &loaded, &row, "撤销了接受", &reason)?;
    get(cx, id)
}
