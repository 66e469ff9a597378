//! The engine's tables from the county's: what a planning run works on, and which tasks cannot enter it and why.

use super::cx::Cx;
use super::inspections::parts;
use crate::domain::cap::{self, Entry, Exemption};
use crate::domain::planning::input::{
    Busy, CalendarDay, CheckMode, Department, Input, Inspector, Item, Leave, Notice, PoolKind, Qualification,
    Recusal, Rules, Season, Subject, Task,
};
use crate::error::{Error, Result};
use crate::exchange::{words, workdays};
use crate::ids::Id;
use crate::store::plannings::{self, PlanningRule};
use crate::store::{county, departments, inspections, inspectors, items, subjects, tasks, visits};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// What could not be merged or staffed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blocker {
    /// `item_not_published`, `subject_inactive`, `department_inactive`, `cap_reached`, `notice_too_short`,
    /// `pin_outside_window`, `no_day`, `unstaffed` or `not_merged`.
    pub kind: String,
    /// Code of the visit; empty for a task that is in none.
    pub visit: String,
    /// Key of the subject.
    pub subject_key: String,
    /// Name of the subject.
    pub subject: String,
    /// Codes of the tasks.
    pub tasks: Vec<String>,
    /// Every reason, in Chinese.
    pub why: String,
    /// Changes, each of which is enough by itself, the smallest first.
    pub cures: Vec<String>,
}

/// When, and what stands already.
#[derive(Debug, Clone)]
pub struct Period {
    /// First day on which something may be put.
    pub first_day: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// First day of a visit that must be announced.
    pub notice_day: NaiveDate,
    /// Visits whose people are free for this run: those that are planned again.
    pub movable: BTreeSet<Id>,
    /// Tasks whose business has been told already.
    pub told: BTreeSet<Id>,
}

/// Who and what the codes of the tables are.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Tasks by code.
    pub tasks: HashMap<String, Id>,
    /// Subjects by key; a split subject has one more key per split.
    pub subjects: HashMap<String, Id>,
    /// Inspectors by code.
    pub inspectors: HashMap<String, Id>,
    /// Departments by code.
    pub departments: HashMap<String, Id>,
}

/// How many more planned checks the departments may make.
#[derive(Debug, Clone, Default)]
pub struct Caps {
    /// Planned checks in the year so far, by department and subject.
    pub used: HashMap<(Id, Id), usize>,
    /// The cap of a department, subject and year.
    pub cap: usize,
    /// Codes of tasks that do not count.
    pub exempt: BTreeSet<String>,
}

impl Caps {
    /// Planned checks that are still allowed.
    #[must_use]
    pub fn left(&self, department: Id, subject: Id) -> usize {
        self.cap.saturating_sub(self.used.get(&(department, subject)).copied().unwrap_or(0))
    }
}

/// The tables, and what did not enter them.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The tables, in canonical order.
    pub input: Input,
    /// Tasks that did not enter.
    pub blocked: Vec<Blocker>,
    /// Tasks that need no entry.
    pub off_site: usize,
    /// Who and what.
    pub names: Names,
    /// How often the departments may still come.
    pub caps: Caps,
}

/// The county's rules of planning: the defaults, the number of officers from the settings of the server, and over them
/// the county's setting `planning` (same keys as `config/default.toml`).
///
/// # Errors
/// The database; a setting that is no rule.
pub fn rules(cx: &mut Cx<'_>) -> Result<Rules> {
    let people = cx.rules.procedure.people_per_department;
    let own = Rules { min_per_dept: people, min_total_officers: people.max(2), ..Rules::default() };
    let region = cx.region().to_owned();
    let Some(Value::Object(changes)) = county::setting_value(cx.db, &region, "planning")? else {
        return Ok(own);
    };
    let mut all = serde_json::to_value(&own).map_err(|e| Error::internal(&e))?;
    for (key, value) in changes {
        all[key] = value;
    }
    serde_json::from_value(all)
        .map_err(|e| Error::refused("bad_planning_setting", format!("县级设置 planning 不合要求:{e}")))
}

/// The working days of the county in a period; days its calendar does not have follow the national table.
///
/// # Errors
/// The database.
pub fn calendar(cx: &mut Cx<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDay>> {
    let region = cx.region().to_owned();
    let known: BTreeMap<NaiveDate, (bool, bool)> =
        county::days(cx.db, &region, from, to)?.into_iter().map(|d| (d.day, (d.workday, d.quiet))).collect();
    let day = |date: NaiveDate| {
        let (workday, quiet) =
            known.get(&date).copied().unwrap_or_else(|| (workdays::built_in().is_workday(date), false));
        CalendarDay { date, workday, quiet }
    };
    Ok(from.iter_days().take_while(|d| *d <= to).map(day).collect())
}

/// The first day on which a visit may be announced today: `notice_days` working days from now, the day of the notice not
/// counted.
///
/// # Errors
/// The database; no such day within a year.
pub fn notice_day(cx: &mut Cx<'_>) -> Result<NaiveDate> {
    let today = cx.today();
    let wanted = cx.rules.procedure.notice_days as usize;
    if wanted == 0 {
        return Ok(today);
    }
    let days = calendar(cx, today, today + chrono::Days::new(366))?;
    days.iter()
        .filter(|d| d.workday && d.date > today)
        .nth(wanted - 1)
        .map(|d| d.date)
        .ok_or_else(|| Error::refused("no_working_day", "一年内没有足够的工作日,请核对日历"))
}

fn index<T>(rows: Vec<T>, id: impl Fn(&T) -> Id) -> HashMap<Id, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn small(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "degrees times a million fit")]
fn millionths(degrees: Option<f64>) -> Option<i32> {
    degrees.filter(|d| d.abs() <= 360.0).map(|d| (d * 1e6).round() as i32)
}

fn check_mode(name: &str) -> CheckMode {
    match name {
        "written" => CheckMode::Written,
        "online" => CheckMode::Online,
        _ => CheckMode::OnSite,
    }
}

fn notice(name: &str) -> Notice {
    match name {
        "unannounced" => Notice::Unannounced,
        "announced" => Notice::Announced,
        _ => Notice::Either,
    }
}

/// The tables for these tasks. Tasks that may not be planned come back as blockers.
///
/// # Errors
/// The database.
pub fn of(cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<Loaded> {
    let mut work = Work::read(cx, period, rows)?;
    work.rules(cx, rows)?;
    work.tasks(cx, period, rows)?;
    work.people(cx, period)?;
    work.loaded.input.calendar = calendar(cx, period.first_day, period.to)?;
    work.loaded.input.sort();
    Ok(work.loaded)
}

/// A subject, and who asks for it: departments with the joint inspections they do it for.
type Asked = (Id, Vec<(Id, Option<Id>)>);

struct Work {
    departments: HashMap<Id, departments::Department>,
    items: HashMap<Id, items::Item>,
    item_ids: HashMap<Id, String>,
    subjects: HashMap<Id, subjects::Subject>,
    inspections: HashMap<Id, inspections::Inspection>,
    pins: Vec<PlanningRule>,
    /// The key under which a subject's tasks stand, with the departments and inspections that ask for it.
    asked: BTreeMap<String, Asked>,
    loaded: Loaded,
}

impl Work {
    fn read(cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<Self> {
        let region = cx.region().to_owned();
        let inspections = distinct(rows.iter().filter_map(|t| t.inspection_id));
        let work = Self {
            departments: index(departments::all(cx.db, &region)?, |d| d.id),
            items: index(county::items(cx.db, &distinct(rows.iter().map(|t| t.item_id)))?, |i| i.id),
            item_ids: HashMap::new(),
            subjects: index(county::subjects(cx.db, &distinct(rows.iter().map(|t| t.subject_id)))?, |s| s.id),
            inspections: index(county::inspections(cx.db, &inspections)?, |i| i.id),
            pins: plannings::active_rules(cx.db, &region)?,
            asked: BTreeMap::new(),
            loaded: Loaded {
                input: Input::default(),
                blocked: Vec::new(),
                off_site: 0,
                names: Names::default(),
                caps: Caps::default(),
            },
        };
        debug_assert!(period.first_day <= period.to);
        Ok(work)
    }

    fn rules(&mut self, cx: &mut Cx<'_>, rows: &[tasks::Task]) -> Result<()> {
        let mut rules = rules(cx)?;
        let asked = self.inspections.values().map(|i| small(i.people_per_department)).max().unwrap_or(0);
        rules.min_per_dept = rules.min_per_dept.max(asked);
        self.loaded.input.rules = rules;
        self.items(rows);
        Ok(())
    }

    /// Items by code; where several departments have one item under one code it is one, where they differ each has its
    /// department and revision added.
    fn items(&mut self, rows: &[tasks::Task]) {
        let mut by_code: BTreeMap<String, Vec<(Id, Item)>> = BTreeMap::new();
        for id in distinct(rows.iter().map(|t| t.item_id)) {
            let Some(row) = self.items.get(&id) else { continue };
            by_code.entry(row.code.clone()).or_default().push((id, self.item(row)));
        }
        for (code, list) in by_code {
            let one = list.iter().all(|(_, item)| Some(item) == list.first().map(|l| &l.1));
            for (at, (id, mut item)) in list.into_iter().enumerate() {
                if !one && let Some(row) = self.items.get(&id) {
                    let owner = self.departments.get(&row.department_id).map_or("", |d| d.code.as_str());
                    item.id = format!("{code}@{owner}.{}", row.revision);
                }
                self.item_ids.insert(id, item.id.clone());
                if !one || at == 0 {
                    self.loaded.input.items.push(item);
                }
            }
        }
    }

    fn item(&self, row: &items::Item) -> Item {
        let text = |key: &str| row.details.0.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let season = row.details.0.get("season").cloned().unwrap_or(Value::Null);
        let season: Option<Season> = serde_json::from_value(season).unwrap_or(None);
        Item {
            id: row.code.clone(),
            dept_key: text("dept_key"),
            name: row.name.clone(),
            minutes: small(row.minutes).max(1),
            mode: check_mode(&row.mode),
            notice: notice(&row.notice),
            equiv: row.equivalence_group.clone(),
            equiv_name: text("equivalence_name"),
            qual: row.qualification.clone(),
            freq: row.frequency_cap.map_or(0, small),
            season,
            expert: text("expert"),
        }
    }

    fn block(&mut self, task: &tasks::Task, kind: &str, why: String, cure: &str) {
        let subject = self.subjects.get(&task.subject_id);
        self.loaded.blocked.push(Blocker {
            kind: kind.to_owned(),
            visit: String::new(),
            subject_key: subject.map_or(String::new(), |s| s.key.clone()),
            subject: subject.map_or(String::new(), |s| s.name.clone()),
            tasks: vec![task.code.clone()],
            why,
            cures: vec![cure.to_owned()],
        });
    }

    fn tasks(&mut self, cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<()> {
        let subject_ids: Vec<Id> = self.subjects.keys().copied().collect();
        let counted = checks(cx, period, &subject_ids)?;
        let cap = cx.rules.procedure.cap_per_year as usize;
        let ids: Vec<Id> = rows.iter().map(|t| t.id).collect();
        let exempt: BTreeSet<Id> = tasks::singles(cx.db, &ids)?
            .into_iter()
            .filter(|s| !s.cause.is_empty())
            .map(|s| s.task_id)
            .collect();
        self.loaded.caps = Caps {
            used: counted.iter().map(|(pair, visits)| (*pair, visits.len())).collect(),
            cap,
            exempt: rows.iter().filter(|r| exempt.contains(&r.id)).map(|r| r.code.clone()).collect(),
        };
        for row in rows {
            if row.mode != "on_site" {
                self.loaded.off_site += 1;
                continue;
            }
            let used = counted.get(&(row.department_id, row.subject_id)).map_or(0, Vec::len);
            let full = used >= cap && !exempt.contains(&row.id);
            let Some((earliest, latest, key)) = self.admitted(row, period, full.then_some(used)) else {
                continue;
            };
            let (Some(subject), Some(department)) =
                (self.subjects.get(&row.subject_id), self.departments.get(&row.department_id))
            else {
                continue;
            };
            if !self.asked.contains_key(&key) {
                let has_uscc = !subject.uscc.is_empty() && key == subject.key;
                self.loaded.input.subjects.push(subject_row(subject, &key, has_uscc));
                self.loaded.names.subjects.insert(key.clone(), subject.id);
            }
            let plan = row.inspection_id.and_then(|i| self.inspections.get(&i));
            self.loaded.input.tasks.push(Task {
                id: row.code.clone(),
                plan: plan.map_or_else(|| "单项任务".to_owned(), |i| format!("{} {}", i.number, i.name)),
                dept_id: department.code.clone(),
                item_id: self.item_ids.get(&row.item_id).cloned().unwrap_or_default(),
                subject: key.clone(),
                earliest,
                latest,
                minutes: small(row.minutes).max(1),
                mode: CheckMode::OnSite,
                notice: notice(&row.notice),
                priority: small(row.priority),
            });
            self.loaded.names.tasks.insert(row.code.clone(), row.id);
            let asked = self.asked.entry(key).or_insert_with(|| (row.subject_id, Vec::new()));
            asked.1.push((row.department_id, row.inspection_id));
        }
        let used: BTreeSet<String> = self.loaded.input.tasks.iter().map(|t| t.item_id.clone()).collect();
        self.loaded.input.items.retain(|i| used.contains(&i.id));
        Ok(())
    }

    /// The window and the subject's key of a task that may be planned; else it is blocked.
    fn admitted(
        &mut self,
        row: &tasks::Task,
        period: &Period,
        cap_used: Option<usize>,
    ) -> Option<(NaiveDate, NaiveDate, String)> {
        let (published, item_name) = self
            .items
            .get(&row.item_id)
            .map_or((false, String::new()), |i| (i.state == "published", i.name.clone()));
        let (active, key) = self
            .subjects
            .get(&row.subject_id)
            .map_or((false, String::new()), |s| (s.state == "active", s.key.clone()));
        let inspects = self
            .departments
            .get(&row.department_id)
            .is_some_and(|d| d.kind == "inspecting" && d.state == "active");
        if !published {
            let why = format!("事项“{item_name}”未公示或已停用:清单之外无检查");
            self.block(row, "item_not_published", why, "由部门负责人公示该事项,或取消任务");
            return None;
        }
        if !active {
            self.block(
                row,
                "subject_inactive",
                "检查对象已停用(注销、迁出等)".to_owned(),
                "取消任务,或恢复检查对象",
            );
            return None;
        }
        if !inspects {
            self.block(row, "department_inactive", "该部门已停用或不是执法部门".to_owned(), "取消任务");
            return None;
        }
        if let Some(used) = cap_used {
            let why = format!("该部门对该检查对象本年度已有{used}次计划内现场检查,频次上限已用完");
            self.block(row, "cap_reached", why, "取消任务;属投诉举报等法定情形的,注明事由另建任务");
            return None;
        }
        let (mut earliest, mut latest) = (row.earliest, row.latest);
        if row.notice != "unannounced" && !period.told.contains(&row.id) && earliest < period.notice_day {
            earliest = period.notice_day;
            if earliest > latest {
                let why = format!("须提前告知,最早可安排在{},而任务最晚日期为{latest}", period.notice_day);
                let cure = format!("将最晚日期延后至{}", period.notice_day);
                self.block(row, "notice_too_short", why, &cure);
                return None;
            }
        }
        let about = |r: &&PlanningRule| {
            if r.tasks.0.is_empty() {
                r.subject_id == Some(row.subject_id)
            } else {
                r.tasks.0.contains(&row.id)
            }
        };
        let pin = self.pins.iter().rev().filter(about).find(|r| r.kind == "pin").and_then(|r| r.on_day);
        let split = self.pins.iter().rev().filter(about).find(|r| r.kind == "split").map(|r| r.id);
        if let Some(day) = pin {
            if day < earliest || day > latest {
                let why = format!("指定日期{day}不在任务可用的窗口{earliest}至{latest}之内");
                self.block(row, "pin_outside_window", why, "更改指定日期,或延长任务窗口");
                return None;
            }
            (earliest, latest) = (day, day);
        }
        // A subject under a second key is another subject to the merge: its tasks get a door of their own.
        let key = split.map_or_else(|| key.clone(), |rule| format!("{key}~{rule}"));
        Some((earliest, latest, key))
    }

    fn people(&mut self, cx: &mut Cx<'_>, period: &Period) -> Result<()> {
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
        self.recusals(cx, &people, &codes)
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

/// What stands for the reason of those who ran the draw.
pub const OPERATOR: &str = "抽取操作人不得参加本次检查";
/// What stands for the reason of those whom their department did not put forward.
pub const NOT_LISTED: &str = "未列入本次联合抽查人员";

/// Whether a recusal in this state keeps people apart: also while nobody has decided, for a visit with somebody who may
/// have to go would be planned for nothing.
#[must_use]
pub fn blocks(state: &str) -> bool {
    matches!(state, "pending" | "approved")
}

/// Days before and after all others, for certificates without limits.
pub const EVER: (NaiveDate, NaiveDate) = (NaiveDate::MIN, NaiveDate::MAX);

fn subject_row(row: &subjects::Subject, key: &str, has_uscc: bool) -> Subject {
    Subject {
        key: key.to_owned(),
        has_uscc,
        name: row.name.clone(),
        kind: row.kind.clone(),
        division: row.division.clone(),
        town: row.town.clone(),
        address: row.address.clone(),
        industry: row.industry.clone(),
        industry_name: row.industry_name.clone(),
        credit: row.credit.clone(),
        founded: row.founded,
        lon: millionths(row.lon),
        lat: millionths(row.lat),
        contact: row.contact.clone(),
    }
}

/// The checks that count in the year of the period, held or planned, by department and subject.
fn checks(cx: &mut Cx<'_>, period: &Period, subjects: &[Id]) -> Result<HashMap<(Id, Id), Vec<Id>>> {
    let year = period.first_day.year();
    let mut entries: HashMap<(Id, Id), Vec<Entry>> = HashMap::new();
    let mut planned: HashMap<(Id, Id), Vec<Id>> = HashMap::new();
    for row in county::caps_of(cx.db, subjects)? {
        if row.visit_id.is_some_and(|v| period.movable.contains(&v)) {
            continue;
        }
        entries.entry((row.department_id, row.subject_id)).or_default().push(entry(&row));
    }
    for (visit, subject, department, day) in county::claims(cx.db, subjects)? {
        if day.is_some_and(|d| d.year() == year) && !period.movable.contains(&visit) {
            planned.entry((department, subject)).or_default().push(visit);
        }
    }
    for (key, list) in entries {
        let counted = cap::status(&list, year, 0).counted;
        let visits = planned.entry(key).or_default();
        visits.extend((0..counted).map(|_| key.1));
    }
    Ok(planned)
}

/// A row of the ledger as the rule sees it.
#[must_use]
pub fn entry(row: &crate::store::caps::CapEntry) -> Entry {
    Entry {
        date: row.on_day,
        visit: row.visit_id.unwrap_or(row.id).to_string(),
        exemption: if row.counted {
            None
        } else {
            Some(Exemption::parse(&row.cause).unwrap_or(Exemption::Urgent))
        },
        cancelled: false,
    }
}
