//! Recusals: the list of those one may see, and declaring one for oneself, for somebody of one's department, or as a
//! business asks for it.

use super::{key, meant_subject, office_choices, word_choices};
use crate::domain::access::Action::{DeclareRecusal, ViewRecusal};
use crate::domain::access::{Role, Scope};
use crate::domain::registry::recusal::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{inspectors, recusals};
use crate::store::county;
use crate::store::inspectors::{Filter, Inspector, Recusal, RecusalFilter};
use crate::web::api::recusals::{self as api, RecusalBody};
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Before the page of one recusal: the last word is no identifier.
pub(super) fn pages(r: &mut Router) {
    r.page("/recusals", Action(ViewRecusal), list);
    r.page("/recusals/new", Action(DeclareRecusal), new);
    r.form("/recusals/new", Action(DeclareRecusal), declare, new);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Of people of this department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    person: String,
    subject: String,
    reason: String,
    source: String,
    state: String,
    made: String,
}

#[derive(Template)]
#[template(path = "desk/recusals.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    states: Vec<Choice>,
    offices: Vec<Choice>,
    filtered: bool,
    may_declare: bool,
    pager: Pager<'a>,
}

fn described(cx: &mut Cx<'_>, ui: &Ui, list: Vec<Recusal>) -> Result<Vec<Row>> {
    let people: Vec<Id> = list.iter().map(|r| r.inspector_id).collect();
    let subjects: Vec<Id> = list.iter().map(|r| r.subject_id).collect();
    let people: HashMap<Id, Inspector> =
        county::inspectors(cx.db, &people)?.into_iter().map(|p| (p.id, p)).collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    Ok(list
        .into_iter()
        .map(|r| Row {
            id: r.id,
            person: people
                .get(&r.inspector_id)
                .map(|p| format!("{} · {}", p.name, p.code))
                .unwrap_or_default(),
            subject: subjects.get(&r.subject_id).cloned().unwrap_or_default(),
            source: ui.word("pe-source", &r.source),
            made: ui.time(&r.created_at.0),
            reason: ui.told(&r.reason),
            state: r.state,
        })
        .collect())
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let after = key(q.after.as_ref())?;
    if !q.state.is_empty() && State::parse(&q.state).is_none() {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    let filter = RecusalFilter {
        department: q.department_id,
        state: Some(q.state.clone()).filter(|s| !s.is_empty()),
        ..RecusalFilter::default()
    };
    let (found, next) = cut(|most| recusals::list(cx, filter, after, most), |r| r.id.to_string())?;
    let department = q.department_id.map(|d| d.to_string());
    let filters = [("state", Some(q.state.as_str())), ("department_id", department.as_deref())];
    let region = cx.region().to_owned();
    let all = cx.can(ViewRecusal, &Scope::county(&region));
    let states = ["", "pending", "approved", "rejected", "ended"];
    let template = ListPage {
        ui,
        states: word_choices(ui, "pe-recusal-state", &states, &q.state),
        offices: if all { office_choices(cx, ui, q.department_id)? } else { Vec::new() },
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        may_declare: ui.may(DeclareRecusal),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        rows: described(cx, ui, found)?,
    };
    let page = Page::new(ui.t("pe-recusals"), &template)?.lead(ui.t("recusals-lead"));
    Ok(page.under("/inspectors", ui.t("nav-inspectors")))
}

/// For whom.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct NewQuery {
    /// The inspector.
    #[serde(deserialize_with = "filled")]
    inspector: Option<Id>,
}

#[derive(Template)]
#[template(path = "desk/recusal_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    people: Vec<Choice>,
    sources: Vec<Choice>,
}

/// People of one department to choose from.
const PEOPLE: i64 = 500;

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), q: NewQuery) -> Result<Page> {
    let choice = |p: Inspector| {
        let chosen = q.inspector == Some(p.id);
        Choice::new(p.id.to_string(), format!("{} · {}", p.name, p.code)).chosen(chosen)
    };
    let own = match cx.actor.inspector {
        Some(id) => county::inspectors(cx.db, &[id])?.pop(),
        None => None,
    };
    let clerk = cx.actor.roles.has(Role::DepartmentClerk);
    let mut sources: Vec<&str> = Vec::new();
    let mut people: Vec<Inspector> = Vec::new();
    if clerk {
        let filter = Filter { department: Some(cx.department()?), ..Filter::default() };
        people = inspectors::list(cx, filter, None, PEOPLE)?;
        sources.extend(["clerk", "business"]);
    }
    if let Some(own) = own {
        sources.insert(0, "inspector");
        if !people.iter().any(|p| p.id == own.id) {
            people.insert(0, own);
        }
    }
    let first = sources.first().copied().unwrap_or_default();
    let template = NewPage {
        ui,
        people: people.into_iter().map(choice).collect(),
        sources: word_choices(ui, "pe-source", &sources, first),
    };
    let page = Page::new(ui.t("pe-add-recusal"), &template)?.lead(ui.t("recusal-new-lead")).narrow();
    Ok(page.under("/recusals", ui.t("pe-recusals")))
}

/// A recusal as people declare it: a subject has a code or a name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRecusalForm {
    inspector_id: Id,
    #[schema(max_length = 200)]
    subject: String,
    #[schema(max_length = 500)]
    reason: String,
    #[serde(default)]
    source: String,
}

fn declare(cx: &mut Cx<'_>, (): (), form: &NewRecusalForm) -> Result<Done> {
    let subject_id = meant_subject(cx, "/subject", &form.subject)?;
    let body = RecusalBody {
        inspector_id: form.inspector_id,
        subject_id,
        reason: form.reason.clone(),
        source: form.source.clone(),
    };
    let made = api::declare(cx, (), &body)?;
    Ok(Done::to(format!("/recusals/{}", made.value.id)).say("pe-recusal-declared"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let row = |state: &str| Row {
        id: Id(uuid::Uuid::from_u128(3)),
        person: text("张三 · SJ01"),
        subject: text("示范饭店"),
        reason: text("亲属经营"),
        source: ui.word("pe-source", "clerk"),
        state: text(state),
        made: text("2026年5月8日 09:00"),
    };
    let list = |rows, filtered| ListPage {
        ui,
        rows,
        states: word_choices(ui, "pe-recusal-state", &["", "pending"], ""),
        offices: vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")],
        filtered,
        may_declare: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let new = NewPage {
        ui,
        people: vec![Choice::new("1", "张三 · SJ01")],
        sources: word_choices(ui, "pe-source", &["inspector", "clerk", "business"], "inspector"),
    };
    vec![
        Page::new(ui.t("pe-recusals"), &list(vec![row("pending"), row("ended")], true)).unwrap(),
        Page::new(ui.t("pe-recusals"), &list(Vec::new(), false)).unwrap(),
        Page::new(ui.t("pe-add-recusal"), &new).unwrap(),
    ]
}
