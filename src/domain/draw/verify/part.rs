//! One draw of a bundle: its records, their links, its policy, lists, commitments and beacons.

use super::Report;
use crate::domain::draw::beacon;
use crate::domain::draw::bundle::{Part, excluded_list, refill_list};
use crate::domain::draw::bytes::{Hash, sha256};
use crate::domain::draw::entropy::{BeaconValue, Entropy, opens_server, witness_commitment};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::record::{
    Abort, Beacon, BeaconKind, Excluded, Open, Opening, Policy, PoolKind, PoolRecord, Publish, Refill,
    ResultRecord, Reveal, Seal, SeedLine, excluded_bytes, parse_excluded, parse_record, parse_refill,
    refill_bytes,
};

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
