//! Figures for Prometheus, in its text format: requests by route and status, their time, what lags behind. Written
//! here because the ready-made middleware formats labels on every request and cannot tell our routes apart by name.

use crate::store::{self, Store};
use chrono::{DateTime, Utc};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the classes of time, milliseconds.
const ENDS_MS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];
/// Classes of status: 1xx to 5xx.
const CLASSES: usize = 5;

/// Counters of one route.
#[derive(Debug, Default)]
struct Route {
    classes: [AtomicU64; CLASSES],
    buckets: [AtomicU64; ENDS_MS.len() + 1],
    sum_us: AtomicU64,
}

/// Counters of a server.
#[derive(Debug)]
pub struct Metrics {
    /// Method and path of each route, and one more for what is no route.
    names: Vec<(&'static str, &'static str)>,
    routes: Vec<Route>,
}

impl Metrics {
    /// Counters for these routes.
    #[must_use]
    pub fn new(mut names: Vec<(&'static str, &'static str)>) -> Self {
        names.push(("", ""));
        let routes = names.iter().map(|_| Route::default()).collect();
        Self { names, routes }
    }

    /// Counts an answer of the route with this number; none: no such address.
    pub fn count(&self, route: Option<usize>, status: u16, took: Duration) {
        let Some(route) = self.routes.get(route.unwrap_or(self.routes.len() - 1)) else { return };
        let class = usize::from(status / 100).clamp(1, CLASSES) - 1;
        route.classes[class].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = ENDS_MS.iter().position(|end| micros <= end * 1000).unwrap_or(ENDS_MS.len());
        route.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        route.sum_us.fetch_add(micros, Ordering::Relaxed);
    }

    /// The text.
    #[must_use]
    pub fn text(&self, state: &State) -> String {
        let mut out = String::new();
        self.requests(&mut out);
        self.times(&mut out);
        state.write(&mut out);
        out
    }

    fn requests(&self, out: &mut String) {
        out.push_str("# HELP onedoor_http_requests_total Answers by route and class of status.\n");
        out.push_str("# TYPE onedoor_http_requests_total counter\n");
        for (&(method, path), route) in self.names.iter().zip(&self.routes) {
            for (class, n) in (1..).zip(&route.classes) {
                let n = n.load(Ordering::Relaxed);
                if n > 0 {
                    let _ = writeln!(
                        out,
                        "onedoor_http_requests_total{{method=\"{method}\",route=\"{path}\",status=\"{class}xx\"}} {n}"
                    );
                }
            }
        }
    }

    fn times(&self, out: &mut String) {
        out.push_str("# HELP onedoor_http_request_seconds Time to answer.\n");
        out.push_str("# TYPE onedoor_http_request_seconds histogram\n");
        for (&(method, path), route) in self.names.iter().zip(&self.routes) {
            let counts: Vec<u64> = route.buckets.iter().map(|b| b.load(Ordering::Relaxed)).collect();
            let total: u64 = counts.iter().sum();
            if total == 0 {
                continue;
            }
            let labels = format!("method=\"{method}\",route=\"{path}\"");
            let mut below = 0;
            for (end, n) in ENDS_MS.iter().zip(&counts) {
                below += n;
                let (s, ms) = (end / 1000, end % 1000);
                let _ = writeln!(
                    out,
                    "onedoor_http_request_seconds_bucket{{{labels},le=\"{s}.{ms:03}\"}} {below}"
                );
            }
            let sum = route.sum_us.load(Ordering::Relaxed);
            let _ = writeln!(out, "onedoor_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {total}");
            let (s, us) = (sum / 1_000_000, sum % 1_000_000);
            let _ = writeln!(out, "onedoor_http_request_seconds_sum{{{labels}}} {s}.{us:06}");
            let _ = writeln!(out, "onedoor_http_request_seconds_count{{{labels}}} {total}");
        }
    }
}

/// What is asked of the database when the figures are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct State {
    journal_waiting: i64,
    journal_lag_ms: i64,
    outbox_waiting: i64,
    outbox_dead: i64,
    outbox_lag_ms: i64,
    commits: u64,
    committed: u64,
    database_up: bool,
}

impl State {
    /// Reads it. A database that does not answer is a figure too.
    #[must_use]
    pub fn read(store: &Store, now: DateTime<Utc>) -> Self {
        let (commits, committed) = store.commits();
        let age = |since: Option<DateTime<Utc>>| since.map_or(0, |s| (now - s).num_milliseconds().max(0));
        store
            .read(|db| {
                let (journal_waiting, oldest) = store::journal::waiting(db)?;
                let (outbox_waiting, outbox_dead, waits) = store::outbox::waiting(db)?;
                Ok(Self {
                    journal_waiting,
                    journal_lag_ms: age(oldest),
                    outbox_waiting,
                    outbox_dead,
                    outbox_lag_ms: age(waits),
                    commits,
                    committed,
                    database_up: true,
                })
            })
            .unwrap_or(Self { commits, committed, ..Self::default() })
    }

    fn write(&self, out: &mut String) {
        let seconds = |ms: i64| format!("{}.{:03}", ms / 1000, ms % 1000);
        let figures = [
            ("database_up", "gauge", "Whether the database answers.", u8::from(self.database_up).to_string()),
            ("journal_unsealed", "gauge", "Events that wait to be sealed.", self.journal_waiting.to_string()),
            ("journal_lag_seconds", "gauge", "Age of the oldest of them.", seconds(self.journal_lag_ms)),
            ("outbox_waiting", "gauge", "Mails that wait.", self.outbox_waiting.to_string()),
            ("outbox_dead", "gauge", "Mails that were given up.", self.outbox_dead.to_string()),
            ("outbox_lag_seconds", "gauge", "Age of the oldest waiting mail.", seconds(self.outbox_lag_ms)),
            ("commits_total", "counter", "Durable commits.", self.commits.to_string()),
            (
                "committed_writes_total",
                "counter",
                "Use cases in them; their ratio is the writer's batch size.",
                self.committed.to_string(),
            ),
        ];
        for (name, kind, help, value) in figures {
            let _ = writeln!(
                out,
                "# HELP onedoor_{name} {help}\n# TYPE onedoor_{name} {kind}\nonedoor_{name} {value}"
            );
        }
    }
}
