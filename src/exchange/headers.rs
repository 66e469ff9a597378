//! Which words head which column: read from `headers.toml`, so that a new alias needs no change of code.

use super::fault::Fault;
use super::table::{Row, Sheet};
use super::text;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Rows from the top among which the header is looked for; above it titles may stand.
pub const HEADER_ROWS: usize = 10;

/// A column of a table.
#[derive(Debug, Clone, Deserialize)]
pub struct Column {
    /// English name.
    pub id: String,
    /// Chinese name, used in messages.
    pub zh: String,
    /// Whether the table cannot do without it.
    #[serde(default)]
    pub required: bool,
    /// Other words for it.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A table and its columns.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// English name.
    pub id: String,
    /// Chinese name.
    pub zh: String,
    /// Other words for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Columns.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// Column place by compared word.
    #[serde(skip)]
    words: HashMap<String, usize>,
}

impl Table {
    /// The column a header cell names. The whole text counts first, then the text without its last parenthesis.
    #[must_use]
    pub fn column(&self, header: &str) -> Option<usize> {
        let key = text::key(header);
        let bare = || text::bare_key(&key).and_then(|bare| self.words.get(bare));
        self.words.get(&key).or_else(bare).copied()
    }
}

#[derive(Deserialize)]
struct Document {
    table: Vec<Table>,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    // The document is part of the program; a test proves that it parses.
    let mut tables =
        toml::from_str::<Document>(include_str!("headers.toml")).map(|d| d.table).unwrap_or_default();
    for table in &mut tables {
        for (i, column) in table.columns.iter().enumerate() {
            for word in [&column.id, &column.zh].into_iter().chain(&column.aliases) {
                let key = text::key(word);
                if let Some(bare) = text::bare_key(&key) {
                    table.words.entry(bare.to_owned()).or_insert(i);
                }
                table.words.entry(key).or_insert(i);
            }
        }
    }
    tables
});

static KNOWN: LazyLock<HashSet<String>> =
    LazyLock::new(|| TABLES.iter().flat_map(|t| t.words.keys().cloned()).collect());

/// All tables.
#[must_use]
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// The table of an English name.
#[must_use]
pub fn table(id: &str) -> Option<&'static Table> {
    TABLES.iter().find(|t| t.id == id)
}

/// The table that a file stem or sheet name means: its name or alias, numbering such as `01_` or `1、` before and
/// `表` after it left out of account.
#[must_use]
pub fn table_named(name: &str) -> Option<&'static Table> {
    let key = text::key(name);
    let stripped = key.trim_start_matches(|c: char| c.is_ascii_digit() || "._-、 附件".contains(c));
    let bare = text::bare_key(stripped).unwrap_or(stripped);
    [key.as_str(), stripped, stripped.trim_end_matches('表'), bare].into_iter().find_map(|word| {
        TABLES.iter().find(|t| [&t.id, &t.zh].into_iter().chain(&t.aliases).any(|a| text::key(a) == word))
    })
}

/// Whether a text heads a column of any table.
#[must_use]
pub fn is_known(header: &str) -> bool {
    if header.is_empty() || header.len() > 120 {
        return false;
    }
    let key = text::key(header);
    KNOWN.contains(&key) || text::bare_key(&key).is_some_and(|bare| KNOWN.contains(bare))
}

/// Where the columns of a table stand in a sheet.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The table.
    pub table: &'static Table,
    /// Index of the first row after the header among the rows with content.
    pub first: usize,
    /// For each column of the table: its place in the rows and its title as written.
    places: Vec<Option<(usize, String)>>,
    /// Titles that mean nothing to the table.
    pub unknown: Vec<String>,
}

/// A column to read: its place, if it is there, and the title for messages.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Place in a row.
    pub at: Option<usize>,
    /// Title as written, or the Chinese name.
    pub title: &'a str,
}

impl Layout {
    /// Finds the header among the first rows: the row in which most columns are recognised, the upper one of equals.
    ///
    /// # Errors
    /// No header; two columns of one meaning; required columns missing. All are told.
    pub fn find(table: &'static Table, sheet: &Sheet) -> Result<Self, Vec<Fault>> {
        let mut best: Option<(usize, usize)> = None;
        for i in 0..sheet.len().min(HEADER_ROWS) {
            let found: HashSet<usize> = sheet.row(i).texts().filter_map(|t| table.column(t)).collect();
            if !found.is_empty() && best.is_none_or(|(count, _)| found.len() > count) {
                best = Some((found.len(), i));
            }
        }
        let Some((_, at)) = best else {
            let wanted: Vec<&str> =
                table.columns.iter().filter(|c| c.required).map(|c| c.zh.as_str()).collect();
            return Err(vec![Fault::error(
                "no_header",
                format!("前 {HEADER_ROWS} 行中没有找到“{}”表的表头", table.zh),
                format!("请在数据上方写明列名,至少要有:{}", wanted.join("、")),
            )]);
        };
        let header = sheet.row(at);
        let mut layout =
            Self { table, first: at + 1, places: vec![None; table.columns.len()], unknown: Vec::new() };
        let faults = layout.fill(header);
        if faults.is_empty() { Ok(layout) } else { Err(faults) }
    }

    fn fill(&mut self, header: Row<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        for c in 0..header.len() {
            let title = text::clean(header.text(c)).into_owned();
            match self.table.column(&title) {
                Some(i) => match &self.places[i] {
                    Some((_, other)) => faults.push(
                        Fault::error(
                            "duplicate_column",
                            format!("与列“{other}”都表示“{}”", self.table.columns[i].zh),
                            "请只保留其中一列",
                        )
                        .at(header.number, title),
                    ),
                    None => self.places[i] = Some((c, title)),
                },
                None if !title.is_empty() => self.unknown.push(title),
                None => {}
            }
        }
        for (column, place) in self.table.columns.iter().zip(&self.places) {
            if column.required && place.is_none() {
                let words: Vec<&str> = column.aliases.iter().take(4).map(String::as_str).collect();
                let also = if words.is_empty() {
                    String::new()
                } else {
                    format!("(也可写作:{})", words.join("、"))
                };
                faults.push(
                    Fault::error(
                        "missing_column",
                        format!("缺少必需的列“{}”", column.zh),
                        format!("请增加列“{}”{also}", column.zh),
                    )
                    .at(header.number, column.zh.clone()),
                );
            }
        }
        faults
    }

    /// Whether a row repeats the header, as lists pasted together do.
    #[must_use]
    pub fn repeats(&self, sheet: &Sheet, row: Row<'_>) -> bool {
        let header = sheet.row(self.first - 1);
        let Some(at) = (0..header.len()).find(|c| !header.text(*c).is_empty()) else { return false };
        row.text(at) == header.text(at)
            && (0..header.len().max(row.len())).all(|c| row.text(c) == header.text(c))
    }

    /// The fault of a CSV row with content beyond the last title: most likely a delimiter inside a text has shifted
    /// the cells, so that none of them can be trusted. (Beside the table of a workbook anything may stand.)
    #[must_use]
    pub fn overflow(&self, sheet: &Sheet, row: Row<'_>) -> Option<Fault> {
        let width = sheet.row(self.first - 1).len();
        let delimiter = sheet.delimiter?;
        let extra = (width..row.len()).map(|c| row.text(c)).find(|t| !t.trim().is_empty())?;
        let why = format!("本行比表头多出单元格,可能是文字中有未加引号的“{delimiter}”,各列已错位");
        Some(
            Fault::error("extra_cells", why, "请给含分隔符的文字加上英文双引号,或用 .xlsx 格式")
                .at(row.number, "")
                .value(extra),
        )
    }

    /// English names of the columns that are there.
    #[must_use]
    pub fn present(&self) -> std::collections::BTreeSet<&'static str> {
        let there = self.table.columns.iter().zip(&self.places).filter(|(_, place)| place.is_some());
        there.map(|(column, _)| column.id.as_str()).collect()
    }

    /// Where the column is that a message calls by its title as written, its Chinese or its English name.
    #[must_use]
    pub fn find_column(&self, word: &str) -> Option<usize> {
        let written = self.places.iter().flatten().find(|(_, title)| title == word);
        let known = || self.places.get(self.table.column(word)?)?.as_ref();
        written.or_else(known).map(|(at, _)| *at)
    }

    /// The place of a column by its English name.
    #[must_use]
    pub fn place(&self, id: &str) -> Place<'_> {
        match self.table.columns.iter().position(|c| c.id == id) {
            Some(i) => match &self.places[i] {
                Some((at, title)) => Place { at: Some(*at), title },
                None => Place { at: None, title: &self.table.columns[i].zh },
            },
            None => Place { at: None, title: "" },
        }
    }
}
