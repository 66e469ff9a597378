//! Figures of fairness over many seeds.
//!
//! `cargo bench --bench fairness` uses the sample county; `cargo bench --bench fairness -- [--seeds N] DIR...` counties from
//! files. Per county: largest load against its lower bound, bits per draw against a uniform draw, χ² of the mean loads of
//! people alike (fair, and with 10 % more for the first of each class as a control that must be rejected), and the load of
//! people on leave relative to others.

use onedoor::domain::allocate::{Options, Staffing, loads, staff};
use onedoor::domain::merge;
use onedoor::domain::planning::{Input, Instance, Visit};
use onedoor::exchange::county;
use onedoor::sample::{self, Preset};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// What one run leaves behind.
struct Run {
    /// Minutes drawn in this run, per person.
    loads: Vec<u32>,
    /// Largest load / lower bounds, mean over the pools of officers.
    over_bound: (f64, f64),
    /// Picks rejected.
    rejected: usize,
    /// Bits of the draws, of uniform draws, and seats.
    bits: (f64, f64, f64),
    staffed: usize,
}

fn one(county: &Instance, merged: &[Visit], seed: u32) -> Run {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_be_bytes());
    let options = Options { unmerge: false, ..Options::default() };
    let answer = staff(county, merged, &bytes, "TEAMS", &options, &mut |_| {});
    let mut run = Run {
        loads: vec![0; county.people.len()],
        over_bound: (0.0, 0.0),
        rejected: 0,
        bits: (0.0, 0.0, 0.0),
        staffed: answer.end.staffed,
    };
    for (visit, staffed) in answer.visits.iter().zip(&answer.staffed) {
        for m in staffed.iter().flat_map(|s| &s.team) {
            run.loads[m.person as usize] += visit.occupation(county);
            if m.odds.1 > 0 && m.weight > 0 {
                run.bits.0 -= (m.weight as f64 / m.odds.1 as f64).log2();
                run.bits.1 += f64::from(m.candidates.max(1)).log2();
                run.bits.2 += 1.0;
            }
        }
    }
    run.over_bound = over_bound(county, &answer);
    run.rejected = answer.staffed.iter().flatten().flat_map(|s| &s.team).map(|m| m.rejected.len()).sum();
    run
}

/// Mean over the pools of officers of the largest load against the two lower bounds: minutes shared at will, whole visits.
fn over_bound(county: &Instance, answer: &Staffing) -> (f64, f64) {
    let pools = loads::of_pools(county, &answer.visits, &answer.staffed);
    let busy: Vec<_> = pools
        .iter()
        .zip(&county.is_expert_pool)
        .filter(|(pool, expert)| !**expert && pool.least_max > 0)
        .map(|(pool, _)| pool)
        .collect();
    let mean = |of: &dyn Fn(&loads::PoolLoad) -> u64| {
        busy.iter().map(|pool| pool.most as f64 / of(pool) as f64).sum::<f64>() / (busy.len() as f64).max(1.0)
    };
    (mean(&|p| p.least_by_minutes), mean(&|p| p.least_max))
}

/// Everything about a person that may decide how often it is drawn, recusals included; `leave` or not.
fn class_of(county: &Instance, p: usize, leave: bool) -> String {
    let row = &county.people[p];
    let mut recused: Vec<u32> =
        county.recused.iter().filter(|(person, _)| *person as usize == p).map(|(_, s)| *s).collect();
    recused.sort_unstable();
    let quals: Vec<String> =
        row.quals.iter().map(|(q, days)| format!("{q}:{:?}", leave.then_some(days))).collect();
    let own = leave.then_some((row.available, row.daily_minutes, row.load0, recused, row.can_lead));
    format!("{} {quals:?} {own:?}", row.dept)
}

fn classes(county: &Instance, leave: bool) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for p in 0..county.people.len() {
        classes.entry(class_of(county, p, leave)).or_default().push(p);
    }
    classes.into_values().filter(|c| c.len() > 1).collect()
}

/// χ², degrees of freedom and classes: mean loads of people alike against the spread within runs.
fn exchangeability(classes: &[Vec<usize>], runs: &[Run]) -> (f64, f64, usize) {
    let (mut chi, mut df, mut used) = (0.0, 0.0, 0);
    for class in classes {
        let n = class.len() as f64;
        let mut within = 0.0;
        for run in runs {
            let mean = class.iter().map(|p| f64::from(run.loads[*p])).sum::<f64>() / n;
            within +=
                class.iter().map(|p| (f64::from(run.loads[*p]) - mean).powi(2)).sum::<f64>() / (n - 1.0);
        }
        within /= runs.len() as f64;
        if within == 0.0 {
            continue;
        }
        let mean_of =
            |p: &usize| runs.iter().map(|r| f64::from(r.loads[*p])).sum::<f64>() / runs.len() as f64;
        let means: Vec<f64> = class.iter().map(mean_of).collect();
        let mean = means.iter().sum::<f64>() / n;
        chi += means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() * runs.len() as f64 / within;
        df += n - 1.0;
        used += 1;
    }
    (chi, df, used)
}

/// The chance of a χ² at least as large: the normal tail of Wilson and Hilferty's cube root.
fn tail(chi: f64, df: f64) -> f64 {
    if df == 0.0 {
        return 1.0;
    }
    let spread = 2.0 / (9.0 * df);
    let z = ((chi / df).cbrt() - (1.0 - spread)) / spread.sqrt();
    // Tail of the normal distribution by Simpson's rule up to 12 standard deviations.
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (steps, to) = (4000, 12.0_f64.max(z + 1.0));
    let h = (to - z) / f64::from(steps);
    let sum: f64 = (0..=steps)
        .map(|i| {
            let weight = if i == 0 || i == steps {
                1.0
            } else if i % 2 == 1 {
                4.0
            } else {
                2.0
            };
            weight * density(z + h * f64::from(i))
        })
        .sum();
    sum * h / 3.0
}

fn runs(county: &Instance, seeds: u32) -> Vec<Run> {
    let merged = merge::into_visits(county);
    (0..seeds).into_par_iter().map(|seed| one(county, &merged.visits, seed)).collect()
}

fn measure(name: &str, mut input: Input, seeds: u32) {
    input.sort();
    let county = match Instance::new(input.clone()) {
        Ok(county) => county,
        Err(e) => return println!("{name}: {e}"),
    };
    let fair = runs(&county, seeds);
    let n = fair.len() as f64;
    let total = |of: &dyn Fn(&Run) -> f64| fair.iter().map(of).sum::<f64>();
    let (bits, uniform, seats) = (total(&|r| r.bits.0), total(&|r| r.bits.1), total(&|r| r.bits.2).max(1.0));
    println!("{name}, {seeds} seeds, {:.1} visits staffed on average", total(&|r| r.staffed as f64) / n);
    println!(
        "  F1 largest load / lower bound, mean over departments: {:.3} (no part of a visit: {:.3}); {:.1} picks rejected",
        total(&|r| r.over_bound.0) / n,
        total(&|r| r.over_bound.1) / n,
        total(&|r| r.rejected as f64) / n
    );
    println!(
        "  F2 bits per draw: {:.2} of {:.2} if uniform ({:.0} %)",
        bits / seats,
        uniform / seats,
        100.0 * bits / uniform.max(1e-9)
    );
    let alike = classes(&county, true);
    let (chi, df, used) = exchangeability(&alike, &fair);
    println!(
        "  F3 exchangeability, {used} classes: χ² {chi:.1}, {df} degrees of freedom, p {:.2e}",
        tail(chi, df)
    );
    // The control: all but the first of each class have a day 10 % shorter, and it is taken for one of its class all
    // the same.
    for person in alike.iter().flat_map(|class| &class[1..]) {
        if let Some(person) = input.inspectors.get_mut(*person) {
            person.daily_minutes -= person.daily_minutes / 10;
        }
    }
    if let Ok(favoured) = Instance::new(input) {
        let (chi, df, _) = exchangeability(&alike, &runs(&favoured, seeds));
        println!(
            "     control, the first of each class favoured by 10 %: χ² {chi:.1}, p {:.2e}",
            tail(chi, df)
        );
    }
    // Load per minute there, relative to one's class (same department and certificates).
    let mut groups: BTreeMap<&str, (f64, u32)> = BTreeMap::new();
    for class in classes(&county, false) {
        let rate = |p: &usize| {
            let row = &county.people[*p];
            let there = row.available.len() as f64 * f64::from(row.daily_minutes);
            fair.iter().map(|r| f64::from(r.loads[*p])).sum::<f64>() / there.max(1.0)
        };
        let mean = class.iter().map(rate).sum::<f64>() / class.len() as f64;
        if mean == 0.0 {
            continue;
        }
        for p in &class {
            let row = &county.people[*p];
            let full = class.iter().map(|q| county.people[*q].daily_minutes).max().unwrap_or(0);
            let group = match row.leave.len() {
                _ if row.daily_minutes < full => "part-time",
                0 => "no leave",
                1..=9 => "1-9 days of leave",
                _ => "10 days of leave or more",
            };
            let entry = groups.entry(group).or_default();
            *entry = (entry.0 + rate(p) / mean, entry.1 + 1);
        }
    }
    for (group, (sum, count)) in groups {
        println!(
            "  F4 load relative to people alike, {group}: {:.3} ({count} people)",
            sum / f64::from(count)
        );
    }
}

fn main() {
    let (mut seeds, mut dirs) = (3000, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seeds" => seeds = args.next().and_then(|n| n.parse().ok()).unwrap_or(seeds),
            flag if flag.starts_with("--") => {}
            dir => dirs.push(dir.to_owned()),
        }
    }
    if dirs.is_empty() {
        measure("sample county", sample::county(Preset::County, 1), seeds);
    }
    for dir in dirs {
        match county::read(Path::new(&dir)) {
            Ok((input, _)) => measure(&dir, input, seeds),
            Err(faults) => println!("{dir}: {faults}"),
        }
    }
}
