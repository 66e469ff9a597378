//! Proof that some visits cannot be staffed, whatever the schedule: certificates of Hall's kind, in integers.
//!
//! For a pool (or its holders of one certificate), an interval of days and a weight of visit lengths, the
//! visits that must take place inside the interval cannot weigh more than what its people can do there. How
//! many of the heaviest must be dropped until that holds is a proven number of unstaffed visits among them.

mod supply;

use super::super::planning::dayset::DaySet;
use super::super::planning::{Instance, Visit};
use super::explain::possible_days;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use supply::Hands;

/// What a visit weighs by its length. Any weight gives a valid certificate, because a person-day is packed
/// exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Its slots.
    Slots,
    /// By its length in eighths of the longer half-day, rounded up: entry `i` is for `i + 1` eighths,
    /// ascending. With half-days of 7 and 8 slots, eighths are slots.
    Eighths([u8; 8]),
}

impl Weight {
    /// Slots first, then thresholds, the dual feasible functions of the two half-days that are known to
    /// matter, and every function that rises in at most [`STEPS`] places; plain ones first, since the first
    /// of equals is kept.
    fn all() -> Vec<Self> {
        let mut weights = vec![Self::Slots];
        weights.extend((1..=8).map(|least| Self::steps(&[least])));
        weights.extend(
            [[0, 0, 0, 1, 2, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2, 2], [0, 3, 4, 6, 8, 9, 12, 12]]
                .map(Self::Eighths),
        );
        let mut steps: Vec<Vec<u8>> = (1..=8).map(|s| vec![s]).collect();
        for _ in 1..STEPS {
            steps = steps
                .iter()
                .flat_map(|s| (s[s.len() - 1]..=8).map(|next| [s.as_slice(), &[next]].concat()))
                .collect();
            weights.extend(steps.iter().map(|s| Self::steps(s)));
        }
        weights
    }

    /// Rises by one at each of the given lengths.
    fn steps(at: &[u8]) -> Self {
        let mut table = [0; 8];
        for (entry, length) in table.iter_mut().zip(1..) {
            *entry = at.iter().fold(0, |n, step| n + u8::from(*step <= length));
        }
        Self::Eighths(table)
    }

    /// Weight of a visit of `slots` slots where a half-day has `half` at most.
    fn of(self, slots: u32, half: u32) -> u64 {
        match self {
            Self::Slots => slots.into(),
            Self::Eighths(table) => {
                let eighths = (slots * 8).div_ceil(half.max(1)).clamp(1, 8);
                table[eighths as usize - 1].into()
            }
        }
    }
}

/// Rises of a weight at most; four find more than three, five cost more than they find.
const STEPS: usize = 4;

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

/// Proves how many of `visits` cannot be staffed. Only pools and certificates that `unstaffed` visits
/// (indices into `visits`) need are looked at.
#[must_use]
pub fn certify(county: &Instance, visits: &[Visit], unstaffed: &[usize]) -> Bounds {
    let wanted: BTreeSet<Key> =
        unstaffed.iter().flat_map(|v| keys(&visits[*v]).map(|(key, _)| key)).collect();
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
                    heads =
                        need.map_or(heads, |n| heads.max(cover_size(county, n.pool, &n.quals, &mut teams)));
                }
                list.push(Claim { visit: i, first, last, heads, slots, occupation });
            }
        }
    }
    let weights = Weight::all();
    let mut found: BTreeMap<Key, Vec<Certificate>> = BTreeMap::new();
    loop {
        for (key, list) in &claims {
            if !found.contains_key(key) {
                found.insert(*key, chain(county, *key, list, &weights));
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
        let held =
            |q: &u16| county.people[*p as usize].quals.iter().any(|(k, days)| k == q && !days.is_empty());
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
fn chain(county: &Instance, key: Key, claims: &[Claim], weights: &[Weight]) -> Vec<Certificate> {
    let (Some(first), Some(last)) =
        (claims.iter().map(|c| c.first).min(), claims.iter().map(|c| c.last).max())
    else {
        return Vec::new();
    };
    let best = violations(county, key, claims, weights);
    // most[d]: most that is proved by intervals that end before day `first + d`, and the interval that ends
    // there.
    let mut most: Vec<(usize, Option<usize>)> = vec![(0, None); last - first + 2];
    let mut intervals: Vec<(usize, usize)> = best.keys().copied().collect();
    // Short intervals first, so that of equal proofs the one with fewer visits is kept.
    intervals.sort_unstable_by_key(|(from, to)| (*to, std::cmp::Reverse(*from)));
    let mut next = intervals.iter().peekable();
    for day in first..=last {
        let at = day - first + 1;
        most[at] = (most[at - 1].0, None);
        while let Some((from, _)) = next.next_if(|(_, to)| *to == day) {
            let sum = most[from - first].0 + best[&(*from, day)].excess;
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
        let Violation { weight, demand, supply, excess } = best[&(from, to)];
        let inside = |c: &&Claim| from <= c.first && c.last <= to && weigh(county, weight, c) > 0;
        let mut visits: Vec<usize> = claims.iter().filter(inside).map(|c| c.visit).collect();
        visits.sort_unstable();
        let (from_day, to_day) = (small(from), small(to));
        let (pool, qual) = key;
        certificates.push(Certificate {
            pool,
            qual,
            from_day,
            to_day,
            weight,
            demand,
            supply,
            visits,
            excess,
        });
        day = from;
    }
    certificates.reverse();
    certificates
}

/// An interval whose visits weigh more than its people can carry.
#[derive(Debug, Clone, Copy)]
struct Violation {
    weight: Weight,
    demand: u64,
    supply: u64,
    excess: usize,
}

/// For every interval of days that is overloaded under some weight: the weight that proves most.
fn violations(
    county: &Instance,
    key: Key,
    claims: &[Claim],
    weights: &[Weight],
) -> BTreeMap<(usize, usize), Violation> {
    // Visits of one class (people, slots) weigh the same.
    let mut classes: Vec<(u32, u32)> = claims.iter().map(|c| (c.heads, c.slots)).collect();
    classes.sort_unstable();
    classes.dedup();
    let class_of = |c: &Claim| classes.binary_search(&(c.heads, c.slots)).unwrap_or_default();
    let hands = Hands::new(county, key, claims);
    let mut sorted: Vec<&Claim> = claims.iter().collect();
    sorted.sort_unstable_by_key(|c| (c.last, c.visit));
    let mut starts: Vec<usize> = claims.iter().map(|c| c.first).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut tables = None;
    let mut found = BTreeMap::new();
    for from in starts {
        let mut counts = vec![0_u64; classes.len()];
        let mut inside = sorted.iter().filter(|c| c.first >= from).peekable();
        while let Some(claim) = inside.next() {
            counts[class_of(claim)] += 1;
            if inside.peek().is_some_and(|next| next.last == claim.last) {
                continue;
            }
            let days = hands.between(from, claim.last);
            if hands.plenty(county, &classes, &counts, &days) {
                continue;
            }
            let mut best: Option<Violation> = None;
            for (weight, of_class, carry) in
                tables.get_or_insert_with(|| tables_of(county, weights, &classes, &hands))
            {
                let demand: u64 = of_class.iter().zip(&counts).map(|(w, n)| w * n).sum();
                let supply: u64 = carry.iter().zip(&days).map(|(c, n)| c * n).sum();
                if demand <= supply {
                    continue;
                }
                let excess = dropped(of_class, &counts, demand - supply);
                if best.is_none_or(|b| excess > b.excess) {
                    best = Some(Violation { weight: *weight, demand, supply, excess });
                }
            }
            if let Some(best) = best {
                found.insert((from, claim.last), best);
            }
        }
    }
    found
}

/// Weight of each class and load of each kind of person-day, for every weight; the first of those that weigh
/// all classes alike.
fn tables_of(
    county: &Instance,
    weights: &[Weight],
    classes: &[(u32, u32)],
    hands: &Hands,
) -> Vec<(Weight, Vec<u64>, Vec<u64>)> {
    let half = county.grid.am.max(county.grid.pm);
    let mut seen = BTreeSet::new();
    let mut tables = Vec::new();
    for weight in weights {
        let of_class: Vec<u64> =
            classes.iter().map(|(heads, slots)| u64::from(*heads) * weight.of(*slots, half)).collect();
        if of_class.iter().any(|w| *w > 0) && seen.insert(of_class.clone()) {
            tables.push((*weight, of_class, hands.carry(county, *weight)));
        }
    }
    tables
}

/// How many of the heaviest visits must go to take away `over`.
fn dropped(weights: &[u64], counts: &[u64], mut over: u64) -> usize {
    let mut classes: Vec<(u64, u64)> = weights.iter().copied().zip(counts.iter().copied()).collect();
    classes.sort_unstable_by(|a, b| b.cmp(a));
    let mut gone = 0;
    for (weight, count) in classes.into_iter().filter(|(w, _)| *w > 0) {
        let need = over.div_ceil(weight);
        if need <= count {
            return usize::try_from(gone + need).unwrap_or(usize::MAX);
        }
        gone += count;
        over -= weight * count;
    }
    usize::try_from(gone).unwrap_or(usize::MAX)
}

/// Releases visits without which the certificate proves as much, those first that most other keys claim, so
/// that other certificates can use them.
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
    let mut weights: Vec<(usize, u64)> =
        mine.map(|c| (c.visit, weigh(county, certificate.weight, c))).collect();
    weights.sort_unstable_by_key(|(v, w)| (std::cmp::Reverse(*w), *v));
    // Without its heaviest excess - 1 visits the rest must still be more than can be carried. Of those that
    // may be among the heaviest none is released.
    let kept = certificate.excess.saturating_sub(1).min(weights.len());
    let rest: u64 = weights[kept..].iter().map(|(_, w)| *w).sum();
    let Some(mut spare) = rest.checked_sub(certificate.supply + 1) else { return };
    let mut free: Vec<(usize, u64)> =
        weights[kept..].iter().copied().filter(|(v, _)| others.contains_key(v)).collect();
    free.sort_unstable_by_key(|(v, w)| (*w, std::cmp::Reverse(others.get(v).copied().unwrap_or(0)), *v));
    for (visit, weight) in free {
        if weight > spare {
            break;
        }
        spare -= weight;
        certificate.demand -= weight;
        certificate.visits.retain(|v| *v != visit);
    }
}

fn weigh(county: &Instance, weight: Weight, claim: &Claim) -> u64 {
    u64::from(claim.heads) * weight.of(claim.slots, county.grid.am.max(county.grid.pm))
}

#[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
fn small(n: usize) -> u16 {
    n as u16
}
