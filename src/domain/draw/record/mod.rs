//! The records of VDR/1 section 2.2: typed values, their exact bytes, and a strict parser.
//!
//! A record is ASCII lines ended by LF, fields separated by one space, in a fixed order. The bytes are the
//! authority: whatever parses serialises to the same bytes, so a digest of a record is a digest of its meaning.

mod line;
mod lists;
mod open;
mod pool;
mod result;
mod steps;

pub use lists::{
    Excluded, Planned, Refill, YearPlan, excluded_bytes, parse_excluded, parse_refill, refill_bytes,
};
pub use open::{BeaconKind, BeaconRef, Mode, Open, Policy, Stratum, Team};
pub use pool::{Group, PoolKind, PoolRecord};
pub use result::{ResultRecord, ResultStratum, SeedLine};
pub use steps::{Abort, Beacon, BeaconProof, Opening, PROOF_MAX, Publish, Reveal, Seal, VALUE_MAX};

use super::bytes::{Hash, sha256};
use super::fault::{Fault, fault};

/// Largest record in bytes; beyond it a record is refused unread (a pool of 65,536 groups has 10 MB).
pub const RECORD_MAX: usize = 32 << 20;

/// Any record that may stand in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A snapshot of subjects or inspectors.
    Pool(PoolRecord),
    /// The opening of a draw.
    Open(Box<Open>),
    /// The witnesses' commitments.
    Seal(Seal),
    /// The opened commitments.
    Reveal(Reveal),
    /// The public beacons' values.
    Beacon(Beacon),
    /// The outcome.
    Result(ResultRecord),
    /// The server secret of an embargo draw.
    Publish(Publish),
    /// The end of a draw without a result.
    Abort(Abort),
    /// The draws planned for a year.
    Plan(YearPlan),
}

impl Record {
    /// The record's exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pool(r) => r.to_bytes(),
            Self::Open(r) => r.to_bytes(),
            Self::Seal(r) => r.to_bytes(),
            Self::Reveal(r) => r.to_bytes(),
            Self::Beacon(r) => r.to_bytes(),
            Self::Result(r) => r.to_bytes(),
            Self::Publish(r) => r.to_bytes(),
            Self::Abort(r) => r.to_bytes(),
            Self::Plan(r) => r.to_bytes(),
        }
    }

    /// The word after `vdr/1/`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pool(_) => "pool",
            Self::Open(_) => "open",
            Self::Seal(_) => "seal",
            Self::Reveal(_) => "reveal",
            Self::Beacon(_) => "beacon",
            Self::Result(_) => "result",
            Self::Publish(_) => "publish",
            Self::Abort(_) => "abort",
            Self::Plan(_) => "plan",
        }
    }
}

/// Parses any record of a log, strictly; never panics, and needs no more memory than the bytes do.
///
/// # Errors
/// The first thing that makes the bytes differ from what section 2.2 prescribes.
pub fn parse_record(bytes: &[u8]) -> Result<Record, Fault> {
    if bytes.len() > RECORD_MAX {
        return Err(fault!("record_size", "记录超过{RECORD_MAX}字节"));
    }
    let kind = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let record = match kind {
        b"vdr/1/pool" => PoolRecord::parse(bytes).map(Record::Pool),
        b"vdr/1/open" => Open::parse(bytes).map(|r| Record::Open(Box::new(r))),
        b"vdr/1/seal" => Seal::parse(bytes).map(Record::Seal),
        b"vdr/1/reveal" => Reveal::parse(bytes).map(Record::Reveal),
        b"vdr/1/beacon" => Beacon::parse(bytes).map(Record::Beacon),
        b"vdr/1/result" => ResultRecord::parse(bytes).map(Record::Result),
        b"vdr/1/publish" => Publish::parse(bytes).map(Record::Publish),
        b"vdr/1/abort" => Abort::parse(bytes).map(Record::Abort),
        b"vdr/1/plan" => YearPlan::parse(bytes).map(Record::Plan),
        _ => Err(fault!("record_kind", "不是VDR/1记录:首行不认识")),
    }?;
    same_bytes(&record.to_bytes(), bytes)?;
    Ok(record)
}

/// Refuses bytes that a parsed value would not be written as.
fn same_bytes(written: &[u8], read: &[u8]) -> Result<(), Fault> {
    if written == read { Ok(()) } else { Err(fault!("record_bytes", "记录重新写出后字节不同")) }
}

/// Digest of a record: SHA-256 of its bytes. Of an `open` record this is the `draw_id`.
#[must_use]
pub fn digest(bytes: &[u8]) -> Hash {
    sha256(bytes)
}
