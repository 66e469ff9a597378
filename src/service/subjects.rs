//! The directory of subjects: who may be inspected, by credit code or registration number.

use super::cx::{Cx, Event};
use super::departments::taken;
use super::memory::{self, Words};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::alias::fold;
use crate::domain::uscc;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments;
use crate::store::subjects::{self, Filter, Site, Subject, subject_sites};
use crate::store::types::{At, Doc};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;

/// Where a subject stands.
pub const STATES: [&str; 3] = ["active", "closed", "moved"];
/// Tags of one subject at most.
const TAGS_MAX: usize = 50;

/// What is told of a subject; in a change, absent stays.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// 注册号.
    pub registration_no: Option<String>,
    /// 市场主体名称.
    pub name: Option<String>,
    /// 主体类型.
    pub kind: Option<String>,
    /// 区划代码.
    pub division: Option<String>,
    /// 乡镇街道.
    pub town: Option<String>,
    /// 地址.
    pub address: Option<String>,
    /// 行业代码.
    pub industry: Option<String>,
    /// 行业名称.
    pub industry_name: Option<String>,
    /// 信用风险分类.
    pub credit: Option<String>,
    /// 成立日期.
    pub founded: Option<Option<NaiveDate>>,
    /// 经度 and 纬度, degrees.
    pub place: Option<Option<(f64, f64)>>,
    /// 联系人.
    pub contact: Option<String>,
    /// 联系电话.
    pub phone: Option<String>,
    /// 标签.
    pub tags: Option<Vec<String>>,
    /// 监管部门.
    pub departments: Option<Vec<Id>>,
    /// On the 经营异常名录.
    pub abnormal: Option<bool>,
    /// On the 严重违法失信名单.
    pub serious: Option<bool>,
    /// `active`, `closed` or `moved`.
    pub state: Option<String>,
}

/// A subject with those who supervise it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The row.
    pub row: Subject,
    /// Supervising departments.
    pub departments: Vec<Id>,
}

/// What occurs in the directory: what the scope of an inspection can be chosen from.
///
/// # Errors
/// Not allowed.
pub fn words(cx: &mut Cx<'_>) -> Result<Words> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewSubject, &Scope::county(&region))?;
    Ok(memory::directory(cx)?.words().clone())
}

/// What a subject is found by.
#[must_use]
pub fn search_text(row: &Subject) -> String {
    fold(&format!("{} {} {}", row.name, row.key, row.registration_no))
}

/// A row that says nothing yet.
///
/// # Errors
/// No randomness.
pub fn blank(cx: &Cx<'_>) -> Result<Subject> {
    Ok(Subject {
        id: cx.id()?,
        region: cx.region().to_owned(),
        key: String::new(),
        uscc: String::new(),
        registration_no: String::new(),
        name: String::new(),
        search: String::new(),
        kind: String::new(),
        division: String::new(),
        town: String::new(),
        address: String::new(),
        industry: String::new(),
        industry_name: String::new(),
        credit: String::new(),
        founded: None,
        lon: None,
        lat: None,
        contact: String::new(),
        phone: String::new(),
        tags: Doc(Vec::new()),
        abnormal: false,
        serious: false,
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Writes what is told into a row, noting every fault.
fn write(text: &Text, row: &mut Subject, faults: &mut Faults) {
    let mut set = |to: &mut String, from: &Option<String>, pointer: &str, required: bool, most: usize| {
        if let Some(from) = from {
            *to = faults.text(pointer, from, required, most);
        }
    };
    set(&mut row.uscc, &text.uscc, "/uscc", false, 18);
    set(&mut row.registration_no, &text.registration_no, "/registration_no", false, 40);
    set(&mut row.name, &text.name, "/name", true, 200);
    set(&mut row.kind, &text.kind, "/kind", false, 60);
    set(&mut row.division, &text.division, "/division", false, 12);
    set(&mut row.town, &text.town, "/town", false, 60);
    set(&mut row.address, &text.address, "/address", false, 300);
    set(&mut row.industry, &text.industry, "/industry", false, 10);
    set(&mut row.industry_name, &text.industry_name, "/industry_name", false, 100);
    set(&mut row.credit, &text.credit, "/credit", false, 20);
    set(&mut row.contact, &text.contact, "/contact", false, 60);
    set(&mut row.phone, &text.phone, "/phone", false, 40);
    set(&mut row.state, &text.state, "/state", true, 20);
    row.uscc = row.uscc.to_uppercase();
    row.industry = row.industry.to_uppercase();
    if let Some(founded) = text.founded {
        row.founded = founded;
    }
    if let Some(place) = text.place {
        (row.lon, row.lat) = place.unzip();
    }
    row.abnormal = text.abnormal.unwrap_or(row.abnormal);
    row.serious = text.serious.unwrap_or(row.serious);
    if let Some(tags) = &text.tags {
        if tags.len() > TAGS_MAX {
            faults.add("/tags", "too_many", format!("标签最多{TAGS_MAX}个"));
        }
        let clean: BTreeSet<String> = tags
            .iter()
            .take(TAGS_MAX)
            .enumerate()
            .map(|(i, tag)| faults.text(&format!("/tags/{i}"), tag, true, 40))
            .collect();
        row.tags = Doc(clean.into_iter().collect());
    }
    identity(row, faults);
    if row.lon.is_some_and(|d| !(-180.0..=180.0).contains(&d))
        || row.lat.is_some_and(|d| !(-90.0..=90.0).contains(&d))
    {
        faults.add("/place", "out_of_range", "经度须在 ±180 之间,纬度须在 ±90 之间");
    }
    if !row.division.bytes().all(|b| b.is_ascii_digit()) {
        faults.add("/division", "not_digits", "区划代码只能是数字");
    }
    if !row.industry.bytes().all(|b| b.is_ascii_alphanumeric()) {
        faults.add("/industry", "invalid", "行业代码只能是字母和数字(GB/T 4754)");
    }
    if !STATES.contains(&row.state.as_str()) {
        faults.add("/state", "unknown_value", "只能是:active、closed、moved");
    }
    row.search = search_text(row);
}

/// The identity: the credit code, else the registration number.
fn identity(row: &mut Subject, faults: &mut Faults) {
    if !row.uscc.is_empty()
        && let Err(fault) = uscc::check(&row.uscc)
    {
        faults.add("/uscc", "bad_uscc", format!("{fault};请对照营业执照逐位核对"));
    }
    if !row.registration_no.bytes().all(|b| b.is_ascii_graphic()) {
        faults.add("/registration_no", "bad_registration", "注册号只能由数字、英文字母和常用符号组成");
    }
    if row.uscc.is_empty() && row.registration_no.is_empty() {
        faults.add("/uscc", "no_identity", "统一社会信用代码和注册号至少填一项");
    }
    row.key = if row.uscc.is_empty() { row.registration_no.clone() } else { row.uscc.clone() };
}

fn departments_known(cx: &mut Cx<'_>, list: &[Id], faults: &mut Faults) -> Result<Vec<Id>> {
    let known = departments::all(cx.db, &cx.actor.region)?;
    let list: BTreeSet<Id> = list.iter().copied().collect();
    for id in &list {
        if !known.iter().any(|d| d.id == *id && d.kind == "inspecting") {
            faults.add("/department_ids", "unknown", format!("没有这个执法部门:{id}"));
        }
    }
    Ok(list.into_iter().collect())
}

/// Whether two rows say the same of who a subject is and where: everything but the tags and the two lists, with which any
/// department may mark it.
#[must_use]
pub fn same_basics(a: &Subject, b: &Subject) -> bool {
    let mut b = b.clone();
    b.tags.clone_from(&a.tags);
    (b.abnormal, b.serious) = (a.abnormal, a.serious);
    (b.version, b.updated_at) = (a.version, a.updated_at);
    *a == b
}

/// Whether whoever asks keeps the entry of a subject with these supervisors: the coordination office, a department that
/// supervises it, any department where none does yet (domain notes 3: a department sees the basics of all, and edits its
/// own).
#[must_use]
pub fn keeps<'a>(cx: &Cx<'_>, supervisors: impl IntoIterator<Item = &'a Id>) -> bool {
    let mut supervisors = supervisors.into_iter().peekable();
    cx.actor.system
        || cx.actor.roles.has(Role::Coordinator)
        || supervisors.peek().is_none()
        || supervisors.any(|d| Some(*d) == cx.actor.department)
}

/// Whether two lists of supervisors are the same but for the department of whoever asks: it may join and leave.
#[must_use]
pub fn same_others<'a>(
    cx: &Cx<'_>,
    old: impl IntoIterator<Item = &'a Id>,
    new: impl IntoIterator<Item = &'a Id>,
) -> bool {
    let others = |list: &mut dyn Iterator<Item = &'a Id>| -> BTreeSet<Id> {
        list.copied().filter(|d| Some(*d) != cx.actor.department).collect()
    };
    others(&mut old.into_iter()) == others(&mut new.into_iter())
}

/// What is said to those who do not keep an entry.
pub const KEPT_BY_OTHERS: &str =
    "该检查对象由其他部门监管,本部门不能修改其基本信息和监管部门;确需修改的,请监管部门或协调办办理";

/// Refuses those who do not keep the entry of a subject.
fn keeper(cx: &Cx<'_>, known: &Known) -> Result<()> {
    cx.may(Action::EditSubject, &Scope::county(&known.row.region))?;
    if keeps(cx, &known.departments) { Ok(()) } else { Err(Error::Denied(KEPT_BY_OTHERS.to_owned())) }
}

/// Registers a subject.
///
/// # Errors
/// Not allowed; every fault of the fields; the identity is known already.
pub fn create(cx: &mut Cx<'_>, text: &Text) -> Result<Known> {
    let region = cx.region().to_owned();
    cx.may(Action::EditSubject, &Scope::county(&region))?;
    let mut row = blank(cx)?;
    let mut faults = Faults::default();
    let text = &Text { name: Some(text.name.clone().unwrap_or_default()), ..text.clone() };
    write(text, &mut row, &mut faults);
    let departments = departments_known(cx, text.departments.as_deref().unwrap_or_default(), &mut faults)?;
    faults.done()?;
    let at = if row.uscc.is_empty() { "/registration_no" } else { "/uscc" };
    subjects::insert(cx.db, &row).map_err(|e| taken(e, at, "名录中已有这个检查对象"))?;
    subjects::set_tags(cx.db, &region, row.id, &row.tags.0)?;
    subjects::set_supervisors(cx.db, &region, row.id, &departments)?;
    cx.journal(
        Event::new("subject_registered", "subject", row.id, json!({ "departments": departments.len() }))
            .private(json!({ "key": row.key, "name": row.name, "contact": row.contact, "phone": row.phone })),
    )?;
    Ok(Known { row, departments })
}

/// Changes a subject: any department its marks, those who supervise it the rest.
///
/// # Errors
/// Not allowed; every fault of the fields; changed by somebody else.
pub fn change(cx: &mut Cx<'_>, id: Id, text: &Text) -> Result<Known> {
    let Known { mut row, departments: supervisors } = get(cx, id)?;
    let before = row.clone();
    let region = row.region.clone();
    cx.may(Action::EditSubject, &Scope::county(&region))?;
    cx.fresh(row.version)?;
    let (seen, old_tags) = (row.version, row.tags.clone());
    let mut faults = Faults::default();
    write(text, &mut row, &mut faults);
    let departments = match &text.departments {
        Some(list) => departments_known(cx, list, &mut faults)?,
        None => supervisors.clone(),
    };
    let only_marks = same_basics(&before, &row) && same_others(cx, &supervisors, &departments);
    if !only_marks && !keeps(cx, &supervisors) {
        return Err(Error::Denied(KEPT_BY_OTHERS.to_owned()));
    }
    faults.done()?;
    row.version += 1;
    row.updated_at = At(cx.now);
    let at = if row.uscc.is_empty() { "/registration_no" } else { "/uscc" };
    subjects::update(cx.db, &row, seen).map_err(|e| taken(e, at, "名录中已有这个检查对象"))?;
    if row.tags != old_tags {
        subjects::set_tags(cx.db, &region, id, &row.tags.0)?;
    }
    if text.departments.is_some() {
        subjects::set_supervisors(cx.db, &region, id, &departments)?;
    }
    cx.journal(
        Event::new("subject_changed", "subject", id, json!({ "state": row.state, "version": row.version }))
            .private(json!({ "key": row.key, "name": row.name, "contact": row.contact, "phone": row.phone })),
    )?;
    Ok(Known { row, departments })
}

/// One subject.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Known> {
    let (row, departments) = subjects::supervised(cx.db, id)?.ok_or(Error::NotFound("检查对象"))?;
    cx.may(Action::ViewSubject, &Scope::county(&row.region))?;
    Ok(Known { row, departments })
}

/// A page of subjects.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut filter: Filter, after: Option<Id>, limit: i64) -> Result<Vec<Subject>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewSubject, &Scope::county(&region))?;
    filter.search = filter.search.as_deref().map(fold);
    filter.industry = filter.industry.map(|i| i.to_uppercase());
    subjects::list(cx.db, &region, &filter, after, limit)
}

/// The further places of a subject.
///
/// # Errors
/// Not visible.
pub fn sites(cx: &mut Cx<'_>, id: Id) -> Result<Vec<Site>> {
    get(cx, id)?;
    subjects::sites(cx.db, id)
}

/// A further place.
#[derive(Debug, Clone)]
pub struct SiteText {
    /// Name of the place.
    pub name: String,
    /// 地址.
    pub address: String,
    /// 乡镇街道.
    pub town: String,
    /// 区划代码.
    pub division: String,
    /// 经度 and 纬度, degrees.
    pub place: Option<(f64, f64)>,
}

/// Adds a further place.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn add_site(cx: &mut Cx<'_>, id: Id, text: &SiteText) -> Result<Site> {
    let known = get(cx, id)?;
    keeper(cx, &known)?;
    let subject = known.row;
    let mut faults = Faults::default();
    let (lon, lat) = text.place.unzip();
    let row = Site {
        id: cx.id()?,
        region: subject.region,
        subject_id: id,
        name: faults.text("/name", &text.name, false, 100),
        address: faults.text("/address", &text.address, true, 300),
        town: faults.text("/town", &text.town, false, 60),
        division: faults.text("/division", &text.division, false, 12),
        lon,
        lat,
        created_at: At(cx.now),
    };
    if subjects::sites(cx.db, id)?.len() >= 200 {
        faults.add("", "too_many", "一个检查对象最多200个地点");
    }
    faults.done()?;
    subject_sites::insert(cx.db, &row)?;
    cx.journal(
        Event::new("subject_site_added", "subject", id, json!({ "site": row.id.to_string() }))
            .private(json!({ "address": row.address })),
    )?;
    Ok(row)
}

/// Takes a further place away.
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_site(cx: &mut Cx<'_>, id: Id, site: Id) -> Result<()> {
    let known = get(cx, id)?;
    keeper(cx, &known)?;
    let row = subject_sites::get(cx.db, site)?.filter(|s| s.subject_id == id);
    row.ok_or(Error::NotFound("检查地点"))?;
    subject_sites::delete(cx.db, site)?;
    cx.journal(Event::new("subject_site_removed", "subject", id, json!({ "site": site.to_string() })))
}
