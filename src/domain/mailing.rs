//! 两次邮寄: what must happen before a business that is not found at its registered place may be entered into the list of
//! abnormal operations. A first letter, registered or EMS; when it came back or nobody answered, a second one 15 to 30
//! days after the first; when that failed too, a call or SMS (列异提醒); then the case goes to the listing procedure, which
//! must end within 10 working days of the verification (S4, domain notes 1.5; 企业经营异常名录管理办法). Whoever can be reached
//! at any step is not listed.

use super::calendar::WorkdayTable;
use super::states::{Refused, cycle, words};
use chrono::{Days, NaiveDate};

words! {
    /// Where it stands.
    State {
        /// 首寄.
        FirstSent = "first_sent", "首次邮寄";
        /// The first letter came back or was not answered.
        FirstFailed = "first_failed", "首寄未达";
        /// 二寄.
        SecondSent = "second_sent", "二次邮寄";
        /// Both failed: verified as unreachable.
        SecondFailed = "second_failed", "两寄未达";
        /// 列异提醒 was given.
        Reminded = "reminded", "已列异提醒";
        /// 移送列异: waits for the head of the station.
        HandedOver = "handed_over", "待所长审核";
        /// Waits for the bureau.
        StationApproved = "station_approved", "待局审批";
        /// 已列入经营异常名录.
        Listed = "listed", "已列入经营异常名录";
        /// 已取得联系: signed for a letter, or answered.
        Reached = "reached", "已取得联系";
    }
}

words! {
    /// What moves it.
    Act {
        /// The letter came back or nobody answered.
        Fail = "fail", "登记邮寄未达";
        /// The second letter is posted.
        Second = "second", "二次邮寄";
        /// The time for the second letter was missed: the first is posted anew.
        Restart = "restart", "重新首次邮寄";
        /// A call or SMS.
        Remind = "remind", "列异提醒";
        /// 移送列异.
        HandOver = "hand_over", "移送列异";
        /// The head of the station agrees.
        Station = "station", "所长审核";
        /// The bureau agrees.
        Bureau = "bureau", "局领导审批";
        /// Back to the clerk.
        Return = "return", "审批退回";
        /// The business was reached.
        Reach = "reach", "登记取得联系";
    }
}

cycle! {
    "mailing", "两次邮寄", FirstSent;
    FirstSent: Fail => FirstFailed;
    FirstFailed: Second => SecondSent;
    FirstFailed: Restart => FirstSent;
    SecondSent: Fail => SecondFailed;
    SecondFailed: Remind => Reminded;
    Reminded: Remind => Reminded;
    Reminded: HandOver => HandedOver;
    HandedOver: Station => StationApproved;
    HandedOver: Return => Reminded;
    StationApproved: Bureau => Listed;
    StationApproved: Return => Reminded;
    FirstSent: Reach => Reached;
    FirstFailed: Reach => Reached;
    SecondSent: Reach => Reached;
    SecondFailed: Reach => Reached;
    Reminded: Reach => Reached;
    HandedOver: Reach => Reached;
    StationApproved: Reach => Reached;
}

words! {
    /// How a letter is posted.
    Letter {
        /// 挂号信.
        Registered = "registered", "挂号信";
        /// 邮政特快专递.
        Ems = "ems", "邮政特快专递(EMS)";
    }
}

words! {
    /// What became of a letter.
    Fate {
        /// 退回.
        Returned = "returned", "退回";
        /// 无人签收.
        Unanswered = "unanswered", "无人签收";
        /// 签收.
        Signed = "signed", "签收";
    }
}

words! {
    /// How the business is reminded before it is listed.
    Call {
        /// 电话.
        Phone = "phone", "电话";
        /// 短信.
        Sms = "sms", "短信";
    }
}

/// How far apart the letters are, and how long the listing may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Calendar days after the first letter from which on the second may be posted.
    pub from: u32,
    /// Calendar days after the first letter until which it may.
    pub to: u32,
    /// Working days from the verification to the listing.
    pub listing: u32,
}

/// The days of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Where it stands.
    pub state: State,
    /// When the first letter was posted.
    pub first: NaiveDate,
    /// When it was known that it failed.
    pub first_end: Option<NaiveDate>,
    /// When the second letter was posted.
    pub second: Option<NaiveDate>,
    /// When it was known that it failed too: the verification.
    pub verified: Option<NaiveDate>,
    /// When the business was called or written to, the last time.
    pub reminded: Option<NaiveDate>,
    /// When it was reached.
    pub reached: Option<NaiveDate>,
}

/// Why an act is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The state does not allow it.
    State(Refused),
    /// A day that has not come.
    Future,
    /// Before what happened before it.
    Before(NaiveDate),
    /// The second letter would be too early.
    TooEarly {
        /// First day it may be posted.
        earliest: NaiveDate,
    },
    /// The second letter would be too late: the first is posted anew.
    TooLate {
        /// Last day it could be posted.
        latest: NaiveDate,
    },
    /// There is still time for the second letter, so the first counts.
    StillTime {
        /// Last day it may be posted.
        latest: NaiveDate,
    },
}

impl Refusal {
    /// The same in Chinese, with what to do.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::State(refused) => refused.text.clone(),
            Self::Future => "日期不能晚于今天".to_owned(),
            Self::Before(day) => format!("日期不能早于前一步骤({day})"),
            Self::TooEarly { earliest } => format!("两次邮寄间隔过短,最早可在{earliest}二次邮寄"),
            Self::TooLate { latest } => format!("二次邮寄最迟应在{latest},已逾期,请重新首次邮寄"),
            Self::StillTime { latest } => format!("{latest}前仍可二次邮寄,不必重新首次邮寄"),
        }
    }
}

/// The days on which the second letter may be posted, both included.
#[must_use]
pub fn window(policy: &Policy, first: NaiveDate) -> (NaiveDate, NaiveDate) {
    let after = |days: u32| first.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    (after(policy.from), after(policy.to))
}

impl Case {
    /// A case whose first letter was posted.
    ///
    /// # Errors
    /// A day that has not come.
    pub fn open(first: NaiveDate, today: NaiveDate) -> Result<Self, Refusal> {
        if first > today {
            return Err(Refusal::Future);
        }
        let state = State::FirstSent;
        Ok(Self {
            state,
            first,
            first_end: None,
            second: None,
            verified: None,
            reminded: None,
            reached: None,
        })
    }

    /// The latest day that was recorded.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        let later = [self.first_end, self.second, self.verified, self.reminded, self.reached];
        later.into_iter().flatten().fold(self.first, NaiveDate::max)
    }

    /// The case after something happened on `day`, recorded on `today`.
    ///
    /// # Errors
    /// Why it cannot have happened.
    pub fn after(
        &self,
        policy: &Policy,
        act: Act,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let state = next(self.state, act).map_err(Refusal::State)?;
        if day > today {
            return Err(Refusal::Future);
        }
        if day < self.last() {
            return Err(Refusal::Before(self.last()));
        }
        let (earliest, latest) = window(policy, self.first);
        let mut case = Self { state, ..*self };
        match act {
            Act::Fail if self.state == State::FirstSent => case.first_end = Some(day),
            Act::Fail => case.verified = Some(day),
            Act::Second if day < earliest => return Err(Refusal::TooEarly { earliest }),
            Act::Second if day > latest => return Err(Refusal::TooLate { latest }),
            Act::Second => case.second = Some(day),
            Act::Restart if day <= latest => return Err(Refusal::StillTime { latest }),
            Act::Restart => {
                let none = None;
                (case.first, case.first_end, case.second, case.verified) = (day, none, none, none);
            }
            Act::Remind => case.reminded = Some(day),
            Act::Reach => case.reached = Some(day),
            Act::HandOver | Act::Station | Act::Bureau | Act::Return => {}
        }
        Ok(case)
    }

    /// The last day of what is waited for: of posting the second letter, or of the listing; none: the post is waited for, or
    /// nothing.
    #[must_use]
    pub fn due(&self, policy: &Policy, calendar: &WorkdayTable) -> Option<NaiveDate> {
        match self.state {
            State::FirstSent | State::FirstFailed => Some(window(policy, self.first).1),
            State::SecondFailed | State::Reminded | State::HandedOver | State::StationApproved => {
                self.verified.and_then(|day| calendar.after(day, policy.listing))
            }
            State::SecondSent | State::Listed | State::Reached => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: Policy = Policy { from: 15, to: 30, listing: 10 };

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + Days::new(n)
    }

    fn at(case: &Case, act: Act, n: u64) -> Result<Case, Refusal> {
        case.after(&POLICY, act, day(n), day(n))
    }

    #[test]
    fn both_ends_of_the_interval_belong_to_it() {
        let failed = at(&Case::open(day(0), day(0)).unwrap(), Act::Fail, 5).unwrap();
        assert_eq!(at(&failed, Act::Second, 14), Err(Refusal::TooEarly { earliest: day(15) }));
        assert_eq!(at(&failed, Act::Second, 15).unwrap().state, State::SecondSent);
        assert_eq!(at(&failed, Act::Second, 30).unwrap().state, State::SecondSent);
        assert_eq!(at(&failed, Act::Second, 31), Err(Refusal::TooLate { latest: day(30) }));
        assert_eq!(at(&failed, Act::Restart, 30), Err(Refusal::StillTime { latest: day(30) }));
        let anew = at(&failed, Act::Restart, 31).unwrap();
        assert_eq!((anew.state, anew.first, anew.first_end), (State::FirstSent, day(31), None));
        // Recorded later, it counts by its own day.
        assert!(failed.after(&POLICY, Act::Second, day(20), day(50)).is_ok());
        assert_eq!(failed.after(&POLICY, Act::Second, day(20), day(19)), Err(Refusal::Future));
        assert_eq!(at(&failed, Act::Reach, 4), Err(Refusal::Before(day(5))));
    }

    #[test]
    fn the_listing_is_due_ten_working_days_after_the_verification() {
        let calendar = WorkdayTable::of_days([]);
        let mut case = Case::open(day(0), day(0)).unwrap();
        assert_eq!(case.due(&POLICY, &calendar), Some(day(30)));
        for (act, n) in [(Act::Fail, 5), (Act::Second, 18)] {
            case = at(&case, act, n).unwrap();
        }
        assert_eq!(case.due(&POLICY, &calendar), None);
        case = at(&case, Act::Fail, 28).unwrap();
        // 30 March 2026 is a Monday, and so is the tenth working day's week.
        assert_eq!(case.due(&POLICY, &calendar), calendar.after(day(28), 10));
        assert!(matches!(at(&case, Act::HandOver, 28), Err(Refusal::State(_))), "not without a reminder");
        for (act, n) in [(Act::Remind, 29), (Act::HandOver, 29), (Act::Station, 30), (Act::Bureau, 31)] {
            case = at(&case, act, n).unwrap();
        }
        assert_eq!((case.state, case.due(&POLICY, &calendar)), (State::Listed, None));
    }

    proptest! {
        // Whatever is tried on whatever days: nobody is listed without two letters at the right distance, a reminder and
        // both approvals, and nobody who was reached.
        #[test]
        fn nobody_is_listed_by_a_short_cut(
            steps in proptest::collection::vec((0..Act::ALL.len(), 0_u64..12, 0_u64..4), 1..60),
            from in 0_u32..20, more in 0_u32..20,
        ) {
            let policy = Policy { from, to: from + more, listing: 10 };
            let mut case = Case::open(day(0), day(0)).unwrap();
            let (mut now, mut done) = (0, Vec::new());
            for (act, later, back) in steps {
                now += later;
                let act = Act::ALL[act];
                let on = day(now.saturating_sub(back));
                let before = case;
                let Ok(after) = case.after(&policy, act, on, day(now)) else { continue };
                prop_assert!(on >= before.last() && on <= day(now));
                prop_assert!(before.state != State::Reached && before.state != State::Listed);
                if act == Act::Restart {
                    prop_assert!(on > window(&policy, before.first).1);
                    done.clear();
                }
                done.push(act);
                case = after;
            }
            if let Some(second) = case.second {
                let apart = (second - case.first).num_days();
                prop_assert!((i64::from(from)..=i64::from(from + more)).contains(&apart));
                prop_assert!(case.first_end.is_some_and(|d| d <= second));
            }
            if case.state == State::Listed {
                prop_assert!(case.verified >= case.second && case.second.is_some());
                prop_assert!(case.reminded.is_some() && case.reached.is_none());
                prop_assert_eq!(done.iter().filter(|a| **a == Act::Fail).count(), 2);
                prop_assert!(done.ends_with(&[Act::HandOver, Act::Station, Act::Bureau]));
            }
            prop_assert_eq!(case.reached.is_some(), case.state == State::Reached);
        }

        // Day by day with the most patient clerk there is: the second letter always finds its window.
        #[test]
        fn there_is_always_a_way_to_the_end(start in 0_u64..400, wait in 0_u64..60) {
            let (mut case, mut now) = (Case::open(day(start), day(start)).unwrap(), start);
            for _ in 0..6 {
                if matches!(case.state, State::SecondSent) {
                    break;
                }
                now += wait;
                if case.state == State::FirstSent {
                    case = at(&case, Act::Fail, now).unwrap();
                }
                let (earliest, _) = window(&POLICY, case.first);
                now = now.max(u64::try_from((earliest - day(0)).num_days()).unwrap());
                case = match at(&case, Act::Second, now) {
                    Ok(sent) => sent,
                    Err(Refusal::TooLate { .. }) => at(&case, Act::Restart, now).unwrap(),
                    Err(other) => panic!("{other:?}"),
                };
            }
            prop_assert_eq!(case.state == State::SecondSent, wait <= 30);
        }
    }
}
