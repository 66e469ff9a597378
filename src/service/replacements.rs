//! Replacing an inspector (更换): asked for by himself, by his department or on behalf of the business, decided by the head
//! of his own department; then the vacant seat alone is drawn again, everything else stays (Changde 2017).

use super::cx::{Cx, Event, denied};
use super::seat_pool::{Pool, nobody};
use super::visits::{self as visit_service, Whole};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::planning_state::{Post, Seat as SeatState};
use crate::domain::replacement::{self as life, Act, Cause, State};
use crate::domain::seat_draw;
use crate::domain::visit_state;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspectors::{Inspector, Recusal, recusals};
use crate::store::outbox::Mail;
use crate::store::replacements::{self, Replacement};
use crate::store::types::{At, Doc};
use crate::store::visits::{self, Seat, seats};
use crate::store::{accounts, county, plannings};
use chrono::NaiveDate;
use serde_json::{Value, json};

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

/// An approved recusal empties every seat that the inspector holds at the subject on a visit still to come, and each is drawn
/// again. Answers how many, and how many of those found nobody. To be called in the transaction that approves a recusal.
///
/// # Errors
/// The database.
pub fn on_recusal(cx: &mut Cx<'_>, inspector: Id, subject: Id, reason: &str) -> Result<(usize, usize)> {
    let region = cx.region().to_owned();
    county::lock(cx.db, &region, cx.now)?;
    vacate_others(cx, inspector, subject, reason)
}

fn vacate_others(cx: &mut Cx<'_>, inspector: Id, subject: Id, reason: &str) -> Result<(usize, usize)> {
    let today = cx.today();
    let found =
        visits::bookings(cx.db, &[inspector], today, NaiveDate::MAX.min(today + chrono::Days::new(3660)))?;
    let (mut seats_hit, mut empty) = (0, 0);
    for (seat, visit) in found {
        if visit.subject_id != subject || !matches!(visit.state.as_str(), "staffed" | "dispatched") {
            continue;
        }
        seats_hit += 1;
        let open = replacements::of_visit(cx.db, visit.id)?
            .into_iter()
            .find(|r| r.seat_id == seat.id && r.state == "requested");
        let row = match open {
            Some(row) => step(cx, &row, Act::Approve, |_| {})?,
            None => {
                let row = Replacement {
                    id: cx.id()?,
                    region: visit.region.clone(),
                    seat_id: seat.id,
                    visit_id: visit.id,
                    department_id: seat.department_id,
                    inspector_id: inspector,
                    new_inspector_id: None,
                    cause: Cause::Recusal.as_str().to_owned(),
                    reason: reason.to_owned(),
                    requested_by: cx.actor.user,
                    requester: "recusal".to_owned(),
                    state: State::Approved.as_str().to_owned(),
                    decided_by: cx.actor.user,
                    decision_note: String::new(),
                    draw_record: Doc(Value::Array(Vec::new())),
                    version: 1,
                    created_at: At(cx.now),
                    updated_at: At(cx.now),
                };
                replacements::insert(cx.db, &row)?;
                row
            }
        };
        cx.journal(Event::new(
            "replacement_approved",
            "replacement",
            row.id,
            json!({ "visit": visit.id.to_string(), "seat": seat.id.to_string(), "cause": row.cause }),
        ))?;
        let (_, refused) = redraw(cx, &row, false)?;
        empty += usize::from(refused.is_some());
    }
    Ok((seats_hit, empty))
}

/// Empties the seat of an approved request and draws it again.
fn redraw(cx: &mut Cx<'_>, row: &Replacement, reserve: bool) -> Result<Outcome> {
    let visit = visits::need(cx.db, row.visit_id)?;
    let whole = visit_service::whole(cx, vec![visit])?.pop().ok_or(Error::NotFound("入企检查"))?;
    let day = changeable(cx, &whole)?;
    let old = seats::need(cx.db, row.seat_id)?;
    if old.state == SeatState::Assigned.as_str() {
        let mut seat = old.clone();
        SeatState::Vacated.as_str().clone_into(&mut seat.state);
        seat.version += 1;
        seat.updated_at = At(cx.now);
        seats::update(cx.db, &seat, old.version)?;
    }
    let planning = plannings::need(cx.db, whole.visit.planning_id)?;
    let seed: [u8; 32] = hex::decode(&planning.seed)
        .ok()
        .and_then(|s| s.try_into().ok())
        .ok_or_else(|| Error::internal("planning without a seed"))?;
    let mut records: Vec<Value> = row.draw_record.0.as_array().cloned().unwrap_or_default();
    let pool = Pool::read(cx, &whole, &old, day, reserve)?;
    let drawn = seat_draw::draw(
        &seat_draw::Seat {
            seed,
            seat: old.id.to_string(),
            round: u32::try_from(records.len() + 1).unwrap_or(u32::MAX),
            mode: pool.mode,
            town: &whole.subject.town,
            stays: &pool.stays,
        },
        &pool.people,
    );
    records.push(serde_json::to_value(&drawn).map_err(|e| Error::internal(&e))?);
    let winner = drawn.winner.as_ref().and_then(|code| pool.rows.get(code).cloned());
    let mut visit = whole.visit.clone();
    visit.version += 1;
    visit.updated_at = At(cx.now);
    visits::update(cx.db, &visit, whole.visit.version)?;
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(
        serde_json::to_vec(&drawn).map_err(|e| Error::internal(&e))?,
    ));
    let Some(winner) = winner else {
        let new = step(cx, row, Act::Exhaust, |r| r.draw_record = Doc(Value::Array(records)))?;
        cx.journal(Event::new(
            "replacement_exhausted",
            "replacement",
            row.id,
            json!({ "visit": visit.id.to_string(), "record": digest, "excluded": drawn.excluded.len() }),
        ))?;
        let text = nobody(cx, &whole, &old, &drawn, day)?;
        return Ok((new, Some(Error::refused("nobody_left", text))));
    };
    seat_newcomer(cx, &whole, row, &old, &winner)?;
    let new = step(cx, row, Act::Redraw, |r| {
        r.draw_record = Doc(Value::Array(records));
        r.new_inspector_id = Some(winner.id);
    })?;
    cx.journal(
        Event::new(
            "seat_redrawn",
            "replacement",
            row.id,
            json!({
                "visit": visit.id.to_string(), "seat": old.id.to_string(), "record": digest,
                "candidates": drawn.candidates.len(), "excluded": drawn.excluded.len(), "round": drawn.round,
            }),
        )
        .private(json!({ "inspector": winner.code })),
    )?;
    if whole.visit.state == visit_state::State::Dispatched.as_str() {
        let now = visit_service::whole(cx, vec![visit])?;
        visit_service::tell_changed(cx, &now)?;
    }
    Ok((new, None))
}

/// Gives the newcomer a seat. The A post stays with somebody who may lead where the team has one: if the newcomer may not,
/// an officer who stays takes it and the newcomer that officer's post.
fn seat_newcomer(
    cx: &mut Cx<'_>,
    whole: &Whole,
    row: &Replacement,
    old: &Seat,
    winner: &Inspector,
) -> Result<()> {
    let mut role = old.role.clone();
    let lead = Post::Lead.as_str();
    let stays: Vec<&(Seat, Inspector)> =
        whole.team.iter().filter(|(s, _)| s.id != old.id && s.role != Post::Expert.as_str()).collect();
    if role == lead
        && !winner.can_lead
        && let Some((seat, _)) = stays
            .iter()
            .filter(|(_, p)| p.can_lead)
            .min_by_key(|(s, _)| (s.department_id != old.department_id, Post::parse(&s.role), s.id))
    {
        role.clone_from(&seat.role);
        let mut changed = seat.clone();
        lead.clone_into(&mut changed.role);
        changed.version += 1;
        changed.updated_at = At(cx.now);
        seats::update(cx.db, &changed, seat.version)?;
    }
    seats::insert(
        cx.db,
        &Seat {
            id: cx.id()?,
            region: old.region.clone(),
            visit_id: old.visit_id,
            inspector_id: winner.id,
            department_id: old.department_id,
            role,
            state: SeatState::Assigned.as_str().to_owned(),
            draw_ref: format!("replacement={}", row.id),
            version: 1,
            created_at: At(cx.now),
            updated_at: At(cx.now),
        },
    )
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
