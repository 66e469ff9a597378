//! Plain tables as the sheets of one workbook, written row by row in constant memory.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

/// A sheet: a header row and rows of text.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// Name of the sheet, at most 31 characters.
    pub title: &'a str,
    /// Header.
    pub header: Vec<&'a str>,
    /// Columns (places in `header`) whose cells are written as numbers where they are numbers; all other cells are
    /// text, so that an identifier keeps its digits and nothing can become a formula.
    pub numbers: &'a [usize],
    /// Rows.
    pub rows: &'a [Vec<String>],
}

/// The bytes of a workbook with these sheets; the same sheets give the same bytes.
///
/// # Errors
/// A sheet name that is taken or too long, more than 1,048,575 rows, a cell of more than 32,767 characters.
pub fn workbook(sheets: &[Sheet<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The writer would put the time of writing here, and the same county would not give the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    let head = Format::new().set_bold().set_align(FormatAlign::Center).set_background_color(0x00DD_E6F0);
    for sheet in sheets {
        let page = book.add_worksheet_with_constant_memory()?;
        page.set_name(sheet.title)?;
        page.set_freeze_panes(1, 0)?;
        for (column, title) in (0_u16..).zip(&sheet.header) {
            let widest =
                sheet.rows.iter().take(200).map(|r| width(r.get(usize::from(column)))).max().unwrap_or(0);
            page.set_column_width(column, f64::from(widest.max(width(Some(title))).clamp(6, 48) + 2))?;
        }
        for (column, title) in (0_u16..).zip(&sheet.header) {
            page.write_string_with_format(0, column, *title, &head)?;
        }
        for (row, cells) in (1_u32..).zip(sheet.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell.parse::<f64>() {
                    Ok(number) if sheet.numbers.contains(&usize::from(column)) && number.is_finite() => {
                        page.write_number(row, column, number)?;
                    }
                    _ if cell.is_empty() => {}
                    _ => {
                        page.write_string(row, column, cell)?;
                    }
                }
            }
        }
        if let (Ok(last_row), Ok(columns)) =
            (u32::try_from(sheet.rows.len()), u16::try_from(sheet.header.len()))
        {
            page.autofilter(0, 0, last_row, columns.saturating_sub(1))?;
        }
    }
    book.save_to_buffer()
}

/// Columns of a fixed-width font that a text takes: a Chinese character takes two.
fn width(text: Option<impl AsRef<str>>) -> u16 {
    text.map_or(0, |t| t.as_ref().chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum())
}
