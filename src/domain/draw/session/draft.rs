//! What is decided before a draw, and what makes an opening invalid before it is logged.

use crate::domain::draw::beacon;
use crate::domain::draw::bytes::{Hash, is_token, sha256};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::pool::{Inspector, Subject, SubjectPool};
use crate::domain::draw::quota;
use crate::domain::draw::record::{BeaconRef, Excluded, Mode, Open, Policy, Stratum, Team, parse_record};
use crate::domain::draw::verify;
use zeroize::Zeroize;

/// How many to draw of a stratum (section 2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StratumRule {
    /// Stratum code.
    pub code: String,
    /// Rate in basis points.
    pub bp: u64,
    /// Fewest.
    pub lo: u64,
    /// Most; 0 = no limit.
    pub hi: u64,
    /// Allocation weight for the modes with a total.
    pub alloc: u64,
}

/// Times of a draw, seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// No beacon may be known before.
    pub not_before: u64,
    /// The result must be logged before.
    pub deadline: u64,
    /// Embargo: the secret must be logged before.
    pub publish_by: Option<u64>,
}

/// The document behind `rules-doc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesDoc {
    /// Its bytes; they travel in the bundle.
    Public(Vec<u8>),
    /// Only its SHA-256, because it holds personal data (a planning input).
    Digest(Hash),
}

impl RulesDoc {
    /// The value of the `rules-doc` line.
    #[must_use]
    pub fn digest(&self) -> Hash {
        match self {
            Self::Public(bytes) => sha256(bytes),
            Self::Digest(digest) => *digest,
        }
    }
}

impl From<&str> for RulesDoc {
    fn from(text: &str) -> Self {
        Self::Public(text.as_bytes().to_vec())
    }
}

/// Everything that is decided before a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The authority that draws.
    pub authority: String,
    /// The plan.
    pub plan: String,
    /// The list.
    pub list: String,
    /// Attempt, from 1.
    pub seq: u32,
    /// When entropy becomes public.
    pub policy: Policy,
    /// The document behind `rules-doc`.
    pub rules: RulesDoc,
    /// Quota mode.
    pub mode: Mode,
    /// Total, for the modes with a total.
    pub total: u64,
    /// Total as basis points of all eligible.
    pub total_bp: u64,
    /// Strata that take part; members of other strata are not drawn.
    pub strata: Vec<StratumRule>,
    /// Teams.
    pub teams: Vec<Team>,
    /// (id, reason code) of members that cannot be drawn.
    pub excluded: Vec<(String, String)>,
    /// Witnesses.
    pub witnesses: Vec<String>,
    /// Beacons.
    pub beacons: Vec<BeaconRef>,
    /// Times.
    pub times: Times,
    /// Time of the snapshots.
    pub as_of: u64,
    /// The subjects.
    pub subjects: Vec<Subject>,
    /// (id, text) of documents whose SHA-256 is the subject's `attrs`; may be empty. Stays private.
    pub documents: Vec<(String, String)>,
    /// The inspectors.
    pub inspectors: Vec<Inspector>,
    /// Identity of the log.
    pub origin: String,
    /// vkeys of outside cosigners; empty = the machine cosigns its own clock.
    pub cosigners: Vec<String>,
    /// How many cosigners make a time.
    pub quorum: u64,
}

/// Fresh random bytes of a draw.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The server secret S.
    pub server: [u8; 32],
    /// Key of the subjects' salts.
    pub pool_key: [u8; 32],
    /// Key of the inspectors' salts.
    pub inspector_key: [u8; 32],
    /// Signing key of the log.
    pub log_key: [u8; 32],
    /// Signing key of the machine's own cosigner.
    pub cosign_key: [u8; 32],
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        let keys = [&mut self.server, &mut self.pool_key, &mut self.inspector_key, &mut self.log_key];
        for key in keys.into_iter().chain([&mut self.cosign_key]) {
            key.zeroize();
        }
    }
}

pub(super) fn list_ref(len: usize, bytes: Vec<u8>) -> Option<(u64, Hash)> {
    (len > 0).then(|| (len as u64, sha256(&bytes)))
}

/// Lines `stratum` from rules, ascending by code.
pub(super) fn strata(rules: &[StratumRule], eligible: impl Fn(&str) -> u64) -> Vec<Stratum> {
    let mut lines: Vec<Stratum> = rules
        .iter()
        .map(|r| Stratum {
            code: r.code.clone(),
            eligible: eligible(&r.code),
            bp: r.bp,
            lo: r.lo,
            hi: r.hi,
            alloc: r.alloc,
        })
        .collect();
    lines.sort_by(|a, b| a.code.cmp(&b.code));
    lines
}

/// Numbers of excluded ids, ascending.
pub(super) fn exclusions(
    excluded: &[(String, String)],
    pool: &SubjectPool,
) -> Result<Vec<Excluded>, Vec<Fault>> {
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    for (id, reason) in excluded {
        match pool.number_of(id) {
            _ if !is_token(reason) => faults.push(fault!("reason", "{id}的排除原因须为代码(ASCII记号)")),
            None => faults.push(fault!("excluded_unknown", "排除名单中的{id}不在名录中")),
            Some(number) => list.push(Excluded { number, reason: reason.clone() }),
        }
    }
    list.sort_by_key(|e| e.number);
    if list.windows(2).any(|w| w[0].number == w[1].number) {
        faults.push(fault!("excluded_twice", "排除名单中有重复"));
    }
    if faults.is_empty() { Ok(list) } else { Err(faults) }
}

/// Fields of a draft that must be tokens.
pub(super) fn tokens(draft: &Draft) -> Vec<Fault> {
    let mut fields = vec![("机关", &draft.authority), ("计划", &draft.plan), ("名单", &draft.list)];
    fields.extend(draft.witnesses.iter().map(|w| ("见证人", w)));
    fields.extend(draft.teams.iter().map(|t| ("单位", &t.unit)));
    fields.extend(draft.strata.iter().map(|s| ("分层代码", &s.code)));
    fields
        .into_iter()
        .filter(|(_, text)| !is_token(text))
        .map(|(what, text)| fault!("token", "{what}“{text}”须为1至128个可见ASCII字符的代码"))
        .collect()
}

/// What makes an opening invalid before it is logged: policy, quotas, times, its own grammar.
pub(super) fn opening_faults(open: &Open, now: u64) -> Vec<Fault> {
    let mut faults = verify::policy_faults(open);
    let quota = quota::Quota { mode: open.mode, total: open.total, total_bp: open.total_bp };
    faults.extend(quota::quotas(quota, &open.strata).err().unwrap_or_default());
    faults.extend(parse_record(&open.to_bytes()).err());
    if now >= open.not_before {
        faults.push(fault!("not_before", "not-before({})须晚于现在({now})", open.not_before));
    }
    for b in &open.beacons {
        if let Some(time) = beacon::time_of(b) {
            if time < open.not_before {
                faults.push(fault!(
                    "beacon_early",
                    "drand 第{}轮在not-before之前公布;最早可用第{}轮",
                    b.reference,
                    beacon::quicknet_round_at(open.not_before)
                ));
            }
            if time >= open.deadline {
                faults.push(fault!("beacon_late", "drand 第{}轮在deadline之后才公布", b.reference));
            }
        }
    }
    faults
}
