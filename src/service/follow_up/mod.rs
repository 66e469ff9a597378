//! What follows from a result: rectification, referral and notice to another department, case filing, the two letters,
//! commissions, recognition. Results, visits and evidence are referred to and never copied.

pub mod cases;
pub mod commissions;
pub mod completions;
pub mod daily;
pub mod mailings;
pub mod recognitions;
pub mod rectifications;
pub mod referrals;

use super::cx::{Cx, denied};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::result::State;
use crate::domain::states::{Refused, Word};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::results;
use crate::store::accounts;
use crate::store::outbox::Mail;
use crate::store::results::{CheckResult, conducts, findings};
use chrono::NaiveDate;

pub use daily::{Round, tick};

/// The state an act leads to, or the refusal as clients get it.
pub(super) fn go<T>(moved: std::result::Result<T, Refused>) -> Result<T> {
    moved.map_err(|r| Error::wrong_state(r.state, r.text))
}

/// A result of one's own department that was approved or published, on whose visit this transaction works alone.
fn settled(cx: &mut Cx<'_>, id: Id) -> Result<CheckResult> {
    let (row, _) = results::get(cx, id)?;
    // Whoever sees the result of another department may know that it is there, and do nothing with it.
    if !cx.can(Action::WorkFollowUp, &Scope::of(&row.region, row.department_id)) {
        return Err(denied());
    }
    conducts::hold(cx.db, row.visit_id, cx.now)?;
    let row = findings::need(cx.db, id)?;
    if matches!(State::parse(&row.state), Some(State::Approved | State::Published)) {
        return Ok(row);
    }
    Err(Error::wrong_state(row.state, "检查结果批准或公示后,才能办理后续处置"))
}

/// A state as it is stored.
pub(super) fn state_of<W: Word>(text: &str) -> Result<W> {
    W::parse(text).ok_or_else(|| Error::internal("unknown state"))
}

/// Whose rows a list shows: of `wanted` or of all for those who see all, else of one's own department; none: nothing, for
/// another department was asked for.
fn whose(cx: &Cx<'_>, action: Action, wanted: Option<Id>) -> Result<Option<Option<Id>>> {
    let region = cx.region();
    if cx.can(action, &Scope::county(region)) {
        return Ok(Some(wanted));
    }
    let own = cx.department()?;
    cx.may(action, &Scope::of(region, own))?;
    Ok(if wanted.is_some_and(|d| d != own) { None } else { Some(Some(own)) })
}

/// Refuses a day that has not come, or is before `first`.
pub(super) fn past_day(faults: &mut Faults, at: &str, day: NaiveDate, first: NaiveDate, today: NaiveDate) {
    if day > today {
        faults.add(at, "in_future", "日期不能晚于今天");
    } else if day < first {
        faults.add(at, "too_early", format!("日期不能早于{first}"));
    }
}

/// Refuses a last day that has passed, or is more than a year away.
fn last_day(faults: &mut Faults, at: &str, day: NaiveDate, today: NaiveDate) {
    if day <= today {
        faults.add(at, "past", "期限须在今天之后");
    } else if (day - today).num_days() > 366 {
        faults.add(at, "too_long", "期限最长366天");
    }
}

/// Tells clerks and head of a department. `key` makes the mail one: said again, it does not go out again.
fn tell(
    cx: &mut Cx<'_>,
    kind: &'static str,
    department: Id,
    (subject, text): (&str, &str),
    object: Option<Id>,
    key: &str,
) -> Result<()> {
    let link = cx.rules.mail.link.clone();
    for account in accounts::addressees(cx.db, department, &[Role::DepartmentClerk, Role::DepartmentHead])? {
        cx.mail(Mail {
            kind,
            recipient: account.email,
            user: Some(account.id),
            subject: subject.to_owned(),
            body: format!("{text}\n\n请登录系统办理:{link}\n"),
            object,
            dedupe: format!("{kind}:{}:{key}", account.id),
        })?;
    }
    Ok(())
}
