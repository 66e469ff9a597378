//! Freezing: the snapshot of the subjects and inspectors a draw takes from, with everybody who is left out and why.

mod gather;
mod ledger;

use super::super::cx::{Cx, Event};
use super::super::inspections::eligible::Universe;
use super::super::inspections::{full, load_for, refused, step};
use super::secrets::{Purpose, derive};
use crate::domain::access::Action;
use crate::domain::draw::bundle::{InspectorRow, inspector_list};
use crate::domain::draw::pool::{Inspector, InspectorPool, PoolKey, Subject, SubjectPool};
use crate::domain::inspection::{Act, next};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::store::draws::{self, Pool, draw_pools};
use crate::store::inspections;
use crate::store::types::At;
use gather::content;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

pub use gather::{Applicable, subject_token};
pub use ledger::{Ledger, entry};

/// No department has a check left for the subject this year.
pub const CAP: &str = "CAP";

/// No department has an item that applies to the subject.
pub const NO_ITEM: &str = "NO-ITEM";

/// A subject of a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// The subject.
    pub subject: Id,
    /// Its token in the draw.
    pub token: String,
    /// Its stratum.
    pub stratum: String,
    /// Digest of what the directory said of it, hex.
    pub attrs: String,
}

/// Somebody left out of the inspectors, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The inspector.
    pub inspector: Id,
    /// His department.
    pub department: Id,
    /// Stable snake_case code.
    pub code: String,
    /// Why, in Chinese.
    pub text: String,
}

/// A frozen pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Content {
    /// The subjects.
    pub subjects: Vec<Member>,
    /// (token, reason code) of those that cannot be drawn.
    pub excluded: Vec<(String, String)>,
    /// The inspectors, as the bundle writes them.
    pub inspectors: Vec<InspectorRow>,
    /// People of the departments that are not among them.
    pub left_out: Vec<LeftOut>,
    /// What is drawn by whom under which rules, in words.
    pub rules: String,
}

impl Content {
    /// The content of a row.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn of(pool: &Pool) -> Result<Self> {
        serde_json::from_slice(&pool.content).map_err(|e| Error::internal(&e))
    }

    /// The subjects as a pool has them.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn members(&self) -> Result<Vec<Subject>> {
        self.subjects
            .iter()
            .map(|m| {
                let mut attrs = [0; 32];
                hex::decode_to_slice(&m.attrs, &mut attrs).map_err(|e| Error::internal(&e))?;
                Ok(Subject { id: m.token.clone(), stratum: m.stratum.clone(), weight: 1, attrs })
            })
            .collect()
    }

    /// The inspectors as a pool has them.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn people(&self) -> Result<Vec<Inspector>> {
        inspector_list(&self.inspectors).map_err(|f| Error::internal(&f))
    }

    /// How many subjects each stratum has.
    #[must_use]
    pub fn sizes(&self) -> BTreeMap<String, u64> {
        let mut sizes = BTreeMap::new();
        for m in &self.subjects {
            *sizes.entry(m.stratum.clone()).or_default() += 1;
        }
        sizes
    }
}

/// A pool that was computed and waits to be written.
#[derive(Debug, Clone)]
pub struct Frozen {
    inspection: Id,
    seen: i64,
    content: Content,
    root: String,
    as_of: chrono::DateTime<chrono::Utc>,
}

/// A pool with its content.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub pool: Pool,
    /// What is in it.
    pub content: Content,
}

/// Computes the pool of an inspection that is confirmed, outside any transaction.
///
/// # Errors
/// Not allowed; the state; the operator is among the inspectors; nobody to draw; too few people, each department named.
pub fn prepare(cx: &mut Cx<'_>, key: &Key, id: Id, pool: Id) -> Result<Frozen> {
    let loaded = load_for(cx, id, Action::OperateDraw)?;
    next(loaded.state()?, Act::FreezePool).map_err(refused)?;
    if loaded.inspection.window_to < cx.today() {
        return Err(Error::refused("window_past", "检查时段已经过去,请退回修改日期"));
    }
    let whole = full(cx, loaded.clone())?;
    let universe = Universe::read(cx)?;
    let content = content(cx, &loaded, &whole, &universe)?;
    let subjects = SubjectPool::new(content.members()?).map_err(|f| super::faults(&f, ""))?;
    if subjects.is_empty() {
        return Err(Error::refused("nobody", "没有符合条件的检查对象,请退回修改范围"));
    }
    if content.excluded.len() == subjects.len() {
        return Err(Error::refused("nobody", "所有检查对象都已达频次上限或没有适用事项,无从抽取"));
    }
    let salt = PoolKey::new(derive(key, Purpose::Subjects, pool));
    let root = hex::encode(subjects.root(&salt));
    InspectorPool::new(content.people()?).map_err(|f| super::faults(&f, ""))?;
    Ok(Frozen { inspection: id, seen: loaded.inspection.version, content, root, as_of: cx.now })
}

/// Writes a pool that was computed: the inspection's lists are fixed from now on.
///
/// # Errors
/// Not allowed; the state; the inspection changed since.
pub fn freeze(cx: &mut Cx<'_>, id: Id, frozen: &Frozen) -> Result<Shown> {
    inspections::lock(cx.db, frozen.inspection)?;
    let loaded = load_for(cx, frozen.inspection, Action::OperateDraw)?;
    let state = loaded.state()?;
    next(state, Act::FreezePool).map_err(refused)?;
    if loaded.inspection.version != frozen.seen {
        return Err(Error::wrong_state(state.as_str(), "联合抽查在锁定过程中被修改,请重试"));
    }
    let content = serde_json::to_vec(&frozen.content).map_err(|e| Error::internal(&e))?;
    let pool = Pool {
        id,
        region: loaded.inspection.region.clone(),
        inspection_id: frozen.inspection,
        place: draw_pools::count(cx.db, frozen.inspection)? + 1,
        as_of: At(frozen.as_of),
        content,
        size: i64::try_from(frozen.content.subjects.len()).unwrap_or(i64::MAX),
        excluded: i64::try_from(frozen.content.excluded.len()).unwrap_or(i64::MAX),
        root: frozen.root.clone(),
        created_by: cx.user()?,
        created_at: At(cx.now),
        released_at: None,
    };
    step(cx, &loaded.inspection, Act::FreezePool)?;
    draw_pools::insert(cx.db, &pool)?;
    cx.journal(Event::new(
        "pool_frozen",
        "inspection",
        frozen.inspection,
        json!({
            "pool": pool.id.to_string(), "root": pool.root, "subjects": pool.size, "excluded": pool.excluded,
            "inspectors": frozen.content.inspectors.len(), "left_out": frozen.content.left_out.len(),
        }),
    ))?;
    Ok(Shown { pool, content: frozen.content.clone() })
}

/// The pool of an inspection that is in use.
///
/// # Errors
/// Not visible; there is none.
pub fn current(cx: &mut Cx<'_>, inspection: Id) -> Result<Shown> {
    load_for(cx, inspection, Action::ViewDraw)?;
    let pool = draw_pools::current(cx.db, inspection)?.ok_or(Error::NotFound("抽取名单"))?;
    let content = Content::of(&pool)?;
    Ok(Shown { pool, content })
}

/// Gives the frozen pool up, after an attempt was aborted or before any was opened: items, people and scope can be
/// changed again.
///
/// # Errors
/// Not allowed; the state; a draw is open.
pub fn release(cx: &mut Cx<'_>, inspection: Id, reason: &str) -> Result<()> {
    inspections::lock(cx.db, inspection)?;
    let loaded = load_for(cx, inspection, Action::OperateDraw)?;
    next(loaded.state()?, Act::ReleasePool).map_err(refused)?;
    let mut faults = crate::error::Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    if let Some(open) = draws::of(cx.db, inspection)?.into_iter().find(|d| d.state != "aborted") {
        return Err(Error::Refused {
            code: "draw_open",
            text: "本名单上的抽取尚未作废,请先作废再解除锁定".to_owned(),
            state: Some(open.state),
        });
    }
    let pool = draw_pools::current(cx.db, inspection)?.ok_or(Error::NotFound("抽取名单"))?;
    step(cx, &loaded.inspection, Act::ReleasePool)?;
    draw_pools::release(cx.db, pool.id, At(cx.now))?;
    cx.journal(
        Event::new(
            "pool_released",
            "inspection",
            inspection,
            json!({ "pool": pool.id.to_string(), "root": pool.root }),
        )
        .private(json!({ "reason": reason })),
    )?;
    Ok(())
}
