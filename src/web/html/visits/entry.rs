//! The one form of a visit: a tab for each department, each item with guidance and what was found at it. The A post of a
//! department enters, the B post confirms or gives it back; photographs are handed in beside the item they show.

use super::offices;
use super::show::{newest, outcome_words};
use crate::domain::access::Action::{EnterResult, ViewVisit, WorkOnSite};
use crate::domain::evidence::{MOST_BYTES, Media};
use crate::domain::registry::ItemDetails;
use crate::domain::result::{FollowUp, Method, Outcome, State};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::entry;
use crate::service::results::evidence::{self, Looked};
use crate::service::results::on_site::{self, Account};
use crate::store::items::Item;
use crate::store::results::CheckResult;
use crate::web::api::on_site::{self as api, ConfirmBody, RejectBody, ResultsBody};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::list::{Tab, Tabs, filled};
use crate::web::html::ui::{Ui, id_of};
use crate::web::html::{Done, Page};
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    r.page("/visits/{id}/results", Action(ViewVisit), show);
    r.form("/visits/{id}/results", Action(EnterResult), enter, show);
    r.form("/visits/{id}/results/confirm", Action(EnterResult), confirm, show);
    r.form("/visits/{id}/results/reject", Action(EnterResult), reject, show);
    r.form_steps("/visits/{id}/evidence", Action(WorkOnSite), add_evidence, show).with_files();
}

/// Which tab.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct EntryQuery {
    /// Department; one's own when absent.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
}

/// Words to tick, the usual ones first.
struct Ticks {
    name: String,
    id: String,
    label: String,
    faults: Vec<String>,
    usual: Vec<Choice>,
    more: Vec<Choice>,
}

impl Ticks {
    fn new(
        ui: &Ui,
        name: &str,
        label: &str,
        family: &str,
        words: &[&'static str],
        usual: usize,
        kept: &[String],
    ) -> Self {
        // So that the summary of faults finds it.
        let _ = ui.field_of(name, "");
        let sent = ui.form.values(name);
        let choice = |word: &&'static str| {
            let chosen = if ui.form.sent { sent.contains(word) } else { kept.iter().any(|k| k == word) };
            Choice::new(*word, ui.word(family, word)).chosen(chosen)
        };
        let (first, rest) = words.split_at(usual.min(words.len()));
        Self {
            name: name.to_owned(),
            id: id_of(name),
            label: ui.t(label),
            faults: ui.form.faults_at(name).map(|f| ui.fault(f)).collect(),
            usual: first.iter().map(choice).collect(),
            more: rest.iter().map(choice).collect(),
        }
    }

    fn opened(&self) -> bool {
        self.more.iter().any(|c| c.chosen)
    }
}

/// An item of the form.
struct Line {
    at: String,
    task: Id,
    item: String,
    code: String,
    content: Vec<String>,
    basis: Vec<String>,
    materials: Vec<String>,
    requirement: String,
    state: String,
    returned: String,
    /// Whether it can be written now, by whoever looks.
    open: bool,
    outcomes: Option<Ticks>,
    methods: Option<Ticks>,
    follow_up: Option<Ticks>,
    other: String,
    law: String,
    note: String,
    found: String,
    how: String,
    then: String,
    evidence: Vec<(String, String)>,
}

impl Line {
    /// Where the summary of faults leads to.
    fn anchor(&self) -> String {
        if self.open { id_of(&format!("{}/task_id", self.at)) } else { format!("task-{}", self.task) }
    }
}

#[derive(Template)]
#[template(path = "visits/entry.html")]
struct EntryPage<'a> {
    ui: &'a Ui,
    id: Id,
    department: String,
    draft: String,
    tabs: Tabs<'a>,
    lines: Vec<Line>,
    /// He may write.
    writes: bool,
    /// Lines that wait for his word.
    waits: usize,
    /// He may hand in evidence.
    photographs: bool,
    told: String,
}

/// What is found most often.
const OUTCOMES: [Outcome; 13] = [
    Outcome::NoProblemFound,
    Outcome::CorrectedOnOrder,
    Outcome::PendingFollowUp,
    Outcome::ActivityNotFound,
    Outcome::Unreachable,
    Outcome::SeriousNonCooperation,
    Outcome::NotDisclosed,
    Outcome::FalseDisclosure,
    Outcome::ClosedDown,
    Outcome::Deregistered,
    Outcome::Revoked,
    Outcome::Withdrawn,
    Outcome::MovedAway,
];
const USUAL_OUTCOMES: usize = 3;
const USUAL_METHODS: usize = 2;

fn words(ui: &Ui, family: &str, list: &[String]) -> String {
    list.iter().map(|w| ui.word(family, w)).collect::<Vec<_>>().join(&ui.t("comma"))
}

fn line(
    ui: &Ui,
    place: usize,
    task: Id,
    item: &Item,
    row: Option<&CheckResult>,
    open: bool,
    account: &Account,
) -> Line {
    let details = ItemDetails::of(&item.details.0);
    let at = format!("results/{place}");
    let name = |field: &str| format!("{at}/{field}");
    let none: Vec<String> = Vec::new();
    let kept = |pick: fn(&CheckResult) -> &Vec<String>| row.map_or_else(|| none.clone(), |r| pick(r).clone());
    let typed = |field: &str, present: &str| {
        if ui.form.sent {
            ui.form.value(&name(field)).unwrap_or_default().to_owned()
        } else {
            present.to_owned()
        }
    };
    let (outcomes, methods, follow_up) =
        (kept(|r| &r.outcomes.0), kept(|r| &r.methods.0), kept(|r| &r.follow_up.0));
    let first: Vec<&'static str> = OUTCOMES.iter().map(|w| w.as_str()).collect();
    let second: Vec<&'static str> = Method::ALL.iter().map(|w| w.as_str()).collect();
    let third: Vec<&'static str> = FollowUp::ALL.iter().map(|w| w.as_str()).collect();
    let ticks = |field: &str, label: &str, family: &str, words: &[&'static str], usual, kept: &[String]| {
        open.then(|| Ticks::new(ui, &name(field), label, family, words, usual, kept))
    };
    if open {
        let _ = ui.field_of(&name("task_id"), "");
    }
    Line {
        task,
        item: item.name.clone(),
        code: item.code.clone(),
        content: crate::domain::paper::points(&details.content),
        basis: details.basis,
        materials: details.materials,
        requirement: details.requirement,
        state: row.map_or("none", |r| r.state.as_str()).to_owned(),
        returned: row.map(|r| r.review_note.clone()).unwrap_or_default(),
        open,
        outcomes: ticks("outcomes", "finding-outcomes", "outcome", &first, USUAL_OUTCOMES, &outcomes),
        methods: ticks("methods", "finding-methods", "finding-method", &second, USUAL_METHODS, &methods),
        follow_up: ticks("follow_up", "finding-follow-up", "finding-then", &third, 0, &follow_up),
        other: typed("other", row.map_or("", |r| r.other.as_str())),
        law: typed("law", row.map_or("", |r| r.law.as_str())),
        note: typed("note", row.map_or("", |r| r.note.as_str())),
        found: row.map(|r| outcome_words(ui, r)).unwrap_or_default(),
        how: words(ui, "finding-method", &methods),
        then: words(ui, "finding-then", &follow_up),
        evidence: account
            .evidence
            .iter()
            .filter(|e| e.task_id == Some(task))
            .map(|e| (e.name.clone(), format!("/evidence/{}", e.id)))
            .collect(),
        at,
    }
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: EntryQuery) -> Result<Page> {
    let account = on_site::get(cx, id)?;
    let whole = &account.whole;
    let me = cx.actor.inspector;
    let own = whole
        .team
        .iter()
        .find(|(s, p)| Some(s.inspector_id) == me && !p.expert)
        .map(|(s, _)| s.department_id);
    let known = |d: &Id| whole.departments.iter().any(|o| o.id == *d);
    let first = whole.departments.first().map(|d| d.id);
    let department = query.department_id.or(own).or(cx.actor.department).filter(known).or(first);
    let department = department.ok_or(Error::NotFound("入企检查"))?;
    let desk = account.desks.iter().find(|d| d.department == department);
    let mine = own == Some(department) && ui.may(EnterResult);
    let here =
        account.check_ins.iter().any(|c| Some(c.inspector_id) == me) || !account.conduct.obstacle.is_empty();
    let begun = matches!(whole.visit.state.as_str(), "in_progress" | "obstructed" | "done");
    let a_post = mine && begun && desk.is_some_and(|d| Some(d.enters) == me);
    let b_post = mine && begun && !a_post;
    let present = newest(&account.results);
    let (mut lines, mut waits, mut place) = (Vec::new(), 0, 0);
    let of = whole.tasks.iter().filter(|(t, _)| t.department_id == department && t.state != "cancelled");
    for (task, item) in of {
        let row = present.get(&task.id).copied();
        let state = row.and_then(|r| State::parse(&r.state));
        let open = a_post && here && state.is_none_or(State::is_editable);
        waits +=
            usize::from(b_post && state == Some(State::Entered) && row.is_some_and(|r| r.entered_by != me));
        lines.push(line(ui, place, task.id, item, row, open, &account));
        place += usize::from(open);
    }
    let writes = lines.iter().any(|l| l.open);
    let told = if writes || waits > 0 {
        String::new()
    } else if a_post && !here {
        ui.t("finding-first-check-in")
    } else if !begun {
        ui.t("finding-not-begun")
    } else if b_post {
        ui.t("finding-nothing-waits")
    } else if a_post {
        ui.t("finding-all-handed-in")
    } else if own.is_some() {
        ui.t("finding-of-others")
    } else {
        String::new()
    };
    let names = offices(cx)?;
    let tabs = whole
        .departments
        .iter()
        .map(|d| Tab {
            href: format!("/visits/{id}/results?department_id={}", d.id),
            text: d.name.clone(),
            count: None,
            here: d.id == department,
        })
        .collect();
    let template = EntryPage {
        ui,
        id,
        department: department.to_string(),
        draft: format!("results-{department}"),
        tabs: Tabs::new(ui, tabs),
        lines,
        writes,
        waits,
        photographs: mine && begun,
        told,
    };
    let page = Page::new(
        ui.t1("finding-form", "name", names.get(&department).cloned().unwrap_or_default()),
        &template,
    )?;
    Ok(page.under("/visits", ui.t("nav-visits")).under(format!("/visits/{id}"), whole.subject.name.clone()))
}

fn done(id: Id, said: &str) -> Done {
    Done::to(format!("/visits/{id}/results")).say(said)
}

fn enter(cx: &mut Cx<'_>, id: Id, body: &ResultsBody) -> Result<Done> {
    api::enter(cx, id, body)?;
    if body.submit {
        return Ok(Done::to(format!("/visits/{id}")).say("finding-handed-in"));
    }
    Ok(done(id, "finding-saved"))
}

fn confirm(cx: &mut Cx<'_>, id: Id, body: &ConfirmBody) -> Result<Done> {
    entry::confirm(cx, id, body.tasks.as_deref())?;
    Ok(Done::to(format!("/visits/{id}")).say("finding-confirmed"))
}

fn reject(cx: &mut Cx<'_>, id: Id, body: &RejectBody) -> Result<Done> {
    entry::reject(cx, id, body.tasks.as_deref(), &body.reason)?;
    Ok(Done::to(format!("/visits/{id}")).say("finding-rejected"))
}

/// What a photograph shows.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceForm {
    /// Task; absent: the visit as a whole.
    #[serde(default)]
    task_id: Option<Id>,
}

fn add_evidence(call: &Call, id: Id, _: &EntryQuery, body: EvidenceForm, form: &Form) -> Result<Answer> {
    call.read(|cx| evidence::may_add(cx, id))?;
    // Said on the page as it was: a page of faults would not show what is being typed in the form beside.
    let refused = |said: &str| done(id, said).answer(call);
    let Some(file) = form.file("file") else { return refused("finding-photo-missing") };
    if file.bytes.len() > MOST_BYTES {
        return refused("finding-photo-large");
    }
    let Some(media) = Media::of(&file.bytes) else { return refused("finding-photo-unknown") };
    // Kept before it is in the database: a row never stands for a file that is not there.
    let sha256 = call.server.files.put(&file.bytes).map_err(|e| Error::unavailable(&e))?;
    let looked = Looked { media, bytes: file.bytes.len(), sha256 };
    let name: String = file.name.chars().take(200).collect();
    let name = if name.is_empty() { format!("photo.{}", media.ending()) } else { name };
    call.write(move |cx| {
        evidence::add(cx, id, body.task_id, &name, &looked)?;
        Ok(done(id, "finding-photo-kept").reply())
    })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(5));
    let ticks = |name: &str, label: &str, more: bool| {
        let choice = |on| Choice::new("no_problem_found", ui.word("outcome", "no_problem_found")).chosen(on);
        Some(Ticks {
            name: text(name),
            id: id_of(name),
            label: ui.t(label),
            faults: if more { vec![text("请选择检查结果")] } else { Vec::new() },
            usual: vec![choice(true)],
            more: vec![choice(more)],
        })
    };
    let line = |open: bool, at: &str| Line {
        at: text(at),
        task: id,
        item: text("食品经营许可检查"),
        code: text("SJ-01"),
        content: vec![text("许可证是否有效")],
        basis: vec![text("《食品安全法》第三十五条")],
        materials: vec![text("食品经营许可证")],
        requirement: text("两名以上执法人员"),
        state: text(if open { "returned" } else { "entered" }),
        returned: text("请补充说明"),
        open,
        outcomes: ticks(&format!("{at}/outcomes"), "finding-outcomes", true).filter(|_| open),
        methods: ticks(&format!("{at}/methods"), "finding-methods", false).filter(|_| open),
        follow_up: ticks(&format!("{at}/follow_up"), "finding-follow-up", false).filter(|_| open),
        other: text("安全出口堆放杂物"),
        law: text("消防法第十六条"),
        note: text("请复查"),
        found: ui.word("outcome", "corrected_on_order"),
        how: ui.word("finding-method", "on_site"),
        then: ui.word("finding-then", "rectification"),
        evidence: vec![(text("门头.jpg"), text("/account"))],
    };
    let page = |lines, writes, waits, told: &str| EntryPage {
        ui,
        id,
        department: id.to_string(),
        draft: text("results-x"),
        tabs: Tabs::new(
            ui,
            vec![Tab { href: text("/visits"), text: text("市场监管局"), count: None, here: true }],
        ),
        lines,
        writes,
        waits,
        photographs: writes,
        told: text(told),
    };
    [
        page(vec![line(true, "results/0"), line(true, "results/1"), line(false, "")], true, 0, ""),
        page(vec![line(false, "")], false, 1, ""),
        page(Vec::new(), false, 0, "尚未开始"),
    ]
    .iter()
    .map(|p| Page::new(ui.t1("finding-form", "name", "市场监管局"), p).unwrap())
    .collect()
}
