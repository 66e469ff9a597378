//! The frequency-cap ledger.

use super::conn::Conn;
use super::schema::cap_entry;
use super::types::At;
use crate::error::Result;
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
    /// Calendar year.
    pub year: i32,
    /// The day of the check.
    pub on_day: NaiveDate,
    /// Visit.
    pub visit_id: Option<Id>,
    /// `planned`, or one of `domain::cap::Exemption`.
    pub cause: String,
    /// Whether it counts against the cap.
    pub counted: bool,
    /// What it was about.
    pub note: String,
    /// Created.
    pub created_at: At,
}

crate::aggregate!(cap_entry, CapEntry, "频次记录");

/// The ledger of a year: of a department, of a subject, or of both.
///
/// # Errors
/// The database.
pub fn of_year(
    db: &mut Conn,
    county: &str,
    year: i32,
    department: Option<Id>,
    subject: Option<Id>,
    limit: i64,
) -> Result<Vec<CapEntry>> {
    let mut query = cap_entry::table
        .filter(cap_entry::region.eq(county.to_owned()))
        .filter(cap_entry::year.eq(year))
        .order(cap_entry::id)
        .limit(limit)
        .select(CapEntry::as_select())
        .into_boxed();
    crate::narrow!(query;
        cap_entry::department_id eq department;
        cap_entry::subject_id eq subject;
    );
    Ok(query.load(db)?)
}
