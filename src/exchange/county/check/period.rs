//! The planning period: the calendar as given, or made from the stated dates and the table of working days.

use super::super::Loads;
use super::super::config::Settings;
use super::super::files::Found;
use super::judge;
use crate::domain::planning::dayset::MAX_DAYS;
use crate::domain::planning::input::CalendarDay;
use crate::exchange::fault::{Fault, Report};
use crate::exchange::workdays;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashSet};

/// The days of the planning period, counted.
pub(super) struct Period {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    /// Working days before the i-th day of the period.
    pub(super) workdays: Vec<u32>,
    /// Working days that are not quiet, likewise.
    pub(super) open: Vec<u32>,
}

impl Period {
    fn new(calendar: &[CalendarDay]) -> Option<Self> {
        let first = calendar.iter().map(|d| d.date).min()?;
        let last = calendar.iter().map(|d| d.date).max()?;
        let length = usize::try_from((last - first).num_days()).ok().filter(|n| *n < 10_000)? + 1;
        let mut marks = vec![(0u32, 0u32); length];
        for day in calendar.iter().filter(|d| d.workday) {
            if let Ok(i) = usize::try_from((day.date - first).num_days()) {
                marks[i] = (1, u32::from(!day.quiet));
            }
        }
        let (mut workdays, mut open) = (vec![0], vec![0]);
        for (w, o) in marks {
            workdays.push(workdays.last().copied().unwrap_or(0) + w);
            open.push(open.last().copied().unwrap_or(0) + o);
        }
        Some(Self { first, last, workdays, open })
    }

    /// Places in the sums of the part of a window inside the period; none when it lies outside.
    pub(super) fn part(&self, from: NaiveDate, to: NaiveDate) -> Option<(usize, usize)> {
        let (from, to) = (from.max(self.first), to.min(self.last));
        if from > to {
            return None;
        }
        let at = |d: NaiveDate| usize::try_from((d - self.first).num_days()).unwrap_or(0);
        Some((at(from), at(to) + 1))
    }
}

pub(super) fn calendar(
    loads: &mut Loads,
    settings: &Settings,
    found: &Found,
    report: &mut Report,
) -> Option<Period> {
    if found.part("calendar").is_none() {
        if found.is_broken("calendar") {
            return None;
        }
        derive_calendar(loads, settings, report);
    }
    let table = workdays::built_in();
    judge(&mut loads.calendar, |l, sink| {
        let mut seen: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for (i, day) in l.rows.iter().enumerate().filter(|(i, _)| l.sound[*i]) {
            if let Some(earlier) = seen.get(&day.date) {
                let why = format!("与第 {} 行是同一天", l.numbers[*earlier]);
                sink.put(l, i, "日期", &day.date.to_string(), Fault::error("duplicate", why, "请只保留一行"));
            } else {
                seen.insert(day.date, i);
            }
        }
        if l.rows.is_empty() {
            return;
        }
        let count = l.rows.iter().filter(|d| d.workday).count();
        if count == 0 {
            sink.put_file(l, Fault::error("no_workday", "规划期内没有工作日", "请核对日历或起止日期"));
        }
        if count > MAX_DAYS {
            let why = format!("规划期内有 {count} 个工作日,一次规划最多 {MAX_DAYS} 个");
            sink.put_file(l, Fault::error("too_many_days", why, "请缩短规划期"));
        }
        let dates: Vec<NaiveDate> = seen.keys().copied().collect();
        if let Some(gap) = dates.windows(2).find(|w| (w[1] - w[0]).num_days() > 1) {
            let why = format!("{} 与 {} 之间有日期未列出,按非工作日处理", gap[0], gap[1]);
            sink.put_file(l, Fault::warning("calendar_gap", why, "请补全日期"));
        }
        let years: HashSet<i32> = dates.iter().map(Datelike::year).collect();
        let mut silent: Vec<i32> = years.iter().copied().filter(|y| !table.is_announced(*y)).collect();
        silent.sort_unstable();
        for year in silent {
            let why = format!("本程序的节假日表没有 {year} 年的安排,无法核对调休");
            sink.put_file(l, Fault::warning("year_not_announced", why, "请对照国务院办公厅放假通知核对"));
        }
        let odd: Vec<String> = l
            .rows
            .iter()
            .filter(|d| table.is_announced(d.date.year()) && d.workday != table.is_workday(d.date))
            .map(|d| format!("{}({})", d.date, if d.workday { "表中为班" } else { "表中为休" }))
            .collect();
        if !odd.is_empty() && l.read {
            let shown = odd.iter().take(5).cloned().collect::<Vec<_>>().join("、");
            let why = format!("{} 天与国务院放假安排不一致:{shown}", odd.len());
            sink.put_file(l, Fault::warning("differs_from_notice", why, "如无特殊安排请改正"));
        }
    });
    Period::new(&loads.calendar.rows)
}

/// Makes the calendar from the stated period, or from the windows of the tasks or plans, and the built-in table.
fn derive_calendar(loads: &mut Loads, settings: &Settings, report: &mut Report) {
    let windows = || {
        let tasks = loads.tasks.rows.iter().zip(&loads.tasks.sound).map(|(t, s)| (t.earliest, t.latest, *s));
        let plans = loads.plans.rows.iter().zip(&loads.plans.sound).map(|(t, s)| (t.earliest, t.latest, *s));
        tasks.chain(plans).filter(|(_, _, sound)| *sound)
    };
    let start = settings.start.or_else(|| windows().map(|w| w.0).min());
    let end = settings.end.or_else(|| windows().map(|w| w.1).max());
    let (Some(start), Some(end)) = (start, end) else {
        return;
    };
    if settings.start.is_none() || settings.end.is_none() {
        let why = format!("没有日历,也没有写明起止日期,按任务的窗口取 {start} 至 {end}");
        let cure = "请提供日历表,或在 config.json 中写明 start 与 end";
        report.push(Fault::warning("period_derived", why, cure).file("config.json", None));
    }
    if (end - start).num_days() > 1_000 {
        let why = format!("规划期 {start} 至 {end} 超过 1000 天");
        report.push(Fault::error("too_many_days", why, "请缩短规划期").file("config.json", None));
        return;
    }
    let table = workdays::built_in();
    "config.json".clone_into(&mut loads.calendar.file);
    for date in start.iter_days().take_while(|d| *d <= end) {
        loads.calendar.rows.push(CalendarDay { date, workday: table.is_workday(date), quiet: false });
        loads.calendar.numbers.push(0);
        loads.calendar.sound.push(true);
    }
}
