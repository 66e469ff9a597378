//! A department that takes no part sees nothing of the others, on whatever page.

use super::letters::gone;
use super::{desk, page, said, stranger};
use crate::follow_up::{held, result_of};
use crate::planning::fixture::{day, travel};
use crate::results::{Sent, sent, text, wrong};
use crate::support::browser::Browser;
use crate::support::{TestApp, both};
use chrono::Days;
use onedoor::domain::access::Role;
use onedoor::web::router::Allow;
use serde_json::{Value, json};

/// Everything that must not be seen: identifiers, and words nobody else wrote.
struct Secrets {
    ids: Vec<String>,
    words: Vec<String>,
}

fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

/// The second visit, with a draft that is not handed in.
fn draft(s: &Sent, app: &TestApp, visit: &Value) {
    travel(app, day(visit["day"].as_str().unwrap()));
    s.check_in(app, visit);
    let entry = json!({
        "task_id": s.tasks(visit, "XF")[0], "outcomes": ["corrected_on_order"], "methods": ["on_site"],
        "other": "草稿里写的问题", "follow_up": ["rectification"],
    });
    let body = json!({ "submit": false, "results": [entry] });
    let at = format!("/api/v1/visits/{}/results", text(&visit["id"]));
    s.team(app, visit, "XF").a.put(&at, &body).expect(200);
}

/// Two visits with one thing of each kind that can follow.
fn busy(s: &Sent, app: &TestApp) -> Secrets {
    let found = held(s, app, &s.visit, &wrong());
    let clerk = desk(s, app, "XF", Role::DepartmentClerk);
    let today = onedoor::clock::china_date(app.now());
    let (now, later) = (today.to_string(), (today + Days::new(15)).to_string());
    let make = |path: &str, fields: &[(&str, &str)]| last(&clerk.done(&clerk.post(path, path, fields)));
    let order = make(
        &format!("/results/{found}/rectification"),
        &[("what", "清空安全出口的全部货架"), ("basis", "消防法第十六条"), ("due_day", &later)],
    );
    let to = s.county.ids.departments["SJ"].to_string();
    let referral = make(
        &format!("/results/{found}/referral"),
        &[
            ("result_id", &found),
            ("kind", "case_referral"),
            ("to_department_id", &to),
            ("what", "无照经营的线索"),
        ],
    );
    let case = make(
        &format!("/case-filings/new?result_id={found}"),
        &[("result_id", &found), ("number", "示消立9号"), ("cause", "占用安全出口的案由"), ("day", &now)],
    );
    let visit = page(&s.visit);
    let commission = make(
        &format!("{visit}/commissions"),
        &[("party", "示范检测有限公司"), ("what", "消防设施检测"), ("due_day", &later)],
    );
    said::speak(app, &text(&s.visit["id"]));
    draft(s, app, &s.visits[1]);
    let other = held_gone(s, app);
    let clerk = desk(s, app, "XF", Role::DepartmentClerk);
    let ask = format!("/results/{other}/mailing");
    let posted = onedoor::clock::china_date(app.now()).to_string();
    let fields = [("kind", "ems"), ("number", "EA987654321CN"), ("day", posted.as_str())];
    let mailing = last(&clerk.done(&clerk.post(&ask, &ask, &fields)));
    let office = s.office(app);
    let of = |list: &str| text(&office.get(list).expect(200)["items"][0]["id"]);
    let draws = app.server.store.read(|db| onedoor::store::draws::of(db, s.inspection)).unwrap();
    let mut ids = vec![
        found.clone(),
        other,
        result_of(s, app, &s.visit, "SJ"),
        order,
        referral,
        case,
        commission,
        mailing,
        s.inspection.to_string(),
        of("/api/v1/complaints"),
        of("/api/v1/ratings"),
        s.tasks(&s.visit, "XF")[0].clone(),
    ];
    ids.extend(s.visits.iter().map(|v| text(&v["id"])));
    ids.extend(draws.iter().map(|d| d.id.to_string()));
    let mut words: Vec<String> = [
        "安全出口堆放杂物",
        "清空安全出口的全部货架",
        "无照经营的线索",
        "示消立9号",
        "占用安全出口的案由",
        "示范检测有限公司",
        "草稿里写的问题",
        "EA987654321CN",
        "态度生硬",
        "接受吃请",
        "13800000000",
        "王小明",
    ]
    .map(str::to_owned)
    .to_vec();
    words.extend(s.visits.iter().map(|v| text(&v["code"])));
    Secrets { ids, words }
}

/// The third visit, where nobody was found; answers the result.
fn held_gone(s: &Sent, app: &TestApp) -> String {
    held(s, app, &s.visits[2], &gone())
}

/// Addresses of pages that are read, for those who are logged in.
fn pages(app: &TestApp) -> Vec<&'static str> {
    app.server
        .router
        .entries
        .iter()
        .filter(|e| e.page.is_some() && e.method == "GET" && e.allow != Allow::Public)
        .map(|e| e.path)
        .collect()
}

/// What of the secrets a page tells, but for the identifier it was asked by.
fn told<'s>(secrets: &'s Secrets, asked: &str, seen: &str) -> Vec<&'s str> {
    let ids = secrets.ids.iter().filter(|id| *id != asked);
    ids.chain(&secrets.words).map(String::as_str).filter(|s| seen.contains(*s)).collect()
}

fn walk(browser: &Browser, app: &TestApp, secrets: &Secrets) -> (usize, Vec<String>) {
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in pages(app) {
        let asked: Vec<&str> =
            if path.contains('{') { secrets.ids.iter().map(String::as_str).collect() } else { vec![""] };
        for id in asked {
            let address: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
            let address = address.join("/");
            let answer = browser.get(&address);
            seen += usize::from(answer.status == 200);
            let told = told(secrets, id, &answer.text());
            if !told.is_empty() || answer.status >= 500 {
                wrong.push(format!("{address} ({}): {told:?}", answer.status));
            }
        }
    }
    (seen, wrong)
}

both!(a_clerk_of_another_department_sees_nothing_of_it_on_any_page, |app| {
    let s = sent(app);
    let secrets = busy(&s, app);
    let (seen, wrong) = walk(&stranger(app), app, &secrets);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 20, "{seen} pages were shown at all");
    // The walk would have found it: whoever takes part does see it.
    let (_, told) = walk(&desk(&s, app, "XF", Role::DepartmentClerk), app, &secrets);
    for id in &secrets.ids[..2] {
        let page = format!("/results/{id}");
        assert!(told.iter().any(|line| line.contains(&page)), "{page} is not among {told:#?}");
    }
    // But not even he sees what businesses said.
    for word in ["态度生硬", "接受吃请", "13800000000"] {
        assert!(told.iter().all(|line| !line.contains(word)), "{word}");
    }
});
