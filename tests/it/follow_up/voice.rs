//! The public page of a visit, ratings and complaints: seen by the oversight, by no department.

use super::{clerk, faults, overseer, pairs};
use crate::planning::fixture::{day, travel};
use crate::results::{dispatched, path, text};
use crate::support::TestApp;
use crate::support::both;
use onedoor::domain::access::Role;
use serde_json::{Value, json};

/// What the business has: the code of its visit and the secret, from the card that the coordination office prints.
fn card(app: &TestApp, s: &crate::results::Sent, visit: &Value) -> String {
    let page = s.office(app).get(&format!("/api/v1/papers/rating-cards/visits/{}", text(&visit["id"])));
    page.expect(200);
    let page = page.text();
    let typed = page.split("评价码 ").nth(1).unwrap();
    typed.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

fn stars() -> Value {
    json!({ "procedure": 5, "conduct": 1, "burden": 3, "guidance": 4 })
}

both!(the_business_says_what_it_thinks_and_the_department_sees_nothing_of_it, |app| {
    let s = dispatched(app);
    overseer(app);
    let token = s.code(app, &s.visit);
    let page = format!("/api/v1/public/visits/{token}");
    let public = app.anonymous();
    // Before the visit has begun there is nothing, as with a token that nobody has.
    let nothing = public.get(&page).problem(404, "not_found");
    let unknown = public.get("/api/v1/public/visits/23456789ABCDEFGHJKMN").problem(404, "not_found");
    assert_eq!(nothing["title"], unknown["title"]);
    let rating = json!({ "scores": stars(), "text": "检查人员态度生硬" });
    public.post(&format!("{page}/rating"), &rating).problem(404, "not_found");
    public.post(&format!("{page}/complaint"), &json!({ "text": "x" })).problem(404, "not_found");

    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    let typed = format!("/api/v1/public/visits/{}-{}", &token[..10], token[10..].to_lowercase());
    let seen = public.get(&typed).expect(200);
    assert_eq!((&seen["ended"], &seen["subject"]), (&json!(false), &s.visit["subject"]["name"]));
    assert_eq!(seen["may_rate"], json!(false));
    assert_eq!(seen["items"].as_array().unwrap().len(), 2);
    assert_eq!(seen["questions"].as_array().unwrap().len(), 4);
    let team = seen["team"].as_array().unwrap();
    assert_eq!(team.len(), 4);
    // SJ1, XF2 ... are their names: only the first character is told.
    for officer in team {
        let name = text(&officer["name"]);
        assert!(name.len() == 3 && name.ends_with("**") && officer["came"] == true, "{officer}");
    }
    assert!(!seen.to_string().contains(&text(&s.visit["seats"][0]["inspector_id"])));

    let bad = json!({ "scores": { "procedure": 0, "conduct": 5, "burden": 3, "price": 2 } });
    let expected = pairs(&[
        ("/scores/guidance", "required"),
        ("/scores/price", "unknown_value"),
        ("/scores/procedure", "out_of_range"),
    ]);
    // The team has the code too: with it nobody rates.
    public.post(&format!("{page}/rating"), &rating).problem(409, "rating_card_needed");
    let typed = card(app, &s, &s.visit);
    let own = format!("/api/v1/public/visits/{typed}");
    assert_eq!(typed.chars().filter(char::is_ascii_alphanumeric).count(), 36);
    assert_eq!(public.get(&own).expect(200)["may_rate"], json!(true));
    assert_eq!(faults(&public.post(&format!("{own}/rating"), &bad)), expected);
    // One letter of the secret wrong is a token that nobody has; so is the secret of another visit.
    let other = card(app, &s, &s.visits[1]);
    let last = if typed.ends_with('2') { "3" } else { "2" };
    for wrong in [format!("{}{last}", &typed[..typed.len() - 1]), format!("{token}{}", &other[25..])] {
        public.get(&format!("/api/v1/public/visits/{wrong}")).problem(404, "not_found");
        public.post(&format!("/api/v1/public/visits/{wrong}/rating"), &rating).problem(404, "not_found");
    }
    public.post(&format!("{}/rating", own.to_lowercase().replace('-', "")), &rating).expect(200);
    public.post(&format!("{own}/rating"), &rating).problem(409, "already_rated");
    let words = json!({ "text": "检查人员接受吃请", "contact": "13800000000" });
    assert_eq!(
        faults(&public.post(&format!("{page}/complaint"), &json!({ "text": "" }))),
        pairs(&[("/text", "required")])
    );
    public.post(&format!("{page}/complaint"), &words).expect(200);
    // The page itself tells nobody that there is a rating.
    let after = public.get(&page).expect(200);
    assert_eq!(after, seen);

    // Nobody of a department sees ratings, complaints, authors or numbers, on whatever route.
    let everybody = [
        clerk(&s, app, "SJ"),
        s.desk(app, "SJ", Role::DepartmentHead),
        s.desk(app, "XF", Role::LegalReviewer),
        s.team(app, &s.visit, "SJ").a,
    ];
    let secret: String = typed.chars().filter(char::is_ascii_alphanumeric).skip(20).collect();
    let id = text(&s.visit["id"]);
    for person in &everybody {
        person.get(&format!("/api/v1/papers/rating-cards/visits/{id}")).problem(403, "denied");
        person
            .get(&format!("/api/v1/papers/rating-cards/inspections/{}", s.inspection))
            .problem(403, "denied");
        // Whatever he can read of the visit, the secret is not in it.
        for route in [
            path(&s.visit),
            format!("{}/conduct", path(&s.visit)),
            format!("/api/v1/papers/visits/{id}/notice"),
            format!("/api/v1/papers/visits/{id}/visit-form"),
            format!("/api/v1/papers/visits/{id}/dispatch-slip"),
            "/api/v1/visits".to_owned(),
        ] {
            let answer = person.get(&route).text().replace('-', "");
            assert!(!answer.contains(&secret) && !answer.contains(&secret[..8]), "{route}");
        }
        for route in ["/api/v1/ratings", "/api/v1/complaints", "/api/v1/return-rounds", "/api/v1/journal"] {
            person.get(route).problem(403, "denied");
        }
        for route in [path(&s.visit), format!("{}/conduct", path(&s.visit))] {
            let answer = person.get(&route).text();
            for word in ["rating", "complaint", "生硬", "吃请", "13800000000"] {
                assert!(!answer.contains(word), "{route}: {word}");
            }
        }
    }
    let mails = app
        .server
        .store
        .read(|db| onedoor::store::outbox::list(db, crate::support::REGION, None, None, 1_000))
        .unwrap();
    let told: Vec<_> = mails.iter().filter(|m| m.kind == "complaint_lodged").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].recipient, "overseer@example.com");
    assert!(mails.iter().all(|m| !m.body.contains("吃请") && !m.body.contains("生硬")));

    // The oversight and the coordination office see and handle them.
    for person in [overseer(app), s.office(app)] {
        let list = person.get("/api/v1/ratings").expect(200);
        assert_eq!(
            (&list["items"][0]["scores"], &list["items"][0]["text"]),
            (&stars(), &json!("检查人员态度生硬"))
        );
        assert_eq!(
            person.get("/api/v1/complaints?state=lodged").expect(200)["items"][0]["contact"],
            "13800000000"
        );
    }
    let boss = overseer(app);
    let id = text(&boss.get("/api/v1/complaints").expect(200)["items"][0]["id"]);
    let at = |verb: &str| format!("/api/v1/complaints/{id}/{verb}");
    everybody[0].post(&at("take"), &json!({})).problem(403, "denied");
    boss.post(&at("answer"), &json!({ "text": "x" })).problem(409, "wrong_state");
    boss.post(&at("take"), &json!({})).expect(200);
    boss.post(&at("take"), &json!({})).problem(409, "wrong_state");
    assert_eq!(faults(&boss.post(&at("answer"), &json!({ "text": "" }))), pairs(&[("/text", "required")]));
    boss.post(&at("close"), &json!({ "text": "x" })).problem(409, "wrong_state");
    boss.post(&at("answer"), &json!({ "text": "已核实并约谈" })).expect(200);
    let closed = boss.post(&at("close"), &json!({ "text": "投诉人认可" })).expect(200);
    assert_eq!((&closed["state"], &closed["answer"]), (&json!("closed"), &json!("已核实并约谈")));

    // The journal keeps that somebody rated; what, and which visit, only where it can be erased.
    let leaves: Vec<String> = app
        .server
        .store
        .read(|db| {
            let filter = onedoor::store::journal::Filter::default();
            onedoor::store::journal::list(db, crate::support::REGION, &filter, 1_000)
        })
        .unwrap()
        .into_iter()
        .filter(|e| ["visit_rated", "complaint_lodged"].contains(&e.act.as_str()))
        .map(|e| String::from_utf8(e.leaf).unwrap())
        .collect();
    assert_eq!(leaves.len(), 2);
    assert!(leaves.iter().all(|l| !l.contains(&text(&s.visit["id"])) && !l.contains("吃请")));
});

both!(the_office_prints_the_cards_and_a_surprise_names_nobody, |app| {
    let (county, inspection, planning) =
        crate::planning::fixture::small_committed(app, onedoor::domain::planning::input::Notice::Unannounced);
    let cards = format!("/api/v1/papers/rating-cards/inspections/{inspection}");
    county.coordinator.get(&cards).problem(409, "nothing_to_print");
    let visit = text(&county.visits(&planning)[0]["id"]);
    let one = format!("/api/v1/papers/rating-cards/visits/{visit}");
    county.coordinator.get(&one).problem(409, "wrong_state");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let all = overseer(app).get(&cards);
    assert_eq!((all.status, all.header("x-papers-visits")), (200, Some("4")));
    assert_eq!(all.text().matches("评价码 ").count(), 4);
    for subject in &county.input.subjects {
        assert!(!all.text().contains(&subject.name));
    }
    let word = crate::papers::word(&overseer(app).get(&format!("{one}?format=docx")).bytes);
    assert!(word.text.contains("企业评价卡") && word.pictures == 1, "{}", word.text);
    // Whoever prints cards and comes along himself gets none of his own visit.
    let seat = county.visits(&planning)[0]["seats"][0]["inspector_id"].clone();
    let office = app.department("XTB9", "协调二办", "coordination");
    let entry = Some(seat.as_str().unwrap().parse().unwrap());
    let double = app.inspector_user("double", &[Role::Coordinator], Some(office), entry);
    double.get(&one).problem(403, "denied");
});

both!(two_that_rate_at_once_are_one, |app| {
    let s = dispatched(app);
    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    let rate = format!("/api/v1/public/visits/{}/rating", card(app, &s, &s.visit));
    let body = json!({ "scores": stars() });
    let mut codes: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| app.anonymous().post(&rate, &body).status)).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes, [200, 409, 409, 409, 409, 409]);
    let list = s.office(app).get("/api/v1/ratings").expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    // A flood of complaints ends somewhere.
    let complain = rate.replace("/rating", "/complaint");
    for _ in 0..20 {
        app.anonymous().post(&complain, &json!({ "text": "x" })).expect(200);
    }
    app.anonymous().post(&complain, &json!({ "text": "x" })).problem(409, "too_many_complaints");
});
