//! The column types both databases share: identifiers, times, documents; and how they travel to each.

use crate::ids::Id;
use crate::store::conn::MultiBackend;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Binary, HasSqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;

/// A time as SQLite holds it: UTC, microseconds, of fixed width, so that comparing texts compares times.
fn time_text(time: DateTime<Utc>) -> String {
    let (date, clock) = (time.date_naive(), time.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        date.year(),
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.nanosecond() / 1000 % 1_000_000
    )
}

/// Reads what [`time_text`] writes. By place, because a list of rows reads two of them a row.
fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00.000000Z";
    let fits = bytes.len() == shape.len()
        && bytes.iter().zip(shape).all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == s });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)).ok()?, number(5, 7), number(8, 10))?;
    let time = date.and_hms_micro_opt(number(11, 13), number(14, 16), number(17, 19), number(20, 26))?;
    Some(time.and_utc())
}

/// The SQL types of our own; `schema.rs` imports them together with diesel's.
pub mod sql {
    pub use diesel::sql_types::*;

    /// UUID; in SQLite a blob of 16 bytes.
    #[derive(Debug, Clone, Copy, Default, SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951))]
    #[diesel(sqlite_type(name = "Binary"))]
    pub struct DbUuid;

    /// TIMESTAMPTZ; in SQLite a text of fixed width.
    #[derive(Debug, Clone, Copy, Default, SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185))]
    #[diesel(sqlite_type(name = "Text"))]
    pub struct DbTime;
}
use sql::{DbTime, DbUuid};

/// A moment as a column holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = DbTime)]
pub struct At(pub DateTime<Utc>);

impl From<DateTime<Utc>> for At {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl From<At> for DateTime<Utc> {
    fn from(at: At) -> Self {
        at.0
    }
}

/// A value kept as JSON text: what nobody searches by its parts.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow, Default)]
#[diesel(sql_type = Text)]
pub struct Doc<T: std::fmt::Debug>(pub T);

impl FromSql<DbUuid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(uuid::Uuid::from_slice(value.as_bytes())?))
    }
}

impl FromSql<DbUuid, Sqlite> for Id {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(uuid::Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<DbUuid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<DbUuid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<DbTime, Pg> for At {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<diesel::sql_types::Timestamptz, Pg>>::from_sql(value).map(Self)
    }
}

impl FromSql<DbTime, Sqlite> for At {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        read_time(&text).map(Self).ok_or_else(|| format!("not a time: {text}").into())
    }
}

impl ToSql<DbTime, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <DateTime<Utc> as ToSql<diesel::sql_types::Timestamptz, Pg>>::to_sql(&self.0, &mut out.reborrow())
    }
}

impl ToSql<DbTime, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(time_text(self.0));
        Ok(IsNull::No)
    }
}

/// Carries one of our types through diesel's choice between the two databases.
macro_rules! multi {
    ($rust:ty, $sql:ty, $value:expr) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(
                value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>,
            ) -> deserialize::Result<Self> {
                value.from_sql::<$rust, $sql>()
            }
        }

        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($value, self));
                Ok(IsNull::No)
            }
        }
    };
}
multi!(Id, DbUuid, DbUuid);
multi!(At, DbTime, DbTime);

impl<T, DB> FromSql<Text, DB> for Doc<T>
where
    T: DeserializeOwned + std::fmt::Debug,
    DB: diesel::backend::Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(value)?)?))
    }
}

impl<T: Serialize + std::fmt::Debug> ToSql<Text, Pg> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: Serialize + std::fmt::Debug> ToSql<Text, Sqlite> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T> ToSql<Text, MultiBackend> for Doc<T>
where
    T: Serialize + std::fmt::Debug + Send + Sync + 'static,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::{read_time, time_text};
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_sorts_as_the_times_do(
            a in 0_i64..4_102_444_800_000, b in 0_i64..4_102_444_800_000,
        ) {
            let time = |ms| DateTime::<Utc>::from_timestamp_millis(ms).unwrap();
            let (a, b) = (time(a), time(b));
            prop_assert_eq!(read_time(&time_text(a)), Some(a));
            prop_assert_eq!(time_text(a).cmp(&time_text(b)), a.cmp(&b));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-13-01T00:00:00.000000Z",
            "2026-02-30T00:00:00.000000Z",
            "2026-11-22 10:00:00.000000Z",
            "二〇二六-一-一T0:0:0.0",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
