//! Papers, notices, calendars, the archive.

use crate::domain::access::Action::*;
use crate::web::api::{archive, papers};
use crate::web::router::Allow::Action;
use crate::web::router::Router;

pub(super) fn papers(r: &mut Router) {
    r.view::<_, _, papers::PaperBytes>(
        "/api/v1/papers/visits/{id}/{paper}",
        Action(ViewPaper),
        "入企文书",
        papers::visit,
    );
    r.view::<_, _, papers::PaperBytes>(
        "/api/v1/papers/inspections/{id}/{paper}",
        Action(ViewWholePaper),
        "联合抽查文书",
        papers::inspection,
    );
    r.view::<_, _, papers::PaperBytes>(
        "/api/v1/papers/rating-cards/visits/{id}",
        Action(PrintRatingCard),
        "企业评价卡",
        papers::rating_card,
    );
    r.view::<_, _, papers::PaperBytes>(
        "/api/v1/papers/rating-cards/inspections/{id}",
        Action(PrintRatingCard),
        "联合抽查的全部企业评价卡",
        papers::rating_cards,
    );
    r.view::<_, _, papers::PaperBytes>(
        "/api/v1/papers/mailings/{id}/listing",
        Action(ViewFollowUp),
        "经营异常名录审批表(打印)",
        papers::listing,
    );
    r.read("/api/v1/visits/{id}/notice", Action(ViewPaper), "通知书送达情况", papers::notice);
    r.write(
        "POST",
        "/api/v1/visits/{id}/notice/delivery",
        Action(DeliverNotice),
        "登记通知书送达",
        papers::deliver,
    );
    r.read("/api/v1/notices/overdue", Action(ViewPaper), "逾期未送达的通知书", papers::overdue);
    r.view::<_, _, papers::CalendarBytes>("/api/v1/calendar.ics", Action(ViewPaper), "入企日历", papers::ics);
}

pub(super) fn archive(r: &mut Router) {
    r.view::<_, _, archive::ArchiveBytes>(
        "/api/v1/inspections/{id}/archive",
        Action(ViewArchive),
        "归档包",
        archive::bundle,
    );
    r.view::<_, _, archive::ArchiveCheck>(
        "/api/v1/inspections/{id}/archive/check",
        Action(ViewArchive),
        "归档完整性检查",
        archive::check,
    );
}
