//! The oversight desk.

use super::{at, between, has, refuses_foreign_forms};
use crate::results::sent;
use crate::support::browser::{Browser, hidden};
use crate::support::{TestApp, both};
use onedoor::domain::access::Role;

/// A form with a file.
pub(super) fn upload(
    app: &TestApp,
    browser: &Browser,
    page: &str,
    path: &str,
    fields: &[(&str, &str)],
    file: (&str, &[u8]),
) -> crate::support::Answer {
    let shown = browser.get(page).text();
    let mut body = String::new();
    let (csrf, once) = (hidden(&shown, "csrf"), hidden(&shown, "once"));
    for (name, value) in [("csrf", csrf.as_str()), ("once", once.as_str())].iter().chain(fields) {
        body.push_str(&format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    let (name, bytes) = file;
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    body.push_str(&format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{text}\r\n--xyz--\r\n"
    ));
    browser.with("Origin", &app.base);
    browser.send_raw(path, "multipart/form-data; boundary=xyz", &body)
}

both!(oversight_sees_figures_charts_tables_and_scorecards, |app| {
    let s = sent(app);
    for visit in &s.visits[..2] {
        s.hold(app, visit);
        s.publish(app, visit, "SJ");
    }
    app.user("overseer", &[Role::Overseer], Some(app.department("JDB", "监督办", "oversight")));
    let overseer = at(app, "overseer");
    let desk = overseer.get("/oversight").text();
    has(
        &desk,
        &["联合检查实施率", "入企 2 次，因联合少入企 2 次", "按时公示", "综合抽查结果统计表", "<details>"],
    );
    let chart = between(&desk, "src=\"/figures/chart.svg", "\"").replace("&amp;", "&");
    let chart = format!("/figures/chart.svg{chart}");
    let picture = overseer.get(&chart);
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
    assert!(picture.text().starts_with("<svg") || picture.text().starts_with("<?xml"));
    // The API's address of the same picture is not opened by a cookie.
    assert_eq!(overseer.get(&format!("/api/v1{chart}")).status, 401);
    has(&overseer.get("/attention").text(), &["待关注"]);

    for table in ["results", "towns", "work", "plans", "inspectors"] {
        assert_eq!(overseer.get(&format!("/statistics/{table}")).status, 200, "{table}");
        let book = overseer.get(&format!("/statistics/{table}/book"));
        assert!(book.status == 200 && book.bytes.starts_with(b"PK"), "{table}");
        assert!(book.header("content-disposition").unwrap().contains("xlsx"), "{table}");
    }
    assert_eq!(overseer.get("/statistics/nothing").status, 404);

    has(&overseer.get("/scorecards/2026").text(), &["示范县SJ局", "2026年度考评"]);
    assert!(overseer.get("/scorecards/2026/book").bytes.starts_with(b"PK"));
    assert_eq!(overseer.get("/scorecards/2026/weights").status, 403);

    // A department sees its own only.
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    drop(s.desk(app, "SJ", Role::DepartmentClerk));
    let clerk = at(app, "department_clerk-sj");
    let own = format!("/scorecards/2026/{sj}");
    has(&clerk.get(&own).text(), &["有健全的组织机构", "提交佐证材料"]);
    assert_eq!(clerk.get(&format!("/scorecards/2026/{xf}")).status, 404);
    let evidence = format!("{own}/evidence");
    refuses_foreign_forms(&clerk, &evidence);
    let without = upload(app, &clerk, &own, &evidence, &[("indicator", "1")], ("", b""));
    assert_eq!(without.status, 422);
    has(&without.text(), &["请选择文件"]);
    let handed = upload(app, &clerk, &own, &evidence, &[("indicator", "1")], ("方案.pdf", b"%PDF-1.7 x"));
    let shown = clerk.follow(&handed).text();
    has(&shown, &["佐证材料已提交", "方案.pdf", "待确认"]);
    let piece = between(&shown, "href=\"/score-evidence/", "\"");
    assert_eq!(clerk.get(&format!("/score-evidence/{piece}")).bytes, b"%PDF-1.7 x");
    assert_eq!(clerk.get(&format!("/score-evidence/{piece}/decide")).status, 403);

    // The coordination office decides, and sets the weights.
    let office = at(app, "coordinator");
    let decide = format!("/score-evidence/{piece}/decide");
    let bare = office.post(&decide, &format!("/score-evidence/{piece}/reject"), &[("note", "")]);
    assert_eq!(bare.status, 422);
    has(&bare.text(), &["href=\"#note\""]);
    let done = office.post(&decide, &format!("/score-evidence/{piece}/confirm"), &[("note", "")]);
    has(&office.follow(&done).text(), &["已确认"]);
    let weights = "/scorecards/2026/weights";
    let all: Vec<(String, String)> = (0..14).map(|i| (format!("weights/{i}"), "7".to_owned())).collect();
    let fields: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    has(&office.follow(&office.post(weights, weights, &fields)).text(), &["权重已保存"]);
    has(&office.get(weights).text(), &["value=\"7\""]);
});
