//! The archive: complete or not, the same twice, checkable by anybody.

use super::{unzip, word};
use crate::results::{Sent, dispatched, path, text};
use crate::support::{TestApp, both};
use assert_cmd::Command;
use onedoor::domain::access::Role;
use onedoor::domain::draw::merkle;
use onedoor::domain::draw::note::{SignedCheckpoint, TlogProof, VerifierKey};
use onedoor::worker::Sealer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Seals as a server that has just started: the one before has not been heard of for a while.
fn seal(app: &TestApp) {
    app.advance(chrono::TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap().unwrap();
}

fn codes(check: &Value) -> Vec<String> {
    let mut codes: Vec<String> =
        check["missing"].as_array().unwrap().iter().map(|g| text(&g["code"])).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn read(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(files.get(name).unwrap_or_else(|| panic!("{name} is not there"))).unwrap()
}

/// The manifest names every file with its length and hash, and nothing else is there.
fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Value {
    let manifest = read(files, "manifest.json");
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len() + 1, files.len());
    for file in listed {
        let content = &files[file["path"].as_str().unwrap()];
        assert_eq!(file["bytes"], content.len());
        assert_eq!(file["sha256"], hex::encode(Sha256::digest(content)), "{file}");
    }
    manifest
}

fn announce(s: &Sent, app: &TestApp) {
    for visit in &s.visits {
        let body = json!({ "channel": "in_person", "receiver": "王小明" });
        s.office(app).post(&format!("{}/notice/delivery", path(visit)), &body).expect(200);
    }
}

/// A visit from the door to its end, with a photograph and a signature.
fn hold(s: &Sent, app: &TestApp, visit: &Value) {
    crate::planning::fixture::travel(app, crate::planning::fixture::day(visit["day"].as_str().unwrap()));
    s.check_in(app, visit);
    let lead = s.team(app, visit, "SJ");
    let photo = [&[0xFF, 0xD8, 0xFF, 0xE0][..], visit["code"].as_str().unwrap().as_bytes()].concat();
    lead.a.upload(&format!("{}/evidence?name=door.jpg", path(visit)), "image/jpeg", &photo).expect(201);
    let said = json!({ "text": "无异议", "signer": "王小明", "signed": "signed" });
    lead.a.post(&format!("{}/statement", path(visit)), &said).expect(200);
    s.enter(app, visit, "SJ", &crate::results::fine());
    s.enter(app, visit, "XF", &crate::results::wrong());
    lead.a.post(&format!("{}/finish", path(visit)), &json!({})).expect(200);
}

both!(an_archive_grows_complete_and_anybody_can_check_it, |app| {
    let s = dispatched(app);
    let at = format!("/api/v1/inspections/{}/archive", s.inspection);
    let check = format!("{at}/check");
    let open = s.office(app).get(&check).expect(200);
    assert_eq!(open["complete"], false);
    assert_eq!(open["retention_days"], 180);
    let wanted = [
        "no_checkpoint",
        "not_closed",
        "not_finished",
        "not_sealed",
        "notice_not_recorded",
        "result_not_entered",
    ];
    assert_eq!(codes(&open), wanted);
    let who: Vec<String> = open["missing"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|g| g["code"] == "result_not_entered")
        .map(|g| text(&g["who"]))
        .collect();
    assert!(who.contains(&"示范县XF局".to_owned()) && who.contains(&"示范县SJ局".to_owned()), "{who:?}");
    // Also an unfinished one can be taken away; it says what is missing.
    let early = unzip(&s.office(app).get(&at).bytes);
    assert_eq!(manifest(&early)["complete"], false);
    assert!(!early.contains_key("results/results.json"));

    announce(&s, app);
    for visit in &s.visits {
        hold(&s, app, visit);
    }
    let later = s.office(app).get(&check).expect(200);
    assert_eq!(codes(&later), ["no_checkpoint", "not_closed", "not_sealed", "result_not_published"]);
    for visit in &s.visits {
        s.publish(app, visit, "SJ");
        s.publish(app, visit, "XF");
    }
    seal(app);
    let done = s.office(app).get(&check).expect(200);
    assert_eq!(
        (&done["complete"], &done["missing"], &done["state"]),
        (&json!(true), &json!([]), &json!("closed"))
    );

    let office = s.office(app);
    seal(app);
    let first = office.get(&at);
    first.expect(200);
    assert_eq!(first.header("content-type"), Some("application/zip"));
    let files = unzip(&first.bytes);
    let manifest = manifest(&files);
    assert_eq!((&manifest["complete"], &manifest["missing"]), (&json!(true), &json!([])));
    assert_eq!(manifest["inspection"]["number"], "示抽查〔2026〕1号");
    let names: Vec<&str> = files.keys().map(String::as_str).filter(|n| *n != "manifest.json").collect();
    let listed: Vec<String> = done["files"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(names, listed);
    // Nothing changed, so nothing differs.
    assert!(office.get(&at).bytes == first.bytes, "the archive is not the same twice");

    papers_and_results(&s, &files);
    transcript(&s, app, &files);
    proofs(app, &files);
});

fn papers_and_results(s: &Sent, files: &BTreeMap<String, Vec<u8>>) {
    for paper in ["dispatch-slip", "notice", "visit-form", "draw-record", "joint-summary"] {
        let file = word(&files[&format!("papers/{paper}.docx")]);
        let page = String::from_utf8(files[&format!("papers/{paper}.html")].clone()).unwrap();
        assert!(page.ends_with("</html>\n") && file.text.len() > 100, "{paper}");
    }
    let slips = String::from_utf8(files["papers/dispatch-slip.html"].clone()).unwrap();
    assert_eq!(slips.matches("<section").count(), 12);
    let results = read(files, "results/results.json");
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 8);
    assert!(results.iter().all(|r| r["state"] == "published"));
    let csv = String::from_utf8(files["results/results.csv"].clone()).unwrap();
    assert_eq!(csv.lines().count(), 9, "{csv}");
    assert_eq!(csv.matches("发现问题已责令改正").count(), 4);
    let visits = read(files, "visits.json");
    let visits = visits.as_array().unwrap();
    assert_eq!(visits.len(), s.visits.len());
    assert!(visits.iter().all(|v| {
        v["check_ins"].as_array().unwrap().len() == 4
            && v["conduct"]["signer"] == "王小明"
            && v["notices"][0]["in_time"] == true
    }));
    let index = read(files, "evidence/index.json");
    assert_eq!(index.as_array().unwrap().len(), 4);
    for row in index.as_array().unwrap() {
        assert_eq!(row["sha256"], hex::encode(Sha256::digest(&files[row["file"].as_str().unwrap()])));
    }
}

/// The transcript is what is served, and `onedoor verify` says the same of both.
fn transcript(s: &Sent, app: &TestApp, files: &BTreeMap<String, Vec<u8>>) {
    let id = s.inspection;
    let draws = app.server.store.read(|db| onedoor::store::draws::of(db, id)).unwrap();
    let kept: Vec<&String> = files.keys().filter(|n| n.starts_with("draws/")).collect();
    assert_eq!(kept.len(), draws.len());
    for (name, draw) in kept.into_iter().zip(&draws) {
        let served = app.anonymous().get(&format!("/api/v1/public/draws/{}", draw.id));
        assert!(files[name] == served.bytes, "{name} is not what is served");
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("draw.json");
        std::fs::write(&place, &files[name]).unwrap();
        let verified = |path: &std::path::Path| {
            Command::new(assert_cmd::cargo::cargo_bin!("onedoor"))
                .arg("verify")
                .arg(path)
                .arg("--draw-id")
                .arg(&draw.draw_id)
                .output()
                .unwrap()
                .status
                .code()
        };
        assert_eq!(verified(&place), Some(0));
        let mut changed = files[name].clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        std::fs::write(&place, changed).unwrap();
        assert_ne!(verified(&place), Some(0));
    }
}

/// Every event of the inspection proves that it is in the log of the checkpoint, and names no person.
fn proofs(app: &TestApp, files: &BTreeMap<String, Vec<u8>>) {
    let note = String::from_utf8(files["journal/checkpoint.txt"].clone()).unwrap();
    let note = SignedCheckpoint::parse(&note).unwrap();
    let key = VerifierKey::parse(app.anonymous().get("/api/v1/journal/key").text().trim()).unwrap();
    assert!(note.signed_by(&key));
    let events = read(files, "journal/events.json");
    let events = events.as_array().unwrap();
    for act in ["visit_dispatched", "notice_delivered", "checked_in", "evidence_added", "visit_finished"] {
        assert!(events.iter().any(|e| e["act"] == act), "no {act}");
    }
    for event in events {
        let leaf = event["leaf"].as_str().unwrap();
        assert!(!leaf.contains("王小明"), "{leaf}");
        let hash = merkle::leaf_hash(leaf.as_bytes());
        let proof = TlogProof::parse(event["proof"].as_str().unwrap()).unwrap();
        let root = merkle::root_from_path(hash, proof.index, note.checkpoint.size, &proof.path);
        assert_eq!(root, Some(note.checkpoint.root), "{event}");
    }
    // A changed leaf proves nothing.
    let proof = TlogProof::parse(events[0]["proof"].as_str().unwrap()).unwrap();
    let other = merkle::leaf_hash(b"another");
    assert_ne!(
        merkle::root_from_path(other, proof.index, note.checkpoint.size, &proof.path),
        Some(note.checkpoint.root)
    );
}

both!(whoever_only_takes_part_does_not_get_the_whole, |app| {
    let s = dispatched(app);
    let at = format!("/api/v1/inspections/{}/archive", s.inspection);
    for path in [at.clone(), format!("{at}/check")] {
        s.desk(app, "SJ", Role::DepartmentClerk).get(&path).expect(200);
        s.desk(app, "SJ", Role::DepartmentHead).get(&path).expect(200);
        // It takes part in the visits; to the inspection it was never invited.
        s.desk(app, "XF", Role::DepartmentClerk).get(&path).problem(404, "not_found");
        s.team(app, &s.visit, "SJ").a.get(&path).problem(403, "denied");
        app.anonymous().get(&path).problem(401, "login_required");
    }
    let other = app.department("ZZ", "示范县林业局", "inspecting");
    app.user("forest", &[Role::DepartmentHead], Some(other)).get(&at).problem(404, "not_found");
    let office = app.department("JC", "监督科", "oversight");
    app.user("overseer", &[Role::Overseer], Some(office)).get(&at).expect(200);
});

both!(evidence_that_is_gone_is_missed, |app| {
    let s = dispatched(app);
    hold(&s, app, &s.visit);
    let sha256 = text(&s.conduct(app, &s.visit)["evidence"][0]["sha256"]);
    let place = app.files().join(&sha256[..2]).join(&sha256);
    std::fs::write(&place, b"something else").unwrap();
    let at = format!("/api/v1/inspections/{}/archive", s.inspection);
    let check = s.office(app).get(&format!("{at}/check")).expect(200);
    let lost: Vec<&Value> =
        check["missing"].as_array().unwrap().iter().filter(|g| g["code"] == "evidence_lost").collect();
    assert_eq!(lost.len(), 1);
    assert_eq!((&lost[0]["about"], &lost[0]["who"]), (&s.visit["code"], &json!("系统管理员")));
    let bundle = s.office(app).get(&at);
    bundle.expect(200);
    let files = unzip(&bundle.bytes);
    assert!(!files.keys().any(|n| n.contains(&sha256)));
    assert!(read(&files, "evidence/index.json").to_string().contains(&sha256));
});
