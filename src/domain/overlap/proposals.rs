//! Which entries to join: sets grown from pairs, ranked by the visits they avoid.

use super::bits::Bits;
use super::{Options, Reach};
use crate::domain::planning::input::Notice;
use std::collections::{BTreeMap, BTreeSet};

/// Entries worth joining into one joint inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Entries, sorted.
    pub entries: Vec<String>,
    /// Departments, sorted; at least two.
    pub departments: Vec<String>,
    /// Places of the subjects all of the entries are about.
    pub subjects: Vec<usize>,
    /// Visits to these subjects if each entry goes by itself (M): each entry's visits in proportion to its subjects, rounded
    /// up.
    pub separate: u64,
    /// Visits if they go together (N): those of the entry with the most.
    pub joint: u64,
    /// Items of one equivalence group in several entries: checked once instead of several times.
    pub equivalent: Vec<Equivalent>,
    /// Pairs of department and subject without a planned check left: these subjects must be left out.
    pub at_cap: u64,
}

impl Proposal {
    /// Visits avoided.
    #[must_use]
    pub const fn avoided(&self) -> u64 {
        self.separate - self.joint
    }
}

/// Items that are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivalent {
    /// 等价组.
    pub group: String,
    /// (entry, item), sorted.
    pub items: Vec<(String, String)>,
}

/// Why two entries cannot be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Their dates do not overlap.
    Windows,
    /// One is unannounced, the other announced.
    Notice,
}

impl Obstacle {
    /// Stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Notice => "notice",
        }
    }

    /// What is in the way and what to do.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Windows => "检查时段不重叠;请一方调整起止日期",
            Self::Notice => "一方突击检查、一方提前告知;请统一告知方式",
        }
    }
}

/// A pair that shares subjects and cannot be joined as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// One entry.
    pub a: String,
    /// The other, after it in order.
    pub b: String,
    /// Subjects both are about.
    pub subjects: u64,
    /// All that is in the way.
    pub obstacles: Vec<Obstacle>,
}

fn obstacles(a: &Reach<'_>, b: &Reach<'_>) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if a.entry.earliest.max(b.entry.earliest) > a.entry.latest.min(b.entry.latest) {
        found.push(Obstacle::Windows);
    }
    let pair = (a.entry.notice, b.entry.notice);
    if matches!(pair, (Notice::Announced, Notice::Unannounced) | (Notice::Unannounced, Notice::Announced)) {
        found.push(Obstacle::Notice);
    }
    found
}

/// Visits an entry makes to `shared` of its subjects.
fn part(reach: &Reach<'_>, shared: u64) -> u64 {
    let visits = u128::from(reach.entry.visits.min(reach.size));
    let size = u128::from(reach.size.max(1));
    u64::try_from((visits * u128::from(shared)).div_ceil(size)).unwrap_or(u64::MAX)
}

/// (visits apart, visits together) of a set of entries on the subjects they share.
fn visits(set: &[usize], reaches: &[Reach<'_>], shared: u64) -> (u64, u64) {
    let parts = set.iter().map(|i| part(&reaches[*i], shared));
    (parts.clone().sum(), parts.max().unwrap_or(0))
}

/// A set being grown.
struct Grown {
    set: Vec<usize>,
    subjects: Bits,
    avoided: u64,
}

/// Proposals and blocked pairs.
pub(super) fn find(
    reaches: &[Reach<'_>],
    names: &[&str],
    full: &[Bits],
    options: &Options,
) -> (Vec<Proposal>, Vec<Blocked>) {
    let n = reaches.len();
    let mut fits = vec![false; n * n];
    let (mut pairs, mut blocked) = (Vec::new(), Vec::new());
    for a in 0..n {
        for b in a + 1..n {
            let shared = reaches[a].subjects.count_and(&reaches[b].subjects);
            let obstacles = obstacles(&reaches[a], &reaches[b]);
            if shared == 0 {
                continue;
            }
            if obstacles.is_empty() {
                (fits[a * n + b], fits[b * n + a]) = (true, true);
                if reaches[a].department != reaches[b].department {
                    pairs.push((a, b));
                }
            } else if reaches[a].department != reaches[b].department {
                let id = |i: usize| reaches[i].entry.id.clone();
                blocked.push(Blocked { a: id(a), b: id(b), subjects: shared, obstacles });
            }
        }
    }
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    let mut found: Vec<Grown> = Vec::new();
    for (a, b) in pairs {
        if options.max_departments < 2 {
            break;
        }
        let grown = grow(a, b, reaches, &fits, options.max_departments);
        if grown.avoided > 0 && seen.insert(grown.set.clone()) {
            found.push(grown);
        }
    }
    found.sort_by(|x, y| y.avoided.cmp(&x.avoided).then_with(|| x.set.cmp(&y.set)));
    found.truncate(options.proposals);
    blocked.sort_by(|x, y| y.subjects.cmp(&x.subjects).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b))));
    (found.into_iter().map(|grown| told(&grown, reaches, names, full)).collect(), blocked)
}

/// Adds to a pair, one by one, the entry that avoids the most visits, as long as that is more than before.
fn grow(a: usize, b: usize, reaches: &[Reach<'_>], fits: &[bool], max_departments: usize) -> Grown {
    let n = reaches.len();
    let subjects = reaches[a].subjects.and(&reaches[b].subjects);
    let (apart, together) = visits(&[a, b], reaches, subjects.count());
    let mut grown = Grown { set: vec![a, b], subjects, avoided: apart - together };
    loop {
        let departments: BTreeSet<usize> = grown.set.iter().map(|i| reaches[*i].department).collect();
        let mut best: Option<(u64, usize)> = None;
        for c in (0..n).filter(|c| grown.set.iter().all(|i| *i != *c && fits[*i * n + c])) {
            if departments.len() >= max_departments && !departments.contains(&reaches[c].department) {
                continue;
            }
            let shared = grown.subjects.count_and(&reaches[c].subjects);
            let with: Vec<usize> = grown.set.iter().copied().chain([c]).collect();
            let (apart, together) = visits(&with, reaches, shared);
            if apart - together > best.map_or(grown.avoided, |b| b.0) {
                best = Some((apart - together, c));
            }
        }
        let Some((avoided, c)) = best else { break };
        grown.set.push(c);
        grown.subjects = grown.subjects.and(&reaches[c].subjects);
        grown.avoided = avoided;
    }
    grown.set.sort_unstable();
    grown
}

fn told(grown: &Grown, reaches: &[Reach<'_>], names: &[&str], full: &[Bits]) -> Proposal {
    let shared = grown.subjects.count();
    let (separate, joint) = visits(&grown.set, reaches, shared);
    let departments: BTreeSet<usize> = grown.set.iter().map(|i| reaches[*i].department).collect();
    let mut groups: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    for reach in grown.set.iter().map(|i| &reaches[*i]) {
        for item in reach.entry.items.iter().filter(|item| !item.equivalence.is_empty()) {
            groups.entry(&item.equivalence).or_default().insert((reach.entry.id.clone(), item.id.clone()));
        }
    }
    let several = |items: &BTreeSet<(String, String)>| {
        items.iter().map(|(entry, _)| entry).collect::<BTreeSet<_>>().len() > 1
    };
    Proposal {
        entries: grown.set.iter().map(|i| reaches[*i].entry.id.clone()).collect(),
        at_cap: departments.iter().map(|d| full[*d].count_and(&grown.subjects)).sum(),
        departments: departments.into_iter().map(|d| names[d].to_owned()).collect(),
        subjects: grown.subjects.members().collect(),
        separate,
        joint,
        equivalent: groups
            .into_iter()
            .filter(|(_, items)| several(items))
            .map(|(group, items)| Equivalent { group: group.to_owned(), items: items.into_iter().collect() })
            .collect(),
    }
}
