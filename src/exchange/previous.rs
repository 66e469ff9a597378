//! The answer of an earlier run, read back: `visits.csv`, `allocation.csv`, and where the tasks were drawn from plans
//! `tasks.csv`.

use super::fault::{Fault, Faults, Report};
use super::table::{Limits, Row, Sheet, read_csv};
use super::value;
use crate::domain::allocate::Post;
use crate::domain::allocate::replan::{Before, Previous, Spell, visit_name};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

const VISITS: &str = "visits.csv";
const ALLOCATION: &str = "allocation.csv";
const TASKS: &str = "tasks.csv";

/// One row of the allocation.
struct Line {
    row: u32,
    date: Option<NaiveDate>,
    start: Option<u32>,
    person: String,
    post: Option<Post>,
}

/// Reads the files from the result folder of an earlier run.
///
/// # Errors
/// All faults of both files: what cannot be read, visits named twice or not at all, tasks in two visits, rows of one
/// visit that contradict each other.
pub fn read(dir: &Path) -> Result<Previous, Faults> {
    let mut report = Report::default();
    let visits = sheet(dir, VISITS, &mut report);
    let allocation = sheet(dir, ALLOCATION, &mut report);
    let mut previous = Previous::default();
    let mut rows: HashMap<u32, usize> = HashMap::new();
    if let Some(sheet) = visits {
        read_visits(&sheet, &mut previous, &mut rows, &mut report);
    }
    if let Some(sheet) = allocation {
        read_allocation(&sheet, &mut previous, &rows, &mut report);
    }
    if dir.join(TASKS).exists()
        && let Some(sheet) = sheet(dir, TASKS, &mut report)
    {
        read_tasks(&sheet, &mut previous, &mut report);
    }
    previous.visits.sort_by_key(|v| v.number);
    if report.errors() > 0 { Err(report.finish()) } else { Ok(previous) }
}

/// The number of a visit from its name; only names as [`visit_name`] writes them.
fn number(name: &str) -> Option<u32> {
    let n: u32 = name.strip_prefix('V')?.parse::<u32>().ok()?.checked_sub(1)?;
    (visit_name(n) == name && n < u32::MAX / 2).then_some(n)
}

fn sheet(dir: &Path, name: &str, report: &mut Report) -> Option<Sheet> {
    let path = dir.join(name);
    let limits = Limits::default();
    let size = std::fs::metadata(&path).map_or(0, |m| m.len());
    if size > limits.file_bytes {
        let why = format!("文件超过上限 {} 字节", limits.file_bytes);
        report.push(Fault::error("too_big", why, "请给出 onedoor plan 写出的结果文件夹").file(name, None));
        return None;
    }
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) => {
            let why = format!("不能读取上次结果的文件:{e}");
            report.push(
                Fault::error("unreadable", why, "请以 --keep 给出 onedoor plan 的结果文件夹")
                    .file(name, None),
            );
            return None;
        }
    };
    match read_csv(&bytes, &limits) {
        Ok(sheet) => Some(sheet),
        Err(fault) => {
            report.push(fault.file(name, None));
            None
        }
    }
}

/// Places of the named columns in the first row.
fn columns<const N: usize>(
    sheet: &Sheet,
    file: &str,
    names: [&str; N],
    report: &mut Report,
) -> Option<[usize; N]> {
    let header: Vec<String> = if sheet.is_empty() {
        Vec::new()
    } else {
        sheet.row(0).texts().map(|t| value::code(t).to_lowercase()).collect()
    };
    let mut found = [0; N];
    let mut whole = true;
    for (place, name) in found.iter_mut().zip(names) {
        if let Some(i) = header.iter().position(|h| h == name) {
            *place = i;
        } else {
            whole = false;
            let fault =
                Fault::error("no_column", "缺少列", format!("第一行须有“{name}”列,请用原样的结果文件"));
            report.push(fault.at(1, name).file(file, None));
        }
    }
    whole.then_some(found)
}

fn read_visits(sheet: &Sheet, previous: &mut Previous, rows: &mut HashMap<u32, usize>, report: &mut Report) {
    let Some([id, uscc, tasks]) = columns(sheet, VISITS, ["visit_id", "uscc", "task_ids"], report) else {
        return;
    };
    let mut seen: HashSet<String> = HashSet::new();
    for row in sheet.rows().skip(1) {
        let mut bad = |column: &str, code, text: &str, why: String, cure: &str| {
            report.push(Fault::error(code, why, cure).at(row.number, column).value(text).file(VISITS, None));
        };
        let name = value::code(row.text(id));
        let Some(number) = number(&name) else {
            bad(
                "visit_id",
                "bad_visit_id",
                &name,
                "不是入企编号".to_owned(),
                "入企编号形如 V000001,请用原样的结果文件",
            );
            continue;
        };
        let list: Vec<String> =
            row.text(tasks).split([';', ';']).map(value::code).filter(|t| !t.is_empty()).collect();
        if list.is_empty() {
            bad("task_ids", "no_tasks", "", format!("{name}没有任务"), "请用原样的结果文件");
        }
        for task in &list {
            if !seen.insert(task.clone()) {
                bad(
                    "task_ids",
                    "task_twice",
                    task,
                    format!("任务{task}出现两次"),
                    "一个任务只能在一次入企中,请用原样的结果文件",
                );
            }
        }
        if rows.insert(number, previous.visits.len()).is_some() {
            bad("visit_id", "visit_twice", &name, format!("{name}出现两次"), "请用原样的结果文件");
            continue;
        }
        let subject = value::code(row.text(uscc));
        previous.visits.push(Before { number, subject, tasks: list, spell: None });
    }
}

fn read_tasks(sheet: &Sheet, previous: &mut Previous, report: &mut Report) {
    let Some([id, uscc]) = columns(sheet, TASKS, ["task_id", "uscc"], report) else { return };
    let mut seen: HashSet<String> = HashSet::new();
    for row in sheet.rows().skip(1) {
        let (task, subject) = (value::code(row.text(id)), value::code(row.text(uscc)));
        let fault = if task.is_empty() || subject.is_empty() {
            Some(("no_task", "缺少任务编号或检查对象".to_owned()))
        } else if seen.insert(task.clone()) {
            None
        } else {
            Some(("task_twice", format!("任务{task}出现两次")))
        };
        match fault {
            Some((code, why)) => {
                let fault = Fault::error(code, why, "请用原样的结果文件");
                report.push(fault.at(row.number, "task_id").value(&task).file(TASKS, None));
            }
            None => previous.drawn.push((task, subject)),
        }
    }
}

fn read_allocation(sheet: &Sheet, previous: &mut Previous, rows: &HashMap<u32, usize>, report: &mut Report) {
    let names = ["visit_id", "date", "start", "person_id", "role"];
    let Some([id, date, start, person, role]) = columns(sheet, ALLOCATION, names, report) else { return };
    let mut lines: BTreeMap<u32, Vec<Line>> = BTreeMap::new();
    for row in sheet.rows().skip(1) {
        let name = value::code(row.text(id));
        let Some(number) = number(&name).filter(|n| rows.contains_key(n)) else {
            let why = format!("{name}不在 visits.csv 中");
            fault(report, row, "visit_id", &name, "unknown_visit", why, "两个文件须出自同一次结果");
            continue;
        };
        let date = value::date(row.text(date), false)
            .map_err(|r| fault(report, row, "date", row.text(date), r.code, r.why, &r.cure))
            .ok();
        let start = value::clock(row.text(start))
            .map_err(|r| fault(report, row, "start", row.text(start), r.code, r.why, &r.cure))
            .ok();
        let post = match value::code(row.text(role)).as_str() {
            "主办" => Some(Post::Lead),
            "协办" => Some(Post::Second),
            "队员" => Some(Post::Member),
            "专家" => Some(Post::Expert),
            other => {
                let why = "不是岗位".to_owned();
                fault(report, row, "role", other, "bad_role", why, "岗位须为主办、协办、队员或专家");
                None
            }
        };
        let person = value::code(row.text(person));
        if person.is_empty() {
            fault(report, row, "person_id", "", "no_person", "没有人员编号".to_owned(), "请用原样的结果文件");
        }
        let list = lines.entry(number).or_default();
        if list.iter().any(|l| l.person == person) {
            let why = format!("{person}在{name}中出现两次");
            fault(report, row, "person_id", &person, "person_twice", why, "请用原样的结果文件");
        }
        if let Some(first) = list.first()
            && (first.date, first.start) != (date, start)
        {
            let why = format!("{name}的日期或时刻与第 {} 行不同", first.row);
            fault(
                report,
                row,
                "date",
                row.text(id),
                "two_times",
                why,
                "一次入企只有一个时间,请用原样的结果文件",
            );
        }
        list.push(Line { row: row.number, date, start, person, post });
    }
    for (number, list) in lines {
        let (Some(first), Some(at)) = (list.first(), rows.get(&number)) else { continue };
        for (post, word) in [(Post::Lead, "主办"), (Post::Second, "协办")] {
            let count = list.iter().filter(|l| l.post == Some(post)).count();
            if count > 1 {
                let why = format!("{}有 {count} 名{word}", visit_name(number));
                let fault = Fault::error("posts", why, "请用原样的结果文件");
                report.push(fault.at(first.row, "role").file(ALLOCATION, None));
            }
        }
        if let (Some(date), Some(start)) = (first.date, first.start) {
            let team = list.into_iter().map(|l| (l.person, l.post.unwrap_or(Post::Member))).collect();
            previous.visits[*at].spell = Some(Spell { date, start, team });
        }
    }
}

fn fault(
    report: &mut Report,
    row: Row<'_>,
    column: &str,
    text: &str,
    code: &'static str,
    why: String,
    cure: &str,
) {
    report.push(Fault::error(code, why, cure).at(row.number, column).value(text).file(ALLOCATION, None));
}
