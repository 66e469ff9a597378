//! Draws of subjects, step by step as VDR/1 orders them: freeze, open, witnesses' commitments, seal, cards, reveal,
//! beacon, result, publication. Each step is computed outside the transaction and written with the version checked.

pub mod embargo;
pub mod opening;
pub mod outcome;
pub mod pool;
pub mod public;
pub mod secrets;
pub mod steps;
pub mod witness;

use super::cx::{Cx, Event};
use super::inspections::{Loaded, load};
use crate::domain::access::{Action, Scope};
use crate::domain::draw::bundle::{Audit, Bundle};
use crate::domain::draw::fault::Fault;
use crate::domain::draw::record::{Opening, Policy};
use crate::domain::draw::session::{Private, Session};
use crate::domain::draw_state::State;
use crate::error::{Error, FieldError, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::store::draws::{self, Draw, Pool, Summary, Wanted, Witness, draw_pools};
use crate::store::scopes;
use pool::Content;
use secrets::{Purpose, derive};
use serde_json::{Value, json};

/// What these draws are for.
pub const SUBJECTS: &str = "subjects";

/// Faults that say the time is not right; all others are faults of what was sent.
const UNTIMELY: [&str; 10] = [
    "out_of_order",
    "ended",
    "card_missing",
    "too_late",
    "too_early",
    "beacon_out",
    "clock",
    "no_beacon",
    "not_embargo",
    "no_result",
];

/// Refusals of the protocol as an error: untimely ones as 409 with the state, others as faults of the fields.
#[must_use]
pub fn faults(faults: &[Fault], state: &str) -> Error {
    match faults.iter().find(|f| UNTIMELY.contains(&f.code)) {
        Some(first) => Error::Refused {
            code: if first.code == "out_of_order" || first.code == "ended" {
                "wrong_state"
            } else {
                first.code
            },
            text: faults.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join(";"),
            state: (!state.is_empty()).then(|| state.to_owned()),
        },
        None => Error::Invalid(faults.iter().map(|f| FieldError::new("", f.code, f.text.clone())).collect()),
    }
}

/// A draw with everything it needs.
#[derive(Debug)]
pub struct Ceremony {
    /// The row.
    pub draw: Draw,
    /// Its inspection.
    pub loaded: Loaded,
    /// Its pool.
    pub pool: Pool,
    /// What is in the pool.
    pub content: Content,
    /// Its witnesses, their cards in clear.
    pub witnesses: Vec<Witness>,
    /// The protocol's own state.
    pub session: Session,
}

impl Ceremony {
    /// The state.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn state(&self) -> Result<State> {
        State::parse(&self.draw.state).ok_or_else(|| Error::internal("draw state"))
    }

    /// The policy.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn policy(&self) -> Result<Policy> {
        Policy::of(&self.draw.policy).ok_or_else(|| Error::internal("draw policy"))
    }

    /// The cards that are here.
    #[must_use]
    pub fn cards(&self) -> Vec<Opening> {
        self.witnesses.iter().filter_map(witness::card).collect()
    }
}

/// A draw of this county with its inspection, without asking for rights.
///
/// # Errors
/// There is none.
pub fn find(cx: &mut Cx<'_>, id: Id) -> Result<(Draw, Loaded)> {
    let draw = draws::need(cx.db, id)?;
    if draw.region != cx.region() || draw.purpose != SUBJECTS {
        return Err(Error::NotFound("抽取"));
    }
    let loaded = load(cx, draw.inspection_id)?;
    Ok((draw, loaded))
}

/// A draw for an act.
///
/// # Errors
/// Not visible, not allowed; the rows have been damaged.
pub fn load_for(cx: &mut Cx<'_>, key: &Key, id: Id, action: Action) -> Result<Ceremony> {
    let (draw, loaded) = find(cx, id)?;
    cx.may(action, &loaded.scope())?;
    if action == Action::OperateDraw {
        not_inspecting(cx, &loaded)?;
    }
    let pool_id = draw.pool_id.ok_or(Error::NotFound("抽取名单"))?;
    let pool = draw_pools::need(cx.db, pool_id)?;
    let content = Content::of(&pool)?;
    let witnesses = witness::unsealed(key, draws::witnesses(cx.db, id)?);
    let session = assemble(key, &draw, &pool, &content)?;
    Ok(Ceremony { draw, loaded, pool, content, witnesses, session })
}

/// Who operates a draw must not be among those who inspect after it.
///
/// # Errors
/// 409 `operator_is_inspector`.
pub fn not_inspecting(cx: &mut Cx<'_>, loaded: &Loaded) -> Result<()> {
    let Some(own) = cx.actor.inspector else { return Ok(()) };
    if scopes::inspectors(cx.db, &loaded.taking_part())?.iter().any(|p| p.id == own) {
        return Err(Error::refused(
            "operator_is_inspector",
            "您是本次参与部门名录库中的执法检查人员,不得操作本次抽取,请由他人操作",
        ));
    }
    Ok(())
}

/// Puts the protocol's state together: the stored bundle, the frozen lists, the derived secrets.
fn assemble(key: &Key, draw: &Draw, pool: &Pool, content: &Content) -> Result<Session> {
    let mut public = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let inspector_key = hex::encode(derive(key, Purpose::Inspectors, pool.id));
    public.inspectors = Some(content.inspectors.clone());
    public.inspector_key = Some(inspector_key.clone());
    for part in &mut public.history {
        part.inspectors = Some(content.inspectors.clone());
        part.inspector_key = Some(inspector_key.clone());
    }
    let audit = Audit {
        subjects: content
            .subjects
            .iter()
            .map(|m| (m.token.clone(), m.stratum.clone(), 1, m.attrs.clone()))
            .collect(),
        pool_key: hex::encode(derive(key, Purpose::Subjects, pool.id)),
    };
    let private = Private {
        form: "onedoor-private/1".to_owned(),
        server: hex::encode(derive(key, Purpose::Server, draw.id)),
        log_key: hex::encode(derive(key, Purpose::Log, pool.id)),
        cosign_key: Some(hex::encode(derive(key, Purpose::Clock, pool.id))),
        audit,
        documents: std::collections::BTreeMap::new(),
        cards: Vec::new(),
        sum: String::new(),
    };
    Ok(Session { public, private })
}

/// The bundle as it is stored and served: without the inspectors, whose list tells of recusals.
fn served(session: &Session) -> Vec<u8> {
    let mut bundle = session.public.clone();
    (bundle.inspectors, bundle.inspector_key) = (None, None);
    for part in &mut bundle.history {
        (part.inspectors, part.inspector_key) = (None, None);
    }
    bundle.to_bytes()
}

/// Seconds since 1970, as records have them.
fn seconds(time: chrono::DateTime<chrono::Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap_or(0)
}

/// Writes a step into the journal; every one names the draw.
fn noted(cx: &mut Cx<'_>, act: &'static str, draw: &Draw, mut data: Value) -> Result<()> {
    data["draw_id"] = json!(draw.draw_id);
    data["inspection"] = json!(draw.inspection_id.to_string());
    data["attempt"] = json!(draw.attempt);
    data["seq"] = json!(draw.seq);
    data["round"] = json!(draw.round);
    cx.journal(Event::new(act, "draw", draw.id, data))
}

/// A draw as those see it who take part.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub draw: Draw,
    /// Its witnesses.
    pub witnesses: Vec<Witness>,
    /// Why tasks could not be made, right after the result.
    pub blockers: Vec<outcome::Blocker>,
}

/// One draw.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Shown> {
    let (draw, loaded) = find(cx, id)?;
    cx.may(Action::ViewDraw, &loaded.scope())?;
    let witnesses = draws::witnesses(cx.db, id)?;
    Ok(Shown { draw, witnesses, blockers: Vec::new() })
}

/// The draws of an inspection: every attempt is kept.
///
/// # Errors
/// Not visible.
pub fn of(cx: &mut Cx<'_>, inspection: Id) -> Result<Vec<Shown>> {
    let loaded = load(cx, inspection)?;
    cx.may(Action::ViewDraw, &loaded.scope())?;
    draws::of(cx.db, inspection)?
        .into_iter()
        .map(|draw| {
            let witnesses = draws::witnesses(cx.db, draw.id)?;
            Ok(Shown { draw, witnesses, blockers: Vec::new() })
        })
        .collect()
}

/// The draws one may see, newest first.
///
/// # Errors
/// Not allowed; no such state or policy.
pub fn list(cx: &mut Cx<'_>, mut wanted: Wanted, limit: i64) -> Result<Vec<Summary>> {
    let region = cx.region().to_owned();
    if wanted.state.as_deref().is_some_and(|s| State::parse(s).is_none()) {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    if wanted.policy.as_deref().is_some_and(|p| Policy::of(p).is_none()) {
        return Err(Error::field("kind", "unknown_value", "没有这种抽取方式"));
    }
    if !cx.can(Action::ViewDraw, &Scope::county(&region)) {
        match cx.actor.department {
            Some(own) if cx.can(Action::ViewDraw, &Scope::of(&region, own)) => wanted.department = Some(own),
            _ => wanted.witness = Some(cx.user()?),
        }
    }
    draws::wanted(cx.db, &region, &wanted, limit)
}
