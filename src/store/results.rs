//! What happened at a visit and what came of it: check-in, results, evidence.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{check_in, conduct, evidence, publication, result, seat, subject, visit_department};
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

/// Reading and writing rows of 检查过程.
pub mod conducts {
    use super::{At, CHUNK, Conduct, Conn, Id, Result, conduct};
    use crate::error::Error;
    use chrono::{DateTime, Utc};
    use diesel::prelude::*;

    /// What happened at a visit, if it was ever dispatched.
    ///
    /// # Errors
    /// The database.
    pub fn get(db: &mut Conn, visit: Id) -> Result<Option<Conduct>> {
        Ok(conduct::table.find(visit).select(Conduct::as_select()).get_result(db).optional()?)
    }

    /// Adds the row of a visit unless it has one: what is dispatched again keeps its code.
    ///
    /// # Errors
    /// The database.
    pub fn ensure(db: &mut Conn, row: &Conduct) -> Result<()> {
        crate::each_backend!(db, |c| diesel::insert_into(conduct::table)
            .values(row)
            .on_conflict(conduct::visit_id)
            .do_nothing()
            .execute(c))?;
        Ok(())
    }

    /// Makes everybody else who works on a visit wait until this transaction ends, and reads its row with its version
    /// raised.
    ///
    /// # Errors
    /// The database; the visit was never dispatched.
    pub fn hold(db: &mut Conn, visit: Id, now: DateTime<Utc>) -> Result<Conduct> {
        diesel::update(conduct::table.find(visit))
            .set((conduct::version.eq(conduct::version + 1), conduct::updated_at.eq(At(now))))
            .execute(db)?;
        get(db, visit)?.ok_or(Error::NotFound("检查过程"))
    }

    /// Writes a row that this transaction holds.
    ///
    /// # Errors
    /// The database.
    pub fn put(db: &mut Conn, row: &Conduct) -> Result<()> {
        diesel::update(conduct::table.find(row.visit_id)).set(row).execute(db)?;
        Ok(())
    }

    /// The rows of these visits, in no order.
    ///
    /// # Errors
    /// The database.
    pub fn of_visits(db: &mut Conn, visits: &[Id]) -> Result<Vec<Conduct>> {
        let mut rows = Vec::new();
        for chunk in visits.chunks(CHUNK) {
            let part: Vec<Conduct> = conduct::table
                .filter(conduct::visit_id.eq_any(chunk.to_vec()))
                .select(Conduct::as_select())
                .load(db)?;
            rows.extend(part);
        }
        Ok(rows)
    }
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
    use super::{CheckIn, Conn, Id, Result, check_in};
    use diesel::prelude::*;
    crate::aggregate!(check_in, CheckIn, "签到");

    /// Who checked in at a visit, in the order they did.
    ///
    /// # Errors
    /// The database.
    pub fn of(db: &mut Conn, visit: Id) -> Result<Vec<CheckIn>> {
        Ok(check_in::table
            .filter(check_in::visit_id.eq(visit))
            .order((check_in::created_at, check_in::id))
            .select(CheckIn::as_select())
            .load(db)?)
    }
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

/// Which results a list shows; nothing set: all of the county.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// State.
    pub state: Option<String>,
    /// The department that owns the item.
    pub department: Option<Id>,
    /// Joint inspection.
    pub inspection: Option<Id>,
    /// Visit.
    pub visit: Option<Id>,
    /// Subject.
    pub subject: Option<Id>,
    /// Not published although the last day has passed.
    pub late: bool,
    /// Of visits in which this department takes part.
    pub taking_part: Option<Id>,
    /// Of visits on whose team this inspector is.
    pub inspector: Option<Id>,
    /// The last of the list first.
    pub newest_first: bool,
}

/// Reading and writing rows of 检查结果.
pub mod findings {
    use super::{
        At, CHUNK, CheckResult, Conn, Filter, Id, NaiveDate, Result, conduct, publication, result, seat,
        subject, visit_department,
    };
    use crate::store::common::pattern;
    use diesel::prelude::*;
    crate::aggregate!(result, CheckResult, "检查结果", versioned);

    /// Every version of the results of these visits, by visit, task and version.
    ///
    /// # Errors
    /// The database.
    pub fn of_visits(db: &mut Conn, visits: &[Id]) -> Result<Vec<CheckResult>> {
        let mut rows: Vec<CheckResult> = Vec::new();
        for chunk in visits.chunks(CHUNK) {
            let part: Vec<CheckResult> = result::table
                .filter(result::visit_id.eq_any(chunk.to_vec()))
                .select(CheckResult::as_select())
                .load(db)?;
            rows.extend(part);
        }
        rows.sort_by_key(|r| (r.visit_id, r.task_id, r.revision));
        Ok(rows)
    }

    /// The results with these identifiers, in no order.
    ///
    /// # Errors
    /// The database.
    pub fn by_ids(db: &mut Conn, ids: &[Id]) -> Result<Vec<CheckResult>> {
        let mut rows = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let part: Vec<CheckResult> = result::table
                .filter(result::id.eq_any(chunk.to_vec()))
                .select(CheckResult::as_select())
                .load(db)?;
            rows.extend(part);
        }
        Ok(rows)
    }

    /// All versions of the result of a task, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub fn revisions(db: &mut Conn, task: Id) -> Result<Vec<CheckResult>> {
        Ok(result::table
            .filter(result::task_id.eq(task))
            .order(result::revision)
            .select(CheckResult::as_select())
            .load(db)?)
    }

    /// Results of a county by identifier, from `after` on in the direction that is asked.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        filter: &Filter,
        today: NaiveDate,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<CheckResult>> {
        let mut query = result::table
            .filter(result::region.eq(region.to_owned()))
            .order(result::id)
            .limit(limit)
            .select(CheckResult::as_select())
            .into_boxed();
        if let Some(id) = filter.taking_part {
            let with = visit_department::table
                .filter(visit_department::department_id.eq(id))
                .select(visit_department::visit_id);
            query = query.filter(result::visit_id.eq_any(with));
        }
        if let Some(id) = filter.inspector {
            let with = seat::table
                .filter(seat::inspector_id.eq(id))
                .filter(seat::state.eq("assigned"))
                .select(seat::visit_id);
            query = query.filter(result::visit_id.eq_any(with));
        }
        if filter.late {
            let late = publication::table
                .filter(publication::region.eq(region.to_owned()))
                .filter(publication::due_day.lt(today))
                .filter(publication::done_at.is_null())
                .select(publication::visit_id);
            query = query
                .filter(result::visit_id.eq_any(late))
                .filter(result::state.ne_all(["published", "corrected"]))
                .filter(result::previous_id.is_null());
        }
        let (after, before) = if filter.newest_first { (None, after) } else { (after, None) };
        if filter.newest_first {
            query = query.order(result::id.desc());
        }
        crate::narrow!(query;
            result::state eq filter.state.clone();
            result::department_id eq filter.department;
            result::inspection_id eq filter.inspection;
            result::visit_id eq filter.visit;
            result::subject_id eq filter.subject;
            result::id gt after;
            result::id lt before;
        );
        Ok(query.load(db)?)
    }

    /// Which published results are exported; nothing set: all of the county.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct ExportFilter {
        /// Department.
        pub department: Option<Id>,
        /// Of inspections that ended on this day or later.
        pub from: Option<NaiveDate>,
        /// And not after this day.
        pub to: Option<NaiveDate>,
    }

    /// Results of a county that count and are published, by visit, department and identifier, after such a key.
    ///
    /// # Errors
    /// The database.
    pub fn published(
        db: &mut Conn,
        region: &str,
        filter: &ExportFilter,
        after: Option<(Id, Id, Id)>,
        limit: i64,
    ) -> Result<Vec<CheckResult>> {
        let mut query = result::table
            .filter(result::region.eq(region.to_owned()))
            .filter(result::state.eq("published"))
            .order((result::visit_id, result::department_id, result::id))
            .limit(limit)
            .select(CheckResult::as_select())
            .into_boxed();
        if let Some((visit, department, id)) = after {
            let same = result::department_id.eq(department).and(result::id.gt(id));
            let same_visit = result::visit_id.eq(visit).and(result::department_id.gt(department).or(same));
            // The first condition is what an index can use.
            query =
                query.filter(result::visit_id.ge(visit)).filter(result::visit_id.gt(visit).or(same_visit));
        }
        if filter.from.is_some() || filter.to.is_some() {
            let first = filter.from.unwrap_or(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default());
            let last = filter.to.unwrap_or(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default());
            let held = conduct::table
                .filter(conduct::region.eq(region.to_owned()))
                .filter(conduct::end_day.ge(first))
                .filter(conduct::end_day.le(last))
                .select(conduct::visit_id);
            query = query.filter(result::visit_id.eq_any(held));
        }
        crate::narrow!(query; result::department_id eq filter.department);
        Ok(query.load(db)?)
    }

    /// Which published results are shown.
    #[derive(Debug, Clone, Default)]
    pub struct PublicFilter {
        /// Subject.
        pub subject: Option<Id>,
        /// Folded text that must occur in name or number of the subject.
        pub search: Option<String>,
        /// Department.
        pub department: Option<Id>,
        /// Only versions that still count.
        pub current: bool,
    }

    /// Published results of a county, the newest first, before (`time`, `id`).
    ///
    /// # Errors
    /// The database.
    pub fn public(
        db: &mut Conn,
        region: &str,
        filter: &PublicFilter,
        before: Option<(At, Id)>,
        limit: i64,
    ) -> Result<Vec<CheckResult>> {
        let mut query = result::table
            .filter(result::region.eq(region.to_owned()))
            .filter(result::state.eq_any(["published", "corrected"]))
            .order((result::published_at.desc(), result::id.desc()))
            .limit(limit)
            .select(CheckResult::as_select())
            .into_boxed();
        if filter.current {
            query = query.filter(result::state.eq("published"));
        }
        if let Some(text) = &filter.search {
            let found = subject::table
                .filter(subject::region.eq(region.to_owned()))
                .filter(subject::search.like(pattern(text)).escape('\\'))
                .select(subject::id);
            query = query.filter(result::subject_id.eq_any(found));
        }
        if let Some((time, id)) = before {
            query = query.filter(
                result::published_at
                    .lt(Some(time))
                    .or(result::published_at.eq(Some(time)).and(result::id.lt(id)).assume_not_null()),
            );
        }
        crate::narrow!(query;
            result::subject_id eq filter.subject;
            result::department_id eq filter.department;
        );
        Ok(query.load(db)?)
    }
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
    use super::{Conn, Evidence, Id, Result, evidence};
    use diesel::prelude::*;
    crate::aggregate!(evidence, Evidence, "证据");

    /// Evidence of a visit, in the order it came.
    ///
    /// # Errors
    /// The database.
    pub fn of(db: &mut Conn, visit: Id) -> Result<Vec<Evidence>> {
        Ok(evidence::table
            .filter(evidence::visit_id.eq(visit))
            .order(evidence::id)
            .select(Evidence::as_select())
            .load(db)?)
    }
}
