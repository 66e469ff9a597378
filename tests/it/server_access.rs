//! Who may use which route: every route for every role, against a committed table, and at the door of a real server.

use crate::support::browser::{Browser, hidden};
use crate::support::{Client, TestApp, both};
use onedoor::domain::access::{Actor, Role, Scope, Verdict, may, may_ever};
use onedoor::ids::Id;
use onedoor::web::router::{Allow, Entry};
use std::fmt::Write;

const TABLE: &str = include_str!("access_table.txt");

fn id(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(n))
}

fn holder(role: Role) -> Actor {
    Actor {
        user: Some(id(1)),
        region: "350403".to_owned(),
        department: Some(id(2)),
        inspector: Some(id(3)),
        roles: [role].into_iter().collect(),
        ..Actor::anonymous()
    }
}

/// For a role four letters: to a thing of his own department, of one it takes part in, one he is assigned to, another.
/// `+` allowed, `-` refused (403), `.` hidden (404).
fn letters(role: Role, entry: &Entry) -> String {
    let Allow::Action(action) = entry.allow else { return "++++".to_owned() };
    let actor = holder(role);
    let (mine, me) = ([id(2)], [id(1)]);
    let other = Scope { region: "350403", owner: Some(id(9)), participants: &[], assigned: &[] };
    let scopes = [
        Scope { owner: Some(id(2)), ..other },
        Scope { participants: &mine, ..other },
        Scope { assigned: &me, ..other },
        other,
    ];
    scopes
        .iter()
        .map(|scope| match may(&actor, action, scope) {
            Verdict::Allowed => '+',
            Verdict::Denied => '-',
            Verdict::Hidden => '.',
        })
        .collect()
}

fn table(entries: &[Entry]) -> String {
    let mut out = String::from(
        "# Who may use which route. For each role: own department, participant, assigned, other.\n\
         # + allowed, - refused (403), . hidden (404); anonymous: 401, or + where the route is public.\n\
         # Compared by tests/it/server_access.rs, which writes the present table beside its other results.\n",
    );
    let mut lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let anonymous = if entry.allow == Allow::Public { "+" } else { "401" };
            let mut line =
                format!("{} {} {} anonymous={anonymous}", entry.path, entry.method, entry.allow.word());
            for role in Role::ALL {
                let _ = write!(line, " {}={}", role.as_str(), letters(role, entry));
            }
            line
        })
        .collect();
    lines.sort();
    out.push_str(&lines.join("\n"));
    out.push('\n');
    out
}

#[test]
fn the_access_table_is_the_committed_one() {
    let now = table(&onedoor::web::routes().entries);
    let path = format!("{}/access_table.txt", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, &now).unwrap();
    let (known, present): (Vec<&str>, Vec<&str>) = (TABLE.lines().collect(), now.lines().collect());
    let gone: Vec<&&str> = known.iter().filter(|l| !present.contains(l)).collect();
    let new: Vec<&&str> = present.iter().filter(|l| !known.contains(l)).collect();
    assert!(
        TABLE == now,
        "rights changed; when that is meant, copy {path} over tests/it/access_table.txt\ngone: {gone:#?}\nnew: {new:#?}"
    );
}

#[test]
fn no_role_may_do_everything_and_none_nothing() {
    let routes = onedoor::web::routes();
    for role in Role::ALL {
        let closed = |e: &&Entry| matches!(e.allow, Allow::Action(a) if !may_ever(&holder(role), a));
        let n = routes.entries.iter().filter(closed).count();
        assert!(n > 0 && n < routes.entries.len(), "{}: {n} closed", role.as_str());
    }
}

fn personas(app: &TestApp) -> Vec<(Role, Client)> {
    let inspecting = app.department("A01", "市场监管局", "inspecting");
    let office = app.department("Z01", "协调办", "coordination");
    let oversight = app.department("Z02", "司法局监督科", "oversight");
    Role::ALL
        .into_iter()
        .map(|role| {
            let (department, inspector) = match role {
                Role::Coordinator => (Some(office), None),
                Role::Overseer => (Some(oversight), None),
                Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => (None, None),
                Role::Inspector => (Some(inspecting), Some(app.id())),
                _ => (Some(inspecting), None),
            };
            (role, app.inspector_user(role.as_str(), &[role], department, inspector))
        })
        .collect()
}

/// A request that no route accepts, so that none does anything: what is answered is who may knock.
fn knock(client: &Client, entry: &Entry) -> u16 {
    let mut path = String::new();
    for part in entry.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') { "0199aaaa-0000-7000-8000-000000000000" } else { part });
    }
    match entry.method {
        "GET" => client.get(&path).status,
        method => {
            client.send(method, &path, Some("application/json"), b"{\"no such field\":1}".to_vec()).status
        }
    }
}

/// The same with a browser: whoever is led to the login is not let in, a form of ours that says nothing known does nothing.
fn knock_with(browser: &Browser, token: &str, entry: &Entry) -> u16 {
    let mut path = String::new();
    for part in entry.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') { "0199aaaa-0000-7000-8000-000000000000" } else { part });
    }
    let answer = if entry.method == "GET" {
        browser.get(&path)
    } else {
        let fields = [("csrf", token), ("no such field", "1")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        browser.post_as(&path, &fields)
    };
    match answer.header("location") {
        Some(to) if to.starts_with("/login") => 401,
        _ => answer.status,
    }
}

both!(every_page_has_a_door, |app| {
    let token = |browser: &Browser, page: &str| hidden(&browser.get(page).text(), "csrf");
    let anonymous = Browser::new(app);
    let before = token(&anonymous, "/login");
    let people: Vec<(Role, Browser, String)> = personas(app)
        .into_iter()
        .map(|(role, _)| {
            let browser = Browser::new(app);
            browser.login(role.as_str());
            let token = token(&browser, "/account");
            (role, browser, token)
        })
        .collect();
    let mut wrong = Vec::new();
    for entry in app.server.router.entries.iter().filter(|e| e.page.is_some()) {
        let action = match entry.allow {
            Allow::Public => None,
            Allow::Action(action) => Some(action),
        };
        let status = knock_with(&anonymous, &before, entry);
        if (status == 401) != action.is_some() || status >= 500 {
            wrong.push(format!("{entry:?} anonymous: {status}"));
        }
        for (role, browser, token) in &people {
            let status = knock_with(browser, token, entry);
            let open = action.is_none_or(|a| may_ever(&holder(*role), a));
            let everywhere = letters(*role, entry) == "++++";
            let good = match status {
                500.. | 401 => false,
                403 => !open || !everywhere,
                _ => open,
            };
            if !good {
                wrong.push(format!("{entry:?} {}: {status}", role.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

both!(every_route_has_a_door, |app| {
    let personas = personas(app);
    let anonymous = app.anonymous();
    let mut wrong = Vec::new();
    for entry in app.server.router.entries.iter().filter(|e| e.page.is_none()) {
        let action = match entry.allow {
            Allow::Public => None,
            Allow::Action(action) => Some(action),
        };
        let status = knock(&anonymous, entry);
        if (status == 401) != action.is_some() && status != 401 || status >= 500 {
            wrong.push(format!("{entry:?} anonymous: {status}"));
        }
        for (role, client) in &personas {
            let status = knock(client, entry);
            let open = action.is_none_or(|a| may_ever(&holder(*role), a));
            // Behind an open door a list of one's own department may still refuse those who have none.
            let everywhere = letters(*role, entry) == "++++";
            let good = match status {
                500.. | 401 => entry.allow == Allow::Public && status == 401,
                403 => !open || !everywhere,
                _ => open,
            };
            if !good {
                wrong.push(format!("{entry:?} {}: {status}", role.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

// Who may not use a route does not learn first what is wrong with his headers.
both!(rights_come_before_the_faults_of_headers, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let audit = app.user("audit", &[Role::AuditAdmin], None);
    let body = serde_json::json!({ "login": "x", "name": "x" });
    for (name, value) in [("If-Match", "never"), ("Idempotency-Key", "two words")] {
        app.anonymous().with(name, value).post("/api/v1/users", &body).problem(401, "login_required");
        audit.with(name, value).post("/api/v1/users", &body).problem(403, "denied");
        sys.with(name, value).post("/api/v1/users", &body).problem(422, "invalid");
    }
});

// The user of a forged or foreign identifier learns no more than that it is not there.
both!(a_thing_of_another_county_is_not_there, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let made = sys.post("/api/v1/users", &serde_json::json!({ "login": "x", "name": "x" }));
    let path = format!("/api/v1/users/{}", made.id());
    sys.get(&path).expect(200);
    let user: Id = made.id().parse().unwrap();
    app.server
        .store
        .write(move |db| {
            let now = chrono::DateTime::UNIX_EPOCH;
            onedoor::store::departments::ensure_region(db, "110000", "别县", "CN-110000", now)?;
            let mut account = onedoor::store::accounts::get(db, user)?.unwrap();
            account.region = "110000".to_owned();
            onedoor::store::accounts::update(db, &account, account.version)
        })
        .unwrap();
    sys.get(&path).problem(404, "not_found");
    let list = sys.get("/api/v1/users?limit=200").expect(200);
    assert!(list["items"].as_array().unwrap().iter().all(|u| u["login"] != "x"));
});
