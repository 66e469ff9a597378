//! The annual plans: entries of the departments, filing them with the coordination office, publishing them.

use super::{key, names, office_choices, offices, word_choices};
use crate::domain::access::Action::{EditPlan, Import, PublishPlan, ViewPlan};
use crate::domain::access::Scope;
use crate::domain::registry::plan_state::Act;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{items, plans};
use crate::store::county;
use crate::store::items::Filter as ItemFilter;
use crate::store::plans::{Filter, PlanEntry};
use crate::web::api::plans::{self as api, ClassRatio, PlanBody, PlanFilter, PlanText, PlanView};
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, Tab, Tabs, address, filled};
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
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/plans", Action(ViewPlan), list);
    // Before the page of one entry: the last word is no identifier.
    r.page("/plans/new", Action(EditPlan), new);
    r.form("/plans/new", Action(EditPlan), create, new);
    r.page("/plans/{id}", Action(ViewPlan), show);
    r.page("/plans/{id}/edit", Action(EditPlan), edit);
    r.form("/plans/{id}/edit", Action(EditPlan), change, edit);
    r.form("/plans/{id}/file", Action(EditPlan), file, show);
    r.form("/plans/{id}/recall", Action(EditPlan), recall, show);
    r.form("/plans/{id}/publish", Action(PublishPlan), publish, show);
    r.form("/plans/{id}/withdraw", Action(PublishPlan), withdraw, show);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// State.
    state: String,
    /// Department.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// Year.
    #[serde(deserialize_with = "filled")]
    year: Option<i32>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    name: String,
    code: String,
    office: String,
    ratio: String,
    window: String,
    state: String,
    joint: bool,
    warns: bool,
}

fn window_words(ui: &Ui, p: &PlanView) -> String {
    match (p.window_from, p.window_to) {
        (Some(from), Some(to)) => ui.span(&from, &to),
        _ => p.window.clone(),
    }
}

fn row(ui: &Ui, names: &HashMap<Id, String>, p: PlanEntry) -> Row {
    let v = PlanView::from(p);
    Row {
        id: v.id,
        office: names.get(&v.department_id).cloned().unwrap_or_default(),
        window: window_words(ui, &v),
        joint: v.inspection_id.is_some(),
        warns: !v.warnings.is_empty(),
        name: v.name,
        code: v.code,
        ratio: v.ratio,
        state: v.state,
    }
}

#[derive(Template)]
#[template(path = "desk/plans.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    state: String,
    years: Vec<Choice>,
    offices: Vec<Choice>,
    rows: Vec<Row>,
    may_write: bool,
    may_import: bool,
    pager: Pager<'a>,
}

const VIEWS: [&str; 5] = ["", "draft", "filed", "published", "withdrawn"];

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let state = Some(query.state.clone()).filter(|s| !s.is_empty());
    let filter = Filter { department: query.department_id, year: query.year, state };
    let (rows, next) = cut(|most| plans::list(cx, filter, after, most), |p| p.id.to_string())?;
    let names = names(cx)?;
    let (office, year) = (query.department_id.map(|d| d.to_string()), query.year.map(|y| y.to_string()));
    let rest = [("department_id", office.as_deref()), ("year", year.as_deref())];
    let tab = |view: &str| {
        let mut filters = vec![("state", Some(view))];
        filters.extend(rest);
        Tab {
            href: address("/plans", &filters),
            text: if view.is_empty() { ui.t("filter-all") } else { ui.word("ap-state", view) },
            count: None,
            here: view == query.state,
        }
    };
    let mut filters = vec![("state", Some(query.state.as_str()))];
    filters.extend(rest);
    let this = ui.today.year();
    let mut years = vec![Choice::new("", ui.t("filter-all"))];
    years.extend(
        (this - 2..=this + 1)
            .rev()
            .map(|y| Choice::new(y.to_string(), y.to_string()).chosen(query.year == Some(y))),
    );
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        years,
        offices: office_choices(cx, ui, query.department_id)?,
        rows: rows.into_iter().map(|p| row(ui, &names, p)).collect(),
        may_write: ui.may(EditPlan),
        may_import: ui.may(Import),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        state: query.state.clone(),
    };
    Ok(Page::new(ui.t("nav-plans"), &template)?.lead(ui.t("ap-lead")))
}

#[derive(Template)]
#[template(path = "desk/plan.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    plan: PlanView,
    office: String,
    turn: String,
    window: String,
    items: Vec<(String, String)>,
    scope: Vec<(String, String)>,
    warnings: Vec<String>,
    /// What may be done: the act, and how its button looks.
    acts: Vec<(&'static str, &'static str)>,
    edit: bool,
    joint: String,
}

fn scope_words(ui: &Ui, names: &HashMap<Id, String>, f: &PlanFilter) -> Vec<(String, String)> {
    let comma = ui.t("comma");
    let mut list = Vec::new();
    for (key, values) in [
        ("su-kind", &f.kinds),
        ("su-industry-code", &f.industries),
        ("su-town", &f.towns),
        ("su-tags", &f.tags),
        ("su-credit", &f.credits),
    ] {
        if !values.is_empty() {
            list.push((ui.t(key), values.join(&comma)));
        }
    }
    if !f.supervised_by.is_empty() {
        let name = |id: &String| {
            id.parse().ok().and_then(|id: Id| names.get(&id).cloned()).unwrap_or_else(|| id.clone())
        };
        list.push((
            ui.t("su-departments"),
            f.supervised_by.iter().map(name).collect::<Vec<_>>().join(&comma),
        ));
    }
    if let Some(listed) = &f.only_listed {
        list.push((ui.t("su-listed"), ui.word("su-listed", listed)));
    }
    list
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let plan = PlanView::from(plans::get(cx, id)?);
    let names = names(cx)?;
    let known: HashMap<Id, String> =
        county::items(cx.db, &plan.items)?.into_iter().map(|i| (i.id, i.name)).collect();
    let region = cx.region().to_owned();
    let own = Scope::of(&region, plan.department_id);
    let (write, release) = (cx.can(EditPlan, &own), cx.can(PublishPlan, &own));
    let mut acts = Vec::new();
    let free = plan.inspection_id.is_none();
    match plan.state.as_str() {
        "draft" if write => acts.push(("file", "")),
        "filed" => {
            if release {
                acts.push(("publish", ""));
            }
            if write && free {
                acts.push(("recall", "quietly"));
            }
        }
        _ => {}
    }
    if release && free && matches!(plan.state.as_str(), "filed" | "published") {
        acts.push(("withdraw", "quietly danger"));
    }
    let mut listed: Vec<(String, String)> = plan
        .items
        .iter()
        .map(|i| (format!("/items/{i}"), known.get(i).cloned().unwrap_or_else(|| i.to_string())))
        .collect();
    listed
        .extend(plan.item_names.iter().filter(|_| plan.items.is_empty()).map(|n| (String::new(), n.clone())));
    let template = ShowPage {
        ui,
        office: names.get(&plan.department_id).cloned().unwrap_or_default(),
        turn: ui.word("ap-turn", &plan.state),
        window: window_words(ui, &plan),
        items: listed,
        scope: scope_words(ui, &names, &plan.filter),
        warnings: plan.warnings.iter().map(|w| ui.told(&w.message)).collect(),
        acts,
        edit: write && plan.state == "draft",
        joint: plan.inspection_id.map(|i| format!("/inspections/{i}")).unwrap_or_default(),
        plan,
    };
    Ok(Page::new(template.plan.name.clone(), &template)?.under("/plans", ui.t("nav-plans")))
}

/// Which subjects, one value in a line.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScopeForm {
    kinds: String,
    industries: String,
    towns: String,
    tags: String,
    credits: String,
    #[serde(default)]
    supervised_by: Vec<String>,
    #[serde(default)]
    only_listed: Option<String>,
}

/// A plan entry as the form sends it: what is emptied is emptied, so nothing is left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanForm {
    /// 计划编号; only where the entry is new.
    #[serde(default)]
    #[schema(max_length = 128)]
    code: String,
    /// Only where the entry is new.
    #[serde(default)]
    year: Option<i32>,
    #[schema(max_length = 200)]
    name: String,
    #[serde(default)]
    items: Vec<Id>,
    filter: ScopeForm,
    #[schema(max_length = 200)]
    ratio: String,
    /// A class and its ratio in a line.
    class_ratios: String,
    #[serde(default)]
    window_from: Option<NaiveDate>,
    #[serde(default)]
    window_to: Option<NaiveDate>,
    #[schema(max_length = 200)]
    window: String,
    priority: i32,
    #[schema(max_length = 1000)]
    remark: String,
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// `A 1%`, `A=1%`, `A：1%`.
fn class_ratios(text: &str) -> Result<Vec<ClassRatio>> {
    lines(text)
        .into_iter()
        .map(|line| {
            let (class, ratio) = line
                .split_once(|c: char| matches!(c, '=' | ':' | '：') || c.is_whitespace())
                .ok_or_else(|| {
                    Error::field("/class_ratios", "invalid", format!("“{line}”须写成“分类 比例”，如 A 1%"))
                })?;
            Ok(ClassRatio { class: class.trim().to_owned(), ratio: ratio.trim().to_owned() })
        })
        .collect()
}

impl PlanForm {
    fn text(&self) -> Result<PlanText> {
        let f = &self.filter;
        Ok(PlanText {
            name: Some(self.name.clone()),
            items: Some(self.items.clone()),
            filter: Some(PlanFilter {
                kinds: lines(&f.kinds),
                industries: lines(&f.industries),
                towns: lines(&f.towns),
                tags: lines(&f.tags),
                credits: lines(&f.credits),
                supervised_by: f.supervised_by.clone(),
                only_listed: f.only_listed.clone().filter(|l| !l.is_empty()),
            }),
            ratio: Some(self.ratio.clone()),
            class_ratios: Some(class_ratios(&self.class_ratios)?),
            window_from: Some(self.window_from),
            window_to: Some(self.window_to),
            window: Some(self.window.clone()),
            priority: Some(self.priority),
            remark: Some(self.remark.clone()),
        })
    }
}

#[derive(Template)]
#[template(path = "desk/plan_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    fresh: bool,
    back: String,
    version: i64,
    year: i32,
    name: String,
    items: Vec<Choice>,
    kinds: String,
    industries: String,
    towns: String,
    tags: String,
    credits: String,
    departments: Vec<Choice>,
    lists: Vec<Choice>,
    ratio: String,
    classes: String,
    from: String,
    to: String,
    window: String,
    priority: i32,
    remark: String,
}

fn edit_page<'a>(
    ui: &'a Ui,
    p: Option<&PlanView>,
    items: Vec<Choice>,
    departments: Vec<Choice>,
) -> EditPage<'a> {
    let text = |of: fn(&PlanView) -> &String| p.map(|p| of(p).clone()).unwrap_or_default();
    let list = |of: fn(&PlanView) -> &Vec<String>| p.map(|p| of(p).join("\n")).unwrap_or_default();
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let listed = p.and_then(|p| p.filter.only_listed.clone()).unwrap_or_default();
    let class = |c: &ClassRatio| format!("{} {}", c.class, c.ratio);
    EditPage {
        ui,
        fresh: p.is_none(),
        back: p.map_or_else(|| "/plans".to_owned(), |p| format!("/plans/{}", p.id)),
        version: p.map_or(0, |p| p.version),
        year: p.map_or_else(|| ui.today.year(), |p| p.year),
        name: text(|p| &p.name),
        items,
        kinds: list(|p| &p.filter.kinds),
        industries: list(|p| &p.filter.industries),
        towns: list(|p| &p.filter.towns),
        tags: list(|p| &p.filter.tags),
        credits: list(|p| &p.filter.credits),
        departments,
        lists: word_choices(ui, "su-listed", &["", "abnormal", "serious"], &listed),
        ratio: text(|p| &p.ratio),
        classes: p
            .map(|p| p.class_ratios.iter().map(class).collect::<Vec<_>>().join("\n"))
            .unwrap_or_default(),
        from: day(p.and_then(|p| p.window_from)),
        to: day(p.and_then(|p| p.window_to)),
        window: text(|p| &p.window),
        priority: p.map_or(3, |p| p.priority),
        remark: text(|p| &p.remark),
    }
}

/// One's own published items, and the departments a subject may be supervised by.
fn choices(cx: &mut Cx<'_>, p: Option<&PlanView>) -> Result<(Vec<Choice>, Vec<Choice>)> {
    let own = cx.department()?;
    let filter =
        ItemFilter { department: Some(own), state: Some("published".to_owned()), ..ItemFilter::default() };
    let has = |id: Id| p.is_some_and(|p| p.items.contains(&id));
    let mut all = items::list(cx, filter, None, 500)?;
    let missing: Vec<Id> = p
        .map(|p| p.items.iter().filter(|i| !all.iter().any(|a| a.id == **i)).copied().collect())
        .unwrap_or_default();
    // An item that has been retired since stays chosen until somebody unticks it.
    all.extend(county::items(cx.db, &missing)?);
    let items = all.into_iter().map(|i| Choice::new(i.id.to_string(), i.name).hint(i.code).chosen(has(i.id)));
    let items = items.collect();
    let departments = offices(cx)?
        .into_iter()
        .filter(|d| d.kind == "inspecting")
        .map(|d| {
            let id = d.id.to_string();
            let chosen = p.is_some_and(|p| p.filter.supervised_by.contains(&id));
            Choice::new(id, d.name).chosen(chosen)
        })
        .collect();
    Ok((items, departments))
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let (items, departments) = choices(cx, None)?;
    let page = Page::new(ui.t("ap-new"), &edit_page(ui, None, items, departments))?
        .lead(ui.t("ap-new-lead"))
        .narrow();
    Ok(page.under("/plans", ui.t("nav-plans")))
}

fn create(cx: &mut Cx<'_>, (): (), form: &PlanForm) -> Result<Done> {
    let year = form.year.ok_or_else(|| Error::field("/year", "required", "不能为空"))?;
    let made = api::create(cx, (), &PlanBody { code: form.code.clone(), year, text: form.text()? })?;
    Ok(Done::to(format!("/plans/{}", made.value.id)).say("ap-created"))
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let plan = PlanView::from(plans::get(cx, id)?);
    let (items, departments) = choices(cx, Some(&plan))?;
    let page = Page::new(ui.t("ap-edit"), &edit_page(ui, Some(&plan), items, departments))?.narrow();
    Ok(page.under("/plans", ui.t("nav-plans")).under(format!("/plans/{id}"), plan.name))
}

fn change(cx: &mut Cx<'_>, id: Id, form: &PlanForm) -> Result<Done> {
    api::change(cx, id, &form.text()?)?;
    Ok(Done::to(format!("/plans/{id}")).say("ap-changed"))
}

fn acted(cx: &mut Cx<'_>, id: Id, act: Act, said: &str) -> Result<Done> {
    plans::act(cx, id, act)?;
    Ok(Done::to(format!("/plans/{id}")).say(said))
}

fn file(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::File, "ap-said-file")
}

fn recall(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Recall, "ap-said-recall")
}

fn publish(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Publish, "ap-said-publish")
}

fn withdraw(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Withdraw, "ap-said-withdraw")
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |joint| Row {
        id,
        name: text("餐饮业抽查"),
        code: text("P-01"),
        office: text("市场监管局"),
        ratio: text("3%"),
        window: text("3月至5月"),
        state: text("filed"),
        joint,
        warns: joint,
    };
    let some = || vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")];
    let list = |rows, may| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab { href: text("/plans"), text: ui.t("filter-all"), count: None, here: true }],
        ),
        state: text("filed"),
        years: some(),
        offices: some(),
        rows,
        may_write: may,
        may_import: may,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let plan = |state: &str| PlanView {
        id,
        department_id: id,
        code: text("P-01"),
        year: 2026,
        name: text("餐饮业抽查"),
        items: Vec::new(),
        filter: PlanFilter {
            kinds: vec![text("企业")],
            only_listed: Some(text("abnormal")),
            ..PlanFilter::default()
        },
        ratio: text("3%"),
        ratio_understood: true,
        class_ratios: vec![ClassRatio { class: text("A"), ratio: text("1%") }],
        window_from: None,
        window_to: None,
        window: text("3月至5月"),
        targeted: true,
        priority: 3,
        item_names: Vec::new(),
        object: text("餐饮"),
        method: text("实地检查"),
        credit_rule: String::new(),
        initiators: Vec::new(),
        partners: vec![text("消防")],
        any_partner: false,
        remark: text("备注"),
        state: text(state),
        inspection_id: None,
        version: 1,
        updated_at: ui.now,
        warnings: Vec::new(),
    };
    let show = |state: &str| ShowPage {
        ui,
        office: text("市场监管局"),
        turn: ui.word("ap-turn", state),
        window: text("3月至5月"),
        items: vec![(text("/items/1"), text("食品经营检查")), (String::new(), text("其他"))],
        scope: scope_words(ui, &HashMap::new(), &plan(state).filter),
        warnings: vec![text("比例低于下限")],
        acts: vec![("file", ""), ("withdraw", "quietly danger")],
        edit: state == "draft",
        joint: text("/account"),
        plan: plan(state),
    };
    vec![
        Page::new(ui.t("nav-plans"), &list(vec![row(true), row(false)], true)).unwrap(),
        Page::new(ui.t("nav-plans"), &list(Vec::new(), true)).unwrap(),
        Page::new(ui.t("nav-plans"), &list(Vec::new(), false)).unwrap(),
        Page::new("餐饮业抽查", &show("draft")).unwrap(),
        Page::new("餐饮业抽查", &show("published")).unwrap(),
        Page::new(ui.t("ap-new"), &edit_page(ui, None, Vec::new(), some())).unwrap(),
        Page::new(ui.t("ap-edit"), &edit_page(ui, Some(&plan("draft")), some(), some())).unwrap(),
    ]
}
