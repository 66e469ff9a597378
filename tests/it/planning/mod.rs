//! Merge, staffing, dispatch and replacement over HTTP, on both databases, as the people who do it.

mod cancel;
mod county;
pub(crate) mod fixture;
mod flows;
pub(crate) mod people;
mod seats;
