//! Return visits: announced, drawn, asked about.

use crate::domain::return_visit::{Progress, State};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::voice::rounds::{self, Announcement, Answers, Round};
use crate::store::voice::{ReturnRound, ReturnVisit};
use crate::web::page::{After, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// 回访抽取.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnRoundView {
    /// Identifier.
    pub id: Id,
    /// Visits that ended on this day or later.
    pub from_day: NaiveDate,
    /// And not after this day.
    pub to_day: NaiveDate,
    /// How many are to be drawn.
    pub count: i32,
    /// Codes of the visits to draw from, in order; the number of each is its place.
    pub pool: Vec<String>,
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
    pub drawn_at: Option<DateTime<Utc>>,
    /// `announced` or `drawn`.
    pub state: String,
    /// The same in Chinese.
    pub state_word: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<ReturnRound> for ReturnRoundView {
    fn from(r: ReturnRound) -> Self {
        Self {
            id: r.id,
            from_day: r.from_day,
            to_day: r.to_day,
            count: r.count,
            pool: r.pool.0,
            pool_hash: r.pool_hash,
            nonce: r.nonce,
            checkpoint: r.checkpoint,
            seed: r.seed,
            announced_by: r.announced_by,
            drawn_at: r.drawn_at.map(|t| t.0),
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(ReturnRoundView);

/// 回访.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnVisitView {
    /// Identifier.
    pub id: Id,
    /// The draw.
    pub round_id: Id,
    /// The visit that is asked about.
    pub visit_id: Id,
    /// Code of the visit.
    pub visit: String,
    /// Its number in the pool.
    pub number: i32,
    /// Its rank in the draw, from 1.
    pub rank: i32,
    /// `yes`, `no` or `unknown` for each question; empty: not asked yet.
    pub answers: BTreeMap<String, String>,
    /// What was said besides.
    pub text: String,
    /// Account that recorded the answers.
    pub asked_by: Option<Id>,
    /// When the business was asked.
    pub asked_day: Option<NaiveDate>,
    /// `waiting` or `asked`.
    pub state: String,
    /// The same in Chinese.
    pub state_word: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<(ReturnVisit, String)> for ReturnVisitView {
    fn from((r, visit): (ReturnVisit, String)) -> Self {
        Self {
            id: r.id,
            round_id: r.round_id,
            visit_id: r.visit_id,
            visit,
            number: r.number,
            rank: r.rank,
            answers: r.answers.0,
            text: r.words,
            asked_by: r.asked_by,
            asked_day: r.asked_day,
            state_word: Progress::parse(&r.state).map_or("", Progress::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(ReturnVisitView);

/// A draw with what it drew.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnRoundWhole {
    /// The draw.
    pub round: ReturnRoundView,
    /// The visits, by rank.
    pub visits: Vec<ReturnVisitView>,
    /// Whether pool, checkpoint, seed and visits were found to follow from each other just now; none before the draw.
    pub correct: Option<bool>,
}

impl From<Round> for ReturnRoundWhole {
    fn from(r: Round) -> Self {
        Self {
            round: r.row.into(),
            visits: r.visits.into_iter().map(ReturnVisitView::from).collect(),
            correct: r.correct,
        }
    }
}

/// A draw to announce.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnRoundBody {
    /// Visits that ended on this day or later.
    pub from: NaiveDate,
    /// And not after this day.
    pub to: NaiveDate,
    /// How many to draw.
    pub count: i32,
    /// What is added to the seed, 32 hexadecimal digits; absent: the server gives it.
    #[serde(default)]
    pub nonce: Option<String>,
}

/// `POST /api/v1/return-rounds`
///
/// # Errors
/// Not allowed; fewer visits than are to be drawn.
pub fn announce(cx: &mut Cx<'_>, (): (), body: &ReturnRoundBody) -> Result<Reply<ReturnRoundView>> {
    let new = Announcement { from: body.from, to: body.to, count: body.count, nonce: body.nonce.clone() };
    Reply::made(rounds::announce(cx, &new)?, "/api/v1/return-rounds")
}

/// `POST /api/v1/return-rounds/{id}/draw`
///
/// # Errors
/// Not allowed; drawn already; the checkpoint is not settled yet.
pub fn draw(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ReturnRoundWhole>> {
    let round = rounds::draw(cx, id)?;
    let version = round.row.version;
    Ok(Reply::ok(round.into()).version(version))
}

/// `GET /api/v1/return-rounds`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: After) -> Result<Reply<Page<ReturnRoundView>>> {
    let read = |after, most| rounds::list(cx, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/return-rounds/{id}`: drawn again from what was announced, and compared.
///
/// # Errors
/// Not allowed; there is none.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ReturnRoundWhole>> {
    let round = rounds::get(cx, id)?;
    let version = round.row.version;
    Ok(Reply::ok(round.into()).version(version))
}

/// What a business answered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnAnswers {
    /// `yes`, `no` or `unknown` for each of `held`, `two_officers`, `list_given`, `nothing_else`, `result_true`,
    /// `nothing_taken`.
    pub answers: BTreeMap<String, String>,
    /// What was said besides.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub text: String,
    /// When it was asked.
    pub day: NaiveDate,
}

/// `PUT /api/v1/return-visits/{id}/answers`
///
/// # Errors
/// Not allowed; a question without an answer.
pub fn record(cx: &mut Cx<'_>, id: Id, body: &ReturnAnswers) -> Result<Reply<ReturnVisitView>> {
    let new = Answers { answers: body.answers.clone(), words: body.text.clone(), day: body.day };
    Reply::of(rounds::record(cx, id, &new)?)
}
