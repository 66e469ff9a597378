//! Item lists.

use super::conn::Conn;
use super::schema::item;
use super::types::{At, Doc};
use crate::error::Result;
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

/// Which items a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this department.
    pub department: Option<Id>,
    /// In this state.
    pub state: Option<String>,
    /// `own` or `upper`.
    pub level: Option<String>,
    /// Folded text that must occur.
    pub search: Option<String>,
    /// Only those in force or once in force, except of this department; none: all.
    pub public_except: Option<Option<Id>>,
}

/// States in which an item is known outside its department.
pub const PUBLIC: [&str; 3] = ["effective", "published", "retired"];

/// A page of the items of a county, by identifier.
///
/// # Errors
/// The database.
pub fn list(db: &mut Conn, county: &str, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Item>> {
    let mut query = item::table
        .filter(item::region.eq(county.to_owned()))
        .order(item::id)
        .limit(limit)
        .select(Item::as_select())
        .into_boxed();
    if let Some(department) = filter.department {
        query = query.filter(item::department_id.eq(department));
    }
    if let Some(state) = &filter.state {
        query = query.filter(item::state.eq(state.clone()));
    }
    if let Some(level) = &filter.level {
        query = query.filter(item::list_level.eq(level.clone()));
    }
    if let Some(search) = &filter.search {
        query = query.filter(item::search.like(super::common::pattern(search)).escape('\\'));
    }
    match filter.public_except {
        None => {}
        Some(None) => query = query.filter(item::state.eq_any(PUBLIC)),
        Some(Some(own)) => {
            query = query.filter(item::state.eq_any(PUBLIC).or(item::department_id.eq(own)));
        }
    }
    if let Some(after) = after {
        query = query.filter(item::id.gt(after));
    }
    Ok(query.load(db)?)
}

/// All items of a county of one level, every revision.
///
/// # Errors
/// The database.
pub fn all(db: &mut Conn, county: &str, level: &str) -> Result<Vec<Item>> {
    Ok(item::table
        .filter(item::region.eq(county.to_owned()))
        .filter(item::list_level.eq(level.to_owned()))
        .order((item::department_id, item::code, item::revision))
        .select(Item::as_select())
        .load(db)?)
}

/// All revisions of an item, the oldest first.
///
/// # Errors
/// The database.
pub fn revisions(db: &mut Conn, department: Id, code: &str) -> Result<Vec<Item>> {
    Ok(item::table
        .filter(item::department_id.eq(department))
        .filter(item::code.eq(code.to_owned()))
        .order(item::revision)
        .select(Item::as_select())
        .load(db)?)
}
