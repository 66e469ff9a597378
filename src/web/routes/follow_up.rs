//! What follows after a visit: rectification, referral, case filing, letters, commissions, recognition; what businesses say.

use crate::domain::access::Action::*;
use crate::web::api::{
    commissions, completions, follow_up, mailings, recognitions, referrals, return_visits, voice,
};
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn follow_up(r: &mut Router) {
    r.write("POST", "/api/v1/results/{id}/rectification", Action(WorkFollowUp), "责令整改", follow_up::order)
        .created();
    r.read("/api/v1/rectifications", Action(ViewFollowUp), "整改列表", follow_up::list);
    r.read("/api/v1/rectifications/{id}", Action(ViewFollowUp), "整改", follow_up::get);
    r.write(
        "POST",
        "/api/v1/rectifications/{id}/extend",
        Action(DecideFollowUp),
        "延长整改期限",
        follow_up::extend,
    );
    r.write(
        "POST",
        "/api/v1/rectifications/{id}/report",
        Action(WorkFollowUp),
        "登记整改报告",
        follow_up::report,
    );
    r.write(
        "POST",
        "/api/v1/rectifications/{id}/recheck",
        Action(WorkFollowUp),
        "整改复查",
        follow_up::recheck,
    );
    r.write("POST", "/api/v1/case-filings", Action(WorkFollowUp), "立案", follow_up::file).created();
    r.read("/api/v1/case-filings", Action(ViewFollowUp), "立案列表", follow_up::cases);
    r.read("/api/v1/case-filings/{id}", Action(ViewFollowUp), "立案", follow_up::case);
    r.write("POST", "/api/v1/case-filings/{id}/close", Action(WorkFollowUp), "结案", follow_up::close_case);
    r.write("POST", "/api/v1/referrals", Action(SendReferral), "移送线索、抄告", referrals::send).created();
    r.read("/api/v1/referrals", Action(ViewReferral), "移送、抄告列表", referrals::list);
    r.read("/api/v1/referrals/{id}", Action(ViewReferral), "移送、抄告及所依据的检查结果", referrals::get);
    r.write("POST", "/api/v1/referrals/{id}/receive", Action(AnswerReferral), "签收", referrals::receive);
    r.write(
        "POST",
        "/api/v1/referrals/{id}/acknowledge",
        Action(AnswerReferral),
        "确认知悉",
        referrals::acknowledge,
    );
    r.write("POST", "/api/v1/referrals/{id}/refuse", Action(AnswerReferral), "退回", referrals::refuse);
    r.write(
        "POST",
        "/api/v1/referrals/{id}/answer",
        Action(AnswerReferral),
        "反馈办理结果",
        referrals::answer,
    );
    r.write("POST", "/api/v1/referrals/{id}/close", Action(SendReferral), "办结", referrals::close);
    r.write("POST", "/api/v1/referrals/{id}/send", Action(SendReferral), "再次移送", referrals::send_again);
    r.write(
        "POST",
        "/api/v1/results/{id}/completion",
        Action(WorkFollowUp),
        "登记完结",
        completions::complete,
    )
    .created();
    r.read("/api/v1/results/{id}/completion", Action(ViewResult), "完结登记", completions::get);
    r.read("/api/v1/recognition-offers", Action(ViewTask), "可互认的任务", recognitions::offers);
    r.read("/api/v1/tasks/{id}/recognition", Action(ViewTask), "任务可互认的结果", recognitions::offer);
    r.write(
        "POST",
        "/api/v1/tasks/{id}/recognition",
        Action(RecogniseResult),
        "结果互认",
        recognitions::recognise,
    )
    .created();
    r.read("/api/v1/recognitions", Action(ViewTask), "结果互认列表", recognitions::list);
    r.read("/api/v1/recognitions/avoided", Action(ViewTask), "因互认减少的入企", recognitions::avoided);
}

pub(super) fn letters(r: &mut Router) {
    r.write("POST", "/api/v1/results/{id}/mailing", Action(WorkFollowUp), "首次邮寄", mailings::open)
        .created();
    r.read("/api/v1/mailings", Action(ViewFollowUp), "两次邮寄列表", mailings::list);
    r.read("/api/v1/mailings/{id}", Action(ViewFollowUp), "两次邮寄", mailings::get);
    r.write("POST", "/api/v1/mailings/{id}/fate", Action(WorkFollowUp), "登记邮寄结果", mailings::fate);
    r.write("POST", "/api/v1/mailings/{id}/second", Action(WorkFollowUp), "二次邮寄", mailings::second);
    r.write("POST", "/api/v1/mailings/{id}/restart", Action(WorkFollowUp), "重新首次邮寄", mailings::restart);
    r.write("POST", "/api/v1/mailings/{id}/remind", Action(WorkFollowUp), "列异提醒", mailings::remind);
    r.write("POST", "/api/v1/mailings/{id}/reach", Action(WorkFollowUp), "登记取得联系", mailings::reach);
    r.write("POST", "/api/v1/mailings/{id}/hand-over", Action(WorkFollowUp), "移送列异", mailings::hand_over);
    r.write("POST", "/api/v1/mailings/{id}/station", Action(ReviewListing), "所长审核", mailings::station);
    r.write("POST", "/api/v1/mailings/{id}/bureau", Action(DecideFollowUp), "局领导审批", mailings::bureau);
    r.write("POST", "/api/v1/mailings/{id}/return", Action(ReviewListing), "审批退回", mailings::send_back);
    r.read("/api/v1/mailings/{id}/listing", Action(ViewFollowUp), "经营异常名录审批表", mailings::listing);
    r.write(
        "POST",
        "/api/v1/visits/{id}/commissions",
        Action(WorkFollowUp),
        "委托专业机构",
        commissions::order,
    )
    .created();
    r.read("/api/v1/commissions", Action(ViewFollowUp), "委托列表", commissions::list);
    r.read("/api/v1/commissions/{id}", Action(ViewFollowUp), "委托", commissions::get);
    r.upload::<_, _, commissions::CommissionView>(
        "/api/v1/commissions/{id}/report",
        Action(WorkFollowUp),
        "接收委托报告",
        commissions::report,
    );
    r.write("POST", "/api/v1/commissions/{id}/cancel", Action(WorkFollowUp), "取消委托", commissions::cancel);
}

pub(super) fn voice(r: &mut Router) {
    r.read("/api/v1/public/visits/{token}", Public, "入企检查公开页", voice::page);
    r.write("POST", "/api/v1/public/visits/{token}/rating", Public, "评价检查", voice::rate);
    r.write("POST", "/api/v1/public/visits/{token}/complaint", Public, "投诉", voice::complain);
    r.read("/api/v1/ratings", Action(ViewVoice), "企业评价", voice::ratings);
    r.read("/api/v1/complaints", Action(ViewVoice), "投诉列表", voice::complaints);
    r.read("/api/v1/complaints/{id}", Action(ViewVoice), "投诉", voice::complaint);
    r.write("POST", "/api/v1/complaints/{id}/take", Action(HandleComplaint), "受理投诉", voice::take);
    r.write("POST", "/api/v1/complaints/{id}/answer", Action(HandleComplaint), "答复投诉", voice::answer);
    r.write("POST", "/api/v1/complaints/{id}/close", Action(HandleComplaint), "办结投诉", voice::close);
    r.read("/api/v1/return-rounds", Action(ViewVoice), "回访抽取列表", return_visits::list);
    r.write("POST", "/api/v1/return-rounds", Action(AskBusiness), "公布回访抽取", return_visits::announce)
        .created();
    r.read("/api/v1/return-rounds/{id}", Action(ViewVoice), "回访抽取及核验", return_visits::get);
    r.write("POST", "/api/v1/return-rounds/{id}/draw", Action(AskBusiness), "抽取回访", return_visits::draw);
    r.write(
        "PUT",
        "/api/v1/return-visits/{id}/answers",
        Action(AskBusiness),
        "登记回访",
        return_visits::record,
    );
}
