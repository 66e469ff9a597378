//! Who is where: the provisional schedule, changed by placing and removing whole visits.

use super::model::Model;

/// No person on a seat.
pub const NOBODY: u32 = u32::MAX;

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Day.
    pub day: u32,
    /// Starting slot.
    pub start: u32,
}

/// A schedule in the making. Double booking cannot be represented: a person's slots are bits.
#[derive(Debug, Clone)]
pub struct State {
    /// Occupied slots of each (person, day); all ones when away.
    pub busy: Vec<u64>,
    /// Minutes taken of each (person, day).
    pub used: Vec<u32>,
    /// Place of each visit.
    pub place: Vec<Option<Place>>,
    /// Person on each seat.
    pub seats: Vec<u32>,
    /// Visits of each (pool, day).
    pub on: Vec<Vec<u32>>,
    /// Minutes asked of each (key, day): placed, and expected from visits not placed. In 1/256 minute.
    pub demand: Vec<i64>,
    /// Visits placed.
    pub placed: usize,
}

impl State {
    /// Nothing placed; every visit expected evenly over its days.
    #[must_use]
    pub fn new(model: &Model<'_>) -> Self {
        let mut state = Self {
            busy: model.away.iter().zip(&model.taken).map(|(away, taken)| away | taken).collect(),
            used: model.spent.clone(),
            place: vec![None; model.visits.len()],
            seats: vec![NOBODY; model.seats],
            on: vec![Vec::new(); model.roster.len() * model.days],
            demand: vec![0; model.supply.len()],
            placed: 0,
        };
        for v in 0..model.visits.len() {
            state.expect(model, v, 1);
        }
        state
    }

    /// Adds (or with -1 removes) the expected demand of a visit that is not placed.
    pub fn expect(&mut self, model: &Model<'_>, v: usize, sign: i64) {
        let visit = &model.visits[v];
        let n = visit.days.len();
        if n == 0 {
            return;
        }
        #[expect(clippy::cast_possible_wrap, reason = "at most 256 days")]
        let share = i64::from(visit.minutes) * 256 / n as i64 * sign;
        for r in model.reqs_of(v) {
            let (from, to) = model.reqs[r].keys;
            for (key, heads) in &model.req_keys[from as usize..to as usize] {
                for day in visit.days.iter() {
                    self.demand[*key as usize * model.days + day] += share * i64::from(*heads);
                }
            }
        }
    }

    fn load(&mut self, model: &Model<'_>, v: usize, day: usize, sign: i64) {
        let minutes = i64::from(model.visits[v].minutes) * 256 * sign;
        for r in model.reqs_of(v) {
            let (from, to) = model.reqs[r].keys;
            for (key, heads) in &model.req_keys[from as usize..to as usize] {
                self.demand[*key as usize * model.days + day] += minutes * i64::from(*heads);
            }
        }
    }

    /// How hard pressed the scarcest people of a visit are on a day, in 1/1024 of what they have.
    #[must_use]
    pub fn pressure(&self, model: &Model<'_>, v: usize, day: usize) -> i64 {
        let mut worst = 0;
        for r in model.reqs_of(v) {
            let (from, to) = model.reqs[r].keys;
            for (key, _) in &model.req_keys[from as usize..to as usize] {
                let at = *key as usize * model.days + day;
                worst = worst.max(self.demand[at] * 4 / model.supply[at].max(1));
            }
        }
        worst
    }

    /// Whether a person is free for `window` and has the minutes.
    #[must_use]
    pub fn free(&self, model: &Model<'_>, p: u32, day: usize, window: u64, minutes: u32) -> bool {
        let at = p as usize * model.days + day;
        self.busy[at] & window == 0 && self.used[at] + minutes <= model.daily[p as usize]
    }

    /// Books one person.
    pub fn book(&mut self, model: &Model<'_>, p: u32, day: usize, window: u64, minutes: u32) {
        let at = p as usize * model.days + day;
        self.busy[at] |= window;
        self.used[at] += minutes;
    }

    /// Frees one person who is booked for `window`.
    pub fn unbook(&mut self, model: &Model<'_>, p: u32, day: usize, window: u64, minutes: u32) {
        let at = p as usize * model.days + day;
        self.busy[at] &= !window;
        self.used[at] -= minutes;
    }

    /// Places a visit with the people of `team`, whose layout is that of the visit's seats.
    pub fn put(&mut self, model: &Model<'_>, v: usize, place: Place, team: &[u32]) {
        let visit = &model.visits[v];
        let window = Model::window(visit.len, place.start);
        let first = model.reqs[visit.reqs.0 as usize].seat as usize;
        self.seats[first..first + team.len()].copy_from_slice(team);
        for &p in team.iter().filter(|p| **p != NOBODY) {
            self.book(model, p, place.day as usize, window, visit.minutes);
        }
        for r in model.reqs_of(v) {
            #[expect(clippy::cast_possible_truncation, reason = "visits are far fewer than 2^32")]
            self.on[model.reqs[r].pool as usize * model.days + place.day as usize].push(v as u32);
        }
        self.expect(model, v, -1);
        self.load(model, v, place.day as usize, 1);
        self.place[v] = Some(place);
        self.placed += 1;
    }

    /// Takes a visit off again; nothing happens when it is not placed.
    pub fn take(&mut self, model: &Model<'_>, v: usize) {
        let Some(place) = self.place[v].take() else { return };
        let visit = &model.visits[v];
        let window = Model::window(visit.len, place.start);
        for seat in self.seats_of(model, v) {
            let p = std::mem::replace(&mut self.seats[seat], NOBODY);
            if p != NOBODY {
                self.unbook(model, p, place.day as usize, window, visit.minutes);
            }
        }
        for r in model.reqs_of(v) {
            let list = &mut self.on[model.reqs[r].pool as usize * model.days + place.day as usize];
            if let Some(i) = list.iter().position(|x| *x as usize == v) {
                list.swap_remove(i);
            }
        }
        self.load(model, v, place.day as usize, -1);
        self.expect(model, v, 1);
        self.placed -= 1;
    }

    /// Indices of the seats of a visit.
    #[must_use]
    pub fn seats_of(&self, model: &Model<'_>, v: usize) -> std::ops::Range<usize> {
        let (from, to) = model.visits[v].reqs;
        if from == to {
            return 0..0;
        }
        let last = &model.reqs[to as usize - 1];
        model.reqs[from as usize].seat as usize..(last.seat + last.most) as usize
    }
}
