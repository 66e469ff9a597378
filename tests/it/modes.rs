//! Team modes: who may go with whom, the recorded fallback, and what is said where a mode is the reason.

use crate::small::{Auditor, County, plan};
use onedoor::domain::allocate::explain::{self, EmptyDiary, Remedy, Status, words};
use onedoor::domain::allocate::{Options, modes};
use onedoor::domain::planning::input::{PoolKind, TeamMode, UnitKind};
use onedoor::domain::planning::{Instance, Visit};
use onedoor::exchange::words::unit_kind;
use std::collections::BTreeSet;

const MODES: [TeamMode; 5] = [
    TeamMode::Bureau,
    TeamMode::SectionStation,
    TeamMode::StationBrigade,
    TeamMode::StationStation,
    TeamMode::SameStation,
];

/// One department with the given people, visits in two towns.
fn county(people: &[(UnitKind, &str)], mode: TeamMode, fallback: Option<TeamMode>) -> Instance {
    let mut c = County::new(12);
    c.dept("D0", 1, PoolKind::Officers);
    c.item("I0", 60, "", "", "");
    c.item("I1", 60, "", "Q0", "");
    for (i, (kind, unit)) in people.iter().enumerate() {
        c.person(&format!("P{i}"), "D0", *kind, unit);
    }
    c.cert("P0", "Q0", (0, 400));
    for s in 0..8 {
        c.subject(&format!("S{s}"), if s % 2 == 0 { "东关镇" } else { "西岭乡" });
        c.task("D0", if s % 3 == 0 { "I1" } else { "I0" }, &format!("S{s}"), (0, 11));
    }
    c.0.rules.team_mode = mode;
    c.0.rules.team_mode_fallback = fallback;
    c.instance()
}

const EVERYWHERE: &[(UnitKind, &str)] = &[
    (UnitKind::Station, "北山所"),
    (UnitKind::Station, "北山所"),
    (UnitKind::Station, "东关所"),
    (UnitKind::Station, "西岭所"),
    (UnitKind::Section, "一股"),
    (UnitKind::Section, "一股"),
    (UnitKind::Brigade, "一中队"),
    (UnitKind::Other, ""),
];

#[test]
fn every_mode_puts_teams_together_as_it_says() {
    for mode in MODES {
        let county = county(EVERYWHERE, mode, None);
        for seed in 0..20 {
            let answer = plan(&county, seed, &Options::default());
            assert_eq!(Auditor(&county.input).faults(&county, &answer), Vec::<String>::new(), "{mode:?}");
            assert_eq!(answer.end.staffed, 8, "{mode:?}");
        }
    }
}

#[test]
fn under_every_mode_all_who_may_go_do_go() {
    // The draw must reach everybody the mode leaves, and nobody else.
    let all = |mode| {
        let county = county(EVERYWHERE, mode, None);
        let mut seen = BTreeSet::new();
        for seed in 0..40 {
            let answer = plan(&county, seed, &Options::default());
            seen.extend(answer.staffed.iter().flatten().flat_map(|s| &s.team).map(|m| m.person));
        }
        seen.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(all(TeamMode::Bureau), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(all(TeamMode::StationStation), [0, 1, 2, 3]);
    assert_eq!(all(TeamMode::SameStation), [0, 1]);
    assert_eq!(all(TeamMode::SectionStation), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_pool_without_stations_stays_unstaffed_unless_the_county_decided_otherwise() {
    let people = &[(UnitKind::Section, "一股"), (UnitKind::Section, "二股"), (UnitKind::Other, "")];
    for mode in MODES.into_iter().skip(1) {
        let strict = county(people, mode, None);
        let answer = plan(&strict, 1, &Options::default());
        assert_eq!(answer.end.staffed, 0, "{mode:?}");
        assert!(modes::fallbacks(&strict, &answer.visits).is_empty());
        for visit in &answer.visits {
            let why = explain::explain(&strict, visit, &EmptyDiary);
            assert_eq!(why.status, Status::Impossible);
            let text = words::status(&strict, &why);
            assert!(text.contains(words::mode(mode)), "{text}");
            let Some(Remedy::OtherMode { not, mode: other, .. }) = why.remedies.first() else {
                panic!("no other mode is proposed: {:?}", why.remedies)
            };
            assert_eq!((*not, *other), (mode, TeamMode::Bureau));
        }
        let lenient = county(people, mode, Some(TeamMode::Bureau));
        let answer = plan(&lenient, 1, &Options::default());
        assert_eq!(answer.end.staffed, 8, "{mode:?}");
        let told = modes::fallbacks(&lenient, &answer.visits);
        assert_eq!(told.len(), 8);
        assert!(told.iter().all(|f| f.mode == TeamMode::Bureau));
        assert_eq!(Auditor(&lenient.input).faults(&lenient, &answer), Vec::<String>::new());
    }
}

#[test]
fn the_fallback_holds_only_where_the_mode_can_never_be_met() {
    // Only the two stations of the two towns: no pair of other stations exists for any subject; with a third and a
    // fourth station one does.
    let two = &[
        (UnitKind::Station, "东关所"),
        (UnitKind::Station, "东关所"),
        (UnitKind::Station, "西岭所"),
        (UnitKind::Station, "西岭所"),
    ];
    let county_of =
        |people: &[(UnitKind, &str)]| county(people, TeamMode::StationStation, Some(TeamMode::SameStation));
    let short = county_of(two);
    let answer = plan(&short, 3, &Options::default());
    assert_eq!(modes::fallbacks(&short, &answer.visits).len(), 8);
    assert_eq!(answer.end.staffed, 8);
    assert_eq!(Auditor(&short.input).faults(&short, &answer), Vec::<String>::new());
    let mut more = two.to_vec();
    more.extend([(UnitKind::Station, "北山所"), (UnitKind::Station, "南河所")]);
    let enough = county_of(&more);
    let answer = plan(&enough, 3, &Options::default());
    // P0 alone holds the certificate and is of the station of 东关镇: those visits there that need it fall back.
    let told = modes::fallbacks(&enough, &answer.visits);
    let expected: Vec<u32> = (0_u32..)
        .zip(&answer.visits)
        .filter(|(_, v)| {
            let needs_p0 = v.requirements.iter().any(|r| !r.quals.is_empty());
            needs_p0 && enough.input.subjects[v.subject as usize].town == "东关镇"
        })
        .map(|(v, _)| v)
        .collect();
    assert_eq!(told.iter().map(|f| f.visit).collect::<Vec<_>>(), expected);
    assert!(!expected.is_empty());
    assert_eq!(Auditor(&enough.input).faults(&enough, &answer), Vec::<String>::new());
}

#[test]
fn one_officer_of_a_department_and_experts_go_as_they_are() {
    let mut c = County::new(5);
    c.dept("D0", 1, PoolKind::Officers);
    c.dept("D1", 2, PoolKind::Officers);
    c.dept("ZX", 99, PoolKind::Experts);
    c.item("I0", 60, "", "", "X0");
    c.item("I1", 60, "", "", "");
    c.person("P0", "D0", UnitKind::Section, "一股");
    c.person("P1", "D1", UnitKind::Brigade, "一中队");
    c.person("X0", "ZX", UnitKind::Other, "东关镇专家组");
    c.cert("X0", "X0", (0, 400));
    c.subject("S0", "东关镇");
    c.task("D0", "I0", "S0", (0, 4));
    c.task("D1", "I1", "S0", (0, 4));
    c.0.rules.min_per_dept = 1;
    c.0.rules.team_mode = TeamMode::StationStation;
    let county = c.instance();
    let answer = plan(&county, 1, &Options::default());
    assert_eq!(answer.end.staffed, 1);
    assert_eq!(Auditor(&county.input).faults(&county, &answer), Vec::<String>::new());
}

#[test]
fn a_department_whose_mode_fails_is_split_off() {
    let mut c = County::new(5);
    for d in ["D0", "D1"] {
        c.dept(d, 1, PoolKind::Officers);
    }
    c.item("I0", 60, "", "", "");
    c.item("I1", 60, "", "", "");
    for (id, unit) in [("P0", "北山所"), ("P1", "南河所")] {
        c.person(id, "D0", UnitKind::Station, unit);
    }
    for id in ["P2", "P3", "P4"] {
        c.person(id, "D1", UnitKind::Section, "一股");
    }
    c.subject("S0", "东关镇");
    c.task("D0", "I0", "S0", (0, 4));
    c.task("D1", "I1", "S0", (0, 4));
    c.0.rules.team_mode = TeamMode::StationStation;
    let county = c.instance();
    let answer = plan(&county, 1, &Options::default());
    assert_eq!((answer.end.tasks_staffed, answer.splits.len()), (1, 1));
    assert_eq!(county.input.departments[usize::from(answer.splits[0].pool)].id, "D1");
}

#[test]
fn a_team_of_three_with_certificates_keeps_the_mode() {
    let mut c = County::new(5);
    c.dept("D0", 1, PoolKind::Officers);
    for (i, q) in ["QA", "QB", "QC"].iter().enumerate() {
        c.item(&format!("I{i}"), 30, "", q, "");
    }
    c.person("P0", "D0", UnitKind::Section, "一股");
    c.person("P1", "D0", UnitKind::Section, "一股");
    c.person("P2", "D0", UnitKind::Station, "北山所");
    c.person("P3", "D0", UnitKind::Section, "一股");
    for (p, q) in [("P0", "QA"), ("P1", "QB"), ("P2", "QC"), ("P3", "QC")] {
        c.cert(p, q, (0, 400));
    }
    c.subject("S0", "东关镇");
    for i in ["I0", "I1", "I2"] {
        c.task("D0", i, "S0", (0, 4));
    }
    c.0.rules.team_mode = TeamMode::SectionStation;
    let county = c.instance();
    for seed in 0..10 {
        let answer = plan(&county, seed, &Options::default());
        let mut team: Vec<u32> = answer.staffed[0].as_ref().unwrap().team.iter().map(|m| m.person).collect();
        team.sort_unstable();
        assert_eq!(team, [0, 1, 2], "P3 would leave the team without a station");
    }
    let tasks: Vec<u32> = (0..3).collect();
    let (visit, faults) = Visit::new(&county, tasks);
    assert!(faults.is_empty());
    assert_eq!(modes::applied(&county, &visit, &visit.requirements[0]).mode, TeamMode::SectionStation);
}

#[test]
fn the_kind_of_a_unit_is_read_from_its_words() {
    for (unit_type, unit, kind) in [
        ("机关科室", "", UnitKind::Section),
        ("股室", "", UnitKind::Section),
        ("内设机构", "执法监督股", UnitKind::Section),
        ("基层所", "城关所", UnitKind::Station),
        ("派出所", "", UnitKind::Station),
        ("监管所(基层)", "", UnitKind::Station),
        ("分局", "", UnitKind::Station),
        ("执法大队", "", UnitKind::Brigade),
        ("中队", "", UnitKind::Brigade),
        ("综合行政执法支队", "", UnitKind::Brigade),
        ("执法大队办公室", "", UnitKind::Section),
        ("所属科室", "", UnitKind::Section),
        ("", "城关市场监管所", UnitKind::Station),
        ("外聘", "专家库", UnitKind::Other),
        ("", "", UnitKind::Other),
    ] {
        assert_eq!(unit_kind(unit_type, unit), kind, "{unit_type} {unit}");
    }
}
