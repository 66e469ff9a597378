//! Who could take a vacant seat, what keeps the others away, and where help could come from.

use super::cx::Cx;
use super::input::{self, EVER};
use super::inspections::parts;
use super::visits::Whole;
use crate::domain::planning::input::{TeamMode, UnitKind};
use crate::domain::planning_state::{Post, Seat as SeatState};
use crate::domain::rotation::{self, Officer};
use crate::domain::seat_draw::{Bar, Person, Record};
use crate::error::Result;
use crate::exchange::words;
use crate::ids::Id;
use crate::store::inspectors::Inspector;
use crate::store::visits::{self, Seat};
use crate::store::{county, departments, replacements};
use chrono::NaiveDate;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Who could take a seat, and what keeps the others.
pub(super) struct Pool {
    pub(super) people: Vec<Person>,
    pub(super) rows: HashMap<String, Inspector>,
    pub(super) mode: TeamMode,
    pub(super) stays: Vec<(UnitKind, String)>,
}

impl Pool {
    pub(super) fn read(
        cx: &mut Cx<'_>,
        whole: &Whole,
        old: &Seat,
        day: NaiveDate,
        reserve: bool,
    ) -> Result<Self> {
        let rules = input::rules(cx)?;
        let mut pool = county::inspectors_of(cx.db, &[old.department_id])?;
        pool.retain(|p| p.state == "active" || p.id == old.inspector_id);
        let facts = Facts::read(cx, whole, &pool, day, rules.travel_minutes, rules.slot_minutes)?;
        let stays: Vec<&Inspector> = whole
            .team
            .iter()
            .filter(|(s, _)| s.id != old.id && s.department_id == old.department_id)
            .map(|(_, p)| p)
            .collect();
        let experts = old.role == Post::Expert.as_str();
        let needed: BTreeSet<String> = whole
            .tasks
            .iter()
            .filter(|(t, _)| experts || t.department_id == old.department_id)
            .map(|(_, i)| if experts { text_of(&i.details.0, "expert") } else { i.qualification.clone() })
            .filter(|q| !q.is_empty())
            .collect();
        // Only what the team had through the one who leaves must come back with the newcomer.
        let missing: Vec<String> = needed
            .into_iter()
            .filter(|q| facts.holds(old.inspector_id, q) && !stays.iter().any(|p| facts.holds(p.id, q)))
            .collect();
        let before: HashSet<Id> = visits::seats_of(cx.db, &[whole.visit.id])?
            .iter()
            .filter(|s| s.state == SeatState::Vacated.as_str() && s.draw_ref.starts_with("replacement="))
            .map(|s| s.inspector_id)
            .chain(
                replacements::of_visit(cx.db, whole.visit.id)?
                    .iter()
                    .filter(|r| r.state == "redrawn")
                    .map(|r| r.inspector_id),
            )
            .collect();
        let listed = listed(cx, whole, old.department_id)?;
        let bar = |p: &Inspector| {
            if p.id == old.inspector_id {
                Some(Bar::Leaving)
            } else if whole.team.iter().any(|(s, _)| s.inspector_id == p.id) {
                Some(Bar::OnTeam)
            } else if before.contains(&p.id) {
                Some(Bar::Replaced)
            } else if p.reserve && !reserve {
                Some(Bar::Reserve)
            } else if !p.reserve && listed.as_ref().is_some_and(|l| !l.contains(&p.id)) {
                Some(Bar::NotListed)
            } else {
                facts.bar(p, &rules.base_qualification, experts || p.expert, &missing)
            }
        };
        let unit = |p: &Inspector| (words::unit_kind(&p.unit_type, &p.unit), p.unit.clone());
        let mut people: Vec<Person> = pool
            .iter()
            .map(|p| {
                let (kind, unit) = unit(p);
                Person { code: p.code.clone(), bar: bar(p), kind, unit }
            })
            .collect();
        if cx.rules.procedure.rotate && !experts {
            let there: HashSet<Id> = visits::last_teams(cx.db, &[whole.visit.subject_id])?
                .into_iter()
                .map(|(_, inspector)| inspector)
                .collect();
            let officers: Vec<Officer> = pool
                .iter()
                .zip(&people)
                .filter(|(_, person)| person.bar.is_none())
                .map(|(p, _)| Officer { was_there: there.contains(&p.id), can_lead: p.can_lead })
                .collect();
            if rotation::applies(&officers, 1) {
                for (p, person) in pool.iter().zip(&mut people) {
                    if person.bar.is_none() && there.contains(&p.id) {
                        person.bar = Some(Bar::LastTime);
                    }
                }
            }
        }
        let binds = !experts && rules.min_per_dept >= 2;
        Ok(Self {
            people,
            mode: if binds { rules.team_mode } else { TeamMode::Bureau },
            stays: stays.into_iter().map(unit).collect(),
            rows: pool.into_iter().map(|p| (p.code.clone(), p)).collect(),
        })
    }
}

fn text_of(details: &Value, key: &str) -> String {
    details.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The people whom the department put forward for the joint inspections of the visit; none: everybody.
fn listed(cx: &mut Cx<'_>, whole: &Whole, department: Id) -> Result<Option<HashSet<Id>>> {
    let own: Vec<Option<Id>> = whole
        .tasks
        .iter()
        .filter(|(t, _)| t.department_id == department)
        .map(|(t, _)| t.inspection_id)
        .collect();
    let inspections: BTreeSet<Id> = own.iter().flatten().copied().collect();
    let rows = county::people_of(cx.db, &inspections.iter().copied().collect::<Vec<_>>())?;
    let mut lists: BTreeMap<Id, HashSet<Id>> = BTreeMap::new();
    for r in rows.iter().filter(|r| r.department_id == department) {
        lists.entry(r.inspection_id).or_default().insert(r.inspector_id);
    }
    if own.is_empty() || own.iter().any(|i| i.is_none_or(|i| !lists.contains_key(&i))) {
        return Ok(None);
    }
    Ok(Some(lists.into_values().flatten().collect()))
}

/// What is known about people on a day.
struct Facts {
    held: HashMap<Id, HashSet<String>>,
    away: HashSet<Id>,
    recused: HashSet<Id>,
    /// Stretches of the day that are taken, and minutes.
    taken: HashMap<Id, (Vec<(i32, i32)>, i32)>,
    span: (i32, i32),
    minutes: i32,
}

impl Facts {
    fn read(
        cx: &mut Cx<'_>,
        whole: &Whole,
        pool: &[Inspector],
        day: NaiveDate,
        travel: u32,
        slot: u32,
    ) -> Result<Self> {
        let ids: Vec<Id> = pool.iter().map(|p| p.id).chain(whole.team.iter().map(|(_, p)| p.id)).collect();
        let (travel, slot) = (i32::try_from(travel).unwrap_or(0), i32::try_from(slot).unwrap_or(30).max(1));
        let stretch = |start: i32, minutes: i32| (start, start + (minutes + travel + slot - 1) / slot * slot);
        let mut held: HashMap<Id, HashSet<String>> = HashMap::new();
        for c in county::certificates(cx.db, &ids)? {
            if c.valid_from.unwrap_or(EVER.0) <= day && day <= c.valid_to.unwrap_or(EVER.1) {
                held.entry(c.inspector_id).or_default().insert(c.qual);
            }
        }
        let leave = county::leaves(cx.db, &ids)?;
        let away = leave
            .into_iter()
            .filter(|l| l.from_day <= day && day <= l.to_day)
            .map(|l| l.inspector_id)
            .collect();
        let mut recused: HashSet<Id> = county::recusals_of(cx.db, &[whole.visit.subject_id])?
            .into_iter()
            .filter(|r| input::blocks(&r.state))
            .map(|r| r.inspector_id)
            .collect();
        // Nor does anybody inspect what he drew.
        for inspection in
            whole.tasks.iter().filter_map(|(task, _)| task.inspection_id).collect::<HashSet<_>>()
        {
            recused.extend(parts::operators(cx, inspection)?);
        }
        let mut taken: HashMap<Id, (Vec<(i32, i32)>, i32)> = HashMap::new();
        for (seat, visit) in visits::bookings(cx.db, &ids, day, day)? {
            if visit.id == whole.visit.id {
                continue;
            }
            let entry = taken.entry(seat.inspector_id).or_default();
            entry.0.extend(visit.start_minute.map(|s| stretch(s, visit.minutes)));
            entry.1 += visit.minutes + travel;
        }
        let start = whole.visit.start_minute.unwrap_or(0);
        Ok(Self {
            held,
            away,
            recused,
            taken,
            span: stretch(start, whole.visit.minutes),
            minutes: whole.visit.minutes + travel,
        })
    }

    fn holds(&self, person: Id, qual: &str) -> bool {
        self.held.get(&person).is_some_and(|h| h.contains(qual))
    }

    fn bar(&self, p: &Inspector, base: &str, expert: bool, missing: &[String]) -> Option<Bar> {
        let taken = self.taken.get(&p.id);
        let meets = |s: &(i32, i32)| s.0 < self.span.1 && self.span.0 < s.1;
        if self.recused.contains(&p.id) {
            Some(Bar::Recused)
        } else if self.away.contains(&p.id) {
            Some(Bar::OnLeave)
        } else if !expert && !self.holds(p.id, base) {
            Some(Bar::NotCertified)
        } else if missing.iter().any(|q| !self.holds(p.id, q)) {
            Some(Bar::LacksQualification)
        } else if taken.is_some_and(|t| t.0.iter().any(meets)) {
            Some(Bar::Busy)
        } else if taken.map_or(0, |t| t.1) + self.minutes > p.daily_minutes {
            Some(Bar::Minutes)
        } else {
            None
        }
    }
}

/// Everything that keeps people away, and where help could come from.
pub(super) fn nobody(
    cx: &mut Cx<'_>,
    whole: &Whole,
    old: &Seat,
    drawn: &Record,
    day: NaiveDate,
) -> Result<String> {
    let mut counts: BTreeMap<Bar, usize> = BTreeMap::new();
    drawn.excluded.iter().for_each(|e| *counts.entry(e.reason).or_default() += 1);
    let each: Vec<String> = counts.iter().map(|(bar, n)| format!("{}{n}人", bar.words())).collect();
    let mut help = Vec::new();
    if let Some(n) = counts.get(&Bar::Reserve) {
        help.push(format!("启用本部门后备库({n}人)后再补抽"));
    }
    let region = whole.visit.region.clone();
    let offices = departments::all(cx.db, &region)?;
    let kind = offices.iter().find(|d| d.id == old.department_id).map(|d| d.kind.clone()).unwrap_or_default();
    let others: Vec<_> = offices
        .iter()
        .filter(|d| d.id != old.department_id && d.kind == kind && d.state == "active")
        .collect();
    let ids: Vec<Id> = others.iter().map(|d| d.id).collect();
    let mut people = county::inspectors_of(cx.db, &ids)?;
    people.retain(|p| p.state == "active");
    let rules = input::rules(cx)?;
    let facts = Facts::read(cx, whole, &people, day, rules.travel_minutes, rules.slot_minutes)?;
    let expert = old.role == Post::Expert.as_str();
    let mut free: Vec<(usize, &str)> = others
        .iter()
        .map(|d| {
            let able = |p: &&Inspector| {
                p.department_id == d.id
                    && whole.team.iter().all(|(s, _)| s.inspector_id != p.id)
                    && facts.bar(p, &rules.base_qualification, expert, &[]).is_none()
            };
            (people.iter().filter(able).count(), d.name.as_str())
        })
        .filter(|(n, _)| *n > 0)
        .collect();
    free.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    if !free.is_empty() {
        let named: Vec<String> = free.iter().take(3).map(|(n, name)| format!("{name}({n}人可用)")).collect();
        help.push(format!("商请相邻部门支援:{}", named.join("、")));
    }
    help.push("由协调办重新安排本次入企的日期".to_owned());
    let why = if each.is_empty() { "本部门没有在册人员".to_owned() } else { each.join("、") };
    Ok(format!("{day}没有人可以补入:{why}。建议:{}", help.join(";")))
}
