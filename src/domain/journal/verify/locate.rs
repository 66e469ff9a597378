//! The tree the rows make, the tiles that are stored, and which leaves are proved by them.

use super::finding::Finding;
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::merkle;
use crate::domain::journal::tiles::{HEIGHT, LEVEL_MAX, TileMap, TileSource, WIDTH, count, edge, width};
use crate::domain::journal::tree::{self, Head};

/// The tree the rows themselves make, by number; a number without a row counts as a hash nothing has.
pub(super) struct Own {
    pub(super) there: Vec<bool>,
    pub(super) tiles: TileMap,
}

impl Own {
    pub(super) fn build(rows: &[(u64, Hash)], size: u64) -> Self {
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
    pub(super) fn has(&self, head: &Head) -> bool {
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        self.there.get(..size).is_some_and(|rows| rows.iter().all(|there| *there))
            && tree::root(head.size, &mut &self.tiles).is_ok_and(|root| root == head.root)
    }

    /// The full tile's hashes, if the rows have it and it has this root.
    fn full_tile(&self, level: u8, index: u64, root: &Hash) -> Option<&Vec<Hash>> {
        self.tiles.0.get(&(level, index)).filter(|tile| is_full_with(tile, root))
    }
}

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
pub(super) fn compare_tiles<T: TileSource>(
    right: &TileMap,
    size: u64,
    tiles: &mut T,
) -> Result<Vec<Finding>, T::Error> {
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
pub(super) struct Located {
    /// The leaf hashes that are proved to belong to the log.
    pub(super) known: Vec<Option<Hash>>,
    /// Tiles found false on the way.
    pub(super) tiles: Vec<Finding>,
}

/// Proves leaf hashes from a head's root downwards, through the rows' own tree where it agrees and the stored tiles where
/// it does not; where the upper tiles are false, from the level of the leaves upwards.
pub(super) fn locate<T: TileSource>(head: &Head, own: &Own, tiles: &mut T) -> Result<Located, T::Error> {
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
