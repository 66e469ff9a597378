//! What happens at a visit, results, publication, what the public reads.

use crate::domain::access::Action::*;
use crate::web::api::{evidence, on_site, public, publication_export, results};
use crate::web::reply::Page;
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn on_site(r: &mut Router) {
    r.read("/api/v1/visits/{id}/conduct", Action(ViewVisit), "检查过程", on_site::get);
    r.write("POST", "/api/v1/visits/{id}/check-in", Action(WorkOnSite), "到场签到", on_site::check_in);
    r.write("POST", "/api/v1/visits/{id}/obstruct", Action(WorkOnSite), "登记受阻", on_site::obstruct);
    r.write("POST", "/api/v1/visits/{id}/resume", Action(WorkOnSite), "恢复检查", on_site::resume);
    r.write(
        "POST",
        "/api/v1/visits/{id}/statement",
        Action(WorkOnSite),
        "陈述意见和签名",
        on_site::statement,
    );
    r.write("PUT", "/api/v1/visits/{id}/results", Action(EnterResult), "录入检查结果", on_site::enter);
    r.write(
        "POST",
        "/api/v1/visits/{id}/results/confirm",
        Action(EnterResult),
        "复核确认检查结果",
        on_site::confirm,
    );
    r.write(
        "POST",
        "/api/v1/visits/{id}/results/reject",
        Action(EnterResult),
        "复核退回检查结果",
        on_site::reject,
    );
    r.write("POST", "/api/v1/visits/{id}/finish", Action(WorkOnSite), "结束现场检查", on_site::finish);
    r.upload::<_, _, evidence::EvidenceView>(
        "/api/v1/visits/{id}/evidence",
        Action(WorkOnSite),
        "提交证据",
        evidence::add,
    )
    .created();
    r.view::<_, _, evidence::EvidenceBytes>(
        "/api/v1/evidence/{id}",
        Action(ViewResult),
        "证据文件",
        evidence::get,
    );
}

pub(super) fn publication(r: &mut Router) {
    r.read("/api/v1/results", Action(ViewResult), "检查结果列表", results::list);
    // Before the routes of one result: their first segment is an identifier.
    r.write("POST", "/api/v1/results/review", Action(ReviewResult), "批量审核", results::review_many);
    r.write("POST", "/api/v1/results/return", Action(ReturnResult), "批量退回", results::return_many);
    r.write("POST", "/api/v1/results/approve", Action(ApproveResult), "批量批准", results::approve_many);
    r.write("POST", "/api/v1/results/publish", Action(PublishResult), "批量公示", results::publish_many);
    r.read("/api/v1/results/{id}", Action(ViewResult), "检查结果及其各版", results::get);
    r.write("POST", "/api/v1/results/{id}/review", Action(ReviewResult), "审核", results::review);
    r.write("POST", "/api/v1/results/{id}/return", Action(ReturnResult), "退回", results::send_back);
    r.write("POST", "/api/v1/results/{id}/approve", Action(ApproveResult), "批准", results::approve);
    r.write("POST", "/api/v1/results/{id}/publish", Action(PublishResult), "公示", results::publish);
    r.write(
        "POST",
        "/api/v1/results/{id}/correct",
        Action(CorrectResult),
        "更正已公示的结果",
        results::correct,
    )
    .created();
    r.read("/api/v1/publications", Action(ViewPublication), "公示期限", results::periods);
    r.view::<_, _, publication_export::PublicationBytes>(
        "/api/v1/exports/publications",
        Action(ViewCommon),
        "导出公示结果",
        publication_export::export,
    );
    r.read("/api/v1/visits/{id}/conclusion", Action(ViewVisit), "联合结论", results::conclusion);
}

pub(super) fn public_lists(r: &mut Router) {
    r.view::<_, _, Page<public::PublicResult>>(
        "/api/v1/public/results",
        Public,
        "抽查结果公告",
        public::results,
    );
    r.view::<_, _, Page<public::PublicItem>>("/api/v1/public/items", Public, "抽查事项清单", public::items);
    r.view::<_, _, Page<public::PublicPlan>>("/api/v1/public/plans", Public, "抽查计划公告", public::plans);
    r.view::<_, _, Page<public::PublicAnnouncement>>(
        "/api/v1/public/announcements",
        Public,
        "抽查任务公告",
        public::announcements,
    );
}
