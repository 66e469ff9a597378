//! The main job as its user does it: files in, files out, over the program itself.

use assert_cmd::Command;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn onedoor(args: &[&str]) -> (i32, String, String) {
    let out = Command::cargo_bin("onedoor").unwrap().args(args).output().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn ok(args: &[&str]) -> String {
    let (code, out, err) = onedoor(args);
    assert_eq!(code, 0, "{args:?}\n{out}{err}");
    out
}

struct Desk {
    home: tempfile::TempDir,
}

impl Desk {
    fn new(preset: &str) -> Self {
        let desk = Self { home: tempfile::tempdir().unwrap() };
        ok(&["sample", "--preset", preset, "--out", &desk.path("县")]);
        desk
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    fn plan(&self, input: &str, out: &str, more: &[&str]) -> serde_json::Value {
        let (input, out) = (self.path(input), self.path(out));
        let mut args = vec!["plan", &input, "--out", &out, "--json", "--date", "2026-03-01"];
        args.extend(more);
        serde_json::from_str(&ok(&args)).unwrap()
    }
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.file_name().unwrap().into(), std::fs::read(&path).unwrap());
        }
    }
    all
}

fn rows(path: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_county_from_files_to_files() {
    let desk = Desk::new("tiny");
    let summary = desk.plan("县", "果", &[]);
    assert!(summary["tasks_done"].as_u64().unwrap() > 0);
    assert_eq!(summary["rehearsal"], true);
    let names: BTreeSet<String> =
        files(&desk.home.path().join("果")).keys().map(|p| p.to_str().unwrap().to_owned()).collect();
    for name in ["visits.csv", "allocation.csv", "schedule.csv", "packages.csv", "teams.csv", "unmerged.csv"]
        .into_iter()
        .chain([
            "unstaffed.csv",
            "loads.csv",
            "summary.json",
            "report.html",
            "TEAMS.json",
            "联合检查安排.xlsx",
        ])
    {
        assert!(names.contains(name), "{name} of {names:?}");
    }
    // Every on-site task is behind exactly one door, and nobody is in two places at once.
    let tasks: Vec<String> = rows(&desk.path("果/visits.csv"))
        .iter()
        .flat_map(|r| r["task_ids"].split(';').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let distinct: BTreeSet<&String> = tasks.iter().collect();
    assert_eq!(distinct.len(), tasks.len());
    let unplaced = summary["tasks_unplaced"].as_u64().unwrap();
    assert_eq!(tasks.len() as u64 + unplaced, summary["tasks_on_site"].as_u64().unwrap());
    let mut seen = BTreeSet::new();
    for row in rows(&desk.path("果/allocation.csv")) {
        assert!(seen.insert((row["person_id"].clone(), row["date"].clone(), row["start"].clone())));
    }
    let (code, text, _) = onedoor(&["verify", &desk.path("果/draw/TEAMS.json")]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_order_threads_and_form() {
    let desk = Desk::new("tiny");
    desk.plan("县", "甲", &[]);
    desk.plan("县", "乙", &["--threads", "1"]);
    // The same tables with their rows upside down.
    std::fs::create_dir(desk.path("倒")).unwrap();
    for (name, bytes) in files(&desk.home.path().join("县")) {
        let name = name.to_str().unwrap().to_owned();
        let bytes = if name.ends_with(".csv") {
            let text = String::from_utf8(bytes).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            (lines.join("\r\n") + "\r\n").into_bytes()
        } else {
            bytes
        };
        std::fs::write(desk.home.path().join("倒").join(name), bytes).unwrap();
    }
    desk.plan("倒", "丙", &["--threads", "2"]);
    let all = |name: &str| files(&desk.home.path().join(name));
    assert_eq!(all("甲"), all("乙"));
    for (name, bytes) in all("丙") {
        assert!(all("甲")[&name] == bytes, "{}", name.display());
    }
    // Another seed draws other people.
    desk.plan("县", "丁", &["--seed", "另一颗"]);
    assert_ne!(all("甲")[Path::new("allocation.csv")], all("丁")[Path::new("allocation.csv")]);
}

#[test]
fn wrong_files_are_told_whole_and_nothing_is_written() {
    let desk = Desk::new("tiny");
    let path = desk.path("县/tasks.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let cell = |line: &mut String, n: usize, to: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells[n] = to;
        *line = cells.join(",");
    };
    cell(&mut lines[1], 3, "没有这个事项");
    cell(&mut lines[2], 5, "不是日期");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let (input, out) = (desk.path("县"), desk.path("果"));
    let (code, _, err) = onedoor(&["plan", &input, "--out", &out]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("没有这个事项") && err.contains("不是日期") && err.contains("第2行"), "{err}");
    assert!(!Path::new(&out).exists());
    let left: Vec<_> = std::fs::read_dir(desk.home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["县"], "nothing half written stays");
}

#[test]
fn a_folder_with_other_files_is_not_overwritten() {
    let desk = Desk::new("tiny");
    std::fs::create_dir(desk.path("果")).unwrap();
    std::fs::write(desk.path("果/我的文件.txt"), "重要").unwrap();
    let (input, out) = (desk.path("县"), desk.path("果"));
    assert_eq!(onedoor(&["plan", &input, "--out", &out, "--quiet"]).0, 4);
    assert_eq!(std::fs::read_to_string(desk.path("果/我的文件.txt")).unwrap(), "重要");
}

#[test]
fn a_formal_draw_with_witnesses_seeds_the_teams_and_binds_the_data() {
    let desk = Desk::new("tiny");
    let (county, draw, out) = (desk.path("县"), desk.path("抽"), desk.path("果"));
    let at = |t: &str, args: &[&str]| {
        let mut all = vec!["draw"];
        all.extend(args);
        all.extend(["--at", t]);
        ok(&all)
    };
    let start = [
        "open",
        &draw,
        "--planning",
        &county,
        "--policy",
        "ceremony",
        "--witness",
        "RD-1",
        "--witness",
        "GZ-2",
    ];
    at("1772323200", &start);
    let (code, _, err) = onedoor(&["plan", &county, "--out", &out, "--draw", &draw]);
    assert!(code == 3 && err.contains("尚未完成"), "{code} {err}");
    at("1772323300", &["seal", &draw, "--witness", "RD-1=4719", "--witness", "GZ-2=海阔天空"]);
    at("1772323400", &["reveal", &draw]);
    at("1772324000", &["result", &draw]);
    let summary = desk.plan("县", "果", &["--draw", &draw]);
    assert_eq!(summary["rehearsal"], false);
    let bundle: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("抽/draw.json")).unwrap()).unwrap();
    assert!(bundle["records"]["result"].as_str().unwrap().contains(summary["seed"].as_str().unwrap()));
    assert!(bundle["rules"].is_null(), "the planning input must not travel with a public draw");
    // Data changed after the draw: refused.
    let path = desk.path("县/leave.csv");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let person = rows(&desk.path("县/inspectors.csv"))[0]["人员编号"].clone();
    text += &format!("{person},2026-03-02,2026-03-02,病假\r\n");
    std::fs::write(&path, text).unwrap();
    let (code, _, err) = onedoor(&["plan", &county, "--out", &out, "--draw", &draw]);
    assert!(code == 3 && err.contains("数据有改动"), "{code} {err}");
}

#[test]
fn plans_are_drawn_then_merged_and_staffed() {
    let desk = Desk::new("county-plans");
    let summary = desk.plan("县", "果", &["--effort", "20"]);
    assert!(summary["tasks_done"].as_u64().unwrap() > 0, "{summary}");
    let draws = files(&desk.home.path().join("果/draw"));
    assert!(draws.len() > 1);
    for name in draws.keys() {
        let path = desk.home.path().join("果/draw").join(name);
        let (code, text, _) = onedoor(&["verify", path.to_str().unwrap()]);
        assert_eq!(code, 0, "{}\n{text}", name.display());
    }
}
