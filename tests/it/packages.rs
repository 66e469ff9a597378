//! Packages: cut evenly and town by town, dealt uniformly, forbidden visits exchanged.

use crate::counties::Dice;
use onedoor::domain::allocate::packages::{Deal, How, Load, Package, cut, deal};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn lots(seed: u64) -> impl FnMut() -> u128 {
    let mut dice = Dice(seed);
    move || u128::from(dice.below(u64::MAX)) << 64 | u128::from(dice.below(u64::MAX))
}

const TOWNS: [&str; 5] = ["东", "西", "南", "北", "中"];

fn loads(seed: u64, n: usize, towns: usize) -> Vec<Load<'static>> {
    let mut dice = Dice(seed);
    (0..n)
        .map(|_| Load {
            town: TOWNS[dice.below(towns as u64) as usize],
            minutes: 30 + 15 * dice.below(11) as u32,
        })
        .collect()
}

fn all_visits(packages: &[Package]) -> Vec<usize> {
    let mut all: Vec<usize> = packages.iter().flat_map(|p| p.visits.clone()).collect();
    all.sort_unstable();
    all
}

fn consistent(visits: &[Load<'_>], packages: &[Package]) {
    assert_eq!(all_visits(packages), (0..visits.len()).collect::<Vec<_>>(), "each visit is in one package");
    for package in packages {
        assert_eq!(
            package.minutes,
            package.visits.iter().map(|v| u64::from(visits[*v].minutes)).sum::<u64>()
        );
        assert!(package.visits.is_sorted());
    }
}

fn spread(packages: &[Package]) -> u64 {
    let minutes = || packages.iter().map(|p| p.minutes);
    minutes().max().unwrap_or(0) - minutes().min().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cutting_keeps_every_visit_once(seed: u64, visits in 0_usize..80, n in 1_usize..12, towns in 1_usize..6) {
        let visits = loads(seed, visits, towns);
        let packages = cut(&visits, n);
        prop_assert_eq!(packages.len(), n);
        consistent(&visits, &packages);
        prop_assert_eq!(packages.iter().filter(|p| p.visits.is_empty()).count(), n.saturating_sub(visits.len()));
        if towns == 1 && visits.len() >= 8 * n {
            // Visits take 30 to 180 minutes in steps of 15, so swaps come this close.
            prop_assert!(spread(&packages) <= 30, "{}", spread(&packages));
        }
    }

    #[test]
    fn nobody_gets_what_is_forbidden_if_it_can_be_helped(seed: u64, n in 1_usize..9, share in 1_u64..10) {
        let visits = loads(seed, 6 * n, 3);
        let packages = cut(&visits, n);
        let forbidden = |t: usize, v: usize| Dice(seed ^ (t as u64) << 32 ^ v as u64).below(40) < share;
        let Deal { packages: dealt, package_of, how, exchanges, stranded } = deal(&visits, &packages, forbidden, lots(seed));
        consistent(&visits, &dealt);
        prop_assert_eq!(package_of.iter().copied().collect::<BTreeSet<_>>(), (0..n).collect());
        if how == How::Exchanged {
            for v in &stranded {
                prop_assert!((0..n).all(|t| forbidden(t, *v)));
            }
        } else {
            prop_assert!(exchanges.is_empty() && stranded.is_empty());
            for (t, p) in package_of.iter().enumerate() {
                prop_assert_eq!(&dealt[t], &packages[*p]);
            }
        }
        for (t, package) in dealt.iter().enumerate() {
            let wrong = package.visits.iter().any(|v| forbidden(t, *v) && !stranded.contains(v));
            prop_assert!(!wrong, "{how:?}");
        }
    }
}

#[test]
fn towns_stay_together() {
    // Four towns of equal weight and four packages: nobody needs two towns.
    let visits: Vec<Load<'_>> = (0..80).map(|v| Load { town: TOWNS[v % 4], minutes: 60 }).collect();
    let packages = cut(&visits, 4);
    assert_eq!(spread(&packages), 0);
    for package in &packages {
        assert_eq!(package.visits.iter().map(|v| visits[*v].town).collect::<BTreeSet<_>>().len(), 1);
    }
}

/// Chi-square of how often each permitted deal came out.
fn chi_square(
    forbidden: impl Fn(usize, usize) -> bool,
    deals: u64,
    mut deal_once: impl FnMut(u64) -> Vec<usize>,
) -> (f64, usize) {
    let mut counts: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
    for seed in 0..deals {
        let package_of = deal_once(seed);
        assert!(package_of.iter().enumerate().all(|(t, p)| !forbidden(t, *p)));
        *counts.entry(package_of).or_default() += 1;
    }
    let expected = deals as f64 / counts.len() as f64;
    (counts.values().map(|c| (*c as f64 - expected).powi(2) / expected).sum(), counts.len())
}

#[test]
fn every_permitted_deal_is_equally_likely() {
    // One visit in each package; of the 24 deals of four, these conflicts leave 10.
    let visits = loads(1, 4, 1);
    let packages: Vec<Package> =
        (0..4).map(|v| Package { visits: vec![v], minutes: visits[v].minutes.into() }).collect();
    let forbidden =
        |t: usize, v: usize| (t, v) == (0, 0) || (t, v) == (1, 1) || (t, v) == (2, 0) || (t, v) == (3, 3);
    let (fair, kinds) = chi_square(forbidden, 20_000, |seed| {
        let deal = deal(&visits, &packages, forbidden, lots(seed << 20));
        assert!(matches!(deal.how, How::Uniform { .. }));
        deal.package_of
    });
    let permitted = {
        let mut n = 0;
        for code in 0..256_usize {
            let order: Vec<usize> = (0..4).map(|t| code >> (2 * t) & 3).collect();
            let all = order.iter().copied().collect::<BTreeSet<_>>().len() == 4;
            n += usize::from(all && order.iter().enumerate().all(|(t, p)| !forbidden(t, *p)));
        }
        n
    };
    assert_eq!(kinds, permitted, "every permitted deal comes out");
    // 0.999 quantile of chi-square: 27.9 for 9 degrees of freedom, 29.6 for 10, 31.3 for 11.
    assert!(fair < 29.6, "chi-square {fair} over {kinds} deals");
    // The test has power: lots of which one in ten is made even are found out.
    let (unfair, _) = chi_square(forbidden, 20_000, |seed| {
        let mut fair = lots(seed << 20);
        let mut dice = Dice(!seed);
        let biased = move || if dice.one_in(10) { fair() & !1 } else { fair() };
        deal(&visits, &packages, forbidden, biased).package_of
    });
    assert!(unfair > 60.0, "a planted fault of lots must show: {unfair}");
}

#[test]
fn a_deal_too_rare_for_chance_is_found_by_the_serial_lottery() {
    // Each of 40 teams may have three packages only: a random permutation practically never fits.
    let n = 40;
    let visits = loads(2, n, 1);
    let packages: Vec<Package> =
        (0..n).map(|v| Package { visits: vec![v], minutes: visits[v].minutes.into() }).collect();
    let forbidden = |t: usize, v: usize| (v + n - t) % n > 2;
    let mut seen = BTreeSet::new();
    for seed in 0..6 {
        let deal = deal(&visits, &packages, forbidden, lots(seed));
        assert_eq!(deal.how, How::Serial);
        assert!(deal.exchanges.is_empty() && deal.stranded.is_empty());
        assert!(deal.package_of.iter().enumerate().all(|(t, p)| !forbidden(t, *p)));
        seen.insert(deal.package_of);
    }
    assert!(seen.len() > 2, "lots decide");
}

#[test]
fn what_no_team_may_do_is_left_stranded_and_named() {
    let visits = loads(3, 6, 1);
    let packages = cut(&visits, 3);
    let deal = deal(&visits, &packages, |t, v| v == 4 || (v == 1 && t != 2), lots(7));
    assert_eq!((deal.how, deal.stranded.as_slice()), (How::Exchanged, [4].as_slice()));
    assert!(deal.packages[2].visits.contains(&1));
    consistent(&visits, &deal.packages);
}

#[test]
fn the_same_lots_give_the_same_deal() {
    let visits = loads(4, 60, 4);
    let packages = cut(&visits, 8);
    let once = |seed| deal(&visits, &packages, |_, _| false, lots(seed));
    assert_eq!(once(1), once(1));
    assert_ne!(once(1).package_of, once(2).package_of);
    assert_eq!(deal(&[], &cut(&[], 0), |_, _| true, lots(1)).packages, []);
}

mod mode {
    use crate::replan::valid;
    use onedoor::domain::allocate::Options;
    use onedoor::domain::planning::Input;
    use onedoor::sample::{self, Preset};
    use onedoor::service::plan::{self, Planned, Source};
    use std::collections::BTreeSet;

    fn planned(input: Input, text: &str) -> Planned {
        let options = Options { effort: 50, most_rounds: 2000, unmerge: true };
        plan::plan(input, &Source::Rehearsal(text.to_owned()), &options, &mut |_| ()).unwrap()
    }

    fn county(packages: u32) -> Input {
        let mut input = sample::county(Preset::County, 1);
        input.rules.packages = packages;
        input
    }

    #[test]
    fn visits_are_made_by_the_team_their_package_was_dealt_to() {
        let first = planned(county(4), "一");
        valid(&first);
        let dealt = first.packages.as_ref().unwrap();
        assert_eq!(dealt.teams.len(), 4);
        assert_eq!(dealt.package_of.iter().collect::<BTreeSet<_>>().len(), 4);
        // Every team has people of every department that is in teams, and nobody is in two.
        let pools = |team: &[onedoor::domain::allocate::packages::staffing::TeamMember]| {
            team.iter().map(|m| first.county.people[m.person as usize].dept).collect::<BTreeSet<_>>()
        };
        let of_first = pools(&dealt.teams[0]);
        assert!(of_first.len() >= 10 && dealt.teams.iter().all(|t| pools(t) == of_first));
        let people: Vec<u32> = dealt.teams.iter().flatten().map(|m| m.person).collect();
        assert_eq!(people.iter().collect::<BTreeSet<_>>().len(), people.len());
        // Packages are nearly equal, and substitutes the exception.
        let (most, least) = (dealt.minutes.iter().max().unwrap(), dealt.minutes.iter().min().unwrap());
        assert!(most - least <= least / 20, "{:?}", dealt.minutes);
        let (mut seats, mut substitutes) = (0, 0);
        for (visit, staffed) in first.staffing.visits.iter().zip(&first.staffing.staffed) {
            for m in staffed.iter().flat_map(|s| &s.team) {
                seats += 1;
                substitutes += usize::from(dealt.substitute(visit.subject, m));
            }
        }
        assert!(substitutes * 8 < seats, "{substitutes} of {seats}");
        assert!(first.staffing.end.tasks_staffed * 100 > first.staffing.end.tasks * 97);
        // Lots decide; the order of rows does not.
        let second = planned(county(4), "二");
        assert_ne!(second.packages.as_ref().unwrap().team_of, dealt.team_of);
        assert_ne!(second.packages.as_ref().unwrap().teams, dealt.teams);
        let mut turned = county(4);
        turned.inspectors.reverse();
        turned.tasks.reverse();
        turned.subjects.reverse();
        let turned = planned(turned, "一");
        assert_eq!(turned.packages, first.packages);
        assert_eq!(turned.staffing.staffed, first.staffing.staffed);
    }

    #[test]
    fn more_packages_than_subjects_or_people_still_give_a_valid_answer() {
        for packages in [1, 3, 500] {
            let mut input = sample::county(Preset::Tiny, 2);
            input.rules.packages = packages;
            let answer = planned(input, "小");
            valid(&answer);
            assert!(answer.packages.unwrap().teams.len() <= 24);
            assert!(answer.staffing.end.tasks_staffed > 0);
        }
    }

    #[test]
    fn without_packages_nothing_is_dealt() {
        assert!(planned(county(0), "一").packages.is_none());
    }
}
