//! Words that stand for a value: read from `words.toml`.

use super::text;
use crate::domain::planning::input::{CheckMode, Notice, PoolKind, TeamMode};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// kind → (compared word → meaning)
static WORDS: LazyLock<HashMap<String, HashMap<String, String>>> = LazyLock::new(|| {
    type Document = BTreeMap<String, BTreeMap<String, Vec<String>>>;
    // The document is part of the program; a test proves that it parses.
    let document: Document = toml::from_str(include_str!("words.toml")).unwrap_or_default();
    document
        .into_iter()
        .map(|(kind, meanings)| {
            let words = meanings.into_iter().flat_map(|(meaning, words)| {
                words.into_iter().map(move |w| (text::key(&w), meaning.clone()))
            });
            (kind, words.collect())
        })
        .collect()
});

/// The meaning of a word among those of a kind.
#[must_use]
pub fn meaning(kind: &str, word: &str) -> Option<&'static str> {
    let words = WORDS.get(kind)?;
    match words.get(word) {
        Some(meaning) => Some(meaning),
        None => words.get(&text::key(word)).map(String::as_str),
    }
}

/// 是 or 否.
#[must_use]
pub fn yes_no(word: &str) -> Option<bool> {
    // The usual words need no look-up; large tables have little else.
    match word {
        "是" => return Some(true),
        "否" => return Some(false),
        _ => {}
    }
    meaning("yes_no", word).map(|m| m == "yes")
}

/// 检查方式.
#[must_use]
pub fn mode(word: &str) -> Option<CheckMode> {
    if word == "现场检查" {
        return Some(CheckMode::OnSite);
    }
    Some(match meaning("mode", word)? {
        "on_site" => CheckMode::OnSite,
        "written" => CheckMode::Written,
        _ => CheckMode::Online,
    })
}

/// 告知方式.
#[must_use]
pub fn notice(word: &str) -> Option<Notice> {
    match word {
        "突击" => return Some(Notice::Unannounced),
        "均可" => return Some(Notice::Either),
        _ => {}
    }
    Some(match meaning("notice", word)? {
        "unannounced" => Notice::Unannounced,
        "announced" => Notice::Announced,
        _ => Notice::Either,
    })
}

/// 队伍类型 or 岗位类别.
#[must_use]
pub fn pool(word: &str) -> Option<PoolKind> {
    Some(if meaning("pool", word)? == "experts" { PoolKind::Experts } else { PoolKind::Officers })
}

/// 组队方式.
#[must_use]
pub fn team_mode(word: &str) -> Option<TeamMode> {
    Some(match meaning("team_mode", word)? {
        "section_station" => TeamMode::SectionStation,
        "station_brigade" => TeamMode::StationBrigade,
        "station_station" => TeamMode::StationStation,
        "same_station" => TeamMode::SameStation,
        _ => TeamMode::Bureau,
    })
}
