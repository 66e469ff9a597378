//! Visits and tasks: who goes where and when, and what is to be done there.

use crate::domain::cap::Exemption;
use crate::domain::states::Word;
use crate::domain::task_state;
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::tasks::{self as task_service, NewTask};
use crate::service::visits::{self, Whole};
use crate::store::tasks::{Task, TaskFilter};
use crate::store::visits::VisitFilter;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A word of the domain by its name.
///
/// # Errors
/// There is none of that name; lists those there are.
pub fn word<W: Word>(text: &str, field: &str) -> Result<W> {
    W::parse(text).ok_or_else(|| {
        let known: Vec<&str> = W::ALL.iter().map(|w| w.as_str()).collect();
        Error::field(field, "unknown_value", format!("只能是:{}", known.join("、")))
    })
}

/// The subject of a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitSubject {
    /// Identifier.
    pub id: Id,
    /// Credit code or registration number.
    pub key: String,
    /// Name.
    pub name: String,
    /// 乡镇街道.
    pub town: String,
    /// Address.
    pub address: String,
}

/// A department that takes part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitDepartmentView {
    /// Identifier.
    pub id: Id,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A task of a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitTaskView {
    /// Identifier.
    pub id: Id,
    /// Code.
    pub code: String,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// Its name.
    pub item: String,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// State.
    pub state: String,
}

/// A seat of the team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatView {
    /// Identifier.
    pub id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// His code.
    pub code: String,
    /// His name.
    pub name: String,
    /// His department.
    pub department_id: Id,
    /// `lead_inspector`, `second_inspector`, `member` or `expert`.
    pub role: String,
    /// `proposed` or `assigned`.
    pub state: String,
    /// How he was drawn.
    pub draw_ref: String,
}

/// A visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitView {
    /// Identifier.
    pub id: Id,
    /// Code.
    pub code: String,
    /// Planning run.
    pub planning_id: Id,
    /// Subject.
    pub subject: VisitSubject,
    /// Day; none while it has no team.
    pub day: Option<NaiveDate>,
    /// Start, `HH:MM`.
    pub start: Option<String>,
    /// Minutes at the subject.
    pub minutes: i32,
    /// State.
    pub state: String,
    /// Whether the business is told beforehand.
    pub announced: bool,
    /// The department that leads.
    pub lead_department_id: Option<Id>,
    /// Departments, by rank.
    pub departments: Vec<VisitDepartmentView>,
    /// Tasks.
    pub tasks: Vec<VisitTaskView>,
    /// The team.
    pub seats: Vec<SeatView>,
    /// Why it has no team.
    #[schema(value_type = Vec<crate::service::input::Blocker>)]
    pub blockers: Value,
    /// When the team was sent out.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// Version, also the ETag.
    pub version: i64,
}

impl From<Whole> for VisitView {
    fn from(whole: Whole) -> Self {
        let v = whole.visit;
        Self {
            id: v.id,
            code: v.code,
            planning_id: v.planning_id,
            subject: VisitSubject {
                id: whole.subject.id,
                key: whole.subject.key,
                name: whole.subject.name,
                town: whole.subject.town,
                address: whole.subject.address,
            },
            day: v.on_day,
            start: v.start_minute.map(|m| format!("{:02}:{:02}", m / 60, m % 60)),
            minutes: v.minutes,
            state: v.state,
            announced: v.announced,
            lead_department_id: v.lead_department_id,
            departments: whole
                .departments
                .into_iter()
                .map(|d| VisitDepartmentView { id: d.id, code: d.code, name: d.name })
                .collect(),
            tasks: whole
                .tasks
                .into_iter()
                .map(|(t, i)| VisitTaskView {
                    id: t.id,
                    code: t.code,
                    department_id: t.department_id,
                    item_id: t.item_id,
                    item: i.name,
                    inspection_id: t.inspection_id,
                    state: t.state,
                })
                .collect(),
            seats: whole
                .team
                .into_iter()
                .map(|(s, p)| SeatView {
                    id: s.id,
                    inspector_id: s.inspector_id,
                    code: p.code,
                    name: p.name,
                    department_id: s.department_id,
                    role: s.role,
                    state: s.state,
                    draw_ref: s.draw_ref,
                })
                .collect(),
            blockers: v.reasons.0,
            dispatched_at: v.dispatched_at.map(|t| t.0),
            version: v.version,
        }
    }
}

versioned!(VisitView);

/// Filters of the list of visits.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct VisitQuery {
    /// Joint inspection.
    pub inspection: Option<Id>,
    /// A department that takes part.
    pub department: Option<Id>,
    /// Subject.
    pub subject: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/visits`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: VisitQuery) -> Result<Reply<Page<VisitView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let filter = VisitFilter {
        inspection: query.inspection,
        department: query.department,
        subject: query.subject,
        state: state.map(|s| s.as_str().to_owned()),
        from: query.from,
        to: query.to,
        ..VisitFilter::default()
    };
    let read = |after, most| visits::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |w| w.visit.id)
}

/// Filters of one's own visits.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MyVisitQuery {
    /// State.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/my/visits`: those on whose teams one is, once they are dispatched.
///
/// # Errors
/// Nobody has logged in.
pub fn mine(cx: &mut Cx<'_>, (): (), query: MyVisitQuery) -> Result<Reply<Page<VisitView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let state = state.map(|s| s.as_str().to_owned());
    let read = |after, most| visits::mine(cx, state, after, most);
    by_id(query.after.as_ref(), query.limit, read, |w| w.visit.id)
}

/// `GET /api/v1/visits/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<VisitView>> {
    Reply::of(visits::get(cx, id)?)
}

/// `POST /api/v1/visits/{id}/dispatch`
///
/// # Errors
/// Not allowed; not staffed; too late to announce it; a cap is used up.
pub fn dispatch(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<VisitView>> {
    Reply::of(visits::dispatch(cx, id)?)
}

/// The visits that were dispatched.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dispatched {
    /// How many.
    pub count: usize,
    /// Which.
    pub visits: Vec<Id>,
}

/// `POST /api/v1/inspections/{id}/dispatch`
///
/// # Errors
/// Not allowed; not staffed; what keeps any visit back.
pub fn dispatch_inspection(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<Dispatched>> {
    let sent = visits::dispatch_inspection(cx, id)?;
    let visits: Vec<Id> = sent.iter().map(|w| w.visit.id).collect();
    Ok(Reply::ok(Dispatched { count: visits.len(), visits }))
}

/// A task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskView {
    /// Identifier.
    pub id: Id,
    /// Code.
    pub code: String,
    /// Joint inspection; none: a single task.
    pub inspection_id: Option<Id>,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// First day.
    pub earliest: NaiveDate,
    /// Last day, included.
    pub latest: NaiveDate,
    /// Minutes.
    pub minutes: i32,
    /// `on_site`, `written` or `online`.
    pub mode: String,
    /// `unannounced`, `announced` or `either`.
    pub notice: String,
    /// 1 is the most urgent.
    pub priority: i32,
    /// `ready`, `planned`, `done` or `cancelled`.
    pub state: String,
    /// Planning run.
    pub planning_id: Option<Id>,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl From<Task> for TaskView {
    fn from(t: Task) -> Self {
        Self {
            id: t.id,
            code: t.code,
            inspection_id: t.inspection_id,
            department_id: t.department_id,
            item_id: t.item_id,
            subject_id: t.subject_id,
            earliest: t.earliest,
            latest: t.latest,
            minutes: t.minutes,
            mode: t.mode,
            notice: t.notice,
            priority: t.priority,
            state: t.state,
            planning_id: t.planning_id,
            version: t.version,
            created_at: t.created_at.0,
        }
    }
}

versioned!(TaskView);

/// Filters of the list of tasks.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TaskQuery {
    /// Department.
    pub department: Option<Id>,
    /// Joint inspection.
    pub inspection: Option<Id>,
    /// Subject.
    pub subject: Option<Id>,
    /// Item.
    pub item: Option<Id>,
    /// State.
    pub state: Option<String>,
    /// Only single tasks (`true`) or only those of joint inspections (`false`).
    pub single: Option<bool>,
    /// Windows that do not end before this day.
    pub from: Option<NaiveDate>,
    /// Windows that do not begin after this day.
    pub to: Option<NaiveDate>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/tasks`
///
/// # Errors
/// Not allowed.
pub fn tasks(cx: &mut Cx<'_>, (): (), query: TaskQuery) -> Result<Reply<Page<TaskView>>> {
    let state = query.state.as_deref().map(|s| word::<task_state::State>(s, "state")).transpose()?;
    let filter = TaskFilter {
        department: query.department,
        inspection: query.inspection,
        subject: query.subject,
        item: query.item,
        state: state.map(|s| s.as_str().to_owned()),
        states: None,
        single: query.single,
        from: query.from,
        to: query.to,
    };
    let read = |after, most| task_service::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |t| t.id)
}

/// `GET /api/v1/tasks/{id}`
///
/// # Errors
/// Not visible.
pub fn task(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<TaskView>> {
    Reply::of(task_service::get(cx, id)?)
}

/// A single task of one's own department.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaskBody {
    /// Item of one's own department, published.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// First day.
    pub earliest: NaiveDate,
    /// Last day, included.
    pub latest: NaiveDate,
    /// Minutes; those of the item when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
    /// 1 (most urgent) to 9; 3 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9)]
    pub priority: Option<i32>,
    /// The cause for which it does not count against the yearly cap.
    #[serde(default)]
    pub cause: Option<String>,
    /// Why it is done.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// `POST /api/v1/tasks`
///
/// # Errors
/// Not allowed; every fault of the fields; the cap is used up.
pub fn create_task(cx: &mut Cx<'_>, (): (), body: &NewTaskBody) -> Result<Reply<TaskView>> {
    let new = NewTask {
        item: body.item_id,
        subject: body.subject_id,
        earliest: body.earliest,
        latest: body.latest,
        minutes: body.minutes,
        priority: body.priority.unwrap_or(3),
        cause: body.cause.as_deref().map(|c| word::<Exemption>(c, "/cause")).transpose()?,
        reason: body.reason.clone(),
    };
    Reply::made(task_service::create(cx, &new)?, "/api/v1/tasks")
}

/// Why a task is cancelled.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// Why.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// `POST /api/v1/tasks/{id}/cancel`
///
/// # Errors
/// Not allowed; it is done or cancelled; its visit has begun.
pub fn cancel_task(cx: &mut Cx<'_>, id: Id, body: &CancelBody) -> Result<Reply<TaskView>> {
    Reply::of(task_service::cancel(cx, id, &body.reason)?)
}
