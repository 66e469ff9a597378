//! Rows of what businesses say after a visit: ratings, complaints, and visits they are asked about.

use super::conn::Conn;
use super::results::Conduct;
use super::schema::{complaint, conduct, rating, return_round, return_visit};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 评价.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = rating, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Rating {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// 1 to 5 for each `domain::voice::Question`.
    pub scores: Doc<std::collections::BTreeMap<String, i32>>,
    /// What the business adds; may be empty.
    pub words: String,
    /// When.
    pub created_at: At,
}

/// Reading and writing rows of 评价.
pub mod ratings {
    use super::{Conn, Id, Rating, Result, rating};
    use diesel::prelude::*;
    crate::aggregate!(rating, Rating, "评价");

    /// Whether a visit was rated.
    ///
    /// # Errors
    /// The database.
    pub fn is_there(db: &mut Conn, visit: Id) -> Result<bool> {
        let n: i64 = rating::table.filter(rating::visit_id.eq(visit)).count().get_result(db)?;
        Ok(n > 0)
    }

    /// Ratings of a county by identifier, after `after`.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        visit: Option<Id>,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Rating>> {
        let mut query = rating::table
            .filter(rating::region.eq(region.to_owned()))
            .order(rating::id)
            .limit(limit)
            .select(Rating::as_select())
            .into_boxed();
        crate::narrow!(query; rating::visit_id eq visit; rating::id gt after);
        Ok(query.load(db)?)
    }
}

/// A row of 投诉.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = complaint, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Complaint {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// What it is about.
    pub words: String,
    /// How to reach whoever complains; may be empty.
    pub contact: String,
    /// What was answered.
    pub answer: String,
    /// How it ended.
    pub closing: String,
    /// Account that took it.
    pub taken_by: Option<Id>,
    /// When.
    pub taken_at: Option<At>,
    /// When it was answered.
    pub answered_at: Option<At>,
    /// When it ended.
    pub closed_at: Option<At>,
    /// `domain::voice::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 投诉.
pub mod complaints {
    use super::{Complaint, Conn, Id, Result, complaint};
    use diesel::prelude::*;
    crate::aggregate!(complaint, Complaint, "投诉", versioned);

    /// How many complaints a visit has.
    ///
    /// # Errors
    /// The database.
    pub fn count(db: &mut Conn, visit: Id) -> Result<i64> {
        Ok(complaint::table.filter(complaint::visit_id.eq(visit)).count().get_result(db)?)
    }

    /// Complaints of a county by identifier, after `after`.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        state: Option<String>,
        visit: Option<Id>,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Complaint>> {
        let mut query = complaint::table
            .filter(complaint::region.eq(region.to_owned()))
            .order(complaint::id)
            .limit(limit)
            .select(Complaint::as_select())
            .into_boxed();
        crate::narrow!(query;
            complaint::state eq state;
            complaint::visit_id eq visit;
            complaint::id gt after;
        );
        Ok(query.load(db)?)
    }
}

/// A row of 回访抽取.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = return_round, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReturnRound {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visits that ended on this day or later.
    pub from_day: NaiveDate,
    /// And not after this day.
    pub to_day: NaiveDate,
    /// How many are to be drawn.
    pub count: i32,
    /// Codes of the visits to draw from, in order; the number of each is its place.
    pub pool: Doc<Vec<String>>,
    /// Hash of the pool, hex.
    pub pool_hash: String,
    /// What was announced with it, hex.
    pub nonce: String,
    /// The first signed checkpoint that covers it; empty before the draw.
    pub checkpoint: String,
    /// Seed, hex; empty before the draw.
    pub seed: String,
    /// Account.
    pub announced_by: Id,
    /// When it was drawn.
    pub drawn_at: Option<At>,
    /// `domain::return_visit::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 回访抽取.
pub mod return_rounds {
    use super::{Conn, Id, NaiveDate, Result, ReturnRound, return_round};
    use crate::store::schema::{conduct, journal_checkpoint, visit};
    use diesel::prelude::*;
    crate::aggregate!(return_round, ReturnRound, "回访抽取", versioned);

    /// Draws of a county by identifier, after `after`.
    ///
    /// # Errors
    /// The database.
    pub fn list(db: &mut Conn, region: &str, after: Option<Id>, limit: i64) -> Result<Vec<ReturnRound>> {
        let mut query = return_round::table
            .filter(return_round::region.eq(region.to_owned()))
            .order(return_round::id)
            .limit(limit)
            .select(ReturnRound::as_select())
            .into_boxed();
        crate::narrow!(query; return_round::id gt after);
        Ok(query.load(db)?)
    }

    /// The draws of a county in a state, the oldest first, without their pools.
    ///
    /// # Errors
    /// The database.
    pub fn in_state(db: &mut Conn, region: &str, state: &str) -> Result<Vec<Id>> {
        Ok(return_round::table
            .filter(return_round::region.eq(region.to_owned()))
            .filter(return_round::state.eq(state.to_owned()))
            .order(return_round::id)
            .select(return_round::id)
            .load(db)?)
    }

    /// The finished visits of a county that ended in a period, by code: (code, identifier).
    ///
    /// # Errors
    /// The database.
    pub fn finished(
        db: &mut Conn,
        region: &str,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(String, Id)>> {
        let mut rows: Vec<(String, Id)> = visit::table
            .inner_join(conduct::table.on(conduct::visit_id.eq(visit::id)))
            .filter(visit::region.eq(region.to_owned()))
            .filter(visit::state.eq("done"))
            .filter(conduct::end_day.ge(from))
            .filter(conduct::end_day.le(to))
            .select((visit::code, visit::id))
            .load(db)?;
        rows.sort();
        Ok(rows)
    }

    /// The first signed checkpoint that covers the entry at `place`, and when it was signed.
    ///
    /// # Errors
    /// The database.
    pub fn covering(db: &mut Conn, place: i64) -> Result<Option<(String, super::At)>> {
        Ok(journal_checkpoint::table
            .filter(journal_checkpoint::size.gt(place))
            .order(journal_checkpoint::size)
            .select((journal_checkpoint::note, journal_checkpoint::created_at))
            .first(db)
            .optional()?)
    }
}

/// A row of 回访.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = return_visit, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReturnVisit {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The draw.
    pub round_id: Id,
    /// The visit that is asked about.
    pub visit_id: Id,
    /// Its number in the pool.
    pub number: i32,
    /// Its rank in the draw, from 1.
    pub rank: i32,
    /// `domain::return_visit::Answer` for each `Question`.
    pub answers: Doc<std::collections::BTreeMap<String, String>>,
    /// What was said besides.
    pub words: String,
    /// Account that recorded the answers.
    pub asked_by: Option<Id>,
    /// When the business was asked.
    pub asked_day: Option<NaiveDate>,
    /// `domain::return_visit::Progress`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 回访.
pub mod return_visits {
    use super::{Conn, Id, Result, ReturnVisit, return_visit};
    use diesel::prelude::*;
    crate::aggregate!(return_visit, ReturnVisit, "回访", versioned);

    /// The visits of a draw, by rank.
    ///
    /// # Errors
    /// The database.
    pub fn of_round(db: &mut Conn, round: Id) -> Result<Vec<ReturnVisit>> {
        Ok(return_visit::table
            .filter(return_visit::round_id.eq(round))
            .order(return_visit::rank)
            .select(ReturnVisit::as_select())
            .load(db)?)
    }

    /// How many visits of a county are in a state, by draw, the oldest draw first; draws without any are left out.
    ///
    /// # Errors
    /// The database.
    pub fn in_state(db: &mut Conn, region: &str, state: &str) -> Result<Vec<(Id, i64)>> {
        let rounds: Vec<Id> = return_visit::table
            .filter(return_visit::region.eq(region.to_owned()))
            .filter(return_visit::state.eq(state.to_owned()))
            .order(return_visit::round_id)
            .select(return_visit::round_id)
            .load(db)?;
        let mut counts: Vec<(Id, i64)> = Vec::new();
        for round in rounds {
            match counts.last_mut().filter(|(id, _)| *id == round) {
                Some((_, n)) => *n += 1,
                None => counts.push((round, 1)),
            }
        }
        Ok(counts)
    }
}

/// What happened at the visit with this token.
///
/// # Errors
/// The database.
pub fn by_token(db: &mut Conn, region: &str, token: &str) -> Result<Option<Conduct>> {
    Ok(conduct::table
        .filter(conduct::region.eq(region.to_owned()))
        .filter(conduct::code.eq(token.to_owned()))
        .select(Conduct::as_select())
        .first(db)
        .optional()?)
}
