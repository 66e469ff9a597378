//! `onedoor import`: a dry run over files as people have them; tells every fault and what to do.

use crate::exchange::county;
use crate::exchange::fault::Faults;
use crate::exchange::lists::{self, ListKind};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// 检查要导入的表格:列出全部问题及处理办法,不写入任何内容。
///
/// 退出码:0 没有错误(可能有提醒),1 有错误。
#[derive(Debug, Args)]
pub(super) struct Import {
    /// 表格的种类
    what: What,
    /// CSV 或 .xlsx 文件;county 也可以是存放各表的文件夹
    file: PathBuf,
    /// 只检查(目前唯一的方式,写明以示不导入)
    #[arg(long)]
    check: bool,
    /// 以 JSON 输出,供其他程序使用
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// 部门公布的抽查事项清单
    Items,
    /// 抽查计划
    Plans,
    /// 一个县的全部基础表(部门、事项、检查对象、人员、资格、任务或计划等)
    County,
}

/// Runs the sub-command.
#[must_use]
pub(super) fn run(args: &Import) -> ExitCode {
    let outcome = match args.what {
        What::Items => list(args, ListKind::Items),
        What::Plans => list(args, ListKind::Plans),
        What::County => county(args),
    };
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(faults) => {
            if args.json {
                println!("{:#}", faults.to_json());
            } else {
                eprintln!("{faults}");
            }
            ExitCode::from(1)
        }
    }
}

fn list(args: &Import, kind: ListKind) -> Result<String, Faults> {
    let list = lists::read(&args.file, kind)?;
    if args.json {
        let mut value = list.warnings.to_json();
        value["entries"] = serde_json::json!(list.entries);
        return Ok(format!("{value:#}"));
    }
    let understood = |has: usize, of: usize| format!("{has}/{of}");
    let ratios = list.entries.iter().filter_map(|e| e.ratio.as_ref());
    let windows = list.entries.iter().filter_map(|e| e.window.as_ref());
    Ok(format!(
        "{}\n读出 {} 行;抽查比例看懂 {},检查时间看懂 {}。未写入任何内容。",
        list.warnings,
        list.entries.len(),
        understood(ratios.clone().filter(|r| r.rule.is_some()).count(), ratios.count()),
        understood(windows.clone().filter(|w| !w.spans.is_empty()).count(), windows.count()),
    ))
}

fn county(args: &Import) -> Result<String, Faults> {
    let (_, notes) = county::read(&args.file)?;
    if args.json {
        let mut value = notes.warnings.to_json();
        value["tables"] = serde_json::json!(notes.tables);
        value["repairs"] = serde_json::json!(notes.repairs);
        return Ok(format!("{value:#}"));
    }
    let mut out = String::new();
    for t in &notes.tables {
        let sheet = t.sheet.as_ref().map(|s| format!("【{s}】")).unwrap_or_default();
        out.push_str(&format!("{} ← {}{sheet} {} 行({})\n", t.table, t.file, t.rows, t.encoding));
    }
    for r in &notes.repairs {
        out.push_str(&format!("已规范 {} {}:{} {} 处\n", r.file, r.column, r.what, r.cells));
    }
    Ok(format!("{out}{}\n未写入任何内容。", notes.warnings))
}
