//! Who may print what, and when.

use super::word;
use crate::planning::fixture::{day, small_committed, travel};
use crate::results::{Sent, dispatched, path, sent, text};
use crate::support::{Answer, TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use onedoor::ids::Id;
use serde_json::{Value, json};

fn paper(visit: &Value, name: &str) -> String {
    format!("/api/v1/papers/visits/{}/{name}", text(&visit["id"]))
}

/// HTML and Word file of a paper, both read.
#[track_caller]
fn both_forms(client: &crate::support::Client, path: &str) -> (String, String) {
    let page = client.get(&format!("{path}?format=html"));
    page.expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        page.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'sha256-")
    );
    let file = client.get(&format!("{path}?format=docx"));
    file.expect(200);
    assert!(file.header("content-disposition").unwrap().ends_with(".docx\""), "{:?}", file.headers);
    (page.text(), word(&file.bytes).text)
}

fn seats(visit: &Value) -> Vec<Value> {
    visit["seats"].as_array().unwrap().clone()
}

both!(a_slip_after_dispatch_for_those_whom_it_concerns, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let visit = county.visits(&planning)[0].clone();
    let slip = paper(&visit, "dispatch-slip");
    let all = format!("/api/v1/papers/inspections/{inspection}/dispatch-slip");
    assert_eq!(county.coordinator.get(&slip).problem(409, "wrong_state")["state"], "staffed");
    county.coordinator.get(&all).problem(409, "nothing_to_print");
    county
        .coordinator
        .get(&format!("/api/v1/papers/inspections/{inspection}/joint-summary"))
        .problem(409, "nothing_to_print");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);

    let (page, file) = both_forms(&county.coordinator, &slip);
    let mut wanted = vec![
        text(&visit["subject"]["name"]),
        text(&visit["subject"]["key"]),
        text(&visit["code"]),
        "第一联".to_owned(),
        "第二联".to_owned(),
        "第三联".to_owned(),
        "A岗".to_owned(),
        "B岗".to_owned(),
        "SJ检查".to_owned(),
        "XF检查".to_owned(),
        "示抽查〔2026〕1号".to_owned(),
    ];
    for seat in seats(&visit) {
        let code = text(&seat["code"]);
        let person = county.input.inspectors.iter().find(|p| p.id == code).unwrap();
        wanted.push(person.name.clone());
        wanted.push(person.cert_no.clone());
    }
    for word in &wanted {
        assert!(page.contains(word.as_str()), "{word} not on the page");
        assert!(file.contains(word.as_str()), "{word} not in the file");
    }
    assert_eq!(page.matches("<section").count(), 3);

    county.clerk(app, "XF").get(&slip).expect(200);
    let other = app.department("ZZ", "示范县林业局", "inspecting");
    app.user("forest", &[Role::DepartmentClerk], Some(other)).get(&slip).problem(404, "not_found");
    app.user("overseer", &[Role::Overseer], Some(app.department("JC", "监督科", "oversight")))
        .get(&slip)
        .expect(200);
    app.user("witness", &[Role::Witness], None).get(&slip).problem(403, "denied");
    app.anonymous().get(&slip).problem(401, "login_required");
    let on = text(&seats(&visit)[0]["code"]);
    let mine = county.inspector(app, &on);
    mine.get(&slip).expect(200);
    let team: Vec<String> = seats(&visit).iter().map(|s| text(&s["code"])).collect();
    let off = county.input.inspectors.iter().find(|p| !team.contains(&p.id)).unwrap().id.clone();
    county.inspector(app, &off).get(&slip).problem(404, "not_found");

    county.coordinator.get(&paper(&visit, "poem")).problem(404, "not_found");
    county.coordinator.get(&format!("{slip}?format=pdf")).problem(422, "invalid");
    county.coordinator.get(&format!("{slip}?colour=red")).problem(422, "invalid");

    // All of them in one file; an inspector gets those of his own visits.
    let sections = |answer: &Answer| {
        answer.expect(200);
        answer.text().matches("<section").count()
    };
    let many = county.coordinator.get(&all);
    assert_eq!(sections(&many), 12);
    assert_eq!((many.header("x-papers-visits"), many.header("x-papers-withheld")), (Some("4"), Some("0")));
    assert!(many.text().trim_end().ends_with("</html>"));
    for visit in county.visits(&planning) {
        assert!(many.text().contains(&text(&visit["subject"]["name"])));
    }
    let docx = county.coordinator.get(&format!("{all}?format=docx"));
    docx.expect(200);
    assert_eq!(word(&docx.bytes).page_breaks, 11);
    let own = pages_of(&mine);
    assert!((1..=4).contains(&own));
    assert_eq!(sections(&mine.get(&all)), 3 * own);
    app.login("forest", crate::support::PASSWORD).get(&all).problem(404, "not_found");
});

fn pages_of(client: &crate::support::Client) -> usize {
    client.get("/api/v1/my/visits").expect(200)["items"].as_array().unwrap().len()
}

fn code_of(s: &Sent, app: &TestApp) -> String {
    s.code(app, &s.visit)
}

both!(a_notice_says_what_the_law_asks_and_keeps_the_code_from_the_team, |app| {
    let s = dispatched(app);
    let id = s.county.ids.items[&("XF".to_owned(), "XF-1".to_owned())];
    app.server
        .store
        .write(move |db| {
            let mut item = onedoor::store::items::need(db, id)?;
            let seen = item.version;
            item.details.0["basis"] = json!(["《消防法》第五十三条"]);
            item.details.0["content"] = json!("1.安全出口是否畅通;2.灭火器是否在有效期");
            item.details.0["frequency"] = json!("每年不超过1次");
            item.details.0["materials"] = json!(["消防设施检测报告", "灭火和应急疏散预案"]);
            item.version += 1;
            onedoor::store::items::update(db, &item, seen)
        })
        .unwrap();
    let notice = paper(&s.visit, "notice");
    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    let (page, file) = both_forms(&clerk, &notice);
    let code = code_of(&s, app);
    let wanted = [
        "检查通知书",
        "《消防法》第五十三条",
        "安全出口是否畅通",
        "灭火器是否在有效期",
        "每年不超过1次",
        "本年度第1次（上限2次）",
        "消防设施检测报告",
        "灭火和应急疏散预案",
        "陈述和申辩",
        "申请其回避",
        "至少提前3个工作日",
        code.as_str(),
    ];
    for word in wanted {
        assert!(page.contains(word), "{word} not on the page");
        assert!(file.contains(word), "{word} not in the file");
    }
    assert!(page.contains("<svg"));
    // He proves by the code that he came, so he does not read it here before.
    let team = s.team(app, &s.visit, "XF");
    let theirs = team.a.get(&notice);
    theirs.expect(200);
    assert!(!theirs.text().contains(&code) && !theirs.text().contains("<svg"));
    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    let theirs = s.team(app, &s.visit, "XF").a.get(&notice);
    theirs.expect(200);
    assert!(theirs.text().contains(&code));
});

both!(an_unannounced_visit_has_no_notice_before_it_begins, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Unannounced);
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let mut visits = county.visits(&planning);
    visits.sort_by_key(|v| v["day"].as_str().unwrap().to_owned());
    let s = Sent { visit: visits[0].clone(), visits, county, inspection };
    let notice = paper(&s.visit, "notice");
    let all = format!("/api/v1/papers/inspections/{inspection}/notice");
    let delivery = format!("{}/notice/delivery", path(&s.visit));
    let body = json!({ "channel": "in_person", "receiver": "王小明" });
    let office = s.office(app);
    office.get(&notice).problem(409, "embargoed");
    office.get(&all).problem(409, "nothing_to_print");
    office.post(&delivery, &body).problem(409, "embargoed");
    let standing = office.get(&format!("{}/notice", path(&s.visit))).expect(200);
    assert_eq!((&standing["standing"], &standing["overdue"]), (&json!("not_needed"), &json!(false)));
    // The team has its slip; it says that nobody outside may know.
    let (slip, _) = both_forms(&office, &paper(&s.visit, "dispatch-slip"));
    assert!(slip.contains("不得向检查对象及无关人员透露") && slip.contains("号饭店"));
    // The papers of the whole name nobody.
    for name in ["draw-record", "joint-summary"] {
        let (page, file) = both_forms(&office, &format!("/api/v1/papers/inspections/{inspection}/{name}"));
        for subject in &s.county.input.subjects {
            for secret in [&subject.name, &subject.key] {
                assert!(
                    !page.contains(secret.as_str()) && !file.contains(secret.as_str()),
                    "{secret} in {name}"
                );
            }
        }
    }
    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    let office = s.office(app);
    let (page, _) = both_forms(&office, &notice);
    assert!(page.contains("当场送达"));
    let run = office.get(&all);
    run.expect(200);
    assert_eq!((run.header("x-papers-visits"), run.header("x-papers-withheld")), (Some("1"), Some("3")));
    let summary = office.get(&format!("/api/v1/papers/inspections/{inspection}/joint-summary"));
    summary.expect(200);
    assert!(summary.text().contains(&text(&s.visit["subject"]["name"])));
    assert!(!summary.text().contains(&text(&s.visits[1]["subject"]["name"])));
    assert_eq!(office.post(&delivery, &body).expect(200)["standing"], "delivered");
});

both!(one_form_for_all_departments_fills_up_as_they_enter, |app| {
    let s = sent(app);
    let form = paper(&s.visit, "visit-form");
    let (page, _) = both_forms(&s.office(app), &form);
    assert!(page.contains("【示范县SJ局】") && page.contains("【示范县XF局】"));
    assert!(page.contains("□未发现问题"));
    assert!(!page.contains('☑'), "ticked before anybody entered it");
    s.hold(app, &s.visit);
    let (page, file) = both_forms(&s.office(app), &form);
    for word in ["☑未发现问题", "☑发现问题已责令改正", "安全出口堆放杂物", "消防法第十六条"]
    {
        assert!(page.contains(word) && file.contains(word), "{word}");
    }
    s.publish(app, &s.visit, "SJ");
    let summary = format!("/api/v1/papers/inspections/{}/joint-summary", s.inspection);
    let (page, _) = both_forms(&s.office(app), &summary);
    assert!(page.contains("示范县SJ局：合格"), "{page}");
    assert!(page.contains("未公示"));
    s.publish(app, &s.visit, "XF");
    let (page, file) = both_forms(&s.office(app), &summary);
    for word in ["已查户次1", "已公示事项2", "其中发现问题1", "应查户次4"] {
        assert!(page.contains(word) && file.contains(word), "{word}");
    }
});

both!(the_draw_record_leads_to_the_transcript, |app| {
    let (county, inspection, _) = small_committed(app, Notice::Either);
    let subject = county.ids.subjects.values().next().copied().unwrap();
    let draw = app.server.store.read(|db| onedoor::store::draws::of(db, inspection)).unwrap().remove(0);
    let row = onedoor::store::draws::DrawnSubject {
        draw_id: draw.id,
        subject_id: subject,
        inspection_id: inspection,
        region: draw.region.clone(),
        round: 0,
        place: 17,
        stratum: "C".to_owned(),
        state: "drawn".to_owned(),
        reason: String::new(),
    };
    app.server
        .store
        .write(move |db| onedoor::store::draws::add_drawn(db, std::slice::from_ref(&row)))
        .unwrap();
    let path = format!("/api/v1/papers/inspections/{inspection}/draw-record");
    let (page, file) = both_forms(&county.coordinator, &path);
    let public = county.coordinator.get(&format!("/api/v1/public/draws/{}", draw.id));
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&public.bytes));
    let bundle: Value = serde_json::from_slice(&public.bytes).unwrap();
    for word in
        [draw.draw_id.as_str(), hash.as_str(), bundle["log"]["root"].as_str().unwrap(), "号饭店", "17"]
    {
        assert!(page.contains(word) && file.contains(word), "{word}");
    }
    assert!(page.contains("<svg"));
    let inspector = county.inspector(app, "SJ01");
    inspector.get(&path).problem(404, "not_found");
    let none: Id = app.id();
    county
        .coordinator
        .get(&format!("/api/v1/papers/inspections/{none}/draw-record"))
        .problem(404, "not_found");
});
