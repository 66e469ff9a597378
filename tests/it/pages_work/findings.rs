//! From the confirmed result to the public one.

use super::{desk, guarded, stranger};
use crate::follow_up::result_of;
use crate::results::{sent, text};
use crate::support::both;
use crate::support::browser::Browser;
use onedoor::domain::access::Role;

both!(journey_results_are_reviewed_approved_and_published, |app| {
    let s = sent(app);
    s.hold(app, &s.visit);
    let result = result_of(&s, app, &s.visit, "XF");
    let here = format!("/results/{result}");
    let name = text(&s.visit["subject"]["name"]);
    let (legal, head, clerk) = (
        desk(&s, app, "XF", Role::LegalReviewer),
        desk(&s, app, "XF", Role::DepartmentHead),
        desk(&s, app, "XF", Role::DepartmentClerk),
    );
    for view in ["", "enter", "confirmed", "reviewed", "approved", "published", "late"] {
        assert_eq!(legal.get(&format!("/results?state={view}")).status, 200, "{view}");
    }
    assert_eq!(legal.get("/results?state=nonsense").status, 422);
    let list = legal.get("/results?state=confirmed").text();
    assert!(list.contains(&name) && list.contains("工作日") && list.contains(&result), "{list}");
    // Nothing ticked; then the look before the act.
    let tick = |browser: &Browser, state: &str, act: &str, ids: &[&str]| {
        let mut fields = vec![("act", act)];
        fields.extend(ids.iter().map(|id| ("ids", *id)));
        browser.post(&format!("/results?state={state}"), "/results/check", &fields)
    };
    let none = tick(&legal, "confirmed", "review", &[]);
    assert!(legal.follow(&none).text().contains("没有勾选"));
    let all: Vec<String> = {
        let own = s.county.ids.departments["XF"].to_string();
        let conduct = s.conduct(app, &s.visit);
        conduct["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|r| r["department_id"] == own.as_str())
            .map(|r| text(&r["id"]))
            .collect()
    };
    let ids: Vec<&str> = all.iter().map(String::as_str).collect();
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", *id)).collect();
    let step = |browser: &Browser, state: &str, act: &str| {
        let check = tick(browser, state, act, &ids);
        let to = browser.done(&check);
        assert!(browser.get(&to).text().contains(&name));
        let path = format!("/results/{act}");
        guarded(browser, &path);
        browser.post(&to, &path, &fields)
    };
    // Returned once, with a reason.
    let to = format!("/results/check?act=return&ids={result}");
    let refused = legal.post(&to, "/results/return", &[("ids", &result), ("reason", "")]);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("#reason"));
    // Not by another department, not by one who may not.
    let foreign = desk(&s, app, "SJ", Role::LegalReviewer);
    let answer = foreign.post("/account", "/results/review", &[("ids", &result)]);
    assert!(matches!(answer.status, 403 | 404 | 422), "{}", answer.status);
    assert_eq!(clerk.post("/account", "/results/approve", &[("ids", &result)]).status, 403);
    assert_eq!(stranger(app).get(&here).status, 404);

    let done = step(&legal, "confirmed", "review");
    assert!(legal.follow(&done).text().contains("已审核"));
    let done = step(&head, "reviewed", "approve");
    assert!(head.follow(&done).text().contains("已批准"));
    assert!(clerk.get(&here).text().contains("act=publish"));
    let warning = clerk.get(&format!("/results/check?act=publish&ids={result}")).text();
    assert!(warning.contains("不能撤回"), "{warning}");
    let done = step(&clerk, "approved", "publish");
    assert!(clerk.follow(&done).text().contains("已公示"));
    assert!(Browser::new(app).get("/public/results").text().contains("发现问题已责令改正"));
    // Twice is told, not done.
    let late = clerk.get(&format!("/results/check?act=publish&ids={result}")).text();
    assert!(late.contains("须先去掉") && !late.contains("确认公示"), "{late}");

    // A correction.
    let path = format!("{here}/correct");
    assert_eq!(clerk.post(&path, &path, &[("reason", " ")]).status, 422);
    let done = clerk.post(&path, &path, &[("reason", "写错了条款")]);
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("写错了条款") && shown.contains("第 2 版"), "{shown}");
});
