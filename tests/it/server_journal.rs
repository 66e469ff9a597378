//! The journal of a running server: sealed by one sequencer, proved to outsiders, and every falsification of a stored
//! row found.

use crate::support::{REGION, TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::draw::bytes::{Hash, unhex_n};
use onedoor::domain::draw::merkle;
use onedoor::domain::draw::note::{SignedCheckpoint, TlogProof, VerifierKey};
use onedoor::domain::journal::checkpoint::{continues, open};
use onedoor::service::journal::{self, Checked};
use onedoor::store::conn::Conn;
use onedoor::worker::Sealer;
use serde_json::{Value, json};

/// Runs SQL past everything that guards the rows.
fn tamper(app: &TestApp, sql: &str) {
    let sql = sql.to_owned();
    app.server
        .store
        .write(move |db| {
            use diesel::connection::SimpleConnection;
            match db {
                Conn::Sqlite(c) => c.batch_execute(&sql)?,
                Conn::Pg(c) => c.batch_execute(&sql)?,
            }
            Ok(())
        })
        .unwrap();
}

/// Seals as a server that has just started: the one before has not been heard of for a while.
fn seal(app: &TestApp) -> usize {
    app.advance(chrono::TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap().unwrap()
}

fn key(app: &TestApp) -> VerifierKey {
    VerifierKey::parse(app.anonymous().get("/api/v1/journal/key").text().trim()).unwrap()
}

fn check(app: &TestApp, older: &[SignedCheckpoint]) -> Checked {
    app.server.store.read(|db| journal::check(db, older, &key(app))).unwrap()
}

fn codes(app: &TestApp, older: &[SignedCheckpoint]) -> Vec<String> {
    check(app, older).report.findings.iter().map(|f| f.code().to_owned()).collect()
}

fn note(app: &TestApp) -> SignedCheckpoint {
    SignedCheckpoint::parse(&app.anonymous().get("/api/v1/journal/checkpoint").text()).unwrap()
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(|h| unhex_n(h.as_str().unwrap()).unwrap()).collect()
}

/// A server whose journal has some events, sealed; the people who made them.
fn busy(app: &TestApp) -> crate::support::Client {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    for i in 0..8 {
        sys.post("/api/v1/users", &json!({ "login": format!("u{i}"), "name": "某人" })).expect(201);
    }
    assert!(seal(app) >= 9);
    sys
}

both!(events_are_sealed_and_proved, |app| {
    app.anonymous().get("/api/v1/journal/checkpoint").problem(404, "not_found");
    let sys = busy(app);
    let first = note(app);
    open(&first, &key(app)).unwrap();
    assert_eq!(first.checkpoint.origin, format!("CN-{REGION}/journal"));
    let audit = app.user("audit", &[Role::AuditAdmin], None);
    sys.get("/api/v1/journal").problem(403, "denied");
    app.anonymous().get("/api/v1/journal").problem(401, "login_required");
    let page = audit.get("/api/v1/journal?act=user_created&limit=3").expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    let event = page["items"][0]["id"].as_str().unwrap();
    let leaf = page["items"][0]["leaf"].as_str().unwrap();
    // The name of the person is shown to the auditor and is not in the leaf.
    assert_eq!(page["items"][0]["private"]["name"], "某人");
    assert!(!leaf.contains("某人") && !leaf.contains("127.0.0.1"), "{leaf}");
    let next = page["next"].as_str().unwrap();
    let more = audit.get(&format!("/api/v1/journal?act=user_created&limit=200&after={next}")).expect(200);
    assert_eq!(more["items"].as_array().unwrap().len(), 5);
    let object = page["items"][0]["object_id"].as_str().unwrap();
    let about = audit.get(&format!("/api/v1/journal?object={object}")).expect(200);
    assert_eq!(about["items"].as_array().unwrap().len(), 1);

    let proof = app.anonymous().get(&format!("/api/v1/journal/proof/inclusion?event={event}")).expect(200);
    let file = TlogProof::parse(proof["proof"].as_str().unwrap()).unwrap();
    assert!(file.proves(leaf.as_bytes()) && !file.proves(b"{}"));
    let root = merkle::root_from_path(
        merkle::leaf_hash(leaf.as_bytes()),
        proof["index"].as_u64().unwrap(),
        proof["size"].as_u64().unwrap(),
        &hashes(&proof["path"]),
    );
    assert_eq!(root, Some(first.checkpoint.root));

    // The login of the auditor is not sealed yet: it has no proof, and the check counts it.
    let login = audit.get("/api/v1/journal?act=session_opened&limit=1").expect(200);
    let login = login["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/journal/proof/inclusion?event={login}");
    app.anonymous().get(&path).problem(404, "not_found");
    assert_eq!(check(app, &[]).waiting, 1);
    assert_eq!(seal(app), 1);
    app.anonymous().get(&path).expect(200);

    let from = first.checkpoint.size;
    let proof = app.anonymous().get(&format!("/api/v1/journal/proof/consistency?from={from}")).expect(200);
    let (old, new) = (open(&first, &key(app)).unwrap(), open(&note(app), &key(app)).unwrap());
    assert!(new.size > old.size && continues(&old, &new, &hashes(&proof["proof"])));
    app.anonymous().get("/api/v1/journal/proof/consistency?from=999999").problem(422, "invalid");
    let done = check(app, &[first]);
    assert!(done.report.is_whole(), "{:?}", done.report.findings);
    assert_eq!(done.size, new.size);
});

both!(many_batches_make_one_tree, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let user = sys.user.unwrap();
    app.server
        .as_system(move |cx| {
            for _ in 0..1_300 {
                let data = json!({ "n": 1 });
                cx.journal(onedoor::service::cx::Event::new("tried", "user", user, data))?;
            }
            Ok(())
        })
        .unwrap();
    assert!(seal(app) >= 1_300);
    assert_eq!(seal(app), 0);
    let done = check(app, &[]);
    assert!(done.report.is_whole() && done.report.rows >= 1_300, "{:?}", done.report.findings);
});

both!(of_two_sequencers_one_seals_and_the_other_is_fenced, |app| {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let mut a = Sealer::new(&app.server).unwrap();
    let mut b = Sealer::new(&app.server).unwrap();
    assert!(a.seal_all(&app.server).unwrap().unwrap() > 0);
    sys.post("/api/v1/users", &json!({ "login": "x", "name": "x" })).expect(201);
    assert_eq!(b.seal_all(&app.server).unwrap(), None);
    assert_eq!(a.seal_all(&app.server).unwrap(), Some(1));
    // One that stands still is replaced, and what it does afterwards is refused.
    app.advance(chrono::TimeDelta::seconds(11));
    sys.post("/api/v1/users", &json!({ "login": "y", "name": "y" })).expect(201);
    assert_eq!(b.seal_all(&app.server).unwrap(), Some(1));
    sys.post("/api/v1/users", &json!({ "login": "z", "name": "z" })).expect(201);
    assert_eq!(a.seal_all(&app.server).unwrap(), None);
    // Both at once, from many threads: every event has one place.
    let threads: Vec<_> = (0..4)
        .map(|i| {
            let server = std::sync::Arc::clone(&app.server);
            let mut own = if i == 0 { b.clone() } else { Sealer::new(&server).unwrap() };
            std::thread::spawn(move || {
                for _ in 0..20 {
                    // Losing a race is no fault.
                    let _ = own.seal_all(&server);
                }
            })
        })
        .collect();
    for i in 0..40 {
        sys.post("/api/v1/users", &json!({ "login": format!("w{i}"), "name": "w" })).expect(201);
    }
    threads.into_iter().for_each(|t| t.join().unwrap());
    b.seal_all(&app.server).unwrap().unwrap();
    let done = check(app, &[]);
    assert!(done.report.is_whole() && done.waiting == 0, "{:?}", done.report.findings);
});

/// The place of an event that somebody did, with personal data, and that others follow.
fn acted_row(app: &crate::support::TestApp) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        seq: i64,
    }
    let sql = "SELECT MIN(seq) AS seq FROM journal_event \
               WHERE actor_id IS NOT NULL AND object_id IS NOT NULL AND private_body IS NOT NULL";
    let row: Row =
        app.server.store.read(|db| Ok(diesel::RunQueryDsl::get_result(diesel::sql_query(sql), db)?)).unwrap();
    row.seq
}

both!(every_falsified_column_is_found, |app| {
    busy(app);
    let (at, blob) = match app.server.store.place() {
        onedoor::store::conn::Place::Sqlite(_) => ("'2020-01-01T00:00:00.000000Z'", "x'00'"),
        onedoor::store::conn::Place::Postgres(_) => ("'2020-01-01T00:00:00Z'", "'\\x00'"),
    };
    let seq = acted_row(app);
    let pick = format!("WHERE seq = {seq}");
    let cases = [
        (format!("UPDATE journal_event SET act = 'other' {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET at = {at} {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET region = 'other' {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET actor_id = NULL {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET department_id = id {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET object_id = NULL {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET object_kind = 'other' {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET request_id = 'other' {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET address = '10.9.8.7' {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET private_body = {blob} {pick}"), "column_differs"),
        (format!("UPDATE journal_event SET leaf = {blob} {pick}"), "row_changed"),
        (
            format!("UPDATE journal_event SET private_body = NULL, private_salt = NULL, address = '' {pick}"),
            "erased_unrecorded",
        ),
        (format!("DELETE FROM journal_event {pick}"), "row_deleted"),
        (
            format!(
                "UPDATE journal_event SET seq = -1 {pick}; UPDATE journal_event SET seq = {seq} WHERE seq = {0}; \
                 UPDATE journal_event SET seq = {0} WHERE seq = -1",
                seq + 1
            ),
            "rows_swapped",
        ),
        (format!("DELETE FROM journal_event WHERE seq >= {seq}"), "rows_truncated"),
        (format!("UPDATE journal_event SET seq = NULL {pick}"), "row_deleted"),
        ("UPDATE sequencer SET size = size - 1".to_owned(), "checkpoint_invalid"),
        ("UPDATE journal_checkpoint SET root = '00'".to_owned(), "checkpoint_invalid"),
        ("DELETE FROM journal_checkpoint".to_owned(), "rows_beyond_checkpoint"),
        (format!("UPDATE journal_tile SET hashes = {blob}"), "tile_differs"),
    ];
    let save = "CREATE TABLE saved_event AS SELECT * FROM journal_event; \
                CREATE TABLE saved_checkpoint AS SELECT * FROM journal_checkpoint; \
                CREATE TABLE saved_tile AS SELECT * FROM journal_tile; \
                CREATE TABLE saved_sequencer AS SELECT * FROM sequencer";
    let restore = "DELETE FROM journal_event; INSERT INTO journal_event SELECT * FROM saved_event; \
                   DELETE FROM journal_checkpoint; INSERT INTO journal_checkpoint SELECT * FROM saved_checkpoint; \
                   DELETE FROM journal_tile; INSERT INTO journal_tile SELECT * FROM saved_tile; \
                   DELETE FROM sequencer; INSERT INTO sequencer SELECT * FROM saved_sequencer";
    tamper(app, save);
    for (sql, code) in cases {
        tamper(app, &sql);
        let found = codes(app, &[]);
        assert!(found.iter().any(|c| c == code), "{sql}: {found:?}");
        tamper(app, restore);
        assert_eq!(codes(app, &[]), Vec::<String>::new(), "after {sql}");
    }
});

both!(a_log_set_back_shows_against_a_checkpoint_kept_elsewhere, |app| {
    let sys = busy(app);
    tamper(
        app,
        "CREATE TABLE saved_event AS SELECT * FROM journal_event; \
         CREATE TABLE saved_checkpoint AS SELECT * FROM journal_checkpoint; \
         CREATE TABLE saved_tile AS SELECT * FROM journal_tile; \
         CREATE TABLE saved_sequencer AS SELECT * FROM sequencer",
    );
    sys.post("/api/v1/users", &json!({ "login": "x", "name": "x" })).expect(201);
    seal(app);
    let kept = note(app);
    tamper(
        app,
        "DELETE FROM journal_event; INSERT INTO journal_event SELECT * FROM saved_event; \
         DELETE FROM journal_checkpoint; INSERT INTO journal_checkpoint SELECT * FROM saved_checkpoint; \
         DELETE FROM journal_tile; INSERT INTO journal_tile SELECT * FROM saved_tile; \
         DELETE FROM sequencer; INSERT INTO sequencer SELECT * FROM saved_sequencer",
    );
    // By itself the older state is whole; only the checkpoint kept elsewhere tells.
    assert_eq!(codes(app, &[]), Vec::<String>::new());
    let found = codes(app, std::slice::from_ref(&kept));
    assert!(found.iter().any(|c| c == "log_rolled_back"), "{found:?}");
});

both!(a_falsified_log_is_not_sealed_on, |app| {
    let sys = busy(app);
    tamper(app, "UPDATE journal_checkpoint SET note = replace(note, 'journal', 'jOurnal')");
    sys.post("/api/v1/users", &json!({ "login": "x", "name": "x" })).expect(201);
    let refused = Sealer::new(&app.server).unwrap();
    app.advance(chrono::TimeDelta::seconds(11));
    assert!(refused.clone().seal_all(&app.server).is_err());
    // The acts themselves go on.
    sys.post("/api/v1/users", &json!({ "login": "y", "name": "y" })).expect(201);
});

both!(personal_data_can_be_erased_and_the_leaf_stays, |app| {
    busy(app);
    let audit = app.user("audit", &[Role::AuditAdmin], None);
    let page = audit.get("/api/v1/journal?act=user_created&limit=1").expect(200);
    let id = page["items"][0]["id"].as_str().unwrap();
    let leaf = page["items"][0]["leaf"].clone();
    let path = format!("/api/v1/journal/{id}/erase");
    audit.post(&path, &json!({ "reason": "" })).problem(422, "invalid");
    let erased = audit.post(&path, &json!({ "reason": "当事人申请" })).expect(200);
    assert_eq!((&erased["leaf"], &erased["private"], &erased["address"]), (&leaf, &Value::Null, &json!("")));
    audit.post(&path, &json!({ "reason": "再次" })).problem(409, "nothing_to_erase");
    // Whole before and after the erasing itself is sealed.
    assert_eq!(codes(app, &[]), Vec::<String>::new());
    seal(app);
    let done = check(app, &[]);
    assert!(done.report.is_whole(), "{:?}", done.report.findings);
    assert_eq!(done.report.erased, 1);
});
