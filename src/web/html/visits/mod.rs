//! Visits, above all on an inspector's phone: those of today in the order of the route, one of them with everything that
//! is done at the door, the form, the screen shown to the business, papers.

mod entry;
mod papers;
mod screen;
mod show;

use super::Page;
use super::list::{Pager, Tab, Tabs, address, filled};
use super::ui::Ui;
use crate::domain::access::Action::ViewVisit;
use crate::domain::access::Scope;
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections;
use crate::service::visits::{self, Whole};
use crate::store::departments;
use crate::store::visits::VisitFilter;
use crate::web::page::{Cursor, cut};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/visits", Action(ViewVisit), list);
    show::pages(r);
    entry::pages(r);
    screen::pages(r);
    papers::pages(r);
}

/// Names of the county's departments.
pub(super) fn offices(cx: &mut Cx<'_>) -> Result<HashMap<Id, String>> {
    let region = cx.region().to_owned();
    Ok(departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.name)).collect())
}

/// A time of day.
pub(super) fn clock(minute: Option<i32>) -> String {
    minute.map(|m| format!("{:02}:{:02}", m / 60, m % 60)).unwrap_or_default()
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// `coming`, `done`, `all`; empty: what is to be done today.
    view: String,
    /// Joint inspection.
    #[serde(deserialize_with = "filled")]
    inspection_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A stop of the route.
struct Stop {
    id: Id,
    when: String,
    name: String,
    town: String,
    address: String,
    state: String,
    departments: String,
    items: usize,
    late: bool,
}

/// The stops of a day.
struct Day {
    title: String,
    stops: Vec<Stop>,
}

#[derive(Template)]
#[template(path = "visits/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    inspection: String,
    inspection_href: String,
    papers: String,
    days: Vec<Day>,
    view: String,
    own: bool,
    more: bool,
    pager: Pager<'a>,
}

/// The saved views.
const VIEWS: [&str; 4] = ["", "coming", "done", "all"];
/// Visits of one day that are looked at, at most.
const MOST: i64 = 200;
/// What is still to be held.
const OPEN: [State; 3] = [State::Dispatched, State::InProgress, State::Obstructed];

/// Whether whoever asks sees visits because he is on their teams only.
fn sees_own_only(cx: &Cx<'_>) -> bool {
    let region = cx.region();
    let office = cx.can(ViewVisit, &Scope::county(region));
    !office && !cx.actor.department.is_some_and(|d| cx.can(ViewVisit, &Scope::of(region, d)))
}

fn today(cx: &mut Cx<'_>, ui: &Ui, inspection: Option<Id>) -> Result<Vec<Whole>> {
    let mut rows: Vec<Whole> = Vec::new();
    let open: Vec<&'static str> = OPEN.iter().map(|s| s.as_str()).collect();
    if cx.actor.inspector.is_some() {
        for state in &open {
            rows.extend(visits::mine(cx, Some((*state).to_owned()), None, MOST)?);
        }
        rows.retain(|w| w.visit.on_day.is_some_and(|day| day <= ui.today));
        if let Some(id) = inspection {
            rows.retain(|w| w.tasks.iter().any(|(t, _)| t.inspection_id == Some(id)));
        }
    }
    if !sees_own_only(cx) {
        let filter =
            VisitFilter { inspection, states: Some(open), to: Some(ui.today), ..VisitFilter::default() };
        rows.extend(visits::list(cx, &filter, None, MOST)?);
    }
    Ok(rows)
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let own = sees_own_only(cx);
    let view = VIEWS.iter().find(|v| **v == query.view).copied().unwrap_or_default();
    let tomorrow = ui.today.succ_opt();
    let (mut rows, next) = match (view, own) {
        ("", _) => (today(cx, ui, query.inspection_id)?, None),
        ("coming", true) => {
            let mut rows = visits::mine(cx, Some(State::Dispatched.as_str().to_owned()), None, MOST)?;
            rows.retain(|w| w.visit.on_day.is_some_and(|day| day > ui.today));
            (rows, None)
        }
        (_, true) => {
            let state = (view == "done").then(|| State::Done.as_str().to_owned());
            cut(|most| visits::mine(cx, state, after, most), |w| w.visit.id.to_string())?
        }
        (_, false) => {
            let filter = VisitFilter {
                inspection: query.inspection_id,
                from: tomorrow.filter(|_| view == "coming"),
                state: (view == "done").then(|| State::Done.as_str().to_owned()),
                ..VisitFilter::default()
            };
            cut(|most| visits::list(cx, &filter, after, most), |w| w.visit.id.to_string())?
        }
    };
    let more = view.is_empty() && i64::try_from(rows.len()).unwrap_or(MOST) >= MOST;
    let inspection = match query.inspection_id {
        Some(id) => inspections::load_for(cx, id, crate::domain::access::Action::ViewInspection).ok(),
        None => None,
    };
    // In the order of the route: day, time, then what lies together.
    let place = |w: &Whole| {
        (w.visit.on_day.is_none(), w.visit.on_day, w.visit.start_minute, w.subject.town.clone(), w.visit.id)
    };
    rows.sort_by_key(place);
    rows.dedup_by_key(|w| w.visit.id);
    let mut days: Vec<(Option<NaiveDate>, Day)> = Vec::new();
    for whole in rows {
        let day = whole.visit.on_day;
        let stop = stop(ui, whole);
        match days.last_mut().filter(|(d, _)| *d == day) {
            Some((_, list)) => list.stops.push(stop),
            None => {
                let title = match day {
                    Some(day) if day == ui.today => ui.t1("door-today-is", "day", ui.day(&day)),
                    Some(day) => ui.day(&day),
                    None => ui.t("door-no-day"),
                };
                days.push((day, Day { title, stops: vec![stop] }));
            }
        }
    }
    let chosen = query.inspection_id.map(|id| id.to_string());
    let tab = |v: &str| Tab {
        href: address("/visits", &[("view", Some(v)), ("inspection_id", chosen.as_deref())]),
        text: ui.t(match v {
            "" => "door-view-today",
            "coming" => "door-view-coming",
            "done" => "door-view-done",
            _ => "door-view-all",
        }),
        count: None,
        here: v == view,
    };
    let filters = [("view", Some(view)), ("inspection_id", chosen.as_deref())];
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        inspection: inspection.as_ref().map(|i| i.inspection.name.clone()).unwrap_or_default(),
        inspection_href: chosen.as_deref().map(|id| format!("/inspections/{id}")).unwrap_or_default(),
        papers: inspection
            .as_ref()
            .map(|i| format!("/inspections/{}/papers", i.inspection.id))
            .unwrap_or_default(),
        days: days.into_iter().map(|(_, day)| day).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        view: view.to_owned(),
        own,
        more,
    };
    Page::new(ui.t("nav-visits"), &template)
}

fn stop(ui: &Ui, whole: Whole) -> Stop {
    let state = State::parse(&whole.visit.state);
    let names: Vec<String> = whole.departments.into_iter().map(|d| d.name).collect();
    Stop {
        id: whole.visit.id,
        when: clock(whole.visit.start_minute),
        name: whole.subject.name,
        town: whole.subject.town,
        address: whole.subject.address,
        departments: names.join(&ui.t("comma")),
        items: whole.tasks.len(),
        late: state.is_some_and(|s| OPEN.contains(&s))
            && whole.visit.on_day.is_some_and(|day| day < ui.today),
        state: whole.visit.state,
    }
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let stop = |late| Stop {
        id: Id(uuid::Uuid::from_u128(5)),
        when: text("09:30"),
        name: text("某某餐饮有限公司"),
        town: text("列东街道"),
        address: text("列东街道江滨路12号"),
        state: text("in_progress"),
        departments: text("市场监管局、消防救援大队"),
        items: 3,
        late,
    };
    let tab = || Tab { href: text("/visits"), text: ui.t("door-view-today"), count: None, here: true };
    let page = |days, own, view: &str| ListPage {
        ui,
        tabs: Tabs::new(ui, vec![tab()]),
        inspection: text("餐饮业联合抽查"),
        inspection_href: text("/visits"),
        papers: text("/visits"),
        days,
        view: text(view),
        own,
        more: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let day = || Day { title: text("2026年5月8日（周五）"), stops: vec![stop(true), stop(false)] };
    let mut pages: Vec<Page> = [
        page(vec![day()], true, ""),
        page(Vec::new(), true, ""),
        page(Vec::new(), false, "coming"),
        page(Vec::new(), false, "done"),
        page(Vec::new(), false, "all"),
    ]
    .iter()
    .map(|p| Page::new(ui.t("nav-visits"), p).unwrap())
    .collect();
    pages.extend(show::samples(ui));
    pages.extend(entry::samples(ui));
    pages.extend(screen::samples(ui));
    pages.extend(papers::samples(ui));
    pages
}
