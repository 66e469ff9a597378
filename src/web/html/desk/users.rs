//! The accounts, for the administrators: creating one, its roles, disabling, new passwords. Three people share these
//! rights: one creates, another grants, a third reads.

use super::{names, offices};
use crate::domain::access::Action::{EditUsers, GrantRoles, ViewUsers};
use crate::domain::access::Role;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::login::login_key;
use crate::service::users::{self, Change};
use crate::store::county;
use crate::store::inspectors as people;
use crate::web::api::users::{self as api, NewUserBody, RolesBody, UserView};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page, shown};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/users", Action(ViewUsers), list);
    // Before the page of one account: the last word is no identifier.
    r.page("/users/new", Action(EditUsers), new);
    r.form_steps("/users/new", Action(EditUsers), create, new);
    r.page("/users/{id}", Action(ViewUsers), show);
    r.page("/users/{id}/edit", Action(EditUsers), edit);
    r.form("/users/{id}/edit", Action(EditUsers), change, edit);
    r.page("/users/{id}/roles", Action(GrantRoles), roles);
    r.form("/users/{id}/roles", Action(GrantRoles), set_roles, roles);
    r.form("/users/{id}/disable", Action(GrantRoles), disable, show);
    r.form("/users/{id}/enable", Action(GrantRoles), enable, show);
    r.form_steps("/users/{id}/reset-password", Action(GrantRoles), reset_password, show);
    r.form("/users/{id}/reset-second-factor", Action(GrantRoles), reset_factor, show);
}

/// Where in the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    login: String,
    name: String,
    office: String,
    roles: String,
    factor: bool,
    active: bool,
}

#[derive(Template)]
#[template(path = "desk/users.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    may_create: bool,
    pager: Pager<'a>,
}

fn words(ui: &Ui, roles: &[Role]) -> String {
    if roles.is_empty() {
        return ui.t("account-no-role");
    }
    roles.iter().map(|r| ui.word("role", r.as_str())).collect::<Vec<_>>().join(&ui.t("comma"))
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let (rows, next) =
        cut(|most| users::list(cx, query.after.as_deref(), most), |u| login_key(&u.account.login))?;
    let names = names(cx)?;
    let rows = rows.into_iter().map(UserView::from).map(|u| Row {
        id: u.id,
        office: u.department_id.and_then(|d| names.get(&d).cloned()).unwrap_or_default(),
        roles: words(ui, &u.roles),
        factor: u.second_factor,
        active: u.state == "active",
        login: u.login,
        name: u.name,
    });
    let template = ListPage {
        ui,
        rows: rows.collect(),
        may_create: ui.may(EditUsers),
        pager: Pager::new(ui, &[], query.after.is_some(), next.as_deref()),
    };
    Ok(Page::new(ui.t("nav-users"), &template)?.lead(ui.t("us-lead")))
}

#[derive(Template)]
#[template(path = "desk/user.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    user: UserView,
    office: String,
    person: String,
    roles: String,
    made: String,
    may_edit: bool,
    may_grant: bool,
    own: bool,
    /// Told once.
    password: String,
}

fn page(cx: &mut Cx<'_>, ui: &Ui, id: Id, password: String) -> Result<Page> {
    let user = UserView::from(users::get(cx, id)?);
    let names = names(cx)?;
    let person = match user.inspector_id {
        Some(id) => county::inspectors(cx.db, &[id])?.pop().map(|p| format!("{} · {}", p.name, p.code)),
        None => None,
    };
    let template = ShowPage {
        ui,
        office: user.department_id.and_then(|d| names.get(&d).cloned()).unwrap_or_default(),
        person: person.unwrap_or_default(),
        roles: words(ui, &user.roles),
        made: ui.time(&user.created_at),
        may_edit: ui.may(EditUsers),
        may_grant: ui.may(GrantRoles),
        own: cx.actor.user == Some(id),
        password,
        user,
    };
    Ok(Page::new(template.user.name.clone(), &template)?.under("/users", ui.t("nav-users")))
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    page(cx, ui, id, String::new())
}

/// The account with its one-time password, shown once, in the answer itself.
fn told(call: &Call, answer: Answer) -> Result<Answer> {
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    let view: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|e| Error::internal(&e))?;
    let text = |name: &str| view[name].as_str().unwrap_or_default().to_owned();
    let id: Id = text("id").parse().map_err(|_| Error::internal("an account without an identifier"))?;
    shown(call, move |cx, ui| page(cx, ui, id, text("one_time_password")))
}

#[derive(Template)]
#[template(path = "desk/user_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    fresh: bool,
    back: String,
    version: i64,
    name: String,
    email: String,
    departments: Vec<Choice>,
    person: String,
}

fn departments(cx: &mut Cx<'_>, ui: &Ui, chosen: Option<Id>) -> Result<Vec<Choice>> {
    let mut list = vec![Choice::new("", ui.t("us-no-department"))];
    list.extend(
        offices(cx)?.into_iter().map(|d| Choice::new(d.id.to_string(), d.name).chosen(chosen == Some(d.id))),
    );
    Ok(list)
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let template = EditPage {
        ui,
        fresh: true,
        back: "/users".to_owned(),
        version: 0,
        name: String::new(),
        email: String::new(),
        departments: departments(cx, ui, None)?,
        person: String::new(),
    };
    let page = Page::new(ui.t("us-new"), &template)?.lead(ui.t("us-new-lead")).narrow();
    Ok(page.under("/users", ui.t("nav-users")))
}

/// An account as the form sends it: a person has a code, not an identifier.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserForm {
    /// Only where the account is new.
    #[serde(default)]
    #[schema(max_length = 64)]
    login: String,
    #[schema(max_length = 64)]
    name: String,
    #[schema(max_length = 200)]
    email: String,
    #[serde(default)]
    department_id: Option<Id>,
    /// 人员编号; empty: none.
    #[schema(max_length = 60)]
    person: String,
}

/// The entry of the directory with this code.
fn person(cx: &mut Cx<'_>, code: &str) -> Result<Option<Id>> {
    let code = code.trim();
    if code.is_empty() {
        return Ok(None);
    }
    let region = cx.region().to_owned();
    let folded = crate::domain::alias::fold(code);
    let filter = people::Filter { search: Some(folded), ..people::Filter::default() };
    let found = people::list(cx.db, &region, &filter, None, 200)?.into_iter().find(|p| p.code == code);
    found.map(|p| Some(p.id)).ok_or_else(|| Error::field("/person", "unknown", "名录中没有这个人员编号"))
}

fn create(call: &Call, (): (), _: &NoQuery, form: UserForm, _: &Form) -> Result<Answer> {
    // Who may not create accounts learns nothing of the directory.
    let inspector = call.read(|cx| person(cx, &form.person))?;
    let body = NewUserBody {
        login: form.login,
        name: form.name,
        email: form.email,
        department_id: form.department_id,
        inspector_id: inspector,
    };
    told(call, api::create(call, (), body)?)
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let user = UserView::from(users::get(cx, id)?);
    let code = match user.inspector_id {
        Some(id) => county::inspectors(cx.db, &[id])?.pop().map(|p| p.code).unwrap_or_default(),
        None => String::new(),
    };
    let template = EditPage {
        ui,
        fresh: false,
        back: format!("/users/{id}"),
        version: user.version,
        name: user.name.clone(),
        email: user.email,
        departments: departments(cx, ui, user.department_id)?,
        person: code,
    };
    let page = Page::new(ui.t("us-edit"), &template)?.narrow().under("/users", ui.t("nav-users"));
    Ok(page.under(format!("/users/{id}"), user.name))
}

fn change(cx: &mut Cx<'_>, id: Id, form: &UserForm) -> Result<Done> {
    let change = Change {
        name: Some(form.name.clone()),
        email: Some(form.email.clone()),
        department: Some(form.department_id),
        inspector: Some(person(cx, &form.person)?),
    };
    users::change(cx, id, &change)?;
    Ok(Done::to(format!("/users/{id}")).say("us-changed"))
}

#[derive(Template)]
#[template(path = "desk/user_roles.html")]
struct RolesPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    roles: Vec<Choice>,
}

fn roles(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let user = UserView::from(users::get(cx, id)?);
    let choice = |r: Role| {
        let word = ui.word("role", r.as_str());
        Choice::new(r.as_str(), word).hint(ui.word("us-role", r.as_str())).chosen(user.roles.contains(&r))
    };
    let template =
        RolesPage { ui, id, version: user.version, roles: Role::ALL.into_iter().map(choice).collect() };
    let page = Page::new(ui.t("us-roles"), &template)?.lead(ui.t("us-roles-lead")).narrow();
    Ok(page.under("/users", ui.t("nav-users")).under(format!("/users/{id}"), user.name))
}

fn set_roles(cx: &mut Cx<'_>, id: Id, body: &RolesBody) -> Result<Done> {
    api::set_roles(cx, id, body)?;
    Ok(Done::to(format!("/users/{id}")).say("us-roles-set"))
}

fn disable(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    users::set_state(cx, id, false)?;
    Ok(Done::to(format!("/users/{id}")).say("us-disabled"))
}

fn enable(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    users::set_state(cx, id, true)?;
    Ok(Done::to(format!("/users/{id}")).say("us-enabled"))
}

fn reset_password(call: &Call, id: Id, _: &NoQuery, body: Empty, _: &Form) -> Result<Answer> {
    told(call, api::reset_password(call, id, body)?)
}

fn reset_factor(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    users::reset_second_factor(cx, id)?;
    Ok(Done::to(format!("/users/{id}")).say("us-factor-reset"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |active| Row {
        id,
        login: text("zhangsan"),
        name: text("张三"),
        office: text("市场监管局"),
        roles: words(ui, &[Role::DepartmentClerk]),
        factor: active,
        active,
    };
    let list = ListPage {
        ui,
        rows: vec![row(true), row(false)],
        may_create: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let show = |state: &str, password: &str, own| ShowPage {
        ui,
        user: UserView {
            id,
            login: text("zhangsan"),
            name: text("张三"),
            email: String::new(),
            department_id: None,
            inspector_id: None,
            roles: Vec::new(),
            state: text(state),
            second_factor: true,
            version: 1,
            created_at: ui.now,
            one_time_password: None,
        },
        office: String::new(),
        person: String::new(),
        roles: words(ui, &[]),
        made: text("2026年5月8日 10:30"),
        may_edit: true,
        may_grant: true,
        own,
        password: text(password),
    };
    let edit = |fresh| EditPage {
        ui,
        fresh,
        back: text("/users"),
        version: 1,
        name: text("张三"),
        email: String::new(),
        departments: vec![Choice::new("", ui.t("us-no-department"))],
        person: String::new(),
    };
    let roles = RolesPage {
        ui,
        id,
        version: 1,
        roles: vec![
            Choice::new("inspector", ui.word("role", "inspector")).hint(ui.word("us-role", "inspector")),
        ],
    };
    vec![
        Page::new(ui.t("nav-users"), &list).unwrap(),
        Page::new("张三", &show("active", "abcd", false)).unwrap(),
        Page::new("张三", &show("disabled", "", false)).unwrap(),
        Page::new("张三", &show("active", "", true)).unwrap(),
        Page::new(ui.t("us-new"), &edit(true)).unwrap(),
        Page::new(ui.t("us-edit"), &edit(false)).unwrap(),
        Page::new(ui.t("us-roles"), &roles).unwrap(),
    ]
}
