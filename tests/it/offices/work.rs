//! What belongs to a joint inspection and to a subject: frozen list, tasks, archive, recusals, caps, places, attention.

use crate::desk::{at, between, has, refuses_foreign_forms};
use crate::joint::County;
use crate::support::both;
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use serde_json::json;

both!(what_belongs_to_an_inspection_is_a_click_away, |app| {
    let c = County::new(app);
    let (market, office, health) = (at(app, "scjg"), at(app, "xtb"), at(app, "wjj"));
    let inspection = c.confirmed(&c.body());
    let path = format!("/inspections/{inspection}");
    let pool = format!("{path}/pool");
    has(&office.get(&pool).text(), &["名单还没有锁定", &format!("href=\"{path}/draw\"")]);
    assert!(!market.get(&path).text().contains(&pool));
    let draw = c.opened(&inspection);
    has(&market.get(&path).text(), &[&format!("href=\"{pool}\"")]);
    has(&market.get(&pool).text(), &["80 户", "6 人", "名录指纹"]);
    assert_eq!(health.get(&pool).status, 404);
    c.revealed(&draw);
    app.advance(TimeDelta::minutes(12));
    c.office.post(&format!("/api/v1/draws/{draw}/result"), &json!({})).expect(200);
    let shown = market.get(&path).text();
    for there in ["/pool\"", "/papers\"", "/archive/check\""] {
        has(&shown, &[&format!("href=\"{path}{there}")]);
    }
    let tasks = format!("/tasks?inspection={inspection}");
    has(&shown, &[&format!("href=\"{tasks}\"")]);

    // Each department its own tasks, the office all of them.
    let rows = |text: &str| text.matches("href=\"/tasks/0").count();
    let own = market.get(&tasks).text();
    assert_eq!((rows(&own), rows(&office.get(&tasks).text())), (13, 26), "{own}");
    has(&own, &["食堂食品安全", "待安排", "T-2026-"]);
    assert_eq!(rows(&market.get(&format!("{tasks}&state=planned")).text()), 0);
    assert_eq!(rows(&market.get(&format!("{tasks}&single=true")).text()), 0);
    assert_eq!(rows(&market.get("/tasks?single=false").text()), 13);
    assert_eq!(market.get("/tasks?state=x").status, 422);
    let task = format!("/tasks/0{}", between(&own, "href=\"/tasks/0", "\""));
    has(&market.get(&task).text(), &["食堂食品安全", "学校联合抽查", "40 分钟", "现场检查", "取消任务"]);
    assert_eq!(health.get(&task).status, 404);
    assert!(!office.get(&task).text().contains("取消任务"));
    let cancel = format!("{task}/cancel");
    refuses_foreign_forms(&market, &cancel);
    let bare = market.post(&task, &cancel, &[("reason", "")]);
    assert_eq!(bare.status, 422);
    has(&bare.text(), &["href=\"#reason\""]);
    has(
        &market.follow(&market.post(&task, &cancel, &[("reason", "事项停用")])).text(),
        &["任务已取消", "已取消"],
    );
    assert!(!market.get(&task).text().contains("/cancel\""));

    // The archive says what is missing, and can be had as it is.
    let check = format!("{path}/archive/check");
    has(&market.get(&check).text(), &["归档材料还缺", "下载归档包"]);
    let zip = market.get(&format!("{path}/archive"));
    assert_eq!((zip.status, zip.header("content-type")), (200, Some("application/zip")));
    assert!(zip.bytes.starts_with(b"PK"));
    assert_eq!(health.get(&check).status, 404);
    assert_eq!(at(app, "wit1").get(&check).status, 403);
    for page in [&pool, &tasks, &task, &check] {
        office.get("/language/en?next=/");
        let text = office.get(page).text();
        assert!(text.contains("<html lang=\"en\"") && !text.contains('⟦'), "{page}: {text}");
    }
});

both!(a_department_makes_a_single_task_and_records_a_check, |app| {
    let c = County::new(app);
    let (market, office) = (at(app, "scjg"), at(app, "xtb"));
    let item = c.item("SCJG-1").to_string();
    let new = "/tasks/new";
    has(&market.get(new).text(), &["食堂食品安全", "投诉举报"]);
    assert_eq!(office.get(new).status, 403);
    refuses_foreign_forms(&market, new);
    let fields = |subject: &'static str, latest: &'static str| {
        [
            ("item_id", item.as_str()),
            ("subject", subject),
            ("earliest", "2026-03-09"),
            ("latest", latest),
            ("minutes", ""),
            ("priority", ""),
            ("cause", "complaint"),
            ("reason", "12345 投诉"),
        ]
    };
    let wrong = market.post(new, new, &fields("没有这一家", "2026-03-20"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#subject\"", "value=\"没有这一家\"", "12345 投诉"]);
    let wrong = market.post(new, new, &fields("学校第3号", "2026-03-01"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#latest\""]);
    let made = market.post(new, new, &fields("学校第3号", "2026-03-20"));
    has(&market.follow(&made).text(), &["任务已建立", "学校第3号", "单项任务", "12345 投诉", "投诉举报"]);
    has(&market.get("/tasks?single=true").text(), &["学校第3号"]);

    let new = "/caps/new";
    assert_eq!(office.get(new).status, 403);
    refuses_foreign_forms(&market, new);
    let check = |day: &'static str, cause: &'static str, note: &'static str| {
        [("subject", "35040300000005"), ("on_day", day), ("cause", cause), ("note", note)]
    };
    let wrong = market.post(new, new, &check("2026-03-09", "media", ""));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#on_day\"", "href=\"#note\"", "value=\"35040300000005\""]);
    let kept = market.post(new, new, &check("2026-02-10", "", ""));
    has(&market.follow(&kept).text(), &["检查已登记", "学校第5号", "计划内（计入上限）"]);
    for _ in 0..2 {
        market.post(new, new, &check("2026-02-11", "", ""));
    }
    market.post(new, new, &check("2026-02-12", "media", "电视台曝光"));
    let all = market.get("/caps").text();
    has(&all, &["媒体曝光", "电视台曝光", "不计次"]);
    let subject = between(&all, "subject_id=", "\"");
    has(&office.get("/caps").text(), &["请选择部门"]);
    has(&office.get(&format!("/caps?subject_id={subject}")).text(), &["已超上限", "市场监管局", "学校第5号"]);
    // What is beyond the cap needs attention: told in the language of the page, with a way to it.
    let waits = office.get("/attention").text();
    has(&waits, &["对“学校第5号”的检查本年已计 3 次，超过频次上限", &format!("subject_id={subject}")]);
    office.get("/language/en?next=/");
    let english = office.get("/attention").text();
    has(&english, &["has been checked 3 times this year, more than the cap allows"]);
    assert!(!english.contains("超过频次上限"), "{english}");
    // The API's sentence stays as it was.
    let api = c.office.get("/api/v1/attention?kind=cap_exceeded").expect(200);
    assert_eq!(api["items"][0]["what"], "对“学校第5号”的检查本年已计3次,超过频次上限");
});

both!(recusals_are_listed_declared_and_taken_up_again, |app| {
    let c = County::new(app);
    let person = c.office.get("/api/v1/inspectors?search=SCJG01-P1").expect(200);
    let person = person["items"][0]["id"].as_str().unwrap().to_owned();
    app.inspector_user("p1", &[Role::Inspector], Some(c.dept("SCJG01")), Some(person.parse().unwrap()));
    let (market, head, school, own) = (at(app, "scjg"), at(app, "scjg_head"), at(app, "jyj"), at(app, "p1"));
    has(&market.get("/recusals").text(), &["没有登记回避关系", "/recusals/new"]);
    has(&market.get("/inspectors").text(), &["href=\"/recusals\""]);
    let new = "/recusals/new";
    assert_eq!(head.get(new).status, 403);
    has(&market.get(new).text(), &["SCJG01人员1", "SCJG01人员3", "企业申请"]);
    refuses_foreign_forms(&market, new);
    let fields = |subject: &'static str, source: &'static str| {
        [("inspector_id", person.as_str()), ("subject", subject), ("source", source), ("reason", "亲属任教")]
    };
    let wrong = market.post(new, new, &fields("没有这一家", "business"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#subject\"", "亲属任教"]);
    let made = market.post(new, new, &fields("学校第1号", "business"));
    let path = market.done(&made);
    has(&market.follow(&made).text(), &["回避已申报", "亲属任教", "企业申请", "待审批"]);
    // An inspector declares his own, of a subject he must know.
    let page = own.get(new).text();
    has(&page, &["SCJG01人员1", "检查人员本人"]);
    assert!(!page.contains("SCJG01人员2"), "{page}");
    assert_eq!(own.post(new, new, &fields("学校第", "inspector")).status, 422);
    let declared = own.post(new, new, &fields("学校第2号", "inspector"));
    has(&own.follow(&declared).text(), &["学校第2号", "检查人员本人"]);
    has(&own.get("/recusals").text(), &["学校第1号", "学校第2号"]);
    has(&head.get("/recusals?state=pending").text(), &["学校第1号", "SCJG01人员1"]);
    assert!(!school.get("/recusals").text().contains("学校第1号"));
    assert!(!head.get("/recusals?state=approved").text().contains("学校第1号"));

    let reopen = format!("{path}/reopen");
    assert!(!market.get(&path).text().contains(&reopen));
    assert_eq!(market.post(&path, &reopen, &[("note", "")]).status, 409);
    head.post(&path, &format!("{path}/reject"), &[("note", "不属实")]);
    assert!(!head.get(&path).text().contains(&reopen), "who decides does not ask");
    has(&market.get(&path).text(), &["已驳回", &reopen]);
    let again = market.follow(&market.post(&path, &reopen, &[("note", "补充证明")])).text();
    has(&again, &["待审批"]);
});

both!(further_places_of_a_subject_are_kept_on_its_page, |app| {
    let c = County::new(app);
    let (market, head) = (at(app, "scjg"), at(app, "scjg_head"));
    let subject = c.office.get("/api/v1/subjects?search=35040300000007").expect(200);
    let path = format!("/subjects/{}", subject["items"][0]["id"].as_str().unwrap());
    has(&market.get(&path).text(), &["没有登记其他地点", "增加地点"]);
    assert!(!head.get(&path).text().contains("增加地点"));
    let add = format!("{path}/sites");
    refuses_foreign_forms(&market, &add);
    let fields = |address: &'static str| {
        [("name", "东校区"), ("town", "城关镇"), ("address", address), ("division", "")]
    };
    let wrong = market.post(&path, &add, &fields(""));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#address\"", "value=\"东校区\"", "<details open>"]);
    assert_eq!(head.post_as(&add, &[("address".to_owned(), "x".to_owned())]).status, 403);
    let shown = market.follow(&market.post(&path, &add, &fields("东街9号"))).text();
    has(&shown, &["地点已增加", "东校区", "城关镇东街9号"]);
    let remove = format!("{path}/sites/{}", between(&shown, &format!("action=\"{path}/sites/"), "\""));
    assert!(remove.ends_with("/remove"), "{remove}");
    let gone = market.follow(&market.post(&path, &remove, &[])).text();
    has(&gone, &["地点已删除"]);
    assert!(!gone.contains("东街9号"), "{gone}");
    assert_eq!(market.post(&path, &remove, &[]).status, 404);
});
