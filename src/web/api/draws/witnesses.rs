//! What a witness does: commit to a word, open the card.

use super::view::DrawView;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::witness::{self, Handed};
use crate::web::reply::Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
