//! Login, refresh, logout, one's own account.

use crate::domain::access::{Action, Role, Scope};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::login::{self, Attempt, Holder, Opened};
use crate::service::{second_factor, sessions};
use crate::store::accounts::{self, Account};
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A login.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// 登录名.
    #[schema(max_length = 64)]
    pub login: String,
    /// 密码.
    #[schema(max_length = 256)]
    pub password: String,
    /// 动态验证码, where the account has a second factor.
    #[serde(default)]
    #[schema(max_length = 16)]
    pub code: Option<String>,
}

/// A refresh.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// The refresh token; it works once.
    #[schema(max_length = 128)]
    pub refresh_token: String,
}

/// Tokens of a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// Send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Exchange once for new tokens.
    pub refresh_token: String,
    /// The account.
    pub user_id: Id,
    /// Name.
    pub name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// The password must be changed before anything else.
    pub must_change_password: bool,
}

fn tokens(call: &Call, opened: &Opened) -> Result<Tokens> {
    let now = call.server.clock.now();
    Ok(Tokens {
        access_token: call.server.tokens.issue(opened.account.id, opened.session, now)?,
        expires_in: call.server.rules.login.access_s,
        refresh_token: opened.refresh.clone(),
        user_id: opened.account.id,
        name: opened.account.name.clone(),
        roles: opened.roles.clone(),
        must_change_password: opened.account.must_change,
    })
}

fn none() -> Tokens {
    Tokens {
        access_token: String::new(),
        expires_in: 0,
        refresh_token: String::new(),
        user_id: Id(uuid::Uuid::nil()),
        name: String::new(),
        roles: Vec::new(),
        must_change_password: false,
    }
}

fn answer(call: &Call, attempt: Attempt) -> Result<Reply<Tokens>> {
    match attempt {
        Attempt::Opened(opened) => Ok(Reply::ok(tokens(call, &opened)?)),
        Attempt::Failed(error) => Ok(Reply::ok(none()).but(error)),
    }
}

/// `POST /api/v1/session`
///
/// # Errors
/// Wrong credentials; locked.
pub fn login(call: &Call, (): (), body: LoginBody) -> Result<Answer> {
    let candidate = call.read(|cx| login::candidate(cx, &body.login))?;
    let hash = candidate.account.as_ref().map(|a| a.password_hash.as_str());
    let good = call.server.hasher.matches(&body.password, hash);
    let own = call.clone();
    call.write(move |cx| {
        let attempt = login::attempt(cx, &candidate, good, body.code.as_deref(), Holder::Program)?;
        answer(&own, attempt)
    })
}

/// `POST /api/v1/session/refresh`
///
/// # Errors
/// A token that was used, has expired or never was.
pub fn refresh(call: &Call, (): (), body: RefreshBody) -> Result<Answer> {
    let own = call.clone();
    call.write(move |cx| {
        let attempt = login::refresh(cx, &body.refresh_token)?;
        answer(&own, attempt)
    })
}

/// Which sessions to end.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoutBody {
    /// All of one's own instead of this one.
    #[serde(default)]
    pub everywhere: bool,
}

/// `POST /api/v1/session/logout`
///
/// # Errors
/// Nobody has logged in.
pub fn logout(cx: &mut Cx<'_>, (): (), body: &LogoutBody) -> Result<Reply<Empty>> {
    login::logout(cx, body.everywhere)?;
    Ok(Reply::done())
}

/// A new password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// The present one.
    #[schema(max_length = 256)]
    pub present: String,
    /// The new one.
    #[schema(max_length = 256)]
    pub new: String,
}

/// The account of whoever asks, before something is hashed for him.
fn own_account(call: &Call) -> Result<Account> {
    call.read(|cx| {
        let user = cx.user()?;
        let account = accounts::get(cx.db, user)?.ok_or(Error::NotFound("账号"))?;
        login::may_try(cx, &account.login_key)?;
        Ok(account)
    })
}

/// Counts a wrong present password like a failed login, and answers so.
fn wrong_present(call: &Call, account: Account, error: Error) -> Result<Answer> {
    call.write(move |cx| {
        let error = login::guessed_wrong(cx, &account.login_key, error.clone())?;
        Ok(Reply::done().but(error))
    })
}

/// `POST /api/v1/session/password`
///
/// # Errors
/// The present password is wrong; everything the new one lacks.
pub fn password(call: &Call, (): (), body: PasswordBody) -> Result<Answer> {
    let account = own_account(call)?;
    let (hasher, rules) = (&call.server.hasher, &call.server.rules);
    if !hasher.matches(&body.present, Some(&account.password_hash)) {
        let mut faults = Faults::default();
        faults.add("/present", "wrong_password", "现密码不正确");
        login::check_password(rules, "/new", &account, &body.new, false, &mut faults);
        return match faults.done() {
            Err(error) => wrong_present(call, account, error),
            Ok(()) => Err(Error::internal("a wrong password is a fault")),
        };
    }
    let remembered = login::password_rules(rules, &account).history;
    let earlier = account.password_history.0.iter().take(remembered.saturating_sub(1));
    let used_before = std::iter::once(&account.password_hash)
        .chain(earlier)
        .any(|hash| hasher.matches(&body.new, Some(hash)));
    let mut faults = Faults::default();
    login::check_password(rules, "/new", &account, &body.new, used_before, &mut faults);
    faults.done()?;
    let salt = call.server.entropy.bytes().map_err(|e| Error::internal(&e))?;
    let hash = hasher.hash(&body.new, &salt)?;
    call.write(move |cx| {
        login::set_password(cx, account.id, &account.password_hash, hash.clone(), false)?;
        Ok(Reply::done())
    })
}

/// One's present password, asked for before something that a borrowed session must not do.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentPassword {
    /// The present password.
    #[schema(max_length = 256)]
    pub password: String,
}

/// A secret for an authenticator; told once, in force after its first code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SecondFactorOffer {
    /// Base32.
    pub secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    pub otpauth_url: String,
}

/// `POST /api/v1/session/totp`
///
/// # Errors
/// The password is wrong; a second factor is set up already.
pub fn offer_second_factor(call: &Call, (): (), body: PresentPassword) -> Result<Answer> {
    let account = own_account(call)?;
    if !call.server.hasher.matches(&body.password, Some(&account.password_hash)) {
        let error = Error::field("/password", "wrong_password", "密码不正确");
        return wrong_present(call, account, error);
    }
    call.write(move |cx| {
        let offered = second_factor::offer(cx, &account.password_hash)?;
        Ok(Reply::ok(SecondFactorOffer { secret: offered.secret, otpauth_url: offered.url }))
    })
}

/// A code of the authenticator.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// Six digits.
    #[schema(max_length = 16)]
    pub code: String,
}

/// `POST /api/v1/session/totp/confirm`
///
/// # Errors
/// Nothing was handed out; the code is wrong.
pub fn confirm_second_factor(cx: &mut Cx<'_>, (): (), body: &CodeBody) -> Result<Reply<Empty>> {
    second_factor::confirm(cx, &body.code)?;
    Ok(Reply::done())
}

/// One of one's own sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionView {
    /// Identifier.
    pub id: Id,
    /// Whether it is the one that asks.
    pub this: bool,
    /// Login.
    pub created_at: DateTime<Utc>,
    /// Last refresh.
    pub used_at: DateTime<Utc>,
    /// End.
    pub expires_at: DateTime<Utc>,
    /// Network address.
    pub address: String,
    /// What the client says it is.
    pub agent: String,
}

/// One's own sessions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionList {
    /// The newest first.
    pub items: Vec<SessionView>,
}

/// `GET /api/v1/sessions`
///
/// # Errors
/// Nobody has logged in.
pub fn list(cx: &mut Cx<'_>, (): (), _: NoQuery) -> Result<Reply<SessionList>> {
    let own = cx.actor.session;
    let items = sessions::list(cx)?
        .into_iter()
        .map(|s| SessionView {
            id: s.id,
            this: own == Some(s.id),
            created_at: s.created_at.0,
            used_at: s.used_at.0,
            expires_at: s.expires_at.0,
            address: s.address,
            agent: s.agent,
        })
        .collect();
    Ok(Reply::ok(SessionList { items }))
}

/// `POST /api/v1/sessions/{id}/end`
///
/// # Errors
/// It is none of one's own, or has ended.
pub fn end(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<Empty>> {
    sessions::end(cx, id)?;
    Ok(Reply::done())
}

/// One's own account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Me {
    /// Account.
    pub user_id: Id,
    /// Name.
    pub name: String,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Option<Id>,
    /// Entry in the inspector directory.
    pub inspector_id: Option<Id>,
    /// Roles.
    pub roles: Vec<Role>,
}

/// `GET /api/v1/session`
///
/// # Errors
/// Nobody has logged in.
pub fn me(cx: &mut Cx<'_>, (): (), _: NoQuery) -> Result<Reply<Me>> {
    cx.may(Action::OwnAccount, &Scope::default())?;
    Ok(Reply::ok(Me {
        user_id: cx.user()?,
        name: cx.actor.name.clone(),
        region: cx.actor.region.clone(),
        department_id: cx.actor.department,
        inspector_id: cx.actor.inspector,
        roles: cx.actor.roles.iter().collect(),
    }))
}
