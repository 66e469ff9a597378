//! The cells of one row as values; what cannot be a value becomes a fault with its place.

use super::fault::{Fault, Report, Severity};
use super::headers::Place;
use super::table::{Kind, Row};
use super::value::{self, Refusal};
use super::{text, words};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Cells that were put right, counted by (column, what was done).
pub type Repairs = BTreeMap<(String, &'static str), usize>;

/// A row being read. Readers return a harmless value after a fault; [`Cells::sound`] tells whether there was one.
#[derive(Debug)]
pub struct Cells<'a> {
    /// The row.
    pub row: Row<'a>,
    /// File name for messages.
    pub file: &'a str,
    /// Sheet name for messages.
    pub sheet: Option<&'a str>,
    /// Whether bare serial numbers count from 1904.
    pub epoch_1904: bool,
    /// Where faults go.
    pub report: &'a mut Report,
    /// Where repairs are counted.
    pub repairs: &'a mut Repairs,
    /// No error so far.
    pub sound: bool,
}

impl<'a> Cells<'a> {
    /// Adds a fault at a column of this row.
    pub fn fault(&mut self, place: Place<'_>, fault: Fault) {
        if fault.severity == Severity::Error {
            self.sound = false;
        }
        let value = place.at.map_or("", |c| self.row.text(c));
        self.report.push(fault.at(self.row.number, place.title).value(value).file(self.file, self.sheet));
    }

    fn refuse(&mut self, place: Place<'_>, refusal: Refusal) {
        self.fault(place, Fault::error(refusal.code, refusal.why, refusal.cure));
    }

    fn repaired(&mut self, place: Place<'_>, what: &'static str) {
        *self.repairs.entry((place.title.to_owned(), what)).or_default() += 1;
    }

    /// The text as it stands, without ends; none when empty. A formula's error is a fault.
    fn raw(&mut self, place: Place<'_>) -> Option<(&'a str, Kind)> {
        let at = place.at?;
        let raw = self.row.text(at);
        if raw.is_empty() {
            return None;
        }
        let kind = self.row.kind(at);
        let looks_broken = || {
            matches!(
                raw,
                "#N/A" | "#REF!" | "#VALUE!" | "#DIV/0!" | "#NAME?" | "#NULL!" | "#NUM!" | "#SPILL!"
            ) || raw.starts_with("####")
        };
        if kind == Kind::Error || raw.starts_with('#') && looks_broken() {
            self.fault(
                place,
                Fault::error(
                    "formula_error",
                    "公式出错或列宽不足,没有可用的值",
                    "请在原表中改正公式,或粘贴为数值后再导入",
                ),
            );
            return None;
        }
        let graphic = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
        let trimmed = if graphic(raw.as_bytes().first()) && graphic(raw.as_bytes().last()) {
            raw
        } else {
            raw.trim_matches(|c: char| c.is_whitespace() || text::is_invisible(c))
        };
        let plain = if kind == Kind::Text { super::write::plain(trimmed) } else { trimmed };
        (!plain.is_empty()).then_some((plain, kind))
    }

    /// Tells an empty cell, unless what stands there has been told since `before` errors.
    fn missing(&mut self, place: Place<'_>, before: usize) {
        if self.report.errors() == before {
            self.fault(place, Fault::error("empty_cell", "必填项为空", "请补填"));
        }
    }

    /// Free text; empty when there is none.
    pub fn text(&mut self, place: Place<'_>) -> String {
        self.raw(place).map(|(raw, _)| text::clean(raw).into_owned()).unwrap_or_default()
    }

    /// Free text that must be there.
    pub fn needed_text(&mut self, place: Place<'_>) -> String {
        let before = self.report.errors();
        let text = self.text(place);
        if text.is_empty() {
            self.missing(place, before);
        }
        text
    }

    /// An identifier; empty when there is none.
    pub fn code(&mut self, place: Place<'_>) -> String {
        let Some((raw, _)) = self.raw(place) else { return String::new() };
        let code = text::code(raw);
        if let Cow::Owned(code) = &code
            && code != raw
        {
            self.repaired(place, "去除空格、不可见字符或全角");
        }
        code.into_owned()
    }

    /// An identifier that must be there.
    pub fn needed_code(&mut self, place: Place<'_>) -> String {
        let before = self.report.errors();
        let code = self.code(place);
        if code.is_empty() {
            self.missing(place, before);
        }
        code
    }

    /// A division code: digits; a `.0` left by a spreadsheet is dropped.
    pub fn division(&mut self, place: Place<'_>) -> String {
        let code = self.code(place);
        match code.strip_suffix(".0") {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.to_owned(),
            _ => code,
        }
    }

    /// A date, if there is one.
    pub fn date(&mut self, place: Place<'_>) -> Option<NaiveDate> {
        let (raw, _) = self.raw(place)?;
        match value::date(raw, self.epoch_1904) {
            Ok(date) => Some(date),
            Err(refusal) => {
                self.refuse(place, refusal);
                None
            }
        }
    }

    /// A date that must be there; the epoch after a fault.
    pub fn needed_date(&mut self, place: Place<'_>) -> NaiveDate {
        let before = self.report.errors();
        match self.date(place) {
            Some(date) => date,
            None => {
                self.missing(place, before);
                NaiveDate::default()
            }
        }
    }

    /// A last day of validity: a date, or a word for “for ever” (9999-12-31).
    pub fn needed_end(&mut self, place: Place<'_>) -> NaiveDate {
        if let Some((raw, _)) = self.raw(place)
            && words::meaning("forever", raw).is_some()
        {
            return NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default();
        }
        self.needed_date(place)
    }

    /// A whole number with units, or a default when empty.
    pub fn whole(&mut self, place: Place<'_>, units: &[&str], max: u32, default: u32) -> u32 {
        let Some((raw, _)) = self.raw(place) else { return default };
        value::whole(raw, units, max).unwrap_or_else(|refusal| {
            self.refuse(place, refusal);
            default
        })
    }

    /// A length of time in minutes, if there is one.
    pub fn minutes(&mut self, place: Place<'_>) -> Option<u32> {
        let (raw, _) = self.raw(place)?;
        match value::minutes(raw, 100_000) {
            Ok(minutes) => Some(minutes),
            Err(refusal) => {
                self.refuse(place, refusal);
                None
            }
        }
    }

    /// 是 or 否, or a default when empty.
    pub fn yes_no(&mut self, place: Place<'_>, default: bool) -> bool {
        self.word(place, words::yes_no, "请填写“是”或“否”").unwrap_or(default)
    }

    /// A word with a meaning, if there is one.
    pub fn word<T>(&mut self, place: Place<'_>, of: impl Fn(&str) -> Option<T>, cure: &str) -> Option<T> {
        let (raw, _) = self.raw(place)?;
        let meaning = of(raw);
        if meaning.is_none() {
            self.fault(place, Fault::error("unknown_word", "不是可识别的取值", cure));
        }
        meaning
    }

    /// A subject's identity, if there is one.
    pub fn identity(&mut self, place: Place<'_>) -> Option<value::Identity> {
        let (raw, kind) = self.raw(place)?;
        self.identified(place, value::identity(raw, kind))
    }

    /// A registration number, if there is one.
    pub fn registration(&mut self, place: Place<'_>) -> Option<value::Identity> {
        let (raw, kind) = self.raw(place)?;
        self.identified(place, value::registration(raw, kind))
    }

    /// A reference to a subject: a credit code or a registration number of any form, if there is one.
    pub fn identity_or_registration(&mut self, place: Place<'_>) -> Option<value::Identity> {
        let (raw, kind) = self.raw(place)?;
        let read = match value::identity(raw, kind) {
            Err(refusal) if refusal.code == "bad_uscc" && text::code(raw).len() != 18 => {
                value::registration(raw, kind).map_err(|_| refusal)
            }
            read => read,
        };
        self.identified(place, read)
    }

    fn identified(
        &mut self,
        place: Place<'_>,
        read: Result<value::Identity, Refusal>,
    ) -> Option<value::Identity> {
        match read {
            Ok(identity) => {
                if identity.repaired {
                    self.repaired(place, "规范代码写法");
                }
                Some(identity)
            }
            Err(refusal) => {
                self.refuse(place, refusal);
                None
            }
        }
    }

    /// Degrees in millionths, if there are any; a wrong figure is only a warning, for it decides nothing.
    pub fn degrees(&mut self, place: Place<'_>) -> Option<i32> {
        let (raw, _) = self.raw(place)?;
        match value::degrees(raw) {
            Ok(degrees) => Some(degrees),
            Err(refusal) => {
                self.fault(
                    place,
                    Fault::warning(refusal.code, format!("{},按没有坐标处理", refusal.why), refusal.cure),
                );
                None
            }
        }
    }

    /// Any other value by its reader, if there is one.
    pub fn value<T>(&mut self, place: Place<'_>, read: impl Fn(&str) -> Result<T, Refusal>) -> Option<T> {
        let (raw, _) = self.raw(place)?;
        match read(raw) {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.refuse(place, refusal);
                None
            }
        }
    }
}
