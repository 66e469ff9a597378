//! Results on their way to the public, publication periods, the joint conclusion.

use super::visits::word;
use crate::domain::result::{Act, Countdown, State};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::finish::{self, Joint};
use crate::service::results::publications::{self, Period};
use crate::service::results::{self, review};
use crate::store::results::{CheckResult, Filter};
use crate::web::page::{Cursor, by_id, by_key};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A result.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// Task.
    pub task_id: Id,
    /// Item.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// The department that owns the item.
    pub department_id: Id,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// What was found.
    pub outcomes: Vec<String>,
    /// The same in Chinese.
    pub outcome_words: Vec<String>,
    /// How it was checked.
    pub methods: Vec<String>,
    /// Law that was broken.
    pub law: String,
    /// What was found, in words.
    pub other: String,
    /// What follows.
    pub follow_up: Vec<String>,
    /// Remark.
    pub note: String,
    /// `draft`, `entered`, `confirmed`, `reviewed`, `returned`, `approved`, `published` or `corrected`.
    pub state: String,
    /// Inspector of the A post.
    pub entered_by: Option<Id>,
    /// When.
    pub entered_at: Option<DateTime<Utc>>,
    /// Inspector of the B post.
    pub confirmed_by: Option<Id>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Account that reviewed it.
    pub reviewed_by: Option<Id>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Why it came back, or why it is corrected.
    pub review_note: String,
    /// Account that approved it.
    pub approved_by: Option<Id>,
    /// When.
    pub approved_at: Option<DateTime<Utc>>,
    /// Published.
    pub published_at: Option<DateTime<Utc>>,
    /// Number of the version, from 1.
    pub revision: i32,
    /// Whether it is the version that counts.
    pub current: bool,
    /// The version before.
    pub previous_id: Option<Id>,
    /// Version of the row, also the ETag.
    pub version: i64,
}

impl From<CheckResult> for ResultView {
    fn from(r: CheckResult) -> Self {
        Self {
            outcome_words: results::outcomes(&r).iter().map(|o| o.word().to_owned()).collect(),
            id: r.id,
            visit_id: r.visit_id,
            task_id: r.task_id,
            item_id: r.item_id,
            subject_id: r.subject_id,
            department_id: r.department_id,
            inspection_id: r.inspection_id,
            outcomes: r.outcomes.0,
            methods: r.methods.0,
            law: r.law,
            other: r.other,
            follow_up: r.follow_up.0,
            note: r.note,
            state: r.state,
            entered_by: r.entered_by,
            entered_at: r.entered_at.map(|t| t.0),
            confirmed_by: r.confirmed_by,
            confirmed_at: r.confirmed_at.map(|t| t.0),
            reviewed_by: r.reviewed_by,
            reviewed_at: r.reviewed_at.map(|t| t.0),
            review_note: r.review_note,
            approved_by: r.approved_by,
            approved_at: r.approved_at.map(|t| t.0),
            published_at: r.published_at.map(|t| t.0),
            revision: r.revision,
            current: r.current,
            previous_id: r.previous_id,
            version: r.version,
        }
    }
}

versioned!(ResultView);

/// Filters of the list of results.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ResultQuery {
    /// State.
    pub state: Option<String>,
    /// Department.
    pub department_id: Option<Id>,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Visit.
    pub visit_id: Option<Id>,
    /// Subject.
    pub subject_id: Option<Id>,
    /// Only those not published although the last day has passed.
    pub late: Option<bool>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/results`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: ResultQuery) -> Result<Reply<Page<ResultView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let filter = Filter {
        state: state.map(|s| s.as_str().to_owned()),
        department: query.department_id,
        inspection: query.inspection_id,
        visit: query.visit_id,
        subject: query.subject_id,
        late: query.late.unwrap_or(false),
        ..Filter::default()
    };
    let read = |after, most| results::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |r| r.id)
}

/// A result with all its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultAndVersions {
    /// The result.
    pub result: ResultView,
    /// All versions, the oldest first, this one among them.
    pub revisions: Vec<ResultView>,
}

/// `GET /api/v1/results/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ResultAndVersions>> {
    let (row, _) = results::get(cx, id)?;
    let version = row.version;
    let revisions = results::revisions(cx, id)?.into_iter().map(ResultView::from).collect();
    Ok(Reply::ok(ResultAndVersions { result: row.into(), revisions }).version(version))
}

/// `POST /api/v1/results/{id}/review`
///
/// # Errors
/// Not allowed; not confirmed; one's own.
pub fn review(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ResultView>> {
    Reply::of(review::act(cx, id, Act::Review, "")?)
}

/// Why a result goes back, or is corrected.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultReason {
    /// Why.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// `POST /api/v1/results/{id}/return`
///
/// # Errors
/// Not allowed; the state does not allow it; no reason.
pub fn send_back(cx: &mut Cx<'_>, id: Id, body: &ResultReason) -> Result<Reply<ResultView>> {
    Reply::of(review::act(cx, id, Act::Return, &body.reason)?)
}

/// `POST /api/v1/results/{id}/approve`
///
/// # Errors
/// Not allowed; not reviewed; one's own.
pub fn approve(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ResultView>> {
    Reply::of(review::act(cx, id, Act::Approve, "")?)
}

/// `POST /api/v1/results/{id}/publish`
///
/// # Errors
/// Not allowed; not approved; the visit has not ended.
pub fn publish(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ResultView>> {
    Reply::of(review::act(cx, id, Act::Publish, "")?)
}

/// `POST /api/v1/results/{id}/correct`
///
/// # Errors
/// Not allowed; not published; a correction is open.
pub fn correct(cx: &mut Cx<'_>, id: Id, body: &ResultReason) -> Result<Reply<ResultView>> {
    Reply::made(review::correct(cx, id, &body.reason)?, "/api/v1/results")
}

/// Results.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultIds {
    /// Which; at most 500.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Id>,
}

/// Results that go back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultIdsAndReason {
    /// Which; at most 500.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Id>,
    /// Why.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// Results that were moved.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovedResults {
    /// How many.
    pub count: usize,
    /// What they are now.
    pub results: Vec<ResultView>,
}

fn many(cx: &mut Cx<'_>, ids: &[Id], act: Act, note: &str) -> Result<Reply<MovedResults>> {
    let results: Vec<ResultView> =
        review::many(cx, ids, act, note)?.into_iter().map(ResultView::from).collect();
    Ok(Reply::ok(MovedResults { count: results.len(), results }))
}

/// `POST /api/v1/results/review`
///
/// # Errors
/// What keeps any of them back; then none is moved.
pub fn review_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Reply<MovedResults>> {
    many(cx, &body.ids, Act::Review, "")
}

/// `POST /api/v1/results/return`
///
/// # Errors
/// What keeps any of them back; then none is moved.
pub fn return_many(cx: &mut Cx<'_>, (): (), body: &ResultIdsAndReason) -> Result<Reply<MovedResults>> {
    many(cx, &body.ids, Act::Return, &body.reason)
}

/// `POST /api/v1/results/approve`
///
/// # Errors
/// What keeps any of them back; then none is moved.
pub fn approve_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Reply<MovedResults>> {
    many(cx, &body.ids, Act::Approve, "")
}

/// `POST /api/v1/results/publish`
///
/// # Errors
/// What keeps any of them back; then none is moved.
pub fn publish_many(cx: &mut Cx<'_>, (): (), body: &ResultIds) -> Result<Reply<MovedResults>> {
    many(cx, &body.ids, Act::Publish, "")
}

/// How long a department has to publish what it found at a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicationView {
    /// Visit.
    pub visit_id: Id,
    /// Its code.
    pub visit: String,
    /// Department.
    pub department_id: Id,
    /// Its name.
    pub department: String,
    /// End of the inspection.
    pub end_day: NaiveDate,
    /// Last day to publish.
    pub due_day: NaiveDate,
    /// Working days left; negative: late; none when complete.
    pub days_left: Option<i64>,
    /// The countdown in words.
    pub countdown: String,
    /// Reminders sent.
    pub reminders: i32,
    /// `yellow`, `red` or empty.
    pub card: String,
    /// When the last of its results was published.
    pub done_at: Option<DateTime<Utc>>,
}

impl From<Period> for PublicationView {
    fn from(p: Period) -> Self {
        Self {
            visit_id: p.row.visit_id,
            visit: p.visit,
            department_id: p.row.department_id,
            department: p.department,
            end_day: p.row.end_day,
            due_day: p.row.due_day,
            days_left: p.countdown.map(|c| match c {
                Countdown::Left(days) => i64::from(days),
                Countdown::Today => 0,
                Countdown::Late(days) => -i64::from(days),
            }),
            countdown: p.countdown.map_or_else(|| "已公示".to_owned(), Countdown::words),
            reminders: p.row.reminders,
            card: p.row.card,
            done_at: p.row.done_at.map(|t| t.0),
        }
    }
}

/// Filters of the list of publication periods.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PublicationQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// Only those not complete (`true`), or only complete ones (`false`).
    pub open: Option<bool>,
    /// Only those not complete although the last day has passed.
    pub late: Option<bool>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/publications`: the most urgent first.
///
/// # Errors
/// Not allowed; a cursor of another list.
pub fn periods(cx: &mut Cx<'_>, (): (), query: PublicationQuery) -> Result<Reply<Page<PublicationView>>> {
    let place = |cursor: &Cursor| {
        let mut parts = cursor.split('|');
        let day = parts.next()?.parse().ok()?;
        let visit = parts.next()?.parse().ok()?;
        let department = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some((day, visit, department))
    };
    let after = query
        .after
        .as_ref()
        .map(|c| place(c).ok_or_else(|| Error::field("after", "invalid_cursor", "不是本列表的游标")))
        .transpose()?;
    let late = query.late.unwrap_or(false);
    let read = |most| publications::list(cx, query.department_id, query.open, late, after, most);
    by_key(query.limit, read, |p| format!("{}|{}|{}", p.row.due_day, p.row.visit_id, p.row.department_id))
}

/// A result that counts, with the name of its item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConclusionItem {
    /// Task.
    pub task_id: Id,
    /// The item.
    pub item: String,
    /// What was found.
    pub outcomes: Vec<String>,
    /// The same in Chinese.
    pub outcome_words: Vec<String>,
}

/// What one department found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConclusionPart {
    /// Department.
    pub department_id: Id,
    /// Its name.
    pub department: String,
    /// `passed`, `problem` or `not_judged`.
    pub conclusion: String,
    /// The same in Chinese.
    pub word: String,
    /// Item by item.
    pub results: Vec<ConclusionItem>,
}

/// The joint conclusion of a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConclusionView {
    /// Visit.
    pub visit_id: Id,
    /// Its code.
    pub visit: String,
    /// Key of the subject.
    pub subject_key: String,
    /// Its name.
    pub subject: String,
    /// `passed`, `problem` or `not_judged`.
    pub conclusion: String,
    /// The same in Chinese.
    pub word: String,
    /// Department by department.
    pub departments: Vec<ConclusionPart>,
}

impl From<Joint> for ConclusionView {
    fn from(j: Joint) -> Self {
        Self {
            visit_id: j.whole.visit.id,
            visit: j.whole.visit.code,
            subject_key: j.whole.subject.key,
            subject: j.whole.subject.name,
            conclusion: j.conclusion.as_str().to_owned(),
            word: j.conclusion.word().to_owned(),
            departments: j
                .parts
                .into_iter()
                .map(|p| ConclusionPart {
                    department_id: p.department,
                    department: p.name,
                    conclusion: p.conclusion.as_str().to_owned(),
                    word: p.conclusion.word().to_owned(),
                    results: p
                        .results
                        .into_iter()
                        .map(|(r, item)| ConclusionItem {
                            task_id: r.task_id,
                            item,
                            outcome_words: results::outcomes(&r)
                                .iter()
                                .map(|o| o.word().to_owned())
                                .collect(),
                            outcomes: r.outcomes.0,
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

/// `GET /api/v1/visits/{id}/conclusion`
///
/// # Errors
/// Not visible; not all departments have published.
pub fn conclusion(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ConclusionView>> {
    Ok(Reply::ok(finish::joint(cx, id)?.into()))
}
