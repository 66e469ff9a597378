//! Times of the heart: merge, schedule, split, draw of people.
//!
//! `cargo bench --bench heart` measures the sample county and city; `cargo bench --bench heart -- [--bundle-towns] DIR...`
//! measures counties from files. One line each: what came out, milliseconds per stage, peak memory of the process so far.

use onedoor::clock::Stopwatch;
use onedoor::domain::allocate::{Options, Progress, staff};
use onedoor::domain::merge;
use onedoor::domain::planning::{Input, Instance};
use onedoor::exchange::county;
use onedoor::sample::{self, Preset};
use std::path::Path;

/// Runs of which the fastest counts, for counties that take less than half a second.
const REPEATS: usize = 5;

/// Milliseconds of the stages.
#[derive(Clone, Copy, Default)]
struct Times {
    index: f64,
    merge: f64,
    first: f64,
    improve: f64,
    split: f64,
    draw: f64,
}

impl Times {
    fn whole(self) -> f64 {
        self.index + self.merge + self.first + self.improve + self.split + self.draw
    }
}

fn ms(watch: Stopwatch) -> f64 {
    watch.elapsed().as_secs_f64() * 1000.0
}

fn measure(name: &str, read: f64, input: Input) {
    let mut best: Option<(Times, String)> = None;
    for _ in 0..REPEATS {
        let mut times = Times::default();
        let mut copy = input.clone();
        let watch = Stopwatch::start();
        copy.sort();
        let county = match Instance::new(copy) {
            Ok(county) => county,
            Err(e) => {
                println!("{name}: {e}");
                return;
            }
        };
        times.index = ms(watch);
        let watch = Stopwatch::start();
        let merged = merge::into_visits(&county);
        times.merge = ms(watch);
        let watch = Stopwatch::start();
        let mut last = 0.0;
        let answer = staff(&county, &merged.visits, &[7; 32], "TEAMS", &Options::default(), &mut |step| {
            let now = ms(watch);
            *match step {
                Progress::Scheduled(_) => &mut times.first,
                Progress::Improved(_) => &mut times.improve,
                Progress::Split(_) => &mut times.split,
                Progress::Drawn(_) => &mut times.draw,
            } += now - last;
            last = now;
        });
        let mut out: Vec<(u32, usize)> =
            answer.staffed.iter().flatten().flat_map(|s| s.team.iter().map(|m| (m.person, s.day))).collect();
        out.sort_unstable();
        out.dedup();
        let figures = format!(
            "visits {} -> {}, staffed {} ({} before splits), tasks {}/{}, person-days {}",
            merged.visits.len(),
            answer.end.visits,
            answer.end.staffed,
            answer.merged.staffed,
            answer.end.tasks_staffed,
            answer.end.tasks,
            out.len()
        );
        let slow = times.whole() > 500.0;
        if best.as_ref().is_none_or(|(b, _)| times.whole() < b.whole()) {
            best = Some((times, figures));
        }
        if slow {
            break;
        }
    }
    if let Some((t, figures)) = best {
        println!(
            "{name}: {figures}; ms: read {read:.0}, index {:.1}, merge {:.1}, schedule {:.1}, improve {:.1}, \
             split {:.1}, draw {:.1}, all but read {:.1}; peak {} MiB",
            t.index,
            t.merge,
            t.first,
            t.improve,
            t.split,
            t.draw,
            t.whole(),
            peak_mib()
        );
    }
}

/// Peak resident memory of this process, in MiB; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() {
    // Cargo itself passes --bench.
    let mut bundle = false;
    let mut dirs = Vec::new();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--bundle-towns" => bundle = true,
            flag if flag.starts_with("--") => {}
            dir => dirs.push(dir.to_owned()),
        }
    }
    if dirs.is_empty() {
        for (name, preset) in [("sample county", Preset::County), ("sample city", Preset::City)] {
            let mut input = sample::county(preset, 1);
            input.rules.bundle_towns = bundle;
            measure(name, 0.0, input);
        }
    }
    for dir in dirs {
        let watch = Stopwatch::start();
        match county::read(Path::new(&dir)) {
            Ok((mut input, _)) => {
                input.rules.bundle_towns |= bundle;
                measure(&dir, ms(watch), input);
            }
            Err(faults) => println!("{dir}: {faults}"),
        }
    }
}
