//! What joint inspections read of the registries: subjects with what filters look at, who supervises them, items,
//! people, caps, and who gets mail.

use super::accounts::Account;
use super::caps::CapEntry;
use super::conn::Conn;
use super::inspectors::{Certificate, Inspector, Leave, Recusal};
use super::items::Item;
use super::plans::PlanEntry;
use super::schema::{
    cap_entry, certificate, inspector, item, leave, plan_entry, recusal, region, subject, subject_department,
    task, user_account, user_role,
};
use super::types::{At, Doc};
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::HashMap;

/// Most identifiers in one condition: SQLite binds each of them.
const IDS: usize = 10_000;

/// A subject with what scopes and pools look at.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = subject, check_for_backend(super::conn::MultiBackend))]
pub struct Fact {
    /// Identifier.
    pub id: Id,
    /// Credit code, or the registration number of those without.
    pub key: String,
    /// Credit code; may be empty.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// 主体类型.
    pub kind: String,
    /// 乡镇街道.
    pub town: String,
    /// 行业代码.
    pub industry: String,
    /// 行业名称.
    pub industry_name: String,
    /// 信用风险分类; empty = not classified.
    pub credit: String,
    /// 标签.
    pub tags: Doc<Vec<String>>,
    /// On the 经营异常名录.
    pub abnormal: bool,
    /// On the 严重违法失信名单.
    pub serious: bool,
    /// When it was entered or changed last.
    pub updated_at: At,
}

/// What is said of a subject besides, which no filter looks at.
#[derive(Debug, Clone, Default, Queryable, Selectable)]
#[diesel(table_name = subject, check_for_backend(super::conn::MultiBackend))]
pub struct Particulars {
    /// 区划代码.
    pub division: String,
    /// 地址.
    pub address: String,
    /// State, as the directory names it.
    pub state: String,
}

/// The particulars of the subjects of a county that can be inspected.
///
/// # Errors
/// The database.
pub fn particulars(db: &mut Conn, county: &str) -> Result<HashMap<Id, Particulars>> {
    let rows: Vec<(Id, Particulars)> = subject::table
        .filter(subject::region.eq(county.to_owned()))
        .filter(subject::state.eq("active"))
        .select((subject::id, Particulars::as_select()))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The subjects of a county that can be inspected, in the order of their keys.
///
/// # Errors
/// The database.
pub fn subjects(db: &mut Conn, county: &str) -> Result<Vec<Fact>> {
    Ok(subject::table
        .filter(subject::region.eq(county.to_owned()))
        .filter(subject::state.eq("active"))
        .order(subject::key)
        .select(Fact::as_select())
        .load(db)?)
}

/// The particulars of subjects by identifier, whatever their state.
///
/// # Errors
/// The database.
pub fn particulars_of(db: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Particulars>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        let rows: Vec<(Id, Particulars)> = subject::table
            .filter(subject::id.eq_any(chunk.to_vec()))
            .select((subject::id, Particulars::as_select()))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Subjects by identifier, whatever their state.
///
/// # Errors
/// The database.
pub fn facts(db: &mut Conn, ids: &[Id]) -> Result<Vec<Fact>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(IDS) {
        found.extend(
            subject::table.filter(subject::id.eq_any(chunk.to_vec())).select(Fact::as_select()).load(db)?,
        );
    }
    Ok(found)
}

/// How many subjects a county has, the sum of their versions and the last change, as texts: another after every change.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Stamp {
    #[diesel(sql_type = BigInt)]
    subjects: i64,
    #[diesel(sql_type = BigInt)]
    versions: i64,
    #[diesel(sql_type = Text)]
    last: String,
}

/// The stamp of a county's directory.
///
/// # Errors
/// The database.
pub fn stamp(db: &mut Conn, county: &str) -> Result<Stamp> {
    let sql = "SELECT COUNT(*) AS subjects, CAST(COALESCE(SUM(s.version), 0) AS BIGINT) AS versions, \
               COALESCE(CAST(MAX(s.updated_at) AS TEXT), '') AS last FROM subject s WHERE s.region = $1";
    let rows: Vec<Stamp> = super::figures::ask!(db, Stamp, sql, county);
    rows.into_iter().next().ok_or_else(|| Error::internal("no row of a count"))
}

/// Which department supervises which subject: (subject, department).
///
/// # Errors
/// The database.
pub fn supervisors(db: &mut Conn, county: &str) -> Result<Vec<(Id, Id)>> {
    Ok(subject_department::table
        .filter(subject_department::region.eq(county.to_owned()))
        .select((subject_department::subject_id, subject_department::department_id))
        .load(db)?)
}

/// The cap ledger of a county and year.
///
/// # Errors
/// The database.
pub fn caps(db: &mut Conn, county: &str, year: i32) -> Result<Vec<CapEntry>> {
    Ok(cap_entry::table
        .filter(cap_entry::region.eq(county.to_owned()))
        .filter(cap_entry::year.eq(year))
        .select(CapEntry::as_select())
        .load(db)?)
}

/// Items by identifier.
///
/// # Errors
/// The database.
pub fn items(db: &mut Conn, ids: &[Id]) -> Result<Vec<Item>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(IDS) {
        found.extend(
            item::table
                .filter(item::id.eq_any(chunk.to_vec()))
                .order(item::code)
                .select(Item::as_select())
                .load(db)?,
        );
    }
    Ok(found)
}

/// The directory of these departments, experts included, by code.
///
/// # Errors
/// The database.
pub fn inspectors(db: &mut Conn, departments: &[Id]) -> Result<Vec<Inspector>> {
    Ok(inspector::table
        .filter(inspector::department_id.eq_any(departments.to_vec()))
        .order(inspector::code)
        .select(Inspector::as_select())
        .load(db)?)
}

/// Certificates of people.
///
/// # Errors
/// The database.
pub fn certificates(db: &mut Conn, people: &[Id]) -> Result<Vec<Certificate>> {
    let mut found = Vec::new();
    for chunk in people.chunks(IDS) {
        found.extend(
            certificate::table
                .filter(certificate::inspector_id.eq_any(chunk.to_vec()))
                .select(Certificate::as_select())
                .load(db)?,
        );
    }
    Ok(found)
}

/// Leave of people.
///
/// # Errors
/// The database.
pub fn leaves(db: &mut Conn, people: &[Id]) -> Result<Vec<Leave>> {
    let mut found = Vec::new();
    for chunk in people.chunks(IDS) {
        found.extend(
            leave::table
                .filter(leave::inspector_id.eq_any(chunk.to_vec()))
                .select(Leave::as_select())
                .load(db)?,
        );
    }
    Ok(found)
}

/// Approved recusals of people.
///
/// # Errors
/// The database.
pub fn recusals(db: &mut Conn, people: &[Id]) -> Result<Vec<Recusal>> {
    let mut found = Vec::new();
    for chunk in people.chunks(IDS) {
        found.extend(
            recusal::table
                .filter(recusal::inspector_id.eq_any(chunk.to_vec()))
                .filter(recusal::state.eq("approved"))
                .select(Recusal::as_select())
                .load(db)?,
        );
    }
    Ok(found)
}

/// Plan entries of a county and year in one of these states that are part of no joint inspection yet.
///
/// # Errors
/// The database.
pub fn plans(db: &mut Conn, county: &str, year: i32, states: &[&str]) -> Result<Vec<PlanEntry>> {
    let states: Vec<String> = states.iter().map(|s| (*s).to_owned()).collect();
    Ok(plan_entry::table
        .filter(plan_entry::region.eq(county.to_owned()))
        .filter(plan_entry::year.eq(year))
        .filter(plan_entry::state.eq_any(states))
        .filter(plan_entry::inspection_id.is_null())
        .order((plan_entry::department_id, plan_entry::code))
        .select(PlanEntry::as_select())
        .load(db)?)
}

/// Marks a plan entry as part of a joint inspection; `false` when it changed since it was read, or is part of one.
///
/// # Errors
/// The database.
pub fn join_plan(db: &mut Conn, id: Id, seen: i64, inspection: Id, now: DateTime<Utc>) -> Result<bool> {
    let n = diesel::update(plan_entry::table.find(id))
        .filter(plan_entry::version.eq(seen))
        .filter(plan_entry::inspection_id.is_null())
        .set((
            plan_entry::inspection_id.eq(Some(inspection)),
            plan_entry::version.eq(seen + 1),
            plan_entry::updated_at.eq(At(now)),
        ))
        .execute(db)?;
    Ok(n == 1)
}

/// Frees the plan entries of a joint inspection that came to nothing.
///
/// # Errors
/// The database.
pub fn free_plans(db: &mut Conn, inspection: Id, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(plan_entry::table.filter(plan_entry::inspection_id.eq(inspection)))
        .set((
            plan_entry::inspection_id.eq(None::<Id>),
            plan_entry::version.eq(plan_entry::version + 1),
            plan_entry::updated_at.eq(At(now)),
        ))
        .execute(db)?)
}

/// Cancels the tasks of an inspection that are not planned yet; of one subject only, if given.
///
/// # Errors
/// The database.
pub fn cancel_tasks(db: &mut Conn, inspection: Id, of: Option<Id>, now: DateTime<Utc>) -> Result<usize> {
    let changes =
        (task::state.eq("cancelled"), task::version.eq(task::version + 1), task::updated_at.eq(At(now)));
    let ready = task::table.filter(task::inspection_id.eq(inspection)).filter(task::state.eq("ready"));
    Ok(match of {
        Some(subject) => {
            diesel::update(ready.filter(task::subject_id.eq(subject))).set(changes).execute(db)?
        }
        None => diesel::update(ready).set(changes).execute(db)?,
    })
}

/// The active accounts of a department with one of these roles.
///
/// # Errors
/// The database.
pub fn holders(db: &mut Conn, department: Id, roles: &[&str]) -> Result<Vec<Account>> {
    let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
    Ok(user_account::table
        .filter(user_account::department_id.eq(department))
        .filter(user_account::state.eq("active"))
        .filter(
            user_account::id
                .eq_any(user_role::table.filter(user_role::role.eq_any(roles)).select(user_role::user_id)),
        )
        .order(user_account::id)
        .select(Account::as_select())
        .load(db)?)
}

/// The active accounts of a county with a role.
///
/// # Errors
/// The database.
pub fn with_role(db: &mut Conn, county: &str, role: &str) -> Result<Vec<Account>> {
    Ok(user_account::table
        .filter(user_account::region.eq(county.to_owned()))
        .filter(user_account::state.eq("active"))
        .filter(
            user_account::id.eq_any(
                user_role::table.filter(user_role::role.eq(role.to_owned())).select(user_role::user_id),
            ),
        )
        .order(user_account::id)
        .select(Account::as_select())
        .load(db)?)
}

/// Name and token of a county.
///
/// # Errors
/// The database.
pub fn county(db: &mut Conn, code: &str) -> Result<Option<(String, String)>> {
    Ok(region::table.find(code.to_owned()).select((region::name, region::token)).get_result(db).optional()?)
}
