//! Reminders for whatever somebody waits for until a day: some working days before, and once when the day has passed.

use super::calendar::WorkdayTable;
use super::result::{Countdown, countdown};
use chrono::NaiveDate;

/// What is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// Remind; so many reminders will then have been due, those missed among them.
    Remind {
        /// Reminders due so far.
        number: u32,
    },
    /// Say that the last day has passed.
    Overdue,
}

/// What is due today for something that must be done by `due`: `before` are the working days before the last one at which
/// somebody is reminded, `reminded` how many reminders went out, `told` whether it was said that the day has passed. After
/// the step was taken it answers [`Step::Wait`] on the same day. The law asks for no reminders; that deadlines are watched
/// and passed on is asked by S0 (督查) and S3 (accountability).
#[must_use]
pub fn step(
    calendar: &WorkdayTable,
    before: &[u32],
    reminded: u32,
    told: bool,
    today: NaiveDate,
    due: NaiveDate,
) -> Step {
    let left = match countdown(calendar, today, due) {
        Countdown::Late(_) => return if told { Step::Wait } else { Step::Overdue },
        Countdown::Today => 0,
        Countdown::Left(days) => days,
    };
    let reached = before.iter().filter(|days| left <= **days).count();
    let reached = u32::try_from(reached).unwrap_or(u32::MAX);
    if reached > reminded { Step::Remind { number: reached } } else { Step::Wait }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_reminders_and_one_word_when_it_is_late() {
        // 20 March 2026 is a Friday.
        let calendar = WorkdayTable::of_days([]);
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let at = |d, reminded, told| step(&calendar, &[5, 1], reminded, told, day(d), day(20));
        assert_eq!(at(12, 0, false), Step::Wait);
        assert_eq!(at(13, 0, false), Step::Remind { number: 1 });
        assert_eq!(at(13, 1, false), Step::Wait);
        assert_eq!(at(19, 1, false), Step::Remind { number: 2 });
        assert_eq!(at(20, 2, false), Step::Wait);
        assert_eq!(at(21, 2, false), Step::Overdue);
        assert_eq!(at(21, 2, true), Step::Wait);
    }

    proptest! {
        #[test]
        fn whatever_days_the_server_was_down_nothing_is_said_twice(up in proptest::collection::vec(any::<bool>(), 60)) {
            let calendar = WorkdayTable::of_days([]);
            let start = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
            let due = calendar.after(start, 15).unwrap();
            let (mut reminded, mut told, mut said) = (0, false, 0);
            for (n, up) in up.iter().enumerate() {
                // On the last day it runs.
                if !up && n < 59 {
                    continue;
                }
                let today = start + chrono::Days::new(n as u64);
                match step(&calendar, &[5, 1], reminded, told, today, due) {
                    Step::Wait => continue,
                    Step::Remind { number } => {
                        prop_assert!(today <= due && number > reminded && number <= 2 && !told);
                        reminded = number;
                    }
                    Step::Overdue => {
                        prop_assert!(today > due && !told);
                        told = true;
                    }
                }
                said += 1;
                prop_assert_eq!(step(&calendar, &[5, 1], reminded, told, today, due), Step::Wait);
            }
            prop_assert!(told && said <= 3);
        }
    }
}
