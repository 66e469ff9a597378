//! 回访: which finished visits the oversight asks about, drawn so that anybody can check it later. The pool and a nonce are
//! announced in the journal; the seed then comes from the first signed checkpoint of the journal that covers the
//! announcement, which nobody knew when it was made; the lots are those of VDR/1 section 2.5 (domain notes 1.5: 回访).

use super::draw::bytes::{Hash, tagged};
use super::draw::lots::{SUBJECT, expand, fill};
use super::states::{cycle, words};

words! {
    /// Where a draw stands.
    State {
        /// Pool and nonce are in the journal.
        Announced = "announced", "已公布";
        /// 已抽取.
        Drawn = "drawn", "已抽取";
    }
}

words! {
    /// What moves a draw.
    Act {
        /// 抽取.
        Draw = "draw", "抽取";
    }
}

cycle! {
    "return_round", "回访抽取", Announced;
    Announced: Draw => Drawn;
}

words! {
    /// Where a visit that was drawn stands.
    Progress {
        /// 待回访.
        Waiting = "waiting", "待回访";
        /// 已回访.
        Asked = "asked", "已回访";
    }
}

words! {
    /// What a business is asked.
    Question {
        /// Was the visit held at all (走形式、随意录入, S3)?
        Held = "held", "检查人员是否实地到场检查";
        /// Two officers with certificates.
        TwoOfficers = "two_officers", "是否两名以上检查人员出示执法证件";
        /// The list of items was given.
        ListGiven = "list_given", "是否告知检查事项和依据";
        /// Nothing beyond the list.
        NothingElse = "nothing_else", "是否只检查了告知的事项";
        /// The result is what was found.
        ResultTrue = "result_true", "公示的结果是否与现场情况一致";
        /// Nobody took anything.
        NothingTaken = "nothing_taken", "是否没有收费、吃拿卡要";
    }
}

words! {
    /// What it answers.
    Answer {
        /// 是.
        Yes = "yes", "是";
        /// 否.
        No = "no", "否";
        /// 不清楚.
        Unknown = "unknown", "不清楚";
    }
}

/// The hash of a pool: the codes of the visits in their order, which gives each its number, from 0.
#[must_use]
pub fn pool_hash(region: &str, codes: &[String]) -> Hash {
    let mut fields: Vec<&[u8]> = vec![region.as_bytes()];
    fields.extend(codes.iter().map(String::as_bytes));
    tagged("onedoor/return-visit/pool", &fields)
}

/// The seed of a draw: of the signed checkpoint's text, the announced nonce and the pool.
#[must_use]
pub fn seed(checkpoint: &str, nonce: &[u8], pool: &Hash) -> Hash {
    tagged("onedoor/return-visit/seed", &[checkpoint.as_bytes(), nonce, pool])
}

/// The numbers that are drawn, in the order of their lots: the `count` smallest of `pool` lots, ties by number.
#[must_use]
pub fn draw(seed: &Hash, pool: usize, count: usize) -> Vec<usize> {
    let key = expand(seed, SUBJECT, "RETURN-VISIT", "");
    let mut lots = vec![0_u128; pool];
    fill(&key, 0, 0, &mut lots);
    let mut order: Vec<usize> = (0..pool).collect();
    order.sort_by_key(|i| (lots[*i], *i));
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draw::lots::lot;
    use proptest::prelude::*;

    #[test]
    fn everything_that_was_announced_moves_the_seed() {
        let codes = |list: &[&str]| list.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let pool = pool_hash("350403", &codes(&["V1", "V2"]));
        let all = [
            seed("note", b"nonce", &pool),
            seed("note2", b"nonce", &pool),
            seed("note", b"other", &pool),
            seed("note", b"nonce", &pool_hash("350403", &codes(&["V2", "V1"]))),
            seed("note", b"nonce", &pool_hash("350403", &codes(&["V1V2"]))),
            seed("note", b"nonce", &pool_hash("350404", &codes(&["V1", "V2"]))),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn no_visit_is_drawn_more_often_than_another() {
        // 4,000 draws of 2 among 10: each number 800 times; chi-square with 9 degrees of freedom, 1 in 10,000 is 33.7.
        let mut hits = [0_u32; 10];
        for n in 0_u32..4_000 {
            for i in draw(&seed("note", &n.to_be_bytes(), &[0; 32]), 10, 2) {
                hits[i] += 1;
            }
        }
        let chi: f64 =
            hits.iter().map(|h| (f64::from(*h) - 800.0).powi(2) / (800.0 * 0.8)).sum::<f64>() * 0.9;
        assert!(chi < 33.7, "{chi} {hits:?}");
    }

    proptest! {
        #[test]
        fn the_smallest_lots_are_drawn_and_a_larger_draw_continues_a_smaller(
            bytes in any::<[u8; 32]>(), pool in 0_usize..60, count in 0_usize..70,
        ) {
            let drawn = draw(&bytes, pool, count);
            prop_assert_eq!(drawn.len(), count.min(pool));
            let key = expand(&bytes, SUBJECT, "RETURN-VISIT", "");
            let of = |i: usize| lot(&key, 0, i as u64);
            for (rank, i) in drawn.iter().enumerate() {
                let smaller = (0..pool).filter(|j| (of(*j), *j) < (of(*i), *i)).count();
                prop_assert_eq!(smaller, rank);
            }
            let more = draw(&bytes, pool, count + 1);
            prop_assert!(more.starts_with(&drawn));
        }
    }
}
