//! 委托: an expert or an institution that helps with a visit; commissioning one, receiving the report, taking it back.

use super::parts::{
    Cell, Deed, ListPage, Part, ThingPage, nothing, office_choices, with_small, word_choices,
};
use super::{Names, key};
use crate::domain::access::Action::{ViewFollowUp, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::commission::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::commissions;
use crate::service::{inspectors, visits};
use crate::store::inspectors::Filter as People;
use crate::store::mailings::Commission;
use crate::store::mailings::commissions::Filter;
use crate::store::visits as visit_rows;
use crate::web::api::commissions::{self as api, CommissionBody, CommissionCancel, CommissionReportQuery};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/commissions", Action(ViewFollowUp), list);
    r.page("/visits/{id}/commissions", Action(ViewFollowUp), of_visit);
    r.form("/visits/{id}/commissions", Action(WorkFollowUp), order, of_visit);
    r.page("/commissions/{id}", Action(ViewFollowUp), show);
    r.form_steps("/commissions/{id}/report", Action(WorkFollowUp), report, show).with_files();
    r.form("/commissions/{id}/cancel", Action(WorkFollowUp), cancel, show);
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

/// A commission with the names it is shown with.
struct Line {
    row: Commission,
    party: String,
    visit: String,
    subject: Id,
}

fn lines(cx: &mut Cx<'_>, rows: Vec<Commission>) -> Result<Vec<Line>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.visit_id).collect();
    let visits: HashMap<Id, (String, Id)> =
        visit_rows::by_ids(cx.db, &ids)?.into_iter().map(|v| (v.id, (v.code, v.subject_id))).collect();
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        let party = commissions::party(cx, &row)?;
        let (visit, subject) = visits.get(&row.visit_id).cloned().unwrap_or((String::new(), row.visit_id));
        list.push(Line { row, party, visit, subject });
    }
    Ok(list)
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
    let (rows, next) = cut(|most| commissions::list(cx, &filter, after, most), |r| r.id.to_string())?;
    let rows = lines(cx, rows)?;
    let names = Names::read(cx, rows.iter().map(|r| r.subject))?;
    let region = cx.region().to_owned();
    let mut page = list_page(ui, &names, &rows);
    let states = word_choices(ui, "fu-hire-state", &STATES, &query.state);
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

const STATES: [&str; 5] = ["", "late", "ordered", "reported", "cancelled"];

fn list_page<'a>(ui: &'a Ui, names: &Names, rows: &[Line]) -> ListPage<'a> {
    let heads = ["fu-hire-party", "fu-hire-what", "col-subject", "department", "col-state", "fu-hire-due"];
    let cells = rows
        .iter()
        .map(|l| {
            let r = &l.row;
            vec![
                Cell::link(ui, &format!("/commissions/{}", r.id), &l.party),
                Cell::text(&r.what).long(),
                Cell::text(names.subject(l.subject)).small(&l.visit),
                Cell::text(names.office(r.department_id)),
                Cell::chip(ui, "fu-hire-state", &r.state),
                Cell::text(&names.until(ui, r.due_day)).late(r.due_day.is_some_and(|d| d < ui.today)),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    ListPage::new(ui, ui.t("fu-hire-title"), heads, cells)
        .none(ui.t("fu-hire-none"), ui.t("fu-hire-none-then"))
}

/// Most experts to choose from.
const EXPERTS: i64 = 200;

fn of_visit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let whole = visits::get(cx, id)?;
    let filter = Filter { visit: Some(id), ..Filter::default() };
    let rows = commissions::list(cx, &filter, None, EXPERTS)?;
    let rows = lines(cx, rows)?;
    let names = Names::read(cx, [])?;
    let region = whole.visit.region.clone();
    let works = cx.actor.department.is_some_and(|d| {
        cx.can(WorkFollowUp, &Scope::of(&region, d)) && whole.departments.iter().any(|o| o.id == d)
    });
    let experts = if works && whole.visit.state != "cancelled" {
        let people = People { expert: Some(true), state: Some("active".to_owned()), ..People::default() };
        let found = inspectors::list(cx, people, None, EXPERTS)?;
        let mut list = vec![Choice::new("", ui.t("fu-hire-no-expert"))];
        list.extend(
            found.into_iter().map(|p| Choice::new(p.id.to_string(), format!("{} {}", p.name, p.unit))),
        );
        Some(list)
    } else {
        None
    };
    visit_page(ui, &names, (id, &whole.visit.code, &whole.subject.name), &rows, experts)
}

fn visit_page(
    ui: &Ui,
    names: &Names,
    (id, code, subject): (Id, &str, &str),
    rows: &[Line],
    experts: Option<Vec<Choice>>,
) -> Result<Page> {
    let mut thing = ThingPage::new(ui, nothing(), code.to_owned());
    let lines = rows
        .iter()
        .map(|l| {
            let due = names.until(ui, l.row.due_day);
            let small = if due.is_empty() { l.row.what.clone() } else { format!("{} · {due}", l.row.what) };
            let link = ui.link(&format!("/commissions/{}", l.row.id), &l.party);
            (with_small(&link, &small), ui.chip("fu-hire-state", &l.row.state))
        })
        .collect();
    thing.parts.push(Part { title: ui.t("fu-hire-of-visit"), lines, none: ui.t("fu-hire-none") });
    if let Some(experts) = experts {
        let field = |name: &str, label: &str| ui.field(name, label).of_form("commissions");
        let fields = vec![
            field("expert_id", "fu-hire-expert").select(&experts).hint("fu-hire-expert-hint"),
            field("party", "fu-hire-institution").most(200).optional().hint("fu-hire-institution-hint"),
            field("what", "fu-hire-what").area().most(4000),
            field("due_day", "fu-hire-due").date(),
        ];
        let deed = Deed::new(ui, format!("/visits/{id}/commissions"), ui.t("fu-hire-new"), fields);
        thing.deeds.push(deed.go(ui.t("fu-hire-go")).then(ui.t("fu-hire-then")));
    }
    let page = Page::new(ui.t("fu-hire-title"), &thing)?.under("/visits", ui.t("nav-visits"));
    Ok(page.under(format!("/visits/{id}"), subject))
}

fn order(cx: &mut Cx<'_>, id: Id, body: &CommissionBody) -> Result<Done> {
    let made = api::order(cx, id, body)?.value;
    Ok(Done::to(format!("/commissions/{}", made.id)).say("fu-hire-was-ordered"))
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = commissions::get(cx, id)?;
    let scope = Scope::of(&row.region, row.department_id);
    let works = row.state == State::Ordered.as_str() && cx.can(WorkFollowUp, &scope);
    let mut rows = lines(cx, vec![row])?;
    let line = rows.pop().ok_or_else(|| Error::internal("commission"))?;
    let names = Names::read(cx, [line.subject])?;
    page(ui, &names, &line, works)
}

fn page(ui: &Ui, names: &Names, line: &Line, works: bool) -> Result<Page> {
    let row = &line.row;
    let mut thing = ThingPage::new(ui, ui.chip("fu-hire-state", &row.state), String::new());
    thing.turn = ui.word("fu-hire-turn", &row.state);
    thing.due = names.until(ui, row.due_day);
    thing.late = row.due_day.is_some_and(|d| d < ui.today);
    thing.fact(ui.t("fu-hire-party"), &line.party);
    thing.fact(ui.t("department"), names.office(row.department_id));
    thing.fact(ui.t("col-subject"), names.subject(line.subject));
    thing.linked(ui.t("finding-visit"), ui.link(&format!("/visits/{}", row.visit_id), &line.visit));
    thing.words(ui.t("fu-hire-what"), &row.what);
    if let Some(file) = row.evidence_id {
        thing.linked(
            ui.t("fu-hire-report"),
            ui.link(&format!("/evidence/{file}"), &ui.t("fu-hire-see-report")),
        );
        thing.fact(ui.t("fu-hire-came"), &row.reported_at.map(|t| ui.time(&t.0)).unwrap_or_default());
        thing.words(ui.t("fu-hire-hash"), &row.report_sha256);
    }
    thing.words(ui.t("fu-hire-reason"), &row.reason);
    if works {
        let at = |act: &str| format!("/commissions/{}/{act}", row.id);
        let file = ui.field("file", "fu-hire-file").of_form("report").file(".pdf,.jpg,.jpeg,.png");
        let deed = Deed::new(ui, at("report"), ui.t("fu-hire-receive"), vec![file.hint("fu-hire-file-hint")]);
        thing.deeds.push(deed.with_file().go(ui.t("fu-hire-receive-go")));
        let why = ui.field("reason", "fu-hire-reason").of_form("cancel").area().most(1000);
        let deed = Deed::new(ui, at("cancel"), ui.t("fu-hire-cancel"), vec![why]);
        thing.deeds.push(deed.danger().sure(ui.t("fu-hire-cancel-sure")));
    }
    let title = ui.t1("fu-hire-of", "name", &line.party);
    thing.page(title, "/commissions", ui.t("fu-hire-title"))
}

fn report(call: &Call, id: Id, _: &NoQuery, _: Empty, form: &Form) -> Result<Answer> {
    let Some(file) = form.file("file").filter(|f| !f.bytes.is_empty()) else {
        return Err(Error::field("/file", "required", "请选择文件"));
    };
    let query = CommissionReportQuery { name: file.name.clone() };
    let answer = api::report(call, id, query, file.bytes.clone())?;
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    Done::to(format!("/commissions/{id}")).say("fu-hire-was-reported").answer(call)
}

fn cancel(cx: &mut Cx<'_>, id: Id, body: &CommissionCancel) -> Result<Done> {
    api::cancel(cx, id, body)?;
    Ok(Done::to(format!("/commissions/{id}")).say("fu-hire-was-cancelled"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::At;
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let names = Names::sample();
    let line = |state: State| Line {
        row: Commission {
            id,
            region: text("350403"),
            visit_id: id,
            department_id: id,
            inspector_id: None,
            party: text("示范检测有限公司"),
            what: text("消防设施检测"),
            due_day: (state == State::Ordered).then_some(ui.today),
            reminders: 0,
            overdue: false,
            evidence_id: (state == State::Reported).then_some(id),
            report_sha256: if state == State::Reported { text("ab12") } else { String::new() },
            reported_at: (state == State::Reported).then_some(At(ui.now)),
            reason: if state == State::Cancelled { text("改由自行检测") } else { String::new() },
            ordered_by: id,
            state: text(state.as_str()),
            version: 1,
            created_at: At(ui.now),
            updated_at: At(ui.now),
        },
        party: text("示范检测有限公司"),
        visit: text("V0001"),
        subject: id,
    };
    let mut list = list_page(ui, &names, &[line(State::Ordered)]);
    list.filters.push(ui.field("state", "col-state").select(&word_choices(ui, "fu-hire-state", &STATES, "")));
    let experts = vec![Choice::new("", ui.t("fu-hire-no-expert"))];
    let visit = (id, "V0001", "某某餐厅");
    let mut pages = vec![
        list.page().unwrap(),
        list_page(ui, &names, &[]).page().unwrap(),
        visit_page(ui, &names, visit, &[line(State::Ordered)], Some(experts)).unwrap(),
        visit_page(ui, &names, visit, &[], None).unwrap(),
    ];
    pages.extend(State::ALL.iter().map(|s| page(ui, &names, &line(*s), true).unwrap()));
    pages
}
