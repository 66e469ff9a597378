//! What a server keeps of the directory between requests is the directory as it is.

use super::{people, version};
use crate::support::{TestApp, both};
use onedoor::service::inspections::eligible::Universe;
use onedoor::service::memory::{self, Directory};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a directory says, as one text.
fn told(universe: &Universe) -> String {
    let each = universe
        .subjects
        .iter()
        .map(|s| format!("{s:?} {:?} {:?}\n", universe.supervisors(s), universe.facts(s).supervised_by));
    each.chain(universe.departments.iter().map(|d| format!("{} {} {}\n", d.code, d.name, d.state))).collect()
}

/// What is kept now; it says what the database says.
fn kept(app: &TestApp) -> Arc<Directory> {
    app.server
        .as_system(|cx| {
            let kept = memory::directory(cx)?;
            assert_eq!(told(&kept.universe), told(&Universe::read(cx)?));
            Ok(kept)
        })
        .unwrap()
}

both!(what_is_kept_of_the_directory_changes_with_it, |app| {
    let p = people(app);
    let empty = kept(app);
    let new = json!({
        "registration_no": "350403600077777", "name": "阿珍小店", "town": "城关镇", "credit": "",
        "department_ids": [p.department],
    });
    let made = p.clerk.post("/api/v1/subjects", &new);
    let mut row: Value = made.expect(201);
    let at = format!("/api/v1/subjects/{}", made.id());
    let mut before = kept(app);
    assert!(!Arc::ptr_eq(&empty, &before) && before.words().towns == ["城关镇"]);
    let own = before.kept_by(p.department);
    assert_eq!((own.subjects, own.classified, own.on.is_some()), (1, 0, true));
    assert!(Arc::ptr_eq(&before, &kept(app)), "nothing has changed, so nothing is read");
    for change in [
        json!({ "town": "山前乡" }),
        json!({ "department_ids": [p.department, p.other] }),
        json!({ "credit": "D", "tags": ["重点"] }),
        json!({ "department_ids": [p.other, p.department], "abnormal": true }),
        json!({ "state": "closed" }),
        json!({ "state": "active" }),
    ] {
        row = p.clerk.if_match(version(&row)).patch(&at, &change).expect(200);
        let now = kept(app);
        assert!(!Arc::ptr_eq(&before, &now), "{change}");
        before = now;
    }
    assert_eq!(
        (before.kept_by(p.other).classified, before.words().tags.as_slice()),
        (1, &["重点".to_owned()][..])
    );
    // By a file; and a department by another name.
    let file =
        "统一社会信用代码,市场主体名称,监管部门\n350403600077777,阿珍小店,YJ\n350403600088888,阿芳小店,SJ\n";
    let read = p.clerk.upload("/api/v1/imports?kind=subjects", "application/octet-stream", file.as_bytes());
    read.expect(201);
    let apply = format!("/api/v1/imports/{}/apply", read.id());
    p.clerk.post(&apply, &json!({ "mode": "all" })).expect(200);
    let now = kept(app);
    assert_eq!((now.universe.subjects.len(), now.kept_by(p.department).subjects), (2, 1));
    let office = format!("/api/v1/departments/{}", p.other);
    let seen = version(&p.coordinator.get(&office).expect(200));
    p.coordinator.if_match(seen).patch(&office, &json!({ "name": "示范县应急局" })).expect(200);
    assert!(!Arc::ptr_eq(&now, &kept(app)));
});
