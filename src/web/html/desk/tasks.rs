//! Tasks: the list, one of them and its end before its time, a single one that a department makes for itself.

use super::{key, meant_subject, names, word_choices};
use crate::domain::access::Action::{EditTask, ViewTask};
use crate::domain::access::Scope;
use crate::domain::cap::Exemption;
use crate::domain::task_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::items;
use crate::service::tasks::{self, NewTask};
use crate::store::items::Filter as ItemFilter;
use crate::store::tasks::{self as rows, Task, TaskFilter};
use crate::store::{county, inspections, visits};
use crate::web::api::visits::CancelBody;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/tasks", Action(ViewTask), list);
    // Before the page of one task: the last word is no identifier.
    r.page("/tasks/new", Action(EditTask), new);
    r.form("/tasks/new", Action(EditTask), create, new);
    r.page("/tasks/{id}", Action(ViewTask), show);
    r.form("/tasks/{id}/cancel", Action(EditTask), cancel, show);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department: Option<Id>,
    /// Joint inspection.
    #[serde(deserialize_with = "filled")]
    inspection: Option<Id>,
    /// Subject.
    #[serde(deserialize_with = "filled")]
    subject: Option<Id>,
    /// Only single ones, or only those of joint inspections.
    #[serde(deserialize_with = "filled")]
    single: Option<bool>,
    /// Whose window ends on this day or later.
    #[serde(deserialize_with = "filled")]
    from: Option<NaiveDate>,
    /// Whose window begins on this day or before.
    #[serde(deserialize_with = "filled")]
    to: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    code: String,
    subject: String,
    item: String,
    office: String,
    window: String,
    state: String,
    single: bool,
}

#[derive(Template)]
#[template(path = "desk/tasks.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    states: Vec<Choice>,
    sorts: Vec<Choice>,
    offices: Vec<Choice>,
    inspection: String,
    subject: String,
    from: String,
    to: String,
    filtered: bool,
    may_create: bool,
    pager: Pager<'a>,
}

/// Tasks in words.
fn described(cx: &mut Cx<'_>, ui: &Ui, list: Vec<Task>) -> Result<Vec<Row>> {
    let offices = names(cx)?;
    let subjects: Vec<Id> = list.iter().map(|t| t.subject_id).collect();
    let items: Vec<Id> = list.iter().map(|t| t.item_id).collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    let items: HashMap<Id, String> =
        county::items(cx.db, &items)?.into_iter().map(|i| (i.id, i.name)).collect();
    Ok(list
        .into_iter()
        .map(|t| Row {
            id: t.id,
            subject: subjects.get(&t.subject_id).cloned().unwrap_or_default(),
            item: items.get(&t.item_id).cloned().unwrap_or_default(),
            office: offices.get(&t.department_id).cloned().unwrap_or_default(),
            window: ui.span(&t.earliest, &t.latest),
            single: t.inspection_id.is_none(),
            code: t.code,
            state: t.state,
        })
        .collect())
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let after = key(q.after.as_ref())?;
    if !q.state.is_empty() && State::parse(&q.state).is_none() {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    let filter = TaskFilter {
        department: q.department,
        inspection: q.inspection,
        subject: q.subject,
        state: Some(q.state.clone()).filter(|s| !s.is_empty()),
        single: q.single,
        from: q.from,
        to: q.to,
        ..TaskFilter::default()
    };
    let (found, next) = cut(|most| tasks::list(cx, &filter, after, most), |t| t.id.to_string())?;
    let text = |id: Option<Id>| id.map(|id| id.to_string());
    let (department, inspection, subject) = (text(q.department), text(q.inspection), text(q.subject));
    let single = q.single.map(|s| s.to_string()).unwrap_or_default();
    let (from, to) = (q.from.map(|d| d.to_string()), q.to.map(|d| d.to_string()));
    let filters = [
        ("state", Some(q.state.as_str())),
        ("department", department.as_deref()),
        ("inspection", inspection.as_deref()),
        ("subject", subject.as_deref()),
        ("single", Some(single.as_str())),
        ("from", from.as_deref()),
        ("to", to.as_deref()),
    ];
    let region = cx.region().to_owned();
    let all = cx.can(ViewTask, &Scope::county(&region));
    let offices = if all { super::office_choices(cx, ui, q.department)? } else { Vec::new() };
    let template = ListPage {
        ui,
        states: word_choices(ui, "task-state", &["", "ready", "planned", "done", "cancelled"], &q.state),
        sorts: word_choices(ui, "task-single", &["", "true", "false"], &single),
        offices,
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        may_create: ui.may(EditTask) && cx.actor.department.is_some(),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        rows: described(cx, ui, found)?,
        inspection: inspection.unwrap_or_default(),
        subject: subject.unwrap_or_default(),
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
    };
    Ok(Page::new(ui.t("tasks-title"), &template)?.lead(ui.t("tasks-lead")))
}

#[derive(Template)]
#[template(path = "desk/task.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    task: Row,
    subject: Id,
    minutes: i32,
    mode: String,
    notice: String,
    /// Where it comes from: address and name; the address is empty for a single task.
    inspection: (String, String),
    /// Address of its visit.
    visit: String,
    cause: String,
    reason: String,
    may_cancel: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let task = tasks::get(cx, id)?;
    let state = State::parse(&task.state).ok_or_else(|| Error::internal("task state"))?;
    let may = cx.can(EditTask, &Scope::of(&task.region, task.department_id));
    let inspection = match task.inspection_id {
        Some(id) => inspections::get(cx.db, id)?,
        None => None,
    };
    let visit = visits::of_task(cx.db, id)?.filter(|v| v.on_day.is_some());
    let note = rows::singles(cx.db, &[id])?.pop();
    let (subject, minutes) = (task.subject_id, task.minutes);
    let (mode, notice) = (ui.word("task-mode", &task.mode), ui.word("it-notice", &task.notice));
    let row = described(cx, ui, vec![task])?.pop().ok_or(Error::NotFound("任务"))?;
    let template = ShowPage {
        ui,
        subject,
        minutes,
        mode,
        notice,
        inspection: inspection.map(|i| (format!("/inspections/{}", i.id), i.name)).unwrap_or_default(),
        visit: visit.map(|v| format!("/visits/{}", v.id)).unwrap_or_default(),
        cause: note.as_ref().map(|n| cause(ui, &n.cause)).unwrap_or_default(),
        reason: note.map(|n| ui.told(&n.reason)).unwrap_or_default(),
        may_cancel: may && matches!(state, State::Ready | State::Planned),
        task: row,
    };
    let title = format!("{} · {}", template.task.subject, template.task.item);
    Ok(Page::new(title, &template)?.under("/tasks", ui.t("tasks-title")))
}

fn cause(ui: &Ui, code: &str) -> String {
    if code.is_empty() { ui.t("cause-planned") } else { ui.word("cause", code) }
}

fn cancel(cx: &mut Cx<'_>, id: Id, body: &CancelBody) -> Result<Done> {
    tasks::cancel(cx, id, &body.reason)?;
    Ok(Done::to(format!("/tasks/{id}")).say("task-cancelled"))
}

/// Causes for which a check does not count, after the one for which it does.
pub(super) fn causes(ui: &Ui) -> Vec<Choice> {
    let mut list = vec![Choice::new("", ui.t("cause-planned"))];
    list.extend(Exemption::ALL.iter().map(|c| Choice::new(c.as_str(), cause(ui, c.as_str()))));
    list
}

#[derive(Template)]
#[template(path = "desk/task_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    items: Vec<Choice>,
    causes: Vec<Choice>,
    earliest: String,
    latest: String,
}

/// Items of one department to choose from.
const ITEMS: i64 = 500;

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let own = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(EditTask, &Scope::of(&region, own))?;
    let filter =
        ItemFilter { department: Some(own), state: Some("published".to_owned()), ..ItemFilter::default() };
    let found = items::list(cx, filter, None, ITEMS)?.into_iter().filter(|i| i.current);
    let template = NewPage {
        ui,
        items: found.map(|i| Choice::new(i.id.to_string(), format!("{} {}", i.code, i.name))).collect(),
        causes: causes(ui),
        earliest: ui.today.succ_opt().unwrap_or(ui.today).to_string(),
        latest: ui.today.checked_add_days(Days::new(30)).unwrap_or(ui.today).to_string(),
    };
    let page = Page::new(ui.t("task-new"), &template)?.lead(ui.t("task-new-lead")).narrow();
    Ok(page.under("/tasks", ui.t("tasks-title")))
}

/// A single task as people make it: a subject has a code or a name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskForm {
    item_id: Id,
    #[schema(max_length = 200)]
    subject: String,
    earliest: NaiveDate,
    latest: NaiveDate,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<i32>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9)]
    priority: Option<i32>,
    #[serde(default)]
    cause: String,
    #[schema(max_length = 500)]
    reason: String,
}

fn create(cx: &mut Cx<'_>, (): (), form: &TaskForm) -> Result<Done> {
    let unknown = || Error::field("/cause", "unknown_value", "没有这种事由");
    let new = NewTask {
        item: form.item_id,
        subject: meant_subject(cx, "/subject", &form.subject)?,
        earliest: form.earliest,
        latest: form.latest,
        minutes: form.minutes,
        priority: form.priority.unwrap_or(3),
        cause: match form.cause.as_str() {
            "" => None,
            word => Some(Exemption::parse(word).ok_or_else(unknown)?),
        },
        reason: form.reason.clone(),
    };
    let made = tasks::create(cx, &new)?;
    Ok(Done::to(format!("/tasks/{}", made.id)).say("task-made"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |state: &str, single| Row {
        id,
        code: text("S-0A1B"),
        subject: text("示范饭店"),
        item: text("食品经营检查"),
        office: text("市场监管局"),
        window: text("2026年5月8日至5月20日"),
        state: text(state),
        single,
    };
    let list = |rows, filtered| ListPage {
        ui,
        rows,
        states: word_choices(ui, "task-state", &["", "ready", "planned", "done", "cancelled"], "ready"),
        sorts: word_choices(ui, "task-single", &["", "true", "false"], ""),
        offices: vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")],
        inspection: text("1"),
        subject: String::new(),
        from: String::new(),
        to: text("2026-05-20"),
        filtered,
        may_create: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let show = |single: bool| ShowPage {
        ui,
        task: row("ready", single),
        subject: id,
        minutes: 40,
        mode: ui.word("task-mode", "on_site"),
        notice: ui.word("it-notice", "announced"),
        inspection: if single {
            Default::default()
        } else {
            (text("/account"), text("餐饮业联合抽查"))
        },
        visit: if single { String::new() } else { text("/account") },
        cause: if single { cause(ui, "complaint") } else { String::new() },
        reason: if single { text("群众举报") } else { String::new() },
        may_cancel: single,
    };
    let new = NewPage {
        ui,
        items: vec![Choice::new("1", "食品经营检查")],
        causes: causes(ui),
        earliest: text("2026-05-09"),
        latest: text("2026-06-08"),
    };
    vec![
        Page::new(ui.t("tasks-title"), &list(vec![row("ready", true), row("done", false)], true)).unwrap(),
        Page::new(ui.t("tasks-title"), &list(Vec::new(), false)).unwrap(),
        Page::new(ui.t("tasks-title"), &list(Vec::new(), true)).unwrap(),
        Page::new("示范饭店", &show(true)).unwrap(),
        Page::new("示范饭店", &show(false)).unwrap(),
        Page::new(ui.t("task-new"), &new).unwrap(),
    ]
}
