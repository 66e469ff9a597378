//! A formal plan from plans to visits: one draw per plan entry, one for the people, the result, and planning again.

use assert_cmd::Command;
use onedoor::cli::draw::finished;
use onedoor::domain::allocate::Options;
use onedoor::exchange::county;
use onedoor::service::plan::{self, Source};
use serde_json::Value;
use std::path::{Path, PathBuf};

const T0: u64 = 1_788_300_000;

fn run(args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_onedoor")).args(args).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (out.status.code().unwrap(), text)
}

fn done(args: &[&str]) -> String {
    let (code, text) = run(args);
    assert_eq!(code, 0, "{args:?}: {text}");
    text
}

/// A small county with two plans instead of tasks; the second is about an item that needs no entry, too.
fn county_with_plans(home: &Path) -> PathBuf {
    let dir = home.join("county");
    done(&["sample", "--preset", "tiny", "--seed", "1", "--out", dir.to_str().unwrap()]);
    let lines = |name: &str| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(dir.join(name)).unwrap();
        text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
    };
    let items = lines("items.csv");
    let departments = lines("departments.csv");
    let off_site = items.iter().find(|i| i[4] != "现场检查").unwrap();
    let dept = departments.iter().find(|d| d[0].starts_with(&format!("{}-", off_site[1]))).unwrap();
    let on_site = items.iter().find(|i| i[1] == off_site[1] && i[4] == "现场检查").unwrap();
    let market = departments.iter().find(|d| d[0].starts_with("SCJG-")).unwrap();
    let days = lines("calendar.csv");
    let (from, to) = (&days[0][0], &days[days.len() - 1][0]);
    std::fs::remove_file(dir.join("tasks.csv")).unwrap();
    let plans = format!(
        "计划编号,计划名称,部门编码,事项编码,主体类型,行业代码,乡镇街道,信用风险分类,抽查比例,分类比例,最早日期,最晚日期,优先级\n\
         JH-1,市场监管联合抽查,{},SCJG-01;SCJG-04,,,,,30%,D:100%,{from},{to},3\n\
         JH-2,书面加现场抽查,{},{};{},,,,,5家,,{from},{to},2\n",
        market[0], dept[0], off_site[0], on_site[0]
    );
    std::fs::write(dir.join("plans.csv"), plans).unwrap();
    dir
}

/// Holds one draw of the county in a folder; all draws of the plan entries are given to the draw of the people.
fn hold(home: &Path, county: &Path, name: &str, what: &[&str]) -> String {
    let dir = home.join(name).to_str().unwrap().to_owned();
    let at = |seconds: u64, step: &[&str]| {
        let time = (T0 + seconds).to_string();
        done(&[&["draw"], step, &["--at", &time]].concat());
    };
    let open = ["open", &dir, "--planning", county.to_str().unwrap(), "--policy", "ceremony"];
    let terms = ["--witness", "RD-1", "--witness", "GZ-2", "--not-before", "+300s", "--deadline", "+900s"];
    at(0, &[&open[..], what, &terms[..]].concat());
    at(10, &["seal", &dir, "--witness", "RD-1=4719", "--witness", "GZ-2=海阔天空"]);
    at(20, &["reveal", &dir]);
    at(301, &["result", &dir]);
    dir
}

fn rows(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn plans_are_drawn_one_by_one_then_the_people_and_nothing_is_lost_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let county = county_with_plans(home.path());
    let dir = county.to_str().unwrap();
    let (code, text) = run(&[
        "draw",
        "open",
        home.path().join("x").to_str().unwrap(),
        "--planning",
        dir,
        "--policy",
        "ceremony",
    ]);
    assert!(code == 3 && text.contains("--entry"), "{text}");
    let first = hold(home.path(), &county, "jh1", &["--entry", "JH-1"]);
    let second = hold(home.path(), &county, "jh2", &["--entry", "JH-2"]);
    let teams = hold(home.path(), &county, "teams", &["--drawn", &first, "--drawn", &second]);

    let out = home.path().join("result");
    let draws = ["--draw", &first, "--draw", &second, "--draw", &teams];
    let plan = ["plan", dir, "--date", "2026-09-01", "--json", "--out"];
    let text = done(&[&plan[..], &[out.to_str().unwrap()], &draws].concat());
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["rehearsal"], false);
    assert_eq!(summary["tasks_off_site"], 5, "five subjects of the second plan: {summary}");
    assert!(summary["tasks_on_site"].as_u64().unwrap() >= 5 + 2 * 8, "{summary}");
    assert_eq!(summary["tasks_done"], summary["tasks_on_site"]);
    for name in ["JH-1", "JH-2", "TEAMS"] {
        done(&["verify", out.join(format!("draw/{name}.json")).to_str().unwrap()]);
    }
    let tasks = rows(&out.join("tasks.csv"));
    let all = summary["tasks_on_site"].as_u64().unwrap() + 5;
    assert_eq!(tasks.len() as u64, all);

    // A draw that is missing, and tables changed after the draws.
    let other = home.path().join("other");
    let (code, text) = run(&[&plan[..], &[other.to_str().unwrap()], &draws[..2], &draws[4..]].concat());
    assert!(code == 3 && text.contains("缺少名单“JH-2”"), "{text}");
    let people = std::fs::read_to_string(county.join("leave.csv")).unwrap();
    let person = rows(&county.join("inspectors.csv"))[0].split(',').next().unwrap().to_owned();
    std::fs::write(county.join("leave.csv"), format!("{people}{person},2026-09-01,2026-09-04,病假\n"))
        .unwrap();
    let (code, text) = run(&[&plan[..], &[other.to_str().unwrap()], &draws].concat());
    assert!(code == 3 && text.contains("数据有改动"), "{text}");
    assert!(!other.exists());

    // Planning again after that change: no subject is drawn a second time, no task is lost, off-site ones included.
    let again = home.path().join("again");
    let keep = ["--keep", out.to_str().unwrap()];
    let text = done(&[&plan[..], &[again.to_str().unwrap()], &keep].concat());
    let second: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(second["tasks_off_site"], 5);
    assert_eq!(second["tasks_on_site"], summary["tasks_on_site"]);
    assert_eq!(rows(&again.join("tasks.csv")), tasks);
    // And once more from that answer, in which the draws of the subjects no longer stand.
    let third = home.path().join("third");
    let keep = ["--keep", again.to_str().unwrap()];
    done(&[&plan[..], &[third.to_str().unwrap()], &keep].concat());
    assert_eq!(rows(&third.join("tasks.csv")), tasks);
}

#[test]
fn a_draw_that_asked_for_something_else_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let county = county_with_plans(home.path());
    let first = hold(home.path(), &county, "jh1", &["--entry", "JH-1"]);
    let second = hold(home.path(), &county, "jh2", &["--entry", "JH-2"]);
    let (mut input, _) = county::read(&county).unwrap();
    input.sort();
    let good = finished(&[first.into(), second.into()]).unwrap();
    let told = |draws: Vec<plan::FormalDraw>| {
        let stop = plan::plan(input.clone(), &Source::Formal(draws), &Options::default(), &mut |_| ());
        stop.unwrap_err().to_string()
    };
    let text = told(good.clone());
    assert!(text.contains("缺少名单“TEAMS”"), "the entries themselves are in order: {text}");
    let mut more = good.clone();
    more[0].quotas.strata[0].lo += 1;
    assert!(told(more).contains("比例或户数与数据不符"));
    let mut total = good.clone();
    total[1].quotas.total += 1;
    assert!(told(total).contains("比例或户数与数据不符"));
    let mut groups = good;
    groups[0].groups[0].count += 1;
    assert!(told(groups).contains("分层和户数与数据不符"));
}
