//! First schedule: the most constrained visit first, each on the day whose scarcest people are pressed least.

use super::keyed::Stream;
use super::model::Model;
use super::state::{Place, State};
use super::team::{self, Scratch};
use rayon::prelude::*;

/// Places every visit that can be placed greedily. Visits already placed stay.
pub fn greedy(model: &Model<'_>, state: &mut State, stream: &mut Stream) {
    let open: Vec<(u32, u64)> = (0_u32..)
        .zip(&model.visits)
        .filter(|(v, visit)| state.place[*v as usize].is_none() && !visit.days.is_empty())
        .map(|(v, _)| (v, stream.word()))
        .collect();
    let before: &State = state;
    let mut order: Vec<(i64, u32, u64, u32)> = open
        .into_par_iter()
        .map(|(v, word)| {
            let visit = &model.visits[v as usize];
            let pressure = |day| before.pressure(model, v as usize, day);
            let room: i64 = visit.days.iter().map(|day| (2048 - pressure(day)).max(64)).sum();
            (room / 256, u32::MAX - visit.len * visit.heads, word, v)
        })
        .collect();
    order.sort_unstable();
    let mut scratch = Scratch::default();
    let mut out = Vec::new();
    for (_, _, _, v) in order {
        insert(model, state, v as usize, None, stream, &mut scratch, &mut out);
    }
}

/// Places one visit on the best of its days (or of `only`); the best start of the first day that has one. Returns
/// whether it was placed.
pub fn insert(
    model: &Model<'_>,
    state: &mut State,
    v: usize,
    only: Option<&[u32]>,
    stream: &mut Stream,
    scratch: &mut Scratch,
    out: &mut Vec<u32>,
) -> bool {
    let visit = &model.visits[v];
    let mut days: Vec<(i64, u32)> = Vec::with_capacity(visit.days.len());
    let mut push = |day: usize| {
        #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
        days.push((state.pressure(model, v, day) + stream.below(64) as i64, day as u32));
    };
    match only {
        Some(list) => list.iter().for_each(|day| push(*day as usize)),
        None => visit.days.iter().for_each(push),
    }
    days.sort_unstable();
    let mut best_team = Vec::new();
    for (_, day) in days {
        let mut best: Option<(u32, u32)> = None;
        let mut open = team::open_starts(model, state, v, day as usize);
        while open != 0 {
            let start = open.trailing_zeros();
            open &= open - 1;
            if let Some(cost) = team::seek_all(model, state, v, day as usize, start, scratch, out)
                && best.is_none_or(|(least, _)| cost < least)
            {
                best = Some((cost, start));
                best_team.clone_from(out);
            }
        }
        if let Some((_, start)) = best {
            state.put(model, v, Place { day, start }, &best_team);
            return true;
        }
    }
    false
}
