//! Tasks: one item of one department at one subject.

use super::schema::task;
use super::types::At;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 任务.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = task, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Task {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Code.
    pub code: String,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// `earliest`.
    pub earliest: NaiveDate,
    /// `latest`.
    pub latest: NaiveDate,
    /// Length in minutes.
    pub minutes: i32,
    /// `mode`.
    pub mode: String,
    /// `notice`.
    pub notice: String,
    /// `priority`.
    pub priority: i32,
    /// State, as the domain names it.
    pub state: String,
    /// Planning run.
    pub planning_id: Option<Id>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(task, Task, "任务", versioned);
