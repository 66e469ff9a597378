//! Keys unique, rows not repeated, subjects found by either of their numbers.

use super::super::{Loaded, Loads};
use super::judge;
use crate::exchange::fault::Fault;
use chrono::Datelike;
use std::collections::{HashMap, HashSet};

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

pub(super) fn keys(loads: &mut Loads) {
    let nothing = |_: &_, _: &_| String::new();
    unique(&mut loads.departments, "部门编码", |d| &d.id, |a, b| differs("名称", &a.name, &b.name));
    unique(&mut loads.items, "事项编码", |d| &d.id, |a, b| differs("名称", &a.name, &b.name));
    unique(
        &mut loads.subjects,
        "统一社会信用代码",
        |s| &s.key,
        |a, b| {
            let name = differs("名称", &a.name, &b.name);
            if name.is_empty() { differs("地址", &a.address, &b.address) } else { name }
        },
    );
    unique(&mut loads.inspectors, "人员编号", |p| &p.id, |a, b| differs("姓名", &a.name, &b.name));
    unique(&mut loads.tasks, "任务编号", |t| &t.id, nothing);
    unique(&mut loads.plans, "计划编号", |t| &t.id, |a, b| differs("名称", &a.name, &b.name));
    same_registration(loads);
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

/// Tells subjects that are one by the registration number though their keys differ.
fn same_registration(loads: &mut Loads) {
    let numbers = std::mem::take(&mut loads.reg_nos);
    judge(&mut loads.subjects, |l, sink| {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (i, row) in l.rows.iter().enumerate().filter(|(_, s)| !s.has_uscc && !s.key.is_empty()) {
            first.entry(&row.key).or_insert(i);
        }
        for (i, number) in numbers.iter().enumerate() {
            let Some(number) = number else { continue };
            let earlier = *first.entry(number).or_insert(i);
            if earlier != i && l.rows[earlier].key != l.rows[i].key {
                let why = format!(
                    "与第 {} 行“{}”的注册号相同,是同一个检查对象",
                    l.numbers[earlier], l.rows[earlier].name
                );
                let cure = "请核对两行,只保留有统一社会信用代码的一行";
                sink.put(l, i, "注册号", number, Fault::error("same_registration", why, cure));
            }
        }
    });
    loads.reg_nos = numbers;
}

/// Lets tasks and recusals name a subject by the registration number though it also has a credit code.
pub(super) fn resolve(loads: &mut Loads) {
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
