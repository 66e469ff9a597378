//! What is handed to people: the report and workbooks. Reads no file and decides nothing; it only shows.

pub mod bundle;
pub mod charts;
pub mod ics;
pub mod papers;
pub mod plan;
pub mod report;
