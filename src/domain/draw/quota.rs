//! How many of each stratum are drawn (VDR/1 section 2.6): integers only, wide enough for any numbers of a record.

use super::fault::{Fault, fault};
use super::record::{Mode, Stratum};

/// Remaining seats per stratum above which Sainte-Laguë starts from a threshold instead of seat by seat.
const JUMP: u64 = 64;

/// The quota of a draw: mode, total and total ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How a total is divided.
    pub mode: Mode,
    /// Total to draw.
    pub total: u64,
    /// Total as basis points of all eligible; the larger of the two counts.
    pub total_bp: u64,
}

/// A product of up to 256 bits: high and low half.
type Wide = (u128, u128);

/// `a · b` in full.
fn mul(a: u128, b: u128) -> Wide {
    let half = |x: u128| (x >> 64, x & u128::from(u64::MAX));
    let ((ah, al), (bh, bl)) = (half(a), half(b));
    let (low, m1, m2) = (al * bl, ah * bl, al * bh);
    let middle = (low >> 64) + (m1 & u128::from(u64::MAX)) + (m2 & u128::from(u64::MAX));
    let high = ah * bh + (m1 >> 64) + (m2 >> 64) + (middle >> 64);
    (high, (middle << 64) | (low & u128::from(u64::MAX)))
}

/// Quotient and remainder of a wide product by `d`, whose quotient is known to fit 128 bits; `d` > high half.
fn div(n: Wide, d: u128) -> (u128, u128) {
    if n.0 == 0 {
        return (n.1 / d, n.1 % d);
    }
    let (mut rest, mut quotient) = (n.0 % d, 0_u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127;
        rest = (rest << 1) | ((n.1 >> bit) & 1);
        quotient <<= 1;
        if carry == 1 || rest >= d {
            rest = rest.wrapping_sub(d);
            quotient |= 1;
        }
    }
    (quotient, rest)
}

/// `⌈n · bp / 10000⌉`.
fn share(n: u128, bp: u64) -> u128 {
    let (high, low) = mul(n, u128::from(bp));
    let (q, r) = div((high, low), 10_000);
    q + u128::from(r > 0)
}

/// Bounds of a stratum: `low = min(n, max(lo, ⌈n·bp/10000⌉))`, `up = n or min(n, hi)`.
fn bounds(s: &Stratum) -> Result<(u64, u64), Fault> {
    let n = s.eligible;
    let rate = u64::try_from(share(u128::from(n), s.bp)).unwrap_or(u64::MAX);
    let low = n.min(s.lo.max(rate));
    let up = if s.hi == 0 { n } else { n.min(s.hi) };
    if low > up {
        return Err(fault!(
            "quota_bounds",
            "层{}的下限{low}超过上限{up}:比例{}‱、最少{}、最多{},请改配额",
            s.code,
            s.bp,
            s.lo,
            s.hi
        ));
    }
    Ok((low, up))
}

/// Numbers to draw per stratum, in the order given.
///
/// # Errors
/// Every stratum whose lower bound exceeds its upper bound; more than 2^64 eligible in all.
pub fn quotas(quota: Quota, strata: &[Stratum]) -> Result<Vec<u64>, Vec<Fault>> {
    let (mut low, mut up, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut eligible = 0_u64;
    for s in strata {
        match bounds(s) {
            Ok((l, u)) => {
                low.push(l);
                up.push(u);
            }
            Err(fault) => faults.push(fault),
        }
        match eligible.checked_add(s.eligible) {
            Some(sum) => eligible = sum,
            None => {
                faults.push(fault!("quota_overflow", "可抽总数溢出"));
                break;
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if quota.mode == Mode::Ratio {
        return Ok(low);
    }
    // Sums stay below 2^64, because each bound is at most the stratum's share of `eligible`.
    let (floor, ceiling): (u64, u64) = (low.iter().sum(), up.iter().sum());
    let by_ratio = u64::try_from(share(u128::from(eligible), quota.total_bp)).unwrap_or(u64::MAX);
    let goal = quota.total.max(by_ratio).max(floor).min(ceiling);
    let weights: Vec<u128> = strata.iter().map(|s| u128::from(s.alloc) * u128::from(s.eligible)).collect();
    match quota.mode {
        Mode::Ratio => {}
        Mode::Hamilton => hamilton(&mut low, &up, weights, goal - floor),
        Mode::Webster => webster(&mut low, &up, &weights, goal - floor),
    }
    Ok(low)
}

/// Largest remainder with saturation: strata whose share exceeds their room are filled first, then floors, then one
/// more by (remainder descending, order). Where no weight is positive, the free room is the weight.
fn hamilton(k: &mut [u64], up: &[u64], mut weights: Vec<u128>, mut rest: u64) {
    let mut active: Vec<usize> = (0..k.len()).collect();
    while rest > 0 {
        if active.iter().all(|&i| weights[i] == 0) {
            for &i in &active {
                weights[i] = u128::from(up[i] - k[i]);
            }
        }
        // Σ alloc·n ≤ 2^64 · Σ n < 2^128; with free rooms it is far smaller.
        let sum: u128 = active.iter().map(|&i| weights[i]).sum();
        if sum == 0 {
            return;
        }
        let shares: Vec<(u128, u128)> =
            active.iter().map(|&i| div(mul(u128::from(rest), weights[i]), sum)).collect();
        let full = |at: usize, i: usize| shares[at].0 >= u128::from(up[i] - k[i]);
        let saturated: Vec<usize> =
            active.iter().enumerate().filter(|&(at, &i)| full(at, i)).map(|(_, &i)| i).collect();
        if saturated.is_empty() {
            let mut left = rest;
            for (&i, share) in active.iter().zip(&shares) {
                let floor = u64::try_from(share.0).unwrap_or(u64::MAX);
                k[i] += floor;
                left -= floor;
            }
            let mut order: Vec<usize> = (0..active.len()).collect();
            order.sort_by(|&a, &b| shares[b].1.cmp(&shares[a].1));
            for at in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
                k[active[at]] += 1;
            }
            return;
        }
        for &i in &saturated {
            rest -= up[i] - k[i];
            k[i] = up[i];
        }
        active.retain(|&i| k[i] < up[i]);
    }
}

/// Sainte-Laguë: one seat at a time to the largest `w/(2k+1)` with room, ties to the first. Far from the goal it
/// first gives all seats above a common threshold, which gives the same seats in another order.
fn webster(k: &mut [u64], up: &[u64], weights: &[u128], mut rest: u64) {
    let seats = k.len() as u64;
    while rest > JUMP.saturating_mul(seats) {
        let given = jump(k, up, weights, rest);
        rest -= given;
        if given == 0 {
            break;
        }
    }
    let mut heap: std::collections::BinaryHeap<Seat> = (0..k.len())
        .filter(|&i| k[i] < up[i] && weights[i] > 0)
        .map(|i| Seat { weight: weights[i], k: k[i], at: i })
        .collect();
    while rest > 0 {
        let Some(mut seat) = heap.pop() else { break };
        k[seat.at] += 1;
        rest -= 1;
        if k[seat.at] < up[seat.at] {
            seat.k += 1;
            heap.push(seat);
        }
    }
    // Weight 0 gives every seat the value 0: all ties, so the first stratum with room takes what is left.
    for i in 0..k.len() {
        let more = rest.min(up[i] - k[i]);
        k[i] += more;
        rest -= more;
    }
}

/// The next seat of a stratum; ordered by `weight/(2k+1)`, then by place (the first is the greatest).
#[derive(Debug, PartialEq, Eq)]
struct Seat {
    weight: u128,
    k: u64,
    at: usize,
}

impl Ord for Seat {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let odd = |k: u64| 2 * u128::from(k) + 1;
        mul(self.weight, odd(other.k))
            .cmp(&mul(other.weight, odd(self.k)))
            .then_with(|| other.at.cmp(&self.at))
    }
}

impl PartialOrd for Seat {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Gives every seat with `(2k+1)/w ≤ p/2^m` for the largest integer p ≤ 2^66 that gives no more than `rest`, where
/// 2^m ≤ the largest weight with room. Any such threshold takes seats the one-by-one rule would take first.
fn jump(k: &mut [u64], up: &[u64], weights: &[u128], rest: u64) -> u64 {
    let open: Vec<usize> = (0..k.len()).filter(|&i| k[i] < up[i] && weights[i] > 0).collect();
    let Some(widest) = open.iter().map(|&i| weights[i]).max() else { return 0 };
    let m = 127 - widest.leading_zeros();
    // Seats (counted from 0) of stratum i within the threshold: those with 2j+1 ≤ p·w/2^m.
    let within = |k: &[u64], p: u128, i: usize| -> u64 {
        let (high, low) = mul(p, weights[i]);
        let odd = if m == 0 { low } else { (high << (128 - m)) | (low >> m) };
        let count = u64::try_from(odd.div_ceil(2)).unwrap_or(u64::MAX);
        count.min(up[i]).max(k[i])
    };
    let total =
        |k: &[u64], p: u128| -> u128 { open.iter().map(|&i| u128::from(within(k, p, i) - k[i])).sum() };
    let (mut good, mut bad) = (0_u128, (1_u128 << 66) + 1);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if total(k, middle) <= u128::from(rest) { good = middle } else { bad = middle }
    }
    let mut given = 0;
    for &i in &open {
        let to = within(k, good, i);
        given += to - k[i];
        k[i] = to;
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(rows: &[(u64, u64, u64, u64, u64)]) -> Vec<Stratum> {
        rows.iter()
            .enumerate()
            .map(|(i, &(eligible, bp, lo, hi, alloc))| Stratum {
                code: format!("S{i}"),
                eligible,
                bp,
                lo,
                hi,
                alloc,
            })
            .collect()
    }

    fn run(mode: Mode, total: u64, rows: &[(u64, u64, u64, u64, u64)]) -> Vec<u64> {
        quotas(Quota { mode, total, total_bp: 0 }, &strata(rows)).unwrap()
    }

    #[test]
    fn wide_arithmetic_agrees_with_itself() {
        for (a, b) in [(u128::MAX, u128::MAX), (1 << 100, 12345), (u128::MAX, 1), (0, 5)] {
            let product = mul(a, b);
            if b > product.0 && b > 0 {
                assert_eq!(div(product, b), (a, 0), "{a} * {b}");
            }
        }
        assert_eq!(div(mul(10, 10), 7), (14, 2));
        assert_eq!(mul(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
    }

    #[test]
    fn real_rules_map_directly() {
        assert_eq!(run(Mode::Ratio, 0, &[(1001, 300, 0, 0, 0)]), [31]); // 3 %
        assert_eq!(run(Mode::Ratio, 0, &[(1001, 20, 0, 0, 0)]), [3]); // 2‰
        assert_eq!(run(Mode::Ratio, 0, &[(500, 0, 60, 70, 0)]), [60]); // 60–70 家
        assert_eq!(run(Mode::Ratio, 0, &[(9, 5000, 2, 0, 0), (1, 5000, 2, 0, 0)]), [5, 1]);
        assert_eq!(run(Mode::Ratio, 0, &[(77, 10_000, 0, 0, 0)]), [77]);
        assert!(
            quotas(Quota { mode: Mode::Ratio, total: 0, total_bp: 0 }, &strata(&[(100, 5000, 0, 10, 0)]))
                .is_err()
        );
    }

    #[test]
    fn hamilton_has_the_alabama_paradox_and_webster_has_not() {
        let votes = [(6, 0, 0, 0, 1), (6, 0, 0, 0, 1), (2, 0, 0, 0, 1)];
        assert_eq!(run(Mode::Hamilton, 10, &votes), [4, 4, 2]);
        assert_eq!(run(Mode::Hamilton, 11, &votes), [5, 5, 1]);
        let mut last = run(Mode::Webster, 0, &votes);
        for total in 1..=14 {
            let next = run(Mode::Webster, total, &votes);
            assert!(last.iter().zip(&next).all(|(a, b)| a <= b));
            assert_eq!(next.iter().sum::<u64>(), total);
            last = next;
        }
    }

    #[test]
    fn webster_jumps_to_the_same_seats() {
        let rows = [
            (3_000_000, 10, 5, 0, 7),
            (1_999_999, 0, 0, 4000, 1000),
            (12, 0, 0, 0, 1),
            (800_000, 100, 0, 0, 0),
            (2_000_003, 0, 1, 0, 3),
        ];
        let parts = strata(&rows);
        let weights: Vec<u128> = parts.iter().map(|s| u128::from(s.alloc) * u128::from(s.eligible)).collect();
        for total in [20_000_u64, 123_457, 5_500_000, 8_000_000] {
            let fast = run(Mode::Webster, total, &rows);
            let (mut k, up): (Vec<u64>, Vec<u64>) = parts.iter().map(|s| bounds(s).unwrap()).unzip();
            let goal = total.min(up.iter().sum());
            while k.iter().sum::<u64>() < goal {
                let best = (0..k.len())
                    .filter(|&i| k[i] < up[i])
                    .max_by(|&a, &b| {
                        Seat { weight: weights[a], k: k[a], at: a }.cmp(&Seat {
                            weight: weights[b],
                            k: k[b],
                            at: b,
                        })
                    })
                    .unwrap();
                k[best] += 1;
            }
            assert_eq!(fast, k, "total {total}");
        }
    }

    #[test]
    fn hostile_numbers_neither_overflow_nor_hang() {
        let huge = u64::MAX / 4;
        let rows = [
            (huge, u64::MAX, 0, 0, u64::MAX),
            (huge, 0, 0, 0, 1),
            (huge, 1, u64::MAX, 0, 0),
            (3, 0, 0, 0, 9),
        ];
        for mode in [Mode::Ratio, Mode::Hamilton, Mode::Webster] {
            let quota = Quota { mode, total: u64::MAX, total_bp: u64::MAX };
            let k = quotas(quota, &strata(&rows)).unwrap();
            if mode != Mode::Ratio {
                assert_eq!(k, rows.map(|r| r.0));
            }
            let open = rows.map(|r| (r.0, 0, 0, 0, r.4));
            let quota = Quota { mode, total: huge, total_bp: 0 };
            let k = quotas(quota, &strata(&open)).unwrap();
            assert_eq!(k.iter().sum::<u64>(), if mode == Mode::Ratio { 0 } else { huge });
        }
        let over = strata(&[(u64::MAX, 0, 0, 0, 1), (1, 0, 0, 0, 1)]);
        assert!(quotas(Quota { mode: Mode::Webster, total: 1, total_bp: 0 }, &over).is_err());
    }
}
