//! Whole counties: clean ones in every dress; what tests of faulty ones share.

use super::{county, folder, of, shared};
use onedoor::domain::planning::Instance;
use onedoor::domain::planning::input::{CheckMode, Input, Notice};
use onedoor::exchange::county::{Notes, read};
use onedoor::exchange::fault::{Faults, Severity};
use rust_xlsxwriter::Workbook;
use std::collections::BTreeMap;

pub(super) type Files = BTreeMap<String, String>;

pub(super) fn good(files: &Files) -> (Input, Notes) {
    let dir = folder(files);
    read(dir.path()).map_err(|f| f.to_string()).unwrap()
}

pub(super) fn bad(files: &Files) -> Faults {
    let dir = folder(files);
    read(dir.path()).map(|_| ()).unwrap_err()
}

pub(super) fn sorted(files: &Files) -> Input {
    let (mut input, _) = good(files);
    input.sort();
    input
}

/// Expects one fault of a kind at a row and column.
pub(super) fn one(files: &Files, code: &str, file: &str, row: u32, column: &str) {
    let faults = bad(files);
    let found = of(&faults, code);
    assert!(
        found.iter().any(|f| f.file == file
            && f.row == row
            && f.column == column
            && f.severity == Severity::Error
            && !f.cure.is_empty()),
        "{code} {file} {row} {column}:\n{faults}"
    );
}

/// Expects one warning of a kind at a row.
pub(super) fn warned(files: &Files, code: &str, file: &str, row: u32) {
    let (_, notes) = good(files);
    assert!(
        of(&notes.warnings, code).iter().any(|f| f.file == file && f.row == row),
        "{code}:\n{}",
        notes.warnings
    );
}

#[test]
fn a_clean_county_is_read() {
    let (input, notes) = good(&county());
    assert!(notes.warnings.is_empty(), "{}", notes.warnings);
    assert_eq!(
        (input.departments.len(), input.items.len(), input.subjects.len(), input.tasks.len()),
        (3, 2, 3, 3)
    );
    assert_eq!(input.subjects[2].key, "330000000000025");
    assert!(!input.subjects[2].has_uscc && input.subjects[0].has_uscc);
    assert_eq!(input.subjects[0].lon, Some(120_100_000));
    let t2 = &input.tasks[1];
    assert_eq!(
        (t2.minutes, t2.mode, t2.notice, t2.priority),
        (30, CheckMode::OnSite, Notice::Unannounced, 3),
        "from the item"
    );
    assert_eq!(input.rules.min_per_dept, 1);
    assert_eq!(input.qualifications[1].to.to_string(), "9999-12-31");
    Instance::new(input).unwrap();
}

#[test]
fn one_county_in_every_dress() {
    let plain = sorted(&county());
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in county() {
        if name.ends_with("csv") {
            let (gb, _, _) = encoding_rs::GB18030.encode(&text);
            std::fs::write(dir.path().join(name), gb.replace_bytes()).unwrap();
        } else {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
    }
    let (mut input, notes) = read(dir.path()).unwrap();
    input.sort();
    assert_eq!(input, plain);
    assert!(notes.tables.iter().all(|t| t.encoding == "GB18030"));

    // English headers and file names, columns reversed, semicolons, CRLF, BOM, a title above.
    let english: Files = county()
        .into_iter()
        .map(|(name, text)| {
            let stem = name.trim_end_matches(".csv");
            let Some(table) = onedoor::exchange::headers::table_named(stem).filter(|_| name.ends_with("csv"))
            else {
                return (name, text);
            };
            let mut out = String::from("\u{feff}某县基础数据;\r\n\r\n");
            for (i, line) in text.lines().enumerate() {
                let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
                if i == 0 {
                    cells = cells
                        .iter()
                        .map(|c| table.columns[table.column(c).unwrap()].id.to_uppercase())
                        .collect();
                }
                cells.reverse();
                out.push_str(&cells.join(";"));
                out.push_str("\r\n");
            }
            (format!("{}.csv", table.id), out)
        })
        .collect();
    assert_eq!(sorted(&english), plain);

    // One workbook: sheets for tables, a sheet for the settings, Excel's numbers and dates.
    let mut book = Workbook::new();
    for (name, text) in county() {
        let sheet = book.add_worksheet();
        sheet.set_name(name.split('.').next().unwrap()).unwrap();
        if name == "config.json" {
            sheet.set_name("参数").unwrap();
            for (r, (key, value)) in [
                ("参数", "值"),
                ("min_per_dept", "1"),
                ("start", "2026年3月2日"),
                ("end", "2026/3/6"),
                ("am", "8:30-12:00"),
                ("team_mode", "全局随机"),
            ]
            .iter()
            .enumerate()
            {
                sheet.write_string(u32::try_from(r).unwrap(), 0, *key).unwrap();
                sheet.write_string(u32::try_from(r).unwrap(), 1, *value).unwrap();
            }
            continue;
        }
        for (r, line) in (0u32..).zip(text.lines()) {
            for (c, cell) in (0u16..).zip(line.split(',')) {
                let date: Option<chrono::NaiveDate> = cell.parse().ok();
                if let Some(date) = date {
                    let serial = (date - "1899-12-30".parse::<chrono::NaiveDate>().unwrap()).num_days();
                    sheet.write_number(r, c, f64::from(i32::try_from(serial).unwrap())).unwrap();
                } else if cell.len() < 16 && cell.parse::<f64>().is_ok() {
                    sheet.write_number(r, c, cell.parse::<f64>().unwrap()).unwrap();
                } else if !cell.is_empty() {
                    sheet.write_string(r, c, cell).unwrap();
                }
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("云溪县.xlsx");
    book.save(&path).unwrap();
    for place in [path.as_path(), dir.path()] {
        let (mut input, _) = read(place).unwrap();
        input.sort();
        assert_eq!(input, plain);
    }
}

trait Bytes {
    fn replace_bytes(&self) -> &[u8];
}

impl Bytes for std::borrow::Cow<'_, [u8]> {
    fn replace_bytes(&self) -> &[u8] {
        self
    }
}

#[test]
fn generated_instances_are_read_whatever_their_dress() {
    if shared("tools/instances.py").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let tool = shared("tools/instances.py").unwrap();
    let mut all = Vec::new();
    for (i, dress) in [
        &["--encoding", "utf-8"][..],
        &["--encoding", "gb18030"],
        &["--encoding", "utf-8-sig", "--header", "en"],
    ]
    .iter()
    .enumerate()
    {
        let out = dir.path().join(i.to_string());
        let run = std::process::Command::new("python3")
            .arg(&tool)
            .args(["--preset", "small", "--seed", "3", "--quiet", "3", "--out"])
            .arg(&out)
            .args(*dress)
            .output();
        let Ok(run) = run else { return };
        assert!(run.status.success());
        let (mut input, _) = read(&out).unwrap();
        input.sort();
        all.push(input);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert!(Instance::new(all.remove(0)).is_ok());
}
