//! The verifiable draw, protocol VDR/1: records, pool, entropy, lots, quotas, selection, teams, log, verification.

pub mod bytes;
pub mod lots;
