//! Lists of a draw as CSV files in UTF-8 (with or without BOM): subjects, inspectors, exclusions.

use super::Failure;
use crate::domain::draw::bytes::{decimal, sha256};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::pool::{Inspector, Subject};
use std::path::Path;

/// A table: header and rows of text.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Reads a table. The one place where a file becomes rows, so that a reader for other encodings can take its place.
fn read(path: &Path) -> Result<Table, Failure> {
    let text = super::folder::read_text(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |e: &csv::Error| Failure::from(fault!("csv", "{}不是合格的CSV:{e}", path.display()));
    let header = reader.headers().map_err(|e| broken(&e))?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for row in reader.records() {
        rows.push(row.map_err(|e| broken(&e))?.iter().map(str::to_owned).collect());
    }
    Ok(Table { header, rows })
}

impl Table {
    /// Column with one of some names.
    fn column(&self, names: &[&str]) -> Option<usize> {
        self.header.iter().position(|h| names.iter().any(|n| h.eq_ignore_ascii_case(n)))
    }

    fn cell(row: &[String], column: Option<usize>) -> &str {
        column.and_then(|c| row.get(c)).map_or("", String::as_str)
    }
}

/// Subjects with the documents behind their attributes.
pub(super) type Subjects = (Vec<Subject>, Vec<(String, String)>);

/// Reads subjects. The identifier is column `id`, else the credit code, else `R:` and the registration number, else
/// `X:` and the internal number. All other columns become the attributes' document: `header=value` lines.
pub(super) fn subjects(path: &Path) -> Result<Subjects, Failure> {
    let table = read(path)?;
    let id = table.column(&["id", "标识", "检查对象标识"]);
    let code = table.column(&["uscc", "统一社会信用代码", "信用代码"]);
    let registration = table.column(&["registration_no", "注册号", "登记号"]);
    let internal = table.column(&["internal_no", "内部编号"]);
    let stratum = table.column(&["stratum", "分层", "分层代码", "credit", "信用风险分类"]);
    let weight = table.column(&["weight", "权重"]);
    if id.or(code).or(registration).or(internal).is_none() {
        return Err(fault!(
            "csv_columns",
            "{}须有 标识、统一社会信用代码、注册号 或 内部编号 列",
            path.display()
        )
        .into());
    }
    let (mut subjects, mut documents, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (i, row) in table.rows.iter().enumerate() {
        let line = i + 2;
        let token = match [id, code, registration, internal].map(|c| Table::cell(row, c)) {
            [id, ..] if !id.is_empty() => id.to_owned(),
            [_, code, ..] if !code.is_empty() => code.to_ascii_uppercase(),
            [_, _, number, _] if !number.is_empty() => format!("R:{number}"),
            [_, _, _, number] if !number.is_empty() => format!("X:{number}"),
            _ => {
                faults.push(fault!("csv_id", "第{line}行没有标识"));
                continue;
            }
        };
        let weight = match Table::cell(row, weight) {
            "" => Some(1),
            text => decimal(text),
        };
        let Some(weight) = weight else {
            faults.push(fault!("csv_weight", "第{line}行的权重不是数"));
            continue;
        };
        let stratum = match Table::cell(row, stratum) {
            "" => "ALL",
            code => code,
        };
        let mut text = String::new();
        for (name, value) in table.header.iter().zip(row) {
            text.push_str(&format!("{name}={value}\n"));
        }
        subjects.push(Subject {
            id: token.clone(),
            stratum: stratum.to_owned(),
            weight,
            attrs: sha256(text.as_bytes()),
        });
        documents.push((token, text));
    }
    if faults.is_empty() { Ok((subjects, documents)) } else { Err(faults.into()) }
}

/// Reads inspectors.
pub(super) fn inspectors(path: &Path) -> Result<Vec<Inspector>, Failure> {
    let table = read(path)?;
    let id = table.column(&["id", "人员编号", "person_id"]);
    let unit = table.column(&["unit", "单位", "部门编码", "dept_id"]);
    if id.is_none() || unit.is_none() {
        return Err(fault!("csv_columns", "{}须有 人员编号、单位 列", path.display()).into());
    }
    let lead = table.column(&["lead", "可任A岗", "可任主办", "can_lead"]);
    let cap = table.column(&["cap", "上限", "最多户数"]);
    let quals = table.column(&["quals", "资格", "资格代码"]);
    let recused = table.column(&["recused", "回避", "回避对象"]);
    let split = |text: &str| -> Vec<String> {
        text.split([';', ',', '、', '；', '，', '|'])
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (mut list, mut faults) = (Vec::<Inspector>::new(), Vec::<Fault>::new());
    for (i, row) in table.rows.iter().enumerate() {
        let line = i + 2;
        let lead = match Table::cell(row, lead) {
            "1" | "是" | "true" | "Y" | "y" => true,
            "" | "0" | "否" | "false" | "N" | "n" => false,
            other => {
                faults.push(fault!("csv_lead", "第{line}行“可任A岗”应为 是/否,实为“{other}”"));
                continue;
            }
        };
        let cap = match Table::cell(row, cap) {
            "" => Some(u64::from(u32::MAX)),
            text => decimal(text),
        };
        let Some(cap) = cap else {
            faults.push(fault!("csv_cap", "第{line}行的上限不是数"));
            continue;
        };
        list.push(Inspector {
            unit: Table::cell(row, unit).to_owned(),
            id: Table::cell(row, id).to_owned(),
            lead,
            cap,
            quals: split(Table::cell(row, quals)),
            recused: split(Table::cell(row, recused)),
        });
    }
    if faults.is_empty() { Ok(list) } else { Err(faults.into()) }
}

/// Reads excluded subjects: identifier and reason code.
pub(super) fn excluded(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let table = read(path)?;
    let id = table.column(&["id", "标识", "检查对象标识", "uscc", "统一社会信用代码"]);
    let reason = table.column(&["reason", "原因", "原因代码"]);
    if id.is_none() || reason.is_none() {
        return Err(fault!("csv_columns", "{}须有 标识、原因代码 列", path.display()).into());
    }
    let cell = |row: &[String], column| Table::cell(row, column).to_owned();
    Ok(table.rows.iter().map(|row| (cell(row, id), cell(row, reason))).collect())
}
