//! Secrets that must lie in the database and be read again (second factors, the cards that witnesses leave here), encrypted:
//! whoever reads the database or a backup of it without the server's keys learns nothing, and cannot put one in the
//! place of another. AES-256-GCM (NIST SP 800-38D) under a key derived from the server's key of draws by HKDF-SHA-256
//! (RFC 5869); what it is for and whose it is are authenticated with it. The first byte is the version of this form.

use crate::domain::draw::bytes::put_lp;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Key;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The only form there is.
const VERSION: u8 = 1;

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The secret of an account's second factor.
    SecondFactor,
    /// The card of a witness: salt and value.
    WitnessCard,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::SecondFactor => "second-factor",
            Self::WitnessCard => "witness-card",
        }
    }
}

fn cipher(key: &Key, kind: Kind) -> Result<LessSafeKey> {
    let mut own = Zeroizing::new([0_u8; 32]);
    // RFC 5869 allows 255 hash lengths of output; one always fits.
    let _ = Hkdf::<Sha256>::new(Some(b"onedoor/1/at-rest"), key.as_slice())
        .expand(kind.word().as_bytes(), own.as_mut_slice());
    let unbound =
        UnboundKey::new(&AES_256_GCM, own.as_slice()).map_err(|_| Error::internal("a key of 32 bytes"))?;
    Ok(LessSafeKey::new(unbound))
}

fn bound(kind: Kind, owners: &[Id]) -> Aad<Vec<u8>> {
    let mut about = vec![VERSION];
    put_lp(&mut about, kind.word().as_bytes());
    for owner in owners {
        put_lp(&mut about, owner.0.as_bytes());
    }
    Aad::from(about)
}

/// Encrypts a secret of these owners.
///
/// # Errors
/// The operating system gives no randomness.
pub fn seal(key: &Key, entropy: &Entropy, kind: Kind, owners: &[Id], secret: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = entropy.bytes().map_err(|e| Error::internal(&e))?;
    let mut text = secret.to_vec();
    cipher(key, kind)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(kind, owners), &mut text)
        .map_err(|_| Error::internal("a secret was not encrypted"))?;
    let mut sealed = vec![VERSION];
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

/// Decrypts a secret of these owners; none when it is not one that was encrypted for them under this key. Whoever gets none
/// leaves what is stored as it is: with the right key it can be read again.
#[must_use]
pub fn open(key: &Key, kind: Kind, owners: &[Id], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (version, rest) = sealed.split_first()?;
    let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
    if *version != VERSION {
        return None;
    }
    let mut text = Zeroizing::new(text.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length =
        cipher(key, kind).ok()?.open_in_place(nonce, bound(kind, owners), text.as_mut_slice()).ok()?.len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    proptest! {
        #[test]
        fn only_the_right_key_owner_and_kind_open_what_was_sealed(
            key: [u8; 32], other: [u8; 32], owner: u128, stranger: u128,
            secret in proptest::collection::vec(any::<u8>(), 0..200), flip: usize,
        ) {
            prop_assume!(key != other && owner != stranger);
            let entropy = Entropy::system();
            let (key, other) = (Zeroizing::new(key), Zeroizing::new(other));
            let kind = Kind::SecondFactor;
            let sealed = seal(&key, &entropy, kind, &[id(owner)], &secret).unwrap();
            let again = seal(&key, &entropy, kind, &[id(owner)], &secret).unwrap();
            prop_assert_ne!(&sealed, &again);
            if secret.len() > 8 {
                prop_assert!(!sealed.windows(secret.len()).any(|w| w == secret.as_slice()));
            }
            prop_assert_eq!(open(&key, kind, &[id(owner)], &sealed).map(|s| s.to_vec()), Some(secret));
            prop_assert!(open(&other, kind, &[id(owner)], &sealed).is_none());
            prop_assert!(open(&key, kind, &[id(stranger)], &sealed).is_none());
            prop_assert!(open(&key, kind, &[id(owner), id(owner)], &sealed).is_none());
            prop_assert!(open(&key, Kind::WitnessCard, &[id(owner)], &sealed).is_none());
            let mut changed = sealed.clone();
            changed[flip % sealed.len()] ^= 1;
            prop_assert!(open(&key, kind, &[id(owner)], &changed).is_none());
            prop_assert!(open(&key, kind, &[id(owner)], &sealed[..flip % sealed.len()]).is_none());
        }
    }
}
