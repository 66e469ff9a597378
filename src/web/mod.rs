//! HTTP: every URL of the program on one screen, each with its access word. No rules, no SQL.

pub mod api;
pub mod auth;
pub mod call;
pub mod docs;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod parse;
pub mod problem;
pub mod reply;
pub mod router;
pub mod run;
pub mod serve;
pub mod server;

use crate::domain::access::Action::*;
use api::{
    common, draws, imports, inspections, inspectors, invitations, items, journal, outbox, overlap, plannings,
    plans, replacements, sessions, subjects, users, visits,
};
use router::Allow::{Action, Public};
use router::Router;

/// All routes of the API.
#[must_use]
pub fn routes() -> Router {
    let mut r = Router::default();
    people(&mut r);
    joint_inspections(&mut r);
    ceremonies(&mut r);
    operations(&mut r);
    planning(&mut r);
    registries(&mut r);
    r.components.freeze();
    r
}

fn people(r: &mut Router) {
    r.steps::<_, _, sessions::Tokens>("POST", "/api/v1/session", Public, "登录", sessions::login);
    r.steps::<_, _, sessions::Tokens>(
        "POST",
        "/api/v1/session/refresh",
        Public,
        "换取新令牌",
        sessions::refresh,
    );
    r.write("POST", "/api/v1/session/logout", Action(OwnAccount), "退出", sessions::logout);
    r.steps::<_, _, reply::Empty>(
        "POST",
        "/api/v1/session/password",
        Action(OwnAccount),
        "修改密码",
        sessions::password,
    );
    r.read("/api/v1/session", Action(OwnAccount), "我的账号", sessions::me);
    r.steps::<_, _, sessions::SecondFactorOffer>(
        "POST",
        "/api/v1/session/totp",
        Action(OwnAccount),
        "申请动态验证码密钥",
        sessions::offer_second_factor,
    );
    r.write(
        "POST",
        "/api/v1/session/totp/confirm",
        Action(OwnAccount),
        "启用动态验证码",
        sessions::confirm_second_factor,
    );
    r.read("/api/v1/sessions", Action(OwnAccount), "我的登录", sessions::list);
    r.write("POST", "/api/v1/sessions/{id}/end", Action(OwnAccount), "结束一处登录", sessions::end);

    r.read("/api/v1/users", Action(ViewUsers), "账号列表", users::list);
    r.steps::<_, _, users::UserView>("POST", "/api/v1/users", Action(EditUsers), "新建账号", users::create)
        .created();
    r.read("/api/v1/users/{id}", Action(ViewUsers), "账号", users::get);
    r.write("PATCH", "/api/v1/users/{id}", Action(EditUsers), "修改账号", users::change);
    r.write("PUT", "/api/v1/users/{id}/roles", Action(GrantRoles), "授予角色", users::set_roles);
    r.write("POST", "/api/v1/users/{id}/disable", Action(GrantRoles), "停用账号", users::disable);
    r.write("POST", "/api/v1/users/{id}/enable", Action(GrantRoles), "启用账号", users::enable);
    r.steps::<_, _, users::UserView>(
        "POST",
        "/api/v1/users/{id}/reset-password",
        Action(GrantRoles),
        "重置密码",
        users::reset_password,
    );
    r.write(
        "POST",
        "/api/v1/users/{id}/reset-second-factor",
        Action(GrantRoles),
        "停用账号的动态验证码",
        users::reset_second_factor,
    );
}

fn operations(r: &mut Router) {
    r.read("/api/v1/journal/checkpoint", Public, "操作日志的签名检查点", journal::checkpoint);
    r.view::<_, _, journal::Plain>("/api/v1/journal/key", Public, "操作日志的公钥", journal::key);
    r.read("/api/v1/journal/proof/inclusion", Public, "事件在日志中的证明", journal::inclusion);
    r.read("/api/v1/journal/proof/consistency", Public, "日志只增不改的证明", journal::consistency);
    r.read("/api/v1/journal", Action(ViewJournal), "操作日志", journal::list);
    r.read("/api/v1/journal/{id}", Action(ViewJournal), "日志事件", journal::get);
    r.write(
        "POST",
        "/api/v1/journal/{id}/erase",
        Action(EraseJournalPrivate),
        "清除事件的个人信息",
        journal::erase,
    );

    r.read("/api/v1/outbox", Action(ViewOutbox), "发件箱", outbox::list);
    r.write("POST", "/api/v1/outbox/{id}/retry", Action(RetryOutbox), "重发已放弃的邮件", outbox::retry);
}

fn joint_inspections(r: &mut Router) {
    r.read("/api/v1/inspections", Action(ViewInspection), "联合抽查列表", inspections::list);
    r.write("POST", "/api/v1/inspections", Action(EditInspection), "发起联合抽查", inspections::create)
        .created();
    r.read("/api/v1/inspections/{id}", Action(ViewInspection), "联合抽查", inspections::get);
    r.write("PUT", "/api/v1/inspections/{id}", Action(EditInspection), "修改草稿", inspections::change);
    r.read("/api/v1/inspections/{id}/preview", Action(ViewInspection), "检查对象预览", inspections::preview);
    r.write(
        "PUT",
        "/api/v1/inspections/{id}/participation",
        Action(EditParticipation),
        "选定本部门事项和人员",
        inspections::participate,
    );
    r.steps::<_, _, inspections::InspectionView>(
        "POST",
        "/api/v1/inspections/{id}/invite",
        Action(EditInspection),
        "邀请配合部门",
        inspections::invite,
    );
    r.write("POST", "/api/v1/inspections/{id}/confirm", Action(EditInspection), "确认", inspections::confirm);
    r.write(
        "POST",
        "/api/v1/inspections/{id}/revise",
        Action(EditInspection),
        "退回修改",
        inspections::revise,
    );
    r.write("POST", "/api/v1/inspections/{id}/abort", Action(AbortInspection), "终止", inspections::abort);

    r.read("/api/v1/invitations", Action(ViewInspection), "邀请列表", invitations::list);
    r.read("/api/v1/invitations/{id}", Action(ViewInspection), "邀请", invitations::get);
    r.write("POST", "/api/v1/invitations/{id}/accept", Action(AnswerInvitation), "接受", invitations::accept);
    r.write(
        "POST",
        "/api/v1/invitations/{id}/decline",
        Action(AnswerInvitation),
        "拒绝",
        invitations::decline,
    );
    r.write(
        "POST",
        "/api/v1/invitations/{id}/propose",
        Action(AnswerInvitation),
        "提议改期",
        invitations::propose,
    );
    r.write(
        "POST",
        "/api/v1/invitations/{id}/retract",
        Action(AnswerInvitation),
        "撤销接受",
        invitations::retract,
    );
    r.write("POST", "/api/v1/invitations/{id}/agree", Action(EditInspection), "同意改期", invitations::agree);
    r.write(
        "POST",
        "/api/v1/invitations/{id}/insist",
        Action(EditInspection),
        "维持原定日期",
        invitations::insist,
    );
    r.write(
        "POST",
        "/api/v1/invitations/{id}/reinvite",
        Action(EditInspection),
        "再次邀请",
        invitations::reinvite,
    );
    r.write(
        "POST",
        "/api/v1/invitations/{id}/withdraw",
        Action(RemindInvitation),
        "撤回邀请",
        invitations::withdraw,
    );
    r.write(
        "POST",
        "/api/v1/invitations/{id}/extend",
        Action(RemindInvitation),
        "延长答复期限",
        invitations::extend,
    );
    r.write("POST", "/api/v1/invitations/{id}/remind", Action(RemindInvitation), "催办", invitations::remind);

    r.read("/api/v1/overlap", Action(ViewOverlap), "重叠看板", overlap::board);
    r.steps::<_, _, inspections::InspectionView>(
        "POST",
        "/api/v1/overlap/accept",
        Action(AcceptOverlap),
        "采纳合并建议",
        overlap::accept,
    )
    .created();
}

fn ceremonies(r: &mut Router) {
    r.steps::<_, _, draws::PoolView>(
        "POST",
        "/api/v1/inspections/{id}/freeze-pool",
        Action(OperateDraw),
        "锁定名单",
        draws::freeze,
    )
    .created();
    r.write("POST", "/api/v1/inspections/{id}/release-pool", Action(OperateDraw), "解除锁定", draws::release);
    r.read("/api/v1/inspections/{id}/pool", Action(ViewDraw), "锁定的名单", draws::get_pool);
    r.read("/api/v1/inspections/{id}/draws", Action(ViewDraw), "各次抽取", draws::of);
    r.read("/api/v1/inspections/{id}/drawn", Action(ViewDraw), "抽中对象", draws::drawn);
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/seal",
        Action(OperateDraw),
        "封存承诺",
        draws::seal,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/reveal",
        Action(OperateDraw),
        "揭示",
        draws::reveal,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/result",
        Action(OperateDraw),
        "出结果",
        draws::result,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/publish",
        Action(OperateDraw),
        "公布保密抽取",
        draws::publish,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/inspections/{id}/draws",
        Action(OperateDraw),
        "开启抽取",
        draws::open,
    )
    .created();
    r.read("/api/v1/draws/{id}", Action(ViewDraw), "一次抽取", draws::get);
    r.view::<_, _, draws::BundleBytes>(
        "/api/v1/draws/{id}/audit",
        Action(AuditDraw),
        "审计版抽取包",
        draws::audit,
    );
    r.write("POST", "/api/v1/draws/{id}/commitment", Action(WitnessDraw), "提交封存值", draws::commit);
    r.write("POST", "/api/v1/draws/{id}/card", Action(WitnessDraw), "揭示卡片", draws::open_card);
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/beacon",
        Action(OperateDraw),
        "记入公共信标",
        draws::beacon,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/abort",
        Action(OperateDraw),
        "作废",
        draws::abort,
    );
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/again",
        Action(OperateDraw),
        "作废后重新开启",
        draws::again,
    )
    .created();
    r.steps::<_, _, draws::DrawView>(
        "POST",
        "/api/v1/draws/{id}/round",
        Action(OperateDraw),
        "补抽",
        draws::round,
    )
    .created();

    r.read("/api/v1/public/draws", Public, "公开的抽取", draws::public_list);
    r.view::<_, _, draws::BundleBytes>("/api/v1/public/draws/{id}", Public, "抽取包", draws::public_bundle);
    r.view::<_, _, draws::DrawCheck>(
        "/api/v1/public/draws/{id}/check",
        Public,
        "为何抽中或未抽中",
        draws::check,
    );
}

fn planning(r: &mut Router) {
    r.read("/api/v1/plannings", Action(ViewPlanning), "排期列表", plannings::list);
    r.steps::<_, _, plannings::PlanningView>(
        "POST",
        "/api/v1/plannings",
        Action(RunPlanning),
        "合并任务并派员(预排)",
        plannings::create,
    )
    .created();
    r.read("/api/v1/plannings/{id}", Action(ViewPlanning), "排期", plannings::get);
    r.read("/api/v1/plannings/{id}/visits", Action(ViewPlanning), "排期中的入企", plannings::visits);
    r.write("POST", "/api/v1/plannings/{id}/commit", Action(RunPlanning), "确认排期", plannings::commit);
    r.write("POST", "/api/v1/plannings/{id}/discard", Action(RunPlanning), "放弃预排", plannings::discard);
    r.steps::<_, _, plannings::PlanningView>(
        "POST",
        "/api/v1/plannings/{id}/rerun",
        Action(RunPlanning),
        "变动后重新安排(预排)",
        plannings::rerun,
    )
    .created();
    r.read("/api/v1/planning-rules", Action(ViewPlanning), "排期约束", plannings::rules);
    r.write(
        "POST",
        "/api/v1/planning-rules",
        Action(RunPlanning),
        "指定日期或单独入企",
        plannings::create_rule,
    )
    .created();
    r.read("/api/v1/planning-rules/{id}", Action(ViewPlanning), "一项排期约束", plannings::rule);
    r.write(
        "POST",
        "/api/v1/planning-rules/{id}/end",
        Action(RunPlanning),
        "解除排期约束",
        plannings::end_rule,
    );

    r.read("/api/v1/tasks", Action(ViewTask), "任务列表", visits::tasks);
    r.write("POST", "/api/v1/tasks", Action(EditTask), "新建单项任务", visits::create_task).created();
    r.read("/api/v1/tasks/{id}", Action(ViewTask), "任务", visits::task);
    r.write("POST", "/api/v1/tasks/{id}/cancel", Action(EditTask), "取消任务", visits::cancel_task);

    r.read("/api/v1/visits", Action(ViewVisit), "入企列表", visits::list);
    r.read("/api/v1/my/visits", Action(OwnAccount), "派给我的入企", visits::mine);
    r.read("/api/v1/visits/{id}", Action(ViewVisit), "入企", visits::get);
    r.write("POST", "/api/v1/visits/{id}/dispatch", Action(DispatchVisit), "派发一次入企", visits::dispatch);
    r.write(
        "POST",
        "/api/v1/inspections/{id}/dispatch",
        Action(DispatchVisit),
        "派发联合抽查的全部入企",
        visits::dispatch_inspection,
    );
    r.write(
        "POST",
        "/api/v1/visits/{id}/replacements",
        Action(RequestReplacement),
        "申请更换检查人员",
        replacements::create,
    )
    .created();
    r.read("/api/v1/replacements", Action(ViewReplacement), "更换申请列表", replacements::list);
    r.read("/api/v1/replacements/{id}", Action(ViewReplacement), "更换申请", replacements::get);
    r.write(
        "POST",
        "/api/v1/replacements/{id}/approve",
        Action(DecideReplacement),
        "批准更换并补抽",
        replacements::approve,
    );
    r.write(
        "POST",
        "/api/v1/replacements/{id}/reject",
        Action(DecideReplacement),
        "不批准更换",
        replacements::reject,
    );
    r.write(
        "POST",
        "/api/v1/replacements/{id}/withdraw",
        Action(RequestReplacement),
        "撤回更换申请",
        replacements::withdraw,
    );
    r.write(
        "POST",
        "/api/v1/replacements/{id}/reopen",
        Action(DecideReplacement),
        "启用后备库再补抽",
        replacements::reopen,
    );
}

fn registries(r: &mut Router) {
    r.read("/api/v1/departments", Action(ViewCommon), "部门", common::list_departments);
    r.write("POST", "/api/v1/departments", Action(EditDepartments), "登记部门", common::create_department)
        .created();
    r.read("/api/v1/departments/{id}", Action(ViewCommon), "一个部门", common::get_department);
    r.write(
        "PATCH",
        "/api/v1/departments/{id}",
        Action(EditDepartments),
        "修改部门",
        common::change_department,
    );
    r.read("/api/v1/calendar", Action(ViewCommon), "工作日历", common::list_days);
    r.write("PUT", "/api/v1/calendar", Action(EditCommon), "设定日历中的日期", common::set_days);
    r.read("/api/v1/vocabularies/{kind}", Action(ViewCommon), "词表", common::list_words);
    r.write("PUT", "/api/v1/vocabularies/{kind}/{code}", Action(EditCommon), "设定词条", common::set_word);
    r.read("/api/v1/aliases/{kind}", Action(ViewCommon), "别名", common::list_aliases);
    r.write("PUT", "/api/v1/aliases/{kind}", Action(EditCommon), "设定别名", common::set_aliases);
    r.read("/api/v1/caps", Action(ViewCaps), "频次记录", common::caps_ledger);
    r.write("POST", "/api/v1/caps", Action(RecordCheck), "登记计划外的检查", common::record_check).created();

    r.read("/api/v1/items", Action(ViewItem), "抽查事项", items::list);
    r.write("POST", "/api/v1/items", Action(DraftItem), "起草事项", items::create).created();
    r.read("/api/v1/items/{id}", Action(ViewItem), "一个事项", items::get);
    r.write("PATCH", "/api/v1/items/{id}", Action(DraftItem), "修改事项草稿", items::change);
    r.read("/api/v1/items/{id}/revisions", Action(ViewItem), "事项的各版", items::revisions);
    r.write("POST", "/api/v1/items/{id}/revisions", Action(DraftItem), "新建修订版", items::revise).created();
    r.write("POST", "/api/v1/items/{id}/claim", Action(EditItem), "认领上级清单事项", items::claim).created();
    r.write("POST", "/api/v1/items/{id}/submit", Action(DraftItem), "提交法制审核", items::submit);
    r.write("POST", "/api/v1/items/{id}/recall", Action(DraftItem), "撤回送审", items::recall);
    r.write("POST", "/api/v1/items/{id}/revise", Action(DraftItem), "退回后修改", items::take_up);
    r.write("POST", "/api/v1/items/{id}/approve", Action(DecideItem), "审核通过", items::approve);
    r.write("POST", "/api/v1/items/{id}/return", Action(DecideItem), "审核退回", items::send_back);
    r.write("POST", "/api/v1/items/{id}/publish", Action(ReleaseItem), "公示事项", items::publish);
    r.write("POST", "/api/v1/items/{id}/retire", Action(ReleaseItem), "停用事项", items::retire);

    r.read("/api/v1/subjects", Action(ViewSubject), "检查对象名录", subjects::list);
    r.write("POST", "/api/v1/subjects", Action(EditSubject), "登记检查对象", subjects::create).created();
    r.read("/api/v1/subjects/{id}", Action(ViewSubject), "检查对象", subjects::get);
    r.write("PATCH", "/api/v1/subjects/{id}", Action(EditSubject), "修改检查对象", subjects::change);
    r.read("/api/v1/subjects/{id}/sites", Action(ViewSubject), "检查地点", subjects::sites);
    r.write("POST", "/api/v1/subjects/{id}/sites", Action(EditSubject), "增加检查地点", subjects::add_site)
        .created();
    r.write(
        "DELETE",
        "/api/v1/subjects/{id}/sites/{site}",
        Action(EditSubject),
        "删除检查地点",
        subjects::remove_site,
    );

    r.read("/api/v1/inspectors", Action(ViewInspector), "人员名录", inspectors::list);
    r.write("POST", "/api/v1/inspectors", Action(EditInspector), "登记人员", inspectors::create).created();
    r.read("/api/v1/inspectors/{id}", Action(ViewInspector), "人员", inspectors::get);
    r.write("PATCH", "/api/v1/inspectors/{id}", Action(EditInspector), "修改人员", inspectors::change);
    r.write(
        "POST",
        "/api/v1/inspectors/{id}/certificates",
        Action(EditInspector),
        "登记证件",
        inspectors::add_certificate,
    )
    .created();
    r.write(
        "DELETE",
        "/api/v1/inspectors/{id}/certificates/{certificate}",
        Action(EditInspector),
        "删除证件",
        inspectors::remove_certificate,
    );
    r.write(
        "POST",
        "/api/v1/inspectors/{id}/leave",
        Action(EditInspector),
        "登记请假",
        inspectors::add_leave,
    )
    .created();
    r.write(
        "DELETE",
        "/api/v1/inspectors/{id}/leave/{leave}",
        Action(EditInspector),
        "撤销请假",
        inspectors::remove_leave,
    );
    r.read("/api/v1/inspectors/{id}/workload", Action(ViewInspector), "工作量", inspectors::workload);
    r.read("/api/v1/recusals", Action(ViewRecusal), "回避", inspectors::list_recusals);
    r.write("POST", "/api/v1/recusals", Action(DeclareRecusal), "申报回避", inspectors::declare).created();
    r.read("/api/v1/recusals/{id}", Action(ViewRecusal), "一项回避", inspectors::get_recusal);
    r.write("POST", "/api/v1/recusals/{id}/approve", Action(DecideRecusal), "同意回避", inspectors::approve);
    r.write("POST", "/api/v1/recusals/{id}/reject", Action(DecideRecusal), "驳回回避", inspectors::reject);
    r.write("POST", "/api/v1/recusals/{id}/end", Action(DecideRecusal), "解除回避", inspectors::end);
    r.write(
        "POST",
        "/api/v1/recusals/{id}/reopen",
        Action(DeclareRecusal),
        "重新申请回避",
        inspectors::reopen,
    );

    r.read("/api/v1/plans", Action(ViewPlan), "抽查计划", plans::list);
    r.write("POST", "/api/v1/plans", Action(EditPlan), "起草计划", plans::create).created();
    r.read("/api/v1/plans/{id}", Action(ViewPlan), "一项计划", plans::get);
    r.write("PATCH", "/api/v1/plans/{id}", Action(EditPlan), "修改计划草稿", plans::change);
    r.write("POST", "/api/v1/plans/{id}/file", Action(EditPlan), "备案", plans::file);
    r.write("POST", "/api/v1/plans/{id}/recall", Action(EditPlan), "退回修改", plans::recall);
    r.write("POST", "/api/v1/plans/{id}/publish", Action(PublishPlan), "公示计划", plans::publish);
    r.write("POST", "/api/v1/plans/{id}/withdraw", Action(PublishPlan), "撤销计划", plans::withdraw);

    r.upload::<_, _, imports::ImportView>("/api/v1/imports", Action(Import), "检查导入文件", imports::check)
        .created();
    r.read("/api/v1/imports/{id}", Action(Import), "导入文件", imports::get);
    r.steps::<_, _, imports::ImportView>(
        "POST",
        "/api/v1/imports/{id}/apply",
        Action(Import),
        "导入",
        imports::apply,
    );
    r.view::<_, _, imports::ExportBytes>("/api/v1/exports", Action(ViewCommon), "导出", imports::export);
}
