//! 回访: announcing from which visits how many are drawn, drawing, asking those that were drawn.

use super::key;
use super::parts::{Cell, Deed, ListPage, Part, ThingPage, nothing, plain, with_small, word_choices};
use crate::domain::access::Action::{AskBusiness, ViewVoice};
use crate::domain::access::Scope;
use crate::domain::return_visit::{Answer, Progress, Question, State};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::voice::rounds::{self, Round};
use crate::store::county;
use crate::store::subjects::Subject;
use crate::store::visits;
use crate::store::voice::{ReturnRound, ReturnVisit};
use crate::web::api::return_visits::{self as api, ReturnAnswers, ReturnRoundBody};
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/return-rounds", Action(ViewVoice), list);
    // Before the route of one draw: its first segment is an identifier.
    r.page("/return-rounds/new", Action(AskBusiness), ask);
    r.form("/return-rounds/new", Action(AskBusiness), announce, ask);
    r.page("/return-rounds/{id}", Action(ViewVoice), show);
    r.form("/return-rounds/{id}/draw", Action(AskBusiness), draw, show);
    r.page("/return-visits/{id}/answers", Action(AskBusiness), questions);
    r.form("/return-visits/{id}/answers", Action(AskBusiness), record, questions);
}

/// Where the list goes on.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let (rows, next) = cut(|most| rounds::list(cx, after, most), |r| r.id.to_string())?;
    let mut page = list_page(ui, &rows, ui.may(AskBusiness));
    page.pager = Pager::new(ui, &[], query.after.is_some(), next.as_deref());
    page.page()
}

fn list_page<'a>(ui: &'a Ui, rows: &[ReturnRound], asks: bool) -> ListPage<'a> {
    let heads = ["fu-round-period", "fu-round-pool", "fu-round-count", "col-state"];
    let cells = rows
        .iter()
        .map(|r| {
            let period = ui.span(&r.from_day, &r.to_day);
            vec![
                Cell::link(ui, &format!("/return-rounds/{}", r.id), &period).small(&ui.t1(
                    "fu-round-announced",
                    "time",
                    ui.time(&r.created_at.0),
                )),
                Cell::text(&ui.n("fu-round-visits", r.pool.0.len())),
                Cell::text(&ui.n("fu-round-visits", r.count)),
                Cell::chip(ui, "fu-round-state", &r.state),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    let mut page = ListPage::new(ui, ui.t("fu-round-title"), heads, cells)
        .none(ui.t("fu-round-none"), ui.t("fu-round-none-then"));
    if asks {
        page.ways.push(("/return-rounds/new".to_owned(), ui.t("fu-round-new")));
    }
    page
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let region = cx.region().to_owned();
    cx.may(AskBusiness, &Scope::county(&region))?;
    ask_page(ui)
}

fn ask_page(ui: &Ui) -> Result<Page> {
    let mut thing = ThingPage::new(ui, nothing(), String::new());
    thing.notes.push(ui.t("fu-round-how"));
    let field = |name: &str, label: &str| ui.field(name, label).of_form("new");
    let fields = vec![
        field("from", "fu-round-from").date(),
        field("to", "fu-round-to").date().value(ui.today),
        field("count", "fu-round-count").number().hint("fu-round-count-hint"),
        field("nonce", "fu-round-nonce").most(32).optional().hint("fu-round-nonce-hint"),
    ];
    let deed = Deed::new(ui, "/return-rounds/new".to_owned(), ui.t("fu-round-new"), fields);
    thing.deeds.push(deed.go(ui.t("fu-round-go")).sure(ui.t("fu-round-sure")));
    Ok(thing.page(ui.t("fu-round-new"), "/return-rounds", ui.t("fu-round-title"))?.narrow())
}

fn announce(cx: &mut Cx<'_>, (): (), body: &ReturnRoundBody) -> Result<Done> {
    let made = api::announce(cx, (), body)?.value;
    Ok(Done::to(format!("/return-rounds/{}", made.id)).say("fu-round-was-announced"))
}

/// Codes of the pool that are shown.
const CODES: usize = 200;

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let round = rounds::get(cx, id)?;
    let region = cx.region().to_owned();
    let asks = cx.can(AskBusiness, &Scope::county(&region));
    page(ui, &round, asks)
}

fn page(ui: &Ui, round: &Round, asks: bool) -> Result<Page> {
    let row = &round.row;
    let mut thing = ThingPage::new(ui, ui.chip("fu-round-state", &row.state), String::new());
    let announced = row.state == State::Announced.as_str();
    thing.turn = if announced {
        ui.t("fu-round-turn-announced")
    } else {
        let left = round.visits.iter().filter(|(v, _)| v.state == Progress::Waiting.as_str()).count();
        if left == 0 { ui.t("fu-round-turn-done") } else { ui.n("fu-round-turn-drawn", left) }
    };
    match round.correct {
        Some(true) => thing.notes.push(ui.t("fu-round-correct")),
        Some(false) => {
            thing.late = true;
            thing.turn = ui.t("fu-round-wrong");
        }
        None => thing.notes.push(ui.t("fu-round-how")),
    }
    thing.fact(ui.t("fu-round-period"), &ui.span(&row.from_day, &row.to_day));
    thing.fact(ui.t("fu-round-pool"), &ui.n("fu-round-visits", row.pool.0.len()));
    thing.fact(ui.t("fu-round-count"), &ui.n("fu-round-visits", row.count));
    thing.fact(ui.t("fu-round-when"), &ui.time(&row.created_at.0));
    thing.fact(ui.t("fu-round-drawn-at"), &row.drawn_at.map(|t| ui.time(&t.0)).unwrap_or_default());
    thing.words(ui.t("fu-round-hash"), &row.pool_hash);
    thing.words(ui.t("fu-round-nonce"), &row.nonce);
    thing.words(ui.t("fu-round-seed"), &row.seed);
    thing.words(ui.t("fu-round-checkpoint"), &row.checkpoint);
    if !announced {
        let lines = round.visits.iter().map(|(v, code)| {
            let text = plain(&ui.t2("fu-round-rank", "n", v.rank, "code", code));
            let day = v.asked_day.map(|d| ui.t1("fu-round-asked-on", "day", ui.day(&d))).unwrap_or_default();
            let waits = v.state == Progress::Waiting.as_str();
            let end = if asks {
                let word = ui.t(if waits { "fu-round-ask" } else { "fu-round-ask-again" });
                ui.link(&format!("/return-visits/{}/answers", v.id), &word)
            } else {
                ui.chip("fu-round-progress", &v.state)
            };
            (with_small(&text, &day), end)
        });
        let lines = lines.collect();
        thing.parts.push(Part { title: ui.t("fu-round-drawn"), lines, none: String::new() });
    }
    let codes: Vec<&str> = row.pool.0.iter().take(CODES).map(String::as_str).collect();
    let mut pool = codes.join(&ui.t("comma"));
    if row.pool.0.len() > CODES {
        pool.push_str(" …");
    }
    thing.words(ui.t("fu-round-codes"), &pool);
    if announced && asks {
        let href = format!("/return-rounds/{}/draw", row.id);
        let deed = Deed::new(ui, href, ui.t("fu-round-draw"), Vec::new());
        thing.deeds.push(deed.of(ui, row.version).then(ui.t("fu-round-draw-then")));
    }
    let title = ui.t1("fu-round-of", "period", ui.span(&row.from_day, &row.to_day));
    thing.page(title, "/return-rounds", ui.t("fu-round-title"))
}

fn draw(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    rounds::draw(cx, id)?;
    Ok(Done::to(format!("/return-rounds/{id}")).say("fu-round-was-drawn"))
}

fn questions(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, code) = rounds::visit(cx, id)?;
    cx.may(AskBusiness, &Scope::county(&row.region))?;
    let visit = visits::need(cx.db, row.visit_id)?;
    let subject = county::subjects(cx.db, &[visit.subject_id])?.pop();
    let subject = subject.ok_or_else(|| Error::internal("subject"))?;
    questions_page(ui, &row, &code, visit.on_day, &subject)
}

fn questions_page(
    ui: &Ui,
    row: &ReturnVisit,
    code: &str,
    day: Option<NaiveDate>,
    subject: &Subject,
) -> Result<Page> {
    let mut thing = ThingPage::new(ui, ui.chip("fu-round-progress", &row.state), code.to_owned());
    thing.fact(ui.t("col-subject"), &subject.name);
    thing.fact(ui.t("door-contact"), format!("{} {}", subject.contact, subject.phone).trim());
    thing.fact(ui.t("door-address"), &subject.address);
    thing.fact(ui.t("visit-day"), &ui.day_or(&day));
    thing.linked(ui.t("finding-visit"), ui.link(&format!("/visits/{}", row.visit_id), code));
    let answers: Vec<&str> = Answer::ALL.iter().map(|a| a.as_str()).collect();
    let mut fields: Vec<_> = Question::ALL
        .iter()
        .map(|q| {
            let given = row.answers.0.get(q.as_str()).map_or("", String::as_str);
            let label = ui.word("fu-round-question", q.as_str());
            let choices = word_choices(ui, "fu-round-answer", &answers, given);
            ui.field_of(&format!("answers/{}", q.as_str()), &label).of_form("answers").radios(&choices)
        })
        .collect();
    let more = ui.field("text", "fu-round-text").of_form("answers").value(&row.words);
    fields.push(more.area().most(4000).optional());
    let asked = row.asked_day.unwrap_or(ui.today);
    fields.push(ui.field("day", "fu-round-day").of_form("answers").date().value(asked));
    let href = format!("/return-visits/{}/answers", row.id);
    let deed = Deed::new(ui, href, ui.t("fu-round-record"), fields).of(ui, row.version);
    thing.deeds.push(deed.go(ui.t("fu-round-record-go")));
    let page = thing.page(ui.t("fu-round-ask"), "/return-rounds", ui.t("fu-round-title"))?;
    Ok(page.under(format!("/return-rounds/{}", row.round_id), ui.t("fu-round-drawn")).narrow())
}

fn record(cx: &mut Cx<'_>, id: Id, body: &ReturnAnswers) -> Result<Done> {
    let row = api::record(cx, id, body)?.value;
    Ok(Done::to(format!("/return-rounds/{}", row.round_id)).say("fu-round-was-recorded"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::{At, Doc};
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let row = |state: State| ReturnRound {
        id,
        region: text("350403"),
        from_day: ui.today,
        to_day: ui.today,
        count: 2,
        pool: Doc((0..300).map(|n| format!("V{n:04}")).collect()),
        pool_hash: text("ab12"),
        nonce: text("cd34"),
        checkpoint: if state == State::Drawn { text("onedoor/350403") } else { String::new() },
        seed: if state == State::Drawn { text("ef56") } else { String::new() },
        announced_by: id,
        drawn_at: (state == State::Drawn).then_some(At(ui.now)),
        state: text(state.as_str()),
        version: 1,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    let visit = |state: Progress| ReturnVisit {
        id,
        region: text("350403"),
        round_id: id,
        visit_id: id,
        number: 1,
        rank: 1,
        answers: Doc([(text("held"), text("yes"))].into()),
        words: text("无人到店"),
        asked_by: None,
        asked_day: (state == Progress::Asked).then_some(ui.today),
        state: text(state.as_str()),
        version: 1,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    let round = |state: State, correct, left: Progress| Round {
        row: row(state),
        visits: vec![(visit(left), text("V0001")), (visit(Progress::Asked), text("V0002"))],
        correct,
    };
    let subject = Subject {
        id,
        region: text("350403"),
        key: text("91350403MA00000000"),
        uscc: String::new(),
        registration_no: String::new(),
        name: text("某某餐厅"),
        search: String::new(),
        kind: String::new(),
        division: String::new(),
        town: String::new(),
        address: text("列东街道江滨路12号"),
        industry: String::new(),
        industry_name: String::new(),
        credit: String::new(),
        founded: None,
        lon: None,
        lat: None,
        contact: text("李四"),
        phone: text("0598-1234567"),
        tags: Doc(Vec::new()),
        abnormal: false,
        serious: false,
        state: text("active"),
        version: 1,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    vec![
        list_page(ui, &[row(State::Announced), row(State::Drawn)], true).page().unwrap(),
        list_page(ui, &[], false).page().unwrap(),
        ask_page(ui).unwrap(),
        page(ui, &Round { visits: Vec::new(), ..round(State::Announced, None, Progress::Asked) }, true)
            .unwrap(),
        page(ui, &round(State::Drawn, Some(true), Progress::Waiting), true).unwrap(),
        page(ui, &round(State::Drawn, Some(true), Progress::Asked), false).unwrap(),
        page(ui, &round(State::Drawn, Some(false), Progress::Waiting), false).unwrap(),
        questions_page(ui, &visit(Progress::Waiting), "V0001", Some(ui.today), &subject).unwrap(),
        questions_page(ui, &visit(Progress::Asked), "V0001", None, &subject).unwrap(),
    ]
}
