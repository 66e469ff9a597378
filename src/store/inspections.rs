//! Joint inspections with their items, participants and invitations.

use super::schema::{inspection, inspection_item, invitation, participant, participant_person};
use super::types::{At, Doc};
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 联合抽查.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = inspection, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Inspection {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// `number`.
    pub number: String,
    /// Name.
    pub name: String,
    /// `field`.
    pub field: String,
    /// State, as the domain names it.
    pub state: String,
    /// `filter`.
    pub filter: Doc<Value>,
    /// `quota`.
    pub quota: Doc<Value>,
    /// `window_from`.
    pub window_from: NaiveDate,
    /// `window_to`.
    pub window_to: NaiveDate,
    /// `people_per_department`.
    pub people_per_department: i32,
    /// `notice`.
    pub notice: String,
    /// `draw_rules`.
    pub draw_rules: Doc<Value>,
    /// `overlap`.
    pub overlap: Doc<Value>,
    /// `abort_reason`.
    pub abort_reason: String,
    /// Account that made it.
    pub created_by: Id,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(inspection, Inspection, "联合抽查", versioned);

/// A row of 抽查事项.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = inspection_item, primary_key(inspection_id, item_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InspectionItem {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// County.
    pub region: String,
}

/// A row of 参与部门.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participant, primary_key(inspection_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Participant {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
    /// `role`.
    pub role: String,
    /// `people`.
    pub people: i32,
}

/// A row of 参与人员.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participant_person, primary_key(inspection_id, inspector_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ParticipantPerson {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 邀请.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = invitation, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Invitation {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// State, as the domain names it.
    pub state: String,
    /// `sent_at`.
    pub sent_at: At,
    /// `due_day`.
    pub due_day: NaiveDate,
    /// `reminders`.
    pub reminders: i32,
    /// `escalated_at`.
    pub escalated_at: Option<At>,
    /// `answered_at`.
    pub answered_at: Option<At>,
    /// `answered_by`.
    pub answered_by: Option<Id>,
    /// Why.
    pub reason: String,
    /// `proposed_from`.
    pub proposed_from: Option<NaiveDate>,
    /// `proposed_to`.
    pub proposed_to: Option<NaiveDate>,
    /// `people`.
    pub people: i32,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 邀请.
pub mod invitations {
    use super::{Invitation, invitation};
    crate::aggregate!(invitation, Invitation, "邀请", versioned);
}
