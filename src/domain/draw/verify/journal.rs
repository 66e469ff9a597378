//! The log of a bundle: order, Rules T, U and A, root, checkpoints and cosignatures.

use super::Report;
use super::part::Parsed;
use crate::domain::draw::beacon;
use crate::domain::draw::bundle::{Bundle, LogPart, entries};
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::entropy::{opens_server, witness_commitment};
use crate::domain::draw::log::{LogView, MARGIN, check_witnessed, covered_at, rule_t};
use crate::domain::draw::merkle;
use crate::domain::draw::note::{SignedCheckpoint, Speaker, VerifierKey};
use crate::domain::draw::record::{Policy, Record};

/// A day in seconds: how long before an opening its pool should have been logged.
const DAY: u64 = 86_400;

/// Checks the log of a bundle against its draws.
pub(super) fn log(report: &mut Report, bundle: &Bundle, parts: &[(String, Parsed)]) {
    let entries = match entries(&bundle.log) {
        Ok(entries) => entries,
        Err(f) => {
            report.fail(f.code, f.text);
            return;
        }
    };
    let root = merkle::root_of(&entries);
    report.check(
        unhex_n(&bundle.log.root) == Some(root),
        "log_root",
        format!("日志共{}条,Merkle根一致", entries.len()),
        "日志的Merkle根与其条目不符".to_owned(),
    );
    if let Err(f) = check_witnessed(&bundle.log.witnessed, entries.len()) {
        report.fail(f.code, f.text);
    }
    checkpoints(report, &bundle.log, &entries);
    let view = match LogView::read(&entries) {
        Ok(view) => view,
        Err(faults) => {
            report.faults("", faults);
            return;
        }
    };
    report.ok("rule_u", "日志次序合规,规则U:没有重复开启");
    others(report, &view, parts);
    let mut last_open = None;
    for (label, p) in parts {
        let places = view.places(&p.draw_id);
        let missing: Vec<&str> =
            p.digests.iter().filter(|d| view.index_of(&d.1).is_none()).map(|d| d.0).collect();
        let Some(places) = places.filter(|_| missing.is_empty()) else {
            report.fail("log_missing", format!("{label}日志中没有本次抽取的记录:{}", missing.join("、")));
            continue;
        };
        // The log may not know more of this draw than the bundle shows.
        let known = p.digests.len() - 2;
        if places.at.len() > known {
            report.fail("log_hidden", format!("{label}日志中有本次抽取的记录未列入包内"));
        }
        if last_open > places.at.get("open") {
            report.fail("history_order", format!("{label}前序抽取须按日志次序排列"));
        }
        last_open = places.at.get("open");
        times(report, label, p, &bundle.log, &view);
    }
}

/// Rule T and the notes about times.
fn times(report: &mut Report, label: &str, p: &Parsed, log: &LogPart, view: &LogView) {
    let Some(places) = view.places(&p.draw_id) else { return };
    let late = rule_t(&p.open, places, &log.witnessed);
    if late.is_empty() {
        report.ok("rule_t", format!("{label}规则T:各步骤均在规定时刻之前有见证检查点覆盖"));
    }
    report.faults(label, late);
    let at = |kind: &str| places.at.get(kind).and_then(|i| covered_at(&log.witnessed, *i));
    if p.open.policy != Policy::Ceremony
        && at("reveal").is_some_and(|t| t < p.open.not_before && p.open.not_before - t < MARGIN)
    {
        report.note("margin", format!("{label}揭示距not-before不足{MARGIN}秒,时钟误差可能影响判断"));
    }
    if let (Some(abort), Some(_)) = (at("abort"), p.openings())
        && p.beacon.is_none()
        && p.open.beacons.iter().filter_map(beacon::time_of).any(|t| t <= abort)
    {
        report.fail("rule_a", format!("{label}规则A:作废时信标已公布,须先记入信标并写明“本会得到的结果”"));
    }
    let planned = view.records.iter().filter_map(|r| match r {
        Record::Plan(plan) if plan.authority == p.open.authority => Some(plan),
        _ => None,
    });
    let (mut plans, mut listed) = (0, false);
    for plan in planned {
        plans += 1;
        listed |= plan.draws.iter().any(|d| d.plan == p.open.plan && d.list == p.open.list);
    }
    if plans > 0 && !listed {
        report.note("unplanned", format!("{label}日志中的年度计划没有列入这次抽取"));
    }
    for pool in [&p.subjects, &p.inspectors] {
        let seen = p
            .digests
            .iter()
            .find(|d| d.0 == if pool == &p.subjects { "pool_subjects" } else { "pool_inspectors" })
            .and_then(|d| view.index_of(&d.1))
            .and_then(|i| covered_at(&log.witnessed, i));
        if seen.is_some_and(|t| t < pool.as_of) {
            report.note("pool_future", format!("{label}名录时刻晚于其入日志的见证时间"));
        }
    }
    if p.open.policy != Policy::Ceremony
        && let Some(seen) =
            p.digests.first().and_then(|d| view.index_of(&d.1)).and_then(|i| covered_at(&log.witnessed, i))
        && seen.saturating_add(DAY) > p.open.not_before
    {
        report.note("pool_young", format!("{label}名录入日志距not-before不足24小时,请留意抽取前的名录变动"));
    }
}

/// What the log says of draws that are not in the bundle.
fn others(report: &mut Report, view: &LogView, parts: &[(String, Parsed)]) {
    for (id, open, places) in view.draws() {
        if parts.iter().any(|p| p.1.draw_id == id) {
            continue;
        }
        let name = format!("计划{}名单{}次序{}轮次{}", open.plan, open.list, open.seq, open.round);
        let Some(Record::Abort(abort)) = places.at.get("abort").and_then(|i| view.records.get(*i)) else {
            report.note("log_other", format!("日志中另有抽取:{name}"));
            continue;
        };
        let seal = match places.at.get("seal").and_then(|i| view.records.get(*i)) {
            Some(Record::Seal(seal)) => seal.witnesses.as_slice(),
            _ => &[],
        };
        let cards = abort.witnesses.iter().all(|o| {
            seal.iter().any(|(w, commitment)| *w == o.id && *commitment == witness_commitment(&id, o))
        });
        report.check(
            cards && opens_server(open, &abort.server),
            "rule_a",
            format!("规则A:日志中作废的抽取({name})已公开其承诺内容,原因{}", abort.reason),
            format!("规则A:日志中作废的抽取({name})公开的内容与承诺不符"),
        );
    }
}

/// Signed checkpoints, and the times that follow from their cosignatures.
fn checkpoints(report: &mut Report, log: &LogPart, entries: &[Vec<u8>]) {
    let Some(key) = &log.key else {
        if log.checkpoints.is_empty() && log.cosigners.is_empty() && log.quorum.is_none() {
            report.note("times_unsigned", "包内没有签名检查点:见证时间请与官网公布或纸质检查点核对");
        } else {
            report.fail("checkpoints", "有检查点或联署人而没有日志公钥");
        }
        return;
    };
    let parsed = (|| {
        let key = VerifierKey::parse(key).ok().filter(|k| k.speaker == Speaker::Log)?;
        let cosigners: Vec<VerifierKey> =
            log.cosigners.iter().map(|k| VerifierKey::parse(k).ok()).collect::<Option<_>>()?;
        let distinct = cosigners.iter().enumerate().all(|(i, a)| !cosigners[..i].contains(a));
        let speak = cosigners.iter().all(|k| k.speaker == Speaker::Cosigner);
        (distinct && speak).then_some((key, cosigners))
    })();
    let Some((key, cosigners)) = parsed else {
        report.fail("checkpoint_keys", "日志或联署人的公钥格式不对或重复");
        return;
    };
    let quorum = log.quorum.and_then(|q| usize::try_from(q).ok()).unwrap_or(0);
    if quorum == 0 || quorum > cosigners.len() {
        report.fail("quorum", "联署人数门槛须在1与联署人数之间");
        return;
    }
    let leaves: Vec<_> = entries.iter().map(|e| merkle::leaf_hash(e)).collect();
    let all: Vec<&VerifierKey> = std::iter::once(&key).chain(&cosigners).collect();
    let (mut witnessed, mut good, mut last) = (Vec::new(), true, None);
    for text in &log.checkpoints {
        let Ok(note) = SignedCheckpoint::parse(text) else {
            report.fail("checkpoints", "检查点格式不对");
            return;
        };
        let size = usize::try_from(note.checkpoint.size).unwrap_or(usize::MAX);
        let root = leaves.get(..size).map(|l| merkle::root(l.to_vec()));
        good &= root == Some(note.checkpoint.root)
            && note.checkpoint.origin == key.name
            && note.signed_by(&key)
            && note.only_by(&all)
            && last < Some(size);
        last = Some(size);
        let mut times: Vec<u64> = cosigners.iter().filter_map(|c| note.cosigned_at(c)).collect();
        // A line of a known cosigner that does not verify spoils the note.
        good &= times.len() + 1 == note.signatures.len();
        times.sort_unstable();
        if let Some(time) = times.get(quorum - 1) {
            witnessed.push((note.checkpoint.size, *time));
        }
    }
    report.check(
        good && witnessed == log.witnessed,
        "checkpoints",
        format!("{}个检查点的签名、联署与日志一致,见证时间由联署得出", log.checkpoints.len()),
        "检查点的签名、联署、根或见证时间与日志不符".to_owned(),
    );
    if last.is_none_or(|size| size < entries.len()) {
        report.note("checkpoint_last", "日志末尾尚无检查点覆盖");
    }
    report.note("cosigners", format!("见证时间依据的联署人:{}", names(&cosigners)));
}

fn names(keys: &[VerifierKey]) -> String {
    keys.iter().map(|k| k.name.as_str()).collect::<Vec<_>>().join("、")
}
