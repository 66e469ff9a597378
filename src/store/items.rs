//! Item lists.

use super::schema::item;
use super::types::{At, Doc};
use crate::ids::Id;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 事项.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = item, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Item {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// Code.
    pub code: String,
    /// `revision`.
    pub revision: i32,
    /// `list_level`.
    pub list_level: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// `field`.
    pub field: String,
    /// `object`.
    pub object: String,
    /// `kinds`.
    pub kinds: Doc<Vec<String>>,
    /// `details`.
    pub details: Doc<Value>,
    /// `mode`.
    pub mode: String,
    /// `notice`.
    pub notice: String,
    /// `ratio_text`.
    pub ratio_text: String,
    /// `ratio`.
    pub ratio: Doc<Value>,
    /// `frequency_cap`.
    pub frequency_cap: Option<i32>,
    /// `category`.
    pub category: String,
    /// `qualification`.
    pub qualification: String,
    /// `equivalence_group`.
    pub equivalence_group: String,
    /// Length in minutes.
    pub minutes: i32,
    /// `claimed_from`.
    pub claimed_from: Option<Id>,
    /// `note`.
    pub note: String,
    /// State, as the domain names it.
    pub state: String,
    /// `current`.
    pub current: bool,
    /// `published_at`.
    pub published_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(item, Item, "事项", versioned);
