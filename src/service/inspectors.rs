//! The directory of inspectors and experts: who may be sent, with which certificates, when away, how busy.

use super::cx::{Cx, Event};
use super::departments::{is_staff, taken};
use crate::domain::access::{Action, Scope};
use crate::domain::alias::fold;
use crate::domain::planning::input::PoolKind;
use crate::domain::registry::post_name;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments::{self, Department};
use crate::store::inspectors::{self, Certificate, Filter, Inspector, Leave, certificates, leaves};
use crate::store::types::At;
use chrono::{Datelike, NaiveDate};
use serde_json::json;

/// Words in 岗位 of people the rules keep from inspecting.
const FORBIDDEN: &[&str] =
    &["协管员", "辅助人员", "辅警", "网格员", "临时", "临聘", "劳务派遣", "第三方", "实习", "志愿者"];

/// What is told of a person; in a change, absent stays.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// 姓名.
    pub name: Option<String>,
    /// 性别.
    pub sex: Option<String>,
    /// 单位类型.
    pub unit_type: Option<String>,
    /// 所属单位.
    pub unit: Option<String>,
    /// 执法证号.
    pub cert_no: Option<String>,
    /// 每日可用分钟.
    pub daily_minutes: Option<i32>,
    /// 可任主办.
    pub can_lead: Option<bool>,
    /// 后备库.
    pub reserve: Option<bool>,
    /// 本年已派工分钟.
    pub load0: Option<i32>,
    /// 邮箱.
    pub email: Option<String>,
    /// `active` or `disabled`.
    pub state: Option<String>,
}

/// A person with certificates and leave.
#[derive(Debug, Clone)]
pub struct Known {
    /// The row.
    pub row: Inspector,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Leave.
    pub leave: Vec<Leave>,
}

/// What a person is found by.
#[must_use]
pub fn search_text(name: &str, code: &str) -> String {
    fold(&format!("{name} {code}"))
}

fn write(text: &Text, row: &mut Inspector, faults: &mut Faults) {
    let mut set = |to: &mut String, from: &Option<String>, pointer: &str, required: bool, most: usize| {
        if let Some(from) = from {
            *to = faults.text(pointer, from, required, most);
        }
    };
    set(&mut row.name, &text.name, "/name", true, 60);
    set(&mut row.sex, &text.sex, "/sex", false, 10);
    set(&mut row.unit_type, &text.unit_type, "/unit_type", false, 60);
    set(&mut row.unit, &text.unit, "/unit", false, 100);
    set(&mut row.cert_no, &text.cert_no, "/cert_no", false, 60);
    set(&mut row.email, &text.email, "/email", false, 200);
    set(&mut row.state, &text.state, "/state", true, 20);
    row.daily_minutes = text.daily_minutes.unwrap_or(row.daily_minutes);
    row.can_lead = text.can_lead.unwrap_or(row.can_lead);
    row.reserve = text.reserve.unwrap_or(row.reserve);
    row.load0 = text.load0.unwrap_or(row.load0);
    if !(0..=1_440).contains(&row.daily_minutes) {
        faults.add("/daily_minutes", "out_of_range", "每日可用分钟须为 0 至 1440");
    }
    if !(0..=1_000_000).contains(&row.load0) {
        faults.add("/load0", "out_of_range", "本年已派工分钟须为 0 至 1000000");
    }
    if !row.email.is_empty() && !crate::mail::is_address(&row.email) {
        faults.add("/email", "invalid_address", "不是有效的邮件地址");
    }
    if !["active", "disabled"].contains(&row.state.as_str()) {
        faults.add("/state", "unknown_value", "只能是:active、disabled");
    }
    if FORBIDDEN.iter().any(|w| row.unit_type.contains(w)) && !row.expert {
        faults.add("/unit_type", "forbidden_post", "辅助人员、网格员、临时人员和第三方人员不得实施行政检查");
    }
    row.search = search_text(&row.name, &row.code);
}

/// A blank entry of a department: an expert in an expert pool, an officer in an inspecting department.
///
/// # Errors
/// A department whose people do not inspect.
pub fn blank(cx: &Cx<'_>, department: &Department, code: &str) -> Result<Inspector> {
    let expert = match department.kind.as_str() {
        "inspecting" => false,
        "expert_pool" => true,
        _ => {
            return Err(Error::field(
                "/department_id",
                "not_inspecting",
                "协调办、监督机构不得实施行政检查,没有执法检查人员(国办发〔2024〕54号)",
            ));
        }
    };
    let post = if expert { PoolKind::Experts } else { PoolKind::Officers };
    Ok(Inspector {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: department.id,
        code: code.to_owned(),
        name: String::new(),
        search: String::new(),
        sex: String::new(),
        unit_type: String::new(),
        unit: String::new(),
        post: post_name(post).to_owned(),
        cert_no: String::new(),
        daily_minutes: 450,
        can_lead: !expert,
        reserve: false,
        expert,
        load0: 0,
        email: String::new(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Enters a person into the directory of one's own department.
///
/// # Errors
/// Not allowed; every fault of the fields; the code is taken.
pub fn create(cx: &mut Cx<'_>, department: Option<Id>, code: &str, text: &Text) -> Result<Known> {
    let id = match department {
        Some(id) => id,
        None => cx.department()?,
    };
    let department = departments::get(cx.db, id)?.ok_or(Error::NotFound("部门"))?;
    cx.may(Action::EditInspector, &Scope::of(&department.region, id))?;
    let mut faults = Faults::default();
    let code = faults.text("/code", code, true, 60);
    let mut row = blank(cx, &department, &code)?;
    let text = &Text { name: Some(text.name.clone().unwrap_or_default()), ..text.clone() };
    write(text, &mut row, &mut faults);
    faults.done()?;
    inspectors::insert(cx.db, &row).map_err(|e| taken(e, "/code", "这个人员编号已被使用"))?;
    note(cx, "inspector_entered", &row)?;
    Ok(Known { row, certificates: Vec::new(), leave: Vec::new() })
}

fn note(cx: &mut Cx<'_>, act: &'static str, row: &Inspector) -> Result<()> {
    cx.journal(
        Event::new(
            act,
            "inspector",
            row.id,
            json!({ "code": row.code, "department": row.department_id.to_string(), "reserve": row.reserve,
                    "expert": row.expert, "state": row.state }),
        )
        .private(json!({ "name": row.name, "cert_no": row.cert_no })),
    )
}

/// A person the actor may do `action` to.
///
/// # Errors
/// Not visible, or not allowed.
pub fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Inspector> {
    let row = inspectors::get(cx.db, id)?.ok_or(Error::NotFound("执法检查人员"))?;
    let assigned = [row.id];
    let scope =
        Scope { region: &row.region, owner: Some(row.department_id), participants: &[], assigned: &assigned };
    cx.may(action, &scope)?;
    Ok(row)
}

/// One person.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Known> {
    let row = load(cx, id, Action::ViewInspector)?;
    let certificates = inspectors::certificates_of(cx.db, &row.region, Some(id))?;
    let leave = inspectors::leave_of(cx.db, &row.region, Some(id))?;
    Ok(Known { row, certificates, leave })
}

/// Changes an entry.
///
/// # Errors
/// Not allowed; every fault of the fields; changed by somebody else.
pub fn change(cx: &mut Cx<'_>, id: Id, text: &Text) -> Result<Known> {
    let mut row = load(cx, id, Action::EditInspector)?;
    cx.fresh(row.version)?;
    let seen = row.version;
    let mut faults = Faults::default();
    write(text, &mut row, &mut faults);
    faults.done()?;
    row.version += 1;
    row.updated_at = At(cx.now);
    inspectors::update(cx.db, &row, seen)?;
    note(cx, "inspector_changed", &row)?;
    get(cx, id)
}

/// A page of the directory: one's own department's; of all departments for those who see all; oneself for an inspector.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut filter: Filter, after: Option<Id>, limit: i64) -> Result<Vec<Inspector>> {
    let region = cx.region().to_owned();
    if !cx.can(Action::ViewInspector, &Scope::county(&region)) {
        if is_staff(cx) {
            let own = cx.department()?;
            if filter.department.is_some_and(|d| d != own) {
                return Ok(Vec::new());
            }
            filter.department = Some(own);
        } else {
            // Nobody has the nil identifier: an account without an entry sees none.
            filter.only = Some(cx.actor.inspector.unwrap_or(Id(uuid::Uuid::nil())));
        }
    }
    filter.search = filter.search.as_deref().map(fold);
    inspectors::list(cx.db, &region, &filter, after, limit)
}

/// A certificate.
#[derive(Debug, Clone)]
pub struct CertificateText {
    /// 资格代码.
    pub qual: String,
    /// 资格名称.
    pub qual_name: String,
    /// 证书编号.
    pub no: String,
    /// 生效日期.
    pub from: NaiveDate,
    /// 失效日期, included; none: for ever.
    pub to: Option<NaiveDate>,
}

/// The last day of what never ends, as planning counts.
#[must_use]
pub fn for_ever() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default()
}

/// Adds a certificate.
///
/// # Errors
/// Not allowed; every fault of the fields; it is known already.
pub fn add_certificate(cx: &mut Cx<'_>, id: Id, text: &CertificateText) -> Result<Known> {
    let person = load(cx, id, Action::EditInspector)?;
    let mut faults = Faults::default();
    let to = text.to.unwrap_or_else(for_ever);
    if to < text.from {
        faults.add("/valid_to", "reversed_dates", "失效日期早于生效日期");
    }
    let row = Certificate {
        id: cx.id()?,
        region: person.region.clone(),
        inspector_id: id,
        qual: faults.text("/qual", &text.qual, true, 40),
        qual_name: faults.text("/qual_name", &text.qual_name, false, 100),
        no: faults.text("/no", &text.no, false, 80),
        valid_from: Some(text.from),
        valid_to: Some(to),
        created_at: At(cx.now),
    };
    faults.done()?;
    certificates::insert(cx.db, &row).map_err(|e| taken(e, "/no", "这个证书已登记"))?;
    let data = json!({ "certificate": row.id.to_string(), "qual": row.qual, "from": text.from.to_string(), "to": to.to_string() });
    cx.journal(Event::new("certificate_added", "inspector", id, data).private(json!({ "no": row.no })))?;
    get(cx, id)
}

/// Takes a certificate away.
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_certificate(cx: &mut Cx<'_>, id: Id, certificate: Id) -> Result<Known> {
    load(cx, id, Action::EditInspector)?;
    let row = certificates::get(cx.db, certificate)?.filter(|c| c.inspector_id == id);
    let row = row.ok_or(Error::NotFound("证件"))?;
    certificates::delete(cx.db, certificate)?;
    let data = json!({ "certificate": certificate.to_string(), "qual": row.qual });
    cx.journal(Event::new("certificate_removed", "inspector", id, data))?;
    get(cx, id)
}

/// Enters leave.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn add_leave(cx: &mut Cx<'_>, id: Id, from: NaiveDate, to: NaiveDate, kind: &str) -> Result<Known> {
    let person = load(cx, id, Action::EditInspector)?;
    let mut faults = Faults::default();
    if to < from {
        faults.add("/to", "reversed_dates", "结束日期早于开始日期");
    }
    if (to - from).num_days() > 1_100 {
        faults.add("/to", "out_of_range", "一次请假最长三年");
    }
    let row = Leave {
        id: cx.id()?,
        region: person.region.clone(),
        inspector_id: id,
        from_day: from,
        to_day: to,
        kind: faults.text("/kind", kind, false, 40),
        created_at: At(cx.now),
    };
    faults.done()?;
    leaves::insert(cx.db, &row)?;
    let data = json!({ "leave": row.id.to_string(), "from": from.to_string(), "to": to.to_string() });
    cx.journal(Event::new("leave_entered", "inspector", id, data).private(json!({ "kind": row.kind })))?;
    get(cx, id)
}

/// Takes leave back.
///
/// # Errors
/// Not allowed; there is none.
pub fn remove_leave(cx: &mut Cx<'_>, id: Id, leave: Id) -> Result<Known> {
    load(cx, id, Action::EditInspector)?;
    let row = leaves::get(cx.db, leave)?.filter(|l| l.inspector_id == id);
    row.ok_or(Error::NotFound("请假"))?;
    leaves::delete(cx.db, leave)?;
    cx.journal(Event::new("leave_withdrawn", "inspector", id, json!({ "leave": leave.to_string() })))?;
    get(cx, id)
}

/// How busy a person is in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// Year.
    pub year: i32,
    /// Minutes from before this system.
    pub load0: i32,
    /// Visits with a seat.
    pub visits: usize,
    /// Minutes of those visits.
    pub minutes: i64,
}

/// How busy a person is in a calendar year, this one unless told.
///
/// # Errors
/// Not visible; a year out of range.
pub fn workload(cx: &mut Cx<'_>, id: Id, year: Option<i32>) -> Result<Workload> {
    let row = load(cx, id, Action::ViewInspector)?;
    let year = year.unwrap_or_else(|| cx.today().year());
    let days = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
    let Some((from, to)) = days.filter(|_| (1900..=9998).contains(&year)) else {
        return Err(Error::field("year", "out_of_range", "年份须在 1900 至 9998 之间"));
    };
    let seats = inspectors::seats_between(cx.db, id, from, to)?;
    let load0 = if year == cx.today().year() { row.load0 } else { 0 };
    Ok(Workload { year, load0, visits: seats.len(), minutes: seats.iter().map(|(_, m)| i64::from(*m)).sum() })
}
