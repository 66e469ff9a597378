//! The verifiable draw, protocol VDR/1: records, pool, entropy, lots, quotas, selection, teams, log, verification.

pub mod beacon;
pub mod bytes;
pub mod entropy;
pub mod fault;
pub mod lots;
pub mod merkle;
pub mod outcome;
pub mod pool;
pub mod quota;
pub mod record;
pub mod select;
pub mod team;
