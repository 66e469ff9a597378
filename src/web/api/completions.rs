//! What follows as “其他” and was completed.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::completions;
use crate::store::mailings::Completion;
use crate::web::parse::NoQuery;
use crate::web::reply::Reply;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was completed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompletionView {
    /// Identifier.
    pub id: Id,
    /// Task of the result.
    pub task_id: Id,
    /// The version of the result that was there.
    pub result_id: Id,
    /// Visit.
    pub visit_id: Id,
    /// The department whose result it is.
    pub department_id: Id,
    /// 完结日期.
    pub day: NaiveDate,
    /// What was done.
    pub note: String,
    /// Account.
    pub user_id: Id,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl From<Completion> for CompletionView {
    fn from(r: Completion) -> Self {
        Self {
            id: r.id,
            task_id: r.task_id,
            result_id: r.result_id,
            visit_id: r.visit_id,
            department_id: r.department_id,
            day: r.on_day,
            note: r.note,
            user_id: r.user_id,
            created_at: r.created_at.0,
        }
    }
}

/// What is said of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionBody {
    /// 完结日期.
    pub day: NaiveDate,
    /// What was done.
    #[schema(max_length = 2000)]
    pub note: String,
}

/// `POST /api/v1/results/{id}/completion`
///
/// # Errors
/// Not allowed; nothing follows as “其他”; completed already.
pub fn complete(cx: &mut Cx<'_>, id: Id, body: &CompletionBody) -> Result<Reply<CompletionView>> {
    let row = completions::complete(cx, id, &body.note, body.day)?;
    let at = format!("/api/v1/results/{id}/completion");
    Ok(Reply::created(row.into(), at))
}

/// `GET /api/v1/results/{id}/completion`
///
/// # Errors
/// Not visible; nothing was said.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<CompletionView>> {
    Ok(Reply::ok(completions::get(cx, id)?.into()))
}
