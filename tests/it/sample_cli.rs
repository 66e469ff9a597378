//! `onedoor sample` as a person runs it.

use assert_cmd::Command;

fn onedoor() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("onedoor"))
}

#[test]
fn a_sample_is_written_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("小样");
    let run =
        onedoor().args(["sample", "--preset", "tiny", "--seed", "3", "--out"]).arg(&out).assert().success();
    let said = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(said.contains("检查对象 24 个") && said.contains("tasks.csv"), "{said}");
    assert!(std::fs::read(out.join("tasks.csv")).unwrap().starts_with(b"\xEF\xBB\xBF"));
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("名单.xlsx"), "x").unwrap();
    let run = onedoor().args(["sample", "--out"]).arg(dir.path()).assert().code(1);
    let said = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(said.contains("名单.xlsx") && said.contains("空文件夹"), "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
