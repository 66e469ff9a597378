//! The outcome of a draw as a pure function of its records and entropy (VDR/1 sections 2.7 to 2.11).

use super::bytes::{Hash, lp, put_lp, tagged};
use super::entropy::seed_commitment;
use super::fault::{Fault, fault};
use super::lots::{self, SUBJECT};
use super::merkle;
use super::pool::{InspectorPool, MEMBERS_MAX};
use super::quota::{Quota, quotas};
use super::record::{Open, Policy, PoolKind, PoolRecord, ResultRecord, ResultStratum, SeedLine};
use super::select::{self, Wanted, Winner};
use super::team::{self, Fixed, SEATS_MAX, Seat, Task};

/// What is drawn before anybody is assigned: needs public data only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The seed.
    pub seed: [u8; 32],
    /// Numbers drawn per stratum of the opening.
    pub quotas: Vec<u64>,
    /// Sort key of the last one drawn per stratum; `None` where nothing is drawn.
    pub limits: Vec<Option<u128>>,
    /// The drawn, by (stratum, rank).
    pub winners: Vec<Winner>,
}

impl Selection {
    /// Numbers drawn, ascending.
    #[must_use]
    pub fn numbers(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.winners.iter().map(|w| w.number).collect();
        all.sort_unstable();
        all
    }
}

/// Numbers that cannot be drawn: those excluded and those drawn in earlier rounds, ascending, each once.
#[must_use]
pub fn barred(excluded: &[u64], drawn_before: &[u64]) -> Vec<u64> {
    let mut all = [excluded, drawn_before].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Eligible members of a stratum: those of the pool without the barred numbers (ascending).
#[must_use]
pub fn eligible(pool: &PoolRecord, code: &str, barred: &[u64]) -> u64 {
    let (mut first, mut out) = (0_u64, 0);
    for g in &pool.groups {
        if g.code == code {
            let gone =
                barred.partition_point(|n| *n < first + g.count) - barred.partition_point(|n| *n < first);
            out += g.count - gone as u64;
        }
        first += g.count;
    }
    out
}

/// Draws the subjects. `barred` as from [`barred`].
///
/// # Errors
/// The pool is not the one opened, is no pool of subjects or too large; a stated number of eligible is not the
/// counted one; a quota cannot be met.
pub fn select(
    open: &Open,
    pool: &PoolRecord,
    seed: [u8; 32],
    barred: &[u64],
) -> Result<Selection, Vec<Fault>> {
    let mut faults = Vec::new();
    if pool.kind != PoolKind::Subjects {
        faults.push(fault!("pool_kind", "名录记录不是检查对象名录"));
    }
    if pool.count > MEMBERS_MAX {
        faults.push(fault!("pool_size", "名录有{}个检查对象,超过本程序上限{MEMBERS_MAX}", pool.count));
    }
    if let Some(beyond) = barred.iter().find(|n| **n >= pool.count) {
        faults.push(fault!("excluded_number", "排除或已抽编号{beyond}超出名录(共{})", pool.count));
    }
    for s in &open.strata {
        let counted = eligible(pool, &s.code, barred);
        if counted != s.eligible {
            faults.push(fault!("eligible", "层{}写明可抽{},清点为{counted}", s.code, s.eligible));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let quota = Quota { mode: open.mode, total: open.total, total_bp: open.total_bp };
    let quotas = quotas(quota, &open.strata)?;
    let key = lots::expand(&seed, SUBJECT, &open.list, "");
    let wanted: Vec<Wanted<'_>> =
        open.strata.iter().zip(&quotas).map(|(s, &count)| Wanted { code: &s.code, count }).collect();
    let winners = select::draw(&key, &pool.groups, barred, &wanted);
    let mut limits = vec![None; quotas.len()];
    for w in &winners {
        limits[w.stratum] = Some(w.key);
    }
    Ok(Selection { seed, quotas, limits, winners })
}

/// Draws the teams of `tasks` (all drawn subjects that still stand, with their ids).
///
/// # Errors
/// More than [`SEATS_MAX`] seats.
pub fn assign(
    open: &Open,
    seed: &[u8; 32],
    inspectors: &InspectorPool,
    tasks: &[Task<'_>],
    fixed: &Fixed,
) -> Result<Vec<Seat>, Fault> {
    let seats: u64 =
        open.teams.iter().map(|t| u64::from(t.size)).sum::<u64>().saturating_mul(tasks.len() as u64);
    if seats > SEATS_MAX {
        return Err(fault!("seats", "共需{seats}个席位,超过上限{SEATS_MAX},请分批抽取"));
    }
    Ok(team::assign(seed, &open.list, &open.teams, inspectors, tasks, fixed))
}

/// Salt of a leaf of the result: `TH(tag, S, draw_id, …)[..16]`. While S is hidden the roots hide the list.
fn salt(tag: &str, server: &[u8; 32], draw_id: &Hash, rest: &[&[u8]]) -> [u8; 16] {
    let mut fields: Vec<&[u8]> = vec![server, draw_id];
    fields.extend_from_slice(rest);
    let hash = tagged(tag, &fields);
    let mut salt = [0; 16];
    salt.copy_from_slice(&hash[..16]);
    salt
}

/// Leaf of the selected tree: `lp("vdr/1/win") ‖ lp(stratum) ‖ u32 rank ‖ u64 number ‖ ticket ‖ salt`.
#[must_use]
pub fn win_leaf(stratum: &str, winner: &Winner, server: &[u8; 32], draw_id: &Hash) -> Vec<u8> {
    let mut leaf = lp(b"vdr/1/win");
    put_lp(&mut leaf, stratum.as_bytes());
    leaf.extend_from_slice(&winner.rank.to_be_bytes());
    leaf.extend_from_slice(&winner.number.to_be_bytes());
    leaf.extend_from_slice(&winner.ticket.to_be_bytes());
    leaf.extend_from_slice(&salt("vdr/1/win-salt", server, draw_id, &[&winner.number.to_be_bytes()]));
    leaf
}

/// Leaf of the assigned tree: `lp("vdr/1/assign") ‖ u64 subject ‖ lp(unit) ‖ u32 slot ‖ u64 inspector ‖ salt`; an
/// empty seat has inspector 2^64 − 1.
#[must_use]
pub fn assign_leaf(seat: &Seat, server: &[u8; 32], draw_id: &Hash) -> Vec<u8> {
    let (subject, slot) = (seat.subject.to_be_bytes(), seat.slot.to_be_bytes());
    let mut leaf = lp(b"vdr/1/assign");
    leaf.extend_from_slice(&subject);
    put_lp(&mut leaf, seat.unit.as_bytes());
    leaf.extend_from_slice(&slot);
    leaf.extend_from_slice(&seat.inspector.unwrap_or(u64::MAX).to_be_bytes());
    let fields: [&[u8]; 3] = [&subject, seat.unit.as_bytes(), &slot];
    leaf.extend_from_slice(&salt("vdr/1/assign-salt", server, draw_id, &fields));
    leaf
}

/// Root over the drawn, in (stratum, rank) order.
#[must_use]
pub fn selected_root(open: &Open, selection: &Selection, server: &[u8; 32], draw_id: &Hash) -> Hash {
    let leaf = |w: &Winner| {
        let code = open.strata.get(w.stratum).map_or("", |s| &s.code);
        merkle::leaf_hash(&win_leaf(code, w, server, draw_id))
    };
    merkle::root(selection.winners.iter().map(leaf).collect())
}

/// Root over the seats, in (subject, unit, slot) order.
#[must_use]
pub fn assigned_root(seats: &[Seat], server: &[u8; 32], draw_id: &Hash) -> Hash {
    merkle::root(seats.iter().map(|s| merkle::leaf_hash(&assign_leaf(s, server, draw_id))).collect())
}

/// The result record of an outcome. `assigned` is (number of seats, root).
#[must_use]
pub fn result_record(
    open: &Open,
    draw_id: &Hash,
    selection: &Selection,
    assigned: (u64, Hash),
    server: &[u8; 32],
) -> ResultRecord {
    let hidden = open.policy == Policy::Embargo;
    ResultRecord {
        draw: *draw_id,
        seed: if hidden {
            SeedLine::Commit(seed_commitment(draw_id, &selection.seed))
        } else {
            SeedLine::Seed(selection.seed)
        },
        strata: open
            .strata
            .iter()
            .zip(selection.quotas.iter().zip(&selection.limits))
            .map(|(s, (&drawn, &limit))| ResultStratum {
                code: s.code.clone(),
                eligible: s.eligible,
                drawn,
                limit: if hidden { None } else { limit },
            })
            .collect(),
        selected: (selection.winners.len() as u64, selected_root(open, selection, server, draw_id)),
        assigned,
    }
}
