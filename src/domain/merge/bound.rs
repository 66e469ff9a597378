//! A lower bound on the visits of one subject: the best chain of disjoint day intervals.

use super::local::{Limits, MIXED, Piece};

/// Visits the pieces need at least. Every piece whose days lie inside an interval needs a visit inside it, so the
/// needs of disjoint intervals add up; the need of one interval is the largest of: 1; its minutes (each group's
/// longest, cut to what fits behind one door) by what fits; its departments by the most allowed; 2 if both notices.
pub(super) fn chain(limits: Limits, pieces: &[Piece]) -> u32 {
    let mut starts: Vec<usize> = pieces.iter().map(|p| p.first).collect();
    starts.sort_unstable();
    starts.dedup();
    // In EDF order already, but the bound must not depend on the caller.
    let mut by_end: Vec<&Piece> = pieces.iter().collect();
    by_end.sort_unstable_by_key(|p| p.last);
    // best[i]: most visits needed by pieces that start at or after starts[i]; the chain is built from its right end.
    let mut best = vec![0; starts.len() + 1];
    let room = limits.minutes.saturating_sub(limits.entry);
    let (mut groups, mut depts) = (Vec::<(u32, u64)>::new(), Vec::<u32>::new());
    for at in (0..starts.len()).rev() {
        let start = starts[at];
        best[at] = best[at + 1];
        groups.clear();
        depts.clear();
        let (mut minutes, mut notice) = (0_u64, 0);
        let mut inside = by_end.iter().filter(|p| p.first >= start).peekable();
        while let Some(piece) = inside.next() {
            let length = u64::from(piece.minutes).min(room);
            let known = groups.iter_mut().find(|(g, _)| *g == piece.group);
            let before = known.as_ref().map_or(0, |(_, m)| *m);
            minutes += length.saturating_sub(before);
            match known {
                Some((_, longest)) => *longest = before.max(length),
                None => groups.push((piece.group, length)),
            }
            if !depts.contains(&piece.dept) {
                depts.push(piece.dept);
            }
            notice |= piece.notice;
            if inside.peek().is_some_and(|next| next.last == piece.last) {
                continue;
            }
            let by_minutes = minutes.checked_div(room).map_or(1, |q| q + u64::from(minutes % room != 0));
            let by_depts = depts.len().div_ceil(limits.depts.max(1)) as u64;
            let by_notice = 1 + u64::from(notice == MIXED);
            let need = u32::try_from(by_minutes.max(by_depts).max(by_notice)).unwrap_or(u32::MAX);
            let rest = starts.partition_point(|s| *s <= piece.last);
            best[at] = best[at].max(need.saturating_add(best[rest]));
        }
    }
    best[0]
}
