//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod counties;
mod draw_cli;
mod draw_properties;
mod draw_session;
mod draw_statistics;
mod draw_vectors;
mod draw_verify;
mod exchange;
mod merge;
mod packages;
mod report;
mod sample;
mod sample_cli;
mod supply;
mod unstaffed;
