//! What oversight keeps: cards, the frozen bases of plans, the weights of scorecards and the evidence for them.

use super::conn::Conn;
use super::schema::{card, plan_base, publication, score_evidence, scorecard};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 红黄牌.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = card, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CardRow {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// The department it is shown to.
    pub department_id: Id,
    /// `domain::cards::Kind`.
    pub kind: String,
    /// The visit or invitation it is about.
    pub object_id: Id,
    /// `yellow` or `red`.
    pub color: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The last day that was missed.
    pub due_day: NaiveDate,
    /// `open` or `acknowledged`.
    pub state: String,
    /// Account that acknowledged it.
    pub acknowledged_by: Option<Id>,
    /// When.
    pub acknowledged_at: Option<At>,
    /// What the department says to it.
    pub note: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 红黄牌.
pub mod cards {
    use super::{CardRow, Conn, Id, NaiveDate, Result, card, publication};
    use diesel::prelude::*;
    crate::aggregate!(card, CardRow, "红黄牌", versioned);

    /// Keeps a card unless it is kept already; `false` then.
    ///
    /// # Errors
    /// The database.
    pub fn keep(db: &mut Conn, row: &CardRow) -> Result<bool> {
        let n = crate::each_backend!(db, |c| diesel::insert_into(card::table)
            .values(row)
            .on_conflict((card::kind, card::object_id, card::department_id, card::color))
            .do_nothing()
            .execute(c))?;
        Ok(n == 1)
    }

    /// Cards shown for late publications that are not kept yet: (visit, department, color, last day).
    ///
    /// # Errors
    /// The database.
    pub fn shown_and_not_kept(db: &mut Conn, region: &str) -> Result<Vec<(Id, Id, String, NaiveDate)>> {
        let kept = card::table
            .filter(card::kind.eq("late_publication"))
            .filter(card::object_id.eq(publication::visit_id))
            .filter(card::department_id.eq(publication::department_id))
            .filter(card::color.eq(publication::card));
        Ok(publication::table
            .filter(publication::region.eq(region.to_owned()))
            .filter(publication::card.eq_any(["yellow", "red"]))
            .filter(diesel::dsl::not(diesel::dsl::exists(kept)))
            .order((publication::due_day, publication::visit_id, publication::department_id))
            .select((
                publication::visit_id,
                publication::department_id,
                publication::card,
                publication::due_day,
            ))
            .load(db)?)
    }

    /// Which cards a list shows; nothing set: all of the county.
    #[derive(Debug, Clone, Default)]
    pub struct Filter {
        /// Department.
        pub department: Option<Id>,
        /// State.
        pub state: Option<String>,
        /// Color.
        pub color: Option<String>,
    }

    /// Cards of a county, the newest first, before `before`.
    ///
    /// # Errors
    /// The database.
    pub fn list(
        db: &mut Conn,
        region: &str,
        filter: &Filter,
        before: Option<Id>,
        limit: i64,
    ) -> Result<Vec<CardRow>> {
        let mut query = card::table
            .filter(card::region.eq(region.to_owned()))
            .order(card::id.desc())
            .limit(limit)
            .select(CardRow::as_select())
            .into_boxed();
        crate::narrow!(query;
            card::department_id eq filter.department;
            card::state eq filter.state.clone();
            card::color eq filter.color.clone();
            card::id lt before;
        );
        Ok(query.load(db)?)
    }
}

/// A row of 计划基数: who could be drawn when the plan was approved. Nothing changes it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_base, check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_default_value = false)]
pub struct PlanBase {
    /// Plan entry.
    pub plan_id: Id,
    /// County.
    pub region: String,
    /// The day it was frozen.
    pub on_day: NaiveDate,
    /// Subjects.
    pub subjects: i64,
    /// Subjects of each credit-risk class; the empty class: not classified.
    pub classes: Doc<std::collections::BTreeMap<String, u64>>,
    /// SHA-256 over the keys of the subjects, ascending, one to a line, hex.
    pub sha256: String,
    /// Created.
    pub created_at: At,
}

/// Keeps the base of a plan; there is no way to change it.
///
/// # Errors
/// The database; it is there already.
pub fn freeze(db: &mut Conn, row: &PlanBase) -> Result<()> {
    diesel::insert_into(plan_base::table).values(row).execute(db)?;
    Ok(())
}

/// The base of a plan, if it was approved.
///
/// # Errors
/// The database.
pub fn base(db: &mut Conn, plan: Id) -> Result<Option<PlanBase>> {
    Ok(plan_base::table.find(plan).select(PlanBase::as_select()).first(db).optional()?)
}

/// The bases of these plans, in no order.
///
/// # Errors
/// The database.
pub fn bases(db: &mut Conn, plans: &[Id]) -> Result<Vec<PlanBase>> {
    let mut rows = Vec::new();
    for chunk in plans.chunks(super::county::CHUNK) {
        let part: Vec<PlanBase> = plan_base::table
            .filter(plan_base::plan_id.eq_any(chunk.to_vec()))
            .select(PlanBase::as_select())
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// A row of 考评: the weights of a year.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = scorecard, primary_key(region, year), check_for_backend(super::conn::MultiBackend))]
pub struct Weights {
    /// County.
    pub region: String,
    /// Year.
    pub year: i32,
    /// Weight of each of the 14 indicators, in their order.
    pub weights: Doc<Vec<u32>>,
    /// Version, raised by every change.
    pub version: i64,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing the weights of a year.
pub mod weights {
    use super::{Conn, Result, Weights, scorecard};
    use crate::error::Error;
    use diesel::prelude::*;

    /// The weights of a year, if the coordination office has set any.
    ///
    /// # Errors
    /// The database.
    pub fn get(db: &mut Conn, region: &str, year: i32) -> Result<Option<Weights>> {
        Ok(scorecard::table
            .find((region.to_owned(), year))
            .select(Weights::as_select())
            .first(db)
            .optional()?)
    }

    /// Sets the weights of a year whose version was raised from `seen`; 0: there were none.
    ///
    /// # Errors
    /// The database; somebody was faster.
    pub fn put(db: &mut Conn, row: &Weights, seen: i64) -> Result<()> {
        let n = if seen == 0 {
            crate::each_backend!(db, |c| diesel::insert_into(scorecard::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c))?
        } else {
            diesel::update(
                scorecard::table
                    .filter(scorecard::region.eq(row.region.clone()))
                    .filter(scorecard::year.eq(row.year))
                    .filter(scorecard::version.eq(seen)),
            )
            .set(row)
            .execute(db)?
        };
        if n == 1 {
            return Ok(());
        }
        Err(Error::Stale(get(db, &row.region, row.year)?.map_or(0, |w| w.version)))
    }
}

/// A row of 考评佐证.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = score_evidence, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ScoreEvidence {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Year.
    pub year: i32,
    /// Department.
    pub department_id: Id,
    /// Number of the indicator, 1 to 14.
    pub indicator: i32,
    /// Name of the file.
    pub name: String,
    /// Media type, as its content says.
    pub media_type: String,
    /// Length.
    pub bytes: i64,
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Account that handed it in.
    pub user_id: Id,
    /// `domain::scorecard::EvidenceState`.
    pub state: String,
    /// Account that decided.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<At>,
    /// What the coordination office says to it.
    pub note: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 考评佐证.
pub mod score_evidences {
    use super::{Conn, Id, Result, ScoreEvidence, score_evidence};
    use diesel::prelude::*;
    crate::aggregate!(score_evidence, ScoreEvidence, "考评佐证", versioned);

    /// The evidence of a year, in the order it came; of one department, or of all.
    ///
    /// # Errors
    /// The database.
    pub fn of_year(
        db: &mut Conn,
        region: &str,
        year: i32,
        department: Option<Id>,
    ) -> Result<Vec<ScoreEvidence>> {
        let mut query = score_evidence::table
            .filter(score_evidence::region.eq(region.to_owned()))
            .filter(score_evidence::year.eq(year))
            .order(score_evidence::id)
            .select(ScoreEvidence::as_select())
            .into_boxed();
        crate::narrow!(query; score_evidence::department_id eq department);
        Ok(query.load(db)?)
    }
}

/// Joint inspections of a county that were sent out and not aborted, what changed last first.
///
/// # Errors
/// The database.
pub fn newest_announced(
    db: &mut Conn,
    region: &str,
    limit: i64,
) -> Result<Vec<super::inspections::Inspection>> {
    use super::schema::inspection;
    Ok(inspection::table
        .filter(inspection::region.eq(region.to_owned()))
        .filter(inspection::state.eq_any(["dispatched", "inspecting", "closed"]))
        .order((inspection::updated_at.desc(), inspection::id.desc()))
        .limit(limit)
        .select(super::inspections::Inspection::as_select())
        .load(db)?)
}
