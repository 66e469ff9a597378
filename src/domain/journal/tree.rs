//! The tree over tiles: growing it, its roots, inclusion and consistency proofs, all without reading the leaves.

use super::tiles::{HEIGHT, LEVEL_MAX, Tile, TileSource, WIDTH, count, edge};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::merkle::{empty_root, node_hash, root as root_of_leaves};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How far a log has come: its number of leaves and its RFC 6962 root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Head {
    /// The head of a log without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// What growing a log changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The head after it.
    pub head: Head,
    /// The tiles that are new or longer, each with all its hashes; to be stored over the old ones.
    pub tiles: Vec<Tile>,
}

/// Tiles read once each, overlaid with tiles not yet stored.
struct Reader<'a, T> {
    source: &'a mut T,
    known: BTreeMap<(u8, u64), Rc<Vec<Hash>>>,
}

impl<'a, T: TileSource> Reader<'a, T> {
    fn new(source: &'a mut T) -> Self {
        Self { source, known: BTreeMap::new() }
    }

    /// The first `need` hashes' tile; refused when fewer are stored.
    fn tile(&mut self, level: u8, index: u64, need: usize) -> Result<Rc<Vec<Hash>>, T::Error> {
        let missing = || fault!("tile_missing", "日志分块(第{level}层第{index}块)缺失或不完整,请用备份恢复");
        let tile = match self.known.get(&(level, index)) {
            Some(tile) => Rc::clone(tile),
            None => {
                let tile = Rc::new(self.source.tile(level, index)?.ok_or_else(missing)?);
                self.known.insert((level, index), Rc::clone(&tile));
                tile
            }
        };
        if tile.len() < need || tile.len() as u64 > WIDTH { Err(missing().into()) } else { Ok(tile) }
    }

    /// Root of the full subtree number `index` of height `height`.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, T::Error> {
        let within = height % HEIGHT;
        let first = index << within;
        // `height` is below 64, so its tile level is at most 7.
        let level = u8::try_from(height / HEIGHT).unwrap_or(LEVEL_MAX);
        let from = usize::try_from(first % WIDTH).unwrap_or(0);
        let to = from + (1 << within);
        let tile = self.tile(level, first / WIDTH, to)?;
        Ok(root_of_leaves(tile[from..to].to_vec()))
    }

    /// Root over leaves `from..to`, where `from` is a multiple of a power of two that is at least `to - from`.
    fn range(&mut self, from: u64, to: u64) -> Result<Hash, T::Error> {
        let mut parts = Vec::new();
        let (mut at, left) = (from, to - from);
        for height in (0..u64::BITS).rev().filter(|h| left >> h & 1 == 1) {
            parts.push(self.node(height, at >> height)?);
            at += 1 << height;
        }
        Ok(parts.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root))
    }
}

/// Appends leaf hashes to a log whose stored tiles `tiles` gives. Reads the unfinished tile of each level
/// ([`edge`]), hashes O(new leaves + log size) times, and leaves storing to the caller.
///
/// # Errors
/// A tile of the edge is missing or longer than 256; the tiles do not have the root of `before` (they were changed:
/// growing them would sign the change); more than 2^63 leaves; or reading fails.
pub fn append<T: TileSource>(before: &Head, leaves: &[Hash], tiles: &mut T) -> Result<Appended, T::Error> {
    let mut reader = Reader::new(tiles);
    if reader.range(0, before.size)? != before.root {
        let why = fault!(
            "tiles_disagree",
            "已存日志分块与最近检查点的根不符(条数{}),停止追加;请运行日志核验",
            before.size
        );
        return Err(why.into());
    }
    let size = before
        .size
        .checked_add(leaves.len() as u64)
        .filter(|size| *size <= 1 << 63)
        .ok_or_else(|| fault!("log_full", "日志条数超出上限"))?;
    let mut changed = Vec::new();
    let mut arriving = leaves.to_vec();
    for level in 0..=LEVEL_MAX {
        if arriving.is_empty() {
            break;
        }
        let old = count(before.size, level);
        let kept = usize::try_from(old % WIDTH).unwrap_or(0);
        let mut index = old / WIDTH;
        let mut hashes =
            if kept > 0 { reader.tile(level, index, kept)?[..kept].to_vec() } else { Vec::new() };
        let mut above = Vec::new();
        let mut rest = arriving.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(WIDTH as usize - hashes.len()));
            hashes.extend_from_slice(now);
            rest = later;
            let full = hashes.len() as u64 == WIDTH;
            if full {
                above.push(root_of_leaves(hashes.clone()));
            }
            reader.known.insert((level, index), Rc::new(hashes.clone()));
            changed.push(Tile { level, index, hashes: std::mem::take(&mut hashes) });
            index += 1;
        }
        arriving = above;
    }
    Ok(Appended { head: Head { size, root: reader.range(0, size)? }, tiles: changed })
}

/// The root of the log's first `size` leaves.
///
/// # Errors
/// A tile that is needed is missing, or reading fails.
pub fn root<T: TileSource>(size: u64, tiles: &mut T) -> Result<Hash, T::Error> {
    Reader::new(tiles).range(0, size)
}

/// Inclusion path of leaf `index` in the log's first `size` leaves, from the sibling upwards.
///
/// # Errors
/// There is no such leaf; a tile that is needed is missing; or reading fails.
pub fn inclusion<T: TileSource>(index: u64, size: u64, tiles: &mut T) -> Result<Vec<Hash>, T::Error> {
    if index >= size {
        return Err(fault!("no_such_leaf", "日志只有{size}条,没有第{index}条").into());
    }
    let mut reader = Reader::new(tiles);
    let mut path = Vec::new();
    let last = size - 1;
    for height in 0..u64::BITS - last.leading_zeros() {
        let sibling = index >> height ^ 1;
        if sibling <= last >> height {
            let from = sibling << height;
            // The last node of a level may stand over fewer leaves than its place has room for.
            let to = from.saturating_add(1 << height).min(size);
            path.push(reader.range(from, to)?);
        }
    }
    Ok(path)
}

/// Consistency proof (RFC 6962 section 2.1.2) between the log's first `old` and first `new` leaves; empty when `old` is 0
/// or `new`.
///
/// # Errors
/// `old` exceeds `new`; a tile that is needed is missing; or reading fails.
pub fn consistency<T: TileSource>(old: u64, new: u64, tiles: &mut T) -> Result<Vec<Hash>, T::Error> {
    if old > new {
        return Err(fault!("not_older", "较早的条数{old}大于较晚的条数{new}").into());
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(proof);
    }
    let mut reader = Reader::new(tiles);
    let (mut from, mut to, mut whole) = (0, new, true);
    // Down to the old tree's right edge; the proof lists what was passed from the bottom upwards.
    while old != to {
        let half = 1 << (u64::BITS - 1 - (to - from - 1).leading_zeros());
        let middle = from + half;
        if old <= middle {
            proof.push(reader.range(middle, to)?);
            to = middle;
        } else {
            proof.push(reader.range(from, middle)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(reader.range(from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether the edge tiles of a log are stored and have the root of `head`; cheap enough for every start.
///
/// # Errors
/// As [`root`]; or the root differs, with the tiles looked at.
pub fn check_edge<T: TileSource>(head: &Head, tiles: &mut T) -> Result<(), T::Error> {
    if root(head.size, tiles)? == head.root {
        return Ok(());
    }
    let places: Vec<String> =
        edge(head.size).iter().map(|(level, index)| format!("{level}/{index}")).collect();
    Err(Fault::new(
        "tiles_disagree",
        format!("日志分块({})与检查点的根不符(条数{});请运行日志核验", places.join("、"), head.size),
    )
    .into())
}
