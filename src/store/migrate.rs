//! Bringing a database to the present schema.

use super::conn::{self, Conn, Manager, Place};
use crate::error::Error;
use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::{RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs what is missing; answers the names of the migrations that ran.
///
/// # Errors
/// The database cannot be reached, or a migration fails.
pub fn run(place: &Place) -> Result<Vec<String>, Error> {
    if let Place::Sqlite(path) = place
        && let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
    {
        std::fs::create_dir_all(folder).map_err(|e| Error::internal(&e))?;
    }
    let mut conn = Manager::new(place.clone(), false).open().map_err(|e| Error::unavailable(&e))?;
    let ran = match &mut conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE),
        Conn::Pg(c) => {
            let mut guard = lock(place)?;
            let ran = c.run_pending_migrations(POSTGRES);
            conn::commit(&mut guard)?;
            ran
        }
    };
    let ran = ran.map_err(|e| Error::internal(&e))?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// Two servers that start together: the second waits here, then finds nothing to do. A table lock, because not every
/// PostgreSQL-compatible engine knows advisory locks.
fn lock(place: &Place) -> Result<Conn, Error> {
    let mut guard = Manager::new(place.clone(), false).open().map_err(|e| Error::unavailable(&e))?;
    let create = "CREATE TABLE IF NOT EXISTS migration_lock (one INTEGER PRIMARY KEY)";
    // Even IF NOT EXISTS collides when two create at the same moment; the second attempt finds the table.
    if guard.batch_execute(create).is_err() {
        guard.batch_execute(create)?;
    }
    conn::begin(&mut guard)?;
    guard.batch_execute(
        "SET LOCAL lock_timeout = '60s'; LOCK TABLE migration_lock IN ACCESS EXCLUSIVE MODE",
    )?;
    Ok(guard)
}

/// The names of the migrations that have not run.
///
/// # Errors
/// The database cannot be reached.
pub fn pending(conn: &mut Conn) -> Result<Vec<String>, Error> {
    use diesel::migration::Migration;
    let names: Result<Vec<String>, _> = match conn {
        Conn::Sqlite(c) => {
            c.pending_migrations(SQLITE).map(|m| m.iter().map(|m| m.name().to_string()).collect())
        }
        Conn::Pg(c) => {
            c.pending_migrations(POSTGRES).map(|m| m.iter().map(|m| m.name().to_string()).collect())
        }
    };
    names.map_err(|e| Error::internal(&e))
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

/// Refuses a folder where SQLite could not switch to its write-ahead log: network file systems lose data silently.
pub(super) fn check_wal(conn: &mut Conn) -> Result<(), Error> {
    if let Conn::Sqlite(c) = conn {
        let mode: JournalMode = sql_query("PRAGMA journal_mode").get_result(c)?;
        if mode.journal_mode != "wal" {
            return Err(Error::Unavailable(format!(
                "数据库所在的磁盘不支持预写日志(journal_mode={}),请放在本机磁盘上",
                mode.journal_mode
            )));
        }
    }
    Ok(())
}
