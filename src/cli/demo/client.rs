//! One person of the demonstration at the public API.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A connection that has rested this long is not used again: the server ends it after five seconds.
const RESTED: Duration = Duration::from_secs(2);
/// Numbers the requests of all people, so that each has a key of its own.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// A person who has logged in.
#[derive(Debug, Clone)]
pub(super) struct Client {
    base: String,
    agent: ureq::Agent,
    token: RefCell<String>,
    /// Login name and password, for when the session is over: the demonstration moves the clock.
    known: Option<(String, String)>,
    /// The account.
    pub(super) user_id: String,
}

impl Client {
    /// Somebody who has not logged in.
    pub(super) fn anonymous(base: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_idle_age(RESTED).build();
        Self {
            base: base.to_owned(),
            agent: config.into(),
            token: RefCell::default(),
            known: None,
            user_id: String::new(),
        }
    }

    /// Logs in.
    pub(super) fn login(base: &str, login: &str, password: &str) -> Result<Self, String> {
        let mut client = Self::anonymous(base);
        let body = client.post("/api/v1/session", &json!({ "login": login, "password": password }))?;
        client.token = RefCell::new(text(&body, "access_token")?);
        client.known = Some((login.to_owned(), password.to_owned()));
        client.user_id = text(&body, "user_id")?;
        Ok(client)
    }

    pub(super) fn get(&self, path: &str) -> Result<Value, String> {
        json_of(&self.bytes("GET", path, None, None)?)
    }

    /// All things of a list, page by page.
    pub(super) fn all(&self, path: &str) -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        let mut page = self.get(path)?;
        loop {
            all.extend(page["items"].as_array().into_iter().flatten().cloned());
            let Some(next) = page["next"].as_str() else { return Ok(all) };
            page = self.get(&format!("{path}&after={next}"))?;
        }
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        json_of(&self.bytes("POST", path, Some(body), None)?)
    }

    /// Sets what has no version of its own.
    pub(super) fn put_anew(&self, path: &str, body: &Value) -> Result<Value, String> {
        json_of(&self.bytes("PUT", path, Some(body), None)?)
    }

    /// A change of the version that was read.
    pub(super) fn put(&self, path: &str, version: i64, body: &Value) -> Result<Value, String> {
        json_of(&self.bytes("PUT", path, Some(body), Some(version))?)
    }

    /// The bytes of an answer; a refusal becomes its words. Whoever was logged in too long ago logs in again.
    pub(super) fn bytes(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        version: Option<i64>,
    ) -> Result<Vec<u8>, String> {
        match self.ask(method, path, body, version)? {
            (401, _) if self.known.is_some() => {
                let (login, password) = self.known.clone().unwrap_or_default();
                let again = Self::login(&self.base, &login, &password)?;
                self.token.replace(again.token.into_inner());
                answered(method, path, self.ask(method, path, body, version)?)
            }
            answer => answered(method, path, answer),
        }
    }

    /// The status and the bytes of an answer. A connection that broke is asked once more: the key makes that safe.
    fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        version: Option<i64>,
    ) -> Result<(u16, Vec<u8>), String> {
        let key = format!("demo-{}", ASKED.fetch_add(1, Ordering::Relaxed));
        let first = self.send(method, path, body, version, &key);
        if first.is_err() && matches!(method, "GET" | "POST") {
            return self.send(method, path, body, version, &key);
        }
        first
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        version: Option<i64>,
        key: &str,
    ) -> Result<(u16, Vec<u8>), String> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let token = self.token.borrow();
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        if method == "POST" {
            request = request.header("Idempotency-Key", key);
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let bytes = body.map(|b| b.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(bytes).map_err(|e| e.to_string())?;
        let mut response = self.agent.run(request).map_err(|e| format!("{method} {path}:{e}"))?;
        let status = response.status().as_u16();
        let bytes =
            response.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(|e| e.to_string())?;
        Ok((status, bytes))
    }
}

/// A refusal becomes its words.
fn answered(method: &str, path: &str, (status, bytes): (u16, Vec<u8>)) -> Result<Vec<u8>, String> {
    if (200..300).contains(&status) {
        return Ok(bytes);
    }
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let title = problem["title"].as_str().unwrap_or_default();
    let faults: Vec<&str> =
        problem["errors"].as_array().into_iter().flatten().filter_map(|e| e["message"].as_str()).collect();
    Err(format!("{method} {path}:{status} {title} {}", faults.join(";")))
}

fn json_of(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("answer: {e}"))
}

/// A text of an answer.
pub(super) fn text(value: &Value, key: &str) -> Result<String, String> {
    value[key].as_str().map(str::to_owned).ok_or_else(|| format!("answer without {key}: {value}"))
}
