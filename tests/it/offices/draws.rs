//! Draws: the list, attempts and rounds, the audit, and the page on which everybody's own browser computes them again.

use crate::desk::{at, has, refuses_foreign_forms};
use crate::joint::County;
use crate::support::browser::Browser;
use crate::support::{Client, PASSWORD, TestApp, both};
use chrono::{FixedOffset, TimeDelta};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// A moment as a form sends it, so many minutes from now.
fn moment(app: &TestApp, minutes: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3600).unwrap();
    (app.now() + TimeDelta::minutes(minutes)).with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// Who watches, and when, as the fields of a form.
fn parties(c: &County<'_>, prefix: &str) -> Vec<(String, String)> {
    let people = [0, 1].map(|i| c.witnesses[i].user.unwrap().to_string());
    [
        ("witnesses/0/user_id", people[0].clone()),
        ("witnesses/1/user_id", people[1].clone()),
        ("not_before", moment(c.app, 10)),
        ("deadline", moment(c.app, 60)),
    ]
    .map(|(name, value)| (format!("{prefix}{name}"), value))
    .to_vec()
}

fn refs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

fn resulted(c: &County<'_>, draw: &str) {
    c.revealed(draw);
    c.app.advance(TimeDelta::minutes(12));
    fresh(c).post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
}

/// The coordination office, logged in just now.
fn fresh(c: &County<'_>) -> Client {
    c.app.login("xtb", PASSWORD)
}

/// What the script of the public page says of these bundles, and of what somebody has changed in them; none where there
/// is no node to run it.
fn run_script(bundles: &Value) -> Option<Value> {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new("node");
    command.arg(format!("{root}/tests/it/offices/draw_check.js"));
    command.arg(format!("{root}/src/web/html/assets/draw.js"));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: node is not installed, the script of the draw page has NOT been tested");
        return None;
    };
    let text = json!({ "bundles": bundles }).to_string();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

/// Every step holds, and nothing that can be changed goes unnoticed, but what only the list of inspectors can tell.
#[track_caller]
fn all_hold(told: &Value, steps: &[&str]) {
    let found = told["found"].as_object().unwrap();
    assert!(found.values().all(|held| *held == json!(true)), "{told}");
    for step in steps {
        assert!(found.contains_key(*step), "no {step}: {told}");
    }
    let missed: Vec<&str> = told["missed"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    assert!(missed.iter().all(|m| *m == "result: assigned"), "{missed:?}");
}

const STEPS: [&str; 7] = ["pool", "log", "cards", "seed", "quota", "lots", "winners"];

#[test]
fn the_script_computes_the_vectors_of_the_protocol() {
    let text = include_str!("../vectors/draw.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let bundle = |name: &str| vectors[name].to_string();
    let bundles = json!({ "public": bundle("public"), "ceremony": bundle("ceremony") });
    let Some(told) = run_script(&bundles) else { return };
    for name in ["public", "ceremony"] {
        all_hold(&told[name], &STEPS);
        // What was tried is what can be tried: nearly every line of every record and every opening.
        assert!(
            !told[name]["missed"].as_array().unwrap().is_empty(),
            "the seats cannot be told without people"
        );
    }
}

both!(everybody_computes_a_draw_again_in_the_browser, |app| {
    let c = County::new(app);
    let inspection = c.confirmed(&c.body());
    let draw = c.opened(&inspection);
    let nobody = Browser::new(app);
    let page = format!("/public/draws/{draw}");
    let bundle = || app.anonymous().get(&format!("/api/v1/public/draws/{draw}")).text();
    let opened = bundle();
    let shown = nobody.get(&page).text();
    has(
        &shown,
        &["id=\"own\" hidden", "data-step=\"lots\"", "不符", &format!("/api/v1/public/draws/{draw}")],
    );
    // The script is an asset of its own, loaded by this page alone.
    let script = shown.split("<script src=\"").nth(2).unwrap().split('"').next().unwrap();
    assert!(script.starts_with("/assets/draw.") && script.ends_with(".js"), "{script}");
    let served = nobody.get(script);
    assert_eq!((served.status, served.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert!(!nobody.get("/public/draws").text().contains("/assets/draw."));
    resulted(&c, &draw);
    let result = bundle();
    let shown = nobody.get(&page).text();
    assert_eq!(shown.matches("data-winner=\"").count(), 13);
    // A round and an aborted attempt are computed with everything before them.
    let drawn = fresh(&c).get(&format!("/api/v1/inspections/{inspection}/drawn")).expect(200);
    let gone = json!([{ "subject_id": drawn["items"][0]["subject_id"], "reason": "ZX" }]);
    let body = json!({ "gone": gone, "parties": c.parties() });
    let round = fresh(&c).post(&format!("/api/v1/draws/{draw}/round"), &body).expect(201);
    let round = round["id"].as_str().unwrap();
    resulted(&c, round);
    let second = app.anonymous().get(&format!("/api/v1/public/draws/{round}")).text();
    let Some(told) = run_script(&json!({ "opened": opened, "result": result, "round": second })) else {
        return;
    };
    // What comes last is vouched for by what follows: of a draw that has only been opened, its opening may still be
    // another.
    let opened = &told["opened"];
    assert!(opened["found"].as_object().unwrap().values().all(|held| *held == json!(true)), "{opened}");
    assert!(["pool", "log", "file"].iter().all(|step| opened["found"].get(*step).is_some()), "{opened}");
    let missed = opened["missed"].as_array().unwrap();
    assert!(missed.iter().all(|m| m.as_str().unwrap().starts_with("open: ")), "{opened}");
    assert_eq!(told["opened"]["found"].get("lots"), None);
    for name in ["result", "round"] {
        all_hold(&told[name], &STEPS);
        assert_eq!(told[name]["found"]["file"], json!(true));
        assert_eq!(told[name]["sum"], json!(false), "a byte more is a damaged file");
    }
});

both!(the_script_knows_embargo_and_abort, |app| {
    let c = County::new(app);
    let body = c.with(|b| b["draw"] = json!({ "policy": "embargo", "witnesses": 2, "pool_age_hours": 1 }));
    let inspection = format!("/api/v1/inspections/{}", c.confirmed(&body));
    c.office.post(&format!("{inspection}/freeze-pool"), &json!({})).expect(201);
    let at = |minutes| app.now() + TimeDelta::minutes(minutes);
    let mut parties = c.parties();
    parties["beacons"] = json!([{ "kind": "lottery", "reference": "SSQ/2026025" }]);
    parties["publish_by"] = json!("2026-07-20T00:00:00Z");
    (parties["not_before"], parties["deadline"]) = (json!(at(61)), json!(at(180)));
    let open = |path: &str| {
        let draw = c.office.post(path, &parties).expect(201);
        draw["id"].as_str().unwrap().to_owned()
    };
    let bundle = |draw: &str| app.anonymous().get(&format!("/api/v1/public/draws/{draw}")).text();
    let first = open(&format!("{inspection}/draws"));
    c.revealed(&first);
    let abort = json!({ "code": "NO-POWER", "reason": "会场停电" });
    c.office.post(&format!("/api/v1/draws/{first}/abort"), &abort).expect(200);
    let aborted = bundle(&first);
    let draw = open(&format!("/api/v1/draws/{first}/again"));
    c.revealed(&draw);
    app.advance(TimeDelta::minutes(62));
    let office = fresh(&c);
    let number = json!({ "kind": "lottery", "reference": "SSQ/2026025", "value": "01.02.03.04.05.06+07" });
    office.post(&format!("/api/v1/draws/{draw}/beacon"), &json!({ "beacons": [number] })).expect(200);
    office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    let held = bundle(&draw);
    office.post(&format!("/api/v1/draws/{draw}/publish"), &json!({})).expect(200);
    let published = bundle(&draw);
    let bundles = json!({ "aborted": aborted, "held": held, "published": published });
    let Some(told) = run_script(&bundles) else { return };
    for (name, steps) in [("aborted", &STEPS[..3]), ("held", &STEPS[..3]), ("published", &STEPS[..])] {
        let told = &told[name];
        assert!(
            told["found"].as_object().unwrap().values().all(|held| *held == json!(true)),
            "{name}: {told}"
        );
        for step in steps {
            assert_eq!(told["found"][*step], json!(true), "{name}: {told}");
        }
        assert_eq!(told["found"].get("lots").is_some(), name == "published", "{name}: {told}");
    }
    all_hold(&told["published"], &STEPS);
});

both!(draws_are_listed_for_those_who_may_see_them, |app| {
    let c = County::new(app);
    let [market, health, office, witness] = ["scjg", "wjj", "xtb", "wit1"].map(|login| at(app, login));
    has(&office.get("/draws").text(), &["还没有进行过抽取", "href=\"/draws\" aria-current=\"page\""]);
    let inspection = c.confirmed(&c.body());
    let draw = c.opened(&inspection);
    let href = format!("href=\"/draws/{draw}\"");
    for who in [&market, &office, &witness] {
        has(&who.get("/draws").text(), &[&href, "学校联合抽查", "现场抽取", "已开启"]);
    }
    // Who takes no part sees none of it.
    let other = health.get("/draws");
    assert_eq!(other.status, 200);
    assert!(!other.text().contains(&href), "{}", other.text());
    // Filters live in the address.
    for (query, there) in [
        ("state=opened", true),
        ("state=aborted", false),
        ("kind=ceremony", true),
        ("kind=public", false),
        ("state=&kind=&inspection_id=", true),
    ] {
        let text = office.get(&format!("/draws?{query}")).text();
        assert_eq!(text.contains(&href), there, "{query}: {text}");
    }
    let own = office.get(&format!("/draws?inspection_id={inspection}&state=opened")).text();
    has(&own, &[&href, &format!("name=\"inspection_id\" value=\"{inspection}\""), " selected>已开启"]);
    assert_eq!(office.get("/draws?state=nothing").status, 422);
    assert_eq!(office.get("/draws?after=x").status, 422);
    office.get("/language/en?next=/draws");
    let english = office.get("/draws").text();
    assert!(english.contains("Every draw you may see") && !english.contains('⟦'), "{english}");
});

both!(an_aborted_draw_is_opened_again_and_a_round_replaces_those_who_fell_away, |app| {
    let c = County::new(app);
    let office = at(app, "xtb");
    let inspection = c.confirmed(&c.body());
    let first = format!("/draws/{}", c.opened(&inspection));
    assert_eq!(office.get(&format!("{first}/again")).status, 409);
    assert_eq!(office.get(&format!("{first}/round")).status, 409);
    office.post(&first, &format!("{first}/abort"), &[("code", "NO-POWER"), ("reason", "会场停电")]);
    let again = format!("{first}/again");
    has(&office.get(&first).text(), &[&format!("href=\"{again}\""), "重新开启"]);
    let page = office.get(&again).text();
    has(&page, &["NO-POWER 会场停电", "见证人", "witnesses/0/user_id"]);
    assert_eq!(at(app, "scjg").get(&again).status, 403);
    refuses_foreign_forms(&office, &again);
    // Refused: what was ticked is still ticked, what is wrong stands at its field.
    let all = parties(&c, "");
    let few = office.post(&again, &again, &refs(&all[1..]));
    assert_eq!(few.status, 422);
    has(&few.text(), &["<title>错误：", "至少2名见证人", &format!("value=\"{}\" checked", all[1].1)]);
    let opened = office.post(&again, &again, &refs(&all));
    let second = office.done(&opened);
    assert_ne!(second, first);
    has(&office.follow(&opened).text(), &["第 2 次抽取", "抽取已开启"]);
    assert!(!office.get(&first).text().contains(&format!("href=\"{again}\"")), "only the last is taken up");
    assert_eq!(office.get(&again).status, 409);
    has(&office.get("/draws?state=aborted").text(), &["NO-POWER 会场停电"]);
    resulted(&c, second.strip_prefix("/draws/").unwrap());

    let round = format!("{second}/round");
    has(&office.get(&second).text(), &[&format!("href=\"{round}\""), "补抽"]);
    let drawn = fresh(&c).get(&format!("/api/v1/inspections/{inspection}/drawn")).expect(200);
    let (code, name) = (&drawn["items"][0]["key"], drawn["items"][1]["name"].as_str().unwrap());
    let page = office.get(&round).text();
    has(&page, &["<datalist id=\"drawn\">", name, "已注销", "parties/not_before"]);
    assert_eq!(page.matches("<option value=\"35040300").count(), 13);
    refuses_foreign_forms(&office, &round);
    let with = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        let mut all = parties(&c, "parties/");
        for (i, (subject, reason)) in rows.iter().enumerate() {
            // The second row is left blank.
            let row = if i == 0 { 0 } else { i + 1 };
            all.push((format!("gone/{row}/subject"), (*subject).to_owned()));
            all.push((format!("gone/{row}/reason"), (*reason).to_owned()));
        }
        all
    };
    let send = |fields: &[(String, String)]| office.post(&round, &round, &refs(fields));
    let none = send(&with(&[]));
    assert_eq!(none.status, 422);
    has(&none.text(), &["请列出不能检查的对象"]);
    let wrong = send(&with(&[("没有这一家", "ZX"), (name, "")]));
    assert_eq!(wrong.status, 422);
    has(
        &wrong.text(),
        &["href=\"#gone-0-subject\"", "href=\"#gone-2-reason\"", "value=\"没有这一家\"", name],
    );
    let mut late = with(&[(code.as_str().unwrap(), "ZX"), (name, "QC")]);
    let good = late.clone();
    for field in late.iter_mut().filter(|f| f.0 == "parties/deadline") {
        field.1 = moment(app, 5);
    }
    let late = send(&late);
    assert_eq!(late.status, 422);
    has(&late.text(), &["href=\"#parties-deadline\""]);
    let opened = send(&good);
    let third = office.done(&opened);
    has(&office.follow(&opened).text(), &["第 3 次抽取", "抽取已开启"]);
    has(&office.get("/draws").text(), &["第 1 轮补抽"]);
    resulted(&c, third.strip_prefix("/draws/").unwrap());
    let drawn = fresh(&c).get(&format!("/api/v1/inspections/{inspection}/drawn")).expect(200);
    let count =
        |state: &str| drawn["items"].as_array().unwrap().iter().filter(|d| d["state"] == state).count();
    assert_eq!((count("drawn"), count("gone")), (13, 2));
    assert_eq!(office.get(&round).status, 409);
});

both!(the_overseer_audits_a_draw, |app| {
    let c = County::new(app);
    let inspection = c.confirmed(&c.body());
    let draw = c.opened(&inspection);
    let (overseer, office) = (at(app, "jdb"), at(app, "xtb"));
    let path = format!("/draws/{draw}");
    let audit = format!("{path}/audit");
    assert_eq!(office.get(&audit).status, 403);
    assert!(!office.get(&path).text().contains(&audit));
    has(&overseer.get(&path).text(), &[&format!("href=\"{audit}\"")]);
    has(&overseer.get(&audit).text(), &["抽取还没有结束"]);
    assert_eq!(overseer.get(&format!("{audit}/file")).status, 409);
    resulted(&c, &draw);
    let text = overseer.get(&audit).text();
    has(&text, &["全部属实", "80 户", "6 人", &format!("onedoor verify draw-{draw}-audit.json")]);
    let file = overseer.get(&format!("{audit}/file"));
    assert_eq!(file.status, 200);
    let bundle: Value = serde_json::from_slice(&file.bytes).unwrap();
    assert_eq!(bundle["audit"]["subjects"].as_array().unwrap().len(), 80);
    has(file.header("content-disposition").unwrap(), &[&format!("draw-{draw}-audit.json")]);
    overseer.get("/language/en?next=/");
    let english = overseer.get(&audit).text();
    assert!(english.contains("Bundle for auditors") && !english.contains('⟦'), "{english}");
});
