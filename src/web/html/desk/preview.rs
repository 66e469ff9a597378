//! One planning run: what it comes to, what stands in the way and what to do about it, days against towns, the visits
//! with their teams, what a run after a change did differently, and putting it in force.

use super::{key, names, once, onward, window};
use crate::domain::access::Action::{RunPlanning, ViewInspector, ViewPlanning};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::input::Blocker;
use crate::service::plannings::{self, VisitChange};
use crate::service::{inspectors, visits};
use crate::store::inspectors::Filter as PeopleFilter;
use crate::store::visits::{self as rows, VisitFilter};
use crate::store::{county, inspections};
use crate::web::api::plannings::{self as api, PlanningView, RerunBody};
use crate::web::api::visits::VisitView;
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::jobs::goes_on;
use crate::web::html::list::{Pager, Tab, Tabs, address, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/plannings/{id}", Action(ViewPlanning), show);
    r.page("/plannings/{id}/visits", Action(ViewPlanning), visits_page);
    r.page("/plannings/{id}/blockers", Action(ViewPlanning), blockers_page);
    r.page("/plannings/{id}/changes", Action(ViewPlanning), changes_page);
    r.page("/plannings/{id}/commit", Action(RunPlanning), check);
    r.form("/plannings/{id}/commit", Action(RunPlanning), commit, check);
    r.form("/plannings/{id}/discard", Action(RunPlanning), discard, show);
    r.page("/plannings/{id}/rerun", Action(RunPlanning), ask_rerun);
    r.form_steps("/plannings/{id}/rerun", Action(RunPlanning), rerun, ask_rerun);
}

fn view(cx: &mut Cx<'_>, id: Id) -> Result<PlanningView> {
    Ok(api::get(cx, id, NoQuery {})?.value)
}

fn under(ui: &Ui, page: Page, p: &PlanningView) -> Page {
    page.under("/plannings", ui.t("nav-plannings")).under(format!("/plannings/{}", p.id), p.name.clone())
}

/// A figure that is read by itself.
struct Tile {
    text: String,
    figure: String,
    red: bool,
    href: String,
}

fn tiles(ui: &Ui, p: &PlanningView) -> Vec<Tile> {
    let s = &p.summary;
    let tile =
        |key: &str, figure: String, red: bool, href: String| Tile { text: ui.t(key), figure, red, href };
    let visits = format!("/plannings/{}/visits", p.id);
    let left = s.tasks_blocked + s.tasks_unplaced;
    vec![
        tile("pl-tile-visits", format!("{} → {}", s.separate_visits, s.visits), false, visits.clone()),
        tile("pl-tile-saved", s.visits_saved.to_string(), false, String::new()),
        tile("pl-tile-joint", s.joint_visits.to_string(), false, String::new()),
        tile("pl-tile-staffed", format!("{}/{}", s.staffed, s.visits), false, visits.clone()),
        tile(
            "pl-tile-unstaffed",
            s.unstaffed.to_string(),
            s.unstaffed > 0,
            format!("{visits}?state=planned"),
        ),
        tile("pl-tile-left", left.to_string(), left > 0, format!("/plannings/{}/blockers", p.id)),
    ]
}

/// A row of the matrix of days and towns.
struct DayRow {
    day: String,
    href: String,
    total: usize,
    cells: Vec<DayCell>,
}

struct DayCell {
    n: usize,
    /// From nothing to a lot.
    heat: usize,
}

/// Visits by day (or week, where the days are many) and town.
struct Map {
    weeks: bool,
    towns: Vec<String>,
    rows: Vec<DayRow>,
}

/// Most days that are shown one by one.
const MOST_DAYS: usize = 46;

fn map(ui: &Ui, id: Id, placed: &[(NaiveDate, String)]) -> Map {
    let days: BTreeSet<NaiveDate> = placed.iter().map(|(d, _)| *d).collect();
    let weeks = days.len() > MOST_DAYS;
    let monday = |d: NaiveDate| d - Days::new(u64::from(d.weekday().num_days_from_monday()));
    let mut towns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counts: BTreeMap<NaiveDate, BTreeMap<&str, usize>> = BTreeMap::new();
    for (day, town) in placed {
        let day = if weeks { monday(*day) } else { *day };
        *towns.entry(town).or_default() += 1;
        *counts.entry(day).or_default().entry(town).or_default() += 1;
    }
    let mut order: Vec<(&str, usize)> = towns.into_iter().collect();
    order.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let most = counts.values().flat_map(BTreeMap::values).copied().max().unwrap_or(1);
    let rows = counts
        .iter()
        .map(|(day, cells)| {
            let last = if weeks { *day + Days::new(6) } else { *day };
            DayRow {
                day: if weeks {
                    format!("{} – {}", ui.lang.short_day(*day), ui.lang.short_day(last))
                } else {
                    format!("{} {}", ui.lang.short_day(*day), ui.lang.weekday(day.weekday()))
                },
                href: format!("/plannings/{id}/visits?from={day}&to={last}"),
                total: cells.values().sum(),
                cells: order
                    .iter()
                    .map(|(town, _)| {
                        let n = cells.get(town).copied().unwrap_or(0);
                        DayCell { n, heat: (n * 4).div_ceil(most) }
                    })
                    .collect(),
            }
        })
        .collect();
    let named = |t: &str| if t.is_empty() { ui.t("pl-no-town") } else { t.to_owned() };
    Map { weeks, towns: order.into_iter().map(|(t, _)| named(t)).collect(), rows }
}

/// What stands in the way, as it is read.
struct Obstacle {
    kind: String,
    subject: String,
    about: String,
    why: String,
    cures: Vec<String>,
}

impl Obstacle {
    fn of(ui: &Ui, b: &Blocker) -> Self {
        let tasks = ui.n("pl-tasks", b.tasks.len());
        let mut cures: Vec<String> = b.cures.iter().filter(|c| !c.is_empty()).map(|c| ui.told(c)).collect();
        if cures.is_empty() {
            cures.push(ui.word("pl-cure", &b.kind));
        }
        Self {
            subject: b.subject.clone(),
            about: if b.visit.is_empty() { tasks } else { format!("{} · {tasks}", b.visit) },
            why: ui.told(&b.why.replace(';', "；")),
            kind: b.kind.clone(),
            cures,
        }
    }
}

/// A kind of things with how many there are.
struct Sort {
    kind: String,
    n: usize,
    href: String,
}

fn sorts<'a>(id: Id, page: &str, kinds: impl Iterator<Item = &'a str>) -> Vec<Sort> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind).or_default() += 1;
    }
    let mut list: Vec<Sort> = counts
        .into_iter()
        .map(|(kind, n)| Sort {
            kind: kind.to_owned(),
            n,
            href: format!("/plannings/{id}/{page}?kind={kind}"),
        })
        .collect();
    list.sort_by_key(|s| std::cmp::Reverse(s.n));
    list
}

/// What differs from the run before, as it is read.
struct Difference {
    visit: String,
    subject: String,
    kinds: Vec<String>,
    before: String,
    after: String,
    left: Vec<String>,
    came: Vec<String>,
}

/// Names of subjects by key, and of people by code.
#[derive(Default)]
struct Known {
    subjects: HashMap<String, String>,
    people: HashMap<String, String>,
}

/// People whose names are looked up.
const PEOPLE: i64 = 20_000;

impl Known {
    fn read(cx: &mut Cx<'_>, ui: &Ui, p: &PlanningView) -> Result<Self> {
        let mut ids: BTreeSet<Id> = BTreeSet::new();
        for run in [Some(p.id), p.basis_id].into_iter().flatten() {
            ids.extend(rows::of_planning(cx.db, run)?.iter().map(|v| v.subject_id));
        }
        let ids: Vec<Id> = ids.into_iter().collect();
        let subjects = county::subjects(cx.db, &ids)?.into_iter().map(|s| (s.key, s.name)).collect();
        let people = if ui.may(ViewInspector) {
            inspectors::list(cx, PeopleFilter::default(), None, PEOPLE)?
        } else {
            Vec::new()
        };
        Ok(Self { subjects, people: people.into_iter().map(|p| (p.code, p.name)).collect() })
    }

    fn person(&self, code: &str) -> String {
        self.people.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

/// A day and a time as the engine writes them.
fn spot(ui: &Ui, text: Option<&String>) -> String {
    let Some(text) = text else { return ui.t("pl-no-day") };
    let parsed = text.split_once(' ').and_then(|(d, t)| Some((d.parse::<NaiveDate>().ok()?, t)));
    parsed.map_or_else(|| text.clone(), |(day, time)| format!("{} {time}", ui.day(&day)))
}

impl Difference {
    fn of(ui: &Ui, known: &Known, c: &VisitChange) -> Self {
        let left = c.left.iter().map(|l| match l.split_once(':') {
            Some((code, why)) => format!("{}{}{}", known.person(code), ui.t("colon"), ui.told(why)),
            None => known.person(l),
        });
        Self {
            visit: c.visit.clone(),
            subject: known.subjects.get(&c.subject_key).cloned().unwrap_or_else(|| c.subject_key.clone()),
            kinds: c.kinds.iter().map(|k| ui.word("pl-change", k)).collect(),
            before: spot(ui, c.before.as_ref()),
            after: spot(ui, c.after.as_ref()),
            left: left.collect(),
            came: c.came.iter().map(|code| known.person(code)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/planning.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    state: String,
    tiles: Vec<Tile>,
    period: String,
    inspections: Vec<(String, String)>,
    singles: bool,
    people: String,
    made: String,
    basis: Option<Id>,
    may_run: bool,
    obstacles: Vec<Obstacle>,
    obstacle_sorts: Vec<Sort>,
    obstacle_total: usize,
    changes: usize,
    change_sorts: Vec<Sort>,
    map: Map,
    digest: String,
    seed: String,
    source: String,
}

/// Obstacles that are shown on the page of the run itself.
const FIRST: usize = 8;

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let mut joint = Vec::new();
    for i in county::inspections(cx.db, &p.inspections)? {
        joint.push((format!("/inspections/{}", i.id), i.name));
    }
    let all = rows::of_planning(cx.db, id)?;
    let subjects: Vec<Id> = all.iter().map(|v| v.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let towns: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.town)).collect();
    let placed: Vec<(NaiveDate, String)> = all
        .iter()
        .filter_map(|v| Some((v.on_day?, towns.get(&v.subject_id).cloned().unwrap_or_default())))
        .collect();
    let blockers = p.blockers.as_deref().unwrap_or_default();
    let changes = p.changes.as_deref().unwrap_or_default();
    let template = ShowPage {
        ui,
        id,
        tiles: tiles(ui, &p),
        period: ui.span(&p.period_from, &p.period_to),
        inspections: joint,
        singles: p.singles,
        people: ui.t2("pl-people", "people", p.summary.people, "seats", p.summary.seats),
        made: ui.time(&p.created_at),
        basis: p.basis_id,
        may_run: ui.may(RunPlanning),
        obstacles: blockers.iter().take(FIRST).map(|b| Obstacle::of(ui, b)).collect(),
        obstacle_sorts: sorts(id, "blockers", blockers.iter().map(|b| b.kind.as_str())),
        obstacle_total: blockers.len(),
        changes: changes.len(),
        change_sorts: sorts(id, "changes", changes.iter().flat_map(|c| c.kinds.iter().map(String::as_str))),
        map: map(ui, id, &placed),
        digest: p.input_digest.clone(),
        seed: p.seed.clone(),
        source: p.draw_ref.clone(),
        state: p.state.clone(),
    };
    Ok(Page::new(p.name.clone(), &template)?.under("/plannings", ui.t("nav-plannings")))
}

/// Filters of the visits of a run.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct VisitsQuery {
    /// State.
    state: String,
    /// Not before this day.
    #[serde(deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// Not after this day.
    #[serde(deserialize_with = "filled")]
    to: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Entry {
    id: Id,
    code: String,
    when: String,
    subject: String,
    place: String,
    work: Vec<(String, String)>,
    team: Vec<(String, String)>,
    state: String,
    why: Vec<String>,
    several: bool,
    fixable: bool,
}

impl Entry {
    fn of(ui: &Ui, names: &HashMap<Id, String>, fixable: bool, v: VisitView) -> Self {
        let office = |id: Id| names.get(&id).cloned().unwrap_or_default();
        let mut work: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for t in &v.tasks {
            work.entry(t.department_id).or_default().push(t.item.clone());
        }
        let mut listed = Vec::new();
        for d in &v.departments {
            listed.push((d.name.clone(), work.remove(&d.id).unwrap_or_default().join(&ui.t("comma"))));
        }
        let why = v.blockers.as_array().map_or(&[][..], Vec::as_slice);
        Self {
            id: v.id,
            when: match (v.day, &v.start) {
                (Some(day), Some(start)) => format!("{} {start}", ui.day(&day)),
                (Some(day), None) => ui.day(&day),
                _ => String::new(),
            },
            place: format!("{} {}", v.subject.town, v.subject.address),
            subject: v.subject.name,
            several: v.tasks.len() > 1,
            work: listed,
            team: v
                .seats
                .iter()
                .map(|s| {
                    (s.name.clone(), format!("{} · {}", office(s.department_id), ui.word("pl-post", &s.role)))
                })
                .collect(),
            why: why
                .iter()
                .filter_map(|b| b["why"].as_str())
                .map(|w| ui.told(&w.replace(';', "；")))
                .collect(),
            code: v.code,
            fixable: fixable && matches!(v.state.as_str(), "planned" | "staffed" | "dispatched"),
            state: v.state,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/planning_visits.html")]
struct VisitsPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    state: String,
    from: String,
    to: String,
    preview: bool,
    rows: Vec<Entry>,
    pager: Pager<'a>,
}

fn visits_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: VisitsQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let after = key(query.after.as_ref())?;
    let state = Some(query.state.clone()).filter(|s| !s.is_empty());
    let filter = VisitFilter {
        planning: Some(id),
        state: state.clone(),
        from: query.from,
        to: query.to,
        ..VisitFilter::default()
    };
    let (whole, next) = cut(|most| visits::list(cx, &filter, after, most), |w| w.visit.id.to_string())?;
    let names = names(cx)?;
    let preview = p.state == "preview";
    let fixable = ui.may(RunPlanning) && matches!(p.state.as_str(), "preview" | "committed");
    let (from, to) = (query.from.map(|d| d.to_string()), query.to.map(|d| d.to_string()));
    let here = format!("/plannings/{id}/visits");
    let tab = |view: &str| Tab {
        href: address(&here, &[("state", Some(view)), ("from", from.as_deref()), ("to", to.as_deref())]),
        text: if view.is_empty() { ui.t("filter-all") } else { ui.word("pl-visit", view) },
        count: None,
        here: view == query.state,
    };
    let views: &[&str] = if preview {
        &["", "staffed", "planned"]
    } else {
        &["", "planned", "staffed", "dispatched", "in_progress", "done"]
    };
    let filters = [("state", state.as_deref()), ("from", from.as_deref()), ("to", to.as_deref())];
    let template = VisitsPage {
        ui,
        tabs: Tabs::new(ui, views.iter().map(|v| tab(v)).collect()),
        preview,
        rows: whole.into_iter().map(|w| Entry::of(ui, &names, fixable, VisitView::from(w))).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        state: query.state,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
    };
    Ok(under(ui, Page::new(ui.t("pl-visits"), &template)?, &p))
}

/// Which kind.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct KindQuery {
    /// Kind.
    kind: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

fn kind_tabs<'a>(ui: &'a Ui, here: &str, family: &str, sorts: &[Sort], chosen: &str) -> Tabs<'a> {
    let all = Tab { href: here.to_owned(), text: ui.t("filter-all"), count: None, here: chosen.is_empty() };
    let one = |s: &Sort| Tab {
        href: s.href.clone(),
        text: ui.word(family, &s.kind),
        count: Some(s.n),
        here: s.kind == chosen,
    };
    Tabs::new(ui, std::iter::once(all).chain(sorts.iter().map(one)).collect())
}

#[derive(Template)]
#[template(path = "desk/planning_blockers.html")]
struct BlockersPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    rows: Vec<Obstacle>,
    pager: Pager<'a>,
}

fn blockers_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: KindQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let all = p.blockers.clone().unwrap_or_default();
    let sorts = sorts(id, "blockers", all.iter().map(|b| b.kind.as_str()));
    let chosen: Vec<&Blocker> =
        all.iter().filter(|b| query.kind.is_empty() || b.kind == query.kind).collect();
    let (rows, next) = window(&chosen, query.after.as_ref())?;
    let filters = [("kind", Some(query.kind.as_str()))];
    let template = BlockersPage {
        ui,
        tabs: kind_tabs(ui, &format!("/plannings/{id}/blockers"), "pl-blocker", &sorts, &query.kind),
        rows: rows.into_iter().map(|b| Obstacle::of(ui, b)).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
    };
    Ok(under(ui, Page::new(ui.t("pl-blockers"), &template)?.lead(ui.t("pl-blockers-lead")), &p))
}

#[derive(Template)]
#[template(path = "desk/planning_changes.html")]
struct ChangesPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    rows: Vec<Difference>,
    pager: Pager<'a>,
}

fn changes_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: KindQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let all = p.changes.clone().unwrap_or_default();
    let sorts = sorts(id, "changes", all.iter().flat_map(|c| c.kinds.iter().map(String::as_str)));
    let chosen: Vec<&VisitChange> =
        all.iter().filter(|c| query.kind.is_empty() || c.kinds.contains(&query.kind)).collect();
    let (rows, next) = window(&chosen, query.after.as_ref())?;
    let known = if rows.is_empty() { Known::default() } else { Known::read(cx, ui, &p)? };
    let filters = [("kind", Some(query.kind.as_str()))];
    let template = ChangesPage {
        ui,
        tabs: kind_tabs(ui, &format!("/plannings/{id}/changes"), "pl-change", &sorts, &query.kind),
        rows: rows.into_iter().map(|c| Difference::of(ui, &known, c)).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
    };
    Ok(under(ui, Page::new(ui.t("pl-changes"), &template)?.lead(ui.t("pl-changes-lead")), &p))
}

#[derive(Template)]
#[template(path = "desk/planning_commit.html")]
struct CommitPage<'a> {
    ui: &'a Ui,
    id: Id,
    open: bool,
    period: String,
    inspections: Vec<String>,
    visits: String,
    people: String,
    unstaffed: usize,
    left: usize,
    replaces: bool,
}

/// The answers to check before everybody is bound by them.
fn check(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let s = &p.summary;
    let joint = county::inspections(cx.db, &p.inspections)?;
    let template = CommitPage {
        ui,
        id,
        open: p.state == "preview",
        period: ui.span(&p.period_from, &p.period_to),
        inspections: joint.into_iter().map(|i: inspections::Inspection| i.name).collect(),
        visits: ui.t2("pl-commit-visits", "visits", s.visits, "before", s.separate_visits),
        people: ui.t2("pl-people", "people", s.people, "seats", s.seats),
        unstaffed: s.unstaffed,
        left: s.tasks_blocked + s.tasks_unplaced,
        replaces: p.basis_id.is_some(),
    };
    Ok(under(ui, Page::new(ui.t("pl-commit"), &template)?.narrow(), &p))
}

fn commit(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    plannings::commit(cx, id)?;
    Ok(Done::to(format!("/plannings/{id}")).say("pl-committed"))
}

fn discard(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    plannings::discard(cx, id)?;
    Ok(Done::to("/plannings").say("pl-discarded"))
}

#[derive(Template)]
#[template(path = "desk/planning_rerun.html")]
struct RerunPage<'a> {
    ui: &'a Ui,
    id: Id,
    fresh: Vec<Choice>,
    to: String,
}

fn ask_rerun(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = view(cx, id)?;
    let template = RerunPage {
        ui,
        id,
        fresh: vec![
            Choice::new("true", ui.t("pl-rerun-new")).chosen(true),
            Choice::new("false", ui.t("pl-rerun-old")),
        ],
        to: p.period_to.to_string(),
    };
    Ok(under(ui, Page::new(ui.t("pl-rerun"), &template)?.lead(ui.t("pl-rerun-lead")).narrow(), &p))
}

fn rerun(call: &Call, id: Id, _: &NoQuery, body: RerunBody, form: &Form) -> Result<Answer> {
    let call = once(call, form, &body);
    let answer = api::rerun_or_start(&call, id, body)?;
    onward(&call, answer, |place| goes_on(place, "pl-remade"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let tile =
        |red| Tile {
            text: ui.t("pl-tile-visits"), figure: text("214 → 131"), red, href: text("/plannings")
        };
    let obstacle = |kind: &str, cures: &[&str]| {
        Obstacle::of(
            ui,
            &Blocker {
                kind: text(kind),
                visit: text("V0001"),
                subject_key: text("R:1"),
                subject: text("示范饭店"),
                tasks: vec![text("T1"), text("T2")],
                why: text("消防救援大队当日仅1人可派;需要2人"),
                cures: cures.iter().map(|c| (*c).to_owned()).collect(),
            },
        )
    };
    let sort = |kind: &str| Sort { kind: text(kind), n: 3, href: text("/plannings") };
    let day = |d| NaiveDate::from_ymd_opt(2026, 5, d).unwrap();
    let placed: Vec<(NaiveDate, String)> =
        [(8, "城关镇"), (8, "城关镇"), (11, "洋溪镇"), (12, "")].map(|(d, t)| (day(d), text(t))).to_vec();
    let long: Vec<(NaiveDate, String)> = (0..80).map(|n| (day(1) + Days::new(n), text("城关镇"))).collect();
    let page = |state: &str, full: bool, placed: &[(NaiveDate, String)]| ShowPage {
        ui,
        id,
        state: text(state),
        tiles: vec![tile(false), tile(true)],
        period: text("2026年5月8日至6月30日"),
        inspections: if full { vec![(text("/account"), text("餐饮业联合抽查"))] } else { Vec::new() },
        singles: true,
        people: ui.t2("pl-people", "people", 24, "seats", 180),
        made: text("2026年5月8日 10:30"),
        basis: full.then_some(id),
        may_run: true,
        obstacles: if full {
            vec![obstacle("unstaffed", &["启用后备库"]), obstacle("no_day", &[])]
        } else {
            Vec::new()
        },
        obstacle_sorts: if full { vec![sort("unstaffed"), sort("no_day")] } else { Vec::new() },
        obstacle_total: if full { 12 } else { 0 },
        changes: 3,
        change_sorts: vec![sort("moved_day")],
        map: map(ui, id, placed),
        digest: text("ab12"),
        seed: text("cd34"),
        source: text("draws:1"),
    };
    let names = HashMap::from([(id, text("市场监管局"))]);
    let visit = |day: Option<NaiveDate>| {
        let json = serde_json::json!([{ "why": "无人可派" }]);
        let office =
            crate::web::api::visits::VisitDepartmentView {
                id, code: text("SJ"), name: text("市场监管局")
            };
        let task = crate::web::api::visits::VisitTaskView {
            id,
            code: text("T1"),
            department_id: id,
            item_id: id,
            item: text("食品经营检查"),
            inspection_id: None,
            state: text("planned"),
        };
        let seat = crate::web::api::visits::SeatView {
            id,
            inspector_id: id,
            code: text("SJ01"),
            name: text("张三"),
            department_id: id,
            role: text("lead_inspector"),
            state: text("proposed"),
            draw_ref: String::new(),
        };
        let view = VisitView {
            id,
            code: text("V0001"),
            planning_id: id,
            subject: crate::web::api::visits::VisitSubject {
                id,
                key: text("R:1"),
                name: text("示范饭店"),
                town: text("城关镇"),
                address: text("中山路1号"),
            },
            day,
            start: day.map(|_| text("09:00")),
            minutes: 75,
            state: text(if day.is_some() { "staffed" } else { "planned" }),
            announced: true,
            lead_department_id: Some(id),
            departments: vec![office],
            tasks: vec![task.clone(), task],
            seats: if day.is_some() { vec![seat] } else { Vec::new() },
            blockers: if day.is_some() { serde_json::Value::Null } else { json },
            dispatched_at: None,
            version: 1,
        };
        Entry::of(ui, &names, true, view)
    };
    let tabs = || kind_tabs(ui, "/plannings", "pl-blocker", &[sort("unstaffed")], "unstaffed");
    let pager = || Pager::new(ui, &[], true, Some("x"));
    let visits = |rows| VisitsPage {
        ui,
        tabs: tabs(),
        state: text("staffed"),
        from: text("2026-05-08"),
        to: String::new(),
        preview: true,
        rows,
        pager: pager(),
    };
    let change = VisitChange {
        visit: text("V0001"),
        subject_key: text("R:1"),
        kinds: vec![text("moved_day"), text("replaced")],
        before: Some(text("2026-05-08 09:00")),
        after: None,
        left: vec![text("SJ01:请假")],
        came: vec![text("SJ02")],
        tasks_out: Vec::new(),
        tasks_in: Vec::new(),
    };
    let commit = |open, short| CommitPage {
        ui,
        id,
        open,
        period: text("2026年5月8日至6月30日"),
        inspections: vec![text("餐饮业联合抽查")],
        visits: ui.t2("pl-commit-visits", "visits", 131, "before", 214),
        people: ui.t2("pl-people", "people", 24, "seats", 180),
        unstaffed: short,
        left: short,
        replaces: open,
    };
    let rerun =
        RerunPage { ui, id, fresh: vec![Choice::new("true", ui.t("pl-rerun-new"))], to: text("2026-06-30") };
    let changes = |rows| ChangesPage { ui, tabs: tabs(), rows, pager: pager() };
    let blockers = |rows| BlockersPage { ui, tabs: tabs(), rows, pager: pager() };
    vec![
        Page::new("二季度排期", &page("preview", true, &placed)).unwrap(),
        Page::new("二季度排期", &page("committed", true, &long)).unwrap(),
        Page::new("二季度排期", &page("discarded", false, &[])).unwrap(),
        Page::new("二季度排期", &page("superseded", false, &[])).unwrap(),
        Page::new(ui.t("pl-visits"), &visits(vec![visit(Some(day(8))), visit(None)])).unwrap(),
        Page::new(ui.t("pl-visits"), &visits(Vec::new())).unwrap(),
        Page::new(ui.t("pl-blockers"), &blockers(vec![obstacle("unstaffed", &["启用后备库"])])).unwrap(),
        Page::new(ui.t("pl-blockers"), &blockers(Vec::new())).unwrap(),
        Page::new(ui.t("pl-changes"), &changes(vec![Difference::of(ui, &Known::default(), &change)]))
            .unwrap(),
        Page::new(ui.t("pl-changes"), &changes(Vec::new())).unwrap(),
        Page::new(ui.t("pl-commit"), &commit(true, 3)).unwrap(),
        Page::new(ui.t("pl-commit"), &commit(false, 0)).unwrap(),
        Page::new(ui.t("pl-rerun"), &rerun).unwrap(),
    ]
}
