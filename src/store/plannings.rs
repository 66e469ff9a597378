//! Merge and staffing runs, and what the coordinator pinned.

use super::schema::{planning, planning_rule};
use super::types::{At, Doc};
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 排期.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = planning, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Planning {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Name.
    pub name: String,
    /// State, as the domain names it.
    pub state: String,
    /// `period_from`.
    pub period_from: NaiveDate,
    /// `period_to`.
    pub period_to: NaiveDate,
    /// `inspections`.
    pub inspections: Doc<Vec<Id>>,
    /// `singles`.
    pub singles: bool,
    /// `input_digest`.
    pub input_digest: String,
    /// `seed`.
    pub seed: String,
    /// `draw_ref`.
    pub draw_ref: String,
    /// `basis_id`.
    pub basis_id: Option<Id>,
    /// `summary`.
    pub summary: Doc<Value>,
    /// `blockers`.
    pub blockers: Doc<Value>,
    /// `changes`.
    pub changes: Doc<Value>,
    /// Account that made it.
    pub created_by: Id,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(planning, Planning, "排期", versioned);

/// A row of 排期约束.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = planning_rule, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlanningRule {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Subject.
    pub subject_id: Option<Id>,
    /// Task.
    pub task_id: Option<Id>,
    /// Inspector.
    pub inspector_id: Option<Id>,
    /// Kind.
    pub kind: String,
    /// `on_day`.
    pub on_day: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// State, as the domain names it.
    pub state: String,
    /// Account that made it.
    pub created_by: Id,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 排期约束.
pub mod planning_rules {
    use super::{PlanningRule, planning_rule};
    crate::aggregate!(planning_rule, PlanningRule, "排期约束");
}
