//! The registries as the rows of an import file: what goes out can come in again.

use super::cx::Cx;
use super::departments::is_staff;
use super::inspectors::for_ever;
use super::{items as item_rules, plans as plan_rules};
use crate::domain::access::{Action, Scope};
use crate::domain::planning::input::{
    Department, Inspector, Leave, PoolKind, Qualification, Recusal, Subject, UnitKind,
};
use crate::domain::ratio::Ratio;
use crate::domain::registry::recusal::State as RecusalState;
use crate::domain::registry::{Category, ItemDetails, ListLevel, PlanDetails, mode_named, notice_named};
use crate::domain::rows::{
    DepartmentRow, InspectorRow, ItemRow, Kind, PlanRow, Row, Rows, SubjectRow, Table,
};
use crate::error::Result;
use crate::ids::Id;
use crate::store::inspectors::{self, RecusalFilter};
use crate::store::{departments, items, plans, subjects};
use std::collections::HashMap;

fn table<T>(rows: impl IntoIterator<Item = T>) -> Table<T> {
    let rows = rows.into_iter().zip(2..).map(|(value, number)| Row { number, sound: true, value });
    Table { rows: rows.collect(), columns: std::collections::BTreeSet::new() }
}

fn whole(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

/// Everything of a kind that the actor may see.
///
/// # Errors
/// Not allowed; the database.
pub fn rows(cx: &mut Cx<'_>, kind: Kind) -> Result<Rows> {
    let region = cx.region().to_owned();
    let county = Scope::county(&region);
    let codes: HashMap<Id, String> =
        departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.code)).collect();
    let code = |id: Id| codes.get(&id).cloned().unwrap_or_default();
    Ok(match kind {
        Kind::Departments => {
            cx.may(Action::ViewCommon, &county)?;
            // Offices that do not inspect are no rows of the planning files.
            let rows = departments::all(cx.db, &region)?;
            let rows = rows.into_iter().filter(|d| matches!(d.kind.as_str(), "inspecting" | "expert_pool"));
            Rows::Departments(table(rows.map(|d| DepartmentRow {
                base: Department {
                    id: d.code,
                    uscc: d.uscc,
                    name: d.name,
                    level: d.level,
                    division: d.division,
                    pool: if d.kind == "expert_pool" { PoolKind::Experts } else { PoolKind::Officers },
                    rank: whole(d.rank),
                },
                aliases: d.aliases.0,
                contact: d.contact,
            })))
        }
        Kind::Items => {
            cx.may(Action::ViewItem, &county)?;
            let own = cx.actor.department;
            let staff = is_staff(cx);
            let mut latest: Vec<items::Item> = Vec::new();
            for item in items::all(cx.db, &region, ListLevel::Own.as_str())? {
                let visible =
                    !staff || own == Some(item.department_id) || items::PUBLIC.contains(&item.state.as_str());
                match latest.last_mut() {
                    _ if !visible => {}
                    Some(last) if last.department_id == item.department_id && last.code == item.code => {
                        *last = item
                    }
                    _ => latest.push(item),
                }
            }
            Rows::Items(table(latest.iter().map(|item| item_row(item, code(item.department_id)))))
        }
        Kind::Subjects => {
            cx.may(Action::ViewSubject, &county)?;
            let mut supervised: HashMap<Id, Vec<String>> = HashMap::new();
            for s in subjects::supervisions(cx.db, &region)? {
                supervised.entry(s.subject_id).or_default().push(code(s.department_id));
            }
            let rows = subjects::all(cx.db, &region)?;
            Rows::Subjects(table(rows.into_iter().map(|s| {
                let mut departments = supervised.remove(&s.id).unwrap_or_default();
                departments.sort_unstable();
                subject_row(s, departments)
            })))
        }
        Kind::Inspectors => Rows::Inspectors(table(people(cx)?.into_iter().map(|p| InspectorRow {
            base: Inspector {
                id: p.code,
                name: p.name,
                sex: p.sex,
                dept_id: code(p.department_id),
                unit_type: p.unit_type,
                unit_kind: UnitKind::Other,
                unit: p.unit,
                post: if p.expert { PoolKind::Experts } else { PoolKind::Officers },
                cert_no: p.cert_no,
                daily_minutes: whole(p.daily_minutes),
                can_lead: p.can_lead,
                load0: whole(p.load0),
            },
            reserve: p.reserve,
            email: p.email,
        }))),
        Kind::Certificates => {
            let people = by_id(people(cx)?);
            let rows = inspectors::certificates_of(cx.db, &region, None)?;
            Rows::Certificates(table(rows.into_iter().filter_map(|c| {
                Some(Qualification {
                    person_id: people.get(&c.inspector_id)?.clone(),
                    qual: c.qual,
                    qual_name: c.qual_name,
                    no: c.no,
                    from: c.valid_from.unwrap_or_default(),
                    to: c.valid_to.unwrap_or_else(for_ever),
                })
            })))
        }
        Kind::Leave => {
            let people = by_id(people(cx)?);
            let rows = inspectors::leave_of(cx.db, &region, None)?;
            Rows::Leave(table(rows.into_iter().filter_map(|l| {
                let person_id = people.get(&l.inspector_id)?.clone();
                Some(Leave { person_id, from: l.from_day, to: l.to_day, kind: l.kind })
            })))
        }
        Kind::Recusals => {
            let people = by_id(people(cx)?);
            let keys: HashMap<Id, String> =
                subjects::all(cx.db, &region)?.into_iter().map(|s| (s.id, s.key)).collect();
            let rows = inspectors::recusals_of(cx.db, &region, &RecusalFilter::default(), None, i64::MAX)?;
            let rows =
                rows.into_iter().filter(|r| RecusalState::parse(&r.state).is_some_and(RecusalState::blocks));
            Rows::Recusals(table(rows.filter_map(|r| {
                let (person_id, subject) =
                    (people.get(&r.inspector_id)?.clone(), keys.get(&r.subject_id)?.clone());
                Some(Recusal { person_id, subject, reason: r.reason })
            })))
        }
        Kind::Plans => {
            let rows = plan_rules::list(cx, plans::Filter::default(), None, i64::MAX)?;
            let mut item_codes: HashMap<Id, String> = HashMap::new();
            for item in items::all(cx.db, &region, ListLevel::Own.as_str())? {
                item_codes.insert(item.id, item.code);
            }
            Rows::Plans(table(rows.iter().map(|p| plan_row(p, code(p.department_id), &item_codes))))
        }
    })
}

/// The people the actor sees.
fn people(cx: &mut Cx<'_>) -> Result<Vec<inspectors::Inspector>> {
    super::inspectors::list(cx, inspectors::Filter::default(), None, i64::MAX)
}

fn by_id(people: Vec<inspectors::Inspector>) -> HashMap<Id, String> {
    people.into_iter().map(|p| (p.id, p.code)).collect()
}

fn item_row(item: &items::Item, department: String) -> ItemRow {
    let text = item_rules::text_of(item);
    ItemRow {
        code: item.code.clone(),
        department,
        name: text.name,
        field: text.field,
        object: text.object,
        mode: mode_named(&item.mode),
        notice: notice_named(&item.notice),
        minutes: Some(text.minutes),
        qualification: text.qualification,
        equivalence_group: text.equivalence_group,
        cap: text.cap,
        category: Category::parse(&item.category).unwrap_or(Category::None),
        ratio: (!text.ratio.is_empty()).then(|| Ratio::parse(&text.ratio)),
        details: ItemDetails::of(&item.details.0),
    }
}

/// Millionths of a degree, as the planning files count.
#[must_use]
pub fn millionths(degrees: Option<f64>) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 million; the cast saturates")]
    degrees.map(|d| (d * 1e6).round() as i32)
}

fn subject_row(s: subjects::Subject, departments: Vec<String>) -> SubjectRow {
    SubjectRow {
        base: Subject {
            has_uscc: !s.uscc.is_empty(),
            key: s.key,
            name: s.name,
            kind: s.kind,
            division: s.division,
            town: s.town,
            address: s.address,
            industry: s.industry,
            industry_name: s.industry_name,
            credit: s.credit,
            founded: s.founded,
            lon: millionths(s.lon),
            lat: millionths(s.lat),
            contact: s.contact,
        },
        registration_no: if s.uscc.is_empty() { String::new() } else { s.registration_no },
        phone: s.phone,
        tags: s.tags.0,
        departments,
        abnormal: s.abnormal,
        serious: s.serious,
    }
}

fn plan_row(p: &plans::PlanEntry, department: String, items: &HashMap<Id, String>) -> PlanRow {
    PlanRow {
        code: p.code.clone(),
        department,
        name: p.name.clone(),
        items: p.items.0.iter().filter_map(|id| items.get(id).cloned()).collect(),
        filter: plan_rules::filter_of(p),
        ratio: Ratio::parse(&p.ratio_text),
        class_ratios: plan_rules::class_ratios_of(p),
        from: p.window_from,
        to: p.window_to,
        window: p.window_text.clone(),
        priority: whole(p.priority),
        details: PlanDetails::of(&p.details.0),
    }
}
