//! The database: the only place that names diesel. A concrete [`Store`] and free functions over `&mut Conn`, one
//! file per aggregate; no rules live here.

pub mod accounts;
mod aggregate;
pub mod archive;
pub mod attention;
pub mod caps;
pub mod common;
pub mod conn;
pub mod county;
pub mod departments;
pub mod draws;
pub mod embargo;
pub mod fault;
pub mod figures;
pub mod files;
pub mod follow_up;
pub mod health;
pub mod idempotency;
pub mod inspections;
pub mod inspectors;
pub mod items;
pub mod jobs;
pub mod journal;
pub mod log;
pub mod mailings;
pub mod migrate;
#[expect(missing_docs, reason = "diesel's derive writes it")]
mod multi;
mod narrow;
pub mod numbering;
pub mod outbox;
pub mod oversight;
pub mod papers;
pub mod plannings;
pub mod plans;
pub mod privacy;
pub mod publications;
pub mod replacements;
pub mod results;
#[expect(missing_docs, reason = "diesel's macro writes it")]
pub mod schema;
pub mod scopes;
pub mod statistics;
pub mod subjects;
pub mod tasks;
pub mod types;
pub mod visits;
pub mod voice;
mod writer;

use crate::error::Error;
use conn::{Conn, Manager, Place, Ready};
use std::sync::Arc;
use std::time::Duration;
use writer::{Counts, Writer};

type Pool = r2d2::Pool<Manager>;

/// The database of a server: where everything is read and written.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    pool: Pool,
    /// SQLite has one writer that commits in groups; PostgreSQL writes from the pool.
    writer: Option<Writer>,
    counts: Arc<Counts>,
}

/// How many attempts a use case on PostgreSQL gets when the server asks to try again.
const ATTEMPTS: u32 = 8;

impl Store {
    /// Opens the database with `connections` for reading (SQLite) or for everything (PostgreSQL).
    ///
    /// # Errors
    /// The database cannot be reached; its folder does not take a write-ahead log (network file systems).
    pub fn open(place: Place, connections: u32) -> Result<Self, Error> {
        let sqlite = matches!(place, Place::Sqlite(_));
        let counts = Arc::default();
        let writer = if sqlite {
            let manager = Manager::new(place.clone(), false);
            let mut conn = manager.open().map_err(|e| Error::unavailable(&e))?;
            migrate::check_wal(&mut conn)?;
            Some(Writer::start(conn, &counts)?)
        } else {
            None
        };
        let pool = r2d2::Pool::builder()
            .max_size(connections.max(1))
            .min_idle(Some(1))
            .test_on_check_out(true)
            .connection_timeout(Duration::from_secs(5))
            .connection_customizer(Box::new(Ready))
            .build(Manager::new(place.clone(), sqlite))
            .map_err(|e| Error::unavailable(&e))?;
        Ok(Self { inner: Arc::new(Inner { place, pool, writer, counts }) })
    }

    /// Where the data are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.inner.place
    }

    /// How many durable commits there were, and how many use cases in them.
    #[must_use]
    pub fn commits(&self) -> (u64, u64) {
        self.inner.counts.read()
    }

    /// Runs `work` on a connection that only reads. Blocks.
    ///
    /// # Errors
    /// What `work` answers; no connection within 5 seconds.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
        let mut pooled = self.inner.pool.get().map_err(|e| Error::unavailable(&e))?;
        conn::reading(&mut pooled.conn, work)
    }

    /// Runs `work` as one durable transaction. It may be run more than once, so it must have no effect outside the
    /// database. Blocks until the commit is on disk.
    ///
    /// # Errors
    /// What `work` answers, with nothing written; the database failing.
    pub fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, Error> + Send + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.run(work),
            None => self.write_postgres(&work),
        }
    }

    fn write_postgres<T>(&self, work: &impl Fn(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut pooled = self.inner.pool.get().map_err(|e| Error::unavailable(&e))?;
            match conn::transaction(&mut pooled.conn, work) {
                Err(Error::Again(why)) if attempt < ATTEMPTS => {
                    drop(pooled);
                    tracing::debug!(%why, attempt, "transaction runs again");
                    std::thread::sleep(fault::pause(attempt));
                }
                Err(Error::Again(why)) => return Err(Error::Unavailable(why)),
                Ok(value) => {
                    self.inner.counts.add(1);
                    return Ok(value);
                }
                Err(other) => return Err(other),
            }
        }
    }
}
