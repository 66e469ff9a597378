//! The pictures of the report as inline SVG. Text stays outside of the pictures, in the page's own tables, so that
//! it wraps, scales, can be read aloud, and needs no font when the page is made.

use super::text::{count, hours, is_high, times, weekday_date};
use super::{DayView, DepartmentView, Headline, TownView};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write as _;

/// Width of a bar picture in its own units.
const WIDTH: u64 = 1000;
/// Columns of the heat table; longer periods are shown by week.
const HEAT_COLUMNS: usize = 66;
/// Shades of the heat table.
const LEVELS: usize = 5;
/// Rows of a chart; where there are more, the smallest are shown as one row, so that a city fits the page too.
const ROWS: usize = 24;
/// Small charts of load on the page; where there are more, those with the least even load are shown.
const CARDS: usize = 28;

/// A row of the chart of visits.
pub(super) struct VisitsRow {
    pub(super) name: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) joint: String,
    pub(super) bars: String,
}

/// A small chart of loads.
pub(super) struct LoadCard {
    pub(super) name: String,
    pub(super) people: usize,
    pub(super) idle: usize,
    pub(super) most: String,
    pub(super) median: String,
    pub(super) least: String,
    pub(super) bound: String,
    pub(super) ratio: String,
    /// The busiest person has more than a fifth above the least possible.
    pub(super) high: bool,
    /// Has a picture on the page; the table of figures has all.
    pub(super) shown: bool,
    pub(super) bars: String,
}

/// The heat table.
pub(super) struct Heat {
    pub(super) finding: String,
    /// 每天 or 每周.
    pub(super) step: &'static str,
    /// Months with their share of the width in thousandths of a percent, for the axis.
    pub(super) months: Vec<(String, String)>,
    /// Bars of all towns per column.
    pub(super) totals: String,
    pub(super) most: u32,
    pub(super) rows: Vec<HeatRow>,
    /// From-to of each shade.
    pub(super) legend: Vec<String>,
    pub(super) has_quiet: bool,
    /// Label of each column and its visits per town, for the table of figures.
    pub(super) weeks: Vec<(String, Vec<u32>)>,
}

/// A row of the heat table.
pub(super) struct HeatRow {
    pub(super) name: String,
    pub(super) total: String,
    pub(super) cells: String,
}

fn scaled(value: u32, most: u32) -> u64 {
    if most == 0 { 0 } else { u64::from(value) * WIDTH / u64::from(most) }
}

/// A picture that stretches to the width of its place; `label` is what is read aloud.
fn picture(width: u64, height: u64, label: &str, inside: &str) -> String {
    let mut safe = String::new();
    for c in label.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(c),
        }
    }
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{safe}\">\
         <title>{safe}</title>{inside}</svg>"
    )
}

/// The name without the county's, for narrow labels; the whole name when nothing would be left.
fn short(county: &str, name: &str) -> String {
    name.strip_prefix(county).filter(|rest| !rest.is_empty()).unwrap_or(name).to_owned()
}

/// Visits before and after the merge, all departments together.
pub(super) fn visits_total(h: &Headline) -> String {
    let most = h.separate_visits.max(h.visits);
    let alone = h.visits.saturating_sub(h.joint_visits);
    let inside = format!(
        "<rect class=\"before\" y=\"2\" width=\"{}\" height=\"20\"/>\
         <rect class=\"joint\" y=\"28\" width=\"{}\" height=\"20\"/>\
         <rect class=\"alone\" x=\"{}\" y=\"28\" width=\"{}\" height=\"20\"/>",
        scaled(h.separate_visits, most),
        scaled(h.joint_visits, most),
        scaled(h.joint_visits, most),
        scaled(alone, most),
    );
    let label = format!(
        "合并前 {} 次；合并后 {} 次，其中联合 {} 次、单独 {} 次",
        count(h.separate_visits),
        count(h.visits),
        count(h.joint_visits),
        count(alone)
    );
    picture(WIDTH, 50, &label, &inside)
}

/// The places of the largest figures that a chart has rows for, in the order given, and of those left over.
fn largest(figures: &[u32], rows: usize) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..figures.len()).collect();
    if order.len() <= rows {
        return (order, Vec::new());
    }
    order.sort_by_key(|i| std::cmp::Reverse(figures[*i]));
    let mut rest = order.split_off(rows - 1);
    order.sort_unstable();
    rest.sort_unstable();
    (order, rest)
}

/// One row per department: what it would have gone alone, and what it goes now.
pub(super) fn visits(county: &str, departments: &[&DepartmentView]) -> Vec<VisitsRow> {
    let figures: Vec<u32> = departments.iter().map(|d| d.separate_visits).collect();
    let (kept, rest) = largest(&figures, ROWS);
    let mut rows: Vec<(String, [u32; 3])> = kept
        .into_iter()
        .map(|i| departments[i])
        .map(|d| (d.name.clone(), [d.separate_visits, d.joint_visits, d.own_visits]))
        .collect();
    if !rest.is_empty() {
        let sum = |f: fn(&DepartmentView) -> u32| rest.iter().map(|i| f(departments[*i])).sum();
        let sums = [sum(|d| d.separate_visits), sum(|d| d.joint_visits), sum(|d| d.own_visits)];
        rows.push((format!("其余 {} 个部门", rest.len()), sums));
    }
    let most = rows.iter().map(|(_, [before, joint, own])| (*before).max(joint + own)).max().unwrap_or(0);
    rows.into_iter()
        .map(|(name, [separate, joint, own])| {
            let after = joint + own;
            let inside = format!(
                "<rect class=\"before\" y=\"2\" width=\"{}\" height=\"6\"/>\
                 <rect class=\"joint\" y=\"10\" width=\"{}\" height=\"8\"/>\
                 <rect class=\"alone\" x=\"{}\" y=\"10\" width=\"{}\" height=\"8\"/>",
                scaled(separate, most),
                scaled(joint, most),
                scaled(joint, most),
                scaled(own, most),
            );
            let label = format!(
                "{name}：合并前 {} 次；合并后到场 {} 次，其中联合 {} 次、单独 {} 次",
                count(separate),
                count(after),
                count(joint),
                count(own)
            );
            VisitsRow {
                name: short(county, &name),
                before: count(separate),
                after: count(after),
                joint: count(joint),
                bars: picture(WIDTH, 20, &label, &inside),
            }
        })
        .collect()
}

/// One small chart per department: its people from the busiest to the least busy, and the least possible maximum.
pub(super) fn loads(county: &str, departments: &[DepartmentView]) -> Vec<LoadCard> {
    let with_people: Vec<&DepartmentView> =
        departments.iter().filter(|d| !d.loads_minutes.is_empty()).collect();
    let uneven: Vec<u32> = with_people
        .iter()
        .map(|d| {
            let most = u64::from(d.loads_minutes.iter().copied().max().unwrap_or(0));
            u32::try_from(most * 1000 / u64::from(d.least_max_minutes.max(1))).unwrap_or(u32::MAX)
        })
        .collect();
    let (shown, _) = largest(&uneven, CARDS);
    with_people
        .into_iter()
        .enumerate()
        .map(|(place, d)| {
            let mut sorted = d.loads_minutes.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            let most = sorted.first().copied().unwrap_or(0);
            let top = u64::from(most.max(d.least_max_minutes).max(1));
            let people = sorted.len() as u64;
            let mut path = String::new();
            for (place, load) in (0_u64..).zip(&sorted) {
                // A tenth of each person's width stays free, so that people can be counted.
                let left = place * WIDTH / people;
                let wide = (WIDTH / people * 9 / 10).max(1);
                let high = u64::from(*load) * 96 / top;
                if high > 0 {
                    let _ = write!(path, "M{left} 100v-{high}h{wide}v{high}z");
                }
            }
            let line = 100 - u64::from(d.least_max_minutes) * 96 / top;
            let inside = format!(
                "<path class=\"joint\" d=\"{path}\"/><path class=\"base\" d=\"M0 99.5h{WIDTH}\"/>\
                 <path class=\"bound\" d=\"M0 {line}h{WIDTH}\"/>"
            );
            let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
            let least = sorted.last().copied().unwrap_or(0);
            let label = format!(
                "{}：{} 人，最多 {} 小时，中位 {} 小时，最少 {} 小时，公平下限 {} 小时",
                d.name,
                sorted.len(),
                hours(most),
                hours(median),
                hours(least),
                hours(d.least_max_minutes)
            );
            LoadCard {
                name: short(county, &d.name),
                people: sorted.len(),
                idle: sorted.iter().filter(|l| **l == 0).count(),
                most: hours(most),
                median: hours(median),
                least: hours(least),
                bound: hours(d.least_max_minutes),
                ratio: times(most, d.least_max_minutes),
                high: is_high(most, d.least_max_minutes),
                shown: shown.contains(&place),
                bars: picture(WIDTH, 100, &label, &inside),
            }
        })
        .collect()
}

/// A column of the heat table: one day, or one week.
struct Step {
    first: NaiveDate,
    last: NaiveDate,
    quiet: bool,
    /// Places in the list of days.
    days: Vec<usize>,
}

fn steps(days: &[DayView], by_week: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (place, day) in days.iter().enumerate() {
        match steps.last_mut() {
            Some(step) if by_week && step.first.iso_week() == day.date.iso_week() => {
                step.last = day.date;
                step.quiet &= day.quiet;
                step.days.push(place);
            }
            _ => steps.push(Step { first: day.date, last: day.date, quiet: day.quiet, days: vec![place] }),
        }
    }
    steps
}

impl Step {
    fn label(&self) -> String {
        if self.first == self.last {
            return weekday_date(self.first);
        }
        let (a, b) = (self.first, self.last);
        if a.month() == b.month() {
            format!("{}月{}日至{}日", a.month(), a.day(), b.day())
        } else {
            format!("{}月{}日至{}月{}日", a.month(), a.day(), b.month(), b.day())
        }
    }

    fn sum(&self, visits: &[u32]) -> u32 {
        self.days.iter().map(|d| visits.get(*d).copied().unwrap_or(0)).sum()
    }
}

/// Visits per town and day, or per town and week where the days are too many for the width of a page.
pub(super) fn heat(days: &[DayView], towns: &[TownView]) -> Heat {
    let by_week = days.len() > HEAT_COLUMNS;
    let columns = steps(days, by_week);
    let sums: Vec<u32> = towns.iter().map(|t| t.visits.iter().sum()).collect();
    let (mut kept, rest) = largest(&sums, ROWS);
    kept.sort_by_key(|i| std::cmp::Reverse(sums[*i]));
    let row = |i: &usize| columns.iter().map(|c| c.sum(&towns[*i].visits)).collect::<Vec<u32>>();
    let mut names: Vec<String> = kept.iter().map(|i| towns[*i].name.clone()).collect();
    let mut table: Vec<Vec<u32>> = kept.iter().map(row).collect();
    // The darkest shade is a single town's, not that of the many small ones together.
    let most_cell = table.iter().flatten().copied().max().unwrap_or(0);
    if !rest.is_empty() {
        let rows: Vec<Vec<u32>> = rest.iter().map(row).collect();
        names.push(format!("其余 {} 个", rest.len()));
        table.push((0..columns.len()).map(|c| rows.iter().map(|r| r[c]).sum()).collect());
    }
    let totals: Vec<u32> = (0..columns.len()).map(|c| table.iter().map(|row| row[c]).sum()).collect();
    let most = totals.iter().copied().max().unwrap_or(0);
    let step = if by_week { "每周" } else { "每天" };
    let wide = columns.len().max(1) as u64 * 10;

    let rows = names
        .iter()
        .zip(&table)
        .map(|(name, row)| {
            let mut paths = vec![String::new(); LEVELS + 1];
            for (c, value) in row.iter().enumerate() {
                let level = (*value as usize * LEVELS).div_ceil(most_cell.max(1) as usize).min(LEVELS);
                let _ = write!(paths[level], "M{} 0h9v10h-9z", c * 10);
            }
            let mut inside = String::new();
            for (level, path) in paths.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
                let _ = write!(inside, "<path class=\"h{level}\" d=\"{path}\"/>");
            }
            let total: u32 = row.iter().sum();
            let busiest = row.iter().zip(&columns).max_by_key(|(v, c)| (**v, std::cmp::Reverse(c.first)));
            let peak = busiest.map_or_else(String::new, |(v, c)| format!("，最多 {v} 次（{}）", c.label()));
            HeatRow {
                name: name.clone(),
                total: count(total),
                cells: picture(wide, 10, &format!("{name}：共 {} 次{peak}", count(total)), &inside),
            }
        })
        .collect();

    let mut inside = String::new();
    for (c, column) in columns.iter().enumerate() {
        if column.quiet {
            let _ = write!(inside, "<path class=\"quiet\" d=\"M{} 0h10v40h-10z\"/>", c * 10);
        }
    }
    let mut path = String::new();
    for (c, total) in totals.iter().enumerate() {
        let high = u64::from(*total) * 38 / u64::from(most.max(1));
        if high > 0 {
            let _ = write!(path, "M{} 40v-{high}h9v{high}z", c * 10);
        }
    }
    let _ = write!(inside, "<path class=\"joint\" d=\"{path}\"/>");
    let busiest = totals.iter().zip(&columns).max_by_key(|(v, c)| (**v, std::cmp::Reverse(c.first)));
    let finding = match (busiest, kept.first()) {
        (Some((visits, column)), Some(town)) if *visits > 0 => format!(
            "最多的{}是{}，{} 次；上门最多的是{}，共 {} 次",
            if by_week { "一周" } else { "一天" },
            column.label(),
            count(*visits),
            towns[*town].name,
            count(sums[*town])
        ),
        _ => "没有排定的上门检查".to_owned(),
    };
    Heat {
        finding,
        step,
        months: months(&columns),
        totals: picture(wide, 40, &format!("各镇合计，{step}上门次数"), &inside),
        most,
        rows,
        legend: legend(most_cell),
        has_quiet: columns.iter().any(|c| c.quiet),
        weeks: steps(days, true)
            .iter()
            .map(|week| (week.label(), towns.iter().map(|t| week.sum(&t.visits)).collect()))
            .collect(),
    }
}

/// The axis: each month with its share of the width in percent.
fn months(columns: &[Step]) -> Vec<(String, String)> {
    let mut list: Vec<(NaiveDate, usize)> = Vec::new();
    for column in columns {
        match list.last_mut() {
            Some((first, n))
                if (first.year(), first.month()) == (column.first.year(), column.first.month()) =>
            {
                *n += 1
            }
            _ => list.push((column.first, 1)),
        }
    }
    let all = columns.len().max(1);
    list.into_iter()
        .map(|(first, n)| {
            let share = n * 100_000 / all;
            (format!("{}月", first.month()), format!("{}.{:03}", share / 1000, share % 1000))
        })
        .collect()
}

/// From-to of each shade; shades that no number falls into are left out.
fn legend(most: u32) -> Vec<String> {
    let levels = u32::try_from(LEVELS).unwrap_or(1);
    (1..=levels)
        .map(|level| {
            let from = (level - 1) * most / levels + 1;
            let to = level * most / levels;
            if to < from {
                String::new()
            } else if from == to {
                from.to_string()
            } else {
                format!("{from}–{to}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, 1).unwrap() + chrono::Days::new(n)
    }

    #[test]
    fn long_periods_are_shown_by_week_and_keep_their_sums() {
        let days: Vec<DayView> = (0..100).map(|n| DayView { date: day(n), quiet: n < 3 }).collect();
        let visits: Vec<u32> = (0..100).map(|n| n % 7).collect();
        let sum: u32 = visits.iter().sum();
        let towns = [TownView { name: "甲<镇".to_owned(), visits }];
        let heat = heat(&days, &towns);
        assert_eq!((heat.step, heat.rows[0].total.as_str()), ("每周", count(sum).as_str()));
        assert_eq!(heat.weeks.iter().map(|w| w.1[0]).sum::<u32>(), sum);
        assert!(heat.rows[0].cells.contains("甲&lt;镇") && !heat.rows[0].cells.contains("甲<镇"));
        assert_eq!(heat.weeks[0].0, "9月1日至6日");
    }

    #[test]
    fn a_city_fits_and_loses_nothing() {
        let department = |n: u32| DepartmentView {
            name: format!("部门{n}"),
            experts: false,
            separate_visits: n,
            joint_visits: n / 2,
            own_visits: 1,
            loads_minutes: vec![n + 60, 60],
            least_max_minutes: 60,
        };
        let departments: Vec<DepartmentView> = (1..=165).map(department).collect();
        let rows = visits("", &departments.iter().collect::<Vec<_>>());
        let number = |text: &str| text.replace(',', "").parse::<u32>().unwrap();
        assert_eq!(rows.len(), ROWS);
        assert_eq!(rows.iter().map(|r| number(&r.before)).sum::<u32>(), 165 * 166 / 2);
        assert_eq!(rows[0].name, "部门143");
        let cards = loads("", &departments);
        assert_eq!((cards.len(), cards.iter().filter(|c| c.shown).count()), (165, CARDS - 1));
        assert!(cards[164].shown && !cards[0].shown);
        let days: Vec<DayView> = (0..5).map(|n| DayView { date: day(n), quiet: false }).collect();
        let towns: Vec<TownView> =
            (0..40).map(|n| TownView { name: format!("镇{n}"), visits: vec![n; 5] }).collect();
        let heat = heat(&days, &towns);
        assert_eq!((heat.rows.len(), heat.rows[0].name.as_str()), (ROWS, "镇39"));
        assert_eq!(heat.rows.iter().map(|r| number(&r.total)).sum::<u32>(), 5 * 39 * 40 / 2);
    }

    #[test]
    fn shades_cover_all_numbers_once() {
        for most in 1..40_u32 {
            let mut covered = 0;
            for text in legend(most).iter().filter(|t| !t.is_empty()) {
                let (from, to) = text.split_once('–').unwrap_or((text, text));
                assert_eq!(from.parse::<u32>().unwrap(), covered + 1, "{most}");
                covered = to.parse().unwrap();
            }
            assert_eq!(covered, most);
        }
    }

    #[test]
    fn empty_tables_give_empty_pictures() {
        assert_eq!(heat(&[], &[]).finding, "没有排定的上门检查");
        assert!(visits("", &[]).is_empty() && loads("", &[]).is_empty());
    }
}
