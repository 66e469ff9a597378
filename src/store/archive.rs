//! What the archive of a joint inspection gathers across tables.

use super::conn::Conn;
use super::county::CHUNK;
use super::journal::Stored;
use super::results::Evidence;
use super::schema::{
    case_filing, check_in, commission, completion, evidence, invitation, journal_event, mailing, recognition,
    rectification, referral, replacement, task,
};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use diesel::prelude::*;

/// The journal's events about these things, in the order they happened.
///
/// # Errors
/// The database.
pub fn events_of(db: &mut Conn, objects: &[Id]) -> Result<Vec<Stored>> {
    let mut rows: Vec<Stored> = Vec::new();
    for chunk in objects.chunks(CHUNK) {
        let ids: Vec<Option<Id>> = chunk.iter().copied().map(Some).collect();
        let part: Vec<Stored> = journal_event::table
            .filter(journal_event::object_id.eq_any(ids))
            .select(Stored::as_select())
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by_key(|r| r.id);
    Ok(rows)
}

/// Evidence of these visits, by visit and in the order it came.
///
/// # Errors
/// The database.
pub fn evidence_of(db: &mut Conn, visits: &[Id]) -> Result<Vec<Evidence>> {
    let mut rows: Vec<Evidence> = Vec::new();
    for chunk in visits.chunks(CHUNK) {
        let part: Vec<Evidence> = evidence::table
            .filter(evidence::visit_id.eq_any(chunk.to_vec()))
            .select(Evidence::as_select())
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by_key(|r| (r.visit_id, r.id));
    Ok(rows)
}

/// Who checked in where and when: (visit, inspector, when).
pub type Arrival = (Id, Id, At);

/// Who checked in at these visits.
///
/// # Errors
/// The database.
pub fn check_ins_of(db: &mut Conn, visits: &[Id]) -> Result<Vec<Arrival>> {
    let mut rows: Vec<Arrival> = Vec::new();
    for chunk in visits.chunks(CHUNK) {
        let part: Vec<Arrival> = check_in::table
            .filter(check_in::visit_id.eq_any(chunk.to_vec()))
            .select((check_in::visit_id, check_in::inspector_id, check_in::created_at))
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by_key(|r| (r.0, r.2.0, r.1));
    Ok(rows)
}

/// What belongs to an inspection beside its visits, tasks and results, as things whose events belong to it: invitations,
/// replacements, and whatever followed from the results.
///
/// # Errors
/// The database.
pub fn companions(db: &mut Conn, inspection: Id, visits: &[Id]) -> Result<Vec<Id>> {
    let mut ids: Vec<Id> =
        invitation::table.filter(invitation::inspection_id.eq(inspection)).select(invitation::id).load(db)?;
    let recognised: Vec<Id> = recognition::table
        .inner_join(task::table)
        .filter(task::inspection_id.eq(inspection))
        .select(recognition::id)
        .load(db)?;
    ids.extend(recognised);
    macro_rules! at_visits {
        ($chunk:ident: $($table:ident)*) => {$(
            let part: Vec<Id> = $table::table
                .filter($table::visit_id.eq_any($chunk.to_vec()))
                .select($table::id)
                .load(db)?;
            ids.extend(part);
        )*};
    }
    for chunk in visits.chunks(CHUNK) {
        at_visits!(chunk: replacement rectification referral case_filing mailing commission completion);
    }
    Ok(ids)
}

/// A draw whose result stands: (inspection, `draw_id`).
pub type Held = (Id, String);

/// The draws of these inspections whose results stand, without their bytes.
///
/// # Errors
/// The database.
pub fn held_draws(db: &mut Conn, inspections: &[Id]) -> Result<Vec<Held>> {
    use super::schema::draw;
    let mut rows: Vec<Held> = Vec::new();
    for chunk in inspections.chunks(CHUNK) {
        let part: Vec<Held> = draw::table
            .filter(draw::inspection_id.eq_any(chunk.to_vec()))
            .filter(draw::state.eq_any(["resulted", "published"]))
            .select((draw::inspection_id, draw::draw_id))
            .load(db)?;
        rows.extend(part);
    }
    rows.sort();
    Ok(rows)
}

/// The draws of an inspection without their bytes, in the order they were opened.
///
/// # Errors
/// The database.
pub fn draws_of(db: &mut Conn, inspection: Id) -> Result<Vec<super::draws::Summary>> {
    use super::schema::draw;
    Ok(draw::table
        .filter(draw::inspection_id.eq(inspection))
        .order((draw::purpose, draw::attempt, draw::id))
        .select(super::draws::Summary::as_select())
        .load(db)?)
}

/// The tasks of an inspection, cancelled ones too.
///
/// # Errors
/// The database.
pub fn tasks_of(db: &mut Conn, inspection: Id) -> Result<Vec<Id>> {
    Ok(task::table.filter(task::inspection_id.eq(inspection)).order(task::id).select(task::id).load(db)?)
}
