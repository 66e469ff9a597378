//! What the people of a pool, or its holders of a certificate, can carry in an interval of days.

use super::super::super::planning::Instance;
use super::super::super::planning::dayset::DaySet;
use super::{Claim, Key, Weight};

/// The people of a key by the minutes they work, day by day.
pub(super) struct Hands {
    /// Kinds of person-day: minutes, ascending.
    minutes: Vec<u32>,
    /// For each kind, person-days before each day.
    before: Vec<Vec<u64>>,
    /// (slots, least minutes) of the lengths that occur.
    lengths: Vec<(u32, u32)>,
}

impl Hands {
    pub(super) fn new(county: &Instance, (pool, qual): Key, claims: &[Claim]) -> Self {
        let people = || county.pool[pool as usize].iter().map(|p| &county.people[*p as usize]);
        let mut minutes: Vec<u32> = people().map(|p| p.daily_minutes).collect();
        minutes.sort_unstable();
        minutes.dedup();
        let mut before = vec![vec![0_u64; county.days.len() + 1]; minutes.len()];
        for person in people() {
            let kind = minutes.binary_search(&person.daily_minutes).unwrap_or_default();
            let held =
                |q: u16| person.quals.iter().find(|(k, _)| *k == q).map_or(DaySet::EMPTY, |(_, days)| *days);
            let days = qual.map_or(person.available, |q| person.available.and(held(q)));
            for day in days.iter().filter(|d| *d < county.days.len()) {
                before[kind][day + 1] += 1;
            }
        }
        for kind in &mut before {
            for day in 1..kind.len() {
                kind[day] += kind[day - 1];
            }
        }
        let mut lengths: Vec<(u32, u32)> = claims.iter().map(|c| (c.slots, c.occupation)).collect();
        lengths.sort_unstable();
        lengths.dedup_by_key(|(slots, _)| *slots);
        Self { minutes, before, lengths }
    }

    /// Person-days of each kind in an interval.
    pub(super) fn between(&self, from: usize, to: usize) -> Vec<u64> {
        self.before.iter().map(|sum| sum[to + 1] - sum[from]).collect()
    }

    /// Whether the longest visits of all can be told to different half-days: then no weight is too much. A
    /// person whose minutes cover the whole day takes two visits, the longer half-day the longer one.
    pub(super) fn plenty(
        &self,
        county: &Instance,
        classes: &[(u32, u32)],
        counts: &[u64],
        days: &[u64],
    ) -> bool {
        let grid = county.grid;
        let (short, long) = (grid.am.min(grid.pm), grid.am.max(grid.pm));
        let whole = |m: &u32| *m >= grid.slots() * grid.slot_minutes;
        let people: u64 = self.minutes.iter().zip(days).filter(|(m, _)| whole(m)).map(|(_, n)| *n).sum();
        let heads = |fits: &dyn Fn(u32) -> bool| -> u64 {
            classes
                .iter()
                .zip(counts)
                .filter(|((_, l), _)| fits(*l))
                .map(|((heads, _), n)| u64::from(*heads) * n)
                .sum()
        };
        heads(&|l| l > short && l <= long) <= people && heads(&|_| true) <= 2 * people
    }

    /// The most weight that one person-day of each kind carries.
    pub(super) fn carry(&self, county: &Instance, weight: Weight) -> Vec<u64> {
        let grid = county.grid;
        let half = grid.am.max(grid.pm);
        let pieces: Vec<(usize, u32, u64)> = self
            .lengths
            .iter()
            .map(|(slots, least)| (*slots as usize, *least, weight.of(*slots, half)))
            .collect();
        let mornings = packings(grid.am as usize, &pieces);
        let afternoons = packings(grid.pm as usize, &pieces);
        self.minutes.iter().map(|minutes| best_day(&mornings, &afternoons, *minutes)).collect()
    }
}

/// (weight, least minutes) of the ways to fill a half-day of `slots` slots with any number of each piece
/// (slots, minutes, weight), for every weight that can be reached.
fn packings(slots: usize, pieces: &[(usize, u32, u64)]) -> Vec<(u64, u64)> {
    // least[s][w]: fewest minutes for weight w, using s slots at most.
    let mut least: Vec<Vec<u64>> = vec![vec![0]];
    for s in 1..=slots {
        let mut here = least[s - 1].clone();
        for &(length, minutes, weight) in
            pieces.iter().filter(|(length, _, w)| *w > 0 && (1..=s).contains(length))
        {
            let weight = usize::try_from(weight).unwrap_or(usize::MAX);
            for (w, before) in least[s - length].iter().enumerate() {
                if here.len() <= w + weight {
                    here.resize(w + weight + 1, u64::MAX);
                }
                here[w + weight] = here[w + weight].min(before.saturating_add(minutes.into()));
            }
        }
        least.push(here);
    }
    let last = least.pop().unwrap_or_default();
    (0..).zip(last).filter(|(_, minutes)| *minutes < u64::MAX).collect()
}

/// The most weight that a morning and an afternoon carry within the minutes of a person's day.
fn best_day(mornings: &[(u64, u64)], afternoons: &[(u64, u64)], minutes: u32) -> u64 {
    let mut best = 0;
    for (w1, m1) in mornings {
        for (w2, m2) in afternoons {
            if m1 + m2 <= u64::from(minutes) {
                best = best.max(w1 + w2);
            }
        }
    }
    best
}
