//! The sections of a bundle beyond the records: the rules document, the auditor's list, the derived values.

use super::outcome::PartOutcome;
use super::part::Parsed;
use super::{Report, Status};
use crate::domain::draw::bundle::{Audit, Bundle, Derived, SeatRow, WinnerRow};
use crate::domain::draw::bytes::{sha256, unhex_n};
use crate::domain::draw::lots::{self, ASSIGN, SUBJECT, TASK_ORDER};
use crate::domain::draw::note::unbase64;
use crate::domain::draw::outcome::{assigned_root, selected_root};
use crate::domain::draw::pool::{PoolKey, SubjectPool};
use std::collections::BTreeMap;

/// The document behind `rules-doc`.
pub(super) fn rules_document(report: &mut Report, bundle: &Bundle, p: &Parsed) {
    match &bundle.rules {
        None => {}
        Some(text) => {
            let right = unbase64(text).is_some_and(|bytes| sha256(&bytes) == p.open.rules_doc);
            report.check(
                right,
                "rules",
                "规则文件与开启时的摘要一致".to_owned(),
                "规则文件与开启时的摘要不符".to_owned(),
            );
        }
    }
}

/// The list of subjects against the pool: no ghosts, no doubles, no omissions, classes right.
pub(super) fn audit(report: &mut Report, audit: Option<&Audit>, p: &Parsed) {
    let Some(audit) = audit else { return };
    let Some(key) = unhex_n(&audit.pool_key).map(PoolKey::new) else {
        report.fail("audit_key", "名录密钥不是64位小写十六进制");
        return;
    };
    let pool = audit.subjects().map_err(|f| vec![f]).and_then(SubjectPool::new);
    let pool = match pool {
        Ok(pool) => pool,
        Err(faults) => {
            report.faults("[审计] ", faults);
            return;
        }
    };
    let counts = pool.groups() == p.subjects.groups;
    report.check(
        counts,
        "audit_groups",
        format!("[审计] 名单{}户,各层数量与名录记录一致", pool.len()),
        format!("[审计] 名单{}户,各层数量与名录记录(共{})不符", pool.len(), p.subjects.count),
    );
    report.check(
        pool.root(&key) == p.subjects.root,
        "audit_root",
        "[审计] 名单逐户与名录承诺一致:无虚增、无重复、无遗漏、分层无误".to_owned(),
        "[审计] 名单与名录承诺(Merkle根)不符:有虚增、遗漏、改动,或密钥不对".to_owned(),
    );
}

/// Everything a bundle states although it follows.
pub(super) fn derived(report: &mut Report, d: Option<&Derived>, p: &Parsed, outcome: Option<&PartOutcome>) {
    let Some(d) = d else { return };
    let mut wrong: Vec<&str> = Vec::new();
    let mut unknown = false;
    if d.draw_id.as_ref().is_some_and(|id| *id != hex::encode(p.draw_id)) {
        wrong.push("draw_id");
    }
    let (Some(outcome), Some(server)) = (outcome, p.server()) else {
        let rest = Derived { draw_id: None, ..d.clone() };
        if rest != Derived::default() {
            wrong.push("结果尚不可重算,却写明了导出值");
        }
        finish(report, &wrong, false);
        return;
    };
    let seed = &outcome.selection.seed;
    let list = &p.open.list;
    let key = |purpose: &str, unit: &str| lots::expand(seed, purpose, list, unit);
    let text = |key: &lots::Key| hex::encode(key.bytes());
    let mut same = |stated: Option<&String>, right: String, name: &'static str| {
        if stated.is_some_and(|s| *s != right) {
            wrong.push(name);
        }
    };
    let subject_key = key(SUBJECT, "");
    same(d.seed.as_ref(), hex::encode(seed), "seed");
    same(d.key_subject.as_ref(), text(&subject_key), "key_subject");
    same(d.key_order.as_ref(), text(&key(TASK_ORDER, "")), "key_order");
    let root = selected_root(&p.open, &outcome.selection, &server, &p.draw_id);
    same(d.selected_root.as_ref(), hex::encode(root), "selected_root");
    if let Some(keys) = &d.key_assign {
        let right: BTreeMap<String, String> =
            p.open.teams.iter().map(|t| (t.unit.clone(), text(&key(ASSIGN, &t.unit)))).collect();
        if *keys != right {
            wrong.push("key_assign");
        }
    }
    if let Some(tickets) = &d.tickets {
        let mut reader = lots::Reader::new(&subject_key, 0, 0);
        let mut lot = [0];
        let right = tickets.len() as u64 == p.subjects.count
            && tickets.iter().all(|t| {
                reader.read(&mut lot);
                *t == format!("{:032x}", lot[0])
            });
        if !right {
            wrong.push("tickets");
        }
    }
    let selection = &outcome.selection;
    if d.quotas.as_ref().is_some_and(|q| *q != selection.quotas) {
        wrong.push("quotas");
    }
    let limits: Vec<Option<String>> =
        selection.limits.iter().map(|l| l.map(|l| format!("{l:032x}"))).collect();
    if d.thresholds.as_ref().is_some_and(|t| *t != limits) {
        wrong.push("thresholds");
    }
    if d.winners.as_ref().is_some_and(|w| *w != winner_rows(p, outcome)) {
        wrong.push("winners");
    }
    match &outcome.seats {
        None => unknown = d.team.is_some() || d.assigned_root.is_some(),
        Some(seats) => {
            if d.team.as_ref().is_some_and(|t| *t != seat_rows(outcome)) {
                wrong.push("team");
            }
            let root = hex::encode(assigned_root(seats, &server, &p.draw_id));
            if d.assigned_root.as_ref().is_some_and(|r| *r != root) {
                wrong.push("assigned_root");
            }
        }
    }
    finish(report, &wrong, unknown);
}

fn finish(report: &mut Report, wrong: &[&str], unknown: bool) {
    if wrong.is_empty() {
        report.ok("derived", "包内写明的导出值与重算一致");
    } else {
        report.fail("derived", format!("包内写明的导出值与重算不符:{}", wrong.join("、")));
    }
    if unknown {
        report.put(Status::Failed, "derived_team", "包内写明检查组,却没有人员名单可供重算");
    }
}

/// The drawn as bundle rows.
pub(in crate::domain::draw) fn winner_rows(p: &Parsed, outcome: &PartOutcome) -> Vec<WinnerRow> {
    let code = |i: usize| p.open.strata.get(i).map_or_else(String::new, |s| s.code.clone());
    outcome
        .selection
        .winners
        .iter()
        .map(|w| (code(w.stratum), w.rank, w.number, format!("{:032x}", w.ticket), format!("{:032x}", w.key)))
        .collect()
}

/// The seats as bundle rows.
pub(in crate::domain::draw) fn seat_rows(outcome: &PartOutcome) -> Vec<SeatRow> {
    let seats = outcome.seats.iter().flatten();
    seats.map(|s| (s.subject, s.unit.clone(), s.slot, s.inspector)).collect()
}
