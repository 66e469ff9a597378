//! What follows from a result: the drawn subjects, and one task for each item of each department at each of them.

use super::super::cx::Cx;
use super::super::inspections::{Loaded, load, step};
use super::super::tasks as task_service;
use super::pool::{Applicable, Ledger};
use super::{Ceremony, embargo};
use crate::domain::access::Action;
use crate::domain::cap;
use crate::domain::inspection::Act;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::draws::{self, Draw, DrawnSubject};
use crate::store::items::Item;
use crate::store::scopes::{self, Fact};
use crate::store::tasks::{self, Task};
use crate::store::types::At;
use crate::store::{inspections, numbering};
use chrono::Datelike;
use std::collections::HashMap;

/// A drawn subject.
#[derive(Debug, Clone)]
pub struct Winner {
    /// The subject.
    pub subject: Id,
    /// Number in the pool.
    pub place: u64,
    /// Its stratum.
    pub stratum: String,
}

/// What a result comes to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Those drawn in this round.
    pub winners: Vec<Winner>,
    /// (number, reason code) of all that cannot be drawn, those of earlier rounds that fell away among them.
    pub excluded: Vec<(u64, String)>,
}

/// Why something drawn gets no task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The department.
    pub department: Id,
    /// The subject.
    pub subject: Id,
    /// Stable snake_case code.
    pub code: &'static str,
    /// Why, and what to do, in Chinese.
    pub text: String,
}

/// The outcome of a draw that has just got its result.
pub(super) fn of(c: &Ceremony) -> Result<Outcome> {
    let wrong = |f: Vec<crate::domain::draw::fault::Fault>| super::faults(&f, &c.draw.state);
    let replayed = c.session.outcome().map_err(wrong)?;
    let pool = c.session.subject_pool().map_err(wrong)?;
    let by_token: HashMap<&str, Id> =
        c.content.subjects.iter().map(|m| (m.token.as_str(), m.subject)).collect();
    let winners = replayed
        .selection
        .winners
        .iter()
        .map(|w| {
            let member = pool.get(w.number).ok_or_else(|| Error::internal("a number beyond the pool"))?;
            let subject = *by_token.get(member.id).ok_or_else(|| Error::internal("an unknown token"))?;
            Ok(Winner { subject, place: w.number, stratum: member.stratum.to_owned() })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Outcome { winners, excluded: c.session.public.excluded.clone() })
}

/// Writes the drawn and their tasks; moves the inspection on after its first round.
pub(super) fn record(
    cx: &mut Cx<'_>,
    loaded: &Loaded,
    draw: &Draw,
    outcome: &Outcome,
) -> Result<Vec<Blocker>> {
    let id = loaded.inspection.id;
    if draw.round == 0 {
        step(cx, &loaded.inspection, Act::Draw)?;
    } else {
        for gone in draws::drawn_of(cx.db, id)?.into_iter().filter(|d| d.state == "drawn") {
            let place = u64::try_from(gone.place).unwrap_or(u64::MAX);
            if let Some((_, reason)) = outcome.excluded.iter().find(|e| e.0 == place) {
                draws::set_gone(cx.db, id, gone.subject_id, reason)?;
                scopes::cancel_tasks(cx.db, id, Some(gone.subject_id), cx.now)?;
            }
        }
    }
    let rows: Vec<DrawnSubject> = outcome
        .winners
        .iter()
        .map(|w| DrawnSubject {
            draw_id: draw.id,
            subject_id: w.subject,
            inspection_id: id,
            region: draw.region.clone(),
            round: draw.round,
            place: i64::try_from(w.place).unwrap_or(i64::MAX),
            stratum: w.stratum.clone(),
            state: "drawn".to_owned(),
            reason: String::new(),
        })
        .collect();
    draws::add_drawn(cx.db, &rows)?;
    let (mut made, blockers) = make_tasks(cx, loaded, outcome)?;
    let year = loaded.inspection.window_from.year();
    let count = i64::try_from(made.len()).unwrap_or(0);
    if count > 0 {
        let first = numbering::take(cx.db, &draw.region, &format!("task/{year}"), count)?;
        for (n, task) in (first..).zip(&mut made) {
            task.code = format!("T-{year}-{n:06}");
        }
        tasks::insert_all(cx.db, &made)?;
    }
    Ok(blockers)
}

fn make_tasks(cx: &mut Cx<'_>, loaded: &Loaded, outcome: &Outcome) -> Result<(Vec<Task>, Vec<Blocker>)> {
    let i = &loaded.inspection;
    let departments = loaded.taking_part();
    let chosen: Vec<Id> = inspections::items(cx.db, i.id)?
        .into_iter()
        .filter(|x| departments.contains(&x.department_id))
        .map(|x| x.item_id)
        .collect();
    let items = scopes::items(cx.db, &chosen)?;
    let ids: Vec<Id> = outcome.winners.iter().map(|w| w.subject).collect();
    let facts: HashMap<Id, Fact> = scopes::facts(cx.db, &ids)?.into_iter().map(|f| (f.id, f)).collect();
    let particulars = scopes::particulars_of(cx.db, &ids)?;
    let ledger = Ledger::read(cx, i.window_from.year())?;
    let year = i.window_to.year();
    let capped: Vec<(Id, String)> = items
        .iter()
        .filter(|x| task_service::item_cap(x).is_some())
        .map(|x| (x.department_id, x.code.clone()))
        .collect();
    let mut often: HashMap<(Id, String, Id), u32> = HashMap::new();
    if !capped.is_empty() {
        for (department, code, subject, n) in tasks::made(cx.db, &i.region, &ids, &capped, year)? {
            often.insert((department, code, subject), u32::try_from(n).unwrap_or(u32::MAX));
        }
    }
    let applicable = Applicable::new(&items);
    let (mut made, mut blockers) = (Vec::new(), Vec::new());
    for winner in &outcome.winners {
        let found = facts.get(&winner.subject).zip(particulars.get(&winner.subject));
        let Some((subject, more)) = found else { continue };
        for department in &departments {
            let own: Vec<&Item> =
                applicable.to(subject).filter(|item| item.department_id == *department).collect();
            let mut block = |code, text: String| {
                blockers.push(Blocker { department: *department, subject: subject.id, code, text });
            };
            if own.is_empty() {
                block(
                    "no_item",
                    format!(
                        "“{}”({} {})没有该部门适用的事项,该部门不参加此户",
                        subject.name, subject.kind, subject.industry_name
                    ),
                );
                continue;
            }
            if more.state != "active" {
                block("subject_gone", format!("“{}”已注销或迁出,请补抽", subject.name));
                continue;
            }
            let (own, over): (Vec<&Item>, Vec<&Item>) = own.into_iter().partition(|x| {
                let made = often.get(&(x.department_id, x.code.clone(), subject.id)).copied().unwrap_or(0);
                cap::item_allows(made, task_service::item_cap(x), None)
            });
            for x in over {
                let made = often.get(&(x.department_id, x.code.clone(), subject.id)).copied().unwrap_or(0);
                let cap = task_service::item_cap(x).unwrap_or(0);
                let text = task_service::frequency_text(&x.name, year, made, cap);
                block("frequency_reached", format!("“{}”:{text}", subject.name));
            }
            let status = ledger.status(*department, subject.id);
            let (on_site, other): (Vec<&Item>, Vec<&Item>) =
                own.into_iter().partition(|x| x.mode == "on_site");
            if !on_site.is_empty() && !status.allows(None) {
                block(
                    "cap_reached",
                    format!(
                        "“{}”本年已被该部门检查{}次,达到上限{}次,不再安排现场检查",
                        subject.name, status.counted, status.cap
                    ),
                );
            }
            let on_site = if status.allows(None) { on_site } else { Vec::new() };
            for item in on_site.into_iter().chain(other) {
                made.push(task(cx, loaded, item, subject.id)?);
            }
        }
    }
    Ok((made, blockers))
}

fn task(cx: &Cx<'_>, loaded: &Loaded, item: &Item, subject: Id) -> Result<Task> {
    let i = &loaded.inspection;
    Ok(Task {
        id: cx.id()?,
        region: i.region.clone(),
        inspection_id: Some(i.id),
        code: String::new(),
        department_id: item.department_id,
        item_id: item.id,
        subject_id: subject,
        earliest: i.window_from,
        latest: i.window_to,
        minutes: item.minutes,
        mode: item.mode.clone(),
        // What the inspection announces or keeps to itself holds for all its items; otherwise each says for itself.
        notice: if i.notice == "either" { item.notice.clone() } else { i.notice.clone() },
        priority: 2,
        state: "ready".to_owned(),
        planning_id: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// A drawn subject with what the directory says of it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The row.
    pub row: DrawnSubject,
    /// The subject.
    pub subject: Fact,
}

/// The drawn of an inspection, all rounds, those that fell away among them.
///
/// # Errors
/// Not visible.
pub fn drawn(cx: &mut Cx<'_>, inspection: Id) -> Result<Vec<Drawn>> {
    let loaded = load(cx, inspection)?;
    cx.may(Action::ViewInspection, &loaded.scope())?;
    // A witness has seen the draw, and need not know the list while it is under embargo.
    cx.may(Action::ViewDraw, &loaded.scope())?;
    let rows = draws::drawn_of(cx.db, inspection)?;
    let hidden: Vec<Id> = if cx.actor.roles.has(crate::domain::access::Role::Witness) {
        let open = draws::of(cx.db, inspection)?;
        let asked: Vec<_> = open
            .iter()
            .map(|d| (d.id, d.inspection_id, d.policy.as_str(), d.state.as_str(), d.round))
            .collect();
        let held = embargo::held_draws(cx, &asked)?;
        let secret = |d: &Draw| d.policy == "embargo" && d.state != "published";
        open.iter().filter(|d| secret(d) || held.contains(&d.id)).map(|d| d.id).collect()
    } else {
        Vec::new()
    };
    let ids: Vec<Id> = rows.iter().map(|r| r.subject_id).collect();
    let facts: HashMap<Id, Fact> = scopes::facts(cx.db, &ids)?.into_iter().map(|f| (f.id, f)).collect();
    Ok(rows
        .into_iter()
        .filter(|row| !hidden.contains(&row.draw_id))
        .filter_map(|row| Some(Drawn { subject: facts.get(&row.subject_id)?.clone(), row }))
        .collect())
}
