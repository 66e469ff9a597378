//! What businesses say, and whom the oversight asks, in the browser.

use super::{desk, guarded, officer, page, stranger};
use crate::follow_up::overseer;
use crate::planning::fixture::{day, travel};
use crate::results::{sent, text};
use crate::support::browser::Browser;
use crate::support::{TestApp, both};
use chrono::TimeDelta;
use onedoor::domain::access::Role;
use onedoor::worker::Sealer;

/// Somebody of the oversight, in a browser.
pub(super) fn boss(app: &TestApp) -> Browser {
    overseer(app);
    let browser = Browser::new(app);
    browser.login("overseer");
    browser
}

/// What is typed to rate a visit, from its card.
pub(super) fn card(app: &TestApp, visit: &str) -> String {
    let office = Browser::new(app);
    office.login("coordinator");
    let printed = office.get(&format!("/papers/rating-cards/visits/{visit}")).text();
    let typed = printed.split("评价码 ").nth(1).unwrap();
    typed.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// A business rates and complains about a visit that has begun.
pub(super) fn speak(app: &TestApp, visit: &str) {
    let public = format!("/public/visits/{}", card(app, visit));
    let business = Browser::new(app);
    let scores = ["procedure", "conduct", "burden", "guidance"].map(|q| format!("scores/{q}"));
    let mut fields: Vec<(&str, &str)> = scores.iter().map(|q| (q.as_str(), "1")).collect();
    fields.push(("text", "检查人员态度生硬"));
    business.follow(&business.post(&public, &format!("{public}/rating"), &fields));
    let words = [("text", "检查人员接受吃请"), ("contact", "13800000000")];
    business.follow(&business.post(&public, &format!("{public}/complaint"), &words));
}

both!(journey_the_oversight_hears_businesses_and_departments_do_not, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    let id = text(&s.visit["id"]);
    speak(app, &id);
    let boss = boss(app);
    let ratings = boss.get("/ratings").text();
    assert!(ratings.contains("检查人员态度生硬") && ratings.contains("1 分"), "{ratings}");
    let list = boss.get("/complaints?state=lodged").text();
    let at = list.find("/complaints/").unwrap();
    let complaint = list[at..].split('"').next().unwrap().to_owned();
    assert!(boss.get("/complaints?state=closed").text().contains("这里没有投诉"));
    assert_eq!(boss.get("/complaints?state=x").status, 422);
    let home = boss.get("/").text();
    assert!(home.contains(&complaint) && home.contains("去受理"), "{home}");
    let shown = boss.get(&complaint).text();
    assert!(shown.contains("检查人员接受吃请") && shown.contains("13800000000"), "{shown}");

    // Nobody of a department, on whatever page.
    let people = [
        desk(&s, app, "SJ", Role::DepartmentClerk),
        desk(&s, app, "XF", Role::DepartmentHead),
        desk(&s, app, "SJ", Role::LegalReviewer),
        officer(&s, app, &s.team(app, &s.visit, "SJ").a_id),
        stranger(app),
    ];
    for person in &people {
        for path in [
            "/complaints",
            &complaint,
            "/ratings",
            "/return-rounds",
            "/return-rounds/new",
            &format!("/papers/rating-cards/visits/{id}"),
            &format!("/papers/rating-cards/inspections/{}", s.inspection),
        ] {
            assert_eq!(person.get(path).status, 403, "{path}");
        }
        let hub = person.get("/follow-up").text();
        for word in ["/complaints", "/ratings", "/return-rounds"] {
            assert!(!hub.contains(word), "{word}");
        }
        for path in [page(&s.visit), format!("{}/conduct", page(&s.visit)), "/".to_owned()] {
            let seen = person.get(&path).text();
            for word in ["生硬", "吃请", "13800000000", "rating-cards", "complaint"] {
                assert!(!seen.contains(word), "{path}: {word}");
            }
        }
        assert_eq!(person.post("/account", &format!("{complaint}/take"), &[]).status, 403);
    }
    assert!(boss.get("/follow-up").text().contains("/complaints"));
    assert!(boss.get(&page(&s.visit)).text().contains("/papers/rating-cards/visits/"));
    let cards = format!("/papers/rating-cards/inspections/{}", s.inspection);
    assert!(boss.get(&format!("/inspections/{}/papers", s.inspection)).text().contains(&cards));
    assert_eq!(boss.get(&cards).text().matches("评价码 ").count(), 4);

    let act = |verb: &str, text: &str| {
        let fields = [("text", text)];
        let fields = if verb == "take" { &fields[..0] } else { &fields[..] };
        boss.post(&complaint, &format!("{complaint}/{verb}"), fields)
    };
    guarded(&boss, &format!("{complaint}/take"));
    assert_eq!(act("answer", "x").status, 409, "not taken yet");
    assert!(boss.follow(&act("take", "")).text().contains("等核实后答复"));
    let refused = act("answer", " ");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#text\""), "{}", refused.text());
    assert!(boss.follow(&act("answer", "已核实并约谈")).text().contains("已核实并约谈"));
    let closed = boss.follow(&act("close", "投诉人认可")).text();
    assert!(closed.contains("已办结") && closed.contains("投诉人认可"), "{closed}");
    assert!(!closed.contains("<textarea"), "{closed}");
    assert!(!boss.get("/").text().contains(&complaint));
});

fn seal(app: &TestApp) {
    app.advance(TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap();
}

both!(journey_visits_are_drawn_and_businesses_asked, |app| {
    let s = sent(app);
    let last = s.visits.iter().map(|v| day(v["day"].as_str().unwrap())).max().unwrap();
    for visit in &s.visits[..3] {
        s.hold(app, visit);
    }
    travel(app, last);
    let boss = boss(app);
    assert!(boss.get("/return-rounds").text().contains("/return-rounds/new"));
    let new = "/return-rounds/new";
    guarded(&boss, new);
    let (from, to) = (text(&s.visit["day"]), last.to_string());
    let announce = |count: &str, nonce: &str| {
        let fields = [("from", from.as_str()), ("to", &to), ("count", count), ("nonce", nonce)];
        boss.post(new, new, &fields)
    };
    let refused = announce("0", "XYZ");
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#count\"") && said.contains("href=\"#nonce\""), "{said}");
    let refused = announce("4", "");
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("不足4次"), "{}", refused.text());
    seal(app);
    let round = boss.done(&announce("2", ""));
    let shown = boss.get(&round).text();
    assert!(shown.contains("已公布，等抽取") && shown.contains(&text(&s.visits[0]["code"])), "{shown}");
    assert!(!shown.contains(&text(&s.visits[3]["code"])), "it is not held yet");
    assert!(boss.get("/").text().contains(&round));
    let draw = format!("{round}/draw");
    guarded(&boss, &draw);
    let early = boss.post(&round, &draw, &[]);
    assert_eq!(early.status, 409);
    assert!(early.text().contains("请一分钟后再抽取"), "{}", early.text());
    seal(app);
    app.advance(TimeDelta::seconds(61));
    seal(app);
    app.advance(TimeDelta::seconds(61));
    // The coordination office reads and does not draw.
    let office = Browser::new(app);
    office.login("coordinator");
    assert!(!office.get(&round).text().contains(&draw));
    assert_eq!(office.post("/account", &draw, &[]).status, 403);
    let shown = boss.follow(&boss.post(&round, &draw, &[])).text();
    assert!(shown.contains("与抽取结果一致") && shown.contains("还有 2 次等回访"), "{shown}");
    assert!(boss.get("/").text().contains("去回访"));
    let at = shown.find("/return-visits/").unwrap();
    let answers = shown[at..].split('"').next().unwrap().to_owned();
    assert_eq!(office.get(&answers).status, 403);
    guarded(&boss, &answers);
    let today = onedoor::clock::china_date(app.now()).to_string();
    let refused =
        boss.post(&answers, &answers, &[("answers/held", "no"), ("text", "无人到店"), ("day", &today)]);
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#answers-two_officers\"") && said.contains("无人到店"), "{said}");
    let names = ["held", "two_officers", "list_given", "nothing_else", "result_true", "nothing_taken"]
        .map(|q| format!("answers/{q}"));
    let mut fields: Vec<(&str, &str)> = names.iter().map(|q| (q.as_str(), "no")).collect();
    fields.extend([("text", "无人到店"), ("day", &today)]);
    let shown = boss.follow(&boss.post(&answers, &answers, &fields)).text();
    assert!(shown.contains("还有 1 次等回访"), "{shown}");
    assert!(boss.get(&answers).text().contains("无人到店"), "it can be seen again");
});
