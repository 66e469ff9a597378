//! Why a visit cannot be staffed: people counted by what keeps them away, and the smallest changes that would
//! help. Nothing is scheduled here.
//!
//! A team mode narrows the choice further; where nothing but the mode stands in the way, that is told apart.

mod remedies;
pub mod words;

use super::super::planning::dayset::DaySet;
use super::super::planning::input::{PoolKind, TeamMode};
use super::super::planning::{Instance, Requirement, Visit};
use super::modes::{self, Barred};

/// Who is taken when.
pub trait Diary {
    /// Slots of the day at which the person is taken, as bits.
    fn busy(&self, person: u32, day: usize) -> u64;
    /// Minutes of the day for which the person is taken.
    fn used_minutes(&self, person: u32, day: usize) -> u32;
}

/// Nobody is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyDiary;

impl Diary for EmptyDiary {
    fn busy(&self, _: u32, _: usize) -> u64 {
        0
    }

    fn used_minutes(&self, _: u32, _: usize) -> u32 {
        0
    }
}

/// The first thing that keeps a person from a seat, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// 回避.
    Recused,
    /// On leave that day.
    OnLeave,
    /// 执法证 not valid that day.
    BaseCertificate,
    /// The seat's certificate missing or not valid that day.
    Certificate,
    /// The visit takes longer than the person works in a day.
    DailyMinutes,
    /// Taken by other visits at every possible time of the day.
    Busy,
    /// None: could come.
    Free,
}

/// People of a pool by the first thing that keeps them away on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// 回避.
    pub recused: u32,
    /// 请假.
    pub on_leave: u32,
    /// 执法证 not valid.
    pub base_certificate: u32,
    /// Certificate missing.
    pub certificate: u32,
    /// Works too short a day.
    pub daily_minutes: u32,
    /// Taken.
    pub busy: u32,
    /// Could come.
    pub free: u32,
}

impl Counts {
    fn add(&mut self, obstacle: Obstacle) {
        *match obstacle {
            Obstacle::Recused => &mut self.recused,
            Obstacle::OnLeave => &mut self.on_leave,
            Obstacle::BaseCertificate => &mut self.base_certificate,
            Obstacle::Certificate => &mut self.certificate,
            Obstacle::DailyMinutes => &mut self.daily_minutes,
            Obstacle::Busy => &mut self.busy,
            Obstacle::Free => &mut self.free,
        } += 1;
    }
}

/// One kind of seat of a visit and who could take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Pool.
    pub pool: u16,
    /// Certificate that somebody of the pool must hold (index into [`Instance::quals`]); none: any seat of
    /// the pool.
    pub qual: Option<u16>,
    /// People needed.
    pub heads: u32,
    /// Each day of the visit with its counts, ascending.
    pub days: Vec<(u16, Counts)>,
}

/// How certain it is that a visit cannot be staffed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// On no day could it be staffed even if nobody had anything else to do.
    Impossible,
    /// Only other visits stand in the way, all of them or some; whether all can be staffed is not decided
    /// here.
    Crowded,
    /// A full team is free at this day and slot.
    Free {
        /// Day.
        day: u16,
        /// First slot.
        slot: u16,
    },
}

/// People of one pool to be found for one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Pool.
    pub pool: u16,
    /// Certificates that the new people must bring.
    pub quals: Vec<u16>,
    /// How many.
    pub heads: u32,
}

/// A change that lets the visit be staffed. People are indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Widen the windows of tasks so that a day is added on which a team can come.
    Extend {
        /// The day.
        day: u16,
        /// Tasks whose windows must change.
        tasks: Vec<u32>,
        /// Days by which the widest change goes beyond its window.
        by: u32,
    },
    /// Let a person come back from leave on a day.
    CancelLeave {
        /// Person.
        person: u32,
        /// Day.
        day: u16,
    },
    /// Renew or issue a certificate so that it is valid on a day.
    Certify {
        /// Person.
        person: u32,
        /// Certificate; none: the 执法证.
        qual: Option<u16>,
        /// Day.
        day: u16,
    },
    /// Let a person work longer on a day.
    LongerDay {
        /// Person.
        person: u32,
        /// Day.
        day: u16,
        /// Minutes needed.
        minutes: u32,
    },
    /// Find people elsewhere (a neighbouring department, the reserve pool) for a day.
    AddPeople {
        /// Day.
        day: u16,
        /// Who is missing.
        lacks: Vec<Lack>,
    },
    /// Check again whether a recusal is needed.
    LiftRecusal {
        /// Person.
        person: u32,
        /// Day.
        day: u16,
    },
    /// Shorten the visit, or split it, so that it fits into half a day.
    Shorten {
        /// Minutes at the subject that fit.
        to: u32,
    },
    /// Let pools put their teams for such a visit together in another way.
    OtherMode {
        /// Pools.
        pools: Vec<u16>,
        /// The mode that cannot be met.
        not: TeamMode,
        /// The mode that can.
        mode: TeamMode,
    },
    /// Set up an expert pool for the subject's division.
    ExpertPool {
        /// Certificates that its experts need.
        quals: Vec<u16>,
    },
}

/// Why a visit is not staffed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// How certain.
    pub status: Status,
    /// Slots it takes, and the most a half-day has.
    pub slots: (u32, u32),
    /// Whether it needs experts where there is no expert pool.
    pub lacks_expert_pool: bool,
    /// Days on which it could be staffed if nobody had anything else to do.
    pub possible: DaySet,
    /// Pools whose team mode is the only obstacle on some days of the visit.
    pub barred: Vec<Barred>,
    /// Every kind of seat with the people counted.
    pub seats: Vec<Seat>,
    /// Changes, each of which is enough by itself; the smallest first.
    pub remedies: Vec<Remedy>,
}

/// The days on which a visit could be staffed if nobody had anything else to do: enough people of each pool
/// are not recused, not on leave, certified, work long enough, and hold the certificates that day, and the team
/// mode allows a team of them. Empty when the visit does not fit into half a day or experts have no pool.
#[must_use]
pub fn possible_days(county: &Instance, visit: &Visit) -> DaySet {
    let slots = county.grid.len(visit.occupation(county));
    if visit.lacks_expert_pool || county.grid.starts(slots).next().is_none() {
        return DaySet::EMPTY;
    }
    let days = visit
        .requirements
        .iter()
        .fold(visit.days, |days, need| days.and(days_of_need(county, visit, need, visit.occupation(county))));
    modes::barred(county, visit).iter().fold(days, |days, b| days.minus(b.days))
}

fn days_of_need(county: &Instance, visit: &Visit, need: &Requirement, occupation: u32) -> DaySet {
    // level[i]: days on which more than i people can come.
    let mut level = vec![DaySet::EMPTY; need.size.max(1) as usize];
    let mut held = vec![DaySet::EMPTY; need.quals.len()];
    for &p in &county.pool[need.pool as usize] {
        let person = &county.people[p as usize];
        if person.daily_minutes < occupation || county.recused.contains(&(p, visit.subject)) {
            continue;
        }
        for i in (1..level.len()).rev() {
            level[i] = level[i].or(level[i - 1].and(person.available));
        }
        level[0] = level[0].or(person.available);
        for (days, qual) in held.iter_mut().zip(&need.quals) {
            *days = days.or(person.available.and(valid(county, p, *qual)));
        }
    }
    let enough = level.last().copied().unwrap_or_default();
    held.into_iter().fold(enough, DaySet::and)
}

/// Days on which a person's certificate is valid.
fn valid(county: &Instance, person: u32, qual: u16) -> DaySet {
    county.people[person as usize]
        .quals
        .iter()
        .find(|(q, _)| *q == qual)
        .map_or(DaySet::EMPTY, |(_, days)| *days)
}

/// Explains one visit.
#[must_use]
pub fn explain(county: &Instance, visit: &Visit, diary: &impl Diary) -> Explanation {
    let look = Look { county, visit, diary, occupation: visit.occupation(county) };
    let grid = county.grid;
    let slots = grid.len(look.occupation);
    let barred = modes::barred(county, visit);
    let possible = possible_days(county, visit);
    let status = if possible.is_empty() {
        Status::Impossible
    } else {
        let free = possible
            .iter()
            .find_map(|d| look.starts().find(|s| look.team_comes(d, Some(*s), None)).map(|s| (d, s)));
        free.map_or(Status::Crowded, |(day, slot)| Status::Free {
            day: small(day),
            slot: small(slot as usize),
        })
    };
    Explanation {
        status,
        slots: (slots, grid.am.max(grid.pm)),
        lacks_expert_pool: visit.lacks_expert_pool,
        possible,
        seats: look.seats(),
        remedies: look.remedies(status, &barred),
        barred,
    }
}

struct Look<'a, D> {
    county: &'a Instance,
    visit: &'a Visit,
    diary: &'a D,
    occupation: u32,
}

impl<D: Diary> Look<'_, D> {
    fn starts(&self) -> impl Iterator<Item = u32> + use<D> {
        let grid = self.county.grid;
        grid.starts(grid.len(self.occupation))
    }

    /// Whether the person is free from `start` on (at some start, if none is given) and has the minutes left.
    fn free(&self, person: u32, day: usize, start: Option<u32>) -> bool {
        let left = self.county.people[person as usize].daily_minutes;
        if self.diary.used_minutes(person, day).saturating_add(self.occupation) > left {
            return false;
        }
        let slots = self.county.grid.len(self.occupation);
        let mask = if slots >= 64 { u64::MAX } else { (1 << slots) - 1 };
        let busy = self.diary.busy(person, day);
        let fits = |s: u32| (busy >> s) & mask == 0;
        start.map_or_else(|| self.starts().any(fits), fits)
    }

    /// Whether the 执法证, if one is needed, is valid on a day, on leave or not.
    fn certified(&self, person: u32, day: usize) -> bool {
        let row = &self.county.input.inspectors[person as usize];
        let dept = self.county.people[person as usize].dept as usize;
        let base = self.county.quals.binary_search(&self.county.input.rules.base_qualification);
        row.post == PoolKind::Experts
            || self.county.is_expert_pool[dept]
            || base
                .is_ok_and(|q| valid(self.county, person, u16::try_from(q).unwrap_or(u16::MAX)).contains(day))
    }

    fn obstacle(&self, person: u32, qual: Option<u16>, day: usize) -> Obstacle {
        let row = &self.county.people[person as usize];
        if self.county.recused.contains(&(person, self.visit.subject)) {
            Obstacle::Recused
        } else if row.leave.contains(day) {
            Obstacle::OnLeave
        } else if !row.available.contains(day) {
            Obstacle::BaseCertificate
        } else if qual.is_some_and(|q| !valid(self.county, person, q).contains(day)) {
            Obstacle::Certificate
        } else if row.daily_minutes < self.occupation {
            Obstacle::DailyMinutes
        } else if !self.free(person, day, None) {
            Obstacle::Busy
        } else {
            Obstacle::Free
        }
    }

    fn seats(&self) -> Vec<Seat> {
        let mut seats = Vec::new();
        for need in &self.visit.requirements {
            let kinds = std::iter::once((None, need.size)).chain(need.quals.iter().map(|q| (Some(*q), 1)));
            for (qual, heads) in kinds {
                let count = |day: usize| {
                    let mut counts = Counts::default();
                    for p in &self.county.pool[need.pool as usize] {
                        counts.add(self.obstacle(*p, qual, day));
                    }
                    (small(day), counts)
                };
                seats.push(Seat {
                    pool: need.pool,
                    qual,
                    heads,
                    days: self.visit.days.iter().map(count).collect(),
                });
            }
        }
        seats
    }

    /// Whether a person can come on a day; at `start` if given, else whatever else there is to do.
    fn can_come(&self, person: u32, day: usize, start: Option<u32>) -> bool {
        let row = &self.county.people[person as usize];
        row.available.contains(day)
            && row.daily_minutes >= self.occupation
            && !self.county.recused.contains(&(person, self.visit.subject))
            && start.is_none_or(|s| self.free(person, day, Some(s)))
    }

    /// Who is missing on a day; at `start` if given, else if nobody had anything else to do.
    fn lacks(&self, day: usize, start: Option<u32>) -> Vec<Lack> {
        let mut lacks = Vec::new();
        for need in &self.visit.requirements {
            let come: Vec<u32> = self.county.pool[need.pool as usize]
                .iter()
                .copied()
                .filter(|p| self.can_come(*p, day, start))
                .collect();
            let missing = |q: &u16| !come.iter().any(|p| valid(self.county, *p, *q).contains(day));
            let quals: Vec<u16> = need.quals.iter().copied().filter(missing).collect();
            let heads = need.size.saturating_sub(u32::try_from(come.len()).unwrap_or(u32::MAX));
            let heads = heads.max(u32::from(!quals.is_empty()));
            if heads > 0 {
                lacks.push(Lack { pool: need.pool, quals, heads });
            }
        }
        lacks
    }

    /// Whether a whole team, put together as the modes demand, is free at a time; where a mode cannot be met,
    /// `other` will do.
    fn team_comes(&self, day: usize, start: Option<u32>, other: Option<TeamMode>) -> bool {
        let come = |p: u32, day: usize| self.can_come(p, day, start);
        let exists = |need: &Requirement, mode: TeamMode| {
            modes::team_exists(self.county, self.visit, need, mode, day, come)
        };
        self.lacks(day, start).is_empty()
            && self.visit.requirements.iter().all(|need| {
                let own = modes::applied(self.county, self.visit, need).mode;
                own == TeamMode::Bureau || exists(need, own) || other.is_some_and(|m| exists(need, m))
            })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 256 days and 64 slots")]
fn small(n: usize) -> u16 {
    n as u16
}
