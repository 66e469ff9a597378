//! The directory of inspectors and experts: certificates, leave, recusals.

use super::schema::{certificate, inspector, leave, recusal};
use super::types::At;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 执法检查人员.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = inspector, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Inspector {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// `sex`.
    pub sex: String,
    /// `unit_type`.
    pub unit_type: String,
    /// `unit`.
    pub unit: String,
    /// `post`.
    pub post: String,
    /// `cert_no`.
    pub cert_no: String,
    /// `daily_minutes`.
    pub daily_minutes: i32,
    /// `can_lead`.
    pub can_lead: bool,
    /// `reserve`.
    pub reserve: bool,
    /// `expert`.
    pub expert: bool,
    /// `load0`.
    pub load0: i32,
    /// `email`.
    pub email: String,
    /// State, as the domain names it.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(inspector, Inspector, "执法检查人员", versioned);

/// A row of 证件.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = certificate, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Certificate {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// `qual`.
    pub qual: String,
    /// `qual_name`.
    pub qual_name: String,
    /// `no`.
    pub no: String,
    /// `valid_from`.
    pub valid_from: Option<NaiveDate>,
    /// `valid_to`.
    pub valid_to: Option<NaiveDate>,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 证件.
pub mod certificates {
    use super::{Certificate, certificate};
    crate::aggregate!(certificate, Certificate, "证件");
}

/// A row of 请假.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = leave, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Leave {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// `from_day`.
    pub from_day: NaiveDate,
    /// `to_day`.
    pub to_day: NaiveDate,
    /// Kind.
    pub kind: String,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 请假.
pub mod leaves {
    use super::{Leave, leave};
    crate::aggregate!(leave, Leave, "请假");
}

/// A row of 回避.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = recusal, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Recusal {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// Why.
    pub reason: String,
    /// `source`.
    pub source: String,
    /// State, as the domain names it.
    pub state: String,
    /// `decided_by`.
    pub decided_by: Option<Id>,
    /// `decision_note`.
    pub decision_note: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 回避.
pub mod recusals {
    use super::{Recusal, recusal};
    crate::aggregate!(recusal, Recusal, "回避", versioned);
}
