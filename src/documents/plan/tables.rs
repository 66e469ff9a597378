//! The tables of a planning run: the two answer files for machines, and those for people.

use super::{certainty, post, visit_id};
use crate::domain::allocate::explain::words;
use crate::domain::allocate::{Member, Post, Staffed};
use crate::domain::merge::words as merge_words;
use crate::domain::planning::Visit;
use crate::exchange::write::{Cell, Column};
use crate::service::plan::Planned;

/// A table with its file name.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// File name without ending, ASCII.
    pub file: &'static str,
    /// Name of the sheet.
    pub title: &'static str,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

pub(super) fn dept_name(planned: &Planned, dept: u16) -> &str {
    &planned.county.input.departments[usize::from(dept)].name
}

pub(super) fn join<'a>(parts: impl Iterator<Item = &'a str>, by: &str) -> String {
    parts.collect::<Vec<_>>().join(by)
}

/// `visits.csv`: `visit_id,uscc,task_ids`, for machines.
#[must_use]
pub fn visits(planned: &Planned) -> Sheet {
    let input = &planned.county.input;
    let rows = planned.staffing.visits.iter().enumerate().map(|(v, visit)| {
        let tasks = join(visit.tasks.iter().map(|t| input.tasks[*t as usize].id.as_str()), ";");
        vec![
            visit_id(planned, v).into(),
            input.subjects[visit.subject as usize].key.as_str().into(),
            tasks.into(),
        ]
    });
    Sheet {
        file: "visits",
        title: "入企与任务",
        columns: ["visit_id", "uscc", "task_ids"].map(Column::id).into(),
        rows: rows.collect(),
    }
}

/// `tasks.csv`, when the tasks were drawn from plans: columns as in the table of tasks, so that whoever checks the
/// result or plans again has them; off-site tasks and those without a visit are in no other file.
#[must_use]
pub fn tasks(planned: &Planned) -> Option<Sheet> {
    use crate::domain::planning::input::{CheckMode, Notice};
    let input = &planned.county.input;
    if input.plans.is_empty() {
        return None;
    }
    let rows = input.tasks.iter().map(|t| {
        let mode = match t.mode {
            CheckMode::OnSite => "现场检查",
            CheckMode::Written => "书面检查",
            CheckMode::Online => "网络监测",
        };
        let notice = match t.notice {
            Notice::Unannounced => "突击",
            Notice::Announced => "提前告知",
            Notice::Either => "均可",
        };
        vec![
            t.id.as_str().into(),
            t.plan.as_str().into(),
            t.dept_id.as_str().into(),
            t.item_id.as_str().into(),
            t.subject.as_str().into(),
            t.earliest.to_string().into(),
            t.latest.to_string().into(),
            t.minutes.into(),
            mode.into(),
            notice.into(),
            t.priority.into(),
        ]
    });
    let columns = [
        "task_id", "plan", "dept_id", "item_id", "uscc", "earliest", "latest", "minutes", "mode", "notice",
        "priority",
    ];
    Some(Sheet {
        file: "tasks",
        title: "任务",
        columns: columns.map(Column::id).into(),
        rows: rows.collect(),
    })
}

/// The staffed visits by day and time.
pub(super) fn by_time(planned: &Planned) -> Vec<(usize, &Visit, &Staffed)> {
    let staffing = &planned.staffing;
    let mut list: Vec<(usize, &Visit, &Staffed)> = staffing
        .visits
        .iter()
        .zip(&staffing.staffed)
        .enumerate()
        .filter_map(|(v, (visit, staffed))| staffed.as_ref().map(|s| (v, visit, s)))
        .collect();
    list.sort_by_key(|(v, _, s)| (s.day, s.start, *v));
    list
}

/// `allocation.csv`: one row per person of a visit, for machines.
#[must_use]
pub fn allocation(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let mut rows = Vec::new();
    for (v, staffed) in planned.staffing.staffed.iter().enumerate() {
        let Some(staffed) = staffed else { continue };
        let mut team: Vec<_> = staffed.team.iter().collect();
        team.sort_by_key(|m| m.post);
        for member in team {
            rows.push(vec![
                visit_id(planned, v).into(),
                county.days[staffed.day].to_string().into(),
                county.grid.clock(staffed.start).into(),
                county.input.inspectors[member.person as usize].id.as_str().into(),
                post(member.post).into(),
            ]);
        }
    }
    Sheet {
        file: "allocation",
        title: "派员",
        columns: ["visit_id", "date", "start", "person_id", "role"].map(Column::id).into(),
        rows,
    }
}

/// The schedule for people: when, where, who, what.
#[must_use]
pub fn schedule(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let input = &county.input;
    let person = |p: u32| input.inspectors[p as usize].name.clone();
    let rows = by_time(planned).into_iter().map(|(v, visit, staffed)| {
        let subject = &input.subjects[visit.subject as usize];
        let end = staffed.start + county.grid.len(visit.occupation(county));
        let of_post = |post: Post| {
            staffed
                .team
                .iter()
                .filter(|m| m.post == post)
                .map(|m| person(m.person))
                .collect::<Vec<_>>()
                .join("、")
        };
        let items =
            visit.tasks.iter().map(|t| input.items[county.tasks[*t as usize].item as usize].name.as_str());
        vec![
            visit_id(planned, v).into(),
            county.days[staffed.day].into(),
            county.grid.clock(staffed.start).into(),
            if end >= county.grid.slots() { "收工".into() } else { county.grid.clock(end).into() },
            subject.key.as_str().into(),
            subject.name.as_str().into(),
            subject.town.as_str().into(),
            subject.address.as_str().into(),
            join(visit.requirements.iter().map(|r| dept_name(planned, r.pool)), "、").into(),
            join(items, ";").into(),
            of_post(Post::Lead).into(),
            of_post(Post::Second).into(),
            of_post(Post::Member).into(),
            of_post(Post::Expert).into(),
            visit.minutes.into(),
        ]
    });
    Sheet {
        file: "schedule",
        title: "入企安排",
        columns: vec![
            Column::id("入企编号"),
            Column::date("日期"),
            Column::id("开始时间"),
            Column::id("结束时间"),
            Column::id("统一社会信用代码或注册号"),
            Column::text("检查对象"),
            Column::text("乡镇街道"),
            Column::text("地址"),
            Column::text("参加部门"),
            Column::text("抽查事项"),
            Column::text("主办(A岗)"),
            Column::text("协办(B岗)"),
            Column::text("队员"),
            Column::text("专家"),
            Column::number("现场分钟"),
        ],
        rows: rows.collect(),
    }
}

/// What is out of the ordinary about a seat: nobody else was feasible, or the team mode was given up for it.
fn remark(planned: &Planned, visit: usize, member: &Member) -> String {
    let given_up = planned.fallbacks.iter().find(|f| f.visit as usize == visit && f.pool == member.pool);
    let mode = given_up.map(|f| {
        let own = planned.county.input.rules.team_mode;
        format!("“{}”不成,改按“{}”", words::mode(own), words::mode(f.mode))
    });
    let only = member.only_feasible.then(|| "唯一可行".to_owned());
    let kept = (!member.only_feasible && member.candidates == 0).then(|| {
        // Planned in packages, whoever was not drawn for the visit is of its team.
        let own = planned.moved.is_none() && planned.packages.is_some();
        if own { "本检查组人员" } else { "沿用上次派定" }.to_owned()
    });
    only.into_iter().chain(kept).chain(mode).collect::<Vec<_>>().join(";")
}

/// How each seat was drawn.
#[must_use]
pub fn seats(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let mut rows = Vec::new();
    for (v, staffed) in planned.staffing.staffed.iter().enumerate() {
        let Some(staffed) = staffed else { continue };
        for m in &staffed.team {
            let row = &county.input.inspectors[m.person as usize];
            let rejected = m.rejected.iter().map(|(p, visit)| {
                format!(
                    "{}(会使{}无法派齐)",
                    county.input.inspectors[*p as usize].id,
                    visit_id(planned, *visit as usize)
                )
            });
            rows.push(vec![
                visit_id(planned, v).into(),
                dept_name(planned, m.pool).into(),
                row.id.as_str().into(),
                row.name.as_str().into(),
                row.cert_no.as_str().into(),
                post(m.post).into(),
                Cell::Int(i64::try_from(planned.staffing.person_number[m.person as usize]).unwrap_or(0)),
                m.candidates.into(),
                if m.candidates == 0 { Cell::Empty } else { format!("{:032x}", m.lot).into() },
                Cell::Int(i64::try_from(m.weight).unwrap_or(0)),
                rejected.collect::<Vec<_>>().join(";").into(),
                remark(planned, v, m).into(),
            ]);
        }
    }
    Sheet {
        file: "teams",
        title: "抽取人员",
        columns: vec![
            Column::id("入企编号"),
            Column::text("部门"),
            Column::id("人员编号"),
            Column::text("姓名"),
            Column::id("执法证号"),
            Column::text("岗位"),
            Column::number("名录库编号"),
            Column::number("候选人数"),
            Column::id("签号"),
            Column::number("权重"),
            Column::text("签号在前但不能选中的人员"),
            Column::text("说明"),
        ],
        rows,
    }
}

/// What could not be merged, and what no visit can hold.
#[must_use]
pub fn unmerged(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let input = &county.input;
    let task_ids = |v: usize| {
        join(planned.merged.visits[v].tasks.iter().map(|t| input.tasks[*t as usize].id.as_str()), ";")
    };
    let mut rows: Vec<Vec<Cell>> = planned
        .merged
        .unplaced
        .iter()
        .map(|u| {
            let task = &county.tasks[u.task as usize];
            let subject = &input.subjects[task.subject as usize];
            vec![
                "无可行日期".into(),
                subject.key.as_str().into(),
                subject.name.as_str().into(),
                input.tasks[u.task as usize].id.as_str().into(),
                Cell::Empty,
                merge_words::unplaced(u).into(),
                merge_words::cures(county, &u.cure).into(),
            ]
        })
        .collect();
    for apart in &planned.merged.apart {
        let (this, other) = (apart.visit as usize, apart.other as usize);
        let subject = &input.subjects[planned.merged.visits[this].subject as usize];
        rows.push(vec![
            "不能并为一次".into(),
            subject.key.as_str().into(),
            subject.name.as_str().into(),
            task_ids(this).into(),
            task_ids(other).into(),
            merge_words::apart(county, apart).into(),
            merge_words::cures(county, &apart.cure).into(),
        ]);
    }
    for split in &planned.staffing.splits {
        let ids = |tasks: &[u32]| join(tasks.iter().map(|t| input.tasks[*t as usize].id.as_str()), ";");
        let subject = split.kept.first().map(|t| &input.subjects[county.tasks[*t as usize].subject as usize]);
        rows.push(vec![
            "因人员不足分开".into(),
            subject.map(|s| s.key.as_str()).into(),
            subject.map(|s| s.name.as_str()).into(),
            ids(&split.parted).into(),
            ids(&split.kept).into(),
            format!("{}人员不足,合并后无法派齐,分开后各自安排", dept_name(planned, split.pool)).into(),
            format!("{}增派人员或放宽检查期限后可以合并", dept_name(planned, split.pool)).into(),
        ]);
    }
    Sheet {
        file: "unmerged",
        title: "未合并",
        columns: vec![
            Column::text("情形"),
            Column::id("统一社会信用代码或注册号"),
            Column::text("检查对象"),
            Column::id("任务"),
            Column::id("与之分开的任务"),
            Column::text("原因"),
            Column::text("最小改动"),
        ],
        rows,
    }
}

/// What could not be staffed.
#[must_use]
pub fn unstaffed(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let input = &county.input;
    let rows = planned.unstaffed.iter().map(|u| {
        let visit = &planned.staffing.visits[u.visit];
        let subject = &input.subjects[visit.subject as usize];
        let seats: Vec<String> = u.why.seats.iter().map(|s| words::seat(county, s)).collect();
        let cures: Vec<String> = u.why.remedies.iter().map(|r| words::remedy(county, r)).collect();
        vec![
            visit_id(planned, u.visit).into(),
            subject.key.as_str().into(),
            subject.name.as_str().into(),
            join(visit.depts.iter().map(|d| dept_name(planned, *d)), "、").into(),
            join(visit.tasks.iter().map(|t| input.tasks[*t as usize].id.as_str()), ";").into(),
            certainty(planned, u).into(),
            shortened(&seats.join("\n")).into(),
            cures.join("\n或:").into(),
        ]
    });
    Sheet {
        file: "unstaffed",
        title: "未派齐",
        columns: vec![
            Column::id("入企编号"),
            Column::id("统一社会信用代码或注册号"),
            Column::text("检查对象"),
            Column::text("部门"),
            Column::id("任务"),
            Column::text("结论"),
            Column::text("逐日人员情况"),
            Column::text("最小改动(任取其一)"),
        ],
        rows: rows.collect(),
    }
}

/// A text that fits into a cell of a workbook (32,767 characters).
fn shortened(text: &str) -> String {
    const MOST: usize = 30_000;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain("……(其余从略)".chars()).collect()
}

/// Minutes of each person.
#[must_use]
pub fn loads(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let mut visits = vec![0_usize; county.people.len()];
    let mut minutes = vec![0_u32; county.people.len()];
    for (visit, staffed) in planned.staffing.visits.iter().zip(&planned.staffing.staffed) {
        for m in staffed.iter().flat_map(|s| &s.team) {
            visits[m.person as usize] += 1;
            minutes[m.person as usize] += visit.occupation(county);
        }
    }
    let rows = county.input.inspectors.iter().enumerate().map(|(p, row)| {
        let person = &county.people[p];
        vec![
            row.id.as_str().into(),
            row.name.as_str().into(),
            dept_name(planned, person.dept).into(),
            row.unit.as_str().into(),
            visits[p].into(),
            minutes[p].into(),
            row.load0.into(),
            person.available.len().into(),
            row.daily_minutes.into(),
        ]
    });
    Sheet {
        file: "loads",
        title: "工作量",
        columns: vec![
            Column::id("人员编号"),
            Column::text("姓名"),
            Column::text("部门"),
            Column::text("所属单位"),
            Column::number("入企次数"),
            Column::number("本期派工分钟"),
            Column::number("此前已派工分钟"),
            Column::number("可派天数"),
            Column::number("每日可用分钟"),
        ],
        rows: rows.collect(),
    }
}
