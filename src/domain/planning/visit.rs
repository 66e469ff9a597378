//! A visit: the tasks of one subject that are done behind one door, and whom it needs.

use super::dayset::DaySet;
use super::input::Notice;
use super::instance::Instance;

/// What a visit needs from one pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Pool: department index.
    pub pool: u16,
    /// People at least; the team has `max(size, number of certificates needed to cover quals)` people.
    pub size: u32,
    /// Certificates (indices into [`Instance::quals`], ascending) that somebody of the team must hold on the day.
    pub quals: Vec<u16>,
}

/// A rule that a set of tasks breaks when put behind one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VisitFault {
    /// 突击 and 提前告知 together.
    MixedNotice,
    /// No day on which all can be done.
    NoCommonDay,
    /// Longer than a visit may be.
    TooLong,
    /// More departments than a visit may have.
    TooManyDepartments,
    /// More people than may enter.
    TooManyPeople,
}

/// A visit with all that follows from its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Subject.
    pub subject: u32,
    /// Tasks, ascending by index; at least one.
    pub tasks: Vec<u32>,
    /// Days on which all tasks can be done.
    pub days: DaySet,
    /// Minutes at the subject: entry overhead and the longest task of each group.
    pub minutes: u32,
    /// Departments with a task in the visit, ascending; those whose groups are all owned by others need not come.
    pub depts: Vec<u16>,
    /// What each attending pool sends: departments by rank, the expert pool last.
    pub requirements: Vec<Requirement>,
    /// Whether experts are needed and the subject's division has no expert pool; then it cannot be staffed.
    pub lacks_expert_pool: bool,
    /// The visits of which this is a trip (one team, one after the other, see [`crate::domain::allocate::trips`]); empty for
    /// a visit proper. Trips exist inside the staffing only.
    pub stops: Vec<Visit>,
}

impl Visit {
    /// Puts tasks of one subject together. An empty list of faults means the visit is allowed; the visit itself is
    /// made all the same, so that a fault can be explained.
    ///
    /// The owner of an equivalence group is the lowest-ranked department of the group that has an item of its own
    /// in the visit, else the lowest-ranked of the group; only owners attend and bring certificates.
    #[must_use]
    pub fn new(county: &Instance, mut tasks: Vec<u32>) -> (Self, Vec<VisitFault>) {
        tasks.sort_unstable();
        let rules = &county.input.rules;
        let mut days = DaySet([u64::MAX; 4]);
        let (mut unannounced, mut announced) = (false, false);
        // (group, longest minutes), (group, department) pairs
        let mut groups: Vec<(u32, u32)> = Vec::with_capacity(tasks.len());
        let mut pairs: Vec<(u32, u16)> = Vec::with_capacity(tasks.len());
        for &t in &tasks {
            let task = &county.tasks[t as usize];
            days = days.and(task.days);
            unannounced |= task.notice == Notice::Unannounced;
            announced |= task.notice == Notice::Announced;
            match groups.iter_mut().find(|(g, _)| *g == task.group) {
                Some((_, minutes)) => *minutes = (*minutes).max(task.minutes),
                None => groups.push((task.group, task.minutes)),
            }
            if !pairs.contains(&(task.group, task.dept)) {
                pairs.push((task.group, task.dept));
            }
        }
        let minutes = rules.entry_overhead_minutes + groups.iter().map(|(_, m)| m).sum::<u32>();
        let mut depts: Vec<u16> = pairs.iter().map(|(_, d)| *d).collect();
        depts.sort_unstable();
        depts.dedup();

        let shared = |group: u32| pairs.iter().filter(|(g, _)| *g == group).count() > 1;
        let exclusive: Vec<u16> = pairs.iter().filter(|(g, _)| !shared(*g)).map(|(_, d)| *d).collect();
        let owner = |group: u32| {
            let members = || pairs.iter().filter(move |(g, _)| *g == group).map(|(_, d)| *d);
            let key = |d: &u16| county.rank[*d as usize];
            members().filter(|d| exclusive.contains(d)).min_by_key(key).or_else(|| members().min_by_key(key))
        };
        let mut requirements: Vec<Requirement> = Vec::new();
        let mut experts: Vec<u16> = Vec::new();
        for &t in &tasks {
            let task = &county.tasks[t as usize];
            if owner(task.group) != Some(task.dept) {
                continue;
            }
            let item = &county.items[task.item as usize];
            let at = requirements.iter().position(|r| r.pool == task.dept).unwrap_or_else(|| {
                requirements.push(Requirement {
                    pool: task.dept,
                    size: rules.min_per_dept,
                    quals: Vec::new(),
                });
                requirements.len() - 1
            });
            requirements[at].size = requirements[at].size.max(task.people);
            requirements[at].quals.extend(item.qual);
            experts.extend(item.expert);
        }
        if let [only] = requirements.as_mut_slice() {
            only.size = only.size.max(rules.min_total_officers);
        }
        for requirement in &mut requirements {
            requirement.quals.sort_unstable();
            requirement.quals.dedup();
        }
        requirements.sort_by_key(|r| county.rank[r.pool as usize]);
        let subject = tasks.first().map_or(0, |t| county.tasks[*t as usize].subject);
        let mut lacks_expert_pool = false;
        if !experts.is_empty() {
            experts.sort_unstable();
            experts.dedup();
            match county.expert_pool[subject as usize] {
                Some(pool) => requirements.push(Requirement { pool, size: 1, quals: experts }),
                None => lacks_expert_pool = true,
            }
        }

        let mut faults = Vec::new();
        if unannounced && announced {
            faults.push(VisitFault::MixedNotice);
        }
        if days.is_empty() {
            faults.push(VisitFault::NoCommonDay);
        }
        if groups.len() > 1 && minutes > rules.max_visit_minutes {
            faults.push(VisitFault::TooLong);
        }
        if depts.len() > rules.max_depts_per_visit as usize {
            faults.push(VisitFault::TooManyDepartments);
        }
        let most = rules.max_people_per_visit;
        if most > 0 && depts.len() > 1 && people(county, &tasks) > most {
            faults.push(VisitFault::TooManyPeople);
        }
        (
            Self { subject, tasks, days, minutes, depts, requirements, lacks_expert_pool, stops: Vec::new() },
            faults,
        )
    }

    /// People who would come if each department with a matter here sent its own; see
    /// [`super::input::Rules::max_people_per_visit`].
    #[must_use]
    pub fn people(&self, county: &Instance) -> u32 {
        people(county, &self.tasks)
    }

    /// Minutes for which the visit occupies its people: at the subject and on the way.
    #[must_use]
    pub fn occupation(&self, county: &Instance) -> u32 {
        self.minutes + county.input.rules.travel_minutes
    }
}

/// See [`Visit::people`]. More tasks never mean fewer people, which the merge relies on.
fn people(county: &Instance, tasks: &[u32]) -> u32 {
    let mut sent: Vec<(u16, u32)> = Vec::with_capacity(tasks.len());
    let mut experts = 0;
    for t in tasks {
        let task = &county.tasks[*t as usize];
        let own = county.sends(*t);
        match sent.iter_mut().find(|(d, _)| *d == task.dept) {
            Some((_, people)) => *people = own.max(*people),
            None => sent.push((task.dept, own)),
        }
        experts |= u32::from(county.items[task.item as usize].expert.is_some());
    }
    sent.iter().map(|(_, people)| people).sum::<u32>() + experts
}
