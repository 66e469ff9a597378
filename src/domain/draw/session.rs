//! A draw step by step: a state (the public bundle and what must stay secret) and pure transitions that refuse what
//! is out of order, naming what is missing. Time and random bytes come in as values.

mod later;
mod private;

pub use later::{Again, NextRound};
pub use private::Private;

use super::beacon;
use super::bundle::{
    Audit, Bundle, Derived, LogPart, Part, excluded_list, inspector_list, inspector_rows, refill_list,
};
use super::bytes::{Hash, is_token, sha256, unhex_n};
use super::entropy::{BeaconValue, Entropy, server_commitment, witness_commitment};
use super::fault::{Fault, fault};
use super::lots::{self, ASSIGN, SUBJECT, TASK_ORDER};
use super::merkle;
use super::note::{Checkpoint, SignedCheckpoint, Speaker, TlogProof, VerifierKey, base64};
use super::outcome;
use super::pool::{Inspector, InspectorPool, PoolKey, Subject, SubjectPool};
use super::record::{
    Abort, Beacon, BeaconProof, BeaconRef, Excluded, Mode, Open, Opening, Policy, Publish, ResultRecord,
    Reveal, Seal, Stratum, Team, VALUE_MAX, excluded_bytes,
};
use super::replay::{Replayed, Round, Standing, barred_numbers, replay};
use super::verify::{self, PartOutcome, Report};

/// A draw in progress or finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What may be published at any time: the bundle so far.
    pub public: Bundle,
    /// What may not.
    pub private: Private,
}

/// Where a draw stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Opened; waits for the witnesses' cards.
    Opened,
    /// Sealed; waits for the reveal.
    Sealed,
    /// Revealed; waits for the beacon, or the result where there is none.
    Revealed,
    /// Beacon logged; waits for the result.
    Lit,
    /// Result logged; finished, or waits for publication under embargo.
    Drawn,
    /// Published; finished.
    Published,
    /// Ended without a result.
    Aborted,
}

impl Stage {
    /// What it is called.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "已开启",
            Self::Sealed => "已封存",
            Self::Revealed => "已揭示",
            Self::Lit => "信标已记入",
            Self::Drawn => "已出结果",
            Self::Published => "已公布",
            Self::Aborted => "已作废",
        }
    }
}

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
    /// Bytes of the document behind `rules-doc`.
    pub rules: Vec<u8>,
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

/// What a witness hands in at the sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Card {
    /// The card's content; the machine keeps it secret until the reveal.
    Content(Opening),
    /// Only the commitment; the witness keeps the card.
    Commitment(String, Hash),
}

type Step = Result<(), Vec<Fault>>;

fn refuse(code: &'static str, text: impl Into<String>) -> Step {
    Err(vec![Fault::new(code, text)])
}

impl Session {
    /// Opens a draw: snapshots, opening record, first checkpoints.
    ///
    /// # Errors
    /// Every fault of the lists, the tokens, the quotas and the policy.
    pub fn open(draft: Draft, secrets: &Secrets, now: u64) -> Result<Self, Vec<Fault>> {
        let mut faults = tokens(&draft);
        let audit = Audit {
            subjects: draft
                .subjects
                .iter()
                .map(|s| (s.id.clone(), s.stratum.clone(), s.weight, hex::encode(s.attrs)))
                .collect(),
            pool_key: hex::encode(secrets.pool_key),
        };
        let pool = SubjectPool::new(draft.subjects.iter().cloned()).unwrap_or_else(|f| {
            faults.extend(f);
            SubjectPool::empty()
        });
        let people = InspectorPool::new(draft.inspectors.iter().cloned()).unwrap_or_else(|f| {
            faults.extend(f);
            InspectorPool::empty()
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        let excluded = exclusions(&draft.excluded, &pool)?;
        let (key, people_key) = (PoolKey::new(secrets.pool_key), PoolKey::new(secrets.inspector_key));
        let subjects = pool.record(&draft.authority, draft.as_of, &key, None);
        let inspectors = people.record(&draft.authority, draft.as_of, &people_key, None);
        let (subject_bytes, people_bytes) = (subjects.to_bytes(), inspectors.to_bytes());
        let barred = barred_numbers(&excluded, &Standing::default());
        let strata = strata(&draft.strata, |code| outcome::eligible(&subjects, code, &barred));
        for s in draft.strata.iter().filter(|s| subjects.stratum_count(&s.code) == 0) {
            faults.push(fault!("stratum_empty", "名录中没有层{},请核对分层代码", s.code));
        }
        let open = Open {
            authority: draft.authority.clone(),
            plan: draft.plan.clone(),
            list: draft.list.clone(),
            seq: draft.seq,
            round: 0,
            parent: None,
            policy: draft.policy,
            subject_pool: sha256(&subject_bytes),
            inspector_pool: sha256(&people_bytes),
            rules_doc: sha256(&draft.rules),
            excluded: list_ref(excluded.len(), excluded_bytes(&excluded)),
            refill: None,
            mode: draft.mode,
            total: draft.total,
            total_bp: draft.total_bp,
            strata,
            teams: draft.teams,
            server: server_commitment(&draft.authority, &draft.plan, draft.seq, 0, &secrets.server),
            witnesses: draft.witnesses,
            beacons: draft.beacons,
            not_before: draft.times.not_before,
            deadline: draft.times.deadline,
            publish_by: draft.times.publish_by,
        };
        faults.extend(opening_faults(&open, now));
        let log_key = VerifierKey::of_secret(&draft.origin, Speaker::Log, &secrets.log_key);
        let own =
            VerifierKey::of_secret(&own_cosigner(&draft.origin), Speaker::Cosigner, &secrets.cosign_key);
        faults.extend(log_key.as_ref().err().cloned());
        for key in &draft.cosigners {
            match VerifierKey::parse(key) {
                Ok(key) if key.speaker == Speaker::Cosigner => {}
                Ok(_) => faults.push(fault!("cosigner", "“{key}”不是联署公钥(类型应为4)")),
                Err(f) => faults.push(f),
            }
        }
        let outside = !draft.cosigners.is_empty();
        if draft.quorum == 0 || draft.quorum > draft.cosigners.len().max(1) as u64 {
            faults.push(fault!("quorum", "联署人数门槛须在1与联署人数之间"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (Ok(log_key), Ok(own)) = (log_key, own) else { return Err(faults) };
        let mut session = Self {
            public: Bundle {
                form: Some(super::bundle::FORM.to_owned()),
                spec: "VDR/1".to_owned(),
                log: LogPart {
                    key: Some(log_key.to_string()),
                    cosigners: if outside { draft.cosigners } else { vec![own.to_string()] },
                    quorum: Some(draft.quorum),
                    ..LogPart::default()
                },
                excluded: excluded.iter().map(|e| (e.number, e.reason.clone())).collect(),
                inspectors: Some(inspector_rows(people.members())),
                inspector_key: Some(hex::encode(secrets.inspector_key)),
                rules: Some(base64(&draft.rules)),
                ..Bundle::default()
            },
            private: Private {
                server: hex::encode(secrets.server),
                log_key: hex::encode(secrets.log_key),
                cosign_key: (!outside).then(|| hex::encode(secrets.cosign_key)),
                audit,
                documents: draft.documents.into_iter().collect(),
                cards: Vec::new(),
                ..Private::default()
            },
        };
        session.append("pool_subjects", &subject_bytes, now)?;
        session.append("pool_inspectors", &people_bytes, now)?;
        session.append("open", &open.to_bytes(), now)?;
        Ok(session)
    }

    /// Where the draw stands.
    #[must_use]
    pub fn stage(&self) -> Stage {
        let r = &self.public.records;
        if r.abort.is_some() {
            Stage::Aborted
        } else if r.publish.is_some() {
            Stage::Published
        } else if r.result.is_some() {
            Stage::Drawn
        } else if r.beacon.is_some() {
            Stage::Lit
        } else if r.reveal.is_some() {
            Stage::Revealed
        } else if r.seal.is_some() {
            Stage::Sealed
        } else {
            Stage::Opened
        }
    }

    /// Whether the draw has ended.
    #[must_use]
    pub fn finished(&self) -> bool {
        match self.stage() {
            Stage::Aborted | Stage::Published => true,
            Stage::Drawn => self.opening().is_ok_and(|o| o.policy != Policy::Embargo),
            _ => false,
        }
    }

    /// The opening record.
    ///
    /// # Errors
    /// The bundle has been damaged.
    pub fn opening(&self) -> Result<Open, Fault> {
        Open::parse(self.public.records.open.as_bytes())
    }

    /// Digest of the opening.
    #[must_use]
    pub fn draw_id(&self) -> Hash {
        sha256(self.public.records.open.as_bytes())
    }

    /// Logs the witnesses' commitments, one card per witness of the opening in any order.
    ///
    /// # Errors
    /// Out of order; a witness missing, unknown or twice; an empty or too long value.
    pub fn seal(&mut self, cards: Vec<Card>, now: u64) -> Step {
        self.expect(Stage::Opened, "封存(seal)")?;
        let open = self.opening().map_err(|f| vec![f])?;
        let (draw, mut faults) = (self.draw_id(), Vec::new());
        let mut by_id = std::collections::BTreeMap::new();
        for card in cards {
            let id = match &card {
                Card::Content(opening) => opening.id.clone(),
                Card::Commitment(id, _) => id.clone(),
            };
            if let Card::Content(opening) = &card
                && (opening.value.is_empty() || opening.value.len() > VALUE_MAX)
            {
                faults.push(fault!("card_value", "见证人{id}的内容须为1至{VALUE_MAX}字节"));
            }
            if !open.witnesses.contains(&id) {
                faults.push(fault!("card_unknown", "{id}不是本次抽取的见证人"));
            } else if by_id.insert(id.clone(), card).is_some() {
                faults.push(fault!("card_twice", "见证人{id}交了两张卡"));
            }
        }
        let missing: Vec<&str> =
            open.witnesses.iter().filter(|w| !by_id.contains_key(*w)).map(String::as_str).collect();
        if !missing.is_empty() {
            faults.push(fault!("card_missing", "缺少见证人{}的卡", missing.join("、")));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (mut witnesses, mut kept) = (Vec::new(), Vec::new());
        for id in &open.witnesses {
            match by_id.remove(id) {
                Some(Card::Content(opening)) => {
                    witnesses.push((id.clone(), witness_commitment(&draw, &opening)));
                    kept.push((opening.id, hex::encode(opening.salt), hex::encode(opening.value)));
                }
                Some(Card::Commitment(_, hash)) => witnesses.push((id.clone(), hash)),
                None => {}
            }
        }
        self.append("seal", &Seal { draw, witnesses }.to_bytes(), now)?;
        self.private.cards = kept;
        Ok(())
    }

    /// Opens the commitments. `cards` are those the witnesses kept themselves; the machine adds the ones it keeps.
    ///
    /// # Errors
    /// Out of order; a card missing or not the one sealed; too late (Rule T), so that only an abort is left.
    pub fn reveal(&mut self, cards: Vec<Opening>, now: u64) -> Step {
        self.expect(Stage::Sealed, "揭示(reveal)")?;
        let open = self.opening().map_err(|f| vec![f])?;
        if open.policy != Policy::Ceremony && now >= open.not_before {
            return refuse(
                "too_late",
                format!(
                    "已过not-before({}),此时揭示违反规则T;请作废(abort)后以新的次序重新开启",
                    open.not_before
                ),
            );
        }
        let witnesses = self.openings(&open, cards)?;
        if witnesses.len() < open.witnesses.len() {
            let missing: Vec<&str> = open
                .witnesses
                .iter()
                .filter(|w| !witnesses.iter().any(|o| o.id == **w))
                .map(String::as_str)
                .collect();
            return refuse("card_missing", format!("缺少见证人{}的卡(内容和盐)", missing.join("、")));
        }
        let seal = sha256(self.public.records.seal.as_deref().unwrap_or_default().as_bytes());
        let server = if open.policy == Policy::Embargo { None } else { Some(self.server()?) };
        self.append("reveal", &Reveal { draw: self.draw_id(), seal, server, witnesses }.to_bytes(), now)
    }

    /// Logs the beacons, one proof per beacon of the opening in any order.
    ///
    /// # Errors
    /// Out of order; too early; a beacon missing, unknown, twice, or with a false proof.
    pub fn beacon(&mut self, proofs: Vec<BeaconProof>, now: u64) -> Step {
        let open = self.opening().map_err(|f| vec![f])?;
        if open.policy == Policy::Ceremony {
            return refuse("no_beacon", "现场(ceremony)抽取没有信标,揭示之后直接出结果(result)");
        }
        self.expect(Stage::Revealed, "记入信标(beacon)")?;
        if now < open.not_before {
            return refuse("too_early", format!("尚未到not-before({}),请稍后", open.not_before));
        }
        let mut faults = Vec::new();
        let mut beacons = Vec::new();
        for wanted in &open.beacons {
            let mut found = proofs.iter().filter(|p| p.beacon == *wanted);
            match (found.next(), found.next()) {
                (Some(proof), None) => {
                    if beacon::time_of(wanted).is_some_and(|t| t > now) {
                        faults.push(fault!("too_early", "信标{}尚未公布", wanted.reference));
                    }
                    faults.extend(beacon::value(proof).err());
                    beacons.push(proof.clone());
                }
                (None, _) => faults.push(fault!(
                    "beacon_missing",
                    "缺少信标 {} {} 的证明",
                    wanted.kind.word(),
                    wanted.reference
                )),
                (Some(_), Some(_)) => {
                    faults.push(fault!("beacon_twice", "信标{}给了两次", wanted.reference));
                }
            }
        }
        for p in proofs.iter().filter(|p| !open.beacons.contains(&p.beacon)) {
            faults.push(fault!("beacon_unknown", "开启时没有指定信标{}", p.beacon.reference));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.append("beacon", &Beacon { draw: self.draw_id(), beacons }.to_bytes(), now)
    }

    /// Computes and logs the result. Under embargo the list stays private until [`Session::publish`].
    ///
    /// # Errors
    /// Out of order; too late (Rule T); a quota that cannot be met.
    pub fn result(&mut self, now: u64) -> Step {
        let open = self.opening().map_err(|f| vec![f])?;
        let due = if open.beacons.is_empty() { Stage::Revealed } else { Stage::Lit };
        self.expect(due, "出结果(result)")?;
        if now >= open.deadline {
            return refuse(
                "too_late",
                format!(
                    "已过deadline({}),此时出结果违反规则T;请作废(abort)后以新的次序重新开启",
                    open.deadline
                ),
            );
        }
        let replayed = self.compute(&open)?;
        let Some(result) = &replayed.result else {
            return refuse("inspectors_absent", "缺少人员名单,不能组成检查组");
        };
        let bytes = result.to_bytes();
        self.append("result", &bytes, now)?;
        if open.policy != Policy::Embargo {
            self.disclose(&open, replayed);
        }
        Ok(())
    }

    /// Ends an embargo: logs the server secret and opens the drawn.
    ///
    /// # Errors
    /// Out of order, or not an embargo draw.
    pub fn publish(&mut self, now: u64) -> Step {
        let open = self.opening().map_err(|f| vec![f])?;
        if open.policy != Policy::Embargo {
            return refuse("not_embargo", "只有保密(embargo)抽取需要公布(publish);本次结果已随result公开");
        }
        self.expect(Stage::Drawn, "公布(publish)")?;
        let replayed = self.compute(&open)?;
        let result = sha256(self.public.records.result.as_deref().unwrap_or_default().as_bytes());
        let publish = Publish { draw: self.draw_id(), result, server: self.server()? };
        self.append("publish", &publish.to_bytes(), now)?;
        self.disclose(&open, replayed);
        Ok(())
    }

    /// Ends the draw without a result (Rule A): shows the secret, the cards at hand and, when all entropy is known,
    /// the outcome that would have been.
    ///
    /// # Errors
    /// The draw has ended; no reason code; a card that is not the one sealed; a beacon that is out but not logged.
    pub fn abort(&mut self, reason: &str, cards: Vec<Opening>, now: u64) -> Step {
        if matches!(self.stage(), Stage::Drawn | Stage::Published | Stage::Aborted) {
            return refuse("ended", format!("抽取{},不能作废", self.stage().word()));
        }
        if !is_token(reason) {
            return refuse("reason", "请给出作废原因代码(ASCII记号,如 NO-QUORUM)");
        }
        let open = self.opening().map_err(|f| vec![f])?;
        let witnesses = self.openings(&open, cards)?;
        let complete = witnesses.len() == open.witnesses.len() && self.public.records.seal.is_some();
        let out = open.beacons.iter().filter_map(beacon::time_of).any(|t| t <= now);
        if complete && out && self.stage() == Stage::Revealed {
            return refuse(
                "beacon_out",
                "规则A:信标已公布,请先记入信标(beacon)再作废,以便写明“本会得到的结果”",
            );
        }
        let known = complete && (open.beacons.is_empty() || self.stage() == Stage::Lit);
        let replayed = if known { Some(self.compute_with(&open, witnesses.clone())?) } else { None };
        let would_be = replayed.as_ref().and_then(|r| r.result.as_ref()).map(ResultRecord::to_bytes);
        let abort = Abort {
            draw: self.draw_id(),
            reason: reason.to_owned(),
            server: self.server()?,
            witnesses,
            would_be: would_be.as_deref().map(sha256),
        };
        self.append("abort", &abort.to_bytes(), now)?;
        if let Some(replayed) = replayed {
            self.public.would_be = would_be.as_deref().map(base64);
            self.disclose(&open, replayed);
            self.public.derived = None;
        }
        Ok(())
    }

    /// Refuses a step that is not due.
    fn expect(&self, due: Stage, step: &str) -> Step {
        let stage = self.stage();
        if stage == due {
            return Ok(());
        }
        refuse(
            "out_of_order",
            format!("现在不能{step}:抽取处于“{}”,该步骤须在“{}”之后进行", stage.word(), due.word()),
        )
    }

    fn server(&self) -> Result<[u8; 32], Vec<Fault>> {
        unhex_n(&self.private.server).ok_or_else(|| vec![fault!("private", "私密文件中的服务器秘密损坏")])
    }

    /// The opened cards at hand, in the order of the opening, each checked against its seal.
    fn openings(&self, open: &Open, cards: Vec<Opening>) -> Result<Vec<Opening>, Vec<Fault>> {
        let Some(seal) = self.public.records.seal.as_ref() else { return Ok(Vec::new()) };
        let seal = Seal::parse(seal.as_bytes()).map_err(|f| vec![f])?;
        let (draw, mut faults) = (self.draw_id(), Vec::new());
        let mut known: Vec<Opening> = self.private.openings();
        for card in cards {
            if known.iter().any(|k| k.id == card.id) {
                faults.push(fault!("card_twice", "见证人{}的卡已在本机,不必再给", card.id));
            } else {
                known.push(card);
            }
        }
        let mut found = Vec::new();
        for (id, commitment) in &seal.witnesses {
            if let Some(at) = known.iter().position(|k| k.id == *id) {
                let card = known.swap_remove(at);
                if witness_commitment(&draw, &card) == *commitment {
                    found.push(card);
                } else {
                    faults.push(fault!("card_wrong", "见证人{id}的内容或盐与其封存不符"));
                }
            }
        }
        for card in known {
            faults.push(fault!("card_unknown", "{}不是本次抽取的见证人", card.id));
        }
        debug_assert!(found.len() <= open.witnesses.len());
        if faults.is_empty() { Ok(found) } else { Err(faults) }
    }

    fn compute(&self, open: &Open) -> Result<Replayed, Vec<Fault>> {
        let reveal = self.public.records.reveal.as_deref().unwrap_or_default();
        let reveal = Reveal::parse(reveal.as_bytes()).map_err(|f| vec![f])?;
        self.compute_with(open, reveal.witnesses)
    }

    /// The outcome from the private secret and the public records.
    fn compute_with(&self, open: &Open, witnesses: Vec<Opening>) -> Result<Replayed, Vec<Fault>> {
        let beacons = match &self.public.records.beacon {
            None => Vec::new(),
            Some(text) => Beacon::parse(text.as_bytes())
                .and_then(|record| {
                    record
                        .beacons
                        .iter()
                        .map(|b| Ok(BeaconValue { beacon: b.beacon.clone(), value: beacon::value(b)? }))
                        .collect::<Result<Vec<_>, Fault>>()
                })
                .map_err(|f| vec![f])?,
        };
        let entropy = Entropy { server: self.server()?, witnesses, beacons };
        let pool = self.subject_pool()?;
        let record = self.pool_record()?;
        let people = self.people()?;
        let seal = sha256(self.public.records.seal.as_deref().unwrap_or_default().as_bytes());
        let round = Round {
            open,
            draw_id: &self.draw_id(),
            seal: &seal,
            pool: &record,
            entropy: &entropy,
            excluded: &excluded_list(&self.public.excluded),
            refill: &refill_list(&self.public.refill),
            people: Some(&people),
        };
        replay(round, &self.standing()?, &|n| pool.get(n).map(|s| s.id.to_owned()))
    }

    fn pool_record(&self) -> Result<super::record::PoolRecord, Vec<Fault>> {
        super::record::PoolRecord::parse(self.public.records.pool_subjects.as_bytes()).map_err(|f| vec![f])
    }

    /// The snapshot of subjects.
    ///
    /// # Errors
    /// The private list has been damaged.
    pub fn subject_pool(&self) -> Result<SubjectPool, Vec<Fault>> {
        self.private.audit.subjects().map_err(|f| vec![f]).and_then(SubjectPool::new)
    }

    /// The snapshot of inspectors.
    ///
    /// # Errors
    /// The list has been damaged.
    pub fn people(&self) -> Result<InspectorPool, Vec<Fault>> {
        let rows = self.public.inspectors.as_deref().unwrap_or_default();
        inspector_list(rows).map_err(|f| vec![f]).and_then(InspectorPool::new)
    }

    /// The pool key of the subjects.
    ///
    /// # Errors
    /// The private file has been damaged.
    pub fn pool_key(&self) -> Result<PoolKey, Vec<Fault>> {
        unhex_n(&self.private.audit.pool_key)
            .map(PoolKey::new)
            .ok_or_else(|| vec![fault!("private", "私密文件中的名录密钥损坏")])
    }

    /// What the finished rounds before the current draw leave standing.
    ///
    /// # Errors
    /// A part of the history does not verify.
    pub fn standing(&self) -> Result<Standing, Vec<Fault>> {
        let mut standing = Standing::default();
        for part in &self.public.history {
            if let Some(outcome) = self.outcome_of(part, &standing)?
                && part.records.result.is_some()
            {
                standing = outcome.after;
            }
        }
        Ok(standing)
    }

    fn outcome_of(&self, part: &Part, before: &Standing) -> Result<Option<PartOutcome>, Vec<Fault>> {
        let mut scratch = Report::default();
        let outcome = verify::replay_part(&mut scratch, part, before);
        let failed = scratch.statements.iter().find(|s| s.status == verify::Status::Failed);
        match failed {
            Some(s) => Err(vec![Fault::new(s.code, s.text.clone())]),
            None => Ok(outcome.map(|o| o.1)),
        }
    }

    /// Opens the drawn publicly and states the derived values.
    fn disclose(&mut self, open: &Open, replayed: Replayed) {
        let (Ok(pool), Ok(key), Ok(server)) = (self.subject_pool(), self.pool_key(), self.server()) else {
            return;
        };
        let order: Vec<u64> = replayed.selection.winners.iter().map(|w| w.number).collect();
        self.public.winners =
            pool.disclose(&key, &order).iter().map(super::bundle::WinnerOpening::of).collect();
        let seed = replayed.selection.seed;
        let unit_key =
            |purpose: &str, unit: &str| hex::encode(lots::expand(&seed, purpose, &open.list, unit).bytes());
        let id = self.draw_id();
        let code = |i: usize| open.strata.get(i).map_or_else(String::new, |s| s.code.clone());
        let seats = replayed.seats.as_deref().unwrap_or_default();
        self.public.derived = Some(Derived {
            draw_id: Some(hex::encode(id)),
            seed: Some(hex::encode(seed)),
            key_subject: Some(unit_key(SUBJECT, "")),
            key_order: Some(unit_key(TASK_ORDER, "")),
            key_assign: Some(
                open.teams.iter().map(|t| (t.unit.clone(), unit_key(ASSIGN, &t.unit))).collect(),
            ),
            tickets: None,
            quotas: Some(replayed.selection.quotas.clone()),
            thresholds: Some(
                replayed.selection.limits.iter().map(|l| l.map(|l| format!("{l:032x}"))).collect(),
            ),
            winners: Some(
                replayed
                    .selection
                    .winners
                    .iter()
                    .map(|w| {
                        let (ticket, key) = (format!("{:032x}", w.ticket), format!("{:032x}", w.key));
                        (code(w.stratum), w.rank, w.number, ticket, key)
                    })
                    .collect(),
            ),
            team: Some(seats.iter().map(|s| (s.subject, s.unit.clone(), s.slot, s.inspector)).collect()),
            selected_root: Some(hex::encode(outcome::selected_root(open, &replayed.selection, &server, &id))),
            assigned_root: Some(hex::encode(outcome::assigned_root(seats, &server, &id))),
        });
    }

    /// Appends a record to the log, signs the new checkpoint and takes the time.
    fn append(&mut self, name: &str, bytes: &[u8], now: u64) -> Step {
        let last = self.public.log.witnessed.last().map_or(0, |w| w.1);
        if now < last {
            return refuse("clock", format!("时钟倒退:现在{now},上一步{last};请校准时钟"));
        }
        let text = String::from_utf8(bytes.to_vec()).unwrap_or_default();
        super::record::parse_record(bytes).map_err(|f| vec![f])?;
        let note = self.checkpoint_with(bytes, now)?;
        let records = &mut self.public.records;
        match name {
            "pool_subjects" => records.pool_subjects = text,
            "pool_inspectors" => records.pool_inspectors = text,
            "open" => records.open = text,
            "seal" => records.seal = Some(text),
            "reveal" => records.reveal = Some(text),
            "beacon" => records.beacon = Some(text),
            "result" => records.result = Some(text),
            "publish" => records.publish = Some(text),
            _ => records.abort = Some(text),
        }
        self.public.log.entries.push(base64(bytes));
        self.public.log.root = hex::encode(note.checkpoint.root);
        self.public.log.checkpoints.push(note.text());
        if self.private.cosign_key.is_some() {
            // Our own cosigner stands alone, so its time is the quorum's.
            self.public.log.witnessed.push((note.checkpoint.size, now));
        }
        Ok(())
    }

    /// The signed checkpoint after one more entry.
    fn checkpoint_with(&self, entry: &[u8], now: u64) -> Result<SignedCheckpoint, Vec<Fault>> {
        let mut entries = super::bundle::entries(&self.public.log).map_err(|f| vec![f])?;
        entries.push(entry.to_vec());
        let broken = || vec![fault!("private", "私密文件中的日志密钥损坏")];
        let key = self.public.log.key.as_deref().map(VerifierKey::parse);
        let origin = key.and_then(Result::ok).ok_or_else(broken)?.name;
        let secret = unhex_n(&self.private.log_key).ok_or_else(broken)?;
        let head = Checkpoint {
            origin: origin.clone(),
            size: entries.len() as u64,
            root: merkle::root_of(&entries),
        };
        let mut note = SignedCheckpoint::sign(head, &secret).map_err(|f| vec![f])?;
        if let Some(own) = self.private.cosign_key.as_deref() {
            let secret = unhex_n(own).ok_or_else(broken)?;
            note.cosign(&own_cosigner(&origin), &secret, now).map_err(|f| vec![f])?;
        }
        Ok(note)
    }

    /// Derives the witnessed times from the cosignatures.
    fn rewitness(&mut self) {
        let keys: Vec<VerifierKey> =
            self.public.log.cosigners.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
        let quorum = self.public.log.quorum.and_then(|q| usize::try_from(q).ok()).unwrap_or(1).max(1);
        self.public.log.witnessed = self
            .public
            .log
            .checkpoints
            .iter()
            .filter_map(|text| SignedCheckpoint::parse(text).ok())
            .filter_map(|note| {
                let mut times: Vec<u64> = keys.iter().filter_map(|k| note.cosigned_at(k)).collect();
                times.sort_unstable();
                times.get(quorum - 1).map(|t| (note.checkpoint.size, *t))
            })
            .collect();
    }

    /// Takes over the cosignatures of a checkpoint that outside cosigners have signed.
    ///
    /// # Errors
    /// Not one of our checkpoints, or no line by a known cosigner that verifies.
    pub fn add_cosignatures(&mut self, note: &str) -> Result<usize, Vec<Fault>> {
        let note = SignedCheckpoint::parse(note).map_err(|f| vec![f])?;
        let keys: Vec<VerifierKey> =
            self.public.log.cosigners.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
        for text in &mut self.public.log.checkpoints {
            let Ok(mut own) = SignedCheckpoint::parse(text) else { continue };
            if own.checkpoint != note.checkpoint {
                continue;
            }
            let mut added = 0;
            for key in &keys {
                let line = SignedCheckpoint {
                    checkpoint: note.checkpoint.clone(),
                    signatures: note.signatures.iter().filter(|s| s.0 == key.name).cloned().collect(),
                };
                if own.cosigned_at(key).is_none() && line.cosigned_at(key).is_some() && line.only_by(&[key]) {
                    own.signatures.extend(line.signatures);
                    added += 1;
                }
            }
            if added == 0 {
                return Err(vec![fault!(
                    "cosign",
                    "检查点上没有新的、有效的联署(须由开启时登记的联署人签署)"
                )]);
            }
            *text = own.text();
            self.rewitness();
            return Ok(added);
        }
        Err(vec![fault!("cosign", "这个检查点不是本日志的检查点")])
    }

    /// The proof that a record is in the log, under the newest checkpoint.
    #[must_use]
    pub fn proof(&self, record: &str) -> Option<TlogProof> {
        let entries = super::bundle::entries(&self.public.log).ok()?;
        let index = entries.iter().rposition(|e| e == record.as_bytes())?;
        let checkpoint = SignedCheckpoint::parse(self.public.log.checkpoints.last()?).ok()?;
        let leaves = entries.iter().map(|e| merkle::leaf_hash(e)).collect();
        Some(TlogProof { index: index as u64, path: merkle::path(leaves, index)?, checkpoint })
    }

    /// The bundle for auditors: with the list and its key.
    #[must_use]
    pub fn audit_bundle(&self) -> Bundle {
        Bundle { audit: Some(self.private.audit.clone()), ..self.public.clone() }
    }

    /// Recomputes the outcome with the private secret, even under embargo: whom the operator has to send out.
    ///
    /// # Errors
    /// No result yet.
    pub fn outcome(&self) -> Result<Replayed, Vec<Fault>> {
        if self.public.records.result.is_none() {
            return Err(vec![fault!("no_result", "尚无结果")]);
        }
        self.compute(&self.opening().map_err(|f| vec![f])?)
    }

    /// Checks that the private file belongs to the public one: list, keys, secret, cards.
    #[must_use]
    pub fn private_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (Ok(open), Ok(record)) = (self.opening(), self.pool_record()) else {
            return vec![fault!("private", "公开文件中的记录损坏")];
        };
        match (self.subject_pool(), self.pool_key()) {
            (Ok(pool), Ok(key)) if pool.root(&key) == record.root && pool.groups() == record.groups => {}
            _ => faults.push(fault!("private_list", "私密文件中的名单或密钥与名录承诺不符")),
        }
        if !self.server().is_ok_and(|s| super::entropy::opens_server(&open, &s)) {
            faults.push(fault!("private_server", "私密文件中的服务器秘密与承诺不符"));
        }
        if let Err(f) = self.openings(&open, Vec::new()) {
            faults.extend(f);
        }
        let log = self.public.log.key.as_deref().map(VerifierKey::parse).and_then(Result::ok);
        let derived = log.as_ref().and_then(|k| {
            VerifierKey::of_secret(&k.name, Speaker::Log, &unhex_n(&self.private.log_key)?).ok()
        });
        if log.is_none() || derived != log {
            faults.push(fault!("private_log", "私密文件中的日志密钥与日志公钥不符"));
        }
        for (id, text) in &self.private.documents {
            let stated = self.private.audit.subjects.iter().find(|s| s.0 == *id).map(|s| s.3.clone());
            if stated != Some(hex::encode(sha256(text.as_bytes()))) {
                faults.push(fault!("private_document", "{id}的属性文本与名单中的摘要不符"));
            }
        }
        faults
    }
}

/// Name of the machine's own cosigner.
fn own_cosigner(origin: &str) -> String {
    format!("{origin}/clock")
}

fn list_ref(len: usize, bytes: Vec<u8>) -> Option<(u64, Hash)> {
    (len > 0).then(|| (len as u64, sha256(&bytes)))
}

/// Lines `stratum` from rules, ascending by code.
fn strata(rules: &[StratumRule], eligible: impl Fn(&str) -> u64) -> Vec<Stratum> {
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
fn exclusions(excluded: &[(String, String)], pool: &SubjectPool) -> Result<Vec<Excluded>, Vec<Fault>> {
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
fn tokens(draft: &Draft) -> Vec<Fault> {
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
fn opening_faults(open: &Open, now: u64) -> Vec<Fault> {
    let mut faults = verify::policy_faults(open);
    let quota = super::quota::Quota { mode: open.mode, total: open.total, total_bp: open.total_bp };
    faults.extend(super::quota::quotas(quota, &open.strata).err().unwrap_or_default());
    faults.extend(super::record::parse_record(&open.to_bytes()).err());
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
