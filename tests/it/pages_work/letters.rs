//! The two letters, cases and commissions, in the browser.

use super::{desk, guarded, stranger};
use crate::follow_up::held;
use crate::planning::fixture::{day, travel};
use crate::results::{sent, text, wrong};
use crate::support::browser::{Browser, hidden};
use crate::support::{Answer, TestApp, both};
use chrono::Days;
use onedoor::domain::access::Role;
use serde_json::{Value, json};

pub(super) fn gone() -> Value {
    json!({
        "outcomes": ["unreachable"], "methods": ["on_site"], "other": "门面关闭,邻居称已搬走",
        "follow_up": ["feedback"],
    })
}

/// Sends a file with a form that has nothing else.
pub(super) fn upload(
    app: &TestApp,
    browser: &Browser,
    page: &str,
    path: &str,
    (name, content): (&str, &str),
) -> Answer {
    let shown = browser.get(page).text();
    let mut body = String::new();
    for field in ["csrf", "once"] {
        let value = hidden(&shown, field);
        body.push_str(&format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--xyz--\r\n"
    ));
    browser.with("Origin", &app.base);
    browser.send_raw(path, "multipart/form-data; boundary=xyz", &body)
}

both!(journey_a_business_nobody_finds_is_listed_only_after_two_letters, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &gone());
    let today = day(s.visit["day"].as_str().unwrap());
    let on = |n: u64| (today + Days::new(n)).to_string();
    let as_clerk = || desk(&s, app, "XF", Role::DepartmentClerk);
    let clerk = as_clerk();
    let here = format!("/results/{found}");
    let ask = format!("{here}/mailing");
    assert!(clerk.get(&here).text().contains(&ask));
    guarded(&clerk, &ask);
    let letter = |number: &str, day: &str| {
        let fields = [("kind", "ems"), ("number", number), ("day", day)];
        clerk.post(&ask, &ask, &fields)
    };
    let refused = letter(" ", &on(0));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#number\""), "{}", refused.text());
    let refused = letter("EA123456789CN", &on(1));
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#day\"") && said.contains("value=\"EA123456789CN\""), "{said}");
    let mail = clerk.done(&letter("EA123456789CN", &on(0)));
    let shown = clerk.get(&mail).text();
    assert!(shown.contains("等邮寄结果") && shown.contains("EA123456789CN"), "{shown}");
    // Each of the forms has identifiers of its own.
    assert!(shown.contains("id=\"fate-day\"") && shown.contains("id=\"reach-day\""), "{shown}");
    assert!(!shown.contains("/papers/mailings/"));
    let again = clerk.get(&here).text();
    assert!(!again.contains(&ask) && again.contains(&mail), "{again}");
    for list in ["/mailings", "/mailings?state=first_sent"] {
        assert!(clerk.get(list).text().contains(&mail), "{list}");
    }
    assert!(!clerk.get("/mailings?state=late").text().contains(&mail));
    assert_eq!(clerk.get("/mailings?state=nonsense").status, 422);
    for other in [stranger(app), desk(&s, app, "SJ", Role::DepartmentClerk)] {
        assert_eq!(other.get(&mail).status, 404);
        assert!(!other.get("/mailings").text().contains(&mail));
    }

    travel(app, today + Days::new(6));
    let clerk = as_clerk();
    let act = |browser: &Browser, verb: &str, fields: &[(&str, &str)]| {
        browser.post(&mail, &format!("{mail}/{verb}"), fields)
    };
    guarded(&clerk, &format!("{mail}/fate"));
    let refused = act(&clerk, "fate", &[("day", &on(6))]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#fate\""), "{}", refused.text());
    let done = act(&clerk, "fate", &[("fate", "returned"), ("day", &on(6))]);
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("请在规定的期间内二次邮寄") && shown.contains("二次邮寄须在"), "{shown}");
    assert!(clerk.get("/").text().contains(&mail), "it waits for the clerk");
    let early = act(&clerk, "second", &[("kind", "registered"), ("number", "XA1"), ("day", &on(6))]);
    assert_eq!(early.status, 409);
    let said = early.text();
    assert!(said.contains("最早可在") && said.contains("value=\"XA1\""), "{said}");
    // What was typed into one form does not appear in the others.
    assert_eq!(said.matches("value=\"XA1\"").count(), 1, "{said}");

    travel(app, today + Days::new(20));
    let clerk = as_clerk();
    clerk.follow(&act(&clerk, "second", &[("kind", "registered"), ("number", "XA1"), ("day", &on(20))]));
    let done = act(&clerk, "fate", &[("fate", "unanswered"), ("day", &on(20))]);
    let shown = clerk.follow(&done).text();
    let paper = format!("/papers{mail}/listing");
    assert!(shown.contains("列异提醒") && shown.contains(&paper), "{shown}");
    let printed = clerk.get(&paper);
    assert_eq!(printed.status, 200);
    assert!(printed.text().contains("经营异常名录审批表") && printed.text().contains("XA1"));
    let call = [("kind", "phone"), ("note", "致电法定代表人,无人接听"), ("day", &on(20))];
    clerk.follow(&act(&clerk, "remind", &call));
    assert_eq!(act(&clerk, "hand-over", &[("opinion", "")]).status, 422);
    clerk.follow(&act(&clerk, "hand-over", &[("opinion", "拟列入")]));
    // The clerk does not agree to what he handed over; nobody agrees twice.
    assert_eq!(act(&clerk, "station", &[("opinion", "同意")]).status, 403);
    let legal = desk(&s, app, "XF", Role::LegalReviewer);
    assert!(legal.get("/").text().contains(&mail), "it waits for the reviewer");
    let back = act(&legal, "return", &[("opinion", "请补短信提醒")]);
    assert!(legal.follow(&back).text().contains("请补短信提醒"));
    clerk.follow(&act(&clerk, "hand-over", &[("opinion", "拟列入")]));
    let head = desk(&s, app, "XF", Role::DepartmentHead);
    let shown = head.follow(&act(&head, "station", &[("opinion", "同意上报")])).text();
    assert!(shown.contains("不能是同一人") && !shown.contains(&format!("{mail}/bureau")), "{shown}");
    assert_eq!(act(&head, "bureau", &[("opinion", "同意列入")]).status, 403);
    app.user("boss-xf", &[Role::DepartmentHead], Some(s.county.ids.departments["XF"]));
    let boss = Browser::new(app);
    boss.login("boss-xf");
    let shown = boss.follow(&act(&boss, "bureau", &[("opinion", "同意列入")])).text();
    assert!(shown.contains("已列入经营异常名录") && shown.contains("同意列入"), "{shown}");
    assert!(!shown.contains("<textarea"), "nothing is left to do: {shown}");
});

both!(whoever_is_reached_ends_the_letters, |app| {
    let s = sent(app);
    let found = held(&s, app, &s.visit, &gone());
    let today = s.visit["day"].as_str().unwrap();
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let ask = format!("/results/{found}/mailing");
    let fields = [("kind", "ems"), ("number", "EA1"), ("day", today)];
    let mail = clerk.done(&clerk.post(&ask, &ask, &fields));
    let reach = format!("{mail}/reach");
    assert_eq!(clerk.post(&mail, &reach, &[("note", ""), ("day", today)]).status, 422);
    let done = clerk.post(&mail, &reach, &[("note", "来电说明搬迁"), ("day", today)]);
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("不列入经营异常名录") && shown.contains("来电说明搬迁"), "{shown}");
    // It has ended, so another one may begin.
    assert!(clerk.get(&format!("/results/{found}")).text().contains(&ask));
});

both!(what_followed_otherwise_is_completed, |app| {
    let s = sent(app);
    let entry = json!({
        "outcomes": ["pending_follow_up"], "methods": ["on_site"], "law": "", "other": "招牌与登记名称不符",
        "follow_up": ["other"],
    });
    let here = format!("/results/{}", held(&s, app, &s.visit, &entry));
    let ask = format!("{here}/completion");
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    assert!(clerk.get(&here).text().contains(&ask));
    assert_eq!(stranger(app).get(&ask).status, 404);
    guarded(&clerk, &ask);
    let today = s.visit["day"].as_str().unwrap();
    let refused = clerk.post(&ask, &ask, &[("note", ""), ("day", "2026-01-01")]);
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#note\"") && said.contains("href=\"#day\""), "{said}");
    let shown = clerk.follow(&clerk.post(&ask, &ask, &[("note", "已更换招牌"), ("day", today)])).text();
    assert!(
        shown.contains("已完结") && shown.contains("已更换招牌") && !shown.contains("<textarea"),
        "{shown}"
    );
    let shown = clerk.get(&here).text();
    assert!(shown.contains("完结登记") && !shown.contains("登记完结</a>"), "{shown}");
    // Others see it and have no form.
    let office = Browser::new(app);
    office.login("coordinator");
    assert!(office.get(&ask).text().contains("已更换招牌"));
});

both!(a_case_is_filed_because_of_a_result_and_closed, |app| {
    let s = sent(app);
    let result = held(&s, app, &s.visit, &wrong());
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let ask = format!("/case-filings/new?result_id={result}");
    assert!(clerk.get(&format!("/results/{result}")).text().contains(&ask));
    assert!(clerk.get("/case-filings/new").text().contains("立案须有依据"));
    assert_eq!(clerk.get("/case-filings/new?result_id=x").status, 422);
    assert_eq!(stranger(app).get(&ask).status, 404);
    guarded(&clerk, &ask);
    let today = onedoor::clock::china_date(app.now()).to_string();
    let file = |number: &str, day: &str| {
        let fields =
            [("result_id", result.as_str()), ("number", number), ("cause", "占用安全出口"), ("day", day)];
        clerk.post(&ask, &ask, &fields)
    };
    let refused = file("", &today);
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#number\"") && said.contains("占用安全出口"), "{said}");
    let case = clerk.done(&file("示消立〔2026〕1号", &today));
    assert!(clerk.get(&case).text().contains("已立案"));
    let taken = file("示消立〔2026〕1号", &today);
    assert_eq!(taken.status, 422);
    assert!(taken.text().contains("已用过这个立案号"));
    assert!(clerk.get("/case-filings?state=filed").text().contains(&case));
    assert!(!clerk.get("/case-filings?state=closed").text().contains(&case));
    assert!(clerk.get(&format!("/results/{result}")).text().contains(&case));
    for other in [stranger(app), desk(&s, app, "SJ", Role::DepartmentClerk)] {
        assert_eq!(other.get(&case).status, 404);
        assert!(!other.get("/case-filings").text().contains(&case));
    }
    let close = format!("{case}/close");
    guarded(&clerk, &close);
    assert_eq!(clerk.post(&case, &close, &[("outcome", " "), ("day", &today)]).status, 422);
    let done = clerk.post(&case, &close, &[("outcome", "罚款五千元"), ("day", &today)]);
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("已结案") && shown.contains("罚款五千元") && !shown.contains(&close), "{shown}");
});

both!(a_commission_is_given_reported_on_and_taken_back, |app| {
    let s = sent(app);
    let visit = format!("/visits/{}", text(&s.visit["id"]));
    let ask = format!("{visit}/commissions");
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    assert!(clerk.get(&visit).text().contains(&ask));
    assert_eq!(stranger(app).get(&ask).status, 404);
    guarded(&clerk, &ask);
    let due = (day(s.visit["day"].as_str().unwrap()) + Days::new(5)).to_string();
    let order = |party: &str| {
        let fields =
            [("expert_id", ""), ("party", party), ("what", "消防设施检测"), ("due_day", due.as_str())];
        clerk.post(&ask, &ask, &fields)
    };
    let refused = order("");
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#party\"") && said.contains("消防设施检测"), "{said}");
    let first = clerk.done(&order("示范检测有限公司"));
    let shown = clerk.get(&first).text();
    assert!(shown.contains("等受托方提交报告") && shown.contains("工作日"), "{shown}");
    assert!(clerk.get("/").text().contains(&first), "it waits for the report");
    // A coordinator sees it and does nothing; another department of the visit does not see it.
    let office = Browser::new(app);
    office.login("coordinator");
    let shown = office.get(&first).text();
    assert!(shown.contains("示范检测有限公司") && !shown.contains(&format!("{first}/report")), "{shown}");
    let other = desk(&s, app, "SJ", Role::DepartmentClerk);
    assert_eq!(other.get(&first).status, 404);
    assert!(!other.get(&ask).text().contains("示范检测有限公司"));

    let report = format!("{first}/report");
    guarded(&clerk, &report);
    let none = upload(app, &clerk, &first, &report, ("", ""));
    assert_eq!(none.status, 422);
    assert!(none.text().contains("href=\"#file\""), "{}", none.text());
    assert_eq!(upload(app, &clerk, &first, &report, ("x.xlsx", "PK a sheet")).status, 415);
    let done = upload(app, &clerk, &first, &report, ("report.pdf", "%PDF-1.7 report"));
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("已提交报告") && shown.contains("href=\"/evidence/"), "{shown}");
    let second = clerk.done(&order("另一家公司"));
    let cancel = format!("{second}/cancel");
    assert_eq!(clerk.post(&second, &cancel, &[("reason", "")]).status, 422);
    let done = clerk.post(&second, &cancel, &[("reason", "改由自行检测")]);
    assert!(clerk.follow(&done).text().contains("改由自行检测"));
    let list = clerk.get("/commissions?state=reported").text();
    assert!(list.contains(&first) && !list.contains(&second), "{list}");
});
