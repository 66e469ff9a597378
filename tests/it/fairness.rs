//! Whether the draw of people is fair: equal people are treated equally, an unequal draw is found out, absence neither
//! spares nor punishes, loads stay near what is possible, and nobody can be foreseen.

use crate::small::{County, date};
use onedoor::domain::allocate::{Options, Staffing, staff};
use onedoor::domain::merge;
use onedoor::domain::planning::Instance;
use onedoor::domain::planning::input::{Leave, PoolKind, UnitKind};

const SEEDS: u32 = 240;
const CLASS: usize = 6;

/// How the people of a class differ.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Not at all.
    Alike,
    /// All but the first have a day 10 % shorter.
    FirstFavoured,
    /// The last is on leave for five working days.
    LastAway,
    /// The last works half the day.
    LastPartTime,
}

/// Three departments, in each two classes of six people; visits over the working days of `weeks`.
fn symmetric(weeks: u32, visits: u32, kind: Kind) -> Instance {
    let mut c = County::new(7 * weeks);
    let days = 5 * weeks;
    for d in 0..3 {
        let dept = format!("D{d}");
        c.dept(&dept, d, PoolKind::Officers);
        c.item(&format!("I{d}0"), 60, "", "", "");
        c.item(&format!("I{d}1"), 60, "", &format!("Q{d}"), "");
        for p in 0..2 * CLASS {
            let id = format!("P{d}{p:02}");
            c.person(&id, &dept, UnitKind::Section, "一股");
            let person = c.0.inspectors.last_mut().unwrap();
            person.daily_minutes = match kind {
                Kind::FirstFavoured if p % CLASS > 0 => 405,
                Kind::LastPartTime if p % CLASS == CLASS - 1 => 225,
                _ => 450,
            };
            if p < CLASS {
                c.cert(&id, &format!("Q{d}"), (0, 400));
            }
            if kind == Kind::LastAway && p % CLASS == CLASS - 1 {
                let (from, to) = (date(35), date(39));
                c.0.leave.push(Leave { person_id: id, from, to, kind: String::new() });
            }
        }
    }
    for s in 0..visits {
        let key = format!("S{s:03}");
        c.subject(&key, "东关镇");
        for d in (0..3).filter(|d| !(s + d).is_multiple_of(3)) {
            c.task(
                &format!("D{d}"),
                &format!("I{d}{}", s % 2),
                &key,
                (s % days * 5 / 4, s % days * 5 / 4 + 9),
            );
        }
    }
    c.0.rules.min_per_dept = 1;
    c.instance()
}

fn runs(county: &Instance, seeds: u32) -> Vec<Staffing> {
    let merged = merge::into_visits(county);
    let run = |seed: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&seed.to_be_bytes());
        staff(county, &merged.visits, &bytes, "TEAMS", &Options::default(), &mut |_| {})
    };
    (0..seeds).map(run).collect()
}

/// χ² of the mean loads within classes of equal people against the spread inside single runs, with its degrees of
/// freedom: equal people have equal expected loads.
fn exchangeability(county: &Instance, runs: &[Staffing]) -> (f64, f64) {
    let people = county.people.len();
    let (mut chi, mut df) = (0.0, 0.0);
    for class in (0..people).collect::<Vec<_>>().chunks(CLASS) {
        let n = class.len() as f64;
        let load = |run: &Staffing, p: usize| run.loads[p] as f64;
        let mut within = 0.0;
        for run in runs {
            let mean = class.iter().map(|p| load(run, *p)).sum::<f64>() / n;
            within += class.iter().map(|p| (load(run, *p) - mean).powi(2)).sum::<f64>() / (n - 1.0);
        }
        within /= runs.len() as f64;
        let means: Vec<f64> =
            class.iter().map(|p| runs.iter().map(|r| load(r, *p)).sum::<f64>() / runs.len() as f64).collect();
        let mean = means.iter().sum::<f64>() / n;
        chi += means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() * runs.len() as f64 / within;
        df += n - 1.0;
    }
    (chi, df)
}

/// How many standard deviations a χ² lies above its mean (Wilson and Hilferty's cube root).
fn sigmas(chi: f64, df: f64) -> f64 {
    let spread = 2.0 / (9.0 * df);
    ((chi / df).cbrt() - (1.0 - spread)) / spread.sqrt()
}

#[test]
fn equal_people_have_equal_loads_and_a_favour_is_found_out() {
    let county = symmetric(12, 60, Kind::Alike);
    let fair = runs(&county, SEEDS);
    assert!(fair.iter().all(|r| r.end.staffed == r.end.visits));
    let (chi, df) = exchangeability(&county, &fair);
    // 3.1 standard deviations: one fair draw in a thousand would be accused, and these seeds are fixed.
    assert!(sigmas(chi, df) < 3.1, "χ² {chi:.1} of {df}");
    let county = symmetric(12, 60, Kind::FirstFavoured);
    let (chi, df) = exchangeability(&county, &runs(&county, SEEDS));
    assert!(sigmas(chi, df) > 4.0, "10 % more for the first went unnoticed: χ² {chi:.1} of {df}");
}

#[test]
fn loads_stay_near_the_least_possible_and_nobody_can_be_foreseen() {
    let county = symmetric(12, 300, Kind::Alike);
    let (mut ratios, mut bits, mut uniform, mut seats) = (0.0, 0.0, 0.0, 0.0);
    let runs = runs(&county, 40);
    for run in &runs {
        for people in &county.pool {
            let loads = || people.iter().map(|p| run.loads[*p as usize] as f64);
            // Equal people of one kind: nothing can push the largest load below the mean.
            ratios += loads().fold(0.0, f64::max) / (loads().sum::<f64>() / people.len() as f64);
        }
        for m in run.staffed.iter().flatten().flat_map(|s| &s.team) {
            assert!(!m.only_feasible);
            bits -= (m.weight as f64 / m.odds.1 as f64).log2();
            uniform += f64::from(m.candidates).log2();
            seats += 1.0;
        }
    }
    let ratio = ratios / (runs.len() * county.pool.len()) as f64;
    println!("F1 {ratio:.3}, F2 {:.2} of {:.2} bits", bits / seats, uniform / seats);
    assert!(ratio < 1.2, "largest load / mean {ratio:.3}");
    assert!(bits > 0.75 * uniform, "{:.2} bits a seat of {:.2}", bits / seats, uniform / seats);
}

#[test]
fn absence_is_neither_reward_nor_punishment() {
    let county = symmetric(12, 60, Kind::LastAway);
    let runs = runs(&county, SEEDS);
    let premium = premium(&county, &runs);
    assert!((0.95..1.05).contains(&premium), "load per day there, relative to others: {premium:.3}");
}

/// Load per minute there of the last of each class, relative to its class.
fn premium(county: &Instance, runs: &[Staffing]) -> f64 {
    let rate = |p: usize| {
        let row = &county.people[p];
        let there = row.available.len() as f64 * f64::from(row.daily_minutes);
        runs.iter().map(|r| r.loads[p] as f64).sum::<f64>() / there
    };
    let (mut last, mut all) = (0.0, 0.0);
    for class in (0..county.people.len()).collect::<Vec<_>>().chunks(CLASS) {
        last += rate(class[CLASS - 1]);
        all += class.iter().map(|p| rate(*p)).sum::<f64>() / CLASS as f64;
    }
    last / all
}

#[test]
fn half_the_day_is_half_the_work() {
    let county = symmetric(12, 200, Kind::LastPartTime);
    let premium = premium(&county, &runs(&county, 40));
    println!("F4 part-time {premium:.3}");
    assert!((0.97..1.03).contains(&premium), "load per minute there, relative to others: {premium:.3}");
}

#[test]
fn a_short_period_is_as_uncertain_as_a_long_one() {
    let county = symmetric(4, 60, Kind::Alike);
    let (mut bits, mut uniform) = (0.0, 0.0);
    for m in runs(&county, 40).iter().flat_map(|r| r.staffed.iter().flatten()).flat_map(|s| &s.team) {
        bits -= (m.weight as f64 / m.odds.1 as f64).log2();
        uniform += f64::from(m.candidates).log2();
    }
    println!("F2 in four weeks {:.3}", bits / uniform);
    assert!(bits > 0.75 * uniform, "{:.3} of the bits of a uniform draw", bits / uniform);
}
