//! What a witness does, each under his own account: hand in a commitment, later open the card.

use super::super::at_rest::{self, Kind};
use super::super::cx::Cx;
use super::{Shown, faults, find, get, noted};
use crate::domain::access::Action;
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::entropy::witness_commitment;
use crate::domain::draw::fault::Fault;
use crate::domain::draw::record::{Opening, VALUE_MAX};
use crate::domain::draw_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::store::draws::{self, Draw, Witness};
use crate::store::types::At;
use serde_json::json;

/// Bytes of a card's salt.
const SALT: usize = 16;

/// The card of a witness, if it is here and was opened (see [`unsealed`]).
#[must_use]
pub fn card(witness: &Witness) -> Option<Opening> {
    let (salt, value) = witness.sealed.split_first_chunk::<SALT>()?;
    Some(Opening { id: witness.token.clone(), salt: *salt, value: value.to_vec() })
}

fn bytes(card: &Opening) -> Vec<u8> {
    [card.salt.as_slice(), &card.value].concat()
}

/// A card as it is stored: encrypted, for it lies here before anybody may see it.
fn stored(cx: &Cx<'_>, witness: &Witness, card: &Opening) -> Result<Vec<u8>> {
    let owners = [witness.draw_id, witness.user_id];
    at_rest::seal(&cx.keys.draw, cx.entropy, Kind::WitnessCard, &owners, &bytes(card))
}

/// Witnesses with their cards in clear. A card that this server's key does not open is as if it were not here: its witness
/// opens it again from his own record.
#[must_use]
pub fn unsealed(key: &Key, mut witnesses: Vec<Witness>) -> Vec<Witness> {
    for witness in witnesses.iter_mut().filter(|w| !w.sealed.is_empty()) {
        let owners = [witness.draw_id, witness.user_id];
        let card = at_rest::open(key, Kind::WitnessCard, &owners, &witness.sealed);
        if card.is_none() {
            tracing::error!(draw = %witness.draw_id, "the card of a witness cannot be read with this server's keys");
        }
        witness.sealed = card.map(|c| c.to_vec()).unwrap_or_default();
    }
    witnesses
}

/// What a witness hands in.
#[derive(Clone)]
pub enum Handed {
    /// Only the commitment, hex; he keeps the card.
    Commitment(String),
    /// The value, which the server keeps until the reveal; with a salt of his own (hex) or a fresh one.
    Value {
        /// What is on the card.
        value: String,
        /// 32 hexadecimal digits.
        salt: Option<String>,
    },
}

impl std::fmt::Debug for Handed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handed(…)")
    }
}

/// The draw and the actor's own place among its witnesses.
fn own(cx: &mut Cx<'_>, id: Id) -> Result<(Draw, Witness)> {
    let (draw, loaded) = find(cx, id)?;
    cx.may(Action::WitnessDraw, &loaded.scope())?;
    let user = cx.user()?;
    // A witness of another attempt of the inspection sees this one, and has no part in it.
    let own = draws::witnesses(cx.db, id)?.into_iter().find(|w| w.user_id == user);
    Ok((draw, own.ok_or_else(|| Error::Denied("您不是这一次抽取的见证人".to_owned()))?))
}

fn in_state(draw: &Draw, due: State, what: &str) -> Result<()> {
    if draw.state == due.as_str() {
        return Ok(());
    }
    let word = State::parse(&draw.state).map_or("", State::word);
    Err(Error::wrong_state(draw.state.clone(), format!("抽取处于“{word}”,现在不能{what}")))
}

fn draw_hash(draw: &Draw) -> Result<[u8; 32]> {
    unhex_n(&draw.draw_id).ok_or_else(|| Error::internal("draw_id"))
}

fn opening(witness: &Witness, value: &str, salt: [u8; SALT]) -> Result<Opening> {
    if value.is_empty() || value.len() > VALUE_MAX {
        return Err(Error::field("/value", "card_value", format!("内容须为1至{VALUE_MAX}字节")));
    }
    Ok(Opening { id: witness.token.clone(), salt, value: value.as_bytes().to_vec() })
}

fn salt_of(text: &str) -> Result<[u8; SALT]> {
    unhex_n(text).ok_or_else(|| Error::field("/salt", "salt", "盐须为32位小写十六进制"))
}

/// Hands in one's commitment. Answers the draw and the salt and commitment for the witness's own record.
///
/// # Errors
/// Not a witness of this draw; the state; already handed in; no commitment.
pub fn commit(cx: &mut Cx<'_>, id: Id, handed: &Handed) -> Result<(Shown, String, Option<String>)> {
    let (draw, witness) = own(cx, id)?;
    in_state(&draw, State::Opened, "提交封存值")?;
    let (commitment, kept, salt) = match handed {
        Handed::Commitment(text) => {
            let hash: [u8; 32] = unhex_n(text)
                .ok_or_else(|| Error::field("/commitment", "commitment", "封存值须为64位小写十六进制"))?;
            (hex::encode(hash), Vec::new(), None)
        }
        Handed::Value { value, salt } => {
            let salt = match salt {
                Some(text) => salt_of(text)?,
                None => cx.random::<SALT>()?,
            };
            let card = opening(&witness, value, salt)?;
            let hash = witness_commitment(&draw_hash(&draw)?, &card);
            (hex::encode(hash), stored(cx, &witness, &card)?, Some(hex::encode(salt)))
        }
    };
    if !draws::commit(cx.db, id, witness.user_id, &commitment, &kept, At(cx.now))? {
        return Err(Error::wrong_state(draw.state, "您已提交过封存值,不能更改"));
    }
    noted(
        cx,
        "witness_committed",
        &draw,
        json!({ "witness": witness.token, "commitment": commitment, "card_kept_here": !kept.is_empty() }),
    )?;
    Ok((get(cx, id)?, commitment, salt))
}

/// Opens one's card after the sealing.
///
/// # Errors
/// Not a witness of this draw; the state; already open; not the card that was sealed.
pub fn open_card(cx: &mut Cx<'_>, id: Id, value: &str, salt: &str) -> Result<Shown> {
    let (draw, witness) = own(cx, id)?;
    in_state(&draw, State::Sealed, "揭示")?;
    let card = opening(&witness, value, salt_of(salt)?)?;
    if hex::encode(witness_commitment(&draw_hash(&draw)?, &card)) != witness.commitment {
        let wrong = Fault::new("card_wrong", "内容或盐与您的封存值不符");
        return Err(faults(&[wrong], &draw.state));
    }
    let kept = stored(cx, &witness, &card)?;
    if !draws::open_card(cx.db, id, witness.user_id, &kept, At(cx.now))? {
        return Err(Error::wrong_state(draw.state, "您已揭示过"));
    }
    noted(cx, "witness_opened_card", &draw, json!({ "witness": witness.token }))?;
    get(cx, id)
}
