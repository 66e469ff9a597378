//! Files in and out of the registries.

use super::jobs::begun;
use crate::domain::job::LARGE;
use crate::domain::rows::{Kind, Rows};
use crate::error::{Error, Result};
use crate::exchange::county::single::{self, Grid, Read};
use crate::exchange::export;
use crate::exchange::fault::{Fault, Faults, Severity};
use crate::exchange::table::{self, Limits, Mended};
use crate::exchange::write::{self, BookError, Mark, Titles};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::exports;
use crate::service::imports::{self, Cell, Mode, Tally};
use crate::service::jobs::{self, Work};
use crate::store::jobs::Upload;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Reply, versioned};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

/// Most faults in an answer; the rest is counted.
const FAULTS_MAX: usize = 2_000;

/// What the file is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// `departments`, `items`, `subjects`, `inspectors`, `certificates`, `leave`, `recusals` or `plans`.
    pub kind: String,
    /// Name of the file, for messages.
    #[param(max_length = 200)]
    pub name: Option<String>,
    /// The department of rows that name none that is known.
    pub department: Option<Id>,
    /// Items: `upper` for the upper list, `own` for the departments' own.
    pub list: Option<String>,
    /// Plans: the year of entries that name none.
    pub year: Option<i32>,
}

/// Something wrong at one place of the file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportFault {
    /// Sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row as a spreadsheet shows it; 0 = the whole file.
    pub row: u32,
    /// Column.
    pub column: String,
    /// Stable snake_case code.
    pub code: String,
    /// What stands there.
    pub value: String,
    /// Why it cannot be used.
    pub why: String,
    /// What to do.
    pub cure: String,
    /// `error` or `warning`.
    pub severity: String,
}

/// Cells put right without loss.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportRepair {
    /// Column.
    pub column: String,
    /// What was done.
    pub what: String,
    /// Number of cells.
    pub cells: usize,
}

/// What the check of a file found, or what came of applying it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ImportReport {
    /// Rows.
    pub rows: usize,
    /// Not known before.
    pub new: usize,
    /// Known, and said to be different now.
    pub changed: usize,
    /// Known just so.
    pub unchanged: usize,
    /// Bad: left out with `good_rows`.
    pub refused: usize,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Faults by row, at most 2,000.
    pub faults: Vec<ImportFault>,
    /// Faults that are not listed.
    pub more_faults: usize,
    /// Cells put right.
    pub repairs: Vec<ImportRepair>,
}

/// A file that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportView {
    /// Identifier.
    pub id: Id,
    /// What it holds.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// `received` (it is still to be checked), `checked` or `applied`.
    pub state: String,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ImportReport>,
    /// The report as it was kept; only where a file is asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub kept: Option<serde_json::Value>,
    /// Version, also the ETag.
    pub version: i64,
    /// Sent.
    pub created_at: DateTime<Utc>,
}

versioned!(ImportView);

fn view(row: Upload, report: Option<ImportReport>) -> ImportView {
    let kept = report.is_none().then_some(row.report.0);
    ImportView {
        id: row.id,
        kind: row.kind,
        name: row.file_name,
        sha256: row.sha256,
        state: row.state,
        report,
        kept,
        version: row.version,
        created_at: row.created_at.0,
    }
}

fn of_reader(fault: Fault) -> ImportFault {
    ImportFault {
        sheet: fault.sheet,
        row: fault.row,
        column: fault.column,
        code: fault.code.to_owned(),
        value: fault.value,
        why: fault.why,
        cure: fault.cure,
        severity: if fault.severity == Severity::Error { "error" } else { "warning" }.to_owned(),
    }
}

/// One report of what the reader and the use case found.
fn report(faults: Faults, repairs: Vec<(String, &'static str, usize)>, tally: Tally) -> ImportReport {
    let (errors, warnings) = faults.counts();
    let mut list: Vec<ImportFault> = faults.list.into_iter().map(of_reader).collect();
    list.extend(tally.faults.into_iter().map(|f| ImportFault {
        sheet: None,
        row: f.row,
        column: f.column,
        code: f.code.to_owned(),
        value: f.value,
        why: f.why,
        cure: f.cure.to_owned(),
        severity: if f.warning { "warning" } else { "error" }.to_owned(),
    }));
    list.sort_by(|a, b| (a.row, &a.severity, &a.column).cmp(&(b.row, &b.severity, &b.column)));
    let (errors, warnings) = (errors + tally.errors, warnings + tally.warnings);
    list.truncate(FAULTS_MAX);
    ImportReport {
        rows: tally.rows,
        new: tally.new,
        changed: tally.changed,
        unchanged: tally.unchanged,
        refused: tally.refused,
        errors,
        warnings,
        more_faults: (errors + warnings).saturating_sub(list.len()),
        faults: list,
        repairs: repairs
            .into_iter()
            .map(|(column, what, cells)| ImportRepair { column, what: what.to_owned(), cells })
            .collect(),
    }
}

/// What a file sent over the network may use at most.
fn limits() -> Limits {
    Limits {
        file_bytes: 32 << 20,
        text_bytes: 128 << 20,
        rows: 300_000,
        cells: 6_000_000,
        shared_strings: 1_000_000,
        ..Limits::default()
    }
}

fn read(
    kind: Kind,
    name: &str,
    bytes: &[u8],
    year: i32,
    mended: &Mended,
) -> std::result::Result<Read, Faults> {
    let name = if name.is_empty() { kind.word() } else { name };
    single::read_mended(kind, name, bytes, year, &limits(), mended)
}

fn kind_of(row: &Upload) -> Result<Kind> {
    Kind::parse(&row.kind).ok_or_else(|| Error::internal("import kind"))
}

/// What stands in a file, mended, and what the check finds in it; `judge` is the use case.
fn judged(
    kind: Kind,
    name: &str,
    bytes: &[u8],
    year: i32,
    mended: &Mended,
    judge: impl FnOnce(&Rows) -> Result<Tally>,
) -> Result<ImportReport> {
    match read(kind, name, bytes, year, mended) {
        Ok(Read { rows, faults, repairs, .. }) => {
            let tally = judge(&rows)?;
            Ok(report(faults, repairs, tally))
        }
        Err(faults) => Ok(report(faults, Vec::new(), Tally::default())),
    }
}

/// What the check of a kept file finds. `year` is that of plans which name none where the sender named none either.
///
/// # Errors
/// What `judge` answers.
pub fn examine(row: &Upload, year: i32, judge: impl FnOnce(&Rows) -> Result<Tally>) -> Result<ImportReport> {
    let year = imports::options_of(row).year.unwrap_or(year);
    judged(kind_of(row)?, &row.file_name, &row.content, year, &imports::mended(row), judge)
}

/// The rows of a kept file that is to be applied.
///
/// # Errors
/// It cannot be read; bad rows with [`Mode::All`].
pub fn ready(row: &Upload, year: i32, mode: Mode) -> Result<Read> {
    let year = imports::options_of(row).year.unwrap_or(year);
    let found = read(kind_of(row)?, &row.file_name, &row.content, year, &imports::mended(row))
        .map_err(|_| Error::refused("import_has_errors", "文件无法读取,没有可以导入的行"))?;
    if mode == Mode::All && found.faults.has_errors() {
        let (errors, _) = found.faults.counts();
        let text = format!("文件有 {errors} 处错误;请改正后重新上传,或选择只导入正确的行(good_rows)");
        return Err(Error::refused("import_has_errors", text));
    }
    Ok(found)
}

/// How a file is applied.
///
/// # Errors
/// Another word.
pub fn mode(text: &str) -> Result<Mode> {
    match text {
        "all" => Ok(Mode::All),
        "good_rows" => Ok(Mode::GoodRows),
        _ => Err(Error::field("/mode", "unknown_value", "只能是:all、good_rows")),
    }
}

/// Whether reading a file takes so long that nobody should wait for it.
#[must_use]
pub fn is_large(bytes: &[u8]) -> bool {
    if table::is_archive(bytes) {
        // A row of ten cells takes about a hundred bytes in a workbook.
        bytes.len() > LARGE * 128
    } else {
        bytes.iter().filter(|b| **b == b'\n').count() > LARGE
    }
}

/// What a request says of its file.
fn asked(q: &ImportQuery) -> Result<(Kind, Option<bool>)> {
    let kind = Kind::parse(&q.kind).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
        Error::field("kind", "unknown_value", format!("只能是:{}", words.join("、")))
    })?;
    let upper = match q.list.as_deref() {
        None => None,
        Some("own") => Some(false),
        Some("upper") => Some(true),
        Some(_) => return Err(Error::field("list", "unknown_value", "只能是:own、upper")),
    };
    if q.year.is_some_and(|y| !(2000..=2100).contains(&y)) {
        return Err(Error::field("year", "out_of_range", "年份须在 2000 至 2100 之间"));
    }
    Ok((kind, upper))
}

/// `POST /api/v1/imports`: keeps the file and answers what applying it would do.
///
/// # Errors
/// Not allowed; an unknown kind.
pub fn check(call: &Call, (): (), q: ImportQuery, body: Vec<u8>) -> Result<Answer> {
    let (kind, upper) = asked(&q)?;
    let name = q.name.unwrap_or_default();
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    // Whoever may not import must not make the server read.
    let (options, year) = call.read(|cx| {
        let options = imports::options(cx, q.department, upper, q.year);
        imports::may_import(cx, kind, &options)?;
        Ok((options, cx.today().year()))
    })?;
    let found = judged(kind, &name, &body, q.year.unwrap_or(year), &Mended::default(), |rows| {
        call.read(|cx| imports::run(cx, rows, &options, Mode::Check, &imports::quiet))
    })?;
    let kept = serde_json::to_value(&found).map_err(|e| Error::internal(&e))?;
    let sha256 = hex::encode(Sha256::digest(&body));
    let file = imports::File { kind, name, bytes: body, sha256 };
    call.write(move |cx| {
        let row = imports::keep(cx, &file, &options, &kept)?;
        Reply::<ImportView>::made(view(row, Some(found.clone())), "/api/v1/imports")
    })
}

/// `POST /api/v1/jobs/imports`: keeps the file and has it checked as work to be left.
///
/// # Errors
/// Not allowed; an unknown kind; too much of one's own waits already.
pub fn check_later(call: &Call, (): (), q: ImportQuery, body: Vec<u8>) -> Result<Answer> {
    let (kind, upper) = asked(&q)?;
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let sha256 = hex::encode(Sha256::digest(&body));
    let file = imports::File { kind, name: q.name.unwrap_or_default(), bytes: body, sha256 };
    let (department, year) = (q.department, q.year);
    call.write(move |cx| {
        let options = imports::options(cx, department, upper, year);
        let row = imports::receive(cx, &file, &options)?;
        begun(jobs::start(cx, &Work::ImportCheck { import: row.id })?)
    })
}

/// Puts cells of a kept file right and leaves rows out, then checks it anew: at once, or as work to be left.
///
/// # Errors
/// Not visible; applied already; changed since it was read; texts that no cell can hold.
pub fn mend(call: &Call, id: Id, cells: Vec<Cell>, skip: Vec<u32>, back: Vec<u32>) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let (mut row, year) = call.read(|cx| Ok((imports::get(cx, id)?, cx.today().year())))?;
    if is_large(&row.content) {
        return call.write(move |cx| {
            imports::mend(cx, id, &cells, &skip, &back)?;
            begun(jobs::start(cx, &Work::ImportCheck { import: id })?)
        });
    }
    let options = imports::options_of(&row);
    // As it will be; the use case does the same again and checks what may be mended.
    let mut mended = imports::mended(&row);
    for cell in &cells {
        mended.cells.entry(cell.row).or_default().insert(cell.column, cell.text.trim().to_owned());
    }
    mended.skipped.extend(&skip);
    mended.skipped.retain(|row| !back.contains(row));
    row.report.0["mended"] = serde_json::to_value(&mended).map_err(|e| Error::internal(&e))?;
    let found = examine(&row, year, |rows| {
        call.read(|cx| imports::run(cx, rows, &options, Mode::Check, &imports::quiet))
    })?;
    let kept = serde_json::to_value(&found).map_err(|e| Error::internal(&e))?;
    call.write(move |cx| {
        let mended = imports::mend(cx, id, &cells, &skip, &back)?;
        let row = imports::note_check(cx, id, mended.version, &kept)?;
        Reply::<ImportView>::made(view(row, Some(found.clone())), "/api/v1/imports")
    })
}

/// `GET /api/v1/imports/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ImportView>> {
    Reply::of(view(imports::get(cx, id)?, None))
}

/// How to apply a file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyBody {
    /// `all`: all rows, or none if any is bad; `good_rows`: the good rows.
    pub mode: String,
}

/// `POST /api/v1/imports/{id}/apply`
///
/// # Errors
/// Not allowed; applied already; bad rows with `all`.
pub fn apply(call: &Call, id: Id, b: ApplyBody) -> Result<Answer> {
    let mode = mode(&b.mode)?;
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let (row, year) = call.read(|cx| Ok((imports::get(cx, id)?, cx.today().year())))?;
    if row.state != "checked" {
        let text = if row.state == "applied" {
            "这个文件已经导入过"
        } else {
            "这个文件还没有检查完"
        };
        return Err(Error::wrong_state(row.state, text));
    }
    let Read { rows, faults, repairs, .. } = ready(&row, year, mode)?;
    let seen = row.version;
    call.write(move |cx| {
        let (row, tally) = imports::apply(cx, id, &rows, mode, seen, &imports::quiet)?;
        let report = report(faults.clone(), repairs.clone(), tally);
        Reply::<ImportView>::of(view(row, Some(report)))
    })
}

/// Applies a file at once, or as work to be left when it is large.
///
/// # Errors
/// As [`apply`].
pub fn apply_or_start(call: &Call, id: Id, b: ApplyBody) -> Result<Answer> {
    let mode = mode(&b.mode)?;
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let row = call.read(|cx| imports::get(cx, id))?;
    if !is_large(&row.content) {
        return apply(call, id, b);
    }
    // What the check has found already need not wait.
    let errors = row.report.0["check"]["errors"].as_u64().unwrap_or(0);
    if mode == Mode::All && errors > 0 {
        let text = format!("文件有 {errors} 处错误;请改正后重新上传,或选择只导入正确的行(good_rows)");
        return Err(Error::refused("import_has_errors", text));
    }
    call.write(move |cx| begun(jobs::start(cx, &Work::ImportApply { import: id, mode: b.mode.clone() })?))
}

/// The workbook with its faults.
#[derive(Debug, Clone)]
pub struct MarkedBytes {}

crate::describe_files!(MarkedBytes: crate::web::reply::XLSX);

/// `GET /api/v1/imports/{id}/marked`: the file as it was sent, and mended since, as a workbook: the cells that cannot be
/// used coloured, with the reasons.
///
/// # Errors
/// Not visible; no table at all.
pub fn marked(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let row = call.read(|cx| imports::get(cx, id))?;
    let grid = single::grid(kind_of(&row)?, &row.content, &limits(), &imports::mended(&row))
        .map_err(|fault| Error::refused("import_has_errors", format!("{};{}", fault.why, fault.cure)))?;
    let bytes = marked_book(&row, &grid).map_err(|e| Error::unavailable(&e))?;
    let name = Some(format!("marked-{id}.xlsx"));
    Ok(Reply::ok(File { bytes, content_type: crate::web::reply::XLSX, name }).into_file())
}

fn marked_book(row: &Upload, grid: &Grid) -> std::result::Result<Vec<u8>, BookError> {
    let text = |f: &Value, name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let none = Vec::new();
    let faults = row.report.0["check"]["faults"].as_array().unwrap_or(&none);
    let marks: Vec<Mark> = faults
        .iter()
        .map(|f| {
            let sheet = match (&grid.main, f["sheet"].as_str()) {
                (Some((at, _)), _) => *at,
                (None, name) => grid.sheets.iter().position(|s| s.name.as_deref() == name).unwrap_or(0),
            };
            let title = text(f, "column");
            Mark {
                sheet,
                row: f["row"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                column: grid.main.as_ref().and_then(|(_, layout)| layout.find_column(&title)),
                title,
                value: text(f, "value"),
                why: text(f, "why"),
                cure: text(f, "cure"),
                error: f["severity"] == "error",
            }
        })
        .collect();
    let header = |at: usize| {
        let (main, layout) = grid.main.as_ref()?;
        (*main == at).then(|| grid.sheets[at].row(layout.first - 1).number)
    };
    let headers: Vec<Option<u32>> = (0..grid.sheets.len()).map(header).collect();
    write::marked(&grid.sheets, &headers, &marks, &Titles::default())
}

/// The sheets of a kept file, mended; none when it is no table.
///
/// # Errors
/// A row that cannot be read (a defect).
pub fn grid_of(row: &Upload) -> Result<Option<Grid>> {
    Ok(single::grid(kind_of(row)?, &row.content, &limits(), &imports::mended(row)).ok())
}

/// What to export.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// `departments`, `items`, `subjects`, `inspectors`, `certificates`, `leave`, `recusals` or `plans`.
    pub kind: String,
}

/// A table as CSV.
#[derive(Debug, Clone)]
pub struct ExportBytes {}

crate::describe_files!(ExportBytes: "text/csv; charset=utf-8");

/// `GET /api/v1/exports`: CSV in the columns in which it can be imported.
///
/// # Errors
/// Not allowed; an unknown kind.
pub fn export(call: &Call, (): (), q: ExportQuery) -> Result<Answer> {
    let kind = Kind::parse(&q.kind).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
        Error::field("kind", "unknown_value", format!("只能是:{}", words.join("、")))
    })?;
    let rows = call.read(|cx| exports::rows(cx, kind))?;
    let bytes = export::csv(&rows);
    let name = Some(format!("{kind}.csv"));
    Ok(Reply::ok(File { bytes, content_type: "text/csv; charset=utf-8", name }).into_file())
}
