//! Files of the registries: real lists, dirty files, again and again.

use super::{people, seeded};
use crate::support::{Client, both};
use onedoor::domain::access::Role;
use onedoor::sample::{Preset, county};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A list as it is published, where the shared data are there; else a few lines in the same form.
fn published(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    std::fs::read(path).unwrap_or_else(|_| {
        let text = match name {
            "joint_plans.csv" => {
                "task,item,subject_type,initiating_department,partner_departments,ratio_text,method,window_text\n\
                 校外培训抽查,收费检查,培训机构,教育部门,市场监管部门,10-20%,,10月底\n\
                 旅馆抽查,治安检查,旅馆,公安部门,相关部门,根据实际情况确定,,1月-12月\n"
            }
            "joint_items.csv" => {
                "field,item,subject_type,initiating_department,partner_departments\n\
                 工程咨询抽查,备案信息检查,工程咨询单位,发展改革部门,市场监管领域相关部门\n"
            }
            "dept_items_zhejiang2017.csv" => {
                "no,item,sub_item,legal_basis,executing_body,subject_type,ratio,frequency,method\n\
                 1,食品生产监管,日常监督,《食品安全法》,市场监管部门,食品企业,不少于2‰,每年1次,现场检查\n"
            }
            _ => {
                "department,seq,category,item,subject_type,item_class,method,executing_body,legal_basis\n\
                 省教育厅,1,装备检查,教学仪器检查,中小学校,一般检查事项,现场检查,教育部门,《意见》\n"
            }
        };
        text.as_bytes().to_vec()
    })
}

fn check(client: &Client, query: &str, bytes: &[u8]) -> Value {
    client.upload(&format!("/api/v1/imports?{query}"), "application/octet-stream", bytes).expect(201)
}

fn apply(client: &Client, import: &Value, mode: &str) -> Value {
    let id = import["id"].as_str().unwrap();
    client.post(&format!("/api/v1/imports/{id}/apply"), &json!({ "mode": mode })).expect(200)
}

fn number(report: &Value, field: &str) -> u64 {
    report["report"][field].as_u64().unwrap()
}

fn codes(report: &Value) -> Vec<&str> {
    report["report"]["faults"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

both!(real_lists_become_item_lists_and_plans, |app| {
    let p = people(app);
    for (name, who, query) in [
        ("dept_items_zhejiang2017.csv", &p.clerk, "kind=items".to_owned()),
        ("dept_items_hainan2020.csv", &p.clerk, format!("kind=items&department={}", p.department)),
        ("joint_items.csv", &p.coordinator, "kind=items&list=upper".to_owned()),
        ("joint_plans.csv", &p.clerk, format!("kind=plans&year=2026&department={}", p.department)),
    ] {
        let bytes = published(name);
        let first = check(who, &query, &bytes);
        let rows = number(&first, "rows");
        assert!(rows > 0 && number(&first, "refused") == 0, "{name}: {}", first["report"]);
        assert_eq!(number(&first, "new"), rows, "{name}");
        let done = apply(who, &first, "all");
        assert_eq!(number(&done, "new"), rows, "{name}");
        // The same file again says nothing new.
        let again = check(who, &query, &bytes);
        assert_eq!(
            (number(&again, "unchanged"), number(&again, "new")),
            (rows, 0),
            "{name}: {}",
            again["report"]
        );
    }
    // Words that say no number stay words, with a warning.
    let plans = check(
        &p.clerk,
        &format!("kind=plans&year=2026&department={}", p.department),
        &published("joint_plans.csv"),
    );
    assert!(codes(&plans).contains(&"ratio_not_understood"));
    // Names nobody has registered are told.
    let unknown = check(&p.coordinator, "kind=plans", &published("joint_plans.csv"));
    assert!(codes(&unknown).contains(&"unknown_department"));
    assert_eq!(number(&unknown, "refused"), number(&unknown, "rows"));
    let alias = json!({ "code": "JY", "name": "示范县教育局", "aliases": ["教育部门"] });
    p.coordinator.post("/api/v1/departments", &alias).expect(201);
    let known = check(&p.coordinator, "kind=plans", &published("joint_plans.csv"));
    assert!(number(&known, "new") > 0 && number(&known, "new") < number(&known, "rows"));
});

both!(dirty_rows_are_told_and_left_out, |app| {
    let p = people(app);
    let input = county(Preset::Tiny, 1);
    let good: Vec<&str> = input.subjects.iter().filter(|s| s.has_uscc).map(|s| s.key.as_str()).collect();
    let text = format!(
        "统一社会信用代码,市场主体名称,主体类型,区划代码,乡镇街道,行业代码,监管部门,标签\r\n\
         {},甲店,公司,350403,城关镇,6210,示范县市场监督管理局,夜市;重点\r\n\
         {},乙店,企业,350403,城关镇,6210,不存在的局,\r\n\
         9.1350403E+17,丙店,企业,350403,城关镇,6210,,\r\n\
         {},丁店,企业,三明,城关镇,6210,SJ,\r\n\
         {},甲店又一次,企业,350403,城关镇,6210,,\r\n\
         350403600012345,=1+1,个体户,350403,,5211,YJ,\r\n",
        good[0], good[1], good[2], good[0]
    );
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for bytes in [gb.as_ref(), with_mark.as_slice()] {
        let import = check(&p.clerk, "kind=subjects&name=%E5%90%8D%E5%BD%95.csv", bytes);
        let seen = codes(&import);
        for code in ["unknown_department", "uscc_destroyed", "not_digits", "duplicate", "no_town"] {
            assert!(seen.contains(&code), "{code} in {seen:?}");
        }
        let rows: Vec<u64> = import["report"]["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["row"].as_u64().unwrap())
            .collect();
        assert!((3..=7).all(|row| rows.contains(&row)), "{rows:?}");
        assert_eq!((number(&import, "rows"), number(&import, "refused")), (6, 4));
        let id = import["id"].as_str().unwrap();
        let path = format!("/api/v1/imports/{id}/apply");
        p.clerk.post(&path, &json!({ "mode": "all" })).problem(409, "import_has_errors");
        p.clerk.post(&path, &json!({ "mode": "some" })).problem(422, "invalid");
        p.stranger.post(&path, &json!({ "mode": "good_rows" })).problem(404, "not_found");
    }
    let import = check(&p.clerk, "kind=subjects", gb.as_ref());
    let done = apply(&p.clerk, &import, "good_rows");
    assert_eq!((number(&done, "new"), number(&done, "refused")), (2, 4));
    let id = import["id"].as_str().unwrap();
    p.clerk
        .post(&format!("/api/v1/imports/{id}/apply"), &json!({ "mode": "good_rows" }))
        .problem(409, "wrong_state");
    let all = p.clerk.get("/api/v1/subjects").expect(200);
    let all = all["items"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    let kind = |name: &str| all.iter().find(|s| s["name"] == name).unwrap()["kind"].clone();
    assert_eq!((kind("甲店"), kind("=1+1")), (json!("企业"), json!("个体工商户")));
    // A file with fewer columns changes only what it has.
    let less = format!("统一社会信用代码,市场主体名称,信用风险分类\n{},甲店,d级\n", good[0]);
    let import = check(&p.clerk, "kind=subjects", less.as_bytes());
    assert_eq!((number(&import, "changed"), number(&import, "new")), (1, 0), "{import}");
    apply(&p.clerk, &import, "all");
    let found = p.clerk.get("/api/v1/subjects?credit=D&tag=%E5%A4%9C%E5%B8%82").expect(200);
    assert_eq!(found["items"][0]["town"], "城关镇");
});

both!(what_is_no_table_is_refused_and_who_may_not_import_is, |app| {
    let p = people(app);
    for bytes in
        [b"%PDF-1.7".as_slice(), b"", b"PK\x03\x04broken", b"a\0b,c\n", b"<html></html>", b"\xff\xfe\xff"]
    {
        let import = check(&p.clerk, "kind=subjects", bytes);
        assert!(number(&import, "errors") > 0, "{import}");
        let id = import["id"].as_str().unwrap();
        p.clerk
            .post(&format!("/api/v1/imports/{id}/apply"), &json!({ "mode": "good_rows" }))
            .problem(409, "import_has_errors");
    }
    let send = |client: &Client, query: &str| {
        client.upload(&format!("/api/v1/imports?{query}"), "text/csv", b"a,b\n1,2\n")
    };
    send(&p.clerk, "kind=wishes").problem(422, "invalid");
    send(&p.clerk, "kind=departments").problem(403, "denied");
    send(&p.clerk, "kind=items&list=upper").problem(403, "denied");
    send(&p.coordinator, "kind=inspectors").problem(403, "denied");
    send(&p.head, "kind=subjects").problem(403, "denied");
    send(&app.anonymous(), "kind=subjects").expect(401);
    // People of another department are not the clerk's to change.
    let text = "人员编号,姓名,部门编码,执法证号\nP1,张三,SJ,Z1\nP2,李四,YJ,Z2\nP3,王五,XTB,Z3\n";
    let import = check(&p.clerk, "kind=inspectors", text.as_bytes());
    assert_eq!((number(&import, "new"), number(&import, "refused")), (1, 2), "{import}");
    assert!(codes(&import).contains(&"not_own_department"));
});

const KINDS: [&str; 8] =
    ["departments", "items", "subjects", "inspectors", "certificates", "leave", "recusals", "plans"];

both!(what_is_exported_is_what_is_imported, |app| {
    let mut input = county(Preset::CountyPlans, 3);
    input.subjects.truncate(300);
    let kept: std::collections::HashSet<String> = input.subjects.iter().map(|s| s.key.clone()).collect();
    input.recusals.retain(|r| kept.contains(&r.subject));
    let ids = seeded(app, &input);
    let office = app.department("XTB", "示范县联合检查协调办", "coordination");
    let coordinator = app.user("coordinator", &[Role::Coordinator], Some(office));
    let clerks: Vec<(String, Client)> = ids
        .departments
        .iter()
        .take(2)
        .map(|(code, id)| (code.clone(), app.user(&format!("c-{code}"), &[Role::DepartmentClerk], Some(*id))))
        .collect();
    for kind in KINDS {
        let by_clerk =
            matches!(kind, "inspectors" | "certificates" | "leave" | "recusals" | "items" | "plans");
        let who: Vec<&Client> =
            if by_clerk { clerks.iter().map(|(_, c)| c).collect() } else { vec![&coordinator] };
        for client in who {
            let file = client.get(&format!("/api/v1/exports?kind={kind}"));
            assert_eq!(file.status, 200, "{}", file.text());
            let import = check(client, &format!("kind={kind}"), &file.bytes);
            let (rows, unchanged) = (number(&import, "rows"), number(&import, "unchanged"));
            let foreign = codes(&import).iter().filter(|c| **c == "not_own_department").count() as u64;
            // The list of items shows what other departments have published, too.
            assert_eq!(
                unchanged + foreign.max(number(&import, "refused")),
                rows,
                "{kind}: {}",
                import["report"]
            );
            assert!(
                unchanged > 0 || kind == "leave" || kind == "recusals" || kind == "plans",
                "{kind}: {}",
                import["report"]
            );
            assert_eq!(
                (number(&import, "new"), number(&import, "changed")),
                (0, 0),
                "{kind}: {}",
                import["report"]
            );
        }
    }
});

both!(
    #[ignore = "a figure, not a test: 20,000 subjects"]
    twenty_thousand_subjects,
    |app| {
        let p = people(app);
        let mut input = county(Preset::City, 1);
        input.subjects.truncate(20_000);
        let row = |s: &onedoor::domain::planning::input::Subject| {
            let (uscc, number) = if s.has_uscc { (s.key.as_str(), "") } else { ("", s.key.as_str()) };
            format!(
                "{uscc},{number},{},{},{},{},{},{},{},SJ;YJ,夜市\n",
                s.name, s.kind, s.division, s.town, s.address, s.industry, s.credit
            )
        };
        let mut text = "统一社会信用代码,注册号,市场主体名称,主体类型,区划代码,乡镇街道,地址,行业代码,信用风险分类,监管部门,标签\n".to_owned();
        text.extend(input.subjects.iter().map(row));
        let clock = onedoor::clock::Stopwatch::start();
        let import = check(&p.clerk, "kind=subjects", text.as_bytes());
        let checked = clock.elapsed();
        assert_eq!(number(&import, "new"), 20_000, "{}", import["report"]);
        let done = apply(&p.clerk, &import, "all");
        assert_eq!(number(&done, "new"), 20_000);
        let applied = clock.elapsed() - checked;
        let again = check(&p.clerk, "kind=subjects", text.as_bytes());
        let rechecked = clock.elapsed() - checked - applied;
        assert_eq!(number(&again, "unchanged"), 20_000);
        eprintln!(
            "20,000 subjects ({} bytes): check {checked:?}, apply {applied:?}, check again {rechecked:?}",
            text.len()
        );
    }
);
