//! Merge: the drawn tasks of each subject behind as few doors as possible, and why not fewer.
//!
//! Subjects are independent. For each one, tasks are put into visits that keep the rules of [`Visit::new`];
//! what is minimised is, in this order, the number of visits, the number of departments summed over visits,
//! and the days that allocation will not have to choose from (min(days, 12) of each visit counts as wanted).
//! The answer depends on the tables alone: not on the order of rows, the number of threads or the machine.

mod bound;
mod local;
mod reasons;
mod search;
mod solve;
pub mod words;

use super::planning::{Instance, Visit};
pub use reasons::{Apart, Cure, NoDay, Reason, Unplaced};

use local::{Limits, Local};
use rayon::prelude::*;
use search::Search;

/// How good the answer for one subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectProof {
    /// Subject.
    pub subject: u32,
    /// Visits in the answer.
    pub visits: u32,
    /// Visits it needs at least.
    pub bound: u32,
    /// Whether nothing is better: neither fewer visits, nor then fewer departments, nor then more days.
    pub proved: bool,
    /// Nodes searched.
    pub nodes: u64,
}

/// An item in more visits of one subject than its yearly cap allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverCap {
    /// Subject.
    pub subject: u32,
    /// Item.
    pub item: u32,
    /// Visits allowed in a year.
    pub cap: u32,
    /// Visits it is in.
    pub visits: u32,
}

/// What keeps one task from another door of its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The other visit (index into [`Merged::visits`]).
    pub visit: u32,
    /// Reasons against moving this task alone behind that door. Empty: it could go there, but the other tasks
    /// of its own visit could not, so no door would be saved.
    pub alone: Vec<Reason>,
    /// Reasons against joining the two visits; at least one.
    pub together: Vec<Reason>,
    /// The smallest changes that, made together, would let the two visits be one.
    pub cure: Vec<Cure>,
}

/// The merged tasks of a county.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Visits by subject, then first possible day, then first task. A task is in one visit at most.
    pub visits: Vec<Visit>,
    /// On-site tasks that no visit can hold, by subject and task.
    pub unplaced: Vec<Unplaced>,
    /// Visits of one subject that cannot be one, by (visit, other); see [`Merged::apart_from`].
    pub apart: Vec<Apart>,
    /// Items that are in more visits of a subject than their yearly cap allows, because their tasks cannot
    /// share fewer doors; by subject and item.
    pub over_cap: Vec<OverCap>,
    /// Every subject with a task that needs an entry, ascending.
    pub subjects: Vec<SubjectProof>,
}

impl Merged {
    /// The pairs of a visit with earlier visits of its subject, in order; none for the first door. Where a
    /// subject has more than 65 doors, pairs with the first 64 are given.
    #[must_use]
    pub fn apart_from(&self, visit: u32) -> &[Apart] {
        let from = self.apart.partition_point(|a| a.visit < visit);
        let to = self.apart.partition_point(|a| a.visit <= visit);
        &self.apart[from..to]
    }

    /// For a task behind door `visit`: what keeps it from each earlier door of the subject. Empty for tasks
    /// behind the first.
    #[must_use]
    pub fn why(&self, county: &Instance, visit: u32, task: u32) -> Vec<Why> {
        let why = |apart: &Apart| {
            let mut tasks = self.visits[apart.other as usize].tasks.clone();
            tasks.push(task);
            Why {
                visit: apart.other,
                alone: reasons::against(county, tasks).0,
                together: apart.reasons.clone(),
                cure: apart.cure.clone(),
            }
        };
        self.apart_from(visit).iter().map(why).collect()
    }
}

/// Earlier doors that a door is compared with.
const COMPARED: usize = 64;
/// Subjects that one thread takes at a time.
const CHUNK: usize = 128;

/// Merges the on-site tasks of every subject.
#[must_use]
pub fn into_visits(county: &Instance) -> Merged {
    let limits = Limits::of(county);
    let parts: Vec<Merged> = county
        .by_subject
        .par_chunks(CHUNK)
        .map(|chunk| {
            let (mut search, mut local) = (Search::new(limits), Local::default());
            let mut part = Merged::default();
            for (subject, tasks) in chunk {
                one(county, limits, &mut search, &mut local, *subject, tasks, &mut part);
            }
            part
        })
        .collect();
    let mut merged = Merged::default();
    merged.visits.reserve_exact(parts.iter().map(|p| p.visits.len()).sum());
    for part in parts {
        let from = count(merged.visits.len());
        merged.visits.extend(part.visits);
        merged.subjects.extend(part.subjects);
        merged.unplaced.extend(part.unplaced);
        merged.over_cap.extend(part.over_cap);
        merged.apart.extend(part.apart.into_iter().map(|mut a| {
            a.visit += from;
            a.other += from;
            a
        }));
    }
    merged
}

fn one(
    county: &Instance,
    limits: Limits,
    search: &mut Search,
    local: &mut Local,
    subject: u32,
    tasks: &[u32],
    into: &mut Merged,
) {
    into.unplaced.extend(tasks.iter().filter_map(|t| reasons::no_day(county, *t)));
    let possible = |t: &u32| limits.depts > 0 && !county.tasks[*t as usize].days.is_empty();
    local.fill(county, limits, tasks.iter().copied().filter(possible), search);
    let solved = solve::doors(limits, local, search, &county.input.subjects[subject as usize].key);
    let from = into.visits.len();
    into.visits.extend(solved.doors.iter().map(|door| {
        let tasks = door.iter().flat_map(|i| local.tasks_of(*i)).copied().collect();
        Visit::new(county, tasks).0
    }));
    into.visits[from..].sort_by_key(|v| (v.days.min(), v.tasks[0]));
    explain(county, from, into);
    into.subjects.push(SubjectProof {
        subject,
        visits: count(solved.doors.len()),
        bound: solved.bound,
        proved: solved.proved,
        nodes: solved.nodes,
    });
}

/// Says for each pair of doors of the last subject why they are not one.
fn explain(county: &Instance, from: usize, into: &mut Merged) {
    let Merged { visits, apart, over_cap, .. } = into;
    let doors = &visits[from..];
    let Some(first) = doors.first() else { return };
    let caps = over_caps(county, first.subject, doors);
    for (i, visit) in doors.iter().enumerate() {
        for (j, other) in doors.iter().enumerate().take(i.min(COMPARED)) {
            let (mut reasons, cure) =
                reasons::against(county, [visit.tasks.as_slice(), &other.tasks].concat());
            let holds = |v: &Visit, item: u32| v.tasks.iter().any(|t| county.tasks[*t as usize].item == item);
            for cap in caps.iter().filter(|c| holds(visit, c.item) && holds(other, c.item)) {
                reasons.push(Reason::OverCap { item: cap.item, cap: cap.cap, visits: cap.visits });
            }
            apart.push(Apart { visit: count(from + i), other: count(from + j), reasons, cure });
        }
    }
    over_cap.extend(caps);
}

fn over_caps(county: &Instance, subject: u32, doors: &[Visit]) -> Vec<OverCap> {
    if doors.len() < 2 {
        return Vec::new();
    }
    let mut held: Vec<(u32, usize)> = Vec::new();
    for (at, door) in doors.iter().enumerate() {
        held.extend(door.tasks.iter().map(|t| (county.tasks[*t as usize].item, at)));
    }
    held.sort_unstable();
    held.dedup();
    held.chunk_by(|a, b| a.0 == b.0)
        .map(|visits| (visits[0].0, count(visits.len())))
        .map(|(item, visits)| OverCap { subject, item, cap: county.items[item as usize].freq, visits })
        .filter(|o| o.cap > 0 && o.visits > o.cap)
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "far fewer than 2^32 visits")]
fn count(n: usize) -> u32 {
    n as u32
}
