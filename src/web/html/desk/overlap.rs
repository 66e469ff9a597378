//! The overlap board: subject types against departments, subjects that several departments want to visit, and what
//! joining plans would save, with the button that joins them.

use super::{once, onward};
use crate::domain::access::Action::{AcceptOverlap, ViewOverlap};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::web::api::inspections::{QuotaBody, ScopeBody};
use crate::web::api::overlap::{
    self as api, BoardEntry, BoardProposal, BoardView, OverlapAccept, OverlapQuery,
};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::list::filled;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/overlap", Action(ViewOverlap), show);
    r.page("/overlap/accept", Action(AcceptOverlap), check);
    r.form_steps("/overlap/accept", Action(AcceptOverlap), accept, check);
}

/// Which year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct YearQuery {
    /// Calendar year.
    #[serde(deserialize_with = "filled")]
    year: Option<i32>,
}

struct Cell {
    n: u64,
    at_cap: u64,
    heat: u64,
}

struct Row {
    kind: String,
    subjects: u64,
    shared: u64,
    cells: Vec<Cell>,
}

struct Hit {
    id: Id,
    name: String,
    key: String,
    departments: Vec<String>,
}

struct Offer {
    says: String,
    about: String,
    entries: Vec<(String, String)>,
    equivalent: Vec<String>,
    at_cap: u64,
    /// Where it is accepted; empty: not from here, and why in `cannot`.
    href: String,
    cannot: bool,
}

struct Apart {
    a: String,
    b: String,
    subjects: u64,
    texts: Vec<String>,
}

#[derive(Template)]
#[template(path = "desk/overlap.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    years: Vec<Choice>,
    entries: usize,
    total: u64,
    avoided: u64,
    offers: Vec<Offer>,
    more_offers: usize,
    heads: Vec<String>,
    rows: Vec<Row>,
    hits: Vec<Hit>,
    apart: Vec<Apart>,
    more_apart: usize,
    empty: Vec<String>,
}

/// Proposals, subjects and entries that cannot be joined, that are shown.
const OFFERS: usize = 12;
const HITS: usize = 30;
const APART: usize = 20;

fn board(cx: &mut Cx<'_>, ui: &Ui, year: Option<i32>) -> Result<BoardView> {
    Ok(api::board(cx, (), OverlapQuery { year: year.unwrap_or_else(|| ui.today.year()) })?.value)
}

fn says(ui: &Ui, p: &BoardProposal) -> String {
    ui.t2("ov-says", "separate", p.separate, "joint", p.joint)
}

/// Names of the departments by code.
fn offices(board: &BoardView) -> HashMap<&str, &str> {
    board.departments.iter().map(|d| (d.code.as_str(), d.name.as_str())).collect()
}

fn offer(ui: &Ui, board: &BoardView, known: &HashMap<&str, &BoardEntry>, p: &BoardProposal) -> Offer {
    let named: HashMap<Id, &str> = board.departments.iter().map(|d| (d.id, d.name.as_str())).collect();
    let entries: Vec<&BoardEntry> = p.entries.iter().filter_map(|e| known.get(e.as_str()).copied()).collect();
    let plans: Vec<String> =
        entries.iter().filter_map(|e| e.plan_entry_id.map(|id| id.to_string())).collect();
    let all = plans.len() == p.entries.len();
    Offer {
        says: says(ui, p),
        about: ui.t2("ov-about", "departments", p.departments.len(), "subjects", p.subjects),
        entries: entries
            .iter()
            .map(|e| {
                (e.name.clone(), named.get(&e.department_id).map_or_else(String::new, |n| (*n).to_owned()))
            })
            .collect(),
        equivalent: p.equivalent.iter().map(|e| e.group.clone()).collect(),
        at_cap: p.at_cap,
        href: if all && ui.may(AcceptOverlap) {
            format!("/overlap/accept?year={}&entries={}", board.year, plans.join(","))
        } else {
            String::new()
        },
        cannot: !all,
    }
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), query: YearQuery) -> Result<Page> {
    let board = board(cx, ui, query.year)?;
    let office = offices(&board);
    let name = |code: &str| office.get(code).map_or_else(|| code.to_owned(), |n| (*n).to_owned());
    let known: HashMap<&str, &BoardEntry> = board.entries.iter().map(|e| (e.id.as_str(), e)).collect();
    // Departments in the county's order, those with a plan only.
    let used: BTreeSet<&str> =
        board.matrix.iter().flat_map(|r| r.cells.iter().map(|c| c.department.as_str())).collect();
    let columns: Vec<&str> =
        board.departments.iter().map(|d| d.code.as_str()).filter(|c| used.contains(c)).collect();
    let most = board.matrix.iter().flat_map(|r| r.cells.iter().map(|c| c.subjects)).max().unwrap_or(1).max(1);
    let mut rows: Vec<Row> = board
        .matrix
        .iter()
        .filter(|r| !r.cells.is_empty())
        .map(|r| Row {
            kind: if r.kind.is_empty() { ui.t("ov-no-kind") } else { r.kind.clone() },
            subjects: r.subjects,
            shared: r.shared,
            cells: columns
                .iter()
                .map(|code| {
                    let cell = r.cells.iter().find(|c| c.department == *code);
                    let n = cell.map_or(0, |c| c.subjects);
                    Cell { n, at_cap: cell.map_or(0, |c| c.at_cap), heat: (n * 4).div_ceil(most) }
                })
                .collect(),
        })
        .collect();
    rows.sort_by_key(|r| std::cmp::Reverse(r.shared));
    let title = |id: &str| known.get(id).map_or_else(String::new, |e| e.name.clone());
    let this = ui.today.year();
    let template = ShowPage {
        ui,
        years: (this - 2..=this + 1)
            .rev()
            .map(|y| Choice::new(y.to_string(), y.to_string()).chosen(board.year == y))
            .collect(),
        entries: board.entries.len(),
        total: board.hits_total,
        avoided: board.proposals.first().map_or(0, |p| p.avoided),
        offers: board.proposals.iter().take(OFFERS).map(|p| offer(ui, &board, &known, p)).collect(),
        more_offers: board.proposals.len().saturating_sub(OFFERS),
        heads: columns.iter().map(|c| name(c)).collect(),
        rows,
        hits: board
            .hits
            .iter()
            .take(HITS)
            .map(|h| Hit {
                id: h.subject.id,
                name: h.subject.name.clone(),
                key: h.subject.key.clone(),
                departments: h.departments.iter().map(|c| name(c)).collect(),
            })
            .collect(),
        apart: board
            .blocked
            .iter()
            .take(APART)
            .map(|b| Apart {
                a: title(&b.a),
                b: title(&b.b),
                subjects: b.subjects,
                texts: b.texts.iter().map(|t| ui.told(t)).collect(),
            })
            .collect(),
        more_apart: board.blocked.len().saturating_sub(APART),
        empty: board.empty.iter().map(|id| title(id)).collect(),
    };
    Ok(Page::new(ui.t("nav-overlap"), &template)?.lead(ui.t("ov-lead")))
}

/// Which plans.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct AcceptQuery {
    /// Calendar year.
    #[serde(deserialize_with = "filled")]
    year: Option<i32>,
    /// Plan entries, with commas between.
    entries: String,
}

#[derive(Template)]
#[template(path = "desk/overlap_accept.html")]
struct AcceptPage<'a> {
    ui: &'a Ui,
    year: i32,
    ids: Vec<Id>,
    offer: Option<Offer>,
    name: String,
    leads: Vec<Choice>,
    kinds: Vec<Choice>,
}

/// The answers to check before the invitations go out.
fn check(cx: &mut Cx<'_>, ui: &Ui, (): (), query: AcceptQuery) -> Result<Page> {
    let board = board(cx, ui, query.year)?;
    let known: HashMap<&str, &BoardEntry> = board.entries.iter().map(|e| (e.id.as_str(), e)).collect();
    let ids: Vec<Id> = query.entries.split(',').filter_map(|id| id.parse().ok()).collect();
    let asked: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    let proposal =
        board.proposals.iter().find(|p| p.entries.iter().cloned().collect::<BTreeSet<_>>() == asked);
    let chosen: Vec<&BoardEntry> =
        ids.iter().filter_map(|id| known.get(id.to_string().as_str()).copied()).collect();
    let mut leads = vec![Choice::new("", ui.t("ov-lead-first"))];
    for d in &board.departments {
        if chosen.iter().any(|e| e.department_id == d.id) {
            leads.push(Choice::new(d.id.to_string(), d.name.clone()));
        }
    }
    let kinds = board.matrix.iter().filter(|r| !r.kind.is_empty());
    let template = AcceptPage {
        ui,
        year: board.year,
        offer: proposal.map(|p| offer(ui, &board, &known, p)),
        name: chosen.first().map(|e| ui.t1("ov-name", "name", &e.name)).unwrap_or_default(),
        leads,
        kinds: kinds.map(|r| Choice::new(r.kind.clone(), r.kind.clone())).collect(),
        ids,
    };
    let page = Page::new(ui.t("ov-accept"), &template)?.narrow();
    Ok(page.under(format!("/overlap?year={}", board.year), ui.t("nav-overlap")))
}

/// What is made of a proposal, as the form sends it: a scope of which nothing is said is none.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptForm {
    /// Plan entries to join.
    entries: Vec<Id>,
    /// Name of the inspection.
    name: String,
    /// Who leads.
    #[serde(default)]
    lead_department_id: Option<Id>,
    /// 主体类型.
    #[serde(default)]
    kinds: Vec<String>,
    /// Beginning of the 行业代码.
    #[serde(default)]
    industry: String,
    /// 乡镇街道.
    #[serde(default)]
    town: String,
    /// 标签.
    #[serde(default)]
    tag: String,
    /// How many.
    #[serde(default)]
    #[schema(maximum = 100_000_000)]
    total: Option<u32>,
}

impl AcceptForm {
    fn body(self) -> OverlapAccept {
        let one = |text: &str| -> Vec<String> {
            Some(text.trim().to_owned()).filter(|t| !t.is_empty()).into_iter().collect()
        };
        let scope = ScopeBody {
            industries: one(&self.industry),
            towns: one(&self.town),
            tags: one(&self.tag),
            kinds: self.kinds,
            ..ScopeBody::default()
        };
        let said = [&scope.kinds, &scope.industries, &scope.towns, &scope.tags].iter().any(|l| !l.is_empty());
        OverlapAccept {
            entries: self.entries,
            name: self.name,
            lead_department_id: self.lead_department_id,
            filter: said.then_some(scope),
            quota: self.total.map(|n| QuotaBody { total: Some(n), ..QuotaBody::default() }),
            draw: None,
        }
    }
}

fn accept(call: &Call, (): (), query: &AcceptQuery, sent: AcceptForm, form: &Form) -> Result<Answer> {
    let call = once(call, form, &sent);
    let body = sent.body();
    let answer = api::accept(&call, (), body)?;
    let year = query.year;
    let have = |place: &str| call.server.pages.have(place);
    onward(&call, answer, |place| {
        let back = year.map_or_else(|| "/overlap".to_owned(), |y| format!("/overlap?year={y}"));
        Done::to(if have(&place) { place } else { back }).say("ov-accepted")
    })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let offer = |href: &str| Offer {
        says: ui.t2("ov-says", "separate", 214, "joint", 131),
        about: ui.t2("ov-about", "departments", 3, "subjects", 83),
        entries: vec![(text("餐饮食品安全"), text("市场监管局")), (text("餐饮消防"), text("消防救援大队"))],
        equivalent: vec![text("从业人员健康")],
        at_cap: 2,
        href: text(href),
        cannot: href.is_empty(),
    };
    let page = |full: bool| ShowPage {
        ui,
        years: vec![Choice::new("2026", "2026").chosen(true)],
        entries: 12,
        total: 83,
        avoided: 83,
        offers: if full { vec![offer("/overlap/accept?entries=1"), offer("")] } else { Vec::new() },
        more_offers: usize::from(full),
        heads: vec![text("市场监管局"), text("消防救援大队")],
        rows: if full {
            let cells = vec![Cell { n: 12, at_cap: 1, heat: 4 }, Cell { n: 0, at_cap: 0, heat: 0 }];
            vec![Row { kind: text("餐饮"), subjects: 120, shared: 12, cells }]
        } else {
            Vec::new()
        },
        hits: if full {
            vec![Hit {
                id,
                name: text("示范饭店"),
                key: text("R:1"),
                departments: vec![text("市场监管局"), text("消防")],
            }]
        } else {
            Vec::new()
        },
        apart: if full {
            vec![Apart { a: text("甲"), b: text("乙"), subjects: 3, texts: vec![text("时段不重合")] }]
        } else {
            Vec::new()
        },
        more_apart: usize::from(full),
        empty: if full { vec![text("空计划")] } else { Vec::new() },
    };
    let accept = |offer| AcceptPage {
        ui,
        year: 2026,
        ids: vec![id],
        offer,
        name: text("餐饮联合抽查"),
        leads: vec![Choice::new("", ui.t("ov-lead-first"))],
        kinds: vec![Choice::new("餐饮", "餐饮")],
    };
    vec![
        Page::new(ui.t("nav-overlap"), &page(true)).unwrap(),
        Page::new(ui.t("nav-overlap"), &page(false)).unwrap(),
        Page::new(ui.t("ov-accept"), &accept(Some(offer("/overlap")))).unwrap(),
        Page::new(ui.t("ov-accept"), &accept(None)).unwrap(),
    ]
}
