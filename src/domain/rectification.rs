//! 整改: what a business must put right after a visit, until when, and what the recheck finds (责令改正, S3, S4; domain notes
//! 1.5 and 1.7). The recheck does not count against the yearly cap (整改复查, domain notes 1.6).

use super::result::{self, FollowUp, Outcome};
use super::states::{cycle, words};
use chrono::NaiveDate;

words! {
    /// Where a rectification stands.
    State {
        /// 已责令.
        Ordered = "ordered", "整改中";
        /// The business says that it is done; waits for the recheck.
        Reported = "reported", "待复查";
        /// 整改合格.
        Fulfilled = "fulfilled", "已整改到位";
        /// 逾期未整改 or 整改不合格: a case is to be filed.
        NotFulfilled = "not_fulfilled", "未整改到位";
        /// 已立案.
        CaseFiled = "case_filed", "已立案";
    }
}

words! {
    /// What moves a rectification.
    Act {
        /// The time is extended, once.
        Extend = "extend", "延期";
        /// The business reports.
        Report = "report", "登记整改报告";
        /// The recheck finds it done.
        Pass = "pass", "复查通过";
        /// The recheck finds it not done.
        Fail = "fail", "复查不通过";
        /// 立案.
        FileCase = "file_case", "立案";
    }
}

cycle! {
    "rectification", "整改", Ordered;
    Ordered: Extend => Ordered;
    Ordered: Report => Reported;
    Ordered: Pass => Fulfilled;
    Ordered: Fail => NotFulfilled;
    Reported: Report => Reported;
    Reported: Extend => Reported;
    Reported: Pass => Fulfilled;
    Reported: Fail => NotFulfilled;
    NotFulfilled: FileCase => CaseFiled;
}

/// Whether a rectification may be ordered because of a result: it was approved or published, and says that something was
/// found which was ordered to be put right, or that something is still to be dealt with (发现问题已责令改正, 发现问题待后续处理
/// with what stands under it, domain notes 1.7).
#[must_use]
pub fn may_be_ordered(state: result::State, outcomes: &[Outcome], follow_up: &[FollowUp]) -> bool {
    let settled = matches!(state, result::State::Approved | result::State::Published);
    let found = outcomes.iter().any(|o| {
        matches!(o, Outcome::CorrectedOnOrder | Outcome::PendingFollowUp)
            || o.parent() == Some(Outcome::PendingFollowUp)
    });
    settled && (found || follow_up.contains(&FollowUp::Rectification))
}

/// Why an act is refused although the state allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The time was extended before.
    ExtendedAlready,
    /// A new last day that is not after the old one.
    NotLater,
    /// The last day has passed: what is late cannot be extended.
    DayPassed,
    /// Nobody can have failed while there is time left.
    TimeLeft,
}

/// Whether the time may be extended to `to`: once, before it has run out, to a later day.
///
/// # Errors
/// Why not.
pub fn extension(extended: bool, due: NaiveDate, today: NaiveDate, to: NaiveDate) -> Result<(), Refusal> {
    if extended {
        Err(Refusal::ExtendedAlready)
    } else if today > due {
        Err(Refusal::DayPassed)
    } else if to <= due {
        Err(Refusal::NotLater)
    } else {
        Ok(())
    }
}

/// Whether a recheck may end with “not fulfilled”: only after the last day, for until then the business may still do it.
///
/// # Errors
/// There is time left.
pub fn failure(due: NaiveDate, rechecked: NaiveDate) -> Result<(), Refusal> {
    if rechecked > due { Ok(()) } else { Err(Refusal::TimeLeft) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_settled_result_that_says_so_is_followed_by_an_order() {
        use Outcome::*;
        for state in result::State::ALL {
            let settled = ["approved", "published"].contains(&state.as_str());
            for outcome in [CorrectedOnOrder, PendingFollowUp, NotDisclosed, Unreachable] {
                assert_eq!(may_be_ordered(*state, &[outcome], &[]), settled, "{state} {outcome}");
            }
            assert!(!may_be_ordered(*state, &[NoProblemFound], &[FollowUp::Nothing]));
            assert!(!may_be_ordered(*state, &[ClosedDown], &[FollowUp::Feedback]));
        }
        assert!(may_be_ordered(result::State::Published, &[NoProblemFound], &[FollowUp::Rectification]));
    }

    proptest! {
        #[test]
        fn the_time_only_grows_and_only_once(days in proptest::collection::vec((0_u64..80, 0_u64..80), 1..12)) {
            let start = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
            let (mut due, mut extended, mut times) = (start + chrono::Days::new(30), false, 0);
            for (today, to) in days {
                let (today, to) = (start + chrono::Days::new(today), start + chrono::Days::new(to));
                if extension(extended, due, today, to).is_ok() {
                    prop_assert!(to > due && today <= due);
                    (due, extended, times) = (to, true, times + 1);
                }
                prop_assert_eq!(failure(due, today).is_ok(), today > due);
            }
            prop_assert!(times <= 1);
        }
    }
}
