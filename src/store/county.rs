//! What a planning run reads of the registries, many rows at a time; and the lock under which plans are committed.

use super::caps::CapEntry;
use super::common::Day;
use super::conn::Conn;
use super::draws::Draw;
use super::inspections::{Inspection, Participant, ParticipantPerson};
use super::inspectors::{Certificate, Inspector, Leave, Recusal};
use super::items::Item;
use super::schema::{
    calendar_day, cap_entry, certificate, draw, inspection, inspector, item, leave, participant,
    participant_person, recusal, setting, subject, user_account,
};
use super::subjects::Subject;
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// Identifiers in one statement: SQLite binds each of them.
pub(super) const CHUNK: usize = 5_000;

macro_rules! by_ids {
    ($(#[$doc:meta])* $name:ident, $table:ident, $row:ident, $column:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// The database.
        pub fn $name(db: &mut Conn, ids: &[Id]) -> Result<Vec<$row>> {
            let mut rows = Vec::new();
            for chunk in ids.chunks(CHUNK) {
                let part: Vec<$row> = $table::table
                    .filter($table::$column.eq_any(chunk.to_vec()))
                    .select($row::as_select())
                    .load(db)?;
                rows.extend(part);
            }
            Ok(rows)
        }
    };
}

by_ids!(
    /// Items with these identifiers, in no order.
    items, item, Item, id
);
by_ids!(
    /// Subjects with these identifiers, in no order.
    subjects, subject, Subject, id
);
by_ids!(
    /// Inspectors with these identifiers, in no order.
    inspectors, inspector, Inspector, id
);
by_ids!(
    /// Everybody in the directories of these departments, whatever the state, in no order.
    inspectors_of, inspector, Inspector, department_id
);
by_ids!(
    /// Certificates of these inspectors, in no order.
    certificates, certificate, Certificate, inspector_id
);
by_ids!(
    /// Leave of these inspectors, in no order.
    leaves, leave, Leave, inspector_id
);
by_ids!(
    /// Recusals from these subjects, whatever the state, in no order.
    recusals_of, recusal, Recusal, subject_id
);
by_ids!(
    /// Joint inspections with these identifiers, in no order.
    inspections, inspection, Inspection, id
);
by_ids!(
    /// People whom departments put forward for these joint inspections, in no order.
    people_of, participant_person, ParticipantPerson, inspection_id
);
by_ids!(
    /// The departments of these joint inspections, whatever they answered, in no order.
    participants_of, participant, Participant, inspection_id
);
by_ids!(
    /// Entries of the cap ledger about these subjects, of all years, in no order.
    caps_of, cap_entry, CapEntry, subject_id
);

/// The days of a period that the county's calendar has, ascending.
///
/// # Errors
/// The database.
pub fn days(db: &mut Conn, region: &str, from: NaiveDate, to: NaiveDate) -> Result<Vec<Day>> {
    Ok(calendar_day::table
        .filter(calendar_day::region.eq(region.to_owned()))
        .filter(calendar_day::day.ge(from))
        .filter(calendar_day::day.le(to))
        .order(calendar_day::day)
        .select(Day::as_select())
        .load(db)?)
}

/// The draws of joint inspections that have a result, by `draw_id`.
///
/// # Errors
/// The database.
pub fn finished_draws(db: &mut Conn, inspections: &[Id]) -> Result<Vec<Draw>> {
    let mut rows = Vec::new();
    for chunk in inspections.chunks(CHUNK) {
        let part: Vec<Draw> = draw::table
            .filter(draw::inspection_id.eq_any(chunk.to_vec()))
            .filter(draw::state.eq_any(["resulted", "published"]))
            .select(Draw::as_select())
            .load(db)?;
        rows.extend(part);
    }
    rows.sort_by(|a, b| (&a.draw_id, a.id).cmp(&(&b.draw_id, b.id)));
    Ok(rows)
}

/// The value of a setting of the county.
///
/// # Errors
/// The database.
pub fn setting_value(db: &mut Conn, region: &str, key: &str) -> Result<Option<Value>> {
    let found: Option<Doc<Value>> = setting::table
        .find((region.to_owned(), key.to_owned()))
        .select(setting::value)
        .get_result(db)
        .optional()?;
    Ok(found.map(|d| d.0))
}

/// Mail addresses of inspectors: of their accounts, else of the directory; those without any are left out.
///
/// # Errors
/// The database.
pub fn addresses(db: &mut Conn, people: &[Inspector]) -> Result<Vec<(Id, Option<Id>, String)>> {
    let mut found: std::collections::HashMap<Id, (Id, String)> = std::collections::HashMap::new();
    let ids: Vec<Option<Id>> = people.iter().map(|p| Some(p.id)).collect();
    for chunk in ids.chunks(CHUNK) {
        let part: Vec<(Option<Id>, Id, String)> = user_account::table
            .filter(user_account::inspector_id.eq_any(chunk.to_vec()))
            .filter(user_account::state.eq("active"))
            .select((user_account::inspector_id, user_account::id, user_account::email))
            .load(db)?;
        for (inspector, user, email) in part {
            if let Some(inspector) = inspector {
                found.insert(inspector, (user, email));
            }
        }
    }
    let address = |p: &Inspector| {
        let (user, email) = match found.get(&p.id) {
            Some((user, email)) if !email.is_empty() => (Some(*user), email.clone()),
            Some((user, _)) => (Some(*user), p.email.clone()),
            None => (None, p.email.clone()),
        };
        (!email.is_empty()).then_some((p.id, user, email))
    };
    Ok(people.iter().filter_map(address).collect())
}

/// Makes commits of plans, dispatches and replacements of a county wait for each other: two that take the same person at
/// the same time must not both see him free. Holds until the transaction ends.
///
/// # Errors
/// The database.
pub fn lock(db: &mut Conn, region: &str, now: DateTime<Utc>) -> Result<()> {
    let row = (
        setting::region.eq(region.to_owned()),
        setting::key.eq("planning.lock"),
        setting::value.eq(Doc(Value::Null)),
        setting::version.eq(1_i64),
        setting::updated_at.eq(At(now)),
    );
    crate::each_backend!(db, |c| diesel::insert_into(setting::table)
        .values(row)
        .on_conflict((setting::region, setting::key))
        .do_update()
        .set((setting::version.eq(setting::version + 1), setting::updated_at.eq(At(now))))
        .execute(c))?;
    Ok(())
}

/// A visit that was planned and not yet held, as the cap sees it: visit, subject, department, day.
pub type Claim = (Id, Id, Id, Option<NaiveDate>);

/// The departments that will come to these subjects by plans in force, on visits that are not in the ledger yet.
///
/// # Errors
/// The database.
pub fn claims(db: &mut Conn, subjects: &[Id]) -> Result<Vec<Claim>> {
    use super::schema::{planning, visit, visit_department};
    let mut rows = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let part: Vec<Claim> = visit::table
            .inner_join(planning::table)
            .inner_join(visit_department::table)
            .filter(visit::subject_id.eq_any(chunk.to_vec()))
            .filter(visit::state.eq("staffed"))
            .filter(planning::state.eq("committed"))
            .select((visit::id, visit::subject_id, visit_department::department_id, visit::on_day))
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}
