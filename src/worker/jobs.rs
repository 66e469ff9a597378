//! Does the work that people left: claims a piece, works in the name of whoever started it, says how far it has come,
//! and commits what it changes together with its end.

use crate::documents::bundle::Bundle;
use crate::documents::papers::Book;
use crate::domain::access::Actor;
use crate::domain::allocate::Progress as Staffing;
use crate::domain::job::{ATTEMPTS, FILE_DAYS, KEPT_DAYS, LEASE_S, State, Step};
use crate::error::{Error, Result};
use crate::exchange::county::single::Read;
use crate::ids::Id;
use crate::made::Kept;
use crate::service::cx::{Cx, Event, Origin};
use crate::service::imports::{self, Mode};
use crate::service::jobs::{self, Made, Work};
use crate::service::papers;
use crate::service::plannings::{self, Again, Gathered, NewPlanning};
use crate::store::accounts;
use crate::store::conn::Conn;
use crate::store::jobs::{self as store, Job, Outcome, Progress};
use crate::web::api::imports as reader;
use crate::web::server::Server;
use chrono::{Datelike, TimeDelta};
use serde_json::{Value, json};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Pause between looks at what a piece of work says of itself.
const BEAT_EVERY: Duration = Duration::from_millis(700);
/// Looks after which a sign of life is given even when nothing has changed.
const BEATS: u32 = 8;
/// Pause before work is tried again that something outside kept from being done, seconds.
const AGAIN_S: i64 = 30;
/// Attempts after which work is given up that something outside keeps from being done.
const PATIENCE: i32 = 10;
/// Pieces looked at in one go.
const LOOK: i64 = 4;
/// Steps of a planning run.
const PLAN_STEPS: usize = 6;

/// What a piece of work says of itself, and what it is told.
#[derive(Debug, Default)]
struct Signs {
    progress: Mutex<Progress>,
    /// It is to stop at the next point at which nothing is half done.
    halt: AtomicBool,
    ended: Mutex<bool>,
    changed: Condvar,
}

impl Signs {
    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// Waits; `true` when the work has ended.
    fn wait(&self) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let (ended, _) = self
            .changed
            .wait_timeout_while(ended, BEAT_EVERY, |e| !*e)
            .unwrap_or_else(PoisonError::into_inner);
        *ended
    }

    fn end(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// One server's, or one thread's, doing of work.
#[derive(Debug, Clone)]
pub struct Runner {
    server: Arc<Server>,
    name: String,
    leaving: Arc<AtomicBool>,
}

impl Runner {
    /// A runner with a name of its own; once `leaving` is set, it gives back what it has not done.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new(server: &Arc<Server>, leaving: &Arc<AtomicBool>) -> Result<Self> {
        let name = Id::new(server.clock.now(), &server.entropy).map_err(|e| Error::internal(&e))?;
        Ok(Self { server: Arc::clone(server), name: name.to_string(), leaving: Arc::clone(leaving) })
    }

    /// Does the next piece of work; answers which, or none when nothing is due.
    ///
    /// # Errors
    /// The database.
    pub fn work_next(&self) -> Result<Option<Id>> {
        let now = self.server.clock.now();
        // Looking costs no write.
        for seen in self.server.store.read(|db| store::due(db, now, LOOK))? {
            if let Some(run) = self.claim(seen)? {
                let id = run.id;
                run.work()?;
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Claims a piece of work without doing it; none when another has it.
    fn claim(&self, seen: Job) -> Result<Option<Run>> {
        let now = self.server.clock.now();
        let (name, until) = (self.name.clone(), now + TimeDelta::seconds(LEASE_S));
        let row = seen.clone();
        if !self.server.store.write(move |db| store::claim(db, &row, &name, until, now))? {
            return Ok(None);
        }
        let origin = Origin { request_id: seen.id.to_string(), ..Origin::default() };
        Ok(Some(Run {
            server: Arc::clone(&self.server),
            id: seen.id,
            attempt: seen.attempts + 1,
            job: Arc::new(seen),
            origin: Arc::new(origin),
            signs: Arc::default(),
            leaving: Arc::clone(&self.leaving),
        }))
    }
}

/// One attempt at a piece of work.
#[derive(Debug, Clone)]
struct Run {
    server: Arc<Server>,
    id: Id,
    attempt: i32,
    /// As it was before this attempt.
    job: Arc<Job>,
    origin: Arc<Origin>,
    signs: Arc<Signs>,
    leaving: Arc<AtomicBool>,
}

impl Run {
    fn work(&self) -> Result<()> {
        let lost = self.job.state == State::Running.as_str();
        if self.job.stop {
            return self.settle(State::Cancelled, String::new(), 0);
        }
        if (lost && self.job.attempts >= ATTEMPTS) || self.job.attempts >= PATIENCE {
            let why = "服务器在处理这项作业时多次中断,已不再重试;请重新发起,仍不成功请联系系统管理员";
            return self.settle(State::Failed, why.to_owned(), 0);
        }
        let ended = std::thread::scope(|scope| {
            let beats = std::thread::Builder::new().name("job-beat".to_owned());
            // Without a sign of life the claim runs out, and another server would begin anew.
            beats.spawn_scoped(scope, || self.beat()).map_err(|e| Error::unavailable(&e))?;
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.perform()))
                .unwrap_or_else(|_| Err(Error::internal("a job panicked")));
            self.signs.end();
            ended
        });
        ended.or_else(|error| self.fell_short(&error))
    }

    /// Says that it goes on, until it has ended.
    fn beat(&self) {
        let (mut last, mut still) = (None, 0_u32);
        while !self.signs.wait() {
            if self.leaving.load(Ordering::Relaxed) {
                self.signs.halt.store(true, Ordering::Relaxed);
            }
            let progress = self.signs.progress();
            still = if last == Some(progress) { still + 1 } else { 0 };
            let (id, attempt) = (self.id, self.attempt);
            let told = if still.is_multiple_of(BEATS) {
                let now = self.server.clock.now();
                let until = now + TimeDelta::seconds(LEASE_S);
                self.server.store.write(move |db| store::beat(db, id, attempt, progress, until, now))
            } else {
                let mine = |j: &Job| j.attempts == attempt && j.state == State::Running.as_str();
                self.server.store.read(|db| Ok(store::get(db, id)?.filter(mine).map(|j| j.stop)))
            };
            last = Some(progress);
            match told {
                Ok(Some(false)) => {}
                Ok(Some(true) | None) => self.signs.halt.store(true, Ordering::Relaxed),
                Err(error) => tracing::warn!(job = %id, %error, "a job could not say how far it has come"),
            }
        }
    }

    /// Says how far it has come.
    ///
    /// # Errors
    /// It is to stop.
    fn at(&self, step: Step, done: usize, total: usize) -> Result<()> {
        let count = |n| i64::try_from(n).unwrap_or(i64::MAX);
        self.signs.say(Progress { done: count(done), total: count(total), step: step.as_str() });
        if self.signs.halt.load(Ordering::Relaxed) {
            return Err(Error::refused("job_stopped", "作业已停止"));
        }
        Ok(())
    }

    fn actor(&self, db: &mut Conn) -> Result<Actor> {
        let actor = accounts::actor_of(db, self.job.user_id)?.filter(|a| a.region == self.job.region);
        actor.ok_or_else(|| Error::refused("starter_gone", "发起人的账号已停用,作业没有进行"))
    }

    fn cx<'a>(&'a self, db: &'a mut Conn, actor: &'a Actor) -> Cx<'a> {
        Cx {
            db,
            actor,
            now: self.server.clock.now(),
            entropy: &self.server.entropy,
            origin: &self.origin,
            keys: &self.server.keys,
            memory: &self.server.memory,
            rules: &self.server.rules,
            events: 0,
        }
    }

    /// Reads in the name of whoever started it.
    fn read<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        self.server.store.read(|db| {
            let actor = self.actor(db)?;
            work(&mut self.cx(db, &actor))
        })
    }

    /// Commits what the work changes together with its end: both, or nothing when it was taken back or another server has
    /// it. `work` answers what came of it.
    fn finish<F>(&self, count: usize, work: F) -> Result<()>
    where
        F: Fn(&mut Cx<'_>) -> Result<Value> + Send + 'static,
    {
        let run = self.clone();
        let count = i64::try_from(count.max(1)).unwrap_or(i64::MAX);
        self.server.store.write(move |db| {
            let actor = run.actor(db)?;
            let mut cx = run.cx(db, &actor);
            let output = work(&mut cx)?;
            let now = cx.now;
            if cx.events == 0 {
                return Err(Error::internal("a job without a journal event"));
            }
            let state = State::Done.as_str();
            let after = Outcome { state, output, error: String::new(), count: Some(count), run_at: now };
            if store::settle(db, run.id, run.attempt, &after, now)? {
                Ok(())
            } else {
                Err(Error::refused("job_stopped", "作业已停止"))
            }
        })
    }

    fn settle(&self, state: State, error: String, again_s: i64) -> Result<()> {
        let (id, attempt, now) = (self.id, self.attempt, self.server.clock.now());
        let after = Outcome {
            state: state.as_str(),
            output: json!({}),
            error,
            count: None,
            run_at: now + TimeDelta::seconds(again_s),
        };
        // Where another server has it by now, it is no longer ours to settle.
        self.server.store.write(move |db| store::settle(db, id, attempt, &after, now))?;
        Ok(())
    }

    /// What becomes of it when it was not done.
    fn fell_short(&self, error: &Error) -> Result<()> {
        let id = self.id;
        let Some(row) = self.server.store.read(|db| store::get(db, id))? else { return Ok(()) };
        if row.stop {
            return self.settle(State::Cancelled, String::new(), 0);
        }
        if self.leaving.load(Ordering::Relaxed) {
            return self.settle(State::Waiting, String::new(), 0);
        }
        match error {
            Error::Unavailable(cause) | Error::Again(cause) => {
                tracing::warn!(job = %id, %cause, "a job waits for something outside");
                self.settle(State::Waiting, String::new(), AGAIN_S)
            }
            Error::Internal(cause) => {
                tracing::error!(job = %id, %cause, "a job failed");
                self.settle(State::Failed, error.to_string(), 0)
            }
            _ => self.settle(State::Failed, jobs::reason(error), 0),
        }
    }

    fn perform(&self) -> Result<()> {
        match Work::of(&self.job)? {
            Work::ImportCheck { import } => self.import_check(import),
            Work::ImportApply { import, mode } => self.import_apply(import, &mode),
            Work::Planning { name, from, to, inspections, singles } => {
                let new = NewPlanning { name, from, to, inspections, singles };
                self.at(Step::Reading, 0, PLAN_STEPS)?;
                let gathered = self.read(|cx| plannings::gather(cx, &new))?;
                self.plan(gathered)
            }
            Work::Rerun { planning, include_new, to } => {
                self.at(Step::Reading, 0, PLAN_STEPS)?;
                let again = Again { include_new, to };
                let gathered = self.read(|cx| plannings::gather_again(cx, planning, again))?;
                self.plan(gathered)
            }
            Work::Papers { inspection, paper, format } => self.papers(inspection, &paper, &format),
            Work::Archive { inspection } => self.archive(inspection),
        }
    }

    fn import_check(&self, import: Id) -> Result<()> {
        self.at(Step::Reading, 0, 0)?;
        let (row, year) = self.read(|cx| Ok((imports::get(cx, import)?, cx.today().year())))?;
        let options = imports::options_of(&row);
        let found = reader::examine(&row, year, |rows| {
            let total = rows.len();
            let tell = |done| self.at(Step::Checking, done, total);
            self.read(|cx| imports::run(cx, rows, &options, Mode::Check, &tell))
        })?;
        let (rows, version) = (found.rows, row.version);
        let output = json!({ "rows": rows, "errors": found.errors, "refused": found.refused });
        let report = serde_json::to_value(&found).map_err(|e| Error::internal(&e))?;
        self.at(Step::Writing, rows, rows)?;
        self.finish(rows, move |cx| {
            imports::note_check(cx, import, version, &report)?;
            Ok(output.clone())
        })
    }

    fn import_apply(&self, import: Id, mode: &str) -> Result<()> {
        self.at(Step::Reading, 0, 0)?;
        let mode = reader::mode(mode)?;
        let (row, year) = self.read(|cx| Ok((imports::get(cx, import)?, cx.today().year())))?;
        let Read { rows, .. } = reader::ready(&row, year, mode)?;
        let (told, total, version) = (self.clone(), rows.len(), row.version);
        self.at(Step::Checking, 0, total)?;
        self.finish(total, move |cx| {
            let tell = |done| told.at(Step::Writing, done, total);
            let (_, tally) = imports::apply(cx, import, &rows, mode, version, &tell)?;
            Ok(json!({ "rows": tally.rows, "new": tally.new, "changed": tally.changed,
                       "refused": tally.refused }))
        })
    }

    fn plan(&self, gathered: Gathered) -> Result<()> {
        let mut furthest = 1;
        self.at(Step::Merging, furthest, PLAN_STEPS)?;
        let draft = plannings::compute_telling(gathered, &mut |step| {
            let (doing, done) = match step {
                plannings::Step::Drawn(..) => (Step::Reading, 1),
                plannings::Step::Merged(_) => (Step::Staffing, 2),
                plannings::Step::Staffing(Staffing::Drawn(_)) => (Step::Explaining, 4),
                plannings::Step::Staffing(_) => (Step::Staffing, 3),
                plannings::Step::Explained(..) => (Step::Explaining, 4),
            };
            // Where caps take tasks away, it merges anew.
            furthest = furthest.max(done);
            // The engine cannot be left half way; that it is to stop is heeded below.
            let _ = self.at(doing, furthest, PLAN_STEPS);
        })?;
        self.at(Step::Writing, PLAN_STEPS - 1, PLAN_STEPS)?;
        self.finish(PLAN_STEPS, move |cx| {
            let row = plannings::save(cx, &draft)?;
            Ok(json!({ "planning": row.id }))
        })
    }

    fn papers(&self, inspection: Id, paper: &str, format: &str) -> Result<()> {
        let (paper, format) = jobs::paper_of(paper, format)?;
        self.at(Step::Reading, 0, 0)?;
        let list = self.read(|cx| papers::run(cx, inspection, paper))?;
        let (visits, withheld) = (list.visits, list.withheld);
        let title = format!("{} {}", list.inspection.number, paper.word());
        let mut file = self.server.made.begin().map_err(disk)?;
        let mut out = BufWriter::new(&mut file);
        let mut book = Book::new(format, &title, &mut out).map_err(disk)?;
        let mut done = 0;
        for chunk in visits.chunks(papers::CHUNK) {
            self.at(Step::Printing, done, visits.len())?;
            for sheet in self.read(|cx| papers::sheets_of(cx, chunk, paper))? {
                book.sheet(&sheet).map_err(disk)?;
            }
            done += chunk.len();
        }
        book.finish().map_err(disk)?;
        out.flush().map_err(disk)?;
        drop(out);
        let name = format!("{}-{inspection}.{}", paper.as_str(), format.ending());
        self.hand_over(file, format.ending(), (&name, format.media()), visits.len(), withheld)
    }

    fn archive(&self, inspection: Id) -> Result<()> {
        self.at(Step::Packing, 0, 0)?;
        let mut file = self.server.made.begin().map_err(disk)?;
        let vault = self.server.files.clone();
        let counted = Counted { inner: BufWriter::new(file.as_file_mut()), bytes: 0, run: self };
        let mut bundle = Bundle::new(counted);
        let facts = self.read(|cx| {
            let fetch = |sha256: &str| vault.get(sha256);
            crate::service::archive::write(cx, inspection, &mut bundle, &fetch)
        })?;
        let mut counted = bundle.finish(facts).map_err(disk)?;
        counted.flush().map_err(disk)?;
        let kib = usize::try_from(counted.bytes >> 10).unwrap_or(usize::MAX);
        drop(counted);
        let name = format!("archive-{inspection}.zip");
        self.hand_over(file, "zip", (&name, "application/zip"), kib, 0)
    }

    /// Keeps the file that was made and ends; a file that nobody will ask for goes.
    fn hand_over(
        &self,
        file: NamedTempFile,
        ending: &str,
        (name, media): (&str, &str),
        count: usize,
        withheld: usize,
    ) -> Result<()> {
        self.at(Step::Writing, count, count)?;
        let own = format!("{}-{}.{ending}", self.id, self.attempt);
        let Kept { file, bytes, sha256 } = self.server.made.keep(file, &own).map_err(disk)?;
        let made = Made { file, name: name.to_owned(), media: media.to_owned(), bytes, sha256 };
        let id = self.id;
        let ended = self.finish(count, move |cx| {
            let data = json!({ "sha256": made.sha256, "bytes": made.bytes, "media": made.media });
            cx.journal(Event::new("job_file_made", "job", id, data))?;
            Ok(json!({ "file": made, "withheld": withheld }))
        });
        if ended.is_err() {
            self.server.made.remove(&own);
        }
        ended
    }
}

fn disk(error: io::Error) -> Error {
    Error::unavailable(&error)
}

/// Counts what is written, and ends the writing when the work is to stop.
struct Counted<'a, W> {
    inner: W,
    bytes: u64,
    run: &'a Run,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.bytes += n as u64;
        // How much it will be is not known before it is written.
        let kib = usize::try_from(self.bytes >> 10).unwrap_or(usize::MAX);
        self.run.at(Step::Packing, kib, 0).map_err(io::Error::other)?;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Seek> Seek for Counted<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Forgets what nobody will look for any more: files some days after they were made, rows some weeks after their end,
/// and what a server that died has left in the folder.
///
/// # Errors
/// The database; the disk.
pub fn tidy(server: &Arc<Server>) -> Result<()> {
    let now = server.clock.now();
    let (files, rows) = (now - TimeDelta::days(FILE_DAYS), now - TimeDelta::days(KEPT_DAYS));
    let mut after = None;
    loop {
        let over = server.store.read(|db| store::over_before(db, files, after, 200))?;
        let Some(last) = over.last() else { break };
        after = Some(last.id);
        for row in over {
            if let Some(made) = Made::of(&row) {
                server.made.remove(&made.file);
                let mut output = row.output.0.clone();
                output["file"] = Value::Null;
                let id = row.id;
                server.store.write(move |db| store::set_output(db, id, &output))?;
            }
            if row.updated_at.0 < rows {
                let id = row.id;
                server.store.write(move |db| store::delete(db, id))?;
            }
        }
    }
    // A file is made before its row says so; a day is far more than that takes.
    let before = std::time::SystemTime::from(now - TimeDelta::days(FILE_DAYS + 1));
    for name in server.made.written_before(before).map_err(disk)? {
        server.made.remove(&name);
    }
    Ok(())
}
