//! Plan entries, from the draft to the publication.

use super::{at, has, refuses_foreign_forms};
use crate::registries::people;
use crate::support::both;
use serde_json::json;

both!(a_plan_is_drafted_filed_and_published_in_the_browser, |app| {
    let p = people(app);
    let item =
        p.clerk.post("/api/v1/items", &json!({ "code": "SJ-01", "text": { "name": "食品经营检查" } })).id();
    for (who, act) in [(&p.clerk, "submit"), (&p.legal, "approve"), (&p.head, "publish")] {
        who.post(&format!("/api/v1/items/{item}/{act}"), &json!({})).expect(200);
    }
    let (clerk, head, stranger) = (at(app, "clerk"), at(app, "head"), at(app, "stranger"));
    let new = "/plans/new";
    has(&clerk.get("/plans").text(), &["没有计划", new]);
    has(&clerk.get(new).text(), &["食品经营检查"]);
    assert_eq!(head.get(new).status, 403);
    refuses_foreign_forms(&clerk, new);
    let fields =
        |to: &'static str, classes: &'static str, code: &'static str| -> Vec<(&'static str, String)> {
            let mut all: Vec<(&str, &str)> = vec![
                ("name", "餐饮业抽查"),
                ("items", item.as_str()),
                ("filter/kinds", "企业\n个体工商户"),
                ("filter/industries", "H62"),
                ("filter/towns", ""),
                ("filter/tags", ""),
                ("filter/credits", ""),
                ("filter/only_listed", ""),
                ("ratio", "3%"),
                ("class_ratios", classes),
                ("window_from", "2026-04-01"),
                ("window_to", to),
                ("window", ""),
                ("priority", "2"),
                ("remark", ""),
            ];
            if !code.is_empty() {
                all.extend([("code", code), ("year", "2026")]);
            }
            all.into_iter().map(|(n, v)| (n, v.to_owned())).collect()
        };
    let send = |page: &str, list: &[(&'static str, String)]| {
        let list: Vec<(&str, &str)> = list.iter().map(|(n, v)| (*n, v.as_str())).collect();
        clerk.post(page, page, &list)
    };
    let wrong = send(new, &fields("2026-03-01", "A 1%", "P-01"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#window_to\"", "个体工商户", "value=\"P-01\""]);
    let wrong = send(new, &fields("2026-06-30", "A", "P-01"));
    assert_eq!(wrong.status, 422);
    has(&wrong.text(), &["href=\"#class_ratios\""]);
    let made = send(new, &fields("2026-06-30", "A 1%\nB=2%", "P-01"));
    let path = clerk.done(&made);
    has(
        &clerk.follow(&made).text(),
        &["草稿已保存", "食品经营检查", "企业、个体工商户", "B：2%", "2026年4月1日至6月30日"],
    );
    assert_eq!(stranger.get(&path).status, 404);
    let edit = format!("{path}/edit");
    let shown = clerk.follow(&send(&edit, &fields("2026-05-31", "", ""))).text();
    has(&shown, &["修改已保存", "2026年4月1日至5月31日"]);
    assert!(!shown.contains("B：2%"), "{shown}");
    has(&clerk.follow(&clerk.post(&path, &format!("{path}/file"), &[])).text(), &["计划已备案"]);
    assert_eq!(clerk.post(&path, &format!("{path}/publish"), &[]).status, 403);
    has(&head.follow(&head.post(&path, &format!("{path}/publish"), &[])).text(), &["计划已公示"]);
    has(&stranger.get("/public/plans?year=2026").text(), &["餐饮业抽查"]);
    assert_eq!(head.post(&path, &format!("{path}/publish"), &[]).status, 409);
});
