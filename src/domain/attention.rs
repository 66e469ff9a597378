//! What needs attention now: kinds, how urgent each is, and in which order they are shown.

use super::result::Countdown;
use super::states::words;
use chrono::NaiveDate;

words! {
    /// What it is about.
    Kind {
        /// An invitation nobody answered in time.
        LateAnswer = "late_answer", "邀请逾期未答复";
        /// A partner will not come.
        DeclinedInvitation = "declined_invitation", "邀请被拒绝";
        /// Results that are not published although the last day has passed.
        LatePublication = "late_publication", "结果逾期未公示";
        /// Results whose last day is near.
        PublicationDue = "publication_due", "结果即将到期公示";
        /// A visit of a plan in force without date or team.
        UnstaffedVisit = "unstaffed_visit", "入企检查待组队";
        /// A planning run that could not place everything.
        PlanningBlocked = "planning_blocked", "排期有未解决的问题";
        /// A visit whose day has passed and that has not ended.
        UnheldVisit = "unheld_visit", "入企检查逾期未完成";
        /// More checks at a subject than the cap allows.
        CapExceeded = "cap_exceeded", "检查频次超过上限";
        /// A certificate that runs out, or has.
        CertificateExpiring = "certificate_expiring", "执法证件即将到期或已过期";
        /// A draw that was aborted and not held again.
        AbortedDraw = "aborted_draw", "抽取作废后未重新抽取";
        /// An item the legal reviewer sent back.
        ReturnedItem = "returned_item", "事项被审核退回";
        /// A result that was sent back.
        ReturnedResult = "returned_result", "检查结果被退回";
        /// A replacement that waits for the head of the unit.
        PendingReplacement = "pending_replacement", "人员更换待审批";
        /// A card nobody has acknowledged.
        OpenCard = "open_card", "红黄牌待签收";
    }
}

words! {
    /// How urgent.
    Severity {
        /// 红.
        Red = "red", "红";
        /// 黄.
        Yellow = "yellow", "黄";
    }
}

/// How urgent something of a kind is. Red: the cap is exceeded, for the supervising body must look at once (国办发〔2024〕54号);
/// a certificate has run out, for its holder may not be drawn; a visit's day has passed; a replacement is still open on the
/// day of the visit. Everything else turns red when it is late by `red_after` working days, as publications do.
#[must_use]
pub fn severity(kind: Kind, countdown: Option<Countdown>, red_after: u32) -> Severity {
    let red = match kind {
        Kind::CapExceeded => true,
        Kind::CertificateExpiring | Kind::UnheldVisit | Kind::UnstaffedVisit => {
            matches!(countdown, Some(Countdown::Late(_)))
        }
        Kind::PendingReplacement => matches!(countdown, Some(Countdown::Today | Countdown::Late(_))),
        _ => matches!(countdown, Some(Countdown::Late(days)) if days >= red_after),
    };
    if red { Severity::Red } else { Severity::Yellow }
}

/// The order in which a list is shown: red before yellow, what is due first, what has no day after what has, then by kind
/// and text so that equal lists look equal.
#[must_use]
pub fn order(
    severity: Severity,
    due: Option<NaiveDate>,
    kind: Kind,
    what: &str,
) -> (Severity, bool, Option<NaiveDate>, Kind, &str) {
    (severity, due.is_none(), due, kind, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lateness_turns_red_by_kind() {
        let late = |n| Some(Countdown::Late(n));
        assert_eq!(severity(Kind::LatePublication, late(4), 5), Severity::Yellow);
        assert_eq!(severity(Kind::LatePublication, late(5), 5), Severity::Red);
        assert_eq!(severity(Kind::CertificateExpiring, Some(Countdown::Today), 5), Severity::Yellow);
        assert_eq!(severity(Kind::CertificateExpiring, late(0), 5), Severity::Red);
        assert_eq!(severity(Kind::PendingReplacement, Some(Countdown::Today), 5), Severity::Red);
        assert_eq!(severity(Kind::PendingReplacement, Some(Countdown::Left(1)), 5), Severity::Yellow);
        assert_eq!(severity(Kind::CapExceeded, None, 5), Severity::Red);
        assert_eq!(severity(Kind::AbortedDraw, None, 5), Severity::Yellow);
    }

    #[test]
    fn red_comes_first_and_what_has_no_day_last() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d);
        let mut list = [
            (Severity::Yellow, None),
            (Severity::Red, None),
            (Severity::Yellow, day(2)),
            (Severity::Red, day(9)),
            (Severity::Yellow, day(1)),
        ];
        list.sort_by_key(|(s, due)| order(*s, *due, Kind::AbortedDraw, ""));
        assert_eq!(
            list,
            [
                (Severity::Red, day(9)),
                (Severity::Red, None),
                (Severity::Yellow, day(1)),
                (Severity::Yellow, day(2)),
                (Severity::Yellow, None)
            ]
        );
    }

    proptest! {
        // Time alone never makes anything less urgent.
        #[test]
        fn what_is_later_is_not_less_urgent(kind in 0..Kind::ALL.len(), a in 0_u32..30, b in 0_u32..30, red in 0_u32..10) {
            let kind = Kind::ALL[kind];
            let (sooner, later) = (a.min(b), a.max(b));
            let at = |days| severity(kind, Some(Countdown::Late(days)), red);
            prop_assert!(at(later) <= at(sooner));
            prop_assert!(at(sooner) <= severity(kind, Some(Countdown::Left(sooner)), red));
        }
    }
}
