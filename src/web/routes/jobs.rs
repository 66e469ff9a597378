//! Long work that is left and found again.

use crate::domain::access::Action::{Import, ViewJob};
use crate::web::api::{imports, jobs};
use crate::web::router::Allow::Action;
use crate::web::router::Router;

pub(super) fn jobs(r: &mut Router) {
    r.read("/api/v1/jobs", Action(ViewJob), "我的作业", jobs::list);
    r.steps::<_, _, jobs::JobView>("POST", "/api/v1/jobs", Action(ViewJob), "发起作业", jobs::create)
        .accepted();
    // Before the page of one job: the last word is no identifier.
    r.upload::<_, _, jobs::JobView>(
        "/api/v1/jobs/imports",
        Action(Import),
        "上传导入文件,在后台检查",
        imports::check_later,
    )
    .accepted();
    r.read("/api/v1/jobs/{id}", Action(ViewJob), "一项作业", jobs::get);
    r.write("POST", "/api/v1/jobs/{id}/cancel", Action(ViewJob), "取消作业", jobs::cancel);
    r.view::<_, _, jobs::JobFileBytes>(
        "/api/v1/jobs/{id}/file",
        Action(ViewJob),
        "作业生成的文件",
        jobs::file,
    );
    r.view::<_, _, imports::MarkedBytes>(
        "/api/v1/imports/{id}/marked",
        Action(Import),
        "标注了问题的工作簿",
        imports::marked,
    );
}
