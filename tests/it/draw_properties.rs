//! Properties of the draw: parsers, trees, selection, quotas and teams against simpler code and other people's.

use onedoor::domain::draw::lots::{self, Key};
use onedoor::domain::draw::merkle;
use onedoor::domain::draw::pool::{Inspector, InspectorPool, PoolKey, Subject, SubjectPool};
use onedoor::domain::draw::quota::{Quota, quotas};
use onedoor::domain::draw::record::{Group, Mode, Open, Stratum, Team, parse_record};
use onedoor::domain::draw::select::{Wanted, draw, draw_fully};
use onedoor::domain::draw::team::{Fixed, Task, assign};
use onedoor::domain::draw::verify::verify_bytes;
use proptest::prelude::*;

use crate::draw_vectors::vectors;

fn records() -> Vec<String> {
    let all = vectors();
    let of = |name: &str| {
        let records = all[name]["records"].as_object().unwrap().values();
        records.map(|r| r.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    [of("public"), of("ceremony")].concat()
}

#[test]
fn whatever_parses_serialises_to_the_same_bytes_and_small_changes_do_not_slip_through() {
    for record in records() {
        let bytes = record.as_bytes();
        assert!(parse_record(&[bytes, b"\n"].concat()).is_err());
        assert!(parse_record(&[bytes, b"extra 1\n"].concat()).is_err());
        assert!(parse_record(record.replace('\n', "\r\n").as_bytes()).is_err());
        assert!(parse_record(record.trim_end().as_bytes()).is_err());
        for i in 0..bytes.len() {
            for mask in [1, 2, 0x20, 0x80] {
                let mut bad = bytes.to_vec();
                bad[i] ^= mask;
                if let Ok(parsed) = parse_record(&bad) {
                    assert_eq!(parsed.to_bytes(), bad);
                }
            }
            let mut less = bytes.to_vec();
            less.remove(i);
            if let Ok(parsed) = parse_record(&less) {
                assert_eq!(parsed.to_bytes(), less);
            }
        }
        let lines: Vec<&str> = record.lines().collect();
        for i in 0..lines.len() {
            for j in 0..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(i, j);
                let text = swapped.join("\n") + "\n";
                if let Ok(parsed) = parse_record(text.as_bytes()) {
                    assert_eq!(parsed.to_bytes(), text.as_bytes());
                }
            }
        }
    }
}

#[test]
fn records_with_one_wrong_thing_are_refused() {
    let all = vectors();
    let text = |name: &str| all["public"]["records"][name].as_str().unwrap().to_owned();
    let cases = [
        ("open", "seq 1", "seq 01"),
        ("open", "seq 1", "seq 4294967296"),
        ("open", "round 0", "round 1"),
        ("open", "policy public", "policy Public"),
        ("open", "excluded 2 ", "excluded 0 "),
        ("open", "refill 0 -", "refill 1 -"),
        ("open", "stratum A 117", "stratum B 117"),
        ("open", "stratum A 117", "stratum A  117"),
        ("open", "stratum A 117 300", "stratum A 117 18446744073709551616"),
        ("open", "team A12 2 1", "team B07 2 1"),
        ("open", "team A12 2 1", "team * 2 1"),
        ("open", "team A12 2 1", "team A12 2 3"),
        ("open", "team A12 2 1", "team A12 0 0"),
        ("open", "witness NOTARY-3", "witness RD-0017"),
        ("open", "witness NOTARY-3", "witness 公证"),
        ("open", "beacon drand-quicknet 123", "beacon drand-quicknet 0123"),
        ("open", "beacon drand-quicknet 123", "beacon drand 123"),
        ("open", "publish-by -", "publish-by 1692809999"),
        ("open", "min-load", "minload"),
        ("pool_subjects", "count 200", "count 201"),
        ("pool_subjects", "group A 1 118", "group A 0 118"),
        ("pool_subjects", "group B 1 58", "group A 1 58"),
        ("pool_subjects", "kind subjects", "kind people"),
        ("reveal", "server 25", "server 2"),
        ("reveal", "server 25", "server 2F"),
        ("result", "stratum A 117 7 ", "stratum A 6 7 "),
        ("result", "seed ", "seed-commit "),
        ("seal", "witness NOTARY-3", "witness RD-0017"),
    ];
    for (name, from, to) in cases {
        let good = text(name);
        assert!(good.contains(from), "{name}: {from}");
        assert!(parse_record(good.replacen(from, to, 1).as_bytes()).is_err(), "{name}: {from} -> {to}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_bytes_never_panic(noise in prop::collection::vec(any::<u8>(), 0..400), kind in 0..9_usize, at in any::<u16>()) {
        let kinds = ["pool", "open", "seal", "reveal", "beacon", "result", "publish", "abort", "plan"];
        let mut bytes = format!("vdr/1/{}\n", kinds[kind]).into_bytes();
        bytes.extend(&noise);
        let _ = parse_record(&bytes);
        let _ = verify_bytes(&noise, None);
        let records = records();
        let mut cut = records[kind % records.len()].clone().into_bytes();
        let at = usize::from(at) % cut.len();
        cut.splice(at..at, noise.iter().copied());
        if let Ok(parsed) = parse_record(&cut) {
            prop_assert_eq!(parsed.to_bytes(), cut);
        }
    }

    #[test]
    fn streaming_selects_what_sorting_everything_selects(
        seed in any::<[u8; 32]>(),
        counts in prop::collection::vec((1_u64..900, 1_u64..6), 1..5),
        share in 0_u64..=110,
        gone in prop::collection::btree_set(0_u64..2000, 0..60),
    ) {
        let groups: Vec<Group> = counts
            .iter()
            .enumerate()
            .map(|(i, (count, weight))| Group { code: format!("S{}", i / 2), weight: *weight + 10 * (i as u64 % 2), count: *count })
            .collect();
        let skip: Vec<u64> = gone.into_iter().collect();
        let codes: std::collections::BTreeSet<&str> = groups.iter().map(|g| g.code.as_str()).collect();
        let wanted: Vec<Wanted<'_>> = codes
            .into_iter()
            .map(|code| {
                let members: u64 = groups.iter().filter(|g| g.code == code).map(|g| g.count).sum();
                Wanted { code, count: (members * share / 100).min(members) }
            })
            .collect();
        let key = lots::expand(&seed, "subject", "L", "");
        let fast = draw(&key, &groups, &skip, &wanted);
        prop_assert_eq!(&fast, &draw_fully(&key, &groups, &skip, &wanted));
        // Against the definition, lot by lot.
        let mut first = 0;
        let mut all = Vec::new();
        for g in &groups {
            for n in first..first + g.count {
                if skip.binary_search(&n).is_err() {
                    let t = lots::lot(&key, 0, n);
                    all.push((g.code.as_str(), t / u128::from(g.weight), t, n));
                }
            }
            first += g.count;
        }
        all.sort_unstable();
        for (i, want) in wanted.iter().enumerate() {
            let expected: Vec<u64> = all
                .iter()
                .filter(|c| c.0 == want.code)
                .take(usize::try_from(want.count).unwrap())
                .map(|c| c.3)
                .collect();
            let got: Vec<u64> = fast.iter().filter(|w| w.stratum == i).map(|w| w.number).collect();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn quotas_keep_their_bounds_and_their_total(
        rows in prop::collection::vec((0_u64..500, 0_u64..10_001, 0_u64..20, 0_u64..4, 0_u64..9), 1..9),
        total in 0_u64..2500,
        total_bp in 0_u64..6000,
    ) {
        let strata: Vec<Stratum> = rows
            .iter()
            .enumerate()
            .map(|(i, &(eligible, bp, lo, slack, alloc))| {
                let low = eligible.min(lo.max((eligible * bp).div_ceil(10_000)));
                // Every other stratum has an upper bound that its lower bound allows.
                let hi = if i % 2 == 0 { 0 } else { low + slack };
                Stratum { code: format!("S{i}"), eligible, bp, lo, hi, alloc }
            })
            .collect();
        let n: u64 = rows.iter().map(|r| r.0).sum();
        let low: Vec<u64> = quotas(Quota { mode: Mode::Ratio, total: 0, total_bp: 0 }, &strata).unwrap();
        let up: Vec<u64> = strata.iter().map(|s| if s.hi == 0 { s.eligible } else { s.hi.min(s.eligible) }).collect();
        let goal = total.max((n * total_bp).div_ceil(10_000)).max(low.iter().sum()).min(up.iter().sum());
        for mode in [Mode::Hamilton, Mode::Webster] {
            let k = quotas(Quota { mode, total, total_bp }, &strata).unwrap();
            prop_assert_eq!(k.iter().sum::<u64>(), goal);
            for i in 0..k.len() {
                prop_assert!(low[i] <= k[i] && k[i] <= up[i]);
            }
        }
        // House monotonicity: one more in total takes a place from nobody.
        let at = |total| quotas(Quota { mode: Mode::Webster, total, total_bp: 0 }, &strata).unwrap();
        let (less, more) = (at(total), at(total + 1));
        prop_assert!(less.iter().zip(&more).all(|(a, b)| a <= b));
    }

    #[test]
    fn trees_agree_with_ct_merkle(n in 1_usize..200, pick in any::<prop::sample::Index>(), old in any::<prop::sample::Index>()) {
        use ct_merkle::mem_backed_tree::MemoryBackedTree;
        let items: Vec<Vec<u8>> = (0..n).map(|i| vec![u8::try_from(i % 256).unwrap(); i % 7]).collect();
        let mut theirs = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for item in &items {
            theirs.push(item.clone());
        }
        let leaves: Vec<_> = items.iter().map(|i| merkle::leaf_hash(i)).collect();
        let root = merkle::root(leaves.clone());
        let head = theirs.root();
        prop_assert_eq!(root.as_slice(), head.as_bytes().as_slice());
        let index = pick.index(n);
        let path = merkle::path(leaves.clone(), index).unwrap();
        prop_assert_eq!(path.concat(), theirs.prove_inclusion(index).as_bytes().to_vec());
        let old = 1 + old.index(n);
        if old < n {
            let proof = merkle::consistency(&leaves, old).unwrap();
            prop_assert_eq!(proof.concat(), theirs.prove_consistency(n - old).as_bytes().to_vec());
        }
    }

    #[test]
    fn a_pool_does_not_depend_on_the_order_of_its_list(order in any::<u64>()) {
        let mut list: Vec<Subject> = (0..60_u64)
            .map(|i| Subject { id: format!("S{i}"), stratum: format!("T{}", i % 3), weight: 1 + i % 4, attrs: [7; 32] })
            .collect();
        let key = PoolKey::new([3; 32]);
        let first = SubjectPool::new(list.clone()).unwrap();
        list.sort_by_key(|s| lots::lot(&Key::from_bytes([1; 32]), order, s.id[1..].parse().unwrap()));
        let second = SubjectPool::new(list).unwrap();
        prop_assert_eq!(first.root(&key), second.root(&key));
        let ids = |p: &SubjectPool| (0..60).map(|n| p.get(n).unwrap().id.to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&first), ids(&second));
        for n in 0..60 {
            prop_assert_eq!(first.number_of(first.get(n).unwrap().id), Some(n));
        }
    }

    #[test]
    fn openings_hold_at_their_place_only(n in 1_usize..80, at in any::<prop::sample::Index>()) {
        let list = (0..n).map(|i| Subject { id: format!("S{i}"), stratum: "A".to_owned(), weight: 1, attrs: [7; 32] });
        let pool = SubjectPool::new(list).unwrap();
        let key = PoolKey::new([3; 32]);
        let record = pool.record("A", 1, &key, None);
        let number = at.index(n) as u64;
        let opening = pool.disclose(&key, &[number]).remove(0);
        prop_assert!(opening.check(&record).is_ok());
        for change in 0..5 {
            let mut bad = opening.clone();
            match change {
                0 => bad.number = (number + 1) % (n as u64 + 1),
                1 => bad.id.push('x'),
                2 => bad.body = bad.body.replace("A 1", "A 2"),
                3 => bad.salts.id[0] ^= 1,
                _ => bad.path.push([0; 32]),
            }
            prop_assert!(bad.check(&record).is_err(), "change {}", change);
        }
    }
}

#[test]
fn pools_larger_than_a_chunk_open_everywhere() {
    let n = 40_000_u64;
    let list = (0..n).map(|i| Subject {
        id: format!("S{i:06}"),
        stratum: format!("T{}", i % 3),
        weight: 1,
        attrs: [1; 32],
    });
    let pool = SubjectPool::new(list).unwrap();
    let key = PoolKey::new([3; 32]);
    let record = pool.record("A", 1, &key, None);
    let numbers = [0, 1, 16_383, 16_384, 32_767, 32_768, 39_999, 17];
    let opened = pool.disclose(&key, &numbers);
    assert_eq!(opened.iter().map(|d| d.number).collect::<Vec<_>>(), numbers);
    for d in opened {
        d.check(&record).unwrap();
    }
    assert!(pool.disclose(&key, &[n]).is_empty());
}

#[test]
fn deltas_count_added_removed_and_reclassified() {
    let subject = |id: &str, stratum: &str| Subject {
        id: id.to_owned(),
        stratum: stratum.to_owned(),
        weight: 1,
        attrs: [0; 32],
    };
    let before = SubjectPool::new([subject("a", "A"), subject("b", "A"), subject("c", "B")]).unwrap();
    let after =
        SubjectPool::new([subject("b", "B"), subject("c", "B"), subject("d", "A"), subject("e", "A")])
            .unwrap();
    assert_eq!(after.delta(&before), (2, 1, 1));
}

/// The largest number of seats any assignment can fill, by trying everybody in every seat.
fn best(
    team: &Team,
    people: &[Inspector],
    tasks: &[Task<'_>],
    seat: usize,
    load: &mut Vec<u64>,
    used: &mut Vec<Vec<usize>>,
) -> usize {
    let size = team.size as usize;
    if seat == tasks.len() * size {
        return 0;
    }
    let (task, slot) = (seat / size, seat % size);
    let mut most = best(team, people, tasks, seat + 1, load, used);
    for (p, who) in people.iter().enumerate() {
        let fits = (team.unit == "*" || who.unit == team.unit)
            && team.qual.as_ref().is_none_or(|q| who.quals.contains(q))
            && !who.recused.iter().any(|r| r == tasks[task].id)
            && (slot >= team.leads as usize || who.lead)
            && load[p] < who.cap
            && !used[task].contains(&p);
        if fits {
            load[p] += 1;
            used[task].push(p);
            most = most.max(1 + best(team, people, tasks, seat + 1, load, used));
            used[task].pop();
            load[p] -= 1;
        }
    }
    most
}

#[test]
fn no_seat_stays_empty_that_could_be_filled() {
    let mut infeasible = 0;
    for case in 0..1500_u64 {
        let mut dice = lots::Reader::new(&Key::from_bytes([9; 32]), case, 0);
        let mut roll = |below: u64| {
            let mut out = [0];
            dice.read(&mut out);
            u64::try_from(out[0] % u128::from(below)).unwrap()
        };
        let ids = ["T0", "T1", "T2"];
        let tasks: Vec<Task<'_>> = ids
            .iter()
            .take(1 + usize::try_from(roll(3)).unwrap())
            .enumerate()
            .map(|(i, id)| Task { number: 5 * i as u64, id })
            .collect();
        let people: Vec<Inspector> = (0..1 + roll(4))
            .map(|i| Inspector {
                unit: if roll(4) == 0 { "V" } else { "U" }.to_owned(),
                id: format!("P{i}"),
                lead: roll(2) == 0,
                cap: roll(4),
                quals: if roll(3) > 0 { vec!["Q".to_owned()] } else { Vec::new() },
                recused: ids.iter().filter(|_| roll(5) == 0).map(|s| (*s).to_owned()).collect(),
            })
            .collect();
        let size = 1 + u32::try_from(roll(2)).unwrap();
        let team = Team {
            unit: if roll(3) == 0 { "*" } else { "U" }.to_owned(),
            size,
            leads: u32::try_from(roll(u64::from(size) + 1)).unwrap(),
            qual: (roll(2) == 0).then(|| "Q".to_owned()),
            min_load: roll(2) == 0,
        };
        let pool = InspectorPool::new(people).unwrap();
        let seed = [u8::try_from(case % 256).unwrap(); 32];
        let seats = assign(&seed, "L", std::slice::from_ref(&team), &pool, &tasks, &Fixed::default());
        let filled = seats.iter().filter(|s| s.inspector.is_some()).count();
        let members = pool.members();
        for s in &seats {
            let Some(p) = s.inspector else { continue };
            let who = &members[usize::try_from(p).unwrap()];
            let id = tasks.iter().find(|t| t.number == s.subject).unwrap().id;
            assert!(team.unit == "*" || who.unit == team.unit);
            assert!(team.qual.as_ref().is_none_or(|q| who.quals.contains(q)));
            assert!(!who.recused.iter().any(|r| r == id));
            assert!(s.slot >= team.leads || who.lead);
            assert_eq!(
                seats.iter().filter(|o| o.subject == s.subject && o.inspector == s.inspector).count(),
                1
            );
            assert!(seats.iter().filter(|o| o.inspector == s.inspector).count() as u64 <= who.cap);
        }
        let most =
            best(&team, members, &tasks, 0, &mut vec![0; members.len()], &mut vec![Vec::new(); tasks.len()]);
        assert_eq!(filled, most, "case {case}");
        infeasible += usize::from(filled < seats.len());
    }
    assert!(infeasible > 300, "the cases must be hard enough: {infeasible}");
}

#[test]
fn seats_of_earlier_rounds_never_move() {
    let people: Vec<Inspector> = (0..3)
        .map(|i| Inspector {
            unit: "U".to_owned(),
            id: format!("P{i}"),
            lead: true,
            cap: 1,
            quals: Vec::new(),
            recused: if i == 2 { vec!["T1".to_owned()] } else { Vec::new() },
        })
        .collect();
    let pool = InspectorPool::new(people).unwrap();
    let team = Team { unit: "U".to_owned(), size: 1, leads: 0, qual: None, min_load: false };
    let tasks = [Task { number: 0, id: "T0" }, Task { number: 1, id: "T1" }, Task { number: 2, id: "T2" }];
    let mut fixed = Fixed::default();
    fixed.seats.insert((0, "U".to_owned(), 0), 0);
    fixed.barred.insert((2, 1));
    for seed in 0..50 {
        let seats = assign(&[seed; 32], "L", std::slice::from_ref(&team), &pool, &tasks, &fixed);
        // T0 keeps P0, T1 cannot have P2, T2 cannot have P1.
        assert_eq!(seats.iter().map(|s| s.inspector).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
    }
}

#[test]
fn long_augmenting_paths_need_no_deep_stack() {
    // A chain in which the last task can be served only if everybody moves one place.
    let n = 400_u64;
    let people: Vec<Inspector> = (0..n)
        .map(|i| Inspector {
            unit: "U".to_owned(),
            id: format!("P{i:05}"),
            lead: true,
            cap: 1,
            quals: Vec::new(),
            recused: Vec::new(),
        })
        .collect();
    let ids: Vec<String> = (0..n).map(|i| format!("T{i:05}")).collect();
    let tasks: Vec<Task<'_>> = ids.iter().zip(0..).map(|(id, number)| Task { number, id }).collect();
    let mut fixed = Fixed::default();
    for t in 0..n {
        for p in 0..n {
            // Task t may have person t or t + 1 only.
            if p != t && p != t + 1 {
                fixed.barred.insert((t, p));
            }
        }
    }
    let pool = InspectorPool::new(people).unwrap();
    let team = Team { unit: "U".to_owned(), size: 1, leads: 0, qual: None, min_load: false };
    let seats = assign(&[1; 32], "L", &[team], &pool, &tasks, &fixed);
    assert!(seats.iter().all(|s| s.inspector.is_some()));
}

#[test]
fn an_opening_with_hostile_numbers_is_judged_not_obeyed() {
    // A pool of 2^63 members must not be walked.
    let all = vectors();
    let text = all["public"]["records"]["open"].as_str().unwrap();
    let open = Open::parse(text.as_bytes()).unwrap();
    let huge = u64::MAX / 2;
    let pool = onedoor::domain::draw::record::PoolRecord {
        authority: open.authority.clone(),
        kind: onedoor::domain::draw::record::PoolKind::Subjects,
        as_of: 1,
        count: huge,
        root: [0; 32],
        groups: vec![Group { code: "A".to_owned(), weight: 1, count: huge }],
        prev: None,
        delta: (huge, 0, 0),
    };
    let faults = onedoor::domain::draw::outcome::select(&open, &pool, [0; 32], &[]).unwrap_err();
    assert!(faults.iter().any(|f| f.code == "pool_size"));
}

/// Peak resident memory of this process, in MiB; `None` where the system does not tell.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

#[test]
#[ignore = "takes a minute and must run alone: cargo test --test it -- --ignored ten_million"]
fn ten_million_subjects_fit_in_a_gibibyte() {
    const COUNT: u64 = 10_000_000;
    let classes = ["A", "A", "A", "B", "C"];
    let pool = SubjectPool::new((0..COUNT).map(|i| Subject {
        // Neither in order nor in blocks: what a real list looks like.
        id: format!("91469000{:010}", i * 7_368_787 % COUNT),
        stratum: classes[usize::try_from(i % 5).unwrap()].to_owned(),
        weight: 1,
        attrs: [u8::try_from(i % 256).unwrap(); 32],
    }))
    .unwrap();
    assert_eq!(pool.len() as u64, COUNT);
    let root = pool.root(&PoolKey::new([3; 32]));
    assert_ne!(root, [0; 32]);
    if let Some(peak) = peak_mib() {
        println!("peak {peak} MiB");
        assert!(peak < 1024, "{peak} MiB");
    }
}
