//! Rows of cells out of untrusted bytes, in bounded memory: [`read_csv`] and [`read_xlsx`].
//!
//! A [`Sheet`] keeps only the cells that exist, back to back in one text buffer; a cell far away costs nothing.

mod csv;
mod decode;
mod guard;
mod mended;
mod xlsx;

use crate::exchange::fault::Fault;

pub use csv::read_csv;
pub use mended::Mended;
pub use xlsx::read_xlsx;

/// What an untrusted file may use at most. [`Limits::default`] is generous for a province and harmless for a PC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it comes.
    pub file_bytes: u64,
    /// Bytes of text after decoding or decompression, over all parts.
    pub text_bytes: u64,
    /// Parts of a workbook archive.
    pub entries: usize,
    /// Sheets of a workbook.
    pub sheets: usize,
    /// Rows with content of one sheet.
    pub rows: usize,
    /// Columns of one row.
    pub columns: usize,
    /// Cells with content of one sheet.
    pub cells: usize,
    /// Shared strings of a workbook.
    pub shared_strings: usize,
    /// Bytes of one cell.
    pub cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 512 << 20,
            text_bytes: 512 << 20,
            entries: 2_000,
            sheets: 64,
            rows: 5_000_000,
            columns: 512,
            cells: 60_000_000,
            shared_strings: 10_000_000,
            cell_bytes: 32_767 * 4,
        }
    }
}

/// What a cell was in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, as every cell of a CSV file.
    Text,
    /// A binary number; only 15 to 17 digits of it are sure.
    Number,
    /// A number shown as a date, already as `YYYY-MM-DD` (with ` HH:MM:SS` when it has a time).
    Date,
    /// TRUE or FALSE.
    Bool,
    /// A formula's error (#N/A, #REF! ...).
    Error,
}

#[derive(Debug, Clone, Copy)]
struct RowMeta {
    number: u32,
    end: usize,
}

/// The rows with content of one CSV file or one sheet of a workbook.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Sheet name; none for CSV.
    pub name: Option<String>,
    /// How the bytes were read: `UTF-8`, `GB18030`, `UTF-16`, `XLSX`.
    pub encoding: &'static str,
    /// Delimiter of a CSV file.
    pub delimiter: Option<char>,
    /// Whether bare serial numbers count from 1904.
    pub epoch_1904: bool,
    text: String,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    rows: Vec<RowMeta>,
}

impl Sheet {
    /// Number of rows with content.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row has content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The `i`-th row with content.
    #[must_use]
    pub fn row(&self, i: usize) -> Row<'_> {
        let start = if i == 0 { 0 } else { self.rows[i - 1].end };
        Row { sheet: self, number: self.rows[i].number, start, end: self.rows[i].end }
    }

    /// All rows with content, in file order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|i| self.row(i))
    }

    /// Cells stored.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.ends.len()
    }

    /// Adds a cell to the row being built.
    fn push_cell(&mut self, text: &str, kind: Kind) {
        self.text.push_str(text);
        self.close_cell(kind);
    }

    /// Ends the cell whose text has been appended.
    fn close_cell(&mut self, kind: Kind) {
        if kind != Kind::Text && self.kinds.is_empty() {
            self.kinds.resize(self.ends.len(), Kind::Text);
        }
        // The readers refuse more than u32::MAX bytes of text before this can saturate.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        if !self.kinds.is_empty() || kind != Kind::Text {
            self.kinds.push(kind);
        }
    }

    /// Ends the row being built; a row without content leaves nothing behind.
    fn close_row(&mut self, number: u32) {
        let start = self.rows.last().map_or(0, |r| r.end);
        let text_start = if start == 0 { 0 } else { self.ends[start - 1] as usize };
        if self.text[text_start..].chars().all(|c| c.is_whitespace() || super::text::is_invisible(c)) {
            self.text.truncate(text_start);
            self.ends.truncate(start);
            if !self.kinds.is_empty() {
                self.kinds.truncate(start);
            }
        } else {
            self.rows.push(RowMeta { number, end: self.ends.len() });
        }
    }
}

/// A row with content.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    sheet: &'a Sheet,
    /// Row number as a spreadsheet shows it, from 1.
    pub number: u32,
    start: usize,
    end: usize,
}

impl<'a> Row<'a> {
    /// Number of cells up to the last one stored.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether the row has no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Text of the cell in a column from 0, as it stands; empty when there is none.
    #[must_use]
    pub fn text(&self, column: usize) -> &'a str {
        let i = self.start + column;
        if i >= self.end {
            return "";
        }
        let from = if i == 0 { 0 } else { self.sheet.ends[i - 1] as usize };
        &self.sheet.text[from..self.sheet.ends[i] as usize]
    }

    /// What the cell in a column was.
    #[must_use]
    pub fn kind(&self, column: usize) -> Kind {
        let i = self.start + column;
        if i >= self.end { Kind::Text } else { self.sheet.kinds.get(i).copied().unwrap_or(Kind::Text) }
    }

    /// All cells' texts.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..row.len()).map(move |c| row.text(c))
    }
}

/// A fault when the bytes are plainly some other kind of file than CSV or XLSX.
fn not_a_table(bytes: &[u8]) -> Option<Box<Fault>> {
    let head: String = String::from_utf8_lossy(&bytes[..bytes.len().min(512)])
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_lowercase();
    let fault = if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Some(Fault::error(
            "old_or_encrypted_workbook",
            "这是旧版 .xls 文件或带打开密码的工作簿",
            "请在 WPS 或 Excel 中打开(有密码的先去掉密码),另存为 .xlsx 后再导入",
        ))
    } else if bytes.starts_with(b"PK\x03\x04") && is_opendocument(bytes) {
        Some(Fault::error(
            "opendocument",
            "这是 .ods 文件",
            "请在 WPS 或 LibreOffice 中打开,另存为 .xlsx 后再导入",
        ))
    } else if ["<html", "<!doctype", "<table", "<?xml", "<meta"].iter().any(|t| head.starts_with(t)) {
        Some(Fault::error(
            "web_page",
            "这是网页或 XML 格式的文件,不是表格(有的系统导出的“.xls”实为网页)",
            "请在 WPS 或 Excel 中打开,另存为 .xlsx 或 CSV 后再导入",
        ))
    } else if bytes.starts_with(b"%PDF") {
        Some(Fault::error("pdf", "这是 PDF 文件", "请提供 .xlsx 或 CSV 原表"))
    } else {
        None
    };
    fault.map(Box::new)
}

/// Whether an archive's first entry is the `mimetype` of an OpenDocument file.
fn is_opendocument(bytes: &[u8]) -> bool {
    bytes.get(30..38) == Some(b"mimetype")
}

/// Whether the bytes are an archive, as every .xlsx is, whatever the file is called.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}
