//! 回访: the oversight announces from which visits it will draw how many, the journal's next signed checkpoint gives the seed,
//! the visits drawn are asked about. Anybody who may read the draw can do it again.

use crate::domain::access::{Action, Scope};
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::note::SignedCheckpoint;
use crate::domain::return_visit::{self as rule, Act, Answer, Progress, Question, State};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::follow_up::{go, past_day, state_of};
use crate::store::journal as events;
use crate::store::types::{At, Doc};
use crate::store::visits;
use crate::store::voice::{ReturnRound, ReturnVisit, return_rounds, return_visits};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

const ANNOUNCED: &str = "return_round_announced";
/// Most visits to draw from: their codes stand in the announcement.
const POOL: usize = 20_000;

/// What is announced.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Visits that ended on this day or later.
    pub from: NaiveDate,
    /// And not after this day.
    pub to: NaiveDate,
    /// How many to draw.
    pub count: i32,
    /// What the oversight adds to the seed, 32 hex digits; none: the server gives it.
    pub nonce: Option<String>,
}

/// A draw with what it drew, and whether it is what the rule gives.
#[derive(Debug, Clone)]
pub struct Round {
    /// The draw.
    pub row: ReturnRound,
    /// The visits, by rank, with their codes.
    pub visits: Vec<(ReturnVisit, String)>,
    /// Whether pool, seed and numbers follow from each other and from the journal; none before the draw.
    pub correct: Option<bool>,
}

/// Announces a draw: pool, count and nonce go into the journal, before anybody can know what will be drawn.
///
/// # Errors
/// Not allowed; no visits, or fewer than are to be drawn; every fault of the fields.
pub fn announce(cx: &mut Cx<'_>, new: &Announcement) -> Result<ReturnRound> {
    let region = cx.region().to_owned();
    cx.may(Action::AskBusiness, &Scope::county(&region))?;
    let mut faults = Faults::default();
    if new.to < new.from {
        faults.add("/to", "before_start", "截止日期早于起始日期");
    }
    if new.to > cx.today() {
        faults.add("/to", "in_future", "日期不能晚于今天");
    }
    if !(1..=1_000).contains(&new.count) {
        faults.add("/count", "out_of_range", "一次可抽取1至1000次入企");
    }
    let nonce = match &new.nonce {
        None => hex::encode(cx.random::<16>()?),
        Some(text) => {
            if unhex_n::<16>(text).is_none() {
                faults.add("/nonce", "malformed", "须为32位十六进制小写字符");
            }
            text.clone()
        }
    };
    faults.done()?;
    let pool: Vec<String> = return_rounds::finished(cx.db, &region, new.from, new.to)?
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    if pool.len() > POOL {
        return Err(Error::field("/from", "too_many", format!("该期间入企超过{POOL}次,请缩短期间")));
    }
    if pool.len() < usize::try_from(new.count).unwrap_or(usize::MAX) {
        let text = format!("该期间已结束的入企只有{}次,不足{}次", pool.len(), new.count);
        return Err(Error::refused("pool_too_small", text));
    }
    let row = ReturnRound {
        id: cx.id()?,
        region: region.clone(),
        from_day: new.from,
        to_day: new.to,
        count: new.count,
        pool_hash: hex::encode(rule::pool_hash(&region, &pool)),
        pool: Doc(pool),
        nonce,
        checkpoint: String::new(),
        seed: String::new(),
        announced_by: cx.user()?,
        drawn_at: None,
        state: State::Announced.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    return_rounds::insert(cx.db, &row)?;
    let data = json!({
        "from": new.from.to_string(), "to": new.to.to_string(), "pool": row.pool.0.len(), "count": new.count,
        "pool_hash": row.pool_hash, "nonce": row.nonce,
    });
    cx.journal(Event::new(ANNOUNCED, "return_round", row.id, data))?;
    Ok(row)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<ReturnRound> {
    let row = return_rounds::get(cx.db, id)?.ok_or(Error::NotFound("回访抽取"))?;
    cx.may(action, &Scope::county(&row.region))?;
    Ok(row)
}

/// The place of the announcement in the journal, and its hash of the pool and nonce as they were announced.
fn announced(cx: &mut Cx<'_>, id: Id) -> Result<Option<(i64, String)>> {
    let region = cx.region().to_owned();
    let filter =
        events::Filter { act: Some(ANNOUNCED.to_owned()), object: Some(id), ..events::Filter::default() };
    let event = events::list(cx.db, &region, &filter, 1)?.pop();
    Ok(event.and_then(|e| e.seq.map(|seq| (seq, String::from_utf8_lossy(&e.leaf).into_owned()))))
}

/// The first signed checkpoint that covers the announcement. Within its minute a newer one may still take its place, so it
/// counts once that minute has passed: then it is the same for everybody, whenever the draw is made.
fn covering(cx: &mut Cx<'_>, id: Id) -> Result<Option<String>> {
    let Some((place, _)) = announced(cx, id)? else { return Ok(None) };
    let minute = |at: chrono::DateTime<chrono::Utc>| at.timestamp().div_euclid(60);
    let now = minute(cx.now);
    Ok(return_rounds::covering(cx.db, place)?.filter(|(_, at)| minute(at.0) < now).map(|(note, _)| note))
}

fn seed(row: &ReturnRound, checkpoint: &str) -> Result<[u8; 32]> {
    let nonce = unhex_n::<16>(&row.nonce).ok_or_else(|| Error::internal("nonce"))?;
    Ok(rule::seed(checkpoint, &nonce, &rule::pool_hash(&row.region, &row.pool.0)))
}

fn numbers(row: &ReturnRound, seed: &[u8; 32]) -> Vec<usize> {
    rule::draw(seed, row.pool.0.len(), usize::try_from(row.count).unwrap_or(0))
}

/// Draws: the seed comes from the first signed checkpoint that covers the announcement, so it does not matter who draws and
/// when.
///
/// # Errors
/// Not allowed; drawn already; no such checkpoint is settled yet.
pub fn draw(cx: &mut Cx<'_>, id: Id) -> Result<Round> {
    let old = load(cx, id, Action::AskBusiness)?;
    let next = go(rule::next(state_of(&old.state)?, Act::Draw))?;
    let Some(checkpoint) = covering(cx, id)? else {
        let text = "操作日志中公布回访抽取之后的首个签名检查点尚未确定,请一分钟后再抽取";
        return Err(Error::refused("checkpoint_not_settled", text));
    };
    let seed = seed(&old, &checkpoint)?;
    let drawn = numbers(&old, &seed);
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.checkpoint = checkpoint;
    row.seed = hex::encode(seed);
    row.drawn_at = Some(At(cx.now));
    row.version += 1;
    row.updated_at = At(cx.now);
    return_rounds::transition(cx.db, &row, &old.state, old.version)?;
    let region = row.region.clone();
    let ids: HashMap<String, Id> =
        return_rounds::finished(cx.db, &region, row.from_day, row.to_day)?.into_iter().collect();
    let mut rows = Vec::with_capacity(drawn.len());
    for (rank, number) in (1..).zip(&drawn) {
        let code = row.pool.0.get(*number).ok_or_else(|| Error::internal("number"))?;
        let visit = ids.get(code).ok_or_else(|| Error::internal("a visit of the pool is gone"))?;
        rows.push(ReturnVisit {
            id: cx.id()?,
            region: region.clone(),
            round_id: id,
            visit_id: *visit,
            number: i32::try_from(*number).unwrap_or(i32::MAX),
            rank,
            answers: Doc(BTreeMap::new()),
            words: String::new(),
            asked_by: None,
            asked_day: None,
            state: Progress::Waiting.as_str().to_owned(),
            version: 1,
            created_at: At(cx.now),
            updated_at: At(cx.now),
        });
    }
    return_visits::insert_all(cx.db, &rows)?;
    let size = SignedCheckpoint::parse(&row.checkpoint)?.checkpoint.size;
    let data = json!({ "seed": row.seed, "checkpoint_size": size, "numbers": drawn });
    cx.journal(Event::new("return_round_drawn", "return_round", id, data))?;
    whole(cx, row)
}

fn whole(cx: &mut Cx<'_>, row: ReturnRound) -> Result<Round> {
    let drawn = return_visits::of_round(cx.db, row.id)?;
    let ids: Vec<Id> = drawn.iter().map(|v| v.visit_id).collect();
    let codes: HashMap<Id, String> =
        visits::by_ids(cx.db, &ids)?.into_iter().map(|v| (v.id, v.code)).collect();
    let visits: Vec<(ReturnVisit, String)> = drawn
        .into_iter()
        .map(|v| {
            let code = codes.get(&v.visit_id).cloned().unwrap_or_default();
            (v, code)
        })
        .collect();
    let correct = if row.drawn_at.is_some() { Some(check(cx, &row, &visits)?) } else { None };
    Ok(Round { row, visits, correct })
}

/// Whether the pool is the one announced, the checkpoint the first that covers the announcement, and the visits those that
/// the seed gives.
fn check(cx: &mut Cx<'_>, row: &ReturnRound, visits: &[(ReturnVisit, String)]) -> Result<bool> {
    let pool = hex::encode(rule::pool_hash(&row.region, &row.pool.0));
    let said = announced(cx, row.id)?;
    let as_announced = said.is_some_and(|(_, leaf)| leaf.contains(&pool) && leaf.contains(&row.nonce))
        && pool == row.pool_hash;
    let seed = seed(row, &row.checkpoint)?;
    let expected: Vec<(i32, Option<&String>)> = numbers(row, &seed)
        .into_iter()
        .map(|n| (i32::try_from(n).unwrap_or(i32::MAX), row.pool.0.get(n)))
        .collect();
    let drawn: Vec<(i32, Option<&String>)> = visits.iter().map(|(v, code)| (v.number, Some(code))).collect();
    Ok(as_announced
        && covering(cx, row.id)?.as_deref() == Some(row.checkpoint.as_str())
        && hex::encode(seed) == row.seed
        && expected == drawn)
}

/// One draw, checked anew.
///
/// # Errors
/// Not allowed; there is none.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Round> {
    let row = load(cx, id, Action::ViewVoice)?;
    whole(cx, row)
}

/// Draws of the county.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, after: Option<Id>, limit: i64) -> Result<Vec<ReturnRound>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewVoice, &Scope::county(&region))?;
    return_rounds::list(cx.db, &region, after, limit)
}

/// One visit that was drawn, with its code.
///
/// # Errors
/// Not allowed; there is none.
pub fn visit(cx: &mut Cx<'_>, id: Id) -> Result<(ReturnVisit, String)> {
    let row = return_visits::get(cx.db, id)?.ok_or(Error::NotFound("回访"))?;
    cx.may(Action::ViewVoice, &Scope::county(&row.region))?;
    let code = visits::need(cx.db, row.visit_id)?.code;
    Ok((row, code))
}

/// What the oversight has still to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Draws that were announced and not made.
    pub announced: Vec<Id>,
    /// Draws with visits that nobody has asked about yet, and how many.
    pub to_ask: Vec<(Id, i64)>,
}

/// What whoever asks businesses has still to do.
///
/// # Errors
/// Not allowed.
pub fn waiting(cx: &mut Cx<'_>) -> Result<Waiting> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewVoice, &Scope::county(&region))?;
    Ok(Waiting {
        announced: return_rounds::in_state(cx.db, &region, State::Announced.as_str())?,
        to_ask: return_visits::in_state(cx.db, &region, Progress::Waiting.as_str())?,
    })
}

/// What a business answered.
#[derive(Debug, Clone)]
pub struct Answers {
    /// An answer to each question.
    pub answers: BTreeMap<String, String>,
    /// What was said besides.
    pub words: String,
    /// When it was asked.
    pub day: NaiveDate,
}

/// Records the answers to a return visit; recorded again, they replace the earlier ones, which the journal keeps.
///
/// # Errors
/// Not allowed; a question without an answer; an unknown one; every fault of the fields.
pub fn record(cx: &mut Cx<'_>, id: Id, new: &Answers) -> Result<(ReturnVisit, String)> {
    let old = return_visits::get(cx.db, id)?.ok_or(Error::NotFound("回访"))?;
    cx.may(Action::AskBusiness, &Scope::county(&old.region))?;
    cx.unchanged(old.version)?;
    let mut faults = Faults::default();
    for question in Question::ALL {
        match new.answers.get(question.as_str()).map(|a| Answer::parse(a)) {
            None => {
                faults.add(format!("/answers/{question}"), "required", format!("请填写:{}", question.word()))
            }
            Some(None) => {
                faults.add(format!("/answers/{question}"), "unknown_value", "只能是:yes、no、unknown");
            }
            Some(Some(_)) => {}
        }
    }
    for name in new.answers.keys().filter(|n| Question::parse(n).is_none()) {
        faults.add(format!("/answers/{name}"), "unknown_value", "没有这个问题");
    }
    let words = faults.text("/text", &new.words, false, 4_000);
    past_day(&mut faults, "/day", new.day, crate::clock::china_date(old.created_at.0), cx.today());
    faults.done()?;
    let mut row = old.clone();
    row.answers = Doc(new.answers.clone());
    row.words = words;
    row.asked_day = Some(new.day);
    row.asked_by = Some(cx.user()?);
    row.state = Progress::Asked.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    return_visits::update(cx.db, &row, old.version)?;
    let data =
        json!({ "round": row.round_id.to_string(), "answers": new.answers, "day": new.day.to_string() });
    let event = Event::new("return_visit_recorded", "return_visit", id, data);
    cx.journal(event.private(json!({ "text": row.words })))?;
    let code = visits::need(cx.db, row.visit_id)?.code;
    Ok((row, code))
}
