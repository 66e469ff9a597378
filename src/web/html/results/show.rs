//! One result: what was found, how far it is on its way to the public and who acts now, all its versions, what follows
//! from it; returning it and opening its correction.

use super::{due, outcomes, periods, way};
use crate::domain::access::Action::{self as Right, CorrectResult, ReturnResult, ViewResult, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::rectification::may_be_ordered;
use crate::domain::result::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::{rectifications, referrals};
use crate::service::invitations::calendar;
use crate::service::results::{self, review};
use crate::store::follow_up::{rectifications as orders, referrals as notices};
use crate::store::results::{CheckResult, evidences};
use crate::store::{accounts, county};
use crate::web::api::results::ResultReason;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page("/results/{id}", Action(ViewResult), show);
    r.page("/results/{id}/correct", Action(CorrectResult), ask);
    r.form("/results/{id}/correct", Action(CorrectResult), correct, ask);
}

/// A step of the way.
struct Step {
    text: String,
    class: &'static str,
    by: String,
}

/// A version.
struct Version {
    id: Id,
    number: i32,
    state: String,
    outcomes: String,
    when: String,
    here: bool,
}

/// Something that may be done.
struct Deed {
    href: String,
    text: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "findings/show.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    state: String,
    subject: String,
    subject_key: String,
    department: String,
    visit: Id,
    visit_code: String,
    visit_day: String,
    outcomes: String,
    methods: String,
    other: String,
    law: String,
    follow_up: String,
    note: String,
    returned: String,
    steps: Vec<Step>,
    turn: String,
    due: String,
    late: bool,
    deeds: Vec<Deed>,
    told: String,
    versions: Vec<Version>,
    evidence: Vec<(String, String)>,
    /// What follows from it: where, what, state family, state.
    after: Vec<(String, String, &'static str, String)>,
}

fn by(cx: &mut Cx<'_>, account: Option<Id>) -> Result<String> {
    Ok(match account {
        Some(id) => accounts::get(cx.db, id)?.map(|a| a.name).unwrap_or_default(),
        None => String::new(),
    })
}

fn steps(cx: &mut Cx<'_>, ui: &Ui, row: &CheckResult) -> Result<Vec<Step>> {
    let people: Vec<Id> = [row.entered_by, row.confirmed_by].into_iter().flatten().collect();
    let officers = county::inspectors(cx.db, &people)?;
    let officer = |id: Option<Id>| {
        officers.iter().find(|o| Some(o.id) == id).map(|o| o.name.clone()).unwrap_or_default()
    };
    let (reviewed, approved) = (by(cx, row.reviewed_by)?, by(cx, row.approved_by)?);
    let road = [
        (State::Entered, "finding-step-entered", row.entered_at, officer(row.entered_by)),
        (State::Confirmed, "finding-step-confirmed", row.confirmed_at, officer(row.confirmed_by)),
        (State::Reviewed, "finding-step-reviewed", row.reviewed_at, reviewed),
        (State::Approved, "finding-step-approved", row.approved_at, approved),
        (State::Published, "finding-step-published", row.published_at, String::new()),
    ];
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("result state"))?;
    let reached = match state {
        State::Draft | State::Returned => 0,
        State::Entered => 1,
        State::Confirmed => 2,
        State::Reviewed => 3,
        State::Approved => 4,
        State::Published | State::Corrected => 5,
    };
    Ok(road
        .into_iter()
        .enumerate()
        .map(|(i, (_, key, at, who))| Step {
            text: ui.t(key),
            class: if i < reached {
                "past"
            } else if i == reached {
                "now"
            } else {
                ""
            },
            by: match at.filter(|_| i < reached) {
                Some(at) => format!("{who} {}", ui.time(&at.0)).trim().to_owned(),
                None => String::new(),
            },
        })
        .collect())
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    let item = whole
        .tasks
        .iter()
        .find(|(t, _)| t.id == row.task_id)
        .map(|(_, i)| i.name.clone())
        .unwrap_or_default();
    let versions = results::revisions(cx, id)?;
    let newest = versions.last().is_none_or(|v| v.id == row.id);
    let own = Scope::of(&row.region, row.department_id);
    let mut deeds = Vec::new();
    let mut told = String::new();
    let mine =
        cx.actor.inspector.is_some() && [row.entered_by, row.confirmed_by].contains(&cx.actor.inspector);
    if let Some((act, right)) = way(&row.state)
        && cx.can(right, &own)
    {
        if mine && act != "publish" {
            told = ui.t("finding-own");
        } else if act == "publish" && whole.visit.state != "done" {
            told = ui.t("finding-visit-goes-on");
        } else {
            let text = ui.word("finding-act", act);
            deeds.push(Deed { href: format!("/results/check?act={act}&ids={id}"), text, class: "" });
        }
    }
    if matches!(row.state.as_str(), "confirmed" | "reviewed" | "approved") && cx.can(ReturnResult, &own) {
        let href = format!("/results/check?act=return&ids={id}");
        deeds.push(Deed { href, text: ui.word("finding-act", "return"), class: "quietly danger" });
    }
    if row.state == "published" && newest && cx.can(CorrectResult, &own) {
        deeds.push(Deed {
            href: format!("/results/{id}/correct"),
            text: ui.t("finding-correct"),
            class: "quietly",
        });
    }
    let settled = matches!(row.state.as_str(), "approved" | "published");
    let finding = results::finding(&row);
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("result state"))?;
    if settled && cx.can(WorkFollowUp, &own) {
        if may_be_ordered(state, &finding.outcomes, &finding.follow_up) {
            let text = ui.t("follow-order");
            deeds.push(Deed { href: format!("/results/{id}/rectification"), text, class: "quietly" });
        }
        let text = ui.t("follow-refer");
        deeds.push(Deed { href: format!("/results/{id}/referral"), text, class: "quietly" });
    }
    let (more, done) = crate::web::html::after::of_result(cx, ui, &row)?;
    deeds.extend(more.into_iter().map(|(href, text)| Deed { href, text, class: "quietly" }));
    deeds.retain(|d| ui.has(&d.href));
    let mut after = done;
    if cx.can(Right::ViewFollowUp, &own) {
        for r in orders::of_result(cx.db, id)? {
            let r = rectifications::get(cx, r.id)?;
            after.push((
                format!("/rectifications/{}", r.id),
                ui.t("follow-rectification"),
                "follow-order-state",
                r.state,
            ));
        }
    }
    let filter = notices::Filter { visit: Some(row.visit_id), ..notices::Filter::default() };
    if cx.can(Right::ViewReferral, &own) {
        for r in referrals::list(cx, &filter, None, 50)?.into_iter().filter(|r| r.result_id == id) {
            after.push((
                format!("/referrals/{}", r.id),
                ui.word("follow-kind", &r.kind),
                "follow-state",
                r.state,
            ));
        }
    }
    let calendar = calendar(cx)?;
    let rows = [row];
    let periods = periods(cx, &rows)?;
    let [row] = rows;
    let (until, late) = due(ui, &calendar, &row, periods.get(&(row.visit_id, row.department_id)));
    let list = |family: &str, words: &[String]| {
        words.iter().map(|w| ui.word(family, w)).collect::<Vec<_>>().join(&ui.t("comma"))
    };
    let evidence = evidences::of(cx.db, row.visit_id)?
        .into_iter()
        .filter(|e| e.task_id == Some(row.task_id))
        .map(|e| (e.name, format!("/evidence/{}", e.id)))
        .collect();
    let template = ShowPage {
        ui,
        steps: steps(cx, ui, &row)?,
        turn: ui.word("finding-turn", &row.state),
        outcomes: outcomes(ui, &row),
        methods: list("finding-method", &row.methods.0),
        follow_up: list("finding-then", &row.follow_up.0),
        subject: whole.subject.name.clone(),
        subject_key: whole.subject.key.clone(),
        department: whole
            .departments
            .iter()
            .find(|d| d.id == row.department_id)
            .map(|d| d.name.clone())
            .unwrap_or_default(),
        visit: row.visit_id,
        visit_code: whole.visit.code.clone(),
        visit_day: ui.day_or(&whole.visit.on_day),
        other: row.other.clone(),
        law: row.law.clone(),
        note: row.note.clone(),
        returned: row.review_note.clone(),
        due: until,
        late,
        deeds,
        told,
        versions: versions
            .iter()
            .map(|v| Version {
                id: v.id,
                number: v.revision,
                state: v.state.clone(),
                outcomes: outcomes(ui, v),
                when: v.published_at.map(|t| ui.time(&t.0)).unwrap_or_else(|| ui.time(&v.updated_at.0)),
                here: v.id == row.id,
            })
            .collect(),
        evidence,
        after,
        state: row.state.clone(),
    };
    Ok(Page::new(item, &template)?.under("/results", ui.t("nav-results")))
}

#[derive(Template)]
#[template(path = "findings/correct.html")]
struct CorrectPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    subject: String,
    item: String,
    outcomes: String,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    cx.may(CorrectResult, &Scope::of(&row.region, row.department_id))?;
    let template = CorrectPage {
        ui,
        id,
        version: row.version,
        subject: whole.subject.name.clone(),
        item: whole
            .tasks
            .iter()
            .find(|(t, _)| t.id == row.task_id)
            .map(|(_, i)| i.name.clone())
            .unwrap_or_default(),
        outcomes: outcomes(ui, &row),
    };
    let page = Page::new(ui.t("finding-correct"), &template)?.under("/results", ui.t("nav-results"));
    Ok(page.under(format!("/results/{id}"), template.item.clone()))
}

fn correct(cx: &mut Cx<'_>, id: Id, body: &ResultReason) -> Result<Done> {
    let row = review::correct(cx, id, &body.reason)?;
    Ok(Done::to(format!("/results/{}", row.id)).say("finding-correction-opened"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(6));
    let page = |state: State| ShowPage {
        ui,
        state: text(state.as_str()),
        subject: text("某某餐饮有限公司"),
        subject_key: text("91350403MA00000000"),
        department: text("市场监管局"),
        visit: id,
        visit_code: text("V0001"),
        visit_day: text("2026年5月8日（周五）"),
        outcomes: ui.word("outcome", "corrected_on_order"),
        methods: ui.word("finding-method", "on_site"),
        other: text("安全出口堆放杂物"),
        law: text("消防法第十六条"),
        follow_up: ui.word("finding-then", "rectification"),
        note: text("请复查"),
        returned: text("请补充说明"),
        steps: vec![
            Step {
                text: ui.t("finding-step-entered"), class: "past", by: text("张三 2026年5月8日 10:00")
            },
            Step { text: ui.t("finding-step-confirmed"), class: "now", by: String::new() },
        ],
        turn: ui.word("finding-turn", state.as_str()),
        due: text("2026年6月5日（周五），还剩 18 个工作日"),
        late: true,
        deeds: vec![Deed { href: text("/account"), text: ui.word("finding-act", "publish"), class: "" }],
        told: ui.t("finding-own"),
        versions: vec![
            Version {
                id,
                number: 1,
                state: text("corrected"),
                outcomes: text("未发现问题"),
                when: text("2026年5月8日 10:00"),
                here: false,
            },
            Version {
                id,
                number: 2,
                state: text("published"),
                outcomes: text("未发现问题"),
                when: text("2026年5月9日 10:00"),
                here: true,
            },
        ],
        evidence: vec![(text("门头.jpg"), text("/account"))],
        after: vec![(text("/account"), ui.t("follow-rectification"), "follow-order-state", text("ordered"))],
    };
    let correct = CorrectPage {
        ui,
        id,
        version: 3,
        subject: text("某某餐饮有限公司"),
        item: text("食品经营许可检查"),
        outcomes: text("未发现问题"),
    };
    let mut pages: Vec<Page> = [State::Returned, State::Approved, State::Published]
        .into_iter()
        .map(|state| Page::new("食品经营许可检查", &page(state)).unwrap())
        .collect();
    pages.push(Page::new(ui.t("finding-correct"), &correct).unwrap());
    pages
}
