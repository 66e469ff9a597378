//! The operator's steps: seal, reveal, beacon, result, publish, abort. Computed first, then written with state and
//! version checked, so that of many who try at once one wins.

use super::super::cx::Cx;
use super::super::inspections::refused;
use super::outcome::{self, Blocker, Outcome};
use super::{Ceremony, Shown, embargo, faults, find, load_for, noted, seconds, served};
use crate::domain::access::Action;
use crate::domain::draw::beacon;
use crate::domain::draw::bytes::{unhex, unhex_n};
use crate::domain::draw::fault::Fault;
use crate::domain::draw::record::{BeaconKind, BeaconProof, BeaconRef};
use crate::domain::draw::session::Card;
use crate::domain::draw_state::{Act, State, next_under};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::store::draws::{self, Draw};
use crate::store::inspections;
use crate::store::types::At;
use serde_json::json;

/// A step that was computed and waits to be written.
#[derive(Debug, Clone)]
pub struct Stepped {
    row: Draw,
    from: String,
    act: Act,
    outcome: Option<Outcome>,
}

fn change(
    cx: &mut Cx<'_>,
    key: &Key,
    id: Id,
    act: Act,
    work: impl FnOnce(&mut Ceremony, u64) -> std::result::Result<(), Vec<Fault>>,
) -> Result<Stepped> {
    let mut c = load_for(cx, key, id, Action::OperateDraw)?;
    let to = next_under(c.policy()?, c.state()?, act).map_err(refused)?;
    work(&mut c, seconds(cx.now)).map_err(|f| faults(&f, &c.draw.state))?;
    let outcome = if act == Act::Result { Some(outcome::of(&c)?) } else { None };
    let from = c.draw.state.clone();
    let mut row = c.draw;
    row.state = to.as_str().to_owned();
    row.public = served(&c.session);
    row.version += 1;
    row.updated_at = At(cx.now);
    if let Some(outcome) = &outcome {
        row.drawn = i64::try_from(outcome.winners.len()).unwrap_or(i64::MAX);
    }
    Ok(Stepped { row, from, act, outcome })
}

/// Seals all commitments.
///
/// # Errors
/// Not allowed; the state; a commitment is missing.
pub fn seal(cx: &mut Cx<'_>, key: &Key, id: Id) -> Result<Stepped> {
    change(cx, key, id, Act::Seal, |c, now| {
        let handed = c.witnesses.iter().filter(|w| !w.commitment.is_empty());
        let cards = handed.filter_map(|w| Some(Card::Commitment(w.token.clone(), unhex_n(&w.commitment)?)));
        c.session.seal(cards.collect(), now)
    })
}

/// Reveals the cards, and the server's secret except under embargo.
///
/// # Errors
/// Not allowed; the state; a card is missing; too late (Rule T).
pub fn reveal(cx: &mut Cx<'_>, key: &Key, id: Id) -> Result<Stepped> {
    change(cx, key, id, Act::Reveal, |c, now| {
        let cards = c.cards();
        c.session.reveal(cards, now)
    })
}

/// The proof of a beacon as it is sent.
#[derive(Debug, Clone)]
pub struct Proof {
    /// `drand-quicknet`, `nist2`, `lottery` or `text`.
    pub kind: String,
    /// Which of its values.
    pub reference: String,
    /// Signature or value in hex, numbers or text.
    pub value: String,
}

fn proof(i: usize, given: &Proof, faults: &mut Faults) -> Option<BeaconProof> {
    let Some(kind) = BeaconKind::of(&given.kind) else {
        faults.add(
            format!("/beacons/{i}/kind"),
            "unknown_value",
            "信标只能是 drand-quicknet、nist2、lottery 或 text",
        );
        return None;
    };
    let beacon = match BeaconRef::new(kind, &given.reference) {
        Ok(beacon) => beacon,
        Err(f) => {
            faults.add(format!("/beacons/{i}/reference"), f.code, f.text);
            return None;
        }
    };
    let proof = match kind {
        BeaconKind::DrandQuicknet | BeaconKind::Nist2 => unhex(&given.value),
        BeaconKind::Lottery | BeaconKind::Text => Some(given.value.as_bytes().to_vec()),
    };
    let Some(proof) = proof else {
        faults.add(format!("/beacons/{i}/value"), "beacon_hex", "信标的值须为小写十六进制");
        return None;
    };
    let proof = BeaconProof { beacon, proof };
    if let Err(f) = beacon::value(&proof) {
        faults.add(format!("/beacons/{i}/value"), f.code, f.text);
        return None;
    }
    Some(proof)
}

/// Logs the beacons.
///
/// # Errors
/// Not allowed; the state; too early; a proof that does not hold.
pub fn beacon(cx: &mut Cx<'_>, key: &Key, id: Id, given: &[Proof]) -> Result<Stepped> {
    let (draw, loaded) = find(cx, id)?;
    cx.may(Action::OperateDraw, &loaded.scope())?;
    let policy =
        crate::domain::draw::record::Policy::of(&draw.policy).ok_or_else(|| Error::internal("policy"))?;
    let state =
        crate::domain::draw_state::State::parse(&draw.state).ok_or_else(|| Error::internal("state"))?;
    next_under(policy, state, Act::TakeBeacon).map_err(refused)?;
    let mut wrong = Faults::default();
    let proofs: Vec<BeaconProof> =
        given.iter().enumerate().filter_map(|(i, p)| proof(i, p, &mut wrong)).collect();
    wrong.done()?;
    change(cx, key, id, Act::TakeBeacon, |c, now| c.session.beacon(proofs, now))
}

/// Computes the result.
///
/// # Errors
/// Not allowed; the state; too late (Rule T).
pub fn result(cx: &mut Cx<'_>, key: &Key, id: Id) -> Result<Stepped> {
    change(cx, key, id, Act::Result, |c, now| c.session.result(now))
}

/// Ends an embargo.
///
/// # Errors
/// Not allowed; the state; unannounced visits that have not begun.
pub fn publish(cx: &mut Cx<'_>, key: &Key, id: Id) -> Result<Stepped> {
    let (draw, loaded) = find(cx, id)?;
    cx.may(Action::OperateDraw, &loaded.scope())?;
    if draw.state == State::Resulted.as_str() {
        embargo::check_publish(cx, &loaded, &draw)?;
    }
    change(cx, key, id, Act::Publish, |c, now| c.session.publish(now))
}

/// Ends an attempt without result; what it would have been is shown where it can be known (Rule A).
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn abort(cx: &mut Cx<'_>, key: &Key, id: Id, code: &str, reason: &str) -> Result<Stepped> {
    let mut wrong = Faults::default();
    let reason = wrong.text("/reason", reason, true, 500);
    if !crate::domain::draw::bytes::is_token(code) || code == "-" {
        wrong.add("/code", "invalid_token", "原因代码须为ASCII记号,如 NO-QUORUM");
    }
    let stepped = change(cx, key, id, Act::Abort, |c, now| {
        if c.session.public.records.seal.is_some() {
            let cards = c.cards();
            c.session.abort(code, cards, now)
        } else {
            c.session.abort(code, Vec::new(), now)
        }
    });
    // A state that does not allow it at all is told before the faults of the fields.
    if matches!(stepped, Err(Error::Refused { .. } | Error::NotFound(_) | Error::Denied(_))) {
        return stepped;
    }
    wrong.done()?;
    let mut stepped = stepped?;
    stepped.row.reason = format!("{code} {reason}");
    Ok(stepped)
}

const fn word(act: Act) -> &'static str {
    match act {
        Act::Seal => "draw_sealed",
        Act::Reveal => "draw_revealed",
        Act::TakeBeacon => "draw_beacon_taken",
        Act::Result => "draw_resulted",
        Act::Publish => "draw_published",
        Act::Abort => "draw_aborted",
    }
}

/// Writes a step that was computed.
///
/// # Errors
/// Not allowed; somebody was faster (409 with the present state).
pub fn keep(cx: &mut Cx<'_>, stepped: &Stepped) -> Result<Shown> {
    let row = &stepped.row;
    inspections::lock(cx.db, row.inspection_id)?;
    let (_, loaded) = find(cx, row.id)?;
    cx.may(Action::OperateDraw, &loaded.scope())?;
    draws::transition(cx.db, row, &stepped.from, row.version - 1)?;
    let blockers: Vec<Blocker> = match &stepped.outcome {
        Some(outcome) => outcome::record(cx, &loaded, row, outcome)?,
        None => Vec::new(),
    };
    let log = hex::encode(crate::domain::draw::bytes::sha256(&row.public));
    noted(
        cx,
        word(stepped.act),
        row,
        json!({ "bundle_sha256": log, "drawn": row.drawn, "blockers": blockers.len(), "reason": row.reason }),
    )?;
    let witnesses = draws::witnesses(cx.db, row.id)?;
    Ok(Shown { draw: row.clone(), witnesses, blockers })
}
