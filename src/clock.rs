//! The only place that reads the clock. Everything else receives time as a value.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z. A clock before the epoch reads as 0.
#[must_use]
pub fn unix_now() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "this module is the one door to the clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// A stopwatch for progress lines and figures; never an input to a result.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts counting.
    #[must_use]
    pub fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this module is the one door to the clock")]
        let now = Instant::now();
        Self(now)
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Today's date in China (UTC+8, no daylight saving since 1991).
#[must_use]
pub fn today_in_china() -> chrono::NaiveDate {
    let seconds = i64::try_from(unix_now()).unwrap_or(0) + 8 * 3600;
    chrono::DateTime::from_timestamp(seconds, 0).map_or_else(chrono::NaiveDate::default, |t| t.date_naive())
}
