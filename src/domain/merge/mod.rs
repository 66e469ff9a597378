//! Merge: the drawn tasks of each subject behind as few doors as possible, and why not fewer.
//!
//! Subjects are independent. For each one, tasks are put into visits that keep the rules of
//! [`Visit::new`]; what is minimised is, in this order, the number of visits, the number of departments summed over
//! visits, and the days that allocation will not have to choose from (min(days, 12) of each visit counts as wanted).
//! The answer depends on the tables alone: not on the order of rows, the number of threads or the machine.

mod bound;
mod local;
mod search;
mod solve;

use super::planning::{Instance, Visit};
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

/// The merged tasks of a county.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Visits by subject, then first possible day, then first task. A task is in one visit at most.
    pub visits: Vec<Visit>,
    /// Every subject with a task that needs an entry, ascending.
    pub subjects: Vec<SubjectProof>,
}

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
        merged.visits.extend(part.visits);
        merged.subjects.extend(part.subjects);
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
    let possible = |t: &u32| limits.depts > 0 && !county.tasks[*t as usize].days.is_empty();
    local.fill(county, limits, tasks.iter().copied().filter(possible));
    let solved = solve::doors(limits, local, search, &county.input.subjects[subject as usize].key);
    let from = into.visits.len();
    into.visits.extend(solved.doors.iter().map(|door| {
        let tasks = door.iter().flat_map(|i| local.tasks_of(*i)).copied().collect();
        Visit::new(county, tasks).0
    }));
    into.visits[from..].sort_by_key(|v| (v.days.min(), v.tasks[0]));
    into.subjects.push(SubjectProof {
        subject,
        visits: u32::try_from(solved.doors.len()).unwrap_or(u32::MAX),
        bound: solved.bound,
        proved: solved.proved,
        nodes: solved.nodes,
    });
}
