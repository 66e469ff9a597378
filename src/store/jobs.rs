//! Long work that can be left and found again; files that wait to be imported.

use super::schema::{job, upload};
use super::types::{At, Doc};
use crate::ids::Id;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 作业.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = job, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Job {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Kind.
    pub kind: String,
    /// Account.
    pub user_id: Option<Id>,
    /// State, as the domain names it.
    pub state: String,
    /// `done`.
    pub done: i64,
    /// `total`.
    pub total: i64,
    /// `input`.
    pub input: Doc<Value>,
    /// `output`.
    pub output: Doc<Value>,
    /// `error`.
    pub error: String,
    /// `lease_until`.
    pub lease_until: Option<At>,
    /// `run_at`.
    pub run_at: At,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(job, Job, "作业", versioned);

/// A row of 导入文件.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = upload, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Upload {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Account.
    pub user_id: Id,
    /// Department.
    pub department_id: Option<Id>,
    /// Kind.
    pub kind: String,
    /// `file_name`.
    pub file_name: String,
    /// `sha256`.
    pub sha256: String,
    /// `content`.
    pub content: Vec<u8>,
    /// State, as the domain names it.
    pub state: String,
    /// `report`.
    pub report: Doc<Value>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 导入文件.
pub mod uploads {
    use super::{Upload, upload};
    crate::aggregate!(upload, Upload, "导入文件", versioned);
}
