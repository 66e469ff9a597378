//! The registers: items through their review, subjects, people, files.

use super::oversight::upload;
use super::{at, between, has, refuses_foreign_forms};
use crate::registries::people;
use crate::support::both;

const ITEM: [(&str, &str); 23] = [
    ("name", "食品经营检查"),
    ("field", "食品安全"),
    ("object", ""),
    ("kinds", ""),
    ("industries", "H62\nH61"),
    ("basis", "《食品安全法》第一百一十条\n《行政处罚法》"),
    ("content", "许可证"),
    ("materials", ""),
    ("mode", "on_site"),
    ("method", ""),
    ("notice", "either"),
    ("ratio", "3%"),
    ("frequency", ""),
    ("cap", ""),
    ("category", "key"),
    ("executing_body", ""),
    ("qualification", ""),
    ("requirement", ""),
    ("equivalence_group", ""),
    ("equivalence_name", ""),
    ("season", ""),
    ("expert", ""),
    ("remark", "备注"),
];

fn item<'a>(code: &'a str, minutes: &'a str, remark: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> = ITEM.iter().copied().filter(|(n, _)| *n != "remark").collect();
    all.extend([("minutes", minutes), ("remark", remark)]);
    if !code.is_empty() {
        all.push(("code", code));
    }
    all
}

both!(an_item_goes_through_its_review_in_the_browser, |app| {
    drop(people(app));
    let (clerk, legal, head, stranger) =
        (at(app, "clerk"), at(app, "legal"), at(app, "head"), at(app, "stranger"));
    has(&clerk.get("/items").text(), &["事项清单还是空的", "/items/new"]);
    let new = "/items/new";
    refuses_foreign_forms(&clerk, new);
    let wrong = clerk.post(new, new, &item("SJ-01", "0", "x"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#minutes\"", "《行政处罚法》", "value=\"SJ-01\"", "<title>错误："]);
    let made = clerk.post(new, new, &item("SJ-01", "60", "备注"));
    let path = clerk.done(&made);
    has(&clerk.follow(&made).text(), &["草稿已保存", "《行政处罚法》", "重点检查事项", "提交法制审核"]);
    // A draft is its department's own.
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(head.get("/items/new").status, 403);

    // What is emptied is emptied.
    let edit = format!("{path}/edit");
    let changed = clerk.post(&edit, &edit, &item("", "45", ""));
    let shown = clerk.follow(&changed).text();
    has(&shown, &["修改已保存", "45 分钟"]);
    assert!(!shown.contains("备注"), "{shown}");

    let submit = format!("{path}/submit");
    has(&clerk.follow(&clerk.post(&path, &submit, &[])).text(), &["法制审核中", "撤回送审"]);
    has(&legal.get("/items?state=in_review").text(), &["食品经营检查"]);
    has(&legal.get("/").text(), &["/items?state=in_review"]);
    let back = format!("{path}/return");
    let bare = legal.post(&back, &back, &[("reason", "")]);
    assert_eq!(bare.status, 422);
    has(&bare.text(), &["href=\"#reason\""]);
    has(&legal.follow(&legal.post(&back, &back, &[("reason", "依据不全")])).text(), &["依据不全", "已退回"]);
    assert_eq!(clerk.done(&clerk.post(&path, &submit, &[])), path);
    let approve = format!("{path}/approve");
    assert_eq!(clerk.post(&path, &approve, &[]).status, 403);
    has(&legal.follow(&legal.post(&path, &approve, &[])).text(), &["审核已通过"]);
    let publish = format!("{path}/publish");
    has(&head.get(&publish).text(), &["公示后公众可以看到", "《食品安全法》"]);
    refuses_foreign_forms(&head, &publish);
    has(&head.follow(&head.post(&publish, &publish, &[])).text(), &["已公示"]);
    assert_eq!(head.post(&publish, &publish, &[]).status, 409);
    has(&stranger.get(&path).text(), &["食品经营检查"]);
    has(&stranger.get("/public/items").text(), &["食品经营检查"]);
    // A new version is a draft of its own.
    let revised = clerk.post(&path, &format!("{path}/revisions"), &[]);
    let second = clerk.done(&revised);
    assert!(second != edit && second.ends_with("/edit"), "{second}");
    let retire = format!("{path}/retire");
    has(
        &head.follow(&head.post(&retire, &retire, &[("reason", "依据废止")])).text(),
        &["已停用", "依据废止"],
    );
});

const HEAD: &str =
    "统一社会信用代码,注册号,市场主体名称,主体类型,区划代码,乡镇街道,行业代码,监管部门,标签\r\n";

both!(a_file_is_checked_then_its_good_rows_are_imported_in_the_browser, |app| {
    drop(people(app));
    let (clerk, head) = (at(app, "clerk"), at(app, "head"));
    let new = "/imports/new?kind=subjects";
    assert_eq!(head.get(new).status, 403);
    refuses_foreign_forms(&clerk, "/imports/new");
    let none = upload(app, &clerk, new, new, &[("kind", "subjects")], ("", b""));
    assert_eq!(none.status, 422);
    has(&none.text(), &["请选择文件"]);
    let text = format!(
        "{HEAD},350403600000011,甲店,企业,350403,城关镇,6210,SJ,\r\n\
         9.1350403E+17,,丙店,企业,350403,城关镇,6210,SJ,\r\n"
    );
    let sent = upload(app, &clerk, new, new, &[("kind", "subjects")], ("名录.csv", text.as_bytes()));
    let path = clerk.done(&sent);
    let shown = clerk.get(&path).text();
    has(
        &shown,
        &[
            "名录.csv",
            "第 3 行",
            "统一社会信用代码",
            "9.1350403E+17",
            "只导入正确的 1 行",
            "value=\"good_rows\"",
        ],
    );
    assert!(!shown.contains("value=\"all\""), "{shown}");
    // Nothing has been written yet.
    assert!(!clerk.get("/subjects?search=%E7%94%B2%E5%BA%97").text().contains("350403600000011"));
    assert_eq!(at(app, "stranger").get(&path).status, 404);
    let apply = format!("{path}/apply");
    assert_eq!(clerk.post(&path, &apply, &[("mode", "all")]).status, 409);
    has(
        &clerk.follow(&clerk.post(&path, &apply, &[("mode", "good_rows")])).text(),
        &["已经导入", "/subjects"],
    );
    has(&clerk.get("/subjects?search=%E7%94%B2%E5%BA%97").text(), &["350403600000011"]);
    let table = clerk.get("/exports?kind=subjects");
    assert_eq!(table.status, 200);
    assert!(table.header("content-type").unwrap().starts_with("text/csv"));
    assert!(table.text().contains("甲店"));
});

fn subject<'a>(name: &'a str, number: &'a str, phone: &'a str) -> Vec<(&'a str, &'a str)> {
    let empty = ["uscc", "industry_name", "credit", "founded", "contact", "tags"];
    let mut all: Vec<(&str, &str)> = empty.iter().map(|n| (*n, "")).collect();
    all.extend([
        ("name", name),
        ("registration_no", number),
        ("phone", phone),
        ("kind", "企业"),
        ("division", "350403"),
        ("town", "城关镇"),
        ("address", "中山路1号"),
        ("industry", "6210"),
        ("abnormal", "true"),
        ("state", "active"),
    ]);
    all
}

both!(a_subject_is_kept_in_the_browser, |app| {
    let p = people(app);
    let department = p.department.to_string();
    let (clerk, head) = (at(app, "clerk"), at(app, "head"));
    has(&clerk.get("/subjects").text(), &["名录还是空的", "/subjects/new"]);
    let new = "/subjects/new";
    assert_eq!(head.get(new).status, 403);
    refuses_foreign_forms(&clerk, new);
    let wrong = clerk.post(new, new, &subject("甲店", "", "0598-8220001"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#uscc\"", "value=\"甲店\"", "至少填一项"]);
    let mut fields = subject("甲店", "350403600000011", "0598-8220001");
    fields.push(("department_ids", department.as_str()));
    let made = clerk.post(new, new, &fields);
    let path = clerk.done(&made);
    has(
        &clerk.follow(&made).text(),
        &["检查对象已登记", "示范县市场监督管理局", "经营异常名录", "0598-8220001", "还没有对它的检查"],
    );
    has(&head.get("/subjects?town=%E5%9F%8E%E5%85%B3%E9%95%87&listed=abnormal").text(), &["甲店"]);
    assert!(!head.get("/subjects?listed=serious").text().contains("甲店"));
    let edit = format!("{path}/edit");
    let page = clerk.get(&edit).text();
    assert!(page.contains("checked") && page.contains("value=\"0598-8220001\""), "{page}");
    // What is emptied is emptied, what is not ticked is not so.
    let rest: Vec<(&str, &str)> =
        subject("甲店", "350403600000011", "").into_iter().filter(|(n, _)| *n != "abnormal").collect();
    let shown = clerk.follow(&clerk.post(&edit, &edit, &rest)).text();
    assert!(!shown.contains("0598-8220001") && !shown.contains("经营异常名录"), "{shown}");
    has(&shown, &["还没有登记监管部门"]);
    // Somebody else was faster.
    let mut stale: Vec<(String, String)> =
        rest.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    stale.push(("csrf".to_owned(), crate::support::browser::hidden(&page, "csrf")));
    stale.push(("once".to_owned(), crate::support::browser::hidden(&page, "once")));
    stale.push(("version".to_owned(), "1".to_owned()));
    assert_eq!(clerk.post_as(&edit, &stale).status, 412);
    assert_eq!(clerk.get("/subjects/0199aaaa-0000-7000-8000-000000000000").status, 404);
});

fn person<'a>(code: &'a str, unit: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("name", "李四"),
        ("sex", "女"),
        ("unit_type", "机关科室"),
        ("unit", unit),
        ("cert_no", "Z1"),
        ("daily_minutes", "450"),
        ("can_lead", "true"),
        ("email", ""),
        ("state", "active"),
    ];
    if !code.is_empty() {
        all.push(("code", code));
    }
    all
}

both!(a_person_is_kept_in_the_browser, |app| {
    let p = people(app);
    let (clerk, head, stranger) = (at(app, "clerk"), at(app, "head"), at(app, "stranger"));
    let new = "/inspectors/new";
    assert_eq!(head.get(new).status, 403);
    refuses_foreign_forms(&clerk, new);
    let wrong = clerk.post(new, new, &person("", "一科"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#code\"", "value=\"李四\""]);
    let made = clerk.post(new, new, &person("SJ09", "一科"));
    let path = clerk.done(&made);
    has(&clerk.follow(&made).text(), &["人员已登记", "没有执法证", "可任主办"]);
    has(&clerk.get("/inspectors").text(), &["李四", "没有执法证", "1 人的执法证已失效"]);
    // People are their department's own.
    assert_eq!(stranger.get(&path).status, 404);
    assert!(!stranger.get("/inspectors").text().contains("李四"));

    let paper = format!("{path}/certificates");
    let fields = |to: &'static str| {
        [
            ("qual", "Q-ZFZ"),
            ("qual_name", "执法证"),
            ("no", "Z1"),
            ("valid_from", "2025-01-01"),
            ("valid_to", to),
        ]
    };
    let wrong = clerk.post(&paper, &paper, &fields("2024-01-01"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#valid_to\"", "失效日期早于生效日期"]);
    let shown = clerk.follow(&clerk.post(&paper, &paper, &fields("2026-03-10"))).text();
    has(&shown, &["证件已登记", "2026年3月10日（周二）到期"]);
    let remove = format!("{paper}/{}/remove", between(&shown, "/certificates/", "/"));
    assert!(!clerk.follow(&clerk.post(&path, &remove, &[])).text().contains("到期"));

    let leave = format!("{path}/leave");
    let away = [("from", "2026-03-09"), ("to", "2026-03-10"), ("kind", "年假")];
    let shown = clerk.follow(&clerk.post(&leave, &leave, &away)).text();
    has(&shown, &["请假已登记", "年假", "2026年3月9日至3月10日"]);
    let remove = format!("{leave}/{}/remove", between(&shown, "/leave/", "/"));
    has(&clerk.follow(&clerk.post(&path, &remove, &[])).text(), &["没有登记请假"]);

    // A recusal is declared by code or name, and decided by the head.
    let body = serde_json::json!({ "name": "甲店", "registration_no": "350403600000011", "town": "城关镇", "kind": "企业" });
    p.clerk.post("/api/v1/subjects", &body).expect(201);
    let recusals = format!("{path}/recusals");
    let fields = |subject: &'static str| [("subject", subject), ("source", "clerk"), ("reason", "亲属经营")];
    let wrong = clerk.post(&recusals, &recusals, &fields("乙店"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#subject\"", "没有这个检查对象", "亲属经营"]);
    let shown = clerk.follow(&clerk.post(&recusals, &recusals, &fields("350403600000011"))).text();
    has(&shown, &["回避已申报", "甲店", "待审批"]);
    let one = format!("/recusals/{}", between(&shown, "href=\"/recusals/", "\""));
    assert_eq!(clerk.post(&one, &format!("{one}/approve"), &[("note", "")]).status, 403);
    has(&head.follow(&head.post(&one, &format!("{one}/approve"), &[("note", "")])).text(), &["已同意"]);
    assert_eq!(stranger.get(&one).status, 404);

    let edit = format!("{path}/edit");
    has(&clerk.follow(&clerk.post(&edit, &edit, &person("", "二科"))).text(), &["修改已保存", "二科"]);
});
