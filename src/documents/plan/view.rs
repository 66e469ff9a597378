//! A planning run as the report shows it.

use super::summary::Summary;
use super::{certainty, visit_id};
use crate::documents::report::{
    DayView, DepartmentView, DrawLine, DrawMode, DrawView, Headline, IssueRow, IssueView, ReportView,
    TownView,
};
use crate::domain::allocate::explain::words;
use crate::domain::allocate::loads::PoolLoad;
use crate::domain::merge::words as merge_words;
use crate::domain::planning::input::PoolKind;
use crate::service::plan::Planned;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The name that most departments' names begin with up to 县, 市, 区 or 州: the county.
fn county_name(planned: &Planned) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for d in &planned.county.input.departments {
        if let Some(end) = d.name.find(['县', '市', '区', '州', '旗'])
            && let Some(name) = d.name.get(..end + '县'.len_utf8())
            && name.chars().count() <= 8
        {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .max_by_key(|(name, n)| (*n, std::cmp::Reverse(name.clone())))
        .map_or(String::new(), |c| c.0)
}

/// The report of a planning run; `s` are its figures.
#[must_use]
pub fn of(
    planned: &Planned,
    s: &Summary,
    made_on: NaiveDate,
    notes: Vec<String>,
    verify: String,
) -> ReportView {
    let county = &planned.county;
    let input = &county.input;
    let name = county_name(planned);
    let from = county.days.first().copied().unwrap_or(made_on);
    let to = county.days.last().copied().unwrap_or(made_on);
    let headline = Headline {
        subjects: small(s.subjects),
        tasks: small(s.tasks_on_site),
        tasks_done: small(s.tasks_done),
        off_site_tasks: small(s.tasks_off_site),
        separate_visits: small(s.separate_visits),
        visits: small(s.visits),
        joint_visits: small(s.joint_visits),
        staffed_visits: small(s.staffed),
        people: small(s.people),
        people_total: small(input.inspectors.len()),
    };
    ReportView {
        title: "跨部门联合抽查排定结果".to_owned(),
        county: name,
        from,
        to,
        made_on,
        headline,
        departments: departments(planned, &s.loads),
        days: county
            .days
            .iter()
            .enumerate()
            .map(|(d, date)| DayView { date: *date, quiet: county.quiet.contains(d) })
            .collect(),
        towns: towns(planned),
        issues: issues(planned),
        draw: draw(planned, verify),
        notes,
        files: FILES
            .iter()
            .filter(|(f, _)| *f != "changes.csv" || planned.moved.is_some())
            .filter(|(f, _)| *f != "package_teams.csv" || planned.packages.is_some())
            .filter(|(f, _)| *f != "tasks.csv" || !input.plans.is_empty())
            .map(|(f, what)| ((*f).to_owned(), (*what).to_owned()))
            .collect(),
    }
}

/// Files handed over with the report.
const FILES: &[(&str, &str)] = &[
    ("联合检查安排.xlsx", "以下各表合为一个工作簿"),
    ("schedule.csv", "入企安排:日期、时间、对象、部门、事项、主办(A岗)和协办(B岗)"),
    ("packages.csv", "名单包:每个检查组的入企清单"),
    ("package_teams.csv", "检查组:每个名单包的检查组人员及签号"),
    ("teams.csv", "每个席位的抽取过程:候选人数、签号、权重、不能选中的人员及原因"),
    ("unmerged.csv", "未合并的任务、原因和最小改动"),
    ("unstaffed.csv", "未派齐的入企、逐日人员情况和最小改动"),
    ("changes.csv", "再次规划时:与上次结果相比的全部变动"),
    ("loads.csv", "每名人员的工作量"),
    ("visits.csv、allocation.csv", "供其他程序读取的结果"),
    ("tasks.csv", "由计划抽取的全部任务,非现场的也在内"),
    ("draw/", "抽取记录,任何人可用 onedoor verify 验证"),
    ("summary.json", "全部数字"),
];

fn departments(planned: &Planned, bounds: &[PoolLoad]) -> Vec<DepartmentView> {
    let county = &planned.county;
    let mut separate: BTreeSet<(u16, u32)> = BTreeSet::new();
    for t in county.tasks.iter().filter(|t| t.on_site) {
        separate.insert((t.dept, t.subject));
    }
    let (mut joint, mut own) = (vec![0; county.pool.len()], vec![0; county.pool.len()]);
    for visit in &planned.staffing.visits {
        let to = if visit.requirements.len() > 1 { &mut joint } else { &mut own };
        for r in &visit.requirements {
            to[usize::from(r.pool)] += 1_u32;
        }
    }
    let mut order: Vec<usize> = (0..county.pool.len()).collect();
    order.sort_by_key(|d| county.rank[*d]);
    order
        .into_iter()
        .map(|d| {
            let row = &county.input.departments[d];
            DepartmentView {
                name: row.name.clone(),
                experts: row.pool == PoolKind::Experts,
                separate_visits: small(separate.iter().filter(|(x, _)| usize::from(*x) == d).count()),
                joint_visits: joint[d],
                own_visits: own[d],
                loads_minutes: bounds[d]
                    .loads
                    .iter()
                    .map(|l| u32::try_from(*l).unwrap_or(u32::MAX))
                    .collect(),
                least_max_minutes: u32::try_from(bounds[d].least_max).unwrap_or(u32::MAX),
            }
        })
        .collect()
}

fn towns(planned: &Planned) -> Vec<TownView> {
    let county = &planned.county;
    let mut towns: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (visit, staffed) in planned.staffing.visits.iter().zip(&planned.staffing.staffed) {
        if let Some(staffed) = staffed {
            let town = county.input.subjects[visit.subject as usize].town.as_str();
            let town = if town.is_empty() { "(未填乡镇街道)" } else { town };
            towns.entry(town).or_insert_with(|| vec![0; county.days.len()])[staffed.day] += 1;
        }
    }
    let mut list: Vec<TownView> =
        towns.into_iter().map(|(name, visits)| TownView { name: name.to_owned(), visits }).collect();
    list.sort_by_key(|t| (std::cmp::Reverse(t.visits.iter().sum::<u32>()), t.name.clone()));
    list
}

fn issues(planned: &Planned) -> Vec<IssueView> {
    let county = &planned.county;
    let input = &county.input;
    let place = |subject: u32| {
        let s = &input.subjects[subject as usize];
        if s.town.is_empty() { s.name.clone() } else { format!("{}({})", s.name, s.town) }
    };
    let items = |tasks: &[u32]| {
        let names = tasks.iter().map(|t| {
            let task = &county.tasks[*t as usize];
            format!(
                "{}:{}",
                input.departments[usize::from(task.dept)].name,
                input.items[task.item as usize].name
            )
        });
        names.collect::<Vec<_>>().join(";")
    };
    let mut list = Vec::new();
    if !planned.unstaffed.is_empty() {
        let rows = planned.unstaffed.iter().take(crate::documents::report::ISSUE_ROWS).map(|u| {
            let visit = &planned.staffing.visits[u.visit];
            IssueRow {
                subject: format!("{} {}", visit_id(planned, u.visit), place(visit.subject)),
                what: items(&visit.tasks),
                why: certainty(planned, u),
                cure: u.why.remedies.first().map_or(String::new(), |r| words::remedy(county, r)),
            }
        });
        list.push(IssueView {
            title: "未能派齐人员的入企".to_owned(),
            total: small(planned.unstaffed.len()),
            rows: rows.collect(),
            file: "unstaffed.csv".to_owned(),
        });
    }
    if !planned.merged.unplaced.is_empty() {
        let rows =
            planned.merged.unplaced.iter().take(crate::documents::report::ISSUE_ROWS).map(|u| IssueRow {
                subject: place(county.tasks[u.task as usize].subject),
                what: items(&[u.task]),
                why: merge_words::unplaced(u),
                cure: merge_words::cures(county, &u.cure),
            });
        list.push(IssueView {
            title: "没有可行日期的任务".to_owned(),
            total: small(planned.merged.unplaced.len()),
            rows: rows.collect(),
            file: "unmerged.csv".to_owned(),
        });
    }
    if !planned.merged.apart.is_empty() {
        let rows = planned.merged.apart.iter().take(crate::documents::report::ISSUE_ROWS).map(|a| {
            let visit = &planned.merged.visits[a.visit as usize];
            IssueRow {
                subject: place(visit.subject),
                what: items(&visit.tasks),
                why: merge_words::apart(county, a),
                cure: merge_words::cures(county, &a.cure),
            }
        });
        list.push(IssueView {
            title: "同一对象不能并为一次的入企".to_owned(),
            total: small(planned.merged.apart.len()),
            rows: rows.collect(),
            file: "unmerged.csv".to_owned(),
        });
    }
    list
}

fn draw(planned: &Planned, verify: String) -> DrawView {
    let mut draws: Vec<_> = planned.draws.iter().collect();
    draws.reverse();
    let line = |d: &&crate::service::plan::DrawDone| DrawLine {
        purpose: d.purpose.clone(),
        draw_id: hex::encode(d.held.draw_id),
        subject_pool: hex::encode(d.held.subject_root),
        inspector_pool: hex::encode(d.held.inspector_root),
        seed: hex::encode(d.held.seed),
    };
    let main = draws.first();
    DrawView {
        mode: if planned.rehearsal { DrawMode::Rehearsal } else { DrawMode::Formal },
        policy: if planned.rehearsal {
            "演练:种子由公开文本和数据摘要导出,任何人可以重算,不具效力".to_owned()
        } else {
            "正式:按 VDR/1 协议公开抽取".to_owned()
        },
        lines: draws.iter().map(line).collect(),
        witnesses: main.map_or(Vec::new(), |d| d.witnesses.clone()),
        beacons: main.map_or(Vec::new(), |d| d.beacons.clone()),
        checkpoint: main
            .map_or(String::new(), |d| format!("{}\n{}\n", d.held.log_size, hex::encode(d.held.log_root))),
        verify,
    }
}
