//! The accounts, as the three administrators keep them.

use super::{at, between, has, refuses_foreign_forms};
use crate::support::both;
use crate::support::browser::Browser;
use onedoor::domain::access::Role;

both!(three_administrators_share_the_accounts, |app| {
    let department = app.department("A01", "市场监管局", "inspecting").to_string();
    app.user("sys", &[Role::SystemAdmin], None);
    app.user("sec", &[Role::SecurityAdmin], None);
    app.user("aud", &[Role::AuditAdmin], None);
    app.user("somebody", &[Role::DepartmentClerk], None);
    let (sys, sec, aud) = (at(app, "sys"), at(app, "sec"), at(app, "aud"));
    assert_eq!(at(app, "somebody").get("/users").status, 403);
    let new = "/users/new";
    assert_eq!(sec.get(new).status, 403);
    refuses_foreign_forms(&sys, new);
    let fields = |login: &'static str, person: &'static str| {
        [
            ("login", login),
            ("name", "王五"),
            ("email", ""),
            ("department_id", department.as_str()),
            ("person", person),
        ]
    };
    let wrong = sys.post(new, new, &fields("wang wu", ""));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#login\"", "value=\"王五\"", "不能含空格"]);
    let wrong = sys.post(new, new, &fields("wangwu", "SJ99"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#person\""]);
    let made = sys.post(new, new, &fields("wangwu", ""));
    assert_eq!(made.status, 200, "{}", made.text());
    has(&made.text(), &["一次性密码（只显示这一次）", "王五", "市场监管局"]);
    let password = between(&made.text(), "id=\"once-only\">", "<");
    let path = format!("/users/{}", between(&made.text(), "href=\"/users/", "/edit"));
    assert!(!sys.get(&path).text().contains(&password), "told once");
    // Who creates does not grant, who grants does not create, who audits only reads.
    let roles = format!("{path}/roles");
    assert_eq!(sys.get(&roles).status, 403);
    let seen = aud.get(&path).text();
    assert!(
        !seen.contains("/roles\"") && !seen.contains("/edit\"") && !seen.contains("/disable\""),
        "{seen}"
    );
    let both = [("roles", "system_admin"), ("roles", "department_clerk")];
    assert_eq!(sec.post(&roles, &roles, &both).status, 422);
    let done = sec.post(&roles, &roles, &[("roles", "department_clerk")]);
    has(&sec.follow(&done).text(), &["角色已保存", "部门经办人"]);
    let person = Browser::new(app);
    let entered = person.post("/login", "/login", &[("login", "wangwu"), ("password", &password)]);
    assert_eq!(person.done(&entered), "/account/password");
    // A new password ends everything the old one opened.
    let reset = sec.post(&path, &format!("{path}/reset-password"), &[]);
    assert_eq!(reset.status, 200);
    assert_ne!(between(&reset.text(), "id=\"once-only\">", "<"), password);
    assert_eq!(person.done(&person.get("/account/password")), "/login?next=/account/password");
    let off = sec.post(&path, &format!("{path}/disable"), &[]);
    has(&sec.follow(&off).text(), &["账号已停用", "启用账号"]);
    has(&sec.follow(&sec.post(&path, &format!("{path}/enable"), &[])).text(), &["账号已启用"]);
    let edit = format!("{path}/edit");
    let changed = [
        ("name", "王五五"),
        ("email", "w@example.com"),
        ("department_id", department.as_str()),
        ("person", ""),
    ];
    let shown = sys.follow(&sys.post(&edit, &edit, &changed)).text();
    has(&shown, &["王五五", "w@example.com", "市场监管局"]);
});
