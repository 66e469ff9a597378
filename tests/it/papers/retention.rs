//! The journal is kept: no setting shortens it, nothing deletes from it.

use crate::results::dispatched;
use crate::support::{TestApp, both};
use chrono::TimeDelta;
use onedoor::config::Config;
use onedoor::domain::draw::note::VerifierKey;
use onedoor::service::{invitations, journal, papers, results};
use onedoor::worker::{self, Sealer};
use std::path::Path;

fn load(settings: &str) -> Result<Config, String> {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), settings).unwrap();
    Config::load(Some(file.path()))
}

#[test]
fn a_server_that_would_keep_the_journal_for_less_does_not_start() {
    assert_eq!(load("").unwrap().retention.journal_days, 180);
    assert_eq!(load("[retention]\njournal_days = 3650\n").unwrap().retention.journal_days, 3_650);
    let refused = load("[retention]\njournal_days = 179\n").unwrap_err();
    assert!(refused.contains("180"), "{refused}");
    assert!(load("[papers]\ndigest_hour = 24\n").is_err());
}

/// Everything that the clock drives, once.
fn round(app: &TestApp) {
    app.server.as_system(invitations::tick).unwrap();
    app.server.as_system(results::publications::tick).unwrap();
    app.server.as_system(papers::digest::tick).unwrap();
    worker::tidy(&app.server).unwrap();
    app.advance(TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap();
}

both!(the_journal_only_grows, |app| {
    let s = dispatched(app);
    let key = VerifierKey::parse(app.anonymous().get("/api/v1/journal/key").text().trim()).unwrap();
    let size = |app: &TestApp| {
        let checked = app.server.store.read(|db| journal::check(db, &[], &key)).unwrap();
        assert!(checked.report.findings.is_empty(), "{:?}", checked.report.findings);
        checked.size
    };
    round(app);
    let mut before = size(app);
    assert!(before > 10);
    // Past the shortest time, past a year, past ten.
    for days in [181, 400, 3_700] {
        app.advance(TimeDelta::days(days));
        round(app);
        let now = size(app);
        assert!(now >= before, "{now} of {before} events left");
        before = now;
    }
    let id = s.inspection;
    let kept = app.server.store.read(|db| onedoor::store::archive::events_of(db, &[id])).unwrap();
    assert!(!kept.is_empty());
});

/// No statement of the program deletes events, tiles of the log, or what an archive is made of.
#[test]
fn no_source_deletes_what_is_kept() {
    fn look(dir: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().replace(char::is_whitespace, "");
            for table in [
                "journal_event",
                "journal_tile",
                "evidence",
                "result",
                "conduct",
                "check_in",
                "notice_delivery",
            ] {
                for way in
                    [format!("delete({table}::"), format!("DELETEFROM{table}"), format!("TRUNCATE{table}")]
                {
                    if text.contains(&way) {
                        found.push(format!("{}: {way}", path.display()));
                    }
                }
            }
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert_eq!(found, Vec::<String>::new());
    // The search can find something.
    let mut other = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/papers"), &mut other);
    assert!(other.iter().all(|f| f.contains("retention.rs")));
}
