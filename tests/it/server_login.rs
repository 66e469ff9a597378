//! Login under attack: forged tokens, guessing, stolen refresh tokens; second factor; ending sessions.

use crate::support::{Client, PASSWORD, TestApp, both};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// HMAC-SHA-256 (RFC 2104), written out: the tests sign what the server's own library would not.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = block.map(|b| b ^ 0x36);
    let outer = block.map(|b| b ^ 0x5c);
    let digest = Sha256::new().chain_update(inner).chain_update(message).finalize();
    Sha256::new().chain_update(outer).chain_update(digest).finalize().to_vec()
}

fn signed(header: &Value, claims: &Value, key: &[u8]) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(key, text.as_bytes()));
    format!("{text}.{signature}")
}

fn claims_of(client: &Client) -> Value {
    let token = client.token.clone().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn shown(app: &TestApp, token: String) -> crate::support::client::Answer {
    let mut client = app.anonymous();
    client.token = Some(token);
    client.get("/api/v1/session")
}

both!(forged_tokens_are_refused, |app| {
    let client = app.user("li", &[Role::AuditAdmin], None);
    let claims = claims_of(&client);
    let key = *app.server.keys.token;
    let hs256 = json!({ "alg": "HS256", "typ": "JWT" });
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let without = |name: &str| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    // The forger's tools work: the same claims under the right key pass.
    shown(app, signed(&hs256, &claims, &key)).expect(200);
    let none = format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims));
    let bare = format!("{}.{}", part(&json!({ "alg": "none" })), part(&claims));
    let own = client.token.clone().unwrap();
    let mut stripped = own.clone();
    stripped.truncate(own.rfind('.').unwrap() + 1);
    let bad = [
        none,
        bare,
        stripped,
        signed(&hs256, &claims, &[9; 32]),
        signed(&json!({ "alg": "HS512", "typ": "JWT" }), &claims, &key),
        signed(&json!({ "alg": "EdDSA" }), &claims, &key),
        signed(&json!({ "alg": "hs256" }), &claims, &key),
        signed(&hs256, &with("aud", json!("somebody-else")), &key),
        signed(&hs256, &with("iss", json!("https://elsewhere")), &key),
        signed(&hs256, &with("exp", json!(app.now().timestamp() - 6)), &key),
        signed(&hs256, &with("exp", json!("9999999999")), &key),
        signed(&hs256, &with("iat", json!(app.now().timestamp() + 60)), &key),
        signed(&hs256, &with("sid", json!("00000000-0000-7000-8000-000000000000")), &key),
        signed(&hs256, &without("exp"), &key),
        signed(&hs256, &without("aud"), &key),
        signed(&hs256, &without("iss"), &key),
        signed(&hs256, &without("sid"), &key),
        format!("{own}x"),
        "..".to_owned(),
        String::new(),
    ];
    for token in bad {
        let answer = shown(app, token.clone());
        assert_eq!(answer.status, 401, "{token}: {}", answer.text());
        assert!(answer.header("www-authenticate").is_some());
    }
    // Within the leeway of five seconds a token still counts.
    shown(app, signed(&hs256, &with("exp", json!(app.now().timestamp() - 4)), &key)).expect(200);
});

both!(a_logout_counts_at_once, |app| {
    let mut client = app.user("li", &[Role::AuditAdmin], None);
    let other = app.login("li", PASSWORD);
    client.post("/api/v1/session/logout", &json!({})).expect(200);
    client.get("/api/v1/session").problem(401, "session_ended");
    let refresh = client.refresh.take().unwrap();
    client.token = None;
    client
        .post("/api/v1/session/refresh", &json!({ "refresh_token": refresh }))
        .problem(401, "session_ended");
    other.get("/api/v1/session").expect(200);
    let third = app.login("li", PASSWORD);
    let sessions = other.get("/api/v1/sessions").expect(200);
    let items = sessions["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|s| s["this"] == true).count(), 1);
    let foreign = items.iter().find(|s| s["this"] == false).unwrap()["id"].as_str().unwrap();
    let stranger = app.user("wang", &[Role::AuditAdmin], None);
    stranger.post(&format!("/api/v1/sessions/{foreign}/end"), &json!({})).problem(404, "not_found");
    other.post(&format!("/api/v1/sessions/{foreign}/end"), &json!({})).expect(200);
    third.get("/api/v1/session").problem(401, "session_ended");
    other.post("/api/v1/session/logout", &json!({ "everywhere": true })).expect(200);
    other.get("/api/v1/session").problem(401, "session_ended");
});

both!(guessing_waits_longer_and_longer_and_locks_for_good, |app| {
    app.user("li", &[Role::AuditAdmin], None);
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let guess = |password: &str| {
        app.anonymous().post("/api/v1/session", &json!({ "login": "LI", "password": password }))
    };
    let mut waits = Vec::new();
    let mut failures = 0;
    while failures < 100 {
        let answer = guess("wrong");
        match answer.status {
            401 => failures += 1,
            429 => {
                let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!(wait <= 3_600, "locked after {failures}");
                waits.push(wait);
                app.advance(TimeDelta::seconds(wait));
            }
            other => unreachable!("{other} {}", answer.text()),
        }
    }
    assert!(waits.len() > 50 && waits.windows(2).all(|w| w[0] <= w[1]), "{waits:?}");
    assert!(*waits.last().unwrap() >= 300, "{waits:?}");
    // Now even the right password, days later, from a server started anew.
    app.advance(TimeDelta::days(3));
    guess(PASSWORD).problem(429, "login_locked");
    // Sessions of others have ended meanwhile; the security administrator opens the account.
    let mut sec = sec;
    sec.token = None;
    sec.login("sec", PASSWORD);
    let users = sec.get("/api/v1/users").expect(200);
    let li = users["items"].as_array().unwrap().iter().find(|u| u["login"] == "li").unwrap();
    let path = format!("/api/v1/users/{}/reset-password", li["id"].as_str().unwrap());
    let reset = sec.post(&path, &json!({})).expect(200);
    app.login("li", reset["one_time_password"].as_str().unwrap());
});

both!(many_guesses_at_one_moment_count_one_by_one, |app| {
    app.user("li", &[Role::AuditAdmin], None);
    let threads: Vec<_> = (0..24)
        .map(|i| {
            let client = app.anonymous();
            std::thread::spawn(move || {
                let body = json!({ "login": "li", "password": format!("wrong-{i}") });
                client.post("/api/v1/session", &body).status
            })
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    // Five are free, the sixth makes one wait: nothing gets through beside them at this moment.
    assert_eq!(statuses.iter().filter(|s| **s == 401).count(), 6, "{statuses:?}");
    let right = json!({ "login": "li", "password": PASSWORD });
    app.anonymous().post("/api/v1/session", &right).problem(429, "login_locked");
});

both!(a_second_factor_is_set_up_and_asked_for, |app| {
    let mut li = app.user("li", &[Role::AuditAdmin], None);
    let code = |secret: &str, at: i64| {
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(at).unwrap()).to_string()
    };
    li.post("/api/v1/session/totp/confirm", &json!({ "code": "000000" }))
        .problem(409, "no_second_factor_offered");
    li.post("/api/v1/session/totp", &json!({ "password": "x" })).problem(422, "invalid");
    let offer = li.post("/api/v1/session/totp", &json!({ "password": PASSWORD })).expect(200);
    let secret = offer["secret"].as_str().unwrap();
    assert!(offer["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/"), "{offer}");
    li.post("/api/v1/session/totp/confirm", &json!({ "code": "abcdef" })).problem(422, "invalid");
    let now = app.now().timestamp();
    // Another session of the account ends with the confirmation.
    let other = app.login("li", PASSWORD);
    li.post("/api/v1/session/totp/confirm", &json!({ "code": code(secret, now) })).expect(200);
    other.get("/api/v1/session").problem(401, "session_ended");
    li.get("/api/v1/session").expect(200);
    let login = |code: Option<String>| {
        app.anonymous().post("/api/v1/session", &json!({ "login": "li", "password": PASSWORD, "code": code }))
    };
    login(None).problem(401, "totp_required");
    // The code that confirmed does not log in as well.
    login(Some(code(secret, now))).problem(401, "wrong_code");
    app.advance(TimeDelta::seconds(60));
    let fresh = code(secret, app.now().timestamp());
    login(Some(fresh.clone())).expect(200);
    login(Some(fresh)).problem(401, "wrong_code");
    li.post("/api/v1/session/totp", &json!({ "password": PASSWORD })).problem(409, "second_factor_present");
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let path = format!("/api/v1/users/{}/reset-second-factor", li.user.unwrap());
    sec.post(&path, &json!({})).expect(200);
    li.get("/api/v1/session").problem(401, "session_ended");
    sec.post(&path, &json!({})).problem(409, "no_second_factor");
    li.token = None;
    li.login("li", PASSWORD);
});

both!(a_password_under_the_profile, |app| {
    let li = app.user("li", &[Role::AuditAdmin], None);
    let change = |new: &str| li.post("/api/v1/session/password", &json!({ "present": PASSWORD, "new": new }));
    for (new, code) in [
        ("short-pass", "password_too_short"),
        ("aaaaaaaaaaaaaaaaaaaa", "password_repetitive"),
        (PASSWORD, "password_used_before"),
        ("password123456789", "password_common"),
        ("示范县示范县的好密码很长很长很长", "password_has_context_word"),
    ] {
        let body = change(new).problem(422, "invalid");
        let codes: Vec<&str> =
            body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&code), "{new}: {codes:?}");
    }
    // Typed as full-width letters or not, it is one password.
    change("ｃｏｒｒｅｃｔ horse battery staple").expect(200);
    app.login("li", "correct horse battery staple");
});

#[test]
fn some_roles_must_have_a_second_factor() {
    for app in [
        TestApp::sqlite_with("[login]\ntotp_roles = [\"audit_admin\"]\n"),
        TestApp::postgres_with("[login]\ntotp_roles = [\"audit_admin\"]\n"),
    ] {
        let li = app.user("li", &[Role::AuditAdmin], None);
        li.get("/api/v1/users").problem(409, "second_factor_required");
        li.get("/api/v1/session").expect(200);
        app.user("sys", &[Role::SystemAdmin], None).get("/api/v1/users").expect(200);
        let offer = li.post("/api/v1/session/totp", &json!({ "password": PASSWORD })).expect(200);
        let secret = totp_rs::Secret::try_from_base32(offer["secret"].as_str().unwrap()).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let code = totp.generate(u64::try_from(app.now().timestamp()).unwrap()).to_string();
        li.post("/api/v1/session/totp/confirm", &json!({ "code": code })).expect(200);
        li.get("/api/v1/users").expect(200);
    }
}

#[test]
fn under_mlps3_five_failures_lock_and_passwords_age() {
    for app in [
        TestApp::sqlite_with("[login]\npasswords = \"mlps3\"\n"),
        TestApp::postgres_with("[login]\npasswords = \"mlps3\"\n"),
    ] {
        app.user("li", &[Role::AuditAdmin], None);
        let guess = |password: &str| {
            app.anonymous().post("/api/v1/session", &json!({ "login": "li", "password": password }))
        };
        for _ in 0..5 {
            guess("wrong").problem(401, "wrong_credentials");
        }
        guess(PASSWORD).problem(429, "login_locked");
        app.advance(TimeDelta::minutes(15));
        guess(PASSWORD).expect(200);
        app.advance(TimeDelta::days(90));
        let aged = app.login("li", PASSWORD);
        aged.get("/api/v1/users").problem(409, "password_change_required");
        let weak = json!({ "present": PASSWORD, "new": "only-lower-letters" });
        aged.post("/api/v1/session/password", &weak).problem(422, "invalid");
        let strong = json!({ "present": PASSWORD, "new": "Tr0ub4dor&Xylophon" });
        aged.post("/api/v1/session/password", &strong).expect(200);
        aged.get("/api/v1/users").expect(200);
    }
}
