//! Sealing the journal: gives events that wait their places in the log, grows the tree over them and signs its head.
//! Of all servers on one database one does so at a time; one that was replaced is fenced off.

use crate::domain::draw::merkle;
use crate::domain::draw::note::SignedCheckpoint;
use crate::domain::journal::{Head, append, checkpoint, sign};
use crate::error::{Error, Result};
use crate::keys::Key;
use crate::store::conn::Conn;
use crate::store::journal;
use crate::store::log::{self, Kept, Sequencer, Tiles};
use crate::store::types::At;
use chrono::{DateTime, TimeDelta, Utc};

/// Events of one transaction at most: it stays short, and nobody waits long behind it.
pub const MOST: i64 = 500;

/// A holder that has not sealed for this long, seconds, may be replaced.
const LEASE_S: i64 = 10;

/// One server's claim to be the sequencer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// A word of its own, made at its start.
    pub name: String,
    /// The epoch it holds; none when it has not taken over.
    pub epoch: Option<i64>,
}

/// What an attempt to seal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Another server is the sequencer.
    NotMine,
    /// So many events were sealed under this epoch; none when none waited.
    Sealed {
        /// The epoch, to be kept for the next attempt.
        epoch: i64,
        /// Events.
        events: usize,
    },
}

/// Seals at most [`MOST`] events, in this transaction.
///
/// # Errors
/// The database; the stored log does not agree with its own checkpoint, so that going on would sign a falsified one.
pub fn seal(
    db: &mut Conn,
    holder: &Holder,
    origin: &str,
    secret: &Key,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let row = log::sequencer(db, now)?;
    let until = now + TimeDelta::seconds(LEASE_S);
    let mine = holder.epoch == Some(row.epoch) && row.holder == holder.name;
    if !mine && row.until.0 > now && row.epoch > 0 && row.holder != holder.name {
        return Ok(Outcome::NotMine);
    }
    // Either statement locks the row until the end of this transaction: nobody else seals meanwhile.
    let locked = if mine {
        log::advance(db, row.epoch, row.size, row.size, until, now)?
    } else {
        log::take_over(db, &row, &holder.name, until, now)?
    };
    if !locked {
        return Ok(Outcome::NotMine);
    }
    let Sequencer { epoch, size: sealed, .. } = log::sequencer(db, now)?;
    let events = journal::unsealed(db, MOST)?;
    let newest = log::newest(db)?;
    let before = head(newest.as_ref(), origin, secret)?;
    let size = i64::try_from(before.size).map_err(|e| Error::internal(&e))?;
    if size != sealed {
        return Err(disagree(&format!("入序{sealed}条,检查点{size}条")));
    }
    if events.is_empty() {
        return Ok(Outcome::Sealed { epoch, events: 0 });
    }
    let leaves: Vec<_> = events.iter().map(|e| merkle::leaf_hash(&e.leaf)).collect();
    let grown = append(&before, &leaves, &mut Tiles(db))?;
    let after = i64::try_from(grown.head.size).map_err(|e| Error::internal(&e))?;
    if !log::advance(db, epoch, size, after, until, now)? {
        return Err(Error::Again("another server seals the journal".to_owned()));
    }
    let ids: Vec<_> = events.iter().map(|e| e.id).collect();
    if log::place(db, &ids, size)? != ids.len() {
        return Err(Error::Again("an event was sealed meanwhile".to_owned()));
    }
    log::put_tiles(db, &grown.tiles)?;
    let note = sign(origin, &grown.head, secret).map_err(|e| Error::internal(&e))?;
    let kept =
        Kept { size: after, root: hex::encode(grown.head.root), note: note.text(), created_at: At(now) };
    log::put_checkpoint(db, &kept)?;
    if let Some(old) = newest.filter(|old| minute(old.created_at.0) == minute(now)) {
        log::drop_checkpoint(db, old.size)?;
    }
    Ok(Outcome::Sealed { epoch, events: ids.len() })
}

fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

/// The head the log goes on from: the newest checkpoint, which our own key must have signed.
fn head(newest: Option<&Kept>, origin: &str, secret: &Key) -> Result<Head> {
    let Some(kept) = newest else { return Ok(Head::empty()) };
    let key = checkpoint::verifier(origin, secret).map_err(|e| Error::internal(&e))?;
    let note = SignedCheckpoint::parse(&kept.note).map_err(|e| disagree(&e.to_string()))?;
    let head = checkpoint::open(&note, &key).map_err(|e| disagree(&e.to_string()))?;
    if i64::try_from(head.size) != Ok(kept.size) {
        return Err(disagree("检查点所在行的条数与其正文不符"));
    }
    Ok(head)
}

fn disagree(why: &str) -> Error {
    Error::Internal(format!("操作日志不一致,停止入序:{why};请运行 onedoor verify-journal"))
}
