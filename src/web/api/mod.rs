//! JSON: handlers that translate, one file per aggregate, and the structs that go over the wire.

pub mod calendar;
pub mod caps;
pub mod departments;
pub mod draws;
pub mod evidence;
pub mod imports;
pub mod inspections;
pub mod inspectors;
pub mod invitations;
pub mod items;
pub mod journal;
pub mod on_site;
pub mod outbox;
pub mod overlap;
pub mod plannings;
pub mod plans;
pub mod public;
pub mod publication_export;
pub mod recusals;
pub mod replacements;
pub mod results;
pub mod sessions;
pub mod subjects;
pub mod users;
pub mod visits;
pub mod vocabularies;
