//! The journal: tree over tiles, leaves, and the check of a falsified journal.

mod leaf;
mod tree;
mod verify;
