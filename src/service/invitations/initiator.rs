//! What the initiator and the coordination office do with an invitation: agree, insist, ask again, extend, withdraw,
//! remind.

use super::notices::{tell, tell_again};
use super::{Invited, answering, due, find, gathering, get, moved, noted, permit, reason_of, refuse_early};
use crate::domain::access::Action;
use crate::domain::inspection::{Act as Move, State as Stage};
use crate::domain::invitation::{Act, State};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::parts::Chosen;
use crate::service::inspections::{Loaded, parts, step};
use crate::store::inspections::{self, Invitation};
use crate::store::types::At;
use serde_json::json;

/// Whether the initiator decides.
fn decides(cx: &Cx<'_>, invitation: &Invitation, loaded: &Loaded) -> Result<()> {
    permit(cx, cx.may(Action::EditInspection, &loaded.scope()), invitation, loaded)
}

/// The initiator takes the proposed dates: the partner takes part, and everybody else is told.
///
/// # Errors
/// Not allowed; the state.
pub fn agree(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    decides(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Agree)?;
    gathering(&loaded, &[])?;
    let (Some(from), Some(to)) = (invitation.proposed_from, invitation.proposed_to) else {
        return Err(Error::internal("a proposal without dates"));
    };
    if to < cx.today() {
        return Err(Error::refused("window_past", "提议的时段已经过去,请维持原定日期后重新商定"));
    }
    let row = moved(cx, &invitation, Act::Agree, |row| (row.proposed_from, row.proposed_to) = (None, None))?;
    let mut inspection = loaded.inspection.clone();
    let seen = inspection.version;
    (inspection.window_from, inspection.window_to) = (from, to);
    inspection.version += 1;
    inspection.updated_at = At(cx.now);
    inspections::update(cx.db, &inspection, seen)?;
    let part = part_of(cx, &row)?;
    parts::set(cx, &inspection, row.department_id, "partner", &part)?;
    noted(cx, "dates_agreed", &row, json!({ "from": from.to_string(), "to": to.to_string() }))?;
    let text = format!(
        "联合抽查“{}”({})的检查时段改为{from}至{to};如不便参加请及时答复",
        inspection.name, inspection.number
    );
    for other in loaded
        .invitations
        .iter()
        .filter(|v| matches!(v.state.as_str(), "pending" | "accepted") || v.id == row.id)
    {
        tell(cx, other.department_id, "dates_changed", "联合抽查改期", &text, &row)?;
    }
    get(cx, id)
}

fn part_of(cx: &mut Cx<'_>, row: &Invitation) -> Result<Chosen> {
    let own = row.department_id;
    let items = inspections::items(cx.db, row.inspection_id)?;
    let people = inspections::people(cx.db, row.inspection_id)?;
    let count = inspections::participants(cx.db, row.inspection_id)?
        .into_iter()
        .find(|p| p.department_id == own)
        .and_then(|p| u32::try_from(p.people).ok());
    Ok(Chosen {
        items: items.into_iter().filter(|i| i.department_id == own).map(|i| i.item_id).collect(),
        inspectors: people.into_iter().filter(|p| p.department_id == own).map(|p| p.inspector_id).collect(),
        people: count,
    })
}

/// Sends an invitation once more, with a new day to answer by.
fn again(cx: &mut Cx<'_>, before: &Invitation, act: Act) -> Result<Invitation> {
    let (due, now) = (due(cx)?, cx.now);
    moved(cx, before, act, |row| {
        row.sent_at = At(now);
        row.due_day = due.date;
        row.reminders = 0;
        row.escalated_at = None;
        row.answered_at = None;
        row.answered_by = None;
        row.reason.clear();
        (row.proposed_from, row.proposed_to) = (None, None);
    })
}

/// The initiator keeps its dates and asks again.
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn insist(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    decides(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Insist)?;
    gathering(&loaded, &[])?;
    let reason = reason_of(reason)?;
    let row = again(cx, &invitation, Act::Insist)?;
    inspections::clear_part(cx.db, row.inspection_id, row.department_id)?;
    noted(cx, "dates_kept", &row, json!({ "reason": reason, "due": row.due_day.to_string() }))?;
    let i = &loaded.inspection;
    let text = format!(
        "联合抽查“{}”({})维持原定日期{}至{}:{reason}。请于{}前答复",
        i.name, i.number, i.window_from, i.window_to, row.due_day
    );
    tell(cx, row.department_id, "dates_kept", "联合抽查维持原定日期", &text, &row)?;
    get(cx, id)
}

/// The initiator asks a department again that declined or whose invitation was withdrawn.
///
/// # Errors
/// Not allowed; the state.
pub fn reinvite(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    decides(cx, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Reinvite)?;
    gathering(&loaded, &[Stage::Confirmed])?;
    if loaded.state()? == Stage::Confirmed {
        step(cx, &loaded.inspection, Move::Reinvite)?;
    }
    let row = again(cx, &invitation, Act::Reinvite)?;
    noted(cx, "invitation_sent_again", &row, json!({ "due": row.due_day.to_string() }))?;
    let i = &loaded.inspection;
    let text = format!("再次邀请贵部门参加联合抽查“{}”({}),请于{}前答复", i.name, i.number, row.due_day);
    tell(cx, row.department_id, "invitation_sent", "联合抽查邀请", &text, &row)?;
    get(cx, id)
}

/// The coordination office gives more time to an invitation that was put before it.
///
/// # Errors
/// Not allowed; the state.
pub fn extend(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    // Only whoever may remind anybody: the coordination office.
    let allowed = cx.may(Action::RemindInvitation, &answering(&invitation, &[]));
    permit(cx, allowed, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Extend)?;
    gathering(&loaded, &[])?;
    let row = again(cx, &invitation, Act::Extend)?;
    noted(cx, "invitation_extended", &row, json!({ "due": row.due_day.to_string() }))?;
    let i = &loaded.inspection;
    let text = format!("联合抽查“{}”({})的答复期限延长至{},请务必答复", i.name, i.number, row.due_day);
    tell(cx, row.department_id, "invitation_extended", "联合抽查答复期限延长", &text, &row)?;
    get(cx, id)
}

/// The initiator takes an invitation back; the coordination office may, once it is overdue.
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn withdraw(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    let office = invitation.state == State::Escalated.as_str()
        && cx.can(Action::RemindInvitation, &answering(&invitation, &[]));
    let allowed = if office { Ok(()) } else { cx.may(Action::EditInspection, &loaded.scope()) };
    permit(cx, allowed, &invitation, &loaded)?;
    refuse_early(&invitation, Act::Withdraw)?;
    gathering(&loaded, &[Stage::Confirmed])?;
    let reason = reason_of(reason)?;
    let mut inspection = loaded.inspection.clone();
    if loaded.state()? == Stage::Confirmed {
        inspection = step(cx, &inspection, Move::Reinvite)?;
    }
    let row = moved(cx, &invitation, Act::Withdraw, |row| row.reason.clone_from(&reason))?;
    inspections::clear_part(cx.db, row.inspection_id, row.department_id)?;
    noted(cx, "invitation_withdrawn", &row, json!({ "reason": reason }))?;
    let i = &inspection;
    let text = format!("联合抽查“{}”({})的邀请已撤回:{reason}", i.name, i.number);
    tell(cx, row.department_id, "invitation_withdrawn", "联合抽查邀请已撤回", &text, &row)?;
    Ok(Invited { invitation: row, inspection })
}

/// Reminds a department now, at most once a day.
///
/// # Errors
/// Not allowed; nothing is waiting for an answer.
pub fn remind(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    let initiator = [loaded.inspection.department_id];
    let allowed = cx.may(Action::RemindInvitation, &answering(&invitation, &initiator));
    permit(cx, allowed, &invitation, &loaded)?;
    if !matches!(State::parse(&invitation.state), Some(State::Pending | State::Escalated)) {
        let word = State::parse(&invitation.state).map_or("", State::word);
        return Err(Error::wrong_state(invitation.state, format!("邀请处于“{word}”,不需要催办")));
    }
    let i = &loaded.inspection;
    let text = format!("联合抽查“{}”({})的邀请尚待贵部门答复,期限{}", i.name, i.number, invitation.due_day);
    let day = cx.today().to_string();
    tell_again(
        cx,
        invitation.department_id,
        "invitation_reminder",
        "催办:联合抽查邀请",
        &text,
        &invitation,
        &day,
    )?;
    noted(cx, "invitation_reminded", &invitation, json!({ "by_hand": true }))?;
    get(cx, id)
}
