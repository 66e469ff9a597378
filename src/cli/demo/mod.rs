//! `onedoor demo`: a sample county in a fresh database, and a joint inspection played through the public API by the
//! people it needs. Its clock stands at the sample's own autumn, and the demonstration moves it where people would wait.

mod client;
mod field;
mod people;
mod story;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::registry::DepartmentKind;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::sample::{Preset, basis, county};
use crate::service::cx::{Cx, Event};
use crate::service::seed::{self, Seeded};
use crate::store::migrate;
use crate::web::run::{self, Parts};
use crate::web::server::Server;
use crate::worker::Worker;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 演示:建立示范县,由各方人员通过公开接口完成一次联合抽查,然后继续提供服务
#[derive(Debug, Args)]
#[command(after_help = "数据写入一个新建的文件夹,仅供演示;端口只对本机开放。
例:
  onedoor demo                 演示后继续运行,可登录查看(Ctrl-C 结束)
  onedoor demo --once          演示后退出,数据一并删除
  onedoor demo --data 演示数据 --seed 7")]
pub(super) struct DemoArgs {
    /// 演示后退出
    #[arg(long)]
    once: bool,
    /// 数据文件夹,须不存在;不写则用临时文件夹,退出时删除
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 示范县的种子:同一种子得到同一个县
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 端口;0 由系统选定
    #[arg(long, default_value_t = 8750)]
    port: u16,
}

/// The day on which the demonstration begins, a week before the sample's period.
const BEGIN: &str = "2026-08-24T01:00:00Z";

/// The clock of the demonstration: the machine's, moved.
#[derive(Debug, Clone)]
pub(super) struct Hands(Arc<AtomicI64>);

impl Hands {
    fn at(start: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new((start - Clock::System.now()).num_milliseconds())))
    }

    fn clock(&self) -> Clock {
        Clock::Shifted(Arc::clone(&self.0))
    }

    /// Now, as the server sees it.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// Moves it on.
    pub(super) fn wait(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}

/// Tells what happens, and shows on a terminal that something does.
#[derive(Debug)]
pub(super) struct Teller {
    bar: Option<ProgressBar>,
    step: usize,
}

impl Teller {
    fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        Self { bar, step: 0 }
    }

    /// What is being done now.
    pub(super) fn doing(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
        }
    }

    /// A step that is done.
    pub(super) fn done(&mut self, text: &str) {
        self.step += 1;
        self.say(&format!("{:>2}. {text}", self.step));
    }

    /// A line below the step.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| println!("{text}")),
            None => println!("{text}"),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

pub(super) fn run(args: &DemoArgs) -> ExitCode {
    super::answer(demo(args))
}

fn demo(args: &DemoArgs) -> Result<(), String> {
    let mut scratch = None;
    let folder = match &args.data {
        Some(folder) if folder.exists() => {
            return Err(format!("{} 已存在;请换一个文件夹,演示不改动已有数据", folder.display()));
        }
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}:{e}", folder.display()))?;
            folder.clone()
        }
        None => {
            let made =
                tempfile::Builder::new().prefix("onedoor-demo-").tempdir().map_err(|e| e.to_string())?;
            let path = made.path().to_owned();
            scratch = Some(made);
            path
        }
    };
    let mut teller = Teller::new();
    let start: DateTime<Utc> = BEGIN.parse().map_err(|e| format!("{e}"))?;
    let hands = Hands::at(start);
    let config = settings(args, &folder)?;
    crate::telemetry::start(&config.log)?;
    let place = config.place()?;
    teller.doing("建立数据库");
    migrate::run(&place).map_err(|e| format!("{e}: {e:?}"))?;
    let entropy = Entropy::system();
    let keys = Keys::load(&config.keys, &entropy)?;
    let http = config.http.clone();
    let parts = Parts { config, clock: hands.clock(), entropy, keys, hash_memory_kib: None };
    let server = Server::open(parts).map_err(|e| format!("{e}: {e:?}"))?;
    let first = server.first_start().map_err(|e| format!("{e}: {e:?}"))?;
    teller.doing("写入示范县");
    let input = county(Preset::County, args.seed);
    let rows = input.clone();
    let salt = entropy_salt(&server)?;
    let hash = server.hasher.hash(people::PASSWORD, &salt).map_err(|e| format!("{e}: {e:?}"))?;
    let (seeded, offices) =
        server.as_system(move |cx| settle(cx, &rows, &hash)).map_err(|e| format!("{e}: {e:?}"))?;
    let worker = Worker::start(&server)?;
    let running = run::start(Arc::clone(&server), &http, !args.once)
        .map_err(|e| format!("{}:{}:{e}", http.address, http.port))?;
    let base = format!("http://{}", running.address);
    teller.done(&format!(
        "示范县已建立:{} 个部门、{} 项抽查事项、{} 个检查对象、{} 名执法检查人员",
        seeded.departments.len(),
        seeded.items.len(),
        seeded.subjects.len(),
        seeded.inspectors.len()
    ));
    let told = story::play(
        &story::Stage {
            base: &base,
            first: &first,
            input: &input,
            seeded: &seeded,
            offices: &offices,
            hands: &hands,
        },
        &mut teller,
    );
    teller.finish();
    let told = told.inspect_err(|_| server.draining.store(true, Ordering::Relaxed));
    if args.once || told.is_err() {
        running.stop().map_err(|e| e.to_string())?;
        drop(worker);
        drop(scratch);
        return told;
    }
    println!("\n服务继续运行:{base}(接口文档 {base}/docs,数据在 {},Ctrl-C 结束)", folder.display());
    running.wait().map_err(|e| e.to_string())?;
    drop(worker);
    drop(scratch);
    Ok(())
}

/// The settings of the demonstration: everything in its own folder, this machine only.
fn settings(args: &DemoArgs, folder: &std::path::Path) -> Result<Config, String> {
    let mut config = Config::load(None)?;
    config.set_database(&format!("sqlite:{}", folder.join("onedoor.db").display()));
    config.keys.folder = folder.join("keys");
    config.mail.from = "联合抽查系统 <onedoor@demo.example>".to_owned();
    config.mail.transport = format!("file:{}", folder.join("mail").display());
    config.http.address = "127.0.0.1".to_owned();
    config.http.port = if args.once { 0 } else { args.port };
    config.http.requests_per_minute_user = 100_000;
    config.http.requests_per_minute_address = 100_000;
    config.log.level = "error".to_owned();
    config.region.code = "350499".to_owned();
    config.region.token = "CN-350499".to_owned();
    Ok(config)
}

fn entropy_salt(server: &Server) -> Result<[u8; 16], String> {
    server.entropy.bytes().map_err(|e| e.to_string())
}

/// The offices that do not inspect.
#[derive(Debug, Clone)]
pub(super) struct Offices {
    /// 协调办.
    pub(super) coordination: crate::ids::Id,
    /// 监督机构.
    pub(super) oversight: crate::ids::Id,
}

fn settle(
    cx: &mut Cx<'_>,
    input: &crate::domain::planning::input::Input,
    password_hash: &str,
) -> crate::error::Result<(Seeded, Offices)> {
    let seeded = seed::from_input(cx, input)?;
    seed::officer_accounts(cx, input, &seeded, password_hash)?;
    seed::grounds(cx, seeded.items.values().copied(), basis)?;
    let offices = Offices {
        coordination: seed::office(cx, "XTB", "联席会议办公室", DepartmentKind::Coordination)?,
        oversight: seed::office(cx, "JDJ", "司法局(行政执法监督)", DepartmentKind::Oversight)?,
    };
    cx.journal(Event::general(
        "sample_county_loaded",
        "region",
        json!({ "subjects": seeded.subjects.len() }),
    ))?;
    Ok((seeded, offices))
}
