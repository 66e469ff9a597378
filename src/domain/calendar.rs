//! Working days of the People's Republic of China: Monday to Friday, corrected by the yearly notice of the State
//! Council (holidays, and weekend days worked in exchange, 调休).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// The yearly corrections. A year without any entry has not been announced: its answers follow the weekdays only,
/// and [`WorkdayTable::is_announced`] says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkdayTable {
    off: BTreeMap<NaiveDate, String>,
    worked: BTreeMap<NaiveDate, String>,
    years: BTreeSet<i32>,
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
        self.years.insert(date.year());
        true
    }

    /// Whether the notice for a year is in the table.
    #[must_use]
    pub fn is_announced(&self, year: i32) -> bool {
        self.years.contains(&year)
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
