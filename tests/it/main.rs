//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allocate;
mod architecture;
mod draw_vectors;
mod exchange;
mod fairness;
mod modes;
mod report;
mod sample;
mod sample_cli;
mod small;
mod supply;
