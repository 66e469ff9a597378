//! The whole of the staffing: schedule, improve, split what stays out, draw the people.

use super::keyed::Stream;
use super::lottery::{self, Keys, Loads, Numbers};
use super::state::NOBODY;
use super::trips;
use super::unmerge::Split;
use super::work::Work;
use crate::domain::draw::lots;
use crate::domain::planning::{Instance, Visit, token};

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
const SPLITTING: u64 = 6;
/// Rounds of improvement per visit left out after each splitting, and at most.
const AFTER_SPLIT: (usize, usize) = (300, 30_000);

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

/// What people and departments are called in keys and lots.
#[derive(Debug, Clone)]
pub struct Names {
    /// Token of each department.
    pub unit: Vec<String>,
    /// Number of each person in the inspector pool.
    pub person: Vec<u64>,
}

impl Names {
    /// As the tables call them.
    #[must_use]
    pub fn of(county: &Instance) -> Self {
        let unit = county.input.departments.iter().map(|d| token(&d.id)).collect();
        Self { unit, person: person_numbers(county) }
    }
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
    staff_as(county, merged, seed, list, options, &Names::of(county), progress)
}

/// Staffs merged visits of a county whose departments are called otherwise in its draw; see [`staff`].
pub fn staff_as(
    county: &Instance,
    merged: &[Visit],
    seed: &[u8; 32],
    list: &str,
    options: &Options,
    names: &Names,
    progress: &mut dyn FnMut(Progress),
) -> Staffing {
    let roster = lots::expand(seed, "roster", list, "");
    let key = lots::expand(seed, "schedule", list, "");
    let mut work = Work::new(county, merged, &roster);
    let bundled = county.input.rules.bundle_towns;
    let rounds = |work: &Work<'_>| (work.absent() * options.effort).min(options.most_rounds);
    if bundled {
        work.bundle(merged, &roster);
    }
    work.greedy(&key, 0);
    if bundled {
        // Trips give way before anything else: those that found no place, then, if a little search with the others in
        // place does not help, those that keep people whom somebody lacks.
        work.relieve(&roster, false);
        work.greedy(&key, 1);
        work.improve(&work.doors(), &key, 2, rounds(&work) / 4, 0);
        if work.absent() > 0 {
            work.relieve(&roster, true);
            work.greedy(&key, 2);
        }
    }
    progress(Progress::Scheduled(work.figures()));
    let floor = if work.absent() == 0 || bundled { 0 } else { work.proved_out() };
    work.improve(&work.doors(), &key, 1, rounds(&work), floor);
    if bundled {
        work.relieve(&roster, false);
        work.greedy(&key, 3);
        work.origin = trips::origins(county, merged, &work.visits);
    }
    let before = work.figures();
    progress(Progress::Improved(before));
    if options.unmerge && before.staffed < before.visits {
        work = split_what_stays_out(work, &roster, &key, progress);
        work.rejoin(&roster, &mut Stream::new(&key, 99));
    }
    let mut staffing = draw_people(county, work, before, seed, list, names);
    if bundled {
        staffing = trips::expand(county, merged, staffing);
    }
    progress(Progress::Drawn(staffing.end));
    staffing
}

/// Splits and schedules again, up to [`SPLITTING`] times; the pass with most tasks done counts.
fn split_what_stays_out<'a>(
    mut work: Work<'a>,
    roster: &lots::Key,
    key: &lots::Key,
    progress: &mut dyn FnMut(Progress),
) -> Work<'a> {
    let mut best = work.clone();
    let mut idle = 0;
    for pass in 0..SPLITTING {
        if !work.part(roster) {
            break;
        }
        work.greedy(key, 100 + pass);
        let rounds = (work.absent() * AFTER_SPLIT.0).min(AFTER_SPLIT.1);
        let weight = work.tasks();
        work.improve(&weight, key, 200 + 10 * pass, rounds, 0);
        let now = work.figures();
        progress(Progress::Split(now));
        idle += 1;
        if now.tasks_staffed > best.figures().tasks_staffed {
            best = work.clone();
            idle = 0;
        }
        if now.tasks_staffed == now.tasks || idle == 2 {
            break;
        }
    }
    best
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
    work: Work<'_>,
    merged: Figures,
    seed: &[u8; 32],
    list: &str,
    names: &Names,
) -> Staffing {
    let end = work.figures();
    let (model, mut state) = (work.model, work.state);
    let keys = Keys {
        order: lots::expand(seed, lots::TASK_ORDER, list, ""),
        assign: names.unit.iter().map(|unit| lots::expand(seed, lots::ASSIGN, list, unit)).collect(),
    };
    let visit_number = trips::numbers(&work.visits);
    let person_number = names.person.clone();
    let numbers = Numbers { visit: &visit_number, person: &person_number };
    let mut loads = Loads::new(model.county);
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
    Staffing {
        visits: work.visits,
        origin: work.origin,
        staffed,
        merged,
        end,
        splits: work.splits,
        loads: loads.minutes,
        person_number,
    }
}
