//! The invented departments' campaigns of a season: either already drawn, as tasks, or still to be drawn, as plans.

use super::catalogue::{MATTERS, OFFICES, TRADES, Trade, Trait};
use super::lots::Lots;
use super::{Place, Scale};
use crate::domain::planning::input::{CheckMode, Input, PlanEntry, Task};
use crate::domain::ratio::{Bound, Ratio, Rule};
use chrono::NaiveDate;
use std::collections::HashMap;

/// A campaign (计划批次) of one department: items, window, intensity.
struct Campaign {
    name: String,
    dept: String,
    /// Places in [`MATTERS`].
    matters: Vec<usize>,
    /// First and last working day.
    window: (usize, usize),
    /// Permille of the subjects of classes A to D.
    rates: [u32; 4],
}

/// Working days of the period and which of them can be used.
pub(super) struct Horizon<'a> {
    /// Working days.
    pub(super) days: &'a [NaiveDate],
    /// Whether each is quiet.
    pub(super) quiet: &'a [bool],
}

impl Horizon<'_> {
    /// Whether an item has at least `least` usable days in a window.
    fn usable(&self, matter: usize, window: (usize, usize), least: usize) -> bool {
        let season = MATTERS[matter].season;
        (window.0..=window.1)
            .filter(|d| !self.quiet[*d] && season.is_none_or(|s| s.contains(self.days[*d])))
            .take(least)
            .count()
            >= least
    }
}

/// Item codes in the order of [`MATTERS`]: department key and a serial number.
pub(super) fn item_codes() -> Vec<String> {
    let mut serial: HashMap<&str, u32> = HashMap::new();
    MATTERS
        .iter()
        .map(|m| {
            let next = serial.entry(m.office).or_default();
            *next += 1;
            format!("{}-{next:02}", m.office)
        })
        .collect()
}

fn dept_id(place: &Place, office: usize, counties: usize) -> String {
    let division =
        if OFFICES[office].of_city && counties > 1 { &place.division[..4] } else { &place.division };
    format!("{}-{division}", OFFICES[office].key)
}

fn campaigns(seed: u64, place: &Place, counties: usize, office: usize, horizon: &Horizon) -> Vec<Campaign> {
    let own: Vec<usize> = (0..MATTERS.len()).filter(|m| MATTERS[*m].office == OFFICES[office].key).collect();
    let mut lots = Lots::new(seed, &["campaigns", &place.division, OFFICES[office].key]);
    let len = horizon.days.len();
    let count = (own.len().div_ceil(3) + 1).min(4);
    let mut list = Vec::new();
    for batch in 0..count {
        // A sixth to the whole of the period, but never less than four days.
        let sixths = [6, 4, 3, 2, 1][lots.weighted(&[30, 25, 20, 15, 10])];
        let length = (len * sixths / 6).max(4).min(len);
        let first = lots.place(len - length + 1);
        let window = (first, first + length - 1);
        let from = batch * own.len() / count;
        let until = ((batch + 1) * own.len()).div_ceil(count).max(from + 1);
        let mut matters: Vec<usize> = own[from..until.min(own.len())].to_vec();
        // What the season or the quiet days leave no room for stays out of the campaign.
        matters.retain(|m| horizon.usable(*m, window, 3));
        if matters.is_empty() {
            continue;
        }
        let level = OFFICES[office].zeal * lots.between(800, 1200) / 1000;
        let rates = [260, 400, 640, 940].map(|r: u32| (r * level / 1000).min(980));
        let name = format!("2026年第{}批{}", batch + 1, topic(OFFICES[office].name));
        list.push(Campaign { name, dept: dept_id(place, office, counties), matters, window, rates });
    }
    list
}

fn topic(office: &str) -> String {
    format!("{}联合抽查", office.trim_end_matches(['局', '队']))
}

fn applies(matter: usize, trade: &Trade) -> bool {
    let hit = |t: &Trait| MATTERS[matter].applies.contains(t);
    trade.traits.iter().any(hit)
}

/// Draws the tasks of all campaigns, in the way departments do without coordination.
pub(super) fn tasks(
    input: &mut Input,
    seed: u64,
    scale: &Scale,
    places: &[Place],
    trades: &[&'static Trade],
    horizon: &Horizon,
) {
    let codes = item_codes();
    let mut rows: Vec<Task> = Vec::new();
    let per_place = scale.subjects as usize;
    for (order, place) in places.iter().enumerate() {
        let all: Vec<Vec<Campaign>> =
            (0..scale.offices).map(|o| campaigns(seed, place, places.len(), o, horizon)).collect();
        let mut lots = Lots::new(seed, &["tasks", &place.division]);
        let here = order * per_place..(order + 1) * per_place;
        for (subject, trade) in input.subjects[here.clone()].iter().zip(&trades[here]) {
            let class = match subject.credit.as_str() {
                "A" => 0,
                "B" => 1,
                "C" => 2,
                _ => 3,
            };
            // Some businesses are talked about, most are not.
            let heat =
                [scale.density * 6 / 10, scale.density, scale.density * 17 / 10][lots.weighted(&[5, 4, 1])];
            let mut seen: Vec<(usize, (usize, usize))> = Vec::new();
            for campaign in all.iter().flatten() {
                let matters: Vec<usize> =
                    campaign.matters.iter().copied().filter(|m| applies(*m, trade)).collect();
                if matters.is_empty() || !lots.chance((campaign.rates[class] * heat / 1000).min(980)) {
                    continue;
                }
                let (mut name, mut window, mut priority) = (campaign.name.clone(), campaign.window, 3);
                if lots.chance(60) {
                    // A complaint cannot wait for the campaign: a few days, wherever they fall.
                    let length = lots.between(3, 6) as usize;
                    let first = lots.place(horizon.days.len().saturating_sub(length) + 1);
                    let narrow = (first, (first + length - 1).min(horizon.days.len() - 1));
                    if matters.iter().all(|m| horizon.usable(*m, narrow, 2)) {
                        (name, window, priority) = ("投诉举报核查".to_owned(), narrow, 1);
                    }
                }
                for m in matters {
                    let meets = |w: &(usize, usize)| w.0 <= window.1 && window.0 <= w.1;
                    let before: Vec<_> = seen.iter().filter(|(x, _)| *x == m).map(|(_, w)| *w).collect();
                    // The same item twice is what the merge is for, but only when one visit can serve both.
                    if before.len() > 1 || before.iter().any(|w| !meets(w)) {
                        continue;
                    }
                    seen.push((m, window));
                    let matter = &MATTERS[m];
                    let longer = [0, 5, 10, 15][lots.weighted(&[70, 14, 10, 6])];
                    rows.push(Task {
                        id: String::new(),
                        plan: name.clone(),
                        dept_id: campaign.dept.clone(),
                        item_id: codes[m].clone(),
                        subject: subject.key.clone(),
                        earliest: horizon.days[window.0],
                        latest: horizon.days[window.1],
                        minutes: matter.minutes + longer,
                        mode: matter.mode,
                        notice: matter.notice,
                        priority,
                        people: 0,
                    });
                }
            }
        }
    }
    for (number, row) in (1..).zip(&mut rows) {
        row.id = format!("RW{number:07}");
    }
    input.tasks = rows;
}

/// How ratio texts read, and what they mean. A class ratio names the four classes with their own ratios.
fn ratio(lots: &mut Lots, whole: bool) -> (Ratio, Vec<(String, Ratio)>) {
    let share =
        |text: &str, bp, bound| Ratio { text: text.to_owned(), rule: Some(Rule::Share { bp, bound }) };
    let text = |text: &str, rule| Ratio { text: text.to_owned(), rule: Some(rule) };
    if whole {
        return (text("全覆盖", Rule::All), Vec::new());
    }
    let by_class = |ratios: [(&str, u32); 4]| {
        let classes = ["A", "B", "C", "D"].into_iter().zip(ratios);
        classes
            .map(|(class, (words, bp))| (class.to_owned(), share(words, bp, Bound::Exact)))
            .collect::<Vec<_>>()
    };
    match lots.weighted(&[26, 16, 12, 10, 8, 8, 8, 12]) {
        0 => (
            share("10%", 1000, Bound::Exact),
            by_class([("5%", 500), ("10%", 1000), ("30%", 3000), ("60%", 6000)]),
        ),
        1 => (
            share("3%", 300, Bound::Exact),
            by_class([("1%", 100), ("2%", 200), ("10%", 1000), ("30%", 3000)]),
        ),
        2 => (share("不低于20%", 2000, Bound::AtLeast), Vec::new()),
        3 => (text("10-20%", Rule::ShareRange { lo_bp: 1000, hi_bp: 2000 }), Vec::new()),
        4 => (text("20-30家", Rule::CountRange { lo: 20, hi: 30 }), Vec::new()),
        5 => (text("15户", Rule::Count { n: 15, bound: Bound::Exact }), Vec::new()),
        6 => (text("≤10所不少于2所;>10所不低于50%", Rule::AtLeastAndShare { min: 2, bp: 5000 }), Vec::new()),
        _ => (
            share("25%", 2500, Bound::Exact),
            by_class([("10%", 1000), ("20%", 2000), ("50%", 5000), ("100%", 10000)]),
        ),
    }
}

/// Writes the campaigns down as plans whose subjects have still to be drawn: one plan per department, campaign and
/// set of items that apply to the same trades.
pub(super) fn plans(input: &mut Input, seed: u64, scale: &Scale, places: &[Place], horizon: &Horizon) {
    let codes = item_codes();
    for place in places {
        let mut lots = Lots::new(seed, &["plans", &place.division]);
        for office in 0..scale.offices {
            for campaign in campaigns(seed, place, places.len(), office, horizon) {
                let mut sets: Vec<(Vec<&str>, Vec<usize>)> = Vec::new();
                for m in campaign.matters.iter().copied().filter(|m| MATTERS[*m].mode == CheckMode::OnSite) {
                    let fits = TRADES.iter().filter(|t| applies(m, t)).map(|t| t.code).collect::<Vec<_>>();
                    match sets.iter_mut().find(|(trades, _)| *trades == fits) {
                        Some((_, matters)) => matters.push(m),
                        None => sets.push((fits, vec![m])),
                    }
                }
                for (mut industries, matters) in sets {
                    industries.sort_unstable();
                    let (ratio, class_ratios) = ratio(&mut lots, industries == ["F5169"]);
                    let number = input.plans.len() + 1;
                    // A department sometimes looks at the risky only, or at the seat of the county only.
                    let credits = if class_ratios.is_empty() && lots.chance(150) {
                        vec!["C".to_owned(), "D".to_owned()]
                    } else {
                        vec![]
                    };
                    let towns =
                        if lots.chance(60) { place.towns.iter().take(2).cloned().collect() } else { vec![] };
                    input.plans.push(PlanEntry {
                        id: format!("JH2026-{number:03}"),
                        name: campaign.name.clone(),
                        dept_id: campaign.dept.clone(),
                        items: matters.iter().map(|m| codes[*m].clone()).collect(),
                        kinds: Vec::new(),
                        industries: industries.into_iter().map(str::to_owned).collect(),
                        towns,
                        credits,
                        ratio,
                        class_ratios,
                        earliest: horizon.days[campaign.window.0],
                        latest: horizon.days[campaign.window.1],
                        priority: lots.between(2, 3),
                    });
                }
            }
        }
    }
}
