//! One subject's tasks in compact form: folded, numbered locally, with their limits.

use super::super::planning::Instance;
use super::super::planning::dayset::DaySet;
use super::super::planning::input::Notice;
use super::search::{EXACT, NODES, Search};

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
    /// Most people where several departments come.
    pub(super) people: u32,
}

impl Limits {
    pub(super) fn of(county: &Instance) -> Self {
        let rules = &county.input.rules;
        Self {
            minutes: rules.max_visit_minutes.into(),
            entry: rules.entry_overhead_minutes.into(),
            depts: rules.max_depts_per_visit as usize,
            people: if rules.max_people_per_visit == 0 { u32::MAX } else { rules.max_people_per_visit },
        }
    }
}

/// Tasks that stay together whatever happens: one task, or all tasks of an item that may be checked once a
/// year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Piece {
    pub(super) days: DaySet,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) notice: u8,
    /// Local number of the equivalence group.
    pub(super) group: u32,
    /// Local number of the department.
    pub(super) dept: u32,
    /// People its department sends for it.
    pub(super) sends: u32,
    /// Experts who come for it: 0 or 1.
    pub(super) experts: u32,
    pub(super) minutes: u32,
    /// Local number of an item that is asked for more often than it may be visited, or [`UNCAPPED`].
    pub(super) item: u32,
    /// Its task, or the first of those in [`Local::folded`].
    pub(super) task: u32,
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
            sends: county.sends(t),
            experts: u32::from(county.items[task.item as usize].expert.is_some()),
            minutes: task.minutes,
            item: UNCAPPED,
            task: t,
        }
    }

    /// Last day first, the longest first among equals: the order of both the greedy answer and the search.
    pub(super) fn edf(&self) -> (usize, std::cmp::Reverse<u32>, usize, u32) {
        (self.last, std::cmp::Reverse(self.minutes), self.first, self.task)
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
    /// Pieces of the item in `limit` groups at most, each allowed behind one door: proof that the limit can
    /// be kept.
    pub(super) cover: Vec<Vec<u32>>,
}

/// One subject. Reused from subject to subject, to spare allocations.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// In [`Piece::edf`] order.
    pub(super) pieces: Vec<Piece>,
    pub(super) capped: Vec<Capped>,
    /// (first task, all tasks) of each piece with more than one.
    folded: Vec<(u32, Vec<u32>)>,
    groups: Vec<u32>,
    depts: Vec<u16>,
}

impl Local {
    /// Numbers and folds the given tasks of one subject; each has at least one possible day.
    ///
    /// Several tasks of an item with cap f should be in f visits at most. Where they fit behind one door and
    /// the cap is 1, they become one piece; otherwise the item is kept within max(f, fewest doors its tasks
    /// need), which is always possible: those doors are an answer.
    pub(super) fn fill(
        &mut self,
        county: &Instance,
        limits: Limits,
        tasks: impl Iterator<Item = u32>,
        search: &mut Search,
    ) {
        self.pieces.clear();
        self.capped.clear();
        self.folded.clear();
        self.groups.clear();
        self.depts.clear();
        let mut repeated = false;
        for t in tasks {
            let task = &county.tasks[t as usize];
            let group = number(&mut self.groups, task.group);
            let dept = number(&mut self.depts, task.dept);
            // One item is in one group, so only equal groups need a closer look.
            repeated |= county.items[task.item as usize].freq > 0
                && self
                    .pieces
                    .iter()
                    .any(|p| p.group == group && county.tasks[p.task as usize].item == task.item);
            self.pieces.push(Piece::new(county, t, group, dept));
        }
        let limits_of_items = if repeated { self.fold(county, limits, search) } else { Vec::new() };
        self.pieces.sort_unstable_by_key(Piece::edf);
        for (limit, cover) in limits_of_items {
            let find = |t: u32| count(self.pieces.iter().position(|p| p.task == t).unwrap_or_default());
            let cover = cover.into_iter().map(|door| door.into_iter().map(find).collect()).collect();
            self.capped.push(Capped { limit, cover });
        }
    }

    /// The tasks of a piece.
    pub(super) fn tasks_of(&self, piece: u32) -> &[u32] {
        let first = &self.pieces[piece as usize].task;
        match self.folded.iter().find(|(t, _)| t == first) {
            Some((_, tasks)) => tasks,
            None => std::slice::from_ref(first),
        }
    }

    /// Folds what an item's cap forces together; returns (limit, cover by first task) of each item that keeps
    /// a choice.
    fn fold(&mut self, county: &Instance, limits: Limits, search: &mut Search) -> Vec<(u32, Vec<Vec<u32>>)> {
        let pieces = &mut self.pieces;
        let item_of = |p: &Piece| county.tasks[p.task as usize].item;
        let mut items: Vec<u32> = pieces.iter().map(item_of).collect();
        items.sort_unstable();
        let mut repeated: Vec<u32> = items.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        repeated.dedup();
        let mut open = Vec::new();
        for item in repeated {
            let freq = county.items[item as usize].freq;
            let mut members: Vec<usize> =
                (0..pieces.len()).filter(|i| item_of(&pieces[*i]) == item).collect();
            if freq == 0 || members.len() <= freq as usize {
                continue;
            }
            members.sort_unstable_by_key(|i| pieces[*i].edf());
            let cover = cover(limits, pieces, &members, search);
            let one_dept = members.iter().all(|i| pieces[*i].dept == pieces[members[0]].dept);
            if freq == 1 && cover.len() == 1 && one_dept {
                let mut tasks: Vec<u32> = members.iter().map(|i| pieces[*i].task).collect();
                tasks.sort_unstable();
                let mut whole = pieces[members[0]];
                for piece in members.iter().map(|i| &pieces[*i]) {
                    whole.days = whole.days.and(piece.days);
                    whole.notice |= piece.notice;
                    whole.minutes = whole.minutes.max(piece.minutes);
                    whole.sends = whole.sends.max(piece.sends);
                }
                whole.task = tasks[0];
                whole.first = whole.days.min().unwrap_or(0);
                whole.last = whole.days.max().unwrap_or(0);
                pieces.retain(|p| item_of(p) != item);
                pieces.push(whole);
                self.folded.push((whole.task, tasks));
            } else {
                let limit = (freq as usize).max(cover.len());
                if members.len() > limit {
                    for i in &members {
                        pieces[*i].item = count(open.len());
                    }
                    let by_task = cover.into_iter().map(|d| d.into_iter().map(|i| pieces[i].task).collect());
                    open.push((count(limit), by_task.collect()));
                }
            }
        }
        open
    }
}

fn number<T: PartialEq>(seen: &mut Vec<T>, value: T) -> u32 {
    let at = seen.iter().position(|v| *v == value).unwrap_or_else(|| {
        seen.push(value);
        seen.len() - 1
    });
    count(at)
}

#[expect(clippy::cast_possible_truncation, reason = "a subject has far fewer than 2^32 tasks")]
fn count(n: usize) -> u32 {
    n as u32
}

/// Fewest doors for one item's pieces (in EDF order), by search; by first fit when there are too many.
fn cover(limits: Limits, pieces: &[Piece], members: &[usize], search: &mut Search) -> Vec<Vec<usize>> {
    if members.len() > EXACT {
        return first_fit(limits, pieces, members);
    }
    search.load(members.iter().map(|i| &pieces[*i]), |_| 0);
    let known = search.first_fit();
    let (better, _) = search.run(search.cost(&known), 1, NODES);
    let choice = better.map_or(known.as_slice(), |(_, choice)| choice);
    let mut doors = vec![Vec::new(); choice.iter().map(|at| *at as usize + 1).max().unwrap_or(0)];
    for (i, at) in members.iter().zip(choice) {
        doors[*at as usize].push(*i);
    }
    doors
}

fn first_fit(limits: Limits, pieces: &[Piece], members: &[usize]) -> Vec<Vec<usize>> {
    let mut doors: Vec<OfItem> = Vec::new();
    for &i in members {
        let piece = &pieces[i];
        match doors.iter().position(|door| door.accepts(limits, piece)) {
            Some(at) => doors[at].add(i, piece),
            None => {
                let mut door = OfItem { days: piece.days, ..OfItem::default() };
                door.add(i, piece);
                doors.push(door);
            }
        }
    }
    doors.into_iter().map(|door| door.inside).collect()
}

/// A door for pieces of one item, whose minutes never add up.
#[derive(Debug, Default)]
struct OfItem {
    days: DaySet,
    notice: u8,
    /// (department, people it sends)
    depts: Vec<(u32, u32)>,
    experts: u32,
    inside: Vec<usize>,
}

impl OfItem {
    fn accepts(&self, limits: Limits, piece: &Piece) -> bool {
        let known = self.depts.iter().find(|(d, _)| *d == piece.dept);
        let depts = self.depts.len() + usize::from(known.is_none());
        let people = self.depts.iter().map(|(_, sent)| sent).sum::<u32>()
            + piece.sends.saturating_sub(known.map_or(0, |(_, sent)| *sent))
            + self.experts.max(piece.experts);
        !self.days.and(piece.days).is_empty()
            && self.notice | piece.notice != MIXED
            && depts <= limits.depts
            && (depts <= 1 || people <= limits.people)
    }

    fn add(&mut self, i: usize, piece: &Piece) {
        self.days = self.days.and(piece.days);
        self.notice |= piece.notice;
        match self.depts.iter_mut().find(|(d, _)| *d == piece.dept) {
            Some((_, sent)) => *sent = piece.sends.max(*sent),
            None => self.depts.push((piece.dept, piece.sends)),
        }
        self.experts = self.experts.max(piece.experts);
        self.inside.push(i);
    }
}
