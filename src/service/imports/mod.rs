//! Files of the registries: checked against what is known, kept, and applied in one transaction - all rows or the good ones.

mod lists;
mod people;
mod places;

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::alias::{Aliases, Resolved};
use crate::domain::rows::{Kind, RowFault, Rows};
use crate::error::{Error, Faults, Result};
use crate::exchange::table::Mended;
use crate::ids::Id;
use crate::store::departments::{self, Department};
use crate::store::jobs::{Upload, uploads};
use crate::store::types::{At, Doc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What is to be known besides the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The department of rows that name none that is known.
    pub department: Option<Id>,
    /// Items: into the upper list instead of the departments' own.
    pub upper: bool,
    /// Plans: the year of entries that name none.
    pub year: Option<i32>,
}

/// What is to be done with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only looked at.
    Check,
    /// All applied, or none if any row is bad.
    All,
    /// The good rows applied, the bad ones left.
    GoodRows,
}

impl Mode {
    const fn writes(self, refused: usize) -> bool {
        match self {
            Self::Check => false,
            Self::All => refused == 0,
            Self::GoodRows => true,
        }
    }
}

/// Told before each row how many went before; an error of its own ends the work there, with nothing written.
pub type Tell<'a> = dyn Fn(usize) -> Result<()> + 'a;

/// Nobody listens.
///
/// # Errors
/// Never.
pub const fn quiet(_: usize) -> Result<()> {
    Ok(())
}

/// Most faults that are told one by one; the rest is counted.
const FAULTS_MAX: usize = 2_000;

/// What came of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows.
    pub rows: usize,
    /// Not known before.
    pub new: usize,
    /// Known, and said to be different now.
    pub changed: usize,
    /// Known just so.
    pub unchanged: usize,
    /// Bad.
    pub refused: usize,
    /// What the use case found, besides what the reader found.
    pub faults: Vec<RowFault>,
    /// Errors among them, also those not told one by one.
    pub errors: usize,
    /// Warnings, likewise.
    pub warnings: usize,
}

/// What is wrong with one row.
struct Notes {
    row: u32,
    faults: Vec<RowFault>,
    bad: bool,
}

impl Notes {
    fn new(row: u32, sound: bool) -> Self {
        Self { row, faults: Vec::new(), bad: !sound }
    }

    fn put(
        &mut self,
        warning: bool,
        column: &str,
        code: &'static str,
        value: &str,
        why: String,
        cure: &'static str,
    ) {
        self.bad |= !warning;
        let value = value.chars().take(80).collect();
        self.faults.push(RowFault {
            row: self.row,
            column: column.to_owned(),
            code,
            value,
            why,
            cure,
            warning,
        });
    }

    fn error(
        &mut self,
        column: &str,
        code: &'static str,
        value: &str,
        why: impl Into<String>,
        cure: &'static str,
    ) {
        self.put(false, column, code, value, why.into(), cure);
    }

    fn warn(
        &mut self,
        column: &str,
        code: &'static str,
        value: &str,
        why: impl Into<String>,
        cure: &'static str,
    ) {
        self.put(true, column, code, value, why.into(), cure);
    }

    /// Takes over the faults of fields; the column is the field's name.
    fn fields(&mut self, faults: Faults) {
        if let Err(Error::Invalid(list)) = faults.done() {
            for f in list {
                let field = f.pointer.trim_start_matches('/').to_owned();
                self.error(&field, f.code, "", f.message, "请改正后重新导入");
            }
        }
    }
}

impl Tally {
    /// Ends the judgement of a row; whether it is bad.
    fn take(&mut self, notes: Notes) -> bool {
        self.rows += 1;
        for fault in notes.faults {
            if fault.warning {
                self.warnings += 1;
            } else {
                self.errors += 1;
            }
            if self.faults.len() < FAULTS_MAX {
                self.faults.push(fault);
            }
        }
        if notes.bad {
            self.refused += 1;
        }
        notes.bad
    }
}

/// The departments of the county by the names lists give them.
struct Departments {
    rows: HashMap<Id, Department>,
    codes: HashMap<String, Id>,
    names: Aliases,
    /// Where rows go that name none that is known.
    fallback: Option<Id>,
}

impl Departments {
    fn load(cx: &mut Cx<'_>, options: &Options) -> Result<Self> {
        let rows = departments::all(cx.db, &cx.actor.region)?;
        let names = super::departments::names(&rows);
        let codes = rows.iter().map(|d| (d.code.clone(), d.id)).collect();
        let rows: HashMap<Id, Department> = rows.into_iter().map(|d| (d.id, d)).collect();
        if let Some(id) = options.department
            && !rows.contains_key(&id)
        {
            return Err(Error::field("department", "unknown", "没有这个部门"));
        }
        Ok(Self { rows, codes, names, fallback: options.department })
    }

    /// The first department a cell names; told when none is known and there is no fallback.
    fn first(&self, written: &str, own: Option<Id>, notes: &mut Notes) -> Option<Id> {
        let parts = self.names.resolve_list(written);
        let known = parts.iter().find_map(|p| match &p.resolved {
            Resolved::One(code) => self.codes.get(code).copied(),
            _ => None,
        });
        if known.is_some() {
            return known;
        }
        if self.fallback.is_some() {
            return self.fallback;
        }
        if parts.is_empty() {
            if own.is_none() {
                notes.error(
                    "部门",
                    "no_department",
                    "",
                    "没有写明部门",
                    "请补填部门,或导入时指定 department",
                );
            }
            return own;
        }
        let ambiguous = parts.iter().any(|p| matches!(p.resolved, Resolved::Ambiguous(_)));
        let why = if ambiguous {
            "有多个部门叫这个名称"
        } else {
            "没有登记名称、编码或别名为此的部门"
        };
        notes.error("部门", "unknown_department", written, why, "请登记部门别名,或导入时指定 department");
        None
    }

    /// The department whose items have a key: its code is the key, or begins with it.
    fn of_key(&self, key: &str) -> Option<Id> {
        if let Some(id) = self.codes.get(key) {
            return Some(*id);
        }
        let mut fits = self.rows.values().filter(|d| {
            d.kind == "inspecting"
                && d.code
                    .strip_prefix(key)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        let first = fits.next();
        if fits.next().is_some() { None } else { first.map(|d| d.id) }
    }
}

/// Judges rows and, as `mode` says, applies them.
///
/// # Errors
/// Not allowed to import such a file; the database; bad rows with [`Mode::All`].
pub fn run(cx: &mut Cx<'_>, rows: &Rows, options: &Options, mode: Mode, tell: &Tell<'_>) -> Result<Tally> {
    may_import(cx, rows.kind(), options)?;
    let departments = Departments::load(cx, options)?;
    let tally = match rows {
        Rows::Departments(table) => places::departments(cx, table, &departments, mode, tell),
        Rows::Subjects(table) => places::subjects(cx, table, &departments, mode, tell),
        Rows::Inspectors(table) => people::inspectors(cx, table, &departments, mode, tell),
        Rows::Certificates(table) => people::certificates(cx, table, mode, tell),
        Rows::Leave(table) => people::leave(cx, table, mode, tell),
        Rows::Recusals(table) => people::recusals(cx, table, mode, tell),
        Rows::Items(table) => lists::items(cx, table, &departments, options, mode, tell),
        Rows::Plans(table) => lists::plans(cx, table, &departments, options, mode, tell),
    }?;
    if mode == Mode::All && tally.refused > 0 {
        return Err(Error::refused(
            "import_has_errors",
            format!("有 {} 行不能导入;请改正后重新上传,或选择只导入正确的行(good_rows)", tally.refused),
        ));
    }
    Ok(tally)
}

/// Whether the actor may import files of a kind at all; single rows are judged later.
///
/// # Errors
/// He may not.
pub fn may_import(cx: &Cx<'_>, kind: Kind, options: &Options) -> Result<()> {
    let region = cx.region().to_owned();
    let own = cx.actor.department;
    let mine = own.map_or(Scope::county(&region), |own| Scope::of(&region, own));
    let county = Scope::county(&region);
    match kind {
        Kind::Departments => cx.may(Action::EditDepartments, &county),
        Kind::Subjects => cx.may(Action::EditSubject, &county),
        Kind::Inspectors | Kind::Certificates | Kind::Leave => cx.may(Action::EditInspector, &mine),
        Kind::Recusals => cx.may(Action::DeclareRecusal, &mine),
        Kind::Items if options.upper => cx.may(Action::EditUpperItems, &county),
        Kind::Items => cx.may(Action::DraftForAll, &county).or_else(|_| cx.may(Action::EditItem, &mine)),
        Kind::Plans => cx.may(Action::DraftForAll, &county).or_else(|_| cx.may(Action::EditPlan, &mine)),
    }
}

/// Whether the actor may change what belongs to a department; told when not.
fn own(cx: &Cx<'_>, action: Action, department: Id, notes: &mut Notes) -> bool {
    let region = cx.region().to_owned();
    let may = cx.can(action, &Scope::of(&region, department));
    if !may {
        notes.error("部门", "not_own_department", "", "属于其他部门,您无权导入", "请由该部门经办人导入");
    }
    may
}

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct File {
    /// What it holds.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
}

/// Keeps a file with what its check found.
///
/// # Errors
/// Not allowed; the database.
pub fn keep(cx: &mut Cx<'_>, file: &File, options: &Options, report: &Value) -> Result<Upload> {
    let row = put(cx, file, "checked", json!({ "options": options, "check": report }))?;
    let data = json!({ "kind": row.kind, "sha256": row.sha256, "bytes": file.bytes.len() });
    cx.journal(Event::new("import_checked", "upload", row.id, data))?;
    Ok(row)
}

/// Keeps a file that is to be checked afterwards.
///
/// # Errors
/// Not allowed; the database.
pub fn receive(cx: &mut Cx<'_>, file: &File, options: &Options) -> Result<Upload> {
    may_import(cx, file.kind, options)?;
    let row = put(cx, file, "received", json!({ "options": options }))?;
    let data = json!({ "kind": row.kind, "sha256": row.sha256, "bytes": file.bytes.len() });
    cx.journal(Event::new("import_received", "upload", row.id, data))?;
    Ok(row)
}

fn put(cx: &mut Cx<'_>, file: &File, state: &str, report: Value) -> Result<Upload> {
    let region = cx.region().to_owned();
    let department = cx.department()?;
    cx.may(Action::Import, &Scope::of(&region, department))?;
    let mut faults = Faults::default();
    let name = faults.text("name", &file.name, false, 200);
    faults.done()?;
    let row = Upload {
        id: cx.id()?,
        region,
        user_id: cx.user()?,
        department_id: Some(department),
        kind: file.kind.as_str().to_owned(),
        file_name: name,
        sha256: file.sha256.clone(),
        content: file.bytes.clone(),
        state: state.to_owned(),
        report: Doc(report),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    uploads::insert(cx.db, &row)?;
    Ok(row)
}

/// Writes down what the check of a kept file found.
///
/// # Errors
/// Not visible; mended again or applied since its version `seen` was read.
pub fn note_check(cx: &mut Cx<'_>, id: Id, seen: i64, report: &Value) -> Result<Upload> {
    let mut row = get(cx, id)?;
    if row.state == "applied" {
        return Err(Error::wrong_state(row.state, "这个文件已经导入过"));
    }
    if row.version != seen {
        return Err(Error::refused("import_changed", "检查期间文件又有改动,请重新检查"));
    }
    let before = std::mem::replace(&mut row.state, "checked".to_owned());
    row.version += 1;
    row.updated_at = At(cx.now);
    row.report.0["check"] = report.clone();
    uploads::transition(cx.db, &row, &before, seen)?;
    let data = json!({ "kind": row.kind, "sha256": row.sha256, "mended": mended(&row).cells() });
    cx.journal(Event::new("import_checked", "upload", id, data))?;
    Ok(row)
}

/// What was put right by hand in a kept file.
#[must_use]
pub fn mended(row: &Upload) -> Mended {
    serde_json::from_value(row.report.0["mended"].clone()).unwrap_or_default()
}

/// Longest text of a cell that is put right by hand.
const CELL_MOST: usize = 2_000;
/// Most cells of a file that are put right by hand: whoever mends more does it in the file.
const CELLS_MOST: usize = 5_000;

/// Puts cells of a kept file right and leaves rows out, or takes them back; the file as it was sent stays as it is. The
/// check has to follow. Answers the row as it now is.
///
/// # Errors
/// Not visible; applied already; changed since it was read; every text that no cell can hold.
pub fn mend(cx: &mut Cx<'_>, id: Id, cells: &[Cell], skip: &[u32], back: &[u32]) -> Result<Upload> {
    let mut row = get(cx, id)?;
    if row.state != "checked" {
        return Err(Error::wrong_state(row.state, "只有检查完、尚未导入的文件可以更正"));
    }
    cx.fresh(row.version)?;
    let mut all = mended(&row);
    let mut faults = Faults::default();
    for cell in cells {
        let at = format!("/cells/{}-{}", cell.row, cell.column);
        let text = faults.text(&at, &cell.text, false, CELL_MOST);
        all.cells.entry(cell.row).or_default().insert(cell.column, text);
    }
    faults.done()?;
    all.skipped.extend(skip);
    all.skipped.retain(|row| !back.contains(row));
    if all.cells() > CELLS_MOST {
        let text = format!("一个文件最多在页面上更正{CELLS_MOST}格;请下载标注后的工作簿,改正后重新上传");
        return Err(Error::refused("too_many_cells", text));
    }
    let seen = row.version;
    row.version += 1;
    row.updated_at = At(cx.now);
    row.report.0["mended"] = serde_json::to_value(&all).map_err(|e| Error::internal(&e))?;
    uploads::transition(cx.db, &row, "checked", seen)?;
    let data = json!({ "kind": row.kind, "sha256": row.sha256, "cells": cells.len(), "left_out": skip.len(),
                       "taken_back": back.len() });
    cx.journal(Event::new("import_mended", "upload", id, data))?;
    Ok(row)
}

/// A cell that is put right by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Row as a spreadsheet shows it.
    pub row: u32,
    /// Column from 0.
    pub column: usize,
    /// What it is to say.
    pub text: String,
}

/// A file that was kept.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Upload> {
    let row = uploads::get(cx.db, id)?.ok_or(Error::NotFound("导入文件"))?;
    let scope = Scope { region: &row.region, owner: row.department_id, participants: &[], assigned: &[] };
    cx.may(Action::Import, &scope)?;
    Ok(row)
}

/// The options a file was checked with.
#[must_use]
pub fn options_of(row: &Upload) -> Options {
    serde_json::from_value(row.report.0["options"].clone()).unwrap_or_default()
}

/// The options of a request: without a word on it, the coordination office keeps the upper list and a department's
/// clerk his own.
#[must_use]
pub fn options(cx: &Cx<'_>, department: Option<Id>, upper: Option<bool>, year: Option<i32>) -> Options {
    let upper = upper.unwrap_or_else(|| cx.actor.roles.has(Role::Coordinator));
    Options { department, upper, year }
}

/// Applies a kept file, once.
///
/// # Errors
/// Not allowed; applied already; mended since its version `seen` was read; bad rows with [`Mode::All`].
pub fn apply(
    cx: &mut Cx<'_>,
    id: Id,
    rows: &Rows,
    mode: Mode,
    seen: i64,
    tell: &Tell<'_>,
) -> Result<(Upload, Tally)> {
    let mut row = get(cx, id)?;
    if row.state != "checked" {
        return Err(Error::wrong_state(row.state, "这个文件已经导入过"));
    }
    if row.version != seen {
        return Err(Error::refused("import_changed", "文件刚刚又有更正,请核对后再导入"));
    }
    let tally = run(cx, rows, &options_of(&row), mode, tell)?;
    row.state = "applied".to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    let counts = json!({ "new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged,
                         "refused": tally.refused });
    row.report.0["applied"] = counts.clone();
    uploads::transition(cx.db, &row, "checked", seen)?;
    let mut data = json!({ "kind": row.kind, "sha256": row.sha256 });
    data["counts"] = counts;
    cx.journal(Event::new("import_applied", "upload", id, data))?;
    Ok((row, tally))
}
