//! What is wrong with a file, told so that a clerk can mend it: file, sheet, row, column, value, why, what to do.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Whether a fault forbids the use of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is read.
    Error,
    /// Read, but somebody should look.
    Warning,
}

/// One thing wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// File name.
    pub file: String,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Row as a spreadsheet shows it, from 1; 0 = the whole file.
    pub row: u32,
    /// Column title or key; empty = the whole row.
    pub column: String,
    /// Stable identifier of the kind of fault, snake_case.
    pub code: &'static str,
    /// What stands there, cut to 80 characters.
    pub value: String,
    /// Why it cannot be used.
    pub why: String,
    /// What to do.
    pub cure: String,
    /// Error or warning.
    pub severity: Severity,
}

impl Fault {
    /// An error of the whole file.
    #[must_use]
    pub fn error(code: &'static str, why: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            file: String::new(),
            sheet: None,
            row: 0,
            column: String::new(),
            code,
            value: String::new(),
            why: why.into(),
            cure: cure.into(),
            severity: Severity::Error,
        }
    }

    /// A warning about the whole file.
    #[must_use]
    pub fn warning(code: &'static str, why: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, why, cure) }
    }

    /// The same, at a row and column.
    #[must_use]
    pub fn at(mut self, row: u32, column: impl Into<String>) -> Self {
        self.row = row;
        self.column = column.into();
        self
    }

    /// The same, with the value found. Control characters are shown as `·` so that no line of a report breaks.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        let shown = |c: char| if c.is_control() || super::text::is_invisible(c) { '·' } else { c };
        self.value = value.chars().take(80).map(shown).collect();
        if value.chars().nth(80).is_some() {
            self.value.push('…');
        }
        self
    }

    /// The same, in a file and sheet.
    #[must_use]
    pub fn file(mut self, file: &str, sheet: Option<&str>) -> Self {
        file.clone_into(&mut self.file);
        self.sheet = sheet.map(str::to_owned);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.severity {
            Severity::Error => "错误",
            Severity::Warning => "提醒",
        })?;
        if !self.file.is_empty() {
            write!(f, " {}", self.file)?;
        }
        if let Some(sheet) = &self.sheet {
            write!(f, "【{sheet}】")?;
        }
        if self.row > 0 {
            write!(f, " 第{}行", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, " {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, " “{}”", self.value)?;
        }
        write!(f, ":{}", self.why)?;
        if !self.cure.is_empty() {
            write!(f, "。处理:{}", self.cure)?;
        }
        Ok(())
    }
}

/// Faults that were counted but not kept, because too many were of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Omitted {
    /// File name.
    pub file: String,
    /// Sheet.
    pub sheet: Option<String>,
    /// Column.
    pub column: String,
    /// Kind.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// How many more.
    pub count: usize,
}

/// All faults of all files, sorted by file, sheet, row, column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Those kept.
    pub list: Vec<Fault>,
    /// Those only counted.
    pub omitted: Vec<Omitted>,
}

impl Faults {
    /// Whether nothing is wrong at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of faults of a severity, kept or not.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|f| f.severity == severity).count()
            + self.omitted.iter().filter(|o| o.severity == severity).map(|o| o.count).sum::<usize>()
    }

    /// Whether any forbids the use of the files.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error)
    }

    /// Number of errors and warnings, kept or not.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.count(Severity::Error), self.count(Severity::Warning))
    }

    /// One JSON object: `{"faults": [...], "omitted": [...], "errors": n, "warnings": n}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let (errors, warnings) = self.counts();
        serde_json::json!({"errors": errors, "warnings": warnings, "faults": self.list, "omitted": self.omitted})
    }
}

impl Faults {
    /// A table for a spreadsheet: UTF-8 with mark, CRLF, no cell a formula.
    #[must_use]
    pub fn to_csv(&self) -> String {
        use super::write::{Cell, Column, Table, write_csv};
        let columns = vec![
            Column::text("程度"),
            Column::text("文件"),
            Column::text("工作表"),
            Column::number("行"),
            Column::text("列"),
            Column::text("值"),
            Column::text("原因"),
            Column::text("处理办法"),
            Column::id("代码"),
        ];
        let word = |s: Severity| if s == Severity::Error { "错误" } else { "提醒" };
        let kept = self.list.iter().map(|f| {
            let row = if f.row > 0 { Cell::Int(f.row.into()) } else { Cell::Empty };
            let texts = [&f.column, &f.value, &f.why, &f.cure].map(|t| Cell::from(t.as_str()));
            let mut cells =
                vec![word(f.severity).into(), f.file.as_str().into(), f.sheet.clone().into(), row];
            cells.extend(texts);
            cells.push(f.code.into());
            cells
        });
        let counted = self.omitted.iter().map(|o| {
            let why = format!("还有 {} 处同类问题未逐一列出", o.count);
            let place =
                [Cell::from(o.file.as_str()), o.sheet.clone().into(), Cell::Empty, o.column.as_str().into()];
            let mut cells = vec![word(o.severity).into()];
            cells.extend(place);
            cells.extend([Cell::Empty, why.into(), Cell::Empty, o.code.into()]);
            cells
        });
        let mut out = Vec::new();
        // Writing into memory cannot fail.
        let _ = write_csv(Table::new("问题", columns, kept.chain(counted)), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.list {
            writeln!(f, "{fault}")?;
        }
        for o in &self.omitted {
            let sheet = o.sheet.as_ref().map(|s| format!("【{s}】")).unwrap_or_default();
            writeln!(f, "…… {}{sheet} {} 还有 {} 处同类问题未逐一列出", o.file, o.column, o.count)?;
        }
        let (errors, warnings) = self.counts();
        write!(f, "共 {errors} 处错误,{warnings} 处提醒")
    }
}

impl std::error::Error for Faults {}

/// Collects faults, keeping at most [`Report::KEPT`] of one kind in one column of one file and counting the rest.
#[derive(Debug, Clone, Default)]
pub struct Report {
    list: Vec<Fault>,
    seen: BTreeMap<Kind, usize>,
    errors: usize,
}

/// What [`Report`] counts by.
type Kind = (String, Option<String>, String, &'static str, Severity);

impl Report {
    /// Faults kept of one kind.
    pub const KEPT: usize = 200;

    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        if fault.severity == Severity::Error {
            self.errors += 1;
        }
        let kind =
            (fault.file.clone(), fault.sheet.clone(), fault.column.clone(), fault.code, fault.severity);
        let seen = self.seen.entry(kind).or_default();
        *seen += 1;
        if *seen <= Self::KEPT {
            self.list.push(fault);
        }
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Report) {
        for fault in other.list {
            let (file, sheet) = (fault.file.clone(), fault.sheet.clone());
            let kind = (file, sheet, fault.column.clone(), fault.code, fault.severity);
            if self.seen.get(&kind).copied().unwrap_or(0) < Self::KEPT {
                self.list.push(fault);
            }
        }
        for (kind, count) in other.seen {
            *self.seen.entry(kind).or_default() += count;
        }
        self.errors += other.errors;
    }

    /// Errors so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Sorts and closes.
    #[must_use]
    pub fn finish(mut self) -> Faults {
        self.list.sort();
        let mut kept: BTreeMap<Kind, usize> = BTreeMap::new();
        for f in &self.list {
            let kind = (f.file.clone(), f.sheet.clone(), f.column.clone(), f.code, f.severity);
            *kept.entry(kind).or_default() += 1;
        }
        let omitted = self
            .seen
            .into_iter()
            .filter_map(|(kind, count)| {
                let count = count - kept.get(&kind).copied().unwrap_or(0).min(count);
                let (file, sheet, column, code, severity) = kind;
                (count > 0).then_some(Omitted { file, sheet, column, code, severity, count })
            })
            .collect();
        Faults { list: self.list, omitted }
    }
}
