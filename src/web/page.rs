//! Keyset pages: a cursor is the key of the last entry of the page before.

use super::reply::{Page, Reply};
use crate::error::{Error, Result};
use crate::ids::Id;
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
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
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

/// The page after `after`, of rows as they are shown, in a list whose cursor is an identifier. `read` gets the identifier
/// to read behind and how many rows to read.
///
/// # Errors
/// A cursor that holds no identifier; what `read` answers; a row that cannot be shown (a defect).
pub fn by_id<T, V>(
    after: Option<&Cursor>,
    limit: Option<i64>,
    read: impl FnOnce(Option<Id>, i64) -> Result<Vec<T>>,
    id: impl Fn(&T) -> Id,
) -> Result<Reply<Page<V>>>
where
    V: TryFrom<T>,
    Error: From<V::Error>,
{
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after = after.map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    by_key(limit, |most| read(after, most), |row| id(row).to_string())
}

/// A page of rows as they are, of the usual length, and the cursor of the following one. `read` gets how many rows to
/// read, `key` says what a cursor holds.
///
/// # Errors
/// What `read` answers.
pub fn cut<T>(
    read: impl FnOnce(i64) -> Result<Vec<T>>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>)> {
    let mut rows = read(PAGE.0 + 1)?;
    let most = usize::try_from(PAGE.0).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(key(row)));
    Ok((rows, next))
}

/// A page of rows as they are shown. `read` gets how many rows to read, `key` says what a cursor holds.
///
/// # Errors
/// What `read` answers; a row that cannot be shown (a defect).
pub fn by_key<T, V>(
    limit: Option<i64>,
    read: impl FnOnce(i64) -> Result<Vec<T>>,
    key: impl Fn(&T) -> String,
) -> Result<Reply<Page<V>>>
where
    V: TryFrom<T>,
    Error: From<V::Error>,
{
    let most = limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    // One more than is shown tells whether there is a following page.
    let mut rows = read(most + 1)?;
    let most = usize::try_from(most).unwrap_or(0);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(key(row)));
    let items = rows.into_iter().map(|row| V::try_from(row).map_err(Error::from)).collect::<Result<_>>()?;
    Ok(Reply::ok(Page { items, next }))
}
