//! Writing a joint inspection: the draft, one's own part in it, whom to invite.

use super::invitation::{own_items, own_people};
use super::offices;
use super::show::{quota_words, scope_words};
use crate::domain::access::Action::{self as Right, EditInspection};
use crate::domain::scope::{Quota, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::eligible::{self, Preview};
use crate::service::inspections::lifecycle::Partner;
use crate::service::inspections::{self, doc, lifecycle, parts};
use crate::service::memory::Words;
use crate::service::subjects;
use crate::web::api::inspections::{InspectionBody, InspectionView, InviteBody, ParticipationBody};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::HashMap;

pub(super) fn pages(r: &mut Router) {
    // Before the page of one inspection: the last word is no identifier.
    r.page("/inspections/new", Action(EditInspection), new);
    r.form("/inspections/new", Action(EditInspection), create, new);
    r.page("/inspections/{id}/edit", Action(EditInspection), edit);
    r.form("/inspections/{id}/edit", Action(EditInspection), change, edit);
    r.page("/inspections/{id}/invite", Action(EditInspection), partners);
    r.form_steps("/inspections/{id}/invite", Action(EditInspection), invite, partners);
    r.page("/inspections/{id}/participation", Action(Right::EditParticipation), participation);
    r.form("/inspections/{id}/participation", Action(Right::EditParticipation), participate, participation);
}

/// What a draft says, as the form shows it.
struct Draft {
    name: String,
    field: String,
    from: String,
    to: String,
    share: String,
    total: String,
    classes: Vec<(String, String, String)>,
    people: String,
    notice: Vec<Choice>,
    policy: Vec<Choice>,
    witnesses: u32,
    pool_age: u32,
}

#[derive(Template)]
#[template(path = "inspections/edit.html")]
struct EditPage<'a> {
    ui: &'a Ui,
    id: Option<Id>,
    version: i64,
    draft: Draft,
    kinds: Vec<Choice>,
    towns: Vec<Choice>,
    credits: Vec<Choice>,
    industries: Vec<Choice>,
    tags: Vec<Choice>,
    departments: Vec<Choice>,
    listed: Vec<Choice>,
    items: Vec<Choice>,
    inspectors: Vec<Choice>,
}

fn choices(values: &[String], chosen: &[String]) -> Vec<Choice> {
    // A value that no active subject has any more stays chosen until somebody unticks it.
    let gone = chosen.iter().filter(|c| !values.contains(c));
    values
        .iter()
        .chain(gone)
        .filter(|v| !v.is_empty())
        .map(|v| Choice::new(v, v).chosen(chosen.contains(v)))
        .collect()
}

fn page<'a>(cx: &mut Cx<'_>, ui: &'a Ui, view: Option<&InspectionView>, own: Id) -> Result<EditPage<'a>> {
    let words: Words = subjects::words(cx)?;
    let part = view.and_then(|v| v.participants.iter().find(|p| p.department_id == own));
    let scope = view.map(|v| v.filter.clone()).unwrap_or_default();
    let quota = view.map(|v| v.quota.clone()).unwrap_or_default();
    let share_of =
        |class: &str| quota.by_class.as_ref().and_then(|c| c.get(class)).cloned().unwrap_or_default();
    let classes = words
        .credits
        .iter()
        .filter(|c| !c.is_empty())
        .map(|c| (format!("quota/by_class/{c}"), ui.t1("credit-class", "class", c), share_of(c)))
        .collect();
    let industries = words
        .industries
        .iter()
        .map(|(code, name)| {
            Choice::new(code, format!("{code} {name}")).chosen(scope.industries.contains(code))
        })
        .collect();
    let departments = offices(cx)?
        .into_iter()
        .filter(|d| d.kind == "inspecting")
        .map(|d| {
            let id = d.id.to_string();
            let chosen = scope.supervised_by.contains(&id) || scope.supervised_by.contains(&d.code);
            Choice::new(id, d.name).chosen(chosen)
        })
        .collect();
    let one_of = |family: &str, values: &[&str], now: &str| -> Vec<Choice> {
        values
            .iter()
            .map(|v| {
                Choice::new(*v, ui.word(family, v))
                    .hint(ui.word(&format!("{family}-about"), v))
                    .chosen(*v == now)
            })
            .collect()
    };
    let listed = scope.only_listed.as_deref().unwrap_or_default();
    let draft = Draft {
        name: view.map(|v| v.name.clone()).unwrap_or_default(),
        field: view.map(|v| v.field.clone()).unwrap_or_default(),
        from: view.map(|v| v.window_from.to_string()).unwrap_or_default(),
        to: view.map(|v| v.window_to.to_string()).unwrap_or_default(),
        share: quota.share.unwrap_or_default(),
        total: quota.total.map(|n| n.to_string()).unwrap_or_default(),
        classes,
        people: view.map_or_else(
            || cx.rules.procedure.people_per_department.to_string(),
            |v| v.people_per_department.to_string(),
        ),
        notice: one_of(
            "notice",
            &["announced", "unannounced", "either"],
            view.map_or("announced", |v| v.notice.as_str()),
        ),
        policy: one_of(
            "draw-policy",
            &["ceremony", "public", "embargo"],
            view.map_or("ceremony", |v| v.draw.policy.as_str()),
        ),
        witnesses: view.map_or(2, |v| v.draw.witnesses),
        pool_age: view.map_or(0, |v| v.draw.pool_age_hours),
    };
    Ok(EditPage {
        ui,
        id: view.map(|v| v.id),
        version: view.map_or(0, |v| v.version),
        draft,
        kinds: choices(&words.kinds, &scope.kinds),
        towns: choices(&words.towns, &scope.towns),
        credits: choices(&words.credits, &scope.credits),
        industries,
        tags: choices(&words.tags, &scope.tags),
        departments,
        listed: vec![
            Choice::new("", ui.t("listed-any")).chosen(listed.is_empty()),
            Choice::new("abnormal", ui.t("listed-abnormal")).chosen(listed == "abnormal"),
            Choice::new("serious", ui.t("listed-serious")).chosen(listed == "serious"),
        ],
        items: own_items(cx, own, part.map_or(&[], |p| &p.items))?,
        inspectors: own_people(cx, own, part.map_or(&[], |p| &p.inspectors))?,
    })
}

fn new(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let own = cx.department()?;
    let template = page(cx, ui, None, own)?;
    let page = Page::new(ui.t("inspection-new"), &template)?.lead(ui.t("inspection-new-lead"));
    Ok(page.under("/inspections", ui.t("nav-inspections")))
}

/// What was typed, with the words of the form where none or several of its three quotas were.
fn drafted(body: &InspectionBody) -> Result<inspections::Draft> {
    let quota = &body.quota;
    let given = [quota.total.is_some(), quota.share.is_some(), quota.by_class.is_some()];
    if given.into_iter().filter(|g| *g).count() != 1 {
        let text = "按比例、按总数、按信用风险分类，三种须填一种，也只能填一种";
        return Err(Error::field("/quota/share", "one_quota", text));
    }
    body.draft()
}

fn create(cx: &mut Cx<'_>, (): (), body: &InspectionBody) -> Result<Done> {
    let full = inspections::create(cx, &drafted(body)?)?;
    Ok(Done::to(format!("/inspections/{}", full.inspection.id)).say("inspection-created"))
}

fn edit(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, EditInspection)?;
    let state = loaded.state()?;
    if !state.is_editable() && !ui.form.sent {
        return Err(Error::wrong_state(state.as_str(), "只有草稿可以修改；可先退回修改"));
    }
    let own = loaded.inspection.department_id;
    let view = InspectionView::try_from(inspections::full(cx, loaded)?)?;
    let template = page(cx, ui, Some(&view), own)?;
    let page = Page::new(ui.t("step-edit"), &template)?;
    Ok(page.under("/inspections", ui.t("nav-inspections")).under(format!("/inspections/{id}"), view.name))
}

fn change(cx: &mut Cx<'_>, id: Id, body: &InspectionBody) -> Result<Done> {
    inspections::change(cx, id, &drafted(body)?)?;
    Ok(Done::to(format!("/inspections/{id}")).say("inspection-changed"))
}

/// A department that could be invited.
struct Office {
    id: Id,
    name: String,
    about: String,
    related: bool,
    /// Ticked in the form that was refused.
    asked: bool,
    required: bool,
}

#[derive(Template)]
#[template(path = "inspections/invite.html")]
struct InvitePage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    eligible: u64,
    drawn: String,
    warnings: Vec<String>,
    quota: String,
    scope: Vec<(String, String)>,
    offices: Vec<Office>,
    known: String,
    items: usize,
}

/// The list of those to ask, and what the scope comes to: the answers to check before it goes out.
fn partners(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, EditInspection)?;
    let preview: Preview = eligible::preview(cx, id)?;
    let own = loaded.inspection.department_id;
    let open: Vec<Id> = loaded
        .invitations
        .iter()
        .filter(|v| !matches!(v.state.as_str(), "declined" | "withdrawn"))
        .map(|v| v.department_id)
        .collect();
    let all = offices(cx)?;
    let names: HashMap<Id, String> = all.iter().map(|d| (d.id, d.name.clone())).collect();
    let count: HashMap<Id, u64> = preview.related.iter().copied().collect();
    let mut list: Vec<Office> = all
        .into_iter()
        .filter(|d| d.kind == "inspecting" && d.state == "active" && d.id != own && !open.contains(&d.id))
        .map(|d| Office {
            related: count.contains_key(&d.id),
            about: count.get(&d.id).map(|n| ui.n("invite-supervises", *n)).unwrap_or_default(),
            id: d.id,
            name: d.name,
            asked: false,
            required: false,
        })
        .collect();
    list.sort_by_key(|o| std::cmp::Reverse(count.get(&o.id).copied().unwrap_or(0)));
    for (n, office) in list.iter_mut().enumerate() {
        let ticked = |what: &str| ui.form.value(&format!("partners/{n}/{what}")).is_some();
        (office.asked, office.required) = (ticked("department_id"), ticked("required"));
    }
    let i = &loaded.inspection;
    let known: Vec<String> = open.iter().filter_map(|d| names.get(d).cloned()).collect();
    let full = inspections::get(cx, id)?;
    let template = InvitePage {
        ui,
        id,
        version: i.version,
        eligible: preview.eligible,
        drawn: match &preview.drawn {
            Ok(n) => ui.n("households", *n),
            Err(why) => ui.told(why),
        },
        warnings: preview.warnings.iter().map(|w| ui.told(&w.text)).collect(),
        quota: quota_words(ui, &doc::<Quota>(&i.quota)?),
        scope: scope_words(ui, &names, &doc::<SubjectFilter>(&i.filter)?),
        offices: list,
        known: known.join(&ui.t("comma")),
        items: full.items.iter().filter(|x| x.department_id == own).count(),
    };
    let page = Page::new(ui.t("step-invite"), &template)?;
    Ok(page
        .under("/inspections", ui.t("nav-inspections"))
        .under(format!("/inspections/{id}"), i.name.clone()))
}

fn invite(call: &Call, id: Id, _: &NoQuery, body: InviteBody, _: &Form) -> Result<Answer> {
    let partners: Vec<Partner> = body
        .partners
        .iter()
        .map(|p| Partner {
            department: p.department_id,
            required: p.required,
            wildcard: false,
            // One message for all, unless a department has its own.
            message: if p.message.trim().is_empty() { body.message.clone() } else { p.message.clone() },
        })
        .collect();
    call.write(move |cx| {
        lifecycle::invite(cx, id, &partners)?;
        Ok(Done::to(format!("/inspections/{id}")).say_with("inspection-invited", partners.len()).reply())
    })
}

#[derive(Template)]
#[template(path = "inspections/participation.html")]
struct PartPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    people: i32,
    items: Vec<Choice>,
    inspectors: Vec<Choice>,
}

fn participation(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, Right::EditParticipation)?;
    let own = cx.department()?;
    if !loaded.taking_part().contains(&own) {
        return Err(Error::refused("not_accepted", "本部门尚未接受邀请,请先接受"));
    }
    let view = InspectionView::try_from(inspections::full(cx, loaded)?)?;
    let part = view.participants.iter().find(|p| p.department_id == own);
    let template = PartPage {
        ui,
        id,
        version: view.version,
        people: part.map_or(view.people_per_department, |p| p.people),
        items: own_items(cx, own, part.map_or(&[], |p| &p.items))?,
        inspectors: own_people(cx, own, part.map_or(&[], |p| &p.inspectors))?,
    };
    let page = Page::new(ui.t("step-participation"), &template)?;
    Ok(page.under("/inspections", ui.t("nav-inspections")).under(format!("/inspections/{id}"), view.name))
}

fn participate(cx: &mut Cx<'_>, id: Id, body: &ParticipationBody) -> Result<Done> {
    parts::change(cx, id, &body.chosen())?;
    Ok(Done::to(format!("/inspections/{id}")).say("participation-changed"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let some = || vec![Choice::new("1", "甲").hint("说明").chosen(true), Choice::new("2", "乙")];
    let edit = |id| EditPage {
        ui,
        id,
        version: 3,
        draft: Draft {
            name: text("餐饮业联合抽查"),
            field: text("食品安全"),
            from: text("2026-05-08"),
            to: text("2026-05-20"),
            share: text("3%"),
            total: String::new(),
            classes: vec![(text("quota/by_class/A"), ui.t1("credit-class", "class", "A"), text("1%"))],
            people: text("2"),
            notice: some(),
            policy: some(),
            witnesses: 2,
            pool_age: 0,
        },
        kinds: some(),
        towns: some(),
        credits: some(),
        industries: some(),
        tags: some(),
        departments: some(),
        listed: some(),
        items: some(),
        inspectors: some(),
    };
    let office = |related| Office {
        id,
        name: text("卫生健康局"),
        about: ui.n("invite-supervises", 12_i64),
        related,
        asked: true,
        required: related,
    };
    let invite = |items| InvitePage {
        ui,
        id,
        version: 3,
        eligible: 320,
        drawn: ui.n("households", 32_i64),
        warnings: vec![text("低于下限")],
        quota: text("3%"),
        scope: vec![(text("行业"), text("H62"))],
        offices: vec![office(true), office(false)],
        known: text("文化和旅游局"),
        items,
    };
    let part = |items| PartPage { ui, id, version: 3, people: 2, items, inspectors: some() };
    vec![
        Page::new(ui.t("inspection-new"), &edit(None)).unwrap(),
        Page::new(ui.t("step-edit"), &edit(Some(id))).unwrap(),
        Page::new(ui.t("step-invite"), &invite(2)).unwrap(),
        Page::new(ui.t("step-invite"), &invite(0)).unwrap(),
        Page::new(ui.t("step-participation"), &part(some())).unwrap(),
        Page::new(ui.t("step-participation"), &part(Vec::new())).unwrap(),
    ]
}
