//! Logging in, one's own account, the accounts of others.

use crate::domain::access::Action::*;
use crate::web::api::{sessions, users};
use crate::web::reply;
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn people(r: &mut Router) {
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
    r.steps::<_, _, sessions::SecondFactorOffer>(
        "POST",
        "/api/v1/session/totp",
        Action(OwnAccount),
        "申请动态验证码密钥",
        sessions::offer_second_factor,
    );
    r.write(
        "POST",
        "/api/v1/session/totp/confirm",
        Action(OwnAccount),
        "启用动态验证码",
        sessions::confirm_second_factor,
    );
    r.read("/api/v1/sessions", Action(OwnAccount), "我的登录", sessions::list);
    r.write("POST", "/api/v1/sessions/{id}/end", Action(OwnAccount), "结束一处登录", sessions::end);

    r.read("/api/v1/users", Action(ViewUsers), "账号列表", users::list);
    r.steps::<_, _, users::UserView>("POST", "/api/v1/users", Action(EditUsers), "新建账号", users::create)
        .created();
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
    r.write(
        "POST",
        "/api/v1/users/{id}/reset-second-factor",
        Action(GrantRoles),
        "停用账号的动态验证码",
        users::reset_second_factor,
    );
}
