//! Oversight: attention, cards, figures, statistics, scorecards, plans against what was done, the feed.

use crate::domain::access::Action::*;
use crate::web::api::{attention, cards, draws, feed, figures, plan_execution, scorecards, statistics};
use crate::web::reply::OrBook;
use crate::web::router::Allow::{Action, Public};
use crate::web::router::Router;

pub(super) fn oversight(r: &mut Router) {
    r.read("/api/v1/attention", Action(ViewAttention), "待关注事项", attention::list);
    r.read("/api/v1/cards", Action(ViewCard), "红黄牌列表", cards::list);
    r.read("/api/v1/cards/{id}", Action(ViewCard), "红黄牌", cards::get);
    r.write(
        "POST",
        "/api/v1/cards/{id}/acknowledge",
        Action(AcknowledgeCard),
        "签收红黄牌",
        cards::acknowledge,
    );
    r.read("/api/v1/figures", Action(ViewFigures), "监督指标", figures::get);
    r.view::<_, _, figures::ChartBytes>(
        "/api/v1/figures/chart.svg",
        Action(ViewFigures),
        "监督指标图",
        figures::chart,
    );
    r.view::<_, _, OrBook<statistics::StatisticsView>>(
        "/api/v1/statistics/{table}",
        Action(ViewFigures),
        "统计表",
        statistics::get,
    );
    r.read("/api/v1/plans/{id}/check", Action(ViewPlan), "计划核对", plan_execution::check);
    r.read("/api/v1/plans/{id}/execution", Action(ViewPlan), "计划执行情况", plan_execution::execution);
    scores(r);
    r.view::<_, _, feed::AtomBytes>("/api/v1/public/feed.atom", Public, "公示订阅", feed::feed);
    r.view::<_, _, draws::DrawCheck>(
        "/api/v1/public/draws/{id}/why",
        Public,
        "企业查询为何抽中或未抽中",
        feed::why,
    );
}

fn scores(r: &mut Router) {
    r.view::<_, _, OrBook<scorecards::ScorecardsView>>(
        "/api/v1/scorecards/{year}",
        Action(ViewScorecard),
        "年度考评",
        scorecards::list,
    );
    r.write(
        "PUT",
        "/api/v1/scorecards/{year}",
        Action(SetScoreWeights),
        "设定考评权重",
        scorecards::set_weights,
    );
    r.view::<_, _, OrBook<scorecards::ScorecardView>>(
        "/api/v1/scorecards/{year}/{department}",
        Action(ViewScorecard),
        "一个部门的考评",
        scorecards::get,
    );
    r.upload::<_, _, scorecards::ScoreEvidenceView>(
        "/api/v1/scorecards/{year}/{department}/evidence",
        Action(HandInScoreEvidence),
        "提交考评佐证",
        scorecards::hand_in,
    )
    .created();
    r.view::<_, _, scorecards::ScoreEvidenceBytes>(
        "/api/v1/score-evidence/{id}",
        Action(ViewScorecard),
        "考评佐证文件",
        scorecards::evidence,
    );
    r.write(
        "POST",
        "/api/v1/score-evidence/{id}/confirm",
        Action(DecideScoreEvidence),
        "确认考评佐证",
        scorecards::confirm,
    );
    r.write(
        "POST",
        "/api/v1/score-evidence/{id}/reject",
        Action(DecideScoreEvidence),
        "不予确认考评佐证",
        scorecards::reject,
    );
}
