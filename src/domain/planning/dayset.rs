//! A set of working days of a planning period as a bitset.

/// At most this many working days in one planning period.
pub const MAX_DAYS: usize = 256;

/// A set of day indices below [`MAX_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DaySet(pub [u64; 4]);

impl DaySet {
    /// No day.
    pub const EMPTY: Self = Self([0; 4]);

    /// The days `0..n`.
    #[must_use]
    pub fn first(n: usize) -> Self {
        let mut set = Self::EMPTY;
        for day in 0..n.min(MAX_DAYS) {
            set.insert(day);
        }
        set
    }

    /// Adds a day; one outside the range is ignored.
    pub fn insert(&mut self, day: usize) {
        if let Some(word) = self.0.get_mut(day / 64) {
            *word |= 1 << (day % 64);
        }
    }

    /// Removes a day.
    pub fn remove(&mut self, day: usize) {
        if let Some(word) = self.0.get_mut(day / 64) {
            *word &= !(1 << (day % 64));
        }
    }

    /// Whether the day is in the set.
    #[must_use]
    pub fn contains(self, day: usize) -> bool {
        self.0.get(day / 64).is_some_and(|word| word >> (day % 64) & 1 == 1)
    }

    /// Days in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// Days in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Days in `self` and not in `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Number of days.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether there is no day.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    /// The earliest day.
    #[must_use]
    pub fn min(self) -> Option<usize> {
        self.0.iter().enumerate().find(|(_, w)| **w != 0).map(|(i, w)| i * 64 + w.trailing_zeros() as usize)
    }

    /// The latest day.
    #[must_use]
    pub fn max(self) -> Option<usize> {
        self.0
            .iter()
            .enumerate()
            .rev()
            .find(|(_, w)| **w != 0)
            .map(|(i, w)| i * 64 + 63 - w.leading_zeros() as usize)
    }

    /// The days in ascending order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(i, mut word)| {
            std::iter::from_fn(move || {
                if word == 0 {
                    return None;
                }
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                Some(i * 64 + bit)
            })
        })
    }
}

impl FromIterator<usize> for DaySet {
    fn from_iter<I: IntoIterator<Item = usize>>(days: I) -> Self {
        let mut set = Self::EMPTY;
        for day in days {
            set.insert(day);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_plain_list() {
        let days = [0, 3, 63, 64, 127, 200, 255];
        let set: DaySet = days.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), days);
        assert_eq!((set.min(), set.max(), set.len()), (Some(0), Some(255), 7));
        assert_eq!(DaySet::first(70).and(set).iter().collect::<Vec<_>>(), [0, 3, 63, 64]);
        assert_eq!(set.minus(DaySet::first(70)).len(), 3);
        assert!(DaySet::EMPTY.is_empty() && DaySet::EMPTY.min().is_none());
    }
}
