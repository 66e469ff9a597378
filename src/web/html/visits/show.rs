//! One visit: subject with what was found there before, address, team, items of each department; checking in, obstacles,
//! statement, the end; its papers and what became of it.

use super::{clock, offices};
use crate::domain::access::Action::{DispatchVisit, RequestReplacement, ViewVisit, WorkOnSite};
use crate::domain::paper::{VisitPaper, may_print};
use crate::domain::result::{Obstacle, State as Found};
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::on_site::{self, Account};
use crate::service::results::public::{self, Published};
use crate::service::visits::{self, Whole};
use crate::store::results::CheckResult;
use crate::web::api::on_site::{self as api, CheckInBody, ObstructBody, StatementBody};
use crate::web::html::field::Choice;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::BTreeMap;

pub(super) fn pages(r: &mut Router) {
    r.page("/visits/{id}", Action(ViewVisit), show);
    r.form("/visits/{id}/check-in", Action(WorkOnSite), check_in, show);
    r.form("/visits/{id}/obstruct", Action(WorkOnSite), obstruct, show);
    r.form("/visits/{id}/resume", Action(WorkOnSite), resume, show);
    r.form("/visits/{id}/statement", Action(WorkOnSite), statement, show);
    r.form("/visits/{id}/finish", Action(WorkOnSite), finish, show);
    r.form("/visits/{id}/dispatch", Action(DispatchVisit), dispatch, show);
}

/// Somebody on the team.
struct Mate {
    name: String,
    department: String,
    post: String,
    expert: bool,
    came: String,
    me: bool,
    /// Where another inspector is asked for in his place; empty: not by whoever looks, or not now.
    replace: String,
}

/// An item and what became of it.
struct Item {
    name: String,
    code: String,
    state: String,
    outcomes: String,
    href: String,
}

/// What a department has to do here.
struct Office {
    id: Id,
    name: String,
    own: bool,
    items: Vec<Item>,
    handed_in: usize,
}

/// What was found before.
struct Past {
    day: String,
    department: String,
    item: String,
    outcomes: String,
    conclusion: &'static str,
}

/// A paper: its name, and where it is read and kept.
struct Paper {
    name: String,
    html: String,
    docx: String,
}

#[derive(Template)]
#[template(path = "visits/show.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    code: String,
    state: String,
    key: String,
    address: String,
    town: String,
    contact: String,
    phone: String,
    trade: String,
    listed: Vec<String>,
    day: String,
    when: String,
    minutes: i32,
    announced: bool,
    lead: String,
    team: Vec<Mate>,
    offices: Vec<Office>,
    history: Vec<Past>,
    evidence: Vec<(String, String)>,
    papers: Vec<Paper>,
    withheld: String,
    began: String,
    ended: String,
    obstacle: String,
    obstacle_note: String,
    statement: String,
    signer: String,
    signed: String,
    obstacles: Vec<Choice>,
    signs: Vec<Choice>,
    may_check_in: bool,
    too_early: bool,
    may_obstruct: bool,
    may_resume: bool,
    may_state: bool,
    may_finish: bool,
    may_enter: bool,
    may_confirm: bool,
    may_dispatch: bool,
    may_screen: bool,
    missing: usize,
    said_enough: bool,
    /// What else belongs to the visit: address and text.
    more: Vec<(String, String)>,
}

/// The newest version of the result of each task.
pub(super) fn newest(rows: &[CheckResult]) -> BTreeMap<Id, &CheckResult> {
    rows.iter().map(|row| (row.task_id, row)).collect()
}

/// What was found, in words.
pub(super) fn outcome_words(ui: &Ui, row: &CheckResult) -> String {
    let words: Vec<String> = row.outcomes.0.iter().map(|o| ui.word("outcome", o)).collect();
    words.join(&ui.t("comma"))
}

fn past(ui: &Ui, p: Published) -> Past {
    let words: Vec<String> = p.outcomes.iter().map(|o| ui.word("outcome", o.as_str())).collect();
    Past {
        day: ui.day_or(&p.end_day),
        department: p.department,
        item: p.item,
        outcomes: words.join(&ui.t("comma")),
        conclusion: p.conclusion.as_str(),
    }
}

/// Most earlier results that are shown.
const BEFORE: i64 = 6;

fn team(cx: &Cx<'_>, ui: &Ui, whole: &Whole, account: Option<&Account>, changeable: bool) -> Vec<Mate> {
    let me = cx.actor.inspector;
    let name =
        |id: Id| whole.departments.iter().find(|d| d.id == id).map(|d| d.name.clone()).unwrap_or_default();
    let asks = ui.may(RequestReplacement) && changeable;
    whole
        .team
        .iter()
        .map(|(seat, person)| {
            let mine = Some(seat.inspector_id) == me;
            let clerk = cx.actor.roles.has(crate::domain::access::Role::DepartmentClerk);
            let came = account.and_then(|a| a.check_ins.iter().find(|c| c.inspector_id == seat.inspector_id));
            Mate {
                name: person.name.clone(),
                department: name(seat.department_id),
                post: ui.word("door-post", &seat.role),
                expert: person.expert,
                came: came.map(|c| ui.time(&c.created_at.0)).unwrap_or_default(),
                me: mine,
                replace: if asks && (mine || clerk) {
                    format!("/visits/{}/replacements?seat_id={}", whole.visit.id, seat.id)
                } else {
                    String::new()
                },
            }
        })
        .collect()
}

fn sections(cx: &Cx<'_>, ui: &Ui, whole: &Whole, account: Option<&Account>) -> Vec<Office> {
    let present = account.map(|a| newest(&a.results)).unwrap_or_default();
    whole
        .departments
        .iter()
        .map(|d| {
            let own = whole.tasks.iter().filter(|(t, _)| t.department_id == d.id && t.state != "cancelled");
            let mut items = Vec::new();
            let mut handed_in = 0;
            for (task, item) in own {
                let row = present.get(&task.id);
                let state = row.map_or("none", |r| r.state.as_str());
                if row.and_then(|r| Found::parse(&r.state)).is_some_and(|s| !s.is_editable()) {
                    handed_in += 1;
                }
                items.push(Item {
                    name: item.name.clone(),
                    code: item.code.clone(),
                    state: state.to_owned(),
                    outcomes: row.map(|r| outcome_words(ui, r)).unwrap_or_default(),
                    href: row.map(|r| format!("/results/{}", r.id)).unwrap_or_default(),
                });
            }
            Office {
                id: d.id,
                name: d.name.clone(),
                own: cx.actor.department == Some(d.id),
                items,
                handed_in,
            }
        })
        .collect()
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let account = match on_site::get(cx, id) {
        Ok(account) => Some(account),
        // Never sent out, or not to be seen: the visit itself tells which.
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let whole = match &account {
        Some(account) => account.whole.clone(),
        None => visits::get(cx, id)?,
    };
    let state = State::parse(&whole.visit.state).ok_or_else(|| Error::internal("visit state"))?;
    let names = offices(cx)?;
    let history = public::results_matching(cx, Some(&whole.subject.key), None, None, BEFORE)?;
    let me = cx.actor.inspector;
    let on_team = whole.team.iter().any(|(s, _)| Some(s.inspector_id) == me);
    let officer =
        whole.team.iter().any(|(s, p)| Some(s.inspector_id) == me && !p.expert) && ui.may(WorkOnSite);
    let here = account.as_ref().is_some_and(|a| a.check_ins.iter().any(|c| Some(c.inspector_id) == me));
    let early = whole.visit.on_day.is_none_or(|day| day > ui.today);
    let under_way = matches!(state, State::InProgress | State::Obstructed);
    let changeable = matches!(state, State::Staffed | State::Dispatched)
        && whole.visit.on_day.is_some_and(|d| d >= ui.today);
    let desk = account.as_ref().and_then(|a| {
        let own = whole.team.iter().find(|(s, _)| Some(s.inspector_id) == me)?.0.department_id;
        a.desks.iter().find(|d| d.department == own).cloned()
    });
    let waits = account.as_ref().is_some_and(|a| {
        newest(&a.results).values().any(|r| {
            r.state == Found::Entered.as_str()
                && r.entered_by != me
                && desk.as_ref().is_some_and(|d| d.department == r.department_id)
        })
    });
    let offices = sections(cx, ui, &whole, account.as_ref());
    let present = account.as_ref().map(|a| newest(&a.results)).unwrap_or_default();
    let missing = whole
        .tasks
        .iter()
        .filter(|(t, _)| t.state != "cancelled" && t.mode == "on_site")
        .filter(|(t, _)| {
            present.get(&t.id).and_then(|r| Found::parse(&r.state)).is_none_or(|s| s.is_editable())
        })
        .count();
    let visit = &whole.visit;
    let conduct = account.as_ref().map(|a| &a.conduct);
    let of = |pick: fn(&crate::store::results::Conduct) -> &String| {
        conduct.map(|c| pick(c).clone()).unwrap_or_default()
    };
    let mut papers = Vec::new();
    let mut withheld = String::new();
    for paper in VisitPaper::ALL {
        match may_print(*paper, state, visit.announced) {
            Ok(()) => {
                let html = format!("/papers/visits/{id}/{}", paper.as_str());
                papers.push(Paper {
                    name: ui.word("paper", paper.as_str()),
                    docx: format!("{html}?format=docx"),
                    html,
                });
            }
            Err(crate::domain::paper::Withheld::NotDispatched) => withheld = ui.t("paper-after-dispatch"),
            Err(crate::domain::paper::Withheld::Embargoed) => withheld = ui.t("paper-embargoed"),
        }
    }
    let mut listed = Vec::new();
    if whole.subject.abnormal {
        listed.push(ui.t("door-abnormal"));
    }
    if whole.subject.serious {
        listed.push(ui.t("door-serious"));
    }
    let signed = of(|c| &c.signed);
    let template = ShowPage {
        ui,
        id,
        version: visit.version,
        more: crate::web::html::after::of_visit(cx, ui, &whole),
        team: team(cx, ui, &whole, account.as_ref(), changeable),
        history: history.into_iter().map(|p| past(ui, p)).collect(),
        evidence: account
            .as_ref()
            .map(|a| a.evidence.iter().map(|e| (e.name.clone(), format!("/evidence/{}", e.id))).collect())
            .unwrap_or_default(),
        papers,
        withheld,
        code: visit.code.clone(),
        state: visit.state.clone(),
        key: whole.subject.key.clone(),
        address: whole.subject.address.clone(),
        town: whole.subject.town.clone(),
        contact: whole.subject.contact.clone(),
        phone: whole.subject.phone.clone(),
        trade: whole.subject.industry_name.clone(),
        listed,
        day: ui.day_or(&visit.on_day),
        when: clock(visit.start_minute),
        minutes: visit.minutes,
        announced: visit.announced,
        lead: visit.lead_department_id.and_then(|d| names.get(&d).cloned()).unwrap_or_default(),
        began: conduct.and_then(|c| c.began_at).map(|t| ui.time(&t.0)).unwrap_or_default(),
        ended: conduct.and_then(|c| c.ended_at).map(|t| ui.time(&t.0)).unwrap_or_default(),
        obstacle: of(|c| &c.obstacle),
        obstacle_note: of(|c| &c.obstacle_note),
        statement: of(|c| &c.statement),
        signer: of(|c| &c.signer),
        obstacles: Obstacle::ALL
            .iter()
            .map(|o| Choice::new(o.as_str(), ui.word("door-obstacle", o.as_str())))
            .collect(),
        signs: ["signed", "refused"]
            .into_iter()
            .map(|s| {
                Choice::new(s, ui.word("door-signed", s))
                    .chosen(s == signed || (signed.is_empty() && s == "signed"))
            })
            .collect(),
        said_enough: !signed.is_empty(),
        signed,
        may_check_in: on_team
            && ui.may(WorkOnSite)
            && !here
            && !early
            && (under_way || state == State::Dispatched),
        too_early: on_team && early && state == State::Dispatched,
        may_obstruct: officer && !early && matches!(state, State::Dispatched | State::InProgress),
        may_resume: officer && state == State::Obstructed,
        may_state: officer && under_way,
        may_finish: officer && under_way,
        may_enter: desk.as_ref().is_some_and(|d| Some(d.enters) == me)
            && (under_way || state == State::Done)
            && (here || conduct.is_some_and(|c| !c.obstacle.is_empty())),
        may_confirm: waits,
        may_dispatch: state == State::Staffed && !whole.preview && whole.may(cx, DispatchVisit).is_ok(),
        may_screen: here,
        missing: if state == State::InProgress { missing } else { 0 },
        offices,
    };
    let page = Page::new(whole.subject.name.clone(), &template)?;
    Ok(page.under("/visits", ui.t("nav-visits")))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/visits/{id}")).say(said)
}

fn check_in(cx: &mut Cx<'_>, id: Id, body: &CheckInBody) -> Result<Done> {
    api::check_in(cx, id, body)?;
    Ok(done(id, "door-checked-in"))
}

fn obstruct(cx: &mut Cx<'_>, id: Id, body: &ObstructBody) -> Result<Done> {
    api::obstruct(cx, id, body)?;
    Ok(done(id, "door-obstructed"))
}

fn resume(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    on_site::resume(cx, id)?;
    Ok(done(id, "door-resumed"))
}

fn statement(cx: &mut Cx<'_>, id: Id, body: &StatementBody) -> Result<Done> {
    api::statement(cx, id, body)?;
    Ok(done(id, "door-stated"))
}

fn finish(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    crate::service::results::finish::finish(cx, id)?;
    Ok(done(id, "door-finished"))
}

fn dispatch(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    visits::dispatch(cx, id)?;
    Ok(done(id, "door-dispatched"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(5));
    let mate = |me, expert| Mate {
        name: text("张三"),
        department: text("市场监管局"),
        post: ui.word("door-post", "lead_inspector"),
        expert,
        came: if me { text("2026年5月8日 09:31") } else { String::new() },
        me,
        replace: text("/account"),
    };
    let item = |state: &str| Item {
        name: text("食品经营许可检查"),
        code: text("SJ-01"),
        state: text(state),
        outcomes: text("未发现问题"),
        href: text("/account"),
    };
    let office = |own| Office {
        id,
        name: text("市场监管局"),
        own,
        items: vec![item("none"), item("entered")],
        handed_in: 1,
    };
    let page = |state: State, on: bool| ShowPage {
        ui,
        id,
        version: 2,
        code: text("V0001"),
        state: text(state.as_str()),
        key: text("91350403MA00000000"),
        address: text("列东街道江滨路12号"),
        town: text("列东街道"),
        contact: text("李四"),
        phone: text("0598-1234567"),
        trade: text("正餐服务"),
        listed: vec![ui.t("door-abnormal"), ui.t("door-serious")],
        day: text("2026年5月8日（周五）"),
        when: text("09:30"),
        minutes: 90,
        announced: on,
        lead: text("市场监管局"),
        team: vec![mate(true, false), mate(false, true)],
        offices: vec![office(true), office(false)],
        history: if on {
            vec![Past {
                day: text("2025年5月8日"),
                department: text("市场监管局"),
                item: text("食品经营许可检查"),
                outcomes: text("发现问题已责令改正"),
                conclusion: "problem",
            }]
        } else {
            Vec::new()
        },
        evidence: vec![(text("门头.jpg"), text("/account"))],
        papers: vec![Paper {
            name: ui.word("paper", "notice"),
            html: text("/account"),
            docx: text("/account"),
        }],
        withheld: ui.t("paper-embargoed"),
        began: text("2026年5月8日 09:31"),
        ended: text("2026年5月8日 10:31"),
        obstacle: if on { text("refused") } else { String::new() },
        obstacle_note: text("店主不在"),
        statement: text("没有意见"),
        signer: text("李四"),
        signed: if on { text("signed") } else { String::new() },
        obstacles: vec![Choice::new("refused", ui.word("door-obstacle", "refused"))],
        signs: vec![Choice::new("signed", ui.word("door-signed", "signed")).chosen(true)],
        may_check_in: !on,
        too_early: !on,
        may_obstruct: on,
        may_resume: on,
        may_state: on,
        may_finish: on,
        may_enter: on,
        may_confirm: on,
        may_dispatch: !on,
        may_screen: on,
        missing: usize::from(on),
        said_enough: on,
        more: vec![(text("/account"), ui.t("fu-conduct-title"))],
    };
    [page(State::Dispatched, false), page(State::InProgress, true), page(State::Done, true)]
        .iter()
        .map(|p| Page::new("某某餐饮有限公司", p).unwrap())
        .collect()
}
