//! When an invitation must be answered, reminded of and escalated. The times are defaults of this program (no regulation
//! fixes them) and configurable; days are working days after the day of sending.

use super::State;
use crate::domain::calendar::WorkdayTable;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Times in working days after the day an invitation was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The last day to answer.
    pub answer_days: u32,
    /// Days on which a reminder goes out, if there is no answer.
    pub reminder_days: Vec<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { answer_days: 5, reminder_days: vec![2, 4] }
    }
}

impl Policy {
    /// What cannot be meant, as (field, Chinese sentence).
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if !(1..=60).contains(&self.answer_days) {
            faults.push(("answer_days", "答复期限须为1至60个工作日".to_owned()));
        }
        if self.reminder_days.iter().any(|d| *d == 0 || *d >= self.answer_days) {
            faults.push(("reminder_days", "催办日须在发出次日之后、答复期限之前".to_owned()));
        }
        if self.reminder_days.windows(2).any(|d| d[0] >= d[1]) {
            faults.push(("reminder_days", "催办日须递增且不重复".to_owned()));
        }
        faults
    }
}

/// A deadline, and whether it can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day, included.
    pub date: NaiveDate,
    /// Whether the holidays of every year it runs through have been announced; otherwise weekends only were counted.
    pub certain: bool,
}

/// The last day to answer an invitation sent on a date; the day of sending does not count. None beyond the calendar.
#[must_use]
pub fn answer_due(calendar: &WorkdayTable, sent: NaiveDate, working_days: u32) -> Option<Due> {
    let date = calendar.after(sent, working_days)?;
    Some(Due { date, certain: (sent.year()..=date.year()).all(|year| calendar.is_announced(year)) })
}

/// What is to be done about an invitation on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Nothing yet, or nothing more.
    Wait,
    /// Remind; this is reminder `number` (from 1) of the policy. Reminders missed while the program was down are not made
    /// up for: only the latest one due goes out.
    Remind {
        /// Number of the reminder.
        number: u32,
    },
    /// The last day has passed: put it before the coordination office.
    Escalate,
}

/// What an invitation in `state`, sent on `sent` with `reminded` reminders done, needs on `today`.
#[must_use]
pub fn step(
    calendar: &WorkdayTable,
    policy: &Policy,
    state: State,
    sent: NaiveDate,
    reminded: u32,
    today: NaiveDate,
) -> Step {
    if !matches!(state, State::Pending) {
        return Step::Wait;
    }
    if answer_due(calendar, sent, policy.answer_days).is_some_and(|due| today > due.date) {
        return Step::Escalate;
    }
    let due_by_now =
        policy.reminder_days.iter().filter(|n| calendar.after(sent, **n).is_some_and(|day| day <= today));
    let number = u32::try_from(due_by_now.count()).unwrap_or(u32::MAX);
    if number > reminded { Step::Remind { number } } else { Step::Wait }
}
