//! What will be done with several results, before it is done: reviewed, approved, published, returned.

use super::{Row, dressed};
use crate::domain::access::Action::{ApproveResult, PublishResult, ReturnResult, ReviewResult, ViewResult};
use crate::domain::result::Act;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::{self, review};
use crate::web::api::results::{ResultIds, ResultIdsAndReason};
use crate::web::call::Call;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/results/check", Action(ViewResult), check);
    r.form_steps("/results/check", Action(ViewResult), chosen, check);
    r.form("/results/review", Action(ReviewResult), review_many, |cx, ui, (): (), _: NoQuery| {
        again(cx, ui, "review")
    });
    r.form("/results/approve", Action(ApproveResult), approve_many, |cx, ui, (): (), _: NoQuery| {
        again(cx, ui, "approve")
    });
    r.form("/results/publish", Action(PublishResult), publish_many, |cx, ui, (): (), _: NoQuery| {
        again(cx, ui, "publish")
    });
    r.form("/results/return", Action(ReturnResult), return_many, |cx, ui, (): (), _: NoQuery| {
        again(cx, ui, "return")
    });
}

/// Which results, and what is to be done with them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct CheckQuery {
    /// `review`, `approve`, `publish` or `return`.
    act: String,
    /// Identifiers, between commas.
    ids: String,
}

/// What was ticked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ticked {
    /// What is to be done.
    act: String,
    /// With which.
    #[serde(default)]
    ids: Vec<Id>,
}

#[derive(Template)]
#[template(path = "findings/check.html")]
struct CheckPage<'a> {
    ui: &'a Ui,
    act: String,
    back: String,
    rows: Vec<Row>,
    /// What stands in the way, one sentence each.
    amiss: Vec<String>,
}

/// The state from which an act moves on.
fn from(act: &str) -> Option<&'static str> {
    match act {
        "review" => Some("confirmed"),
        "approve" => Some("reviewed"),
        "publish" => Some("approved"),
        "return" => Some(""),
        _ => None,
    }
}

fn chosen(call: &Call, (): (), _: &CheckQuery, body: Ticked, _: &Form) -> Result<Answer> {
    call.read(|_| Ok(()))?;
    if from(&body.act).is_none() {
        return Err(Error::NotFound("这种办理"));
    }
    let ids: Vec<String> = body.ids.iter().map(ToString::to_string).collect();
    if ids.is_empty() {
        let back = from(&body.act).unwrap_or_default();
        return Done::to(format!("/results?state={back}")).say("finding-none-chosen").answer(call);
    }
    Done::to(format!("/results/check?act={}&ids={}", body.act, ids.join(","))).answer(call)
}

fn check(cx: &mut Cx<'_>, ui: &Ui, (): (), query: CheckQuery) -> Result<Page> {
    let ids: Vec<Id> = query.ids.split(',').filter_map(|id| id.parse().ok()).take(review::MOST).collect();
    page(cx, ui, &query.act, &ids)
}

fn again(cx: &mut Cx<'_>, ui: &Ui, act: &str) -> Result<Page> {
    let ids: Vec<Id> =
        ui.form.values("ids").iter().filter_map(|id| id.parse().ok()).take(review::MOST).collect();
    page(cx, ui, act, &ids)
}

fn page(cx: &mut Cx<'_>, ui: &Ui, act: &str, ids: &[Id]) -> Result<Page> {
    let state = from(act).ok_or(Error::NotFound("这种办理"))?;
    if ids.is_empty() {
        return Err(Error::NotFound("检查结果"));
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.push(results::get(cx, *id)?.0);
    }
    let shown = dressed(cx, ui, &rows)?;
    let amiss = shown
        .iter()
        .filter(|r| !state.is_empty() && r.state != state)
        .map(|r| {
            ui.t2(
                "finding-not-now",
                "name",
                format!("{} {}", r.subject, r.item),
                "state",
                ui.word("finding-state", &r.state),
            )
        })
        .collect();
    let template = CheckPage {
        ui,
        act: act.to_owned(),
        back: if state.is_empty() { "/results".to_owned() } else { format!("/results?state={state}") },
        rows: shown,
        amiss,
    };
    Ok(Page::new(ui.t(&format!("finding-check-{act}")), &template)?.under("/results", ui.t("nav-results")))
}

fn review_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Done> {
    let done = review::many(cx, &body.ids, Act::Review, "")?;
    Ok(Done::to("/results?state=confirmed").say_with("finding-reviewed-n", done.len()))
}

fn approve_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Done> {
    let done = review::many(cx, &body.ids, Act::Approve, "")?;
    Ok(Done::to("/results?state=reviewed").say_with("finding-approved-n", done.len()))
}

fn publish_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Done> {
    let done = review::many(cx, &body.ids, Act::Publish, "")?;
    let to = match done.as_slice() {
        [one] => format!("/results/{}", one.id),
        _ => "/results?state=published".to_owned(),
    };
    Ok(Done::to(to).say_with("finding-published-n", done.len()))
}

fn return_many(cx: &mut Cx<'_>, (): (), body: &ResultIdsAndReason) -> Result<Done> {
    let done = review::many(cx, &body.ids, Act::Return, &body.reason)?;
    Ok(Done::to("/results?state=returned").say_with("finding-returned-n", done.len()))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let page = |act: &str, amiss: Vec<String>| CheckPage {
        ui,
        act: act.to_owned(),
        back: "/results".to_owned(),
        rows: vec![super::row("approved", false)],
        amiss,
    };
    ["review", "approve", "publish", "return"]
        .into_iter()
        .map(|act| {
            let amiss = if act == "publish" {
                vec![ui.t2("finding-not-now", "name", "x", "state", ui.word("finding-state", "published"))]
            } else {
                Vec::new()
            };
            Page::new(ui.t(&format!("finding-check-{act}")), &page(act, amiss)).unwrap()
        })
        .collect()
}
