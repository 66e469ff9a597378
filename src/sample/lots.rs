//! The demonstration county's own source of chance: keyed, integer-only, the same on every platform.
//!
//! Not for the draw: nothing here is secret or verifiable, it only makes invented data repeatable.

use sha2::{Digest, Sha256};

/// A stream of numbers that depends on a seed and a purpose only, so that a change to one table of the county
/// leaves the others as they were.
#[derive(Debug, Clone)]
pub(super) struct Lots {
    key: [u8; 32],
    block: u64,
    words: [u64; 4],
    used: usize,
}

impl Lots {
    /// The stream of `purpose` (any number of words) under `seed`.
    pub(super) fn new(seed: u64, purpose: &[&str]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"onedoor sample 1");
        hash.update(seed.to_be_bytes());
        for word in purpose {
            hash.update((word.len() as u64).to_be_bytes());
            hash.update(word.as_bytes());
        }
        Self { key: hash.finalize().into(), block: 0, words: [0; 4], used: 4 }
    }

    fn word(&mut self) -> u64 {
        if self.used == 4 {
            let mut hash = Sha256::new();
            hash.update(self.key);
            hash.update(self.block.to_be_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            for (word, bytes) in self.words.iter_mut().zip(digest.chunks_exact(8)) {
                *word = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            }
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// A number below `bound`; 0 when `bound` is 0. The bias of one part in 2^32 does not matter here.
    #[expect(clippy::cast_possible_truncation, reason = "the product's upper half is below the bound")]
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True `permille` times in a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// A place in a list of `len` entries.
    #[expect(clippy::cast_possible_truncation, reason = "lists here are far shorter than 2^32")]
    pub(super) fn place(&mut self, len: usize) -> usize {
        self.below(len as u32) as usize
    }

    /// One of a list; the list must not be empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.place(list.len())]
    }

    /// The place of one entry of a list of weights, in proportion to its weight.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return place;
            }
            rest -= weight;
        }
        0
    }

    /// `count` different places of a list of `len`, ascending; all when there are not so many.
    pub(super) fn sample(&mut self, len: usize, count: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..len).collect();
        let count = count.min(len);
        for at in 0..count {
            let other = at + self.place(len - at);
            places.swap(at, other);
        }
        places.truncate(count);
        places.sort_unstable();
        places
    }

    /// One character of a text; the text must not be empty.
    pub(super) fn letter(&mut self, text: &str) -> char {
        let at = self.place(text.chars().count());
        text.chars().nth(at).unwrap_or('一')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_purpose() {
        let draw = |seed, purpose: &[&str]| {
            let mut lots = Lots::new(seed, purpose);
            (0..64).map(|_| lots.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, &["a", "b"]), draw(1, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(1, &["ab"]));
        assert_ne!(draw(1, &["a"]), draw(2, &["a"]));
        // Recomputed in another language; a platform or a refactoring that changes the county is noticed.
        assert_eq!(draw(7, &["pin"])[..4], [143_834, 65_961, 142_095, 946_341]);
    }

    #[test]
    fn samples_are_sets_and_weights_hold() {
        let mut lots = Lots::new(3, &["sample"]);
        let mut hits = [0_u32; 3];
        for _ in 0..3000 {
            let places = lots.sample(9, 4);
            assert!(places.len() == 4 && places.windows(2).all(|w| w[0] < w[1]) && places[3] < 9);
            hits[lots.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(hits[1], 0);
        assert!((600..900).contains(&hits[0]), "{hits:?}");
        assert_eq!(lots.sample(2, 5), [0, 1]);
    }
}
