//! The frozen list of subjects and inspectors.

use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::pool;
use crate::web::api::inspections::InspectionReason;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Reply};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Somebody in the pool who cannot be drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoolExcluded {
    /// Token of the subject.
    pub token: String,
    /// Reason code: `CAP`, `NO-ITEM`.
    pub code: String,
    /// In words.
    pub text: String,
}

/// Somebody of a department who is not among the inspectors.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoolLeftOut {
    /// Inspector.
    pub inspector_id: Id,
    /// Department.
    pub department_id: Id,
    /// Stable code.
    pub code: String,
    /// In words.
    pub text: String,
}

/// A frozen pool.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PoolView {
    /// Identifier.
    pub id: Id,
    /// The inspection.
    pub inspection_id: Id,
    /// Number of the pool in the inspection.
    pub place: i32,
    /// Time of the snapshot.
    pub as_of: DateTime<Utc>,
    /// Merkle root of the subjects, hex.
    pub root: String,
    /// Subjects.
    pub subjects: u64,
    /// Subjects by stratum.
    pub strata: BTreeMap<String, u64>,
    /// Subjects that cannot be drawn.
    pub excluded: Vec<PoolExcluded>,
    /// Inspectors.
    pub inspectors: u64,
    /// People of the departments that are not among them.
    pub left_out: Vec<PoolLeftOut>,
    /// Frozen.
    pub created_at: DateTime<Utc>,
}

impl From<pool::Shown> for PoolView {
    fn from(shown: pool::Shown) -> Self {
        let (p, c) = (shown.pool, shown.content);
        let words = |code: &str| match code {
            pool::CAP => "各参与部门对其的年度检查次数已达上限",
            pool::NO_ITEM => "没有适用的抽查事项",
            _ => "其他",
        };
        Self {
            id: p.id,
            inspection_id: p.inspection_id,
            place: p.place,
            as_of: p.as_of.0,
            root: p.root,
            subjects: c.subjects.len() as u64,
            strata: c.sizes(),
            excluded: c
                .excluded
                .into_iter()
                .map(|(token, code)| PoolExcluded { token, text: words(&code).to_owned(), code })
                .collect(),
            inspectors: c.inspectors.len() as u64,
            left_out: c
                .left_out
                .into_iter()
                .map(|l| PoolLeftOut {
                    inspector_id: l.inspector,
                    department_id: l.department,
                    code: l.code,
                    text: l.text,
                })
                .collect(),
            created_at: p.created_at.0,
        }
    }
}

/// `POST /api/v1/inspections/{id}/freeze-pool`
///
/// # Errors
/// Not allowed; the state; too few people.
pub fn freeze(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let (new, frozen) = call.read(|cx| {
        let new = cx.id()?;
        Ok((new, pool::prepare(cx, &call.server.keys.draw, id, new)?))
    })?;
    call.write(move |cx| {
        let shown = pool::freeze(cx, new, &frozen)?;
        Ok(Reply::created(PoolView::from(shown), format!("/api/v1/inspections/{id}/pool")))
    })
}

/// `GET /api/v1/inspections/{id}/pool`
///
/// # Errors
/// Not visible; none is frozen.
pub fn get_pool(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<PoolView>> {
    Ok(Reply::ok(pool::current(cx, id)?.into()))
}

/// `POST /api/v1/inspections/{id}/release-pool`
///
/// # Errors
/// Not allowed; the state; a draw is open.
pub fn release(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<Empty>> {
    pool::release(cx, id, &body.reason)?;
    Ok(Reply::done())
}
