//! The outcome of a draw from its private secret, what is opened of it, and whether the private file belongs to it.

use super::Session;
use crate::domain::draw::beacon;
use crate::domain::draw::bundle::{Derived, Part, WinnerOpening, excluded_list, refill_list};
use crate::domain::draw::bytes::{sha256, unhex_n};
use crate::domain::draw::entropy::{BeaconValue, Entropy, opens_server};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::lots::{self, ASSIGN, SUBJECT, TASK_ORDER};
use crate::domain::draw::note::{Speaker, VerifierKey};
use crate::domain::draw::outcome;
use crate::domain::draw::record::{Beacon, Open, Opening, Reveal};
use crate::domain::draw::replay::{Replayed, Round, Standing, replay};
use crate::domain::draw::verify::{self, PartOutcome, Report};

impl Session {
    pub(super) fn compute(&self, open: &Open) -> Result<Replayed, Vec<Fault>> {
        let reveal = self.public.records.reveal.as_deref().unwrap_or_default();
        let reveal = Reveal::parse(reveal.as_bytes()).map_err(|f| vec![f])?;
        self.compute_with(open, reveal.witnesses)
    }

    /// The outcome from the private secret and the public records.
    pub(super) fn compute_with(&self, open: &Open, witnesses: Vec<Opening>) -> Result<Replayed, Vec<Fault>> {
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

    pub(super) fn outcome_of(
        &self,
        part: &Part,
        before: &Standing,
    ) -> Result<Option<PartOutcome>, Vec<Fault>> {
        let mut scratch = Report::default();
        let outcome = verify::replay_part(&mut scratch, part, before);
        let failed = scratch.statements.iter().find(|s| s.status == verify::Status::Failed);
        match failed {
            Some(s) => Err(vec![Fault::new(s.code, s.text.clone())]),
            None => Ok(outcome.map(|o| o.1)),
        }
    }

    /// Opens the drawn publicly and states the derived values.
    pub(super) fn disclose(&mut self, open: &Open, replayed: Replayed) {
        let (Ok(pool), Ok(key), Ok(server)) = (self.subject_pool(), self.pool_key(), self.server()) else {
            return;
        };
        let order: Vec<u64> = replayed.selection.winners.iter().map(|w| w.number).collect();
        self.public.winners = pool.disclose(&key, &order).iter().map(WinnerOpening::of).collect();
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
        if !self.server().is_ok_and(|s| opens_server(&open, &s)) {
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
