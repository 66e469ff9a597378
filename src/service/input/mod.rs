//! The engine's tables from the county's: what a planning run works on, and which tasks cannot enter it and why.

mod people;
mod work;

use super::cx::Cx;
use crate::domain::planning::input::{CalendarDay, Input, Rules};
use crate::error::{Error, Result};
use crate::exchange::workdays;
use crate::ids::Id;
use crate::store::{county, tasks};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;
use work::Work;

/// What could not be merged or staffed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blocker {
    /// `item_not_published`, `subject_inactive`, `department_inactive`, `cap_reached`, `notice_too_short`,
    /// `pin_outside_window`, `no_day`, `unstaffed` or `not_merged`.
    pub kind: String,
    /// Code of the visit; empty for a task that is in none.
    pub visit: String,
    /// Key of the subject.
    pub subject_key: String,
    /// Name of the subject.
    pub subject: String,
    /// Codes of the tasks.
    pub tasks: Vec<String>,
    /// Every reason, in Chinese.
    pub why: String,
    /// Changes, each of which is enough by itself, the smallest first.
    pub cures: Vec<String>,
}

/// When, and what stands already.
#[derive(Debug, Clone)]
pub struct Period {
    /// First day on which something may be put.
    pub first_day: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// First day of a visit that must be announced.
    pub notice_day: NaiveDate,
    /// Visits whose people are free for this run: those that are planned again.
    pub movable: BTreeSet<Id>,
    /// Tasks whose business has been told already.
    pub told: BTreeSet<Id>,
}

/// Who and what the codes of the tables are.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Tasks by code.
    pub tasks: HashMap<String, Id>,
    /// Subjects by key; a split subject has one more key per split.
    pub subjects: HashMap<String, Id>,
    /// Inspectors by code.
    pub inspectors: HashMap<String, Id>,
    /// Departments by code.
    pub departments: HashMap<String, Id>,
}

/// How many more planned checks the departments may make.
#[derive(Debug, Clone, Default)]
pub struct Caps {
    /// Planned checks in the year so far, by department and subject.
    pub used: HashMap<(Id, Id), usize>,
    /// The cap of a department, subject and year.
    pub cap: usize,
    /// Codes of tasks that do not count.
    pub exempt: BTreeSet<String>,
}

impl Caps {
    /// Planned checks that are still allowed.
    #[must_use]
    pub fn left(&self, department: Id, subject: Id) -> usize {
        self.cap.saturating_sub(self.used.get(&(department, subject)).copied().unwrap_or(0))
    }
}

/// The tables, and what did not enter them.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The tables, in canonical order.
    pub input: Input,
    /// Tasks that did not enter.
    pub blocked: Vec<Blocker>,
    /// Tasks that need no entry.
    pub off_site: usize,
    /// Who and what.
    pub names: Names,
    /// How often the departments may still come.
    pub caps: Caps,
}

/// The county's rules of planning: the defaults, the numbers of people from the settings of the server, and over them
/// the county's setting `planning` (same keys as `config/default.toml`).
///
/// # Errors
/// The database; a setting that is no rule.
pub fn rules(cx: &mut Cx<'_>) -> Result<Rules> {
    let p = &cx.rules.procedure;
    let people = p.people_per_department;
    let own = Rules {
        min_per_dept: people,
        min_total_officers: people.max(2),
        max_people_per_visit: p.people_ceiling,
        ..Rules::default()
    };
    let region = cx.region().to_owned();
    let Some(Value::Object(changes)) = county::setting_value(cx.db, &region, "planning")? else {
        return Ok(own);
    };
    let mut all = serde_json::to_value(&own).map_err(|e| Error::internal(&e))?;
    for (key, value) in changes {
        all[key] = value;
    }
    serde_json::from_value(all)
        .map_err(|e| Error::refused("bad_planning_setting", format!("县级设置 planning 不合要求:{e}")))
}

/// The working days of the county in a period; days its calendar does not have follow the national table.
///
/// # Errors
/// The database.
pub fn calendar(cx: &mut Cx<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDay>> {
    let region = cx.region().to_owned();
    let known: BTreeMap<NaiveDate, (bool, bool)> =
        county::days(cx.db, &region, from, to)?.into_iter().map(|d| (d.day, (d.workday, d.quiet))).collect();
    let day = |date: NaiveDate| {
        let (workday, quiet) =
            known.get(&date).copied().unwrap_or_else(|| (workdays::built_in().is_workday(date), false));
        CalendarDay { date, workday, quiet }
    };
    Ok(from.iter_days().take_while(|d| *d <= to).map(day).collect())
}

/// The first day on which a visit may be announced today: `notice_days` working days from now, the day of the notice not
/// counted.
///
/// # Errors
/// The database; no such day within a year.
pub fn notice_day(cx: &mut Cx<'_>) -> Result<NaiveDate> {
    let today = cx.today();
    let wanted = cx.rules.procedure.notice_days as usize;
    if wanted == 0 {
        return Ok(today);
    }
    let days = calendar(cx, today, today + chrono::Days::new(366))?;
    let first = days
        .iter()
        .filter(|d| d.workday && d.date > today)
        .nth(wanted - 1)
        .map(|d| d.date)
        .ok_or_else(|| Error::refused("no_working_day", "一年内没有足够的工作日,请核对日历"))?;
    Ok(first)
}

fn index<T>(rows: Vec<T>, id: impl Fn(&T) -> Id) -> HashMap<Id, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn small(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

/// The tables for these tasks. Tasks that may not be planned come back as blockers.
///
/// # Errors
/// The database.
pub fn of(cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<Loaded> {
    let mut work = Work::read(cx, period, rows)?;
    work.rules(cx, rows)?;
    work.tasks(cx, period, rows)?;
    work.people(cx, period)?;
    work.loaded.input.calendar = calendar(cx, period.first_day, period.to)?;
    work.loaded.input.sort();
    Ok(work.loaded)
}

/// What stands for the reason of those who ran the draw.
pub const OPERATOR: &str = "抽取操作人不得参加本次检查";
/// What stands for the reason of those whom their department did not put forward.
pub const NOT_LISTED: &str = "未列入本次联合抽查人员";
/// What stands for the reason of those who were at the subject the last time.
pub const LAST_TIME: &str = "上次检查过该对象,本次轮换";

/// Whether a recusal in this state keeps people apart: also while nobody has decided, for a visit with somebody who may
/// have to go would be planned for nothing.
#[must_use]
pub fn blocks(state: &str) -> bool {
    matches!(state, "pending" | "approved")
}

/// Days before and after all others, for certificates without limits.
pub const EVER: (NaiveDate, NaiveDate) = (NaiveDate::MIN, NaiveDate::MAX);
