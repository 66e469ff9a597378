//! What the county shares: working days, vocabularies, aliases.

use super::conn::Conn;
use super::schema::{alias, calendar_day, vocabulary};
use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 日期.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_day, primary_key(region, day), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Day {
    /// County.
    pub region: String,
    /// The day.
    pub day: NaiveDate,
    /// 是否工作日; a day without a row follows its weekday.
    pub workday: bool,
    /// 企业安静日: no on-site visits.
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
    /// Code of the word it belongs under; may be empty.
    pub parent: String,
    /// Its place in the list.
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
    /// The word, folded.
    pub word_key: String,
    /// The word as people write it.
    pub word: String,
    /// What it stands for.
    pub target: String,
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

/// A pattern for LIKE that finds a folded text anywhere; `\` escapes.
#[must_use]
pub fn pattern(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() + 2);
    out.push('%');
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

/// The days known between two, both included.
///
/// # Errors
/// The database.
pub fn days(db: &mut Conn, county: &str, from: NaiveDate, to: NaiveDate) -> Result<Vec<Day>> {
    Ok(calendar_day::table
        .filter(calendar_day::region.eq(county.to_owned()))
        .filter(calendar_day::day.ge(from))
        .filter(calendar_day::day.le(to))
        .order(calendar_day::day)
        .select(Day::as_select())
        .load(db)?)
}

/// How many days a county's calendar knows.
///
/// # Errors
/// The database.
pub fn count_days(db: &mut Conn, county: &str) -> Result<i64> {
    Ok(calendar_day::table.filter(calendar_day::region.eq(county.to_owned())).count().get_result(db)?)
}

/// The words of a vocabulary, in their order.
///
/// # Errors
/// The database.
pub fn words(db: &mut Conn, county: &str, kind: &str) -> Result<Vec<Word>> {
    Ok(vocabulary::table
        .filter(vocabulary::region.eq(county.to_owned()))
        .filter(vocabulary::kind.eq(kind.to_owned()))
        .order((vocabulary::place, vocabulary::code))
        .select(Word::as_select())
        .load(db)?)
}

/// Sets words; one that is there already is replaced.
///
/// # Errors
/// The database.
pub fn set_words(db: &mut Conn, rows: &[Word]) -> Result<()> {
    use diesel::upsert::excluded;
    for chunk in rows.chunks(1_000) {
        crate::each_backend!(db, |c| diesel::insert_into(vocabulary::table)
            .values(chunk)
            .on_conflict((vocabulary::region, vocabulary::kind, vocabulary::code))
            .do_update()
            .set((
                vocabulary::name.eq(excluded(vocabulary::name)),
                vocabulary::parent.eq(excluded(vocabulary::parent)),
                vocabulary::place.eq(excluded(vocabulary::place)),
                vocabulary::state.eq(excluded(vocabulary::state)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// The aliases of one kind, by word.
///
/// # Errors
/// The database.
pub fn aliases(db: &mut Conn, county: &str, kind: &str) -> Result<Vec<Alias>> {
    Ok(alias::table
        .filter(alias::region.eq(county.to_owned()))
        .filter(alias::kind.eq(kind.to_owned()))
        .order((alias::word_key, alias::target))
        .select(Alias::as_select())
        .load(db)?)
}

/// Replaces all aliases of one kind.
///
/// # Errors
/// The database.
pub fn set_aliases(db: &mut Conn, county: &str, kind: &str, rows: &[Alias]) -> Result<()> {
    diesel::delete(
        alias::table.filter(alias::region.eq(county.to_owned())).filter(alias::kind.eq(kind.to_owned())),
    )
    .execute(db)?;
    for chunk in rows.chunks(1_000) {
        crate::each_backend!(db, |c| diesel::insert_into(alias::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
