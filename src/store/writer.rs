//! The one writer of SQLite: takes use cases from all threads, runs each in a savepoint and makes a whole batch
//! durable with one commit.

use super::conn::{self, Conn};
use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Most use cases in one commit.
const BATCH: usize = 256;

/// A use case on its way through the writer.
trait Job: Send {
    /// Runs it; `false` when it refused and its writes were undone.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Answers whoever waits: with its own result, or with the error of the commit.
    fn answer(self: Box<Self>, commit: Result<(), Error>);
}

struct Typed<T, F> {
    work: F,
    result: Option<Result<T, Error>>,
    reply: SyncSender<Result<T, Error>>,
}

impl<T, F> Job for Typed<T, F>
where
    T: Send,
    F: Fn(&mut Conn) -> Result<T, Error> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> bool {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            conn::savepoint(conn, |conn| (self.work)(conn))
        }))
        .unwrap_or_else(|_| Err(Error::internal("a use case panicked")));
        let good = result.is_ok();
        self.result = Some(result);
        good
    }

    fn answer(self: Box<Self>, commit: Result<(), Error>) {
        let result = match (self.result, commit) {
            // A refusal wrote nothing, so the commit does not concern it.
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::internal("a use case was not run")),
        };
        // Whoever asked may have gone; then nobody wants the answer.
        let _ = self.reply.send(result);
    }
}

/// The writer's front door.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Sender<Box<dyn Job>>,
}

/// How many commits there were, and how many use cases in them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    commits: AtomicU64,
    writes: AtomicU64,
}

impl Counts {
    /// Notes a commit of so many use cases.
    pub(super) fn add(&self, writes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// Commits, use cases.
    pub(super) fn read(&self) -> (u64, u64) {
        (self.commits.load(Ordering::Relaxed), self.writes.load(Ordering::Relaxed))
    }
}

impl Writer {
    /// Starts the writer's thread; it ends when the store is dropped.
    pub(super) fn start(conn: Conn, counts: &Arc<Counts>) -> Result<Self, Error> {
        let (jobs, inbox) = channel();
        let own = Arc::clone(counts);
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || serve(conn, &inbox, &own))
            .map_err(|e| Error::internal(&e))?;
        Ok(Self { jobs })
    }

    /// Hands in a use case and waits until it is durable.
    pub(super) fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = sync_channel(1);
        let gone = || Error::Unavailable("数据库写入线程已停止".to_owned());
        self.jobs.send(Box::new(Typed { work, result: None, reply })).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

fn serve(mut conn: Conn, inbox: &Receiver<Box<dyn Job>>, counts: &Counts) {
    while let Ok(first) = inbox.recv() {
        let mut batch = Vec::with_capacity(8);
        let committed = conn::begin(&mut conn).and_then(|()| {
            let mut next = Some(first);
            let mut any = false;
            while let Some(mut job) = next.take() {
                any |= job.run(&mut conn);
                batch.push(job);
                if batch.len() < BATCH {
                    next = inbox.try_recv().ok();
                }
            }
            if any {
                conn::commit(&mut conn)
            } else {
                conn::rollback(&mut conn);
                Ok(())
            }
        });
        match committed {
            Ok(()) => {
                counts.add(batch.len());
                batch.into_iter().for_each(|job| job.answer(Ok(())));
            }
            Err(error) => {
                tracing::warn!(%error, jobs = batch.len(), "a batch did not commit; its use cases run one by one");
                conn::rollback(&mut conn);
                for job in batch {
                    alone(&mut conn, job);
                }
            }
        }
    }
}

/// Runs one use case in a transaction of its own.
fn alone(conn: &mut Conn, mut job: Box<dyn Job>) {
    let result = conn::begin(conn).and_then(|()| {
        if job.run(conn) {
            conn::commit(conn)
        } else {
            conn::rollback(conn);
            Ok(())
        }
    });
    if result.is_err() {
        conn::rollback(conn);
    }
    job.answer(result);
}
