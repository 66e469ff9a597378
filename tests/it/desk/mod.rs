//! The desks over HTTP, on both databases, as the people who sit there: planning, overlap, oversight, registers.

mod accounts;
mod oversight;
mod plans;
mod registers;

use crate::joint::County as Joint;
use crate::planning::fixture::small_joint;
use crate::support::browser::{Browser, hidden};
use crate::support::{TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use serde_json::json;

/// Somebody at his browser.
pub(super) fn at(app: &TestApp, login: &str) -> Browser {
    let browser = Browser::new(app);
    browser.login(login);
    browser
}

/// What stands between two marks of a page.
#[track_caller]
pub(super) fn between(page: &str, before: &str, after: &str) -> String {
    let from = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}")) + before.len();
    page[from..].split(after).next().unwrap().to_owned()
}

#[track_caller]
pub(super) fn has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "no {text} in {page}");
    }
}

/// A form without our token, sent as its owner.
#[track_caller]
pub(super) fn refuses_foreign_forms(browser: &Browser, path: &str) {
    let answer = browser.post_as(path, &[("name".to_owned(), "x".to_owned())]);
    assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    assert!(answer.text().contains("页面已过期"), "{path}: {}", answer.text());
}

both!(the_coordination_office_plans_in_the_browser, |app| {
    let (county, inspection) = small_joint(app, Notice::Announced);
    let clerk = county.clerk(app, "SJ");
    drop(clerk);
    let office = at(app, "coordinator");
    has(&office.get("/plannings").text(), &["还没有排期", "/plannings/new"]);
    refuses_foreign_forms(&office, "/plannings/new");

    // Refused: everything typed is still there, with what is wrong at its field.
    let inspection = inspection.to_string();
    let new = "/plannings/new";
    let wrong = [
        ("period_from", "2026-03-31"),
        ("period_to", "2026-03-01"),
        ("inspections", inspection.as_str()),
        ("name", "三月排期"),
    ];
    let answer = office.post(new, new, &wrong);
    assert_eq!(answer.status, 422);
    has(
        &answer.text(),
        &["<title>错误：", "href=\"#period_to\"", "value=\"三月排期\"", "value=\"2026-03-01\"", " checked"],
    );
    let answer = office.post(new, new, &[("period_from", "2026-03-09"), ("period_to", "2026-04-03")]);
    assert_eq!(answer.status, 422);
    has(&answer.text(), &["请选择联合抽查"]);

    let right = [
        ("period_from", "2026-03-09"),
        ("period_to", "2026-04-03"),
        ("inspections", inspection.as_str()),
        ("name", "三月排期"),
    ];
    let made = office.post(new, new, &right);
    let run = office.done(&made);
    let shown = office.follow(&made).text();
    has(&shown, &["三月排期", "预排已完成", "8 → 4", "4/4", "城关镇", "没有问题", "/commit\"", "联合抽查"]);
    has(&office.get("/plannings").text(), &["三月排期", "4/4"]);
    let visits = office.get(&format!("{run}/visits")).text();
    has(&visits, &["号饭店", "A岗（主办）", "B岗（协办）", "示范县SJ局", "SJ检查", "指定日期"]);
    assert_eq!(office.get(&format!("{run}/visits?state=planned")).status, 200);
    assert_eq!(office.get(&format!("{run}/blockers")).status, 200);

    // A day for one visit: a rule for the next run.
    let rule = between(&visits, "href=\"/planning-rules/new?visit=", "\"")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let rule = format!("/planning-rules/new?visit={rule}");
    let visit = between(&rule, "visit=", "&");
    let fields = |day: &'static str| {
        [("kind", "pin"), ("visit_id", visit.as_str()), ("day", day), ("reason", "企业申请")]
    };
    let answer = office.post(&rule, &rule, &fields("2026-03-14"));
    assert_eq!(answer.status, 422);
    has(&answer.text(), &["企业申请", "不是工作日"]);
    let kept = office.post(&rule, &rule, &fields("2026-03-20"));
    assert_eq!(office.done(&kept), "/planning-rules");
    has(&office.follow(&kept).text(), &["约束已记下", "企业申请", "2026年3月20日"]);

    // The overseer sees it all and can do nothing; a department not even that.
    app.user("jdb", &[Role::Overseer], Some(app.department("JDB", "监督办", "oversight")));
    let overseer = at(app, "jdb");
    let seen = overseer.get(&run).text();
    has(&seen, &["8 → 4"]);
    assert!(!seen.contains("/commit\"") && !seen.contains("/discard\""), "{seen}");
    assert_eq!(overseer.get(&format!("{run}/commit")).status, 403);
    let clerk = at(app, "clerk-sj");
    for path in ["/plannings", run.as_str(), new, "/planning-rules"] {
        assert_eq!(clerk.get(path).status, 403, "{path}");
    }

    // The rule has changed what the preview was computed from.
    let commit = format!("{run}/commit");
    has(&office.get(&commit).text(), &["4 次（不合并为 8 次）", "确认，使排期生效"]);
    refuses_foreign_forms(&office, &commit);
    let stale = office.post(&commit, &commit, &[]);
    assert_eq!(stale.status, 409);
    has(&stale.text(), &["请重新预排", "<title>错误："]);
    let gone = office.post(&run, &format!("{run}/discard"), &[]);
    assert_eq!(office.done(&gone), "/plannings");
    has(&office.get(&run).text(), &["已放弃"]);

    let made = office.post(new, new, &right);
    let run = office.done(&made);
    has(&office.get(&format!("{run}/visits?from=2026-03-20&to=2026-03-20")).text(), &["号饭店"]);
    let commit = format!("{run}/commit");
    let done = office.post(&commit, &commit, &[]);
    assert_eq!(office.done(&done), run);
    has(&office.follow(&done).text(), &["排期已生效", "变动后重新安排"]);
    assert_eq!(office.post(&commit, &commit, &[]).status, 409);

    // A run after a change: nothing has changed, so nothing differs.
    let again = format!("{run}/rerun");
    let remade = office.post(&again, &again, &[("include_new", "true"), ("period_to", "2026-04-03")]);
    let second = office.done(&remade);
    assert_ne!(second, run);
    has(&office.follow(&remade).text(), &["与原排期没有差别", "查看原排期"]);
    has(&office.get(&format!("{second}/changes")).text(), &["与原排期没有差别"]);
    let ended = office.get("/planning-rules").text();
    let end = format!("/planning-rules/{}", between(&ended, "action=\"/planning-rules/", "\""));
    has(&office.follow(&office.post("/planning-rules", &end, &[])).text(), &["约束已解除", "没有排期约束"]);
});

both!(sent_twice_a_planning_is_computed_once, |app| {
    let (_, inspection) = small_joint(app, Notice::Announced);
    let office = at(app, "coordinator");
    let page = office.get("/plannings/new").text();
    let inspection = inspection.to_string();
    let csrf = hidden(&page, "csrf");
    let once = hidden(&page, "once");
    let fields: Vec<(String, String)> = [
        ("csrf", csrf.as_str()),
        ("once", once.as_str()),
        ("period_from", "2026-03-09"),
        ("period_to", "2026-04-03"),
        ("inspections", inspection.as_str()),
    ]
    .map(|(n, v)| (n.to_owned(), v.to_owned()))
    .to_vec();
    let first = office.done(&office.post_as("/plannings/new", &fields));
    assert_eq!(office.done(&office.post_as("/plannings/new", &fields)), first);
    assert_eq!(office.get("/plannings").text().matches("href=\"/plannings/0").count(), 1);
});

both!(a_proposal_becomes_a_joint_inspection_in_the_browser, |app| {
    let c = Joint::new(app);
    let office = at(app, "xtb");
    let board = office.get("/overlap?year=2026").text();
    has(&board, &["合并为一次：22次入企变为8次", "学校", "计划P-SCJG", "合并为一次联合抽查"]);
    assert_eq!(at(app, "scjg").get("/overlap").status, 403);
    let overseer = at(app, "jdb");
    let seen = overseer.get("/overlap?year=2026").text();
    has(&seen, &["22次入企变为8次"]);
    assert!(!seen.contains("/overlap/accept"), "{seen}");

    let accept = format!(
        "/overlap/accept?{}",
        between(&board, "/overlap/accept?", "\"").replace("&amp;", "&").replace("&#38;", "&")
    );
    assert_eq!(overseer.get(&accept).status, 403);
    let page = office.get(&accept).text();
    has(&page, &["22次入企变为8次", "立即邀请其他部门"]);
    refuses_foreign_forms(&office, &accept);
    let entries: Vec<String> = page
        .split("name=\"entries\" value=\"")
        .skip(1)
        .map(|p| p.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(entries.len(), 3);
    let form = |name: &str| -> Vec<(String, String)> {
        let page = office.get(&accept).text();
        let mut all = vec![
            ("csrf".to_owned(), hidden(&page, "csrf")),
            ("once".to_owned(), hidden(&page, "once")),
            ("name".to_owned(), name.to_owned()),
            ("lead_department_id".to_owned(), String::new()),
            ("total".to_owned(), String::new()),
            ("town".to_owned(), String::new()),
        ];
        all.extend(entries.iter().map(|e| ("entries".to_owned(), e.clone())));
        all
    };
    let wrong = office.post_as(&accept, &form(" "));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#name\""]);
    let done = office.post_as(&accept, &form("校园综合检查"));
    assert_eq!(done.status, 303, "{}", done.text());
    let list = c.office.get("/api/v1/inspections").expect(200);
    assert_eq!(
        (&list["items"][0]["name"], &list["items"][0]["state"]),
        (&json!("校园综合检查"), &json!("inviting"))
    );
    assert!(!office.get("/overlap?year=2026").text().contains("22次入企变为8次"));
});
