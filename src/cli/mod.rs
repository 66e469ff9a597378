//! The command line: one file per sub-command; this file only dispatches and maps answers to exit codes.

mod check;
pub mod draw;
mod import;
mod plan;
mod sample;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// 跨部门联合“双随机、一公开”抽查:可验证抽取、事项合并、混合编组。
#[derive(Debug, Parser)]
#[command(name = "onedoor", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
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
        Command::Sample(args) => sample::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Draw(args) => draw::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Check(args) => check::run(&args),
    }
}
