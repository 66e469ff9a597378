//! `onedoor sample`: writes a demonstration county to a folder.

use crate::sample::files::Encoding;
use crate::sample::{Preset, county, folder};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// 生成示范县数据:部门、事项、检查对象、执法人员、任务等表,全部为虚构,同一种子结果逐字节相同。
#[derive(Debug, Args)]
#[command(after_help = "示例:
  onedoor sample --preset county --seed 1 --out 示范县
  onedoor sample --preset county-plans --out 示范县-待抽取     (给出计划,检查对象尚待抽取)
  onedoor sample --preset tiny --xlsx --out 小样             (写成一个工作簿)")]
pub(super) struct SampleArgs {
    /// 规模:tiny 小样;county 示范县(任务已抽取);county-plans 示范县(计划待抽取);city 十县一市
    #[arg(long, value_enum, default_value = "county")]
    preset: PresetName,
    /// 种子:同一规模、同一种子得到相同的数据
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 输出文件夹;不存在则新建
    #[arg(long)]
    out: PathBuf,
    /// 写成一个 county.xlsx,而不是多个 CSV
    #[arg(long)]
    xlsx: bool,
    /// CSV 的编码
    #[arg(long, value_enum, default_value = "utf-8")]
    encoding: EncodingName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PresetName {
    Tiny,
    County,
    CountyPlans,
    City,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EncodingName {
    #[value(name = "utf-8")]
    Utf8,
    Gb18030,
}

/// Runs the sub-command: 0 when the files are written, 1 when they cannot be.
pub(super) fn run(args: &SampleArgs) -> ExitCode {
    let preset = match args.preset {
        PresetName::Tiny => Preset::Tiny,
        PresetName::County => Preset::County,
        PresetName::CountyPlans => Preset::CountyPlans,
        PresetName::City => Preset::City,
    };
    let encoding = match args.encoding {
        EncodingName::Utf8 => Encoding::Utf8Bom,
        EncodingName::Gb18030 => Encoding::Gb18030,
    };
    let input = county(preset, args.seed);
    match folder::write(&input, &args.out, encoding, args.xlsx) {
        Ok(names) => {
            println!(
                "已写入 {}:部门 {} 个、事项 {} 个、检查对象 {} 个、执法人员和专家 {} 名、任务 {} 项、计划 {} 条({})",
                args.out.display(),
                input.departments.len(),
                input.items.len(),
                input.subjects.len(),
                input.inspectors.len(),
                input.tasks.len(),
                input.plans.len(),
                names.join("、"),
            );
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("不能写入 {}:{fault}", args.out.display());
            ExitCode::FAILURE
        }
    }
}
