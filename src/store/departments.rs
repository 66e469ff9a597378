//! Departments.

use super::conn::Conn;
use super::schema::{department, region};
use super::types::{At, Doc};
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A row of a department.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = department, check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Department {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// 部门编码, unique in the county.
    pub code: String,
    /// Name.
    pub name: String,
    /// Folded name and aliases, for searching.
    pub search: String,
    /// 统一社会信用代码; may be empty.
    pub uscc: String,
    /// 层级.
    pub level: String,
    /// 管辖区划代码, a prefix.
    pub division: String,
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub kind: String,
    /// 牵头顺位; the lowest leads.
    pub rank: i32,
    /// Other names it goes by.
    pub aliases: Doc<Vec<String>>,
    /// Whom to ask.
    pub contact: String,
    /// `active` or `retired`.
    pub state: String,
    /// Version.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// One department.
///
/// # Errors
/// The database.
pub fn get(db: &mut Conn, id: Id) -> Result<Option<Department>> {
    Ok(department::table.find(id).select(Department::as_select()).get_result(db).optional()?)
}

/// All departments of a county by code.
///
/// # Errors
/// The database.
pub fn all(db: &mut Conn, county: &str) -> Result<Vec<Department>> {
    Ok(department::table
        .filter(department::region.eq(county.to_owned()))
        .order(department::code)
        .select(Department::as_select())
        .load(db)?)
}

/// Adds a department.
///
/// # Errors
/// The database; a code that is taken.
pub fn insert(db: &mut Conn, row: &Department) -> Result<()> {
    diesel::insert_into(department::table).values(row).execute(db)?;
    Ok(())
}

/// Writes a changed department whose version was raised from `seen`.
///
/// # Errors
/// The database; [`Error::Stale`].
pub fn update(db: &mut Conn, row: &Department, seen: i64) -> Result<()> {
    let n = diesel::update(
        department::table.filter(department::id.eq(row.id)).filter(department::version.eq(seen)),
    )
    .set(row)
    .execute(db)?;
    if n == 1 {
        return Ok(());
    }
    let now: Option<i64> =
        department::table.find(row.id).select(department::version).get_result(db).optional()?;
    Err(now.map_or(Error::NotFound("部门"), Error::Stale))
}

/// Adds the county itself unless it is there.
///
/// # Errors
/// The database.
pub fn ensure_region(db: &mut Conn, code: &str, name: &str, token: &str, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        region::code.eq(code.to_owned()),
        region::name.eq(name.to_owned()),
        region::token.eq(token.to_owned()),
        region::created_at.eq(At(now)),
    );
    let n = crate::each_backend!(db, |c| diesel::insert_into(region::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(n == 1)
}

/// Adds many departments.
///
/// # Errors
/// The database; a code that is taken.
pub fn insert_all(db: &mut Conn, rows: &[Department]) -> Result<()> {
    for chunk in rows.chunks(900) {
        crate::each_backend!(db, |c| diesel::insert_into(department::table).values(chunk).execute(c))?;
    }
    Ok(())
}
