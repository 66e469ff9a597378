//! Red and yellow cards.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::cards;
use crate::store::oversight::CardRow;
use crate::store::oversight::cards::Filter;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardView {
    /// Identifier.
    pub id: Id,
    /// The department it is shown to.
    pub department_id: Id,
    /// `late_publication` or `late_answer`.
    pub kind: String,
    /// The visit (late publication) or invitation (late answer) it is about.
    pub object_id: Id,
    /// `yellow` or `red`.
    pub color: String,
    /// Why.
    pub reason: String,
    /// The last day that was missed.
    pub due: NaiveDate,
    /// `open` or `acknowledged`.
    pub state: String,
    /// Account that acknowledged it.
    pub acknowledged_by: Option<Id>,
    /// When.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// What the department says to it.
    pub note: String,
    /// Version, for `If-Match`.
    pub version: i64,
    /// When it was shown.
    pub created_at: DateTime<Utc>,
}
versioned!(CardView);

impl From<CardRow> for CardView {
    fn from(c: CardRow) -> Self {
        Self {
            id: c.id,
            department_id: c.department_id,
            kind: c.kind,
            object_id: c.object_id,
            color: c.color,
            reason: c.reason,
            due: c.due_day,
            state: c.state,
            acknowledged_by: c.acknowledged_by,
            acknowledged_at: c.acknowledged_at.map(|t| t.0),
            note: c.note,
            version: c.version,
            created_at: c.created_at.0,
        }
    }
}

/// Filters of the cards.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CardQuery {
    /// Department.
    pub department_id: Option<Id>,
    /// `open` or `acknowledged`.
    #[param(max_length = 20)]
    pub state: Option<String>,
    /// `yellow` or `red`.
    #[param(max_length = 20)]
    pub color: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/cards`: the newest first.
///
/// # Errors
/// Not allowed; a cursor of another list.
pub fn list(cx: &mut Cx<'_>, (): (), query: CardQuery) -> Result<Reply<Page<CardView>>> {
    let filter = Filter { department: query.department_id, state: query.state, color: query.color };
    let read = |after, most| {
        let rows = cards::list(cx, filter.clone(), after, most)?;
        Ok(rows.into_iter().map(CardView::from).collect())
    };
    by_id(query.after.as_ref(), query.limit, read, |c: &CardView| c.id)
}

/// `GET /api/v1/cards/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<CardView>> {
    Reply::of(cards::get(cx, id)?)
}

/// What the department says to a card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardAcknowledge {
    /// How it came, and what is done about it.
    #[schema(max_length = 1000)]
    pub note: String,
}

/// `POST /api/v1/cards/{id}/acknowledge`
///
/// # Errors
/// Not allowed; acknowledged already; no word about it.
pub fn acknowledge(cx: &mut Cx<'_>, id: Id, b: &CardAcknowledge) -> Result<Reply<CardView>> {
    Reply::of(cards::acknowledge(cx, id, &b.note)?)
}
