//! What the public and the auditor see.

use crate::domain::draw::verify::check::{Explanation, Fate};
use crate::error::Result;
use crate::ids::Id;
use crate::service::draws::public;
use crate::store::draws::Summary;
use crate::web::call::Call;
use crate::web::page::{After, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Page, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A draw as the public sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicDraw {
    /// Identifier.
    pub id: Id,
    /// `draw_id` of the protocol, hex.
    pub draw_id: String,
    /// List token.
    pub list: String,
    /// What is drawn.
    pub purpose: String,
    /// Policy.
    pub policy: String,
    /// State.
    pub state: String,
    /// Number in its inspection.
    pub attempt: i32,
    /// `seq` of the protocol.
    pub seq: i32,
    /// `round` of the protocol.
    pub round: i32,
    /// The attempt or round before it.
    pub previous_id: Option<Id>,
    /// Subjects in the pool.
    pub pool_size: i64,
    /// Subjects drawn.
    pub drawn: i64,
    /// No beacon may be known before.
    pub not_before: DateTime<Utc>,
    /// The result must stand before.
    pub deadline: DateTime<Utc>,
    /// Why it was aborted.
    pub reason: String,
    /// Whether its bundle ends at the seal for now: it is for unannounced visits that have not begun.
    pub held_back: bool,
    /// Opened.
    pub created_at: DateTime<Utc>,
    /// Last step.
    pub updated_at: DateTime<Utc>,
}

impl From<(Summary, bool)> for PublicDraw {
    fn from((d, held_back): (Summary, bool)) -> Self {
        Self {
            id: d.id,
            draw_id: d.draw_id,
            list: d.list_token,
            purpose: d.purpose,
            policy: d.policy,
            state: d.state,
            attempt: d.attempt,
            seq: d.seq,
            round: d.round,
            previous_id: d.previous_id,
            pool_size: d.pool_size,
            drawn: d.drawn,
            not_before: d.not_before.0,
            deadline: d.deadline.0,
            reason: d.reason,
            held_back,
            created_at: d.created_at.0,
            updated_at: d.updated_at.0,
        }
    }
}

/// `GET /api/v1/public/draws`
///
/// # Errors
/// The database.
pub fn public_list(call: &Call, (): (), query: After) -> Result<Answer> {
    let page: Reply<Page<PublicDraw>> = call.read(|cx| {
        let read = |after, most| {
            let rows = public::list(cx, after, most)?;
            let held = public::held_back(cx, &rows)?;
            Ok(rows.into_iter().map(|d| (held.contains(&d.id), d)).map(|(held, d)| (d, held)).collect())
        };
        by_id(query.after.as_ref(), query.limit, read, |(d, _)| d.id)
    })?;
    Ok(page.into_answer()?.shared())
}

/// The media type of a bundle: JSON, byte for byte as `onedoor verify` reads it.
const BUNDLE: &str = "application/json";

/// A draw's bundle.
#[derive(Debug, Clone)]
pub struct BundleBytes {}

crate::describe_files!(BundleBytes: BUNDLE);

/// `GET /api/v1/public/draws/{id}`
///
/// # Errors
/// There is no such draw.
pub fn public_bundle(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let draw = call.read(|cx| public::get(cx, id))?;
    let name = Some(format!("draw-{}.json", &draw.draw_id[..16.min(draw.draw_id.len())]));
    let over = ["resulted", "published", "aborted"].contains(&draw.state.as_str());
    let reply = Reply::ok(File { bytes: draw.public, content_type: BUNDLE, name });
    // While people watch it, a minute in a cache is too long.
    Ok(if over { reply.into_file().shared() } else { reply.version(draw.version).into_file() })
}

/// `GET /api/v1/draws/{id}/audit`
///
/// # Errors
/// Not allowed; the draw goes on.
pub fn audit(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let bytes = call.read(|cx| public::audit(cx, &call.server.keys.draw, id))?;
    Ok(Reply::ok(File { bytes, content_type: BUNDLE, name: Some(format!("draw-{id}-audit.json")) })
        .into_file())
}

/// Who asks about itself.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CheckQuery {
    /// Credit code or registration number.
    #[param(max_length = 128)]
    pub id: Option<String>,
    /// Number in the pool, from the paper the business got before the draw.
    #[param(minimum = 0)]
    pub number: Option<u64>,
}

/// Why a business was or was not drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawCheck {
    /// `drawn`, `drawn_before`, `not_drawn`, `excluded`, `out_of_scope`, `not_in_pool` or `not_listed`.
    pub fate: String,
    /// Number in the pool.
    pub number: Option<u64>,
    /// Its lot, hex.
    pub ticket: Option<String>,
    /// Its sort key, hex.
    pub key: Option<String>,
    /// The limit of its stratum, hex.
    pub limit: Option<String>,
    /// In words.
    pub text: String,
}

/// `GET /api/v1/public/draws/{id}/check`
///
/// # Errors
/// There is no such draw; nothing can be said yet.
pub fn check(call: &Call, id: Id, query: CheckQuery) -> Result<Answer> {
    let draw = call.read(|cx| public::get(cx, id))?;
    let e = public::check(&draw, query.id.as_deref(), query.number)?;
    Reply::ok(shown(e)).into_answer()
}

/// An explanation as it is shown.
pub(in crate::web::api) fn shown(e: Explanation) -> DrawCheck {
    let fate = match e.fate {
        Fate::Drawn => "drawn",
        Fate::DrawnBefore => "drawn_before",
        Fate::NotDrawn => "not_drawn",
        Fate::Excluded => "excluded",
        Fate::OutOfScope => "out_of_scope",
        Fate::NotInPool => "not_in_pool",
        Fate::NotListed => "not_listed",
    };
    DrawCheck {
        fate: fate.to_owned(),
        number: e.number,
        ticket: e.ticket,
        key: e.key,
        limit: e.limit,
        text: e.text,
    }
}
