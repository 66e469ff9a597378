//! The secret of a snapshot, the salts that follow from it, and the salted leaves of members.

use crate::domain::draw::bytes::{Hash, tagged};
use crate::domain::draw::merkle::{self, LANES, Message, hash_all};
use zeroize::Zeroize;

/// The secret of a snapshot from which all its salts follow; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PoolKey([u8; 32]);

impl PoolKey {
    /// A pool key from 32 secret random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for PoolKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for PoolKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PoolKey(..)")
    }
}

/// The two salts of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salts {
    /// Salt of the id half.
    pub id: [u8; 16],
    /// Salt of the body half.
    pub body: [u8; 16],
}

/// Derives salts and leaves for one key: HMAC-SHA-256 (RFC 2104) from the two states that the key leads to, which are
/// computed once for millions of members.
pub(super) struct Salter {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Drop for Salter {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl Salter {
    pub(super) fn new(key: &PoolKey) -> Self {
        let padded = |with: u8| {
            let mut block = [with; 64];
            block.iter_mut().zip(&key.0).for_each(|(b, k)| *b ^= k);
            let state = merkle::state_after(&block);
            block.zeroize();
            state
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// `HMAC(pool_key, lp(tag) ‖ lp(id))[..16]` of both tags for each id: to `halves`, in the order id, body.
    fn salt_all(&self, ids: &[&str], halves: &mut [Message]) {
        for (pair, id) in halves.chunks_exact_mut(2).zip(ids) {
            for (message, tag) in pair.iter_mut().zip(["vdr/1/salt-id", "vdr/1/salt-body"]) {
                message.clear();
                message.push_lp(tag.as_bytes());
                message.push_lp(id.as_bytes());
            }
        }
        hash_all(halves, Some((&self.inner, 64)));
        for message in &mut *halves {
            let inner = message.hash();
            message.clear();
            message.push(&inner);
        }
        hash_all(halves, Some((&self.outer, 64)));
    }

    pub(super) fn salts(&self, id: &str) -> Salts {
        let mut pair = [Message::EMPTY; 2];
        self.salt_all(&[id], &mut pair);
        Salts { id: salt(&pair[0]), body: salt(&pair[1]) }
    }

    pub(super) fn leaf(&self, id: &str, body: &[u8]) -> Hash {
        leaf_hash(id, body, &self.salts(id))
    }

    /// Leaf hashes of at most [`LANES`] members whose halves fit into a [`Message`].
    pub(super) fn leaves(&self, ids: &[&str], bodies: &[&[u8]], out: &mut Vec<Hash>) {
        let mut halves = [Message::EMPTY; 2 * LANES];
        let halves = &mut halves[..2 * ids.len()];
        self.salt_all(ids, halves);
        for (pair, (id, body)) in halves.chunks_exact_mut(2).zip(ids.iter().zip(bodies)) {
            let fields = [("vdr/1/pool-id", id.as_bytes()), ("vdr/1/pool-body", *body)];
            for (message, (tag, field)) in pair.iter_mut().zip(fields) {
                let salt = salt(message);
                message.clear();
                message.push_lp(tag.as_bytes());
                message.push_lp(&salt);
                message.push_lp(field);
            }
        }
        hash_all(halves, None);
        let mut leaves = [Message::EMPTY; LANES];
        let leaves = &mut leaves[..ids.len()];
        for (leaf, pair) in leaves.iter_mut().zip(halves.chunks_exact(2)) {
            leaf.push(&[0]);
            leaf.push(&pair[0].hash());
            leaf.push(&pair[1].hash());
        }
        hash_all(leaves, None);
        out.extend(leaves.iter().map(Message::hash));
    }
}

/// The first half of a keyed hash.
fn salt(message: &Message) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&message.hash()[..16]);
    salt
}

/// The leaf hash of a member: `H(00 ‖ TH("vdr/1/pool-id", salt_id, id) ‖ TH("vdr/1/pool-body", salt_body, body))`.
/// The halves are salted apart, because ids are public and classes are not.
#[must_use]
pub fn leaf_hash(id: &str, body: &[u8], salts: &Salts) -> Hash {
    let halves = [
        tagged("vdr/1/pool-id", &[&salts.id, id.as_bytes()]),
        tagged("vdr/1/pool-body", &[&salts.body, body]),
    ];
    merkle::leaf_hash(halves.as_flattened())
}
