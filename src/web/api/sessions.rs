//! Login, refresh, logout, one's own account.

use crate::domain::access::{Action, Role, Scope};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::login::{self, Attempt, Opened};
use crate::store::accounts;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Reply};
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
        let attempt = login::attempt(cx, &candidate, good, body.code.as_deref())?;
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
    Ok(Reply::ok(Empty {}))
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

/// `POST /api/v1/session/password`
///
/// # Errors
/// The present password is wrong; everything the new one lacks.
pub fn password(call: &Call, (): (), body: PasswordBody) -> Result<Answer> {
    let account = call.read(|cx| {
        let user = cx.user()?;
        accounts::get(cx.db, user)?.ok_or(Error::NotFound("账号"))
    })?;
    let hasher = &call.server.hasher;
    let mut faults = Faults::default();
    if !hasher.matches(&body.present, Some(&account.password_hash)) {
        faults.add("/present", "wrong_password", "现密码不正确");
    }
    login::check_password(&call.server.rules, "/new", &account.login, &account.name, &body.new, &mut faults);
    let earlier = std::iter::once(&account.password_hash).chain(&account.password_history.0);
    if earlier.take(5).any(|hash| hasher.matches(&body.new, Some(hash))) {
        faults.add("/new", "used_before", "不能使用最近5次用过的密码");
    }
    faults.done()?;
    let salt = call.server.entropy.bytes().map_err(|e| Error::internal(&e))?;
    let hash = hasher.hash(&body.new, &salt)?;
    call.write(move |cx| {
        login::set_password(cx, account.id, &account.password_hash, hash.clone(), false)?;
        Ok(Reply::ok(Empty {}))
    })
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
