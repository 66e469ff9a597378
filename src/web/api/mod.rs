//! JSON: handlers that translate, one file per aggregate, and the structs that go over the wire.

pub mod draws;
pub mod inspections;
pub mod invitations;
pub mod journal;
pub mod outbox;
pub mod overlap;
pub mod plannings;
pub mod replacements;
pub mod sessions;
pub mod users;
pub mod visits;
