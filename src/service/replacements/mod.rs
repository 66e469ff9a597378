//! Replacing an inspector (更换): asked for by himself, by his department or on behalf of the business, decided by the head
//! of his own department; then the vacant seat alone is drawn again, everything else stays (Changde 2017).

mod redraw;

use super::cx::{Cx, Event, denied};
use super::visits::{self as visit_service, Whole};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::planning_state::Seat as SeatState;
use crate::domain::replacement::{self as life, Act, Cause, State};
use crate::domain::visit_state;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspectors::{Recusal, recusals};
use crate::store::outbox::Mail;
use crate::store::replacements::{self, Replacement};
use crate::store::types::{At, Doc};
use crate::store::visits;
use crate::store::{accounts, county};
use chrono::NaiveDate;
use redraw::{redraw, vacate_others};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub use redraw::on_recusal;

/// A request.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The seat.
    pub seat: Id,
    /// Why, as a word.
    pub cause: Cause,
    /// Why, written out.
    pub reason: String,
}

/// What became of a request: the row, and a refusal to answer with when nobody was left to draw.
pub type Outcome = (Replacement, Option<Error>);

fn changeable(cx: &Cx<'_>, whole: &Whole) -> Result<NaiveDate> {
    let visit = &whole.visit;
    let open = matches!(
        visit_state::State::parse(&visit.state),
        Some(visit_state::State::Staffed | visit_state::State::Dispatched)
    );
    match visit.on_day {
        Some(day) if open && !whole.preview && day >= cx.today() => Ok(day),
        Some(day) if open && !whole.preview => {
            Err(Error::wrong_state(visit.state.clone(), format!("入企日期{day}已过,不能更换人员")))
        }
        _ => Err(Error::wrong_state(visit.state.clone(), "只有已组队、尚未开始的入企可以更换人员")),
    }
}

/// Asks for another inspector on a seat.
///
/// # Errors
/// Not visible; not allowed for this seat; the visit has begun; a request is open already.
pub fn request(cx: &mut Cx<'_>, visit: Id, new: &NewRequest) -> Result<Replacement> {
    let whole = visit_service::load(cx, visit, Action::RequestReplacement)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", &new.reason, true, 500);
    let seat = whole.team.iter().find(|(s, _)| s.id == new.seat).map(|(s, _)| s.clone());
    if seat.is_none() {
        faults.add("/seat_id", "unknown", "本次入企没有这个席位,或席位已空出");
    }
    faults.done()?;
    let Some(seat) = seat else { return Err(Error::NotFound("席位")) };
    let own = cx.actor.inspector == Some(seat.inspector_id) && cx.actor.roles.has(Role::Inspector);
    let clerk = cx.actor.roles.has(Role::DepartmentClerk);
    let same_department = cx.actor.department == Some(seat.department_id);
    let requester = match new.cause {
        Cause::RecusalRequested if clerk => "business",
        Cause::RecusalRequested => {
            return Err(Error::Denied("当事人的回避申请由参检部门经办人登记".to_owned()));
        }
        _ if own => "inspector",
        _ if clerk && same_department => "department",
        _ => return Err(Error::Denied("只能由本人或其所在部门申请更换".to_owned())),
    };
    changeable(cx, &whole)?;
    let open = |r: &Replacement| r.seat_id == seat.id && !is_final(&r.state);
    if let Some(open) = replacements::of_visit(cx.db, visit)?.iter().find(|r| open(r)) {
        return Err(Error::wrong_state(open.state.clone(), "该席位已有未办结的更换申请"));
    }
    let row = Replacement {
        id: cx.id()?,
        region: whole.visit.region.clone(),
        seat_id: seat.id,
        visit_id: visit,
        department_id: seat.department_id,
        inspector_id: seat.inspector_id,
        new_inspector_id: None,
        cause: new.cause.as_str().to_owned(),
        reason,
        requested_by: cx.actor.user,
        requester: requester.to_owned(),
        state: State::Requested.as_str().to_owned(),
        decided_by: None,
        decision_note: String::new(),
        draw_record: Doc(Value::Array(Vec::new())),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    replacements::insert(cx.db, &row)?;
    cx.journal(
        Event::new(
            "replacement_requested",
            "replacement",
            row.id,
            json!({ "visit": visit.to_string(), "seat": seat.id.to_string(), "cause": row.cause, "requester": row.requester }),
        )
        .private(json!({ "reason": row.reason })),
    )?;
    for head in accounts::addressees(cx.db, row.department_id, &[Role::DepartmentHead])? {
        cx.mail(Mail {
            kind: "replacement_requested",
            recipient: head.email,
            user: Some(head.id),
            subject: format!("更换检查人员待审批:{}", whole.visit.code),
            body: format!("入企检查 {} 有一项更换人员申请({})待您审批。", whole.visit.code, new.cause.word()),
            object: Some(row.id),
            dedupe: format!("replacement_requested:{}:{}", row.id, head.id),
        })?;
    }
    Ok(row)
}

fn is_final(state: &str) -> bool {
    use crate::domain::states::Cycle;
    State::parse(state).is_none_or(|s| s.is_final())
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Replacement> {
    let row = replacements::get(cx.db, id)?.ok_or(Error::NotFound("更换申请"))?;
    let assigned = [row.inspector_id];
    let scope =
        Scope { region: &row.region, owner: Some(row.department_id), participants: &[], assigned: &assigned };
    cx.may(action, &scope)?;
    Ok(row)
}

/// One request.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Replacement> {
    load(cx, id, Action::ViewReplacement)
}

/// Requests about inspectors of one's department, about oneself, or of the county.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    state: Option<State>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Replacement>> {
    let region = cx.region().to_owned();
    let state = state.map(State::as_str);
    let whose = if cx.can(Action::ViewReplacement, &Scope::county(&region)) {
        (None, None)
    } else {
        let own = cx.actor.department.filter(|d| cx.can(Action::ViewReplacement, &Scope::of(&region, *d)));
        match (own, cx.actor.inspector) {
            (Some(own), _) => (Some(own), None),
            (None, Some(inspector)) => (None, Some(inspector)),
            (None, None) => return Err(denied()),
        }
    };
    replacements::list(cx.db, &region, whose, state, after, limit)
}

fn step(
    cx: &mut Cx<'_>,
    row: &Replacement,
    act: Act,
    change: impl FnOnce(&mut Replacement),
) -> Result<Replacement> {
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("replacement state"))?;
    let next = life::next(state, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut new = row.clone();
    change(&mut new);
    new.state = next.as_str().to_owned();
    new.version += 1;
    new.updated_at = At(cx.now);
    replacements::transition(cx.db, &new, &row.state, row.version)?;
    Ok(new)
}

/// Takes one's own request back.
///
/// # Errors
/// Not visible; not one's own; decided already.
pub fn withdraw(cx: &mut Cx<'_>, id: Id) -> Result<Replacement> {
    let row = load(cx, id, Action::ViewReplacement)?;
    if row.requested_by != cx.actor.user {
        return Err(Error::Denied("只能由申请人撤回".to_owned()));
    }
    let row = step(cx, &row, Act::Withdraw, |_| {})?;
    cx.journal(Event::new("replacement_withdrawn", "replacement", id, json!({})))?;
    Ok(row)
}

fn decider(cx: &mut Cx<'_>, id: Id) -> Result<Replacement> {
    let row = load(cx, id, Action::DecideReplacement)?;
    if cx.actor.inspector == Some(row.inspector_id) {
        return Err(Error::refused("own_case", "不能审批与本人有关的更换申请"));
    }
    Ok(row)
}

/// Rejects a request, with a reason.
///
/// # Errors
/// Not allowed; decided already; no reason.
pub fn reject(cx: &mut Cx<'_>, id: Id, note: &str) -> Result<Replacement> {
    let row = decider(cx, id)?;
    let mut faults = Faults::default();
    let note = faults.text("/note", note, true, 500);
    faults.done()?;
    let user = cx.user()?;
    let row = step(cx, &row, Act::Reject, |r| {
        r.decided_by = Some(user);
        r.decision_note = note;
    })?;
    cx.journal(Event::new(
        "replacement_rejected",
        "replacement",
        id,
        json!({ "visit": row.visit_id.to_string() }),
    ))?;
    Ok(row)
}

/// Approves a request: the seat is vacant from now on and is drawn again at once. Where nobody is left, that stands too,
/// and is answered as a refusal that lists what keeps everybody away.
///
/// # Errors
/// Not allowed; decided already; the visit has begun.
pub fn approve(cx: &mut Cx<'_>, id: Id, note: &str) -> Result<Outcome> {
    let row = decider(cx, id)?;
    let mut faults = Faults::default();
    let note = faults.text("/note", note, false, 500);
    faults.done()?;
    let region = row.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    let user = cx.user()?;
    let row = step(cx, &row, Act::Approve, |r| {
        r.decided_by = Some(user);
        r.decision_note = note;
    })?;
    cx.journal(Event::new(
        "replacement_approved",
        "replacement",
        id,
        json!({ "visit": row.visit_id.to_string(), "seat": row.seat_id.to_string(), "cause": row.cause }),
    ))?;
    let recusal = matches!(Cause::parse(&row.cause), Some(Cause::Recusal | Cause::RecusalRequested));
    let visit = visits::need(cx.db, row.visit_id)?;
    if recusal {
        remember(cx, &row, visit.subject_id)?;
    }
    let outcome = redraw(cx, &row, false)?;
    if recusal {
        vacate_others(cx, row.inspector_id, visit.subject_id, &row.reason)?;
    }
    Ok(outcome)
}

/// Draws the seat of an exhausted request again, now with the department's reserve pool.
///
/// # Errors
/// Not allowed; it is not exhausted.
pub fn reopen(cx: &mut Cx<'_>, id: Id) -> Result<Outcome> {
    let row = decider(cx, id)?;
    let region = row.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    let row = step(cx, &row, Act::Reopen, |_| {})?;
    cx.journal(Event::new("replacement_reopened", "replacement", id, json!({ "reserve": true })))?;
    redraw(cx, &row, true)
}

/// A recusal that was granted for one visit holds for later plans too.
fn remember(cx: &mut Cx<'_>, row: &Replacement, subject: Id) -> Result<()> {
    let known =
        county::recusals_of(cx.db, &[subject])?.into_iter().find(|r| r.inspector_id == row.inspector_id);
    let source =
        if row.cause == Cause::RecusalRequested.as_str() { "business" } else { row.requester.as_str() };
    let source = if source == "department" { "clerk" } else { source };
    let id = match known {
        Some(known) if known.state == "approved" => return Ok(()),
        Some(known) => {
            let mut new = known.clone();
            "approved".clone_into(&mut new.state);
            new.decided_by = cx.actor.user;
            new.version += 1;
            new.updated_at = At(cx.now);
            recusals::update(cx.db, &new, known.version)?;
            new.id
        }
        None => {
            let new = Recusal {
                id: cx.id()?,
                region: row.region.clone(),
                inspector_id: row.inspector_id,
                subject_id: subject,
                reason: row.reason.clone(),
                source: source.to_owned(),
                state: "approved".to_owned(),
                decided_by: cx.actor.user,
                decision_note: row.decision_note.clone(),
                version: 1,
                created_at: At(cx.now),
                updated_at: At(cx.now),
            };
            recusals::insert(cx.db, &new)?;
            new.id
        }
    };
    cx.journal(Event::new("recusal_approved", "recusal", id, json!({ "replacement": row.id.to_string() })))
}

/// Ends the open requests about seats of a visit on which nobody sits any more, of one department or of all: there is
/// nothing left to draw again, and a request that waits would keep the visit from being sent out.
///
/// # Errors
/// The database; somebody decides one of them at this moment.
pub(super) fn lapse(cx: &mut Cx<'_>, visit: Id, department: Option<Id>, why: &'static str) -> Result<()> {
    let open: Vec<Replacement> = replacements::of_visit(cx.db, visit)?
        .into_iter()
        .filter(|r| !is_final(&r.state) && department.is_none_or(|d| d == r.department_id))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let assigned = SeatState::Assigned.as_str();
    let seated: BTreeSet<Id> = visits::seats_of(cx.db, &[visit])?
        .into_iter()
        .filter(|s| s.state == assigned)
        .map(|s| s.id)
        .collect();
    for old in open.into_iter().filter(|r| !seated.contains(&r.seat_id)) {
        let row = step(cx, &old, Act::Lapse, |_| {})?;
        let data = json!({
            "visit": visit.to_string(), "seat": row.seat_id.to_string(), "from": old.state, "by": why,
        });
        cx.journal(Event::new("replacement_lapsed", "replacement", row.id, data))?;
    }
    Ok(())
}

/// Refuses to send a team out whose vacant seat has not been filled.
///
/// # Errors
/// A seat is vacant, or a request waits for a decision.
pub(super) fn settled(cx: &mut Cx<'_>, visit: Id) -> Result<()> {
    let open = replacements::of_visit(cx.db, visit)?
        .into_iter()
        .find(|r| !is_final(&r.state) || r.state == "exhausted");
    match open {
        Some(r) => Err(Error::refused(
            "replacement_open",
            format!("有一项更换人员申请尚未办结({}),不能派发", r.state),
        )),
        None => Ok(()),
    }
}
