//! Throttling of logins.

use chrono::{DateTime, TimeDelta, Utc};
use onedoor::domain::throttle::{Decision, Failures, Policy, decide, failed, stricter};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

#[test]
fn the_fifth_failure_locks_for_a_quarter_of_an_hour() {
    let p = Policy::mlps3();
    let mut f = Failures::default();
    for i in 0..5 {
        assert_eq!(decide(f, &p, at(i)), Decision::Allow);
        f = failed(f, &p, at(i));
    }
    assert_eq!(decide(f, &p, at(4)), Decision::Locked { until: Some(at(904)) });
    assert_eq!(decide(f, &p, at(903)), Decision::Locked { until: Some(at(904)) });
    assert_eq!(decide(f, &p, at(904)), Decision::Allow);
    // After the lock counting starts anew.
    assert_eq!(failed(f, &p, at(904)).count, 1);
    // A clock set back opens nothing.
    assert!(matches!(decide(f, &p, at(-5000)), Decision::Locked { .. }));
    assert_eq!(failed(f, &p, at(-5000)).last, f.last);
}

#[test]
fn waits_double_and_the_hundredth_failure_locks_for_good() {
    let p = Policy::nist();
    let mut f = Failures::default();
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..100 {
        match decide(f, &p, at(now)) {
            Decision::Allow => waits.push(0),
            Decision::Wait { until } => {
                let wait = (until - at(now)).num_seconds();
                assert_eq!(decide(f, &p, until - TimeDelta::seconds(1)), Decision::Wait { until });
                assert_eq!(decide(f, &p, until), Decision::Allow);
                waits.push(wait);
                now += wait;
            }
            locked => panic!("{locked:?} after {}", f.count),
        }
        f = failed(f, &p, at(now));
    }
    assert_eq!(waits[..9], [0, 0, 0, 0, 0, 0, 1, 2, 4]);
    assert_eq!(waits[99], 900);
    assert_eq!(decide(f, &p, at(now + 1_000_000_000)), Decision::Locked { until: None });
}

#[test]
fn the_later_opening_of_account_and_address_counts() {
    let (wait, lock) = (Decision::Wait { until: at(5) }, Decision::Locked { until: Some(at(3)) });
    assert_eq!(stricter(Decision::Allow, wait), wait);
    assert_eq!(stricter(wait, lock), wait);
    assert_eq!(stricter(wait, Decision::Locked { until: None }), Decision::Locked { until: None });
}

proptest! {
    #[test]
    fn no_pattern_of_attempts_gets_more_guesses_than_the_policy_grants(steps in prop::collection::vec(0_i64..2000, 1..300)) {
        for p in [Policy::nist(), Policy::mlps3(), Policy::address()] {
            let (mut f, mut now) = (Failures::default(), 0);
            let mut guesses: Vec<i64> = Vec::new();
            for step in &steps {
                now += step;
                if decide(f, &p, at(now)) == Decision::Allow {
                    guesses.push(now);
                    f = failed(f, &p, at(now));
                    prop_assert!(f.count <= p.lock_after);
                }
            }
            if p.lock_s == 0 {
                prop_assert!(guesses.len() <= p.lock_after as usize);
            } else {
                // Never more guesses than the limit within the length of a lock.
                for window in guesses.windows(p.lock_after as usize + 1) {
                    prop_assert!(window[window.len() - 1] - window[0] >= i64::from(p.lock_s.min(p.forget_s)));
                }
            }
        }
    }
}
