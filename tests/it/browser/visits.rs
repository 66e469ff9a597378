//! At the door, and what follows: results, publication, orders, a team that has to change.

use super::county::{County, FIRE, MARKET, fine, list, text};
use super::driver::{Browser, DESK, PHONE};
use crate::support::TestApp;
use serde_json::{Value, json};

/// A photograph: the picture that was taken last.
fn photograph(folder: &tempfile::TempDir) -> String {
    // One grey point.
    let png = "89504e470d0a1a0a0000000d4948445200000001000000010800000000\
               3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082";
    let file = folder.path().join("门头.png");
    std::fs::write(&file, hex::decode(png).unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The names of what a department looks at during a visit.
fn item_names(c: &County<'_>, visit: &Value, office: super::county::Office) -> Vec<String> {
    let department = c.ids.departments[office.code].to_string();
    let own = list(&visit["tasks"]).iter().filter(|t| t["department_id"] == department.as_str());
    own.map(|t| text(&t["item"])).collect()
}

#[test]
fn journey_7_a_team_at_the_door_with_a_telephone() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let visit = c.on_its_day();
    let folder = tempfile::tempdir().unwrap();
    let photo = photograph(&folder);
    let name = text(&visit["subject"]["name"]);
    let desk = c.desk(&visit, MARKET);
    let code = text(&c.conduct(&visit)["code"]);
    let items = item_names(&c, &visit, MARKET);
    let b = Browser::open(&app, "7-at-the-door");
    b.size(PHONE);
    b.sits(&desk.enters).sees(&[&name]);
    b.picture("today");
    b.follows("开始检查").sees(&[&name, "签到", "以前的检查结果"]);
    b.fills("检查码", "ABCD").fills("签到地点", "正门").presses("我已到场，签到").sees(&["有内容需要改正"]);
    b.holds("签到地点", "正门").fills("检查码", &code.to_lowercase()).presses("我已到场，签到");
    b.sees(&["已签到。请亮证"]);
    b.picture("checked-in");
    // The code for the business.
    b.follows("亮码给企业看").sees(&["请企业扫码", &code[..4]]);
    b.picture("code");
    b.follows("返回").follows("录入检查结果");
    for item in &items {
        b.part(item).ticks("未发现问题");
        b.part(item).ticks("实地检查");
    }
    b.part(&items[0]).fills("备注", "后厨整洁");
    b.picture("form");
    // The line is lost: nothing that was typed is.
    b.line(false);
    b.presses_in_vain("保存草稿", "现在连不上服务器");
    b.picture("no-line");
    b.line(true);
    b.presses("保存草稿").sees(&["草稿已保存，还没有提交"]);
    b.part(&items[0]).fills("照片或材料", &photo);
    b.part(&items[0]).presses("上传").sees(&["已上传", "门头.png"]);
    b.presses_surely("提交复核", "由 B 岗复核").sees(&["检查结果已提交，等待 B 岗复核"]);
    // The colleague confirms.
    b.sits(&desk.confirms)
        .follows("录入结果")
        .fills("检查码", &code)
        .presses("我已到场，签到")
        .sees(&["已签到"]);
    b.follows("复核检查结果").sees(&["等您复核", "后厨整洁"]);
    b.picture("confirm");
    b.presses_surely("全部确认", "进入审核").sees(&["已复核确认，进入审核"]);
    // The other department enters its own.
    c.enters(&visit, FIRE, &fine());
    b.sits(&desk.enters).follows("录入结果").fills("企业的陈述、申辩", "没有意见").presses("保存陈述和签名");
    b.sees(&["有内容需要改正"]).fills("签名人", "王福生").ticks("已签名").presses("保存陈述和签名");
    b.sees(&["已保存企业的陈述和签名"]);
    b.presses_surely("结束现场检查", "结束后不能再签到").sees(&["现场检查已结束"]);
    b.picture("finished");
    // The shopkeeper scans the code, reads who was there, and says what he thinks of it: with the card of his own, for
    // the code is known to the team.
    let card = c.office().get(&format!("/api/v1/papers/rating-cards/visits/{}", text(&visit["id"]))).text();
    let card = card.split("评价码 ").nth(1).unwrap();
    let card: String = card.chars().take_while(|l| l.is_ascii_alphanumeric() || *l == '-').collect();
    b.stands_up().goes(&format!("/public/visits/{code}")).sees(&[&name, "检查人员", "检查事项", &items[0]]);
    b.picture("business");
    b.misses("提交评价").fills("评价码", &code).presses("去评价").sees(&["这不是本次检查的评价码"]);
    b.fills("评价码", &card).presses("去评价").sees(&["提交评价"]);
    for question in ["是否亮证执法", "检查人员是否文明规范", "是否没有影响正常经营", "是否讲解法规"]
    {
        b.part(question).ticks("很好");
    }
    b.fills("还想说的", "一次查完，很好").presses("提交评价").sees(&["谢谢，您的评价已经提交"]);
    b.picture("rated");
    let conduct = c.conduct(&visit);
    assert_eq!((&conduct["state"], &conduct["signer"]), (&json!("done"), &json!("王福生")));
    let results = list(&conduct["results"]);
    assert!(results.len() >= items.len() && results.iter().all(|r| r["state"] == "confirmed"), "{conduct}");
}

/// On PostgreSQL, as counties run it.
#[test]
fn journey_8_results_are_published_and_followed_up() {
    let app = TestApp::postgres();
    let c = County::new(&app);
    let visit = c.held();
    let name = text(&visit["subject"]["name"]);
    let b = Browser::open(&app, "8-results");
    b.sits(&FIRE.legal()).sees(&["项检查结果待审核"]).follows("去审核").sees(&[&name, "工作日"]);
    b.picture("to-review");
    b.presses("审核勾选的结果").sees(&["没有勾选任何结果"]);
    b.ticks("全选")
        .presses("审核勾选的结果")
        .sees(&["发现问题待后续处理"])
        .presses("审核通过")
        .sees(&["已审核"]);
    b.sits(&FIRE.head()).follows("去批准").ticks("全选").presses("批准勾选的结果");
    b.presses("批准").sees(&["已批准"]);
    b.sits(&FIRE.clerk()).follows("去公示").ticks("全选").presses("公示勾选的结果").sees(&["不能撤回"]);
    b.picture("check");
    b.presses("确认公示").sees(&["已公示"]);
    // What was found is to be put right …
    b.follows("检查结果").follows("已公示").follows(&name).sees(&["疏散通道堆放纸箱"]);
    b.part("已向社会公示").follows("责令整改");
    b.fills("整改内容", "清理疏散通道").fills("整改期限", "2026-12-20");
    b.fills("抽查依据", "《消防法》第二十八条");
    b.presses_surely("发出整改通知", "不能撤回").sees(&["整改中", "清理疏散通道"]);
    b.picture("order");
    b.unfolds("登记企业的整改报告")
        .fills("企业报告的情况", "已清理")
        .part("登记企业的整改报告")
        .presses("登记");
    b.sees(&["已登记整改报告", "待复查"]).unfolds("登记复查").ticks("已整改到位");
    b.fills("复查情况", "现场已清空")
        .presses_surely("登记复查", "不能修改")
        .sees(&["已登记复查", "已整改到位"]);
    let order = b.at();
    // … and the market supervision is told.
    b.follows("查看检查结果").follows("移送或抄告").ticks("抄告").fills("接收部门", &c.name(MARKET));
    b.fills("移送、抄告的内容", "该户消防通道曾被占用，请在许可延续时关注");
    b.presses_surely("发出", "对方部门会收到通知").sees(&["已发出"]);
    let notice = b.at();
    b.sits(&MARKET.clerk()).follows("移送抄告").follows(&name).presses("确认知悉").sees(&["已确认知悉"]);
    b.picture("notice");
    // A citizen finds the result.
    b.stands_up().goes("/public").fills("企业名称", &name).presses("搜索");
    b.sees(&[&name, "发现问题待后续处理", &c.name(FIRE)]);
    b.picture("public");
    let clerk = c.at(&FIRE.clerk());
    assert_eq!(clerk.get(&format!("/api/v1{order}")).expect(200)["state"], "fulfilled");
    assert_eq!(clerk.get(&format!("/api/v1{notice}")).expect(200)["referral"]["state"], "closed");
}

#[test]
fn journey_9_an_inspector_is_replaced() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let visits = c.dispatched();
    let visit = &visits[0];
    let name = text(&visit["subject"]["name"]);
    let market = c.ids.departments[MARKET.code].to_string();
    let seat = list(&visit["seats"])
        .iter()
        .find(|s| s["department_id"] == market.as_str() && s["role"] != "lead_inspector")
        .unwrap();
    let (gone, login) = (text(&seat["name"]), c.login_of(&seat["inspector_id"]));
    let b = Browser::open(&app, "9-replacement");
    b.size(PHONE);
    b.sits(&login).follows("入企检查").follows("以后").follows(&name);
    b.picture("visit");
    b.follows("申请更换").sees(&["只有回避、病假等特殊原因可以更换"]);
    b.part("更换原因").ticks("本人申请回避").presses("提交申请").sees(&["有内容需要改正"]);
    b.fills("具体说明", "店主是我的亲属");
    b.picture("ask");
    b.presses("提交申请").sees(&["申请已提交", "待审批", "店主是我的亲属"]);
    let request = b.at();
    b.size(DESK);
    b.sits(&MARKET.head())
        .follows("更换检查人员")
        .follows(&gone)
        .sees(&["重新抽取这一个席位", "店主是我的亲属"]);
    b.picture("decide");
    b.fills("审批意见", "同意").presses_surely("批准并补抽", "立即重新抽取").sees(&["已批准并补抽", "抽中"]);
    b.picture("redrawn");
    // Whoever was drawn has the visit, whoever asked has it no more; all others stay.
    b.sits(&login).goes(&format!("/visits/{}", text(&visit["id"]))).sees(&["没有找到这个页面"]);
    let kept = c.at(&MARKET.head()).get(&format!("/api/v1{request}")).expect(200);
    assert_eq!(kept["state"], "redrawn");
    let now = c.office().get(&format!("/api/v1/visits/{}", text(&visit["id"]))).expect(200);
    let people = |v: &Value| list(&v["seats"]).iter().map(|s| text(&s["name"])).collect::<Vec<_>>();
    let (before, after) = (people(visit), people(&now));
    assert_eq!(before.len(), after.len());
    assert_eq!(after.iter().filter(|p| !before.contains(p)).count(), 1, "{before:?} {after:?}");
    assert!(!after.contains(&gone));
    let successor = list(&now["seats"]).iter().find(|s| !before.contains(&text(&s["name"]))).unwrap();
    b.sits(&c.login_of(&successor["inspector_id"]))
        .follows("入企检查")
        .follows("以后")
        .follows(&name)
        .sees(&["（本人）"]);
}
