//! The staffing of a county in packages: teams drawn for the whole period, packages of subjects dealt to them, and
//! each visit made by people of its team.
//!
//! Every department that has people enough is in every team: its people are dealt to the teams, those with the same
//! certificates in an order by lot (`K("package-team", department)`, stream 0, number of the person). Departments
//! with fewer people, and experts, are drawn visit by visit from all of their people. A subject goes to one team with
//! all its visits; packages are dealt by the lots of `K("package", "")`. Inside its team a visit is scheduled and
//! drawn as everywhere else, with the same lots. Where a team cannot make a visit (recusal, leave, other visits) those
//! of its people who can come do, and for the others substitutes are drawn for that visit (see
//! [`super::super::replan`]).

use super::{Deal, How, Load, cut, deal};
use crate::domain::allocate::replan::{self, Before, Previous, Spell, Terms};
use crate::domain::allocate::staff::{self, Figures, Member, Names, Options, Progress, Staffed, Staffing};
use crate::domain::draw::lots;
use crate::domain::planning::input::TeamMode;
use crate::domain::planning::instance::InstanceError;
use crate::domain::planning::{Instance, Visit, token};
use std::collections::{BTreeMap, HashMap};

/// Pools that may exist once every department stands in every team.
const MOST_POOLS: usize = 60_000;
/// Between the code of a department and the number of a team; sorts before anything a code may hold.
const SEPARATOR: char = '\u{1}';

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Person.
    pub person: u32,
    /// Its lot among the people of its department with the same certificates.
    pub lot: u128,
}

/// Teams and what they were dealt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealt {
    /// People of each team, by department, as dealt.
    pub teams: Vec<Vec<TeamMember>>,
    /// Departments that are in no team: their people are drawn visit by visit.
    pub shared: Vec<u16>,
    /// Number of each team's package before dealing.
    pub package_of: Vec<usize>,
    /// Minutes of each team's package.
    pub minutes: Vec<u64>,
    /// How packages came to teams.
    pub how: How,
    /// Subjects exchanged between packages because a team lacks a certificate: (subject, from, to).
    pub exchanged: Vec<(u32, usize, usize)>,
    /// Team of each subject with visits, by subject.
    pub team_of: BTreeMap<u32, usize>,
}

impl Dealt {
    /// Whether a person on a visit to a subject stands in for somebody of the subject's team.
    #[must_use]
    pub fn substitute(&self, subject: u32, member: &Member) -> bool {
        !self.shared.contains(&member.pool)
            && self
                .team_of
                .get(&subject)
                .is_some_and(|t| self.teams[*t].iter().all(|m| m.person != member.person))
    }
}

/// Staffs merged visits in as many packages as the rules say (fewer where there are fewer subjects).
///
/// # Errors
/// What [`Instance::new`] refuses.
pub fn staff(
    county: &Instance,
    merged: &[Visit],
    seed: &[u8; 32],
    list: &str,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Staffing, Dealt), InstanceError> {
    let mut subjects: Vec<u32> = merged.iter().map(|v| v.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let most = (MOST_POOLS / county.pool.len().max(1)).min(subjects.len());
    let n = (county.input.rules.packages as usize).min(most).max(1);
    let number = staff::person_numbers(county);
    let (teams, split) = draw_teams(county, merged, n, &number, seed, list);
    let dealt = deal_packages(county, merged, &subjects, teams, &split, seed, list);

    let own = apart(county, &dealt, &split)?;
    let visits: Vec<Visit> = merged.iter().map(|v| Visit::new(&own, v.tasks.clone()).0).collect();
    let unit = own.input.departments.iter().map(|d| {
        let id = d.id.split(SEPARATOR).next().unwrap_or(&d.id);
        token(id)
    });
    let names = Names { unit: unit.collect(), person: number };
    let strict = Options { unmerge: false, ..*options };
    let strict = staff::staff_as(&own, &visits, seed, list, &strict, &names, progress);
    let staffing = with_substitutes(county, merged, &dealt, strict, seed, list, options);
    progress(Progress::Drawn(staffing.end));
    Ok((staffing, dealt))
}

/// Deals the people of every department that has enough of them to `n` teams. The other answer: whether a
/// department's people are in teams.
fn draw_teams(
    county: &Instance,
    merged: &[Visit],
    n: usize,
    number: &[u64],
    seed: &[u8; 32],
    list: &str,
) -> (Vec<Vec<TeamMember>>, Vec<bool>) {
    let mut teams = vec![Vec::new(); n];
    let mut split = vec![false; county.pool.len()];
    let mut size = vec![0_u32; county.pool.len()];
    let mut asked: Vec<Vec<u16>> = vec![Vec::new(); county.pool.len()];
    for need in merged.iter().flat_map(|v| &v.requirements) {
        size[usize::from(need.pool)] = size[usize::from(need.pool)].max(need.size);
        asked[usize::from(need.pool)].extend(&need.quals);
    }
    let mut at = 0;
    for (pool, people) in county.pool.iter().enumerate() {
        let there: Vec<u32> =
            people.iter().copied().filter(|p| !county.people[*p as usize].available.is_empty()).collect();
        if size[pool] == 0 || county.is_expert_pool[pool] || there.len() < n * size[pool] as usize {
            continue;
        }
        split[pool] = true;
        asked[pool].sort_unstable();
        asked[pool].dedup();
        let key = lots::expand(seed, "package-team", list, &token(&county.input.departments[pool].id));
        let lot = |p: u32| lots::lot(&key, 0, number[p as usize]);
        let same_unit = county.input.rules.team_mode == TeamMode::SameStation;
        // Those with the same certificates follow each other, so that every team gets its share of them; where teams
        // are of one station, the people of a station do.
        let class = |p: u32| {
            let person = &county.people[p as usize];
            let held = person.quals.iter().filter(|(q, days)| {
                asked[pool].binary_search(q).is_ok() && !days.and(person.available).is_empty()
            });
            let mut held: Vec<u16> = held.map(|(q, _)| *q).collect();
            if same_unit {
                held = Vec::new();
            }
            (
                same_unit.then_some(person.unit),
                person.kind,
                std::cmp::Reverse(held.len()),
                held,
                person.can_lead,
            )
        };
        let mut order: Vec<_> = there.iter().map(|p| (class(*p), lot(*p), *p)).collect();
        order.sort_unstable();
        let whole = order.len();
        for (i, (_, lot, person)) in order.into_iter().enumerate() {
            let team = if same_unit { i * n / whole } else { (at + i) % n };
            teams[team].push(TeamMember { person, lot });
        }
        at += whole;
    }
    (teams, split)
}

/// Cuts the subjects into packages and deals them to the teams.
fn deal_packages(
    county: &Instance,
    merged: &[Visit],
    subjects: &[u32],
    teams: Vec<Vec<TeamMember>>,
    split: &[bool],
    seed: &[u8; 32],
    list: &str,
) -> Dealt {
    let n = teams.len();
    let mut minutes = vec![0_u32; subjects.len()];
    let mut able = vec![vec![true; subjects.len()]; n];
    let pool_of = |m: &TeamMember| county.people[m.person as usize].dept;
    let mut of_pool: Vec<Vec<Vec<u32>>> = vec![vec![Vec::new(); county.pool.len()]; n];
    for (team, members) in of_pool.iter_mut().zip(&teams) {
        members.iter().for_each(|m| team[usize::from(pool_of(m))].push(m.person));
    }
    for visit in merged {
        let Ok(at) = subjects.binary_search(&visit.subject) else { continue };
        minutes[at] += visit.occupation(county);
        for (t, people) in of_pool.iter().enumerate() {
            able[t][at] &= visit.requirements.iter().filter(|r| split[usize::from(r.pool)]).all(|r| {
                let people = &people[usize::from(r.pool)];
                visit.days.iter().any(|day| {
                    let there: Vec<u32> = people
                        .iter()
                        .copied()
                        .filter(|p| county.people[*p as usize].available.contains(day))
                        .collect();
                    let holds = |p: &u32, q: &u16| {
                        county.people[*p as usize].quals.iter().any(|(x, days)| x == q && days.contains(day))
                    };
                    there.len() >= r.size as usize
                        && r.quals.iter().all(|q| there.iter().any(|p| holds(p, q)))
                })
            });
        }
    }
    let loads: Vec<Load<'_>> = subjects
        .iter()
        .zip(&minutes)
        .map(|(s, minutes)| Load { town: &county.input.subjects[*s as usize].town, minutes: *minutes })
        .collect();
    let key = lots::expand(seed, "package", list, "");
    let mut number = 0;
    let lots = || {
        number += 1;
        lots::lot(&key, 0, number - 1)
    };
    let Deal { packages, package_of, how, exchanges, .. } =
        deal(&loads, &cut(&loads, n), |team, subject| !able[team][subject], lots);
    let mut team_of = BTreeMap::new();
    for (team, package) in packages.iter().enumerate() {
        package.visits.iter().for_each(|s| {
            team_of.insert(subjects[*s], team);
        });
    }
    Dealt {
        teams,
        shared: (0_u16..).zip(split).filter(|(_, split)| !**split).map(|(pool, _)| pool).collect(),
        package_of,
        minutes: packages.iter().map(|p| p.minutes).collect(),
        how,
        exchanged: exchanges.iter().map(|e| (subjects[e.visit], e.from, e.to)).collect(),
        team_of,
    }
}

/// The county as the teams see it: what a department has in a team is a department of its own.
fn apart(county: &Instance, dealt: &Dealt, split: &[bool]) -> Result<Instance, InstanceError> {
    let mut input = county.input.clone();
    let name = |id: &str, team: usize| format!("{id}{SEPARATOR}{team:05}");
    let mut team_of_person = vec![0; county.people.len()];
    for (team, members) in dealt.teams.iter().enumerate() {
        members.iter().for_each(|m| team_of_person[m.person as usize] = team);
    }
    input.departments = Vec::new();
    for (row, split) in county.input.departments.iter().zip(split) {
        if *split {
            let in_team = |team| {
                let mut row = row.clone();
                row.id = name(&row.id, team);
                row
            };
            input.departments.extend((0..dealt.teams.len()).map(in_team));
        } else {
            input.departments.push(row.clone());
        }
    }
    for (p, row) in input.inspectors.iter_mut().enumerate() {
        if split[usize::from(county.people[p].dept)] {
            row.dept_id = name(&row.dept_id, team_of_person[p]);
        }
    }
    for (row, task) in input.tasks.iter_mut().zip(&county.tasks) {
        if split[usize::from(task.dept)] {
            let team = dealt.team_of.get(&task.subject).copied().unwrap_or(0);
            row.dept_id = name(&row.dept_id, team);
        }
    }
    Instance::new(input)
}

/// Back in the county as it is: what the teams could not make is made with substitutes, or split.
fn with_substitutes(
    county: &Instance,
    merged: &[Visit],
    dealt: &Dealt,
    strict: Staffing,
    seed: &[u8; 32],
    list: &str,
    options: &Options,
) -> Staffing {
    let input = &county.input;
    let mut door: HashMap<u32, usize> = HashMap::new();
    for (v, visit) in strict.visits.iter().enumerate() {
        if let Some(t) = visit.tasks.first() {
            door.insert(*t, v);
        }
    }
    let mut by_team: Vec<Option<Staffed>> = merged
        .iter()
        .map(|visit| {
            let at = visit.tasks.first().and_then(|t| door.get(t))?;
            let mut staffed = strict.staffed[*at].clone()?;
            staffed.team.iter_mut().for_each(|m| m.pool = county.people[m.person as usize].dept);
            Some(staffed)
        })
        .collect();
    // A visit without a team would have its subject's: its people are kept as far as they can come.
    let wish = |visit: &Visit| -> Vec<(String, staff::Post)> {
        let team = dealt.team_of.get(&visit.subject).map_or(&[][..], |t| &dealt.teams[*t]);
        let attends = |p: u32| visit.requirements.iter().any(|r| r.pool == county.people[p as usize].dept);
        let people = team.iter().filter(|m| attends(m.person));
        people.map(|m| (input.inspectors[m.person as usize].id.clone(), staff::Post::Member)).collect()
    };
    let before = |(v, (visit, staffed)): (u32, (&Visit, &Option<Staffed>))| {
        let team = match staffed {
            Some(s) => {
                s.team.iter().map(|m| (input.inspectors[m.person as usize].id.clone(), m.post)).collect()
            }
            None => wish(visit),
        };
        let days: Vec<usize> = visit.days.iter().collect();
        let day = staffed.as_ref().map(|s| s.day).or_else(|| days.get(days.len() / 2).copied());
        let start = staffed.as_ref().map_or(0, |s| s.start);
        Before {
            number: v,
            subject: input.subjects[visit.subject as usize].key.clone(),
            tasks: visit.tasks.iter().map(|t| input.tasks[*t as usize].id.clone()).collect(),
            spell: day.map(|d| Spell { date: county.days[d], start: county.grid.minute(start), team }),
        }
    };
    let previous = Previous {
        visits: (0_u32..).zip(merged.iter().zip(&by_team)).map(before).collect(),
        drawn: Vec::new(),
    };
    let placed: Vec<replan::Placed> = by_team
        .iter()
        .map(|s| s.as_ref().map(|s| (s.day, s.start, s.team.iter().map(|m| m.person).collect())))
        .collect();
    let terms = Terms { unmerge: options.unmerge, ..Terms::default() };
    let mut staffing = replan::complete(county, &previous, placed, seed, list, &terms);
    // Who sits where its own team put it was drawn there.
    for (now, own) in staffing.staffed.iter_mut().zip(&mut by_team) {
        let people = |s: &Staffed| {
            let mut people: Vec<u32> = s.team.iter().map(|m| m.person).collect();
            people.sort_unstable();
            (s.day, s.start, people)
        };
        if let (Some(a), Some(b)) = (&now, &own)
            && people(a) == people(b)
        {
            *now = own.take();
        }
    }
    let mut origin = vec![0_u32; county.tasks.len()];
    for (v, visit) in (0_u32..).zip(merged) {
        visit.tasks.iter().for_each(|t| origin[*t as usize] = v);
    }
    staffing.origin =
        staffing.visits.iter().map(|v| v.tasks.first().map_or(0, |t| origin[*t as usize])).collect();
    staffing
}

/// Counts of a staffing in the making.
#[must_use]
pub fn figures(visits: &[Visit], staffed: impl Fn(usize) -> bool) -> Figures {
    let done = || visits.iter().enumerate().filter(|(v, _)| staffed(*v)).map(|(_, visit)| visit);
    Figures {
        visits: visits.len(),
        staffed: done().count(),
        tasks: visits.iter().map(|v| v.tasks.len()).sum(),
        tasks_staffed: done().map(|v| v.tasks.len()).sum(),
    }
}
