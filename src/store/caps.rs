//! The frequency-cap ledger.

use super::schema::cap_entry;
use super::types::At;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 频次记录.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = cap_entry, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CapEntry {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// `year`.
    pub year: i32,
    /// `on_day`.
    pub on_day: NaiveDate,
    /// Visit.
    pub visit_id: Option<Id>,
    /// `cause`.
    pub cause: String,
    /// `counted`.
    pub counted: bool,
    /// `note`.
    pub note: String,
    /// Created.
    pub created_at: At,
}

crate::aggregate!(cap_entry, CapEntry, "频次记录");
