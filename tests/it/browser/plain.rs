//! What the journeys found missing, over HTTP on both databases.

use super::county::{County, FIRE, MARKET};
use crate::results::{sent, text};
use crate::support::both;
use crate::support::browser::{Browser, hidden};
use onedoor::domain::access::Role;

both!(a_department_sends_all_teams_of_its_inspection_out, |app| {
    let c = County::new(app);
    let (inspection, _) = c.staffed();
    let [lead, partner, head] = [MARKET.clerk(), FIRE.clerk(), MARKET.head()].map(|login| {
        let browser = Browser::new(app);
        browser.login(&login);
        browser
    });
    let here = format!("/inspections/{inspection}");
    let act = format!("{here}/dispatch");
    assert!(lead.get("/").text().contains("去派发"));
    assert!(lead.get(&here).text().contains("派发全部检查组"));
    for other in [&partner, &head] {
        assert!(!other.get(&here).text().contains("派发全部检查组"));
        let fields = [("csrf".to_owned(), hidden(&other.get("/account").text(), "csrf"))];
        assert!(matches!(other.post_as(&act, &fields).status, 403 | 404));
    }
    assert_eq!(lead.post_as(&act, &[("csrf".to_owned(), "00".to_owned())]).status, 403);
    let done = lead.post(&here, &act, &[]);
    let shown = lead.follow(&done).text();
    assert!(shown.contains("次入企，检查人员会收到通知") && !shown.contains("派发全部检查组"), "{shown}");
    assert!(lead.get(&format!("/visits?inspection_id={inspection}&view=all")).text().contains("待检查"));
    assert_eq!(lead.post(&here, &act, &[]).status, 409);
});

both!(a_visit_is_rated_with_the_card_of_the_business_only, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    let office = s.office(app);
    let card = |visit: &serde_json::Value| -> String {
        let page = office.get(&format!("/api/v1/papers/rating-cards/visits/{}", text(&visit["id"]))).text();
        let typed = page.split("评价码 ").nth(1).unwrap();
        typed.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
    };
    let here = format!("/public/visits/{}", s.code(app, &s.visit));
    let business = Browser::new(app);
    let shown = business.get(&here).text();
    assert!(shown.contains("企业评价卡") && !shown.contains("提交评价"), "{shown}");
    let (own, other) = (card(&s.visit), card(&s.visits[1]));
    for wrong in [s.code(app, &s.visit), other, "2345".to_owned(), "%2F..%2F".to_owned()] {
        let shown = business.get(&format!("{here}?card={wrong}"));
        assert_eq!(shown.status, 200);
        assert!(shown.text().contains("这不是本次检查的评价码"), "{wrong}");
        assert!(!shown.text().contains("提交评价"), "{wrong}");
    }
    let typed = format!("{here}?card={}", own.to_lowercase().replace('-', "+"));
    let shown = business.get(&typed).text();
    let action = shown.split("action=\"").find(|part| part.contains("/rating\"")).unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    let scores = ["procedure", "conduct", "burden", "guidance"].map(|q| format!("scores/{q}"));
    let mut fields: Vec<(&str, &str)> = scores.iter().map(|name| (name.as_str(), "5")).collect();
    fields.push(("text", "一次查完"));
    let done = business.post(&typed, &action, &fields);
    assert!(business.follow(&done).text().contains("谢谢，您的评价已经提交"));
    app.user("jd", &[Role::Overseer], Some(app.department("JD", "司法局监督科", "oversight")));
    assert_eq!(business.post(&typed, &action, &fields).status, 409);
});
