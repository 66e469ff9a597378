//! Departments, working days, vocabularies, aliases, the frequency-cap ledger.

use crate::domain::cap::{Exemption, Status};
use crate::domain::registry::DepartmentKind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::caps::{self, Check};
use crate::service::common::{self, DayDraft};
use crate::service::cx::Cx;
use crate::service::departments::{self, Change, Draft};
use crate::web::page::{Cursor, limit, next};
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Page, Reply};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The identifier in a cursor.
///
/// # Errors
/// It holds none.
pub fn id_after(after: Option<&Cursor>) -> Result<Option<Id>> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    after.map(|c| c.as_str().parse().map_err(wrong)).transpose()
}

/// A department.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DepartmentView {
    /// Identifier.
    pub id: Id,
    /// 部门编码.
    pub code: String,
    /// 部门名称.
    pub name: String,
    /// 统一社会信用代码; may be empty.
    pub uscc: String,
    /// 层级.
    pub level: String,
    /// 管辖区划代码.
    pub division: String,
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub kind: String,
    /// 牵头顺位; the lowest leads.
    pub rank: i32,
    /// 别名.
    pub aliases: Vec<String>,
    /// 联系方式.
    pub contact: String,
    /// `active` or `retired`.
    pub state: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl From<crate::store::departments::Department> for DepartmentView {
    fn from(d: crate::store::departments::Department) -> Self {
        Self {
            id: d.id,
            code: d.code,
            name: d.name,
            uscc: d.uscc,
            level: d.level,
            division: d.division,
            kind: d.kind,
            rank: d.rank,
            aliases: d.aliases.0,
            contact: d.contact,
            state: d.state,
            version: d.version,
            updated_at: d.updated_at.0,
        }
    }
}

/// Which departments.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DepartmentQuery {
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`.
    pub kind: Option<String>,
    /// `active` or `retired`.
    pub state: Option<String>,
    /// Text in name, code or alias.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/departments`
///
/// # Errors
/// Not allowed.
pub fn list_departments(cx: &mut Cx<'_>, (): (), q: DepartmentQuery) -> Result<Reply<Page<DepartmentView>>> {
    let most = limit(q.limit);
    let take = usize::try_from(most + 1).unwrap_or(0);
    let after = q.after.as_ref().map(Cursor::as_str);
    let rows =
        departments::list(cx, q.kind.as_deref(), q.state.as_deref(), q.search.as_deref(), after, take)?;
    let (rows, next) = next(rows, most, |d| d.code.clone());
    Ok(Reply::ok(Page { items: rows.into_iter().map(DepartmentView::from).collect(), next }))
}

/// `GET /api/v1/departments/{id}`
///
/// # Errors
/// Not visible.
pub fn get_department(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<DepartmentView>> {
    let row = departments::get(cx, id)?;
    let version = row.version;
    Ok(Reply::ok(row.into()).version(version))
}

/// A new department.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentBody {
    /// 部门编码.
    #[schema(max_length = 40)]
    pub code: String,
    /// 部门名称.
    #[schema(max_length = 100)]
    pub name: String,
    /// 统一社会信用代码.
    #[serde(default)]
    #[schema(max_length = 18)]
    pub uscc: String,
    /// 层级.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub level: String,
    /// 管辖区划代码.
    #[serde(default)]
    #[schema(max_length = 12)]
    pub division: String,
    /// `inspecting`, `coordination`, `oversight` or `expert_pool`; `inspecting` unless told.
    #[serde(default)]
    pub kind: Option<String>,
    /// 牵头顺位, 50 unless told.
    #[serde(default)]
    pub rank: Option<i32>,
    /// 别名.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// 联系方式.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contact: String,
}

/// `POST /api/v1/departments`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create_department(cx: &mut Cx<'_>, (): (), b: &DepartmentBody) -> Result<Reply<DepartmentView>> {
    let kind = match &b.kind {
        None => DepartmentKind::Inspecting,
        Some(kind) => DepartmentKind::parse(kind).ok_or_else(|| {
            Error::field("/kind", "unknown_value", "只能是:inspecting、coordination、oversight、expert_pool")
        })?,
    };
    let draft = Draft {
        code: b.code.clone(),
        name: b.name.clone(),
        uscc: b.uscc.clone(),
        level: b.level.clone(),
        division: b.division.clone(),
        kind,
        rank: b.rank.unwrap_or(50),
        aliases: b.aliases.clone(),
        contact: b.contact.clone(),
    };
    let row = departments::create(cx, &draft)?;
    let (id, version) = (row.id, row.version);
    Ok(Reply::created(row.into(), format!("/api/v1/departments/{id}")).version(version))
}

/// What to change of a department; what is absent stays. The kind never changes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct DepartmentChange {
    /// 部门名称.
    pub name: Option<String>,
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// 层级.
    pub level: Option<String>,
    /// 管辖区划代码.
    pub division: Option<String>,
    /// 牵头顺位.
    pub rank: Option<i32>,
    /// 别名, all of them.
    pub aliases: Option<Vec<String>>,
    /// 联系方式.
    pub contact: Option<String>,
    /// `active` or `retired`.
    pub state: Option<String>,
}

/// `PATCH /api/v1/departments/{id}`
///
/// # Errors
/// Not allowed; every fault of the fields; another version.
pub fn change_department(cx: &mut Cx<'_>, id: Id, b: &DepartmentChange) -> Result<Reply<DepartmentView>> {
    let change = Change {
        name: b.name.clone(),
        uscc: b.uscc.clone(),
        level: b.level.clone(),
        division: b.division.clone(),
        rank: b.rank,
        aliases: b.aliases.clone(),
        contact: b.contact.clone(),
        state: b.state.clone(),
    };
    let row = departments::change(cx, id, &change)?;
    let version = row.version;
    Ok(Reply::ok(row.into()).version(version))
}

/// A day of the calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// 是否工作日.
    pub workday: bool,
    /// 企业安静日: no on-site visits.
    #[serde(default)]
    pub quiet: bool,
    /// Holiday, or what the day is for.
    #[serde(default)]
    #[schema(max_length = 50)]
    pub name: String,
}

/// Days of the calendar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDays {
    /// The days.
    pub days: Vec<CalendarDay>,
}

/// Which days.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CalendarQuery {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
}

/// `GET /api/v1/calendar`
///
/// # Errors
/// Reversed or too many days.
pub fn list_days(cx: &mut Cx<'_>, (): (), q: CalendarQuery) -> Result<Reply<CalendarDays>> {
    let days = common::days(cx, q.from, q.to)?;
    let view = |d: crate::store::common::Day| CalendarDay {
        date: d.day,
        workday: d.workday,
        quiet: d.quiet,
        name: d.name,
    };
    Ok(Reply::ok(CalendarDays { days: days.into_iter().map(view).collect() }))
}

/// `PUT /api/v1/calendar`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn set_days(cx: &mut Cx<'_>, (): (), b: &CalendarDays) -> Result<Reply<CalendarDays>> {
    let draft =
        |d: &CalendarDay| DayDraft { date: d.date, workday: d.workday, quiet: d.quiet, name: d.name.clone() };
    common::set_days(cx, &b.days.iter().map(draft).collect::<Vec<_>>())?;
    Ok(Reply::ok(b.clone()))
}

/// A word of a vocabulary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WordView {
    /// Code.
    pub code: String,
    /// What people see.
    pub name: String,
    /// Code of the word it belongs under; may be empty.
    pub parent: String,
    /// Its place in the list.
    pub place: i32,
    /// `active` or `retired`.
    pub state: String,
}

/// A vocabulary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Vocabulary {
    /// Kind: `result`, `check_method`, `follow_up`, `credit_class`, `subject_type`, `cap_exemption` or another.
    pub kind: String,
    /// Its words.
    pub words: Vec<WordView>,
}

fn word(w: crate::store::common::Word) -> WordView {
    WordView { code: w.code, name: w.name, parent: w.parent, place: w.place, state: w.state }
}

/// `GET /api/v1/vocabularies/{kind}`
///
/// # Errors
/// Not allowed.
pub fn list_words(cx: &mut Cx<'_>, kind: String, _: NoQuery) -> Result<Reply<Vocabulary>> {
    let words = common::words(cx, &kind)?;
    Ok(Reply::ok(Vocabulary { kind, words: words.into_iter().map(word).collect() }))
}

/// A word to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordBody {
    /// What people see.
    #[schema(max_length = 200)]
    pub name: String,
    /// Code of the word it belongs under.
    #[serde(default)]
    pub parent: String,
    /// Its place in the list.
    #[serde(default)]
    pub place: i32,
    /// `active` unless told `retired`.
    #[serde(default)]
    pub state: Option<String>,
}

/// `PUT /api/v1/vocabularies/{kind}/{code}`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn set_word(cx: &mut Cx<'_>, (kind, code): (String, String), b: &WordBody) -> Result<Reply<WordView>> {
    let row = crate::store::common::Word {
        region: String::new(),
        kind,
        code,
        name: b.name.clone(),
        parent: b.parent.clone(),
        place: b.place,
        state: b.state.clone().unwrap_or_else(|| "active".to_owned()),
    };
    Ok(Reply::ok(word(common::set_word(cx, row)?)))
}

/// Another word for something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasPair {
    /// The other word.
    #[schema(max_length = 100)]
    pub word: String,
    /// What it stands for.
    #[schema(max_length = 100)]
    pub target: String,
}

/// All aliases of a kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasList {
    /// The pairs.
    pub aliases: Vec<AliasPair>,
}

fn aliases(rows: Vec<crate::store::common::Alias>) -> AliasList {
    AliasList { aliases: rows.into_iter().map(|a| AliasPair { word: a.word, target: a.target }).collect() }
}

/// `GET /api/v1/aliases/{kind}`
///
/// # Errors
/// Not allowed.
pub fn list_aliases(cx: &mut Cx<'_>, kind: String, _: NoQuery) -> Result<Reply<AliasList>> {
    Ok(Reply::ok(aliases(common::aliases(cx, &kind)?)))
}

/// `PUT /api/v1/aliases/{kind}`
///
/// # Errors
/// Not allowed; every fault; a word with two meanings.
pub fn set_aliases(cx: &mut Cx<'_>, kind: String, b: &AliasList) -> Result<Reply<AliasList>> {
    let pairs: Vec<(String, String)> = b.aliases.iter().map(|a| (a.word.clone(), a.target.clone())).collect();
    Ok(Reply::ok(aliases(common::set_aliases(cx, &kind, &pairs)?)))
}

/// An entry of the frequency-cap ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapEntryView {
    /// Identifier.
    pub id: Id,
    /// Department.
    pub department_id: Id,
    /// Subject.
    pub subject_id: Id,
    /// The day of the check.
    pub on_day: NaiveDate,
    /// The visit; none for a check outside this system.
    pub visit_id: Option<Id>,
    /// `planned`, or one of the ten causes that do not count.
    pub cause: String,
    /// Whether it counts.
    pub counted: bool,
    /// What it was about.
    pub note: String,
}

/// How a department stands with a subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapStanding {
    /// Department.
    pub department_id: Id,
    /// Checks that count.
    pub counted: u32,
    /// Checks that do not.
    pub exempt: u32,
    /// The cap.
    pub cap: u32,
    /// Planned checks still allowed.
    pub left: u32,
    /// `free`, `last`, `reached` or `exceeded`.
    pub level: String,
}

/// The ledger of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapLedger {
    /// Entries.
    pub entries: Vec<CapEntryView>,
    /// Standing of each department, where a subject was asked for.
    pub standing: Vec<CapStanding>,
}

fn cap_entry(row: crate::store::caps::CapEntry) -> CapEntryView {
    CapEntryView {
        id: row.id,
        department_id: row.department_id,
        subject_id: row.subject_id,
        on_day: row.on_day,
        visit_id: row.visit_id,
        cause: row.cause,
        counted: row.counted,
        note: row.note,
    }
}

fn standing((department_id, status): (Id, Status)) -> CapStanding {
    use crate::domain::cap::Level;
    let level = match status.level() {
        Level::Free => "free",
        Level::Last => "last",
        Level::Reached => "reached",
        Level::Exceeded => "exceeded",
    };
    CapStanding {
        department_id,
        counted: status.counted,
        exempt: status.exempt,
        cap: status.cap,
        left: status.left(),
        level: level.to_owned(),
    }
}

/// Which part of the ledger.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CapQuery {
    /// Calendar year; this one unless told.
    pub year: Option<i32>,
    /// Of this department.
    pub department_id: Option<Id>,
    /// About this subject.
    pub subject_id: Option<Id>,
}

/// `GET /api/v1/caps`
///
/// # Errors
/// Not allowed; neither department nor subject.
pub fn caps_ledger(cx: &mut Cx<'_>, (): (), q: CapQuery) -> Result<Reply<CapLedger>> {
    let ledger = caps::ledger(cx, q.year, q.department_id, q.subject_id)?;
    Ok(Reply::ok(CapLedger {
        entries: ledger.entries.into_iter().map(cap_entry).collect(),
        standing: ledger.standing.into_iter().map(standing).collect(),
    }))
}

/// A check that was held outside any plan of this system.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// Subject.
    pub subject_id: Id,
    /// The day.
    pub on_day: NaiveDate,
    /// `planned` (it counts), or one of the ten causes that do not count.
    pub cause: String,
    /// What it was about; needed for a cause that does not count.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// `POST /api/v1/caps`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn record_check(cx: &mut Cx<'_>, (): (), b: &CheckBody) -> Result<Reply<CapLedger>> {
    let exemption = match b.cause.as_str() {
        caps::PLANNED => None,
        cause => Some(Exemption::parse(cause).ok_or_else(|| {
            let words: Vec<&str> = Exemption::ALL.iter().map(|e| e.as_str()).collect();
            Error::field("/cause", "unknown_value", format!("只能是:planned、{}", words.join("、")))
        })?),
    };
    let check = Check { subject: b.subject_id, day: b.on_day, exemption, note: b.note.clone() };
    let (row, status) = caps::record(cx, &check)?;
    let place = format!("/api/v1/caps?subject_id={}&department_id={}", row.subject_id, row.department_id);
    let department = row.department_id;
    let ledger = CapLedger { entries: vec![cap_entry(row)], standing: vec![standing((department, status))] };
    Ok(Reply::created(ledger, place))
}

/// Nothing but that it was done.
#[must_use]
pub const fn done() -> Reply<Empty> {
    Reply::ok(Empty {})
}
