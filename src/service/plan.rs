//! The main job as a use case: from a county's tables to drawn, merged and staffed visits.

use super::ceremony::{self, Held, Spec};
use super::pools;
use crate::domain::allocate::bounds::{self, Bounds};
use crate::domain::allocate::explain::{self, Diary, Explanation};
use crate::domain::allocate::modes::{self, Fallback};
use crate::domain::allocate::packages::staffing::{self as packages, Dealt};
use crate::domain::allocate::replan::{Change, Tally};
use crate::domain::allocate::{self, Options, Progress, Staffing};
use crate::domain::draw::pool::SubjectPool;
use crate::domain::draw::record::{Group, Mode, Stratum};
use crate::domain::merge::{self, Merged};
use crate::domain::planning::input::{CheckMode, Input, Task};
use crate::domain::planning::instance::InstanceError;
use crate::domain::planning::{Instance, canonical, token};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// List token of the draw on which the staffing hangs.
pub const TEAMS: &str = "TEAMS";
/// Seconds east of Greenwich of China standard time.
const CHINA: i64 = 8 * 3600;

/// Where the entropy of the draws comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A rehearsal (演练): the server secret is derived from a text and the input, so that everybody can repeat it;
    /// nobody may be inspected because of it.
    Rehearsal(String),
    /// Draws that were held with witnesses.
    Formal(Vec<FormalDraw>),
}

/// What planning needs of a finished draw.
#[derive(Debug, Clone)]
pub struct FormalDraw {
    /// As held.
    pub held: Held,
    /// Digest of the rules in its opening: must be the digest of the planning input.
    pub rules_doc: [u8; 32],
    /// What its opening asks for: must be what the plan entry asks for.
    pub quotas: pools::Quotas,
    /// Groups of its pool of subjects: must be those of the subjects the plan entry is about.
    pub groups: Vec<Group>,
    /// Witnesses.
    pub witnesses: Vec<String>,
    /// Beacons.
    pub beacons: Vec<String>,
}

/// Why planning cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The tables do not fit together.
    #[error("{0}")]
    Instance(#[from] InstanceError),
    /// A draw cannot be held or used; every reason.
    #[error("{}", .0.join("\n"))]
    Draw(Vec<String>),
}

/// Where the work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Subjects of a plan entry drawn: (done, of).
    Drawn(usize, usize),
    /// Tasks merged: visits.
    Merged(usize),
    /// Staffing.
    Staffing(Progress),
    /// Explaining what could not be done: (done, of).
    Explained(usize, usize),
}

/// A draw behind the result.
#[derive(Debug, Clone)]
pub struct DrawDone {
    /// What was drawn, in words.
    pub purpose: String,
    /// Everything about it.
    pub held: Held,
    /// Witnesses.
    pub witnesses: Vec<String>,
    /// Beacons.
    pub beacons: Vec<String>,
}

/// Why a visit is not staffed.
#[derive(Debug, Clone)]
pub struct Unstaffed {
    /// Visit.
    pub visit: usize,
    /// Who is there and what keeps them.
    pub why: Explanation,
    /// Place in [`Bounds::certificates`] of the certificate that holds it.
    pub certificate: Option<usize>,
}

/// What planning again has moved.
#[derive(Debug)]
pub struct Moved {
    /// Visit by visit, by number.
    pub changes: Vec<Change>,
    /// How much.
    pub tally: Tally,
}

/// The answer.
#[derive(Debug)]
pub struct Planned {
    /// The county with its tasks.
    pub county: Instance,
    /// Merged visits.
    pub merged: Merged,
    /// Staffed visits.
    pub staffing: Staffing,
    /// Number of each visit, ascending: its place, unless it was planned again.
    pub numbers: Vec<u32>,
    /// What moved since the previous answer, when this one was planned again.
    pub moved: Option<Moved>,
    /// Teams and packages, when the rules ask for them and this was not planned again.
    pub packages: Option<Dealt>,
    /// Requirements for which the county's team mode was given up, by visit.
    pub fallbacks: Vec<Fallback>,
    /// What is proved about visits that are not staffed.
    pub bounds: Bounds,
    /// Visits that are not staffed, with the reasons.
    pub unstaffed: Vec<Unstaffed>,
    /// Draws: of subjects per plan entry, then of the staffing.
    pub draws: Vec<DrawDone>,
    /// Whether it was a rehearsal.
    pub rehearsal: bool,
    /// Digest of the input on which the staffing's draw commits itself.
    pub input_digest: [u8; 32],
}

/// Plans: draws the subjects of plan entries, merges, staffs, explains.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(
    mut input: Input,
    source: &Source,
    options: &Options,
    step: &mut dyn FnMut(Step),
) -> Result<Planned, PlanError> {
    input.sort();
    let mut draws = Vec::new();
    if !input.plans.is_empty() {
        draw_subjects(&mut input, source, &mut draws, step)?;
    }
    let input_digest = canonical::digest(&input);
    let teams = staffing_draw(&input, input_digest, source)?;
    let seed = teams.held.seed;
    draws.push(teams);

    let county = Instance::new(input)?;
    let merged = merge::into_visits(&county);
    step(Step::Merged(merged.visits.len()));
    let mut progress = |p| step(Step::Staffing(p));
    let (staffing, dealt) = if county.input.rules.packages > 0 {
        let (staffing, dealt) =
            packages::staff(&county, &merged.visits, &seed, TEAMS, options, &mut progress)?;
        (staffing, Some(dealt))
    } else {
        (allocate::staff(&county, &merged.visits, &seed, TEAMS, options, &mut progress), None)
    };
    let rehearsal = matches!(source, Source::Rehearsal(_));
    let mut planned = explained(county, merged, staffing, draws, rehearsal, input_digest, step);
    planned.packages = dealt;
    Ok(planned)
}

/// Adds to a staffing why visits are not staffed.
pub(super) fn explained(
    county: Instance,
    merged: Merged,
    staffing: Staffing,
    draws: Vec<DrawDone>,
    rehearsal: bool,
    input_digest: [u8; 32],
    step: &mut dyn FnMut(Step),
) -> Planned {
    let out: Vec<usize> = (0..staffing.visits.len()).filter(|v| staffing.staffed[*v].is_none()).collect();
    let bounds =
        if out.is_empty() { Bounds::default() } else { bounds::certify(&county, &staffing.visits, &out) };
    let diary = Bookings::of(&county, &staffing);
    let unstaffed = out
        .iter()
        .enumerate()
        .map(|(done, v)| {
            step(Step::Explained(done + 1, out.len()));
            Unstaffed {
                visit: *v,
                why: explain::explain(&county, &staffing.visits[*v], &diary),
                certificate: bounds.certificates.iter().position(|c| c.visits.binary_search(v).is_ok()),
            }
        })
        .collect();
    let numbers = (0_u32..).take(staffing.visits.len()).collect();
    let moved = None;
    let fallbacks = modes::fallbacks(&county, &staffing.visits);
    Planned {
        county,
        merged,
        staffing,
        numbers,
        moved,
        packages: None,
        fallbacks,
        bounds,
        unstaffed,
        draws,
        rehearsal,
        input_digest,
    }
}

/// Midnight in China of the first day of the period (or of 2026-01-01 when there is none): the time of a
/// rehearsal's records, so that the same input gives the same bytes.
fn rehearsal_time(input: &Input) -> u64 {
    let day = input.calendar.first().map_or(NaiveDate::default(), |d| d.date);
    u64::try_from(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() - CHINA).unwrap_or(0)
}

/// The division that most departments are responsible for: the authority of a rehearsal.
#[must_use]
pub fn authority(input: &Input) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for d in input.departments.iter().filter(|d| !d.division.is_empty()) {
        *counts.entry(&d.division).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(division, n)| (**n, std::cmp::Reverse(**division)));
    token(most.map_or("COUNTY", |(division, _)| *division))
}

fn words(faults: &[crate::domain::draw::fault::Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// Draws the subjects of every plan entry, or takes them from the draws that were held, and makes tasks of them.
///
/// # Errors
/// Every plan entry that cannot be drawn.
pub fn draw_subjects(
    input: &mut Input,
    source: &Source,
    draws: &mut Vec<DrawDone>,
    step: &mut dyn FnMut(Step),
) -> Result<(), PlanError> {
    let digest = canonical::digest(input);
    let inspectors = pools::inspectors(input).map_err(|f| PlanError::Draw(words(&f)))?;
    let authority = authority(input);
    let mut faults = Vec::new();
    let mut tasks: Vec<Task> = Vec::new();
    let by_token: BTreeMap<String, usize> =
        input.subjects.iter().enumerate().map(|(i, s)| (token(&s.token()), i)).collect();
    let plans = input.plans.clone();
    for (i, plan) in plans.iter().enumerate() {
        let list = token(&plan.id);
        let pool = match pools::subjects(input, pools::matching(input, plan)) {
            Ok(pool) if pool.is_empty() => {
                faults.push(format!(
                    "计划{}({})没有符合条件的检查对象,请核对主体类型、行业、乡镇和分类",
                    plan.id, plan.name
                ));
                continue;
            }
            Ok(pool) => pool,
            Err(bad) => {
                faults.extend(words(&bad));
                continue;
            }
        };
        let done = match source {
            Source::Rehearsal(text) => pools::quotas(plan, &pool).and_then(|quotas| {
                let held = ceremony::hold(Spec {
                    authority: authority.clone(),
                    list: list.clone(),
                    as_of: rehearsal_time(input),
                    subjects: pools::members(&pool),
                    inspectors: inspectors.members().to_vec(),
                    rules_doc: digest,
                    mode: quotas.mode,
                    total: quotas.total,
                    strata: quotas.strata.iter().map(pools::rule).collect(),
                    text: text.clone(),
                })
                .map_err(|f| format!("计划{}:{}", plan.id, words(&f).join(";")))?;
                Ok((held, Vec::new(), Vec::new()))
            }),
            Source::Formal(held) => pools::quotas(plan, &pool).and_then(|quotas| {
                let found = formal(held, &list, &digest)?;
                asks_the_same(found, &quotas, &pool)?;
                Ok((found.held.clone(), found.witnesses.clone(), found.beacons.clone()))
            }),
        };
        match done {
            Ok((held, witnesses, beacons)) => {
                make_tasks(input, plan, &held.drawn, &by_token, &mut tasks, &mut faults);
                draws.push(DrawDone {
                    purpose: format!("抽取检查对象:{}", plan.name),
                    held,
                    witnesses,
                    beacons,
                });
            }
            Err(why) => faults.push(why),
        }
        step(Step::Drawn(i + 1, plans.len()));
    }
    if !faults.is_empty() {
        return Err(PlanError::Draw(faults));
    }
    input.tasks = tasks;
    input.sort();
    Ok(())
}

fn make_tasks(
    input: &Input,
    plan: &crate::domain::planning::input::PlanEntry,
    drawn: &[String],
    by_token: &BTreeMap<String, usize>,
    tasks: &mut Vec<Task>,
    faults: &mut Vec<String>,
) {
    let mut ids: Vec<&String> = drawn.iter().collect();
    ids.sort_unstable();
    for (n, id) in ids.into_iter().enumerate() {
        let Some(subject) = by_token.get(id) else {
            faults.push(format!("计划{}抽中的{id}不在检查对象名录中", plan.id));
            continue;
        };
        for item in &plan.items {
            let Ok(place) = input.items.binary_search_by(|i| i.id.as_str().cmp(item)) else { continue };
            let item = &input.items[place];
            tasks.push(Task {
                id: format!("{}-{:05}-{}", plan.id, n + 1, item.id),
                plan: plan.name.clone(),
                dept_id: plan.dept_id.clone(),
                item_id: item.id.clone(),
                subject: input.subjects[*subject].key.clone(),
                earliest: plan.earliest,
                latest: plan.latest,
                minutes: item.minutes,
                mode: item.mode,
                notice: item.notice,
                priority: plan.priority,
                people: 0,
            });
        }
    }
}

fn formal<'a>(held: &'a [FormalDraw], list: &str, digest: &[u8; 32]) -> Result<&'a FormalDraw, String> {
    let found = held.iter().find(|d| d.held.list == list).ok_or_else(|| {
        format!("缺少名单“{list}”的抽取结果:请先用 onedoor draw 完成该次抽取,再以 --draw 指定其文件夹")
    })?;
    if found.rules_doc == *digest {
        Ok(found)
    } else {
        Err(format!(
            "名单“{list}”的抽取所承诺的数据摘要为 {},而现在的数据摘要为 {}:抽取之后数据有改动,须恢复原数据或重新抽取",
            hex::encode(found.rules_doc),
            hex::encode(digest)
        ))
    }
}

/// Whether a draw was held over the subjects and with the quotas that the tables give: its digest commits to the tables
/// only, not to what was made of them. Who was excluded beforehand is public in the draw itself.
fn asks_the_same(draw: &FormalDraw, quotas: &pools::Quotas, pool: &SubjectPool) -> Result<(), String> {
    // Exclusions lower what is eligible; everything else must agree.
    let strata = |q: &pools::Quotas| -> Vec<Stratum> {
        q.strata.iter().map(|s| Stratum { eligible: 0, ..s.clone() }).collect()
    };
    let same = |a: &pools::Quotas, b: &pools::Quotas| {
        (a.mode, a.total) == (b.mode, b.total) && strata(a) == strata(b)
    };
    if draw.groups != pool.groups() {
        return Err(format!(
            "名单“{}”的抽取所用名录的分层和户数与数据不符:须按现有数据重新抽取",
            draw.held.list
        ));
    }
    if !same(&draw.quotas, quotas) {
        return Err(format!("名单“{}”的抽取所用比例或户数与数据不符:须按现有数据重新抽取", draw.held.list));
    }
    Ok(())
}

/// The draw from which the staffing's seed comes: all subjects with on-site tasks are in its pool, all inspectors in
/// the other; its rules are the planning input, so everybody is committed to the input before the seed is known. No
/// subject is drawn in it.
pub(super) fn staffing_draw(input: &Input, digest: [u8; 32], source: &Source) -> Result<DrawDone, PlanError> {
    let purpose = "派定检查人员".to_owned();
    match source {
        Source::Rehearsal(text) => {
            let pool = task_subjects(input).map_err(|f| PlanError::Draw(words(&f)))?;
            let inspectors = pools::inspectors(input).map_err(|f| PlanError::Draw(words(&f)))?;
            let held = ceremony::hold(Spec {
                authority: authority(input),
                list: TEAMS.to_owned(),
                as_of: rehearsal_time(input),
                subjects: pools::members(&pool),
                inspectors: inspectors.members().to_vec(),
                rules_doc: digest,
                mode: Mode::Ratio,
                total: 0,
                strata: nobody(&pool).iter().map(pools::rule).collect(),
                text: text.clone(),
            })
            .map_err(|f| PlanError::Draw(words(&f)))?;
            Ok(DrawDone { purpose, held, witnesses: Vec::new(), beacons: Vec::new() })
        }
        Source::Formal(held) => {
            let found = formal(held, TEAMS, &digest).map_err(|e| PlanError::Draw(vec![e]))?;
            Ok(DrawDone {
                purpose,
                held: found.held.clone(),
                witnesses: found.witnesses.clone(),
                beacons: found.beacons.clone(),
            })
        }
    }
}

/// The subjects with on-site tasks, as a pool.
///
/// # Errors
/// What the pool refuses.
pub fn task_subjects(
    input: &Input,
) -> Result<crate::domain::draw::pool::SubjectPool, Vec<crate::domain::draw::fault::Fault>> {
    let mut wanted: Vec<&str> =
        input.tasks.iter().filter(|t| t.mode == CheckMode::OnSite).map(|t| t.subject.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let places = input.subjects.iter().enumerate();
    pools::subjects(
        input,
        places.filter(|(_, s)| wanted.binary_search(&s.key.as_str()).is_ok()).map(|(i, _)| i),
    )
}

/// Strata of a pool from which nobody is drawn: such a draw is held for its seed.
#[must_use]
pub fn nobody(pool: &crate::domain::draw::pool::SubjectPool) -> Vec<Stratum> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for group in pool.groups() {
        *sizes.entry(&group.code).or_default() += group.count;
    }
    sizes
        .into_iter()
        .map(|(code, eligible)| Stratum { code: code.to_owned(), eligible, bp: 0, lo: 0, hi: 0, alloc: 1 })
        .collect()
}

/// Who is taken when, from the staffed visits.
struct Bookings {
    days: usize,
    busy: Vec<u64>,
    used: Vec<u32>,
}

impl Bookings {
    fn of(county: &Instance, staffing: &Staffing) -> Self {
        let days = county.days.len();
        let mut bookings = Self {
            days,
            busy: vec![0; county.people.len() * days],
            used: vec![0; county.people.len() * days],
        };
        for ((person, day), (slots, minutes)) in &county.busy {
            let at = *person as usize * days + usize::from(*day);
            bookings.busy[at] |= slots;
            bookings.used[at] += minutes;
        }
        for (visit, staffed) in staffing.visits.iter().zip(&staffing.staffed) {
            let Some(staffed) = staffed else { continue };
            let minutes = visit.occupation(county);
            let window = ((1_u128 << county.grid.len(minutes)) - 1) << staffed.start;
            for member in &staffed.team {
                let at = member.person as usize * days + staffed.day;
                #[expect(clippy::cast_possible_truncation, reason = "a day has at most 64 slots")]
                let mask = window as u64;
                bookings.busy[at] |= mask;
                bookings.used[at] += minutes;
            }
        }
        bookings
    }
}

impl Diary for Bookings {
    fn busy(&self, person: u32, day: usize) -> u64 {
        self.busy[person as usize * self.days + day]
    }

    fn used_minutes(&self, person: u32, day: usize) -> u32 {
        self.used[person as usize * self.days + day]
    }
}
