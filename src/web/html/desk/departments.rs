//! The county's departments: the list, one of them, entering and changing one.

use super::{word_choices, wrong_cursor};
use crate::domain::access::Action::{EditDepartments, ViewCommon};
use crate::domain::registry::DepartmentKind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::departments::{self, Change, Draft};
use crate::store::departments::Department;
use crate::web::html::field::Choice;
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/departments", Action(ViewCommon), list);
    // Before the page of one department: the last word is no identifier.
    r.page("/departments/new", Action(EditDepartments), new);
    r.form("/departments/new", Action(EditDepartments), create, new);
    r.page("/departments/{id}", Action(ViewCommon), show);
    r.page("/departments/{id}/edit", Action(EditDepartments), edit);
    r.form("/departments/{id}/edit", Action(EditDepartments), change, edit);
}

const KINDS: [&str; 5] = ["", "inspecting", "coordination", "oversight", "expert_pool"];
const STATES: [&str; 3] = ["", "active", "retired"];

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Text.
    search: String,
    /// Kind.
    kind: String,
    /// State.
    state: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

#[derive(Template)]
#[template(path = "desk/departments.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Department>,
    search: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    filtered: bool,
    may_edit: bool,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let some = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let (search, kind, state) = (some(&q.search), some(&q.kind), some(&q.state));
    let after = q.after.as_ref().map(|c| c.as_str().to_owned());
    let read = |most: i64| {
        let most = usize::try_from(most).map_err(|_| wrong_cursor())?;
        departments::list(cx, kind.as_deref(), state.as_deref(), search.as_deref(), after.as_deref(), most)
    };
    let (rows, next) = cut(read, |d| d.code.clone())?;
    let filters = [
        ("search", Some(q.search.as_str())),
        ("kind", Some(q.kind.as_str())),
        ("state", Some(q.state.as_str())),
    ];
    let template = ListPage {
        ui,
        rows,
        kinds: word_choices(ui, "office-kind", &KINDS, &q.kind),
        states: word_choices(ui, "office-state", &STATES, &q.state),
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        may_edit: ui.may(EditDepartments),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        search: q.search.clone(),
    };
    Ok(Page::new(ui.t("common-title"), &template)?.lead(ui.t("common-lead")))
}

#[derive(Template)]
#[template(path = "desk/department.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    d: Department,
    may_edit: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let d = departments::get(cx, id)?;
    let template = ShowPage { ui, d, may_edit: ui.may(EditDepartments) };
    Ok(Page::new(template.d.name.clone(), &template)?.under("/departments", ui.t("common-title")))
}

#[derive(Template)]
#[template(path = "desk/department_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    back: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    /// None: a new one.
    d: Option<Department>,
}

impl EditPage<'_> {
    fn text(&self, of: fn(&Department) -> &String) -> String {
        self.d.as_ref().map(|d| of(d).clone()).unwrap_or_default()
    }

    fn name(&self) -> String {
        self.text(|d| &d.name)
    }

    fn uscc(&self) -> String {
        self.text(|d| &d.uscc)
    }

    fn level(&self) -> String {
        self.text(|d| &d.level)
    }

    fn division(&self) -> String {
        self.text(|d| &d.division)
    }

    fn contact(&self) -> String {
        self.text(|d| &d.contact)
    }

    fn rank(&self) -> i32 {
        self.d.as_ref().map_or(50, |d| d.rank)
    }

    fn aliases(&self) -> String {
        self.d.as_ref().map(|d| d.aliases.0.join("\n")).unwrap_or_default()
    }
}

fn edit_page(ui: &Ui, d: Option<Department>) -> EditPage<'_> {
    let state = d.as_ref().map_or("active", |d| d.state.as_str());
    EditPage {
        ui,
        back: d.as_ref().map_or_else(|| "/departments".to_owned(), |d| format!("/departments/{}", d.id)),
        kinds: word_choices(ui, "office-kind", &KINDS[1..], "inspecting"),
        states: word_choices(ui, "office-state", &STATES[1..], state),
        d,
    }
}

fn new(_: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let page = Page::new(ui.t("office-new"), &edit_page(ui, None))?.narrow();
    Ok(page.under("/departments", ui.t("common-title")))
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let d = departments::get(cx, id)?;
    let name = d.name.clone();
    let page = Page::new(ui.t("office-edit"), &edit_page(ui, Some(d)))?.narrow();
    Ok(page.under("/departments", ui.t("common-title")).under(format!("/departments/{id}"), name))
}

/// A department as the form sends it: what is emptied is emptied.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DepartmentForm {
    /// Only where it is new.
    #[serde(default)]
    #[schema(max_length = 40)]
    code: String,
    #[schema(max_length = 100)]
    name: String,
    #[schema(max_length = 18)]
    uscc: String,
    #[schema(max_length = 20)]
    level: String,
    #[schema(max_length = 12)]
    division: String,
    /// Only where it is new.
    #[serde(default)]
    kind: String,
    rank: i32,
    /// One in a line.
    aliases: String,
    #[schema(max_length = 200)]
    contact: String,
    /// Only where it is not new.
    #[serde(default)]
    state: String,
}

impl DepartmentForm {
    fn aliases(&self) -> Vec<String> {
        self.aliases.lines().map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect()
    }
}

fn create(cx: &mut Cx<'_>, (): (), form: &DepartmentForm) -> Result<Done> {
    let kind = DepartmentKind::parse(&form.kind)
        .ok_or_else(|| Error::field("/kind", "unknown_value", "请选择部门类别"))?;
    let draft = Draft {
        code: form.code.clone(),
        name: form.name.clone(),
        uscc: form.uscc.clone(),
        level: form.level.clone(),
        division: form.division.clone(),
        kind,
        rank: form.rank,
        aliases: form.aliases(),
        contact: form.contact.clone(),
    };
    let made = departments::create(cx, &draft)?;
    Ok(Done::to(format!("/departments/{}", made.id)).say("office-created"))
}

fn change(cx: &mut Cx<'_>, id: Id, form: &DepartmentForm) -> Result<Done> {
    let some = |text: &String| Some(text.clone());
    let change = Change {
        name: some(&form.name),
        uscc: some(&form.uscc),
        level: some(&form.level),
        division: some(&form.division),
        rank: Some(form.rank),
        aliases: Some(form.aliases()),
        contact: some(&form.contact),
        state: some(&form.state),
    };
    departments::change(cx, id, &change)?;
    Ok(Done::to(format!("/departments/{id}")).say("office-changed"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let department = |state: &str| Department {
        id: Id(uuid::Uuid::from_u128(3)),
        region: text("350403"),
        code: text("SCJG01"),
        name: text("市场监管局"),
        search: String::new(),
        uscc: String::new(),
        level: text("县级"),
        division: text("350403"),
        kind: text("inspecting"),
        rank: 1,
        aliases: crate::store::types::Doc(vec![text("工商局")]),
        contact: text("0598-1"),
        state: text(state),
        version: 1,
        created_at: crate::store::types::At(ui.now),
        updated_at: crate::store::types::At(ui.now),
    };
    let list = |rows, filtered| ListPage {
        ui,
        rows,
        search: String::new(),
        kinds: word_choices(ui, "office-kind", &KINDS, ""),
        states: word_choices(ui, "office-state", &STATES, "active"),
        filtered,
        may_edit: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let show = ShowPage { ui, d: department("active"), may_edit: true };
    vec![
        Page::new(ui.t("common-title"), &list(vec![department("active"), department("retired")], true))
            .unwrap(),
        Page::new(ui.t("common-title"), &list(Vec::new(), true)).unwrap(),
        Page::new("市场监管局", &show).unwrap(),
        Page::new(ui.t("office-new"), &edit_page(ui, None)).unwrap(),
        Page::new(ui.t("office-edit"), &edit_page(ui, Some(department("active")))).unwrap(),
    ]
}
