//! Statistics tables, as JSON and as workbooks.

use super::figures::period;
use crate::domain::statistics::{Figure, Kind, Row, Table};
use crate::error::{Error, Result};
use crate::exchange::write::{Book, Cell, Column, Table as Sheet};
use crate::ids::Id;
use crate::service::oversight::statistics;
use crate::web::call::Call;
use crate::web::reply::{Answer, File, Reply, XLSX};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A column of figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatisticsColumn {
    /// Stable name.
    pub name: String,
    /// Title.
    pub title: String,
    /// `count`, or `share`: basis points (1/100 percent).
    pub unit: String,
}

/// A row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatisticsRow {
    /// What it stands for, one for each title in `labels`.
    pub labels: Vec<String>,
    /// Its figures, one for each column; a share of nothing is none.
    pub values: Vec<Option<i64>>,
}

/// A statistics table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatisticsView {
    /// `results`, `work`, `plans` or `inspectors`.
    pub table: String,
    /// Its name.
    pub title: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Titles of the labels.
    pub labels: Vec<String>,
    /// Columns of figures.
    pub columns: Vec<StatisticsColumn>,
    /// Rows.
    pub rows: Vec<StatisticsRow>,
    /// All rows together.
    pub totals: Vec<Option<i64>>,
}

/// Which table.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StatisticsQuery {
    /// First day; absent: the first of the year.
    pub from: Option<NaiveDate>,
    /// Last day, included; absent: today.
    pub to: Option<NaiveDate>,
    /// Only this department.
    pub department_id: Option<Id>,
    /// `json` or `xlsx`; absent: `json`.
    #[param(max_length = 10)]
    pub format: Option<String>,
}

/// Whether a workbook is asked for.
pub(super) fn is_book(format: Option<&str>) -> Result<bool> {
    match format {
        None | Some("json") => Ok(false),
        Some("xlsx") => Ok(true),
        Some(_) => Err(Error::field("format", "unknown_value", "只能是:json、xlsx")),
    }
}

/// Basis points as a percentage for a workbook.
#[expect(clippy::cast_precision_loss, reason = "a rate has few digits")]
pub(super) fn percentage(bp: Option<i64>) -> Cell {
    bp.map_or(Cell::Empty, |bp| Cell::Float(bp as f64 / 100.0))
}

fn sheet(table: &Table) -> Sheet<std::vec::IntoIter<Vec<Cell>>> {
    let mut columns: Vec<Column> = table.labels.iter().map(|l| Column::text(l)).collect();
    columns.extend(table.columns.iter().map(|c| match c.figure {
        Figure::Count => Column::number(c.title),
        Figure::Share(..) => Column::number(&format!("{}(%)", c.title)),
    }));
    let cells = |row: &Row| {
        let mut cells: Vec<Cell> = row.labels.iter().map(|l| Cell::Text(l.clone())).collect();
        cells.extend(table.columns.iter().zip(&row.values).map(|(c, value)| match c.figure {
            Figure::Count => value.map_or(Cell::Empty, Cell::Int),
            Figure::Share(..) => percentage(*value),
        }));
        cells
    };
    let mut rows: Vec<Vec<Cell>> = table.rows.iter().map(cells).collect();
    let mut labels = vec![String::new(); table.labels.len()];
    if let Some(first) = labels.first_mut() {
        "合计".clone_into(first);
    }
    rows.push(cells(&Row { labels, values: table.totals.clone() }));
    Sheet::new(table.kind.word(), columns, rows)
}

/// A workbook of sheets, as an answer.
pub(super) fn book(
    day: NaiveDate,
    sheets: Vec<Sheet<std::vec::IntoIter<Vec<Cell>>>>,
    name: &str,
) -> Result<Answer> {
    let mut book = Book::new(day).map_err(|e| Error::internal(&e))?;
    for sheet in sheets {
        book.add(sheet).map_err(|e| Error::internal(&e))?;
    }
    let mut bytes = Vec::new();
    book.finish(std::io::Cursor::new(&mut bytes)).map_err(|e| Error::internal(&e))?;
    Ok(Reply::ok(File { bytes, content_type: XLSX, name: Some(format!("{name}.xlsx")) }).into_file())
}

/// `GET /api/v1/statistics/{table}`
///
/// # Errors
/// No such table; not allowed; a period that makes no sense.
pub fn get(call: &Call, table: String, query: StatisticsQuery) -> Result<Answer> {
    // Who may not ask learns first that he may not.
    let (kind, as_book, from, to, made) = call.read(|cx| {
        let kind = Kind::parse(&table).ok_or(Error::NotFound("统计表"))?;
        let as_book = is_book(query.format.as_deref())?;
        let (from, to) = period(cx, query.from, query.to);
        let made = statistics::table(cx, kind, from, to, query.department_id)?;
        Ok((kind, as_book, from, to, made))
    })?;
    if as_book {
        return book(to, vec![sheet(&made)], &format!("statistics-{kind}-{from}-{to}"));
    }
    Reply::ok(StatisticsView {
        table: kind.as_str().to_owned(),
        title: kind.word().to_owned(),
        from,
        to,
        labels: made.labels.iter().map(|l| (*l).to_owned()).collect(),
        columns: made
            .columns
            .iter()
            .map(|c| StatisticsColumn {
                name: c.name.to_owned(),
                title: c.title.to_owned(),
                unit: if c.figure == Figure::Count { "count" } else { "share" }.to_owned(),
            })
            .collect(),
        rows: made.rows.into_iter().map(|r| StatisticsRow { labels: r.labels, values: r.values }).collect(),
        totals: made.totals,
    })
    .into_answer()
}
