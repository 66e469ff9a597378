//! Rows of the two letters, of commissions to experts and institutions, of recognised results and of what was completed.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{commission, completion, mailing, recognition};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 两次邮寄.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = mailing, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Mailing {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The result that says the subject cannot be reached.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that mails.
    pub department_id: Id,
    /// How often it began: once more when the time for the second letter was missed.
    pub round: i32,
    /// `domain::mailing::Letter`.
    pub first_kind: String,
    /// Number of the first letter.
    pub first_number: String,
    /// When it was posted.
    pub first_day: NaiveDate,
    /// `domain::mailing::Fate`; empty: not known.
    pub first_end: String,
    /// When that was known.
    pub first_end_day: Option<NaiveDate>,
    /// The same of the second letter; empty: not posted.
    pub second_kind: String,
    /// Its number.
    pub second_number: String,
    /// When it was posted.
    pub second_day: Option<NaiveDate>,
    /// What became of it.
    pub second_end: String,
    /// When that was known: the day of verification.
    pub second_end_day: Option<NaiveDate>,
    /// `domain::mailing::Call`; empty: none.
    pub reminder_kind: String,
    /// When the business was called or written to (列异提醒).
    pub reminder_day: Option<NaiveDate>,
    /// Whom, and what was said.
    pub reminder_note: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Reminders sent for this step.
    pub reminders: i32,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// When the business was reached after all.
    pub reached_day: Option<NaiveDate>,
    /// Who approved what: `handed_over`, `station`, `bureau`, `returned` with the words of each.
    pub opinions: Doc<std::collections::BTreeMap<String, String>>,
    /// Account of the head of the station.
    pub decided_by: Option<Id>,
    /// `domain::mailing::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 两次邮寄.
pub mod letters {
    use super::{Conn, Id, Mailing, NaiveDate, Result, mailing};
    use diesel::prelude::*;
    crate::aggregate!(mailing, Mailing, "两次邮寄", versioned);

    /// Which rows a list shows; nothing set: all of the county.
    #[derive(Debug, Clone, Default)]
    pub struct Filter {
        /// Department whose they are.
        pub department: Option<Id>,
        /// State.
        pub state: Option<String>,
        /// Visit.
        pub visit: Option<Id>,
        /// Only those whose last day was before this one.
        pub due_before: Option<NaiveDate>,
    }

    /// Rows of a county by identifier, after `after`.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        filter: &Filter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Mailing>> {
        let mut query = mailing::table
            .filter(mailing::region.eq(region.to_owned()))
            .order(mailing::id)
            .limit(limit)
            .select(Mailing::as_select())
            .into_boxed();
        crate::narrow!(query;
            mailing::department_id eq filter.department;
            mailing::state eq filter.state.clone();
            mailing::visit_id eq filter.visit;
            mailing::due_day lt filter.due_before;
            mailing::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// Rows of a county that wait for somebody until a day that is not after `until`.
    ///
    /// # Errors
    /// The database.
    pub fn waiting(db: &mut Conn, region: &str, until: NaiveDate) -> Result<Vec<Mailing>> {
        Ok(mailing::table
            .filter(mailing::region.eq(region.to_owned()))
            .filter(mailing::due_day.le(until))
            .filter(mailing::overdue.eq(false))
            .order((mailing::due_day, mailing::id))
            .select(Mailing::as_select())
            .load(db)?)
    }

    /// Those that follow from a result, in the order they came.
    ///
    /// # Errors
    /// The database.
    pub fn of_result(db: &mut Conn, result: Id) -> Result<Vec<Mailing>> {
        Ok(mailing::table
            .filter(mailing::result_id.eq(result))
            .order(mailing::id)
            .select(Mailing::as_select())
            .load(db)?)
    }
}

/// A row of 委托.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = commission, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Commission {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Visit.
    pub visit_id: Id,
    /// The department that commissions.
    pub department_id: Id,
    /// Entry of an expert in the directory; none: an institution.
    pub inspector_id: Option<Id>,
    /// Name of the institution; empty for an expert.
    pub party: String,
    /// What is asked of them.
    pub what: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Reminders sent for this step.
    pub reminders: i32,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// The report, among the evidence.
    pub evidence_id: Option<Id>,
    /// SHA-256 of the report, hex; empty: none yet.
    pub report_sha256: String,
    /// When it came.
    pub reported_at: Option<At>,
    /// Why it was cancelled.
    pub reason: String,
    /// Account.
    pub ordered_by: Id,
    /// `domain::commission::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 委托.
pub mod commissions {
    use super::{Commission, Conn, Id, NaiveDate, Result, commission};
    use diesel::prelude::*;
    crate::aggregate!(commission, Commission, "委托", versioned);

    /// Which rows a list shows; nothing set: all of the county.
    #[derive(Debug, Clone, Default)]
    pub struct Filter {
        /// Department whose they are.
        pub department: Option<Id>,
        /// State.
        pub state: Option<String>,
        /// Visit.
        pub visit: Option<Id>,
        /// Only those whose last day was before this one.
        pub due_before: Option<NaiveDate>,
    }

    /// Rows of a county by identifier, after `after`.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        filter: &Filter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Commission>> {
        let mut query = commission::table
            .filter(commission::region.eq(region.to_owned()))
            .order(commission::id)
            .limit(limit)
            .select(Commission::as_select())
            .into_boxed();
        crate::narrow!(query;
            commission::department_id eq filter.department;
            commission::state eq filter.state.clone();
            commission::visit_id eq filter.visit;
            commission::due_day lt filter.due_before;
            commission::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// Rows of a county that wait for somebody until a day that is not after `until`.
    ///
    /// # Errors
    /// The database.
    pub fn waiting(db: &mut Conn, region: &str, until: NaiveDate) -> Result<Vec<Commission>> {
        Ok(commission::table
            .filter(commission::region.eq(region.to_owned()))
            .filter(commission::due_day.le(until))
            .filter(commission::overdue.eq(false))
            .order((commission::due_day, commission::id))
            .select(Commission::as_select())
            .load(db)?)
    }
}

/// A row of 结果互认.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = recognition, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Recognition {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The task that is done without a visit.
    pub task_id: Id,
    /// The department whose task it is.
    pub department_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The result of another department that is recognised.
    pub result_id: Id,
    /// Joint inspection of the task.
    pub inspection_id: Option<Id>,
    /// When the other department ended its inspection.
    pub end_day: NaiveDate,
    /// Why it is enough.
    pub reason: String,
    /// Account.
    pub user_id: Id,
    /// When it was recognised.
    pub on_day: NaiveDate,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 结果互认.
pub mod recognitions {
    use super::{CHUNK, Conn, Id, NaiveDate, Recognition, Result, recognition};
    use crate::store::results::CheckResult;
    use crate::store::schema::{conduct, item, result};
    use diesel::prelude::*;
    crate::aggregate!(recognition, Recognition, "结果互认");

    /// A result with name, group and origin of its item, and the end of its inspection.
    type Row = (CheckResult, String, String, Option<Id>, Option<NaiveDate>);

    /// A result of another department that may be recognised.
    #[derive(Debug, Clone)]
    pub struct Known {
        /// The result.
        pub result: CheckResult,
        /// Name of its item.
        pub item: String,
        /// Equivalence group of its item; empty: none.
        pub group: String,
        /// The item of the upper list its item was claimed from.
        pub claimed_from: Option<Id>,
        /// When the inspection ended.
        pub end_day: NaiveDate,
    }

    /// Published results that count, of these subjects, from inspections that ended on `since` or later.
    ///
    /// # Errors
    /// The database.
    pub fn known(db: &mut Conn, subjects: &[Id], since: NaiveDate) -> Result<Vec<Known>> {
        let mut rows: Vec<Known> = Vec::new();
        for chunk in subjects.chunks(CHUNK) {
            let part: Vec<Row> = result::table
                .inner_join(item::table.on(item::id.eq(result::item_id)))
                .inner_join(conduct::table.on(conduct::visit_id.eq(result::visit_id)))
                .filter(result::subject_id.eq_any(chunk.to_vec()))
                .filter(result::state.eq("published"))
                .filter(result::current.eq(true))
                .filter(conduct::end_day.ge(since))
                .select((
                    CheckResult::as_select(),
                    item::name,
                    item::equivalence_group,
                    item::claimed_from,
                    conduct::end_day,
                ))
                .load(db)?;
            rows.extend(part.into_iter().filter_map(|(result, item, group, claimed_from, end)| {
                end.map(|end_day| Known { result, item, group, claimed_from, end_day })
            }));
        }
        rows.sort_by_key(|k| (std::cmp::Reverse(k.end_day), k.result.id));
        Ok(rows)
    }

    /// The recognition by which a task was done, if it was.
    ///
    /// # Errors
    /// The database.
    pub fn of_task(db: &mut Conn, task: Id) -> Result<Option<Recognition>> {
        Ok(recognition::table
            .filter(recognition::task_id.eq(task))
            .select(Recognition::as_select())
            .first(db)
            .optional()?)
    }

    /// Recognitions of a county by identifier, after `after`: of a department, of a period.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        department: Option<Id>,
        (from, to): (Option<NaiveDate>, Option<NaiveDate>),
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Recognition>> {
        let mut query = recognition::table
            .filter(recognition::region.eq(region.to_owned()))
            .order(recognition::id)
            .limit(limit)
            .select(Recognition::as_select())
            .into_boxed();
        crate::narrow!(query;
            recognition::department_id eq department;
            recognition::on_day ge from;
            recognition::on_day le to;
            recognition::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// How many visits of a department to a subject did not take place because results were recognised, by department:
    /// several items of one department at one subject on one day are one visit avoided.
    ///
    /// # Errors
    /// The database.
    pub fn avoided(db: &mut Conn, region: &str, from: NaiveDate, to: NaiveDate) -> Result<Vec<(Id, i64)>> {
        let rows: Vec<(Id, Id, NaiveDate)> = recognition::table
            .filter(recognition::region.eq(region.to_owned()))
            .filter(recognition::on_day.ge(from))
            .filter(recognition::on_day.le(to))
            .select((recognition::department_id, recognition::subject_id, recognition::on_day))
            .distinct()
            .load(db)?;
        let mut by: std::collections::BTreeMap<Id, i64> = std::collections::BTreeMap::new();
        for (department, _, _) in rows {
            *by.entry(department).or_default() += 1;
        }
        Ok(by.into_iter().collect())
    }
}

/// A row of 完结登记.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = completion, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Completion {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The task whose result it is about, whatever version.
    pub task_id: Id,
    /// The version of the result that was there.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// The department whose result it is.
    pub department_id: Id,
    /// When it was completed.
    pub on_day: NaiveDate,
    /// What was done.
    pub note: String,
    /// Account.
    pub user_id: Id,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 完结登记.
pub mod completions {
    use super::{Completion, Conn, Id, Result, completion};
    use diesel::prelude::*;
    crate::aggregate!(completion, Completion, "完结登记");

    /// That of a task, if there is one.
    ///
    /// # Errors
    /// The database.
    pub fn of_task(db: &mut Conn, task: Id) -> Result<Option<Completion>> {
        Ok(completion::table
            .filter(completion::task_id.eq(task))
            .select(Completion::as_select())
            .first(db)
            .optional()?)
    }
}
