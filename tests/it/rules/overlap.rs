//! The overlap board against counting by hand and by brute force.

use chrono::NaiveDate;
use onedoor::domain::cap::Status;
use onedoor::domain::overlap::{Board, CapUse, Entry, Index, Item, Obstacle, Options, Subject, board};
use onedoor::domain::planning::input::Notice;
use onedoor::domain::scope::{SubjectFacts, SubjectFilter};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, d).unwrap()
}

fn entry(id: &str, department: &str, kinds: &[&str], visits: u64) -> Entry {
    Entry {
        id: id.to_owned(),
        department: department.to_owned(),
        filter: SubjectFilter {
            kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
            ..SubjectFilter::default()
        },
        items: vec![
            Item { id: format!("{id}-1"), equivalence: "消防".to_owned() },
            Item { id: format!("{id}-2"), equivalence: String::new() },
        ],
        visits,
        earliest: day(1),
        latest: day(20),
        notice: Notice::Either,
        on_site: true,
    }
}

fn subjects<'a>(kinds: &[(&'a str, usize)]) -> Vec<Subject<'a>> {
    kinds
        .iter()
        .flat_map(|(kind, n)| std::iter::repeat_n(*kind, *n))
        .map(|kind| Subject { group: kind, facts: SubjectFacts { kind, ..SubjectFacts::default() } })
        .collect()
}

fn run(entries: &[Entry], subjects: &[Subject<'_>], caps: &[CapUse]) -> Board {
    board(entries, (&Index::of(subjects), subjects), caps, &Options::default())
}

#[test]
fn the_board_of_a_small_county_is_as_counted_by_hand() {
    let list = subjects(&[("宾馆", 10), ("学校", 20), ("药店", 5)]);
    let entries = [
        entry("p1", "公安", &["宾馆"], 10),
        entry("p2", "卫健", &["宾馆", "学校"], 15),
        entry("p3", "消防", &["宾馆"], 3),
        entry("p4", "教育", &["学校"], 4),
        Entry { on_site: false, ..entry("p5", "税务", &["宾馆"], 10) },
        entry("p6", "卫健", &["网吧"], 1),
    ];
    let full = Status { counted: 2, exempt: 0, cap: 2 };
    let caps = [
        CapUse { department: "公安".to_owned(), subject: 3, status: full },
        CapUse { department: "公安".to_owned(), subject: 15, status: full },
        CapUse { department: "消防".to_owned(), subject: 4, status: Status { counted: 1, ..full } },
    ];
    let b = run(&entries, &list, &caps);
    assert_eq!(b.empty, ["p6"]);
    let hotels = &b.matrix["宾馆"];
    assert_eq!((hotels.subjects, hotels.shared, hotels.cells.len()), (10, 10, 3));
    assert_eq!((hotels.cells["公安"].subjects, hotels.cells["公安"].at_cap), (10, 1));
    assert_eq!(hotels.cells["消防"].at_cap, 0);
    assert_eq!((b.matrix["药店"].subjects, b.matrix["药店"].shared), (5, 0));
    assert_eq!(b.hits.len(), 30);
    assert_eq!(b.hits[0].departments.len(), 3);
    assert_eq!((b.hits[10].subject, b.hits[10].departments.len()), (10, 2));
    // Hotels: 10 + 15·10/30 + 3 = 18 visits become 10.
    let first = &b.proposals[0];
    assert_eq!(first.entries, ["p1", "p2", "p3"]);
    assert_eq!((first.separate, first.joint, first.avoided(), first.at_cap), (18, 10, 8, 1));
    assert_eq!(first.subjects, (0..10).collect::<Vec<_>>());
    assert_eq!(first.equivalent.len(), 1);
    assert_eq!(first.equivalent[0].items.len(), 3);
    // Schools: 15·20/30 + 4 = 14 become 10.
    let second = &b.proposals[1];
    assert_eq!((second.entries.as_slice(), second.avoided()), (&["p2".to_owned(), "p4".to_owned()][..], 4));
    assert_eq!(b.proposals.len(), 2);
}

#[test]
fn what_cannot_be_joined_is_blocked_with_all_reasons() {
    let list = subjects(&[("宾馆", 10)]);
    let late = Entry { earliest: day(21), latest: day(30), ..entry("p2", "卫健", &[], 5) };
    let a = Entry { notice: Notice::Unannounced, ..entry("p1", "公安", &[], 5) };
    let c = Entry { notice: Notice::Announced, ..late.clone() };
    let b = run(&[a.clone(), c], &list, &[]);
    assert!(b.proposals.is_empty());
    assert_eq!(b.blocked[0].obstacles, [Obstacle::Windows, Obstacle::Notice]);
    assert_eq!((b.blocked[0].subjects, b.blocked[0].a.as_str()), (10, "p1"));
    // Windows that touch on one day overlap.
    let touching = Entry { earliest: day(20), ..late };
    assert_eq!(run(&[a, touching], &list, &[]).proposals.len(), 1);
}

#[test]
fn one_department_alone_is_no_joint_inspection_and_departments_are_limited() {
    let list = subjects(&[("宾馆", 10)]);
    let b = run(&[entry("p1", "公安", &[], 5), entry("p2", "公安", &[], 5)], &list, &[]);
    assert!(b.proposals.is_empty() && b.hits.is_empty() && b.blocked.is_empty());
    let many: Vec<Entry> = (0..9).map(|i| entry(&format!("p{i}"), &format!("d{i}"), &[], 5)).collect();
    let b = run(&many, &list, &[]);
    assert!(b.proposals.iter().all(|p| p.departments.len() == 6));
}

#[test]
fn a_large_county_is_done_while_one_waits() {
    let kinds: Vec<String> = (0..40).map(|i| format!("K{i}")).collect();
    let towns: Vec<String> = (0..25).map(|i| format!("T{i}")).collect();
    let industries: Vec<String> = (0..300).map(|i| format!("F{i:03}")).collect();
    let list: Vec<Subject<'_>> = (0..20_000_usize)
        .map(|i| Subject {
            group: &kinds[i * 7 % 40],
            facts: SubjectFacts {
                kind: &kinds[i * 7 % 40],
                town: &towns[i * 11 % 25],
                industry: &industries[i * 13 % 300],
                credit: ["A", "B", "C", "D"][i % 4],
                ..SubjectFacts::default()
            },
        })
        .collect();
    let entries: Vec<Entry> = (0..60)
        .map(|i| {
            let mut e = entry(&format!("p{i:02}"), &format!("d{}", i % 20), &[], 800);
            e.filter.kinds = (0..8).map(|k| kinds[(i * 3 + k) % 40].clone()).collect();
            if i % 3 == 0 {
                e.filter.industries = vec![format!("F{}", i % 3), "F1".to_owned()];
            }
            e
        })
        .collect();
    let b = run(&entries, &list, &[]);
    assert_eq!(b.proposals.len(), 50);
    assert!(b.proposals.windows(2).all(|p| p[0].avoided() >= p[1].avoided()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proposals_are_true_and_order_does_not_matter(
        masks in prop::collection::vec((0_u8..4, 1_u8..16, 1_u64..40, 1_u32..15, 0_u8..3), 1..7),
        sizes in prop::collection::vec(0_usize..70, 4),
    ) {
        let kinds = ["a", "b", "c", "d"];
        let pairs: Vec<(&str, usize)> = kinds.iter().copied().zip(sizes).collect();
        let list = subjects(&pairs);
        let mut entries: Vec<Entry> = masks.iter().enumerate().map(|(i, (department, mask, visits, from, notice))| {
            let wanted: Vec<&str> = kinds.iter().enumerate().filter(|(k, _)| mask >> k & 1 == 1).map(|(_, k)| *k).collect();
            let mut e = entry(&format!("p{i}"), &format!("d{department}"), &wanted, *visits);
            e.earliest = day(*from);
            e.latest = day(*from + 7);
            e.notice = [Notice::Either, Notice::Announced, Notice::Unannounced][usize::from(*notice)];
            e
        }).collect();
        let b = run(&entries, &list, &[]);
        for p in &b.proposals {
            let set: Vec<&Entry> = entries.iter().filter(|e| p.entries.contains(&e.id)).collect();
            let shared: Vec<usize> = (0..list.len()).filter(|i| set.iter().all(|e| e.filter.matches(&list[*i].facts))).collect();
            prop_assert_eq!(&p.subjects, &shared);
            let parts: Vec<u64> = set.iter().map(|e| {
                let size = list.iter().filter(|s| e.filter.matches(&s.facts)).count() as u64;
                (e.visits.min(size) * shared.len() as u64).div_ceil(size)
            }).collect();
            prop_assert_eq!(p.separate, parts.iter().sum::<u64>());
            prop_assert_eq!(Some(&p.joint), parts.iter().max());
            prop_assert!(p.avoided() > 0 && p.departments.len() >= 2);
            prop_assert!(set.iter().map(|e| e.earliest).max() <= set.iter().map(|e| e.latest).min());
            let notices: BTreeSet<Notice> = set.iter().map(|e| e.notice).collect();
            prop_assert!(!(notices.contains(&Notice::Announced) && notices.contains(&Notice::Unannounced)));
        }
        for (i, subject) in list.iter().enumerate() {
            let by: BTreeSet<&str> = entries.iter().filter(|e| e.filter.matches(&subject.facts)).map(|e| e.department.as_str()).collect();
            let told = b.hits.iter().find(|h| h.subject == i).map_or(0, |h| h.departments.len());
            prop_assert_eq!(told, if by.len() >= 2 { by.len() } else { 0 });
        }
        entries.reverse();
        prop_assert_eq!(run(&entries, &list, &[]), b);
    }
}
