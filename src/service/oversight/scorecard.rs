//! The scorecard of a year: weights, evidence, and what each department scores.

use super::statistics::read;
use super::{inspecting, narrowed, plan_check};
use crate::domain::access::{Action, Scope};
use crate::domain::closing::is_used;
use crate::domain::evidence::Media;
use crate::domain::figures::By;
use crate::domain::plan_check::Standing;
use crate::domain::scorecard::evidence::{Act, State, next};
use crate::domain::scorecard::{ALL, Facts, INDICATORS, Score, faults, score};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::memory;
use crate::store::figures::{self, Span};
use crate::store::oversight::{ScoreEvidence, Weights, score_evidences, weights};
use crate::store::statistics::{Per, Said};
use crate::store::types::{At, Doc};
use crate::store::{scopes, statistics};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeMap;

/// What a department scores in a year.
#[derive(Debug, Clone)]
pub struct DepartmentScore {
    /// Department.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it scores.
    pub score: Score,
    /// The evidence it handed in.
    pub evidence: Vec<ScoreEvidence>,
}

/// The scorecards of a year.
#[derive(Debug, Clone)]
pub struct Scorecards {
    /// Year.
    pub year: i32,
    /// Weight of each indicator.
    pub weights: Vec<u32>,
    /// Version of the weights; 0: those of the settings.
    pub version: i64,
    /// The best first.
    pub departments: Vec<DepartmentScore>,
}

fn sensible(year: i32) -> Result<(NaiveDate, NaiveDate)> {
    let day = |m, d| NaiveDate::from_ymd_opt(year, m, d);
    match (day(1, 1), day(12, 31)) {
        (Some(from), Some(to)) if (2000..=2200).contains(&year) => Ok((from, to)),
        _ => Err(Error::NotFound("考评年度")),
    }
}

fn weights_of(cx: &mut Cx<'_>, year: i32) -> Result<(Vec<u32>, i64)> {
    let region = cx.region().to_owned();
    Ok(match weights::get(cx.db, &region, year)? {
        Some(row) => (row.weights.0, row.version),
        None => (cx.rules.oversight.score_weights.clone(), 0),
    })
}

/// Results with a problem, and those of which something was made.
fn used(said: &[Said]) -> (i64, i64) {
    let (mut all, mut used) = (0, 0);
    for s in said {
        let read = read(s);
        all += s.n;
        if is_used(&read.outcomes, &read.follow_ups, read.matters) {
            used += s.n;
        }
    }
    (all, used)
}

/// The scorecards of a year: of all departments, or for a department its own.
///
/// # Errors
/// Not allowed; no such year.
pub fn list(cx: &mut Cx<'_>, year: i32, department: Option<Id>) -> Result<Scorecards> {
    let (from, to) = sensible(year)?;
    let department = narrowed(cx, Action::ViewScorecard, department)?;
    let (region, today) = (cx.region().to_owned(), cx.today());
    let (weights, version) = weights_of(cx, year)?;
    let span = Span { region: &region, from, to, department };
    let counted = statistics::facts(cx.db, &region, year)?;
    let directory = memory::directory(cx)?;
    let problems = statistics::problems(cx.db, &region, year)?;
    let tracks = statistics::tracks(cx.db, &span, Per::Department)?;
    let people = statistics::people(cx.db, &region, today, department)?;
    let counts = figures::counts(cx.db, &span, By::Department, today)?;
    let handed_in = score_evidences::of_year(cx.db, &region, year, department)?;
    let mut executed: BTreeMap<Id, (i64, i64)> = BTreeMap::new();
    for row in scopes::plans(cx.db, &region, year, &["published"])? {
        let owner = row.department_id;
        if department.is_some_and(|d| d != owner) {
            continue;
        }
        let pair = executed.entry(owner).or_default();
        match plan_check::executed(cx, row)?.standing {
            Standing::Waiting | Standing::UnderWay | Standing::Unknown => {}
            Standing::AsPlanned => *pair = (pair.0 + 1, pair.1 + 1),
            Standing::Fewer | Standing::More => pair.0 += 1,
        }
    }
    let mut departments: Vec<DepartmentScore> = inspecting(cx, department)?
        .into_iter()
        .map(|d| {
            let c = counted.get(&d.id).copied().unwrap_or_default();
            let kept = directory.kept_by(d.id);
            let f = counts.get(&d.id.0.simple().to_string()).copied().unwrap_or_default();
            let who = people.iter().find(|p| p.department == d.id && p.specialty.is_empty());
            let own: Vec<ScoreEvidence> =
                handed_in.iter().filter(|e| e.department_id == d.id).cloned().collect();
            let mut evidence = [(0, 0); INDICATORS];
            for e in &own {
                let place = usize::try_from(e.indicator - 1).ok().and_then(|i| evidence.get_mut(i));
                if let Some(pair) = place {
                    pair.0 += i64::from(e.state == State::Confirmed.as_str());
                    pair.1 += i64::from(e.state == State::HandedIn.as_str());
                }
            }
            let facts = Facts {
                evidence,
                subjects: (kept.subjects, kept.classified),
                subjects_on: kept.on,
                officers: who.map_or((0, 0), |p| (p.officers, p.valid)),
                items: (c.items, c.items_published),
                plans: (c.plans, c.plans_published),
                plans_on: c.plans_on,
                executed: executed.get(&d.id).copied().unwrap_or_default(),
                joint: (c.led, c.joined),
                invited: (c.invited, c.declined),
                published: (f.due, f.on_time),
                problems: used(problems.get(&d.id).map_or(&[][..], Vec::as_slice)),
                tracks: tracks.get(&statistics::group(d.id)).copied().unwrap_or_default().to_vec(),
                others: (c.others, c.explained),
            };
            DepartmentScore { id: d.id, name: d.name, score: score(&facts, &weights), evidence: own }
        })
        .collect();
    // Equal scores stay in the order of the departments.
    departments.sort_by_key(|d| std::cmp::Reverse(d.score.share_bp()));
    Ok(Scorecards { year, weights, version, departments })
}

/// The scorecard of one department.
///
/// # Errors
/// Not visible; no such year; not a department that inspects.
pub fn get(cx: &mut Cx<'_>, year: i32, department: Id) -> Result<(Scorecards, DepartmentScore)> {
    let mut cards = list(cx, year, Some(department))?;
    let own = cards.departments.pop().ok_or(Error::NotFound("部门"))?;
    Ok((cards, own))
}

/// The weights of a year with their version, for whoever may set them.
///
/// # Errors
/// Not allowed; no such year.
pub fn weights(cx: &mut Cx<'_>, year: i32) -> Result<(Vec<u32>, i64)> {
    sensible(year)?;
    let region = cx.region().to_owned();
    cx.may(Action::SetScoreWeights, &Scope::county(&region))?;
    weights_of(cx, year)
}

/// Sets the weights of a year.
///
/// # Errors
/// Not allowed; no such year; not 14 weights; changed by somebody else.
pub fn set_weights(cx: &mut Cx<'_>, year: i32, new: &[u32]) -> Result<(Vec<u32>, i64)> {
    sensible(year)?;
    let region = cx.region().to_owned();
    cx.may(Action::SetScoreWeights, &Scope::county(&region))?;
    let mut wrong = Faults::default();
    for (place, text) in faults(new) {
        let pointer = place.map_or_else(|| "/weights".to_owned(), |i| format!("/weights/{i}"));
        wrong.add(pointer, "bad_weight", text);
    }
    wrong.done()?;
    let (_, seen) = weights_of(cx, year)?;
    cx.fresh(seen)?;
    let row = Weights { region, year, weights: Doc(new.to_vec()), version: seen + 1, updated_at: At(cx.now) };
    weights::put(cx.db, &row, seen)?;
    cx.journal(Event::general("score_weights_set", "scorecard", json!({ "year": year, "weights": new })))?;
    Ok((new.to_vec(), row.version))
}

/// A file that was looked at and kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Kind.
    pub media: Media,
    /// Length.
    pub bytes: usize,
    /// SHA-256, hex.
    pub sha256: String,
}

/// Most files of a department for an indicator and year.
const MOST: usize = 50;

/// Whether evidence for this indicator may be handed in: asked before a file is kept.
///
/// # Errors
/// Not one's own department; an indicator judged by figures.
pub fn may_hand_in(cx: &mut Cx<'_>, year: i32, department: Id, indicator: i32) -> Result<()> {
    sensible(year)?;
    let region = cx.region().to_owned();
    cx.may(Action::HandInScoreEvidence, &Scope::of(&region, department))?;
    let place = usize::try_from(indicator - 1).ok();
    match place.and_then(|i| ALL.get(i)) {
        None => Err(Error::field("indicator", "out_of_range", "指标编号须为 1 至 14")),
        Some(i) if !i.by_evidence => Err(Error::field(
            "indicator",
            "by_figures",
            format!("“{}”由系统数据计算,不需要上传佐证", i.title),
        )),
        Some(_) => Ok(()),
    }
}

/// Hands in a file that is kept already. The same file for the same indicator again is the one there is.
///
/// # Errors
/// As [`may_hand_in`]; no name; too many.
pub fn hand_in(
    cx: &mut Cx<'_>,
    year: i32,
    department: Id,
    indicator: i32,
    name: &str,
    file: &Kept,
) -> Result<ScoreEvidence> {
    may_hand_in(cx, year, department, indicator)?;
    let mut wrong = Faults::default();
    let name = wrong.text("name", name, true, 200);
    wrong.done()?;
    let region = cx.region().to_owned();
    let mut present = score_evidences::of_year(cx.db, &region, year, Some(department))?;
    present.retain(|e| e.indicator == indicator);
    if let Some(known) = present.iter().find(|e| e.sha256 == file.sha256) {
        let data = json!({ "year": year, "indicator": indicator, "sha256": file.sha256 });
        cx.journal(Event::new("score_evidence_repeated", "score_evidence", known.id, data))?;
        return Ok(known.clone());
    }
    if present.len() >= MOST {
        return Err(Error::refused("too_many_files", format!("一项指标最多保存{MOST}份佐证")));
    }
    let row = ScoreEvidence {
        id: cx.id()?,
        region,
        year,
        department_id: department,
        indicator,
        name: name.clone(),
        media_type: file.media.as_str().to_owned(),
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        sha256: file.sha256.clone(),
        user_id: cx.user()?,
        state: State::HandedIn.as_str().to_owned(),
        decided_by: None,
        decided_at: None,
        note: String::new(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    score_evidences::insert(cx.db, &row)?;
    let data = json!({
        "year": year, "indicator": indicator, "sha256": row.sha256, "media": row.media_type, "bytes": row.bytes,
    });
    let event = Event::new("score_evidence_handed_in", "score_evidence", row.id, data);
    cx.journal(event.private(json!({ "name": name })))?;
    Ok(row)
}

/// A piece of evidence.
///
/// # Errors
/// Not visible.
pub fn evidence(cx: &mut Cx<'_>, id: Id) -> Result<ScoreEvidence> {
    let row = score_evidences::get(cx.db, id)?.ok_or(Error::NotFound("考评佐证"))?;
    cx.may(Action::ViewScorecard, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// The coordination office confirms a piece of evidence or refuses to, with a word why; it may think again.
///
/// # Errors
/// Not allowed; decided so already; refused without a word.
pub fn decide(cx: &mut Cx<'_>, id: Id, act: Act, note: &str) -> Result<ScoreEvidence> {
    let old = evidence(cx, id)?;
    cx.may(Action::DecideScoreEvidence, &Scope::of(&old.region, old.department_id))?;
    cx.unchanged(old.version)?;
    let from = State::parse(&old.state).ok_or_else(|| Error::internal("evidence state"))?;
    let to = next(from, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut wrong = Faults::default();
    let note = wrong.text("/note", note, act == Act::Reject, 1_000);
    wrong.done()?;
    let mut row = old.clone();
    row.state = to.as_str().to_owned();
    row.decided_by = Some(cx.user()?);
    row.decided_at = Some(At(cx.now));
    row.note.clone_from(&note);
    row.version += 1;
    row.updated_at = At(cx.now);
    score_evidences::transition(cx.db, &row, from.as_str(), old.version)?;
    let data = json!({ "year": row.year, "indicator": row.indicator, "state": row.state });
    let event = Event::new("score_evidence_decided", "score_evidence", row.id, data);
    cx.journal(event.private(json!({ "note": note })))?;
    Ok(row)
}
