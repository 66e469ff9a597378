//! Levels 0 to 3: filling the seats of those who cannot come, with as few other changes as possible.

use super::change::{Came, Left, Why};
use super::desk::Desk;
use super::rebuild::Work;
use super::substitutes::Drawn;
use crate::domain::allocate::model::Model;
use crate::domain::allocate::state::{NOBODY, Place};
use crate::domain::allocate::team;
use crate::domain::draw::lots;

/// What is found for one requirement: who stays, who comes.
type Crew = (Vec<u32>, Vec<Drawn>);

impl Work<'_> {
    /// Repairs visits that lack people or a time: everybody at level 0 first, so that free people are used before
    /// anybody is moved. Those with the fewest candidates come first, then by lot.
    pub(super) fn repair(&mut self, desk: &mut Desk<'_, '_>, hit: Vec<usize>) {
        let key = lots::expand(self.seed, lots::TASK_ORDER, self.list, "");
        let mut order: Vec<(usize, u128, usize)> = hit
            .into_iter()
            .map(|v| {
                let room = desk.state.place[v].map_or(usize::MAX, |place| {
                    let short = |r: &usize| !desk.enough(*r, place.day as usize);
                    desk.model.reqs_of(v).filter(short).map(|r| desk.free(r, place).len()).min().unwrap_or(0)
                });
                (room, lots::lot(&key, 0, u64::from(self.number[v])), v)
            })
            .collect();
        order.sort_unstable();
        let mut open: Vec<usize> = order.into_iter().map(|(_, _, v)| v).collect();
        open.retain(|v| !self.at_once(desk, *v));
        open.retain(|v| !self.by_swap(desk, *v));
        for v in open {
            let day = desk.state.place[v].map(|p| p.day as usize);
            // Off its time, so that its own people are free for another.
            self.take_off(desk, v);
            let allowed = self.allowed(v);
            let same: Vec<usize> = day.into_iter().filter(|d| allowed.contains(*d)).collect();
            let others: Vec<usize> = allowed.iter().filter(|d| Some(*d) != day).collect();
            let _ = self.at_another_time(desk, v, &same, 2) || self.at_another_time(desk, v, &others, 3);
        }
    }

    /// Takes a visit off the schedule, with the minutes of its people.
    pub(super) fn take_off(&self, desk: &mut Desk<'_, '_>, v: usize) {
        let minutes = u64::from(desk.model.visits[v].minutes);
        for p in desk.team(v) {
            desk.loads.minutes[p as usize] -= minutes;
        }
        desk.state.take(desk.model, v);
    }

    /// Those whose seats on a pool are empty, for the key of the draw.
    fn leavers(&self, v: usize, pool: u32) -> Vec<String> {
        let of_pool = |id: &str| match self.person_ix.get(id) {
            Some(p) => self.pool_of(*p) == pool,
            // Somebody no longer listed: of this pool as far as anybody knows.
            None => true,
        };
        let needed = |l: &&Left| l.why != Why::NotNeeded && l.why != Why::OtherDepartment;
        self.notes[v].left.iter().filter(needed).map(|l| l.person.clone()).filter(|id| of_pool(id)).collect()
    }

    /// Level 0: people free at that time.
    fn at_once(&mut self, desk: &mut Desk<'_, '_>, v: usize) -> bool {
        let Some(place) = desk.state.place[v] else { return false };
        let day = place.day as usize;
        let mut crews: Vec<(usize, Crew)> = Vec::new();
        for r in desk.model.reqs_of(v) {
            if desk.enough(r, day) {
                continue;
            }
            let kept = desk.members(r);
            let mut free = desk.free(r, place);
            free.retain(|p| !kept.contains(p));
            let Some((stay, heads)) = desk.keepable(r, day, &kept, &free) else { return false };
            let mut leaving = self.leavers(v, desk.model.reqs[r].pool);
            leaving.extend(kept.iter().filter(|p| !stay.contains(p)).map(|p| self.id(*p)));
            let Some(drawn) = self.fill(desk, r, day, &stay, heads, &free, &leaving, 0) else { return false };
            crews.push((r, (stay, drawn)));
        }
        for (r, (stay, drawn)) in crews {
            self.let_in(desk, v, r, &stay, drawn, Why::LacksCertificate);
        }
        self.notes[v].level = Some(0);
        true
    }

    fn id(&self, p: u32) -> String {
        self.county.input.inspectors[p as usize].id.clone()
    }

    /// Seats a crew on a placed visit; whoever sat there and does not stay leaves for the reason given.
    fn let_in(
        &mut self,
        desk: &mut Desk<'_, '_>,
        v: usize,
        r: usize,
        stay: &[u32],
        drawn: Vec<Drawn>,
        why: Why,
    ) {
        let minutes = u64::from(desk.model.visits[v].minutes);
        let pool = desk.model.reqs[r].pool;
        for p in desk.members(r) {
            if !stay.contains(&p) {
                desk.loads.minutes[p as usize] -= minutes;
                let person = self.id(p);
                self.notes[v].left.push(Left { person, why });
            }
        }
        let leaving = self.leavers(v, pool);
        let mut people = stay.to_vec();
        for (i, d) in drawn.into_iter().enumerate() {
            desk.loads.minutes[d.person as usize] += minutes;
            people.push(d.person);
            let instead_of = leaving.get(i).cloned().unwrap_or_default();
            let person = self.id(d.person);
            self.notes[v].came.push(Came { person, instead_of, substitutes: d.list });
        }
        desk.seat(r, &people);
    }

    /// Level 1: for one of the requirements that lack somebody, a person busy on another visit of that day who can be
    /// replaced there by somebody free; the others as at level 0.
    fn by_swap(&mut self, desk: &mut Desk<'_, '_>, v: usize) -> bool {
        let Some(place) = desk.state.place[v] else { return false };
        let day = place.day as usize;
        if self.at_once(desk, v) {
            // A swap before this one has freed somebody.
            return true;
        }
        let model = desk.model;
        let visit = &model.visits[v];
        let window = Model::window(visit.len, place.start);
        let recused = &model.recused[visit.subject as usize];
        let short: Vec<usize> = model.reqs_of(v).filter(|r| !desk.enough(*r, day)).collect();
        for r in short {
            let req = &model.reqs[r];
            let kept = desk.members(r);
            let candidates: Vec<u32> = model.roster[req.pool as usize]
                .iter()
                .copied()
                .filter(|q| {
                    let at = *q as usize * model.days + day;
                    model.away[at] == 0
                        && !kept.contains(q)
                        && recused.binary_search(q).is_err()
                        && team::goes_with(model, req.pair, *q, &kept)
                        && !desk.state.free(model, *q, day, window, visit.minutes)
                })
                .collect();
            let leaving = self.leavers(v, req.pool);
            let name = leaving.first().map_or("", String::as_str);
            for s in self.order(desk, v, name, 1, &candidates) {
                if self.swap_for(desk, v, r, place, s.person) {
                    return true;
                }
            }
        }
        false
    }

    /// Tries to bring `q` over from the one visit that keeps it, with somebody free in its place there.
    fn swap_for(&mut self, desk: &mut Desk<'_, '_>, v: usize, r: usize, place: Place, q: u32) -> bool {
        let model = desk.model;
        let day = place.day as usize;
        let visit = &model.visits[v];
        let window = Model::window(visit.len, place.start);
        let mut others = desk.state.on[model.reqs[r].pool as usize * model.days + day].clone();
        others.sort_unstable_by_key(|u| self.number[*u as usize]);
        for u in others.into_iter().map(|u| u as usize).filter(|u| *u != v) {
            let Some(there) = desk.state.place[u] else { continue };
            let Some(ru) = model
                .reqs_of(u)
                .find(|ru| model.reqs[*ru].pool == model.reqs[r].pool && desk.members(*ru).contains(&q))
            else {
                continue;
            };
            if self.notes[u].redraw || !desk.complete(u) {
                continue;
            }
            let whole = desk.members(ru);
            let rest: Vec<u32> = whole.iter().copied().filter(|p| *p != q).collect();
            desk.seat(ru, &rest);
            let freed = desk.state.free(model, q, day, window, visit.minutes);
            let mut free_there = desk.free(ru, there);
            free_there.retain(|p| *p != q && !rest.contains(p));
            let heads = freed
                .then(|| desk.heads(ru, day, &rest, &free_there))
                .flatten()
                .filter(|h| *h <= whole.len());
            if let Some(heads) = heads {
                let id = self.id(q);
                if let Some(drawn) = self.fill(desk, ru, day, &rest, heads, &free_there, &[id], 1) {
                    // `q` is now free and somebody new sits at `u`; `v` must be completed with `q` on it.
                    let mut people = rest.clone();
                    people.extend(drawn.iter().map(|d| d.person));
                    desk.seat(ru, &people);
                    if let Some(crews) = self.crews_with(desk, v, r, place, q) {
                        desk.seat(ru, &whole);
                        self.let_in(desk, u, ru, &rest, drawn, Why::Swapped(self.number[v]));
                        self.notes[u].level = self.notes[u].level.max(Some(1));
                        for (r, (stay, drawn)) in crews {
                            self.let_in(desk, v, r, &stay, drawn, Why::LacksCertificate);
                        }
                        self.notes[v].level = Some(1);
                        return true;
                    }
                }
            }
            desk.seat(ru, &whole);
        }
        false
    }

    /// Crews for all requirements of `v` that lack somebody, `q` being one of those who come for `r`.
    fn crews_with(
        &self,
        desk: &Desk<'_, '_>,
        v: usize,
        r: usize,
        place: Place,
        q: u32,
    ) -> Option<Vec<(usize, Crew)>> {
        let day = place.day as usize;
        let mut crews = Vec::new();
        for other in desk.model.reqs_of(v) {
            if desk.enough(other, day) {
                continue;
            }
            let kept = desk.members(other);
            let mut free = desk.free(other, place);
            free.retain(|p| !kept.contains(p));
            let leaving = self.leavers(v, desk.model.reqs[other].pool);
            if other == r {
                free.retain(|p| *p != q);
                let mut with = kept.clone();
                with.push(q);
                let heads = desk.heads(r, day, &with, &free)?;
                let first = Drawn { person: q, list: Vec::new() };
                let more =
                    self.fill(desk, r, day, &with, heads, &free, leaving.get(1..).unwrap_or(&[]), 1)?;
                crews.push((other, (kept, std::iter::once(first).chain(more).collect())));
            } else {
                let (stay, heads) = desk.keepable(other, day, &kept, &free)?;
                let drawn = self.fill(desk, other, day, &stay, heads, &free, &leaving, 1)?;
                crews.push((other, (stay, drawn)));
            }
        }
        Some(crews)
    }

    /// People who went on a visit before and still could, as far as it is not a matter of time.
    fn wished(&self, v: usize) -> Vec<u32> {
        let mut wish: Vec<u32> = Vec::new();
        for (id, _) in self.wish(v).iter().flat_map(|s| &s.team) {
            if let Some(p) = self.person_ix.get(id.as_str())
                && !wish.contains(p)
            {
                wish.push(*p);
            }
        }
        wish
    }

    /// Levels 2 and 3: a visit that is off the schedule at another start or day, keeping everybody who can come: the
    /// fewest people lost, then the nearest day, then the nearest start.
    pub(super) fn at_another_time(
        &mut self,
        desk: &mut Desk<'_, '_>,
        v: usize,
        days: &[usize],
        level: u8,
    ) -> bool {
        let model = desk.model;
        let wish = self.wished(v);
        let home = self.wish(v).map(|s| {
            let (Ok(day) | Err(day)) = self.county.days.binary_search(&s.date);
            (day, self.slot(s.start).unwrap_or(0))
        });
        let (home_day, home_start) = home.unwrap_or((0, 0));
        let mut best: Option<(usize, usize, u32, Place)> = None;
        for &day in days {
            if !model.visits[v].days.contains(day) {
                continue;
            }
            let mut open = team::open_starts(model, &desk.state, v, day);
            while open != 0 {
                let start = open.trailing_zeros();
                open &= open - 1;
                #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
                let place = Place { day: day as u32, start };
                let near = (day.abs_diff(home_day), start.abs_diff(home_start));
                if best.is_some_and(|(lost, d, s, _)| lost == 0 && (d, s) <= near) {
                    continue;
                }
                let Some(lost) = self.lost(desk, v, place, &wish) else { continue };
                if best.is_none_or(|(l, d, s, _)| (lost, near.0, near.1) < (l, d, s)) {
                    best = Some((lost, near.0, near.1, place));
                }
            }
        }
        let Some((_, _, _, place)) = best else { return false };
        self.place_at(desk, v, place, &wish, level)
    }

    /// How many of `wish` a visit would lose at a place; none when it cannot be staffed there.
    fn lost(&self, desk: &Desk<'_, '_>, v: usize, place: Place, wish: &[u32]) -> Option<usize> {
        let mut kept = 0;
        for r in desk.model.reqs_of(v) {
            let free = desk.free(r, place);
            kept += self.crew(desk, r, place, wish, &free)?.0.len();
        }
        Some(wish.len() - kept)
    }

    /// Of `wish` those of one pool who are free, as far as they can be completed, with the heads needed.
    pub(super) fn crew(
        &self,
        desk: &Desk<'_, '_>,
        r: usize,
        place: Place,
        wish: &[u32],
        free: &[u32],
    ) -> Option<(Vec<u32>, usize)> {
        let req = &desk.model.reqs[r];
        let kept: Vec<u32> =
            wish.iter().copied().filter(|p| free.contains(p)).take(req.most as usize).collect();
        desk.keepable(r, place.day as usize, &kept, free)
    }

    /// Puts a visit that is off the schedule at a place; the people missing are drawn.
    pub(super) fn place_at(
        &mut self,
        desk: &mut Desk<'_, '_>,
        v: usize,
        place: Place,
        wish: &[u32],
        level: u8,
    ) -> bool {
        let model = desk.model;
        let mut crews = Vec::new();
        for r in model.reqs_of(v) {
            let free = desk.free(r, place);
            let Some((stay, heads)) = self.crew(desk, r, place, wish, &free) else { return false };
            let pool = model.reqs[r].pool;
            let gone = wish.iter().filter(|p| self.pool_of(**p) == pool && !stay.contains(p));
            let leaving: Vec<String> = gone.map(|p| self.id(*p)).collect();
            let Some(drawn) = self.fill(desk, r, place.day as usize, &stay, heads, &free, &leaving, level)
            else {
                return false;
            };
            crews.push((stay, drawn, leaving));
        }
        let minutes = u64::from(model.visits[v].minutes);
        let (mut seats, mut came) = (Vec::new(), Vec::new());
        let mut stays: Vec<u32> = Vec::new();
        for (r, (stay, drawn, leaving)) in model.reqs_of(v).zip(crews) {
            let from = seats.len();
            seats.extend(&stay);
            stays.extend(&stay);
            for (i, d) in drawn.into_iter().enumerate() {
                seats.push(d.person);
                let instead_of = leaving.get(i).cloned().unwrap_or_default();
                came.push(Came { person: self.id(d.person), instead_of, substitutes: d.list });
            }
            seats.resize(from + model.reqs[r].most as usize, NOBODY);
        }
        for p in seats.iter().filter(|p| **p != NOBODY) {
            desk.loads.minutes[*p as usize] += minutes;
        }
        desk.state.put(model, v, place, &seats);
        let ids: Vec<String> = stays.iter().map(|p| self.id(*p)).collect();
        let note = &mut self.notes[v];
        // Who could not come at the old time may come at the new one.
        note.left.retain(|l| !ids.contains(&l.person));
        note.came = came;
        note.level = Some(level);
        true
    }
}
