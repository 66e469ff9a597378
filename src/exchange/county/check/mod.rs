//! What must hold between the tables of a county: keys unique, references there, dates in the calendar, people and
//! departments of the right kind.

mod keys;
mod period;
mod work;

use super::config::Settings;
use super::files::Found;
use super::{Loaded, Loads};
use crate::domain::planning::input::PoolKind;
use crate::exchange::fault::{Fault, Report};
use period::Period;
use std::collections::{HashMap, HashSet};

/// Runs all checks; faults go to the report of the table they stand in.
pub(super) fn all(loads: &mut Loads, settings: &Settings, found: &Found, report: &mut Report) {
    presence(found, report);
    keys::keys(loads);
    keys::resolve(loads);
    let days = period::calendar(loads, settings, found, report);
    let known = Known::new(loads);
    people(loads, &known, settings, &days);
    references(loads, &known);
    work::tasks(loads, &known, &days);
    work::plans(loads, &known, &days);
}

fn presence(found: &Found, report: &mut Report) {
    for id in ["departments", "items", "subjects", "inspectors", "qualifications"] {
        if found.part(id).is_none() && !found.is_broken(id) {
            let zh = crate::exchange::headers::table(id).map_or(id, |t| t.zh.as_str());
            report.push(
                Fault::error(
                    "missing_table",
                    format!("缺少“{zh}”表"),
                    format!("请提供 {id}.csv 或名为“{zh}”的工作表"),
                )
                .file(&format!("{id}.csv"), None),
            );
        }
    }
    let has = |id| found.part(id).is_some() || found.is_broken(id);
    match (has("tasks"), has("plans")) {
        (false, false) => report.push(
            Fault::error(
                "missing_table",
                "“任务”表和“计划”表都没有",
                "已抽取的提供任务表(tasks.csv),尚未抽取的提供计划表(plans.csv)",
            )
            .file("tasks.csv", None),
        ),
        (true, true) => report.push(
            Fault::error(
                "tasks_and_plans",
                "同时有“任务”表和“计划”表,不知道以哪个为准",
                "已抽取的删除计划表,尚未抽取的删除任务表",
            )
            .file("tasks.csv", None),
        ),
        _ => {}
    }
}

/// Runs `f` with the rows readable and the report writable.
fn judge<T>(loaded: &mut Loaded<T>, f: impl FnOnce(&Loaded<T>, &mut Sink)) {
    let mut sink = Sink { report: std::mem::take(&mut loaded.report) };
    f(loaded, &mut sink);
    loaded.report = sink.report;
}

struct Sink {
    report: Report,
}

impl Sink {
    fn put<T>(&mut self, loaded: &Loaded<T>, i: usize, column: &str, value: &str, fault: Fault) {
        let place = fault.at(loaded.numbers[i], column).value(value);
        self.report.push(place.file(&loaded.file, loaded.sheet.as_deref()));
    }

    fn put_file<T>(&mut self, loaded: &Loaded<T>, fault: Fault) {
        self.report.push(fault.file(&loaded.file, loaded.sheet.as_deref()));
    }
}

/// What other tables may refer to. A table that was not read knows nothing and nothing is told of it.
struct Known {
    departments: Option<HashMap<String, (PoolKind, usize)>>,
    items: Option<HashMap<String, usize>>,
    subjects: Option<HashSet<String>>,
    people: Option<HashMap<String, usize>>,
}

impl Known {
    fn new(loads: &Loads) -> Self {
        let l = loads;
        Self {
            departments: l.departments.read.then(|| {
                l.departments.rows.iter().enumerate().map(|(i, d)| (d.id.clone(), (d.pool, i))).collect()
            }),
            items: l
                .items
                .read
                .then(|| l.items.rows.iter().enumerate().map(|(i, d)| (d.id.clone(), i)).collect()),
            subjects: l.subjects.read.then(|| l.subjects.rows.iter().map(|d| d.key.clone()).collect()),
            people: l
                .inspectors
                .read
                .then(|| l.inspectors.rows.iter().enumerate().map(|(i, d)| (d.id.clone(), i)).collect()),
        }
    }
}

/// A fault about a reference to nothing, with the spelling meant where only case or leading zeros differ.
fn unknown<'a>(what: &str, id: &str, mut known: impl Iterator<Item = &'a String>) -> Fault {
    let wanted = id.strip_suffix(".0").unwrap_or(id).trim_start_matches('0');
    let near = known.find(|k| k.trim_start_matches('0').eq_ignore_ascii_case(wanted));
    let cure = match near {
        Some(near) => format!("是否应为“{near}”(大小写或前导零不同)?请改成与{what}表一致"),
        None => format!("请核对编码,或在{what}表中补上"),
    };
    Fault::error("unknown_reference", format!("{what}表中没有这个编号"), cure)
}

fn people(loads: &mut Loads, known: &Known, settings: &Settings, days: &Option<Period>) {
    let base = &settings.rules.base_qualification;
    let mut certified: HashSet<&str> = HashSet::new();
    for q in loads.qualifications.rows.iter().filter(|q| q.qual == *base) {
        if days.as_ref().is_none_or(|p| q.from <= p.last && q.to >= p.first) {
            certified.insert(&q.person_id);
        }
    }
    let nobody = certified.is_empty();
    let read = loads.qualifications.read;
    judge(&mut loads.inspectors, |l, sink| {
        if nobody && read && !l.rows.is_empty() {
            let why = format!("资格表中没有人在规划期内持有有效的“{base}”,全体人员都不能被抽取");
            sink.put_file(
                l,
                Fault::warning("nobody_certified", why, "请核对资格代码,或在参数中改正 base_qualification"),
            );
        }
        for (i, person) in l.rows.iter().enumerate().filter(|(i, _)| l.sound[*i]) {
            let mut pool = PoolKind::Officers;
            if let Some(departments) = &known.departments
                && !person.dept_id.is_empty()
            {
                match departments.get(&person.dept_id) {
                    Some((kind, _)) => pool = *kind,
                    None => {
                        let fault = unknown("部门", &person.dept_id, departments.keys());
                        sink.put(l, i, "部门编码", &person.dept_id, fault);
                        continue;
                    }
                }
            }
            if pool == PoolKind::Officers && person.post == PoolKind::Experts {
                let fault = Fault::error(
                    "expert_among_officers",
                    "专家列在了执法部门,会被当作执法人员派出",
                    "请把专家的部门编码改为专家库,专家不计入两名执法人员",
                );
                sink.put(l, i, "岗位类别", "专家", fault);
            }
            let officer = pool == PoolKind::Officers && person.post == PoolKind::Officers;
            if officer && read && !nobody && !certified.contains(person.id.as_str()) {
                let why = format!("规划期内没有有效的执法证件({base}),不会被抽取");
                sink.put(
                    l,
                    i,
                    "人员编号",
                    &person.id,
                    Fault::warning("never_certified", why, "请核对资格表中的有效期"),
                );
            }
            if person.daily_minutes == 0 {
                let fault =
                    Fault::warning("no_minutes", "每日可用分钟为 0,不会被抽取", "请核对,或从名录中删除");
                sink.put(l, i, "每日可用分钟", "0", fault);
            }
        }
    });
    let held: HashSet<&str> = loads.qualifications.rows.iter().map(|q| q.qual.as_str()).collect();
    judge(&mut loads.items, |l, sink| {
        for (i, item) in l.rows.iter().enumerate() {
            for (column, code) in [("所需资格", &item.qual), ("所需专家", &item.expert)] {
                if read && !code.is_empty() && !held.contains(code.as_str()) {
                    let why = "没有任何人持有这项资格,该事项无人可派";
                    sink.put(
                        l,
                        i,
                        column,
                        code,
                        Fault::warning("nobody_holds", why, "请核对资格代码或补充人员资格"),
                    );
                }
            }
        }
    });
}

fn references(loads: &mut Loads, known: &Known) {
    let person = |l_people: &Option<HashMap<String, usize>>, id: &str| -> Option<Fault> {
        let people = l_people.as_ref()?;
        (!id.is_empty() && !people.contains_key(id)).then(|| unknown("人员", id, people.keys()))
    };
    judge(&mut loads.qualifications, |l, sink| {
        for (i, row) in l.rows.iter().enumerate() {
            if let Some(fault) = person(&known.people, &row.person_id) {
                sink.put(l, i, "人员编号", &row.person_id, fault);
            }
        }
    });
    judge(&mut loads.leave, |l, sink| {
        for (i, row) in l.rows.iter().enumerate() {
            if let Some(fault) = person(&known.people, &row.person_id) {
                sink.put(l, i, "人员编号", &row.person_id, fault);
            }
        }
    });
    judge(&mut loads.recusals, |l, sink| {
        for (i, row) in l.rows.iter().enumerate() {
            if let Some(fault) = person(&known.people, &row.person_id) {
                sink.put(l, i, "人员编号", &row.person_id, fault);
            }
            subject(l, sink, i, &row.subject, known);
        }
    });
}

fn subject<T>(l: &Loaded<T>, sink: &mut Sink, i: usize, key: &str, known: &Known) {
    if let Some(subjects) = &known.subjects
        && !key.is_empty()
        && !subjects.contains(key)
    {
        sink.put(l, i, "统一社会信用代码", key, unknown("检查对象", key, std::iter::empty()));
    }
}
