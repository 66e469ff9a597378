//! What happened at a visit, from the check-in to the signature, and what all departments together found.

use super::parts::{Part, ThingPage, nothing, plain, with_small};
use crate::domain::access::Action::{ViewVisit, ViewWholePaper};
use crate::domain::result::Outcome;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::finish::{self, Joint};
use crate::service::results::on_site::{self, Account};
use crate::service::results::outcomes;
use crate::service::{inspections, visits};
use crate::store::publications;
use crate::web::html::Page;
use crate::web::html::ui::{Html, Ui, escaped};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use std::collections::{BTreeSet, HashMap};

pub(super) fn pages(r: &mut Router) {
    r.page("/visits/{id}/conduct", Action(ViewVisit), conduct);
    r.page("/visits/{id}/conclusion", Action(ViewVisit), conclusion);
}

fn under(ui: &Ui, page: Page, id: Id, subject: &str) -> Page {
    page.under("/visits", ui.t("nav-visits")).under(format!("/visits/{id}"), subject)
}

fn found(ui: &Ui, list: &[Outcome]) -> String {
    let words: Vec<String> = list.iter().map(|o| ui.word("outcome", o.as_str())).collect();
    words.join(&ui.t("comma"))
}

/// What happened, as the page shows it.
#[derive(Default)]
struct Conduct {
    code: String,
    state: String,
    began: String,
    ended: String,
    obstacle: String,
    statement: String,
    signed: String,
    /// The code behind the QR of the papers, for those who may see it.
    token: String,
    /// Name, department and post; when, how and where he came.
    team: Vec<(String, String)>,
    /// Department; who enters and who confirms.
    desks: Vec<(String, String)>,
    /// Identifier, item, department and version, what was found, state.
    results: Vec<(String, String, String, String, String)>,
    evidence: Vec<(String, String, String)>,
}

impl Conduct {
    fn of(ui: &Ui, account: &Account) -> Self {
        let (whole, c) = (&account.whole, &account.conduct);
        let person: HashMap<Id, &str> =
            whole.team.iter().map(|(seat, p)| (seat.inspector_id, p.name.as_str())).collect();
        let name = |id: &Id| person.get(id).map_or("", |n| *n).to_owned();
        let office = |id: Id| {
            whole.departments.iter().find(|d| d.id == id).map(|d| d.name.clone()).unwrap_or_default()
        };
        let item = |task: Id| {
            whole.tasks.iter().find(|(t, _)| t.id == task).map(|(_, i)| i.name.clone()).unwrap_or_default()
        };
        let team = whole.team.iter().map(|(seat, p)| {
            let came = account.check_ins.iter().find(|c| c.inspector_id == seat.inspector_id);
            let came = came.map(|c| {
                let how = ui.word("fu-conduct-method", &c.method);
                format!("{} {how} {}", ui.time(&c.created_at.0), c.place).trim().to_owned()
            });
            let who =
                format!("{} {} {}", p.name, office(seat.department_id), ui.word("door-post", &seat.role));
            (who, came.unwrap_or_else(|| ui.t("fu-conduct-absent")))
        });
        let desks = account.desks.iter().map(|d| {
            let confirms: Vec<String> = d.confirms.iter().map(&name).collect();
            let who = ui.t2("fu-conduct-desk", "a", name(&d.enters), "b", confirms.join(&ui.t("comma")));
            (office(d.department), who)
        });
        let results = account.results.iter().map(|r| {
            let about = format!("{} · {}", office(r.department_id), ui.n("finding-version-n", r.revision));
            (r.id.to_string(), item(r.task_id), about, found(ui, &outcomes(r)), r.state.clone())
        });
        let evidence = account
            .evidence
            .iter()
            .map(|e| (format!("/evidence/{}", e.id), e.name.clone(), format!("SHA-256 {}", e.sha256)));
        let obstacle = if c.obstacle.is_empty() {
            String::new()
        } else {
            format!("{}{}{}", ui.word("door-obstacle", &c.obstacle), ui.t("colon"), c.obstacle_note)
        };
        let signed = if c.signed.is_empty() {
            String::new()
        } else {
            let at = c.signed_at.map(|t| ui.time(&t.0)).unwrap_or_default();
            format!("{} {} {at}", ui.word("door-signed", &c.signed), c.signer).trim().to_owned()
        };
        Self {
            code: whole.visit.code.clone(),
            state: whole.visit.state.clone(),
            began: c.began_at.map(|t| ui.time(&t.0)).unwrap_or_default(),
            ended: c.ended_at.map(|t| ui.time(&t.0)).unwrap_or_default(),
            obstacle,
            statement: c.statement.clone(),
            signed,
            token: if account.code_shown { c.code.clone() } else { String::new() },
            team: team.collect(),
            desks: desks.collect(),
            results: results.collect(),
            evidence: evidence.collect(),
        }
    }
}

fn conduct(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let account = on_site::get(cx, id)?;
    let page = conduct_page(ui, &Conduct::of(ui, &account))?;
    Ok(under(ui, page, id, &account.whole.subject.name))
}

fn conduct_page(ui: &Ui, c: &Conduct) -> Result<Page> {
    let mut thing = ThingPage::new(ui, ui.chip("door-state", &c.state), c.code.clone());
    thing.fact(ui.t("door-began"), &c.began);
    thing.fact(ui.t("door-ended"), &c.ended);
    thing.fact(ui.t("door-code"), &c.token);
    thing.words(ui.t("door-obstacle"), &c.obstacle);
    thing.words(ui.t("door-statement-text"), &c.statement);
    thing.fact(ui.t("door-signed"), &c.signed);
    let part = |title: &str, lines: Vec<(Html, Html)>, none: &str| Part {
        title: ui.t(title),
        lines,
        none: ui.t(none),
    };
    let pairs = |list: &[(String, String)]| {
        list.iter().map(|(a, b)| (plain(a), Html::made(format!("<small>{}</small>", escaped(b))))).collect()
    };
    let results = c.results.iter().map(|(id, item, about, found, state)| {
        let small = if found.is_empty() { about.clone() } else { format!("{about} · {found}") };
        (with_small(&ui.link(&format!("/results/{id}"), item), &small), ui.chip("finding-state", state))
    });
    let evidence =
        c.evidence.iter().map(|(href, name, hash)| (with_small(&ui.link(href, name), hash), nothing()));
    thing.parts = vec![
        part("fu-conduct-came", pairs(&c.team), "door-no-team"),
        part("fu-conduct-desks", pairs(&c.desks), "door-no-team"),
        part("nav-results", results.collect(), "fu-conduct-no-result"),
        part("door-evidence", evidence.collect(), "fu-conduct-no-evidence"),
    ];
    Page::new(ui.t("fu-conduct-title"), &thing)
}

/// What a department found: its name, what it comes to, item by item: result, name, what was found.
type Found = (String, &'static str, Vec<(String, String, String)>);

/// What all departments found together, as the page shows it.
#[derive(Default)]
struct Whole {
    code: String,
    subject: String,
    key: String,
    /// Empty: some department has not published yet.
    conclusion: &'static str,
    parts: Vec<Found>,
    /// Department, and whether it has published, while some have not.
    open: Vec<(String, bool)>,
    /// Joint inspections whose summary may be printed: identifier, number and name.
    summaries: Vec<(Id, String)>,
}

fn conclusion(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let whole = visits::get(cx, id)?;
    let mut shown = Whole {
        code: whole.visit.code.clone(),
        subject: whole.subject.name.clone(),
        key: whole.subject.key.clone(),
        ..Whole::default()
    };
    match finish::joint(cx, id) {
        Ok(joint) => {
            shown.conclusion = joint.conclusion.as_str();
            shown.parts = parts(ui, &joint);
        }
        // Some department has not published everything, or the visit goes on.
        Err(Error::Refused { .. }) => {
            let periods = publications::of_visits(cx.db, &[id])?;
            shown.open = whole
                .departments
                .iter()
                .map(|d| {
                    let done = periods.iter().any(|p| p.department_id == d.id && p.done_at.is_some());
                    (d.name.clone(), done)
                })
                .collect();
        }
        Err(error) => return Err(error),
    }
    let joint: BTreeSet<Id> = whole.tasks.iter().filter_map(|(t, _)| t.inspection_id).collect();
    for inspection in joint {
        if let Ok(loaded) = inspections::load_for(cx, inspection, ViewWholePaper) {
            let title = format!("{} {}", loaded.inspection.number, loaded.inspection.name);
            shown.summaries.push((inspection, title));
        }
    }
    let page = conclusion_page(ui, id, &shown)?;
    Ok(under(ui, page, id, &whole.subject.name))
}

fn parts(ui: &Ui, joint: &Joint) -> Vec<Found> {
    let part = |p: &finish::Part| {
        let rows = p.results.iter();
        let rows = rows.map(|(r, item)| (r.id.to_string(), item.clone(), found(ui, &outcomes(r))));
        (p.name.clone(), p.conclusion.as_str(), rows.collect())
    };
    joint.parts.iter().map(part).collect()
}

fn conclusion_page(ui: &Ui, id: Id, w: &Whole) -> Result<Page> {
    let chip = if w.conclusion.is_empty() { nothing() } else { ui.chip("conclusion", w.conclusion) };
    let mut thing = ThingPage::new(ui, chip, w.code.clone());
    thing.fact(ui.t("col-subject"), &w.subject);
    thing.fact(ui.t("why-id"), &w.key);
    if w.conclusion.is_empty() {
        thing.turn = ui.t("fu-joint-open");
        let lines = w.open.iter().map(|(name, done)| {
            (plain(name), ui.chip("fu-joint-published", if *done { "published" } else { "pending" }))
        });
        let lines = lines.collect();
        thing.parts.push(Part { title: ui.t("col-departments"), lines, none: String::new() });
    } else {
        thing.turn =
            format!("{}{}{}", ui.t("fu-joint-title"), ui.t("colon"), ui.word("conclusion", w.conclusion));
    }
    for (name, conclusion, rows) in &w.parts {
        let lines = rows.iter().map(|(result, item, found)| {
            (with_small(&ui.link(&format!("/results/{result}"), item), found), nothing())
        });
        let title = format!("{name}{}{}", ui.t("colon"), ui.word("conclusion", conclusion));
        thing.parts.push(Part { title, lines: lines.collect(), none: String::new() });
    }
    for (inspection, title) in &w.summaries {
        let name = format!("{} {title}", ui.word("paper", "joint-summary"));
        thing.paper(name, format!("/papers/inspections/{inspection}/joint-summary"));
    }
    thing.paper(ui.word("paper", "visit-form"), format!("/papers/visits/{id}/visit-form"));
    Page::new(ui.t("fu-joint-title"), &thing)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let full = Conduct {
        code: text("V0001"),
        state: text("done"),
        began: text("2026年5月8日 09:31"),
        ended: text("2026年5月8日 10:31"),
        obstacle: text("拒绝或阻挠检查：店主不在"),
        statement: text("没有意见"),
        signed: text("已签名 李四"),
        token: text("23456789ABCDEFGHJKMN"),
        team: vec![(text("张三 市场监管局 A岗"), ui.word("fu-conduct-method", "qr"))],
        desks: vec![(text("市场监管局"), ui.t2("fu-conduct-desk", "a", "张三", "b", "李四"))],
        results: vec![(text("x"), text("食品检查"), text("市监局"), text("未发现问题"), text("published"))],
        evidence: vec![(text("/account"), text("门头.jpg"), text("SHA-256 ab"))],
    };
    let empty = Conduct { state: text("dispatched"), ..Conduct::default() };
    let whole = Whole {
        code: text("V0001"),
        subject: text("某某餐厅"),
        key: text("91350403MA00000000"),
        conclusion: "problem",
        parts: vec![(text("市监局"), "passed", vec![(text("x"), text("食品检查"), text("未发现问题"))])],
        open: Vec::new(),
        summaries: vec![(id, text("示抽查〔2026〕3号 餐饮业"))],
    };
    let open = Whole { open: vec![(text("市监局"), true), (text("消防"), false)], ..Whole::default() };
    vec![
        conduct_page(ui, &full).unwrap(),
        conduct_page(ui, &empty).unwrap(),
        conclusion_page(ui, id, &whole).unwrap(),
        conclusion_page(ui, id, &open).unwrap(),
    ]
}
