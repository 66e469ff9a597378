//! When a plan is carried out (检查时间), as officials write it: spans of the year where the text is sure, else only
//! the text.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A day of a year as a text names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Year, when the text names one.
    pub year: Option<i32>,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day; none = the first of the month at the beginning of a span, the last at its end.
    pub day: Option<u8>,
}

/// A stretch of days, both ends included (7月20日前 is taken to include the 20th).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First day; none when the text only names an end (10月底).
    pub from: Option<Mark>,
    /// Last day.
    pub to: Mark,
}

/// A window text: the words, and the spans (one per batch) when they can be had from the words alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowText {
    /// The words as written.
    pub text: String,
    /// The spans, in the order written; empty when the text is not understood.
    pub spans: Vec<Span>,
}

impl WindowText {
    /// Reads a window text: `1月-12月`, `3—6月`, `4月至9月`, `2026年1月1日-2026年12月31日`, `10月底`, `7月20日前`, `全年`,
    /// `上半年`, `第二季度`, `两批:7月20日前/10月15日前`, ISO dates. Any word left over leaves the text not understood.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), spans: spans(text).unwrap_or_default() }
    }

    /// The spans as dates; a year the text does not name is `year`, and an open beginning is its 1 January. None when
    /// not understood, when a date does not exist, or when a span ends before it begins.
    #[must_use]
    pub fn dates(&self, year: i32) -> Option<Vec<(NaiveDate, NaiveDate)>> {
        if self.spans.is_empty() {
            return None;
        }
        self.spans.iter().map(|span| span.dates(year)).collect()
    }
}

impl Span {
    fn dates(&self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        let end_year = self.to.year.or(self.from.and_then(|f| f.year)).unwrap_or(year);
        let to = self.to.last(end_year)?;
        let from = match self.from {
            Some(from) => NaiveDate::from_ymd_opt(
                from.year.unwrap_or(end_year),
                from.month.into(),
                from.day.unwrap_or(1).into(),
            )?,
            None => NaiveDate::from_ymd_opt(to.year(), 1, 1)?,
        };
        (from <= to).then_some((from, to))
    }
}

impl Mark {
    fn last(self, year: i32) -> Option<NaiveDate> {
        match self.day {
            Some(day) => NaiveDate::from_ymd_opt(year, self.month.into(), day.into()),
            None => {
                let (next_year, next) =
                    if self.month == 12 { (year + 1, 1) } else { (year, u32::from(self.month) + 1) };
                NaiveDate::from_ymd_opt(next_year, next, 1)?.pred_opt()
            }
        }
    }
}

fn spans(text: &str) -> Option<Vec<Span>> {
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace(['~', '—', '–', '−', '至', '到'], "-").replace("--", "-");
    let (batches, plain) = batches(&plain);
    let parts: Vec<&str> = plain.split(['/', ';', ',', '、', '和']).filter(|p| !p.is_empty()).collect();
    if parts.is_empty() || batches.is_some_and(|n| n != parts.len()) {
        return None;
    }
    // 2026/3/1 is a date, not three batches.
    if plain.split('/').all(|p| p.bytes().all(|b| b.is_ascii_digit() || b == b'-')) && plain.contains('/') {
        return one(&plain.replace('/', ".")).map(|s| vec![s]);
    }
    parts.into_iter().map(one).collect()
}

/// `两批:`, `分2批:` before the dates: how many there must be.
fn batches(text: &str) -> (Option<usize>, String) {
    if let Some(at) = text.find('批') {
        let (count, rest) = text.split_at(at);
        let count = count.trim_start_matches("分").trim_end_matches('个');
        let n = match count {
            "一" | "1" => Some(1),
            "两" | "二" | "2" => Some(2),
            "三" | "3" => Some(3),
            "四" | "4" => Some(4),
            _ => None,
        };
        let rest = rest.trim_start_matches(['批', '次', ':', ',', '(']).trim_end_matches(')');
        if n.is_some() {
            return (n, rest.to_owned());
        }
    }
    (None, text.to_owned())
}

fn one(text: &str) -> Option<Span> {
    let whole = |from: u8, to: u8| {
        Some(Span {
            from: Some(Mark { year: None, month: from, day: None }),
            to: Mark { year: None, month: to, day: None },
        })
    };
    match text {
        "全年" | "全年度" | "年内" => return whole(1, 12),
        "上半年" => return whole(1, 6),
        "下半年" => return whole(7, 12),
        "一季度" | "第一季度" | "1季度" | "第1季度" => return whole(1, 3),
        "二季度" | "第二季度" | "2季度" | "第2季度" => return whole(4, 6),
        "三季度" | "第三季度" | "3季度" | "第3季度" => return whole(7, 9),
        "四季度" | "第四季度" | "4季度" | "第4季度" => return whole(10, 12),
        _ => {}
    }
    if let Some(end) = ["之前", "以前", "前完成", "底前完成", "前"].iter().find_map(|w| text.strip_suffix(w))
    {
        let (to, rest) = mark(end.strip_suffix('底').unwrap_or(end))?;
        return rest.is_empty().then_some(Span { from: None, to });
    }
    if let Some(end) = text.strip_suffix('底') {
        if let Some((from, end)) = split_range(end) {
            return ordered(from, end);
        }
        let (to, rest) = mark(end)?;
        return (rest.is_empty() && to.day.is_none()).then_some(Span { from: None, to });
    }
    if let Some((from, to)) = split_range(text) {
        return ordered(from, to);
    }
    let (mark, rest) = mark(text)?;
    rest.is_empty().then_some(Span { from: Some(mark), to: mark })
}

/// The ends of `3-6月`, `3月1日-5月2日`, `2026-03-01-2026-06-30`.
fn split_range(text: &str) -> Option<(Mark, Mark)> {
    for (at, _) in text.match_indices('-') {
        let (left, right) = (&text[..at], &text[at + 1..]);
        let Some((to, rest)) = mark(right) else { continue };
        if !rest.is_empty() {
            continue;
        }
        // 3-6月: the month of the left end stands only at the right.
        let bare: Option<u8> = left.parse().ok().filter(|m| (1..=12).contains(m));
        let from = match (mark(left), bare) {
            (Some((from, "")), _) => Some(from),
            (_, Some(month)) if to.day.is_none() => Some(Mark { year: to.year, month, day: None }),
            _ => None,
        };
        if let Some(from) = from {
            return Some((from, to));
        }
    }
    None
}

fn ordered(from: Mark, to: Mark) -> Option<Span> {
    let same_year = from.year.is_none() || to.year.is_none() || from.year == to.year;
    let backwards = same_year && (from.month, from.day.unwrap_or(1)) > (to.month, to.day.unwrap_or(31));
    (!backwards).then_some(Span { from: Some(from), to })
}

/// A day or month at the start of a text, and what follows.
fn mark(text: &str) -> Option<(Mark, &str)> {
    let (first, rest) = digits(text)?;
    let (year, month, rest) = if first.len() == 4 {
        let rest = rest.strip_prefix(['年', '-', '.'])?;
        let (month, rest) = digits(rest)?;
        (Some(first.parse().ok()?), month, rest)
    } else {
        (None, first, rest)
    };
    let month: u8 = month.parse().ok().filter(|m| (1..=12).contains(m))?;
    let Some(rest) = rest.strip_prefix("月份").or_else(|| rest.strip_prefix('月')) else {
        // Only ISO-like dates go without 月, and only with a year.
        year?;
        let (day, rest) = digits(rest.strip_prefix(['-', '.'])?)?;
        return day_of(year, month, day).map(|m| (m, rest));
    };
    match digits(rest) {
        Some((day, after)) => {
            let after = after.strip_prefix(['日', '号'])?;
            day_of(year, month, day).map(|m| (m, after))
        }
        None => Some((Mark { year, month, day: None }, rest)),
    }
}

fn day_of(year: Option<i32>, month: u8, day: &str) -> Option<Mark> {
    let day: u8 = day.parse().ok()?;
    NaiveDate::from_ymd_opt(year.unwrap_or(2024), month.into(), day.into())?;
    Some(Mark { year, month, day: Some(day) })
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (1..=4).contains(&length).then(|| text.split_at(length))
}
