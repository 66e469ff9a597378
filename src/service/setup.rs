//! The first start: the county and its first administrators, each with a one-time password that is told once.

use super::cx::{Cx, Event};
use super::login::login_key;
use crate::domain::access::Role;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::store::accounts::{self, Account};
use crate::store::departments;
use crate::store::types::{At, Doc};
use serde_json::json;

/// The accounts of the first start: the three administrators of 等保三级 practice, each alone in his role.
pub const FIRST: [(&str, &str, Role); 3] = [
    ("sysadmin", "系统管理员", Role::SystemAdmin),
    ("secadmin", "安全管理员", Role::SecurityAdmin),
    ("auditadmin", "审计管理员", Role::AuditAdmin),
];

/// Letters and digits that are not mistaken for each other on paper.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A password nobody chose: 20 characters of 5 bits each.
///
/// # Errors
/// The operating system gives no randomness.
pub fn one_time_password(entropy: &Entropy) -> Result<String> {
    let bytes: [u8; 20] = entropy.bytes().map_err(|e| Error::internal(&e))?;
    Ok(bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect())
}

/// Registers the county, and the first administrators where there is no account yet. `hashes` are those of their
/// one-time passwords. Answers whether it made accounts.
///
/// # Errors
/// The database.
pub fn first_start(cx: &mut Cx<'_>, hashes: &[String; 3]) -> Result<bool> {
    let region = &cx.rules.region;
    let new = departments::ensure_region(cx.db, &region.code, &region.name, &region.token, cx.now)?;
    if accounts::count(cx.db)? > 0 {
        if new {
            cx.journal(Event::general("region_registered", "region", json!({ "code": region.code })))?;
        }
        return Ok(false);
    }
    for ((login, name, role), hash) in FIRST.into_iter().zip(hashes) {
        let account = Account {
            id: cx.id()?,
            region: region.code.clone(),
            department_id: None,
            login: login.to_owned(),
            login_key: login_key(login),
            name: name.to_owned(),
            email: String::new(),
            password_hash: hash.clone(),
            password_at: At(cx.now),
            password_history: Doc(Vec::new()),
            must_change: true,
            totp_secret: None,
            totp_pending: None,
            totp_step: 0,
            inspector_id: None,
            state: "active".to_owned(),
            version: 1,
            created_at: At(cx.now),
            updated_at: At(cx.now),
        };
        accounts::insert(cx.db, &account)?;
        accounts::set_roles(cx.db, account.id, &[role])?;
        cx.journal(Event::new(
            "first_administrator_created",
            "user",
            account.id,
            json!({ "role": role.as_str() }),
        ))?;
    }
    Ok(true)
}
