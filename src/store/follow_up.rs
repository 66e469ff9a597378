//! Rows of what follows from a result: rectification, referral and notice to another department, case filing.

use super::conn::Conn;
use super::schema::{case_filing, rectification, referral};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 整改.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = rectification, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Rectification {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The result it follows from.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that orders it.
    pub department_id: Id,
    /// What is to be put right.
    pub what: String,
    /// Legal basis.
    pub basis: String,
    /// The last day as it was ordered at first.
    pub first_due: NaiveDate,
    /// Last day to put it right; none: it waits for nobody any more.
    pub due_day: Option<NaiveDate>,
    /// Reminders sent.
    pub reminders: i32,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// Why the time was extended; empty: it was not.
    pub extension: String,
    /// What the business reports.
    pub report: String,
    /// When it did.
    pub reported_day: Option<NaiveDate>,
    /// What the recheck found.
    pub recheck: String,
    /// When it was.
    pub recheck_day: Option<NaiveDate>,
    /// Whether somebody went there for it.
    pub on_site: bool,
    /// `domain::rectification::State`.
    pub state: String,
    /// Account that ordered it.
    pub ordered_by: Id,
    /// Account that recorded the recheck.
    pub rechecked_by: Option<Id>,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 整改.
pub mod rectifications {
    use super::{Conn, Id, NaiveDate, Rectification, Result, rectification};
    use diesel::prelude::*;
    crate::aggregate!(rectification, Rectification, "整改", versioned);

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
    ) -> Result<Vec<Rectification>> {
        let mut query = rectification::table
            .filter(rectification::region.eq(region.to_owned()))
            .order(rectification::id)
            .limit(limit)
            .select(Rectification::as_select())
            .into_boxed();
        crate::narrow!(query;
            rectification::department_id eq filter.department;
            rectification::state eq filter.state.clone();
            rectification::visit_id eq filter.visit;
            rectification::due_day lt filter.due_before;
            rectification::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// Rows of a county that wait for somebody until a day that is not after `until`.
    ///
    /// # Errors
    /// The database.
    pub fn waiting(db: &mut Conn, region: &str, until: NaiveDate) -> Result<Vec<Rectification>> {
        Ok(rectification::table
            .filter(rectification::region.eq(region.to_owned()))
            .filter(rectification::due_day.le(until))
            .filter(rectification::overdue.eq(false))
            .order((rectification::due_day, rectification::id))
            .select(Rectification::as_select())
            .load(db)?)
    }

    /// Those that follow from a result, in the order they came.
    ///
    /// # Errors
    /// The database.
    pub fn of_result(db: &mut Conn, result: Id) -> Result<Vec<Rectification>> {
        Ok(rectification::table
            .filter(rectification::result_id.eq(result))
            .order(rectification::id)
            .select(Rectification::as_select())
            .load(db)?)
    }
}

/// A row of 移送.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = referral, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Referral {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// `domain::referral::Kind`.
    pub kind: String,
    /// The result it cites.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that sends.
    pub from_id: Id,
    /// The department that receives.
    pub to_id: Id,
    /// What the clue is, or what is brought to notice.
    pub what: String,
    /// Legal basis; may be empty.
    pub basis: String,
    /// Last day of the step it waits for; none: it waits for nobody.
    pub due_day: Option<NaiveDate>,
    /// Reminders sent for this step.
    pub reminders: i32,
    /// Whether it was said that the last day has passed.
    pub overdue: bool,
    /// Why it was refused.
    pub refusal: String,
    /// What the receiver did.
    pub feedback: String,
    /// How the sender ended it.
    pub closing: String,
    /// Account that sent it.
    pub sent_by: Id,
    /// When it was sent last.
    pub sent_at: At,
    /// When it was received.
    pub received_at: Option<At>,
    /// When feedback came.
    pub answered_at: Option<At>,
    /// When it ended.
    pub closed_at: Option<At>,
    /// How often it was sent.
    pub rounds: i32,
    /// `domain::referral::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 移送.
pub mod referrals {
    use super::{Conn, Id, NaiveDate, Referral, Result, referral};
    use diesel::prelude::*;
    crate::aggregate!(referral, Referral, "移送", versioned);

    /// Which rows a list shows; nothing set: all of the county.
    #[derive(Debug, Clone, Default)]
    pub struct Filter {
        /// Department that sent or receives them.
        pub department: Option<Id>,
        /// Department that sent them.
        pub from: Option<Id>,
        /// Department that receives them.
        pub to: Option<Id>,
        /// Kind.
        pub kind: Option<String>,
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
    ) -> Result<Vec<Referral>> {
        let mut query = referral::table
            .filter(referral::region.eq(region.to_owned()))
            .order(referral::id)
            .limit(limit)
            .select(Referral::as_select())
            .into_boxed();
        if let Some(id) = filter.department {
            query = query.filter(referral::from_id.eq(id).or(referral::to_id.eq(id)));
        }
        crate::narrow!(query;
            referral::from_id eq filter.from;
            referral::to_id eq filter.to;
            referral::kind eq filter.kind.clone();
            referral::state eq filter.state.clone();
            referral::visit_id eq filter.visit;
            referral::due_day lt filter.due_before;
            referral::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// Rows of a county that wait for somebody until a day that is not after `until`.
    ///
    /// # Errors
    /// The database.
    pub fn waiting(db: &mut Conn, region: &str, until: NaiveDate) -> Result<Vec<Referral>> {
        Ok(referral::table
            .filter(referral::region.eq(region.to_owned()))
            .filter(referral::due_day.le(until))
            .filter(referral::overdue.eq(false))
            .order((referral::due_day, referral::id))
            .select(Referral::as_select())
            .load(db)?)
    }
}

/// A row of 立案.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = case_filing, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CaseFiling {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The result it follows from.
    pub result_id: Id,
    /// Its visit.
    pub visit_id: Id,
    /// Its subject.
    pub subject_id: Id,
    /// The department that files it.
    pub department_id: Id,
    /// The rectification that was not fulfilled.
    pub rectification_id: Option<Id>,
    /// The referral it follows from.
    pub referral_id: Option<Id>,
    /// 立案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 立案日期.
    pub filed_day: NaiveDate,
    /// 处理结果; empty while it runs.
    pub outcome: String,
    /// 结案日期.
    pub closed_day: Option<NaiveDate>,
    /// Account that filed it.
    pub filed_by: Id,
    /// `domain::case_filing::State`.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 立案.
pub mod case_filings {
    use super::{CaseFiling, Conn, Id, Result, case_filing};
    use diesel::prelude::*;
    crate::aggregate!(case_filing, CaseFiling, "立案", versioned);

    /// Which rows a list shows; nothing set: all of the county.
    #[derive(Debug, Clone, Default)]
    pub struct Filter {
        /// Department whose they are.
        pub department: Option<Id>,
        /// State.
        pub state: Option<String>,
        /// Visit.
        pub visit: Option<Id>,
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
    ) -> Result<Vec<CaseFiling>> {
        let mut query = case_filing::table
            .filter(case_filing::region.eq(region.to_owned()))
            .order(case_filing::id)
            .limit(limit)
            .select(CaseFiling::as_select())
            .into_boxed();
        crate::narrow!(query;
            case_filing::department_id eq filter.department;
            case_filing::state eq filter.state.clone();
            case_filing::visit_id eq filter.visit;
            case_filing::id gt after;
        );
        Ok(query.load(db)?)
    }

    /// Whether a department has used this number already.
    ///
    /// # Errors
    /// The database.
    pub fn is_taken(db: &mut Conn, department: Id, number: &str) -> Result<bool> {
        let n: i64 = case_filing::table
            .filter(case_filing::department_id.eq(department))
            .filter(case_filing::number.eq(number.to_owned()))
            .count()
            .get_result(db)?;
        Ok(n > 0)
    }
}
