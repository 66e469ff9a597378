//! What is handed to people: the report and workbooks. Reads no file and decides nothing; it only shows.

pub mod charts;
pub mod plan;
pub mod report;
