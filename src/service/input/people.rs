//! Departments and people: who can go, when, and to whom not.

use super::work::Work;
use super::{EVER, LAST_TIME, NOT_LISTED, OPERATOR, Period, blocks, small};
use crate::domain::planning::input::{Busy, Department, Inspector, Leave, PoolKind, Qualification, Recusal};
use crate::domain::rotation::{self, Officer};
use crate::error::Result;
use crate::exchange::words;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::parts;
use crate::store::{county, inspectors, visits};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeSet, HashMap, HashSet};

impl Work {
    pub(super) fn people(&mut self, cx: &mut Cx<'_>, period: &Period) -> Result<()> {
        let experts = self.loaded.input.items.iter().any(|i| !i.expert.is_empty());
        let mut wanted: BTreeSet<Id> =
            self.asked.values().flat_map(|(_, by)| by.iter().map(|(d, _)| *d)).collect();
        if experts {
            let pools = self.departments.values().filter(|d| d.kind == "expert_pool" && d.state == "active");
            wanted.extend(pools.map(|d| d.id));
        }
        for id in &wanted {
            let Some(row) = self.departments.get(id) else { continue };
            self.loaded.names.departments.insert(row.code.clone(), row.id);
            self.loaded.input.departments.push(Department {
                id: row.code.clone(),
                uscc: row.uscc.clone(),
                name: row.name.clone(),
                level: row.level.clone(),
                division: row.division.clone(),
                pool: if row.kind == "expert_pool" { PoolKind::Experts } else { PoolKind::Officers },
                rank: small(row.rank),
            });
        }
        let wanted: Vec<Id> = wanted.into_iter().collect();
        let mut people = county::inspectors_of(cx.db, &wanted)?;
        people.retain(|p| p.state == "active" && !p.reserve);
        let ids: Vec<Id> = people.iter().map(|p| p.id).collect();
        let codes: HashMap<Id, String> = people.iter().map(|p| (p.id, p.code.clone())).collect();
        let travel = self.loaded.input.rules.travel_minutes;
        let year = period.first_day.year();
        let (from, to) = (
            NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(period.first_day).min(period.first_day),
            NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(period.to).max(period.to),
        );
        let mut load: HashMap<Id, u32> = HashMap::new();
        for (seat, visit) in visits::bookings(cx.db, &ids, from, to)? {
            let (Some(day), Some(start), Some(code)) =
                (visit.on_day, visit.start_minute, codes.get(&seat.inspector_id))
            else {
                continue;
            };
            if period.movable.contains(&visit.id) {
                continue;
            }
            let minutes = small(visit.minutes) + travel;
            if day.year() == year {
                *load.entry(seat.inspector_id).or_default() += minutes;
            }
            if day >= period.first_day && day <= period.to {
                let span = (small(start), small(start) + minutes);
                self.loaded.input.busy.push(Busy { person_id: code.clone(), date: day, span, minutes });
            }
        }
        for p in &people {
            let department = self.departments.get(&p.department_id);
            let expert = p.expert || department.is_some_and(|d| d.kind == "expert_pool");
            self.loaded.names.inspectors.insert(p.code.clone(), p.id);
            self.loaded.input.inspectors.push(Inspector {
                id: p.code.clone(),
                name: p.name.clone(),
                sex: p.sex.clone(),
                dept_id: department.map_or(String::new(), |d| d.code.clone()),
                unit_type: p.unit_type.clone(),
                unit_kind: words::unit_kind(&p.unit_type, &p.unit),
                unit: p.unit.clone(),
                post: if expert { PoolKind::Experts } else { PoolKind::Officers },
                cert_no: p.cert_no.clone(),
                daily_minutes: small(p.daily_minutes),
                can_lead: p.can_lead,
                load0: small(p.load0) + load.get(&p.id).copied().unwrap_or(0),
            });
        }
        self.absences(cx, period, &ids, &codes)?;
        self.recusals(cx, &people, &codes)?;
        if cx.rules.procedure.rotate {
            self.rotation(cx, period, &people)?;
        }
        Ok(())
    }

    /// Those who were at a subject the last time, where their department can send others.
    fn rotation(&mut self, cx: &mut Cx<'_>, period: &Period, people: &[inspectors::Inspector]) -> Result<()> {
        let subject_ids: Vec<Id> = self.subjects.keys().copied().collect();
        let mut there: HashMap<Id, BTreeSet<Id>> = HashMap::new();
        for (subject, inspector) in visits::last_teams(cx.db, &subject_ids)? {
            there.entry(subject).or_default().insert(inspector);
        }
        if there.is_empty() {
            return Ok(());
        }
        let input = &self.loaded.input;
        let certified: HashSet<&str> = input
            .qualifications
            .iter()
            .filter(|q| q.qual == input.rules.base_qualification)
            .filter(|q| q.from <= period.to && q.to >= period.first_day)
            .map(|q| q.person_id.as_str())
            .collect();
        let barred: HashSet<(&str, &str)> =
            input.recusals.iter().map(|r| (r.subject.as_str(), r.person_id.as_str())).collect();
        let mut needed: HashMap<(&str, &str), u32> = HashMap::new();
        for t in &input.tasks {
            let most =
                needed.entry((t.subject.as_str(), t.dept_id.as_str())).or_insert(input.rules.min_per_dept);
            *most = t.people.max(*most);
        }
        let mut away = Vec::new();
        for (key, (subject, by)) in &self.asked {
            let Some(there) = there.get(subject) else { continue };
            for department in by.iter().map(|(d, _)| *d).collect::<BTreeSet<_>>() {
                let code = self.departments.get(&department).map_or("", |d| d.code.as_str());
                let able: Vec<&inspectors::Inspector> = people
                    .iter()
                    .filter(|p| p.department_id == department && !p.expert)
                    .filter(|p| certified.contains(p.code.as_str()))
                    .filter(|p| !barred.contains(&(key.as_str(), p.code.as_str())))
                    .collect();
                let officers: Vec<Officer> = able
                    .iter()
                    .map(|p| Officer { was_there: there.contains(&p.id), can_lead: p.can_lead })
                    .collect();
                let least = needed.get(&(key.as_str(), code)).copied().unwrap_or(input.rules.min_per_dept);
                if !rotation::applies(&officers, usize::try_from(least).unwrap_or(usize::MAX)) {
                    continue;
                }
                away.extend(able.iter().filter(|p| there.contains(&p.id)).map(|p| Recusal {
                    person_id: p.code.clone(),
                    subject: key.clone(),
                    reason: LAST_TIME.to_owned(),
                }));
            }
        }
        self.loaded.input.recusals.extend(away);
        Ok(())
    }

    fn absences(
        &mut self,
        cx: &mut Cx<'_>,
        period: &Period,
        ids: &[Id],
        codes: &HashMap<Id, String>,
    ) -> Result<()> {
        for c in county::certificates(cx.db, ids)? {
            let Some(code) = codes.get(&c.inspector_id) else { continue };
            self.loaded.input.qualifications.push(Qualification {
                person_id: code.clone(),
                qual: c.qual,
                qual_name: c.qual_name,
                no: c.no,
                from: c.valid_from.unwrap_or(EVER.0),
                to: c.valid_to.unwrap_or(EVER.1),
            });
        }
        for l in county::leaves(cx.db, ids)? {
            let Some(code) = codes.get(&l.inspector_id) else { continue };
            if l.to_day >= period.first_day && l.from_day <= period.to {
                let (from, to, kind) = (l.from_day, l.to_day, l.kind);
                self.loaded.input.leave.push(Leave { person_id: code.clone(), from, to, kind });
            }
        }
        Ok(())
    }

    /// Recusals that are in force or not decided yet, and those who were not put forward by their departments.
    fn recusals(
        &mut self,
        cx: &mut Cx<'_>,
        people: &[inspectors::Inspector],
        codes: &HashMap<Id, String>,
    ) -> Result<()> {
        let subject_ids: Vec<Id> = self.subjects.keys().copied().collect();
        let mut by_subject: HashMap<Id, Vec<(String, String)>> = HashMap::new();
        for r in county::recusals_of(cx.db, &subject_ids)? {
            if let Some(code) = codes.get(&r.inspector_id)
                && blocks(&r.state)
            {
                by_subject.entry(r.subject_id).or_default().push((code.clone(), r.reason));
            }
        }
        let inspections: Vec<Id> = self.inspections.keys().copied().collect();
        let mut listed: HashMap<(Id, Id), BTreeSet<Id>> = HashMap::new();
        for p in county::people_of(cx.db, &inspections)? {
            listed.entry((p.inspection_id, p.department_id)).or_default().insert(p.inspector_id);
        }
        // Who ran a draw does not inspect what it drew (抽与查相分离), whatever he has become since.
        let mut operators: HashMap<Id, Vec<&String>> = HashMap::new();
        for inspection in &inspections {
            let found = parts::operators(cx, *inspection)?;
            operators.insert(*inspection, found.iter().filter_map(|p| codes.get(p)).collect());
        }
        for (key, (subject, by)) in &self.asked {
            let drawn: BTreeSet<Id> = by.iter().filter_map(|(_, inspection)| *inspection).collect();
            for person_id in drawn.iter().filter_map(|i| operators.get(i)).flatten() {
                self.loaded.input.recusals.push(Recusal {
                    person_id: (*person_id).clone(),
                    subject: key.clone(),
                    reason: OPERATOR.to_owned(),
                });
            }
            for (person_id, reason) in by_subject.get(subject).into_iter().flatten() {
                self.loaded.input.recusals.push(Recusal {
                    person_id: person_id.clone(),
                    subject: key.clone(),
                    reason: reason.clone(),
                });
            }
            for department in by.iter().map(|(d, _)| *d).collect::<BTreeSet<_>>() {
                let lists: Option<Vec<&BTreeSet<Id>>> = by
                    .iter()
                    .filter(|(d, _)| *d == department)
                    .map(|(d, inspection)| inspection.and_then(|i| listed.get(&(i, *d))))
                    .collect();
                let Some(lists) = lists else { continue };
                for p in people.iter().filter(|p| p.department_id == department) {
                    if !lists.iter().any(|l| l.contains(&p.id)) {
                        self.loaded.input.recusals.push(Recusal {
                            person_id: p.code.clone(),
                            subject: key.clone(),
                            reason: NOT_LISTED.to_owned(),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}
