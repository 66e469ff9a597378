//! Long work over HTTP, on both databases: begun, left, found again; done once by however many servers; taken back.

use crate::desk::{at, between, has};
use crate::planning::fixture::small_joint;
use crate::registries::people;
use crate::results::dispatched;
use crate::support::browser::{Browser, hidden};
use crate::support::{Answer, Client, PASSWORD, TestApp, both};
use calamine::{Reader, Xlsx};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::entropy::Entropy;
use onedoor::ids::Id;
use onedoor::keys::Keys;
use onedoor::store::jobs::{self as rows, Job, Outcome, Progress};
use onedoor::store::journal;
use onedoor::web::run::Parts;
use onedoor::web::server::Server;
use onedoor::worker::jobs::{Runner, tidy};
use serde_json::{Value, json};
use std::io::{Cursor, Read, Write};
use std::sync::Arc;

const HEAD: &str =
    "统一社会信用代码,注册号,市场主体名称,主体类型,区划代码,乡镇街道,行业代码,监管部门,标签\r\n";

/// A file of so many subjects.
fn file(rows: usize) -> String {
    let mut text = HEAD.to_owned();
    for n in 0..rows {
        text.push_str(&format!(",3504036{n:08},第{n}号店,企业,350403,城关镇,6210,SJ,\r\n"));
    }
    text
}

fn runner(server: &Arc<Server>) -> Runner {
    Runner::new(server, &Arc::default()).unwrap()
}

/// Another server on the same database, with the same clock.
fn another(app: &TestApp) -> Arc<Server> {
    let entropy = Entropy::system();
    let parts = Parts {
        config: app.config.clone(),
        clock: app.server.clock.clone(),
        keys: Keys::fresh(&entropy).unwrap(),
        entropy,
        hash_memory_kib: Some(64),
    };
    Server::open(parts).unwrap()
}

/// Does all work that is due; answers how many pieces.
fn work(app: &TestApp) -> usize {
    let runner = runner(&app.server);
    std::iter::from_fn(|| runner.work_next().unwrap()).count()
}

fn upload(app: &TestApp, browser: &Browser, name: &str, text: &str) -> Answer {
    let new = "/imports/new?kind=subjects";
    let shown = browser.get(new).text();
    let (csrf, once) = (hidden(&shown, "csrf"), hidden(&shown, "once"));
    let mut body = String::new();
    for (field, value) in [("csrf", csrf.as_str()), ("once", once.as_str()), ("kind", "subjects")] {
        body.push_str(&format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n{text}\r\n--xyz--\r\n"
    ));
    browser.with("Origin", &app.base);
    browser.send_raw(new, "multipart/form-data; boundary=xyz", &body)
}

fn row(app: &TestApp, id: &str) -> Job {
    let id: Id = id.parse().unwrap();
    app.server.store.read(|db| rows::get(db, id)).unwrap().unwrap()
}

fn events(app: &TestApp, act: &str) -> usize {
    let all = app
        .server
        .store
        .read(|db| journal::list(db, crate::support::REGION, &journal::Filter::default(), 1_000))
        .unwrap();
    all.iter().filter(|e| e.act == act).count()
}

fn subjects(client: &Client) -> usize {
    client.get("/api/v1/subjects?limit=200").expect(200)["items"].as_array().unwrap().len()
}

/// Takes a piece of work as a server does that is never heard of again.
fn taken_and_dropped(app: &TestApp, id: &str) {
    let seen = row(app, id);
    let now = app.now();
    let until = now + TimeDelta::seconds(30);
    let claimed = app.server.store.write(move |db| rows::claim(db, &seen, "dead", until, now)).unwrap();
    assert!(claimed);
}

both!(a_large_file_is_checked_and_imported_in_the_background, |app| {
    let p = people(app);
    let (clerk, stranger) = (at(app, "clerk"), at(app, "stranger"));
    has(&clerk.get("/jobs").text(), &["还没有作业"]);
    let sent = upload(app, &clerk, "名录.csv", &file(600));
    let path = clerk.done(&sent);
    assert!(path.starts_with("/jobs/") && path.ends_with("?then=result"), "{path}");
    let bare = path.trim_end_matches("?then=result").to_owned();
    let id = bare.trim_start_matches("/jobs/").to_owned();
    let shown = clerk.get(&path).text();
    has(
        &shown,
        &[
            "等待中",
            "名录.csv",
            "正在排队",
            "http-equiv=\"refresh\" content=\"3\"",
            "data-events=",
            "取消作业",
        ],
    );
    has(&clerk.get("/").text(), &["1 项作业进行中", "href=\"/jobs\""]);
    has(&clerk.get("/jobs").text(), &["检查导入文件", "<progress", &bare]);
    let import = row(app, &id).object_id.unwrap().to_string();
    has(&clerk.get(&format!("/imports/{import}")).text(), &["文件正在检查", &bare]);

    // Nobody of another department knows of it.
    for path in [bare.clone(), format!("{bare}/events"), format!("{bare}/file")] {
        assert_eq!(stranger.get(&path).status, 404, "{path}");
    }
    let token = hidden(&stranger.get("/account").text(), "csrf");
    let cancel = format!("{bare}/cancel");
    assert_eq!(stranger.post_as(&cancel, &[("csrf".to_owned(), token)]).status, 404);
    p.stranger.get(&format!("/api/v1/jobs/{id}")).problem(404, "not_found");
    p.stranger.post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})).problem(404, "not_found");
    assert_eq!(stranger.get("/jobs").text().matches("/jobs/0").count(), 0);

    assert_eq!(work(app), 1);
    let seen = p.clerk.get(&format!("/api/v1/jobs/{id}")).expect(200);
    assert_eq!(
        (&seen["state"], &seen["done"], &seen["total"], &seen["error"]),
        (&json!("done"), &json!(600), &json!(600), &json!("")),
        "{seen}"
    );
    assert_eq!(seen["result"], format!("/api/v1/imports/{import}"));
    // Whoever waits for it is led on; whoever comes back finds it.
    assert_eq!(clerk.done(&clerk.get(&path)), format!("/imports/{import}"));
    has(&clerk.get(&bare).text(), &["已完成", "查看检查结果", &import]);
    assert!(!clerk.get("/").text().contains("项作业进行中"));
    assert_eq!((events(app, "job_started"), events(app, "import_checked")), (1, 1));
    assert_eq!(subjects(&p.clerk), 0);

    let page = format!("/imports/{import}");
    has(&clerk.get(&page).text(), &["全部 600 行"]);
    let begun = clerk.post(&page, &format!("{page}/apply"), &[("mode", "all")]);
    let applying = clerk.done(&begun);
    assert!(applying.starts_with("/jobs/"), "{applying}");
    has(&clerk.get(&page).text(), &["查看进度"]);
    assert_eq!(work(app), 1);
    assert_eq!(clerk.done(&clerk.get(&applying)), page);
    has(&clerk.get(&page).text(), &["已经导入"]);
    assert_eq!(subjects(&p.clerk), 200);
    assert_eq!(events(app, "import_applied"), 1);
    let last = row(app, applying.trim_start_matches("/jobs/").trim_end_matches("?then=result"));
    assert_eq!((last.done, last.total, last.attempts), (600, 600, 1));
});

both!(what_is_taken_back_changes_nothing, |app| {
    let p = people(app);
    let clerk = at(app, "clerk");
    let checked = clerk.done(&upload(app, &clerk, "名录.csv", &file(600)));
    assert_eq!(work(app), 1);
    let page = clerk.done(&clerk.get(&checked));
    let apply = || {
        let begun = clerk.post(&page, &format!("{page}/apply"), &[("mode", "all")]);
        clerk.done(&begun).trim_start_matches("/jobs/").trim_end_matches("?then=result").to_owned()
    };
    // A check that was taken back can be asked for again.
    let again = clerk.done(&upload(app, &clerk, "另一份.csv", &file(600)));
    let bare = again.trim_end_matches("?then=result");
    let gone = clerk.post(bare, &format!("{bare}/cancel"), &[]);
    assert_eq!(clerk.done(&gone), bare);
    let import = row(app, bare.trim_start_matches("/jobs/")).object_id.unwrap();
    let unchecked = format!("/imports/{import}");
    has(&clerk.get(&unchecked).text(), &["检查没有完成"]);
    assert_eq!(clerk.post(&unchecked, &format!("{unchecked}/apply"), &[("mode", "all")]).status, 409);
    let begun = clerk.done(&clerk.post(&unchecked, &format!("{unchecked}/check"), &[]));
    assert_eq!(work(app), 1);
    has(&clerk.follow(&clerk.get(&begun)).text(), &["全部 600 行"]);

    // Before anybody has begun.
    let first = apply();
    let at = format!("/jobs/{first}");
    has(&clerk.follow(&clerk.post(&at, &format!("{at}/cancel"), &[])).text(), &["作业已取消", "已取消"]);
    assert_eq!(work(app), 0);
    assert_eq!(clerk.get(&format!("{at}/events")).status, 204);
    p.clerk.post(&format!("/api/v1/jobs/{first}/cancel"), &json!({})).problem(409, "wrong_state");

    // While a server works on it: it cannot end well any more.
    let second = apply();
    taken_and_dropped(app, &second);
    let told = p.clerk.post(&format!("/api/v1/jobs/{second}/cancel"), &json!({})).expect(200);
    assert_eq!((&told["state"], &told["stopping"]), (&json!("running"), &json!(true)));
    has(&clerk.get(&format!("/jobs/{second}")).text(), &["正在停止"]);
    let (id, now) = (second.parse::<Id>().unwrap(), app.now());
    let done =
        Outcome { state: "done", output: json!({}), error: String::new(), count: Some(600), run_at: now };
    assert!(!app.server.store.write(move |db| rows::settle(db, id, 1, &done, now)).unwrap());
    let beat = Progress { done: 5, total: 600, step: "writing" };
    let heard = app.server.store.write(move |db| rows::beat(db, id, 1, beat, now, now)).unwrap();
    assert_eq!(heard, Some(true));
    app.advance(TimeDelta::seconds(31));
    assert_eq!(work(app), 1);
    assert_eq!(row(app, &second).state, "cancelled");
    assert_eq!((subjects(&p.clerk), events(app, "import_applied")), (0, 0));

    // It can be done afterwards all the same.
    let third = apply();
    assert_eq!(work(app), 1);
    assert_eq!(row(app, &third).state, "done");
    assert_eq!(subjects(&p.clerk), 200);
});

both!(work_outlives_the_server_that_had_it, |app| {
    let p = people(app);
    let upload = |n: usize| {
        let text = file(n);
        let begun =
            p.clerk.upload("/api/v1/jobs/imports?kind=subjects&name=a.csv", "text/csv", text.as_bytes());
        begun.expect(202);
        assert_eq!(begun.header("location").unwrap(), format!("/api/v1/jobs/{}", begun.id()));
        begun.id()
    };
    let id = upload(3);
    taken_and_dropped(app, &id);
    let second = another(app);
    let next = runner(&second);
    // The one that has it may be alive still.
    assert_eq!(next.work_next().unwrap(), None);
    app.advance(TimeDelta::seconds(31));
    assert_eq!(next.work_next().unwrap(), Some(id.parse().unwrap()));
    let done = row(app, &id);
    assert_eq!((done.state.as_str(), done.attempts, done.done), ("done", 2, 3));
    // The one thought dead comes back, too late: nothing of it counts.
    let (job, now) = (done.id, app.now());
    let late = Progress { done: 1, total: 3, step: "checking" };
    let heard = app.server.store.write(move |db| rows::beat(db, job, 1, late, now, now)).unwrap();
    assert_eq!(heard, None);
    let failed =
        Outcome { state: "failed", output: json!({}), error: "x".to_owned(), count: None, run_at: now };
    assert!(!app.server.store.write(move |db| rows::settle(db, job, 1, &failed, now)).unwrap());
    assert_eq!(row(app, &id).state, "done");

    // What kills every server that takes it up is given up, in plain words.
    let deadly = upload(2);
    for _ in 0..3 {
        taken_and_dropped(app, &deadly);
        app.advance(TimeDelta::seconds(31));
    }
    assert_eq!(next.work_next().unwrap(), Some(deadly.parse().unwrap()));
    let given_up = row(app, &deadly);
    assert_eq!(given_up.state, "failed");
    assert!(given_up.error.contains("多次中断"), "{}", given_up.error);
    assert_eq!(next.work_next().unwrap(), None);
});

both!(however_many_servers_there_are_each_piece_is_done_once, |app| {
    let p = people(app);
    let text = file(40);
    for n in 0..8 {
        let path = format!("/api/v1/jobs/imports?kind=subjects&name={n}.csv");
        p.clerk.upload(&path, "text/csv", text.as_bytes()).expect(202);
    }
    let servers = [Arc::clone(&app.server), another(app)];
    let total: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let runner = runner(&servers[n % 2]);
                scope.spawn(move || std::iter::from_fn(|| runner.work_next().unwrap()).count())
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    // One that saw nothing free may have left early; nothing is left over all the same.
    assert_eq!(total + work(app), 8);
    assert_eq!(events(app, "import_checked"), 8);
    let all = p.clerk.get("/api/v1/jobs?limit=50").expect(200);
    let all = all["items"].as_array().unwrap();
    assert_eq!(all.len(), 8);
    assert!(all.iter().all(|j| j["state"] == "done" && j["done"] == j["total"]), "{all:?}");
    for job in all {
        assert_eq!(row(app, job["id"].as_str().unwrap()).attempts, 1);
    }
    assert_eq!(p.clerk.get("/api/v1/jobs?state=failed").expect(200)["items"], json!([]));
    p.clerk.get("/api/v1/jobs?state=x").problem(422, "invalid");
});

both!(nobody_can_pile_up_work, |app| {
    let p = people(app);
    let text = file(1);
    let path = "/api/v1/jobs/imports?kind=subjects&name=a.csv";
    for _ in 0..10 {
        p.clerk.upload(path, "text/csv", text.as_bytes()).expect(202);
    }
    p.clerk.upload(path, "text/csv", text.as_bytes()).problem(409, "too_many_jobs");
    p.coordinator.upload(path, "text/csv", text.as_bytes()).expect(202);
    p.head.upload(path, "text/csv", text.as_bytes()).problem(403, "denied");
    // Done in the name of somebody who may not log in any more: not done.
    let user = p.coordinator.user.unwrap();
    app.server
        .store
        .write(move |db| {
            let mut account = onedoor::store::accounts::get(db, user)?.unwrap();
            account.state = "disabled".to_owned();
            account.version += 1;
            onedoor::store::accounts::update(db, &account, account.version - 1)
        })
        .unwrap();
    assert_eq!(work(app), 11);
    assert_eq!(events(app, "import_checked"), 10);
});

both!(a_run_is_planned_in_the_background, |app| {
    let (county, inspection) = small_joint(app, Notice::Announced);
    let office = &county.coordinator;
    let body = json!({ "kind": "planning", "planning": county.whole(&[inspection], false) });
    // What is wrong is told before anybody waits.
    let mut wrong = body.clone();
    wrong["planning"]["period_to"] = json!("2020-01-01");
    let faults = office.post("/api/v1/jobs", &wrong).problem(422, "invalid");
    assert_eq!(faults["errors"][0]["pointer"], "/planning/period_to", "{faults}");
    office.post("/api/v1/jobs", &json!({ "kind": "planning" })).problem(422, "invalid");
    office.post("/api/v1/jobs", &json!({ "kind": "tea" })).problem(422, "invalid");
    let begun = office.key("one-run").post("/api/v1/jobs", &body);
    begun.expect(202);
    assert_eq!(office.key("one-run").post("/api/v1/jobs", &body).id(), begun.id());
    assert_eq!(work(app), 1);
    let at = format!("/api/v1/jobs/{}", begun.id());
    let seen = office.get(&at).expect(200);
    assert_eq!(
        (&seen["state"], &seen["done"], &seen["total"]),
        (&json!("done"), &json!(6), &json!(6)),
        "{seen}"
    );
    let run = seen["result"].as_str().unwrap().to_owned();
    assert_eq!(office.get(&run).expect(200)["summary"]["visits"], 4);
    // The overseer may see planning, so he sees the work; a department may not.
    let overseer = app.user("jdb", &[Role::Overseer], Some(app.department("JDB", "监督办", "oversight")));
    overseer.get(&at).expect(200);
    overseer.post(&format!("{at}/cancel"), &json!({})).problem(403, "denied");
    let clerk = county.clerk(app, "SJ");
    clerk.get(&at).problem(404, "not_found");
    clerk.post("/api/v1/jobs", &body).problem(403, "denied");

    office.post(&format!("{run}/commit"), &json!({})).expect(200);
    let id = run.rsplit('/').next().unwrap();
    let again = office.post("/api/v1/jobs", &json!({ "kind": "planning_rerun", "planning_id": id }));
    again.expect(202);
    assert_eq!(work(app), 1);
    let seen = office.get(&format!("/api/v1/jobs/{}", again.id())).expect(200);
    assert_eq!(seen["state"], "done", "{seen}");
    assert_eq!(office.get(seen["result"].as_str().unwrap()).expect(200)["basis_id"], id);
});

both!(papers_and_archives_are_made_and_kept_for_a_while, |app| {
    let s = dispatched(app);
    let office = s.office(app);
    let make = |body: &Value| {
        let begun = office.post("/api/v1/jobs", body);
        begun.expect(202);
        assert_eq!(work(app), 1);
        let seen = office.get(&format!("/api/v1/jobs/{}", begun.id())).expect(200);
        assert_eq!(seen["state"], "done", "{seen}");
        assert_eq!(seen["done"], seen["total"], "{seen}");
        seen
    };
    let id = s.inspection;
    let papers = json!({ "kind": "papers", "inspection_id": id, "paper": "dispatch-slip", "format": "html" });
    let made = make(&papers);
    assert_eq!(made["done"], 4);
    let at = made["result"].as_str().unwrap().to_owned();
    let file = office.get(&at);
    file.expect(200);
    let direct = office.get(&format!("/api/v1/papers/inspections/{id}/dispatch-slip"));
    assert_eq!(file.bytes, direct.bytes, "the same sheets as those that are made while they are sent");
    assert_eq!(file.header("content-security-policy"), direct.header("content-security-policy"));
    assert_eq!(made["file"]["bytes"], file.bytes.len());
    let zip = make(&json!({ "kind": "archive", "inspection_id": id }));
    let bundle = office.get(zip["result"].as_str().unwrap());
    assert_eq!(bundle.header("content-type"), Some("application/zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(&bundle.bytes)).unwrap();
    assert!(archive.by_name("manifest.json").is_ok());

    // Whoever may see the inspection sees that it was made, and makes his own.
    let overseer = app.user("jdb", &[Role::Overseer], Some(app.department("JDB", "监督办", "oversight")));
    let job = format!("/api/v1/jobs/{}", made["id"].as_str().unwrap());
    overseer.get(&job).expect(200);
    overseer.get(&at).problem(404, "not_found");
    let page = at_office(app).get(&format!("/inspections/{id}/papers")).text();
    has(&page, &["打包档案（ZIP）", "已生成和正在生成的文件", "打开文书", "下载档案（ZIP）"]);
    let browser = at_office(app);
    let papers_page = format!("/inspections/{id}/papers");
    let begun = browser.post(&papers_page, &papers_page, &[("what", "notice"), ("format", "docx")]);
    let to = browser.done(&begun);
    assert_eq!(work(app), 1);
    has(&browser.get(&to).text(), &["打开文书", "文件保存 7 天"]);
    let word = browser.get(&format!("{}/file", to.trim_end_matches("?then=result")));
    assert!(word.bytes.starts_with(b"PK"), "{}", word.text());

    app.advance(TimeDelta::days(8));
    tidy(&app.server).unwrap();
    let office = s.office(app);
    office.get(&at).problem(409, "file_expired");
    assert_eq!(office.get(&job).expect(200)["file"], Value::Null);
    let left = std::fs::read_dir(app.files().join("jobs")).unwrap().count();
    assert_eq!(left, 0);
    app.advance(TimeDelta::days(30));
    tidy(&app.server).unwrap();
    s.office(app).get(&job).problem(404, "not_found");
});

/// The coordination office at its browser.
fn at_office(app: &TestApp) -> Browser {
    at(app, "coordinator")
}

/// Three rows, of which the second cannot be used.
fn faulty() -> String {
    format!(
        "{HEAD},350403600000011,甲店,企业,350403,城关镇,6210,SJ,\r\n\
         9.1350403E+17,,丙店,企业,350403,城关镇,6210,SJ,\r\n\
         ,350403600000012,丁店,企业,350403,城关镇,6210,没有这个局,\r\n"
    )
}

both!(a_fault_is_mended_in_its_cell_and_a_row_left_out, |app| {
    let p = people(app);
    let clerk = at(app, "clerk");
    let path = clerk.done(&upload(app, &clerk, "名录.csv", &faulty()));
    assert!(path.starts_with("/imports/"), "{path}");
    let shown = clerk.get(&path).text();
    has(
        &shown,
        &[
            "有问题的行",
            "name=\"cells/3-0\" value=\"9.1350403E+17\"",
            "aria-invalid=\"true\"",
            "class=\"near\"",
            "甲店",
            "丙店",
            "下载标注了问题的工作簿",
        ],
    );
    let cells = format!("{path}/cells");
    crate::desk::refuses_foreign_forms(&clerk, &cells);
    let nothing = clerk.post(&path, &cells, &[("shown", "3-0"), ("cells/3-0", "9.1350403E+17")]);
    assert_eq!(nothing.status, 409);
    has(&nothing.text(), &["没有改动任何一格"]);
    // A cell that the page did not have, the row of titles, a row that is not there.
    for (field, value) in [("shown", "99-0"), ("shown", "1-0"), ("shown", "x"), ("skip", "77"), ("skip", "1")]
    {
        let refused = clerk.post(&path, &cells, &[(field, value)]);
        assert_eq!(refused.status, 409, "{field}={value}: {}", refused.text());
    }
    let stranger = at(app, "stranger");
    let token = hidden(&stranger.get("/account").text(), "csrf");
    assert_eq!(stranger.post_as(&cells, &[("csrf".to_owned(), token)]).status, 404);

    // The code is emptied, the number of the licence written in; the row that names no department is left out.
    let fields = [
        ("shown", "3-0"),
        ("cells/3-0", ""),
        ("shown", "3-1"),
        ("cells/3-1", "350403600000013"),
        ("skip", "4"),
    ];
    let mended = clerk.post(&path, &cells, &fields);
    assert_eq!(clerk.done(&mended), path);
    let shown = clerk.follow(&mended).text();
    has(&shown, &["已按您的更正重新检查", "全部 2 行", "已在页面上更正 2 格", "不导入的 1 行"]);
    assert!(!shown.contains("有问题的行"), "{shown}");
    // Taken back it is wrong again; left out again it is not.
    let back = clerk.post(&path, &cells, &[("back", "4")]);
    has(&clerk.follow(&back).text(), &["没有这个局", "有问题的行"]);
    let out = clerk.post(&path, &cells, &[("skip", "4")]);
    assert_eq!(clerk.done(&out), path);
    let done = clerk.post(&path, &format!("{path}/apply"), &[("mode", "all")]);
    has(&clerk.follow(&done).text(), &["已经导入"]);
    let all = p.clerk.get("/api/v1/subjects?limit=200").expect(200).to_string();
    assert_eq!(subjects(&p.clerk), 2);
    has(&all, &["甲店", "丙店", "350403600000013"]);
    assert!(!all.contains("丁店"));
    let late = clerk.post("/account", &cells, &[("back", "4")]);
    assert_eq!(late.status, 409);
    // The file itself stays what it was.
    let kept = p.clerk.get(&format!("/api/v1{path}")).expect(200);
    assert_eq!(kept["kept"]["mended"]["cells"]["3"]["1"], "350403600000013", "{kept}");
    assert_eq!(events(app, "import_mended"), 3);
});

both!(a_large_file_is_checked_again_in_the_background, |app| {
    people(app);
    let clerk = at(app, "clerk");
    let mut text = file(600);
    text.push_str("9.1350403E+17,,丙店,企业,350403,城关镇,6210,SJ,\r\n");
    let checking = clerk.done(&upload(app, &clerk, "名录.csv", &text));
    assert_eq!(work(app), 1);
    let path = clerk.done(&clerk.get(&checking));
    has(&clerk.get(&path).text(), &["name=\"cells/602-0\"", "第599号店"]);
    let cells = format!("{path}/cells");
    let mended = clerk.post(&path, &cells, &[("skip", "602")]);
    let job = clerk.done(&mended);
    assert!(job.starts_with("/jobs/"), "{job}");
    assert_eq!(work(app), 1);
    has(&clerk.follow(&clerk.get(&job)).text(), &["全部 600 行", "不导入的 1 行"]);
});

both!(the_marked_workbook_is_the_file_with_its_reasons, |app| {
    let p = people(app);
    let clerk = at(app, "clerk");
    let path = clerk.done(&upload(app, &clerk, "名录.csv", &faulty()));
    let answer = clerk.get(&format!("{path}/marked"));
    assert_eq!(answer.status, 200);
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment") && name.ends_with(".xlsx\""), "{name}");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), 2, "{names:?}");
    let sheet = book.worksheet_range(&names[0]).unwrap();
    let cell =
        |row: u32, column: u32| sheet.get_value((row, column)).map(ToString::to_string).unwrap_or_default();
    assert_eq!((cell(0, 0).as_str(), cell(0, 9).as_str()), ("统一社会信用代码", "导入问题"));
    // As it was sent, also the number that a program spoilt; a code stays text of fifteen digits.
    assert_eq!((cell(2, 0).as_str(), cell(1, 1).as_str()), ("9.1350403E+17", "350403600000011"));
    assert_eq!(cell(1, 9), "");
    assert!(cell(2, 9).contains("统一社会信用代码"), "{}", cell(2, 9));
    assert!(cell(3, 9).contains("没有"), "{}", cell(3, 9));
    let list = book.worksheet_range("问题清单").unwrap();
    assert!(list.height() > 2, "{list:?}");
    let mut zip = zip::ZipArchive::new(Cursor::new(&answer.bytes)).unwrap();
    let mut comments = String::new();
    zip.by_name("xl/comments1.xml").unwrap().read_to_string(&mut comments).unwrap();
    assert!(comments.contains("ref=\"A3\""), "{comments}");

    // Mended and sent again it is read like any other.
    let again = p.clerk.upload(
        "/api/v1/imports?kind=subjects&name=marked.xlsx",
        "application/octet-stream",
        &answer.bytes,
    );
    let report = &again.expect(201)["report"];
    assert_eq!((&report["rows"], &report["refused"]), (&json!(3), &json!(2)), "{report}");
    p.stranger.get(&format!("/api/v1{path}/marked")).problem(404, "not_found");
    let twice = p.clerk.get(&format!("/api/v1/imports/{}/marked", again.id()));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(twice.bytes)).unwrap();
    assert_eq!(book.sheet_names(), names);
    let sheet = book.worksheet_range(&names[0]).unwrap();
    assert_eq!(sheet.width(), 10, "the reasons stand where they stood");
});

both!(whoever_listens_is_told, |app| {
    let p = people(app);
    let clerk = at(app, "clerk");
    let begun =
        p.clerk.upload("/api/v1/jobs/imports?kind=subjects&name=a.csv", "text/csv", file(3).as_bytes());
    let path = format!("/jobs/{}/events", begun.id());
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut line = std::net::TcpStream::connect(&address).unwrap();
    line.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let cookies: Vec<String> = clerk.cookies.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\
         Cookie: {}\r\n\r\n",
        cookies.join("; ")
    );
    line.write_all(request.as_bytes()).unwrap();
    let mut heard = String::new();
    let mut until = |what: &str, heard: &mut String| {
        let mut part = [0; 4096];
        while !heard.contains(what) {
            let n = line.read(&mut part).unwrap();
            assert!(n > 0, "no {what} in {heard}");
            heard.push_str(&String::from_utf8_lossy(&part[..n]));
        }
    };
    until("data: begin", &mut heard);
    let head = heard.to_lowercase();
    has(&head, &["200 ok", "content-type: text/event-stream", "cache-control: no-store"]);
    assert!(!head.contains("content-encoding: gzip"), "{head}");
    assert_eq!(work(app), 1);
    until("data: done 3/3", &mut heard);
    // It is over: the stream ends, and a browser that asks again is told to stop asking.
    until("\r\n0\r\n\r\n", &mut heard);
    assert_eq!(clerk.get(&path).status, 204);
    let stranger = at(app, "stranger");
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(between(&clerk.get(&format!("/jobs/{}", begun.id())).text(), "id=\"live\"", ">"), "");
});

#[test]
fn the_threads_of_a_server_do_the_work() {
    let app = TestApp::sqlite();
    let p = people(&app);
    let worker = onedoor::worker::Worker::start(&app.server).unwrap();
    let begun =
        p.clerk.upload("/api/v1/jobs/imports?kind=subjects&name=a.csv", "text/csv", file(30).as_bytes());
    let at = format!("/api/v1/jobs/{}", begun.id());
    let mut state = String::new();
    for _ in 0..200 {
        state = p.clerk.get(&at).expect(200)["state"].as_str().unwrap().to_owned();
        if state == "done" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(state, "done");
    drop(worker);
    app.login("clerk", PASSWORD);
}
