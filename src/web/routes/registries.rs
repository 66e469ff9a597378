//! What departments keep: directories, items, plans, calendar, caps; files in and out.

use crate::domain::access::Action::*;
use crate::web::api::{
    calendar, caps, departments, imports, inspectors, items, plans, recusals, subjects, vocabularies,
};
use crate::web::router::Allow::Action;
use crate::web::router::Router;

pub(super) fn registries(r: &mut Router) {
    r.read("/api/v1/departments", Action(ViewCommon), "部门", departments::list);
    r.write("POST", "/api/v1/departments", Action(EditDepartments), "登记部门", departments::create)
        .created();
    r.read("/api/v1/departments/{id}", Action(ViewCommon), "一个部门", departments::get);
    r.write("PATCH", "/api/v1/departments/{id}", Action(EditDepartments), "修改部门", departments::change);
    r.read("/api/v1/calendar", Action(ViewCommon), "工作日历", calendar::list);
    r.write("PUT", "/api/v1/calendar", Action(EditCommon), "设定日历中的日期", calendar::set);
    r.read("/api/v1/vocabularies/{kind}", Action(ViewCommon), "词表", vocabularies::list_words);
    r.write(
        "PUT",
        "/api/v1/vocabularies/{kind}/{code}",
        Action(EditCommon),
        "设定词条",
        vocabularies::set_word,
    );
    r.read("/api/v1/aliases/{kind}", Action(ViewCommon), "别名", vocabularies::list_aliases);
    r.write("PUT", "/api/v1/aliases/{kind}", Action(EditCommon), "设定别名", vocabularies::set_aliases);
    r.read("/api/v1/caps", Action(ViewCaps), "频次记录", caps::ledger);
    r.write("POST", "/api/v1/caps", Action(RecordCheck), "登记计划外的检查", caps::record_check).created();

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
    r.read("/api/v1/recusals", Action(ViewRecusal), "回避", recusals::list);
    r.write("POST", "/api/v1/recusals", Action(DeclareRecusal), "申报回避", recusals::declare).created();
    r.read("/api/v1/recusals/{id}", Action(ViewRecusal), "一项回避", recusals::get);
    r.write("POST", "/api/v1/recusals/{id}/approve", Action(DecideRecusal), "同意回避", recusals::approve);
    r.write("POST", "/api/v1/recusals/{id}/reject", Action(DecideRecusal), "驳回回避", recusals::reject);
    r.write("POST", "/api/v1/recusals/{id}/end", Action(DecideRecusal), "解除回避", recusals::end);
    r.write("POST", "/api/v1/recusals/{id}/reopen", Action(DeclareRecusal), "重新申请回避", recusals::reopen);

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
