//! The public lists: results, items, plans, announcements.

use super::ResultRow;
use crate::domain::registry::{DepartmentKind, ItemDetails, PlanDetails};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::public;
use crate::store::departments;
use crate::store::types::At;
use crate::web::html::Page;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::page::{Cursor, cut};
use crate::web::router::Router;
use askama::Template;
use chrono::{DateTime, Datelike};
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.shared_page("/public/results", results);
    r.shared_page("/public/items", items);
    r.shared_page("/public/plans", plans);
    r.shared_page("/public/announcements", announcements);
}

/// Filters of the public lists; each list takes those it has.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct PublicQuery {
    /// Name, credit code or registration number.
    q: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Year.
    #[serde(deserialize_with = "filled")]
    year: Option<i32>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

impl PublicQuery {
    fn key(&self) -> Result<Option<Id>> {
        let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
        self.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()
    }
}

/// The departments to choose from.
fn offices(cx: &mut Cx<'_>, ui: &Ui, chosen: Option<Id>) -> Result<Vec<Choice>> {
    let region = cx.region().to_owned();
    let mut list = vec![Choice::new("", ui.t("filter-all"))];
    for d in departments::all(cx.db, &region)? {
        if d.kind == DepartmentKind::Inspecting.as_str() {
            list.push(Choice::new(d.id.to_string(), d.name).chosen(chosen == Some(d.id)));
        }
    }
    Ok(list)
}

#[derive(Template)]
#[template(path = "public/results.html")]
struct ResultsPage<'a> {
    ui: &'a Ui,
    q: String,
    offices: Vec<Choice>,
    rows: Vec<ResultRow>,
    pager: Pager<'a>,
}

fn results(cx: &mut Cx<'_>, ui: &Ui, (): (), query: PublicQuery) -> Result<Page> {
    let q: String = query.q.trim().chars().take(128).collect();
    let place = |cursor: &Cursor| {
        let (millis, id) = cursor.split_once('|')?;
        let time = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
        Some((At(time), id.parse().ok()?))
    };
    let wrong = || Error::field("after", "invalid_cursor", "不是本列表的游标");
    let before = query.after.as_ref().map(|c| place(c).ok_or_else(wrong)).transpose()?;
    let words = Some(q.as_str()).filter(|q| !q.is_empty());
    let (rows, next) = cut(
        |most| public::results_matching(cx, words, query.department_id, before, most),
        |p| format!("{}|{}", p.published_at.timestamp_millis(), p.id),
    )?;
    let office = query.department_id.map(|d| d.to_string());
    let filters = [("q", words), ("department_id", office.as_deref())];
    let template = ResultsPage {
        ui,
        offices: offices(cx, ui, query.department_id)?,
        rows: rows.into_iter().map(|p| ResultRow::of(ui, p)).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        q,
    };
    let page = Page::new(ui.t("public-results-title"), &template)?.under("/public", ui.t("nav-public"));
    Ok(page.lead(ui.t("public-results-lead")))
}

struct ItemRow {
    name: String,
    code: String,
    department: String,
    object: String,
    content: String,
    method: String,
    basis: String,
    ratio: String,
    frequency: String,
    category: String,
}

#[derive(Template)]
#[template(path = "public/items.html")]
struct ItemsPage<'a> {
    ui: &'a Ui,
    offices: Vec<Choice>,
    rows: Vec<ItemRow>,
    pager: Pager<'a>,
}

fn items(cx: &mut Cx<'_>, ui: &Ui, (): (), query: PublicQuery) -> Result<Page> {
    let after = query.key()?;
    let (rows, next) =
        cut(|most| public::items_of(cx, query.department_id, after, most), |(i, _)| i.id.to_string())?;
    let office = query.department_id.map(|d| d.to_string());
    let row = |(i, department): (crate::store::items::Item, String)| {
        let details = ItemDetails::of(&i.details.0);
        ItemRow {
            department,
            name: i.name,
            code: i.code,
            object: i.object,
            content: details.content,
            method: if details.method.is_empty() { i.mode } else { details.method },
            basis: details.basis.join("；"),
            ratio: i.ratio_text,
            frequency: details.frequency,
            category: i.category,
        }
    };
    let template = ItemsPage {
        ui,
        offices: offices(cx, ui, query.department_id)?,
        rows: rows.into_iter().map(row).collect(),
        pager: Pager::new(
            ui,
            &[("department_id", office.as_deref())],
            query.after.is_some(),
            next.as_deref(),
        ),
    };
    let page = Page::new(ui.t("public-items-title"), &template)?.under("/public", ui.t("nav-public"));
    Ok(page.lead(ui.t("public-items-lead")))
}

struct PlanRow {
    name: String,
    code: String,
    department: String,
    partners: String,
    object: String,
    ratio: String,
    window: String,
    targeted: bool,
    joint: bool,
    base: String,
}

#[derive(Template)]
#[template(path = "public/plans.html")]
struct PlansPage<'a> {
    ui: &'a Ui,
    offices: Vec<Choice>,
    years: Vec<Choice>,
    rows: Vec<PlanRow>,
    pager: Pager<'a>,
}

fn plans(cx: &mut Cx<'_>, ui: &Ui, (): (), query: PublicQuery) -> Result<Page> {
    let after = query.key()?;
    let (rows, next) = cut(
        |most| public::plans_of(cx, query.year, query.department_id, after, most),
        |e| e.row.id.to_string(),
    )?;
    let (office, year) = (query.department_id.map(|d| d.to_string()), query.year.map(|y| y.to_string()));
    let filters = [("year", year.as_deref()), ("department_id", office.as_deref())];
    let row = |public::PublicEntry { row: p, department, base }: public::PublicEntry| {
        let details = PlanDetails::of(&p.details.0);
        let window = match (p.window_from, p.window_to) {
            (Some(from), Some(to)) => ui.span(&from, &to),
            _ => p.window_text,
        };
        PlanRow {
            joint: p.inspection_id.is_some(),
            base: base
                .map(|b| ui.t2("public-plan-base", "n", b.subjects, "day", ui.day(&b.on_day)))
                .unwrap_or_default(),
            name: p.name,
            code: p.code,
            department,
            partners: details.partners.join(&ui.t("comma")),
            object: details.object,
            ratio: p.ratio_text,
            window,
            targeted: p.targeted,
        }
    };
    let this = ui.today.year();
    let mut years = vec![Choice::new("", ui.t("filter-all"))];
    years.extend(
        (this - 2..=this + 1)
            .rev()
            .map(|y| Choice::new(y.to_string(), y.to_string()).chosen(query.year == Some(y))),
    );
    let template = PlansPage {
        ui,
        offices: offices(cx, ui, query.department_id)?,
        years,
        rows: rows.into_iter().map(row).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
    };
    let page = Page::new(ui.t("public-plans-title"), &template)?.under("/public", ui.t("nav-public"));
    Ok(page.lead(ui.t("public-plans-lead")))
}

struct AnnouncementRow {
    number: String,
    name: String,
    field: String,
    departments: String,
    window: String,
    subjects: String,
    state: String,
}

#[derive(Template)]
#[template(path = "public/announcements.html")]
struct AnnouncementsPage<'a> {
    ui: &'a Ui,
    rows: Vec<AnnouncementRow>,
    pager: Pager<'a>,
}

fn announcements(cx: &mut Cx<'_>, ui: &Ui, (): (), query: PublicQuery) -> Result<Page> {
    let after = query.key()?;
    let (rows, next) = cut(|most| public::announcements(cx, after, most), |a| a.row.id.to_string())?;
    let row = |a: public::Announcement| AnnouncementRow {
        number: a.row.number,
        name: a.row.name,
        field: a.row.field,
        departments: a.departments.join(&ui.t("comma")),
        window: ui.span(&a.row.window_from, &a.row.window_to),
        subjects: ui.n("public-subjects", a.subjects),
        state: a.row.state,
    };
    let template = AnnouncementsPage {
        ui,
        rows: rows.into_iter().map(row).collect(),
        pager: Pager::new(ui, &[], query.after.is_some(), next.as_deref()),
    };
    let page = Page::new(ui.t("public-announcements-title"), &template)?.under("/public", ui.t("nav-public"));
    Ok(page.lead(ui.t("public-announcements-lead")))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let offices = || vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局").chosen(true)];
    let pager = || Pager::new(ui, &[], true, Some("x"));
    let results = |rows, q: &str| ResultsPage { ui, q: text(q), offices: offices(), rows, pager: pager() };
    let item = ItemRow {
        name: text("食品经营许可检查"),
        code: text("SC-01"),
        department: text("市场监管局"),
        object: text("餐饮服务经营者"),
        content: text("许可证是否在有效期内"),
        method: text("实地检查"),
        basis: text("《食品安全法》第一百一十条"),
        ratio: text("3%"),
        frequency: text("每年1次"),
        category: text("key"),
    };
    let items = |rows| ItemsPage { ui, offices: offices(), rows, pager: pager() };
    let plan = PlanRow {
        name: text("餐饮业联合抽查"),
        code: text("2026-01"),
        department: text("市场监管局"),
        partners: text("卫健局、消防救援大队"),
        object: text("餐饮企业"),
        ratio: text("3%"),
        window: text("3月至5月"),
        targeted: true,
        joint: true,
        base: ui.t2("public-plan-base", "n", 320, "day", "2026年3月1日（周日）"),
    };
    let plans = |rows| PlansPage { ui, offices: offices(), years: offices(), rows, pager: pager() };
    let told = AnnouncementRow {
        number: text("示抽查〔2026〕3号"),
        name: text("餐饮业联合抽查"),
        field: text("食品安全"),
        departments: text("市场监管局、卫健局"),
        window: text("2026年5月8日至5月20日"),
        subjects: ui.n("public-subjects", 32_i64),
        state: text("inspecting"),
    };
    let announcements = |rows| AnnouncementsPage { ui, rows, pager: pager() };
    vec![
        Page::new(ui.t("public-results-title"), &results(vec![ResultRow::sample()], "")).unwrap(),
        Page::new(ui.t("public-results-title"), &results(Vec::new(), "某店")).unwrap(),
        Page::new(ui.t("public-items-title"), &items(vec![item])).unwrap(),
        Page::new(ui.t("public-items-title"), &items(Vec::new())).unwrap(),
        Page::new(ui.t("public-plans-title"), &plans(vec![plan])).unwrap(),
        Page::new(ui.t("public-plans-title"), &plans(Vec::new())).unwrap(),
        Page::new(ui.t("public-announcements-title"), &announcements(vec![told])).unwrap(),
        Page::new(ui.t("public-announcements-title"), &announcements(Vec::new())).unwrap(),
    ]
}
