//! Starting and stopping the server.

use super::auth::Tokens;
use super::docs;
use super::html;
use super::limit::Limits;
use super::metrics::Metrics;
use super::openapi;
use super::serve;
use super::server::Server;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::access::Actor;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::service::cx::{Cx, Origin};
use crate::service::passwords::Hasher;
use crate::service::setup;
use crate::store::Store;
use crate::store::conn::Place;
use actix_web::middleware::Compress;
use actix_web::{App, HttpServer, web};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Memory of one password hash, KiB (OWASP's recommendation for Argon2id).
const HASH_MEMORY_KIB: u32 = 19_456;

/// What the outside hands to a server.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Keys.
    pub keys: Keys,
    /// Memory of a password hash, KiB; the tests take less.
    pub hash_memory_kib: Option<u32>,
}

/// A one-time password of the first start.
#[derive(Debug, Clone)]
pub struct FirstPassword {
    /// Login name.
    pub login: &'static str,
    /// Name of the role.
    pub name: &'static str,
    /// The password.
    pub password: String,
}

impl Server {
    /// Opens the database, which must be migrated, and makes the server's state.
    ///
    /// # Errors
    /// The database cannot be reached; two types of one name in the API (a defect).
    pub fn open(parts: Parts) -> Result<Arc<Self>> {
        let Parts { config, clock, entropy, keys, hash_memory_kib } = parts;
        let place = config.place().map_err(Error::Unavailable)?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let connections = match (config.database.connections, &place) {
            (0, Place::Sqlite(_)) => 16,
            (0, Place::Postgres(_)) => u32::try_from(cores).unwrap_or(2).saturating_mul(3).clamp(6, 60),
            (given, _) => given,
        };
        let store = Store::open(place, connections)?;
        let router = super::routes();
        if !router.components.clashes.is_empty() {
            return Err(Error::internal(&format!("schemas with one name: {:?}", router.components.clashes)));
        }
        let document = openapi::document(&router.entries, &router.components);
        let salt = entropy.bytes().map_err(|e| Error::internal(&e))?;
        let most = if config.login.hashing == 0 { cores.div_ceil(2) } else { config.login.hashing };
        Ok(Arc::new(Self {
            store,
            clock,
            entropy,
            tokens: Tokens::new(&keys.token, &config.http.public_url, config.login.rules.access_s),
            rules: Arc::new(config.rules()),
            seals: html::session::Seals::new(&keys.token, &config.http.public_url),
            pages: html::ui::Pages::of(&router),
            keys,
            memory: crate::service::memory::Memory::default(),
            files: crate::files::Vault::new(&config.files.folder),
            made: crate::made::MadeFiles::new(&config.files.folder),
            hasher: Hasher::new(most, hash_memory_kib.unwrap_or(HASH_MEMORY_KIB), &salt)?,
            limits: Limits::new(
                config.http.requests_per_minute_user,
                config.http.requests_per_minute_address,
            ),
            metrics: Metrics::new(router.entries.iter().map(|e| (e.method, e.path)).collect()),
            router,
            openapi: serde_json::to_vec(&document).map_err(|e| Error::internal(&e))?,
            draining: AtomicBool::new(false),
            trusted_proxies: config.http.trusted_proxies,
            metrics_from: config.http.metrics_from,
        }))
    }

    /// Runs a use case as the machine itself, in one transaction; it need not write.
    ///
    /// # Errors
    /// What the use case answers.
    pub fn as_system<T, F>(self: &Arc<Self>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Cx<'_>) -> Result<T> + Send + 'static,
    {
        let server = Arc::clone(self);
        let actor = Actor::system(&self.rules.region.code);
        self.store.write(move |db| {
            let origin = Origin { request_id: "system".to_owned(), ..Origin::default() };
            let mut cx = Cx {
                db,
                actor: &actor,
                now: server.clock.now(),
                entropy: &server.entropy,
                origin: &origin,
                keys: &server.keys,
                memory: &server.memory,
                rules: &server.rules,
                events: 0,
            };
            work(&mut cx)
        })
    }

    /// The first start: registers the county and its administrators. Answers their one-time passwords, once.
    ///
    /// # Errors
    /// The database.
    pub fn first_start(self: &Arc<Self>) -> Result<Vec<FirstPassword>> {
        let mut passwords = Vec::new();
        let mut hashes = Vec::new();
        for (login, name, _) in setup::FIRST {
            let password = setup::one_time_password(&self.entropy)?;
            let salt = self.entropy.bytes().map_err(|e| Error::internal(&e))?;
            hashes.push(self.hasher.hash(&password, &salt)?);
            passwords.push(FirstPassword { login, name, password });
        }
        let hashes: [String; 3] = hashes.try_into().map_err(|_| Error::internal("three administrators"))?;
        let made = self.as_system(move |cx| setup::first_start(cx, &hashes))?;
        let calendar = crate::exchange::workdays::built_in().days();
        self.as_system(move |cx| crate::service::common::first_start(cx, &calendar))?;
        Ok(if made { passwords } else { Vec::new() })
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    /// Where.
    pub address: std::net::SocketAddr,
    handle: actix_web::dev::ServerHandle,
    server: Arc<Server>,
    thread: std::thread::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Stops it: no new connections, open requests are finished first.
    ///
    /// # Errors
    /// The server's thread failed.
    pub fn stop(self) -> std::io::Result<()> {
        self.server.draining.store(true, Ordering::Relaxed);
        let stopping = self.handle.stop(true);
        actix_web::rt::System::new().block_on(stopping);
        self.thread.join().unwrap_or_else(|_| Err(std::io::Error::other("server thread panicked")))
    }

    /// Waits until it ends, by a signal for instance.
    ///
    /// # Errors
    /// The server's thread failed.
    pub fn wait(self) -> std::io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(std::io::Error::other("server thread panicked")))
    }
}

/// Listens and serves in threads of its own.
///
/// # Errors
/// The address is taken.
pub fn start(server: Arc<Server>, http: &crate::config::Http, signals: bool) -> std::io::Result<Running> {
    let listener = std::net::TcpListener::bind((http.address.as_str(), http.port))?;
    let address = listener.local_addr()?;
    let workers = if http.workers == 0 {
        std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
    } else {
        http.workers
    };
    let (drain_s, viewer) = (http.drain_s, http.docs);
    let shared = Arc::clone(&server);
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(async move {
            let app = move || {
                let server = Arc::clone(&shared);
                App::new()
                    .app_data(web::Data::new(Arc::clone(&server)))
                    .wrap(Compress::default())
                    .wrap(serve::security_headers())
                    .route("/livez", web::get().to(serve::livez))
                    .route("/readyz", web::get().to(serve::readyz))
                    .route("/metrics", web::get().to(serve::metrics))
                    .route(html::assets::PATH, web::get().to(html::edge::asset))
                    .route(docs::DOCUMENT, web::get().to(docs::document))
                    .configure(|config| {
                        if viewer {
                            config.route("/docs", web::get().to(docs::redirect));
                            config.route("/docs/{file:.*}", web::get().to(docs::viewer));
                        }
                    })
                    .configure(|config| serve::configure(&server, config))
            };
            let mut http = HttpServer::new(app).workers(workers).shutdown_timeout(drain_s).backlog(4096);
            if !signals {
                http = http.disable_signals();
            }
            let running = http.listen(listener)?.run();
            let _ = sender.send(running.handle());
            running.await
        })
    })?;
    let handle = receiver.recv().map_err(|_| std::io::Error::other("the server did not start"))?;
    Ok(Running { address, handle, server, thread })
}
