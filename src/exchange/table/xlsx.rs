//! The sheets of an XLSX workbook, streamed cell by cell after [`super::guard`] has counted the archive.

use super::{Kind, Limits, Sheet, csv, guard};
use crate::exchange::fault::Fault;
use calamine::{CellErrorType, DataRef, Dimensions, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Merged areas looked at on one sheet.
const MERGED: usize = 100_000;

/// Reads the sheets of a workbook, in their order. Formulas give the value stored with them; merged cells give the
/// rows below the first the same value; cells shown as dates become `YYYY-MM-DD` in either epoch.
///
/// # Errors
/// A fault when it is no workbook, is encrypted or damaged, or exceeds a limit. The fault names no file.
pub fn read_xlsx(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Box<Fault>> {
    if let Some(fault) = super::not_a_table(bytes) {
        return Err(fault);
    }
    guard::check(bytes, limits)?;
    // The reader's arithmetic on hostile references can panic in builds with overflow checks; that is a damaged file.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes, limits)))
        .unwrap_or_else(|_| Err(guard::damaged("内部引用不合法")))
}

fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Box<Fault>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(told)?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| s.name.clone())
        .collect();
    if names.len() > limits.sheets {
        return Err(csv::too_big("工作表数", limits.sheets as u64, "张"));
    }
    let epoch_1904 = book.has_1904_epoch();
    let mut room = usize::try_from(limits.text_bytes.min(u64::from(u32::MAX))).unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let located = |fault: Box<Fault>| Box::new(Fault { sheet: Some(name.clone()), ..*fault });
        let sheet = one(&mut book, &name, epoch_1904, room, limits).map_err(located)?;
        room -= sheet.text.len().min(room);
        out.push(sheet);
    }
    Ok(out)
}

fn told(e: XlsxError) -> Box<Fault> {
    guard::damaged(&e.to_string())
}

/// A row being collected: cells may come in any order of columns.
struct Pending<'a> {
    number: u32,
    cells: BTreeMap<usize, (String, Kind)>,
    /// For a column, the value of a merged area and its last row.
    merged: BTreeMap<usize, (u32, String, Kind)>,
    /// Merged areas by (first row, column): last row.
    areas: BTreeMap<(u32, usize), u32>,
    sheet: Sheet,
    limits: &'a Limits,
    room: usize,
}

fn one(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    epoch_1904: bool,
    room: usize,
    limits: &Limits,
) -> Result<Sheet, Box<Fault>> {
    let merged = book.merge_cells_by_sheet_name(name).map_err(told)?;
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Sheet::default()),
        Err(e) => return Err(told(e)),
    };
    let mut pending = Pending {
        number: 0,
        cells: BTreeMap::new(),
        merged: BTreeMap::new(),
        areas: areas(&merged),
        sheet: Sheet { name: Some(name.to_owned()), encoding: "XLSX", epoch_1904, ..Sheet::default() },
        limits,
        room,
    };
    while let Some(cell) = cells.next_cell().map_err(told)? {
        let (row, column) = cell.get_position();
        if let Some((text, kind)) = shown(cell.get_value()) {
            pending.add(row, column, text, kind)?;
        }
    }
    pending.close()?;
    Ok(pending.sheet)
}

/// Areas that span rows, by their upper left cell.
fn areas(merged: &[Dimensions]) -> BTreeMap<(u32, usize), u32> {
    merged
        .iter()
        .take(MERGED)
        .filter(|d| d.end.0 > d.start.0)
        .map(|d| ((d.start.0.saturating_add(1), d.start.1 as usize), d.end.0.saturating_add(1)))
        .collect()
}

/// Text and kind of a value; none when there is nothing to see.
fn shown(value: &DataRef<'_>) -> Option<(String, Kind)> {
    let (text, kind) = match value {
        DataRef::Empty => return None,
        DataRef::Int(n) => (n.to_string(), Kind::Number),
        DataRef::Float(n) => (number(*n), Kind::Number),
        DataRef::String(s) => (s.clone(), Kind::Text),
        DataRef::SharedString(s) => ((*s).to_owned(), Kind::Text),
        DataRef::Bool(b) => (if *b { "TRUE" } else { "FALSE" }.to_owned(), Kind::Bool),
        DataRef::DateTime(date) => date_text(date),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => (s.clone(), Kind::Date),
        DataRef::Error(CellErrorType::GettingData) => ("#GETTING_DATA".to_owned(), Kind::Error),
        DataRef::Error(e) => (e.to_string(), Kind::Error),
    };
    (!text.trim().is_empty()).then_some((text, kind))
}

/// A number without exponent and without the sign of zero.
fn number(n: f64) -> String {
    if n == 0.0 { "0".to_owned() } else { n.to_string() }
}

/// A date cell as `YYYY-MM-DD`, with the time when it has one; a time alone as `HH:MM:SS`; a length of time and what
/// lies outside the calendar as the number.
fn date_text(date: &ExcelDateTime) -> (String, Kind) {
    let serial = date.as_f64();
    if date.is_duration() || !(0.0..2_958_466.0).contains(&serial) {
        return (number(serial), Kind::Number);
    }
    let (y, mo, d, h, mi, s, _) = date.to_ymd_hms_milli();
    let day = format!("{y:04}-{mo:02}-{d:02}");
    let time = format!("{h:02}:{mi:02}:{s:02}");
    if serial < 1.0 && serial > 0.0 {
        (time, Kind::Text)
    } else if (h, mi, s) == (0, 0, 0) {
        (day, Kind::Date)
    } else {
        (format!("{day} {time}"), Kind::Date)
    }
}

impl Pending<'_> {
    fn add(&mut self, row: u32, column: u32, text: String, kind: Kind) -> Result<(), Box<Fault>> {
        let number = row.saturating_add(1);
        if column as usize >= self.limits.columns || number > 1_048_576 {
            let place = format!("{}{number}", column_name(column));
            return Err(Box::new(
                Fault::error(
                    "far_cell",
                    format!("远处的单元格 {place} 有内容,超过上限 {} 列", self.limits.columns),
                    "请删除该单元格所在的列(可能是误输入的空格),保存后再导入",
                )
                .at(number, column_name(column))
                .value(&text),
            ));
        }
        if text.len() > self.limits.cell_bytes {
            return Err(Box::new(
                csv::too_big("单元格", self.limits.cell_bytes as u64, "字节").at(number, ""),
            ));
        }
        if text.contains('\0') {
            return Err(Box::new(
                Fault::error("nul_character", "单元格中有空字符(U+0000)", "请重新录入该单元格")
                    .at(number, ""),
            ));
        }
        if number != self.number {
            if number < self.number {
                return Err(guard::damaged("各行的顺序错乱"));
            }
            self.close()?;
            self.number = number;
        }
        self.room = self
            .room
            .checked_sub(text.len())
            .ok_or_else(|| csv::too_big("文本", self.limits.text_bytes, "字节"))?;
        self.cells.insert(column as usize, (text, kind));
        Ok(())
    }

    /// Ends the row collected.
    fn close(&mut self) -> Result<(), Box<Fault>> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let number = self.number;
        self.merged.retain(|_, (last, _, _)| *last >= number);
        for (column, (_, text, kind)) in &self.merged {
            if !self.cells.contains_key(column) {
                self.room = self
                    .room
                    .checked_sub(text.len())
                    .ok_or_else(|| csv::too_big("文本", self.limits.text_bytes, "字节"))?;
                self.cells.insert(*column, (text.clone(), *kind));
            }
        }
        let mut next = 0;
        for (column, (text, kind)) in std::mem::take(&mut self.cells) {
            while next < column {
                self.sheet.push_cell("", Kind::Text);
                next += 1;
            }
            if !self.areas.is_empty()
                && let Some(last) = self.areas.get(&(number, column))
            {
                self.merged.insert(column, (*last, text.clone(), kind));
            }
            self.sheet.push_cell(&text, kind);
            next += 1;
        }
        self.sheet.close_row(number);
        if self.sheet.rows.len() > self.limits.rows {
            return Err(Box::new(csv::too_big("行数", self.limits.rows as u64, "行").at(number, "")));
        }
        if self.sheet.ends.len() > self.limits.cells {
            return Err(Box::new(csv::too_big("单元格数", self.limits.cells as u64, "个").at(number, "")));
        }
        Ok(())
    }
}

/// A, B ... Z, AA ... XFD.
fn column_name(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = column;
    loop {
        // 26 letters: the remainder always fits a byte.
        name.push(b'A' + u8::try_from(rest % 26).unwrap_or(0));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    name.reverse();
    name.into_iter().map(char::from).collect()
}
