//! What whoever reads the database without the server's keys must not learn: second factors, the cards of witnesses.

use crate::support::{Client, PASSWORD, TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::ids::Id;
use onedoor::store::accounts;
use serde_json::json;

fn code(secret: &str, app: &TestApp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(app.now().timestamp()).unwrap()).to_string()
}

/// Sets a second factor up; answers its secret.
fn with_factor(app: &TestApp, person: &Client) -> String {
    let offer = person.post("/api/v1/session/totp", &json!({ "password": PASSWORD })).expect(200);
    let secret = offer["secret"].as_str().unwrap().to_owned();
    let body = json!({ "code": code(&secret, app) });
    person.post("/api/v1/session/totp/confirm", &body).expect(200);
    secret
}

fn stored(app: &TestApp, user: Id) -> String {
    app.server.store.read(|db| accounts::get(db, user)).unwrap().unwrap().totp_secret.unwrap()
}

fn store(app: &TestApp, user: Id, text: &str) {
    let text = text.to_owned();
    app.server
        .store
        .write(move |db| {
            let mut row = accounts::get(db, user)?.unwrap();
            let seen = row.version;
            row.totp_secret = Some(text.clone());
            row.version += 1;
            accounts::update(db, &row, seen)
        })
        .unwrap();
}

both!(a_second_factor_is_unreadable_in_the_database_and_of_no_use_to_another_account, |app| {
    let (li, wang) =
        (app.user("li", &[Role::AuditAdmin], None), app.user("wang", &[Role::SystemAdmin], None));
    let (of_li, of_wang) = (with_factor(app, &li), with_factor(app, &wang));
    let (id, other) = (li.user.unwrap(), wang.user.unwrap());
    let kept = stored(app, id);
    let bare = totp_rs::Secret::try_from_base32(&of_li).unwrap();
    let bare = hex::encode(bare.as_bytes());
    assert!(
        !kept.contains(&of_li) && !kept.contains(&bare) && !kept.contains(&hex::encode(&of_li)),
        "{kept}"
    );
    assert!(kept.starts_with("01"), "the version comes first: {kept}");
    let login = |name: &str, secret: &str| {
        let body = json!({ "login": name, "password": PASSWORD, "code": code(secret, app) });
        app.anonymous().post("/api/v1/session", &body)
    };
    app.advance(TimeDelta::seconds(60));
    login("li", &of_li).expect(200);

    // Whoever can write into the database gives somebody his own second factor: it opens nothing, and nothing is changed.
    app.advance(TimeDelta::seconds(60));
    let stolen = stored(app, other);
    store(app, id, &stolen);
    for secret in [&of_wang, &of_li] {
        login("li", secret).problem(401, "second_factor_unreadable");
    }
    assert_eq!(stored(app, id), stolen);
    // A secret in clear is none.
    store(app, id, &of_wang);
    login("li", &of_wang).problem(401, "second_factor_unreadable");
    // With what belongs there it works again; and the security administrator can take it away.
    store(app, id, &kept);
    login("li", &of_li).expect(200);
    store(app, id, "00");
    let security = app.user("sec", &[Role::SecurityAdmin], None);
    security.post(&format!("/api/v1/users/{id}/reset-second-factor"), &json!({})).expect(200);
    app.login("li", PASSWORD);
});
