//! Plan entries against the rules and against what was done.

use crate::domain::plan_check::Bounds;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::plan_check::{self, Based};
use crate::web::parse::NoQuery;
use crate::web::reply::Reply;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Who a plan entry is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanBaseView {
    /// Whether it was frozen when the entry was approved; otherwise it is the directory of today.
    pub frozen: bool,
    /// The day.
    pub on: NaiveDate,
    /// Subjects.
    pub subjects: i64,
    /// Subjects of each credit-risk class; the empty class: not classified.
    pub classes: BTreeMap<String, u64>,
    /// SHA-256 over their keys, ascending, one to a line, hex.
    pub sha256: String,
    /// Least number of subjects asked for; none where the texts say no number.
    pub planned_least: Option<u64>,
    /// Greatest number; none where there is no limit.
    pub planned_most: Option<u64>,
}

impl From<&Based> for PlanBaseView {
    fn from(b: &Based) -> Self {
        Self {
            frozen: b.frozen,
            on: b.base.on_day,
            subjects: b.base.subjects,
            classes: b.base.classes.0.clone(),
            sha256: b.base.sha256.clone(),
            planned_least: b.asked.map(|a: Bounds| a.least),
            planned_most: b.asked.and_then(|a| a.most),
        }
    }
}

/// Something about a plan entry that should be looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanFinding {
    /// `ratio_not_understood`, `nobody`, `below_floor`, `not_monotone` or `risk_group_partial`.
    pub code: String,
    /// What and why, with the source of the rule.
    pub text: String,
}

/// A plan entry checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanCheckView {
    /// The entry.
    pub plan_id: Id,
    /// Who it is about.
    pub base: PlanBaseView,
    /// What should be looked at; nothing keeps an entry from being filed.
    pub findings: Vec<PlanFinding>,
}

/// `GET /api/v1/plans/{id}/check`
///
/// # Errors
/// Not visible.
pub fn check(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PlanCheckView>> {
    let checked = plan_check::check(cx, id)?;
    Ok(Reply::ok(PlanCheckView {
        plan_id: id,
        base: PlanBaseView::from(&checked.based),
        findings: checked
            .findings
            .into_iter()
            .map(|(code, text)| PlanFinding { code: code.as_str().to_owned(), text })
            .collect(),
    }))
}

/// A plan entry and what was done of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanExecutionView {
    /// The entry.
    pub plan_id: Id,
    /// The joint inspection it became part of.
    pub inspection_id: Option<Id>,
    /// Who it is about, and how many it asks for.
    pub base: PlanBaseView,
    /// Subjects drawn.
    pub drawn: u64,
    /// Subjects inspected.
    pub inspected: u64,
    /// Subjects drawn and still to be inspected.
    pub open: u64,
    /// `waiting`, `under_way`, `as_planned`, `fewer`, `more` or `unknown`.
    pub standing: String,
    /// The same in Chinese.
    pub word: String,
}

/// `GET /api/v1/plans/{id}/execution`
///
/// # Errors
/// Not visible.
pub fn execution(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PlanExecutionView>> {
    let e = plan_check::execution(cx, id)?;
    Ok(Reply::ok(PlanExecutionView {
        plan_id: id,
        inspection_id: e.based.row.inspection_id,
        base: PlanBaseView::from(&e.based),
        drawn: e.done.drawn,
        inspected: e.done.inspected,
        open: e.done.open,
        standing: e.standing.as_str().to_owned(),
        word: e.standing.word().to_owned(),
    }))
}
