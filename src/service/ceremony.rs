//! A whole draw of policy `ceremony` held in one go, in memory: for rehearsals and for tests of what hangs on a draw.
//!
//! A draw that counts is held step by step in a folder, with witnesses (`onedoor draw`).

use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::ceremony::{self, Timetable};
use crate::domain::draw::fault::Fault;
use crate::domain::draw::pool::{Inspector, Subject};
use crate::domain::draw::record::{Mode, Opening, Policy, Record, parse_record};
use crate::domain::draw::session::{Draft, RulesDoc, Secrets, StratumRule, Times};
use sha2::{Digest, Sha256};

/// Seconds from the snapshot to the opening's `not-before`, and to its deadline.
const TIMES: (u64, u64) = (600, 1200);
/// The witness of a rehearsal: nobody; its value is the text of the seed.
const NOBODY: &str = "REHEARSAL";

/// What is to be drawn.
#[derive(Debug)]
pub struct Spec {
    /// Authority token.
    pub authority: String,
    /// List token, also the plan; separates the keys of several lists.
    pub list: String,
    /// Time of the snapshots, seconds since 1970 UTC; later times follow from it.
    pub as_of: u64,
    /// Subjects.
    pub subjects: Vec<Subject>,
    /// Inspectors.
    pub inspectors: Vec<Inspector>,
    /// Digest of the rules.
    pub rules_doc: [u8; 32],
    /// Quota mode.
    pub mode: Mode,
    /// Total for the modes with a total.
    pub total: u64,
    /// Strata.
    pub strata: Vec<StratumRule>,
    /// The text from which all secrets are derived, together with the list and the rules.
    pub text: String,
}

/// A draw that was held.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its identifier.
    pub draw_id: [u8; 32],
    /// Its seed.
    pub seed: [u8; 32],
    /// Its list token.
    pub list: String,
    /// Ids of the drawn subjects.
    pub drawn: Vec<String>,
    /// Root of the subject pool.
    pub subject_root: [u8; 32],
    /// Root of the inspector pool.
    pub inspector_root: [u8; 32],
    /// Root of the log.
    pub log_root: [u8; 32],
    /// Entries of the log.
    pub log_size: usize,
    /// The bundle that `onedoor verify` checks.
    pub bundle: Vec<u8>,
}

/// Holds the draw.
///
/// # Errors
/// What the protocol refuses, e.g. a quota that cannot be met.
pub fn hold(spec: Spec) -> Result<Held, Vec<Fault>> {
    let derive = |purpose: &str| -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in ["onedoor/1/rehearsal", purpose, &spec.text, &spec.list] {
            hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(spec.rules_doc);
        hash.finalize().into()
    };
    let secrets = Secrets {
        server: derive("server"),
        pool_key: derive("pool-key"),
        inspector_key: derive("inspector-key"),
        log_key: derive("log-key"),
        cosign_key: derive("cosign-key"),
    };
    let mut salt = [0; 16];
    salt.copy_from_slice(&derive("salt")[..16]);
    let text = spec.text.as_bytes();
    // A card holds 1 to 256 bytes; a longer text is told by its digest.
    let value = match text.len() {
        1..=256 => text.to_vec(),
        _ => hex::encode(Sha256::digest(text)).into_bytes(),
    };
    let draft = Draft {
        origin: format!("{}/rehearsal", spec.authority),
        authority: spec.authority,
        plan: spec.list.clone(),
        list: spec.list.clone(),
        seq: 1,
        policy: Policy::Ceremony,
        rules: RulesDoc::Digest(spec.rules_doc),
        mode: spec.mode,
        total: spec.total,
        total_bp: 0,
        strata: spec.strata,
        teams: Vec::new(),
        excluded: Vec::new(),
        witnesses: vec![NOBODY.to_owned()],
        beacons: Vec::new(),
        times: Times { not_before: spec.as_of + TIMES.0, deadline: spec.as_of + TIMES.1, publish_by: None },
        as_of: spec.as_of,
        subjects: spec.subjects,
        documents: Vec::new(),
        inspectors: spec.inspectors,
        cosigners: Vec::new(),
        quorum: 1,
    };
    let at = Timetable {
        open: spec.as_of,
        seal: spec.as_of + 60,
        reveal: spec.as_of + 120,
        result: spec.as_of + TIMES.0 + 60,
    };
    let card = Opening { id: NOBODY.to_owned(), salt, value };
    let held = ceremony::run(draft, &secrets, vec![card], at)?;
    let public = &held.session.public;
    Ok(Held {
        draw_id: held.session.draw_id(),
        seed: held.outcome.selection.seed,
        list: spec.list,
        drawn: public.winners.iter().map(|w| w.id.clone()).collect(),
        subject_root: pool_root(&public.records.pool_subjects),
        inspector_root: pool_root(&public.records.pool_inspectors),
        log_root: unhex_n::<32>(&public.log.root).unwrap_or_default(),
        log_size: public.log.entries.len(),
        bundle: public.to_bytes(),
    })
}

/// The Merkle root in a pool record.
#[must_use]
pub fn pool_root(record: &str) -> [u8; 32] {
    match parse_record(record.as_bytes()) {
        Ok(Record::Pool(pool)) => pool.root,
        _ => [0; 32],
    }
}
