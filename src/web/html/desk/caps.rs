//! The frequency-cap ledger: how often who has been where this year, and what does not count; recording a check that was
//! held outside any plan.

use super::tasks::causes;
use super::{meant_subject, names, office_choices, window};
use crate::domain::access::Action::{RecordCheck, ViewCaps};
use crate::domain::access::Scope;
use crate::domain::cap::{Exemption, Level};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::caps::{self, Check};
use crate::service::cx::Cx;
use crate::store::county;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::Cursor;
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/caps", Action(ViewCaps), ledger);
    r.page("/caps/new", Action(RecordCheck), new);
    r.form("/caps/new", Action(RecordCheck), record, new);
}

/// Which part of the ledger.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct LedgerQuery {
    /// Calendar year; this one when absent.
    #[serde(deserialize_with = "filled")]
    year: Option<i32>,
    /// Of this department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// About this subject.
    #[serde(deserialize_with = "filled")]
    subject_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    day: String,
    office: String,
    subject: Id,
    name: String,
    cause: String,
    counted: bool,
    note: String,
    visit: String,
}

struct Standing {
    office: String,
    counted: u32,
    exempt: u32,
    cap: u32,
    left: u32,
    /// At or above the cap.
    full: bool,
    over: bool,
}

#[derive(Template)]
#[template(path = "desk/caps.html")]
struct LedgerPage<'a> {
    ui: &'a Ui,
    year: i32,
    /// The subject it is about: identifier and name.
    subject: (String, String),
    offices: Vec<Choice>,
    rows: Vec<Row>,
    standing: Vec<Standing>,
    /// Neither a department nor a subject has been chosen.
    ask: bool,
    may_record: bool,
    pager: Pager<'a>,
}

fn ledger(cx: &mut Cx<'_>, ui: &Ui, (): (), q: LedgerQuery) -> Result<Page> {
    let year = q.year.unwrap_or_else(|| ui.today.year());
    let region = cx.region().to_owned();
    let all = cx.can(ViewCaps, &Scope::county(&region));
    let ask = all && q.department_id.is_none() && q.subject_id.is_none();
    let found = if ask {
        caps::Ledger { entries: Vec::new(), standing: Vec::new() }
    } else {
        caps::ledger(cx, Some(year), q.department_id, q.subject_id)?
    };
    let names = names(cx)?;
    let (page, next) = window(&found.entries, q.after.as_ref())?;
    let ids: Vec<Id> = page.iter().map(|e| e.subject_id).chain(q.subject_id).collect();
    let subjects: HashMap<Id, String> =
        county::subjects(cx.db, &ids)?.into_iter().map(|s| (s.id, s.name)).collect();
    let name = |id: &Id| subjects.get(id).cloned().unwrap_or_default();
    let rows = page
        .into_iter()
        .map(|e| Row {
            day: ui.day(&e.on_day),
            office: names.get(&e.department_id).cloned().unwrap_or_default(),
            subject: e.subject_id,
            name: name(&e.subject_id),
            cause: ui.word("cause", &e.cause),
            counted: e.counted,
            note: ui.told(&e.note),
            visit: e.visit_id.map(|v| format!("/visits/{v}")).unwrap_or_default(),
        })
        .collect();
    let standing = found
        .standing
        .iter()
        .map(|(d, s)| Standing {
            office: names.get(d).cloned().unwrap_or_default(),
            counted: s.counted,
            exempt: s.exempt,
            cap: s.cap,
            left: s.left(),
            full: matches!(s.level(), Level::Reached | Level::Exceeded),
            over: matches!(s.level(), Level::Exceeded),
        })
        .collect();
    let text = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    let (years, department, subject) = (year.to_string(), text(q.department_id), text(q.subject_id));
    let filters = [
        ("year", Some(years.as_str())),
        ("department_id", Some(department.as_str())),
        ("subject_id", Some(subject.as_str())),
    ];
    let template = LedgerPage {
        ui,
        year,
        offices: if all { office_choices(cx, ui, q.department_id)? } else { Vec::new() },
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        subject: (subject, q.subject_id.map(|id| name(&id)).unwrap_or_default()),
        rows,
        standing,
        ask,
        may_record: ui.may(RecordCheck) && cx.actor.department.is_some(),
    };
    Ok(Page::new(ui.t("caps-title"), &template)?.lead(ui.t("caps-lead")))
}

#[derive(Template)]
#[template(path = "desk/cap_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    causes: Vec<Choice>,
    day: String,
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let region = cx.region().to_owned();
    cx.may(RecordCheck, &Scope::of(&region, cx.department()?))?;
    let template = NewPage { ui, causes: causes(ui), day: ui.today.to_string() };
    let page = Page::new(ui.t("caps-new"), &template)?.lead(ui.t("caps-new-lead")).narrow();
    Ok(page.under("/caps", ui.t("caps-title")))
}

/// A check as people record it: a subject has a code or a name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckForm {
    #[schema(max_length = 200)]
    subject: String,
    on_day: NaiveDate,
    /// Empty: it counts.
    #[serde(default)]
    cause: String,
    #[schema(max_length = 500)]
    note: String,
}

fn record(cx: &mut Cx<'_>, (): (), form: &CheckForm) -> Result<Done> {
    let unknown = || Error::field("/cause", "unknown_value", "没有这种事由");
    let exemption = match form.cause.as_str() {
        "" => None,
        word => Some(Exemption::parse(word).ok_or_else(unknown)?),
    };
    let subject = meant_subject(cx, "/subject", &form.subject)?;
    let check = Check { subject, day: form.on_day, exemption, note: form.note.clone() };
    let (row, _) = caps::record(cx, &check)?;
    Ok(Done::to(format!("/caps?year={}&subject_id={subject}", row.year)).say("caps-recorded"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let row = |counted| Row {
        day: text("2026年5月8日"),
        office: text("市场监管局"),
        subject: Id(uuid::Uuid::from_u128(3)),
        name: text("示范饭店"),
        cause: ui.word("cause", if counted { "planned" } else { "complaint" }),
        counted,
        note: text("群众举报"),
        visit: if counted { text("/account") } else { String::new() },
    };
    let standing = |counted| Standing {
        office: text("市场监管局"),
        counted,
        exempt: 1,
        cap: 2,
        left: 2_u32.saturating_sub(counted),
        full: counted >= 2,
        over: counted > 2,
    };
    let page = |rows, standing, ask, subject: (&str, &str)| LedgerPage {
        ui,
        year: 2026,
        subject: (text(subject.0), text(subject.1)),
        offices: vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")],
        rows,
        standing,
        ask,
        may_record: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let all = vec![standing(1), standing(2), standing(3)];
    let new = NewPage { ui, causes: causes(ui), day: text("2026-05-08") };
    vec![
        Page::new(ui.t("caps-title"), &page(vec![row(true), row(false)], all, false, ("1", "示范饭店")))
            .unwrap(),
        Page::new(ui.t("caps-title"), &page(Vec::new(), Vec::new(), false, ("", ""))).unwrap(),
        Page::new(ui.t("caps-title"), &page(Vec::new(), Vec::new(), true, ("", ""))).unwrap(),
        Page::new(ui.t("caps-new"), &new).unwrap(),
    ]
}
