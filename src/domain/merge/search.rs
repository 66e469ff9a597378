//! Exact depth-first branch and bound over at most [`EXACT`] pieces of one subject.

use super::super::planning::dayset::DaySet;
use super::local::{Limits, MIXED, Piece, UNCAPPED};
use std::cmp::Reverse;

/// Most pieces one search takes.
pub(super) const EXACT: usize = 25;
/// Nodes after which a search gives up proving: a count, never a clock, so that the answer is the same
/// everywhere.
pub(super) const NODES: u32 = 20_000;
/// Common days beyond which more of them are not worth anything.
pub(super) const ENOUGH_DAYS: u32 = 12;

/// What is minimised, in this order: doors, departments at doors, and the days (at most [`ENOUGH_DAYS`] for
/// each door) that allocation will not have to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    pub(super) doors: u32,
    pub(super) depts: u32,
    pub(super) slack: Reverse<u32>,
}

impl Cost {
    pub(super) const WORST: Self = Self { doors: u32::MAX, depts: u32::MAX, slack: Reverse(0) };
}

/// A piece as the search sees it: groups, departments and items are bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slip {
    days: DaySet,
    first: usize,
    last: usize,
    enough: u32,
    minutes: u64,
    group: usize,
    dept: u32,
    sends: u8,
    experts: u8,
    item: u32,
    notice: u8,
}

/// A visit under construction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door {
    days: DaySet,
    enough: u32,
    minutes: u64,
    groups: u32,
    depts: u32,
    group_bits: u32,
    dept_bits: u32,
    item_bits: u32,
    notice: u8,
    longest: [u32; EXACT],
    /// People of departments, those of no piece of the search included.
    people: u32,
    /// Experts: 0 or 1.
    experts: u8,
    /// People of each department of the search.
    sent: [u8; EXACT],
}

impl Door {
    const EMPTY: Self = Self {
        days: DaySet([u64::MAX; 4]),
        enough: ENOUGH_DAYS,
        minutes: 0,
        groups: 0,
        depts: 0,
        group_bits: 0,
        dept_bits: 0,
        item_bits: 0,
        notice: 0,
        longest: [0; EXACT],
        people: 0,
        experts: 0,
        sent: [0; EXACT],
    };

    /// Same in everything the rest of the search can see.
    fn like(&self, other: &Self) -> bool {
        self.minutes == other.minutes
            && self.days == other.days
            && (self.notice, self.groups, self.depts) == (other.notice, other.groups, other.depts)
            && (self.group_bits, self.dept_bits) == (other.group_bits, other.dept_bits)
            && self.item_bits == other.item_bits
            && self.longest == other.longest
            && (self.people, self.experts, self.sent) == (other.people, other.experts, other.sent)
    }

    /// Whether the piece may be put behind this door. If not, it may not later either: every rule is
    /// monotone.
    fn accepts(&self, limits: Limits, slip: &Slip) -> bool {
        if self.notice | slip.notice == MIXED || self.days.and(slip.days).is_empty() {
            return false;
        }
        if self.dept_bits & slip.dept == 0 && self.depts as usize >= limits.depts {
            return false;
        }
        let depts = self.depts + u32::from(self.dept_bits & slip.dept == 0);
        if depts > 1 && self.people_with(slip) > limits.people {
            return false;
        }
        let longest = u64::from(self.longest[slip.group]);
        let new_group = self.group_bits >> slip.group & 1 == 0;
        let groups = self.groups + u32::from(new_group);
        groups <= 1 || limits.entry + self.minutes + slip.minutes.saturating_sub(longest) <= limits.minutes
    }

    /// People behind the door, experts included, once the piece is there.
    fn people_with(&self, slip: &Slip) -> u32 {
        let more = slip.sends.saturating_sub(self.sent[slip.dept.trailing_zeros() as usize]);
        self.people + u32::from(more) + u32::from(self.experts | slip.experts)
    }

    fn add(&mut self, slip: &Slip) {
        let sent = &mut self.sent[slip.dept.trailing_zeros() as usize];
        self.people += u32::from(slip.sends.saturating_sub(*sent));
        *sent = slip.sends.max(*sent);
        self.experts |= slip.experts;
        self.days = self.days.and(slip.days);
        self.enough = enough(self.days);
        self.notice |= slip.notice;
        if self.dept_bits & slip.dept == 0 {
            self.dept_bits |= slip.dept;
            self.depts += 1;
        }
        if self.group_bits >> slip.group & 1 == 0 {
            self.group_bits |= 1 << slip.group;
            self.groups += 1;
        }
        self.item_bits |= slip.item;
        let before = u64::from(self.longest[slip.group]);
        if slip.minutes > before {
            self.minutes += slip.minutes - before;
            self.longest[slip.group] = u32::try_from(slip.minutes).unwrap_or(u32::MAX);
        }
    }
}

/// Numbers of people as the search keeps them; a limit is 250 at most, so that what is cut off does not matter.
fn few(people: u32) -> u8 {
    u8::try_from(people).unwrap_or(u8::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
fn enough(days: DaySet) -> u32 {
    (days.len() as u32).min(ENOUGH_DAYS)
}

/// A search over some pieces of a subject, beside doors that other pieces keep open.
#[derive(Debug)]
pub(super) struct Search {
    limits: Limits,
    slips: Vec<Slip>,
    doors: Vec<Door>,
    /// For each capped item: doors that it may still be behind.
    room: Vec<u32>,
    at_least: u32,
    groups: Vec<u32>,
    depts: Vec<u32>,
    items: Vec<u32>,
    choice: Vec<u32>,
    best_choice: Vec<u32>,
    best: Cost,
    node_limit: u32,
    /// Nodes visited.
    pub(super) nodes: u32,
}

impl Search {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            slips: Vec::with_capacity(EXACT),
            doors: Vec::with_capacity(EXACT),
            room: Vec::new(),
            at_least: 0,
            groups: Vec::new(),
            depts: Vec::new(),
            items: Vec::new(),
            choice: Vec::with_capacity(EXACT),
            best_choice: Vec::with_capacity(EXACT),
            best: Cost::WORST,
            node_limit: NODES,
            nodes: 0,
        }
    }

    /// Takes at most [`EXACT`] pieces in [`Piece::edf`] order. `room` gives the doors left for a capped item.
    pub(super) fn load<'p>(&mut self, pieces: impl Iterator<Item = &'p Piece>, room: impl Fn(u32) -> u32) {
        self.slips.clear();
        self.doors.clear();
        self.groups.clear();
        self.depts.clear();
        self.items.clear();
        self.room.clear();
        self.nodes = 0;
        for piece in pieces {
            let group = number(&mut self.groups, piece.group);
            let dept = 1 << number(&mut self.depts, piece.dept);
            let item = if piece.item == UNCAPPED {
                0
            } else {
                let item = number(&mut self.items, piece.item);
                if item == self.room.len() {
                    self.room.push(room(piece.item));
                }
                1 << item
            };
            self.slips.push(Slip {
                days: piece.days,
                first: piece.first,
                last: piece.last,
                enough: enough(piece.days),
                minutes: piece.minutes.into(),
                group,
                dept,
                sends: few(piece.sends),
                experts: few(piece.experts),
                item,
                notice: piece.notice,
            });
        }
    }

    /// Adds a door that pieces outside this search keep open; tells whether it is of any use to it, and
    /// leaves it out if not.
    pub(super) fn open<'p>(&mut self, inside: impl Iterator<Item = &'p Piece>) -> bool {
        let mut door = Door::EMPTY;
        // Groups and departments that no piece of this search has only count.
        let (mut other_groups, mut other_depts) = (Vec::<(u32, u32)>::new(), Vec::<(u32, u8)>::new());
        for piece in inside {
            let sends = few(piece.sends);
            door.experts |= few(piece.experts);
            door.days = door.days.and(piece.days);
            door.notice |= piece.notice;
            match self.groups.iter().position(|g| *g == piece.group) {
                Some(g) => {
                    door.group_bits |= 1 << g;
                    door.longest[g] = door.longest[g].max(piece.minutes);
                }
                None => match other_groups.iter_mut().find(|(g, _)| *g == piece.group) {
                    Some((_, minutes)) => *minutes = (*minutes).max(piece.minutes),
                    None => other_groups.push((piece.group, piece.minutes)),
                },
            }
            match self.depts.iter().position(|d| *d == piece.dept) {
                Some(d) => {
                    door.dept_bits |= 1 << d;
                    door.sent[d] = door.sent[d].max(sends);
                }
                None => match other_depts.iter_mut().find(|(d, _)| *d == piece.dept) {
                    Some((_, sent)) => *sent = sends.max(*sent),
                    None => other_depts.push((piece.dept, sends)),
                },
            }
            if let Some(i) = self.items.iter().position(|i| *i == piece.item) {
                door.item_bits |= 1 << i;
            }
        }
        door.enough = enough(door.days);
        door.minutes =
            door.longest.iter().chain(other_groups.iter().map(|(_, m)| m)).map(|m| u64::from(*m)).sum();
        door.groups = door.group_bits.count_ones() + count(other_groups.len());
        door.depts = door.dept_bits.count_ones() + count(other_depts.len());
        door.people =
            door.sent.iter().chain(other_depts.iter().map(|(_, sent)| sent)).map(|n| u32::from(*n)).sum();
        let useful = self.slips.iter().any(|slip| door.accepts(self.limits, slip));
        if useful {
            self.doors.push(door);
        }
        useful
    }

    /// The cost of the doors kept open and of further ones.
    fn cost_of(doors: &[Door]) -> Cost {
        Cost {
            doors: count(doors.len()),
            depts: doors.iter().map(|d| d.depts).sum(),
            slack: Reverse(doors.iter().map(|d| d.enough).sum()),
        }
    }

    /// Whether all pieces go behind one door; then nothing is better.
    pub(super) fn fits_one_door(&self) -> bool {
        let mut door = Door::EMPTY;
        self.slips.iter().all(|slip| {
            let fits = door.accepts(self.limits, slip);
            door.add(slip);
            fits
        })
    }

    /// Cost of a given choice of doors (numbers from the first kept open on, without gaps).
    pub(super) fn cost(&self, choice: &[u32]) -> Cost {
        let mut doors = self.doors.clone();
        for (slip, at) in self.slips.iter().zip(choice) {
            while doors.len() <= *at as usize {
                doors.push(Door::EMPTY);
            }
            doors[*at as usize].add(slip);
        }
        Self::cost_of(&doors)
    }

    /// Each piece behind the first door that accepts it, beside none kept open; caps are not looked at.
    pub(super) fn first_fit(&self) -> Vec<u32> {
        let mut doors: Vec<Door> = Vec::with_capacity(self.slips.len());
        let place = |slip: &Slip| {
            let at = doors.iter().position(|d| d.accepts(self.limits, slip)).unwrap_or_else(|| {
                doors.push(Door::EMPTY);
                doors.len() - 1
            });
            doors[at].add(slip);
            count(at)
        };
        self.slips.iter().map(place).collect()
    }

    /// Searches for something better than `known`, knowing that at least `at_least` doors are needed. Returns
    /// the door of each piece if there is, and whether the better of both is proved best.
    pub(super) fn run(
        &mut self,
        known: Cost,
        at_least: u32,
        node_limit: u32,
    ) -> (Option<(Cost, &[u32])>, bool) {
        self.best = known;
        self.at_least = at_least;
        self.best_choice.clear();
        self.choice.clear();
        self.node_limit = node_limit;
        let Cost { depts, slack, .. } = Self::cost_of(&self.doors);
        self.descend(0, depts, slack.0);
        let found = self.best < known;
        (found.then_some((self.best, self.best_choice.as_slice())), self.nodes < self.node_limit)
    }

    /// Whether nothing better than the best known can follow.
    fn hopeless(&self, at: usize, depts: u32, slack: u32) -> bool {
        if self.best == Cost::WORST {
            return false;
        }
        let open = count(self.doors.len());
        // A chain of disjoint windows that no open door accepts: each needs a door of its own.
        let (mut chain, mut chain_end, mut chain_depts, mut chain_slack) = (0, None, 0, 0);
        let mut missing = 0;
        // Days lost by the piece that loses most, without and with the choice of a further door.
        let (mut loss_inside, mut loss_anywhere) = (0, 0);
        for slip in &self.slips[at..] {
            let (mut accepted, mut has_dept, mut loss) = (false, false, u32::MAX);
            for door in &self.doors {
                if door.accepts(self.limits, slip) {
                    accepted = true;
                    has_dept |= door.dept_bits & slip.dept != 0;
                    loss = loss.min(door.enough - enough(door.days.and(slip.days)));
                }
            }
            if !has_dept {
                missing |= slip.dept;
            }
            if accepted {
                loss_inside = loss_inside.max(loss);
                loss_anywhere = loss_anywhere.max(loss.min(ENOUGH_DAYS - slip.enough));
            } else if chain_end.is_none_or(|end| slip.first > end) {
                chain += 1;
                chain_end = Some(slip.last);
                chain_depts |= slip.dept;
                chain_slack += slip.enough;
            }
        }
        let doors = (open + chain).max(self.at_least);
        if doors != self.best.doors {
            return doors > self.best.doors;
        }
        // From here on the answer has exactly as many doors as the best known.
        let free = self.best.doors - open - chain;
        let depts = depts + (chain + (missing & !chain_depts).count_ones()).max(chain + free);
        if depts != self.best.depts {
            return depts > self.best.depts;
        }
        // A piece may join a door of the chain without loss.
        let loss = match (chain, free) {
            (0, 0) => loss_inside,
            (0, _) => loss_anywhere,
            _ => 0,
        };
        slack + chain_slack + free * ENOUGH_DAYS <= self.best.slack.0 + loss
    }

    fn descend(&mut self, at: usize, depts: u32, slack: u32) {
        self.nodes += 1;
        if self.nodes >= self.node_limit || self.hopeless(at, depts, slack) {
            return;
        }
        let Some(&slip) = self.slips.get(at) else {
            let cost = Cost { doors: count(self.doors.len()), depts, slack: Reverse(slack) };
            if cost < self.best {
                self.best = cost;
                self.best_choice.clone_from(&self.choice);
            }
            return;
        };
        let item = slip.item.trailing_zeros() as usize;
        // (new department, days lost, door): cheapest first.
        let mut children = [(0_u32, 0_u32, 0_u32); 64];
        let mut n = 0;
        for (i, door) in self.doors.iter().enumerate() {
            let over_cap = slip.item & !door.item_bits != 0 && self.room[item] == 0;
            if over_cap || !door.accepts(self.limits, &slip) || n == children.len() {
                continue;
            }
            if self.doors[..i].iter().any(|earlier| earlier.like(door)) {
                continue;
            }
            let days = door.days.and(slip.days).len();
            children[n] = (u32::from(door.dept_bits & slip.dept == 0), u32::MAX - count(days), count(i));
            n += 1;
        }
        children[..n].sort_unstable();
        for &(new_dept, _, i) in &children[..n] {
            let before = self.doors[i as usize];
            let takes_room = slip.item & !before.item_bits != 0;
            let door = &mut self.doors[i as usize];
            door.add(&slip);
            let slack = slack - before.enough + door.enough;
            if takes_room {
                self.room[item] -= 1;
            }
            self.choice.push(i);
            self.descend(at + 1, depts + new_dept, slack);
            self.choice.pop();
            if takes_room {
                self.room[item] += 1;
            }
            self.doors[i as usize] = before;
            if self.nodes >= self.node_limit {
                return;
            }
        }
        let open = count(self.doors.len());
        if (slip.item != 0 && self.room[item] == 0) || open >= self.best.doors {
            return;
        }
        let mut door = Door::EMPTY;
        door.add(&slip);
        self.doors.push(door);
        if slip.item != 0 {
            self.room[item] -= 1;
        }
        self.choice.push(open);
        self.descend(at + 1, depts + 1, slack + door.enough);
        self.choice.pop();
        if slip.item != 0 {
            self.room[item] += 1;
        }
        self.doors.pop();
    }
}

fn number(seen: &mut Vec<u32>, value: u32) -> usize {
    seen.iter().position(|v| *v == value).unwrap_or_else(|| {
        seen.push(value);
        seen.len() - 1
    })
}

#[expect(clippy::cast_possible_truncation, reason = "far fewer than 2^32 doors and days")]
fn count(n: usize) -> u32 {
    n as u32
}
