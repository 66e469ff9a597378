//! What the database's errors mean to a use case.

use crate::error::Error;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as Db};
use std::time::Duration;

impl From<Db> for Error {
    fn from(error: Db) -> Self {
        match error {
            Db::NotFound => Self::NotFound("记录"),
            Db::DatabaseError(kind, info) => of_database(kind, &*info),
            Db::BrokenTransactionManager => Self::Again("the connection broke".to_owned()),
            other => Self::internal(&other),
        }
    }
}

/// 40001, 40P01 and a lost connection ask for another try (PostgreSQL, appendix A); so do a standby that was promoted
/// under us (25006) and a lock that did not come in time.
fn of_database(kind: DatabaseErrorKind, info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Error {
    let text = info.message().to_owned();
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            Error::Duplicate(info.constraint_name().map_or_else(|| columns(&text), str::to_owned))
        }
        DatabaseErrorKind::ForeignKeyViolation => Error::Dangling(text),
        DatabaseErrorKind::SerializationFailure
        | DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction => Error::Again(text),
        _ if AGAIN.iter().any(|sign| text.contains(sign)) => Error::Again(text),
        _ => Error::internal(&text),
    }
}

/// Signs of a passing trouble that have no kind of their own.
const AGAIN: [&str; 9] = [
    "database is locked",
    "deadlock detected",
    "lock timeout",
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "connection to server",
    "read-only transaction",
    "could not serialize",
];

/// SQLite names the columns ("UNIQUE constraint failed: item.region, item.code") where PostgreSQL names the
/// constraint, which our migrations call TABLE_COLUMNS_key.
fn columns(text: &str) -> String {
    let list = text.rsplit(": ").next().unwrap_or_default();
    let mut name = String::new();
    for (i, column) in list.split(", ").enumerate() {
        let mut parts = column.split('.');
        let (table, column) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if i == 0 {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name.push_str("_key");
    name
}

/// How long to wait before the next attempt: longer each time, and not the same for two that collided.
pub(super) fn pause(attempt: u32) -> Duration {
    let spread = std::thread::current().name().map_or(0, |n| n.bytes().map(u64::from).sum::<u64>());
    Duration::from_millis((1 << attempt.min(7)) + spread % (3 << attempt.min(5)))
}
