//! Plan entries of the departments.

use super::schema::plan_entry;
use super::types::{At, Doc};
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 计划.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = plan_entry, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlanEntry {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// Code.
    pub code: String,
    /// `year`.
    pub year: i32,
    /// Name.
    pub name: String,
    /// `items`.
    pub items: Doc<Vec<Id>>,
    /// `filter`.
    pub filter: Doc<Value>,
    /// `ratio_text`.
    pub ratio_text: String,
    /// `ratio`.
    pub ratio: Doc<Value>,
    /// `class_ratios`.
    pub class_ratios: Doc<Value>,
    /// `window_from`.
    pub window_from: Option<NaiveDate>,
    /// `window_to`.
    pub window_to: Option<NaiveDate>,
    /// `window_text`.
    pub window_text: String,
    /// `targeted`.
    pub targeted: bool,
    /// State, as the domain names it.
    pub state: String,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(plan_entry, PlanEntry, "计划", versioned);
