//! The figures of oversight: pure arithmetic on counts. Rates are whole numbers in basis points (1/100 percent), rounded
//! half up; where nothing was counted there is no rate.

use super::states::words;

words! {
    /// What the rows of a table of figures stand for.
    By {
        /// One row for all.
        Whole = "whole", "合计";
        /// A calendar month, `2026-03`.
        Month = "month", "月份";
        /// A department.
        Department = "department", "部门";
        /// A credit-risk class.
        Class = "class", "信用风险分类";
        /// A town.
        Town = "town", "乡镇街道";
    }
}

/// The share of `part` in `whole`, basis points, rounded half up; none where the whole is nothing.
#[must_use]
pub fn rate_bp(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    i64::try_from((part * 20_000 + whole).div_euclid(2 * whole)).ok()
}

/// Basis points as people write them: `33.33%`; `—` for no rate.
#[must_use]
pub fn percent(bp: Option<i64>) -> String {
    bp.map_or_else(
        || "—".to_owned(),
        |bp| {
            let text = format!("{}.{:02}", bp / 100, bp % 100);
            format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
        },
    )
}

/// Counts of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// On-site visits that ended.
    pub visits: i64,
    /// Those of two or more departments.
    pub joint: i64,
    /// Visits that would have been made besides, had every department gone by itself.
    pub avoided: i64,
    /// On-site checks outside the plans of this system, as the departments recorded them.
    pub others: i64,
    /// Publication periods that are complete or over.
    pub due: i64,
    /// Those complete on or before the last day.
    pub on_time: i64,
    /// Results handed in.
    pub results: i64,
    /// Those in which something could be judged.
    pub judged: i64,
    /// Those with a problem.
    pub problems: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.visits += other.visits;
        self.joint += other.joint;
        self.avoided += other.avoided;
        self.others += other.others;
        self.due += other.due;
        self.on_time += other.on_time;
        self.results += other.results;
        self.judged += other.judged;
        self.problems += other.problems;
    }
}

impl Counts {
    /// 联合检查实施率: joint visits in all on-site visits. The denominator is in none of the plans that set a target
    /// (嘉善 50 %, 大冶 60 %, 常德 50 %); we count every on-site visit, those outside the plans too.
    #[must_use]
    pub fn joint_bp(&self) -> Option<i64> {
        rate_bp(self.joint, self.visits + self.others)
    }

    /// 按时公示率: complete on or before the last day, in all periods that are complete or over (崇信县 2017, indicator 12).
    #[must_use]
    pub fn on_time_bp(&self) -> Option<i64> {
        rate_bp(self.on_time, self.due)
    }

    /// 问题发现率: results with a problem in all in which something could be judged.
    #[must_use]
    pub fn hit_bp(&self) -> Option<i64> {
        rate_bp(self.problems, self.judged)
    }
}

/// How many subjects of a class there are, were drawn, and were inspected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Credit-risk class; empty: not classified.
    pub class: String,
    /// Subjects that can be inspected.
    pub base: i64,
    /// Drawn at least once.
    pub drawn: i64,
    /// Inspected at least once.
    pub inspected: i64,
}

impl Coverage {
    /// Share drawn, basis points.
    #[must_use]
    pub fn drawn_bp(&self) -> Option<i64> {
        rate_bp(self.drawn, self.base)
    }

    /// Share inspected, basis points.
    #[must_use]
    pub fn inspected_bp(&self) -> Option<i64> {
        rate_bp(self.inspected, self.base)
    }
}

/// How work is spread over people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// People who can go.
    pub people: i64,
    /// Those with no visit.
    pub idle: i64,
    /// Visits of all of them together.
    pub visits: i64,
    /// Visits of the busiest.
    pub most: i64,
    /// Visits of the one in the middle (the lower of two).
    pub median: i64,
    /// Visits per person, times 100, rounded half up; none without people.
    pub mean_hundredths: Option<i64>,
}

/// Sums up the visits of each person who went, among `people` who could; somebody who left meanwhile and went before
/// counts too.
#[must_use]
pub fn load(visits: &[i64], people: i64) -> Load {
    let went = i64::try_from(visits.len()).unwrap_or(i64::MAX);
    let people = people.max(went);
    let idle = people - went;
    let mut sorted = visits.to_vec();
    sorted.sort_unstable();
    let total = sorted.iter().sum();
    let middle = (people - 1).max(0) / 2;
    let median = usize::try_from(middle - idle).ok().and_then(|i| sorted.get(i)).copied().unwrap_or(0);
    Load {
        people,
        idle,
        visits: total,
        most: sorted.last().copied().unwrap_or(0),
        median,
        mean_hundredths: rate_bp(total, people).map(|bp| (bp + 50) / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_round_half_up_and_nothing_has_no_rate() {
        assert_eq!(rate_bp(1, 3), Some(3333));
        assert_eq!(rate_bp(2, 3), Some(6667));
        assert_eq!(rate_bp(1, 20_000), Some(1));
        assert_eq!(rate_bp(1, 20_001), Some(0));
        assert_eq!(rate_bp(0, 5), Some(0));
        assert_eq!(rate_bp(5, 5), Some(10_000));
        assert_eq!(rate_bp(0, 0), None);
        assert_eq!(rate_bp(i64::MAX, i64::MAX), Some(10_000));
        assert_eq!(
            [Some(3333), Some(5000), Some(10_000), Some(5), None].map(percent),
            ["33.33%", "50%", "100%", "0.05%", "—"]
        );
    }

    #[test]
    fn checks_outside_the_plans_lower_the_joint_rate() {
        let mut counts = Counts { visits: 4, joint: 3, ..Counts::default() };
        assert_eq!(counts.joint_bp(), Some(7500));
        counts += Counts { others: 2, ..Counts::default() };
        assert_eq!(counts.joint_bp(), Some(5000));
        assert_eq!((counts.on_time_bp(), counts.hit_bp()), (None, None));
    }

    #[test]
    fn idle_people_count_in_the_middle_and_the_mean() {
        let l = load(&[4, 2], 5);
        assert_eq!((l.people, l.idle, l.visits, l.most, l.median), (5, 3, 6, 4, 0));
        assert_eq!(l.mean_hundredths, Some(120));
        assert_eq!(load(&[3, 1, 2], 3).median, 2);
        assert_eq!(load(&[], 0), Load::default());
        // Somebody left after he went.
        assert_eq!(load(&[1, 1], 1).people, 2);
    }

    proptest! {
        #[test]
        fn a_rate_is_the_nearest(part in 0_i64..1_000_000, more in 0_i64..1_000_000) {
            let whole = part + more;
            match rate_bp(part, whole) {
                None => prop_assert_eq!(whole, 0),
                Some(bp) => {
                    prop_assert!((0..=10_000).contains(&bp));
                    // At most half a basis point away.
                    prop_assert!((bp * whole - part * 10_000).abs() * 2 <= whole);
                }
            }
        }

        #[test]
        fn loads_agree_with_counting(visits in proptest::collection::vec(1_i64..9, 0..30), idle in 0_i64..10) {
            let people = i64::try_from(visits.len()).unwrap() + idle;
            let l = load(&visits, people);
            let mut all = vec![0; usize::try_from(idle).unwrap()];
            all.extend(&visits);
            all.sort_unstable();
            prop_assert_eq!(l.people, people);
            prop_assert_eq!(l.idle, idle);
            prop_assert_eq!(l.visits, all.iter().sum::<i64>());
            prop_assert_eq!(l.most, all.last().copied().unwrap_or(0));
            if !all.is_empty() {
                prop_assert_eq!(l.median, all[(all.len() - 1) / 2]);
            }
        }
    }
}
