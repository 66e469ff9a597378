//! Draws: the pool, the attempts with their witnesses, and what the public sees.

use super::inspections::InspectionReason;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::opening::{self, Parties};
use crate::service::draws::outcome::{self, Blocker, Drawn};
use crate::service::draws::steps::{self, Proof, Stepped};
use crate::service::draws::witness::{self, Handed};
use crate::service::draws::{self, Shown, pool, public};
use crate::store::draws::Summary;
use crate::web::call::Call;
use crate::web::page::{After, INSPECTIONS};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, File, Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

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
    Ok(Reply::ok(Empty {}))
}

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
    fn parties(&self) -> Parties {
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

/// A commitment, or the value that the server keeps until the reveal; exactly one of them.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessCommitment {
    /// 64 hexadecimal digits; the witness keeps the card.
    #[serde(default)]
    pub commitment: Option<String>,
    /// What is on the card, 1 to 256 bytes.
    #[serde(default)]
    pub value: Option<String>,
    /// 32 hexadecimal digits; absent: the server makes one.
    #[serde(default)]
    pub salt: Option<String>,
}

/// What a witness keeps of the handing in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WitnessReceipt {
    /// The draw.
    pub draw: DrawView,
    /// The commitment, hex.
    pub commitment: String,
    /// The salt of the card the server keeps, hex.
    pub salt: Option<String>,
}

/// `POST /api/v1/draws/{id}/commitment`
///
/// # Errors
/// Not a witness of this draw; the state; already handed in.
pub fn commit(cx: &mut Cx<'_>, id: Id, body: &WitnessCommitment) -> Result<Reply<WitnessReceipt>> {
    let handed = match (&body.commitment, &body.value) {
        (Some(commitment), None) if body.salt.is_none() => Handed::Commitment(commitment.clone()),
        (None, Some(value)) => Handed::Value { value: value.clone(), salt: body.salt.clone() },
        _ => return Err(Error::field("", "one_of", "请只提交 commitment,或提交 value(可带 salt)")),
    };
    let (shown, commitment, salt) = witness::commit(cx, id, &handed)?;
    Ok(Reply::ok(WitnessReceipt { draw: shown.into(), commitment, salt }))
}

/// A card.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessCard {
    /// What is on it.
    pub value: String,
    /// 32 hexadecimal digits.
    pub salt: String,
}

/// `POST /api/v1/draws/{id}/card`
///
/// # Errors
/// Not a witness of this draw; the state; not the card that was sealed.
pub fn open_card(cx: &mut Cx<'_>, id: Id, body: &WitnessCard) -> Result<Reply<DrawView>> {
    Reply::of(witness::open_card(cx, id, &body.value, &body.salt)?)
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

/// A draw as the public sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicDraw {
    /// Identifier.
    pub id: Id,
    /// `draw_id` of the protocol, hex.
    pub draw_id: String,
    /// List token.
    pub list: String,
    /// What is drawn.
    pub purpose: String,
    /// Policy.
    pub policy: String,
    /// State.
    pub state: String,
    /// Number in its inspection.
    pub attempt: i32,
    /// `seq` of the protocol.
    pub seq: i32,
    /// `round` of the protocol.
    pub round: i32,
    /// The attempt or round before it.
    pub previous_id: Option<Id>,
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
    /// Opened.
    pub created_at: DateTime<Utc>,
    /// Last step.
    pub updated_at: DateTime<Utc>,
}

impl From<Summary> for PublicDraw {
    fn from(d: Summary) -> Self {
        Self {
            id: d.id,
            draw_id: d.draw_id,
            list: d.list_token,
            purpose: d.purpose,
            policy: d.policy,
            state: d.state,
            attempt: d.attempt,
            seq: d.seq,
            round: d.round,
            previous_id: d.previous_id,
            pool_size: d.pool_size,
            drawn: d.drawn,
            not_before: d.not_before.0,
            deadline: d.deadline.0,
            reason: d.reason,
            created_at: d.created_at.0,
            updated_at: d.updated_at.0,
        }
    }
}

/// `GET /api/v1/public/draws`
///
/// # Errors
/// The database.
pub fn public_list(cx: &mut Cx<'_>, (): (), query: After) -> Result<Reply<Page<PublicDraw>>> {
    let read = |after, most| public::list(cx, after, most);
    INSPECTIONS.page(query.after.as_ref(), query.limit, read, |d| d.id)
}

/// The media type of a bundle: JSON, byte for byte as `onedoor verify` reads it.
const BUNDLE: &str = "application/json";

/// A draw's bundle.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BundleBytes {}

/// `GET /api/v1/public/draws/{id}`
///
/// # Errors
/// There is no such draw.
pub fn public_bundle(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let draw = call.read(|cx| public::get(cx, id))?;
    let name = Some(format!("draw-{}.json", &draw.draw_id[..16.min(draw.draw_id.len())]));
    Ok(Reply::ok(File { bytes: draw.public, content_type: BUNDLE, name }).version(draw.version).into_file())
}

/// `GET /api/v1/draws/{id}/audit`
///
/// # Errors
/// Not allowed; the draw goes on.
pub fn audit(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let bytes = call.read(|cx| public::audit(cx, &call.server.keys.draw, id))?;
    Ok(Reply::ok(File { bytes, content_type: BUNDLE, name: Some(format!("draw-{id}-audit.json")) })
        .into_file())
}

/// Who asks about itself.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CheckQuery {
    /// Credit code or registration number.
    #[param(max_length = 128)]
    pub id: Option<String>,
    /// Number in the pool, from the paper the business got before the draw.
    #[param(minimum = 0)]
    pub number: Option<u64>,
}

/// Why a business was or was not drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawCheck {
    /// `drawn`, `drawn_before`, `not_drawn`, `excluded`, `out_of_scope`, `not_in_pool` or `not_listed`.
    pub fate: String,
    /// Number in the pool.
    pub number: Option<u64>,
    /// Its lot, hex.
    pub ticket: Option<String>,
    /// Its sort key, hex.
    pub key: Option<String>,
    /// The limit of its stratum, hex.
    pub limit: Option<String>,
    /// In words.
    pub text: String,
}

/// `GET /api/v1/public/draws/{id}/check`
///
/// # Errors
/// There is no such draw; nothing can be said yet.
pub fn check(call: &Call, id: Id, query: CheckQuery) -> Result<Answer> {
    use crate::domain::draw::verify::check::Fate;
    let draw = call.read(|cx| public::get(cx, id))?;
    let e = public::check(&draw, query.id.as_deref(), query.number)?;
    let fate = match e.fate {
        Fate::Drawn => "drawn",
        Fate::DrawnBefore => "drawn_before",
        Fate::NotDrawn => "not_drawn",
        Fate::Excluded => "excluded",
        Fate::OutOfScope => "out_of_scope",
        Fate::NotInPool => "not_in_pool",
        Fate::NotListed => "not_listed",
    };
    Reply::ok(DrawCheck {
        fate: fate.to_owned(),
        number: e.number,
        ticket: e.ticket,
        key: e.key,
        limit: e.limit,
        text: e.text,
    })
    .into_answer()
}
