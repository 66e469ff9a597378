//! Joint inspections with their items, participants and invitations.

use super::conn::Conn;
use super::county::CHUNK;
use super::schema::{inspection, inspection_item, invitation, participant, participant_person};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

/// A row of 联合抽查.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = inspection, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Inspection {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// 编号, e.g. 示抽查〔2026〕1号; without gaps in a county and year.
    pub number: String,
    /// Name.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// State, as the domain names it.
    pub state: String,
    /// `domain::scope::SubjectFilter`.
    pub filter: Doc<Value>,
    /// `domain::scope::Quota`.
    pub quota: Doc<Value>,
    /// First day of the visits.
    pub window_from: NaiveDate,
    /// Last day of the visits, included.
    pub window_to: NaiveDate,
    /// Officers of each department at a visit.
    pub people_per_department: i32,
    /// `domain::planning::input::Notice`.
    pub notice: String,
    /// `service::inspections::DrawRules`.
    pub draw_rules: Doc<Value>,
    /// Where it comes from the overlap board: plan entries and the items each department had planned.
    pub overlap: Doc<Value>,
    /// Why it was ended; empty otherwise.
    pub abort_reason: String,
    /// Account that made it.
    pub created_by: Id,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(inspection, Inspection, "联合抽查", versioned);

/// A row of 抽查事项.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = inspection_item, primary_key(inspection_id, item_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InspectionItem {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// Item.
    pub item_id: Id,
    /// County.
    pub region: String,
}

/// A row of 参与部门.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participant, primary_key(inspection_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Participant {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
    /// `initiator` or `partner`.
    pub role: String,
    /// Officers it sends to each visit.
    pub people: i32,
}

/// A row of 参与人员.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participant_person, primary_key(inspection_id, inspector_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ParticipantPerson {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Inspector.
    pub inspector_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 邀请.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = invitation, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Invitation {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Joint inspection.
    pub inspection_id: Id,
    /// Department.
    pub department_id: Id,
    /// State, as the domain names it.
    pub state: String,
    /// When it was sent last; reminders count from here.
    pub sent_at: At,
    /// Last day to answer.
    pub due_day: NaiveDate,
    /// Reminders since it was sent last.
    pub reminders: i32,
    /// When it was put before the coordination office.
    pub escalated_at: Option<At>,
    /// When it was answered last.
    pub answered_at: Option<At>,
    /// Account that answered.
    pub answered_by: Option<Id>,
    /// Why.
    pub reason: String,
    /// First day the partner proposes instead.
    pub proposed_from: Option<NaiveDate>,
    /// Last day the partner proposes instead.
    pub proposed_to: Option<NaiveDate>,
    /// Officers the partner is asked for at each visit.
    pub people: i32,
    /// The inspection makes no sense without it.
    pub required: bool,
    /// Found as a related department, not named.
    pub wildcard: bool,
    /// What the initiator writes to it.
    pub message: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 邀请.
pub mod invitations {
    use super::{Conn, Id, Invitation, Result, invitation};
    use diesel::prelude::*;

    crate::aggregate!(invitation, Invitation, "邀请", versioned);

    /// Those of an inspection, in the order they were made.
    ///
    /// # Errors
    /// The database.
    pub fn of(db: &mut Conn, inspection: Id) -> Result<Vec<Invitation>> {
        Ok(invitation::table
            .filter(invitation::inspection_id.eq(inspection))
            .order(invitation::id)
            .select(Invitation::as_select())
            .load(db)?)
    }

    /// Those of a county in a state: what the daily round looks at.
    ///
    /// # Errors
    /// The database.
    pub fn in_state(db: &mut Conn, region: &str, state: &str) -> Result<Vec<Invitation>> {
        Ok(invitation::table
            .filter(invitation::region.eq(region.to_owned()))
            .filter(invitation::state.eq(state.to_owned()))
            .order(invitation::id)
            .select(Invitation::as_select())
            .load(db)?)
    }

    /// What a list of invitations asks for.
    #[derive(Debug, Clone, Default)]
    pub struct Wanted {
        /// Invitations to this department.
        pub department: Option<Id>,
        /// In this state.
        pub state: Option<String>,
        /// To this inspection.
        pub inspection: Option<Id>,
        /// After this one.
        pub after: Option<Id>,
    }

    /// A page of a county's invitations, newest first.
    ///
    /// # Errors
    /// The database.
    pub fn list(db: &mut Conn, region: &str, wanted: &Wanted, limit: i64) -> Result<Vec<Invitation>> {
        let mut query = invitation::table
            .filter(invitation::region.eq(region.to_owned()))
            .order(invitation::id.desc())
            .limit(limit)
            .select(Invitation::as_select())
            .into_boxed();
        crate::narrow!(query;
            invitation::department_id eq wanted.department;
            invitation::state eq wanted.state.clone();
            invitation::inspection_id eq wanted.inspection;
            invitation::id lt wanted.after;
        );
        Ok(query.load(db)?)
    }
}

/// What a list of inspections asks for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those this department initiated, takes part in or is invited to.
    pub department: Option<Id>,
    /// Only those with this account among the witnesses.
    pub witness: Option<Id>,
    /// In this state.
    pub state: Option<String>,
    /// Whose window ends on this day or later.
    pub from: Option<NaiveDate>,
    /// Whose window begins on this day or before.
    pub to: Option<NaiveDate>,
    /// After this one.
    pub after: Option<Id>,
}

/// A page of a county's inspections, newest first.
///
/// # Errors
/// The database.
pub fn list(db: &mut Conn, region: &str, wanted: &Wanted, limit: i64) -> Result<Vec<Inspection>> {
    let mut query = inspection::table
        .filter(inspection::region.eq(region.to_owned()))
        .order(inspection::id.desc())
        .limit(limit)
        .select(Inspection::as_select())
        .into_boxed();
    if let Some(department) = wanted.department {
        let invited: Vec<Id> = invitation::table
            .filter(invitation::department_id.eq(department))
            .filter(invitation::state.ne("withdrawn"))
            .select(invitation::inspection_id)
            .load(db)?;
        query = query.filter(inspection::department_id.eq(department).or(inspection::id.eq_any(invited)));
    }
    if let Some(user) = wanted.witness {
        let seen: Vec<Id> = super::schema::draw_witness::table
            .inner_join(super::schema::draw::table)
            .filter(super::schema::draw_witness::user_id.eq(user))
            .select(super::schema::draw::inspection_id)
            .distinct()
            .load(db)?;
        query = query.filter(inspection::id.eq_any(seen));
    }
    crate::narrow!(query;
        inspection::state eq wanted.state.clone();
        inspection::window_to ge wanted.from;
        inspection::window_from le wanted.to;
        inspection::id lt wanted.after;
    );
    Ok(query.load(db)?)
}

/// The inspections with these identifiers, in no order.
///
/// # Errors
/// The database.
pub fn by_ids(db: &mut Conn, ids: &[Id]) -> Result<Vec<Inspection>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let part: Vec<Inspection> = inspection::table
            .filter(inspection::id.eq_any(chunk.to_vec()))
            .select(Inspection::as_select())
            .load(db)?;
        rows.extend(part);
    }
    Ok(rows)
}

/// A county's inspections in one of these states.
///
/// # Errors
/// The database.
pub fn in_states(db: &mut Conn, region: &str, states: &[&str]) -> Result<Vec<Inspection>> {
    let states: Vec<String> = states.iter().map(|s| (*s).to_owned()).collect();
    Ok(inspection::table
        .filter(inspection::region.eq(region.to_owned()))
        .filter(inspection::state.eq_any(states))
        .order(inspection::id)
        .select(Inspection::as_select())
        .load(db)?)
}

/// The departments that take part, initiator first.
///
/// # Errors
/// The database.
pub fn participants(db: &mut Conn, id: Id) -> Result<Vec<Participant>> {
    Ok(participant::table
        .filter(participant::inspection_id.eq(id))
        .order((participant::role, participant::department_id))
        .select(Participant::as_select())
        .load(db)?)
}

/// The items of all departments that take part.
///
/// # Errors
/// The database.
pub fn items(db: &mut Conn, id: Id) -> Result<Vec<InspectionItem>> {
    Ok(inspection_item::table
        .filter(inspection_item::inspection_id.eq(id))
        .order((inspection_item::department_id, inspection_item::item_id))
        .select(InspectionItem::as_select())
        .load(db)?)
}

/// The people departments have named; a department that names none offers all it has.
///
/// # Errors
/// The database.
pub fn people(db: &mut Conn, id: Id) -> Result<Vec<ParticipantPerson>> {
    Ok(participant_person::table
        .filter(participant_person::inspection_id.eq(id))
        .order((participant_person::department_id, participant_person::inspector_id))
        .select(ParticipantPerson::as_select())
        .load(db)?)
}

/// A department's part in an inspection.
#[derive(Debug, Clone)]
pub struct Part {
    /// The department.
    pub participant: Participant,
    /// Its items.
    pub items: Vec<Id>,
    /// Its people; empty: all.
    pub people: Vec<Id>,
}

/// Sets a department's part; what it had before is replaced.
///
/// # Errors
/// The database.
pub fn set_part(db: &mut Conn, part: &Part) -> Result<()> {
    let Participant { inspection_id, department_id, region, .. } = &part.participant;
    clear_part(db, *inspection_id, *department_id)?;
    diesel::insert_into(participant::table).values(&part.participant).execute(db)?;
    let items: Vec<InspectionItem> = part
        .items
        .iter()
        .map(|item| InspectionItem {
            inspection_id: *inspection_id,
            department_id: *department_id,
            item_id: *item,
            region: region.clone(),
        })
        .collect();
    for chunk in items.chunks(900) {
        crate::each_backend!(db, |c| diesel::insert_into(inspection_item::table).values(chunk).execute(c))?;
    }
    let people: Vec<ParticipantPerson> = part
        .people
        .iter()
        .map(|person| ParticipantPerson {
            inspection_id: *inspection_id,
            inspector_id: *person,
            department_id: *department_id,
            region: region.clone(),
        })
        .collect();
    for chunk in people.chunks(900) {
        crate::each_backend!(db, |c| diesel::insert_into(participant_person::table)
            .values(chunk)
            .execute(c))?;
    }
    Ok(())
}

/// Takes a department's part away.
///
/// # Errors
/// The database.
pub fn clear_part(db: &mut Conn, inspection: Id, department: Id) -> Result<()> {
    diesel::delete(
        participant_person::table
            .filter(participant_person::inspection_id.eq(inspection))
            .filter(participant_person::department_id.eq(department)),
    )
    .execute(db)?;
    diesel::delete(
        inspection_item::table
            .filter(inspection_item::inspection_id.eq(inspection))
            .filter(inspection_item::department_id.eq(department)),
    )
    .execute(db)?;
    diesel::delete(participant::table.find((inspection, department))).execute(db)?;
    Ok(())
}

/// Locks an inspection for the rest of the transaction, so that what is read of its parts stays true (PostgreSQL;
/// SQLite has one writer).
///
/// # Errors
/// The database.
pub fn lock(db: &mut Conn, id: Id) -> Result<()> {
    if let Conn::Pg(c) = db {
        inspection::table.find(id).select(inspection::id).for_update().first::<Id>(c).optional()?;
    }
    Ok(())
}
