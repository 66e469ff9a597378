//! Tasks and plans: their department, item, subject and window.

use super::super::{Loaded, Loads};
use super::period::Period;
use super::{Known, Sink, judge, subject, unknown};
use crate::domain::planning::input::{CheckMode, PoolKind};
use crate::exchange::fault::Fault;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// Department and item of a task or plan; returns the item's place in its table.
fn owner<T>(
    l: &Loaded<T>,
    sink: &mut Sink,
    i: usize,
    (dept, item): (&str, &str),
    known: &Known,
    owners: &Owners,
) -> Option<usize> {
    let mut department = None;
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
            Some((PoolKind::Officers, at)) => department = Some(*at),
        }
    }
    let items = known.items.as_ref().filter(|_| !item.is_empty())?;
    let Some(at) = items.get(item).copied() else {
        sink.put(l, i, "事项编码", item, unknown("事项", item, items.keys()));
        return None;
    };
    if let Some(department) = department
        && owners.foreign(at, department)
    {
        let why = format!("事项属于部门类别“{}”,与部门编码“{dept}”不符", owners.key(at));
        sink.put(l, i, "事项编码", item, Fault::warning("foreign_item", why, "请核对由哪个部门实施"));
    }
    Some(at)
}

/// Which departments belong to the key of each item, where department codes are made from keys (`SJ-339901`).
struct Owners {
    /// Keys of items.
    keys: Vec<String>,
    /// Place in `keys` of each item's key.
    of_item: Vec<usize>,
    /// For each key, whether each department belongs to it; empty when none does.
    members: Vec<Vec<bool>>,
}

impl Owners {
    fn new(loads: &Loads) -> Self {
        let mut keys: Vec<String> = Vec::new();
        let mut at: HashMap<&str, usize> = HashMap::new();
        let of_item = loads
            .items
            .rows
            .iter()
            .map(|item| {
                *at.entry(&item.dept_key).or_insert_with(|| {
                    keys.push(item.dept_key.clone());
                    keys.len() - 1
                })
            })
            .collect();
        let belongs = |key: &str, id: &str| {
            let rest = id.strip_prefix(key);
            !key.is_empty() && rest.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        let members = keys
            .iter()
            .map(|key| {
                let of: Vec<bool> = loads.departments.rows.iter().map(|d| belongs(key, &d.id)).collect();
                if of.contains(&true) { of } else { Vec::new() }
            })
            .collect();
        Self { keys, of_item, members }
    }

    /// The key of an item.
    fn key(&self, item: usize) -> &str {
        &self.keys[self.of_item[item]]
    }

    /// Whether the item's key has departments and this is none of them.
    fn foreign(&self, item: usize, department: usize) -> bool {
        self.members[self.of_item[item]].get(department).is_some_and(|belongs| !belongs)
    }
}

pub(super) fn tasks(loads: &mut Loads, known: &Known, days: &Option<Period>) {
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
            let item = owner(l, sink, i, (&task.dept_id, &task.item_id), known, &owners);
            subject(l, sink, i, &task.subject, known);
            let Some(period) = days.as_ref().filter(|_| l.sound[i]) else { continue };
            let season = item.and_then(|at| items[at].season).filter(|_| task.mode == CheckMode::OnSite);
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

pub(super) fn plans(loads: &mut Loads, known: &Known, days: &Option<Period>) {
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
