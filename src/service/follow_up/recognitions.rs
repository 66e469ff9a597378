//! 检查结果互认: tasks that another department has done already, lately and without a problem, are offered as done; the clerk
//! recognises the result, and nobody visits the business again.

use super::{go, state_of, whose};
use crate::domain::access::{Action, Scope};
use crate::domain::recognition::{Matter, may_recognise, since};
use crate::domain::task_state::{self as life, Act};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::{results, shrink, tasks as task_service};
use crate::store::county;
use crate::store::items::Item;
use crate::store::mailings::Recognition;
use crate::store::mailings::recognitions::{self as rows, Known};
use crate::store::tasks::{self, Task, TaskFilter};
use crate::store::types::At;
use crate::store::visits;
use chrono::NaiveDate;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A task, and the results of other departments that may be recognised for it, the newest first.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The task.
    pub task: Task,
    /// What is known.
    pub known: Vec<Known>,
}

/// Tasks read at once while looking for offers.
const CHUNK: i64 = 1_000;

fn wanted(item: &Item) -> Matter {
    Matter {
        item: item.id,
        claimed_from: item.claimed_from,
        group: item.equivalence_group.clone(),
        department: item.department_id,
    }
}

fn found(known: &Known) -> Matter {
    Matter {
        item: known.result.item_id,
        claimed_from: known.claimed_from,
        group: known.group.clone(),
        department: known.result.department_id,
    }
}

fn offers_for(cx: &mut Cx<'_>, list: Vec<Task>) -> Result<Vec<Offer>> {
    let (today, days) = (cx.today(), cx.rules.follow_up.recognise_days);
    let subjects: BTreeSet<Id> = list.iter().map(|t| t.subject_id).collect();
    let subjects: Vec<Id> = subjects.into_iter().collect();
    let mut by_subject: BTreeMap<Id, Vec<Known>> = BTreeMap::new();
    for known in rows::known(cx.db, &subjects, since(today, days))? {
        if known.result.region == cx.actor.region {
            by_subject.entry(known.result.subject_id).or_default().push(known);
        }
    }
    let ids: BTreeSet<Id> = list.iter().map(|t| t.item_id).collect();
    let items: HashMap<Id, Item> =
        county::items(cx.db, &ids.into_iter().collect::<Vec<_>>())?.into_iter().map(|i| (i.id, i)).collect();
    let mut offers = Vec::new();
    for task in list {
        let Some(item) = items.get(&task.item_id).map(wanted) else { continue };
        let mut known: Vec<Known> = by_subject.get(&task.subject_id).cloned().unwrap_or_default();
        known.retain(|k| {
            let outcomes = results::outcomes(&k.result);
            may_recognise(&item, &found(k), &outcomes, k.end_day, today, days)
        });
        offers.push(Offer { task, known });
    }
    Ok(offers)
}

/// Those of these tasks that nobody has been sent out for: they wait to be arranged, or are in a visit whose team does not
/// know of it yet.
fn not_sent(cx: &mut Cx<'_>, mut list: Vec<Task>) -> Result<Vec<Task>> {
    let planned = |t: &Task| t.state == life::State::Planned.as_str();
    let ids: Vec<Id> = list.iter().filter(|t| planned(t)).map(|t| t.id).collect();
    let open: BTreeSet<Id> = visits::states_of_tasks(cx.db, &ids)?
        .into_iter()
        .filter(|(_, state)| shrink::OPEN.contains(&state.as_str()))
        .map(|(task, _)| task)
        .collect();
    list.retain(|t| t.state == life::State::Ready.as_str() || (planned(t) && open.contains(&t.id)));
    Ok(list)
}

/// What may be recognised for one task; nothing once its team was sent out.
///
/// # Errors
/// Not visible.
pub fn offer(cx: &mut Cx<'_>, task: Id) -> Result<Offer> {
    let task = task_service::get(cx, task)?;
    if not_sent(cx, vec![task.clone()])?.is_empty() {
        return Ok(Offer { task, known: Vec::new() });
    }
    offers_for(cx, vec![task])?.pop().ok_or(Error::NotFound("任务"))
}

/// The tasks that nobody has been sent out for and that need not be done, of one's department or for the coordination office and
/// overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn offers(
    cx: &mut Cx<'_>,
    department: Option<Id>,
    inspection: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Offer>> {
    let Some(department) = whose(cx, Action::ViewTask, department)? else { return Ok(Vec::new()) };
    let region = cx.region().to_owned();
    let states = Some(vec![life::State::Ready.as_str(), life::State::Planned.as_str()]);
    let filter = TaskFilter { department, inspection, states, ..TaskFilter::default() };
    let (mut after, mut list) = (after, Vec::new());
    let most = usize::try_from(limit).unwrap_or(0);
    while list.len() < most {
        let chunk = tasks::list(cx.db, &region, &filter, after, CHUNK)?;
        let last = i64::try_from(chunk.len()).is_ok_and(|n| n < CHUNK);
        after = chunk.last().map(|t| t.id);
        let chunk = not_sent(cx, chunk)?;
        list.extend(offers_for(cx, chunk)?.into_iter().filter(|o| !o.known.is_empty()));
        if last {
            break;
        }
    }
    list.truncate(most);
    Ok(list)
}

/// Recognises a result for a task of one's own department: the task is done without a visit. A visit that it was planned
/// into loses it, and falls away with its last task.
///
/// # Errors
/// Not allowed; the task is done or cancelled, or its team was sent out; a result that is not offered; no reason.
pub fn recognise(cx: &mut Cx<'_>, id: Id, result: Id, reason: &str) -> Result<Recognition> {
    let seen = task_service::get(cx, id)?;
    cx.may(Action::RecogniseResult, &Scope::of(&seen.region, seen.department_id))?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 1_000);
    faults.done()?;
    let region = seen.region.clone();
    // A planning run must not take the task meanwhile.
    county::lock(cx.db, &region, cx.now)?;
    let old = tasks::need(cx.db, id)?;
    let next = go(life::next(state_of(&old.state)?, Act::Recognise))?;
    if let Some(visit) = visits::of_task(cx.db, id)?.filter(|v| !shrink::OPEN.contains(&v.state.as_str())) {
        return Err(Error::wrong_state(visit.state, "入企检查已派发,不能再以结果互认代替"));
    }
    let offer = offer(cx, id)?;
    let Some(known) = offer.known.iter().find(|k| k.result.id == result) else {
        let days = cx.rules.follow_up.recognise_days;
        let text = format!("只能采用其他部门{days}天内对同一对象、同一或等价事项“未发现问题”的公示结果");
        return Err(Error::field("/result_id", "not_offered", text));
    };
    shrink::lose_task(cx, id, "result recognised")?;
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.planning_id = None;
    row.version += 1;
    row.updated_at = At(cx.now);
    tasks::transition(cx.db, &row, &old.state, old.version)?;
    let recognition = Recognition {
        id: cx.id()?,
        region,
        task_id: id,
        department_id: old.department_id,
        subject_id: old.subject_id,
        result_id: result,
        inspection_id: old.inspection_id,
        end_day: known.end_day,
        reason,
        user_id: cx.user()?,
        on_day: cx.today(),
        created_at: At(cx.now),
    };
    rows::insert(cx.db, &recognition)?;
    let data = json!({
        "task": id.to_string(), "result": result.to_string(), "department": old.department_id.to_string(),
        "verified_by": known.result.department_id.to_string(), "end_day": known.end_day.to_string(),
    });
    let event = Event::new("result_recognised", "task", id, data);
    cx.journal(event.private(json!({ "reason": recognition.reason })))?;
    // It may have been the last that was waited for.
    if let Some(inspection) = old.inspection_id {
        results::finish::close(cx, inspection)?;
    }
    Ok(recognition)
}

/// Recognitions of one's department, or for the coordination office and overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    department: Option<Id>,
    period: (Option<NaiveDate>, Option<NaiveDate>),
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Recognition>> {
    let Some(department) = whose(cx, Action::ViewTask, department)? else { return Ok(Vec::new()) };
    let region = cx.region().to_owned();
    rows::list(cx.db, &region, department, period, after, limit)
}

/// Visits that did not take place because results were recognised, by department: for the figures of the oversight.
///
/// # Errors
/// Not allowed.
pub fn avoided(cx: &mut Cx<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<(Id, i64)>> {
    let own = whose(cx, Action::ViewTask, None)?.flatten();
    let region = cx.region().to_owned();
    let mut list = rows::avoided(cx.db, &region, from, to)?;
    list.retain(|(department, _)| own.is_none_or(|d| d == *department));
    Ok(list)
}
