//! The sample's period: autumn 2026, with the public holidays and make-up working days of the State Council's notice.

use crate::domain::planning::input::CalendarDay;
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The first day.
const START: (i32, u32, u32) = (2026, 9, 1);
/// Public holidays that fall on what would be working days (month, day).
const HOLIDAYS: &[(u32, u32)] = &[(9, 25), (10, 1), (10, 2), (10, 5), (10, 6), (10, 7)];
/// Weekend days that are worked instead (调休).
const MAKE_UP: &[(u32, u32)] = &[(9, 20), (10, 10)];
/// 企业安静期: the first days of each month from October on, without on-site visits.
const QUIET_UNTIL: u32 = 5;

/// Every day from the start to the day on which `workdays` working days are full. The sample never asks for more
/// than the year has, so weekends are the only days off after October.
pub(super) fn period(workdays: usize) -> Vec<CalendarDay> {
    let Some(mut date) = NaiveDate::from_ymd_opt(START.0, START.1, START.2) else { return Vec::new() };
    let mut days = Vec::new();
    let mut worked = 0;
    while worked < workdays {
        let month_day = (date.month(), date.day());
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let workday = if weekend { MAKE_UP.contains(&month_day) } else { !HOLIDAYS.contains(&month_day) };
        days.push(CalendarDay { date, workday, quiet: date.month() > 9 && date.day() <= QUIET_UNTIL });
        worked += usize::from(workday);
        date = date + Days::new(1);
    }
    days
}
