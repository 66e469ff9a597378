//! What `super::reasons` found, in Chinese sentences for officials.

use super::super::planning::Instance;
use super::super::planning::input::Notice;
use super::{Apart, Cure, NoDay, Reason, Unplaced};

/// Tasks or departments named at most in one sentence; more are counted.
const NAMED: usize = 5;

/// A reason in one sentence without a full stop.
#[must_use]
pub fn reason(county: &Instance, reason: &Reason) -> String {
    match reason {
        Reason::MixedNotice { unannounced, announced } => {
            format!(
                "告知方式冲突:{}须突击检查,{}须提前告知",
                tasks(county, unannounced),
                tasks(county, announced)
            )
        }
        Reason::NoCommonDay { ends_first, starts_last } => {
            let last = county.tasks[*ends_first as usize].days.max().map(|d| county.days[d]);
            let first = county.tasks[*starts_last as usize].days.min().map(|d| county.days[d]);
            match (last, first) {
                (Some(last), Some(first)) if last < first => format!(
                    "没有共同日期:{}最迟可在{last},{}最早可在{first}",
                    task(county, *ends_first),
                    task(county, *starts_last)
                ),
                _ => "没有共同日期:各任务的窗口虽有交叠,但扣除安静日和季节限制后没有同一天".to_owned(),
            }
        }
        Reason::TooLong { minutes, limit } => {
            format!("合并后需{minutes}分钟,超过单次入企时长上限{limit}分钟")
        }
        Reason::TooManyDepartments { depts, limit } => {
            let names: Vec<&str> =
                depts.iter().map(|d| county.input.departments[*d as usize].name.as_str()).collect();
            format!("合并后涉及{}个部门({}),超过单次入企部门数上限{limit}个", depts.len(), names.join("、"))
        }
        Reason::TooManyPeople { people, limit } => {
            format!("合并后须派{people}人,超过单次入企人数上限{limit}人")
        }
        Reason::OverCap { item, cap, visits } => {
            format!("{}年度频次上限为{cap}次,现分在{visits}次入企中,超过上限", item_name(county, *item))
        }
    }
}

/// Why a task has no day, in one sentence without a full stop.
#[must_use]
pub fn no_day(reason: &NoDay) -> String {
    match reason {
        NoDay::WindowInverted { earliest, latest } => format!("最早日期{earliest}晚于最晚日期{latest}"),
        NoDay::OutsidePeriod { period: Some((from, to)) } => format!("任务窗口不在规划期{from}至{to}之内"),
        NoDay::OutsidePeriod { period: None } => "日历为空,没有规划期".to_owned(),
        NoDay::NoWorkday => "任务窗口内没有工作日".to_owned(),
        NoDay::Quiet { days } => format!("窗口内有{days}个工作日属于企业安静期"),
        NoDay::OutOfSeason { days } => format!("窗口内有{days}个工作日不在事项的季节限制之内"),
        NoDay::NoDepartmentAllowed => "单次入企部门数上限为0,任何部门都不能入企".to_owned(),
    }
}

/// A change to make, as an instruction without a full stop.
#[must_use]
pub fn cure(county: &Instance, cure: &Cure) -> String {
    match cure {
        Cure::Earlier { task: t, to } => format!("将{}的最早日期提前至{to}", task(county, *t)),
        Cure::Later { task: t, to } => format!("将{}的最晚日期延后至{to}", task(county, *t)),
        Cure::Notice { tasks: list, to } => {
            let to = match to {
                Notice::Unannounced => "突击",
                Notice::Announced => "提前告知",
                Notice::Either => "均可",
            };
            format!("将{}的告知方式改为“{to}”", tasks(county, list))
        }
        Cure::VisitMinutes { to } => {
            let grid = county.grid;
            let fits =
                grid.starts(grid.len(to.saturating_add(county.input.rules.travel_minutes))).next().is_some();
            let warning = if fits { "" } else { "(加上路途超过半天,还须放宽半天的时段)" };
            format!("将单次入企时长上限提高到{to}分钟{warning}")
        }
        Cure::VisitDepartments { to } => format!("将单次入企部门数上限提高到{to}个"),
        Cure::VisitPeople { to } => format!("将单次入企人数上限提高到{to}人,或减少各部门派出人数"),
        Cure::Season { item, include } => {
            format!("调整{}的季节限制,使其包含{include}", item_name(county, *item))
        }
    }
}

/// All changes to be made together.
#[must_use]
pub fn cures(county: &Instance, list: &[Cure]) -> String {
    let each: Vec<String> = list.iter().map(|c| cure(county, c)).collect();
    match each.as_slice() {
        [] => "无可行的调整:日历中没有可用的工作日,请补充日历".to_owned(),
        [only] => only.clone(),
        several => format!("须同时:{}", several.join(";")),
    }
}

/// Why two visits are not one, in one line.
#[must_use]
pub fn apart(county: &Instance, apart: &Apart) -> String {
    apart.reasons.iter().map(|r| reason(county, r)).collect::<Vec<_>>().join(";")
}

/// Why a task is in no visit, in one line.
#[must_use]
pub fn unplaced(unplaced: &Unplaced) -> String {
    unplaced.reasons.iter().map(no_day).collect::<Vec<_>>().join(";")
}

fn task(county: &Instance, t: u32) -> String {
    let row = &county.input.tasks[t as usize];
    format!("任务{}({})", row.id, item_name(county, county.tasks[t as usize].item))
}

fn tasks(county: &Instance, list: &[u32]) -> String {
    let named: Vec<String> = list.iter().take(NAMED).map(|t| task(county, *t)).collect();
    let more = if list.len() > NAMED { format!("等{}项任务", list.len()) } else { String::new() };
    named.join("、") + &more
}

fn item_name(county: &Instance, item: u32) -> &str {
    &county.input.items[item as usize].name
}
