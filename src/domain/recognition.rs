//! 检查结果互认: what another department has verified at a subject a short while ago need not be checked again (国办发〔2024〕54号:
//! 能合并实施的不得重复检查, domain notes 1.6; issue of the follow-up).

use super::result::Outcome;
use crate::ids::Id;
use chrono::{Days, NaiveDate};

/// What is checked, as far as recognition goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Item.
    pub item: Id,
    /// The item of the upper list it was claimed from.
    pub claimed_from: Option<Id>,
    /// 等价组; empty: none.
    pub group: String,
    /// The department that owns the item.
    pub department: Id,
}

/// Whether two items ask the same: the same item, claimed from the same item of the upper list, or of one group of
/// equivalent items.
#[must_use]
pub fn same_matter(a: &Matter, b: &Matter) -> bool {
    a.item == b.item
        || (a.claimed_from.is_some() && a.claimed_from == b.claimed_from)
        || (!a.group.is_empty() && a.group == b.group)
}

/// Whether `wanted` need not be checked at a subject because `known` was found without any problem there by another
/// department, on `end_day`, at most `days` calendar days before `today`.
#[must_use]
pub fn may_recognise(
    wanted: &Matter,
    known: &Matter,
    outcomes: &[Outcome],
    end_day: NaiveDate,
    today: NaiveDate,
    days: u32,
) -> bool {
    wanted.department != known.department
        && same_matter(wanted, known)
        && outcomes == [Outcome::NoProblemFound]
        && end_day <= today
        && end_day >= since(today, days)
}

/// The earliest end of an inspection whose results may be recognised today.
#[must_use]
pub fn since(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_sub_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn matter(item: u128, from: u128, group: &str, department: u128) -> Matter {
        let claimed_from = (from > 0).then(|| id(from));
        Matter { item: id(item), claimed_from, group: group.to_owned(), department: id(department) }
    }

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + Days::new(n)
    }

    #[test]
    fn only_what_was_found_right_lately_by_somebody_else() {
        let (own, other) = (matter(1, 0, "消防通道", 10), matter(2, 0, "消防通道", 20));
        let clean = [Outcome::NoProblemFound];
        let may = |known: &Matter, outcomes: &[Outcome], end: u64| {
            may_recognise(&own, known, outcomes, day(end), day(100), 90)
        };
        assert!(may(&other, &clean, 10));
        assert!(!may(&other, &clean, 9), "91 days ago");
        assert!(!may(&other, &clean, 101), "not yet");
        assert!(!may(&other, &[Outcome::CorrectedOnOrder], 50));
        assert!(!may(&other, &[Outcome::ClosedDown], 50));
        assert!(!may(&other, &[], 50));
        assert!(!may(&matter(3, 0, "消防通道", 10), &clean, 50), "of one's own department");
        assert!(!may(&matter(3, 0, "", 20), &clean, 50));
        // No group is no group in common.
        assert!(!same_matter(&matter(1, 0, "", 10), &matter(2, 0, "", 20)));
        assert!(same_matter(&matter(1, 7, "", 10), &matter(2, 7, "", 20)));
    }

    proptest! {
        #[test]
        fn same_matter_has_no_sides(a in (0_u128..3, 0_u128..3, "[ab]?"), b in (0_u128..3, 0_u128..3, "[ab]?")) {
            let (a, b) = (matter(a.0, a.1, &a.2, 1), matter(b.0, b.1, &b.2, 2));
            prop_assert_eq!(same_matter(&a, &b), same_matter(&b, &a));
            prop_assert!(same_matter(&a, &a));
        }
    }
}
