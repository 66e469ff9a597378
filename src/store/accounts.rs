//! Accounts, their roles and login sessions, and the counters of failed logins.

use super::conn::Conn;
use super::schema::{login_session, throttle, user_account, user_role};
use super::types::{At, Doc};
use crate::domain::access::{Actor, Role};
use crate::domain::throttle::Failures;
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A row of an account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = user_account, check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Account {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department; administrators have none.
    pub department_id: Option<Id>,
    /// Login name as written.
    pub login: String,
    /// Login name folded, unique on this server.
    pub login_key: String,
    /// Name of the person.
    pub name: String,
    /// Mail address; empty: none.
    pub email: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// When the password was set.
    pub password_at: At,
    /// Hashes of earlier passwords, newest first.
    pub password_history: Doc<Vec<String>>,
    /// The password must be changed before anything else.
    pub must_change: bool,
    /// Secret of the second factor, encrypted (`service::at_rest`), hex.
    pub totp_secret: Option<String>,
    /// The same of one that was handed out and waits for its first code.
    pub totp_pending: Option<String>,
    /// The last accepted time step: a code works once.
    pub totp_step: i64,
    /// Its entry in the inspector directory.
    pub inspector_id: Option<Id>,
    /// `active` or `disabled`.
    pub state: String,
    /// Version.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// A row of a login session.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = login_session, check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Session {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Account.
    pub user_id: Id,
    /// SHA-256 of the refresh token in use.
    pub refresh_hash: String,
    /// SHA-256 of the one before: who shows it again has stolen it, or was stolen from.
    pub previous_hash: String,
    /// How often the token was rotated.
    pub generation: i64,
    /// Login.
    pub created_at: At,
    /// Last rotation.
    pub used_at: At,
    /// End.
    pub expires_at: At,
    /// Ended before.
    pub revoked_at: Option<At>,
    /// Network address.
    pub address: String,
    /// What the client says it is.
    pub agent: String,
}

/// The account with this folded login name.
///
/// # Errors
/// The database.
pub fn by_login(db: &mut Conn, login_key: &str) -> Result<Option<Account>> {
    Ok(user_account::table
        .filter(user_account::login_key.eq(login_key.to_owned()))
        .select(Account::as_select())
        .get_result(db)
        .optional()?)
}

/// The account with this identifier.
///
/// # Errors
/// The database.
pub fn get(db: &mut Conn, id: Id) -> Result<Option<Account>> {
    Ok(user_account::table.find(id).select(Account::as_select()).get_result(db).optional()?)
}

/// The roles of an account.
///
/// # Errors
/// The database.
pub fn roles(db: &mut Conn, user: Id) -> Result<Vec<Role>> {
    let names: Vec<String> = user_role::table
        .filter(user_role::user_id.eq(user))
        .order(user_role::role)
        .select(user_role::role)
        .load(db)?;
    Ok(names.iter().filter_map(|n| Role::parse(n)).collect())
}

/// Replaces the roles of an account.
///
/// # Errors
/// The database.
pub fn set_roles(db: &mut Conn, user: Id, roles: &[Role]) -> Result<()> {
    diesel::delete(user_role::table.filter(user_role::user_id.eq(user))).execute(db)?;
    for role in roles {
        diesel::insert_into(user_role::table)
            .values((user_role::user_id.eq(user), user_role::role.eq(role.as_str())))
            .execute(db)?;
    }
    Ok(())
}

/// Adds an account.
///
/// # Errors
/// The database; a login name that is taken.
pub fn insert(db: &mut Conn, account: &Account) -> Result<()> {
    diesel::insert_into(user_account::table).values(account).execute(db)?;
    Ok(())
}

/// Writes a changed account whose version was raised from `seen`.
///
/// # Errors
/// The database; [`Error::Stale`] when somebody else was faster.
pub fn update(db: &mut Conn, account: &Account, seen: i64) -> Result<()> {
    let n = diesel::update(
        user_account::table.filter(user_account::id.eq(account.id)).filter(user_account::version.eq(seen)),
    )
    .set(account)
    .execute(db)?;
    if n == 1 {
        return Ok(());
    }
    let now: Option<i64> =
        user_account::table.find(account.id).select(user_account::version).get_result(db).optional()?;
    Err(now.map_or(Error::NotFound("账号"), Error::Stale))
}

/// Writes an account that moved from one state to another. Of any number of clients that try at once one wins, the
/// others learn the present state.
///
/// # Errors
/// The database; a wrong-state refusal.
pub fn transition(db: &mut Conn, account: &Account, from: &str, seen: i64) -> Result<()> {
    let n = diesel::update(
        user_account::table
            .filter(user_account::id.eq(account.id))
            .filter(user_account::state.eq(from.to_owned()))
            .filter(user_account::version.eq(seen)),
    )
    .set(account)
    .execute(db)?;
    if n == 1 {
        return Ok(());
    }
    let now: Option<String> =
        user_account::table.find(account.id).select(user_account::state).get_result(db).optional()?;
    Err(match now {
        None => Error::NotFound("账号"),
        // Something else of it changed: the act is still possible, on the row as it is now.
        Some(state) if state == from => Error::Again("the account changed meanwhile".to_owned()),
        Some(state) => Error::wrong_state(state, "账号已是该状态"),
    })
}

/// The accounts of a county by login name, after `after`, at most `limit`.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    region: &str,
    department: Option<Id>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Account>> {
    let mut query = user_account::table
        .filter(user_account::region.eq(region.to_owned()))
        .order(user_account::login_key)
        .limit(limit)
        .select(Account::as_select())
        .into_boxed();
    crate::narrow!(query;
        user_account::department_id eq department;
        user_account::login_key gt after.map(str::to_owned);
    );
    Ok(query.load(db)?)
}

/// The active accounts of a department that hold one of `roles` and have a mail address.
///
/// # Errors
/// The database.
pub fn addressees(db: &mut Conn, department: Id, roles: &[Role]) -> Result<Vec<Account>> {
    let names: Vec<&str> = roles.iter().map(|r| r.as_str()).collect();
    let holders = user_role::table.filter(user_role::role.eq_any(names)).select(user_role::user_id);
    Ok(user_account::table
        .filter(user_account::department_id.eq(department))
        .filter(user_account::state.eq("active"))
        .filter(user_account::email.ne(""))
        .filter(user_account::id.eq_any(holders))
        .order(user_account::login_key)
        .select(Account::as_select())
        .load(db)?)
}

/// How many accounts there are.
///
/// # Errors
/// The database.
pub fn count(db: &mut Conn) -> Result<i64> {
    Ok(user_account::table.count().get_result(db)?)
}

/// Adds a login session.
///
/// # Errors
/// The database.
pub fn open_session(db: &mut Conn, session: &Session) -> Result<()> {
    diesel::insert_into(login_session::table).values(session).execute(db)?;
    Ok(())
}

/// The session whose present or previous refresh token has this hash.
///
/// # Errors
/// The database.
pub fn session_by_refresh(db: &mut Conn, hash: &str) -> Result<Option<Session>> {
    Ok(login_session::table
        .filter(
            login_session::refresh_hash
                .eq(hash.to_owned())
                .or(login_session::previous_hash.eq(hash.to_owned())),
        )
        .select(Session::as_select())
        .get_result(db)
        .optional()?)
}

/// Rotates the refresh token of a session; `false` when another request rotated it first.
///
/// # Errors
/// The database.
pub fn rotate(db: &mut Conn, session: &Session, new_hash: &str, now: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(
        login_session::table
            .filter(login_session::id.eq(session.id))
            .filter(login_session::refresh_hash.eq(session.refresh_hash.clone()))
            .filter(login_session::revoked_at.is_null()),
    )
    .set((
        login_session::refresh_hash.eq(new_hash.to_owned()),
        login_session::previous_hash.eq(session.refresh_hash.clone()),
        login_session::generation.eq(session.generation + 1),
        login_session::used_at.eq(At(now)),
    ))
    .execute(db)?;
    Ok(n == 1)
}

/// Notes that a session is in use.
///
/// # Errors
/// The database.
pub fn touch_session(db: &mut Conn, session: Id, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(login_session::table.find(session))
        .filter(login_session::revoked_at.is_null())
        .filter(login_session::used_at.lt(At(now)))
        .set(login_session::used_at.eq(At(now)))
        .execute(db)?)
}

/// Ends one session.
///
/// # Errors
/// The database.
pub fn end_session(db: &mut Conn, session: Id, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(login_session::table.find(session))
        .filter(login_session::revoked_at.is_null())
        .set(login_session::revoked_at.eq(Some(At(now))))
        .execute(db)?)
}

/// Ends all sessions of an account but `except`.
///
/// # Errors
/// The database.
pub fn end_sessions(db: &mut Conn, user: Id, except: Option<Id>, now: DateTime<Utc>) -> Result<usize> {
    let mut ids: Vec<Id> = login_session::table
        .filter(login_session::user_id.eq(user))
        .filter(login_session::revoked_at.is_null())
        .select(login_session::id)
        .load(db)?;
    ids.retain(|id| Some(*id) != except);
    Ok(diesel::update(login_session::table.filter(login_session::id.eq_any(ids)))
        .set(login_session::revoked_at.eq(Some(At(now))))
        .execute(db)?)
}

/// Forgets counters whose last failure is older than `before` and that have locked nobody.
///
/// # Errors
/// The database.
pub fn forget_failures(db: &mut Conn, before: DateTime<Utc>, fewer_than: i64) -> Result<usize> {
    let old = throttle::table
        .filter(throttle::failures.lt(fewer_than))
        .filter(throttle::last_at.is_null().or(throttle::last_at.lt(At(before))));
    Ok(diesel::delete(old).execute(db)?)
}

/// The sessions of an account that have not ended, the newest first.
///
/// # Errors
/// The database.
pub fn open_sessions(db: &mut Conn, user: Id, now: DateTime<Utc>) -> Result<Vec<Session>> {
    Ok(login_session::table
        .filter(login_session::user_id.eq(user))
        .filter(login_session::revoked_at.is_null())
        .filter(login_session::expires_at.gt(At(now)))
        .order(login_session::id.desc())
        .limit(200)
        .select(Session::as_select())
        .load(db)?)
}

/// Whoever asks, as his session says.
#[derive(Debug, Clone)]
pub struct Known {
    /// Account, department, roles.
    pub actor: Actor,
    /// The password must be changed first.
    pub must_change: bool,
    /// A second factor is set up.
    pub second_factor: bool,
}

/// Whoever holds a session that has not ended, on an account that is active.
///
/// # Errors
/// The database.
pub fn actor(db: &mut Conn, session: Id, now: DateTime<Utc>) -> Result<Option<Known>> {
    type Found = (Id, String, Option<Id>, Option<Id>, String, bool, bool, Option<String>);
    // One row for each role, so that who asks is one query.
    let rows: Vec<Found> = login_session::table
        .inner_join(user_account::table.left_join(user_role::table))
        .filter(login_session::id.eq(session))
        .filter(login_session::revoked_at.is_null())
        .filter(login_session::expires_at.gt(At(now)))
        .filter(user_account::state.eq("active"))
        .select((
            user_account::id,
            user_account::region,
            user_account::department_id,
            user_account::inspector_id,
            user_account::name,
            user_account::must_change,
            user_account::totp_secret.is_not_null(),
            user_role::role.nullable(),
        ))
        .load(db)?;
    let roles = rows.iter().filter_map(|row| Role::parse(row.7.as_deref()?)).collect();
    let Some((user, region, department, inspector, name, must_change, second_factor, _)) =
        rows.into_iter().next()
    else {
        return Ok(None);
    };
    let actor = Actor {
        user: Some(user),
        session: Some(session),
        region,
        department,
        inspector,
        roles,
        name,
        system: false,
    };
    Ok(Some(Known { actor, must_change, second_factor }))
}

/// The rights of an account as they are now, for what is done in its name without it: none when it may not log in.
///
/// # Errors
/// The database.
pub fn actor_of(db: &mut Conn, user: Id) -> Result<Option<Actor>> {
    let Some(account) = get(db, user)?.filter(|a| a.state == "active") else { return Ok(None) };
    let roles = roles(db, user)?.into_iter().collect();
    Ok(Some(Actor {
        user: Some(user),
        session: None,
        region: account.region,
        department: account.department_id,
        inspector: account.inspector_id,
        roles,
        name: account.name,
        system: false,
    }))
}

/// A counter of failed attempts.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = throttle, check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Throttle {
    /// `login:NAME` or `address:ADDRESS`.
    pub key: String,
    /// Failures in a row.
    pub failures: i64,
    /// The last of them.
    pub last_at: Option<At>,
}

impl Throttle {
    fn of(key: &str, failures: Failures) -> Self {
        Self { key: key.to_owned(), failures: failures.count.into(), last_at: failures.last.map(At) }
    }
}

impl From<Throttle> for Failures {
    fn from(row: Throttle) -> Self {
        Self { count: u32::try_from(row.failures).unwrap_or(u32::MAX), last: row.last_at.map(|a| a.0) }
    }
}

/// The failures counted under a key.
///
/// # Errors
/// The database.
pub fn failures(db: &mut Conn, key: &str) -> Result<Failures> {
    let row = throttle::table.find(key.to_owned()).select(Throttle::as_select()).get_result(db).optional()?;
    Ok(row.map(Failures::from).unwrap_or_default())
}

/// The failures counted under a key, whose row stays locked until the end of the transaction: attempts at one moment
/// are judged one after the other.
///
/// # Errors
/// The database.
pub fn failures_locked(db: &mut Conn, key: &str) -> Result<Failures> {
    let none = Throttle::of(key, Failures::default());
    crate::each_backend!(db, |c| diesel::insert_into(throttle::table)
        .values(&none)
        .on_conflict_do_nothing()
        .execute(c))?;
    let row: (i64, Option<At>) = match db {
        // SQLite's writer is alone anyway.
        Conn::Sqlite(c) => {
            throttle::table.find(key).select((throttle::failures, throttle::last_at)).first(c)?
        }
        Conn::Pg(c) => {
            throttle::table.find(key).select((throttle::failures, throttle::last_at)).for_update().first(c)?
        }
    };
    Ok(Throttle { key: String::new(), failures: row.0, last_at: row.1 }.into())
}

/// Writes the failures of a key whose row is locked.
///
/// # Errors
/// The database.
pub fn set_failures(db: &mut Conn, key: &str, failures: Failures) -> Result<()> {
    let row = Throttle::of(key, failures);
    diesel::update(throttle::table.find(key.to_owned()))
        .set((throttle::failures.eq(row.failures), throttle::last_at.eq(row.last_at)))
        .execute(db)?;
    Ok(())
}

/// Forgets a counter.
///
/// # Errors
/// The database.
pub fn clear_throttle(db: &mut Conn, key: &str) -> Result<()> {
    diesel::delete(throttle::table.find(key.to_owned())).execute(db)?;
    Ok(())
}
