//! dev harness (deleted later)
#![allow(clippy::all, missing_docs)]
use onedoor::clock::Stopwatch;
use onedoor::domain::allocate::*;
use onedoor::domain::planning::input::*;
use onedoor::domain::planning::*;
use std::path::Path;
fn rows(d: &Path, n: &str) -> Vec<Vec<String>> {
    let mut r = csv::ReaderBuilder::new().from_path(d.join(format!("{n}.csv"))).unwrap();
    r.records().map(|x| x.unwrap().iter().map(|s| s.to_string()).collect()).collect()
}
fn date(s: &str) -> chrono::NaiveDate {
    s.parse().unwrap()
}
fn mode(s: &str) -> CheckMode {
    match s {
        "现场检查" => CheckMode::OnSite,
        "书面检查" => CheckMode::Written,
        _ => CheckMode::Online,
    }
}
fn notice(s: &str) -> Notice {
    match s {
        "突击" => Notice::Unannounced,
        "提前告知" => Notice::Announced,
        _ => Notice::Either,
    }
}
pub fn read(d: &Path) -> Input {
    let mut i = Input::default();
    let cfg: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(d.join("config.json")).unwrap()).unwrap();
    i.rules.min_per_dept = cfg["min_per_dept"].as_u64().unwrap() as u32;
    for r in rows(d, "departments") {
        i.departments.push(Department {
            id: r[0].clone(),
            uscc: r[1].clone(),
            name: r[2].clone(),
            level: r[3].clone(),
            division: r[4].clone(),
            pool: if r[5] == "专家" { PoolKind::Experts } else { PoolKind::Officers },
            rank: r[6].parse().unwrap(),
        });
    }
    for r in rows(d, "items") {
        i.items.push(Item {
            id: r[0].clone(),
            dept_key: r[1].clone(),
            name: r[2].clone(),
            minutes: r[3].parse().unwrap(),
            mode: mode(&r[4]),
            notice: notice(&r[5]),
            equiv: r[6].clone(),
            equiv_name: r[7].clone(),
            qual: r[8].clone(),
            freq: r[9].parse().unwrap(),
            season: r[10].split_once('~').map(|(a, b)| {
                let f = |x: &str| {
                    let (m, d) = x.split_once('-').unwrap();
                    (m.parse().unwrap(), d.parse().unwrap())
                };
                Season { from: f(a), to: f(b) }
            }),
            expert: r[11].clone(),
        });
    }
    for r in rows(d, "subjects") {
        i.subjects.push(Subject {
            key: r[0].clone(),
            has_uscc: true,
            name: r[1].clone(),
            kind: r[2].clone(),
            division: r[3].clone(),
            town: r[4].clone(),
            address: r[5].clone(),
            industry: r[6].clone(),
            industry_name: r[7].clone(),
            credit: r[8].clone(),
            founded: None,
            lon: None,
            lat: None,
            contact: r[12].clone(),
        });
    }
    for r in rows(d, "inspectors") {
        i.inspectors.push(Inspector {
            id: r[0].clone(),
            name: r[1].clone(),
            sex: r[2].clone(),
            dept_id: r[3].clone(),
            unit_type: r[4].clone(),
            unit: r[5].clone(),
            post: if r[6] == "专家" { PoolKind::Experts } else { PoolKind::Officers },
            cert_no: r[7].clone(),
            daily_minutes: r[8].parse().unwrap(),
            can_lead: r[9] == "是",
            load0: r[10].parse().unwrap(),
        });
    }
    for r in rows(d, "qualifications") {
        i.qualifications.push(Qualification {
            person_id: r[0].clone(),
            qual: r[1].clone(),
            qual_name: r[2].clone(),
            no: r[3].clone(),
            from: date(&r[4]),
            to: date(&r[5]),
        });
    }
    for r in rows(d, "recusals") {
        i.recusals.push(Recusal { person_id: r[0].clone(), subject: r[1].clone(), reason: r[2].clone() });
    }
    for r in rows(d, "leave") {
        i.leave.push(Leave {
            person_id: r[0].clone(),
            from: date(&r[1]),
            to: date(&r[2]),
            kind: r[3].clone(),
        });
    }
    for r in rows(d, "calendar") {
        i.calendar.push(CalendarDay { date: date(&r[0]), workday: r[1] == "是", quiet: r[2] == "是" });
    }
    for r in rows(d, "tasks") {
        i.tasks.push(Task {
            id: r[0].clone(),
            plan: r[1].clone(),
            dept_id: r[2].clone(),
            item_id: r[3].clone(),
            subject: r[4].clone(),
            earliest: date(&r[5]),
            latest: date(&r[6]),
            minutes: r[7].parse().unwrap(),
            mode: mode(&r[8]),
            notice: notice(&r[9]),
            priority: r[10].parse().unwrap(),
        });
    }
    i
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let d = Path::new(&a[1]);
    let rounds: usize = a[2].parse().unwrap();
    let w = Stopwatch::start();
    let county = Instance::new(read(d)).unwrap();
    eprintln!("read {:?}", w.elapsed());
    let w = Stopwatch::start();
    let merged = onedoor::domain::merge::into_visits(&county);
    eprintln!("merge {:?} {}", w.elapsed(), merged.visits.len());
    let visits = merged.visits;
    let seed: u8 = a.get(3).map_or(0, |s| s.parse().unwrap());
    let w = Stopwatch::start();
    let opt =
        Options { most_rounds: rounds, unmerge: !a.iter().any(|x| x == "nounmerge"), ..Default::default() };
    let st =
        staff(&county, &visits, &[seed; 32], "F01", &opt, &mut |p| eprintln!("{:?} {:?}", w.elapsed(), p));
    let rej: usize = st.staffed.iter().flatten().flat_map(|s| &s.team).map(|m| m.rejected.len()).sum();
    let only: usize = st.staffed.iter().flatten().flat_map(|s| &s.team).filter(|m| m.only_feasible).count();
    let seats: usize = st.staffed.iter().flatten().map(|s| s.team.len()).sum();
    eprintln!("seats {seats} rejected {rej} only {only} splits {}", st.splits.len());
    let mut f = String::from("visit_id,uscc,task_ids\n");
    let mut g = String::from("visit_id,date,start,person_id,role\n");
    for (i, v) in st.visits.iter().enumerate() {
        f += &format!(
            "V{:06},{},{}\n",
            i + 1,
            county.input.subjects[v.subject as usize].key,
            v.tasks.iter().map(|t| county.input.tasks[*t as usize].id.clone()).collect::<Vec<_>>().join(";")
        );
        if let Some(s) = &st.staffed[i] {
            for m in &s.team {
                g += &format!(
                    "V{:06},{},{},{},{}\n",
                    i + 1,
                    county.days[s.day],
                    county.grid.clock(s.start),
                    county.input.inspectors[m.person as usize].id,
                    match m.post {
                        Post::Lead => "主办",
                        Post::Second => "协办",
                        Post::Member => "队员",
                        Post::Expert => "专家",
                    }
                );
            }
        }
    }
    std::fs::write("/tmp/v.csv", f).unwrap();
    std::fs::write("/tmp/a.csv", g).unwrap();
}
