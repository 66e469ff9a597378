//! Papers: who may print which, and what stands on them; notices delivered; calendars; the daily digest.

pub mod calendar;
pub mod cards;
pub mod digest;
pub mod listing;
pub mod notices;
mod views;
pub mod whole;

use super::cx::Cx;
use super::visits::{self as visit_service, Whole};
use crate::documents::papers::sheet::Sheet;
use crate::domain::access::Action;
use crate::domain::paper::{VisitPaper, Withheld, may_print};
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::inspections::{self, Inspection};
use crate::store::visits;

/// Visits whose papers are made in one go: what stands in memory at a time.
pub const CHUNK: usize = 100;

fn state(whole: &Whole) -> Result<State> {
    State::parse(&whole.visit.state).ok_or_else(|| Error::internal("visit state"))
}

/// Whether the subject of a visit may be named outside of it.
fn named(whole: &Whole) -> bool {
    State::parse(&whole.visit.state)
        .is_some_and(|s| crate::domain::paper::may_be_named(s, whole.visit.announced))
}

/// The sheets of one visit's paper, with the code of the visit for the name of the file.
///
/// # Errors
/// Not visible; not dispatched; the notice of an unannounced visit that has not begun.
pub fn of_visit(cx: &mut Cx<'_>, id: Id, paper: VisitPaper) -> Result<(String, Vec<Sheet>)> {
    let whole = visit_service::load(cx, id, Action::ViewPaper)?;
    match may_print(paper, state(&whole)?, whole.visit.announced) {
        Ok(()) => {}
        Err(Withheld::NotDispatched) => {
            return Err(Error::wrong_state(whole.visit.state, "入企派发后方可打印文书"));
        }
        Err(Withheld::Embargoed) => {
            return Err(Error::refused("embargoed", "本次为突击检查,检查开始后方可出具检查通知书"));
        }
    }
    let code = whole.visit.code.clone();
    Ok((code, views::sheets(cx, &[whole], paper)?))
}

/// The papers of all visits of a joint inspection.
#[derive(Debug, Clone)]
pub struct Run {
    /// The inspection.
    pub inspection: Inspection,
    /// The visits whose papers are printed.
    pub visits: Vec<Id>,
    /// Visits without this paper: not dispatched, or unannounced and not begun.
    pub withheld: usize,
}

/// A joint inspection whose papers are asked for.
///
/// # Errors
/// Not visible.
fn inspection(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Inspection> {
    Ok(super::inspections::load_for(cx, id, action)?.inspection)
}

/// Which visits of a joint inspection get a paper: those whoever asks may see, once they are dispatched. An inspector
/// gets those of his own visits.
///
/// # Errors
/// Not visible; none that can be printed yet.
pub fn run(cx: &mut Cx<'_>, id: Id, paper: VisitPaper) -> Result<Run> {
    let row = inspections::get(cx.db, id)?
        .filter(|i| i.region == cx.actor.region)
        .ok_or(Error::NotFound("联合抽查"))?;
    let (mut printed, mut withheld, mut seen) = (Vec::new(), 0, false);
    for chunk in visits::of_inspection(cx.db, id)?.chunks(CHUNK) {
        for whole in visit_service::whole(cx, chunk.to_vec())? {
            if whole.may(cx, Action::ViewPaper).is_err() {
                continue;
            }
            seen = true;
            match may_print(paper, state(&whole)?, whole.visit.announced) {
                Ok(()) => printed.push(whole.visit.id),
                Err(_) => withheld += 1,
            }
        }
    }
    if !seen {
        // Whoever sees no visit must see the inspection to learn that there is none.
        inspection(cx, id, Action::ViewInspection)?;
    }
    if printed.is_empty() {
        return Err(Error::refused(
            "nothing_to_print",
            format!("没有可以打印的{};入企派发后方可打印,突击检查的通知书在检查开始后方可出具", paper.word()),
        ));
    }
    Ok(Run { inspection: row, visits: printed, withheld })
}

/// The sheets of these visits, which [`run`] has listed; those that may no longer be printed are left out.
///
/// # Errors
/// The database.
pub fn sheets_of(cx: &mut Cx<'_>, ids: &[Id], paper: VisitPaper) -> Result<Vec<Sheet>> {
    let mut rows = visits::by_ids(cx.db, ids)?;
    rows.sort_by_key(|v| v.id);
    let mut list = Vec::with_capacity(rows.len());
    for whole in visit_service::whole(cx, rows)? {
        let free = may_print(paper, state(&whole)?, whole.visit.announced).is_ok();
        if free && whole.may(cx, Action::ViewPaper).is_ok() {
            list.push(whole);
        }
    }
    views::sheets(cx, &list, paper)
}

/// The sheets of these visits for the archive, whose reader has been asked for his rights to the whole.
///
/// # Errors
/// The database.
pub(in crate::service) fn archived(cx: &mut Cx<'_>, ids: &[Id], paper: VisitPaper) -> Result<Vec<Sheet>> {
    let mut rows = visits::by_ids(cx.db, ids)?;
    rows.sort_by_key(|v| v.id);
    let mut list = visit_service::whole(cx, rows)?;
    list.retain(|w| state(w).is_ok_and(|s| may_print(paper, s, w.visit.announced).is_ok()));
    views::sheets(cx, &list, paper)
}
