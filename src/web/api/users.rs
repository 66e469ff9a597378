//! Accounts.

use crate::domain::access::Role;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::users::{self, Change, NewUser, User};
use crate::web::call::Call;
use crate::web::page::{self, After};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserView {
    /// Identifier.
    pub id: Id,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Department.
    pub department_id: Option<Id>,
    /// Entry in the inspector directory.
    pub inspector_id: Option<Id>,
    /// Roles.
    pub roles: Vec<Role>,
    /// `active` or `disabled`.
    pub state: String,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// The one-time password, told once: at creation and after a reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_time_password: Option<String>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let a = user.account;
        Self {
            id: a.id,
            login: a.login,
            name: a.name,
            email: a.email,
            department_id: a.department_id,
            inspector_id: a.inspector_id,
            roles: user.roles,
            state: a.state,
            second_factor: a.totp_secret.is_some(),
            version: a.version,
            created_at: a.created_at.0,
            one_time_password: None,
        }
    }
}

versioned!(UserView);

/// `GET /api/v1/users`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: After) -> Result<Reply<Page<UserView>>> {
    let read = |most| users::list(cx, query.after.as_deref(), most);
    page::by_key(query.limit, read, |u| crate::service::login::login_key(&u.account.login))
}

/// `GET /api/v1/users/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<UserView>> {
    Reply::of(users::get(cx, id)?)
}

/// A new account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserBody {
    /// Login name.
    #[schema(max_length = 64)]
    pub login: String,
    /// Name.
    #[schema(max_length = 64)]
    pub name: String,
    /// Mail address.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub email: String,
    /// Department; none for administrators.
    #[serde(default)]
    pub department_id: Option<Id>,
    /// Entry in the inspector directory.
    #[serde(default)]
    pub inspector_id: Option<Id>,
}

/// A password nobody chose: 20 characters that are not mistaken for each other.
///
/// # Errors
/// The operating system gives no randomness.
pub fn one_time_password(call: &Call) -> Result<String> {
    crate::service::setup::one_time_password(&call.server.entropy)
}

fn hashed(call: &Call) -> Result<(String, String)> {
    let password = one_time_password(call)?;
    let salt = call.server.entropy.bytes().map_err(|e| Error::internal(&e))?;
    let hash = call.server.hasher.hash(&password, &salt)?;
    Ok((password, hash))
}

/// `POST /api/v1/users`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(call: &Call, (): (), body: NewUserBody) -> Result<Answer> {
    call.read(|_| Ok(()))?;
    let (password, hash) = hashed(call)?;
    call.write(move |cx| {
        let new = NewUser {
            login: body.login.clone(),
            name: body.name.clone(),
            email: body.email.clone(),
            department: body.department_id,
            inspector: body.inspector_id,
        };
        let user = users::create(cx, &new, &hash)?;
        let mut view = UserView::from(user);
        view.one_time_password = Some(password.clone());
        Reply::<UserView>::made(view, "/api/v1/users")
    })
}

/// What to change of an account; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Name.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub name: Option<String>,
    /// Mail address.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub email: Option<String>,
    /// Department; `null` for none.
    #[serde(default, deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<Id>)]
    pub department_id: Option<Option<Id>>,
    /// Entry in the inspector directory; `null` for none.
    #[serde(default, deserialize_with = "crate::web::parse::some")]
    #[schema(value_type = Option<Id>)]
    pub inspector_id: Option<Option<Id>>,
}

/// `PATCH /api/v1/users/{id}`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn change(cx: &mut Cx<'_>, id: Id, body: &UserChange) -> Result<Reply<UserView>> {
    let change = Change {
        name: body.name.clone(),
        email: body.email.clone(),
        department: body.department_id,
        inspector: body.inspector_id,
    };
    Reply::of(users::change(cx, id, &change)?)
}

/// The roles an account is to have.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolesBody {
    /// All of them.
    pub roles: Vec<Role>,
}

/// `PUT /api/v1/users/{id}/roles`
///
/// # Errors
/// Not allowed; roles that exclude each other.
pub fn set_roles(cx: &mut Cx<'_>, id: Id, body: &RolesBody) -> Result<Reply<UserView>> {
    let mut roles = body.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    Reply::of(users::set_roles(cx, id, &roles)?)
}

/// `POST /api/v1/users/{id}/disable`
///
/// # Errors
/// Not allowed; already disabled.
pub fn disable(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<UserView>> {
    Reply::of(users::set_state(cx, id, false)?)
}

/// `POST /api/v1/users/{id}/enable`
///
/// # Errors
/// Not allowed; already active.
pub fn enable(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<UserView>> {
    Reply::of(users::set_state(cx, id, true)?)
}

/// `POST /api/v1/users/{id}/reset-password`
///
/// # Errors
/// Not allowed.
pub fn reset_password(call: &Call, id: Id, _: Empty) -> Result<Answer> {
    call.read(|_| Ok(()))?;
    let (password, hash) = hashed(call)?;
    call.write(move |cx| {
        let user = users::reset_password(cx, id, &hash)?;
        let mut view = UserView::from(user);
        view.one_time_password = Some(password.clone());
        Reply::<UserView>::of(view)
    })
}

/// `POST /api/v1/users/{id}/reset-second-factor`
///
/// # Errors
/// Not allowed; there is none.
pub fn reset_second_factor(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<UserView>> {
    Reply::of(users::reset_second_factor(cx, id)?)
}
