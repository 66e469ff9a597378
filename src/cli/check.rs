//! `onedoor check`: tells one business why it was or was not drawn.

use super::draw::{FAILED, Failure, OK};
use super::verify::{audit, read};
use crate::domain::draw::bundle::{Bundle, WinnerOpening};
use crate::domain::draw::bytes::decimal;
use crate::domain::draw::fault::fault;
use crate::domain::draw::verify::check::{Asked, Explanation, explain};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// 一家企业为什么被抽中或没有被抽中。先核验整个抽取包,再比较它的号码与所在层的界限。
///
/// 退出码:0 已回答;1 抽取包或编号材料不属实;3 问不出结果(尚未完成、编号超出等);5 文件读不出。
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// 抽取包(JSON)或抽取文件夹
    path: PathBuf,
    /// 企业标识(统一社会信用代码、R:注册号、X:内部编号),或名录编号
    #[arg(required_unless_present = "disclosure")]
    id: Option<String>,
    /// 抽取前发给该企业的编号材料(JSON)
    #[arg(long, value_name = "文件")]
    disclosure: Option<PathBuf>,
    /// 审计名单(同 verify)
    #[arg(long, value_name = "文件")]
    list: Option<PathBuf>,
    /// 名录密钥(64位十六进制),配合CSV名单
    #[arg(long, value_name = "十六进制")]
    pool_key: Option<String>,
    /// 以JSON输出
    #[arg(long)]
    json: bool,
}

/// Runs `onedoor check`.
#[must_use]
pub(super) fn run(args: &CheckArgs) -> ExitCode {
    match answer(args) {
        Ok(found) => {
            if args.json {
                println!(
                    "{}",
                    serde_json::json!({
                        "fate": format!("{:?}", found.fate), "number": found.number, "ticket": found.ticket,
                        "key": found.key, "limit": found.limit, "text": found.text,
                    })
                );
            } else {
                println!("{}", found.text);
            }
            ExitCode::from(OK)
        }
        Err(failure) => {
            let code = failure.report(args.json);
            let Failure::Refused(faults) = &failure else { return code };
            let untrue = ["bundle_failed", "opening_path", "opening_body", "opening_number", "bundle_sum"];
            if faults.iter().any(|f| untrue.contains(&f.code)) { ExitCode::from(FAILED) } else { code }
        }
    }
}

fn answer(args: &CheckArgs) -> Result<Explanation, Failure> {
    let path = if args.path.is_dir() { args.path.join("draw.json") } else { args.path.clone() };
    let bundle = Bundle::parse(&read(&path)?)?;
    let audit = audit(args.list.as_deref(), args.pool_key.as_deref())?;
    let asked = match (&args.disclosure, &args.id) {
        (Some(path), id) => {
            let opening: WinnerOpening = serde_json::from_slice(&read(path)?)
                .map_err(|e| fault!("disclosure", "编号材料不是合格的JSON:{e}"))?;
            if let Some(id) = id
                && *id != opening.id
            {
                return Err(fault!("disclosure", "编号材料是{}的,不是{id}的", opening.id).into());
            }
            Asked::Disclosure(Box::new(opening))
        }
        (None, Some(id)) => match decimal(id) {
            // Credit codes have 18 characters, so a short plain number is a place in the pool.
            Some(number) if id.len() < 12 => Asked::Number(number),
            _ => Asked::Id(id.clone()),
        },
        (None, None) => return Err(fault!("id_missing", "请给出企业标识、编号或编号材料").into()),
    };
    Ok(explain(&bundle, audit.as_ref(), &asked)?.1)
}
