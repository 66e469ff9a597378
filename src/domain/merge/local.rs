//! One subject's tasks in compact form: folded, numbered locally, with their limits.

use super::super::planning::Instance;
use super::super::planning::dayset::DaySet;
use super::super::planning::input::Notice;

/// Bit of 突击 in [`Piece::notice`].
const UNANNOUNCED: u8 = 1;
/// Bit of 提前告知 in [`Piece::notice`].
const ANNOUNCED: u8 = 2;
/// Both bits: not allowed behind one door.
pub(super) const MIXED: u8 = UNANNOUNCED | ANNOUNCED;
/// [`Piece::item`] of a piece whose item has room under its yearly cap.
pub(super) const UNCAPPED: u32 = u32::MAX;

/// The rules of a visit that the search needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Longest visit with more than one group, entry included.
    pub(super) minutes: u64,
    /// Minutes of entering.
    pub(super) entry: u64,
    /// Most departments.
    pub(super) depts: usize,
}

impl Limits {
    pub(super) fn of(county: &Instance) -> Self {
        let rules = &county.input.rules;
        Self {
            minutes: rules.max_visit_minutes.into(),
            entry: rules.entry_overhead_minutes.into(),
            depts: rules.max_depts_per_visit as usize,
        }
    }
}

/// Tasks that stay together whatever happens: one task, or all tasks of an item that may be checked once a year.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    pub(super) days: DaySet,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) notice: u8,
    /// Local number of the equivalence group.
    pub(super) group: u32,
    /// Local number of the department.
    pub(super) dept: u32,
    pub(super) minutes: u32,
    /// Local number of an item that is asked for more often than it may be visited, or [`UNCAPPED`].
    pub(super) item: u32,
    pub(super) tasks: Vec<u32>,
}

impl Piece {
    fn new(county: &Instance, t: u32, group: u32, dept: u32) -> Self {
        let task = &county.tasks[t as usize];
        Self {
            days: task.days,
            first: task.days.min().unwrap_or(0),
            last: task.days.max().unwrap_or(0),
            notice: notice_bits(task.notice),
            group,
            dept,
            minutes: task.minutes,
            item: UNCAPPED,
            tasks: vec![t],
        }
    }

    /// Without its tasks.
    pub(super) fn bare(&self) -> Self {
        Self { tasks: Vec::new(), ..*self }
    }

    /// Last day first, the longest first among equals: the order of both the greedy answer and the search.
    pub(super) fn edf(&self) -> (usize, std::cmp::Reverse<u32>, usize, u32) {
        (self.last, std::cmp::Reverse(self.minutes), self.first, self.tasks[0])
    }
}

fn notice_bits(notice: Notice) -> u8 {
    match notice {
        Notice::Unannounced => UNANNOUNCED,
        Notice::Announced => ANNOUNCED,
        Notice::Either => 0,
    }
}

/// An item that is asked for more often than it may be visited.
#[derive(Debug, Clone)]
pub(super) struct Capped {
    /// Visits it may be in: its yearly cap, or more where the windows or notices of its tasks force more.
    pub(super) limit: u32,
    /// Pieces of the item in `limit` groups at most, each allowed behind one door: proof that the limit can be kept.
    pub(super) cover: Vec<Vec<u32>>,
}

/// One subject.
#[derive(Debug, Clone, Default)]
pub(super) struct Local {
    /// In [`Piece::edf`] order.
    pub(super) pieces: Vec<Piece>,
    pub(super) capped: Vec<Capped>,
}

impl Local {
    /// Numbers and folds the given tasks of one subject; each has at least one possible day.
    ///
    /// Several tasks of an item with cap f should be in f visits at most. Where a greedy cover (exact for
    /// windows of one notice class) needs one visit and the cap is 1, they become one piece; otherwise the search
    /// keeps the item within max(f, cover), which is always possible: the cover itself is an answer.
    #[expect(clippy::cast_possible_truncation, reason = "a subject has far fewer than 2^32 tasks")]
    pub(super) fn new(county: &Instance, limits: Limits, tasks: &[u32]) -> Self {
        let (mut groups, mut depts) = (Vec::<u32>::new(), Vec::<u16>::new());
        let mut pieces: Vec<Piece> = Vec::with_capacity(tasks.len());
        let mut repeated = false;
        let mut number = |t: u32| {
            let task = &county.tasks[t as usize];
            (local(&mut groups, task.group), local(&mut depts, task.dept))
        };
        for (i, &t) in tasks.iter().enumerate() {
            let (group, dept) = number(t);
            let item = county.tasks[t as usize].item;
            // An item's own group has no other items, so only equal groups need a closer look.
            repeated |= county.items[item as usize].freq > 0
                && pieces.iter().any(|p| p.group == group && county.tasks[p.tasks[0] as usize].item == item);
            debug_assert!(i == pieces.len(), "one piece for each task so far");
            pieces.push(Piece::new(county, t, group, dept));
        }
        let mut limits_of_items = Vec::new();
        if repeated {
            limits_of_items = fold(county, limits, &mut pieces);
        }
        pieces.sort_unstable_by_key(Piece::edf);
        let mut capped: Vec<Capped> = Vec::with_capacity(limits_of_items.len());
        for (limit, cover) in limits_of_items {
            let find = |t: u32| pieces.iter().position(|p| p.tasks[0] == t).unwrap_or_default() as u32;
            let cover = cover.into_iter().map(|door| door.into_iter().map(find).collect()).collect();
            capped.push(Capped { limit, cover });
        }
        Self { pieces, capped }
    }
}

fn local<T: PartialEq>(seen: &mut Vec<T>, value: T) -> u32 {
    let at = seen.iter().position(|v| *v == value).unwrap_or_else(|| {
        seen.push(value);
        seen.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Folds what an item's cap forces together; returns (limit, cover by first task) of each item that keeps a choice.
#[expect(clippy::cast_possible_truncation, reason = "a subject has far fewer than 2^32 tasks")]
fn fold(county: &Instance, limits: Limits, pieces: &mut Vec<Piece>) -> Vec<(u32, Vec<Vec<u32>>)> {
    let item_of = |p: &Piece| county.tasks[p.tasks[0] as usize].item;
    let mut items: Vec<u32> = pieces.iter().map(item_of).collect();
    items.sort_unstable();
    let mut repeated: Vec<u32> = items.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
    repeated.dedup();
    let mut open = Vec::new();
    for item in repeated {
        let freq = county.items[item as usize].freq;
        let mut members: Vec<usize> = (0..pieces.len()).filter(|i| item_of(&pieces[*i]) == item).collect();
        if freq == 0 || members.len() <= freq as usize {
            continue;
        }
        members.sort_unstable_by_key(|i| pieces[*i].edf());
        let cover = cover(limits, pieces, &members);
        let one_dept = members.iter().all(|i| pieces[*i].dept == pieces[members[0]].dept);
        if freq == 1 && cover.len() == 1 && one_dept {
            let mut whole =
                Piece { item: UNCAPPED, days: pieces[members[0]].days, ..pieces[members[0]].clone() };
            whole.tasks.clear();
            for i in &members {
                let piece = &pieces[*i];
                whole.days = whole.days.and(piece.days);
                whole.notice |= piece.notice;
                whole.minutes = whole.minutes.max(piece.minutes);
                whole.tasks.extend_from_slice(&piece.tasks);
            }
            whole.tasks.sort_unstable();
            whole.first = whole.days.min().unwrap_or(0);
            whole.last = whole.days.max().unwrap_or(0);
            members.sort_unstable();
            for i in members.into_iter().rev() {
                pieces.remove(i);
            }
            pieces.push(whole);
        } else {
            let limit = (freq as usize).max(cover.len());
            if members.len() > limit {
                for i in &members {
                    pieces[*i].item = open.len() as u32;
                }
                let by_task = cover.into_iter().map(|d| d.into_iter().map(|i| pieces[i].tasks[0]).collect());
                open.push((limit as u32, by_task.collect()));
            }
        }
    }
    open
}

/// First fit of one item's pieces by last day.
fn cover(limits: Limits, pieces: &[Piece], members: &[usize]) -> Vec<Vec<usize>> {
    let mut doors: Vec<(DaySet, u8, Vec<u32>, Vec<usize>)> = Vec::new();
    for &i in members {
        let piece = &pieces[i];
        let place = doors.iter_mut().find(|(days, notice, depts, _)| {
            !days.and(piece.days).is_empty()
                && notice | piece.notice != MIXED
                && (depts.contains(&piece.dept) || depts.len() < limits.depts)
        });
        match place {
            Some((days, notice, depts, inside)) => {
                *days = days.and(piece.days);
                *notice |= piece.notice;
                if !depts.contains(&piece.dept) {
                    depts.push(piece.dept);
                }
                inside.push(i);
            }
            None => doors.push((piece.days, piece.notice, vec![piece.dept], vec![i])),
        }
    }
    doors.into_iter().map(|(_, _, _, inside)| inside).collect()
}
