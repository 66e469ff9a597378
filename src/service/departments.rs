//! Departments: who there is, by which names it goes, and what it is there for.

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::alias::{Aliases, fold, is_wildcard};
use crate::domain::registry::{DepartmentKind, is_coordinating};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments::{self, Department};
use crate::store::types::{At, Doc};
use serde_json::json;

/// What is told of a department.
#[derive(Debug, Clone)]
pub struct Draft {
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
    /// What it is there for.
    pub kind: DepartmentKind,
    /// 牵头顺位.
    pub rank: i32,
    /// 别名.
    pub aliases: Vec<String>,
    /// 联系方式.
    pub contact: String,
}

/// What to change; absent stays. The kind never changes: a coordinating body must not become an inspecting one.
#[derive(Debug, Clone, Default)]
pub struct Change {
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
    /// 别名.
    pub aliases: Option<Vec<String>>,
    /// 联系方式.
    pub contact: Option<String>,
    /// `active` or `retired`.
    pub state: Option<String>,
}

/// What a department is found by.
#[must_use]
pub fn search_text(name: &str, code: &str, aliases: &[String]) -> String {
    fold(&format!("{name} {code} {}", aliases.join(" ")))
}

fn check(faults: &mut Faults, row: &mut Department) {
    row.name = faults.text("/name", &row.name, true, 100);
    row.level = faults.text("/level", &row.level, false, 20);
    row.division = faults.text("/division", &row.division, false, 12);
    row.contact = faults.text("/contact", &row.contact, false, 200);
    row.uscc = faults.text("/uscc", &row.uscc, false, 18).to_uppercase();
    if !row.uscc.is_empty()
        && let Err(fault) = crate::domain::uscc::check(&row.uscc)
    {
        faults.add("/uscc", "bad_uscc", fault.to_string());
    }
    if !row.division.bytes().all(|b| b.is_ascii_digit()) {
        faults.add("/division", "not_digits", "区划代码只能是数字");
    }
    if !(0..=1_000_000).contains(&row.rank) {
        faults.add("/rank", "out_of_range", "牵头顺位须为 0 至 1000000");
    }
    let mut aliases: Vec<String> = Vec::new();
    for (i, alias) in row.aliases.0.iter().enumerate() {
        let alias = faults.text(&format!("/aliases/{i}"), alias, true, 100);
        if !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    if aliases.len() > 100 {
        faults.add("/aliases", "too_many", "别名最多100个");
    }
    row.aliases = Doc(aliases);
    if row.kind == DepartmentKind::Inspecting.as_str() && is_coordinating(&row.name) {
        faults.add(
            "/kind",
            "coordination_body",
            "议事协调机构(协调办、联席会议、领导小组等)不得实施行政检查(国办发〔2024〕54号),请改为协调办类别",
        );
    }
    row.search = search_text(&row.name, &row.code, &row.aliases.0);
}

/// A name two departments go by would make every list ambiguous.
fn names_free(cx: &mut Cx<'_>, row: &Department, faults: &mut Faults) -> Result<()> {
    let others = departments::all(cx.db, &row.region)?;
    let others = others.iter().filter(|d| d.id != row.id && d.state == "active");
    let taken = |word: &str| {
        let folded = fold(word);
        others.clone().find(|d| {
            std::iter::once(&d.name).chain([&d.code]).chain(&d.aliases.0).any(|known| fold(known) == folded)
        })
    };
    if let Some(other) = taken(&row.name) {
        faults.add("/name", "taken", format!("“{}”已是 {} 的名称、编码或别名", row.name, other.code));
    }
    for (i, alias) in row.aliases.0.iter().enumerate() {
        if let Some(other) = taken(alias) {
            faults.add(
                format!("/aliases/{i}"),
                "taken",
                format!("“{alias}”已是 {} 的名称、编码或别名", other.code),
            );
        }
        if is_wildcard(alias) {
            faults.add(format!("/aliases/{i}"), "wildcard", "“相关部门”一类的说法指不定部门,不能作别名");
        }
    }
    Ok(())
}

/// Registers a department.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, draft: &Draft) -> Result<Department> {
    let region = cx.region().to_owned();
    cx.may(Action::EditDepartments, &Scope::county(&region))?;
    let mut faults = Faults::default();
    let code = faults.text("/code", &draft.code, true, 40);
    if code.chars().any(char::is_whitespace) {
        faults.add("/code", "whitespace", "部门编码不能含空格");
    }
    let mut row = Department {
        id: cx.id()?,
        region,
        code,
        name: draft.name.clone(),
        search: String::new(),
        uscc: draft.uscc.clone(),
        level: draft.level.clone(),
        division: draft.division.clone(),
        kind: draft.kind.as_str().to_owned(),
        rank: draft.rank,
        aliases: Doc(draft.aliases.clone()),
        contact: draft.contact.clone(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    check(&mut faults, &mut row);
    names_free(cx, &row, &mut faults)?;
    faults.done()?;
    departments::insert(cx.db, &row).map_err(|e| taken(e, "/code", "这个部门编码已被使用"))?;
    let data = json!({ "code": row.code, "kind": row.kind });
    cx.journal(Event::new("department_created", "department", row.id, data))?;
    Ok(row)
}

/// A key that is taken, as a fault of its field.
#[must_use]
pub fn taken(error: Error, pointer: &str, text: &str) -> Error {
    match error {
        Error::Duplicate(_) => Error::field(pointer, "taken", text),
        other => other,
    }
}

/// Changes a department.
///
/// # Errors
/// Not allowed; every fault of the fields; changed by somebody else.
pub fn change(cx: &mut Cx<'_>, id: Id, change: &Change) -> Result<Department> {
    let mut row = get(cx, id)?;
    let region = cx.region().to_owned();
    cx.may(Action::EditDepartments, &Scope::county(&region))?;
    cx.fresh(row.version)?;
    let seen = row.version;
    let set = |to: &mut String, from: &Option<String>| {
        if let Some(from) = from {
            to.clone_from(from);
        }
    };
    set(&mut row.name, &change.name);
    set(&mut row.uscc, &change.uscc);
    set(&mut row.level, &change.level);
    set(&mut row.division, &change.division);
    set(&mut row.contact, &change.contact);
    set(&mut row.state, &change.state);
    row.rank = change.rank.unwrap_or(row.rank);
    if let Some(aliases) = &change.aliases {
        row.aliases = Doc(aliases.clone());
    }
    let mut faults = Faults::default();
    check(&mut faults, &mut row);
    if !["active", "retired"].contains(&row.state.as_str()) {
        faults.add("/state", "unknown_value", "只能是:active、retired");
    }
    names_free(cx, &row, &mut faults)?;
    faults.done()?;
    row.version += 1;
    row.updated_at = At(cx.now);
    departments::update(cx.db, &row, seen)?;
    cx.journal(Event::new(
        "department_changed",
        "department",
        id,
        json!({ "code": row.code, "state": row.state }),
    ))?;
    Ok(row)
}

/// One department.
///
/// # Errors
/// There is none in this county.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Department> {
    let row = departments::get(cx.db, id)?.ok_or(Error::NotFound("部门"))?;
    cx.may(Action::ViewCommon, &Scope::county(&row.region))?;
    Ok(row)
}

/// The departments of the county by code: of a kind, in a state, with a text in a name.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    kind: Option<&str>,
    state: Option<&str>,
    search: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Department>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewCommon, &Scope::county(&region))?;
    let search = search.map(fold);
    let rows = departments::all(cx.db, &region)?.into_iter().filter(|d| {
        kind.is_none_or(|k| d.kind == k)
            && state.is_none_or(|s| d.state == s)
            && search.as_ref().is_none_or(|s| d.search.contains(s.as_str()))
            && after.is_none_or(|a| d.code.as_str() > a)
    });
    Ok(rows.take(limit).collect())
}

/// The table that turns names of departments in lists into codes: code, name, aliases of every active department.
#[must_use]
pub fn names(departments: &[Department]) -> Aliases {
    Aliases::new(departments.iter().filter(|d| d.state == "active").flat_map(|d| {
        std::iter::once(&d.name).chain(&d.aliases.0).map(|name| (d.code.clone(), name.clone()))
    }))
}

/// Whether the actor works at a department's desk.
#[must_use]
pub fn is_staff(cx: &Cx<'_>) -> bool {
    [Role::DepartmentClerk, Role::LegalReviewer, Role::DepartmentHead].iter().any(|r| cx.actor.roles.has(*r))
}
