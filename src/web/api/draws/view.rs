//! A draw as those who take part see it.

use crate::ids::Id;
use crate::service::draws::Shown;
use crate::service::draws::outcome::Blocker;
use crate::web::reply::versioned;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A witness of a draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WitnessView {
    /// Account.
    pub user_id: Id,
    /// Name in the records.
    pub token: String,
    /// Commitment, hex, once it is handed in.
    pub commitment: Option<String>,
    /// When it was handed in.
    pub committed_at: Option<DateTime<Utc>>,
    /// When the witness opened the card.
    pub opened_at: Option<DateTime<Utc>>,
}

/// Why something drawn gets no task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawBlocker {
    /// Department.
    pub department_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// Stable code.
    pub code: String,
    /// Why, and what to do.
    pub text: String,
}

impl From<Blocker> for DrawBlocker {
    fn from(b: Blocker) -> Self {
        Self { department_id: b.department, subject_id: b.subject, code: b.code.to_owned(), text: b.text }
    }
}

/// An attempt or round.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawView {
    /// Identifier.
    pub id: Id,
    /// The inspection.
    pub inspection_id: Id,
    /// Number in the inspection.
    pub attempt: i32,
    /// `seq` of the protocol.
    pub seq: i32,
    /// `round` of the protocol.
    pub round: i32,
    /// The attempt or round before it.
    pub previous_id: Option<Id>,
    /// The pool.
    pub pool_id: Option<Id>,
    /// State.
    pub state: String,
    /// `draw_id` of the protocol, hex: what commitments are made to.
    pub draw_id: String,
    /// Policy.
    pub policy: String,
    /// Subjects in the pool.
    pub pool_size: i64,
    /// Subjects drawn.
    pub drawn: i64,
    /// No beacon may be known before.
    pub not_before: DateTime<Utc>,
    /// The result must stand before.
    pub deadline: DateTime<Utc>,
    /// Why it was aborted.
    pub reason: String,
    /// Who opened it.
    pub operator_id: Id,
    /// The witnesses.
    pub witnesses: Vec<WitnessView>,
    /// Right after the result: what gets no task, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<DrawBlocker>,
    /// Version, also the ETag.
    pub version: i64,
    /// Opened.
    pub created_at: DateTime<Utc>,
}

impl From<Shown> for DrawView {
    fn from(shown: Shown) -> Self {
        let d = shown.draw;
        Self {
            id: d.id,
            inspection_id: d.inspection_id,
            attempt: d.attempt,
            seq: d.seq,
            round: d.round,
            previous_id: d.previous_id,
            pool_id: d.pool_id,
            state: d.state,
            draw_id: d.draw_id,
            policy: d.policy,
            pool_size: d.pool_size,
            drawn: d.drawn,
            not_before: d.not_before.0,
            deadline: d.deadline.0,
            reason: d.reason,
            operator_id: d.operator_id,
            witnesses: shown
                .witnesses
                .into_iter()
                .map(|w| WitnessView {
                    user_id: w.user_id,
                    token: w.token,
                    commitment: (!w.commitment.is_empty()).then_some(w.commitment),
                    committed_at: w.committed_at.map(Into::into),
                    opened_at: w.revealed_at.map(Into::into),
                })
                .collect(),
            blockers: shown.blockers.into_iter().map(Into::into).collect(),
            version: d.version,
            created_at: d.created_at.0,
        }
    }
}

versioned!(DrawView);
