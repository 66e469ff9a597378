//! Which numbers are drawn (VDR/1 section 2.7): the k smallest lots of each stratum, divided by weight.

use super::lots::{Key, Reader};
use super::record::Group;

/// One drawn number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Winner {
    /// Index of the stratum in the opening.
    pub stratum: usize,
    /// Place in its stratum, from 1.
    pub rank: u32,
    /// Number in the pool.
    pub number: u64,
    /// Lot.
    pub ticket: u128,
    /// Sort key: lot divided by weight, rounded down.
    pub key: u128,
}

/// A stratum to draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Its code.
    pub code: &'a str,
    /// How many to draw.
    pub count: u64,
}

/// A candidate: (sort key, lot, number), ordered as the protocol orders.
type Candidate = (u128, u128, u64);

/// Integer square root, rounded down.
fn isqrt(n: u64) -> u64 {
    n.isqrt()
}

/// Draws from a pool whose `groups` stand in canonical order. `skip` are the numbers that cannot be drawn (excluded, or
/// drawn in earlier rounds), ascending. A stratum with fewer candidates than wanted gives all it has; quotas do not
/// ask for that. Streams: it holds only the lots below a bound, and takes all lots where the bound was too tight, so
/// the answer is always that of [`draw_fully`].
#[must_use]
pub fn draw(key: &Key, groups: &[Group], skip: &[u64], wanted: &[Wanted<'_>]) -> Vec<Winner> {
    select(key, groups, skip, wanted, true)
}

/// The same without the bound: every lot of a stratum is held and sorted.
#[must_use]
pub fn draw_fully(key: &Key, groups: &[Group], skip: &[u64], wanted: &[Wanted<'_>]) -> Vec<Winner> {
    select(key, groups, skip, wanted, false)
}

fn select(key: &Key, groups: &[Group], skip: &[u64], wanted: &[Wanted<'_>], bounded: bool) -> Vec<Winner> {
    let mut winners = Vec::new();
    for (stratum, want) in wanted.iter().enumerate() {
        let mut parts = Vec::new();
        let (mut first, mut mass, mut members) = (0_u64, 0_u128, 0_u64);
        for g in groups {
            if g.code == want.code {
                parts.push((first, g));
                mass = mass.saturating_add(u128::from(g.count).saturating_mul(u128::from(g.weight)));
                members += g.count;
            }
            first += g.count;
        }
        let k = want.count.min(members);
        if k == 0 {
            continue;
        }
        let limit = bounded.then(|| bound(k, mass));
        let mut found = candidates(key, &parts, skip, limit);
        if limit.is_some() && (found.len() as u64) < k {
            found = candidates(key, &parts, skip, None);
        }
        let k = usize::try_from(k).unwrap_or(usize::MAX).min(found.len());
        if k < found.len() {
            found.select_nth_unstable(k);
            found.truncate(k);
        }
        found.sort_unstable();
        winners.extend((1..).zip(found).map(|(rank, (key, ticket, number))| Winner {
            stratum,
            rank,
            number,
            ticket,
            key,
        }));
    }
    winners
}

/// A sort key that `k` of the stratum stay below with near certainty: `(k + 8√k + 16)` of a total weight `mass`.
fn bound(k: u64, mass: u128) -> u128 {
    let target = u128::from(k) + 8 * u128::from(isqrt(k) + 1) + 16;
    if target >= mass { u128::MAX } else { (u128::MAX / mass).saturating_mul(target) }
}

fn candidates(key: &Key, parts: &[(u64, &Group)], skip: &[u64], limit: Option<u128>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut lots = [0_u128; 256];
    for (first, group) in parts {
        let weight = u128::from(group.weight);
        // t div w ≤ limit exactly when t ≤ limit·w + (w − 1).
        let highest = limit.map_or(u128::MAX, |l| l.saturating_mul(weight).saturating_add(weight - 1));
        let mut barred = skip[skip.partition_point(|n| n < first)..].iter().copied().peekable();
        let mut reader = Reader::new(key, 0, *first);
        let (mut number, end) = (*first, first + group.count);
        while number < end {
            let batch = usize::try_from(end - number).unwrap_or(usize::MAX).min(lots.len());
            reader.read(&mut lots[..batch]);
            for lot in &lots[..batch] {
                if *lot <= highest {
                    while barred.next_if(|n| *n < number).is_some() {}
                    if barred.peek() != Some(&number) {
                        found.push((*lot / weight, *lot, number));
                    }
                }
                number += 1;
            }
        }
    }
    found
}
