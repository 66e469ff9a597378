//! The two letters with the approval of the listing.

use super::visits::word;
use crate::domain::mailing::{Call, Fate, Letter, State};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::mailings;
use crate::store::mailings::{Mailing, letters as rows};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// 两次邮寄.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailingView {
    /// Identifier.
    pub id: Id,
    /// The result that says the subject cannot be reached.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that mails.
    pub department_id: Id,
    /// How often it began: once more when the time for the second letter was missed.
    pub round: i32,
    /// `registered` or `ems`.
    pub first_kind: String,
    /// Number of the first letter.
    pub first_number: String,
    /// When it was posted.
    pub first_day: NaiveDate,
    /// `returned`, `unanswered` or `signed`; empty: not known.
    pub first_end: String,
    /// When that was known.
    pub first_end_day: Option<NaiveDate>,
    /// The same of the second letter; empty: not posted.
    pub second_kind: String,
    /// Its number.
    pub second_number: String,
    /// When it was posted.
    pub second_day: Option<NaiveDate>,
    /// What became of it.
    pub second_end: String,
    /// When that was known: the day of verification.
    pub second_end_day: Option<NaiveDate>,
    /// `phone` or `sms`; empty: none.
    pub reminder_kind: String,
    /// When the business was called or written to (列异提醒).
    pub reminder_day: Option<NaiveDate>,
    /// Whom, and what was said.
    pub reminder_note: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// When the business was reached after all.
    pub reached_day: Option<NaiveDate>,
    /// Who approved what: `handed_over`, `station`, `bureau`, `returned` with the words of each.
    pub opinions: BTreeMap<String, String>,
    /// Account of the head of the station.
    pub decided_by: Option<Id>,
    /// `first_sent`, `first_failed`, `second_sent`, `second_failed`, `reminded`, `handed_over`, `station_approved`, `listed` or `reached`.
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

impl From<Mailing> for MailingView {
    fn from(r: Mailing) -> Self {
        Self {
            id: r.id,
            result_id: r.result_id,
            visit_id: r.visit_id,
            subject_id: r.subject_id,
            department_id: r.department_id,
            round: r.round,
            first_kind: r.first_kind,
            first_number: r.first_number,
            first_day: r.first_day,
            first_end: r.first_end,
            first_end_day: r.first_end_day,
            second_kind: r.second_kind,
            second_number: r.second_number,
            second_day: r.second_day,
            second_end: r.second_end,
            second_end_day: r.second_end_day,
            reminder_kind: r.reminder_kind,
            reminder_day: r.reminder_day,
            reminder_note: r.reminder_note,
            due_day: r.due_day,
            overdue: r.overdue,
            reached_day: r.reached_day,
            opinions: r.opinions.0,
            decided_by: r.decided_by,
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(MailingView);

/// A letter that was posted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterBody {
    /// `registered` or `ems`.
    #[schema(max_length = 20)]
    pub kind: String,
    /// Its number.
    #[schema(max_length = 100)]
    pub number: String,
    /// When it was posted.
    pub day: NaiveDate,
}

fn posted(body: &LetterBody) -> Result<mailings::Posted> {
    let kind = word::<Letter>(&body.kind, "/kind")?;
    Ok(mailings::Posted { kind, number: body.number.clone(), day: body.day })
}

/// `POST /api/v1/results/{id}/mailing`
///
/// # Errors
/// Not allowed; the result does not say that nobody was found; one runs already.
pub fn open(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Reply<MailingView>> {
    Reply::made(mailings::open(cx, id, &posted(body)?)?, "/api/v1/mailings")
}

/// `POST /api/v1/mailings/{id}/second`
///
/// # Errors
/// Not allowed; the first letter has not failed; too early; too late.
pub fn second(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::second(cx, id, &posted(body)?)?)
}

/// `POST /api/v1/mailings/{id}/restart`
///
/// # Errors
/// Not allowed; there is still time for the second letter.
pub fn restart(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::restart(cx, id, &posted(body)?)?)
}

/// Filters of the list of mailings.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MailingQuery {
    /// Department.
    pub department_id: Option<Id>,
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

/// `GET /api/v1/mailings`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: MailingQuery) -> Result<Reply<Page<MailingView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let filter = rows::Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        visit: query.visit_id,
        due_before: None,
    };
    let read = |after, most| mailings::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// `GET /api/v1/mailings/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<MailingView>> {
    Reply::of(mailings::get(cx, id)?)
}

/// What became of a letter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FateBody {
    /// `returned`, `unanswered` or `signed`.
    #[schema(max_length = 20)]
    pub fate: String,
    /// When that was known.
    pub day: NaiveDate,
}

/// `POST /api/v1/mailings/{id}/fate`: of the letter that is under way.
///
/// # Errors
/// Not allowed; no letter is under way.
pub fn fate(cx: &mut Cx<'_>, id: Id, body: &FateBody) -> Result<Reply<MailingView>> {
    let fate = word::<Fate>(&body.fate, "/fate")?;
    Reply::of(mailings::fate(cx, id, fate, body.day)?)
}

/// A call or SMS before the listing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingReminderBody {
    /// `phone` or `sms`.
    #[schema(max_length = 20)]
    pub kind: String,
    /// Whom, and what was said.
    #[schema(max_length = 2000)]
    pub note: String,
    /// When.
    pub day: NaiveDate,
}

/// `POST /api/v1/mailings/{id}/remind`
///
/// # Errors
/// Not allowed; not both letters have failed.
pub fn remind(cx: &mut Cx<'_>, id: Id, body: &ListingReminderBody) -> Result<Reply<MailingView>> {
    let call = word::<Call>(&body.kind, "/kind")?;
    Reply::of(mailings::remind(cx, id, call, &body.note, body.day)?)
}

/// How the business was reached.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachedBody {
    /// How.
    #[schema(max_length = 2000)]
    pub note: String,
    /// When.
    pub day: NaiveDate,
}

/// `POST /api/v1/mailings/{id}/reach`
///
/// # Errors
/// Not allowed; it has ended.
pub fn reach(cx: &mut Cx<'_>, id: Id, body: &ReachedBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::reach(cx, id, &body.note, body.day)?)
}

/// An opinion on the listing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionBody {
    /// The words.
    #[schema(max_length = 2000)]
    pub opinion: String,
}

/// `POST /api/v1/mailings/{id}/hand-over`
///
/// # Errors
/// Not allowed; the business was not reminded.
pub fn hand_over(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::hand_over(cx, id, &body.opinion)?)
}

/// `POST /api/v1/mailings/{id}/station`
///
/// # Errors
/// Not allowed; not handed over.
pub fn station(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::station(cx, id, &body.opinion)?)
}

/// `POST /api/v1/mailings/{id}/bureau`
///
/// # Errors
/// Not allowed; the station has not agreed; the same person.
pub fn bureau(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::bureau(cx, id, &body.opinion)?)
}

/// `POST /api/v1/mailings/{id}/return`
///
/// # Errors
/// Not allowed; not handed over.
pub fn send_back(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Reply<MailingView>> {
    Reply::of(mailings::send_back(cx, id, &body.opinion)?)
}

/// A letter, on the form of the listing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListingLetterView {
    /// 挂号信 or EMS.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// When it was posted.
    pub posted: NaiveDate,
    /// 退回, 无人签收 or 签收; empty: not known.
    pub fate: String,
    /// When that was known.
    pub ended: Option<NaiveDate>,
}

/// What a signatory said.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListingOpinionView {
    /// His words; empty: not yet.
    pub words: String,
    /// His name.
    pub name: String,
    /// When, `YYYY-MM-DD`; empty: not yet.
    pub day: String,
}

impl From<mailings::Opinion> for ListingOpinionView {
    fn from(o: mailings::Opinion) -> Self {
        Self { words: o.words, name: o.name, day: o.day }
    }
}

/// What 《经营异常名录审批表》 says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListingView {
    /// The mailing.
    pub id: Id,
    /// Credit code or registration number.
    pub subject_key: String,
    /// Name of the business.
    pub subject: String,
    /// Registered place.
    pub address: String,
    /// Department.
    pub department: String,
    /// Code of the visit.
    pub visit: String,
    /// Why it is to be listed.
    pub reason: String,
    /// The letters, the first one first.
    pub letters: Vec<ListingLetterView>,
    /// 电话 or 短信; empty: not reminded.
    pub reminder: String,
    /// When it was reminded.
    pub reminder_day: Option<NaiveDate>,
    /// Day of verification.
    pub verified: Option<NaiveDate>,
    /// Last day to list.
    pub due: Option<NaiveDate>,
    /// Who handed it over.
    pub handed_over: ListingOpinionView,
    /// The head of the station.
    pub station: ListingOpinionView,
    /// The bureau.
    pub bureau: ListingOpinionView,
    /// Where it stands, in Chinese.
    pub state_word: String,
}

impl From<mailings::Listing> for ListingView {
    fn from(l: mailings::Listing) -> Self {
        let letter = |l: mailings::ListingLetter| ListingLetterView {
            kind: l.kind,
            number: l.number,
            posted: l.posted,
            fate: l.fate,
            ended: l.ended,
        };
        Self {
            id: l.id,
            subject_key: l.subject_key,
            subject: l.subject,
            address: l.address,
            department: l.department,
            visit: l.visit,
            reason: l.reason.to_owned(),
            letters: l.letters.into_iter().map(letter).collect(),
            reminder: l.reminder,
            reminder_day: l.reminder_day,
            verified: l.verified,
            due: l.due,
            handed_over: l.handed_over.into(),
            station: l.station.into(),
            bureau: l.bureau.into(),
            state_word: l.state.to_owned(),
        }
    }
}

/// `GET /api/v1/mailings/{id}/listing`: the data of the approval form.
///
/// # Errors
/// Not visible.
pub fn listing(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ListingView>> {
    Ok(Reply::ok(mailings::listing(cx, id)?.into()))
}
