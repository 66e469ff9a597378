//! Invitations: a partner department answers for itself; what nobody answers is reminded of, then put before the
//! coordination office.

use super::cx::{Cx, Event, denied};
use super::inspections::parts::Chosen;
use super::inspections::{Loaded, Origins, doc, load, parts, refused, step};
use crate::domain::access::{Action, Scope};
use crate::domain::calendar::WorkdayTable;
use crate::domain::inspection::{Act as Move, State as Stage};
use crate::domain::invitation::{Act, Due, Policy, State, Step, answer_due, next, step as due_step};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments;
use crate::store::inspections::{self, Inspection, Invitation, invitations};
use crate::store::outbox::Mail;
use crate::store::scopes;
use crate::store::types::At;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// The county's working days.
///
/// # Errors
/// The database.
pub fn calendar(cx: &mut Cx<'_>) -> Result<WorkdayTable> {
    let region = cx.region().to_owned();
    let days = scopes::days(cx.db, &region)?;
    Ok(WorkdayTable::of_days(days.into_iter().map(|d| (d.day, d.workday, d.name))))
}

fn policy(cx: &Cx<'_>) -> Policy {
    let p = &cx.rules.procedure;
    Policy { answer_days: p.answer_days, reminder_days: p.remind_after.clone() }
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

/// Writes to the clerks and heads of a department about an invitation. `times` tells repeated mails apart.
pub(super) fn tell(
    cx: &mut Cx<'_>,
    department: Id,
    kind: &'static str,
    subject: &str,
    body: &str,
    about: &Invitation,
    times: &str,
) -> Result<()> {
    let to = scopes::holders(cx.db, department, &["department_clerk", "department_head"])?;
    for account in to {
        mail(cx, kind, subject, body, about.id, account.id, &account.email, times)?;
    }
    Ok(())
}

/// Writes to the clerks and heads of a department about an inspection.
pub(super) fn tell_department(
    cx: &mut Cx<'_>,
    department: Id,
    kind: &'static str,
    subject: &str,
    body: &str,
    inspection: Id,
) -> Result<()> {
    let to = scopes::holders(cx.db, department, &["department_clerk", "department_head"])?;
    let times = cx.now.timestamp_millis().to_string();
    for account in to {
        mail(cx, kind, subject, body, inspection, account.id, &account.email, &times)?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "a mail has this many parts")]
fn mail(
    cx: &mut Cx<'_>,
    kind: &'static str,
    subject: &str,
    body: &str,
    object: Id,
    user: Id,
    address: &str,
    times: &str,
) -> Result<()> {
    if address.is_empty() {
        return Ok(());
    }
    let link = cx.rules.mail.link.clone();
    cx.mail(Mail {
        kind,
        recipient: address.to_owned(),
        user: Some(user),
        subject: subject.to_owned(),
        body: format!("{body}\n\n{link}"),
        object: Some(object),
        dedupe: format!("{kind}:{object}:{times}:{user}"),
    })
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

/// Whether the invited department answers.
fn answers(cx: &Cx<'_>, invitation: &Invitation, loaded: &Loaded) -> Result<()> {
    permit(cx, cx.may(Action::AnswerInvitation, &answering(invitation, &[])), invitation, loaded)
}

/// Whether the initiator decides.
fn decides(cx: &Cx<'_>, invitation: &Invitation, loaded: &Loaded) -> Result<()> {
    permit(cx, cx.may(Action::EditInspection, &loaded.scope()), invitation, loaded)
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
    rows.into_iter()
        .map(|invitation| {
            let inspection = inspections::need(cx.db, invitation.inspection_id)?;
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

/// A refusal of the state comes before the faults of what was sent.
fn refuse_early(invitation: &Invitation, act: Act) -> Result<()> {
    let state = State::parse(&invitation.state).ok_or_else(|| Error::internal("invitation state"))?;
    next(state, act).map(|_| ()).map_err(refused)
}

fn answered(cx: &mut Cx<'_>, loaded: &Loaded, row: &Invitation, word: &str, reason: &str) -> Result<()> {
    let name = departments::get(cx.db, row.department_id)?.map(|d| d.name).unwrap_or_default();
    let i = &loaded.inspection;
    let text = format!("“{name}”对联合抽查“{}”({})的邀请{word}。{reason}", i.name, i.number);
    tell(cx, i.department_id, "invitation_answered", "联合抽查邀请答复", &text, row, &row.version.to_string())
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

fn reason_of(reason: &str) -> Result<String> {
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    Ok(reason)
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
        tell(
            cx,
            other.department_id,
            "dates_changed",
            "联合抽查改期",
            &text,
            &row,
            &row.version.to_string(),
        )?;
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
    tell(cx, row.department_id, "dates_kept", "联合抽查维持原定日期", &text, &row, &row.version.to_string())?;
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
    tell(cx, row.department_id, "invitation_sent", "联合抽查邀请", &text, &row, &row.version.to_string())?;
    get(cx, id)
}

/// The coordination office gives more time to an invitation that was put before it.
///
/// # Errors
/// Not allowed; the state.
pub fn extend(cx: &mut Cx<'_>, id: Id) -> Result<Invited> {
    let (invitation, loaded) = find(cx, id)?;
    // Only whoever may remind anybody: the coordination office.
    permit(cx, cx.may(Action::RemindInvitation, &answering(&invitation, &[])), &invitation, &loaded)?;
    refuse_early(&invitation, Act::Extend)?;
    gathering(&loaded, &[])?;
    let row = again(cx, &invitation, Act::Extend)?;
    noted(cx, "invitation_extended", &row, json!({ "due": row.due_day.to_string() }))?;
    let i = &loaded.inspection;
    let text = format!("联合抽查“{}”({})的答复期限延长至{},请务必答复", i.name, i.number, row.due_day);
    tell(
        cx,
        row.department_id,
        "invitation_extended",
        "联合抽查答复期限延长",
        &text,
        &row,
        &row.version.to_string(),
    )?;
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
    tell(
        cx,
        row.department_id,
        "invitation_withdrawn",
        "联合抽查邀请已撤回",
        &text,
        &row,
        &row.version.to_string(),
    )?;
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
    tell(cx, invitation.department_id, "invitation_reminder", "催办:联合抽查邀请", &text, &invitation, &day)?;
    noted(cx, "invitation_reminded", &invitation, json!({ "by_hand": true }))?;
    get(cx, id)
}

/// What a daily round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Reminders sent.
    pub reminded: usize,
    /// Invitations put before the coordination office.
    pub escalated: usize,
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
                tell(cx, row.department_id, "invitation_reminder", "催办:联合抽查邀请", &text, &row, &times)?;
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
    tell(cx, i.department_id, "invitation_escalated", "邀请逾期未答复", &text, row, &times)?;
    noted(cx, "invitation_escalated", row, json!({ "due": row.due_day.to_string() }))
}
