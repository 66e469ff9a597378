//! Emptying a seat and drawing it again.

use super::{Outcome, changeable, step};
use crate::domain::planning_state::{Post, Seat as SeatState};
use crate::domain::replacement::{Act, Cause, State};
use crate::domain::{seat_draw, visit_state};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::seat_pool::{Pool, nobody};
use crate::service::visits::{self as visit_service, Whole};
use crate::store::inspectors::Inspector;
use crate::store::replacements::{self, Replacement};
use crate::store::types::{At, Doc};
use crate::store::visits::{self, Seat, seats};
use crate::store::{county, plannings};
use chrono::NaiveDate;
use serde_json::{Value, json};

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

pub(super) fn vacate_others(
    cx: &mut Cx<'_>,
    inspector: Id,
    subject: Id,
    reason: &str,
) -> Result<(usize, usize)> {
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
pub(super) fn redraw(cx: &mut Cx<'_>, row: &Replacement, reserve: bool) -> Result<Outcome> {
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
