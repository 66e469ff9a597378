//! Matchings of teams and packages: whether a perfect one exists, how to bend one, and the cheapest one.

/// A perfect matching (package of each team), if there is one: Hopcroft and Karp.
pub(super) fn perfect(allowed: &[Vec<bool>]) -> Option<Vec<usize>> {
    let n = allowed.len();
    let mut package_of: Vec<Option<usize>> = vec![None; n];
    let mut team_of: Vec<Option<usize>> = vec![None; n];
    loop {
        // Layers of teams at equal distance from a team without a package.
        let mut distance = vec![usize::MAX; n];
        let mut queue: Vec<usize> = (0..n).filter(|t| package_of[*t].is_none()).collect();
        if queue.is_empty() {
            return package_of.into_iter().collect();
        }
        for team in &queue {
            distance[*team] = 0;
        }
        let mut reaches_free = false;
        let mut at = 0;
        while let Some(&team) = queue.get(at) {
            at += 1;
            for package in (0..n).filter(|p| allowed[team][*p]) {
                match team_of[package] {
                    None => reaches_free = true,
                    Some(next) if distance[next] == usize::MAX => {
                        distance[next] = distance[team] + 1;
                        queue.push(next);
                    }
                    Some(_) => {}
                }
            }
        }
        if !reaches_free {
            return None;
        }
        let mut from = vec![0; n];
        for team in 0..n {
            if package_of[team].is_none() {
                augment(allowed, team, &mut distance, &mut from, &mut package_of, &mut team_of);
            }
        }
    }
}

/// A shortest augmenting path from `root`; without recursion, since paths may be as long as there are teams.
fn augment(
    allowed: &[Vec<bool>],
    root: usize,
    distance: &mut [usize],
    from: &mut [usize],
    package_of: &mut [Option<usize>],
    team_of: &mut [Option<usize>],
) {
    let n = allowed.len();
    let mut path: Vec<(usize, usize)> = Vec::new();
    let mut team = root;
    loop {
        let mut onward = None;
        while from[team] < n {
            let package = from[team];
            from[team] += 1;
            if !allowed[team][package] {
                continue;
            }
            match team_of[package] {
                None => {
                    path.push((team, package));
                    for (team, package) in path {
                        package_of[team] = Some(package);
                        team_of[package] = Some(team);
                    }
                    return;
                }
                Some(next) if distance[next] == distance[team] + 1 => {
                    onward = Some((package, next));
                    break;
                }
                Some(_) => {}
            }
        }
        match onward {
            Some((package, next)) => {
                path.push((team, package));
                team = next;
            }
            None => {
                distance[team] = usize::MAX;
                match path.pop() {
                    Some((before, _)) => team = before,
                    None => return,
                }
            }
        }
    }
}

/// Changes a perfect matching so that `team` has `package`, leaving fixed teams alone; false, and no change,
/// if that cannot be.
pub(super) fn reassign(
    allowed: &[Vec<bool>],
    package_of: &mut [usize],
    fixed: &[bool],
    team: usize,
    package: usize,
) -> bool {
    let n = allowed.len();
    if package_of[team] == package {
        return true;
    }
    let mut team_of = vec![0; n];
    for (t, p) in package_of.iter().enumerate() {
        team_of[*p] = t;
    }
    // Whoever has the package looks, breadth first, for a way to the package that `team` gives up.
    let (holder, goal) = (team_of[package], package_of[team]);
    if fixed[holder] {
        return false;
    }
    let mut reached_by = vec![usize::MAX; n];
    let mut queue = vec![holder];
    let mut at = 0;
    while let Some(&searcher) = queue.get(at) {
        at += 1;
        for p in (0..n).filter(|p| allowed[searcher][*p] && *p != package) {
            if reached_by[p] != usize::MAX || (p != goal && fixed[team_of[p]]) {
                continue;
            }
            reached_by[p] = searcher;
            if p == goal {
                let mut free = goal;
                loop {
                    let taker = reached_by[free];
                    let left = package_of[taker];
                    package_of[taker] = free;
                    if taker == holder {
                        break;
                    }
                    free = left;
                }
                package_of[team] = package;
                return true;
            }
            queue.push(team_of[p]);
        }
    }
    false
}

/// The column of each row of a square matrix with the least sum of costs: the Hungarian method with
/// potentials.
pub(super) fn cheapest(costs: &[Vec<u64>]) -> Vec<usize> {
    let n = costs.len();
    // Row and column 0 are artificial; rows and columns are counted from 1.
    let (mut row_price, mut column_price) = (vec![0_i128; n + 1], vec![0_i128; n + 1]);
    let mut row_of = vec![0_usize; n + 1];
    for row in 1..=n {
        let mut slack = vec![i128::MAX; n + 1];
        let mut before = vec![0_usize; n + 1];
        let mut done = vec![false; n + 1];
        row_of[0] = row;
        let mut column = 0;
        while row_of[column] != 0 {
            done[column] = true;
            let here = row_of[column];
            let (mut least, mut next) = (i128::MAX, 0);
            for c in (1..=n).filter(|c| !done[*c]) {
                let reduced = i128::from(costs[here - 1][c - 1]) - row_price[here] - column_price[c];
                if reduced < slack[c] {
                    slack[c] = reduced;
                    before[c] = column;
                }
                if slack[c] < least {
                    least = slack[c];
                    next = c;
                }
            }
            for c in 0..=n {
                if done[c] {
                    row_price[row_of[c]] += least;
                    column_price[c] -= least;
                } else if slack[c] < i128::MAX {
                    slack[c] -= least;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[before[column]];
            column = before[column];
        }
    }
    let mut column_of = vec![0; n];
    for column in 1..=n {
        column_of[row_of[column] - 1] = column - 1;
    }
    column_of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_permutation(n: usize, mut tell: impl FnMut(&[usize])) {
        fn step(order: &mut Vec<usize>, at: usize, tell: &mut impl FnMut(&[usize])) {
            if at == order.len() {
                tell(order);
            }
            for i in at..order.len() {
                order.swap(at, i);
                step(order, at + 1, tell);
                order.swap(at, i);
            }
        }
        step(&mut (0..n).collect(), 0, &mut tell);
    }

    /// A matrix of numbers below `most` that depends on the seed.
    fn matrix(seed: u64, n: usize, most: u64) -> Vec<Vec<u64>> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) % most
        };
        (0..n).map(|_| (0..n).map(|_| next()).collect()).collect()
    }

    fn is_matching(allowed: &[Vec<bool>], package_of: &[usize]) -> bool {
        let mut seen = package_of.to_vec();
        seen.sort_unstable();
        seen.iter().enumerate().all(|(i, p)| i == *p)
            && package_of.iter().enumerate().all(|(t, p)| allowed[t][*p])
    }

    #[test]
    fn finds_what_trying_everything_finds() {
        for seed in 0..600 {
            let n = 1 + seed as usize % 6;
            let costs = matrix(seed, n, 1 + seed % 7);
            let allowed: Vec<Vec<bool>> =
                costs.iter().map(|row| row.iter().map(|c| *c < 2).collect()).collect();
            let (mut exists, mut least) = (false, u64::MAX);
            each_permutation(n, |order| {
                exists |= is_matching(&allowed, order);
                least = least.min(order.iter().enumerate().map(|(t, p)| costs[t][*p]).sum());
            });
            let found = perfect(&allowed);
            assert_eq!(found.is_some(), exists);
            let cheap = cheapest(&costs);
            assert_eq!(cheap.iter().enumerate().map(|(t, p)| costs[t][*p]).sum::<u64>(), least);
            let Some(found) = found else { continue };
            assert!(is_matching(&allowed, &found));
            let mut fixed = vec![false; n];
            fixed[0] = n > 3;
            for team in usize::from(fixed[0])..n {
                for package in 0..n {
                    let mut possible = false;
                    each_permutation(n, |order| {
                        possible |= is_matching(&allowed, order)
                            && order[team] == package
                            && (!fixed[0] || order[0] == found[0]);
                    });
                    let mut bent = found.clone();
                    let done = allowed[team][package] && reassign(&allowed, &mut bent, &fixed, team, package);
                    assert_eq!(done, possible, "seed {seed}");
                    assert!(is_matching(&allowed, &bent));
                    assert!(if done {
                        bent[team] == package && (!fixed[0] || bent[0] == found[0])
                    } else {
                        bent == found
                    });
                }
            }
        }
    }

    #[test]
    fn long_chains_need_no_stack() {
        // Team i may have packages i and i + 1, the last one only the first: one matching, far from the
        // greedy one.
        let n = 400;
        let allowed: Vec<Vec<bool>> = (0..n)
            .map(|t| (0..n).map(|p| if t + 1 == n { p == 0 } else { p == t || p == t + 1 }).collect())
            .collect();
        assert!(perfect(&allowed).is_some_and(|m| is_matching(&allowed, &m)));
    }
}
