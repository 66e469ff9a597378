//! How long there is to publish, and the export of what was published with the national field names.

use super::Names;
use super::parts::{Cell, ListPage, office_choices};
use crate::domain::access::Action::{ViewCommon, ViewPublication};
use crate::domain::access::Scope;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::publications::{self, Period};
use crate::web::api::publication_export::{self as api, PublicationExportQuery};
use crate::web::call::Call;
use crate::web::html::Page;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, Tab, Tabs, address, filled};
use crate::web::html::ui::Ui;
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/publications", Action(ViewPublication), list);
    r.page("/exports/publications", Action(ViewCommon), ask);
    r.page_view("/exports/publications/file", Action(ViewCommon), file);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// `late`, `done`; empty: those not complete.
    view: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// The saved views.
const VIEWS: [&str; 3] = ["", "late", "done"];

fn place(cursor: &Cursor) -> Result<(NaiveDate, Id, Id)> {
    let parts: Vec<&str> = cursor.split('|').collect();
    let read = || match parts.as_slice() {
        [day, visit, department] => Some((day.parse().ok()?, visit.parse().ok()?, department.parse().ok()?)),
        _ => None,
    };
    read().ok_or_else(|| Error::field("after", "invalid_cursor", "不是本列表的游标"))
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = query.after.as_ref().map(place).transpose()?;
    let view = VIEWS.iter().find(|v| **v == query.view).copied().unwrap_or_default();
    let (open, late) = (Some(view != "done"), view == "late");
    let (rows, next) = cut(
        |most| publications::list(cx, query.department_id, open, late, after, most),
        |p| format!("{}|{}|{}", p.row.due_day, p.row.visit_id, p.row.department_id),
    )?;
    let names = Names::read(cx, [])?;
    let region = cx.region().to_owned();
    let mut page = list_page(ui, &names, &rows, view);
    if cx.can(ViewPublication, &Scope::county(&region)) {
        let offices = office_choices(cx, ui, query.department_id)?;
        page.filters.push(ui.field("department_id", "department").select(&offices));
        page.keep.push(("view", view.to_owned()));
    }
    let office = query.department_id.map(|d| d.to_string());
    let filters = [("view", Some(view)), ("department_id", office.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

fn list_page<'a>(ui: &'a Ui, names: &Names, rows: &[Period], view: &str) -> ListPage<'a> {
    let heads = ["finding-visit", "department", "col-inspected", "finding-due", "fu-period-card"];
    let cells = rows
        .iter()
        .map(|p| {
            let r = &p.row;
            let due = match r.done_at {
                Some(at) => {
                    Cell::text(&ui.day(&r.due_day)).small(&ui.t1("fu-period-done", "time", ui.time(&at.0)))
                }
                None => Cell::text(&names.until(ui, Some(r.due_day))).late(r.due_day < ui.today),
            };
            let card = match r.card.as_str() {
                "" => Cell::text(""),
                card => Cell::chip(ui, "fu-period-card", card),
            };
            vec![
                Cell::link(ui, &format!("/results?visit_id={}", r.visit_id), &p.visit),
                Cell::text(&p.department),
                Cell::text(&ui.day(&r.end_day)),
                due,
                card,
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    let mut page = ListPage::new(ui, ui.t("fu-period-title"), heads, cells)
        .none(ui.t("fu-period-none"), ui.t("fu-period-none-then"));
    let tab = |v: &str| Tab {
        href: address("/publications", &[("view", Some(v))]),
        text: ui.t(match v {
            "late" => "finding-view-late",
            "done" => "fu-period-complete",
            _ => "fu-period-open",
        }),
        count: None,
        here: v == view,
    };
    page.tabs = Some(Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()));
    page.ways.push(("/exports/publications".to_owned(), ui.t("fu-export-title")));
    page
}

#[derive(Template)]
#[template(path = "after/export.html")]
struct ExportPage<'a> {
    ui: &'a Ui,
    offices: Vec<Choice>,
    formats: Vec<Choice>,
    from: NaiveDate,
    to: NaiveDate,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let own = cx.actor.department;
    let offices = office_choices(cx, ui, own)?;
    export_page(ui, offices)
}

fn export_page(ui: &Ui, offices: Vec<Choice>) -> Result<Page> {
    let formats =
        ["csv", "json"].map(|f| Choice::new(f, ui.word("fu-export", f)).chosen(f == "csv")).to_vec();
    let from = NaiveDate::from_ymd_opt(ui.today.year(), 1, 1).unwrap_or(ui.today);
    let template = ExportPage { ui, offices, formats, from, to: ui.today };
    Ok(Page::new(ui.t("fu-export-title"), &template)?.narrow().lead(ui.t("fu-export-lead")))
}

/// What is exported, as the form sends it.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct FileQuery {
    /// `csv` or `json`.
    format: String,
    /// Department.
    #[serde(default, deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Only inspections that ended on this day or later.
    #[serde(default, deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// And not after this day.
    #[serde(default, deserialize_with = "filled")]
    to: Option<NaiveDate>,
}

fn file(call: &Call, (): (), q: FileQuery) -> Result<Answer> {
    let query =
        PublicationExportQuery { format: q.format, department_id: q.department_id, from: q.from, to: q.to };
    api::export(call, (), query)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::domain::result::Countdown;
    use crate::store::publications::Publication;
    use crate::store::types::At;
    let id = Id(uuid::Uuid::from_u128(8));
    let names = Names::sample();
    let period = |done: bool, card: &str| Period {
        row: Publication {
            visit_id: id,
            department_id: id,
            region: "350403".to_owned(),
            end_day: ui.today,
            due_day: ui.today,
            reminders: 1,
            card: card.to_owned(),
            done_at: done.then_some(At(ui.now)),
            version: 1,
            created_at: At(ui.now),
            updated_at: At(ui.now),
        },
        visit: "V0001".to_owned(),
        department: "市场监管局".to_owned(),
        countdown: (!done).then_some(Countdown::Today),
    };
    vec![
        list_page(ui, &names, &[period(false, "yellow"), period(true, "red"), period(false, "")], "")
            .page()
            .unwrap(),
        list_page(ui, &names, &[], "late").page().unwrap(),
        list_page(ui, &names, &[], "done").page().unwrap(),
        export_page(ui, vec![Choice::new("", ui.t("filter-all"))]).unwrap(),
    ]
}
