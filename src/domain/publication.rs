//! The publication period: reminders, cards, and what a department and a visit as a whole come to.

use super::calendar::WorkdayTable;
use super::result::{Countdown, Outcome, countdown};
use super::states::words;
use chrono::NaiveDate;

words! {
    /// 红黄牌 for a publication that is late.
    Card {
        /// 黄牌: from the day after the last.
        Yellow = "yellow", "黄牌";
        /// 红牌: late by the working days of the policy.
        Red = "red", "红牌";
    }
}

words! {
    /// What was found at a subject, of one department or all together.
    Conclusion {
        /// 合格.
        Passed = "passed", "合格";
        /// 发现问题.
        Problem = "problem", "发现问题";
        /// Nothing that could be judged was there: closed, deregistered, moved away, activity not found.
        NotJudged = "not_judged", "未发现可检查的经营活动";
    }
}

/// What several results come to: one problem is a problem; a subject passes when something was checked and found right.
#[must_use]
pub fn conclusion(outcomes: &[Outcome]) -> Conclusion {
    if outcomes.iter().any(|o| o.is_problem()) {
        Conclusion::Problem
    } else if outcomes.contains(&Outcome::NoProblemFound) {
        Conclusion::Passed
    } else {
        Conclusion::NotJudged
    }
}

/// When to remind and when to show a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Working days before the last day at which the department is reminded, the farthest first.
    pub remind_before: Vec<u32>,
    /// Working days late from which the card is red.
    pub red_after: u32,
}

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
    /// Show a card.
    Show(Card),
}

/// What is due today for a publication that is not complete: `reminded` reminders went out, `card` is shown. After the
/// step was taken it answers [`Step::Wait`] on the same day.
#[must_use]
pub fn step(
    calendar: &WorkdayTable,
    policy: &Policy,
    reminded: u32,
    card: Option<Card>,
    today: NaiveDate,
    due: NaiveDate,
) -> Step {
    let left = match countdown(calendar, today, due) {
        Countdown::Late(days) if days >= policy.red_after => {
            return if card == Some(Card::Red) { Step::Wait } else { Step::Show(Card::Red) };
        }
        Countdown::Late(_) => {
            return if card.is_some() { Step::Wait } else { Step::Show(Card::Yellow) };
        }
        Countdown::Today => 0,
        Countdown::Left(days) => days,
    };
    let reached = policy.remind_before.iter().filter(|days| left <= **days).count();
    let reached = u32::try_from(reached).unwrap_or(u32::MAX);
    if reached > reminded { Step::Remind { number: reached } } else { Step::Wait }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy() -> Policy {
        Policy { remind_before: vec![5, 2], red_after: 5 }
    }

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, d).unwrap()
    }

    #[test]
    fn two_reminders_then_yellow_then_red() {
        // 20 March 2026 is a Friday.
        let calendar = WorkdayTable::of_days([]);
        let at = |d, reminded, card| step(&calendar, &policy(), reminded, card, day(d), day(20));
        assert_eq!(at(12, 0, None), Step::Wait);
        assert_eq!(at(13, 0, None), Step::Remind { number: 1 });
        assert_eq!(at(13, 1, None), Step::Wait);
        assert_eq!(at(18, 1, None), Step::Remind { number: 2 });
        // The server was down on the 13th: one reminder stands for both.
        assert_eq!(at(18, 0, None), Step::Remind { number: 2 });
        assert_eq!(at(20, 2, None), Step::Wait);
        assert_eq!(at(21, 2, None), Step::Show(Card::Yellow));
        assert_eq!(at(21, 2, Some(Card::Yellow)), Step::Wait);
        assert_eq!(at(26, 2, Some(Card::Yellow)), Step::Wait);
        assert_eq!(at(27, 2, Some(Card::Yellow)), Step::Show(Card::Red));
        assert_eq!(at(30, 2, Some(Card::Red)), Step::Wait);
    }

    #[test]
    fn a_closed_business_neither_passes_nor_fails() {
        assert_eq!(conclusion(&[Outcome::NoProblemFound, Outcome::ClosedDown]), Conclusion::Passed);
        assert_eq!(conclusion(&[Outcome::ClosedDown]), Conclusion::NotJudged);
        assert_eq!(conclusion(&[Outcome::NoProblemFound, Outcome::NotDisclosed]), Conclusion::Problem);
        assert_eq!(conclusion(&[]), Conclusion::NotJudged);
    }

    proptest! {
        // A year day by day: each reminder and each card once, in order, whatever days the server was down.
        #[test]
        fn every_step_is_taken_once(down in proptest::collection::vec(any::<bool>(), 90)) {
            let calendar = WorkdayTable::of_days([]);
            let start = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
            let due = calendar.after(start, 20).unwrap();
            let (mut reminded, mut card, mut taken) = (0, None, Vec::new());
            for (n, down) in down.iter().enumerate() {
                let today = start + chrono::Days::new(n as u64);
                // On the last days it runs.
                if *down && n < 80 {
                    continue;
                }
                let s = step(&calendar, &policy(), reminded, card, today, due);
                match s {
                    Step::Wait => continue,
                    Step::Remind { number } => {
                        prop_assert!(number > reminded && number <= 2 && today <= due);
                        reminded = number;
                    }
                    Step::Show(shown) => {
                        prop_assert!(today > due && card < Some(shown));
                        card = Some(shown);
                    }
                }
                prop_assert_eq!(step(&calendar, &policy(), reminded, card, today, due), Step::Wait);
                taken.push(s);
            }
            prop_assert_eq!(taken.last(), Some(&Step::Show(Card::Red)));
            prop_assert!(taken.len() <= 4);
        }
    }
}
