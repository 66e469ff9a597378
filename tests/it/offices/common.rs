//! What the county shares: departments, working days, words; mail of the system.

use crate::desk::{at, between, has, refuses_foreign_forms};
use crate::support::{TestApp, both};
use onedoor::domain::access::Role;
use onedoor::store::conn::Conn;
use onedoor::store::outbox::Mail;

fn people(app: &TestApp) {
    let office = app.department("XTB", "协调办", "coordination");
    let market = app.department("SCJG01", "市场监管局", "inspecting");
    app.user("xtb", &[Role::Coordinator], Some(office));
    app.user("clerk", &[Role::DepartmentClerk], Some(market));
    app.user("sys", &[Role::SystemAdmin], None);
}

both!(departments_are_registered_and_changed_in_the_browser, |app| {
    people(app);
    let (office, clerk) = (at(app, "xtb"), at(app, "clerk"));
    let list = office.get("/departments").text();
    has(&list, &["市场监管局", "SCJG01", "执法部门", "href=\"/departments/new\"", "href=\"/calendar\""]);
    assert!(!clerk.get("/departments").text().contains("/departments/new"));
    let new = "/departments/new";
    assert_eq!(clerk.get(new).status, 403);
    refuses_foreign_forms(&office, new);
    let fields = |name: &'static str, aliases: &'static str| {
        [
            ("code", "WJJ01"),
            ("kind", "inspecting"),
            ("name", name),
            ("level", "县级"),
            ("division", "350403"),
            ("uscc", ""),
            ("rank", "4"),
            ("aliases", aliases),
            ("contact", "0598-1234567"),
        ]
    };
    // A coordinating body may not inspect; an alias of another may not be taken; all faults at once.
    let wrong = office.post(new, new, &fields("食安办", "卫计局\n市场监管局"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#kind\"", "href=\"#aliases\"", "value=\"食安办\"", "卫计局"]);
    let made = office.post(new, new, &fields("卫生健康局", "卫计局\n\n 卫健委 "));
    let path = office.done(&made);
    has(&office.follow(&made).text(), &["部门已登记", "卫计局", "卫健委", "0598-1234567", "县级"]);
    has(&office.get("/departments?search=wjj01&kind=inspecting").text(), &["卫生健康局"]);
    assert!(!office.get("/departments?kind=oversight").text().contains("卫生健康局"));
    let edit = format!("{path}/edit");
    assert_eq!(clerk.get(&edit).status, 403);
    has(&clerk.get(&path).text(), &["卫生健康局"]);
    let fields = [
        ("name", "卫健局"),
        ("level", "县级"),
        ("division", ""),
        ("uscc", "1"),
        ("rank", "9"),
        ("aliases", ""),
        ("contact", ""),
        ("state", "retired"),
    ];
    let wrong = office.post(&edit, &edit, &fields);
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#uscc\"", "value=\"卫健局\""]);
    let mut right = fields;
    right[3].1 = "";
    let shown = office.follow(&office.post(&edit, &edit, &right)).text();
    has(&shown, &["修改已保存", "卫健局", "已停用"]);
    assert!(!shown.contains("卫计局") && !shown.contains("0598"), "{shown}");
    has(&office.get("/departments?state=retired").text(), &["卫健局"]);
});

both!(the_calendar_of_a_year_is_seen_and_set, |app| {
    people(app);
    let (office, clerk) = (at(app, "xtb"), at(app, "clerk"));
    let page = clerk.get("/calendar?year=2031").text();
    has(&page, &["2031", "12月", "全年 261 个工作日"]);
    assert!(!page.contains("name=\"workday\""), "{page}");
    let path = "/calendar?year=2031";
    assert_eq!(clerk.post(path, path, &[("from", "2031-10-01"), ("to", "2031-10-03")]).status, 403);
    refuses_foreign_forms(&office, path);
    let wrong = [("from", "2031-10-03"), ("to", "2031-10-01"), ("workday", "false"), ("name", "国庆节")];
    let refused = office.post(path, path, &wrong);
    assert_eq!(refused.status, 422);
    has(&refused.text(), &["href=\"#to\"", "value=\"国庆节\"", "不得早于开始日期"]);
    // Wednesday to Friday off; Saturday worked instead.
    let off = [("from", "2031-10-01"), ("to", "2031-10-03"), ("workday", "false"), ("name", "国庆节")];
    let set = office.post(path, path, &off);
    assert_eq!(office.done(&set), "/calendar?year=2031");
    has(&office.follow(&set).text(), &["日历已设定", "全年 258 个工作日", "国庆节", "<small>休</small>"]);
    let work =
        [("from", "2031-10-11"), ("to", "2031-10-11"), ("workday", "true"), ("quiet", "true"), ("name", "")];
    office.post(path, path, &work);
    let page = office.get(path).text();
    has(&page, &["全年 259 个工作日", "<small>静</small>", "2031年10月11日", "企业安静日"]);
    office.post(
        path,
        path,
        &[("from", "2031-10-12"), ("to", "2031-10-12"), ("workday", "true"), ("name", "")],
    );
    has(&office.get(path).text(), &["调休上班", "<small>班</small>"]);
    assert_eq!(office.get("/calendar?year=99999").status, 422);
    office.get("/language/en?next=/");
    let english = office.get(path).text();
    assert!(
        english.contains("October") && english.contains("Make-up workday") && !english.contains('⟦'),
        "{english}"
    );
});

both!(words_and_other_words_are_kept, |app| {
    people(app);
    let (office, clerk) = (at(app, "xtb"), at(app, "clerk"));
    let path = "/vocabularies/subject_type";
    has(&clerk.get(path).text(), &["个体工商户", "individual"]);
    assert_eq!(clerk.post(path, path, &[("code", "x")]).status, 403);
    refuses_foreign_forms(&office, path);
    let fields = |code: &'static str, name: &'static str, state: &'static str| {
        [("code", code), ("name", name), ("parent", "enterprise"), ("place", "90"), ("state", state)]
    };
    let wrong = office.post(path, path, &fields("外资", "", "active"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#code\"", "href=\"#name\""]);
    has(
        &office.follow(&office.post(path, path, &fields("foreign", "外资企业", "active"))).text(),
        &["词条已保存", "外资企业"],
    );
    let edit = "/vocabularies/subject_type?code=foreign";
    has(&office.get(edit).text(), &["修改词条", "value=\"外资企业\""]);
    office.post(edit, edit, &fields("foreign", "外商投资企业", "retired"));
    let text = office.get(path).text();
    has(&text, &["外商投资企业", "已停用"]);
    assert!(!text.contains("外资企业"), "{text}");
    assert_eq!(office.get("/vocabularies/no%20name").status, 404);

    let path = "/aliases/subject_type";
    has(&clerk.get(path).text(), &["公司", "企业"]);
    assert_eq!(clerk.post(path, path, &[("aliases", "")]).status, 403);
    refuses_foreign_forms(&office, path);
    let wrong = office.post(path, path, &[("aliases", "公司 = 企业\n个体 个体工商户")]);
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["第2行须写成", "个体 个体工商户"]);
    let ambiguous = office.post(path, path, &[("aliases", "公司 = 企业\n公司 = 个体工商户")]);
    assert_eq!(ambiguous.status, 422);
    has(&ambiguous.text(), &["href=\"#aliases\"", "请只留一个"]);
    let set = office.post(path, path, &[("aliases", "公司 = 企业\r\n网店＝个体工商户\r\n")]);
    let text = office.follow(&set).text();
    has(&text, &["别名已保存", "网店"]);
    assert!(!text.contains("合作社"), "saving replaces all: {text}");
});

both!(mail_that_was_given_up_is_sent_again, |app| {
    people(app);
    let mail = Mail {
        kind: "invitation_sent",
        recipient: "zhang@example.com".to_owned(),
        user: None,
        subject: "请答复联合抽查邀请".to_owned(),
        body: "正文不给人看".to_owned(),
        object: None,
        dedupe: "test".to_owned(),
    };
    app.server.as_system(move |cx| cx.mail(mail.clone())).unwrap();
    let sys = at(app, "sys");
    assert_eq!(at(app, "xtb").get("/outbox").status, 403);
    let list = sys.get("/outbox").text();
    has(&list, &["请答复联合抽查邀请", "zhang@example.com", "等待发送"]);
    assert!(!list.contains("正文不给人看") && !list.contains("/retry"), "{list}");
    app.server
        .store
        .write(|db| {
            use diesel::connection::SimpleConnection;
            let sql = "UPDATE outbox SET state = 'dead', last_error = 'no route to host'";
            match db {
                Conn::Sqlite(c) => c.batch_execute(sql)?,
                Conn::Pg(c) => c.batch_execute(sql)?,
            }
            Ok(())
        })
        .unwrap();
    let list = sys.get("/outbox?state=dead").text();
    has(&list, &["已放弃", "no route to host"]);
    let retry = format!("/outbox/{}", between(&list, "action=\"/outbox/", "\""));
    refuses_foreign_forms(&sys, &retry);
    has(&sys.follow(&sys.post("/outbox?state=dead", &retry, &[])).text(), &["邮件已重新排队", "等待发送"]);
    assert_eq!(sys.post("/outbox", &retry, &[]).status, 409);
    assert_eq!(sys.get("/outbox?state=x").status, 422);
});
