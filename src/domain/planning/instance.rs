//! A planning run's tables, indexed: every identifier is a number, every window a set of working days.
//!
//! Index `i` of `tasks`, `items`, `people`, `depts`, `subjects` is the place in the canonical (sorted) table of the
//! same name in [`Instance::input`], so a number can always be turned back into what it stands for.

use super::dayset::{DaySet, MAX_DAYS};
use super::input::{CheckMode, Input, Notice, PoolKind, UnitKind};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Why an [`Input`] cannot be indexed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    /// Too many working days.
    #[error("日历中有 {0} 个工作日,一次规划最多 {MAX_DAYS} 个;请缩短规划期")]
    TooManyDays(usize),
    /// Two rows with one identifier.
    #[error("{table} 中编号重复:{id}")]
    Duplicate {
        /// Table.
        table: &'static str,
        /// Identifier.
        id: String,
    },
    /// A reference to nothing.
    #[error("{table} 引用了不存在的{what}:{id}")]
    Missing {
        /// Referring table.
        table: &'static str,
        /// Kind of thing.
        what: &'static str,
        /// Identifier.
        id: String,
    },
    /// More certificates than a mask holds.
    #[error("部门 {0} 的任务需要的资格超过 {MAX_QUALS} 种,请分次规划")]
    TooManyQualifications(String),
    /// A grid that cannot be used.
    #[error("时间设置无效:{0}")]
    Grid(String),
}

/// Certificates that the tasks of one pool may ask for, at most: they are bits of one word, three bits say where a
/// person works.
pub const MAX_QUALS: usize = 61;

/// The time grid of a day: slots of the morning, then of the afternoon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Slots before noon.
    pub am: u32,
    /// Slots after noon.
    pub pm: u32,
    /// Minutes of a slot.
    pub slot_minutes: u32,
    /// Minute of the day at which the morning starts.
    pub am_start: u32,
    /// Minute of the day at which the afternoon starts.
    pub pm_start: u32,
}

impl Grid {
    /// Number of slots.
    #[must_use]
    pub fn slots(self) -> u32 {
        self.am + self.pm
    }

    /// Slots that `minutes` of occupation take.
    #[must_use]
    pub fn len(self, minutes: u32) -> u32 {
        minutes.div_ceil(self.slot_minutes)
    }

    /// Starting slots at which `len` slots fit into one half-day, ascending.
    pub fn starts(self, len: u32) -> impl Iterator<Item = u32> {
        let morning = (self.am + 1).saturating_sub(len);
        let afternoon = (self.pm + 1).saturating_sub(len);
        (0..morning).chain(self.am..self.am + afternoon)
    }

    /// Minute of the day at which a slot starts.
    #[must_use]
    pub const fn minute(self, slot: u32) -> u32 {
        if slot < self.am {
            self.am_start + slot * self.slot_minutes
        } else {
            self.pm_start + (slot - self.am) * self.slot_minutes
        }
    }

    /// The slots, as bits, that a stretch of the day touches.
    #[must_use]
    pub fn mask(self, from: u32, to: u32) -> u64 {
        (0..self.slots())
            .filter(|s| self.minute(*s) < to && from < self.minute(*s) + self.slot_minutes)
            .fold(0, |m, s| m | 1 << s)
    }

    /// The clock time `HH:MM` at which a slot starts.
    #[must_use]
    pub fn clock(self, slot: u32) -> String {
        let minute = self.minute(slot);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }
}

/// An item, indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemX {
    /// Equivalence group, or the item's own when it has none.
    pub group: u32,
    /// Needed certificate as an index into [`Instance::quals`].
    pub qual: Option<u16>,
    /// Needed expert certificate, likewise.
    pub expert: Option<u16>,
    /// Yearly cap; 0 = none.
    pub freq: u32,
}

/// A task, indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskX {
    /// Department.
    pub dept: u16,
    /// Item.
    pub item: u32,
    /// Subject.
    pub subject: u32,
    /// Group of the item.
    pub group: u32,
    /// Minutes.
    pub minutes: u32,
    /// Officers its department agreed to send; 0 = as the rules ask.
    pub people: u32,
    /// Told beforehand or not.
    pub notice: Notice,
    /// Needs an entry.
    pub on_site: bool,
    /// Working days on which it can be done: in the window, not quiet, in season.
    pub days: DaySet,
}

/// A person, indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Pool (department) it belongs to.
    pub dept: u16,
    /// Minutes a day.
    pub daily_minutes: u32,
    /// May hold the A post.
    pub can_lead: bool,
    /// Minutes of earlier rounds.
    pub load0: u32,
    /// Days not on leave and, for officers, with a valid base certificate.
    pub available: DaySet,
    /// Days on leave.
    pub leave: DaySet,
    /// Certificates: (index into [`Instance::quals`], days on which it is valid), by index.
    pub quals: Vec<(u16, DaySet)>,
    /// Unit as an index into [`Instance::units`].
    pub unit: u32,
    /// Kind of that unit.
    pub kind: UnitKind,
}

/// A planning run, indexed. See the module.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The tables, in canonical order.
    pub input: Input,
    /// Working days, ascending.
    pub days: Vec<NaiveDate>,
    /// Working days that are quiet.
    pub quiet: DaySet,
    /// Time grid.
    pub grid: Grid,
    /// Items.
    pub items: Vec<ItemX>,
    /// Tasks.
    pub tasks: Vec<TaskX>,
    /// People.
    pub people: Vec<Person>,
    /// People of each department, by person index.
    pub pool: Vec<Vec<u32>>,
    /// (rank, place in the table) of each department: the order in which departments lead.
    pub rank: Vec<(u32, u16)>,
    /// Whether the pool holds experts.
    pub is_expert_pool: Vec<bool>,
    /// Qualification codes named by items or held by people, sorted.
    pub quals: Vec<String>,
    /// Group names, for explanations: the equivalence group code or the item code.
    pub groups: Vec<String>,
    /// (department, unit type, unit) of people, sorted.
    pub units: Vec<(u16, String, String)>,
    /// Expert pool responsible for each subject.
    pub expert_pool: Vec<Option<u16>>,
    /// (person, day) who are taken already: slots as bits, and minutes.
    pub busy: BTreeMap<(u32, u16), (u64, u32)>,
    /// Pairs (person, subject) that must not meet.
    pub recused: HashSet<(u32, u32)>,
    /// On-site tasks of each subject, by task index; subjects without any are left out.
    pub by_subject: Vec<(u32, Vec<u32>)>,
}

fn index<'a>(
    table: &'static str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<&'a str, u32>, InstanceError> {
    let mut map = HashMap::new();
    for (i, id) in ids.enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "tables have far fewer than 2^32 rows")]
        if map.insert(id, i as u32).is_some() {
            return Err(InstanceError::Duplicate { table, id: id.to_owned() });
        }
    }
    Ok(map)
}

fn find(
    map: &HashMap<&str, u32>,
    table: &'static str,
    what: &'static str,
    id: &str,
) -> Result<u32, InstanceError> {
    map.get(id).copied().ok_or_else(|| InstanceError::Missing { table, what, id: id.to_owned() })
}

impl Instance {
    /// Officers that the department of a task sends for it.
    #[must_use]
    pub fn sends(&self, task: u32) -> u32 {
        self.tasks[task as usize].people.max(self.input.rules.min_per_dept)
    }

    /// Sorts and indexes the tables.
    ///
    /// # Errors
    /// See [`InstanceError`]; `exchange` has checked the same beforehand and told every fault with its row.
    #[expect(clippy::too_many_lines, reason = "one table after the other, in the order of the struct")]
    #[expect(clippy::cast_possible_truncation, reason = "tables have far fewer than 2^32 rows")]
    pub fn new(mut input: Input) -> Result<Self, InstanceError> {
        input.sort();
        let rules = &input.rules;
        if rules.slot_minutes == 0
            || rules.am.0 >= rules.am.1
            || rules.pm.0 >= rules.pm.1
            || rules.am.1 > rules.pm.0
        {
            return Err(InstanceError::Grid("上下午时段或时间格无效".to_owned()));
        }
        let grid = Grid {
            am: (rules.am.1 - rules.am.0) / rules.slot_minutes,
            pm: (rules.pm.1 - rules.pm.0) / rules.slot_minutes,
            slot_minutes: rules.slot_minutes,
            am_start: rules.am.0,
            pm_start: rules.pm.0,
        };
        if grid.slots() > 64 {
            return Err(InstanceError::Grid("一天最多 64 个时间格".to_owned()));
        }
        let days: Vec<NaiveDate> = input.calendar.iter().filter(|d| d.workday).map(|d| d.date).collect();
        if days.len() > MAX_DAYS {
            return Err(InstanceError::TooManyDays(days.len()));
        }
        let quiet: DaySet = input
            .calendar
            .iter()
            .filter(|d| d.workday)
            .enumerate()
            .filter(|(_, d)| d.quiet)
            .map(|(i, _)| i)
            .collect();
        let span = |from: NaiveDate, to: NaiveDate| -> DaySet {
            let lo = days.partition_point(|d| *d < from);
            let hi = days.partition_point(|d| *d <= to);
            (lo..hi).collect()
        };

        let dept_ix = index("departments", input.departments.iter().map(|d| d.id.as_str()))?;
        let item_ix = index("items", input.items.iter().map(|d| d.id.as_str()))?;
        let subject_ix = index("subjects", input.subjects.iter().map(|d| d.key.as_str()))?;
        let person_ix = index("inspectors", input.inspectors.iter().map(|d| d.id.as_str()))?;
        index("tasks", input.tasks.iter().map(|d| d.id.as_str()))?;

        let mut quals: Vec<String> = input
            .items
            .iter()
            .flat_map(|i| [&i.qual, &i.expert])
            .chain(input.qualifications.iter().map(|q| &q.qual))
            .filter(|q| !q.is_empty())
            .cloned()
            .collect();
        quals.sort_unstable();
        quals.dedup();
        let qual_ix: HashMap<&str, u16> =
            quals.iter().enumerate().map(|(i, q)| (q.as_str(), i as u16)).collect();
        let qual = |code: &str| qual_ix.get(code).copied();

        let mut groups: Vec<String> = input.items.iter().map(group_name).collect();
        groups.sort_unstable();
        groups.dedup();
        let items: Vec<ItemX> = input
            .items
            .iter()
            .map(|item| ItemX {
                group: groups.binary_search(&group_name(item)).map_or(0, |i| i as u32),
                qual: qual(&item.qual),
                expert: qual(&item.expert),
                freq: item.freq,
            })
            .collect();
        let item_days: Vec<DaySet> = input
            .items
            .iter()
            .map(|item| {
                (0..days.len())
                    .filter(|d| !quiet.contains(*d) && item.season.is_none_or(|s| s.contains(days[*d])))
                    .collect()
            })
            .collect();

        let mut tasks = Vec::with_capacity(input.tasks.len());
        for task in &input.tasks {
            let item = find(&item_ix, "tasks", "事项", &task.item_id)?;
            tasks.push(TaskX {
                dept: find(&dept_ix, "tasks", "部门", &task.dept_id)? as u16,
                item,
                subject: find(&subject_ix, "tasks", "检查对象", &task.subject)?,
                group: items[item as usize].group,
                minutes: task.minutes,
                people: task.people,
                notice: task.notice,
                on_site: task.mode == CheckMode::OnSite,
                days: span(task.earliest, task.latest).and(item_days[item as usize]),
            });
        }
        let mut by_subject: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (i, task) in tasks.iter().enumerate().filter(|(_, t)| t.on_site) {
            by_subject.entry(task.subject).or_default().push(i as u32);
        }

        let mut asked: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for task in &tasks {
            let item = &items[task.item as usize];
            asked.entry(task.dept).or_default().extend(item.qual);
        }
        if let Some((dept, _)) = asked.iter().find(|(_, quals)| quals.len() > MAX_QUALS) {
            return Err(InstanceError::TooManyQualifications(
                input.departments[usize::from(*dept)].id.clone(),
            ));
        }

        let is_expert_pool: Vec<bool> =
            input.departments.iter().map(|d| d.pool == PoolKind::Experts).collect();
        let mut units: Vec<(u16, String, String)> = Vec::with_capacity(input.inspectors.len());
        for person in &input.inspectors {
            let dept = find(&dept_ix, "inspectors", "部门", &person.dept_id)? as u16;
            units.push((dept, person.unit_type.clone(), person.unit.clone()));
        }
        let unit_of = units.clone();
        units.sort_unstable();
        units.dedup();
        let mut leave = vec![DaySet::EMPTY; input.inspectors.len()];
        for row in &input.leave {
            let p = find(&person_ix, "leave", "人员", &row.person_id)? as usize;
            leave[p] = leave[p].or(span(row.from, row.to));
        }
        let mut held: Vec<BTreeMap<u16, DaySet>> = vec![BTreeMap::new(); input.inspectors.len()];
        for row in &input.qualifications {
            let p = find(&person_ix, "qualifications", "人员", &row.person_id)? as usize;
            if let Some(q) = qual(&row.qual) {
                let valid = held[p].entry(q).or_default();
                *valid = valid.or(span(row.from, row.to));
            }
        }
        let base = qual(&rules.base_qualification);
        let all = DaySet::first(days.len());
        let mut pool = vec![Vec::new(); input.departments.len()];
        let mut people = Vec::with_capacity(input.inspectors.len());
        for (i, row) in input.inspectors.iter().enumerate() {
            let dept = unit_of[i].0;
            pool[dept as usize].push(i as u32);
            let certified = if is_expert_pool[dept as usize] || row.post == PoolKind::Experts {
                all
            } else {
                base.and_then(|b| held[i].get(&b).copied()).unwrap_or(DaySet::EMPTY)
            };
            people.push(Person {
                dept,
                daily_minutes: row.daily_minutes,
                can_lead: row.can_lead,
                load0: row.load0,
                available: certified.minus(leave[i]),
                leave: leave[i],
                quals: std::mem::take(&mut held[i]).into_iter().collect(),
                unit: units.binary_search(&unit_of[i]).map_or(0, |u| u as u32),
                kind: row.unit_kind,
            });
        }
        let mut busy: BTreeMap<(u32, u16), (u64, u32)> = BTreeMap::new();
        for row in &input.busy {
            let p = find(&person_ix, "busy", "人员", &row.person_id)?;
            if let Ok(day) = days.binary_search(&row.date) {
                let taken = busy.entry((p, day as u16)).or_default();
                taken.0 |= grid.mask(row.span.0, row.span.1);
                taken.1 = taken.1.saturating_add(row.minutes);
            }
        }
        let mut recused = HashSet::with_capacity(input.recusals.len());
        for row in &input.recusals {
            let p = find(&person_ix, "recusals", "人员", &row.person_id)?;
            let s = find(&subject_ix, "recusals", "检查对象", &row.subject)?;
            recused.insert((p, s));
        }
        let expert_pool = input
            .subjects
            .iter()
            .map(|s| {
                input
                    .departments
                    .iter()
                    .enumerate()
                    .filter(|(_, d)| d.pool == PoolKind::Experts && s.division.starts_with(&d.division))
                    .max_by_key(|(i, d)| (d.division.len(), std::cmp::Reverse(*i)))
                    .map(|(i, _)| i as u16)
            })
            .collect();
        let rank = input.departments.iter().enumerate().map(|(i, d)| (d.rank, i as u16)).collect();
        Ok(Self {
            days,
            quiet,
            grid,
            items,
            tasks,
            people,
            pool,
            rank,
            is_expert_pool,
            quals,
            groups,
            units,
            expert_pool,
            busy,
            recused,
            by_subject: by_subject.into_iter().collect(),
            input,
        })
    }
}

fn group_name(item: &super::input::Item) -> String {
    if item.equiv.is_empty() { item.id.clone() } else { item.equiv.clone() }
}
