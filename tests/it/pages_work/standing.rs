//! Notices, the course of a visit, the joint conclusion, the time to publish and the export, recognition; the codes on the
//! papers.

use super::{desk, guarded, officer, page, stranger};
use crate::follow_up::{held, result_of};
use crate::planning::fixture::{day, travel};
use crate::results::{dispatched, sent, text, wrong};
use crate::support::both;
use crate::support::browser::Browser;
use chrono::Days;
use onedoor::documents::papers::picture;
use onedoor::domain::access::Role;
use serde_json::json;

both!(a_notice_is_recorded_in_the_browser, |app| {
    let s = dispatched(app);
    let here = page(&s.visit);
    let notice = format!("{here}/notice");
    let post = format!("{notice}/delivery");
    let lead = s.visit["lead_department_id"].as_str().unwrap();
    let (own, other) =
        if s.county.ids.departments["SJ"].to_string() == lead { ("SJ", "XF") } else { ("XF", "SJ") };
    let clerk = desk(&s, app, own, Role::DepartmentClerk);
    assert!(clerk.get(&here).text().contains(&notice));
    let shown = clerk.get(&notice).text();
    assert!(shown.contains("待送达") && shown.contains("工作日") && shown.contains(&post), "{shown}");
    guarded(&clerk, &post);
    for (fields, wrong) in [
        (vec![("delivered_at", ""), ("receiver", "")], "href=\"#channel\""),
        (vec![("channel", "in_person"), ("receiver", "")], "href=\"#receiver\""),
    ] {
        let refused = clerk.post(&notice, &post, &fields);
        assert_eq!(refused.status, 422);
        let said = refused.text();
        assert!(said.contains(wrong), "{said}");
    }
    assert_eq!(stranger(app).get(&notice).status, 404);
    let partner = desk(&s, app, other, Role::DepartmentClerk);
    assert!(!partner.get(&notice).text().contains(&post), "a partner sees it and records nothing");
    let fields = [("channel", "in_person"), ("receiver", "王小明"), ("note", "店主本人")];
    assert_eq!(partner.post(&notice, &post, &fields).status, 403);
    let done = clerk.post(&notice, &post, &fields);
    let shown = clerk.follow(&done).text();
    for word in ["已按时送达", "直接送达", "王小明", "店主本人", "先生登记于"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(!shown.contains(&post), "it is recorded once: {shown}");
});

both!(an_overdue_notice_is_listed_and_needs_a_reason, |app| {
    let s = dispatched(app);
    let on = day(s.visit["day"].as_str().unwrap());
    let notice = format!("{}/notice", page(&s.visit));
    travel(app, on - Days::new(1));
    let office = Browser::new(app);
    office.login("coordinator");
    let list = office.get("/notices/overdue").text();
    assert!(list.contains(&notice) && list.contains("已逾期"), "{list}");
    let home = office.get("/").text();
    assert!(home.contains(&notice) && home.contains("登记送达"), "{home}");
    assert!(office.get("/follow-up").text().contains("件逾期"));
    let other = stranger(app).get("/notices/overdue").text();
    assert!(other.contains("没有逾期未送达的通知书") && !other.contains(&notice), "{other}");
    let post = format!("{notice}/delivery");
    let fields = [("channel", "mail"), ("receiver", "王小明"), ("reason", "")];
    let refused = office.post(&notice, &post, &fields);
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#reason\"") && said.contains("王小明"), "{said}");
    let fields = [("channel", "mail"), ("receiver", "王小明"), ("reason", "首次邮寄退回")];
    let shown = office.follow(&office.post(&notice, &post, &fields)).text();
    assert!(shown.contains("已送达（逾期）") && shown.contains("首次邮寄退回"), "{shown}");
    assert!(!office.get("/notices/overdue").text().contains(&notice));
});

both!(what_happened_and_what_all_found_have_their_pages, |app| {
    let s = sent(app);
    s.hold(app, &s.visit);
    let here = page(&s.visit);
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let shown = clerk.get(&here).text();
    let (conduct, conclusion) = (format!("{here}/conduct"), format!("{here}/conclusion"));
    assert!(shown.contains(&conduct) && shown.contains(&conclusion), "{shown}");
    let shown = clerk.get(&conduct).text();
    for word in ["到场情况", "输入检查码", "录入，", "SJ检查", "待审核"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let shown = clerk.get(&conclusion).text();
    assert!(shown.contains("各部门全部公示后形成联合结论"), "{shown}");
    assert_eq!(shown.matches("未公示").count(), 2, "{shown}");
    s.publish(app, &s.visit, "SJ");
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let shown = clerk.get(&conclusion).text();
    assert_eq!(shown.matches("未公示").count(), 1, "{shown}");
    s.publish(app, &s.visit, "XF");
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let shown = clerk.get(&conclusion).text();
    assert!(shown.contains("联合结论：发现问题") && shown.contains("发现问题已责令改正"), "{shown}");
    let paper = format!("/papers/inspections/{}/joint-summary", s.inspection);
    // The joint summary is a paper of the inspection, for those who hold it.
    assert!(!shown.contains(&paper), "{shown}");
    let holder = desk(&s, app, "SJ", Role::DepartmentClerk);
    assert!(holder.get(&conclusion).text().contains(&paper));
    assert_eq!(holder.get(&paper).status, 200);
    for other in [&conduct, &conclusion] {
        assert_eq!(stranger(app).get(other).status, 404);
    }
});

both!(the_time_to_publish_and_the_export_are_pages, |app| {
    let s = sent(app);
    for visit in &s.visits[..2] {
        s.hold(app, visit);
        s.publish(app, visit, "XF");
    }
    s.publish(app, &s.visit, "SJ");
    let clerk = desk(&s, app, "SJ", Role::DepartmentClerk);
    let (first, second) = (text(&s.visits[0]["code"]), text(&s.visits[1]["code"]));
    let open = clerk.get("/publications").text();
    assert!(open.contains(&second) && !open.contains(&first) && open.contains("工作日"), "{open}");
    let done = clerk.get("/publications?view=done").text();
    assert!(done.contains(&first) && !done.contains(&second), "{done}");
    assert!(clerk.get("/publications?view=late").text().contains("这里没有公示期限"));
    assert!(stranger(app).get("/publications").text().contains("这里没有公示期限"));
    assert_eq!(clerk.get("/publications?after=bm9uZQ").status, 422);

    let page = clerk.get("/exports/publications").text();
    assert!(page.contains("/exports/publications/file") && page.contains("CSV"), "{page}");
    let file = |query: &str| clerk.get(&format!("/exports/publications/file?{query}"));
    let all = file("format=csv&department_id=&from=&to=");
    assert_eq!((all.status, all.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert!(all.header("content-disposition").unwrap().contains("publications.csv"));
    let lines = |text: String| text.lines().count() - 1;
    let everything = lines(all.text());
    let of = |department: &str| {
        lines(file(&format!("format=csv&department_id={}", s.county.ids.departments[department])).text())
    };
    assert!(of("SJ") > 0 && of("XF") > of("SJ"), "{} {}", of("SJ"), of("XF"));
    assert_eq!(of("SJ") + of("XF"), everything);
    // By the day on which the inspection ended.
    let on = text(&s.visits[0]["day"]);
    let before = (day(&on) - Days::new(1)).to_string();
    let json = file(&format!("format=json&from={on}&to={on}")).expect(200);
    let days: Vec<&str> = json.as_array().unwrap().iter().map(|r| r["insDate"].as_str().unwrap()).collect();
    assert!(!days.is_empty() && days.iter().all(|d| *d == on), "{days:?}");
    assert_eq!(file(&format!("format=json&to={before}")).expect(200), json!([]));
    assert_eq!(file(&format!("format=csv&from={on}&to={before}")).status, 422);
    assert_eq!(file("format=xml").status, 422);
    assert_eq!(Browser::new(app).get("/exports/publications/file?format=csv").status, 303);
});

both!(a_result_is_recognised_in_the_browser, |app| {
    let s = sent(app);
    // The two items ask the same.
    let items: Vec<_> =
        ["SJ", "XF"].iter().map(|d| s.county.ids.items[&((*d).to_owned(), format!("{d}-1"))]).collect();
    let same = items.clone();
    app.server
        .store
        .write(move |db| {
            for id in &same {
                let mut item = onedoor::store::items::need(db, *id)?;
                let seen = item.version;
                item.equivalence_group = "安全出口".to_owned();
                item.version += 1;
                onedoor::store::items::update(db, &item, seen)?;
            }
            Ok(())
        })
        .unwrap();
    held(&s, app, &s.visit, &wrong());
    s.publish(app, &s.visit, "SJ");
    let clean = result_of(&s, app, &s.visit, "SJ");
    let today = day(s.visit["day"].as_str().unwrap());
    let body = json!({
        "item_id": items[1], "subject_id": s.visit["subject"]["id"], "earliest": today + Days::new(1),
        "latest": today + Days::new(90), "reason": "专项检查",
    });
    let made = s.desk(app, "XF", Role::DepartmentClerk).post("/api/v1/tasks", &body);
    made.expect(201);
    let here = format!("/tasks/{}/recognition", made.id());
    let clerk = desk(&s, app, "XF", Role::DepartmentClerk);
    let list = clerk.get("/recognition-offers").text();
    assert!(list.contains(&here) && list.contains("SJ检查"), "{list}");
    for other in [stranger(app), desk(&s, app, "SJ", Role::DepartmentClerk)] {
        assert!(!other.get("/recognition-offers").text().contains(&here));
        assert_eq!(other.get(&here).status, 404);
    }
    let head = desk(&s, app, "XF", Role::DepartmentHead);
    assert!(
        !head.get(&here).text().contains("<form method=\"post\" action=\"/tasks"),
        "only the clerk decides"
    );
    guarded(&clerk, &here);
    let refused = clerk.post(&here, &here, &[("result_id", &clean), ("reason", "")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#reason\""), "{}", refused.text());
    let foreign = result_of(&s, app, &s.visit, "XF");
    let refused = clerk.post(&here, &here, &[("result_id", &foreign), ("reason", "市场监管部门已查")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#result_id\""), "{}", refused.text());
    let done = clerk.post(&here, &here, &[("result_id", &clean), ("reason", "市场监管部门已查")]);
    let shown = clerk.follow(&done).text();
    assert!(shown.contains("互认，不再入企检查") && shown.contains("市场监管部门已查"), "{shown}");
    assert!(!clerk.get("/recognition-offers").text().contains(&here));
    let list = clerk.get("/recognitions").text();
    assert!(list.contains(&here) && list.contains("减少入企 1 次"), "{list}");
    let none = clerk.get("/recognitions?from=2020-01-01&to=2020-12-31").text();
    assert!(!none.contains(&here) && none.contains("减少入企 0 次"), "{none}");
    assert!(!stranger(app).get("/recognitions").text().contains(&here));
});

// A person who scans a code stands before a page, not before the answer of an interface.
both!(codes_on_papers_lead_to_pages, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    let code = s.code(app, &s.visit);
    let office = Browser::new(app);
    office.login("coordinator");
    let base = app.server.rules.mail.link.trim_end_matches('/').to_owned();
    let id = text(&s.visit["id"]);
    let anybody = Browser::new(app);
    let leads = |paper: &str, to: &str, says: &str| {
        let printed = office.get(paper).text();
        assert!(printed.contains(&picture::svg(&format!("{base}{to}"))), "{paper} has no code for {to}");
        assert_eq!(printed.matches("aria-label=\"二维码\"").count(), 1, "{paper}");
        let seen = anybody.get(to);
        assert_eq!(seen.status, 200, "{to}: {}", seen.text());
        assert_eq!(seen.header("content-type"), Some("text/html; charset=utf-8"), "{to}");
        assert!(seen.text().contains(says), "{to}: {}", seen.text());
    };
    let name = text(&s.visit["subject"]["name"]);
    leads(&format!("/papers/visits/{id}/notice"), &format!("/public/visits/{code}"), &name);
    let card = format!("/papers/rating-cards/visits/{id}");
    let typed = office.get(&card).text();
    let typed = typed.split("评价码 ").nth(1).unwrap();
    let secret: String =
        typed.chars().take_while(|c| *c == '-' || c.is_ascii_alphanumeric()).filter(|c| *c != '-').collect();
    assert!(secret.starts_with(&code) && secret.len() > code.len());
    leads(&card, &format!("/public/visits/{secret}"), &name);
    let draw = app.server.store.read(|db| onedoor::store::draws::of(db, s.inspection)).unwrap().remove(0);
    let record = format!("/papers/inspections/{}/draw-record", s.inspection);
    leads(&record, &format!("/public/draws/{}", draw.id), "开启时间");
    // The screen an inspector shows has the same code as the paper.
    let a = officer(&s, app, &s.team(app, &s.visit, "XF").a_id);
    let shown = a.get(&format!("{}/code", page(&s.visit))).text();
    assert!(shown.contains(&picture::svg(&format!("{base}/public/visits/{code}"))), "{shown}");
});
