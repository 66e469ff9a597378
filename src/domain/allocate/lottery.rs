//! The draw of the people: who of those who can go goes.
//!
//! Visits are drawn in keyed order. For each seat the smallest `lot div weight` among the candidates wins, where the
//! lot depends on (seed, department, visit, person) only and the weight falls with the load a person already has. A
//! pick stands only if everybody else can still be staffed: whoever the picked person was provisionally sitting in
//! for is replaced along an alternating path, else the pick is rejected and the next lot counts. After every step
//! there is a complete provisional team for every visit, so no draw can strand one.

pub use super::loads::Loads;
use super::model::{Model, ReqM};
use super::state::{NOBODY, State};
use super::team::{self, Scratch};
use crate::domain::draw::lots::{self, Key};
use rayon::prelude::*;

/// How long an alternating path may be.
const DEPTH: u32 = 3;
/// Visits whose lots are computed ahead.
const BATCH: usize = 1024;
/// People looked at on alternating paths for one pick, at most.
const LOOKS: u32 = 400;

/// How a seat was filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Requirement, as an index into [`Model::reqs`].
    pub req: u32,
    /// Person.
    pub person: u32,
    /// Its lot.
    pub lot: u128,
    /// Its weight.
    pub weight: u64,
    /// People among whom was drawn.
    pub candidates: u32,
    /// People with a smaller `lot div weight` whose pick would have stranded a visit: (person, visit).
    pub rejected: Vec<(u32, u32)>,
    /// Whether no pick was possible and the provisional person stayed (唯一可行).
    pub only_feasible: bool,
    /// Weights of those who could be drawn: (largest, sum). How even the odds were.
    pub odds: (u64, u64),
}

/// The keys of a draw of people.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Order of the visits: `K("task-order", "")`.
    pub order: Key,
    /// Lots of each pool: `K("assign", department)`.
    pub assign: Vec<Key>,
}

/// Numbers under which people and visits are known to the draw.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    /// Number of each visit (stream of its lots).
    pub visit: &'a [u64],
    /// Number of each person in the inspector pool.
    pub person: &'a [u64],
}

/// Draws the people of all placed visits that are not yet `fixed`. `state` holds the schedule with provisional
/// teams and afterwards the drawn ones; seats of fixed visits never change.
pub fn draw(
    model: &Model<'_>,
    state: &mut State,
    keys: &Keys,
    numbers: Numbers<'_>,
    fixed: &[bool],
    loads: &mut Loads,
) -> Vec<Seat> {
    let mut order: Vec<(u128, u64, u32)> = (0_u32..)
        .zip(&state.place)
        .filter(|(v, place)| place.is_some() && !fixed[*v as usize])
        .map(|(v, _)| {
            let number = numbers.visit[v as usize];
            (lots::lot(&keys.order, 0, number), number, v)
        })
        .collect();
    order.sort_unstable();
    let mut draw = Draw {
        model,
        state,
        done: fixed.to_vec(),
        final_busy: model.taken.clone(),
        final_used: model.spent.clone(),
        undo: Vec::new(),
        looks: 0,
        scratch: Scratch::default(),
    };
    for (v, fixed) in fixed.iter().enumerate() {
        if *fixed && draw.state.place[v].is_some() {
            draw.finalise(v);
            draw.count(v, loads);
        }
    }
    let mut seats = Vec::new();
    for batch in order.chunks(BATCH) {
        // Lots depend on the keys only, so they are computed ahead, on all cores.
        let drawn: Vec<Vec<Vec<u128>>> = batch
            .par_iter()
            .map(|(_, number, v)| {
                model.reqs_of(*v as usize).map(|r| lots_of(model, r, *number, keys, numbers)).collect()
            })
            .collect();
        for ((_, _, v), drawn) in batch.iter().zip(drawn) {
            // From here on nobody may be moved off this visit for the sake of another.
            draw.done[*v as usize] = true;
            for (r, drawn) in model.reqs_of(*v as usize).zip(drawn) {
                draw.requirement(r, &drawn, numbers, loads, &mut seats);
            }
            draw.finalise(*v as usize);
            draw.count(*v as usize, loads);
        }
    }
    seats
}

/// The lots of the people of a requirement's pool, in the order of the county's pool.
fn lots_of(model: &Model<'_>, r: usize, visit: u64, keys: &Keys, numbers: Numbers<'_>) -> Vec<u128> {
    let pool = model.reqs[r].pool as usize;
    let people = &model.county.pool[pool];
    // People of one department have consecutive numbers; those of a team of it lie among them.
    let of = || people.iter().map(|p| numbers.person[*p as usize]);
    let (first, last) = (of().min().unwrap_or(0), of().max().unwrap_or(0));
    let mut drawn = vec![0_u128; usize::try_from(last - first).map_or(0, |n| n + 1)];
    lots::fill(&keys.assign[pool], visit, first, &mut drawn);
    people.iter().map(|p| drawn[(numbers.person[*p as usize] - first) as usize]).collect()
}

/// A candidate for a seat, ordered as the draw orders: by lot div weight, lot, number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ticket {
    key: u128,
    lot: u128,
    number: u64,
    person: u32,
    weight: u64,
}

/// A change of one seat, to be taken back: (requirement, seat, person before).
type Change = (u32, u32, u32);

struct Draw<'m, 'c, 's> {
    model: &'m Model<'c>,
    state: &'s mut State,
    /// Visits whose people are final.
    done: Vec<bool>,
    /// Slots and minutes of final people only.
    final_busy: Vec<u64>,
    final_used: Vec<u32>,
    undo: Vec<Change>,
    looks: u32,
    scratch: Scratch,
}

impl Draw<'_, '_, '_> {
    /// Day, slots and minutes of the visit of a requirement. Only placed visits are asked about.
    fn time(&self, req: &ReqM) -> (usize, u64, u32) {
        let visit = &self.model.visits[req.visit as usize];
        let place = self.state.place[req.visit as usize].unwrap_or(super::state::Place { day: 0, start: 0 });
        (place.day as usize, Model::window(visit.len, place.start), visit.minutes)
    }

    fn finalise(&mut self, v: usize) {
        for r in self.model.reqs_of(v) {
            let req = self.model.reqs[r];
            let (day, window, minutes) = self.time(&req);
            for seat in req.seat..req.seat + req.most {
                let p = self.state.seats[seat as usize];
                if p != NOBODY {
                    self.final_busy[p as usize * self.model.days + day] |= window;
                    self.final_used[p as usize * self.model.days + day] += minutes;
                }
            }
        }
    }

    /// Adds the minutes of a visit to its people.
    fn count(&self, v: usize, loads: &mut Loads) {
        for p in
            self.state.seats_of(self.model, v).map(|seat| self.state.seats[seat]).filter(|p| *p != NOBODY)
        {
            loads.minutes[p as usize] += u64::from(self.model.visits[v].minutes);
        }
    }

    /// Puts another person (or nobody) on a seat, with the booking that goes with it.
    fn set(&mut self, r: u32, seat: u32, p: u32) {
        let req = self.model.reqs[r as usize];
        let (day, window, minutes) = self.time(&req);
        let before = std::mem::replace(&mut self.state.seats[seat as usize], p);
        if before != NOBODY {
            self.state.unbook(self.model, before, day, window, minutes);
        }
        if p != NOBODY {
            self.state.book(self.model, p, day, window, minutes);
        }
        self.undo.push((r, seat, before));
    }

    fn back_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            if let Some((r, seat, before)) = self.undo.pop() {
                self.set(r, seat, before);
                self.undo.pop();
            }
        }
    }

    /// Whether final bookings leave a person free.
    fn open(&self, p: u32, day: usize, window: u64, minutes: u32) -> bool {
        let at = p as usize * self.model.days + day;
        self.model.away[at] == 0
            && self.final_busy[at] & window == 0
            && self.final_used[at] + minutes <= self.model.daily[p as usize]
    }

    /// Draws the seats of one requirement.
    fn requirement(
        &mut self,
        r: usize,
        drawn: &[u128],
        numbers: Numbers<'_>,
        loads: &Loads,
        seats: &mut Vec<Seat>,
    ) {
        let model = self.model;
        let req = model.reqs[r];
        #[expect(clippy::cast_possible_truncation, reason = "requirements are far fewer than 2^32")]
        let r = r as u32;
        let (day, window, minutes) = self.time(&req);
        let recused = &model.recused[model.visits[req.visit as usize].subject as usize];
        // Everybody whom final bookings leave free, with lot and load rate.
        let candidates: Vec<(u32, u128, u64)> = model.county.pool[req.pool as usize]
            .iter()
            .zip(drawn)
            .filter(|(p, _)| self.open(**p, day, window, minutes) && !recused.contains(p))
            .map(|(p, lot)| (*p, *lot, loads.rate_in(*p, minutes)))
            .collect();
        let heads =
            (req.seat..req.seat + req.most).filter(|seat| self.state.seats[*seat as usize] != NOBODY).count();
        let certs = |p: u32| model.certs[p as usize * model.days + day];
        let mut chosen: Vec<u32> = Vec::with_capacity(heads);
        for _ in 0..heads {
            let have = chosen.iter().fold(0, |h, p| h | certs(*p));
            let missing = req.need & !have;
            let must_cover = (heads - chosen.len()) as u32 <= missing.count_ones();
            let may = |p: u32| {
                !chosen.contains(&p)
                    && (!must_cover || certs(p) & missing != 0)
                    && team::goes_with(model, req.pair, p, &chosen)
            };
            let least = candidates.iter().filter(|c| may(c.0)).map(|c| c.2).min().unwrap_or(0);
            let mut field: Vec<Ticket> = candidates
                .iter()
                .filter(|c| may(c.0))
                .map(|(p, lot, _)| {
                    let weight = loads.weight(*p, minutes, least);
                    let number = numbers.person[*p as usize];
                    Ticket { key: lot / u128::from(weight), lot: *lot, number, person: *p, weight }
                })
                .collect();
            let odds = field.iter().fold((0, 0), |(most, sum), t| (most.max(t.weight), sum + t.weight));
            #[expect(clippy::cast_possible_truncation, reason = "people are far fewer than 2^32")]
            let count = field.len() as u32;
            let mut rejected = Vec::new();
            let mut pick = None;
            while let Some(at) = (0..field.len()).min_by_key(|i| field[*i]) {
                let ticket = field.swap_remove(at);
                self.looks = 0;
                match self.try_pick(r, &req, &chosen, ticket.person, heads) {
                    Ok(()) => {
                        pick = Some((ticket.person, ticket.lot, ticket.weight));
                        break;
                    }
                    Err(stranded) => rejected.push((ticket.person, stranded)),
                }
            }
            let only_feasible = pick.is_none();
            // The provisional person of the next open seat stays when nobody could be drawn.
            let (person, lot, weight) = pick.unwrap_or_else(|| {
                let p = self.state.seats[req.seat as usize + chosen.len()];
                (p, candidates.iter().find(|c| c.0 == p).map_or(0, |c| c.1), 0)
            });
            seats.push(Seat {
                req: r,
                person,
                lot,
                weight,
                candidates: count,
                rejected,
                only_feasible,
                odds,
            });
            chosen.push(person);
        }
        self.undo.clear();
    }

    /// Tries to seat `p` after `chosen`. On success the team is complete again (the rest provisional); on failure
    /// everything is as before and the visit that would be stranded is named.
    fn try_pick(&mut self, r: u32, req: &ReqM, chosen: &[u32], p: u32, heads: usize) -> Result<(), u32> {
        let mark = self.undo.len();
        let (day, window, minutes) = self.time(req);
        #[expect(clippy::cast_possible_truncation, reason = "teams are small")]
        let at = req.seat + chosen.len() as u32;
        // The person may already sit provisionally on a later seat of this team: then only swap.
        for seat in at..req.seat + req.most {
            if self.state.seats[seat as usize] == p {
                let other = self.state.seats[at as usize];
                self.set(r, seat, NOBODY);
                self.set(r, at, NOBODY);
                self.set(r, at, p);
                if seat != at {
                    self.set(r, seat, other);
                }
                return Ok(());
            }
        }
        for seat in at..req.seat + req.most {
            if self.state.seats[seat as usize] != NOBODY {
                self.set(r, seat, NOBODY);
            }
        }
        if let Err(stranded) = self.clear(p, req, day, window, minutes, DEPTH) {
            self.back_to(mark);
            return Err(stranded);
        }
        self.set(r, at, p);
        if self.fill_rest(r, req, chosen, p, heads) {
            return Ok(());
        }
        self.back_to(mark);
        Err(req.visit)
    }

    /// Completes the team behind `chosen` and `p` with free people.
    fn fill_rest(&mut self, r: u32, req: &ReqM, chosen: &[u32], p: u32, heads: usize) -> bool {
        let model = self.model;
        let (day, window, minutes) = self.time(req);
        let recused = &model.recused[model.visits[req.visit as usize].subject as usize];
        let mut members: Vec<u32> = chosen.to_vec();
        members.push(p);
        let have = members.iter().fold(0, |h, q| h | model.certs[*q as usize * model.days + day]);
        let free: Vec<(u32, u32)> = model.roster[req.pool as usize]
            .iter()
            .filter(|q| self.state.free(model, **q, day, window, minutes) && !recused.contains(q))
            .map(|q| (0, *q))
            .collect();
        let from = members.len();
        if team::complete(model, day, req.pair, &free, req.need & !have, heads, &mut members).is_none() {
            return false;
        }
        for (i, q) in (0_u32..).zip(&members).skip(from) {
            self.set(r, req.seat + i, *q);
        }
        true
    }

    /// Makes a person free at a time by replacing it on visits not yet drawn. Names the visit that cannot do
    /// without it.
    fn clear(
        &mut self,
        p: u32,
        req: &ReqM,
        day: usize,
        window: u64,
        minutes: u32,
        depth: u32,
    ) -> Result<(), u32> {
        let model = self.model;
        for overlapping in [true, false] {
            let list = &self.state.on[req.pool as usize * model.days + day];
            // Sorted, so that the path does not depend on how the list came about.
            let mut others: Vec<u32> =
                list.iter().copied().filter(|u| !self.done[*u as usize] && *u != req.visit).collect();
            others.sort_unstable();
            for u in others {
                if self.state.free(model, p, day, window, minutes) {
                    return Ok(());
                }
                for ru in model.reqs_of(u as usize) {
                    let other = model.reqs[ru];
                    let (_, taken, _) = self.time(&other);
                    if other.pool != req.pool || overlapping == (taken & window == 0) {
                        continue;
                    }
                    let seat = (other.seat..other.seat + other.most)
                        .find(|seat| self.state.seats[*seat as usize] == p);
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "requirements are far fewer than 2^32"
                    )]
                    if let Some(seat) = seat
                        && !self.replace(ru as u32, &other, seat, p, depth)
                    {
                        return Err(u);
                    }
                }
            }
        }
        if self.state.free(model, p, day, window, minutes) { Ok(()) } else { Err(req.visit) }
    }

    /// Finds somebody else for the seat of `p` on a visit not yet drawn.
    fn replace(&mut self, r: u32, req: &ReqM, seat: u32, p: u32, depth: u32) -> bool {
        let model = self.model;
        let (day, window, minutes) = self.time(req);
        let recused = &model.recused[model.visits[req.visit as usize].subject as usize];
        let rest: Vec<u32> = (req.seat..req.seat + req.most)
            .filter(|s| *s != seat)
            .map(|s| self.state.seats[s as usize])
            .filter(|q| *q != NOBODY)
            .collect();
        let certs = |q: u32| model.certs[q as usize * model.days + day];
        let missing = req.need & !rest.iter().fold(0, |h, q| h | certs(*q));
        let suits = |q: u32| {
            q != p
                && certs(q) & missing == missing
                && !rest.contains(&q)
                && !recused.contains(&q)
                && team::goes_with(model, req.pair, q, &rest)
        };
        let roster = &model.roster[req.pool as usize];
        let free = |draw: &Self, q: u32| draw.state.free(model, q, day, window, minutes);
        if let Some(q) = roster.iter().copied().find(|q| suits(*q) && free(self, *q)) {
            self.set(r, seat, q);
            return true;
        }
        // A whole new team without `p`.
        let mark = self.undo.len();
        for s in req.seat..req.seat + req.most {
            if self.state.seats[s as usize] != NOBODY {
                self.set(r, s, NOBODY);
            }
        }
        let slot = team::Slot { day, window, minutes, recused, without: p };
        let mut out = vec![NOBODY; req.most as usize];
        let mut scratch = std::mem::take(&mut self.scratch);
        let found = team::seek(model, self.state, req, &slot, &mut scratch, &mut out);
        self.scratch = scratch;
        if found.is_some() {
            for (s, q) in (req.seat..).zip(out) {
                if q != NOBODY {
                    self.set(r, s, q);
                }
            }
            return true;
        }
        self.back_to(mark);
        if depth <= 1 {
            return false;
        }
        // Somebody who is only provisionally busy, along an alternating path.
        self.set(r, seat, NOBODY);
        for &q in roster {
            if suits(q) && self.open(q, day, window, minutes) {
                self.looks += 1;
                if self.looks > LOOKS {
                    break;
                }
                let inner = self.undo.len();
                if self.clear(q, req, day, window, minutes, depth - 1).is_ok() {
                    self.set(r, seat, q);
                    return true;
                }
                self.back_to(inner);
            }
        }
        self.back_to(mark);
        false
    }
}

/// The order in which the officers of a visit take posts (A post first): by the lot of (visit, person) under the key
/// of purpose `post`; the first who may lead takes the A post, if any may.
#[must_use]
pub fn posts(key: &Key, visit: u64, officers: &[(u32, u64, bool)]) -> Vec<u32> {
    let mut order: Vec<(u128, u64, u32, bool)> = officers
        .iter()
        .map(|(p, number, lead)| (lots::lot(key, visit, *number), *number, *p, *lead))
        .collect();
    order.sort_unstable();
    if let Some(first) = order.iter().position(|(_, _, _, lead)| *lead) {
        order[..=first].rotate_right(1);
    }
    order.into_iter().map(|(_, _, p, _)| p).collect()
}
