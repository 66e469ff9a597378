//! The choice between the two databases at run time.

use diesel::{PgConnection, SqliteConnection};

/// A connection to one of the two databases; queries run on it unchanged.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL 14 or later.
    Pg(PgConnection),
    /// SQLite, bundled.
    Sqlite(SqliteConnection),
}
