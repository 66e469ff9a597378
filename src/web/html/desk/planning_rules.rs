//! What the coordination office fixes by hand for the next planning runs: the list, a day for a visit, a door of their
//! own for some of its tasks.

use crate::domain::access::Action::{RunPlanning, ViewPlanning};
use crate::domain::planning_state::RuleKind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::planning_rules::{self, NewRule};
use crate::service::visits::{self, Whole};
use crate::store::{county, visits as rows};
use crate::web::api::plannings::{NewPlanningRuleBody, PlanningRuleKind};
use crate::web::html::field::Choice;
use crate::web::html::list::filled;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/planning-rules", Action(ViewPlanning), list);
    r.page("/planning-rules/new", Action(RunPlanning), new);
    r.form("/planning-rules/new", Action(RunPlanning), create, new);
    r.form("/planning-rules/{id}/end", Action(RunPlanning), end, |cx, ui, _: Id, q| list(cx, ui, (), q));
}

struct Row {
    id: Id,
    kind: String,
    subject: String,
    day: String,
    tasks: String,
    reason: String,
    made: String,
}

#[derive(Template)]
#[template(path = "desk/planning_rules.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    may_run: bool,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let rules = planning_rules::list(cx)?;
    let subjects: Vec<Id> = rules.iter().filter_map(|r| r.subject_id).collect();
    let names: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    let rows = rules.into_iter().map(|r| Row {
        id: r.id,
        subject: r.subject_id.and_then(|s| names.get(&s).cloned()).unwrap_or_default(),
        day: r.on_day.map(|d| ui.day(&d)).unwrap_or_default(),
        tasks: if r.tasks.0.is_empty() { ui.t("pl-rule-all") } else { ui.n("pl-tasks", r.tasks.0.len()) },
        made: ui.time(&r.created_at.0),
        kind: r.kind,
        reason: r.reason,
    });
    let template = ListPage { ui, rows: rows.collect(), may_run: ui.may(RunPlanning) };
    let page = Page::new(ui.t("pl-rules"), &template)?.lead(ui.t("pl-rules-lead"));
    Ok(page.under("/plannings", ui.t("nav-plannings")))
}

fn end(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    planning_rules::end(cx, id)?;
    Ok(Done::to("/planning-rules").say("pl-rule-ended"))
}

/// About which visit, and what.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct NewQuery {
    /// The visit.
    #[serde(deserialize_with = "filled")]
    visit: Option<Id>,
    /// `pin` or `split`.
    kind: String,
}

#[derive(Template)]
#[template(path = "desk/planning_rule_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    visit: Id,
    planning: Id,
    subject: String,
    address: String,
    now: String,
    split: bool,
    tasks: Vec<Choice>,
}

/// A visit, also of a preview.
fn visit(cx: &mut Cx<'_>, id: Id) -> Result<Whole> {
    let row = rows::get(cx.db, id)?.filter(|v| v.region == cx.actor.region).ok_or(Error::NotFound("入企"))?;
    visits::whole(cx, vec![row])?.pop().ok_or(Error::NotFound("入企"))
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), query: NewQuery) -> Result<Page> {
    let whole = visit(cx, query.visit.ok_or(Error::NotFound("入企"))?)?;
    let offices: HashMap<Id, String> = whole.departments.iter().map(|d| (d.id, d.name.clone())).collect();
    let task = |(t, i): &(crate::store::tasks::Task, crate::store::items::Item)| {
        let office = offices.get(&t.department_id).cloned().unwrap_or_default();
        Choice::new(t.id.to_string(), i.name.clone()).hint(format!("{office} · {}", t.code))
    };
    let v = &whole.visit;
    let template = NewPage {
        ui,
        visit: v.id,
        planning: v.planning_id,
        subject: whole.subject.name.clone(),
        address: whole.subject.address.clone(),
        now: v.on_day.map_or_else(|| ui.t("pl-no-day"), |d| ui.day(&d)),
        split: query.kind == "split",
        tasks: whole.tasks.iter().map(task).collect(),
    };
    let title = ui.t(if template.split { "pl-rule-split" } else { "pl-rule-pin" });
    let page = Page::new(title, &template)?.under("/plannings", ui.t("nav-plannings"));
    let back = format!("/plannings/{}/visits", v.planning_id);
    Ok(page.under(back, ui.t("pl-visits")).narrow())
}

fn create(cx: &mut Cx<'_>, (): (), body: &NewPlanningRuleBody) -> Result<Done> {
    let new = NewRule {
        kind: match body.kind {
            PlanningRuleKind::Pin => RuleKind::Pin,
            PlanningRuleKind::Split => RuleKind::Split,
        },
        visit: body.visit_id,
        tasks: body.tasks.clone(),
        subject: body.subject_id,
        day: body.day,
        reason: body.reason.clone(),
    };
    planning_rules::create(cx, &new)?;
    Ok(Done::to("/planning-rules").say("pl-rule-made"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |kind: &str| Row {
        id,
        kind: kind.to_owned(),
        subject: "示范饭店".to_owned(),
        day: "2026年5月8日（周五）".to_owned(),
        tasks: ui.n("pl-tasks", 2_i64),
        reason: "企业申请".to_owned(),
        made: "2026年5月8日 10:30".to_owned(),
    };
    let list = |rows| ListPage { ui, rows, may_run: true };
    let new = |split| NewPage {
        ui,
        visit: id,
        planning: id,
        subject: "示范饭店".to_owned(),
        address: "中山路1号".to_owned(),
        now: "2026年5月8日（周五）".to_owned(),
        split,
        tasks: vec![Choice::new("1", "食品经营检查").hint("市场监管局")],
    };
    vec![
        Page::new(ui.t("pl-rules"), &list(vec![row("pin"), row("split")])).unwrap(),
        Page::new(ui.t("pl-rules"), &list(Vec::new())).unwrap(),
        Page::new(ui.t("pl-rule-pin"), &new(false)).unwrap(),
        Page::new(ui.t("pl-rule-split"), &new(true)).unwrap(),
    ]
}
