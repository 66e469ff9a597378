//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod counties;
mod draw_vectors;
mod exchange;
mod merge;
mod packages;
mod report;
mod sample;
mod sample_cli;
mod supply;
mod unstaffed;
