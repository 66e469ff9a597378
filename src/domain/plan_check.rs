//! The annual plan against the rules and against what was done: how many subjects an entry asks for of its frozen base,
//! ratio floors, ratios that rise with the risk, and neither more nor fewer checks than planned.

use super::figures::{percent, rate_bp};
use super::ratio::{Bound, Rule};
use super::scope::CLASSES;
use super::states::words;
use std::collections::BTreeMap;

/// How many subjects are asked for: at least, and at most where there is a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Least number.
    pub least: u64,
    /// Greatest number; none: the more the better.
    pub most: Option<u64>,
}

/// A share of `n`, rounded up as the draw does it (VDR/1): nobody gets below what is written by rounding.
fn share(n: u64, bp: u32) -> u64 {
    let exact = (u128::from(n) * u128::from(bp)).div_ceil(10_000);
    u64::try_from(exact).unwrap_or(n).min(n)
}

/// An upper limit as a number: never rounded over.
fn limit(n: u64, bp: u32) -> u64 {
    u64::try_from(u128::from(n) * u128::from(bp) / 10_000).unwrap_or(n)
}

/// What a ratio asks of `n` subjects.
#[must_use]
pub fn bounds(rule: Rule, n: u64) -> Bounds {
    let count = |k: u32| u64::from(k).min(n);
    let of = |least, bound| match bound {
        Bound::Exact => Bounds { least, most: Some(least) },
        Bound::AtLeast => Bounds { least, most: None },
        Bound::AtMost => Bounds { least: 0, most: Some(least) },
    };
    match rule {
        Rule::Share { bp, bound: Bound::AtMost } => Bounds { least: 0, most: Some(limit(n, bp)) },
        Rule::Share { bp, bound } => of(share(n, bp), bound),
        Rule::ShareRange { lo_bp, hi_bp } => {
            let least = share(n, lo_bp);
            Bounds { least, most: Some(limit(n, hi_bp).max(least)) }
        }
        Rule::Count { n, bound } => of(count(n), bound),
        Rule::CountRange { lo, hi } => Bounds { least: count(lo), most: Some(count(hi)) },
        Rule::AtLeastAndShare { min, bp } => Bounds { least: count(min).max(share(n, bp)), most: None },
        Rule::All => Bounds { least: n, most: Some(n) },
    }
}

/// What an entry asks for of its base: a share of each class by itself, a number of all together; a class's own ratio
/// stands before the general one. None where the texts say no number.
#[must_use]
pub fn planned(
    general: Option<Rule>,
    own: &[(String, Option<Rule>)],
    classes: &BTreeMap<String, u64>,
) -> Option<Bounds> {
    let ratio = |class: &str| own.iter().find(|(c, _)| c == class);
    let mut parts: Vec<Bounds> = Vec::new();
    let mut rest = 0;
    for (class, n) in classes {
        match (ratio(class), general) {
            (Some((_, rule)), _) => parts.push(bounds((*rule)?, *n)),
            (None, Some(Rule::Count { .. } | Rule::CountRange { .. } | Rule::AtLeastAndShare { .. })) => {
                rest += n
            }
            (None, Some(rule)) => parts.push(bounds(rule, *n)),
            // Classes that an entry with ratios by class does not name are not drawn from.
            (None, None) if own.is_empty() => return None,
            (None, None) => {}
        }
    }
    if let (Some(rule), true) = (general, rest > 0) {
        parts.push(bounds(rule, rest));
    }
    if classes.is_empty() && general.is_none() && own.is_empty() {
        return None;
    }
    Some(Bounds {
        least: parts.iter().map(|b| b.least).sum(),
        most: parts.iter().map(|b| b.most).sum::<Option<u64>>(),
    })
}

words! {
    /// What a check of an entry found.
    Finding {
        /// The texts say no number a draw could go by.
        NotUnderstood = "ratio_not_understood", "看不出抽查数量";
        /// Nobody is in its scope.
        Nobody = "nobody", "没有符合条件的检查对象";
        /// Below the floor of the regulations.
        BelowFloor = "below_floor", "低于抽查比例下限";
        /// A class of lower risk is checked more than one of higher risk.
        NotMonotone = "not_monotone", "抽查比例未随信用风险递增";
        /// A risk group that is not checked altogether.
        RiskGroupPartial = "risk_group_partial", "风险群体未全覆盖";
    }
}

/// What an entry is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Floors {
    /// Least share of an untargeted draw, basis points: 3 % (甘肃省政府令第129号, 工商总局令第67号).
    pub untargeted_bp: u32,
    /// Least share of a targeted draw: 10 % (甘肃省政府令第129号).
    pub targeted_bp: u32,
}

/// Checks an entry over its base: floors, ratios that rise with the risk (A ≤ B ≤ C ≤ D; 国办发〔2015〕58号, the 2024
/// plans' 递加), and groups that may be checked altogether (`risk_group`: aimed at the lists of abnormal operation or
/// serious violation; 甘肃省政府令第129号 lets them be checked 100 %). All are warnings, for a plan may have its reasons.
#[must_use]
pub fn check(
    general: Option<Rule>,
    own: &[(String, Option<Rule>)],
    classes: &BTreeMap<String, u64>,
    targeted: bool,
    risk_group: bool,
    floors: Floors,
) -> Vec<(Finding, String)> {
    let mut found = Vec::new();
    let base: u64 = classes.values().sum();
    let Some(asked) = planned(general, own, classes) else {
        found.push((Finding::NotUnderstood, "看不出抽多少,请填写比例或户数".to_owned()));
        return found;
    };
    if base == 0 {
        found.push((Finding::Nobody, "没有符合条件的检查对象,请放宽范围".to_owned()));
        return found;
    }
    let bp_of = |bounds: Bounds, n: u64| {
        // Where only an upper limit is named, this is what is asked for.
        let n_asked = if bounds.least == 0 { bounds.most.unwrap_or(0) } else { bounds.least };
        rate_bp(i64::try_from(n_asked).unwrap_or(i64::MAX), i64::try_from(n).unwrap_or(i64::MAX)).unwrap_or(0)
    };
    let (floor, word, source) = if targeted {
        (floors.targeted_bp, "定向", "甘肃省政府令第129号")
    } else {
        (floors.untargeted_bp, "不定向", "甘肃省政府令第129号、工商总局令第67号")
    };
    let whole = bp_of(asked, base);
    if whole < i64::from(floor) {
        found.push((
            Finding::BelowFloor,
            format!(
                "抽取比例约{},低于{word}抽查下限{}({source})",
                percent(Some(whole)),
                percent(Some(floor.into()))
            ),
        ));
    }
    // The share as written, for rounding in a small class is no fault of the plan.
    let written = |class: &str| {
        let n = *classes.get(class).filter(|n| **n > 0)?;
        let rule = own.iter().find(|(c, _)| c == class).map_or(general, |(_, rule)| *rule)?;
        Some(match rule {
            Rule::Share { bp, .. } | Rule::ShareRange { lo_bp: bp, .. } => i64::from(bp),
            Rule::All => 10_000,
            // A number for all together favours nobody.
            Rule::Count { .. } | Rule::CountRange { .. } | Rule::AtLeastAndShare { .. } => {
                bp_of(bounds(rule, n), n)
            }
        })
    };
    if !own.is_empty() {
        let rated: Vec<(&str, i64)> = CLASSES.iter().filter_map(|c| Some((*c, written(c)?))).collect();
        for pair in rated.windows(2).filter(|pair| pair[0].1 > pair[1].1) {
            found.push((
                Finding::NotMonotone,
                format!(
                    "风险较低的{}类比例({})高于风险较高的{}类({});抽查比例应随信用风险递增(国办发〔2015〕58号)",
                    pair[0].0,
                    percent(Some(pair[0].1)),
                    pair[1].0,
                    percent(Some(pair[1].1))
                ),
            ));
        }
    }
    if risk_group && asked.least < base {
        found.push((
            Finding::RiskGroupPartial,
            format!(
                "经营异常、严重违法等风险群体可以100%检查(甘肃省政府令第129号),本计划只抽{}/{base}户",
                asked.least
            ),
        ));
    }
    found
}

words! {
    /// How what was done stands to what was planned (崇信县 2017, indicator 10: 没有随意增加或减少检查次数).
    Standing {
        /// Nothing is drawn yet, and there is time.
        Waiting = "waiting", "未到期";
        /// Under way, and can still come out right.
        UnderWay = "under_way", "执行中";
        /// As planned.
        AsPlanned = "as_planned", "按计划完成";
        /// Fewer than planned.
        Fewer = "fewer", "少于计划";
        /// More than planned.
        More = "more", "多于计划";
        /// The plan says no number to compare with.
        Unknown = "unknown", "无法比较";
    }
}

/// What was done of an entry, in subjects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Drawn.
    pub drawn: u64,
    /// Inspected.
    pub inspected: u64,
    /// Drawn, not inspected, and still to be.
    pub open: u64,
}

/// Compares what was done with what was planned; `over`: the window of the entry has passed.
#[must_use]
pub fn standing(asked: Option<Bounds>, done: Done, over: bool) -> Standing {
    let Some(asked) = asked else { return Standing::Unknown };
    if asked.most.is_some_and(|most| done.inspected > most) {
        return Standing::More;
    }
    let may_still = if over { 0 } else { done.open };
    if (over || done.drawn > 0) && done.inspected + may_still < asked.least {
        return Standing::Fewer;
    }
    if done.inspected >= asked.least && done.open == 0 && (over || done.drawn > 0) {
        Standing::AsPlanned
    } else if done.drawn == 0 {
        Standing::Waiting
    } else {
        Standing::UnderWay
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ratio::Ratio;
    use proptest::prelude::*;

    const FLOORS: Floors = Floors { untargeted_bp: 300, targeted_bp: 1000 };

    fn rule(text: &str) -> Option<Rule> {
        Ratio::parse(text).rule
    }

    fn sizes(list: &[(&str, u64)]) -> BTreeMap<String, u64> {
        list.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect()
    }

    fn own(list: &[(&str, &str)]) -> Vec<(String, Option<Rule>)> {
        list.iter().map(|(c, t)| ((*c).to_owned(), rule(t))).collect()
    }

    fn asked(text: &str, n: u64) -> (u64, Option<u64>) {
        let b = bounds(rule(text).unwrap(), n);
        (b.least, b.most)
    }

    #[test]
    fn ratios_as_officials_write_them() {
        assert_eq!(asked("3%", 50), (2, Some(2)));
        assert_eq!(asked("3%", 34), (2, Some(2)));
        assert_eq!(asked("3%", 100), (3, Some(3)));
        assert_eq!(asked("2‰", 10), (1, Some(1)));
        assert_eq!(asked("不低于3%", 200), (6, None));
        assert_eq!(asked("不超过2%", 149), (0, Some(2)));
        assert_eq!(asked("10-20%", 100), (10, Some(20)));
        assert_eq!(asked("10-20%", 4), (1, Some(1)));
        assert_eq!(asked("60-70家", 65), (60, Some(65)));
        assert_eq!(asked("1户", 0), (0, Some(0)));
        assert_eq!(asked("全部", 7), (7, Some(7)));
        assert_eq!(asked("≤10所不少于2所;>10所不低于50%", 30), (15, None));
    }

    #[test]
    fn a_share_counts_for_each_class_and_a_number_for_all() {
        let base = sizes(&[("A", 100), ("D", 10)]);
        let of = |general: &str, list: &[(&str, &str)]| planned(rule(general), &own(list), &base);
        assert_eq!(of("3%", &[]), Some(Bounds { least: 4, most: Some(4) }));
        assert_eq!(of("20户", &[]), Some(Bounds { least: 20, most: Some(20) }));
        assert_eq!(of("", &[("D", "30%")]), Some(Bounds { least: 3, most: Some(3) }));
        assert_eq!(of("1%", &[("D", "不低于30%")]), Some(Bounds { least: 4, most: None }));
        assert_eq!(of("根据实际情况确定", &[]), None);
        assert_eq!(of("1%", &[("D", "根据实际情况确定")]), None);
    }

    #[test]
    fn floors_risk_and_groups_are_warned_about() {
        let base = sizes(&[("A", 1000), ("B", 1000), ("C", 100), ("D", 100)]);
        let codes = |general: &str, list: &[(&str, &str)], targeted, group| {
            check(rule(general), &own(list), &base, targeted, group, FLOORS)
                .into_iter()
                .map(|(f, _)| f)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("3%", &[], false, false), []);
        assert_eq!(codes("2%", &[], false, false), [Finding::BelowFloor]);
        assert_eq!(codes("9%", &[], true, false), [Finding::BelowFloor]);
        assert_eq!(codes("10%", &[], true, true), [Finding::RiskGroupPartial]);
        assert_eq!(codes("全部", &[], true, true), []);
        // Henan 2021: D 30 %, C 10 %, B 2 %, A 1 % comes to 70 of 2,200.
        let henan = [("A", "1%"), ("B", "2%"), ("C", "10%"), ("D", "30%")];
        assert_eq!(codes("", &henan, false, false), []);
        assert_eq!(
            codes("", &[("A", "5%"), ("B", "2%"), ("C", "10%"), ("D", "10%")], false, false),
            [Finding::NotMonotone]
        );
        assert_eq!(codes("", &[], false, false), [Finding::NotUnderstood]);
        let nobody = check(rule("3%"), &[], &sizes(&[]), false, false, FLOORS);
        assert_eq!(nobody[0].0, Finding::Nobody);
    }

    #[test]
    fn neither_more_nor_fewer() {
        let asked = Some(Bounds { least: 4, most: Some(4) });
        let done = |drawn, inspected, open| Done { drawn, inspected, open };
        assert_eq!(standing(asked, done(0, 0, 0), false), Standing::Waiting);
        assert_eq!(standing(asked, done(0, 0, 0), true), Standing::Fewer);
        assert_eq!(standing(asked, done(4, 1, 3), false), Standing::UnderWay);
        assert_eq!(standing(asked, done(4, 1, 3), true), Standing::Fewer);
        // One of the four is gone: four cannot be reached any more.
        assert_eq!(standing(asked, done(4, 1, 2), false), Standing::Fewer);
        assert_eq!(standing(asked, done(4, 4, 0), false), Standing::AsPlanned);
        assert_eq!(standing(asked, done(5, 5, 0), false), Standing::More);
        let more = Some(Bounds { least: 4, most: None });
        assert_eq!(standing(more, done(9, 9, 0), true), Standing::AsPlanned);
        assert_eq!(standing(None, done(9, 9, 0), true), Standing::Unknown);
    }

    proptest! {
        #[test]
        fn nobody_is_asked_twice(n in 0_u64..5_000, lo in 0_u32..10_000, more in 0_u32..5_000, kind in 0..7_usize) {
            let hi = (lo + more).min(10_000);
            let rule = [
                Rule::Share { bp: lo, bound: Bound::Exact },
                Rule::Share { bp: lo, bound: Bound::AtMost },
                Rule::ShareRange { lo_bp: lo, hi_bp: hi },
                Rule::Count { n: lo, bound: Bound::AtLeast },
                Rule::CountRange { lo, hi },
                Rule::AtLeastAndShare { min: lo, bp: hi },
                Rule::All,
            ][kind];
            let b = bounds(rule, n);
            prop_assert!(b.least <= n && b.most.is_none_or(|most| b.least <= most && most <= n));
        }

        #[test]
        fn ratios_that_rise_are_never_called_falling(
            mut ratios in proptest::collection::vec(1_u32..10_000, 4), n in proptest::collection::vec(1_u64..300, 4)
        ) {
            ratios.sort_unstable();
            let own: Vec<(String, Option<Rule>)> = CLASSES
                .iter()
                .zip(&ratios)
                .map(|(c, bp)| ((*c).to_owned(), Some(Rule::Share { bp: *bp, bound: Bound::Exact })))
                .collect();
            let base = CLASSES.iter().zip(&n).map(|(c, n)| ((*c).to_owned(), *n)).collect();
            let found = check(None, &own, &base, false, false, FLOORS);
            prop_assert!(found.iter().all(|(f, _)| *f != Finding::NotMonotone));
            let falling: Vec<(String, Option<Rule>)> = own.iter().map(|(c, _)| c.clone())
                .zip(own.iter().rev().map(|(_, r)| *r)).collect();
            let found = check(None, &falling, &base, false, false, FLOORS);
            let strictly = ratios.windows(2).any(|w| w[0] < w[1]);
            prop_assert_eq!(found.iter().any(|(f, _)| *f == Finding::NotMonotone), strictly);
        }
    }
}
