//! Referrals and copy notices between departments.

use super::results::ResultView;
use super::visits::word;
use crate::domain::referral::{Act, Kind, State};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::referrals;
use crate::store::follow_up::{Referral, referrals as rows};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// 移送.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferralView {
    /// Identifier.
    pub id: Id,
    /// `case_referral` or `copy_notice`.
    pub kind: String,
    /// The result it cites.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that sends.
    pub from_department_id: Id,
    /// The department that receives.
    pub to_department_id: Id,
    /// What the clue is, or what is brought to notice.
    pub what: String,
    /// Legal basis; may be empty.
    pub basis: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// Why it was refused.
    pub refusal: String,
    /// What the receiver did.
    pub feedback: String,
    /// How the sender ended it.
    pub closing: String,
    /// Account that sent it.
    pub sent_by: Id,
    /// When it was sent last.
    pub sent_at: DateTime<Utc>,
    /// When it was received.
    pub received_at: Option<DateTime<Utc>>,
    /// When feedback came.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// How often it was sent.
    pub rounds: i32,
    /// `sent`, `received`, `answered`, `refused` or `closed`.
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

impl From<Referral> for ReferralView {
    fn from(r: Referral) -> Self {
        Self {
            id: r.id,
            kind: r.kind,
            result_id: r.result_id,
            visit_id: r.visit_id,
            subject_id: r.subject_id,
            from_department_id: r.from_id,
            to_department_id: r.to_id,
            what: r.what,
            basis: r.basis,
            due_day: r.due_day,
            overdue: r.overdue,
            refusal: r.refusal,
            feedback: r.feedback,
            closing: r.closing,
            sent_by: r.sent_by,
            sent_at: r.sent_at.0,
            received_at: r.received_at.map(|t| t.0),
            answered_at: r.answered_at.map(|t| t.0),
            closed_at: r.closed_at.map(|t| t.0),
            rounds: r.rounds,
            state_word: State::parse(&r.state).map_or("", State::word).to_owned(),
            state: r.state,
            version: r.version,
            created_at: r.created_at.0,
            updated_at: r.updated_at.0,
        }
    }
}

versioned!(ReferralView);

/// What is passed on to another department.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralBody {
    /// `case_referral` or `copy_notice`.
    #[schema(max_length = 20)]
    pub kind: String,
    /// The result it cites.
    pub result_id: Id,
    /// The department that receives it.
    pub to_department_id: Id,
    /// What it is.
    #[schema(max_length = 4000)]
    pub what: String,
    /// Legal basis.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub basis: String,
}

/// `POST /api/v1/referrals`
///
/// # Errors
/// Not allowed; the result is not settled; a department that cannot receive it.
pub fn send(cx: &mut Cx<'_>, (): (), body: &ReferralBody) -> Result<Reply<ReferralView>> {
    let clue = referrals::Clue {
        kind: word::<Kind>(&body.kind, "/kind")?,
        result: body.result_id,
        to: body.to_department_id,
        what: body.what.clone(),
        basis: body.basis.clone(),
    };
    Reply::made(referrals::send(cx, &clue)?, "/api/v1/referrals")
}

/// Filters of the list of referrals.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ReferralQuery {
    /// Department that sent them.
    pub from_department_id: Option<Id>,
    /// Department that receives them.
    pub to_department_id: Option<Id>,
    /// Kind.
    pub kind: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Visit.
    pub visit_id: Option<Id>,
    /// Only those whose last day has passed.
    pub late: Option<bool>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/referrals`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: ReferralQuery) -> Result<Reply<Page<ReferralView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let kind = query.kind.as_deref().map(|s| word::<Kind>(s, "kind")).transpose()?;
    let filter = rows::Filter {
        department: None,
        from: query.from_department_id,
        to: query.to_department_id,
        kind: kind.map(|k| k.as_str().to_owned()),
        state: state.map(|s| s.as_str().to_owned()),
        visit: query.visit_id,
        due_before: query.late.filter(|late| *late).map(|_| cx.today()),
    };
    let read = |after, most| referrals::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// A referral with the result it cites.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferralAndResult {
    /// The referral.
    pub referral: ReferralView,
    /// The result, as it is now.
    pub result: ResultView,
}

/// `GET /api/v1/referrals/{id}`: with the result it cites.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ReferralAndResult>> {
    let (row, result) = referrals::get(cx, id)?;
    let version = row.version;
    Ok(Reply::ok(ReferralAndResult { referral: row.into(), result: result.into() }).version(version))
}

/// What is said with a step.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralText {
    /// The words.
    #[schema(max_length = 4000)]
    pub text: String,
}

/// A referral that is sent again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralAgain {
    /// Another department; absent: the same.
    #[serde(default)]
    pub to_department_id: Option<Id>,
    /// What is added.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub text: String,
}

/// `POST /api/v1/referrals/{id}/receive`
///
/// # Errors
/// Not the receiver; the state or the kind does not allow it.
pub fn receive(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Receive, "", None)?)
}

/// `POST /api/v1/referrals/{id}/acknowledge`
///
/// # Errors
/// Not the receiver; the state or the kind does not allow it.
pub fn acknowledge(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Acknowledge, "", None)?)
}

/// `POST /api/v1/referrals/{id}/refuse`
///
/// # Errors
/// Not the receiver; the state does not allow it; no reason.
pub fn refuse(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Refuse, &body.text, None)?)
}

/// `POST /api/v1/referrals/{id}/answer`
///
/// # Errors
/// Not the receiver; the state does not allow it; no text.
pub fn answer(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Answer, &body.text, None)?)
}

/// `POST /api/v1/referrals/{id}/close`
///
/// # Errors
/// Not the sender; the state does not allow it; no text.
pub fn close(cx: &mut Cx<'_>, id: Id, body: &ReferralText) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Close, &body.text, None)?)
}

/// `POST /api/v1/referrals/{id}/send`
///
/// # Errors
/// Not the sender; it did not come back.
pub fn send_again(cx: &mut Cx<'_>, id: Id, body: &ReferralAgain) -> Result<Reply<ReferralView>> {
    Reply::of(referrals::act(cx, id, Act::Send, &body.text, body.to_department_id)?)
}
