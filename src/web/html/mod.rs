//! The pages: server-rendered, in Chinese and English, on the same use cases as the API and the same access table.
//!
//! # How to add a page
//!
//! 1. A struct with `#[derive(Template)]` and a file in `templates`; its first field is `ui: &'a Ui`. The file has only
//!    what stands below the page's heading: `layout.html` is put round it. Texts are `{{ ui.t("home-title") }}` with the key in
//!    `locales/zh-CN/*.ftl` and `locales/en/*.ftl`; states are chips, `{{ ui.chip("inspection-state", state) }}`; days are
//!    `{{ ui.day(day) }}`; links to pages that may not exist yet are `{{ ui.link(path, text) }}`.
//! 2. A handler `fn(&mut Cx, &Ui, P, Q) -> Result<Page>`: use case, struct, `Page::new(title, &template)?`. `Q` is a
//!    query struct as the API's lists have it (`NoQuery` where there is none).
//! 3. `r.page(path, Action(..), handler)` in a function of your own called from [`pages`]. The path is the API's without
//!    `/api/v1`, so that links of the API find their page.
//! 4. A form is `<form method="post" data-guard>{{ ui.hidden() }} {{ ui.field("password", "login-password") }} ..`; a field's name is the
//!    JSON pointer of the API's body (`quota/share`). `r.form(path, Action(..), act, page)` takes the body struct of the
//!    API's route; `act` answers `Done::to(path).say("password-changed")`, `page` shows the form again, with what was typed, when the
//!    use case refuses. `{{ ui.hidden_of(version) }}` sends the version the API wants as `If-Match`.
//! 5. Add `samples(ui)` beside the struct and to `tests::samples`: a test renders every template with them in both
//!    languages.
//!
//! Everything works without script; `app.js` asks before forms marked `data-confirm`, keeps drafts of those marked
//! `data-draft`, warns before leaving those marked `data-guard`, reads new states into elements marked `data-live`.

pub mod assets;
pub mod browser;
pub mod edge;
pub mod field;
pub mod form;
pub mod layout;
pub mod list;
pub mod session;
pub mod ui;
pub mod words;

mod account;
mod desk;
mod draws;
mod errors;
mod home;
mod inspections;
mod login;
mod public;

mod after;
mod jobs;
mod results;
mod search;
mod swaps;
mod visits;

use super::call::Call;
use super::reply::{Answer, Body, IntoBody, Reply};
use super::router::Router;
use crate::error::{Error, Result};
use crate::service::cx::Cx;
use askama::Template;
use form::Form;
use session::Cookie;
use sha2::{Digest, Sha256};
use ui::Ui;

/// All pages, each with its access word.
pub fn pages(r: &mut Router) {
    login::pages(r);
    account::pages(r);
    home::pages(r);
    search::pages(r);
    inspections::pages(r);
    draws::pages(r);
    public::pages(r);
    visits::pages(r);
    results::pages(r);
    swaps::pages(r);
    after::pages(r);
    desk::pages(r);
    jobs::pages(r);
}

/// A page below its heading.
#[derive(Debug)]
pub struct Page {
    /// Heading and title.
    pub title: String,
    pub(super) body: String,
    pub(super) crumbs: Vec<(String, String)>,
    pub(super) look: Look,
    pub(super) again_s: Option<u32>,
    pub(super) lead: String,
}

/// How much stands round a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// As wide as the window allows, up to where lists still read well.
    #[default]
    Plain,
    /// Narrow: one form, one text.
    Narrow,
    /// Nothing but the page: for a projector.
    Bare,
}

impl Page {
    /// A page of this title.
    ///
    /// # Errors
    /// The template cannot be filled (a defect).
    pub fn new(title: impl Into<String>, template: &impl Template) -> Result<Self> {
        Ok(Self {
            title: title.into(),
            body: template.render().map_err(|e| Error::internal(&e))?,
            crumbs: Vec::new(),
            look: Look::Plain,
            again_s: None,
            lead: String::new(),
        })
    }

    /// Adds the page above, in the order from the top.
    #[must_use]
    pub fn under(mut self, path: impl Into<String>, title: impl Into<String>) -> Self {
        self.crumbs.push((path.into(), title.into()));
        self
    }

    /// One form or one text.
    #[must_use]
    pub const fn narrow(mut self) -> Self {
        self.look = Look::Narrow;
        self
    }

    /// Nothing round it.
    #[must_use]
    pub const fn bare(mut self) -> Self {
        self.look = Look::Bare;
        self
    }

    /// A sentence below the heading.
    #[must_use]
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }

    /// Read again after so many seconds, where the browser runs no script that does it better.
    #[must_use]
    pub const fn again(mut self, seconds: u32) -> Self {
        self.again_s = Some(seconds);
        self
    }

    pub(in crate::web) fn answer(&self, ui: &Ui, call: &Call, status: u16) -> Result<Answer> {
        let body = layout::render(self, ui)?;
        let mut answer = Answer {
            status,
            content_type: "text/html; charset=utf-8".to_owned(),
            headers: Vec::new(),
            body: body.into_bytes(),
            refusal: None,
            stream: None,
        };
        if let Some(browser) = call.browser.as_deref() {
            if browser.shared && status == 200 {
                answer = answer.shared();
                // The language.
                answer.headers.push(("Vary".to_owned(), "Cookie".to_owned()));
                return Ok(answer);
            }
            let seals = &call.server.seals;
            if let Some(cookie) = &browser.new_cookie {
                answer.headers.push(seals.set(Cookie::Before, cookie));
            }
            if browser.said.is_some() {
                answer.headers.push(seals.set(Cookie::Flash, ""));
            }
        }
        Ok(answer)
    }
}

/// What a form that did its work answers: where to go on, and what to say there.
#[derive(Debug, Clone)]
pub struct Done {
    to: String,
    said: Option<String>,
    cookies: Vec<(String, String)>,
}

impl Done {
    /// Goes on to this page.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: path.into(), said: None, cookies: Vec::new() }
    }

    /// Says this text there, once.
    #[must_use]
    pub fn say(mut self, key: &str) -> Self {
        self.said = Some(key.to_owned());
        self
    }

    /// Says this text there, once, with `value` in it.
    #[must_use]
    pub fn say_with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.said = Some(format!("{key}\u{1f}{value}"));
        self
    }

    /// Sets a cookie.
    #[must_use]
    pub(super) fn cookie(mut self, cookie: (String, String)) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// For the transaction that did it.
    pub(in crate::web) fn reply(self) -> Reply<Self> {
        Reply { status: 303, value: self, version: None, location: None, refusal: None }
    }

    /// As an answer.
    pub(in crate::web) fn answer(self, call: &Call) -> Result<Answer> {
        let mut answer = self.reply().into_answer()?;
        seal_said(call, &mut answer);
        Ok(answer)
    }
}

/// Stands for the sentence in an answer until it is sealed: the transaction knows no seals.
const SAID: &str = "X-Said";

impl IntoBody for Done {
    fn into_body(self) -> Result<Body> {
        let mut headers = self.cookies;
        headers.push(("Location".to_owned(), self.to));
        headers.extend(self.said.map(|said| (SAID.to_owned(), said)));
        Ok((Vec::new(), "text/plain; charset=utf-8".to_owned(), headers))
    }
}

fn seal_said(call: &Call, answer: &mut Answer) {
    if let Some(at) = answer.headers.iter().position(|(name, _)| name == SAID) {
        let (_, said) = answer.headers.remove(at);
        answer.headers.push(call.server.seals.set(Cookie::Flash, &call.server.seals.flash(&said)));
    }
}

/// Answers with a page that is only read.
pub(super) fn shown(call: &Call, page: impl FnOnce(&mut Cx<'_>, &Ui) -> Result<Page>) -> Result<Answer> {
    let (page, ui) = call.read(|cx| {
        let ui = Ui::of(call, cx, Form::default())?;
        let page = page(cx, &ui)?;
        Ok((page, ui))
    })?;
    page.answer(&ui, call, 200)
}

/// Looks whether a form is one of ours, and takes from it what the API takes from headers. With `body` the form acts
/// once, however often it is sent.
pub(super) fn received(call: &Call, form: &Form, body: Option<&Vec<u8>>) -> Result<Call> {
    let browser = call.browser.as_deref().ok_or_else(|| Error::internal("a form without a browser"))?;
    if !browser.home || !call.server.seals.is_form_token(browser.bound(), form.csrf()) {
        return Err(Error::Denied(errors::FORM_EXPIRED.to_owned()));
    }
    let mut call = call.clone();
    call.origin.if_match = form.version();
    if let (Some(body), Some(once)) = (body, form.once()) {
        let mut hash = Sha256::new();
        for part in [browser.path.as_bytes(), browser.query.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        call.key = Some((once.to_owned(), hex::encode(hash.finalize())));
    }
    Ok(call)
}

/// Whether the page is shown again with what is wrong, rather than another one in its place.
fn is_shown_again(error: &Error) -> bool {
    match error {
        Error::Invalid(_)
        | Error::Denied(_)
        | Error::Stale(_)
        | Error::KeyReused
        | Error::TooMany { .. }
        | Error::Unsupported(_)
        | Error::Duplicate(_)
        | Error::Dangling(_) => true,
        Error::Refused { code, .. } => errors::go_instead(code).is_none(),
        _ => false,
    }
}

/// Answers a form: what it did, or the page again.
pub(super) fn settled(
    call: &Call,
    mut form: Form,
    answer: Result<Answer>,
    page: impl FnOnce(&mut Cx<'_>, &Ui) -> Result<Page>,
) -> Result<Answer> {
    let error = match answer {
        Ok(mut answer) => match answer.refusal.take() {
            Some(error) => error,
            None => {
                seal_said(call, &mut answer);
                return Ok(answer);
            }
        },
        Err(error) if is_shown_again(&error) => error,
        Err(error) => return Err(error),
    };
    let (status, _) = error.status();
    match form.named(error) {
        Error::Invalid(faults) => form.faults = faults,
        other => form.message = Some(other.to_string()),
    }
    let (page, ui) = call.read(|cx| {
        let ui = Ui::of(call, cx, form)?;
        let page = page(cx, &ui)?;
        Ok((page, ui))
    })?;
    page.answer(&ui, call, status)
}

#[cfg(test)]
mod tests;
