//! Recusals: declared by the inspector or his clerk, or asked for by the business through the department; the head of the
//! inspector's own department decides.

use super::cx::{Cx, Event};
use super::departments::is_staff;
use super::inspectors::load;
use crate::domain::access::{Action, Role, Scope};
use crate::domain::registry::recusal::{self, Act, Source, State};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspectors::{self, Recusal, RecusalFilter, recusals};
use crate::store::subjects;
use crate::store::types::At;
use serde_json::json;

/// Declares a recusal. One that was rejected or has ended is taken up again.
///
/// # Errors
/// Not allowed; every fault of the fields; it is known already.
pub fn declare(cx: &mut Cx<'_>, inspector: Id, subject: Id, reason: &str, source: Source) -> Result<Recusal> {
    let person = load(cx, inspector, Action::DeclareRecusal)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    if subjects::get(cx.db, subject)?.is_none_or(|s| s.region != person.region) {
        faults.add("/subject_id", "unknown", "名录中没有这个检查对象");
    }
    let clerk =
        cx.actor.roles.has(Role::DepartmentClerk) && cx.actor.department == Some(person.department_id);
    if source != Source::Inspector && !clerk {
        faults.add("/source", "not_allowed", "检查人员只能本人申报;当事人申请和部门登记由经办人办理");
    }
    if source == Source::Inspector && cx.actor.inspector != Some(inspector) {
        faults.add("/source", "not_allowed", "本人申报须由检查人员本人办理");
    }
    faults.done()?;
    let filter =
        RecusalFilter { inspector: Some(inspector), subject: Some(subject), ..RecusalFilter::default() };
    let known = inspectors::recusals_of(cx.db, &person.region, &filter, None, 1)?.pop();
    let row = match known {
        Some(mut row) => {
            let from = State::parse(&row.state).ok_or_else(|| Error::internal("recusal state"))?;
            let to = recusal::next(from, Act::Reopen).map_err(|r| Error::wrong_state(r.state, r.text))?;
            let seen = row.version;
            row.state = to.as_str().to_owned();
            row.reason = reason;
            row.source = source.as_str().to_owned();
            row.decided_by = None;
            row.decision_note = String::new();
            row.version += 1;
            row.updated_at = At(cx.now);
            recusals::transition(cx.db, &row, from.as_str(), seen)?;
            row
        }
        None => {
            let row = Recusal {
                id: cx.id()?,
                region: person.region.clone(),
                inspector_id: inspector,
                subject_id: subject,
                reason,
                source: source.as_str().to_owned(),
                state: State::Pending.as_str().to_owned(),
                decided_by: None,
                decision_note: String::new(),
                version: 1,
                created_at: At(cx.now),
                updated_at: At(cx.now),
            };
            recusals::insert(cx.db, &row)?;
            row
        }
    };
    note(cx, "recusal_declared", &row)?;
    Ok(row)
}

fn note(cx: &mut Cx<'_>, act: &'static str, row: &Recusal) -> Result<()> {
    let data = json!({ "inspector": row.inspector_id.to_string(), "subject": row.subject_id.to_string(),
                       "source": row.source, "state": row.state });
    cx.journal(
        Event::new(act, "recusal", row.id, data)
            .private(json!({ "reason": row.reason, "note": row.decision_note })),
    )
}

/// Decides on a recusal, ends it, or takes it up again.
///
/// # Errors
/// Not allowed; the state does not allow it; rejected without a reason; the inspector's own.
pub fn act(cx: &mut Cx<'_>, id: Id, act: Act, text: &str) -> Result<Recusal> {
    let mut row = recusals::get(cx.db, id)?.ok_or(Error::NotFound("回避"))?;
    let action = if act == Act::Reopen { Action::DeclareRecusal } else { Action::DecideRecusal };
    load(cx, row.inspector_id, action)?;
    if act != Act::Reopen && cx.actor.inspector == Some(row.inspector_id) {
        return Err(Error::refused("own_recusal", "不能决定本人的回避"));
    }
    let from = State::parse(&row.state).ok_or_else(|| Error::internal("recusal state"))?;
    let to = recusal::next(from, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut faults = Faults::default();
    row.decision_note = faults.text("/note", text, matches!(act, Act::Reject | Act::End), 500);
    faults.done()?;
    let seen = row.version;
    row.state = to.as_str().to_owned();
    row.decided_by = if act == Act::Reopen { None } else { cx.actor.user };
    row.version += 1;
    row.updated_at = At(cx.now);
    recusals::transition(cx.db, &row, from.as_str(), seen)?;
    let event = match act {
        Act::Approve => "recusal_approved",
        Act::Reject => "recusal_rejected",
        Act::End => "recusal_ended",
        Act::Reopen => "recusal_reopened",
    };
    note(cx, event, &row)?;
    if act == Act::Approve {
        // Who must stay away leaves the visits that are settled already; each seat is drawn again, or stays vacant and
        // keeps its visit from being dispatched.
        super::replacements::on_recusal(cx, row.inspector_id, row.subject_id, &row.reason)?;
    }
    Ok(row)
}

/// One recusal.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Recusal> {
    let row = recusals::get(cx.db, id)?.ok_or(Error::NotFound("回避"))?;
    load(cx, row.inspector_id, Action::ViewRecusal)?;
    Ok(row)
}

/// A page of recusals: of one's own department's people; one's own for an inspector; all for those who see all.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    mut filter: RecusalFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Recusal>> {
    let region = cx.region().to_owned();
    if !cx.can(Action::ViewRecusal, &Scope::county(&region)) {
        if is_staff(cx) {
            filter.department = Some(cx.department()?);
        } else {
            let own = cx.actor.inspector.unwrap_or(Id(uuid::Uuid::nil()));
            if filter.inspector.is_some_and(|i| i != own) {
                return Ok(Vec::new());
            }
            filter.inspector = Some(own);
        }
    }
    inspectors::recusals_of(cx.db, &region, &filter, after, limit)
}
