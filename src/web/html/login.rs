//! Login, logout, the switch of the language.

use super::form::Form;
use super::session::{Cookie, RANDOM, local};
use super::ui::Ui;
use super::words::Lang;
use super::{Done, Page};
use crate::domain::access::Action;
use crate::error::{Error, Result};
use crate::service::cx::Cx;
use crate::service::login::{self, Attempt, Holder};
use crate::web::api::sessions::{LoginBody, LogoutBody};
use crate::web::call::Call;
use crate::web::reply::Answer;
use crate::web::router::{Allow, Router};
use askama::Template;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/login", Allow::Public, show);
    r.form_steps("/login", Allow::Public, enter, show);
    r.form_steps("/logout", Allow::Action(Action::OwnAccount), leave, super::account::show);
    r.page_view("/language/{lang}", Allow::Public, language);
}

/// Where to go on.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Next {
    /// A page of this server.
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    ui: &'a Ui,
    name: String,
}

fn show(_: &mut Cx<'_>, ui: &Ui, (): (), _: Next) -> Result<Page> {
    let name = ui.who.as_ref().map(|w| w.actor.name.clone()).unwrap_or_default();
    Ok(Page::new(ui.t("login-title"), &LoginPage { ui, name })?.narrow())
}

/// The same steps as the API's login: throttling, lockout and second factor are those of the use case.
fn enter(call: &Call, (): (), query: &Next, body: LoginBody, _: &Form) -> Result<Answer> {
    let candidate = call.read(|cx| login::candidate(cx, &body.login))?;
    let hash = candidate.account.as_ref().map(|a| a.password_hash.as_str());
    let good = call.server.hasher.matches(&body.password, hash);
    let next = local(&query.next).unwrap_or("/").to_owned();
    let seals = call.server.seals.clone();
    call.write(move |cx| match login::attempt(cx, &candidate, good, body.code.as_deref(), Holder::Browser)? {
        Attempt::Failed(error) => Ok(Done::to("/login").reply().but(error)),
        Attempt::Opened(opened) => {
            let mut random = [0; RANDOM];
            hex::decode_to_slice(&opened.refresh, &mut random).map_err(|e| Error::internal(&e))?;
            let done = if opened.account.must_change {
                Done::to("/account/password").say("go-password-change-required")
            } else {
                Done::to(next.as_str())
            };
            let done = done
                .cookie(seals.set(Cookie::Session, &seals.cookie(&random)))
                .cookie(seals.set(Cookie::Before, ""));
            Ok(done.reply())
        }
    })
}

fn leave(call: &Call, (): (), _: &super::account::None, body: LogoutBody, _: &Form) -> Result<Answer> {
    let seals = call.server.seals.clone();
    call.write(move |cx| {
        login::logout(cx, body.everywhere)?;
        Ok(Done::to("/login").cookie(seals.set(Cookie::Session, "")).say("logged-out").reply())
    })
}

fn language(call: &Call, lang: String, query: Next) -> Result<Answer> {
    let lang = Lang::parse(&lang).ok_or(Error::NotFound("这种语言"))?;
    let to = local(&query.next).unwrap_or("/");
    Done::to(to).cookie(call.server.seals.set(Cookie::Language, lang.as_str())).answer(call)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    ["", "张三"]
        .into_iter()
        .map(|name| {
            Page::new(ui.t("login-title"), &LoginPage { ui, name: name.to_owned() }).unwrap().narrow()
        })
        .collect()
}
