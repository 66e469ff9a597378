//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod draw_vectors;
mod exchange;
mod replan;
mod report;
mod sample;
mod sample_cli;
mod supply;
