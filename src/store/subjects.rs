//! The directory of subjects with their sites, supervising departments and tags.

use super::conn::Conn;
use super::schema::{subject, subject_department, subject_site, subject_tag};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 检查对象.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = subject, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Subject {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// `key`.
    pub key: String,
    /// `uscc`.
    pub uscc: String,
    /// `registration_no`.
    pub registration_no: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// Kind.
    pub kind: String,
    /// `division`.
    pub division: String,
    /// `town`.
    pub town: String,
    /// `address`.
    pub address: String,
    /// `industry`.
    pub industry: String,
    /// `industry_name`.
    pub industry_name: String,
    /// `credit`.
    pub credit: String,
    /// `founded`.
    pub founded: Option<NaiveDate>,
    /// `lon`.
    pub lon: Option<f64>,
    /// `lat`.
    pub lat: Option<f64>,
    /// `contact`.
    pub contact: String,
    /// `phone`.
    pub phone: String,
    /// `tags`.
    pub tags: Doc<Vec<String>>,
    /// `abnormal`.
    pub abnormal: bool,
    /// `serious`.
    pub serious: bool,
    /// State, as the domain names it.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(subject, Subject, "检查对象", versioned);

/// A row of 检查地点.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = subject_site, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Site {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Subject.
    pub subject_id: Id,
    /// Name.
    pub name: String,
    /// `address`.
    pub address: String,
    /// `town`.
    pub town: String,
    /// `division`.
    pub division: String,
    /// `lon`.
    pub lon: Option<f64>,
    /// `lat`.
    pub lat: Option<f64>,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 检查地点.
pub mod subject_sites {
    use super::{Site, subject_site};
    crate::aggregate!(subject_site, Site, "检查地点");
}

/// A row of 监管关系.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subject_department, primary_key(subject_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Supervision {
    /// Subject.
    pub subject_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 标签.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subject_tag, primary_key(subject_id, tag), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Tag {
    /// Subject.
    pub subject_id: Id,
    /// `tag`.
    pub tag: String,
    /// County.
    pub region: String,
}

/// Adds supervising departments; those already there stay.
///
/// # Errors
/// The database; a department or subject that does not exist.
pub fn supervise(db: &mut Conn, rows: &[Supervision]) -> Result<()> {
    for chunk in rows.chunks(5_000) {
        crate::each_backend!(db, |c| diesel::insert_into(subject_department::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Adds tags; those already there stay.
///
/// # Errors
/// The database; a subject that does not exist.
pub fn tag(db: &mut Conn, rows: &[Tag]) -> Result<()> {
    for chunk in rows.chunks(5_000) {
        crate::each_backend!(db, |c| diesel::insert_into(subject_tag::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
