//! The draws whoever looks may see: every attempt and every round, those that were aborted among them.

use crate::domain::access::Action::ViewDraw;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws;
use crate::store::draws::{Summary, Wanted};
use crate::store::inspections;
use crate::web::html::Page;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::page::{Cursor, cut};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/draws", Action(ViewDraw), list);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Policy.
    kind: String,
    /// Joint inspection.
    #[serde(deserialize_with = "filled")]
    inspection_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    inspection: Id,
    name: String,
    attempt: i32,
    round: i32,
    state: String,
    policy: String,
    pool: i64,
    drawn: i64,
    opened: String,
    reason: String,
}

impl Row {
    fn of(ui: &Ui, names: &HashMap<Id, String>, d: Summary) -> Self {
        Self {
            id: d.id,
            inspection: d.inspection_id,
            name: names.get(&d.inspection_id).cloned().unwrap_or_default(),
            attempt: d.attempt,
            round: d.round,
            policy: d.policy,
            pool: d.pool_size,
            drawn: d.drawn,
            opened: ui.time(&d.created_at.0),
            reason: ui.told(&d.reason),
            state: d.state,
        }
    }
}

#[derive(Template)]
#[template(path = "draws/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    inspection: String,
    filtered: bool,
    pager: Pager<'a>,
}

const STATES: [&str; 8] =
    ["", "opened", "sealed", "revealed", "beaconed", "resulted", "published", "aborted"];
const POLICIES: [&str; 4] = ["", "ceremony", "public", "embargo"];

fn choices(ui: &Ui, family: &str, codes: &[&str], chosen: &str) -> Vec<Choice> {
    let label = |code: &str| if code.is_empty() { ui.t("filter-all") } else { ui.word(family, code) };
    codes.iter().map(|code| Choice::new(*code, label(code)).chosen(*code == chosen)).collect()
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let wanted = Wanted {
        inspection: query.inspection_id,
        state: some(&query.state),
        policy: some(&query.kind),
        after,
        ..Wanted::default()
    };
    let (rows, next) = cut(|most| draws::list(cx, wanted, most), |d| d.id.to_string())?;
    let ids: Vec<Id> = rows.iter().map(|d| d.inspection_id).collect();
    let names: HashMap<Id, String> =
        inspections::by_ids(cx.db, &ids)?.into_iter().map(|i| (i.id, i.name)).collect();
    let inspection = query.inspection_id.map(|id| id.to_string());
    let filters = [
        ("state", Some(query.state.as_str())),
        ("kind", Some(query.kind.as_str())),
        ("inspection_id", inspection.as_deref()),
    ];
    let template = ListPage {
        ui,
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        states: choices(ui, "draw-state", &STATES, &query.state),
        kinds: choices(ui, "draw-policy", &POLICIES, &query.kind),
        rows: rows.into_iter().map(|d| Row::of(ui, &names, d)).collect(),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        inspection: inspection.unwrap_or_default(),
    };
    Ok(Page::new(ui.t("nav-draws"), &template)?.lead(ui.t("draws-lead")))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let id = Id(uuid::Uuid::from_u128(7));
    let row = |state: &str, round| Row {
        id,
        inspection: id,
        name: "餐饮业联合抽查".to_owned(),
        attempt: 2,
        round,
        state: state.to_owned(),
        policy: "ceremony".to_owned(),
        pool: 320,
        drawn: 32,
        opened: "2026年5月8日 09:00".to_owned(),
        reason: if state == "aborted" { "会场停电".to_owned() } else { String::new() },
    };
    let page = |rows, filtered, inspection: &str| ListPage {
        ui,
        rows,
        states: choices(ui, "draw-state", &STATES, "aborted"),
        kinds: choices(ui, "draw-policy", &POLICIES, ""),
        inspection: inspection.to_owned(),
        filtered,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    [
        page(vec![row("resulted", 1), row("aborted", 0)], false, ""),
        page(Vec::new(), false, ""),
        page(Vec::new(), true, "1"),
    ]
    .iter()
    .map(|p| Page::new(ui.t("nav-draws"), p).unwrap())
    .collect()
}
