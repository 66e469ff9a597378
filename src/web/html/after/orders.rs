//! Rectifications: ordering one, the list with its deadlines, one of them with the report of the business, more time, the
//! recheck.

use crate::domain::access::Action::{DecideFollowUp, ViewFollowUp, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::rectification::State;
use crate::domain::result::countdown;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::rectifications;
use crate::service::invitations::calendar;
use crate::service::results;
use crate::store::follow_up::rectifications::Filter;
use crate::store::{county, visits};
use crate::web::api::follow_up::{
    self as api, ExtensionBody, RecheckBody, RectificationBody, RectificationReport,
};
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, Tab, Tabs, address};
use crate::web::html::ui::Ui;
use crate::web::html::visits::offices;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/rectifications", Action(ViewFollowUp), list);
    r.page("/rectifications/{id}", Action(ViewFollowUp), show);
    r.form("/rectifications/{id}/report", Action(WorkFollowUp), report, show);
    r.form("/rectifications/{id}/extend", Action(DecideFollowUp), extend, show);
    r.form("/rectifications/{id}/recheck", Action(WorkFollowUp), recheck, show);
    r.page("/results/{id}/rectification", Action(WorkFollowUp), ask);
    r.form("/results/{id}/rectification", Action(WorkFollowUp), order, ask);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State, or `late`; empty: all.
    state: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    subject: String,
    what: String,
    department: String,
    state: String,
    due: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "after/orders.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    rows: Vec<Row>,
    pager: Pager<'a>,
}

/// The saved views.
const VIEWS: [&str; 6] = ["", "ordered", "reported", "late", "not_fulfilled", "fulfilled"];

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let state = match query.state.as_str() {
        "" | "late" => None,
        text => {
            Some(State::parse(text).ok_or_else(|| Error::field("state", "unknown_value", "没有这种状态"))?)
        }
    };
    let filter = Filter { state: state.map(|s| s.as_str().to_owned()), ..Filter::default() };
    let late = query.state == "late";
    let (found, next) =
        cut(|most| rectifications::list(cx, &filter, late, after, most), |r| r.id.to_string())?;
    let subjects: Vec<Id> = found.iter().map(|r| r.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    let (names, calendar) = (offices(cx)?, calendar(cx)?);
    let rows = found
        .into_iter()
        .map(|r| Row {
            id: r.id,
            subject: subjects.get(&r.subject_id).cloned().unwrap_or_default(),
            department: names.get(&r.department_id).cloned().unwrap_or_default(),
            due: r
                .due_day
                .map(|d| {
                    format!(
                        "{}{}{}",
                        ui.day(&d),
                        ui.t("comma"),
                        ui.countdown(&countdown(&calendar, ui.today, d))
                    )
                })
                .unwrap_or_default(),
            late: r.due_day.is_some_and(|d| d < ui.today),
            what: r.what,
            state: r.state,
        })
        .collect();
    let tab = |v: &str| Tab {
        href: address("/rectifications", &[("state", Some(v))]),
        text: match v {
            "" => ui.t("door-view-all"),
            "late" => ui.t("finding-view-late"),
            v => ui.word("follow-order-state", v),
        },
        count: None,
        here: v == query.state,
    };
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        rows,
        pager: Pager::new(
            ui,
            &[("state", Some(query.state.as_str()))],
            query.after.is_some(),
            next.as_deref(),
        ),
    };
    Page::new(ui.t("follow-orders"), &template)
}

#[derive(Template)]
#[template(path = "after/order.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    state: String,
    subject: String,
    department: String,
    result: Id,
    visit: Id,
    visit_code: String,
    what: String,
    basis: String,
    first_due: String,
    due: String,
    late: bool,
    extension: String,
    report: String,
    reported: String,
    recheck: String,
    rechecked: String,
    on_site: bool,
    today: String,
    judged: Vec<Choice>,
    works: bool,
    extends: bool,
    /// A case may be filed because it was not fulfilled.
    files: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let row = rectifications::get(cx, id)?;
    let subject = county::subjects(cx.db, &[row.subject_id])?.pop().map(|s| s.name).unwrap_or_default();
    let visit_code = visits::need(cx.db, row.visit_id)?.code;
    let (names, calendar) = (offices(cx)?, calendar(cx)?);
    let scope = Scope::of(&row.region, row.department_id);
    let open = matches!(State::parse(&row.state), Some(State::Ordered | State::Reported));
    let template = ShowPage {
        ui,
        id,
        version: row.version,
        subject: subject.clone(),
        department: names.get(&row.department_id).cloned().unwrap_or_default(),
        result: row.result_id,
        visit: row.visit_id,
        visit_code,
        first_due: ui.day(&row.first_due),
        due: row
            .due_day
            .map(|d| {
                format!("{}{}{}", ui.day(&d), ui.t("comma"), ui.countdown(&countdown(&calendar, ui.today, d)))
            })
            .unwrap_or_default(),
        late: row.due_day.is_some_and(|d| d < ui.today),
        reported: ui.day_or(&row.reported_day),
        rechecked: ui.day_or(&row.recheck_day),
        on_site: row.on_site,
        today: ui.today.to_string(),
        judged: ["true", "false"]
            .into_iter()
            .map(|v| Choice::new(v, ui.word("follow-fulfilled", v)))
            .collect(),
        works: open && cx.can(WorkFollowUp, &scope),
        files: row.state == State::NotFulfilled.as_str() && cx.can(WorkFollowUp, &scope),
        extends: open && row.extension.is_empty() && cx.can(DecideFollowUp, &scope),
        what: row.what,
        basis: row.basis,
        extension: row.extension,
        report: row.report,
        recheck: row.recheck,
        state: row.state,
    };
    let page = Page::new(ui.t1("follow-order-of", "name", &subject), &template)?;
    Ok(page.under("/rectifications", ui.t("follow-orders")))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/rectifications/{id}")).say(said)
}

fn report(cx: &mut Cx<'_>, id: Id, body: &RectificationReport) -> Result<Done> {
    api::report(cx, id, body)?;
    Ok(done(id, "follow-reported"))
}

fn extend(cx: &mut Cx<'_>, id: Id, body: &ExtensionBody) -> Result<Done> {
    api::extend(cx, id, body)?;
    Ok(done(id, "follow-extended"))
}

fn recheck(cx: &mut Cx<'_>, id: Id, body: &RecheckBody) -> Result<Done> {
    api::recheck(cx, id, body)?;
    Ok(done(id, "follow-rechecked"))
}

#[derive(Template)]
#[template(path = "after/order_new.html")]
struct AskPage<'a> {
    ui: &'a Ui,
    id: Id,
    subject: String,
    item: String,
    what: String,
    basis: String,
}

fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (row, whole) = results::get(cx, id)?;
    cx.may(WorkFollowUp, &Scope::of(&row.region, row.department_id))?;
    let item = whole
        .tasks
        .iter()
        .find(|(t, _)| t.id == row.task_id)
        .map(|(_, i)| i.name.clone())
        .unwrap_or_default();
    let template = AskPage {
        ui,
        id,
        subject: whole.subject.name.clone(),
        item: item.clone(),
        what: row.other.clone(),
        basis: row.law.clone(),
    };
    let page = Page::new(ui.t("follow-order"), &template)?.under("/results", ui.t("nav-results"));
    Ok(page.under(format!("/results/{id}"), item))
}

fn order(cx: &mut Cx<'_>, id: Id, body: &RectificationBody) -> Result<Done> {
    let made = api::order(cx, id, body)?.value;
    Ok(Done::to(format!("/rectifications/{}", made.id)).say("follow-ordered"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(8));
    let row = || Row {
        id,
        subject: text("某某餐饮有限公司"),
        what: text("清理安全出口"),
        department: text("消防救援大队"),
        state: text("ordered"),
        due: text("2026年5月20日（周三），还剩 8 个工作日"),
        late: true,
    };
    let list = |rows| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab { href: text("/account"), text: ui.t("finding-view-late"), count: None, here: true }],
        ),
        rows,
        pager: Pager::new(ui, &[], false, Some("x")),
    };
    let show = |state: State, acts| ShowPage {
        ui,
        id,
        version: 2,
        state: text(state.as_str()),
        subject: text("某某餐饮有限公司"),
        department: text("消防救援大队"),
        result: id,
        visit: id,
        visit_code: text("V0001"),
        what: text("清理安全出口"),
        basis: text("消防法第十六条"),
        first_due: text("2026年5月20日（周三）"),
        due: text("2026年5月20日（周三），还剩 8 个工作日"),
        late: acts,
        extension: text("材料采购需要时间"),
        report: text("已清理"),
        reported: text("2026年5月18日（周一）"),
        recheck: text("已清理"),
        rechecked: text("2026年5月21日（周四）"),
        on_site: acts,
        today: text("2026-05-08"),
        judged: vec![Choice::new("true", ui.word("follow-fulfilled", "true"))],
        works: acts,
        extends: acts,
        files: !acts,
    };
    let ask = AskPage {
        ui,
        id,
        subject: text("某某餐饮有限公司"),
        item: text("消防安全检查"),
        what: text("清理安全出口"),
        basis: text("消防法第十六条"),
    };
    vec![
        Page::new(ui.t("follow-orders"), &list(vec![row()])).unwrap(),
        Page::new(ui.t("follow-orders"), &list(Vec::new())).unwrap(),
        Page::new(ui.t("follow-orders"), &show(State::Reported, true)).unwrap(),
        Page::new(ui.t("follow-orders"), &show(State::Fulfilled, false)).unwrap(),
        Page::new(ui.t("follow-order"), &ask).unwrap(),
    ]
}
