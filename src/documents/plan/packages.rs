//! 名单包: the visits of each team; who is in a team and how packages were dealt, when the county plans in packages.

use super::tables::{Sheet, by_time, dept_name, join};
use super::visit_id;
use crate::domain::allocate::Staffed;
use crate::domain::allocate::packages::How;
use crate::domain::allocate::packages::staffing::Dealt;
use crate::domain::planning::Visit;
use crate::exchange::write::{Cell, Column};
use crate::service::plan::Planned;
use std::collections::BTreeMap;

/// The number of a package as written: `B00001` for team 0.
fn name(team: usize) -> String {
    format!("B{:05}", team + 1)
}

/// 名单包: the visits of each package in the order of the days. Where packages were dealt, one for each team drawn;
/// else one for each team of people that goes together.
#[must_use]
pub fn packages(planned: &Planned) -> Sheet {
    let county = &planned.county;
    let mut packages: BTreeMap<Vec<u32>, Vec<(usize, &Visit, &Staffed)>> = BTreeMap::new();
    for entry in by_time(planned) {
        let key = match &planned.packages {
            Some(dealt) => {
                let team = dealt.team_of.get(&entry.1.subject).copied().unwrap_or(0);
                vec![u32::try_from(team).unwrap_or(u32::MAX)]
            }
            None => {
                let mut people: Vec<u32> = entry.2.team.iter().map(|m| m.person).collect();
                people.sort_unstable();
                people
            }
        };
        packages.entry(key).or_default().push(entry);
    }
    let mut ordered: Vec<_> = packages.into_iter().collect();
    if planned.packages.is_none() {
        ordered.sort_by_key(|(_, list)| list.first().map(|(v, _, s)| (s.day, s.start, *v)));
    }
    let mut rows = Vec::new();
    for (n, (key, list)) in ordered.into_iter().enumerate() {
        let number = if planned.packages.is_some() { key.first().map_or(n, |t| *t as usize) } else { n };
        for (order, (v, visit, staffed)) in list.into_iter().enumerate() {
            let subject = &county.input.subjects[visit.subject as usize];
            rows.push(vec![
                name(number).into(),
                team(planned, visit, staffed).into(),
                (order + 1).into(),
                visit_id(planned, v).into(),
                county.days[staffed.day].into(),
                county.grid.clock(staffed.start).into(),
                subject.name.as_str().into(),
                subject.town.as_str().into(),
                subject.address.as_str().into(),
                subject.contact.as_str().into(),
            ]);
        }
    }
    Sheet {
        file: "packages",
        title: "名单包",
        columns: vec![
            Column::id("名单包编号"),
            Column::text("检查组"),
            Column::number("顺序"),
            Column::id("入企编号"),
            Column::date("日期"),
            Column::id("开始时间"),
            Column::text("检查对象"),
            Column::text("乡镇街道"),
            Column::text("地址"),
            Column::text("联系人"),
        ],
        rows,
    }
}

/// The people of a visit; where packages were dealt, who of them is not of the package's team.
fn team(planned: &Planned, visit: &Visit, staffed: &Staffed) -> String {
    let names = staffed.team.iter().map(|m| {
        let name = planned.county.input.inspectors[m.person as usize].name.as_str();
        match &planned.packages {
            Some(dealt) if dealt.substitute(visit.subject, m) => format!("{name}(替补)"),
            Some(dealt) if dealt.shared.contains(&m.pool) => format!("{name}(逐次抽取)"),
            _ => name.to_owned(),
        }
    });
    let names: Vec<String> = names.collect();
    join(names.iter().map(String::as_str), "、")
}

/// 检查组: who is in the team of each package, when packages were dealt.
#[must_use]
pub fn teams(planned: &Planned) -> Option<Sheet> {
    let dealt = planned.packages.as_ref()?;
    let county = &planned.county;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (team, members) in dealt.teams.iter().enumerate() {
        let subjects = dealt.team_of.values().filter(|t| **t == team).count();
        for m in members {
            let row = &county.input.inspectors[m.person as usize];
            rows.push(vec![
                name(team).into(),
                (dealt.package_of[team] + 1).into(),
                subjects.into(),
                Cell::Int(i64::try_from(dealt.minutes[team]).unwrap_or(i64::MAX)),
                dept_name(planned, county.people[m.person as usize].dept).into(),
                row.id.as_str().into(),
                row.name.as_str().into(),
                format!("{:032x}", m.lot).into(),
            ]);
        }
    }
    Some(Sheet {
        file: "package_teams",
        title: "检查组",
        columns: vec![
            Column::id("名单包编号"),
            Column::number("抽签前的包号"),
            Column::number("检查对象户数"),
            Column::number("包内分钟"),
            Column::text("部门"),
            Column::id("人员编号"),
            Column::text("姓名"),
            Column::id("签号"),
        ],
        rows,
    })
}

/// Visits made with somebody who is not of the package's team.
fn with_substitutes(planned: &Planned, dealt: &Dealt) -> usize {
    let visits = planned.staffing.visits.iter().zip(&planned.staffing.staffed);
    let stands_in = |(visit, staffed): &(&Visit, &Option<Staffed>)| {
        staffed.iter().flat_map(|s| &s.team).any(|m| dealt.substitute(visit.subject, m))
    };
    visits.filter(stands_in).count()
}

/// How packages were dealt, in a sentence; none when there are none.
#[must_use]
pub fn sentence(planned: &Planned) -> Option<String> {
    let dealt = planned.packages.as_ref()?;
    let how = match dealt.how {
        How::Uniform { tries } => format!("第 {tries} 次随机排列成立,每种允许的对应机会均等"),
        How::Serial => "允许的对应太少,逐组按签抽取".to_owned(),
        How::Exchanged => format!("没有完全允许的对应,取不相容最少的,再调换 {} 户", dealt.exchanged.len()),
    };
    let shared: Vec<&str> = dealt
        .shared
        .iter()
        .filter(|d| planned.staffing.visits.iter().any(|v| v.requirements.iter().any(|r| r.pool == **d)))
        .map(|d| dept_name(planned, *d))
        .collect();
    let shared = if shared.is_empty() {
        String::new()
    } else {
        format!(";人数不够分到各组、逐次抽取的部门(专家库):{}", shared.join("、"))
    };
    Some(format!(
        "名单包:{} 户分为 {} 包,与抽定的检查组随机对应({how});{} 次入企有替补{shared}。",
        dealt.team_of.len(),
        dealt.teams.len(),
        with_substitutes(planned, dealt)
    ))
}
