//! A person with a browser: cookies, forms, redirects.

use super::client::{Answer, Client};
use super::{PASSWORD, TestApp};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    base: String,
    /// Cookies by name.
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    /// One that has never been here.
    pub(crate) fn new(app: &TestApp) -> Self {
        Self { client: app.anonymous(), base: app.base.clone(), cookies: RefCell::default() }
    }

    fn keep(&self, answer: Answer) -> Answer {
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let (pair, rest) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Lax"), "{rest}");
                if value.is_empty() {
                    self.cookies.borrow_mut().remove(name);
                } else {
                    self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
                }
            }
        }
        answer
    }

    fn ready(&self) -> &Client {
        let cookies: Vec<String> = self.cookies.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let client = self.client.with("Accept", "text/html");
        if !cookies.is_empty() {
            client.with("Cookie", &cookies.join("; "));
        }
        client
    }

    /// Adds a header to the next request.
    pub(crate) fn with(&self, name: &str, value: &str) -> &Self {
        self.client.with(name, value);
        self
    }

    /// Asks for a page.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let answer = self.ready().get(path);
        self.keep(answer)
    }

    /// Sends exactly these bytes.
    pub(crate) fn send_raw(&self, path: &str, content_type: &str, body: &str) -> Answer {
        let answer = self.ready().send("POST", path, Some(content_type), body.as_bytes().to_vec());
        self.keep(answer)
    }

    /// Sends a form with these fields and the hidden fields of the page it is on.
    #[track_caller]
    pub(crate) fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page);
        assert_eq!(shown.status, 200, "{page}: {}", shown.text());
        let mut all = vec![
            ("csrf".to_owned(), hidden(&shown.text(), "csrf")),
            ("once".to_owned(), hidden(&shown.text(), "once")),
        ];
        if shown.text().contains("name=\"version\"") {
            all.push(("version".to_owned(), hidden(&shown.text(), "version")));
        }
        all.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self.post_as(path, &all)
    }

    /// Sends these fields and nothing else.
    pub(crate) fn post_as(&self, path: &str, fields: &[(String, String)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        self.client.with("Origin", &self.base);
        self.send_raw(path, "application/x-www-form-urlencoded", &body.join("&"))
    }

    /// Where a form led to.
    #[track_caller]
    pub(crate) fn done(&self, answer: &Answer) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    /// Follows where a form led to.
    #[track_caller]
    pub(crate) fn follow(&self, answer: &Answer) -> Answer {
        let to = self.done(answer);
        let shown = self.get(&to);
        assert_eq!(shown.status, 200, "{to}: {}", shown.text());
        shown
    }

    /// Logs in.
    #[track_caller]
    pub(crate) fn login(&self, login: &str) {
        let answer = self.post("/login", "/login", &[("login", login), ("password", PASSWORD)]);
        assert_eq!(self.done(&answer), "/");
    }
}

/// The value of a hidden field.
#[track_caller]
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap_or_else(|| panic!("no {name} in {page}")) + mark.len();
    page[at..].split('"').next().unwrap().to_owned()
}

fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() {
            out.push(char::from(b));
        } else {
            write!(out, "%{b:02X}").unwrap();
        }
    }
    out
}
