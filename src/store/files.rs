//! Which files of the vault rows name.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{commission, evidence, score_evidence};
use crate::error::Result;
use diesel::prelude::*;
use std::collections::HashSet;

/// Those of these hashes that a row of whatever county names.
///
/// # Errors
/// The database.
pub fn named(db: &mut Conn, hashes: &[String]) -> Result<HashSet<String>> {
    let mut named: HashSet<String> = HashSet::new();
    for chunk in hashes.chunks(CHUNK) {
        let asked = || chunk.to_vec();
        let of_visits: Vec<String> =
            evidence::table.filter(evidence::sha256.eq_any(asked())).select(evidence::sha256).load(db)?;
        let of_scores: Vec<String> = score_evidence::table
            .filter(score_evidence::sha256.eq_any(asked()))
            .select(score_evidence::sha256)
            .load(db)?;
        let of_reports: Vec<String> = commission::table
            .filter(commission::report_sha256.eq_any(asked()))
            .select(commission::report_sha256)
            .load(db)?;
        named.extend(of_visits.into_iter().chain(of_scores).chain(of_reports));
    }
    Ok(named)
}
