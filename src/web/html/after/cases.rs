//! 立案: filing a case because of a result, a rectification that was not fulfilled or a referral that was received; the list,
//! one of them, its end.

use super::parts::{Cell, Deed, ListPage, ThingPage, nothing, office_choices, word_choices};
use super::{Names, key};
use crate::domain::access::Action::{ViewFollowUp, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::case_filing::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::{cases, rectifications, referrals};
use crate::service::results;
use crate::store::follow_up::CaseFiling;
use crate::store::follow_up::case_filings::Filter;
use crate::web::api::follow_up::{self as api, CaseBody, CaseOutcome};
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/case-filings", Action(ViewFollowUp), list);
    // Before the route of one case: its first segment is an identifier.
    r.page("/case-filings/new", Action(WorkFollowUp), ask);
    r.form("/case-filings/new", Action(WorkFollowUp), file, ask);
    r.page("/case-filings/{id}", Action(ViewFollowUp), show);
    r.form("/case-filings/{id}/close", Action(WorkFollowUp), close, show);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State; empty: all.
    state: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let state = match query.state.as_str() {
        "" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let filter = Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        ..Filter::default()
    };
    let (rows, next) = cut(|most| cases::list(cx, &filter, after, most), |r| r.id.to_string())?;
    let names = Names::read(cx, rows.iter().map(|r| r.subject_id))?;
    let region = cx.region().to_owned();
    let mut page = list_page(ui, &names, &rows);
    let states = word_choices(ui, "fu-case-state", &["", "filed", "closed"], &query.state);
    page.filters.push(ui.field("state", "col-state").select(&states));
    if cx.can(ViewFollowUp, &Scope::county(&region)) {
        let offices = office_choices(cx, ui, query.department_id)?;
        page.filters.push(ui.field("department_id", "department").select(&offices));
    }
    let office = query.department_id.map(|d| d.to_string());
    let filters = [("state", Some(query.state.as_str())), ("department_id", office.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

fn list_page<'a>(ui: &'a Ui, names: &Names, rows: &[CaseFiling]) -> ListPage<'a> {
    let heads = ["col-subject", "fu-case-cause", "department", "fu-case-day", "col-state"];
    let cells = rows
        .iter()
        .map(|r| {
            vec![
                Cell::link(ui, &format!("/case-filings/{}", r.id), names.subject(r.subject_id))
                    .small(&r.number),
                Cell::text(&r.cause).long(),
                Cell::text(names.office(r.department_id)),
                Cell::text(&ui.day(&r.filed_day)),
                Cell::chip(ui, "fu-case-state", &r.state),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    ListPage::new(ui, ui.t("fu-case-title"), heads, cells)
        .none(ui.t("fu-case-none"), ui.t("fu-case-none-then"))
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = cases::get(cx, id)?;
    let names = Names::read(cx, [row.subject_id])?;
    let scope = Scope::of(&row.region, row.department_id);
    let works = row.state == State::Filed.as_str() && cx.can(WorkFollowUp, &scope);
    let seen = results::get(cx, row.result_id).is_ok();
    page(ui, &row, &names, seen, works)
}

/// `seen`: whoever looks may read the result; after a referral it is another department's.
fn page(ui: &Ui, row: &CaseFiling, names: &Names, seen: bool, works: bool) -> Result<Page> {
    let mut thing = ThingPage::new(ui, ui.chip("fu-case-state", &row.state), row.number.clone());
    thing.fact(ui.t("col-subject"), names.subject(row.subject_id));
    thing.fact(ui.t("department"), names.office(row.department_id));
    thing.fact(ui.t("fu-case-number"), &row.number);
    thing.fact(ui.t("fu-case-day"), &ui.day(&row.filed_day));
    thing.words(ui.t("fu-case-cause"), &row.cause);
    if seen {
        let href = format!("/results/{}", row.result_id);
        thing.linked(ui.t("follow-from"), ui.link(&href, &ui.t("follow-see-result")));
    }
    if let Some(id) = row.rectification_id {
        let href = format!("/rectifications/{id}");
        thing.linked(ui.t("follow-rectification"), ui.link(&href, &ui.t("fu-case-see-order")));
    }
    if let Some(id) = row.referral_id {
        let href = format!("/referrals/{id}");
        thing.linked(ui.t("nav-referrals"), ui.link(&href, &ui.t("fu-case-see-referral")));
    }
    thing.words(ui.t("fu-case-outcome"), &row.outcome);
    thing.fact(ui.t("fu-case-closed"), &row.closed_day.map(|d| ui.day(&d)).unwrap_or_default());
    if works {
        let fields = vec![
            ui.field("outcome", "fu-case-outcome").of_form("close").area().most(4000),
            ui.field("day", "fu-case-closed").of_form("close").date().value(ui.today),
        ];
        let deed = Deed::new(ui, format!("/case-filings/{}/close", row.id), ui.t("fu-case-close"), fields);
        thing.deeds.push(deed.of(ui, row.version).sure(ui.t("fu-case-close-sure")));
    }
    let title = ui.t1("fu-case-of", "name", names.subject(row.subject_id));
    thing.page(title, "/case-filings", ui.t("fu-case-title"))
}

/// What a case follows from.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct NewQuery {
    /// A result of one's own department.
    #[serde(deserialize_with = "filled")]
    result_id: Option<Id>,
    /// A rectification that was not fulfilled.
    #[serde(deserialize_with = "filled")]
    rectification_id: Option<Id>,
    /// A referral that was received.
    #[serde(deserialize_with = "filled")]
    referral_id: Option<Id>,
}

/// What a case is filed because of.
#[derive(Debug, Default)]
struct Ground {
    /// Name in the form, identifier.
    with: Vec<(&'static str, Id)>,
    /// As part of the address.
    query: String,
    subject: String,
    /// What it is, in words.
    what: String,
    cause: String,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, (): (), query: NewQuery) -> Result<Page> {
    let own = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(WorkFollowUp, &Scope::of(&region, own))?;
    let ground = match (query.referral_id, query.rectification_id, query.result_id) {
        (Some(id), _, _) => {
            let (row, _) = referrals::get(cx, id)?;
            let names = Names::read(cx, [row.subject_id])?;
            Some(Ground {
                with: vec![("referral_id", id)],
                query: format!("referral_id={id}"),
                subject: names.subject(row.subject_id).to_owned(),
                what: ui.t1("fu-case-from-referral", "name", names.office(row.from_id)),
                cause: row.what,
            })
        }
        (None, Some(id), _) => {
            let row = rectifications::get(cx, id)?;
            let names = Names::read(cx, [row.subject_id])?;
            Some(Ground {
                with: vec![("result_id", row.result_id), ("rectification_id", id)],
                query: format!("rectification_id={id}"),
                subject: names.subject(row.subject_id).to_owned(),
                what: ui.t("fu-case-from-order"),
                cause: row.what,
            })
        }
        (None, None, Some(id)) => {
            let (row, whole) = results::get(cx, id)?;
            cx.may(WorkFollowUp, &Scope::of(&row.region, row.department_id))?;
            let words: Vec<String> = row.outcomes.0.iter().map(|o| ui.word("outcome", o)).collect();
            Some(Ground {
                with: vec![("result_id", id)],
                query: format!("result_id={id}"),
                subject: whole.subject.name.clone(),
                what: words.join(&ui.t("comma")),
                cause: row.other,
            })
        }
        (None, None, None) => None,
    };
    ask_page(ui, ground)
}

fn ask_page(ui: &Ui, ground: Option<Ground>) -> Result<Page> {
    let mut thing = ThingPage::new(ui, nothing(), String::new());
    match ground {
        None => {
            thing.notes.push(ui.t("fu-case-how"));
            thing.ways = vec![
                ("/results?state=published".to_owned(), ui.t("nav-results")),
                ("/rectifications?state=not_fulfilled".to_owned(), ui.t("follow-orders")),
                ("/referrals?view=received".to_owned(), ui.t("nav-referrals")),
            ];
        }
        Some(ground) => {
            thing.fact(ui.t("col-subject"), &ground.subject);
            thing.fact(ui.t("follow-from"), &ground.what);
            let fields = vec![
                ui.field("number", "fu-case-number").of_form("new").most(100).hint("fu-case-number-hint"),
                ui.field("cause", "fu-case-cause").of_form("new").value(&ground.cause).area().most(2000),
                ui.field("day", "fu-case-day").of_form("new").date().value(ui.today),
            ];
            let href = format!("/case-filings/new?{}", ground.query);
            let mut deed = Deed::new(ui, href, ui.t("fu-case-new"), fields).sure(ui.t("fu-case-sure"));
            for (name, id) in ground.with {
                deed = deed.with(name, id);
            }
            thing.deeds.push(deed);
        }
    }
    Ok(thing.page(ui.t("fu-case-new"), "/case-filings", ui.t("fu-case-title"))?.narrow())
}

fn file(cx: &mut Cx<'_>, (): (), body: &CaseBody) -> Result<Done> {
    let made = api::file(cx, (), body)?.value;
    Ok(Done::to(format!("/case-filings/{}", made.id)).say("fu-case-was-filed"))
}

fn close(cx: &mut Cx<'_>, id: Id, body: &CaseOutcome) -> Result<Done> {
    api::close_case(cx, id, body)?;
    Ok(Done::to(format!("/case-filings/{id}")).say("fu-case-was-closed"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::At;
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let names = Names::sample();
    let row = |state: State| CaseFiling {
        id,
        region: text("350403"),
        result_id: id,
        visit_id: id,
        subject_id: id,
        department_id: id,
        rectification_id: Some(id),
        referral_id: Some(id),
        number: text("示市监立〔2026〕5号"),
        cause: text("占用安全出口逾期未改正"),
        filed_day: ui.today,
        outcome: if state == State::Closed { text("罚款五千元") } else { String::new() },
        closed_day: (state == State::Closed).then_some(ui.today),
        filed_by: id,
        state: text(state.as_str()),
        version: 1,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    let ground = Ground {
        with: vec![("result_id", id)],
        query: format!("result_id={id}"),
        subject: text("某某餐厅"),
        what: ui.t1("fu-case-from-referral", "name", "消防救援大队"),
        cause: text("占用安全出口"),
    };
    let other = Ground { what: ui.t("fu-case-from-order"), ..Ground::default() };
    let mut list = list_page(ui, &names, &[row(State::Filed)]);
    let states = word_choices(ui, "fu-case-state", &["", "filed", "closed"], "");
    list.filters.push(ui.field("state", "col-state").select(&states));
    vec![
        list.page().unwrap(),
        list_page(ui, &names, &[]).page().unwrap(),
        page(ui, &row(State::Filed), &names, true, true).unwrap(),
        page(ui, &row(State::Closed), &names, false, false).unwrap(),
        ask_page(ui, None).unwrap(),
        ask_page(ui, Some(ground)).unwrap(),
        ask_page(ui, Some(other)).unwrap(),
    ]
}
