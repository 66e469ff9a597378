//! What a password must be, under two profiles: `nist` (after SP 800-63B) and `mlps3` (after 等保三级). The figures are
//! those commonly given for them, not checked against the standards' texts: defaults, not law. All faults at once; hashing and
//! storing are elsewhere.

mod blocklist;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// After NIST SP 800-63B: length and a blocklist, no composition rules, no expiry.
    Nist,
    /// After 等保三级 (complexity, periodic change), with the usual figures.
    Mlps3,
}

/// The figures of a profile; a county may make them stricter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Fewest characters (Unicode code points after NFKC).
    pub min_chars: usize,
    /// Most characters; bounds the work of hashing. At least 64.
    pub max_chars: usize,
    /// How many of the four classes (upper case, lower case, digits, others) must occur; 0 = no rule.
    pub classes: usize,
    /// How many earlier passwords must not come back; 0 = no rule.
    pub history: usize,
    /// Days until it must be changed; 0 = never.
    pub life_days: u32,
}

impl Rules {
    /// The rules of a profile for an account with or without a second factor.
    #[must_use]
    pub const fn of(profile: Profile, second_factor: bool) -> Self {
        match profile {
            // 15 characters where the password is all there is, 8 beside a second factor.
            Profile::Nist => Self {
                min_chars: if second_factor { 8 } else { 15 },
                max_chars: 128,
                classes: 0,
                history: 0,
                life_days: 0,
            },
            Profile::Mlps3 => Self { min_chars: 10, max_chars: 128, classes: 3, history: 5, life_days: 90 },
        }
    }

    /// Figures below what the profile allows, as (field, Chinese sentence); for configuration.
    #[must_use]
    pub fn faults(&self, profile: Profile, second_factor: bool) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let least = match profile {
            Profile::Nist => Self::of(profile, second_factor).min_chars,
            Profile::Mlps3 => 8,
        };
        if self.min_chars < least {
            faults.push(("min_chars", format!("最短长度不得小于{least}")));
        }
        if self.max_chars < self.min_chars.max(64) || self.max_chars > 1024 {
            faults.push(("max_chars", "最长长度须在64至1024之间,且不小于最短长度".to_owned()));
        }
        match profile {
            Profile::Nist => {
                if self.classes > 0 {
                    faults.push(("classes", "NIST SP 800-63B 不允许字符组成规则".to_owned()));
                }
                if self.life_days > 0 {
                    faults.push(("life_days", "NIST SP 800-63B 不允许定期更换".to_owned()));
                }
            }
            Profile::Mlps3 => {
                if !(3..=4).contains(&self.classes) {
                    faults.push(("classes", "须含四类字符中的三类或四类".to_owned()));
                }
                if self.history < 5 {
                    faults.push(("history", "不得与最近5次相同".to_owned()));
                }
                if !(1..=90).contains(&self.life_days) {
                    faults.push(("life_days", "有效期须为1至90天".to_owned()));
                }
            }
        }
        faults
    }
}

/// What an attacker knows of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// Login name.
    pub login: &'a str,
    /// Further words that must not make the password: the county's name, the program's, the person's.
    pub words: &'a [&'a str],
    /// Whether it verifies against one of the last [`Rules::history`] hashes; found out by the caller.
    pub used_before: bool,
}

/// What is wrong with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Fewer characters than needed.
    TooShort {
        /// Needed.
        min: usize,
    },
    /// More characters than taken.
    TooLong {
        /// Taken.
        max: usize,
    },
    /// Too few of the four classes.
    FewClasses {
        /// Needed.
        needed: usize,
    },
    /// Contains the login name, forwards or backwards.
    HasLogin,
    /// Contains a word that everybody here would try first.
    HasContextWord {
        /// The word.
        word: String,
    },
    /// Among the commonest, or put together from a few of them.
    Common,
    /// One short piece again and again, or characters in a row.
    Repetitive,
    /// Used not long ago.
    UsedBefore {
        /// How many earlier ones are looked at.
        history: usize,
    },
    /// Has control characters, which no two keyboards send alike.
    Control,
}

impl Fault {
    /// Stable snake_case code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong { .. } => "password_too_long",
            Self::FewClasses { .. } => "password_few_classes",
            Self::HasLogin => "password_has_login",
            Self::HasContextWord { .. } => "password_has_context_word",
            Self::Common => "password_common",
            Self::Repetitive => "password_repetitive",
            Self::UsedBefore { .. } => "password_used_before",
            Self::Control => "password_control_character",
        }
    }

    /// What is wrong and what to do; never the password itself.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::TooShort { min } => format!("口令至少{min}个字符,可用多个词组成的短句"),
            Self::TooLong { max } => format!("口令最多{max}个字符"),
            Self::FewClasses { needed } => {
                format!("口令须含大写字母、小写字母、数字、其他字符中的{needed}类")
            }
            Self::HasLogin => "口令不能含登录名(包括倒写)".to_owned(),
            Self::HasContextWord { word } => format!("口令不能含“{word}”"),
            Self::Common => "口令过于常见,容易被猜中;请换一个".to_owned(),
            Self::Repetitive => "口令不能由重复或连续的字符组成".to_owned(),
            Self::UsedBefore { history } => format!("口令不能与最近{history}次相同"),
            Self::Control => "口令不能含控制字符".to_owned(),
        }
    }
}

/// The form in which a password is hashed and checked: NFKC, so that keyboards that spell a character in two ways agree.
#[must_use]
pub fn normalized(password: &str) -> String {
    password.nfkc().collect()
}

/// Everything that is wrong with a new password; empty = it may be set.
#[must_use]
pub fn faults(password: &str, rules: &Rules, context: &Context<'_>) -> Vec<Fault> {
    let mut found = Vec::new();
    // Normalising can lengthen a text eighteenfold: nobody gets to make us do that to megabytes.
    let password: String = password.chars().take(rules.max_chars.saturating_mul(4)).collect();
    let text = normalized(&password);
    let length = text.chars().count();
    if length < rules.min_chars {
        found.push(Fault::TooShort { min: rules.min_chars });
    }
    if length > rules.max_chars {
        found.push(Fault::TooLong { max: rules.max_chars });
        return found;
    }
    if text.chars().any(char::is_control) {
        found.push(Fault::Control);
    }
    if classes(&text) < rules.classes {
        found.push(Fault::FewClasses { needed: rules.classes });
    }
    let folded = blocklist::folded(&text);
    let login = blocklist::folded(context.login);
    let backwards: String = login.chars().rev().collect();
    if login.chars().count() >= 3 && (folded.contains(&login) || folded.contains(&backwards)) {
        found.push(Fault::HasLogin);
    }
    let mut words: Vec<String> = Vec::new();
    for word in context.words {
        let word_folded = blocklist::folded(word);
        // Two Chinese characters are a name; two letters occur in any sentence.
        let least = if word_folded.is_ascii() { 4 } else { 2 };
        if word_folded.chars().count() >= least
            && folded.contains(&word_folded)
            && !words.contains(&word_folded)
        {
            found.push(Fault::HasContextWord { word: (*word).to_owned() });
            words.push(word_folded);
        }
    }
    // Of marks alone nothing is left after folding; they are looked at as they are.
    let bare = if folded.chars().count() < 4 { &text } else { &folded };
    if blocklist::is_repetitive(bare) {
        found.push(Fault::Repetitive);
    }
    if blocklist::is_common(&folded) {
        found.push(Fault::Common);
    }
    if rules.history > 0 && context.used_before {
        found.push(Fault::UsedBefore { history: rules.history });
    }
    found
}

/// How many of upper case, lower case, digits and others occur; a Chinese character is of the others.
fn classes(text: &str) -> usize {
    let of = |test: fn(char) -> bool| usize::from(text.chars().any(test));
    of(|c| c.is_ascii_uppercase())
        + of(|c| c.is_ascii_lowercase())
        + of(|c| c.is_ascii_digit())
        + of(|c| !c.is_ascii_alphanumeric())
}

/// When a password set at a time must be changed; none = never.
#[must_use]
pub fn expires(rules: &Rules, set: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (rules.life_days > 0).then(|| {
        set.checked_add_signed(TimeDelta::days(rules.life_days.into())).unwrap_or(DateTime::<Utc>::MAX_UTC)
    })
}

/// Whether it must be changed before anything else is done.
#[must_use]
pub fn is_expired(rules: &Rules, set: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    expires(rules, set).is_some_and(|at| now >= at)
}
