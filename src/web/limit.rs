//! How many requests one account or one address may send.

use crate::error::{Error, Result};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Request limits.
#[derive(Debug)]
pub struct Limits {
    users: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
}

impl Limits {
    /// Requests per minute of one account, and of one address without login; a whole minute's worth may come at once.
    #[must_use]
    pub fn new(per_user: u32, per_address: u32) -> Self {
        let limiter =
            |n: u32| RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)));
        Self { users: limiter(per_user), addresses: limiter(per_address) }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn check(&self, user: Option<crate::ids::Id>, address: &str) -> Result<()> {
        let verdict = match user {
            Some(user) => self.users.check_key(&user.to_string()),
            None => self.addresses.check_key(&address.to_owned()),
        };
        verdict.map_err(|not_until| Error::TooMany {
            code: "rate_limited",
            wait_s: not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1,
            text: "请求过于频繁,请稍后再试".to_owned(),
        })
    }

    /// Forgets those who have been quiet.
    pub fn tidy(&self) {
        self.users.retain_recent();
        self.addresses.retain_recent();
    }
}
