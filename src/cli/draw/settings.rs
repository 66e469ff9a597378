//! Settings of a new draw: a rules file in TOML, options of the command line, and both together.

use super::Failure;
use super::{lists, planning};
use crate::domain::draw::bytes::decimal;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::record::{BeaconKind, BeaconRef, Mode, Policy, Team};
use crate::domain::draw::session::{Draft, RulesDoc, StratumRule, Times};
use clap::Args;
use serde::Deserialize;
use std::path::PathBuf;

/// Witnesses, beacons and times of one opening.
#[derive(Debug, Clone, Args)]
pub(super) struct Parties {
    /// 见证人代码(可多次)
    #[arg(long = "witness", value_name = "代码")]
    witnesses: Vec<String>,
    /// 信标(可多次):drand-quicknet:轮次、lottery:彩种/期号、nist2:链/脉冲、text:编号
    #[arg(long = "beacon", value_name = "种类:编号")]
    beacons: Vec<String>,
    /// 此时刻之前不得有信标:RFC 3339 时间、秒数,或 +30m、+2h、+1d
    #[arg(long, value_name = "时刻")]
    not_before: Option<String>,
    /// 结果须在此时刻之前入日志
    #[arg(long, value_name = "时刻")]
    deadline: Option<String>,
    /// 保密(embargo)抽取须在此时刻之前公布
    #[arg(long, value_name = "时刻")]
    publish_by: Option<String>,
}

/// A moment: seconds, RFC 3339, or `+N` with `s`, `m`, `h` or `d` from now.
fn moment(text: &str, now: u64) -> Result<u64, Fault> {
    let bad = || fault!("time", "时刻“{text}”看不懂,请写 2026-05-08T09:00:00+08:00、秒数,或 +30m、+2h、+1d");
    if let Some(rest) = text.strip_prefix('+') {
        let unit = rest.chars().last().ok_or_else(bad)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(bad()),
        };
        let count = decimal(&rest[..rest.len() - unit.len_utf8()]).ok_or_else(bad)?;
        return count.checked_mul(seconds).and_then(|s| s.checked_add(now)).ok_or_else(bad);
    }
    if let Some(seconds) = decimal(text) {
        return Ok(seconds);
    }
    let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| bad())?;
    u64::try_from(time.timestamp()).map_err(|_| bad())
}

fn beacon(text: &str) -> Result<BeaconRef, Fault> {
    let split = text.split_once([':', ' ']);
    let (kind, reference) = split
        .and_then(|(k, r)| Some((BeaconKind::of(k)?, r)))
        .ok_or_else(|| fault!("beacon", "信标“{text}”应写成 drand-quicknet:轮次、lottery:彩种/期号 等"))?;
    BeaconRef::new(kind, reference)
}

impl Parties {
    /// Witnesses, beacons and times; `not-before` defaults to ten minutes from now, the others follow it.
    pub(super) fn read(&self, now: u64) -> Result<(Vec<String>, Vec<BeaconRef>, Times), Failure> {
        let beacons = self.beacons.iter().map(|b| beacon(b)).collect::<Result<Vec<_>, _>>()?;
        let not_before = moment(self.not_before.as_deref().unwrap_or("+10m"), now)?;
        let deadline = match &self.deadline {
            None => not_before.saturating_add(86_400),
            Some(text) => moment(text, now)?,
        };
        let publish_by = self.publish_by.as_deref().map(|t| moment(t, now)).transpose()?;
        Ok((self.witnesses.clone(), beacons, Times { not_before, deadline, publish_by }))
    }
}

/// Options of `draw open`.
#[derive(Debug, Args)]
pub(super) struct OpenArgs {
    /// 抽取文件夹(新建)
    pub(super) dir: PathBuf,
    /// 检查对象名录CSV:标识/统一社会信用代码/注册号、分层、权重,其余列记入属性摘要
    #[arg(long, value_name = "文件", required_unless_present = "planning")]
    subjects: Option<PathBuf>,
    /// 一个县的表格(文件夹或工作簿,同 onedoor plan):名录、配额和规则摘要都取自其中;有计划表时用 --entry 指明计划,否则为派定人员而抽取种子
    #[arg(long, value_name = "文件夹", conflicts_with_all = ["subjects", "inspectors", "excluded", "rules_doc", "strata", "teams", "mode", "total", "total_bp"])]
    planning: Option<PathBuf>,
    /// 计划编号(与 --planning 同用)
    #[arg(long, value_name = "计划编号", requires = "planning")]
    entry: Option<String>,
    /// 各条计划已完成的抽取(文件夹或记录文件,可多次;与 --planning 同用,不与 --entry 同用)
    #[arg(long, value_name = "文件夹", requires = "planning", conflicts_with = "entry")]
    drawn: Vec<PathBuf>,
    /// 人员库CSV:人员编号、单位、可任A岗、上限、资格、回避;不派人时可不给
    #[arg(long, value_name = "文件")]
    inspectors: Option<PathBuf>,
    /// 排除名单CSV:标识、原因代码
    #[arg(long, value_name = "文件")]
    excluded: Option<PathBuf>,
    /// 规则文件(TOML);命令行选项优先于其中的值
    #[arg(long, value_name = "文件")]
    rules: Option<PathBuf>,
    /// 作为规则依据的文件(任意格式),其摘要写入开启记录;默认用规则文件
    #[arg(long, value_name = "文件")]
    rules_doc: Option<PathBuf>,
    /// 抽取机关代码
    #[arg(long)]
    authority: Option<String>,
    /// 计划编号
    #[arg(long)]
    plan: Option<String>,
    /// 名单编号
    #[arg(long)]
    list: Option<String>,
    /// 次序,从1起
    #[arg(long)]
    seq: Option<u32>,
    /// 方式:public 公开、embargo 保密、ceremony 现场
    #[arg(long)]
    policy: Option<String>,
    /// 配额方式:ratio、hamilton、webster
    #[arg(long)]
    mode: Option<String>,
    /// 总数
    #[arg(long)]
    total: Option<u64>,
    /// 总比例(万分之)
    #[arg(long)]
    total_bp: Option<u64>,
    /// 分层(可多次):代码:万分比[:最少[:最多[:分配权重]]]
    #[arg(long = "stratum", value_name = "代码:万分比:最少:最多:权重")]
    strata: Vec<String>,
    /// 检查组(可多次):单位:人数[:A岗数[:资格或-[:min-load|none]]]
    #[arg(long = "team", value_name = "单位:人数:A岗:资格:均衡")]
    teams: Vec<String>,
    #[command(flatten)]
    parties: Parties,
    /// 名录时刻,默认现在
    #[arg(long, value_name = "时刻")]
    as_of: Option<String>,
    /// 日志名称(形如 county.example/vdr),默认由机关代码得出
    #[arg(long)]
    origin: Option<String>,
    /// 外部联署人的公钥(vkey,可多次);不给则由本机时钟自签
    #[arg(long = "cosigner", value_name = "公钥")]
    cosigners: Vec<String>,
    /// 联署人数门槛
    #[arg(long, default_value_t = 1)]
    quorum: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    authority: Option<String>,
    plan: Option<String>,
    list: Option<String>,
    seq: Option<u32>,
    policy: Option<String>,
    witnesses: Vec<String>,
    beacons: Vec<String>,
    not_before: Option<Moment>,
    deadline: Option<Moment>,
    publish_by: Option<Moment>,
    quota: QuotaRules,
    stratum: Vec<StratumRules>,
    team: Vec<TeamRules>,
}

/// A time in a rules file: a number of seconds, a TOML date-time, or text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Moment {
    Seconds(u64),
    Date(toml::value::Datetime),
    Text(String),
}

impl Moment {
    fn text(&self) -> String {
        match self {
            Self::Seconds(s) => s.to_string(),
            Self::Date(d) => d.to_string(),
            Self::Text(t) => t.clone(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct QuotaRules {
    mode: Option<String>,
    total: u64,
    total_bp: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StratumRules {
    code: String,
    #[serde(default)]
    bp: u64,
    #[serde(default)]
    lo: u64,
    #[serde(default)]
    hi: u64,
    #[serde(default = "one")]
    alloc: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamRules {
    unit: String,
    size: u32,
    #[serde(default)]
    leads: u32,
    #[serde(default)]
    qual: Option<String>,
    #[serde(default)]
    min_load: bool,
}

const fn one() -> u64 {
    1
}

fn stratum(text: &str) -> Result<StratumRule, Fault> {
    let bad = || fault!("stratum", "分层“{text}”应写成 代码:万分比[:最少[:最多[:分配权重]]]");
    let mut parts = text.split(':');
    let code = parts.next().filter(|c| !c.is_empty()).ok_or_else(bad)?.to_owned();
    let mut number = |default: u64| parts.next().map_or(Some(default), decimal).ok_or_else(bad);
    let (bp, lo, hi, alloc) = (number(0)?, number(0)?, number(0)?, number(1)?);
    if parts.next().is_some() {
        return Err(bad());
    }
    Ok(StratumRule { code, bp, lo, hi, alloc })
}

fn team(text: &str) -> Result<Team, Fault> {
    let bad = || fault!("team", "检查组“{text}”应写成 单位:人数[:A岗数[:资格或-[:min-load|none]]]");
    let mut parts = text.split(':');
    let unit = parts.next().filter(|u| !u.is_empty()).ok_or_else(bad)?.to_owned();
    let size = parts.next().and_then(|s| s.parse().ok()).ok_or_else(bad)?;
    let leads = parts.next().map_or(Some(0), |s| s.parse().ok()).ok_or_else(bad)?;
    let qual = parts.next().filter(|q| *q != "-").map(str::to_owned);
    let min_load = match parts.next() {
        None | Some("none") => false,
        Some("min-load") => true,
        Some(_) => return Err(bad()),
    };
    if parts.next().is_some() { Err(bad()) } else { Ok(Team { unit, size, leads, qual, min_load }) }
}

/// The rules as a document, when only options were given.
fn written_rules(mode: Mode, strata: &[StratumRule], teams: &[Team]) -> String {
    let mut text = format!("抽取规则(由命令行选项生成)\n配额方式 {}\n", mode.word());
    for s in strata {
        let StratumRule { code, bp, lo, hi, alloc } = s;
        text.push_str(&format!("层 {code}:万分之{bp},最少{lo},最多{hi}(0为不限),分配权重{alloc}\n"));
    }
    for t in teams {
        let qual = t.qual.as_deref().unwrap_or("不限");
        text.push_str(&format!("检查组 {}:{}人,A岗{}人,资格{qual}\n", t.unit, t.size, t.leads));
    }
    text
}

impl OpenArgs {
    /// The draft: options over rules file over defaults.
    pub(super) fn draft(&self, now: u64) -> Result<Draft, Failure> {
        let county = match &self.planning {
            Some(path) => Some(planning::read(path, self.entry.as_deref(), &self.drawn)?),
            None => None,
        };
        let text = self.rules.as_deref().map(super::folder::read_text).transpose()?;
        let rules: Rules = match &text {
            None => Rules::default(),
            Some(text) => toml::from_str(text).map_err(|e| fault!("rules", "规则文件有误:{e}"))?,
        };
        let mut faults: Vec<Fault> = Vec::new();
        let mut need = |option: &Option<String>, file: &Option<String>, name: &str| {
            option.clone().or_else(|| file.clone()).unwrap_or_else(|| {
                faults.push(fault!("missing", "缺少 --{name}(或规则文件中的 {name})"));
                String::new()
            })
        };
        let known = |of: fn(&planning::County) -> &String| county.as_ref().map(|c| of(c).clone());
        let authority =
            need(&self.authority, &rules.authority.clone().or(known(|c| &c.authority)), "authority");
        let list = need(&self.list, &known(|c| &c.list).or(rules.list.clone()), "list");
        let plan = need(&self.plan, &rules.plan.clone().or(known(|c| &c.list)), "plan");
        let policy = need(&self.policy, &rules.policy, "policy");
        let mode = self.mode.clone().or(rules.quota.mode.clone()).unwrap_or_else(|| "ratio".to_owned());
        let (policy, mode) = (Policy::of(&policy), Mode::of(&mode));
        if policy.is_none() {
            faults.push(fault!("policy", "方式(policy)只能是 public、embargo 或 ceremony"));
        }
        if mode.is_none() {
            faults.push(fault!("mode", "配额方式(mode)只能是 ratio、hamilton 或 webster"));
        }
        let strata: Vec<StratumRule> = if let Some(county) = &county {
            county.strata.clone()
        } else if self.strata.is_empty() {
            let rule = |s: &StratumRules| StratumRule {
                code: s.code.clone(),
                bp: s.bp,
                lo: s.lo,
                hi: s.hi,
                alloc: s.alloc,
            };
            rules.stratum.iter().map(rule).collect()
        } else {
            self.strata.iter().map(|s| stratum(s)).collect::<Result<_, _>>()?
        };
        if strata.is_empty() {
            faults.push(fault!("missing", "缺少 --stratum(或规则文件中的 [[stratum]])"));
        }
        let teams: Vec<Team> = if self.teams.is_empty() {
            let line = |t: &TeamRules| Team {
                unit: t.unit.clone(),
                size: t.size,
                leads: t.leads,
                qual: t.qual.clone(),
                min_load: t.min_load,
            };
            rules.team.iter().map(line).collect()
        } else {
            self.teams.iter().map(|t| team(t)).collect::<Result<_, _>>()?
        };
        let own = |time: &Option<String>, file: &Option<Moment>| {
            time.clone().or_else(|| file.as_ref().map(Moment::text))
        };
        let parties = Parties {
            witnesses: if self.parties.witnesses.is_empty() {
                rules.witnesses.clone()
            } else {
                self.parties.witnesses.clone()
            },
            beacons: if self.parties.beacons.is_empty() {
                rules.beacons.clone()
            } else {
                self.parties.beacons.clone()
            },
            not_before: own(&self.parties.not_before, &rules.not_before),
            deadline: own(&self.parties.deadline, &rules.deadline),
            publish_by: own(&self.parties.publish_by, &rules.publish_by),
        };
        let (Some(policy), Some(mode), true) = (policy, mode, faults.is_empty()) else {
            return Err(faults.into());
        };
        let (witnesses, beacons, times) = parties.read(now)?;
        let mut draft = Draft {
            origin: self.origin.clone().unwrap_or_else(|| format!("{authority}/vdr")),
            authority,
            plan,
            list,
            seq: self.seq.or(rules.seq).unwrap_or(1),
            policy,
            rules: RulesDoc::Public(Vec::new()),
            mode,
            total: self.total.unwrap_or(rules.quota.total),
            total_bp: self.total_bp.unwrap_or(rules.quota.total_bp),
            strata,
            teams,
            excluded: Vec::new(),
            witnesses,
            beacons,
            times,
            as_of: self.as_of.as_deref().map(|t| moment(t, now)).transpose()?.unwrap_or(now),
            subjects: Vec::new(),
            documents: Vec::new(),
            inspectors: Vec::new(),
            cosigners: self.cosigners.clone(),
            quorum: self.quorum,
        };
        if let Some(county) = county {
            draft.rules = RulesDoc::Digest(county.digest);
            (draft.mode, draft.total, draft.total_bp) = (county.mode, county.total, 0);
            draft.teams = Vec::new();
            (draft.subjects, draft.inspectors) = (county.subjects, county.inspectors);
            return Ok(draft);
        }
        (draft.subjects, draft.documents) =
            self.subjects.as_deref().map(lists::subjects).transpose()?.unwrap_or_default();
        draft.inspectors = self.inspectors.as_deref().map(lists::inspectors).transpose()?.unwrap_or_default();
        draft.excluded = self.excluded.as_deref().map(lists::excluded).transpose()?.unwrap_or_default();
        draft.rules = RulesDoc::Public(match (&self.rules_doc, text) {
            (Some(path), _) => {
                std::fs::read(path).map_err(|e| Failure::Io(format!("读取{}失败:{e}", path.display())))?
            }
            (None, Some(text)) => text.into_bytes(),
            (None, None) => written_rules(mode, &draft.strata, &draft.teams).into_bytes(),
        });
        Ok(draft)
    }
}
