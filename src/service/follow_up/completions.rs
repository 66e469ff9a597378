//! 完结登记: what follows from a result as “其他” leaves no track of its own, so the department says when it was completed and
//! what was done (domain notes 1.7: 其他 + 未完结/已完结 with date and explanation).

use super::{past_day, settled};
use crate::clock::china_date;
use crate::domain::result::FollowUp;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::results;
use crate::store::mailings::Completion;
use crate::store::mailings::completions as rows;
use crate::store::results::conducts;
use crate::store::types::At;
use chrono::NaiveDate;
use serde_json::json;

/// Records that what follows as “其他” from a result of one's own department was completed.
///
/// # Errors
/// Not allowed; the result is not settled, or nothing follows as “其他”; completed already; every fault of the fields.
pub fn complete(cx: &mut Cx<'_>, result: Id, note: &str, day: NaiveDate) -> Result<Completion> {
    let of = settled(cx, result)?;
    let mut faults = Faults::default();
    let note = faults.text("/note", note, true, 2_000);
    let end = conducts::get(cx.db, of.visit_id)?.and_then(|c| c.end_day);
    past_day(&mut faults, "/day", day, end.unwrap_or_else(|| china_date(of.created_at.0)), cx.today());
    faults.done()?;
    if !results::finding(&of).follow_up.contains(&FollowUp::Other) {
        let text = "后续处置不含“其他”的,按整改、移送、立案等的办理情况认定完结,不另行登记";
        return Err(Error::refused("nothing_to_complete", text));
    }
    if let Some(known) = rows::of_task(cx.db, of.task_id)? {
        let text = format!("该检查结果已于{}登记完结", known.on_day);
        return Err(Error::refused("completed_already", text));
    }
    let row = Completion {
        id: cx.id()?,
        region: of.region.clone(),
        task_id: of.task_id,
        result_id: of.id,
        visit_id: of.visit_id,
        department_id: of.department_id,
        on_day: day,
        note,
        user_id: cx.user()?,
        created_at: At(cx.now),
    };
    rows::insert(cx.db, &row)?;
    let data = json!({
        "result": of.id.to_string(), "task": of.task_id.to_string(), "department": of.department_id.to_string(),
        "day": day.to_string(),
    });
    let event = Event::new("follow_up_completed", "completion", row.id, data);
    cx.journal(event.private(json!({ "note": row.note })))?;
    Ok(row)
}

/// What was said of a result, whatever version was there when it was said.
///
/// # Errors
/// Not visible; nothing was said.
pub fn get(cx: &mut Cx<'_>, result: Id) -> Result<Completion> {
    let (row, _) = results::get(cx, result)?;
    rows::of_task(cx.db, row.task_id)?.ok_or(Error::NotFound("完结登记"))
}
