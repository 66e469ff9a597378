//! Numbers without gaps or doubles: one row for each series, locked by whoever takes from it until he commits.

use super::conn::Conn;
use super::schema::numbering;
use crate::error::Result;
use diesel::prelude::*;

/// Takes `count` numbers of a series of a county and answers the first, counting from 1. An act that is undone gives
/// them back; two acts at once wait for each other here.
///
/// # Errors
/// The database.
pub fn take(db: &mut Conn, region: &str, series: &str, count: i64) -> Result<i64> {
    let row = (
        numbering::region.eq(region.to_owned()),
        numbering::series.eq(series.to_owned()),
        numbering::last.eq(0_i64),
    );
    crate::each_backend!(db, |c| diesel::insert_into(numbering::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    let key = (region.to_owned(), series.to_owned());
    diesel::update(numbering::table.find(key.clone()))
        .set(numbering::last.eq(numbering::last + count))
        .execute(db)?;
    let last: i64 = numbering::table.find(key).select(numbering::last).get_result(db)?;
    Ok(last - count + 1)
}
