//! `onedoor verify-journal`, `backup`, `doctor`: for whoever keeps the installation running, and whoever checks it.

use super::serve::Settings;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::draw::note::{SignedCheckpoint, VerifierKey};
use crate::domain::journal::checkpoint::verifier;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::service::health::{self, Check};
use crate::service::journal;
use crate::store::conn::{Manager, Place};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 核验操作日志:找出被改动、删除、对调、截断的记录(退出码:0 完好,1 有问题,2 不能核验)
#[derive(Debug, Args)]
pub(super) struct VerifyJournalArgs {
    #[command(flatten)]
    settings: Settings,
    /// 另行保存的检查点文件,可多次给出;没有它,持有密钥者改写全部历史是看不出来的
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// 日志公钥(接口 /api/v1/journal/key 的内容,或写有它的文件);不写则用本机密钥
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

pub(super) fn verify_journal(args: &VerifyJournalArgs) -> ExitCode {
    match verify(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(text) => {
            eprintln!("错误:{text}");
            ExitCode::from(2)
        }
    }
}

fn verify(args: &VerifyJournalArgs) -> Result<bool, String> {
    let config = args.settings.load()?;
    let key = match &args.key {
        Some(text) => {
            let text = std::fs::read_to_string(text).unwrap_or_else(|_| text.clone());
            VerifierKey::parse(text.trim()).map_err(|e| format!("--key:{e}"))?
        }
        None => own_key(&config)?,
    };
    let mut older = Vec::new();
    for path in &args.checkpoint {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}:{e}", path.display()))?;
        older.push(SignedCheckpoint::parse(&text).map_err(|e| format!("{}:{e}", path.display()))?);
    }
    let place = present(&config)?;
    let mut db = Manager::new(place, true).open().map_err(|e| format!("不能打开数据库:{e}"))?;
    let done = journal::check(&mut db, &older, &key).map_err(|e| format!("{e}: {e:?}"))?;
    println!(
        "日志“{}”:已入序{}条,检查点{}条,待入序{}条",
        key.name, done.report.rows, done.size, done.waiting
    );
    if done.report.erased > 0 {
        println!("其中{}条的个人信息已清除", done.report.erased);
    }
    for finding in &done.report.findings {
        println!("  [{}] {finding}", finding.code());
    }
    if done.report.is_whole() {
        let sizes: Vec<String> = done.report.confirmed.iter().map(ToString::to_string).collect();
        println!("完好;已确认的检查点:{}", sizes.join("、"));
    } else {
        println!("日志有{}处问题", done.report.findings.len());
    }
    Ok(done.report.is_whole())
}

/// The public key of this machine's own journal key, which must be there: one made now would fit nothing.
fn own_key(config: &Config) -> Result<VerifierKey, String> {
    let file = config.keys.folder.join("journal.key");
    if config.keys.journal.reveal().is_empty() && !file.is_file() {
        return Err(format!("没有密钥文件 {};请用 --key 给出日志公钥", file.display()));
    }
    let keys = Keys::load(&config.keys, &Entropy::system())?;
    verifier(&journal::origin(&config.region.token), &keys.journal).map_err(|e| e.to_string())
}

/// The database, which must be there: opening must not make an empty one.
fn present(config: &Config) -> Result<Place, String> {
    let place = config.place()?;
    if let Place::Sqlite(path) = &place
        && !path.is_file()
    {
        return Err(format!("没有数据库文件 {}", path.display()));
    }
    Ok(place)
}

/// 备份 SQLite 数据库到新文件,不必停止服务
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    settings: Settings,
    /// 备份文件,不能已存在
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn backup(args: &BackupArgs) -> ExitCode {
    super::answer(copy(args))
}

fn copy(args: &BackupArgs) -> Result<(), String> {
    let config = args.settings.load()?;
    match config.place()? {
        Place::Sqlite(path) => {
            let bytes = crate::store::health::copy(&path, &args.file).map_err(|e| format!("{e}: {e:?}"))?;
            println!(
                "已备份到 {}({bytes}字节);密钥目录 {} 须另行妥善保存",
                args.file.display(),
                config.keys.folder.display()
            );
            Ok(())
        }
        Place::Postgres(_) => Err(format!(
            "PostgreSQL 请用其自带工具备份:pg_dump --format=custom --file={} \"$DATABASE_URL\"",
            args.file.display()
        )),
    }
}

/// 检查安装是否健康:数据库、结构、日志、时钟、磁盘、密钥(退出码:0 健康,1 有问题)
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn doctor(args: &DoctorArgs) -> ExitCode {
    let checks = match args.settings.load() {
        Ok(config) => examine(&config),
        Err(text) => vec![Check::new("设置", false, text)],
    };
    for check in &checks {
        println!("{} {}:{}", if check.good { "✓" } else { "✗" }, check.what, check.text);
    }
    let bad = checks.iter().filter(|c| !c.good).count();
    if bad == 0 {
        println!("一切正常");
        ExitCode::SUCCESS
    } else {
        println!("{bad}项有问题");
        ExitCode::FAILURE
    }
}

/// Below this the disk counts as full, KiB.
const LEAST_FREE_KIB: u64 = 512 * 1024;
/// A clock that says an earlier year was never set.
const FIRST_YEAR: i32 = 2025;

fn examine(config: &Config) -> Vec<Check> {
    use chrono::Datelike;
    let mut checks = vec![Check::new("设置", true, "可读")];
    let now = Clock::System.now();
    checks.push(Check::new(
        "时钟",
        now.year() >= FIRST_YEAR,
        format!("{}(UTC)", now.format("%Y-%m-%d %H:%M:%S")),
    ));
    checks.extend(key_files(config));
    let key = match own_key(config) {
        Ok(key) => Some(key),
        Err(text) => {
            checks.push(Check::new("日志密钥", false, text));
            None
        }
    };
    match present(config) {
        Ok(place) => {
            if let Place::Sqlite(path) = &place {
                checks.push(disk(path));
            }
            match Manager::new(place, true).open() {
                Ok(mut db) => checks.extend(health::examine(&mut db, key.as_ref(), now)),
                Err(error) => checks.push(Check::new("数据库", false, format!("不能打开:{error}"))),
            }
        }
        Err(text) => checks.push(Check::new("数据库", false, text)),
    }
    checks
}

/// Keys kept in files must be nobody else's business.
fn key_files(config: &Config) -> Vec<Check> {
    let given = |key: &crate::config::Secret<String>| !key.reveal().is_empty();
    let mut checks = Vec::new();
    for (name, key) in
        [("token", &config.keys.token), ("journal", &config.keys.journal), ("draw", &config.keys.draw)]
    {
        if given(key) {
            continue;
        }
        let path = config.keys.folder.join(format!("{name}.key"));
        let (good, text) = match std::fs::metadata(&path) {
            Err(error) => (false, format!("{}:{error};首次启动服务时生成", path.display())),
            Ok(meta) => {
                let open = others_may(&meta);
                let cure = if open { ",其他用户可读,请 chmod 600" } else { "" };
                (!open, format!("{}{cure}", path.display()))
            }
        };
        checks.push(Check::new("密钥文件", good, text));
    }
    checks
}

#[cfg(unix)]
fn others_may(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_may(_: &std::fs::Metadata) -> bool {
    false
}

/// Room on the disk of the database, as `df` tells it.
fn disk(database: &Path) -> Check {
    let folder = database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output();
    let free = told.ok().filter(|o| o.status.success()).and_then(|o| {
        let text = String::from_utf8_lossy(&o.stdout).into_owned();
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    match free {
        Some(kib) => {
            let good = kib >= LEAST_FREE_KIB;
            let cure = if good { "" } else { ",不足512MiB,请清理" };
            Check::new("磁盘", good, format!("剩余{}MiB{cure}", kib / 1024))
        }
        None => Check::new("磁盘", true, "本机没有 df,未检查"),
    }
}
