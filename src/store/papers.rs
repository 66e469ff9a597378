//! What was told to whom about visits: notices delivered to businesses, daily digests to inspectors.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{dispatch_digest, notice_delivery, planning, visit};
use super::types::At;
use super::visits::Visit;
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

/// A row of 通知书送达.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = notice_delivery, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Delivery {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// The day of the visit that the notice names.
    pub for_day: NaiveDate,
    /// `domain::notice::Channel`.
    pub channel: String,
    /// When it was delivered.
    pub delivered_at: At,
    /// Who took it; personal.
    pub receiver: String,
    /// Remark; personal.
    pub note: String,
    /// Why it was late; empty when it was in time.
    pub reason: String,
    /// Whether it was in time.
    pub in_time: bool,
    /// Who recorded it.
    pub user_id: Id,
    /// When.
    pub created_at: At,
}

/// Reading and writing rows of 通知书送达.
pub mod deliveries {
    use super::{CHUNK, Conn, Delivery, Id, NaiveDate, Result, notice_delivery};
    use diesel::prelude::*;
    crate::aggregate!(notice_delivery, Delivery, "通知书送达");

    /// Deliveries of these visits, in the order they were recorded.
    ///
    /// # Errors
    /// The database.
    pub fn of_visits(db: &mut Conn, visits: &[Id]) -> Result<Vec<Delivery>> {
        let mut rows: Vec<Delivery> = Vec::new();
        for chunk in visits.chunks(CHUNK) {
            let part: Vec<Delivery> = notice_delivery::table
                .filter(notice_delivery::visit_id.eq_any(chunk.to_vec()))
                .select(Delivery::as_select())
                .load(db)?;
            rows.extend(part);
        }
        rows.sort_by_key(|d| d.id);
        Ok(rows)
    }

    /// The delivery for a date of a visit.
    ///
    /// # Errors
    /// The database.
    pub fn of(db: &mut Conn, visit: Id, day: NaiveDate) -> Result<Option<Delivery>> {
        Ok(notice_delivery::table
            .filter(notice_delivery::visit_id.eq(visit))
            .filter(notice_delivery::for_day.eq(day))
            .select(Delivery::as_select())
            .first(db)
            .optional()?)
    }
}

/// Announced visits that were sent out, have not begun, take place before `before`, and of whose present date no
/// delivery is recorded; by identifier.
///
/// # Errors
/// The database.
pub fn undelivered(
    db: &mut Conn,
    region: &str,
    before: NaiveDate,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Visit>> {
    let delivered = notice_delivery::table
        .filter(notice_delivery::visit_id.eq(visit::id))
        .filter(notice_delivery::for_day.nullable().eq(visit::on_day));
    let mut query = visit::table
        .inner_join(planning::table)
        .filter(planning::state.ne_all(["preview", "discarded"]))
        .filter(visit::region.eq(region.to_owned()))
        .filter(visit::state.eq("dispatched"))
        .filter(visit::announced.eq(true))
        .filter(visit::on_day.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(delivered)))
        .order(visit::id)
        .limit(limit)
        .select(Visit::as_select())
        .into_boxed();
    crate::narrow!(query; visit::id gt after);
    Ok(query.load(db)?)
}

/// A row of 每日派遣汇总.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dispatch_digest, check_for_backend(super::conn::MultiBackend))]
pub struct Digest {
    /// County.
    pub region: String,
    /// Its day.
    pub day: NaiveDate,
    /// Visits sent out before this moment are told.
    pub until: At,
    /// Visits it told of.
    pub visits: i64,
    /// Mails.
    pub mails: i64,
    /// When it was made.
    pub created_at: At,
}

/// The newest digest of a county.
///
/// # Errors
/// The database.
pub fn last_digest(db: &mut Conn, region: &str) -> Result<Option<Digest>> {
    Ok(dispatch_digest::table
        .filter(dispatch_digest::region.eq(region.to_owned()))
        .order(dispatch_digest::day.desc())
        .select(Digest::as_select())
        .first(db)
        .optional()?)
}

/// Takes a day's digest for this transaction; `false` when another server has it.
///
/// # Errors
/// The database.
pub fn claim_digest(db: &mut Conn, row: &Digest) -> Result<bool> {
    let n = crate::each_backend!(db, |c| diesel::insert_into(dispatch_digest::table)
        .values(row)
        .on_conflict((dispatch_digest::region, dispatch_digest::day))
        .do_nothing()
        .execute(c))?;
    Ok(n == 1)
}

/// Writes what became of a digest that this transaction took.
///
/// # Errors
/// The database.
pub fn settle_digest(db: &mut Conn, region: &str, day: NaiveDate, visits: i64, mails: i64) -> Result<()> {
    diesel::update(dispatch_digest::table.find((region.to_owned(), day)))
        .set((dispatch_digest::visits.eq(visits), dispatch_digest::mails.eq(mails)))
        .execute(db)?;
    Ok(())
}

/// Visits that were sent out from `from` on and before `until`, and have not begun; by identifier.
///
/// # Errors
/// The database.
pub fn dispatched_between(
    db: &mut Conn,
    region: &str,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Result<Vec<Visit>> {
    let mut query = visit::table
        .filter(visit::region.eq(region.to_owned()))
        .filter(visit::state.eq("dispatched"))
        .filter(visit::dispatched_at.lt(At(until)))
        .order(visit::id)
        .select(Visit::as_select())
        .into_boxed();
    crate::narrow!(query; visit::dispatched_at ge from.map(At));
    Ok(query.load(db)?)
}
