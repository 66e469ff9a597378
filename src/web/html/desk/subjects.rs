//! The directory of subjects: the list with search and filters, one subject with its history and its supervising
//! departments, entering and changing one.

use super::{key, names, office_choices, offices, word_choices};
use crate::domain::access::Action::{EditSubject, Import, ViewCaps, ViewSubject, ViewVisit};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{caps, subjects, visits};
use crate::store::subjects::{Filter, Subject};
use crate::store::visits::VisitFilter;
use crate::web::api::subjects::{SiteBody, SubjectBody, SubjectView};
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
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/subjects", Action(ViewSubject), list);
    // Before the page of one subject: the last word is no identifier.
    r.page("/subjects/new", Action(EditSubject), new);
    r.form("/subjects/new", Action(EditSubject), create, new);
    r.page("/subjects/{id}", Action(ViewSubject), show);
    r.page("/subjects/{id}/edit", Action(EditSubject), edit);
    r.form("/subjects/{id}/edit", Action(EditSubject), change, edit);
    r.form("/subjects/{id}/sites", Action(EditSubject), add_site, show);
    r.form(
        "/subjects/{id}/sites/{site}/remove",
        Action(EditSubject),
        remove_site,
        |cx, ui, (id, _): (Id, Id), q| show(cx, ui, id, q),
    );
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Text.
    search: String,
    /// 乡镇街道.
    town: String,
    /// Beginning of the 行业代码.
    industry: String,
    /// 信用风险分类.
    credit: String,
    /// State.
    state: String,
    /// `abnormal` or `serious`.
    listed: String,
    /// Supervising department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    name: String,
    key: String,
    kind: String,
    place: String,
    industry: String,
    credit: String,
    state: String,
    listed: Vec<&'static str>,
}

fn listed(s: &Subject) -> Vec<&'static str> {
    [("abnormal", s.abnormal), ("serious", s.serious)]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(w, _)| w)
        .collect()
}

fn row(s: Subject) -> Row {
    Row {
        id: s.id,
        listed: listed(&s),
        place: format!("{}{}", s.town, s.address),
        industry: if s.industry_name.is_empty() { s.industry } else { s.industry_name },
        name: s.name,
        key: s.key,
        kind: s.kind,
        credit: s.credit,
        state: s.state,
    }
}

#[derive(Template)]
#[template(path = "desk/subjects.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    search: String,
    town: String,
    industry: String,
    credit: String,
    states: Vec<Choice>,
    lists: Vec<Choice>,
    offices: Vec<Choice>,
    rows: Vec<Row>,
    filtered: bool,
    may_write: bool,
    may_import: bool,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let some = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let after = key(q.after.as_ref())?;
    let filter = Filter {
        kind: None,
        industry: some(&q.industry),
        town: some(&q.town),
        tag: None,
        credit: some(&q.credit),
        state: some(&q.state),
        department: q.department_id,
        abnormal: (q.listed == "abnormal").then_some(true),
        serious: (q.listed == "serious").then_some(true),
        search: some(&q.search),
    };
    let (rows, next) = cut(|most| subjects::list(cx, filter, after, most), |s| s.id.to_string())?;
    let office = q.department_id.map(|d| d.to_string());
    let filters = [
        ("search", Some(q.search.as_str())),
        ("town", Some(q.town.as_str())),
        ("industry", Some(q.industry.as_str())),
        ("credit", Some(q.credit.as_str())),
        ("state", Some(q.state.as_str())),
        ("listed", Some(q.listed.as_str())),
        ("department_id", office.as_deref()),
    ];
    let template = ListPage {
        ui,
        states: word_choices(ui, "su-state", &["", "active", "closed", "moved"], &q.state),
        lists: word_choices(ui, "su-listed", &["", "abnormal", "serious"], &q.listed),
        offices: office_choices(cx, ui, q.department_id)?,
        rows: rows.into_iter().map(row).collect(),
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        may_write: ui.may(EditSubject),
        may_import: ui.may(Import),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        search: q.search.clone(),
        town: q.town.clone(),
        industry: q.industry.clone(),
        credit: q.credit.clone(),
    };
    Page::new(ui.t("nav-subjects"), &template)
}

/// A further place.
struct Place {
    id: Id,
    name: String,
    address: String,
}

struct Past {
    href: String,
    day: String,
    who: String,
    items: String,
    state: String,
}

struct Standing {
    office: String,
    counted: u32,
    exempt: u32,
    cap: u32,
    left: u32,
}

#[derive(Template)]
#[template(path = "desk/subject.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    s: SubjectView,
    founded: String,
    listed: Vec<&'static str>,
    departments: Vec<String>,
    sites: Vec<Place>,
    past: Vec<Past>,
    more_past: bool,
    year: i32,
    standing: Vec<Standing>,
    may_write: bool,
    public: String,
}

/// Visits of the history that are shown.
const PAST: i64 = 30;

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let known = subjects::get(cx, id)?;
    let names = names(cx)?;
    let on = listed(&known.row);
    let sites = subjects::sites(cx, id)?;
    let mut past = Vec::new();
    if ui.may(ViewVisit) {
        let filter = VisitFilter { subject: Some(id), ..VisitFilter::default() };
        past = visits::list(cx, &filter, None, PAST + 1)?;
        past.sort_by_key(|w| std::cmp::Reverse(w.visit.on_day));
    }
    let more_past = past.len() > usize::try_from(PAST).unwrap_or(0);
    let year = ui.today.year();
    let standing =
        if ui.may(ViewCaps) { caps::ledger(cx, Some(year), None, Some(id))?.standing } else { Vec::new() };
    let s = SubjectView::from(known);
    let template = ShowPage {
        ui,
        founded: s.founded.map(|d| ui.day(&d)).unwrap_or_default(),
        listed: on,
        departments: s.department_ids.iter().flatten().filter_map(|d| names.get(d).cloned()).collect(),
        sites: sites
            .into_iter()
            .map(|p| Place { id: p.id, name: p.name, address: format!("{}{}", p.town, p.address) })
            .collect(),
        past: past
            .into_iter()
            .take(usize::try_from(PAST).unwrap_or(0))
            .map(|w| Past {
                href: format!("/visits/{}", w.visit.id),
                day: w.visit.on_day.map_or_else(|| ui.t("pl-no-day"), |d| ui.day(&d)),
                who: w.departments.iter().map(|d| d.name.as_str()).collect::<Vec<_>>().join(&ui.t("comma")),
                items: w.tasks.iter().map(|(_, i)| i.name.as_str()).collect::<Vec<_>>().join("；"),
                state: w.visit.state,
            })
            .collect(),
        more_past,
        year,
        standing: standing
            .into_iter()
            .map(|(d, status)| Standing {
                office: names.get(&d).cloned().unwrap_or_default(),
                counted: status.counted,
                exempt: status.exempt,
                cap: status.cap,
                left: status.left(),
            })
            .collect(),
        may_write: ui.may(EditSubject),
        public: format!("/public/results?q={}", crate::web::html::session::encoded(&s.key)),
        s,
    };
    Ok(Page::new(template.s.name.clone(), &template)?.under("/subjects", ui.t("nav-subjects")))
}

/// A subject as the form sends it: what is emptied is emptied, so nothing is left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubjectForm {
    #[schema(max_length = 18)]
    uscc: String,
    #[schema(max_length = 40)]
    registration_no: String,
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 60)]
    kind: String,
    #[schema(max_length = 12)]
    division: String,
    #[schema(max_length = 60)]
    town: String,
    #[schema(max_length = 300)]
    address: String,
    #[schema(max_length = 10)]
    industry: String,
    #[schema(max_length = 100)]
    industry_name: String,
    #[schema(max_length = 20)]
    credit: String,
    #[serde(default)]
    founded: Option<NaiveDate>,
    #[schema(max_length = 60)]
    contact: String,
    #[schema(max_length = 40)]
    phone: String,
    /// One in a line.
    tags: String,
    #[serde(default)]
    department_ids: Vec<Id>,
    #[serde(default)]
    abnormal: bool,
    #[serde(default)]
    serious: bool,
    state: String,
}

impl SubjectForm {
    fn body(&self) -> SubjectBody {
        let some = |t: &String| Some(t.trim().to_owned());
        let tags = self.tags.lines().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        SubjectBody {
            uscc: some(&self.uscc),
            registration_no: some(&self.registration_no),
            name: some(&self.name),
            kind: some(&self.kind),
            division: some(&self.division),
            town: some(&self.town),
            address: some(&self.address),
            industry: some(&self.industry),
            industry_name: some(&self.industry_name),
            credit: some(&self.credit),
            founded: Some(self.founded),
            // The map is not on the form: it stays as it is.
            place: None,
            contact: some(&self.contact),
            phone: some(&self.phone),
            tags: Some(tags.collect()),
            department_ids: Some(self.department_ids.clone()),
            abnormal: Some(self.abnormal),
            serious: Some(self.serious),
            state: some(&self.state),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/subject_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    fresh: bool,
    back: String,
    version: i64,
    uscc: String,
    registration_no: String,
    name: String,
    kind: String,
    division: String,
    town: String,
    address: String,
    industry: String,
    industry_name: String,
    credit: String,
    founded: String,
    contact: String,
    phone: String,
    tags: String,
    departments: Vec<Choice>,
    abnormal: bool,
    serious: bool,
    states: Vec<Choice>,
}

fn edit_page<'a>(cx: &mut Cx<'_>, ui: &'a Ui, s: Option<&SubjectView>) -> Result<EditPage<'a>> {
    let chosen: Vec<Id> = s.and_then(|s| s.department_ids.clone()).unwrap_or_default();
    let departments = offices(cx)?
        .into_iter()
        .filter(|d| d.kind == "inspecting" && (d.state == "active" || chosen.contains(&d.id)))
        .map(|d| Choice::new(d.id.to_string(), d.name).chosen(chosen.contains(&d.id)))
        .collect();
    let region = cx.region().to_owned();
    Ok(filled_page(ui, s, departments, &region))
}

fn filled_page<'a>(
    ui: &'a Ui,
    s: Option<&SubjectView>,
    departments: Vec<Choice>,
    region: &str,
) -> EditPage<'a> {
    let text = |of: fn(&SubjectView) -> &String| s.map(|s| of(s).clone()).unwrap_or_default();
    let state = s.map_or("active", |s| s.state.as_str());
    EditPage {
        ui,
        fresh: s.is_none(),
        back: s.map_or_else(|| "/subjects".to_owned(), |s| format!("/subjects/{}", s.id)),
        version: s.map_or(0, |s| s.version),
        uscc: text(|s| &s.uscc),
        registration_no: text(|s| &s.registration_no),
        name: text(|s| &s.name),
        kind: text(|s| &s.kind),
        division: s.map_or_else(|| region.to_owned(), |s| s.division.clone()),
        town: text(|s| &s.town),
        address: text(|s| &s.address),
        industry: text(|s| &s.industry),
        industry_name: text(|s| &s.industry_name),
        credit: text(|s| &s.credit),
        founded: s.and_then(|s| s.founded).map(|d| d.to_string()).unwrap_or_default(),
        contact: text(|s| &s.contact),
        phone: text(|s| &s.phone),
        tags: s.map(|s| s.tags.join("\n")).unwrap_or_default(),
        departments,
        abnormal: s.is_some_and(|s| s.abnormal),
        serious: s.is_some_and(|s| s.serious),
        states: word_choices(ui, "su-state", &["active", "closed", "moved"], state),
    }
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let template = edit_page(cx, ui, None)?;
    Ok(Page::new(ui.t("su-new"), &template)?.narrow().under("/subjects", ui.t("nav-subjects")))
}

fn create(cx: &mut Cx<'_>, (): (), form: &SubjectForm) -> Result<Done> {
    let made = subjects::create(cx, &(&form.body()).into())?;
    Ok(Done::to(format!("/subjects/{}", made.row.id)).say("su-created"))
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let s = SubjectView::from(subjects::get(cx, id)?);
    let template = edit_page(cx, ui, Some(&s))?;
    let page = Page::new(ui.t("su-edit"), &template)?.narrow().under("/subjects", ui.t("nav-subjects"));
    Ok(page.under(format!("/subjects/{id}"), s.name))
}

fn change(cx: &mut Cx<'_>, id: Id, form: &SubjectForm) -> Result<Done> {
    subjects::change(cx, id, &(&form.body()).into())?;
    Ok(Done::to(format!("/subjects/{id}")).say("su-changed"))
}

fn add_site(cx: &mut Cx<'_>, id: Id, body: &SiteBody) -> Result<Done> {
    crate::web::api::subjects::add_site(cx, id, body)?;
    Ok(Done::to(format!("/subjects/{id}")).say("su-site-added"))
}

fn remove_site(cx: &mut Cx<'_>, (id, site): (Id, Id), _: &Empty) -> Result<Done> {
    subjects::remove_site(cx, id, site)?;
    Ok(Done::to(format!("/subjects/{id}")).say("su-site-removed"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |listed| Row {
        id,
        name: text("示范饭店"),
        key: text("R:1"),
        kind: text("个体工商户"),
        place: text("城关镇中山路1号"),
        industry: text("正餐服务"),
        credit: text("A"),
        state: text("active"),
        listed,
    };
    let some = || vec![Choice::new("", ui.t("filter-all"))];
    let list = |rows, filtered| ListPage {
        ui,
        search: String::new(),
        town: text("城关镇"),
        industry: String::new(),
        credit: String::new(),
        states: some(),
        lists: some(),
        offices: some(),
        rows,
        filtered,
        may_write: true,
        may_import: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let view = SubjectView {
        id,
        key: text("R:1"),
        uscc: String::new(),
        registration_no: text("1"),
        name: text("示范饭店"),
        kind: text("个体工商户"),
        division: text("350403"),
        town: text("城关镇"),
        address: text("中山路1号"),
        industry: text("6210"),
        industry_name: text("正餐服务"),
        credit: text("A"),
        founded: None,
        lon: None,
        lat: None,
        contact: text("张三"),
        phone: text("1"),
        tags: vec![text("餐饮")],
        abnormal: true,
        serious: false,
        department_ids: None,
        state: text("active"),
        version: 1,
        updated_at: ui.now,
    };
    let past = Past {
        href: text("/account"),
        day: text("2026年5月8日"),
        who: text("市场监管局"),
        items: text("食品经营检查"),
        state: text("done"),
    };
    let show = |past, standing| ShowPage {
        ui,
        s: view.clone(),
        founded: String::new(),
        listed: vec!["abnormal"],
        departments: vec![text("市场监管局")],
        sites: vec![Place { id, name: text("分店"), address: text("洋溪镇2号") }],
        past,
        more_past: true,
        year: 2026,
        standing,
        may_write: true,
        public: text("/public/results?q=1"),
    };
    let standing = Standing { office: text("市场监管局"), counted: 1, exempt: 0, cap: 2, left: 1 };
    let departments = vec![Choice::new("1", "市场监管局")];
    vec![
        Page::new(ui.t("nav-subjects"), &list(vec![row(vec!["abnormal"]), row(Vec::new())], true)).unwrap(),
        Page::new(ui.t("nav-subjects"), &list(Vec::new(), false)).unwrap(),
        Page::new(ui.t("nav-subjects"), &list(Vec::new(), true)).unwrap(),
        Page::new("示范饭店", &show(vec![past], vec![standing])).unwrap(),
        Page::new("示范饭店", &show(Vec::new(), Vec::new())).unwrap(),
        Page::new(ui.t("su-new"), &filled_page(ui, None, departments.clone(), "350403")).unwrap(),
        Page::new(ui.t("su-edit"), &filled_page(ui, Some(&view), departments, "350403")).unwrap(),
    ]
}
