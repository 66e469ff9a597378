//! Two servers on one PostgreSQL live through the same weeks, every job of the clock on both at the same moment: nothing is
//! done twice.

use crate::planning::fixture::{day, travel};
use crate::results::{sent, text};
use crate::support::TestApp;
use chrono::{Days, TimeDelta};
use onedoor::domain::access::Role;
use onedoor::domain::draw::note::VerifierKey;
use onedoor::entropy::Entropy;
use onedoor::mail::Mailer;
use onedoor::service::oversight::cards;
use onedoor::service::results::publications;
use onedoor::service::{follow_up, invitations, journal, papers};
use onedoor::store::inspections::{Invitation, invitations as rows};
use onedoor::store::types::At;
use onedoor::web::run::Parts;
use onedoor::web::server::Server;
use onedoor::worker::{self, Sealer};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};

/// Every job of the clock once, in the order of the worker; answers how many mails went out.
fn round(server: &Arc<Server>, sealer: &mut Sealer, mailer: &Mailer, together: &Barrier) -> usize {
    together.wait();
    server.as_system(invitations::tick).unwrap();
    together.wait();
    server.as_system(publications::tick).unwrap();
    together.wait();
    server.as_system(papers::digest::tick).unwrap();
    together.wait();
    server.as_system(follow_up::tick).unwrap();
    together.wait();
    server.as_system(cards::tick).unwrap();
    together.wait();
    let mails = worker::send_due(server, mailer).unwrap();
    together.wait();
    sealer.seal_all(server).unwrap();
    together.wait();
    worker::tidy(server).unwrap();
    worker::sweep(server).unwrap();
    mails
}

fn count(app: &TestApp, act: &str) -> usize {
    let filter = onedoor::store::journal::Filter {
        act: Some(act.to_owned()),
        ..onedoor::store::journal::Filter::default()
    };
    let region = app.server.rules.region.code.clone();
    app.server.store.read(|db| onedoor::store::journal::list(db, &region, &filter, 1_000)).unwrap().len()
}

#[test]
fn two_servers_on_one_database_do_each_job_once() {
    let letters = tempfile::tempdir().unwrap();
    let settings = format!(
        "[mail]\nfrom = \"协调办 <office@example.com>\"\ntransport = \"file:{}\"\n",
        letters.path().display()
    );
    let app = &TestApp::postgres_with(&settings);
    let other = Server::open(Parts {
        config: app.config.clone(),
        clock: app.server.clock.clone(),
        keys: app.server.keys.clone(),
        entropy: Entropy::system(),
        hash_memory_kib: Some(64),
    })
    .unwrap();
    let s = sent(app);
    s.hold(app, &s.visit);
    s.publish(app, &s.visit, "XF");
    let today = day(s.visit["day"].as_str().unwrap());
    // A rectification, a late publication, an invitation that nobody answers.
    let xf = s.county.ids.departments["XF"];
    let list = s.desk(app, "XF", Role::DepartmentClerk).get("/api/v1/results?state=published").expect(200);
    let of_xf = list["items"].as_array().unwrap().iter().find(|r| r["department_id"] == json!(xf)).unwrap();
    let order =
        json!({ "what": "清理安全出口", "basis": "消防法第六十条", "due_day": today + Days::new(14) });
    let path = format!("/api/v1/results/{}/rectification", text(&of_xf["id"]));
    s.desk(app, "XF", Role::DepartmentClerk).post(&path, &order).expect(201);
    s.desk(app, "SJ", Role::DepartmentClerk);
    let silent = app.department("WH", "示范县文旅局", "inspecting");
    app.user("wh", &[Role::DepartmentClerk], Some(silent));
    let now = app.now();
    let invitation = Invitation {
        id: app.id(),
        region: app.server.rules.region.code.clone(),
        inspection_id: s.inspection,
        department_id: silent,
        state: "pending".to_owned(),
        sent_at: At(now),
        due_day: today + Days::new(7),
        reminders: 0,
        escalated_at: None,
        answered_at: None,
        answered_by: None,
        reason: String::new(),
        proposed_from: None,
        proposed_to: None,
        people: 2,
        required: false,
        wildcard: false,
        message: String::new(),
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    app.server.store.write(move |db| rows::insert(db, &invitation)).unwrap();

    let servers = [Arc::clone(&app.server), other];
    let mailers = [0, 1].map(|_| Mailer::open(&app.server.rules.mail.transport).unwrap());
    let mut sealers = servers.each_ref().map(|server| Sealer::new(server).unwrap());
    let together = Barrier::new(2);
    let mut went = 0;
    for n in 0..50 {
        travel(app, today + Days::new(n));
        // In the evening, when the digest is due.
        app.advance(TimeDelta::hours(9));
        went += std::thread::scope(|scope| {
            let hands: Vec<_> = servers
                .iter()
                .zip(&mut sealers)
                .zip(&mailers)
                .map(|((server, sealer), mailer)| {
                    let together = &together;
                    scope.spawn(move || round(server, sealer, mailer, together))
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).sum::<usize>()
        });
    }
    let events = [
        ("invitation_reminded", 2),
        ("invitation_escalated", 1),
        ("publication_reminded", 2),
        ("publication_card_shown", 2),
        ("follow_up_reminded", 2),
        ("follow_up_overdue", 1),
        // Yellow for the invitation; yellow and red for the publication.
        ("card_kept", 3),
        ("dispatch_digest_sent", 1),
    ];
    let found: Vec<(&str, usize)> = events.iter().map(|(act, _)| (*act, count(app, act))).collect();
    assert_eq!(found, events);
    // Each mail went out once: as many letters as mails, none of them twice.
    let region = app.server.rules.region.code.clone();
    let mails =
        app.server.store.read(|db| onedoor::store::outbox::list(db, &region, None, None, 1_000)).unwrap();
    let waiting: Vec<_> =
        mails.iter().filter(|m| m.state != "sent").map(|m| (&m.kind, &m.last_error)).collect();
    assert!(waiting.is_empty(), "{waiting:?}");
    let posted = std::fs::read_dir(letters.path()).unwrap().count();
    assert_eq!((posted, went), (mails.len(), mails.len()));
    let mut seen: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for mail in &mails {
        *seen.entry((&mail.kind, &mail.recipient, &mail.body)).or_default() += 1;
    }
    // The two reminders of the invitation say the same words.
    let times = |kind: &str| if kind == "invitation_reminder" { 2 } else { 1 };
    assert!(seen.iter().all(|((kind, ..), n)| *n == times(kind)), "{seen:?}");
    let of_clerk = |kind: &str| seen.keys().filter(|k| k.0 == kind && k.1.contains("clerk-sj")).count();
    assert_eq!(
        ["publication_reminder", "publication_yellow_card", "publication_red_card"].map(of_clerk),
        [2, 1, 1]
    );
    // One journal, sealed by two.
    let key = VerifierKey::parse(app.anonymous().get("/api/v1/journal/key").text().trim()).unwrap();
    let checked = app.server.store.read(|db| journal::check(db, &[], &key)).unwrap();
    assert!(checked.report.findings.is_empty(), "{:?}", checked.report.findings);
}
