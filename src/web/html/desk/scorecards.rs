//! The 14-row scorecard: all departments of a year, one department with its evidence, the weights, deciding on evidence.

use super::offices;
use crate::domain::access::Action::{
    DecideScoreEvidence, HandInScoreEvidence, SetScoreWeights, ViewScorecard,
};
use crate::domain::figures::percent;
use crate::domain::scorecard::ALL;
use crate::domain::scorecard::evidence::Act;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::scorecard::{self as service, DepartmentScore};
use crate::store::oversight::ScoreEvidence;
use crate::web::api::scorecards::{
    self as api, ScoreDecision, ScoreEvidenceQuery, ScoreWeights, ScorecardQuery,
};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn pages(r: &mut Router) {
    r.page("/scorecards/{year}", Action(ViewScorecard), list);
    // Before the page of one department: the last words are no identifiers.
    r.page_view("/scorecards/{year}/book", Action(ViewScorecard), book);
    r.page("/scorecards/{year}/weights", Action(SetScoreWeights), weights);
    r.form("/scorecards/{year}/weights", Action(SetScoreWeights), set_weights, weights);
    r.page("/scorecards/{year}/{department}", Action(ViewScorecard), show);
    r.page_view("/scorecards/{year}/{department}/book", Action(ViewScorecard), one_book);
    r.form_steps("/scorecards/{year}/{department}/evidence", Action(HandInScoreEvidence), hand_in, show)
        .with_files();
    r.page_view("/score-evidence/{id}", Action(ViewScorecard), api::evidence);
    r.page("/score-evidence/{id}/decide", Action(DecideScoreEvidence), decide);
    r.form("/score-evidence/{id}/confirm", Action(DecideScoreEvidence), confirm, decide);
    r.form("/score-evidence/{id}/reject", Action(DecideScoreEvidence), reject, decide);
}

/// Points as people write them.
fn points(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn year_of(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound("考评年度"))
}

struct Row {
    href: String,
    name: String,
    points: String,
    possible: String,
    share: String,
    cells: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "desk/scorecards.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    year: i32,
    before: i32,
    after: Option<i32>,
    heads: Vec<(usize, String)>,
    rows: Vec<Row>,
    may_weigh: bool,
}

fn row(year: i32, d: &DepartmentScore) -> Row {
    Row {
        href: format!("/scorecards/{year}/{}", d.id),
        name: d.name.clone(),
        points: points(d.score.points_hundredths),
        possible: points(d.score.possible_hundredths),
        share: percent(d.score.share_bp()),
        cells: d
            .score
            .lines
            .iter()
            .map(|l| {
                let weak = l.share_bp.is_some_and(|bp| bp < 6_000);
                (l.points_hundredths.map_or_else(|| "—".to_owned(), points), weak)
            })
            .collect(),
    }
}

fn list(cx: &mut Cx<'_>, ui: &Ui, year: String, _: NoQuery) -> Result<Page> {
    let cards = service::list(cx, year_of(&year)?, None)?;
    let template = ListPage {
        ui,
        year: cards.year,
        before: cards.year - 1,
        after: (cards.year < ui.today.year()).then_some(cards.year + 1),
        heads: ALL.iter().map(|i| (i.number, i.group.to_owned())).collect(),
        rows: cards.departments.iter().map(|d| row(cards.year, d)).collect(),
        may_weigh: ui.may(SetScoreWeights),
    };
    let page = Page::new(ui.t1("os-scores-of", "year", cards.year), &template)?;
    Ok(page.lead(ui.t("os-scores-lead")).under("/oversight", ui.t("nav-oversight")))
}

fn book(call: &Call, year: String, _: NoQuery) -> Result<Answer> {
    api::list(call, year, ScorecardQuery { format: Some("xlsx".to_owned()) })
}

fn one_book(call: &Call, of: (String, String), _: NoQuery) -> Result<Answer> {
    api::get(call, of, ScorecardQuery { format: Some("xlsx".to_owned()) })
}

struct Line {
    number: usize,
    group: String,
    title: String,
    by_evidence: bool,
    weight: u32,
    share: String,
    points: String,
    figures: String,
    evidence: Vec<Piece>,
}

struct Piece {
    id: Id,
    name: String,
    state: String,
    note: String,
    handed_in: String,
    waits: bool,
}

fn piece(ui: &Ui, e: &ScoreEvidence) -> Piece {
    Piece {
        id: e.id,
        name: e.name.clone(),
        note: e.note.clone(),
        handed_in: ui.time(&e.created_at.0),
        waits: e.state == "handed_in",
        state: e.state.clone(),
    }
}

#[derive(Template)]
#[template(path = "desk/scorecard.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    year: i32,
    department: Id,
    points: String,
    possible: String,
    share: String,
    lines: Vec<Line>,
    may_decide: bool,
    hand_in: Option<Vec<Choice>>,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (year, department): (String, String), _: NoQuery) -> Result<Page> {
    let id: Id = department.parse().map_err(|_| Error::NotFound("部门"))?;
    let (cards, own) = service::get(cx, year_of(&year)?, id)?;
    let lines = own.score.lines.iter().map(|l| Line {
        number: l.indicator.number,
        group: l.indicator.group.to_owned(),
        title: ui.told(l.indicator.title),
        by_evidence: l.indicator.by_evidence,
        weight: l.weight,
        share: percent(l.share_bp),
        points: l.points_hundredths.map_or_else(|| "—".to_owned(), points),
        figures: l.figures.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join("；"),
        evidence: own
            .evidence
            .iter()
            .filter(|e| usize::try_from(e.indicator).is_ok_and(|n| n == l.indicator.number))
            .map(|e| piece(ui, e))
            .collect(),
    });
    let mine = cx.actor.department == Some(id) && ui.may(HandInScoreEvidence);
    let choices = || {
        ALL.iter()
            .filter(|i| i.by_evidence)
            .map(|i| Choice::new(i.number.to_string(), format!("{} {}", i.number, i.group)))
            .collect()
    };
    let template = ShowPage {
        ui,
        year: cards.year,
        department: id,
        points: points(own.score.points_hundredths),
        possible: points(own.score.possible_hundredths),
        share: percent(own.score.share_bp()),
        lines: lines.collect(),
        may_decide: ui.may(DecideScoreEvidence),
        hand_in: mine.then(choices),
    };
    let page = Page::new(ui.t2("os-score-of", "name", &own.name, "year", cards.year), &template)?;
    let page = page.under("/oversight", ui.t("nav-oversight"));
    Ok(page.under(format!("/scorecards/{}", cards.year), ui.t1("os-scores-of", "year", cards.year)))
}

/// To what the file belongs.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandIn {
    /// Number of the indicator.
    indicator: i32,
}

fn hand_in(call: &Call, of: (String, String), _: &NoQuery, body: HandIn, form: &Form) -> Result<Answer> {
    let Some(file) = form.file("file").filter(|f| !f.bytes.is_empty()) else {
        return Err(Error::field("/file", "required", "请选择文件"));
    };
    let query = ScoreEvidenceQuery { indicator: body.indicator, name: file.name.clone() };
    let to = format!("/scorecards/{}/{}", of.0, of.1);
    let answer = api::hand_in(call, of, query, file.bytes.clone())?;
    if answer.refusal.is_some() { Ok(answer) } else { Done::to(to).say("os-handed-in").answer(call) }
}

#[derive(Template)]
#[template(path = "desk/score_weights.html")]
struct WeightsPage<'a> {
    ui: &'a Ui,
    year: i32,
    version: i64,
    rows: Vec<(String, String, u32)>,
}

fn weights(cx: &mut Cx<'_>, ui: &Ui, year: String, _: NoQuery) -> Result<Page> {
    let year = year_of(&year)?;
    let (weights, version) = service::weights(cx, year)?;
    let rows = ALL.iter().zip(&weights).enumerate().map(|(i, (indicator, weight))| {
        let label = format!("{} {} · {}", indicator.number, indicator.group, ui.told(indicator.title));
        (format!("weights/{i}"), label, *weight)
    });
    let template = WeightsPage { ui, year, version, rows: rows.collect() };
    let page = Page::new(ui.t1("os-weights-of", "year", year), &template)?.narrow();
    let page = page.under("/oversight", ui.t("nav-oversight"));
    Ok(page.under(format!("/scorecards/{year}"), ui.t1("os-scores-of", "year", year)))
}

fn set_weights(cx: &mut Cx<'_>, year: String, body: &ScoreWeights) -> Result<Done> {
    service::set_weights(cx, year_of(&year)?, &body.weights)?;
    Ok(Done::to(format!("/scorecards/{year}")).say("os-weights-set"))
}

#[derive(Template)]
#[template(path = "desk/score_evidence.html")]
struct DecidePage<'a> {
    ui: &'a Ui,
    year: i32,
    department: Id,
    office: String,
    indicator: String,
    version: i64,
    piece: Piece,
}

fn decide(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let e = service::evidence(cx, id)?;
    let office =
        offices(cx)?.into_iter().find(|d| d.id == e.department_id).map(|d| d.name).unwrap_or_default();
    let known = ALL.iter().find(|i| usize::try_from(e.indicator).is_ok_and(|n| n == i.number));
    let indicator = known.map(|i| format!("{} {}", i.number, i.group)).unwrap_or_default();
    let template = DecidePage {
        ui,
        year: e.year,
        department: e.department_id,
        office,
        indicator,
        version: e.version,
        piece: piece(ui, &e),
    };
    let page = Page::new(ui.t("os-evidence"), &template)?.narrow().under("/oversight", ui.t("nav-oversight"));
    let back = format!("/scorecards/{}/{}", e.year, e.department_id);
    Ok(page.under(back, ui.t2("os-score-of", "name", &template.office, "year", e.year)))
}

fn decided(cx: &mut Cx<'_>, id: Id, act: Act, note: &str) -> Result<Done> {
    let e = service::decide(cx, id, act, note)?;
    Ok(Done::to(format!("/scorecards/{}/{}", e.year, e.department_id)).say("os-decided"))
}

fn confirm(cx: &mut Cx<'_>, id: Id, body: &ScoreDecision) -> Result<Done> {
    decided(cx, id, Act::Confirm, &body.note)
}

fn reject(cx: &mut Cx<'_>, id: Id, body: &ScoreDecision) -> Result<Done> {
    decided(cx, id, Act::Reject, &body.note)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let list = |rows, after| ListPage {
        ui,
        year: 2026,
        before: 2025,
        after,
        heads: ALL.iter().map(|i| (i.number, i.group.to_owned())).collect(),
        rows,
        may_weigh: true,
    };
    let row = || Row {
        href: text("/scorecards/2026/1"),
        name: text("市场监管局"),
        points: points(8_250),
        possible: points(10_000),
        share: text("82.5%"),
        cells: vec![(text("5"), true), (text("—"), false)],
    };
    let piece = |state: &str| Piece {
        id,
        name: text("会议纪要.pdf"),
        state: text(state),
        note: text("缺签字"),
        handed_in: text("2026年5月8日 10:30"),
        waits: state == "handed_in",
    };
    let line = |by_evidence| Line {
        number: 1,
        group: text("组织领导"),
        title: text("有健全的组织机构"),
        by_evidence,
        weight: 5,
        share: text("100%"),
        points: text("5"),
        figures: text("已确认 1"),
        evidence: vec![piece("handed_in"), piece("rejected"), piece("confirmed")],
    };
    let show = |own| ShowPage {
        ui,
        year: 2026,
        department: id,
        points: points(8_250),
        possible: points(10_000),
        share: text("82.5%"),
        lines: vec![line(true), line(false)],
        may_decide: true,
        hand_in: own,
    };
    let weights =
        WeightsPage {
            ui, year: 2026, version: 0, rows: vec![(text("weights/0"), text("1 组织领导"), 5)]
        };
    let decide = DecidePage {
        ui,
        year: 2026,
        department: id,
        office: text("市场监管局"),
        indicator: text("1 组织领导"),
        version: 1,
        piece: piece("handed_in"),
    };
    vec![
        Page::new(ui.t1("os-scores-of", "year", 2026), &list(vec![row()], Some(2027))).unwrap(),
        Page::new(ui.t1("os-scores-of", "year", 2026), &list(Vec::new(), None)).unwrap(),
        Page::new("市场监管局", &show(Some(vec![Choice::new("1", "1 组织领导")]))).unwrap(),
        Page::new("市场监管局", &show(None)).unwrap(),
        Page::new(ui.t1("os-weights-of", "year", 2026), &weights).unwrap(),
        Page::new(ui.t("os-evidence"), &decide).unwrap(),
    ]
}
