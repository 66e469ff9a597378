//! The journal in the browser of those who oversee and audit.

use crate::desk::{at, between, has, refuses_foreign_forms};
use crate::support::{TestApp, both};
use onedoor::domain::access::Role;
use onedoor::domain::draw::note::TlogProof;
use onedoor::worker::Sealer;
use serde_json::json;

/// Seals as a server that has just started: the one before has not been heard of for a while.
fn seal(app: &TestApp) {
    app.advance(chrono::TimeDelta::seconds(11));
    Sealer::new(&app.server).unwrap().seal_all(&app.server).unwrap().unwrap();
}

/// A text as it stands in a page.
fn plain(html: &str) -> String {
    html.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&").replace("&#38;", "&")
}

both!(events_are_found_and_proved_in_the_browser, |app| {
    let office = app.department("A01", "市场监管局", "inspecting");
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let clerk = app.user("clerk", &[Role::DepartmentClerk], Some(office));
    clerk.post("/api/v1/session/logout", &json!({})).expect(200);
    app.user("audit", &[Role::AuditAdmin], None);
    app.user("jdb", &[Role::Overseer], Some(app.department("JDB", "监督办", "oversight")));
    sys.post("/api/v1/users", &json!({ "login": "new", "name": "某新人" })).expect(201);
    for nosy in ["sys", "clerk"] {
        assert_eq!(at(app, nosy).get("/journal").status, 403, "{nosy}");
    }
    let (audit, overseer) = (at(app, "audit"), at(app, "jdb"));
    has(&audit.get("/").text(), &["href=\"/journal\""]);
    let list = audit.get("/journal?act=user_created").text();
    has(
        &list,
        &["新建账号", "sys先生 (sys)", "待入序", "href=\"/users/", "onedoor verify-journal --checkpoint"],
    );
    assert_eq!(list.matches("<tr><th").count(), 1 + 1, "{list}");
    // Whoever may not open the account gets no link to it.
    assert!(!overseer.get("/journal?act=user_created").text().contains("href=\"/users/"));
    let there = |query: &str| audit.get(&format!("/journal?{query}")).text().matches("<tr><th").count() > 1;
    assert!(there("act=user_created&actor=SYS") && there("day=2026-03-02"));
    assert!(!there("act=user_created&actor=clerk") && !there("actor=nobody-of-that-name"));
    assert!(!there("day=2026-03-01") && !there("act=user_created&day=2026-03-03"));
    let logins = audit.get(&format!("/journal?department_id={office}")).text();
    has(&logins, &["clerk先生 (clerk)", "市场监管局"]);
    assert!(!logins.contains("sys先生"), "{logins}");
    assert_eq!(audit.get("/journal?day=x").status, 422);

    let path = format!("/journal/{}", between(&list, "href=\"/journal/", "\""));
    let page = audit.get(&path).text();
    has(&page, &["某新人", "还没有入序签名", "user_created", "清除个人信息"]);
    assert!(!between(&plain(&page), "逐字节原文", "</pre>").contains("某新人"), "{page}");
    let object = between(&page, "href=\"/journal?object=", "\"");
    has(&audit.get(&format!("/journal?object={object}")).text(), &["user_created"]);
    seal(app);
    let page = plain(&overseer.get(&path).text());
    has(&page, &["签名检查点", "CN-350403/journal", "/api/v1/journal/checkpoint", "verify-journal"]);
    // What the page shows proves what it shows.
    let leaf = between(
        &page[page.find("逐字节原文").unwrap()..],
        "<pre class=\"mono scroll\" tabindex=\"0\">",
        "</pre>",
    );
    let file = between(&page, "id=\"proof\">", "</pre>");
    let proof = TlogProof::parse(&file).unwrap();
    assert!(proof.proves(leaf.as_bytes()), "{leaf}\n{file}");
    assert!(!proof.proves(leaf.replace("user", "uzer").as_bytes()));

    // Only the audit administrator erases, and says why.
    assert!(!page.contains(&format!("{path}/erase")), "{page}");
    let erase = format!("{path}/erase");
    assert_eq!(overseer.post(&path, &erase, &[("reason", "x")]).status, 403);
    refuses_foreign_forms(&audit, &erase);
    let bare = audit.post(&path, &erase, &[("reason", "")]);
    assert_eq!(bare.status, 422);
    has(&bare.text(), &["href=\"#reason\""]);
    let erased = audit.follow(&audit.post(&path, &erase, &[("reason", "超过保存期限")])).text();
    has(&erased, &["个人信息已清除", "没有个人信息，或已依规清除"]);
    assert!(!erased.contains("某新人"), "{erased}");
    has(
        &audit.get("/journal?act=journal_private_erased").text(),
        &["清除个人信息", &format!("href=\"{path}\"")],
    );
    audit.get("/language/en?next=/");
    for page in ["/journal", &path] {
        let text = audit.get(page).text();
        assert!(text.contains("<html lang=\"en\"") && !text.contains('⟦'), "{page}: {text}");
    }
});
