//! The papers of a joint inspection: for each a plain struct that says what it shows and lays itself out in blocks
//! ([`sheet`]); behind all of them the same two renderers, HTML for printing ([`html`]) and Word files ([`docx`]).

pub mod dispatch_slip;
pub mod docx;
pub mod draw_record;
pub mod html;
pub mod joint_summary;
pub mod listing;
pub mod notice;
pub mod picture;
pub mod rating_card;
pub mod sheet;
pub mod visit_form;

use chrono::{Datelike, NaiveDate};
use docx::Docx;
use serde::Serialize;
use sheet::Sheet;
use std::io::{self, Write};

/// What a paper is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page for printing.
    Html,
    /// A Word file.
    Docx,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Html, Self::Docx];

    /// The one with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.ending() == name)
    }

    /// Its name, and the ending of its files.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Docx => "docx",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// A file of papers that is being written.
#[derive(Debug)]
pub enum Book<W: Write> {
    /// A page for printing.
    Html(W),
    /// A Word file.
    Docx(Box<Docx<W>>),
}

impl<W: Write> Book<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(format: Format, title: &str, mut to: W) -> io::Result<Self> {
        Ok(match format {
            Format::Html => {
                to.write_all(html::head(title).map_err(io::Error::other)?.as_bytes())?;
                Self::Html(to)
            }
            Format::Docx => Self::Docx(Box::new(Docx::new(to)?)),
        })
    }

    /// Adds a sheet on a new page.
    ///
    /// # Errors
    /// Writing fails.
    pub fn sheet(&mut self, sheet: &Sheet) -> io::Result<()> {
        match self {
            Self::Html(to) => to.write_all(html::sheet(sheet).map_err(io::Error::other)?.as_bytes()),
            Self::Docx(docx) => docx.sheet(sheet),
        }
    }

    /// Ends the file; answers where it was written to.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Html(mut to) => {
                to.write_all(html::TAIL.as_bytes())?;
                Ok(to)
            }
            Self::Docx(docx) => docx.finish(),
        }
    }
}

/// A subject as papers show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubjectLine {
    /// Name.
    pub name: String,
    /// 统一社会信用代码 or registration number.
    pub key: String,
    /// 主体类型.
    pub kind: String,
    /// 行业.
    pub industry: String,
    /// Town and address.
    pub address: String,
    /// 联系人.
    pub contact: String,
    /// 电话.
    pub phone: String,
}

/// Somebody on a team as papers show him.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MemberLine {
    /// A岗, B岗, 检查人员 or 随行专家.
    pub post: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Section or station.
    pub unit: String,
    /// 执法证号.
    pub certificate: String,
}

/// An item as papers show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ItemLine {
    /// The department that owns it.
    pub department: String,
    /// Name.
    pub name: String,
    /// 抽查依据, one legal text each.
    pub basis: Vec<String>,
    /// 抽查子项: what is looked at, one point each.
    pub points: Vec<String>,
    /// How it is checked.
    pub method: String,
    /// 抽查频次 as written.
    pub frequency: String,
    /// What the business is to have ready.
    pub materials: Vec<String>,
}

/// A day as papers write it.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Texts as a numbered list, a line each; one alone without number.
#[must_use]
pub fn numbered(list: &[String]) -> String {
    if let [only] = list {
        return only.clone();
    }
    list.iter().zip(1..).map(|(text, n)| format!("{n}.{text}")).collect::<Vec<_>>().join("\n")
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "—".to_owned() } else { text.to_owned() }
}
