//! Invitations: a partner department answers for itself; what nobody answers is reminded of, then put before the
//! coordination office.

mod answers;
mod daily;
mod initiator;
mod notices;

use super::cx::{Cx, Event, denied};
use super::inspections::{Loaded, load, refused};
use crate::domain::access::{Action, Scope};
use crate::domain::calendar::WorkdayTable;
use crate::domain::inspection::State as Stage;
use crate::domain::invitation::{Act, Due, State, answer_due, next};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspections::{self, Inspection, Invitation, invitations};
use crate::store::types::At;
use serde_json::{Value, json};
use std::collections::HashMap;

pub use answers::{Proposal, accept, decline, propose, retract};
pub use daily::{Round, tick};
pub use initiator::{agree, extend, insist, reinvite, remind, withdraw};
pub(super) use notices::{tell, tell_department};

/// The county's working days.
///
/// # Errors
/// The database.
pub fn calendar(cx: &mut Cx<'_>) -> Result<WorkdayTable> {
    super::common::workdays(cx)
}

/// The last day to answer an invitation that goes out now.
///
/// # Errors
/// The database.
pub fn due(cx: &mut Cx<'_>) -> Result<Due> {
    let calendar = calendar(cx)?;
    answer_due(&calendar, cx.today(), cx.rules.procedure.answer_days)
        .ok_or_else(|| Error::internal("calendar"))
}

/// An invitation with its inspection.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The inspection.
    pub inspection: Inspection,
}

fn find(cx: &mut Cx<'_>, id: Id) -> Result<(Invitation, Loaded)> {
    let invitation = invitations::need(cx.db, id)?;
    if invitation.region != cx.region() {
        return Err(Error::NotFound("邀请"));
    }
    inspections::lock(cx.db, invitation.inspection_id)?;
    let loaded = load(cx, invitation.inspection_id)?;
    // Read again: it may have changed before the lock was had.
    let invitation = invitations::need(cx.db, id)?;
    Ok((invitation, loaded))
}

/// What rights depend on when the invited department acts: it owns its invitation, the others who take part see it.
fn answering<'a>(invitation: &'a Invitation, seeing: &'a [Id]) -> Scope<'a> {
    Scope {
        region: &invitation.region,
        owner: Some(invitation.department_id),
        participants: seeing,
        assigned: &[],
    }
}

/// Refuses an act on an invitation, and of an invitation that was read meanwhile. Whoever sees it learns that he may
/// not, whoever does not learns nothing.
fn permit(cx: &Cx<'_>, allowed: Result<()>, invitation: &Invitation, loaded: &Loaded) -> Result<()> {
    match allowed {
        Err(Error::NotFound(_)) if sees(cx, invitation, loaded) => Err(denied()),
        Err(other) => Err(other),
        Ok(()) => cx.unchanged(invitation.version),
    }
}

/// Whether an invitation is visible: with its inspection, and to its own department also after it was withdrawn.
fn sees(cx: &Cx<'_>, invitation: &Invitation, loaded: &Loaded) -> bool {
    cx.can(Action::ViewInspection, &loaded.scope())
        || cx.can(Action::ViewInspection, &answering(invitation, &[]))
}

/// One invitation.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let invitation = invitations::need(cx.db, id)?;
    let loaded = load(cx, invitation.inspection_id)?;
    if !sees(cx, &invitation, &loaded) {
        cx.may(Action::ViewInspection, &loaded.scope())?;
    }
    Ok(Invited { invitation, inspection: loaded.inspection })
}

/// The invitations one may see, newest first: those of one's department, or all.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut wanted: invitations::Wanted, limit: i64) -> Result<Vec<Invited>> {
    let region = cx.region().to_owned();
    if let Some(state) = &wanted.state
        && State::parse(state).is_none()
    {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    if !cx.can(Action::ViewInspection, &Scope::county(&region)) {
        let own = cx.department()?;
        cx.may(Action::ViewInspection, &Scope::of(&region, own))?;
        wanted.department = Some(own);
    }
    let rows = invitations::list(cx.db, &region, &wanted, limit)?;
    let about: Vec<Id> = rows.iter().map(|v| v.inspection_id).collect();
    let about: HashMap<Id, Inspection> =
        inspections::by_ids(cx.db, &about)?.into_iter().map(|i| (i.id, i)).collect();
    rows.into_iter()
        .map(|invitation| {
            let inspection = about.get(&invitation.inspection_id).cloned();
            let inspection = inspection.ok_or(Error::NotFound("联合抽查"))?;
            Ok(Invited { invitation, inspection })
        })
        .collect()
}

/// Moves an invitation by an act, in one `UPDATE` that asks for the state and version it saw.
fn moved(
    cx: &mut Cx<'_>,
    before: &Invitation,
    act: Act,
    change: impl FnOnce(&mut Invitation),
) -> Result<Invitation> {
    let state = State::parse(&before.state).ok_or_else(|| Error::internal("invitation state"))?;
    let to = next(state, act).map_err(refused)?;
    let mut row = before.clone();
    row.state = to.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    change(&mut row);
    invitations::transition(cx.db, &row, state.as_str(), before.version)?;
    Ok(row)
}

fn noted(cx: &mut Cx<'_>, act: &'static str, row: &Invitation, mut data: Value) -> Result<()> {
    // Reasons are free texts and may name people, so they stay out of the log's leaves.
    let reason = data.as_object_mut().and_then(|facts| facts.remove("reason"));
    data["inspection"] = json!(row.inspection_id.to_string());
    data["department"] = json!(row.department_id.to_string());
    let event = Event::new(act, "invitation", row.id, data);
    cx.journal(match reason {
        Some(reason) => event.private(json!({ "reason": reason })),
        None => event,
    })
}

/// Refuses what only makes sense while an inspection gathers its partners.
fn gathering(loaded: &Loaded, also: &[Stage]) -> Result<()> {
    let stage = loaded.state()?;
    if stage == Stage::Inviting || also.contains(&stage) {
        return Ok(());
    }
    Err(Error::wrong_state(stage.as_str(), format!("联合抽查处于“{}”,邀请不能再办理", stage.word())))
}

/// A refusal of the state comes before the faults of what was sent.
fn refuse_early(invitation: &Invitation, act: Act) -> Result<()> {
    let state = State::parse(&invitation.state).ok_or_else(|| Error::internal("invitation state"))?;
    next(state, act).map(|_| ()).map_err(refused)
}

fn reason_of(reason: &str) -> Result<String> {
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    Ok(reason)
}
