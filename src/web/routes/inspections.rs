//! Joint inspections: invitations, the overlap board, the draws.

use crate::domain::access::Action::*;
use crate::web::api::{draws, inspections, invitations, overlap};
use crate::web::reply::Page;
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn joint_inspections(r: &mut Router) {
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

pub(super) fn ceremonies(r: &mut Router) {
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

    r.view::<_, _, Page<draws::PublicDraw>>("/api/v1/public/draws", Public, "公开的抽取", draws::public_list);
    r.view::<_, _, draws::BundleBytes>("/api/v1/public/draws/{id}", Public, "抽取包", draws::public_bundle);
    r.view::<_, _, draws::DrawCheck>(
        "/api/v1/public/draws/{id}/check",
        Public,
        "为何抽中或未抽中",
        draws::check,
    );
}
