//! Staffing of visits: which day, which time, which people.
//!
//! Two stages. [`schedule`] is blind to who people are beyond what they may do: it places as many visits as it can
//! on the time grid and always holds a complete provisional team for each. [`lottery`] then draws the people: a
//! pick is accepted only if everybody else can still be staffed, so that chance never strands a visit.

pub mod bounds;
pub mod explain;
pub mod keyed;
pub mod lns;
pub mod model;
pub mod packages;
pub mod schedule;
pub mod state;
pub mod team;
