//! `onedoor serve`: the coordination server; and the commands around its database.

use crate::clock::Clock;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::store::migrate;
use crate::web::run::{self, Parts};
use crate::web::server::Server;
use crate::worker::Worker;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the settings are.
#[derive(Debug, Clone, Args)]
pub(super) struct Settings {
    /// 设置文件(TOML);未写明的取默认值,环境变量 ONEDOOR__节__键 与 DATABASE_URL 优先
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Settings {
    pub(super) fn load(&self) -> Result<Config, String> {
        Config::load(self.config.as_deref())
    }
}

/// 启动协调服务器
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &ServeArgs) -> ExitCode {
    super::answer(serve(args))
}

fn serve(args: &ServeArgs) -> Result<(), String> {
    let config = args.settings.load()?;
    crate::telemetry::start(&config.log)?;
    let place = config.place()?;
    migrate::run(&place).map_err(|e| format!("{e}: {e:?}"))?;
    let entropy = Entropy::system();
    let keys = Keys::load(&config.keys, &entropy)?;
    let http = config.http.clone();
    let parts = Parts { config, clock: Clock::System, entropy, keys, hash_memory_kib: None };
    let server = Server::open(parts).map_err(|e| format!("{e}: {e:?}"))?;
    let first = server.first_start().map_err(|e| format!("{e}: {e:?}"))?;
    if !first.is_empty() {
        println!("首次启动,已建立三个管理员账号。下列一次性密码只显示这一次,首次登录须修改:");
        for p in &first {
            println!("  {}  登录名 {}  密码 {}", p.name, p.login, p.password);
        }
    }
    let worker = Worker::start(&server)?;
    let running =
        run::start(server, &http, true).map_err(|e| format!("{}:{}:{e}", http.address, http.port))?;
    println!("onedoor 已启动:http://{}", running.address);
    let ended = running.wait().map_err(|e| e.to_string());
    // After the last answer: what it did is sealed too.
    drop(worker);
    ended
}

/// 升级数据库结构
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn migrate(args: &MigrateArgs) -> ExitCode {
    let ran = args
        .settings
        .load()
        .and_then(|c| c.place())
        .and_then(|place| migrate::run(&place).map_err(|e| format!("{e}: {e:?}")));
    super::answer(ran.map(|names| {
        if names.is_empty() {
            println!("数据库已是最新结构");
        }
        for name in names {
            println!("已执行 {name}");
        }
    }))
}

/// 输出接口文档(OpenAPI 3.1)
#[derive(Debug, Args)]
pub(super) struct OpenapiArgs {}

pub(super) fn openapi(_: &OpenapiArgs) -> ExitCode {
    let router = crate::web::routes();
    let document = crate::web::openapi::document(&router.entries, &router.components);
    super::answer(
        serde_json::to_string_pretty(&document).map_err(|e| e.to_string()).map(|text| println!("{text}")),
    )
}
