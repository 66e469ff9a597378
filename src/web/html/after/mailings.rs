//! 两次邮寄: the first letter, what became of it, the second, the call or message before the listing, the listing with its
//! form and its two approvals.

use super::parts::{
    Cell, Deed, ListPage, Part, Step, ThingPage, nothing, office_choices, plain, with_small, word_choices,
};
use super::{Names, key};
use crate::domain::access::Action::{DecideFollowUp, ReviewListing, ViewFollowUp, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::mailing::{Act, Call, Fate, Letter, Policy, State, next, window};
use crate::domain::states::Cycle;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::mailings;
use crate::service::results;
use crate::store::mailings::Mailing;
use crate::store::mailings::letters::Filter;
use crate::store::visits;
use crate::web::api::mailings::{
    self as api, FateBody, LetterBody, ListingReminderBody, OpinionBody, ReachedBody,
};
use crate::web::api::papers;
use crate::web::html::field::Field;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::{Html, Ui, escaped};
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/mailings", Action(ViewFollowUp), list);
    r.page("/mailings/{id}", Action(ViewFollowUp), show);
    r.form("/mailings/{id}/fate", Action(WorkFollowUp), fate, show);
    r.form("/mailings/{id}/second", Action(WorkFollowUp), second, show);
    r.form("/mailings/{id}/restart", Action(WorkFollowUp), restart, show);
    r.form("/mailings/{id}/remind", Action(WorkFollowUp), remind, show);
    r.form("/mailings/{id}/reach", Action(WorkFollowUp), reach, show);
    r.form("/mailings/{id}/hand-over", Action(WorkFollowUp), hand_over, show);
    r.form("/mailings/{id}/station", Action(ReviewListing), station, show);
    r.form("/mailings/{id}/bureau", Action(DecideFollowUp), bureau, show);
    r.form("/mailings/{id}/return", Action(ReviewListing), send_back, show);
    r.page("/results/{id}/mailing", Action(WorkFollowUp), ask);
    r.form("/results/{id}/mailing", Action(WorkFollowUp), open, ask);
    r.page_view("/papers/mailings/{id}/listing", Action(ViewFollowUp), papers::listing);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State, or `late`; empty: all.
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
        "" | "late" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let filter = Filter {
        department: query.department_id,
        state: state.map(|s| s.as_str().to_owned()),
        due_before: (query.state == "late").then_some(ui.today),
        visit: None,
    };
    let (rows, next) = cut(|most| mailings::list(cx, &filter, after, most), |r| r.id.to_string())?;
    let names = Names::read(cx, rows.iter().map(|r| r.subject_id))?;
    let region = cx.region().to_owned();
    let offices = if cx.can(ViewFollowUp, &Scope::county(&region)) {
        office_choices(cx, ui, query.department_id)?
    } else {
        Vec::new()
    };
    let mut page = list_page(ui, &names, &rows);
    let mut states = vec!["", "late"];
    states.extend(State::ALL.iter().map(|s| s.as_str()));
    let states = word_choices(ui, "fu-mail-state", &states, &query.state);
    page.filters.push(ui.field("state", "col-state").select(&states));
    if !offices.is_empty() {
        page.filters.push(ui.field("department_id", "department").select(&offices));
    }
    let office = query.department_id.map(|d| d.to_string());
    let filters = [("state", Some(query.state.as_str())), ("department_id", office.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

fn list_page<'a>(ui: &'a Ui, names: &Names, rows: &[Mailing]) -> ListPage<'a> {
    let heads = vec![ui.t("col-subject"), ui.t("department"), ui.t("col-state"), ui.t("follow-until")];
    let cells = rows
        .iter()
        .map(|r| {
            let round = if r.round > 1 { ui.n("fu-mail-round", r.round) } else { String::new() };
            vec![
                Cell::link(ui, &format!("/mailings/{}", r.id), names.subject(r.subject_id)).small(&round),
                Cell::text(names.office(r.department_id)),
                Cell::chip(ui, "fu-mail-state", &r.state),
                Cell::text(&names.until(ui, r.due_day)).late(r.due_day.is_some_and(|d| d < ui.today)),
            ]
        })
        .collect();
    ListPage::new(ui, ui.t("fu-mail-title"), heads, cells)
        .none(ui.t("fu-mail-none"), ui.t("fu-mail-none-then"))
}

/// What whoever looks may do.
#[derive(Debug, Clone, Copy)]
struct Rights {
    works: bool,
    reviews: bool,
    decides: bool,
    /// He has agreed for the station, so he cannot for the bureau.
    same: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = mailings::get(cx, id)?;
    let names = Names::read(cx, [row.subject_id])?;
    let code = visits::need(cx.db, row.visit_id)?.code;
    let scope = Scope::of(&row.region, row.department_id);
    let rules = &cx.rules.follow_up;
    let policy = Policy { from: rules.mailing_from, to: rules.mailing_to, listing: rules.listing_days };
    let rights = Rights {
        works: cx.can(WorkFollowUp, &scope),
        reviews: cx.can(ReviewListing, &scope),
        decides: cx.can(DecideFollowUp, &scope),
        same: row.decided_by.is_some() && row.decided_by == cx.actor.user,
    };
    page(ui, &row, &names, &code, &policy, rights)
}

/// The way of a case, with the day of each step.
fn steps(ui: &Ui, row: &Mailing, state: State) -> Vec<Step> {
    let said = |key: &str| row.opinions.0.get(&format!("{key}_on")).and_then(|d| d.parse().ok());
    let road: [(State, Option<NaiveDate>); 8] = [
        (State::FirstSent, Some(row.first_day)),
        (State::FirstFailed, row.first_end_day),
        (State::SecondSent, row.second_day),
        (State::SecondFailed, row.second_end_day),
        (State::Reminded, row.reminder_day),
        (State::HandedOver, said("handed_over")),
        (State::StationApproved, said("station")),
        (State::Listed, said("bureau")),
    ];
    let here = road.iter().position(|(s, _)| *s == state);
    let mut steps: Vec<Step> = Vec::new();
    for (i, (s, day)) in road.iter().enumerate() {
        let (class, day) = match here {
            Some(here) if i < here || *s == State::Listed && i == here => ("past", *day),
            Some(here) if i == here => ("now", *day),
            Some(_) => ("", None),
            // Reached: what came before it is what has a day.
            None if day.is_some() => ("past", *day),
            None => break,
        };
        let by = day.map(|d| ui.lang.short_day(d)).unwrap_or_default();
        steps.push(Step { text: ui.word("fu-mail-state", s.as_str()), class, by });
    }
    if state == State::Reached {
        let by = row.reached_day.map(|d| ui.lang.short_day(d)).unwrap_or_default();
        steps.push(Step { text: ui.word("fu-mail-state", state.as_str()), class: "past", by });
    }
    steps
}

fn letter(
    ui: &Ui,
    title: &str,
    of: (&str, &str, Option<NaiveDate>),
    end: (&str, Option<NaiveDate>),
) -> (Html, Html) {
    let (kind, number, day) = of;
    let what = format!(
        "<b>{}</b> {} <code>{}</code>",
        escaped(&ui.t(title)),
        escaped(&ui.word("fu-mail-letter", kind)),
        escaped(number)
    );
    let mut small = vec![ui.t1("fu-mail-posted", "day", ui.day_or(&day))];
    if let Some(day) = end.1 {
        small.push(ui.t1("fu-mail-ended", "day", ui.day(&day)));
    }
    let fate = if end.0.is_empty() { nothing() } else { ui.chip("fu-mail-fate", end.0) };
    (with_small(&Html::made(what), &small.join(" · ")), fate)
}

/// The fields of a posted letter.
fn letter_fields<'a>(ui: &'a Ui, act: &str) -> Vec<Field<'a>> {
    let kinds: Vec<&str> = Letter::ALL.iter().map(|l| l.as_str()).collect();
    let kinds = word_choices(ui, "fu-mail-letter", &kinds, Letter::Ems.as_str());
    vec![
        ui.field("kind", "fu-mail-kind").of_form(act).radios(&kinds),
        ui.field("number", "fu-mail-number").of_form(act).most(100).hint("fu-mail-number-hint"),
        ui.field("day", "fu-mail-day").of_form(act).date().value(ui.today),
    ]
}

fn deeds<'a>(ui: &'a Ui, row: &Mailing, state: State, policy: &Policy, rights: Rights) -> Vec<Deed<'a>> {
    let can = |act: Act| next(state, act).is_ok();
    let at = |act: &str| format!("/mailings/{}/{act}", row.id);
    let make = |act: &str, title: String, fields| Deed::new(ui, at(act), title, fields).of(ui, row.version);
    let opinion = |act: &str| vec![ui.field("opinion", "fu-mail-opinion").of_form(act).area().most(2000)];
    let mut list = Vec::new();
    if rights.works && can(Act::Fail) {
        let fates: Vec<&str> = Fate::ALL.iter().map(|f| f.as_str()).collect();
        let fates = word_choices(ui, "fu-mail-fate", &fates, "");
        let fields = vec![
            ui.field("fate", "fu-mail-fate").of_form("fate").radios(&fates),
            ui.field("day", "fu-mail-fate-day").of_form("fate").date().value(ui.today),
        ];
        list.push(make("fate", ui.t("fu-mail-do-fate"), fields).go(ui.t("fu-mail-go-fate")));
    }
    let (earliest, latest) = window(policy, row.first_day);
    if rights.works && can(Act::Second) {
        let then = ui.t2("fu-mail-window", "from", ui.day(&earliest), "to", ui.day(&latest));
        let deed = make("second", ui.t("fu-mail-do-second"), letter_fields(ui, "second"));
        list.push(deed.go(ui.t("fu-mail-go-letter")).then(then));
        if ui.today > latest {
            let deed = make("restart", ui.t("fu-mail-do-restart"), letter_fields(ui, "restart"));
            list.push(deed.go(ui.t("fu-mail-go-letter")).then(ui.t("fu-mail-restart-then")));
        }
    }
    if rights.works && can(Act::HandOver) {
        let deed = make("hand-over", ui.t("fu-mail-do-hand-over"), opinion("hand-over"));
        list.push(deed.go(ui.t("fu-mail-go-hand-over")).then(ui.t("fu-mail-hand-over-then")));
    }
    if rights.works && can(Act::Remind) {
        let calls: Vec<&str> = Call::ALL.iter().map(|c| c.as_str()).collect();
        let calls = word_choices(ui, "fu-mail-call", &calls, Call::Phone.as_str());
        let fields = vec![
            ui.field("kind", "fu-mail-call").of_form("remind").radios(&calls),
            ui.field("note", "fu-mail-call-note")
                .of_form("remind")
                .area()
                .most(2000)
                .hint("fu-mail-call-hint"),
            ui.field("day", "fu-mail-call-day").of_form("remind").date().value(ui.today),
        ];
        list.push(make("remind", ui.t("fu-mail-do-remind"), fields).go(ui.t("fu-mail-go-remind")));
    }
    if rights.reviews && can(Act::Station) {
        let deed = make("station", ui.t("fu-mail-do-station"), opinion("station"));
        list.push(deed.go(ui.t("fu-mail-go-agree")).then(ui.t("fu-mail-station-then")));
    }
    if rights.decides && !rights.same && can(Act::Bureau) {
        let deed = make("bureau", ui.t("fu-mail-do-bureau"), opinion("bureau"));
        let deed = deed.go(ui.t("fu-mail-go-list")).then(ui.t("fu-mail-bureau-then"));
        list.push(deed.sure(ui.t("fu-mail-bureau-sure")));
    }
    let returns = rights.reviews && (state != State::StationApproved || rights.decides);
    if returns && can(Act::Return) {
        let deed = make("return", ui.t("fu-mail-do-return"), opinion("return"));
        list.push(deed.go(ui.t("fu-mail-go-return")).danger());
    }
    if rights.works && can(Act::Reach) {
        let fields = vec![
            ui.field("note", "fu-mail-reach-note").of_form("reach").area().most(2000),
            ui.field("day", "fu-mail-reach-day").of_form("reach").date().value(ui.today),
        ];
        let deed = make("reach", ui.t("fu-mail-do-reach"), fields).go(ui.t("fu-mail-go-reach"));
        list.push(deed.then(ui.t("fu-mail-reach-then")).sure(ui.t("fu-mail-reach-sure")));
    }
    list
}

fn page(ui: &Ui, row: &Mailing, names: &Names, visit: &str, policy: &Policy, rights: Rights) -> Result<Page> {
    let state = State::parse(&row.state).ok_or_else(|| Error::internal("mailing state"))?;
    let head = if row.round > 1 { ui.n("fu-mail-round", row.round) } else { String::new() };
    let mut thing = ThingPage::new(ui, ui.chip("fu-mail-state", &row.state), head);
    thing.steps = steps(ui, row, state);
    thing.turn = ui.word("fu-mail-turn", &row.state);
    thing.due = names.until(ui, row.due_day);
    thing.late = row.due_day.is_some_and(|d| d < ui.today);
    if rights.same && rights.decides && state == State::StationApproved {
        thing.notes.push(ui.t("fu-mail-same"));
    }
    thing.fact(ui.t("col-subject"), names.subject(row.subject_id));
    thing.fact(ui.t("department"), names.office(row.department_id));
    thing.linked(
        ui.t("follow-from"),
        ui.link(&format!("/results/{}", row.result_id), &ui.t("follow-see-result")),
    );
    thing.linked(ui.t("finding-visit"), ui.link(&format!("/visits/{}", row.visit_id), visit));
    let mut lines = vec![letter(
        ui,
        "fu-mail-first",
        (&row.first_kind, &row.first_number, Some(row.first_day)),
        (&row.first_end, row.first_end_day),
    )];
    if !row.second_kind.is_empty() && row.second_day.is_some() {
        lines.push(letter(
            ui,
            "fu-mail-second",
            (&row.second_kind, &row.second_number, row.second_day),
            (&row.second_end, row.second_end_day),
        ));
    }
    if let Some(day) = row.reminder_day {
        let what = format!("<b>{}</b> {}", escaped(&ui.t("fu-mail-reminder")), escaped(&ui.day(&day)));
        lines.push((
            with_small(&Html::made(what), &row.reminder_note),
            ui.chip("fu-mail-call", &row.reminder_kind),
        ));
    }
    thing.parts.push(Part { title: ui.t("fu-mail-letters"), lines, none: String::new() });
    let mut said = Vec::new();
    for key in ["handed_over", "returned", "station", "bureau", "reached"] {
        let Some(words) = row.opinions.0.get(key) else { continue };
        let by = row.opinions.0.get(&format!("{key}_by")).cloned().unwrap_or_default();
        let on = row.opinions.0.get(&format!("{key}_on")).and_then(|d| d.parse::<NaiveDate>().ok());
        let small = format!("{by} {}", on.map(|d| ui.day(&d)).unwrap_or_default());
        let who = plain(&ui.word("fu-mail-said", key));
        said.push((
            with_small(&Html::made(format!("<b>{who}</b> {}", escaped(words))), small.trim()),
            nothing(),
        ));
    }
    if !said.is_empty() {
        thing.parts.push(Part { title: ui.t("fu-mail-opinions"), lines: said, none: String::new() });
    }
    let printed =
        [State::SecondFailed, State::Reminded, State::HandedOver, State::StationApproved, State::Listed];
    if printed.contains(&state) {
        thing.paper(ui.t("fu-mail-form"), format!("/papers/mailings/{}/listing", row.id));
    }
    if !state.is_final() {
        thing.deeds = deeds(ui, row, state, policy, rights);
    }
    let title = ui.t1("fu-mail-of", "name", names.subject(row.subject_id));
    thing.page(title, "/mailings", ui.t("fu-mail-title"))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/mailings/{id}")).say(said)
}

fn fate(cx: &mut Cx<'_>, id: Id, body: &FateBody) -> Result<Done> {
    api::fate(cx, id, body)?;
    Ok(done(id, "fu-mail-was-fate"))
}

fn second(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Done> {
    api::second(cx, id, body)?;
    Ok(done(id, "fu-mail-was-letter"))
}

fn restart(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Done> {
    api::restart(cx, id, body)?;
    Ok(done(id, "fu-mail-was-letter"))
}

fn remind(cx: &mut Cx<'_>, id: Id, body: &ListingReminderBody) -> Result<Done> {
    api::remind(cx, id, body)?;
    Ok(done(id, "fu-mail-was-reminded"))
}

fn reach(cx: &mut Cx<'_>, id: Id, body: &ReachedBody) -> Result<Done> {
    api::reach(cx, id, body)?;
    Ok(done(id, "fu-mail-was-reached"))
}

fn hand_over(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Done> {
    api::hand_over(cx, id, body)?;
    Ok(done(id, "fu-mail-was-handed-over"))
}

fn station(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Done> {
    api::station(cx, id, body)?;
    Ok(done(id, "fu-mail-was-agreed"))
}

fn bureau(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Done> {
    api::bureau(cx, id, body)?;
    Ok(done(id, "fu-mail-was-listed"))
}

fn send_back(cx: &mut Cx<'_>, id: Id, body: &OpinionBody) -> Result<Done> {
    api::send_back(cx, id, body)?;
    Ok(done(id, "fu-mail-was-returned"))
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    cx.may(WorkFollowUp, &Scope::of(&row.region, row.department_id))?;
    let found: Vec<String> = row.outcomes.0.iter().map(|o| ui.word("outcome", o)).collect();
    ask_page(ui, id, &whole.subject.name, &whole.subject.address, &found.join(&ui.t("comma")))
}

fn ask_page(ui: &Ui, id: Id, subject: &str, address: &str, found: &str) -> Result<Page> {
    let mut thing = ThingPage::new(ui, nothing(), String::new());
    thing.notes.push(ui.t("fu-mail-open-then"));
    thing.fact(ui.t("col-subject"), subject);
    thing.fact(ui.t("fu-mail-to"), address);
    thing.fact(ui.t("col-outcome"), found);
    let deed =
        Deed::new(ui, format!("/results/{id}/mailing"), ui.t("fu-mail-open"), letter_fields(ui, "mailing"));
    thing.deeds.push(deed.go(ui.t("fu-mail-go-letter")));
    let page = Page::new(ui.t("fu-mail-open"), &thing)?.narrow().under("/results", ui.t("nav-results"));
    Ok(page.under(format!("/results/{id}"), subject))
}

fn open(cx: &mut Cx<'_>, id: Id, body: &LetterBody) -> Result<Done> {
    let made = api::open(cx, id, body)?.value;
    Ok(done(made.id, "fu-mail-was-letter"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::{At, Doc};
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let names = Names::sample();
    let day = |d| NaiveDate::from_ymd_opt(2026, 3, d);
    let row = |state: State| Mailing {
        id,
        region: text("350403"),
        result_id: id,
        visit_id: id,
        subject_id: id,
        department_id: id,
        round: 2,
        first_kind: text("registered"),
        first_number: text("XA000000001CN"),
        first_day: day(2).unwrap(),
        first_end: text("returned"),
        first_end_day: day(6),
        second_kind: text("ems"),
        second_number: text("EA123456789CN"),
        second_day: day(20),
        second_end: text("unanswered"),
        second_end_day: day(28),
        reminder_kind: text("phone"),
        reminder_day: day(29),
        reminder_note: text("致电法定代表人,无人接听"),
        due_day: (!state.is_final()).then(|| day(30)).flatten(),
        reminders: 0,
        overdue: false,
        reached_day: (state == State::Reached).then(|| day(30)).flatten(),
        opinions: Doc(["handed_over", "returned", "station", "bureau", "reached"]
            .into_iter()
            .flat_map(|k| {
                [
                    (k.to_owned(), text("同意")),
                    (format!("{k}_by"), text("张三")),
                    (format!("{k}_on"), text("2026-03-30")),
                ]
            })
            .collect()),
        decided_by: None,
        state: text(state.as_str()),
        version: 3,
        created_at: At(ui.now),
        updated_at: At(ui.now),
    };
    let policy = Policy { from: 15, to: 30, listing: 10 };
    let all = |same| Rights { works: true, reviews: true, decides: true, same };
    let mut pages: Vec<Page> = State::ALL
        .iter()
        .map(|s| page(ui, &row(*s), &names, "V0001", &policy, all(*s == State::StationApproved)).unwrap())
        .collect();
    pages.push(page(ui, &row(State::StationApproved), &names, "V0001", &policy, all(false)).unwrap());
    pages.push(list_page(ui, &names, &[row(State::FirstFailed)]).page().unwrap());
    let mut empty = list_page(ui, &names, &[]);
    let mut states = vec!["", "late"];
    states.extend(State::ALL.iter().map(|s| s.as_str()));
    empty.filters.push(ui.field("state", "col-state").select(&word_choices(
        ui,
        "fu-mail-state",
        &states,
        "",
    )));
    pages.push(empty.page().unwrap());
    pages.push(ask_page(ui, id, "某某餐厅", "列东街道江滨路12号", "通过登记的住所无法联系").unwrap());
    pages
}
