//! Plan entries of the departments.

use super::conn::Conn;
use super::schema::plan_entry;
use super::types::{At, Doc};
use crate::error::Result;
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
    /// Calendar year.
    pub year: i32,
    /// Name.
    pub name: String,
    /// Items of the department; empty while only their names are known.
    pub items: Doc<Vec<Id>>,
    /// `domain::scope::SubjectFilter`.
    pub filter: Doc<Value>,
    /// 抽查比例 as written.
    pub ratio_text: String,
    /// `domain::ratio::Rule`, or null when the text says nothing a draw could go by.
    pub ratio: Doc<Value>,
    /// List of [class, `domain::ratio::Ratio`], in the order written.
    pub class_ratios: Doc<Value>,
    /// 最早日期.
    pub window_from: Option<NaiveDate>,
    /// 最晚日期, included.
    pub window_to: Option<NaiveDate>,
    /// 检查时间 as written.
    pub window_text: String,
    /// 定向: aimed at tags, classes or lists (`SubjectFilter::is_targeted`).
    pub targeted: bool,
    /// 优先级; 1 is the most urgent.
    pub priority: i32,
    /// `domain::registry::PlanDetails`: partners named, method, what only people read.
    pub details: Doc<Value>,
    /// `domain::registry::PlanState`.
    pub state: String,
    /// Joint inspection it became part of.
    pub inspection_id: Option<Id>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(plan_entry, PlanEntry, "计划", versioned);

/// Which plan entries a list shows; absent asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this department.
    pub department: Option<Id>,
    /// Of this year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<String>,
}

/// A page of plan entries, by identifier.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    county: &str,
    filter: &Filter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<PlanEntry>> {
    let mut query = plan_entry::table
        .filter(plan_entry::region.eq(county.to_owned()))
        .order(plan_entry::id)
        .limit(limit)
        .select(PlanEntry::as_select())
        .into_boxed();
    crate::narrow!(query;
        plan_entry::department_id eq filter.department;
        plan_entry::year eq filter.year;
        plan_entry::state eq filter.state.clone();
        plan_entry::id gt after;
    );
    Ok(query.load(db)?)
}
