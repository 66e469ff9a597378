//! One subject from pieces to doors: greedy answer, parts that cannot meet, exact search, and for what is too
//! large for it restarts on keyed random subsets.

use super::super::planning::dayset::DaySet;
use super::bound;
use super::local::{Capped, Limits, Local, MIXED, Piece, UNCAPPED};
use super::search::{EXACT, NODES, Search};
use sha2::{Digest, Sha256};

/// Pieces that one restart lets go.
const SUBSET: usize = 15;
/// Nodes of one restart.
const RESTART_NODES: u32 = 2_000;
/// Doors looked at by all restarts of one subject together: what keeps a hostile list from taking minutes.
const RESTART_WORK: u64 = 20_000_000;

/// The doors of one subject and how good they are.
#[derive(Debug, Default)]
pub(super) struct Solved {
    /// Pieces behind each door.
    pub(super) doors: Vec<Vec<u32>>,
    pub(super) bound: u32,
    /// Whether nothing is better in any of the three objectives.
    pub(super) proved: bool,
    pub(super) nodes: u64,
}

/// Solves one subject. `key` names it in the restarts.
pub(super) fn doors(limits: Limits, local: &Local, search: &mut Search, key: &str) -> Solved {
    let mut all = Solved { proved: true, ..Solved::default() };
    if local.pieces.is_empty() {
        return all;
    }
    let mut parts = parts(local);
    if let [whole] = parts.as_mut_slice() {
        return part_doors(limits, local, whole, search, key);
    }
    for part in parts {
        let one = part_doors(limits, local, &part, search, key);
        all.doors.extend(one.doors);
        all.bound += one.bound;
        all.proved &= one.proved;
        all.nodes += one.nodes;
    }
    all
}

/// Cuts the pieces where no window crosses; a capped item ties everything together.
fn parts(local: &Local) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..count(local.pieces.len())).collect();
    if !local.capped.is_empty() || order.len() == 1 {
        return vec![order];
    }
    let piece = |i: &u32| &local.pieces[*i as usize];
    order.sort_by_key(|i| piece(i).first);
    let mut cuts = vec![0];
    let mut end = piece(&order[0]).last;
    for (at, i) in order.iter().enumerate() {
        if piece(i).first > end {
            cuts.push(at);
        }
        end = end.max(piece(i).last);
    }
    cuts.push(order.len());
    cuts.windows(2)
        .map(|w| {
            let mut part = order[w[0]..w[1]].to_vec();
            part.sort_unstable();
            part
        })
        .collect()
}

fn part_doors(limits: Limits, local: &Local, part: &[u32], search: &mut Search, key: &str) -> Solved {
    if let [only] = part {
        return Solved { doors: vec![vec![*only]], bound: 1, proved: true, nodes: 1 };
    }
    let mine: Vec<Piece> = part.iter().map(|i| local.pieces[*i as usize]).collect();
    let room = |item: u32| local.capped[item as usize].limit;
    let mut nodes = 0;
    let mut proved = false;
    let mut doors = None;
    let bound;
    if mine.len() <= EXACT {
        search.load(mine.iter(), room);
        if search.fits_one_door() {
            return Solved { doors: vec![part.to_vec()], bound: 1, proved: true, nodes: 1 };
        }
        bound = bound::chain(limits, &mine);
        let known = if local.capped.is_empty() {
            search.first_fit()
        } else {
            let start = greedy(limits, local, part);
            part.iter().map(|i| door_of(&start, *i)).collect()
        };
        let (better, done) = search.run(search.cost(&known), bound, NODES);
        doors = Some(regroup(part, better.map_or(known.as_slice(), |(_, choice)| choice)));
        proved = done;
        nodes = search.nodes.into();
    } else {
        bound = bound::chain(limits, &mine);
    }
    let mut doors = doors.unwrap_or_else(|| greedy(limits, local, part));
    if !proved {
        nodes += restart(local, &mut doors, search, bound, key);
        close(limits, local, &mut doors);
    }
    let bound = if proved { count(doors.len()) } else { bound };
    Solved { doors, bound, proved, nodes }
}

/// First fit by last day; with capped items their covers come first, so that the caps hold whatever follows.
fn greedy(limits: Limits, local: &Local, part: &[u32]) -> Vec<Vec<u32>> {
    let mut open: Vec<Open> = Vec::new();
    for Capped { cover, .. } in &local.capped {
        for together in cover {
            place(limits, local, &mut open, together);
        }
    }
    for i in part {
        if local.pieces[*i as usize].item == UNCAPPED {
            place(limits, local, &mut open, std::slice::from_ref(i));
        }
    }
    open.into_iter().map(|door| door.inside).collect()
}

/// A door of any size.
#[derive(Debug, Clone)]
struct Open {
    days: DaySet,
    notice: u8,
    groups: Vec<(u32, u32)>,
    /// (department, people it sends)
    depts: Vec<(u32, u32)>,
    experts: u32,
    inside: Vec<u32>,
}

impl Open {
    fn new() -> Self {
        let days = DaySet([u64::MAX; 4]);
        Self { days, notice: 0, groups: Vec::new(), depts: Vec::new(), experts: 0, inside: Vec::new() }
    }

    fn add(&mut self, i: u32, piece: &Piece) {
        self.days = self.days.and(piece.days);
        self.notice |= piece.notice;
        match self.groups.iter_mut().find(|(g, _)| *g == piece.group) {
            Some((_, longest)) => *longest = (*longest).max(piece.minutes),
            None => self.groups.push((piece.group, piece.minutes)),
        }
        match self.depts.iter_mut().find(|(d, _)| *d == piece.dept) {
            Some((_, sent)) => *sent = piece.sends.max(*sent),
            None => self.depts.push((piece.dept, piece.sends)),
        }
        self.experts = self.experts.max(piece.experts);
        self.inside.push(i);
    }

    fn allowed(&self, limits: Limits) -> bool {
        let minutes: u64 = self.groups.iter().map(|(_, m)| u64::from(*m)).sum();
        let people: u32 = self.depts.iter().map(|(_, sent)| sent).sum();
        self.notice != MIXED
            && !self.days.is_empty()
            && self.depts.len() <= limits.depts
            && (self.depts.len() <= 1 || people + self.experts <= limits.people)
            && (self.groups.len() <= 1 || limits.entry + minutes <= limits.minutes)
    }

    /// What the door becomes with more pieces, if that is allowed.
    fn with(&self, limits: Limits, local: &Local, more: &[u32]) -> Option<Self> {
        let mixes = more.iter().any(|i| self.notice | local.pieces[*i as usize].notice == MIXED);
        if mixes || more.iter().any(|i| self.days.and(local.pieces[*i as usize].days).is_empty()) {
            return None;
        }
        let mut door = self.clone();
        for i in more {
            door.add(*i, &local.pieces[*i as usize]);
        }
        door.allowed(limits).then_some(door)
    }
}

fn place(limits: Limits, local: &Local, open: &mut Vec<Open>, together: &[u32]) {
    for door in open.iter_mut() {
        if let Some(joined) = door.with(limits, local, together) {
            *door = joined;
            return;
        }
    }
    let mut door = Open::new();
    for i in together {
        door.add(*i, &local.pieces[*i as usize]);
    }
    open.push(door);
}

/// Lets go of the pieces behind some doors, searches again beside the other doors, keeps what is better.
fn restart(local: &Local, doors: &mut Vec<Vec<u32>>, search: &mut Search, bound: u32, key: &str) -> u64 {
    let of = |i: &u32| &local.pieces[*i as usize];
    let pieces: usize = doors.iter().map(Vec::len).sum();
    let mut stream = Stream::new(key);
    let (mut nodes, mut work) = (0, 0);
    for _ in 0..(4 * pieces).clamp(100, 1_000) {
        if doors.len() < 2 || work > RESTART_WORK {
            break;
        }
        work += pieces as u64;
        let free = subset(local, doors, &mut stream);
        let mut slips: Vec<u32> = free.iter().flat_map(|d| &doors[*d]).copied().collect();
        if slips.len() > EXACT {
            continue;
        }
        slips.sort_unstable();
        let kept: Vec<usize> = (0..doors.len()).filter(|d| !free.contains(d)).collect();
        let room = |item: u32| {
            let used = kept.iter().filter(|d| doors[**d].iter().any(|i| of(i).item == item)).count();
            local.capped[item as usize].limit.saturating_sub(count(used))
        };
        search.load(slips.iter().map(of), room);
        let (beside, rest): (Vec<usize>, Vec<usize>) =
            kept.iter().partition(|d| search.open(doors[**d].iter().map(of)));
        let now: Vec<u32> = slips
            .iter()
            .map(|i| {
                count(beside.len() + free.iter().position(|d| doors[*d].contains(i)).unwrap_or_default())
            })
            .collect();
        let known = search.cost(&now);
        let (better, _) = search.run(known, bound.saturating_sub(count(rest.len())), RESTART_NODES);
        if let Some((_, choice)) = better {
            let mut fresh: Vec<Vec<u32>> = beside.iter().map(|d| std::mem::take(&mut doors[*d])).collect();
            for (i, at) in slips.iter().zip(choice) {
                if fresh.len() <= *at as usize {
                    fresh.resize(*at as usize + 1, Vec::new());
                }
                fresh[*at as usize].push(*i);
            }
            fresh.extend(rest.iter().map(|d| std::mem::take(&mut doors[*d])));
            *doors = fresh;
        }
        nodes += u64::from(search.nodes);
        work += u64::from(search.nodes) * (beside.len() as u64 + 4);
    }
    nodes
}

/// Doors to empty: one at random, then others that have a day in common with it, up to [`SUBSET`] pieces.
fn subset(local: &Local, doors: &[Vec<u32>], stream: &mut Stream) -> Vec<usize> {
    let seed = stream.below(doors.len());
    let span = |door: &[u32]| {
        let piece = |i: &u32| &local.pieces[*i as usize];
        let first = door.iter().map(|i| piece(i).first).min().unwrap_or(0);
        let last = door.iter().map(|i| piece(i).last).max().unwrap_or(0);
        (first, last)
    };
    let (from, to) = span(&doors[seed]);
    let mut near: Vec<usize> = (0..doors.len())
        .filter(|d| *d != seed)
        .filter(|d| {
            let (first, last) = span(&doors[*d]);
            first <= to && from <= last
        })
        .collect();
    let mut free = vec![seed];
    let mut pieces = doors[seed].len();
    while !near.is_empty() {
        let door = near.swap_remove(stream.below(near.len()));
        if pieces + doors[door].len() <= SUBSET {
            pieces += doors[door].len();
            free.push(door);
        }
    }
    free
}

/// Joins doors as long as two may be joined, so that whatever stays apart has a reason.
fn close(limits: Limits, local: &Local, doors: &mut Vec<Vec<u32>>) {
    let mut open: Vec<Open> = Vec::new();
    for door in doors.drain(..) {
        place(limits, local, &mut open, &door);
    }
    *doors = open.into_iter().map(|door| door.inside).collect();
}

fn door_of(doors: &[Vec<u32>], piece: u32) -> u32 {
    count(doors.iter().position(|d| d.contains(&piece)).unwrap_or_default())
}

fn regroup(part: &[u32], choice: &[u32]) -> Vec<Vec<u32>> {
    let mut doors = Vec::new();
    for (i, at) in part.iter().zip(choice) {
        if doors.len() <= *at as usize {
            doors.resize(*at as usize + 1, Vec::new());
        }
        doors[*at as usize].push(*i);
    }
    doors
}

#[expect(clippy::cast_possible_truncation, reason = "a subject has far fewer than 2^32 tasks")]
fn count(n: usize) -> u32 {
    n as u32
}

/// Numbers that depend on a subject's identifier only: SHA-256 in counter mode. They choose where the search
/// for a better answer looks; nothing that is drawn depends on them.
#[derive(Debug)]
struct Stream {
    key: [u8; 32],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Stream {
    fn new(subject: &str) -> Self {
        let key = Sha256::new().chain_update(b"onedoor/merge/1\0").chain_update(subject).finalize().into();
        Self { key, counter: 0, block: [0; 32], used: 32 }
    }

    fn u32(&mut self) -> u32 {
        if self.used == 32 {
            self.block = Sha256::new()
                .chain_update(self.key)
                .chain_update(self.counter.to_be_bytes())
                .finalize()
                .into();
            self.counter += 1;
            self.used = 0;
        }
        let word = self.block[self.used..self.used + 4].iter().fold(0, |n, b| n << 8 | u32::from(*b));
        self.used += 4;
        word
    }

    /// Below `n`, by multiplication; the bias of at most n / 2^32 does not matter here.
    fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.u32()) * n as u64) >> 32) as usize
    }
}
