//! Replacing an inspector: asked for by himself or his clerk, decided by the head of his own department; the seat is drawn
//! again and the draw is shown. A recusal is one of the reasons, and stays for later plans.

use super::field::Choice;
use super::list::{Pager, Tab, Tabs, address};
use super::ui::Ui;
use super::visits::offices;
use super::{Done, Page};
use crate::domain::access::Action::{DecideReplacement, RequestReplacement, ViewReplacement};
use crate::domain::access::{Role, Scope};
use crate::domain::replacement::{Cause, State};
use crate::domain::seat_draw::Record;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::replacements;
use crate::service::visits as visit_service;
use crate::store::replacements::Replacement;
use crate::store::{county, visits};
use crate::web::api::replacements::{self as api, DecisionBody, NewReplacementBody};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/replacements", Action(ViewReplacement), list);
    r.page("/replacements/{id}", Action(ViewReplacement), show);
    r.form("/replacements/{id}/approve", Action(DecideReplacement), approve, show);
    r.form("/replacements/{id}/reject", Action(DecideReplacement), reject, show);
    r.form("/replacements/{id}/withdraw", Action(ViewReplacement), withdraw, show);
    r.form("/replacements/{id}/reopen", Action(DecideReplacement), reopen, show);
    r.page("/visits/{id}/replacements", Action(RequestReplacement), ask);
    r.form("/visits/{id}/replacements", Action(RequestReplacement), request, ask);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State; empty: all.
    state: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    inspector: String,
    department: String,
    visit: String,
    day: String,
    cause: String,
    state: String,
    asked: String,
}

#[derive(Template)]
#[template(path = "swaps/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    rows: Vec<Row>,
    pager: Pager<'a>,
}

/// The saved views.
const VIEWS: [&str; 5] = ["", "requested", "redrawn", "exhausted", "rejected"];

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let state = match query.state.as_str() {
        "" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let (found, next) = cut(|most| replacements::list(cx, state, after, most), |r| r.id.to_string())?;
    let all = |pick: fn(&Replacement) -> Id| -> Vec<Id> {
        found.iter().map(pick).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let people: HashMap<Id, String> =
        county::inspectors(cx.db, &all(|r| r.inspector_id))?.into_iter().map(|p| (p.id, p.name)).collect();
    let held: HashMap<Id, (String, String)> = visits::by_ids(cx.db, &all(|r| r.visit_id))?
        .into_iter()
        .map(|v| (v.id, (v.code, ui.day_or(&v.on_day))))
        .collect();
    let names = offices(cx)?;
    let rows = found
        .into_iter()
        .map(|r| {
            let (visit, day) = held.get(&r.visit_id).cloned().unwrap_or_default();
            Row {
                id: r.id,
                inspector: people.get(&r.inspector_id).cloned().unwrap_or_default(),
                department: names.get(&r.department_id).cloned().unwrap_or_default(),
                visit,
                day,
                cause: ui.word("swap-cause", &r.cause),
                state: r.state,
                asked: ui.time(&r.created_at.0),
            }
        })
        .collect();
    let tab = |v: &str| Tab {
        href: address("/replacements", &[("state", Some(v))]),
        text: if v.is_empty() { ui.t("door-view-all") } else { ui.word("swap-state", v) },
        count: None,
        here: v == query.state,
    };
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        rows,
        pager: Pager::new(
            ui,
            &[("state", Some(query.state.as_str()))],
            query.after.is_some(),
            next.as_deref(),
        ),
    };
    Page::new(ui.t("swap-title"), &template)
}

/// A draw of the seat.
struct Draw {
    seed: String,
    candidates: Vec<(String, String, bool)>,
    excluded: Vec<(String, String)>,
    winner: String,
}

#[derive(Template)]
#[template(path = "swaps/show.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    state: String,
    inspector: String,
    successor: String,
    department: String,
    visit: Id,
    visit_code: String,
    visit_day: String,
    subject: String,
    seen: bool,
    cause: String,
    reason: String,
    requester: String,
    asked: String,
    note: String,
    draws: Vec<Draw>,
    decides: bool,
    withdraws: bool,
    reopens: bool,
    own: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = replacements::get(cx, id)?;
    let people: Vec<Id> = [Some(row.inspector_id), row.new_inspector_id].into_iter().flatten().collect();
    let officers = county::inspectors(cx.db, &people)?;
    let officer = |id: Id| officers.iter().find(|o| o.id == id).map(|o| o.name.clone()).unwrap_or_default();
    let visit = visits::need(cx.db, row.visit_id)?;
    // The head of a department that only lends people does not see the visit of others.
    let whole = visit_service::get(cx, row.visit_id).ok();
    let records: Vec<Record> =
        serde_json::from_value(row.draw_record.0.clone()).map_err(|e| Error::internal(&e))?;
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("replacement state"))?;
    let head = cx.can(DecideReplacement, &Scope::of(&row.region, row.department_id));
    let own = cx.actor.inspector == Some(row.inspector_id);
    let names = offices(cx)?;
    let inspector = officer(row.inspector_id);
    let template = ShowPage {
        ui,
        id,
        version: row.version,
        successor: row.new_inspector_id.map(officer).unwrap_or_default(),
        department: names.get(&row.department_id).cloned().unwrap_or_default(),
        visit: row.visit_id,
        visit_code: visit.code,
        visit_day: ui.day_or(&visit.on_day),
        subject: whole.as_ref().map(|w| w.subject.name.clone()).unwrap_or_default(),
        seen: whole.is_some(),
        cause: ui.word("swap-cause", &row.cause),
        reason: row.reason.clone(),
        requester: ui.word("swap-by", &row.requester),
        asked: ui.time(&row.created_at.0),
        note: row.decision_note.clone(),
        draws: records
            .into_iter()
            .map(|r| Draw {
                seed: r.seed,
                candidates: r
                    .candidates
                    .into_iter()
                    .map(|c| {
                        let won = r.winner.as_ref() == Some(&c.inspector);
                        (c.inspector, c.ticket, won)
                    })
                    .collect(),
                excluded: r.excluded.into_iter().map(|e| (e.inspector, ui.told(e.reason.words()))).collect(),
                winner: r.winner.clone().unwrap_or_default(),
            })
            .collect(),
        decides: head && !own && state == State::Requested,
        reopens: head && !own && state == State::Exhausted,
        withdraws: row.requested_by.is_some()
            && row.requested_by == cx.actor.user
            && state == State::Requested,
        own: head && own && state == State::Requested,
        state: row.state,
        inspector: inspector.clone(),
    };
    let page = Page::new(ui.t1("swap-of", "name", &inspector), &template)?;
    Ok(page.under("/replacements", ui.t("swap-title")))
}

/// Where a request is seen again: a seat for which nobody is left is told there.
fn settled(id: Id, row: &Replacement) -> Done {
    let said = if row.state == State::Exhausted.as_str() { "swap-exhausted" } else { "swap-redrawn" };
    Done::to(format!("/replacements/{id}")).say(said)
}

fn approve(cx: &mut Cx<'_>, id: Id, body: &DecisionBody) -> Result<Done> {
    let (row, _) = replacements::approve(cx, id, &body.note)?;
    Ok(settled(id, &row))
}

fn reject(cx: &mut Cx<'_>, id: Id, body: &DecisionBody) -> Result<Done> {
    replacements::reject(cx, id, &body.note)?;
    Ok(Done::to(format!("/replacements/{id}")).say("swap-rejected"))
}

fn withdraw(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    replacements::withdraw(cx, id)?;
    Ok(Done::to(format!("/replacements/{id}")).say("swap-withdrawn"))
}

fn reopen(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    let (row, _) = replacements::reopen(cx, id)?;
    Ok(settled(id, &row))
}

/// Whose seat.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct SeatQuery {
    /// Seat.
    #[serde(deserialize_with = "super::list::filled")]
    seat_id: Option<Id>,
}

#[derive(Template)]
#[template(path = "swaps/ask.html")]
struct AskPage<'a> {
    ui: &'a Ui,
    id: Id,
    subject: String,
    code: String,
    day: String,
    seats: Vec<Choice>,
    causes: Vec<Choice>,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: SeatQuery) -> Result<Page> {
    let whole = visit_service::get(cx, id)?;
    whole.may(cx, RequestReplacement)?;
    let clerk = cx.actor.roles.has(Role::DepartmentClerk);
    let (me, department) = (cx.actor.inspector, cx.actor.department);
    let mut seats = Vec::new();
    let mut others = false;
    for (seat, person) in &whole.team {
        let own = Some(seat.inspector_id) == me && cx.actor.roles.has(Role::Inspector);
        if own || clerk {
            others |= Some(seat.department_id) != department;
            let post = ui.word("door-post", &seat.role);
            let chosen = query.seat_id == Some(seat.id);
            seats.push(Choice::new(seat.id.to_string(), person.name.clone()).hint(post).chosen(chosen));
        }
    }
    if let [one] = seats.as_mut_slice() {
        one.chosen = true;
    }
    let causes = Cause::ALL
        .iter()
        // What the business asks for is recorded by a clerk.
        .filter(|c| clerk || **c != Cause::RecusalRequested)
        .map(|c| Choice::new(c.as_str(), ui.word("swap-cause", c.as_str())))
        .collect();
    let template = AskPage {
        ui,
        id,
        subject: whole.subject.name.clone(),
        code: whole.visit.code.clone(),
        day: ui.day_or(&whole.visit.on_day),
        seats,
        causes,
    };
    let page = Page::new(ui.t("swap-ask-title"), &template)?.under("/visits", ui.t("nav-visits"));
    let page = page.under(format!("/visits/{id}"), whole.subject.name.clone());
    Ok(if others { page.lead(ui.t("swap-own-only")) } else { page })
}

fn request(cx: &mut Cx<'_>, id: Id, body: &NewReplacementBody) -> Result<Done> {
    let made = api::create(cx, id, body)?.value;
    Ok(Done::to(format!("/replacements/{}", made.id)).say("swap-asked"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(7));
    let row = || Row {
        id,
        inspector: text("张三"),
        department: text("市场监管局"),
        visit: text("V0001"),
        day: text("2026年5月8日（周五）"),
        cause: ui.word("swap-cause", "ill"),
        state: text("requested"),
        asked: text("2026年5月7日 10:00"),
    };
    let list = |rows| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab {
                href: text("/account"),
                text: ui.word("swap-state", "requested"),
                count: None,
                here: true,
            }],
        ),
        rows,
        pager: Pager::new(ui, &[], false, Some("x")),
    };
    let show = |state: State, acts: bool| ShowPage {
        ui,
        id,
        version: 2,
        state: text(state.as_str()),
        inspector: text("张三"),
        successor: text("李四"),
        department: text("市场监管局"),
        visit: id,
        visit_code: text("V0001"),
        visit_day: text("2026年5月8日（周五）"),
        subject: text("某某餐饮有限公司"),
        seen: acts,
        cause: ui.word("swap-cause", "ill"),
        reason: text("发烧"),
        requester: ui.word("swap-by", "inspector"),
        asked: text("2026年5月7日 10:00"),
        note: text("同意"),
        draws: vec![Draw {
            seed: text("00ff"),
            candidates: vec![(text("P1"), text("0a"), true), (text("P2"), text("0b"), false)],
            excluded: vec![(text("P3"), text("请假"))],
            winner: if acts { String::new() } else { text("P1") },
        }],
        decides: acts,
        withdraws: acts,
        reopens: acts,
        own: !acts,
    };
    let ask = AskPage {
        ui,
        id,
        subject: text("某某餐饮有限公司"),
        code: text("V0001"),
        day: text("2026年5月8日（周五）"),
        seats: vec![Choice::new("1", "张三")],
        causes: vec![Choice::new("ill", ui.word("swap-cause", "ill"))],
    };
    vec![
        Page::new(ui.t("swap-title"), &list(vec![row()])).unwrap(),
        Page::new(ui.t("swap-title"), &list(Vec::new())).unwrap(),
        Page::new(ui.t("swap-title"), &show(State::Requested, true)).unwrap(),
        Page::new(ui.t("swap-title"), &show(State::Redrawn, false)).unwrap(),
        Page::new(ui.t("swap-ask-title"), &ask).unwrap(),
    ]
}
