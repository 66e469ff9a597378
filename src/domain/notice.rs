//! The notice to the business: how long before an announced visit it must have been delivered, and when it is overdue.
//!
//! 凡检查必通知 (司法部《行政检查文书基本格式文本(试行)》); by default 3 working days before (domain notes 4; no visit may be
//! dispatched later than that). Unannounced visits need none before, the notice is handed over when the team is there.

use super::calendar::WorkdayTable;
use super::states::words;
use chrono::{Days, NaiveDate};

words! {
    /// How a notice was delivered.
    Channel {
        /// 直接送达.
        InPerson = "in_person", "直接送达";
        /// 邮寄送达 (EMS or registered letter).
        Mail = "mail", "邮寄送达";
        /// 电子送达 (agreed address, platform of the county).
        Electronic = "electronic", "电子送达";
        /// 留置送达: left behind before witnesses.
        LeftBehind = "left_behind", "留置送达";
    }
}

/// Whether a notice delivered on a day is in time for a visit: at least `days` working days lie after that day up to the
/// visit, the day of the visit among them (期间开始之日不计算在内). The same rule as for dispatch.
#[must_use]
pub fn in_time(calendar: &WorkdayTable, delivered: NaiveDate, visit: NaiveDate, days: u32) -> bool {
    if days == 0 {
        return delivered <= visit;
    }
    let after = delivered.succ_opt().map_or(0, |from| calendar.count(from, visit));
    after >= days as usize
}

/// Farthest that the last day is looked for.
const FARTHEST: u64 = 400;

/// The last day on which the notice of a visit can be delivered in time; none within a year and a month before.
#[must_use]
pub fn last_day(calendar: &WorkdayTable, visit: NaiveDate, days: u32) -> Option<NaiveDate> {
    (0..=FARTHEST)
        .filter_map(|back| visit.checked_sub_days(Days::new(back)))
        .find(|day| in_time(calendar, *day, visit, days))
}

/// Where the notice of a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Unannounced: none is delivered before.
    NotNeeded,
    /// To be delivered; the last day.
    Open(NaiveDate),
    /// 逾期: the last day has passed, and the visit has not begun.
    Overdue(NaiveDate),
    /// Delivered; whether in time.
    Delivered(bool),
}

impl Standing {
    /// Stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::Open(_) => "open",
            Self::Overdue(_) => "overdue",
            Self::Delivered(true) => "delivered",
            Self::Delivered(false) => "delivered_late",
        }
    }
}

/// Where the notice of a dispatched visit stands today. `delivered` is the day of a delivery for the present date of the
/// visit: one for an earlier date does not count.
#[must_use]
pub fn standing(
    calendar: &WorkdayTable,
    days: u32,
    announced: bool,
    visit: NaiveDate,
    delivered: Option<NaiveDate>,
    today: NaiveDate,
) -> Standing {
    if let Some(day) = delivered {
        return Standing::Delivered(!announced || in_time(calendar, day, visit, days));
    }
    if !announced {
        return Standing::NotNeeded;
    }
    let last = last_day(calendar, visit, days).unwrap_or(visit);
    if today > last { Standing::Overdue(last) } else { Standing::Open(last) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, m, d).unwrap()
    }

    fn holidays() -> WorkdayTable {
        // National Day 2026: 1 to 7 October off; 20 September and 10 October worked.
        let off = (1..=7).map(|d| (day(10, d), false, "国庆节".to_owned()));
        let worked = [(9, 20), (10, 10)].map(|(m, d)| (day(m, d), true, "国庆节".to_owned()));
        WorkdayTable::of_days(off.chain(worked))
    }

    #[test]
    fn three_working_days_before_over_a_holiday() {
        let calendar = holidays();
        // The visit is on Friday 9 October: 8 and 9 October, and 30 September before the holiday.
        assert_eq!(last_day(&calendar, day(10, 9), 3), Some(day(9, 29)));
        // The Saturday worked in exchange counts: a visit on it needs 8, 9 and 10 October.
        assert_eq!(last_day(&calendar, day(10, 10), 3), Some(day(10, 7)));
        assert!(in_time(&calendar, day(10, 7), day(10, 10), 3));
        assert!(!in_time(&calendar, day(10, 8), day(10, 10), 3));
        assert_eq!(last_day(&calendar, day(10, 9), 0), Some(day(10, 9)));
    }

    #[test]
    fn overdue_from_the_day_after_the_last_until_it_is_delivered() {
        let calendar = holidays();
        let visit = day(10, 9);
        let at = |today, delivered| standing(&calendar, 3, true, visit, delivered, today);
        assert_eq!(at(day(9, 29), None), Standing::Open(day(9, 29)));
        assert_eq!(at(day(9, 30), None), Standing::Overdue(day(9, 29)));
        assert_eq!(at(day(9, 30), Some(day(9, 29))), Standing::Delivered(true));
        assert_eq!(at(day(9, 30), Some(day(9, 30))), Standing::Delivered(false));
        assert_eq!(standing(&calendar, 3, false, visit, None, day(10, 9)), Standing::NotNeeded);
        assert_eq!(standing(&calendar, 3, false, visit, Some(visit), visit), Standing::Delivered(true));
    }

    proptest! {
        #[test]
        fn the_last_day_is_in_time_and_the_next_is_not(visit in 40_u64..700, days in 0_u32..15) {
            let calendar = holidays();
            let visit = day(1, 1) + Days::new(visit);
            let last = last_day(&calendar, visit, days).unwrap();
            prop_assert!(in_time(&calendar, last, visit, days));
            prop_assert!(!in_time(&calendar, last + Days::new(1), visit, days));
            // What dispatch asks for, seen from the other side.
            let earliest = calendar.after(last, days).unwrap();
            prop_assert!(earliest <= visit);
            prop_assert!(calendar.after(last + Days::new(1), days).unwrap() > visit);
        }
    }
}
