//! What the operator does: open, close, seal, reveal, draw, publish or give up; and the draws of an inspection.

use super::view::DrawView;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws;
use crate::service::draws::opening::{self, Parties};
use crate::service::draws::outcome::{self, Drawn};
use crate::service::draws::steps::{self, Proof, Stepped};
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A witness to ask.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessBody {
    /// Account with the role of a witness.
    pub user_id: Id,
    /// Name in the records; absent: W1, W2 …
    #[serde(default)]
    pub token: Option<String>,
}

/// A beacon named in advance.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeaconBody {
    /// `drand-quicknet`, `nist2`, `lottery` or `text`.
    pub kind: String,
    /// Which of its values: round, chain/pulse, game/issue.
    pub reference: String,
}

/// Who watches a draw, which beacons it waits for, and when.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawOpening {
    /// The witnesses.
    #[serde(default)]
    pub witnesses: Vec<WitnessBody>,
    /// The beacons.
    #[serde(default)]
    pub beacons: Vec<BeaconBody>,
    /// No beacon may be known before.
    pub not_before: DateTime<Utc>,
    /// The result must stand before.
    pub deadline: DateTime<Utc>,
    /// Embargo: the secret must be shown before.
    #[serde(default)]
    pub publish_by: Option<DateTime<Utc>>,
}

impl DrawOpening {
    pub(in crate::web) fn parties(&self) -> Parties {
        Parties {
            witnesses: self.witnesses.iter().map(|w| (w.user_id, w.token.clone())).collect(),
            beacons: self.beacons.iter().map(|b| (b.kind.clone(), b.reference.clone())).collect(),
            not_before: self.not_before,
            deadline: self.deadline,
            publish_by: self.publish_by,
        }
    }
}

fn opened(call: &Call, compute: impl FnOnce(&mut Cx<'_>, Id) -> Result<opening::Opened>) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let opened = call.read(|cx| {
        let new = cx.id()?;
        compute(cx, new)
    })?;
    call.write(move |cx| {
        let row = opening::keep(cx, &opened)?;
        Reply::<DrawView>::made(draws::get(cx, row.id)?, "/api/v1/draws")
    })
}

/// `POST /api/v1/inspections/{id}/draws`
///
/// # Errors
/// Not allowed; the state; every fault of parties, quotas and times.
pub fn open(call: &Call, id: Id, body: DrawOpening) -> Result<Answer> {
    opened(call, |cx, new| opening::open(cx, &call.server.keys.draw, id, new, &body.parties()))
}

/// `POST /api/v1/draws/{id}/again`
///
/// # Errors
/// Not allowed; the state; every fault of the parties.
pub fn again(call: &Call, id: Id, body: DrawOpening) -> Result<Answer> {
    opened(call, |cx, new| opening::again(cx, &call.server.keys.draw, id, new, &body.parties()))
}

/// A subject that fell away.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoneBody {
    /// The subject.
    pub subject_id: Id,
    /// Reason code, e.g. `ZX` 注销, `QC` 迁出.
    pub reason: String,
}

/// A supplementary round.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawRound {
    /// Subjects that fell away; as many of the same strata are drawn.
    pub gone: Vec<GoneBody>,
    /// Who watches, which beacons, when.
    pub parties: DrawOpening,
}

/// `POST /api/v1/draws/{id}/round`
///
/// # Errors
/// Not allowed; the state; a subject that is not drawn; every fault of the parties.
pub fn round(call: &Call, id: Id, body: DrawRound) -> Result<Answer> {
    let gone = body.gone.iter().map(|g| (g.subject_id, g.reason.clone())).collect();
    opened(call, |cx, new| {
        opening::round(cx, &call.server.keys.draw, id, new, &gone, &body.parties.parties())
    })
}

/// `GET /api/v1/inspections/{id}/draws`
///
/// # Errors
/// Not visible.
pub fn of(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<Page<DrawView>>> {
    let items = draws::of(cx, id)?.into_iter().map(Into::into).collect();
    Ok(Reply::ok(Page { items, next: None }))
}

/// `GET /api/v1/draws/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<DrawView>> {
    Reply::of(draws::get(cx, id)?)
}

/// A drawn subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawnView {
    /// Subject.
    pub subject_id: Id,
    /// Credit code or registration number.
    pub key: String,
    /// Name.
    pub name: String,
    /// 乡镇街道.
    pub town: String,
    /// The draw.
    pub draw_id: Id,
    /// Round.
    pub round: i32,
    /// Number in the pool.
    pub place: i64,
    /// Stratum.
    pub stratum: String,
    /// `drawn` or `gone`.
    pub state: String,
    /// Reason code where it is gone.
    pub reason: String,
}

impl From<Drawn> for DrawnView {
    fn from(d: Drawn) -> Self {
        Self {
            subject_id: d.subject.id,
            key: d.subject.key,
            name: d.subject.name,
            town: d.subject.town,
            draw_id: d.row.draw_id,
            round: d.row.round,
            place: d.row.place,
            stratum: d.row.stratum,
            state: d.row.state,
            reason: d.row.reason,
        }
    }
}

/// `GET /api/v1/inspections/{id}/drawn`
///
/// # Errors
/// Not visible.
pub fn drawn(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<Page<DrawnView>>> {
    let items = outcome::drawn(cx, id)?.into_iter().map(Into::into).collect();
    Ok(Reply::ok(Page { items, next: None }))
}

fn stepped(call: &Call, compute: impl FnOnce(&mut Cx<'_>) -> Result<Stepped>) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let stepped = call.read(compute)?;
    call.write(move |cx| Reply::<DrawView>::of(steps::keep(cx, &stepped)?))
}

/// `POST /api/v1/draws/{id}/seal`
///
/// # Errors
/// Not allowed; the state; a commitment is missing.
pub fn seal(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    stepped(call, |cx| steps::seal(cx, &call.server.keys.draw, id))
}

/// `POST /api/v1/draws/{id}/reveal`
///
/// # Errors
/// Not allowed; the state; a card is missing; too late.
pub fn reveal(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    stepped(call, |cx| steps::reveal(cx, &call.server.keys.draw, id))
}

/// A beacon with its proof.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeaconProofBody {
    /// `drand-quicknet`, `nist2`, `lottery` or `text`.
    pub kind: String,
    /// Which of its values.
    pub reference: String,
    /// Signature or output value in hex; lottery numbers; text.
    pub value: String,
}

/// The beacons of a draw.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeaconsBody {
    /// One for each beacon of the opening.
    pub beacons: Vec<BeaconProofBody>,
}

/// `POST /api/v1/draws/{id}/beacon`
///
/// # Errors
/// Not allowed; the state; too early; a proof that does not hold.
pub fn beacon(call: &Call, id: Id, body: BeaconsBody) -> Result<Answer> {
    let given: Vec<Proof> = body
        .beacons
        .into_iter()
        .map(|p| Proof { kind: p.kind, reference: p.reference, value: p.value })
        .collect();
    stepped(call, |cx| steps::beacon(cx, &call.server.keys.draw, id, &given))
}

/// `POST /api/v1/draws/{id}/result`
///
/// # Errors
/// Not allowed; the state; too late.
pub fn result(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    stepped(call, |cx| steps::result(cx, &call.server.keys.draw, id))
}

/// `POST /api/v1/draws/{id}/publish`
///
/// # Errors
/// Not allowed; the state.
pub fn publish(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    stepped(call, |cx| steps::publish(cx, &call.server.keys.draw, id))
}

/// Why an attempt ends.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawAbort {
    /// Reason code for the record, ASCII, e.g. `NO-QUORUM`.
    pub code: String,
    /// In words.
    pub reason: String,
}

/// `POST /api/v1/draws/{id}/abort`
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn abort(call: &Call, id: Id, body: DrawAbort) -> Result<Answer> {
    stepped(call, |cx| steps::abort(cx, &call.server.keys.draw, id, &body.code, &body.reason))
}
