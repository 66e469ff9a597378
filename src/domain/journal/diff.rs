//! What was done to a sequence of rows, told from the leaf hashes that should be there: the fewest rows that must have
//! been changed, deleted, inserted, swapped or moved.

use crate::domain::draw::bytes::Hash;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One thing done to the rows. Numbers are sequence numbers from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The row at `seq` has another content.
    Changed {
        /// Its number.
        seq: u64,
    },
    /// Entries `from..=to` of the log have no row.
    Deleted {
        /// First.
        from: u64,
        /// Last.
        to: u64,
    },
    /// The row now at `seq` was never in the log, or is a copy of another.
    Inserted {
        /// Its number.
        seq: u64,
    },
    /// The rows of two numbers were exchanged.
    Swapped {
        /// The lower number.
        a: u64,
        /// The higher number.
        b: u64,
    },
    /// Entry `from` of the log now stands at `to`.
    Moved {
        /// Where it belongs.
        from: u64,
        /// Where it stands.
        to: u64,
    },
}

/// Compares rows (number, leaf hash), ascending by number, with the hashes the log is known to have; unknown ones are
/// none, and nothing is said about them.
#[must_use]
pub fn changes(rows: &[(u64, Hash)], known: &[Option<Hash>]) -> Vec<Change> {
    let place: HashMap<Hash, u64> =
        (0_u64..).zip(known).filter_map(|(i, hash)| hash.map(|hash| (hash, i))).collect();
    let by_seq: HashMap<u64, usize> = rows.iter().enumerate().map(|(k, row)| (row.0, k)).collect();
    let mut belongs: Vec<Option<u64>> = rows.iter().map(|(_, hash)| place.get(hash).copied()).collect();
    let mut found = Vec::new();
    for k in 0..rows.len() {
        let here = rows[k].0;
        let Some(there) = belongs[k].filter(|t| *t > here) else { continue };
        if let Some(&other) = by_seq.get(&there)
            && belongs[other] == Some(here)
        {
            found.push(Change::Swapped { a: here, b: there });
            (belongs[k], belongs[other]) = (Some(here), Some(there));
        }
    }
    let anchors = longest_increasing(&belongs);
    let mut held: BTreeSet<u64> = anchors.iter().filter_map(|k| belongs[*k]).collect();
    let is_anchor: BTreeSet<usize> = anchors.iter().copied().collect();
    for (k, row) in rows.iter().enumerate().filter(|(k, _)| !is_anchor.contains(k)) {
        match belongs[k] {
            Some(from) if held.insert(from) => found.push(Change::Moved { from, to: row.0 }),
            Some(_) => found.push(Change::Inserted { seq: row.0 }),
            None => {}
        }
    }
    // Between two rows that stand in order, the strangers there took the place of the entries lost there.
    let (mut row, mut entry) = (0_usize, 0_u64);
    let ends = anchors.iter().map(|k| (*k, belongs[*k])).chain([(rows.len(), Some(known.len() as u64))]);
    for (to_row, to_entry) in ends {
        let to_entry = to_entry.unwrap_or(entry);
        let strangers: Vec<u64> =
            (row..to_row).filter(|k| belongs[*k].is_none()).map(|k| rows[k].0).collect();
        let mut lost = Vec::new();
        let mut unknown = 0_usize;
        for e in entry..to_entry {
            match usize::try_from(e).ok().and_then(|e| known.get(e)) {
                Some(Some(_)) if !held.contains(&e) => lost.push(e),
                Some(None) => unknown += 1,
                _ => {}
            }
        }
        settle(&strangers, &lost, unknown, &mut found);
        (row, entry) = (to_row + 1, to_entry + 1);
    }
    found.sort_unstable();
    found
}

/// Pairs strangers with lost entries; `unknown` of the strangers may stand for entries nothing is known of.
fn settle(strangers: &[u64], lost: &[u64], unknown: usize, found: &mut Vec<Change>) {
    let mut missing: BTreeSet<u64> = lost.iter().copied().collect();
    let mut rest: Vec<u64> = Vec::new();
    for seq in strangers {
        if missing.remove(seq) {
            found.push(Change::Changed { seq: *seq });
        } else {
            rest.push(*seq);
        }
    }
    let excused = if missing.is_empty() { unknown.min(rest.len()) } else { 0 };
    for seq in rest.into_iter().skip(excused) {
        let change =
            if missing.pop_first().is_some() { Change::Changed { seq } } else { Change::Inserted { seq } };
        found.push(change);
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for seq in missing {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == seq => run.1 = seq,
            _ => runs.push((seq, seq)),
        }
    }
    found.extend(runs.into_iter().map(|(from, to)| Change::Deleted { from, to }));
}

/// Positions of a longest strictly increasing choice among the values that are there.
fn longest_increasing(values: &[Option<u64>]) -> Vec<usize> {
    // For each length the smallest last value, with where it stands.
    let mut tails: BTreeMap<u64, usize> = BTreeMap::new();
    let mut before: Vec<Option<usize>> = vec![None; values.len()];
    for (k, value) in values.iter().enumerate() {
        let Some(value) = *value else { continue };
        before[k] = tails.range(..value).next_back().map(|(_, at)| *at);
        if let Some(next) = tails.range(value..).next().map(|(tail, _)| *tail) {
            tails.remove(&next);
        }
        tails.insert(value, k);
    }
    let mut chosen = Vec::new();
    let mut at = tails.last_key_value().map(|(_, k)| *k);
    while let Some(k) = at {
        chosen.push(k);
        at = before[k];
    }
    chosen.reverse();
    chosen
}
