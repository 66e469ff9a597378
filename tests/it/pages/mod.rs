//! The pages over HTTP, on both databases: sessions, forms, languages, what waits for whom, what the public sees.

mod joint;
mod portal;

use crate::support::browser::{Browser, hidden};
use crate::support::{PASSWORD, both};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use serde_json::json;

both!(one_logs_in_and_out, |app| {
    app.user("clerk", &[Role::DepartmentClerk], Some(app.department("A01", "市场监管局", "inspecting")));
    let browser = Browser::new(app);
    let first = browser.get("/account");
    assert_eq!(browser.done(&first), "/login?next=/account");
    let wrong = browser.post("/login", "/login", &[("login", "clerk"), ("password", "wrong")]);
    assert_eq!(wrong.status, 401);
    let text = wrong.text();
    assert!(text.contains("登录名或密码不正确") && text.contains("value=\"clerk\""), "{text}");
    assert!(text.contains("<title>错误：") && !text.contains("wrong\""), "{text}");
    let entered = browser.post(
        "/login?next=/account",
        "/login?next=/account",
        &[("login", "clerk"), ("password", PASSWORD)],
    );
    let account = browser.follow(&entered);
    assert!(account.text().contains("clerk先生") && account.text().contains("市场监管局"));
    assert_eq!(account.header("cache-control"), Some("no-store"));
    // The session is one of those the API lists and ends.
    let api = app.login("clerk", PASSWORD);
    let sessions = api.get("/api/v1/sessions").expect(200);
    assert_eq!(sessions["items"].as_array().unwrap().len(), 3);
    let out = browser.post("/account", "/logout", &[]);
    assert_eq!(browser.done(&out), "/login");
    assert!(browser.get("/login").text().contains("已退出"));
    assert_eq!(browser.get("/account").status, 303);
});

both!(a_cookie_opens_pages_only_and_a_token_the_api_only, |app| {
    let api = app.user("clerk", &[], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    assert_eq!(browser.get("/account").status, 200);
    assert_eq!(browser.get("/api/v1/session").status, 401);
    assert_eq!(api.get("/account").status, 303);
    // What a browser holds is no refresh token.
    let cookies = browser.cookies.borrow();
    let cookie = cookies["onedoor"].split('.').next().unwrap();
    for token in [cookie.to_owned(), format!("browser:{cookie}")] {
        let body = json!({ "refresh_token": token });
        app.anonymous().post("/api/v1/session/refresh", &body).problem(401, "session_ended");
    }
});

both!(a_session_ends_at_once_wherever_it_is_ended, |app| {
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let clerk = app.user("clerk", &[], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    let stale = browser.cookies.borrow().clone();
    clerk.post("/api/v1/session/logout", &json!({ "everywhere": true })).expect(200);
    assert_eq!(browser.get("/account").status, 303);
    *browser.cookies.borrow_mut() = stale;
    assert_eq!(browser.done(&browser.get("/account")), "/login?next=/account");
    browser.login("clerk");
    assert_eq!(browser.get("/account").status, 200);
    let user = clerk.user.unwrap();
    let version = sec.get(&format!("/api/v1/users/{user}")).expect(200)["version"].as_i64().unwrap();
    sec.if_match(version).post(&format!("/api/v1/users/{user}/disable"), &json!({})).expect(200);
    assert_eq!(browser.get("/account").status, 303);
});

both!(a_session_that_is_not_used_ends, |app| {
    app.user("clerk", &[], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    let idle = app.server.rules.login.idle_s;
    // Used now and then it lives on …
    for _ in 0..3 {
        app.advance(TimeDelta::seconds(idle - 60));
        assert_eq!(browser.get("/account").status, 200);
    }
    // … until it is left alone, or the day is over.
    let kept = browser.cookies.borrow().clone();
    app.advance(TimeDelta::seconds(idle + 1));
    assert_eq!(browser.get("/account").status, 303);
    *browser.cookies.borrow_mut() = kept;
    assert_eq!(browser.get("/account").status, 303);
});

both!(forms_of_others_do_nothing, |app| {
    app.user("clerk", &[], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    let page = browser.get("/account/password").text();
    let (csrf, once) = (hidden(&page, "csrf"), hidden(&page, "once"));
    let fields = |csrf: &str| {
        [("csrf", csrf), ("once", &once), ("present", PASSWORD), ("new", "a new sentence to remember 7")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec()
    };
    let path = "/account/password";
    // Without a token, with another's, with one of a page before the login.
    let other = Browser::new(app);
    let before = hidden(&other.get("/login").text(), "csrf");
    for wrong in ["", "00", &before, &csrf[2..]] {
        let answer = browser.post_as(path, &fields(wrong));
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(answer.text().contains("页面已过期"), "{}", answer.text());
    }
    // From elsewhere.
    let form = |origin: &str| {
        let body = format!("csrf={csrf}&present=x&new=y");
        browser.with("Origin", origin).send_raw(path, "application/x-www-form-urlencoded", &body).status
    };
    for origin in ["https://evil.example", "null"] {
        assert_eq!(form(origin), 403, "{origin}");
    }
    let body = format!("csrf={csrf}&present=x&new=y");
    let sent = browser.with("Sec-Fetch-Site", "cross-site");
    assert_eq!(sent.send_raw(path, "application/x-www-form-urlencoded", &body).status, 403);
    // As something else than a form.
    assert_eq!(browser.send_raw(path, "application/json", "{}").status, 415);
    assert_eq!(browser.send_raw(path, "text/plain", &body).status, 415);
    // The login form is defended too: a token needs its own cookie.
    let stranger = Browser::new(app);
    let fields = [("csrf", before.as_str()), ("login", "clerk"), ("password", PASSWORD)];
    let fields = fields.map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(stranger.post_as("/login", &fields).status, 403);
    assert_eq!(other.post_as("/login", &fields).status, 303);
    // Nothing was changed by any of it.
    assert_eq!(browser.get("/account").status, 200);
    app.login("clerk", PASSWORD);
});

both!(the_password_is_changed_and_faults_stand_at_their_fields, |app| {
    app.user("clerk", &[], None);
    let (browser, elsewhere) = (Browser::new(app), Browser::new(app));
    browser.login("clerk");
    elsewhere.login("clerk");
    let path = "/account/password";
    let wrong = browser.post(path, path, &[("present", PASSWORD), ("new", "short")]);
    assert_eq!(wrong.status, 422);
    let text = wrong.text();
    assert!(text.contains("<a href=\"#new\">") && text.contains("id=\"new-fault\""), "{text}");
    assert!(!text.contains("short"), "a password is never shown again: {text}");
    let wrong = browser.post(path, path, &[("present", "no"), ("new", "short")]).text();
    assert!(wrong.contains("#present") && wrong.contains("#new"), "{wrong}");
    let new = "a new sentence to remember 7";
    let done = browser.post(path, path, &[("present", PASSWORD), ("new", new)]);
    assert!(browser.follow(&done).text().contains("密码已修改"));
    // What was said is said once.
    assert!(!browser.get("/account").text().contains("密码已修改"));
    assert_eq!(elsewhere.get("/account").status, 303);
    app.login("clerk", new);
});

both!(pages_speak_two_languages, |app| {
    app.user("clerk", &[Role::Coordinator], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    assert!(browser.get("/account").text().contains("<html lang=\"zh-CN\""));
    let switched = browser.get("/language/en?next=/account");
    assert_eq!(browser.done(&switched), "/account");
    let text = browser.get("/account").text();
    assert!(
        text.contains("<html lang=\"en\"")
            && text.contains("My account")
            && text.contains("Coordination office")
    );
    let wrong = browser.post("/account/password", "/account/password", &[("present", PASSWORD), ("new", "")]);
    assert!(wrong.text().contains("<title>Error: "), "{}", wrong.text());
    assert_eq!(browser.get("/language/xx").status, 404);
    for foreign in ["https://evil.example", "//evil.example", "/%0d%0aSet-Cookie:x=1"] {
        assert_eq!(browser.done(&browser.get(&format!("/language/zh-CN?next={foreign}"))), "/");
    }
});

both!(what_is_missing_is_a_page_for_people_and_a_document_for_programs, |app| {
    app.user("clerk", &[], None);
    let browser = Browser::new(app);
    for path in ["/nothing", "/public/nothing", "/account/x/y"] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("没有找到这个页面"), "{path}: {}", answer.text());
    }
    app.anonymous().get("/nothing").problem(404, "not_found");
    browser.get("/api/v1/nothing").problem(404, "not_found");
    // An address that only takes forms.
    let answer = browser.get("/logout");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert!(answer.text().contains("没有找到这个页面"));
    // Whoever is logged in keeps his way on.
    browser.login("clerk");
    assert!(browser.get("/nothing").text().contains("href=\"/account\""));
});

both!(pages_carry_their_guards, |app| {
    let browser = Browser::new(app);
    let page = browser.get("/login");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let text = page.text();
    let css =
        text.split("href=\"").find(|part| part.starts_with("/assets/app.") && part.contains(".css")).unwrap();
    let css = css.split('"').next().unwrap();
    let style = browser.get(css);
    assert_eq!(style.status, 200);
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let etag = style.header("etag").unwrap();
    assert_eq!(browser.with("If-None-Match", etag).get(css).status, 304);
    assert_eq!(browser.get("/assets/app.000000000000.css").status, 404);
});

both!(the_second_factor_is_set_up_in_the_browser, |app| {
    app.user("clerk", &[], None);
    let browser = Browser::new(app);
    browser.login("clerk");
    let path = "/account/second-factor";
    let wrong = browser.post(path, path, &[("password", "no")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("#password"));
    let offered = browser.post(path, path, &[("password", PASSWORD)]);
    assert_eq!(offered.status, 200);
    let text = offered.text();
    assert!(text.contains("<svg") && text.contains("class=\"secret\""), "{text}");
    let secret: String =
        text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let confirm = format!("{path}/confirm");
    let wrong = browser.post(path, &confirm, &[("code", "000000")]);
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let code = |at: i64| {
        let secret = totp_rs::Secret::try_from_base32(&secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(at).unwrap())
    };
    let done = browser.post(path, &confirm, &[("code", &code(app.now().timestamp()).to_string())]);
    assert!(browser.follow(&done).text().contains("动态验证码已启用"));
    // From now on the login asks for it.
    let again = Browser::new(app);
    let asked = again.post("/login", "/login", &[("login", "clerk"), ("password", PASSWORD)]);
    assert_eq!(asked.status, 401);
    assert!(asked.text().contains("请输入动态验证码"));
    app.advance(TimeDelta::seconds(60));
    let code = code(app.now().timestamp()).to_string();
    let fields = [("login", "clerk"), ("password", PASSWORD), ("code", &code)];
    assert_eq!(again.post("/login", "/login", &fields).status, 303);
});

both!(whoever_must_change_his_password_is_led_there, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let made = sys.post("/api/v1/users", &json!({ "login": "new", "name": "新人" })).expect(201);
    let one_time = made["one_time_password"].as_str().unwrap();
    let browser = Browser::new(app);
    let entered = browser.post("/login", "/login", &[("login", "new"), ("password", one_time)]);
    assert_eq!(browser.done(&entered), "/account/password");
    assert!(browser.get("/account/password").text().contains("请先修改密码"));
});
