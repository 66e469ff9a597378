//! What of a draw is kept back while unannounced visits wait for their teams.

use super::super::cx::Cx;
use super::super::inspections::Loaded;
use crate::domain::draw::bundle::Bundle;
use crate::domain::embargo::{self, Facts};
use crate::domain::{draw_state, inspection};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::draws::Draw;
use crate::store::embargo as waiting;
use crate::store::inspections::{self, Inspection};
use std::collections::{BTreeMap, BTreeSet};

/// Whether visits of an inspection are unannounced by its own rule or, where it leaves that open, by that of an item.
///
/// # Errors
/// The database.
pub fn is_surprise(cx: &mut Cx<'_>, row: &Inspection) -> Result<bool> {
    Ok(match row.notice.as_str() {
        "unannounced" => true,
        "either" => waiting::has_unannounced_item(cx.db, row.id)?,
        _ => false,
    })
}

fn stage(row: &Inspection) -> Result<inspection::State> {
    inspection::State::parse(&row.state).ok_or_else(|| Error::internal("inspection state"))
}

fn facts(cx: &mut Cx<'_>, row: &Inspection, waiting: bool) -> Result<Facts> {
    let surprise = waiting || is_surprise(cx, row)?;
    Ok(Facts { surprise, stage: stage(row)?, waiting })
}

/// What the embargo of an inspection depends on.
///
/// # Errors
/// The database.
pub fn of(cx: &mut Cx<'_>, row: &Inspection) -> Result<Facts> {
    let open = !waiting::waiting_for_surprise(cx.db, &[row.id])?.is_empty();
    facts(cx, row, open)
}

/// Those of these inspections of which nobody outside is told whom and when.
///
/// # Errors
/// The database.
pub fn held(cx: &mut Cx<'_>, rows: &[Inspection]) -> Result<BTreeSet<Id>> {
    let ids: Vec<Id> = rows.iter().map(|i| i.id).collect();
    let open: BTreeSet<Id> = waiting::waiting_for_surprise(cx.db, &ids)?.into_iter().collect();
    let mut held = BTreeSet::new();
    for row in rows {
        let facts = Facts { surprise: true, stage: stage(row)?, waiting: open.contains(&row.id) };
        if embargo::is_held(facts) {
            held.insert(row.id);
        }
    }
    Ok(held)
}

/// Which of these draws (draw, inspection, policy, state, round) are kept back behind their seal.
///
/// # Errors
/// The database.
pub fn held_draws(cx: &mut Cx<'_>, rows: &[(Id, Id, &str, &str, i32)]) -> Result<BTreeSet<Id>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.1).collect::<BTreeSet<_>>().into_iter().collect();
    let open: BTreeSet<Id> = waiting::waiting_for_surprise(cx.db, &ids)?.into_iter().collect();
    let mut known: BTreeMap<Id, Facts> = BTreeMap::new();
    for row in inspections::by_ids(cx.db, &ids)? {
        let facts = facts(cx, &row, open.contains(&row.id))?;
        known.insert(row.id, facts);
    }
    let mut held = BTreeSet::new();
    for (draw, inspection, policy, state, round) in rows {
        let Some(facts) = known.get(inspection) else { continue };
        let state = draw_state::State::parse(state).ok_or_else(|| Error::internal("draw state"))?;
        // An embargo keeps its own secret until the act that publishes it, which asks the same rule.
        if *policy != "embargo" && embargo::is_draw_held(*facts, state, *round > 0) {
            held.insert(*draw);
        }
    }
    Ok(held)
}

/// The draw as those may see it who do not take part: behind its seal while it is held.
///
/// # Errors
/// A later round, whose bundle tells of the rounds before it, while the drawn of those wait.
pub fn covered(cx: &mut Cx<'_>, mut draw: Draw) -> Result<Draw> {
    let asked = [(draw.id, draw.inspection_id, draw.policy.as_str(), draw.state.as_str(), draw.round)];
    if held_draws(cx, &asked)?.is_empty() {
        return Ok(draw);
    }
    if draw.round > 0 && !waiting::waiting_for_surprise(cx.db, &[draw.inspection_id])?.is_empty() {
        return Err(Error::Refused {
            code: "held_back",
            text: "本次抽取用于突击检查,入企之前不公布抽取材料;抽取的编号(draw_id)和首轮的承诺已经公开"
                .to_owned(),
            state: Some(draw.state),
        });
    }
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    draw.public = bundle.sealed().map_err(|f| Error::internal(&f))?.to_bytes();
    Ok(draw)
}

/// Refuses to end an embargo while unannounced visits wait and their last day is still to come.
///
/// # Errors
/// 409 `visits_not_begun`.
pub fn check_publish(cx: &mut Cx<'_>, loaded: &Loaded, draw: &Draw) -> Result<()> {
    let facts = of(cx, &loaded.inspection)?;
    let past = cx.today() > loaded.inspection.window_to;
    if embargo::may_publish(facts, past) {
        return Ok(());
    }
    Err(Error::Refused {
        code: "visits_not_begun",
        text: format!(
            "还有突击检查尚未入企,此时公布会泄露检查对象;请在全部入企之后,或检查时间({}止)结束之后公布",
            loaded.inspection.window_to
        ),
        state: Some(draw.state.clone()),
    })
}
