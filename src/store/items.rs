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
    /// Number of the revision, from 1.
    pub revision: i32,
    /// `domain::registry::ListLevel`: `own` or `upper`.
    pub list_level: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// 抽查领域.
    pub field: String,
    /// 检查对象 as written.
    pub object: String,
    /// 主体类型 it applies to; empty = all.
    pub kinds: Doc<Vec<String>>,
    /// `domain::registry::ItemDetails`: basis, content, season, expert and what only people read.
    pub details: Doc<Value>,
    /// 检查方式: `on_site`, `written` or `online`.
    pub mode: String,
    /// 告知方式: `unannounced`, `announced` or `either`.
    pub notice: String,
    /// 抽查比例 as written.
    pub ratio_text: String,
    /// `domain::ratio::Rule`, or null when the text says nothing a draw could go by.
    pub ratio: Doc<Value>,
    /// 年度频次上限 per subject; none = no cap.
    pub frequency_cap: Option<i32>,
    /// `general`, `key` or empty.
    pub category: String,
    /// 所需资格; empty = none.
    pub qualification: String,
    /// 等价组; empty = none.
    pub equivalence_group: String,
    /// Length in minutes.
    pub minutes: i32,
    /// The item of the upper list it was claimed from.
    pub claimed_from: Option<Id>,
    /// The reviewer's reason.
    pub note: String,
    /// State, as the domain names it.
    pub state: String,
    /// Whether it is the revision that counts; a new draft counts once it is published.
    pub current: bool,
    /// When it was published.
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
pub fn list(
    db: &mut Conn,
    county: &str,
    filter: &Filter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Item>> {
    let mut query = item::table
        .filter(item::region.eq(county.to_owned()))
        .order(item::id)
        .limit(limit)
        .select(Item::as_select())
        .into_boxed();
    match filter.public_except {
        None => {}
        Some(None) => query = query.filter(item::state.eq_any(PUBLIC)),
        Some(Some(own)) => {
            query = query.filter(item::state.eq_any(PUBLIC).or(item::department_id.eq(own)));
        }
    }
    crate::narrow!(query;
        item::department_id eq filter.department;
        item::state eq filter.state.clone();
        item::list_level eq filter.level.clone();
        item::search holds filter.search.as_deref();
        item::id gt after;
    );
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
