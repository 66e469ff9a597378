//! What the county shares: working days, vocabularies, aliases, settings.

use super::conn::Conn;
use super::schema::{alias, calendar_day, setting, vocabulary};
use super::types::{At, Doc};
use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 日期.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_day, primary_key(region, day), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Day {
    /// County.
    pub region: String,
    /// `day`.
    pub day: NaiveDate,
    /// `workday`.
    pub workday: bool,
    /// `quiet`.
    pub quiet: bool,
    /// Name.
    pub name: String,
}

/// A row of 词条.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vocabulary, primary_key(region, kind, code), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Word {
    /// County.
    pub region: String,
    /// Kind.
    pub kind: String,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `parent`.
    pub parent: String,
    /// `place`.
    pub place: i32,
    /// State, as the domain names it.
    pub state: String,
}

/// A row of 别名.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = alias, primary_key(region, kind, word_key, target), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Alias {
    /// County.
    pub region: String,
    /// Kind.
    pub kind: String,
    /// `word_key`.
    pub word_key: String,
    /// `word`.
    pub word: String,
    /// `target`.
    pub target: String,
}

/// A row of 设置.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = setting, primary_key(region, key), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Setting {
    /// County.
    pub region: String,
    /// `key`.
    pub key: String,
    /// `value`.
    pub value: Doc<Value>,
    /// Version, raised by every change.
    pub version: i64,
    /// Changed.
    pub updated_at: At,
}

/// Sets days; a day that is there already is replaced.
///
/// # Errors
/// The database.
pub fn set_days(db: &mut Conn, rows: &[Day]) -> Result<()> {
    use diesel::upsert::excluded;
    for chunk in rows.chunks(5_000) {
        crate::each_backend!(db, |c| diesel::insert_into(calendar_day::table)
            .values(chunk)
            .on_conflict((calendar_day::region, calendar_day::day))
            .do_update()
            .set((
                calendar_day::workday.eq(excluded(calendar_day::workday)),
                calendar_day::quiet.eq(excluded(calendar_day::quiet)),
                calendar_day::name.eq(excluded(calendar_day::name)),
            ))
            .execute(c))?;
    }
    Ok(())
}
