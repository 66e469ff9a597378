//! Which subjects an inspection is about: the preview before it is decided, and the counts its warnings judge by.

use super::super::cx::Cx;
use super::super::pools;
use super::{Loaded, doc, load_for};
use crate::domain::access::Action;
use crate::domain::draw::quota::{self, Quota as DrawQuota};
use crate::domain::head_count;
use crate::domain::scope::{Quota, SubjectFacts, SubjectFilter, Warning};
use crate::error::Result;
use crate::ids::Id;
use crate::service::memory;
use crate::store::departments::{self, Department};
use crate::store::inspections;
use crate::store::scopes::{self, Fact};
use std::collections::{BTreeMap, HashMap};

/// The subjects of a county with who supervises them.
#[derive(Debug)]
pub struct Universe {
    /// The subjects that can be inspected, in the order of their keys.
    pub subjects: Vec<Fact>,
    /// The departments of the county.
    pub departments: Vec<Department>,
    /// Each set of departments that supervises somebody, once: identifiers, and the same as identifiers and codes, which
    /// filters name. The first is empty.
    sets: Vec<(Vec<Id>, Vec<String>)>,
    /// Subject → place of its set; those whom nobody supervises are left out.
    set_of: HashMap<Id, usize>,
}

impl Universe {
    /// Reads it.
    ///
    /// # Errors
    /// The database.
    pub fn read(cx: &mut Cx<'_>) -> Result<Self> {
        let region = cx.region().to_owned();
        let departments = departments::all(cx.db, &region)?;
        let codes: HashMap<Id, &str> = departments.iter().map(|d| (d.id, d.code.as_str())).collect();
        let words = |set: &[Id]| -> Vec<String> {
            let both = |d: &Id| [Some(d.to_string()), codes.get(d).map(|c| (*c).to_owned())];
            set.iter().flat_map(both).flatten().collect()
        };
        let mut pairs = scopes::supervisors(cx.db, &region)?;
        pairs.sort_unstable();
        let (mut sets, mut set_of) =
            (vec![(Vec::new(), Vec::new())], HashMap::with_capacity(pairs.len() / 2));
        let mut places: HashMap<Vec<Id>, usize> = HashMap::new();
        for of_one in pairs.chunk_by(|a, b| a.0 == b.0) {
            let set: Vec<Id> = of_one.iter().map(|(_, department)| *department).collect();
            let Some((subject, _)) = of_one.first() else { continue };
            let place = *places.entry(set).or_insert_with_key(|set| {
                sets.push((set.clone(), words(set)));
                sets.len() - 1
            });
            set_of.insert(*subject, place);
        }
        let subjects = scopes::subjects(cx.db, &region)?;
        Ok(Self { subjects, departments, sets, set_of })
    }

    /// The place of the set of departments that supervise a subject.
    fn place(&self, subject: &Fact) -> usize {
        self.set_of.get(&subject.id).copied().unwrap_or(0)
    }

    /// The departments that supervise a subject.
    #[must_use]
    pub fn supervisors(&self, subject: &Fact) -> &[Id] {
        self.sets.get(self.place(subject)).map_or(&[], |(departments, _)| departments.as_slice())
    }

    /// What filters look at in a subject.
    #[must_use]
    pub fn facts<'a>(&'a self, subject: &'a Fact) -> SubjectFacts<'a> {
        SubjectFacts {
            kind: &subject.kind,
            industry: &subject.industry,
            town: &subject.town,
            tags: &subject.tags.0,
            credit: &subject.credit,
            supervised_by: self.sets.get(self.place(subject)).map_or(&[], |(_, words)| words.as_slice()),
            abnormal: subject.abnormal,
            serious: subject.serious,
        }
    }

    /// The subjects a filter matches.
    pub fn matching<'a>(&'a self, filter: &'a SubjectFilter) -> impl Iterator<Item = &'a Fact> {
        self.subjects.iter().filter(move |s| filter.matches(&self.facts(s)))
    }

    /// Inspecting departments that supervise a subject of the filter, with how many, most first.
    #[must_use]
    pub fn related(&self, filter: &SubjectFilter) -> Vec<(Id, u64)> {
        let mut of_set = vec![0_u64; self.sets.len()];
        for subject in self.matching(filter) {
            if let Some(n) = of_set.get_mut(self.place(subject)) {
                *n += 1;
            }
        }
        let mut counts: BTreeMap<Id, u64> = BTreeMap::new();
        for ((departments, _), n) in self.sets.iter().zip(of_set).filter(|(_, n)| *n > 0) {
            for department in departments {
                *counts.entry(*department).or_default() += n;
            }
        }
        let can = |id: &Id| {
            self.departments.iter().any(|d| d.id == *id && d.kind == "inspecting" && d.state == "active")
        };
        let mut list: Vec<(Id, u64)> = counts.into_iter().filter(|(id, _)| can(id)).collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        list
    }
}

/// What a scope and a quota come to.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Subjects in the scope.
    pub eligible: u64,
    /// By credit-risk class; the empty one: not classified.
    pub by_class: BTreeMap<String, u64>,
    /// By town.
    pub by_town: BTreeMap<String, u64>,
    /// By kind.
    pub by_kind: BTreeMap<String, u64>,
    /// How many would be drawn; none where the quota cannot be met, and then why.
    pub drawn: std::result::Result<u64, String>,
    /// What should be looked at.
    pub warnings: Vec<Warning>,
    /// Departments that supervise some of them: (department, subjects).
    pub related: Vec<(Id, u64)>,
}

/// Counts what a scope and quota come to.
#[must_use]
pub fn preview_of(universe: &Universe, filter: &SubjectFilter, quota: &Quota, floors: (u32, u32)) -> Preview {
    let mut preview = Preview {
        eligible: 0,
        by_class: BTreeMap::new(),
        by_town: BTreeMap::new(),
        by_kind: BTreeMap::new(),
        drawn: Ok(0),
        warnings: Vec::new(),
        related: universe.related(filter),
    };
    for subject in universe.matching(filter) {
        preview.eligible += 1;
        *preview.by_class.entry(subject.credit.clone()).or_default() += 1;
        *preview.by_town.entry(subject.town.clone()).or_default() += 1;
        *preview.by_kind.entry(subject.kind.clone()).or_default() += 1;
    }
    preview.drawn = wanted(quota, &preview.by_class);
    let targeted = filter.is_targeted();
    preview.warnings = quota.warnings(targeted, preview.eligible, &preview.by_class);
    let floor = if targeted { floors.1 } else { floors.0 };
    let known = preview.warnings.iter().any(|w| w.code == "below_floor");
    if let Ok(drawn) = preview.drawn
        && !known
        && preview.eligible > 0
        && drawn * 10_000 < u64::from(floor) * preview.eligible
    {
        preview.warnings.push(Warning {
            code: "below_floor",
            text: format!("预计抽取{drawn}户,低于本县设定的抽查下限(万分之{floor})"),
        });
    }
    if preview.eligible == 0 {
        preview
            .warnings
            .push(Warning {
                code: "nobody", text: "没有符合条件的检查对象,请放宽范围".to_owned()
            });
    }
    preview
}

/// How many a quota comes to, given the sizes of the classes.
///
/// # Errors
/// Why no number follows, in words.
pub fn wanted(quota: &Quota, by_class: &BTreeMap<String, u64>) -> std::result::Result<u64, String> {
    let asked = quota.asked().map_err(|f| f.into_iter().map(|f| f.1).collect::<Vec<_>>().join(";"))?;
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for (class, n) in by_class {
        *sizes.entry(pools::stratum(class)).or_default() += n;
    }
    let quotas = pools::quotas_asked("", &asked, &sizes)?;
    let draw = DrawQuota { mode: quotas.mode, total: quotas.total, total_bp: 0 };
    let taken = quota::quotas(draw, &quotas.strata)
        .map_err(|f| f.into_iter().map(|f| f.text).collect::<Vec<_>>().join(";"))?;
    Ok(taken.iter().sum())
}

/// The preview of an inspection as it stands.
///
/// # Errors
/// Not visible.
pub fn preview(cx: &mut Cx<'_>, id: Id) -> Result<Preview> {
    let loaded = load_for(cx, id, Action::ViewInspection)?;
    let known = memory::directory(cx)?;
    let mut preview = of(cx, &known.universe, &loaded)?;
    let sent: Vec<usize> = inspections::participants(cx.db, id)?
        .iter()
        .map(|p| usize::try_from(p.people).unwrap_or(0))
        .collect();
    let p = &cx.rules.procedure;
    let people = sent.iter().sum();
    preview.warnings.extend(head_count::warning(
        people,
        sent.len(),
        p.people_per_department,
        p.people_ceiling,
    ));
    Ok(preview)
}

/// The preview of an inspection that was loaded.
///
/// # Errors
/// The row has been damaged.
pub fn of(cx: &Cx<'_>, universe: &Universe, loaded: &Loaded) -> Result<Preview> {
    let (filter, quota) = (doc(&loaded.inspection.filter)?, doc(&loaded.inspection.quota)?);
    let p = &cx.rules.procedure;
    Ok(preview_of(universe, &filter, &quota, (p.untargeted_floor_bp, p.targeted_floor_bp)))
}
