//! The staffing problem as flat integers: what [`super::state`] and the searches work on.

use super::keyed::Stream;
use super::{modes, trips};
use crate::domain::draw::lots::Key;
use crate::domain::planning::dayset::DaySet;
use crate::domain::planning::input::TeamMode;
use crate::domain::planning::{Instance, Visit};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Bits of a certificate mask that say where a person works, not what it holds.
pub const SECTION: u64 = 1 << 63;
/// See [`SECTION`].
pub const STATION: u64 = 1 << 62;
/// See [`SECTION`].
pub const BRIGADE: u64 = 1 << 61;
/// The bits of a mask that are certificates.
pub const CERTS: u64 = BRIGADE - 1;

/// What the people of one team must have in common (组队方式, planning of pairs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairRule {
    /// Anybody with anybody.
    Any,
    /// All from one unit (同所).
    SameUnit,
    /// No two from one unit (跨所).
    DifferentUnits,
}

/// A visit as the searches see it.
#[derive(Debug, Clone, Copy)]
pub struct VisitM {
    /// Days on which it may take place and every requirement has candidates who are not away.
    pub days: DaySet,
    /// Slots it takes.
    pub len: u32,
    /// Minutes it takes from each of its people.
    pub minutes: u32,
    /// First requirement, and one past the last.
    pub reqs: (u32, u32),
    /// Place in [`Model::recused`] of the people who must not go: for a plain visit its subject.
    pub subject: u32,
    /// People it needs at least.
    pub heads: u32,
}

/// A requirement as the searches see it.
#[derive(Debug, Clone, Copy)]
pub struct ReqM {
    /// Visit it belongs to.
    pub visit: u32,
    /// Pool.
    pub pool: u32,
    /// People at least.
    pub size: u32,
    /// People at most: enough to bring each certificate by a person of its own.
    pub most: u32,
    /// Certificates needed, as bits of the pool's own numbering.
    pub need: u64,
    /// What its people must have in common.
    pub pair: PairRule,
    /// First seat; the requirement owns `most` seats.
    pub seat: u32,
    /// Keys (see [`Model::key_pool`]) whose people it uses, with heads: first the pool itself, then certificates.
    pub keys: (u32, u32),
}

/// The problem.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    /// The county it was made from.
    pub county: &'a Instance,
    /// Working days.
    pub days: usize,
    /// Visits, in the order given.
    pub visits: Vec<VisitM>,
    /// Requirements.
    pub reqs: Vec<ReqM>,
    /// Number of seats of all requirements.
    pub seats: usize,
    /// People of each pool in keyed order: equal people are exchangeable by construction.
    pub roster: Vec<Vec<u32>>,
    /// For each (pool, bit): people of the roster who hold the certificate on some day, in roster order.
    pub holders: Vec<Vec<Vec<u32>>>,
    /// Certificates of each (person, day), as bits of the pool's own numbering.
    pub certs: Vec<u64>,
    /// Slots each (person, day) is away from the start.
    pub away: Vec<u64>,
    /// Slots each (person, day) is taken by settled visits.
    pub taken: Vec<u64>,
    /// Minutes of those.
    pub spent: Vec<u32>,
    /// Minutes a day of each person.
    pub daily: Vec<u32>,
    /// Pool of each key.
    pub key_pool: Vec<u32>,
    /// Keys of requirements, as (key, heads), see [`ReqM::keys`].
    pub req_keys: Vec<(u32, u32)>,
    /// Minutes that people of each (key, day) have.
    pub supply: Vec<i64>,
    /// People who must not meet each subject; then, for trips and where a team mode keeps people away, further lists.
    pub recused: Vec<Vec<u32>>,
    /// The qualification behind each (pool, bit).
    pub pool_quals: Vec<Vec<u16>>,
    /// Unit of each person.
    pub unit: Vec<u32>,
    /// Slot masks of the morning and the afternoon.
    pub halves: (u64, u64),
    /// Starting slots at which a visit of each length stays within a half-day.
    pub startable: Vec<u64>,
    /// Value of a free run by pool and length.
    pub value: Vec<[u32; 65]>,
}

impl<'a> Model<'a> {
    /// Compiles the visits of a county. `roster_key` shuffles the people of each pool.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "counts of people, visits and slots are far below 2^32"
    )]
    pub fn new(county: &'a Instance, visits: &[Visit], roster_key: &Key) -> Self {
        let days = county.days.len();
        let pools = county.pool.len();
        // Certificates some requirement of the pool asks for, numbered per pool.
        let mut pool_quals: Vec<Vec<u16>> = vec![Vec::new(); pools];
        for requirement in visits.iter().flat_map(|v| &v.requirements) {
            pool_quals[requirement.pool as usize].extend(&requirement.quals);
        }
        for quals in &mut pool_quals {
            quals.sort_unstable();
            quals.dedup();
            quals.truncate(CERTS.count_ones() as usize);
        }
        let bit = |pool: usize, qual: u16| pool_quals[pool].binary_search(&qual).ok();
        let mut certs = vec![0_u64; county.people.len() * days];
        let mut away = vec![u64::MAX; county.people.len() * days];
        for (p, person) in county.people.iter().enumerate() {
            for day in person.available.iter() {
                away[p * days + day] = 0;
            }
            for (qual, valid) in &person.quals {
                if let Some(b) = bit(person.dept as usize, *qual) {
                    for day in valid.iter() {
                        certs[p * days + day] |= 1 << b;
                    }
                }
            }
            let place = modes::place(county, p as u32);
            certs[p * days..(p + 1) * days].iter_mut().for_each(|c| *c |= place);
        }
        let (mut taken, mut spent) = (vec![0_u64; away.len()], vec![0_u32; away.len()]);
        for ((p, day), (slots, minutes)) in &county.busy {
            let at = *p as usize * days + usize::from(*day);
            taken[at] = *slots;
            spent[at] = *minutes;
        }
        let mut roster = county.pool.clone();
        for (pool, people) in roster.iter_mut().enumerate() {
            Stream::new(roster_key, pool as u64).order(people);
        }
        let holders = roster
            .iter()
            .enumerate()
            .map(|(pool, people)| {
                (0..pool_quals[pool].len())
                    .map(|b| {
                        let holds = |p: &&u32| {
                            certs[**p as usize * days..(**p as usize + 1) * days]
                                .iter()
                                .any(|c| c >> b & 1 == 1)
                        };
                        people.iter().filter(holds).copied().collect()
                    })
                    .collect()
            })
            .collect::<Vec<Vec<Vec<u32>>>>();

        let grid = county.grid;
        let halves = (low(grid.am), low(grid.slots()) & !low(grid.am));
        let daily: Vec<u32> = county.people.iter().map(|p| p.daily_minutes).collect();
        // Keys: each pool, then each (pool, certificate).
        let mut first_key = vec![0_u32; pools];
        let mut key_pool = Vec::new();
        for (pool, quals) in pool_quals.iter().enumerate() {
            first_key[pool] = key_pool.len() as u32;
            key_pool.extend(std::iter::repeat_n(pool as u32, quals.len() + 1));
        }
        let mut supply = vec![0_i64; key_pool.len() * days];
        let longest = i64::from(grid.slots() * grid.slot_minutes);
        for (p, person) in county.people.iter().enumerate() {
            let key = first_key[person.dept as usize] as usize;
            let minutes = i64::from(daily[p]).min(longest);
            for day in person.available.iter() {
                supply[key * days + day] += minutes;
                let mut mask = certs[p * days + day] & CERTS;
                while mask != 0 {
                    let b = mask.trailing_zeros() as usize;
                    mask &= mask - 1;
                    supply[(key + 1 + b) * days + day] += minutes;
                }
            }
        }
        let mut recused: Vec<Vec<u32>> = vec![Vec::new(); county.input.subjects.len()];
        for (person, subject) in &county.recused {
            recused[*subject as usize].push(*person);
        }
        for people in &mut recused {
            people.sort_unstable();
            people.dedup();
        }

        let longest_visit = visits.iter().map(|v| trips::slots(county, v)).max().unwrap_or(0);
        let mut away_lists = BTreeMap::new();
        let mut model = Self {
            county,
            days,
            visits: Vec::with_capacity(visits.len()),
            reqs: Vec::new(),
            seats: 0,
            roster,
            holders,
            certs,
            away,
            taken,
            spent,
            daily,
            key_pool,
            req_keys: Vec::new(),
            supply,
            recused,
            pool_quals,
            unit: county.people.iter().map(|p| p.unit).collect(),
            halves,
            value: Vec::new(),
            startable: (0..=64.max(longest_visit))
                .map(|len| grid.starts(len).fold(0, |m, s| m | 1 << s))
                .collect(),
        };
        for (v, visit) in visits.iter().enumerate() {
            let from = model.reqs.len() as u32;
            let minutes = visit.occupation(county);
            let mut heads = 0;
            let mut asked = Vec::new();
            for requirement in &visit.requirements {
                let pool = requirement.pool as usize;
                let mut need = 0;
                let keys = model.req_keys.len() as u32;
                model.req_keys.push((first_key[pool], requirement.size));
                for qual in &requirement.quals {
                    if let Ok(b) = model.pool_quals[pool].binary_search(qual) {
                        need |= 1 << b;
                        model.req_keys.push((first_key[pool] + 1 + b as u32, 1));
                    }
                }
                let most = modes::most(visit, requirement);
                let mode = trips::mode(county, visit, requirement);
                need |= modes::places(mode);
                asked.push((requirement.pool, mode));
                heads += requirement.size;
                model.reqs.push(ReqM {
                    visit: v as u32,
                    pool: pool as u32,
                    size: requirement.size,
                    most,
                    need,
                    pair: modes::pair_rule(mode),
                    seat: model.seats as u32,
                    keys: (keys, model.req_keys.len() as u32),
                });
                model.seats += most as usize;
            }
            let subject = keep_away(county, visit, asked, &mut away_lists, &mut model.recused);
            model.visits.push(VisitM {
                days: DaySet::EMPTY,
                len: trips::slots(county, visit),
                minutes,
                reqs: (from, model.reqs.len() as u32),
                subject,
                heads,
            });
        }
        let days: Vec<DaySet> =
            visits.par_iter().enumerate().map(|(v, visit)| model.workable(v, visit)).collect();
        for (visit, days) in model.visits.iter_mut().zip(days) {
            visit.days = days;
        }
        model.value = run_values(&model, pools);
        model
    }

    /// Days on which each requirement of a visit could be met by people who are there, if nothing else went on.
    fn workable(&self, v: usize, visit: &Visit) -> DaySet {
        let m = &self.visits[v];
        if visit.lacks_expert_pool
            || visit.requirements.is_empty()
            || self.county.grid.starts(m.len).next().is_none()
        {
            return DaySet::EMPTY;
        }
        let recused = &self.recused[m.subject as usize];
        let mut days = visit.days;
        for need in &visit.requirements {
            let mode = trips::mode(self.county, visit, need);
            if mode != TeamMode::Bureau || !visit.stops.is_empty() {
                days = days.and(modes::possible_days(self.county, visit, need, mode));
            }
        }
        days.iter()
            .filter(|day| *day < self.days)
            .filter(|day| {
                self.reqs_of(v).all(|r| {
                    let req = &self.reqs[r];
                    let (mut heads, mut have) = (0, 0);
                    for &p in &self.roster[req.pool as usize] {
                        let at = p as usize * self.days + day;
                        if self.away[at] == 0 && self.daily[p as usize] >= m.minutes && !recused.contains(&p)
                        {
                            heads += 1;
                            have |= self.certs[at];
                            if heads >= req.most && have & req.need == req.need {
                                return true;
                            }
                        }
                    }
                    heads >= req.size && have & req.need == req.need
                })
            })
            .collect()
    }

    /// The requirements of a visit.
    pub fn reqs_of(&self, v: usize) -> std::ops::Range<usize> {
        let (from, to) = self.visits[v].reqs;
        from as usize..to as usize
    }

    /// The slots a visit of `len` occupies when it starts at `start`.
    #[must_use]
    pub fn window(len: u32, start: u32) -> u64 {
        low(len) << start
    }
}

/// Visits from which the same people are kept away: subjects, and the mode of each pool.
type Alike = (Vec<u32>, Vec<(u16, TeamMode)>);

/// The place in `lists` of the people who must not go on a visit: those recused and those whom a team mode bars. A list
/// made for one visit serves all like it.
#[expect(clippy::cast_possible_truncation, reason = "subjects and visits are far fewer than 2^32")]
fn keep_away(
    county: &Instance,
    visit: &Visit,
    asked: Vec<(u16, TeamMode)>,
    made: &mut BTreeMap<Alike, u32>,
    lists: &mut Vec<Vec<u32>>,
) -> u32 {
    let bars = |mode: TeamMode| matches!(mode, TeamMode::StationStation | TeamMode::SameStation);
    if visit.stops.is_empty() && !asked.iter().any(|(_, mode)| bars(*mode)) {
        return visit.subject;
    }
    let subjects: Vec<u32> = modes::subjects(visit).collect();
    *made.entry((subjects, asked)).or_insert_with_key(|(subjects, asked)| {
        let mut list: Vec<u32> = subjects.iter().flat_map(|s| lists[*s as usize].iter().copied()).collect();
        for (pool, mode) in asked {
            let pool = &county.pool[*pool as usize];
            list.extend(pool.iter().filter(|p| modes::bars(county, visit, *mode, **p)));
        }
        list.sort_unstable();
        list.dedup();
        lists.push(list);
        lists.len() as u32 - 1
    })
}

/// What a free run of each length is worth to a pool, in 1/256 slot: runs that suit few of the pool's visits are
/// worth little, so that teams are chosen to leave runs that can still be used.
fn run_values(model: &Model<'_>, pools: usize) -> Vec<[u32; 65]> {
    let mut lengths = vec![[0_u64; 65]; pools];
    for req in &model.reqs {
        lengths[req.pool as usize][model.visits[req.visit as usize].len.min(64) as usize] +=
            u64::from(req.size);
    }
    let of_pool = |lengths: &[u64; 65]| {
        let total = lengths.iter().sum::<u64>().max(1);
        let mut fitting = 0;
        let mut values = [0; 65];
        for (run, value) in (0_u32..).zip(values.iter_mut()).skip(1) {
            fitting += lengths[run as usize];
            #[expect(clippy::cast_possible_truncation, reason = "a share of at most 256")]
            let share = (fitting * 256 / total) as u32;
            *value = (run + 2) * share;
        }
        values
    };
    lengths.iter().map(of_pool).collect()
}

/// A mask of the lowest `n` bits.
fn low(n: u32) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}
