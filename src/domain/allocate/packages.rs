//! 名单包: visits cut into as many packages as there are teams, and the packages dealt to the teams by lot.
//!
//! Here teams are numbers, and lots come in as a closure, so that the same lots give the same deal; who is in a team
//! and how a county is staffed so is in [`staffing`].

mod matching;
pub mod staffing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tries of the uniform deal before the serial one takes over. With a share f of forbidden pairs about (1 -
/// f)^-n tries are needed.
pub const TRIES: u32 = 20_000;

/// What cutting needs to know of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load<'a> {
    /// 乡镇街道.
    pub town: &'a str,
    /// Minutes it takes from its people, travel included.
    pub minutes: u32,
}

/// One package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Visits, as indices into the visits given; ascending.
    pub visits: Vec<usize>,
    /// Minutes of all.
    pub minutes: u64,
}

/// How packages came to teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By a random permutation, drawn again until no team had a package it must not have: every permitted
    /// deal was equally likely.
    Uniform {
        /// Permutations drawn.
        tries: u32,
    },
    /// Team after team, in an order by lot, each by lot among the packages that leave one for everybody else.
    /// Not exactly uniform.
    Serial,
    /// No permitted deal existed: the fewest forbidden visits, then these were exchanged between packages.
    Exchanged,
}

/// A visit that went to another package because the team of its own must not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// Visit.
    pub visit: usize,
    /// Team that must not do it.
    pub from: usize,
    /// Team that does it.
    pub to: usize,
    /// Visit that was given in return.
    pub in_return: Option<usize>,
}

/// Packages dealt to teams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Package of each team, after exchanges.
    pub packages: Vec<Package>,
    /// Which package, by its number before dealing, each team has.
    pub package_of: Vec<usize>,
    /// How.
    pub how: How,
    /// Visits exchanged, in order.
    pub exchanges: Vec<Exchange>,
    /// Visits that no team may do; they stay in their package.
    pub stranded: Vec<usize>,
}

/// Cuts visits into `n` packages of nearly equal minutes, town by town. Visits are put in order of town, cut
/// where the sum of minutes comes nearest to equal shares, and then moved or swapped between packages that
/// both go to the towns concerned, as long as the loads become more equal. A package is empty only if there
/// are fewer visits than packages.
#[must_use]
pub fn cut(visits: &[Load<'_>], n: usize) -> Vec<Package> {
    let mut order: Vec<usize> = (0..visits.len()).collect();
    order.sort_by_key(|v| (visits[*v].town, *v));
    let mut packages = shares(visits, &order, n);
    level(visits, &mut packages);
    for package in &mut packages {
        package.visits.sort_unstable();
    }
    packages
}

/// Consecutive runs whose ends lie nearest to equal shares of the minutes.
fn shares(visits: &[Load<'_>], order: &[usize], n: usize) -> Vec<Package> {
    let total: u128 = visits.iter().map(|v| u128::from(v.minutes)).sum();
    let mut packages = Vec::with_capacity(n);
    let (mut at, mut sum) = (0, 0_u128);
    for i in 1..=n {
        // Everyone after this one gets at least one visit, while visits last.
        let later = (n - i).min((order.len() - at).saturating_sub(1));
        let most = order.len() - later;
        let goal = total * i as u128;
        let mut package = Package::default();
        while at < most {
            let minutes = u128::from(visits[order[at]].minutes);
            let (before, after) = (sum * n as u128, (sum + minutes) * n as u128);
            let overshoots = after > goal && after.abs_diff(goal) > goal.abs_diff(before);
            if i < n && !package.visits.is_empty() && overshoots {
                break;
            }
            package.visits.push(order[at]);
            package.minutes += u64::from(visits[order[at]].minutes);
            sum += minutes;
            at += 1;
        }
        packages.push(package);
    }
    packages
}

/// Moves and swaps between the fullest package that can give and the emptiest that can take, while that
/// helps.
fn level(visits: &[Load<'_>], packages: &mut [Package]) {
    let towns_of = |p: &Package| p.visits.iter().map(|v| visits[*v].town).collect::<BTreeSet<&str>>();
    let mut towns: Vec<BTreeSet<&str>> = packages.iter().map(towns_of).collect();
    // Changes of each package, and at which of them a pair was found to be of no use.
    let mut changes = vec![0_u32; packages.len()];
    let mut useless: HashMap<(usize, usize), (u32, u32)> = HashMap::new();
    // Each step makes the sum of squares smaller; the limit only guards against very many very small steps.
    for _ in 0..visits.len().saturating_mul(4) {
        let mut by_load: Vec<usize> = (0..packages.len()).collect();
        by_load.sort_by_key(|p| (packages[*p].minutes, *p));
        let mut step = None;
        'pairs: for &full in by_load.iter().rev() {
            for &empty in by_load.iter().take_while(|e| packages[**e].minutes < packages[full].minutes) {
                let now = (changes[full], changes[empty]);
                if useless.get(&(full, empty)) == Some(&now) {
                    continue;
                }
                if let Some((give, take)) = best_step(visits, packages, &towns, full, empty) {
                    step = Some((full, empty, give, take));
                    break 'pairs;
                }
                useless.insert((full, empty), now);
            }
        }
        let Some((full, empty, give, take)) = step else { return };
        hand_over(visits, packages, full, empty, give);
        if let Some(take) = take {
            hand_over(visits, packages, empty, full, take);
        }
        changes[full] += 1;
        changes[empty] += 1;
        towns[full] = towns_of(&packages[full]);
        towns[empty] = towns_of(&packages[empty]);
    }
}

/// The visit to give, and to take back if any, that brings two packages closest to each other.
fn best_step(
    visits: &[Load<'_>],
    packages: &[Package],
    towns: &[BTreeSet<&str>],
    full: usize,
    empty: usize,
) -> Option<(usize, Option<usize>)> {
    let difference = packages[full].minutes - packages[empty].minutes;
    let minutes = |v: usize| u64::from(visits[v].minutes);
    let mut back: Vec<(u64, Option<usize>)> = vec![(0, None)];
    let returnable = packages[empty].visits.iter().filter(|w| towns[full].contains(visits[**w].town));
    back.extend(returnable.map(|w| (minutes(*w), Some(*w))));
    back.sort_unstable();
    let mut best: Option<(u64, usize, Option<usize>)> = None;
    for &give in packages[full].visits.iter().filter(|v| towns[empty].contains(visits[**v].town)) {
        // The shift that would make both equal is half the difference.
        let ideal = minutes(give).saturating_sub(difference / 2);
        let at = back.partition_point(|(m, _)| *m < ideal);
        for (m, take) in back[at.saturating_sub(1)..].iter().take(3) {
            let shift = minutes(give).saturating_sub(*m);
            if take.is_none() && packages[full].visits.len() == 1 {
                continue;
            }
            let left = difference.abs_diff(2 * shift);
            if shift > 0 && left < difference && best.is_none_or(|(known, ..)| left < known) {
                best = Some((left, give, *take));
            }
        }
    }
    best.map(|(_, give, take)| (give, take))
}

fn hand_over(visits: &[Load<'_>], packages: &mut [Package], from: usize, to: usize, visit: usize) {
    let minutes = u64::from(visits[visit].minutes);
    packages[from].visits.retain(|v| *v != visit);
    packages[from].minutes -= minutes;
    packages[to].visits.push(visit);
    packages[to].minutes += minutes;
}

/// Deals packages to as many teams by lot. `forbidden(team, visit)` says what a team must not do as a whole
/// (say, it lacks a certificate); `lots` gives independent uniform numbers.
///
/// As long as some deal gives nobody a forbidden visit, one of those comes out: uniformly by rejection within
/// [`TRIES`], else by a serial lottery. If there is none, forbidden visits are exchanged between packages,
/// for one of like length if possible.
#[must_use]
pub fn deal(
    visits: &[Load<'_>],
    packages: &[Package],
    forbidden: impl Fn(usize, usize) -> bool,
    mut lots: impl FnMut() -> u128,
) -> Deal {
    let n = packages.len();
    // against[team][package]: forbidden visits in it.
    let against: Vec<Vec<u64>> = (0..n)
        .map(|t| {
            packages.iter().map(|p| p.visits.iter().filter(|v| forbidden(t, **v)).count() as u64).collect()
        })
        .collect();
    let allowed: Vec<Vec<bool>> = against.iter().map(|row| row.iter().map(|c| *c == 0).collect()).collect();
    let (package_of, how) = match matching::perfect(&allowed) {
        Some(some) => match uniform(&allowed, &mut lots) {
            Ok((package_of, tries)) => (package_of, How::Uniform { tries }),
            Err(()) => (serial(&allowed, some, &mut lots), How::Serial),
        },
        None => {
            // Teams and packages in an order by lot, so that equal answers are equally likely to be found.
            let (teams, order) = (permutation(n, &mut lots), permutation(n, &mut lots));
            let costs: Vec<Vec<u64>> =
                teams.iter().map(|t| order.iter().map(|p| against[*t][*p]).collect()).collect();
            let mut package_of = vec![0; n];
            for (row, column) in matching::cheapest(&costs).into_iter().enumerate() {
                package_of[teams[row]] = order[column];
            }
            (package_of, How::Exchanged)
        }
    };
    let mut dealt: Vec<Package> = package_of.iter().map(|p| packages[*p].clone()).collect();
    let (exchanges, stranded) = exchange(visits, &mut dealt, &forbidden);
    Deal { packages: dealt, package_of, how, exchanges, stranded }
}

/// Uniform below `n` from lots: those beyond the largest multiple of `n` are drawn again.
fn below(n: usize, lots: &mut impl FnMut() -> u128) -> usize {
    let n = n.max(1) as u128;
    // 2^128 mod n, without 2^128.
    let excess = (u128::MAX % n + 1) % n;
    loop {
        let lot = lots();
        if lot <= u128::MAX - excess {
            return usize::try_from(lot % n).unwrap_or(usize::MAX);
        }
    }
}

/// Fisher-Yates.
fn permutation(n: usize, lots: &mut impl FnMut() -> u128) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, below(i + 1, lots));
    }
    order
}

/// A uniform permitted permutation, with the number of tries. A try ends at its first forbidden pair; since
/// every try starts anew, that takes nothing from uniformity.
fn uniform(allowed: &[Vec<bool>], lots: &mut impl FnMut() -> u128) -> Result<(Vec<usize>, u32), ()> {
    let n = allowed.len();
    let mut order: Vec<usize> = Vec::with_capacity(n);
    'tries: for tries in 1..=TRIES {
        order.clear();
        order.extend(0..n);
        for team in (0..n).rev() {
            if team > 0 {
                order.swap(team, below(team + 1, lots));
            }
            if !allowed[team][order[team]] {
                continue 'tries;
            }
        }
        return Ok((order, tries));
    }
    Err(())
}

/// Teams in an order by lot; each takes, by lot, one of the packages that leave a permitted one for everybody
/// after it. `package_of` is some permitted deal.
fn serial(allowed: &[Vec<bool>], mut package_of: Vec<usize>, lots: &mut impl FnMut() -> u128) -> Vec<usize> {
    let n = allowed.len();
    let mut fixed = vec![false; n];
    for team in permutation(n, lots) {
        for package in permutation(n, lots) {
            // The first in a random order that can be had is a uniform choice among all that can be had.
            if allowed[team][package] && matching::reassign(allowed, &mut package_of, &fixed, team, package) {
                break;
            }
        }
        fixed[team] = true;
    }
    package_of
}

/// Gives every forbidden visit to a team that may do it: for a visit of nearest length in return if there is
/// one, one of the same town first; else to the team with the least to do.
fn exchange(
    visits: &[Load<'_>],
    dealt: &mut [Package],
    forbidden: &impl Fn(usize, usize) -> bool,
) -> (Vec<Exchange>, Vec<usize>) {
    let (mut exchanges, mut stranded) = (Vec::new(), Vec::new());
    let wrong: BTreeMap<usize, Vec<usize>> = dealt
        .iter()
        .enumerate()
        .map(|(t, p)| (t, p.visits.iter().copied().filter(|v| forbidden(t, *v)).collect()))
        .collect();
    for (from, wrong) in wrong {
        for visit in wrong {
            // It may have gone in return for another one meanwhile.
            if !dealt[from].visits.contains(&visit) {
                continue;
            }
            let able: Vec<usize> = (0..dealt.len()).filter(|t| *t != from && !forbidden(*t, visit)).collect();
            let swaps = able.iter().flat_map(|t| dealt[*t].visits.iter().map(move |w| (*t, *w)));
            let swap = swaps.filter(|(_, w)| !forbidden(from, *w)).min_by_key(|(t, w)| {
                // One that is wrong where it is solves two at once.
                let solves = forbidden(*t, *w);
                let (a, b) = (&visits[visit], &visits[*w]);
                (!solves, a.town != b.town, a.minutes.abs_diff(b.minutes), *w)
            });
            let (to, in_return) = match swap {
                Some((to, back)) => (to, Some(back)),
                None => match able.iter().min_by_key(|t| (dealt[**t].minutes, **t)) {
                    Some(to) => (*to, None),
                    None => {
                        stranded.push(visit);
                        continue;
                    }
                },
            };
            hand_over(visits, dealt, from, to, visit);
            if let Some(back) = in_return {
                hand_over(visits, dealt, to, from, back);
            }
            exchanges.push(Exchange { visit, from, to, in_return });
        }
    }
    for package in dealt.iter_mut() {
        package.visits.sort_unstable();
    }
    stranded.sort_unstable();
    (exchanges, stranded)
}
