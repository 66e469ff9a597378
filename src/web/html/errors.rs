//! Errors as pages: what happened, in plain words, and where to go on.

use super::form::Form;
use super::session::{Cookie, encoded};
use super::ui::Ui;
use super::words::printed;
use super::{Done, Page};
use crate::error::{Error, Result};
use crate::web::call::Call;
use crate::web::problem;
use crate::web::reply::Answer;
use crate::web::router::Allow;
use askama::Template;

/// What is said when a form is not one this server gave to this browser.
pub(super) const FORM_EXPIRED: &str =
    "页面已过期，或不是从本站打开的，没有提交任何内容。请返回刷新页面后重试";

/// Where somebody must go before anything else.
pub(super) fn go_instead(code: &str) -> Option<&'static str> {
    match code {
        "password_change_required" => Some("/account/password"),
        "second_factor_required" => Some("/account/second-factor"),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    ui: &'a Ui,
    what: String,
    then: String,
    back: String,
    request_id: &'a str,
}

/// The answer to a request for a page that failed.
pub(super) fn answer(call: &Call, error: &Error) -> Answer {
    let instead = match error {
        Error::Unauthenticated(code, _) => Some(login(call, code)),
        Error::Refused { code, .. } => {
            go_instead(code).map(|to| Done::to(to).say(&format!("go-{}", code.replace('_', "-"))))
        }
        _ => None,
    };
    let made = match instead {
        Some(done) => done.answer(call),
        None => page(call, error),
    };
    made.unwrap_or_else(|_| plain(call, error))
}

/// The same when no page can be made.
pub(super) fn plain(call: &Call, error: &Error) -> Answer {
    problem::answer(error, &call.origin)
}

/// To the login, and from there back to where one wanted to go.
fn login(call: &Call, code: &str) -> Done {
    let browser = call.browser.as_deref();
    // A form cannot be sent again after the login: back to the page it was on.
    let place = browser.map(|b| match &b.from {
        Some(from) if !call.server.pages.have(&b.path) => from.clone(),
        _ => b.place(),
    });
    let place = place.filter(|p| p != "/");
    let to = place.map_or_else(|| "/login".to_owned(), |p| format!("/login?next={}", encoded(&p)));
    let done = Done::to(to);
    if code == "session_ended" || browser.is_some_and(|b| b.session.is_some()) {
        return done.say("session-ended").cookie(call.server.seals.set(Cookie::Session, ""));
    }
    done
}

fn page(call: &Call, error: &Error) -> Result<Answer> {
    problem::log(error, &call.origin);
    let (status, code) = error.status();
    let mut call = call.clone();
    call.allow = Allow::Public;
    let form = Form::default();
    // Whoever is logged in keeps his navigation; where even that cannot be read, the page comes without.
    let ui = match error {
        Error::Unavailable(_) => Ui::bare(&call, form)?,
        _ => call.read(|cx| Ui::of(&call, cx, form.clone())).or_else(|_| Ui::bare(&call, form.clone()))?,
    };
    let kind = match status {
        404 | 405 => "missing",
        403 => "denied",
        409 | 412 | 428 => "refused",
        413 => "large",
        429 => "often",
        400..500 => "wrong",
        503 => "busy",
        _ => "defect",
    };
    let back = match call.browser.as_deref() {
        Some(b) => b.from.clone().filter(|f| *f != b.place()).unwrap_or_else(|| "/".to_owned()),
        None => "/".to_owned(),
    };
    let what = match error {
        Error::Internal(_) | Error::Unavailable(_) | Error::Again(_) | Error::Method(_) => String::new(),
        Error::Invalid(faults) => faults.iter().map(|f| printed(&f.message)).collect::<Vec<_>>().join("；"),
        other => printed(&other.to_string()),
    };
    let template = ErrorPage {
        ui: &ui,
        what,
        then: ui.t(&format!("error-then-{kind}")),
        back,
        request_id: &call.origin.request_id,
    };
    let mut page = Page::new(ui.t(&format!("error-title-{kind}")), &template)?.narrow();
    page.title =
        if code == "not_found" { page.title } else { format!("{}{}", ui.t("error-prefix"), page.title) };
    let mut answer = page.answer(&ui, &call, status)?;
    if let Error::TooMany { wait_s, .. } = error {
        answer.headers.push(("Retry-After".to_owned(), wait_s.to_string()));
    }
    Ok(answer)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let template = ErrorPage {
        ui,
        what: "联合抽查不存在，或您无权查看".to_owned(),
        then: ui.t("error-then-missing"),
        back: "/".to_owned(),
        request_id: "0199aaaa-0000-7000-8000-000000000000",
    };
    vec![Page::new(ui.t("error-title-missing"), &template).unwrap()]
}
