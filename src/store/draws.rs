//! Draws: the public and the sealed part as bytes, witnesses, drawn subjects.

use super::conn::Conn;
use super::schema::{draw, draw_pool, draw_witness, drawn_subject};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use diesel::prelude::*;

/// A row of 抽取.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = draw, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Draw {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Id,
    /// Number of the record in the inspection and purpose, from 1: attempts and rounds in the order they were opened.
    pub attempt: i32,
    /// `seq` of the opening.
    pub seq: i32,
    /// `round` of the opening.
    pub round: i32,
    /// The pool it draws from.
    pub pool_id: Option<Id>,
    /// The attempt or round before it in the same log.
    pub previous_id: Option<Id>,
    /// What is drawn: `subjects`.
    pub purpose: String,
    /// State, as the domain names it.
    pub state: String,
    /// List token of the opening.
    pub list_token: String,
    /// `draw_id` of the protocol, hex.
    pub draw_id: String,
    /// `public`, `embargo` or `ceremony`.
    pub policy: String,
    /// The bundle as it is served, byte for byte.
    pub public: Vec<u8>,
    /// Not used by draws of subjects: their secrets are derived.
    pub private: Vec<u8>,
    /// Subjects in the pool.
    pub pool_size: i64,
    /// Subjects drawn.
    pub drawn: i64,
    /// No beacon may be known before.
    pub not_before: At,
    /// The result must stand before.
    pub deadline: At,
    /// Why.
    pub reason: String,
    /// Account that opened it.
    pub operator_id: Id,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(draw, Draw, "抽取", versioned);

/// A row of 见证.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = draw_witness, primary_key(draw_id, user_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Witness {
    /// Draw.
    pub draw_id: Id,
    /// Account.
    pub user_id: Id,
    /// Name in the records.
    pub token: String,
    /// Commitment, hex; empty until it is handed in.
    pub commitment: String,
    /// The card (salt, then value), encrypted (`service::at_rest`), once it is here; empty before. Served to nobody before the
    /// reveal.
    pub sealed: Vec<u8>,
    /// When the commitment came.
    pub committed_at: Option<At>,
    /// When the witness opened the card.
    pub revealed_at: Option<At>,
    /// County.
    pub region: String,
}

/// A row of 抽中对象.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = drawn_subject, primary_key(draw_id, subject_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DrawnSubject {
    /// Draw.
    pub draw_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// Joint inspection.
    pub inspection_id: Id,
    /// County.
    pub region: String,
    /// Round in which it was drawn.
    pub round: i32,
    /// Number in the pool.
    pub place: i64,
    /// Stratum code.
    pub stratum: String,
    /// `drawn`, or `gone` when it turned out that it cannot be inspected.
    pub state: String,
    /// Reason code where it is gone.
    pub reason: String,
}

/// A frozen pool: who may be drawn, and who may inspect.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = draw_pool, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Pool {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Id,
    /// Number of the pool in the inspection, from 1.
    pub place: i32,
    /// Time of the snapshot.
    pub as_of: At,
    /// `service::draws::pool::Content` as JSON.
    pub content: Vec<u8>,
    /// Subjects.
    pub size: i64,
    /// Subjects that are in the pool and cannot be drawn.
    pub excluded: i64,
    /// Merkle root of the subjects, hex.
    pub root: String,
    /// Account that froze it.
    pub created_by: Id,
    /// Created.
    pub created_at: At,
    /// When it was given up.
    pub released_at: Option<At>,
}

/// Reading and writing frozen pools.
pub mod draw_pools {
    use super::{At, Conn, Id, Pool, Result, draw_pool};
    use diesel::prelude::*;

    crate::aggregate!(draw_pool, Pool, "抽取名单");

    /// The pool of an inspection that is in use.
    ///
    /// # Errors
    /// The database.
    pub fn current(db: &mut Conn, inspection: Id) -> Result<Option<Pool>> {
        Ok(draw_pool::table
            .filter(draw_pool::inspection_id.eq(inspection))
            .filter(draw_pool::released_at.is_null())
            .order(draw_pool::place.desc())
            .select(Pool::as_select())
            .first(db)
            .optional()?)
    }

    /// How many pools an inspection has had.
    ///
    /// # Errors
    /// The database.
    pub fn count(db: &mut Conn, inspection: Id) -> Result<i32> {
        let last: Option<i32> = draw_pool::table
            .filter(draw_pool::inspection_id.eq(inspection))
            .order(draw_pool::place.desc())
            .select(draw_pool::place)
            .first(db)
            .optional()?;
        Ok(last.unwrap_or(0))
    }

    /// Gives a pool up; `false` when it was given up already.
    ///
    /// # Errors
    /// The database.
    pub fn release(db: &mut Conn, id: Id, at: At) -> Result<bool> {
        let n = diesel::update(draw_pool::table.find(id))
            .filter(draw_pool::released_at.is_null())
            .set(draw_pool::released_at.eq(Some(at)))
            .execute(db)?;
        Ok(n == 1)
    }
}

/// The draws of an inspection, in the order they were opened.
///
/// # Errors
/// The database.
pub fn of(db: &mut Conn, inspection: Id) -> Result<Vec<Draw>> {
    Ok(draw::table
        .filter(draw::inspection_id.eq(inspection))
        .order((draw::purpose, draw::attempt))
        .select(Draw::as_select())
        .load(db)?)
}

/// A draw without its bytes.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = draw, check_for_backend(super::conn::MultiBackend))]
pub struct Summary {
    /// Identifier.
    pub id: Id,
    /// Joint inspection.
    pub inspection_id: Id,
    /// Number in the inspection and purpose.
    pub attempt: i32,
    /// `seq` of the opening.
    pub seq: i32,
    /// `round` of the opening.
    pub round: i32,
    /// The attempt or round before it.
    pub previous_id: Option<Id>,
    /// What is drawn.
    pub purpose: String,
    /// State, as the domain names it.
    pub state: String,
    /// List token.
    pub list_token: String,
    /// `draw_id`, hex.
    pub draw_id: String,
    /// Policy.
    pub policy: String,
    /// Subjects in the pool.
    pub pool_size: i64,
    /// Subjects drawn.
    pub drawn: i64,
    /// No beacon may be known before.
    pub not_before: At,
    /// The result must stand before.
    pub deadline: At,
    /// Why it was aborted.
    pub reason: String,
    /// Opened.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// A page of a county's draws, newest first.
///
/// # Errors
/// The database.
pub fn list(db: &mut Conn, region: &str, after: Option<Id>, limit: i64) -> Result<Vec<Summary>> {
    let mut query = draw::table
        .filter(draw::region.eq(region.to_owned()))
        .order(draw::id.desc())
        .limit(limit)
        .select(Summary::as_select())
        .into_boxed();
    crate::narrow!(query; draw::id lt after);
    Ok(query.load(db)?)
}

/// Which draws a list shows; nothing set: all of the county.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only of inspections this department initiated, takes part in or is invited to.
    pub department: Option<Id>,
    /// Only of inspections this account witnesses.
    pub witness: Option<Id>,
    /// Of this inspection.
    pub inspection: Option<Id>,
    /// In this state.
    pub state: Option<String>,
    /// Under this policy.
    pub policy: Option<String>,
    /// After this one.
    pub after: Option<Id>,
}

/// A page of those draws of a county that were asked for, newest first.
///
/// # Errors
/// The database.
pub fn wanted(db: &mut Conn, region: &str, wanted: &Wanted, limit: i64) -> Result<Vec<Summary>> {
    use super::schema::{inspection, invitation};
    let mut query = draw::table
        .filter(draw::region.eq(region.to_owned()))
        .order(draw::id.desc())
        .limit(limit)
        .select(Summary::as_select())
        .into_boxed();
    if let Some(department) = wanted.department {
        let mut ids: Vec<Id> = inspection::table
            .filter(inspection::department_id.eq(department))
            .select(inspection::id)
            .load(db)?;
        let invited: Vec<Id> = invitation::table
            .filter(invitation::department_id.eq(department))
            .filter(invitation::state.ne("withdrawn"))
            .select(invitation::inspection_id)
            .load(db)?;
        ids.extend(invited);
        query = query.filter(draw::inspection_id.eq_any(ids));
    }
    if let Some(user) = wanted.witness {
        let seen: Vec<Id> = draw_witness::table
            .inner_join(draw::table)
            .filter(draw_witness::user_id.eq(user))
            .select(draw::inspection_id)
            .distinct()
            .load(db)?;
        query = query.filter(draw::inspection_id.eq_any(seen));
    }
    crate::narrow!(query;
        draw::inspection_id eq wanted.inspection;
        draw::state eq wanted.state.clone();
        draw::policy eq wanted.policy.clone();
        draw::id lt wanted.after;
    );
    Ok(query.load(db)?)
}

/// The witnesses of a draw, by token.
///
/// # Errors
/// The database.
pub fn witnesses(db: &mut Conn, id: Id) -> Result<Vec<Witness>> {
    Ok(draw_witness::table
        .filter(draw_witness::draw_id.eq(id))
        .order(draw_witness::token)
        .select(Witness::as_select())
        .load(db)?)
}

/// The accounts that witness some draw of an inspection.
///
/// # Errors
/// The database.
pub fn witnesses_of(db: &mut Conn, inspection: Id) -> Result<Vec<Id>> {
    Ok(draw_witness::table
        .inner_join(draw::table)
        .filter(draw::inspection_id.eq(inspection))
        .select(draw_witness::user_id)
        .distinct()
        .load(db)?)
}

/// The accounts that opened a draw of an inspection.
///
/// # Errors
/// The database.
pub fn operators(db: &mut Conn, inspection: Id) -> Result<Vec<Id>> {
    Ok(draw::table
        .filter(draw::inspection_id.eq(inspection))
        .select(draw::operator_id)
        .distinct()
        .load(db)?)
}

/// Adds the witnesses of a draw.
///
/// # Errors
/// The database.
pub fn add_witnesses(db: &mut Conn, rows: &[Witness]) -> Result<()> {
    for row in rows {
        diesel::insert_into(draw_witness::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Keeps a witness's commitment, and the card if he leaves it here; `false` when one is there already.
///
/// # Errors
/// The database.
pub fn commit(db: &mut Conn, id: Id, user: Id, commitment: &str, card: &[u8], at: At) -> Result<bool> {
    let n = diesel::update(draw_witness::table.find((id, user)))
        .filter(draw_witness::committed_at.is_null())
        .set((
            draw_witness::commitment.eq(commitment.to_owned()),
            draw_witness::sealed.eq(card.to_vec()),
            draw_witness::committed_at.eq(Some(at)),
        ))
        .execute(db)?;
    Ok(n == 1)
}

/// Keeps the card a witness opens; `false` when it is open already.
///
/// # Errors
/// The database.
pub fn open_card(db: &mut Conn, id: Id, user: Id, card: &[u8], at: At) -> Result<bool> {
    let n = diesel::update(draw_witness::table.find((id, user)))
        .filter(draw_witness::revealed_at.is_null())
        .set((draw_witness::sealed.eq(card.to_vec()), draw_witness::revealed_at.eq(Some(at))))
        .execute(db)?;
    Ok(n == 1)
}

/// The drawn of an inspection, all rounds, in the order of the pool.
///
/// # Errors
/// The database.
pub fn drawn_of(db: &mut Conn, inspection: Id) -> Result<Vec<DrawnSubject>> {
    Ok(drawn_subject::table
        .filter(drawn_subject::inspection_id.eq(inspection))
        .order((drawn_subject::round, drawn_subject::place))
        .select(DrawnSubject::as_select())
        .load(db)?)
}

/// Adds drawn subjects.
///
/// # Errors
/// The database.
pub fn add_drawn(db: &mut Conn, rows: &[DrawnSubject]) -> Result<()> {
    for chunk in rows.chunks(900) {
        crate::each_backend!(db, |c| diesel::insert_into(drawn_subject::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Marks a drawn subject as gone.
///
/// # Errors
/// The database.
pub fn set_gone(db: &mut Conn, inspection: Id, subject: Id, reason: &str) -> Result<usize> {
    Ok(diesel::update(
        drawn_subject::table
            .filter(drawn_subject::inspection_id.eq(inspection))
            .filter(drawn_subject::subject_id.eq(subject))
            .filter(drawn_subject::state.eq("drawn")),
    )
    .set((drawn_subject::state.eq("gone"), drawn_subject::reason.eq(reason.to_owned())))
    .execute(db)?)
}
