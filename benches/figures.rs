//! The figures of oversight over a million results in SQLite: a county of 100,000 subjects, 250,000 visits in two years,
//! 30 departments. Rows are made by the database itself in one transaction, with every index there; then each figure is
//! timed, the first time cold (a fresh connection) and the best of three after.
//!
//! Then all of them are exported as the coordination office does it, over HTTP, with the most memory the process held.
//!
//! `cargo bench --bench figures -- [visits N]`
#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use onedoor::clock::Clock;
use onedoor::config::Config;
use onedoor::domain::access::Role;
use onedoor::domain::figures::By;
use onedoor::entropy::Entropy;
use onedoor::error::Error;
use onedoor::ids::Id;
use onedoor::keys::Keys;
use onedoor::store::accounts::{self, Account};
use onedoor::store::conn::{Conn, Manager, Place};
use onedoor::store::figures::{self, Span};
use onedoor::store::statistics::{self, Per};
use onedoor::store::types::{At, Doc};
use onedoor::store::{Store, migrate};
use onedoor::web::run::{self, Parts};
use onedoor::web::server::Server;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const REGION: &str = "350403";
const CLERK: &str = "bench-coordinator";
const PASSWORD: &str = "bench horse battery staple 7";

/// An identifier of the synthetic rows: a letter and 15 digits.
fn id(letter: char, n: u64) -> Id {
    let text = format!("{letter}{n:015}");
    Id(uuid::Uuid::from_slice(text.as_bytes()).unwrap())
}

fn sql_id(letter: char, n: &str) -> String {
    format!("CAST(printf('{letter}%015d', {n}) AS BLOB)")
}

/// `INSERT INTO table (columns) SELECT .. FROM n` for n from 0 up to `count`.
fn insert(table: &str, count: u64, values: &[(&str, String)]) -> String {
    let columns: Vec<&str> = values.iter().map(|(c, _)| *c).collect();
    let values: Vec<&str> = values.iter().map(|(_, v)| v.as_str()).collect();
    format!(
        "INSERT INTO {table} ({}) WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {}) SELECT {} FROM s;",
        columns.join(", "),
        count - 1,
        values.join(", ")
    )
}

fn text(value: &str) -> String {
    format!("'{value}'")
}

fn fill(conn: &mut Conn, visits: u64) {
    let Conn::Sqlite(c) = conn else { panic!("not SQLite") };
    let at = text("2026-01-01T00:00:00.000000Z");
    let region = text(REGION);
    let (subjects, departments, people) = (100_000_u64, 30_u64, 1_500_u64);
    // Two years of days, visit after visit.
    let day = |n: &str| format!("date('2025-01-01', '+' || (({n}) * 730 / {visits}) || ' days')");
    // Of a visit the two departments: neighbours.
    let department =
        |visit: &str, which: &str| sql_id('d', &format!("(({visit}) * 7 + ({which})) % {departments}"));
    let mut sql = String::from(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; BEGIN;",
    );
    sql += &format!(
        "INSERT OR IGNORE INTO region (code, name, token, created_at) VALUES ({region}, '县', 'CN', {at});"
    );
    let times = || vec![("version", "1".to_owned()), ("created_at", at.clone()), ("updated_at", at.clone())];
    let table = |name: &str, count: u64, own: Vec<(&str, String)>, end: Vec<(&'static str, String)>| {
        let all: Vec<(&str, String)> = own.into_iter().chain(end).collect();
        insert(name, count, &all)
    };
    let empty = || text("");
    sql += &table(
        "department",
        departments,
        vec![
            ("id", sql_id('d', "n")),
            ("region", region.clone()),
            ("code", "'D' || n".to_owned()),
            ("name", "'部门' || n".to_owned()),
            ("search", empty()),
            ("uscc", empty()),
            ("level", empty()),
            ("division", empty()),
            ("kind", text("inspecting")),
            ("rank", "n".to_owned()),
            ("aliases", text("[]")),
            ("contact", empty()),
            ("state", text("active")),
        ],
        times(),
    );
    sql += &table(
        "subject",
        subjects,
        vec![
            ("id", sql_id('s', "n")),
            ("region", region.clone()),
            ("key", "printf('35040360%07d', n)".to_owned()),
            ("uscc", empty()),
            ("registration_no", empty()),
            ("name", "'企业' || n".to_owned()),
            ("search", empty()),
            ("kind", text("企业")),
            ("division", empty()),
            ("town", "'镇' || (n % 17)".to_owned()),
            ("address", empty()),
            ("industry", text("6210")),
            ("industry_name", empty()),
            ("credit", "substr('AAAAABBBCD', 1 + n % 10, 1)".to_owned()),
            ("contact", empty()),
            ("phone", empty()),
            ("tags", text("[]")),
            ("abnormal", "0".to_owned()),
            ("serious", "0".to_owned()),
            ("state", text("active")),
        ],
        times(),
    );
    sql += &table(
        "inspector",
        people,
        vec![
            ("id", sql_id('p', "n")),
            ("region", region.clone()),
            ("department_id", sql_id('d', &format!("n % {departments}"))),
            ("code", "'P' || n".to_owned()),
            ("name", "'人' || n".to_owned()),
            ("search", empty()),
            ("sex", empty()),
            ("unit_type", empty()),
            ("unit", empty()),
            ("post", text("officers")),
            ("cert_no", empty()),
            ("daily_minutes", "450".to_owned()),
            ("can_lead", "1".to_owned()),
            ("reserve", "0".to_owned()),
            ("expert", "0".to_owned()),
            ("load0", "0".to_owned()),
            ("email", empty()),
            ("state", text("active")),
        ],
        times(),
    );
    sql += &table(
        "visit",
        visits,
        vec![
            ("id", sql_id('v', "n")),
            ("region", region.clone()),
            ("planning_id", sql_id('x', "1")),
            ("code", "'V' || n".to_owned()),
            ("subject_id", sql_id('s', &format!("n * 7919 % {subjects}"))),
            ("on_day", day("n")),
            ("minutes", "60".to_owned()),
            ("state", text("done")),
            ("lead_department_id", department("n", "0")),
            ("announced", "1".to_owned()),
            ("reasons", text("[]")),
        ],
        times(),
    );
    sql += &table(
        "conduct",
        visits,
        vec![
            ("visit_id", sql_id('v', "n")),
            ("region", region.clone()),
            ("code", "printf('C%019d', n)".to_owned()),
            ("end_day", day("n")),
            ("obstacle", empty()),
            ("obstacle_note", empty()),
            ("statement", empty()),
            ("signer", empty()),
            ("signed", empty()),
        ],
        times(),
    );
    // One visit in four is of one department alone.
    let alone = "FROM s WHERE NOT (n % 2 = 1 AND n / 2 % 4 = 0);";
    let two = table(
        "visit_department",
        visits * 2,
        vec![
            ("visit_id", sql_id('v', "n / 2")),
            ("department_id", department("n / 2", "n % 2")),
            ("region", region.clone()),
        ],
        vec![],
    );
    sql += &two.replace("FROM s;", alone);
    // One publication in ten is late.
    let done = format!(
        "date('2025-01-01', '+' || (n / 2 * 730 / {visits} + 20 + CASE WHEN n % 10 = 0 THEN 30 ELSE 0 END) || ' days') || 'T08:00:00.000000Z'"
    );
    let periods = table(
        "publication",
        visits * 2,
        vec![
            ("visit_id", sql_id('v', "n / 2")),
            ("department_id", department("n / 2", "n % 2")),
            ("region", region.clone()),
            ("end_day", day("n / 2")),
            ("due_day", format!("date('2025-01-01', '+' || (n / 2 * 730 / {visits} + 28) || ' days')")),
            ("reminders", "0".to_owned()),
            ("card", empty()),
            ("done_at", done),
        ],
        times(),
    );
    sql += &periods.replace("FROM s;", alone);
    sql += &table(
        "seat",
        visits * 4,
        vec![
            ("id", sql_id('e', "n")),
            ("region", region.clone()),
            ("visit_id", sql_id('v', "n / 4")),
            ("inspector_id", sql_id('p', &format!("n * 31 % {people}"))),
            ("department_id", department("n / 4", "n % 2")),
            ("role", text("member")),
            ("state", text("assigned")),
            ("draw_ref", empty()),
        ],
        times(),
    );
    sql += &table(
        "task",
        visits * 4,
        vec![
            ("id", sql_id('t', "n")),
            ("region", region.clone()),
            ("inspection_id", sql_id('i', "n / 4000")),
            ("code", "'T' || n".to_owned()),
            ("department_id", department("n / 4", "n % 2")),
            ("item_id", sql_id('m', "n % 200")),
            ("subject_id", sql_id('s', &format!("n / 4 * 7919 % {subjects}"))),
            ("earliest", day("n / 4")),
            ("latest", day("n / 4")),
            ("minutes", "30".to_owned()),
            ("mode", text("on_site")),
            ("notice", text("either")),
            ("priority", "1".to_owned()),
            ("state", text("done")),
        ],
        times(),
    );
    sql += &table(
        "visit_task",
        visits * 4,
        vec![("visit_id", sql_id('v', "n / 4")), ("task_id", sql_id('t', "n")), ("region", region.clone())],
        vec![],
    );
    let outcomes = "CASE WHEN n % 10 = 0 THEN '[\"corrected_on_order\"]' WHEN n % 10 = 1 THEN '[\"not_disclosed\",\"pending_follow_up\"]' \
                    WHEN n % 10 = 2 THEN '[\"activity_not_found\"]' ELSE '[\"no_problem_found\"]' END";
    sql += &table(
        "result",
        visits * 4,
        vec![
            ("id", sql_id('r', "n")),
            ("region", region.clone()),
            ("visit_id", sql_id('v', "n / 4")),
            ("task_id", sql_id('t', "n")),
            ("item_id", sql_id('m', "n % 200")),
            ("subject_id", sql_id('s', &format!("n / 4 * 7919 % {subjects}"))),
            ("department_id", department("n / 4", "n % 2")),
            ("inspection_id", sql_id('i', "n / 4000")),
            ("outcomes", outcomes.to_owned()),
            ("methods", text("[\"on_site\"]")),
            ("law", empty()),
            ("other", text("安全出口堆放杂物,当场清理完毕,已拍照留存")),
            (
                "follow_up",
                "CASE WHEN n % 10 < 2 THEN '[\"rectification\"]' ELSE '[\"nothing\"]' END".to_owned(),
            ),
            ("note", empty()),
            ("state", text("published")),
            ("entered_at", at.clone()),
            ("confirmed_at", at.clone()),
            ("review_note", empty()),
            ("published_at", at.clone()),
            ("revision", "1".to_owned()),
            ("current", "1".to_owned()),
        ],
        times(),
    );
    sql += &table(
        "item",
        200,
        vec![
            ("id", sql_id('m', "n")),
            ("region", region.clone()),
            ("department_id", sql_id('d', &format!("n % {departments}"))),
            ("code", "'M' || n".to_owned()),
            ("revision", "1".to_owned()),
            ("list_level", text("own")),
            ("name", "'对经营场所消防安全疏散条件的检查' || n".to_owned()),
            ("search", empty()),
            ("field", empty()),
            ("object", empty()),
            ("kinds", text("[]")),
            ("details", text("{}")),
            ("mode", text("on_site")),
            ("notice", text("either")),
            ("ratio_text", empty()),
            ("ratio", text("{}")),
            ("category", text("general")),
            ("qualification", empty()),
            ("equivalence_group", empty()),
            ("minutes", "30".to_owned()),
            ("note", empty()),
            ("state", text("published")),
            ("current", "1".to_owned()),
        ],
        times(),
    );
    sql += &table(
        "inspection",
        visits * 4 / 4000 + 1,
        vec![
            ("id", sql_id('i', "n")),
            ("region", region.clone()),
            ("department_id", department("n * 1000", "0")),
            ("number", "printf('LH2026-%05d', n)".to_owned()),
            ("name", "'餐饮场所跨部门联合抽查' || n".to_owned()),
            ("field", text("餐饮")),
            ("state", text("closed")),
            ("filter", text("{}")),
            ("quota", text("{}")),
            ("window_from", day("n * 1000")),
            ("window_to", day("n * 1000")),
            ("people_per_department", "2".to_owned()),
            ("notice", text("either")),
            ("draw_rules", text("{}")),
            ("overlap", text("{}")),
            ("abort_reason", empty()),
            ("created_by", sql_id('u', "1")),
        ],
        times(),
    );
    sql += "COMMIT;";
    c.batch_execute(&sql).unwrap();
}

fn timed<T>(store: &Store, what: &str, run: impl Fn(&mut Conn) -> Result<T, Error>) -> Duration {
    let mut best = Duration::MAX;
    let mut first = None;
    for _ in 0..4 {
        let start = Instant::now();
        store.read(|db| run(db)).unwrap();
        let took = start.elapsed();
        first.get_or_insert(took);
        best = best.min(took);
    }
    println!(
        "{what:<40} {:>8.0} ms  (first {:.0} ms)",
        best.as_secs_f64() * 1e3,
        first.unwrap().as_secs_f64() * 1e3
    );
    best
}

fn main() {
    let mut visits = 250_000_u64;
    let mut words = std::env::args().skip(1).filter(|w| w != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "visits" => visits = words.next().unwrap().parse().unwrap(),
            "export" => return export(Path::new(&words.next().unwrap())),
            other => panic!("{other}: visits N"),
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("figures.db");
    let place = Place::Sqlite(path.clone());
    migrate::run(&place).unwrap();
    let start = Instant::now();
    fill(&mut Manager::new(place.clone(), false).plain().unwrap(), visits);
    println!("{} results, {} visits written in {:.1} s", visits * 4, visits, start.elapsed().as_secs_f64());
    let store = Store::open(place, 1).unwrap();
    println!("file: {} MB", std::fs::metadata(&path).unwrap().len() >> 20);
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    let today = day(2027, 3, 1);
    let both = Span { region: REGION, from: day(2025, 1, 1), to: day(2026, 12, 31), department: None };
    let year = Span { from: day(2026, 1, 1), ..both.clone() };
    let month = Span { from: day(2026, 6, 1), to: day(2026, 6, 30), ..both.clone() };
    for (name, span) in [("two years", &both), ("a year", &year), ("a month", &month)] {
        for by in [By::Whole, By::Month, By::Department, By::Class] {
            timed(&store, &format!("counts by {by}, {name}"), |db| figures::counts(db, span, by, today));
        }
    }
    let one = Span { department: Some(id('d', 3)), ..year.clone() };
    timed(&store, "counts of one department, a year", |db| figures::counts(db, &one, By::Month, today));
    timed(&store, "coverage, a year", |db| figures::coverage(db, &year));
    timed(&store, "loads, a year", |db| figures::loads(db, &year));
    timed(&store, "results table, a year", |db| statistics::said(db, &year, Per::Department));
    timed(&store, "items due, a year", |db| statistics::due(db, &year, Per::Department));
    timed(&store, "facts of the scorecards, a year", |db| statistics::facts(db, REGION, 2026));
    drop(store);
    // In a process of its own, so that its memory is that of an export alone.
    let own = std::env::current_exe().unwrap();
    let ran = std::process::Command::new(own).arg("export").arg(&path).status().unwrap();
    assert!(ran.success());
}

/// Downloads the publication export from a real server, in both forms.
fn export(database: &Path) {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let text = format!(
        "[database]\nurl = \"sqlite:{}\"\n[region]\ncode = \"{REGION}\"\n[http]\nport = 0\n",
        database.display()
    );
    std::fs::write(file.path(), text).unwrap();
    let config = Config::load(Some(file.path())).unwrap();
    let entropy = Entropy::system();
    let keys = Keys::fresh(&entropy).unwrap();
    let http = config.http.clone();
    let parts = Parts { config, clock: Clock::System, entropy, keys, hash_memory_kib: Some(64) };
    let server = Server::open(parts).unwrap();
    let admin = Account {
        id: id('u', 1),
        region: REGION.to_owned(),
        department_id: None,
        login: CLERK.to_owned(),
        login_key: CLERK.to_owned(),
        name: CLERK.to_owned(),
        email: String::new(),
        password_hash: server.hasher.hash(PASSWORD, &[3; 16]).unwrap(),
        password_at: At(server.clock.now()),
        password_history: Doc(Vec::new()),
        must_change: false,
        totp_secret: None,
        totp_pending: None,
        totp_step: 0,
        inspector_id: None,
        state: "active".to_owned(),
        version: 1,
        created_at: At(server.clock.now()),
        updated_at: At(server.clock.now()),
    };
    server
        .store
        .write(move |db| {
            accounts::insert(db, &admin)?;
            accounts::set_roles(db, admin.id, &[Role::Coordinator])
        })
        .unwrap();
    let running = run::start(Arc::clone(&server), &http, false).unwrap();
    let base = format!("http://{}/api/v1", running.address);
    let mut answer = ureq::post(format!("{base}/session"))
        .send_json(serde_json::json!({ "login": CLERK, "password": PASSWORD }))
        .unwrap();
    let session: serde_json::Value = answer.body_mut().read_json().unwrap();
    let token = session["access_token"].as_str().unwrap().to_owned();
    for form in ["csv", "json"] {
        let (done, most) = (AtomicBool::new(false), AtomicU64::new(0));
        let (bytes, lines, took) = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    most.fetch_max(resident(), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            let start = Instant::now();
            let answer = ureq::get(format!("{base}/exports/publications?format={form}"))
                .header("Authorization", format!("Bearer {token}"))
                .call()
                .unwrap();
            let (mut bytes, mut lines, mut part) = (0, 0, vec![0; 1 << 16]);
            let mut body = answer.into_body().into_reader();
            loop {
                let n = body.read(&mut part).unwrap();
                if n == 0 {
                    break;
                }
                bytes += n;
                lines += part[..n].iter().filter(|b| **b == b'\n').count();
            }
            done.store(true, Ordering::Relaxed);
            (bytes, lines, start.elapsed())
        });
        println!(
            "publication export as {form}: {:.1} s, {lines} lines, {:.0} MB, at most {} MiB resident",
            took.as_secs_f64(),
            bytes as f64 / 1e6,
            most.load(Ordering::Relaxed) / 1024
        );
    }
    running.stop().unwrap();
}

/// Memory the process itself holds now, without pages of the database file, KiB.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}
