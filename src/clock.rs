//! The only place that reads the clock. Everything else receives time as a value.

use chrono::{DateTime, Utc};
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
    DateTime::from_timestamp(seconds, 0).map_or_else(chrono::NaiveDate::default, |t| t.date_naive())
}

/// A clock that is handed to whoever needs the time; a test hands over one that it sets.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Milliseconds since 1970 UTC, set by somebody else.
    Set(std::sync::Arc<std::sync::atomic::AtomicI64>),
    /// The machine's, moved by so many milliseconds: the demonstration plays in its sample's own year.
    Shifted(std::sync::Arc<std::sync::atomic::AtomicI64>),
}

/// Milliseconds since 1970 UTC, by the machine's clock.
fn machine_millis() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "this module is the one door to the clock")]
    let now = SystemTime::now();
    i64::try_from(now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

impl Clock {
    /// The time, cut to milliseconds so that what is stored equals what was given, whatever the database keeps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let millis = match self {
            Self::System => machine_millis(),
            Self::Shifted(by) => {
                machine_millis().saturating_add(by.load(std::sync::atomic::Ordering::Relaxed))
            }
            Self::Set(millis) => millis.load(std::sync::atomic::Ordering::Relaxed),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }
}

/// The date in China (UTC+8, no daylight saving since 1991) at a moment.
#[must_use]
pub fn china_date(at: DateTime<Utc>) -> chrono::NaiveDate {
    (at + chrono::TimeDelta::hours(8)).date_naive()
}
