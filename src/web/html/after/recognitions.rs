//! 结果互认: tasks that another department has done already, deciding on one of them, what was recognised and how many visits
//! fell away by it.

use super::parts::{Cell, Deed, ListPage, Part, ThingPage, nothing, office_choices, plain, with_small};
use super::{Names, key};
use crate::domain::access::Action::{RecogniseResult, ViewTask};
use crate::domain::access::Scope;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::recognitions::{self, Offer};
use crate::store::county;
use crate::store::mailings::Recognition;
use crate::store::mailings::recognitions as rows;
use crate::web::api::recognitions::{self as api, RecognitionBody};
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/recognition-offers", Action(ViewTask), offers);
    r.page("/recognitions", Action(ViewTask), list);
    r.page("/tasks/{id}/recognition", Action(ViewTask), show);
    r.form("/tasks/{id}/recognition", Action(RecogniseResult), recognise, show);
}

/// Filters of what is offered.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct OfferQuery {
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Joint inspection.
    #[serde(deserialize_with = "filled")]
    inspection_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Names of items.
fn items(cx: &mut Cx<'_>, ids: impl IntoIterator<Item = Id>) -> Result<HashMap<Id, String>> {
    let ids: Vec<Id> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    Ok(county::items(cx.db, &ids)?.into_iter().map(|i| (i.id, i.name)).collect())
}

/// A task with what may be recognised for it.
struct Line {
    task: Id,
    subject: Id,
    department: Id,
    item: String,
    latest: NaiveDate,
    /// Identifier of the result, department, item and end of the inspection, the newest first.
    known: Vec<(Id, Id, String, NaiveDate)>,
}

fn lines(cx: &mut Cx<'_>, found: Vec<Offer>) -> Result<Vec<Line>> {
    let names = items(cx, found.iter().map(|o| o.task.item_id))?;
    Ok(found
        .into_iter()
        .map(|o| Line {
            task: o.task.id,
            subject: o.task.subject_id,
            department: o.task.department_id,
            item: names.get(&o.task.item_id).cloned().unwrap_or_default(),
            latest: o.task.latest,
            known: o
                .known
                .into_iter()
                .map(|k| (k.result.id, k.result.department_id, k.item, k.end_day))
                .collect(),
        })
        .collect())
}

fn offers(cx: &mut Cx<'_>, ui: &Ui, (): (), query: OfferQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let read = |most| recognitions::offers(cx, query.department_id, query.inspection_id, after, most);
    let (found, next) = cut(read, |o| o.task.id.to_string())?;
    let found = lines(cx, found)?;
    let names = Names::read(cx, found.iter().map(|l| l.subject))?;
    let mut page = offers_page(ui, &names, &found);
    let region = cx.region().to_owned();
    if cx.can(ViewTask, &Scope::county(&region)) {
        let offices = office_choices(cx, ui, query.department_id)?;
        page.filters.push(ui.field("department_id", "department").select(&offices));
    }
    let (office, inspection) =
        (query.department_id.map(|d| d.to_string()), query.inspection_id.map(|d| d.to_string()));
    page.keep.extend(inspection.iter().map(|i| ("inspection_id", i.clone())));
    let filters = [("department_id", office.as_deref()), ("inspection_id", inspection.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

fn offers_page<'a>(ui: &'a Ui, names: &Names, found: &[Line]) -> ListPage<'a> {
    let heads = ["col-subject", "fu-recog-task", "department", "fu-recog-known", "fu-recog-latest"];
    let cells = found
        .iter()
        .map(|l| {
            let known = l.known.first().map(|(_, office, item, end)| {
                let by = format!("{} {}", names.office(*office), item);
                Cell::text(&by).small(&ui.t1("fu-recog-ended", "day", ui.day(end)))
            });
            vec![
                Cell::link(ui, &format!("/tasks/{}/recognition", l.task), names.subject(l.subject)),
                Cell::text(&l.item),
                Cell::text(names.office(l.department)),
                known.unwrap_or_else(|| Cell::text("")),
                Cell::text(&ui.day(&l.latest)),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    let mut page = ListPage::new(ui, ui.t("fu-recog-offers"), heads, cells)
        .none(ui.t("fu-recog-no-offer"), ui.t("fu-recog-no-offer-then"));
    page.notes.push(ui.t("fu-recog-rule"));
    page.ways.push(("/recognitions".to_owned(), ui.t("fu-recog-title")));
    page
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let offer = recognitions::offer(cx, id)?;
    let scope = Scope::of(&offer.task.region, offer.task.department_id);
    let may = cx.can(RecogniseResult, &scope);
    let done = rows::of_task(cx.db, id)?;
    let mut found = lines(cx, vec![offer])?;
    let Some(line) = found.pop() else { return Err(crate::error::Error::NotFound("任务")) };
    let names = Names::read(cx, [line.subject])?;
    page(ui, &names, &line, done.as_ref(), may)
}

fn page(ui: &Ui, names: &Names, line: &Line, done: Option<&Recognition>, may: bool) -> Result<Page> {
    let mut thing = ThingPage::new(ui, nothing(), String::new());
    thing.fact(ui.t("col-subject"), names.subject(line.subject));
    thing.fact(ui.t("department"), names.office(line.department));
    thing.fact(ui.t("fu-recog-task"), &line.item);
    thing.fact(ui.t("fu-recog-latest"), &ui.day(&line.latest));
    if let Some(done) = done {
        thing.turn = ui.t1("fu-recog-done", "day", ui.day(&done.on_day));
        thing.words(ui.t("fu-recog-reason"), &done.reason);
        let href = format!("/results/{}", done.result_id);
        thing.fact(ui.t("fu-recog-end"), &ui.day(&done.end_day));
        thing.linked(ui.t("fu-recog-known"), ui.link(&href, &ui.t("follow-see-result")));
    } else {
        thing.notes.push(ui.t(if line.known.is_empty() { "fu-recog-none-known" } else { "fu-recog-rule" }));
        let known = line.known.iter().map(|(_, office, item, end)| {
            let text = plain(&format!("{} {item}", names.office(*office)));
            let small = ui.t1("fu-recog-ended", "day", ui.day(end));
            (with_small(&text, &small), ui.chip("outcome", "no_problem_found"))
        });
        let lines = known.collect();
        thing.parts.push(Part { title: ui.t("fu-recog-known"), lines, none: ui.t("fu-recog-nothing") });
    }
    if may && done.is_none() && !line.known.is_empty() {
        let choices: Vec<Choice> = line
            .known
            .iter()
            .enumerate()
            .map(|(i, (id, office, item, end))| {
                let label = format!("{} {item}", names.office(*office));
                let hint = ui.t1("fu-recog-ended", "day", ui.day(end));
                Choice::new(id.to_string(), label).hint(hint).chosen(i == 0)
            })
            .collect();
        let fields = vec![
            ui.field("result_id", "fu-recog-which").of_form("recognition").radios(&choices),
            ui.field("reason", "fu-recog-reason")
                .of_form("recognition")
                .area()
                .most(1000)
                .hint("fu-recog-reason-hint"),
        ];
        let deed = Deed::new(ui, format!("/tasks/{}/recognition", line.task), ui.t("fu-recog-do"), fields);
        let deed = deed.go(ui.t("fu-recog-go")).then(ui.t("fu-recog-then"));
        thing.deeds.push(deed.sure(ui.t("fu-recog-sure")));
        thing.ways.push(("/recognition-offers".to_owned(), ui.t("fu-recog-refuse")));
    }
    let title = ui.t1("fu-recog-of", "name", names.subject(line.subject));
    thing.page(title, "/recognition-offers", ui.t("fu-recog-offers"))
}

fn recognise(cx: &mut Cx<'_>, id: Id, body: &RecognitionBody) -> Result<Done> {
    api::recognise(cx, id, body)?;
    Ok(Done::to(format!("/tasks/{id}/recognition")).say("fu-recog-was-done"))
}

/// Filters of what was recognised.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Recognised on this day or later.
    #[serde(deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// And not after this day.
    #[serde(deserialize_with = "filled")]
    to: Option<NaiveDate>,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let to = query.to.unwrap_or(ui.today);
    let from = query.from.or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1)).unwrap_or(to);
    let period = (Some(from), Some(to));
    let read = |most| recognitions::list(cx, query.department_id, period, after, most);
    let (found, next) = cut(read, |r| r.id.to_string())?;
    let names = Names::read(cx, found.iter().map(|r| r.subject_id))?;
    let mut avoided = recognitions::avoided(cx, from, to)?;
    avoided.retain(|(d, _)| query.department_id.is_none_or(|wanted| wanted == *d));
    let region = cx.region().to_owned();
    let offices = if cx.can(ViewTask, &Scope::county(&region)) {
        office_choices(cx, ui, query.department_id)?
    } else {
        Vec::new()
    };
    let mut page = list_page(ui, &names, &found, &avoided, (from, to), &offices);
    let office = query.department_id.map(|d| d.to_string());
    let (first, last) = (from.to_string(), to.to_string());
    let filters =
        [("from", Some(first.as_str())), ("to", Some(last.as_str())), ("department_id", office.as_deref())];
    page.pager = Pager::new(ui, &filters, query.after.is_some(), next.as_deref());
    page.page()
}

fn list_page<'a>(
    ui: &'a Ui,
    names: &Names,
    found: &[Recognition],
    avoided: &[(Id, i64)],
    (from, to): (NaiveDate, NaiveDate),
    offices: &[Choice],
) -> ListPage<'a> {
    let heads = ["col-subject", "department", "fu-recog-reason", "fu-recog-end", "fu-recog-day"];
    let cells = found
        .iter()
        .map(|r| {
            vec![
                Cell::link(ui, &format!("/tasks/{}/recognition", r.task_id), names.subject(r.subject_id)),
                Cell::text(names.office(r.department_id)),
                Cell::text(&r.reason).long(),
                Cell::text(&ui.day(&r.end_day)),
                Cell::text(&ui.day(&r.on_day)),
            ]
        })
        .collect();
    let heads = heads.iter().map(|h| ui.t(h)).collect();
    let mut page = ListPage::new(ui, ui.t("fu-recog-title"), heads, cells)
        .none(ui.t("fu-recog-none"), ui.t("fu-recog-none-then"));
    let sum: i64 = avoided.iter().map(|(_, n)| n).sum();
    page.notes.push(format!("{}{}{}", ui.span(&from, &to), ui.t("comma"), ui.n("fu-recog-avoided", sum)));
    if avoided.len() > 1 {
        let by = avoided.iter().map(|(d, n)| format!("{} {}", names.office(*d), ui.n("fu-recog-times", n)));
        page.notes.push(by.collect::<Vec<_>>().join(&ui.t("comma")));
    }
    page.ways.push(("/recognition-offers".to_owned(), ui.t("fu-recog-offers")));
    page.filters.push(ui.field("from", "os-from").value(from).date());
    page.filters.push(ui.field("to", "os-to").value(to).date());
    if !offices.is_empty() {
        page.filters.push(ui.field("department_id", "department").select(offices));
    }
    page
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    use crate::store::types::At;
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let names = Names::sample();
    let line = |known| Line {
        task: id,
        subject: id,
        department: id,
        item: text("安全出口检查"),
        latest: ui.today,
        known: if known { vec![(id, id, text("消防安全检查"), ui.today)] } else { Vec::new() },
    };
    let done = Recognition {
        id,
        region: text("350403"),
        task_id: id,
        department_id: id,
        subject_id: id,
        result_id: id,
        inspection_id: None,
        end_day: ui.today,
        reason: text("消防部门当日已查验"),
        user_id: id,
        on_day: ui.today,
        created_at: At(ui.now),
    };
    let both = [(id, 2), (id, 1)];
    let days = (ui.today, ui.today);
    let rows = std::slice::from_ref(&done);
    vec![
        offers_page(ui, &names, &[line(true), line(false)]).page().unwrap(),
        offers_page(ui, &names, &[]).page().unwrap(),
        page(ui, &names, &line(true), None, true).unwrap(),
        page(ui, &names, &line(false), None, true).unwrap(),
        page(ui, &names, &line(true), Some(&done), true).unwrap(),
        list_page(ui, &names, rows, &both, days, &[Choice::new("", ui.t("filter-all"))]).page().unwrap(),
        list_page(ui, &names, &[], &[], days, &[]).page().unwrap(),
    ]
}
