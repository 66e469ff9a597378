//! The log's own tables: tiles of the Merkle tree, signed checkpoints, and the row that says who seals.

use super::conn::Conn;
use super::schema::{journal_checkpoint, journal_event, journal_tile, sequencer};
use super::types::At;
use crate::domain::draw::bytes::Hash;
use crate::domain::journal::{Tile, TileSource};
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The name of the one sequencer of a database.
const JOURNAL: &str = "journal";

/// Who seals the journal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sequencer, check_for_backend(super::conn::MultiBackend))]
pub struct Sequencer {
    /// Raised whenever somebody else takes over: what an earlier holder still does is refused.
    pub epoch: i64,
    /// Who, a word made at the start of its process.
    pub holder: String,
    /// Until when nobody else takes over.
    pub until: At,
    /// Entries sealed.
    pub size: i64,
}

/// A checkpoint as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = journal_checkpoint, check_for_backend(super::conn::MultiBackend))]
pub struct Kept {
    /// Entries it covers.
    pub size: i64,
    /// Root, hexadecimal.
    pub root: String,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub created_at: At,
}

/// The sequencer's row; made when there is none.
///
/// # Errors
/// The database.
pub fn sequencer(db: &mut Conn, now: DateTime<Utc>) -> Result<Sequencer> {
    let find = |db: &mut Conn| {
        sequencer::table.find(JOURNAL).select(Sequencer::as_select()).get_result(db).optional()
    };
    if let Some(row) = find(db)? {
        return Ok(row);
    }
    let row = (
        sequencer::name.eq(JOURNAL),
        sequencer::epoch.eq(0_i64),
        sequencer::holder.eq(""),
        sequencer::until.eq(At(now)),
        sequencer::size.eq(0_i64),
        sequencer::updated_at.eq(At(now)),
    );
    crate::each_backend!(db, |c| diesel::insert_into(sequencer::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    find(db)?.ok_or_else(|| Error::internal("the sequencer's row is missing"))
}

/// Takes over from the holder that was `seen`; `false` when somebody else did.
///
/// # Errors
/// The database.
pub fn take_over(
    db: &mut Conn,
    seen: &Sequencer,
    holder: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let n = diesel::update(sequencer::table.find(JOURNAL).filter(sequencer::epoch.eq(seen.epoch)))
        .set((
            sequencer::epoch.eq(seen.epoch + 1),
            sequencer::holder.eq(holder.to_owned()),
            sequencer::until.eq(At(until)),
            sequencer::updated_at.eq(At(now)),
        ))
        .execute(db)?;
    Ok(n == 1)
}

/// The fence: goes on from `before` to `after` entries as the holder of `epoch`; `false` when somebody else has taken
/// over, and then nothing of this transaction may stay.
///
/// # Errors
/// The database.
pub fn advance(
    db: &mut Conn,
    epoch: i64,
    before: i64,
    after: i64,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let mine =
        sequencer::table.find(JOURNAL).filter(sequencer::epoch.eq(epoch)).filter(sequencer::size.eq(before));
    let n = diesel::update(mine)
        .set((sequencer::size.eq(after), sequencer::until.eq(At(until)), sequencer::updated_at.eq(At(now))))
        .execute(db)?;
    Ok(n == 1)
}

/// Gives events their places, from `first` on in the order given. Answers how many got one.
///
/// # Errors
/// The database; a place that is taken.
pub fn place(db: &mut Conn, ids: &[Id], first: i64) -> Result<usize> {
    match db {
        Conn::Sqlite(c) => {
            let mut n = 0;
            for (seq, id) in (first..).zip(ids) {
                n += diesel::update(journal_event::table.find(*id).filter(journal_event::seq.is_null()))
                    .set(journal_event::seq.eq(Some(seq)))
                    .execute(c)?;
            }
            Ok(n)
        }
        // One statement instead of one round trip per event.
        Conn::Pg(c) => {
            use diesel::sql_types::{Array, BigInt};
            let places: Vec<i64> = (first..).take(ids.len()).collect();
            Ok(diesel::sql_query(
                "UPDATE journal_event SET seq = new.seq \
                 FROM unnest($1, $2) AS new (id, seq) \
                 WHERE journal_event.id = new.id AND journal_event.seq IS NULL",
            )
            .bind::<Array<super::types::sql::DbUuid>, _>(ids)
            .bind::<Array<BigInt>, _>(places)
            .execute(c)?)
        }
    }
}

/// Stores tiles over those of the same place.
///
/// # Errors
/// The database.
pub fn put_tiles(db: &mut Conn, tiles: &[Tile]) -> Result<()> {
    for tile in tiles {
        let place = i64::try_from(tile.index).map_err(|e| Error::internal(&e))?;
        let hashes: Vec<u8> = tile.hashes.concat();
        let row = (
            journal_tile::level.eq(i32::from(tile.level)),
            journal_tile::place.eq(place),
            journal_tile::hashes.eq(hashes.clone()),
        );
        crate::each_backend!(db, |c| diesel::insert_into(journal_tile::table)
            .values(row)
            .on_conflict((journal_tile::level, journal_tile::place))
            .do_update()
            .set(journal_tile::hashes.eq(hashes))
            .execute(c))?;
    }
    Ok(())
}

/// The hashes of a tile; none when it is not stored, or stored as something that is no list of hashes.
///
/// # Errors
/// The database.
pub fn tile(db: &mut Conn, level: u8, index: u64) -> Result<Option<Vec<Hash>>> {
    let Ok(place) = i64::try_from(index) else { return Ok(None) };
    let bytes: Option<Vec<u8>> = journal_tile::table
        .find((i32::from(level), place))
        .select(journal_tile::hashes)
        .get_result(db)
        .optional()?;
    Ok(bytes.and_then(|bytes| {
        let (hashes, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| hashes.to_vec())
    }))
}

/// The stored tiles, for growing and proving.
#[derive(Debug)]
pub struct Tiles<'a>(pub &'a mut Conn);

impl TileSource for Tiles<'_> {
    type Error = Error;

    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Vec<Hash>>> {
        tile(self.0, level, index)
    }
}

/// The newest checkpoint.
///
/// # Errors
/// The database.
pub fn newest(db: &mut Conn) -> Result<Option<Kept>> {
    Ok(journal_checkpoint::table
        .order(journal_checkpoint::size.desc())
        .select(Kept::as_select())
        .first(db)
        .optional()?)
}

/// All checkpoints that are kept, the oldest first.
///
/// # Errors
/// The database.
pub fn checkpoints(db: &mut Conn) -> Result<Vec<Kept>> {
    Ok(journal_checkpoint::table.order(journal_checkpoint::size).select(Kept::as_select()).load(db)?)
}

/// Stores a checkpoint.
///
/// # Errors
/// The database; one of that size is there.
pub fn put_checkpoint(db: &mut Conn, kept: &Kept) -> Result<()> {
    diesel::insert_into(journal_checkpoint::table)
        .values((
            journal_checkpoint::size.eq(kept.size),
            journal_checkpoint::root.eq(kept.root.clone()),
            journal_checkpoint::note.eq(kept.note.clone()),
            journal_checkpoint::created_at.eq(kept.created_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Forgets a checkpoint that a newer one of the same minute replaces.
///
/// # Errors
/// The database.
pub fn drop_checkpoint(db: &mut Conn, size: i64) -> Result<()> {
    diesel::delete(journal_checkpoint::table.find(size)).execute(db)?;
    Ok(())
}

/// Entries sealed, as the sequencer's row says; none when nothing was ever sealed.
///
/// # Errors
/// The database.
pub fn sequencer_size(db: &mut Conn) -> Result<Option<i64>> {
    Ok(sequencer::table.find(JOURNAL).select(sequencer::size).get_result(db).optional()?)
}
