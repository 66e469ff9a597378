//! Red and yellow cards: what the daily rounds have shown is kept with its reason until the department acknowledges it,
//! and after.

use super::narrowed;
use crate::domain::access::{Action, Scope};
use crate::domain::cards::{self as rules, Act, Kind, State};
use crate::domain::publication::Card;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::store::inspections::{self, invitations};
use crate::store::oversight::cards::Filter;
use crate::store::oversight::{CardRow, cards};
use crate::store::types::At;
use crate::store::visits;
use chrono::NaiveDate;
use serde_json::json;
use std::collections::HashMap;

/// Keeps the cards that were shown since it ran last: those of late publications, and a yellow one for each invitation
/// that went to the coordination office unanswered. Answers how many are new. Running it twice, or on two servers at
/// once, keeps each once.
///
/// # Errors
/// The database.
pub fn tick(cx: &mut Cx<'_>) -> Result<usize> {
    let region = cx.region().to_owned();
    let mut new = 0;
    let shown = cards::shown_and_not_kept(cx.db, &region)?;
    let ids: Vec<Id> = shown.iter().map(|(visit, ..)| *visit).collect();
    let codes: HashMap<Id, String> =
        visits::by_ids(cx.db, &ids)?.into_iter().map(|v| (v.id, v.code)).collect();
    for (visit, department, color, due) in shown {
        let Some(color) = Card::parse(&color) else { continue };
        let code = codes.get(&visit).map(String::as_str).unwrap_or_default();
        new += usize::from(keep(cx, Kind::LatePublication, color, visit, department, code, due)?);
    }
    let escalated = invitations::in_state(cx.db, &region, "escalated")?;
    let ids: Vec<Id> = escalated.iter().map(|i| i.inspection_id).collect();
    let numbers: HashMap<Id, String> =
        inspections::by_ids(cx.db, &ids)?.into_iter().map(|i| (i.id, i.number)).collect();
    for i in escalated {
        let number = numbers.get(&i.inspection_id).map(String::as_str).unwrap_or_default();
        let kept = keep(cx, Kind::LateAnswer, Card::Yellow, i.id, i.department_id, number, i.due_day)?;
        new += usize::from(kept);
    }
    Ok(new)
}

fn keep(
    cx: &mut Cx<'_>,
    kind: Kind,
    color: Card,
    object: Id,
    department: Id,
    thing: &str,
    due: NaiveDate,
) -> Result<bool> {
    let row = CardRow {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: department,
        kind: kind.as_str().to_owned(),
        object_id: object,
        color: color.as_str().to_owned(),
        reason: rules::reason(kind, color, thing, due),
        due_day: due,
        state: State::Open.as_str().to_owned(),
        acknowledged_by: None,
        acknowledged_at: None,
        note: String::new(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    if !cards::keep(cx.db, &row)? {
        return Ok(false);
    }
    let data = json!({
        "kind": row.kind, "color": row.color, "object": object.to_string(),
        "department": department.to_string(), "due": due.to_string(),
    });
    cx.journal(Event::new("card_kept", "card", row.id, data))?;
    Ok(true)
}

/// Cards: of one's department, or for the coordination office and the overseers of the county; the newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<CardRow>> {
    filter.department = narrowed(cx, Action::ViewCard, filter.department)?;
    let region = cx.region().to_owned();
    cards::list(cx.db, &region, &filter, before, limit)
}

/// One card.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<CardRow> {
    load(cx, id, Action::ViewCard)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<CardRow> {
    let row = cards::get(cx.db, id)?.ok_or(Error::NotFound("红黄牌"))?;
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// Acknowledges a card of one's own department, with what it has to say.
///
/// # Errors
/// Not allowed; acknowledged already; no word about it.
pub fn acknowledge(cx: &mut Cx<'_>, id: Id, note: &str) -> Result<CardRow> {
    let old = load(cx, id, Action::AcknowledgeCard)?;
    cx.unchanged(old.version)?;
    let from = State::parse(&old.state).ok_or_else(|| Error::internal("card state"))?;
    let to = rules::next(from, Act::Acknowledge).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut faults = Faults::default();
    let note = faults.text("/note", note, true, 1_000);
    faults.done()?;
    let mut row = old.clone();
    row.state = to.as_str().to_owned();
    row.acknowledged_by = Some(cx.user()?);
    row.acknowledged_at = Some(At(cx.now));
    row.note.clone_from(&note);
    row.version += 1;
    row.updated_at = At(cx.now);
    cards::transition(cx.db, &row, from.as_str(), old.version)?;
    let data = json!({ "kind": row.kind, "color": row.color, "object": row.object_id.to_string() });
    cx.journal(Event::new("card_acknowledged", "card", row.id, data).private(json!({ "note": note })))?;
    Ok(row)
}
