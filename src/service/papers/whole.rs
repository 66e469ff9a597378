//! Papers of a joint inspection as a whole: the draw record and the joint summary.

use super::super::cx::Cx;
use super::super::results::outcomes;
use super::super::visits::{self as visit_service, Whole};
use super::views::clock;
use super::{CHUNK, inspection, named};
use crate::documents::papers::day;
use crate::documents::papers::draw_record::{DrawLine, DrawRecord, DrawnLine, WitnessLine};
use crate::documents::papers::joint_summary::{JointSummary, SummaryRow};
use crate::documents::papers::sheet::Sheet;
use crate::domain::access::Action;
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw_state;
use crate::domain::paper::WholePaper;
use crate::domain::publication::conclusion;
use crate::domain::result::{Outcome, State as Stage};
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::draws::{self, Draw};
use crate::store::inspections::Inspection;
use crate::store::publications::{self, Publication};
use crate::store::results::{CheckResult, findings};
use crate::store::{county, departments, inspections, visits};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// A paper of a joint inspection, with the inspection.
///
/// # Errors
/// Not visible; nothing was drawn or dispatched yet.
pub fn of_inspection(cx: &mut Cx<'_>, id: Id, paper: WholePaper) -> Result<(Inspection, Vec<Sheet>)> {
    let row = inspection(cx, id, Action::ViewWholePaper)?;
    let sheets = match paper {
        WholePaper::DrawRecord => draw_record(cx, &row)?.sheets(),
        WholePaper::JointSummary => joint_summary(cx, &row)?.sheets(),
    };
    Ok((row, sheets))
}

fn office_names(cx: &mut Cx<'_>) -> Result<HashMap<Id, String>> {
    let region = cx.region().to_owned();
    Ok(departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.name)).collect())
}

/// What the draw record says.
///
/// # Errors
/// No draw was opened yet; a bundle that cannot be read (a defect).
pub fn draw_record(cx: &mut Cx<'_>, row: &Inspection) -> Result<DrawRecord> {
    let rows = draws::of(cx.db, row.id)?;
    if rows.is_empty() {
        return Err(Error::refused("nothing_to_print", "尚未开始抽取,没有抽取记录"));
    }
    let names = office_names(cx)?;
    let mut lines = Vec::with_capacity(rows.len());
    for draw in &rows {
        lines.push(line(cx, draw)?);
    }
    // A subject whose unannounced visit has not begun is no name on any paper.
    let mut hidden: BTreeSet<Id> = BTreeSet::new();
    let mut visited: BTreeSet<Id> = BTreeSet::new();
    for chunk in visits::of_inspection(cx.db, row.id)?.chunks(CHUNK) {
        for whole in visit_service::whole(cx, chunk.to_vec())? {
            visited.insert(whole.visit.subject_id);
            if !named(&whole) {
                hidden.insert(whole.visit.subject_id);
            }
        }
    }
    let unannounced = row.notice == "unannounced";
    let drawn = draws::drawn_of(cx.db, row.id)?;
    let ids: Vec<Id> = drawn.iter().map(|d| d.subject_id).collect();
    let subjects: HashMap<Id, (String, String)> =
        county::subjects(cx.db, &ids)?.into_iter().map(|s| (s.id, (s.name, s.key))).collect();
    let drawn = drawn
        .into_iter()
        .map(|d| {
            let secret = hidden.contains(&d.subject_id) || (unannounced && !visited.contains(&d.subject_id));
            let (name, key) = if secret {
                Default::default()
            } else {
                subjects.get(&d.subject_id).cloned().unwrap_or_default()
            };
            let gone = if d.state == "gone" { d.reason } else { String::new() };
            DrawnLine { round: d.round, place: d.place, stratum: d.stratum, name, key, gone }
        })
        .collect();
    Ok(DrawRecord {
        county: cx.rules.region.name.clone(),
        number: row.number.clone(),
        name: row.name.clone(),
        initiator: names.get(&row.department_id).cloned().unwrap_or_default(),
        draws: lines,
        drawn,
    })
}

fn line(cx: &mut Cx<'_>, draw: &Draw) -> Result<DrawLine> {
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let witnesses = draws::witnesses(cx.db, draw.id)?
        .into_iter()
        .map(|w| WitnessLine { token: w.token, commitment: w.commitment, revealed: w.revealed_at.is_some() })
        .collect();
    let state = draw_state::State::parse(&draw.state)
        .map_or_else(|| draw.state.clone(), |state| state.word().to_owned());
    Ok(DrawLine {
        attempt: format!("第{}次(第{}轮)", draw.attempt, draw.round + 1),
        state,
        policy: match draw.policy.as_str() {
            "public" => "公开信标",
            "embargo" => "保密至公布",
            "ceremony" => "现场见证",
            other => other,
        }
        .to_owned(),
        draw_id: draw.draw_id.clone(),
        pool_size: draw.pool_size,
        drawn: draw.drawn,
        opened: clock(draw.created_at.0),
        ended: clock(draw.updated_at.0),
        reason: draw.reason.clone(),
        log_root: bundle.log.root.clone(),
        checkpoint: bundle.log.checkpoints.last().cloned().unwrap_or_default(),
        file_sha256: hex::encode(Sha256::digest(&draw.public)),
        link: format!("{}/public/draws/{}", cx.rules.mail.link.trim_end_matches('/'), draw.id),
        witnesses,
    })
}

/// What the joint summary says.
///
/// # Errors
/// Nothing was dispatched yet.
pub fn joint_summary(cx: &mut Cx<'_>, row: &Inspection) -> Result<JointSummary> {
    let all = visits::of_inspection(cx.db, row.id)?;
    let sent = |state: &str| State::parse(state).is_some_and(State::is_visible_to_team);
    if !all.iter().any(|v| sent(&v.state)) {
        return Err(Error::refused("nothing_to_print", "尚未派发,没有联合总表"));
    }
    let names = office_names(cx)?;
    let mut rows = Vec::with_capacity(all.len());
    let (mut checked, mut problems, mut published) = (0, 0, 0);
    for chunk in all.chunks(CHUNK) {
        let ids: Vec<Id> = chunk.iter().map(|v| v.id).collect();
        let mut results: HashMap<Id, Vec<CheckResult>> = HashMap::new();
        for result in findings::of_visits(cx.db, &ids)? {
            if result.state == Stage::Published.as_str() {
                results.entry(result.visit_id).or_default().push(result);
            }
        }
        let periods = publications::of_visits(cx.db, &ids)?;
        for whole in visit_service::whole(cx, chunk.to_vec())? {
            let own = results.remove(&whole.visit.id).unwrap_or_default();
            checked += own.len();
            problems += own.iter().filter(|r| outcomes(r).iter().any(|o| o.is_problem())).count();
            let of_visit: Vec<&Publication> =
                periods.iter().filter(|p| p.visit_id == whole.visit.id).collect();
            let one = summary_row(&whole, &own, &of_visit);
            published += usize::from(!one.conclusion.is_empty());
            rows.push(one);
        }
    }
    let count = |state: State| all.iter().filter(|v| v.state == state.as_str()).count();
    let mut partners: Vec<String> = inspections::participants(cx.db, row.id)?
        .into_iter()
        .map(|p| p.department_id)
        .chain(publications::departments_of(cx.db, row.id)?)
        .filter(|d| *d != row.department_id)
        .collect::<BTreeSet<_>>()
        .iter()
        .filter_map(|id| names.get(id).cloned())
        .collect();
    partners.sort();
    Ok(JointSummary {
        county: cx.rules.region.name.clone(),
        number: row.number.clone(),
        name: row.name.clone(),
        field: row.field.clone(),
        initiator: names.get(&row.department_id).cloned().unwrap_or_default(),
        partners,
        period: format!("{} 至 {}", day(row.window_from), day(row.window_to)),
        figures: [
            ("应查户次", all.len() - count(State::Cancelled)),
            ("已查户次", count(State::Done)),
            ("检查受阻", count(State::Obstructed)),
            ("已公示事项", checked),
            ("其中发现问题", problems),
            ("各部门均已公示的户次", published),
        ]
        .map(|(name, n)| (name.to_owned(), n))
        .to_vec(),
        rows,
    })
}

fn summary_row(whole: &Whole, published: &[CheckResult], periods: &[&Publication]) -> SummaryRow {
    let word = |found: &[Outcome]| conclusion(found).word().to_owned();
    let mut all: Vec<Outcome> = Vec::new();
    let parts = whole
        .departments
        .iter()
        .map(|d| {
            let own: Vec<Outcome> =
                published.iter().filter(|r| r.department_id == d.id).flat_map(outcomes).collect();
            let done = periods.iter().any(|p| p.department_id == d.id && p.done_at.is_some());
            all.extend(&own);
            // Part of what a department found is no result of the department.
            (d.name.clone(), if done { word(&own) } else { "未公示".to_owned() })
        })
        .collect();
    let whole_done = !periods.is_empty() && periods.iter().all(|p| p.done_at.is_some());
    let shown = named(whole);
    SummaryRow {
        code: whole.visit.code.clone(),
        subject: if shown { whole.subject.name.clone() } else { String::new() },
        key: if shown { whole.subject.key.clone() } else { String::new() },
        day: whole.visit.on_day.map(|d| d.to_string()).unwrap_or_default(),
        state: State::parse(&whole.visit.state).map(|s| s.word().to_owned()).unwrap_or_default(),
        parts,
        conclusion: if whole_done { word(&all) } else { String::new() },
    }
}
