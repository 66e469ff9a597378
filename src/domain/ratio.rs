//! Sampling ratios (抽查比例) as officials write them.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// What a ratio text says, and the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// The words as written.
    pub text: String,
    /// The meaning, or none when it cannot be had from the text alone (根据实际情况确定).
    pub rule: Option<Rule>,
}

/// A ratio understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A share of the eligible, in basis points (3 % = 300, 2‰ = 20).
    Share {
        /// Basis points.
        bp: u32,
        /// exact, at least, at most.
        bound: Bound,
    },
    /// A share between two bounds (10-20 %).
    ShareRange {
        /// Lower, basis points.
        lo_bp: u32,
        /// Upper, basis points.
        hi_bp: u32,
    },
    /// A number of subjects (1户).
    Count {
        /// Number.
        n: u32,
        /// exact, at least, at most.
        bound: Bound,
    },
    /// A number between two bounds (60-70家).
    CountRange {
        /// Lower.
        lo: u32,
        /// Upper.
        hi: u32,
    },
    /// At least `min` subjects, and above that a share (≤10所不少于2所;>10所不低于50%).
    AtLeastAndShare {
        /// Least number.
        min: u32,
        /// Basis points.
        bp: u32,
    },
    /// Everybody (全部, 100%, 全覆盖).
    All,
}

/// The sense of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// As stated.
    Exact,
    /// 不低于, 不少于.
    AtLeast,
    /// 不超过.
    AtMost,
}

impl Ratio {
    /// Reads a ratio text. What it cannot be sure of has no rule: several different shares, a figure per quarter or
    /// month, a figure for another level of government, a share finer than a basis point.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), rule: rule(text) }
    }
}

/// A figure found in a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Share(u32, Bound),
    ShareRange(u32, u32),
    Count(u32, Bound),
    CountRange(u32, u32),
    /// “≤10所”: the figures after it hold up to that size of the base; “超过10所”: above it.
    UpTo,
    Above,
}

/// Words before a figure that make it a lower bound.
const LEAST: &[&str] =
    &["不少于", "不低于", "不小于", "至少", "大于等于", "≥", ">=", "不得少于", "不得低于", "最少", "最低"];
/// Words before a figure that make it an upper bound.
const MOST: &[&str] =
    &["不超过", "不高于", "不多于", "不大于", "至多", "最多", "小于等于", "≤", "<=", "不得超过", "最高"];
/// Counters of subjects.
const UNITS: &[&str] =
    &["户", "家", "所", "个", "辆", "台", "艘", "座", "处", "件", "间", "宗", "套", "单位", "企业"];
/// Texts whose figures are not those of this draw.
const FOREIGN: &[&str] = &[
    "省级",
    "国家级",
    "每季",
    "每月",
    "季度",
    "/月",
    "/季",
    "半年",
    "个月",
    "之和",
    "一定比例",
    "每2年",
    "每3年",
];

fn rule(text: &str) -> Option<Rule> {
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let plain = without_parentheses(&plain).replace(['~', '—', '–', '−', '至', '到'], "-");
    if ["全部", "全覆盖", "全面检查", "全数", "逐户"]
        .iter()
        .any(|w| plain == *w || plain == format!("{w}检查") || plain == format!("{w}抽查"))
    {
        return Some(Rule::All);
    }
    if FOREIGN.iter().any(|w| plain.contains(w)) {
        return None;
    }
    let mut figures: Vec<Figure> = Vec::new();
    for clause in plain.split([';', ',', '。', '、']) {
        figures.extend(clause_figures(clause)?);
    }
    let mut plainly: Vec<Figure> = Vec::new();
    for figure in &figures {
        if !plainly.contains(figure) {
            plainly.push(*figure);
        }
    }
    match plainly.as_slice() {
        [Figure::Share(10_000, Bound::Exact | Bound::AtLeast)] => Some(Rule::All),
        [Figure::Share(bp, bound)] => Some(Rule::Share { bp: *bp, bound: *bound }),
        [Figure::ShareRange(lo, hi)] => Some(Rule::ShareRange { lo_bp: *lo, hi_bp: *hi }),
        [Figure::Count(n, bound)] => Some(Rule::Count { n: *n, bound: *bound }),
        [Figure::CountRange(lo, hi)] => Some(Rule::CountRange { lo: *lo, hi: *hi }),
        [
            Figure::UpTo,
            Figure::Count(min, Bound::AtLeast),
            Figure::Above,
            Figure::Share(bp, Bound::AtLeast),
        ]
        | [Figure::Share(bp, Bound::Exact | Bound::AtLeast), Figure::Count(min, Bound::AtLeast)]
        | [Figure::Count(min, Bound::AtLeast), Figure::Share(bp, Bound::Exact | Bound::AtLeast)] => {
            Some(Rule::AtLeastAndShare { min: *min, bp: *bp })
        }
        _ => None,
    }
}

/// What stands in parentheses explains (“10%(20户)”) and decides nothing.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0u32;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// The figures of a clause in order; none when one of them cannot be represented.
fn clause_figures(clause: &str) -> Option<Vec<Figure>> {
    let mut out = Vec::new();
    let mut before = String::new();
    let mut rest = clause;
    while !rest.is_empty() {
        if let Some((figure, after)) = figure(rest, &before)? {
            out.extend(figure);
            before.clear();
            rest = after;
        } else if let Some(c) = rest.chars().next() {
            before.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

/// A figure at the start of `rest`: outer none = cannot be represented, inner none = no figure here.
/// `Some((None, after))` is a figure that says nothing of the ratio (a frequency, a date).
fn figure<'a>(rest: &'a str, before: &str) -> Option<Option<(Option<Figure>, &'a str)>> {
    for (word, tenth) in [("百分之", 100), ("千分之", 10)] {
        if let Some(after) = rest.strip_prefix(word) {
            let length = after.find(|c| !"〇零一二两三四五六七八九十百".contains(c)).unwrap_or(after.len());
            let (digits, after) = after.split_at(length);
            let n = chinese(digits)?;
            return Some(Some((Some(Figure::Share(n.checked_mul(tenth)?, bound(before, after))), after)));
        }
    }
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(None);
    }
    let (first, after) = number(rest);
    let (first_unit, after) = unit(after);
    let (second, second_unit, after) =
        match after.strip_prefix('-').filter(|a| a.starts_with(|c: char| c.is_ascii_digit())) {
            Some(next) => {
                let (second, next) = number(next);
                let (second_unit, next) = unit(next);
                (Some(second), second_unit, next)
            }
            None => (None, first_unit, after),
        };
    if second_unit.is_none() {
        // A bare number, a year, a number of times: nothing of the ratio.
        return Some(Some((None, after)));
    }
    if second.is_some() && first_unit.is_some() && first_unit != second_unit {
        return None;
    }
    let share = matches!(second_unit, Some("%" | "‰"));
    let value = |text: &str| {
        if share { basis_points(text, second_unit == Some("‰")) } else { text.parse::<u32>().ok() }
    };
    if let Some(second) = second {
        let (lo, hi) = (value(first)?, value(second)?);
        if lo > hi {
            return None;
        }
        let range = if share { Figure::ShareRange(lo, hi) } else { Figure::CountRange(lo, hi) };
        return Some(Some((Some(range), after)));
    }
    let n = value(first)?;
    if !share {
        // A size of the base, and what holds for it: “≤10所不少于2所”, “10所及以下不少于2所”, “超过10所不低于50%”.
        let tail = after.strip_prefix('的').unwrap_or(after);
        let below = tail
            .strip_prefix("及以下")
            .or_else(|| tail.strip_prefix("以下"))
            .or_else(|| tail.strip_prefix("以内"));
        let above = tail.strip_prefix("以上").or_else(|| tail.strip_prefix("及以上"));
        let goes_on = |t: &str| t.contains(|c: char| c.is_ascii_digit());
        if let Some(next) = below.filter(|t| goes_on(t)) {
            return Some(Some((Some(Figure::UpTo), next)));
        }
        if let Some(next) = above.filter(|t| goes_on(t)) {
            return Some(Some((Some(Figure::Above), next)));
        }
        if goes_on(after) && ["≤", "<", "不超过"].iter().any(|w| before.ends_with(w)) {
            return Some(Some((Some(Figure::UpTo), after)));
        }
        if goes_on(after)
            && [">", "超过", "大于"].iter().any(|w| before.ends_with(w))
            && !before.ends_with("不超过")
        {
            return Some(Some((Some(Figure::Above), after)));
        }
    }
    let bound = bound(before, after);
    Some(Some((Some(if share { Figure::Share(n, bound) } else { Figure::Count(n, bound) }), after)))
}

fn number(text: &str) -> (&str, &str) {
    let length = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    text.split_at(length)
}

fn unit(text: &str) -> (Option<&'static str>, &str) {
    for unit in ["%", "‰"] {
        if let Some(after) = text.strip_prefix(unit) {
            return (Some(unit), after);
        }
    }
    // 户次, 人次: how often, not how many.
    UNITS
        .iter()
        .find_map(|u| text.strip_prefix(u).filter(|after| !after.starts_with('次')))
        .map_or((None, text), |after| (Some("户"), after))
}

fn bound(before: &str, after: &str) -> Bound {
    let near = |words: &[&str]| words.iter().filter_map(|w| before.rfind(w)).max();
    match (near(LEAST), near(MOST)) {
        (Some(least), most) if most.is_none_or(|m| m < least) => return Bound::AtLeast,
        (_, Some(_)) => return Bound::AtMost,
        _ => {}
    }
    if ["以上", "及以上", "起"].iter().any(|w| after.starts_with(w)) {
        Bound::AtLeast
    } else if ["以内", "以下", "及以下"].iter().any(|w| after.starts_with(w)) {
        Bound::AtMost
    } else {
        Bound::Exact
    }
}

/// `2.5` per cent or per mille to basis points; none when finer, or above the whole.
fn basis_points(text: &str, per_mille: bool) -> Option<u32> {
    let (int, frac) = text.split_once('.').unwrap_or((text, ""));
    let places = if per_mille { 1 } else { 2 };
    let frac = frac.trim_end_matches('0');
    if int.is_empty() || int.len() > 5 || frac.len() > places || !frac.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10u32.pow(u32::try_from(places).ok()?);
    let padded: u32 = format!("{frac:0<places$}").parse().ok()?;
    let bp = int.parse::<u32>().ok()?.checked_mul(scale)?.checked_add(padded)?;
    (bp <= 10_000).then_some(bp)
}

/// Chinese numerals up to 百.
fn chinese(text: &str) -> Option<u32> {
    let digit =
        |c: char| "零一二三四五六七八九".chars().position(|d| d == c).and_then(|d| u32::try_from(d).ok());
    let text = text.replace('两', "二").replace('〇', "零");
    if text == "百" || text == "一百" {
        return Some(100);
    }
    match text.split_once('十') {
        Some((tens, ones)) => {
            let tens = if tens.is_empty() {
                1
            } else {
                digit(tens.chars().next().filter(|_| tens.chars().count() == 1)?)?
            };
            let ones = if ones.is_empty() {
                0
            } else {
                digit(ones.chars().next().filter(|_| ones.chars().count() == 1)?)?
            };
            Some(tens * 10 + ones)
        }
        None => digit(text.chars().next().filter(|_| text.chars().count() == 1)?),
    }
}
