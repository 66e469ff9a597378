//! What departments do before anything is drawn: items, directories, the annual plan, an invitation.

use super::county::{CITY, County, FIRE, MARKET, text};
use super::driver::Browser;
use crate::support::TestApp;

#[test]
fn journey_1_items_are_registered_reviewed_and_published() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let b = Browser::open(&app, "1-items");
    b.sits(&MARKET.clerk()).follows("抽查事项清单").follows("新增事项");
    b.fills("事项编码", "SCJG-61").fills("事项名称", "网络餐饮服务第三方平台入网审查");
    b.fills("抽查依据", "《网络餐饮服务食品安全监督管理办法》第八条");
    b.fills("检查内容", "入网商户许可证审查登记").fills("适用行业代码", "H62");
    b.part("检查形式").ticks("实地检查");
    b.part("事先通知").ticks("均可");
    b.fills("抽查比例", "3%").fills("类别", "重点检查事项").fills("预计时长", "0");
    // What is wrong is told, what was typed is kept.
    b.presses("保存草稿").sees(&["有内容需要改正", "预计时长"]);
    b.holds("事项名称", "网络餐饮服务第三方平台入网审查").holds("抽查比例", "3%");
    b.picture("fault");
    b.fills("预计时长", "40").presses("保存草稿").sees(&["草稿已保存", "重点检查事项", "40 分钟"]);
    b.presses_surely("提交法制审核", "审核结束前不能修改").sees(&["已提交法制审核", "法制审核中"]);
    let item = b.at();
    // The legal reviewer finds it on his work list, and sends it back once.
    b.sits(&MARKET.legal()).sees(&["待法制审核"]);
    b.picture("worklist");
    b.follows("去审核").follows("网络餐饮").follows("退回");
    b.presses("退回修改").sees(&["有内容需要改正"]);
    b.fills("理由", "请补充《食品安全法》的条款")
        .presses("退回修改")
        .sees(&["已退回", "请补充《食品安全法》的条款"]);
    b.sits(&MARKET.clerk()).follows("抽查事项清单").follows("已退回").follows("网络餐饮").follows("修改");
    b.fills("抽查依据", "《食品安全法》第六十二条").presses("保存草稿").sees(&["修改已保存", "第六十二条"]);
    b.presses_surely("提交法制审核", "确定提交吗").sees(&["法制审核中"]);
    b.sits(&MARKET.legal()).follows("去审核").follows("网络餐饮");
    b.presses_surely("审核通过", "部门负责人公示").sees(&["审核已通过"]);
    b.sits(&MARKET.head()).sees(&["待公示"]).follows("去公示").follows("网络餐饮").follows("公示");
    b.sees(&["公示后公众可以看到"]).presses("确认公示").sees(&["已公示"]);
    b.picture("published");
    // A citizen reads it.
    b.stands_up().goes("/public").follows("事项清单").fills("部门", &c.name(MARKET)).presses("查询");
    b.sees(&["网络餐饮服务第三方平台入网审查", "《食品安全法》第六十二条"]);
    b.picture("public");
    let kept = c.at(&MARKET.clerk()).get(&format!("/api/v1{item}")).expect(200);
    assert_eq!((text(&kept["state"]), text(&kept["code"])), ("published".to_owned(), "SCJG-61".to_owned()));
}

const FILE: &str = "统一社会信用代码,注册号,市场主体名称,主体类型,区划代码,乡镇街道,行业代码,监管部门,标签\r\n\
                    ,350403600000011,青澜城关老街面馆,个体工商户,369721001,城关镇,6210,SCJG-369721,\r\n\
                    9.1350403E+17,,青澜丙店,企业,369721001,城关镇,6210,SCJG-369721,\r\n";

#[test]
fn journey_2_the_directories_are_kept() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("名录.csv");
    std::fs::write(&file, FILE).unwrap();
    let b = Browser::open(&app, "2-directories");
    b.sits(&MARKET.clerk()).follows("检查对象名录库").follows("导入");
    b.presses("检查文件").sees(&["有内容需要改正", "请选择文件"]);
    b.fills("文件", file.to_str().unwrap()).presses("检查文件");
    b.sees(&["第 3 行", "统一社会信用代码", "只导入正确的 1 行"]);
    b.picture("faults");
    b.ticks("只导入正确的").presses_surely("导入", "名录立即改变").sees(&["已经导入"]);
    b.follows("检查对象名录库").fills("名称、统一社会信用代码或注册号", "老街面馆").presses("查询");
    b.follows("青澜城关老街面馆").sees(&["350403600000011", "城关镇"]);
    b.follows("执法人员名录库").sees(&["执法证", "有效至"]);
    b.picture("officers");
    b.follows("新增人员").fills("人员编号", "RY900001").fills("姓名", "周晓明").ticks("可任主办");
    b.presses("保存").sees(&["人员已登记", "没有执法证"]);
    b.follows("登记证件").fills("证书编号", "ZF36972199901").fills("生效日期", "2025-01-01");
    b.fills("失效日期", "2026-09-05").presses("保存").sees(&["证件已登记", "2026年9月5日（周六）到期"]);
    b.follows("登记请假")
        .fills("开始日期", "2026-09-01")
        .fills("结束日期", "2026-09-02")
        .fills("类型", "培训");
    b.presses("保存").sees(&["请假已登记", "培训"]);
    b.follows("申报回避")
        .fills("检查对象", "350403600000011")
        .ticks("部门经办人")
        .fills("理由", "店主是本人亲属");
    b.presses("保存").sees(&["回避已申报", "待审批"]);
    b.picture("person");
    let person = b.at();
    // The head of the unit decides.
    b.sits(&MARKET.head()).follows("执法人员名录库").fills("姓名或编号", "周晓明").presses("查询");
    b.follows("周晓明").follows("青澜城关老街面馆").presses("同意回避").sees(&["已同意"]);
    let clerk = c.at(&MARKET.clerk());
    let kept = clerk.get(&format!("/api/v1{person}")).expect(200);
    assert_eq!(text(&kept["code"]), "RY900001");
    let found = clerk.get("/api/v1/subjects?search=350403600000011").expect(200);
    assert_eq!(found["items"][0]["name"], "青澜城关老街面馆");
}

#[test]
fn journey_3_plans_overlap_and_become_one_inspection() {
    let app = TestApp::sqlite();
    let c = County::with(&app, |input| {
        let theirs = [MARKET.code, FIRE.code, CITY.code];
        input.plans.retain(|plan| theirs.contains(&plan.dept_id.as_str()));
    });
    let b = Browser::open(&app, "3-overlap");
    b.sits(&MARKET.clerk()).follows("年度计划").follows("起草计划");
    b.fills("计划编号", "JH2026-901").fills("计划名称", "秋季餐饮业证照核对");
    b.part("抽查事项清单").ticks(&c.item("SCJG-01"));
    b.fills("行业代码", "H6210\nH6220").fills("抽查比例", "10%");
    b.fills("最早日期", "2026-10-31").fills("最晚日期", "2026-10-01");
    b.presses("保存草稿").sees(&["有内容需要改正"]).holds("计划名称", "秋季餐饮业证照核对");
    b.fills("最早日期", "2026-09-15").fills("最晚日期", "2026-11-20").presses("保存草稿");
    b.sees(&["草稿已保存", "2026年9月15日至11月20日"]);
    b.presses_surely("备案", "协调办可以看到并提出合并").sees(&["计划已备案"]);
    let plan = b.at();
    b.picture("plan");
    // The coordination office sees who goes where, and merges.
    b.sits("xieban").follows("重叠看板").sees(&["对象类型 × 部门", "合并为一次", "次入企变为"]);
    b.picture("board");
    b.follows("合并为一次联合抽查").sees(&["立即邀请其他部门"]);
    b.fills("联合抽查名称", " ").presses("生成联合抽查并发出邀请").sees(&["有内容需要改正"]);
    b.fills("联合抽查名称", "2026年秋季综合联合抽查").presses("生成联合抽查并发出邀请");
    b.sees(&["联合抽查已生成，邀请已发出", "邀请中", "2026年秋季综合联合抽查"]);
    b.picture("inviting");
    let inspection = b.at();
    // The head publishes the plan of his department; the public reads it.
    b.sits(&MARKET.head()).follows("年度计划").follows("已备案").follows("秋季餐饮业证照核对");
    b.presses_surely("公示", "公众可以看到").sees(&["计划已公示"]);
    b.stands_up().goes("/public").follows("抽查计划").sees(&["秋季餐饮业证照核对"]);
    b.picture("public");
    let made = c.office().get(&format!("/api/v1{inspection}")).expect(200);
    assert_eq!(
        (text(&made["state"]), text(&made["name"])),
        ("inviting".to_owned(), "2026年秋季综合联合抽查".to_owned())
    );
    let kept = c.at(&MARKET.clerk()).get(&format!("/api/v1{plan}")).expect(200);
    assert_eq!(kept["state"], "published");
}

#[test]
fn journey_4_a_department_invites_others() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let b = Browser::open(&app, "4-invitation");
    let name = "2026年餐饮业部门联合抽查";
    b.sits(&MARKET.clerk()).follows("联合抽查").follows("发起联合抽查");
    b.fills("名称", name).fills("抽查领域", "食品安全").fills("开始日期", "2026-09-14");
    b.fills("截止日期", "2026-09-01").ticks("由排期决定");
    b.part("行业").ticks("H6210");
    b.part("行业").ticks("H6220");
    b.fills("按比例", "5%")
        .ticks("现场抽取")
        .fills("至少几名见证人", "2")
        .fills("锁定名单后至少等几小时", "0");
    b.part("抽查事项").ticks(&c.item("SCJG-01")).fills("每户每部门检查人员", "2");
    b.presses("保存草稿").sees(&["有内容需要改正"]).holds("名称", name).holds("按比例", "5%");
    b.picture("fault");
    b.fills("截止日期", "2026-11-20").presses("保存草稿").sees(&["草稿已保存", "按 5%", "草稿"]);
    let inspection = b.at();
    b.follows("邀请配合部门").sees(&["预计抽取"]);
    b.ticks(&c.name(FIRE)).ticks(&c.name(CITY)).fills("附言", "请参加本次联合抽查");
    b.picture("invite");
    b.presses("发出邀请").sees(&["已邀请 2 个部门", "尚待答复"]);
    // One accepts …
    b.sits(&FIRE.clerk()).sees(&["答复参加“2026年餐饮业部门联合抽查”"]);
    b.picture("todo");
    b.follows("答复：").sees(&["请参加本次联合抽查", "还剩"]).follows("接受");
    b.part("抽查事项").ticks(&c.item("XFJY-01")).fills("每户派几人", "2");
    b.picture("accept");
    b.presses("接受").sees(&["已接受邀请"]);
    // … the other does not, and has to say why.
    b.sits(&CITY.clerk()).follows("答复：").follows("拒绝").presses("拒绝").sees(&["有内容需要改正"]);
    b.fills("理由", "本季度已完成同类专项检查").presses("拒绝").sees(&["已拒绝邀请"]);
    b.sits(&MARKET.clerk()).sees(&["有部门拒绝或提议改期"]).follows("去处理");
    b.sees(&["本季度已完成同类专项检查", "已接受", "已拒绝"]);
    b.picture("answers");
    b.presses_surely("确认", "协调办锁定名单").sees(&["已确认，请协调办锁定名单并抽取", "协调办：锁定名单"]);
    let kept = c.office().get(&format!("/api/v1{inspection}")).expect(200);
    assert_eq!(kept["state"], "confirmed");
    assert_eq!(super::county::list(&kept["participants"]).len(), 2);
}
