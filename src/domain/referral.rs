//! 线索移送 and 抄告: what one department passes on to another, and how the other answers (domain notes 1.5, section 3:
//! 已发出→已签收→已反馈→办结).

use super::states::{cycle, words};

words! {
    /// What is passed on.
    Kind {
        /// 线索移送: the receiver must deal with it and say what came of it.
        CaseReferral = "case_referral", "线索移送";
        /// 抄告: the receiver takes note.
        CopyNotice = "copy_notice", "抄告";
    }
}

words! {
    /// Where it stands.
    State {
        /// 已发出.
        Sent = "sent", "已发出";
        /// 已签收.
        Received = "received", "已签收";
        /// 已反馈: the sender closes it.
        Answered = "answered", "已反馈";
        /// Back to the sender, with a reason.
        Refused = "refused", "已退回";
        /// 办结.
        Closed = "closed", "已办结";
    }
}

words! {
    /// What moves it.
    Act {
        /// 签收.
        Receive = "receive", "签收";
        /// A copy notice is taken note of.
        Acknowledge = "acknowledge", "确认知悉";
        /// The receiver is not competent, or lacks what it needs.
        Refuse = "refuse", "退回";
        /// 反馈.
        Answer = "answer", "反馈办理结果";
        /// 办结.
        Close = "close", "办结";
        /// To the same or another department.
        Send = "send", "再次移送";
    }
}

cycle! {
    "referral", "移送", Sent;
    Sent: Receive => Received;
    Sent: Acknowledge => Closed;
    Sent: Refuse => Refused;
    Received: Answer => Answered;
    Received: Refuse => Refused;
    Answered: Close => Closed;
    Refused: Send => Sent;
    Refused: Close => Closed;
}

/// Who has to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The department that sent it.
    Sender,
    /// The department it was sent to.
    Receiver,
}

impl Act {
    /// Who does it.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Receive | Self::Acknowledge | Self::Refuse | Self::Answer => Side::Receiver,
            Self::Close | Self::Send => Side::Sender,
        }
    }
}

impl State {
    /// Who has to do the next thing; none at the end.
    #[must_use]
    pub const fn waits_for(self) -> Option<Side> {
        match self {
            Self::Sent | Self::Received => Some(Side::Receiver),
            Self::Answered | Self::Refused => Some(Side::Sender),
            Self::Closed => None,
        }
    }
}

/// Whether an act belongs to a kind at all: a copy notice is only taken note of, a referral is received and answered.
#[must_use]
pub const fn belongs(kind: Kind, act: Act) -> bool {
    match kind {
        Kind::CaseReferral => !matches!(act, Act::Acknowledge),
        Kind::CopyNotice => !matches!(act, Act::Receive | Act::Answer),
    }
}

/// Working days for each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// To receive it, or to take note.
    pub receive: u32,
    /// To answer it.
    pub answer: u32,
    /// To close what was answered, or to deal with what came back.
    pub close: u32,
}

/// Working days for the step that a state waits for; none at the end.
#[must_use]
pub const fn term(state: State, terms: &Terms) -> Option<u32> {
    match state {
        State::Sent => Some(terms.receive),
        State::Received => Some(terms.answer),
        State::Answered | State::Refused => Some(terms.close),
        State::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::states::Cycle;
    use proptest::prelude::*;

    #[test]
    fn whoever_is_waited_for_can_do_something() {
        for kind in Kind::ALL {
            for state in State::ALL {
                let acts: Vec<Act> = state.allowed().into_iter().filter(|a| belongs(*kind, *a)).collect();
                // A copy notice is never received or answered.
                let reached =
                    *kind == Kind::CaseReferral || !matches!(state, State::Received | State::Answered);
                match state.waits_for() {
                    Some(side) if reached => {
                        assert!(acts.iter().all(|a| a.side() == side) && !acts.is_empty())
                    }
                    Some(_) => {}
                    None => assert!(acts.is_empty()),
                }
                let terms = Terms { receive: 1, answer: 2, close: 3 };
                assert_eq!(term(*state, &terms).is_some(), state.waits_for().is_some());
            }
        }
    }

    proptest! {
        #[test]
        fn a_referral_is_closed_by_its_sender_and_a_notice_by_its_receiver(
            notice in any::<bool>(), acts in proptest::collection::vec(0..Act::ALL.len(), 0..30),
        ) {
            let kind = if notice { Kind::CopyNotice } else { Kind::CaseReferral };
            let (mut state, mut seen) = (State::Sent, Vec::new());
            for act in acts.into_iter().map(|i| Act::ALL[i]).filter(|a| belongs(kind, *a)) {
                if let Ok(to) = next(state, act) {
                    if to == State::Closed && act != Act::Acknowledge {
                        prop_assert_eq!(act.side(), Side::Sender);
                        prop_assert!(seen.contains(&Act::Answer) || seen.contains(&Act::Refuse));
                    }
                    prop_assert!(act != Act::Acknowledge || notice);
                    seen.push(act);
                    state = to;
                }
            }
        }
    }
}
