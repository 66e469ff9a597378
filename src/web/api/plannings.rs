//! Merge and staffing runs, and what the coordinator fixes for them.

use super::jobs;
use super::visits::{VisitView, word};
use crate::domain::job::LARGE;
use crate::domain::planning_state::{RuleKind, State};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::input::Blocker;
use crate::service::jobs::Work;
use crate::service::planning_rules::{self, NewRule};
use crate::service::plannings::{self, Again, NewPlanning, PlanningSummary, VisitChange};
use crate::service::visits as visit_service;
use crate::store::plannings::{Planning, PlanningRule};
use crate::store::visits::VisitFilter;
use crate::web::call::Call;
use crate::web::page::{After, Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanningView {
    /// Identifier.
    pub id: Id,
    /// Name.
    pub name: String,
    /// `preview`, `committed`, `discarded` or `superseded`.
    pub state: String,
    /// First day of the period.
    pub period_from: NaiveDate,
    /// Last day.
    pub period_to: NaiveDate,
    /// Joint inspections.
    pub inspections: Vec<Id>,
    /// Whether single tasks are in it.
    pub singles: bool,
    /// SHA-256 of the canonical text of what it was computed from.
    pub input_digest: String,
    /// Seed of the teams.
    pub seed: String,
    /// Where the seed comes from.
    pub draw_ref: String,
    /// The run it was made from.
    pub basis_id: Option<Id>,
    /// Figures.
    pub summary: PlanningSummary,
    /// What could not be merged or staffed; in lists left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blockers: Option<Vec<Blocker>>,
    /// What differs from the run it was made from; in lists left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<VisitChange>>,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

fn doc<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|e| Error::internal(&e))
}

fn view(row: Planning, details: bool) -> Result<PlanningView> {
    Ok(PlanningView {
        id: row.id,
        name: row.name,
        state: row.state,
        period_from: row.period_from,
        period_to: row.period_to,
        inspections: row.inspections.0,
        singles: row.singles,
        input_digest: row.input_digest,
        seed: row.seed,
        draw_ref: row.draw_ref,
        basis_id: row.basis_id,
        summary: doc(row.summary.0)?,
        blockers: if details { Some(doc(row.blockers.0)?) } else { None },
        changes: if details { Some(doc(row.changes.0)?) } else { None },
        version: row.version,
        created_at: row.created_at.0,
        updated_at: row.updated_at.0,
    })
}

/// As a list shows it, without what could not be planned.
impl TryFrom<Planning> for PlanningView {
    type Error = Error;

    fn try_from(row: Planning) -> Result<Self> {
        view(row, false)
    }
}

versioned!(PlanningView);

fn reply(row: Planning) -> Result<Reply<PlanningView>> {
    Reply::of(view(row, true)?)
}

/// What is to be planned.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlanningBody {
    /// Name; made from the period when absent.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
    /// First day; nothing is put before tomorrow.
    pub period_from: NaiveDate,
    /// Last day, included.
    pub period_to: NaiveDate,
    /// Joint inspections whose tasks are taken; they must be drawn.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub inspections: Vec<Id>,
    /// Whether tasks outside joint inspections are taken.
    #[serde(default)]
    pub singles: bool,
}

/// `POST /api/v1/plannings`: reads, computes outside any transaction, then writes the preview.
///
/// # Errors
/// Not allowed; every fault of the fields; inspections that are not drawn.
pub fn create(call: &Call, (): (), body: NewPlanningBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let new = NewPlanning {
        name: body.name,
        from: body.period_from,
        to: body.period_to,
        inspections: body.inspections,
        singles: body.singles,
    };
    let gathered = call.read(|cx| plannings::gather(cx, &new))?;
    saved(call, plannings::compute(gathered)?)
}

/// Computes a run at once, or as work to be left when it is large.
///
/// # Errors
/// As [`create`].
pub fn create_or_start(call: &Call, body: NewPlanningBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let new = NewPlanning {
        name: body.name.clone(),
        from: body.period_from,
        to: body.period_to,
        inspections: body.inspections.clone(),
        singles: body.singles,
    };
    let gathered = call.read(|cx| plannings::gather(cx, &new))?;
    if gathered.tasks() < LARGE {
        return saved(call, plannings::compute(gathered)?);
    }
    jobs::started(call, jobs::planned(body))
}

/// How a run after a change is made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RerunBody {
    /// Whether tasks that have become ready since enter as well; yes when absent.
    #[serde(default)]
    pub include_new: Option<bool>,
    /// Another last day.
    #[serde(default)]
    pub period_to: Option<NaiveDate>,
}

/// `POST /api/v1/plannings/{id}/rerun`: a new preview in which as little as possible differs.
///
/// # Errors
/// Not allowed; the run is not in force.
pub fn rerun(call: &Call, id: Id, body: RerunBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let again = Again { include_new: body.include_new.unwrap_or(true), to: body.period_to };
    let gathered = call.read(|cx| plannings::gather_again(cx, id, again))?;
    saved(call, plannings::compute(gathered)?)
}

/// Computes a run after a change at once, or as work to be left when it is large.
///
/// # Errors
/// As [`rerun`].
pub fn rerun_or_start(call: &Call, id: Id, body: RerunBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let again = Again { include_new: body.include_new.unwrap_or(true), to: body.period_to };
    let gathered = call.read(|cx| plannings::gather_again(cx, id, again))?;
    if gathered.tasks() < LARGE {
        return saved(call, plannings::compute(gathered)?);
    }
    jobs::started(call, Work::Rerun { planning: id, include_new: again.include_new, to: again.to })
}

fn saved(call: &Call, draft: plannings::Draft) -> Result<Answer> {
    call.write(move |cx| {
        let row = plannings::save(cx, &draft)?;
        Reply::<PlanningView>::made(view(row, true)?, "/api/v1/plannings")
    })
}

/// `GET /api/v1/plannings/{id}`
///
/// # Errors
/// Not allowed; not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PlanningView>> {
    reply(plannings::get(cx, id)?)
}

/// Filters of the list of runs.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PlanningQuery {
    /// State.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/plannings`, newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: PlanningQuery) -> Result<Reply<Page<PlanningView>>> {
    let state = query.state.as_deref().map(|s| word::<State>(s, "state")).transpose()?;
    let read = |after, most| plannings::list(cx, state, after, most);
    by_id(query.after.as_ref(), query.limit, read, |p| p.id)
}

/// `GET /api/v1/plannings/{id}/visits`, also of a preview.
///
/// # Errors
/// Not allowed; not visible.
pub fn visits(cx: &mut Cx<'_>, id: Id, query: After) -> Result<Reply<Page<VisitView>>> {
    plannings::get(cx, id)?;
    let filter = VisitFilter { planning: Some(id), ..VisitFilter::default() };
    let read = |after, most| visit_service::list(cx, &filter, after, most);
    by_id(query.after.as_ref(), query.limit, read, |w| w.visit.id)
}

/// `POST /api/v1/plannings/{id}/commit`
///
/// # Errors
/// Not allowed; no preview; something it was computed from has changed.
pub fn commit(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<PlanningView>> {
    reply(plannings::commit(cx, id)?)
}

/// `POST /api/v1/plannings/{id}/discard`
///
/// # Errors
/// Not allowed; no preview.
pub fn discard(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<PlanningView>> {
    reply(plannings::discard(cx, id)?)
}

/// A rule for the next runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanningRuleView {
    /// Identifier.
    pub id: Id,
    /// `pin` or `split`.
    pub kind: String,
    /// Subject.
    pub subject_id: Option<Id>,
    /// Tasks; empty: all of the subject.
    pub tasks: Vec<Id>,
    /// The day, for a pin.
    pub day: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// `active` or `ended`.
    pub state: String,
    /// Who made it.
    pub created_by: Id,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl From<PlanningRule> for PlanningRuleView {
    fn from(row: PlanningRule) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            subject_id: row.subject_id,
            tasks: row.tasks.0,
            day: row.on_day,
            reason: row.reason,
            state: row.state,
            created_by: row.created_by,
            created_at: row.created_at.0,
        }
    }
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanningRuleKind {
    /// A day.
    Pin,
    /// A door of their own.
    Split,
}

/// A rule to make: about a visit, tasks, or a subject.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlanningRuleBody {
    /// What it does.
    pub kind: PlanningRuleKind,
    /// A visit: all its tasks.
    #[serde(default)]
    pub visit_id: Option<Id>,
    /// Tasks.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub tasks: Vec<Id>,
    /// A subject: all its tasks, also later ones.
    #[serde(default)]
    pub subject_id: Option<Id>,
    /// The day, for a pin.
    #[serde(default)]
    pub day: Option<NaiveDate>,
    /// Why.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// `POST /api/v1/planning-rules`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create_rule(cx: &mut Cx<'_>, (): (), body: &NewPlanningRuleBody) -> Result<Reply<PlanningRuleView>> {
    let new = NewRule {
        kind: match body.kind {
            PlanningRuleKind::Pin => RuleKind::Pin,
            PlanningRuleKind::Split => RuleKind::Split,
        },
        visit: body.visit_id,
        tasks: body.tasks.clone(),
        subject: body.subject_id,
        day: body.day,
        reason: body.reason.clone(),
    };
    let row = planning_rules::create(cx, &new)?;
    let place = format!("/api/v1/planning-rules/{}", row.id);
    Ok(Reply::created(PlanningRuleView::from(row), place))
}

/// The rules in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanningRuleList {
    /// Oldest first.
    pub items: Vec<PlanningRuleView>,
}

/// `GET /api/v1/planning-rules`
///
/// # Errors
/// Not allowed.
pub fn rules(cx: &mut Cx<'_>, (): (), _: NoQuery) -> Result<Reply<PlanningRuleList>> {
    let items = planning_rules::list(cx)?.into_iter().map(PlanningRuleView::from).collect();
    Ok(Reply::ok(PlanningRuleList { items }))
}

/// `GET /api/v1/planning-rules/{id}`
///
/// # Errors
/// Not allowed; not visible.
pub fn rule(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PlanningRuleView>> {
    Ok(Reply::ok(planning_rules::get(cx, id)?.into()))
}

/// `POST /api/v1/planning-rules/{id}/end`
///
/// # Errors
/// Not allowed; it has ended.
pub fn end_rule(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<PlanningRuleView>> {
    Ok(Reply::ok(planning_rules::end(cx, id)?.into()))
}
