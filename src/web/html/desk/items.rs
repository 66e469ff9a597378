//! The item list: writing an item, its way through legal review to publication, its versions.

use super::{key, names, office_choices, word_choices};
use crate::domain::access::Action::{
    self as Right, DraftItem, EditItem, EditUpperItems, PublishItem, ReleaseItem, ReviewItem, ViewItem,
};
use crate::domain::access::Scope;
use crate::domain::item::Act;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::items;
use crate::store::items::{Filter, Item};
use crate::web::api::items::{self as api, ItemBody, ItemReason, ItemText, ItemView};
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
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/items", Action(ViewItem), list);
    // Before the page of one item: the last word is no identifier.
    r.page("/items/new", Action(DraftItem), new);
    r.form("/items/new", Action(DraftItem), create, new);
    r.page("/items/{id}", Action(ViewItem), show);
    r.page("/items/{id}/edit", Action(DraftItem), edit);
    r.form("/items/{id}/edit", Action(DraftItem), change, edit);
    r.form("/items/{id}/submit", Action(DraftItem), submit, show);
    r.form("/items/{id}/recall", Action(DraftItem), recall, show);
    r.form("/items/{id}/revisions", Action(DraftItem), revise, show);
    r.form("/items/{id}/claim", Action(EditItem), claim, show);
    r.form("/items/{id}/approve", Action(Right::DecideItem), approve, show);
    r.page("/items/{id}/return", Action(Right::DecideItem), |cx, ui, id, _: NoQuery| {
        ask(cx, ui, id, "return")
    });
    r.form("/items/{id}/return", Action(Right::DecideItem), send_back, |cx, ui, id, _: NoQuery| {
        ask(cx, ui, id, "return")
    });
    r.page("/items/{id}/publish", Action(ReleaseItem), |cx, ui, id, _: NoQuery| ask(cx, ui, id, "publish"));
    r.form("/items/{id}/publish", Action(ReleaseItem), publish, |cx, ui, id, _: NoQuery| {
        ask(cx, ui, id, "publish")
    });
    r.page("/items/{id}/retire", Action(ReleaseItem), |cx, ui, id, _: NoQuery| ask(cx, ui, id, "retire"));
    r.form("/items/{id}/retire", Action(ReleaseItem), retire, |cx, ui, id, _: NoQuery| {
        ask(cx, ui, id, "retire")
    });
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
    /// `own` or `upper`.
    list_level: String,
    /// Text.
    search: String,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    name: String,
    about: String,
    office: String,
    ratio: String,
    state: String,
    warns: bool,
}

#[derive(Template)]
#[template(path = "desk/items.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    tabs: Tabs<'a>,
    state: String,
    search: String,
    offices: Vec<Choice>,
    levels: Vec<Choice>,
    rows: Vec<Row>,
    filtered: bool,
    may_write: bool,
    pager: Pager<'a>,
}

const VIEWS: [&str; 7] = ["", "draft", "in_review", "returned", "effective", "published", "retired"];

fn row(names: &HashMap<Id, String>, i: Item) -> Row {
    let v = ItemView::from(i);
    Row {
        id: v.id,
        about: [v.code.as_str(), v.field.as_str()]
            .iter()
            .filter(|t| !t.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" · "),
        office: names.get(&v.department_id).cloned().unwrap_or_default(),
        ratio: v.ratio,
        warns: !v.warnings.is_empty(),
        name: v.name,
        state: v.state,
    }
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let some = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let after = key(query.after.as_ref())?;
    let filter = Filter {
        department: query.department_id,
        state: some(&query.state),
        level: some(&query.list_level),
        search: some(&query.search),
        public_except: None,
    };
    let (rows, next) = cut(|most| items::list(cx, filter, after, most), |i| i.id.to_string())?;
    let names = names(cx)?;
    let office = query.department_id.map(|d| d.to_string());
    let level = some(&query.list_level);
    let search = some(&query.search);
    let rest = [
        ("department_id", office.as_deref()),
        ("list_level", level.as_deref()),
        ("search", search.as_deref()),
    ];
    let tab = |view: &str| {
        let mut filters = vec![("state", Some(view))];
        filters.extend(rest);
        Tab {
            href: address("/items", &filters),
            text: if view.is_empty() { ui.t("filter-all") } else { ui.word("it-state", view) },
            count: None,
            here: view == query.state,
        }
    };
    let mut filters = vec![("state", Some(query.state.as_str()))];
    filters.extend(rest);
    let template = ListPage {
        ui,
        tabs: Tabs::new(ui, VIEWS.iter().map(|v| tab(v)).collect()),
        offices: office_choices(cx, ui, query.department_id)?,
        levels: word_choices(ui, "it-level", &["", "own", "upper"], &query.list_level),
        rows: rows.into_iter().map(|i| row(&names, i)).collect(),
        filtered: !query.state.is_empty() || rest.iter().any(|(_, v)| v.is_some()),
        may_write: ui.may(DraftItem),
        pager: Pager::new(ui, &filters, query.after.is_some(), next.as_deref()),
        state: query.state.clone(),
        search: query.search.clone(),
    };
    Page::new(ui.t("nav-items"), &template)
}

struct Button {
    href: String,
    text: String,
    sure: String,
    class: &'static str,
    posts: bool,
}

struct Version {
    id: Id,
    text: String,
    state: String,
    here: bool,
    current: bool,
}

#[derive(Template)]
#[template(path = "desk/item.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    item: ItemView,
    office: String,
    turn: String,
    warnings: Vec<String>,
    buttons: Vec<Button>,
    versions: Vec<Version>,
    kinds: String,
    mode: String,
    notice: String,
    category: String,
    published: String,
}

/// Whether whoever asks may do such a thing with this item.
fn may(cx: &Cx<'_>, i: &ItemView, own: Right) -> bool {
    let region = cx.region();
    let right = if i.list_level == "upper" { EditUpperItems } else { own };
    cx.can(right, &Scope::of(region, i.department_id))
}

fn buttons(cx: &Cx<'_>, ui: &Ui, i: &ItemView) -> Vec<Button> {
    let (write, review, release) = (may(cx, i, EditItem), may(cx, i, ReviewItem), may(cx, i, PublishItem));
    let at = |act: &str| format!("/items/{}/{act}", i.id);
    let post = |act: &str, class| Button {
        href: at(act),
        text: ui.t(&format!("it-act-{act}")),
        sure: ui.t(&format!("it-sure-{act}")),
        class,
        posts: true,
    };
    let link = |act: &str, class| Button {
        href: at(act),
        text: ui.t(&format!("it-act-{act}")),
        sure: String::new(),
        class,
        posts: false,
    };
    let mut list = Vec::new();
    match i.state.as_str() {
        "draft" | "returned" if write => {
            list.push(post("submit", ""));
            list.push(link("edit", "quietly"));
        }
        "in_review" => {
            if review {
                list.push(post("approve", ""));
                list.push(link("return", "quietly danger"));
            }
            if write {
                list.push(post("recall", "quietly"));
            }
        }
        "effective" if release => list.push(link("publish", "")),
        "published" if write => list.push(post("revisions", "quietly")),
        "retired" if write && i.current => list.push(post("revisions", "quietly")),
        _ => {}
    }
    if i.list_level == "upper"
        && i.state == "published"
        && cx.actor.department.is_some_and(|own| cx.can(EditItem, &Scope::of(cx.region(), own)))
    {
        list.push(post("claim", "quietly"));
    }
    if release && i.state != "retired" && i.state != "in_review" {
        list.push(link("retire", "quietly danger"));
    }
    list
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let item = ItemView::from(items::get(cx, id)?);
    let names = names(cx)?;
    let versions = items::revisions(cx, id)?;
    let template = ShowPage {
        ui,
        office: names.get(&item.department_id).cloned().unwrap_or_default(),
        turn: ui.word("it-turn", &item.state),
        warnings: item.warnings.iter().map(|w| ui.told(&w.message)).collect(),
        buttons: buttons(cx, ui, &item),
        versions: versions
            .into_iter()
            .map(|v| Version {
                text: ui.t2("it-version", "n", v.revision, "day", ui.time(&v.updated_at.0)),
                here: v.id == id,
                id: v.id,
                state: v.state,
                current: v.current,
            })
            .collect(),
        kinds: if item.kinds.is_empty() { ui.t("it-all-kinds") } else { item.kinds.join(&ui.t("comma")) },
        mode: ui.word("check-mode", &item.mode),
        notice: ui.word("it-notice", &item.notice),
        category: if item.category.is_empty() {
            "—".to_owned()
        } else {
            ui.word("item-category", &item.category)
        },
        published: item.published_at.map(|t| ui.time(&t)).unwrap_or_default(),
        item,
    };
    Ok(Page::new(template.item.name.clone(), &template)?.under("/items", ui.t("nav-items")))
}

/// An item as the form sends it: what is emptied is emptied, so nothing is left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemForm {
    /// 事项编码; only where the item is new.
    #[serde(default)]
    #[schema(max_length = 60)]
    code: String,
    #[schema(max_length = 2000)]
    name: String,
    #[schema(max_length = 200)]
    field: String,
    #[schema(max_length = 500)]
    object: String,
    /// One in a line.
    kinds: String,
    /// One in a line.
    industries: String,
    /// One in a line.
    basis: String,
    #[schema(max_length = 2000)]
    content: String,
    /// One in a line.
    materials: String,
    mode: String,
    #[schema(max_length = 200)]
    method: String,
    notice: String,
    #[schema(max_length = 200)]
    ratio: String,
    #[schema(max_length = 300)]
    frequency: String,
    #[serde(default)]
    cap: Option<u32>,
    category: String,
    #[schema(max_length = 300)]
    executing_body: String,
    #[schema(max_length = 40)]
    qualification: String,
    #[schema(max_length = 300)]
    requirement: String,
    #[schema(max_length = 40)]
    equivalence_group: String,
    #[schema(max_length = 100)]
    equivalence_name: String,
    #[schema(max_length = 20)]
    season: String,
    #[schema(max_length = 40)]
    expert: String,
    minutes: u32,
    #[schema(max_length = 1000)]
    remark: String,
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

impl ItemForm {
    fn text(&self) -> ItemText {
        let some = |t: &String| Some(t.trim().to_owned());
        ItemText {
            name: some(&self.name),
            field: some(&self.field),
            object: some(&self.object),
            kinds: Some(lines(&self.kinds)),
            industries: Some(lines(&self.industries)),
            basis: Some(lines(&self.basis)),
            content: some(&self.content),
            materials: Some(lines(&self.materials)),
            mode: some(&self.mode),
            method: some(&self.method),
            notice: some(&self.notice),
            ratio: some(&self.ratio),
            frequency: some(&self.frequency),
            cap: Some(self.cap.unwrap_or(0)),
            category: some(&self.category),
            executing_body: some(&self.executing_body),
            qualification: some(&self.qualification),
            requirement: some(&self.requirement),
            equivalence_group: some(&self.equivalence_group),
            equivalence_name: some(&self.equivalence_name),
            season: some(&self.season),
            expert: some(&self.expert),
            minutes: Some(self.minutes),
            remark: some(&self.remark),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/item_edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    fresh: bool,
    back: String,
    version: i64,
    name: String,
    field: String,
    object: String,
    kinds: String,
    industries: String,
    basis: String,
    content: String,
    materials: String,
    modes: Vec<Choice>,
    method: String,
    notices: Vec<Choice>,
    ratio: String,
    frequency: String,
    cap: String,
    categories: Vec<Choice>,
    executing_body: String,
    qualification: String,
    requirement: String,
    equivalence_group: String,
    equivalence_name: String,
    season: String,
    expert: String,
    minutes: String,
    remark: String,
}

fn edit_page<'a>(ui: &'a Ui, item: Option<&ItemView>) -> EditPage<'a> {
    let text = |of: fn(&ItemView) -> &String| item.map(|i| of(i).clone()).unwrap_or_default();
    let list = |of: fn(&ItemView) -> &Vec<String>| item.map(|i| of(i).join("\n")).unwrap_or_default();
    let choices = |family: &str, codes: &[&str], now: &str| -> Vec<Choice> {
        codes.iter().map(|c| Choice::new(*c, ui.word(family, c)).chosen(*c == now)).collect()
    };
    let mut categories = vec![Choice::new("", "—")];
    categories.extend(choices(
        "item-category",
        &["general", "key"],
        item.map_or("", |i| i.category.as_str()),
    ));
    EditPage {
        ui,
        fresh: item.is_none(),
        back: item.map_or_else(|| "/items".to_owned(), |i| format!("/items/{}", i.id)),
        version: item.map_or(0, |i| i.version),
        name: text(|i| &i.name),
        field: text(|i| &i.field),
        object: text(|i| &i.object),
        kinds: list(|i| &i.kinds),
        industries: list(|i| &i.industries),
        basis: list(|i| &i.basis),
        content: text(|i| &i.content),
        materials: list(|i| &i.materials),
        modes: choices(
            "check-mode",
            &["on_site", "written", "online"],
            item.map_or("on_site", |i| i.mode.as_str()),
        ),
        method: text(|i| &i.method),
        notices: choices(
            "it-notice",
            &["announced", "unannounced", "either"],
            item.map_or("either", |i| i.notice.as_str()),
        ),
        ratio: text(|i| &i.ratio),
        frequency: text(|i| &i.frequency),
        cap: item.and_then(|i| i.cap).map(|n| n.to_string()).unwrap_or_default(),
        categories,
        executing_body: text(|i| &i.executing_body),
        qualification: text(|i| &i.qualification),
        requirement: text(|i| &i.requirement),
        equivalence_group: text(|i| &i.equivalence_group),
        equivalence_name: text(|i| &i.equivalence_name),
        season: text(|i| &i.season),
        expert: text(|i| &i.expert),
        minutes: item.map_or_else(|| items::MINUTES_DEFAULT.to_string(), |i| i.minutes.to_string()),
        remark: text(|i| &i.remark),
    }
}

fn new(_: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let page = Page::new(ui.t("it-new"), &edit_page(ui, None))?.lead(ui.t("it-new-lead")).narrow();
    Ok(page.under("/items", ui.t("nav-items")))
}

fn create(cx: &mut Cx<'_>, (): (), body: &ItemForm) -> Result<Done> {
    let made = api::create(cx, (), &ItemBody { code: body.code.clone(), text: body.text() })?;
    Ok(Done::to(format!("/items/{}", made.value.id)).say("it-created"))
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let item = ItemView::from(items::get(cx, id)?);
    let page =
        Page::new(ui.t("it-edit"), &edit_page(ui, Some(&item)))?.narrow().under("/items", ui.t("nav-items"));
    Ok(page.under(format!("/items/{id}"), item.name))
}

fn change(cx: &mut Cx<'_>, id: Id, body: &ItemForm) -> Result<Done> {
    api::change(cx, id, &body.text())?;
    Ok(Done::to(format!("/items/{id}")).say("it-changed"))
}

fn acted(cx: &mut Cx<'_>, id: Id, act: Act, reason: &str, said: &str) -> Result<Done> {
    items::act(cx, id, act, reason)?;
    Ok(Done::to(format!("/items/{id}")).say(said))
}

fn submit(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Submit, "", "it-said-submit")
}

fn recall(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Recall, "", "it-said-recall")
}

fn approve(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    acted(cx, id, Act::Approve, "", "it-said-approve")
}

fn send_back(cx: &mut Cx<'_>, id: Id, body: &ItemReason) -> Result<Done> {
    acted(cx, id, Act::Return, &body.reason, "it-said-return")
}

fn publish(cx: &mut Cx<'_>, id: Id, body: &ItemReason) -> Result<Done> {
    acted(cx, id, Act::Publish, &body.reason, "it-said-publish")
}

fn retire(cx: &mut Cx<'_>, id: Id, body: &ItemReason) -> Result<Done> {
    acted(cx, id, Act::Retire, &body.reason, "it-said-retire")
}

fn revise(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    let made = items::revise(cx, id)?;
    Ok(Done::to(format!("/items/{}/edit", made.id)).say("it-revised"))
}

fn claim(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    let made = items::claim(cx, id)?;
    Ok(Done::to(format!("/items/{}", made.id)).say("it-claimed"))
}

#[derive(Template)]
#[template(path = "desk/item_act.html")]
struct ActPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    code: String,
    office: String,
    basis: String,
    content: String,
    ratio: String,
    then: String,
    go: String,
    danger: bool,
    required: bool,
}

/// The answers to check, and why.
fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, act: &str) -> Result<Page> {
    let item = ItemView::from(items::get(cx, id)?);
    let names = names(cx)?;
    let template = ActPage {
        ui,
        id,
        version: item.version,
        code: item.code,
        office: names.get(&item.department_id).cloned().unwrap_or_default(),
        basis: item.basis.join("；"),
        content: item.content,
        ratio: item.ratio,
        then: ui.t(&format!("it-then-{act}")),
        go: ui.t(&format!("it-go-{act}")),
        danger: act != "publish",
        required: act == "return",
    };
    let page =
        Page::new(format!("{}{}{}", ui.t(&format!("it-act-{act}")), ui.t("colon"), item.name), &template)?;
    Ok(page.narrow().under("/items", ui.t("nav-items")).under(format!("/items/{id}"), item.name))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let row = |warns| Row {
        id,
        name: text("食品经营许可检查"),
        about: text("SC-01 · 食品安全"),
        office: text("市场监管局"),
        ratio: text("3%"),
        state: text("in_review"),
        warns,
    };
    let some = || vec![Choice::new("", ui.t("filter-all")), Choice::new("1", "市场监管局")];
    let list = |rows, filtered| ListPage {
        ui,
        tabs: Tabs::new(
            ui,
            vec![Tab { href: text("/items"), text: ui.t("filter-all"), count: None, here: true }],
        ),
        state: text("draft"),
        search: String::new(),
        offices: some(),
        levels: some(),
        rows,
        filtered,
        may_write: true,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let item = |state: &str| ItemView {
        id,
        department_id: id,
        code: text("SC-01"),
        revision: 2,
        list_level: text("own"),
        name: text("食品经营许可检查"),
        field: text("食品安全"),
        object: text("餐饮"),
        kinds: Vec::new(),
        industries: vec![text("H62")],
        basis: vec![text("《食品安全法》")],
        content: text("许可证"),
        materials: vec![text("营业执照")],
        mode: text("on_site"),
        method: text("实地检查"),
        notice: text("either"),
        ratio: text("3%"),
        ratio_understood: true,
        frequency: text("每年1次"),
        cap: Some(2),
        category: text("key"),
        executing_body: text("县市场监管局"),
        qualification: String::new(),
        requirement: String::new(),
        equivalence_group: String::new(),
        equivalence_name: String::new(),
        season: String::new(),
        expert: String::new(),
        minutes: 60,
        initiators: Vec::new(),
        partners: Vec::new(),
        any_partner: false,
        remark: text("备注"),
        claimed_from: None,
        reason: text("依据不全"),
        state: text(state),
        current: false,
        published_at: None,
        version: 3,
        updated_at: ui.now,
        warnings: Vec::new(),
    };
    let button = |posts| Button {
        href: text("/items"),
        text: ui.t("it-act-submit"),
        sure: ui.t("it-sure-submit"),
        class: "",
        posts,
    };
    let show = |state: &str| ShowPage {
        ui,
        office: text("市场监管局"),
        turn: ui.word("it-turn", state),
        warnings: vec![text("比例文字不能识别")],
        buttons: vec![button(true), button(false)],
        versions: vec![Version { id, text: text("第2版"), state: text(state), here: true, current: true }],
        kinds: ui.t("it-all-kinds"),
        mode: ui.word("check-mode", "on_site"),
        notice: ui.word("it-notice", "either"),
        category: text("—"),
        published: text("2026年5月8日"),
        item: item(state),
    };
    let ask = |act: &str| ActPage {
        ui,
        id,
        version: 3,
        code: text("SC-01"),
        office: text("市场监管局"),
        basis: text("《食品安全法》"),
        content: text("许可证"),
        ratio: text("3%"),
        then: ui.t(&format!("it-then-{act}")),
        go: ui.t(&format!("it-go-{act}")),
        danger: act != "publish",
        required: act == "return",
    };
    let mut pages = vec![
        Page::new(ui.t("nav-items"), &list(vec![row(true), row(false)], true)).unwrap(),
        Page::new(ui.t("nav-items"), &list(Vec::new(), false)).unwrap(),
        Page::new(ui.t("nav-items"), &list(Vec::new(), true)).unwrap(),
        Page::new(ui.t("it-new"), &edit_page(ui, None)).unwrap(),
        Page::new(ui.t("it-edit"), &edit_page(ui, Some(&item("draft")))).unwrap(),
    ];
    for state in ["returned", "published", "retired"] {
        pages.push(Page::new("食品经营许可检查", &show(state)).unwrap());
    }
    for act in ["return", "publish", "retire"] {
        pages.push(Page::new(ui.t(&format!("it-act-{act}")), &ask(act)).unwrap());
    }
    pages
}
