//! The server's settings: defaults, then a file, then the environment. Nothing else reads the environment.

use crate::service::rules::{FollowUp, Login, Mail, Oversight, Papers, Procedure, Region, Retention, Rules};
use crate::store::conn::Place;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The documented defaults.
const DEFAULTS: &str = include_str!("../config/server.toml");

/// A value that must not reach a log.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// The value, for whoever needs it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The county.
    pub region: Region,
    /// The database.
    pub database: Database,
    /// HTTP.
    pub http: Http,
    /// Keys.
    pub keys: Keys,
    /// Evidence.
    pub files: Files,
    /// Login.
    pub login: LoginAndHashing,
    /// Deadlines and counts.
    pub procedure: Procedure,
    /// What follows after a visit.
    pub follow_up: FollowUp,
    /// Mail.
    pub mail: Mail,
    /// Papers.
    pub papers: Papers,
    /// Retention.
    pub retention: Retention,
    /// Oversight.
    pub oversight: Oversight,
    /// Log.
    pub log: Log,
}

/// `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Address.
    pub url: Secret<String>,
    /// Connections of the pool; 0 leaves it to the server.
    pub connections: u32,
    /// Whether a remote PostgreSQL without TLS is accepted.
    pub allow_plaintext: bool,
}

/// `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address to listen on.
    pub address: String,
    /// Port.
    pub port: u16,
    /// Threads.
    pub workers: usize,
    /// Address seen from outside.
    pub public_url: String,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Addresses that may read `/metrics`; to all others it is not there.
    pub metrics_from: Vec<std::net::IpAddr>,
    /// Requests per minute of one account.
    pub requests_per_minute_user: u32,
    /// Requests per minute of one address.
    pub requests_per_minute_address: u32,
    /// Seconds for draining.
    pub drain_s: u64,
    /// API viewer.
    pub docs: bool,
}

/// `[keys]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Folder.
    pub folder: PathBuf,
    /// Token key.
    pub token: Secret<String>,
    /// Journal key.
    pub journal: Secret<String>,
    /// Draw key.
    pub draw: Secret<String>,
}

/// `[files]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Folder.
    pub folder: PathBuf,
}

/// `[login]`.
#[derive(Debug, Clone, Deserialize)]
pub struct LoginAndHashing {
    /// What use cases need.
    #[serde(flatten)]
    pub rules: LoginRules,
    /// Passwords hashed at the same time.
    pub hashing: usize,
}

/// `[login]` without the machine's part.
pub type LoginRules = Login;

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Level or filter.
    pub level: String,
    /// `text` or `json`.
    pub format: String,
}

impl Config {
    /// Reads the settings: defaults, `file`, environment (`ONEDOOR__SECTION__KEY`, `DATABASE_URL`).
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value of the wrong kind; in words.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let mut builder =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment = config::Environment::with_prefix("ONEDOOR")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .ignore_empty(true);
        builder = builder.add_source(environment);
        #[expect(clippy::disallowed_methods, reason = "this module is the one door to the environment")]
        if let Ok(url) = std::env::var("DATABASE_URL") {
            builder = builder.set_override("database.url", url).map_err(|e| e.to_string())?;
        }
        let read = |e: config::ConfigError| format!("设置有误:{e}");
        let config: Self = builder.build().map_err(read)?.try_deserialize().map_err(read)?;
        crate::domain::archive::retention(config.retention.journal_days)?;
        if config.papers.digest_hour > 23 {
            return Err("设置有误:papers.digest_hour 须为0至23".to_owned());
        }
        if !config.papers.visit_page.starts_with('/') || !config.papers.visit_page.ends_with('/') {
            return Err("设置有误:papers.visit_page 须以“/”开头和结尾".to_owned());
        }
        Ok(config)
    }

    /// The database.
    ///
    /// # Errors
    /// An unknown scheme; a remote PostgreSQL without TLS.
    pub fn place(&self) -> Result<Place, String> {
        let url = self.database.url.reveal();
        let place = Place::parse(url)?;
        if matches!(place, Place::Postgres(_)) && !self.database.allow_plaintext && !is_safe(url) {
            return Err(
                "DATABASE_URL 指向另一台机器而没有加密:请在本机运行 PostgreSQL,使用带 pg-tls 的版本并写明 sslmode=verify-full,\
                 或设置 database.allow_plaintext = true"
                    .to_owned(),
            );
        }
        Ok(place)
    }

    /// Puts the data somewhere else.
    pub fn set_database(&mut self, url: &str) {
        self.database.url = Secret(url.to_owned());
    }

    /// What use cases need to know.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let mut mail = self.mail.clone();
        if mail.link.is_empty() {
            mail.link.clone_from(&self.http.public_url);
        }
        Rules {
            region: self.region.clone(),
            login: self.login.rules.clone(),
            procedure: self.procedure.clone(),
            follow_up: self.follow_up.clone(),
            mail,
            papers: self.papers.clone(),
            retention: self.retention.clone(),
            oversight: self.oversight.clone(),
        }
    }
}

/// Whether the address is on this machine (a loopback address or a socket), or asks for verified TLS.
fn is_safe(url: &str) -> bool {
    let (rest, query) = url.split_once('?').unwrap_or((url, ""));
    if query.contains("sslmode=verify-full") || query.contains("host=%2F") || query.contains("host=/") {
        return true;
    }
    let authority = rest.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.trim_start_matches('[').split(']').next().unwrap_or_default();
    let name = if host.contains("::") { host } else { host.split(':').next().unwrap_or_default() };
    matches!(name, "" | "localhost" | "127.0.0.1" | "::1")
}
