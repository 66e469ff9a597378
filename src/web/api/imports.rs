//! Files in and out of the registries.

use crate::domain::rows::{Kind, Rows};
use crate::error::{Error, Result};
use crate::exchange::county::single::{self, Read};
use crate::exchange::export;
use crate::exchange::fault::{Fault, Faults, Severity};
use crate::exchange::table::Limits;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::exports;
use crate::service::imports::{self, Mode, Options, Tally};
use crate::store::jobs::Upload;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Reply, versioned};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
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
    /// `checked` or `applied`.
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

fn read(kind: Kind, name: &str, bytes: &[u8], year: i32) -> std::result::Result<Read, Faults> {
    let name = if name.is_empty() { kind.word() } else { name };
    single::read(kind, name, bytes, year, &limits())
}

/// `POST /api/v1/imports`: keeps the file and answers what applying it would do.
///
/// # Errors
/// Not allowed; an unknown kind.
pub fn check(call: &Call, (): (), q: ImportQuery, body: Vec<u8>) -> Result<Answer> {
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
    let found = match read(kind, &name, &body, q.year.unwrap_or(year)) {
        Ok(Read { rows, faults, repairs, .. }) => {
            let tally = call.read(|cx| imports::run(cx, &rows, &options, Mode::Check))?;
            report(faults, repairs, tally)
        }
        Err(faults) => report(faults, Vec::new(), Tally::default()),
    };
    let kept = serde_json::to_value(&found).map_err(|e| Error::internal(&e))?;
    let sha256 = hex::encode(Sha256::digest(&body));
    let file = imports::File { kind, name, bytes: body, sha256 };
    call.write(move |cx| {
        let row = imports::keep(cx, &file, &options, &kept)?;
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
    let mode = match b.mode.as_str() {
        "all" => Mode::All,
        "good_rows" => Mode::GoodRows,
        _ => return Err(Error::field("/mode", "unknown_value", "只能是:all、good_rows")),
    };
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let (row, year) = call.read(|cx| Ok((imports::get(cx, id)?, cx.today().year())))?;
    if row.state != "checked" {
        return Err(Error::wrong_state(row.state, "这个文件已经导入过"));
    }
    let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("import kind"))?;
    let Options { year: told, .. } = imports::options_of(&row);
    let unreadable = |_| Error::refused("import_has_errors", "文件无法读取,没有可以导入的行");
    let Read { rows, faults, repairs, .. } =
        read(kind, &row.file_name, &row.content, told.unwrap_or(year)).map_err(unreadable)?;
    if mode == Mode::All && faults.has_errors() {
        let (errors, _) = faults.counts();
        let text = format!("文件有 {errors} 处错误;请改正后重新上传,或选择只导入正确的行(good_rows)");
        return Err(Error::refused("import_has_errors", text));
    }
    let rows: Rows = rows;
    call.write(move |cx| {
        let (row, tally) = imports::apply(cx, id, &rows, mode)?;
        let report = report(faults.clone(), repairs.clone(), tally);
        Reply::<ImportView>::of(view(row, Some(report)))
    })
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
