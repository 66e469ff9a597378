//! XLSX workbooks written row by row; memory does not grow with the number of rows.

use super::{Cell, Column, ColumnKind, Table};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::collections::HashSet;
use std::io::Write;

/// Rows of a sheet below its header.
const ROWS: u32 = 1_048_575;
/// UTF-16 units of a cell; the format allows no more.
pub(super) const CELL: usize = 32_767;

/// A workbook that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("无法写出工作簿:{0}")]
pub struct BookError(#[from] XlsxError);

/// A workbook being written.
pub struct Book {
    book: Workbook,
    names: HashSet<String>,
    header: Format,
    date: Format,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("sheets", &self.names).finish_non_exhaustive()
    }
}

impl Book {
    /// An empty workbook dated `day`, so that equal contents make equal bytes.
    ///
    /// # Errors
    /// When the day is outside 1900 to 9999.
    pub fn new(day: NaiveDate) -> Result<Self, BookError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_ymd(
            u16::try_from(day.year()).unwrap_or(1900),
            u8::try_from(day.month()).unwrap_or(1),
            u8::try_from(day.day()).unwrap_or(1),
        )?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        // Half the time of the usual level 6, for a file a little larger.
        book.set_zip_compression_level(3);
        let header = Format::new()
            .set_bold()
            .set_background_color(Color::RGB(0xDD_E6_F2))
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        Ok(Self { book, names: HashSet::new(), header, date: Format::new().set_num_format("yyyy-mm-dd") })
    }

    /// Adds a table as a sheet (more than one when it has more rows than a sheet holds); returns the number of rows.
    ///
    /// # Errors
    /// When no temporary file can be written.
    pub fn add<R: Iterator<Item = Vec<Cell>>>(&mut self, table: Table<R>) -> Result<u64, BookError> {
        let mut rows = table.rows.peekable();
        let mut total = 0;
        loop {
            let name = self.free_name(&table.name);
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            sheet.set_name(&name)?;
            header(sheet, &table.columns, &self.header)?;
            let mut at = 0;
            while at < ROWS
                && let Some(row) = rows.next()
            {
                at += 1;
                for (cell, column) in row.iter().zip(0u16..) {
                    write(sheet, at, column, cell, &self.date)?;
                }
            }
            total += u64::from(at);
            if let Ok(last) = u16::try_from(table.columns.len().saturating_sub(1)) {
                sheet.autofilter(0, 0, at.max(1), last)?;
            }
            if rows.peek().is_none() {
                return Ok(total);
            }
        }
    }

    /// Writes the workbook out.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn finish(mut self, out: impl Write + Send) -> Result<(), BookError> {
        Ok(self.book.save_to_writer(out)?)
    }

    /// A sheet name as the format allows it, not used before.
    fn free_name(&mut self, wanted: &str) -> String {
        let mut clean: String =
            wanted.chars().map(|c| if "*?:[]\\/'".contains(c) || c.is_control() { ' ' } else { c }).collect();
        clean = clean.trim().to_owned();
        if clean.is_empty() {
            "表".clone_into(&mut clean);
        }
        for n in 1u32.. {
            let tail = if n == 1 { String::new() } else { format!("({n})") };
            let mut name = shortened(&clean, 31 - tail.len());
            name.push_str(&tail);
            if self.names.insert(name.to_lowercase()) {
                return name;
            }
        }
        clean
    }
}

/// At most `units` UTF-16 units of a text.
pub(super) fn shortened(text: &str, units: usize) -> String {
    let mut left = units;
    text.chars().take_while(|c| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_some()).collect()
}

fn header(sheet: &mut Worksheet, columns: &[Column], format: &Format) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, at) in columns.iter().zip(0u16..) {
        let natural = match column.kind {
            ColumnKind::Text => 18,
            ColumnKind::Id => 20,
            ColumnKind::Number => 10,
            ColumnKind::Date => 12,
        };
        let title =
            u16::try_from(column.title.chars().count()).unwrap_or(50).saturating_mul(2).saturating_add(4);
        let width = if column.width > 0 { column.width } else { natural.max(title) };
        sheet.set_column_width(at, f64::from(width.min(255)))?;
    }
    for (column, at) in columns.iter().zip(0u16..) {
        sheet.write_string_with_format(0, at, shortened(&column.title, CELL), format)?;
    }
    Ok(())
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, date: &Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if text.is_empty() => {}
        Cell::Text(text) => {
            let text: String = text.chars().filter(|c| *c != '\0').collect();
            sheet.write_string(row, column, shortened(&text, CELL))?;
        }
        // Beyond 15 digits the format would round.
        Cell::Int(n) if n.unsigned_abs() < 1_000_000_000_000_000 => {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53 every whole number is exact")]
            sheet.write_number(row, column, *n as f64)?;
        }
        Cell::Int(n) => {
            sheet.write_string(row, column, n.to_string())?;
        }
        Cell::Float(n) if n.is_finite() => {
            sheet.write_number(row, column, *n)?;
        }
        Cell::Float(_) => {}
        Cell::Date(day) if (1901..=9999).contains(&day.year()) => {
            let day = ExcelDateTime::from_ymd(
                u16::try_from(day.year()).unwrap_or(1901),
                u8::try_from(day.month()).unwrap_or(1),
                u8::try_from(day.day()).unwrap_or(1),
            )?;
            sheet.write_datetime_with_format(row, column, &day, date)?;
        }
        Cell::Date(day) => {
            sheet.write_string(row, column, day.to_string())?;
        }
    }
    Ok(())
}
