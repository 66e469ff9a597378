//! Operating an installation: figures, the API viewer, backup while serving, doctor, verify-journal as a command.

use crate::support::{TestApp, both};
use onedoor::domain::access::Role;
use onedoor::worker::Sealer;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

both!(figures_tell_requests_and_lag, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    sys.get("/api/v1/users").expect(200);
    sys.get("/api/v1/journal").problem(403, "denied");
    sys.get("/nowhere").problem(404, "not_found");
    let answer = app.anonymous().get("/metrics");
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text();
    for line in [
        "onedoor_http_requests_total{method=\"GET\",route=\"/api/v1/users\",status=\"2xx\"} 1",
        "onedoor_http_requests_total{method=\"GET\",route=\"/api/v1/journal\",status=\"4xx\"} 1",
        "onedoor_http_requests_total{method=\"\",route=\"\",status=\"4xx\"} 1",
        "onedoor_http_request_seconds_count{method=\"GET\",route=\"/api/v1/users\"} 1",
        "onedoor_http_request_seconds_bucket{method=\"GET\",route=\"/api/v1/users\",le=\"+Inf\"} 1",
        "onedoor_database_up 1",
        "onedoor_outbox_waiting 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    let figure = |name: &str| -> f64 {
        let line = text.lines().find(|l| l.starts_with(&format!("{name} "))).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(figure("onedoor_journal_unsealed") >= 1.0);
    assert!(figure("onedoor_committed_writes_total") >= figure("onedoor_commits_total"));
    // Every line is a comment or NAME{LABELS} VALUE, and each figure is explained once.
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("onedoor_") && value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(!text.contains("sys\""), "no account in figures");
});

both!(the_viewer_needs_no_other_network, |app| {
    let client = app.anonymous();
    let moved = client.get("/docs");
    assert_eq!((moved.status, moved.header("location")), (308, Some("/docs/")));
    let page = client.get("/docs/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.header("content-security-policy").unwrap().contains("style-src 'self' 'unsafe-inline'"));
    for part in page.text().split(['"', '\'']).filter(|p| p.starts_with("./") && p.len() > 4) {
        let file = client.get(&format!("/docs/{}", &part[2..]));
        assert_eq!(file.status, 200, "{part}");
    }
    assert!(!page.text().contains("https://"), "{}", page.text());
    let start = client.get("/docs/swagger-initializer.js").text();
    assert!(start.contains("/api/v1/openapi.json"), "{start}");
    // Nowhere else.
    let policy = client.get("/api/v1/session");
    assert!(!policy.header("content-security-policy").unwrap().contains("unsafe-inline"));
    let document: Value = client.get("/api/v1/openapi.json").expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    for entry in &app.server.router.entries {
        if entry.page.is_some() {
            assert!(document["paths"][entry.path].is_null(), "{entry:?} is a page");
            continue;
        }
        assert!(
            document["paths"][entry.path][entry.method.to_lowercase()].is_object(),
            "{entry:?} is not in the document"
        );
    }
    // It refers to nothing that it does not hold.
    let text = document.to_string();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is referred to and missing");
    }
});

/// Runs the program on the database of a server that is serving.
fn onedoor(app: &TestApp, words: &[&str]) -> (i32, String) {
    let ran: Output = Command::new(env!("CARGO_BIN_EXE_onedoor"))
        .args(words)
        .env("DATABASE_URL", app.config.database.url.reveal())
        .env("ONEDOOR__KEYS__TOKEN", hex::encode(*app.server.keys.token))
        .env("ONEDOOR__KEYS__JOURNAL", hex::encode(*app.server.keys.journal))
        .env("ONEDOOR__KEYS__DRAW", hex::encode(*app.server.keys.draw))
        .env("ONEDOOR__REGION__TOKEN", &app.server.rules.region.token)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.code().unwrap(), text)
}

fn seal(app: &TestApp) {
    app.advance(chrono::TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap().unwrap();
}

fn sql(app: &TestApp, text: &str) {
    let text = text.to_owned();
    app.server
        .store
        .write(move |db| {
            use diesel::connection::SimpleConnection;
            onedoor::each_backend!(db, |c| c.batch_execute(&text))?;
            Ok(())
        })
        .unwrap();
}

both!(the_command_checks_a_journal, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    sys.post("/api/v1/users", &json!({ "login": "x", "name": "x" })).expect(201);
    seal(app);
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept.txt");
    std::fs::write(&kept, app.anonymous().get("/api/v1/journal/checkpoint").bytes).unwrap();
    let kept = kept.to_str().unwrap();
    let key = app.anonymous().get("/api/v1/journal/key").text();
    let (code, text) = onedoor(app, &["verify-journal", "--checkpoint", kept, "--key", key.trim()]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = onedoor(app, &["verify-journal"]);
    assert!(code == 0 && text.contains("完好"), "{text}");
    let (code, text) = onedoor(
        app,
        &["verify-journal", "--key", "other+00000000+AdVZwWFVGpnOp9r4Mk1AYkQuZrQbXnmlQbPUCkfJ1tGR"],
    );
    assert_ne!(code, 0, "{text}");
    sql(app, "UPDATE journal_event SET act = 'nothing_happened' WHERE seq = 1");
    let (code, text) = onedoor(app, &["verify-journal"]);
    assert!(code == 1 && text.contains("[column_differs] 第1条"), "{text}");
    let (code, text) = onedoor(app, &["doctor"]);
    assert!(code == 1 && text.contains("✗ 操作日志"), "{text}");
});

both!(doctor_finds_a_healthy_installation_healthy, |app| {
    app.user("sys", &[Role::SystemAdmin], None);
    seal(app);
    let (code, text) = onedoor(app, &["doctor"]);
    // The clock of the test stands in another year than the machine's; nothing else may be wrong.
    let wrong: Vec<&str> = text.lines().filter(|l| l.starts_with('✗')).collect();
    let fsync_off = |l: &&str| l.contains("fsync off");
    assert!(wrong.iter().all(fsync_off), "{text}");
    assert_eq!(code, i32::from(!wrong.is_empty()), "{text}");
    // An event that nobody seals is a fault.
    app.user("zhang", &[Role::AuditAdmin], None);
    let (code, text) = onedoor(app, &["doctor"]);
    assert!(code == 1 && text.contains("✗ 待入序的日志"), "{text}");
});

#[test]
fn doctor_sees_a_damaged_file_and_open_keys() {
    let app = TestApp::sqlite();
    app.user("sys", &[Role::SystemAdmin], None);
    sql(&app, "PRAGMA foreign_keys = OFF");
    let copy = tempfile::tempdir().unwrap();
    let file = copy.path().join("copy.db");
    let (code, text) = onedoor(&app, &["backup", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let keys = copy.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    for name in ["token", "journal", "draw"] {
        std::fs::write(keys.join(format!("{name}.key")), "00".repeat(32)).unwrap();
    }
    let doctor = |url: &str| {
        let ran = Command::new(env!("CARGO_BIN_EXE_onedoor"))
            .arg("doctor")
            .env("DATABASE_URL", url)
            .env("ONEDOOR__KEYS__FOLDER", &keys)
            .output()
            .unwrap();
        (ran.status.code().unwrap(), String::from_utf8_lossy(&ran.stdout).into_owned())
    };
    let (code, text) = doctor(&format!("sqlite:{}", file.display()));
    assert!(code == 1 && text.contains("✗ 密钥文件"), "{text}");
    assert!(text.contains("✗ 完整性") || text.contains("✗ 数据库"), "{text}");
    let (code, text) = doctor(&format!("sqlite:{}", copy.path().join("absent.db").display()));
    assert!(code == 1 && text.contains("没有数据库文件"), "{text}");
    assert!(!copy.path().join("absent.db").exists(), "looking makes no database");
}

#[test]
fn a_backup_while_serving_is_whole() {
    let app = TestApp::sqlite();
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let dir = tempfile::tempdir().unwrap();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (own, stop) = (sys.clone(), std::sync::Arc::clone(&done));
    let writer = std::thread::spawn(move || {
        let mut n = 0;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            own.post("/api/v1/users", &json!({ "login": format!("w{n}"), "name": "w" })).expect(201);
            n += 1;
        }
        n
    });
    while app.server.store.read(onedoor::store::accounts::count).unwrap() < 20 {
        std::thread::yield_now();
    }
    let file = dir.path().join("copy.db");
    let (code, text) = onedoor(&app, &["backup", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.join().unwrap() > 0);
    // Never over a file that is there.
    let (code, text) = onedoor(&app, &["backup", file.to_str().unwrap()]);
    assert_ne!(code, 0, "{text}");
    assert!(only_owner(&file));
    let copy = onedoor::store::Store::open(onedoor::store::conn::Place::Sqlite(file), 1).unwrap();
    let (accounts, waiting) = copy
        .read(|db| Ok((onedoor::store::accounts::count(db)?, onedoor::store::journal::waiting(db)?.0)))
        .unwrap();
    assert!(accounts >= 20 && waiting > 0, "{accounts} {waiting}");
    assert!(copy.read(onedoor::store::health::integrity).unwrap().is_empty());
}

#[cfg(unix)]
fn only_owner(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().unwrap().permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn only_owner(_: &Path) -> bool {
    true
}

#[test]
fn postgres_is_backed_up_by_its_own_tool() {
    let app = TestApp::postgres();
    let (code, text) = onedoor(&app, &["backup", "/tmp/never"]);
    assert!(code != 0 && text.contains("pg_dump"), "{text}");
}

#[test]
fn figures_are_for_the_machines_in_the_settings() {
    let app = TestApp::sqlite_with("trusted_proxies = [\"127.0.0.1\"]\n");
    let client = app.anonymous();
    assert_eq!(client.get("/metrics").status, 200);
    assert_eq!(client.with("x-forwarded-for", "192.0.2.7").get("/metrics").status, 404);
}
