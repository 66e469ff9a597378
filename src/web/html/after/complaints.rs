//! What businesses say of their visits: complaints with what is done about them, and ratings. For the oversight and the
//! coordination office; no department that inspects sees any of it. And the cards by which a business rates.

use super::key;
use super::parts::{Cell, Deed, ListPage, ThingPage, word_choices};
use crate::domain::access::Action::{HandleComplaint, PrintRatingCard, ViewVoice};
use crate::domain::access::Scope;
use crate::domain::voice::{Act, Question, State, next};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::voice;
use crate::store::voice::{Complaint, Rating};
use crate::store::{accounts, county, visits};
use crate::web::api::papers;
use crate::web::api::voice::ComplaintText;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::{Html, Ui, escaped};
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/complaints", Action(ViewVoice), list);
    r.page("/complaints/{id}", Action(ViewVoice), show);
    r.form("/complaints/{id}/take", Action(HandleComplaint), take, show);
    r.form("/complaints/{id}/answer", Action(HandleComplaint), answer, show);
    r.form("/complaints/{id}/close", Action(HandleComplaint), close, show);
    r.page("/ratings", Action(ViewVoice), ratings);
    r.page_view("/papers/rating-cards/visits/{id}", Action(PrintRatingCard), papers::rating_card);
    r.page_view("/papers/rating-cards/inspections/{id}", Action(PrintRatingCard), papers::rating_cards);
}

/// Filters of the complaints.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State; empty: all.
    state: String,
    /// Visit.
    #[serde(deserialize_with = "filled")]
    visit_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Code and subject of each visit.
type Visits = HashMap<Id, (String, String)>;

fn named(cx: &mut Cx<'_>, ids: impl IntoIterator<Item = Id>) -> Result<Visits> {
    let ids: Vec<Id> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let rows = visits::by_ids(cx.db, &ids)?;
    let subjects: Vec<Id> = rows.iter().map(|v| v.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    Ok(rows
        .into_iter()
        .map(|v| (v.id, (v.code, subjects.get(&v.subject_id).cloned().unwrap_or_default())))
        .collect())
}

fn of(visits: &Visits, id: Id) -> (&str, &str) {
    visits.get(&id).map_or(("", ""), |(code, subject)| (code.as_str(), subject.as_str()))
}

/// The first words of a text.
fn beginning(text: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let state = match query.state.as_str() {
        "" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let state = state.map(|s| s.as_str().to_owned());
    let read = |most| voice::list_complaints(cx, state, query.visit_id, after, most);
    let (rows, next) = cut(read, |r| r.id.to_string())?;
    let visits = named(cx, rows.iter().map(|r| r.visit_id))?;
    let mut page = list_page(ui, &visits, &rows, &query.state);
    let visit = query.visit_id.map(|v| v.to_string());
    page.keep.extend(visit.iter().map(|v| ("visit_id", v.clone())));
    let filters = [("state", Some(query.state.as_str())), ("visit_id", visit.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

const STATES: [&str; 5] = ["", "lodged", "taken", "answered", "closed"];

fn list_page<'a>(ui: &'a Ui, visits: &Visits, rows: &[Complaint], state: &str) -> ListPage<'a> {
    let heads = ["fu-voice-complaint", "col-subject", "fu-voice-when", "col-state"];
    let cells = rows
        .iter()
        .map(|r| {
            let (code, subject) = of(visits, r.visit_id);
            vec![
                Cell::link(ui, &format!("/complaints/{}", r.id), &beginning(&r.words)),
                Cell::text(subject).small(code),
                Cell::text(&ui.time(&r.created_at.0)),
                Cell::chip(ui, "fu-voice-state", &r.state),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    let mut page = ListPage::new(ui, ui.t("fu-voice-complaints"), heads, cells)
        .none(ui.t("fu-voice-none"), ui.t("fu-voice-none-then"));
    page.filters.push(ui.field("state", "col-state").select(&word_choices(
        ui,
        "fu-voice-state",
        &STATES,
        state,
    )));
    page.notes.push(ui.t("fu-voice-secret"));
    page
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = voice::complaint(cx, id)?;
    let visits = named(cx, [row.visit_id])?;
    let taker = match row.taken_by {
        Some(user) => accounts::get(cx.db, user)?.map(|a| a.name).unwrap_or_default(),
        None => String::new(),
    };
    let may = cx.can(HandleComplaint, &Scope::county(&row.region));
    page(ui, &row, &visits, &taker, may)
}

fn page(ui: &Ui, row: &Complaint, visits: &Visits, taker: &str, may: bool) -> Result<Page> {
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("complaint state"))?;
    let (code, subject) = of(visits, row.visit_id);
    let mut thing = ThingPage::new(ui, ui.chip("fu-voice-state", &row.state), String::new());
    thing.turn = ui.word("fu-voice-turn", &row.state);
    thing.notes.push(ui.t("fu-voice-secret"));
    thing.fact(ui.t("col-subject"), subject);
    thing.linked(ui.t("finding-visit"), ui.link(&format!("/visits/{}", row.visit_id), code));
    thing.fact(ui.t("fu-voice-when"), &ui.time(&row.created_at.0));
    let contact = if row.contact.is_empty() { ui.t("fu-voice-nameless") } else { row.contact.clone() };
    thing.fact(ui.t("fu-voice-contact"), &contact);
    thing.words(ui.t("fu-voice-complaint"), &row.words);
    let at = |t: Option<crate::store::types::At>| t.map(|t| ui.time(&t.0)).unwrap_or_default();
    if row.taken_at.is_some() {
        thing.fact(ui.t("fu-voice-taken"), format!("{taker} {}", at(row.taken_at)).trim());
    }
    thing.words(ui.t("fu-voice-answer"), &row.answer);
    thing.fact(ui.t("fu-voice-answered"), &at(row.answered_at));
    thing.words(ui.t("fu-voice-closing"), &row.closing);
    thing.fact(ui.t("fu-voice-closed"), &at(row.closed_at));
    if may {
        for act in [Act::Take, Act::Close, Act::Answer] {
            if next(state, act).is_err() {
                continue;
            }
            let act = act.as_str();
            let words = ui.field("text", "fu-voice-text").of_form(act).area().most(4000);
            let fields =
                if act == "take" { Vec::new() } else { vec![words.hint_of(&ui.word("fu-voice-hint", act))] };
            let href = format!("/complaints/{}/{act}", row.id);
            thing.deeds.push(Deed::new(ui, href, ui.word("fu-voice-act", act), fields).of(ui, row.version));
        }
    }
    thing.page(ui.t("fu-voice-complaint"), "/complaints", ui.t("fu-voice-complaints"))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/complaints/{id}")).say(said)
}

fn take(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    voice::handle(cx, id, Act::Take, "")?;
    Ok(done(id, "fu-voice-was-taken"))
}

fn answer(cx: &mut Cx<'_>, id: Id, body: &ComplaintText) -> Result<Done> {
    voice::handle(cx, id, Act::Answer, &body.text)?;
    Ok(done(id, "fu-voice-was-answered"))
}

fn close(cx: &mut Cx<'_>, id: Id, body: &ComplaintText) -> Result<Done> {
    voice::handle(cx, id, Act::Close, &body.text)?;
    Ok(done(id, "fu-voice-was-closed"))
}

/// Filters of the ratings.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct RatingQuery {
    /// Visit.
    #[serde(deserialize_with = "filled")]
    visit_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

fn ratings(cx: &mut Cx<'_>, ui: &Ui, (): (), query: RatingQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let read = |most| voice::list_ratings(cx, query.visit_id, after, most);
    let (rows, next) = cut(read, |r| r.id.to_string())?;
    let visits = named(cx, rows.iter().map(|r| r.visit_id))?;
    let mut page = ratings_page(ui, &visits, &rows);
    let visit = query.visit_id.map(|v| v.to_string());
    page.pager = Pager::new(ui, &[("visit_id", visit.as_deref())], query.after.is_some(), next.as_deref());
    page.page()
}

fn ratings_page<'a>(ui: &'a Ui, visits: &Visits, rows: &[Rating]) -> ListPage<'a> {
    let mut heads = vec![ui.t("col-subject")];
    heads.extend(Question::ALL.iter().map(|q| ui.word("fu-voice-q", q.as_str())));
    heads.extend([ui.t("fu-voice-words"), ui.t("fu-voice-when")]);
    let cells = rows
        .iter()
        .map(|r| {
            let (code, subject) = of(visits, r.visit_id);
            let link = ui.link(&format!("/visits/{}", r.visit_id), code);
            let first = Html::made(format!("{}<br><small>{link}</small>", escaped(subject)));
            let mut cells = vec![Cell::of(first)];
            cells.extend(Question::ALL.iter().map(|q| {
                let score = r.scores.0.get(q.as_str()).copied();
                let text = score.map(|n| ui.n("fu-voice-score", n)).unwrap_or_default();
                Cell::text(&text).late(score.is_some_and(|n| n <= 2))
            }));
            cells.push(Cell::text(&r.words).long());
            cells.push(Cell::text(&ui.time(&r.created_at.0)));
            cells
        })
        .collect();
    let mut page = ListPage::new(ui, ui.t("fu-voice-ratings"), heads, cells)
        .none(ui.t("fu-voice-no-rating"), ui.t("fu-voice-no-rating-then"));
    page.notes.push(ui.t("fu-voice-secret"));
    page
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::{At, Doc};
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let visits: Visits = [(id, (text("V0001"), text("某某餐厅")))].into();
    let row = |state: State| Complaint {
        id,
        region: text("350403"),
        visit_id: id,
        words: text("检查人员接受吃请").repeat(12),
        contact: if state == State::Lodged { String::new() } else { text("13800000000") },
        answer: text("已核实并约谈"),
        closing: text("投诉人认可"),
        taken_by: Some(id),
        taken_at: (state != State::Lodged).then_some(At(ui.now)),
        answered_at: Some(At(ui.now)),
        closed_at: Some(At(ui.now)),
        state: text(state.as_str()),
        version: 1,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    let rating = Rating {
        id,
        region: text("350403"),
        visit_id: id,
        scores: Doc(Question::ALL.iter().zip(1..).map(|(q, n)| (q.as_str().to_owned(), n)).collect()),
        words: text("态度生硬"),
        created_at: At(ui.now),
    };
    let mut pages: Vec<Page> =
        State::ALL.iter().map(|s| page(ui, &row(*s), &visits, "张三", true).unwrap()).collect();
    pages.extend([
        list_page(ui, &visits, &[row(State::Lodged)], "lodged").page().unwrap(),
        list_page(ui, &visits, &[], "").page().unwrap(),
        ratings_page(ui, &visits, &[rating]).page().unwrap(),
        ratings_page(ui, &visits, &[]).page().unwrap(),
    ]);
    pages
}
