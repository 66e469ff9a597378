//! The directory of subjects with their sites, supervising departments and tags.

use super::conn::Conn;
use super::schema::{subject, subject_department, subject_site, subject_tag};
use super::types::{At, Doc};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A row of 检查对象.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = subject, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Subject {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Identity: the credit code, else the registration number; unique in the county.
    pub key: String,
    /// 统一社会信用代码; may be empty.
    pub uscc: String,
    /// 注册号; may be empty.
    pub registration_no: String,
    /// Name.
    pub name: String,
    /// Folded text for searching.
    pub search: String,
    /// Kind.
    pub kind: String,
    /// 区划代码.
    pub division: String,
    /// 乡镇街道.
    pub town: String,
    /// 地址.
    pub address: String,
    /// 行业代码 (GB/T 4754), upper case.
    pub industry: String,
    /// 行业名称.
    pub industry_name: String,
    /// 信用风险分类; empty = not classified.
    pub credit: String,
    /// 成立日期.
    pub founded: Option<NaiveDate>,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
    /// 联系人.
    pub contact: String,
    /// 联系电话.
    pub phone: String,
    /// 标签, sorted; the rows of `subject_tag` say the same.
    pub tags: Doc<Vec<String>>,
    /// On the 经营异常名录.
    pub abnormal: bool,
    /// On the 严重违法失信名单.
    pub serious: bool,
    /// State, as the domain names it.
    pub state: String,
    /// Version, raised by every change.
    pub version: i64,
    /// Created.
    pub created_at: At,
    /// Changed.
    pub updated_at: At,
}

crate::aggregate!(subject, Subject, "检查对象", versioned);

/// A row of 检查地点.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = subject_site, primary_key(id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Site {
    /// Identifier.
    pub id: Id,
    /// County.
    pub region: String,
    /// Subject.
    pub subject_id: Id,
    /// Name.
    pub name: String,
    /// 地址.
    pub address: String,
    /// 乡镇街道.
    pub town: String,
    /// 区划代码.
    pub division: String,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
    /// Created.
    pub created_at: At,
}

/// Reading and writing rows of 检查地点.
pub mod subject_sites {
    use super::{Site, subject_site};
    crate::aggregate!(subject_site, Site, "检查地点");
}

/// A row of 监管关系.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subject_department, primary_key(subject_id, department_id), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Supervision {
    /// Subject.
    pub subject_id: Id,
    /// Department.
    pub department_id: Id,
    /// County.
    pub region: String,
}

/// A row of 标签.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subject_tag, primary_key(subject_id, tag), check_for_backend(super::conn::MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Tag {
    /// Subject.
    pub subject_id: Id,
    /// 标签.
    pub tag: String,
    /// County.
    pub region: String,
}

/// Adds supervising departments; those already there stay.
///
/// # Errors
/// The database; a department or subject that does not exist.
pub fn supervise(db: &mut Conn, rows: &[Supervision]) -> Result<()> {
    for chunk in rows.chunks(5_000) {
        crate::each_backend!(db, |c| diesel::insert_into(subject_department::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Adds tags; those already there stay.
///
/// # Errors
/// The database; a subject that does not exist.
pub fn tag(db: &mut Conn, rows: &[Tag]) -> Result<()> {
    for chunk in rows.chunks(5_000) {
        crate::each_backend!(db, |c| diesel::insert_into(subject_tag::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Which subjects a list shows; absent asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// 主体类型.
    pub kind: Option<String>,
    /// Beginning of the 行业代码.
    pub industry: Option<String>,
    /// 乡镇街道.
    pub town: Option<String>,
    /// 标签.
    pub tag: Option<String>,
    /// 信用风险分类.
    pub credit: Option<String>,
    /// `active`, `closed` or `moved`.
    pub state: Option<String>,
    /// Supervised by this department.
    pub department: Option<Id>,
    /// On the 经营异常名录.
    pub abnormal: Option<bool>,
    /// On the 严重违法失信名单.
    pub serious: Option<bool>,
    /// Folded text that must occur in name, key or number.
    pub search: Option<String>,
}

/// A page of the subjects of a county, by identifier.
///
/// # Errors
/// The database.
pub fn list(
    db: &mut Conn,
    county: &str,
    filter: &Filter,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Subject>> {
    let mut query = subject::table
        .filter(subject::region.eq(county.to_owned()))
        .order(subject::id)
        .limit(limit)
        .select(Subject::as_select())
        .into_boxed();
    if let Some(prefix) = &filter.industry {
        // The range of texts that begin so: codes are ASCII, so nothing that begins so sorts above it.
        query = query.filter(subject::industry.ge(prefix.clone()));
        query = query.filter(subject::industry.lt(format!("{prefix}\u{7f}")));
    }
    if let Some(tag) = &filter.tag {
        let tagged = subject_tag::table
            .filter(subject_tag::region.eq(county.to_owned()))
            .filter(subject_tag::tag.eq(tag.clone()))
            .select(subject_tag::subject_id);
        query = query.filter(subject::id.eq_any(tagged));
    }
    if let Some(department) = filter.department {
        let supervised = subject_department::table
            .filter(subject_department::department_id.eq(department))
            .select(subject_department::subject_id);
        query = query.filter(subject::id.eq_any(supervised));
    }
    crate::narrow!(query;
        subject::kind eq filter.kind.clone();
        subject::town eq filter.town.clone();
        subject::credit eq filter.credit.clone();
        subject::state eq filter.state.clone();
        subject::abnormal eq filter.abnormal;
        subject::serious eq filter.serious;
        subject::search holds filter.search.as_deref();
        subject::id gt after;
    );
    Ok(query.load(db)?)
}

/// All subjects of a county, by key.
///
/// # Errors
/// The database.
pub fn all(db: &mut Conn, county: &str) -> Result<Vec<Subject>> {
    Ok(subject::table
        .filter(subject::region.eq(county.to_owned()))
        .order(subject::key)
        .select(Subject::as_select())
        .load(db)?)
}

/// The subject of a county with this key.
///
/// # Errors
/// The database.
pub fn by_key(db: &mut Conn, county: &str, key: &str) -> Result<Option<Subject>> {
    Ok(subject::table
        .filter(subject::region.eq(county.to_owned()))
        .filter(subject::key.eq(key.to_owned()))
        .select(Subject::as_select())
        .get_result(db)
        .optional()?)
}

/// Who supervises what in a county.
///
/// # Errors
/// The database.
pub fn supervisions(db: &mut Conn, county: &str) -> Result<Vec<Supervision>> {
    Ok(subject_department::table
        .filter(subject_department::region.eq(county.to_owned()))
        .select(Supervision::as_select())
        .load(db)?)
}

/// The subject with this identifier and the departments that supervise it: what is asked for most, so one query.
///
/// # Errors
/// The database.
pub fn supervised(db: &mut Conn, id: Id) -> Result<Option<(Subject, Vec<Id>)>> {
    let rows: Vec<(Subject, Option<Id>)> = subject::table
        .left_join(subject_department::table)
        .filter(subject::id.eq(id))
        .order(subject_department::department_id)
        .select((Subject::as_select(), subject_department::department_id.nullable()))
        .load(db)?;
    let departments = rows.iter().filter_map(|(_, department)| *department).collect();
    Ok(rows.into_iter().next().map(|(row, _)| (row, departments)))
}

/// Gives a subject exactly these supervising departments.
///
/// # Errors
/// The database; a department that does not exist.
pub fn set_supervisors(db: &mut Conn, county: &str, id: Id, departments: &[Id]) -> Result<()> {
    diesel::delete(subject_department::table.filter(subject_department::subject_id.eq(id))).execute(db)?;
    let row = |d: &Id| Supervision { subject_id: id, department_id: *d, region: county.to_owned() };
    supervise(db, &departments.iter().map(row).collect::<Vec<_>>())
}

/// Gives a subject exactly these tags.
///
/// # Errors
/// The database.
pub fn set_tags(db: &mut Conn, county: &str, id: Id, tags: &[String]) -> Result<()> {
    diesel::delete(subject_tag::table.filter(subject_tag::subject_id.eq(id))).execute(db)?;
    let row = |t: &String| Tag { subject_id: id, tag: t.clone(), region: county.to_owned() };
    tag(db, &tags.iter().map(row).collect::<Vec<_>>())
}

/// The further places of a subject.
///
/// # Errors
/// The database.
pub fn sites(db: &mut Conn, id: Id) -> Result<Vec<Site>> {
    Ok(subject_site::table
        .filter(subject_site::subject_id.eq(id))
        .order(subject_site::id)
        .select(Site::as_select())
        .load(db)?)
}
