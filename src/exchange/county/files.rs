//! Which files and sheets hold which tables.

use crate::exchange::fault::{Fault, Report};
use crate::exchange::headers::{self, Table};
use crate::exchange::table::{self, Limits, Sheet};
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A table's sheet.
pub(super) struct Part {
    /// File name.
    pub(super) file: String,
    /// Table.
    pub(super) table: &'static Table,
    /// Rows.
    pub(super) sheet: Sheet,
}

/// Everything found.
#[derive(Default)]
pub(super) struct Found {
    /// Sheets by table.
    pub(super) parts: Vec<Part>,
    /// `config.json`: file name and bytes.
    pub(super) config: Option<(String, Vec<u8>)>,
    /// Tables whose file is there but cannot be read; nothing refers to them then.
    pub(super) broken: Vec<String>,
}

impl Found {
    /// The sheet of a table.
    pub(super) fn part(&self, id: &str) -> Option<&Part> {
        self.parts.iter().find(|p| p.table.id == id)
    }

    /// Whether a table's file is there but unreadable.
    pub(super) fn is_broken(&self, id: &str) -> bool {
        self.broken.iter().any(|b| b == id)
    }
}

/// Looks a folder or a workbook through.
pub(super) fn find(path: &Path, limits: &Limits, report: &mut Report) -> Found {
    let found = Found::default();
    let name = file_name(path);
    let files: Vec<PathBuf> = if path.is_dir() {
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let mut files: Vec<PathBuf> =
                    entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect();
                files.sort();
                files
            }
            Err(e) => {
                report.push(unreadable(&e).file(&name, None));
                return found;
            }
        }
    } else if path.is_file() {
        let beside = path.with_file_name("config.json");
        let mut files = vec![path.to_path_buf()];
        if beside.is_file() && beside != path {
            files.push(beside);
        }
        files
    } else {
        report.push(
            Fault::error(
                "not_found",
                "找不到这个文件夹或文件",
                "请核对路径,应为存放各表的文件夹或一个 .xlsx 工作簿",
            )
            .file(&name, None),
        );
        return found;
    };
    let files: Vec<PathBuf> = files.into_iter().filter(|f| !is_hidden(&file_name(f))).collect();
    let read: Vec<(String, Outcome)> = files.par_iter().map(|f| (file_name(f), on_disk(f, limits))).collect();
    sort_out(read, found, report)
}

/// Looks through files in memory.
pub(super) fn find_in(files: &[(String, Vec<u8>)], limits: &Limits, report: &mut Report) -> Found {
    let read: Vec<(String, Outcome)> = files
        .par_iter()
        .filter(|(name, _)| !is_hidden(name))
        .map(|(name, bytes)| (name.clone(), one(name, Cow::Borrowed(bytes), limits)))
        .collect();
    sort_out(read, Found::default(), report)
}

/// Files that programs leave behind.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$")
}

fn sort_out(read: Vec<(String, Outcome)>, mut found: Found, report: &mut Report) -> Found {
    for (file, outcome) in read {
        match outcome {
            Outcome::Sheets(sheets) => {
                for (table, sheet) in sheets {
                    add(&mut found, file.clone(), table, sheet, report);
                }
            }
            Outcome::Config(bytes) => found.config = Some((file, bytes)),
            Outcome::Broken(table, fault) => {
                found.broken.extend(table.map(|t| t.id.clone()));
                let sheet = fault.sheet.clone();
                report.push(fault.file(&file, sheet.as_deref()));
            }
            Outcome::Unused(why) => report.push(Fault::warning("unused_file", why, "").file(&file, None)),
            Outcome::Nothing => {}
        }
    }
    found
}

fn add(found: &mut Found, file: String, table: &'static Table, sheet: Sheet, report: &mut Report) {
    if let Some(other) = found.part(&table.id) {
        let place = match &other.sheet.name {
            Some(sheet) => format!("{}【{sheet}】", other.file),
            None => other.file.clone(),
        };
        let fault = Fault::error(
            "two_files",
            format!("“{}”表有两份,另一份是 {place}", table.zh),
            "请只保留一份,或合并为一份",
        );
        report.push(fault.file(&file, sheet.name.as_deref()));
    } else {
        found.parts.push(Part { file, table, sheet });
    }
}

enum Outcome {
    Sheets(Vec<(&'static Table, Sheet)>),
    Config(Vec<u8>),
    Broken(Option<&'static Table>, Box<Fault>),
    Unused(String),
    Nothing,
}

/// What the name of a file says: the table, the kind of file.
fn named(name: &str) -> (Option<&'static Table>, String) {
    let lower = name.to_lowercase();
    let (stem, extension) = lower.rsplit_once('.').unwrap_or((lower.as_str(), ""));
    (headers::table_named(stem), extension.to_owned())
}

fn is_config(name: &str) -> bool {
    name.eq_ignore_ascii_case("config.json")
}

fn is_of_interest(name: &str, extension: &str) -> bool {
    is_config(name) || matches!(extension, "csv" | "txt" | "tsv" | "xlsx" | "xlsm" | "xls" | "ods" | "et")
}

/// Reads one file from the disk.
fn on_disk(path: &Path, limits: &Limits) -> Outcome {
    let name = file_name(path);
    let (table, extension) = named(&name);
    if !is_of_interest(&name, &extension) {
        return Outcome::Nothing;
    }
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    if size > limits.file_bytes {
        let why = format!("文件有 {size} 字节,超过上限 {}", limits.file_bytes);
        return Outcome::Broken(table, Fault::error("too_big", why, "请拆成几个文件分别导入").into());
    }
    match std::fs::read(path) {
        Ok(bytes) => one(&name, Cow::Owned(bytes), limits),
        Err(e) => Outcome::Broken(table, unreadable(&e).into()),
    }
}

/// Reads one file.
fn one(name: &str, bytes: Cow<'_, [u8]>, limits: &Limits) -> Outcome {
    let (table, extension) = named(name);
    if is_config(name) {
        return Outcome::Config(bytes.into_owned());
    }
    if !is_of_interest(name, &extension) {
        return Outcome::Nothing;
    }
    if table::is_archive(&bytes) {
        return match table::read_xlsx(&bytes, limits) {
            Ok(sheets) => workbook(name, table, sheets),
            Err(fault) => Outcome::Broken(table, fault),
        };
    }
    let Some(table) = table else {
        let known = matches!(extension.as_str(), "csv" | "txt" | "tsv");
        let why = if known {
            "文件名不是任何一张表的名称,已忽略"
        } else {
            "不是可读取的工作簿,已忽略"
        };
        return Outcome::Unused(why.to_owned());
    };
    match table::read_csv(&bytes, limits) {
        Ok(sheet) => Outcome::Sheets(vec![(table, sheet)]),
        Err(fault) => Outcome::Broken(Some(table), fault),
    }
}

/// Sheets of a workbook by their names; a workbook with a single filled sheet may be named by its file.
fn workbook(file: &str, by_file: Option<&'static Table>, sheets: Vec<Sheet>) -> Outcome {
    let mut filled: Vec<Sheet> = sheets.into_iter().filter(|s| !s.is_empty()).collect();
    let named = |s: &Sheet| s.name.as_deref().and_then(headers::table_named);
    if filled.len() == 1 && by_file.is_some() && filled.first().and_then(named).is_none() {
        return Outcome::Sheets(by_file.into_iter().zip(filled.pop()).collect());
    }
    let out: Vec<(&'static Table, Sheet)> =
        filled.into_iter().filter_map(|s| named(&s).map(|t| (t, s))).collect();
    if out.is_empty() {
        return match by_file {
            Some(table) => Outcome::Broken(
                Some(table),
                Fault::error(
                    "no_sheet",
                    format!("{file} 中没有可用的工作表"),
                    "请把工作表命名为部门、事项、检查对象等",
                )
                .into(),
            ),
            None => Outcome::Unused("工作簿中没有以表名命名的工作表,已忽略".to_owned()),
        };
    }
    Outcome::Sheets(out)
}

fn unreadable(e: &std::io::Error) -> Fault {
    Fault::error("unreadable", format!("无法读取:{e}"), "请检查文件是否被占用、是否有读取权限")
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
