//! One's own account: who one is, where one is logged in, the password, the second factor.

use super::form::Form;
use super::ui::{Html, Ui};
use super::{Done, Page};
use crate::documents::papers::picture;
use crate::domain::access::Action::OwnAccount;
use crate::domain::password;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{second_factor, sessions};
use crate::store::accounts::{self, Account, Session};
use crate::web::api::sessions::{self as api, CodeBody, PasswordBody, PresentPassword};
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

/// A page that takes no query.
pub(super) type None = NoQuery;

pub(super) fn pages(r: &mut Router) {
    r.page("/account", Action(OwnAccount), show);
    r.form("/account/sessions/{id}/end", Action(OwnAccount), end, |cx, ui, _: Id, q| show(cx, ui, (), q));
    r.page("/account/password", Action(OwnAccount), show_password);
    r.form_steps("/account/password", Action(OwnAccount), change_password, show_password);
    r.page("/account/second-factor", Action(OwnAccount), show_factor);
    r.form_steps("/account/second-factor", Action(OwnAccount), offer_factor, show_factor);
    r.form("/account/second-factor/confirm", Action(OwnAccount), confirm_factor, show_factor);
}

fn own(cx: &mut Cx<'_>) -> Result<Account> {
    let user = cx.user()?;
    accounts::get(cx.db, user)?.ok_or(Error::NotFound("账号"))
}

struct Place {
    id: Id,
    here: bool,
    since: String,
    used: String,
    address: String,
    agent: String,
}

impl Place {
    fn of(ui: &Ui, own: Option<Id>, s: Session) -> Self {
        Self {
            id: s.id,
            here: own == Some(s.id),
            since: ui.time(&s.created_at.0),
            used: ui.time(&s.used_at.0),
            address: s.address,
            agent: s.agent,
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    ui: &'a Ui,
    login: String,
    name: String,
    department: String,
    roles: Vec<String>,
    factor: bool,
    places: Vec<Place>,
}

pub(super) fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let account = own(cx)?;
    let session = cx.actor.session;
    let template = AccountPage {
        ui,
        login: account.login,
        name: account.name,
        department: ui.who.as_ref().map(|w| w.department.clone()).unwrap_or_default(),
        roles: cx.actor.roles.iter().map(|r| ui.word("role", r.as_str())).collect(),
        factor: account.totp_secret.is_some(),
        places: sessions::list(cx)?.into_iter().map(|s| Place::of(ui, session, s)).collect(),
    };
    Page::new(ui.t("nav-account"), &template)
}

fn end(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    sessions::end(cx, id)?;
    Ok(Done::to("/account").say("account-session-ended"))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    ui: &'a Ui,
    least: usize,
}

fn show_password(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let account = own(cx)?;
    let rules = password::Rules::of(cx.rules.login.passwords, account.totp_secret.is_some());
    let page = Page::new(ui.t("password-title"), &PasswordPage { ui, least: rules.min_chars })?;
    Ok(page.under("/account", ui.t("nav-account")).narrow())
}

fn change_password(call: &Call, (): (), _: &NoQuery, body: PasswordBody, _: &Form) -> Result<Answer> {
    let answer = api::password(call, (), body)?;
    if answer.refusal.is_some() {
        Ok(answer)
    } else {
        Done::to("/account").say("password-changed").answer(call)
    }
}

/// What to put into an authenticator.
struct Offer {
    secret: String,
    qr: Html,
}

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage<'a> {
    ui: &'a Ui,
    set: bool,
    offer: Option<Offer>,
    pending: bool,
}

fn factor_page(ui: &Ui, template: &FactorPage<'_>) -> Result<Page> {
    Ok(Page::new(ui.t("factor-title"), template)?.under("/account", ui.t("nav-account")).narrow())
}

fn show_factor(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let account = own(cx)?;
    let template = FactorPage {
        ui,
        set: account.totp_secret.is_some(),
        offer: Option::None,
        pending: account.totp_pending.is_some() && ui.form.value("password").is_none(),
    };
    factor_page(ui, &template)
}

/// The secret is shown once, in the answer itself.
fn offer_factor(call: &Call, (): (), _: &NoQuery, body: PresentPassword, _: &Form) -> Result<Answer> {
    let answer = api::offer_second_factor(call, (), body)?;
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    let told: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|e| Error::internal(&e))?;
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let grouped = |secret: String| {
        let letters: Vec<char> = secret.chars().collect();
        letters.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    };
    super::shown(call, move |_, ui| {
        let offer =
            Offer { secret: grouped(text("secret")), qr: Html::made(picture::svg(&text("otpauth_url"))) };
        factor_page(ui, &FactorPage { ui, set: false, offer: Some(offer), pending: true })
    })
}

fn confirm_factor(cx: &mut Cx<'_>, (): (), body: &CodeBody) -> Result<Done> {
    second_factor::confirm(cx, &body.code)?;
    Ok(Done::to("/account").say("factor-set"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let place = |here| Place {
        id: Id(uuid::Uuid::from_u128(1)),
        here,
        since: "2026年5月8日 08:30".to_owned(),
        used: "2026年5月8日 09:30".to_owned(),
        address: "10.0.0.1".to_owned(),
        agent: "Mozilla/5.0".to_owned(),
    };
    let account = AccountPage {
        ui,
        login: "zhangsan".to_owned(),
        name: "张三".to_owned(),
        department: "市场监管局".to_owned(),
        roles: vec!["部门经办人".to_owned()],
        factor: true,
        places: vec![place(true), place(false)],
    };
    let offer = Offer { secret: "ABCD EFGH".to_owned(), qr: Html::made(picture::svg("otpauth://totp/x")) };
    vec![
        Page::new(ui.t("nav-account"), &account).unwrap(),
        Page::new(ui.t("password-title"), &PasswordPage { ui, least: 15 }).unwrap(),
        factor_page(ui, &FactorPage { ui, set: false, offer: Some(offer), pending: true }).unwrap(),
        factor_page(ui, &FactorPage { ui, set: true, offer: Option::None, pending: false }).unwrap(),
        factor_page(ui, &FactorPage { ui, set: false, offer: Option::None, pending: false }).unwrap(),
    ]
}
