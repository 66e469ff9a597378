//! The schedule while it is being repaired: who sits where, and the questions the levels ask.

use super::rebuild::{Kept, Work};
use crate::domain::allocate::lottery::Loads;
use crate::domain::allocate::model::Model;
use crate::domain::allocate::state::{NOBODY, Place, State};
use crate::domain::allocate::team;

/// A model with a schedule on it.
pub(super) struct Desk<'m, 'c> {
    pub(super) model: &'m Model<'c>,
    pub(super) state: State,
    pub(super) loads: Loads,
}

impl<'m, 'c> Desk<'m, 'c> {
    /// An empty desk, or one on which the visits stand as `work` has kept them.
    pub(super) fn new(work: &Work<'_>, model: &'m Model<'c>) -> Self {
        let mut desk = Self { model, state: State::new(model), loads: Loads::new(model.county) };
        for (v, kept) in work.kept.iter().enumerate() {
            if let Some((place, team)) = kept {
                desk.sit(v, *place, team);
            }
        }
        desk
    }

    /// Places a visit with people, who need not be enough. People of pools that do not attend are left out.
    pub(super) fn sit(&mut self, v: usize, place: Place, people: &[u32]) {
        let mut seats = Vec::new();
        for r in self.model.reqs_of(v) {
            let req = &self.model.reqs[r];
            let from = seats.len();
            seats.extend(
                people.iter().copied().filter(|p| self.pool_of(*p) == req.pool).take(req.most as usize),
            );
            seats.resize(from + req.most as usize, NOBODY);
        }
        self.state.put(self.model, v, place, &seats);
    }

    fn pool_of(&self, p: u32) -> u32 {
        u32::from(self.model.county.people[p as usize].dept)
    }

    /// People on one requirement.
    pub(super) fn members(&self, r: usize) -> Vec<u32> {
        let req = &self.model.reqs[r];
        self.state.seats[req.seat as usize..(req.seat + req.most) as usize]
            .iter()
            .copied()
            .filter(|p| *p != NOBODY)
            .collect()
    }

    /// People of a whole visit, by requirement.
    pub(super) fn team(&self, v: usize) -> Vec<u32> {
        self.state.seats[self.state.seats_of(self.model, v)]
            .iter()
            .copied()
            .filter(|p| *p != NOBODY)
            .collect()
    }

    /// Whether the people on one requirement are enough.
    pub(super) fn enough(&self, r: usize, day: usize) -> bool {
        let req = &self.model.reqs[r];
        let team = self.members(r);
        let have = team.iter().fold(0, |h, p| h | self.model.certs[*p as usize * self.model.days + day]);
        team.len() >= req.size as usize && have & req.need == req.need && self.agree(r, &team)
    }

    /// Whether people may be one team under the county's way of putting teams together.
    pub(super) fn agree(&self, r: usize, team: &[u32]) -> bool {
        let pair = self.model.reqs[r].pair;
        (1..team.len()).all(|i| team::goes_with(self.model, pair, team[i], &team[..i]))
    }

    /// Whether a visit is placed and has everybody it needs.
    pub(super) fn complete(&self, v: usize) -> bool {
        self.state.place[v]
            .is_some_and(|place| self.model.reqs_of(v).all(|r| self.enough(r, place.day as usize)))
    }

    /// Changes the people of one requirement of a placed visit.
    pub(super) fn seat(&mut self, r: usize, people: &[u32]) {
        let req = self.model.reqs[r];
        let v = req.visit as usize;
        let Some(place) = self.state.place[v] else { return };
        let visit = &self.model.visits[v];
        let window = Model::window(visit.len, place.start);
        let day = place.day as usize;
        for i in 0..req.most as usize {
            let seat = req.seat as usize + i;
            let old = std::mem::replace(&mut self.state.seats[seat], NOBODY);
            if old != NOBODY {
                self.state.unbook(self.model, old, day, window, visit.minutes);
            }
        }
        for (i, p) in people.iter().take(req.most as usize).enumerate() {
            self.state.seats[req.seat as usize + i] = *p;
            self.state.book(self.model, *p, day, window, visit.minutes);
        }
    }

    /// People of a pool who are free at a time and may meet the subject, in roster order.
    pub(super) fn free(&self, r: usize, place: Place) -> Vec<u32> {
        let req = &self.model.reqs[r];
        let visit = &self.model.visits[req.visit as usize];
        let window = Model::window(visit.len, place.start);
        let recused = &self.model.recused[visit.subject as usize];
        self.model.roster[req.pool as usize]
            .iter()
            .copied()
            .filter(|p| {
                self.state.free(self.model, *p, place.day as usize, window, visit.minutes)
                    && recused.binary_search(p).is_err()
            })
            .collect()
    }

    /// Heads with which `kept` can be completed from `free`, if at all: as few as possible.
    pub(super) fn heads(&self, r: usize, day: usize, kept: &[u32], free: &[u32]) -> Option<usize> {
        let req = &self.model.reqs[r];
        if !self.agree(r, kept) {
            return None;
        }
        let have = kept.iter().fold(0, |h, p| h | self.model.certs[*p as usize * self.model.days + day]);
        let candidates: Vec<(u32, u32)> =
            free.iter().filter(|p| !kept.contains(p)).map(|p| (0, *p)).collect();
        (kept.len().max(req.size as usize)..=req.most as usize).find(|heads| {
            let mut team = kept.to_vec();
            team::complete(self.model, day, req.pair, &candidates, req.need & !have, *heads, &mut team)
                .is_some()
        })
    }

    /// Of `kept`, as many as possible with whom the requirement can be completed from `free`: all, all but one (the
    /// last first), none. With the heads then needed.
    pub(super) fn keepable(
        &self,
        r: usize,
        day: usize,
        kept: &[u32],
        free: &[u32],
    ) -> Option<(Vec<u32>, usize)> {
        if let Some(heads) = self.heads(r, day, kept, free) {
            return Some((kept.to_vec(), heads));
        }
        for skip in (0..kept.len()).rev() {
            let rest: Vec<u32> =
                kept.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, p)| *p).collect();
            if let Some(heads) = self.heads(r, day, &rest, free) {
                return Some((rest, heads));
            }
        }
        if kept.len() > 1
            && let Some(heads) = self.heads(r, day, &[], free)
        {
            return Some((Vec::new(), heads));
        }
        None
    }

    /// Counts the minutes of everybody who sits anywhere.
    pub(super) fn load_all(&mut self) {
        for v in 0..self.model.visits.len() {
            let minutes = u64::from(self.model.visits[v].minutes);
            for p in self.team(v) {
                self.loads.minutes[p as usize] += minutes;
            }
        }
    }

    /// Places and people, apart from the model; visits without a full team have none.
    pub(super) fn kept(&self) -> Vec<Kept> {
        (0..self.model.visits.len())
            .map(|v| self.state.place[v].filter(|_| self.complete(v)).map(|place| (place, self.team(v))))
            .collect()
    }
}
