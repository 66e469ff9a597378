//! Accounts and login over HTTP, on both databases.

use crate::support::{PASSWORD, both};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use serde_json::json;

both!(first_login_must_change_the_password, |app| {
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let made = sys.post("/api/v1/users", &json!({ "login": "zhang", "name": "张三" }));
    let body = made.expect(201);
    let password = body["one_time_password"].as_str().unwrap();
    assert_eq!(password.len(), 20);
    let mut zhang = app.login("Zhang ", password);
    zhang.get("/api/v1/users").problem(409, "password_change_required");
    zhang
        .post("/api/v1/session/password", &json!({ "present": "x", "new": "短" }))
        .problem(422, "invalid")["errors"]
        .as_array()
        .filter(|e| e.len() >= 2)
        .unwrap();
    let new = json!({ "present": password, "new": PASSWORD });
    zhang.post("/api/v1/session/password", &new).expect(200);
    zhang.login("zhang", PASSWORD);
    zhang.get("/api/v1/session").expect(200);
    // A role counts at once, in the session that is open.
    zhang.get("/api/v1/users").problem(403, "denied");
    let path = format!("/api/v1/users/{}", made.id());
    let version = sec.get(&path).expect(200)["version"].as_i64().unwrap();
    sec.put(&format!("{path}/roles"), &json!({ "roles": ["audit_admin"] }))
        .problem(428, "precondition_required");
    sec.if_match(version).put(&format!("{path}/roles"), &json!({ "roles": ["audit_admin"] })).expect(200);
    zhang.get("/api/v1/users").expect(200);
    sec.if_match(version + 1)
        .put(&format!("{path}/roles"), &json!({ "roles": ["audit_admin", "system_admin"] }))
        .problem(422, "invalid");
    // So does the loss of the account.
    sec.post(&format!("{path}/disable"), &json!({})).expect(200);
    zhang.get("/api/v1/users").problem(401, "session_ended");
    sec.post(&format!("{path}/disable"), &json!({})).problem(409, "wrong_state");
});

both!(a_refresh_token_works_once, |app| {
    let client = app.user("li", &[Role::AuditAdmin], None);
    let first = client.refresh.clone().unwrap();
    let again =
        app.anonymous().post("/api/v1/session/refresh", &json!({ "refresh_token": first })).expect(200);
    assert_ne!(again["refresh_token"], json!(first));
    app.anonymous()
        .post("/api/v1/session/refresh", &json!({ "refresh_token": first }))
        .problem(401, "session_ended");
    // Its reuse ended the session.
    client.get("/api/v1/session").problem(401, "session_ended");
});

both!(a_token_expires, |app| {
    let client = app.user("wang", &[Role::AuditAdmin], None);
    client.get("/api/v1/session").expect(200);
    app.advance(TimeDelta::minutes(16));
    client.get("/api/v1/session").problem(401, "token_expired");
});

both!(a_key_answers_the_same_bytes, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let body = json!({ "login": "zhao", "name": "赵六" });
    let first = sys.key("k-1").post("/api/v1/users", &body);
    first.expect(201);
    let second = sys.key("k-1").post("/api/v1/users", &body);
    assert_eq!((second.status, &second.bytes), (201, &first.bytes));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.header("location"), first.header("location"));
    sys.key("k-1")
        .post("/api/v1/users", &json!({ "login": "qian", "name": "钱七" }))
        .problem(422, "idempotency_key_reused");
});

both!(the_administrators_alone_bring_a_county_to_life, |app| {
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let office = json!({ "code": "XTB", "name": "县联席会议办公室", "kind": "coordination" });
    let office = sys.post("/api/v1/departments", &office);
    office.expect(201);
    let account = json!({ "login": "xieban", "name": "经办人", "department_id": office.id() });
    let made = sys.post("/api/v1/users", &account);
    let password = made.expect(201)["one_time_password"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/{}", made.id());
    let version = sec.get(&path).expect(200)["version"].as_i64().unwrap();
    sec.if_match(version).put(&format!("{path}/roles"), &json!({ "roles": ["coordinator"] })).expect(200);
    let mut clerk = app.login("xieban", &password);
    clerk.post("/api/v1/session/password", &json!({ "present": password, "new": PASSWORD })).expect(200);
    clerk.login("xieban", PASSWORD);
    let bureau = json!({ "code": "SCJG", "name": "县市场监督管理局", "kind": "inspecting" });
    clerk.post("/api/v1/departments", &bureau).expect(201);
    // Whoever administers accounts sees no business.
    sys.get("/api/v1/inspections").problem(403, "denied");
});
