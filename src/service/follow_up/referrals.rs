//! 线索移送 and 抄告: from one department to another and back.

use super::{go, settled, state_of, tell};
use crate::domain::access::{Action, Scope};
use crate::domain::referral::{self as life, Act, Kind, Side, State, Terms};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::common::deadline;
use crate::service::cx::{Cx, Event};
use crate::service::invitations::calendar;
use crate::store::departments;
use crate::store::follow_up::Referral;
use crate::store::follow_up::referrals::{self as rows, Filter};
use crate::store::results::{CheckResult, findings};
use crate::store::types::At;
use crate::store::visits;
use chrono::NaiveDate;
use serde_json::json;

/// What is passed on.
#[derive(Debug, Clone)]
pub struct Clue {
    /// Referral or notice.
    pub kind: Kind,
    /// The result it cites.
    pub result: Id,
    /// The department that receives it.
    pub to: Id,
    /// What it is.
    pub what: String,
    /// Legal basis; may be empty.
    pub basis: String,
}

fn terms(cx: &Cx<'_>) -> Terms {
    let r = &cx.rules.follow_up;
    Terms { receive: r.receive_days, answer: r.answer_days, close: r.close_days }
}

fn due(cx: &mut Cx<'_>, state: State) -> Result<Option<NaiveDate>> {
    let (terms, today) = (terms(cx), cx.today());
    match life::term(state, &terms) {
        None => Ok(None),
        Some(days) => Ok(Some(deadline(&calendar(cx)?, today, days)?)),
    }
}

/// Whether a department can receive anything: another one that inspects.
fn receiver(cx: &mut Cx<'_>, faults: &mut Faults, from: Id, to: Id) -> Result<()> {
    let found = departments::get(cx.db, to)?.filter(|d| d.region == cx.actor.region && d.state == "active");
    match found {
        None => faults.add("/to_department_id", "unknown", "没有这个部门,或已停用"),
        Some(d) if d.id == from => faults.add("/to_department_id", "own", "不能移送、抄告本部门"),
        Some(d) if d.kind != "inspecting" => {
            faults.add("/to_department_id", "not_inspecting", "只能移送、抄告有检查职责的部门");
        }
        Some(_) => {}
    }
    Ok(())
}

/// Sends a referral or a copy notice that cites a result of one's own department.
///
/// # Errors
/// Not allowed; the result is not settled; every fault of the fields.
pub fn send(cx: &mut Cx<'_>, clue: &Clue) -> Result<Referral> {
    let of = settled(cx, clue.result)?;
    cx.may(Action::SendReferral, &Scope::of(&of.region, of.department_id))?;
    let mut faults = Faults::default();
    let what = faults.text("/what", &clue.what, true, 4_000);
    let basis = faults.text("/basis", &clue.basis, false, 2_000);
    receiver(cx, &mut faults, of.department_id, clue.to)?;
    faults.done()?;
    let row = Referral {
        id: cx.id()?,
        region: of.region.clone(),
        kind: clue.kind.as_str().to_owned(),
        result_id: of.id,
        visit_id: of.visit_id,
        subject_id: of.subject_id,
        from_id: of.department_id,
        to_id: clue.to,
        what,
        basis,
        due_day: due(cx, State::Sent)?,
        reminders: 0,
        overdue: false,
        refusal: String::new(),
        feedback: String::new(),
        closing: String::new(),
        sent_by: cx.user()?,
        sent_at: At(cx.now),
        received_at: None,
        answered_at: None,
        closed_at: None,
        rounds: 1,
        state: State::Sent.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    rows::insert(cx.db, &row)?;
    let data = json!({
        "kind": row.kind, "result": of.id.to_string(), "from": row.from_id.to_string(), "to": row.to_id.to_string(),
        "due": row.due_day.map(|d| d.to_string()),
    });
    let texts = json!({ "what": row.what, "basis": row.basis });
    cx.journal(Event::new("referral_sent", "referral", row.id, data).private(texts))?;
    announce(cx, &row)?;
    Ok(row)
}

/// Tells whoever has to do the next thing. The mail names the visit and no subject: mail is read by many.
fn announce(cx: &mut Cx<'_>, row: &Referral) -> Result<()> {
    let state: State = state_of(&row.state)?;
    let Some(side) = state.waits_for() else { return Ok(()) };
    let department = if side == Side::Sender { row.from_id } else { row.to_id };
    let kind: Kind = state_of(&row.kind)?;
    let visit = visits::need(cx.db, row.visit_id)?.code;
    let other = if side == Side::Sender { row.to_id } else { row.from_id };
    let name = departments::get(cx.db, other)?.map(|d| d.name).unwrap_or_default();
    let until = row.due_day.map(|d| format!(",请于{d}前办理")).unwrap_or_default();
    let subject = format!("{}:{}", kind.word(), state.word());
    let text = format!("与{name}之间、入企{visit}的{}{}{until}。", kind.word(), state.word());
    let key = format!("{}:{}", row.id, row.version);
    tell(cx, "referral_moved", department, (&subject, &text), Some(row.id), &key)
}

fn may(cx: &Cx<'_>, action: Action, row: &Referral) -> Result<()> {
    let participants = [row.to_id];
    let scope =
        Scope { region: &row.region, owner: Some(row.from_id), participants: &participants, assigned: &[] };
    cx.may(action, &scope)
}

/// One referral, with the result it cites: its receiver sees that result, whether or not it took part in the visit.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<(Referral, CheckResult)> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("移送"))?;
    may(cx, Action::ViewReferral, &row)?;
    let result = findings::need(cx.db, row.result_id)?;
    Ok((row, result))
}

/// Referrals and notices one's department sent or received, or of the county for the coordination office and overseers.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Referral>> {
    let region = cx.region().to_owned();
    let mut filter = filter.clone();
    if !cx.can(Action::ViewReferral, &Scope::county(&region)) {
        let own = cx.department()?;
        cx.may(Action::ViewReferral, &Scope::of(&region, own))?;
        filter.department = Some(own);
    }
    rows::list(cx.db, &region, &filter, after, limit)
}

/// Moves a referral: receive, take note, refuse (with a reason), answer, close, send again. `text` is the reason, the
/// feedback, the closing words or what is added; `to` another receiver, when it is sent again.
///
/// # Errors
/// Not allowed; an act of the other side; the state or the kind does not allow it; a text that is missing.
pub fn act(cx: &mut Cx<'_>, id: Id, act: Act, text: &str, to: Option<Id>) -> Result<Referral> {
    let old = rows::get(cx.db, id)?.ok_or(Error::NotFound("移送"))?;
    let action = if act.side() == Side::Sender { Action::SendReferral } else { Action::AnswerReferral };
    may(cx, action, &old)?;
    cx.unchanged(old.version)?;
    let mut faults = Faults::default();
    let needed = matches!(act, Act::Refuse | Act::Answer | Act::Close);
    let text = faults.text("/text", text, needed, 4_000);
    if let Some(to) = to {
        receiver(cx, &mut faults, old.from_id, to)?;
    }
    faults.done()?;
    let kind: Kind = state_of(&old.kind)?;
    if !life::belongs(kind, act) {
        let text = format!("{}不能{}", kind.word(), act.word());
        return Err(Error::wrong_state(old.state, text));
    }
    let next = go(life::next(state_of(&old.state)?, act))?;
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.due_day = due(cx, next)?;
    (row.reminders, row.overdue) = (0, false);
    let now = Some(At(cx.now));
    match act {
        Act::Receive => row.received_at = now,
        Act::Acknowledge => (row.received_at, row.closed_at) = (now, now),
        Act::Refuse => row.refusal.clone_from(&text),
        Act::Answer => {
            row.feedback.clone_from(&text);
            row.answered_at = now;
        }
        Act::Close => {
            row.closing.clone_from(&text);
            row.closed_at = now;
        }
        Act::Send => {
            row.to_id = to.unwrap_or(old.to_id);
            row.rounds += 1;
            (row.sent_at, row.received_at) = (At(cx.now), None);
            row.sent_by = cx.user()?;
            if !text.is_empty() {
                row.what = format!("{}\n{text}", old.what);
            }
        }
    }
    row.version += 1;
    row.updated_at = At(cx.now);
    rows::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({
        "act": act.as_str(), "from": old.state, "to": row.state, "sender": row.from_id.to_string(),
        "receiver": row.to_id.to_string(), "due": row.due_day.map(|d| d.to_string()),
    });
    cx.journal(Event::new("referral_moved", "referral", id, data).private(json!({ "text": text })))?;
    announce(cx, &row)?;
    Ok(row)
}

/// A referral that a department has received and may file a case for.
pub(super) fn received(cx: &mut Cx<'_>, id: Id, department: Id) -> Result<Referral> {
    let (row, _) = get(cx, id)?;
    if row.to_id != department || row.kind != Kind::CaseReferral.as_str() {
        return Err(Error::field("/referral_id", "foreign", "只能就移送给本部门的线索立案"));
    }
    if !matches!(state_of::<State>(&row.state)?, State::Received | State::Answered | State::Closed) {
        return Err(Error::wrong_state(row.state, "线索签收后才能立案"));
    }
    Ok(row)
}
