//! The check of a whole journal: rows against tiles against signed checkpoints, naming what was falsified.

use super::checkpoint;
use super::diff::{Change, changes};
use super::leaf::{Leaf, Private};
use super::tiles::{HEIGHT, LEVEL_MAX, TileMap, TileSource, WIDTH, count, edge, width};
use super::tree::{self, Head};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::merkle;
use crate::domain::draw::note::{SignedCheckpoint, VerifierKey};
use std::collections::HashMap;
use std::fmt;
use uuid::Uuid;

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

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A checkpoint is not signed by the journal's key, or is of another log.
    Checkpoint {
        /// Size it states.
        size: u64,
        /// Why it does not count.
        why: String,
    },
    /// Two validly signed checkpoints exclude each other: whoever holds the key rewrote history.
    Forked {
        /// Size of the older.
        old: u64,
        /// Size of the newer.
        new: u64,
    },
    /// The newest checkpoint covers less than an older one: the log was set back.
    RolledBack {
        /// Size of the older checkpoint.
        old: u64,
        /// Size of the newest.
        new: u64,
    },
    /// The rows end before the newest checkpoint does.
    Truncated {
        /// Entries that should be there.
        size: u64,
        /// First entry that is missing.
        from: u64,
    },
    /// Rows were changed, deleted, inserted, swapped or moved.
    Row(Change),
    /// Two rows claim one number.
    Twice {
        /// The number.
        seq: u64,
    },
    /// The row is no leaf of a version that is understood.
    NotALeaf {
        /// The row.
        seq: u64,
    },
    /// The row's identifier is not that of its leaf.
    IdDiffers {
        /// The row.
        seq: u64,
    },
    /// A column of the row says something else than its leaf.
    ColumnDiffers {
        /// The row.
        seq: u64,
        /// The column.
        column: &'static str,
    },
    /// Personal data are gone, and no event says who erased them.
    ErasedUnrecorded {
        /// The row.
        seq: u64,
    },
    /// An event that waits to be sealed is not what it was when it was written.
    Waiting {
        /// The event.
        id: Uuid,
        /// What differs.
        what: &'static str,
    },
    /// Personal data do not fit the hash in the leaf, or there are some where the leaf has none.
    PrivateDiffers {
        /// The row.
        seq: u64,
    },
    /// One event stands in the log twice.
    SameEvent {
        /// The first row.
        first: u64,
        /// The other.
        again: u64,
    },
    /// Rows that no checkpoint covers.
    Beyond {
        /// First.
        from: u64,
        /// Last.
        to: u64,
    },
    /// Somewhere in entries `from..to` something was changed, and the tiles that would tell where were changed too.
    Unlocated {
        /// First.
        from: u64,
        /// One past the last.
        to: u64,
    },
    /// A stored tile is missing or false; the rows themselves may be right.
    Tile {
        /// Level.
        level: u8,
        /// Number.
        index: u64,
    },
}

impl Finding {
    /// Stable snake_case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint { .. } => "checkpoint_invalid",
            Self::Forked { .. } => "log_forked",
            Self::RolledBack { .. } => "log_rolled_back",
            Self::Truncated { .. } => "rows_truncated",
            Self::Row(Change::Changed { .. }) => "row_changed",
            Self::Row(Change::Deleted { .. }) => "row_deleted",
            Self::Row(Change::Inserted { .. }) => "row_inserted",
            Self::Row(Change::Swapped { .. }) => "rows_swapped",
            Self::Row(Change::Moved { .. }) => "row_moved",
            Self::Twice { .. } => "row_number_twice",
            Self::NotALeaf { .. } => "row_not_a_leaf",
            Self::IdDiffers { .. } => "row_id_differs",
            Self::PrivateDiffers { .. } => "private_differs",
            Self::ColumnDiffers { .. } => "column_differs",
            Self::ErasedUnrecorded { .. } => "erased_unrecorded",
            Self::Waiting { .. } => "waiting_row_differs",
            Self::SameEvent { .. } => "event_twice",
            Self::Beyond { .. } => "rows_beyond_checkpoint",
            Self::Unlocated { .. } => "rows_unlocated",
            Self::Tile { .. } => "tile_differs",
        }
    }

    /// The first row it concerns, where it concerns rows.
    #[must_use]
    pub fn first_row(&self) -> Option<u64> {
        match self {
            Self::Checkpoint { .. } | Self::Tile { .. } | Self::Forked { .. } | Self::Waiting { .. } => None,
            Self::RolledBack { new, .. } => Some(*new),
            Self::Truncated { from, .. } | Self::Beyond { from, .. } | Self::Unlocated { from, .. } => {
                Some(*from)
            }
            Self::Row(Change::Changed { seq } | Change::Inserted { seq })
            | Self::Twice { seq }
            | Self::NotALeaf { seq }
            | Self::IdDiffers { seq }
            | Self::ColumnDiffers { seq, .. }
            | Self::ErasedUnrecorded { seq }
            | Self::PrivateDiffers { seq } => Some(*seq),
            Self::Row(Change::Deleted { from, .. }) => Some(*from),
            Self::Row(Change::Swapped { a, .. }) => Some(*a),
            Self::Row(Change::Moved { from, to }) => Some(*from.min(to)),
            Self::SameEvent { again, .. } => Some(*again),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint { size, why } => write!(f, "检查点(条数{size})无效:{why}"),
            Self::Forked { old, new } => {
                write!(f, "两个有效签名的检查点(条数{old}与{new})互相矛盾:历史曾被持有密钥者改写")
            }
            Self::RolledBack { old, new } => {
                write!(f, "日志被回退:较早的检查点已有{old}条,现在的只有{new}条")
            }
            Self::Truncated { size, from } => write!(f, "日志被截断:应有{size}条,自第{from}条起缺失"),
            Self::Row(Change::Changed { seq }) => write!(f, "第{seq}条内容被改动"),
            Self::Row(Change::Deleted { from, to }) if from == to => write!(f, "第{from}条被删除"),
            Self::Row(Change::Deleted { from, to }) => write!(f, "第{from}至{to}条被删除"),
            Self::Row(Change::Inserted { seq }) => write!(f, "第{seq}条是插入的,不在原日志中"),
            Self::Row(Change::Swapped { a, b }) => write!(f, "第{a}条与第{b}条被对调"),
            Self::Row(Change::Moved { from, to }) => write!(f, "原第{from}条被移到第{to}条"),
            Self::Twice { seq } => write!(f, "序号{seq}出现多次"),
            Self::NotALeaf { seq } => write!(f, "第{seq}条不是规范的日志事件"),
            Self::IdDiffers { seq } => write!(f, "第{seq}条的编号与其内容不符"),
            Self::PrivateDiffers { seq } => write!(f, "第{seq}条的个人信息与日志中的哈希不符"),
            Self::ColumnDiffers { seq, column } => write!(f, "第{seq}条的 {column} 列与其内容不符"),
            Self::ErasedUnrecorded { seq } => write!(f, "第{seq}条的个人信息被清除,但没有清除记录"),
            Self::Waiting { id, what } => write!(f, "待入序的事件 {id} 的{what}与写入时不符"),
            Self::SameEvent { first, again } => write!(f, "第{again}条与第{first}条是同一事件"),
            Self::Beyond { from, to } => write!(f, "第{from}至{to}条没有检查点覆盖"),
            Self::Unlocated { from, to } => write!(
                f,
                "第{from}条至第{}条之间有改动,但定位所需的日志分块也被改动;请用备份的分块再核验",
                to.saturating_sub(1)
            ),
            Self::Tile { level, index } => write!(f, "已存日志分块(第{level}层第{index}块)缺失或不符"),
        }
    }
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read.
    pub rows: u64,
    /// Rows whose personal data have been erased.
    pub erased: u64,
    /// Sizes of the checkpoints whose root the rows have.
    pub confirmed: Vec<u64>,
    /// What is wrong, sorted; empty = the journal is whole.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

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

/// The tree the rows themselves make, by number; a number without a row counts as a hash nothing has.
struct Own {
    there: Vec<bool>,
    tiles: TileMap,
}

impl Own {
    fn build(rows: &[(u64, Hash)], size: u64) -> Self {
        // Nothing is built beyond the last row: a checkpoint may state any size.
        let covered = &rows[..rows.partition_point(|r| r.0 < size)];
        let length = covered.last().and_then(|r| usize::try_from(r.0).ok()).map_or(0, |last| last + 1);
        // Numbers far beyond the count of rows are holes anyway, and no reason to fill the memory.
        let length = length.min(covered.len().saturating_mul(4) + ROOM);
        let (mut leaves, mut there) = (vec![[0; 32]; length], vec![false; length]);
        for (seq, hash) in covered {
            if let Some(at) = usize::try_from(*seq).ok().filter(|at| *at < length && !there[*at]) {
                (leaves[at], there[at]) = (*hash, true);
            }
        }
        Self { there, tiles: tiles_of(&leaves) }
    }

    /// Whether the rows have exactly the root of a head.
    fn has(&self, head: &Head) -> bool {
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        self.there.get(..size).is_some_and(|rows| rows.iter().all(|there| *there))
            && tree::root(head.size, &mut &self.tiles).is_ok_and(|root| root == head.root)
    }

    /// The full tile's hashes, if the rows have it and it has this root.
    fn full_tile(&self, level: u8, index: u64, root: &Hash) -> Option<&Vec<Hash>> {
        self.tiles.0.get(&(level, index)).filter(|tile| is_full_with(tile, root))
    }
}

/// No log of this size exists; larger numbers only serve to break arithmetic.
const SIZE_MAX: u64 = 1 << 48;
/// Entries looked at beyond what the number of rows explains.
const ROOM: usize = 1 << 22;

fn is_full_with(tile: &[Hash], root: &Hash) -> bool {
    tile.len() as u64 == WIDTH && merkle::root(tile.to_vec()) == *root
}

fn tiles_of(leaves: &[Hash]) -> TileMap {
    let mut tiles = TileMap::default();
    // In memory and from nothing, growing refuses only beyond 2^63 leaves.
    if let Ok(all) = tree::append(&Head::empty(), leaves, &mut TileMap::default()) {
        tiles.put(all.tiles);
    }
    tiles
}

/// The stored tiles of a log of `size` leaves that are missing or differ from those computed.
fn compare_tiles<T: TileSource>(right: &TileMap, size: u64, tiles: &mut T) -> Result<Vec<Finding>, T::Error> {
    let mut findings = Vec::new();
    for level in 0..=LEVEL_MAX {
        for index in 0..count(size, level).div_ceil(WIDTH) {
            let wide = usize::try_from(width(size, level, index)).unwrap_or(0);
            let stored = tiles.tile(level, index)?;
            let right = right.0.get(&(level, index)).and_then(|t| t.get(..wide));
            if stored.as_ref().and_then(|t| t.get(..wide)) != right
                || stored.is_some_and(|t| t.len() as u64 > WIDTH)
            {
                findings.push(Finding::Tile { level, index });
            }
        }
    }
    Ok(findings)
}

/// What the tiles tell under a head's root.
struct Located {
    /// The leaf hashes that are proved to belong to the log.
    known: Vec<Option<Hash>>,
    /// Tiles found false on the way.
    tiles: Vec<Finding>,
}

/// Proves leaf hashes from a head's root downwards, through the rows' own tree where it agrees and the stored tiles where
/// it does not; where the upper tiles are false, from the level of the leaves upwards.
fn locate<T: TileSource>(head: &Head, own: &Own, tiles: &mut T) -> Result<Located, T::Error> {
    let size = usize::try_from(head.size).unwrap_or(usize::MAX);
    let mut located = Located { known: vec![None; size.min(own.there.len() + ROOM)], tiles: Vec::new() };
    let mut top = TileMap::default();
    for place in edge(head.size) {
        if let Some(tile) = tiles.tile(place.0, place.1)? {
            top.0.insert(place, tile);
        }
    }
    if !tree::root(head.size, &mut &top).is_ok_and(|root| root == head.root) {
        return from_leaves(head, located, tiles);
    }
    let mut proved: Vec<(u8, u64, Hash)> = Vec::new();
    for (level, index) in edge(head.size) {
        let wide = usize::try_from(width(head.size, level, index)).unwrap_or(0);
        let hashes = top.0.get(&(level, index)).map(|t| t.iter().take(wide)).into_iter().flatten();
        proved.extend((index * WIDTH..).zip(hashes).map(|(at, hash)| (level, at, *hash)));
    }
    while let Some((level, at, hash)) = proved.pop() {
        if level == 0 {
            if let Some(place) = usize::try_from(at).ok().and_then(|at| located.known.get_mut(at)) {
                *place = Some(hash);
            }
            continue;
        }
        if at << (HEIGHT * u32::from(level)) >= located.known.len() as u64 {
            continue;
        }
        let below = level - 1;
        let children = (at * WIDTH..).map(|child| (below, child));
        if let Some(tile) = own.full_tile(below, at, &hash) {
            proved.extend(children.zip(tile).map(|((below, child), hash)| (below, child, *hash)));
        } else {
            match tiles.tile(below, at)?.filter(|tile| is_full_with(tile, &hash)) {
                Some(tile) => {
                    proved.extend(children.zip(tile).map(|((below, child), hash)| (below, child, hash)))
                }
                None => located.tiles.push(Finding::Tile { level: below, index: at }),
            }
        }
    }
    Ok(located)
}

/// All leaf hashes, if those stored have the head's root; the tiles above them that are false.
fn from_leaves<T: TileSource>(head: &Head, mut located: Located, tiles: &mut T) -> Result<Located, T::Error> {
    if (located.known.len() as u64) < head.size {
        return Ok(located);
    }
    let mut leaves = Vec::with_capacity(located.known.len());
    for index in 0..head.size.div_ceil(WIDTH) {
        let wide = usize::try_from(width(head.size, 0, index)).unwrap_or(0);
        match tiles.tile(0, index)?.as_ref().and_then(|t| t.get(..wide)) {
            Some(hashes) => leaves.extend_from_slice(hashes),
            None => return Ok(located),
        }
    }
    let right = tiles_of(&leaves);
    if tree::root(head.size, &mut &right).is_ok_and(|root| root == head.root) {
        located.tiles = compare_tiles(&right, head.size, tiles)?;
        located.known = leaves.into_iter().map(Some).collect();
    }
    Ok(located)
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
