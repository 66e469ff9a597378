//! Planning runs: the list, and starting one.

use super::{key, once, onward};
use crate::domain::access::Action::{RunPlanning, ViewPlanning};
use crate::domain::planning_state::State;
use crate::error::{Error, Result};
use crate::service::cx::Cx;
use crate::service::{inspections, planning_rules, plannings};
use crate::store::inspections::Wanted;
use crate::web::api::plannings::{self as api, NewPlanningBody, PlanningView};
use crate::web::call::Call;
use crate::web::html::Page;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::jobs::goes_on;
use crate::web::html::list::{Pager, Tab, Tabs, address};
use crate::web::html::ui::Ui;
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::Days;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/plannings", Action(ViewPlanning), list);
    // Before the page of one run: the last word is no identifier.
    r.page("/plannings/new", Action(RunPlanning), new);
    r.form_steps("/plannings/new", Action(RunPlanning), create, new);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    href: String,
    name: String,
    period: String,
    state: String,
    before: String,
    visits: String,
    saved: String,
    staffed: String,
    short: bool,
    made: String,
}

impl Row {
    fn of(ui: &Ui, p: PlanningView) -> Self {
        let s = &p.summary;
        Self {
            href: format!("/plannings/{}", p.id),
            period: ui.span(&p.period_from, &p.period_to),
            before: s.separate_visits.to_string(),
            visits: s.visits.to_string(),
            saved: s.visits_saved.to_string(),
            staffed: format!("{}/{}", s.staffed, s.visits),
            short: s.unstaffed > 0,
            made: ui.time(&p.created_at),
            name: p.name,
            state: p.state,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/plannings.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    rows: Vec<Row>,
    filtered: bool,
    may_run: bool,
    rules: usize,
    pager: Pager<'a>,
}

const VIEWS: [&str; 5] = ["", "preview", "committed", "superseded", "discarded"];

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let state = match query.state.as_str() {
        "" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let (rows, next) = cut(|most| plannings::list(cx, state, after, most), |p| p.id.to_string())?;
    let rows =
        rows.into_iter().map(|p| PlanningView::try_from(p).map(|p| Row::of(ui, p))).collect::<Result<_>>()?;
    let tab = |view: &str| Tab {
        href: address("/plannings", &[("state", Some(view))]),
        text: if view.is_empty() { ui.t("filter-all") } else { ui.word("pl-state", view) },
        count: None,
        here: view == query.state,
    };
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        rows,
        filtered: state.is_some(),
        may_run: ui.may(RunPlanning),
        rules: planning_rules::list(cx)?.len(),
        pager: Pager::new(
            ui,
            &[("state", Some(query.state.as_str()))],
            query.after.is_some(),
            next.as_deref(),
        ),
    };
    Ok(Page::new(ui.t("nav-plannings"), &template)?.lead(ui.t("pl-lead")))
}

#[derive(Template)]
#[template(path = "desk/planning_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    inspections: Vec<Choice>,
    from: String,
    to: String,
    rules: usize,
}

/// Joint inspections that are offered.
const MOST: i64 = 200;
/// Days of a period when nothing is said.
const DAYS: u64 = 30;

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let wanted = Wanted { state: Some("drawn".to_owned()), ..Wanted::default() };
    let drawn = inspections::list(cx, wanted, MOST)?;
    let tomorrow = ui.today + Days::new(1);
    // As far as the inspections go that can be planned.
    let to = drawn.iter().map(|i| i.window_to).max().unwrap_or(tomorrow + Days::new(DAYS)).max(tomorrow);
    let choices = drawn.into_iter().map(|i| {
        let about = format!("{} · {}", i.number, ui.span(&i.window_from, &i.window_to));
        Choice::new(i.id.to_string(), i.name).hint(about).chosen(true)
    });
    let template = NewPage {
        ui,
        inspections: choices.collect(),
        from: tomorrow.to_string(),
        to: to.to_string(),
        rules: planning_rules::list(cx)?.len(),
    };
    let page = Page::new(ui.t("pl-new"), &template)?.lead(ui.t("pl-new-lead"));
    Ok(page.under("/plannings", ui.t("nav-plannings")).narrow())
}

fn create(call: &Call, (): (), _: &NoQuery, body: NewPlanningBody, form: &Form) -> Result<Answer> {
    let call = once(call, form, &body);
    let answer = api::create_or_start(&call, body)?;
    onward(&call, answer, |place| goes_on(place, "pl-made"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let row = |short| Row {
        href: "/plannings/0199aaaa".to_owned(),
        name: "二季度排期".to_owned(),
        period: "2026年5月8日至6月30日".to_owned(),
        state: "preview".to_owned(),
        before: "214".to_owned(),
        visits: "131".to_owned(),
        saved: "83".to_owned(),
        staffed: "128/131".to_owned(),
        short,
        made: "2026年5月8日 10:30".to_owned(),
    };
    let list = |rows, filtered, may_run| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab { href: "/".to_owned(), text: ui.t("filter-all"), count: None, here: true }],
        ),
        rows,
        filtered,
        may_run,
        rules: 2,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let new = |inspections| NewPage {
        ui,
        inspections,
        from: "2026-05-09".to_owned(),
        to: "2026-06-30".to_owned(),
        rules: 2,
    };
    vec![
        Page::new(ui.t("nav-plannings"), &list(vec![row(true), row(false)], false, true)).unwrap(),
        Page::new(ui.t("nav-plannings"), &list(Vec::new(), false, true)).unwrap(),
        Page::new(ui.t("nav-plannings"), &list(Vec::new(), true, false)).unwrap(),
        Page::new(ui.t("pl-new"), &new(vec![Choice::new("1", "餐饮业联合抽查").hint("示抽查〔2026〕3号")]))
            .unwrap(),
        Page::new(ui.t("pl-new"), &new(Vec::new())).unwrap(),
    ]
}
