//! Figures of a period, by group: joint rate, visits avoided, publication in time, coverage, hit rate, load.

use super::{inspecting, narrowed, period};
use crate::domain::access::Action;
use crate::domain::figures::{By, Counts, Coverage, Load, load};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::store::figures::{self, Span};
use chrono::{Datelike, NaiveDate};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// First day on which an inspection ended.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Only this department.
    pub department: Option<Id>,
    /// What a row stands for.
    pub by: By,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Month, department (identifier), class or town; empty: not known, or all.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// Its counts.
    pub counts: Counts,
}

/// The work of a department's people.
#[derive(Debug, Clone)]
pub struct DepartmentLoad {
    /// Department.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// How the visits are spread.
    pub load: Load,
}

/// The figures of a period.
#[derive(Debug, Clone)]
pub struct Figures {
    /// What was asked for, narrowed to what may be seen.
    pub asked: Asked,
    /// All together; each visit once.
    pub total: Counts,
    /// By group.
    pub rows: Vec<Row>,
    /// By class.
    pub coverage: Vec<Coverage>,
    /// By department.
    pub loads: Vec<DepartmentLoad>,
}

/// The groups of a period, each with its name; months without anything are there with noughts, so that a line over time
/// has no holes.
///
/// # Errors
/// Not allowed; a period that makes no sense.
pub fn rows(cx: &mut Cx<'_>, asked: &mut Asked) -> Result<Vec<Row>> {
    period(asked.from, asked.to)?;
    asked.department = narrowed(cx, Action::ViewFigures, asked.department)?;
    let (region, today) = (cx.region().to_owned(), cx.today());
    let span = Span { region: &region, from: asked.from, to: asked.to, department: asked.department };
    let mut groups = figures::counts(cx.db, &span, asked.by, today)?;
    Ok(match asked.by {
        By::Whole => vec![Row {
            key: String::new(),
            label: By::Whole.word().to_owned(),
            counts: groups.remove("").unwrap_or_default(),
        }],
        By::Month => months(asked.from, asked.to)
            .into_iter()
            .map(|key| Row { label: key.clone(), counts: groups.get(&key).copied().unwrap_or_default(), key })
            .collect(),
        By::Department => inspecting(cx, asked.department)?
            .into_iter()
            .map(|d| Row {
                counts: groups.get(&d.id.0.simple().to_string()).copied().unwrap_or_default(),
                key: d.id.to_string(),
                label: d.name,
            })
            .collect(),
        By::Class | By::Town => groups
            .into_iter()
            .map(|(key, counts)| {
                let label = match (asked.by, key.as_str()) {
                    (By::Class, "") => "未分类".to_owned(),
                    (_, "") => "未登记".to_owned(),
                    (By::Class, class) => format!("{class}类"),
                    (_, town) => town.to_owned(),
                };
                Row { key, label, counts }
            })
            .collect(),
    })
}

/// All figures of a period.
///
/// # Errors
/// Not allowed; a period that makes no sense.
pub fn figures(cx: &mut Cx<'_>, mut asked: Asked) -> Result<Figures> {
    let rows = rows(cx, &mut asked)?;
    let (region, today) = (cx.region().to_owned(), cx.today());
    let span = Span { region: &region, from: asked.from, to: asked.to, department: asked.department };
    let total = match asked.by {
        By::Whole => rows.first().map(|r| r.counts).unwrap_or_default(),
        _ => figures::counts(cx.db, &span, By::Whole, today)?.remove("").unwrap_or_default(),
    };
    let coverage = figures::coverage(cx.db, &span)?
        .into_iter()
        .map(|(class, base, drawn, inspected)| Coverage { class, base, drawn, inspected })
        .collect();
    let spread = figures::loads(cx.db, &span)?;
    let loads = inspecting(cx, asked.department)?
        .into_iter()
        .map(|d| {
            let visits = spread.visits.get(&d.id).map_or(&[][..], Vec::as_slice);
            DepartmentLoad {
                load: load(visits, spread.people.get(&d.id).copied().unwrap_or(0)),
                id: d.id,
                name: d.name,
            }
        })
        .collect();
    Ok(Figures { asked, total, rows, coverage, loads })
}

/// The months that a period touches, `2026-03`.
fn months(from: NaiveDate, to: NaiveDate) -> Vec<String> {
    let (mut year, mut month) = (from.year(), from.month());
    let mut list = Vec::new();
    while (year, month) <= (to.year(), to.month()) {
        list.push(format!("{year:04}-{month:02}"));
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_pass_the_end_of_the_year() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(months(day(2026, 11, 30), day(2027, 1, 1)), ["2026-11", "2026-12", "2027-01"]);
        assert_eq!(months(day(2026, 3, 1), day(2026, 3, 31)), ["2026-03"]);
    }
}
