//! Results of a visit, item by item: what may be found, how, what follows; and the way from the first entry to the
//! public. "谁检查、谁录入、谁公开": every department enters and publishes its own (国发〔2019〕5号).

use super::calendar::WorkdayTable;
use super::states::{cycle, words};
use chrono::NaiveDate;

words! {
    /// Where a result stands. Without a row nothing was entered (未录入): nothing has a result before somebody entered it.
    State {
        /// Saved by the A post, not handed in.
        Draft = "draft", "草稿";
        /// Handed in by the A post; waits for the B post.
        Entered = "entered", "待复核";
        /// Confirmed by the B post; waits for review.
        Confirmed = "confirmed", "待审核";
        /// 待批准: reviewed, waits for the head.
        Reviewed = "reviewed", "待批准";
        /// 审核退回, with a reason.
        Returned = "returned", "已退回";
        /// 待公示.
        Approved = "approved", "待公示";
        /// 已公示.
        Published = "published", "已公示";
        /// 已更正: a later version was published; this one stays visible.
        Corrected = "corrected", "已更正";
    }
}

words! {
    /// What moves a result.
    Act {
        /// 录入.
        Enter = "enter", "录入";
        /// 复核.
        Confirm = "confirm", "复核确认";
        /// The B post does not agree.
        Reject = "reject", "复核退回";
        /// 审核.
        Review = "review", "审核";
        /// 退回.
        Return = "return", "退回";
        /// 批准.
        Approve = "approve", "批准";
        /// 公示.
        Publish = "publish", "公示";
        /// 更正: replaced by a published correction.
        Correct = "correct", "更正";
    }
}

cycle! {
    "result", "检查结果", Draft;
    Draft: Enter => Entered;
    Returned: Enter => Entered;
    Entered: Confirm => Confirmed;
    Entered: Reject => Returned;
    Confirmed: Review => Reviewed;
    Confirmed: Return => Returned;
    Reviewed: Approve => Approved;
    Reviewed: Return => Returned;
    Approved: Publish => Published;
    Approved: Return => Returned;
    Published: Correct => Corrected;
}

impl State {
    /// Whether the A post may still change what it says.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }

    /// Whether the public sees it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Corrected)
    }
}

words! {
    /// What was found: the eight kinds of the national publication system, and the further ones of the practice for
    /// subjects that are no more (domain notes 1.7).
    Outcome {
        /// 未发现问题.
        NoProblemFound = "no_problem_found", "未发现问题";
        /// 未按规定公示应当公示的信息.
        NotDisclosed = "not_disclosed", "未按规定公示应当公示的信息";
        /// 公示信息隐瞒真实情况、弄虚作假.
        FalseDisclosure = "false_disclosure", "公示信息隐瞒真实情况、弄虚作假";
        /// 通过登记的住所(经营场所)无法联系.
        Unreachable = "unreachable", "通过登记的住所(经营场所)无法联系";
        /// 发现问题已责令改正.
        CorrectedOnOrder = "corrected_on_order", "发现问题已责令改正";
        /// 不配合检查情节严重.
        SeriousNonCooperation = "serious_non_cooperation", "不配合检查情节严重";
        /// 未发现开展本次抽查涉及的经营活动.
        ActivityNotFound = "activity_not_found", "未发现开展本次抽查涉及的经营活动";
        /// 发现问题待后续处理.
        PendingFollowUp = "pending_follow_up", "发现问题待后续处理";
        /// 已关闭停业或正在组织清算.
        ClosedDown = "closed_down", "已关闭停业或正在组织清算";
        /// 注销.
        Deregistered = "deregistered", "已办理注销";
        /// 被吊销.
        Revoked = "revoked", "被吊销";
        /// 被撤销登记.
        Withdrawn = "withdrawn", "被撤销登记";
        /// 迁出.
        MovedAway = "moved_away", "已迁出";
    }
}

impl Outcome {
    /// Whether something was found that the business did wrong.
    #[must_use]
    pub const fn is_problem(self) -> bool {
        matches!(
            self,
            Self::NotDisclosed
                | Self::FalseDisclosure
                | Self::Unreachable
                | Self::CorrectedOnOrder
                | Self::SeriousNonCooperation
                | Self::PendingFollowUp
        )
    }

    /// The result that stands above it in the lists of the practice: what is still to be dealt with.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::NotDisclosed | Self::FalseDisclosure | Self::Unreachable | Self::SeriousNonCooperation => {
                Some(Self::PendingFollowUp)
            }
            _ => None,
        }
    }

    /// Whether it excludes every other: nothing else can be true beside it.
    #[must_use]
    pub const fn stands_alone(self) -> bool {
        matches!(
            self,
            Self::NoProblemFound
                | Self::ActivityNotFound
                | Self::ClosedDown
                | Self::Deregistered
                | Self::Revoked
                | Self::Withdrawn
                | Self::MovedAway
        )
    }
}

words! {
    /// How it was checked; several may be.
    Method {
        /// 实地检查.
        OnSite = "on_site", "实地检查";
        /// 书面检查.
        Written = "written", "书面检查";
        /// 行政部门检查结果或专业意见.
        OtherFindings = "other_findings", "行政部门检查结果或专业意见";
        /// 检验检测.
        Testing = "testing", "检验检测";
        /// 网络监测.
        Online = "online", "网络监测";
        /// 委托专业机构辅助.
        Commissioned = "commissioned", "委托专业机构辅助";
    }
}

words! {
    /// What follows; several may.
    FollowUp {
        /// 无需后续处置.
        Nothing = "nothing", "无需后续处置";
        /// 停止检查,反馈至日常监管部门.
        Feedback = "feedback", "停止检查,反馈至日常监管部门";
        /// 责令改正.
        Rectification = "rectification", "违反本部门规定,责令改正,后续跟踪由日常监管部门负责";
        /// 移送办案机构.
        CaseFiling = "case_filing", "发现案件线索,固定证据后移送办案机构";
        /// 抄告相关部门.
        CopyNotice = "copy_notice", "违反其他部门规定,抄告相关部门";
        /// 其他.
        Other = "other", "其他";
    }
}

words! {
    /// Why a visit could not be held as it should.
    Obstacle {
        /// 拒绝、阻挠检查.
        Refused = "refused", "拒绝或阻挠检查";
        /// 查无下落.
        NotFound = "not_found", "通过登记的住所(经营场所)无法联系";
    }
}

/// What was entered for one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub outcomes: Vec<Outcome>,
    /// How it was checked.
    pub methods: Vec<Method>,
    /// Law that was broken; may be empty.
    pub law: String,
    /// What was found, in words; needed where something was.
    pub other: String,
    /// What follows.
    pub follow_up: Vec<FollowUp>,
}

impl Finding {
    /// Every fault, as (field, code, Chinese sentence): nothing found needs no words; a problem needs words and something
    /// that follows (domain notes 1.7: “其他情形” is required beside every value but the default).
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut faults = Vec::new();
        if self.outcomes.is_empty() {
            faults.push(("outcomes", "required", "请选择检查结果"));
        }
        if self.outcomes.len() > 1 && self.outcomes.iter().any(|o| o.stands_alone()) {
            faults.push(("outcomes", "contradiction", "“未发现问题”等结果不能与其他结果同时选择"));
        }
        if self.methods.is_empty() {
            faults.push(("methods", "required", "请选择检查方式"));
        }
        let problem = self.outcomes.iter().any(|o| o.is_problem());
        if problem && self.other.trim().is_empty() {
            faults.push(("other", "required", "请写明发现的情形"));
        }
        if self.follow_up.len() > 1 && self.follow_up.contains(&FollowUp::Nothing) {
            faults.push(("follow_up", "contradiction", "“无需后续处置”不能与其他处置同时选择"));
        }
        if self.outcomes.contains(&Outcome::PendingFollowUp)
            && !self.follow_up.iter().any(|f| *f != FollowUp::Nothing)
        {
            faults.push(("follow_up", "required", "发现问题待后续处理的,请选择后续处置"));
        }
        faults
    }

    /// Whether the subject passed this item (合格).
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.outcomes.iter().any(|o| o.is_problem())
    }
}

/// The last day to publish: `days` working days after the end of the inspection, the day of the end not counted
/// (崇信县 2017, 曲阳县 2023: 20 working days). None where the calendar ends before.
#[must_use]
pub fn publication_due(calendar: &WorkdayTable, end: NaiveDate, days: u32) -> Option<NaiveDate> {
    calendar.after(end, days)
}

/// How near a deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Countdown {
    /// Working days left after today.
    Left(u32),
    /// Today is the last day.
    Today,
    /// Working days since the last day.
    Late(u32),
}

/// Compares today with a deadline, in working days.
#[must_use]
pub fn countdown(calendar: &WorkdayTable, today: NaiveDate, due: NaiveDate) -> Countdown {
    match today.cmp(&due) {
        std::cmp::Ordering::Equal => Countdown::Today,
        std::cmp::Ordering::Less => Countdown::Left(workdays(calendar, today, due)),
        std::cmp::Ordering::Greater => Countdown::Late(workdays(calendar, due, today)),
    }
}

/// Working days after `day` up to `to`.
fn workdays(calendar: &WorkdayTable, day: NaiveDate, to: NaiveDate) -> u32 {
    let days = day.succ_opt().map_or(0, |from| calendar.count(from, to));
    u32::try_from(days).unwrap_or(u32::MAX)
}

impl Countdown {
    /// As people say it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Left(days) => format!("还剩{days}个工作日"),
            Self::Today => "今天到期".to_owned(),
            Self::Late(0) => "已到期".to_owned(),
            Self::Late(days) => format!("已逾期{days}个工作日"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::states::Cycle;
    use proptest::prelude::*;

    fn finding(outcomes: &[Outcome]) -> Finding {
        Finding { outcomes: outcomes.to_vec(), methods: vec![Method::OnSite], ..Finding::default() }
    }

    fn codes(finding: &Finding) -> Vec<(&'static str, &'static str)> {
        finding.faults().into_iter().map(|(field, code, _)| (field, code)).collect()
    }

    #[test]
    fn nothing_found_needs_no_words_and_a_problem_does() {
        assert_eq!(codes(&finding(&[Outcome::NoProblemFound])), []);
        assert_eq!(codes(&finding(&[Outcome::CorrectedOnOrder])), [("other", "required")]);
        assert_eq!(
            codes(&finding(&[Outcome::PendingFollowUp])),
            [("other", "required"), ("follow_up", "required")]
        );
        assert_eq!(codes(&Finding::default()), [("outcomes", "required"), ("methods", "required")]);
    }

    #[test]
    fn what_stands_alone_goes_with_nothing_else() {
        let both = finding(&[Outcome::NoProblemFound, Outcome::Unreachable]);
        assert!(codes(&both).contains(&("outcomes", "contradiction")));
        let two = Finding {
            other: "未亮照".to_owned(),
            ..finding(&[Outcome::NotDisclosed, Outcome::CorrectedOnOrder])
        };
        assert_eq!(codes(&two), []);
    }

    #[test]
    fn the_days_to_publish_skip_the_holidays_and_count_the_days_worked_in_exchange() {
        // National Day 2026: 1 to 7 October off; 20 September and 10 October worked.
        let off =
            (1..=7).map(|d| (NaiveDate::from_ymd_opt(2026, 10, d).unwrap(), false, "国庆节".to_owned()));
        let worked = [(9, 20), (10, 10)]
            .map(|(m, d)| (NaiveDate::from_ymd_opt(2026, m, d).unwrap(), true, "国庆节".to_owned()));
        let calendar = WorkdayTable::of_days(off.chain(worked));
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
        // 18 September is a Friday: 20, 21-25, 28-30 September, 8-10, 12-16, 19-21 October.
        assert_eq!(publication_due(&calendar, day(9, 18), 20), Some(day(10, 21)));
        assert_eq!(countdown(&calendar, day(9, 30), day(10, 21)), Countdown::Left(11));
        assert_eq!(countdown(&calendar, day(10, 21), day(10, 21)), Countdown::Today);
        assert_eq!(countdown(&calendar, day(10, 25), day(10, 21)), Countdown::Late(2));
        assert_eq!(Countdown::Late(2).words(), "已逾期2个工作日");
    }

    #[test]
    fn nothing_is_public_that_was_not_entered_confirmed_reviewed_and_approved() {
        let way = [Act::Enter, Act::Confirm, Act::Review, Act::Approve, Act::Publish];
        let end = way.iter().try_fold(State::Draft, |state, act| state.after(*act)).unwrap();
        assert_eq!(end, State::Published);
        for skipped in 0..way.len() {
            let mut short = way.iter().enumerate().filter(|(i, _)| *i != skipped).map(|(_, act)| *act);
            assert_ne!(short.try_fold(State::Draft, |state, act| state.after(act)), Ok(State::Published));
        }
    }

    proptest! {
        #[test]
        fn the_countdown_says_what_the_calendar_counts(start in 0_u64..700, days in 0_u32..40, later in 0_u64..90) {
            let calendar = WorkdayTable::of_days([]);
            let end = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(start);
            let due = publication_due(&calendar, end, days).unwrap();
            prop_assert_eq!(calendar.count(end.succ_opt().unwrap(), due), days as usize);
            let today = end + chrono::Days::new(later);
            match countdown(&calendar, today, due) {
                Countdown::Today => prop_assert_eq!(today, due),
                Countdown::Left(n) => {
                    prop_assert!(today < due);
                    prop_assert_eq!(calendar.after(today, n), Some(due));
                }
                Countdown::Late(_) => prop_assert!(today > due),
            }
        }
    }
}
