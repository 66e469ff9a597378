//! Why tasks could not share a door, or have no day at all, and the smallest change that would cure it.

use super::super::planning::dayset::DaySet;
use super::super::planning::input::Notice;
use super::super::planning::{Instance, Visit, VisitFault};
use chrono::NaiveDate;

/// Why two visits of one subject cannot be one. Tasks, departments and items are indices into the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// 突击 and 提前告知 behind one door.
    MixedNotice {
        /// Tasks that must come unannounced.
        unannounced: Vec<u32>,
        /// Tasks that must be announced.
        announced: Vec<u32>,
    },
    /// No day on which all can be done.
    NoCommonDay {
        /// The task whose last possible day comes first.
        ends_first: u32,
        /// The task whose first possible day comes last.
        starts_last: u32,
    },
    /// Longer than a visit may be.
    TooLong {
        /// Minutes together, entry included.
        minutes: u32,
        /// Minutes allowed.
        limit: u32,
    },
    /// More departments than a visit may have.
    TooManyDepartments {
        /// Departments together, ascending.
        depts: Vec<u16>,
        /// Departments allowed.
        limit: u32,
    },
    /// More people than may enter.
    TooManyPeople {
        /// People together.
        people: u32,
        /// People allowed.
        limit: u32,
    },
    /// Both hold an item that is already in more visits than its yearly cap allows; the other reasons say
    /// why.
    OverCap {
        /// Item.
        item: u32,
        /// Visits allowed in a year.
        cap: u32,
        /// Visits it is in.
        visits: u32,
    },
}

/// Why a task has no possible day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoDay {
    /// The window ends before it starts.
    WindowInverted {
        /// First day of the window.
        earliest: NaiveDate,
        /// Last day of the window.
        latest: NaiveDate,
    },
    /// The window and the planning period do not meet.
    OutsidePeriod {
        /// First and last day of the calendar, if it has any.
        period: Option<(NaiveDate, NaiveDate)>,
    },
    /// The window has no working day of the calendar.
    NoWorkday,
    /// Working days of the window that are quiet.
    Quiet {
        /// How many.
        days: u32,
    },
    /// Working days of the window, not quiet, on which the item is out of season.
    OutOfSeason {
        /// How many.
        days: u32,
    },
    /// The rules allow no department in a visit.
    NoDepartmentAllowed,
}

/// A single change to the tables or rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// Let the task start earlier.
    Earlier {
        /// Task.
        task: u32,
        /// New first day.
        to: NaiveDate,
    },
    /// Let the task end later.
    Later {
        /// Task.
        task: u32,
        /// New last day.
        to: NaiveDate,
    },
    /// Tell the business, or not, in another way.
    Notice {
        /// Tasks.
        tasks: Vec<u32>,
        /// New way.
        to: Notice,
    },
    /// Allow longer visits.
    VisitMinutes {
        /// New limit.
        to: u32,
    },
    /// Allow more departments in a visit.
    VisitDepartments {
        /// New limit.
        to: u32,
    },
    /// Allow more people in a visit.
    VisitPeople {
        /// New limit.
        to: u32,
    },
    /// Let the item's season include a day.
    Season {
        /// Item.
        item: u32,
        /// The day.
        include: NaiveDate,
    },
}

/// A task that no visit can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Task.
    pub task: u32,
    /// All reasons.
    pub reasons: Vec<NoDay>,
    /// The smallest changes that, made together, give it a day; empty when the calendar has no day for
    /// anybody.
    pub cure: Vec<Cure>,
}

/// Two visits of one subject that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The later visit (index into [`super::Merged::visits`]).
    pub visit: u32,
    /// An earlier visit of the same subject.
    pub other: u32,
    /// All reasons; at least one.
    pub reasons: Vec<Reason>,
    /// The smallest changes that, made together, would let the two be one visit; one for each reason that
    /// needs one.
    pub cure: Vec<Cure>,
}

/// All reasons against putting `tasks` (of one subject) behind one door, and the smallest changes against
/// each.
pub(super) fn against(county: &Instance, tasks: Vec<u32>) -> (Vec<Reason>, Vec<Cure>) {
    let (visit, faults) = Visit::new(county, tasks);
    let (mut reasons, mut cure) = (Vec::with_capacity(faults.len()), Vec::with_capacity(faults.len()));
    for fault in faults {
        match fault {
            VisitFault::MixedNotice => {
                let with = |notice| -> Vec<u32> {
                    visit
                        .tasks
                        .iter()
                        .copied()
                        .filter(|t| county.tasks[*t as usize].notice == notice)
                        .collect()
                };
                let (unannounced, announced) = (with(Notice::Unannounced), with(Notice::Announced));
                let tasks = if unannounced.len() < announced.len() { &unannounced } else { &announced };
                cure.push(Cure::Notice { tasks: tasks.clone(), to: Notice::Either });
                reasons.push(Reason::MixedNotice { unannounced, announced });
            }
            VisitFault::NoCommonDay => {
                let first = |t: &u32| county.tasks[*t as usize].days.min();
                let last = |t: &u32| county.tasks[*t as usize].days.max();
                let ends_first = visit.tasks.iter().copied().min_by_key(last).unwrap_or_default();
                let starts_last = visit.tasks.iter().copied().max_by_key(first).unwrap_or_default();
                cure.extend(common_day(county, &visit.tasks));
                reasons.push(Reason::NoCommonDay { ends_first, starts_last });
            }
            VisitFault::TooLong => {
                cure.push(Cure::VisitMinutes { to: visit.minutes });
                reasons.push(Reason::TooLong {
                    minutes: visit.minutes,
                    limit: county.input.rules.max_visit_minutes,
                });
            }
            VisitFault::TooManyDepartments => {
                cure.push(Cure::VisitDepartments {
                    to: u32::try_from(visit.depts.len()).unwrap_or(u32::MAX),
                });
                reasons.push(Reason::TooManyDepartments {
                    depts: visit.depts.clone(),
                    limit: county.input.rules.max_depts_per_visit,
                });
            }
            VisitFault::TooManyPeople => {
                let people = visit.people(county);
                cure.push(Cure::VisitPeople { to: people });
                reasons
                    .push(Reason::TooManyPeople { people, limit: county.input.rules.max_people_per_visit });
            }
        }
    }
    (reasons, cure)
}

/// The windows and seasons to change so that all tasks get one day in common: as few seasons as possible,
/// then as few windows, then as few days, then the earliest day.
fn common_day(county: &Instance, tasks: &[u32]) -> Vec<Cure> {
    let all = tasks.iter().fold(DaySet::EMPTY, |days, t| days.or(county.tasks[*t as usize].days));
    let cost = |day: &usize| {
        let (mut seasons, mut windows, mut shift) = (0_u32, 0_u32, 0_i64);
        for t in tasks {
            if county.tasks[*t as usize].days.contains(*day) {
                continue;
            }
            seasons += u32::from(!in_season(county, *t, *day));
            let row = &county.input.tasks[*t as usize];
            let date = county.days[*day];
            let days = (row.earliest - date).num_days().max((date - row.latest).num_days()).max(0);
            windows += u32::from(days > 0);
            shift += days;
        }
        (seasons, windows, shift, *day)
    };
    let Some(day) = all.iter().min_by_key(cost) else {
        return Vec::new();
    };
    let blocked = tasks.iter().filter(|t| !county.tasks[**t as usize].days.contains(day));
    let mut cures: Vec<Cure> = Vec::new();
    for cure in blocked.flat_map(|t| admit(county, *t, day)) {
        if !cures.contains(&cure) {
            cures.push(cure);
        }
    }
    cures
}

fn in_season(county: &Instance, task: u32, day: usize) -> bool {
    let item = county.tasks[task as usize].item as usize;
    county.input.items[item].season.is_none_or(|s| s.contains(county.days[day]))
}

/// What must change so that the task can be done on a working day that is not quiet.
fn admit(county: &Instance, task: u32, day: usize) -> Vec<Cure> {
    let row = &county.input.tasks[task as usize];
    let date = county.days[day];
    let mut cures = Vec::new();
    if date < row.earliest {
        cures.push(Cure::Earlier { task, to: date });
    }
    if date > row.latest {
        cures.push(Cure::Later { task, to: date });
    }
    if !in_season(county, task, day) {
        cures.push(Cure::Season { item: county.tasks[task as usize].item, include: date });
    }
    cures
}

/// Why the task has no day; `None` if it has one and a visit may have a department.
pub(super) fn no_day(county: &Instance, task: u32) -> Option<Unplaced> {
    let row = &county.input.tasks[task as usize];
    let mut reasons = Vec::new();
    let mut cure = Vec::new();
    if county.input.rules.max_depts_per_visit == 0 {
        reasons.push(NoDay::NoDepartmentAllowed);
        cure.push(Cure::VisitDepartments { to: 1 });
    }
    if county.tasks[task as usize].days.is_empty() {
        let calendar = &county.input.calendar;
        let period = calendar.first().zip(calendar.last()).map(|(a, b)| (a.date, b.date));
        let lo = county.days.partition_point(|d| *d < row.earliest);
        let hi = county.days.partition_point(|d| *d <= row.latest).max(lo);
        if row.earliest > row.latest {
            reasons.push(NoDay::WindowInverted { earliest: row.earliest, latest: row.latest });
        } else if period.is_none_or(|(first, last)| row.latest < first || row.earliest > last) {
            reasons.push(NoDay::OutsidePeriod { period });
        } else if lo == hi {
            reasons.push(NoDay::NoWorkday);
        }
        let quiet = (lo..hi).filter(|d| county.quiet.contains(*d)).count();
        if quiet > 0 {
            reasons.push(NoDay::Quiet { days: u32::try_from(quiet).unwrap_or(u32::MAX) });
        }
        if hi - lo > quiet {
            reasons.push(NoDay::OutOfSeason { days: u32::try_from(hi - lo - quiet).unwrap_or(u32::MAX) });
        }
        // A changed season costs more than any change of the window: it is a rule for everybody.
        let distance = |day: &usize| {
            let date = county.days[*day];
            let outside = (row.earliest - date).num_days().max(0) + (date - row.latest).num_days().max(0);
            (!in_season(county, task, *day), outside, *day)
        };
        let nearest = (0..county.days.len()).filter(|d| !county.quiet.contains(*d)).min_by_key(distance);
        cure.extend(nearest.into_iter().flat_map(|day| admit(county, task, day)));
    }
    (!reasons.is_empty()).then_some(Unplaced { task, reasons, cure })
}
