//! Computing a planning run: from tables to visits with teams, figures, blockers and differences. Reads and writes no
//! database.

use super::input::{Blocker, Caps, Loaded, Names};
use super::plan::{Planned, Step};
use super::plannings::{Basis, NewPlanning};
use super::{plan, replan};
use crate::domain::allocate::replan::{Previous, Terms, visit_name};
use crate::domain::allocate::{self, Options, Post};
use crate::domain::merge;
use crate::domain::planning::input::Notice;
use crate::domain::planning::{Instance, canonical};
use crate::domain::planning_state as run;
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// Figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PlanningSummary {
    /// Subjects with a visit.
    pub subjects: usize,
    /// On-site tasks that entered the run.
    pub tasks: usize,
    /// Tasks that need no entry.
    pub tasks_off_site: usize,
    /// Tasks that may not be planned, with a blocker each.
    pub tasks_blocked: usize,
    /// Tasks that no day of the period suits.
    pub tasks_unplaced: usize,
    /// Visits if every department went alone to every subject.
    pub separate_visits: usize,
    /// Visits.
    pub visits: usize,
    /// Visits that are saved.
    pub visits_saved: usize,
    /// Visits of two or more departments.
    pub joint_visits: usize,
    /// Departments at visits, summed.
    pub department_visits: usize,
    /// Visits with day and team.
    pub staffed: usize,
    /// Visits without.
    pub unstaffed: usize,
    /// Of those, proved to be impossible, at least.
    pub proved_unstaffable: usize,
    /// Tasks in visits with a team.
    pub tasks_staffed: usize,
    /// Visits split because people are short.
    pub splits: usize,
    /// People on teams.
    pub people: usize,
    /// Seats.
    pub seats: usize,
}

/// What differs from the run before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitChange {
    /// Code of the visit.
    pub visit: String,
    /// Key of the subject.
    pub subject_key: String,
    /// `replaced`, `posts`, `moved_time`, `moved_day`, `shrunk`, `grown`, `vanished`, `new`, `split_off`,
    /// `became_unstaffed`, `became_staffed`.
    pub kinds: Vec<String>,
    /// Day and time before.
    pub before: Option<String>,
    /// Day and time now.
    pub after: Option<String>,
    /// Codes of inspectors who no longer go, with the reason.
    pub left: Vec<String>,
    /// Codes of inspectors who now go.
    pub came: Vec<String>,
    /// Tasks it no longer has.
    pub tasks_out: Vec<String>,
    /// Tasks it has got.
    pub tasks_in: Vec<String>,
}

/// Everything read for a run; what follows needs no database.
#[derive(Debug)]
pub struct Gathered {
    pub(super) new: NewPlanning,
    pub(super) basis: Basis,
    pub(super) basis_id: Option<Id>,
    pub(super) previous: Option<(Previous, Terms)>,
    pub(super) loaded: Loaded,
    pub(super) seed: [u8; 32],
    pub(super) draw_ref: String,
}

impl Gathered {
    /// How many tasks enter.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.loaded.input.tasks.len()
    }
}

/// A run, ready to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) new: NewPlanning,
    pub(super) basis: Basis,
    pub(super) basis_id: Option<Id>,
    pub(super) seed: [u8; 32],
    pub(super) draw_ref: String,
    pub(super) digest: [u8; 32],
    pub(super) summary: PlanningSummary,
    pub(super) blockers: Vec<Blocker>,
    pub(super) changes: Vec<VisitChange>,
    pub(super) visits: Vec<DraftVisit>,
}

#[derive(Debug, Clone)]
pub(super) struct DraftVisit {
    pub(super) number: u32,
    pub(super) subject: Id,
    pub(super) tasks: Vec<Id>,
    pub(super) departments: Vec<Id>,
    pub(super) lead: Option<Id>,
    pub(super) place: Option<(NaiveDate, i32)>,
    pub(super) minutes: i32,
    pub(super) announced: bool,
    pub(super) reasons: Vec<Blocker>,
    pub(super) seats: Vec<(Id, Id, &'static str, String)>,
}

const fn role_of(post: Post) -> &'static str {
    match post {
        Post::Lead => run::Post::Lead.as_str(),
        Post::Second => run::Post::Second.as_str(),
        Post::Member => run::Post::Member.as_str(),
        Post::Expert => run::Post::Expert.as_str(),
    }
}

/// Computes a run. Takes as long as the county is large; touches no database.
///
/// # Errors
/// Tables that the engine refuses.
pub fn compute(gathered: Gathered) -> Result<Draft> {
    compute_telling(gathered, &mut |_| {})
}

/// The same, telling how far it has come.
///
/// # Errors
/// As [`compute`].
pub fn compute_telling(gathered: Gathered, tell: &mut dyn FnMut(Step)) -> Result<Draft> {
    let Gathered { new, basis, basis_id, previous, loaded, seed, draw_ref } = gathered;
    let Loaded { mut input, mut blocked, off_site, names, caps } = loaded;
    let refused = |e: &dyn std::fmt::Display| Error::refused("cannot_plan", e.to_string());
    // Of the tables as they were read: what the caps take away follows from them.
    let digest = canonical::digest(&input);
    let planned = loop {
        let instance = Instance::new(input).map_err(|e| refused(&e))?;
        let planned = match &previous {
            Some((previous, terms)) => {
                replan::again(instance, previous, &seed, terms, Vec::new(), (false, digest), &mut *tell)
            }
            None => {
                let merged = merge::into_visits(&instance);
                tell(Step::Merged(merged.visits.len()));
                let (options, list) = (Options::default(), plan::TEAMS);
                let mut staffed = |progress| tell(Step::Staffing(progress));
                let staffing =
                    allocate::staff(&instance, &merged.visits, &seed, list, &options, &mut staffed);
                plan::explained(instance, merged, staffing, Vec::new(), false, digest, &mut *tell)
            }
        };
        let over = over_cap(&planned, &names, &caps);
        if over.is_empty() {
            break planned;
        }
        // Without them the rest is merged anew: it may need fewer visits still. Every turn takes tasks away, so it ends.
        let gone: BTreeSet<&String> = over.iter().flat_map(|b| &b.tasks).collect();
        input = planned.county.input.clone();
        input.tasks.retain(|t| !gone.contains(&t.id));
        blocked.extend(over);
    };
    let visits = drafts(&planned, &names)?;
    let mut summary = figures(&planned);
    summary.tasks_off_site = off_site;
    summary.tasks_blocked = blocked.iter().map(|b| b.tasks.len()).sum();
    let mut blockers = blocked;
    blockers.extend(engine_blockers(&planned));
    let changes = changes(&planned);
    Ok(Draft { new, basis, basis_id, seed, draw_ref, digest, summary, blockers, changes, visits })
}

/// Tasks whose visits would bring a department to a subject more often than its cap allows (国办发〔2024〕54号). The
/// visits with most of the department's tasks stay.
fn over_cap(planned: &Planned, names: &Names, caps: &Caps) -> Vec<Blocker> {
    let county = &planned.county;
    let mut coming: BTreeMap<(Id, Id), BTreeMap<usize, Vec<u32>>> = BTreeMap::new();
    for (v, visit) in planned.staffing.visits.iter().enumerate() {
        let key = &county.input.subjects[visit.subject as usize].key;
        let Some(subject) = names.subjects.get(key) else { continue };
        for t in &visit.tasks {
            let row = &county.input.tasks[*t as usize];
            if let Some(department) = names.departments.get(&row.dept_id)
                && !caps.exempt.contains(&row.id)
            {
                coming.entry((*department, *subject)).or_default().entry(v).or_default().push(*t);
            }
        }
    }
    let mut over = Vec::new();
    for ((department, subject), visits) in coming {
        let left = caps.left(department, subject);
        if visits.len() <= left {
            continue;
        }
        let wanted = visits.len();
        let mut visits: Vec<(usize, Vec<u32>)> = visits.into_iter().collect();
        visits.sort_by_key(|(v, tasks)| {
            let urgent = tasks.iter().map(|t| county.input.tasks[*t as usize].priority).min();
            (planned.staffing.staffed[*v].is_none(), std::cmp::Reverse(tasks.len()), urgent, *v)
        });
        for (v, tasks) in visits.split_off(left) {
            let (subject_key, subject) = about(planned, planned.staffing.visits[v].subject);
            over.push(Blocker {
                kind: "cap_reached".to_owned(),
                visit: String::new(),
                subject_key,
                subject,
                tasks: task_codes(planned, &tasks),
                why: format!(
                    "该部门的任务不能并入较少的入企,共需{wanted}次,而本年度只可再去{left}次(上限{}次)",
                    caps.cap
                ),
                cures: vec!["取消任务,或改为非现场检查;属投诉举报等法定情形的,注明事由另建任务".to_owned()],
            });
        }
    }
    over
}

fn drafts(planned: &Planned, names: &Names) -> Result<Vec<DraftVisit>> {
    let county = &planned.county;
    let input = &county.input;
    let lost = |what: &str| Error::internal(&format!("the engine answered an unknown {what}"));
    let department = |d: u16| {
        let code = &input.departments[usize::from(d)].id;
        names.departments.get(code).copied().ok_or_else(|| lost("department"))
    };
    let why: HashMap<usize, Blocker> =
        unstaffed(planned).into_iter().zip(&planned.unstaffed).map(|(b, u)| (u.visit, b)).collect();
    let mut list = Vec::with_capacity(planned.staffing.visits.len());
    for (v, (visit, staffed)) in planned.staffing.visits.iter().zip(&planned.staffing.staffed).enumerate() {
        let subject = &input.subjects[visit.subject as usize].key;
        let mut draft = DraftVisit {
            number: planned.numbers.get(v).copied().unwrap_or_default(),
            subject: names.subjects.get(subject).copied().ok_or_else(|| lost("subject"))?,
            tasks: Vec::with_capacity(visit.tasks.len()),
            departments: visit.depts.iter().map(|d| department(*d)).collect::<Result<_>>()?,
            lead: None,
            place: None,
            minutes: i32::try_from(visit.minutes).unwrap_or(i32::MAX),
            announced: true,
            reasons: why.get(&v).cloned().into_iter().collect(),
            seats: Vec::new(),
        };
        for t in &visit.tasks {
            let row = &input.tasks[*t as usize];
            draft.announced &= row.notice != Notice::Unannounced;
            draft.tasks.push(names.tasks.get(&row.id).copied().ok_or_else(|| lost("task"))?);
        }
        draft.lead = match visit.requirements.iter().find(|r| !county.is_expert_pool[usize::from(r.pool)]) {
            Some(first) => Some(department(first.pool)?),
            None => draft.departments.first().copied(),
        };
        if let Some(staffed) = staffed {
            let start = i32::try_from(county.grid.minute(staffed.start)).unwrap_or(0);
            draft.place = Some((county.days[staffed.day], start));
            for m in &staffed.team {
                let person = &input.inspectors[m.person as usize];
                let id = names.inspectors.get(&person.id).copied().ok_or_else(|| lost("inspector"))?;
                if m.post == Post::Lead {
                    draft.lead = Some(department(m.pool)?);
                }
                let how = format!("lot={:032x};weight={};candidates={}", m.lot, m.weight, m.candidates);
                draft.seats.push((id, department(m.pool)?, role_of(m.post), how));
            }
        }
        list.push(draft);
    }
    Ok(list)
}

fn figures(planned: &Planned) -> PlanningSummary {
    let county = &planned.county;
    let staffing = &planned.staffing;
    let pairs: BTreeSet<(u32, u16)> = county.tasks.iter().map(|t| (t.subject, t.dept)).collect();
    let members = || staffing.staffed.iter().flatten().flat_map(|s| &s.team);
    let subjects: BTreeSet<u32> = staffing.visits.iter().map(|v| v.subject).collect();
    // What no visit can hold needs no visit alone either.
    let held: BTreeSet<(u32, u16)> =
        staffing.visits.iter().flat_map(|v| v.depts.iter().map(|d| (v.subject, *d))).collect();
    let separate = pairs.intersection(&held).count();
    PlanningSummary {
        subjects: subjects.len(),
        tasks: county.tasks.len(),
        tasks_off_site: 0,
        tasks_blocked: 0,
        tasks_unplaced: planned.merged.unplaced.len(),
        separate_visits: separate,
        visits: staffing.end.visits,
        visits_saved: separate.saturating_sub(staffing.end.visits),
        joint_visits: staffing.visits.iter().filter(|v| v.depts.len() > 1).count(),
        department_visits: staffing.visits.iter().map(|v| v.depts.len()).sum(),
        staffed: staffing.end.staffed,
        unstaffed: staffing.end.visits - staffing.end.staffed,
        proved_unstaffable: planned.bounds.at_least(),
        tasks_staffed: staffing.end.tasks_staffed,
        splits: staffing.splits.len(),
        people: members().map(|m| m.person).collect::<BTreeSet<_>>().len(),
        seats: members().count(),
    }
}

fn task_codes(planned: &Planned, list: &[u32]) -> Vec<String> {
    list.iter().map(|t| planned.county.input.tasks[*t as usize].id.clone()).collect()
}

fn about(planned: &Planned, subject: u32) -> (String, String) {
    let row = &planned.county.input.subjects[subject as usize];
    (row.key.clone(), row.name.clone())
}

/// One blocker for each visit without a team, in the order of [`Planned::unstaffed`].
fn unstaffed(planned: &Planned) -> Vec<Blocker> {
    use crate::domain::allocate::explain::words;
    let county = &planned.county;
    let blocker = |u: &plan::Unstaffed| {
        let visit = &planned.staffing.visits[u.visit];
        let (subject_key, subject) = about(planned, visit.subject);
        let mut why = vec![words::status(county, &u.why)];
        if let Some(c) = u.certificate.and_then(|c| planned.bounds.certificates.get(c)) {
            why.push(format!("已证明涉及的{}次入企中至少{}次不能派齐", c.visits.len(), c.excess));
        }
        why.extend(u.why.seats.iter().map(|s| words::seat_in_short(county, s)));
        Blocker {
            kind: "unstaffed".to_owned(),
            visit: visit_name(planned.numbers.get(u.visit).copied().unwrap_or_default()),
            subject_key,
            subject,
            tasks: task_codes(planned, &visit.tasks),
            why: why.join(";"),
            cures: u.why.remedies.iter().map(|r| words::remedy(county, r)).collect(),
        }
    };
    planned.unstaffed.iter().map(blocker).collect()
}

fn engine_blockers(planned: &Planned) -> Vec<Blocker> {
    use merge::words;
    let county = &planned.county;
    let mut list = Vec::new();
    for u in &planned.merged.unplaced {
        let (subject_key, subject) = about(planned, county.tasks[u.task as usize].subject);
        list.push(Blocker {
            kind: "no_day".to_owned(),
            visit: String::new(),
            subject_key,
            subject,
            tasks: task_codes(planned, &[u.task]),
            why: words::unplaced(u),
            cures: vec![words::cures(county, &u.cure)],
        });
    }
    list.extend(unstaffed(planned));
    for apart in &planned.merged.apart {
        let visit = &planned.merged.visits[apart.visit as usize];
        let other = &planned.merged.visits[apart.other as usize];
        let (subject_key, subject) = about(planned, visit.subject);
        let mut both = task_codes(planned, &visit.tasks);
        both.extend(task_codes(planned, &other.tasks));
        list.push(Blocker {
            kind: "not_merged".to_owned(),
            visit: String::new(),
            subject_key,
            subject,
            tasks: both,
            why: words::apart(county, apart),
            cures: vec![words::cures(county, &apart.cure)],
        });
    }
    list
}

fn changes(planned: &Planned) -> Vec<VisitChange> {
    use crate::domain::allocate::replan::Spot;
    let Some(moved) = &planned.moved else { return Vec::new() };
    let clock = |s: Spot| format!("{} {:02}:{:02}", s.date, s.start / 60, s.start % 60);
    let change = |c: &crate::domain::allocate::replan::Change| VisitChange {
        visit: visit_name(c.number),
        subject_key: c.subject.clone(),
        kinds: c.kinds.iter().map(|k| kind_name(*k).to_owned()).collect(),
        before: c.before.map(clock),
        after: c.after.map(clock),
        left: c.left.iter().map(|l| format!("{}:{}", l.person, l.why.words())).collect(),
        came: c.came.iter().map(|x| x.person.clone()).collect(),
        tasks_out: c.tasks_out.clone(),
        tasks_in: c.tasks_in.clone(),
    };
    moved.changes.iter().map(change).collect()
}

const fn kind_name(kind: crate::domain::allocate::replan::Kind) -> &'static str {
    use crate::domain::allocate::replan::Kind;
    match kind {
        Kind::Replaced => "replaced",
        Kind::Posts => "posts",
        Kind::MovedTime => "moved_time",
        Kind::MovedDay => "moved_day",
        Kind::Shrunk => "shrunk",
        Kind::Grown => "grown",
        Kind::Vanished => "vanished",
        Kind::New => "new",
        Kind::SplitOff => "split_off",
        Kind::BecameUnstaffed => "became_unstaffed",
        Kind::BecameStaffed => "became_staffed",
    }
}
