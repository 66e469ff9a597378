//! A lower bound on the visits of one subject: the best chain of disjoint day intervals.

use super::local::{Limits, MIXED, Piece};

/// Measures of length that are added up: the minutes, and the dual feasible functions of order 1, 2, ...
const MEASURES: usize = 8;

/// What a length adds to each measure, in parts of what fits behind one door (`room` minutes, times the order
/// for the functions). Order k counts in how many (k + 1)-ths of a door a length reaches: of what is longer
/// than half a door only one fits behind each, of what is longer than a third only two, and so on.
fn loads(length: u64, room: u64) -> [u64; MEASURES] {
    std::array::from_fn(|k| {
        let order = k as u64;
        let parts = (order + 1) * length;
        if order == 0 {
            length
        } else if parts.is_multiple_of(room) {
            length * order
        } else {
            parts / room * room
        }
    })
}

/// Doors that added-up measures need.
fn doors(sums: [u64; MEASURES], room: u64) -> u64 {
    let each = (1_u64..).zip(sums).map(|(k, sum)| sum.div_ceil((room * (k - 1).max(1)).max(1)));
    each.max().unwrap_or(1)
}

/// Notes a length of a group (or the people of a department), of which only the largest counts.
fn raise(known: &mut Vec<(u32, u64)>, key: u32, length: u64, room: u64, sums: &mut [u64; MEASURES]) {
    let at = known.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
        known.push((key, 0));
        known.len() - 1
    });
    let before = known[at].1;
    if length > before {
        let (more, less) = (loads(length, room), loads(before, room));
        for (sum, (more, less)) in sums.iter_mut().zip(more.into_iter().zip(less)) {
            *sum += more - less;
        }
        known[at].1 = length;
    }
}

/// Visits the pieces need at least. Every piece whose days lie inside an interval needs a visit inside it, so
/// the needs of disjoint intervals add up; the need of one interval is the largest of: 1; its minutes (each
/// group's longest, cut to what fits behind one door) by what fits, also rounded by [`loads`]; its
/// departments by the most allowed; the people of its departments, likewise, by the most that may enter; 2 if both
/// notices.
pub(super) fn chain(limits: Limits, pieces: &[Piece]) -> u32 {
    let mut starts: Vec<usize> = pieces.iter().map(|p| p.first).collect();
    starts.sort_unstable();
    starts.dedup();
    // In EDF order already, but the bound must not depend on the caller.
    let mut by_end: Vec<&Piece> = pieces.iter().collect();
    by_end.sort_unstable_by_key(|p| p.last);
    // best[i]: most visits needed by pieces that start at or after starts[i]; the chain is built from its
    // right end.
    let mut best = vec![0; starts.len() + 1];
    let room = limits.minutes.saturating_sub(limits.entry);
    let most = u64::from(limits.people);
    let (mut groups, mut depts) = (Vec::<(u32, u64)>::new(), Vec::<(u32, u64)>::new());
    for at in (0..starts.len()).rev() {
        let start = starts[at];
        best[at] = best[at + 1];
        groups.clear();
        depts.clear();
        let (mut sums, mut people, mut notice) = ([0_u64; MEASURES], [0_u64; MEASURES], 0);
        let mut inside = by_end.iter().filter(|p| p.first >= start).peekable();
        while let Some(piece) = inside.next() {
            let length = u64::from(piece.minutes).min(room);
            raise(&mut groups, piece.group, length, room, &mut sums);
            raise(&mut depts, piece.dept, u64::from(piece.sends).min(most), most, &mut people);
            notice |= piece.notice;
            if inside.peek().is_some_and(|next| next.last == piece.last) {
                continue;
            }
            let by_minutes = doors(sums, room);
            let by_people = doors(people, most);
            let by_depts = depts.len().div_ceil(limits.depts.max(1)) as u64;
            let by_notice = 1 + u64::from(notice == MIXED);
            let need =
                u32::try_from(by_minutes.max(by_people).max(by_depts).max(by_notice)).unwrap_or(u32::MAX);
            let rest = starts.partition_point(|s| *s <= piece.last);
            best[at] = best[at].max(need.saturating_add(best[rest]));
        }
    }
    best[0]
}
