//! Keyset pages: a cursor is the key of the last entry of the page before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::IntoParams;

/// Entries of a page when nothing is said, and at most.
const PAGE: (i64, i64) = (50, 200);

/// A list without filters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// An opaque cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The key inside.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Cursor {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = URL_SAFE_NO_PAD.decode(&text).map_err(|_| serde::de::Error::custom("after 不是游标"))?;
        let key = String::from_utf8(bytes).map_err(|_| serde::de::Error::custom("after 不是游标"))?;
        if key.contains('\0') {
            return Err(serde::de::Error::custom("after 不是游标"));
        }
        Ok(Self(key))
    }
}

impl utoipa::PartialSchema for Cursor {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Cursor {}

/// How many entries a page has.
#[must_use]
pub fn limit(asked: Option<i64>) -> i64 {
    asked.unwrap_or(PAGE.0).clamp(1, PAGE.1)
}

/// Cuts a list that was read one entry longer than the page; the cursor of the next page, if there is one.
pub fn next<T>(mut rows: Vec<T>, most: i64, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let most = usize::try_from(most).unwrap_or(0);
    if rows.len() <= most {
        return (rows, None);
    }
    rows.truncate(most);
    let next = rows.last().map(|row| URL_SAFE_NO_PAD.encode(key(row)));
    (rows, next)
}
