//! The scorecard of 14 indicators (崇信县 2017 双随机考评表): which are judged by evidence and which by figures, and what a
//! department scores. The source names no weights, so each year has its own; equal ones where nothing was set.

use super::figures::rate_bp;
use super::states::{cycle, words};
use chrono::{Datelike, NaiveDate};

/// Number of indicators.
pub const INDICATORS: usize = 14;
/// Greatest weight of an indicator.
pub const WEIGHT_MAX: u32 = 1_000;

/// An indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indicator {
    /// Number, from 1.
    pub number: usize,
    /// Group.
    pub group: &'static str,
    /// What is asked.
    pub title: &'static str,
    /// Judged by evidence that the coordination office confirms; otherwise by figures.
    pub by_evidence: bool,
}

const fn of(number: usize, group: &'static str, title: &'static str, by_evidence: bool) -> Indicator {
    Indicator { number, group, title, by_evidence }
}

/// All of them, in their order.
pub const ALL: [Indicator; INDICATORS] = [
    of(1, "组织领导", "有健全的组织机构", true),
    of(2, "宣传活动", "开展多种形式的宣传,有资料", true),
    of(3, "人员培训", "有培训计划等资料", true),
    of(4, "经费投入", "经费有保障,有会议记录和凭证", true),
    of(5, "市场主体名录库", "建立市场主体名录库", false),
    of(6, "执法检查人员名录库", "建立执法检查人员名录库", false),
    of(7, "抽查事项清单库", "制定抽查事项清单并公示", false),
    of(8, "抽查工作计划任务库", "制定年度抽查计划并公示", false),
    of(9, "抽查工作细则", "制定抽查工作细则", true),
    of(10, "双随机抽查", "按方案开展抽查,没有随意增加或减少检查次数", false),
    of(11, "跨部门联查", "牵头或配合开展联合抽查", false),
    of(12, "抽查结果公示", "20个工作日内公示抽查结果", false),
    of(13, "检查结果运用", "对发现的问题作出后续处置", false),
    of(14, "日常监管和其他检查", "专项、投诉、转办等计划外检查有记录", false),
];

words! {
    /// Where a piece of evidence stands.
    EvidenceState {
        /// Waits for the coordination office.
        HandedIn = "handed_in", "待确认";
        /// 已确认.
        Confirmed = "confirmed", "已确认";
        /// 不予确认.
        Rejected = "rejected", "不予确认";
    }
}

/// The life of a piece of evidence.
pub mod evidence {
    pub use super::EvidenceState as State;
    use super::{cycle, words};

    words! {
        /// What moves it.
        Act {
            /// 确认.
            Confirm = "confirm", "确认";
            /// 不予确认.
            Reject = "reject", "不予确认";
        }
    }

    cycle! {
        "score_evidence", "考评佐证", HandedIn;
        HandedIn: Confirm => Confirmed;
        HandedIn: Reject => Rejected;
        Confirmed: Reject => Rejected;
        Rejected: Confirm => Confirmed;
    }
}

/// What the figures of a department are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Pieces of evidence of each indicator: confirmed, and waiting.
    pub evidence: [(i64, i64); INDICATORS],
    /// Subjects it supervises, and those with a credit-risk class.
    pub subjects: (i64, i64),
    /// When one of them was entered or changed last.
    pub subjects_on: Option<NaiveDate>,
    /// Officers in service, and those with a valid certificate.
    pub officers: (i64, i64),
    /// Items, and those published.
    pub items: (i64, i64),
    /// Plan entries, and those published.
    pub plans: (i64, i64),
    /// When the first of them was published.
    pub plans_on: Option<NaiveDate>,
    /// Plan entries that can be judged, and those with neither more nor fewer checks.
    pub executed: (i64, i64),
    /// Joint inspections it led, and those it joined.
    pub joint: (i64, i64),
    /// Invitations, and those it declined or never answered.
    pub invited: (i64, i64),
    /// Publication periods that are complete or over, and those in time.
    pub published: (i64, i64),
    /// Results with a problem, and those of which something was made: what should follow was said and set going.
    pub problems: (i64, i64),
    /// What follows from the results of the year, by `statistics::Track`: all, and those that have ended.
    pub tracks: Vec<(i64, i64)>,
    /// Checks outside the plans, and those with what they were about.
    pub others: (i64, i64),
}

impl Facts {
    /// How far an indicator is fulfilled, basis points; none where there was nothing to judge: then it counts neither for
    /// nor against.
    #[must_use]
    pub fn share(&self, number: usize) -> Option<i64> {
        let has = |yes: bool| Some(if yes { 10_000 } else { 0 });
        let part = |(whole, part): (i64, i64)| rate_bp(part, whole);
        match number {
            // There is a directory or there is none; who is in it is its figure.
            5 => has(self.subjects.0 > 0),
            6 => Some(part(self.officers).unwrap_or(0)),
            7 => Some(part(self.items).unwrap_or(0)),
            8 => Some(part(self.plans).unwrap_or(0)),
            10 => part(self.executed),
            11 if self.joint == (0, 0) => has(false),
            11 => Some(part((self.invited.0, self.invited.0 - self.invited.1)).unwrap_or(10_000)),
            12 => part(self.published),
            13 => part(self.problems),
            14 => part(self.others),
            _ => {
                let confirmed = number.checked_sub(1).and_then(|i| self.evidence.get(i)).map_or(0, |e| e.0);
                has(confirmed > 0)
            }
        }
    }

    /// The figures an indicator rests on, each with its name.
    #[must_use]
    pub fn figures(&self, number: usize) -> Vec<(&'static str, i64)> {
        let two = |a, b, pair: (i64, i64)| vec![(a, pair.0), (b, pair.1)];
        // A day as a number that reads as one: 20260331.
        let dated = |mut list: Vec<(&'static str, i64)>, name, day: Option<NaiveDate>| {
            let number = |d: NaiveDate| i64::from(d.year()) * 10_000 + i64::from(d.month() * 100 + d.day());
            list.extend(day.map(|d| (name, number(d))));
            list
        };
        match number {
            5 => dated(
                two("检查对象", "已作信用风险分类", self.subjects),
                "最近更新(年月日)",
                self.subjects_on,
            ),
            6 => two("在岗检查人员", "证件有效", self.officers),
            7 => two("抽查事项", "已公示", self.items),
            8 => dated(two("年度计划", "已公示", self.plans), "首次公示(年月日)", self.plans_on),
            10 => two("可比较的计划", "按计划完成", self.executed),
            11 => {
                let mut list = two("牵头联合抽查", "配合联合抽查", self.joint);
                list.extend(two("收到邀请", "拒绝或逾期未答复", self.invited));
                list
            }
            12 => two("应公示", "按时公示", self.published),
            13 => {
                let mut list = two("发现问题的结果", "已落实后续处置", self.problems);
                let named = [
                    ("责令整改", "整改完成(含转立案)"),
                    ("线索移送", "移送办结"),
                    ("抄告", "抄告办结"),
                    ("立案", "结案"),
                    ("列异办理", "列异办结"),
                    ("委托专业机构", "委托完成"),
                ];
                for ((all, ended), pair) in named.into_iter().zip(&self.tracks) {
                    list.extend(two(all, ended, *pair));
                }
                list
            }
            14 => two("计划外检查", "已写明事由", self.others),
            _ => {
                let pair =
                    number.checked_sub(1).and_then(|i| self.evidence.get(i)).copied().unwrap_or_default();
                two("已确认佐证", "待确认佐证", pair)
            }
        }
    }
}

/// What a department scores at an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The indicator.
    pub indicator: Indicator,
    /// Its weight.
    pub weight: u32,
    /// How far it is fulfilled, basis points.
    pub share_bp: Option<i64>,
    /// Points, times 100; none where there was nothing to judge.
    pub points_hundredths: Option<i64>,
    /// What it rests on.
    pub figures: Vec<(&'static str, i64)>,
}

/// What a department scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Line by line.
    pub lines: Vec<Line>,
    /// Points, times 100.
    pub points_hundredths: i64,
    /// Points that could be had where there was something to judge, times 100.
    pub possible_hundredths: i64,
}

impl Score {
    /// The share of the points that could be had, basis points.
    #[must_use]
    pub fn share_bp(&self) -> Option<i64> {
        rate_bp(self.points_hundredths, self.possible_hundredths)
    }
}

/// Scores a department. A weight that is missing is nought.
#[must_use]
pub fn score(facts: &Facts, weights: &[u32]) -> Score {
    let lines: Vec<Line> = ALL
        .iter()
        .map(|indicator| {
            let weight = weights.get(indicator.number - 1).copied().unwrap_or(0);
            let share_bp = facts.share(indicator.number);
            Line {
                indicator: *indicator,
                weight,
                share_bp,
                points_hundredths: share_bp.map(|bp| (i64::from(weight) * bp + 50) / 100),
                figures: facts.figures(indicator.number),
            }
        })
        .collect();
    let judged = lines.iter().filter(|l| l.points_hundredths.is_some());
    Score {
        points_hundredths: lines.iter().filter_map(|l| l.points_hundredths).sum(),
        possible_hundredths: judged.map(|l| i64::from(l.weight) * 100).sum(),
        lines,
    }
}

/// Faults of the weights of a year, as (place, Chinese); place none: of all together.
#[must_use]
pub fn faults(weights: &[u32]) -> Vec<(Option<usize>, String)> {
    let mut faults = Vec::new();
    if weights.len() != INDICATORS {
        faults.push((None, format!("须给出{INDICATORS}项指标的权重,现有{}项", weights.len())));
    } else if weights.iter().all(|w| *w == 0) {
        faults.push((None, "权重不能全部为0".to_owned()));
    }
    for (i, weight) in weights.iter().enumerate().filter(|(_, w)| **w > WEIGHT_MAX) {
        faults.push((Some(i), format!("权重{weight}过大,最大{WEIGHT_MAX}")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn full() -> Facts {
        Facts {
            evidence: [(1, 0); INDICATORS],
            subjects: (10, 4),
            subjects_on: NaiveDate::from_ymd_opt(2026, 3, 31),
            officers: (4, 4),
            items: (3, 3),
            plans: (2, 2),
            plans_on: NaiveDate::from_ymd_opt(2026, 1, 9),
            executed: (2, 2),
            joint: (1, 1),
            invited: (2, 0),
            published: (5, 5),
            problems: (2, 2),
            tracks: vec![(1, 1); 6],
            others: (1, 1),
        }
    }

    #[test]
    fn whoever_does_everything_gets_everything() {
        let s = score(&full(), &[10; INDICATORS]);
        assert_eq!(
            (s.points_hundredths, s.possible_hundredths, s.share_bp()),
            (14_000, 14_000, Some(10_000))
        );
        for (i, indicator) in ALL.iter().enumerate() {
            assert_eq!(indicator.number, i + 1);
        }
        assert_eq!(full().figures(5)[2], ("最近更新(年月日)", 20_260_331));
        assert_eq!(full().figures(8)[2], ("首次公示(年月日)", 20_260_109));
        assert_eq!(Facts::default().figures(5).len(), 2);
        let evidence: Vec<usize> = ALL.iter().filter(|i| i.by_evidence).map(|i| i.number).collect();
        assert_eq!(evidence, [1, 2, 3, 4, 9]);
    }

    #[test]
    fn whoever_does_nothing_gets_nothing_and_what_cannot_be_judged_does_not_count() {
        let s = score(&Facts::default(), &[10; INDICATORS]);
        assert_eq!((s.points_hundredths, s.share_bp()), (0, Some(0)));
        let open: Vec<usize> =
            s.lines.iter().filter(|l| l.share_bp.is_none()).map(|l| l.indicator.number).collect();
        assert_eq!(open, [10, 12, 13, 14]);
        assert_eq!(s.possible_hundredths, 10_000);
    }

    #[test]
    fn declining_costs_and_evidence_counts_only_when_confirmed() {
        let mut facts = full();
        facts.invited = (4, 1);
        assert_eq!(facts.share(11), Some(7500));
        facts.evidence[0] = (0, 3);
        assert_eq!(facts.share(1), Some(0));
        // What is judged by figures needs no evidence.
        facts.evidence[9] = (0, 0);
        assert_eq!(facts.share(10), Some(10_000));
        facts.published = (3, 1);
        let s = score(&facts, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0]);
        assert_eq!((s.points_hundredths, s.possible_hundredths), (1000, 3000));
    }

    #[test]
    fn weights_are_fourteen_and_not_all_nought() {
        assert!(faults(&[10; INDICATORS]).is_empty());
        assert_eq!(faults(&[10; 13]).len(), 1);
        assert_eq!(faults(&[0; INDICATORS]).len(), 1);
        let mut one = [1; INDICATORS];
        one[3] = WEIGHT_MAX + 1;
        assert_eq!(faults(&one)[0].0, Some(3));
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_there_is(
            weights in proptest::collection::vec(0_u32..=WEIGHT_MAX, INDICATORS),
            n in proptest::collection::vec((0_i64..50, 0_i64..50), 10), confirmed in proptest::collection::vec(0_i64..2, 14)
        ) {
            let pair = |i: usize| (n[i].0 + n[i].1, n[i].1);
            let mut facts = Facts {
                subjects: pair(0), officers: pair(1), items: pair(2), plans: pair(3), executed: pair(4),
                joint: n[5], invited: pair(6), published: pair(7), problems: pair(8), others: pair(9),
                ..Facts::default()
            };
            for (i, c) in confirmed.iter().enumerate() {
                facts.evidence[i] = (*c, 0);
            }
            let s = score(&facts, &weights);
            prop_assert!(s.points_hundredths >= 0 && s.points_hundredths <= s.possible_hundredths);
            prop_assert_eq!(s.lines.len(), INDICATORS);
        }
    }
}
