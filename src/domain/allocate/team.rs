//! Finding provisional teams: who of a pool can go at a given time, preferring people who are easy to spare.

use super::model::{CERTS, Model, PairRule, ReqM};
use super::state::{NOBODY, State};

/// Buffers reused from one search to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    candidates: Vec<(u32, u32)>,
    team: Vec<u32>,
}

/// When and for whom a team is sought.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// Day.
    pub day: usize,
    /// Slots.
    pub window: u64,
    /// Minutes.
    pub minutes: u32,
    /// People who must not come.
    pub recused: &'a [u32],
    /// One more person who must not come, or [`NOBODY`].
    pub without: u32,
}

/// How unwelcome a person is for a visit: people with certificates are kept back, gaps of little use avoided.
fn cost(model: &Model<'_>, state: &State, p: u32, slot: &Slot<'_>) -> u32 {
    let at = p as usize * model.days + slot.day;
    let half = if slot.window & model.halves.0 != 0 { model.halves.0 } else { model.halves.1 };
    let value = &model.value[model.county.people[p as usize].dept as usize];
    let busy = state.busy[at];
    let before = worth(value, half & !busy);
    let after = worth(value, half & !(busy | slot.window));
    let lost = before - after;
    (model.certs[at] & CERTS).count_ones() * 8 + lost / 16
}

/// What the free runs of a half-day are worth.
fn worth(value: &[u32; 65], free: u64) -> u32 {
    let mut sum = 0;
    let mut rest = free;
    while rest != 0 {
        let from = rest.trailing_zeros();
        let run = (rest >> from).trailing_ones();
        sum += value[run as usize];
        rest &= !(((1_u64 << run) - 1) << from);
    }
    sum
}

/// Seeks a team for one requirement and writes it to `out` (length `req.most`, unused seats [`NOBODY`]). The fewest
/// people that cover all certificates are taken. Returns the sum of what the people cost, or none when there is no
/// team.
pub fn seek(
    model: &Model<'_>,
    state: &State,
    req: &ReqM,
    slot: &Slot<'_>,
    scratch: &mut Scratch,
    out: &mut [u32],
) -> Option<u32> {
    let fits = |p: u32| {
        state.free(model, p, slot.day, slot.window, slot.minutes)
            && p != slot.without
            && !slot.recused.contains(&p)
    };
    scratch.candidates.clear();
    let mut have = 0;
    for &p in &model.roster[req.pool as usize] {
        if fits(p) {
            have |= model.certs[p as usize * model.days + slot.day];
            scratch.candidates.push((cost(model, state, p, slot), p));
        }
    }
    if scratch.candidates.len() < req.size as usize || have & req.need != req.need {
        return None;
    }
    // Stable: people of equal cost stay in roster order.
    scratch.candidates.sort_by_key(|(cost, _)| *cost);
    for heads in req.size..=req.most {
        scratch.team.clear();
        if let Some(total) = complete(
            model,
            slot.day,
            req.pair,
            &scratch.candidates,
            req.need,
            heads as usize,
            &mut scratch.team,
        ) {
            out.fill(NOBODY);
            out[..scratch.team.len()].copy_from_slice(&scratch.team);
            return Some(total);
        }
    }
    None
}

/// Whether a person may join a team under the county's way of putting teams together.
#[must_use]
pub fn goes_with(model: &Model<'_>, pair: PairRule, p: u32, team: &[u32]) -> bool {
    let unit = |p: u32| model.unit[p as usize];
    match pair {
        PairRule::Any => true,
        PairRule::SameUnit => team.iter().all(|q| unit(*q) == unit(p)),
        PairRule::DifferentUnits => team.iter().all(|q| unit(*q) != unit(p)),
    }
}

/// Completes `team` to `heads` people from `candidates` (cost, person; cheapest first) so that `need` is covered:
/// depth first on the rarest certificate still missing. Returns what the added people cost; on none the team is as
/// it was.
pub fn complete(
    model: &Model<'_>,
    day: usize,
    pair: PairRule,
    candidates: &[(u32, u32)],
    need: u64,
    heads: usize,
    team: &mut Vec<u32>,
) -> Option<u32> {
    let certs = |p: u32| model.certs[p as usize * model.days + day];
    let depth = team.len();
    if depth == heads {
        return (need == 0).then_some(0);
    }
    let bit = (need != 0).then(|| rarest(candidates.iter().map(|(_, p)| certs(*p)), need));
    for (cost, p) in candidates {
        if bit.is_none_or(|b| certs(*p) >> b & 1 == 1)
            && !team.contains(p)
            && goes_with(model, pair, *p, team)
        {
            team.push(*p);
            if let Some(total) = complete(model, day, pair, candidates, need & !certs(*p), heads, team) {
                return Some(total + cost);
            }
            team.truncate(depth);
            if bit.is_none() && pair == PairRule::Any {
                // Without a rule for pairs anybody fills a seat as well as anybody else: no use trying the next.
                return None;
            }
        }
    }
    None
}

/// The bit of `need` that the fewest masks have.
pub fn rarest(masks: impl Iterator<Item = u64> + Clone, need: u64) -> u32 {
    if need.count_ones() == 1 {
        return need.trailing_zeros();
    }
    let mut best = (usize::MAX, need.trailing_zeros());
    let mut rest = need;
    while rest != 0 {
        let bit = rest.trailing_zeros();
        rest &= rest - 1;
        best = best.min((masks.clone().filter(|m| m >> bit & 1 == 1).count(), bit));
    }
    best.1
}

/// The starting slots of a day at which every requirement of a visit has enough free people and, one by one, every
/// certificate. A necessary condition, had in one pass over each roster.
pub fn open_starts(model: &Model<'_>, state: &State, v: usize, day: usize) -> u64 {
    let mut open = model.startable[model.visits[v].len as usize];
    for r in model.reqs_of(v) {
        open = open_for(model, state, r, day, open);
        if open == 0 {
            break;
        }
    }
    open
}

/// Of the starting slots `open`, those at which one requirement has enough free people and every certificate.
pub fn open_for(model: &Model<'_>, state: &State, r: usize, day: usize, open: u64) -> u64 {
    let req = &model.reqs[r];
    let visit = &model.visits[req.visit as usize];
    let recused = &model.recused[visit.subject as usize];
    // enough[k]: starts at which more than k people are free.
    let mut enough = [0_u64; 8];
    let depth = (req.size as usize).clamp(1, 8);
    let mut cover = [0_u64; 64];
    for &p in &model.roster[req.pool as usize] {
        let at = p as usize * model.days + day;
        let busy = state.busy[at];
        if busy == u64::MAX
            || state.used[at] + visit.minutes > model.daily[p as usize]
            || recused.contains(&p)
        {
            continue;
        }
        let mask = shrink(!busy, visit.len) & open;
        if mask == 0 {
            continue;
        }
        for k in (1..depth).rev() {
            enough[k] |= enough[k - 1] & mask;
        }
        enough[0] |= mask;
        let mut certs = model.certs[at] & req.need;
        while certs != 0 {
            cover[certs.trailing_zeros() as usize] |= mask;
            certs &= certs - 1;
        }
    }
    let mut open = open & enough[depth - 1];
    let mut need = req.need;
    while need != 0 {
        open &= cover[need.trailing_zeros() as usize];
        need &= need - 1;
    }
    open
}

/// The positions at which `len` consecutive bits of `free` are set.
fn shrink(free: u64, len: u32) -> u64 {
    let mut mask = free;
    let mut have = 1;
    while have < len {
        let step = have.min(len - have);
        mask &= mask >> step;
        have += step;
    }
    mask
}

/// Seeks teams for all requirements of a visit. `out` has the layout of the visit's seats.
pub fn seek_all(
    model: &Model<'_>,
    state: &State,
    v: usize,
    day: usize,
    start: u32,
    scratch: &mut Scratch,
    out: &mut Vec<u32>,
) -> Option<u32> {
    let visit = &model.visits[v];
    let slot = Slot {
        day,
        window: Model::window(visit.len, start),
        minutes: visit.minutes,
        recused: &model.recused[visit.subject as usize],
        without: NOBODY,
    };
    out.clear();
    let mut total = 0;
    for r in model.reqs_of(v) {
        let req = &model.reqs[r];
        let from = out.len();
        out.resize(from + req.most as usize, NOBODY);
        total += seek(model, state, req, &slot, scratch, &mut out[from..])?;
    }
    Some(total)
}
