//! CSV for people and programs: UTF-8 with byte-order mark, CRLF, commas, quotes where needed.

use super::{Cell, Table};
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes a table as CSV; returns the number of rows. See the module above for what happens to dangerous cells.
///
/// # Errors
/// What the writer reports.
pub fn write_csv<R: Iterator<Item = Vec<Cell>>>(table: Table<R>, out: &mut impl Write) -> io::Result<u64> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut line = String::new();
    for (i, column) in table.columns.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        push(&mut line, &neutralised(&column.title));
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes())?;
    let mut rows = 0;
    for row in table.rows {
        line.clear();
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                line.push(',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => push(&mut line, &neutralised(text)),
                Cell::Int(n) => line.push_str(&n.to_string()),
                Cell::Float(n) if n.is_finite() => line.push_str(&n.to_string()),
                Cell::Float(_) => {}
                Cell::Date(date) => line.push_str(&date.to_string()),
            }
        }
        line.push_str("\r\n");
        out.write_all(line.as_bytes())?;
        rows += 1;
    }
    out.flush()?;
    Ok(rows)
}

/// Appends a text, in quotes when it holds a delimiter of any locale, a quote, a line break or blanks at its ends.
fn push(line: &mut String, text: &str) {
    let special = |c: char| matches!(c, ',' | ';' | '\t' | '"' | '\r' | '\n' | '\0');
    if !text.contains(special)
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
    {
        line.push_str(text);
        return;
    }
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\"\""),
            '\0' => {}
            c => line.push(c),
        }
    }
    line.push('"');
}

/// Whether a program could take the text for a formula, or the apostrophe in front of it for ours.
fn dangerous(text: &str) -> bool {
    let visible = text
        .trim_start_matches(|c: char| c == ' ' || c == '\u{a0}' || crate::exchange::text::is_invisible(c));
    visible.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\'',
    ])
}

/// The text as it may stand in a CSV cell: with an apostrophe in front when it is dangerous.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    if dangerous(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`neutralised`] was given.
#[must_use]
pub fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if dangerous(rest) => rest,
        _ => text,
    }
}
