//! New tasks, level 4 and splitting: what needs other visits to make room.

use super::desk::Desk;
use super::rebuild::{Note, Work};
use crate::domain::allocate::keyed::Stream;
use crate::domain::allocate::lottery::{self, Keys, Loads, Numbers};
use crate::domain::allocate::model::Model;
use crate::domain::allocate::schedule;
use crate::domain::allocate::state::{NOBODY, Place};
use crate::domain::allocate::team::{self, Scratch};
use crate::domain::allocate::unmerge::{self, Split};
use crate::domain::draw::lots;
use crate::domain::merge;
use crate::domain::planning::{Visit, token};
use std::collections::BTreeMap;

/// Visits taken off in one round of the search: one at first, up to this many more towards the end.
pub(super) const RUIN: usize = 8;
/// Other days tried for a visit that was taken off.
pub(super) const OTHER_DAYS: usize = 4;
/// Placed visits tried to be split for the sake of one that stays open, in one pass.
pub(super) const VICTIMS: usize = 4;
/// Times that visits which stay open are split.
const SPLITTING: usize = 5;

impl Work<'_> {
    fn push(&mut self, visit: Visit, number: u32, before: Option<usize>, kin: Option<usize>) {
        self.visits.push(visit);
        self.number.push(number);
        self.before.push(before);
        self.kin.push(kin);
        self.notes.push(Note::default());
        self.kept.push(None);
    }

    fn truncate(&mut self, len: usize) {
        self.visits.truncate(len);
        self.number.truncate(len);
        self.before.truncate(len);
        self.kin.truncate(len);
        self.notes.truncate(len);
        self.kept.truncate(len);
    }

    /// Puts tasks that are in no visit behind a door of their subject that is open anyway, where nobody has to move
    /// for it; the rest become visits of their own.
    pub(super) fn add_tasks(&mut self) {
        if self.loose.is_empty() {
            return;
        }
        let county = self.county;
        let mut by_subject: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for t in &self.loose {
            by_subject.entry(county.tasks[*t as usize].subject).or_default().push(*t);
        }
        // Candidates: each staffed visit with as many of the tasks as fit, and with each one alone.
        let base = self.visits.len();
        let mut candidates: Vec<(u32, usize, usize, Vec<u32>)> = Vec::new();
        for v in 0..base {
            let (Some(tasks), Some((place, _))) = (by_subject.get(&self.visits[v].subject), &self.kept[v])
            else {
                continue;
            };
            let day = place.day as usize;
            let with = |added: &[u32]| {
                let all = self.visits[v].tasks.iter().chain(added).copied().collect();
                let (visit, faults) = Visit::new(county, all);
                (faults.is_empty() && visit.days.contains(day)).then_some(visit)
            };
            let mut most: Vec<u32> = Vec::new();
            let mut sets: Vec<(Vec<u32>, Visit)> = Vec::new();
            let mut whole = None;
            for t in tasks {
                if let Some(visit) = with(&[*t]) {
                    sets.push((vec![*t], visit));
                }
                most.push(*t);
                match with(&most) {
                    Some(visit) => whole = Some(visit),
                    None => {
                        most.pop();
                    }
                }
            }
            if let Some(visit) = whole.filter(|_| most.len() > 1) {
                sets.push((most, visit));
            }
            for (added, visit) in sets {
                let at = self.visits.len();
                candidates.push((visit.subject, at, v, added));
                self.push(visit, self.number[v], self.before[v], self.kin[v]);
            }
        }
        candidates.sort_by_key(|(subject, at, v, added)| {
            (*subject, std::cmp::Reverse(added.len()), self.number[*v], *at)
        });
        let model = Model::new(county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        desk.load_all();
        let mut grown = vec![false; base];
        let mut waits = vec![false; county.tasks.len()];
        self.loose.iter().for_each(|t| waits[*t as usize] = true);
        for (_, at, v, added) in candidates {
            if grown[v] || added.iter().any(|t| !waits[*t as usize]) {
                continue;
            }
            let Some(place) = desk.state.place[v] else { continue };
            let team = desk.team(v);
            self.take_off(&mut desk, v);
            let attends = |p: &&u32| model.reqs_of(at).any(|r| model.reqs[r].pool == self.pool_of(**p));
            let needed: Vec<u32> = team.iter().filter(attends).copied().collect();
            let starts = model.startable[model.visits[at].len as usize];
            let stay = (starts >> place.start & 1 == 1)
                .then(|| {
                    model.reqs_of(at).try_fold(0, |n, r| {
                        let free = desk.free(r, place);
                        self.crew(&desk, r, place, &needed, &free).map(|(stay, _)| n + stay.len())
                    })
                })
                .flatten();
            if stay == Some(needed.len()) && self.place_at(&mut desk, at, place, &needed, 0) {
                grown[v] = true;
                added.iter().for_each(|t| waits[*t as usize] = false);
                self.visits[v] = self.visits[at].clone();
                let came = std::mem::take(&mut self.notes[at].came);
                self.notes[v].came.extend(came);
                self.notes[v].level = self.notes[v].level.max(Some(0));
                self.kept[v] = Some((place, desk.team(at)));
            } else {
                desk.sit(v, place, &team);
                let minutes = u64::from(model.visits[v].minutes);
                team.iter().for_each(|p| desk.loads.minutes[*p as usize] += minutes);
            }
        }
        self.truncate(base);
        // What is left is merged among itself.
        let mut rest = county.clone();
        for (task, waits) in rest.tasks.iter_mut().zip(&waits) {
            task.on_site &= waits;
        }
        rest.by_subject = by_subject
            .into_iter()
            .map(|(s, tasks)| (s, tasks.into_iter().filter(|t| waits[*t as usize]).collect::<Vec<_>>()))
            .filter(|(_, tasks)| !tasks.is_empty())
            .collect();
        let mut fresh = merge::into_visits(&rest).visits;
        fresh.sort_by(|a, b| (a.subject, &a.tasks).cmp(&(b.subject, &b.tasks)));
        for visit in fresh {
            self.push(visit, self.next, None, None);
            self.next += 1;
        }
    }

    /// Whether a visit is one that the change left without people (not one that had none before).
    pub(super) fn open(&self, v: usize) -> bool {
        self.kept[v].is_none() && (self.before[v].is_none() || self.spell(v).is_some())
    }

    /// Level 4: open visits are put where there is room, then by a search that takes a few others off and keeps the
    /// result only if all of them find a place again.
    pub(super) fn search(&mut self, phase: u64) {
        if self.kept.iter().all(Option::is_some) {
            return;
        }
        let model = Model::new(self.county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        let key = lots::expand(self.seed, "replace", self.list, "search");
        let mut stream = Stream::new(&key, phase);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        let mut absent: Vec<usize> = (0..self.visits.len()).filter(|v| self.kept[*v].is_none()).collect();
        absent.sort_by_key(|v| (!self.open(*v), self.number[*v]));
        for v in absent {
            let days = self.days(&model, v);
            if schedule::insert(&model, &mut desk.state, v, Some(&days), &mut stream, &mut scratch, &mut out)
            {
                self.notes[v].redraw = true;
                self.notes[v].level = Some(4);
            }
        }
        let mut open: Vec<usize> = (0..self.visits.len())
            .filter(|v| self.open(*v) && desk.state.place[*v].is_none() && !self.days(&model, *v).is_empty())
            .collect();
        let rounds = (open.len() * self.terms.effort).min(self.terms.most_rounds);
        for step in 0..rounds {
            if open.is_empty() {
                break;
            }
            let pick = stream.below(open.len());
            let ruin = 1 + stream.below(1 + self.reach * RUIN * step / rounds);
            if self.round(&mut desk, open[pick], ruin, &mut stream, &mut scratch) {
                open.remove(pick);
            }
        }
        self.kept = desk.kept();
    }

    /// Days a visit may be put on, as a list.
    pub(super) fn days(&self, model: &Model<'_>, v: usize) -> Vec<u32> {
        #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
        self.allowed(v).and(model.visits[v].days).iter().map(|d| d as u32).collect()
    }

    /// One round: makes room for `v` on one day by taking off `ruin` others, all of which must find a place again.
    fn round(
        &mut self,
        desk: &mut Desk<'_, '_>,
        v: usize,
        ruin: usize,
        stream: &mut Stream,
        scratch: &mut Scratch,
    ) -> bool {
        let model = desk.model;
        let days = self.days(model, v);
        let day = days[stream.below(days.len())];
        let mut near: Vec<u32> = model
            .reqs_of(v)
            .flat_map(|r| {
                desk.state.on[model.reqs[r].pool as usize * model.days + day as usize].iter().copied()
            })
            .collect();
        near.sort_unstable();
        near.dedup();
        stream.order(&mut near);
        near.truncate(ruin);
        let mut removed: Vec<(usize, Place, Vec<u32>)> = Vec::with_capacity(near.len());
        for w in near.into_iter().map(|w| w as usize) {
            if let Some(place) = desk.state.place[w] {
                removed.push((w, place, desk.team(w)));
                desk.state.take(model, w);
            }
        }
        let mut out = Vec::new();
        let mut fits = schedule::insert(model, &mut desk.state, v, Some(&[day]), stream, scratch, &mut out);
        for (w, place, team) in &removed {
            fits = fits && self.back(desk, *w, *place, team, stream, scratch);
        }
        if !fits {
            desk.state.take(model, v);
            removed.iter().for_each(|(w, _, _)| desk.state.take(model, *w));
            removed.iter().for_each(|(w, place, team)| desk.sit(*w, *place, team));
            return false;
        }
        for (w, place, team) in removed {
            if desk.state.place[w] != Some(place) || desk.team(w) != team {
                self.notes[w].redraw = true;
                self.notes[w].level = Some(4);
            }
        }
        self.notes[v].redraw = true;
        self.notes[v].level = Some(4);
        true
    }

    /// Puts a visit back: as it was; else at its time with others; else at another time.
    fn back(
        &self,
        desk: &mut Desk<'_, '_>,
        w: usize,
        place: Place,
        team: &[u32],
        stream: &mut Stream,
        scratch: &mut Scratch,
    ) -> bool {
        let model = desk.model;
        let mut seats = Vec::new();
        let mut whole = true;
        for r in model.reqs_of(w) {
            let free = desk.free(r, place);
            let Some((stay, heads)) = self.crew(desk, r, place, team, &free) else {
                whole = false;
                break;
            };
            let day = place.day as usize;
            let have = stay.iter().fold(0, |h, p| h | model.certs[*p as usize * model.days + day]);
            let others: Vec<(u32, u32)> =
                free.iter().filter(|p| !stay.contains(p)).map(|p| (0, *p)).collect();
            let mut crew = stay;
            let need = model.reqs[r].need & !have;
            let pair = model.reqs[r].pair;
            if crew.len() < heads
                && team::complete(model, day, pair, &others, need, heads, &mut crew).is_none()
            {
                whole = false;
                break;
            }
            crew.resize(model.reqs[r].most as usize, NOBODY);
            seats.extend(crew);
        }
        if whole {
            desk.state.put(model, w, place, &seats);
            return true;
        }
        let mut out = Vec::new();
        let days = self.days(model, w);
        let mut only: Vec<u32> = days.iter().copied().filter(|d| *d == place.day).collect();
        if schedule::insert(model, &mut desk.state, w, Some(&only), stream, scratch, &mut out) {
            return true;
        }
        only.clear();
        for _ in 0..(self.reach * OTHER_DAYS).min(days.len()) {
            let day = days[stream.below(days.len())];
            if day != place.day && !only.contains(&day) {
                only.push(day);
            }
        }
        schedule::insert(model, &mut desk.state, w, Some(&only), stream, scratch, &mut out)
    }

    /// Splits visits that stay open at their bottleneck, so that at least one part is done; for one that cannot be
    /// split or finds no place in parts, visits that keep the people it lacks waiting.
    pub(super) fn split(&mut self) {
        for pass in 0..SPLITTING {
            let mut split = false;
            for v in 0..self.visits.len() {
                if self.open(v) {
                    split |= self.split_one(v) || self.split_others(v);
                }
            }
            if !split {
                break;
            }
            self.search(1 + pass as u64);
        }
    }

    fn split_one(&mut self, v: usize) -> bool {
        let model = Model::new(self.county, &self.visits, &self.roster);
        let desk = Desk::new(self, &model);
        let Some(pair) = unmerge::split(self.county, &model, &desk.state, &self.visits[v], v) else {
            return false;
        };
        drop(desk);
        drop(model);
        self.part(v, pair, None)
    }

    /// Splits one of the placed visits that keep people waiting whom `v` lacks, if that gives `v` a place.
    fn split_others(&mut self, v: usize) -> bool {
        let county = self.county;
        let model = Model::new(county, &self.visits, &self.roster);
        let desk = Desk::new(self, &model);
        let Some(r) = unmerge::bottleneck(&model, &desk.state, v) else { return false };
        let pool = model.reqs[r].pool as usize;
        let days = self.days(&model, v).into_iter().map(|d| d as usize);
        // Slots the pool's own tasks of a visit would take alone.
        let own = |w: u32| {
            let visit = &self.visits[w as usize];
            (visit.requirements.len() > 1)
                .then(|| unmerge::split_at(county, visit, pool))
                .flatten()
                .map(|(_, [_, parted])| county.grid.len(parted.occupation(county)))
        };
        let victims = unmerge::longest_waits(&model, &desk.state, pool, days, own, self.reach * VICTIMS);
        drop(desk);
        drop(model);
        victims.into_iter().any(|w| {
            let pair = unmerge::split_at(county, &self.visits[w as usize], pool);
            pair.is_some_and(|pair| self.part(w as usize, pair, Some(v)))
        })
    }

    /// Replaces a visit by two parts and seeks places. Without `other` one part must find one; with it, the visit was
    /// placed, and both parts and `other` must. Otherwise everything is as before, and the answer is no.
    fn part(&mut self, v: usize, (split, [kept, parted]): (Split, [Visit; 2]), other: Option<usize>) -> bool {
        let whole = std::mem::replace(&mut self.visits[v], kept);
        let notes = self.notes.clone();
        let part = self.visits.len();
        self.push(parted, self.next, None, self.kin[v]);
        self.notes[part].split_from = Some(self.number[v]);
        let model = Model::new(self.county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        if desk.state.place[v].is_some() && !desk.complete(v) {
            desk.state.take(&model, v);
        }
        desk.load_all();
        let mut absent: Vec<usize> = Vec::new();
        for w in [other, Some(v), Some(part)].into_iter().flatten() {
            let days: Vec<usize> = self.allowed(w).iter().collect();
            if desk.state.place[w].is_none()
                && !self.at_another_time(&mut desk, w, &days, 4)
                && !self.days(&model, w).is_empty()
            {
                absent.push(w);
            }
        }
        let key = lots::expand(self.seed, "replace", self.list, "split");
        let mut stream = Stream::new(&key, u64::from(self.next));
        let mut scratch = Scratch::default();
        let rounds = self.terms.effort;
        for step in 0..rounds {
            if absent.is_empty() {
                break;
            }
            let pick = stream.below(absent.len());
            let ruin = 1 + stream.below(1 + self.reach * RUIN * step / rounds);
            if self.round(&mut desk, absent[pick], ruin, &mut stream, &mut scratch) {
                absent.remove(pick);
            }
        }
        let stands = |w: &usize| desk.complete(*w);
        let won = match other {
            None => [v, part].iter().any(stands),
            Some(other) => [v, part, other].iter().all(stands),
        };
        if won {
            self.next += 1;
            self.kept = desk.kept();
            self.splits.push(split);
            return true;
        }
        self.truncate(part);
        self.visits[v] = whole;
        self.notes = notes;
        false
    }

    /// Draws the people of every visit that the search moved or placed.
    pub(super) fn draw_moved(&mut self) {
        let fixed: Vec<bool> = (0..self.visits.len()).map(|v| !self.notes[v].redraw).collect();
        if fixed.iter().all(|f| *f) {
            return;
        }
        let county = self.county;
        let model = Model::new(county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        let unit = |pool: usize| token(&county.input.departments[pool].id);
        let keys = Keys {
            order: lots::expand(self.seed, lots::TASK_ORDER, self.list, ""),
            assign: (0..county.pool.len())
                .map(|p| lots::expand(self.seed, lots::ASSIGN, self.list, &unit(p)))
                .collect(),
        };
        let visit: Vec<u64> = self.number.iter().map(|n| u64::from(*n)).collect();
        let numbers = Numbers { visit: &visit, person: &self.person_number };
        let mut loads = Loads::new(model.county);
        for seat in lottery::draw(&model, &mut desk.state, &keys, numbers, &fixed, &mut loads) {
            let req = &model.reqs[seat.req as usize];
            #[expect(clippy::cast_possible_truncation, reason = "departments are numbered by u16")]
            self.drawn.entry(req.visit as usize).or_default().push((seat, req.pool as u16));
        }
        self.kept = desk.kept();
    }
}
