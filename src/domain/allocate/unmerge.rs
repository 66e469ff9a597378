//! Un-merging: a visit that cannot be staffed is split at its bottleneck, so that the rest of its tasks are done.

use super::model::Model;
use super::state::State;
use super::team;
use super::{modes, trips};
use crate::domain::planning::input::TeamMode;
use crate::domain::planning::{Instance, Requirement, Visit};

/// A split that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The department (or expert pool) whose shortage made it necessary.
    pub pool: u16,
    /// Tasks that stayed.
    pub kept: Vec<u32>,
    /// Tasks that became a visit of their own.
    pub parted: Vec<u32>,
}

/// The requirement of a visit that fails on most (day, start) pairs, given everybody else's bookings.
#[must_use]
pub fn bottleneck(model: &Model<'_>, state: &State, v: usize) -> Option<usize> {
    let startable = model.startable[model.visits[v].len as usize];
    let days = if model.visits[v].days.is_empty() {
        // No day works even on an empty calendar: judge on all days of the period.
        (0..model.days).collect::<Vec<_>>()
    } else {
        model.visits[v].days.iter().collect()
    };
    let fails = |r: usize| -> u32 {
        days.iter()
            .map(|day| (startable & !team::open_for(model, state, r, *day, startable)).count_ones())
            .sum()
    };
    model.reqs_of(v).map(|r| (fails(r), std::cmp::Reverse(r))).max().map(|(_, r)| r.0)
}

/// Splits a visit at its bottleneck: the tasks of the department that is short go one way, the others another; for
/// an expert pool, the tasks that need the expert; for the only department that attends, the longest group. None
/// when it cannot be split.
#[must_use]
pub fn split(
    county: &Instance,
    model: &Model<'_>,
    state: &State,
    visit: &Visit,
    v: usize,
) -> Option<(Split, [Visit; 2])> {
    // A team mode that can never be met is a bottleneck that no count of free people shows.
    let never = |need: &&Requirement| {
        model.visits[v].days.is_empty()
            && modes::possible_days(county, visit, need, trips::mode(county, visit, need)).is_empty()
    };
    if county.input.rules.team_mode != TeamMode::Bureau
        && let Some(need) = visit.requirements.iter().find(never)
    {
        return split_at(county, visit, usize::from(need.pool));
    }
    let pool = match bottleneck(model, state, v) {
        Some(r) => model.reqs[r].pool as usize,
        None => usize::from(*visit.depts.first()?),
    };
    split_at(county, visit, pool)
}

/// The placed visits that keep people of a pool longest beyond what the pool's own tasks need, among those on the
/// given days: (slots won by splitting, visit), most first, at most `count`.
#[must_use]
pub fn longest_waits(
    model: &Model<'_>,
    state: &State,
    pool: usize,
    days: impl Iterator<Item = usize>,
    own: impl Fn(u32) -> Option<u32>,
    count: usize,
) -> Vec<u32> {
    let mut waits: Vec<(u32, std::cmp::Reverse<u32>)> = days
        .flat_map(|day| state.on[pool * model.days + day].iter().copied())
        .filter_map(|w| own(w).map(|len| (model.visits[w as usize].len.saturating_sub(len), w)))
        .filter(|(won, _)| *won > 0)
        .map(|(won, w)| (won, std::cmp::Reverse(w)))
        .collect();
    waits.sort_unstable_by(|a, b| b.cmp(a));
    waits.dedup();
    waits.truncate(count);
    waits.into_iter().map(|(_, w)| w.0).collect()
}

/// Splits a visit at one pool; see [`split`].
#[must_use]
pub fn split_at(county: &Instance, visit: &Visit, pool: usize) -> Option<(Split, [Visit; 2])> {
    #[expect(clippy::cast_possible_truncation, reason = "departments are numbered by u16")]
    let short = pool as u16;
    if !visit.stops.is_empty() {
        // A trip gives way first; no visit is split.
        let [first, rest] = trips::halves(county, visit)?;
        let split = Split { pool: short, kept: first.tasks.clone(), parted: rest.tasks.clone() };
        return Some((split, [first, rest]));
    }
    let task = |t: &u32| &county.tasks[*t as usize];
    let parts = |apart: &dyn Fn(&u32) -> bool| -> (Vec<u32>, Vec<u32>) {
        visit.tasks.iter().partition(|t| !apart(t))
    };
    let (mut kept, mut parted) = if county.is_expert_pool[pool] || visit.lacks_expert_pool {
        parts(&|t| county.items[task(t).item as usize].expert.is_some())
    } else {
        parts(&|t| usize::from(task(t).dept) == pool)
    };
    if kept.is_empty() || parted.is_empty() {
        // One department, or all tasks need the expert: part the longest group of items.
        let longest = visit.tasks.iter().max_by_key(|t| (task(t).minutes, std::cmp::Reverse(**t)))?;
        (kept, parted) = parts(&|t| task(t).group == task(longest).group);
    }
    if kept.is_empty() || parted.is_empty() {
        return None;
    }
    let (first, faults) = Visit::new(county, kept.clone());
    let (second, more) = Visit::new(county, parted.clone());
    let split = Split { pool: short, kept, parted };
    (faults.is_empty() && more.is_empty()).then_some((split, [first, second]))
}
