//! Oversight over HTTP, on both databases: what needs attention, cards, figures, statistics, scorecards, plans against what
//! was done, and the public feed.

mod follow_up;
mod plans;
mod public;
mod scorecards;
mod trouble;

use crate::planning::fixture::{day, travel};
use crate::results::{Sent, sent, text};
use crate::support::{Client, PASSWORD, REGION, TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::calendar::WorkdayTable;
use onedoor::ids::Id;
use onedoor::service::oversight::cards;
use onedoor::service::results::publications;
use onedoor::store::caps::{self, CapEntry};
use onedoor::store::inspectors;
use onedoor::store::types::At;
use serde_json::{Value, json};

fn overseer(app: &TestApp) -> Client {
    let key = onedoor::service::login::login_key("overseer");
    let known = app.server.store.read(|db| onedoor::store::accounts::by_login(db, &key)).unwrap();
    if known.is_some() {
        return app.login("overseer", PASSWORD);
    }
    let office = app.department("JDB", "监督办", "oversight");
    app.user("overseer", &[Role::Overseer], Some(office))
}

/// Checks of a department at a subject that this system did not plan.
fn other_checks(app: &TestApp, department: Id, subject: Id, n: usize, counted: bool) {
    let rows: Vec<CapEntry> = (0..n)
        .map(|_| CapEntry {
            id: app.id(),
            region: REGION.to_owned(),
            department_id: department,
            subject_id: subject,
            year: 2026,
            on_day: day("2026-03-12"),
            visit_id: None,
            cause: if counted { "planned" } else { "complaint" }.to_owned(),
            counted,
            note: "12345转办".to_owned(),
            created_at: At(app.now()),
        })
        .collect();
    app.server.store.write(move |db| caps::insert_all(db, &rows)).unwrap();
}

/// Two of the four visits held; the first published by both departments, the second by one.
fn two_held(app: &TestApp) -> Sent {
    let s = sent(app);
    for visit in &s.visits[..2] {
        s.hold(app, visit);
    }
    s.publish(app, &s.visits[0], "SJ");
    s.publish(app, &s.visits[0], "XF");
    s.publish(app, &s.visits[1], "SJ");
    s
}

fn row<'a>(figures: &'a Value, key: &str) -> &'a Value {
    let rows = figures["rows"].as_array().unwrap();
    rows.iter().find(|r| r["key"] == key).unwrap_or_else(|| panic!("no {key} in {figures}"))
}

both!(figures_are_those_of_the_visits, |app| {
    let s = two_held(app);
    let year = "from=2026-01-01&to=2026-12-31";
    let office = s.office(app);
    let f = office.get(&format!("/api/v1/figures?{year}&by=department")).expect(200);
    let of = |v: &Value, names: &[&str]| names.iter().map(|n| v[*n].clone()).collect::<Vec<_>>();
    let names = [
        "visits",
        "joint_visits",
        "joint_bp",
        "visits_avoided",
        "publications_due",
        "publications_on_time",
        "on_time_bp",
        "results",
        "results_judged",
        "problems",
        "hit_bp",
    ];
    // Two visits of two departments each: two visits spared. Three periods are complete. XF found a problem each time.
    assert_eq!(json!(of(&f["total"], &names)), json!([2, 2, 10_000, 2, 3, 3, 10_000, 4, 4, 2, 5000]));
    let (sj, xf) = (s.county.ids.departments["SJ"].to_string(), s.county.ids.departments["XF"].to_string());
    let (a, b) = (row(&f, &sj), row(&f, &xf));
    assert_eq!(
        json!(of(a, &["visits", "joint_visits", "results", "problems", "hit_bp"])),
        json!([2, 2, 2, 0, 0])
    );
    assert_eq!(json!(of(b, &["visits", "publications_due", "problems", "hit_bp"])), json!([2, 1, 2, 10_000]));
    // Whoever does not lead goes along: together they spare what the county spares.
    assert_eq!(a["visits_avoided"].as_i64().unwrap() + b["visits_avoided"].as_i64().unwrap(), 2);
    assert_eq!(
        f["coverage"],
        json!([{
            "class": "A", "base": 4, "drawn": 0, "inspected": 2, "drawn_bp": 0, "inspected_bp": 5000,
        }])
    );
    let load = f["loads"].as_array().unwrap().iter().find(|l| l["department_id"] == json!(sj)).unwrap();
    assert_eq!(json!(of(load, &["people", "visits", "mean_hundredths"])), json!([6, 4, 67]));
    assert!(load["most"].as_i64().unwrap() <= 2 && load["idle"].as_i64().unwrap() >= 2);

    // Checks outside the plans lower the joint rate; the month has them all.
    other_checks(
        app,
        s.county.ids.departments["SJ"],
        s.county.ids.subjects[&s.county.input.subjects[0].key],
        2,
        false,
    );
    let f = office.get(&format!("/api/v1/figures?{year}&by=month")).expect(200);
    assert_eq!(f["rows"].as_array().unwrap().len(), 12);
    let march = row(&f, "2026-03");
    assert_eq!(json!(of(march, &["visits", "other_checks", "joint_bp"])), json!([2, 2, 5000]));
    assert_eq!(json!(of(row(&f, "2026-04"), &["visits", "joint_bp", "on_time_bp"])), json!([0, null, null]));
    for by in ["class", "town"] {
        let f = office.get(&format!("/api/v1/figures?{year}&by={by}")).expect(200);
        let key = if by == "class" { "A" } else { "城关镇" };
        assert_eq!(
            json!(of(row(&f, key), &["visits", "other_checks", "results", "publications_due"])),
            json!([2, 2, 4, 3])
        );
    }
    // Nothing outside the period.
    let f = office.get("/api/v1/figures?from=2025-01-01&to=2025-12-31").expect(200);
    assert_eq!(json!(of(&f["total"], &["visits", "joint_bp", "results"])), json!([0, null, 0]));
    office.get("/api/v1/figures?from=2026-02-01&to=2026-01-01").problem(422, "invalid");
    office.get("/api/v1/figures?by=colour").problem(422, "invalid");

    // A department sees its own figures and nobody else's.
    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    let own = clerk.get(&format!("/api/v1/figures?{year}&by=department")).expect(200);
    assert_eq!((&own["department_id"], own["rows"].as_array().unwrap().len()), (&json!(xf), 1));
    assert_eq!(own["total"]["problems"], 2);
    clerk.get(&format!("/api/v1/figures?department_id={sj}")).problem(404, "not_found");
    app.anonymous().get("/api/v1/figures").problem(401, "login_required");

    // What is late counts against the department as soon as its last day has passed.
    travel(app, day("2026-05-30"));
    let f = s.office(app).get(&format!("/api/v1/figures?{year}&department_id={xf}")).expect(200);
    assert_eq!(
        json!(of(&f["total"], &["publications_due", "publications_on_time", "on_time_bp"])),
        json!([2, 1, 5000])
    );
    s.publish(app, &s.visits[1], "XF");
    let f = s.office(app).get(&format!("/api/v1/figures?{year}&department_id={xf}")).expect(200);
    assert_eq!(
        json!(of(&f["total"], &["publications_due", "publications_on_time", "on_time_bp"])),
        json!([2, 1, 5000])
    );

    // The same as pictures.
    let office = s.office(app);
    let chart = office.get(&format!("/api/v1/figures/chart.svg?{year}"));
    assert_eq!((chart.status, chart.header("content-type")), (200, Some("image/svg+xml")));
    let svg = chart.text();
    assert!(svg.contains(">联合检查实施率</text>") && svg.contains("2026-03:50%;"), "{svg}");
    assert!(svg.contains("<circle") && svg.contains("示范县 2026-01-01至2026-12-31"), "{svg}");
    let svg = office.get(&format!("/api/v1/figures/chart.svg?{year}&by=department&figure=visits")).text();
    assert!(svg.contains(">示范县SJ局</text>") && svg.contains(">示范县XF局</text>"), "{svg}");
    office.get("/api/v1/figures/chart.svg?figure=luck").problem(422, "invalid");
});

fn attention(client: &Client, kind: &str) -> Vec<Value> {
    let list = client.get(&format!("/api/v1/attention?kind={kind}")).expect(200);
    list["items"].as_array().unwrap().clone()
}

both!(late_publications_need_attention_and_their_cards_are_kept_and_acknowledged, |app| {
    let s = sent(app);
    s.hold(app, &s.visit);
    s.publish(app, &s.visit, "SJ");
    let table = WorkdayTable::parse(include_str!("../../../config/prc_calendar.csv")).unwrap();
    let due = table.after(day(s.visit["day"].as_str().unwrap()), 20).unwrap();
    let xf = s.county.ids.departments["XF"];
    let kept = || -> usize {
        // Two servers at the same moment.
        std::thread::scope(|scope| {
            let looks: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        app.server.as_system(publications::tick).unwrap();
                        app.server.as_system(cards::tick).unwrap()
                    })
                })
                .collect();
            looks.into_iter().map(|look| look.join().unwrap()).sum()
        })
    };
    assert_eq!(kept(), 0);
    travel(app, due);
    assert_eq!(kept(), 0);
    let near = attention(&s.office(app), "publication_due");
    assert_eq!(
        (near.len(), &near[0]["countdown"], &near[0]["severity"]),
        (1, &json!("今天到期"), &json!("yellow"))
    );
    assert!(attention(&s.office(app), "late_publication").is_empty());

    travel(app, due.succ_opt().unwrap());
    assert_eq!(kept() + kept(), 1);
    let late = attention(&s.office(app), "late_publication");
    assert_eq!((late.len(), &late[0]["severity"], &late[0]["due"]), (1, &json!("yellow"), &json!(due)));
    assert_eq!(late[0]["department_ids"], json!([xf]));
    let link = text(&late[0]["link"]);
    s.office(app).get(&link).expect(200);
    travel(app, table.after(due, 5).unwrap());
    assert_eq!(kept() + kept(), 1);
    let late = attention(&s.office(app), "late_publication");
    assert_eq!((&late[0]["severity"], &late[0]["countdown"]), (&json!("red"), &json!("已逾期5个工作日")));

    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    let list = clerk.get("/api/v1/cards").expect(200);
    let colors: Vec<String> = list["items"].as_array().unwrap().iter().map(|c| text(&c["color"])).collect();
    assert_eq!(colors, ["red", "yellow"]);
    let red = &list["items"][0];
    assert_eq!(
        red["reason"],
        format!("入企{}的检查结果应于{due}前公示,严重逾期未公示", text(&s.visit["code"]))
    );
    assert_eq!(attention(&clerk, "open_card").len(), 2);
    let at = format!("/api/v1/cards/{}", text(&red["id"]));
    let ack = format!("{at}/acknowledge");
    let note = json!({ "note": "人手不足,已加派" });
    // The other department sees none of it; the office and the overseer see all and acknowledge nothing.
    let other = s.desk(app, "SJ", Role::DepartmentClerk);
    assert_eq!(other.get("/api/v1/cards").expect(200)["items"], json!([]));
    assert!(attention(&other, "late_publication").is_empty());
    other.get(&at).problem(404, "not_found");
    other.post(&ack, &note).problem(404, "not_found");
    let overseer = overseer(app);
    assert_eq!(overseer.get("/api/v1/cards?color=red").expect(200)["items"].as_array().unwrap().len(), 1);
    overseer.post(&ack, &note).problem(403, "denied");
    s.office(app).post(&ack, &note).problem(403, "denied");
    clerk.post(&ack, &json!({ "note": " " })).problem(422, "invalid");
    clerk.if_match(9).post(&ack, &note).problem(412, "stale");
    let done = clerk.post(&ack, &note).expect(200);
    assert_eq!((&done["state"], &done["note"]), (&json!("acknowledged"), &json!("人手不足,已加派")));
    clerk.post(&ack, &note).problem(409, "wrong_state");
    assert_eq!(attention(&clerk, "open_card").len(), 1);
    let open = clerk.get("/api/v1/cards?state=open&limit=1").expect(200);
    assert_eq!((&open["items"][0]["color"], open.get("next")), (&json!("yellow"), None));
    // Published in the end: the cards stay, and nothing is shown again.
    s.publish(app, &s.visit, "XF");
    assert_eq!(kept(), 0);
    assert_eq!(clerk.get("/api/v1/cards").expect(200)["items"].as_array().unwrap().len(), 2);
    assert!(attention(&clerk, "late_publication").is_empty());
});

both!(each_kind_of_trouble_is_on_the_list_of_whom_it_concerns, |app| {
    let s = sent(app);
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    let office = s.office(app);
    for kind in
        ["cap_exceeded", "certificate_expiring", "pending_replacement", "unheld_visit", "returned_result"]
    {
        assert!(attention(&office, kind).is_empty(), "{kind}");
    }
    // More checks than the cap of 2: the visit that was planned, and two more. What does not count does not.
    let subject = s.county.ids.subjects[&text(&s.visit["subject"]["key"])];
    other_checks(app, sj, subject, 2, true);
    other_checks(app, xf, subject, 9, false);
    let over = attention(&office, "cap_exceeded");
    assert_eq!(
        (over.len(), &over[0]["severity"], &over[0]["department_ids"]),
        (1, &json!("red"), &json!([sj]))
    );
    assert!(text(&over[0]["what"]).contains("已计3次"), "{over:?}");
    let ledger = office.get(&text(&over[0]["link"])).expect(200);
    assert!(ledger["standing"].as_array().unwrap().iter().any(|d| d["level"] == "exceeded"), "{ledger}");

    // A certificate that runs out in 60 days, and one that has a successor.
    let entry = |code: &str| s.county.ids.inspectors[code];
    let (first, second) = (entry("SJ05"), entry("SJ06"));
    let end = app.now().date_naive() + chrono::TimeDelta::days(60);
    let next = app.id();
    app.server
        .store
        .write(move |db| {
            for person in [first, second] {
                for mut c in inspectors::certificates_of(db, REGION, Some(person))? {
                    c.valid_to = Some(end);
                    inspectors::renew(db, &c)?;
                    if person == second {
                        c.id = next;
                        c.no = "新证".to_owned();
                        c.valid_to = None;
                        inspectors::certificates::insert(db, &c)?;
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    let expiring = attention(&office, "certificate_expiring");
    assert_eq!((expiring.len(), &expiring[0]["due"]), (1, &json!(end)));
    office.get(&text(&expiring[0]["link"])).expect(200);
    assert!(attention(&s.desk(app, "XF", Role::DepartmentClerk), "certificate_expiring").is_empty());
    assert_eq!(attention(&s.desk(app, "SJ", Role::DepartmentClerk), "certificate_expiring").len(), 1);

    // A replacement that waits for the head, of a visit whose day it is.
    let seat = s.visit["seats"].as_array().unwrap().iter().find(|x| x["department_id"] == json!(xf)).unwrap();
    let ask = json!({ "seat_id": seat["id"], "cause": "ill", "reason": "住院" });
    s.desk(app, "XF", Role::DepartmentClerk)
        .post(&format!("/api/v1/visits/{}/replacements", text(&s.visit["id"])), &ask)
        .expect(201);
    let waiting = attention(&s.desk(app, "XF", Role::DepartmentHead), "pending_replacement");
    assert_eq!((waiting.len(), &waiting[0]["severity"]), (1, &json!("red")));
    office.get(&text(&waiting[0]["link"])).expect(200);

    // The day of the visit passes.
    travel(app, day(s.visit["day"].as_str().unwrap()).succ_opt().unwrap());
    let office = s.office(app);
    let unheld = attention(&office, "unheld_visit");
    assert!(!unheld.is_empty() && unheld.iter().all(|v| v["severity"] == "red"), "{unheld:?}");
    // Once, though two departments should go.
    let own: Vec<&Value> =
        unheld.iter().filter(|v| text(&v["link"]).contains(&text(&s.visit["id"]))).collect();
    assert_eq!((own.len(), own[0]["department_ids"].as_array().unwrap().len()), (1, 2));

    let all = office.get("/api/v1/attention").expect(200);
    let severities: Vec<String> =
        all["items"].as_array().unwrap().iter().map(|a| text(&a["severity"])).collect();
    assert!(severities.is_sorted_by_key(|s| s == "yellow"), "{severities:?}");
    assert_eq!(all["red"].as_u64().unwrap() + all["yellow"].as_u64().unwrap(), severities.len() as u64);
    // Unannounced or not, no subject is named but where a cap is exceeded.
    for a in all["items"].as_array().unwrap().iter().filter(|a| a["kind"] != "cap_exceeded") {
        assert!(!text(&a["what"]).contains("饭店"), "{a}");
    }
    office.get("/api/v1/attention?kind=luck").problem(422, "invalid");
    let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
    clerk.get(&format!("/api/v1/attention?department_id={xf}")).problem(404, "not_found");
    app.anonymous().get("/api/v1/attention").problem(401, "login_required");
});

both!(unanswered_and_declined_invitations_and_aborted_draws_need_attention, |app| {
    let c = crate::joint::County::new(app);
    let id = c.start(&c.body());
    let partners =
        json!({ "partners": [{ "department_id": c.dept("JYJ01") }, { "department_id": c.dept("XFJY01") }] });
    let view = c.market.post(&format!("/api/v1/inspections/{id}/invite"), &partners).expect(200);
    let of = |code: &str| {
        let list = view["invitations"].as_array().unwrap();
        text(&list.iter().find(|i| i["department_id"] == json!(c.dept(code))).unwrap()["id"])
    };
    c.fire
        .post(&format!("/api/v1/invitations/{}/decline", of("XFJY01")), &json!({ "reason": "人手不足" }))
        .expect(200);
    let declined = attention(&c.office, "declined_invitation");
    assert_eq!((declined.len(), &declined[0]["department_ids"]), (1, &json!([c.dept("SCJG01")])));
    assert!(text(&declined[0]["what"]).contains("消防救援大队拒绝"));
    assert_eq!(attention(&c.market, "declined_invitation").len(), 1);
    assert!(attention(&c.school, "declined_invitation").is_empty());
    assert!(attention(&c.office, "late_answer").is_empty());
    // The education office lets its five working days pass.
    travel(app, day("2026-03-12"));
    app.server.as_system(onedoor::service::invitations::tick).unwrap();
    assert_eq!(app.server.as_system(cards::tick).unwrap(), 1);
    assert_eq!(app.server.as_system(cards::tick).unwrap(), 0);
    let again = |login: &str| app.login(login, PASSWORD);
    let school = again("jyj");
    let late = attention(&school, "late_answer");
    assert_eq!((late.len(), text(&late[0]["link"])), (1, format!("/api/v1/invitations/{}", of("JYJ01"))));
    school.get(&text(&late[0]["link"])).expect(200);
    assert!(attention(&again("xfjy"), "late_answer").is_empty());
    let card = school.get("/api/v1/cards").expect(200)["items"][0].clone();
    assert_eq!(
        (&card["kind"], &card["color"], &card["object_id"]),
        (&json!("late_answer"), &json!("yellow"), &json!(of("JYJ01")))
    );

    // A draw that was aborted is on the list until it is held again.
    travel(app, day("2026-03-02"));
    let confirmed = c.confirmed(&c.body());
    let draw = c.opened(&confirmed);
    assert!(attention(&c.office, "aborted_draw").is_empty());
    c.office
        .post(&format!("/api/v1/draws/{draw}/abort"), &json!({ "code": "POWER", "reason": "停电" }))
        .expect(200);
    let aborted = attention(&c.overseer, "aborted_draw");
    assert_eq!((aborted.len(), text(&aborted[0]["link"])), (1, format!("/api/v1/draws/{draw}")));
    c.overseer.get(&text(&aborted[0]["link"])).expect(200);
});

fn column(table: &Value, name: &str) -> usize {
    table["columns"].as_array().unwrap().iter().position(|c| c["name"] == name).unwrap()
}

both!(the_statistics_tables_add_up_and_their_workbooks_hold_no_formula, |app| {
    let s = two_held(app);
    let evil = "=HYPERLINK(\"http://x\",\"局\")";
    app.department("EVIL", evil, "inspecting");
    let office = s.office(app);
    let at = |table: &str| format!("/api/v1/statistics/{table}?from=2026-03-01&to=2026-12-31");
    let results = office.get(&at("results")).expect(200);
    let rows = results["rows"].as_array().unwrap();
    let of = |label: &str, name: &str| {
        let row = rows.iter().find(|r| r["labels"][0] == label).unwrap();
        row["values"][column(&results, name)].clone()
    };
    let (sj, xf) = ("示范县SJ局", "示范县XF局");
    // Each has an item at four visits that were sent out.
    let names = [
        "due",
        "waiting",
        "entering",
        "published",
        "published_bp",
        "no_problem_found",
        "corrected_on_order",
        "rectification",
        "closed",
    ];
    let line = |label| json!(names.iter().map(|n| of(label, n)).collect::<Vec<_>>());
    assert_eq!(line(sj), json!([4, 2, 0, 2, 5000, 2, 0, 0, 2]));
    assert_eq!(line(xf), json!([4, 2, 1, 1, 2500, 0, 1, 1, 0]));
    assert_eq!(of(evil, "due"), 0);
    assert_eq!(of(evil, "published_bp"), Value::Null);
    let total = |name: &str| results["totals"][column(&results, name)].clone();
    assert_eq!((total("due"), total("published"), total("published_bp")), (json!(8), json!(3), json!(3750)));

    let work = office.get(&at("work")).expect(200);
    assert_eq!(work["rows"].as_array().unwrap().len(), 1);
    assert_eq!(work["rows"][0]["labels"][0], "示抽查〔2026〕1号 示抽查〔2026〕1号联合抽查");
    assert_eq!(work["rows"][0]["values"][column(&work, "due")], 8);
    let plans = office.get(&at("plans")).expect(200);
    let value = |name: &str| plans["totals"][column(&plans, name)].clone();
    assert_eq!(
        (value("led_ad_hoc"), value("led_planned"), value("due"), value("checked")),
        (json!(1), json!(0), json!(8), json!(4))
    );
    let people = office.get(&at("inspectors")).expect(200);
    assert_eq!(people["totals"], json!([12, 12, 10_000, 0]));
    assert_eq!(people["rows"].as_array().unwrap().len(), 4);

    for (table, json) in [("results", &results), ("work", &work), ("plans", &plans), ("inspectors", &people)]
    {
        let book = office.get(&format!("{}&format=xlsx", at(table)));
        assert_eq!(book.status, 200);
        assert!(book.header("content-disposition").unwrap().contains(&format!("statistics-{table}-")));
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&book.bytes)).unwrap();
        for i in 0..zip.len() {
            let mut file = zip.by_index(i).unwrap();
            let mut content = String::new();
            let name = file.name().unwrap().into_owned();
            if name.ends_with(".xml") {
                std::io::Read::read_to_string(&mut file, &mut content).unwrap();
            }
            assert!(!content.contains("<f>") && !content.contains("<f "), "{name}");
        }
        let sheets = onedoor::exchange::table::read_xlsx(&book.bytes, &Default::default()).unwrap();
        let texts: Vec<Vec<String>> =
            sheets[0].rows().map(|r| r.texts().map(str::to_owned).collect()).collect();
        // Titles, rows, totals.
        assert_eq!(texts.len(), json["rows"].as_array().unwrap().len() + 2, "{table}");
        if table == "results" {
            assert!(texts.iter().any(|r| r[0] == evil), "{texts:?}");
            let due = 1 + column(json, "due");
            assert_eq!(texts.last().unwrap()[due], "8");
            assert_eq!(texts.last().unwrap()[1 + column(json, "published_bp")], "37.5");
        }
    }
    // The same by town: the places are others, the totals are not.
    let towns = office.get(&at("towns")).expect(200);
    assert_eq!((&towns["columns"], &towns["totals"]), (&results["columns"], &results["totals"]));
    let labels: Vec<String> =
        towns["rows"].as_array().unwrap().iter().map(|r| text(&r["labels"][0])).collect();
    assert!(
        labels.iter().all(|l| !l.contains("SJ") && !l.contains("XF")) && !labels.is_empty(),
        "{labels:?}"
    );
    // A department has its own row.
    let clerk = s.desk(app, "XF", Role::DepartmentClerk);
    let own = clerk.get(&at("results")).expect(200);
    assert_eq!((own["rows"].as_array().unwrap().len(), &own["rows"][0]["labels"][0]), (1, &json!(xf)));
    clerk.get("/api/v1/statistics/secrets").problem(404, "not_found");
    clerk.get("/api/v1/statistics/results?format=pdf").problem(422, "invalid");
});
