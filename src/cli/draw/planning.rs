//! A county's tables as the input of a draw, and finished draws as the input of planning.

use super::{Failure, verify_folder};
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::pool::{Inspector, Subject};
use crate::domain::draw::record::{Mode, Record, parse_record};
use crate::domain::draw::session::StratumRule;
use crate::domain::draw::verify::{self, Report, Verdict};
use crate::domain::planning::{canonical, token};
use crate::exchange::county;
use crate::service::ceremony::{Held, pool_root};
use crate::service::plan::{self, FormalDraw};
use crate::service::pools;
use std::path::{Path, PathBuf};

/// What a draw takes from a county's tables.
pub(super) struct County {
    pub(super) authority: String,
    pub(super) list: String,
    pub(super) digest: [u8; 32],
    pub(super) mode: Mode,
    pub(super) total: u64,
    pub(super) strata: Vec<StratumRule>,
    pub(super) subjects: Vec<Subject>,
    pub(super) inspectors: Vec<Inspector>,
}

/// Reads the tables. With a plan entry the subjects of that entry are drawn; without, nobody is drawn and the draw
/// gives the seed for drawing the people. `drawn` are the finished draws of the plan entries.
pub(super) fn read(path: &Path, entry: Option<&str>, drawn: &[PathBuf]) -> Result<County, Failure> {
    let (mut input, _) = county::read(path).map_err(|f| fault!("planning", "{f}"))?;
    input.sort();
    let faults = |list: Vec<Fault>| Failure::Refused(list);
    if entry.is_none() && !input.plans.is_empty() && !drawn.is_empty() {
        let source = plan::Source::Formal(finished(drawn).map_err(|e| fault!("drawn", "{e}"))?);
        plan::draw_subjects(&mut input, &source, &mut Vec::new(), &mut |_| ())
            .map_err(|e| fault!("drawn", "{e}"))?;
    }
    let (list, pool, quotas) = match entry {
        Some(id) => {
            let plan = input
                .plans
                .iter()
                .find(|p| p.id == id)
                .ok_or_else(|| fault!("entry", "计划表中没有编号为“{id}”的计划"))?;
            let pool = pools::subjects(&input, pools::matching(&input, plan)).map_err(faults)?;
            let quotas = pools::quotas(plan, &pool).map_err(|e| fault!("quotas", "{e}"))?;
            (token(id), pool, quotas)
        }
        None if input.tasks.is_empty() => {
            return Err(fault!(
                "entry",
                "表中只有计划、没有任务:请用 --entry 指明抽取哪一条计划;各条抽完后,以 --drawn 逐一给出其文件夹,再开启派定人员的抽取"
            )
            .into());
        }
        None => {
            let pool = plan::task_subjects(&input).map_err(faults)?;
            let strata = plan::nobody(&pool);
            (plan::TEAMS.to_owned(), pool, pools::Quotas { mode: Mode::Ratio, total: 0, strata })
        }
    };
    Ok(County {
        authority: plan::authority(&input),
        list,
        digest: canonical::digest(&input),
        mode: quotas.mode,
        total: quotas.total,
        strata: quotas.strata.iter().map(pools::rule).collect(),
        subjects: pools::members(&pool),
        inspectors: pools::inspectors(&input).map_err(faults)?.members().to_vec(),
    })
}

/// Reads finished draws from folders or bundle files and verifies each.
///
/// # Errors
/// All reasons why a draw cannot be used, in words.
pub fn finished(paths: &[PathBuf]) -> Result<Vec<FormalDraw>, String> {
    let mut draws = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        match one(path) {
            Ok(draw) => draws.push(draw),
            Err(why) => faults.push(format!("{}:{why}", path.display())),
        }
    }
    if faults.is_empty() { Ok(draws) } else { Err(faults.join("\n")) }
}

fn one(path: &Path) -> Result<FormalDraw, String> {
    let file = if path.is_dir() { path.join("draw.json") } else { path.to_owned() };
    let bytes = std::fs::read(&file).map_err(|e| format!("不能读取{}:{e}", file.display()))?;
    let report: Report = if path.is_dir() {
        verify_folder(path, None).map_err(|_| "不能读取抽取文件夹".to_owned())?
    } else {
        verify::verify_bytes(&bytes, None)
    };
    match report.verdict() {
        Verdict::Verified => {}
        Verdict::Unfinished => return Err("抽取尚未完成".to_owned()),
        Verdict::Failed => {
            let failed = report.statements.iter().filter(|s| s.status == verify::Status::Failed);
            return Err(failed.map(|s| s.text.clone()).collect::<Vec<_>>().join(";"));
        }
    }
    let bundle = Bundle::parse(&bytes).map_err(|f| f.to_string())?;
    let Ok(Record::Open(open)) = parse_record(bundle.records.open.as_bytes()) else {
        return Err("开启记录不能读取".to_owned());
    };
    let groups = match parse_record(bundle.records.pool_subjects.as_bytes()) {
        Ok(Record::Pool(pool)) => pool.groups,
        _ => return Err("检查对象名录的记录不能读取".to_owned()),
    };
    if open.total_bp != 0 {
        return Err("抽取按总数的比例定额,与抽查计划的写法不符:须由数据(--planning)开启".to_owned());
    }
    let outcome = report.outcome.ok_or("抽取没有结果(已作废?)")?;
    Ok(FormalDraw {
        held: Held {
            draw_id: crate::domain::draw::record::digest(bundle.records.open.as_bytes()),
            seed: outcome.selection.seed,
            list: open.list.clone(),
            drawn: outcome.ids.values().cloned().collect(),
            subject_root: pool_root(&bundle.records.pool_subjects),
            inspector_root: pool_root(&bundle.records.pool_inspectors),
            log_root: unhex_n::<32>(&bundle.log.root).unwrap_or_default(),
            log_size: bundle.log.entries.len(),
            bundle: bytes,
        },
        rules_doc: open.rules_doc,
        groups,
        quotas: pools::Quotas { mode: open.mode, total: open.total, strata: open.strata.clone() },
        witnesses: open.witnesses.clone(),
        beacons: open.beacons.iter().map(|b| format!("{} {}", b.kind.word(), b.reference)).collect(),
    })
}
