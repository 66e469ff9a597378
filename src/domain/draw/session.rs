//! A draw step by step: a state (the public bundle and what must stay secret) and pure transitions that refuse what
//! is out of order, naming what is missing. Time and random bytes come in as values.

mod draft;
mod later;
mod ledger;
mod opening;
mod private;
mod truth;

pub use draft::{Draft, RulesDoc, Secrets, StratumRule, Times};
pub use later::{Again, NextRound};
pub use private::Private;

use super::beacon;
use super::bundle::{Bundle, inspector_list};
use super::bytes::{Hash, is_token, sha256, unhex_n};
use super::entropy::witness_commitment;
use super::fault::{Fault, fault};
use super::note::base64;
use super::pool::{InspectorPool, PoolKey, SubjectPool};
use super::record::{
    Abort, Beacon, BeaconProof, Open, Opening, Policy, PoolRecord, Publish, ResultRecord, Reveal, Seal,
    VALUE_MAX,
};

/// A draw in progress or finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What may be published at any time: the bundle so far.
    pub public: Bundle,
    /// What may not.
    pub private: Private,
}

/// Where a draw stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    fn pool_record(&self) -> Result<PoolRecord, Vec<Fault>> {
        PoolRecord::parse(self.public.records.pool_subjects.as_bytes()).map_err(|f| vec![f])
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

    /// The bundle for auditors: with the list and its key.
    #[must_use]
    pub fn audit_bundle(&self) -> Bundle {
        Bundle { audit: Some(self.private.audit.clone()), ..self.public.clone() }
    }
}
