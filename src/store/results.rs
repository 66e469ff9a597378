//! What happened at a visit and what came of it: check-in, results, evidence, the publication period.

use super::conn::Conn;
use super::schema::{check_in, conduct, evidence, publication, result};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 检查过程.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = conduct, primary_key(visit_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Conduct {
    /// Visit.
    pub visit_id: Id,
    /// County.
    pub region: String,
    /// Code of the visit, in its QR: 20 letters and digits; whoever has it may see the public side of the visit.
    pub code: String,
    /// When the first of the team checked in.
    pub began_at: Option<At>,
    /// When the on-site part ended.
    pub ended_at: Option<At>,
    /// The day from which the publication period runs.
    pub end_day: Option<NaiveDate>,
    /// `domain::result::Obstacle`; empty = none.
    pub obstacle: String,
    /// What happened.
    pub obstacle_note: String,
    /// Statement of the business.
    pub statement: String,
    /// Who signed for the business.
    pub signer: String,
    /// `signed`, `refused` or empty.
    pub signed: String,
    /// When.
    pub signed_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// A row of 签到.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = check_in, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CheckIn {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// Account.
    pub user_id: Id,
    /// `qr` (scanned on the spot) or `code` (typed in).
    pub method: String,
    /// Where, in words.
    pub place: String,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
    /// When.
    pub created_at: At,
}

/// Reading and writing rows of 签到.
pub mod check_ins {
    use super::{CheckIn, check_in};
    crate::aggregate!(check_in, CheckIn, "签到");
}

/// A row of 检查结果.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = result, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CheckResult {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// Task.
    pub task_id: Id,
    /// Item.
    pub item_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// The department that owns the item.
    pub department_id: Id,
    /// Joint inspection; none for a single task.
    pub inspection_id: Option<Id>,
    /// `domain::result::Outcome`, one or more.
    pub outcomes: Doc<Vec<String>>,
    /// `domain::result::Method`, one or more.
    pub methods: Doc<Vec<String>>,
    /// Law that was broken.
    pub law: String,
    /// What was found, in words.
    pub other: String,
    /// `domain::result::FollowUp`.
    pub follow_up: Doc<Vec<String>>,
    /// Remark.
    pub note: String,
    /// `domain::result::State`.
    pub state: String,
    /// Inspector of the A post who entered it.
    pub entered_by: Option<Id>,
    /// When.
    pub entered_at: Option<At>,
    /// Inspector of the B post who confirmed it.
    pub confirmed_by: Option<Id>,
    /// When.
    pub confirmed_at: Option<At>,
    /// Account that reviewed it.
    pub reviewed_by: Option<Id>,
    /// When.
    pub reviewed_at: Option<At>,
    /// Why it was returned.
    pub review_note: String,
    /// Account that approved it.
    pub approved_by: Option<Id>,
    /// When.
    pub approved_at: Option<At>,
    /// Published.
    pub published_at: Option<At>,
    /// Number of the version, from 1; a correction after publication is a new one.
    pub revision: i32,
    /// Whether it is the version that counts.
    pub current: bool,
    /// The version before.
    pub previous_id: Option<Id>,
    /// Version of the row, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 检查结果.
pub mod results {
    use super::{CheckResult, result};
    crate::aggregate!(result, CheckResult, "检查结果", versioned);
}

/// A row of 证据.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = evidence, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Evidence {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// Task; none: of the visit as a whole.
    pub task_id: Option<Id>,
    /// Department whose evidence it is.
    pub department_id: Id,
    /// Name of the file.
    pub name: String,
    /// Media type, as its content says.
    pub media_type: String,
    /// Length.
    pub bytes: i64,
    /// SHA-256 of the content, hex; also where it is kept.
    pub sha256: String,
    /// Who handed it in.
    pub user_id: Id,
    /// When.
    pub created_at: At,
}

/// Reading and writing rows of 证据.
pub mod evidences {
    use super::{Evidence, evidence};
    crate::aggregate!(evidence, Evidence, "证据");
}

/// A row of 公示期限.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publication, primary_key(visit_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Publication {
    /// Visit.
    pub visit_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
    /// End of the inspection.
    pub end_day: NaiveDate,
    /// Last day to publish.
    pub due_day: NaiveDate,
    /// Reminders sent.
    pub reminders: i32,
    /// `yellow`, `red` or empty.
    pub card: String,
    /// When the last of its results was published.
    pub done_at: Option<At>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}
