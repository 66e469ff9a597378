//! 委托专业机构: an expert of the directory or an institution helps with a visit and hands in a report. It has no seat in the
//! team, so it is never counted as one of the officers.

use super::{go, last_day, state_of, whose};
use crate::domain::access::{Action, Scope};
use crate::domain::commission::{self as life, Act, State};
use crate::domain::visit_state;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event, denied};
use crate::service::results::evidence::Looked;
use crate::service::visits as visit_service;
use crate::store::mailings::Commission;
use crate::store::mailings::commissions::{self as rows, Filter};
use crate::store::results::{Evidence, evidences};
use crate::store::types::At;
use crate::store::{county, inspectors};
use chrono::NaiveDate;
use serde_json::json;

/// What is commissioned.
#[derive(Debug, Clone)]
pub struct NewCommission {
    /// An expert of the directory; none: an institution.
    pub expert: Option<Id>,
    /// Name of the institution; empty for an expert.
    pub party: String,
    /// What is asked.
    pub what: String,
    /// Last day of the report.
    pub due_day: NaiveDate,
}

/// Commissions an expert or an institution for a visit in which one's own department takes part.
///
/// # Errors
/// Not allowed; the visit was cancelled; an officer, or nobody named, or both; every fault of the fields.
pub fn order(cx: &mut Cx<'_>, visit: Id, new: &NewCommission) -> Result<Commission> {
    let whole = visit_service::get(cx, visit)?;
    let department = cx.department()?;
    let region = whole.visit.region.clone();
    cx.may(Action::WorkFollowUp, &Scope::of(&region, department))?;
    if !whole.departments.iter().any(|d| d.id == department) {
        return Err(denied());
    }
    if whole.visit.state == visit_state::State::Cancelled.as_str() {
        return Err(Error::wrong_state(whole.visit.state, "入企检查已取消"));
    }
    let mut faults = Faults::default();
    let party = faults.text("/party", &new.party, false, 200);
    let what = faults.text("/what", &new.what, true, 4_000);
    last_day(&mut faults, "/due_day", new.due_day, cx.today());
    match new.expert {
        None if party.is_empty() => faults.add("/party", "required", "请指明专家或专业机构"),
        Some(_) if !party.is_empty() => faults.add("/party", "both", "专家和专业机构只能选一项"),
        None => {}
        Some(id) => {
            let person = inspectors::get(cx.db, id)?.filter(|p| p.region == region);
            match person {
                None => faults.add("/expert_id", "unknown", "名录中没有这名专家"),
                Some(p) if !p.expert => {
                    faults.add("/expert_id", "not_expert", "执法检查人员不能作为受委托的专家");
                }
                Some(p) if p.state != "active" => faults.add("/expert_id", "inactive", "该专家已停用"),
                Some(_) => {}
            }
        }
    }
    faults.done()?;
    let row = Commission {
        id: cx.id()?,
        region,
        visit_id: visit,
        department_id: department,
        inspector_id: new.expert,
        party,
        what,
        due_day: Some(new.due_day),
        reminders: 0,
        overdue: false,
        evidence_id: None,
        report_sha256: String::new(),
        reported_at: None,
        reason: String::new(),
        ordered_by: cx.user()?,
        state: State::Ordered.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    rows::insert(cx.db, &row)?;
    let data = json!({
        "visit": visit.to_string(), "department": department.to_string(), "due": new.due_day.to_string(),
        "expert": new.expert.map(|e| e.to_string()),
    });
    let texts = json!({ "party": row.party, "what": row.what });
    cx.journal(Event::new("commission_ordered", "commission", row.id, data).private(texts))?;
    Ok(row)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Commission> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("委托"))?;
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// One commission.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Commission> {
    load(cx, id, Action::ViewFollowUp)
}

/// Commissions of one's department, or for the coordination office and overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Commission>> {
    let Some(department) = whose(cx, Action::ViewFollowUp, filter.department)? else { return Ok(Vec::new()) };
    let region = cx.region().to_owned();
    rows::list(cx.db, &region, &Filter { department, ..filter.clone() }, after, limit)
}

/// Whether whoever asks may hand in the report at all: asked before a file is kept.
///
/// # Errors
/// Not allowed; it was handed in or cancelled.
pub fn may_report(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    let row = load(cx, id, Action::WorkFollowUp)?;
    go(life::next(state_of(&row.state)?, Act::Report))?;
    Ok(())
}

/// Receives the report: a file that is kept already becomes evidence of the visit, and its hash stands in the commission.
///
/// # Errors
/// Not allowed; it was handed in or cancelled; no name.
pub fn report(cx: &mut Cx<'_>, id: Id, name: &str, file: &Looked) -> Result<Commission> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let mut faults = Faults::default();
    let name = faults.text("name", name, true, 200);
    faults.done()?;
    let evidence = Evidence {
        id: cx.id()?,
        region: old.region.clone(),
        visit_id: old.visit_id,
        task_id: None,
        department_id: old.department_id,
        name: name.clone(),
        media_type: file.media.as_str().to_owned(),
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        sha256: file.sha256.clone(),
        user_id: cx.user()?,
        created_at: At(cx.now),
    };
    let mut row = old.clone();
    row.state = go(life::next(state_of(&old.state)?, Act::Report))?.as_str().to_owned();
    row.evidence_id = Some(evidence.id);
    row.report_sha256.clone_from(&evidence.sha256);
    row.reported_at = Some(At(cx.now));
    row.due_day = None;
    row.version += 1;
    row.updated_at = At(cx.now);
    evidences::insert(cx.db, &evidence)?;
    rows::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({
        "visit": row.visit_id.to_string(), "evidence": evidence.id.to_string(), "sha256": evidence.sha256,
        "bytes": evidence.bytes,
    });
    let event = Event::new("commission_reported", "commission", id, data);
    cx.journal(event.private(json!({ "name": name })))?;
    Ok(row)
}

/// Takes a commission back.
///
/// # Errors
/// Not allowed; the report is there; no reason.
pub fn cancel(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Commission> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 1_000);
    faults.done()?;
    let mut row = old.clone();
    row.state = go(life::next(state_of(&old.state)?, Act::Cancel))?.as_str().to_owned();
    row.reason = reason;
    row.due_day = None;
    row.version += 1;
    row.updated_at = At(cx.now);
    rows::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({ "visit": row.visit_id.to_string() });
    let event = Event::new("commission_cancelled", "commission", id, data);
    cx.journal(event.private(json!({ "reason": row.reason })))?;
    Ok(row)
}

/// The name of whoever is commissioned.
///
/// # Errors
/// The database.
pub fn party(cx: &mut Cx<'_>, row: &Commission) -> Result<String> {
    let Some(expert) = row.inspector_id else { return Ok(row.party.clone()) };
    Ok(county::inspectors(cx.db, &[expert])?.pop().map(|p| p.name).unwrap_or_default())
}
