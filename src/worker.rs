//! What the clock drives: sealing the journal, sending mail, tidying. Threads that stop with the server; every step is
//! also a function of its own, so that a test can take it without waiting.

pub mod jobs;

use crate::error::{Error, Result};
use crate::mail::{Letter, MailError, Mailer};
use crate::service::cx::Event;
use crate::service::oversight::cards;
use crate::service::results::publications;
use crate::service::sequencer::{self, Holder, Outcome};
use crate::service::{follow_up, invitations, journal, outbox};
use crate::store::{self, accounts, files, idempotency, journal as events};
use crate::web::server::Server;
use chrono::TimeDelta;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pause between looks at the journal.
const SEAL_EVERY: Duration = Duration::from_millis(50);
/// Pause after the journal could not be sealed.
const SEAL_AGAIN: Duration = Duration::from_secs(2);
/// Pause between looks at the outbox.
const MAIL_EVERY: Duration = Duration::from_secs(2);
/// Pause between looks at the work that people left.
const JOBS_EVERY: Duration = Duration::from_millis(500);
/// Pieces of such work done at a time.
const JOBS: usize = 2;
/// How long a stopping server waits for them: what is not done then is begun anew by the next.
const JOBS_LAST: Duration = Duration::from_secs(10);
/// Pause between tidyings.
const TIDY_EVERY: Duration = Duration::from_secs(600);
/// Tidyings between sweeps of the vault.
const SWEEP_ROUNDS: u32 = 144;
/// Pause between looks at what departments have not answered.
const REMIND_EVERY: Duration = Duration::from_secs(300);
/// Mails of one look.
const MAILS: i64 = 50;
/// Failures from which on an account may be locked until somebody opens it.
const LOCKING: i64 = 5;
/// Answers under an Idempotency-Key are kept this long, hours.
const KEPT_H: i64 = 24;

/// Tells threads to stop, at once, whatever they wait for.
#[derive(Debug, Default)]
struct Stop {
    stopping: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Waits; `true` when it is time to stop.
    fn wait(&self, pause: Duration) -> bool {
        let stopping = self.stopping.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopping, _) =
            self.changed.wait_timeout_while(stopping, pause, |s| !*s).unwrap_or_else(PoisonError::into_inner);
        *stopping
    }

    fn stop(&self) {
        *self.stopping.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}

/// The running threads; they end when it is dropped.
#[derive(Debug)]
pub struct Worker {
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
    /// Those that do work that people left.
    jobs: Vec<JoinHandle<()>>,
    leaving: Arc<AtomicBool>,
}

impl Worker {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread; the mail transport in the settings is none; in words.
    pub fn start(server: &Arc<Server>) -> std::result::Result<Self, String> {
        let mut worker =
            Self { stop: Arc::default(), threads: Vec::new(), jobs: Vec::new(), leaving: Arc::default() };
        let mut sealer = Sealer::new(server).map_err(|e| e.to_string())?;
        let own = Arc::clone(server);
        worker.spawn("sequencer", move |stop| {
            let mut pause = SEAL_EVERY;
            loop {
                let stopping = stop.wait(pause);
                // Once more when stopping: what was answered last is sealed too.
                pause = match sealer.seal_all(&own) {
                    Ok(_) => SEAL_EVERY,
                    Err(error) => {
                        tracing::error!(%error, cause = ?error, "the journal was not sealed");
                        SEAL_AGAIN
                    }
                };
                if stopping {
                    return;
                }
            }
        })?;
        if !server.rules.mail.from.is_empty() {
            let mailer = Mailer::open(&server.rules.mail.transport)?;
            let own = Arc::clone(server);
            worker.spawn("outbox", move |stop| {
                while !stop.wait(MAIL_EVERY) {
                    if let Err(error) = send_due(&own, &mailer) {
                        tracing::error!(%error, cause = ?error, "the outbox was not sent");
                    }
                }
            })?;
        }
        let own = Arc::clone(server);
        worker.spawn("reminders", move |stop| {
            while !stop.wait(REMIND_EVERY) {
                if let Err(error) = own.as_system(invitations::tick) {
                    tracing::error!(%error, cause = ?error, "invitations were not looked at");
                }
                if let Err(error) = own.as_system(publications::tick) {
                    tracing::error!(%error, cause = ?error, "publications were not looked at");
                }
                if let Err(error) = own.as_system(crate::service::papers::digest::tick) {
                    tracing::error!(%error, cause = ?error, "the digest of dispatched visits was not written");
                }
                if let Err(error) = own.as_system(follow_up::tick) {
                    tracing::error!(%error, cause = ?error, "what follows after visits was not looked at");
                }
                // After those that show cards.
                if let Err(error) = own.as_system(cards::tick) {
                    tracing::error!(%error, cause = ?error, "cards were not kept");
                }
            }
        })?;
        let own = Arc::clone(server);
        worker.spawn("tidy", move |stop| {
            let mut rounds = 0_u32;
            while !stop.wait(TIDY_EVERY) {
                if let Err(error) = tidy(&own) {
                    tracing::error!(%error, cause = ?error, "tidying failed");
                }
                if let Err(error) = jobs::tidy(&own) {
                    tracing::error!(%error, cause = ?error, "old jobs were not tidied");
                }
                // Listing a large folder is work: about once a day.
                if rounds.is_multiple_of(SWEEP_ROUNDS)
                    && let Err(error) = sweep(&own)
                {
                    tracing::error!(%error, cause = ?error, "files that nobody names were not swept");
                }
                rounds = rounds.wrapping_add(1);
            }
        })?;
        for _ in 0..JOBS {
            let runner = jobs::Runner::new(server, &worker.leaving).map_err(|e| e.to_string())?;
            let leaving = Arc::clone(&worker.leaving);
            let thread = worker.thread("jobs", move |stop| {
                while !stop.wait(JOBS_EVERY) {
                    // One after the other without a pause, as long as there is any.
                    loop {
                        match runner.work_next() {
                            Ok(Some(_)) if !leaving.load(Ordering::Relaxed) => {}
                            Ok(_) => break,
                            Err(error) => {
                                tracing::error!(%error, cause = ?error, "a job could not be taken up or settled");
                                break;
                            }
                        }
                    }
                }
            })?;
            worker.jobs.push(thread);
        }
        Ok(worker)
    }

    fn spawn(
        &mut self,
        name: &str,
        run: impl FnOnce(&Stop) + Send + 'static,
    ) -> std::result::Result<(), String> {
        let thread = self.thread(name, run)?;
        self.threads.push(thread);
        Ok(())
    }

    fn thread(
        &self,
        name: &str,
        run: impl FnOnce(&Stop) + Send + 'static,
    ) -> std::result::Result<JoinHandle<()>, String> {
        let stop = Arc::clone(&self.stop);
        std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&stop)).map_err(|e| e.to_string())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Before anything else: work gives itself back at its next step.
        self.leaving.store(true, Ordering::Relaxed);
        self.stop.stop();
        let waited = crate::clock::Stopwatch::start();
        while self.jobs.iter().any(|t| !t.is_finished()) && waited.elapsed() < JOBS_LAST {
            std::thread::sleep(Duration::from_millis(20));
        }
        // A computation cannot be broken off; it ends with the process, and its claim runs out.
        for thread in self.jobs.drain(..).filter(JoinHandle::is_finished) {
            let _ = thread.join();
        }
        for thread in self.threads.drain(..) {
            // One that panicked has said so already.
            let _ = thread.join();
        }
    }
}

/// One server's sealing of the journal.
#[derive(Debug, Clone)]
pub struct Sealer {
    holder: Holder,
    origin: String,
}

impl Sealer {
    /// A sealer with a name of its own.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new(server: &Arc<Server>) -> Result<Self> {
        let name = crate::ids::Id::new(server.clock.now(), &server.entropy)
            .map_err(|e| crate::error::Error::internal(&e))?;
        Ok(Self {
            holder: Holder { name: name.to_string(), epoch: None },
            origin: journal::origin(&server.rules.region.token),
        })
    }

    /// Seals what waits; answers how many events, or none when another server is the sequencer.
    ///
    /// # Errors
    /// The database; a log that does not agree with its checkpoint.
    pub fn seal_all(&mut self, server: &Arc<Server>) -> Result<Option<usize>> {
        let mut total = 0;
        loop {
            // Looking costs no write.
            if server.store.read(|db| events::unsealed_ids(db, 1))?.is_empty() {
                return Ok(Some(total));
            }
            let (holder, origin) = (self.holder.clone(), self.origin.clone());
            let own = Arc::clone(server);
            let outcome = server
                .store
                .write(move |db| sequencer::seal(db, &holder, &origin, &own.keys.journal, own.clock.now()))?;
            match outcome {
                Outcome::NotMine => {
                    self.holder.epoch = None;
                    return Ok(None);
                }
                Outcome::Sealed { epoch, events } => {
                    self.holder.epoch = Some(epoch);
                    total += events;
                    if events == 0 {
                        return Ok(Some(total));
                    }
                }
            }
        }
    }
}

/// Sends the mails whose time has come; answers how many went out.
///
/// # Errors
/// The database.
pub fn send_due(server: &Arc<Server>, mailer: &Mailer) -> Result<usize> {
    let rules = &server.rules.mail;
    let due = server.store.read(|db| store::outbox::due(db, server.clock.now(), MAILS))?;
    let mut sent = 0;
    for seen in due {
        let now = server.clock.now();
        let Some(mail) = server.store.write(move |db| outbox::claim(db, &seen, now))? else { continue };
        let outcome = mailer.send(&Letter {
            from: &rules.from,
            to: &mail.recipient,
            subject: &mail.subject,
            body: &mail.body,
            message_id: &mail.message_id,
        });
        match &outcome {
            Ok(()) => sent += 1,
            Err(error) => {
                tracing::warn!(mail = %mail.id, attempt = mail.attempts, %error, "a mail did not go")
            }
        }
        // With the server away the others would only wait for the same time limit.
        let unreachable = matches!(outcome, Err(MailError::Unreachable(_)));
        let (now, most) = (server.clock.now(), rules.attempts);
        let jitter = server.entropy.bytes::<1>().map_or(128, |b| b[0]);
        server.store.write(move |db| outbox::settle(db, &mail, &outcome, most, jitter, now))?;
        if unreachable {
            break;
        }
    }
    Ok(sent)
}

/// Removes files of the vault that no row names and that have lain there for longer than the county sets: a file is kept
/// before its row is written, so a request that fails between leaves one behind. Answers how many.
///
/// # Errors
/// The database; the disk.
pub fn sweep(server: &Arc<Server>) -> Result<usize> {
    let days = TimeDelta::days(i64::from(server.rules.retention.orphan_days));
    let before = std::time::SystemTime::from(server.clock.now() - days);
    let wrong = |e: std::io::Error| Error::unavailable(&e);
    let mut swept = 0_usize;
    for chunk in server.files.written_before(before).map_err(wrong)?.chunks(500) {
        let asked = chunk.to_vec();
        let named = server.store.read(|db| files::named(db, &asked))?;
        for hash in chunk.iter().filter(|h| !named.contains(*h)) {
            swept += usize::from(server.files.remove_old(hash, before).map_err(wrong)?);
        }
    }
    if swept > 0 {
        let data = serde_json::json!({ "files": swept });
        server
            .as_system(move |cx| cx.journal(Event::general("orphan_files_swept", "county", data.clone())))?;
    }
    Ok(swept)
}

/// Forgets what nobody needs any more: old answers under Idempotency-Keys, counters of those who have been quiet.
///
/// # Errors
/// The database.
pub fn tidy(server: &Arc<Server>) -> Result<()> {
    server.limits.tidy();
    let before = server.clock.now() - TimeDelta::hours(KEPT_H);
    server.store.write(move |db| idempotency::forget(db, before))?;
    // Whoever is locked stays so; all other counters have run out long before.
    server.store.write(move |db| accounts::forget_failures(db, before, LOCKING))?;
    Ok(())
}
