//! 企业评价卡, for the coordination office and the oversight alone.

use super::super::cx::{Cx, denied};
use super::super::visits::{self as visit_service, Whole};
use super::views::{public_page, when};
use super::{CHUNK, Run, named};
use crate::documents::papers::rating_card::RatingCard;
use crate::documents::papers::sheet::Sheet;
use crate::domain::access::Action;
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::voice::secret;
use crate::store::results::conducts;
use crate::store::{departments, visits};
use std::collections::HashMap;

/// Whether the card of a visit may be printed by whoever asks: it was sent out, and he is not on its team.
fn may(cx: &Cx<'_>, whole: &Whole) -> Result<()> {
    whole.may(cx, Action::PrintRatingCard)?;
    let me = cx.actor.inspector;
    if me.is_some() && whole.team.iter().any(|(seat, _)| Some(seat.inspector_id) == me) {
        return Err(denied());
    }
    if State::parse(&whole.visit.state).is_some_and(State::is_visible_to_team) {
        return Ok(());
    }
    Err(Error::wrong_state(whole.visit.state.clone(), "入企派发后方可打印企业评价卡"))
}

fn sheets(cx: &mut Cx<'_>, list: &[Whole]) -> Result<Vec<Sheet>> {
    let ids: Vec<Id> = list.iter().map(|w| w.visit.id).collect();
    let codes: HashMap<Id, String> =
        conducts::of_visits(cx.db, &ids)?.into_iter().map(|c| (c.visit_id, c.code)).collect();
    let office = match cx.actor.department {
        Some(id) => departments::get(cx.db, id)?.map(|d| d.name).unwrap_or_default(),
        None => String::new(),
    };
    let mut all = Vec::with_capacity(list.len());
    for whole in list {
        let Some(code) = codes.get(&whole.visit.id) else { continue };
        let code = format!("{code}{}", secret::of(&cx.keys.draw, whole.visit.id));
        let card = RatingCard {
            county: cx.rules.region.name.clone(),
            office: office.clone(),
            number: whole.visit.code.clone(),
            subject: if named(whole) { whole.subject.name.clone() } else { String::new() },
            when: when(&whole.visit),
            link: public_page(cx, &code),
            code,
        };
        all.extend(card.sheets());
    }
    Ok(all)
}

/// The card of one visit, with the code of the visit for the name of the file.
///
/// # Errors
/// Not visible; not allowed; not dispatched.
pub fn of_visit(cx: &mut Cx<'_>, id: Id) -> Result<(String, Vec<Sheet>)> {
    let whole = visit_service::load(cx, id, Action::PrintRatingCard)?;
    may(cx, &whole)?;
    let code = whole.visit.code.clone();
    Ok((code, sheets(cx, &[whole])?))
}

/// Which visits of a joint inspection get a card.
///
/// # Errors
/// Not visible; not allowed; none was dispatched yet.
pub fn run(cx: &mut Cx<'_>, id: Id) -> Result<Run> {
    let row = super::inspection(cx, id, Action::PrintRatingCard)?;
    let (mut printed, mut withheld) = (Vec::new(), 0);
    for chunk in visits::of_inspection(cx.db, id)?.chunks(CHUNK) {
        for whole in visit_service::whole(cx, chunk.to_vec())? {
            match may(cx, &whole) {
                Ok(()) => printed.push(whole.visit.id),
                Err(_) => withheld += 1,
            }
        }
    }
    if printed.is_empty() {
        return Err(Error::refused("nothing_to_print", "没有可以打印的企业评价卡;入企派发后方可打印"));
    }
    Ok(Run { inspection: row, visits: printed, withheld })
}

/// The cards of these visits, which [`run`] has listed.
///
/// # Errors
/// The database.
pub fn sheets_of(cx: &mut Cx<'_>, ids: &[Id]) -> Result<Vec<Sheet>> {
    let mut rows = visits::by_ids(cx.db, ids)?;
    rows.sort_by_key(|v| v.id);
    let mut list = visit_service::whole(cx, rows)?;
    list.retain(|whole| may(cx, whole).is_ok());
    sheets(cx, &list)
}
