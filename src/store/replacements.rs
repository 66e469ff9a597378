//! Replacements of inspectors.

use super::conn::Conn;
use super::schema::replacement;
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 更换.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = replacement, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Replacement {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// `seat_id`.
    pub seat_id: Id,
    /// Visit.
    pub visit_id: Id,
    /// Department.
    pub department_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// `new_inspector_id`.
    pub new_inspector_id: Option<Id>,
    /// `cause`.
    pub cause: String,
    /// Why.
    pub reason: String,
    /// `requested_by`.
    pub requested_by: Option<Id>,
    /// `requester`.
    pub requester: String,
    /// State, as the domain names it.
    pub state: String,
    /// `decided_by`.
    pub decided_by: Option<Id>,
    /// `decision_note`.
    pub decision_note: String,
    /// `draw_record`.
    pub draw_record: Doc<Value>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(replacement, Replacement, "更换", versioned);

/// Requests to replace somebody on a seat, oldest first.
///
/// # Errors
/// The database.
pub fn of_visit(db: &mut Conn, visit: Id) -> Result<Vec<Replacement>> {
    Ok(replacement::table
        .filter(replacement::visit_id.eq(visit))
        .order(replacement::id)
        .select(Replacement::as_select())
        .load(db)?)
}

/// Requests of a county, or of one department's inspectors, or about one inspector; by identifier after `after`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    (department, inspector): (Option<Id>, Option<Id>),
    state: Option<&str>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Replacement>> {
    let mut query = replacement::table
        .filter(replacement::region.eq(region.to_owned()))
        .order(replacement::id)
        .limit(limit)
        .select(Replacement::as_select())
        .into_boxed();
    crate::narrow!(query;
        replacement::department_id eq department;
        replacement::inspector_id eq inspector;
        replacement::state eq state.map(str::to_owned);
        replacement::id gt after;
    );
    Ok(query.load(db)?)
}
