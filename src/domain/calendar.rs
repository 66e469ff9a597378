//! Working days of the People's Republic of China: Monday to Friday, corrected by the yearly notice of the State
//! Council (holidays, and weekend days worked in exchange, 调休).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// The yearly corrections. A year whose notice is not in the table has not been announced: its answers follow the weekdays
/// only, [`WorkdayTable::is_announced`] says so, and a deadline that reaches into it must not rest on them
/// ([`WorkdayTable::unannounced`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkdayTable {
    off: BTreeMap<NaiveDate, String>,
    worked: BTreeMap<NaiveDate, String>,
}

/// A line of a table that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行不是“日期,休|班,名称”:{text}")]
pub struct TableError {
    /// Line, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl WorkdayTable {
    /// Reads lines `YYYY-MM-DD,休|班,name` below one line of titles.
    ///
    /// # Errors
    /// The first line that is not of this form, or names a date twice.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut table = Self::default();
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate().skip(1) {
            if line.trim().is_empty() {
                continue;
            }
            let wrong = || TableError { line: i + 1, text: line.to_owned() };
            let mut parts = line.split(',').map(str::trim);
            let (Some(date), Some(kind), name) = (parts.next(), parts.next(), parts.next().unwrap_or(""))
            else {
                return Err(wrong());
            };
            let date: NaiveDate = date.parse().map_err(|_| wrong())?;
            if !table.set(date, kind, name) {
                return Err(wrong());
            }
        }
        Ok(table)
    }

    /// A table of days as a county keeps them: (date, whether offices work, name). A day given twice keeps its first word.
    pub fn of_days(days: impl IntoIterator<Item = (NaiveDate, bool, String)>) -> Self {
        let mut table = Self::default();
        for (date, worked, name) in days {
            table.set(date, if worked { "班" } else { "休" }, &name);
        }
        table
    }

    /// The corrections by date: (day, worked, name).
    #[must_use]
    pub fn days(&self) -> Vec<(NaiveDate, bool, String)> {
        let off = self.off.iter().map(|(d, name)| (*d, false, name.clone()));
        let mut days: Vec<_> =
            off.chain(self.worked.iter().map(|(d, name)| (*d, true, name.clone()))).collect();
        days.sort_unstable();
        days
    }

    fn set(&mut self, date: NaiveDate, kind: &str, name: &str) -> bool {
        if self.off.contains_key(&date) || self.worked.contains_key(&date) {
            return false;
        }
        match kind {
            "休" => self.off.insert(date, name.to_owned()),
            "班" => self.worked.insert(date, name.to_owned()),
            _ => return false,
        };
        true
    }

    /// Whether the notice for a year is in the table: every notice gives 1 October off. Other days of a year (quiet days of
    /// the county, the first days of January that came with the year before) are no notice.
    #[must_use]
    pub fn is_announced(&self, year: i32) -> bool {
        NaiveDate::from_ymd_opt(year, 10, 1).is_some_and(|day| self.off.contains_key(&day))
    }

    /// The first year among the days from `from` to `to`, both included, whose notice is not in the table: what is counted
    /// over them is a guess.
    #[must_use]
    pub fn unannounced(&self, from: NaiveDate, to: NaiveDate) -> Option<i32> {
        (from.year()..=to.year()).find(|year| !self.is_announced(*year))
    }

    /// Whether offices work on a date.
    #[must_use]
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        if self.worked.contains_key(&date) {
            return true;
        }
        !self.off.contains_key(&date) && !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// The holiday a date belongs to, or is worked in exchange for.
    #[must_use]
    pub fn name(&self, date: NaiveDate) -> Option<&str> {
        self.off.get(&date).or_else(|| self.worked.get(&date)).map(String::as_str)
    }

    /// The `n`-th working day after `date`, which itself does not count (期间开始之日不计算在内); `date` for 0.
    /// None beyond the calendar's range.
    #[must_use]
    pub fn after(&self, date: NaiveDate, n: u32) -> Option<NaiveDate> {
        let mut date = date;
        let mut left = n;
        while left > 0 {
            date = date.checked_add_days(Days::new(1))?;
            if self.is_workday(date) {
                left -= 1;
            }
        }
        Some(date)
    }

    /// Working days from `from` to `to`, both included; 0 when reversed.
    #[must_use]
    pub fn count(&self, from: NaiveDate, to: NaiveDate) -> usize {
        from.iter_days().take_while(|d| *d <= to).filter(|d| self.is_workday(*d)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn prc() -> WorkdayTable {
        WorkdayTable::parse(include_str!("../../config/prc_calendar.csv")).unwrap()
    }

    #[test]
    fn the_spring_festival_and_the_days_worked_in_exchange() {
        let table = prc();
        // Friday 6 February 2026: 9-13, Saturday 14 worked, 15-23 off, 24-27, Saturday 28 worked, 2-6, 9-12 March.
        assert_eq!(table.after(day("2026-02-06"), 20), Some(day("2026-03-12")));
        // Over the end of the year: 22-26, 29-31 December, 1-3 January off, Sunday 4 worked, 5.
        assert_eq!(table.after(day("2025-12-19"), 10), Some(day("2026-01-05")));
        assert_eq!(table.unannounced(day("2025-12-19"), day("2026-01-05")), None);
    }

    #[test]
    fn a_year_without_its_notice_is_not_announced_by_a_day_of_it() {
        let quiet = (day("2027-01-04"), true, "企业安静日".to_owned());
        let carried = (day("2027-01-01"), false, "元旦".to_owned());
        let table = WorkdayTable::of_days(prc().days().into_iter().chain([quiet, carried]));
        assert!(table.is_announced(2026) && !table.is_announced(2027));
        assert_eq!(table.unannounced(day("2026-12-10"), day("2027-01-07")), Some(2027));
        assert_eq!(table.unannounced(day("2026-12-10"), day("2026-12-31")), None);
        let notice = (day("2027-10-01"), false, "国庆节".to_owned());
        let table = WorkdayTable::of_days(table.days().into_iter().chain([notice]));
        assert_eq!(table.unannounced(day("2026-12-10"), day("2027-01-07")), None);
    }

    proptest! {
        // Every day from 2004 on: what `after` gives is a working day, and between lie as many as were asked for.
        #[test]
        fn a_deadline_has_as_many_working_days_before_it_as_it_says(start in 0_u64..8_200, n in 1_u32..60) {
            let table = prc();
            let from = day("2004-01-01") + Days::new(start);
            let due = table.after(from, n).unwrap();
            prop_assert!(table.is_workday(due));
            prop_assert_eq!(table.count(from.succ_opt().unwrap(), due), n as usize);
        }
    }
}
