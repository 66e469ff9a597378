//! HTTP: every URL of the program on one screen, each with its access word. No rules, no SQL.

pub mod api;
pub mod auth;
pub mod call;
pub mod limit;
pub mod openapi;
pub mod page;
pub mod parse;
pub mod problem;
pub mod reply;
pub mod router;
pub mod run;
pub mod serve;
pub mod server;

use crate::domain::access::Action::*;
use api::{sessions, users};
use router::Allow::{Action, Public};
use router::Router;

/// All routes of the API.
#[must_use]
pub fn routes() -> Router {
    let mut r = Router::default();
    people(&mut r);
    r.components.freeze();
    r
}

fn people(r: &mut Router) {
    r.steps::<_, _, sessions::Tokens>("POST", "/api/v1/session", Public, "登录", sessions::login);
    r.steps::<_, _, sessions::Tokens>(
        "POST",
        "/api/v1/session/refresh",
        Public,
        "换取新令牌",
        sessions::refresh,
    );
    r.write("POST", "/api/v1/session/logout", Action(OwnAccount), "退出", sessions::logout);
    r.steps::<_, _, reply::Empty>(
        "POST",
        "/api/v1/session/password",
        Action(OwnAccount),
        "修改密码",
        sessions::password,
    );
    r.read("/api/v1/session", Action(OwnAccount), "我的账号", sessions::me);

    r.read("/api/v1/users", Action(ViewUsers), "账号列表", users::list);
    r.steps::<_, _, users::UserView>("POST", "/api/v1/users", Action(EditUsers), "新建账号", users::create);
    r.read("/api/v1/users/{id}", Action(ViewUsers), "账号", users::get);
    r.write("PATCH", "/api/v1/users/{id}", Action(EditUsers), "修改账号", users::change);
    r.write("PUT", "/api/v1/users/{id}/roles", Action(GrantRoles), "授予角色", users::set_roles);
    r.write("POST", "/api/v1/users/{id}/disable", Action(GrantRoles), "停用账号", users::disable);
    r.write("POST", "/api/v1/users/{id}/enable", Action(GrantRoles), "启用账号", users::enable);
    r.steps::<_, _, users::UserView>(
        "POST",
        "/api/v1/users/{id}/reset-password",
        Action(GrantRoles),
        "重置密码",
        users::reset_password,
    );
}
