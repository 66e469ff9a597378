//! The check of a whole journal: rows against tiles against signed checkpoints, naming what was falsified.

mod finding;
mod locate;

use super::checkpoint;
use super::diff::{Change, changes};
use super::leaf::{Leaf, Private};
use super::tiles::TileSource;
use super::tree::Head;
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::merkle;
use crate::domain::draw::note::{SignedCheckpoint, VerifierKey};
use locate::{Own, compare_tiles, locate};
use std::collections::HashMap;
use uuid::Uuid;

pub use finding::{Finding, Report};

/// A stored row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number in the log, from 0.
    pub seq: u64,
    /// Identifier of the event, as the row's own column says.
    pub id: Uuid,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// Personal data, when not erased.
    pub private: Option<Private>,
}

/// No log of this size exists; larger numbers only serve to break arithmetic.
const SIZE_MAX: u64 = 1 << 48;

/// Checks a journal: every row in itself, all rows against every checkpoint, the stored tiles against the rows. `older` are
/// checkpoints kept elsewhere, `newest` the one in use now; rows beyond it are findings, so it must be the latest. Keeps
/// the leaf hashes in memory (some 80 bytes per row), not the rows.
///
/// What is found with which knowledge: without the key nobody can make the rows fit `newest`; with the key only `older`
/// shows it. The row is named as long as the tiles over it are whole, or are given from a backup.
///
/// # Errors
/// Only what reading rows or tiles fails with; everything else is a finding.
pub fn verify<T: TileSource>(
    rows: impl IntoIterator<Item = Result<Row, T::Error>>,
    tiles: &mut T,
    older: &[SignedCheckpoint],
    newest: &SignedCheckpoint,
    key: &VerifierKey,
) -> Result<Report, T::Error> {
    let mut report = Report::default();
    let rows = read_rows(rows, &mut report)?;
    let mut heads = Vec::new();
    for note in older.iter().chain([newest]) {
        match checkpoint::open(note, key) {
            Ok(head) if head.size <= SIZE_MAX => heads.push(head),
            Ok(head) => report
                .findings
                .push(Finding::Checkpoint { size: head.size, why: "条数超出可能的范围".to_owned() }),
            Err(why) => {
                report.findings.push(Finding::Checkpoint { size: note.checkpoint.size, why: why.to_string() })
            }
        }
    }
    let size = newest.checkpoint.size;
    for old in heads.iter().filter(|h| h.size > size) {
        report.findings.push(Finding::RolledBack { old: old.size, new: size });
    }
    heads.sort_by_key(|h| h.size);
    heads.dedup();
    let own = Own::build(&rows, heads.last().map_or(0, |h| h.size));
    let (good, bad): (Vec<Head>, Vec<Head>) = heads.iter().partition(|head| own.has(head));
    report.confirmed = good.iter().map(|h| h.size).collect();
    for head in &bad {
        if let Some(newer) = good.iter().find(|g| g.size >= head.size) {
            report.findings.push(Finding::Forked { old: head.size, new: newer.size });
        }
    }
    for pair in bad.windows(2).filter(|pair| pair[0].size == pair[1].size) {
        report.findings.push(Finding::Forked { old: pair[0].size, new: pair[1].size });
    }
    if let Some(head) = good.last() {
        report.findings.extend(compare_tiles(&own.tiles, head.size, tiles)?);
    }
    // From the largest down: what a smaller head would say again is found once.
    let mut beyond_told = false;
    let mut proved: Vec<Hash> = Vec::new();
    for head in bad.iter().rev() {
        let agreed = usize::try_from(head.size).ok().and_then(|size| proved.get(..size));
        if agreed.is_some_and(|leaves| merkle::root(leaves.to_vec()) == head.root) {
            continue;
        }
        let located = locate(head, &own, tiles)?;
        report.findings.extend(located.tiles);
        let sure = good.iter().map(|g| g.size).filter(|s| *s < head.size).max().unwrap_or(0);
        for (from, to) in unknown_runs(&located.known, head.size) {
            if to > sure {
                report.findings.push(Finding::Unlocated { from: from.max(sure), to });
            }
        }
        let judged: &[(u64, Hash)] = if head.size >= size {
            beyond_told = true;
            &rows
        } else {
            &rows[..rows.partition_point(|r| r.0 < head.size)]
        };
        let last = head.size.saturating_sub(1);
        let row_at_end = judged.iter().any(|r| r.0 >= last);
        for change in changes(judged, &located.known) {
            report.findings.push(match change {
                Change::Deleted { from, to } if to == last && !row_at_end => {
                    Finding::Truncated { size: head.size, from }
                }
                Change::Inserted { seq } if seq >= size => Finding::Beyond { from: seq, to: seq },
                change => Finding::Row(change),
            });
        }
        let whole: Option<Vec<Hash>> = located.known.iter().copied().collect();
        if proved.is_empty()
            && let Some(leaves) = whole.filter(|leaves| leaves.len() as u64 == head.size)
        {
            proved = leaves;
        }
        if located.known.iter().all(Option::is_none) {
            report.findings.extend(gaps(&own, head.size));
            beyond_told &= head.size < size;
        }
    }
    let beyond = rows.partition_point(|r| r.0 < size);
    if !beyond_told && let (Some(first), Some(last)) = (rows.get(beyond), rows.last()) {
        report.findings.push(Finding::Beyond { from: first.0, to: last.0 });
    }
    report.findings.sort_unstable();
    report.findings.dedup();
    Ok(report)
}

/// Leaf hashes by number, ascending; what is wrong with single rows goes into the report.
fn read_rows<E>(
    rows: impl IntoIterator<Item = Result<Row, E>>,
    report: &mut Report,
) -> Result<Vec<(u64, Hash)>, E> {
    let mut hashes = Vec::new();
    let mut events: HashMap<Uuid, u64> = HashMap::new();
    for row in rows {
        let row = row?;
        report.rows += 1;
        let seq = row.seq;
        match Leaf::parse(&row.leaf) {
            Err(_) => report.findings.push(Finding::NotALeaf { seq }),
            Ok(leaf) => {
                if leaf.id != row.id {
                    report.findings.push(Finding::IdDiffers { seq });
                }
                if let Some(first) = events.insert(leaf.id, seq) {
                    report.findings.push(Finding::SameEvent { first: first.min(seq), again: first.max(seq) });
                }
                match (&leaf.private, &row.private) {
                    (Some(_), None) => report.erased += 1,
                    (Some(hash), Some(private)) if private.commitment() == *hash => {}
                    (None, None) => {}
                    _ => report.findings.push(Finding::PrivateDiffers { seq }),
                }
            }
        }
        hashes.push((seq, merkle::leaf_hash(&row.leaf)));
    }
    hashes.sort_by_key(|h| h.0);
    for pair in hashes.windows(2).filter(|p| p[0].0 == p[1].0) {
        report.findings.push(Finding::Twice { seq: pair[0].0 });
    }
    Ok(hashes)
}

/// Runs of entries nothing is known of, as (first, one past the last).
fn unknown_runs(known: &[Option<Hash>], size: u64) -> Vec<(u64, u64)> {
    let unknown = (0_u64..).zip(known).filter(|(_, hash)| hash.is_none()).map(|(at, _)| (at, at + 1));
    let rest = known.len() as u64;
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (from, to) in unknown.chain((rest < size).then_some((rest, size))) {
        match runs.last_mut() {
            Some(run) if run.1 == from => run.1 = to,
            _ => runs.push((from, to)),
        }
    }
    runs
}

/// Numbers below `size` that have no row.
fn gaps(own: &Own, size: u64) -> Vec<Finding> {
    let runs = (0_u64..).zip(&own.there).take_while(|(at, _)| *at < size).filter(|(_, there)| !**there);
    let mut found: Vec<(u64, u64)> = Vec::new();
    for (at, _) in runs {
        match found.last_mut() {
            Some(run) if run.1 + 1 == at => run.1 = at,
            _ => found.push((at, at)),
        }
    }
    let end = own.there.len() as u64;
    let mut findings: Vec<Finding> =
        found.into_iter().map(|(from, to)| Finding::Row(Change::Deleted { from, to })).collect();
    if end < size {
        findings.push(Finding::Truncated { size, from: end });
    }
    findings
}
