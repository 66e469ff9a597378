//! Mail that waits, went out or was given up; what was given up is sent again by a click.

use super::{key, word_choices};
use crate::domain::access::Action::{RetryOutbox, ViewOutbox};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::outbox;
use crate::store::outbox::Stored;
use crate::web::html::field::Choice;
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/outbox", Action(ViewOutbox), list);
    r.form("/outbox/{id}/retry", Action(RetryOutbox), retry, |cx, ui, _: Id, q| list(cx, ui, (), q));
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
    id: Id,
    subject: String,
    recipient: String,
    state: String,
    attempts: i32,
    /// When it went out, or is tried again.
    when: String,
    error: String,
    made: String,
}

impl Row {
    fn of(ui: &Ui, m: Stored) -> Self {
        let when = match m.state.as_str() {
            "sent" => m.sent_at.map(|at| ui.time(&at.0)).unwrap_or_default(),
            "dead" => String::new(),
            _ => ui.t1("outbox-next", "time", ui.time(&m.next_at.0)),
        };
        Self {
            id: m.id,
            subject: m.subject,
            recipient: m.recipient,
            attempts: m.attempts,
            when,
            error: m.last_error,
            made: ui.time(&m.created_at.0),
            state: m.state,
        }
    }
}

const STATES: [&str; 5] = ["", "queued", "sending", "sent", "dead"];

#[derive(Template)]
#[template(path = "desk/outbox.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    states: Vec<Choice>,
    filtered: bool,
    may_retry: bool,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let before = key(q.after.as_ref())?;
    if !STATES.contains(&q.state.as_str()) {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    let state = Some(q.state.as_str()).filter(|s| !s.is_empty());
    let (found, next) = cut(|most| outbox::list(cx, state, before, most), |m| m.id.to_string())?;
    let template = ListPage {
        ui,
        rows: found.into_iter().map(|m| Row::of(ui, m)).collect(),
        states: word_choices(ui, "outbox-state", &STATES, &q.state),
        filtered: state.is_some(),
        may_retry: ui.may(RetryOutbox),
        pager: Pager::new(ui, &[("state", state)], q.after.is_some(), next.as_deref()),
    };
    Ok(Page::new(ui.t("outbox-title"), &template)?.lead(ui.t("outbox-lead")))
}

fn retry(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    outbox::retry(cx, id)?;
    Ok(Done::to("/outbox").say("outbox-retried"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let row = |state: &str| Row {
        id: Id(uuid::Uuid::from_u128(3)),
        subject: text("请见证抽取"),
        recipient: text("a@example.com"),
        state: text(state),
        attempts: 3,
        when: if state == "dead" { String::new() } else { text("2026年5月8日 09:00") },
        error: if state == "dead" { text("connection refused") } else { String::new() },
        made: text("2026年5月8日 09:00"),
    };
    let page = |rows, filtered| ListPage {
        ui,
        rows,
        states: word_choices(ui, "outbox-state", &STATES, "dead"),
        filtered,
        may_retry: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    [page(vec![row("dead"), row("sent")], true), page(Vec::new(), false)]
        .iter()
        .map(|p| Page::new(ui.t("outbox-title"), p).unwrap())
        .collect()
}
