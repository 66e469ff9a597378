//! The registries over HTTP, as the people who keep them, on both databases.

mod imports;
mod memory;
mod rows;

use crate::support::{Client, TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Input;
use onedoor::ids::Id;
use onedoor::sample::{Preset, county};
use onedoor::service::seed::{self, Seeded};
use serde_json::{Value, json};

/// The people of a department, and the coordination office.
pub(crate) struct People {
    pub(crate) department: Id,
    pub(crate) other: Id,
    pub(crate) clerk: Client,
    pub(crate) legal: Client,
    pub(crate) head: Client,
    pub(crate) stranger: Client,
    pub(crate) coordinator: Client,
}

pub(crate) fn people(app: &TestApp) -> People {
    let department = app.department("SJ", "示范县市场监督管理局", "inspecting");
    let other = app.department("YJ", "示范县应急管理局", "inspecting");
    let office = app.department("XTB", "示范县联合检查协调办", "coordination");
    let of = |login: &str, role, department| app.user(login, &[role], Some(department));
    People {
        department,
        other,
        clerk: of("clerk", Role::DepartmentClerk, department),
        legal: of("legal", Role::LegalReviewer, department),
        head: of("head", Role::DepartmentHead, department),
        stranger: of("stranger", Role::DepartmentClerk, other),
        coordinator: of("coordinator", Role::Coordinator, office),
    }
}

/// Loads a county of the sample.
pub(crate) fn seeded(app: &TestApp, input: &Input) -> Seeded {
    let input = input.clone();
    app.server.as_system(move |cx| seed::from_input(cx, &input)).unwrap()
}

fn version(answer: &Value) -> i64 {
    answer["version"].as_i64().unwrap()
}

both!(an_item_is_published_only_through_review, |app| {
    let p = people(app);
    let body = json!({ "code": "SJ-01", "text": { "name": "食品经营检查", "ratio": "10-20%", "basis": ["《食品安全法》"] } });
    let made = p.clerk.post("/api/v1/items", &body);
    let item = made.expect(201);
    assert_eq!((item["state"].as_str(), item["ratio_understood"].as_bool()), (Some("draft"), Some(true)));
    let at = format!("/api/v1/items/{}", made.id());
    let none = json!({});
    // Another department knows nothing of a draft; a head does not draft; a clerk does not review.
    p.stranger.get(&at).problem(404, "not_found");
    p.head.post("/api/v1/items", &body).problem(403, "denied");
    p.clerk.post(&format!("{at}/approve"), &none).problem(403, "denied");
    p.clerk.post("/api/v1/items", &body).problem(422, "invalid");
    p.legal.post(&format!("{at}/approve"), &none).problem(409, "wrong_state");

    p.clerk.post(&format!("{at}/submit"), &none).expect(200);
    p.legal.post(&format!("{at}/return"), &none).problem(422, "invalid");
    let back = p.legal.post(&format!("{at}/return"), &json!({ "reason": "依据不全" })).expect(200);
    assert_eq!(back["reason"], "依据不全");
    p.clerk.patch(&at, &json!({ "minutes": 45 })).problem(428, "precondition_required");
    p.clerk.if_match(1).patch(&at, &json!({ "minutes": 45 })).problem(412, "stale");
    let changed =
        p.clerk.if_match(version(&back)).patch(&at, &json!({ "minutes": 45, "ratio": "根据实际情况确定" }));
    let changed = changed.expect(200);
    assert_eq!(changed["minutes"], 45);
    assert_eq!(changed["warnings"][0]["code"], "ratio_not_understood");
    p.clerk.post(&format!("{at}/submit"), &none).expect(200);
    p.legal.post(&format!("{at}/approve"), &none).expect(200);
    p.legal.post(&format!("{at}/publish"), &none).problem(403, "denied");
    let public = p.head.post(&format!("{at}/publish"), &none).expect(200);
    assert_eq!(public["state"], "published");
    p.clerk.if_match(version(&public)).patch(&at, &json!({ "minutes": 5 })).problem(409, "wrong_state");
    assert_eq!(p.stranger.get(&at).expect(200)["state"], "published");
    p.stranger.post(&format!("{at}/revisions"), &none).problem(403, "denied");

    // A new revision replaces it when it is published, not before.
    let next = p.clerk.post(&format!("{at}/revisions"), &none);
    assert_eq!(next.expect(201)["revision"], 2);
    p.clerk.post(&format!("{at}/revisions"), &none).problem(409, "wrong_state");
    let second = format!("/api/v1/items/{}", next.id());
    p.stranger.get(&second).problem(404, "not_found");
    p.clerk.post(&format!("{second}/submit"), &none).expect(200);
    p.legal.post(&format!("{second}/approve"), &none).expect(200);
    assert_eq!(p.clerk.get(&at).expect(200)["state"], "published");
    p.head.post(&format!("{second}/publish"), &none).expect(200);
    let old = p.clerk.get(&at).expect(200);
    assert_eq!((old["state"].as_str(), old["current"].as_bool()), (Some("retired"), Some(false)));
    let all = p.clerk.get(&format!("{at}/revisions")).expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
});

both!(the_upper_list_is_kept_by_the_office_and_claimed, |app| {
    let p = people(app);
    let none = json!({});
    let body = json!({ "code": "G-01", "text": { "name": "双随机事项", "basis": ["条例"] } });
    let made = p.coordinator.post("/api/v1/items", &body);
    assert_eq!(made.expect(201)["list_level"], "upper");
    let at = format!("/api/v1/items/{}", made.id());
    p.clerk.post(&format!("{at}/claim"), &none).problem(404, "not_found");
    for act in ["submit", "approve", "publish"] {
        p.coordinator.post(&format!("{at}/{act}"), &none).expect(200);
    }
    p.clerk.post(&format!("{at}/submit"), &none).problem(403, "denied");
    let own = p.clerk.post(&format!("{at}/claim"), &none).expect(201);
    assert_eq!((own["list_level"].as_str(), own["state"].as_str()), (Some("own"), Some("draft")));
    assert_eq!(own["department_id"], p.department.to_string());
    p.clerk.post(&format!("{at}/claim"), &none).problem(409, "already_claimed");
    // The office keeps no list of its own and edits no department's.
    let mine = format!("/api/v1/items/{}", own["id"].as_str().unwrap());
    p.coordinator.post(&format!("{mine}/submit"), &none).problem(403, "denied");
});

both!(a_coordinating_body_never_inspects, |app| {
    let p = people(app);
    let make = |body: Value| p.coordinator.post("/api/v1/departments", &body);
    let faults = make(json!({ "code": "LX", "name": "食品安全联席会议办公室" })).problem(422, "invalid");
    assert!(faults.to_string().contains("coordination_body"));
    let made = make(json!({ "code": "LX", "name": "联席会议办公室", "kind": "coordination" }));
    let office = made.expect(201);
    let person = json!({ "code": "P1", "department_id": office["id"], "text": { "name": "张三" } });
    p.clerk.post("/api/v1/inspectors", &person).problem(404, "not_found");
    make(json!({ "code": "GA", "name": "示范县公安局", "aliases": ["公安部门"] })).expect(201);
    // One name, one department: lists could not be read otherwise.
    make(json!({ "code": "GA2", "name": "公安部门" })).problem(422, "invalid");
    make(json!({ "code": "GA", "name": "另一个局" })).problem(422, "invalid");
    make(json!({ "code": "XX", "name": "某局", "aliases": ["相关部门"] })).problem(422, "invalid");
    make(json!({ "code": "XX", "name": "某局", "color": "red" })).problem(422, "invalid");
    p.clerk.post("/api/v1/departments", &json!({ "code": "A", "name": "B" })).problem(403, "denied");
});

both!(subjects_are_known_by_code_or_number_and_found_by_filters, |app| {
    let p = people(app);
    let input = county(Preset::Tiny, 1);
    let code = input.subjects.iter().find(|s| s.has_uscc).unwrap().key.clone();
    let new = |body: Value| p.clerk.post("/api/v1/subjects", &body);
    let made = new(
        json!({ "uscc": code, "name": "百分百%餐饮_店", "kind": "企业", "town": "城关镇", "industry": "6210",
        "credit": "C", "tags": ["重点", "夜市"], "department_ids": [p.department] }),
    );
    let subject = made.expect(201);
    assert_eq!(subject["key"], code);
    new(json!({ "registration_no": "350403600012345", "name": "阿明小吃", "kind": "个体工商户", "town": "山前乡" })).expect(201);
    new(json!({ "uscc": code, "name": "重复" })).problem(422, "invalid");
    new(json!({ "name": "无身份" })).problem(422, "invalid");
    let mut wrong = code.clone();
    let last = wrong.pop().unwrap();
    wrong.push(if last == '0' { '1' } else { '0' });
    let faults = new(json!({ "uscc": wrong, "name": "", "division": "三明", "state": "gone" }))
        .problem(422, "invalid");
    for code in ["bad_uscc", "required", "not_digits", "unknown_value"] {
        assert!(faults.to_string().contains(code), "{code} in {faults}");
    }
    let count = |query: &str| {
        p.clerk.get(&format!("/api/v1/subjects?{query}")).expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(count("kind=%E4%BC%81%E4%B8%9A"), 1);
    assert_eq!(count("industry=62"), 1);
    assert_eq!(count("industry=63"), 0);
    assert_eq!(count("tag=%E5%A4%9C%E5%B8%82&credit=C"), 1);
    assert_eq!(count(&format!("department_id={}", p.department)), 1);
    assert_eq!(count(&format!("department_id={}", p.other)), 0);
    // A per cent sign and an underscore are letters here.
    assert_eq!(count("search=%25"), 1);
    assert_eq!(count("search=_"), 1);
    assert_eq!(count("search=ZZZZ"), 0);
    assert_eq!(count("search=360001"), 1);
    p.clerk.get("/api/v1/subjects?colour=red").problem(422, "invalid");
    p.clerk.get("/api/v1/subjects?after=AAAA").problem(422, "invalid");

    let at = format!("/api/v1/subjects/{}", made.id());
    let changed =
        p.stranger.if_match(1).patch(&at, &json!({ "abnormal": true, "tags": ["重点"] })).expect(200);
    assert_eq!((changed["abnormal"].as_bool(), version(&changed)), (Some(true), 2));
    assert_eq!(count("tag=%E5%A4%9C%E5%B8%82"), 0);
    assert_eq!(count("abnormal=true"), 1);
    p.clerk.if_match(1).patch(&at, &json!({ "serious": true })).problem(412, "stale");
    p.head.if_match(2).patch(&at, &json!({ "serious": true })).problem(403, "denied");
    let site = p.clerk.post(
        &format!("{at}/sites"),
        &json!({ "address": "城关镇二号", "place": { "lon": 117.6, "lat": 26.2 } }),
    );
    let path = format!("{at}/sites/{}", site.id());
    site.expect(201);
    p.clerk.delete(&path).expect(200);
    p.clerk.delete(&path).problem(404, "not_found");
});

both!(a_recusal_is_declared_by_one_and_decided_by_another, |app| {
    let p = people(app);
    let person = p
        .clerk
        .post("/api/v1/inspectors", &json!({ "code": "P-1", "text": { "name": "李四", "cert_no": "Z1" } }));
    let inspector: Id = person.id().parse().unwrap();
    person.expect(201);
    let subject = p
        .clerk
        .post("/api/v1/subjects", &json!({ "registration_no": "350403600054321", "name": "阿强小店" }))
        .id();
    let own = app.inspector_user("lisi", &[Role::Inspector], Some(p.department), Some(inspector));
    let body = |source: &str| json!({ "inspector_id": inspector, "subject_id": subject, "reason": "近亲属任职", "source": source });
    own.post("/api/v1/recusals", &body("business")).problem(422, "invalid");
    p.stranger.post("/api/v1/recusals", &body("clerk")).problem(404, "not_found");
    let made = own.post("/api/v1/recusals", &body("inspector"));
    assert_eq!(made.expect(201)["state"], "pending");
    own.post("/api/v1/recusals", &body("inspector")).problem(409, "wrong_state");
    let at = format!("/api/v1/recusals/{}", made.id());
    p.stranger.get(&at).problem(404, "not_found");
    p.clerk.post(&format!("{at}/approve"), &json!({})).problem(403, "denied");
    p.head.post(&format!("{at}/reject"), &json!({})).problem(422, "invalid");
    assert_eq!(
        p.head.post(&format!("{at}/reject"), &json!({ "note": "不属实" })).expect(200)["state"],
        "rejected"
    );
    // The business asks again, through the clerk.
    assert_eq!(p.clerk.post("/api/v1/recusals", &body("business")).expect(201)["state"], "pending");
    assert_eq!(p.head.post(&format!("{at}/approve"), &json!({})).expect(200)["state"], "approved");
    assert_eq!(own.get("/api/v1/recusals").expect(200)["items"].as_array().unwrap().len(), 1);
    assert!(p.stranger.get("/api/v1/recusals").expect(200)["items"].as_array().unwrap().is_empty());

    let at = format!("/api/v1/inspectors/{inspector}");
    p.stranger.get(&at).problem(404, "not_found");
    let certificate =
        json!({ "qual": "Q-ZFZ", "no": "证1", "valid_from": "2026-01-01", "valid_to": "2025-01-01" });
    p.clerk.post(&format!("{at}/certificates"), &certificate).problem(422, "invalid");
    let certificate = json!({ "qual": "Q-ZFZ", "no": "证1", "valid_from": "2026-01-01" });
    p.clerk.post(&format!("{at}/certificates"), &certificate).expect(201);
    p.clerk.post(&format!("{at}/certificates"), &certificate).problem(422, "invalid");
    p.clerk
        .post(&format!("{at}/leave"), &json!({ "from": "2026-03-09", "to": "2026-03-10", "kind": "病假" }))
        .expect(201);
    let known = own.get(&at).expect(200);
    assert_eq!(known["certificates"][0]["valid_to"], "9999-12-31");
    assert_eq!(known["leave"].as_array().unwrap().len(), 1);
    assert_eq!(own.get(&format!("{at}/workload")).expect(200)["visits"], 0);
});

both!(the_calendar_the_words_and_the_cap_are_the_countys, |app| {
    let p = people(app);
    let days = p.clerk.get("/api/v1/calendar?from=2026-02-14&to=2026-02-24").expect(200);
    let workday = |days: &Value, i: usize| days["days"][i]["workday"].as_bool().unwrap();
    // Spring festival 2026: the 14th is worked, the 16th to the 20th are off though weekdays.
    assert!(workday(&days, 0) && !workday(&days, 2) && !workday(&days, 6));
    let body = json!({ "days": [{ "date": "2026-03-04", "workday": false, "quiet": true, "name": "停电" }] });
    p.clerk.put("/api/v1/calendar", &body).problem(403, "denied");
    p.coordinator.put("/api/v1/calendar", &body).expect(200);
    let days = p.clerk.get("/api/v1/calendar?from=2026-03-04&to=2026-03-04").expect(200);
    assert_eq!(
        (days["days"][0]["workday"].as_bool(), days["days"][0]["quiet"].as_bool()),
        (Some(false), Some(true))
    );
    p.clerk.get("/api/v1/calendar?from=2026-03-04&to=2026-03-01").problem(422, "invalid");
    let words = p.clerk.get("/api/v1/vocabularies/result").expect(200);
    assert!(words["words"].as_array().unwrap().iter().any(|w| w["name"] == "未发现问题"));
    let word = json!({ "name": "其他情形", "place": 99 });
    p.coordinator.put("/api/v1/vocabularies/result/other", &word).expect(200);
    p.clerk.put("/api/v1/vocabularies/result/other", &word).problem(403, "denied");
    let twice =
        json!({ "aliases": [{ "word": "店", "target": "企业" }, { "word": "店", "target": "个体工商户" }] });
    p.coordinator.put("/api/v1/aliases/subject_type", &twice).problem(422, "invalid");

    let subject = p
        .clerk
        .post("/api/v1/subjects", &json!({ "registration_no": "350403600054321", "name": "阿强小店" }))
        .id();
    let check = |cause: &str, note: &str| {
        p.clerk.post(
            "/api/v1/caps",
            &json!({ "subject_id": subject, "on_day": "2026-02-02", "cause": cause, "note": note }),
        )
    };
    check("because", "").problem(422, "invalid");
    check("complaint", "").problem(422, "invalid");
    assert_eq!(check("complaint", "12345工单").expect(201)["standing"][0]["counted"], 0);
    assert_eq!(check("planned", "").expect(201)["standing"][0]["level"], "last");
    assert_eq!(check("planned", "").expect(201)["standing"][0]["level"], "reached");
    assert_eq!(check("planned", "").expect(201)["standing"][0]["level"], "exceeded");
    let ledger = p.coordinator.get(&format!("/api/v1/caps?subject_id={subject}")).expect(200);
    assert_eq!(
        (ledger["entries"].as_array().unwrap().len(), &ledger["standing"][0]["counted"]),
        (4, &json!(3))
    );
    assert!(
        p.stranger.get(&format!("/api/v1/caps?subject_id={subject}")).expect(200)["entries"]
            .as_array()
            .unwrap()
            .is_empty()
    );
});

both!(a_plan_is_filed_with_published_items_and_published_by_the_head, |app| {
    let p = people(app);
    let item = p
        .clerk
        .post("/api/v1/items", &json!({ "code": "I1", "text": { "name": "检查", "basis": ["法"] } }))
        .id();
    let text = json!({ "name": "春季抽查", "items": [item], "ratio": "2‰", "window_from": "2026-03-01", "window_to": "2026-04-30",
        "filter": { "kinds": ["企业"], "tags": ["夜市"] }, "class_ratios": [{ "class": "D", "ratio": "30%" }] });
    let made = p.clerk.post("/api/v1/plans", &json!({ "code": "P-2026-1", "year": 2026, "text": text }));
    let plan = made.expect(201);
    assert_eq!((plan["targeted"].as_bool(), plan["ratio_understood"].as_bool()), (Some(true), Some(true)));
    let at = format!("/api/v1/plans/{}", made.id());
    let none = json!({});
    assert!(
        p.clerk
            .post(&format!("{at}/file"), &none)
            .problem(422, "invalid")
            .to_string()
            .contains("item_not_published")
    );
    for (who, act) in [(&p.clerk, "submit"), (&p.legal, "approve"), (&p.head, "publish")] {
        who.post(&format!("/api/v1/items/{item}/{act}"), &none).expect(200);
    }
    p.stranger.get(&at).problem(404, "not_found");
    p.clerk.post(&format!("{at}/file"), &none).expect(200);
    p.clerk.if_match(2).patch(&at, &json!({ "ratio": "5%" })).problem(409, "wrong_state");
    p.clerk.post(&format!("{at}/publish"), &none).problem(403, "denied");
    assert_eq!(p.head.post(&format!("{at}/publish"), &none).expect(200)["state"], "published");
    assert_eq!(
        p.coordinator.get("/api/v1/plans?year=2026").expect(200)["items"].as_array().unwrap().len(),
        1
    );
});

both!(the_basics_of_a_subject_are_kept_by_those_who_supervise_it, |app| {
    let p = people(app);
    let (own, other) = (p.department, p.other);
    let new = json!({
        "registration_no": "350403600077777", "name": "阿珍小店", "town": "城关镇", "department_ids": [own],
    });
    let made = p.clerk.post("/api/v1/subjects", &new);
    let mut now = made.expect(201);
    let at = format!("/api/v1/subjects/{}", made.id());
    let change = |who: &Client, now: &Value, body: Value| who.if_match(version(now)).patch(&at, &body);
    // Any department marks it; who it is, where it is and who supervises it is not everybody's.
    now = change(&p.stranger, &now, json!({ "tags": ["夜市"], "serious": true })).expect(200);
    for body in [
        json!({ "name": "别的店" }),
        json!({ "state": "closed" }),
        json!({ "credit": "D", "tags": [] }),
        json!({ "department_ids": [other] }),
        json!({ "department_ids": [] }),
    ] {
        change(&p.stranger, &now, body).problem(403, "denied");
    }
    p.stranger.post(&format!("{at}/sites"), &json!({ "address": "二号" })).problem(403, "denied");
    // What is sent as it is, as a form does, is no change.
    now = change(&p.stranger, &now, json!({ "name": "阿珍小店", "abnormal": true })).expect(200);
    // The same by a file.
    let file = |who: &Client, text: &str| {
        let made = who
            .upload("/api/v1/imports?kind=subjects", "application/octet-stream", text.as_bytes())
            .expect(201);
        (made["report"].to_string(), made["report"]["changed"].as_u64().unwrap())
    };
    let renamed = "统一社会信用代码,市场主体名称\n350403600077777,别的店\n";
    let (report, changed) = file(&p.stranger, renamed);
    assert!(report.contains("not_own_department") && changed == 0, "{report}");
    let (report, changed) =
        file(&p.stranger, "统一社会信用代码,市场主体名称,标签\n350403600077777,阿珍小店,重点\n");
    assert!(!report.contains("not_own_department") && changed == 1, "{report}");
    assert_eq!(file(&p.clerk, renamed).1, 1);
    // A department that begins to supervise it says so itself, and keeps it from then on.
    now = change(&p.stranger, &now, json!({ "department_ids": [own, other] })).expect(200);
    now = change(&p.stranger, &now, json!({ "town": "河西镇" })).expect(200);
    now = change(&p.coordinator, &now, json!({ "department_ids": [] })).expect(200);
    change(&p.clerk, &now, json!({ "name": "阿珍饭店" })).expect(200);
});
