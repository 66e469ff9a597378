//! The archive of a joint inspection: what is in it, what is missing, and the bundle itself.

mod contents;

use super::cx::Cx;
use super::inspections::load_for;
use super::visits as visit_service;
use crate::domain::access::Action;
use crate::domain::archive::{Checked, DrawFact, EvidenceFact, Facts, TaskFact, VisitFact, Who, check};
use crate::domain::evidence::Media;
use crate::domain::inspection;
use crate::domain::result;
use crate::domain::visit_state;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::inspections::Inspection;
use crate::store::papers::{Delivery, deliveries};
use crate::store::results::{CheckResult, Conduct, Evidence, conducts, findings};
use crate::store::{archive, conn, departments, log, visits};
pub use contents::write;
use std::collections::{BTreeSet, HashMap};

/// Visits read at a time.
const CHUNK: usize = 200;

/// Reads a file of evidence by its SHA-256; none when it is gone or is not what it was.
pub type Fetch<'a> = dyn Fn(&str) -> Option<Vec<u8>> + 'a;

/// What is known before anything is written.
#[derive(Debug)]
struct Known {
    inspection: Inspection,
    visits: Vec<Id>,
    facts: Facts,
}

/// A joint inspection's archive, checked.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The inspection.
    pub inspection: Inspection,
    /// Files and gaps.
    pub checked: Checked,
    /// Names of departments.
    pub names: HashMap<Id, String>,
}

impl Shown {
    /// Who has to act, in words.
    #[must_use]
    pub fn who(&self, who: Who) -> String {
        match who {
            Who::Department(id) => self.names.get(&id).cloned().unwrap_or_default(),
            Who::Office => "协调办".to_owned(),
            Who::Machine => "系统管理员".to_owned(),
        }
    }
}

/// Where a piece of evidence lies in the bundle.
fn evidence_file(row: &Evidence) -> String {
    let ending = Media::parse(&row.media_type).map_or("bin", Media::ending);
    format!("evidence/{}.{ending}", row.sha256)
}

/// Everything of an inspection that its events may be about.
fn objects(cx: &mut Cx<'_>, id: Id, known_visits: &[Id]) -> Result<Vec<Id>> {
    let mut ids: BTreeSet<Id> = known_visits.iter().copied().collect();
    ids.insert(id);
    ids.extend(archive::draws_of(cx.db, id)?.iter().map(|d| d.id));
    ids.extend(archive::companions(cx.db, id, known_visits)?);
    ids.extend(archive::tasks_of(cx.db, id)?);
    for chunk in known_visits.chunks(CHUNK) {
        ids.extend(archive::evidence_of(cx.db, chunk)?.iter().map(|e| e.id));
        ids.extend(of_inspection(findings::of_visits(cx.db, chunk)?, id).iter().map(|r| r.id));
    }
    Ok(ids.into_iter().collect())
}

fn of_inspection(rows: Vec<CheckResult>, id: Id) -> Vec<CheckResult> {
    rows.into_iter().filter(|r| r.inspection_id == Some(id)).collect()
}

fn known(cx: &mut Cx<'_>, id: Id, fetch: &Fetch<'_>) -> Result<Known> {
    let row = load_for(cx, id, Action::ViewArchive)?.inspection;
    let state = inspection::State::parse(&row.state).ok_or_else(|| Error::internal("inspection state"))?;
    let rows = visits::of_inspection(cx.db, id)?;
    let ids: Vec<Id> = rows.iter().map(|v| v.id).collect();
    let mut facts = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let part: Vec<Id> = chunk.iter().map(|v| v.id).collect();
        let around = Around::read(cx, &part, id)?;
        for whole in visit_service::whole(cx, chunk.to_vec())? {
            facts.push(around.fact(&whole, id, fetch)?);
        }
    }
    let mut waiting = 0;
    for chunk in objects(cx, id, &ids)?.chunks(CHUNK) {
        waiting += archive::events_of(cx.db, chunk)?.iter().filter(|e| e.seq.is_none()).count();
    }
    let draws = archive::draws_of(cx.db, id)?
        .iter()
        .zip(1..)
        .map(|(d, n)| DrawFact {
            id: d.id,
            file: format!("draws/{n:02}-{}.json", d.draw_id.get(..16).unwrap_or(&d.draw_id)),
            resulted: matches!(d.state.as_str(), "resulted" | "published"),
        })
        .collect();
    let checkpoint = log::newest(cx.db)?.is_some();
    let initiator = row.department_id;
    Ok(Known {
        inspection: row,
        visits: ids,
        facts: Facts { state, initiator, draws, visits: facts, waiting, checkpoint },
    })
}

/// What surrounds some visits.
struct Around {
    conducts: HashMap<Id, Conduct>,
    deliveries: Vec<Delivery>,
    results: HashMap<Id, CheckResult>,
    evidence: Vec<Evidence>,
    check_ins: Vec<archive::Arrival>,
}

impl Around {
    fn read(cx: &mut Cx<'_>, visits: &[Id], inspection: Id) -> Result<Self> {
        let results = of_inspection(findings::of_visits(cx.db, visits)?, inspection);
        Ok(Self {
            conducts: conducts::of_visits(cx.db, visits)?.into_iter().map(|c| (c.visit_id, c)).collect(),
            deliveries: deliveries::of_visits(cx.db, visits)?,
            // Ordered by version: the newest stays.
            results: results.into_iter().map(|r| (r.task_id, r)).collect(),
            evidence: archive::evidence_of(cx.db, visits)?,
            check_ins: archive::check_ins_of(cx.db, visits)?,
        })
    }

    fn fact(&self, whole: &visit_service::Whole, inspection: Id, fetch: &Fetch<'_>) -> Result<VisitFact> {
        let v = &whole.visit;
        let conduct = self.conducts.get(&v.id);
        let state = visit_state::State::parse(&v.state).ok_or_else(|| Error::internal("visit state"))?;
        let task = |t: &crate::store::tasks::Task| TaskFact {
            code: t.code.clone(),
            department: t.department_id,
            result: self.results.get(&t.id).and_then(|r| result::State::parse(&r.state)),
        };
        Ok(VisitFact {
            code: v.code.clone(),
            state,
            lead: v.lead_department_id,
            announced: v.announced,
            delivered: self.deliveries.iter().any(|d| d.visit_id == v.id && Some(d.for_day) == v.on_day),
            check_ins: self.check_ins.iter().filter(|c| c.0 == v.id).count(),
            obstructed: conduct.is_some_and(|c| !c.obstacle.is_empty()),
            signed: conduct.is_some_and(|c| !c.signed.is_empty()),
            tasks: whole
                .tasks
                .iter()
                .map(|(t, _)| t)
                .filter(|t| t.inspection_id == Some(inspection) && t.state != "cancelled")
                .map(task)
                .collect(),
            evidence: self
                .evidence
                .iter()
                .filter(|e| e.visit_id == v.id)
                .map(|e| EvidenceFact {
                    file: evidence_file(e),
                    department: e.department_id,
                    intact: fetch(&e.sha256).is_some(),
                })
                .collect(),
        })
    }
}

fn shown(cx: &mut Cx<'_>, known: &Known) -> Result<Shown> {
    let region = cx.region().to_owned();
    let names = departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.name)).collect();
    Ok(Shown { inspection: known.inspection.clone(), checked: check(&known.facts), names })
}

/// Runs `work` on one state of the database: what others commit meanwhile is not seen.
fn still<T>(cx: &mut Cx<'_>, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
    let (actor, now, entropy, origin) = (cx.actor, cx.now, cx.entropy, cx.origin);
    let (keys, memory, rules) = (cx.keys, cx.memory, cx.rules);
    conn::snapshot(cx.db, |db| {
        work(&mut Cx { db, actor, now, entropy, origin, keys, memory, rules, events: 0 })
    })
}

/// Which files must be in the archive of a joint inspection, what is missing and who must act.
///
/// # Errors
/// Not visible; not allowed.
pub fn completeness(cx: &mut Cx<'_>, id: Id, fetch: &Fetch<'_>) -> Result<Shown> {
    still(cx, |cx| {
        let known = known(cx, id, fetch)?;
        shown(cx, &known)
    })
}
