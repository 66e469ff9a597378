//! What a page needs of its request besides what the API needs: who the browser is, its language, where the form comes
//! from.

use super::session::{Cookie, RANDOM, language, local};
use super::words::Lang;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::web::server::Server;
use actix_web::HttpRequest;
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// A browser that asks for a page.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Language.
    pub lang: Lang,
    /// Path of the page.
    pub path: String,
    /// Its query, undecoded.
    pub query: String,
    /// The random part of the session cookie, when there is one of ours.
    pub session: Option<String>,
    /// The random part of the pre-session, where there is no session.
    pub before: Option<String>,
    /// The pre-session cookie to set, when it is new.
    pub new_cookie: Option<String>,
    /// What is to be said once.
    pub said: Option<String>,
    /// The page is the same for everybody: no session, no form.
    pub shared: bool,
    /// Whether a form comes from one of our own pages, as far as the browser tells.
    pub home: bool,
    /// The page a form was on, where the browser tells and it is ours.
    pub from: Option<String>,
    /// The account and its session, once they were looked up.
    pub known: Arc<OnceLock<(Id, Id)>>,
    /// The session is in use and its last use was noted a while ago.
    pub touch: Arc<OnceLock<Id>>,
}

impl Browser {
    /// Reads a request for a page; `shared`: the page is the same for everybody.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub(in crate::web) fn of(server: &Server, request: &HttpRequest, shared: bool) -> Result<Self> {
        let seals = &server.seals;
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
        let cookie = |which: Cookie| {
            let name = seals.name(which);
            let all = header("cookie").unwrap_or_default();
            all.split(';').find_map(|pair| {
                let (n, v) = pair.trim().split_once('=')?;
                (n == name).then(|| v.to_owned())
            })
        };
        let mut browser = Self {
            lang: language(cookie(Cookie::Language).as_deref()),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            session: None,
            before: None,
            new_cookie: None,
            said: None,
            shared,
            home: false,
            from: None,
            known: Arc::default(),
            touch: Arc::default(),
        };
        if shared {
            return Ok(browser);
        }
        browser.session = cookie(Cookie::Session).and_then(|c| seals.opened(&c));
        browser.said = cookie(Cookie::Flash).and_then(|c| seals.flashed(&c));
        browser.before = cookie(Cookie::Before).and_then(|c| seals.opened(&c));
        if browser.session.is_none() && browser.before.is_none() {
            let random: [u8; RANDOM] = server.entropy.bytes().map_err(|e| Error::internal(&e))?;
            browser.new_cookie = Some(seals.cookie(&random));
            browser.before = Some(hex::encode(random));
        }
        let host = header("host").unwrap_or_default();
        let from = header("referer");
        browser.home = seals.is_home(header("origin").or(from), host, header("sec-fetch-site"));
        browser.from = from.filter(|_| browser.home).and_then(path_of).map(str::to_owned);
        Ok(browser)
    }

    /// What its forms are bound to.
    #[must_use]
    pub fn bound(&self) -> &str {
        self.session.as_deref().or(self.before.as_deref()).unwrap_or_default()
    }

    /// A key for counting its requests: the session stands for the account, as it cannot be made up.
    #[must_use]
    pub fn counted_as(&self) -> Option<Id> {
        let hash = Sha256::digest(self.session.as_deref()?.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Some(Id(uuid::Uuid::from_bytes(bytes)))
    }

    /// The page with its query.
    #[must_use]
    pub fn place(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// Path and query of an address of ours.
fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    local(&rest[rest.find('/')?..])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_before_is_a_path() {
        assert_eq!(super::path_of("http://h:1/a?b=c"), Some("/a?b=c"));
        assert_eq!(super::path_of("http://h:1"), None);
        assert_eq!(super::path_of("http://h//evil"), None);
    }
}
