//! A county's files to the tables of a planning run: a folder of CSV files or workbooks, or one workbook.
//!
//! Everything wrong in all files is told at once; when anything is an error, nothing is returned.

mod check;
mod config;
mod files;
mod plans;
pub mod single;
mod tables;

use super::cells::{Cells, Repairs};
use super::fault::{Fault, Faults, Report};
use super::headers::Layout;
use super::table::{Limits, Sheet};
use crate::domain::planning::input::{Input, Rules};
use serde::Serialize;
use std::path::Path;

/// What was read from where, and what somebody should look at.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notes {
    /// Tables read.
    pub tables: Vec<TableNote>,
    /// Warnings.
    pub warnings: Faults,
    /// Cells put right without loss.
    pub repairs: Vec<RepairNote>,
}

/// A table read.
#[derive(Debug, Clone, Serialize)]
pub struct TableNote {
    /// English name of the table.
    pub table: String,
    /// File name.
    pub file: String,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// How it was encoded.
    pub encoding: &'static str,
    /// Rows of data.
    pub rows: usize,
}

/// Cells of one column put right.
#[derive(Debug, Clone, Serialize)]
pub struct RepairNote {
    /// File name.
    pub file: String,
    /// Column title.
    pub column: String,
    /// What was done.
    pub what: &'static str,
    /// Number of cells.
    pub cells: usize,
}

/// A sheet with its header found.
struct Source<'a> {
    file: &'a str,
    sheet: &'a Sheet,
    layout: Layout,
}

impl Source<'_> {
    fn sheet_name(&self) -> Option<&str> {
        self.sheet.name.as_deref()
    }

    /// Calls `read` for each row of data and keeps what it returns.
    fn each<T>(&self, out: &mut Loaded<T>, read: impl FnMut(&mut Cells<'_>) -> Option<T>) {
        self.walk(out, true, read);
    }

    /// [`Source::each`] for further columns of rows that were read before: what concerns whole rows is not told again.
    fn each_more<T>(&self, out: &mut Loaded<T>, read: impl FnMut(&mut Cells<'_>) -> Option<T>) {
        self.walk(out, false, read);
    }

    fn walk<T>(&self, out: &mut Loaded<T>, tell: bool, mut read: impl FnMut(&mut Cells<'_>) -> Option<T>) {
        for i in self.layout.first..self.sheet.len() {
            let row = self.sheet.row(i);
            if self.layout.repeats(self.sheet, row) {
                if tell {
                    let fault = Fault::warning("repeated_header", "与表头相同的行,已跳过", "可删除该行")
                        .at(row.number, "");
                    out.report.push(fault.file(self.file, self.sheet_name()));
                }
                continue;
            }
            let overflow = self.layout.overflow(self.sheet, row);
            let shifted = overflow.is_some();
            if let Some(fault) = overflow.filter(|_| tell) {
                out.report.push(fault.file(self.file, self.sheet_name()));
            }
            let mut cells = Cells {
                row,
                file: self.file,
                sheet: self.sheet.name.as_deref(),
                epoch_1904: self.sheet.epoch_1904,
                report: &mut out.report,
                repairs: &mut out.repairs,
                sound: true,
            };
            let value = read(&mut cells);
            let sound = cells.sound && !shifted;
            if let Some(value) = value {
                out.rows.push(value);
                out.numbers.push(row.number);
                out.sound.push(sound);
            }
        }
    }
}

/// Rows of one table with their places; `read` tells whether there was a table to read at all.
#[derive(Debug)]
struct Loaded<T> {
    rows: Vec<T>,
    numbers: Vec<u32>,
    sound: Vec<bool>,
    file: String,
    sheet: Option<String>,
    read: bool,
    report: Report,
    repairs: Repairs,
}

impl<T> Loaded<T> {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            numbers: Vec::new(),
            sound: Vec::new(),
            file: String::new(),
            sheet: None,
            read: false,
            report: Report::default(),
            repairs: Repairs::new(),
        }
    }
}

/// Reads a county from a folder of CSV files or workbooks, or from one workbook. `calendar` and `config` are
/// optional, as are `recusals` and `leave`; of `tasks` and `plans` exactly one must be there.
///
/// # Errors
/// All faults of all files.
pub fn read(path: &Path) -> Result<(Input, Notes), Faults> {
    read_with(path, &Limits::default())
}

/// [`read`] with limits of one's own.
///
/// # Errors
/// All faults of all files.
pub fn read_with(path: &Path, limits: &Limits) -> Result<(Input, Notes), Faults> {
    let mut report = Report::default();
    let found = files::find(path, limits, &mut report);
    finish(&found, report)
}

/// Reads a county from files in memory, as (name, bytes).
///
/// # Errors
/// All faults of all files.
pub fn read_files(files: &[(String, Vec<u8>)], limits: &Limits) -> Result<(Input, Notes), Faults> {
    let mut report = Report::default();
    let found = files::find_in(files, limits, &mut report);
    finish(&found, report)
}

fn finish(found: &files::Found, mut report: Report) -> Result<(Input, Notes), Faults> {
    let settings = config::read(found, &mut report);
    let (input, tables, repairs) = assemble(found, settings, &mut report);
    let warnings = report.finish();
    if warnings.has_errors() {
        return Err(warnings);
    }
    Ok((input, Notes { tables, warnings, repairs }))
}

fn load<T: Send>(
    found: &files::Found,
    id: &str,
    read: impl FnOnce(&Source<'_>, &mut Loaded<T>),
) -> Loaded<T> {
    let mut out = Loaded::new();
    let Some(part) = found.part(id) else { return out };
    out.file.clone_from(&part.file);
    out.sheet.clone_from(&part.sheet.name);
    match Layout::find(part.table, &part.sheet) {
        Ok(layout) => {
            for title in &layout.unknown {
                out.report.push(
                    Fault::warning("unknown_column", "不认识的列,已忽略", "若是必要的列,请改用模板中的列名")
                        .at(0, title.clone())
                        .file(&part.file, part.sheet.name.as_deref()),
                );
            }
            out.read = true;
            let size = part.sheet.len();
            out.rows.reserve(size);
            out.numbers.reserve(size);
            out.sound.reserve(size);
            read(&Source { file: &part.file, sheet: &part.sheet, layout }, &mut out);
        }
        Err(faults) => {
            for fault in faults {
                out.report.push(fault.file(&part.file, part.sheet.name.as_deref()));
            }
        }
    }
    out
}

/// All tables as read, before the checks between them.
struct Loads {
    departments: Loaded<crate::domain::planning::input::Department>,
    items: Loaded<crate::domain::planning::input::Item>,
    subjects: Loaded<crate::domain::planning::input::Subject>,
    reg_nos: Vec<Option<String>>,
    inspectors: Loaded<crate::domain::planning::input::Inspector>,
    qualifications: Loaded<crate::domain::planning::input::Qualification>,
    recusals: Loaded<crate::domain::planning::input::Recusal>,
    leave: Loaded<crate::domain::planning::input::Leave>,
    calendar: Loaded<crate::domain::planning::input::CalendarDay>,
    tasks: Loaded<crate::domain::planning::input::Task>,
    gaps: Vec<tables::Gaps>,
    plans: Loaded<crate::domain::planning::input::PlanEntry>,
}

fn assemble(
    found: &files::Found,
    settings: config::Settings,
    report: &mut Report,
) -> (Input, Vec<TableNote>, Vec<RepairNote>) {
    let rules: &Rules = &settings.rules;
    let year = settings.start.map(|d| chrono::Datelike::year(&d));
    let (mut reg_nos, mut gaps) = (Vec::new(), Vec::new());
    let (mut tasks, mut subjects, mut others) = (Loaded::new(), Loaded::new(), None);
    rayon::scope(|scope| {
        scope.spawn(|_| tasks = load(found, "tasks", |s, out| tables::tasks(s, out, &mut gaps)));
        scope.spawn(|_| subjects = load(found, "subjects", |s, out| tables::subjects(s, out, &mut reg_nos)));
        scope.spawn(|_| {
            others = Some((
                load(found, "departments", tables::departments),
                load(found, "items", tables::items),
                load(found, "inspectors", |s, out| tables::inspectors(s, out, rules)),
                load(found, "qualifications", tables::qualifications),
                load(found, "recusals", tables::recusals),
                load(found, "leave", tables::leave),
                load(found, "calendar", tables::calendar),
                load(found, "plans", |s, out| plans::plans(s, out, year, true)),
            ));
        });
    });
    let Some((departments, items, inspectors, qualifications, recusals, leave, calendar, plans)) = others
    else {
        return (Input::default(), Vec::new(), Vec::new());
    };
    let mut loads = Loads {
        departments,
        items,
        subjects,
        reg_nos,
        inspectors,
        qualifications,
        recusals,
        leave,
        calendar,
        tasks,
        gaps,
        plans,
    };
    check::all(&mut loads, &settings, found, report);
    let notes = found
        .parts
        .iter()
        .map(|p| TableNote {
            table: p.table.id.clone(),
            file: p.file.clone(),
            sheet: p.sheet.name.clone(),
            encoding: p.sheet.encoding,
            rows: p.sheet.len().saturating_sub(1),
        })
        .collect();
    let mut repairs = Vec::new();
    let input = Input {
        departments: close(loads.departments, report, &mut repairs),
        items: close(loads.items, report, &mut repairs),
        subjects: close(loads.subjects, report, &mut repairs),
        inspectors: close(loads.inspectors, report, &mut repairs),
        qualifications: close(loads.qualifications, report, &mut repairs),
        recusals: close(loads.recusals, report, &mut repairs),
        leave: close(loads.leave, report, &mut repairs),
        busy: Vec::new(),
        calendar: close(loads.calendar, report, &mut repairs),
        tasks: close(loads.tasks, report, &mut repairs),
        plans: close(loads.plans, report, &mut repairs),
        rules: settings.rules,
    };
    (input, notes, repairs)
}

fn close<T>(loaded: Loaded<T>, report: &mut Report, repairs: &mut Vec<RepairNote>) -> Vec<T> {
    report.join(loaded.report);
    repairs.extend(loaded.repairs.into_iter().map(|((column, what), cells)| RepairNote {
        file: loaded.file.clone(),
        column,
        what,
        cells,
    }));
    loaded.rows
}
