//! Login, refresh, logout, passwords and the second factor. Hashing happens between transactions, never in one.

use super::cx::{Cx, Event, unauthenticated};
use super::rules::Rules;
use super::second_factor;
use crate::domain::access::Role;
use crate::domain::password::{self, Profile};
use crate::domain::throttle::{self, Decision, Failures, Policy, decide, stricter};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::accounts::{self, Account, Session};
use crate::store::conn::Conn;
use crate::store::types::At;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret};
use unicode_normalization::UnicodeNormalization;

/// Earlier hashes that are kept, whatever the profile asks for: it may be changed later.
const HISTORY: usize = 10;

/// The folded form of a login name: what counts as the same name.
#[must_use]
pub fn login_key(login: &str) -> String {
    login.trim().nfkc().collect::<String>().to_lowercase()
}

/// How failures of an account are answered under the county's profile.
const fn policy(rules: &Rules) -> Policy {
    match rules.login.passwords {
        Profile::Nist => Policy::nist(),
        Profile::Mlps3 => Policy::mlps3(),
    }
}

/// The key under which failures of an account are counted.
#[must_use]
pub fn account_counter(login_key: &str) -> String {
    format!("login:{login_key}")
}

/// The key under which failures of an address are counted: of IPv6 the network of 64 bits, which is one customer's.
fn address_counter(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("address:{v4}"),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Err(_) => format!("address:{address}"),
    }
}

/// What to answer to an attempt that may not be made.
fn refused(decision: Decision, now: DateTime<Utc>) -> Option<Error> {
    let until = match decision {
        Decision::Allow => return None,
        Decision::Wait { until } | Decision::Locked { until: Some(until) } => until,
        Decision::Locked { until: None } => {
            return Some(Error::TooMany {
                code: "login_locked",
                wait_s: 86_400,
                text: "登录失败次数过多,账号已锁定,请由安全管理员重置密码".to_owned(),
            });
        }
    };
    let wait_s = u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1;
    let text = if wait_s < 60 {
        format!("登录失败次数较多,请在{wait_s}秒后再试")
    } else {
        format!("登录失败次数过多,请在{}分钟后再试,或请安全管理员重置", wait_s.div_ceil(60))
    };
    Some(Error::TooMany { code: "login_locked", wait_s, text })
}

/// What the first step of a login found: everything that hashing needs, read before it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The account, if there is one that is active.
    pub account: Option<Account>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Folded login name.
    pub key: String,
}

/// First step: is this name, or this address, allowed to try at all, and whose name is it?
///
/// # Errors
/// [`Error::TooMany`] while locked.
pub fn candidate(cx: &mut Cx<'_>, login: &str) -> Result<Candidate> {
    let key = login_key(login);
    let decision = stricter(
        decide(accounts::failures(cx.db, &account_counter(&key))?, &policy(cx.rules), cx.now),
        decide(accounts::failures(cx.db, &address_counter(&cx.origin.address))?, &Policy::address(), cx.now),
    );
    if let Some(error) = refused(decision, cx.now) {
        return Err(error);
    }
    let account = accounts::by_login(cx.db, &key)?.filter(|a| a.state == "active");
    let roles = match &account {
        Some(account) => accounts::roles(cx.db, account.id)?,
        None => Vec::new(),
    };
    Ok(Candidate { account, roles, key })
}

/// Tokens of a new or refreshed session.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The account.
    pub account: Account,
    /// Its roles.
    pub roles: Vec<Role>,
    /// The session.
    pub session: Id,
    /// The refresh token, or the secret of a browser's session; only its hash is stored.
    pub refresh: String,
}

/// The outcome of a login attempt; a failure is counted and must be committed.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// A session.
    Opened(Box<Opened>),
    /// Refused.
    Failed(Error),
}

/// Who holds a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A program with an access token that it refreshes.
    Program,
    /// A browser with a cookie.
    Browser,
}

impl Holder {
    /// The hash under which the session's secret is stored. A browser's can never be taken for a refresh token.
    fn stored(self, secret: &str) -> String {
        match self {
            Self::Program => hash(secret),
            Self::Browser => format!("browser:{}", hash(secret)),
        }
    }
}

/// The session that a browser's secret opens, if it has neither ended nor been left unused for too long.
///
/// # Errors
/// The database.
pub fn of_browser(db: &mut Conn, rules: &Rules, secret: &str, now: DateTime<Utc>) -> Result<Option<Session>> {
    let idle = TimeDelta::seconds(rules.login.idle_s);
    Ok(accounts::session_by_refresh(db, &Holder::Browser.stored(secret))?
        .filter(|s| s.revoked_at.is_none() && s.expires_at.0 > now && s.used_at.0 + idle > now))
}

/// Whether the use of a browser's session should be noted again: not on every page.
#[must_use]
pub fn is_stale(rules: &Rules, session: &Session, now: DateTime<Utc>) -> bool {
    session.used_at.0 + TimeDelta::seconds(rules.login.idle_s / 16) < now
}

/// Second step, after the password was checked: opens a session or counts the failure.
///
/// # Errors
/// The database.
pub fn attempt(
    cx: &mut Cx<'_>,
    candidate: &Candidate,
    password_good: bool,
    code: Option<&str>,
    holder: Holder,
) -> Result<Attempt> {
    let wrong = Error::Unauthenticated("wrong_credentials", "登录名或密码不正确".to_owned());
    // Asked again, now one after the other: attempts of one moment all passed the first question.
    let tries = Tries::of(cx, &candidate.key)?;
    if let Some(error) = refused(tries.decision, cx.now) {
        cx.journal(
            Event::general("login_refused", "user", json!({})).private(json!({ "login": candidate.key })),
        )?;
        return Ok(Attempt::Failed(error));
    }
    // Read again: it may have been disabled while the password was being hashed.
    let account = match &candidate.account {
        Some(seen) if password_good => accounts::get(cx.db, seen.id)?
            .filter(|a| a.state == "active" && a.password_hash == seen.password_hash),
        _ => None,
    };
    let Some(mut account) = account else {
        tries.failed(cx, &candidate.key, "wrong_credentials")?;
        return Ok(Attempt::Failed(wrong));
    };
    if let Some(stored) = account.totp_secret.clone() {
        let Some(code) = code else {
            cx.journal(Event::new("login_second_factor_asked", "user", account.id, json!({})))?;
            return Ok(Attempt::Failed(Error::Unauthenticated(
                "totp_required",
                "请输入动态验证码".to_owned(),
            )));
        };
        // Nothing is changed where it cannot be read: with its own keys the server reads it again.
        let Some(secret) = second_factor::secret(cx, account.id, &stored) else {
            cx.journal(Event::new("second_factor_unreadable", "user", account.id, json!({})))?;
            let text = second_factor::UNREADABLE.to_owned();
            return Ok(Attempt::Failed(Error::Unauthenticated("second_factor_unreadable", text)));
        };
        match totp_step(&secret, code, cx.now.timestamp())? {
            Some(step) if step > account.totp_step => {
                let seen = account.version;
                account.totp_step = step;
                account.version += 1;
                accounts::update(cx.db, &account, seen)?;
            }
            _ => {
                tries.failed(cx, &candidate.key, "wrong_code")?;
                return Ok(Attempt::Failed(Error::Unauthenticated(
                    "wrong_code",
                    "动态验证码不正确".to_owned(),
                )));
            }
        }
    }
    accounts::clear_throttle(cx.db, &account_counter(&candidate.key))?;
    let rules = password::Rules::of(cx.rules.login.passwords, account.totp_secret.is_some());
    if !account.must_change && password::is_expired(&rules, account.password_at.0, cx.now) {
        let seen = account.version;
        account.must_change = true;
        account.version += 1;
        accounts::update(cx.db, &account, seen)?;
        let event = Event::new("password_expired", "user", account.id, json!({}));
        cx.journal_as(account.id, account.department_id, event)?;
    }
    let opened = open(cx, account, candidate.roles.clone(), holder)?;
    Ok(Attempt::Opened(Box::new(opened)))
}

fn open(cx: &mut Cx<'_>, account: Account, roles: Vec<Role>, holder: Holder) -> Result<Opened> {
    let refresh = hex::encode(cx.random::<32>()?);
    let session = Session {
        id: cx.id()?,
        region: account.region.clone(),
        user_id: account.id,
        refresh_hash: holder.stored(&refresh),
        previous_hash: String::new(),
        generation: 0,
        created_at: At(cx.now),
        used_at: At(cx.now),
        expires_at: At(cx.now + TimeDelta::seconds(cx.rules.login.session_s)),
        revoked_at: None,
        address: cx.origin.address.clone(),
        agent: cx.origin.agent.clone(),
    };
    accounts::open_session(cx.db, &session)?;
    let event =
        Event::new("session_opened", "user", account.id, json!({ "session": session.id.to_string() }))
            .private(json!({ "agent": cx.origin.agent }));
    cx.journal_as(account.id, account.department_id, event)?;
    Ok(Opened { account, roles, session: session.id, refresh })
}

/// The counters of an attempt, locked until the end of the transaction.
struct Tries {
    account: Failures,
    address: Failures,
    decision: Decision,
}

impl Tries {
    /// Always the account first: two attempts never wait for each other.
    fn of(cx: &mut Cx<'_>, key: &str) -> Result<Self> {
        let account = accounts::failures_locked(cx.db, &account_counter(key))?;
        let address = accounts::failures_locked(cx.db, &address_counter(&cx.origin.address))?;
        let decision =
            stricter(decide(account, &policy(cx.rules), cx.now), decide(address, &Policy::address(), cx.now));
        Ok(Self { account, address, decision })
    }

    fn failed(&self, cx: &mut Cx<'_>, key: &str, why: &str) -> Result<()> {
        let account = throttle::failed(self.account, &policy(cx.rules), cx.now);
        accounts::set_failures(cx.db, &account_counter(key), account)?;
        let address = throttle::failed(self.address, &Policy::address(), cx.now);
        accounts::set_failures(cx.db, &address_counter(&cx.origin.address), address)?;
        cx.journal(
            Event::general("login_failed", "user", json!({ "why": why })).private(json!({ "login": key })),
        )
    }
}

/// Counts a wrong password that somebody who is logged in gave for his own account: it is guessing all the same. What
/// to answer.
///
/// # Errors
/// The database.
pub fn guessed_wrong(cx: &mut Cx<'_>, login_key: &str, error: Error) -> Result<Error> {
    let tries = Tries::of(cx, login_key)?;
    if let Some(locked) = refused(tries.decision, cx.now) {
        cx.journal(
            Event::general("login_refused", "user", json!({})).private(json!({ "login": login_key })),
        )?;
        return Ok(locked);
    }
    tries.failed(cx, login_key, "wrong_present_password")?;
    Ok(error)
}

/// Whether this account may be tried at all, before its password is hashed.
///
/// # Errors
/// [`Error::TooMany`].
pub fn may_try(cx: &mut Cx<'_>, login_key: &str) -> Result<()> {
    let failures = accounts::failures(cx.db, &account_counter(login_key))?;
    refused(decide(failures, &policy(cx.rules), cx.now), cx.now).map_or(Ok(()), Err)
}

/// Exchanges a refresh token for a new one. One that was exchanged before ends the session: either its holder or a
/// thief has it (RFC 9700, section 4.14).
///
/// # Errors
/// The database.
pub fn refresh(cx: &mut Cx<'_>, token: &str) -> Result<Attempt> {
    let ended = || Error::Unauthenticated("session_ended", "登录已结束,请重新登录".to_owned());
    let hashed = hash(token);
    let Some(session) = accounts::session_by_refresh(cx.db, &hashed)? else {
        cx.journal(Event::general("refresh_refused", "user", json!({ "why": "unknown" })))?;
        return Ok(Attempt::Failed(ended()));
    };
    if session.previous_hash == hashed {
        accounts::end_session(cx.db, session.id, cx.now)?;
        cx.journal(Event::new(
            "refresh_reused",
            "user",
            session.user_id,
            json!({ "session": session.id.to_string() }),
        ))?;
        return Ok(Attempt::Failed(ended()));
    }
    let idle = session.used_at.0 + TimeDelta::seconds(cx.rules.login.idle_s);
    let alive = session.revoked_at.is_none() && session.expires_at.0 > cx.now && idle > cx.now;
    let account = accounts::get(cx.db, session.user_id)?.filter(|a| alive && a.state == "active");
    let Some(account) = account else {
        accounts::end_session(cx.db, session.id, cx.now)?;
        cx.journal(Event::new("refresh_refused", "user", session.user_id, json!({ "why": "ended" })))?;
        return Ok(Attempt::Failed(ended()));
    };
    let refresh = hex::encode(cx.random::<32>()?);
    if !accounts::rotate(cx.db, &session, &hash(&refresh), cx.now)? {
        return Err(Error::Again("refresh token rotated meanwhile".to_owned()));
    }
    let event =
        Event::new("session_refreshed", "user", account.id, json!({ "session": session.id.to_string() }));
    cx.journal_as(account.id, account.department_id, event)?;
    let roles = accounts::roles(cx.db, account.id)?;
    Ok(Attempt::Opened(Box::new(Opened { account, roles, session: session.id, refresh })))
}

/// Ends the session of whoever asks, or all of his.
///
/// # Errors
/// Nobody has logged in.
pub fn logout(cx: &mut Cx<'_>, everywhere: bool) -> Result<()> {
    let (user, session) = (cx.user()?, cx.actor.session.ok_or_else(unauthenticated)?);
    let ended = if everywhere {
        accounts::end_sessions(cx.db, user, None, cx.now)?
    } else {
        accounts::end_session(cx.db, session, cx.now)?
    };
    cx.journal(Event::new("session_closed", "user", user, json!({ "sessions": ended })))
}

/// The rules a password of an account follows.
#[must_use]
pub const fn password_rules(rules: &Rules, account: &Account) -> password::Rules {
    password::Rules::of(rules.login.passwords, account.totp_secret.is_some())
}

/// What is wrong with a new password under the county's profile; everything at once. `used_before`: it is the present
/// one or one of those the profile remembers.
pub fn check_password(
    rules: &Rules,
    pointer: &str,
    account: &Account,
    new: &str,
    used_before: bool,
    faults: &mut Faults,
) {
    let mut profile = password_rules(rules, account);
    // The present password never counts as a new one, whatever the profile remembers.
    profile.history = profile.history.max(1);
    let context = password::Context {
        login: &account.login,
        words: &[&account.name, &rules.region.name, "onedoor"],
        used_before,
    };
    for fault in password::faults(new, &profile, &context) {
        faults.add(pointer, fault.code(), fault.text());
    }
}

/// Sets a new password, whose hash was computed before, and ends all other sessions.
///
/// # Errors
/// The account changed meanwhile.
pub fn set_password(
    cx: &mut Cx<'_>,
    user: Id,
    seen_hash: &str,
    new_hash: String,
    must_change: bool,
) -> Result<()> {
    let mut account = accounts::get(cx.db, user)?.ok_or(Error::NotFound("账号"))?;
    if account.password_hash != seen_hash {
        return Err(Error::Stale(account.version));
    }
    let seen = account.version;
    let old = std::mem::replace(&mut account.password_hash, new_hash);
    account.password_history.0.insert(0, old);
    account.password_history.0.truncate(HISTORY);
    account.password_at = At(cx.now);
    account.updated_at = At(cx.now);
    account.must_change = must_change;
    account.version += 1;
    accounts::update(cx.db, &account, seen)?;
    let ended = accounts::end_sessions(cx.db, user, cx.actor.session, cx.now)?;
    cx.journal(Event::new("password_changed", "user", user, json!({ "sessions_ended": ended })))
}

/// The time step (RFC 6238, 30 s) at which a code is good: now, or one step before or after.
pub(super) fn totp_step(secret: &str, code: &str, now: i64) -> Result<Option<i64>> {
    let secret = Secret::try_from_base32(secret).map_err(|e| Error::internal(&e))?;
    let totp = Builder::new().with_secret(secret).build().map_err(|e| Error::internal(&e))?;
    let step = totp.check(code.trim(), u64::try_from(now).unwrap_or(0));
    Ok(step.and_then(|s| i64::try_from(s).ok()))
}

/// The hash under which a refresh token is stored.
#[must_use]
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
