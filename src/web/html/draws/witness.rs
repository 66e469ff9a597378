//! A witness's page: hand in a value nobody else knows, keep the receipt, open the card.

use super::{Step, steps};
use crate::domain::access::Action::WitnessDraw;
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::Open;
use crate::domain::draw_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws;
use crate::service::draws::witness;
use crate::web::api::draws::{self as api, WitnessCard, WitnessCommitment};
use crate::web::call::Call;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{self, Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page("/draws/{id}/witness", Action(WitnessDraw), show);
    r.form_steps("/draws/{id}/witness", Action(WitnessDraw), commit, show);
    r.form("/draws/{id}/witness/card", Action(WitnessDraw), open_card, show);
}

/// What a witness keeps.
struct Receipt {
    commitment: String,
    salt: String,
}

#[derive(Template)]
#[template(path = "draws/witness.html")]
struct WitnessPage<'a> {
    ui: &'a Ui,
    id: Id,
    name: String,
    number: String,
    state: String,
    steps: Vec<Step>,
    token: String,
    draw_id: String,
    commitment: String,
    /// The server keeps the card and opens it itself.
    kept: bool,
    opened: bool,
    receipt: Option<Receipt>,
}

fn page<'a>(cx: &mut Cx<'_>, ui: &'a Ui, id: Id, receipt: Option<Receipt>) -> Result<WitnessPage<'a>> {
    let (draw, loaded) = draws::find(cx, id)?;
    cx.may(WitnessDraw, &loaded.scope())?;
    let user = cx.user()?;
    let draws::Shown { witnesses, .. } = draws::get(cx, id)?;
    let own = witnesses.into_iter().find(|w| w.user_id == user);
    let own = own.ok_or_else(|| Error::Denied("您不是这一次抽取的见证人".to_owned()))?;
    let state = State::parse(&draw.state).ok_or_else(|| Error::internal("draw state"))?;
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let open = Open::parse(bundle.records.open.as_bytes()).map_err(|f| Error::internal(&f))?;
    Ok(WitnessPage {
        ui,
        id,
        name: loaded.inspection.name,
        number: loaded.inspection.number,
        steps: steps(ui, state, !open.beacons.is_empty(), open.publish_by.is_some()),
        token: own.token,
        draw_id: draw.draw_id,
        kept: !own.sealed.is_empty(),
        opened: own.revealed_at.is_some(),
        commitment: own.commitment,
        receipt,
        state: draw.state,
    })
}

fn titled(ui: &Ui, template: &WitnessPage<'_>) -> Result<Page> {
    Ok(Page::new(ui.t("witness-title"), template)?
        .lead(format!("{} {}", template.name, template.number))
        .narrow())
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let template = page(cx, ui, id, None)?;
    titled(ui, &template)
}

/// The receipt is shown once, in the answer itself: its salt is what the witness could prove his card with.
fn commit(call: &Call, id: Id, _: &NoQuery, body: WitnessCommitment, _: &Form) -> Result<Answer> {
    let answer = call.write(move |cx| api::commit(cx, id, &body))?;
    let told: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|e| Error::internal(&e))?;
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    html::shown(call, move |cx, ui| {
        let template =
            page(cx, ui, id, Some(Receipt { commitment: text("commitment"), salt: text("salt") }))?;
        titled(ui, &template)
    })
}

fn open_card(cx: &mut Cx<'_>, id: Id, body: &WitnessCard) -> Result<Done> {
    witness::open_card(cx, id, &body.value, &body.salt)?;
    Ok(Done::to(format!("/draws/{id}/witness")).say("witness-opened"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let page = |state: State, commitment: &str, kept, receipt| WitnessPage {
        ui,
        id: Id(uuid::Uuid::from_u128(7)),
        name: text("餐饮业联合抽查"),
        number: text("示抽查〔2026〕3号"),
        state: state.as_str().to_owned(),
        steps: steps(ui, state, false, false),
        token: text("W1"),
        draw_id: "cd".repeat(32),
        commitment: text(commitment),
        kept,
        opened: state == State::Revealed,
        receipt,
    };
    let receipt = Receipt { commitment: "ef".repeat(32), salt: "0a".repeat(16) };
    [
        page(State::Opened, "", false, None),
        page(State::Opened, "ef", true, Some(receipt)),
        page(State::Sealed, "ef", false, None),
        page(State::Sealed, "ef", true, None),
        page(State::Revealed, "ef", true, None),
        page(State::Aborted, "", false, None),
    ]
    .iter()
    .map(|p| titled(ui, p).unwrap())
    .collect()
}
