//! A schedule in the making with the visits it is about: improving it, splitting visits that stay out, joining again
//! what need not be split.

use super::keyed::Stream;
use super::model::Model;
use super::staff::Figures;
use super::state::{Place, State};
use super::team::Scratch;
use super::unmerge::{self, Split};
use super::{bounds, lns, schedule, trips};
use crate::domain::draw::lots::Key;
use crate::domain::planning::{Instance, Visit};
use std::collections::BTreeMap;

/// Placed visits split for the sake of one that cannot be split itself, in one pass.
const VICTIMS: usize = 2;

/// Visits, where they come from, and their schedule.
#[derive(Debug, Clone)]
pub struct Work<'a> {
    /// Visits.
    pub visits: Vec<Visit>,
    /// For each visit, the merged visit it comes from.
    pub origin: Vec<u32>,
    /// The visits compiled.
    pub model: Model<'a>,
    /// The schedule.
    pub state: State,
    /// Splits made so far.
    pub splits: Vec<Split>,
}

impl<'a> Work<'a> {
    /// Merged visits, none of them placed.
    #[must_use]
    pub fn new(county: &'a Instance, merged: &[Visit], roster: &Key) -> Self {
        let model = Model::new(county, merged, roster);
        let state = State::new(&model);
        #[expect(clippy::cast_possible_truncation, reason = "visits are far fewer than 2^32")]
        let origin = (0..merged.len() as u32).collect();
        Self { visits: merged.to_vec(), origin, model, state, splits: Vec::new() }
    }

    /// Places what can be placed greedily.
    pub fn greedy(&mut self, key: &Key, object: u64) {
        schedule::greedy(&self.model, &mut self.state, &mut Stream::new(key, object));
    }

    /// Visits that could be placed and are not.
    #[must_use]
    pub fn absent(&self) -> usize {
        let pairs = self.model.visits.iter().zip(&self.state.place);
        pairs.filter(|(v, p)| p.is_none() && !v.days.is_empty()).count()
    }

    /// How many of the visits that could be placed, each for itself, are proved to stay out together.
    #[must_use]
    pub fn proved_out(&self) -> u64 {
        let out: Vec<usize> = (0..self.visits.len()).filter(|v| self.state.place[*v].is_none()).collect();
        let bounds = bounds::certify(self.model.county, &self.visits, &out);
        bounds.certificates.iter().map(|c| c.excess as u64).sum()
    }

    /// Counts.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let done = || self.visits.iter().zip(&self.state.place).filter(|(_, p)| p.is_some());
        Figures {
            visits: self.visits.iter().map(trips::doors).sum(),
            staffed: done().map(|(v, _)| trips::doors(v)).sum(),
            tasks: self.visits.iter().map(|v| v.tasks.len()).sum(),
            tasks_staffed: done().map(|(v, _)| v.tasks.len()).sum(),
        }
    }

    /// Joins visits of one town into trips; see [`trips::bundle`]. To be called before anything is placed.
    pub fn bundle(&mut self, merged: &[Visit], roster: &Key) {
        self.visits = trips::bundle(self.model.county, merged);
        self.model = Model::new(self.model.county, &self.visits, roster);
        self.state = State::new(&self.model);
    }

    /// Takes the trips apart that are in the way of visits not placed; see [`trips::in_the_way`].
    pub fn relieve(&mut self, roster: &Key, wide: bool) {
        let which = trips::in_the_way(&self.model, &self.visits, &self.state, wide);
        if which.iter().any(|w| *w) {
            let county = self.model.county;
            let (visits, standing) = trips::apart(county, &self.model, &self.state, &self.visits, &which);
            self.model = Model::new(county, &visits, roster);
            self.state = trips::stand(&self.model, &standing);
            self.visits = visits;
        }
    }

    /// Visits that each visit or trip stands for.
    #[must_use]
    pub fn doors(&self) -> Vec<u32> {
        #[expect(clippy::cast_possible_truncation, reason = "a trip has few stops")]
        self.visits.iter().map(|v| trips::doors(v) as u32).collect()
    }

    /// Tasks of each visit.
    #[must_use]
    pub fn tasks(&self) -> Vec<u32> {
        #[expect(clippy::cast_possible_truncation, reason = "a visit has few tasks")]
        self.visits.iter().map(|v| v.tasks.len() as u32).collect()
    }

    /// Improves the schedule by two searches side by side, twice; each time the better one goes on. The number of
    /// searches is fixed, so the result does not depend on how many threads there are.
    /// `floor` is a weight below which nothing can come.
    pub fn improve(&mut self, weight: &[u32], key: &Key, object: u64, rounds: usize, floor: u64) {
        if rounds == 0 || self.absent() == 0 {
            return;
        }
        let model = &self.model;
        let lack = |state: &State| -> u64 {
            state.place.iter().zip(weight).filter(|(p, _)| p.is_none()).map(|(_, w)| u64::from(*w)).sum()
        };
        for leg in 0..2 {
            let cooling = (leg * rounds / 2, (leg + 1) * rounds / 2, rounds);
            let run = |chain: u64| {
                let mut state = self.state.clone();
                let mut stream = Stream::new(key, object * 16 + 2 * leg as u64 + chain);
                lns::improve(model, &mut state, weight, &mut stream, cooling, floor);
                state
            };
            let (first, second) = rayon::join(|| run(0), || run(1));
            self.state = if lack(&second) < lack(&first) { second } else { first };
        }
    }

    /// Splits every visit that is not placed, and for each that cannot be split the visits that keep the people it
    /// lacks waiting longest. False when there is nothing (more) to split.
    pub fn part(&mut self, roster: &Key) -> bool {
        let county = self.model.county;
        let mut changed = vec![false; self.visits.len()];
        let mut parts: Vec<(usize, Split, [Visit; 2])> = Vec::new();
        for v in 0..self.visits.len() {
            if self.state.place[v].is_some() {
                continue;
            }
            if let Some((split, pair)) = unmerge::split(county, &self.model, &self.state, &self.visits[v], v)
            {
                changed[v] = true;
                parts.push((v, split, pair));
            } else if let Some(r) = unmerge::bottleneck(&self.model, &self.state, v) {
                let pool = self.model.reqs[r].pool as usize;
                for w in self.longest_waits(v, pool, &changed) {
                    if let Some((split, pair)) = unmerge::split_at(county, &self.visits[w as usize], pool) {
                        changed[w as usize] = true;
                        parts.push((w as usize, split, pair));
                    }
                }
            }
        }
        if parts.is_empty() {
            return false;
        }
        let layout = Layout::of(&self.model, &self.state);
        for (v, split, [kept, parted]) in parts {
            self.splits.push(split);
            self.visits[v] = kept;
            self.visits.push(parted);
            self.origin.push(self.origin[v]);
        }
        self.model = Model::new(county, &self.visits, roster);
        self.state = layout.carry(&self.model, |v| (v < changed.len() && !changed[v]).then_some(v));
        true
    }

    /// Placed visits on the days of `v` that keep people of a pool longest beyond what the pool's own tasks need.
    fn longest_waits(&self, v: usize, pool: usize, changed: &[bool]) -> Vec<u32> {
        let county = self.model.county;
        // Slots the pool's own tasks of a visit would take alone.
        let own = |w: u32| {
            let visit = &self.visits[w as usize];
            (!changed[w as usize] && visit.requirements.len() > 1)
                .then(|| unmerge::split_at(county, visit, pool))
                .flatten()
                .map(|(_, [_, parted])| county.grid.len(parted.occupation(county)))
        };
        unmerge::longest_waits(&self.model, &self.state, pool, self.model.visits[v].days.iter(), own, VICTIMS)
    }

    /// Joins parts of one merged visit again where the split turned out to be needless: when none of them could be
    /// staffed, and when the whole now finds a place. Ends with the visits in canonical order.
    pub fn rejoin(&mut self, roster: &Key, stream: &mut Stream) {
        if self.splits.is_empty() {
            return;
        }
        let county = self.model.county;
        let layout = Layout::of(&self.model, &self.state);
        let parts = self.visits.len();
        let joins = self.joins();
        self.model = Model::new(county, &self.visits, roster);
        self.state = layout.carry(&self.model, |v| (v < parts).then_some(v));
        let mut gone = vec![false; parts];
        gone.resize(self.visits.len(), true);
        let (mut scratch, mut team) = (Scratch::default(), Vec::new());
        let (model, state) = (&self.model, &mut self.state);
        for (join, members) in joins.iter().enumerate().map(|(i, m)| (parts + i, m)) {
            if members.iter().any(|v| gone[*v]) {
                continue;
            }
            let placed = members.iter().filter(|v| state.place[**v].is_some()).count();
            let before: Vec<_> = members.iter().map(|v| (*v, Layout::one(model, state, *v))).collect();
            members.iter().for_each(|v| state.take(model, *v));
            let fits = schedule::insert(model, state, join, None, stream, &mut scratch, &mut team);
            if fits || placed == 0 {
                members.iter().for_each(|v| gone[*v] = true);
                gone[join] = false;
            } else {
                for (v, kept) in before {
                    if let Some((place, team)) = kept {
                        state.put(model, v, place, &team);
                    }
                }
            }
        }
        self.settle(roster, &gone);
    }

    /// Adds candidates for joining to the visits: all parts of a merged visit, and every pair of them. Returns the
    /// parts of each.
    fn joins(&mut self) -> Vec<Vec<usize>> {
        let mut whole: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (v, origin) in self.origin.iter().enumerate() {
            whole.entry(*origin).or_default().push(v);
        }
        let mut joins: Vec<Vec<usize>> = Vec::new();
        for (origin, members) in whole.iter().filter(|(_, m)| m.len() > 1) {
            let mut sets = vec![members.clone()];
            if members.len() > 2 {
                for (i, a) in members.iter().enumerate() {
                    sets.extend(members[i + 1..].iter().map(|b| vec![*a, *b]));
                }
            }
            for set in sets {
                let tasks = set.iter().flat_map(|v| self.visits[*v].tasks.iter().copied()).collect();
                let (joined, faults) = trips::of(self.model.county, tasks);
                if faults.is_empty() {
                    self.visits.push(joined);
                    self.origin.push(*origin);
                    joins.push(set);
                }
            }
        }
        joins
    }

    /// Keeps the visits that are not gone, in canonical order, so that numbers do not tell how they came about.
    fn settle(&mut self, roster: &Key, gone: &[bool]) {
        let county = self.model.county;
        let layout = Layout::of(&self.model, &self.state);
        let mut order: Vec<usize> = (0..self.visits.len()).filter(|v| !gone[*v]).collect();
        order.sort_by(|a, b| {
            let key = |v: &usize| (self.visits[*v].subject, &self.visits[*v].tasks);
            key(a).cmp(&key(b))
        });
        self.visits = order.iter().map(|v| self.visits[*v].clone()).collect();
        self.origin = order.iter().map(|v| self.origin[*v]).collect();
        // A split counts while its two sides are still behind different doors.
        let mut door = vec![u32::MAX; county.tasks.len()];
        for (v, visit) in (0_u32..).zip(&self.visits) {
            visit.tasks.iter().for_each(|t| door[*t as usize] = v);
        }
        let apart = |k: &u32, p: &u32| door[*k as usize] != door[*p as usize];
        self.splits.retain(|s| s.kept.iter().any(|k| s.parted.iter().any(|p| apart(k, p))));
        self.model = Model::new(county, &self.visits, roster);
        self.state = layout.carry(&self.model, |v| Some(order[v]));
    }
}

/// Places and people of a schedule, apart from any model.
struct Layout(Vec<Option<(Place, Vec<u32>)>>);

impl Layout {
    fn of(model: &Model<'_>, state: &State) -> Self {
        Self((0..model.visits.len()).map(|v| Self::one(model, state, v)).collect())
    }

    fn one(model: &Model<'_>, state: &State, v: usize) -> Option<(Place, Vec<u32>)> {
        state.place[v].map(|place| (place, state.seats[state.seats_of(model, v)].to_vec()))
    }

    /// The same schedule for another model; `from` names the old number of a visit that is unchanged.
    fn carry(&self, model: &Model<'_>, from: impl Fn(usize) -> Option<usize>) -> State {
        let mut state = State::new(model);
        for v in 0..model.visits.len() {
            if let Some((place, team)) = from(v).and_then(|old| self.0[old].as_ref()) {
                state.put(model, v, *place, team);
            }
        }
        state
    }
}
