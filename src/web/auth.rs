//! Access tokens: short-lived JWTs (RFC 7519) that name a login session. Whether the session still stands is asked of
//! the database on every request, so that a logout or a lost role counts at once.

use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

/// Clocks may differ by this much, seconds.
const LEEWAY_S: i64 = 5;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The account.
    pub sub: Id,
    /// The login session.
    pub sid: Id,
    iat: i64,
    exp: i64,
}

/// Makes and checks tokens: HS256, nothing else.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    issuer: String,
    life_s: i64,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

const AUDIENCE: &str = "onedoor-api";

impl Tokens {
    /// Tokens of one server (`issuer`), good for `life_s` seconds.
    #[must_use]
    pub fn new(key: &[u8; 32], issuer: &str, life_s: i64) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // The expiry is held against the server's own clock, below.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            issuer: issuer.to_owned(),
            life_s,
        }
    }

    /// A token for a session.
    ///
    /// # Errors
    /// Signing fails (a defect).
    pub fn issue(&self, user: Id, session: Id, now: DateTime<Utc>) -> Result<String> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat,
            exp: iat + self.life_s,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(|e| Error::internal(&e))
    }

    /// Reads a token.
    ///
    /// # Errors
    /// A token that this server did not sign, or that has expired.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let bad = || Error::Unauthenticated("invalid_token", "访问令牌无效,请重新登录".to_owned());
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).map_err(|_| bad())?.claims;
        let now = now.timestamp();
        if claims.exp + LEEWAY_S <= now {
            return Err(Error::Unauthenticated("token_expired", "访问令牌已过期,请刷新".to_owned()));
        }
        if claims.iat > now + LEEWAY_S {
            return Err(bad());
        }
        Ok(claims)
    }
}
