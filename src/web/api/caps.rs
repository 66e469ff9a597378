//! The frequency-cap ledger.

use crate::domain::cap::{Exemption, Status};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::caps::{self, Check};
use crate::service::cx::Cx;
use crate::web::reply::Reply;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An entry of the frequency-cap ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapEntryView {
    /// Identifier.
    pub id: Id,
    /// Department.
    pub department_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// The day of the check.
    pub on_day: NaiveDate,
    /// The visit; none for a check outside this system.
    pub visit_id: Option<Id>,
    /// `planned`, or one of the ten causes that do not count.
    pub cause: String,
    /// Whether it counts.
    pub counted: bool,
    /// What it was about.
    pub note: String,
}

/// How a department stands with a subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapStanding {
    /// Department.
    pub department_id: Id,
    /// Checks that count.
    pub counted: u32,
    /// Checks that do not.
    pub exempt: u32,
    /// The cap.
    pub cap: u32,
    /// Planned checks still allowed.
    pub left: u32,
    /// `free`, `last`, `reached` or `exceeded`.
    pub level: String,
}

/// The ledger of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapLedger {
    /// Entries.
    pub entries: Vec<CapEntryView>,
    /// Standing of each department, where a subject was asked for.
    pub standing: Vec<CapStanding>,
}

fn cap_entry(row: crate::store::caps::CapEntry) -> CapEntryView {
    CapEntryView {
        id: row.id,
        department_id: row.department_id,
        subject_id: row.subject_id,
        on_day: row.on_day,
        visit_id: row.visit_id,
        cause: row.cause,
        counted: row.counted,
        note: row.note,
    }
}

fn standing((department_id, status): (Id, Status)) -> CapStanding {
    use crate::domain::cap::Level;
    let level = match status.level() {
        Level::Free => "free",
        Level::Last => "last",
        Level::Reached => "reached",
        Level::Exceeded => "exceeded",
    };
    CapStanding {
        department_id,
        counted: status.counted,
        exempt: status.exempt,
        cap: status.cap,
        left: status.left(),
        level: level.to_owned(),
    }
}

/// Which part of the ledger.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CapQuery {
    /// Calendar year; this one unless told.
    pub year: Option<i32>,
    /// Of this department.
    pub department_id: Option<Id>,
    /// About this subject.
    pub subject_id: Option<Id>,
}

/// `GET /api/v1/caps`
///
/// # Errors
/// Not allowed; neither department nor subject.
pub fn ledger(cx: &mut Cx<'_>, (): (), q: CapQuery) -> Result<Reply<CapLedger>> {
    let ledger = caps::ledger(cx, q.year, q.department_id, q.subject_id)?;
    Ok(Reply::ok(CapLedger {
        entries: ledger.entries.into_iter().map(cap_entry).collect(),
        standing: ledger.standing.into_iter().map(standing).collect(),
    }))
}

/// A check that was held outside any plan of this system.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// Subject.
    pub subject_id: Id,
    /// The day.
    pub on_day: NaiveDate,
    /// `planned` (it counts), or one of the ten causes that do not count.
    pub cause: String,
    /// What it was about; needed for a cause that does not count.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// `POST /api/v1/caps`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn record_check(cx: &mut Cx<'_>, (): (), b: &CheckBody) -> Result<Reply<CapLedger>> {
    let exemption = match b.cause.as_str() {
        caps::PLANNED => None,
        cause => Some(Exemption::parse(cause).ok_or_else(|| {
            let words: Vec<&str> = Exemption::ALL.iter().map(|e| e.as_str()).collect();
            Error::field("/cause", "unknown_value", format!("只能是:planned、{}", words.join("、")))
        })?),
    };
    let check = Check { subject: b.subject_id, day: b.on_day, exemption, note: b.note.clone() };
    let (row, status) = caps::record(cx, &check)?;
    let place = format!("/api/v1/caps?subject_id={}&department_id={}", row.subject_id, row.department_id);
    let department = row.department_id;
    let ledger = CapLedger { entries: vec![cap_entry(row)], standing: vec![standing((department, status))] };
    Ok(Reply::created(ledger, place))
}
