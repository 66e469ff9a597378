//! Staffing of visits: which day, which time, which people.
//!
//! Two stages. The schedule ([`schedule`], [`lns`]) is blind to who people are beyond what they may do: it places as
//! many visits as it can on the time grid and always holds a complete provisional team for each. The draw
//! ([`lottery`]) then picks the people by lot; a pick is accepted only if everybody else can still be staffed, so
//! that chance never strands a visit. A visit that cannot be staffed is split at its bottleneck ([`unmerge`]) and
//! scheduled again.
//!
//! Everything is integers, counts of rounds instead of clocks, and keyed streams: the result depends on the county
//! and the seed only.

pub mod bounds;
pub mod explain;
pub mod keyed;
pub mod lns;
pub mod loads;
pub mod lottery;
pub mod model;
pub mod modes;
pub mod packages;
pub mod replan;
pub mod schedule;
pub mod staff;
pub mod state;
pub mod team;
pub mod trips;
pub mod unmerge;
pub mod work;

pub use staff::{Figures, Member, Options, Post, Progress, Staffed, Staffing, staff};
