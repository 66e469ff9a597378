//! The figures of a planning run as one JSON object, for other programs.

use crate::domain::allocate::Figures;
use crate::domain::allocate::loads::{self, PoolLoad};
use crate::domain::planning::input::PoolKind;
use crate::service::plan::Planned;
use serde::Serialize;
use std::collections::BTreeSet;

/// All figures. Times are minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Version of this program.
    pub version: &'static str,
    /// Whether it was a rehearsal.
    pub rehearsal: bool,
    /// Digest of the planning input.
    pub input_digest: String,
    /// `draw_id` of the draw of the staffing.
    pub draw_id: String,
    /// Its seed.
    pub seed: String,
    /// Subjects with on-site tasks.
    pub subjects: usize,
    /// On-site tasks.
    pub tasks_on_site: usize,
    /// Tasks that need no entry.
    pub tasks_off_site: usize,
    /// On-site tasks that no visit can hold.
    pub tasks_unplaced: usize,
    /// Visits if each department went alone to each subject.
    pub separate_visits: usize,
    /// Visits after merging.
    pub merged_visits: usize,
    /// Visits needed at least.
    pub merge_bound: u64,
    /// Subjects whose merge is proved to be the best.
    pub merge_proved: usize,
    /// Departments at visits, summed.
    pub dept_visits: usize,
    /// Staffed visits before any was split.
    pub staffed_before_split: usize,
    /// Tasks of those.
    pub tasks_before_split: usize,
    /// Splits made because people are short.
    pub splits: usize,
    /// Visits in the end.
    pub visits: usize,
    /// Staffed visits in the end.
    pub staffed: usize,
    /// Visits without a team.
    pub unstaffed: usize,
    /// Visits of which it is proved that they cannot be staffed, at least.
    pub proved_unstaffable: usize,
    /// Tasks in staffed visits.
    pub tasks_done: usize,
    /// Visits with two or more departments.
    pub joint_visits: usize,
    /// Officers and experts on a team.
    pub people: usize,
    /// Seats drawn.
    pub seats: usize,
    /// Picks rejected because they would have stranded a visit.
    pub rejected_picks: usize,
    /// Seats for which only one person was feasible.
    pub only_feasible: usize,
    /// Requirements for which the county's team mode was given up (组队方式不成时).
    pub mode_fallbacks: usize,
    /// Days on which people are out, summed over people.
    pub person_days: usize,
    /// Mean over officers' departments of largest load / least possible largest load, in thousandths.
    pub load_over_bound_permille: u64,
    /// Loads of all pools, by department index.
    #[serde(skip)]
    pub loads: Vec<PoolLoad>,
    /// What moved since the previous answer, when this one was planned again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<super::changes::MovedSummary>,
}

/// Counts a planning run.
#[must_use]
pub fn of(planned: &Planned) -> Summary {
    let county = &planned.county;
    let staffing = &planned.staffing;
    let on_site = || county.tasks.iter().filter(|t| t.on_site);
    let pairs: BTreeSet<(u32, u16)> = on_site().map(|t| (t.subject, t.dept)).collect();
    let members = || staffing.staffed.iter().flatten().flat_map(|s| &s.team);
    let people: BTreeSet<u32> = members().map(|m| m.person).collect();
    let out =
        |s: &crate::domain::allocate::Staffed| s.team.iter().map(|m| (m.person, s.day)).collect::<Vec<_>>();
    let person_days: BTreeSet<(u32, usize)> = staffing.staffed.iter().flatten().flat_map(out).collect();
    let Figures { staffed, tasks_staffed, .. } = staffing.merged;
    let draw = planned.draws.last();
    let bounds = loads::of_pools(county, &staffing.visits, &staffing.staffed);
    let ratios: Vec<u64> = bounds
        .iter()
        .enumerate()
        .filter(|(d, b)| county.input.departments[*d].pool == PoolKind::Officers && b.least_max > 0)
        .map(|(_, b)| b.most * 1000 / b.least_max)
        .collect();
    Summary {
        version: env!("CARGO_PKG_VERSION"),
        rehearsal: planned.rehearsal,
        input_digest: hex::encode(planned.input_digest),
        draw_id: draw.map_or(String::new(), |d| hex::encode(d.held.draw_id)),
        seed: draw.map_or(String::new(), |d| hex::encode(d.held.seed)),
        subjects: county.by_subject.len(),
        tasks_on_site: on_site().count(),
        tasks_off_site: county.tasks.len() - on_site().count(),
        tasks_unplaced: planned.merged.unplaced.len(),
        separate_visits: pairs.len(),
        merged_visits: planned.merged.visits.len(),
        merge_bound: planned.merged.subjects.iter().map(|s| u64::from(s.bound)).sum(),
        merge_proved: planned.merged.subjects.iter().filter(|s| s.proved).count(),
        dept_visits: staffing.visits.iter().map(|v| v.depts.len()).sum(),
        staffed_before_split: staffed,
        tasks_before_split: tasks_staffed,
        splits: staffing.splits.len(),
        visits: staffing.end.visits,
        staffed: staffing.end.staffed,
        unstaffed: staffing.end.visits - staffing.end.staffed,
        proved_unstaffable: planned.bounds.at_least(),
        tasks_done: staffing.end.tasks_staffed,
        joint_visits: staffing.visits.iter().filter(|v| v.depts.len() > 1).count(),
        people: people.len(),
        seats: members().count(),
        rejected_picks: members().map(|m| m.rejected.len()).sum(),
        only_feasible: members().filter(|m| m.only_feasible).count(),
        mode_fallbacks: planned.fallbacks.len(),
        person_days: person_days.len(),
        load_over_bound_permille: ratios.iter().sum::<u64>() / (ratios.len() as u64).max(1),
        loads: bounds,
        moved: planned.moved.as_ref().map(super::changes::summary),
    }
}
