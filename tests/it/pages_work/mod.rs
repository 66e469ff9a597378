//! The work pages over HTTP, on both databases, as the people who use them: at the door, results, replacements, papers,
//! what follows.

mod after;
mod door;
mod findings;
mod letters;
mod said;
mod standing;
mod swaps;
mod walls;

use crate::results::Sent;
use crate::support::TestApp;
use crate::support::browser::Browser;
use onedoor::domain::access::Role;
use serde_json::Value;

/// The officer of an entry of the directory, in a browser; he has an account since his team was asked for.
fn officer(s: &Sent, app: &TestApp, entry: &str) -> Browser {
    let (code, _) = s.county.ids.inspectors.iter().find(|(_, id)| id.to_string() == entry).unwrap();
    let browser = Browser::new(app);
    browser.login(&format!("p-{code}").to_lowercase());
    browser
}

/// Somebody at a desk of a department, in a browser.
fn desk(s: &Sent, app: &TestApp, department: &str, role: Role) -> Browser {
    s.desk(app, department, role);
    let browser = Browser::new(app);
    browser.login(&format!("{}-{department}", role.as_str()).to_lowercase());
    browser
}

/// A clerk of a department that has nothing to do with any of it.
fn stranger(app: &TestApp) -> Browser {
    let key = onedoor::service::login::login_key("stranger");
    if app.server.store.read(|db| onedoor::store::accounts::by_login(db, &key)).unwrap().is_none() {
        let other = app.department("QT", "气象局", "inspecting");
        app.user("stranger", &[Role::DepartmentClerk, Role::DepartmentHead], Some(other));
    }
    let browser = Browser::new(app);
    browser.login("stranger");
    browser
}

fn page(visit: &Value) -> String {
    format!("/visits/{}", crate::results::text(&visit["id"]))
}

/// A form without its token does nothing.
#[track_caller]
fn guarded(browser: &Browser, path: &str) {
    let fields = [("csrf".to_owned(), "00".to_owned())];
    let answer = browser.post_as(path, &fields);
    assert_eq!(answer.status, 403, "{path}: {}", answer.text());
}
