//! The order and times of log entries: which entries a policy needs when, Rules T, U and A (VDR/1 section 2.10).

use super::beacon;
use super::bytes::Hash;
use super::fault::{Fault, fault};
use super::record::{Open, Policy, Record, digest, parse_record};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds that should lie between the cosigned reveal and `not-before`, for clocks that differ (section 2.14).
pub const MARGIN: u64 = 60;

/// Where the entries of one draw stand in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Index of each kind of entry of this draw.
    pub at: BTreeMap<&'static str, usize>,
}

/// A log read from its entries.
#[derive(Debug, Clone)]
pub struct LogView {
    /// The records.
    pub records: Vec<Record>,
    digests: BTreeMap<Hash, usize>,
    draws: BTreeMap<Hash, Places>,
}

impl LogView {
    /// Reads a log.
    ///
    /// # Errors
    /// Every entry that is no record; a record logged twice; an entry of a draw before its `open` or twice; an `open`
    /// whose pools are not logged before it; Rule U: two openings of one (authority, plan, seq, round); an entry that
    /// the policy's order does not allow at its place; anything of a draw after its end (Rule A).
    pub fn read(entries: &[Vec<u8>]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut view = Self { records: Vec::new(), digests: BTreeMap::new(), draws: BTreeMap::new() };
        let mut opened = BTreeSet::new();
        for (i, bytes) in entries.iter().enumerate() {
            let record = match parse_record(bytes) {
                Ok(record) => record,
                Err(f) => {
                    faults.push(fault!("log_entry", "日志第{i}条:{f}"));
                    continue;
                }
            };
            match view.digests.entry(digest(bytes)) {
                Entry::Vacant(free) => {
                    free.insert(i);
                }
                // A snapshot may be logged again; anything else stands once.
                Entry::Occupied(_) if matches!(record, Record::Pool(_)) => {}
                Entry::Occupied(_) => faults.push(fault!("log_twice", "日志第{i}条与前面一条完全相同")),
            }
            if let Record::Open(open) = &record {
                for pool in [open.subject_pool, open.inspector_pool] {
                    if !view.digests.contains_key(&pool) {
                        faults.push(fault!("log_pool", "日志第{i}条开启所用的名录未先入日志"));
                    }
                }
                if !opened.insert((open.authority.clone(), open.plan.clone(), open.seq, open.round)) {
                    faults.push(fault!(
                        "rule_u",
                        "规则U:同一(机关、计划、次序{}、轮次{})开启了两次",
                        open.seq,
                        open.round
                    ));
                }
                view.draws.insert(digest(bytes), Places { at: BTreeMap::from([("open", i)]) });
            } else if let Some(draw) = draw_of(&record) {
                view.place(i, draw, &record, &mut faults);
            }
            view.records.push(record);
        }
        if faults.is_empty() { Ok(view) } else { Err(faults) }
    }

    fn place(&mut self, i: usize, draw: Hash, record: &Record, faults: &mut Vec<Fault>) {
        let kind = record.kind();
        let Some(places) = self.draws.get_mut(&draw) else {
            faults.push(fault!("log_order", "日志第{i}条({kind})属于未开启的抽取"));
            return;
        };
        let open = places.at.get("open").and_then(|at| self.records.get(*at));
        let Some(Record::Open(open)) = open else { return };
        let needs: &[&str] = match (kind, open.policy) {
            ("seal" | "abort", _) => &["open"],
            ("reveal", _) => &["seal"],
            ("beacon", Policy::Public | Policy::Embargo) => &["reveal"],
            ("result", Policy::Public | Policy::Embargo) => &["beacon"],
            ("result", Policy::Ceremony) => &["reveal"],
            ("publish", Policy::Embargo) => &["result"],
            _ => {
                faults.push(fault!("log_order", "日志第{i}条:{}方式不应有{kind}", open.policy.word()));
                return;
            }
        };
        for need in needs {
            if !places.at.contains_key(need) {
                faults.push(fault!("log_order", "日志第{i}条({kind})之前缺少{need}"));
            }
        }
        let ended =
            places.at.contains_key("abort") || (places.at.contains_key("result") && kind != "publish");
        if ended {
            faults.push(fault!("rule_a", "规则A:抽取结束(结果或作废)后又有{kind}(日志第{i}条)"));
        }
        if places.at.insert(kind, i).is_some() {
            faults.push(fault!("log_order", "日志第{i}条:同一抽取有两个{kind}"));
        }
    }

    /// Index of an entry with a digest.
    #[must_use]
    pub fn index_of(&self, digest: &Hash) -> Option<usize> {
        self.digests.get(digest).copied()
    }

    /// Where the entries of a draw stand.
    #[must_use]
    pub fn places(&self, draw: &Hash) -> Option<&Places> {
        self.draws.get(draw)
    }

    /// The draws of the log with their openings, in order.
    #[must_use]
    pub fn draws(&self) -> Vec<(Hash, &Open, &Places)> {
        let mut all: Vec<_> = self
            .draws
            .iter()
            .filter_map(|(id, places)| match self.records.get(*places.at.get("open")?) {
                Some(Record::Open(open)) => Some((*id, open.as_ref(), places)),
                _ => None,
            })
            .collect();
        all.sort_by_key(|d| d.2.at.get("open").copied());
        all
    }
}

/// The draw a record belongs to; `None` for pools, openings and yearly plans.
#[must_use]
pub fn draw_of(record: &Record) -> Option<Hash> {
    match record {
        Record::Pool(_) | Record::Open(_) | Record::Plan(_) => None,
        Record::Seal(r) => Some(r.draw),
        Record::Reveal(r) => Some(r.draw),
        Record::Beacon(r) => Some(r.draw),
        Record::Result(r) => Some(r.draw),
        Record::Publish(r) => Some(r.draw),
        Record::Abort(r) => Some(r.draw),
    }
}

/// When the entry at an index was first covered by a cosigned checkpoint; `None` if never.
#[must_use]
pub fn covered_at(witnessed: &[(u64, u64)], index: usize) -> Option<u64> {
    witnessed.iter().filter(|w| w.0 > index as u64).map(|w| w.1).min()
}

/// Checks that a list of (size, time) can be what a log's witnesses saw: sizes ascending within the log, times not
/// falling.
///
/// # Errors
/// Which of the two does not hold.
pub fn check_witnessed(witnessed: &[(u64, u64)], entries: usize) -> Result<(), Fault> {
    if witnessed.windows(2).any(|w| w[0].0 >= w[1].0 || w[0].1 > w[1].1) {
        return Err(fault!("witnessed_order", "见证时间表须条数递增、时间不减"));
    }
    match witnessed.iter().find(|w| w.0 == 0 || w.0 > entries as u64) {
        Some(w) => Err(fault!("witnessed_size", "见证时间表中的条数{}超出日志(共{entries}条)", w.0)),
        None => Ok(()),
    }
}

/// Rule T for one draw: everything that is late, or whose time is not witnessed. Entries not yet logged are not
/// judged.
#[must_use]
pub fn rule_t(open: &Open, places: &Places, witnessed: &[(u64, u64)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut before = |kind: &str, limit: u64, what: &str| {
        let Some(&at) = places.at.get(kind) else { return };
        match covered_at(witnessed, at) {
            None => faults.push(fault!("rule_t", "规则T:没有见证检查点覆盖{kind}")),
            Some(time) if time >= limit => {
                faults.push(fault!("rule_t", "规则T:覆盖{kind}的检查点时间{time}不早于{what} {limit}"));
            }
            Some(_) => {}
        }
    };
    let committed = if open.policy == Policy::Ceremony { "open" } else { "reveal" };
    before(committed, open.not_before, "not-before");
    before("result", open.deadline, "deadline");
    if let Some(limit) = open.publish_by {
        before("publish", limit, "publish-by");
    }
    for b in &open.beacons {
        if let Some(time) = beacon::time_of(b)
            && time < open.not_before
        {
            faults.push(fault!(
                "rule_t_beacon",
                "规则T:信标{}的公布时间{time}早于not-before {}",
                b.reference,
                open.not_before
            ));
        }
        if let (Some(time), Some(&at)) = (beacon::time_of(b), places.at.get("beacon"))
            && covered_at(witnessed, at).is_some_and(|seen| seen < time)
        {
            faults.push(fault!("rule_t_beacon", "信标{}在公布之前就已入日志,见证时间不可信", b.reference));
        }
    }
    faults
}
