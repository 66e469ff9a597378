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

struct One {
    visits: Vec<Visit>,
    proof: SubjectProof,
}

/// Merges the on-site tasks of every subject.
#[must_use]
pub fn into_visits(county: &Instance) -> Merged {
    let limits = Limits::of(county);
    let each: Vec<One> = county
        .by_subject
        .par_iter()
        .with_min_len(32)
        .map_init(
            || Search::new(limits),
            |search, (subject, tasks)| one(county, limits, search, *subject, tasks),
        )
        .collect();
    let mut merged = Merged::default();
    merged.visits.reserve(each.iter().map(|o| o.visits.len()).sum());
    for one in each {
        merged.visits.extend(one.visits);
        merged.subjects.push(one.proof);
    }
    merged
}

fn one(county: &Instance, limits: Limits, search: &mut Search, subject: u32, tasks: &[u32]) -> One {
    let (placeable, _never): (Vec<u32>, Vec<u32>) =
        tasks.iter().partition(|t| limits.depts > 0 && !county.tasks[**t as usize].days.is_empty());
    let local = Local::new(county, limits, &placeable);
    let solved = solve::doors(limits, &local, search, &county.input.subjects[subject as usize].key);
    let mut visits: Vec<Visit> = solved
        .doors
        .iter()
        .map(|door| {
            let tasks = door.iter().flat_map(|i| &local.pieces[*i as usize].tasks).copied().collect();
            Visit::new(county, tasks).0
        })
        .collect();
    visits.sort_by_key(|v| (v.days.min(), v.tasks[0]));
    let proof = SubjectProof {
        subject,
        visits: u32::try_from(visits.len()).unwrap_or(u32::MAX),
        bound: solved.bound,
        proved: solved.proved,
        nodes: solved.nodes,
    };
    One { visits, proof }
}
