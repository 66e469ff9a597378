//! Verification of the protocol's bundles, and of what is left of them after tampering.

use crate::draw_vectors::vectors;
use onedoor::domain::draw::bundle::{Audit, Bundle};
use onedoor::domain::draw::verify::check::{Asked, Fate, explain};
use onedoor::domain::draw::verify::{Report, Status, Verdict, verify, verify_bytes};
use serde_json::Value;

fn bundle(name: &str) -> Value {
    vectors()[name].take()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn failures(report: &Report) -> Vec<&'static str> {
    report.statements.iter().filter(|s| s.status == Status::Failed).map(|s| s.code).collect()
}

#[test]
fn both_bundles_verify_with_and_without_the_optional_sections() {
    for name in ["public", "ceremony"] {
        let whole = bundle(name);
        let report = verify_bytes(&bytes(&whole), None);
        assert_eq!(report.verdict(), Verdict::Verified, "{name}: {:#?}", report.statements);
        for gone in [vec!["audit"], vec!["derived"], vec!["audit", "derived", "inspectors", "inspector_key"]]
        {
            let mut less = whole.clone();
            for key in &gone {
                less.as_object_mut().unwrap().remove(*key);
            }
            let report = verify_bytes(&bytes(&less), None);
            assert_eq!(
                report.verdict(),
                Verdict::Verified,
                "{name} without {gone:?}: {:#?}",
                report.statements
            );
        }
        let report = verify_bytes(&serde_json::to_vec_pretty(&whole).unwrap(), None);
        assert_eq!(report.verdict(), Verdict::Verified);
    }
}

#[test]
fn every_changed_byte_of_a_bundle_is_found() {
    for name in ["public", "ceremony"] {
        let good = bytes(&bundle(name));
        let text = String::from_utf8(good.clone()).unwrap();
        let at = text.find("\"witnessed\":").unwrap();
        let unsigned = at..at + text[at..].find("]]").unwrap();
        let step = if cfg!(debug_assertions) { 97 } else { 7 };
        for (i, mask) in (0..good.len()).step_by(step).flat_map(|i| [(i, 1), (i, 0x20)]) {
            let mut bad = good.clone();
            bad[i] ^= mask;
            let report = verify_bytes(&bad, None);
            // Times without cosignatures hang on nothing else; their digits may change within Rule T.
            if report.verdict() != Verdict::Failed && !unsigned.contains(&i) {
                panic!(
                    "{name}: byte {i} ^ {mask:#x} near {:?}",
                    &text[i.saturating_sub(40)..(i + 10).min(text.len())]
                );
            }
        }
    }
}

#[test]
fn a_repeated_or_unknown_key_is_refused_at_every_level() {
    let text = String::from_utf8(bytes(&bundle("public"))).unwrap();
    for (from, to) in [
        ("\"spec\":", "\"spec\":\"VDR/1\",\"spec\":"),
        ("\"spec\":", "\"note\":1,\"spec\":"),
        ("\"open\":", "\"open\":\"\",\"open\":"),
        ("\"root\":", "\"x\":0,\"root\":"),
        ("\"salt_id\":", "\"salt_id\":\"\",\"salt_id\":"),
        ("\"A12\":\"", "\"A12\":\"\",\"A12\":\""),
    ] {
        assert!(text.contains(from));
        let bad = text.replacen(from, to, 1);
        assert_eq!(verify_bytes(bad.as_bytes(), None).verdict(), Verdict::Failed, "{to}");
    }
    for junk in ["", "[]", "{}", "null", "{\"spec\":\"VDR/1\"}"] {
        assert_eq!(verify_bytes(junk.as_bytes(), None).verdict(), Verdict::Failed);
    }
    let deep = "[".repeat(100_000);
    assert_eq!(verify_bytes(deep.as_bytes(), None).verdict(), Verdict::Failed);
}

#[test]
fn times_outside_rule_t_are_found() {
    for (place, time) in [(1, 1_692_803_733), (2, 1_692_804_333), (0, 1_692_803_700)] {
        let mut bad = bundle("public");
        bad["log"]["witnessed"][place][1] = time.into();
        assert_eq!(verify_bytes(&bytes(&bad), None).verdict(), Verdict::Failed, "witness {place}");
    }
    let mut bad = bundle("public");
    bad["log"]["witnessed"] = serde_json::json!([]);
    assert!(verify_bytes(&bytes(&bad), None).failed("rule_t"));
    let mut late = bundle("ceremony");
    late["log"]["witnessed"][0][1] = 1_692_803_733_u64.into();
    late["log"]["witnessed"][1][1] = 1_692_803_733_u64.into();
    assert!(verify_bytes(&bytes(&late), None).failed("rule_t"));
}

#[test]
fn a_missing_an_added_and_a_swapped_winner_are_found() {
    let good = bundle("public");
    let mut less = good.clone();
    less["winners"].as_array_mut().unwrap().pop();
    assert!(verify_bytes(&bytes(&less), None).failed("exactly"));
    let mut twice = good.clone();
    let first = twice["winners"][0].clone();
    twice["winners"].as_array_mut().unwrap().push(first);
    assert!(verify_bytes(&bytes(&twice), None).failed("opening_twice"));
}

#[test]
fn the_auditor_finds_ghosts_omissions_and_changed_classes() {
    let good: Bundle = serde_json::from_value(bundle("public")).unwrap();
    let list = good.audit.clone().unwrap();
    let public = Bundle { audit: None, derived: None, ..good };
    let verdict = |list: &Audit| verify(&public, Some(list));
    assert_eq!(verdict(&list).verdict(), Verdict::Verified);
    let mut shuffled = list.clone();
    shuffled.subjects.reverse();
    assert_eq!(verdict(&shuffled).verdict(), Verdict::Verified);
    let mut ghost = list.clone();
    ghost.subjects.push(("X:1".to_owned(), "A".to_owned(), 1, "0".repeat(64)));
    assert!(verdict(&ghost).failed("audit_groups"));
    let mut less = list.clone();
    less.subjects.pop();
    assert!(verdict(&less).failed("audit_root"));
    let mut moved = list.clone();
    moved.subjects[0].3 = "1".repeat(64);
    assert_eq!(failures(&verdict(&moved)), ["audit_root"]);
    let mut double = list.clone();
    let again = double.subjects[5].clone();
    double.subjects.push(again);
    assert!(verdict(&double).failed("subject_twice"));
    let mut key = list;
    key.pool_key.replace_range(0..1, if key.pool_key.starts_with('0') { "1" } else { "0" });
    assert_eq!(failures(&verdict(&key)), ["audit_root"]);
}

#[test]
fn one_business_is_told_why() {
    let with_list: Bundle = serde_json::from_value(bundle("public")).unwrap();
    let public = Bundle { audit: None, ..with_list.clone() };
    let fate = |bundle: &Bundle, asked: Asked| explain(bundle, None, &asked).map(|a| a.1.fate);
    assert_eq!(fate(&public, Asked::Id("91440300005MEB3JW4".to_owned())), Ok(Fate::Drawn));
    assert_eq!(fate(&public, Asked::Number(34)), Ok(Fate::Drawn));
    assert_eq!(fate(&public, Asked::Number(5)), Ok(Fate::Excluded));
    assert_eq!(fate(&public, Asked::Number(0)), Ok(Fate::NotDrawn));
    assert!(fate(&public, Asked::Number(200)).is_err());
    let id = "914403000000000CT7".to_owned();
    assert_eq!(fate(&public, Asked::Id(id.clone())), Ok(Fate::NotListed));
    assert_eq!(fate(&with_list, Asked::Id(id)), Ok(Fate::NotDrawn));
    assert_eq!(fate(&with_list, Asked::Id("914403000000000CT8".to_owned())), Ok(Fate::NotInPool));
    let opening = public.winners[0].clone();
    assert_eq!(fate(&public, Asked::Disclosure(Box::new(opening.clone()))), Ok(Fate::Drawn));
    let mut other = opening;
    other.number += 1;
    assert!(fate(&public, Asked::Disclosure(Box::new(other))).is_err());
}

#[test]
fn a_bundle_that_asks_for_more_than_it_opens_costs_nothing() {
    use onedoor::domain::draw::bytes::sha256;
    use onedoor::domain::draw::record::{Open, PoolRecord, Reveal, Seal};
    // A hundred million members, all to be drawn, none opened: refused before the first lot.
    let mut b: Bundle = serde_json::from_value(bundle("ceremony")).unwrap();
    let huge = 100_000_000;
    let mut pool = PoolRecord::parse(b.records.pool_subjects.as_bytes()).unwrap();
    pool.groups.truncate(1);
    (pool.groups[0].count, pool.count, pool.delta) = (huge, huge, (huge, 0, 0));
    let mut open = Open::parse(b.records.open.as_bytes()).unwrap();
    open.strata.truncate(1);
    (open.strata[0].eligible, open.strata[0].bp, open.excluded) = (huge, 10_000, None);
    open.subject_pool = sha256(&pool.to_bytes());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    b.records.pool_subjects = text(pool.to_bytes());
    b.records.open = text(open.to_bytes());
    let draw = sha256(&open.to_bytes());
    let mut seal = Seal::parse(b.records.seal.as_ref().unwrap().as_bytes()).unwrap();
    seal.draw = draw;
    let mut reveal = Reveal::parse(b.records.reveal.as_ref().unwrap().as_bytes()).unwrap();
    (reveal.draw, reveal.seal) = (draw, sha256(&seal.to_bytes()));
    b.records.seal = Some(text(seal.to_bytes()));
    b.records.reveal = Some(text(reveal.to_bytes()));
    let result = b.records.result.clone().unwrap();
    let line = result.lines().nth(1).unwrap().to_owned();
    b.records.result = Some(result.replace(&line, &format!("draw {}", hex::encode(draw))));
    (b.excluded, b.winners, b.audit, b.derived) = (Vec::new(), Vec::new(), None, None);
    let start = std::time::Duration::from_millis(500);
    let watch = onedoor::clock::Stopwatch::start();
    assert!(verify(&b, None).failed("exactly"));
    assert!(watch.elapsed() < start, "{:?}", watch.elapsed());
}
