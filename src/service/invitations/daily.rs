//! The daily round: reminders, and what nobody answered goes to the coordination office.

use super::notices::{mail, tell, tell_again};
use super::{calendar, noted};
use crate::domain::invitation::{Policy, State, Step, step as due_step};
use crate::error::{Error, Result};
use crate::service::cx::Cx;
use crate::store::inspections::{self, Invitation, invitations};
use crate::store::types::At;
use crate::store::{departments, scopes};
use serde_json::json;

/// What a daily round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Reminders sent.
    pub reminded: usize,
    /// Invitations put before the coordination office.
    pub escalated: usize,
}

fn policy(cx: &Cx<'_>) -> Policy {
    let p = &cx.rules.procedure;
    Policy { answer_days: p.answer_days, reminder_days: p.remind_after.clone() }
}

/// Reminds and escalates what is due. Running it twice, or on two servers at once, does nothing more.
///
/// # Errors
/// The database.
pub fn tick(cx: &mut Cx<'_>) -> Result<Round> {
    let region = cx.region().to_owned();
    let waiting = invitations::in_state(cx.db, &region, State::Pending.as_str())?;
    let mut round = Round::default();
    if waiting.is_empty() {
        return Ok(round);
    }
    let (calendar, policy, today) = (calendar(cx)?, policy(cx), cx.today());
    for invitation in waiting {
        let sent = crate::clock::china_date(invitation.sent_at.0);
        let reminded = u32::try_from(invitation.reminders).unwrap_or(0);
        match due_step(&calendar, &policy, State::Pending, sent, reminded, today) {
            Step::Wait => {}
            Step::Remind { number } => {
                let mut row = invitation.clone();
                row.reminders = i32::try_from(number).unwrap_or(i32::MAX);
                row.version += 1;
                row.updated_at = At(cx.now);
                if lost(invitations::transition(cx.db, &row, &invitation.state, invitation.version))? {
                    continue;
                }
                let i = inspections::need(cx.db, row.inspection_id)?;
                let text = format!(
                    "联合抽查“{}”({})的邀请尚待贵部门答复,请于{}前办理",
                    i.name, i.number, row.due_day
                );
                let times = format!("{}:{number}", row.sent_at.0.timestamp());
                tell_again(
                    cx,
                    row.department_id,
                    "invitation_reminder",
                    "催办:联合抽查邀请",
                    &text,
                    &row,
                    &times,
                )?;
                noted(cx, "invitation_reminded", &row, json!({ "number": number }))?;
                round.reminded += 1;
            }
            Step::Escalate => {
                let mut row = invitation.clone();
                row.state = State::Escalated.as_str().to_owned();
                row.escalated_at = Some(At(cx.now));
                row.version += 1;
                row.updated_at = At(cx.now);
                if lost(invitations::transition(cx.db, &row, &invitation.state, invitation.version))? {
                    continue;
                }
                escalate(cx, &row)?;
                round.escalated += 1;
            }
        }
    }
    Ok(round)
}

/// Whether somebody answered meanwhile: then there is nothing to do.
fn lost(outcome: Result<()>) -> Result<bool> {
    match outcome {
        Ok(()) => Ok(false),
        Err(Error::Refused { .. }) => Ok(true),
        Err(other) => Err(other),
    }
}

fn escalate(cx: &mut Cx<'_>, row: &Invitation) -> Result<()> {
    let i = inspections::need(cx.db, row.inspection_id)?;
    let name = departments::get(cx.db, row.department_id)?.map(|d| d.name).unwrap_or_default();
    let text = format!(
        "“{name}”对联合抽查“{}”({})的邀请逾期未答复(期限{}),请协调办催办、延期或撤回邀请",
        i.name, i.number, row.due_day
    );
    let times = row.version.to_string();
    let region = row.region.clone();
    for account in scopes::with_role(cx.db, &region, "coordinator")? {
        mail(
            cx,
            "invitation_escalated",
            "邀请逾期未答复",
            &text,
            row.id,
            account.id,
            &account.email,
            &times,
        )?;
    }
    tell(cx, i.department_id, "invitation_escalated", "邀请逾期未答复", &text, row)?;
    noted(cx, "invitation_escalated", row, json!({ "due": row.due_day.to_string() }))
}
