//! An unannounced visit is told nowhere to those who may not know: every reading route of the API and of the pages, as
//! everybody who is outside, before and after the teams are sent out; and every mail.

use crate::planning::fixture::{County, small_committed};
use crate::support::browser::Browser;
use crate::support::{Client, PASSWORD, TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use onedoor::web::router::Entry;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Cursor, Read};

/// Routes that show the directory of subjects, whoever is inspected: names and numbers there tell nothing of a visit.
const DIRECTORY: [&str; 9] = [
    "/api/v1/subjects",
    "/api/v1/subjects/{id}",
    "/api/v1/subjects/{id}/sites",
    "/api/v1/exports",
    "/exports",
    "/search",
    "/subjects",
    "/subjects/{id}",
    "/subjects/{id}/edit",
];

/// What must be found nowhere.
struct Secret {
    /// What tells of the visits, also beside the directory.
    visits: Vec<String>,
    /// What tells of the subjects.
    subjects: Vec<String>,
}

impl Secret {
    fn of(app: &TestApp, county: &County, visits: &[Value]) -> Self {
        let mut all = Self { visits: Vec::new(), subjects: Vec::new() };
        for visit in visits {
            let id = visit["id"].as_str().unwrap().to_owned();
            let given: Id = id.parse().unwrap();
            all.visits.push(id);
            let conduct =
                app.server.store.read(|db| onedoor::store::results::conducts::get(db, given)).unwrap();
            all.visits.extend(conduct.map(|c| c.code));
            for task in visit["tasks"].as_array().unwrap() {
                all.visits.push(task["id"].as_str().unwrap().to_owned());
                all.visits.push(task["code"].as_str().unwrap().to_owned());
            }
        }
        for subject in &county.input.subjects {
            all.subjects.extend([subject.name.clone(), subject.key.clone(), subject.address.clone()]);
            all.subjects.push(county.ids.subjects[&subject.key].to_string());
        }
        all
    }

    /// The first of them that a text holds.
    fn found<'a>(&'a self, text: &str, directory: bool) -> Option<&'a str> {
        let subjects = self.subjects.iter().filter(|_| !directory);
        self.visits.iter().chain(subjects).find(|word| text.contains(word.as_str())).map(String::as_str)
    }
}

/// Everything in a file that can be read, the parts of a packed one too.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if bytes.starts_with(b"PK")
        && let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes))
    {
        for i in 0..archive.len() {
            let mut part = Vec::new();
            let mut file = archive.by_index(i).unwrap();
            text.push_str(&file.name().unwrap());
            file.read_to_end(&mut part).unwrap();
            text.push_str(&String::from_utf8_lossy(&part));
        }
    }
    text
}

/// What stands where a route has a parameter.
struct Known {
    visit: String,
    inspection: Id,
    planning: String,
    draw: String,
    task: String,
    subject: Id,
    department: Id,
    item: Id,
    inspector: Id,
    user: Id,
    events: Vec<Id>,
}

impl Known {
    /// The addresses of a route to look at.
    fn paths(&self, entry: &Entry) -> Vec<String> {
        let thing = |word: &str| match word {
            "inspections" => self.inspection.to_string(),
            "plannings" => self.planning.clone(),
            "draws" => self.draw.clone(),
            "tasks" => self.task.clone(),
            "subjects" => self.subject.to_string(),
            "departments" => self.department.to_string(),
            "items" => self.item.to_string(),
            "inspectors" => self.inspector.to_string(),
            "users" => self.user.to_string(),
            "journal" => self.events[0].to_string(),
            _ => self.visit.clone(),
        };
        let papers: &[&str] = if entry.path.contains("/inspections/") {
            &["draw-record", "joint-summary", "dispatch-slip", "notice", "visit-form"]
        } else {
            &["dispatch-slip", "notice", "visit-form"]
        };
        let mut list = vec![String::new()];
        let mut last = "";
        for part in entry.path.split('/').skip(1) {
            let words: Vec<String> = match part {
                "{id}" | "{token}" => vec![thing(last)],
                "{department}" => vec![self.department.to_string()],
                "{year}" => vec!["2026".to_owned()],
                "{kind}" => vec!["result".to_owned()],
                "{lang}" => vec!["en".to_owned()],
                "{table}" => ["results", "work", "plans", "inspectors"].map(str::to_owned).to_vec(),
                "{paper}" => papers.iter().map(|p| (*p).to_owned()).collect(),
                word => vec![word.to_owned()],
            };
            list = list.iter().flat_map(|l| words.iter().map(move |w| format!("{l}/{w}"))).collect();
            last = part;
        }
        let year = "from=2026-01-01&to=2026-12-31";
        let more: Vec<String> = match entry.path {
            "/api/v1/calendar" | "/api/v1/recognitions/avoided" => vec![year.to_owned()],
            "/api/v1/caps" => {
                vec![
                    format!("year=2026&subject_id={}", self.subject),
                    format!("department_id={}", self.department),
                ]
            }
            "/api/v1/calendar.ics" | "/papers/calendar.ics" => {
                vec![String::new(), format!("department_id={}", self.department)]
            }
            "/api/v1/exports/publications" => vec!["format=csv".to_owned(), "format=json".to_owned()],
            "/api/v1/exports" | "/exports" => ["inspectors", "plans", "recusals", "items", "subjects"]
                .map(|kind| format!("kind={kind}"))
                .to_vec(),
            "/api/v1/overlap" | "/overlap" => vec!["year=2026".to_owned()],
            "/api/v1/journal/proof/consistency" => vec!["from=1".to_owned()],
            "/api/v1/journal/proof/inclusion" => self.events.iter().map(|e| format!("event={e}")).collect(),
            "/search" => vec!["q=饭店".to_owned()],
            path if path.contains("statistics") || path.contains("figures") => {
                vec![year.to_owned()]
            }
            _ => vec![String::new()],
        };
        let ask = |path: &String, query: &String| {
            if query.is_empty() {
                path.clone()
            } else {
                format!("{path}?{}", query.replace("饭店", "%E9%A5%AD%E5%BA%97"))
            }
        };
        list.iter().flat_map(|path| more.iter().map(|query| ask(path, query)).collect::<Vec<_>>()).collect()
    }
}

/// Somebody at the API and with a browser.
struct Person {
    who: &'static str,
    client: Client,
    browser: Browser,
}

impl Person {
    fn of(app: &TestApp, who: &'static str, login: &str) -> Self {
        let browser = Browser::new(app);
        browser.login(login);
        Self { who, client: app.login(login, PASSWORD), browser }
    }

    /// Where he finds a secret: (address, what he finds).
    fn crawl(&self, app: &TestApp, known: &Known, secret: &Secret) -> Vec<(String, String)> {
        let mut leaks = Vec::new();
        for entry in app.server.router.entries.iter().filter(|e| e.method == "GET") {
            for path in known.paths(entry) {
                let answer =
                    if entry.page.is_some() { self.browser.get(&path) } else { self.client.get(&path) };
                assert!(answer.status < 500, "{} {path}: {}", self.who, answer.text());
                let mut text = readable(&answer.bytes);
                for (name, value) in &answer.headers {
                    // Where a link leads back to is what was asked for.
                    if name != "location" {
                        text.push_str(value);
                    }
                }
                // What was asked for may be said back.
                let mut asked = path.clone();
                for word in secret.visits.iter().chain(&secret.subjects) {
                    if asked.contains(word.as_str()) {
                        text = text.replace(word.as_str(), "");
                        asked = asked.replace(word.as_str(), "");
                    }
                }
                if let Some(word) = secret.found(&text, DIRECTORY.contains(&entry.path)) {
                    leaks.push((
                        format!("{} {} {path} ({})", self.who, entry.path, answer.status),
                        word.to_owned(),
                    ));
                }
            }
        }
        leaks
    }
}

fn mails_name_nobody(app: &TestApp, secret: &Secret) -> usize {
    let later = app.now() + TimeDelta::days(30);
    let mails = app.server.store.read(|db| onedoor::store::outbox::due(db, later, 1_000)).unwrap();
    for mail in &mails {
        for word in &secret.subjects {
            assert!(!mail.subject.contains(word) && !mail.body.contains(word), "{}: {word}", mail.kind);
        }
    }
    mails.len()
}

both!(nobody_outside_learns_of_an_unannounced_visit_from_any_place, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Unannounced);
    let visits = county.visits(&planning);
    let (sj, strange) = (county.ids.departments["SJ"], app.department("WH", "示范县文旅局", "inspecting"));
    // The clerk of a participating department sees them, and so the crawl finds something where there is something.
    let insider = county.clerk(app, "SJ");
    for (login, role, department) in [
        ("wh-clerk", Role::DepartmentClerk, Some(strange)),
        ("wh-legal", Role::LegalReviewer, Some(strange)),
        ("wh-head", Role::DepartmentHead, Some(strange)),
        ("witness", Role::Witness, None),
        ("system", Role::SystemAdmin, None),
        ("security", Role::SecurityAdmin, None),
        ("audit", Role::AuditAdmin, None),
    ] {
        app.user(login, &[role], department);
    }
    // An officer of a participating department who is on the team of the first visit, and one who is on none of them.
    let mut seated: BTreeSet<String> = BTreeSet::new();
    for visit in &visits {
        let seats = visit["seats"].as_array().unwrap();
        seated.extend(seats.iter().map(|s| s["code"].as_str().unwrap().to_owned()));
    }
    let on = visits[0]["seats"][0]["code"].as_str().unwrap().to_owned();
    let off = county.input.inspectors.iter().map(|p| p.id.clone()).find(|code| !seated.contains(code));
    county.inspector(app, &on);
    let login_of = |code: &str| format!("p-{code}").to_lowercase();
    if let Some(off) = &off {
        county.inspector(app, off);
    }
    let outside = app.inspector_user("wh-officer", &[Role::Inspector], Some(strange), Some(app.id()));
    assert!(outside.token.is_some());
    let anonymous = Person { who: "anonymous", client: app.anonymous(), browser: Browser::new(app) };

    let region = app.server.rules.region.code.clone();
    let events = || -> Vec<Id> {
        let filter = onedoor::store::journal::Filter::default();
        let rows =
            app.server.store.read(|db| onedoor::store::journal::list(db, &region, &filter, 12)).unwrap();
        rows.iter().map(|e| e.id).collect()
    };
    let draw = app.anonymous().get("/api/v1/public/draws").expect(200);
    let key = visits[0]["subject"]["key"].as_str().unwrap();
    let mut known = Known {
        visit: visits[0]["id"].as_str().unwrap().to_owned(),
        inspection,
        planning: planning.clone(),
        draw: draw["items"][0]["id"].as_str().unwrap().to_owned(),
        task: visits[0]["tasks"][0]["id"].as_str().unwrap().to_owned(),
        subject: county.ids.subjects[key],
        department: sj,
        item: county.ids.items[&("SJ".to_owned(), "SJ-1".to_owned())],
        inspector: county.ids.inspectors[&on],
        user: insider.user.unwrap(),
        events: events(),
    };
    let seal = || {
        app.advance(TimeDelta::seconds(11));
        onedoor::worker::Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap();
    };
    seal();

    // Planned, and nobody sent out: not even those who will go know.
    let secret = Secret::of(app, &county, &visits);
    let team = Person::of(app, "officer of the team", &login_of(&on));
    let clerk = Person::of(app, "clerk outside", "wh-clerk");
    for person in [&anonymous, &clerk, &team] {
        let leaks = person.crawl(app, &known, &secret);
        assert!(leaks.is_empty(), "before the dispatch: {leaks:#?}");
    }

    // Sent out, days ahead.
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    seal();
    known.events = events();
    app.advance(TimeDelta::hours(9));
    app.server.as_system(onedoor::service::papers::digest::tick).unwrap();
    app.server.as_system(onedoor::service::invitations::tick).unwrap();
    app.server.as_system(onedoor::service::results::publications::tick).unwrap();
    app.server.as_system(onedoor::service::follow_up::tick).unwrap();
    let secret = Secret::of(app, &county, &visits);
    assert!(mails_name_nobody(app, &secret) > 0);
    // Logged in anew: hours have passed.
    let mut people = vec![
        anonymous,
        Person::of(app, "clerk outside", "wh-clerk"),
        Person::of(app, "legal outside", "wh-legal"),
        Person::of(app, "head outside", "wh-head"),
        Person::of(app, "officer outside", "wh-officer"),
        Person::of(app, "witness", "witness"),
        Person::of(app, "system administrator", "system"),
        Person::of(app, "security administrator", "security"),
    ];
    if let Some(off) = &off {
        people.push(Person::of(app, "officer who stays", &login_of(off)));
    }
    for person in &people {
        let leaks = person.crawl(app, &known, &secret);
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
    // The auditor reads the journal, which names things by their numbers and no subject by its name.
    let audit = Person::of(app, "audit administrator", "audit");
    let named: Vec<_> = audit
        .crawl(app, &known, &secret)
        .into_iter()
        .filter(|(place, word)| !place.contains("/api/v1/journal") || secret.subjects.contains(word))
        .collect();
    assert!(named.is_empty(), "{named:#?}");
    // The same look finds them in many places with somebody who takes part.
    let inside = Person::of(app, "clerk who takes part", "clerk-sj");
    let places: BTreeSet<String> =
        inside.crawl(app, &known, &secret).into_iter().map(|(place, _)| place).collect();
    assert!(places.iter().any(|p| p.contains(" /visits/{id} ")), "{places:#?}");
    assert!(places.iter().any(|p| p.contains(" /api/v1/tasks ")), "{places:#?}");
    assert!(places.len() > 10, "{places:#?}");
});
