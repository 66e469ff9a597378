//! 立案: after a result of one's own, a rectification that was not fulfilled, or a referral that was received.

use super::{go, past_day, rectifications, referrals, settled, whose};
use crate::domain::access::{Action, Scope};
use crate::domain::case_filing::{self as life, Act, State};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::store::follow_up::CaseFiling;
use crate::store::follow_up::case_filings::{self as rows, Filter};
use crate::store::results::findings;
use crate::store::types::At;
use chrono::NaiveDate;
use serde_json::json;

/// A case to file.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// The result it follows from; with a referral: may be left out.
    pub result: Option<Id>,
    /// The rectification that was not fulfilled.
    pub rectification: Option<Id>,
    /// The referral it follows from.
    pub referral: Option<Id>,
    /// 立案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 立案日期.
    pub day: NaiveDate,
}

/// Files a case for one's own department.
///
/// # Errors
/// Not allowed; a result that is not settled; a rectification that was fulfilled or runs; a referral not received; a number
/// that is used; every fault of the fields.
pub fn file(cx: &mut Cx<'_>, new: &NewCase) -> Result<CaseFiling> {
    let department = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(Action::WorkFollowUp, &Scope::of(&region, department))?;
    let of = match (new.referral, new.result) {
        (Some(referral), result) => {
            let row = referrals::received(cx, referral, department)?;
            if result.is_some_and(|r| r != row.result_id) {
                return Err(Error::field("/result_id", "foreign", "与线索所依据的检查结果不符"));
            }
            findings::need(cx.db, row.result_id)?
        }
        (None, Some(result)) => settled(cx, result)?,
        (None, None) => return Err(Error::field("/result_id", "required", "请指明检查结果或线索")),
    };
    let mut faults = Faults::default();
    let number = faults.text("/number", &new.number, true, 100);
    let cause = faults.text("/cause", &new.cause, true, 2_000);
    let seen = crate::clock::china_date(of.created_at.0);
    past_day(&mut faults, "/day", new.day, seen, cx.today());
    if !number.is_empty() && rows::is_taken(cx.db, department, &number)? {
        faults.add("/number", "taken", "本部门已用过这个立案号");
    }
    faults.done()?;
    if let Some(id) = new.rectification {
        rectifications::case_filed(cx, id, of.id)?;
    }
    let row = CaseFiling {
        id: cx.id()?,
        region,
        result_id: of.id,
        visit_id: of.visit_id,
        subject_id: of.subject_id,
        department_id: department,
        rectification_id: new.rectification,
        referral_id: new.referral,
        number,
        cause,
        filed_day: new.day,
        outcome: String::new(),
        closed_day: None,
        filed_by: cx.user()?,
        state: State::Filed.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    rows::insert(cx.db, &row)?;
    let data = json!({
        "result": of.id.to_string(), "department": department.to_string(), "number": row.number,
        "rectification": row.rectification_id.map(|i| i.to_string()),
        "referral": row.referral_id.map(|i| i.to_string()), "day": new.day.to_string(),
    });
    cx.journal(Event::new("case_filed", "case_filing", row.id, data).private(json!({ "cause": row.cause })))?;
    Ok(row)
}

/// One case.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<CaseFiling> {
    load(cx, id, Action::ViewFollowUp)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<CaseFiling> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("立案"))?;
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// Cases of one's department, or for the coordination office and overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<CaseFiling>> {
    let Some(department) = whose(cx, Action::ViewFollowUp, filter.department)? else { return Ok(Vec::new()) };
    let region = cx.region().to_owned();
    rows::list(cx.db, &region, &Filter { department, ..filter.clone() }, after, limit)
}

/// Ends a case with its outcome.
///
/// # Errors
/// Not allowed; ended already; every fault of the fields.
pub fn close(cx: &mut Cx<'_>, id: Id, outcome: &str, day: NaiveDate) -> Result<CaseFiling> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    cx.unchanged(old.version)?;
    let mut faults = Faults::default();
    let outcome = faults.text("/outcome", outcome, true, 4_000);
    past_day(&mut faults, "/day", day, old.filed_day, cx.today());
    faults.done()?;
    let mut row = old.clone();
    row.state = go(life::next(super::state_of(&old.state)?, Act::Close))?.as_str().to_owned();
    row.outcome = outcome;
    row.closed_day = Some(day);
    row.version += 1;
    row.updated_at = At(cx.now);
    rows::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({ "day": day.to_string() });
    cx.journal(
        Event::new("case_closed", "case_filing", id, data).private(json!({ "outcome": row.outcome })),
    )?;
    Ok(row)
}
