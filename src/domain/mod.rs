//! Pure rules: values in, values out. No database, network, clock, environment, log or file.

pub mod access;
pub mod alias;
pub mod allocate;
pub mod calendar;
pub mod cap;
pub mod draw;
pub mod draw_state;
pub mod inspection;
pub mod invitation;
pub mod item;
pub mod journal;
pub mod merge;
pub mod overlap;
pub mod password;
pub mod planning;
pub mod ratio;
pub mod registry;
pub mod replacement;
pub mod rows;
pub mod scope;
pub mod states;
pub mod throttle;
pub mod uscc;
pub mod visit_state;
pub mod window;
