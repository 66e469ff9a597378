//! The database looked at from outside: whole or not, and a copy of it.

use super::conn::{Conn, Manager, Place};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::path::Path;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

fn lines(db: &mut Conn, query: &str) -> Result<Vec<String>> {
    let rows: Vec<Line> = diesel::sql_query(query).load(db)?;
    Ok(rows.into_iter().filter_map(|r| r.line).collect())
}

/// What the database itself finds wrong with its pages and indexes; empty: nothing. PostgreSQL looks after its own
/// (data checksums, amcheck).
///
/// # Errors
/// The database cannot be read.
pub fn integrity(db: &mut Conn) -> Result<Vec<String>> {
    match db {
        Conn::Sqlite(_) => {
            let found = lines(db, "SELECT integrity_check AS line FROM pragma_integrity_check LIMIT 20")?;
            Ok(found.into_iter().filter(|l| l != "ok").collect())
        }
        Conn::Pg(_) => lines(
            db,
            "SELECT indexrelid::regclass::text AS line FROM pg_index WHERE NOT indisvalid ORDER BY 1 LIMIT 20",
        ),
    }
}

/// References to rows that are not there; empty: none.
///
/// # Errors
/// The database cannot be read.
pub fn dangling(db: &mut Conn) -> Result<Vec<String>> {
    match db {
        Conn::Sqlite(_) => lines(
            db,
            "SELECT \"table\" || ' -> ' || parent || ' (rowid ' || coalesce(rowid, '?') || ')' AS line \
             FROM pragma_foreign_key_check LIMIT 20",
        ),
        Conn::Pg(_) => lines(
            db,
            "SELECT conname::text AS line FROM pg_constraint WHERE contype = 'f' AND NOT convalidated LIMIT 20",
        ),
    }
}

/// The clock of the database's own machine; none for a file.
///
/// # Errors
/// The database cannot be read.
pub fn clock(db: &mut Conn) -> Result<Option<DateTime<Utc>>> {
    match db {
        Conn::Sqlite(_) => Ok(None),
        Conn::Pg(c) => {
            let now: DateTime<Utc> =
                diesel::select(diesel::dsl::sql::<diesel::sql_types::Timestamptz>("clock_timestamp()"))
                    .get_result(c)?;
            Ok(Some(now))
        }
    }
}

/// The version of the database engine, and what protects its commits.
///
/// # Errors
/// The database cannot be read.
pub fn engine(db: &mut Conn) -> Result<String> {
    let query = match db {
        Conn::Sqlite(_) => {
            "SELECT 'SQLite ' || sqlite_version() || ', ' || (SELECT journal_mode FROM pragma_journal_mode) AS line"
        }
        Conn::Pg(_) => {
            "SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync') \
             || ', synchronous_commit ' || current_setting('synchronous_commit') AS line"
        }
    };
    Ok(lines(db, query)?.into_iter().next().unwrap_or_default())
}

/// Copies a SQLite database into a new file, while it is in use. The copy is one state of the database, checked, on
/// disk, and readable by its owner only.
///
/// # Errors
/// The file exists; the disk; the copy is not whole.
pub fn copy(from: &Path, to: &Path) -> Result<u64> {
    let wrong =
        |what: &str, e: &dyn std::fmt::Display| Error::Unavailable(format!("{}:{what}:{e}", to.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(to).map_err(|e| wrong("不能新建备份文件", &e))?;
    let copied = vacuum(from, to).and_then(|()| {
        let mut copy =
            Manager::new(Place::Sqlite(to.to_path_buf()), true).plain().map_err(|e| wrong("不能打开", &e))?;
        let found = integrity(&mut copy)?;
        if found.is_empty() { Ok(()) } else { Err(wrong("备份不完整", &found.join("; "))) }
    });
    if let Err(error) = copied {
        // What is left of a failed copy would pass for a backup.
        let _ = std::fs::remove_file(to);
        return Err(error);
    }
    file.sync_all().map_err(|e| wrong("不能写到磁盘", &e))?;
    if let Some(folder) = to.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(|e| wrong("不能写到磁盘", &e))?;
    }
    Ok(file.metadata().map_err(|e| wrong("不能读取", &e))?.len())
}

fn vacuum(from: &Path, to: &Path) -> Result<()> {
    if !from.is_file() {
        return Err(Error::Unavailable(format!("没有数据库文件 {}", from.display())));
    }
    let place = Place::Sqlite(from.to_path_buf());
    let mut conn = Manager::new(place, false).open().map_err(|e| Error::unavailable(&e))?;
    match &mut conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy()).execute(c)?;
            Ok(())
        }
        Conn::Pg(_) => Err(Error::internal("not a file")),
    }
}
