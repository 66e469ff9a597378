//! Pure rules: values in, values out. No database, network, clock, environment, log or file.

pub mod access;
pub mod allocate;
pub mod calendar;
pub mod draw;
pub mod journal;
pub mod merge;
pub mod planning;
pub mod ratio;
pub mod uscc;
pub mod window;
