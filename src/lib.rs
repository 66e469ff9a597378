//! onedoor: joint inspections for a county.
//!
//! The heart of the house is [`domain`], which is pure: the verifiable draw ([`domain::draw`], protocol VDR/1),
//! the merge of overlapping tasks into visits ([`domain::merge`]) and the staffing of visits by mixed-department
//! teams ([`domain::allocate`]). [`exchange`] reads and writes the files people have, [`documents`] makes what is
//! printed, [`sample`] writes demonstration counties, [`cli`] is the command line.
//!
//! ```
//! use onedoor::domain::allocate::Options;
//! use onedoor::sample::{Preset, county};
//! use onedoor::service::plan::{Source, plan};
//!
//! let source = Source::Rehearsal("example".to_owned());
//! let planned = plan(county(Preset::Tiny, 1), &source, &Options::default(), &mut |_| ()).unwrap();
//! assert!(planned.staffing.end.staffed > 0);
//! ```
//!
//! Invariants: `domain` imports nothing of ours and touches no clock, file, environment or log; only
//! `domain::draw` and `domain::allocate` name `rand_chacha`; time comes in from [`clock`], randomness from
//! [`entropy`].

pub mod cli;
pub mod clock;
pub mod config;
pub mod documents;
pub mod domain;
pub mod entropy;
pub mod error;
pub mod exchange;
pub mod files;
pub mod ids;
pub mod keys;
pub mod made;
pub mod mail;
pub mod sample;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod worker;

/// The C library's allocator keeps its threads apart badly: a request hops between two and frees what the other took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
