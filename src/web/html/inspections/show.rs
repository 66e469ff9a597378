//! One joint inspection: how far it is, who must act now and until when, who takes part and what each has answered,
//! what stands in the way, what has happened.

use super::{Stage, names, stages};
use crate::domain::access::Action::{
    self as Right, AbortInspection, DispatchVisit, EditInspection, ViewInspection,
};
use crate::domain::access::Role;
use crate::domain::inspection::{Act, State, next};
use crate::domain::invitation::Settled;
use crate::domain::result::countdown;
use crate::domain::scope::{Listed, Quota, SubjectFilter};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws;
use crate::service::inspections::history::history as past;
use crate::service::inspections::{self, DrawRules, doc, lifecycle};
use crate::service::invitations::calendar;
use crate::service::visits;
use crate::store::scopes;
use crate::web::api::inspections::InspectionReason;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Empty;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::HashMap;

pub(super) fn pages(r: &mut Router) {
    r.page("/inspections/{id}", Action(ViewInspection), show);
    r.form("/inspections/{id}/confirm", Action(EditInspection), confirm, show);
    r.form("/inspections/{id}/dispatch", Action(DispatchVisit), dispatch, show);
    r.page("/inspections/{id}/revise", Action(EditInspection), |cx, ui, id: Id, _: NoQuery| {
        ask(cx, ui, id, "revise")
    });
    r.form("/inspections/{id}/revise", Action(EditInspection), revise, |cx, ui, id: Id, _: NoQuery| {
        ask(cx, ui, id, "revise")
    });
    r.page("/inspections/{id}/abort", Action(AbortInspection), |cx, ui, id: Id, _: NoQuery| {
        ask(cx, ui, id, "abort")
    });
    r.form("/inspections/{id}/abort", Action(AbortInspection), abort, |cx, ui, id: Id, _: NoQuery| {
        ask(cx, ui, id, "abort")
    });
}

/// A department's part in it.
struct Part {
    department: String,
    initiator: bool,
    /// State of its invitation; empty for the initiator.
    answer: String,
    required: bool,
    due: String,
    late: bool,
    items: Vec<String>,
    people: String,
    said: String,
    /// Its invitation.
    href: String,
}

/// Something to do now.
struct Step {
    href: String,
    text: String,
    /// Posts at once, without a page of its own.
    posts: bool,
    /// What is asked first.
    sure: String,
    class: &'static str,
}

/// Something that happened.
struct Event {
    at: String,
    text: String,
}

/// A draw of it.
struct DrawRow {
    id: Id,
    attempt: i32,
    state: String,
    pool: i64,
    drawn: i64,
}

#[derive(Template)]
#[template(path = "inspections/show.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    number: String,
    state: String,
    version: i64,
    stages: Vec<Stage>,
    turn: String,
    due: String,
    late: bool,
    blockers: Vec<String>,
    steps: Vec<Step>,
    department: String,
    field: String,
    window: String,
    quota: String,
    scope: Vec<(String, String)>,
    people: String,
    notice: String,
    policy: String,
    abort_reason: String,
    parts: Vec<Part>,
    draws: Vec<DrawRow>,
    /// What else belongs to it: where, and what.
    links: Vec<(String, String)>,
    events: Vec<Event>,
}

/// How many are drawn, in words.
pub(super) fn quota_words(ui: &Ui, quota: &Quota) -> String {
    match quota {
        Quota::Total(n) => ui.n("quota-total", *n),
        Quota::Share(text) => ui.t1("quota-share", "share", text),
        Quota::ByClass(classes) => {
            let class =
                |c: &str| if c.is_empty() { ui.t("credit-none") } else { ui.t1("credit-class", "class", c) };
            let list: Vec<String> =
                classes.iter().map(|(c, share)| format!("{}{}{share}", class(c), ui.t("colon"))).collect();
            list.join(&ui.t("comma"))
        }
    }
}

/// Which subjects, in words: what is asked of each, and the values.
pub(super) fn scope_words(
    ui: &Ui,
    names: &HashMap<Id, String>,
    filter: &SubjectFilter,
) -> Vec<(String, String)> {
    let supervised: Vec<String> = filter
        .supervised_by
        .iter()
        .map(|d| d.parse().ok().and_then(|id: Id| names.get(&id).cloned()).unwrap_or_else(|| d.clone()))
        .collect();
    let fields = [
        ("scope-kinds", &filter.kinds),
        ("scope-industries", &filter.industries),
        ("scope-towns", &filter.towns),
        ("scope-tags", &filter.tags),
        ("scope-credits", &filter.credits),
        ("scope-supervised-by", &supervised),
    ];
    let mut list: Vec<(String, String)> = fields
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| (ui.t(key), values.join(&ui.t("comma"))))
        .collect();
    if let Some(listed) = filter.only_listed {
        let key = match listed {
            Listed::Abnormal => "listed-abnormal",
            Listed::Serious => "listed-serious",
        };
        list.push((ui.t("scope-only-listed"), ui.t(key)));
    }
    list
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, ViewInspection)?;
    let state = loaded.state()?;
    let (edits, aborts) = (cx.can(EditInspection, &loaded.scope()), cx.can(AbortInspection, &loaded.scope()));
    let joins = cx.can(Right::EditParticipation, &loaded.scope())
        && cx.actor.department.is_some_and(|d| loaded.taking_part().contains(&d));
    let office = cx.actor.roles.has(Role::Coordinator);
    let links = links(cx, ui, &loaded)?;
    let sends = cx.can(DispatchVisit, &loaded.scope());
    let mut blockers = Vec::new();
    let mut ready = state == State::Draft && loaded.invitations.iter().all(|v| v.state == "withdrawn");
    if state == State::Inviting {
        match lifecycle::settled(cx, &loaded)? {
            Settled::Confirmed { .. } => ready = true,
            Settled::Inviting { waiting } => {
                blockers.push(ui.t1("blocker-waiting", "names", waiting.join(&ui.t("comma"))));
            }
            Settled::Blocked { blockers: list, waiting } => {
                blockers.extend(list.iter().map(|b| ui.told(&b.text())));
                if !waiting.is_empty() {
                    blockers.push(ui.t1("blocker-waiting", "names", waiting.join(&ui.t("comma"))));
                }
            }
        }
    }
    let names = names(cx)?;
    let calendar = calendar(cx)?;
    let drawn = draws::of(cx, id)?;
    let full = inspections::full(cx, loaded)?;
    let i = &full.inspection;
    let chosen: Vec<Id> = full.items.iter().map(|x| x.item_id).collect();
    let items: HashMap<Id, String> =
        scopes::items(cx.db, &chosen)?.into_iter().map(|item| (item.id, item.name)).collect();
    let own = |department: Id| -> Vec<String> {
        let mine = full.items.iter().filter(|x| x.department_id == department);
        mine.filter_map(|x| items.get(&x.item_id).cloned()).collect()
    };
    let people = |department: Id, each: i32| {
        let named = full.people.iter().filter(|x| x.department_id == department).count();
        if named == 0 {
            ui.n("part-people-all", each)
        } else {
            ui.t2("part-people-named", "n", each, "named", named)
        }
    };
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    let office_of = full.participants.iter().find(|p| p.department_id == i.department_id);
    let mut parts = vec![Part {
        department: name(&i.department_id),
        initiator: true,
        answer: String::new(),
        required: true,
        due: String::new(),
        late: false,
        items: own(i.department_id),
        people: people(i.department_id, office_of.map_or(i.people_per_department, |p| p.people)),
        said: String::new(),
        href: String::new(),
    }];
    let mut invitations = full.invitations.clone();
    invitations.sort_by_key(|v| (v.state == "withdrawn", name(&v.department_id)));
    for v in &invitations {
        let open = matches!(v.state.as_str(), "pending" | "escalated");
        let left = open.then(|| countdown(&calendar, ui.today, v.due_day));
        let part = full.participants.iter().find(|p| p.department_id == v.department_id);
        let mut said = ui.told(&v.reason);
        if let (Some(from), Some(to), true) = (v.proposed_from, v.proposed_to, v.state == "rescheduled") {
            said = ui.t2("part-proposes", "window", ui.span(&from, &to), "reason", said);
        }
        parts.push(Part {
            department: name(&v.department_id),
            initiator: false,
            answer: v.state.clone(),
            required: v.required,
            due: left
                .map(|l| format!("{}{}{}", ui.day(&v.due_day), ui.t("comma"), ui.countdown(&l)))
                .unwrap_or_default(),
            late: open && v.due_day < ui.today,
            items: if v.state == "accepted" { own(v.department_id) } else { Vec::new() },
            people: if v.state == "accepted" {
                people(v.department_id, part.map_or(v.people, |p| p.people))
            } else {
                String::new()
            },
            said,
            href: format!("/invitations/{}", v.id),
        });
    }
    let steps = steps(ui, id, state, &Hands { edits, aborts, joins, office, ready, sends }, &drawn);
    let due = match state {
        State::Closed | State::Aborted => None,
        State::Inviting => invitations.iter().filter(|v| v.state == "pending").map(|v| v.due_day).min(),
        _ => Some(i.window_to),
    };
    let left = due.map(|d| countdown(&calendar, ui.today, d));
    let rules: DrawRules = doc(&i.draw_rules)?;
    let template = ShowPage {
        ui,
        number: i.number.clone(),
        stages: stages(ui, state),
        turn: ui.word("inspection-turn", &i.state),
        due: due
            .zip(left)
            .map(|(d, l)| format!("{}{}{}", ui.day(&d), ui.t("comma"), ui.countdown(&l)))
            .unwrap_or_default(),
        late: due.is_some_and(|d| d < ui.today),
        blockers,
        steps,
        department: name(&i.department_id),
        field: i.field.clone(),
        window: ui.span(&i.window_from, &i.window_to),
        quota: quota_words(ui, &doc(&i.quota)?),
        scope: scope_words(ui, &names, &doc(&i.filter)?),
        people: ui.n("people-each", i.people_per_department),
        notice: ui.word("notice", &i.notice),
        policy: format!(
            "{}{}{}",
            ui.word("draw-policy", &rules.policy),
            ui.t("comma"),
            ui.n("witnesses-least", rules.witnesses)
        ),
        abort_reason: ui.told(&i.abort_reason),
        parts,
        draws: drawn
            .iter()
            .map(|d| DrawRow {
                id: d.draw.id,
                attempt: d.draw.attempt,
                state: d.draw.state.clone(),
                pool: d.draw.pool_size,
                drawn: d.draw.drawn,
            })
            .collect(),
        links,
        events: history(cx, ui, id, &full)?,
        version: i.version,
        state: i.state.clone(),
    };
    let page = Page::new(i.name.clone(), &template)?;
    Ok(page.under("/inspections", ui.t("nav-inspections")))
}

/// The pages of what belongs to an inspection, as far as it has come and whoever looks may see them.
fn links(cx: &Cx<'_>, ui: &Ui, loaded: &inspections::Loaded) -> Result<Vec<(String, String)>> {
    let (state, id, scope) = (loaded.state()?, loaded.inspection.id, loaded.scope());
    let frozen = !matches!(state, State::Draft | State::Inviting | State::Confirmed | State::Aborted);
    let drawn = frozen && state != State::PoolFrozen;
    let staffed = drawn && !matches!(state, State::Drawn | State::Merged);
    let base = format!("/inspections/{id}");
    let all = [
        (frozen && cx.can(Right::ViewDraw, &scope), format!("{base}/pool"), "pool-title"),
        (drawn && ui.may(Right::ViewTask), format!("/tasks?inspection={id}"), "tasks-title"),
        (
            staffed && ui.may(Right::ViewVisit),
            format!("/visits?inspection_id={id}&view=all"),
            "home-see-visits",
        ),
        (drawn && cx.can(Right::ViewWholePaper, &scope), format!("{base}/papers"), "paper-all"),
        (drawn && cx.can(Right::ViewArchive, &scope), format!("{base}/archive/check"), "archive-title"),
    ];
    let seen = all.into_iter().filter(|(may, href, _)| *may && ui.has(href));
    Ok(seen.map(|(_, href, key)| (href, ui.t(key))).collect())
}

/// What whoever looks may do with it.
struct Hands {
    edits: bool,
    aborts: bool,
    joins: bool,
    office: bool,
    ready: bool,
    sends: bool,
}

fn steps(ui: &Ui, id: Id, state: State, hands: &Hands, drawn: &[draws::Shown]) -> Vec<Step> {
    let mut list = Vec::new();
    let mut go = |path: String, key: &str, class: &'static str| {
        if ui.has(&path) {
            list.push(Step { href: path, text: ui.t(key), posts: false, sure: String::new(), class });
        }
    };
    let base = format!("/inspections/{id}");
    if hands.edits {
        if state == State::Draft {
            go(format!("{base}/invite"), "step-invite", "");
            go(format!("{base}/edit"), "step-edit", "quietly");
        } else if matches!(state, State::Inviting | State::Confirmed) {
            go(format!("{base}/invite"), "step-invite-more", "quietly");
        }
    }
    if hands.joins && matches!(state, State::Draft | State::Inviting | State::Confirmed) {
        go(format!("{base}/participation"), "step-participation", "quietly");
    }
    if hands.office {
        let open =
            drawn.iter().find(|d| !matches!(d.draw.state.as_str(), "aborted" | "published" | "resulted"));
        match (state, open) {
            (State::Confirmed | State::PoolFrozen, None) => go(format!("{base}/draw"), "step-draw", ""),
            (_, Some(open)) => go(format!("/draws/{}", open.draw.id), "step-draw-go-on", ""),
            (State::Drawn | State::Merged, None) => go("/plannings".to_owned(), "step-plan", ""),
            _ => {}
        }
    }
    let can = |act: Act| next(state, act).is_ok();
    if hands.edits && hands.ready && can(Act::Confirm) {
        let sure =
            if state == State::Draft { ui.t("step-confirm-alone-sure") } else { ui.t("step-confirm-sure") };
        let key = if state == State::Draft { "step-confirm-alone" } else { "step-confirm" };
        let class = if state == State::Draft { "quietly" } else { "" };
        list.push(Step { href: format!("{base}/confirm"), text: ui.t(key), posts: true, sure, class });
    }
    if hands.sends && state == State::Staffed {
        let (text, sure) = (ui.t("dispatch-all"), ui.t("dispatch-all-sure"));
        list.push(Step { href: format!("{base}/dispatch"), text, posts: true, sure, class: "" });
    }
    if hands.edits && can(Act::Revise) {
        let (href, text) = (format!("{base}/revise"), ui.t("step-revise"));
        list.push(Step { href, text, posts: false, sure: String::new(), class: "quietly" });
    }
    if hands.aborts && can(Act::Abort) {
        let (href, text) = (format!("{base}/abort"), ui.t("step-abort"));
        list.push(Step { href, text, posts: false, sure: String::new(), class: "quietly danger" });
    }
    list
}

/// What has happened: the acts of the journal about it and its invitations, by whom as far as departments go. Whoever may
/// see the inspection may see these; what the journal keeps of persons stays there.
fn history(cx: &mut Cx<'_>, ui: &Ui, id: Id, full: &inspections::Full) -> Result<Vec<Event>> {
    let names = names(cx)?;
    let objects: Vec<Id> = std::iter::once(id).chain(full.invitations.iter().map(|v| v.id)).collect();
    let of: HashMap<Id, Id> = full.invitations.iter().map(|v| (v.id, v.department_id)).collect();
    let mut acts = past(cx, &objects)?;
    acts.sort_by_key(|act| std::cmp::Reverse(act.at));
    Ok(acts
        .into_iter()
        .map(|a| {
            let by = a.department.and_then(|d| names.get(&d).cloned()).unwrap_or_default();
            let about = of.get(&a.object).and_then(|d| names.get(d)).cloned();
            let act = ui.word("act", &a.act);
            let text = match about {
                Some(about) if about != by => format!("{by}{}{act}{}{about}", ui.t("colon"), ui.t("colon")),
                _ if by.is_empty() => act,
                _ => format!("{by}{}{act}", ui.t("colon")),
            };
            Event { at: ui.time(&a.at), text }
        })
        .collect())
}

fn confirm(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    lifecycle::confirm(cx, id)?;
    Ok(Done::to(format!("/inspections/{id}")).say("inspection-confirmed"))
}

fn dispatch(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    let sent = visits::dispatch_inspection(cx, id)?;
    Ok(Done::to(format!("/inspections/{id}")).say_with("dispatched-all", sent.len()))
}

fn revise(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    lifecycle::revise(cx, id, &body.reason)?;
    Ok(Done::to(format!("/inspections/{id}")).say("inspection-revised"))
}

fn abort(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    lifecycle::abort(cx, id, &body.reason)?;
    Ok(Done::to(format!("/inspections/{id}")).say("inspection-aborted"))
}

#[derive(Template)]
#[template(path = "inspections/reason.html")]
struct ReasonPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    name: String,
    number: String,
    what: String,
    then: String,
    go: String,
    danger: bool,
}

/// Asks why, and says what follows.
fn ask(cx: &mut Cx<'_>, ui: &Ui, id: Id, act: &str) -> Result<Page> {
    let right = if act == "abort" { AbortInspection } else { EditInspection };
    let loaded = inspections::load_for(cx, id, right)?;
    let state = loaded.state()?;
    let step = if act == "abort" { Act::Abort } else { Act::Revise };
    if !ui.form.sent {
        next(state, step).map_err(inspections::refused)?;
    }
    let i = loaded.inspection;
    let template = ReasonPage {
        ui,
        id,
        version: i.version,
        name: i.name.clone(),
        number: i.number,
        what: ui.word("inspection-state", &i.state),
        then: ui.t(&format!("ask-{act}-then")),
        go: ui.t(&format!("ask-{act}-go")),
        danger: act == "abort",
    };
    let page = Page::new(ui.t(&format!("ask-{act}")), &template)?.narrow();
    Ok(page.under("/inspections", ui.t("nav-inspections")).under(format!("/inspections/{id}"), i.name))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(3));
    let part = |initiator, answer: &str| Part {
        department: text("卫生健康局"),
        initiator,
        answer: text(answer),
        required: true,
        due: text("2026年5月8日（周五），还剩 2 个工作日"),
        late: false,
        items: vec![text("公共场所卫生检查")],
        people: ui.n("part-people-all", 2_i64),
        said: text("人员不足"),
        href: text("/account"),
    };
    let step = |posts| Step {
        href: text("/account"),
        text: ui.t("step-confirm"),
        posts,
        sure: ui.t("step-confirm-sure"),
        class: "",
    };
    let page = |state: State| ShowPage {
        ui,
        number: text("示抽查〔2026〕3号"),
        state: state.as_str().to_owned(),
        version: 3,
        stages: stages(ui, state),
        turn: ui.word("inspection-turn", state.as_str()),
        due: text("2026年5月8日（周五），还剩 2 个工作日"),
        late: true,
        blockers: vec![text("尚待答复：卫生健康局")],
        steps: vec![step(true), step(false)],
        department: text("市场监管局"),
        field: text("食品安全"),
        window: text("2026年5月8日至5月20日"),
        quota: quota_words(
            ui,
            &Quota::ByClass([(text("A"), text("1%")), (String::new(), text("3%"))].into()),
        ),
        scope: scope_words(
            ui,
            &HashMap::new(),
            &SubjectFilter {
                kinds: vec![text("企业")],
                only_listed: Some(Listed::Abnormal),
                ..SubjectFilter::default()
            },
        ),
        people: ui.n("people-each", 2_i64),
        notice: ui.word("notice", "announced"),
        policy: ui.word("draw-policy", "ceremony"),
        abort_reason: text("计划调整"),
        parts: vec![part(true, ""), part(false, "pending"), part(false, "accepted")],
        draws: vec![DrawRow { id, attempt: 1, state: text("resulted"), pool: 320, drawn: 32 }],
        links: vec![(text("/account"), ui.t("home-see-visits"))],
        events: vec![Event { at: text("2026年5月8日 09:00"), text: text("市场监管局：发起") }],
    };
    let reason = |act: &str| ReasonPage {
        ui,
        id,
        version: 3,
        name: text("餐饮业联合抽查"),
        number: text("示抽查〔2026〕3号"),
        what: text("邀请中"),
        then: ui.t(&format!("ask-{act}-then")),
        go: ui.t(&format!("ask-{act}-go")),
        danger: act == "abort",
    };
    let mut pages: Vec<Page> = [State::Inviting, State::Aborted, State::Closed]
        .into_iter()
        .map(|state| Page::new("餐饮业联合抽查", &page(state)).unwrap())
        .collect();
    for act in ["abort", "revise"] {
        pages.push(Page::new(ui.t(&format!("ask-{act}")), &reason(act)).unwrap());
    }
    pages
}
