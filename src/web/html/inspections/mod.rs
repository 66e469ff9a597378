//! Joint inspections: the list, one of them with everything that belongs to it, writing one, inviting, answering.

mod archive;
mod edit;
mod invitation;
mod pool;
mod show;

use super::Page;
use super::field::Choice;
use super::list::{Pager, Tab, Tabs, address, filled};
use super::ui::Ui;
use crate::domain::access::Action::{EditInspection, ViewInspection};
use crate::domain::access::Scope;
use crate::domain::inspection::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections;
use crate::store::departments::{self, Department};
use crate::store::inspections::{Inspection, Wanted};
use crate::web::page::{Cursor, cut};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/inspections", Action(ViewInspection), list);
    edit::pages(r);
    show::pages(r);
    invitation::pages(r);
    pool::pages(r);
    archive::pages(r);
}

/// Names of the county's departments.
pub(super) fn names(cx: &mut Cx<'_>) -> Result<HashMap<Id, String>> {
    Ok(offices(cx)?.into_iter().map(|d| (d.id, d.name)).collect())
}

/// The county's departments.
fn offices(cx: &mut Cx<'_>) -> Result<Vec<Department>> {
    let region = cx.region().to_owned();
    departments::all(cx.db, &region)
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Whose window ends on this day or later.
    #[serde(deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// Whose window begins on this day or before.
    #[serde(deserialize_with = "filled")]
    to: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// An inspection in the list.
struct Row {
    id: Id,
    number: String,
    name: String,
    field: String,
    department: String,
    window: String,
    state: String,
    turn: String,
}

impl Row {
    fn of(ui: &Ui, names: &HashMap<Id, String>, i: Inspection) -> Self {
        Self {
            id: i.id,
            turn: ui.word("inspection-turn", &i.state),
            department: names.get(&i.department_id).cloned().unwrap_or_default(),
            window: ui.span(&i.window_from, &i.window_to),
            number: i.number,
            name: i.name,
            field: i.field,
            state: i.state,
        }
    }
}

#[derive(Template)]
#[template(path = "inspections/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    state: String,
    offices: Vec<Choice>,
    from: String,
    to: String,
    rows: Vec<Row>,
    may_start: bool,
    filtered: bool,
    pager: Pager<'a>,
}

/// The saved views, by state.
const VIEWS: [&str; 8] =
    ["", "draft", "inviting", "confirmed", "pool_frozen", "dispatched", "inspecting", "closed"];

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let state = Some(query.state.clone()).filter(|s| !s.is_empty());
    let wanted = Wanted {
        department: query.department_id,
        state: state.clone(),
        from: query.from,
        to: query.to,
        after,
        ..Wanted::default()
    };
    let (rows, next) = cut(|most| inspections::list(cx, wanted, most), |i| i.id.to_string())?;
    let all = offices(cx)?;
    let names: HashMap<Id, String> = all.iter().map(|d| (d.id, d.name.clone())).collect();
    let department = query.department_id.map(|d| d.to_string());
    let (from, to) = (query.from.map(|d| d.to_string()), query.to.map(|d| d.to_string()));
    let rest = [("department_id", department.as_deref()), ("from", from.as_deref()), ("to", to.as_deref())];
    let tab = |view: &str| {
        let mut filters = vec![("state", Some(view))];
        filters.extend(rest);
        Tab {
            href: address("/inspections", &filters),
            text: if view.is_empty() { ui.t("view-all") } else { ui.word("inspection-state", view) },
            count: None,
            here: view == query.state,
        }
    };
    let mut filters = vec![("state", state.as_deref())];
    filters.extend(rest);
    let region = cx.region().to_owned();
    let mut offices = vec![Choice::new("", ui.t("filter-all"))];
    if cx.can(ViewInspection, &Scope::county(&region)) {
        offices.extend(all.iter().filter(|d| d.kind == "inspecting").map(|d| {
            Choice::new(d.id.to_string(), d.name.as_str()).chosen(query.department_id == Some(d.id))
        }));
    }
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        filtered: rest.iter().any(|(_, v)| v.is_some()) || state.is_some(),
        offices,
        rows: rows.into_iter().map(|i| Row::of(ui, &names, i)).collect(),
        may_start: ui.may(EditInspection),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        state: query.state,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
    };
    Page::new(ui.t("nav-inspections"), &template)
}

/// A step of the procedure, for the indicator.
pub(super) struct Stage {
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// The steps of the procedure and how far it is.
pub(super) fn stages(ui: &Ui, state: State) -> Vec<Stage> {
    const ROAD: [State; 9] = [
        State::Draft,
        State::Inviting,
        State::Confirmed,
        State::PoolFrozen,
        State::Drawn,
        State::Staffed,
        State::Dispatched,
        State::Inspecting,
        State::Closed,
    ];
    // Merging is the first half of planning.
    let seen = if state == State::Merged { State::Drawn } else { state };
    let here = ROAD.iter().position(|s| *s == seen);
    ROAD.iter()
        .enumerate()
        .map(|(i, s)| Stage {
            text: ui.word("inspection-state", s.as_str()),
            class: match here {
                Some(h) if i < h || (i == h && *s == State::Closed) => "past",
                Some(h) if i == h => "now",
                _ => "",
            },
        })
        .chain(
            (state == State::Aborted)
                .then(|| Stage { text: ui.word("inspection-state", "aborted"), class: "now ended" }),
        )
        .collect()
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let row = || Row {
        id: Id(uuid::Uuid::from_u128(3)),
        number: "示抽查〔2026〕3号".to_owned(),
        name: "餐饮业联合抽查".to_owned(),
        field: "食品安全".to_owned(),
        department: "市场监管局".to_owned(),
        window: "2026年5月8日至5月20日".to_owned(),
        state: "inviting".to_owned(),
        turn: ui.word("inspection-turn", "inviting"),
    };
    let tab = || Tab { href: "/inspections".to_owned(), text: ui.t("view-all"), count: Some(3), here: true };
    let page = |rows, filtered, may_start| ListPage {
        ui,
        tabs: Tabs::new(ui, vec![tab()]),
        state: "draft".to_owned(),
        offices: vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")],
        from: String::new(),
        to: "2026-05-20".to_owned(),
        rows,
        may_start,
        filtered,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let mut pages: Vec<Page> =
        [page(vec![row()], true, true), page(Vec::new(), false, true), page(Vec::new(), true, false)]
            .iter()
            .map(|p| Page::new(ui.t("nav-inspections"), p).unwrap())
            .collect();
    pages.extend(edit::samples(ui));
    pages.extend(show::samples(ui));
    pages.extend(invitation::samples(ui));
    pages.extend(pool::samples(ui));
    pages.extend(archive::samples(ui));
    pages
}
