//! Allocation of random small counties: constraints, order of rows, threads, bounds, explanations, tiny optima.

use crate::small::{Auditor, County, Dice, date, plan, random};
use onedoor::domain::allocate::explain::{Status, words};
use onedoor::domain::allocate::{Options, Staffing};
use onedoor::domain::planning::input::{PoolKind, UnitKind};
use onedoor::domain::planning::{Input, Instance};
use onedoor::service::plan::{self as service, Source};
use proptest::prelude::*;

fn quick(unmerge: bool) -> Options {
    Options { effort: 60, most_rounds: 600, unmerge }
}

fn shuffled(mut input: Input, dice: &mut Dice) -> Input {
    fn mix<T>(list: &mut [T], dice: &mut Dice) {
        for i in (1..list.len()).rev() {
            list.swap(i, dice.below(i + 1));
        }
    }
    mix(&mut input.departments, dice);
    mix(&mut input.items, dice);
    mix(&mut input.subjects, dice);
    mix(&mut input.inspectors, dice);
    mix(&mut input.qualifications, dice);
    mix(&mut input.recusals, dice);
    mix(&mut input.leave, dice);
    mix(&mut input.calendar, dice);
    mix(&mut input.tasks, dice);
    input
}

fn instance(mut input: Input) -> Instance {
    input.sort();
    Instance::new(input).unwrap()
}

fn same(a: &Staffing, b: &Staffing) -> bool {
    a.visits == b.visits && a.staffed == b.staffed && a.splits == b.splits && a.loads == b.loads
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_keep_every_rule(seed in any::<u64>()) {
        let county = instance(random(seed, false));
        let answer = plan(&county, seed as u8, &quick(!seed.is_multiple_of(4)));
        let faults = Auditor(&county.input).faults(&county, &answer);
        prop_assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn rows_in_any_order_and_threads_in_any_number_give_the_same(seed in any::<u64>()) {
        let input = random(seed, false);
        let mixed = shuffled(input.clone(), &mut Dice(!seed));
        let run = |input: Input, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| plan(&instance(input), 7, &quick(true)))
        };
        let first = run(input.clone(), 1);
        prop_assert!(same(&first, &run(input, 1)), "a repeat differs");
        prop_assert!(same(&first, &run(mixed, 2)), "rows or threads matter");
    }

    #[test]
    fn what_is_not_staffed_is_explained_and_the_bounds_hold(seed in any::<u64>()) {
        let input = random(seed, false);
        let planned = service::plan(input, &Source::Rehearsal("x".to_owned()), &quick(true), &mut |_| {}).unwrap();
        let out = planned.staffing.staffed.iter().filter(|s| s.is_none()).count();
        prop_assert_eq!(planned.unstaffed.len(), out);
        prop_assert!(planned.bounds.at_least() <= out);
        let auditor = Auditor(&planned.county.input);
        for u in &planned.unstaffed {
            let visit = &planned.staffing.visits[u.visit];
            prop_assert!(!words::status(&planned.county, &u.why).is_empty());
            // Certain impossibility is just that: no day, not even on an empty calendar, has a team for every need.
            let subject = &planned.county.input.subjects[visit.subject as usize].key;
            let minutes = auditor.minutes(&visit.tasks);
            let fits = minutes.div_ceil(30) <= 8;
            let possible = fits && auditor.days(&visit.tasks).iter().any(|day| {
                auditor.needs(&visit.tasks).iter().all(|need| {
                    let (mode, _) = auditor.mode(need, &visit.tasks, subject);
                    !auditor.teams(need, mode, minutes, subject, *day).is_empty()
                })
            });
            prop_assert_eq!(u.why.status == Status::Impossible, !possible, "visit {:?}", visit.tasks);
            if u.why.status == Status::Impossible {
                prop_assert!(!u.why.remedies.is_empty() || !fits);
            }
        }
    }

    #[test]
    fn tiny_counties_are_staffed_as_well_as_can_be(seed in any::<u64>()) {
        let mut input = random(seed, true);
        input.rules.team_mode_fallback = None;
        let county = instance(input);
        let answer = plan(&county, 1, &Options { unmerge: false, ..Options::default() });
        let faults = Auditor(&county.input).faults(&county, &answer);
        prop_assert!(faults.is_empty(), "{faults:#?}");
        let best = optimum(&county, &answer);
        prop_assert_eq!(answer.end.staffed, best);
    }
}

/// A way to staff a visit: day, slots, who, minutes.
type Way = (usize, u64, Vec<usize>, u32);

/// The most visits of an answer that can be staffed at once, by trying everything.
fn optimum(county: &Instance, answer: &Staffing) -> usize {
    let auditor = Auditor(&county.input);
    let people = &county.input.inspectors;
    let ways = answer.visits.iter().map(|visit| {
        let subject = &county.input.subjects[visit.subject as usize].key;
        let minutes = auditor.minutes(&visit.tasks);
        let len = minutes.div_ceil(120);
        let mut ways: Vec<Way> = Vec::new();
        for day in auditor.days(&visit.tasks) {
            let mut whole: Vec<Vec<usize>> = vec![Vec::new()];
            for need in auditor.needs(&visit.tasks) {
                let (mode, _) = auditor.mode(&need, &visit.tasks, subject);
                let teams = auditor.teams(&need, mode, minutes, subject, day);
                let place = |id: &str| people.iter().position(|p| p.id == id).unwrap();
                let more: Vec<Vec<usize>> =
                    teams.iter().map(|t| t.iter().map(|p| place(&p.id)).collect()).collect();
                whole = whole.iter().flat_map(|a| more.iter().map(|b| [a.as_slice(), b].concat())).collect();
            }
            let d = county.days.iter().position(|x| *x == day).unwrap();
            for start in (0..4_u32).filter(|s| s + len <= 2 || (*s >= 2 && s + len <= 4)) {
                let mask = ((1_u64 << len) - 1) << start;
                ways.extend(whole.iter().map(|team| (d, mask, team.clone(), minutes)));
            }
        }
        ways
    });
    let ways: Vec<Vec<Way>> = ways.filter(|w| !w.is_empty()).collect();
    fn best(
        ways: &[Vec<Way>],
        busy: &mut Vec<(usize, usize, u64, u32)>,
        daily: &[u32],
        least: usize,
        sure: usize,
    ) -> usize {
        let Some((first, rest)) = ways.split_first() else { return sure.max(least) };
        if sure + ways.len() <= least {
            return least;
        }
        let mut most = least;
        for (day, mask, team, minutes) in first {
            let free = team.iter().all(|p| {
                let of = || busy.iter().filter(|b| b.0 == *p && b.1 == *day);
                of().all(|b| b.2 & mask == 0) && of().map(|b| b.3).sum::<u32>() + minutes <= daily[*p]
            });
            if free {
                let depth = busy.len();
                busy.extend(team.iter().map(|p| (*p, *day, *mask, *minutes)));
                most = most.max(best(rest, busy, daily, most, sure + 1));
                busy.truncate(depth);
                if most == sure + ways.len() {
                    return most;
                }
            }
        }
        most.max(best(rest, busy, daily, most, sure))
    }
    let daily: Vec<u32> = people.iter().map(|p| p.daily_minutes).collect();
    best(&ways, &mut Vec::new(), &daily, answer.end.staffed, 0)
}

/// Three small visits a day in each of two towns, ten days, people enough.
fn two_towns(bundle: bool) -> Instance {
    let mut c = County::new(12);
    c.dept("D0", 1, PoolKind::Officers);
    c.dept("D1", 2, PoolKind::Officers);
    c.item("I0", 30, "", "", "");
    c.item("I1", 30, "", "Q1", "");
    for p in 0..6 {
        c.person(&format!("P{p}"), if p < 3 { "D0" } else { "D1" }, UnitKind::Section, "一股");
        c.cert(&format!("P{p}"), "Q1", (0, 400));
    }
    for s in 0..20 {
        let key = format!("S{s:02}");
        c.subject(&key, if s % 2 == 0 { "东关镇" } else { "西岭乡" });
        c.task("D0", "I0", &key, (0, 11));
        c.task("D1", "I1", &key, (0, 11));
    }
    c.0.rules.min_per_dept = 1;
    c.0.rules.bundle_towns = bundle;
    c.instance()
}

#[test]
fn trips_save_days_out() {
    let days_out = |bundle: bool| {
        let county = two_towns(bundle);
        let answer = plan(&county, 1, &Options::default());
        assert_eq!(Auditor(&county.input).faults(&county, &answer), Vec::<String>::new());
        assert_eq!((answer.end.visits, answer.end.staffed), (20, 20));
        let mut out: Vec<(u32, usize)> =
            answer.staffed.iter().flatten().flat_map(|s| s.team.iter().map(|m| (m.person, s.day))).collect();
        out.sort_unstable();
        out.dedup();
        out.len()
    };
    let (apart, together) = (days_out(false), days_out(true));
    assert!(together * 10 <= apart * 9, "{together} days out with trips, {apart} without");
}

#[test]
fn a_trip_that_cannot_be_staffed_is_taken_apart() {
    // One pair of officers, one day: three visits of two hours fit only in three separate places of the day.
    let mut c = County::new(1);
    c.dept("D0", 1, PoolKind::Officers);
    c.item("I0", 75, "", "", "");
    c.item("I1", 15, "", "", "");
    for p in 0..4 {
        c.person(&format!("P{p}"), "D0", UnitKind::Section, "一股");
        // Two work mornings' worth only: no trip of two visits fits into their day.
        c.0.inspectors.last_mut().unwrap().daily_minutes = if p < 2 { 300 } else { 130 };
    }
    for s in 0..4 {
        c.subject(&format!("S{s}"), "东关镇");
        c.task("D0", "I0", &format!("S{s}"), (0, 0));
    }
    c.0.rules.bundle_towns = true;
    let county = c.instance();
    let answer = plan(&county, 1, &Options::default());
    assert_eq!(Auditor(&county.input).faults(&county, &answer), Vec::<String>::new());
    // 120 minutes each: two visits for the first pair, one for the second.
    assert_eq!((answer.end.visits, answer.end.staffed), (4, 3));
    assert!(answer.splits.is_empty());
    assert_eq!(county.days[0], date(0));
}
