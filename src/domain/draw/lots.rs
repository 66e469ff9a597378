//! Lots: the one random source of everything published (VDR/1 sections 2.4 and 2.5).
//!
//! The only file of the draw that names `rand_chacha`, and only `from_seed`, `set_stream`, `set_word_pos` and
//! `fill_bytes` of it: the ChaCha20 keystream is fixed by RFC 8439, everything built on top by the protocol, so no
//! library version can change a result.

use crate::domain::draw::bytes::put_lp;
use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::Sha256;

/// Purpose of the key that numbers the lots of subjects (`K("subject", "")`).
pub const SUBJECT: &str = "subject";
/// Purpose of the key that orders the drawn subjects for staffing (`K("task-order", "")`).
pub const TASK_ORDER: &str = "task-order";
/// Purpose of the key that numbers the pairs of a unit (`K("assign", unit)`).
pub const ASSIGN: &str = "assign";

/// Lots fetched per round trip to the cipher; 4 KiB stay in the first-level cache.
const BATCH: usize = 256;

/// A ChaCha20 key of 32 bytes, derived from a seed by [`expand`]. It is as secret as the seed it comes from, so
/// its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A key from its 32 bytes (test vectors, or a key published with a bundle).
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// `K(purpose, unit) = HKDF-Expand(seed, lp("vdr/1/key") ‖ lp(purpose) ‖ lp(list) ‖ lp(unit), 32)` (section 2.4).
/// `unit` is empty for [`SUBJECT`] and [`TASK_ORDER`].
#[must_use]
pub fn expand(seed: &[u8; 32], purpose: &str, list: &str, unit: &str) -> Key {
    let mut info = Vec::with_capacity(64);
    put_lp(&mut info, b"vdr/1/key");
    put_lp(&mut info, purpose.as_bytes());
    put_lp(&mut info, list.as_bytes());
    put_lp(&mut info, unit.as_bytes());
    let mut out = [0_u8; 32];
    // RFC 5869: a PRK of one hash length and 32 bytes of output are always accepted, so the error arms are dead.
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(seed) {
        let _ = hkdf.expand(&info, &mut out);
    }
    Key(out)
}

/// `lot(K, s, i)`: bytes 16i … 16i+15 of the ChaCha20 keystream of `key` with nonce `stream` (little-endian), read
/// as a big-endian number (section 2.5).
#[must_use]
pub fn lot(key: &Key, stream: u64, index: u64) -> u128 {
    let mut out = [0_u128];
    fill(key, stream, index, &mut out);
    out[0]
}

/// Lots `first`, `first + 1`, … of one stream, as many as `out` holds. Same values as [`lot`], read forward.
pub fn fill(key: &Key, stream: u64, first: u64, out: &mut [u128]) {
    let mut reader = Reader::new(key, stream, first);
    for part in out.chunks_mut(BATCH) {
        reader.read(part);
    }
}

/// The lots of one stream read forward from a place, in batches, without ever holding more than 4 KiB of keystream.
#[derive(Clone)]
pub struct Reader {
    rng: ChaCha20Rng,
    bytes: [u8; 16 * BATCH],
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(..)")
    }
}

impl Reader {
    /// A reader of the stream `stream` of `key` whose next lot is number `first`.
    #[must_use]
    pub fn new(key: &Key, stream: u64, first: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed(key.0);
        rng.set_stream(stream);
        rng.set_word_pos(u128::from(first) * 4);
        Self { rng, bytes: [0; 16 * BATCH] }
    }

    /// The next lots, as many as `out` holds.
    pub fn read(&mut self, out: &mut [u128]) {
        for part in out.chunks_mut(BATCH) {
            let bytes = &mut self.bytes[..16 * part.len()];
            self.rng.fill_bytes(bytes);
            let (words, _) = bytes.as_chunks::<16>();
            for (lot, word) in part.iter_mut().zip(words) {
                *lot = u128::from_be_bytes(*word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_are_the_keystream_of_rfc_8439() {
        // RFC 8439 appendix A.1: zero key and nonce, blocks 0 and 1; key 00…01, block 1.
        let zero = Key::from_bytes([0; 32]);
        assert_eq!(lot(&zero, 0, 0), 0x76b8_e0ad_a0f1_3d90_405d_6ae5_5386_bd28);
        assert_eq!(lot(&zero, 0, 1), 0xbdd2_19b8_a08d_ed1a_a836_efcc_8b77_0dc7);
        assert_eq!(lot(&zero, 0, 4), 0x9f07_e7be_5551_387a_98ba_977c_732d_080d);
        let mut one = [0; 32];
        one[31] = 1;
        assert_eq!(lot(&Key::from_bytes(one), 0, 4) >> 64, 0x3aeb_5224_ecf8_4992);
    }

    #[test]
    fn the_stream_is_the_nonce_in_little_endian() {
        // RFC 8439 appendix A.1 vector 5: nonce 00…02 is stream 2 << 56; its first word is 0x374dc6c2.
        let word = lot(&Key::from_bytes([0; 32]), 2 << 56, 0) >> 96;
        assert_eq!(u32::try_from(word).unwrap().swap_bytes(), 0x374d_c6c2);
    }

    #[test]
    fn rfc_8439_block_with_counter_one() {
        // Section 2.3.2: the 96-bit nonce's first word is the upper half of our 64-bit counter.
        let mut key = [0; 32];
        for (i, b) in (0_u8..).zip(key.iter_mut()) {
            *b = i;
        }
        let counter = (u64::from(u32::from_le_bytes([0, 0, 0, 9])) << 32) | 1;
        let stream = u64::from_le_bytes([0, 0, 0, 0x4a, 0, 0, 0, 0]);
        let mut out = [0; 4];
        fill(&Key::from_bytes(key), stream, 4 * counter, &mut out);
        let bytes: Vec<u8> = out.iter().flat_map(|lot: &u128| lot.to_be_bytes()).collect();
        let block = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e";
        assert_eq!(hex::encode(bytes), block);
    }

    #[test]
    fn reading_forward_equals_asking_one_by_one() {
        let key = Key::from_bytes([7; 32]);
        for first in [0, 1, 3, 4, 15, 255, 256, (1 << 34) + 1, u64::MAX - 700] {
            let mut out = vec![0; 600];
            fill(&key, 5, first, &mut out);
            for (i, got) in (0..).zip(&out) {
                assert_eq!(*got, lot(&key, 5, first + i), "first {first} + {i}");
            }
        }
    }
}
