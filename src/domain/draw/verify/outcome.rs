//! The outcome of one draw of a bundle: recomputed from its records, and compared with what they say.

use super::Report;
use super::part::Parsed;
use crate::domain::draw::bundle::{Part, inspector_list};
use crate::domain::draw::bytes::{sha256, unhex_n};
use crate::domain::draw::entropy::Entropy;
use crate::domain::draw::note::unbase64;
use crate::domain::draw::outcome::{Selection, result_record};
use crate::domain::draw::pool::{InspectorPool, MEMBERS_MAX, PoolKey};
use crate::domain::draw::quota::{Quota, quotas};
use crate::domain::draw::record::ResultRecord;
use crate::domain::draw::replay::{Replayed, Round, Standing, replay};
use crate::domain::draw::team::Seat;
use std::collections::BTreeMap;

/// Largest result computed for a bundle that does not state one yet.
const DUE_MAX: u64 = 1_000_000;

/// The recomputed outcome of a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOutcome {
    /// Who is drawn.
    pub selection: Selection,
    /// All seats, if inspectors are known.
    pub seats: Option<Vec<Seat>>,
    /// Ids of the drawn, from their openings.
    pub ids: BTreeMap<u64, String>,
    /// The inspectors, if known.
    pub people: Option<InspectorPool>,
    /// What stands after this draw.
    pub after: Standing,
}

/// The inspectors of a part, checked against their pool.
fn people(report: &mut Report, label: &str, part: &Part, p: &Parsed) -> Option<InspectorPool> {
    let (Some(rows), Some(key)) = (&part.inspectors, &part.inspector_key) else {
        if part.inspectors.is_some() != part.inspector_key.is_some() {
            report.fail("inspectors", format!("{label}人员名单与其密钥须同时给出"));
        } else if !p.open.teams.is_empty() {
            report.note("inspectors_absent", format!("{label}包内没有人员名单,检查组未重算(可由审计方核对)"));
        }
        return None;
    };
    let Some(key) = unhex_n(key).map(PoolKey::new) else {
        report.fail("inspectors", format!("{label}人员库密钥不是64位小写十六进制"));
        return None;
    };
    let pool = inspector_list(rows).map_err(|f| vec![f]).and_then(InspectorPool::new);
    let pool = match pool {
        Ok(pool) => pool,
        Err(faults) => {
            report.faults(label, faults);
            return None;
        }
    };
    let right = pool.root(&key) == p.inspectors.root && pool.groups() == p.inspectors.groups;
    report.check(
        right,
        "inspectors",
        format!("{label}人员名单({}人)与人员库承诺一致", pool.members().len()),
        format!("{label}人员名单与人员库承诺不符"),
    );
    right.then_some(pool)
}

/// The openings of the drawn, checked against the pool: number to id.
fn openings(report: &mut Report, label: &str, part: &Part, p: &Parsed) -> BTreeMap<u64, String> {
    let mut ids = BTreeMap::new();
    let before = report.statements.len();
    let mut seen = std::collections::BTreeSet::new();
    for w in &part.winners {
        match w.disclosure().and_then(|d| d.check(&p.subjects)) {
            Err(f) => report.fail(f.code, format!("{label}{}", f.text)),
            Ok(()) if !seen.insert(w.id.as_str()) || ids.insert(w.number, w.id.clone()).is_some() => {
                report.fail("opening_twice", format!("{label}编号{}({})公开了两次", w.number, w.id));
            }
            Ok(()) => {}
        }
    }
    if report.statements.len() == before && !part.winners.is_empty() {
        report.ok("openings", format!("{label}{}个抽中编号均与名录承诺(Merkle根)一致", ids.len()));
    }
    ids
}

/// Recomputes the outcome of a part and compares it with what its records say.
pub(super) fn outcome(
    report: &mut Report,
    label: &str,
    part: &Part,
    p: &Parsed,
    before: &Standing,
) -> Option<PartOutcome> {
    lineage(report, label, p, before);
    let people = people(report, label, part, p);
    let ids = openings(report, label, part, p);
    let entropy = match p.entropy() {
        Ok(Some(entropy)) => entropy,
        Err(_) => return None, // already reported with the beacon
        Ok(None) => {
            if p.abort.as_ref().is_some_and(|a| a.would_be.is_some()) {
                report.fail("would_be", format!("{label}熵未齐全却写了“本会得到的结果”"));
            }
            if !part.winners.is_empty() {
                report.fail("openings_early", format!("{label}结果不可重算,却公开了抽中名单"));
            }
            if p.result.is_some() {
                report.note("embargo", format!("{label}保密期内:服务器秘密未公布,结果待公布后核验"));
            }
            return None;
        }
    };
    let (_, seal) = p.seal.as_ref()?;
    if p.subjects.count > MEMBERS_MAX {
        report.fail("pool_size", format!("{label}名录超过本程序上限{MEMBERS_MAX}"));
        return None;
    }
    // All the drawn must be opened, so a bundle that asks for more than it opens is refused before any work is done.
    let quota = Quota { mode: p.open.mode, total: p.open.total, total_bp: p.open.total_bp };
    let due = quotas(quota, &p.open.strata).map(|k| k.iter().fold(0_u64, |a, b| a.saturating_add(*b)));
    let ended = p.result.is_some() || p.abort.as_ref().is_some_and(|a| a.would_be.is_some());
    if ended && due.as_ref().is_ok_and(|due| *due != ids.len() as u64) {
        report.fail("exactly", format!("{label}公开的编号({}个)与应抽数不符", ids.len()));
        return None;
    }
    if !ended && due.is_ok_and(|due| due > DUE_MAX) {
        report.note("result_due", format!("{label}熵已齐全,名单较大,结果出来后再重算"));
        return None;
    }
    let round = Round {
        open: &p.open,
        draw_id: &p.draw_id,
        seal,
        pool: &p.subjects,
        entropy: &entropy,
        excluded: &p.excluded,
        refill: &p.refill,
        people: people.as_ref(),
    };
    let replayed = match replay(round, before, &|n| ids.get(&n).cloned()) {
        Ok(replayed) => replayed,
        Err(faults) => {
            report.faults(label, faults);
            return None;
        }
    };
    compare(report, label, part, p, &entropy, &replayed);
    if p.result.is_none() && p.abort.is_none() {
        return None;
    }
    exactly(report, label, &replayed, &ids);
    let Replayed { selection, seats, after, .. } = replayed;
    if let Some(seats) = &seats {
        let empty = seats.iter().filter(|s| s.inspector.is_none()).count();
        if empty > 0 {
            report.note(
                "seats_empty",
                format!("{label}{empty}个席位无人可派(资格、回避或人数所限),须另行解决"),
            );
        }
    }
    Some(PartOutcome { selection, seats, ids, people, after })
}

/// The round follows the one before.
fn lineage(report: &mut Report, label: &str, p: &Parsed, before: &Standing) {
    let follows = p.open.parent == before.last && p.open.round == before.rounds;
    report.check(
        follows,
        "lineage",
        if p.open.round == 0 {
            format!("{label}首轮抽取")
        } else {
            format!("{label}第{}轮补抽,上一轮在包内", p.open.round)
        },
        format!("{label}轮次{}的上一轮不在包内或不相符", p.open.round),
    );
    if before.subject_pool.is_some_and(|pool| pool != p.open.subject_pool) {
        report.fail("lineage_pool", format!("{label}补抽轮次须用同一份检查对象名录"));
    }
}

/// The stated result against the recomputed one.
fn compare(report: &mut Report, label: &str, part: &Part, p: &Parsed, entropy: &Entropy, r: &Replayed) {
    let seed = hex::encode(r.selection.seed);
    let what = if p.result.is_some() { "结果" } else { "“本会得到的结果”" };
    let stated = match (&p.result, &p.abort) {
        (Some((_, bytes)), _) => Some(bytes.clone()),
        (None, Some(abort)) => {
            let would_be = part.would_be.as_deref().map(unbase64);
            match (abort.would_be, would_be) {
                (None, _) => {
                    report.fail("would_be", format!("{label}熵已齐全,作废记录须写明“本会得到的结果”的摘要"));
                    return;
                }
                (Some(_), None) => None,
                (Some(digest), Some(bytes)) => {
                    let bytes = bytes.unwrap_or_default();
                    if sha256(&bytes) != digest {
                        report.fail("would_be", format!("{label}“本会得到的结果”与作废记录中的摘要不符"));
                    }
                    Some(bytes)
                }
            }
        }
        (None, None) => {
            report.note("result_due", format!("{label}熵已齐全,结果可算出,种子{seed}"));
            return;
        }
    };
    let recomputed = r.result.as_ref().map(ResultRecord::to_bytes);
    match (stated, recomputed) {
        (Some(stated), Some(recomputed)) => {
            report.check(
                stated == recomputed,
                "result",
                format!("{label}{what}重算逐字节一致(种子{seed})"),
                format!("{label}{what}与重算不符"),
            );
        }
        (None, Some(recomputed)) => {
            report.check(
                p.abort.as_ref().and_then(|a| a.would_be) == Some(sha256(&recomputed)),
                "result",
                format!("{label}“本会得到的结果”重算一致"),
                format!("{label}“本会得到的结果”与重算不符"),
            );
        }
        (Some(stated), None) => selection_only(report, label, p, entropy, r, &stated),
        (None, None) => report.note("would_be_absent", format!("{label}缺人员名单,“本会得到的结果”未重算")),
    }
}

/// Without inspectors everything but the teams is compared: the stated line `assigned` is taken over.
fn selection_only(
    report: &mut Report,
    label: &str,
    p: &Parsed,
    entropy: &Entropy,
    r: &Replayed,
    stated: &[u8],
) {
    let same = ResultRecord::parse(stated).is_ok_and(|claimed| {
        let again = result_record(&p.open, &p.draw_id, &r.selection, claimed.assigned, &entropy.server);
        again == claimed
    });
    report.check(
        same,
        "result",
        format!("{label}抽中名单重算一致(检查组未重算)"),
        format!("{label}抽中名单与重算不符"),
    );
}

/// Exactly the drawn are opened.
fn exactly(report: &mut Report, label: &str, r: &Replayed, ids: &BTreeMap<u64, String>) {
    let drawn = r.selection.numbers();
    let opened: Vec<u64> = ids.keys().copied().collect();
    report.check(
        drawn == opened,
        "exactly",
        format!("{label}恰好这{}个编号被抽中,无增无减", drawn.len()),
        format!("{label}公开的编号与抽中的编号不符(抽中{},公开{})", drawn.len(), opened.len()),
    );
}
