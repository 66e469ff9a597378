//! Keyed streams of numbers for decisions that must be repeatable but owe nothing to the order of rows.
//!
//! Every purpose has its own key, every object its own stream, so that adding one object moves no other.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A key from which streams are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StreamKey(pub [u8; 32]);

impl std::fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamKey(..)")
    }
}

impl StreamKey {
    /// The stream of one object.
    #[must_use]
    pub fn stream(&self, object: u64) -> Stream {
        let mut rng = ChaCha20Rng::from_seed(self.0);
        rng.set_stream(object);
        Stream(rng)
    }
}

/// A sequence of keyed words.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha20Rng);

impl Stream {
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
    pub fn order<T>(&mut self, items: &mut [T])
    where
        T: Copy,
    {
        let mut keyed: Vec<(u64, T)> = items.iter().map(|item| (self.word(), *item)).collect();
        keyed.sort_by_key(|(word, _)| *word);
        for (slot, (_, item)) in items.iter_mut().zip(keyed) {
            *slot = item;
        }
    }
}
