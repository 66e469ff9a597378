//! What a server keeps between requests, because reading it anew costs more than asking whether it has changed. Nothing
//! here is ever believed: each use asks the database for the stamp first, so that several servers on one database see the
//! same.

use super::cx::Cx;
use super::inspections::eligible::Universe;
use crate::error::Result;
use crate::ids::Id;
use crate::store::types::At;
use crate::store::{departments, scopes};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Counties' directories as they were when last read.
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<String, Arc<Directory>>>);

/// What tells one state of a directory from another: every change of a subject, its supervisors included, counts its
/// version up and says when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    departments: Vec<(Id, i64)>,
    subjects: scopes::Stamp,
}

/// The subjects of a county that can be inspected, with what is often asked of all of them.
#[derive(Debug)]
pub struct Directory {
    stamp: Stamp,
    /// The subjects, who supervises them, the departments.
    pub universe: Universe,
    words: OnceLock<Words>,
    kept: OnceLock<BTreeMap<Id, Kept>>,
}

/// What occurs in the directory: what a scope can be chosen from.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// 主体类型.
    pub kinds: Vec<String>,
    /// 乡镇街道.
    pub towns: Vec<String>,
    /// 信用风险分类; the empty one: not classified.
    pub credits: Vec<String>,
    /// 行业代码 with its name.
    pub industries: Vec<(String, String)>,
    /// 标签.
    pub tags: Vec<String>,
}

/// How a department keeps its part of the directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Subjects it supervises that can be inspected.
    pub subjects: i64,
    /// Those with a credit-risk class.
    pub classified: i64,
    /// When one of them was entered or changed last, in China.
    pub on: Option<NaiveDate>,
}

/// The directory of the county of whoever asks, as it is now. For what is shown: what is decided, as the pool of a draw,
/// is read anew.
///
/// # Errors
/// The database.
pub fn directory(cx: &mut Cx<'_>) -> Result<Arc<Directory>> {
    let region = cx.region().to_owned();
    let departments = departments::all(cx.db, &region)?.into_iter().map(|d| (d.id, d.version)).collect();
    let stamp = Stamp { departments, subjects: scopes::stamp(cx.db, &region)? };
    let places = || cx.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = places().get(&region).filter(|d| d.stamp == stamp) {
        return Ok(Arc::clone(known));
    }
    let memory = cx.memory;
    let universe = Universe::read(cx)?;
    let read = Arc::new(Directory { stamp, universe, words: OnceLock::new(), kept: OnceLock::new() });
    memory.0.lock().unwrap_or_else(PoisonError::into_inner).insert(region, Arc::clone(&read));
    Ok(read)
}

impl Directory {
    /// What occurs in it, sorted.
    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let subjects = &self.universe.subjects;
            let sorted = |of: fn(&scopes::Fact) -> &String| -> Vec<String> {
                subjects.iter().map(of).collect::<BTreeSet<_>>().into_iter().cloned().collect()
            };
            let industries: BTreeSet<_> = subjects.iter().map(|s| (&s.industry, &s.industry_name)).collect();
            let tags: BTreeSet<_> = subjects.iter().flat_map(|s| &s.tags.0).collect();
            Words {
                kinds: sorted(|s| &s.kind),
                towns: sorted(|s| &s.town),
                credits: sorted(|s| &s.credit),
                industries: industries.into_iter().map(|(a, b)| (a.clone(), b.clone())).collect(),
                tags: tags.into_iter().cloned().collect(),
            }
        })
    }

    /// How a department keeps its part of it.
    #[must_use]
    pub fn kept_by(&self, department: Id) -> Kept {
        let kept = self.kept.get_or_init(|| {
            let mut last: BTreeMap<Id, (Kept, At)> = BTreeMap::new();
            for subject in &self.universe.subjects {
                for department in self.universe.supervisors(subject) {
                    let (kept, at) = last.entry(*department).or_insert((Kept::default(), subject.updated_at));
                    kept.subjects += 1;
                    kept.classified += i64::from(!subject.credit.is_empty());
                    *at = subject.updated_at.max(*at);
                }
            }
            let day = |at: At| Some(crate::clock::china_date(at.0));
            last.into_iter().map(|(id, (kept, at))| (id, Kept { on: day(at), ..kept })).collect()
        });
        kept.get(&department).copied().unwrap_or_default()
    }
}
