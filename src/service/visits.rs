//! Visits: who may see which, and sending the teams out.

use super::cx::{Cx, Event};
use super::input;
use crate::domain::access::{Action, Role, Scope};
use crate::domain::planning_state::{Post, Seat as SeatState};
use crate::domain::visit_state::{self, Act, State};
use crate::domain::{cap, digest, head_count, inspection};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::caps::{self, CapEntry};
use crate::store::departments::Department;
use crate::store::inspectors::Inspector;
use crate::store::items::Item;
use crate::store::outbox::Mail;
use crate::store::subjects::Subject;
use crate::store::tasks::{self, Task};
use crate::store::types::At;
use crate::store::visits::{self, Seat, Visit, VisitFilter};
use crate::store::{accounts, county, departments, inspections, plannings};
use chrono::Datelike;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// A visit with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The visit.
    pub visit: Visit,
    /// Its subject.
    pub subject: Subject,
    /// The departments that take part, by rank.
    pub departments: Vec<Department>,
    /// Its tasks with their items, by code.
    pub tasks: Vec<(Task, Item)>,
    /// Its seats that count with their people: A post, B post, the others.
    pub team: Vec<(Seat, Inspector)>,
    /// Whether it is part of a preview.
    pub preview: bool,
}

impl Whole {
    fn parts(&self) -> (Vec<Id>, Vec<Id>) {
        let told = State::parse(&self.visit.state).is_some_and(State::is_visible_to_team);
        let assigned = if told && !self.preview {
            self.team.iter().map(|(s, _)| s.inspector_id).collect()
        } else {
            Vec::new()
        };
        let departments =
            if self.preview { Vec::new() } else { self.departments.iter().map(|d| d.id).collect() };
        (departments, assigned)
    }

    fn owner(&self) -> Option<Id> {
        self.visit.lead_department_id.filter(|_| !self.preview)
    }

    /// Refuses what the policy does not allow with this visit.
    ///
    /// # Errors
    /// 403 or 404.
    pub fn may(&self, cx: &Cx<'_>, action: Action) -> Result<()> {
        self.may_of(cx, action, self.owner())
    }

    /// Refuses what the policy does not allow with a thing of this visit that belongs to a department.
    ///
    /// # Errors
    /// 403 or 404.
    pub(super) fn may_of(&self, cx: &Cx<'_>, action: Action, owner: Option<Id>) -> Result<()> {
        let (participants, assigned) = self.parts();
        let scope =
            Scope { region: &self.visit.region, owner, participants: &participants, assigned: &assigned };
        cx.may(action, &scope)
    }
}

/// Adds to visits everything that belongs to them, keeping their order.
///
/// # Errors
/// The database.
pub fn whole(cx: &mut Cx<'_>, rows: Vec<Visit>) -> Result<Vec<Whole>> {
    let ids: Vec<Id> = rows.iter().map(|v| v.id).collect();
    let region = cx.region().to_owned();
    let offices: HashMap<Id, Department> =
        departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d)).collect();
    let subject_ids: Vec<Id> =
        rows.iter().map(|v| v.subject_id).collect::<BTreeSet<_>>().into_iter().collect();
    let subjects: HashMap<Id, Subject> =
        county::subjects(cx.db, &subject_ids)?.into_iter().map(|s| (s.id, s)).collect();
    let plan_ids: BTreeSet<Id> = rows.iter().map(|v| v.planning_id).collect();
    let mut previews: BTreeSet<Id> = BTreeSet::new();
    for id in plan_ids {
        if plannings::need(cx.db, id)?.state == "preview" {
            previews.insert(id);
        }
    }
    let mut takes_part: HashMap<Id, Vec<Department>> = HashMap::new();
    for row in visits::departments_of(cx.db, &ids)? {
        takes_part.entry(row.visit_id).or_default().extend(offices.get(&row.department_id).cloned());
    }
    let links = visits::tasks_of(cx.db, &ids)?;
    let tasks: HashMap<Id, Task> =
        tasks::by_ids(cx.db, &links.iter().map(|l| l.task_id).collect::<Vec<_>>())?
            .into_iter()
            .map(|t| (t.id, t))
            .collect();
    let item_ids: Vec<Id> = tasks.values().map(|t| t.item_id).collect::<BTreeSet<_>>().into_iter().collect();
    let items: HashMap<Id, Item> = county::items(cx.db, &item_ids)?.into_iter().map(|i| (i.id, i)).collect();
    let mut work: HashMap<Id, Vec<(Task, Item)>> = HashMap::new();
    for link in links {
        if let Some(task) = tasks.get(&link.task_id)
            && let Some(item) = items.get(&task.item_id)
        {
            work.entry(link.visit_id).or_default().push((task.clone(), item.clone()));
        }
    }
    let mut seats = visits::seats_of(cx.db, &ids)?;
    seats.retain(|s| s.state != SeatState::Vacated.as_str());
    let people: HashMap<Id, Inspector> = county::inspectors(
        cx.db,
        &seats.iter().map(|s| s.inspector_id).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
    )?
    .into_iter()
    .map(|p| (p.id, p))
    .collect();
    let mut teams: HashMap<Id, Vec<(Seat, Inspector)>> = HashMap::new();
    for seat in seats {
        if let Some(person) = people.get(&seat.inspector_id) {
            teams.entry(seat.visit_id).or_default().push((seat, person.clone()));
        }
    }
    let mut list = Vec::with_capacity(rows.len());
    for visit in rows {
        let Some(subject) = subjects.get(&visit.subject_id).cloned() else { continue };
        let mut departments = takes_part.remove(&visit.id).unwrap_or_default();
        departments.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
        let mut tasks = work.remove(&visit.id).unwrap_or_default();
        tasks.sort_by(|a, b| a.0.code.cmp(&b.0.code));
        let mut team = teams.remove(&visit.id).unwrap_or_default();
        team.sort_by_key(|(s, _)| (Post::parse(&s.role), s.id));
        let preview = previews.contains(&visit.planning_id);
        list.push(Whole { visit, subject, departments, tasks, team, preview });
    }
    Ok(list)
}

/// One visit, if whoever asks may see it: an inspector only once it is dispatched, whatever his station.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Whole> {
    load(cx, id, Action::ViewVisit)
}

/// One visit for an act.
///
/// # Errors
/// Not visible; not allowed.
pub(super) fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Whole> {
    let row =
        visits::get(cx.db, id)?.filter(|v| v.region == cx.actor.region).ok_or(Error::NotFound("入企检查"))?;
    let whole = whole(cx, vec![row])?.pop().ok_or(Error::NotFound("入企检查"))?;
    whole.may(cx, action)?;
    Ok(whole)
}

/// Visits: of the county for the coordination office and overseers, else those in which one's department takes part.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &VisitFilter, after: Option<Id>, limit: i64) -> Result<Vec<Whole>> {
    let region = cx.region().to_owned();
    let mut filter = filter.clone();
    if !cx.can(Action::ViewVisit, &Scope::county(&region)) {
        let own = cx.actor.department.filter(|d| cx.can(Action::ViewVisit, &Scope::of(&region, *d)));
        let Some(own) = own else { return mine(cx, filter.state, after, limit) };
        if filter.department.is_some_and(|d| d != own) || filter.planning.is_some() {
            return Ok(Vec::new());
        }
        filter.department = Some(own);
    }
    let rows = visits::list(cx.db, &region, &filter, after, limit)?;
    whole(cx, rows)
}

/// The dispatched visits on whose teams whoever asks is.
///
/// # Errors
/// The database.
pub fn mine(cx: &mut Cx<'_>, state: Option<String>, after: Option<Id>, limit: i64) -> Result<Vec<Whole>> {
    let Some(inspector) = cx.actor.inspector.filter(|_| cx.actor.roles.has(Role::Inspector)) else {
        return Ok(Vec::new());
    };
    let states = State::ALL.iter().filter(|s| s.is_visible_to_team()).map(|s| s.as_str()).collect();
    let filter =
        VisitFilter { inspector: Some(inspector), states: Some(states), state, ..VisitFilter::default() };
    let region = cx.region().to_owned();
    let rows = visits::list(cx.db, &region, &filter, after, limit)?;
    whole(cx, rows)
}

/// Sends the team of one visit out.
///
/// # Errors
/// Not allowed; not staffed; the notice would be too short (says the earliest day); a cap is used up.
pub fn dispatch(cx: &mut Cx<'_>, id: Id) -> Result<Whole> {
    let whole = load(cx, id, Action::DispatchVisit)?;
    let region = whole.visit.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    let visit = send(cx, &whole)?;
    tell_dispatched(cx, std::slice::from_ref(&whole))?;
    for inspection in inspections_of(&whole) {
        settle_inspection(cx, inspection)?;
    }
    Ok(Whole { visit, ..whole })
}

pub(super) fn inspections_of(whole: &Whole) -> BTreeSet<Id> {
    whole.tasks.iter().filter_map(|(t, _)| t.inspection_id).collect()
}

/// Sends all staffed visits of a joint inspection out; all or none.
///
/// # Errors
/// Not allowed; it is not staffed; what keeps any of its visits back, all of them told.
pub fn dispatch_inspection(cx: &mut Cx<'_>, id: Id) -> Result<Vec<Whole>> {
    let row = inspections::get(cx.db, id)?
        .filter(|i| i.region == cx.actor.region)
        .ok_or(Error::NotFound("联合抽查"))?;
    let scope = Scope::of(&row.region, row.department_id);
    cx.may(Action::ViewInspection, &scope)?;
    cx.may(Action::DispatchVisit, &scope)?;
    let region = row.region.clone();
    county::lock(cx.db, &region, cx.now)?;
    let state = inspection::State::parse(&row.state).ok_or_else(|| Error::internal("inspection state"))?;
    inspection::next(state, inspection::Act::Dispatch).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut rows = visits::of_inspection(cx.db, id)?;
    rows.retain(|v| v.state == State::Staffed.as_str());
    if rows.is_empty() {
        return Err(Error::refused("nothing_to_dispatch", "没有已组队、待派发的入企"));
    }
    let list = whole(cx, rows)?;
    let mut sent = Vec::with_capacity(list.len());
    let mut faults: Vec<(&'static str, String)> = Vec::new();
    for whole in &list {
        match send(cx, whole) {
            Ok(visit) => sent.push(Whole { visit, ..whole.clone() }),
            Err(Error::Refused { code, text, .. }) => {
                faults.push((code, format!("{}:{text}", whole.visit.code)))
            }
            Err(other) => return Err(other),
        }
    }
    if let Some((code, _)) = faults.first() {
        let texts: Vec<&str> = faults.iter().take(50).map(|(_, t)| t.as_str()).collect();
        let text = format!("{}次入企不能派发:{}", faults.len(), texts.join(";"));
        return Err(Error::refused(code, text));
    }
    tell_dispatched(cx, &sent)?;
    let others: BTreeSet<Id> = sent.iter().flat_map(inspections_of).chain(std::iter::once(id)).collect();
    for inspection in others {
        settle_inspection(cx, inspection)?;
    }
    Ok(sent)
}

/// One visit from staffed to dispatched, with its rows in the cap ledger.
fn send(cx: &mut Cx<'_>, whole: &Whole) -> Result<Visit> {
    let old = &whole.visit;
    let state = State::parse(&old.state).ok_or_else(|| Error::internal("visit state"))?;
    let next = visit_state::next(state, Act::Dispatch).map_err(|r| Error::wrong_state(r.state, r.text))?;
    if whole.preview {
        return Err(Error::wrong_state("preview", "预排尚未确认,不能派发"));
    }
    super::replacements::settled(cx, old.id)?;
    let Some(day) = old.on_day else {
        return Err(Error::wrong_state(old.state.clone(), "入企尚无日期"));
    };
    let (people, p) = (whole.team.len(), &cx.rules.procedure);
    let verdict =
        head_count::judge(people, whole.departments.len(), p.people_per_department, p.people_ceiling);
    if verdict == head_count::Verdict::TooMany {
        let text = format!(
            "本次入企共{people}人,超过{}人的上限;请减少各部门人员,或拆分入企后重新排期",
            p.people_ceiling
        );
        return Err(Error::refused("too_many_people", text));
    }
    let today = cx.today();
    if day < today {
        return Err(Error::refused("date_passed", format!("入企日期{day}已过,请重新安排")));
    }
    if old.announced {
        let earliest = input::notice_day(cx)?;
        if day < earliest {
            let days = cx.rules.procedure.notice_days;
            return Err(Error::refused(
                "notice_too_short",
                format!("须提前{days}个工作日告知检查对象,今天派发最早可在{earliest}入企,而本次定于{day}"),
            ));
        }
    }
    let ids: Vec<Id> = whole.tasks.iter().map(|(t, _)| t.id).collect();
    let notes = tasks::singles(cx.db, &ids)?;
    let exempt = |t: &Task| notes.iter().find(|n| n.task_id == t.id && !n.cause.is_empty());
    for department in &whole.departments {
        let own: Vec<&Task> =
            whole.tasks.iter().map(|(t, _)| t).filter(|t| t.department_id == department.id).collect();
        // One planned task makes it a planned check, whatever else is done behind the same door.
        let cause =
            if own.iter().all(|t| exempt(t).is_some()) { own.iter().find_map(|t| exempt(t)) } else { None };
        if cause.is_none() {
            super::tasks::check_cap(cx, department.id, old.subject_id, day.year(), Some(old.id))?;
        }
        let entry = CapEntry {
            id: cx.id()?,
            region: old.region.clone(),
            department_id: department.id,
            subject_id: old.subject_id,
            year: day.year(),
            on_day: day,
            visit_id: Some(old.id),
            cause: cause.map_or("planned", |c| c.cause.as_str()).to_owned(),
            counted: cause.is_none(),
            note: old.code.clone(),
            created_at: At(cx.now),
        };
        debug_assert!(entry.counted || cap::Exemption::parse(&entry.cause).is_some());
        caps::insert(cx.db, &entry)?;
    }
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.dispatched_at = Some(At(cx.now));
    row.version += 1;
    row.updated_at = At(cx.now);
    visits::transition(cx.db, &row, &old.state, old.version)?;
    super::results::on_site::open(cx, &row)?;
    cx.journal(Event::new(
        "visit_dispatched",
        "visit",
        row.id,
        json!({ "day": day.to_string(), "seats": whole.team.len(), "announced": row.announced }),
    ))?;
    Ok(row)
}

/// A staffed inspection is dispatched when all its visits are; those without a team keep it back.
fn settle_inspection(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    let row = inspections::need(cx.db, id)?;
    if row.state != inspection::State::Staffed.as_str() {
        return Ok(());
    }
    let all = visits::of_inspection(cx.db, id)?;
    if all.iter().any(|v| v.state == State::Staffed.as_str()) {
        return Ok(());
    }
    super::plannings::inspection_step(cx, id, inspection::Act::Dispatch)?;
    let begun = [State::InProgress, State::Obstructed, State::Done].map(State::as_str);
    if all.iter().any(|v| begun.contains(&v.state.as_str())) {
        super::plannings::inspection_step(cx, id, inspection::Act::Begin)?;
    }
    Ok(())
}

fn clock(visit: &Visit) -> String {
    match (visit.on_day, visit.start_minute) {
        (Some(day), Some(m)) => format!("{day} {:02}:{:02}", m / 60, m % 60),
        _ => "时间待定".to_owned(),
    }
}

/// A visit in a mail: an unannounced one names neither subject nor address, for mail is read by many.
pub(super) fn line(whole: &Whole) -> String {
    let mut text = format!("{} {}", whole.visit.code, clock(&whole.visit));
    if whole.visit.announced {
        let s = &whole.subject;
        let _ = write!(text, " {}({}{})", s.name, s.town, s.address);
    } else {
        text.push_str(" 突击检查(对象和地点请登录系统查看)");
    }
    let names: Vec<&str> = whole.departments.iter().map(|d| d.name.as_str()).collect();
    let _ = write!(text, " 参检部门:{}", names.join("、"));
    text
}

/// One mail for each inspector with all his visits, and one for each department; only of what takes place before the
/// daily digest would tell of it (`papers::digest`), which tells of all others.
pub(super) fn tell_dispatched(cx: &mut Cx<'_>, list: &[Whole]) -> Result<()> {
    let hour = cx.rules.papers.digest_hour;
    let soon = |w: &&Whole| w.visit.on_day.is_some_and(|on| digest::at_once(cx.now, on, hour));
    let urgent: Vec<Whole> = list.iter().filter(soon).cloned().collect();
    tell(cx, &urgent, "visits_dispatched", "入企检查派遣", "您被派往以下入企检查")
}

/// Tells those who are on the teams of dispatched visits that these have changed.
pub(super) fn tell_changed(cx: &mut Cx<'_>, list: &[Whole]) -> Result<()> {
    tell(cx, list, "visits_changed", "入企检查变更", "以下入企检查的人员、时间或事项有变更")
}

/// Tells the team of a dispatched visit that it does not take place, or the people of one department that it takes place
/// without them. To be called while they still have their seats.
pub(super) fn tell_cancelled(cx: &mut Cx<'_>, visit: &Visit, department: Option<Id>) -> Result<()> {
    let mut seats = visits::seats_of(cx.db, &[visit.id])?;
    let assigned = SeatState::Assigned.as_str();
    seats.retain(|s| s.state == assigned && department.is_none_or(|d| d == s.department_id));
    seats.sort_by_key(|s| s.id);
    let people = county::inspectors(cx.db, &seats.iter().map(|s| s.inspector_id).collect::<Vec<_>>())?;
    let what = if department.is_some() { "不再需要本部门参加" } else { "已取消" };
    for (inspector, user, recipient) in county::addresses(cx.db, &people)? {
        cx.mail(Mail {
            kind: "visit_cancelled",
            recipient,
            user,
            subject: format!("入企检查取消:{}", visit.code),
            body: format!("{} {} 的入企检查{what}。", visit.code, clock(visit)),
            object: Some(visit.id),
            // Sent out again and called off again, it is another mail.
            dedupe: format!("visit_cancelled:{}.{}:{inspector}", visit.id, visit.version),
        })?;
    }
    Ok(())
}

fn tell(cx: &mut Cx<'_>, list: &[Whole], kind: &'static str, title: &str, opening: &str) -> Result<()> {
    let mut by_person: BTreeMap<Id, Vec<&Whole>> = BTreeMap::new();
    let mut people: BTreeMap<Id, Inspector> = BTreeMap::new();
    let mut by_department: BTreeMap<Id, Vec<&Whole>> = BTreeMap::new();
    for whole in list {
        for (seat, person) in &whole.team {
            by_person.entry(seat.inspector_id).or_default().push(whole);
            people.entry(person.id).or_insert_with(|| person.clone());
        }
        for department in &whole.departments {
            by_department.entry(department.id).or_default().push(whole);
        }
    }
    let link = cx.rules.mail.link.clone();
    let body = |opening: &str, visits: &[&Whole]| {
        let mut visits = visits.to_vec();
        visits.sort_by_key(|w| (w.visit.on_day, w.visit.start_minute));
        let lines: Vec<String> = visits.iter().map(|w| line(w)).collect();
        format!("{opening}:\n\n{}\n\n详情请登录系统查看:{link}\n", lines.join("\n"))
    };
    // The versions make the key: sent again after a change, it is another mail.
    let stamp = |visits: &[&Whole]| {
        let mut keys: Vec<String> =
            visits.iter().map(|w| format!("{}.{}", w.visit.id, w.visit.version)).collect();
        keys.sort_unstable();
        hex::encode(&<sha2::Sha256 as sha2::Digest>::digest(keys.join(","))[..16])
    };
    let people: Vec<Inspector> = people.into_values().collect();
    for (inspector, user, recipient) in county::addresses(cx.db, &people)? {
        let Some(visits) = by_person.get(&inspector) else { continue };
        let mail = Mail {
            kind,
            recipient,
            user,
            subject: format!("{title}:{}次入企", visits.len()),
            body: body(opening, visits),
            object: None,
            dedupe: format!("{kind}:{inspector}:{}", stamp(visits)),
        };
        cx.mail(mail)?;
    }
    for (department, visits) in &by_department {
        for account in
            accounts::addressees(cx.db, *department, &[Role::DepartmentClerk, Role::DepartmentHead])?
        {
            let mail = Mail {
                kind,
                recipient: account.email,
                user: Some(account.id),
                subject: format!("{title}:本部门参加的{}次入企", visits.len()),
                body: body("本部门参加的入企检查", visits),
                object: None,
                dedupe: format!("{kind}:{}:{}", account.id, stamp(visits)),
            };
            cx.mail(mail)?;
        }
    }
    Ok(())
}
