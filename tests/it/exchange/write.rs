//! What is written: it reads back, and no cell is a formula.

use chrono::NaiveDate;
use onedoor::exchange::outdir::{OutDir, OutDirError};
use onedoor::exchange::table::{Kind, Limits, Sheet, read_csv, read_xlsx};
use onedoor::exchange::write::{Book, Cell, Column, Table, neutralised, plain, write_csv};
use proptest::prelude::*;
use std::fs;

fn day() -> NaiveDate {
    "2026-03-02".parse().unwrap()
}

fn csv(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv(Table::new("t", columns, rows), &mut out).unwrap();
    out
}

fn xlsx(columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Vec<u8> {
    let mut book = Book::new(day()).unwrap();
    book.add(Table::new("表", columns, rows)).unwrap();
    let mut out = Vec::new();
    book.finish(&mut out).unwrap();
    out
}

fn texts(sheet: &Sheet) -> Vec<Vec<String>> {
    sheet.rows().map(|r| r.texts().map(str::to_owned).collect()).collect()
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    for bad in [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "\u{a0}=1",
        "\u{200b}=1",
        "'=1",
        "-",
    ] {
        let safe = neutralised(bad);
        assert_eq!(safe, format!("'{bad}"), "{bad:?}");
        assert_eq!(plain(&safe), bad);
    }
    for fine in
        ["", "a=b", "T0000001", "91339901MA9BFL5638", "2026-03-02", "甲-乙", "P1;P2", "1-2", "(1)", "3%"]
    {
        assert_eq!(neutralised(fine), fine);
        assert_eq!(plain(fine), fine);
    }
    let bytes = csv(
        vec![Column::id("编号"), Column::number("数")],
        vec![vec!["=cmd|' /C calc'!A0".into(), Cell::Int(-5)]],
    );
    assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}编号,数\r\n'=cmd|' /C calc'!A0,-5\r\n");
}

#[test]
fn identifiers_stay_byte_exact() {
    let rows = vec![vec![
        "V000001".into(),
        "91339901MA9BFL5638".into(),
        "T1;T2".into(),
        Cell::Date(day()),
        Cell::Empty,
        Cell::Float(1.5),
        Cell::Float(f64::NAN),
    ]];
    let columns = ["visit_id", "uscc", "task_ids", "date", "e", "f", "g"].map(Column::id).to_vec();
    let text = String::from_utf8(csv(columns, rows)).unwrap();
    assert_eq!(text.lines().nth(1), Some("V000001,91339901MA9BFL5638,\"T1;T2\",2026-03-02,,1.5,"));
}

#[test]
fn a_workbook_holds_texts_as_texts_and_days_as_days() {
    let columns =
        vec![Column::id("编号"), Column::text("名称").wide(30), Column::number("数"), Column::date("日")];
    let rows = vec![
        vec!["914403011922038000".into(), "=1+1".into(), Cell::Int(7), day().into()],
        vec!["007".into(), "\u{0}甲\u{1}".into(), Cell::Int(i64::MAX), Cell::Empty],
    ];
    let bytes = xlsx(columns.clone(), rows.clone());
    let sheet = read_xlsx(&bytes, &Limits::default()).unwrap().remove(0);
    assert_eq!(texts(&sheet)[1], ["914403011922038000", "=1+1", "7", "2026-03-02"]);
    assert_eq!(
        (sheet.row(1).kind(0), sheet.row(1).kind(1), sheet.row(1).kind(2), sheet.row(1).kind(3)),
        (Kind::Text, Kind::Text, Kind::Number, Kind::Date)
    );
    assert_eq!(texts(&sheet)[2], ["007", "甲\u{1}", "9223372036854775807"]);
    assert_eq!(bytes, xlsx(columns, rows), "equal contents, equal bytes");
    let mut part = String::new();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::Read::read_to_string(&mut zip.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut part).unwrap();
    assert!(!part.contains("<f>") && part.contains("autoFilter") && part.contains("pane "));
}

#[test]
fn sheet_names_are_made_fit() {
    let mut book = Book::new(day()).unwrap();
    for name in
        ["入企/清单[1]", "入企/清单[1]", "", "很长很长很长很长很长很长很长很长很长很长很长很长的名字", "'x'"]
    {
        book.add(Table::new(name, vec![Column::text("a")], vec![vec![Cell::from("1")]])).unwrap();
    }
    let mut out = Vec::new();
    book.finish(&mut out).unwrap();
    let names: Vec<_> =
        read_xlsx(&out, &Limits::default()).unwrap().into_iter().filter_map(|s| s.name).collect();
    assert_eq!(names.len(), 5);
    assert_eq!(&names[..3], ["入企 清单 1", "入企 清单 1(2)", "表"]);
}

proptest! {
    #[test]
    fn any_table_of_texts_reads_back_from_csv(rows in prop::collection::vec(prop::collection::vec("[ -~\u{3000}=＝@'\"\r\n\t人\u{200b}-]{0,8}", 3), 1..8)) {
        let columns = vec![Column::text("人员编号"), Column::text("姓名"), Column::text("性别")];
        let bytes = csv(columns, rows.iter().map(|r| r.iter().map(|c| Cell::from(c.as_str())).collect()).collect());
        let sheet = read_csv(&bytes, &Limits::default()).unwrap();
        let got: Vec<Vec<String>> = sheet.rows().skip(1).map(|r| (0..3).map(|c| plain(r.text(c)).to_owned()).collect()).collect();
        let blank = |c: &String| neutralised(c).chars().all(|c| c.is_whitespace() || c == '\u{200b}');
        let want: Vec<Vec<String>> = rows.into_iter().filter(|r| !r.iter().all(blank)).collect();
        prop_assert_eq!(got, want);
        // No cell of the file, as a spreadsheet sees it, begins like a formula.
        for row in sheet.rows() {
            for cell in row.texts() {
                let seen = cell.trim_start_matches([' ', '\u{200b}']);
                prop_assert!(!seen.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{:?}", cell);
            }
        }
    }

    #[test]
    fn and_from_a_workbook(rows in prop::collection::vec(prop::collection::vec("[!-~人＝]([ -~人＝\n]{0,8}[!-~人])?", 2), 1..5)) {
        let columns = vec![Column::text("a"), Column::id("b")];
        let bytes = xlsx(columns, rows.iter().map(|r| r.iter().map(|c| Cell::from(c.as_str())).collect()).collect());
        let sheet = read_xlsx(&bytes, &Limits::default()).unwrap().remove(0);
        prop_assert_eq!(&texts(&sheet)[1..], &rows[..]);
    }
}

#[test]
fn results_are_there_completely_or_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("out");
    let listed = || fs::read_dir(root.path()).unwrap().count();
    {
        let mut dir = OutDir::create(&target, false).unwrap();
        dir.write("a.csv", b"1").unwrap();
        assert!(!target.exists());
        assert_eq!(listed(), 1);
    }
    assert_eq!(listed(), 0, "dropped: nothing is left");
    let mut dir = OutDir::create(&target, false).unwrap();
    dir.write("a.csv", b"1").unwrap();
    dir.write("draw/b.txt", b"2").unwrap();
    for bad in ["../x", "/x", "a.csv", "", "x/../y", ".hidden", "a\\b"] {
        assert!(matches!(dir.write(bad, b""), Err(OutDirError::Name(_))), "{bad}");
    }
    assert_eq!(dir.commit().unwrap(), None);
    assert_eq!(fs::read(target.join("draw/b.txt")).unwrap(), b"2");
    // Our own results are replaced, all of them.
    let mut dir = OutDir::create(&target, false).unwrap();
    dir.write("c.csv", b"3").unwrap();
    dir.commit().unwrap();
    assert!(!target.join("a.csv").exists() && target.join("c.csv").exists());
    assert_eq!(listed(), 1);
    // A foreign file forbids it, and is never lost.
    fs::write(target.join("我的.docx"), "x").unwrap();
    assert!(matches!(OutDir::create(&target, false), Err(OutDirError::Foreign { .. })));
    let mut dir = OutDir::create(&target, true).unwrap();
    dir.write("d.csv", b"4").unwrap();
    let kept = dir.commit().unwrap().unwrap();
    assert_eq!(fs::read(kept.join("我的.docx")).unwrap(), b"x");
    assert!(target.join("d.csv").exists());
    fs::write(root.path().join("file"), "x").unwrap();
    assert!(matches!(OutDir::create(&root.path().join("file"), true), Err(OutDirError::NotADirectory(_))));
    // What arrives while we write is seen at the end.
    let late = root.path().join("late");
    let mut dir = OutDir::create(&late, false).unwrap();
    dir.write("e.csv", b"5").unwrap();
    fs::create_dir(&late).unwrap();
    fs::write(late.join("theirs"), "x").unwrap();
    assert!(dir.commit().is_err());
    assert_eq!(fs::read(late.join("theirs")).unwrap(), b"x");
}

/// Run by [`an_interrupt_leaves_nothing`] in a process of its own: begins to write and never ends.
#[cfg(unix)]
#[test]
#[ignore = "the other half of an_interrupt_leaves_nothing"]
fn writes_for_ever() {
    let Some(root) = std::env::var_os("ONEDOOR_TEST_FOLDER") else { return };
    onedoor::exchange::outdir::clean_up_on_interrupt().unwrap();
    let mut dir = OutDir::create(&std::path::Path::new(&root).join("out"), false).unwrap();
    for n in 0u64.. {
        // Once the folder is gone, writing fails: the process must still end by the interrupt.
        let _ = dir.write(&format!("{n}.csv"), b"x");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let there = || fs::read_dir(root.path()).unwrap().count();
    for signal in ["-INT", "-TERM"] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "exchange::write::writes_for_ever"])
            .env("ONEDOOR_TEST_FOLDER", root.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let wait = || std::thread::sleep(std::time::Duration::from_millis(20));
        for _ in 0..500 {
            if there() > 0 {
                break;
            }
            wait();
        }
        assert_eq!(there(), 1, "the folder being written");
        wait();
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        if !killed.is_ok_and(|s| s.success()) {
            let _ = child.kill();
            return;
        }
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(there(), 0, "{signal}");
    }
}
