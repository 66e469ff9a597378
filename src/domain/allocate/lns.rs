//! Ruin and recreate: a few visits around one that is not staffed are taken off and put back in another order; a
//! result that staffs no less is kept, a slightly worse one now and then, ever less often.

use super::keyed::Stream;
use super::model::Model;
use super::schedule;
use super::state::{Place, State};
use super::team::Scratch;

/// Visits taken off around one day, at most (at least 2).
const RUIN: usize = 10;
/// Other unstaffed visits that may try their luck in a round.
const GUESTS: usize = 12;
/// Days tried for a visit besides its own and the ruined ones.
const OTHER_DAYS: usize = 5;
/// A loss of weight 1 is accepted with probability 2^-COLD.0 at the start and 2^-(COLD.0 + COLD.1) at the end.
const COLD: (u64, u64) = (6, 14);

/// A visit that was taken off, with its place and people.
type Removed = (u32, Place, Vec<u32>);

/// What one round works with; reused from round to round.
#[derive(Debug, Default)]
struct Round {
    removed: Vec<Removed>,
    ruined: Vec<u32>,
    list: Vec<u32>,
    near: Vec<u32>,
    days: Vec<u32>,
    only: Vec<u32>,
    team: Vec<u32>,
    scratch: Scratch,
}

/// Improves a schedule for a fixed number of rounds (a count, never a clock), so that the weight of visits not
/// placed falls. `cooling` is the stretch (from, to, of) of the whole cooling that these rounds cover. Stops early
/// when the weight not placed is down to `floor`, which is proved to be the least. The best schedule met is the result.
pub fn improve(
    model: &Model<'_>,
    state: &mut State,
    weight: &[u32],
    stream: &mut Stream,
    cooling: (usize, usize, usize),
    floor: u64,
) {
    let mut absent: Vec<u32> = (0_u32..)
        .zip(&model.visits)
        .filter(|(v, visit)| state.place[*v as usize].is_none() && !visit.days.is_empty())
        .map(|(v, _)| v)
        .collect();
    let lacking = |list: &[u32], state: &State| -> u64 {
        list.iter()
            .filter(|v| state.place[**v as usize].is_none())
            .map(|v| u64::from(weight[*v as usize]))
            .sum()
    };
    let mut lack = lacking(&absent, state);
    let mut best: Option<(u64, State)> = None;
    let mut least = lack;
    let mut round = Round::default();
    for step in cooling.0..cooling.1 {
        if absent.is_empty() || least <= floor {
            break;
        }
        let v = absent[stream.below(absent.len())];
        round.ruin(model, state, v as usize, stream);
        round.choose(model, v, &absent, stream);
        let before = lacking(&round.list, state) - round.weight_removed(weight);
        round.recreate(model, state, stream);
        let after = lacking(&round.list, state);
        let loss = after.saturating_sub(before);
        let bits = loss * (COLD.0 + COLD.1 * step as u64 / cooling.2.max(1) as u64);
        if loss == 0 || u64::from(stream.word().leading_zeros()) >= bits {
            lack = lack + after - before;
            for &w in &round.list {
                match absent.binary_search(&w) {
                    Ok(i) if state.place[w as usize].is_some() => {
                        absent.remove(i);
                    }
                    Err(i) if state.place[w as usize].is_none() => absent.insert(i, w),
                    _ => {}
                }
            }
            if lack < least {
                least = lack;
                best = None;
            } else if lack > least && best.is_none() {
                // Leaving the best known: keep what it was before this round.
                best = Some((least, round.undone(model, state)));
            }
        } else {
            round.undo(model, state);
        }
    }
    if let Some((_, found)) = best.filter(|(found, _)| *found < lack) {
        *state = found;
    }
}

impl Round {
    /// Takes off visits that share a pool with `v` on one or two of its days.
    fn ruin(&mut self, model: &Model<'_>, state: &mut State, v: usize, stream: &mut Stream) {
        self.removed.clear();
        self.ruined.clear();
        self.days.clear();
        #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
        self.days.extend(model.visits[v].days.iter().map(|d| d as u32));
        let days = 1 + stream.below(2);
        let count = 2 + stream.below(RUIN - 1);
        for _ in 0..days {
            let day = self.days[stream.below(self.days.len())];
            self.near.clear();
            for r in model.reqs_of(v) {
                self.near.extend(&state.on[model.reqs[r].pool as usize * model.days + day as usize]);
            }
            self.near.sort_unstable();
            self.near.dedup();
            stream.order(&mut self.near);
            self.ruined.push(day);
            for &w in self.near.iter().take(count) {
                if let Some(place) = state.place[w as usize] {
                    let team = state.seats[state.seats_of(model, w as usize)].to_vec();
                    state.take(model, w as usize);
                    self.removed.push((w, place, team));
                }
            }
        }
    }

    /// Decides who is put back, and in which order.
    fn choose(&mut self, model: &Model<'_>, v: u32, absent: &[u32], stream: &mut Stream) {
        self.list.clear();
        self.list.push(v);
        self.list.extend(self.removed.iter().map(|(w, _, _)| *w));
        for _ in 0..absent.len().min(GUESTS) {
            let u = absent[stream.below(absent.len())];
            if !self.list.contains(&u) {
                self.list.push(u);
            }
        }
        match stream.below(3) {
            0 => stream.order(&mut self.list[1..]),
            1 => {
                stream.order(&mut self.list);
                self.list.sort_by_key(|w| model.visits[*w as usize].len * model.visits[*w as usize].heads);
            }
            _ => stream.order(&mut self.list),
        }
    }

    fn weight_removed(&self, weight: &[u32]) -> u64 {
        self.removed.iter().map(|(w, _, _)| u64::from(weight[*w as usize])).sum()
    }

    fn recreate(&mut self, model: &Model<'_>, state: &mut State, stream: &mut Stream) {
        for i in 0..self.list.len() {
            let w = self.list[i];
            let days = model.visits[w as usize].days;
            self.only.clear();
            if let Some((_, place, _)) = self.removed.iter().find(|(x, _, _)| *x == w) {
                self.only.push(place.day);
            }
            for &day in &self.ruined {
                if days.contains(day as usize) && !self.only.contains(&day) {
                    self.only.push(day);
                }
            }
            self.days.clear();
            #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
            self.days.extend(days.iter().map(|d| d as u32));
            for _ in 0..OTHER_DAYS {
                let day = self.days[stream.below(self.days.len())];
                if !self.only.contains(&day) {
                    self.only.push(day);
                }
            }
            schedule::insert(
                model,
                state,
                w as usize,
                Some(&self.only),
                stream,
                &mut self.scratch,
                &mut self.team,
            );
        }
    }

    /// Puts everything back as it was before the round.
    fn undo(&self, model: &Model<'_>, state: &mut State) {
        for &w in &self.list {
            state.take(model, w as usize);
        }
        for (w, place, team) in &self.removed {
            state.put(model, *w as usize, *place, team);
        }
    }

    /// The schedule as it was before the round.
    fn undone(&self, model: &Model<'_>, state: &State) -> State {
        let mut copy = state.clone();
        self.undo(model, &mut copy);
        copy
    }
}
