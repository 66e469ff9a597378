//! Tables out: CSV that opens in Excel and WPS, and XLSX workbooks, both row by row in bounded memory.
//!
//! No cell becomes a formula. In CSV a text that begins (after blanks) with `=`, `+`, `-`, `@`, a tab, a line break or
//! the full-width `＝＋－＠`, or with an apostrophe, gets one apostrophe in front, which [`crate::exchange::table`]'s
//! readers of cells take off again; every other text, and every number, is written byte for byte. In XLSX texts are
//! stored as texts, which no program evaluates; a text longer than the format's 32,767 UTF-16 units is cut there.

mod csv;
mod marked;
mod xlsx;

pub use csv::{neutralised, plain, write_csv};
pub use marked::{Mark, Titles, marked};
pub use xlsx::{Book, BookError};

use chrono::NaiveDate;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// Codes and numbers that are names: always text, never a number.
    Id,
    /// Figures.
    Number,
    /// Days.
    Date,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Title.
    pub title: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Width in characters; 0 = by title and kind.
    pub width: u16,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn text(title: &str) -> Self {
        Self { title: title.to_owned(), kind: ColumnKind::Text, width: 0 }
    }

    /// A column of codes.
    #[must_use]
    pub fn id(title: &str) -> Self {
        Self { kind: ColumnKind::Id, ..Self::text(title) }
    }

    /// A column of figures.
    #[must_use]
    pub fn number(title: &str) -> Self {
        Self { kind: ColumnKind::Number, ..Self::text(title) }
    }

    /// A column of days.
    #[must_use]
    pub fn date(title: &str) -> Self {
        Self { kind: ColumnKind::Date, ..Self::text(title) }
    }

    /// The same, with a width in characters.
    #[must_use]
    pub fn wide(mut self, width: u16) -> Self {
        self.width = width;
        self
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text or code.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with decimals; infinities and NaN are written as nothing.
    Float(f64),
    /// A day.
    Date(NaiveDate),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<NaiveDate> for Cell {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A table whose rows come one by one.
#[derive(Debug)]
pub struct Table<R> {
    /// Name of the sheet; a file's name is the caller's business.
    pub name: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each with at most as many cells as there are columns.
    pub rows: R,
}

impl<R: Iterator<Item = Vec<Cell>>> Table<R> {
    /// A table.
    pub fn new(name: &str, columns: Vec<Column>, rows: impl IntoIterator<IntoIter = R>) -> Self {
        Self { name: name.to_owned(), columns, rows: rows.into_iter() }
    }
}
