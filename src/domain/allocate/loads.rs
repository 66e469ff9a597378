//! How much people have to do: load rates, the weights they give in the draw, and the least that the busiest must carry.

use super::staff::Staffed;
use crate::domain::planning::{Instance, Visit};
use std::collections::BTreeMap;

/// Half-life of the load rate: a person this many minutes (of somebody there all day, every day) above the least
/// loaded candidate has half the weight.
const HALF_LIFE: u64 = 120;
/// 2^(16 - k/4) for k = 0..4.
const WEIGHTS: [u64; 4] = [65536, 55109, 46341, 38968];
/// Certificates of one pool up to which pairs and triples of them are looked at for the bound.
const TOGETHER: usize = 12;

/// Load of people, in minutes.
#[derive(Debug, Clone)]
pub struct Loads {
    /// Minutes of each person, earlier rounds included.
    pub minutes: Vec<u64>,
    /// Minutes each person has in the period: days there times the minutes of a day that fit the time grid.
    pub available: Vec<u64>,
    /// Of these, the minutes of one day.
    day: Vec<u64>,
    /// Minutes of a full day, and of the whole period of full days.
    full: (u64, u64),
}

impl Loads {
    /// The loads before anything is drawn.
    #[must_use]
    pub fn new(county: &Instance) -> Self {
        let whole = u64::from(county.grid.slots() * county.grid.slot_minutes).max(1);
        let day: Vec<u64> = county.people.iter().map(|p| u64::from(p.daily_minutes).min(whole)).collect();
        let days = |p: usize| county.people[p].available.len() as u64;
        Self {
            minutes: county.people.iter().map(|p| u64::from(p.load0)).collect(),
            available: day.iter().enumerate().map(|(p, minutes)| days(p) * minutes).collect(),
            day,
            full: (whole, whole * county.days.len() as u64),
        }
    }

    /// Minutes a person would have if it were there all day, every day of the period, and as busy as it is. The
    /// period is the unit, so that one visit weighs as much in a short period as in a long one.
    #[must_use]
    pub fn rate(&self, p: u32) -> u64 {
        self.rate_of(p, self.minutes[p as usize])
    }

    fn rate_of(&self, p: u32, minutes: u64) -> u64 {
        minutes * self.full.1 / self.available[p as usize].max(1)
    }

    /// The rate by which a person is weighed in the draw of a seat of a visit that takes `minutes`: in the middle of
    /// it. Judged by the state before it, those who have little time would come out above the others, because each
    /// visit lifts them further (as 0 divides worse than 1/2 in the apportionment of Sainte-Laguë).
    #[must_use]
    pub fn rate_in(&self, p: u32, minutes: u32) -> u64 {
        self.rate_of(p, self.minutes[p as usize] + u64::from(minutes / 2))
    }

    /// Weight of a person for a visit that takes `minutes`, where `least` is the least [`Self::rate_in`] of all
    /// candidates. Half the day is half the weight: otherwise those who work part of the day would come as often as
    /// others at first and stay above them. Leave needs no such factor, who is away is no candidate.
    #[must_use]
    pub fn weight(&self, p: u32, minutes: u32, least: u64) -> u64 {
        let z = self.rate_in(p, minutes).saturating_sub(least) * 4 / HALF_LIFE;
        let quarter = WEIGHTS[(z % 4) as usize];
        let weight = quarter.checked_shr(u32::try_from(z / 4).unwrap_or(u32::MAX)).unwrap_or(0);
        (weight * self.day[p as usize] / self.full.0).max(1)
    }
}

/// Loads of one pool, in minutes of a full period (see [`Loads::rate`]), earlier rounds included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolLoad {
    /// Of each of its people who is there at all.
    pub loads: Vec<u64>,
    /// The largest.
    pub most: u64,
    /// No distribution of the same visits could have a smaller maximum if minutes could be shared at will: over the
    /// sets of certificates, (minutes of seats that need one of the set) spread over (minutes of those who hold one).
    pub least_by_minutes: u64,
    /// The same, and nobody can do part of a visit.
    pub least_max: u64,
}

/// One kind of seat: how long, needing which certificates.
type Seats = BTreeMap<Vec<u16>, Vec<u64>>;

/// Loads of all pools and the least that their busiest people must carry, by department index.
#[must_use]
pub fn of_pools(county: &Instance, visits: &[Visit], staffed: &[Option<Staffed>]) -> Vec<PoolLoad> {
    let mut loads = Loads::new(county);
    let before = loads.minutes.clone();
    // For each pool the seats of its requirements: one needs the certificates, the others nothing.
    let mut seats: Vec<Seats> = vec![Seats::new(); county.pool.len()];
    for (visit, staffed) in visits.iter().zip(staffed) {
        let Some(staffed) = staffed else { continue };
        let minutes = u64::from(visit.occupation(county));
        for m in &staffed.team {
            loads.minutes[m.person as usize] += minutes;
        }
        for r in &visit.requirements {
            let heads = staffed.team.iter().filter(|m| m.pool == r.pool).count();
            let seats = &mut seats[usize::from(r.pool)];
            if heads > 0 {
                seats.entry(r.quals.clone()).or_default().push(minutes);
                seats.entry(Vec::new()).or_default().extend(std::iter::repeat_n(minutes, heads - 1));
            }
        }
    }
    let pools = county.pool.iter().zip(&seats);
    pools.map(|(people, seats)| pool_load(county, people, seats, &loads, &before)).collect()
}

fn pool_load(county: &Instance, people: &[u32], seats: &Seats, loads: &Loads, before: &[u64]) -> PoolLoad {
    let there: Vec<u32> = people.iter().copied().filter(|p| loads.available[*p as usize] > 0).collect();
    let rates: Vec<u64> = there.iter().map(|p| loads.rate(*p)).collect();
    // What earlier rounds left cannot be taken back.
    let floor = there.iter().map(|p| loads.rate_of(*p, before[*p as usize])).max().unwrap_or(0);
    let mut load =
        PoolLoad { most: rates.iter().copied().max().unwrap_or(0), loads: rates, ..PoolLoad::default() };
    for set in sets(seats) {
        let asks = |quals: &Vec<u16>| set.is_empty() || quals.iter().any(|q| set.contains(q));
        let mut long: Vec<u64> =
            seats.iter().filter(|(quals, _)| asks(quals)).flat_map(|(_, m)| m.iter().copied()).collect();
        let holds = |p: &&u32| {
            let person = &county.people[**p as usize];
            let valid = |(q, days): &(u16, _)| set.contains(q) && !person.available.and(*days).is_empty();
            set.is_empty() || person.quals.iter().any(valid)
        };
        let holders: Vec<u32> = there.iter().filter(holds).copied().collect();
        if long.is_empty() || holders.is_empty() {
            continue;
        }
        let spread = level(&holders, loads, before, long.iter().sum());
        load.least_by_minutes = load.least_by_minutes.max(spread);
        long.sort_unstable_by(|a, b| b.cmp(a));
        let widest = holders.iter().map(|p| loads.available[*p as usize]).max().unwrap_or(1);
        load.least_max = load.least_max.max(crowded(&long, holders.len()) * loads.full.1 / widest.max(1));
    }
    load.least_by_minutes = load.least_by_minutes.max(floor);
    load.least_max = load.least_max.max(load.least_by_minutes);
    load
}

/// The sets of certificates that are looked at: none (everybody), each, all, and where they are few, two or three.
fn sets(seats: &Seats) -> Vec<Vec<u16>> {
    let mut quals: Vec<u16> = seats.keys().flatten().copied().collect();
    quals.sort_unstable();
    quals.dedup();
    let mut sets = vec![Vec::new(), quals.clone()];
    for (i, a) in quals.iter().enumerate() {
        sets.push(vec![*a]);
        for (j, b) in quals.iter().enumerate().skip(i + 1).filter(|_| quals.len() <= TOGETHER) {
            sets.push(vec![*a, *b]);
            sets.extend(quals[j + 1..].iter().map(|c| vec![*a, *b, *c]));
        }
    }
    sets
}

/// The least rate to which `minutes` can bring people if they could be shared at will.
fn level(people: &[u32], loads: &Loads, before: &[u64], minutes: u64) -> u64 {
    let room = |rate: u64| -> u64 {
        let of = |p: &u32| {
            (rate * loads.available[*p as usize] / loads.full.1.max(1)).saturating_sub(before[*p as usize])
        };
        people.iter().map(of).sum()
    };
    let (mut low, mut high) = (0, 1);
    while room(high) < minutes && high < u64::from(u32::MAX) {
        (low, high) = (high, high * 2);
    }
    while low + 1 < high {
        let middle = low.midpoint(high);
        if room(middle) < minutes { low = middle } else { high = middle }
    }
    // One below: rounding down for each person must not make the bound too large.
    high.saturating_sub(1)
}

/// The most that somebody must carry because seats (minutes, descending) are more than people: of any `j n + 1` seats
/// one person has `j + 1`.
fn crowded(seats: &[u64], people: usize) -> u64 {
    let crowds = (0..).map(|j| (j * people, j + 1)).take_while(|(from, _)| *from < seats.len());
    crowds.map(|(last, own)| seats[last + 1 - own..=last].iter().sum()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_do_part_of_a_visit() {
        assert_eq!(crowded(&[90], 5), 90);
        assert_eq!(crowded(&[90, 90, 60], 2), 150, "the third is the second of somebody");
        assert_eq!(crowded(&[100, 60, 60, 60, 60], 2), 180);
        assert_eq!(crowded(&[200, 10], 1), 210);
    }
}
