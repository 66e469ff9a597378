//! When people hear of the visits they are sent to: once a day, all together, at a fixed hour; at once only where the
//! visit would come before the mail does.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// China is eight hours before UTC.
const CHINA: TimeDelta = TimeDelta::hours(8);

/// The moment of a day's digest. An hour beyond the day is taken as its last.
#[must_use]
pub fn moment(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(i64::from(hour.min(23))) - CHINA
}

/// The day of the next digest that can tell of something that happens now.
fn next(now: DateTime<Utc>, hour: u32) -> NaiveDate {
    let today = (now + CHINA).date_naive();
    if now < moment(today, hour) { today } else { today.checked_add_days(Days::new(1)).unwrap_or(today) }
}

/// Whether people must hear at once of a visit that is sent out at `sent`: it takes place on the day of the next digest,
/// or before.
#[must_use]
pub fn at_once(sent: DateTime<Utc>, visit: NaiveDate, hour: u32) -> bool {
    visit <= next(sent, hour)
}

/// The digest that is due: its day, unless it or a later one went out already. After a day on which the server was down
/// one mail tells of all that was missed.
#[must_use]
pub fn due(now: DateTime<Utc>, hour: u32, last: Option<NaiveDate>) -> Option<NaiveDate> {
    let day = next(now, hour).pred_opt()?;
    (last.is_none_or(|last| last < day)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_evening_mail_tells_of_tomorrow_and_not_of_today() {
        // 17:00 in China is 09:00 UTC.
        let morning = at("2026-03-10T01:00:00Z");
        assert!(at_once(morning, day("2026-03-10"), 17));
        assert!(!at_once(morning, day("2026-03-11"), 17));
        let night = at("2026-03-10T12:00:00Z");
        assert!(at_once(night, day("2026-03-11"), 17));
        assert!(!at_once(night, day("2026-03-12"), 17));
    }

    #[test]
    fn a_digest_is_due_once_and_a_missed_one_the_next_morning() {
        let last = Some(day("2026-03-09"));
        assert_eq!(due(at("2026-03-10T08:59:59Z"), 17, last), None);
        assert_eq!(due(at("2026-03-10T09:00:00Z"), 17, last), Some(day("2026-03-10")));
        assert_eq!(due(at("2026-03-10T09:00:00Z"), 17, Some(day("2026-03-10"))), None);
        assert_eq!(due(at("2026-03-12T01:00:00Z"), 17, last), Some(day("2026-03-11")));
        assert_eq!(due(at("2026-03-12T01:00:00Z"), 17, None), Some(day("2026-03-11")));
    }

    proptest! {
        // Nobody comes to a visit of which the digest would tell him only on its day: whatever is not told at once is
        // told by a digest on a day before.
        #[test]
        fn whatever_waits_is_told_before_its_day(sent in 0_i64..200_000, days in 0_u64..10, hour in 0_u32..24) {
            let sent = at("2026-03-01T00:00:00Z") + TimeDelta::minutes(sent);
            let visit = (sent + CHINA).date_naive() + Days::new(days);
            if !at_once(sent, visit, hour) {
                let told = next(sent, hour);
                prop_assert!(told < visit);
                prop_assert!(moment(told, hour) > sent);
                prop_assert_eq!(due(moment(told, hour), hour, told.pred_opt()), Some(told));
            }
        }

        #[test]
        fn every_day_has_one_digest(hour in 0_u32..24, step in 1_i64..3_000) {
            let mut now = at("2026-03-01T00:00:00Z");
            let mut last: Option<NaiveDate> = None;
            for _ in 0..40 {
                if let Some(day) = due(now, hour, last) {
                    prop_assert!(last.is_none_or(|l| day > l));
                    prop_assert!(moment(day, hour) <= now);
                    last = Some(day);
                }
                prop_assert_eq!(due(now, hour, last), None);
                now += TimeDelta::minutes(step);
            }
        }
    }
}
