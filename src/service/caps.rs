//! The frequency-cap ledger: how often a department has been at a subject this year, and what does not count.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::domain::cap::{self, Entry, Exemption, Status};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::caps::{self, CapEntry};
use crate::store::subjects;
use crate::store::types::At;
use chrono::{Datelike, NaiveDate};
use serde_json::json;
use std::collections::BTreeMap;

/// The cause of a check that counts.
pub const PLANNED: &str = "planned";
/// Entries of one answer at most.
const MOST: i64 = 10_000;

/// A subject's year: the entries, and how each department stands.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Entries.
    pub entries: Vec<CapEntry>,
    /// Standing by department.
    pub standing: Vec<(Id, Status)>,
}

/// An entry as the rule counts it. Several items of one visit are one check; an entry without a visit is its own.
#[must_use]
pub fn counted(row: &CapEntry) -> Entry {
    Entry {
        date: row.on_day,
        visit: row.visit_id.unwrap_or(row.id).to_string(),
        exemption: if row.counted { None } else { Exemption::parse(&row.cause).or(Some(Exemption::Urgent)) },
        cancelled: false,
    }
}

/// The ledger of a subject, of a department, or of a department with a subject.
///
/// # Errors
/// Not allowed; neither named; a year out of range.
pub fn ledger(
    cx: &mut Cx<'_>,
    year: Option<i32>,
    department: Option<Id>,
    subject: Option<Id>,
) -> Result<Ledger> {
    let region = cx.region().to_owned();
    let mut department = department;
    if !cx.can(Action::ViewCaps, &Scope::county(&region)) {
        let own = cx.department()?;
        cx.may(Action::ViewCaps, &Scope::of(&region, department.unwrap_or(own)))?;
        department = Some(own);
    }
    if department.is_none() && subject.is_none() {
        return Err(Error::field("subject_id", "required", "请指明检查对象或部门"));
    }
    let year = year.unwrap_or_else(|| cx.today().year());
    let entries = caps::of_year(cx.db, &region, year, department, subject, MOST)?;
    let mut by_pair: BTreeMap<(Id, Id), Vec<Entry>> = BTreeMap::new();
    for row in &entries {
        by_pair.entry((row.department_id, row.subject_id)).or_default().push(counted(row));
    }
    let cap = cx.rules.procedure.cap_per_year;
    let mut standing: Vec<(Id, Status)> = Vec::new();
    if subject.is_some() {
        standing = by_pair.iter().map(|((d, _), list)| (*d, cap::status(list, year, cap))).collect();
        if let Some(department) = department.filter(|_| standing.is_empty()) {
            standing.push((department, cap::status(&[], year, cap)));
        }
    }
    Ok(Ledger { entries, standing })
}

/// A check outside any plan of this system.
#[derive(Debug, Clone)]
pub struct Check {
    /// The subject.
    pub subject: Id,
    /// The day it was held.
    pub day: NaiveDate,
    /// Why it does not count; none: it counts.
    pub exemption: Option<Exemption>,
    /// What it was about.
    pub note: String,
}

/// Records a check that one's own department has held. What was held is recorded even beyond the cap; the standing then
/// says `exceeded`, for the supervising body to look at.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn record(cx: &mut Cx<'_>, check: &Check) -> Result<(CapEntry, Status)> {
    let region = cx.region().to_owned();
    let department = cx.department()?;
    cx.may(Action::RecordCheck, &Scope::of(&region, department))?;
    let mut faults = Faults::default();
    let note = faults.text("/note", &check.note, check.exemption.is_some(), 500);
    if subjects::get(cx.db, check.subject)?.is_none_or(|s| s.region != region) {
        faults.add("/subject_id", "unknown", "名录中没有这个检查对象");
    }
    if check.day > cx.today() {
        faults.add("/on_day", "in_future", "只登记已实施的检查");
    }
    if check.day.year() < 2000 {
        faults.add("/on_day", "out_of_range", "日期过早");
    }
    faults.done()?;
    let row = CapEntry {
        id: cx.id()?,
        region: region.clone(),
        department_id: department,
        subject_id: check.subject,
        year: check.day.year(),
        on_day: check.day,
        visit_id: None,
        cause: check.exemption.map_or(PLANNED, Exemption::as_str).to_owned(),
        counted: check.exemption.is_none(),
        note,
        created_at: At(cx.now),
    };
    caps::insert(cx.db, &row)?;
    let rows = caps::of_year(cx.db, &region, row.year, Some(department), Some(check.subject), MOST)?;
    let entries: Vec<Entry> = rows.iter().map(counted).collect();
    let status = cap::status(&entries, row.year, cx.rules.procedure.cap_per_year);
    let data = json!({ "subject": check.subject.to_string(), "day": check.day.to_string(), "cause": row.cause,
                       "counted": status.counted, "cap": status.cap });
    cx.journal(Event::new("check_recorded", "cap_entry", row.id, data))?;
    Ok((row, status))
}
