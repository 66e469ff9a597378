//! Working days.

use crate::error::Result;
use crate::service::common::{self, DayDraft};
use crate::service::cx::Cx;
use crate::web::reply::Reply;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A day of the calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// 是否工作日.
    pub workday: bool,
    /// 企业安静日: no on-site visits.
    #[serde(default)]
    pub quiet: bool,
    /// Holiday, or what the day is for.
    #[serde(default)]
    #[schema(max_length = 50)]
    pub name: String,
}

/// Days of the calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDays {
    /// The days.
    pub days: Vec<CalendarDay>,
}

/// Which days.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CalendarQuery {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
}

/// `GET /api/v1/calendar`
///
/// # Errors
/// Reversed or too many days.
pub fn list(cx: &mut Cx<'_>, (): (), q: CalendarQuery) -> Result<Reply<CalendarDays>> {
    let days = common::days(cx, q.from, q.to)?;
    let view = |d: crate::store::common::Day| CalendarDay {
        date: d.day,
        workday: d.workday,
        quiet: d.quiet,
        name: d.name,
    };
    Ok(Reply::ok(CalendarDays { days: days.into_iter().map(view).collect() }))
}

/// `PUT /api/v1/calendar`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn set(cx: &mut Cx<'_>, (): (), b: &CalendarDays) -> Result<Reply<CalendarDays>> {
    let draft =
        |d: &CalendarDay| DayDraft { date: d.date, workday: d.workday, quiet: d.quiet, name: d.name.clone() };
    common::set_days(cx, &b.days.iter().map(draft).collect::<Vec<_>>())?;
    Ok(Reply::ok(b.clone()))
}
