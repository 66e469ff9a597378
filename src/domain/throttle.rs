//! Slowing down guesses of passwords: failures of an account or an address lead to waiting or to a lock. Pure: state and
//! time in, decision and state out, so that it is stored with the account and survives a restart.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How failures are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Failures in a row that cost nothing.
    pub free: u32,
    /// Waiting after the first failure beyond `free`, in seconds; doubles with each further one.
    pub first_wait_s: u32,
    /// Longest waiting, in seconds.
    pub longest_wait_s: u32,
    /// Failures in a row that lock.
    pub lock_after: u32,
    /// How long a lock lasts, in seconds; 0 = until an administrator or a password reset opens it.
    pub lock_s: u32,
    /// Failures are forgotten this long after the last one, in seconds; 0 = only by a success.
    pub forget_s: u32,
}

impl Policy {
    /// After NIST SP 800-63B: at most 100 consecutive failures of one account, with waits that grow. The figures of this
    /// file are usual practice, not checked against the standards' texts.
    #[must_use]
    pub const fn nist() -> Self {
        Self { free: 5, first_wait_s: 1, longest_wait_s: 900, lock_after: 100, lock_s: 0, forget_s: 0 }
    }

    /// After 等保三级: handling of failed logins, by usual practice 5 failures, 15 minutes.
    #[must_use]
    pub const fn mlps3() -> Self {
        Self { free: 5, first_wait_s: 1, longest_wait_s: 900, lock_after: 5, lock_s: 900, forget_s: 900 }
    }

    /// For an address, behind which a whole office may sit: slower to wait, and never shut for good.
    #[must_use]
    pub const fn address() -> Self {
        Self { free: 30, first_wait_s: 1, longest_wait_s: 300, lock_after: 300, lock_s: 900, forget_s: 900 }
    }
}

/// Failures of one account or address so far; the default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// In a row.
    pub count: u32,
    /// The last of them.
    pub last: Option<DateTime<Utc>>,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Check the password.
    Allow,
    /// Refuse without checking it.
    Wait {
        /// When to come back.
        until: DateTime<Utc>,
    },
    /// Refuse; locked until then, or for good.
    Locked {
        /// When it opens by itself; none = by an administrator only.
        until: Option<DateTime<Utc>>,
    },
}

/// Forgets what is past: a lock that has run out, failures long ago.
fn current(failures: Failures, policy: &Policy, now: DateTime<Utc>) -> Failures {
    let Some(last) = failures.last else { return Failures::default() };
    let past = |seconds: u32| seconds > 0 && now - last >= TimeDelta::seconds(seconds.into());
    let locked = failures.count >= policy.lock_after;
    let over = if locked { past(policy.lock_s) } else { past(policy.forget_s) };
    if over { Failures::default() } else { failures }
}

/// Whether an attempt may be made now. It must be asked, and the failure counted by [`failed`], in one transaction with
/// the attempt, or attempts at the same time each pass.
#[must_use]
pub fn decide(failures: Failures, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let failures = current(failures, policy, now);
    let Some(last) = failures.last else { return Decision::Allow };
    let after = |seconds: u32| last.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(now);
    if failures.count >= policy.lock_after {
        return Decision::Locked { until: (policy.lock_s > 0).then(|| after(policy.lock_s)) };
    }
    if failures.count <= policy.free {
        return Decision::Allow;
    }
    let doublings = failures.count - policy.free - 1;
    let wait = u64::from(policy.first_wait_s).checked_shl(doublings).filter(|_| doublings < 32);
    let wait = wait.map_or(policy.longest_wait_s, |w| u32::try_from(w).unwrap_or(u32::MAX));
    let until = after(wait.min(policy.longest_wait_s));
    if now < until { Decision::Wait { until } } else { Decision::Allow }
}

/// The state after a failed attempt. A clock set back does not shorten a wait: the later of the two times counts.
#[must_use]
pub fn failed(failures: Failures, policy: &Policy, now: DateTime<Utc>) -> Failures {
    let failures = current(failures, policy, now);
    Failures {
        count: failures.count.saturating_add(1),
        last: Some(failures.last.map_or(now, |last| last.max(now))),
    }
}

/// The stricter of two decisions, for an account and the address the attempt comes from.
#[must_use]
pub fn stricter(a: Decision, b: Decision) -> Decision {
    let opens = |d: Decision| match d {
        Decision::Allow => DateTime::<Utc>::MIN_UTC,
        Decision::Wait { until } | Decision::Locked { until: Some(until) } => until,
        Decision::Locked { until: None } => DateTime::<Utc>::MAX_UTC,
    };
    if opens(b) > opens(a) { b } else { a }
}
