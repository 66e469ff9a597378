//! The directory of inspectors: the list with warnings of certificates, one person with certificates, leave, recusals and
//! work, entering and changing one.

use super::{key, meant_subject, names, office_choices, word_choices};
use crate::domain::access::Action::{
    DecideRecusal, DeclareRecusal, EditInspector, Import, ViewInspector, ViewRecusal,
};
use crate::domain::access::Scope;
use crate::domain::registry::recusal::Act;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspectors::{self, Text};
use crate::service::{input, recusals};
use crate::store::inspectors::{Certificate, Filter, Inspector, RecusalFilter};
use crate::store::{county, scopes};
use crate::web::api::inspectors::{CertificateBody, InspectorText, LeaveBody};
use crate::web::api::recusals::RecusalNote;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/inspectors", Action(ViewInspector), list);
    // Before the page of one person: the last word is no identifier.
    r.page("/inspectors/new", Action(EditInspector), new);
    r.form("/inspectors/new", Action(EditInspector), create, new);
    r.page("/inspectors/{id}", Action(ViewInspector), show);
    r.page("/inspectors/{id}/edit", Action(EditInspector), edit);
    r.form("/inspectors/{id}/edit", Action(EditInspector), change, edit);
    r.page("/inspectors/{id}/certificates", Action(EditInspector), new_certificate);
    r.form("/inspectors/{id}/certificates", Action(EditInspector), add_certificate, new_certificate);
    r.form(
        "/inspectors/{id}/certificates/{certificate}/remove",
        Action(EditInspector),
        remove_certificate,
        again,
    );
    r.page("/inspectors/{id}/leave", Action(EditInspector), new_leave);
    r.form("/inspectors/{id}/leave", Action(EditInspector), add_leave, new_leave);
    r.form("/inspectors/{id}/leave/{leave}/remove", Action(EditInspector), remove_leave, again);
    r.page("/inspectors/{id}/recusals", Action(DeclareRecusal), new_recusal);
    r.form("/inspectors/{id}/recusals", Action(DeclareRecusal), declare, new_recusal);
    r.page("/recusals/{id}", Action(ViewRecusal), recusal);
    r.form("/recusals/{id}/approve", Action(DecideRecusal), approve, recusal);
    r.form("/recusals/{id}/reject", Action(DecideRecusal), reject, recusal);
    r.form("/recusals/{id}/end", Action(DecideRecusal), end, recusal);
    r.form("/recusals/{id}/reopen", Action(DeclareRecusal), reopen, recusal);
}

fn again(cx: &mut Cx<'_>, ui: &Ui, (id, _): (Id, Id), q: NoQuery) -> Result<Page> {
    show(cx, ui, id, q)
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Text.
    search: String,
    /// State.
    state: String,
    /// `officers`, `experts` or `reserve`.
    pool: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// How somebody's enforcement certificate stands.
struct Standing {
    word: String,
    class: &'static str,
}

/// Longest of the certificates that make somebody an officer, and how it stands today.
fn standing(ui: &Ui, base: &str, days: u32, person: &Inspector, certificates: &[&Certificate]) -> Standing {
    if person.expert {
        return Standing { word: ui.t("pe-expert"), class: "" };
    }
    let own = certificates.iter().filter(|c| c.qual == base);
    let last = own.map(|c| (c.valid_to.unwrap_or(NaiveDate::MAX), c.valid_from)).max();
    match last {
        None => Standing { word: ui.t("pe-cert-none"), class: "late" },
        Some((to, _)) if to < ui.today => {
            Standing { word: ui.t1("pe-cert-over", "day", ui.day(&to)), class: "late" }
        }
        Some((_, Some(from))) if from > ui.today => {
            Standing { word: ui.t1("pe-cert-later", "day", ui.day(&from)), class: "pending" }
        }
        Some((to, _)) if to <= ui.today + Days::new(u64::from(days)) => {
            Standing { word: ui.t1("pe-cert-soon", "day", ui.day(&to)), class: "pending" }
        }
        Some((to, _)) if to.year() >= 9999 => Standing { word: ui.t("pe-cert-ever"), class: "" },
        Some((to, _)) => Standing { word: ui.t1("pe-cert-until", "day", ui.day(&to)), class: "" },
    }
}

struct Row {
    id: Id,
    name: String,
    code: String,
    office: String,
    unit: String,
    lead: bool,
    reserve: bool,
    certificate: Standing,
    state: String,
}

#[derive(Template)]
#[template(path = "desk/inspectors.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    search: String,
    states: Vec<Choice>,
    pools: Vec<Choice>,
    offices: Vec<Choice>,
    rows: Vec<Row>,
    warned: usize,
    filtered: bool,
    may_write: bool,
    may_import: bool,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let some = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let after = key(q.after.as_ref())?;
    let filter = Filter {
        department: q.department_id,
        expert: match q.pool.as_str() {
            "officers" => Some(false),
            "experts" => Some(true),
            _ => None,
        },
        reserve: (q.pool == "reserve").then_some(true),
        state: some(&q.state),
        search: some(&q.search),
        only: None,
    };
    let (people, next) = cut(|most| inspectors::list(cx, filter, after, most), |p| p.id.to_string())?;
    let ids: Vec<Id> = people.iter().map(|p| p.id).collect();
    let all = scopes::certificates(cx.db, &ids)?;
    let mut held: HashMap<Id, Vec<&Certificate>> = HashMap::new();
    for c in &all {
        held.entry(c.inspector_id).or_default().push(c);
    }
    let base = input::rules(cx)?.base_qualification;
    let days = cx.rules.oversight.certificate_days;
    let names = names(cx)?;
    let rows: Vec<Row> = people
        .into_iter()
        .map(|p| Row {
            id: p.id,
            office: names.get(&p.department_id).cloned().unwrap_or_default(),
            certificate: standing(ui, &base, days, &p, held.get(&p.id).map_or(&[][..], Vec::as_slice)),
            lead: p.can_lead,
            reserve: p.reserve,
            name: p.name,
            code: p.code,
            unit: p.unit,
            state: p.state,
        })
        .collect();
    let office = q.department_id.map(|d| d.to_string());
    let filters = [
        ("search", Some(q.search.as_str())),
        ("state", Some(q.state.as_str())),
        ("pool", Some(q.pool.as_str())),
        ("department_id", office.as_deref()),
    ];
    let template = ListPage {
        ui,
        states: word_choices(ui, "pe-state", &["", "active", "disabled"], &q.state),
        pools: word_choices(ui, "pe-pool", &["", "officers", "experts", "reserve"], &q.pool),
        offices: office_choices(cx, ui, q.department_id)?,
        warned: rows.iter().filter(|r| !r.certificate.class.is_empty() && r.state == "active").count(),
        rows,
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        may_write: ui.may(EditInspector),
        may_import: ui.may(Import),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        search: q.search.clone(),
    };
    Page::new(ui.t("nav-inspectors"), &template)
}

struct Paper {
    id: Id,
    name: String,
    no: String,
    span: String,
    over: bool,
}

struct Absence {
    id: Id,
    kind: String,
    span: String,
    past: bool,
}

struct Recused {
    id: Id,
    subject: String,
    reason: String,
    state: String,
}

#[derive(Template)]
#[template(path = "desk/inspector.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    code: String,
    office: String,
    unit: String,
    sex: String,
    cert_no: String,
    email: String,
    minutes: i32,
    lead: bool,
    reserve: bool,
    expert: bool,
    state: String,
    certificate: Standing,
    work: String,
    papers: Vec<Paper>,
    absences: Vec<Absence>,
    recusals: Vec<Recused>,
    may_write: bool,
    may_declare: bool,
}

/// Recusals that are shown.
const RECUSALS: i64 = 200;

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let known = inspectors::get(cx, id)?;
    let base = input::rules(cx)?.base_qualification;
    let days = cx.rules.oversight.certificate_days;
    let names = names(cx)?;
    let work = inspectors::workload(cx, id, None)?;
    let mut recused = Vec::new();
    if ui.may(ViewRecusal) {
        let filter = RecusalFilter { inspector: Some(id), ..RecusalFilter::default() };
        recused = recusals::list(cx, filter, None, RECUSALS)?;
    }
    let subjects: Vec<Id> = recused.iter().map(|r| r.subject_id).collect();
    let subject: HashMap<Id, String> =
        county::subjects(cx.db, &subjects)?.into_iter().map(|s| (s.id, s.name)).collect();
    let p = known.row;
    let held: Vec<&Certificate> = known.certificates.iter().collect();
    let own = Scope::of(&p.region, p.department_id);
    let day = |d: Option<NaiveDate>| match d {
        Some(d) if d.year() < 9999 => ui.day(&d),
        _ => ui.t("pe-for-ever"),
    };
    let template = ShowPage {
        ui,
        id,
        certificate: standing(ui, &base, days, &p, &held),
        office: names.get(&p.department_id).cloned().unwrap_or_default(),
        work: ui.t2("pe-work", "visits", work.visits, "hours", work.minutes / 60),
        papers: known
            .certificates
            .iter()
            .map(|c| Paper {
                id: c.id,
                name: if c.qual_name.is_empty() {
                    c.qual.clone()
                } else {
                    format!("{} · {}", c.qual_name, c.qual)
                },
                no: c.no.clone(),
                span: format!(
                    "{} – {}",
                    c.valid_from.map(|d| ui.day(&d)).unwrap_or_default(),
                    day(c.valid_to)
                ),
                over: c.valid_to.is_some_and(|d| d < ui.today),
            })
            .collect(),
        absences: known
            .leave
            .iter()
            .map(|l| Absence {
                id: l.id,
                kind: if l.kind.is_empty() { ui.t("pe-leave") } else { l.kind.clone() },
                span: ui.span(&l.from_day, &l.to_day),
                past: l.to_day < ui.today,
            })
            .collect(),
        recusals: recused
            .into_iter()
            .map(|r| Recused {
                id: r.id,
                subject: subject.get(&r.subject_id).cloned().unwrap_or_default(),
                reason: r.reason,
                state: r.state,
            })
            .collect(),
        may_write: cx.can(EditInspector, &own),
        may_declare: cx.can(DeclareRecusal, &own) || cx.actor.inspector == Some(id),
        code: p.code,
        unit: p.unit,
        sex: p.sex,
        cert_no: p.cert_no,
        email: p.email,
        minutes: p.daily_minutes,
        lead: p.can_lead,
        reserve: p.reserve,
        expert: p.expert,
        state: p.state,
    };
    Ok(Page::new(p.name, &template)?.under("/inspectors", ui.t("nav-inspectors")))
}

/// A person as the form sends it: what is emptied is emptied, so nothing is left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonForm {
    /// 人员编号; only where the person is new.
    #[serde(default)]
    #[schema(max_length = 60)]
    code: String,
    #[schema(max_length = 60)]
    name: String,
    #[schema(max_length = 10)]
    sex: String,
    #[schema(max_length = 60)]
    unit_type: String,
    #[schema(max_length = 100)]
    unit: String,
    #[schema(max_length = 60)]
    cert_no: String,
    daily_minutes: i32,
    #[serde(default)]
    can_lead: bool,
    #[serde(default)]
    reserve: bool,
    #[schema(max_length = 200)]
    email: String,
    state: String,
}

impl PersonForm {
    fn text(&self) -> Text {
        let some = |t: &String| Some(t.trim().to_owned());
        let body = InspectorText {
            name: some(&self.name),
            sex: some(&self.sex),
            unit_type: some(&self.unit_type),
            unit: some(&self.unit),
            cert_no: some(&self.cert_no),
            daily_minutes: Some(self.daily_minutes),
            can_lead: Some(self.can_lead),
            reserve: Some(self.reserve),
            load0: None,
            email: some(&self.email),
            state: some(&self.state),
        };
        (&body).into()
    }
}

#[derive(Template)]
#[template(path = "desk/inspector_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    fresh: bool,
    back: String,
    version: i64,
    name: String,
    sexes: Vec<Choice>,
    unit_type: String,
    unit: String,
    cert_no: String,
    minutes: i32,
    lead: bool,
    reserve: bool,
    email: String,
    states: Vec<Choice>,
}

fn edit_page<'a>(ui: &'a Ui, p: Option<&Inspector>) -> EditPage<'a> {
    let text = |of: fn(&Inspector) -> &String| p.map(|p| of(p).clone()).unwrap_or_default();
    let sex = p.map_or("", |p| p.sex.as_str());
    let state = p.map_or("active", |p| p.state.as_str());
    EditPage {
        ui,
        fresh: p.is_none(),
        back: p.map_or_else(|| "/inspectors".to_owned(), |p| format!("/inspectors/{}", p.id)),
        version: p.map_or(0, |p| p.version),
        name: text(|p| &p.name),
        sexes: ["", "男", "女"]
            .iter()
            .map(|s| Choice::new(*s, if s.is_empty() { "—" } else { *s }).chosen(*s == sex))
            .collect(),
        unit_type: text(|p| &p.unit_type),
        unit: text(|p| &p.unit),
        cert_no: text(|p| &p.cert_no),
        minutes: p.map_or(450, |p| p.daily_minutes),
        lead: p.is_some_and(|p| p.can_lead),
        reserve: p.is_some_and(|p| p.reserve),
        email: text(|p| &p.email),
        states: word_choices(ui, "pe-state", &["active", "disabled"], state),
    }
}

fn new(_: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let page = Page::new(ui.t("pe-new"), &edit_page(ui, None))?.narrow();
    Ok(page.under("/inspectors", ui.t("nav-inspectors")))
}

fn create(cx: &mut Cx<'_>, (): (), form: &PersonForm) -> Result<Done> {
    let made = inspectors::create(cx, None, &form.code, &form.text())?;
    Ok(Done::to(format!("/inspectors/{}", made.row.id)).say("pe-created"))
}

fn under(ui: &Ui, page: Page, id: Id, name: &str) -> Page {
    page.narrow().under("/inspectors", ui.t("nav-inspectors")).under(format!("/inspectors/{id}"), name)
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = inspectors::load(cx, id, EditInspector)?;
    Ok(under(ui, Page::new(ui.t("pe-edit"), &edit_page(ui, Some(&p)))?, id, &p.name))
}

fn change(cx: &mut Cx<'_>, id: Id, form: &PersonForm) -> Result<Done> {
    inspectors::change(cx, id, &form.text())?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-changed"))
}

#[derive(Template)]
#[template(path = "desk/inspector_add.html")]
struct AddPage<'a> {
    ui: &'a Ui,
    id: Id,
    /// `certificate`, `leave` or `recusal`.
    what: &'static str,
    qual: String,
    sources: Vec<Choice>,
}

fn new_certificate(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = inspectors::load(cx, id, EditInspector)?;
    let qual = input::rules(cx)?.base_qualification;
    let template = AddPage { ui, id, what: "certificate", qual, sources: Vec::new() };
    Ok(under(ui, Page::new(ui.t("pe-add-certificate"), &template)?, id, &p.name))
}

fn add_certificate(cx: &mut Cx<'_>, id: Id, b: &CertificateBody) -> Result<Done> {
    let text = inspectors::CertificateText {
        qual: b.qual.clone(),
        qual_name: b.qual_name.clone(),
        no: b.no.clone(),
        from: b.valid_from,
        to: b.valid_to,
    };
    inspectors::add_certificate(cx, id, &text)?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-certificate-added"))
}

fn remove_certificate(cx: &mut Cx<'_>, (id, other): (Id, Id), _: &Empty) -> Result<Done> {
    inspectors::remove_certificate(cx, id, other)?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-certificate-removed"))
}

fn new_leave(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = inspectors::load(cx, id, EditInspector)?;
    let template = AddPage { ui, id, what: "leave", qual: String::new(), sources: Vec::new() };
    Ok(under(ui, Page::new(ui.t("pe-add-leave"), &template)?, id, &p.name))
}

fn add_leave(cx: &mut Cx<'_>, id: Id, b: &LeaveBody) -> Result<Done> {
    inspectors::add_leave(cx, id, b.from, b.to, &b.kind)?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-leave-added"))
}

fn remove_leave(cx: &mut Cx<'_>, (id, other): (Id, Id), _: &Empty) -> Result<Done> {
    inspectors::remove_leave(cx, id, other)?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-leave-removed"))
}

fn new_recusal(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let p = inspectors::load(cx, id, DeclareRecusal)?;
    let own = cx.actor.inspector == Some(id);
    let sources: &[&str] = if own { &["inspector"] } else { &["clerk", "business"] };
    let template = AddPage {
        ui,
        id,
        what: "recusal",
        qual: String::new(),
        sources: word_choices(ui, "pe-source", sources, sources.first().copied().unwrap_or_default()),
    };
    Ok(under(ui, Page::new(ui.t("pe-add-recusal"), &template)?, id, &p.name))
}

/// A recusal as people declare it: a subject has a code, not an identifier.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecusalForm {
    /// Credit code or registration number.
    #[schema(max_length = 60)]
    subject: String,
    #[schema(max_length = 500)]
    reason: String,
    source: String,
}

fn declare(cx: &mut Cx<'_>, id: Id, form: &RecusalForm) -> Result<Done> {
    let subject = meant_subject(cx, "/subject", &form.subject)?;
    let body = crate::web::api::recusals::RecusalBody {
        inspector_id: id,
        subject_id: subject,
        reason: form.reason.clone(),
        source: form.source.clone(),
    };
    crate::web::api::recusals::declare(cx, (), &body)?;
    Ok(Done::to(format!("/inspectors/{id}")).say("pe-recusal-declared"))
}

#[derive(Template)]
#[template(path = "desk/recusal.html")]
struct RecusalPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    person: String,
    subject: String,
    reason: String,
    source: String,
    state: String,
    note: String,
    made: String,
    may: bool,
    may_reopen: bool,
}

fn recusal(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let r = recusals::get(cx, id)?;
    let person = county::inspectors(cx.db, &[r.inspector_id])?.pop().ok_or(Error::NotFound("人员"))?;
    let subject = county::subjects(cx.db, &[r.subject_id])?.pop().map(|s| s.name).unwrap_or_default();
    let own = Scope::of(&person.region, person.department_id);
    let assigned = [person.id];
    let may_reopen = cx.can(DeclareRecusal, &Scope { assigned: &assigned, ..own });
    let template = RecusalPage {
        ui,
        id,
        version: r.version,
        person: person.name.clone(),
        subject,
        may: cx.can(DecideRecusal, &own),
        may_reopen,
        source: ui.word("pe-source", &r.source),
        reason: r.reason,
        state: r.state,
        note: r.decision_note,
        made: ui.time(&r.created_at.0),
    };
    Ok(under(ui, Page::new(ui.t("pe-recusal"), &template)?, person.id, &person.name))
}

fn decided(cx: &mut Cx<'_>, id: Id, act: Act, note: &str) -> Result<Done> {
    recusals::act(cx, id, act, note)?;
    Ok(Done::to(format!("/recusals/{id}")).say("pe-recusal-decided"))
}

fn reopen(cx: &mut Cx<'_>, id: Id, b: &RecusalNote) -> Result<Done> {
    recusals::act(cx, id, Act::Reopen, &b.note)?;
    Ok(Done::to(format!("/recusals/{id}")).say("pe-recusal-declared"))
}

fn approve(cx: &mut Cx<'_>, id: Id, b: &RecusalNote) -> Result<Done> {
    decided(cx, id, Act::Approve, &b.note)
}

fn reject(cx: &mut Cx<'_>, id: Id, b: &RecusalNote) -> Result<Done> {
    decided(cx, id, Act::Reject, &b.note)
}

fn end(cx: &mut Cx<'_>, id: Id, b: &RecusalNote) -> Result<Done> {
    decided(cx, id, Act::End, &b.note)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let stands = |class| Standing { word: ui.t("pe-cert-none"), class };
    let row = |class| Row {
        id,
        name: text("张三"),
        code: text("SJ01"),
        office: text("市场监管局"),
        unit: text("一科"),
        lead: true,
        reserve: true,
        certificate: stands(class),
        state: text("active"),
    };
    let some = || vec![Choice::new("", ui.t("filter-all"))];
    let list = |rows, filtered| ListPage {
        ui,
        search: String::new(),
        states: some(),
        pools: some(),
        offices: some(),
        rows,
        warned: 1,
        filtered,
        may_write: true,
        may_import: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let show = |full: bool| ShowPage {
        ui,
        id,
        code: text("SJ01"),
        office: text("市场监管局"),
        unit: text("一科"),
        sex: text("女"),
        cert_no: text("350403001"),
        email: String::new(),
        minutes: 450,
        lead: true,
        reserve: false,
        expert: false,
        state: text("active"),
        certificate: stands("late"),
        work: ui.t2("pe-work", "visits", 3, "hours", 5),
        papers: if full {
            vec![Paper {
                id, name: text("执法证"), no: text("1"), span: text("2020年 – 2030年"), over: true
            }]
        } else {
            Vec::new()
        },
        absences: if full {
            vec![Absence { id, kind: text("年假"), span: text("2026年5月8日"), past: false }]
        } else {
            Vec::new()
        },
        recusals: if full {
            vec![Recused {
                id, subject: text("示范饭店"), reason: text("亲属"), state: text("pending")
            }]
        } else {
            Vec::new()
        },
        may_write: full,
        may_declare: full,
    };
    let add = |what| AddPage {
        ui,
        id,
        what,
        qual: text("Q-ZFZ"),
        sources: vec![Choice::new("clerk", ui.word("pe-source", "clerk"))],
    };
    let recusal = |state: &str| RecusalPage {
        ui,
        id,
        version: 1,
        person: text("张三"),
        subject: text("示范饭店"),
        reason: text("亲属"),
        source: ui.word("pe-source", "clerk"),
        state: text(state),
        note: text("属实"),
        made: text("2026年5月8日 10:30"),
        may: true,
        may_reopen: true,
    };
    vec![
        Page::new(ui.t("nav-inspectors"), &list(vec![row("late"), row("")], true)).unwrap(),
        Page::new(ui.t("nav-inspectors"), &list(Vec::new(), false)).unwrap(),
        Page::new("张三", &show(true)).unwrap(),
        Page::new("张三", &show(false)).unwrap(),
        Page::new(ui.t("pe-new"), &edit_page(ui, None)).unwrap(),
        Page::new(ui.t("pe-add-certificate"), &add("certificate")).unwrap(),
        Page::new(ui.t("pe-add-leave"), &add("leave")).unwrap(),
        Page::new(ui.t("pe-add-recusal"), &add("recusal")).unwrap(),
        Page::new(ui.t("pe-recusal"), &recusal("pending")).unwrap(),
        Page::new(ui.t("pe-recusal"), &recusal("approved")).unwrap(),
        Page::new(ui.t("pe-recusal"), &recusal("rejected")).unwrap(),
    ]
}
