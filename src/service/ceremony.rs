//! A whole draw of policy `ceremony` held in one go, in memory: for rehearsals and for tests of what hangs on a draw.
//!
//! A draw that counts is held step by step in a folder, with witnesses (`onedoor draw`).

use crate::domain::draw::bundle::{Bundle, LogPart, Records, WinnerOpening, inspector_rows};
use crate::domain::draw::entropy::{Entropy, server_commitment};
use crate::domain::draw::fault::Fault;
use crate::domain::draw::merkle;
use crate::domain::draw::pool::{InspectorPool, PoolKey, SubjectPool};
use crate::domain::draw::record::{Mode, Open, Policy, Reveal, Seal, Stratum, digest};
use crate::domain::draw::replay::{Round, Standing, replay};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Seconds from the snapshot to the opening's `not-before`, and to its deadline.
const TIMES: (u64, u64) = (600, 1200);

/// What is to be drawn.
#[derive(Debug)]
pub struct Spec<'a> {
    /// Authority token.
    pub authority: &'a str,
    /// Plan token.
    pub plan: &'a str,
    /// List token; separates the keys of several lists.
    pub list: &'a str,
    /// Time of the snapshots, seconds since 1970 UTC; later times follow from it.
    pub as_of: u64,
    /// Subjects.
    pub subjects: &'a SubjectPool,
    /// Inspectors.
    pub inspectors: &'a InspectorPool,
    /// Digest of the rules.
    pub rules_doc: [u8; 32],
    /// Quota mode.
    pub mode: Mode,
    /// Total for the modes with a total.
    pub total: u64,
    /// Strata by code, ascending.
    pub strata: Vec<Stratum>,
    /// The server secret; the pool keys are derived from it.
    pub secret: [u8; 32],
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
    /// Numbers drawn, ascending.
    pub drawn: Vec<u64>,
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
pub fn hold(spec: &Spec<'_>) -> Result<Held, Vec<Fault>> {
    let key = |purpose: &str| {
        let mut hash = Sha256::new();
        hash.update(b"onedoor/1/rehearsal-pool-key/");
        hash.update(purpose.as_bytes());
        hash.update(spec.list.as_bytes());
        hash.update(spec.secret);
        PoolKey::new(hash.finalize().into())
    };
    let (subject_key, inspector_key) = (key("subjects/"), key("inspectors/"));
    let subject_pool = spec.subjects.record(spec.authority, spec.as_of, &subject_key, None);
    let inspector_pool = spec.inspectors.record(spec.authority, spec.as_of, &inspector_key, None);
    let (subject_bytes, inspector_bytes) = (subject_pool.to_bytes(), inspector_pool.to_bytes());
    let open = Open {
        authority: spec.authority.to_owned(),
        plan: spec.plan.to_owned(),
        list: spec.list.to_owned(),
        seq: 1,
        round: 0,
        parent: None,
        policy: Policy::Ceremony,
        subject_pool: digest(&subject_bytes),
        inspector_pool: digest(&inspector_bytes),
        rules_doc: spec.rules_doc,
        excluded: None,
        refill: None,
        mode: spec.mode,
        total: spec.total,
        total_bp: 0,
        strata: spec.strata.clone(),
        teams: Vec::new(),
        server: server_commitment(spec.authority, spec.plan, 1, 0, &spec.secret),
        witnesses: Vec::new(),
        beacons: Vec::new(),
        not_before: spec.as_of + TIMES.0,
        deadline: spec.as_of + TIMES.1,
        publish_by: None,
    };
    let open_bytes = open.to_bytes();
    let draw_id = digest(&open_bytes);
    let seal_bytes = Seal { draw: draw_id, witnesses: Vec::new() }.to_bytes();
    let seal = digest(&seal_bytes);
    let reveal_bytes =
        Reveal { draw: draw_id, seal, server: Some(spec.secret), witnesses: Vec::new() }.to_bytes();
    let entropy = Entropy { server: spec.secret, witnesses: Vec::new(), beacons: Vec::new() };
    let round = Round {
        open: &open,
        draw_id: &draw_id,
        seal: &seal,
        pool: &subject_pool,
        entropy: &entropy,
        excluded: &[],
        refill: &[],
        people: Some(spec.inspectors),
    };
    let id_of = |number: u64| spec.subjects.get(number).map(|s| s.id.to_owned());
    let replayed = replay(round, &Standing::default(), &id_of)?;
    let result_bytes = replayed.result.map(|r| r.to_bytes()).unwrap_or_default();
    let drawn = replayed.selection.numbers();
    let entries = [subject_bytes, inspector_bytes, open_bytes, seal_bytes, reveal_bytes, result_bytes];
    let text = |i: usize| String::from_utf8_lossy(&entries[i]).into_owned();
    let log_root = merkle::root_of(&entries);
    let bundle = Bundle {
        spec: "VDR/1".to_owned(),
        records: Records {
            pool_subjects: text(0),
            pool_inspectors: text(1),
            open: text(2),
            seal: Some(text(3)),
            reveal: Some(text(4)),
            result: Some(text(5)),
            ..Records::default()
        },
        log: LogPart {
            entries: entries.iter().map(|e| STANDARD.encode(e)).collect(),
            root: hex::encode(log_root),
            witnessed: vec![(3, spec.as_of + 60), (6, spec.as_of + TIMES.0 + 60)],
            ..LogPart::default()
        },
        winners: spec.subjects.disclose(&subject_key, &drawn).iter().map(WinnerOpening::of).collect(),
        inspectors: Some(inspector_rows(spec.inspectors.members())),
        inspector_key: Some(hex::encode(inspector_key.bytes())),
        ..Bundle::default()
    };
    Ok(Held {
        draw_id,
        seed: replayed.selection.seed,
        list: spec.list.to_owned(),
        drawn,
        subject_root: subject_pool.root,
        inspector_root: inspector_pool.root,
        log_root,
        log_size: entries.len(),
        bundle: bundle.to_bytes(),
    })
}
