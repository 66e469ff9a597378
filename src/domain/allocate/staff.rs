//! The whole of the staffing: schedule, improve, split what stays out, draw the people.

use super::keyed::Stream;
use super::lottery::{self, Keys, Loads, Numbers};
use super::model::Model;
use super::state::{NOBODY, Place, State};
use super::team::Scratch;
use super::unmerge::{self, Split};
use super::{lns, schedule, trips};
use crate::domain::draw::lots;
use crate::domain::planning::{Instance, Visit, token};
use std::collections::BTreeMap;

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rounds of improvement per visit left out, before anything is split.
    pub effort: usize,
    /// Rounds of improvement at most.
    pub most_rounds: usize,
    /// Whether visits that stay out are split.
    pub unmerge: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { effort: 600, most_rounds: 120_000, unmerge: true }
    }
}

/// How often visits that stay out are split and scheduled again, at most.
const SPLITTING: usize = 6;
/// Rounds of improvement per visit left out after each splitting, and at most.
const AFTER_SPLIT: (usize, usize) = (300, 30_000);

/// Placed visits split for the sake of one that cannot be split itself, in one pass.
const VICTIMS: usize = 2;

/// What a person does on a visit (岗位).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Post {
    /// A岗 主办: organises the visit and enters data.
    Lead,
    /// B岗 协办.
    Second,
    /// 队员.
    Member,
    /// 专家.
    Expert,
}

/// One person of a team and how it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Person.
    pub person: u32,
    /// Pool.
    pub pool: u16,
    /// Post.
    pub post: Post,
    /// Its lot for this visit.
    pub lot: u128,
    /// Its weight, 0 when it was the only feasible person.
    pub weight: u64,
    /// People among whom was drawn.
    pub candidates: u32,
    /// Weights of those who could be drawn: (largest, sum).
    pub odds: (u64, u64),
    /// People with better lots whose pick would have stranded a visit: (person, visit index).
    pub rejected: Vec<(u32, u32)>,
    /// 唯一可行: nobody could be drawn without stranding a visit, the provisional person stayed.
    pub only_feasible: bool,
}

/// When a visit takes place and who goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staffed {
    /// Working day.
    pub day: usize,
    /// Starting slot.
    pub start: u32,
    /// The team: by pool in the order of the requirements, in the order drawn.
    pub team: Vec<Member>,
}

/// Counts of a stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Visits.
    pub visits: usize,
    /// Visits with a team.
    pub staffed: usize,
    /// Tasks in visits.
    pub tasks: usize,
    /// Tasks in visits with a team.
    pub tasks_staffed: usize,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Staffing {
    /// Visits after splitting, in canonical order (subject, then tasks); the number of a visit is its place.
    pub visits: Vec<Visit>,
    /// For each visit, the merged visit it comes from.
    pub origin: Vec<u32>,
    /// For each visit, its day, time and team.
    pub staffed: Vec<Option<Staffed>>,
    /// Counts before splitting.
    pub merged: Figures,
    /// Counts at the end.
    pub end: Figures,
    /// Splits made.
    pub splits: Vec<Split>,
    /// Minutes of each person at the end, earlier rounds included.
    pub loads: Vec<u64>,
    /// The number of each person in the inspector pool: by (department, person) in byte order.
    pub person_number: Vec<u64>,
}

/// Where the work stands; for progress lines only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Scheduled for the first time.
    Scheduled(Figures),
    /// Improved without splitting.
    Improved(Figures),
    /// After a splitting and scheduling again.
    Split(Figures),
    /// People drawn.
    Drawn(Figures),
}

/// A schedule in the making, with the visits it is about.
#[derive(Clone)]
struct Work {
    visits: Vec<Visit>,
    origin: Vec<u32>,
    state: Option<State>,
}

/// Staffs merged visits.
///
/// `seed` and `list` are those of the draw that this staffing hangs on; all chance derives from them by
/// `HKDF-Expand` with the purposes `roster`, `schedule` (provisional, decide nothing about who is drawn beyond
/// feasibility), `task-order`, `assign` and `post`.
pub fn staff(
    county: &Instance,
    merged: &[Visit],
    seed: &[u8; 32],
    list: &str,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Staffing {
    let roster = lots::expand(seed, "roster", list, "");
    let schedule_key = lots::expand(seed, "schedule", list, "");
    #[expect(clippy::cast_possible_truncation, reason = "visits are far fewer than 2^32")]
    let mut work = Work { visits: merged.to_vec(), origin: (0..merged.len() as u32).collect(), state: None };
    let bundled = county.input.rules.bundle_towns;
    if bundled {
        work.visits = trips::bundle(county, merged);
    }

    let mut model = Model::new(county, &work.visits, &roster);
    let mut state = State::new(&model);
    schedule::greedy(&model, &mut state, &mut Stream::new(&schedule_key, 0));
    if bundled {
        // Trips give way before anything else: those that found no place, then, if a little search with the others in
        // place does not help, those that keep people whom somebody lacks.
        relieve(county, &mut work, &mut model, &mut state, &roster, false);
        schedule::greedy(&model, &mut state, &mut Stream::new(&schedule_key, 1));
        let rounds = (absent(&model, &state) * options.effort).min(options.most_rounds) / 4;
        improve(&model, &mut state, &doors(&work.visits), &schedule_key, 2, rounds);
        if absent(&model, &state) > 0 {
            relieve(county, &mut work, &mut model, &mut state, &roster, true);
            schedule::greedy(&model, &mut state, &mut Stream::new(&schedule_key, 2));
        }
    }
    progress(Progress::Scheduled(figures(&work.visits, &state)));
    let rounds = (absent(&model, &state) * options.effort).min(options.most_rounds);
    improve(&model, &mut state, &doors(&work.visits), &schedule_key, 1, rounds);
    if bundled {
        relieve(county, &mut work, &mut model, &mut state, &roster, false);
        schedule::greedy(&model, &mut state, &mut Stream::new(&schedule_key, 3));
        work.origin = trips::origins(county, merged, &work.visits);
    }
    let before = figures(&work.visits, &state);
    progress(Progress::Improved(before));
    drop(model);
    work.state = Some(state);

    let mut splits = Vec::new();
    if options.unmerge {
        let mut best = (before, work.clone(), splits.clone());
        let mut idle = 0;
        for pass in 0..SPLITTING {
            let Some((model, mut state)) = part(county, &mut work, &roster, &mut splits) else { break };
            schedule::greedy(&model, &mut state, &mut Stream::new(&schedule_key, 100 + pass as u64));
            let rounds = (absent(&model, &state) * AFTER_SPLIT.0).min(AFTER_SPLIT.1);
            let weight = tasks_of(&work.visits);
            improve(&model, &mut state, &weight, &schedule_key, 200 + 10 * pass as u64, rounds);
            let now = figures(&work.visits, &state);
            progress(Progress::Split(now));
            drop(model);
            work.state = Some(state);
            idle += 1;
            if now.tasks_staffed > best.0.tasks_staffed {
                best = (now, work.clone(), splits.clone());
                idle = 0;
            }
            if now.tasks_staffed == now.tasks || idle == 2 {
                break;
            }
        }
        (_, work, splits) = best;
        let mut stream = Stream::new(&schedule_key, 99);
        rejoin(county, &mut work, &roster, &mut stream, &mut splits);
    }
    let mut staffing = draw_people(county, work, before, splits, seed, list, &roster);
    if bundled {
        staffing = trips::expand(county, merged, staffing);
    }
    progress(Progress::Drawn(staffing.end));
    staffing
}

/// Takes the trips apart that are in the way of visits not placed; see [`trips::in_the_way`].
fn relieve<'a>(
    county: &'a Instance,
    work: &mut Work,
    model: &mut Model<'a>,
    state: &mut State,
    roster: &lots::Key,
    wide: bool,
) {
    let which = trips::in_the_way(model, &work.visits, state, wide);
    if which.iter().any(|w| *w) {
        let (visits, standing) = trips::apart(county, model, state, &work.visits, &which);
        *model = Model::new(county, &visits, roster);
        *state = trips::stand(model, &standing);
        work.visits = visits;
    }
}

/// Visits that each visit or trip stands for.
fn doors(visits: &[Visit]) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, reason = "a trip has few stops")]
    visits.iter().map(|v| trips::doors(v) as u32).collect()
}

/// Visits that could be placed and are not.
fn absent(model: &Model<'_>, state: &State) -> usize {
    model.visits.iter().zip(&state.place).filter(|(v, p)| p.is_none() && !v.days.is_empty()).count()
}

fn figures(visits: &[Visit], state: &State) -> Figures {
    let done = || visits.iter().zip(&state.place).filter(|(_, p)| p.is_some());
    Figures {
        visits: visits.iter().map(trips::doors).sum(),
        staffed: done().map(|(v, _)| trips::doors(v)).sum(),
        tasks: visits.iter().map(|v| v.tasks.len()).sum(),
        tasks_staffed: done().map(|(v, _)| v.tasks.len()).sum(),
    }
}

fn tasks_of(visits: &[Visit]) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, reason = "a visit has few tasks")]
    visits.iter().map(|v| v.tasks.len() as u32).collect()
}

/// Improves a schedule by two searches side by side, twice; each time the better one goes on. The number of
/// searches is fixed, so the result does not depend on how many threads there are.
fn improve(
    model: &Model<'_>,
    state: &mut State,
    weight: &[u32],
    key: &lots::Key,
    object: u64,
    rounds: usize,
) {
    if rounds == 0 {
        return;
    }
    let lack = |state: &State| -> u64 {
        state.place.iter().zip(weight).filter(|(p, _)| p.is_none()).map(|(_, w)| u64::from(*w)).sum()
    };
    for leg in 0..2 {
        let cooling = (leg * rounds / 2, (leg + 1) * rounds / 2, rounds);
        let run = |chain: u64| {
            let mut state = state.clone();
            let mut stream = Stream::new(key, object * 16 + 2 * leg as u64 + chain);
            lns::improve(model, &mut state, weight, &mut stream, cooling, 0);
            state
        };
        let (first, second) = rayon::join(|| run(0), || run(1));
        *state = if lack(&second) < lack(&first) { second } else { first };
    }
}

/// Splits every visit that is not placed, and for each that cannot be split the visits that keep the people it lacks
/// waiting longest. None when there is nothing (more) to split.
fn part<'a>(
    county: &'a Instance,
    work: &mut Work,
    roster: &lots::Key,
    splits: &mut Vec<Split>,
) -> Option<(Model<'a>, State)> {
    let old = work.state.take()?;
    let model = Model::new(county, &work.visits, roster);
    let mut changed = vec![false; work.visits.len()];
    let mut parts: Vec<(usize, Split, [Visit; 2])> = Vec::new();
    for v in 0..work.visits.len() {
        if old.place[v].is_some() {
            continue;
        }
        if let Some((split, pair)) = unmerge::split(county, &model, &old, &work.visits[v], v) {
            changed[v] = true;
            parts.push((v, split, pair));
        } else if let Some(r) = unmerge::bottleneck(&model, &old, v) {
            let pool = model.reqs[r].pool as usize;
            // Slots the pool's own tasks of a visit would take alone.
            let own = |w: u32| {
                let visit = &work.visits[w as usize];
                (!changed[w as usize] && visit.requirements.len() > 1)
                    .then(|| unmerge::split_at(county, visit, pool))
                    .flatten()
                    .map(|(_, [_, parted])| county.grid.len(parted.occupation(county)))
            };
            let days = model.visits[v].days.iter();
            let found = unmerge::longest_waits(&model, &old, pool, days, own, VICTIMS);
            for w in found {
                if let Some((split, pair)) = unmerge::split_at(county, &work.visits[w as usize], pool) {
                    changed[w as usize] = true;
                    parts.push((w as usize, split, pair));
                }
            }
        }
    }
    if parts.is_empty() {
        work.state = Some(old);
        return None;
    }
    let layout = Layout::of(&model, &old);
    drop(model);
    for (v, split, [kept, parted]) in parts {
        splits.push(split);
        work.visits[v] = kept;
        work.visits.push(parted);
        work.origin.push(work.origin[v]);
    }
    let model = Model::new(county, &work.visits, roster);
    let state = layout.carry(&model, |v| (v < changed.len() && !changed[v]).then_some(v));
    Some((model, state))
}

/// Places and people of a schedule, apart from any model.
struct Layout(Vec<Option<(Place, Vec<u32>)>>);

impl Layout {
    fn of(model: &Model<'_>, state: &State) -> Self {
        Self((0..model.visits.len()).map(|v| Self::one(model, state, v)).collect())
    }

    fn one(model: &Model<'_>, state: &State, v: usize) -> Option<(Place, Vec<u32>)> {
        state.place[v].map(|place| (place, state.seats[state.seats_of(model, v)].to_vec()))
    }

    /// The same schedule for another model; `from` names the old number of a visit that is unchanged.
    fn carry(&self, model: &Model<'_>, from: impl Fn(usize) -> Option<usize>) -> State {
        let mut state = State::new(model);
        for v in 0..model.visits.len() {
            if let Some((place, team)) = from(v).and_then(|old| self.0[old].as_ref()) {
                state.put(model, v, *place, team);
            }
        }
        state
    }
}

/// Joins parts of one merged visit again where the split turned out to be needless: when none of them could be
/// staffed, and when the whole now finds a place. Ends with the visits in canonical order.
fn rejoin(
    county: &Instance,
    work: &mut Work,
    roster: &lots::Key,
    stream: &mut Stream,
    splits: &mut Vec<Split>,
) {
    let Some(old) = work.state.take() else { return };
    let layout = Layout::of(&Model::new(county, &work.visits, roster), &old);
    let mut whole: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (v, origin) in work.origin.iter().enumerate() {
        whole.entry(*origin).or_default().push(v);
    }
    // Candidates for joining: all parts of a visit, and every pair of them.
    let parts = work.visits.len();
    let mut joins: Vec<Vec<usize>> = Vec::new();
    for (origin, members) in whole.iter().filter(|(_, m)| m.len() > 1) {
        let mut sets = vec![members.clone()];
        if members.len() > 2 {
            for (i, a) in members.iter().enumerate() {
                sets.extend(members[i + 1..].iter().map(|b| vec![*a, *b]));
            }
        }
        for set in sets {
            let tasks = set.iter().flat_map(|v| work.visits[*v].tasks.iter().copied()).collect();
            let (joined, faults) = trips::of(county, tasks);
            if faults.is_empty() {
                work.visits.push(joined);
                work.origin.push(*origin);
                joins.push(set);
            }
        }
    }
    let model = Model::new(county, &work.visits, roster);
    let mut state = layout.carry(&model, |v| (v < parts).then_some(v));
    let mut gone = vec![false; parts];
    gone.resize(work.visits.len(), true);
    let (mut scratch, mut team) = (Scratch::default(), Vec::new());
    for (join, members) in joins.iter().enumerate().map(|(i, m)| (parts + i, m)) {
        if members.iter().any(|v| gone[*v]) {
            continue;
        }
        let placed = members.iter().filter(|v| state.place[**v].is_some()).count();
        let before: Vec<_> = members.iter().map(|v| (*v, Layout::one(&model, &state, *v))).collect();
        members.iter().for_each(|v| state.take(&model, *v));
        let fits = schedule::insert(&model, &mut state, join, None, stream, &mut scratch, &mut team);
        if fits || placed == 0 {
            members.iter().for_each(|v| gone[*v] = true);
            gone[join] = false;
        } else {
            for (v, kept) in before {
                if let Some((place, team)) = kept {
                    state.put(&model, v, place, &team);
                }
            }
        }
    }
    let layout = Layout::of(&model, &state);
    // Canonical order, so that numbers do not tell how the visits came about.
    let mut order: Vec<usize> = (0..work.visits.len()).filter(|v| !gone[*v]).collect();
    order.sort_by(|a, b| {
        let key = |v: &usize| (work.visits[*v].subject, &work.visits[*v].tasks);
        key(a).cmp(&key(b))
    });
    drop(model);
    work.visits = order.iter().map(|v| work.visits[*v].clone()).collect();
    work.origin = order.iter().map(|v| work.origin[*v]).collect();
    // A split counts while its two sides are still behind different doors.
    let mut door = vec![u32::MAX; county.tasks.len()];
    for (v, visit) in (0_u32..).zip(&work.visits) {
        visit.tasks.iter().for_each(|t| door[*t as usize] = v);
    }
    splits.retain(|s| s.kept.iter().any(|k| s.parted.iter().any(|p| door[*k as usize] != door[*p as usize])));
    let model = Model::new(county, &work.visits, roster);
    work.state = Some(layout.carry(&model, |v| Some(order[v])));
}

/// The number of each person in the inspector pool of the draw: by (department, person) as tokens, in byte order.
#[must_use]
pub fn person_numbers(county: &Instance) -> Vec<u64> {
    let mut order: Vec<(String, String, usize)> = county
        .input
        .inspectors
        .iter()
        .enumerate()
        .map(|(p, row)| (token(&row.dept_id), token(&row.id), p))
        .collect();
    order.sort_unstable();
    let mut numbers = vec![0; county.people.len()];
    for (number, (_, _, p)) in (0_u64..).zip(order) {
        numbers[p] = number;
    }
    numbers
}

fn draw_people(
    county: &Instance,
    work: Work,
    merged: Figures,
    splits: Vec<Split>,
    seed: &[u8; 32],
    list: &str,
    roster: &lots::Key,
) -> Staffing {
    let model = Model::new(county, &work.visits, roster);
    let mut state = match work.state {
        Some(state) => state,
        None => State::new(&model),
    };
    let unit = |pool: usize| token(&county.input.departments[pool].id);
    let keys = Keys {
        order: lots::expand(seed, lots::TASK_ORDER, list, ""),
        assign: (0..county.pool.len()).map(|p| lots::expand(seed, lots::ASSIGN, list, &unit(p))).collect(),
    };
    let visit_number = trips::numbers(&work.visits);
    let person_number = person_numbers(county);
    let numbers = Numbers { visit: &visit_number, person: &person_number };
    let mut loads = Loads::new(&model);
    let fixed = vec![false; work.visits.len()];
    let seats = lottery::draw(&model, &mut state, &keys, numbers, &fixed, &mut loads);

    let post_key = lots::expand(seed, "post", list, "");
    let mut staffed: Vec<Option<Staffed>> = state
        .place
        .iter()
        .map(|place| place.map(|p| Staffed { day: p.day as usize, start: p.start, team: Vec::new() }))
        .collect();
    for seat in seats {
        let req = &model.reqs[seat.req as usize];
        if let Some(visit) = &mut staffed[req.visit as usize] {
            let expert = county.is_expert_pool[req.pool as usize];
            visit.team.push(Member {
                person: seat.person,
                #[expect(clippy::cast_possible_truncation, reason = "departments are numbered by u16")]
                pool: req.pool as u16,
                post: if expert { Post::Expert } else { Post::Member },
                lot: seat.lot,
                weight: seat.weight,
                candidates: seat.candidates,
                odds: seat.odds,
                rejected: seat.rejected,
                only_feasible: seat.only_feasible,
            });
        }
    }
    for (v, visit) in staffed.iter_mut().enumerate() {
        let Some(visit) = visit else { continue };
        debug_assert!(visit.team.iter().all(|m| m.person != NOBODY));
        let requirement = |pool: u16| work.visits[v].requirements.iter().position(|r| r.pool == pool);
        visit.team.sort_by_key(|m| requirement(m.pool));
        let officers: Vec<(u32, u64, bool)> = visit
            .team
            .iter()
            .filter(|m| m.post != Post::Expert)
            .map(|m| {
                let may_lead = county.people[m.person as usize].can_lead && county.input.rules.lead_required;
                (m.person, person_number[m.person as usize], may_lead)
            })
            .collect();
        let order = lottery::posts(&post_key, visit_number[v], &officers);
        for member in &mut visit.team {
            if order.first() == Some(&member.person) {
                member.post = Post::Lead;
            } else if order.get(1) == Some(&member.person) {
                member.post = Post::Second;
            }
        }
    }
    let end = figures(&work.visits, &state);
    Staffing {
        visits: work.visits,
        origin: work.origin,
        staffed,
        merged,
        end,
        splits,
        loads: loads.minutes,
        person_number,
    }
}
