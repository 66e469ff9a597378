//! 完结登记: what follows from a result as “其他”, and when it was completed.

use super::Names;
use super::parts::{Deed, ThingPage};
use crate::domain::access::Action::{ViewResult, WorkFollowUp};
use crate::domain::access::Scope;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results;
use crate::store::mailings::{Completion, completions};
use crate::web::api::completions::{self as api, CompletionBody};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;

pub(super) fn pages(r: &mut Router) {
    r.page("/results/{id}/completion", Action(ViewResult), show);
    r.form("/results/{id}/completion", Action(WorkFollowUp), complete, show);
}

/// What the page tells.
struct Shown {
    result: Id,
    subject: String,
    department: String,
    /// What was found, in the department's words.
    found: String,
    done: Option<Completion>,
    may: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    let names = Names::read(cx, [])?;
    let shown = Shown {
        result: id,
        subject: whole.subject.name,
        department: names.office(row.department_id).to_owned(),
        done: completions::of_task(cx.db, row.task_id)?,
        may: cx.can(WorkFollowUp, &Scope::of(&row.region, row.department_id)),
        found: row.other,
    };
    page(ui, &shown)
}

fn page(ui: &Ui, shown: &Shown) -> Result<Page> {
    let state = if shown.done.is_some() { "done" } else { "open" };
    let mut thing = ThingPage::new(ui, ui.chip("fu-done-state", state), String::new());
    thing.fact(ui.t("col-subject"), &shown.subject);
    thing.fact(ui.t("department"), &shown.department);
    thing.words(ui.t("fu-done-found"), &shown.found);
    if let Some(done) = &shown.done {
        thing.fact(ui.t("fu-done-day"), &ui.day(&done.on_day));
        thing.words(ui.t("fu-done-note"), &done.note);
    } else if shown.may {
        let fields = vec![
            ui.field("note", "fu-done-note").of_form("completion").area().most(2000),
            ui.field("day", "fu-done-day").of_form("completion").date().value(ui.today),
        ];
        let href = format!("/results/{}/completion", shown.result);
        let deed = Deed::new(ui, href, ui.t("fu-done-do"), fields);
        thing.deeds.push(deed.then(ui.t("fu-done-then")).sure(ui.t("fu-done-sure")));
    }
    let page = Page::new(ui.t1("fu-done-of", "name", &shown.subject), &thing)?;
    let page = page.under("/results", ui.t("nav-results"));
    Ok(page.under(format!("/results/{}", shown.result), shown.subject.clone()))
}

fn complete(cx: &mut Cx<'_>, id: Id, body: &CompletionBody) -> Result<Done> {
    api::complete(cx, id, body)?;
    Ok(Done::to(format!("/results/{id}/completion")).say("fu-done-was"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let id = Id(uuid::Uuid::from_u128(8));
    let shown = |done: bool, may: bool| Shown {
        result: id,
        subject: "某某餐厅".to_owned(),
        department: "市场监管局".to_owned(),
        found: "招牌与登记名称不符".to_owned(),
        done: done.then(|| Completion {
            id,
            region: "350403".to_owned(),
            task_id: id,
            result_id: id,
            visit_id: id,
            department_id: id,
            on_day: ui.today,
            note: "已更换招牌".to_owned(),
            user_id: id,
            created_at: crate::store::types::At(ui.now),
        }),
        may,
    };
    [shown(false, true), shown(false, false), shown(true, true)]
        .iter()
        .map(|s| page(ui, s).unwrap())
        .collect()
}
