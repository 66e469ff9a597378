//! The directory of inspectors and experts: certificates, leave, recusals.

use super::conn::Conn;
use super::schema::{certificate, inspector, leave, recusal, seat, visit};
use super::types::At;
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 执法检查人员.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = inspector, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Inspector {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Department.
    pub department_id: Id,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// 性别.
    pub sex: String,
    /// 单位类型.
    pub unit_type: String,
    /// 所属单位: section or station.
    pub unit: String,
    /// `officers` or `experts`.
    pub post: String,
    /// 执法证号.
    pub cert_no: String,
    /// 每日可用分钟.
    pub daily_minutes: i32,
    /// 可任主办.
    pub can_lead: bool,
    /// In the 后备库.
    pub reserve: bool,
    /// Accompanies and never counts as an inspector.
    pub expert: bool,
    /// 本年已派工分钟 from before this system.
    pub load0: i32,
    /// 邮箱.
    pub email: String,
    /// State, as the domain names it.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(inspector, Inspector, "执法检查人员", versioned);

/// A row of 证件.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = certificate, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Certificate {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// 资格代码.
    pub qual: String,
    /// 资格名称.
    pub qual_name: String,
    /// 证书编号.
    pub no: String,
    /// 生效日期, included.
    pub valid_from: Option<NaiveDate>,
    /// 失效日期, included; 9999-12-31 = for ever.
    pub valid_to: Option<NaiveDate>,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 证件.
pub mod certificates {
    use super::{Certificate, certificate};
    crate::aggregate!(certificate, Certificate, "证件");
}

/// A row of 请假.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = leave, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Leave {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// First day.
    pub from_day: NaiveDate,
    /// Last day, included.
    pub to_day: NaiveDate,
    /// Kind.
    pub kind: String,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 请假.
pub mod leaves {
    use super::{Leave, leave};
    crate::aggregate!(leave, Leave, "请假");
}

/// A row of 回避.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = recusal, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Recusal {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Inspector.
    pub inspector_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// Why.
    pub reason: String,
    /// `domain::registry::recusal::Source`.
    pub source: String,
    /// State, as the domain names it.
    pub state: String,
    /// The account that decided.
    pub decided_by: Option<Id>,
    /// What the decision said.
    pub decision_note: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

/// Reading and writing rows of 回避.
pub mod recusals {
    use super::{Recusal, recusal};
    crate::aggregate!(recusal, Recusal, "回避", versioned);
}

/// Which people a list shows; absent asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this department.
    pub department: Option<Id>,
    /// Experts, or officers.
    pub expert: Option<bool>,
    /// In the 后备库.
    pub reserve: Option<bool>,
    /// `active` or `disabled`.
    pub state: Option<String>,
    /// Folded text that must occur in name or code.
    pub search: Option<String>,
    /// Only this one.
    pub only: Option<Id>,
}

/// A page of the people of a county, by identifier.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    county: &str,
    filter: &Filter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Inspector>> {
    let mut query = inspector::table
        .filter(inspector::region.eq(county.to_owned()))
        .order(inspector::id)
        .limit(limit)
        .select(Inspector::as_select())
        .into_boxed();
    crate::narrow!(query;
        inspector::department_id eq filter.department;
        inspector::expert eq filter.expert;
        inspector::reserve eq filter.reserve;
        inspector::state eq filter.state.clone();
        inspector::search holds filter.search.as_deref();
        inspector::id eq filter.only;
        inspector::id gt after;
    );
    Ok(query.load(db)?)
}

/// All people of a county, by code.
///
/// # Errors
/// The database.
pub fn all(db: &mut Conn, county: &str) -> Result<Vec<Inspector>> {
    Ok(inspector::table
        .filter(inspector::region.eq(county.to_owned()))
        .order(inspector::code)
        .select(Inspector::as_select())
        .load(db)?)
}

/// The certificates of a person, or of everybody in the county.
///
/// # Errors
/// The database.
pub fn certificates_of(db: &mut Conn, county: &str, person: Option<Id>) -> Result<Vec<Certificate>> {
    let mut query = certificate::table
        .filter(certificate::region.eq(county.to_owned()))
        .order(certificate::id)
        .select(Certificate::as_select())
        .into_boxed();
    crate::narrow!(query; certificate::inspector_id eq person);
    Ok(query.load(db)?)
}

/// Writes a certificate's name and dates anew.
///
/// # Errors
/// The database.
pub fn renew(db: &mut Conn, row: &Certificate) -> Result<()> {
    diesel::update(certificate::table.find(row.id)).set(row).execute(db)?;
    Ok(())
}

/// The leave of a person, or of everybody in the county.
///
/// # Errors
/// The database.
pub fn leave_of(db: &mut Conn, county: &str, person: Option<Id>) -> Result<Vec<Leave>> {
    let mut query = leave::table
        .filter(leave::region.eq(county.to_owned()))
        .order(leave::id)
        .select(Leave::as_select())
        .into_boxed();
    crate::narrow!(query; leave::inspector_id eq person);
    Ok(query.load(db)?)
}

/// Which recusals a list shows; absent asks nothing.
#[derive(Debug, Clone, Default)]
pub struct RecusalFilter {
    /// Of people of this department.
    pub department: Option<Id>,
    /// Of this person.
    pub inspector: Option<Id>,
    /// From this subject.
    pub subject: Option<Id>,
    /// In this state.
    pub state: Option<String>,
}

/// A page of recusals, by identifier.
///
/// # Errors
/// The database.
pub fn recusals_of(
    db: &mut Conn,
    county: &str,
    filter: &RecusalFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Recusal>> {
    let mut query = recusal::table
        .filter(recusal::region.eq(county.to_owned()))
        .order(recusal::id)
        .limit(limit)
        .select(Recusal::as_select())
        .into_boxed();
    if let Some(department) = filter.department {
        let own = inspector::table.filter(inspector::department_id.eq(department)).select(inspector::id);
        query = query.filter(recusal::inspector_id.eq_any(own));
    }
    crate::narrow!(query;
        recusal::inspector_id eq filter.inspector;
        recusal::subject_id eq filter.subject;
        recusal::state eq filter.state.clone();
        recusal::id gt after;
    );
    Ok(query.load(db)?)
}

/// The visits a person has a seat in between two days, with their minutes; seats given up do not count.
///
/// # Errors
/// The database.
pub fn seats_between(db: &mut Conn, person: Id, from: NaiveDate, to: NaiveDate) -> Result<Vec<(Id, i32)>> {
    Ok(seat::table
        .inner_join(visit::table.on(visit::id.eq(seat::visit_id)))
        .filter(seat::inspector_id.eq(person))
        .filter(seat::state.ne_all(["vacated", "vacant", "replaced", "cancelled"]))
        .filter(visit::on_day.ge(from))
        .filter(visit::on_day.le(to))
        .select((visit::id, visit::minutes))
        .load(db)?)
}
