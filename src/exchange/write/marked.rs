//! A file given back to whoever sent it, with what is wrong: the sheets as they were sent, the cells that cannot be used
//! coloured, with the reason as a note on the cell and in a column beside the table, and a sheet that lists everything.
//!
//! Every cell is written as text, so that codes of eighteen digits come back as they are and the file can be sent again
//! once it is mended.

use super::xlsx::{BookError, CELL, shortened};
use crate::exchange::table::Sheet;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatBorder, Note, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeMap;

/// Notes of one sheet: programs open workbooks with tens of thousands of them only slowly; the column beside the table
/// has all reasons.
const NOTES: usize = 2_000;

/// Something wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Which of the sheets, from 0.
    pub sheet: usize,
    /// Row as a spreadsheet shows it; 0 = the whole file.
    pub row: u32,
    /// Column from 0; none: the whole row.
    pub column: Option<usize>,
    /// What the column is called.
    pub title: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub why: String,
    /// What to do.
    pub cure: String,
    /// Whether the row cannot be used.
    pub error: bool,
}

/// Words of the workbook.
#[derive(Debug, Clone)]
pub struct Titles {
    /// The column beside the table.
    pub reasons: &'static str,
    /// The sheet that lists everything.
    pub list: &'static str,
    /// The columns of that sheet: severity, row, column, value, reason, what to do.
    pub columns: [&'static str; 6],
    /// An error, and something to look at.
    pub severity: [&'static str; 2],
    /// What stands instead of a row number where the whole file is meant.
    pub whole: &'static str,
}

impl Default for Titles {
    fn default() -> Self {
        Self {
            reasons: "导入问题",
            list: "问题清单",
            columns: ["程度", "行", "列", "内容", "问题", "怎样改"],
            severity: ["错误", "提醒"],
            whole: "整个文件",
        }
    }
}

struct Formats {
    error: Format,
    warning: Format,
    head: Format,
    plain: Format,
}

/// Writes the workbook. `header` is the row of the titles of each sheet, where it is known.
///
/// # Errors
/// What the writer reports.
pub fn marked(
    sheets: &[Sheet],
    header: &[Option<u32>],
    marks: &[Mark],
    titles: &Titles,
) -> Result<Vec<u8>, BookError> {
    let mut book = Workbook::new();
    // The same file gives the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2020, 1, 1)?));
    book.set_zip_compression_level(3);
    let cell = || Format::new().set_num_format("@");
    let formats = Formats {
        error: cell().set_background_color(Color::RGB(0xFF_C7_CE)).set_border(FormatBorder::Thin),
        warning: cell().set_background_color(Color::RGB(0xFF_EB_9C)).set_border(FormatBorder::Thin),
        head: cell().set_bold().set_background_color(Color::RGB(0xDD_E6_F2)),
        plain: cell(),
    };
    for (at, sheet) in sheets.iter().enumerate() {
        // The list of an earlier round is written anew.
        if sheet.name.as_deref() == Some(titles.list) {
            continue;
        }
        let own: Vec<&Mark> = marks.iter().filter(|m| m.sheet == at && m.row > 0).collect();
        let out = book.add_worksheet_with_constant_memory()?;
        // A name that the format does not allow was not read from a workbook.
        if let Some(name) = &sheet.name {
            let _ = out.set_name(name);
        }
        table(out, sheet, header.get(at).copied().flatten(), &own, titles, &formats)?;
    }
    let out = book.add_worksheet_with_constant_memory()?;
    out.set_name(titles.list)?;
    list(out, marks, titles, &formats)?;
    Ok(book.save_to_buffer()?)
}

fn table(
    out: &mut Worksheet,
    sheet: &Sheet,
    header: Option<u32>,
    marks: &[&Mark],
    titles: &Titles,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut of_row: BTreeMap<u32, Vec<&Mark>> = BTreeMap::new();
    for mark in marks {
        of_row.entry(mark.row).or_default().push(mark);
    }
    let width = sheet.rows().map(|r| r.len()).max().unwrap_or(0);
    // A file that was marked and mended has the column already.
    let earlier = sheet
        .rows()
        .find(|r| Some(r.number) == header)
        .and_then(|r| (0..r.len()).find(|c| r.text(*c) == titles.reasons));
    let (Ok(width), Ok(beside)) = (u16::try_from(width), u16::try_from(earlier.unwrap_or(width))) else {
        return Ok(());
    };
    out.set_column_width(beside, 60)?;
    let mut notes = 0;
    for row in sheet.rows() {
        let place = row.number.saturating_sub(1);
        let wrong = of_row.get(&row.number).map_or(&[][..], Vec::as_slice);
        // What is written row by row must go from left to right: the reasons may stand between.
        for column in 0..=width.max(beside) {
            if column == beside {
                said_beside(out, place, beside, Some(row.number) == header, wrong, titles, formats)?;
                continue;
            }
            let text = row.text(usize::from(column));
            let here: Vec<&&Mark> = wrong.iter().filter(|m| m.column == Some(usize::from(column))).collect();
            let format = match here.iter().map(|m| m.error).max() {
                Some(true) => &formats.error,
                Some(false) => &formats.warning,
                None if Some(row.number) == header => &formats.head,
                None => &formats.plain,
            };
            if text.is_empty() && here.is_empty() {
                continue;
            }
            out.write_string_with_format(place, column, cut(text), format)?;
            if !here.is_empty() && notes < NOTES {
                notes += 1;
                let said: Vec<String> = here.iter().map(|m| reason(m)).collect();
                let note = Note::new(shortened(&said.join("\n"), 2_000)).set_width(280).set_height(110);
                out.insert_note(place, column, &note.add_author_prefix(false))?;
            }
        }
    }
    Ok(())
}

/// The reasons of a row beside the table, or their title.
fn said_beside(
    out: &mut Worksheet,
    place: u32,
    beside: u16,
    header: bool,
    wrong: &[&Mark],
    titles: &Titles,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if header {
        out.write_string_with_format(place, beside, titles.reasons, &formats.head)?;
    } else if !wrong.is_empty() {
        let said: Vec<String> = wrong
            .iter()
            .map(|m| if m.title.is_empty() { reason(m) } else { format!("{}:{}", m.title, reason(m)) })
            .collect();
        let format = if wrong.iter().any(|m| m.error) { &formats.error } else { &formats.warning };
        out.write_string_with_format(place, beside, cut(&said.join("\n")), format)?;
    }
    Ok(())
}

fn list(out: &mut Worksheet, marks: &[Mark], titles: &Titles, formats: &Formats) -> Result<(), XlsxError> {
    for (column, width) in (0_u16..).zip([8, 10, 20, 30, 50, 50]) {
        out.set_column_width(column, width)?;
    }
    for (column, title) in (0_u16..).zip(titles.columns) {
        out.write_string_with_format(0, column, title, &formats.head)?;
    }
    for (row, mark) in (1_u32..).zip(marks) {
        let place = if mark.row == 0 { titles.whole.to_owned() } else { mark.row.to_string() };
        let severity = titles.severity[usize::from(!mark.error)];
        let texts: [&str; 6] = [severity, &place, &mark.title, &mark.value, &mark.why, &mark.cure];
        for (column, text) in (0_u16..).zip(texts) {
            out.write_string_with_format(row, column, cut(text), &formats.plain)?;
        }
    }
    Ok(())
}

/// What is wrong and what to do, in one sentence.
fn reason(mark: &Mark) -> String {
    if mark.cure.is_empty() { mark.why.clone() } else { format!("{};{}", mark.why, mark.cure) }
}

/// A text as a cell can hold it.
fn cut(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    shortened(&text, CELL)
}
