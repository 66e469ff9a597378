//! A joint inspection from the draft to the drawn, by its people in their browsers.

use crate::joint::County;
use crate::support::browser::Browser;
use crate::support::{TestApp, both};
use chrono::{FixedOffset, TimeDelta};
use onedoor::domain::draw::entropy::witness_commitment;
use onedoor::domain::draw::record::Opening;
use serde_json::json;

fn browser(app: &TestApp, login: &str) -> Browser {
    let browser = Browser::new(app);
    browser.login(login);
    browser
}

/// A moment as a form sends it, so many minutes from now.
fn moment(app: &TestApp, minutes: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3600).unwrap();
    (app.now() + TimeDelta::minutes(minutes)).with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// Fields of the form of an inspection.
fn draft(c: &County<'_>, name: &'static str) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&str, String)> = [
        ("name", name),
        ("field", "校园安全"),
        ("window_from", "2026-05-06"),
        ("window_to", "2026-06-30"),
        ("notice", "announced"),
        ("filter/kinds", "学校"),
        ("filter/only_listed", ""),
        ("quota/share", ""),
        ("quota/total", ""),
        ("quota/by_class/A", "5%"),
        ("quota/by_class/B", "10%"),
        ("quota/by_class/C", "20%"),
        ("quota/by_class/D", "30%"),
        ("draw/policy", "ceremony"),
        ("draw/witnesses", "2"),
        ("draw/pool_age_hours", "0"),
        ("people_per_department", "2"),
    ]
    .map(|(n, v)| (n, v.to_owned()))
    .to_vec();
    fields.push(("items", c.item("SCJG-1").to_string()));
    fields
}

fn refs<'a>(fields: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(n, v)| (*n, v.as_str())).collect()
}

/// What follows `before` in a page, up to the quotation mark.
#[track_caller]
fn after(page: &str, before: &str) -> String {
    let at = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    page[at + before.len()..].split(['"', '?', '#']).next().unwrap().to_owned()
}

both!(departments_agree_and_witnesses_draw_in_their_browsers, |app| {
    let c = County::new(app);
    let [market, school, health, office, one, two] =
        ["scjg", "jyj", "wjj", "xtb", "wit1", "wit2"].map(|login| browser(app, login));
    let empty = market.get("/inspections").text();
    assert!(empty.contains("还没有联合抽查") && empty.contains("href=\"/inspections/new\""), "{empty}");
    assert!(!school.get("/inspections/new").text().contains("⟦"));
    assert_eq!(one.get("/inspections/new").status, 403);

    // A draft: what is wrong stands at its field with what was typed, what is right is kept.
    let new = "/inspections/new";
    let mut wrong = draft(&c, "学校联合抽查");
    wrong[3].1 = "2026-04-30".to_owned();
    let refused = market.post(new, new, &refs(&wrong));
    assert_eq!(refused.status, 422, "{}", refused.text());
    let text = refused.text();
    assert!(text.contains("<title>错误：") && text.contains("#window_to"), "{text}");
    assert!(text.contains("value=\"学校联合抽查\"") && text.contains("value=\"30%\""), "{text}");
    let made = market.post(new, new, &refs(&draft(&c, "学校联合抽查")));
    let path = market.done(&made);
    let shown = market.follow(&made).text();
    assert!(shown.contains("草稿已保存") && shown.contains("学校联合抽查"), "{shown}");
    let edit = format!("{path}/edit");
    assert!(market.get(&edit).text().contains("value=\"学校联合抽查\""));
    let changed = market.post(&edit, &edit, &refs(&draft(&c, "校园联合抽查")));
    assert!(market.follow(&changed).text().contains("校园联合抽查"));

    // Nobody else sees it.
    for other in [&school, &health] {
        assert!(!other.get("/inspections").text().contains("校园联合抽查"));
        for page in [&path, &edit, &format!("{path}/invite")] {
            assert_eq!(other.get(page).status, 404, "{page}");
        }
    }

    let invite = format!("{path}/invite");
    let asked = market.get(&invite).text();
    assert!(asked.contains("教育局") && asked.contains("80 户"), "{asked}");
    assert_eq!(market.post(&invite, &invite, &[("message", "请参加")]).status, 422);
    let partner = c.dept("JYJ01").to_string();
    let fields = [("partners/2/department_id", partner.as_str()), ("message", "请参加")];
    let invited = market.follow(&market.post(&invite, &invite, &fields)).text();
    assert!(invited.contains("已邀请 1 个部门") && invited.contains("尚待答复：教育局"), "{invited}");

    // A form of somebody else does nothing.
    let forged = ["00", ""].map(|csrf| {
        let fields = [("csrf", csrf), ("reason", "x")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        market.post_as(&format!("{path}/revise"), &fields).status
    });
    assert_eq!(forged, [403, 403]);
    assert!(market.get(&path).text().contains("尚待答复"));

    // The partner finds it on its work list and answers.
    let invitation = after(&school.get("/").text(), "href=\"/invitations/");
    let invitation = format!("/invitations/{invitation}");
    assert_eq!(health.get(&invitation).status, 404);
    let page = school.get(&invitation).text();
    assert!(page.contains("请参加") && page.contains("办学规范"), "{page}");
    let nothing = school.post(&invitation, &format!("{invitation}/accept"), &[("people", "2")]);
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("请至少选择一个抽查事项"), "{}", nothing.text());
    let nothing = school.post(&invitation, &format!("{invitation}/decline"), &[("reason", "")]);
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("#reason"), "{}", nothing.text());
    let item = c.item("JYJ-1").to_string();
    let fields = [("items", item.as_str()), ("people", "2")];
    let accepted = school.post(&invitation, &format!("{invitation}/accept"), &fields);
    assert!(school.follow(&accepted).text().contains("已接受邀请"));
    assert!(school.get(&path).text().contains("已接受"));
    let part = format!("{path}/participation");
    let kept = school.post(&part, &part, &fields);
    assert!(school.follow(&kept).text().contains("已保存"));

    let confirmed = market.post(&path, &format!("{path}/confirm"), &[]);
    assert!(market.follow(&confirmed).text().contains("已确认，请协调办"));

    // The office freezes the list and opens the draw.
    let desk = format!("{path}/draw");
    assert!(office.get(&path).text().contains(&format!("href=\"{desk}\"")));
    assert_eq!(market.get(&desk).status, 403);
    let frozen = office.follow(&office.post(&desk, &format!("{desk}/freeze"), &[])).text();
    assert!(frozen.contains("名单已锁定") && frozen.contains("80 户"), "{frozen}");
    let people = [0, 1].map(|i| c.witnesses[i].user.unwrap().to_string());
    let (before, deadline) = (moment(app, 10), moment(app, 60));
    let all = [
        ("witnesses/0/user_id", people[0].as_str()),
        ("witnesses/1/user_id", people[1].as_str()),
        ("not_before", before.as_str()),
        ("deadline", deadline.as_str()),
    ];
    let few = office.post(&desk, &desk, &all[1..]);
    assert_eq!(few.status, 422);
    assert!(few.text().contains("至少2名见证人") || few.text().contains("#witnesses"), "{}", few.text());
    let opened = office.post(&desk, &desk, &all);
    let draw = office.done(&opened);
    assert!(office.follow(&opened).text().contains("抽取已开启"));
    let screen = format!("{draw}/screen");
    let wall = office.get(&screen).text();
    assert!(wall.contains("已锁定 80 户") && wall.contains("等待提交") && wall.contains("<svg"), "{wall}");
    for page in [&draw, &screen, &format!("{draw}/witness")] {
        assert!(matches!(health.get(page).status, 403 | 404), "{page}");
    }

    // One leaves his card here, the other keeps his.
    assert!(one.get("/").text().contains(&format!("href=\"{draw}/witness\"")));
    let seat = format!("{draw}/witness");
    let receipt = one.post(&seat, &seat, &[("value", "骰子 3 1 6")]);
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    assert!(receipt.text().contains("已封存") && receipt.text().contains("盐"), "{}", receipt.text());
    let again = one.post(&seat, &seat, &[("value", "另一个")]);
    assert_eq!(again.status, 409);
    let early = office.post(&draw, &format!("{draw}/seal"), &[]);
    assert_eq!(early.status, 409);
    assert!(early.text().contains("W2"), "{}", early.text());
    let told = c.office.get(&format!("/api/v1{draw}")).expect(200);
    let mut id = [0; 32];
    hex::decode_to_slice(told["draw_id"].as_str().unwrap(), &mut id).unwrap();
    let card = Opening { id: "W2".to_owned(), salt: [9; 16], value: "人大代表 42".as_bytes().to_vec() };
    let commitment = hex::encode(witness_commitment(&id, &card));
    let handed = two.post(&seat, &seat, &[("commitment", &commitment)]);
    assert!(handed.text().contains(&commitment), "{}", handed.text());
    assert!(office.follow(&office.post(&draw, &format!("{draw}/seal"), &[])).text().contains("已封存。"));
    let wall = office.get(&screen).text() + &office.get(&draw).text();
    assert!(!wall.contains("骰子") && !wall.contains(&hex::encode("骰子")), "{wall}");
    let (opening, salt) = (format!("{seat}/card"), hex::encode([9; 16]));
    let wrong = two.post(&seat, &opening, &[("value", "人大代表 43"), ("salt", &salt)]);
    assert_ne!(wrong.status, 303);
    assert!(wrong.text().contains("不符"), "{}", wrong.text());
    let right = two.post(&seat, &opening, &[("value", "人大代表 42"), ("salt", &salt)]);
    assert!(two.follow(&right).text().contains("与封存值一致"));
    assert!(office.follow(&office.post(&draw, &format!("{draw}/reveal"), &[])).text().contains("已揭示。"));
    app.advance(TimeDelta::minutes(12));
    let result = office.follow(&office.post(&draw, &format!("{draw}/result"), &[])).text();
    assert!(result.contains("结果已产生"), "{result}");

    // ⌈20·5 %⌉ + ⌈20·10 %⌉ + ⌈20·20 %⌉ + ⌈20·30 %⌉, on the wall and for everybody.
    let wall = office.get(&screen).text();
    assert!(wall.contains("从 80 户中抽出 13 户"), "{wall}");
    assert_eq!(wall.matches("<li><b>学校第").count(), 13);
    let nobody = Browser::new(app);
    let public = nobody.get(&format!("/public{draw}"));
    assert_eq!(public.status, 200);
    assert!(public.text().contains("已出结果"), "{}", public.text());
    assert!(market.get(&path).text().contains("抽中 13 户"));
    let list = market.get("/inspections?state=drawn").text();
    assert!(list.contains("校园联合抽查") && !market.get("/inspections?state=draft").text().contains(&path));
    assert_eq!(market.get("/inspections?after=x").status, 422);
    // Every page speaks English as well.
    for person in [&market, &office] {
        person.get("/language/en?next=/");
        for page in ["/inspections", &path, &draw, &screen] {
            let text = person.get(page).text();
            assert!(text.contains("<html lang=\"en\"") && !text.contains('⟦'), "{page}: {text}");
        }
    }
});

both!(a_draw_is_aborted_and_taken_up_again, |app| {
    let c = County::new(app);
    let inspection = c.confirmed(&c.body());
    let first = format!("/draws/{}", c.opened(&inspection));
    let office = browser(app, "xtb");
    let abort = format!("{first}/abort");
    let wrong = office.post(&first, &abort, &[("code", "没人"), ("reason", "会场停电")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("会场停电"), "{}", wrong.text());
    let done = office.post(&first, &abort, &[("code", "NO-POWER"), ("reason", "会场停电")]);
    assert!(office.follow(&done).text().contains("NO-POWER 会场停电"));
    // Sent from a page of before: nothing is done twice.
    assert_eq!(office.post(&first, &format!("{first}/seal"), &[]).status, 409);
    let desk = format!("/inspections/{inspection}/draw");
    assert!(office.get(&format!("/inspections/{inspection}")).text().contains(&desk));
    let people = [0, 1].map(|i| c.witnesses[i].user.unwrap().to_string());
    let (before, deadline) = (moment(app, 10), moment(app, 60));
    let fields = [
        ("witnesses/0/user_id", people[0].as_str()),
        ("witnesses/1/user_id", people[1].as_str()),
        ("not_before", before.as_str()),
        ("deadline", deadline.as_str()),
    ];
    let opened = office.post(&desk, &desk, &fields);
    let second = office.done(&opened);
    assert_ne!(second, first);
    assert!(office.follow(&opened).text().contains("第 2 次抽取"));
});

both!(dates_are_proposed_and_an_inspection_is_revised_and_called_off, |app| {
    let c = County::new(app);
    let [market, school, head] = ["scjg", "jyj", "scjg_head"].map(|login| browser(app, login));
    let id = c.start(&c.body());
    let path = format!("/inspections/{id}");
    let partners = json!({ "partners": [{ "department_id": c.dept("JYJ01") }] });
    let view = c.market.post(&format!("/api/v1{path}/invite"), &partners).expect(200);
    let invitation = format!("/invitations/{}", view["invitations"][0]["id"].as_str().unwrap());
    let item = c.item("JYJ-1").to_string();
    let fields = [
        ("window_from", "2026-05-18"),
        ("window_to", "2026-07-10"),
        ("reason", "中考期间不便"),
        ("items", item.as_str()),
        ("people", "2"),
    ];
    let propose = format!("{invitation}/propose");
    let proposed = school.post(&format!("{invitation}?as=propose"), &propose, &fields);
    assert!(school.follow(&proposed).text().contains("已提议改期"));
    let asked = market.get(&invitation).text();
    assert!(asked.contains("中考期间不便") && asked.contains("同意改期"), "{asked}");
    let agreed = market.post(&invitation, &format!("{invitation}/agree"), &[]);
    assert!(market.follow(&agreed).text().contains("已同意改期"));
    // Back to the draft, with a reason.
    let revise = format!("{path}/revise");
    let wrong = market.post(&revise, &revise, &[("reason", " ")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("#reason"), "{}", wrong.text());
    let revised = market.post(&revise, &revise, &[("reason", "调整范围")]);
    assert!(market.follow(&revised).text().contains("已退回草稿"));
    // Only the head calls it off.
    let abort = format!("{path}/abort");
    assert_eq!(market.get(&abort).status, 403);
    let ended = head.post(&abort, &abort, &[("reason", "计划取消")]);
    let text = head.follow(&ended).text();
    assert!(text.contains("已终止") && text.contains("计划取消"), "{text}");
    assert_eq!(head.get(&abort).status, 409);
});
