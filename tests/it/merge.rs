//! Merge against exhaustive search, on counties of every kind, and on hostile ones.

use crate::counties::{Shape, TINY, county, date, shuffled};
use chrono::NaiveDate;
use onedoor::domain::merge::{self, Cure, Merged, NoDay, Reason, words};
use onedoor::domain::planning::input::{CheckMode, Input, Notice};
use onedoor::domain::planning::{Instance, Visit};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

type Cost = (usize, usize, Reverse<usize>);

fn cost(visits: &[Visit]) -> Cost {
    let depts = visits.iter().map(|v| v.depts.len()).sum();
    (visits.len(), depts, Reverse(visits.iter().map(|v| v.days.len().min(12)).sum()))
}

/// Every way to put tasks into visits that are each allowed.
fn partitions(county: &Instance, tasks: &[u32], each: &mut impl FnMut(&[Vec<u32>])) {
    fn step(county: &Instance, rest: &[u32], doors: &mut Vec<Vec<u32>>, each: &mut impl FnMut(&[Vec<u32>])) {
        let Some((&t, rest)) = rest.split_first() else {
            each(doors);
            return;
        };
        for i in 0..=doors.len() {
            if i == doors.len() {
                doors.push(Vec::new());
            }
            doors[i].push(t);
            // Rules are monotone, so a forbidden part stays forbidden.
            if Visit::new(county, doors[i].clone()).1.is_empty() {
                step(county, rest, doors, each);
            }
            doors[i].pop();
            doors.retain(|d| !d.is_empty());
        }
    }
    step(county, tasks, &mut Vec::new(), each);
}

fn doors_of_item(county: &Instance, doors: &[Vec<u32>], item: u32) -> usize {
    doors.iter().filter(|d| d.iter().any(|t| county.tasks[*t as usize].item == item)).count()
}

/// The best cost by trying everything. An item with cap f is in f visits at most, or as few as its tasks
/// allow.
fn exhaustive(county: &Instance, tasks: &[u32]) -> Cost {
    let mut limits: BTreeMap<u32, usize> = BTreeMap::new();
    let items: BTreeSet<u32> = tasks.iter().map(|t| county.tasks[*t as usize].item).collect();
    for item in items {
        let freq = county.items[item as usize].freq as usize;
        let of_item: Vec<u32> =
            tasks.iter().copied().filter(|t| county.tasks[*t as usize].item == item).collect();
        let mut fewest = usize::MAX;
        partitions(county, &of_item, &mut |doors| fewest = fewest.min(doors.len()));
        if freq > 0 {
            limits.insert(item, fewest.max(freq));
        }
    }
    let mut best = (usize::MAX, 0, Reverse(0));
    partitions(county, tasks, &mut |doors| {
        if limits.iter().all(|(item, limit)| doors_of_item(county, doors, *item) <= *limit) {
            let visits: Vec<Visit> = doors.iter().map(|d| Visit::new(county, d.clone()).0).collect();
            best = best.min(cost(&visits));
        }
    });
    best
}

fn placeable(county: &Instance) -> Vec<u32> {
    (0..county.tasks.len() as u32)
        .filter(|t| county.tasks[*t as usize].on_site && !county.tasks[*t as usize].days.is_empty())
        .collect()
}

/// What must hold for every answer.
fn check(county: &Instance, merged: &Merged) {
    let mut seen: Vec<u32> = merged.visits.iter().flat_map(|v| v.tasks.iter().copied()).collect();
    seen.sort_unstable();
    assert_eq!(seen, placeable(county), "every task that has a day is in exactly one visit");
    let order = |v: &Visit| (v.subject, v.days.min(), v.tasks[0]);
    assert!(merged.visits.windows(2).all(|w| order(&w[0]) < order(&w[1])), "canonical order");
    for visit in &merged.visits {
        let (same, faults) = Visit::new(county, visit.tasks.clone());
        assert_eq!((&same, faults.as_slice()), (visit, [].as_slice()));
    }
    let on_site: Vec<u32> =
        (0..county.tasks.len() as u32).filter(|t| county.tasks[*t as usize].on_site).collect();
    let mut unplaced: Vec<u32> = merged.unplaced.iter().map(|u| u.task).collect();
    unplaced.sort_unstable();
    assert!(unplaced.iter().all(|t| on_site.contains(t) && !seen.contains(t)));
    assert_eq!(seen.len() + unplaced.len(), on_site.len());
    assert!(merged.unplaced.iter().all(|u| !u.reasons.is_empty()));
    let mut at = 0;
    assert_eq!(merged.subjects.len(), county.by_subject.len());
    for proof in &merged.subjects {
        assert!(proof.bound <= proof.visits, "{proof:?}");
        assert!(!proof.proved || proof.bound == proof.visits);
        let doors = &merged.visits[at..at + proof.visits as usize];
        assert!(doors.iter().all(|v| v.subject == proof.subject));
        for (i, _) in doors.iter().enumerate() {
            let pairs = merged.apart_from((at + i) as u32);
            let others: Vec<u32> = pairs.iter().map(|a| a.other).collect();
            assert_eq!(
                others,
                (at as u32..(at + i.min(64)) as u32).collect::<Vec<_>>(),
                "every earlier door is answered"
            );
            for pair in pairs {
                assert!(!pair.reasons.is_empty(), "no reason: the two could be one");
                assert!(
                    !words::apart(county, pair).is_empty() && !words::cures(county, &pair.cure).is_empty()
                );
            }
        }
        at += proof.visits as usize;
    }
    assert_eq!(at, merged.visits.len());
}

/// Makes the changes in the tables.
fn apply(input: &mut Input, county: &Instance, cures: &[Cure]) {
    let task = |t: u32| county.input.tasks[t as usize].id.clone();
    for cure in cures {
        match cure {
            Cure::Earlier { task: t, to } => {
                input.tasks.iter_mut().find(|r| r.id == task(*t)).unwrap().earliest = *to;
            }
            Cure::Later { task: t, to } => {
                input.tasks.iter_mut().find(|r| r.id == task(*t)).unwrap().latest = *to
            }
            Cure::Notice { tasks, to } => {
                for t in tasks {
                    input.tasks.iter_mut().find(|r| r.id == task(*t)).unwrap().notice = *to;
                }
            }
            Cure::VisitMinutes { to } => input.rules.max_visit_minutes = *to,
            Cure::VisitDepartments { to } => input.rules.max_depts_per_visit = *to,
            Cure::VisitPeople { to } => input.rules.max_people_per_visit = *to,
            Cure::Season { item, include } => {
                let id = &county.input.items[*item as usize].id;
                let season = input.items.iter_mut().find(|r| r.id == *id).unwrap().season.as_mut().unwrap();
                // Either end may be moved; moving the nearer is the caller's choice.
                let md = (chrono::Datelike::month(include) as u8, chrono::Datelike::day(include) as u8);
                if md < season.from { season.from = md } else { season.to = md }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_subjects_are_solved_to_the_optimum(seed: u64) {
        let county = Instance::new(sending(county(seed, &TINY), seed)).unwrap();
        let merged = merge::into_visits(&county);
        check(&county, &merged);
        for (subject, tasks) in &county.by_subject {
            let tasks: Vec<u32> = tasks.iter().copied().filter(|t| !county.tasks[*t as usize].days.is_empty()).collect();
            let doors: Vec<Visit> = merged.visits.iter().filter(|v| v.subject == *subject).cloned().collect();
            if tasks.is_empty() {
                prop_assert!(doors.is_empty());
                continue;
            }
            let proof = merged.subjects.iter().find(|p| p.subject == *subject).unwrap();
            prop_assert!(proof.proved);
            prop_assert_eq!(cost(&doors), exhaustive(&county, &tasks));
        }
    }

    #[test]
    fn rows_and_threads_do_not_matter(seed: u64) {
        let shape = Shape { subjects: 30, ..TINY };
        let input = county(seed, &shape);
        let one = merge::into_visits(&Instance::new(input.clone()).unwrap());
        let other = Instance::new(shuffled(input, seed ^ 1)).unwrap();
        prop_assert_eq!(&one, &merge::into_visits(&other));
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        prop_assert_eq!(&one, &alone.install(|| merge::into_visits(&other)));
    }

    #[test]
    fn cures_cure(seed: u64) {
        let input = sending(county(seed, &TINY), seed);
        let county = Instance::new(input.clone()).unwrap();
        let merged = merge::into_visits(&county);
        for pair in &merged.apart {
            let tasks = [&merged.visits[pair.visit as usize], &merged.visits[pair.other as usize]]
                .iter().flat_map(|v| v.tasks.clone()).collect::<Vec<u32>>();
            let mut changed = input.clone();
            apply(&mut changed, &county, &pair.cure);
            let changed = Instance::new(changed).unwrap();
            let (_, faults) = Visit::new(&changed, tasks);
            prop_assert_eq!(&faults, &[], "{:?}", pair);
            prop_assert!(merge::into_visits(&changed).visits.len() <= merged.visits.len());
        }
        for unplaced in &merged.unplaced {
            let mut changed = input.clone();
            apply(&mut changed, &county, &unplaced.cure);
            let changed = Instance::new(changed).unwrap();
            prop_assert!(!changed.tasks[unplaced.task as usize].days.is_empty(), "{:?}", unplaced);
        }
    }

    #[test]
    fn merging_what_is_merged_changes_nothing(seed: u64) {
        let mut input = county(seed, &TINY);
        for item in &mut input.items {
            item.season = None;
        }
        let county = Instance::new(input).unwrap();
        let merged = merge::into_visits(&county);
        // Give every task exactly the days of its visit; the same visits must come out.
        let mut narrowed = county.input.clone();
        for visit in &merged.visits {
            for t in &visit.tasks {
                let row = &mut narrowed.tasks[*t as usize];
                row.earliest = county.days[visit.days.min().unwrap()];
                row.latest = county.days[visit.days.max().unwrap()];
            }
        }
        let again = merge::into_visits(&Instance::new(narrowed).unwrap());
        prop_assert_eq!(cost(&merged.visits), cost(&again.visits));
    }
}

/// The same county where some departments have agreed to send more people than the rules ask.
fn sending(mut input: Input, seed: u64) -> Input {
    for (i, task) in input.tasks.iter_mut().enumerate() {
        task.people = (seed >> (i % 16 * 4) & 7) as u32;
    }
    input
}

/// One subject, one item for each task, no quirks.
fn plain(
    tasks: u64,
    depts: u64,
    mut each: impl FnMut(u64, &mut onedoor::domain::planning::input::Task),
) -> Input {
    let shape = Shape { subjects: 1, tasks: 1, depts, items: tasks, people: 0, days: 100, window: 1 };
    let mut input = county(1, &shape);
    input.rules = onedoor::domain::planning::input::Rules::default();
    for item in &mut input.items {
        (item.equiv, item.season, item.freq) = (String::new(), None, 0);
    }
    for day in &mut input.calendar {
        day.quiet = false;
    }
    let template = input.tasks[0].clone();
    input.tasks = (0..tasks)
        .map(|t| {
            let mut task = template.clone();
            task.id = format!("T{t:05}");
            task.item_id = format!("I{t:02}");
            task.dept_id = format!("D{}", t % depts);
            (task.earliest, task.latest) = (date(0), date(20));
            (task.minutes, task.mode, task.notice) = (30, CheckMode::OnSite, Notice::Either);
            each(t, &mut task);
            task
        })
        .collect();
    input.items.sort_by(|a, b| a.id.cmp(&b.id));
    input
}

fn merged(input: Input) -> (Instance, Merged) {
    let county = Instance::new(input).unwrap();
    let merged = merge::into_visits(&county);
    check(&county, &merged);
    (county, merged)
}

#[test]
fn two_hundred_tasks_behind_few_doors() {
    // 5 tasks of 30 minutes fit beside the entry of 15 minutes; 200 departments, of which 6 may come at once.
    let (_, merged) = merged(plain(200, 200, |_, _| {}));
    assert_eq!((merged.visits.len(), merged.subjects[0].bound), (40, 40));
}

#[test]
fn one_day_windows_cut_a_large_subject_into_exact_parts() {
    let (_, merged) = merged(plain(300, 90, |t, task| {
        let day = t % 75 / 5 * 7 + t % 5;
        (task.earliest, task.latest) = (date(day), date(day));
    }));
    assert!(merged.subjects[0].proved, "{:?}", merged.subjects);
    assert_eq!(merged.visits.len() as u32, merged.subjects[0].bound);
}

#[test]
fn a_large_mixed_subject_is_valid_and_near_its_bound() {
    let (_, merged) = merged(plain(120, 80, |t, task| {
        let from = t * 37 % 60;
        (task.earliest, task.latest) = (date(from), date(from + 5 + t % 11));
        task.minutes = 20 + (t * 7 % 9) as u32 * 10;
        task.notice = [Notice::Either, Notice::Unannounced, Notice::Announced][(t % 3) as usize];
    }));
    let proof = merged.subjects[0];
    assert!(u64::from(proof.visits) <= u64::from(proof.bound) * 5 / 4, "{proof:?}");
}

#[test]
fn no_more_people_come_than_may_enter() {
    // Five departments of which each sends four: three at a time make twelve.
    let five = |most: u32| {
        let mut input = plain(5, 5, |_, task| task.people = 4);
        input.rules.max_people_per_visit = most;
        input.items.iter_mut().for_each(|item| item.expert.clear());
        merged(input)
    };
    assert_eq!(five(0).1.visits.len(), 1, "no limit");
    assert_eq!(five(20).1.visits.len(), 1);
    let (county, answer) = five(12);
    assert_eq!(answer.visits.len(), 2);
    assert!(answer.visits.iter().all(|v| v.people(&county) <= 12) && answer.subjects[0].proved);
    let text = words::apart(&county, &answer.apart[0]);
    assert!(text.contains("超过单次入企人数上限12人"), "{text}");
    assert_eq!(answer.apart[0].cure, [Cure::VisitPeople { to: 20 }]);
    // A department that must send more than may enter comes alone; nobody is left out.
    assert_eq!(five(3).1.visits.len(), 5);
}

#[test]
fn items_longer_than_a_visit_stand_alone() {
    let (_, merged) = merged(plain(4, 2, |t, task| task.minutes = if t < 2 { 400 } else { 30 }));
    assert_eq!(merged.visits.len(), 3);
    assert!(merged.apart.iter().all(|a| matches!(a.reasons[..], [Reason::TooLong { .. }])));
}

#[test]
fn a_cure_that_takes_more_than_half_a_day_says_so() {
    let say = |minutes| {
        let (county, merged) = merged(plain(2, 1, |_, task| task.minutes = minutes));
        words::cures(&county, &merged.apart[0].cure)
    };
    assert_eq!(say(90), "将单次入企时长上限提高到195分钟");
    assert_eq!(say(150), "将单次入企时长上限提高到315分钟(加上路途超过半天,还须放宽半天的时段)");
}

#[test]
fn minutes_that_would_overflow_are_added_up_all_the_same() {
    let (county, merged) = merged(plain(2, 1, |_, task| task.minutes = u32::MAX / 2 - 10));
    assert_eq!(merged.visits.len(), 2);
    assert!(words::apart(&county, &merged.apart[0]).contains("超过"));
}

#[test]
fn an_item_capped_at_one_a_year_is_asked_once() {
    // Together they fit only with the item split between two doors, which the cap forbids.
    let mut input = plain(6, 3, |t, task| {
        if t >= 4 {
            task.item_id = "I00".into();
        }
        task.dept_id = "D0".into();
    });
    input.items[0].freq = 1;
    let (county, merged) = merged(input);
    let doors: Vec<Vec<u32>> = merged.visits.iter().map(|v| v.tasks.clone()).collect();
    assert_eq!(doors_of_item(&county, &doors, 0), 1);
    assert!(merged.over_cap.is_empty());
}

#[test]
fn a_cap_that_the_number_of_people_breaks_is_reported() {
    // Thirty departments ask for one item that may be visited twice a year; twelve people may enter, each sends four.
    let mut input = plain(30, 30, |_, task| {
        task.item_id = "I00".into();
        task.people = 4;
    });
    input.items[0].freq = 2;
    input.items.iter_mut().for_each(|item| item.expert.clear());
    input.rules.max_people_per_visit = 12;
    let (county, merged) = merged(input);
    assert_eq!(merged.visits.len(), 10);
    assert!(merged.visits.iter().all(|v| v.people(&county) == 12));
    assert_eq!((merged.over_cap.len(), merged.over_cap[0].visits), (1, 10));
}

#[test]
fn a_cap_that_windows_break_is_reported() {
    let mut input = plain(3, 1, |t, task| {
        task.item_id = "I00".into();
        (task.earliest, task.latest) = (date(7 * t), date(7 * t + 1));
    });
    input.items[0].freq = 2;
    let (county, merged) = merged(input);
    assert_eq!((merged.visits.len(), merged.over_cap.len()), (3, 1));
    assert_eq!((merged.over_cap[0].cap, merged.over_cap[0].visits), (2, 3));
    assert!(merged.apart.iter().all(|a| a.reasons.iter().any(|r| matches!(r, Reason::OverCap { .. }))));
    assert!(words::apart(&county, &merged.apart[0]).contains("年度频次上限为2次"));
}

#[test]
fn a_task_without_a_day_is_told_why_and_what_helps() {
    let day = |d: u32| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
    let mut input = plain(5, 1, |t, task| {
        (task.earliest, task.latest) = match t {
            0 => (date(5), date(6)),     // a weekend
            1 => (date(300), date(310)), // after the calendar
            2 => (date(9), date(8)),     // inverted
            3 => (date(2), date(3)),     // quiet
            _ => (date(0), date(3)),     // out of season, with quiet days
        };
    });
    for d in [2, 3] {
        input.calendar[d].quiet = true;
    }
    input.items[4].season = Some(onedoor::domain::planning::input::Season { from: (3, 10), to: (4, 1) });
    let county = Instance::new(input).unwrap();
    let merged = merge::into_visits(&county);
    let got: Vec<(&[NoDay], String)> =
        merged.unplaced.iter().map(|u| (u.reasons.as_slice(), words::cures(&county, &u.cure))).collect();
    assert_eq!(got.len(), 5);
    assert_eq!(got[0].0, [NoDay::NoWorkday]);
    assert_eq!(got[0].1, "将任务T00000(事项0)的最早日期提前至2026-03-06");
    assert!(matches!(got[1].0, [NoDay::OutsidePeriod { .. }]));
    assert!(matches!(got[2].0, [NoDay::WindowInverted { .. }]));
    assert_eq!(got[3].0, [NoDay::Quiet { days: 2 }]);
    assert_eq!(got[4].0, [NoDay::Quiet { days: 2 }, NoDay::OutOfSeason { days: 2 }]);
    assert_eq!(merged.unplaced[4].cure, [Cure::Later { task: 4, to: day(10) }]);
}

#[test]
fn every_task_behind_a_later_door_is_answered() {
    let (county, merged) = merged(plain(12, 3, |t, task| {
        task.notice = if t % 2 == 0 { Notice::Unannounced } else { Notice::Announced };
        task.minutes = 45;
    }));
    let mut answered = 0;
    for (v, visit) in merged.visits.iter().enumerate().skip(1) {
        for t in &visit.tasks {
            let why = merged.why(&county, v as u32, *t);
            assert_eq!(why.len(), v);
            assert!(why.iter().all(|w| !w.together.is_empty()));
            answered += 1;
        }
    }
    assert_eq!(answered + merged.visits[0].tasks.len(), 12);
}

#[test]
fn nothing_to_do_is_nothing_done() {
    let (_, empty) = merged(Input::default());
    assert_eq!(empty, Merged::default());
    let mut input = plain(2, 1, |_, _| {});
    input.rules.max_depts_per_visit = 0;
    let merged = merge::into_visits(&Instance::new(input).unwrap());
    assert!(
        merged.visits.is_empty() && merged.unplaced.iter().all(|u| u.reasons == [NoDay::NoDepartmentAllowed])
    );
}
