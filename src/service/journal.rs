//! Reading the journal, proving it to outsiders, erasing personal data from it, and checking the whole of it.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::Fault;
use crate::domain::draw::merkle;
use crate::domain::draw::note::{SignedCheckpoint, TlogProof, VerifierKey};
use crate::domain::journal::leaf::{Columns, Leaf, Private};
use crate::domain::journal::{Finding, Head, Report, Row, checkpoint, tree, verify};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::conn::{self, Conn};
use crate::store::journal::{self, Filter, Stored};
use crate::store::log::{self, Tiles};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashSet;

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Internal(format!("{}: {}", fault.code, fault.text))
    }
}

/// The identity of a county's journal.
#[must_use]
pub fn origin(region_token: &str) -> String {
    format!("{region_token}/journal")
}

/// The newest signed checkpoint.
///
/// # Errors
/// There is none yet.
pub fn newest(cx: &mut Cx<'_>) -> Result<SignedCheckpoint> {
    let kept = log::newest(cx.db)?.ok_or(Error::NotFound("检查点"))?;
    Ok(SignedCheckpoint::parse(&kept.note)?)
}

/// The proof that an event is in the log, with its leaf hash.
///
/// # Errors
/// There is no such event, or it has not been sealed yet.
pub fn inclusion(cx: &mut Cx<'_>, event: Id) -> Result<(Hash, TlogProof)> {
    let not_there = Error::NotFound("已入序的日志事件");
    let note = newest(cx)?;
    let row = journal::get(cx.db, event)?.filter(|r| r.region == cx.rules.region.code);
    let Some(Stored { seq: Some(seq), leaf, .. }) = row else { return Err(not_there) };
    let index = u64::try_from(seq).map_err(|e| Error::internal(&e))?;
    if index >= note.checkpoint.size {
        return Err(not_there);
    }
    let hash = merkle::leaf_hash(&leaf);
    let proof = checkpoint::inclusion_proof(index, &hash, &note, &mut Tiles(cx.db))?;
    Ok((hash, proof))
}

/// The proof that the log's first `from` entries are still what they were, with the checkpoint it leads to.
///
/// # Errors
/// The log is not that long.
pub fn consistency(cx: &mut Cx<'_>, from: u64) -> Result<(Vec<Hash>, SignedCheckpoint)> {
    let note = newest(cx)?;
    let size = note.checkpoint.size;
    if from > size {
        return Err(Error::field("from", "out_of_range", format!("日志现有{size}条,from 不能更大")));
    }
    Ok((tree::consistency(from, size, &mut Tiles(cx.db))?, note))
}

/// Events of the county, the newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, limit: i64) -> Result<Vec<Stored>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewJournal, &Scope::county(&region))?;
    journal::list(cx.db, &region, filter, limit)
}

/// One event.
///
/// # Errors
/// Not allowed; not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Stored> {
    let row = journal::get(cx.db, id)?.ok_or(Error::NotFound("日志事件"))?;
    cx.may(Action::ViewJournal, &Scope::county(&row.region))?;
    Ok(row)
}

/// Erases the personal data of an event. Its leaf stays, and so does the fact that somebody erased.
///
/// # Errors
/// Not allowed; none are left.
pub fn erase(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Stored> {
    let row = journal::get(cx.db, id)?.ok_or(Error::NotFound("日志事件"))?;
    cx.may(Action::EraseJournalPrivate, &Scope::county(&row.region))?;
    let mut faults = crate::error::Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    if !journal::erase(cx.db, id)? {
        return Err(Error::refused("nothing_to_erase", "该事件没有个人信息,或已清除"));
    }
    cx.journal(Event::new(ERASED, "journal_event", id, json!({})).private(json!({ "reason": reason })))?;
    get(cx, id)
}

const ERASED: &str = "journal_private_erased";

/// Reads the personal data of an event.
#[must_use]
pub fn personal(row: &Stored) -> Option<Value> {
    row.private_body.as_deref().and_then(|body| serde_json::from_slice(body).ok())
}

fn private(row: &Stored) -> Option<Private> {
    let salt = row.private_salt.as_deref()?.try_into().ok()?;
    Some(Private { salt, bytes: row.private_body.clone()? })
}

/// What the columns of a row say, to be held against its leaf.
fn columns(row: &Stored) -> Columns<'_> {
    Columns {
        at: row.at.0,
        region: &row.region,
        actor: row.actor_id.map(|id| id.0),
        department: row.department_id.map(|id| id.0),
        act: &row.act,
        kind: &row.object_kind,
        object: row.object_id.map(|id| id.0),
        request_id: &row.request_id,
    }
}

/// What a check of the whole journal found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The findings.
    pub report: Report,
    /// Events that are not sealed yet.
    pub waiting: u64,
    /// Size of the newest checkpoint.
    pub size: u64,
}

/// How many rows are read at a time.
const CHUNK: i64 = 2_000;

/// Checks the whole journal in one snapshot of the database: rows against their leaves, leaves against the tree, the
/// tree against every checkpoint in the database and those in `older`, which were kept elsewhere.
///
/// # Errors
/// The database; everything else is a finding.
pub fn check(db: &mut Conn, older: &[SignedCheckpoint], key: &VerifierKey) -> Result<Checked> {
    conn::snapshot(db, |db| check_in(db, older, key))
}

fn check_in(db: &mut Conn, older: &[SignedCheckpoint], key: &VerifierKey) -> Result<Checked> {
    let mut extra = Vec::new();
    let mut notes = Vec::new();
    for kept in log::checkpoints(db)? {
        let size = u64::try_from(kept.size).unwrap_or_default();
        match SignedCheckpoint::parse(&kept.note) {
            Ok(note) if note.checkpoint.size == size && hex::encode(note.checkpoint.root) == kept.root => {
                notes.push(note);
            }
            Ok(_) => extra.push(Finding::Checkpoint {
                size, why: "所在行的条数或根与其正文不符".to_owned()
            }),
            Err(why) => extra.push(Finding::Checkpoint { size, why: why.to_string() }),
        }
    }
    let first = journal::sealed(db, 0, 1)?;
    let empty = SignedCheckpoint {
        checkpoint: crate::domain::draw::note::Checkpoint {
            origin: key.name.clone(),
            size: 0,
            root: Head::empty().root,
        },
        signatures: Vec::new(),
    };
    let mut older = older.to_vec();
    let newest = match notes.pop() {
        Some(newest) => {
            older.extend(notes);
            Some(newest)
        }
        // The largest of those kept elsewhere tells what is gone.
        None => older.iter().max_by_key(|n| n.checkpoint.size).cloned(),
    };
    let whole_and_new = newest.is_none() && first.is_empty() && extra.is_empty();
    let newest = newest.unwrap_or(empty);
    let size = newest.checkpoint.size;
    let seen = RefCell::new(Seen::default());
    let cell = RefCell::new(db);
    let mut report = if whole_and_new {
        Report::default()
    } else {
        let rows = Rows { db: &cell, seen: &seen, next: Some(0), chunk: Vec::new().into_iter() };
        let mut tiles = |level, index| log::tile(&mut cell.borrow_mut(), level, index);
        verify::<_>(rows, &mut tiles, &older, &newest, key)?
    };
    let db = cell.into_inner();
    let mut seen = seen.into_inner();
    let waiting = journal::unsealed(db, i64::MAX)?;
    for row in &waiting {
        seen.look(row);
    }
    let sequencer = log::sequencer_size(db)?;
    if sequencer.is_some_and(|s| u64::try_from(s) != Ok(size)) {
        extra.push(Finding::Checkpoint {
            size,
            why: "与入序记录的条数不符,检查点或入序记录被改动".to_owned(),
        });
    }
    extra.extend(seen.findings());
    report.findings.extend(extra);
    report.findings.sort_unstable();
    report.findings.dedup();
    Ok(Checked { report, waiting: waiting.len() as u64, size })
}

/// What is collected on the way through the rows.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    /// Events without personal data whose leaf has some.
    erased: Vec<(Id, u64)>,
    /// Events that somebody erased by the rules.
    by_rule: HashSet<Id>,
}

impl Seen {
    fn look(&mut self, row: &Stored) {
        let seq = row.seq.and_then(|s| u64::try_from(s).ok());
        let place = seq.unwrap_or(u64::MAX);
        let Ok(leaf) = Leaf::parse(&row.leaf) else {
            // Of a sealed row the check itself says so.
            if seq.is_none() {
                self.findings.push(Finding::Waiting { id: row.id.0, what: "内容" });
            }
            return;
        };
        let mut differs = leaf.differs(&columns(row));
        if row.id.0 != leaf.id && seq.is_none() {
            differs = Some("id");
        }
        let personal = personal(row);
        let address =
            personal.as_ref().and_then(|p| p.get("address")).and_then(Value::as_str).unwrap_or_default();
        if address != row.address {
            differs = Some("address");
        }
        let half = row.private_salt.is_some() != row.private_body.is_some()
            || row.private_salt.as_ref().is_some_and(|s| s.len() != 32);
        if half || (seq.is_none() && private(row).is_some_and(|p| Some(p.commitment()) != leaf.private)) {
            differs = Some("private");
        }
        if let Some(what) = differs {
            self.findings.push(match seq {
                Some(seq) => Finding::ColumnDiffers { seq, column: what },
                None => Finding::Waiting { id: row.id.0, what },
            });
        }
        if leaf.private.is_some() && private(row).is_none() && !half {
            self.erased.push((row.id, place));
        }
        if leaf.act == ERASED
            && let Ok(id) = leaf.object.id.parse()
        {
            self.by_rule.insert(id);
        }
    }

    fn findings(self) -> Vec<Finding> {
        let Self { mut findings, erased, by_rule } = self;
        for (id, seq) in erased {
            if !by_rule.contains(&id) {
                findings.push(Finding::ErasedUnrecorded { seq });
            }
        }
        findings
    }
}

/// The sealed rows, read in chunks.
struct Rows<'a, 'b> {
    db: &'a RefCell<&'b mut Conn>,
    seen: &'a RefCell<Seen>,
    next: Option<i64>,
    chunk: std::vec::IntoIter<Stored>,
}

impl Iterator for Rows<'_, '_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.chunk.next() {
                self.seen.borrow_mut().look(&row);
                let seq = row.seq.and_then(|s| u64::try_from(s).ok()).unwrap_or(u64::MAX);
                let private = private(&row);
                return Some(Ok(Row { seq, id: row.id.0, leaf: row.leaf, private }));
            }
            let from = self.next?;
            match journal::sealed(&mut self.db.borrow_mut(), from, CHUNK) {
                Ok(rows) => {
                    self.next = rows.last().and_then(|r| r.seq).and_then(|s| s.checked_add(1));
                    self.chunk = rows.into_iter();
                }
                Err(error) => {
                    self.next = None;
                    return Some(Err(error));
                }
            }
        }
    }
}
