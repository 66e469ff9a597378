//! Identifiers: UUIDv7, made by the application, so that they sort by time on every database.

use crate::entropy::Entropy;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use utoipa::ToSchema;
use uuid::{Builder, Uuid};

/// The identifier of a row: a UUID of version 7 (RFC 9562).
///
/// It names its column type here because diesel's derives must stand on the type itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = crate::store::types::sql::DbUuid)]
pub struct Id(pub Uuid);

/// Orders identifiers that this process makes within one millisecond.
static COUNTER: AtomicU64 = AtomicU64::new(0);

impl Id {
    /// A new identifier for something that happens at `now`; its last 62 bits come from `entropy`.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new(now: DateTime<Utc>, entropy: &Entropy) -> Result<Self, getrandom::Error> {
        let mut random = [0_u8; 10];
        entropy.fill(&mut random)?;
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        random[0] = ((count >> 8) & 0x0f) as u8;
        random[1] = (count & 0xff) as u8;
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        Ok(Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid()))
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Id {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}
