//! Who watches over it all.

use super::county::{County, FIRE, MARKET, list, text};
use super::driver::Browser;
use crate::support::TestApp;

#[test]
fn journey_10_oversight_sees_figures_and_scores() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    drop(c.held());
    c.publishes(MARKET);
    c.publishes(FIRE);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("领导小组文件.pdf");
    std::fs::write(&file, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n").unwrap();
    let b = Browser::open(&app, "10-oversight");
    b.sits("jiandu").follows("监督考评").sees(&[
        "联合检查实施率",
        "按时公示",
        "因联合少入企 1 次",
        "数据截至",
    ]);
    b.picture("dashboard");
    // Every chart has come, and can be read as a table.
    b.part("入企").unfolds("查看数据表").sees(&["其中联合"]);
    let drawn = b.js(
        "document.querySelectorAll('.chart img').forEach((i) => i.scrollIntoView()); \
         return Array.from(document.querySelectorAll('.chart img')).every((i) => i.loading === 'lazy')",
        &[],
    );
    assert_eq!(drawn, true);
    b.follows("综合抽查结果统计表").sees(&["合计"]);
    b.picture("statistics");
    // The table comes as a workbook.
    let book = b.js_later(
        "const done = arguments[arguments.length - 1]; \
         fetch(document.querySelector('a[download]').href).then((r) => r.arrayBuffer()) \
         .then((b) => done(new TextDecoder('latin1').decode(b.slice(0, 2))))",
        &[],
    );
    assert_eq!(book, "PK");
    b.follows("监督考评").follows("年度考评").sees(&[&c.name(MARKET), "得分"]);
    b.picture("scores");
    // A department hands in what no figure shows; the coordination office confirms it.
    let name = c.name(MARKET);
    b.sits(&MARKET.clerk()).follows("监督考评").follows("年度考评").follows(&name);
    b.presses("提交").sees(&["有内容需要改正", "请选择文件"]);
    b.fills("文件", file.to_str().unwrap()).presses("提交").sees(&[
        "佐证材料已提交",
        "领导小组文件.pdf",
        "待确认",
    ]);
    b.picture("evidence");
    b.sits("xieban").follows("监督考评").follows("年度考评").follows(&name).follows("去确认");
    b.presses("不予确认").sees(&["有内容需要改正"]).presses("确认").sees(&["已处理", "已确认"]);
    b.picture("confirmed");
    b.sits("jiandu").goes("/attention").sees(&["待关注"]);
    let figures =
        c.at("jiandu").get("/api/v1/figures?from=2026-01-01&to=2026-12-31&by=department").expect(200);
    assert_eq!((&figures["total"]["visits"], &figures["total"]["visits_avoided"]), (&1.into(), &1.into()));
    let department = c.ids.departments[MARKET.code];
    let card = c.office().get(&format!("/api/v1/scorecards/2026/{department}")).expect(200);
    let evidence: Vec<String> = list(&card["evidence"]).iter().map(|e| text(&e["state"])).collect();
    assert_eq!(evidence, ["confirmed"], "{card}");
}
