//! `onedoor verify`: checks a published draw - a bundle or a folder - as the public, or with the list as an auditor.

use super::draw::{FAILED, Failure, OK, UNFINISHED, verify_folder};
use crate::domain::draw::bundle::{Audit, Bundle};
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::fault::fault;
use crate::domain::draw::verify::trust::{Trust, hold};
use crate::domain::draw::verify::{Report, Status, Verdict, verify_bytes};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 核验一次抽取:逐条列出核实了什么,或哪一条不成立、为什么。
///
/// 任何人只凭公开的抽取包即可核验;审计方再给出名单和名录密钥,可核验名录无虚增、无遗漏、无改动。
/// 退出码:0 全部属实;1 有不属实之处;2 命令用法错误;3 输入有误;4 没有不属实之处但抽取尚未完成;5 文件读不出。
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// 抽取包(JSON)或抽取文件夹
    path: PathBuf,
    /// 审计名单:含 subjects 和 pool_key 的JSON(审计版抽取包也可),或 标识,分层,权重,属性摘要 的CSV
    #[arg(long, value_name = "文件")]
    list: Option<PathBuf>,
    /// 名录密钥(64位十六进制),配合CSV名单
    #[arg(long, value_name = "十六进制")]
    pool_key: Option<String>,
    /// 另处公布或印制的抽取编号(draw_id)
    #[arg(long, value_name = "十六进制")]
    draw_id: Option<String>,
    /// 信任的日志公钥(vkey)
    #[arg(long, value_name = "公钥")]
    log_key: Option<String>,
    /// 信任的联署人公钥(vkey,可多次)
    #[arg(long = "cosigner", value_name = "公钥")]
    cosigners: Vec<String>,
    /// 要求的联署人数
    #[arg(long, default_value_t = 0)]
    quorum: u64,
    /// 以前留存的检查点:日志必须是它的延续
    #[arg(long, value_name = "文件")]
    checkpoint: Option<PathBuf>,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// Runs `onedoor verify`.
#[must_use]
pub(super) fn run(args: &VerifyArgs) -> ExitCode {
    match report(args) {
        Ok(report) => {
            print(&report, args.json);
            ExitCode::from(match report.verdict() {
                Verdict::Verified => OK,
                Verdict::Failed => FAILED,
                Verdict::Unfinished => UNFINISHED,
            })
        }
        Err(failure) => failure.report(args.json),
    }
}

fn report(args: &VerifyArgs) -> Result<Report, Failure> {
    let audit = audit(args.list.as_deref(), args.pool_key.as_deref())?;
    let trust = Trust {
        draw_id: match &args.draw_id {
            None => None,
            Some(text) => {
                Some(unhex_n(text).ok_or_else(|| fault!("draw_id", "--draw-id 须为64位小写十六进制"))?)
            }
        },
        log_key: args.log_key.clone(),
        cosigners: args.cosigners.clone(),
        quorum: args.quorum,
        checkpoint: match &args.checkpoint {
            None => None,
            Some(path) => Some(String::from_utf8_lossy(&read(path)?).into_owned()),
        },
    };
    let folder = args.path.is_dir();
    let bytes = read(&if folder { args.path.join("draw.json") } else { args.path.clone() })?;
    let mut report = if folder {
        verify_folder(&args.path, audit.as_ref())?
    } else {
        verify_bytes(&bytes, audit.as_ref())
    };
    if let (true, Ok(bundle)) = (trust != Trust::default(), Bundle::parse(&bytes)) {
        hold(&mut report, &bundle, &trust);
    }
    Ok(report)
}

/// Reads a file of any kind.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| Failure::Io(format!("读取{}失败:{e}", path.display())))
}

/// The auditor's list: JSON with `subjects` and `pool_key`, an auditor's bundle, or CSV with a key.
pub(super) fn audit(list: Option<&Path>, key: Option<&str>) -> Result<Option<Audit>, Failure> {
    let Some(path) = list else {
        return match key {
            None => Ok(None),
            Some(_) => Err(fault!("list_missing", "给了 --pool-key,还须给 --list").into()),
        };
    };
    let bytes = read(path)?;
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    let mut audit = if first == Some(&b'{') {
        let whole = serde_json::from_slice::<Audit>(&bytes).ok();
        let nested = || serde_json::from_slice::<Bundle>(&bytes).ok()?.audit;
        whole
            .or_else(nested)
            .ok_or_else(|| fault!("list_json", "{}里没有 subjects 和 pool_key", path.display()))?
    } else {
        csv_list(&bytes, path)?
    };
    if let Some(key) = key {
        key.clone_into(&mut audit.pool_key);
    }
    if audit.pool_key.is_empty() {
        return Err(fault!("key_missing", "CSV名单须同时给出 --pool-key").into());
    }
    Ok(Some(audit))
}

fn csv_list(bytes: &[u8], path: &Path) -> Result<Audit, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let mut subjects = Vec::new();
    for (i, row) in reader.records().enumerate() {
        let line = i + 2;
        let bad = || fault!("list_csv", "{}第{line}行应为 标识,分层,权重,属性摘要", path.display());
        let row = row.map_err(|_| bad())?;
        let weight = row.get(2).and_then(crate::domain::draw::bytes::decimal).ok_or_else(bad)?;
        let cell = |i: usize| row.get(i).map(str::to_owned).ok_or_else(bad);
        subjects.push((cell(0)?, cell(1)?, weight, cell(3)?));
    }
    Ok(Audit { subjects, pool_key: String::new() })
}

fn print(report: &Report, json: bool) {
    let word = |status: Status| match status {
        Status::Verified => ("verified", "属实"),
        Status::Failed => ("failed", "不符"),
        Status::Note => ("note", "提示"),
    };
    if json {
        let statements: Vec<_> = report
            .statements
            .iter()
            .map(|s| serde_json::json!({"status": word(s.status).0, "code": s.code, "text": s.text}))
            .collect();
        let verdict = match report.verdict() {
            Verdict::Verified => "verified",
            Verdict::Failed => "failed",
            Verdict::Unfinished => "unfinished",
        };
        println!("{}", serde_json::json!({"verdict": verdict, "statements": statements}));
        return;
    }
    for s in &report.statements {
        println!("[{}] {}", word(s.status).1, s.text);
    }
    let failed = report.statements.iter().filter(|s| s.status == Status::Failed).count();
    println!();
    match report.verdict() {
        Verdict::Verified => println!("结论:全部属实。"),
        Verdict::Unfinished => println!("结论:没有不属实之处,抽取尚未完成或尚在保密期内。"),
        Verdict::Failed => println!("结论:有{failed}项不符,这份材料不可信。"),
    }
}
