//! The journal as a log anybody can check: RFC 6962 over tiles of 256 hashes (layout of c2sp.org/tlog-tiles),
//! typed leaves that hold no personal data, signed checkpoints, and the check that names a falsified row.
//!
//! Not for storing: tiles, rows and checkpoints come in as values and go out as values.

pub mod canonical;
pub mod checkpoint;
pub mod diff;
pub mod event;
pub mod leaf;
pub mod tiles;
pub mod tree;
pub mod verify;

pub use checkpoint::{inclusion_proof, sign};
pub use leaf::{Actor, Columns, Leaf, Object, Private};
pub use tiles::{Tile, TileMap, TileSource};
pub use tree::{Appended, Head, append, consistency, inclusion, root};
pub use verify::{Finding, Report, Row, verify};
