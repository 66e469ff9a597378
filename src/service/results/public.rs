//! What anybody may see: published items, plans, announcements and results. Each is a list of fields named one by one;
//! nothing about a subject before its visit has ended and its result is published, and no name of a person ever.

use super::outcomes;
use crate::domain::alias::fold;
use crate::domain::publication::{Conclusion, conclusion};
use crate::domain::result::Outcome;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::embargo;
use crate::service::privacy;
use crate::store::inspections::{self, Inspection};
use crate::store::items::{self, Item};
use crate::store::oversight::{self, PlanBase};
use crate::store::plans::{self, PlanEntry};
use crate::store::results::findings::PublicFilter;
use crate::store::results::{CheckResult, conducts, findings};
use crate::store::types::At;
use crate::store::{county, departments, publications, subjects};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeSet, HashMap};

/// A published result.
#[derive(Debug, Clone)]
pub struct Published {
    /// Identifier.
    pub id: Id,
    /// Credit code or registration number of the subject.
    pub subject_key: String,
    /// Its name.
    pub subject: String,
    /// The authority that inspected.
    pub department: String,
    /// Its code.
    pub department_code: String,
    /// The item.
    pub item: String,
    /// Number of the joint inspection; empty for a single task.
    pub number: String,
    /// Its name.
    pub inspection: String,
    /// What was found.
    pub outcomes: Vec<Outcome>,
    /// What it comes to.
    pub conclusion: Conclusion,
    /// The day the inspection ended.
    pub end_day: Option<NaiveDate>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// `published`, or `corrected` when a later version replaced it.
    pub state: String,
    /// Number of the version.
    pub revision: i32,
    /// Joint inspection.
    pub inspection_id: Option<Id>,
    /// Visit; for grouping, never shown.
    pub visit_id: Id,
    /// Subject; for grouping, never shown.
    pub subject_id: Id,
    /// Department; for grouping.
    pub department_id: Id,
}

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Adds to published rows what the public needs to understand them, keeping their order.
///
/// # Errors
/// The database.
pub fn dress(cx: &mut Cx<'_>, rows: &[CheckResult]) -> Result<Vec<Published>> {
    let region = cx.region().to_owned();
    let offices: HashMap<Id, (String, String)> =
        departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, (d.code, d.name))).collect();
    let subjects: HashMap<Id, (String, String)> =
        county::subjects(cx.db, &distinct(rows.iter().map(|r| r.subject_id)))?
            .into_iter()
            .map(|s| (s.id, (s.key, s.name)))
            .collect();
    let items: HashMap<Id, String> = county::items(cx.db, &distinct(rows.iter().map(|r| r.item_id)))?
        .into_iter()
        .map(|i| (i.id, i.name))
        .collect();
    let mut joint: HashMap<Id, (String, String)> = HashMap::new();
    for i in county::inspections(cx.db, &distinct(rows.iter().filter_map(|r| r.inspection_id)))? {
        joint.insert(i.id, (i.number, privacy::title(cx, &i.name)?));
    }
    let ends: HashMap<Id, NaiveDate> =
        conducts::of_visits(cx.db, &distinct(rows.iter().map(|r| r.visit_id)))?
            .into_iter()
            .filter_map(|c| c.end_day.map(|day| (c.visit_id, day)))
            .collect();
    let pair = |map: &HashMap<Id, (String, String)>, id: Id| map.get(&id).cloned().unwrap_or_default();
    Ok(rows
        .iter()
        .filter_map(|row| {
            let published_at = row.published_at?.0;
            let (subject_key, subject) = pair(&subjects, row.subject_id);
            let (department_code, department) = pair(&offices, row.department_id);
            let (number, inspection) = row.inspection_id.map(|id| pair(&joint, id)).unwrap_or_default();
            let outcomes = outcomes(row);
            Some(Published {
                id: row.id,
                subject_key,
                subject,
                department,
                department_code,
                item: items.get(&row.item_id).cloned().unwrap_or_default(),
                number,
                inspection,
                conclusion: conclusion(&outcomes),
                outcomes,
                end_day: ends.get(&row.visit_id).copied(),
                published_at,
                state: row.state.clone(),
                revision: row.revision,
                inspection_id: row.inspection_id,
                visit_id: row.visit_id,
                subject_id: row.subject_id,
                department_id: row.department_id,
            })
        })
        .collect())
}

/// Published results, the newest first; of a subject (by its key) or a department.
///
/// # Errors
/// The database.
pub fn results_of(
    cx: &mut Cx<'_>,
    subject: Option<&str>,
    department: Option<Id>,
    before: Option<(At, Id)>,
    limit: i64,
) -> Result<Vec<Published>> {
    let region = cx.region().to_owned();
    let mut filter = PublicFilter { department, ..PublicFilter::default() };
    if let Some(key) = subject {
        let key = key.trim();
        let found = match subjects::by_key(cx.db, &region, key)? {
            Some(found) => Some(found),
            None => subjects::by_key(cx.db, &region, &key.to_ascii_uppercase())?,
        };
        // Whoever is not in the directory was never inspected.
        let Some(found) = found else { return Ok(Vec::new()) };
        filter.subject = Some(found.id);
    }
    let rows = findings::public(cx.db, &region, &filter, before, limit)?;
    dress(cx, &rows)
}

/// Published results, the newest first, of the subjects whose number this is, or in whose name or number it occurs.
///
/// # Errors
/// The database.
pub fn results_matching(
    cx: &mut Cx<'_>,
    words: Option<&str>,
    department: Option<Id>,
    before: Option<(At, Id)>,
    limit: i64,
) -> Result<Vec<Published>> {
    let region = cx.region().to_owned();
    let search = words.map(fold).filter(|w| !w.is_empty());
    let filter = PublicFilter { department, search, ..PublicFilter::default() };
    let rows = findings::public(cx.db, &region, &filter, before, limit)?;
    dress(cx, &rows)
}

/// Published items that are in force.
///
/// # Errors
/// The database.
pub fn items_of(
    cx: &mut Cx<'_>,
    department: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<(Item, String)>> {
    let region = cx.region().to_owned();
    let filter = items::Filter {
        department,
        state: Some("published".to_owned()),
        level: Some("own".to_owned()),
        ..items::Filter::default()
    };
    let names = names(cx)?;
    let rows = items::list(cx.db, &region, &filter, after, limit)?;
    Ok(rows
        .into_iter()
        .map(|i| (names.get(&i.department_id).cloned().unwrap_or_default(), i))
        .map(|(n, i)| (i, n))
        .collect())
}

/// A published plan entry.
#[derive(Debug, Clone)]
pub struct PublicEntry {
    /// The entry.
    pub row: PlanEntry,
    /// Name of the department.
    pub department: String,
    /// Who could be drawn when it was approved.
    pub base: Option<PlanBase>,
}

/// Published plan entries.
///
/// # Errors
/// The database.
pub fn plans_of(
    cx: &mut Cx<'_>,
    year: Option<i32>,
    department: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<PublicEntry>> {
    let region = cx.region().to_owned();
    let filter = plans::Filter { department, year, state: Some("published".to_owned()) };
    let names = names(cx)?;
    let rows = plans::list(cx.db, &region, &filter, after, limit)?;
    let ids: Vec<Id> = rows.iter().map(|p| p.id).collect();
    let mut bases: HashMap<Id, PlanBase> =
        oversight::bases(cx.db, &ids)?.into_iter().map(|b| (b.plan_id, b)).collect();
    Ok(rows
        .into_iter()
        .map(|row| PublicEntry {
            department: names.get(&row.department_id).cloned().unwrap_or_default(),
            base: bases.remove(&row.id),
            row,
        })
        .collect())
}

fn names(cx: &mut Cx<'_>) -> Result<HashMap<Id, String>> {
    let region = cx.region().to_owned();
    Ok(departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.name)).collect())
}

/// A joint inspection that was sent out, as the public is told before and while it takes place.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The inspection.
    pub row: Inspection,
    /// The departments that take part, the initiating one first.
    pub departments: Vec<String>,
    /// How many subjects are to be visited: which ones nobody is told here.
    pub subjects: i64,
}

/// Joint inspections that were sent out. Those with unannounced visits that wait are not among them: what is inspected
/// in which weeks is what a surprise is about.
///
/// # Errors
/// The database.
pub fn announcements(cx: &mut Cx<'_>, mut after: Option<Id>, limit: i64) -> Result<Vec<Announcement>> {
    let region = cx.region().to_owned();
    let names = names(cx)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows: Vec<Inspection> = Vec::new();
    while rows.len() < most {
        let mut page = publications::announced(cx.db, &region, after, limit)?;
        let full = page.len() >= most;
        after = page.last().map(|i| i.id);
        let held = embargo::held(cx, &page)?;
        page.retain(|i| !held.contains(&i.id));
        rows.extend(page);
        if !full {
            break;
        }
    }
    rows.truncate(most);
    let mut list = Vec::with_capacity(rows.len());
    for mut row in rows {
        row.name = privacy::title(cx, &row.name)?;
        let mut partners: Vec<Id> = publications::departments_of(cx.db, row.id)?
            .into_iter()
            .filter(|d| *d != row.department_id)
            .collect();
        partners.insert(0, row.department_id);
        list.push(Announcement {
            departments: partners.iter().filter_map(|id| names.get(id).cloned()).collect(),
            subjects: publications::subjects_of(cx.db, row.id)?,
            row,
        });
    }
    Ok(list)
}

/// The names of those of these joint inspections whose announcement is public; while it is not, not even what is inspected
/// may be told.
///
/// # Errors
/// The database.
pub fn announced_names(cx: &mut Cx<'_>, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let mut rows = inspections::by_ids(cx.db, ids)?;
    rows.retain(|i| publications::ANNOUNCED.contains(&i.state.as_str()));
    let held = embargo::held(cx, &rows)?;
    rows.retain(|i| !held.contains(&i.id));
    rows.into_iter().map(|i| Ok((i.id, privacy::title(cx, &i.name)?))).collect()
}
