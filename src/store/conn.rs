//! Connections to either database, and the one way to open a transaction.

pub use super::multi::{Conn, MultiBackend};
use crate::clock::Stopwatch;
use crate::error::Error;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{CustomizeConnection, ManageConnection, R2D2Connection};
use diesel::{Connection, PgConnection, SqliteConnection};
use std::path::PathBuf;

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pg(_) => "Conn::Pg",
            Self::Sqlite(_) => "Conn::Sqlite",
        })
    }
}

/// Runs the same expression on the inner connection of each database, for what diesel cannot say for both at once
/// (batch inserts, `on_conflict`).
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::conn::Conn::Pg($c) => $body,
            $crate::store::conn::Conn::Sqlite($c) => $body,
        }
    };
}

/// Where the data are.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A `postgres://` address.
    Postgres(String),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // The address may hold a password.
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl Place {
    /// Reads a `DATABASE_URL`: `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// Any other scheme: a mistyped address must never become a file of that name.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            if path.is_empty() || path.contains(":memory:") {
                return Err("DATABASE_URL 缺少数据库文件的路径,例如 sqlite:onedoor.db".to_owned());
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else {
            let scheme = url.split(':').next().unwrap_or_default();
            Err(format!("DATABASE_URL 的类型“{scheme}”不认识;可用 sqlite:文件 或 postgres://…"))
        }
    }
}

/// Opens connections for a pool.
#[derive(Debug, Clone)]
pub struct Manager {
    place: Place,
    read_only: bool,
}

impl Manager {
    /// Connections that may write, or only read.
    #[must_use]
    pub const fn new(place: Place, read_only: bool) -> Self {
        Self { place, read_only }
    }

    /// Opens a file as it is, without turning on what a database in use needs: a copy stays one file.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn plain(&self) -> Result<Conn, diesel::r2d2::Error> {
        match &self.place {
            Place::Sqlite(path) => {
                let conn = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(diesel::r2d2::Error::ConnectionError)?;
                Ok(Conn::Sqlite(conn))
            }
            Place::Postgres(_) => self.open(),
        }
    }

    /// Opens one connection and sets it up.
    ///
    /// # Errors
    /// The database cannot be reached or refuses the settings.
    pub fn open(&self) -> Result<Conn, diesel::r2d2::Error> {
        match &self.place {
            Place::Postgres(url) => {
                let mut conn = PgConnection::establish(url).map_err(diesel::r2d2::Error::ConnectionError)?;
                conn.batch_execute(
                    "SET TIME ZONE 'UTC'; SET lock_timeout = '5s'; SET statement_timeout = '60s'; \
                     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'",
                )
                .map_err(diesel::r2d2::Error::QueryError)?;
                Ok(Conn::Pg(conn))
            }
            Place::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(diesel::r2d2::Error::ConnectionError)?;
                // The busy timeout first: switching to WAL takes a lock.
                conn.batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32000; \
                     PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;",
                )
                .map_err(diesel::r2d2::Error::QueryError)?;
                if self.read_only {
                    conn.batch_execute("PRAGMA query_only = ON").map_err(diesel::r2d2::Error::QueryError)?;
                }
                Ok(Conn::Sqlite(conn))
            }
        }
    }
}

/// A connection of a pool, and when it was last handed back.
#[derive(Debug)]
pub struct Pooled {
    /// The connection.
    pub conn: Conn,
    used: Stopwatch,
}

/// A connection that has rested this long is asked whether it still lives before it is handed out: a dead PostgreSQL
/// connection shows only when it is asked, and asking each time would cost every request a round trip.
const RESTED: std::time::Duration = std::time::Duration::from_secs(1);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, diesel::r2d2::Error> {
        Ok(Pooled { conn: self.open()?, used: Stopwatch::start() })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), diesel::r2d2::Error> {
        if matches!(self.place, Place::Sqlite(_)) || pooled.used.elapsed() < RESTED {
            return Ok(());
        }
        pooled.conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.used = Stopwatch::start();
        std::thread::panicking() || R2D2Connection::is_broken(&mut pooled.conn)
    }
}

/// Nothing to add to a connection that [`Manager::open`] has set up.
#[derive(Debug)]
pub struct Ready;

impl CustomizeConnection<Pooled, diesel::r2d2::Error> for Ready {}

/// Runs `work` in a transaction: BEGIN IMMEDIATE on SQLite, BEGIN (read committed) on PostgreSQL. Commits when it
/// answers well, rolls back otherwise. Inside it, [`savepoint`] nests.
///
/// # Errors
/// What `work` answers, or the database.
pub fn transaction<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    begin(conn)?;
    match work(conn) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        Err(error) => {
            rollback(conn);
            Err(error)
        }
    }
}

/// Runs `work` on one state of the database that only reads: what others commit meanwhile is not seen. Inside an open
/// transaction it runs in that: reads of SQLite are one snapshot already.
///
/// # Errors
/// What `work` answers, or the database.
pub fn snapshot<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    let begun = match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    };
    match begun {
        Ok(()) => {}
        Err(diesel::result::Error::AlreadyInTransaction) => return work(conn),
        Err(error) => return Err(error.into()),
    }
    let answer = work(conn);
    rollback(conn);
    answer
}

/// Runs `work`, which only reads: on SQLite as one transaction, so that it takes the database's read lock once and sees
/// one state; on PostgreSQL each query by itself, which saves two round trips.
///
/// # Errors
/// What `work` answers, or the database.
pub fn reading<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    match conn {
        Conn::Sqlite(_) => snapshot(conn, work),
        Conn::Pg(_) => work(conn),
    }
}

/// Opens a transaction.
pub(crate) fn begin(conn: &mut Conn) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
    }
    Ok(())
}

/// Makes a transaction durable.
pub(crate) fn commit(conn: &mut Conn) -> Result<(), Error> {
    Ok(<Conn as Connection>::TransactionManager::commit_transaction(conn)?)
}

/// Undoes a transaction. A connection that cannot even do that is dropped by its pool.
pub(crate) fn rollback(conn: &mut Conn) {
    let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
}

/// Runs `work` in a savepoint of the open transaction: what it wrote is undone when it fails, the rest stays.
///
/// # Errors
/// What `work` answers, or the database.
pub fn savepoint<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    // Nested in an open transaction it is a savepoint.
    Connection::transaction(conn, work)
}
