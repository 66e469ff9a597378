//! Evidence: what an inspector photographed or was handed on site. The bytes lie outside the web root under their hash;
//! here is who may add and see them.

use super::{hold, officer};
use crate::domain::access::Action;
use crate::domain::evidence::Media;
use crate::domain::visit_state::State;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::visits as visit_service;
use crate::store::results::{Evidence, evidences};
use crate::store::types::At;
use serde_json::json;

/// A file that was looked at: its kind by its content, its length, its hash.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Kind.
    pub media: Media,
    /// Length.
    pub bytes: usize,
    /// SHA-256, hex.
    pub sha256: String,
}

/// Most files of a visit.
const MOST: usize = 500;

/// Whether whoever asks may hand in evidence of this visit at all: asked before a file is kept.
///
/// # Errors
/// Not an officer of the team; the visit has not begun.
pub fn may_add(cx: &mut Cx<'_>, visit: Id) -> Result<()> {
    let whole = visit_service::load(cx, visit, Action::WorkOnSite)?;
    officer(cx, &whole)?;
    under_way(&whole.visit.state)
}

fn under_way(state: &str) -> Result<()> {
    if [State::InProgress, State::Obstructed, State::Done].map(State::as_str).contains(&state) {
        return Ok(());
    }
    Err(Error::wrong_state(state, "检查尚未开始,不能提交证据"))
}

/// Adds a file that is kept already. The same file of the same task again is the one there is.
///
/// # Errors
/// Not an officer of the team; the visit has not begun; a task of another department; too many files.
pub fn add(cx: &mut Cx<'_>, visit: Id, task: Option<Id>, name: &str, file: &Looked) -> Result<Evidence> {
    let held = hold(cx, visit, Action::WorkOnSite)?;
    let (me, department) = officer(cx, &held.whole)?;
    under_way(&held.whole.visit.state)?;
    let mut faults = Faults::default();
    let name = faults.text("name", name, true, 200);
    if let Some(task) = task {
        match held.whole.tasks.iter().find(|(t, _)| t.id == task) {
            None => faults.add("task_id", "unknown", "本次入企没有这项任务"),
            Some((t, _)) if t.department_id != department => {
                faults.add("task_id", "foreign", "只能为本部门的事项提交证据");
            }
            Some(_) => {}
        }
    }
    faults.done()?;
    let present = evidences::of(cx.db, visit)?;
    let same = |e: &&Evidence| e.sha256 == file.sha256 && e.task_id == task && e.department_id == department;
    if let Some(known) = present.iter().find(same) {
        let data = json!({ "visit": visit.to_string(), "sha256": file.sha256 });
        cx.journal(Event::new("evidence_repeated", "evidence", known.id, data))?;
        return Ok(known.clone());
    }
    if present.len() >= MOST {
        return Err(Error::refused("too_many_files", format!("一次入企最多保存{MOST}份证据")));
    }
    let row = Evidence {
        id: cx.id()?,
        region: held.whole.visit.region.clone(),
        visit_id: visit,
        task_id: task,
        department_id: department,
        name: name.clone(),
        media_type: file.media.as_str().to_owned(),
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        sha256: file.sha256.clone(),
        user_id: cx.user()?,
        created_at: At(cx.now),
    };
    evidences::insert(cx.db, &row)?;
    let data = json!({
        "visit": visit.to_string(), "task": task.map(|t| t.to_string()), "sha256": row.sha256,
        "media": row.media_type, "bytes": row.bytes, "inspector": me.to_string(),
    });
    cx.journal(Event::new("evidence_added", "evidence", row.id, data).private(json!({ "name": name })))?;
    Ok(row)
}

/// A piece of evidence: of one's own department, of a visit to which one is assigned, or for the coordination office and
/// overseers.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Evidence> {
    let missing = || Error::NotFound("证据");
    let row = evidences::get(cx.db, id)?.filter(|e| e.region == cx.actor.region).ok_or_else(missing)?;
    let visit = crate::store::visits::need(cx.db, row.visit_id)?;
    let whole = visit_service::whole(cx, vec![visit])?.pop().ok_or_else(missing)?;
    whole.may_of(cx, Action::ViewResult, Some(row.department_id))?;
    Ok(row)
}
