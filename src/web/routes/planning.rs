//! Tasks, runs, visits, replacements.

use crate::domain::access::Action::*;
use crate::web::api::{plannings, replacements, visits};
use crate::web::router::Allow::Action;
use crate::web::router::Router;

pub(super) fn planning(r: &mut Router) {
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
