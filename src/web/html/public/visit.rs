//! The page behind the QR code of a visit: who came to check what; rating it, and complaining about it. The department
//! that is rated sees neither.

use crate::domain::voice::Question;
use crate::error::{Error, Result};
use crate::service::cx::Cx;
use crate::service::voice;
use crate::web::api::voice::{ComplaintBody, RatingBody};
use crate::web::html::field::Choice;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::router::{Allow, Router};
use askama::Template;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/public/visits/{token}", Allow::Public, show);
    r.form("/public/visits/{token}/rating", Allow::Public, rate, show);
    r.form("/public/visits/{token}/complaint", Allow::Public, complain, show);
}

/// What a business types that has the card of its visit and only scanned the code of the team.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct CardQuery {
    /// The code on the card.
    card: String,
}

struct Officer {
    name: String,
    department: String,
    came: bool,
    expert: bool,
}

#[derive(Template)]
#[template(path = "public/visit.html")]
struct VisitPage<'a> {
    ui: &'a Ui,
    token: String,
    code: String,
    subject: String,
    day: String,
    ended: bool,
    items: Vec<(String, String)>,
    team: Vec<Officer>,
    scores: Vec<Choice>,
    questions: Vec<(String, String)>,
    complaining: bool,
    may_rate: bool,
    /// The code of the card that was typed is no code of this visit.
    wrong: bool,
    card: String,
}

fn scores(ui: &Ui) -> Vec<Choice> {
    (1..=5).rev().map(|n| Choice::new(n.to_string(), ui.t(&format!("score-{n}")))).collect()
}

fn questions(ui: &Ui) -> Vec<(String, String)> {
    Question::ALL
        .iter()
        .map(|q| (format!("scores/{}", q.as_str()), ui.word("question", q.as_str())))
        .collect()
}

fn show(cx: &mut Cx<'_>, ui: &Ui, mut token: String, query: CardQuery) -> Result<Page> {
    let mut p = voice::page(cx, &token)?;
    let mut wrong = false;
    let card: String = query.card.chars().filter(char::is_ascii_alphanumeric).collect();
    if !p.may_rate && !query.card.trim().is_empty() {
        match voice::page(cx, &card) {
            Ok(own) if own.may_rate && own.code == p.code => (p, token) = (own, card),
            Ok(_) | Err(Error::NotFound(_)) => wrong = true,
            Err(other) => return Err(other),
        }
    }
    let template = VisitPage {
        ui,
        code: p.code,
        subject: p.subject,
        day: ui.day_or(&p.day),
        ended: p.ended,
        items: p.items,
        team: p
            .team
            .into_iter()
            .map(|o| Officer { name: o.name, department: o.department, came: o.came, expert: o.expert })
            .collect(),
        scores: scores(ui),
        questions: questions(ui),
        complaining: ui.path.ends_with("/complaint"),
        may_rate: p.may_rate,
        wrong,
        card: query.card,
        token,
    };
    Ok(Page::new(ui.t("visit-title"), &template)?.narrow())
}

fn rate(cx: &mut Cx<'_>, token: String, body: &RatingBody) -> Result<Done> {
    voice::rate(cx, &token, &body.scores, &body.text)?;
    Ok(Done::to(format!("/public/visits/{token}")).say("visit-rated"))
}

fn complain(cx: &mut Cx<'_>, token: String, body: &ComplaintBody) -> Result<Done> {
    voice::complain(cx, &token, &body.text, &body.contact)?;
    Ok(Done::to(format!("/public/visits/{token}")).say("visit-complained"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let officer =
        |came, expert| Officer {
            name: "张*".to_owned(), department: "市场监管局".to_owned(), came, expert
        };
    let page = |ended, complaining| VisitPage {
        ui,
        token: "ABCD".to_owned(),
        code: "V0001".to_owned(),
        subject: "某某餐厅".to_owned(),
        day: "2026年5月8日（周五）".to_owned(),
        ended,
        items: vec![("市场监管局".to_owned(), "食品经营许可检查".to_owned())],
        team: vec![officer(true, false), officer(false, true)],
        scores: scores(ui),
        questions: questions(ui),
        complaining,
        may_rate: ended,
        wrong: !ended,
        card: "2345-6789".to_owned(),
    };
    [page(true, true), page(false, false)]
        .iter()
        .map(|p| Page::new(ui.t("visit-title"), p).unwrap().narrow())
        .collect()
}
