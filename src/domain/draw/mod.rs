//! The verifiable draw, protocol VDR/1: records, pool, entropy, lots, quotas, selection, teams, log, verification.
//!
//! Bottom up: [`bytes`], [`lots`], [`merkle`] and [`record`] are the notation; [`pool`], [`entropy`], [`beacon`],
//! [`quota`], [`select`] and [`team`] are one section of the protocol each; [`outcome`] and [`replay`] put them
//! together; [`log`] and [`note`] are the append-only log; [`bundle`] is the file in which a draw travels, [`session`] takes a draw
//! through its steps, [`verify`] judges it.

pub mod beacon;
pub mod bundle;
pub mod bytes;
pub mod ceremony;
pub mod entropy;
pub mod fault;
pub mod log;
pub mod lots;
pub mod merkle;
pub mod note;
pub mod outcome;
pub mod pool;
pub mod quota;
pub mod record;
pub mod replay;
pub mod select;
pub mod session;
pub mod team;
pub mod verify;
