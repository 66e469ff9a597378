//! Tiles: runs of up to 256 hashes of every eighth level of the tree, addressed as in c2sp.org/tlog-tiles.

use crate::domain::draw::bytes::{Hash, decimal};
use crate::domain::draw::fault::{Fault, fault};
use std::collections::BTreeMap;

/// Levels of the tree covered by one tile.
pub const HEIGHT: u32 = 8;
/// Hashes in a full tile.
pub const WIDTH: u64 = 1 << HEIGHT;
/// Highest level a tile can have: 2^64 leaves need levels 0 to 7.
pub const LEVEL_MAX: u8 = 7;

/// A tile to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Tile level; level 0 holds leaf hashes, level n + 1 the roots of full tiles of level n.
    pub level: u8,
    /// Number of the tile in its level, from 0.
    pub index: u64,
    /// 1 to 256 hashes, from the left.
    pub hashes: Vec<Hash>,
}

/// Where tiles are read from. A tile may be longer than the size asked about needs: the hashes a smaller tree had are
/// a prefix of it, so one stored row per tile, overwritten as it fills, is enough.
pub trait TileSource {
    /// What reading can fail with; the tree's own refusals are converted into it.
    type Error: From<Fault>;

    /// The hashes of a tile, or none when it is not stored.
    ///
    /// # Errors
    /// Whatever the store says.
    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Self::Error>;
}

impl<F, E> TileSource for F
where
    F: FnMut(u8, u64) -> Result<Option<Vec<Hash>>, E>,
    E: From<Fault>,
{
    type Error = E;

    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, E> {
        self(level, index)
    }
}

/// Tiles held in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TileMap(pub BTreeMap<(u8, u64), Vec<Hash>>);

impl TileMap {
    /// Stores tiles, replacing those of the same place.
    pub fn put(&mut self, tiles: Vec<Tile>) {
        self.0.extend(tiles.into_iter().map(|t| ((t.level, t.index), t.hashes)));
    }
}

impl TileSource for &TileMap {
    type Error = Fault;

    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Fault> {
        Ok(self.0.get(&(level, index)).cloned())
    }
}

impl TileSource for TileMap {
    type Error = Fault;

    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Fault> {
        Ok(self.0.get(&(level, index)).cloned())
    }
}

/// Number of hashes level `level` holds in a log of `size` leaves.
#[must_use]
pub fn count(size: u64, level: u8) -> u64 {
    size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0)
}

/// Hashes the tile holds in a log of `size` leaves; 0 when it does not exist yet.
#[must_use]
pub fn width(size: u64, level: u8, index: u64) -> u64 {
    index.checked_mul(WIDTH).map_or(0, |from| count(size, level).saturating_sub(from).min(WIDTH))
}

/// The tiles [`super::tree::append`] reads to go on from `size` leaves: the unfinished one of each level.
#[must_use]
pub fn edge(size: u64) -> Vec<(u8, u64)> {
    (0..=LEVEL_MAX)
        .filter(|level| !count(size, *level).is_multiple_of(WIDTH))
        .map(|level| (level, count(size, level) / WIDTH))
        .collect()
}

/// The address of a tile: `tile/L/N` or, for one of fewer than 256 hashes, `tile/L/N.p/W`.
#[must_use]
pub fn path(level: u8, index: u64, width: u64) -> String {
    let mut name = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH { format!("tile/{level}/{name}.p/{width}") } else { format!("tile/{level}/{name}") }
}

/// Reads an address of the form [`path`] writes, and no other spelling: (level, index, width).
///
/// # Errors
/// Not such an address.
pub fn parse_path(text: &str) -> Result<(u8, u64, u64), Fault> {
    let bad = || fault!("tile_path", "“{text}”不是日志分块的地址,应形如 tile/0/x001/234 或 tile/0/000.p/17");
    let (level, rest) = text.strip_prefix("tile/").and_then(|t| t.split_once('/')).ok_or_else(bad)?;
    let level = decimal(level).and_then(|l| u8::try_from(l).ok()).ok_or_else(bad)?;
    let (name, width) = match rest.split_once(".p/") {
        Some((name, width)) => (name, decimal(width).ok_or_else(bad)?),
        None => (rest, WIDTH),
    };
    let mut index = 0_u64;
    for group in name.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let value: u64 = digits.parse().map_err(|_| bad())?;
        index = index.checked_mul(1000).and_then(|i| i.checked_add(value)).ok_or_else(bad)?;
    }
    // One spelling per tile, so that caches and checks agree on names.
    if level <= LEVEL_MAX && (1..=WIDTH).contains(&width) && path(level, index, width) == text {
        Ok((level, index, width))
    } else {
        Err(bad())
    }
}
