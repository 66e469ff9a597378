//! What all requests share: the database, the clock, the keys, the settings.

use super::auth::Tokens;
use super::limit::Limits;
use super::router::Router;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::service::passwords::Hasher;
use crate::service::rules::Rules;
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A server's shared state.
#[derive(Debug)]
pub struct Server {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Settings.
    pub rules: Arc<Rules>,
    /// Keys.
    pub keys: Keys,
    /// What is kept between requests.
    pub memory: crate::service::memory::Memory,
    /// Evidence.
    pub files: crate::files::Vault,
    /// Files that came of long work.
    pub made: crate::made::MadeFiles,
    /// What browsers keep.
    pub seals: super::html::session::Seals,
    /// Addresses of the pages, for links to what is there.
    pub pages: super::html::ui::Pages,
    /// Access tokens.
    pub tokens: Tokens,
    /// Password hashing, a bounded number at a time.
    pub hasher: Hasher,
    /// Request limits.
    pub limits: Limits,
    /// Figures.
    pub metrics: super::metrics::Metrics,
    /// The routes.
    pub router: Router,
    /// The OpenAPI document.
    pub openapi: Vec<u8>,
    /// The server is stopping: `/readyz` says so.
    pub draining: AtomicBool,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Addresses that may read `/metrics`.
    pub metrics_from: Vec<std::net::IpAddr>,
}
