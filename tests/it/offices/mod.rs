//! The pages of the coordination office, the departments and the administrators over HTTP, on both databases: draws and
//! what follows on them, the journal, what the county shares.

mod common;
mod draws;
mod journal;
mod work;
