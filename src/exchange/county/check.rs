//! What must hold between the tables of a county: keys unique, references there, dates in the calendar, people and
//! departments of the right kind.

use super::config::Settings;
use super::files::Found;
use super::{Loaded, Loads};
use crate::domain::planning::dayset::MAX_DAYS;
use crate::domain::planning::input::{CalendarDay, CheckMode, PoolKind};
use crate::exchange::fault::{Fault, Report};
use crate::exchange::workdays;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Runs all checks; faults go to the report of the table they stand in.
pub(super) fn all(loads: &mut Loads, settings: &Settings, found: &Found, report: &mut Report) {
    presence(found, report);
    keys(loads);
    resolve(loads);
    let days = calendar(loads, settings, found, report);
    let known = Known::new(loads);
    people(loads, &known, settings, &days);
    references(loads, &known);
    tasks(loads, &known, &days);
    plans(loads, &known, &days);
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

/// Tells each row whose key an earlier row has. Empty keys have been told already.
fn unique<T>(
    loaded: &mut Loaded<T>,
    column: &str,
    key: impl Fn(&T) -> &str,
    what: impl Fn(&T, &T) -> String,
) {
    judge(loaded, |l, sink| {
        if l.read && l.rows.is_empty() {
            sink.put_file(l, Fault::error("empty_table", "表中没有数据", "请填写数据,或确认没有选错文件"));
        }
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(l.rows.len());
        for (i, row) in l.rows.iter().enumerate() {
            let key = key(row);
            if key.is_empty() {
                continue;
            }
            let earlier = *first.entry(key).or_insert(i);
            if earlier != i {
                let why = format!("与第 {} 行重复{}", l.numbers[earlier], what(&l.rows[earlier], row));
                sink.put(l, i, column, key, Fault::error("duplicate", why, "请核对两行,只保留正确的一行"));
            }
        }
    });
}

fn keys(loads: &mut Loads) {
    let nothing = |_: &_, _: &_| String::new();
    unique(&mut loads.departments, "部门编码", |d| &d.id, |a, b| differs("名称", &a.name, &b.name));
    unique(&mut loads.items, "事项编码", |d| &d.id, |a, b| differs("名称", &a.name, &b.name));
    unique(&mut loads.subjects, "统一社会信用代码", |s| &s.key, |a, b| differs("名称", &a.name, &b.name));
    unique(&mut loads.inspectors, "人员编号", |p| &p.id, |a, b| differs("姓名", &a.name, &b.name));
    unique(&mut loads.tasks, "任务编号", |t| &t.id, nothing);
    unique(&mut loads.plans, "计划编号", |t| &t.id, |a, b| differs("名称", &a.name, &b.name));
    same_rows(&mut loads.qualifications);
    same_rows(&mut loads.recusals);
    same_rows(&mut loads.leave);
    judge(&mut loads.inspectors, |l, sink| {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (i, row) in l.rows.iter().enumerate().filter(|(_, p)| !p.cert_no.is_empty()) {
            let earlier = *first.entry(&row.cert_no).or_insert(i);
            if earlier != i && l.rows[earlier].id != row.id {
                let why = format!("与第 {} 行 {} 的执法证号相同", l.numbers[earlier], l.rows[earlier].name);
                sink.put(
                    l,
                    i,
                    "执法证号",
                    &row.cert_no,
                    Fault::warning("shared_certificate", why, "请核对证号"),
                );
            }
        }
    });
}

fn differs(what: &str, a: &str, b: &str) -> String {
    if a == b { String::new() } else { format!(",且{what}不同(“{a}”与“{b}”)") }
}

/// Warns of rows that say what an earlier one said.
fn same_rows<T: PartialEq + Fingerprint>(loaded: &mut Loaded<T>) {
    judge(loaded, |l, sink| {
        let mut first: HashMap<(&str, &str, i32, i32), usize> = HashMap::with_capacity(l.rows.len());
        for (i, row) in l.rows.iter().enumerate() {
            let earlier = *first.entry(row.fingerprint()).or_insert(i);
            if earlier != i && l.sound[i] && l.rows[earlier] == *row {
                let why = format!("与第 {} 行完全相同", l.numbers[earlier]);
                sink.put(l, i, "", "", Fault::warning("same_row", why, "可删除其中一行"));
            }
        }
    });
}

/// What two equal rows have in common, cheaply.
trait Fingerprint {
    fn fingerprint(&self) -> (&str, &str, i32, i32);
}

impl Fingerprint for crate::domain::planning::input::Qualification {
    fn fingerprint(&self) -> (&str, &str, i32, i32) {
        (&self.person_id, &self.qual, self.from.num_days_from_ce(), self.to.num_days_from_ce())
    }
}

impl Fingerprint for crate::domain::planning::input::Recusal {
    fn fingerprint(&self) -> (&str, &str, i32, i32) {
        (&self.person_id, &self.subject, 0, 0)
    }
}

impl Fingerprint for crate::domain::planning::input::Leave {
    fn fingerprint(&self) -> (&str, &str, i32, i32) {
        (&self.person_id, &self.kind, self.from.num_days_from_ce(), self.to.num_days_from_ce())
    }
}

/// Lets tasks and recusals name a subject by the registration number though it also has a credit code.
fn resolve(loads: &mut Loads) {
    let mut by_number: HashMap<&str, Option<usize>> = HashMap::new();
    for (i, number) in loads.reg_nos.iter().enumerate() {
        if let Some(number) = number {
            by_number.entry(number).and_modify(|place| *place = None).or_insert(Some(i));
        }
    }
    if by_number.is_empty() {
        return;
    }
    let keys: HashSet<&str> = loads.subjects.rows.iter().map(|s| s.key.as_str()).collect();
    let find = |subject: &str| match by_number.get(subject) {
        Some(Some(i)) if !keys.contains(subject) => Some(loads.subjects.rows[*i].key.clone()),
        _ => None,
    };
    for task in &mut loads.tasks.rows {
        if let Some(key) = find(&task.subject) {
            task.subject = key;
        }
    }
    for recusal in &mut loads.recusals.rows {
        if let Some(key) = find(&recusal.subject) {
            recusal.subject = key;
        }
    }
}

/// The days of the planning period, counted.
struct Period {
    first: NaiveDate,
    last: NaiveDate,
    /// Working days before the i-th day of the period.
    workdays: Vec<u32>,
    /// Working days that are not quiet, likewise.
    open: Vec<u32>,
}

impl Period {
    fn new(calendar: &[CalendarDay]) -> Option<Self> {
        let first = calendar.iter().map(|d| d.date).min()?;
        let last = calendar.iter().map(|d| d.date).max()?;
        let length = usize::try_from((last - first).num_days()).ok().filter(|n| *n < 10_000)? + 1;
        let mut marks = vec![(0u32, 0u32); length];
        for day in calendar.iter().filter(|d| d.workday) {
            if let Ok(i) = usize::try_from((day.date - first).num_days()) {
                marks[i] = (1, u32::from(!day.quiet));
            }
        }
        let (mut workdays, mut open) = (vec![0], vec![0]);
        for (w, o) in marks {
            workdays.push(workdays.last().copied().unwrap_or(0) + w);
            open.push(open.last().copied().unwrap_or(0) + o);
        }
        Some(Self { first, last, workdays, open })
    }

    /// Places in the sums of the part of a window inside the period; none when it lies outside.
    fn part(&self, from: NaiveDate, to: NaiveDate) -> Option<(usize, usize)> {
        let (from, to) = (from.max(self.first), to.min(self.last));
        if from > to {
            return None;
        }
        let at = |d: NaiveDate| usize::try_from((d - self.first).num_days()).unwrap_or(0);
        Some((at(from), at(to) + 1))
    }
}

fn calendar(loads: &mut Loads, settings: &Settings, found: &Found, report: &mut Report) -> Option<Period> {
    if found.part("calendar").is_none() {
        if found.is_broken("calendar") {
            return None;
        }
        derive_calendar(loads, settings, report);
    }
    let table = workdays::built_in();
    judge(&mut loads.calendar, |l, sink| {
        let mut seen: BTreeMap<NaiveDate, usize> = BTreeMap::new();
        for (i, day) in l.rows.iter().enumerate().filter(|(i, _)| l.sound[*i]) {
            if let Some(earlier) = seen.get(&day.date) {
                let why = format!("与第 {} 行是同一天", l.numbers[*earlier]);
                sink.put(l, i, "日期", &day.date.to_string(), Fault::error("duplicate", why, "请只保留一行"));
            } else {
                seen.insert(day.date, i);
            }
        }
        if l.rows.is_empty() {
            return;
        }
        let count = l.rows.iter().filter(|d| d.workday).count();
        if count == 0 {
            sink.put_file(l, Fault::error("no_workday", "规划期内没有工作日", "请核对日历或起止日期"));
        }
        if count > MAX_DAYS {
            let why = format!("规划期内有 {count} 个工作日,一次规划最多 {MAX_DAYS} 个");
            sink.put_file(l, Fault::error("too_many_days", why, "请缩短规划期"));
        }
        let dates: Vec<NaiveDate> = seen.keys().copied().collect();
        if let Some(gap) = dates.windows(2).find(|w| (w[1] - w[0]).num_days() > 1) {
            let why = format!("{} 与 {} 之间有日期未列出,按非工作日处理", gap[0], gap[1]);
            sink.put_file(l, Fault::warning("calendar_gap", why, "请补全日期"));
        }
        let years: HashSet<i32> = dates.iter().map(Datelike::year).collect();
        let mut silent: Vec<i32> = years.iter().copied().filter(|y| !table.is_announced(*y)).collect();
        silent.sort_unstable();
        for year in silent {
            let why = format!("本程序的节假日表没有 {year} 年的安排,无法核对调休");
            sink.put_file(l, Fault::warning("year_not_announced", why, "请对照国务院办公厅放假通知核对"));
        }
        let odd: Vec<String> = l
            .rows
            .iter()
            .filter(|d| table.is_announced(d.date.year()) && d.workday != table.is_workday(d.date))
            .map(|d| format!("{}({})", d.date, if d.workday { "表中为班" } else { "表中为休" }))
            .collect();
        if !odd.is_empty() && l.read {
            let shown = odd.iter().take(5).cloned().collect::<Vec<_>>().join("、");
            let why = format!("{} 天与国务院放假安排不一致:{shown}", odd.len());
            sink.put_file(l, Fault::warning("differs_from_notice", why, "如无特殊安排请改正"));
        }
    });
    Period::new(&loads.calendar.rows)
}

/// Makes the calendar from the stated period, or from the windows of the tasks or plans, and the built-in table.
fn derive_calendar(loads: &mut Loads, settings: &Settings, report: &mut Report) {
    let windows = || {
        let tasks = loads.tasks.rows.iter().zip(&loads.tasks.sound).map(|(t, s)| (t.earliest, t.latest, *s));
        let plans = loads.plans.rows.iter().zip(&loads.plans.sound).map(|(t, s)| (t.earliest, t.latest, *s));
        tasks.chain(plans).filter(|(_, _, sound)| *sound)
    };
    let start = settings.start.or_else(|| windows().map(|w| w.0).min());
    let end = settings.end.or_else(|| windows().map(|w| w.1).max());
    let (Some(start), Some(end)) = (start, end) else {
        return;
    };
    if settings.start.is_none() || settings.end.is_none() {
        let why = format!("没有日历,也没有写明起止日期,按任务的窗口取 {start} 至 {end}");
        let cure = "请提供日历表,或在 config.json 中写明 start 与 end";
        report.push(Fault::warning("period_derived", why, cure).file("config.json", None));
    }
    if (end - start).num_days() > 1_000 {
        let why = format!("规划期 {start} 至 {end} 超过 1000 天");
        report.push(Fault::error("too_many_days", why, "请缩短规划期").file("config.json", None));
        return;
    }
    let table = workdays::built_in();
    "config.json".clone_into(&mut loads.calendar.file);
    for date in start.iter_days().take_while(|d| *d <= end) {
        loads.calendar.rows.push(CalendarDay { date, workday: table.is_workday(date), quiet: false });
        loads.calendar.numbers.push(0);
        loads.calendar.sound.push(true);
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

/// A fault about a reference to nothing, with the nearest spelling where only the case differs.
fn unknown<'a>(what: &str, id: &str, mut known: impl Iterator<Item = &'a String>) -> Fault {
    let near = known.find(|k| k.eq_ignore_ascii_case(id));
    let cure = match near {
        Some(near) => format!("是否应为“{near}”(大小写不同)?请改成与{what}表一致"),
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

/// Department and item of a task or plan.
fn owner<T>(
    l: &Loaded<T>,
    sink: &mut Sink,
    i: usize,
    (dept, item): (&str, &str),
    known: &Known,
    owners: &Owners,
) {
    if let Some(departments) = &known.departments
        && !dept.is_empty()
    {
        match departments.get(dept) {
            None => sink.put(l, i, "部门编码", dept, unknown("部门", dept, departments.keys())),
            Some((PoolKind::Experts, _)) => {
                let fault = Fault::error(
                    "expert_department",
                    "专家库不能作为检查部门",
                    "请改为有执法权的部门,专家由事项的“所需专家”调派",
                );
                sink.put(l, i, "部门编码", dept, fault);
            }
            Some(_) => {}
        }
    }
    if let Some(items) = &known.items
        && !item.is_empty()
    {
        match items.get(item) {
            None => sink.put(l, i, "事项编码", item, unknown("事项", item, items.keys())),
            Some(at) => {
                if let Some(key) = owners.foreign(*at, dept) {
                    let why = format!("事项属于部门类别“{key}”,与部门编码“{dept}”不符");
                    sink.put(
                        l,
                        i,
                        "事项编码",
                        item,
                        Fault::warning("foreign_item", why, "请核对由哪个部门实施"),
                    );
                }
            }
        }
    }
}

/// Which departments belong to the key of each item, where department codes are made from keys (`SJ-339901`).
struct Owners {
    keys: Vec<String>,
    by_key: HashMap<String, HashSet<String>>,
}

impl Owners {
    fn new(loads: &Loads) -> Self {
        let keys: Vec<String> = loads.items.rows.iter().map(|i| i.dept_key.clone()).collect();
        let mut by_key: HashMap<String, HashSet<String>> =
            keys.iter().map(|k| (k.clone(), HashSet::new())).collect();
        for department in &loads.departments.rows {
            for (key, members) in &mut by_key {
                let rest = department.id.strip_prefix(key.as_str());
                if rest.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric())) {
                    members.insert(department.id.clone());
                }
            }
        }
        Self { keys, by_key }
    }

    /// The item's key, when it has departments and this is none of them.
    fn foreign(&self, item: usize, dept: &str) -> Option<&str> {
        let key = &self.keys[item];
        let members = self.by_key.get(key)?;
        (!key.is_empty() && !members.is_empty() && !members.contains(dept)).then_some(key)
    }
}

fn tasks(loads: &mut Loads, known: &Known, days: &Option<Period>) {
    let owners = Owners::new(loads);
    if let Some(items) = &known.items {
        for (task, gap) in loads.tasks.rows.iter_mut().zip(&loads.gaps) {
            if let Some(item) = items.get(&task.item_id).map(|i| &loads.items.rows[*i]) {
                task.minutes = if gap.minutes { item.minutes } else { task.minutes };
                task.mode = if gap.mode { item.mode } else { task.mode };
                task.notice = if gap.notice { item.notice } else { task.notice };
            }
        }
    }
    let items = &loads.items.rows;
    judge(&mut loads.tasks, |l, sink| {
        for (i, task) in l.rows.iter().enumerate() {
            owner(l, sink, i, (&task.dept_id, &task.item_id), known, &owners);
            subject(l, sink, i, &task.subject, known);
            let Some(period) = days.as_ref().filter(|_| l.sound[i]) else { continue };
            let season = known
                .items
                .as_ref()
                .and_then(|known| known.get(&task.item_id))
                .and_then(|at| items[*at].season)
                .filter(|_| task.mode == CheckMode::OnSite);
            window(l, sink, i, (task.earliest, task.latest), task.mode == CheckMode::OnSite, period);
            if let Some(season) = season {
                let mut span = task
                    .earliest
                    .max(period.first)
                    .iter_days()
                    .take_while(|d| *d <= task.latest.min(period.last));
                if !span.any(|d| season.contains(d)) && period.part(task.earliest, task.latest).is_some() {
                    let why = "窗口内没有一天在事项的季节限制之内";
                    sink.put(
                        l,
                        i,
                        "最晚日期",
                        &task.latest.to_string(),
                        Fault::warning("out_of_season", why, "请调整窗口"),
                    );
                }
            }
        }
    });
}

fn window<T>(
    l: &Loaded<T>,
    sink: &mut Sink,
    i: usize,
    (from, to): (NaiveDate, NaiveDate),
    on_site: bool,
    period: &Period,
) {
    let shown = format!("{from}~{to}");
    let Some((a, b)) = period.part(from, to) else {
        let why = format!("窗口不在规划期 {} 至 {} 之内", period.first, period.last);
        sink.put(l, i, "最早日期", &shown, Fault::error("outside_calendar", why, "请调整窗口,或扩大日历"));
        return;
    };
    if period.workdays[b] == period.workdays[a] {
        let why = "窗口内没有工作日,无法安排";
        sink.put(l, i, "最早日期", &shown, Fault::warning("no_workday", why, "请调整窗口"));
    } else if on_site && period.open[b] == period.open[a] {
        let why = "窗口内的工作日全是企业安静日,无法安排现场检查";
        sink.put(l, i, "最早日期", &shown, Fault::warning("quiet_only", why, "请调整窗口"));
    }
}

fn plans(loads: &mut Loads, known: &Known, days: &Option<Period>) {
    let owners = Owners::new(loads);
    let words = |of: fn(&crate::domain::planning::input::Subject) -> &str| -> HashSet<&str> {
        loads.subjects.rows.iter().map(of).collect()
    };
    let (kinds, towns, credits) = (words(|s| &s.kind), words(|s| &s.town), words(|s| &s.credit));
    let industries = words(|s| &s.industry);
    judge(&mut loads.plans, |l, sink| {
        for (i, plan) in l.rows.iter().enumerate() {
            for item in &plan.items {
                owner(l, sink, i, (&plan.dept_id, item), known, &owners);
            }
            let mut seen = HashSet::new();
            for item in plan.items.iter().filter(|item| !seen.insert(*item)) {
                sink.put(l, i, "事项编码", item, Fault::error("duplicate", "同一事项写了两次", "请删除一个"));
            }
            if known.subjects.is_some() {
                let wanted = [
                    ("主体类型", &plan.kinds, &kinds),
                    ("乡镇街道", &plan.towns, &towns),
                    ("信用风险分类", &plan.credits, &credits),
                ];
                for (column, words, there) in wanted {
                    for word in words.iter().filter(|w| !there.contains(w.as_str())) {
                        let why = "没有任何检查对象是这个取值";
                        sink.put(
                            l,
                            i,
                            column,
                            word,
                            Fault::warning("matches_nothing", why, "请核对写法是否与检查对象表一致"),
                        );
                    }
                }
                for word in
                    plan.industries.iter().filter(|w| !industries.iter().any(|c| c.starts_with(w.as_str())))
                {
                    let why = "没有任何检查对象的行业代码以此开头";
                    sink.put(
                        l,
                        i,
                        "行业代码",
                        word,
                        Fault::warning("matches_nothing", why, "请核对行业代码"),
                    );
                }
            }
            if let Some(period) = days.as_ref().filter(|_| l.sound[i]) {
                window(l, sink, i, (plan.earliest, plan.latest), true, period);
            }
        }
    });
}
