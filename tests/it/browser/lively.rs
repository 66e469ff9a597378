//! The sample county with something waiting at every stage, so that every page has something to show.

use super::county::{County, FIRE, MARKET, fine, list, text, wrong};
use crate::planning::fixture::{day, travel};
use crate::support::browser as plain;
use chrono::TimeDelta;
use onedoor::clock::china_date;
use onedoor::domain::access::Role;
use onedoor::service::oversight::cards;
use onedoor::service::results::publications;
use onedoor::store::items;
use onedoor::worker::Sealer;
use serde_json::{Value, json};

/// A county in which something waits at every stage; answers where people start besides their work lists: with what comes
/// to them by another way than a link, and with what stands far down a list.
pub(super) fn lively(c: &County<'_>) -> Vec<(String, String)> {
    let mut starts = Vec::new();
    let mut start = |login: &str, path: String| starts.push((login.to_owned(), path));
    let visits = c.dispatched();
    let held = c.goes_to_first(&visits);
    c.hold(&held);
    c.publishes(FIRE);
    let fire = c.at(&FIRE.clerk());
    let results = fire.get("/api/v1/results?state=published&limit=200").expect(200);
    let result = text(&list(&results["items"])[0]["id"]);
    let order = json!({ "what": "清理疏散通道", "basis": "《消防法》第二十八条", "due_day": "2026-11-30" });
    fire.post(&format!("/api/v1/results/{result}/rectification"), &order).expect(201);
    let clue = json!({
        "kind": "case_referral", "result_id": result, "what": "占道经营线索",
        "to_department_id": c.ids.departments[MARKET.code],
    });
    fire.post("/api/v1/referrals", &clue).expect(201);

    let rest: Vec<Value> = visits.iter().filter(|v| v["id"] != held["id"]).cloned().collect();
    let gone = nobody_met(c, &rest, json!(["feedback"]));
    follows(c, &held, &gone);
    let rest: Vec<Value> = rest.iter().filter(|v| v["id"] != gone["id"]).cloned().collect();
    let again = nobody_met(c, &rest, json!(["feedback", "other"]));
    let rest: Vec<Value> = rest.into_iter().filter(|v| v["id"] != again["id"]).collect();
    c.publishes_of(MARKET, &format!("&visit_id={}", text(&gone["id"])));
    start(&FIRE.clerk(), format!("/tasks/{}/recognition", recognisable(c, &gone)));
    said(c, &held, &gone);

    // Somebody of a visit to come is to be replaced.
    let mut waiting = rest.iter().filter(|v| !c.tasks(v, MARKET).is_empty());
    let going = waiting.next().unwrap();
    let other = waiting.next().unwrap();
    let market = c.ids.departments[MARKET.code].to_string();
    let seat = list(&other["seats"]).iter().find(|s| s["department_id"] == market.as_str()).unwrap();
    let ask = json!({ "seat_id": seat["id"], "cause": "ill", "reason": "住院" });
    c.at(&MARKET.clerk())
        .post(&format!("/api/v1/visits/{}/replacements", text(&other["id"])), &ask)
        .expect(201);

    // A month later the market supervision has still not published: a card.
    travel(c.app, day(&text(&going["day"])).max(day(&text(&held["day"])) + TimeDelta::days(40)));
    c.app.server.as_system(publications::tick).unwrap();
    c.app.server.as_system(cards::tick).unwrap();

    // A visit goes on.
    let desk = c.desk(going, MARKET);
    let conduct = c.conduct(going);
    let at = format!("/api/v1/visits/{}", text(&going["id"]));
    let code = json!({ "method": "code", "code": conduct["code"] });
    for login in [&desk.enters, &desk.confirms] {
        c.at(login).post(&format!("{at}/check-in"), &code).expect(200);
    }
    let mut found = wrong();
    found["task_id"] = json!(c.tasks(going, MARKET)[0]);
    let draft = json!({ "submit": false, "results": [found] });
    c.at(&desk.enters).put(&format!("{at}/results"), &draft).expect(200);
    // Inspections at every stage.
    let from = "2026-11-02";
    c.draft("2026年居民服务业部门联合抽查", "O80", from);
    c.invited(&c.draft("2026年医疗机构部门联合抽查", "Q84", from));
    c.accepted(&c.draft("2026年零售业部门联合抽查", "F52", from));
    let open = c.draft("2026年教育机构部门联合抽查", "P83", from);
    c.accepted(&open);
    c.opened(&open);
    let spoilt = c.draft("2026年校外培训机构部门联合抽查", "P83", from);
    c.accepted(&spoilt);
    let spoilt = c.opened(&spoilt);
    let why = json!({ "code": "NO-QUORUM", "reason": "见证人临时有事" });
    c.office().post(&format!("/api/v1/draws/{spoilt}/abort"), &why).expect(200);
    start("xieban", format!("/draws/{spoilt}"));
    let drawn = c.draft("2026年住宿业部门联合抽查", "H61", from);
    c.accepted(&drawn);
    c.draw(&drawn);
    let preview =
        json!({ "period_from": from, "period_to": "2026-11-27", "inspections": [drawn], "singles": false });
    c.office().post("/api/v1/plannings", &preview).expect(201);

    // The first planning is made again, for what has changed since.
    let plannings = c.office().get("/api/v1/plannings?state=committed&limit=5").expect(200);
    let rerun = format!("/api/v1/plannings/{}/rerun", text(&list(&plannings["items"])[0]["id"]));
    let again = c.office().post(&rerun, &json!({ "include_new": false }));
    again.expect(201);
    start("xieban", format!("/plannings/{}/changes", again.id()));

    // Items and plans at every stage, a file that was looked at, a recusal, evidence.
    let market = [MARKET.clerk(), MARKET.legal(), MARKET.head()].map(|login| c.at(&login));
    for (n, acts) in [0, 1, 2].into_iter().enumerate() {
        let body =
            json!({ "code": format!("SCJG-7{n}"), "text": { "name": format!("网络餐饮检查（{n}）") } });
        let item = market[0].post("/api/v1/items", &body).id();
        for (who, act) in market.iter().zip(["submit", "approve"]).take(acts) {
            who.post(&format!("/api/v1/items/{item}/{act}"), &json!({})).expect(200);
        }
    }
    let plans = market[0].get("/api/v1/plans?year=2026&limit=5").expect(200);
    let plan = &list(&plans["items"])[0];
    let recall = format!("/api/v1/plans/{}/recall", text(&plan["id"]));
    market[0].if_match(plan["version"].as_i64().unwrap()).post(&recall, &json!({})).expect(200);
    start(&MARKET.clerk(), format!("/plans/{}", text(&plan["id"])));
    let file = "统一社会信用代码,注册号,市场主体名称\r\n9.1350403E+17,,丙店\r\n".as_bytes();
    let import = market[0].upload("/api/v1/imports?kind=subjects", "application/octet-stream", file);
    import.expect(201);
    start(&MARKET.clerk(), format!("/imports/{}", import.id()));
    let rows = "统一社会信用代码,注册号,市场主体名称\r\n,350403600000011,甲店\r\n";
    let path = "/api/v1/jobs/imports?kind=subjects&name=a.csv";
    market[0].upload(path, "text/csv", rows.as_bytes()).expect(202);
    let person = c.ids.inspectors.iter().find(|(code, _)| code.as_str() == "RY000005").unwrap().1;
    let subject = c.ids.subjects[&c.input.subjects[7].key];
    let recusal = json!({
        "inspector_id": person, "subject_id": subject, "source": "clerk", "reason": "亲属经营",
    });
    market[0].post("/api/v1/recusals", &recusal).expect(201);
    let department = c.ids.departments[MARKET.code];
    let evidence = format!("/api/v1/scorecards/2026/{department}/evidence?indicator=1&name=a.pdf");
    market[0].upload(&evidence, "application/pdf", b"%PDF-1.7 evidence").expect(201);
    for (login, role) in [("sys", Role::SystemAdmin), ("sec", Role::SecurityAdmin), ("aud", Role::AuditAdmin)]
    {
        c.app.user(login, &[role], None);
    }
    // Scanned from the telephone of the team.
    start("", format!("/public/visits/{}", text(&conduct["code"])));
    starts
}

/// The first of these visits is held; the fire service meets nobody, lets this follow and publishes it.
fn nobody_met(c: &County<'_>, visits: &[Value], then: Value) -> Value {
    let visit = c.goes_to_first(visits);
    let absent = json!({
        "outcomes": ["unreachable"], "methods": ["on_site"], "other": "门面关闭，邻居称已搬走",
        "law": "《企业信息公示暂行条例》第十七条", "follow_up": then,
    });
    c.enters(&visit, MARKET, &fine());
    c.enters(&visit, FIRE, &absent);
    c.ends(&visit);
    c.publishes(FIRE);
    visit
}

/// What the fire service does about what it found: a letter, a case, a commissioned test.
fn follows(c: &County<'_>, held: &Value, gone: &Value) {
    let fire = c.at(&FIRE.clerk());
    let found = |visit: &Value, outcome: &str| {
        let at = format!("/api/v1/results?visit_id={}&limit=200", text(&visit["id"]));
        let page = fire.get(&at).expect(200);
        let mut all = list(&page["items"]).iter();
        text(&all.find(|r| list(&r["outcomes"]).contains(&json!(outcome))).unwrap()["id"])
    };
    let today = china_date(c.app.now());
    let letter = json!({ "kind": "ems", "number": "EA123456789CN", "day": today });
    fire.post(&format!("/api/v1/results/{}/mailing", found(gone, "unreachable")), &letter).expect(201);
    let case = json!({
        "result_id": found(held, "pending_follow_up"), "number": "示消立〔2026〕1号", "cause": "占用疏散通道", "day": today,
    });
    fire.post("/api/v1/case-filings", &case).expect(201);
    let order = json!({ "party": "示范检测有限公司", "what": "消防设施检测", "due_day": today + TimeDelta::days(20) });
    fire.post(&format!("/api/v1/visits/{}/commissions", text(&gone["id"])), &order).expect(201);
}

/// A task of the fire service, done already by what the market supervision found fine at that visit; answers it.
fn recognisable(c: &County<'_>, visit: &Value) -> String {
    let (fire, market) = (c.item_id(FIRE, 1), c.item_id(MARKET, 1));
    c.app
        .server
        .store
        .write(move |db| {
            for id in [fire, market] {
                let mut item = items::need(db, id)?;
                let seen = item.version;
                item.equivalence_group = "安全出口".to_owned();
                item.version += 1;
                items::update(db, &item, seen)?;
            }
            Ok(())
        })
        .unwrap();
    let today = china_date(c.app.now());
    let task = json!({
        "item_id": fire, "subject_id": visit["subject"]["id"], "reason": "投诉举报", "cause": "complaint",
        "earliest": today + TimeDelta::days(1), "latest": today + TimeDelta::days(80),
    });
    let made = c.at(&FIRE.clerk()).post("/api/v1/tasks", &task);
    made.expect(201);
    made.id()
}

/// What businesses say, and whom the oversight asks: a rating, a complaint, return visits drawn and announced.
fn said(c: &County<'_>, held: &Value, gone: &Value) {
    let printed = c.office().get(&format!("/api/v1/papers/rating-cards/visits/{}", text(&held["id"]))).text();
    let typed = printed.split("评价码 ").nth(1).unwrap();
    let code: String = typed.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let public = format!("/public/visits/{code}");
    let business = plain::Browser::new(c.app);
    let scores = ["procedure", "conduct", "burden", "guidance"].map(|q| format!("scores/{q}"));
    let mut fields: Vec<(&str, &str)> = scores.iter().map(|q| (q.as_str(), "1")).collect();
    fields.push(("text", "检查人员态度生硬"));
    business.follow(&business.post(&public, &format!("{public}/rating"), &fields));
    let words = [("text", "检查人员接受吃请"), ("contact", "13800000000")];
    business.follow(&business.post(&public, &format!("{public}/complaint"), &words));

    let seal = || {
        c.app.advance(TimeDelta::seconds(11));
        Sealer::new(&c.app.server).unwrap().seal_all(&c.app.server).unwrap();
    };
    let round = json!({ "from": held["day"], "to": gone["day"], "count": 1 });
    seal();
    let made = c.at("jiandu").post("/api/v1/return-rounds", &round);
    made.expect(201);
    for _ in 0..2 {
        seal();
        c.app.advance(TimeDelta::seconds(61));
    }
    c.at("jiandu").post(&format!("/api/v1/return-rounds/{}/draw", made.id()), &json!({})).expect(200);
    c.at("jiandu").post("/api/v1/return-rounds", &round).expect(201);
}
