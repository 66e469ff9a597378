//! Merge and staffing runs, and what the coordinator pinned.

use super::conn::Conn;
use super::schema::{planning, planning_rule};
use super::types::{At, Doc};
use crate::error::Result;
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
    /// Joint inspections whose tasks it takes.
    pub inspections: Doc<Vec<Id>>,
    /// Whether it takes tasks outside joint inspections.
    pub singles: bool,
    /// SHA-256 of the canonical text of what it was computed from, hex.
    pub input_digest: String,
    /// Seed of the teams, hex.
    pub seed: String,
    /// Where the seed comes from: `draws:` and the draw ids, or `tasks:` and how many.
    pub draw_ref: String,
    /// The run it was made from, when planned again.
    pub basis_id: Option<Id>,
    /// `service::plannings::Basis`: tasks with versions, first day.
    pub basis: Doc<Value>,
    /// Figures.
    pub summary: Doc<Value>,
    /// What could not be merged or staffed, with reasons and cures.
    pub blockers: Doc<Value>,
    /// What differs from the run it was made from.
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
    /// Tasks it is about; empty: all of the subject.
    pub tasks: Doc<Vec<Id>>,
    /// Kind.
    pub kind: String,
    /// The day, for a pin.
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

/// Planning runs of a county, newest first, before `before`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    state: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Planning>> {
    let mut query = planning::table
        .filter(planning::region.eq(region.to_owned()))
        .order(planning::id.desc())
        .limit(limit)
        .select(Planning::as_select())
        .into_boxed();
    crate::narrow!(query;
        planning::state eq state.map(str::to_owned);
        planning::id lt before;
    );
    Ok(query.load(db)?)
}

/// The rules of a county that are in force, oldest first.
///
/// # Errors
/// The database.
pub fn active_rules(db: &mut Conn, region: &str) -> Result<Vec<PlanningRule>> {
    Ok(planning_rule::table
        .filter(planning_rule::region.eq(region.to_owned()))
        .filter(planning_rule::state.eq("active"))
        .order(planning_rule::id)
        .select(PlanningRule::as_select())
        .load(db)?)
}

/// Ends a rule; `false` when it had ended.
///
/// # Errors
/// The database.
pub fn end_rule(db: &mut Conn, id: Id) -> Result<bool> {
    let n = diesel::update(planning_rule::table.find(id).filter(planning_rule::state.eq("active")))
        .set(planning_rule::state.eq("ended"))
        .execute(db)?;
    Ok(n == 1)
}
