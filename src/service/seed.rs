//! A whole planning county into the registries at once: for the demonstration, the tests and the benches. The rows keep
//! the codes of the tables, so that the tables can be had back from the registries.

use super::cx::{Cx, Event};
use crate::domain::access::Role;
use crate::domain::alias::fold;
use crate::domain::item::State as ItemState;
use crate::domain::planning::input::{Department, Input, Inspector, Item, PlanEntry, PoolKind, Subject};
use crate::domain::registry::{
    Category, DepartmentKind, ItemDetails, ListLevel, PlanDetails, kind_of, mode_name, notice_name,
    plan_state, post_name, recusal,
};
use crate::domain::scope::{SubjectFacts, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::accounts::{self, Account};
use crate::store::common::{self, Day};
use crate::store::inspectors::{self, certificates, leaves, recusals};
use crate::store::subjects::{self, Supervision};
use crate::store::types::{At, Doc};
use crate::store::{departments, items, plans};
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Where the rows of a county went: the codes of its tables with the identifiers of the rows.
#[derive(Debug, Clone, Default)]
pub struct Seeded {
    /// Departments and expert pools by code.
    pub departments: BTreeMap<String, Id>,
    /// Items by (department code, item code).
    pub items: BTreeMap<(String, String), Id>,
    /// Subjects by credit code or registration number.
    pub subjects: HashMap<String, Id>,
    /// Inspectors and experts by code.
    pub inspectors: HashMap<String, Id>,
    /// Plan entries by code.
    pub plans: BTreeMap<String, Id>,
}

fn number(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Adds an office that does not inspect (coordination, oversight) and answers its identifier.
///
/// # Errors
/// The database; the code is taken.
pub fn office(cx: &mut Cx<'_>, code: &str, name: &str, kind: DepartmentKind) -> Result<Id> {
    let row = departments::Department {
        id: cx.id()?,
        region: cx.region().to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
        search: fold(name),
        uscc: String::new(),
        level: "县级".to_owned(),
        division: String::new(),
        kind: kind.as_str().to_owned(),
        rank: 99,
        aliases: Doc(Vec::new()),
        contact: String::new(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    departments::insert(cx.db, &row)?;
    cx.journal(Event::new(
        "department_created",
        "department",
        row.id,
        json!({ "code": code, "kind": kind.as_str() }),
    ))?;
    Ok(row.id)
}

/// Loads the tables of a county into the registries of the actor's county: departments, items as published, subjects
/// with their supervising departments (those that have a task or plan for subjects of the same trade), inspectors,
/// certificates, leave, recusals as approved, the days of the calendar, and plan entries as filed.
///
/// # Errors
/// The database; a code that is taken; a row that refers to nothing.
pub fn from_input(cx: &mut Cx<'_>, input: &Input) -> Result<Seeded> {
    let mut seeded = Seeded::default();
    let rows: Vec<_> = input.departments.iter().map(|d| department(cx, d)).collect::<Result<_>>()?;
    departments::insert_all(cx.db, &rows)?;
    seeded.departments = rows.into_iter().map(|d| (d.code, d.id)).collect();

    add_items(cx, input, &mut seeded)?;
    add_subjects(cx, input, &mut seeded)?;
    add_people(cx, input, &mut seeded)?;

    let region = cx.region().to_owned();
    let days: Vec<Day> = input
        .calendar
        .iter()
        .map(|d| Day {
            region: region.clone(),
            day: d.date,
            workday: d.workday,
            quiet: d.quiet,
            name: String::new(),
        })
        .collect();
    common::set_days(cx.db, &days)?;

    let mut entries = Vec::with_capacity(input.plans.len());
    for plan in &input.plans {
        let row = plan_entry(cx, plan, &seeded)?;
        seeded.plans.insert(row.code.clone(), row.id);
        entries.push(row);
    }
    plans::insert_all(cx.db, &entries)?;

    cx.journal(Event::general(
        "county_seeded",
        "county",
        json!({
            "departments": seeded.departments.len(),
            "items": seeded.items.len(),
            "subjects": seeded.subjects.len(),
            "inspectors": seeded.inspectors.len(),
            "plans": seeded.plans.len(),
        }),
    ))?;
    Ok(seeded)
}

/// Gives every officer of the tables an account as inspector, with the number of the directory in small letters as login
/// name and one password for all: for counties that are invented.
///
/// # Errors
/// The database; a login name that is taken.
pub fn officer_accounts(cx: &mut Cx<'_>, input: &Input, seeded: &Seeded, password_hash: &str) -> Result<()> {
    let now = At(cx.now);
    for person in input.inspectors.iter().filter(|p| p.post == PoolKind::Officers) {
        let login = person.id.to_lowercase();
        let account = Account {
            id: cx.id()?,
            region: cx.region().to_owned(),
            department_id: seeded.departments.get(&person.dept_id).copied(),
            login_key: crate::service::login::login_key(&login),
            login,
            name: person.name.clone(),
            email: String::new(),
            password_hash: password_hash.to_owned(),
            password_at: now,
            password_history: Doc(Vec::new()),
            must_change: false,
            totp_secret: None,
            totp_pending: None,
            totp_step: 0,
            inspector_id: seeded.inspectors.get(&person.id).copied(),
            state: "active".to_owned(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        accounts::insert(cx.db, &account)?;
        accounts::set_roles(cx.db, account.id, &[Role::Inspector])?;
    }
    Ok(())
}

fn department(cx: &Cx<'_>, d: &Department) -> Result<departments::Department> {
    Ok(departments::Department {
        id: cx.id()?,
        region: cx.region().to_owned(),
        code: d.id.clone(),
        name: d.name.clone(),
        search: fold(&format!("{} {}", d.name, d.id)),
        uscc: d.uscc.clone(),
        level: d.level.clone(),
        division: d.division.clone(),
        kind: kind_of(d.pool).as_str().to_owned(),
        rank: number(d.rank),
        aliases: Doc(Vec::new()),
        contact: String::new(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Which departments own each item: those that use it in a task or plan, else those whose code begins with its key.
fn owners(input: &Input) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for task in &input.tasks {
        owners.entry(&task.item_id).or_default().insert(&task.dept_id);
    }
    for plan in &input.plans {
        for item in &plan.items {
            owners.entry(item).or_default().insert(&plan.dept_id);
        }
    }
    let of_key = |department: &str, key: &str| {
        department.strip_prefix(key).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    for item in &input.items {
        if owners.contains_key(item.id.as_str()) {
            continue;
        }
        let own = input
            .departments
            .iter()
            .filter(|d| d.pool == PoolKind::Officers && of_key(&d.id, &item.dept_key));
        owners.entry(&item.id).or_default().extend(own.map(|d| d.id.as_str()));
    }
    owners
}

fn add_items(cx: &mut Cx<'_>, input: &Input, seeded: &mut Seeded) -> Result<()> {
    let subjects: HashMap<&str, &Subject> = input.subjects.iter().map(|s| (s.key.as_str(), s)).collect();
    let mut kinds: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut industries: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for task in &input.tasks {
        if let Some(subject) = subjects.get(task.subject.as_str()) {
            kinds.entry(&task.item_id).or_default().insert(&subject.kind);
            industries.entry(&task.item_id).or_default().insert(&subject.industry);
        }
    }
    for plan in &input.plans {
        for item in &plan.items {
            kinds.entry(item).or_default().extend(or_all(&plan.kinds));
            industries.entry(item).or_default().extend(or_all(&plan.industries));
        }
    }
    let list = |of: &HashMap<&str, BTreeSet<&str>>, item: &Item| -> Vec<String> {
        match of.get(item.id.as_str()) {
            Some(all) if !all.contains("") => all.iter().map(|text| (*text).to_owned()).collect(),
            _ => Vec::new(),
        }
    };
    let owners = owners(input);
    let mut rows = Vec::new();
    for item in &input.items {
        let own = owners.get(item.id.as_str()).filter(|o| !o.is_empty());
        let own = own.ok_or_else(|| {
            Error::refused("item_without_department", format!("事项 {} 不属于任何部门", item.id))
        })?;
        let for_whom = (list(&kinds, item), list(&industries, item));
        for code in own {
            let owner = need(&seeded.departments, code, "部门")?;
            let row = item_row(cx, item, owner, for_whom.clone())?;
            seeded.items.insert(((*code).to_owned(), item.id.clone()), row.id);
            rows.push(row);
        }
    }
    items::insert_all(cx.db, &rows)
}

/// What a plan names, or the blank that stands for everything.
fn or_all(named: &[String]) -> impl Iterator<Item = &str> {
    let all = named.is_empty().then_some("");
    named.iter().map(String::as_str).chain(all)
}

/// Says of these items what they rest on and what a business has ready for them.
///
/// # Errors
/// The database.
pub fn grounds(
    cx: &mut Cx<'_>,
    ids: impl IntoIterator<Item = Id>,
    basis: impl Fn(&str) -> &'static [&'static str],
) -> Result<()> {
    for id in ids {
        let mut row = items::need(cx.db, id)?;
        let seen = row.version;
        let mut details = ItemDetails::of(&row.details.0);
        details.basis = basis(&row.name).iter().map(|law| (*law).to_owned()).collect();
        details.materials =
            ["营业执照或登记证书", "与本事项有关的许可证件和台账"].map(str::to_owned).to_vec();
        row.details = Doc(details.to_value());
        row.version += 1;
        items::update(cx.db, &row, seen)?;
    }
    Ok(())
}

fn item_row(
    cx: &Cx<'_>,
    item: &Item,
    owner: Id,
    (kinds, industries): (Vec<String>, Vec<String>),
) -> Result<items::Item> {
    let details = ItemDetails {
        industries,
        dept_key: item.dept_key.clone(),
        equivalence_name: item.equiv_name.clone(),
        season: item.season,
        expert: item.expert.clone(),
        ..ItemDetails::default()
    };
    Ok(items::Item {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: owner,
        code: item.id.clone(),
        revision: 1,
        list_level: ListLevel::Own.as_str().to_owned(),
        name: item.name.clone(),
        search: fold(&format!("{} {}", item.name, item.id)),
        field: String::new(),
        object: kinds.join("、"),
        kinds: Doc(kinds),
        details: Doc(details.to_value()),
        mode: mode_name(item.mode).to_owned(),
        notice: notice_name(item.notice).to_owned(),
        ratio_text: String::new(),
        ratio: Doc(Value::Null),
        frequency_cap: (item.freq > 0).then(|| number(item.freq)),
        category: Category::None.as_str().to_owned(),
        qualification: item.qual.clone(),
        equivalence_group: item.equiv.clone(),
        minutes: number(item.minutes),
        claimed_from: None,
        note: String::new(),
        state: ItemState::Published.as_str().to_owned(),
        current: true,
        published_at: Some(At(cx.now)),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

fn need<'a>(map: impl IntoIterator<Item = (&'a String, &'a Id)>, code: &str, what: &str) -> Result<Id> {
    let found = map.into_iter().find(|(known, _)| known.as_str() == code);
    found
        .map(|(_, id)| *id)
        .ok_or_else(|| Error::refused("unknown_code", format!("没有编码为 {code} 的{what}")))
}

fn need_fast(map: &HashMap<String, Id>, code: &str, what: &str) -> Result<Id> {
    map.get(code)
        .copied()
        .ok_or_else(|| Error::refused("unknown_code", format!("没有编码为 {code} 的{what}")))
}

fn add_subjects(cx: &mut Cx<'_>, input: &Input, seeded: &mut Seeded) -> Result<()> {
    let region = cx.region().to_owned();
    let rows: Vec<_> = input.subjects.iter().map(|s| subject_row(cx, s)).collect::<Result<_>>()?;
    subjects::insert_all(cx.db, &rows)?;
    seeded.subjects = rows.into_iter().map(|s| (s.key, s.id)).collect();

    // Whoever has work at one subject of a trade supervises that trade.
    let trade = |s: &Subject| if s.industry.is_empty() { s.kind.clone() } else { s.industry.clone() };
    let trades: HashMap<&str, String> = input.subjects.iter().map(|s| (s.key.as_str(), trade(s))).collect();
    let mut by_trade: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for task in &input.tasks {
        if let Some(trade) = trades.get(task.subject.as_str()) {
            by_trade.entry(trade).or_default().insert(&task.dept_id);
        }
    }
    let filters: Vec<(&str, SubjectFilter)> =
        input.plans.iter().map(|p| (p.dept_id.as_str(), filter_of(p))).collect();
    let mut supervisions = Vec::new();
    for s in &input.subjects {
        let mut departments: BTreeSet<&str> =
            trades.get(s.key.as_str()).and_then(|t| by_trade.get(t.as_str())).cloned().unwrap_or_default();
        let facts = SubjectFacts {
            kind: &s.kind,
            industry: &s.industry,
            town: &s.town,
            credit: &s.credit,
            ..SubjectFacts::default()
        };
        departments.extend(filters.iter().filter(|(_, f)| f.matches(&facts)).map(|(d, _)| *d));
        let subject_id = need_fast(&seeded.subjects, &s.key, "检查对象")?;
        for code in departments {
            let department_id = need(&seeded.departments, code, "部门")?;
            supervisions.push(Supervision { subject_id, department_id, region: region.clone() });
        }
    }
    subjects::supervise(cx.db, &supervisions)
}

/// Degrees out of millionths.
fn degrees(millionths: Option<i32>) -> Option<f64> {
    millionths.map(|m| f64::from(m) / 1e6)
}

fn subject_row(cx: &Cx<'_>, s: &Subject) -> Result<subjects::Subject> {
    let (uscc, registration_no) =
        if s.has_uscc { (s.key.clone(), String::new()) } else { (String::new(), s.key.clone()) };
    let mut row = subjects::Subject {
        id: cx.id()?,
        region: cx.region().to_owned(),
        key: s.key.clone(),
        uscc,
        registration_no,
        name: s.name.clone(),
        search: String::new(),
        kind: s.kind.clone(),
        division: s.division.clone(),
        town: s.town.clone(),
        address: s.address.clone(),
        industry: s.industry.clone(),
        industry_name: s.industry_name.clone(),
        credit: s.credit.clone(),
        founded: s.founded,
        lon: degrees(s.lon),
        lat: degrees(s.lat),
        contact: s.contact.clone(),
        phone: String::new(),
        tags: Doc(Vec::new()),
        abnormal: false,
        serious: false,
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    row.search = super::subjects::search_text(&row);
    Ok(row)
}

fn add_people(cx: &mut Cx<'_>, input: &Input, seeded: &mut Seeded) -> Result<()> {
    let region = cx.region().to_owned();
    let mut rows = Vec::with_capacity(input.inspectors.len());
    for person in &input.inspectors {
        let department = need(&seeded.departments, &person.dept_id, "部门")?;
        rows.push(inspector_row(cx, person, department)?);
    }
    inspectors::insert_all(cx.db, &rows)?;
    seeded.inspectors = rows.into_iter().map(|p| (p.code, p.id)).collect();

    // One certificate renewed on the day it began is one certificate: the later end counts.
    let mut held: BTreeMap<(&str, &str, &str, NaiveDate), (&str, NaiveDate)> = BTreeMap::new();
    for q in &input.qualifications {
        let entry = held.entry((&q.person_id, &q.qual, &q.no, q.from)).or_insert((&q.qual_name, q.to));
        entry.1 = entry.1.max(q.to);
    }
    let mut rows = Vec::with_capacity(held.len());
    for ((person, qual, no, from), (name, to)) in held {
        rows.push(inspectors::Certificate {
            id: cx.id()?,
            region: region.clone(),
            inspector_id: need_fast(&seeded.inspectors, person, "人员")?,
            qual: qual.to_owned(),
            qual_name: name.to_owned(),
            no: no.to_owned(),
            valid_from: Some(from),
            valid_to: Some(to),
            created_at: At(cx.now),
        });
    }
    certificates::insert_all(cx.db, &rows)?;

    let mut rows = Vec::with_capacity(input.leave.len());
    for leave in &input.leave {
        rows.push(inspectors::Leave {
            id: cx.id()?,
            region: region.clone(),
            inspector_id: need_fast(&seeded.inspectors, &leave.person_id, "人员")?,
            from_day: leave.from,
            to_day: leave.to,
            kind: leave.kind.clone(),
            created_at: At(cx.now),
        });
    }
    leaves::insert_all(cx.db, &rows)?;

    let mut pairs: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for r in &input.recusals {
        pairs.entry((&r.person_id, &r.subject)).or_default().insert(&r.reason);
    }
    let mut rows = Vec::with_capacity(pairs.len());
    for ((person, subject), reasons) in pairs {
        rows.push(inspectors::Recusal {
            id: cx.id()?,
            region: region.clone(),
            inspector_id: need_fast(&seeded.inspectors, person, "人员")?,
            subject_id: need_fast(&seeded.subjects, subject, "检查对象")?,
            reason: reasons.into_iter().collect::<Vec<_>>().join(";"),
            source: recusal::Source::List.as_str().to_owned(),
            state: recusal::State::Approved.as_str().to_owned(),
            decided_by: None,
            decision_note: String::new(),
            version: 1,
            created_at: At(cx.now),
            updated_at: At(cx.now),
        });
    }
    recusals::insert_all(cx.db, &rows)
}

fn inspector_row(cx: &Cx<'_>, p: &Inspector, department: Id) -> Result<inspectors::Inspector> {
    Ok(inspectors::Inspector {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: department,
        code: p.id.clone(),
        name: p.name.clone(),
        search: fold(&format!("{} {}", p.name, p.id)),
        sex: p.sex.clone(),
        unit_type: p.unit_type.clone(),
        unit: p.unit.clone(),
        post: post_name(p.post).to_owned(),
        cert_no: p.cert_no.clone(),
        daily_minutes: number(p.daily_minutes),
        can_lead: p.can_lead,
        reserve: false,
        expert: p.post == PoolKind::Experts,
        load0: number(p.load0),
        email: String::new(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// The filter of a plan entry of the planning files.
#[must_use]
pub fn filter_of(plan: &PlanEntry) -> SubjectFilter {
    SubjectFilter {
        kinds: plan.kinds.clone(),
        industries: plan.industries.clone(),
        towns: plan.towns.clone(),
        credits: plan.credits.clone(),
        ..SubjectFilter::default()
    }
}

fn plan_entry(cx: &Cx<'_>, plan: &PlanEntry, seeded: &Seeded) -> Result<plans::PlanEntry> {
    let filter = filter_of(plan);
    let items = plan.items.iter().map(|code| {
        let found = seeded.items.get(&(plan.dept_id.clone(), code.clone()));
        found.copied().ok_or_else(|| Error::refused("unknown_code", format!("没有编码为 {code} 的事项")))
    });
    let document = |e: serde_json::Error| Error::internal(&e);
    Ok(plans::PlanEntry {
        id: cx.id()?,
        region: cx.region().to_owned(),
        department_id: need(&seeded.departments, &plan.dept_id, "部门")?,
        code: plan.id.clone(),
        year: plan.earliest.year(),
        name: plan.name.clone(),
        items: Doc(items.collect::<Result<_>>()?),
        targeted: filter.is_targeted(),
        filter: Doc(serde_json::to_value(&filter).map_err(document)?),
        ratio_text: plan.ratio.text.clone(),
        ratio: Doc(serde_json::to_value(plan.ratio.rule).map_err(document)?),
        class_ratios: Doc(serde_json::to_value(&plan.class_ratios).map_err(document)?),
        window_from: Some(plan.earliest),
        window_to: Some(plan.latest),
        window_text: String::new(),
        priority: number(plan.priority),
        details: Doc(PlanDetails::default().to_value()),
        state: plan_state::State::Filed.as_str().to_owned(),
        inspection_id: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}
