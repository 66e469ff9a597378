//! 红黄牌: what a card is shown for, and its life. A card stays once it was shown; the department acknowledges it.

use super::publication::Card;
use super::states::{cycle, words};
use chrono::NaiveDate;

words! {
    /// What was missed.
    Kind {
        /// Results not published in time.
        LatePublication = "late_publication", "检查结果逾期未公示";
        /// An invitation not answered in time.
        LateAnswer = "late_answer", "联合抽查邀请逾期未答复";
    }
}

words! {
    /// Where a card stands.
    State {
        /// Shown.
        Open = "open", "待签收";
        /// 已签收.
        Acknowledged = "acknowledged", "已签收";
    }
}

words! {
    /// What moves a card.
    Act {
        /// 签收.
        Acknowledge = "acknowledge", "签收";
    }
}

cycle! {
    "card", "红黄牌", Open;
    Open: Acknowledge => Acknowledged;
}

/// Why a card is shown, in a sentence; `thing` is the code of the visit or the number of the inspection. It names no
/// subject and no person, for cards are read by many.
#[must_use]
pub fn reason(kind: Kind, color: Card, thing: &str, due: NaiveDate) -> String {
    let (what, by) = match kind {
        Kind::LatePublication => (format!("入企{thing}的检查结果"), "公示"),
        Kind::LateAnswer => (format!("联合抽查{thing}的邀请"), "答复"),
    };
    let how = if color == Card::Red { "严重逾期" } else { "逾期" };
    format!("{what}应于{due}前{by},{how}未{by}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::states::Cycle;

    #[test]
    fn a_card_is_acknowledged_once_and_says_what_was_missed() {
        assert_eq!(State::Open.after(Act::Acknowledge), Ok(State::Acknowledged));
        assert!(State::Acknowledged.is_final());
        let day = NaiveDate::from_ymd_opt(2026, 4, 7).unwrap();
        assert_eq!(
            reason(Kind::LatePublication, Card::Red, "V-0001", day),
            "入企V-0001的检查结果应于2026-04-07前公示,严重逾期未公示"
        );
        assert_eq!(
            reason(Kind::LateAnswer, Card::Yellow, "示抽查〔2026〕1号", day),
            "联合抽查示抽查〔2026〕1号的邀请应于2026-04-07前答复,逾期未答复"
        );
    }
}
