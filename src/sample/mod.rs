//! Demonstration counties: invented departments, businesses, people and campaigns, the same for the same seed on
//! every platform. Not a test double: the files it writes are what an office would send.

mod calendar;
mod campaigns;
mod catalogue;
mod codes;
pub mod files;
pub mod folder;
mod laws;
mod lots;
mod people;
mod subjects;
mod words;

pub use laws::basis;

use crate::domain::planning::input::{Input, Item};
use lots::Lots;

/// The size and kind of a demonstration county.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// 24 subjects, 6 departments, 10 working days: small enough to read by eye.
    Tiny,
    /// 20 departments, 64 items, 1,400 subjects, some 300 inspectors, 60 working days, tasks already drawn.
    County,
    /// The same county with plans instead of tasks: the subjects have still to be drawn.
    CountyPlans,
    /// A city of ten counties with five departments of its own.
    City,
}

impl Preset {
    /// All presets with their names on the command line.
    pub const ALL: [(&'static str, Self); 4] = [
        ("tiny", Self::Tiny),
        ("county", Self::County),
        ("county-plans", Self::CountyPlans),
        ("city", Self::City),
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, p)| *p == self).map_or("", |(name, _)| name)
    }

    fn scale(self) -> Scale {
        match self {
            Self::Tiny => Scale {
                counties: 1,
                offices: 6,
                subjects: 24,
                inspectors: 40,
                towns: 3,
                days: 10,
                density: 1300,
                uncoded: 300,
                recusals: 1,
            },
            Self::County | Self::CountyPlans => Scale {
                counties: 1,
                offices: 20,
                subjects: 1400,
                inspectors: 300,
                towns: 16,
                days: 60,
                density: 1350,
                uncoded: 460,
                recusals: 60,
            },
            Self::City => Scale { counties: 10, subjects: 3400, inspectors: 520, ..Self::County.scale() },
        }
    }
}

/// The figures of a preset, per county where not said otherwise.
#[derive(Debug, Clone)]
struct Scale {
    /// Counties.
    counties: u32,
    /// Departments.
    offices: usize,
    /// Subjects.
    subjects: u32,
    /// Officers, about.
    inspectors: u32,
    /// Towns.
    towns: usize,
    /// Working days of the period.
    days: usize,
    /// How often subjects are picked (permille).
    density: u32,
    /// Individual businesses that have a registration number only (permille); nearly half in a real county file.
    uncoded: u32,
    /// Declared conflicts per ten officers, on average.
    recusals: u32,
}

/// A county of the sample.
struct Place {
    city: &'static str,
    county: &'static str,
    /// Six digits, not allocated in GB/T 2260.
    division: String,
    towns: Vec<String>,
    /// Longitude and latitude of each town in millionths of a degree.
    centres: Vec<(i32, i32)>,
}

fn places(seed: u64, scale: &Scale) -> Vec<Place> {
    (0..scale.counties)
        .map(|order| {
            let division = format!("{}", 369_721 + order);
            let mut lots = Lots::new(seed, &["places", &division]);
            let east = i32::try_from(order).unwrap_or(0) * 420_000;
            let mut offset = |range: u32| i32::try_from(lots.below(range)).unwrap_or(0);
            Place {
                city: "云麓市",
                county: words::COUNTIES[order as usize % words::COUNTIES.len()],
                towns: words::TOWNS.iter().take(scale.towns).map(|t| (*t).to_owned()).collect(),
                centres: (0..scale.towns)
                    .map(|_| (114_300_000 + east + offset(400) * 1000, 27_200_000 + offset(500) * 1000))
                    .collect(),
                division,
            }
        })
        .collect()
}

/// The tables of a demonstration county, in the order in which an office would keep them.
#[must_use]
pub fn county(preset: Preset, seed: u64) -> Input {
    let scale = preset.scale();
    let places = places(seed, &scale);
    let mut input = Input { calendar: calendar::period(scale.days), ..Input::default() };
    input.rules.min_per_dept = if preset == Preset::Tiny { 1 } else { input.rules.min_per_dept };
    let days: Vec<_> = input.calendar.iter().filter(|d| d.workday).map(|d| d.date).collect();
    let quiet: Vec<_> = input.calendar.iter().filter(|d| d.workday).map(|d| d.quiet).collect();
    let horizon = campaigns::Horizon { days: &days, quiet: &quiet };

    let offices: Vec<&str> = catalogue::OFFICES.iter().take(scale.offices).map(|o| o.key).collect();
    for (code, matter) in campaigns::item_codes().into_iter().zip(catalogue::MATTERS) {
        if !offices.contains(&matter.office) {
            continue;
        }
        let group = catalogue::GROUPS.iter().find(|g| g.0 == matter.group);
        input.items.push(Item {
            id: code,
            dept_key: matter.office.to_owned(),
            name: matter.name.to_owned(),
            minutes: matter.minutes,
            mode: matter.mode,
            notice: matter.notice,
            equiv: matter.group.to_owned(),
            equiv_name: group.map_or("", |g| g.1).to_owned(),
            qual: matter.qual.to_owned(),
            freq: matter.freq,
            season: matter.season,
            expert: matter.expert.to_owned(),
        });
    }
    people::fill(&mut input, seed, &scale, &places, &days);
    let Some(start) = days.first() else { return input };
    let trades = subjects::fill(&mut input, seed, &scale, &places, *start);
    subjects::recusals(&mut input, seed, &scale);
    if preset == Preset::CountyPlans {
        campaigns::plans(&mut input, seed, &scale, &places, &horizon);
    } else {
        campaigns::tasks(&mut input, seed, &scale, &places, &trades, &horizon);
    }
    input
}
