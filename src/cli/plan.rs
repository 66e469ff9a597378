//! `onedoor plan`: the main job, from a county's files to drawn, merged and staffed visits.

use crate::clock::{self, Stopwatch};
use crate::documents::plan::summary::{self, Summary};
use crate::documents::plan::tables::{self, Sheet};
use crate::documents::plan::{changes, packages, view};
use crate::domain::allocate::{Options, Progress};
use crate::exchange::county::{self, Notes};
use crate::exchange::outdir::{self, OutDir};
use crate::exchange::write::{Book, BookError, Cell, Table, write_csv};
use crate::service;
use crate::service::plan::{self, Planned, Source, Step};
use chrono::NaiveDate;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// 读入一个县的表格,抽取、合并、编组,写出入企安排、抽取记录和报告。
#[derive(Debug, Args)]
#[command(
    after_help = "输入:一个文件夹(departments、items、subjects、inspectors、qualifications、tasks 或 plans 等 CSV,
可用中文文件名和中文表头,UTF-8 或 GB18030)或一个 XLSX 工作簿。表格有问题时逐条列出,不写任何结果。

输出:report.html(一页报告)、联合检查安排.xlsx、schedule.csv、packages.csv、package_teams.csv(按名单包派组时)、teams.csv、unmerged.csv、
unstaffed.csv、loads.csv、visits.csv、allocation.csv、tasks.csv(由计划抽取任务时)、summary.json、draw/(抽取记录,可用 onedoor verify 验证)。

种子:不给 --draw 时为演练,种子由 --seed 的文字和数据摘要导出,同样的数据得到逐字节相同的结果;
正式抽取先用 onedoor draw 完成,再以 --draw 指定其文件夹。

退出码:0 完成;1 表格有错误;2 用法错误;3 抽取不能进行;4 不能写出结果。

示例:
  onedoor sample --preset county --out 示范县
  onedoor plan 示范县 --out 结果
  onedoor plan 示范县 --out 结果 --json | jq .staffed
  onedoor plan 变动后的县 --out 新结果 --keep 结果"
)]
pub(super) struct PlanArgs {
    /// 存放各表的文件夹,或一个 .xlsx 工作簿
    input: PathBuf,
    /// 结果文件夹;写完之前不出现
    #[arg(long)]
    out: PathBuf,
    /// 演练的种子文字
    #[arg(long, default_value = "演练", value_name = "TEXT")]
    seed: String,
    /// 正式抽取的文件夹或抽取记录文件;可重复
    #[arg(long, value_name = "DIR|FILE", conflicts_with = "seed")]
    draw: Vec<PathBuf>,
    /// 再次规划:上次的结果文件夹;能不动的都不动,变动写入 changes.csv
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// 再次规划:此日期之前的入企已通知企业,不改日期
    #[arg(long, value_name = "YYYY-MM-DD", requires = "keep")]
    pub(super) notified_before: Option<NaiveDate>,
    /// 再次规划:已通知企业、不改日期的入企编号,用逗号分隔
    #[arg(long, value_name = "V000001,…", value_delimiter = ',', requires = "keep")]
    pub(super) notified: Vec<String>,
    /// 再次规划:不把入企安排到此日期之前;已在此前的不改日期
    #[arg(long, value_name = "YYYY-MM-DD", requires = "keep")]
    pub(super) from: Option<NaiveDate>,
    /// 不拆分派不齐的入企
    #[arg(long)]
    pub(super) no_unmerge: bool,
    /// 同一乡镇、相同部门的入企并成半天一趟,由同一组人依次上门
    #[arg(long)]
    bundle_towns: bool,
    /// 每个派不齐的入企的改进轮数
    #[arg(long, value_name = "N", default_value_t = Options::default().effort)]
    pub(super) effort: usize,
    /// 改进轮数上限
    #[arg(long, value_name = "N", default_value_t = Options::default().most_rounds)]
    pub(super) most_rounds: usize,
    /// 线程数;不影响结果
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// 报告上的日期(默认今天)
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
    /// 结果文件夹里有别的文件时,把它改名保留后写入
    #[arg(long)]
    force: bool,
    /// 只在标准输出写一个 JSON 对象(summary.json 的内容;有错误时为全部错误)
    #[arg(long)]
    pub(super) json: bool,
    /// 不显示进度
    #[arg(long, short)]
    quiet: bool,
}

/// What ended the command early, with its exit code.
struct Stop(u8, String);

/// Runs the sub-command.
pub(super) fn run(args: &PlanArgs) -> ExitCode {
    if let Some(threads) = args.threads
        && let Err(e) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()
    {
        eprintln!("不能设置线程数:{e}");
        return ExitCode::from(2);
    }
    match work(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop(code, text)) => {
            if args.json && code == 1 {
                println!("{text}");
            } else {
                eprintln!("{text}");
            }
            ExitCode::from(code)
        }
    }
}

fn work(args: &PlanArgs) -> Result<(), Stop> {
    let watch = Stopwatch::start();
    outdir::clean_up_on_interrupt().map_err(|e| Stop(4, format!("不能设置中断处理:{e}")))?;
    // Before anything else: whether the result may be written at all.
    let mut out = OutDir::create(&args.out, args.force).map_err(|e| Stop(4, e.to_string()))?;
    let bar = progress_bar(args);
    bar.set_message("读取表格");
    let (mut input, notes) = county::read(&args.input).map_err(|faults| {
        bar.finish_and_clear();
        Stop(1, if args.json { format!("{:#}", faults.to_json()) } else { faults.to_string() })
    })?;
    input.rules.bundle_towns |= args.bundle_towns;
    let read = watch.elapsed();
    let source = if args.draw.is_empty() {
        Source::Rehearsal(args.seed.clone())
    } else {
        Source::Formal(super::draw::finished(&args.draw).map_err(|e| Stop(3, e))?)
    };
    let options = Options { effort: args.effort, most_rounds: args.most_rounds, unmerge: !args.no_unmerge };
    let planned = match &args.keep {
        None => plan::plan(input, &source, &options, &mut |step| show(&bar, step)),
        Some(dir) => {
            let (previous, terms) = super::replan::terms(args, dir).map_err(|text| {
                bar.finish_and_clear();
                Stop(1, text)
            })?;
            service::replan::replan(input, &previous, &source, &terms, &mut |step| show(&bar, step))
        }
    }
    .map_err(|e| {
        bar.finish_and_clear();
        Stop(3, e.to_string())
    })?;
    let computed = watch.elapsed();
    bar.set_message("写出结果");
    let today = args.date.unwrap_or_else(clock::today_in_china);
    let s = summary::of(&planned);
    write(&mut out, &planned, &s, &notes, today).map_err(|e| Stop(4, format!("不能写出结果:{e}")))?;
    let kept = out.commit().map_err(|e| Stop(4, e.to_string()))?;
    bar.finish_and_clear();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&s).map_err(|e| Stop(4, e.to_string()))?);
        return Ok(());
    }
    if args.quiet {
        return Ok(());
    }
    for fault in &notes.warnings.list {
        eprintln!("{fault}");
    }
    println!(
        "检查对象 {} 家,现场任务 {} 项;分头上门需 {} 次,合并后 {} 次(其中联合 {} 次)。",
        s.subjects, s.tasks_on_site, s.separate_visits, s.visits, s.joint_visits
    );
    println!(
        "已派齐 {} 次,完成任务 {} 项({});未派齐 {} 次,其中已证明至少 {} 次不可能。",
        s.staffed,
        s.tasks_done,
        percent(s.tasks_done, s.tasks_on_site),
        s.unstaffed,
        s.proved_unstaffable
    );
    if s.splits > 0 {
        println!("因人员不足,有 {} 处合并被拆开(见 unmerged.csv)。", s.splits);
    }
    println!(
        "{};抽取编号 {};用时:读入 {:.2} 秒,计算 {:.2} 秒,写出 {:.2} 秒。",
        if s.rehearsal { "演练(不具效力)" } else { "正式抽取" },
        s.draw_id,
        read.as_secs_f64(),
        (computed - read).as_secs_f64(),
        (watch.elapsed() - computed).as_secs_f64()
    );
    if let Some(text) = packages::sentence(&planned) {
        println!("{text}");
    }
    if let Some(text) = changes::sentence(&planned) {
        println!("{text}");
    }
    if let Some(kept) = kept {
        println!("原有文件夹已改名为 {}", kept.display());
    }
    println!("结果在 {},先看 report.html。", args.out.display());
    Ok(())
}

fn percent(part: usize, whole: usize) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

fn progress_bar(args: &PlanArgs) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if args.quiet || args.json || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    } else {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    bar
}

fn show(bar: &ProgressBar, step: Step) {
    bar.set_message(match step {
        Step::Drawn(done, of) => format!("抽取检查对象 {done}/{of}"),
        Step::Merged(visits) => format!("已合并为 {visits} 次入企,正在排期"),
        Step::Staffing(Progress::Scheduled(f)) => format!("已排期 {}/{},正在改进", f.staffed, f.visits),
        Step::Staffing(Progress::Improved(f)) => {
            format!("已排期 {}/{},正在拆分派不齐的", f.staffed, f.visits)
        }
        Step::Staffing(Progress::Split(f)) => {
            format!("已排期 {}/{}(任务 {}/{})", f.staffed, f.visits, f.tasks_staffed, f.tasks)
        }
        Step::Staffing(Progress::Drawn(f)) => format!("已抽取 {} 次入企的人员", f.staffed),
        Step::Explained(done, of) => format!("说明未派齐的原因 {done}/{of}"),
    });
}

/// Tables for people, one at a time: a table of a city takes tens of megabytes.
const FOR_PEOPLE: [fn(&Planned) -> Sheet; 6] =
    [tables::schedule, packages::packages, tables::seats, tables::unmerged, tables::unstaffed, tables::loads];

/// Writes all files of the result.
fn write(
    out: &mut OutDir,
    planned: &Planned,
    figures: &Summary,
    notes: &Notes,
    today: NaiveDate,
) -> Result<(), Box<dyn std::error::Error>> {
    let extra: Vec<Sheet> = packages::teams(planned).into_iter().chain(changes::sheets(planned)).collect();
    // The workbook takes as long as everything else together.
    let (book, rest) = rayon::join(
        || workbook(planned, &extra, today).map_err(|e| e.to_string()),
        || write_rest(out, planned, figures, notes, today, &extra).map_err(|e| e.to_string()),
    );
    rest?;
    out.write("联合检查安排.xlsx", &book?)?;
    Ok(())
}

/// The bytes of the workbook.
fn workbook(planned: &Planned, extra: &[Sheet], today: NaiveDate) -> Result<Vec<u8>, BookError> {
    let mut book = Book::new(today)?;
    for make in FOR_PEOPLE {
        book.add(owned(make(planned)))?;
    }
    for sheet in extra {
        book.add(table(sheet))?;
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    book.finish(&mut bytes)?;
    Ok(bytes.into_inner())
}

/// Writes everything but the workbook.
fn write_rest(
    out: &mut OutDir,
    planned: &Planned,
    figures: &Summary,
    notes: &Notes,
    today: NaiveDate,
    extra: &[Sheet],
) -> Result<(), Box<dyn std::error::Error>> {
    let machines: [fn(&Planned) -> Sheet; 2] = [tables::visits, tables::allocation];
    for make in machines.into_iter().chain(FOR_PEOPLE) {
        csv(out, make(planned))?;
    }
    for sheet in extra.iter().cloned().chain(tables::tasks(planned)) {
        csv(out, sheet)?;
    }
    let mut lines = Vec::new();
    for draw in &planned.draws {
        let name = format!("draw/{}.json", draw.held.list.replace(['/', '\\', ':'], "_"));
        out.write(&name, &draw.held.bundle)?;
        lines.push(format!("onedoor verify {name}"));
    }
    let repaired = notes
        .repairs
        .iter()
        .map(|r| format!("{}“{}”列有 {} 格已无损修复:{}", r.file, r.column, r.cells, r.what));
    let remarks = packages::sentence(planned)
        .into_iter()
        .chain(repaired)
        .chain(notes.warnings.list.iter().take(5).map(ToString::to_string))
        .collect();
    let verify = lines.last().cloned().unwrap_or_default();
    out.write("report.html", view::of(planned, figures, today, remarks, verify).render()?.as_bytes())?;
    let mut json = serde_json::to_vec_pretty(figures)?;
    json.push(b'\n');
    out.write("summary.json", &json)?;
    Ok(())
}

fn csv(out: &mut OutDir, sheet: Sheet) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = out.file(&format!("{}.csv", sheet.file))?;
    write_csv(owned(sheet), &mut file)?;
    file.close()?;
    Ok(())
}

fn owned(sheet: Sheet) -> Table<impl Iterator<Item = Vec<Cell>>> {
    Table::new(sheet.title, sheet.columns, sheet.rows)
}

fn table(sheet: &Sheet) -> Table<impl Iterator<Item = Vec<Cell>>> {
    Table::new(sheet.title, sheet.columns.clone(), sheet.rows.iter().cloned())
}
