//! A real server for a test: on a port of its own, on a database of its own (SQLite or PostgreSQL), with a clock the
//! test sets; and the people who use it.

pub(crate) mod browser;
pub(crate) mod client;
mod documented;
pub(crate) mod postgres;

pub(crate) use client::{Answer, Client};

use chrono::{DateTime, TimeDelta, Utc};
use onedoor::clock::Clock;
use onedoor::config::Config;
use onedoor::domain::access::Role;
use onedoor::entropy::Entropy;
use onedoor::ids::Id;
use onedoor::keys::Keys;
use onedoor::service::login::login_key;
use onedoor::store::accounts::{self, Account};
use onedoor::store::conn::Place;
use onedoor::store::departments::{self, Department};
use onedoor::store::migrate;
use onedoor::store::types::{At, Doc};
use onedoor::web::run::{self, Parts, Running};
use onedoor::web::server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Runs a test on both databases: `both!(name, |app| { .. })`.
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, |$app:ident| $body:block) => {
        mod $name {
            use super::*;

            fn test($app: &$crate::support::TestApp) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                test(&$crate::support::TestApp::sqlite());
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                test(&$crate::support::TestApp::postgres());
            }
        }
    };
}
pub(crate) use both;

/// The password of everybody whom a test creates.
pub(crate) const PASSWORD: &str = "春眠不觉晓-处处闻啼鸟-2026";
/// The county of the tests.
pub(crate) const REGION: &str = "350403";

/// A running server.
pub(crate) struct TestApp {
    /// Its state.
    pub(crate) server: Arc<Server>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    /// Its settings.
    pub(crate) config: Config,
    clock: Arc<AtomicI64>,
    running: Option<Running>,
    password_hash: String,
    // Evidence lies here.
    files: tempfile::TempDir,
    // Dropped last.
    _database: Database,
}

enum Database {
    Sqlite(#[expect(dead_code, reason = "lives as long as the test")] tempfile::TempDir),
    Postgres(#[expect(dead_code, reason = "lives as long as the test")] postgres::Scratch),
}

impl TestApp {
    pub(crate) fn sqlite() -> Self {
        Self::sqlite_with("")
    }

    /// With further settings.
    pub(crate) fn sqlite_with(settings: &str) -> Self {
        Self::sqlite_in("示范县", settings)
    }

    /// In a county of this name.
    pub(crate) fn sqlite_in(county: &str, settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("onedoor.db").display());
        migrate::run(&Place::parse(&url).unwrap()).unwrap();
        Self::start(&url, Database::Sqlite(dir), county, settings)
    }

    pub(crate) fn postgres() -> Self {
        Self::postgres_with("")
    }

    /// With further settings.
    pub(crate) fn postgres_with(settings: &str) -> Self {
        let scratch = postgres::Scratch::new();
        let url = scratch.url.clone();
        Self::start(&url, Database::Postgres(scratch), "示范县", settings)
    }

    fn start(url: &str, database: Database, county: &str, settings: &str) -> Self {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        let files = tempfile::tempdir().unwrap();
        let text = format!(
            "[files]\nfolder = \"{}\"\n\
             [region]\ncode = \"{REGION}\"\nname = \"{county}\"\ntoken = \"CN-{REGION}\"\n\
             [database]\nurl = \"{url}\"\nconnections = 6\n\
             [http]\nport = 0\nworkers = 2\ndrain_s = 1\nrequests_per_minute_user = 10000000\n\
             requests_per_minute_address = 10000000\n{settings}",
            files.path().display()
        );
        std::fs::write(file.path(), text).unwrap();
        let config = Config::load(Some(file.path())).unwrap();
        let start: DateTime<Utc> = "2026-03-02T01:00:00Z".parse().unwrap();
        let clock = Arc::new(AtomicI64::new(start.timestamp_millis()));
        let entropy = Entropy::system();
        let parts = Parts {
            config: config.clone(),
            clock: Clock::Set(Arc::clone(&clock)),
            keys: Keys::fresh(&entropy).unwrap(),
            entropy,
            hash_memory_kib: Some(64),
        };
        let server = Server::open(parts).unwrap();
        server.first_start().unwrap();
        let running = run::start(Arc::clone(&server), &config.http, false).unwrap();
        let base = format!("http://{}", running.address);
        let password_hash = server.hasher.hash(PASSWORD, &[7; 16]).unwrap();
        Self {
            server,
            base,
            config,
            clock,
            running: Some(running),
            password_hash,
            files,
            _database: database,
        }
    }

    /// The folder of evidence.
    pub(crate) fn files(&self) -> &std::path::Path {
        self.files.path()
    }

    /// What the server takes for now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.clock.load(Ordering::Relaxed)).unwrap()
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// A new identifier.
    pub(crate) fn id(&self) -> Id {
        Id::new(self.now(), &self.server.entropy).unwrap()
    }

    /// Registers a department: `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub(crate) fn department(&self, code: &str, name: &str, kind: &str) -> Id {
        let row = Department {
            id: self.id(),
            region: REGION.to_owned(),
            code: code.to_owned(),
            name: name.to_owned(),
            search: name.to_lowercase(),
            uscc: String::new(),
            level: "县级".to_owned(),
            division: REGION.to_owned(),
            kind: kind.to_owned(),
            rank: 1,
            aliases: Doc(Vec::new()),
            contact: String::new(),
            state: "active".to_owned(),
            version: 1,
            created_at: At(self.now()),
            updated_at: At(self.now()),
        };
        let id = row.id;
        self.server.store.write(move |db| departments::insert(db, &row)).unwrap();
        id
    }

    /// Creates an account that can log in with [`PASSWORD`], and logs it in.
    pub(crate) fn user(&self, login: &str, roles: &[Role], department: Option<Id>) -> Client {
        self.inspector_user(login, roles, department, None)
    }

    /// The same with an entry in the inspector directory.
    pub(crate) fn inspector_user(
        &self,
        login: &str,
        roles: &[Role],
        department: Option<Id>,
        inspector: Option<Id>,
    ) -> Client {
        let row = Account {
            id: self.id(),
            region: REGION.to_owned(),
            department_id: department,
            login: login.to_owned(),
            login_key: login_key(login),
            name: format!("{login}先生"),
            email: format!("{login}@example.com"),
            password_hash: self.password_hash.clone(),
            password_at: At(self.now()),
            password_history: Doc(Vec::new()),
            must_change: false,
            totp_secret: None,
            totp_pending: None,
            totp_step: 0,
            inspector_id: inspector,
            state: "active".to_owned(),
            version: 1,
            created_at: At(self.now()),
            updated_at: At(self.now()),
        };
        let roles = roles.to_vec();
        let (id, stored) = (row.id, row);
        self.server
            .store
            .write(move |db| {
                accounts::insert(db, &stored)?;
                accounts::set_roles(db, stored.id, &roles)
            })
            .unwrap();
        let mut client = self.login(login, PASSWORD);
        client.user = Some(id);
        client
    }

    /// Somebody who has not logged in.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// Logs in over HTTP.
    pub(crate) fn login(&self, login: &str, password: &str) -> Client {
        let mut client = self.anonymous();
        client.login(login, password);
        client
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let stopped = running.stop();
            if !std::thread::panicking() {
                stopped.unwrap();
            }
        }
    }
}
