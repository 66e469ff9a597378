//! What a business says after a visit: a rating on a few questions, and complaints. The department that is rated sees
//! neither (龙华 2025: 匿名评价,被评价单位不可见、不可追溯, domain notes 1.6).

use super::states::{cycle, words};
use std::collections::BTreeMap;

words! {
    /// What a business rates, 1 (bad) to 5 (good).
    Question {
        /// 亮证、告知.
        Procedure = "procedure", "是否亮证执法、告知检查事项";
        /// 态度.
        Conduct = "conduct", "检查人员是否文明规范、廉洁";
        /// 对经营的影响.
        Burden = "burden", "检查是否影响正常经营";
        /// 指导.
        Guidance = "guidance", "是否讲解法规、指导整改";
    }
}

words! {
    /// Where a complaint stands.
    State {
        /// 待受理.
        Lodged = "lodged", "待受理";
        /// 已受理.
        Taken = "taken", "已受理";
        /// 已答复.
        Answered = "answered", "已答复";
        /// 已办结.
        Closed = "closed", "已办结";
    }
}

words! {
    /// What moves a complaint.
    Act {
        /// 受理.
        Take = "take", "受理";
        /// 答复.
        Answer = "answer", "答复";
        /// 办结.
        Close = "close", "办结";
    }
}

cycle! {
    "complaint", "投诉", Lodged;
    Lodged: Take => Taken;
    Taken: Answer => Answered;
    Answered: Answer => Answered;
    Answered: Close => Closed;
}

/// Every fault of a rating, as (question or empty, code, Chinese sentence): each question has an answer from 1 to 5, and
/// there are no others.
#[must_use]
pub fn faults(scores: &BTreeMap<String, i32>) -> Vec<(String, &'static str, String)> {
    let mut faults = Vec::new();
    for question in Question::ALL {
        if !scores.contains_key(question.as_str()) {
            let text = format!("请评价:{}", question.word());
            faults.push((question.as_str().to_owned(), "required", text));
        }
    }
    for (name, score) in scores {
        if Question::parse(name).is_none() {
            faults.push((name.clone(), "unknown_value", "没有这个评价项目".to_owned()));
        } else if !(1..=5).contains(score) {
            faults.push((name.clone(), "out_of_range", "评分须为1至5".to_owned()));
        }
    }
    faults
}

/// A name as the public sees it: the family name's first character, a star for each other.
#[must_use]
pub fn masked(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.trim().chars().enumerate() {
        out.push(if i == 0 { c } else { '*' });
    }
    // A name of one character would be told whole.
    if out.chars().count() == 1 { "*".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rating_answers_every_question() {
        let whole: BTreeMap<String, i32> = Question::ALL.iter().map(|q| (q.as_str().to_owned(), 5)).collect();
        assert!(faults(&whole).is_empty());
        let mut bad = whole.clone();
        bad.insert("conduct".to_owned(), 6);
        bad.insert("price".to_owned(), 3);
        bad.remove("burden");
        let codes: Vec<_> = faults(&bad).into_iter().map(|(q, c, _)| (q, c)).collect();
        let expected = [("burden", "required"), ("conduct", "out_of_range"), ("price", "unknown_value")];
        assert_eq!(codes, expected.map(|(q, c)| (q.to_owned(), c)));
        assert_eq!(faults(&BTreeMap::new()).len(), Question::ALL.len());
    }

    proptest! {
        #[test]
        fn a_masked_name_tells_one_character_at_most(name in "[一-龥]{0,5}") {
            let shown = masked(&name);
            prop_assert!(shown.chars().filter(|c| *c != '*').count() <= 1);
            prop_assert!(name.chars().skip(1).all(|c| name.starts_with(c) || !shown.contains(c)));
            prop_assert!(name.chars().count() < 2 || shown.chars().count() == name.chars().count());
        }
    }
}
