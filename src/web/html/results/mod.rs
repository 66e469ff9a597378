//! Results of a department: what is to be entered, reviewed, approved, published, and until when; several at once, each
//! time after a look at what will be done.

mod check;
mod show;

use super::Page;
use super::field::Choice;
use super::list::{Pager, Tab, Tabs, address, filled};
use super::ui::Ui;
use super::visits::offices;
use crate::domain::access::Action::{self as Right, ApproveResult, PublishResult, ReviewResult, ViewResult};
use crate::domain::access::Scope;
use crate::domain::calendar::WorkdayTable;
use crate::domain::result::{State, countdown};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::invitations::calendar;
use crate::service::results;
use crate::store::publications::{self, Publication};
use crate::store::results::{CheckResult, Filter};
use crate::store::{county, visits};
use crate::web::page::{Cursor, cut};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/results", Action(ViewResult), list);
    check::pages(r);
    show::pages(r);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// A state, `enter` (draft, entered, returned), `late`; empty: all.
    state: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Visit.
    #[serde(deserialize_with = "filled")]
    visit_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A result in a list.
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) subject: String,
    pub(super) item: String,
    pub(super) department: String,
    pub(super) outcomes: String,
    pub(super) state: String,
    pub(super) visit: String,
    pub(super) day: String,
    pub(super) due: String,
    pub(super) late: bool,
}

#[derive(Template)]
#[template(path = "findings/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    state: String,
    offices: Vec<Choice>,
    visit: String,
    rows: Vec<Row>,
    /// What may be done with several of them; empty: nothing.
    act: &'static str,
    pager: Pager<'a>,
}

/// The saved views.
const VIEWS: [&str; 7] = ["enter", "confirmed", "reviewed", "approved", "published", "late", ""];
/// Results of one state that the first view looks at.
const MOST: i64 = 100;

/// The periods of these visits, by visit and department.
pub(super) fn periods(cx: &mut Cx<'_>, rows: &[CheckResult]) -> Result<HashMap<(Id, Id), Publication>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.visit_id).collect::<BTreeSet<_>>().into_iter().collect();
    Ok(publications::of_visits(cx.db, &ids)?
        .into_iter()
        .map(|p| ((p.visit_id, p.department_id), p))
        .collect())
}

/// How near the end of the period of a result is, and whether it has passed.
pub(super) fn due(
    ui: &Ui,
    calendar: &WorkdayTable,
    row: &CheckResult,
    period: Option<&Publication>,
) -> (String, bool) {
    let open = !State::parse(&row.state).is_some_and(State::is_public);
    match period.filter(|p| open && p.done_at.is_none()) {
        Some(p) => {
            let left = countdown(calendar, ui.today, p.due_day);
            (format!("{}{}{}", ui.day(&p.due_day), ui.t("comma"), ui.countdown(&left)), p.due_day < ui.today)
        }
        None => (String::new(), false),
    }
}

/// Rows with everything that a list shows.
pub(super) fn dressed(cx: &mut Cx<'_>, ui: &Ui, rows: &[CheckResult]) -> Result<Vec<Row>> {
    let all = |pick: fn(&CheckResult) -> Id| -> Vec<Id> {
        rows.iter().map(pick).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &all(|r| r.subject_id))?.into_iter().map(|s| (s.id, s.name)).collect();
    let items: HashMap<Id, String> =
        county::items(cx.db, &all(|r| r.item_id))?.into_iter().map(|i| (i.id, i.name)).collect();
    let held: HashMap<Id, (String, String)> = visits::by_ids(cx.db, &all(|r| r.visit_id))?
        .into_iter()
        .map(|v| (v.id, (v.code, ui.day_or(&v.on_day))))
        .collect();
    let (periods, calendar, names) = (periods(cx, rows)?, calendar(cx)?, offices(cx)?);
    Ok(rows
        .iter()
        .map(|r| {
            let (until, late) = due(ui, &calendar, r, periods.get(&(r.visit_id, r.department_id)));
            let (visit, day) = held.get(&r.visit_id).cloned().unwrap_or_default();
            Row {
                id: r.id,
                subject: subjects.get(&r.subject_id).cloned().unwrap_or_default(),
                item: items.get(&r.item_id).cloned().unwrap_or_default(),
                department: names.get(&r.department_id).cloned().unwrap_or_default(),
                outcomes: outcomes(ui, r),
                state: r.state.clone(),
                visit,
                day,
                due: until,
                late,
            }
        })
        .collect())
}

/// What was found, in words.
pub(super) fn outcomes(ui: &Ui, row: &CheckResult) -> String {
    let words: Vec<String> = row.outcomes.0.iter().map(|o| ui.word("outcome", o)).collect();
    words.join(&ui.t("comma"))
}

/// What moves results on from a state, and the right it takes.
pub(super) fn way(state: &str) -> Option<(&'static str, Right)> {
    match state {
        "confirmed" => Some(("review", ReviewResult)),
        "reviewed" => Some(("approve", ApproveResult)),
        "approved" => Some(("publish", PublishResult)),
        _ => None,
    }
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let region = cx.region().to_owned();
    let county_wide = cx.can(ViewResult, &Scope::county(&region));
    // Others' results are read on the page of their visit; the work list is one's own.
    let own = cx.actor.department.filter(|_| !county_wide && query.visit_id.is_none());
    let state = query.state.as_str();
    if !state.is_empty() && !matches!(state, "enter" | "late") && State::parse(state).is_none() {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    let filter = |state: Option<&str>| Filter {
        state: state.map(str::to_owned),
        department: query.department_id.or(own),
        visit: query.visit_id,
        late: query.state == "late",
        // What waits: the oldest first; what is done: the newest.
        newest_first: query.state != "late" && state.is_none_or(|s| matches!(s, "published" | "corrected")),
        ..Filter::default()
    };
    let (found, next) = if state == "enter" {
        let mut found = Vec::new();
        for state in [State::Returned, State::Draft, State::Entered] {
            found.extend(results::list(cx, &filter(Some(state.as_str())), None, MOST)?);
        }
        (found, None)
    } else {
        let only = filter(Some(state).filter(|s| !s.is_empty() && *s != "late"));
        cut(|most| results::list(cx, &only, after, most), |r| r.id.to_string())?
    };
    let mut rows = dressed(cx, ui, &found)?;
    if query.after.is_none() && next.is_none() {
        rows.sort_by_key(|row| std::cmp::Reverse(row.late));
    }
    let (department, visit) =
        (query.department_id.map(|d| d.to_string()), query.visit_id.map(|v| v.to_string()));
    let rest = [("department_id", department.as_deref()), ("visit_id", visit.as_deref())];
    let tab = |v: &str| {
        let mut filters = vec![("state", Some(v))];
        filters.extend(rest);
        Tab {
            href: address("/results", &filters),
            text: match v {
                "" => ui.t("door-view-all"),
                "enter" => ui.t("finding-view-enter"),
                "late" => ui.t("finding-view-late"),
                v => ui.word("finding-state", v),
            },
            count: None,
            here: v == query.state,
        }
    };
    let mut filters = vec![("state", Some(query.state.as_str()))];
    filters.extend(rest);
    let names = offices(cx)?;
    let mut choices = vec![Choice::new("", ui.t("filter-all"))];
    if county_wide {
        let mut all: Vec<(&Id, &String)> = names.iter().collect();
        all.sort_by_key(|(_, name)| (*name).clone());
        choices
            .extend(all.into_iter().map(|(id, name)| {
                Choice::new(id.to_string(), name).chosen(query.department_id == Some(*id))
            }));
    }
    let act = way(state).filter(|(_, right)| {
        cx.actor.department.is_some_and(|d| cx.can(*right, &Scope::of(&region, d)))
            && query.department_id.is_none_or(|d| Some(d) == cx.actor.department)
            && query.visit_id.is_none()
    });
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        offices: choices,
        visit: visit.clone().unwrap_or_default(),
        rows,
        act: act.map_or("", |(act, _)| act),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        state: query.state.clone(),
    };
    Page::new(ui.t("nav-results"), &template)
}

#[cfg(test)]
pub(super) fn row(state: &str, late: bool) -> Row {
    Row {
        id: Id(uuid::Uuid::from_u128(6)),
        subject: "某某餐饮有限公司".to_owned(),
        item: "食品经营许可检查".to_owned(),
        department: "市场监管局".to_owned(),
        outcomes: "未发现问题".to_owned(),
        state: state.to_owned(),
        visit: "V0001".to_owned(),
        day: "2026年5月8日（周五）".to_owned(),
        due: "2026年6月5日（周五），还剩 18 个工作日".to_owned(),
        late,
    }
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let tab = || Tab { href: text("/results"), text: ui.t("finding-view-enter"), count: None, here: true };
    let page = |rows, state: &str, act| ListPage {
        ui,
        tabs: Tabs::new(ui, vec![tab()]),
        state: text(state),
        offices: vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")],
        visit: text("x"),
        rows,
        act,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let mut pages: Vec<Page> = [
        page(vec![row("approved", true), row("approved", false)], "approved", "publish"),
        page(vec![row("confirmed", false)], "confirmed", "review"),
        page(vec![row("reviewed", false)], "reviewed", "approve"),
        page(vec![row("draft", false)], "enter", ""),
        page(Vec::new(), "late", ""),
        page(Vec::new(), "enter", ""),
        page(Vec::new(), "published", ""),
    ]
    .iter()
    .map(|p| Page::new(ui.t("nav-results"), p).unwrap())
    .collect();
    pages.extend(check::samples(ui));
    pages.extend(show::samples(ui));
    pages
}
