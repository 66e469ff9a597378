//! What a paper is made of, before it becomes HTML or a Word file: a title and blocks, one after another. Every paper
//! lays itself out in these once; the two renderers know nothing of inspections.

use serde::Serialize;

/// Where text stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Align {
    /// At the left, over the whole width.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

impl Align {
    /// The word that CSS and WordprocessingML share.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cell {
    /// Its text; line feeds begin new lines.
    pub text: String,
    /// Columns it covers, from 1.
    pub span: usize,
    /// Whether it names what stands beside or below it.
    pub label: bool,
    /// Where its text stands.
    pub align: Align,
}

impl Cell {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: 1, ..Self::default() }
    }

    /// A name for what stands beside it.
    pub fn label(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: 1, label: true, align: Align::Center }
    }

    /// Text in the middle of the cell.
    pub fn center(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: 1, label: false, align: Align::Center }
    }

    /// The same over several columns.
    #[must_use]
    pub const fn over(mut self, span: usize) -> Self {
        self.span = span;
        self
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Row {
    /// Its cells; their spans together are the columns of the table.
    pub cells: Vec<Cell>,
    /// Least height in millimetres, for what is written by hand; 0: as its text needs.
    pub height: u16,
}

impl Row {
    /// As high as its text.
    #[must_use]
    pub const fn of(cells: Vec<Cell>) -> Self {
        Self { cells, height: 0 }
    }

    /// With room for writing.
    #[must_use]
    pub const fn high(height: u16, cells: Vec<Cell>) -> Self {
        Self { cells, height }
    }
}

/// A table over the whole width.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Table {
    /// Width of each column in percent; together 100.
    pub widths: Vec<u16>,
    /// Titles of the columns, repeated on every page; empty: none.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A piece of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Block {
    /// Whom it is addressed to: a line without indent.
    Address(String),
    /// A paragraph, indented by two characters as Chinese print has it.
    Paragraph(String),
    /// A heading inside the paper.
    Heading(String),
    /// A line in small print.
    Small(String),
    /// A line of small print in letters of equal width: hashes and signatures.
    Code(String),
    /// A line at the right: who signs, and when.
    Signature(String),
    /// A table.
    Table(Table),
    /// A QR code with the text it stands for and a line below it.
    Qr {
        /// What the code says.
        text: String,
        /// What stands below it.
        caption: String,
    },
}

/// One paper for printing; it begins on a new page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sheet {
    /// Issuing authority in the red head; empty where none is usual (forms and records).
    pub red_head: String,
    /// Title.
    pub title: String,
    /// Line below the title; may be empty.
    pub subtitle: String,
    /// Number of the paper, at the right below the title; may be empty.
    pub number: String,
    /// What it says.
    pub blocks: Vec<Block>,
}
