//! What businesses say after a visit: the public page of a visit, ratings, complaints.

use super::visits::word;
use crate::domain::voice::{Act, Question, State};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::voice::{self, VisitPage};
use crate::store::voice::{Complaint, Rating};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// One of the team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitOfficer {
    /// Name, masked.
    pub name: String,
    /// His department.
    pub department: String,
    /// Whether he checked in.
    pub came: bool,
    /// An expert who accompanies and is no officer.
    pub expert: bool,
}

/// What was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitItem {
    /// The department.
    pub department: String,
    /// The item.
    pub item: String,
}

/// A question of the rating.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatingQuestion {
    /// Its name in the rating.
    pub name: String,
    /// What is asked.
    pub text: String,
}

/// The public page of a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicVisit {
    /// Code of the visit.
    pub code: String,
    /// Name of the business.
    pub subject: String,
    /// The day.
    pub day: Option<NaiveDate>,
    /// Whether the on-site part has ended.
    pub ended: bool,
    /// Whether this token may rate the visit: that of the card the business was given.
    pub may_rate: bool,
    /// Departments.
    pub departments: Vec<String>,
    /// Items.
    pub items: Vec<VisitItem>,
    /// The team, names masked.
    pub team: Vec<VisitOfficer>,
    /// What a rating asks.
    pub questions: Vec<RatingQuestion>,
}

impl From<VisitPage> for PublicVisit {
    fn from(p: VisitPage) -> Self {
        let question =
            |q: &Question| RatingQuestion { name: q.as_str().to_owned(), text: q.word().to_owned() };
        Self {
            code: p.code,
            subject: p.subject,
            day: p.day,
            ended: p.ended,
            may_rate: p.may_rate,
            departments: p.departments,
            items: p.items.into_iter().map(|(department, item)| VisitItem { department, item }).collect(),
            team: p
                .team
                .into_iter()
                .map(|o| VisitOfficer {
                    name: o.name,
                    department: o.department,
                    came: o.came,
                    expert: o.expert,
                })
                .collect(),
            questions: Question::ALL.iter().map(question).collect(),
        }
    }
}

/// `GET /api/v1/public/visits/{token}`: the token is the code of the visit, as the QR of its notice says it, or the longer
/// one of the card that the business was given.
///
/// # Errors
/// No visit has it, or the visit has not begun.
pub fn page(cx: &mut Cx<'_>, token: String, _: NoQuery) -> Result<Reply<PublicVisit>> {
    Ok(Reply::ok(voice::page(cx, &token)?.into()))
}

/// A rating: 1 (bad) to 5 (good) for each question of the page.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingBody {
    /// 1 to 5 for each question.
    pub scores: BTreeMap<String, i32>,
    /// What the business adds.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub text: String,
}

/// `POST /api/v1/public/visits/{token}/rating`: once.
///
/// # Errors
/// No visit has the token, or it has not begun; not the token of the card; rated already; a question without a score.
pub fn rate(cx: &mut Cx<'_>, token: String, body: &RatingBody) -> Result<Reply<Empty>> {
    voice::rate(cx, &token, &body.scores, &body.text)?;
    Ok(Reply::done())
}

/// A complaint about a visit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintBody {
    /// What it is about.
    #[schema(max_length = 4000)]
    pub text: String,
    /// How to reach whoever complains; may be left out.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contact: String,
}

/// `POST /api/v1/public/visits/{token}/complaint`
///
/// # Errors
/// No visit has the token, or it has not begun; too many; no text.
pub fn complain(cx: &mut Cx<'_>, token: String, body: &ComplaintBody) -> Result<Reply<Empty>> {
    voice::complain(cx, &token, &body.text, &body.contact)?;
    Ok(Reply::done())
}

/// 评价.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatingView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// 1 to 5 for each question.
    pub scores: BTreeMap<String, i32>,
    /// What the business adds; may be empty.
    pub text: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<Rating> for RatingView {
    fn from(r: Rating) -> Self {
        Self { id: r.id, visit_id: r.visit_id, scores: r.scores.0, text: r.words, created_at: r.created_at.0 }
    }
}

/// Filters of the list of ratings.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RatingQuery {
    /// Visit.
    pub visit_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/ratings`
///
/// # Errors
/// Not allowed.
pub fn ratings(cx: &mut Cx<'_>, (): (), query: RatingQuery) -> Result<Reply<Page<RatingView>>> {
    let read = |after, most| voice::list_ratings(cx, query.visit_id, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// 投诉.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComplaintView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// What it is about.
    pub text: String,
    /// How to reach whoever complains; may be empty.
    pub contact: String,
    /// What was answered.
    pub answer: String,
    /// How it ended.
    pub closing: String,
    /// Account that took it.
    pub taken_by: Option<Id>,
    /// When.
    pub taken_at: Option<DateTime<Utc>>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// `lodged`, `taken`, `answered` or `closed`.
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

impl From<Complaint> for ComplaintView {
    fn from(r: Complaint) -> Self {
        Self {
            id: r.id,
            visit_id: r.visit_id,
            text: r.words,
            contact: r.contact,
            answer: r.answer,
            closing: r.closing,
            taken_by: r.taken_by,
            taken_at: r.taken_at.map(|t| t.0),
            answered_at: r.answered_at.map(|t| t.0),
            closed_at: r.closed_at.map(|t| t.0),
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(ComplaintView);

/// Filters of the list of complaints.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ComplaintQuery {
    /// State.
    pub state: Option<String>,
    /// Visit.
    pub visit_id: Option<Id>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/complaints`
///
/// # Errors
/// Not allowed.
pub fn complaints(cx: &mut Cx<'_>, (): (), query: ComplaintQuery) -> Result<Reply<Page<ComplaintView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let state = state.map(|s| s.as_str().to_owned());
    let read = |after, most| voice::list_complaints(cx, state, query.visit_id, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/complaints/{id}`
///
/// # Errors
/// Not allowed; there is none.
pub fn complaint(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ComplaintView>> {
    Reply::of(voice::complaint(cx, id)?)
}

/// `POST /api/v1/complaints/{id}/take`
///
/// # Errors
/// Not allowed; taken already.
pub fn take(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ComplaintView>> {
    Reply::of(voice::handle(cx, id, Act::Take, "")?)
}

/// An answer, or how a complaint ended.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintText {
    /// The words.
    #[schema(max_length = 4000)]
    pub text: String,
}

/// `POST /api/v1/complaints/{id}/answer`
///
/// # Errors
/// Not allowed; not taken; closed.
pub fn answer(cx: &mut Cx<'_>, id: Id, body: &ComplaintText) -> Result<Reply<ComplaintView>> {
    Reply::of(voice::handle(cx, id, Act::Answer, &body.text)?)
}

/// `POST /api/v1/complaints/{id}/close`
///
/// # Errors
/// Not allowed; not answered.
pub fn close(cx: &mut Cx<'_>, id: Id, body: &ComplaintText) -> Result<Reply<ComplaintView>> {
    Reply::of(voice::handle(cx, id, Act::Close, &body.text)?)
}
