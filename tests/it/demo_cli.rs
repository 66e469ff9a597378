//! `onedoor demo`: the whole joint inspection through the public API, as a stranger sees it first.

use assert_cmd::Command;

#[test]
fn the_demonstration_plays_to_its_end_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let run =
        Command::cargo_bin("onedoor").unwrap().arg("demo").arg("--once").arg("--data").arg(&data).assert();
    let out = String::from_utf8(run.success().get_output().stdout.clone()).unwrap();
    for part in [
        "拒绝:",
        "结论全部成立",
        "被抽中",
        "协调办确认排期",
        "看到自己的",
        "检查点",
        "联合抽查自动办结",
        "按时公示率 100.00%",
        "齐全",
    ] {
        assert!(out.contains(part), "{part} is not in\n{out}");
    }
    // Joining visits saved some, and every visit has its team.
    let line = out.lines().find(|l| l.contains("合并后")).unwrap();
    let figures: Vec<usize> =
        line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [_, subjects, tasks, separate, joined, saved] = figures[..] else { panic!("{line}") };
    assert!(subjects > 0 && tasks > subjects && joined < separate && saved == separate - joined, "{line}");
    assert!(out.contains("未派齐 0 次"), "{out}");
    // The data of a named folder stay, and are not played over.
    assert!(data.join("onedoor.db").exists());
    Command::cargo_bin("onedoor")
        .unwrap()
        .arg("demo")
        .arg("--once")
        .arg("--data")
        .arg(&data)
        .assert()
        .failure();
}
