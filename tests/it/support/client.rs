//! A person at the API.

use super::documented;
use onedoor::ids::Id;
use serde_json::{Value, json};
use std::cell::RefCell;

/// A client with somebody's token.
#[derive(Clone)]
pub(crate) struct Client {
    base: String,
    agent: ureq::Agent,
    /// Access token; none: anonymous.
    pub(crate) token: Option<String>,
    /// Refresh token.
    pub(crate) refresh: Option<String>,
    /// The account.
    pub(crate) user: Option<Id>,
    /// Headers of the next request.
    extra: RefCell<Vec<(String, String)>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Body.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Fails unless the status is this one; answers the JSON.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Fails unless this is a problem with this status and code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        body
    }

    /// The `id` of the body.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text())).to_owned()
    }
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self {
            base: base.to_owned(),
            agent: config.into(),
            token: None,
            refresh: None,
            user: None,
            extra: RefCell::default(),
        }
    }

    /// Adds a header to the next request.
    pub(crate) fn with(&self, name: &str, value: &str) -> &Self {
        self.extra.borrow_mut().push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the next request for this version.
    pub(crate) fn if_match(&self, version: i64) -> &Self {
        self.with("If-Match", &format!("\"{version}\""))
    }

    /// Sends the next request under this Idempotency-Key.
    pub(crate) fn key(&self, key: &str) -> &Self {
        self.with("Idempotency-Key", key)
    }

    #[track_caller]
    pub(crate) fn login(&mut self, login: &str, password: &str) {
        let answer = self.post("/api/v1/session", &json!({ "login": login, "password": password }));
        let body = answer.expect(200);
        self.token = body["access_token"].as_str().map(str::to_owned);
        self.refresh = body["refresh_token"].as_str().map(str::to_owned);
        self.user = body["user_id"].as_str().and_then(|id| id.parse().ok());
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, Vec::new())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some("application/json"), body.to_string().into_bytes())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some("application/json"), body.to_string().into_bytes())
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some("application/json"), body.to_string().into_bytes())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, Vec::new())
    }

    /// Uploads a file.
    pub(crate) fn upload(&self, path: &str, content_type: &str, bytes: &[u8]) -> Answer {
        self.send("POST", path, Some(content_type), bytes.to_vec())
    }

    /// The same when the server may be gone: then none.
    pub(crate) fn try_get(&self, path: &str) -> Option<Answer> {
        self.attempt("GET", path, None, Vec::new()).ok()
    }

    /// Sends JSON to a server that may be gone: then none.
    pub(crate) fn try_send(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        self.attempt(method, path, Some("application/json"), body.to_string().into_bytes()).ok()
    }

    /// Sends any request.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, content_type: Option<&str>, body: Vec<u8>) -> Answer {
        let answer = self.attempt(method, path, content_type, body).unwrap();
        documented::check(method, path, &answer);
        answer
    }

    fn attempt(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        for (name, value) in self.extra.borrow_mut().drain(..) {
            request = request.header(name, value);
        }
        let mut response = self.agent.run(request.body(body).unwrap())?;
        let headers = response
            .headers()
            .iter()
            .map(|(n, v)| (n.as_str().to_lowercase(), v.to_str().unwrap_or_default().to_owned()))
            .collect();
        let bytes = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), headers, bytes })
    }
}
