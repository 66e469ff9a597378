//! Merkle trees of RFC 6962: roots, inclusion paths and consistency proofs over SHA-256.
//!
//! The tree "split at the largest power of two below n" equals pairing neighbours level by level and lifting an odd
//! last node unchanged, so roots are computed bottom-up in one buffer.

use super::bytes::{Hash, sha256};
use rayon::prelude::*;
use sha2::block_api::compress256;

/// Leaves handled by one piece of parallel work; a power of two, so that each piece is a whole subtree.
pub const CHUNK: usize = 1 << 14;

/// State of SHA-256 before the first block (FIPS 180-4 section 5.3.3).
const IV: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256 of `0x00 ‖ data`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    let mut bytes = Vec::with_capacity(data.len() + 1);
    bytes.push(0);
    bytes.extend_from_slice(data);
    sha256(&bytes)
}

/// Messages hashed side by side: a processor works on the rounds of several at once if they do not wait for each other.
pub(super) const LANES: usize = 8;
/// Blocks of a message that is hashed side by side with others.
const BLOCKS: usize = 4;

/// A short message and, after [`hash_all`], its hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    bytes: [[u8; 64]; BLOCKS],
    len: usize,
    state: [u32; 8],
}

impl Message {
    /// Bytes that fit, the padding left out.
    pub(super) const MOST: usize = BLOCKS * 64 - 9;
    /// No bytes.
    pub(super) const EMPTY: Self = Self { bytes: [[0; 64]; BLOCKS], len: 0, state: IV };

    /// Takes all bytes away.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends bytes; those beyond [`Self::MOST`] are left out, callers keep to it.
    pub(super) fn push(&mut self, part: &[u8]) {
        let part = &part[..part.len().min(Self::MOST - self.len)];
        self.bytes.as_flattened_mut()[self.len..self.len + part.len()].copy_from_slice(part);
        self.len += part.len();
    }

    /// Appends `u32(len x) ‖ x`.
    pub(super) fn push_lp(&mut self, part: &[u8]) {
        self.push(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.push(part);
    }

    /// The hash, once computed.
    pub(super) fn hash(&self) -> Hash {
        let mut out = [0; 32];
        for (four, word) in out.chunks_exact_mut(4).zip(self.state) {
            four.copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    /// Pads for a hash that began with `before` other bytes, and returns the number of blocks.
    fn pad(&mut self, before: usize) -> usize {
        let end = (self.len + 9).next_multiple_of(64);
        let bytes = self.bytes.as_flattened_mut();
        bytes[self.len] = 0x80;
        bytes[self.len + 1..end - 8].fill(0);
        bytes[end - 8..end].copy_from_slice(&((before + self.len) as u64 * 8).to_be_bytes());
        end / 64
    }
}

/// SHA-256 of each message; with `from`, of what led to that state in whole blocks (their bytes are the second part) and
/// the message.
pub(super) fn hash_all(messages: &mut [Message], from: Option<(&[u32; 8], usize)>) {
    let (state, before) = from.map_or((IV, 0), |(state, bytes)| (*state, bytes));
    let mut most = 0;
    let mut blocks = [0; 2 * LANES];
    for batch in messages.chunks_mut(blocks.len()) {
        for (message, blocks) in batch.iter_mut().zip(&mut blocks) {
            message.state = state;
            *blocks = message.pad(before);
            most = most.max(*blocks);
        }
        for b in 0..most {
            for (message, blocks) in batch.iter_mut().zip(&blocks) {
                if b < *blocks {
                    compress256(&mut message.state, &message.bytes[b..=b]);
                }
            }
        }
    }
}

/// State of SHA-256 after one block from the start.
pub(super) fn state_after(block: &[u8; 64]) -> [u32; 8] {
    let mut state = IV;
    compress256(&mut state, std::slice::from_ref(block));
    state
}

/// SHA-256 of `0x01 ‖ left ‖ right`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut message = Message::EMPTY;
    node(&mut message, left, right);
    hash_all(std::slice::from_mut(&mut message), None);
    message.hash()
}

fn node(message: &mut Message, left: &Hash, right: &Hash) {
    message.clear();
    message.push(&[1]);
    message.push(left);
    message.push(right);
}

/// The root over no leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(b"")
}

/// One level up, in place.
fn reduce(level: &mut Vec<Hash>) {
    let pairs = level.len() / 2;
    let mut messages = [Message::EMPTY; LANES];
    for from in (0..pairs).step_by(LANES) {
        let lanes = &mut messages[..LANES.min(pairs - from)];
        for (i, message) in (from..).zip(&mut *lanes) {
            node(message, &level[2 * i], &level[2 * i + 1]);
        }
        hash_all(lanes, None);
        for (i, message) in (from..).zip(lanes) {
            level[i] = message.hash();
        }
    }
    if level.len() % 2 == 1 {
        level[pairs] = level[level.len() - 1];
        level.truncate(pairs + 1);
    } else {
        level.truncate(pairs);
    }
}

/// The root over leaf hashes (not leaf data).
#[must_use]
pub fn root(mut leaves: Vec<Hash>) -> Hash {
    if leaves.is_empty() {
        return empty_root();
    }
    while leaves.len() > 1 {
        reduce(&mut leaves);
    }
    leaves[0]
}

/// The root over the data of leaves.
#[must_use]
pub fn root_of<B: AsRef<[u8]>>(leaves: &[B]) -> Hash {
    root(leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect())
}

/// Roots of the subtrees of [`CHUNK`] leaves each (the last may be smaller), the leaf hashes coming from
/// `leaves(numbers)`; computed on all cores and never holding more than one chunk of leaves per core.
pub fn chunk_roots(count: usize, leaves: impl Fn(std::ops::Range<usize>) -> Vec<Hash> + Sync) -> Vec<Hash> {
    (0..count.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let from = chunk * CHUNK;
            root(leaves(from..count.min(from + CHUNK)))
        })
        .collect()
}

/// Inclusion path of leaf `index` of a tree given by leaf hashes, from the sibling upwards; `None` if there is no
/// such leaf.
#[must_use]
pub fn path(leaves: Vec<Hash>, index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() { None } else { paths(leaves, &[index]).pop() }
}

/// Inclusion paths of several leaves of one tree, in the order asked; an index beyond the tree gets an empty path.
#[must_use]
pub fn paths(mut level: Vec<Hash>, indices: &[usize]) -> Vec<Vec<Hash>> {
    let mut paths = vec![Vec::new(); indices.len()];
    let mut at: Vec<usize> = indices.to_vec();
    while level.len() > 1 {
        for (index, path) in at.iter_mut().zip(&mut paths) {
            if let Some(sibling) = level.get(*index ^ 1) {
                path.push(*sibling);
            }
            *index /= 2;
        }
        reduce(&mut level);
    }
    paths
}

/// The root that leaf `index` of a tree of `size` leaves has under an inclusion path; `None` if the path has the
/// wrong length or there is no such leaf.
#[must_use]
pub fn root_from_path(leaf: Hash, mut index: u64, mut size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let mut hash = leaf;
    let mut siblings = path.iter();
    while size > 1 {
        if index % 2 == 1 {
            hash = node_hash(siblings.next()?, &hash);
        } else if index + 1 < size {
            hash = node_hash(&hash, siblings.next()?);
        }
        index /= 2;
        size = size.div_ceil(2);
    }
    siblings.next().is_none().then_some(hash)
}

/// Consistency proof of RFC 6962 section 2.1.2 between the tree of the first `old` leaf hashes and all of them;
/// empty when `old` is 0 or everything. `None` if `old` exceeds the number of leaves.
#[must_use]
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old > leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    if old == 0 || old == leaves.len() {
        return Some(proof);
    }
    let (mut part, mut m, mut whole) = (leaves, old, true);
    // Walk down to the old tree's right edge; what the recursion of the RFC appends on its way back is reversed below.
    while m != part.len() {
        let split = 1 << (usize::BITS - 1 - (part.len() - 1).leading_zeros());
        if m <= split {
            proof.push(root(part[split..].to_vec()));
            part = &part[..split];
        } else {
            proof.push(root(part[..split].to_vec()));
            part = &part[split..];
            m -= split;
            whole = false;
        }
    }
    if !whole {
        proof.push(root(part.to_vec()));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the tree (`old`, `old_root`) is the beginning of the tree (`new`, `new_root`).
#[must_use]
pub fn consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    let mut hashes = proof.iter();
    let (mut node, mut last) = (old - 1, new - 1);
    while node % 2 == 1 {
        node /= 2;
        last /= 2;
    }
    let start = if node == 0 { Some(old_root) } else { hashes.next() };
    let Some(start) = start else { return false };
    let (mut low, mut high) = (*start, *start);
    while last > 0 {
        if node % 2 == 1 {
            let Some(left) = hashes.next() else { return false };
            low = node_hash(left, &low);
            high = node_hash(left, &high);
        } else if node < last {
            let Some(right) = hashes.next() else { return false };
            high = node_hash(&high, right);
        }
        node /= 2;
        last /= 2;
    }
    hashes.next().is_none() && low == *old_root && high == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_the_rfc_6962_reference_tree() {
        // The eight leaves of the reference implementation's test (certificate-transparency/go/merkletree).
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        assert_eq!(
            hex::encode(root_of(&leaves)),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
        assert_eq!(
            hex::encode(root_of::<&[u8]>(&[])),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn short_messages_of_every_length_hash_as_sha_256() {
        let text: Vec<u8> = (0..=Message::MOST).map(|i| u8::try_from(i).unwrap() ^ 0x5a).collect();
        let first = [0x36; 64];
        // All side by side, so that lanes of different lengths meet.
        let mut all: Vec<Message> = (0..=Message::MOST)
            .map(|len| {
                let mut message = Message::EMPTY;
                message.push(&[0xaa; Message::MOST]);
                message.clear();
                message.push(&text[..len]);
                message
            })
            .collect();
        hash_all(&mut all, None);
        for (len, message) in all.iter().enumerate() {
            assert_eq!(message.hash(), sha256(&text[..len]), "{len} bytes");
        }
        hash_all(&mut all, Some((&state_after(&first), 64)));
        for (len, message) in all.iter().enumerate() {
            assert_eq!(message.hash(), sha256(&[&first, &text[..len]].concat()), "{len} bytes after a block");
        }
    }

    #[test]
    fn chunks_of_a_power_of_two_give_the_same_root() {
        for n in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17] {
            let leaves =
                |r: std::ops::Range<usize>| r.map(|i| leaf_hash(&i.to_be_bytes())).collect::<Vec<_>>();
            assert_eq!(root(chunk_roots(n, leaves)), root(leaves(0..n)), "n = {n}");
        }
    }

    #[test]
    fn every_path_and_every_prefix_proves_and_nothing_else_does() {
        for n in 1..40_usize {
            let leaves: Vec<Hash> = (0..n).map(|i| leaf_hash(&[u8::try_from(i).unwrap()])).collect();
            let all = root(leaves.clone());
            for (i, leaf) in leaves.iter().enumerate() {
                let p = path(leaves.clone(), i).unwrap();
                assert_eq!(root_from_path(*leaf, i as u64, n as u64, &p), Some(all));
                if n > 1 {
                    assert_ne!(root_from_path(*leaf, (i as u64 + 1) % n as u64, n as u64, &p), Some(all));
                    assert_eq!(root_from_path(*leaf, i as u64, n as u64, &p[1..]), None);
                }
            }
            for old in 0..=n {
                let proof = consistency(&leaves, old).unwrap();
                let before = root(leaves[..old].to_vec());
                assert!(consistent(old as u64, &before, n as u64, &all, &proof), "{old} of {n}");
                if 0 < old && old < n {
                    assert!(!consistent(old as u64, &all, n as u64, &all, &proof));
                    assert!(!consistent(old as u64, &before, n as u64, &before, &proof));
                }
            }
        }
    }
}
