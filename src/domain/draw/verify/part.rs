//! One draw of a bundle: its records, their links, commitments and entropy, and its outcome recomputed.

use super::Report;
use crate::domain::draw::beacon;
use crate::domain::draw::bundle::{Part, excluded_list, inspector_list, refill_list};
use crate::domain::draw::bytes::{Hash, sha256, unhex_n};
use crate::domain::draw::entropy::{BeaconValue, Entropy, opens_server, witness_commitment};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::note::unbase64;
use crate::domain::draw::outcome::Selection;
use crate::domain::draw::pool::{InspectorPool, MEMBERS_MAX, PoolKey};
use crate::domain::draw::record::{
    Abort, Beacon, BeaconKind, Excluded, Open, Opening, Policy, PoolKind, PoolRecord, Publish, Refill,
    ResultRecord, Reveal, Seal, SeedLine, excluded_bytes, parse_excluded, parse_record, parse_refill,
    refill_bytes,
};
use crate::domain::draw::replay::{Replayed, Round, Standing, replay};
use crate::domain::draw::team::Seat;
use std::collections::BTreeMap;

/// The records of one draw, parsed, with their digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Subjects' pool.
    pub subjects: PoolRecord,
    /// Inspectors' pool.
    pub inspectors: PoolRecord,
    /// Opening.
    pub open: Open,
    /// Digest of the opening.
    pub draw_id: Hash,
    /// Seal and its digest.
    pub seal: Option<(Seal, Hash)>,
    /// Reveal.
    pub reveal: Option<Reveal>,
    /// Beacons.
    pub beacon: Option<Beacon>,
    /// Result and its bytes.
    pub result: Option<(ResultRecord, Vec<u8>)>,
    /// Publication.
    pub publish: Option<Publish>,
    /// Abort.
    pub abort: Option<Abort>,
    /// Each record's name and digest, in the order of the log.
    pub digests: Vec<(&'static str, Hash)>,
    /// Excluded numbers.
    pub excluded: Vec<Excluded>,
    /// Seats drawn again.
    pub refill: Vec<Refill>,
}

impl Parsed {
    /// The server secret, once any record shows it.
    #[must_use]
    pub fn server(&self) -> Option<[u8; 32]> {
        let shown = self.reveal.as_ref().and_then(|r| r.server);
        shown
            .or_else(|| self.publish.as_ref().map(|p| p.server))
            .or_else(|| self.abort.as_ref().map(|a| a.server))
    }

    /// The opened cards: all of them, or `None`.
    #[must_use]
    pub fn openings(&self) -> Option<&[Opening]> {
        let from = self.reveal.as_ref().map(|r| r.witnesses.as_slice());
        let openings = from.or_else(|| self.abort.as_ref().map(|a| a.witnesses.as_slice()))?;
        (openings.len() == self.open.witnesses.len()).then_some(openings)
    }

    /// All entropy, once it is known and right.
    ///
    /// # Errors
    /// A beacon's proof is false.
    pub fn entropy(&self) -> Result<Option<Entropy>, Fault> {
        let (Some(server), Some(openings)) = (self.server(), self.openings()) else { return Ok(None) };
        let beacons = match &self.beacon {
            None if self.open.beacons.is_empty() => Vec::new(),
            None => return Ok(None),
            Some(record) => record
                .beacons
                .iter()
                .map(|b| Ok(BeaconValue { beacon: b.beacon.clone(), value: beacon::value(b)? }))
                .collect::<Result<_, Fault>>()?,
        };
        Ok(Some(Entropy { server, witnesses: openings.to_vec(), beacons }))
    }

    /// What the draw waits for.
    #[must_use]
    pub fn next_step(&self) -> String {
        let wait = if self.seal.is_none() {
            "见证人封存(seal)"
        } else if self.reveal.is_none() {
            "公开承诺内容(reveal)"
        } else if self.beacon.is_none() && !self.open.beacons.is_empty() {
            "公共信标(beacon)"
        } else if self.result.is_none() {
            "结果(result)"
        } else {
            "公布(publish)"
        };
        format!("抽取尚未完成,下一步:{wait}")
    }
}

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

/// Parses the records of a part and checks that they belong together.
pub(super) fn parse(report: &mut Report, label: &str, part: &Part) -> Option<Parsed> {
    let before = report.statements.len();
    let r = &part.records;
    macro_rules! read {
        ($text:expr, $type:ty, $name:literal) => {
            match <$type>::parse($text.as_bytes()) {
                Ok(value) => Some(value),
                Err(f) => {
                    report.fail(f.code, format!("{label}{}:{}", $name, f.text));
                    None
                }
            }
        };
    }
    let subjects = read!(r.pool_subjects, PoolRecord, "检查对象名录");
    let inspectors = read!(r.pool_inspectors, PoolRecord, "人员库");
    let open = read!(r.open, Open, "开启");
    let seal = r.seal.as_ref().and_then(|t| Some((read!(t, Seal, "封存")?, sha256(t.as_bytes()))));
    let reveal = r.reveal.as_ref().and_then(|t| read!(t, Reveal, "揭示"));
    let beacon = r.beacon.as_ref().and_then(|t| read!(t, Beacon, "信标"));
    let result =
        r.result.as_ref().and_then(|t| Some((read!(t, ResultRecord, "结果")?, t.as_bytes().to_vec())));
    let publish = r.publish.as_ref().and_then(|t| read!(t, Publish, "公布"));
    let abort = r.abort.as_ref().and_then(|t| read!(t, Abort, "作废"));
    for (name, text) in r.all() {
        if let Err(f) = parse_record(text.as_bytes()) {
            report.fail("records", format!("{label}{name}:{}", f.text));
        }
    }
    let excluded = excluded_list(&part.excluded);
    let refill = refill_list(&part.refill);
    if report.statements.len() > before {
        return None;
    }
    let parsed = Parsed {
        draw_id: sha256(r.open.as_bytes()),
        digests: r.all().into_iter().map(|(name, text)| (name, sha256(text.as_bytes()))).collect(),
        subjects: subjects?,
        inspectors: inspectors?,
        open: open?,
        seal,
        reveal,
        beacon,
        result,
        publish,
        abort,
        excluded,
        refill,
    };
    report.ok("records", format!("{label}{}条记录逐字节符合VDR/1", parsed.digests.len()));
    let links = links(&parsed);
    if links.is_empty() {
        report.ok("links", format!("{label}记录之间的摘要引用一致,draw_id {}", hex::encode(parsed.draw_id)));
        Some(parsed)
    } else {
        report.faults(label, links);
        None
    }
}

/// Whether the records point at each other.
fn links(p: &Parsed) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, text: &str| {
        if !holds {
            faults.push(fault!("links", "{text}"));
        }
    };
    let digest = |name: &str| p.digests.iter().find(|d| d.0 == name).map(|d| d.1);
    let (open, id) = (&p.open, &p.draw_id);
    check(p.subjects.kind == PoolKind::Subjects, "pool_subjects 不是检查对象名录");
    check(p.inspectors.kind == PoolKind::Inspectors, "pool_inspectors 不是人员库");
    check(p.subjects.authority == open.authority, "检查对象名录与开启记录的机关不同");
    check(p.inspectors.authority == open.authority, "人员库与开启记录的机关不同");
    check(digest("pool_subjects") == Some(open.subject_pool), "开启记录引用的不是这份检查对象名录");
    check(digest("pool_inspectors") == Some(open.inspector_pool), "开启记录引用的不是这份人员库");
    for pool in [&p.subjects, &p.inspectors] {
        let (added, removed, moved) = pool.delta;
        let first = pool.prev.is_none();
        check(
            if first {
                (added, removed, moved) == (pool.count, 0, 0)
            } else {
                added.checked_add(moved).is_some_and(|n| n <= pool.count)
            },
            "名录变动数(delta)与总数不符",
        );
    }
    let names = |of: &mut dyn Iterator<Item = &String>| of.eq(open.witnesses.iter());
    if let Some((seal, _)) = &p.seal {
        check(seal.draw == *id, "封存记录不属于本次抽取");
        check(names(&mut seal.witnesses.iter().map(|w| &w.0)), "封存的见证人与开启记录不同");
    }
    if let Some(reveal) = &p.reveal {
        check(reveal.draw == *id, "揭示记录不属于本次抽取");
        check(p.seal.as_ref().is_some_and(|s| s.1 == reveal.seal), "揭示记录引用的不是这份封存");
        check(names(&mut reveal.witnesses.iter().map(|w| &w.id)), "揭示的见证人与开启记录不同");
        check(
            reveal.server.is_none() == (open.policy == Policy::Embargo),
            "保密(embargo)抽取不得揭示服务器秘密,其他方式必须揭示",
        );
    }
    if let Some(b) = &p.beacon {
        check(b.draw == *id, "信标记录不属于本次抽取");
        check(b.beacons.iter().map(|b| &b.beacon).eq(open.beacons.iter()), "信标与开启时指定的不同");
        check(open.policy != Policy::Ceremony, "现场(ceremony)抽取不应有信标记录");
    }
    if let Some((result, _)) = &p.result {
        check(result.draw == *id, "结果记录不属于本次抽取");
        check(
            matches!(result.seed, SeedLine::Commit(_)) == (open.policy == Policy::Embargo),
            "保密抽取的结果只写种子承诺,其他方式写种子",
        );
        check(p.reveal.is_some(), "有结果而没有揭示记录");
        check(open.beacons.is_empty() || p.beacon.is_some(), "有结果而没有信标记录");
    }
    if let Some(publish) = &p.publish {
        check(publish.draw == *id, "公布记录不属于本次抽取");
        check(open.policy == Policy::Embargo, "只有保密抽取才有公布记录");
        check(digest("result") == Some(publish.result), "公布记录引用的不是这份结果");
    }
    if let Some(abort) = &p.abort {
        check(abort.draw == *id, "作废记录不属于本次抽取");
        check(p.result.is_none(), "已有结果的抽取不能作废");
        let mut left = open.witnesses.iter();
        check(abort.witnesses.iter().all(|w| left.any(|id| *id == w.id)), "作废记录的见证人与开启记录不符");
    }
    faults
}

/// Checks the policy, the lists, the opened commitments and the beacons.
pub(super) fn commitments(report: &mut Report, label: &str, p: &Parsed) {
    policy(report, label, p);
    let written =
        |bytes: Vec<u8>| Some((bytes.iter().filter(|b| **b == b'\n').count() as u64 - 1, sha256(&bytes)));
    for (name, stated, bytes, parsed) in [
        (
            "排除名单",
            p.open.excluded,
            excluded_bytes(&p.excluded),
            parse_excluded(&excluded_bytes(&p.excluded)).err(),
        ),
        ("补席名单", p.open.refill, refill_bytes(&p.refill), parse_refill(&refill_bytes(&p.refill)).err()),
    ] {
        let empty = if name == "排除名单" { p.excluded.is_empty() } else { p.refill.is_empty() };
        let found = if empty { None } else { written(bytes) };
        let good = found == stated && (empty || parsed.is_none());
        report.check(
            good,
            "lists",
            format!("{label}{name}与开启时的摘要一致"),
            format!("{label}{name}与开启时的摘要不符"),
        );
    }
    if let Some(beyond) = p.excluded.iter().find(|e| e.number >= p.subjects.count) {
        report.fail("lists", format!("{label}排除编号{}超出名录", beyond.number));
    }
    if let Some(server) = p.server() {
        report.check(
            opens_server(&p.open, &server),
            "server",
            format!("{label}服务器秘密与开启时的承诺一致"),
            format!("{label}服务器秘密与开启时的承诺不符"),
        );
    }
    let openings = p.reveal.as_ref().map(|r| &r.witnesses).or_else(|| p.abort.as_ref().map(|a| &a.witnesses));
    for opening in openings.into_iter().flatten() {
        let committed = p.seal.as_ref().and_then(|s| s.0.witnesses.iter().find(|w| w.0 == opening.id));
        report.check(
            committed.is_some_and(|c| c.1 == witness_commitment(&p.draw_id, opening)),
            "witness",
            format!("{label}见证人{}的内容与其封存一致", opening.id),
            format!("{label}见证人{}的内容与其封存不符", opening.id),
        );
    }
    for b in p.beacon.iter().flat_map(|b| &b.beacons) {
        let name = format!("{} {}", b.beacon.kind.word(), b.beacon.reference);
        match beacon::value(b) {
            Err(f) => report.fail(f.code, format!("{label}{}", f.text)),
            Ok(_) if b.beacon.kind == BeaconKind::DrandQuicknet => {
                report.ok("beacon", format!("{label}信标{name}的BLS签名对固定公钥有效"));
            }
            Ok(_) => {
                report.note("beacon_outside", format!("{label}信标{name}格式正确;数值请与其公布网站核对"))
            }
        }
    }
}

/// What a policy demands of an opening.
fn policy(report: &mut Report, label: &str, p: &Parsed) {
    let open = &p.open;
    let faults = policy_faults(open);
    if faults.is_empty() {
        report.ok("policy", format!("{label}抽取方式{}的要求满足", open.policy.word()));
    }
    report.faults(label, faults);
    let drand = open.beacons.iter().any(|b| b.kind == BeaconKind::DrandQuicknet);
    let strong = drand || open.beacons.iter().filter(|b| beacon::is_public(b.kind)).count() >= 2;
    if open.policy == Policy::Public && !strong {
        report.note("beacon_bits", format!("{label}仅一个彩票或NIST信标;建议用drand或两种彩票(至少24比特)"));
    }
}

/// What makes an opening invalid under its policy.
pub(in crate::domain::draw) fn policy_faults(open: &Open) -> Vec<Fault> {
    let mut faults = Vec::new();
    let has_public = open.beacons.iter().any(|b| beacon::is_public(b.kind));
    match open.policy {
        Policy::Public if !has_public => faults.push(fault!(
            "policy",
            "public 方式须至少有一个可公开核对的信标(drand-quicknet、nist2 或 lottery)"
        )),
        Policy::Embargo if open.beacons.is_empty() => {
            faults.push(fault!("policy", "embargo 方式须至少指定一个信标"));
        }
        Policy::Ceremony if !open.beacons.is_empty() => {
            faults.push(fault!("policy", "ceremony 方式没有信标;骰子或号码请作为见证人内容"));
        }
        Policy::Ceremony if open.witnesses.is_empty() => {
            faults.push(fault!("policy", "ceremony 方式须至少有一名见证人"));
        }
        _ => {}
    }
    if open.not_before > open.deadline {
        faults.push(fault!("policy", "deadline 不得早于 not-before"));
    }
    if open.publish_by.is_some_and(|t| t < open.deadline) {
        faults.push(fault!("policy", "publish-by 不得早于 deadline"));
    }
    faults
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
                format!("{label}结果重算逐字节一致(种子{seed})"),
                format!("{label}结果与重算不符"),
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
        let again = crate::domain::draw::outcome::result_record(
            &p.open,
            &p.draw_id,
            &r.selection,
            claimed.assigned,
            &entropy.server,
        );
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
