//! Accounts: who belongs to the county's system and in which roles. The system administrator creates, the security
//! administrator grants, the audit administrator reads the journal of both.

use super::cx::{Cx, Event};
use super::login::{account_counter, login_key};
use crate::domain::access::{self, Action, Home, Role, Scope};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::accounts::{self, Account};
use crate::store::departments;
use crate::store::types::{At, Doc};
use serde_json::json;

/// A new account; it starts without any role.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Mail address; may be empty.
    pub email: String,
    /// Department; none for administrators.
    pub department: Option<Id>,
    /// Entry in the inspector directory.
    pub inspector: Option<Id>,
}

/// An account with its roles.
#[derive(Debug, Clone)]
pub struct User {
    /// The account.
    pub account: Account,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// Creates an account with a one-time password (its hash), which must be changed at the first login.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, new: &NewUser, password_hash: &str) -> Result<User> {
    let region = cx.region().to_owned();
    cx.may(Action::EditUsers, &Scope::county(&region))?;
    let mut faults = Faults::default();
    let login = faults.text("/login", &new.login, true, 64);
    if login.chars().any(char::is_whitespace) {
        faults.add("/login", "whitespace", "登录名不能含空格");
    }
    let name = faults.text("/name", &new.name, true, 64);
    let email = check_email(&mut faults, &new.email);
    if let Some(id) = new.department {
        match departments::get(cx.db, id)? {
            Some(d) if d.region == region => {}
            _ => faults.add("/department_id", "unknown", "没有这个部门"),
        }
    }
    faults.done()?;
    let account = Account {
        id: cx.id()?,
        region,
        department_id: new.department,
        login_key: login_key(&login),
        login,
        name,
        email,
        password_hash: password_hash.to_owned(),
        password_at: At(cx.now),
        password_history: Doc(Vec::new()),
        must_change: true,
        totp_secret: None,
        totp_pending: None,
        totp_step: 0,
        inspector_id: new.inspector,
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    accounts::insert(cx.db, &account).map_err(taken)?;
    cx.journal(
        Event::new(
            "user_created",
            "user",
            account.id,
            json!({ "department": account.department_id.map(|d| d.to_string()) }),
        )
        .private(json!({ "login": account.login, "name": account.name })),
    )?;
    Ok(User { account, roles: Vec::new() })
}

fn taken(error: Error) -> Error {
    match error {
        Error::Duplicate(_) => Error::field("/login", "taken", "这个登录名已被使用"),
        other => other,
    }
}

fn check_email(faults: &mut Faults, email: &str) -> String {
    let email = faults.text("/email", email, false, 200);
    if !email.is_empty() && !crate::mail::is_address(&email) {
        faults.add("/email", "invalid_address", "不是有效的邮件地址");
    }
    email
}

/// Whether an account with these roles may sit in this department; everything that is wrong.
fn check_roles(cx: &mut Cx<'_>, account: &Account, roles: &[Role], faults: &mut Faults) -> Result<()> {
    for text in access::conflicts(roles) {
        faults.add("/roles", "exclusive_roles", text);
    }
    let department = match account.department_id {
        Some(id) => departments::get(cx.db, id)?,
        None => None,
    };
    for role in roles {
        let kind = department.as_ref().map(|d| d.kind.as_str());
        let fits = match role.home() {
            Home::Inspecting => matches!(kind, Some("inspecting" | "expert_pool")),
            Home::Coordination => kind == Some("coordination"),
            Home::Oversight => kind == Some("oversight"),
            Home::Anywhere => true,
            Home::Nowhere => kind.is_none(),
        };
        if !fits {
            faults.add(
                "/roles",
                "wrong_department",
                format!("角色 {} 与所属部门不符:部门角色须属执法部门,协调办、监督员须属各自机构,管理员不属任何部门", role.as_str()),
            );
        }
    }
    if roles.contains(&Role::Inspector) && account.inspector_id.is_none() {
        faults.add("/roles", "no_directory_entry", "执法检查人员须先登记入名录库并与账号关联");
    }
    Ok(())
}

/// Gives an account exactly these roles. Its sessions go on with the new roles at once.
///
/// # Errors
/// Not allowed; roles that exclude each other or do not fit the department.
pub fn set_roles(cx: &mut Cx<'_>, id: Id, roles: &[Role]) -> Result<User> {
    let mut account = load(cx, id, Action::GrantRoles)?;
    cx.fresh(account.version)?;
    if cx.actor.user == Some(id) {
        return Err(Error::refused("own_account", "不能更改自己的角色"));
    }
    let mut faults = Faults::default();
    check_roles(cx, &account, roles, &mut faults)?;
    faults.done()?;
    let before = accounts::roles(cx.db, id)?;
    let seen = account.version;
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    accounts::set_roles(cx.db, id, roles)?;
    let words = |list: &[Role]| list.iter().map(|r| r.as_str()).collect::<Vec<_>>();
    cx.journal(Event::new(
        "roles_granted",
        "user",
        id,
        json!({ "before": words(&before), "after": words(roles) }),
    ))?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

/// What may be changed of an account.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Department.
    pub department: Option<Option<Id>>,
    /// Entry in the inspector directory.
    pub inspector: Option<Option<Id>>,
}

/// Changes an account. A new department takes all roles away: they were given for the old one.
///
/// # Errors
/// Not allowed; every fault of the fields; [`Error::Stale`].
pub fn change(cx: &mut Cx<'_>, id: Id, change: &Change) -> Result<User> {
    let mut account = load(cx, id, Action::EditUsers)?;
    cx.fresh(account.version)?;
    let seen = account.version;
    let mut faults = Faults::default();
    if let Some(name) = &change.name {
        account.name = faults.text("/name", name, true, 64);
    }
    if let Some(email) = &change.email {
        account.email = check_email(&mut faults, email);
    }
    let moved = change.department.is_some_and(|d| d != account.department_id);
    if let Some(department) = change.department {
        if let Some(id) = department
            && departments::get(cx.db, id)?.is_none_or(|d| d.region != account.region)
        {
            faults.add("/department_id", "unknown", "没有这个部门");
        }
        account.department_id = department;
    }
    if let Some(inspector) = change.inspector {
        account.inspector_id = inspector;
    }
    faults.done()?;
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    if moved {
        accounts::set_roles(cx.db, id, &[])?;
    }
    cx.journal(
        Event::new("user_changed", "user", id, json!({ "moved": moved }))
            .private(json!({ "name": account.name })),
    )?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

/// Disables or enables an account; disabling ends its sessions at once.
///
/// # Errors
/// Not allowed; one's own account; already so.
pub fn set_state(cx: &mut Cx<'_>, id: Id, active: bool) -> Result<User> {
    let mut account = load(cx, id, Action::GrantRoles)?;
    if cx.actor.user == Some(id) {
        return Err(Error::refused("own_account", "不能停用自己的账号"));
    }
    let state = if active { "active" } else { "disabled" };
    if account.state == state {
        return Err(Error::wrong_state(state, "账号已是该状态"));
    }
    let seen = account.version;
    let from = std::mem::replace(&mut account.state, state.to_owned());
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::transition(cx.db, &account, &from, seen)?;
    let ended = if active { 0 } else { accounts::end_sessions(cx.db, id, None, cx.now)? };
    if active {
        accounts::clear_throttle(cx.db, &account_counter(&account.login_key))?;
    }
    let act = if active { "user_enabled" } else { "user_disabled" };
    cx.journal(Event::new(act, "user", id, json!({ "sessions_ended": ended })))?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

/// Gives an account a one-time password (its hash), unlocks it and ends its sessions.
///
/// # Errors
/// Not allowed.
pub fn reset_password(cx: &mut Cx<'_>, id: Id, password_hash: &str) -> Result<User> {
    let mut account = load(cx, id, Action::GrantRoles)?;
    let seen = account.version;
    account.password_hash = password_hash.to_owned();
    account.password_at = At(cx.now);
    account.must_change = true;
    account.totp_secret = None;
    account.totp_pending = None;
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    accounts::end_sessions(cx.db, id, None, cx.now)?;
    accounts::clear_throttle(cx.db, &account_counter(&account.login_key))?;
    cx.journal(Event::new("password_reset", "user", id, json!({})))?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

/// Takes the second factor of an account away, for one who has lost it, and ends its sessions.
///
/// # Errors
/// Not allowed; it has none.
pub fn reset_second_factor(cx: &mut Cx<'_>, id: Id) -> Result<User> {
    let mut account = load(cx, id, Action::GrantRoles)?;
    if cx.actor.user == Some(id) {
        return Err(Error::refused("own_account", "不能停用自己的动态验证码,请由另一位安全管理员办理"));
    }
    if account.totp_secret.is_none() && account.totp_pending.is_none() {
        return Err(Error::refused("no_second_factor", "该账号没有启用动态验证码"));
    }
    let seen = account.version;
    account.totp_secret = None;
    account.totp_pending = None;
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    let ended = accounts::end_sessions(cx.db, id, None, cx.now)?;
    cx.journal(Event::new("second_factor_reset", "user", id, json!({ "sessions_ended": ended })))?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

/// One account.
///
/// # Errors
/// Not allowed, or not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<User> {
    let account = load(cx, id, Action::ViewUsers)?;
    let roles = accounts::roles(cx.db, id)?;
    Ok(User { account, roles })
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Account> {
    let account = accounts::get(cx.db, id)?.ok_or(Error::NotFound("账号"))?;
    let scope =
        Scope { region: &account.region, owner: account.department_id, participants: &[], assigned: &[] };
    cx.may(action, &scope)?;
    Ok(account)
}

/// The accounts of the county, or for a department's head of his department, by login name.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, after: Option<&str>, limit: i64) -> Result<Vec<User>> {
    let region = cx.region().to_owned();
    let department = if cx.can(Action::ViewUsers, &Scope::county(&region)) {
        None
    } else {
        let own = cx.department()?;
        cx.may(Action::ViewUsers, &Scope::of(&region, own))?;
        Some(own)
    };
    let rows = accounts::list(cx.db, &region, department, after, limit)?;
    rows.into_iter()
        .map(|account| {
            let roles = accounts::roles(cx.db, account.id)?;
            Ok(User { account, roles })
        })
        .collect()
}
