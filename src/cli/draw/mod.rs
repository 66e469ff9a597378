//! `onedoor draw …`: works through a draw in a folder, offline and resumable; each step refuses what is out of order.

mod folder;
mod inputs;
mod lists;
mod planning;
mod settings;
mod show;

pub use planning::finished;

pub use folder::{Folder, judge_files, verify_folder};

use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::entropy::witness_commitment;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::record::Opening;
use crate::domain::draw::session::{Again, Secrets, Session, Stage};
use crate::{clock, entropy};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit code: everything in order.
pub const OK: u8 = 0;
/// Exit code: a verification failed.
pub const FAILED: u8 = 1;
/// Exit code: refused, out of order, or faults in the input.
pub const REFUSED: u8 = 3;
/// Exit code: nothing is wrong, but the draw is not finished.
pub const UNFINISHED: u8 = 4;
/// Exit code: a file cannot be read or written.
pub const IO: u8 = 5;

/// 可验证抽取(VDR/1):在一个文件夹里按步骤完成一次抽取,可断网、可中断后继续。
///
/// 步骤:open 开启 → seal 见证人封存 → reveal 揭示 → (beacon 公共信标)→ result 结果 →(publish 公布)。
/// 每一步都会拒绝次序不对的操作,并说明还缺什么。
/// 退出码:0 完成;1 验证不通过;2 命令用法错误;3 被拒绝或输入有误;4 尚未完成;5 文件读写失败。
#[derive(Debug, Args)]
pub struct DrawArgs {
    #[command(subcommand)]
    step: Step,
    /// 以JSON输出,供程序读取
    #[arg(long, global = true)]
    json: bool,
    /// 以此时刻(1970年以来的秒数)记录,默认取系统时钟;离线机时钟不准时由见证人口述
    #[arg(long, global = true, value_name = "秒")]
    at: Option<u64>,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// 开启:锁定名录、规则、配额、见证人、信标和服务器承诺
    Open(Box<settings::OpenArgs>),
    /// 打印服务器秘密,装入信封由两名见证人保管(现场抽取防扣留;仅限揭示或公布之前)
    Escrow(Dir),
    /// 为见证人计算封存值(内容由见证人自留时使用)
    Card(CardArgs),
    /// 封存:记入每位见证人的承诺
    Seal(SealArgs),
    /// 揭示:公开见证人内容和服务器秘密(embargo 暂不公开后者)
    Reveal(RevealArgs),
    /// 记入公共信标
    Beacon(BeaconArgs),
    /// 计算并记入结果
    Result(Dir),
    /// 公布保密(embargo)抽取的服务器秘密和名单
    Publish(Dir),
    /// 作废本次抽取(规则A:公开已有内容和“本会得到的结果”)
    Abort(AbortArgs),
    /// 作废后以下一次序重新开启(名录、规则不变)
    Again(AgainArgs),
    /// 补抽:替换不能检查的对象、补充空缺的席位
    Round(Box<RoundArgs>),
    /// 查看进行到哪一步、下一步是什么
    Status(Dir),
    /// 列出抽中对象和检查组(保密期内仅供内部使用)
    Roster(Dir),
    /// 导出抽取包(公开版,或含名单的审计版)
    Bundle(BundleArgs),
    /// 导出某条记录在日志中的证明(.tlog-proof)
    Proof(ProofArgs),
    /// 导出发给企业的编号材料
    Disclose(DiscloseArgs),
    /// 并入外部联署人签过的检查点
    Cosign(CosignArgs),
}

#[derive(Debug, Args)]
struct Dir {
    /// 抽取文件夹
    dir: PathBuf,
}

#[derive(Debug, Args)]
struct CardArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 见证人代码
    #[arg(long)]
    witness: String,
    /// 卡上写的内容
    #[arg(long)]
    text: String,
    /// 盐(32位十六进制),默认随机
    #[arg(long)]
    salt: Option<String>,
}

#[derive(Debug, Args)]
struct SealArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 见证人的内容,由本机保管到揭示:代码=内容
    #[arg(long = "witness", value_name = "代码=内容")]
    witnesses: Vec<String>,
    /// 见证人自留卡片,只交封存值:代码=64位十六进制
    #[arg(long = "commitment", value_name = "代码=封存值")]
    commitments: Vec<String>,
}

#[derive(Debug, Args)]
struct RevealArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 见证人自留的卡:代码=盐:内容
    #[arg(long = "witness", value_name = "代码=盐:内容")]
    witnesses: Vec<String>,
}

#[derive(Debug, Args)]
struct BeaconArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// drand quicknet:轮次=签名(96位十六进制)
    #[arg(long, value_name = "轮次=签名")]
    drand: Vec<String>,
    /// 彩票:彩种/期号=开奖号码,如 SSQ/2026051=01.02.03.04.05.06+07
    #[arg(long, value_name = "彩种/期号=号码")]
    lottery: Vec<String>,
    /// NIST 2.0:链/脉冲=outputValue(128位十六进制)
    #[arg(long, value_name = "链/脉冲=值")]
    nist: Vec<String>,
    /// 事先约定的公开文本:编号=文本
    #[arg(long, value_name = "编号=文本")]
    text: Vec<String>,
}

#[derive(Debug, Args)]
struct AbortArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 原因代码,如 NO-QUORUM
    #[arg(long)]
    reason: String,
    /// 见证人自留的卡:代码=盐:内容
    #[arg(long = "witness", value_name = "代码=盐:内容")]
    witnesses: Vec<String>,
}

#[derive(Debug, Args)]
struct AgainArgs {
    /// 抽取文件夹
    dir: PathBuf,
    #[command(flatten)]
    parties: settings::Parties,
}

#[derive(Debug, Args)]
struct RoundArgs {
    /// 抽取文件夹
    dir: PathBuf,
    #[command(flatten)]
    parties: settings::Parties,
    /// 不能检查的对象:标识=原因代码(如 ZX 注销、QC 迁出)
    #[arg(long = "gone", value_name = "标识=原因")]
    gone: Vec<String>,
    /// 各层补抽数:层=数量;默认按 --gone 的对象所在层等额补抽
    #[arg(long = "replace", value_name = "层=数量")]
    replace: Vec<String>,
    /// 重抽的席位:标识/单位/席次=原因代码
    #[arg(long = "refill", value_name = "标识/单位/席次=原因")]
    refill: Vec<String>,
    /// 新的人员名单CSV;默认沿用
    #[arg(long, value_name = "文件")]
    inspectors: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct BundleArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 输出文件
    #[arg(long, value_name = "文件")]
    out: PathBuf,
    /// 审计版:附名单和名录密钥(仅交审计方,不得公开)
    #[arg(long)]
    audit: bool,
}

#[derive(Debug, Args)]
struct ProofArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 记录名:open、result 等
    #[arg(default_value = "open")]
    record: String,
    /// 输出文件
    #[arg(long, value_name = "文件")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct DiscloseArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 企业标识
    #[arg(long, required = true)]
    id: Vec<String>,
    /// 输出文件夹
    #[arg(long, value_name = "文件夹")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct CosignArgs {
    /// 抽取文件夹
    dir: PathBuf,
    /// 签过的检查点文件
    note: PathBuf,
}

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Refused, with every fault.
    Refused(Vec<Fault>),
    /// A file cannot be read or written.
    Io(String),
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Refused(faults)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Refused(vec![fault])
    }
}

impl Failure {
    /// Reports the failure and gives its exit code.
    #[must_use]
    pub fn report(&self, json: bool) -> ExitCode {
        let (code, faults) = match self {
            Self::Refused(faults) => (REFUSED, faults.clone()),
            Self::Io(text) => (IO, vec![Fault::new("io", text.clone())]),
        };
        if json {
            let faults: Vec<_> =
                faults.iter().map(|f| serde_json::json!({"code": f.code, "text": f.text})).collect();
            println!("{}", serde_json::json!({"ok": false, "faults": faults}));
        } else {
            for f in &faults {
                eprintln!("拒绝:{}", f.text);
            }
        }
        ExitCode::from(code)
    }
}

/// Runs `onedoor draw`.
#[must_use]
pub fn run(args: &DrawArgs) -> ExitCode {
    let now = args.at.unwrap_or_else(clock::unix_now);
    match step(&args.step, now, args.json) {
        Ok(()) => ExitCode::from(OK),
        Err(failure) => failure.report(args.json),
    }
}

fn step(step: &Step, now: u64, json: bool) -> Result<(), Failure> {
    match step {
        Step::Open(args) => {
            let folder = Folder::create(&args.dir)?;
            let session = Session::open(args.draft(now)?, &secrets()?, now)?;
            folder.save(&session)?;
            show::status(&session, json);
            Ok(())
        }
        Step::Escrow(args) => escrow(&args.dir, json),
        Step::Card(args) => card(args, json),
        Step::Seal(args) => change(&args.dir, json, |s| {
            let cards = inputs::sealed(args)?;
            Ok(s.seal(cards, now)?)
        }),
        Step::Reveal(args) => change(&args.dir, json, |s| Ok(s.reveal(inputs::kept(&args.witnesses)?, now)?)),
        Step::Beacon(args) => change(&args.dir, json, |s| Ok(s.beacon(inputs::proofs(args)?, now)?)),
        Step::Result(args) => change(&args.dir, json, |s| Ok(s.result(now)?)),
        Step::Publish(args) => change(&args.dir, json, |s| Ok(s.publish(now)?)),
        Step::Abort(args) => {
            change(&args.dir, json, |s| Ok(s.abort(&args.reason, inputs::kept(&args.witnesses)?, now)?))
        }
        Step::Again(args) => change(&args.dir, json, |s| {
            let (witnesses, beacons, times) = args.parties.read(now)?;
            Ok(s.again(Again { witnesses, beacons }, times, secret()?, now)?)
        }),
        Step::Round(args) => change(&args.dir, json, |s| {
            let next = inputs::next_round(args, s, now)?;
            let (_, _, times) = args.parties.read(now)?;
            Ok(s.next_round(next, times, secret()?, now)?)
        }),
        Step::Status(args) => {
            show::status(&Folder::open(&args.dir)?.load()?, json);
            Ok(())
        }
        Step::Roster(args) => show::roster(&Folder::open(&args.dir)?.load()?, json),
        Step::Bundle(args) => {
            let session = Folder::open(&args.dir)?.load()?;
            let bundle = if args.audit { session.audit_bundle() } else { session.public };
            folder::write(&args.out, &bundle.to_bytes(), args.audit)?;
            show::done(json, &format!("已导出{}", args.out.display()));
            Ok(())
        }
        Step::Proof(args) => proof(args, json),
        Step::Disclose(args) => disclose(args, json),
        Step::Cosign(args) => change(&args.dir, json, |s| {
            let note = folder::read_text(&args.note)?;
            s.add_cosignatures(&note)?;
            Ok(())
        }),
    }
}

/// Loads a draw, changes it, saves it and says where it stands.
fn change(
    dir: &std::path::Path,
    json: bool,
    act: impl FnOnce(&mut Session) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let folder = Folder::open(dir)?;
    let mut session = folder.load()?;
    act(&mut session)?;
    folder.save(&session)?;
    show::status(&session, json);
    Ok(())
}

fn secret() -> Result<[u8; 32], Failure> {
    entropy::secret32().map_err(|e| Failure::Io(format!("操作系统不能提供随机数:{e}")))
}

fn secrets() -> Result<Secrets, Failure> {
    Ok(Secrets {
        server: secret()?,
        pool_key: secret()?,
        inspector_key: secret()?,
        log_key: secret()?,
        cosign_key: secret()?,
    })
}

fn salt() -> Result<[u8; 16], Failure> {
    let bytes = secret()?;
    let mut salt = [0; 16];
    salt.copy_from_slice(&bytes[..16]);
    Ok(salt)
}

/// Prints the server secret for the sealed envelope (section 2.10), so that nobody can withhold it.
fn escrow(dir: &std::path::Path, json: bool) -> Result<(), Failure> {
    let session = Folder::open(dir)?.load()?;
    let shown = matches!(session.stage(), Stage::Aborted | Stage::Published)
        || session.finished()
        || (session.stage() >= Stage::Revealed && session.opening()?.publish_by.is_none());
    if shown {
        return Err(fault!("revealed", "服务器秘密已经公开,不必再封存").into());
    }
    let id = hex::encode(session.draw_id());
    if json {
        println!("{}", serde_json::json!({"ok": true, "draw_id": id, "server": session.private.server}));
    } else {
        println!("抽取编号 {id}\n服务器秘密 {}", session.private.server);
        println!("请打印两份,分别装入信封密封签字,由两名见证人保管;打印后清屏,勿存为文件。");
    }
    Ok(())
}

fn card(args: &CardArgs, json: bool) -> Result<(), Failure> {
    let session = Folder::open(&args.dir)?.load()?;
    if session.stage() != Stage::Opened {
        return Err(fault!("out_of_order", "封存值须在开启之后、封存之前计算").into());
    }
    let salt = match &args.salt {
        None => salt()?,
        Some(text) => unhex_n(text).ok_or_else(|| fault!("salt", "盐须为32位小写十六进制"))?,
    };
    let opening = Opening { id: args.witness.clone(), salt, value: args.text.clone().into_bytes() };
    if !session.opening()?.witnesses.contains(&opening.id) {
        return Err(fault!("card_unknown", "{}不是本次抽取的见证人", opening.id).into());
    }
    let commitment = hex::encode(witness_commitment(&session.draw_id(), &opening));
    if json {
        println!(
            "{}",
            serde_json::json!({"witness": opening.id, "salt": hex::encode(salt), "commitment": commitment})
        );
    } else {
        println!("见证人 {}\n盐     {}\n封存值 {commitment}", opening.id, hex::encode(salt));
        println!("请把内容和盐写在卡上由见证人保管,封存时只交封存值。");
    }
    Ok(())
}

fn proof(args: &ProofArgs, json: bool) -> Result<(), Failure> {
    let session = Folder::open(&args.dir)?.load()?;
    let records = session.public.records.all();
    let Some((_, text)) = records.iter().find(|r| r.0 == args.record) else {
        let known: Vec<&str> = records.iter().map(|r| r.0).collect();
        return Err(fault!("record_unknown", "尚无记录{},已有:{}", args.record, known.join("、")).into());
    };
    let proof = session.proof(text).ok_or_else(|| fault!("proof", "日志中没有这条记录"))?;
    folder::write(&args.out, proof.text().as_bytes(), false)?;
    show::done(json, &format!("已导出{}", args.out.display()));
    Ok(())
}

fn disclose(args: &DiscloseArgs, json: bool) -> Result<(), Failure> {
    let session = Folder::open(&args.dir)?.load()?;
    let (pool, key) = (session.subject_pool()?, session.pool_key()?);
    let mut faults = Vec::new();
    let mut numbers = Vec::new();
    for id in &args.id {
        match pool.number_of(id) {
            Some(number) => numbers.push(number),
            None => faults.push(fault!("id_unknown", "名录中没有{id}")),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    for d in pool.disclose(&key, &numbers) {
        let opening = crate::domain::draw::bundle::WinnerOpening::of(&d);
        let bytes = serde_json::to_vec_pretty(&opening).map_err(|e| Failure::Io(e.to_string()))?;
        // Ids may hold characters a file name must not.
        let name: String =
            d.id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        folder::write(&args.out.join(format!("{:08}-{name}.json", d.number)), &bytes, false)?;
    }
    show::done(json, &format!("已导出{}份编号材料到{}", numbers.len(), args.out.display()));
    Ok(())
}
