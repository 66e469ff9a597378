//! Inspectors for the drawn subjects (VDR/1 section 2.8): each unit's team by lot, with augmenting paths, so that no
//! seat stays empty that could be filled.

use super::lots::{self, ASSIGN, Key, TASK_ORDER};
use super::pool::{Inspector, InspectorPool};
use super::record::Team;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Most seats of one draw; more is refused before anything is allocated.
pub const SEATS_MAX: u64 = 5_000_000;

/// A drawn subject that needs a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<'a> {
    /// Number in the pool.
    pub number: u64,
    /// Identifier, to be looked up in recusal lists.
    pub id: &'a str,
}

/// A seat of the answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// Number of the subject.
    pub subject: u64,
    /// Unit of the team line.
    pub unit: String,
    /// Slot, from 0; the first `leads` slots are A posts.
    pub slot: u32,
    /// Number of the inspector; `None` when nobody can take the seat.
    pub inspector: Option<u64>,
}

/// What earlier rounds leave behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Seats that stay: (subject, unit, slot) to inspector number.
    pub seats: BTreeMap<(u64, String, u32), u64>,
    /// (subject, inspector) pairs that may not meet again.
    pub barred: BTreeSet<(u64, u64)>,
}

/// Draws the teams of all `tasks`. Returns every seat in the order (subject, unit, slot).
#[must_use]
pub fn assign(
    seed: &[u8; 32],
    list: &str,
    teams: &[Team],
    pool: &InspectorPool,
    tasks: &[Task<'_>],
    fixed: &Fixed,
) -> Vec<Seat> {
    let order_key = lots::expand(seed, TASK_ORDER, list, "");
    let mut order: Vec<(u128, &Task<'_>)> =
        tasks.iter().map(|t| (lots::lot(&order_key, 0, t.number), t)).collect();
    order.sort_unstable_by_key(|(lot, task)| (*lot, task.number));
    let order: Vec<&Task<'_>> = order.into_iter().map(|o| o.1).collect();
    let mut seats = Vec::new();
    for team in teams {
        let key = lots::expand(seed, ASSIGN, list, &team.unit);
        let mut floor = Floor::new(&key, team, pool, &order, fixed);
        floor.run();
        for (at, task) in order.iter().enumerate() {
            for slot in 0..team.size {
                let inspector = floor.holder(at, slot).map(|p| floor.first + u64::from(p));
                seats.push(Seat { subject: task.number, unit: team.unit.clone(), slot, inspector });
            }
        }
    }
    seats.sort_unstable();
    seats
}

/// Nobody in a slot.
const EMPTY: u32 = u32::MAX;
/// Mark of a node from which no free inspector can be reached any more. Later augmenting paths only run through nodes
/// that reach one, so a dead node stays dead and each failed search is paid for once.
const DEAD: u32 = u32::MAX;

/// The assignment of one team line while it is being made. People are numbered from the first of the unit.
struct Floor<'a> {
    key: &'a Key,
    team: &'a Team,
    people: &'a [Inspector],
    first: u64,
    tasks: &'a [&'a Task<'a>],
    fixed: &'a Fixed,
    /// For each person the ids it is recused from.
    recused: Vec<HashSet<&'a str>>,
    /// Holder of each slot, by task then slot.
    holders: Vec<u32>,
    /// Whether a slot was filled by an earlier round.
    pinned: Vec<bool>,
    /// Slots each person holds, in processing order.
    held: Vec<BTreeSet<usize>>,
    slot_mark: Vec<u32>,
    person_mark: Vec<u32>,
    search: u32,
    /// Candidates of tasks met in searches, by (pair ticket, number).
    candidates: HashMap<usize, std::rc::Rc<Vec<u32>>>,
    cached: usize,
}

/// Candidate entries kept between searches; beyond it they are computed again.
const CACHE_MAX: usize = 16 << 20;

/// One slot on the path of a search, with the next candidate to try.
struct Step {
    slot: usize,
    candidates: std::rc::Rc<Vec<u32>>,
    next: usize,
    /// The candidate being followed, and its slots still to try (latest first).
    person: u32,
    through: Vec<usize>,
}

impl<'a> Floor<'a> {
    fn new(
        key: &'a Key,
        team: &'a Team,
        pool: &'a InspectorPool,
        tasks: &'a [&'a Task<'a>],
        fixed: &'a Fixed,
    ) -> Self {
        let members = pool.members();
        let (from, to) = if team.unit == "*" {
            (0, members.len())
        } else {
            (
                members.partition_point(|m| m.unit < team.unit),
                members.partition_point(|m| m.unit <= team.unit),
            )
        };
        let people = &members[from..to];
        let slots = tasks.len() * team.size as usize;
        let mut floor = Self {
            key,
            team,
            people,
            first: from as u64,
            tasks,
            fixed,
            recused: people.iter().map(|m| m.recused.iter().map(String::as_str).collect()).collect(),
            holders: vec![EMPTY; slots],
            pinned: vec![false; slots],
            held: vec![BTreeSet::new(); people.len()],
            slot_mark: vec![0; slots],
            person_mark: vec![0; people.len()],
            search: 0,
            candidates: HashMap::new(),
            cached: 0,
        };
        floor.pin();
        floor
    }

    /// Takes over the seats of earlier rounds.
    fn pin(&mut self) {
        for (at, task) in self.tasks.iter().enumerate() {
            for slot in 0..self.team.size {
                let place = (task.number, self.team.unit.clone(), slot);
                let Some(number) = self.fixed.seats.get(&place) else { continue };
                let index = self.index(at, slot);
                self.pinned[index] = true;
                if let Some(p) = number.checked_sub(self.first).and_then(|p| u32::try_from(p).ok())
                    && (p as usize) < self.people.len()
                {
                    self.set(index, p);
                }
            }
        }
    }

    fn index(&self, task: usize, slot: u32) -> usize {
        task * self.team.size as usize + slot as usize
    }

    fn holder(&self, task: usize, slot: u32) -> Option<u32> {
        let holder = self.holders[self.index(task, slot)];
        (holder != EMPTY).then_some(holder)
    }

    fn set(&mut self, index: usize, person: u32) {
        self.holders[index] = person;
        self.held[person as usize].insert(index);
    }

    fn load(&self, person: u32) -> u64 {
        self.held[person as usize].len() as u64
    }

    fn free(&self, person: u32) -> bool {
        self.load(person) < self.people[person as usize].cap
    }

    /// Unit, qualification, recusal and barred pairs; the lead is a matter of the slot.
    fn eligible(&self, task: &Task<'_>, person: usize) -> bool {
        let who = &self.people[person];
        self.team.qual.as_ref().is_none_or(|q| who.quals.contains(q))
            && !self.recused[person].contains(task.id)
            && !self.fixed.barred.contains(&(task.number, self.first + person as u64))
    }

    fn may_hold(&self, index: usize, person: u32) -> bool {
        let slot = index % self.team.size as usize;
        slot >= self.team.leads as usize || self.people[person as usize].lead
    }

    /// Pair tickets of a task for all people of the unit.
    fn tickets(&self, task: usize) -> Vec<u128> {
        let mut out = vec![0; self.people.len()];
        lots::fill(self.key, self.tasks[task].number, self.first, &mut out);
        out
    }

    /// Whoever is eligible for a task, by (pair ticket, number).
    fn ranked(&mut self, task: usize) -> std::rc::Rc<Vec<u32>> {
        if let Some(known) = self.candidates.get(&task) {
            return std::rc::Rc::clone(known);
        }
        let tickets = self.tickets(task);
        let mut list: Vec<u32> = (0..self.people.len())
            .filter(|&p| self.eligible(self.tasks[task], p))
            .filter_map(|p| u32::try_from(p).ok())
            .collect();
        list.sort_unstable_by_key(|&p| (tickets[p as usize], p));
        if self.cached > CACHE_MAX {
            self.candidates.clear();
            self.cached = 0;
        }
        self.cached += list.len();
        let list = std::rc::Rc::new(list);
        self.candidates.insert(task, std::rc::Rc::clone(&list));
        list
    }

    fn run(&mut self) {
        for task in 0..self.tasks.len() {
            let slots = self.index(task, 0)..self.index(task + 1, 0);
            if self.pinned[slots.clone()].iter().all(|p| *p) {
                continue;
            }
            let tickets = self.tickets(task);
            let eligible: Vec<u32> = (0..self.people.len())
                .filter(|&p| self.eligible(self.tasks[task], p))
                .filter_map(|p| u32::try_from(p).ok())
                .collect();
            for index in slots.clone() {
                if self.pinned[index] {
                    continue;
                }
                let best = eligible
                    .iter()
                    .copied()
                    .filter(|&p| self.free(p) && self.may_hold(index, p))
                    .filter(|p| !self.holders[slots.clone()].contains(p))
                    .min_by_key(|&p| {
                        (if self.team.min_load { self.load(p) } else { 0 }, tickets[p as usize], p)
                    });
                match best {
                    Some(p) => self.set(index, p),
                    None => {
                        self.augment(index);
                    }
                }
            }
        }
    }

    fn step(&mut self, slot: usize) -> Step {
        let candidates = self.ranked(slot / self.team.size as usize);
        Step { slot, candidates, next: 0, person: EMPTY, through: Vec::new() }
    }

    /// Whether a search may enter a slot; marks it.
    fn enter(&mut self, slot: usize) -> bool {
        if self.pinned[slot] || self.slot_mark[slot] == self.search || self.slot_mark[slot] == DEAD {
            return false;
        }
        self.slot_mark[slot] = self.search;
        true
    }

    /// Looks for an augmenting path that fills `start`, depth first, each node at most once, and walks it.
    fn augment(&mut self, start: usize) -> bool {
        self.search += 1;
        let mut visited = (vec![start], Vec::new());
        self.slot_mark[start] = self.search;
        let mut path = vec![self.step(start)];
        while let Some(top) = path.last_mut() {
            if let Some(slot) = top.through.pop() {
                if self.enter(slot) {
                    visited.0.push(slot);
                    let step = self.step(slot);
                    path.push(step);
                }
                continue;
            }
            let Some(&person) = top.candidates.get(top.next) else {
                path.pop();
                continue;
            };
            top.next += 1;
            let index = top.slot;
            if !self.may_hold(index, person) {
                continue;
            }
            let size = self.team.size as usize;
            let team = index / size * size..(index / size + 1) * size;
            if let Some(other) = team.clone().find(|&s| self.holders[s] == person) {
                // The pair is taken inside this team: it leads to that slot only.
                top.person = person;
                top.through = vec![other];
                continue;
            }
            let mark = self.person_mark[person as usize];
            if mark == self.search || mark == DEAD {
                continue;
            }
            self.person_mark[person as usize] = self.search;
            visited.1.push(person);
            top.person = person;
            if self.free(person) {
                self.walk(&path);
                return true;
            }
            top.through = self.held[person as usize].iter().rev().copied().collect();
        }
        for slot in visited.0 {
            self.slot_mark[slot] = DEAD;
        }
        for person in visited.1 {
            self.person_mark[person as usize] = DEAD;
        }
        false
    }

    /// Gives each slot of a path the person it was following, all at once.
    fn walk(&mut self, path: &[Step]) {
        for step in path {
            let before = self.holders[step.slot];
            if before != EMPTY {
                self.held[before as usize].remove(&step.slot);
            }
        }
        for step in path {
            self.set(step.slot, step.person);
        }
    }
}
