//! Keyed streams of numbers for decisions of the schedule that must be repeatable but owe nothing to the order of
//! rows. What is published as drawn uses lots ([`crate::domain::draw::lots`]), not these.

use crate::domain::draw::lots::Key;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A sequence of words that depends on a key and the number of an object only, so that adding one object moves no
/// other.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha20Rng);

impl Stream {
    /// The stream of one object.
    #[must_use]
    pub fn new(key: &Key, object: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed(*key.bytes());
        rng.set_stream(object);
        Self(rng)
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n` (0 when `n` is 0), by the high half of a product: the bias is below n/2^64.
    #[expect(clippy::cast_possible_truncation, reason = "the high half of a product is below n")]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }

    /// Puts items in keyed order: sorted by a word each, ties by place.
    pub fn order<T: Copy>(&mut self, items: &mut [T]) {
        let mut keyed: Vec<(u64, T)> = items.iter().map(|item| (self.word(), *item)).collect();
        keyed.sort_by_key(|(word, _)| *word);
        for (slot, (_, item)) in items.iter_mut().zip(keyed) {
            *slot = item;
        }
    }
}
