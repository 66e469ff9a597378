//! What comes after a draw: a supplementary round (section 2.9), or another attempt after an abort (Rule A).

use super::draft::{StratumRule, Times, list_ref, opening_faults, strata};
use super::{Session, Stage, Step, refuse};
use crate::domain::draw::bundle::{excluded_list, inspector_rows, refill_list};
use crate::domain::draw::bytes::{is_token, sha256, unhex_n};
use crate::domain::draw::entropy::server_commitment;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::outcome;
use crate::domain::draw::pool::{Inspector, InspectorPool, PoolKey};
use crate::domain::draw::record::{BeaconRef, Excluded, Mode, Open, Refill, excluded_bytes, refill_bytes};
use crate::domain::draw::replay::{Standing, barred_numbers};

/// A supplementary round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextRound {
    /// (id, reason code) of drawn subjects that cannot be inspected, or of others that may not be drawn.
    pub excluded: Vec<(String, String)>,
    /// (stratum, how many) to draw in their place.
    pub replacements: Vec<(String, u64)>,
    /// (subject id, unit, slot, reason code) of seats to draw again.
    pub refill: Vec<(String, String, u32, String)>,
    /// The inspectors now; `None` = unchanged.
    pub inspectors: Option<Vec<Inspector>>,
    /// Witnesses.
    pub witnesses: Vec<String>,
    /// Beacons.
    pub beacons: Vec<BeaconRef>,
}

/// Another attempt after an abort: the same lists and rules, `seq` one higher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Again {
    /// Witnesses.
    pub witnesses: Vec<String>,
    /// Beacons.
    pub beacons: Vec<BeaconRef>,
}

impl Session {
    /// Opens the next round in the same log. `server` is a fresh secret.
    ///
    /// # Errors
    /// The current draw has not ended with a public result; a subject, stratum or seat that does not exist.
    pub fn next_round(&mut self, next: NextRound, times: Times, server: [u8; 32], now: u64) -> Step {
        if !self.finished() || self.stage() == Stage::Aborted {
            return refuse(
                "out_of_order",
                format!("抽取处于“{}”,须先有公开的结果才能补抽(round)", self.stage().word()),
            );
        }
        let before = self.after_current()?;
        let (old, record) = (self.opening().map_err(|f| vec![f])?, self.pool_record()?);
        let mut faults = Vec::new();
        let excluded = self.more_excluded(&next.excluded, &mut faults)?;
        let refill = self.seats(&next.refill, &before, &mut faults)?;
        let barred = barred_numbers(&excluded, &before);
        for (code, _) in &next.replacements {
            if record.stratum_count(code) == 0 {
                faults.push(fault!("stratum_empty", "名录中没有层{code}"));
            }
        }
        let codes = old.strata.iter().map(|s| &s.code).chain(next.replacements.iter().map(|r| &r.0));
        let codes: std::collections::BTreeSet<&String> = codes.collect();
        let rules: Vec<StratumRule> = codes
            .into_iter()
            .map(|code| StratumRule {
                code: code.clone(),
                bp: 0,
                lo: next.replacements.iter().filter(|r| r.0 == *code).map(|r| r.1).sum(),
                hi: 0,
                alloc: 0,
            })
            .collect();
        let strata = strata(&rules, |code| outcome::eligible(&record, code, &barred));
        for s in strata.iter().filter(|s| s.lo > s.eligible) {
            faults.push(fault!("quota_bounds", "层{}要补抽{}户,只剩{}户可抽", s.code, s.lo, s.eligible));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let people = match next.inspectors {
            None => None,
            Some(list) => Some(self.new_people(list, now)?),
        };
        let open = Open {
            round: old.round + 1,
            parent: Some(self.draw_id()),
            inspector_pool: people.as_ref().map_or(old.inspector_pool, |p| sha256(&p.1)),
            excluded: list_ref(excluded.len(), excluded_bytes(&excluded)),
            refill: list_ref(refill.len(), refill_bytes(&refill)),
            mode: Mode::Ratio,
            total: 0,
            total_bp: 0,
            strata,
            server: server_commitment(&old.authority, &old.plan, old.seq, old.round + 1, &server),
            witnesses: next.witnesses,
            beacons: next.beacons,
            not_before: times.not_before,
            deadline: times.deadline,
            publish_by: times.publish_by,
            ..old
        };
        self.reopen(open, &excluded, &refill, people, server, now)
    }

    /// Opens another attempt after an abort, in the same log.
    ///
    /// # Errors
    /// The current draw is not aborted.
    pub fn again(&mut self, again: Again, times: Times, server: [u8; 32], now: u64) -> Step {
        self.expect(Stage::Aborted, "重新开启(again)")?;
        let old = self.opening().map_err(|f| vec![f])?;
        let seq = old.seq + 1;
        let open = Open {
            seq,
            server: server_commitment(&old.authority, &old.plan, seq, old.round, &server),
            witnesses: again.witnesses,
            beacons: again.beacons,
            not_before: times.not_before,
            deadline: times.deadline,
            publish_by: times.publish_by,
            ..old
        };
        let excluded = excluded_list(&self.public.excluded);
        let refill = refill_list(&self.public.refill);
        self.reopen(open, &excluded, &refill, None, server, now)
    }

    /// What stands after the current draw.
    fn after_current(&self) -> Result<Standing, Vec<Fault>> {
        let before = self.standing()?;
        let outcome = self.outcome_of(&self.public.part(), &before)?;
        outcome.map(|o| o.after).ok_or_else(|| vec![fault!("no_outcome", "上一轮结果不可重算")])
    }

    /// The excluded of before and the new ones, ascending.
    fn more_excluded(
        &self,
        more: &[(String, String)],
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Excluded>, Vec<Fault>> {
        let pool = self.subject_pool()?;
        let mut list = excluded_list(&self.public.excluded);
        for (id, reason) in more {
            match pool.number_of(id) {
                _ if !is_token(reason) => faults.push(fault!("reason", "{id}的原因须为代码(ASCII记号)")),
                None => faults.push(fault!("excluded_unknown", "{id}不在名录中")),
                Some(number) if list.iter().any(|e| e.number == number) => {
                    faults.push(fault!("excluded_twice", "{id}已在排除名单中"));
                }
                Some(number) => list.push(Excluded { number, reason: reason.clone() }),
            }
        }
        list.sort_by_key(|e| e.number);
        Ok(list)
    }

    /// Seats to draw again, with the numbers of those who leave.
    fn seats(
        &self,
        refill: &[(String, String, u32, String)],
        before: &Standing,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Refill>, Vec<Fault>> {
        let (pool, people) = (self.subject_pool()?, self.people()?);
        let mut list = Vec::new();
        for (id, unit, slot, reason) in refill {
            let place = pool.number_of(id).map(|number| (number, unit.clone(), *slot));
            let holder = place.as_ref().and_then(|p| before.seats.as_ref()?.get(p));
            let (Some((number, unit, slot)), Some(holder)) = (place, holder) else {
                faults.push(fault!("refill_seat", "没有这个席位:{id} 单位{unit} 席次{slot}"));
                continue;
            };
            if !is_token(reason) {
                faults.push(fault!("reason", "{id}补席的原因须为代码(ASCII记号)"));
            }
            let inspector = holder.as_deref().and_then(|h| people.number_of(h)).unwrap_or(u64::MAX);
            list.push(Refill { number, unit, slot, inspector, reason: reason.clone() });
        }
        list.sort_by(|a, b| (a.number, &a.unit, a.slot).cmp(&(b.number, &b.unit, b.slot)));
        if list
            .windows(2)
            .any(|w| (w[0].number, &w[0].unit, w[0].slot) == (w[1].number, &w[1].unit, w[1].slot))
        {
            faults.push(fault!("refill_twice", "补席名单中有重复的席位"));
        }
        Ok(list)
    }

    /// A new snapshot of inspectors with its record.
    fn new_people(&self, list: Vec<Inspector>, now: u64) -> Result<(InspectorPool, Vec<u8>), Vec<Fault>> {
        let people = InspectorPool::new(list)?;
        let key = self.public.inspector_key.as_deref().and_then(unhex_n).map(PoolKey::new);
        let key = key.ok_or_else(|| vec![fault!("inspectors", "人员库密钥损坏")])?;
        let (old, open) = (self.people()?, self.opening().map_err(|f| vec![f])?);
        let record = people.record(&open.authority, now, &key, Some((&old, open.inspector_pool)));
        Ok((people, record.to_bytes()))
    }

    /// Moves the current draw to the history and logs a new opening.
    fn reopen(
        &mut self,
        open: Open,
        excluded: &[Excluded],
        refill: &[Refill],
        people: Option<(InspectorPool, Vec<u8>)>,
        server: [u8; 32],
        now: u64,
    ) -> Step {
        let faults = opening_faults(&open, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut next = self.clone();
        next.public.history.push(self.public.part());
        let records = &mut next.public.records;
        (records.seal, records.reveal, records.beacon) = (None, None, None);
        (records.result, records.publish, records.abort) = (None, None, None);
        next.public.excluded = excluded.iter().map(|e| (e.number, e.reason.clone())).collect();
        next.public.refill = refill
            .iter()
            .map(|r| (r.number, r.unit.clone(), r.slot, r.inspector, r.reason.clone()))
            .collect();
        next.public.winners = Vec::new();
        next.public.derived = None;
        next.public.would_be = None;
        next.private.server = hex::encode(server);
        next.private.cards = Vec::new();
        if let Some((people, bytes)) = people {
            next.public.inspectors = Some(inspector_rows(people.members()));
            if bytes != self.public.records.pool_inspectors.as_bytes() {
                next.append("pool_inspectors", &bytes, now)?;
            }
        }
        next.append("open", &open.to_bytes(), now)?;
        *self = next;
        Ok(())
    }
}
