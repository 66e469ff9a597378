//! Team modes (组队方式): which people of a pool may go together, and what happens where nobody can.
//!
//! A mode binds the officers of a requirement of two or more people; a single officer, and experts, go as they are. When
//! no pattern of people exists on any day of the visit, even if nobody had anything else to do, the county may have
//! decided on another mode for that case ([`Rules::team_mode_fallback`]); it is applied to that requirement only and
//! told in the answer. Everything here looks at the tables, never at a schedule.
//!
//! [`Rules::team_mode_fallback`]: crate::domain::planning::input::Rules::team_mode_fallback

use super::model::{BRIGADE, PairRule, SECTION, STATION};
use crate::domain::planning::dayset::DaySet;
use crate::domain::planning::input::{TeamMode, UnitKind};
use crate::domain::planning::{Instance, Requirement, Visit};
use std::collections::BTreeMap;

/// The mode that holds for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The mode.
    pub mode: TeamMode,
    /// Whether it is the one for the case that the county's own cannot be met.
    pub fell_back: bool,
}

/// A requirement for which the county's mode was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// Visit.
    pub visit: u32,
    /// Pool.
    pub pool: u16,
    /// The mode it has instead.
    pub mode: TeamMode,
}

/// What the people of a team must have in common under a mode.
#[must_use]
pub fn pair_rule(mode: TeamMode) -> PairRule {
    match mode {
        TeamMode::Bureau | TeamMode::SectionStation | TeamMode::StationBrigade => PairRule::Any,
        TeamMode::StationStation => PairRule::DifferentUnits,
        TeamMode::SameStation => PairRule::SameUnit,
    }
}

/// The kinds of places from each of which somebody must come under a mode, as bits of a certificate mask.
#[must_use]
pub fn places(mode: TeamMode) -> u64 {
    match mode {
        TeamMode::Bureau => 0,
        TeamMode::SectionStation => SECTION | STATION,
        TeamMode::StationBrigade => STATION | BRIGADE,
        TeamMode::StationStation | TeamMode::SameStation => STATION,
    }
}

/// The bit of the kind of unit a person works in.
#[must_use]
pub fn place(county: &Instance, person: u32) -> u64 {
    match county.people[person as usize].kind {
        UnitKind::Section => SECTION,
        UnitKind::Station => STATION,
        UnitKind::Brigade => BRIGADE,
        UnitKind::Other => 0,
    }
}

/// Whether a mode says anything about a requirement.
#[must_use]
pub fn binds(county: &Instance, need: &Requirement) -> bool {
    need.size >= 2 && !county.is_expert_pool[need.pool as usize]
}

/// Whether a mode keeps a person from a visit whoever else goes: under 跨所 and 同所 only people of a named station go,
/// under 跨所 not those of the station of the subject's own town.
#[must_use]
pub fn bars(county: &Instance, visit: &Visit, mode: TeamMode, person: u32) -> bool {
    let row = &county.people[person as usize];
    let unit = county.units[row.unit as usize].2.as_str();
    let elsewhere = row.kind != UnitKind::Station || unit.is_empty();
    match mode {
        TeamMode::Bureau | TeamMode::SectionStation | TeamMode::StationBrigade => false,
        TeamMode::SameStation => elsewhere,
        TeamMode::StationStation => {
            elsewhere || subjects(visit).any(|s| serves(unit, &county.input.subjects[s as usize].town))
        }
    }
}

/// Endings of the names of towns that the names of their stations leave out (城关镇: 城关所).
const TOWN_ENDINGS: &[&str] = &["街道办事处", "街道", "民族乡", "办事处", "镇", "乡", "苏木"];

/// Whether a station is the one of a town, by its name.
#[must_use]
pub fn serves(unit: &str, town: &str) -> bool {
    let core = TOWN_ENDINGS.iter().find_map(|e| town.strip_suffix(e)).filter(|c| c.chars().count() >= 2);
    let core = core.unwrap_or(town);
    !core.is_empty() && unit.contains(core)
}

/// The subject of a visit, or those of a trip.
pub fn subjects(visit: &Visit) -> impl Iterator<Item = u32> {
    let one = visit.stops.is_empty().then_some(visit.subject);
    one.into_iter().chain(visit.stops.iter().map(|s| s.subject))
}

/// People a requirement may have at most: as many as bring each certificate by a person of its own; on a trip, no more
/// than any of its visits may have.
#[must_use]
pub fn most(visit: &Visit, need: &Requirement) -> u32 {
    let own = |r: &Requirement| r.size.max(u32::try_from(r.quals.len()).unwrap_or(u32::MAX));
    let of_stops = visit.stops.iter().flat_map(|s| s.requirements.iter().filter(|r| r.pool == need.pool));
    of_stops.map(own).min().unwrap_or_else(|| own(need))
}

/// The mode that holds for a requirement of a visit: the county's, or the other one where the county's cannot be met on
/// any day of the visit and the other one can.
#[must_use]
pub fn applied(county: &Instance, visit: &Visit, need: &Requirement) -> Applied {
    let rules = &county.input.rules;
    let own = Applied { mode: rules.team_mode, fell_back: false };
    if !binds(county, need) {
        return Applied { mode: TeamMode::Bureau, fell_back: false };
    }
    match rules.team_mode_fallback {
        Some(other) if other != rules.team_mode && rules.team_mode != TeamMode::Bureau => {
            if any_day(county, visit, need, own.mode) || !any_day(county, visit, need, other) {
                own
            } else {
                Applied { mode: other, fell_back: true }
            }
        }
        _ => own,
    }
}

/// The requirements of visits for which the county's mode was given up, by visit.
#[must_use]
pub fn fallbacks(county: &Instance, visits: &[Visit]) -> Vec<Fallback> {
    if county.input.rules.team_mode_fallback.is_none() {
        return Vec::new();
    }
    let of_visit = |(v, visit): (u32, &Visit)| {
        let given_up = |need: &Requirement| {
            let now = applied(county, visit, need);
            now.fell_back.then_some(Fallback { visit: v, pool: need.pool, mode: now.mode })
        };
        visit.requirements.iter().filter_map(given_up).collect::<Vec<_>>()
    };
    (0_u32..).zip(visits).flat_map(of_visit).collect()
}

fn any_day(county: &Instance, visit: &Visit, need: &Requirement, mode: TeamMode) -> bool {
    let can = |p: u32, day: usize| able(county, visit, p, day);
    visit
        .days
        .iter()
        .filter(|d| *d < county.days.len())
        .any(|d| team_exists(county, visit, need, mode, d, can))
}

/// Days of a visit on which a requirement has a team under a mode if nobody had anything else to do.
#[must_use]
pub fn possible_days(county: &Instance, visit: &Visit, need: &Requirement, mode: TeamMode) -> DaySet {
    let can = |p: u32, day: usize| able(county, visit, p, day);
    let days = visit.days.iter().filter(|d| *d < county.days.len());
    days.filter(|d| team_exists(county, visit, need, mode, *d, can)).collect()
}

/// Whether a person could go if there were nothing else to do.
fn able(county: &Instance, visit: &Visit, person: u32, day: usize) -> bool {
    let row = &county.people[person as usize];
    row.available.contains(day)
        && row.daily_minutes >= visit.occupation(county)
        && !subjects(visit).any(|s| county.recused.contains(&(person, s)))
}

/// Whether people for whom `can(person, day)` holds can make up a team for a requirement under a mode: enough of them,
/// not too many, all certificates, the kinds of places, and the rule for pairs.
pub fn team_exists(
    county: &Instance,
    visit: &Visit,
    need: &Requirement,
    mode: TeamMode,
    day: usize,
    can: impl Fn(u32, usize) -> bool,
) -> bool {
    let holds = |p: u32, q: u16| {
        county.people[p as usize].quals.iter().any(|(held, days)| *held == q && days.contains(day))
    };
    // People alike are one class: (what they bring, unit) with their number.
    let pair = pair_rule(mode);
    let mut classes: BTreeMap<(u64, u32), u32> = BTreeMap::new();
    for &p in county.pool[need.pool as usize].iter().filter(|p| can(**p, day)) {
        if bars(county, visit, mode, p) {
            continue;
        }
        let mut brings = place(county, p) & places(mode);
        for (bit, q) in need.quals.iter().enumerate().take(60) {
            brings |= u64::from(holds(p, *q)) << bit;
        }
        let unit = if pair == PairRule::Any { 0 } else { county.people[p as usize].unit };
        *classes.entry((brings, unit)).or_default() += 1;
    }
    let mut wanted = places(mode);
    for bit in 0..need.quals.len().min(60) {
        wanted |= 1 << bit;
    }
    let classes: Vec<(u64, u32, u32)> = classes.into_iter().map(|((b, u), n)| (b, u, n)).collect();
    let most = most(visit, need);
    Pattern { classes: &classes, pair, size: need.size }.completes(wanted, &mut Vec::new(), most)
}

/// The search for one team among classes of people.
struct Pattern<'a> {
    /// What people bring, their unit, how many they are.
    classes: &'a [(u64, u32, u32)],
    pair: PairRule,
    size: u32,
}

impl Pattern<'_> {
    /// Whether the team (by class) can be completed with at most `left` more people.
    fn completes(&self, wanted: u64, team: &mut Vec<usize>, left: u32) -> bool {
        if wanted == 0 && team.len() >= self.size as usize {
            return true;
        }
        if left == 0 {
            return false;
        }
        // The rarest thing still missing decides whom to look at; nothing missing: anybody.
        let count = |bit: u32| self.classes.iter().filter(|c| c.0 >> bit & 1 == 1).count();
        let bit = (0..64).filter(|b| wanted >> b & 1 == 1).min_by_key(|b| count(*b));
        for (i, &(brings, unit, number)) in self.classes.iter().enumerate() {
            let used = team.iter().filter(|t| **t == i).count();
            let suits = bit.is_none_or(|b| brings >> b & 1 == 1)
                && used < number as usize
                && team.iter().all(|t| match self.pair {
                    PairRule::Any => true,
                    PairRule::SameUnit => self.classes[*t].1 == unit,
                    PairRule::DifferentUnits => self.classes[*t].1 != unit,
                });
            if suits {
                team.push(i);
                if self.completes(wanted & !brings, team, left - 1) {
                    return true;
                }
                team.pop();
            }
        }
        false
    }
}

/// A requirement whose mode leaves days on which people enough could come without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// Pool.
    pub pool: u16,
    /// The mode that holds for it.
    pub mode: TeamMode,
    /// Days on which only the mode stands in the way.
    pub days: DaySet,
}

/// Where modes, and nothing else, keep a visit from days.
#[must_use]
pub fn barred(county: &Instance, visit: &Visit) -> Vec<Barred> {
    let of = |need: &Requirement| {
        let mode = applied(county, visit, need).mode;
        if mode == TeamMode::Bureau {
            return None;
        }
        let free = possible_days(county, visit, need, TeamMode::Bureau);
        let days = free.minus(possible_days(county, visit, need, mode));
        (!days.is_empty()).then_some(Barred { pool: need.pool, mode, days })
    };
    visit.requirements.iter().filter_map(of).collect()
}
