//! Draws: the public and the sealed part as bytes, witnesses, drawn subjects.

use super::schema::{draw, draw_witness, drawn_subject};
use super::types::At;
use crate::ids::Id;
use diesel::prelude::*;

/// A row of 抽取.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = draw, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Draw {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Id,
    /// `attempt`.
    pub attempt: i32,
    /// `purpose`.
    pub purpose: String,
    /// State, as the domain names it.
    pub state: String,
    /// `list_token`.
    pub list_token: String,
    /// Draw.
    pub draw_id: String,
    /// `policy`.
    pub policy: String,
    /// `public`.
    pub public: Vec<u8>,
    /// `private`.
    pub private: Vec<u8>,
    /// `pool_size`.
    pub pool_size: i64,
    /// `drawn`.
    pub drawn: i64,
    /// `not_before`.
    pub not_before: At,
    /// `deadline`.
    pub deadline: At,
    /// Why.
    pub reason: String,
    /// `operator_id`.
    pub operator_id: Id,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(draw, Draw, "抽取", versioned);

/// A row of 见证.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = draw_witness, primary_key(draw_id, user_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Witness {
    /// Draw.
    pub draw_id: Id,
    /// Account.
    pub user_id: Id,
    /// `token`.
    pub token: String,
    /// `commitment`.
    pub commitment: String,
    /// `sealed`.
    pub sealed: Vec<u8>,
    /// `committed_at`.
    pub committed_at: Option<At>,
    /// `revealed_at`.
    pub revealed_at: Option<At>,
    /// County.
    pub region: String,
}

/// A row of 抽中对象.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = drawn_subject, primary_key(draw_id, subject_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DrawnSubject {
    /// Draw.
    pub draw_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// Joint inspection.
    pub inspection_id: Id,
    /// County.
    pub region: String,
    /// `round`.
    pub round: i32,
    /// `place`.
    pub place: i64,
    /// `stratum`.
    pub stratum: String,
    /// State, as the domain names it.
    pub state: String,
}
