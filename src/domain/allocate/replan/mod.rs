//! Planning again after a change (an inspector ill, a recusal, a task declined or added): everything that can stay
//! stays, and what moved is said.
//!
//! A visit is touched only when a rule no longer holds for it. The seat of somebody who cannot come any more is
//! filled at the lowest level that works: 0 a draw among people free at that time; 1 somebody busy elsewhere who can
//! be replaced there in turn (same department and day); 2 another start on the same day; 3 another day (not for
//! visits the subject has been told of); 4 a search that moves a few other visits and is kept only if all of them
//! find a place again. What still has no team is split at its bottleneck. If more than one task in 500 is lost after
//! that, the search goes further, at last as far as a full run would, and what it moved without need is put back. The
//! rest is reported.
//!
//! The draw of a substitute uses the key `K("replace", "<visit>,<person leaving>,<attempt>")` of VDR/1 section 2.4,
//! where `<visit>` is the id of the visit (`V000001`), `<person leaving>` the token of the person (`-` when nobody
//! leaves) and `<attempt>` the level; the lot of a candidate is number (its place in the inspector pool) of stream 0.
//! Smallest `lot div weight` first, weights as in the draw of teams: that order is the sealed list of substitutes
//! (候补名单).

mod change;
mod desk;
mod rebuild;
mod repair;
mod result;
mod search;
mod substitutes;
mod widen;

pub use change::{Came, Change, Kind, Left, Spot, Substitute, Why};
pub use rebuild::{Before, Previous, Spell};
pub use result::{Replanned, Tally};

use super::packages::staffing::figures;
use super::staff::{Figures, Staffing};
use super::state::Place;
use crate::domain::planning::Instance;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What may be moved, and how hard to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Numbers of the visits whose subjects have been told: they keep their day.
    pub notified: BTreeSet<u32>,
    /// Visits before this date keep their day.
    pub notified_before: Option<NaiveDate>,
    /// No visit is put on a day before this one; visits that are there keep their day.
    pub from: Option<NaiveDate>,
    /// Rounds of the search of level 4 per open visit.
    pub effort: usize,
    /// Rounds at most.
    pub most_rounds: usize,
    /// Whether visits that stay open are split.
    pub unmerge: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            notified: BTreeSet::new(),
            notified_before: None,
            from: None,
            effort: 1200,
            most_rounds: 60_000,
            unmerge: true,
        }
    }
}

/// The number of a visit as written: `V000001` for number 0.
#[must_use]
pub fn visit_name(number: u32) -> String {
    format!("V{:06}", u64::from(number) + 1)
}

/// Plans again for a changed county. `seed` and `list` are those of the draw that commits itself to the changed
/// tables. The answer is a whole one; visits keep their numbers, new ones continue them.
#[must_use]
pub fn replan(
    county: &Instance,
    previous: &Previous,
    seed: &[u8; 32],
    list: &str,
    terms: &Terms,
    merged: Figures,
) -> Replanned {
    let mut work = rebuild::Work::new(county, previous, seed, list, terms);
    work.settle();
    if work.disturbed() {
        work.add_tasks();
        work.search(0);
        if terms.unmerge {
            work.split();
        }
        work.widen();
        work.draw_moved();
    }
    work.finish(merged)
}

/// Day, start and people of a visit that stands.
pub type Placed = Option<(usize, u32, Vec<u32>)>;

/// Completes a staffing of which a part stands: the other visits are put where they can keep most of the people whom
/// `previous` names for them; the rest of their people are drawn as substitutes. `placed` goes with the visits of
/// `previous`, whose numbers count from 0.
#[must_use]
pub fn complete(
    county: &Instance,
    previous: &Previous,
    placed: Vec<Placed>,
    seed: &[u8; 32],
    list: &str,
    terms: &Terms,
) -> Staffing {
    let mut work = rebuild::Work::new(county, previous, seed, list, terms);
    #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
    let kept =
        placed.into_iter().map(|p| p.map(|(day, start, team)| (Place { day: day as u32, start }, team)));
    work.kept = kept.collect();
    work.fill_open();
    work.search(0);
    let before = figures(&work.visits, |v| work.kept[v].is_some());
    if terms.unmerge {
        work.split();
    }
    work.draw_moved();
    work.finish(before).staffing
}
