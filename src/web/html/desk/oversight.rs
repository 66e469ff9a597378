//! The oversight desk: single figures first, charts whose titles say what was found, what needs attention, red and yellow
//! cards, statistics tables.

use super::attention as words;
use super::{key, names, office_choices, word_choices};
use crate::domain::access::Action::{AcknowledgeCard, ViewAttention, ViewCard, ViewFigures, ViewScorecard};
use crate::domain::attention::{Kind, Severity};
use crate::domain::figures::{By, Counts, percent};
use crate::domain::statistics::{Figure, Kind as TableKind, Table};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::attention::{self, Attention};
use crate::service::oversight::figures::{self, Asked, Row};
use crate::service::oversight::{cards, statistics};
use crate::store::oversight::CardRow;
use crate::store::oversight::cards::Filter as CardFilter;
use crate::web::api::cards::CardAcknowledge;
use crate::web::api::figures::{self as api_figures, ChartQuery};
use crate::web::api::statistics::{self as api_statistics, StatisticsQuery};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, Tab, Tabs, address, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/oversight", Action(ViewFigures), dashboard);
    r.page_view("/figures/chart.svg", Action(ViewFigures), chart);
    r.page("/attention", Action(ViewAttention), attention_page);
    r.page("/cards", Action(ViewCard), card_list);
    r.page("/cards/{id}", Action(ViewCard), card);
    r.form("/cards/{id}/acknowledge", Action(AcknowledgeCard), acknowledge, card);
    r.page("/statistics/{table}", Action(ViewFigures), table_page);
    r.page_view("/statistics/{table}/book", Action(ViewFigures), table_book);
}

/// A period and whose figures.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct PeriodQuery {
    /// First day.
    #[serde(deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// Last day, included.
    #[serde(deserialize_with = "filled")]
    to: Option<NaiveDate>,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
}

impl PeriodQuery {
    fn days(&self, ui: &Ui) -> (NaiveDate, NaiveDate) {
        let to = self.to.unwrap_or(ui.today);
        (self.from.unwrap_or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1).unwrap_or(to)), to)
    }

    /// As part of an address.
    fn text(&self, ui: &Ui) -> String {
        let (from, to) = self.days(ui);
        let office = self.department_id.map(|d| d.to_string());
        let (from, to) = (from.to_string(), to.to_string());
        address(
            "",
            &[("from", Some(from.as_str())), ("to", Some(to.as_str())), ("department_id", office.as_deref())],
        )
    }
}

struct Tile {
    figure: String,
    text: String,
    hint: String,
    href: String,
    red: bool,
}

struct ChartCard {
    title: String,
    src: String,
    heads: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

struct Waiting {
    kind: String,
    what: String,
    due: String,
    left: String,
    red: bool,
    offices: String,
    href: String,
}

#[derive(Template)]
#[template(path = "desk/oversight.html")]
struct DashboardPage<'a> {
    ui: &'a Ui,
    offices: Vec<Choice>,
    from: String,
    to: String,
    period: String,
    as_of: String,
    any: bool,
    tiles: Vec<Tile>,
    charts: Vec<ChartCard>,
    waiting: Vec<Waiting>,
    waiting_more: usize,
    may_wait: bool,
    coverage: Vec<(String, i64, i64, String, i64, String)>,
    loads: Vec<(String, i64, i64, i64, i64, i64)>,
    tables: Vec<(String, String)>,
    scorecards: String,
}

/// Things that wait, shown on the desk.
const WAITING: usize = 8;

fn waiting(ui: &Ui, names: &HashMap<Id, String>, a: Attention) -> Waiting {
    let offices: Vec<String> = a.departments.iter().filter_map(|d| names.get(d).cloned()).collect();
    Waiting {
        kind: ui.word("attention", a.kind.as_str()),
        what: words::sentence(ui, &a),
        due: a.due.map(|d| ui.day(&d)).unwrap_or_default(),
        left: a.countdown.map(|c| ui.countdown(&c)).unwrap_or_default(),
        red: a.severity == Severity::Red,
        offices: if offices.is_empty() { ui.t("role-coordinator") } else { offices.join(&ui.t("comma")) },
        href: words::way(ui, &a),
    }
}

/// The row with the highest and with the lowest rate.
fn ends(rows: &[Row], rate: impl Fn(&Counts) -> Option<i64>) -> Option<((String, i64), (String, i64))> {
    let rated: Vec<(String, i64)> =
        rows.iter().filter_map(|r| rate(&r.counts).map(|v| (r.label.clone(), v))).collect();
    let best = rated.iter().max_by_key(|(_, v)| *v)?.clone();
    let least = rated.iter().min_by_key(|(_, v)| *v)?.clone();
    Some((best, least))
}

fn charts(ui: &Ui, query: &PeriodQuery, total: &Counts, months: &[Row], offices: &[Row]) -> Vec<ChartCard> {
    let period = query.text(ui);
    let src = |by: &str, figure: &str| format!("/figures/chart.svg{period}&by={by}&figure={figure}");
    let table = |heads: &[&str],
                 rows: &[Row],
                 values: &dyn Fn(&Counts) -> Vec<String>|
     -> (Vec<String>, Vec<(String, Vec<String>)>) {
        (
            heads.iter().map(|h| ui.t(h)).collect(),
            rows.iter().map(|r| (r.label.clone(), values(&r.counts))).collect(),
        )
    };
    let mut list = Vec::new();
    let mut add = |title: String, src: String, (heads, rows): (Vec<String>, Vec<(String, Vec<String>)>)| {
        list.push(ChartCard { title, src, heads, rows });
    };
    add(
        ui.t2("os-found-visits", "visits", total.visits, "avoided", total.avoided),
        src("month", "visits"),
        table(&["os-month", "os-visits", "os-joint"], months, &|c| {
            vec![c.visits.to_string(), c.joint.to_string()]
        }),
    );
    if let Some((best, _)) = ends(months, Counts::joint_bp) {
        let rate = percent(total.joint_bp());
        let best = format!("{}{}{}", best.0, ui.t("colon"), percent(Some(best.1)));
        add(
            ui.t2("os-found-joint", "rate", rate, "best", best),
            src("month", "joint_rate"),
            table(&["os-month", "os-joint-rate"], months, &|c| vec![percent(c.joint_bp())]),
        );
    }
    if let Some((_, least)) = ends(offices, Counts::on_time_bp) {
        let title = if least.1 >= 10_000 {
            ui.t("os-found-all-on-time")
        } else {
            ui.t2("os-found-on-time", "name", &least.0, "rate", percent(Some(least.1)))
        };
        let rows = table(&["department", "os-due", "os-on-time", "os-on-time-rate"], offices, &|c| {
            vec![c.due.to_string(), c.on_time.to_string(), percent(c.on_time_bp())]
        });
        add(title, src("department", "on_time"), rows);
    }
    if let Some((best, _)) = ends(offices, Counts::hit_bp) {
        let rows = table(&["department", "os-judged", "os-problems", "os-hit-rate"], offices, &|c| {
            vec![c.judged.to_string(), c.problems.to_string(), percent(c.hit_bp())]
        });
        let title = ui.t2("os-found-hit", "name", &best.0, "rate", percent(Some(best.1)));
        add(title, src("department", "hit_rate"), rows);
    }
    list
}

fn dashboard(cx: &mut Cx<'_>, ui: &Ui, (): (), query: PeriodQuery) -> Result<Page> {
    let (from, to) = query.days(ui);
    let asked = |by| Asked { from, to, department: query.department_id, by };
    let whole = figures::figures(cx, asked(By::Month))?;
    let by_office = figures::rows(cx, &mut asked(By::Department))?;
    let t = whole.total;
    let names = names(cx)?;
    let may_wait = ui.may(ViewAttention);
    let open = if may_wait { attention::list(cx, query.department_id, &[])?.items } else { Vec::new() };
    let red = open.iter().filter(|a| a.severity == Severity::Red).count();
    let all = open.len();
    let tile = |figure: String, key: &str, hint: String, href: &str, red: bool| Tile {
        figure,
        text: ui.t(key),
        hint,
        href: href.to_owned(),
        red,
    };
    let of = |part: i64, whole: i64| ui.t2("os-of", "part", part, "whole", whole);
    let tiles = vec![
        tile(percent(t.joint_bp()), "os-joint-rate", of(t.joint, t.visits + t.others), "", false),
        tile(t.avoided.to_string(), "os-avoided", ui.n("os-visits-n", t.visits), "", false),
        tile(
            percent(t.on_time_bp()),
            "os-on-time-rate",
            of(t.on_time, t.due),
            "/attention?kind=late_publication",
            t.on_time < t.due,
        ),
        tile(percent(t.hit_bp()), "os-hit-rate", of(t.problems, t.judged), "", false),
        tile(red.to_string(), "os-red", ui.n("os-open-n", all), "/attention", red > 0),
    ];
    let period = query.text(ui);
    let tables = TableKind::ALL
        .iter()
        .map(|k| (format!("/statistics/{}{period}", k.as_str()), ui.word("os-table", k.as_str())));
    let template = DashboardPage {
        ui,
        offices: office_choices(cx, ui, whole.asked.department)?,
        from: from.to_string(),
        to: to.to_string(),
        period: ui.span(&from, &to),
        as_of: ui.time(&ui.now),
        any: t.visits + t.others + t.results > 0,
        charts: charts(ui, &query, &t, &whole.rows, &by_office),
        waiting: open.into_iter().take(WAITING).map(|a| waiting(ui, &names, a)).collect(),
        waiting_more: all.saturating_sub(WAITING),
        may_wait,
        coverage: whole
            .coverage
            .iter()
            .map(|c| {
                let class = if c.class.is_empty() { ui.t("os-no-class") } else { c.class.clone() };
                (class, c.base, c.drawn, percent(c.drawn_bp()), c.inspected, percent(c.inspected_bp()))
            })
            .collect(),
        loads: whole
            .loads
            .iter()
            .map(|l| (l.name.clone(), l.load.people, l.load.visits, l.load.median, l.load.most, l.load.idle))
            .collect(),
        tiles,
        tables: tables.collect(),
        scorecards: if ui.may(ViewScorecard) { format!("/scorecards/{}", to.year()) } else { String::new() },
    };
    Page::new(ui.t("nav-oversight"), &template)
}

fn chart(call: &Call, (): (), query: ChartQuery) -> Result<Answer> {
    api_figures::chart(call, (), query)
}

/// Filters of what waits.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct AttentionQuery {
    /// Kind.
    kind: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
}

#[derive(Template)]
#[template(path = "desk/attention.html")]
struct AttentionPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    kind: String,
    offices: Vec<Choice>,
    rows: Vec<Waiting>,
    cut: bool,
}

fn attention_page(cx: &mut Cx<'_>, ui: &Ui, (): (), query: AttentionQuery) -> Result<Page> {
    let list = attention::list(cx, query.department_id, &[])?;
    let names = names(cx)?;
    let office = query.department_id.map(|d| d.to_string());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for a in &list.items {
        *counts.entry(a.kind.as_str()).or_default() += 1;
    }
    let tab = |kind: &str, n: usize| Tab {
        href: address("/attention", &[("kind", Some(kind)), ("department_id", office.as_deref())]),
        text: if kind.is_empty() { ui.t("filter-all") } else { ui.word("attention", kind) },
        count: Some(n),
        here: kind == query.kind,
    };
    let mut tabs = vec![tab("", list.items.len())];
    tabs.extend(Kind::ALL.iter().filter_map(|k| counts.get(k.as_str()).map(|n| tab(k.as_str(), *n))));
    let template = AttentionPage {
        ui,
        tabs: Tabs::new(ui, tabs),
        offices: office_choices(cx, ui, query.department_id)?,
        cut: !list.cut.is_empty(),
        rows: list
            .items
            .into_iter()
            .filter(|a| query.kind.is_empty() || a.kind.as_str() == query.kind)
            .map(|a| waiting(ui, &names, a))
            .collect(),
        kind: query.kind,
    };
    Ok(Page::new(ui.t("os-attention"), &template)?.under("/oversight", ui.t("nav-oversight")))
}

/// Filters of the cards.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct CardQuery {
    /// State.
    state: String,
    /// Colour.
    color: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct CardLine {
    id: Id,
    color: String,
    kind: String,
    reason: String,
    office: String,
    state: String,
    made: String,
}

fn card_line(ui: &Ui, names: &HashMap<Id, String>, c: CardRow) -> CardLine {
    CardLine {
        id: c.id,
        reason: ui.told(&c.reason),
        office: names.get(&c.department_id).cloned().unwrap_or_default(),
        made: ui.time(&c.created_at.0),
        color: c.color,
        kind: c.kind,
        state: c.state,
    }
}

#[derive(Template)]
#[template(path = "desk/cards.html")]
struct CardsPage<'a> {
    ui: &'a Ui,
    states: Vec<Choice>,
    colors: Vec<Choice>,
    offices: Vec<Choice>,
    rows: Vec<CardLine>,
    pager: Pager<'a>,
}

fn card_list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: CardQuery) -> Result<Page> {
    let some = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    let filter =
        CardFilter { department: query.department_id, state: some(&query.state), color: some(&query.color) };
    let after = key(query.after.as_ref())?;
    let (rows, next) = cut(|most| cards::list(cx, filter.clone(), after, most), |c| c.id.to_string())?;
    let names = names(cx)?;
    let office = query.department_id.map(|d| d.to_string());
    let filters = [
        ("state", Some(query.state.as_str())),
        ("color", Some(query.color.as_str())),
        ("department_id", office.as_deref()),
    ];
    let template = CardsPage {
        ui,
        states: word_choices(ui, "os-card", &["", "open", "acknowledged"], &query.state),
        colors: word_choices(ui, "os-color", &["", "red", "yellow"], &query.color),
        offices: office_choices(cx, ui, query.department_id)?,
        rows: rows.into_iter().map(|c| card_line(ui, &names, c)).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
    };
    Ok(Page::new(ui.t("os-cards"), &template)?.under("/oversight", ui.t("nav-oversight")))
}

#[derive(Template)]
#[template(path = "desk/card.html")]
struct CardPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    line: CardLine,
    due: String,
    note: String,
    acknowledged: String,
    may: bool,
}

fn card(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let c = cards::get(cx, id)?;
    let names = names(cx)?;
    let own = cx.actor.department == Some(c.department_id);
    let template = CardPage {
        ui,
        id,
        version: c.version,
        due: ui.day(&c.due_day),
        note: c.note.clone(),
        acknowledged: c.acknowledged_at.map(|t| ui.time(&t.0)).unwrap_or_default(),
        may: own && ui.may(AcknowledgeCard) && c.state == "open",
        line: card_line(ui, &names, c),
    };
    let title = ui.word("os-color", &template.line.color);
    let page = Page::new(title, &template)?.narrow().under("/oversight", ui.t("nav-oversight"));
    Ok(page.under("/cards", ui.t("os-cards")))
}

fn acknowledge(cx: &mut Cx<'_>, id: Id, body: &CardAcknowledge) -> Result<Done> {
    cards::acknowledge(cx, id, &body.note)?;
    Ok(Done::to(format!("/cards/{id}")).say("os-acknowledged"))
}

#[derive(Template)]
#[template(path = "desk/statistics.html")]
struct TablePage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    offices: Vec<Choice>,
    from: String,
    to: String,
    period: String,
    book: String,
    heads: Vec<(String, bool)>,
    rows: Vec<(Vec<String>, Vec<String>)>,
    totals: Vec<String>,
    labels: usize,
}

fn figure(figure: Figure, value: Option<i64>) -> String {
    match (figure, value) {
        (Figure::Count, Some(n)) => n.to_string(),
        (Figure::Share(..), value) => percent(value),
        (_, None) => "—".to_owned(),
    }
}

fn table_page(cx: &mut Cx<'_>, ui: &Ui, name: String, query: PeriodQuery) -> Result<Page> {
    let kind = TableKind::parse(&name).ok_or(Error::NotFound("统计表"))?;
    let (from, to) = query.days(ui);
    let table: Table = statistics::table(cx, kind, from, to, query.department_id)?;
    let period = query.text(ui);
    let tab = |k: &TableKind| Tab {
        href: format!("/statistics/{}{period}", k.as_str()),
        text: ui.word("os-table", k.as_str()),
        count: None,
        here: *k == kind,
    };
    let mut heads: Vec<(String, bool)> = table.labels.iter().map(|l| ((*l).to_owned(), false)).collect();
    heads.extend(table.columns.iter().map(|c| (c.title.to_owned(), true)));
    let cells = |values: &[Option<i64>]| -> Vec<String> {
        table.columns.iter().zip(values).map(|(c, v)| figure(c.figure, *v)).collect()
    };
    let template = TablePage {
        ui,
        tabs: Tabs::new(ui, TableKind::ALL.iter().map(tab).collect()),
        offices: office_choices(cx, ui, query.department_id)?,
        from: from.to_string(),
        to: to.to_string(),
        period: ui.span(&from, &to),
        book: format!("/statistics/{name}/book{period}"),
        heads,
        rows: table.rows.iter().map(|r| (r.labels.clone(), cells(&r.values))).collect(),
        totals: cells(&table.totals),
        labels: table.labels.len(),
    };
    let page = Page::new(ui.word("os-table", kind.as_str()), &template)?;
    Ok(page.under(format!("/oversight{period}"), ui.t("nav-oversight")))
}

fn table_book(call: &Call, table: String, query: PeriodQuery) -> Result<Answer> {
    let query = StatisticsQuery {
        from: query.from,
        to: query.to,
        department_id: query.department_id,
        format: Some("xlsx".to_owned()),
    };
    api_statistics::get(call, table, query)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let waits = |red| Waiting {
        kind: ui.word("attention", "late_publication"),
        what: text("入企V0001的检查结果尚未公示"),
        due: text("2026年5月8日（周五）"),
        left: ui.n("countdown-late", 2_i64),
        red,
        offices: text("市场监管局"),
        href: if red { text("/account") } else { String::new() },
    };
    let counts = |n| Counts {
        visits: n,
        joint: n / 2,
        avoided: n,
        due: n,
        on_time: n - 1,
        judged: n,
        problems: 1,
        results: n,
        ..Counts::default()
    };
    let row = |label: &str, n| Row { key: text(label), label: text(label), counts: counts(n) };
    let query = PeriodQuery::default();
    let some = || vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")];
    let desk = |any: bool| DashboardPage {
        ui,
        offices: some(),
        from: text("2026-01-01"),
        to: text("2026-05-08"),
        period: text("2026年1月1日至5月8日"),
        as_of: text("2026年5月8日 10:30"),
        any,
        tiles: vec![Tile {
            figure: text("62%"),
            text: ui.t("os-joint-rate"),
            hint: text("5/8"),
            href: String::new(),
            red: false,
        }],
        charts: charts(
            ui,
            &query,
            &counts(8),
            &[row("2026-04", 4), row("2026-05", 4)],
            &[row("市场监管局", 8)],
        ),
        waiting: if any { vec![waits(true), waits(false)] } else { Vec::new() },
        waiting_more: 3,
        may_wait: true,
        coverage: vec![(text("A"), 100, 3, text("3%"), 2, text("2%"))],
        loads: vec![(text("市场监管局"), 12, 40, 3, 6, 1)],
        tables: vec![(text("/statistics/results"), ui.word("os-table", "results"))],
        scorecards: text("/scorecards/2026"),
    };
    let line = |state: &str| CardLine {
        id,
        color: text("red"),
        kind: text("late_publication"),
        reason: text("入企V0001的检查结果应于2026-04-07前公示，严重逾期未公示"),
        office: text("市场监管局"),
        state: text(state),
        made: text("2026年5月8日 10:30"),
    };
    let pager = || Pager::new(ui, &[], true, Some("x"));
    let tabs = || {
        Tabs::new(
            ui,
            vec![Tab { href: text("/attention"), text: ui.t("filter-all"), count: Some(3), here: true }],
        )
    };
    let cards =
        |rows| CardsPage { ui, states: some(), colors: some(), offices: some(), rows, pager: pager() };
    let card = |state: &str| CardPage {
        ui,
        id,
        version: 1,
        line: line(state),
        due: text("2026年4月7日（周二）"),
        note: if state == "open" { String::new() } else { text("已整改") },
        acknowledged: text("2026年5月8日 10:30"),
        may: state == "open",
    };
    let attention =
        |rows| AttentionPage { ui, tabs: tabs(), kind: text("open_card"), offices: some(), rows, cut: true };
    let table = |rows| TablePage {
        ui,
        tabs: tabs(),
        offices: some(),
        from: text("2026-01-01"),
        to: text("2026-05-08"),
        period: text("2026年1月1日至5月8日"),
        book: text("/statistics/results/book"),
        heads: vec![(text("部门"), false), (text("应检查数"), true)],
        rows,
        totals: vec![text("12")],
        labels: 1,
    };
    vec![
        Page::new(ui.t("nav-oversight"), &desk(true)).unwrap(),
        Page::new(ui.t("nav-oversight"), &desk(false)).unwrap(),
        Page::new(ui.t("os-attention"), &attention(vec![waits(true), waits(false)])).unwrap(),
        Page::new(ui.t("os-attention"), &attention(Vec::new())).unwrap(),
        Page::new(ui.t("os-cards"), &cards(vec![line("open"), line("acknowledged")])).unwrap(),
        Page::new(ui.t("os-cards"), &cards(Vec::new())).unwrap(),
        Page::new(ui.word("os-color", "red"), &card("open")).unwrap(),
        Page::new(ui.word("os-color", "red"), &card("acknowledged")).unwrap(),
        Page::new(ui.word("os-table", "results"), &table(vec![(vec![text("市场监管局")], vec![text("12")])]))
            .unwrap(),
        Page::new(ui.word("os-table", "results"), &table(Vec::new())).unwrap(),
    ]
}
