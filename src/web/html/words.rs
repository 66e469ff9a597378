//! The words of the pages in both languages, from the Fluent files in `locales`, and how dates are written.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc, Weekday};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;

static_loader! {
    static WORDS = {
        locales: "./src/web/html/locales",
        fallback_language: "zh-CN",
        // Texts are also compared and copied: no invisible marks round what is put in.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language of the pages. What people entered stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 中文, the default.
    #[default]
    Zh,
    /// English.
    En,
}

const ZH: LanguageIdentifier = langid!("zh-CN");
const EN: LanguageIdentifier = langid!("en");

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// As `lang` attributes, the cookie and the address of the switch write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.as_str() == text)
    }

    /// A text; none where no file has it.
    #[must_use]
    pub fn find(self, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
        let lang = match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        };
        if args.is_empty() {
            return WORDS.try_lookup(lang, key);
        }
        let args: HashMap<Cow<'static, str>, FluentValue<'_>> =
            args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        WORDS.try_lookup_with_args(lang, key, &args)
    }

    /// A text. One that no file has shows its key between brackets, which a test looks for.
    #[must_use]
    pub fn say(self, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        self.find(key, args).unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// A day: 2026年5月8日（周五）, 8 May 2026.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        match self {
            Self::Zh => {
                format!("{}年{}月{}日（{}）", day.year(), day.month(), day.day(), self.weekday(day.weekday()))
            }
            Self::En => format!("{} {} {}", day.day(), month(day.month()), day.year()),
        }
    }

    /// A day of the year that is known from around: 5月8日, 8 May.
    #[must_use]
    pub fn short_day(self, day: NaiveDate) -> String {
        match self {
            Self::Zh => format!("{}月{}日", day.month(), day.day()),
            Self::En => format!("{} {}", day.day(), month(day.month())),
        }
    }

    /// From one day to another, both included.
    #[must_use]
    pub fn span(self, from: NaiveDate, to: NaiveDate) -> String {
        if from == to {
            return self.day(from);
        }
        match self {
            Self::Zh => {
                let (a, b) = (self.short_day(from), self.short_day(to));
                if from.year() == to.year() {
                    format!("{}年{a}至{b}", from.year())
                } else {
                    format!("{}年{a}至{}年{b}", from.year(), to.year())
                }
            }
            Self::En => {
                let to = self.day(to);
                if to.ends_with(&from.year().to_string()) {
                    format!("{} – {to}", self.short_day(from))
                } else {
                    format!("{} – {to}", self.day(from))
                }
            }
        }
    }

    /// A moment, by the clock of China: 2026年5月8日 14:30, 8 May 2026 14:30.
    #[must_use]
    pub fn time(self, at: DateTime<Utc>) -> String {
        let local = in_china(at);
        let clock = local.format("%H:%M");
        let day = local.date_naive();
        match self {
            Self::Zh => format!("{}年{} {clock}", day.year(), self.short_day(day)),
            Self::En => format!("{} {clock}", self.day(day)),
        }
    }

    /// The day of the week, short.
    #[must_use]
    pub const fn weekday(self, day: Weekday) -> &'static str {
        let n = day.num_days_from_monday() as usize;
        match self {
            Self::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][n],
            Self::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][n],
        }
    }
}

fn month(n: u32) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(n).ok().and_then(|n| NAMES.get(n.wrapping_sub(1))).copied().unwrap_or_default()
}

/// A moment by the clock of China, which knows no summer time.
#[must_use]
pub fn in_china(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    // Eight hours are always a valid offset.
    FixedOffset::east_opt(8 * 3600).map_or_else(|| at.fixed_offset(), |zone| at.with_timezone(&zone))
}

/// A Chinese text with the punctuation of Chinese print, where it was written with that of the keyboard.
#[must_use]
pub fn printed(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let wide = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| matches!(*c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' | '“' | '”'))
    };
    chars
        .iter()
        .enumerate()
        .map(|(i, c)| {
            let near = wide(i.checked_sub(1)) || wide(Some(i + 1));
            match c {
                ',' if near => '，',
                ':' if near => '：',
                ';' if near => '；',
                '(' if near => '（',
                ')' if near => '）',
                '?' if near => '？',
                '!' if near => '！',
                c => *c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_write_them() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 5, d).unwrap();
        assert_eq!(Lang::Zh.day(day(8)), "2026年5月8日（周五）");
        assert_eq!(Lang::En.day(day(8)), "8 May 2026");
        assert_eq!(Lang::Zh.span(day(8), day(20)), "2026年5月8日至5月20日");
        assert_eq!(Lang::En.span(day(8), day(20)), "8 May – 20 May 2026");
        let later = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
        assert_eq!(Lang::Zh.span(day(8), later), "2026年5月8日至2027年1月4日");
        assert_eq!(Lang::En.span(day(8), later), "8 May 2026 – 4 Jan 2027");
        let at: DateTime<Utc> = "2026-05-08T16:05:00Z".parse().unwrap();
        assert_eq!(Lang::Zh.time(at), "2026年5月9日 00:05");
    }

    #[test]
    fn chinese_is_printed_with_its_own_marks() {
        assert_eq!(printed("登录已结束,请重新登录(第2次)"), "登录已结束，请重新登录（第2次）");
        assert_eq!(printed("10:30, a,b (c)"), "10:30, a,b (c)");
    }

    #[test]
    fn what_is_put_in_stands_without_marks() {
        assert_eq!(Lang::Zh.say("count-items", &[("n", 3.into())]), "3 项");
        assert_eq!(Lang::En.say("count-items", &[("n", 1.into())]), "1 item");
        assert_eq!(Lang::En.say("count-items", &[("n", 2.into())]), "2 items");
        assert_eq!(Lang::Zh.say("no-such-key", &[]), "⟦no-such-key⟧");
    }
}
