//! The second factor of an account: handed out, confirmed by a first code, and from then on asked for at each login. Its
//! secret is encrypted in the database.

use super::at_rest::{self, Kind};
use super::cx::{Cx, Event};
use super::login::totp_step;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::accounts::{self, Account};
use crate::store::types::At;
use serde_json::json;
use totp_rs::{Builder, Secret};
use zeroize::Zeroizing;

/// A secret to be put into an authenticator.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Base32.
    pub secret: String,
    /// `otpauth://…`, usually shown as a QR code.
    pub url: String,
}

/// A secret as it is stored.
fn stored(cx: &Cx<'_>, account: Id, secret: &str) -> Result<String> {
    at_rest::seal(&cx.keys.draw, cx.entropy, Kind::SecondFactor, &[account], secret.as_bytes())
        .map(hex::encode)
}

/// The secret of an account as it is stored, in Base32 again; none when this server's keys do not open it.
pub(super) fn secret(cx: &Cx<'_>, account: Id, stored: &str) -> Option<Zeroizing<String>> {
    let bytes = hex::decode(stored).ok()?;
    let secret = at_rest::open(&cx.keys.draw, Kind::SecondFactor, &[account], &bytes)?;
    String::from_utf8(secret.to_vec()).ok().map(Zeroizing::new)
}

/// What is said where the secret cannot be read: the server has other keys than the one that stored it.
pub(super) const UNREADABLE: &str =
    "服务器无法读取动态验证码密钥(服务器密钥可能已更换),请联系安全管理员停用后重新启用";

fn own(cx: &mut Cx<'_>) -> Result<Account> {
    let user = cx.user()?;
    accounts::get(cx.db, user)?.ok_or(Error::NotFound("账号"))
}

/// Hands out a new secret, which replaces one that was handed out and never confirmed.
///
/// # Errors
/// A second factor is set up already; the account changed since `seen_hash` was checked.
pub fn offer(cx: &mut Cx<'_>, seen_hash: &str) -> Result<Offered> {
    let mut account = own(cx)?;
    if account.password_hash != seen_hash {
        return Err(Error::Stale(account.version));
    }
    if account.totp_secret.is_some() {
        return Err(Error::refused("second_factor_present", "已启用动态验证码;更换须先由安全管理员停用"));
    }
    // 160 bits, as RFC 4226 recommends.
    let secret = Secret::from(cx.random::<20>()?.to_vec());
    let base32 = secret.to_base32();
    let issuer = format!("onedoor {}", cx.rules.region.name).replace(':', " ");
    let totp = Builder::new()
        .with_secret(secret)
        .with_issuer(Some(issuer))
        .with_account_name(account.login.replace(':', " "))
        .build()
        .map_err(|e| Error::internal(&e))?;
    let url = totp.to_url().map_err(|e| Error::internal(&e))?;
    let seen = account.version;
    account.totp_pending = Some(stored(cx, account.id, &base32)?);
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    cx.journal(Event::new("second_factor_offered", "user", account.id, json!({})))?;
    Ok(Offered { secret: base32, url })
}

/// Sets the second factor up once its first code is right. All other sessions end: whoever holds one never showed a
/// code.
///
/// # Errors
/// Nothing was handed out; the code is wrong.
pub fn confirm(cx: &mut Cx<'_>, code: &str) -> Result<()> {
    let mut account = own(cx)?;
    let Some(pending) = account.totp_pending.clone() else {
        return Err(Error::refused("no_second_factor_offered", "请先申请动态验证码密钥"));
    };
    let Some(pending) = secret(cx, account.id, &pending) else {
        return Err(Error::refused("second_factor_unreadable", UNREADABLE));
    };
    let Some(step) = totp_step(&pending, code, cx.now.timestamp())? else {
        return Err(Error::field("/code", "wrong_code", "动态验证码不正确,请核对手机时间后重试"));
    };
    let seen = account.version;
    account.totp_secret = account.totp_pending.take();
    account.totp_step = step;
    account.version += 1;
    account.updated_at = At(cx.now);
    accounts::update(cx.db, &account, seen)?;
    let ended = accounts::end_sessions(cx.db, account.id, cx.actor.session, cx.now)?;
    cx.journal(Event::new("second_factor_set", "user", account.id, json!({ "sessions_ended": ended })))
}
