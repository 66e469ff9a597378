//! What the county shares: the calendar of a year with its make-up workdays, the vocabularies, other words for things.

use crate::domain::access::Action::{EditCommon, ViewCommon};
use crate::error::{Error, Faults, Result};
use crate::service::common::{self, DayDraft};
use crate::service::cx::Cx;
use crate::store::common::{Day, Word};
use crate::web::html::field::Choice;
use crate::web::html::list::{Tab, Tabs};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/calendar", Action(ViewCommon), calendar);
    r.form("/calendar", Action(EditCommon), set_days, calendar);
    r.page("/vocabularies/{kind}", Action(ViewCommon), vocabulary);
    r.form("/vocabularies/{kind}", Action(EditCommon), set_word, vocabulary);
    r.page("/aliases/{kind}", Action(ViewCommon), aliases);
    r.form("/aliases/{kind}", Action(EditCommon), set_aliases, aliases);
}

/// Which year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct YearQuery {
    /// Calendar year; this one when absent.
    year: Option<i32>,
}

/// A day of a month; none before the first and after the last.
struct Cell {
    day: Option<u32>,
    /// `off`, `make-up`, `quiet` or nothing.
    class: &'static str,
    mark: String,
    name: String,
}

struct Month {
    name: String,
    weeks: Vec<Vec<Cell>>,
}

#[derive(Template)]
#[template(path = "desk/calendar.html")]
struct CalendarPage<'a> {
    ui: &'a Ui,
    year: i32,
    months: Vec<Month>,
    weekdays: Vec<&'static str>,
    workdays: usize,
    /// Days that are not what their weekday says: when, and what for.
    special: Vec<(String, String, String)>,
    sorts: Vec<Choice>,
    may_edit: bool,
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// What is special about a day: its class, and the key of its word.
fn special(d: &Day) -> Option<(&'static str, &'static str)> {
    match (d.workday, is_weekend(d.day)) {
        _ if d.quiet => Some(("quiet", "calendar-quiet")),
        (true, true) => Some(("make-up", "calendar-make-up")),
        (false, false) => Some(("off", "calendar-off")),
        _ => None,
    }
}

fn cell(ui: &Ui, d: &Day) -> Cell {
    let (class, mark) = match special(d) {
        Some((class, key)) => (class, ui.t(&format!("{key}-mark"))),
        None if !d.workday => ("off", String::new()),
        None => ("", String::new()),
    };
    Cell { day: Some(d.day.day()), class, mark, name: d.name.clone() }
}

fn months(ui: &Ui, days: &[Day]) -> Vec<Month> {
    let blank = || Cell { day: None, class: "", mark: String::new(), name: String::new() };
    (1..=12)
        .map(|month| {
            let mut cells: Vec<Cell> = Vec::new();
            for d in days.iter().filter(|d| d.day.month() == month) {
                if cells.is_empty() {
                    cells.extend((0..d.day.weekday().num_days_from_monday()).map(|_| blank()));
                }
                cells.push(cell(ui, d));
            }
            while !cells.len().is_multiple_of(7) {
                cells.push(blank());
            }
            let mut weeks = Vec::new();
            while !cells.is_empty() {
                let rest = cells.split_off(cells.len().min(7));
                weeks.push(std::mem::replace(&mut cells, rest));
            }
            Month { name: ui.n("calendar-month", month), weeks }
        })
        .collect()
}

fn page_of<'a>(ui: &'a Ui, year: i32, days: &[Day], may_edit: bool) -> CalendarPage<'a> {
    let week =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    CalendarPage {
        ui,
        year,
        months: months(ui, days),
        weekdays: week.into_iter().map(|d| ui.lang.weekday(d)).collect(),
        workdays: days.iter().filter(|d| d.workday).count(),
        special: days
            .iter()
            .filter_map(|d| special(d).map(|(_, key)| (ui.day(&d.day), ui.t(key), d.name.clone())))
            .collect(),
        sorts: vec![
            Choice::new("false", ui.t("calendar-off")).chosen(true),
            Choice::new("true", ui.t("calendar-workday")),
        ],
        may_edit,
    }
}

fn calendar(cx: &mut Cx<'_>, ui: &Ui, (): (), q: YearQuery) -> Result<Page> {
    let year = q.year.unwrap_or_else(|| ui.today.year());
    let wrong = || Error::field("year", "out_of_range", "没有这一年的日历");
    if !(1900..=9998).contains(&year) {
        return Err(wrong());
    }
    let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(wrong)?;
    let last = NaiveDate::from_ymd_opt(year, 12, 31).ok_or_else(wrong)?;
    let days = common::days(cx, first, last)?;
    let template = page_of(ui, year, &days, ui.may(EditCommon));
    let page = Page::new(ui.t("calendar-title"), &template)?.lead(ui.t("calendar-lead"));
    Ok(page.under("/departments", ui.t("common-title")))
}

/// Days as the form sets them: all from one to another.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DaysForm {
    from: NaiveDate,
    to: NaiveDate,
    workday: bool,
    #[serde(default)]
    quiet: bool,
    #[schema(max_length = 50)]
    name: String,
}

/// Days one form sets at most.
const SPAN: i64 = 60;

fn set_days(cx: &mut Cx<'_>, (): (), form: &DaysForm) -> Result<Done> {
    let mut faults = Faults::default();
    if form.to < form.from {
        faults.add("/to", "before_start", "不得早于开始日期");
    }
    if (form.to - form.from).num_days() >= SPAN {
        faults.add("/to", "too_long", format!("一次最多设定{SPAN}天"));
    }
    faults.done()?;
    let days: Vec<DayDraft> = form
        .from
        .iter_days()
        .take_while(|d| *d <= form.to)
        .map(|date| DayDraft { date, workday: form.workday, quiet: form.quiet, name: form.name.clone() })
        .collect();
    common::set_days(cx, &days)?;
    Ok(Done::to(format!("/calendar?year={}", form.from.year())).say("calendar-set"))
}

/// Vocabularies that everybody knows; others can be reached by their address.
const KINDS: [&str; 6] =
    ["subject_type", "credit_class", "check_method", "result", "follow_up", "cap_exemption"];

fn tabs<'a>(ui: &'a Ui, base: &str, here: &str, kinds: &[&str]) -> Tabs<'a> {
    let tab = |kind: &&str| Tab {
        href: format!("{base}/{kind}"),
        text: ui.word("words-kind", kind),
        count: None,
        here: *kind == here,
    };
    Tabs::new(ui, kinds.iter().map(tab).collect())
}

/// A kind of words is a name.
fn known(kind: &str) -> Result<()> {
    let sound = !kind.is_empty()
        && kind.len() <= 40
        && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if sound { Ok(()) } else { Err(Error::NotFound("词表")) }
}

/// Which word is changed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct WordQuery {
    /// Its code; absent: a new one.
    code: String,
}

#[derive(Template)]
#[template(path = "desk/words.html")]
struct WordsPage<'a> {
    ui: &'a Ui,
    kind: String,
    tabs: Tabs<'a>,
    words: Vec<Word>,
    chosen: Option<Word>,
    parents: Vec<Choice>,
    states: Vec<Choice>,
    place: i32,
    may_edit: bool,
}

fn words_page<'a>(ui: &'a Ui, kind: &str, mut words: Vec<Word>, code: &str, may_edit: bool) -> WordsPage<'a> {
    let chosen = words.iter().find(|w| w.code == code).cloned();
    let parent = chosen.as_ref().map(|w| w.parent.clone()).unwrap_or_default();
    let state = chosen.as_ref().map_or("active", |w| w.state.as_str());
    let mut parents = vec![Choice::new("", "—")];
    let above = words.iter().filter(|w| w.code != code);
    parents.extend(above.map(|w| Choice::new(w.code.as_str(), w.name.as_str()).chosen(w.code == parent)));
    let states = super::word_choices(ui, "office-state", &["active", "retired"], state);
    let last = words.iter().map(|w| w.place).max().unwrap_or(0);
    // In the list a word above is read by its name.
    let names: HashMap<String, String> = words.iter().map(|w| (w.code.clone(), w.name.clone())).collect();
    for word in &mut words {
        if let Some(name) = names.get(&word.parent) {
            word.parent.clone_from(name);
        }
    }
    WordsPage {
        ui,
        kind: kind.to_owned(),
        tabs: tabs(ui, "/vocabularies", kind, &KINDS),
        place: chosen.as_ref().map_or(last.saturating_add(1), |w| w.place),
        words,
        chosen,
        parents,
        states,
        may_edit,
    }
}

fn vocabulary(cx: &mut Cx<'_>, ui: &Ui, kind: String, q: WordQuery) -> Result<Page> {
    known(&kind)?;
    let words = common::words(cx, &kind)?;
    let template = words_page(ui, &kind, words, &q.code, ui.may(EditCommon));
    let page = Page::new(ui.t("words-title"), &template)?.lead(ui.t("words-lead"));
    Ok(page.under("/departments", ui.t("common-title")))
}

/// A word as the form sets it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WordForm {
    #[schema(max_length = 40)]
    code: String,
    #[schema(max_length = 200)]
    name: String,
    #[serde(default)]
    parent: String,
    place: i32,
    state: String,
}

fn set_word(cx: &mut Cx<'_>, kind: String, form: &WordForm) -> Result<Done> {
    known(&kind)?;
    let word = Word {
        region: String::new(),
        kind: kind.clone(),
        code: form.code.clone(),
        name: form.name.clone(),
        parent: form.parent.clone(),
        place: form.place,
        state: form.state.clone(),
    };
    common::set_word(cx, word)?;
    Ok(Done::to(format!("/vocabularies/{kind}")).say("words-set"))
}

#[derive(Template)]
#[template(path = "desk/aliases.html")]
struct AliasesPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    pairs: Vec<(String, String)>,
    text: String,
    may_edit: bool,
}

fn aliases(cx: &mut Cx<'_>, ui: &Ui, kind: String, _: NoQuery) -> Result<Page> {
    known(&kind)?;
    let pairs: Vec<(String, String)> =
        common::aliases(cx, &kind)?.into_iter().map(|a| (a.word, a.target)).collect();
    let template = AliasesPage {
        ui,
        tabs: tabs(ui, "/aliases", &kind, &["subject_type"]),
        text: pairs.iter().map(|(word, target)| format!("{word} = {target}")).collect::<Vec<_>>().join("\n"),
        pairs,
        may_edit: ui.may(EditCommon),
    };
    let page = Page::new(ui.t("aliases-title"), &template)?.lead(ui.t("aliases-lead"));
    Ok(page.under("/departments", ui.t("common-title")))
}

/// All other words of a kind, one in a line.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AliasesForm {
    aliases: String,
}

fn set_aliases(cx: &mut Cx<'_>, kind: String, form: &AliasesForm) -> Result<Done> {
    known(&kind)?;
    let mut faults = Faults::default();
    let mut pairs = Vec::new();
    for (i, line) in form.aliases.lines().map(str::trim).enumerate().filter(|(_, l)| !l.is_empty()) {
        match line.split_once(['=', '＝']) {
            Some((word, target)) => pairs.push((word.trim().to_owned(), target.trim().to_owned())),
            None => faults.add("/aliases", "invalid", format!("第{}行须写成“别名 = 标准名称”", i + 1)),
        }
    }
    faults.done()?;
    common::set_aliases(cx, &kind, &pairs)?;
    Ok(Done::to(format!("/aliases/{kind}")).say("aliases-set"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let days: Vec<Day> = first
        .iter_days()
        .take(365)
        .map(|day| Day {
            region: text("350403"),
            day,
            workday: !is_weekend(day) && day != first || day.ordinal() == 4,
            quiet: day.ordinal() == 6,
            name: if day == first { text("元旦") } else { String::new() },
        })
        .collect();
    let word = |code: &str| Word {
        region: text("350403"),
        kind: text("subject_type"),
        code: text(code),
        name: text("企业"),
        parent: String::new(),
        place: 1,
        state: text("active"),
    };
    let list = |pairs: Vec<(String, String)>| AliasesPage {
        ui,
        tabs: tabs(ui, "/aliases", "subject_type", &["subject_type"]),
        pairs,
        text: text("公司 = 企业"),
        may_edit: true,
    };
    vec![
        Page::new(ui.t("calendar-title"), &page_of(ui, 2026, &days, true)).unwrap(),
        Page::new(
            ui.t("words-title"),
            &words_page(ui, "subject_type", vec![word("enterprise"), word("x")], "x", true),
        )
        .unwrap(),
        Page::new(ui.t("words-title"), &words_page(ui, "result", Vec::new(), "", false)).unwrap(),
        Page::new(ui.t("aliases-title"), &list(vec![(text("公司"), text("企业"))])).unwrap(),
        Page::new(ui.t("aliases-title"), &list(Vec::new())).unwrap(),
    ]
}
