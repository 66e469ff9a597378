//! Texts to values: repaired where nothing is lost, refused where something is.

use super::table::Kind;
use super::text;
use crate::domain::uscc;
use chrono::{Days, NaiveDate};
use unicode_normalization::UnicodeNormalization;

/// Why a text is not the value wanted, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable kind.
    pub code: &'static str,
    /// Why.
    pub why: String,
    /// What to do.
    pub cure: String,
}

fn refuse<T>(code: &'static str, why: impl Into<String>, cure: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { code, why: why.into(), cure: cure.into() })
}

/// Who is inspected: a credit code or a registration number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The code in its normal form.
    pub key: String,
    /// Whether it is a credit code.
    pub is_uscc: bool,
    /// Whether the text had to be put right.
    pub repaired: bool,
}

const DESTROYED: &str = "Excel 已将统一社会信用代码变为数值,末位丢失,无法还原";
const DESTROYED_CURE: &str = "请在原表中把该列设为“文本”格式后重新录入 18 位代码,不要用数值单元格";

/// Reads a subject's identity. An 18-character code must pass GB 32100-2015; 13 or 15 digits are a registration
/// number, also when a spreadsheet made them a number, for a binary number holds 15 digits exactly.
///
/// # Errors
/// A destroyed, wrong or foreign code.
pub fn identity(raw: &str, kind: Kind) -> Result<Identity, Refusal> {
    if kind == Kind::Text && raw.len() == 18 && uscc::check(raw).is_ok() {
        return Ok(Identity { key: raw.to_owned(), is_uscc: true, repaired: false });
    }
    let mut code = text::code(raw).to_uppercase();
    // A code of digits and one E is no float when its check character is right.
    let sound = kind == Kind::Text && uscc::check(&code).is_ok();
    if !sound && (kind == Kind::Number || looks_like_float(&code)) {
        code = match whole_digits(&code) {
            Some(digits) if digits.len() <= 15 => digits,
            Some(digits) if digits.len() >= 16 => return refuse("uscc_destroyed", DESTROYED, DESTROYED_CURE),
            _ if code.contains('E') => {
                return refuse("uscc_destroyed", DESTROYED, DESTROYED_CURE);
            }
            _ => code,
        };
    }
    let repaired = code != raw;
    if uscc::is_registration_number(&code) {
        return Ok(Identity { key: code, is_uscc: false, repaired });
    }
    match uscc::check(&code) {
        Ok(()) => Ok(Identity { key: code, is_uscc: true, repaired }),
        Err(uscc::UsccFault::Check { .. })
            if code.ends_with("000") && code.bytes().all(|b| b.is_ascii_digit()) =>
        {
            refuse("uscc_destroyed", DESTROYED, DESTROYED_CURE)
        }
        Err(fault @ uscc::UsccFault::Length(_)) => refuse(
            "bad_uscc",
            format!("{fault};也不是 13 位或 15 位注册号"),
            "请核对营业执照,填写 18 位统一社会信用代码;没有代码的个体工商户填写注册号",
        ),
        Err(fault) => {
            refuse("bad_uscc", fault.to_string(), "请对照营业执照逐位核对(常见:O 与 0、I 与 1 混淆)")
        }
    }
}

/// A registration number of its own column: like [`identity`], but any short code of letters, digits and dashes.
///
/// # Errors
/// A destroyed or unusable number.
pub fn registration(raw: &str, kind: Kind) -> Result<Identity, Refusal> {
    let mut code = text::code(raw).into_owned();
    if kind == Kind::Number || looks_like_float(&code) {
        code = match whole_digits(&code.to_uppercase()) {
            Some(digits) if digits.len() <= 15 => digits,
            _ => {
                return refuse(
                    "registration_destroyed",
                    "Excel 已将注册号变为数值,末位丢失,无法还原",
                    "请在原表中把该列设为“文本”格式后重新录入",
                );
            }
        };
    }
    // The draw knows it as a token: printable ASCII, at most 126 bytes besides the prefix.
    if code.is_empty() || code.len() > 40 || !code.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse(
            "bad_registration",
            "注册号只能由数字、英文字母和常用符号组成,最长 40 位",
            "请对照营业执照核对注册号",
        );
    }
    if uscc::check(&code.to_uppercase()).is_ok() {
        let key = code.to_uppercase();
        return Ok(Identity { repaired: key != raw, key, is_uscc: true });
    }
    Ok(Identity { repaired: code != raw, key: code, is_uscc: false })
}

/// `123.0`, `1.23E+14`.
fn looks_like_float(code: &str) -> bool {
    let mut chars = code.chars();
    chars.next().is_some_and(|c| c.is_ascii_digit())
        && code.contains(['.', 'E', 'e'])
        && code.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'E' | 'e' | '+'))
}

/// All digits of a whole number written with a point or an exponent, when every digit is written out.
fn whole_digits(code: &str) -> Option<String> {
    let (mantissa, exponent) = match code.split_once(['E', 'e']) {
        Some((m, e)) => (m, e.trim_start_matches('+').parse::<usize>().ok()?),
        None => (code, 0),
    };
    let (int, frac) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if int.is_empty() || exponent > 40 || ![int, frac].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    if exponent == 0 {
        return frac.bytes().all(|b| b == b'0').then(|| int.to_owned());
    }
    let length = int.len() + exponent;
    if length >= 16 {
        return Some("0".repeat(length));
    }
    // Fewer digits than the number has places: what is missing may be zeros or may be lost.
    (int.len() + frac.len() >= length && frac.bytes().skip(exponent).all(|b| b == b'0')).then(|| {
        let mut digits = format!("{int}{frac}");
        digits.truncate(length);
        digits
    })
}

/// Any identifier (编码, 编号): [`text::code`]; a whole number that a spreadsheet wrote with `.0` loses it when the
/// cell was a number.
#[must_use]
pub fn code(raw: &str) -> String {
    text::code(raw).into_owned()
}

const DATE_CURE: &str = "请写成 2026-03-02、2026/3/2 或 2026年3月2日";

/// Reads a date: ISO, `2026/3/2`, `2026.3.2`, `2026年3月2日`, `20260302`, each perhaps with a time of day; a
/// spreadsheet's serial number of five digits (46083 = 2026-03-02), counted from 1904 where the workbook says so.
///
/// # Errors
/// Anything else, above all an order of day, month and year that cannot be known.
pub fn date(raw: &str, epoch_1904: bool) -> Result<NaiveDate, Refusal> {
    if let Some(date) = iso(raw.as_bytes()) {
        return Ok(date);
    }
    let plain: String = text::clean(raw).nfkc().collect();
    let plain = plain.trim_start_matches('\'').trim();
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let whole = match plain.split_once('.') {
        Some((int, frac)) if all_digits(int) && all_digits(frac) && int.len() == 5 => int,
        Some((int, frac)) if all_digits(int) && !frac.is_empty() && frac.bytes().all(|b| b == b'0') => int,
        _ => plain,
    };
    if all_digits(whole) {
        return match whole.len() {
            8 => checked(&whole[..4], &whole[4..6], &whole[6..]),
            5 => serial(whole.parse().unwrap_or(0), epoch_1904),
            _ => refuse("bad_date", "只有数字,看不出年、月、日", DATE_CURE),
        };
    }
    // The day ends at a space, a T, or after 日; what follows may only be a time or a weekday.
    let spaced: String = plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("年 ", "年")
        .replace("月 ", "月")
        .replace(" 年", "年")
        .replace(" 月", "月")
        .replace(" 日", "日");
    let (day, rest) = match spaced.find(['日', '号']) {
        Some(at) => spaced.split_at(at + 3),
        None => match spaced.find([' ', 'T', '(']) {
            Some(at) => spaced.split_at(at),
            None => (spaced.as_str(), ""),
        },
    };
    if !rest_is_time_or_weekday(rest) {
        return refuse("bad_date", "不是可识别的日期", DATE_CURE);
    }
    let parts: Vec<&str> =
        day.split(['-', '/', '.', '年', '月', '日', '号']).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [y, m, d]
            if [y, m, d].iter().all(|p| all_digits(p)) && y.len() == 4 && m.len() <= 2 && d.len() <= 2 =>
        {
            checked(y, m, d)
        }
        [a, b, y] if [a, b, y].iter().all(|p| all_digits(p)) && y.len() == 4 => {
            refuse("ambiguous_date", "年在最后,日与月的先后无法确定", DATE_CURE)
        }
        [a, b, c] if [a, b, c].iter().all(|p| all_digits(p)) => {
            refuse("ambiguous_date", "年份不是四位,无法确定", DATE_CURE)
        }
        _ => refuse("bad_date", "不是可识别的日期", DATE_CURE),
    }
}

/// `2026-03-02`, nothing else.
fn iso(bytes: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return None };
    let mut number = 0u32;
    for digit in [y1, y2, y3, y4, m1, m2, d1, d2] {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(digit - b'0');
    }
    let year = i32::try_from(number / 10_000).ok().filter(|y| (1900..=2200).contains(y))?;
    NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100)
}

fn checked(y: &str, m: &str, d: &str) -> Result<NaiveDate, Refusal> {
    let (Ok(year), Ok(month), Ok(day)) = (y.parse::<i32>(), m.parse(), d.parse()) else {
        return refuse("bad_date", "不是可识别的日期", DATE_CURE);
    };
    if !(1900..=2200).contains(&year) && year != 9999 {
        return refuse("bad_date", format!("年份 {year} 不在 1900 至 2200 之间"), DATE_CURE);
    }
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => Ok(date),
        None => refuse("no_such_date", format!("{year} 年 {month} 月没有 {day} 日,或月份不对"), "请核对日期"),
    }
}

/// A spreadsheet's day number; five digits from 10000 (1927) on, so that no four-digit year is taken for one.
fn serial(number: u64, epoch_1904: bool) -> Result<NaiveDate, Refusal> {
    let start =
        if epoch_1904 { NaiveDate::from_ymd_opt(1904, 1, 1) } else { NaiveDate::from_ymd_opt(1899, 12, 30) };
    match start.and_then(|s| s.checked_add_days(Days::new(number))) {
        Some(date) if number >= 10_000 => Ok(date),
        _ => refuse("bad_date", "不是可识别的日期序号", DATE_CURE),
    }
}

fn rest_is_time_or_weekday(rest: &str) -> bool {
    let rest = rest.trim_matches([' ', '(', ')', 'T', 'Z', '上', '下', '午']);
    rest.is_empty()
        || rest.chars().all(|c| c.is_ascii_digit() || ":.+ ".contains(c))
        || ["星期", "周", "礼拜"].iter().any(|w| {
            rest.strip_prefix(w).is_some_and(|d| d.chars().count() == 1 && "一二三四五六日天".contains(d))
        })
}

/// Reads a whole number of at most `max`, perhaps with one of the units given, `.0` or thousands separators.
///
/// # Errors
/// Not a number, a fraction, below zero, too large.
pub fn whole(raw: &str, units: &[&str], max: u32) -> Result<u32, Refusal> {
    if !raw.is_empty() && raw.len() < 10 && raw.bytes().all(|b| b.is_ascii_digit()) {
        return bounded(raw.parse().unwrap_or(u64::MAX), max);
    }
    let plain = text::code(raw);
    let cure = "请填写整数";
    let mut digits: &str = &plain;
    for unit in units {
        if let Some(rest) = digits.strip_suffix(unit) {
            digits = rest;
            break;
        }
    }
    let joined;
    if digits.contains(',') {
        let mut groups = digits.split(',');
        let first = groups.next().unwrap_or("");
        if first.is_empty() || first.len() > 3 || groups.any(|g| g.split('.').next().unwrap_or("").len() != 3)
        {
            return refuse("bad_number", "逗号的位置不对", cure);
        }
        joined = digits.replace(',', "");
        digits = &joined;
    }
    let (int, frac) = digits.split_once('.').unwrap_or((digits, "0"));
    if int.starts_with('-') {
        return refuse("negative_number", "不能为负数", cure);
    }
    if int.is_empty() || frac.is_empty() || ![int, frac].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
    {
        return refuse("bad_number", "不是整数", cure);
    }
    if frac.bytes().any(|b| b != b'0') {
        return refuse("fraction", "应为整数,不能有小数", cure);
    }
    bounded(int.parse().unwrap_or(u64::MAX), max)
}

fn bounded(number: u64, max: u32) -> Result<u32, Refusal> {
    match u32::try_from(number) {
        Ok(n) if n <= max => Ok(n),
        _ => refuse("number_too_large", format!("超过上限 {max}"), "请核对数值"),
    }
}

/// Reads a length of time in minutes: `60`, `60分钟`, `1小时`, `1.5小时`.
///
/// # Errors
/// As [`whole`].
pub fn minutes(raw: &str, max: u32) -> Result<u32, Refusal> {
    if !raw.bytes().all(|b| b.is_ascii_digit()) {
        let plain = text::code(raw).to_lowercase();
        for unit in ["个小时", "小时", "hours", "hour", "h"] {
            if let Some(hours) = plain.strip_suffix(unit) {
                let tenths = match hours.split_once('.') {
                    Some((int, "5")) => whole(int, &[], 10_000)? * 10 + 5,
                    _ => whole(hours, &[], 10_000)? * 10,
                };
                return bounded(u64::from(tenths) * 6, max);
            }
        }
    }
    whole(raw, &["分钟", "分", "minutes", "min", "m"], max)
}

/// Reads degrees into millionths; more than six decimals are rounded.
///
/// # Errors
/// Not a decimal number, or outside ±180.
pub fn degrees(raw: &str) -> Result<i32, Refusal> {
    let plain = text::code(raw);
    let plain = plain.trim_end_matches(['°', '度']);
    let (negative, digits) = plain.strip_prefix('-').map_or((false, plain), |d| (true, d));
    let (int, frac) = digits.split_once('.').unwrap_or((digits, "0"));
    let fine = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    if !fine(int) || !fine(frac) || int.len() > 3 {
        return refuse("bad_degrees", "不是十进制的经纬度", "请填写如 120.219 的度数,或留空");
    }
    let mut value: i64 = int.parse().unwrap_or(0);
    let padded = format!("{frac:0<7}");
    value = value * 1_000_000 + padded[..6].parse::<i64>().unwrap_or(0);
    if padded.as_bytes()[6] >= b'5' {
        value += 1;
    }
    match i32::try_from(if negative { -value } else { value }) {
        Ok(v) if v.abs() <= 180_000_000 => Ok(v),
        _ => refuse("bad_degrees", "经纬度超出 ±180 度", "请核对,或留空"),
    }
}

/// Reads 季节限制: `03-01~06-30`, `3月1日至6月30日`, `3月-6月` (whole months); 全年 and 不限 are no limit.
///
/// # Errors
/// Anything else.
pub fn season(raw: &str) -> Result<Option<crate::domain::planning::input::Season>, Refusal> {
    let plain = text::code(raw);
    if matches!(&*plain, "" | "全年" | "不限" | "无" | "无限制" | "-") {
        return Ok(None);
    }
    let cure = "请写成 03-01~06-30 或 3月1日至6月30日";
    let mut numbers: Vec<u8> = Vec::new();
    let mut digits = String::new();
    for c in plain.trim_start_matches("每年").chars().chain(['~']) {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if "-~/.月日号至到–—".contains(c) {
            if !digits.is_empty() {
                match digits.parse() {
                    Ok(n) => numbers.push(n),
                    Err(_) => return refuse("bad_season", "不是可识别的季节限制", cure),
                }
                digits.clear();
            }
        } else {
            return refuse("bad_season", "不是可识别的季节限制", cure);
        }
    }
    let (from, to) = match numbers.as_slice() {
        [m1, d1, m2, d2] => ((*m1, *d1), (*m2, *d2)),
        [m1, m2] if plain.contains('月') => ((*m1, 1), (*m2, last_day(*m2))),
        _ => return refuse("bad_season", "不是可识别的季节限制", cure),
    };
    for (m, d) in [from, to] {
        if d == 0 || d > last_day(m) {
            return refuse("bad_season", format!("没有 {m} 月 {d} 日"), cure);
        }
    }
    Ok(Some(crate::domain::planning::input::Season { from, to }))
}

/// Last day of a month in a leap year; 0 for no month.
fn last_day(month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => 0,
    }
}

/// Reads a time of day into minutes since midnight: `8:30`, `08:30`, `8点30分`.
///
/// # Errors
/// Anything else.
pub fn clock(raw: &str) -> Result<u32, Refusal> {
    let plain = text::code(raw).replace(['点', '时'], ":").replace('分', "");
    let plain = plain.strip_suffix(':').map_or_else(|| plain.clone(), |h| format!("{h}:00"));
    let parts: Vec<&str> = plain.split(':').collect();
    let (hour, minute) = match parts.as_slice() {
        [h, m] | [h, m, "00"] => (*h, *m),
        _ => ("", ""),
    };
    let fine = |p: &str| matches!(p.len(), 1 | 2) && p.bytes().all(|b| b.is_ascii_digit());
    match (hour.parse::<u32>(), minute.parse::<u32>()) {
        (Ok(h), Ok(m)) if fine(hour) && fine(minute) && (h < 24 && m < 60 || (h, m) == (24, 0)) => {
            Ok(h * 60 + m)
        }
        _ => refuse("bad_time", "不是可识别的时刻", "请写成 08:30"),
    }
}
