//! CSV as spreadsheets write it. Row numbers are those the spreadsheet shows: a quoted line break does not start
//! a new row, a blank line does.

use super::{Kind, Limits, Sheet};
use crate::exchange::fault::Fault;
use crate::exchange::headers;

/// Rows looked at to find out the delimiter.
const SNIFFED: usize = 10;

/// Reads a CSV file: UTF-8 (with or without mark), UTF-16 with mark, GB18030; delimiter comma, semicolon or tab;
/// LF, CRLF or CR; quotes as in RFC 4180, a quote inside an unquoted cell being an ordinary character.
///
/// # Errors
/// A fault when it is no text (a renamed workbook or web page, a damaged encoding), holds U+0000, leaves a quote
/// open, or exceeds a limit. The fault names no file; the caller knows it.
pub fn read_csv(bytes: &[u8], limits: &Limits) -> Result<Sheet, Box<Fault>> {
    if bytes.len() as u64 > limits.file_bytes {
        return Err(too_big("文件", limits.file_bytes, "字节"));
    }
    if let Some(fault) = super::not_a_table(bytes) {
        return Err(fault);
    }
    let (text, encoding) = super::decode::decode(bytes)?;
    if text.len() as u64 > limits.text_bytes.min(u64::from(u32::MAX)) {
        return Err(too_big("文本", limits.text_bytes, "字节"));
    }
    let (delimiter, skipped, body) = delimiter(&text);
    let mut sheet = Sheet { encoding, delimiter: Some(char::from(delimiter)), ..Sheet::default() };
    sheet.text.reserve(body.len());
    sheet.ends.reserve(body.len() / 8);
    parse(body, delimiter, skipped, limits, usize::MAX, &mut sheet)?;
    Ok(sheet)
}

pub(super) fn too_big(what: &str, limit: u64, unit: &str) -> Box<Fault> {
    Box::new(Fault::error(
        "too_big",
        format!("{what}超过上限 {limit} {unit}"),
        "请删除多余的内容,或拆成几个文件分别导入",
    ))
}

/// The delimiter, rows already consumed (a `sep=;` line) and the rest of the text.
fn delimiter(text: &str) -> (u8, u32, &str) {
    if let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP=")) {
        let mut chars = rest.chars();
        if let Some(d @ (',' | ';' | '\t')) = chars.next() {
            let body = chars.as_str();
            let body = body.strip_prefix("\r\n").or_else(|| body.strip_prefix(['\n', '\r']));
            if let Some(body) = body {
                return (d as u8, 1, body);
            }
        }
    }
    let generous = Limits { columns: 20_000, cells: 400_000, ..Limits::default() };
    let mut best = (b',', (0, 0));
    for d in [b',', b';', b'\t'] {
        let mut sheet = Sheet::default();
        // What is wrong with the text is told by the real parse.
        let _ = parse(text, d, 0, &generous, SNIFFED, &mut sheet);
        let known =
            sheet.rows().map(|r| r.texts().filter(|t| headers::is_known(t)).count()).max().unwrap_or(0);
        let widest = sheet.rows().map(|r| r.len()).max().unwrap_or(0);
        if (known, widest) > best.1 {
            best = (d, (known, widest));
        }
    }
    (best.0, 0, text)
}

/// The state machine; stops after `max_rows` rows with content.
fn parse(
    text: &str,
    delimiter: u8,
    skipped: u32,
    limits: &Limits,
    max_rows: usize,
    sheet: &mut Sheet,
) -> Result<(), Box<Fault>> {
    let bytes = text.as_bytes();
    let mut number = skipped;
    let mut at = 0;
    while at < bytes.len() && sheet.rows.len() < max_rows {
        number = number.saturating_add(1);
        let first_cell = sheet.ends.len();
        loop {
            let cell_start = sheet.text.len();
            if bytes.get(at) == Some(&b'"') {
                at = quoted(text, at + 1, number, sheet)?;
            }
            let end = at
                + bytes[at..].iter().take_while(|b| **b != delimiter && **b != b'\n' && **b != b'\r').count();
            sheet.text.push_str(&text[at..end]);
            at = end;
            if sheet.text.len() - cell_start > limits.cell_bytes {
                return Err(too_big("单元格", limits.cell_bytes as u64, "字节").at(number, "").into());
            }
            sheet.close_cell(Kind::Text);
            if bytes.get(at) != Some(&delimiter) {
                break;
            }
            at += 1;
            if sheet.ends.len() - first_cell >= limits.columns {
                let rest = bytes[at..].iter().take_while(|b| **b != b'\n' && **b != b'\r');
                let (length, blank) =
                    rest.fold((0, true), |(n, blank), b| (n + 1, blank && (*b == delimiter || *b == b' ')));
                if !blank {
                    return Err(too_big("列数", limits.columns as u64, "列").at(number, "").into());
                }
                at += length;
                break;
            }
        }
        if bytes.get(at) == Some(&b'\r') {
            at += 1;
        }
        if bytes.get(at) == Some(&b'\n') {
            at += 1;
        }
        sheet.close_row(number);
        if sheet.rows.len() > limits.rows {
            return Err(too_big("行数", limits.rows as u64, "行").at(number, "").into());
        }
        if sheet.ends.len() > limits.cells {
            return Err(too_big("单元格数", limits.cells as u64, "个").at(number, "").into());
        }
    }
    Ok(())
}

/// Appends the inside of a quoted cell; returns the place after the closing quote.
fn quoted(text: &str, mut at: usize, number: u32, sheet: &mut Sheet) -> Result<usize, Box<Fault>> {
    let bytes = text.as_bytes();
    loop {
        let Some(length) = bytes[at..].iter().position(|b| *b == b'"') else {
            return Err(Fault::error(
                "open_quote",
                "引号没有配对,其后的内容无法分行",
                "请检查本行的英文双引号,补上或删除多余的引号",
            )
            .at(number, "")
            .value(&text[at..])
            .into());
        };
        sheet.text.push_str(&text[at..at + length]);
        at += length + 1;
        if bytes.get(at) == Some(&b'"') {
            sheet.text.push('"');
            at += 1;
        } else {
            return Ok(at);
        }
    }
}
