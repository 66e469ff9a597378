//! The draw before witnesses, and sending the teams out.

use super::county::{County, FIRE, MARKET, list, text};
use super::driver::Browser;
use crate::support::TestApp;
use chrono::TimeDelta;

/// On PostgreSQL, as counties run it.
#[test]
fn journey_5_subjects_are_drawn_before_witnesses() {
    let app = TestApp::postgres();
    let c = County::new(&app);
    let inspection = c.confirmed();
    let b = Browser::open(&app, "5-ceremony");
    b.sits("xieban").sees(&["已确认，待锁定名单"]).follows("去锁定").follows("锁定名单并抽取");
    b.presses_surely("锁定名单", "不能再修改").sees(&["名单已锁定", "名录指纹", "可派执法检查人员"]);
    b.picture("frozen");
    // Too few witnesses, then both.
    b.presses_surely("开启抽取", "不能再改").sees(&["有内容需要改正", "至少 2 名见证人"]);
    b.ticks("人大代表").ticks("公证员");
    b.presses_surely("开启抽取", "不能再改").sees(&["抽取已开启", "等待提交"]);
    let draw = b.at();
    // The wall shows what happens without anybody touching it.
    let wall = b.elsewhere(&app, "wall");
    wall.sits("xieban").follows("去抽取").follows("继续抽取").follows("投屏显示");
    wall.sees(&["已锁定", "名录指纹", "W1", "等待提交", "扫码核验"]);
    wall.picture("frozen");
    b.sits("daibiao").sees(&["等您提交封存值"]).follows("去提交").fills("您的内容", "4719 海阔凭鱼跃");
    b.presses_surely("封存", "不能更改").sees(&["已封存", "封存值", "盐"]);
    b.picture("receipt");
    wall.sees(&["已封存", "等待提交"]);
    wall.picture("one-sealed");
    b.sits("gongzheng").follows("去提交").fills("您的内容", "天高任鸟飞 8206");
    b.presses_surely("封存", "不能更改").sees(&["已封存"]);
    b.sits("xieban").follows("去抽取").follows("继续抽取");
    b.presses_surely("封存", "封存全部").sees(&["已封存。"]);
    b.presses_surely("揭示", "现在揭示").sees(&["已揭示。"]);
    wall.sees(&["已揭示"]);
    assert!(!wall.reads().contains("等待提交"));
    app.advance(TimeDelta::minutes(12));
    b.presses_surely("出结果", "现在出结果").sees(&["结果已产生", "抽中", "6 户"]);
    wall.sees(&["户中抽出 6 户", "种子"]);
    wall.picture("drawn");
    let drawn =
        list(&c.office().get(&format!("/api/v1/inspections/{inspection}/drawn")).expect(200)["items"])
            .clone();
    assert_eq!(drawn.len(), 6);
    let read = wall.reads();
    for lot in &drawn {
        let name = text(&lot["name"]);
        assert!(read.contains(&name), "{name} is not on the wall: {read}");
    }
    drop(wall);
    // Anybody checks it, and a shopkeeper asks why.
    b.stands_up().goes("/public").follows("随机抽取").follows("第 1 次抽取").sees(&["全部属实", "抽取过程"]);
    b.picture("public");
    b.fills("统一社会信用代码或注册号", &text(&drawn[0]["key"])).presses("查询").sees(&["抽中", "抽中线"]);
    b.picture("why");
    assert_eq!(b.at().split('?').next().unwrap(), format!("/public{draw}"));
    assert_eq!(c.office().get(&format!("/api/v1{draw}")).expect(200)["state"], "resulted");
}

#[test]
fn journey_6_visits_are_planned_and_the_teams_sent_out() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let (inspection, _) = c.drawn();
    let b = Browser::open(&app, "6-dispatch");
    b.sits("xieban").sees(&["已抽取，待合并排期"]).follows("去排期").follows("去排期").follows("新建排期");
    b.fills("开始日期", "2026-11-30").fills("结束日期", "2026-09-01").ticks("2026年餐饮业部门联合抽查");
    b.presses("开始计算").sees(&["有内容需要改正"]);
    b.fills("开始日期", "2026-09-01").fills("结束日期", "2026-11-27").fills("名称", "秋季排期");
    b.presses("开始计算").sees(&["预排已完成", "秋季排期", "少入企"]);
    b.picture("preview");
    b.follows("查看全部入企与检查组").sees(&["A岗（主办）", "B岗（协办）"]);
    b.picture("teams");
    b.follows("秋季排期")
        .follows("确认排期")
        .sees(&["确认之后"])
        .presses("确认，使排期生效")
        .sees(&["排期已生效"]);
    // The initiating department sends all teams at once.
    b.sits(&MARKET.clerk()).sees(&["已组队，可以派发"]).follows("去派发");
    b.presses_surely("派发全部检查组", "计入检查频次").sees(&["已派发", "检查组：按日期入企检查"]);
    b.picture("dispatched");
    b.follows("查看入企检查").sees(&["待检查"]).follows("打印文书").sees(&["派遣单（三联）", "抽取记录"]);
    b.picture("papers");
    let sent = c.office().get(&format!("/api/v1/visits?inspection={inspection}&limit=200")).expect(200);
    assert!(!list(&sent["items"]).is_empty());
    assert!(list(&sent["items"]).iter().all(|v| v["state"] == "dispatched"), "{sent}");
    // A team reads its own slip and what the business is told.
    let visit = &list(&sent["items"])[0];
    let lead = list(&visit["seats"]).iter().find(|s| s["role"] == "lead_inspector").unwrap();
    let name = text(&visit["subject"]["name"]);
    b.sits(&c.login_of(&lead["inspector_id"])).follows("入企检查").follows("以后").follows(&name);
    b.sees(&["检查通知书", "还没到检查日期"]);
    b.picture("visit");
    b.goes(&format!("/papers/visits/{}/notice", text(&visit["id"]))).sees(&["检查通知书", &name]);
    b.picture("notice");
    // Others do not.
    b.sits("daibiao").goes(&format!("/visits/{}", text(&visit["id"]))).misses(&name);
    let state = c.at(&FIRE.clerk()).get(&format!("/api/v1/inspections/{inspection}")).expect(200);
    assert_eq!(state["state"], "dispatched");
}
