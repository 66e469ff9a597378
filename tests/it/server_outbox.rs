//! Mail against a real SMTP server on loopback: down and up again, refusing for now, refusing for good.

use crate::support::TestApp;
use chrono::TimeDelta;
use mailin_embedded::response::{INTERNAL_ERROR, NO_MAILBOX, OK};
use mailin_embedded::{Handler, Response, Server, SslConfig};
use onedoor::domain::access::Role;
use onedoor::mail::Mailer;
use onedoor::store::outbox::Mail;
use onedoor::worker;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What the mail server has taken.
#[derive(Clone, Default)]
struct Post {
    taken: Arc<Mutex<Vec<String>>>,
    begun: Vec<u8>,
}

impl Handler for Post {
    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with("nobody") {
            NO_MAILBOX
        } else if to.starts_with("later") {
            INTERNAL_ERROR
        } else {
            OK
        }
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.begun.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned();
        self.taken.lock().unwrap().push(text);
        OK
    }
}

/// Starts a mail server on a port; it runs until the tests end.
fn serve(listener: TcpListener) -> Post {
    let post = Post::default();
    let mut server = Server::new(post.clone());
    server.with_name("mail.test").with_ssl(SslConfig::None).unwrap().with_tcp_listener(listener);
    std::thread::spawn(move || drop(server.serve()));
    post
}

fn put(app: &TestApp, to: &str) {
    let mail = Mail {
        kind: "invitation_sent",
        recipient: to.to_owned(),
        user: None,
        subject: "请答复联合抽查邀请".to_owned(),
        body: format!("您好:\n请在5个工作日内答复。\n.\n收件人 {to}"),
        object: None,
        dedupe: format!("test:{to}"),
    };
    app.server.as_system(move |cx| cx.mail(mail.clone())).unwrap();
}

fn mails(admin: &crate::support::Client, query: &str) -> Vec<Value> {
    admin.get(&format!("/api/v1/outbox{query}")).expect(200)["items"].as_array().unwrap().clone()
}

fn apps(transport: &str) -> [TestApp; 2] {
    let settings = format!(
        "[mail]\nfrom = \"协调办 <office@example.com>\"\ntransport = \"{transport}\"\nattempts = 3\n"
    );
    [TestApp::sqlite_with(&settings), TestApp::postgres_with(&settings)]
}

#[test]
fn a_mail_goes_out_once_the_server_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let apps = apps(&format!("smtp://{address}"));
    let mailers = apps.each_ref().map(|app| Mailer::open(&app.server.rules.mail.transport).unwrap());
    let admins = apps.each_ref().map(|app| app.user("sys", &[Role::SystemAdmin], None));
    let mut ids = Vec::new();
    for ((app, mailer), admin) in apps.iter().zip(&mailers).zip(&admins) {
        put(app, "zhang@example.com");
        put(app, "zhang@example.com");
        assert_eq!(mails(admin, "").len(), 1, "two with one word are one");
        assert_eq!(worker::send_due(&app.server, mailer).unwrap(), 0);
        let waiting = mails(admin, "?state=queued");
        assert_eq!(waiting[0]["attempts"], 1);
        assert_ne!(waiting[0]["last_error"], "");
        ids.push(waiting[0]["message_id"].as_str().unwrap().to_owned());
        // Not before its time.
        assert_eq!(worker::send_due(&app.server, mailer).unwrap(), 0);
        assert_eq!(mails(admin, "?state=queued")[0]["attempts"], 1);
        app.advance(TimeDelta::seconds(40));
    }
    let post = serve(TcpListener::bind(address).unwrap());
    for ((app, mailer), admin) in apps.iter().zip(&mailers).zip(&admins) {
        assert_eq!(worker::send_due(&app.server, mailer).unwrap(), 1);
        assert_eq!(mails(admin, "?state=sent").len(), 1);
        assert_eq!(worker::send_due(&app.server, mailer).unwrap(), 0);
    }
    let taken = post.taken.lock().unwrap();
    assert_eq!(taken.len(), 2);
    for (text, id) in taken.iter().zip(&ids) {
        assert!(text.contains(&format!("Message-ID: {id}")), "{text}");
        assert!(text.contains("To: zhang@example.com"), "{text}");
    }
}

#[test]
fn what_is_refused_for_good_dies_and_can_be_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let post = serve(listener);
    for app in apps(&format!("smtp://{address}")) {
        let mailer = Mailer::open(&app.server.rules.mail.transport).unwrap();
        let sys = app.user("sys", &[Role::SystemAdmin], None);
        app.user("audit", &[Role::AuditAdmin], None);
        put(&app, "nobody@example.com");
        put(&app, "later@example.com");
        put(&app, "li@example.com");
        put(&app, "no address at all");
        assert_eq!(worker::send_due(&app.server, &mailer).unwrap(), 1);
        let dead = mails(&sys, "?state=dead");
        assert_eq!(dead.len(), 2, "{dead:?}");
        // One that may go later is tried again, ever later, and at last given up.
        let mut sys = sys;
        for attempt in 1..=3 {
            sys.token = None;
            sys.login("sys", crate::support::PASSWORD);
            let all = mails(&sys, "");
            let later = all.iter().find(|m| m["recipient"] == "later@example.com").unwrap();
            assert_eq!(later["attempts"], attempt);
            assert_eq!(later["state"], if attempt == 3 { "dead" } else { "queued" });
            app.advance(TimeDelta::hours(2));
            assert_eq!(worker::send_due(&app.server, &mailer).unwrap(), 0);
        }
        sys.token = None;
        sys.login("sys", crate::support::PASSWORD);
        let dead = mails(&sys, "?state=dead");
        assert_eq!(dead.len(), 3);
        let nobody = dead.iter().find(|m| m["recipient"] == "nobody@example.com").unwrap();
        assert!(nobody["last_error"].as_str().unwrap().contains("550"), "{nobody}");
        let path = format!("/api/v1/outbox/{}/retry", nobody["id"].as_str().unwrap());
        app.login("audit", crate::support::PASSWORD).post(&path, &json!({})).problem(403, "denied");
        let again = sys.post(&path, &json!({})).expect(200);
        assert_eq!((&again["state"], &again["attempts"]), (&json!("queued"), &json!(0)));
        sys.post(&path, &json!({})).problem(409, "wrong_state");
    }
    assert_eq!(post.taken.lock().unwrap().len(), 2);
}

#[test]
fn two_servers_never_send_one_mail_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let post = serve(listener);
    for app in apps(&format!("smtp://{address}")) {
        let before = post.taken.lock().unwrap().len();
        for i in 0..30 {
            put(&app, &format!("p{i}@example.com"));
        }
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let server = Arc::clone(&app.server);
                std::thread::spawn(move || {
                    let mailer = Mailer::open(&server.rules.mail.transport).unwrap();
                    worker::send_due(&server, &mailer).unwrap()
                })
            })
            .collect();
        let sent: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
        assert_eq!(sent, 30);
        assert_eq!(post.taken.lock().unwrap().len() - before, 30);
    }
}

#[test]
fn a_mail_claimed_by_a_server_that_died_is_sent_by_another() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let post = serve(listener);
    for app in apps(&format!("smtp://{address}")) {
        let mailer = Mailer::open(&app.server.rules.mail.transport).unwrap();
        put(&app, "li@example.com");
        let now = app.now();
        let due = app.server.store.read(|db| onedoor::store::outbox::due(db, now, 10)).unwrap();
        let seen = due[0].clone();
        let claimed =
            app.server.store.write(move |db| onedoor::service::outbox::claim(db, &seen, now)).unwrap();
        assert!(claimed.is_some());
        let before = post.taken.lock().unwrap().len();
        assert_eq!(worker::send_due(&app.server, &mailer).unwrap(), 0);
        app.advance(TimeDelta::minutes(11));
        assert_eq!(worker::send_due(&app.server, &mailer).unwrap(), 1);
        assert_eq!(post.taken.lock().unwrap().len(), before + 1);
        // The first one's answer, come late, changes nothing.
        let (now, late) = (app.now(), claimed.unwrap());
        app.server
            .store
            .write(move |db| {
                let failed = Err(onedoor::mail::MailError::Never("late".to_owned()));
                onedoor::service::outbox::settle(db, &late, &failed, 3, 0, now)
            })
            .unwrap();
        let sys = app.user("sys", &[Role::SystemAdmin], None);
        assert_eq!(mails(&sys, "?state=sent").len(), 1);
    }
}
