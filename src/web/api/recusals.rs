//! Recusals.

use crate::domain::registry::recusal::{Act, Source};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::recusals;
use crate::store::inspectors::{Recusal, RecusalFilter};
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A recusal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecusalView {
    /// Identifier.
    pub id: Id,
    /// Who must not inspect.
    pub inspector_id: Id,
    /// Which subject.
    pub subject_id: Id,
    /// 回避事由.
    pub reason: String,
    /// `inspector`, `clerk`, `business` or `list`.
    pub source: String,
    /// `pending`, `approved`, `rejected` or `ended`.
    pub state: String,
    /// The account that decided.
    pub decided_by: Option<Id>,
    /// What the decision said.
    pub decision_note: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Declared.
    pub created_at: DateTime<Utc>,
}

impl From<Recusal> for RecusalView {
    fn from(r: Recusal) -> Self {
        Self {
            id: r.id,
            inspector_id: r.inspector_id,
            subject_id: r.subject_id,
            reason: r.reason,
            source: r.source,
            state: r.state,
            decided_by: r.decided_by,
            decision_note: r.decision_note,
            version: r.version,
            created_at: r.created_at.0,
        }
    }
}

versioned!(RecusalView);

/// Which recusals.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RecusalQuery {
    /// Of people of this department.
    pub department_id: Option<Id>,
    /// Of this person.
    pub inspector_id: Option<Id>,
    /// From this subject.
    pub subject_id: Option<Id>,
    /// `pending`, `approved`, `rejected` or `ended`.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/recusals`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), q: RecusalQuery) -> Result<Reply<Page<RecusalView>>> {
    let filter = RecusalFilter {
        department: q.department_id,
        inspector: q.inspector_id,
        subject: q.subject_id,
        state: q.state,
    };
    let read = |after, most| recusals::list(cx, filter, after, most);
    by_id(q.after.as_ref(), q.limit, read, |r| r.id)
}

/// `GET /api/v1/recusals/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<RecusalView>> {
    Reply::of(recusals::get(cx, id)?)
}

/// A recusal to declare.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecusalBody {
    /// Who must not inspect.
    pub inspector_id: Id,
    /// Which subject.
    pub subject_id: Id,
    /// 回避事由.
    #[schema(max_length = 500)]
    pub reason: String,
    /// `inspector` (oneself), `clerk`, or `business` (the application of a business).
    pub source: String,
}

/// `POST /api/v1/recusals`
///
/// # Errors
/// Not allowed; every fault of the fields; known already.
pub fn declare(cx: &mut Cx<'_>, (): (), b: &RecusalBody) -> Result<Reply<RecusalView>> {
    let source = Source::parse(&b.source).filter(|s| *s != Source::List);
    let source = source
        .ok_or_else(|| Error::field("/source", "unknown_value", "只能是:inspector、clerk、business"))?;
    Reply::made(recusals::declare(cx, b.inspector_id, b.subject_id, &b.reason, source)?, "/api/v1/recusals")
}

/// What a decision says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecusalNote {
    /// In words; needed to reject or to end.
    #[schema(max_length = 500)]
    pub note: String,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Not allowed; the state does not allow it.
        pub fn $name(cx: &mut Cx<'_>, id: Id, b: &RecusalNote) -> Result<Reply<RecusalView>> {
            Reply::of(recusals::act(cx, id, Act::$act, &b.note)?)
        }
    )+};
}

acts! {
    /// `POST /api/v1/recusals/{id}/approve`
    approve = Approve;
    /// `POST /api/v1/recusals/{id}/reject`
    reject = Reject;
    /// `POST /api/v1/recusals/{id}/end`
    end = End;
    /// `POST /api/v1/recusals/{id}/reopen`
    reopen = Reopen;
}
