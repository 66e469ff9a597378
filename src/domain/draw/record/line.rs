//! Lines and fields of a record: a strict reader and the writer that must give the same bytes back.

use crate::domain::draw::bytes::{Hash, decimal, is_token, unhex, unhex_n};
use crate::domain::draw::fault::{Fault, fault};

/// Reads a record line by line; every method refuses what section 2.2 does not allow at that place.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    /// A reader behind the kind line. Refuses non-ASCII bytes, CR, control characters and a missing final LF.
    pub(super) fn new(bytes: &'a [u8], kind: &str) -> Result<Self, Fault> {
        let text = ascii(bytes)?;
        let mut reader = Self { rest: text, line: 0 };
        let first = reader.next_line().unwrap_or_default();
        if first == kind {
            Ok(reader)
        } else {
            Err(fault!("record_kind", "记录首行应为“{kind}”,实为“{first}”"))
        }
    }

    fn next_line(&mut self) -> Option<&'a str> {
        let (line, rest) = self.rest.split_once('\n')?;
        self.rest = rest;
        self.line += 1;
        Some(line)
    }

    /// Whether the next line begins with `name` and a space.
    pub(super) fn at(&self, name: &str) -> bool {
        self.rest.strip_prefix(name).is_some_and(|r| r.starts_with(' '))
    }

    /// The fields of the next line, which must be called `name` and have exactly `N` of them.
    pub(super) fn fields<const N: usize>(&mut self, name: &str) -> Result<[&'a str; N], Fault> {
        if !self.at(name) {
            let found = self.rest.split('\n').next().unwrap_or_default();
            let line = self.line + 1;
            return Err(fault!("record_line", "第{line}行应为“{name} …”,实为“{}”", shorten(found)));
        }
        let line = self.next_line().unwrap_or_default();
        let mut fields = [""; N];
        let mut found = line.split(' ').skip(1);
        for slot in &mut fields {
            *slot = found.next().filter(|f| !f.is_empty()).ok_or_else(|| {
                fault!("record_fields", "第{}行“{name}”应有{N}个以单个空格分隔的字段", self.line)
            })?;
        }
        if found.next().is_some() {
            return Err(fault!("record_fields", "第{}行“{name}”应只有{N}个字段", self.line));
        }
        Ok(fields)
    }

    /// The fields of the next bare line (lists have lines without a name); `None` at the end.
    pub(super) fn bare<const N: usize>(&mut self) -> Result<Option<[&'a str; N]>, Fault> {
        let Some(line) = self.next_line() else { return Ok(None) };
        let mut fields = [""; N];
        let mut found = line.split(' ');
        for slot in &mut fields {
            *slot = found
                .next()
                .filter(|f| !f.is_empty())
                .ok_or_else(|| fault!("record_fields", "第{}行应有{N}个字段", self.line))?;
        }
        if found.next().is_some() {
            return Err(fault!("record_fields", "第{}行应只有{N}个字段", self.line));
        }
        Ok(Some(fields))
    }

    /// The one field of the next line.
    pub(super) fn one(&mut self, name: &str) -> Result<&'a str, Fault> {
        self.fields::<1>(name).map(|[field]| field)
    }

    /// The one field of the next line as a token.
    pub(super) fn token(&mut self, name: &str) -> Result<String, Fault> {
        let field = self.one(name)?;
        self.as_token(field)
    }

    /// The one field of the next line as a number.
    pub(super) fn number(&mut self, name: &str) -> Result<u64, Fault> {
        let field = self.one(name)?;
        self.as_number(field)
    }

    /// The one field of the next line as a digest.
    pub(super) fn hash(&mut self, name: &str) -> Result<Hash, Fault> {
        let field = self.one(name)?;
        self.as_hash(field)
    }

    /// The one field of the next line as a digest or `-`.
    pub(super) fn hash_or_none(&mut self, name: &str) -> Result<Option<Hash>, Fault> {
        let field = self.one(name)?;
        if field == "-" { Ok(None) } else { self.as_hash(field).map(Some) }
    }

    pub(super) fn as_token(&self, field: &str) -> Result<String, Fault> {
        if is_token(field) {
            Ok(field.to_owned())
        } else {
            Err(fault!("record_token", "第{}行:“{}”不是1至128字节的记号", self.line, shorten(field)))
        }
    }

    pub(super) fn as_number(&self, field: &str) -> Result<u64, Fault> {
        decimal(field).ok_or_else(|| {
            fault!("record_number", "第{}行:“{}”不是无前导零的十进制数", self.line, shorten(field))
        })
    }

    pub(super) fn as_u32(&self, field: &str) -> Result<u32, Fault> {
        self.as_number(field)?
            .try_into()
            .map_err(|_| fault!("record_number", "第{}行:“{field}”超出32位", self.line))
    }

    pub(super) fn as_hash(&self, field: &str) -> Result<Hash, Fault> {
        unhex_n(field)
            .ok_or_else(|| fault!("record_hex", "第{}行:“{}”不是64位小写十六进制", self.line, shorten(field)))
    }

    pub(super) fn as_bytes(&self, field: &str, max: usize) -> Result<Vec<u8>, Fault> {
        unhex(field).filter(|b| b.len() <= max).ok_or_else(|| {
            fault!("record_hex", "第{}行:“{}”不是不超过{max}字节的小写十六进制", self.line, shorten(field))
        })
    }

    /// Refuses with a sentence about the line just read.
    pub(super) fn refuse(&self, text: &str) -> Fault {
        fault!("record_order", "第{}行:{text}", self.line)
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let found = self.rest.split('\n').next().unwrap_or_default();
        Err(fault!("record_line", "第{}行多余或错位:“{}”", self.line + 1, shorten(found)))
    }
}

/// The first 40 characters, so that a hostile record cannot flood a message.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// ASCII text of printable characters, single spaces and LF that ends with LF.
fn ascii(bytes: &[u8]) -> Result<&str, Fault> {
    if let Some(at) = bytes.iter().position(|b| !matches!(b, b'\n' | b' '..=b'~')) {
        return Err(fault!("record_bytes", "第{at}字节不是可打印ASCII(记录只含ASCII与换行LF,不含CR)"));
    }
    if bytes.last() != Some(&b'\n') {
        return Err(fault!("record_bytes", "记录须以换行LF结尾"));
    }
    std::str::from_utf8(bytes).map_err(|_| fault!("record_bytes", "记录不是ASCII"))
}

/// Writes the lines of a record.
#[derive(Debug)]
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new(kind: &str) -> Self {
        Self(format!("{kind}\n"))
    }

    /// One line: a name and its fields.
    pub(super) fn line(&mut self, name: &str, fields: &[&dyn std::fmt::Display]) {
        self.0.push_str(name);
        self.put(fields);
    }

    /// One line without a name.
    pub(super) fn bare(&mut self, first: &dyn std::fmt::Display, fields: &[&dyn std::fmt::Display]) {
        use std::fmt::Write;
        let _ = write!(self.0, "{first}");
        self.put(fields);
    }

    fn put(&mut self, fields: &[&dyn std::fmt::Display]) {
        use std::fmt::Write;
        for field in fields {
            let _ = write!(self.0, " {field}");
        }
        self.0.push('\n');
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// Lower-case hex of bytes, or `-`.
pub(super) fn hex_or_none(hash: Option<&Hash>) -> String {
    hash.map_or_else(|| "-".to_owned(), hex::encode)
}
