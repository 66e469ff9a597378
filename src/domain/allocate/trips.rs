//! Trips: visits in one town to which the same departments go, made one after the other by one team in one half-day, so
//! that people travel less.
//!
//! A trip is scheduled and drawn like a visit that takes the time of all its stops, that whoever is recused at any stop
//! must not join, and on which every certificate of any stop is brought. A trip that cannot be staffed is taken apart
//! before anything else is given up. The answer knows visits only: [`expand`] turns trips back into them, each at its own
//! time, with the lots of the trip's first visit.

use super::model::Model;
use super::modes;
use super::staff::{Figures, Staffed, Staffing};
use super::state::{NOBODY, Place, State};
use crate::domain::planning::dayset::DaySet;
use crate::domain::planning::input::TeamMode;
use crate::domain::planning::visit::VisitFault;
use crate::domain::planning::{Instance, Requirement, Visit};
use std::collections::{BTreeMap, BTreeSet};

/// A trip is made only if it leaves at least this many days to choose from (or as many as its narrowest visit has).
const ROOM: usize = 3;

/// Slots a visit takes; a trip takes those of its stops, each of which starts on the grid.
#[must_use]
pub fn slots(county: &Instance, visit: &Visit) -> u32 {
    if visit.stops.is_empty() {
        return county.grid.len(visit.occupation(county));
    }
    visit.stops.iter().map(|s| slots(county, s)).sum()
}

/// Visits that a visit or trip stands for.
#[must_use]
pub fn doors(visit: &Visit) -> usize {
    visit.stops.len().max(1)
}

/// The team mode of a requirement; all stops of a trip have the same.
#[must_use]
pub fn mode(county: &Instance, visit: &Visit, need: &Requirement) -> TeamMode {
    let first = visit.stops.first().unwrap_or(visit);
    let own = first.requirements.iter().find(|r| r.pool == need.pool).unwrap_or(need);
    modes::applied(county, first, own).mode
}

/// One trip of several visits of different subjects; none when they do not go together: other departments or team
/// modes, too long for a half-day, or no common day on which a team exists.
#[must_use]
pub fn trip(county: &Instance, mut stops: Vec<Visit>) -> Option<Visit> {
    stops.sort_by(|a, b| (a.subject, &a.tasks).cmp(&(b.subject, &b.tasks)));
    let subjects: BTreeSet<u32> = stops.iter().map(|s| s.subject).collect();
    let days = stops.iter().fold(DaySet([u64::MAX; 4]), |days, s| days.and(s.days));
    let first = stops.first()?;
    if subjects.len() < stops.len() || days.is_empty() || stops.iter().any(|s| !goes_with(first, s)) {
        return None;
    }
    let mut requirements = first.requirements.clone();
    for (i, requirement) in requirements.iter_mut().enumerate() {
        requirement.quals = stops.iter().flat_map(|s| s.requirements[i].quals.iter().copied()).collect();
        requirement.quals.sort_unstable();
        requirement.quals.dedup();
    }
    let union = |of: &dyn Fn(&Visit) -> Vec<u16>| {
        let set: BTreeSet<u16> = stops.iter().flat_map(of).collect();
        set.into_iter().collect::<Vec<u16>>()
    };
    let taken: u32 = stops.iter().map(|s| s.occupation(county)).sum();
    let mut tasks: Vec<u32> = stops.iter().flat_map(|s| s.tasks.iter().copied()).collect();
    tasks.sort_unstable();
    let mut whole = Visit {
        subject: first.subject,
        tasks,
        days,
        minutes: taken.saturating_sub(county.input.rules.travel_minutes),
        depts: union(&|s| s.depts.clone()),
        requirements,
        lacks_expert_pool: false,
        stops,
    };
    county.grid.starts(slots(county, &whole)).next()?;
    for need in &whole.requirements {
        let mode = mode(county, &whole, need);
        let of_stop = |s: &Visit| {
            let own = s.requirements.iter().find(|r| r.pool == need.pool);
            own.map(|r| modes::applied(county, s, r).mode)
        };
        if whole.stops.iter().any(|s| of_stop(s) != Some(mode)) {
            return None;
        }
        whole.days = whole.days.and(modes::possible_days(county, &whole, need, mode));
    }
    (!whole.days.is_empty()).then_some(whole)
}

/// Whether two visits need the same people in number and kind.
fn goes_with(a: &Visit, b: &Visit) -> bool {
    let same = |a: &Requirement, b: &Requirement| (a.pool, a.size) == (b.pool, b.size);
    !a.lacks_expert_pool
        && !b.lacks_expert_pool
        && !a.requirements.is_empty()
        && a.requirements.len() == b.requirements.len()
        && a.requirements.iter().zip(&b.requirements).all(|(a, b)| same(a, b))
}

/// The visit, or trip, that a set of tasks makes: tasks of each subject are a visit.
#[must_use]
pub fn of(county: &Instance, tasks: Vec<u32>) -> (Visit, Vec<VisitFault>) {
    let mut by_subject: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for t in &tasks {
        by_subject.entry(county.tasks[*t as usize].subject).or_default().push(*t);
    }
    if by_subject.len() <= 1 {
        return Visit::new(county, tasks);
    }
    let (stops, faults): (Vec<Visit>, Vec<Vec<VisitFault>>) =
        by_subject.into_values().map(|tasks| Visit::new(county, tasks)).unzip();
    let mut faults: Vec<VisitFault> = faults.into_iter().flatten().collect();
    match trip(county, stops) {
        Some(trip) => (trip, faults),
        None => {
            faults.push(VisitFault::NoCommonDay);
            (Visit::new(county, tasks).0, faults)
        }
    }
}

/// A trip as its first stop and the rest.
#[must_use]
pub fn halves(county: &Instance, visit: &Visit) -> Option<[Visit; 2]> {
    let (first, rest) = visit.stops.split_first()?;
    let rest = match rest {
        [one] => one.clone(),
        more => trip(county, more.to_vec())?,
    };
    Some([first.clone(), rest])
}

/// What visits must have in common to be stops of one trip: the town (within a division) and who goes.
type Kind<'a> = (&'a str, &'a str, Vec<(u16, u32)>);

/// Makes trips of merged visits: in each town, for each set of departments, the longest visits first, each into the trip
/// that is then fullest (of these, the one with most days left).
#[must_use]
pub fn bundle(county: &Instance, merged: &[Visit]) -> Vec<Visit> {
    let mut kinds: BTreeMap<Kind<'_>, Vec<&Visit>> = BTreeMap::new();
    for visit in merged {
        let subject = &county.input.subjects[visit.subject as usize];
        let division = subject.division.get(..6).unwrap_or(&subject.division);
        let pools = visit.requirements.iter().map(|r| (r.pool, r.size)).collect();
        kinds.entry((division, &subject.town, pools)).or_default().push(visit);
    }
    let half = county.grid.am.max(county.grid.pm);
    let mut units = Vec::with_capacity(merged.len());
    for ((_, town, _), mut visits) in kinds {
        if town.is_empty() || visits.len() == 1 {
            units.extend(visits.into_iter().cloned());
            continue;
        }
        visits
            .sort_by_key(|v| (std::cmp::Reverse(slots(county, v)), v.days.len(), v.subject, v.tasks.first()));
        let mut open: Vec<Visit> = Vec::new();
        for visit in visits {
            let own = slots(county, visit);
            let mut best: Option<(u32, usize, usize, Visit)> = None;
            for (i, other) in open.iter().enumerate() {
                let filled = own + slots(county, other);
                let room = ROOM.min(visit.days.len()).min(other.days.len());
                if filled > half || visit.days.and(other.days).len() < room {
                    continue;
                }
                let mut stops =
                    if other.stops.is_empty() { vec![other.clone()] } else { other.stops.clone() };
                stops.push(visit.clone());
                if let Some(joined) = trip(county, stops).filter(|t| t.days.len() >= room)
                    && best.as_ref().is_none_or(|b| (b.0, b.1) < (filled, joined.days.len()))
                {
                    best = Some((filled, joined.days.len(), i, joined));
                }
            }
            match best {
                Some((_, _, i, joined)) => open[i] = joined,
                None => open.push(visit.clone()),
            }
        }
        units.extend(open);
    }
    units.sort_by(|a, b| (a.subject, &a.tasks).cmp(&(b.subject, &b.tasks)));
    units
}

/// The merged visit that each task belongs to.
fn homes(county: &Instance, merged: &[Visit]) -> Vec<u32> {
    let mut homes = vec![u32::MAX; county.tasks.len()];
    for (v, visit) in (0_u32..).zip(merged) {
        visit.tasks.iter().for_each(|t| homes[*t as usize] = v);
    }
    homes
}

/// The merged visit each visit comes from (for a trip, that of its first task).
#[must_use]
pub fn origins(county: &Instance, merged: &[Visit], visits: &[Visit]) -> Vec<u32> {
    let homes = homes(county, merged);
    visits.iter().map(|v| v.tasks.first().map_or(u32::MAX, |t| homes[*t as usize])).collect()
}

/// Which trips are in the way of visits that could be placed and are not: trips that are not placed themselves and, if
/// `wide`, placed ones that keep people of their pools on one of their days.
#[must_use]
pub fn in_the_way(model: &Model<'_>, visits: &[Visit], state: &State, wide: bool) -> Vec<bool> {
    let mut pressed: BTreeMap<u32, DaySet> = BTreeMap::new();
    for (v, visit) in model.visits.iter().enumerate().filter(|(v, _)| state.place[*v].is_none()) {
        for r in model.reqs_of(v) {
            let days = pressed.entry(model.reqs[r].pool).or_default();
            *days = days.or(visit.days);
        }
    }
    let blocks = |v: usize, day: u32| {
        let pools = model.reqs_of(v).map(|r| model.reqs[r].pool);
        pools.into_iter().any(|p| pressed.get(&p).is_some_and(|days| days.contains(day as usize)))
    };
    (0..visits.len())
        .map(|v| !visits[v].stops.is_empty() && state.place[v].is_none_or(|p| wide && blocks(v, p.day)))
        .collect()
}

/// Where each visit stood, with the people of each of its requirements.
pub type Standing = Vec<Option<(Place, Vec<Vec<u32>>)>>;

/// Takes trips apart: each stop becomes a visit, at the time and with the people the trip had.
#[must_use]
pub fn apart(
    county: &Instance,
    model: &Model<'_>,
    state: &State,
    visits: &[Visit],
    which: &[bool],
) -> (Vec<Visit>, Standing) {
    let (mut plain, mut standing) = (Vec::new(), Standing::new());
    for (v, visit) in visits.iter().enumerate() {
        let teams = || -> Vec<Vec<u32>> {
            let people = |r: usize| {
                let req = &model.reqs[r];
                let seats = &state.seats[req.seat as usize..(req.seat + req.most) as usize];
                seats.iter().copied().filter(|p| *p != NOBODY).collect()
            };
            model.reqs_of(v).map(people).collect()
        };
        if which[v] && !visit.stops.is_empty() {
            let mut offset = 0;
            for stop in &visit.stops {
                let place = state.place[v].map(|p| Place { day: p.day, start: p.start + offset });
                offset += slots(county, stop);
                plain.push(stop.clone());
                standing.push(place.map(|p| (p, teams())));
            }
        } else {
            plain.push(visit.clone());
            standing.push(state.place[v].map(|p| (p, teams())));
        }
    }
    (plain, standing)
}

/// A schedule from where visits stood.
#[must_use]
pub fn stand(model: &Model<'_>, standing: &Standing) -> State {
    let mut state = State::new(model);
    for (v, stood) in standing.iter().enumerate() {
        let Some((place, teams)) = stood else { continue };
        let mut seats = vec![NOBODY; state.seats_of(model, v).len()];
        let first = model.reqs[model.visits[v].reqs.0 as usize].seat;
        for (r, team) in model.reqs_of(v).zip(teams) {
            let at = (model.reqs[r].seat - first) as usize;
            seats[at..at + team.len()].copy_from_slice(team);
        }
        state.put(model, v, *place, &seats);
    }
    state
}

/// Key of the canonical order of visits: subject, then tasks.
fn key(visit: &Visit) -> (u32, Option<u32>) {
    (visit.subject, visit.tasks.first().copied())
}

/// The canonical order of what visits and trips stand for, as (place in `visits`, stop).
fn order(visits: &[Visit]) -> Vec<(usize, usize)> {
    let mut all: Vec<((u32, Option<u32>), usize, usize)> = Vec::new();
    for (v, visit) in visits.iter().enumerate() {
        if visit.stops.is_empty() {
            all.push((key(visit), v, 0));
        } else {
            all.extend(visit.stops.iter().enumerate().map(|(i, s)| (key(s), v, i)));
        }
    }
    all.sort_unstable();
    all.into_iter().map(|(_, v, i)| (v, i)).collect()
}

/// The number of each visit in the draw: its place in the canonical order; of a trip, that of its first stop.
#[must_use]
pub fn numbers(visits: &[Visit]) -> Vec<u64> {
    let mut numbers = vec![0; visits.len()];
    for (number, (v, stop)) in (0_u64..).zip(order(visits)) {
        if stop == 0 {
            numbers[v] = number;
        }
    }
    numbers
}

/// The answer visit by visit, in canonical order.
#[must_use]
pub fn expand(county: &Instance, merged: &[Visit], staffing: Staffing) -> Staffing {
    let order = order(&staffing.visits);
    let mut first = vec![0_u32; staffing.visits.len()];
    for (number, (v, stop)) in (0_u32..).zip(&order) {
        if *stop == 0 {
            first[*v] = number;
        }
    }
    let (mut visits, mut staffed) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
    for (v, i) in order {
        let whole = &staffing.visits[v];
        let before: u32 = whole.stops.iter().take(i).map(|s| slots(county, s)).sum();
        visits.push(whole.stops.get(i).unwrap_or(whole).clone());
        staffed.push(staffing.staffed[v].as_ref().map(|s| {
            let mut team = s.team.clone();
            let rejected = team.iter_mut().flat_map(|m| &mut m.rejected);
            rejected.for_each(|(_, visit)| *visit = first[*visit as usize]);
            Staffed { day: s.day, start: s.start + before, team }
        }));
    }
    let done = || visits.iter().zip(&staffed).filter(|(_, s)| s.is_some());
    let end = Figures {
        visits: visits.len(),
        staffed: done().count(),
        tasks: visits.iter().map(|v| v.tasks.len()).sum(),
        tasks_staffed: done().map(|(v, _)| v.tasks.len()).sum(),
    };
    let subject = |t: Option<&u32>| t.map(|t| county.tasks[*t as usize].subject);
    let mut splits = staffing.splits;
    // Taking a trip apart is no split of a visit.
    splits.retain(|s| subject(s.kept.first()) == subject(s.parted.first()));
    Staffing { origin: origins(county, merged, &visits), visits, staffed, end, splits, ..staffing }
}
