//! Rounds of a draw computed one after the other: what earlier rounds leave standing, and what a round adds
//! (VDR/1 section 2.9).

use super::bytes::Hash;
use super::entropy::Entropy;
use super::fault::{Fault, fault};
use super::outcome::{self, Selection};
use super::pool::InspectorPool;
use super::record::{Excluded, Open, PoolRecord, Refill, ResultRecord};
use super::team::{Fixed, Seat, Task};
use std::collections::{BTreeMap, BTreeSet};

/// What the finished rounds leave behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// `draw_id` of the last finished round.
    pub last: Option<Hash>,
    /// Number of finished rounds.
    pub rounds: u32,
    /// Digest of the subjects' pool, the same in all rounds.
    pub subject_pool: Option<Hash>,
    /// Everybody drawn so far, ascending.
    pub drawn: Vec<u64>,
    /// The drawn that can still be inspected.
    pub open_tasks: BTreeSet<u64>,
    /// Ids of the drawn.
    pub ids: BTreeMap<u64, String>,
    /// Seats of the standing tasks with the id of who holds them; `None` when teams could not be computed.
    pub seats: Option<BTreeMap<(u64, String, u32), Option<String>>>,
    /// (subject, inspector id) pairs that may not meet again.
    pub barred: BTreeSet<(u64, String)>,
    /// Inspectors of the last round, whose numbers a refill list uses.
    pub people: Option<InspectorPool>,
}

/// The inputs of one round.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// The opening.
    pub open: &'a Open,
    /// Its digest.
    pub draw_id: &'a Hash,
    /// Digest of the seal record.
    pub seal: &'a Hash,
    /// The subjects' pool.
    pub pool: &'a PoolRecord,
    /// The opened entropy.
    pub entropy: &'a Entropy,
    /// The list behind `excluded`.
    pub excluded: &'a [Excluded],
    /// The list behind `refill`.
    pub refill: &'a [Refill],
    /// The inspectors, if known.
    pub people: Option<&'a InspectorPool>,
}

/// The answer of one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Who is drawn.
    pub selection: Selection,
    /// All seats of the standing and new tasks; `None` without a list of inspectors or an id.
    pub seats: Option<Vec<Seat>>,
    /// The result record; `None` exactly when `seats` is.
    pub result: Option<ResultRecord>,
    /// What stands after this round.
    pub after: Standing,
}

/// Numbers that cannot be drawn in a round.
#[must_use]
pub fn barred_numbers(excluded: &[Excluded], before: &Standing) -> Vec<u64> {
    let numbers: Vec<u64> = excluded.iter().map(|e| e.number).collect();
    outcome::barred(&numbers, &before.drawn)
}

/// Computes a round. `id_of` gives the ids of newly drawn numbers (from the list, or from the openings).
///
/// # Errors
/// What [`outcome::select`] and [`outcome::assign`] refuse; a refill of a seat that is not held as it says; the
/// holder of a standing seat no longer in the pool of inspectors.
pub fn replay(
    round: Round<'_>,
    before: &Standing,
    id_of: &dyn Fn(u64) -> Option<String>,
) -> Result<Replayed, Vec<Fault>> {
    let Round { open, draw_id, excluded, .. } = round;
    let barred = barred_numbers(excluded, before);
    let seed = round.entropy.seed(draw_id, round.seal);
    let selection = outcome::select(open, round.pool, seed, &barred)?;

    let mut after = before.clone();
    after.last = Some(*draw_id);
    after.rounds = before.rounds + 1;
    after.subject_pool = Some(open.subject_pool);
    after.drawn.extend(selection.winners.iter().map(|w| w.number));
    after.drawn.sort_unstable();
    after.people = round.people.cloned();
    for e in excluded {
        after.open_tasks.remove(&e.number);
    }
    for w in &selection.winners {
        after.open_tasks.insert(w.number);
        if let Some(id) = id_of(w.number) {
            after.ids.insert(w.number, id);
        }
    }

    let seats =
        if open.teams.is_empty() { Some(Vec::new()) } else { teams(&round, before, &mut after, &selection)? };
    after.seats = seats.as_ref().map(|seats| {
        let id = |number: u64| {
            round.people.and_then(|p| p.members().get(usize::try_from(number).ok()?)).map(|m| m.id.clone())
        };
        seats.iter().map(|s| ((s.subject, s.unit.clone(), s.slot), s.inspector.and_then(id))).collect()
    });
    let server = &round.entropy.server;
    let result = seats.as_ref().map(|seats| {
        let root = outcome::assigned_root(seats, server, draw_id);
        outcome::result_record(open, draw_id, &selection, (seats.len() as u64, root), server)
    });
    Ok(Replayed { selection, seats, result, after })
}

fn teams(
    round: &Round<'_>,
    before: &Standing,
    after: &mut Standing,
    selection: &Selection,
) -> Result<Option<Vec<Seat>>, Vec<Fault>> {
    let Some(people) = round.people else { return Ok(None) };
    let (mut fixed, mut faults) = (Fixed::default(), Vec::new());
    if before.rounds > 0 {
        let (Some(seats), Some(old)) = (&before.seats, &before.people) else { return Ok(None) };
        let vacated = vacate(round.refill, seats, old, after, &mut faults);
        for (place, holder) in seats {
            if !after.open_tasks.contains(&place.0) || vacated.contains(place) {
                continue;
            }
            let number = match holder {
                // An empty seat stays empty unless it is listed.
                None => u64::MAX,
                Some(id) => people.number_of(id).unwrap_or_else(|| {
                    faults.push(fault!(
                        "refill_missing",
                        "编号{}单位{}席次{}的人员{id}已不在人员库,须列入补席名单",
                        place.0,
                        place.1,
                        place.2
                    ));
                    u64::MAX
                }),
            };
            fixed.seats.insert(place.clone(), number);
        }
    } else if let Some(first) = round.refill.first() {
        faults.push(fault!("refill_round", "首轮不能有补席(编号{})", first.number));
    }
    for (subject, id) in &after.barred {
        if let Some(number) = people.number_of(id) {
            fixed.barred.insert((*subject, number));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let tasks: Option<Vec<Task<'_>>> = after
        .open_tasks
        .iter()
        .map(|&number| after.ids.get(&number).map(|id| Task { number, id: id.as_str() }))
        .collect();
    let Some(tasks) = tasks else { return Ok(None) };
    outcome::assign(round.open, &selection.seed, people, &tasks, &fixed).map(Some).map_err(|f| vec![f])
}

/// Seats to be drawn again; bars those who leave from coming back.
fn vacate(
    refill: &[Refill],
    seats: &BTreeMap<(u64, String, u32), Option<String>>,
    old: &InspectorPool,
    after: &mut Standing,
    faults: &mut Vec<Fault>,
) -> BTreeSet<(u64, String, u32)> {
    let mut vacated = BTreeSet::new();
    for r in refill {
        let place = (r.number, r.unit.clone(), r.slot);
        let leaver =
            usize::try_from(r.inspector).ok().and_then(|i| old.members().get(i)).map(|m| m.id.clone());
        let held = seats.get(&place);
        let fits = match (held, r.inspector) {
            (Some(None), u64::MAX) => true,
            (Some(Some(id)), _) => Some(id) == leaver.as_ref(),
            _ => false,
        };
        if !fits || !after.open_tasks.contains(&r.number) {
            faults.push(fault!(
                "refill_seat",
                "补席名单中编号{}单位{}席次{}与上一轮的席位不符",
                r.number,
                r.unit,
                r.slot
            ));
            continue;
        }
        if let Some(id) = leaver {
            after.barred.insert((r.number, id));
        }
        vacated.insert(place);
    }
    vacated
}
