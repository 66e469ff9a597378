//! Whether the draw is fair, by the tests of the protocol's section 3.3; each also meets a planted fault it must see.
//!
//! Everything is seeded, so a test that passes once passes always; limits are far out (|z| < 4.5), because a fair
//! draw must never be called unfair by chance of the seed.

use crate::draw_session::{card, draft, secrets};
use onedoor::domain::draw::bytes::sha256;
use onedoor::domain::draw::ceremony::{self, Timetable};
use onedoor::domain::draw::entropy::{BeaconValue, Entropy};
use onedoor::domain::draw::lots::{self, Key};
use onedoor::domain::draw::pool::{Inspector, InspectorPool};
use onedoor::domain::draw::record::{BeaconKind, BeaconRef, Group, Mode, Opening, Policy, Team};
use onedoor::domain::draw::select::{Wanted, draw};
use onedoor::domain::draw::session::StratumRule;
use onedoor::domain::draw::team::{Fixed, Task, assign};

/// Far beyond chance.
const LIMIT: f64 = 4.5;

fn seed(i: u64) -> [u8; 32] {
    sha256(&i.to_be_bytes())
}

fn groups(n: u64) -> Vec<Group> {
    vec![Group { code: "A".to_owned(), weight: 1, count: n }]
}

/// Numbers drawn, in the order of their lots.
fn fair(i: u64, n: u64, k: u64) -> Vec<u64> {
    let key = lots::expand(&seed(i), "subject", "L", "");
    draw(&key, &groups(n), &[], &[Wanted { code: "A", count: k }]).iter().map(|w| w.number).collect()
}

/// Distinct numbers picked one by one with `pick(lot)`: the way to make planted faults.
fn planted(i: u64, k: u64, pick: impl Fn(u128) -> u64) -> Vec<u64> {
    let key = lots::expand(&seed(i), "subject", "L", "");
    let mut out = Vec::new();
    for at in 0.. {
        let number = pick(lots::lot(&key, 0, at));
        if !out.contains(&number) {
            out.push(number);
        }
        if out.len() as u64 == k {
            break;
        }
    }
    out
}

/// A lot of 8 bits reduced modulo n: the first 256 mod n numbers come up twice as often.
fn mod_bias(i: u64, n: u64, k: u64) -> Vec<u64> {
    planted(i, k, |lot| u64::try_from(lot >> 120).unwrap() % n)
}

/// The last number can never be drawn.
fn off_by_one(i: u64, n: u64, k: u64) -> Vec<u64> {
    planted(i, k, |lot| u64::try_from(lot % u128::from(n - 1)).unwrap())
}

/// z of a chi-square value by Wilson and Hilferty.
fn chi_z(x: f64, df: f64) -> f64 {
    let v = 2.0 / (9.0 * df);
    ((x / df).cbrt() - (1.0 - v)) / v.sqrt()
}

/// Test 1: inclusion counts against χ²(n−1), with the correction for drawing without replacement.
///
/// Gives the larger of that and of the largest deviation of a single number, the latter less what chance makes of n
/// numbers (√(2 ln n)) and doubled: χ² sees many small biases, the other one number left out among hundreds.
fn inclusion(draws: &[Vec<u64>], n: u64) -> f64 {
    let (r, k) = (draws.len() as f64, draws[0].len() as f64);
    let p = k / n as f64;
    let mut counts = vec![0.0; usize::try_from(n).unwrap()];
    for number in draws.iter().flatten() {
        counts[usize::try_from(*number).unwrap()] += 1.0;
    }
    let sum: f64 = counts.iter().map(|c| (c - r * p).powi(2)).sum();
    let x = sum / (r * p * (1.0 - p)) * (n as f64 - 1.0) / n as f64;
    let single = counts.iter().map(|c| (c - r * p).abs() / (r * p * (1.0 - p)).sqrt()).fold(0.0, f64::max);
    worst(chi_z(x, n as f64 - 1.0), single, n as f64)
}

fn worst(chi: f64, single: f64, cells: f64) -> f64 {
    let beyond = 2.0 * (single - (2.0 * cells.ln()).sqrt());
    if beyond > chi.abs() { beyond } else { chi }
}

fn uniform(values: impl Iterator<Item = usize>, cells: usize) -> f64 {
    let mut counts = vec![0.0; cells];
    let mut total = 0.0;
    for v in values {
        counts[v] += 1.0;
        total += 1.0;
    }
    let mean = total / cells as f64;
    let chi = chi_z(counts.iter().map(|c: &f64| (c - mean).powi(2) / mean).sum(), cells as f64 - 1.0);
    let single = counts.iter().map(|c| (c - mean).abs() / mean.sqrt()).fold(0.0, f64::max);
    worst(chi, single, cells as f64)
}

fn many(r: u64, sampler: impl Fn(u64) -> Vec<u64>) -> Vec<Vec<u64>> {
    (0..r).map(sampler).collect()
}

#[test]
fn everybody_is_drawn_equally_often_and_planted_biases_are_seen() {
    let (n, k) = (200, 20);
    let good = inclusion(&many(4000, |i| fair(i, n, k)), n);
    assert!(good.abs() < LIMIT, "fair: z = {good}");
    let bias = inclusion(&many(4000, |i| mod_bias(i, n, k)), n);
    assert!(bias > LIMIT, "modulo bias goes unseen: z = {bias}");
    let edge = inclusion(&many(4000, |i| off_by_one(i, n, k)), n);
    assert!(edge > LIMIT, "a number left out goes unseen: z = {edge}");
}

#[test]
fn the_first_drawn_number_is_uniform_and_so_is_the_top_byte_of_a_lot() {
    let n = 100;
    let first = |draws: &[Vec<u64>]| uniform(draws.iter().map(|d| usize::try_from(d[0]).unwrap()), 100);
    assert!(first(&many(6000, |i| fair(i, n, 3))).abs() < LIMIT);
    assert!(first(&many(6000, |i| mod_bias(i, n, 3))) > LIMIT);
    assert!(first(&many(6000, |i| off_by_one(i, n, 3))) > LIMIT);
    let key = Key::from_bytes(seed(1));
    let mut lots_out = vec![0; 100_000];
    lots::fill(&key, 0, 0, &mut lots_out);
    let top = uniform(lots_out.iter().map(|l| usize::try_from(l >> 120).unwrap()), 256);
    assert!(top.abs() < LIMIT, "{top}");
    let bent = uniform(lots_out.iter().map(|l| usize::try_from((l >> 120) | (l & 1)).unwrap()), 256);
    assert!(bent > LIMIT);
}

/// Test 4: joint inclusion of pairs: (mean z², largest |z|, mean z of neighbours times √(n−1)).
fn pairs(draws: &[Vec<u64>], n: u64) -> (f64, f64, f64) {
    let (r, k, size) = (draws.len() as f64, draws[0].len() as f64, usize::try_from(n).unwrap());
    let n = n as f64;
    let q = k * (k - 1.0) / (n * (n - 1.0));
    let mut counts = vec![0.0; size * size];
    for d in draws {
        for a in d {
            for b in d {
                counts[usize::try_from(*a).unwrap() * size + usize::try_from(*b).unwrap()] += 1.0;
            }
        }
    }
    let z = |a: usize, b: usize| (counts[a * size + b] - r * q) / (r * q * (1.0 - q)).sqrt();
    let all: Vec<f64> =
        (0..size).flat_map(|a| (a + 1..size).map(move |b| (a, b))).map(|(a, b)| z(a, b)).collect();
    let mean = all.iter().map(|z| z * z).sum::<f64>() / all.len() as f64;
    let largest = all.iter().fold(0.0, |m: f64, z| m.max(z.abs()));
    let next = (1..size).map(|b| z(b - 1, b)).sum::<f64>() / (n - 1.0).sqrt();
    (mean, largest, next)
}

#[test]
fn pairs_are_drawn_independently() {
    let (n, k, r) = (60, 12, 6000);
    let (mean, largest, next) = pairs(&many(r, |i| fair(i, n, k)), n);
    let chance = (2.0_f64 * (60.0 * 59.0 / 2.0_f64).ln()).sqrt();
    assert!((mean - 1.0).abs() < 0.2, "{mean}");
    assert!(largest < chance + 1.5, "{largest} against {chance}");
    assert!(next.abs() < LIMIT, "{next}");
    // A draw that tends to take neighbours: every second pick is the number after the one before.
    let (_, _, next) = pairs(
        &many(r, |i| {
            let mut out: Vec<u64> = Vec::new();
            for a in fair(i, n, n) {
                for b in [a, (a + 1) % n] {
                    if !out.contains(&b) && (out.len() as u64) < k {
                        out.push(b);
                    }
                }
            }
            out
        }),
        n,
    );
    assert!(next > LIMIT, "neighbours go unseen: {next}");
}

/// Tests 5 and 6: (z of the mean overlap, variance ratio) against the hypergeometric distribution.
fn overlap(pairs: &[(Vec<u64>, Vec<u64>)], n: u64, k: u64) -> (f64, f64) {
    let (n, k, r) = (n as f64, k as f64, pairs.len() as f64);
    let (mean, variance) = (k * k / n, k * k / n * (n - k).powi(2) / (n * (n - 1.0)));
    let overlaps: Vec<f64> =
        pairs.iter().map(|(a, b)| a.iter().filter(|x| b.contains(x)).count() as f64).collect();
    let found = overlaps.iter().sum::<f64>() / r;
    let spread = overlaps.iter().map(|o| (o - mean).powi(2)).sum::<f64>() / r;
    ((found - mean) / (variance / r).sqrt(), spread / variance)
}

#[test]
fn successive_draws_know_nothing_of_each_other() {
    let (n, k) = (300, 30);
    let successive =
        |draws: &[Vec<u64>]| draws.windows(2).map(|w| (w[0].clone(), w[1].clone())).collect::<Vec<_>>();
    let (z, ratio) = overlap(&successive(&many(2000, |i| fair(i, n, k))), n, k);
    assert!(z.abs() < LIMIT && (0.8..1.25).contains(&ratio), "{z} {ratio}");
    // A seed that changes only every second time.
    let (z, _) = overlap(&successive(&many(2000, |i| fair(i / 2, n, k))), n, k);
    assert!(z > LIMIT, "{z}");
    // "Fairness" by never drawing the same one twice running.
    let shy = many(1000, |i| {
        let before = fair(i.saturating_sub(1), n, k);
        fair(i, n, n).into_iter().filter(|x| !before.contains(x)).take(usize::try_from(k).unwrap()).collect()
    });
    let against: Vec<_> = shy.iter().zip(0..).skip(1).map(|(d, i)| (d.clone(), fair(i - 1, n, k))).collect();
    assert!(overlap(&against, n, k).0 < -LIMIT);
}

#[test]
fn one_flipped_bit_of_any_entropy_changes_everything() {
    let (n, k) = (300, 30);
    let base = Entropy {
        server: [0x5a; 32],
        witnesses: vec![Opening { id: "W".to_owned(), salt: [1; 16], value: b"4719-08".to_vec() }],
        beacons: vec![BeaconValue {
            beacon: BeaconRef::new(BeaconKind::DrandQuicknet, "123").unwrap(),
            value: vec![7; 32],
        }],
    };
    let numbers = |e: &Entropy| -> Vec<u64> {
        let key = lots::expand(&e.seed(&[1; 32], &[2; 32]), "subject", "L", "");
        draw(&key, &groups(n), &[], &[Wanted { code: "A", count: k }]).iter().map(|w| w.number).collect()
    };
    let first = numbers(&base);
    let mut all = Vec::new();
    for bit in 0..256 {
        let mut e = base.clone();
        e.server[bit / 8] ^= 1 << (bit % 8);
        all.push((first.clone(), numbers(&e)));
        let mut e = base.clone();
        e.beacons[0].value[bit / 8] ^= 1 << (bit % 8);
        all.push((first.clone(), numbers(&e)));
    }
    for bit in 0..56 {
        let mut e = base.clone();
        e.witnesses[0].value[bit / 8] ^= 1 << (bit % 8);
        all.push((first.clone(), numbers(&e)));
    }
    let (z, ratio) = overlap(&all, n, k);
    assert!(z.abs() < LIMIT && (0.75..1.3).contains(&ratio), "{z} {ratio}");
    // Entropy that is ignored gives the same draw again.
    let deaf: Vec<_> = all.iter().map(|(a, _)| (a.clone(), first.clone())).collect();
    assert!(overlap(&deaf, n, k).0 > LIMIT);
}

/// Test 7: mean inclusion per weight class, in points.
fn by_weight(divide: bool) -> Vec<(f64, f64)> {
    let (each, r) = (60_u64, 1500);
    let groups: Vec<Group> =
        (1..=5).map(|weight| Group { code: "A".to_owned(), weight, count: each }).collect();
    let k = each * 5 / 10;
    let flat = vec![Group { code: "A".to_owned(), weight: 1, count: 5 * each }];
    let mut counts = [0.0; 5];
    for i in 0..r {
        let key = lots::expand(&seed(i), "subject", "L", "");
        let from = if divide { &groups } else { &flat };
        for w in draw(&key, from, &[], &[Wanted { code: "A", count: k }]) {
            counts[usize::try_from(w.number / each).unwrap()] += 1.0;
        }
    }
    let total: u64 = (1..=5).sum::<u64>() * each;
    (0..5)
        .map(|c| {
            let expected = 100.0 * k as f64 * (c + 1) as f64 / total as f64;
            (100.0 * counts[c] / (r * each) as f64, expected)
        })
        .collect()
}

#[test]
fn weights_are_probabilities() {
    for (found, expected) in by_weight(true) {
        assert!((found - expected).abs() < 0.6, "{found} against {expected}");
    }
    assert!(by_weight(false).iter().any(|(found, expected)| (found - expected).abs() > 2.0));
}

#[test]
fn teams_share_the_load_and_every_pair_meets_equally_often() {
    let people = 12;
    let pool = InspectorPool::new((0..people).map(|i| Inspector {
        unit: "U".to_owned(),
        id: format!("P{i:02}"),
        lead: true,
        cap: 1000,
        quals: Vec::new(),
        recused: Vec::new(),
    }))
    .unwrap();
    let ids: Vec<String> = (0..31).map(|i| format!("T{i}")).collect();
    let tasks: Vec<Task<'_>> = ids.iter().zip(0..).map(|(id, number)| Task { number, id }).collect();
    let team = |min_load| Team { unit: "U".to_owned(), size: 2, leads: 1, qual: None, min_load };
    let size = usize::try_from(people).unwrap();
    let mut met = vec![0; size * size];
    for i in 0..600 {
        let seats = assign(&seed(i), "L", &[team(true)], &pool, &tasks, &Fixed::default());
        let mut load = vec![0_u32; size];
        for pair in seats.chunks(2) {
            let [a, b] = [0, 1].map(|s: usize| usize::try_from(pair[s].inspector.unwrap()).unwrap());
            load[a] += 1;
            load[b] += 1;
            met[a.min(b) * size + a.max(b)] += 1;
        }
        let (most, least) = (load.iter().max().unwrap(), load.iter().min().unwrap());
        assert!(most - least <= 1, "draw {i}: {load:?}");
    }
    let counts: Vec<usize> =
        (0..size).flat_map(|a| (a + 1..size).map(move |b| a * size + b)).map(|at| met[at]).collect();
    let z = uniform(counts.iter().enumerate().flat_map(|(i, c)| std::iter::repeat_n(i, *c)), counts.len());
    assert!(z < LIMIT, "pairs: {z}");
    // Without balancing the load differs by more than one.
    let seats = assign(&seed(1), "L", &[team(false)], &pool, &tasks, &Fixed::default());
    let mut load = vec![0_u32; size];
    for s in seats {
        load[usize::try_from(s.inspector.unwrap()).unwrap()] += 1;
    }
    assert!(load.iter().max().unwrap() - load.iter().min().unwrap() > 1);
}

#[test]
fn a_thousand_whole_draws_of_five_hundred_are_fair() {
    let (n, k) = (500_usize, 50_u64);
    let at = Timetable { open: 1000, seal: 1001, reveal: 1002, result: 1003 };
    let mut template = draft(Policy::Ceremony, n);
    template.mode = Mode::Ratio;
    template.teams = Vec::new();
    template.inspectors = Vec::new();
    template.excluded = Vec::new();
    template.strata = vec![StratumRule { code: "A".to_owned(), bp: 1000, lo: 0, hi: 0, alloc: 1 }];
    for s in &mut template.subjects {
        (s.stratum, s.weight) = ("A".to_owned(), 1);
    }
    template.as_of = 900;
    (template.times.not_before, template.times.deadline) = (2000, 3000);
    let draws: Vec<Vec<u64>> = (0..1000)
        .map(|i| {
            let cards = vec![card("RD-1", &i.to_string()), card("GZ-2", "2")];
            let done = ceremony::run(template.clone(), &secrets(i), cards, at).unwrap();
            done.outcome.selection.winners.iter().map(|w| w.number).collect()
        })
        .collect();
    assert!(draws.iter().all(|d| d.len() as u64 == k));
    let n = n as u64;
    let z = inclusion(&draws, n);
    assert!(z.abs() < LIMIT, "inclusion: {z}");
    let first = uniform(draws.iter().map(|d| usize::try_from(d[0] / 25).unwrap()), 20);
    assert!(first.abs() < LIMIT, "first: {first}");
    let successive: Vec<_> = draws.windows(2).map(|w| (w[0].clone(), w[1].clone())).collect();
    let (z, ratio) = overlap(&successive, n, k);
    assert!(z.abs() < LIMIT && (0.8..1.25).contains(&ratio), "overlap: {z} {ratio}");
    // The same test sees planted faults at this size.
    assert!(
        inclusion(&many(1000, |i| planted(i, k, |lot| u64::try_from(lot >> 118).unwrap() % n)), n) > LIMIT
    );
    assert!(inclusion(&many(1000, |i| off_by_one(i, n, k)), n) > LIMIT);
}
