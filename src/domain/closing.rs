//! 完结: whether a published result is dealt with, by what was really done about it and not by what was written down that
//! should be done (domain notes 1.7: 后续处置 with 未完结/已完结; 1.9: 完结数, 完结率; 1.10 row 13: 线索转办 made and closed).

use super::result::{FollowUp, Outcome};

/// How far one kind of matter is that follows from a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Mark {
    /// There is none.
    #[default]
    None,
    /// All of them have ended.
    Ended,
    /// Some still run.
    Open,
}

impl Mark {
    /// The mark of what the database counts: 0 none, 1 all ended, 2 some run.
    #[must_use]
    pub const fn of(n: i64) -> Self {
        match n {
            0 => Self::None,
            1 => Self::Ended,
            _ => Self::Open,
        }
    }

    const fn is_there(self) -> bool {
        !matches!(self, Self::None)
    }
}

/// What follows from a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matters {
    /// 责令整改.
    pub rectification: Mark,
    /// 线索移送.
    pub referral: Mark,
    /// 抄告.
    pub copy: Mark,
    /// 立案 by the department itself.
    pub case: Mark,
    /// 两次邮寄 and the listing.
    pub mailing: Mark,
    /// 委托 of the department at this visit.
    pub commission: Mark,
    /// 其他: ended when the department said that it was completed.
    pub other: Mark,
}

impl Matters {
    const fn all(self) -> [Mark; 7] {
        [self.rectification, self.referral, self.copy, self.case, self.mailing, self.commission, self.other]
    }
}

/// How far a result is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// What should follow was not set going, or nobody said what should follow from a problem.
    Missing,
    /// Something still runs.
    UnderWay,
    /// 完结.
    Closed,
}

/// How far a result is dealt with. Each follow-up that leaves a track must have left it: 责令改正 an order, 移送办案机构 a
/// referral or a case of one's own, 抄告 a copy notice. 反馈至日常监管部门 ends with the visit; 其他 is under way until the
/// department says with day and words that it is completed (domain notes 1.7: 其他 + 未完结/已完结).
#[must_use]
pub fn progress(outcomes: &[Outcome], follow_ups: &[FollowUp], matters: Matters) -> Progress {
    let set_going = |f: &FollowUp| match f {
        FollowUp::Rectification => matters.rectification.is_there(),
        FollowUp::CaseFiling => matters.referral.is_there() || matters.case.is_there(),
        FollowUp::CopyNotice => matters.copy.is_there(),
        FollowUp::Nothing | FollowUp::Feedback | FollowUp::Other => true,
    };
    let problem = outcomes.iter().any(|o| o.is_problem());
    let unsaid = follow_ups.is_empty() && problem && matters.all().iter().all(|m| !m.is_there());
    if unsaid || !follow_ups.iter().all(set_going) {
        return Progress::Missing;
    }
    let completed = matters.other == Mark::Ended;
    if matters.all().contains(&Mark::Open) || (follow_ups.contains(&FollowUp::Other) && !completed) {
        return Progress::UnderWay;
    }
    Progress::Closed
}

/// Whether something was made of a problem: what should follow was said, is more than nothing, and was set going.
#[must_use]
pub fn is_used(outcomes: &[Outcome], follow_ups: &[FollowUp], matters: Matters) -> bool {
    let said = follow_ups.iter().any(|f| *f != FollowUp::Nothing);
    let tracked = matters.all().iter().any(|m| m.is_there());
    (said || tracked) && progress(outcomes, follow_ups, matters) != Progress::Missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WRONG: &[Outcome] = &[Outcome::PendingFollowUp];

    fn with(change: impl FnOnce(&mut Matters)) -> Matters {
        let mut matters = Matters::default();
        change(&mut matters);
        matters
    }

    #[test]
    fn an_order_that_was_only_written_down_closes_nothing() {
        let said = &[FollowUp::Rectification];
        let at = |mark| progress(WRONG, said, with(|m| m.rectification = mark));
        assert_eq!(at(Mark::None), Progress::Missing);
        assert_eq!(at(Mark::Open), Progress::UnderWay);
        assert_eq!(at(Mark::Ended), Progress::Closed);
        // The right track, not any.
        assert_eq!(progress(WRONG, said, with(|m| m.copy = Mark::Ended)), Progress::Missing);
    }

    #[test]
    fn a_clue_is_passed_on_or_made_a_case_of() {
        let said = &[FollowUp::CaseFiling];
        assert_eq!(progress(WRONG, said, Matters::default()), Progress::Missing);
        assert_eq!(progress(WRONG, said, with(|m| m.referral = Mark::Ended)), Progress::Closed);
        assert_eq!(progress(WRONG, said, with(|m| m.case = Mark::Open)), Progress::UnderWay);
    }

    #[test]
    fn what_nobody_said_is_missing_where_there_is_a_problem_only() {
        assert_eq!(progress(&[Outcome::NoProblemFound], &[], Matters::default()), Progress::Closed);
        assert_eq!(progress(WRONG, &[], Matters::default()), Progress::Missing);
        assert_eq!(progress(WRONG, &[FollowUp::Nothing], Matters::default()), Progress::Closed);
        assert!(!is_used(WRONG, &[FollowUp::Nothing], Matters::default()));
        assert_eq!(progress(WRONG, &[FollowUp::Feedback], Matters::default()), Progress::Closed);
        assert!(is_used(WRONG, &[FollowUp::Feedback], Matters::default()));
        assert_eq!(progress(WRONG, &[FollowUp::Other], Matters::default()), Progress::UnderWay);
        // What else was done does not say that this was.
        assert_eq!(progress(WRONG, &[FollowUp::Other], with(|m| m.copy = Mark::Ended)), Progress::UnderWay);
        assert_eq!(progress(WRONG, &[FollowUp::Other], with(|m| m.other = Mark::Ended)), Progress::Closed);
        // A letter that still runs keeps a result open whatever was written down.
        let letter = with(|m| m.mailing = Mark::Open);
        assert_eq!(progress(&[Outcome::Unreachable], &[FollowUp::Feedback], letter), Progress::UnderWay);
    }

    fn mark() -> impl Strategy<Value = Mark> {
        (0_i64..3).prop_map(Mark::of)
    }

    proptest! {
        #[test]
        fn nothing_open_is_ever_closed_and_ending_a_matter_never_opens_one(
            marks in proptest::array::uniform7(mark()),
            follow_ups in proptest::sample::subsequence(FollowUp::ALL.to_vec(), 0..FollowUp::ALL.len()),
            outcomes in proptest::sample::subsequence(Outcome::ALL.to_vec(), 1..3),
        ) {
            let [rectification, referral, copy, case, mailing, commission, other] = marks;
            let matters = Matters { rectification, referral, copy, case, mailing, commission, other };
            let now = progress(&outcomes, &follow_ups, matters);
            if marks.contains(&Mark::Open) {
                prop_assert_ne!(now, Progress::Closed);
            }
            let end = |m: Mark| if m == Mark::Open { Mark::Ended } else { m };
            let ended = Matters {
                rectification: end(rectification), referral: end(referral), copy: end(copy), case: end(case),
                mailing: end(mailing), commission: end(commission), other: end(other),
            };
            let later = progress(&outcomes, &follow_ups, ended);
            prop_assert!(now != Progress::Closed || later == Progress::Closed);
            prop_assert_eq!(now == Progress::Missing, later == Progress::Missing);
        }
    }
}
