//! The overlap board (重叠看板): which subjects and subject types several departments' plans hit, and which plans joined into
//! one joint inspection would save the most visits. Counting only; nothing is drawn or merged here.

mod bits;
pub mod proposals;

pub use proposals::{Blocked, Equivalent, Obstacle, Proposal};

use super::cap::Status;
use super::planning::input::Notice;
use super::scope::{SubjectFacts, SubjectFilter};
use bits::Bits;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// An item of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Identifier.
    pub id: String,
    /// 等价组: items of one group are checked once; empty = none.
    pub equivalence: String,
}

/// A plan entry or an inspection not yet drawn, of one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifier, unique.
    pub id: String,
    /// Department that checks.
    pub department: String,
    /// Which subjects.
    pub filter: SubjectFilter,
    /// What is checked.
    pub items: Vec<Item>,
    /// How many subjects it is going to visit; more than match counts as all that match.
    pub visits: u64,
    /// 最早日期.
    pub earliest: NaiveDate,
    /// 最晚日期, included.
    pub latest: NaiveDate,
    /// 告知方式.
    pub notice: Notice,
    /// Whether it needs an entry at all; others are left out of the board.
    pub on_site: bool,
}

/// A subject as the board sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The row of the matrix it belongs to (检查对象类型).
    pub group: &'a str,
    /// What filters look at.
    pub facts: SubjectFacts<'a>,
}

/// The standing of a department with a subject, where it is known; without one the cap is taken to be free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapUse {
    /// Department.
    pub department: String,
    /// Place in the list of subjects.
    pub subject: usize,
    /// Standing.
    pub status: Status,
}

/// One field of the matrix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Subjects of the type some entry of the department is about.
    pub subjects: u64,
    /// Of these, those the department has no planned check left for.
    pub at_cap: u64,
}

/// A row of the matrix: one subject type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Subjects of the type, hit or not.
    pub subjects: u64,
    /// Subjects hit by two or more departments.
    pub shared: u64,
    /// By department; departments that hit none are left out.
    pub cells: BTreeMap<String, Cell>,
}

/// A subject hit by two or more departments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Place in the list of subjects.
    pub subject: usize,
    /// Departments, sorted.
    pub departments: Vec<Arc<str>>,
}

/// The whole board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// Subject type → row.
    pub matrix: BTreeMap<String, Row>,
    /// Subjects hit by two or more departments: most departments first, then in order of the list.
    pub hits: Vec<Hit>,
    /// Sets of entries worth joining, most visits avoided first. They may share entries: accepting one changes the
    /// others, so the board is made again after it.
    pub proposals: Vec<Proposal>,
    /// Pairs of entries of different departments that share subjects and cannot be joined as they are.
    pub blocked: Vec<Blocked>,
    /// Entries whose filter matches nobody.
    pub empty: Vec<String>,
}

/// Limits of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Most departments in one visit.
    pub max_departments: usize,
    /// Most proposals returned.
    pub proposals: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_departments: 6, proposals: 50 }
    }
}

/// An entry with what it matches.
struct Reach<'a> {
    entry: &'a Entry,
    department: usize,
    subjects: Bits,
    size: u64,
}

/// Makes the board. The order of entries does not matter; subjects keep theirs, and the index is theirs.
#[must_use]
pub fn board(
    entries: &[Entry],
    (index, subjects): (&Index<'_>, &[Subject<'_>]),
    caps: &[CapUse],
    options: &Options,
) -> Board {
    let mut on_site: Vec<&Entry> = entries.iter().filter(|e| e.on_site).collect();
    on_site.sort_by(|a, b| a.id.cmp(&b.id));
    let names: Vec<&str> =
        on_site.iter().map(|e| e.department.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let place: HashMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    let reaches: Vec<Reach<'_>> = on_site
        .iter()
        .map(|entry| {
            let found = index.matching(&entry.filter, subjects);
            let department = place.get(entry.department.as_str()).copied().unwrap_or(0);
            Reach { entry, department, size: found.count(), subjects: found }
        })
        .collect();
    // Department → subjects some entry of it is about; and those without a planned check left.
    let mut hit_by = vec![Bits::new(subjects.len()); names.len()];
    for reach in &reaches {
        hit_by[reach.department].add(&reach.subjects);
    }
    let mut full = vec![Bits::new(subjects.len()); names.len()];
    for cap in caps.iter().filter(|c| c.subject < subjects.len() && c.status.left() == 0) {
        if let Some(department) = place.get(cap.department.as_str()) {
            full[*department].insert(cap.subject);
        }
    }
    let mut board = Board::default();
    // Texts are compared and copied once for each of them, not once for each subject.
    let shared: Vec<Arc<str>> = names.iter().map(|name| Arc::from(*name)).collect();
    let mut rows: HashMap<&str, (Row, Vec<Cell>)> = HashMap::new();
    for (i, subject) in subjects.iter().enumerate() {
        let (row, cells) =
            rows.entry(subject.group).or_insert_with(|| (Row::default(), vec![Cell::default(); names.len()]));
        row.subjects += 1;
        let by: Vec<usize> = (0..names.len()).filter(|d| hit_by[*d].contains(i)).collect();
        for department in &by {
            cells[*department].subjects += 1;
            cells[*department].at_cap += u64::from(full[*department].contains(i));
        }
        if by.len() >= 2 {
            row.shared += 1;
            let departments = by.iter().map(|d| Arc::clone(&shared[*d])).collect();
            board.hits.push(Hit { subject: i, departments });
        }
    }
    for (group, (mut row, cells)) in rows {
        let hit = names.iter().zip(cells).filter(|(_, cell)| cell.subjects > 0);
        row.cells = hit.map(|(name, cell)| ((*name).to_owned(), cell)).collect();
        board.matrix.insert(group.to_owned(), row);
    }
    board.hits.sort_by(|a, b| b.departments.len().cmp(&a.departments.len()).then(a.subject.cmp(&b.subject)));
    board.empty = reaches.iter().filter(|r| r.size == 0).map(|r| r.entry.id.clone()).collect();
    (board.proposals, board.blocked) = proposals::find(&reaches, &names, &full, options);
    board
}

/// Place of the credit class among the texts of an [`Index`].
const CREDIT: usize = 3;

/// The distinct values of the subjects' fields, so that each filter compares texts once per value, not per subject.
#[derive(Debug)]
pub struct Index<'a> {
    texts: [Vec<&'a str>; 4],
    codes: Vec<[u32; 4]>,
}

impl<'a> Index<'a> {
    /// Of these subjects.
    #[must_use]
    pub fn of(subjects: &[Subject<'a>]) -> Self {
        let mut texts: [Vec<&str>; 4] = Default::default();
        let mut known: [HashMap<&str, u32>; 4] = Default::default();
        let codes = subjects
            .iter()
            .map(|s| {
                let fields = [s.facts.kind, s.facts.industry, s.facts.town, s.facts.credit];
                std::array::from_fn(|f| {
                    *known[f].entry(fields[f]).or_insert_with(|| {
                        texts[f].push(fields[f]);
                        u32::try_from(texts[f].len() - 1).unwrap_or(u32::MAX)
                    })
                })
            })
            .collect();
        Self { texts, codes }
    }

    /// How many subjects of each credit class a filter matches; classes without any are left out. `subjects` are those the
    /// index was made of.
    #[must_use]
    pub fn classes(&self, filter: &SubjectFilter, subjects: &[Subject<'_>]) -> BTreeMap<String, u64> {
        let mut sizes = vec![0_u64; self.texts[CREDIT].len()];
        for place in self.matching(filter, subjects).members() {
            sizes[self.codes[place][CREDIT] as usize] += 1;
        }
        let found = self.texts[CREDIT].iter().zip(sizes).filter(|(_, n)| *n > 0);
        found.map(|(class, n)| ((*class).to_owned(), n)).collect()
    }

    fn matching(&self, filter: &SubjectFilter, subjects: &[Subject<'_>]) -> Bits {
        let one = |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|w| w == value);
        let prefix = |wanted: &[String], value: &str| {
            wanted.is_empty() || wanted.iter().any(|w| value.starts_with(w.as_str()))
        };
        let fits: [Vec<bool>; 4] = std::array::from_fn(|f| {
            self.texts[f]
                .iter()
                .map(|value| match f {
                    0 => one(&filter.kinds, value),
                    1 => prefix(&filter.industries, value),
                    2 => one(&filter.towns, value),
                    _ => one(&filter.credits, value),
                })
                .collect()
        });
        let rest = SubjectFilter {
            tags: filter.tags.clone(),
            supervised_by: filter.supervised_by.clone(),
            only_listed: filter.only_listed,
            ..SubjectFilter::default()
        };
        let plain = rest.is_everybody();
        let mut found = Bits::new(subjects.len());
        for (i, (codes, subject)) in self.codes.iter().zip(subjects).enumerate() {
            if (0..4).all(|f| fits[f][codes[f] as usize]) && (plain || rest.matches(&subject.facts)) {
                found.insert(i);
            }
        }
        found
    }
}
