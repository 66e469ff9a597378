//! What the county shares: working days, vocabularies, aliases; loaded at the first start, kept by the coordination
//! office.

use super::cx::{Cx, Event};
use super::results::publications;
use crate::domain::access::{Action, Scope};
use crate::domain::alias::fold;
use crate::domain::calendar::WorkdayTable;
use crate::domain::cap::Exemption;
use crate::domain::result::{FollowUp, Method, Outcome};
use crate::error::{Error, Faults, Result};
use crate::store::common::{self, Alias, Day, Word};
use chrono::NaiveDate;
use serde_json::json;

/// Most days that are set or asked for at once.
pub const DAYS_MAX: usize = 1_200;

/// Vocabularies of the first start that no rule depends on: (kind, code, name, parent).
const WORDS: &[(&str, &str, &str, &str)] = &[
    ("credit_class", "A", "低风险", ""),
    ("credit_class", "B", "一般风险", ""),
    ("credit_class", "C", "较高风险", ""),
    ("credit_class", "D", "高风险", ""),
    ("subject_type", "enterprise", "企业", ""),
    ("subject_type", "individual", "个体工商户", ""),
    ("subject_type", "cooperative", "农民专业合作社", ""),
    ("subject_type", "public_institution", "事业单位", ""),
    ("subject_type", "private_non_enterprise", "民办非企业单位", ""),
    ("subject_type", "social_organization", "社会团体", ""),
    ("subject_type", "state_organ", "机关", ""),
    ("subject_type", "project", "项目", ""),
    ("subject_type", "product", "产品", ""),
    ("subject_type", "behaviour", "行为", ""),
];

/// Other words for types of subjects: (type, word).
const TYPE_WORDS: &[(&str, &str)] = &[
    ("企业", "公司"),
    ("企业", "企业法人"),
    ("企业", "有限责任公司"),
    ("企业", "股份有限公司"),
    ("企业", "个人独资企业"),
    ("企业", "合伙企业"),
    ("企业", "分公司"),
    ("个体工商户", "个体"),
    ("个体工商户", "个体户"),
    ("农民专业合作社", "合作社"),
    ("农民专业合作社", "专业合作社"),
    ("事业单位", "事业法人"),
    ("民办非企业单位", "民非"),
    ("民办非企业单位", "社会服务机构"),
];

/// Loads the calendar that comes with the program and the vocabularies, where the county has none. Answers how many
/// days; 0 when they were there.
///
/// # Errors
/// The database.
pub fn first_start(cx: &mut Cx<'_>, calendar: &[(NaiveDate, bool, String)]) -> Result<usize> {
    let region = cx.region().to_owned();
    if common::count_days(cx.db, &region)? > 0 {
        return Ok(0);
    }
    let days: Vec<Day> = calendar
        .iter()
        .map(|(day, workday, name)| Day {
            region: region.clone(),
            day: *day,
            workday: *workday,
            quiet: false,
            name: name.clone(),
        })
        .collect();
    common::set_days(cx.db, &days)?;
    let exemptions = Exemption::ALL.iter().map(|e| ("cap_exemption", e.as_str(), e.word(), ""));
    let outcomes =
        Outcome::ALL.iter().map(|o| ("result", o.as_str(), o.word(), o.parent().map_or("", Outcome::as_str)));
    let methods = Method::ALL.iter().map(|m| ("check_method", m.as_str(), m.word(), ""));
    let follow_ups = FollowUp::ALL.iter().map(|x| ("follow_up", x.as_str(), x.word(), ""));
    let words: Vec<Word> = WORDS
        .iter()
        .copied()
        .chain(exemptions)
        .chain(outcomes)
        .chain(methods)
        .chain(follow_ups)
        .zip(1..)
        .map(|((kind, code, name, parent), place)| Word {
            region: region.clone(),
            kind: kind.to_owned(),
            code: code.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
            place,
            state: "active".to_owned(),
        })
        .collect();
    common::set_words(cx.db, &words)?;
    let aliases: Vec<Alias> =
        TYPE_WORDS.iter().map(|(to, word)| alias(&region, "subject_type", word, to)).collect();
    common::set_aliases(cx.db, &region, "subject_type", &aliases)?;
    cx.journal(Event::general(
        "common_words_loaded",
        "county",
        json!({ "days": days.len(), "words": words.len(), "aliases": aliases.len() }),
    ))?;
    Ok(days.len())
}

fn alias(region: &str, kind: &str, word: &str, target: &str) -> Alias {
    Alias {
        region: region.to_owned(),
        kind: kind.to_owned(),
        word_key: fold(word),
        word: word.to_owned(),
        target: target.to_owned(),
    }
}

fn view(cx: &Cx<'_>) -> Result<String> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewCommon, &Scope::county(&region))?;
    Ok(region)
}

fn edit(cx: &Cx<'_>) -> Result<String> {
    let region = cx.region().to_owned();
    cx.may(Action::EditCommon, &Scope::county(&region))?;
    Ok(region)
}

/// Every day between two, both included: as entered, else as the national table that came with the program has it.
///
/// # Errors
/// Not allowed; reversed or too many days.
pub fn days(cx: &mut Cx<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<Day>> {
    let region = view(cx)?;
    if to < from || (to - from).num_days() >= i64::try_from(DAYS_MAX).unwrap_or(0) {
        return Err(Error::field("to", "out_of_range", format!("须不早于 from,且一次最多 {DAYS_MAX} 天")));
    }
    let known = common::days(cx.db, &region, from, to)?;
    let plain = crate::exchange::workdays::built_in();
    let mut known = known.into_iter().peekable();
    Ok(from
        .iter_days()
        .take_while(|d| *d <= to)
        .map(|day| match known.next_if(|k| k.day == day) {
            Some(known) => known,
            None => Day {
                region: region.clone(),
                day,
                workday: plain.is_workday(day),
                quiet: false,
                name: String::new(),
            },
        })
        .collect())
}

/// The county's working days as a table that counts; days its calendar does not have follow the national table that came
/// with the program, so that a newer program brings the newer notices.
///
/// # Errors
/// The database.
pub fn workdays(cx: &mut Cx<'_>) -> Result<WorkdayTable> {
    let region = cx.region().to_owned();
    let rows = common::days(cx.db, &region, far(-1), far(1))?;
    let own = rows.into_iter().map(|d| (d.day, d.workday, d.name));
    Ok(WorkdayTable::of_days(own.chain(crate::exchange::workdays::built_in().days())))
}

/// The last day of a period of working days that begins after `from`. In a year whose holidays have not been entered the
/// weekdays count; [`set_days`] counts the open periods anew once they are.
///
/// # Errors
/// The period reaches beyond the calendar.
pub fn deadline(table: &WorkdayTable, from: NaiveDate, days: u32) -> Result<NaiveDate> {
    table.after(from, days).ok_or_else(|| Error::internal("calendar"))
}

/// A day no calendar reaches, in the past or in the future, that both databases can write.
pub(crate) fn far(sign: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(if sign < 0 { 1900 } else { 9999 }, 1, 1).unwrap_or_default()
}

/// A day to set.
#[derive(Debug, Clone)]
pub struct DayDraft {
    /// The day.
    pub date: NaiveDate,
    /// 是否工作日.
    pub workday: bool,
    /// 企业安静日.
    pub quiet: bool,
    /// Holiday, or what the day is for.
    pub name: String,
}

/// Sets days; those that are there are replaced.
///
/// # Errors
/// Not allowed; a day twice; too many.
pub fn set_days(cx: &mut Cx<'_>, drafts: &[DayDraft]) -> Result<usize> {
    let region = edit(cx)?;
    let mut faults = Faults::default();
    if drafts.is_empty() || drafts.len() > DAYS_MAX {
        faults.add("/days", "out_of_range", format!("须有 1 至 {DAYS_MAX} 天"));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut rows = Vec::with_capacity(drafts.len());
    for (i, draft) in drafts.iter().enumerate() {
        if !seen.insert(draft.date) {
            faults.add(format!("/days/{i}/date"), "duplicate", "同一天写了两次");
        }
        if draft.date < far(-1) || draft.date > far(1) {
            faults.add(format!("/days/{i}/date"), "out_of_range", "日期须在1900年至9999年之间");
        }
        let name = faults.text(&format!("/days/{i}/name"), &draft.name, false, 50);
        rows.push(Day {
            region: region.clone(),
            day: draft.date,
            workday: draft.workday,
            quiet: draft.quiet,
            name,
        });
    }
    faults.done()?;
    common::set_days(cx.db, &rows)?;
    let moved = publications::recount(cx)?;
    let first = seen.first().map(ToString::to_string);
    let last = seen.last().map(ToString::to_string);
    cx.journal(Event::general(
        "calendar_changed",
        "calendar",
        json!({ "days": rows.len(), "from": first, "to": last, "deadlines_moved": moved }),
    ))?;
    Ok(rows.len())
}

/// The words of a vocabulary.
///
/// # Errors
/// Not allowed.
pub fn words(cx: &mut Cx<'_>, kind: &str) -> Result<Vec<Word>> {
    let region = view(cx)?;
    common::words(cx.db, &region, kind)
}

/// Sets one word of a vocabulary. A word in use is never deleted, only retired.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn set_word(cx: &mut Cx<'_>, mut word: Word) -> Result<Word> {
    word.region = edit(cx)?;
    let mut faults = Faults::default();
    word.kind = faults.text("kind", &word.kind, true, 40);
    word.code = faults.text("code", &word.code, true, 40);
    word.name = faults.text("/name", &word.name, true, 200);
    word.parent = faults.text("/parent", &word.parent, false, 40);
    let snake = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !snake(&word.kind) || !snake(&word.code) {
        faults.add("code", "invalid", "词表种类和代码只能用英文字母、数字、下划线和连字符");
    }
    if !["active", "retired"].contains(&word.state.as_str()) {
        faults.add("/state", "unknown_value", "只能是:active、retired");
    }
    if !word.parent.is_empty() {
        let known = common::words(cx.db, &word.region, &word.kind)?;
        if word.parent == word.code || !known.iter().any(|w| w.code == word.parent) {
            faults.add("/parent", "unknown", "上级词条不存在,或就是它自己");
        }
    }
    faults.done()?;
    common::set_words(cx.db, std::slice::from_ref(&word))?;
    let data = json!({ "kind": word.kind, "code": word.code, "name": word.name, "state": word.state });
    cx.journal(Event::general("vocabulary_changed", "vocabulary", data))?;
    Ok(word)
}

/// The aliases of one kind.
///
/// # Errors
/// Not allowed.
pub fn aliases(cx: &mut Cx<'_>, kind: &str) -> Result<Vec<Alias>> {
    let region = view(cx)?;
    common::aliases(cx.db, &region, kind)
}

/// Replaces the aliases of one kind by (word, target).
///
/// # Errors
/// Not allowed; every fault; a word with two meanings.
pub fn set_aliases(cx: &mut Cx<'_>, kind: &str, pairs: &[(String, String)]) -> Result<Vec<Alias>> {
    let region = edit(cx)?;
    let mut faults = Faults::default();
    let kind = faults.text("kind", kind, true, 40);
    if pairs.len() > 5_000 {
        faults.add("/aliases", "too_many", "最多5000个");
    }
    let mut rows: Vec<Alias> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for (i, (word, target)) in pairs.iter().enumerate() {
        let word = faults.text(&format!("/aliases/{i}/word"), word, true, 100);
        let target = faults.text(&format!("/aliases/{i}/target"), target, true, 100);
        match known.insert(fold(&word), target.clone()) {
            Some(other) if other != target => {
                faults.add(
                    format!("/aliases/{i}/word"),
                    "ambiguous",
                    format!("“{word}”也指“{other}”,请只留一个"),
                );
            }
            Some(_) => {}
            None => rows.push(alias(&region, &kind, &word, &target)),
        }
    }
    faults.done()?;
    common::set_aliases(cx.db, &region, &kind, &rows)?;
    cx.journal(Event::general("aliases_changed", "alias", json!({ "kind": kind, "count": rows.len() })))?;
    common::aliases(cx.db, &region, &kind)
}
