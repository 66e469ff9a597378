//! Draws step by step in memory: every policy, rounds, aborts, refusals.

use onedoor::domain::draw::bundle::Bundle;
use onedoor::domain::draw::ceremony::{self, Timetable};
use onedoor::domain::draw::pool::{Inspector, Subject};
use onedoor::domain::draw::record::{BeaconKind, BeaconProof, BeaconRef, Mode, Opening, Policy, Team};
use onedoor::domain::draw::session::{
    Again, Card, Draft, NextRound, Secrets, Session, Stage, StratumRule, Times,
};
use onedoor::domain::draw::verify::{Verdict, verify_bytes};

/// Opening time of the drafts below: five minutes before quicknet round 123.
pub(crate) const T0: u64 = 1_692_803_433;
const SIG_123: &str =
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";

pub(crate) fn secrets(tag: u64) -> Secrets {
    let key = |part: u8| {
        let mut bytes = [part; 32];
        bytes[..8].copy_from_slice(&tag.to_be_bytes());
        bytes
    };
    Secrets { server: key(1), pool_key: key(2), inspector_key: key(3), log_key: key(4), cosign_key: key(5) }
}

pub(crate) fn draft(policy: Policy, subjects: usize) -> Draft {
    let rule = |code: &str, bp, lo| StratumRule { code: code.to_owned(), bp, lo, hi: 0, alloc: 1 };
    let team = |unit: &str, size, leads, qual: Option<&str>, min_load| Team {
        unit: unit.to_owned(),
        size,
        leads,
        qual: qual.map(str::to_owned),
        min_load,
    };
    Draft {
        authority: "469006-SAMR".to_owned(),
        plan: "2026-01".to_owned(),
        list: "L1".to_owned(),
        seq: 1,
        policy,
        rules: "抽查规则\n".into(),
        mode: Mode::Webster,
        total: 0,
        total_bp: 1000,
        strata: vec![rule("B", 500, 1), rule("A", 300, 1)],
        teams: vec![team("SAMR", 2, 1, None, true), team("FIRE", 1, 0, Some("Q-F"), false)],
        excluded: vec![("S-00003".to_owned(), "ZX".to_owned())],
        witnesses: vec!["RD-1".to_owned(), "GZ-2".to_owned()],
        beacons: match policy {
            Policy::Ceremony => Vec::new(),
            _ => vec![BeaconRef::new(BeaconKind::DrandQuicknet, "123").unwrap()],
        },
        times: Times {
            not_before: T0 + 300,
            deadline: T0 + 900,
            publish_by: (policy == Policy::Embargo).then_some(T0 + 5000),
        },
        as_of: T0 - 90_000,
        subjects: (0..subjects)
            .map(|i| Subject {
                id: format!("S-{i:05}"),
                stratum: if i % 4 == 0 { "B" } else { "A" }.to_owned(),
                weight: 1 + (i as u64) % 2,
                attrs: [u8::try_from(i % 251).unwrap(); 32],
            })
            .collect(),
        documents: Vec::new(),
        inspectors: (0..12)
            .map(|i| Inspector {
                id: format!("I-{i:02}"),
                unit: if i < 8 { "SAMR" } else { "FIRE" }.to_owned(),
                lead: i % 2 == 0,
                cap: 100,
                quals: if i >= 8 { vec!["Q-F".to_owned()] } else { Vec::new() },
                recused: if i == 1 { vec!["S-00004".to_owned()] } else { Vec::new() },
            })
            .collect(),
        origin: "county.example/vdr".to_owned(),
        cosigners: Vec::new(),
        quorum: 1,
    }
}

pub(crate) fn card(id: &str, text: &str) -> Opening {
    Opening { id: id.to_owned(), salt: [9; 16], value: text.as_bytes().to_vec() }
}

pub(crate) fn cards() -> Vec<Card> {
    vec![Card::Content(card("GZ-2", "海阔天空 731")), Card::Content(card("RD-1", "4719-08"))]
}

pub(crate) fn drand() -> Vec<BeaconProof> {
    vec![BeaconProof {
        beacon: BeaconRef::new(BeaconKind::DrandQuicknet, "123").unwrap(),
        proof: hex::decode(SIG_123).unwrap(),
    }]
}

fn verdict(bundle: &Bundle) -> Verdict {
    let report = verify_bytes(&bundle.to_bytes(), None);
    assert_ne!(report.verdict(), Verdict::Failed, "{:#?}", report.statements);
    report.verdict()
}

fn code(step: Result<(), Vec<onedoor::domain::draw::fault::Fault>>) -> &'static str {
    step.unwrap_err()[0].code
}

/// A draw taken to its result.
pub(crate) fn drawn(policy: Policy) -> Session {
    let mut s = Session::open(draft(policy, 200), &secrets(1), T0).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Unfinished);
    s.seal(cards(), T0 + 60).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Unfinished);
    s.reveal(Vec::new(), T0 + 120).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Unfinished);
    if policy != Policy::Ceremony {
        s.beacon(drand(), T0 + 310).unwrap();
        assert_eq!(verdict(&s.public), Verdict::Unfinished);
    }
    s.result(T0 + 320).unwrap();
    assert!(s.private_faults().is_empty(), "{:?}", s.private_faults());
    s
}

#[test]
fn every_policy_runs_and_verifies() {
    for policy in [Policy::Public, Policy::Ceremony] {
        let s = drawn(policy);
        assert_eq!(verdict(&s.public), Verdict::Verified, "{policy:?}");
        assert_eq!(verdict(&s.audit_bundle()), Verdict::Verified, "{policy:?}");
        assert!(s.finished());
        assert_eq!(s.public.winners.len(), 20);
    }
}

#[test]
fn an_embargo_hides_the_list_until_it_is_published() {
    let mut s = drawn(Policy::Embargo);
    assert_eq!(verdict(&s.public), Verdict::Unfinished);
    assert!(s.public.winners.is_empty() && s.public.derived.is_none());
    let text = String::from_utf8(s.public.to_bytes()).unwrap();
    assert!(!text.contains(&s.private.server), "the secret must not be public");
    let outcome = s.outcome().unwrap();
    assert!(!text.contains(&hex::encode(outcome.selection.seed)));
    for w in &outcome.selection.winners {
        assert!(!text.contains(&format!("{:032x}", w.ticket)));
    }
    assert!(s.public.records.result.as_ref().unwrap().contains("seed-commit "));
    s.publish(T0 + 4000).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Verified);
    assert_eq!(s.public.winners.len(), 20);
}

#[test]
fn steps_out_of_order_are_refused() {
    let mut s = Session::open(draft(Policy::Public, 50), &secrets(1), T0).unwrap();
    assert_eq!(code(s.reveal(Vec::new(), T0 + 1)), "out_of_order");
    assert_eq!(code(s.result(T0 + 1)), "out_of_order");
    assert_eq!(code(s.beacon(drand(), T0 + 301)), "out_of_order");
    assert_eq!(code(s.publish(T0 + 1)), "not_embargo");
    assert_eq!(code(s.seal(vec![Card::Content(card("RD-1", "1"))], T0 + 1)), "card_missing");
    assert_eq!(code(s.seal(vec![Card::Content(card("XX", "1"))], T0 + 1)), "card_unknown");
    assert_eq!(code(s.seal(cards(), T0 - 1)), "clock");
    s.seal(cards(), T0 + 1).unwrap();
    assert_eq!(code(s.seal(cards(), T0 + 2)), "out_of_order");
    let mut late = s.clone();
    assert_eq!(code(late.reveal(Vec::new(), T0 + 300)), "too_late");
    s.reveal(Vec::new(), T0 + 2).unwrap();
    assert_eq!(code(s.beacon(drand(), T0 + 299)), "too_early");
    assert_eq!(code(s.beacon(Vec::new(), T0 + 301)), "beacon_missing");
    let mut forged = drand();
    forged[0].proof[3] ^= 1;
    assert_eq!(code(s.beacon(forged, T0 + 301)), "beacon_signature");
    assert_eq!(code(s.abort("X", Vec::new(), T0 + 301)), "beacon_out");
    s.beacon(drand(), T0 + 301).unwrap();
    let mut late = s.clone();
    assert_eq!(code(late.result(T0 + 900)), "too_late");
    s.result(T0 + 302).unwrap();
    assert_eq!(code(s.abort("X", Vec::new(), T0 + 303)), "ended");
    assert_eq!(code(s.again(Again::default(), draft(Policy::Public, 1).times, [1; 32], T0)), "out_of_order");
}

#[test]
fn openings_that_cannot_hold_are_refused_with_all_faults() {
    let faults = |change: &dyn Fn(&mut Draft)| {
        let mut d = draft(Policy::Public, 50);
        change(&mut d);
        let faults = Session::open(d, &secrets(1), T0).unwrap_err();
        faults.into_iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(faults(&|d| d.beacons.clear()), ["policy"]);
    assert_eq!(faults(&|d| d.times.not_before = T0), ["not_before"]);
    assert_eq!(faults(&|d| d.times.not_before = T0 + 301), ["beacon_early"]);
    assert_eq!(faults(&|d| d.times.publish_by = Some(T0 + 2000)), ["record_order"]);
    assert_eq!(faults(&|d| d.strata[0].code = "层".to_owned()), ["token"]);
    assert_eq!(faults(&|d| d.strata[0].code = "C".to_owned()), ["stratum_empty"]);
    assert_eq!(faults(&|d| d.excluded[0].0 = "nobody".to_owned()), ["excluded_unknown"]);
    let twice = faults(&|d| {
        d.subjects[1].id = "S-00000".to_owned();
        d.inspectors[1].id = "I-00".to_owned();
    });
    assert_eq!(twice, ["subject_twice", "inspector_twice"]);
}

#[test]
fn a_witness_may_keep_the_card_and_must_bring_it() {
    let mut s = Session::open(draft(Policy::Ceremony, 60), &secrets(1), T0).unwrap();
    let kept = card("RD-1", "keep");
    let commitment = onedoor::domain::draw::entropy::witness_commitment(&s.draw_id(), &kept);
    s.seal(vec![Card::Commitment("RD-1".to_owned(), commitment), Card::Content(card("GZ-2", "2"))], T0 + 1)
        .unwrap();
    assert_eq!(code(s.reveal(Vec::new(), T0 + 2)), "card_missing");
    assert_eq!(code(s.reveal(vec![card("RD-1", "other")], T0 + 2)), "card_wrong");
    s.reveal(vec![kept], T0 + 2).unwrap();
    s.result(T0 + 3).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Verified);
}

#[test]
fn an_abort_shows_what_would_have_been_and_a_new_attempt_shows_the_abort() {
    for policy in [Policy::Public, Policy::Embargo, Policy::Ceremony] {
        let mut s = Session::open(draft(policy, 200), &secrets(1), T0).unwrap();
        s.seal(cards(), T0 + 1).unwrap();
        s.reveal(Vec::new(), T0 + 2).unwrap();
        if policy != Policy::Ceremony {
            s.beacon(drand(), T0 + 305).unwrap();
        }
        let mut other = s.clone();
        s.abort("POWER-CUT", Vec::new(), T0 + 310).unwrap();
        assert_eq!(s.stage(), Stage::Aborted);
        assert_eq!(verdict(&s.public), Verdict::Verified, "{policy:?}");
        assert_eq!(s.public.winners.len(), 20);
        other.result(T0 + 310).unwrap();
        let digest = onedoor::domain::draw::bytes::sha256(other.public.records.result.unwrap().as_bytes());
        assert!(s.public.records.abort.as_ref().unwrap().contains(&hex::encode(digest)));

        let times = Times {
            not_before: T0 + 1000,
            deadline: T0 + 2000,
            publish_by: (policy == Policy::Embargo).then_some(T0 + 9000),
        };
        let lottery = BeaconRef::new(BeaconKind::Lottery, "SSQ/2026051").unwrap();
        let again = Again {
            witnesses: vec!["RD-1".to_owned()],
            beacons: if policy == Policy::Ceremony { Vec::new() } else { vec![lottery.clone()] },
        };
        s.again(again, times, [77; 32], T0 + 400).unwrap();
        assert_eq!(s.opening().unwrap().seq, 2);
        s.seal(vec![Card::Content(card("RD-1", "second"))], T0 + 500).unwrap();
        s.reveal(Vec::new(), T0 + 600).unwrap();
        if policy != Policy::Ceremony {
            let proof = BeaconProof { beacon: lottery, proof: b"01.02.03.04.05.06+07".to_vec() };
            s.beacon(vec![proof], T0 + 1001).unwrap();
        }
        s.result(T0 + 1100).unwrap();
        if policy == Policy::Embargo {
            s.publish(T0 + 1200).unwrap();
        }
        assert_eq!(verdict(&s.public), Verdict::Verified, "{policy:?}");
        // Leaving the abort out of the bundle is noticed, because the log has it.
        let mut hidden = s.public.clone();
        hidden.history.clear();
        let report = onedoor::domain::draw::verify::verify(&hidden, None);
        assert!(report.statements.iter().any(|st| st.code == "rule_a"), "{:#?}", report.statements);
    }
}

#[test]
fn an_early_abort_needs_no_outcome() {
    let mut s = Session::open(draft(Policy::Public, 50), &secrets(1), T0).unwrap();
    s.abort("NO-WITNESS", Vec::new(), T0 + 1).unwrap();
    assert_eq!(verdict(&s.public), Verdict::Verified);
    assert!(s.public.records.abort.as_ref().unwrap().ends_with("would-be -\n"));
}

#[test]
fn a_supplementary_round_replaces_and_keeps_everything_else() {
    for policy in [Policy::Public, Policy::Ceremony] {
        let mut s = drawn(policy);
        let first = s.outcome().unwrap();
        let gone = s.public.winners[0].id.clone();
        let stratum = s.public.winners[0].body.split(' ').next().unwrap().to_owned();
        let ill =
            first.seats.as_ref().unwrap().iter().find(|x| x.unit == "SAMR" && x.slot == 1).unwrap().clone();
        let ill_id = first.after.ids[&ill.subject].clone();
        // The replaced subject must not be the one whose seat is drawn again.
        let gone = if gone == ill_id { s.public.winners[1].id.clone() } else { gone };
        let stratum = s
            .public
            .winners
            .iter()
            .find(|w| w.id == gone)
            .map_or(stratum, |w| w.body.split(' ').next().unwrap().to_owned());
        let next = NextRound {
            excluded: vec![(gone.clone(), "QC".to_owned())],
            replacements: vec![(stratum, 1)],
            refill: vec![(ill_id, "SAMR".to_owned(), 1, "ILL".to_owned())],
            inspectors: None,
            witnesses: vec!["RD-1".to_owned()],
            beacons: if policy == Policy::Ceremony {
                Vec::new()
            } else {
                vec![BeaconRef::new(BeaconKind::Lottery, "SSQ/2026052").unwrap()]
            },
        };
        let times = Times { not_before: T0 + 5000, deadline: T0 + 6000, publish_by: None };
        s.next_round(next, times, [88; 32], T0 + 4000).unwrap();
        assert_eq!(verdict(&s.public), Verdict::Unfinished);
        s.seal(vec![Card::Content(card("RD-1", "round two"))], T0 + 4100).unwrap();
        s.reveal(Vec::new(), T0 + 4200).unwrap();
        if policy == Policy::Public {
            let beacon = BeaconRef::new(BeaconKind::Lottery, "SSQ/2026052").unwrap();
            s.beacon(vec![BeaconProof { beacon, proof: b"08.02".to_vec() }], T0 + 5001).unwrap();
        }
        s.result(T0 + 5100).unwrap();
        assert_eq!(verdict(&s.public), Verdict::Verified);
        let second = s.outcome().unwrap();
        assert_eq!(second.selection.winners.len(), 1);
        let old: Vec<u64> = first.selection.numbers();
        assert!(!old.contains(&second.selection.winners[0].number));
        let (before, after) = (first.after.seats.unwrap(), second.after.seats.unwrap());
        let gone_number = first.after.ids.iter().find(|(_, id)| **id == gone).map(|(n, _)| *n).unwrap();
        for (place, holder) in &before {
            let place_is_ill = *place == (ill.subject, "SAMR".to_owned(), 1);
            if place.0 == gone_number {
                assert!(!after.contains_key(place));
            } else if place_is_ill {
                assert_ne!(after[place], *holder, "the leaver may not come back");
                assert!(after[place].is_some());
            } else {
                assert_eq!(after[place], *holder);
            }
        }
        assert_eq!(after.len(), before.len());
        // Without its parent a round proves nothing.
        let mut orphan = s.public.clone();
        orphan.history.clear();
        assert!(onedoor::domain::draw::verify::verify(&orphan, None).failed("lineage"));
    }
}

#[test]
fn every_changed_byte_of_our_own_bundle_is_found() {
    let s = drawn(Policy::Ceremony);
    use onedoor::domain::draw::session::Private;
    let public = |b: &[u8]| Bundle::parse(b).is_ok();
    let private = |b: &[u8]| Private::parse(b).is_ok();
    for (good, parses) in
        [(s.public.to_bytes(), &public as &dyn Fn(&[u8]) -> bool), (s.private.to_bytes(), &private)]
    {
        assert!(parses(&good));
        for i in (0..good.len()).step_by(13) {
            let mut bad = good.clone();
            bad[i] ^= 1 << (i % 8);
            assert!(!parses(&bad), "byte {i}");
            if i % 7 == 0 {
                let mut shorter = good.clone();
                shorter.remove(i);
                assert!(!parses(&shorter), "without byte {i}");
            }
        }
    }
}

#[test]
fn an_attacker_who_mends_the_sum_is_still_found() {
    let s = drawn(Policy::Public);
    let mut value = serde_json::to_value(&s.public).unwrap();
    value.as_object_mut().unwrap().remove("sum");
    value.as_object_mut().unwrap().remove("form");
    let text = serde_json::to_vec(&value).unwrap();
    assert_eq!(verify_bytes(&text, None).verdict(), Verdict::Verified);
    for i in (0..text.len()).step_by(41) {
        let mut bad = text.clone();
        bad[i] ^= 1;
        let report = verify_bytes(&bad, None);
        assert_eq!(report.verdict(), Verdict::Failed, "byte {i}");
    }
}

#[test]
fn one_call_runs_a_ceremony() {
    let at = Timetable { open: T0, seal: T0 + 1, reveal: T0 + 2, result: T0 + 3 };
    let cards = vec![card("RD-1", "1"), card("GZ-2", "2")];
    let done = ceremony::run(draft(Policy::Ceremony, 80), &secrets(3), cards, at).unwrap();
    assert_eq!(verdict(&done.session.public), Verdict::Verified);
    assert_eq!(done.outcome.selection.winners.len(), done.session.public.winners.len());
}
