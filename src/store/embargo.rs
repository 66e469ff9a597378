//! What the embargo of unannounced visits is judged by: the items of an inspection, and the tasks no team has been to.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{inspection_item, item, task, visit, visit_task};
use crate::error::Result;
use crate::ids::Id;
use diesel::prelude::*;

/// Whether an item chosen in a joint inspection is to be checked unannounced.
///
/// # Errors
/// The database.
pub fn has_unannounced_item(db: &mut Conn, inspection: Id) -> Result<bool> {
    let found: Option<Id> = inspection_item::table
        .inner_join(item::table)
        .filter(inspection_item::inspection_id.eq(inspection))
        .filter(item::notice.eq("unannounced"))
        .select(item::id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// Those of these joint inspections that have an unannounced on-site task to which no team has been yet.
///
/// # Errors
/// The database.
pub fn waiting_for_surprise(db: &mut Conn, inspections: &[Id]) -> Result<Vec<Id>> {
    let mut waiting = Vec::new();
    for chunk in inspections.chunks(CHUNK) {
        let ids: Vec<Option<Id>> = chunk.iter().copied().map(Some).collect();
        let begun = visit_task::table
            .inner_join(visit::table)
            .filter(visit::state.eq_any(["in_progress", "obstructed", "done"]))
            .filter(visit_task::task_id.eq(task::id))
            .select(visit_task::task_id);
        let part: Vec<Option<Id>> = task::table
            .filter(task::inspection_id.eq_any(ids))
            .filter(task::mode.eq("on_site"))
            .filter(task::notice.eq("unannounced"))
            .filter(task::state.eq_any(["ready", "planned"]))
            .filter(diesel::dsl::not(diesel::dsl::exists(begun)))
            .select(task::inspection_id)
            .distinct()
            .load(db)?;
        waiting.extend(part.into_iter().flatten());
    }
    Ok(waiting)
}
