//! Referrals and copy notices: sending one because of a result, the list of what was sent and received, one of them with
//! what the two sides do in turn.

use crate::domain::access::Action::{AnswerReferral, SendReferral, ViewReferral, WorkFollowUp};
use crate::domain::access::{Role, Scope};
use crate::domain::referral::{Act, Kind, Side, State, belongs, next};
use crate::domain::result::countdown;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::referrals;
use crate::service::invitations::calendar;
use crate::service::results;
use crate::store::follow_up::referrals::Filter;
use crate::store::{county, departments, visits};
use crate::web::api::referrals::{self as api, ReferralAgain, ReferralBody, ReferralText};
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, Tab, Tabs, address};
use crate::web::html::ui::Ui;
use crate::web::html::visits::offices;
use crate::web::html::{Done, Page};
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
    r.page("/referrals", Action(ViewReferral), list);
    r.page("/referrals/{id}", Action(ViewReferral), show);
    r.form("/referrals/{id}/receive", Action(AnswerReferral), receive, show);
    r.form("/referrals/{id}/acknowledge", Action(AnswerReferral), acknowledge, show);
    r.form("/referrals/{id}/refuse", Action(AnswerReferral), refuse, show);
    r.form("/referrals/{id}/answer", Action(AnswerReferral), answer, show);
    r.form("/referrals/{id}/close", Action(SendReferral), close, show);
    r.form("/referrals/{id}/send", Action(SendReferral), send_again, show);
    r.page("/results/{id}/referral", Action(WorkFollowUp), ask);
    r.form("/results/{id}/referral", Action(SendReferral), send, ask);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// `received`, `sent`, `late`; empty: all.
    view: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    kind: String,
    subject: String,
    from: String,
    to: String,
    state: String,
    due: String,
    late: bool,
    mine: bool,
}

#[derive(Template)]
#[template(path = "after/referrals.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    view: String,
    rows: Vec<Row>,
    pager: Pager<'a>,
}

/// The saved views.
const VIEWS: [&str; 4] = ["", "received", "sent", "late"];

fn waits_for(state: &str) -> Option<Side> {
    State::parse(state).and_then(State::waits_for)
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let own = cx.actor.department;
    let view = VIEWS.iter().find(|v| **v == query.view).copied().unwrap_or_default();
    let filter = Filter {
        to: own.filter(|_| view == "received"),
        from: own.filter(|_| view == "sent"),
        due_before: (view == "late").then_some(ui.today),
        ..Filter::default()
    };
    let (found, more) = cut(|most| referrals::list(cx, &filter, after, most), |r| r.id.to_string())?;
    let subjects: Vec<Id> = found.iter().map(|r| r.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    let (names, calendar) = (offices(cx)?, calendar(cx)?);
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    let rows = found
        .into_iter()
        .map(|r| Row {
            id: r.id,
            kind: ui.word("follow-kind", &r.kind),
            subject: subjects.get(&r.subject_id).cloned().unwrap_or_default(),
            from: name(&r.from_id),
            to: name(&r.to_id),
            due: r
                .due_day
                .map(|d| {
                    format!(
                        "{}{}{}",
                        ui.day(&d),
                        ui.t("comma"),
                        ui.countdown(&countdown(&calendar, ui.today, d))
                    )
                })
                .unwrap_or_default(),
            late: r.due_day.is_some_and(|d| d < ui.today),
            mine: match waits_for(&r.state) {
                Some(Side::Sender) => own == Some(r.from_id),
                Some(Side::Receiver) => own == Some(r.to_id),
                None => false,
            },
            state: r.state,
        })
        .collect();
    let views: Vec<&str> =
        VIEWS.into_iter().filter(|v| own.is_some() || !matches!(*v, "received" | "sent")).collect();
    let tab = |v: &str| Tab {
        href: address("/referrals", &[("view", Some(v))]),
        text: ui.t(match v {
            "received" => "follow-view-received",
            "sent" => "follow-view-sent",
            "late" => "finding-view-late",
            _ => "door-view-all",
        }),
        count: None,
        here: v == view,
    };
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, views.into_iter().map(tab).collect()),
        view: view.to_owned(),
        rows,
        pager: Pager::new(ui, &[("view", Some(view))], query.after.is_some(), more.as_deref()),
    };
    Page::new(ui.t("nav-referrals"), &template)
}

/// Something to do with it.
struct Move {
    act: &'static str,
    text: String,
    words: bool,
}

#[derive(Template)]
#[template(path = "after/referral.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    state: String,
    kind: String,
    subject: String,
    from: String,
    to: String,
    what: String,
    basis: String,
    turn: String,
    due: String,
    late: bool,
    refusal: String,
    feedback: String,
    closing: String,
    sent: String,
    received: String,
    answered: String,
    closed: String,
    item: String,
    outcomes: String,
    found: String,
    /// The result, for those who may see it.
    result: String,
    moves: Vec<Move>,
    /// Departments to send it to.
    offices: Vec<Choice>,
    /// A case may be filed because of it.
    files: bool,
}

fn others(cx: &mut Cx<'_>, ui: &Ui, own: Id, chosen: Option<Id>) -> Result<Vec<Choice>> {
    let region = cx.region().to_owned();
    let mut list = vec![Choice::new("", ui.t("follow-choose-office"))];
    for d in departments::all(cx.db, &region)? {
        if d.kind == "inspecting" && d.state == "active" && d.id != own {
            list.push(Choice::new(d.id.to_string(), d.name).chosen(chosen == Some(d.id)));
        }
    }
    Ok(list)
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, result) = referrals::get(cx, id)?;
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("referral state"))?;
    let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("referral kind"))?;
    let acts = cx.actor.roles.has(Role::DepartmentClerk) || cx.actor.roles.has(Role::DepartmentHead);
    let side = |act: Act| match act.side() {
        Side::Sender => cx.actor.department == Some(row.from_id),
        Side::Receiver => cx.actor.department == Some(row.to_id),
    };
    let all = [Act::Receive, Act::Acknowledge, Act::Answer, Act::Close, Act::Send, Act::Refuse];
    let moves: Vec<Move> = all
        .into_iter()
        .filter(|act| acts && side(*act) && belongs(kind, *act) && next(state, *act).is_ok())
        .map(|act| Move {
            act: act.as_str(),
            text: ui.word("follow-act", act.as_str()),
            words: !matches!(act, Act::Receive | Act::Acknowledge),
        })
        .collect();
    let subject = county::subjects(cx.db, &[row.subject_id])?.pop().map(|s| s.name).unwrap_or_default();
    let item = county::items(cx.db, &[result.item_id])?.pop().map(|i| i.name).unwrap_or_default();
    let names = offices(cx)?;
    let calendar = calendar(cx)?;
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    let turn = match state.waits_for() {
        Some(Side::Sender) => {
            ui.t2("follow-turn", "name", name(&row.from_id), "act", ui.word("follow-wait", state.as_str()))
        }
        Some(Side::Receiver) => {
            ui.t2("follow-turn", "name", name(&row.to_id), "act", ui.word("follow-wait", state.as_str()))
        }
        None => ui.t("follow-turn-none"),
    };
    let resends = moves.iter().any(|m| m.act == "send");
    let seen = results::get(cx, row.result_id).is_ok();
    let outcomes: Vec<String> = result.outcomes.0.iter().map(|o| ui.word("outcome", o)).collect();
    let at = |t: Option<crate::store::types::At>| t.map(|t| ui.time(&t.0)).unwrap_or_default();
    let template = ShowPage {
        ui,
        id,
        version: row.version,
        kind: ui.word("follow-kind", &row.kind),
        subject: subject.clone(),
        from: name(&row.from_id),
        to: name(&row.to_id),
        turn,
        due: row
            .due_day
            .map(|d| {
                format!("{}{}{}", ui.day(&d), ui.t("comma"), ui.countdown(&countdown(&calendar, ui.today, d)))
            })
            .unwrap_or_default(),
        late: row.due_day.is_some_and(|d| d < ui.today),
        sent: ui.time(&row.sent_at.0),
        received: at(row.received_at),
        answered: at(row.answered_at),
        closed: at(row.closed_at),
        item,
        outcomes: outcomes.join(&ui.t("comma")),
        found: result.other.clone(),
        result: if seen { format!("/results/{}", row.result_id) } else { String::new() },
        files: acts
            && kind == Kind::CaseReferral
            && cx.actor.department == Some(row.to_id)
            && matches!(state, State::Received | State::Answered | State::Closed),
        offices: if resends { others(cx, ui, row.from_id, Some(row.to_id))? } else { Vec::new() },
        moves,
        what: row.what,
        basis: row.basis,
        refusal: row.refusal,
        feedback: row.feedback,
        closing: row.closing,
        state: row.state,
    };
    let page = Page::new(format!("{} {subject}", template.kind), &template)?;
    Ok(page.under("/referrals", ui.t("nav-referrals")))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/referrals/{id}")).say(said)
}

fn receive(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    referrals::act(cx, id, Act::Receive, "", None)?;
    Ok(done(id, "follow-was-received"))
}

fn acknowledge(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    referrals::act(cx, id, Act::Acknowledge, "", None)?;
    Ok(done(id, "follow-was-acknowledged"))
}

fn refuse(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Done> {
    referrals::act(cx, id, Act::Refuse, &body.text, None)?;
    Ok(done(id, "follow-was-refused"))
}

fn answer(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Done> {
    referrals::act(cx, id, Act::Answer, &body.text, None)?;
    Ok(done(id, "follow-was-answered"))
}

fn close(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Done> {
    referrals::act(cx, id, Act::Close, &body.text, None)?;
    Ok(done(id, "follow-was-closed"))
}

fn send_again(cx: &mut Cx<'_>, id: Id, body: &ReferralAgain) -> Result<Done> {
    referrals::act(cx, id, Act::Send, &body.text, body.to_department_id)?;
    Ok(done(id, "follow-was-sent"))
}

#[derive(Template)]
#[template(path = "after/referral_new.html")]
struct AskPage<'a> {
    ui: &'a Ui,
    id: Id,
    subject: String,
    item: String,
    visit: String,
    what: String,
    basis: String,
    kinds: Vec<Choice>,
    offices: Vec<Choice>,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    cx.may(SendReferral, &Scope::of(&row.region, row.department_id))?;
    let item = whole
        .tasks
        .iter()
        .find(|(t, _)| t.id == row.task_id)
        .map(|(_, i)| i.name.clone())
        .unwrap_or_default();
    let template = AskPage {
        ui,
        id,
        subject: whole.subject.name.clone(),
        item: item.clone(),
        visit: visits::need(cx.db, row.visit_id)?.code,
        what: row.other.clone(),
        basis: row.law.clone(),
        kinds: Kind::ALL
            .iter()
            .map(|k| {
                Choice::new(k.as_str(), ui.word("follow-kind", k.as_str()))
                    .hint(ui.word("follow-kind-hint", k.as_str()))
            })
            .collect(),
        offices: others(cx, ui, row.department_id, None)?,
    };
    let page = Page::new(ui.t("follow-refer"), &template)?.under("/results", ui.t("nav-results"));
    Ok(page.under(format!("/results/{id}"), item))
}

fn send(cx: &mut Cx<'_>, _: Id, body: &ReferralBody) -> Result<Done> {
    let made = api::send(cx, (), body)?.value;
    Ok(done(made.id, "follow-was-sent"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(9));
    let row = |mine| Row {
        id,
        kind: ui.word("follow-kind", "case_referral"),
        subject: text("某某餐饮有限公司"),
        from: text("市场监管局"),
        to: text("消防救援大队"),
        state: text("sent"),
        due: text("2026年5月12日（周二），还剩 2 个工作日"),
        late: mine,
        mine,
    };
    let list = |rows, view: &str| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab {
                href: text("/referrals"),
                text: ui.t("follow-view-received"),
                count: None,
                here: true,
            }],
        ),
        view: text(view),
        rows,
        pager: Pager::new(ui, &[], false, Some("x")),
    };
    let show = |acts: &[&'static str]| ShowPage {
        ui,
        id,
        version: 2,
        state: text("sent"),
        kind: ui.word("follow-kind", "case_referral"),
        subject: text("某某餐饮有限公司"),
        from: text("市场监管局"),
        to: text("消防救援大队"),
        what: text("安全出口堆放杂物"),
        basis: text("消防法第十六条"),
        turn: ui.t2("follow-turn", "name", "消防救援大队", "act", ui.word("follow-wait", "sent")),
        due: text("2026年5月12日（周二），还剩 2 个工作日"),
        late: true,
        refusal: text("不属于本部门职责"),
        feedback: text("已立案"),
        closing: text("办结"),
        sent: text("2026年5月8日 10:00"),
        received: text("2026年5月8日 11:00"),
        answered: text("2026年5月9日 11:00"),
        closed: text("2026年5月10日 11:00"),
        item: text("食品经营许可检查"),
        outcomes: text("发现问题待后续处理"),
        found: text("安全出口堆放杂物"),
        result: text("/account"),
        moves: acts
            .iter()
            .map(|act| Move {
                act,
                text: ui.word("follow-act", act),
                words: !matches!(*act, "receive" | "acknowledge"),
            })
            .collect(),
        offices: vec![Choice::new("1", "消防救援大队")],
        files: acts.contains(&"answer"),
    };
    let ask = AskPage {
        ui,
        id,
        subject: text("某某餐饮有限公司"),
        item: text("食品经营许可检查"),
        visit: text("V0001"),
        what: text("安全出口堆放杂物"),
        basis: text("消防法第十六条"),
        kinds: vec![
            Choice::new("case_referral", ui.word("follow-kind", "case_referral"))
                .hint(ui.word("follow-kind-hint", "case_referral")),
        ],
        offices: vec![Choice::new("1", "消防救援大队")],
    };
    vec![
        Page::new(ui.t("nav-referrals"), &list(vec![row(true), row(false)], "")).unwrap(),
        Page::new(ui.t("nav-referrals"), &list(Vec::new(), "late")).unwrap(),
        Page::new(ui.t("nav-referrals"), &show(&["receive", "acknowledge", "refuse"])).unwrap(),
        Page::new(ui.t("nav-referrals"), &show(&["answer"])).unwrap(),
        Page::new(ui.t("nav-referrals"), &show(&["close", "send"])).unwrap(),
        Page::new(ui.t("follow-refer"), &ask).unwrap(),
    ]
}
