//! Times of invitations and what the answers come to.

use chrono::NaiveDate;
use onedoor::domain::calendar::WorkdayTable;
use onedoor::domain::invitation::{
    Blocker, Due, Invited, Policy, Settled, State, Step, answer_due, settle, step,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// National Day 2025 (October 1 to 8, 28 September and 11 October worked), as announced.
fn calendar() -> WorkdayTable {
    let mut text = "date,kind,name\n2025-09-28,班,国庆\n2025-10-11,班,国庆\n".to_owned();
    for d in 1..=8 {
        text += &format!("2025-10-{d:02},休,国庆\n");
    }
    WorkdayTable::parse(&text).unwrap()
}

#[test]
fn the_day_of_sending_holidays_and_worked_weekends_count_as_they_should() {
    let c = calendar();
    // Sent on Friday 26 September: 28 (worked Sunday), 29, 30, then 9 and 10 October.
    assert_eq!(answer_due(&c, day("2025-09-26"), 5), Some(Due { date: day("2025-10-10"), certain: true }));
    // Sent on Thursday 9 October: 10, 11 (worked Saturday), 13, 14, 15.
    assert_eq!(answer_due(&c, day("2025-10-09"), 5).unwrap().date, day("2025-10-15"));
    // Into a year without an announcement.
    let due = answer_due(&c, day("2025-12-29"), 5).unwrap();
    assert_eq!(due, Due { date: day("2026-01-05"), certain: false });
}

#[test]
fn reminders_go_out_once_and_the_office_is_told_the_day_after_the_last() {
    let (c, p, sent) = (calendar(), Policy::default(), day("2025-09-26"));
    let at = |today: &str, reminded| step(&c, &p, State::Pending, sent, reminded, day(today));
    assert_eq!(at("2025-09-28", 0), Step::Wait);
    assert_eq!(at("2025-09-29", 0), Step::Remind { number: 1 });
    assert_eq!(at("2025-09-29", 1), Step::Wait);
    assert_eq!(at("2025-10-08", 1), Step::Wait);
    assert_eq!(at("2025-10-09", 1), Step::Remind { number: 2 });
    // After an outage only the latest goes out.
    assert_eq!(at("2025-10-10", 0), Step::Remind { number: 2 });
    assert_eq!(at("2025-10-10", 2), Step::Wait);
    assert_eq!(at("2025-10-11", 2), Step::Escalate);
    for state in State::ALL.iter().filter(|s| **s != State::Pending) {
        assert_eq!(step(&c, &p, *state, sent, 0, day("2025-12-01")), Step::Wait);
    }
}

#[test]
fn times_that_cannot_be_meant_are_refused() {
    assert!(Policy::default().faults().is_empty());
    let fields = |answer_days, reminder_days| {
        let policy = Policy { answer_days, reminder_days };
        policy.faults().into_iter().map(|f| f.0).collect::<Vec<_>>()
    };
    assert_eq!(fields(0, vec![]), ["answer_days"]);
    assert_eq!(fields(5, vec![5]), ["reminder_days"]);
    assert_eq!(fields(5, vec![0]), ["reminder_days"]);
    assert_eq!(fields(5, vec![4, 2]), ["reminder_days"]);
    assert_eq!(fields(5, vec![2, 2]), ["reminder_days"]);
    assert!(serde_json::from_str::<Policy>("{\"answer_days\":3,\"x\":1}").is_err());
}

fn invited(department: &str, state: State, required: bool) -> Invited {
    Invited { department: department.to_owned(), state, required }
}

#[test]
fn answers_settle_and_every_blocker_is_named() {
    use State::{Accepted, Declined, Escalated, Pending, Rescheduled, Withdrawn};
    let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        settle(&[invited("b", Accepted, true), invited("a", Pending, false)]),
        Settled::Inviting { waiting: names(&["a"]) }
    );
    assert_eq!(
        settle(&[invited("c", Accepted, false), invited("b", Declined, false), invited("a", Accepted, true)]),
        Settled::Confirmed { partners: names(&["a", "c"]) }
    );
    let department = |d: &str| d.to_owned();
    assert_eq!(
        settle(&[
            invited("e", Pending, false),
            invited("d", Withdrawn, true),
            invited("c", Declined, true),
            invited("b", Rescheduled, false),
            invited("a", Escalated, false),
        ]),
        Settled::Blocked {
            blockers: vec![
                Blocker::Escalated { department: department("a") },
                Blocker::DatesProposed { department: department("b") },
                Blocker::RequiredMissing { department: department("c") },
                Blocker::RequiredMissing { department: department("d") },
            ],
            waiting: names(&["e"]),
        }
    );
    let nobody = Settled::Blocked { blockers: vec![Blocker::NobodyJoins], waiting: Vec::new() };
    assert_eq!(settle(&[]), nobody);
    assert_eq!(settle(&[invited("a", Declined, false), invited("b", Withdrawn, false)]), nobody);
}
