//! What follows on a draw: the next attempt after one that was aborted, and the round that replaces drawn subjects which
//! cannot be inspected any more.

use super::parties::PartiesFields;
use crate::domain::access::Action::OperateDraw;
use crate::domain::draw_state::State;
use crate::domain::inspection::State as Stage;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::{self, opening, outcome};
use crate::service::inspections::{Loaded, doc};
use crate::store::draws::{Draw, draw_pools};
use crate::web::api::draws::DrawOpening;
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn pages(r: &mut Router) {
    r.page("/draws/{id}/again", Action(OperateDraw), again_page);
    r.form_steps("/draws/{id}/again", Action(OperateDraw), again, again_page);
    r.page("/draws/{id}/round", Action(OperateDraw), round_page);
    r.form_steps("/draws/{id}/round", Action(OperateDraw), round, round_page);
}

/// Subjects that one form can name.
const ROWS: usize = 12;

/// Reason codes in the public record, with words of our own for each.
const REASONS: [&str; 4] = ["ZX", "QC", "TY", "QT"];

/// What may follow on a draw: `again`, `round`, or nothing.
pub(super) fn way(cx: &mut Cx<'_>, draw: &Draw, loaded: &Loaded) -> Result<&'static str> {
    let all = draws::of(cx, draw.inspection_id)?;
    let last = all.iter().map(|d| &d.draw).filter(|d| d.pool_id == draw.pool_id).max_by_key(|d| d.attempt);
    if last.is_some_and(|last| last.id != draw.id) {
        return Ok("");
    }
    let state = State::parse(&draw.state).ok_or_else(|| Error::internal("draw state"))?;
    let stage = loaded.state()?;
    let running = matches!(
        stage,
        Stage::Drawn | Stage::Merged | Stage::Staffed | Stage::Dispatched | Stage::Inspecting
    );
    let public = state == State::Published || (state == State::Resulted && draw.policy != "embargo");
    if state == State::Aborted {
        let pool = match draw.pool_id {
            Some(id) => draw_pools::get(cx.db, id)?,
            None => None,
        };
        let kept = pool.is_some_and(|p| p.released_at.is_none());
        let open = if draw.round == 0 { stage == Stage::PoolFrozen } else { running };
        return Ok(if kept && open { "again" } else { "" });
    }
    Ok(if public && running { "round" } else { "" })
}

#[derive(Template)]
#[template(path = "draws/later.html")]
struct LaterPage<'a> {
    ui: &'a Ui,
    id: Id,
    round: bool,
    policy: String,
    reason: String,
    parties: PartiesFields<'a>,
    /// Code and name of each that is drawn.
    drawn: Vec<(String, String)>,
    reasons: Vec<Choice>,
}

impl LaterPage<'_> {
    fn rows(&self) -> std::ops::Range<usize> {
        0..ROWS
    }

    fn name(&self, row: &usize, field: &str) -> String {
        format!("gone/{row}/{field}")
    }
}

fn reasons(ui: &Ui) -> Vec<Choice> {
    let mut list = vec![Choice::new("", "—")];
    list.extend(REASONS.map(|code| Choice::new(code, ui.word("gone-reason", &code.to_lowercase()))));
    list
}

fn later_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, what: &str) -> Result<Page> {
    let (draw, loaded) = draws::find(cx, id)?;
    cx.may(OperateDraw, &loaded.scope())?;
    if way(cx, &draw, &loaded)? != what && !ui.form.sent {
        let text = if what == "again" {
            "只有最近一次作废的抽取才能重新开启"
        } else {
            "须先有公开的结果,并在检查结束之前,才能补抽"
        };
        return Err(Error::wrong_state(draw.state, text));
    }
    let i = &loaded.inspection;
    let rules = doc(&i.draw_rules)?;
    let round = what == "round";
    let drawn = if round {
        let rows = outcome::drawn(cx, i.id)?.into_iter().filter(|d| d.row.state == "drawn");
        rows.map(|d| (d.subject.key, d.subject.name)).collect()
    } else {
        Vec::new()
    };
    let template = LaterPage {
        ui,
        id,
        round,
        policy: draw.policy.clone(),
        reason: ui.told(&draw.reason),
        parties: PartiesFields::of(cx, ui, i, &rules, if round { "parties/" } else { "" })?,
        drawn,
        reasons: reasons(ui),
    };
    let page = Page::new(ui.word("later", what), &template)?.lead(ui.word("later-what", what));
    let page = page.under("/inspections", ui.t("nav-inspections"));
    let page = page.under(format!("/inspections/{}", i.id), i.name.clone());
    Ok(page.under(format!("/draws/{id}"), ui.n("draw-nth", draw.attempt)))
}

fn again_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    later_page(cx, ui, id, "again")
}

fn round_page(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    later_page(cx, ui, id, "round")
}

fn kept(call: &Call, opened: opening::Opened) -> Result<Answer> {
    call.write(move |cx| {
        let row = opening::keep(cx, &opened)?;
        Ok(Done::to(format!("/draws/{}", row.id)).say("draw-opened").reply())
    })
}

fn again(call: &Call, id: Id, _: &NoQuery, body: DrawOpening, _: &Form) -> Result<Answer> {
    let (parties, key) = (body.parties(), &call.server.keys.draw);
    let opened = call.read(|cx| {
        let new = cx.id()?;
        opening::again(cx, key, id, new, &parties)
    })?;
    kept(call, opened)
}

/// A subject that fell away: people write its code or its name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GoneRow {
    #[serde(default)]
    #[schema(max_length = 200)]
    subject: String,
    #[serde(default)]
    reason: String,
}

/// A round as the form sends it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoundForm {
    #[serde(default)]
    gone: Vec<GoneRow>,
    parties: DrawOpening,
}

/// The drawn subjects that were meant.
fn meant(cx: &mut Cx<'_>, draw: Id, rows: &[GoneRow]) -> Result<opening::Gone> {
    let (draw, loaded) = draws::find(cx, draw)?;
    cx.may(OperateDraw, &loaded.scope())?;
    let drawn = outcome::drawn(cx, draw.inspection_id)?;
    let mut faults = crate::error::Faults::default();
    let mut gone = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let text = row.subject.trim();
        let mut found = drawn
            .iter()
            .filter(|d| d.row.state == "drawn" && (d.subject.key == text || d.subject.name == text));
        match (found.next(), found.next()) {
            (Some(one), None) => gone.push((one.subject.id, row.reason.clone())),
            (Some(_), Some(_)) => {
                faults.add(format!("/gone/{i}/subject"), "ambiguous", "有几个对象同名,请填写代码");
            }
            (None, _) => {
                faults.add(format!("/gone/{i}/subject"), "not_drawn", "该对象不在抽中名单中,或已被替换");
            }
        }
        if row.reason.is_empty() {
            faults.add(format!("/gone/{i}/reason"), "required", "请选择原因");
        }
    }
    faults.done()?;
    Ok(gone)
}

/// The use case names the fields of an opening; in this form they stand under `parties`.
fn under_parties(error: Error) -> Error {
    let Error::Invalid(mut faults) = error else { return error };
    for fault in &mut faults {
        if let Some(rest) = fault.pointer.strip_suffix("/subject_id").filter(|p| p.starts_with("/gone/")) {
            fault.pointer = format!("{rest}/subject");
        } else if !fault.pointer.starts_with("/gone") && fault.pointer.starts_with('/') {
            fault.pointer = format!("/parties{}", fault.pointer);
        }
    }
    Error::Invalid(faults)
}

fn round(call: &Call, id: Id, _: &NoQuery, body: RoundForm, _: &Form) -> Result<Answer> {
    let (parties, key) = (body.parties.parties(), &call.server.keys.draw);
    let opened = call.read(|cx| {
        let gone = meant(cx, id, &body.gone)?;
        let new = cx.id()?;
        opening::round(cx, key, id, new, &gone, &parties).map_err(under_parties)
    })?;
    kept(call, opened)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let page = |round, policy: &str| LaterPage {
        ui,
        id: Id(uuid::Uuid::from_u128(7)),
        round,
        policy: policy.to_owned(),
        reason: "NO-POWER 会场停电".to_owned(),
        parties: PartiesFields::sample(ui, if round { "parties/" } else { "" }, policy),
        drawn: vec![("350403000001".to_owned(), "学校第1号".to_owned())],
        reasons: reasons(ui),
    };
    vec![
        Page::new(ui.word("later", "again"), &page(false, "ceremony")).unwrap(),
        Page::new(ui.word("later", "round"), &page(true, "embargo")).unwrap(),
    ]
}
