//! Oversight: what needs attention now, cards, figures and their pictures, statistics tables, the scorecard, and what the
//! annual plan comes to.

pub mod attention;
pub mod cards;
pub mod feed;
pub mod figures;
pub mod plan_check;
pub mod scorecard;
pub mod statistics;

use super::cx::Cx;
use crate::domain::access::{Action, Scope};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::departments::{self, Department};
use chrono::{Days, NaiveDate};

/// Longest period of a table of figures, days.
const LONGEST: u64 = 3_700;

/// The department whose things are shown: none for those who see the whole county and ask for no one. A department that
/// is not one's own is a thing one may not know of.
///
/// # Errors
/// Not allowed.
fn narrowed(cx: &Cx<'_>, action: Action, department: Option<Id>) -> Result<Option<Id>> {
    let region = cx.region();
    if cx.can(action, &Scope::county(region)) {
        return Ok(department);
    }
    let own = cx.department()?;
    cx.may(action, &Scope::of(region, department.unwrap_or(own)))?;
    Ok(Some(own))
}

/// A period that makes sense.
///
/// # Errors
/// Reversed, or longer than ten years.
fn period(from: NaiveDate, to: NaiveDate) -> Result<()> {
    if to < from {
        return Err(Error::field("to", "reversed_dates", "截止日期早于起始日期"));
    }
    if from.checked_add_days(Days::new(LONGEST)).is_none_or(|last| to > last) {
        return Err(Error::field("to", "too_long", "统计期间最长十年"));
    }
    Ok(())
}

/// The departments of the county that inspect, in their order; of one department only this.
fn inspecting(cx: &mut Cx<'_>, only: Option<Id>) -> Result<Vec<Department>> {
    let region = cx.region().to_owned();
    let mut rows = departments::all(cx.db, &region)?;
    rows.retain(|d| d.kind == "inspecting" && only.is_none_or(|id| id == d.id));
    rows.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
    Ok(rows)
}
