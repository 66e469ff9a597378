//! Cleaning of what people type: invisible characters, odd spaces, full-width letters. Nothing here guesses.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Characters that take no room on the screen and carry no meaning in a table.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Free text: ends trimmed, invisible characters dropped, line breaks and odd spaces made plain spaces.
#[must_use]
pub fn clean(s: &str) -> Cow<'_, str> {
    let odd = |b: &u8| *b < 0x20 || *b == 0x7f || *b == 0xc2 || *b == 0xe2 || *b == 0xe3 || *b == 0xef;
    if !s.as_bytes().iter().any(odd) {
        return Cow::Borrowed(s.trim_matches(' '));
    }
    let fine = |c: char| !(is_invisible(c) || c.is_control() || (c.is_whitespace() && c != ' '));
    let trimmed = s.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || c.is_control());
    if trimmed.chars().all(fine) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    for c in trimmed.chars() {
        if c.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) && !c.is_control() {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// An identifier: as [`clean`], and without any space, full-width letters and digits made plain (NFKC), dashes
/// made `-`, a leading apostrophe (the spreadsheet's mark for text) dropped. Case is kept.
#[must_use]
pub fn code(s: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_graphic();
    let bytes = s.as_bytes();
    if bytes.iter().all(|b| plain(*b)) && bytes.first() != Some(&b'\'') {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    for c in s.nfkc() {
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            c if c.is_whitespace() || is_invisible(c) || c.is_control() => {}
            c => out.push(c),
        }
    }
    match out.strip_prefix(['\'', '\u{2018}', '\u{2019}']) {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => Cow::Owned(out),
    }
}

/// What a header, table name or enumerated word is compared by: NFKC, no spaces, lower case, without a trailing
/// mark of obligation (`*`, `：`, `(必填)`).
#[must_use]
pub fn key(s: &str) -> String {
    let mut out: String = s
        .nfkc()
        .filter(|c| {
            !(c.is_whitespace() || is_invisible(*c) || c.is_control() || *c == '*' || *c == '\'' || *c == '"')
        })
        .flat_map(char::to_lowercase)
        .collect();
    for tail in ["(必填)", "(选填)", "(可选)", ":"] {
        if let Some(rest) = out.strip_suffix(tail) {
            out.truncate(rest.len());
        }
    }
    out
}

/// [`key`] without a parenthesis at the end: `预计时长(分钟)` and `预计时长` are one.
#[must_use]
pub fn bare_key(key: &str) -> Option<&str> {
    let at = key.rfind('(').filter(|_| key.ends_with(')'))?;
    (at > 0).then(|| &key[..at])
}
