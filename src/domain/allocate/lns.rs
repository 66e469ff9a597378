//! Ruin and recreate: a few visits around one that is not staffed are taken off and put back in another order.

use super::keyed::Stream;
use super::model::Model;
use super::schedule;
use super::state::{Place, State};
use super::team::Scratch;

/// Improves a schedule for a fixed number of rounds (a count, never a clock). Returns the rounds used.
pub fn improve(model: &Model<'_>, state: &mut State, stream: &mut Stream, rounds: usize) -> usize {
    let env = |k: &str, d: f64| {
        std::env::args()
            .find_map(|a| {
                a.strip_prefix(k).and_then(|v| v.strip_prefix('=').map(|v| v.parse::<f64>().unwrap()))
            })
            .unwrap_or(d)
    };
    let (t0, t1, alpha) = (env("t0", 0.3), env("t1", 0.02), env("alpha", 0.0));
    let maxrem = env("rem", 9.0) as usize;
    let extra = env("extra", 8.0) as usize;
    let mut best = state.clone();
    let env_focus = env("focus", 0.0) as usize;
    let env_top = env("top", 0.0) as usize;
    let fewdays = env("days", 5.0) as usize;
    let maxru = env("ru", 2.0) as usize;
    let energy = |v: u32| {
        let m = &model.visits[v as usize];
        1.0 - alpha * f64::from(m.len * m.heads) / 60.0
    };
    let beta = env("beta", 0.0);
    let mut absent: Vec<u32> = Vec::new();
    for v in 0..model.visits.len() {
        if state.place[v].is_none() && !model.visits[v].days.is_empty() {
            absent.push(v as u32);
        }
    }
    let mut scratch = Scratch::default();
    let mut out = Vec::new();
    let mut removed: Vec<(u32, Place, Vec<u32>)> = Vec::new();
    for round in 0..rounds {
        if absent.is_empty() {
            return round;
        }
        let v = absent[stream.below(absent.len())] as usize;
        let before = state.placed;
        let pot0 = state.pot;
        let visit = &model.visits[v];
        // Ruin
        removed.clear();
        let ruin_days = 1 + stream.below(maxru);
        let count = 2 + stream.below(maxrem);
        let days: Vec<usize> = visit.days.iter().collect();
        let mut ruined: Vec<u32> = Vec::new();
        for _ in 0..ruin_days {
            let day = days[stream.below(days.len())];
            let mut near: Vec<u32> = Vec::new();
            let single = stream.below(100) < env_focus;
            let pick = if env_top == 1 {
                model
                    .reqs_of(v)
                    .enumerate()
                    .max_by_key(|(_, r)| {
                        let (a, b) = model.reqs[*r].keys;
                        model.req_keys[a as usize..b as usize]
                            .iter()
                            .map(|(k, _)| {
                                let at = *k as usize * model.days + day;
                                state.demand[at] * 4 / model.supply[at].max(1)
                            })
                            .max()
                    })
                    .map_or(0, |(k, _)| k)
            } else {
                stream.below(model.reqs_of(v).len())
            };
            for (k, r) in model.reqs_of(v).enumerate() {
                if single && k != pick {
                    continue;
                }
                near.extend(&state.on[model.reqs[r].pool as usize * model.days + day]);
            }
            near.sort_unstable();
            near.dedup();
            stream.order(&mut near);
            near.truncate(count);
            ruined.push(day as u32);
            for w in near {
                let w = w as usize;
                if let Some(place) = state.place[w] {
                    let team = state.seats[state.seats_of(model, w)].to_vec();
                    state.take(model, w);
                    removed.push((w as u32, place, team));
                }
            }
        }
        // Recreate
        let mut list: Vec<u32> = removed.iter().map(|(w, _, _)| *w).collect();
        list.push(v as u32);
        for _ in 0..absent.len().min(extra) {
            let u = absent[stream.below(absent.len())];
            if !list.contains(&u) {
                list.push(u);
            }
        }
        match stream.below(3) {
            0 => {
                stream.order(&mut list);
                if let Some(i) = list.iter().position(|w| *w as usize == v) {
                    list.swap(0, i);
                }
            }
            1 => {
                stream.order(&mut list);
                list.sort_by_key(|w| model.visits[*w as usize].len * model.visits[*w as usize].heads);
            }
            _ => stream.order(&mut list),
        }
        for &w in &list {
            let visit = &model.visits[w as usize];
            let mut only: Vec<u32> = Vec::new();
            if let Some((_, place, _)) = removed.iter().find(|(x, _, _)| *x == w) {
                only.push(place.day);
            }
            for &d in &ruined {
                if visit.days.contains(d as usize) && !only.contains(&d) {
                    only.push(d);
                }
            }
            let all: Vec<usize> = visit.days.iter().collect();
            for _ in 0..fewdays {
                let d = all[stream.below(all.len())] as u32;
                if !only.contains(&d) {
                    only.push(d);
                }
            }
            schedule::insert(model, state, w as usize, Some(&only), stream, &mut scratch, &mut out);
        }
        let _ = before;
        let old: f64 =
            list.iter().filter(|w| !removed.iter().any(|(x, _, _)| x == *w)).map(|w| energy(*w)).sum();
        let new: f64 = list.iter().filter(|w| state.place[**w as usize].is_none()).map(|w| energy(*w)).sum();
        let new = new - beta * (state.pot - pot0) as f64;
        let temp = t0 * (t1 / t0).powf(round as f64 / rounds as f64);
        let u = (stream.word() >> 11) as f64 / (1u64 << 53) as f64;
        if new <= old || u < ((old - new) / temp).exp() {
            for &w in &list {
                if state.place[w as usize].is_some() {
                    absent.retain(|x| *x != w);
                } else if !absent.contains(&w) {
                    absent.push(w);
                }
            }
            if state.placed > best.placed {
                best = state.clone();
            }
        } else {
            for &w in &list {
                state.take(model, w as usize);
            }
            for (w, place, team) in &removed {
                state.put(model, *w as usize, *place, team);
            }
        }
    }
    *state = best;
    rounds
}
