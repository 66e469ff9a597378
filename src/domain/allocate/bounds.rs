//! Proof that some visits cannot be staffed, whatever the schedule: certificates of Hall's kind, in integers.
//!
//! For a pool (or its holders of one certificate), an interval of days and a weight of visit lengths, the visits that
//! must take place inside the interval cannot weigh more than what its people can do there. How many of the heaviest
//! must be dropped until that holds is a proven number of unstaffed visits among them.

use super::super::planning::dayset::DaySet;
use super::super::planning::{Instance, Visit};
use super::explain::possible_days;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a visit of each length (in slots of a day with two half-days of 7 and 8) weighs. Every function gives a
/// valid certificate, because a person-day is packed exactly; these are the ones that find some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Its slots.
    Slots,
    /// 1 if it has at least so many slots.
    AtLeast(u8),
    /// Dual feasible functions of the two half-days: 0,0,0,1,2,2,2,2 / 0,0,1,1,1,2,2,2 / 0,3,4,6,8,9,12,12.
    Dual(u8),
}

const DUAL: [[u32; 9]; 3] =
    [[0, 0, 0, 0, 1, 2, 2, 2, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 0, 3, 4, 6, 8, 9, 12, 12]];

/// All weights that are tried, in this order; on a grid of finer slots the thresholds and tables are scaled.
const WEIGHTS: [Weight; 8] = [
    Weight::Slots,
    Weight::AtLeast(1),
    Weight::AtLeast(5),
    Weight::AtLeast(4),
    Weight::AtLeast(3),
    Weight::Dual(0),
    Weight::Dual(1),
    Weight::Dual(2),
];

impl Weight {
    /// Weight of a visit of `slots` slots where a half-day has `half` at most.
    fn of(self, slots: u32, half: u32) -> u32 {
        // On a grid whose half-day is not 8 slots, lengths are rounded to eighths of the half-day.
        let eighths = if half == 8 { slots } else { (slots * 8).div_ceil(half.max(1)) };
        match self {
            Self::Slots => slots,
            Self::AtLeast(least) => u32::from(eighths >= u32::from(least)),
            Self::Dual(which) => DUAL[which as usize][eighths.min(8) as usize],
        }
    }
}

/// At least `excess` of `visits` cannot be staffed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Pool.
    pub pool: u16,
    /// Only its holders of this certificate (index into [`Instance::quals`]); none: all.
    pub qual: Option<u16>,
    /// First day of the interval.
    pub from_day: u16,
    /// Last day of the interval.
    pub to_day: u16,
    /// How visits are weighed.
    pub weight: Weight,
    /// Weight of the visits times the people each takes.
    pub demand: u64,
    /// Weight that the people can carry in the interval.
    pub supply: u64,
    /// Visits that must take place in the interval, as indices into the visits given; ascending.
    pub visits: Vec<usize>,
    /// How many of them cannot be staffed, at least.
    pub excess: usize,
}

/// A lower bound on the visits that cannot be staffed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Visits that could not be staffed even if nobody had anything else to do, among all visits; ascending.
    pub impossible: Vec<usize>,
    /// Certificates over disjoint sets of other visits; their excesses add up.
    pub certificates: Vec<Certificate>,
}

impl Bounds {
    /// Visits that no schedule can staff: at least so many.
    #[must_use]
    pub fn at_least(&self) -> usize {
        self.impossible.len() + self.certificates.iter().map(|c| c.excess).sum::<usize>()
    }

    /// The certificate that holds a visit.
    #[must_use]
    pub fn of(&self, visit: usize) -> Option<&Certificate> {
        self.certificates.iter().find(|c| c.visits.binary_search(&visit).is_ok())
    }
}

/// A pool, or its holders of one certificate.
type Key = (u16, Option<u16>);

/// A visit as one key sees it.
#[derive(Debug, Clone, Copy)]
struct Claim {
    visit: usize,
    first: usize,
    last: usize,
    heads: u32,
    slots: u32,
    occupation: u32,
}

/// Proves how many of `visits` cannot be staffed. Only pools and certificates that `unstaffed` visits (indices into
/// `visits`) need are looked at.
#[must_use]
pub fn certify(county: &Instance, visits: &[Visit], unstaffed: &[usize]) -> Bounds {
    let wanted: BTreeSet<Key> = unstaffed.iter().flat_map(|v| keys(&visits[*v]).map(|(key, _)| key)).collect();
    let pools: BTreeSet<u16> = wanted.iter().map(|(pool, _)| *pool).collect();
    let mut bounds = Bounds::default();
    let mut claims: BTreeMap<Key, Vec<Claim>> = wanted.iter().map(|key| (*key, Vec::new())).collect();
    let named: BTreeSet<usize> = unstaffed.iter().copied().collect();
    let mut teams: HashMap<(u16, Vec<u16>), u32> = HashMap::new();
    for (i, visit) in visits.iter().enumerate() {
        if !named.contains(&i) && !visit.requirements.iter().any(|need| pools.contains(&need.pool)) {
            continue;
        }
        let days: DaySet = possible_days(county, visit);
        let (Some(first), Some(last)) = (days.min(), days.max()) else {
            bounds.impossible.push(i);
            continue;
        };
        let occupation = visit.occupation(county);
        let slots = county.grid.len(occupation);
        for (key, mut heads) in keys(visit) {
            if let Some(list) = claims.get_mut(&key) {
                if key.1.is_none() {
                    let need = visit.requirements.iter().find(|n| n.pool == key.0);
                    heads = need.map_or(heads, |n| heads.max(cover_size(county, n.pool, &n.quals, &mut teams)));
                }
                list.push(Claim { visit: i, first, last, heads, slots, occupation });
            }
        }
    }
    let mut found: BTreeMap<Key, Vec<Certificate>> = BTreeMap::new();
    loop {
        for (key, list) in &claims {
            if !found.contains_key(key) {
                found.insert(*key, chain(county, *key, list));
            }
        }
        let worth = |list: &[Certificate]| list.iter().map(|c| c.excess).sum::<usize>();
        // The most proved; of equals the fewest visits used up, then the first key.
        let best = found.iter().max_by_key(|(key, list)| {
            let used: usize = list.iter().map(|c| c.visits.len()).sum();
            (worth(list), std::cmp::Reverse((used, **key)))
        });
        let Some((key, mut list)) = best.map(|(k, l)| (*k, l.clone())).filter(|(_, l)| worth(l) > 0) else {
            break;
        };
        found.remove(&key);
        for certificate in &mut list {
            thin(county, certificate, &claims);
        }
        let used: BTreeSet<usize> = list.iter().flat_map(|c| c.visits.iter().copied()).collect();
        for (other, claims) in &mut claims {
            let before = claims.len();
            claims.retain(|c| !used.contains(&c.visit));
            if claims.len() != before {
                found.remove(other);
            }
        }
        bounds.certificates.extend(list);
    }
    bounds
}

/// The keys a visit claims, with the people it takes of each.
fn keys(visit: &Visit) -> impl Iterator<Item = (Key, u32)> {
    visit.requirements.iter().flat_map(|need| {
        std::iter::once(((need.pool, None), need.size.max(1)))
            .chain(need.quals.iter().map(|q| ((need.pool, Some(*q)), 1)))
    })
}

/// Fewest people of a pool who hold all the certificates together, on whatever days; 0 for none.
fn cover_size(county: &Instance, pool: u16, quals: &[u16], known: &mut HashMap<(u16, Vec<u16>), u32>) -> u32 {
    if quals.is_empty() || quals.len() > 16 {
        return 0;
    }
    if let Some(size) = known.get(&(pool, quals.to_vec())) {
        return *size;
    }
    let holds = |p: &u32| {
        let held = |q: &u16| county.people[*p as usize].quals.iter().any(|(k, days)| k == q && !days.is_empty());
        quals.iter().enumerate().filter(|(_, q)| held(q)).fold(0_usize, |mask, (i, _)| mask | 1 << i)
    };
    let masks: BTreeSet<usize> = county.pool[pool as usize].iter().map(holds).collect();
    let full = (1_usize << quals.len()) - 1;
    let mut fewest = vec![u32::MAX; full + 1];
    fewest[0] = 0;
    for have in 0..full {
        if fewest[have] < u32::MAX {
            for mask in &masks {
                let with = have | mask;
                fewest[with] = fewest[with].min(fewest[have] + 1);
            }
        }
    }
    let size = if fewest[full] == u32::MAX { 1 } else { fewest[full] };
    known.insert((pool, quals.to_vec()), size);
    size
}

/// The certificates of one key over disjoint intervals of days that prove most together.
fn chain(county: &Instance, key: Key, claims: &[Claim]) -> Vec<Certificate> {
    let (Some(first), Some(last)) = (claims.iter().map(|c| c.first).min(), claims.iter().map(|c| c.last).max())
    else {
        return Vec::new();
    };
    let mut best: HashMap<(usize, usize), (usize, Weight, u64, u64)> = HashMap::new();
    for weight in WEIGHTS {
        violations(county, key, claims, weight, |from, to, excess, demand, supply| {
            let known = best.entry((from, to)).or_insert((0, weight, 0, 0));
            if excess > known.0 {
                *known = (excess, weight, demand, supply);
            }
        });
    }
    // most[d]: most that is proved by intervals that end before day `first + d`, and the interval that ends there.
    let mut most: Vec<(usize, Option<usize>)> = vec![(0, None); last - first + 2];
    let mut intervals: Vec<(usize, usize)> = best.keys().copied().collect();
    // Short intervals first, so that of equal proofs the one with fewer visits is kept.
    intervals.sort_unstable_by_key(|(from, to)| (*to, std::cmp::Reverse(*from)));
    let mut next = intervals.iter().peekable();
    for day in first..=last {
        let at = day - first + 1;
        most[at] = (most[at - 1].0, None);
        while let Some((from, _)) = next.next_if(|(_, to)| *to == day) {
            let sum = most[from - first].0 + best[&(*from, day)].0;
            if sum > most[at].0 {
                most[at] = (sum, Some(*from));
            }
        }
    }
    let mut certificates = Vec::new();
    let mut day = last + 1;
    while day > first {
        let Some(from) = most[day - first].1 else {
            day -= 1;
            continue;
        };
        let to = day - 1;
        let (excess, weight, demand, supply) = best[&(from, to)];
        let inside = |c: &&Claim| from <= c.first && c.last <= to && weigh(county, weight, c) > 0;
        let mut visits: Vec<usize> = claims.iter().filter(inside).map(|c| c.visit).collect();
        visits.sort_unstable();
        let (from_day, to_day) = (small(from), small(to));
        let (pool, qual) = key;
        certificates.push(Certificate { pool, qual, from_day, to_day, weight, demand, supply, visits, excess });
        day = from;
    }
    certificates.reverse();
    certificates
}

/// Releases visits without which the certificate proves as much, those first that most other keys claim, so that
/// other certificates can use them.
fn thin(county: &Instance, certificate: &mut Certificate, claims: &BTreeMap<Key, Vec<Claim>>) {
    let key = (certificate.pool, certificate.qual);
    let inside: BTreeSet<usize> = certificate.visits.iter().copied().collect();
    let mut others: HashMap<usize, usize> = HashMap::new();
    for (_, list) in claims.iter().filter(|(k, _)| **k != key) {
        for claim in list.iter().filter(|c| inside.contains(&c.visit)) {
            *others.entry(claim.visit).or_default() += 1;
        }
    }
    let mine = claims.get(&key).into_iter().flatten().filter(|c| inside.contains(&c.visit));
    let mut weights: Vec<(usize, u32)> =
        mine.map(|c| (c.visit, weigh(county, certificate.weight, c))).collect();
    weights.sort_unstable_by_key(|(v, w)| (std::cmp::Reverse(*w), *v));
    // Without its heaviest excess - 1 visits the rest must still be more than can be carried. Of those that may be
    // among the heaviest none is released.
    let kept = certificate.excess.saturating_sub(1).min(weights.len());
    let rest: u64 = weights[kept..].iter().map(|(_, w)| u64::from(*w)).sum();
    let Some(mut spare) = rest.checked_sub(certificate.supply + 1) else { return };
    let mut free: Vec<(usize, u32)> = weights[kept..].iter().copied().filter(|(v, _)| others.contains_key(v)).collect();
    free.sort_unstable_by_key(|(v, w)| (*w, std::cmp::Reverse(others.get(v).copied().unwrap_or(0)), *v));
    for (visit, weight) in free {
        let weight = u64::from(weight);
        if weight > spare {
            break;
        }
        spare -= weight;
        certificate.demand -= weight;
        certificate.visits.retain(|v| *v != visit);
    }
}

fn weigh(county: &Instance, weight: Weight, claim: &Claim) -> u32 {
    claim.heads * weight.of(claim.slots, county.grid.am.max(county.grid.pm))
}

/// Tells every interval whose visits weigh more than its people can carry, with the visits to be dropped.
fn violations(
    county: &Instance,
    key: Key,
    claims: &[Claim],
    weight: Weight,
    mut tell: impl FnMut(usize, usize, usize, u64, u64),
) {
    let mut heavy: Vec<(&Claim, u32)> =
        claims.iter().map(|c| (c, weigh(county, weight, c))).filter(|(_, w)| *w > 0).collect();
    heavy.sort_unstable_by_key(|(c, _)| (c.last, c.visit));
    let supply = supply(county, key, &heavy, weight);
    let mut starts: Vec<usize> = heavy.iter().map(|(c, _)| c.first).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut weights: Vec<u32> = Vec::new();
    for from in starts {
        weights.clear();
        let mut demand = 0_u64;
        let mut inside = heavy.iter().filter(|(c, _)| c.first >= from).peekable();
        while let Some((claim, w)) = inside.next() {
            weights.push(*w);
            demand += u64::from(*w);
            if inside.peek().is_some_and(|(next, _)| next.last == claim.last) {
                continue;
            }
            let carried = supply[claim.last + 1] - supply[from];
            if demand > carried {
                weights.sort_unstable();
                let mut over = demand - carried;
                let dropped = weights.iter().rev().take_while(|w| {
                    let more = over > 0;
                    over = over.saturating_sub(u64::from(**w));
                    more
                });
                tell(from, claim.last, dropped.count(), demand, carried);
            }
        }
    }
}

/// Sums over days of what the key's people can carry: `supply[d]` is for all days before `d`.
fn supply(county: &Instance, key: Key, heavy: &[(&Claim, u32)], weight: Weight) -> Vec<u64> {
    let (pool, qual) = key;
    let half = county.grid.am.max(county.grid.pm);
    // The least minutes that a visit of each length takes.
    let mut least: Vec<Option<u32>> = vec![None; half as usize + 1];
    for (claim, _) in heavy {
        if let Some(minutes) = least.get_mut(claim.slots as usize) {
            *minutes = Some(minutes.map_or(claim.occupation, |m| m.min(claim.occupation)));
        }
    }
    let pieces: Vec<(usize, u32, u32)> = least
        .iter()
        .enumerate()
        .filter_map(|(slots, m)| m.map(|m| (slots, m, weight.of(u32::try_from(slots).unwrap_or(u32::MAX), half))))
        .collect();
    let mornings = packings(county.grid.am as usize, &pieces);
    let afternoons = packings(county.grid.pm as usize, &pieces);
    let mut carries: BTreeMap<u32, u64> = BTreeMap::new();
    let mut day_sum = vec![0_u64; county.days.len() + 1];
    for &p in &county.pool[pool as usize] {
        let person = &county.people[p as usize];
        let held = |q: u16| person.quals.iter().find(|(k, _)| *k == q).map_or(DaySet::EMPTY, |(_, days)| *days);
        let days = qual.map_or(person.available, |q| person.available.and(held(q)));
        let carry =
            *carries.entry(person.daily_minutes).or_insert_with(|| best_day(&mornings, &afternoons, person.daily_minutes));
        for day in days.iter().filter(|d| *d < county.days.len()) {
            day_sum[day + 1] += carry;
        }
    }
    for day in 1..day_sum.len() {
        day_sum[day] += day_sum[day - 1];
    }
    day_sum
}

/// (weight, least minutes) of the ways to fill a half-day of `slots` slots with any number of each piece
/// (slots, minutes, weight), for every weight that can be reached.
fn packings(slots: usize, pieces: &[(usize, u32, u32)]) -> Vec<(u64, u64)> {
    // least[s]: weight -> fewest minutes, using s slots at most.
    let mut least: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::from([(0, 0)]); slots + 1];
    for s in 1..=slots {
        let mut here = least[s - 1].clone();
        for &(length, minutes, weight) in pieces.iter().filter(|(length, ..)| *length > 0 && *length <= s) {
            for (w, m) in &least[s - length] {
                let (w, m) = (w + u64::from(weight), m + u64::from(minutes));
                here.entry(w).and_modify(|known| *known = m.min(*known)).or_insert(m);
            }
        }
        least[s] = here;
    }
    least.pop().unwrap_or_default().into_iter().collect()
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

#[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
fn small(n: usize) -> u16 {
    n as u16
}
