//! Items and tasks: which tasks may be planned, and what keeps the others out.

use super::{Blocker, Caps, Loaded, Names, Period, distinct, index, rules, small};
use crate::domain::cap::{self, Entry};
use crate::domain::planning::input::{CheckMode, Input, Item, Notice, Season, Subject, Task};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::pool::entry;
use crate::store::plannings::{self, PlanningRule};
use crate::store::{county, departments, inspections, items, subjects, tasks};
use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A subject, and who asks for it: departments with the joint inspections they do it for.
pub(super) type Asked = (Id, Vec<(Id, Option<Id>)>);

/// The tables while they are put together.
pub(super) struct Work {
    pub(super) departments: HashMap<Id, departments::Department>,
    pub(super) items: HashMap<Id, items::Item>,
    pub(super) item_ids: HashMap<Id, String>,
    pub(super) subjects: HashMap<Id, subjects::Subject>,
    pub(super) inspections: HashMap<Id, inspections::Inspection>,
    /// Officers each department agreed to send to a joint inspection.
    agreed: HashMap<(Id, Id), i32>,
    pub(super) pins: Vec<PlanningRule>,
    /// The key under which a subject's tasks stand, with the departments and inspections that ask for it.
    pub(super) asked: BTreeMap<String, Asked>,
    pub(super) loaded: Loaded,
}

impl Work {
    pub(super) fn read(cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<Self> {
        let region = cx.region().to_owned();
        let inspections = distinct(rows.iter().filter_map(|t| t.inspection_id));
        let work = Self {
            departments: index(departments::all(cx.db, &region)?, |d| d.id),
            items: index(county::items(cx.db, &distinct(rows.iter().map(|t| t.item_id)))?, |i| i.id),
            item_ids: HashMap::new(),
            subjects: index(county::subjects(cx.db, &distinct(rows.iter().map(|t| t.subject_id)))?, |s| s.id),
            inspections: index(county::inspections(cx.db, &inspections)?, |i| i.id),
            agreed: county::participants_of(cx.db, &inspections)?
                .into_iter()
                .map(|p| ((p.inspection_id, p.department_id), p.people))
                .collect(),
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

    pub(super) fn rules(&mut self, cx: &mut Cx<'_>, rows: &[tasks::Task]) -> Result<()> {
        self.loaded.input.rules = rules(cx)?;
        self.items(rows);
        Ok(())
    }

    /// How many officers the department of a task agreed to send; a single task asks for no more than the rules do.
    fn sent(&self, task: &tasks::Task) -> u32 {
        let Some(inspection) = task.inspection_id else { return 0 };
        let agreed = self.agreed.get(&(inspection, task.department_id)).copied();
        let asked = || self.inspections.get(&inspection).map_or(0, |i| i.people_per_department);
        small(agreed.unwrap_or_else(asked))
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

    pub(super) fn tasks(&mut self, cx: &mut Cx<'_>, period: &Period, rows: &[tasks::Task]) -> Result<()> {
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
                people: self.sent(row),
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
}

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

#[expect(clippy::cast_possible_truncation, reason = "degrees times a million fit")]
fn millionths(degrees: Option<f64>) -> Option<i32> {
    degrees.filter(|d| d.abs() <= 360.0).map(|d| (d * 1e6).round() as i32)
}
