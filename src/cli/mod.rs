//! The command line: one file per sub-command; this file only dispatches and maps answers to exit codes.

mod check;
mod demo;
pub mod draw;
mod import;
mod operate;
mod plan;
mod replan;
mod sample;
mod serve;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 跨部门联合“双随机、一公开”抽查:可验证抽取、事项合并、混合编组。
#[derive(Debug, Parser)]
#[command(
    name = "onedoor",
    version,
    after_help = "从这里开始:
  onedoor sample --preset county --out 示范县      写出一个虚构的示范县
  onedoor import county 示范县 --check             检查表格,列出全部问题
  onedoor plan 示范县 --out 结果                   抽取、合并、编组(演练),先看 结果/report.html
  onedoor draw open 抽取 --planning 示范县 …       与见证人一起正式抽取,再 onedoor plan … --draw 抽取
  onedoor verify 结果/draw/TEAMS.json              像公众一样核验

每个命令的 --help 说明其选项、退出码并给出示例。"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Migrate(serve::MigrateArgs),
    Openapi(serve::OpenapiArgs),
    VerifyJournal(operate::VerifyJournalArgs),
    Backup(operate::BackupArgs),
    Doctor(operate::DoctorArgs),
    Sample(sample::SampleArgs),
    Import(import::Import),
    Draw(draw::DrawArgs),
    Verify(verify::VerifyArgs),
    Check(check::CheckArgs),
}

/// Parses the command line, runs the sub-command and returns the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Command::Plan(args) => plan::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Migrate(args) => serve::migrate(&args),
        Command::Openapi(args) => serve::openapi(&args),
        Command::VerifyJournal(args) => operate::verify_journal(&args),
        Command::Backup(args) => operate::backup(&args),
        Command::Doctor(args) => operate::doctor(&args),
        Command::Sample(args) => sample::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Draw(args) => draw::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Check(args) => check::run(&args),
    }
}

/// Prints what went wrong; the exit code.
fn answer(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("错误:{text}");
            ExitCode::FAILURE
        }
    }
}
