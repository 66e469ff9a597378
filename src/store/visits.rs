//! Visits with their tasks, departments and seats.

use super::schema::{seat, visit, visit_department, visit_task};
use super::types::{At, Doc};
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 入企检查.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = visit, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Visit {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Planning run.
    pub planning_id: Id,
    /// Code.
    pub code: String,
    /// Subject.
    pub subject_id: Id,
    /// `on_day`.
    pub on_day: Option<NaiveDate>,
    /// `start_minute`.
    pub start_minute: Option<i32>,
    /// Length in minutes.
    pub minutes: i32,
    /// State, as the domain names it.
    pub state: String,
    /// `lead_department_id`.
    pub lead_department_id: Option<Id>,
    /// `announced`.
    pub announced: bool,
    /// `reasons`.
    pub reasons: Doc<Value>,
    /// `dispatched_at`.
    pub dispatched_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(visit, Visit, "入企检查", versioned);

/// A row of 参检部门.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visit_department, primary_key(visit_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VisitDepartment {
    /// Visit.
    pub visit_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 任务.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visit_task, primary_key(visit_id, task_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VisitTask {
    /// Visit.
    pub visit_id: Id,
    /// Task.
    pub task_id: Id,
    /// County.
    pub region: String,
}

/// A row of 席位.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = seat, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Seat {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// Department.
    pub department_id: Id,
    /// `role`.
    pub role: String,
    /// State, as the domain names it.
    pub state: String,
    /// `draw_ref`.
    pub draw_ref: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 席位.
pub mod seats {
    use super::{Seat, seat};
    crate::aggregate!(seat, Seat, "席位", versioned);
}
